/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold for the pair, looked at after every event. The names, the reasons and the derivations of the
 * bounds are in checks.c and, for people, in docs/simulation.md.
 */
#ifndef SIM_CHECKS_H
#define SIM_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

struct world;

struct checks {
	unsigned int faults;      /* that are present now */
	unsigned int astray;      /* of these, datagram stress */
	uint64_t order_since;     /* messages arrive in order again, ms */
	uint64_t calm_since;      /* no fault since then; meaningless while there are some, ms */
	uint64_t quiet_since;     /* nor has anybody touched anything, ms */
	unsigned int changes;     /* role changes of both when it became quiet */
	unsigned int changes_max; /* the most that were seen in one quiet time */
	bool two_active;
	uint64_t two_active_since;
	uint64_t unplanned_since; /* health was touched, or a switchover forced, ms */
	bool outage;
	uint64_t outage_since;
	int incumbent; /* the Active of a pair that had formed, whatever happens to the link; -1: none */
	/* The slowest configuration of the run so far: a chassis may still count on what its peer had, ms. */
	uint32_t hello_max, dead_max, delay_max, witness_max;
	uint16_t start_max;  /* the largest start value that any configuration of the run gives */
	uint64_t starts[2];  /* the start values that each one's configurations gave, as bits */
	bool starts_changed; /* a chassis had more than one of them */
	uint16_t threshold_min, threshold_max; /* of the run */
	unsigned int takeovers;                /* of both when the values were last as they should be */
};

void checks_start(struct world *world);
/* A fault begins (+1), ends (-1), or is over at once (0). */
void checks_fault(struct world *world, int change);
/* Datagram stress begins (+1) or its last message has arrived (-1); it is a fault, too. */
void checks_stray(struct world *world, int change);
/* Somebody did something that may move the roles of a healthy pair. */
void checks_touched(struct world *world);
/* A switchover may cost more than a planned one between healthy chassis. */
void checks_unplanned(struct world *world);
/* The previously Active one is no longer bound to be preferred: it was asked to hand over, restarted, failed. */
void checks_forget_incumbent(struct world *world);
void checks_run(struct world *world);
/* How long a pair needs at most from the end of all faults until one is Active and one Standby, ms. */
uint64_t checks_settle_msec(const struct world *world);

#endif
