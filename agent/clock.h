/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wall clock: for people, never for decisions. What decides goes by the loop's clock (loop.h). */
#ifndef SRP_CLOCK_H
#define SRP_CLOCK_H

#include <stdint.h>
#include <time.h>

/* ms since 1970; from any thread. */
static inline uint64_t srp_wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
