/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The explorer: all interleavings of what can happen to a pair, breadth first, so that the first violation found
 * has a shortest way to it. Every state is visited once, and from every state on all faults are taken away: the pair
 * must come to rest.
 *
 *   srp_explore [--depth N] [--budget N] [--states N] [--mode N] [--jobs N]
 *
 * depth: steps; budget: how many of these may be faults or commands (without it: one, which goes deep, and then two);
 * states: where to stop, per start; mode: one of the starts only. Exit status 0 when nothing was found, 1 when something was.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulation/explore.h"

/* Starts: bit 0 make before break, bit 1 session managers, bit 2 from a pair that has formed. */
#define MODE_FORMED 4u
#define MODE_COUNT  8u

struct options {
	unsigned int depth, states, jobs;
	unsigned int budget; /* 0: 1 and then 2 */
	int mode;            /* -1: all */
};

/* How a state was first reached. */
struct origin {
	uint32_t parent;
	struct step step;
};

struct search {
	const struct options *options;
	unsigned int mode, budget;
	uint64_t *table; /* hashes of the states seen; 0: free */
	size_t table_size;
	struct origin *origins; /* of every state, in the order they were found */
	uint32_t count, capacity;
	struct explored *frontier, *next; /* of this depth and the one after */
	uint32_t *frontier_numbers, *next_numbers;
	uint32_t frontier_count, next_count;
	uint64_t steps;
	unsigned int depth;
	bool overflow; /* some states were not followed: a queue was full */
	bool stopped;  /* at the number of states */
};

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "srp_explore: out of memory\n");
		exit(2);
	}
	return memory;
}

/* 64 bits are enough: with a million states two share one with a chance of 1 : 10^7. */
static uint64_t hash_of(const struct explored *state)
{
	const uint8_t *at = (const uint8_t *)state;
	uint64_t hash = 0x9e3779b97f4a7c15u, word;
	size_t left = sizeof(*state);

	for (; left >= sizeof(word); left -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * 0xbf58476d1ce4e5b9u;
		hash ^= hash >> 29;
	}
	for (; left; left--)
		hash = (hash ^ *at++) * 0x94d049bb133111ebu;
	hash ^= hash >> 31;
	return hash ? hash : 1;
}

/* True when the state is new. */
static bool remember(struct search *search, const struct explored *state)
{
	uint64_t hash = hash_of(state);
	size_t at = (size_t)hash & (search->table_size - 1);

	while (search->table[at]) {
		if (search->table[at] == hash)
			return false;
		at = (at + 1) & (search->table_size - 1);
	}
	search->table[at] = hash;
	return true;
}

static void first_state(unsigned int mode, struct explored *state, struct ladder *ladder)
{
	struct violation violation = {0};

	explore_begin(state, mode);
	if (mode & MODE_FORMED) {
		explore_settles(state, ladder, &violation);
		explore_normalise(state);
		state->spent = 0;
		state->overflow = false;
	}
}

/* Draw the way to a state, then the step that broke it (NULL: it did not settle). */
static void draw(const struct search *search, uint32_t number, const struct step *last)
{
	static struct explored state;
	struct violation violation = {0};
	struct step way[256];
	unsigned int count = 0;
	struct ladder ladder;

	if (last)
		way[count++] = *last;
	for (; number && count < 256; number = search->origins[number].parent)
		way[count++] = search->origins[number].step;
	printf("  %u steps (times start again with every step)\n", count);
	ladder_start(&ladder, stdout, true);
	first_state(search->mode, &state, search->mode & MODE_FORMED ? NULL : &ladder);
	for (int i = 0; i < 2; i++)
		ladder_node(&ladder, state.now, i, "%s/%u", srp_role_name(state.chassis[i].core.role),
			    state.chassis[i].core.modifier);
	while (count && !violation.name)
		explore_step(&state, way[--count], &ladder, &violation);
	if (!violation.name && !last) {
		ladder_both(&ladder, state.now, "all is well from here on");
		explore_settles(&state, &ladder, &violation);
	}
	ladder_both(&ladder, state.now, "VIOLATION %s: %s", violation.name ? violation.name : "?",
		    violation.text);
}

static bool judge(const struct search *search, uint32_t parent, const struct step *step,
		  const struct violation *violation)
{
	if (!violation->name)
		return true;
	printf("mode %u, depth %u: %s: %s\n", search->mode, search->depth, violation->name, violation->text);
	draw(search, parent, step);
	return false;
}

static void add(struct search *search, const struct explored *state, uint32_t parent, struct step step)
{
	uint32_t number = search->count++;

	search->origins[number] = (struct origin){.parent = parent, .step = step};
	search->next[search->next_count] = *state;
	search->next_numbers[search->next_count++] = number;
}

/* All steps from one state. False when a violation was found. */
static bool expand(struct search *search, const struct explored *from, uint32_t number)
{
	static struct explored state, settled;

	for (unsigned int i = 0; i < 2 * STEP_TYPE_COUNT; i++) {
		struct step step = {.type = (uint8_t)(i / 2), .node = (uint8_t)(i % 2)};
		struct violation violation = {0};

		if (search->count >= search->capacity) {
			search->stopped = true;
			return true;
		}
		if ((STEP_COSTS(step.type) && from->spent >= search->budget) || !explore_possible(from, step))
			continue;
		state = *from;
		explore_step(&state, step, NULL, &violation);
		search->steps++;
		if (!judge(search, number, &step, &violation))
			return false;
		if (state.overflow) {
			search->overflow = true;
			continue;
		}
		if (!remember(search, &state))
			continue;
		add(search, &state, number, step);
		settled = state;
		explore_settles(&settled, NULL, &violation);
		if (!judge(search, search->count - 1, NULL, &violation))
			return false;
	}
	return true;
}

