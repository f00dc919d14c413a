/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator: runs scripts made from seeds, and when one shows a violation prints its seed, the smallest script
 * that still shows it, and the ladder of that.
 *
 *   srp_sim [--seed N] [--runs N] [--jobs N] [--seconds N] [--verbose]
 *
 * Exit status 0 when all runs were clean, 1 when one was not.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulation/world.h"

#define JOBS_MAX 64

struct options {
	uint64_t seed;
	uint64_t runs;
	unsigned int jobs;
	unsigned int seconds; /* 0: no limit */
	bool verbose;
};

/* Some 300 KB: not for the stack. */
static struct world world;

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool fails_alike(const struct script *script, void *arg)
{
	const char *name = arg;

	world_run(&world, script, NULL);
	return world.violation.name && strcmp(world.violation.name, name) == 0;
}

static void draw(const struct script *script, bool all)
{
	struct ladder ladder;

	script_print(stdout, script);
	ladder_start(&ladder, stdout, all);
	world_run(&world, script, &ladder);
}

static void report(const struct script *script, const struct violation *violation)
{
	struct script small = *script;
	char name[32];
	unsigned int runs;

	snprintf(name, sizeof(name), "%s", violation->name);
	printf("seed %llu: %s: %s\n", (unsigned long long)script->seed, name, violation->text);
	runs = script_shrink(&small, fails_alike, name);
	printf("  %u of %u actions are needed (%u runs)\n", small.count, script->count, runs);
	draw(&small, false);
}

/* The runs of one process: every `jobs`th seed. Returns the number of runs, and 0 when one was not clean. */
static uint64_t run_share(const struct options *options, unsigned int job, double until, uint64_t *steps)
{
	struct script script;
	uint64_t runs = 0;
	unsigned int changes_max = 0;

	for (uint64_t i = job; i < options->runs; i += options->jobs) {
		script_make(&script, options->seed + i);
		world_run(&world, &script, NULL);
		runs++;
		*steps += world.steps;
		if (changes_max < world.checks.changes_max)
			changes_max = world.checks.changes_max;
		if (world.violation.name) {
			struct violation violation = world.violation;

			report(&script, &violation);
			return 0;
		}
		if (until > 0 && (runs & 63) == 0 && seconds_now() > until)
			break;
	}
	if (options->verbose)
		printf("at most %u role changes in a quiet time\n", changes_max);
	return runs;
}

static int run_all(const struct options *options)
{
	double since = seconds_now(), until = options->seconds ? since + options->seconds : 0;
	uint64_t totals[2] = {0};
	int pipes[JOBS_MAX], status = 0;
	pid_t children[JOBS_MAX];

	for (unsigned int job = 0; job < options->jobs; job++) {
		int ends[2];

		if (pipe(ends) || (children[job] = fork()) < 0) {
			fprintf(stderr, "srp_sim: %s\n", strerror(errno));
			return 2;
		}
		if (children[job] == 0) {
			uint64_t share[2] = {0};

			close(ends[0]);
			share[0] = run_share(options, job, until, &share[1]);
			fflush(stdout);
			if (write(ends[1], share, sizeof(share)) != sizeof(share))
				_exit(2);
			_exit(share[0] || job >= options->runs ? 0 : 1);
		}
		close(ends[1]);
		pipes[job] = ends[0];
	}
	for (unsigned int job = 0; job < options->jobs; job++) {
		uint64_t share[2] = {0};
		int child;

		if (read(pipes[job], share, sizeof(share)) != sizeof(share))
			share[0] = share[1] = 0;
		totals[0] += share[0];
		totals[1] += share[1];
		if (waitpid(children[job], &child, 0) < 0 || !WIFEXITED(child) || WEXITSTATUS(child))
			status = 1;
	}
	printf("%llu runs from seed %llu, %.1f million events, %.1f s: %s\n", (unsigned long long)totals[0],
	       (unsigned long long)options->seed, (double)totals[1] / 1e6, seconds_now() - since,
	       status ? "VIOLATIONS" : "no violation");
	return status;
}

static uint64_t number(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 0);

	if (!*text || *end) {
		fprintf(stderr, "srp_sim: %s is not a number\n", text);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {
		{"seed", required_argument, NULL, 's'}, {"runs", required_argument, NULL, 'r'},
		{"jobs", required_argument, NULL, 'j'}, {"seconds", required_argument, NULL, 't'},
		{"verbose", no_argument, NULL, 'v'},    {NULL, 0, NULL, 0},
	};
	struct options options = {.seed = 1, .runs = 0, .jobs = 0};
	bool one = false;
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		switch (option) {
		case 's':
			options.seed = number(optarg);
			one = true;
			break;
		case 'r':
			options.runs = number(optarg);
			break;
		case 'j':
			options.jobs = (unsigned int)number(optarg);
			break;
		case 't':
			options.seconds = (unsigned int)number(optarg);
			break;
		case 'v':
			options.verbose = true;
			break;
		default:
			fprintf(stderr, "usage: srp_sim [--seed N] [--runs N] [--jobs N] [--seconds N] "
					"[--verbose]\n");
			return 2;
		}
	}
	if (one && !options.runs && options.verbose) {
		struct script script;

		script_make(&script, options.seed);
		draw(&script, false);
		return world.violation.name != NULL;
	}
	/* `make check`: a few thousand, in less than 20 s; under sanitizers the time is the limit. */
	if (!options.runs) {
		options.runs = one ? 1 : 6000;
		options.seconds = options.seconds ? options.seconds : 18;
	}
	if (!options.jobs)
		options.jobs = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	if (options.jobs < 1 || options.jobs > JOBS_MAX)
		options.jobs = 1;
	if (options.jobs > options.runs)
		options.jobs = (unsigned int)options.runs;
	return run_all(&options);
}
