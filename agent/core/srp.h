/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of the Service Redundancy Protocol: roles, chassis modes, switchover reasons.
 *
 * Everything in agent/core is I/O-free: no sockets, no clock, no FRR, no allocation. Times are
 * milliseconds of one monotonic clock that the caller owns ("now"). One thread at a time.
 */
#ifndef SRP_H
#define SRP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Role of a chassis. The values go on the wire (docs/protocol.md): never renumber. */
#define SRP_ROLES(X)                               \
	X(SRP_INIT, 0, "Init")                     \
	X(SRP_STANDBY, 1, "Standby")               \
	X(SRP_PENDING_ACTIVE, 2, "Pending-Active") \
	X(SRP_ACTIVE, 3, "Active")                 \
	X(SRP_PENDING_STANDBY, 4, "Pending-Standby")

enum srp_role {
#define X(name, value, text) name = value,
	SRP_ROLES(X)
#undef X
		SRP_ROLE_COUNT
};

/* Configured chassis mode (seed: chassis-mode; default backup). On the wire: never renumber. */
enum srp_chassis_mode { SRP_MODE_BACKUP = 0, SRP_MODE_PRIMARY = 1 };

/*
 * Why a role changed. Numbers 0-12 are starSRPSwitchReason of the STARENT MIB; on the wire and in
 * JSON: never renumber.
 */
#define SRP_REASONS(X)                                           \
	X(SRP_REASON_NONE, 0, "notDefined")                      \
	X(SRP_REASON_AAA, 1, "aaaFailure")                       \
	X(SRP_REASON_BGP, 2, "bgpFailure")                       \
	X(SRP_REASON_BFD, 3, "bfdFailure")                       \
	X(SRP_REASON_DIAMETER, 4, "diameterFailure")             \
	X(SRP_REASON_HSRP, 5, "hsrpSwitchover")                  \
	X(SRP_REASON_CHASSIS_BFD, 6, "chassisChassisBfdFailure") \
	X(SRP_REASON_DUAL_ACTIVE, 7, "dualActive")               \
	X(SRP_REASON_DUAL_STANDBY, 8, "dualStandby")             \
	X(SRP_REASON_DEAD_TIMER, 9, "deadTimerExpiry")           \
	X(SRP_REASON_FORCE, 10, "forceStateChange")              \
	X(SRP_REASON_MANUAL, 11, "manualSwitchOver")             \
	X(SRP_REASON_EGQC, 12, "egqcFailure")

enum srp_reason {
#define X(name, value, text) name = value,
	SRP_REASONS(X)
#undef X
		SRP_REASON_COUNT
};

/*
 * What a monitor watches. A family that fails starts a switchover with a reason of its own, and has guard
 * timers of its own (seed "Guard Timers"; the words are its keywords).
 */
#define SRP_FAMILIES(X)                          \
	X(SRP_FAMILY_BGP, "bgp", SRP_REASON_BGP) \
	X(SRP_FAMILY_AAA, "aaa", SRP_REASON_AAA) \
	X(SRP_FAMILY_DIAMETER, "diam", SRP_REASON_DIAMETER)

enum srp_family {
#define X(name, text, reason) name,
	SRP_FAMILIES(X)
#undef X
		SRP_FAMILY_COUNT
};

/* Switchover options, seed "Optimizing Switchover Transitions". Bits on the wire: never renumber. */
#define SRP_OPTION_ALL_DATA            0x01u /* switchover allow-all-data-traffic */
#define SRP_OPTION_VOLTE_DATA          0x02u /* switchover allow-volte-data-traffic */
#define SRP_OPTION_MAINTAIN_ACCOUNTING 0x04u /* ... maintain-accounting */
#define SRP_OPTION_EARLY_ACTIVE        0x08u /* switchover allow-early-active-transition */
#define SRP_OPTION_CONTROL_OUTAGE      0x10u /* switchover control-outage-optimization */

/* Names for people and JSON. Static strings; "?" for a value out of range. */
const char *srp_role_name(enum srp_role role);
const char *srp_reason_name(enum srp_reason reason);
const char *srp_mode_name(enum srp_chassis_mode mode); /* "Primary", "Backup" */
const char *srp_family_name(enum srp_family family);
enum srp_reason srp_family_reason(enum srp_family family);

#define SRP_TIEBREAKER_LEN           6 /* a MAC address */

/* Ranges and defaults of the configuration, in one place for the model, the CLI and the docs. */
#define SRP_PORT_DEFAULT             4545
#define SRP_PRIORITY_MIN             1
#define SRP_PRIORITY_MAX             255
#define SRP_PRIORITY_DEFAULT         125
#define SRP_HELLO_MSEC_MIN           10
#define SRP_HELLO_MSEC_MAX           300000
#define SRP_HELLO_MSEC_DEFAULT       10000
#define SRP_DEAD_MSEC_MIN            30
#define SRP_DEAD_MSEC_MAX            1800000
#define SRP_DEAD_MSEC_DEFAULT        30000
#define SRP_DEAD_HELLO_RATIO         3 /* seed: the dead-interval is at least three times the hello-interval */
#define SRP_DELAY_SEC_MAX            1800
#define SRP_DELAY_SEC_DEFAULT        0
#define SRP_THRESHOLD_MIN            3 /* 1 and 2 for a pair, 3 for the one that has just handed over */
#define SRP_THRESHOLD_MAX            32
#define SRP_THRESHOLD_DEFAULT        8
/* A Standby of a chassis that is alone with the highest start value has that + 1. */
#define SRP_MODIFIER_MAX             (SRP_THRESHOLD_MAX + 3)
#define SRP_GROUP_MAX                255

#define SRP_GUARD_SEC_MAX            3600
#define SRP_GUARD_SEC_DEFAULT        60 /* guard-period and damping-period, StarOS 18 */
#define SRP_CONFIG_CHECK_SEC_MIN     1
#define SRP_CONFIG_CHECK_SEC_MAX     65535
#define SRP_CONFIG_CHECK_SEC_DEFAULT 3600
#define SRP_CONVERGENCE_MSEC_MAX     60000
#define SRP_CONVERGENCE_MSEC_DEFAULT 1000
#define SRP_WITNESS_MSEC_MIN         10
#define SRP_WITNESS_MSEC_MAX         1800000
#define SRP_PEER_FAIL_SEC_MAX        2073600 /* seed: disallow-switchover-on-peer-monitor-fail timeout */

#endif
