/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A state of the pair as the explorer sees it, and what can happen next.
 *
 * One clock for both, bursts of messages that wait in order until they are delivered or lost, at most
 * EXPLORE_DELAY_MSEC long.
 * A state is kept in a normal form: times relative to now, hello stamps relative to the sender's, and what no decision
 * depends on (statistics, texts) cleared. So two ways that lead to the same situation lead to equal bytes.
 */
#ifndef SIM_EXPLORE_H
#define SIM_EXPLORE_H

#include "tests/simulation/chassis.h"
#include "tests/simulation/ladder.h"

#define EXPLORE_QUEUE_MAX  6    /* messages under way in one direction */
#define EXPLORE_DELAY_MSEC 2500 /* longer than two hello-intervals, shorter than the dead-interval */
#define EXPLORE_HELLO_MSEC 1000
#define EXPLORE_DEAD_MSEC  3000
/* The time that every state is moved to. */
#define EXPLORE_NOW        1000000u

enum step_type {
	STEP_DELIVER,     /* the oldest burst of `node` arrives, or finds no connection */
	STEP_TICK,        /* the alarm of `node` goes off */
	STEP_APPLY,       /* kernel and bgpd of `node` do what they were told */
	STEP_FLUSHED,     /* the session managers of `node` have */
	STEP_LINK_UP,     /* `node` sees a connection */
	STEP_START,       /* srpd of `node` starts again, with the state file */
	STEP_START_BLANK, /* without */
	/* From here on a step costs one of the budget. */
	STEP_LOSE,       /* the oldest burst of `node` is lost */
	STEP_LINK_DOWN,  /* `node` sees the connection break */
	STEP_SWITCHOVER, /* an operator types it on `node` */
	STEP_FORCE,      /* likewise, when only force helps */
	STEP_FAIL,       /* a monitor of `node` fails */
	STEP_RECOVER,    /* and is well again */
	STEP_CRASH,      /* srpd of `node` dies; kernel and bgpd stay */
	STEP_HOST_CRASH, /* all of `node` dies */
	STEP_TYPE_COUNT,
};
#define STEP_COSTS(type) ((type) >= STEP_LOSE)

struct step {
	uint8_t type, node;
};

/* What is left of a message: everything but texts. */
struct queued {
	uint64_t sent_at;
	struct srp_hello hello;
	uint32_t request_id;
	uint8_t type, reason, response, force, make_before_break;
	bool goes_on; /* sent together with the one before: they arrive together */
};

struct explored {
	struct chassis chassis[2];
	struct queued queue[2][EXPLORE_QUEUE_MAX]; /* by sender, the oldest first */
	uint64_t now;
	uint8_t queued[2];
	bool link_up[2];
	uint8_t spent;     /* of the budget */
	uint8_t starts[2]; /* of srpd */
	bool overflow;     /* a queue was full: not followed further */
};

/* Two chassis that have not started yet; `mode` adds make before break (bit 0) and session managers (bit 1). */
void explore_begin(struct explored *state, unsigned int mode);
bool explore_possible(const struct explored *state, struct step step);
/* Do it, and judge the result; then bring it to its normal form. */
void explore_step(struct explored *state, struct step step, struct ladder *ladder,
		  struct violation *violation);
/*
 * All faults end here, and time goes on: the pair must come to one Active and one Standby. *state is lost.
 */
void explore_settles(struct explored *state, struct ladder *ladder, struct violation *violation);
/* Make bytes equal where meaning is. */
void explore_normalise(struct explored *state);
const char *explore_step_name(enum step_type type);
/*
 * The normal form is right: the same steps at another time of day give the same bytes. Says what differs. A time that
 * was added to the core and not to explore_normalise() is found by this.
 */
bool explore_self_check(void);

#endif
