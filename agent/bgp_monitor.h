/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configured BGP monitors and what bgpd says of their peers.
 *
 * A peer that is Established is Up. One that is not, or that bgpd does not know, is Down if it was Up since
 * srpd started or the start guard is over, else Unknown (core/monitor.h). Without bgpd all peers are not Established.
 */
#ifndef SRP_BGP_MONITOR_H
#define SRP_BGP_MONITOR_H

#include "agent/bgp_ipc.h"
#include "agent/config.h"
#include "agent/core/monitor.h"

struct bgp_monitor {
	struct srp_bgp_monitor config;
	bool was_up;
	uint64_t since; /* of the present state, ms */
};

struct bgp_monitors {
	size_t count;
	bool guard_over;
	struct bgp_monitor list[SRP_MONITORS_MAX];
	struct srp_monitor states[SRP_MONITORS_MAX]; /* the same order; what the core judges */
};

/* Take the configured list (at most SRP_MONITORS_MAX are used); monitors that stay keep their state. */
void bgp_monitors_configure(struct bgp_monitors *monitors, uint64_t now, const struct srp_bgp_monitor *list,
			    size_t count);

/* Take bgpd's word; NULL: bgpd is gone. True when a state changed. */
bool bgp_monitors_update(struct bgp_monitors *monitors, uint64_t now, const struct bgp_ipc_status *status);

/* The start guard is over: what is Unknown is Down. True when a state changed. */
bool bgp_monitors_guard_over(struct bgp_monitors *monitors, uint64_t now);

/* The peer as text, address or interface; in the caller's buffer, which is returned. */
const char *bgp_monitor_peer_name(const struct srp_bgp_monitor *config, char buf[static SRP_ADDR_STRLEN]);

#endif
