/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random numbers that are the same on every machine: splitmix64 (public domain algorithm). Each stream of
 * decisions has its own generator, so that leaving an action out of a script disturbs the other streams little.
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
	uint64_t z = rng->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* A stream of its own for each (seed, number). */
static inline struct rng rng_stream(uint64_t seed, uint64_t number)
{
	struct rng rng = {.state = seed * 0x9e3779b97f4a7c15u + number};

	rng.state = rng_next(&rng) ^ number << 32;
	return rng;
}

/* 0 .. below - 1; below > 0. */
static inline uint32_t rng_below(struct rng *rng, uint32_t below)
{
	return (uint32_t)((rng_next(rng) >> 32) * below >> 32);
}

/* low .. high, both included. */
static inline uint32_t rng_range(struct rng *rng, uint32_t low, uint32_t high)
{
	return low + rng_below(rng, high - low + 1);
}

static inline bool rng_percent(struct rng *rng, uint32_t percent)
{
	return rng_below(rng, 100) < percent;
}

#endif
