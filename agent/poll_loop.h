/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent/loop.h over ppoll(2): the loop of the link's thread, of the checkpoints', and of tests. No FRR, no locks: one thread at
 * a time. Up to 320 watches and 320 alarms; one too many, or no memory, aborts.
 */
#ifndef SRP_POLL_LOOP_H
#define SRP_POLL_LOOP_H

#include <stdbool.h>

#include "agent/loop.h"

struct srp_loop *poll_loop_new(void);
void poll_loop_free(struct srp_loop *loop); /* everything watched must be unwatched before */

/* Wait for at most `limit` ms for a descriptor or an alarm, then run what is ready and due. */
void poll_loop_turn(struct srp_loop *loop, unsigned int limit);

/* Run until done(arg) is true; false when that takes longer than `limit` ms. */
bool poll_loop_until(struct srp_loop *loop, bool (*done)(void *arg), void *arg, unsigned int limit);

/* Run for `msec`. */
void poll_loop_for(struct srp_loop *loop, unsigned int msec);

#endif
