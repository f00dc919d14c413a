/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A way to bgpd, as the agent sees it: policies go down, what bgpd does comes up. One at a time is in use.
 *
 *   module  agent/bgp_server.h  bgpd_srp.so connects to us; it puts the prepends into bgpd's route-maps
 *   metric  agent/bgp_vty.h     nothing of ours in bgpd: the kernel's metrics tell it the prepends, its vty socket
 *                               tells us its peers
 *
 * Runs on the loop's thread; never blocks.
 */
#ifndef SRP_BGP_DRIVER_H
#define SRP_BGP_DRIVER_H

#include "agent/bgp_ipc.h"

struct bgp_driver_callbacks {
	/* bgpd's state, all of it, when something of it is new; it is the callee's to read during the call. */
	void (*status)(void *arg, const struct bgp_ipc_status *status);
	/* bgpd has fallen silent, though it is connected (it hangs), or speaks again. */
	void (*responding)(void *arg, bool responding);
	/* The connection ended, and there is no other: bgpd is gone (or is being restarted). */
	void (*gone)(void *arg);
	void *arg;
};

struct bgp_driver_stats {
	uint64_t connects, statuses, policies;
	uint64_t refused_user, refused_frames, dropped_slow;
};

struct bgp_driver;

struct bgp_driver_ops {
	/* Ends without gone(), and leaves bgpd as it is. */
	void (*free)(struct bgp_driver *driver);
	/*
	 * The policy from now on, also for every bgpd that comes later. False when it cannot be taken (it is too
	 * long, or memory is out); the one before stays.
	 */
	bool (*set_policy)(struct bgp_driver *driver, const struct bgp_ipc_policy *policy);
	/* The kernel holds all that belongs to the policy of this generation. May be told twice. */
	void (*in_kernel)(struct bgp_driver *driver, uint64_t generation);
	bool (*connected)(const struct bgp_driver *driver);
	/* Connected, and not silent. */
	bool (*responding)(const struct bgp_driver *driver);
	/* The last connection was ended because bgpd did not respond, and there has been no other since. */
	bool (*hung)(const struct bgp_driver *driver);
	/* Our own AS in a context, as bgpd writes it; NULL: not known. */
	const char *(*own_as)(const struct bgp_driver *driver, const char *context);
	const struct bgp_driver_stats *(*stats)(const struct bgp_driver *driver);
};

struct bgp_driver {
	const struct bgp_driver_ops *ops;
	/* the implementation's fields follow in its own, larger struct */
};

#endif
