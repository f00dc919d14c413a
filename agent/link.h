/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer link: what runs between the two chassis, over one path or two.
 *
 * A thread of its own owns the paths (link_path.h) and the sockets, so that nothing the main loop does delays a
 * hello: the core hands over what the hello says, and the thread sends it when it changes and every
 * hello-interval, over every path. A main loop that has not said for 3 x hello-interval and 2 s that the hello
 * still holds is taken to hang, and the hellos stop: a hung srpd must not claim to be alive.
 *
 *   main loop ── hellos that changed, messages, configuration ──► thread ──► path 1, path 2
 *             ◄── messages with their time of arrival, log lines ──
 *
 * Both queues are bounded. While the main loop does not come to it, the newest hello of each path is kept and
 * other messages stay in order. The thread never waits for the lock that guards them; it comes back 1 ms later.
 *
 * The link is up when a path is; messages that are no hello go over the path on which the peer was heard last. One
 * on which it is silent for the dead-interval while it is heard on the other is made anew.
 *
 * All functions are for the main loop's thread, and so are the callbacks, but for those that say otherwise.
 */
#ifndef SRP_LINK_H
#define SRP_LINK_H

#include "agent/config.h"
#include "agent/core/message.h"
#include "agent/link_path.h"
#include "agent/log.h"
#include "agent/loop.h"

#define SRP_LINK_PATHS 2

struct srp_link;

struct srp_link_callbacks {
	void (*state)(void *arg, bool up);
	/* `arrived`: ms of the loop's clock. */
	void (*message)(void *arg, const struct srp_message *message, uint64_t arrived);
	/*
	 * A session connection was made, in the place of the one before; `start` is the receiver's. On the link's own
	 * thread, which must not have to wait.
	 */
	void (*session)(void *arg, struct srp_session_start *start);
	/* Take the right to give a thread a real-time priority, and lay it down again. NULL: no need. */
	void (*privs)(void *arg, bool raise);
	void *arg;
};

/* NULL when memory is out, or no thread can be made. The loop's clock is CLOCK_MONOTONIC. */
struct srp_link *srp_link_new(struct srp_loop *loop, const struct srp_log *log,
			      const struct srp_link_callbacks *callbacks);
/* End its thread: no callback comes after this, on whichever thread. Nothing but srp_link_free() may follow. */
void srp_link_stop(struct srp_link *link);
void srp_link_free(struct srp_link *link); /* closes without state(false); NULL is ignored */

/*
 * Take from the configuration the addresses, port, dead-interval, DSCP and authentication. The same values
 * disturb nothing, but the files of the keys are read again: when they have changed, connections are made anew
 * with them. When they cannot be read, the keys in force stay, or there is no link, if there were none for
 * this configuration; why is logged.
 */
void srp_link_configure(struct srp_link *link, const struct srp_config *config);

/* Send a message; dropped when the link is not up. A hello stays in force until the next one. */
void srp_link_send(struct srp_link *link, const struct srp_message *message);

/*
 * Take in what has arrived but was not looked at yet. For use before time is allowed to judge the peer; not
 * from a link callback. When the peer is late, it waits for the thread to look at its sockets, at most 20 ms.
 */
void srp_link_poll(struct srp_link *link);

/* Whoever was given the session connection with this id has closed it. Any thread. */
void srp_link_session_ended(struct srp_link *link, uint32_t id);

/* The peer is held for dead: end the connections that were silent and start anew. */
void srp_link_reset(struct srp_link *link);

bool srp_link_is_up(const struct srp_link *link);
/* "Connected", "Connecting", "Listening" or "Disabled"; static. */
const char *srp_link_state_name(struct srp_link *link);
const struct srp_link_stats *srp_link_get_stats(struct srp_link *link);

/* The paths that are configured, 0 to SRP_LINK_PATHS; *list is good until the next call. */
size_t srp_link_get_paths(struct srp_link *link, const struct srp_path_info **list);
/* What is configured: "none", "psk" or "certificate"; and why it is not in force, NULL when it is. */
const char *srp_link_authentication(const struct srp_link *link);
const char *srp_link_authentication_error(const struct srp_link *link);

#endif
