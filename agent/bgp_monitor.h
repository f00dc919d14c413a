/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configured BGP monitors and what bgpd says of their peers.
 *
 * A peer that is Established is Up, one that is not, or that bgpd does not know, is Down; without bgpd none is
 * Established. Around the start of srpd a peer is Unknown instead (core/monitor.h), so that sessions which
 * are still coming up cause no switchover: until it has stayed Established, or gone again, for
 * SRP_MONITOR_SETTLE_MSEC, or was Established when bgpd first spoke, or the start guard is over.
 */
#ifndef SRP_BGP_MONITOR_H
#define SRP_BGP_MONITOR_H

#include "agent/bgp_ipc.h"
#include "agent/config.h"
#include "agent/core/monitor.h"

/* BGP sessions flap while BFD sessions form beside them; a few seconds after both are up they stay. */
#define SRP_MONITOR_SETTLE_MSEC 3000

struct bgp_monitor {
	struct srp_bgp_monitor config;
	bool established;
	bool settled;        /* has counted: from then on it is Up or Down, at once */
	uint64_t changed_at; /* when `established` last changed, ms; 0: never yet */
	uint64_t since;      /* of the present state, ms */
};

struct bgp_monitors {
	size_t count;
	bool spoken; /* bgpd has */
	bool guard_over;
	struct bgp_monitor list[SRP_MONITORS_MAX];
	struct srp_monitor states[SRP_MONITORS_MAX]; /* the same order; what the core judges */
};

/* Take the configured list (at most SRP_MONITORS_MAX are used); monitors that stay keep their state. */
void bgp_monitors_configure(struct bgp_monitors *monitors, uint64_t now, const struct srp_bgp_monitor *list,
			    size_t count);

/* Take bgpd's word; NULL: bgpd is gone. */
void bgp_monitors_update(struct bgp_monitors *monitors, uint64_t now, const struct bgp_ipc_status *status);

/* The start guard is over: what is Unknown is Up or Down now. */
void bgp_monitors_guard_over(struct bgp_monitors *monitors, uint64_t now);

/* Time has passed: peers may have settled. */
void bgp_monitors_tick(struct bgp_monitors *monitors, uint64_t now);

/* When to call bgp_monitors_tick(), ms; UINT64_MAX: no need. */
uint64_t bgp_monitors_deadline(const struct bgp_monitors *monitors);

/* The peer as text, address or interface; in the caller's buffer, which is returned. */
const char *bgp_monitor_peer_name(const struct srp_bgp_monitor *config, char buf[static SRP_ADDR_STRLEN]);

#endif
