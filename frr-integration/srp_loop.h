/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent/loop.h on libfrr's event loop.
 *
 * libfrr's watches fire once and its timers count from now; the agent's stay armed and name a time.
 */
#ifndef SRP_FRR_LOOP_H
#define SRP_FRR_LOOP_H

#include "frr-integration/compat.h"

#include "memory.h"

#include "agent/loop.h"

DECLARE_MGROUP(SRPD); /* srpd's part of `show memory` */

struct srp_frr_loop {
	struct srp_loop loop; /* what the agent gets */
	SRP_EVENT_LOOP *master;
	struct srp_alarm *alarms;
	int timer_fd;
	SRP_EVENT *timer;
	uint64_t timer_at; /* ms: what it is set to; 0: off */
	unsigned int turn; /* how often it has fired */
};

/* Fill in `loop`, which the caller owns and keeps for as long as anything is watched. Ends the process without timers. */
void srp_frr_loop_init(struct srp_frr_loop *loop, SRP_EVENT_LOOP *master);

#endif
