/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Monitored BGP peers: when has a group failed?
 *
 * Seed, "Configuring the SRP Context for BGP": without groups, a switchover is due when all BGP peers of a
 * context are down; with groups, when all peers of any one group are down. The ungrouped peers of a
 * context are one group of their own (number 0).
 */
#ifndef SRP_MONITOR_H
#define SRP_MONITOR_H

#include "agent/core/srp.h"

#define SRP_MONITORS_MAX 256

/*
 * UNKNOWN is a peer that has not come up, and stayed so, since srpd started: it fails nothing until the start
 * guard is over (SRP_MONITOR_GUARD_MSEC), so that sessions still coming up after a boot cause no switchover.
 */
enum srp_monitor_state { SRP_MONITOR_UNKNOWN, SRP_MONITOR_UP, SRP_MONITOR_DOWN };

#define SRP_MONITOR_GUARD_MSEC 60000 /* the seed's default guard-period */

struct srp_monitor {
	uint16_t context; /* number of the context: monitors of one context share it */
	uint8_t group;    /* 0: ungrouped */
	enum srp_monitor_state state;
};

struct srp_monitor_health {
	bool failed;             /* some group has all its members DOWN */
	bool ready;              /* every group has a member that is UP; true when nothing is monitored */
	uint16_t failed_context; /* of the first failed group, when `failed` */
	uint8_t failed_group;
};

const char *srp_monitor_state_name(enum srp_monitor_state state);

/* Judge `count` (0..SRP_MONITORS_MAX) monitors. */
struct srp_monitor_health srp_monitor_health(const struct srp_monitor *monitors, size_t count);

/* The state of the group that monitors[index] is in: UP when a member is, DOWN when all are, else UNKNOWN. */
enum srp_monitor_state srp_monitor_group_state(const struct srp_monitor *monitors, size_t count,
					       size_t index);

#endif
