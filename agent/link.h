/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer link: the TCP control connection between the two chassis.
 *
 * Both ends listen; the one with the lower address also connects. A connection counts only once it has
 * brought a valid hello (accepted ones) or is connected (own ones), and the newest that counts replaces the one
 * before, so neither garbage on the port nor a half-open connection can push a working one out. What comes
 * from another address than the peer's is closed at once.
 *
 * Until the link has authentication, the peer must be directly connected (or local): packets are sent
 * and required with TTL 255 (GTSM, RFC 5082), so no host behind a router can speak on it.
 *
 * Nothing here knows roles. Runs on the loop's thread; never blocks; buffers are bounded, and a peer that
 * does not read loses its connection.
 */
#ifndef SRP_LINK_H
#define SRP_LINK_H

#include <stdarg.h>

#include "agent/config.h"
#include "agent/core/message.h"
#include "agent/log.h"
#include "agent/loop.h"

struct srp_link;

struct srp_link_callbacks {
	void (*state)(void *arg, bool up);
	void (*message)(void *arg, const struct srp_message *message);
	void *arg;
};

struct srp_link_stats {
	uint64_t connects; /* times the link came up */
	uint64_t messages_sent, messages_received, messages_skipped;
	uint64_t refused_address; /* connections from somebody who is not the peer */
	uint64_t refused_frames;  /* connections ended for a frame that does not decode */
	uint64_t dropped_slow;    /* connections ended because the peer did not read */
};

/* NULL when memory is out. The loop and the log outlive the link. */
struct srp_link *srp_link_new(struct srp_loop *loop, const struct srp_log *log,
			      const struct srp_link_callbacks *callbacks);
void srp_link_free(struct srp_link *link); /* closes without state(false); NULL is ignored */

/*
 * Use these addresses; family 0 in one of them: no link. A change ends the connection; the same values
 * change nothing. `dead_msec` bounds how long a connection attempt may take, and how soon the next one
 * follows: several fit into it.
 */
void srp_link_configure(struct srp_link *link, const struct srp_addr *bind_address,
			const struct srp_addr *peer_address, uint16_t port, uint32_t dead_msec);

/* Queue a message; dropped when the link is not up. The sequence is set here. */
void srp_link_send(struct srp_link *link, const struct srp_message *message);

/*
 * Take in what has arrived but was not read yet, as if the loop had come round to it. For use before time is
 * allowed to judge the peer; not from a link callback.
 */
void srp_link_poll(struct srp_link *link);

/* The peer is held for dead: end the connection and start anew. */
void srp_link_reset(struct srp_link *link);

bool srp_link_is_up(const struct srp_link *link);
/* "Connected", "Connecting", "Listening" or "Disabled"; static. */
const char *srp_link_state_name(const struct srp_link *link);
const struct srp_link_stats *srp_link_get_stats(const struct srp_link *link);

#endif
