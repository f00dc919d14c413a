/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run as data: the two chassis' configuration, the character of network and clocks, and timed actions. It is
 * made from a seed, carried out by world.c without further choices but the random streams of the same seed, and
 * made smaller by leaving actions out.
 */
#ifndef SIM_SCRIPT_H
#define SIM_SCRIPT_H

#include <stdio.h>

#include "agent/core/core.h"

#define SCRIPT_ACTIONS_MAX       48
#define SCRIPT_DURATION_MAX_MSEC 6000 /* of an action */
#define SCRIPT_DAMPING_MAX_MSEC  1000
#define SCRIPT_HELLO_MAX_MSEC    1000 /* the longest hello-interval */

/* Each action that breaks something says how long, and is mended by the same action. */
enum action_type {
	ACT_CUT,   /* arg: bit 0 the direction from gw1 is dead, bit 1 that from gw2 */
	ACT_RESET, /* the connection breaks; `node` sees it first */
	ACT_SPIKE, /* messages take up to `value` ms longer */
	ACT_LOSS,  /* datagram stress: a message is lost, doubled or overtaken, each with `value` percent */
	ACT_STALL, /* the loop of `node` stands still; arg 1: the clock speaks before the messages afterwards */
	ACT_CRASH,      /* srpd of `node` dies; arg: CRASH_* */
	ACT_HEALTH,     /* arg: HEALTH_*, and the failed families above; afterwards all is well */
	ACT_SWITCHOVER, /* an operator types it on `node`; 2: on both; arg 1: with force */
	ACT_COMMAND,    /* arg: enum command */
	ACT_CONFIG,  /* arg: enum config_change to `value`, on `node`, and on the other `duration` ms later */
	ACT_DISABLE, /* the addresses are removed from the configuration of `node` */
	ACT_STUCK,   /* kernel and bgpd of `node` do nothing */
	ACT_TYPE_COUNT,
};

#define CRASH_KEEPS_STATE  1u
#define CRASH_OF_HOST      2u /* kernel and bgpd die, too */

#define HEALTH_READY       1u
#define HEALTH_FRR_DOWN    2u
#define HEALTH_FAILED(arg) ((arg) >> 2)

enum command {
	COMMAND_VALIDATE,
	COMMAND_TERMINATE,
	COMMAND_CHECK_CONFIG,
	COMMAND_RESET_FAILURE,
	COMMAND_LOCAL_FAILURE,
	COMMAND_COUNT
};

enum config_change {
	CHANGE_HELLO,
	CHANGE_DEAD_RATIO,
	CHANGE_PRIORITY,
	CHANGE_THRESHOLD,
	CHANGE_SWAP_MODES,
	CHANGE_DELAY,
	CHANGE_CHECKSUM,
	CHANGE_OPTIONS,
	CHANGE_COUNT
};

struct action {
	uint32_t at, duration; /* ms of real time */
	uint32_t value;
	uint8_t type, node, arg;
};

struct script {
	uint64_t seed;
	struct srp_core_config config[2];
	uint32_t boot_at[2];      /* ms */
	uint64_t clock_offset[2]; /* ms */
	int32_t clock_ppm[2];     /* how much faster than real time the clock runs */
	uint32_t delay_max;       /* of a message, ms */
	uint32_t late_max;        /* a timer fires up to so much late, ms */
	uint32_t apply_max;       /* of kernel and bgpd, each, ms */
	uint32_t managers[2];     /* session managers */
	uint32_t flush_max;       /* they take so long, ms */
	uint32_t propagation_max; /* until the upstream router knows, ms */
	uint32_t host_death_msec; /* until the upstream router finds a dead host (BFD), ms */
	uint32_t bgp_hold_msec;   /* bgpd falls back to the start value that long after srpd died */
	unsigned int count;
	struct action list[SCRIPT_ACTIONS_MAX]; /* by time */
};

void script_make(struct script *script, uint64_t seed);
/* One line each. */
void action_print(FILE *to, const struct action *action);
void script_print(FILE *to, const struct script *script);
/* When the last action is over, ms. */
uint32_t script_end(const struct script *script);

/*
 * Leave out what is not needed: `fails` says whether a script still shows the same violation. Returns the number
 * of runs it took.
 */
unsigned int script_shrink(struct script *script, bool (*fails)(const struct script *script, void *arg),
			   void *arg);

#endif
