/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's event loop over poll(2), for tests: real time, real descriptors, no FRR. */
#ifndef SRP_POLL_LOOP_H
#define SRP_POLL_LOOP_H

#include <stdbool.h>

#include "agent/loop.h"

struct srp_loop *poll_loop_new(void);
void poll_loop_free(struct srp_loop *loop); /* everything watched must be unwatched before */

/* Run until done(arg) is true; false when that takes longer than `limit` ms. */
bool poll_loop_until(struct srp_loop *loop, bool (*done)(void *arg), void *arg, unsigned int limit);

/* Run for `msec`. */
void poll_loop_for(struct srp_loop *loop, unsigned int msec);

#endif