static void swap_frontiers(struct search *search)
{
	struct explored *states = search->frontier;
	uint32_t *numbers = search->frontier_numbers;

	search->frontier = search->next;
	search->frontier_numbers = search->next_numbers;
	search->frontier_count = search->next_count;
	search->next = states;
	search->next_numbers = numbers;
	search->next_count = 0;
}

static bool explore(struct search *search)
{
	static struct explored state;

	first_state(search->mode, &state, NULL);
	remember(search, &state);
	add(search, &state, 0, (struct step){0, 0});
	while (search->next_count && search->depth < search->options->depth && !search->stopped) {
		swap_frontiers(search);
		search->depth++;
		for (uint32_t i = 0; i < search->frontier_count && !search->stopped; i++)
			if (!expand(search, &search->frontier[i], search->frontier_numbers[i]))
				return false;
	}
	return true;
}

static bool run_mode(const struct options *options, unsigned int mode, unsigned int budget)
{
	struct search search = {.options = options,
				.mode = mode,
				.budget = budget,
				.capacity = options->states};
	struct timespec from, to;
	bool clean;

	search.table_size = 1;
	while (search.table_size < 2 * (size_t)search.capacity)
		search.table_size *= 2;
	/* Memory that is not touched costs nothing. */
	search.table = need(calloc(search.table_size, sizeof(*search.table)));
	search.origins = need(calloc(search.capacity, sizeof(*search.origins)));
	search.frontier = need(malloc(search.capacity * sizeof(*search.frontier)));
	search.next = need(malloc(search.capacity * sizeof(*search.next)));
	search.frontier_numbers = need(malloc(search.capacity * sizeof(uint32_t)));
	search.next_numbers = need(malloc(search.capacity * sizeof(uint32_t)));
	clock_gettime(CLOCK_MONOTONIC, &from);
	clean = explore(&search);
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("mode %u (%s%s%s), budget %u: %u states, %.1f million steps, depth %u%s%s, %.1f s: %s\n", mode,
	       mode & MODE_FORMED ? "formed" : "cold", mode & 1 ? ", make before break" : "",
	       mode & 2 ? ", session managers" : "", budget, search.count, (double)search.steps / 1e6,
	       search.depth, search.stopped ? " not complete" : "",
	       search.overflow ? ", full queues not followed" : "",
	       (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9,
	       clean ? "no violation" : "VIOLATION");
	fflush(stdout);
	free(search.table);
	free(search.origins);
	free(search.frontier);
	free(search.next);
	free(search.frontier_numbers);
	free(search.next_numbers);
	return clean;
}

/* Every `jobs`th of the starts. */
static bool run_share(const struct options *options, unsigned int job)
{
	unsigned int first = options->budget ? options->budget : 1,
		     last = options->budget ? options->budget : 2;

	for (unsigned int budget = first; budget <= last; budget++)
		for (unsigned int mode = job; mode < MODE_COUNT; mode += options->jobs)
			if ((options->mode < 0 || options->mode == (int)mode) &&
			    !run_mode(options, mode, budget))
				return false;
	return true;
}

static int run_all(const struct options *options)
{
	int status = 0;

	for (unsigned int job = 0; job < options->jobs; job++) {
		pid_t child = fork();

		if (child < 0) {
			fprintf(stderr, "srp_explore: %s\n", strerror(errno));
			return 2;
		}
		if (child)
			continue;
		if (!run_share(options, job))
			_exit(1);
		_exit(0);
	}
	for (unsigned int job = 0; job < options->jobs; job++) {
		int child;

		if (wait(&child) < 0 || !WIFEXITED(child) || WEXITSTATUS(child))
			status = 1;
	}
	return status;
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (!*text || *end || value > UINT32_MAX) {
		fprintf(stderr, "srp_explore: %s is not a number\n", text);
		exit(2);
	}
	return (unsigned int)value;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{"depth", required_argument, NULL, 'd'},  {"budget", required_argument, NULL, 'b'},
		{"states", required_argument, NULL, 's'}, {"mode", required_argument, NULL, 'm'},
		{"jobs", required_argument, NULL, 'j'},   {NULL, 0, NULL, 0},
	};
	struct options options = {.depth = 60, .states = 25000, .mode = -1};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 'd':
			options.depth = number(optarg);
			break;
		case 'b':
			options.budget = number(optarg);
			break;
		case 's':
			options.states = number(optarg);
			break;
		case 'm':
			options.mode = (int)number(optarg);
			break;
		case 'j':
			options.jobs = number(optarg);
			break;
		default:
			fprintf(stderr, "usage: srp_explore [--depth N] [--budget N] [--states N] [--mode N] "
					"[--jobs N]\n");
			return 2;
		}
	}
	if (!explore_self_check())
		return 2;
	if (options.depth > 250)
		options.depth = 250;
	if (!options.jobs)
		options.jobs = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (options.jobs < 1 || options.jobs > MODE_COUNT)
		options.jobs = 1;
	return run_all(&options);
}
