/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd's end of the socket to bgpd_srp.so (agent/bgp_ipc.h): listens, keeps the one connection that counts,
 * hands each status up and sends the latest policy down.
 *
 * A connection counts once it has brought a valid status; the newest that does replaces the one before.
 * Only root and srpd's own user may connect. A policy that is not sent yet is replaced by a newer one, so at most
 * two frames are ever kept. Runs on the loop's thread; never blocks.
 */
#ifndef SRP_BGP_SERVER_H
#define SRP_BGP_SERVER_H

#include "agent/bgp_ipc.h"
#include "agent/log.h"
#include "agent/loop.h"

struct bgp_server;

struct bgp_server_callbacks {
	/* A valid status arrived; it is the callee's to read during the call. */
	void (*status)(void *arg, const struct bgp_ipc_status *status);
	/* The module has fallen silent, though it is connected (bgpd hangs), or speaks again. */
	void (*responding)(void *arg, bool responding);
	/* The module's connection ended, and there is no other: bgpd is gone (or is being restarted). */
	void (*gone)(void *arg);
	void *arg;
};

struct bgp_server_stats {
	uint64_t connects, statuses, policies;
	uint64_t refused_user, refused_frames, dropped_slow;
};

/* Listen on `path` (an old socket there is replaced). NULL and errno on failure. */
struct bgp_server *bgp_server_new(struct srp_loop *loop, const struct srp_log *log, const char *path,
				  const struct bgp_server_callbacks *callbacks);
/* Closes without gone(), removes the socket. NULL is ignored. */
void bgp_server_free(struct bgp_server *server);

/*
 * The policy from now on: sent to the module that is connected and to every one that connects.
 * False when it cannot be encoded (more than BGP_IPC_FRAME_MAX); the one before stays.
 */
bool bgp_server_set_policy(struct bgp_server *server, const struct bgp_ipc_policy *policy);

/* Connected, and not silent. */
bool bgp_server_responding(const struct bgp_server *server);
/* The last connection was ended because bgpd did not respond, and there has been no other since. */
bool bgp_server_hung(const struct bgp_server *server);
bool bgp_server_connected(const struct bgp_server *server);
const struct bgp_server_stats *bgp_server_get_stats(const struct bgp_server *server);

#endif
