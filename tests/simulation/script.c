/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See script.h. */
#include "tests/simulation/script.h"

#include <string.h>

#include "tests/simulation/rng.h"

static const uint32_t hellos[] = {20, 50, 100, 200, 500, 1000}; /* ms */
#define HELLO_COUNT (sizeof(hellos) / sizeof(hellos[0]))

static void make_configs(struct script *script, struct rng *rng)
{
	uint32_t hello = hellos[rng_below(rng, HELLO_COUNT)], ratio = rng_range(rng, 3, 6);
	uint8_t threshold =
		rng_percent(rng, 30) ? SRP_THRESHOLD_DEFAULT : (uint8_t)rng_range(rng, SRP_THRESHOLD_MIN, 6);
	static const uint8_t all_options[] = {
		0,
		0,
		SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE,
		SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE,
		SRP_OPTION_VOLTE_DATA | SRP_OPTION_EARLY_ACTIVE,
		SRP_OPTION_CONTROL_OUTAGE,
	};
	uint8_t options = all_options[rng_below(rng, 6)];
	/* Also longer than any phase. */
	uint32_t convergence = rng_below(rng, rng_percent(rng, 10) ? 12000 : 1000);
	uint32_t managers = rng_percent(rng, 30) ? 2 : 0;
	uint32_t witness = rng_percent(rng, 20) ? rng_range(rng, 10, 1000) : 0;
	uint32_t peer_fail = rng_percent(rng, 70) ? UINT32_MAX : rng_below(rng, 1000);
	struct srp_guard guard = {.guard_msec = rng_below(rng, 3000),
				  .damping_msec = rng_range(rng, 300, SCRIPT_DAMPING_MAX_MSEC)};
	uint64_t checksum = rng_percent(rng, 80) ? 7 : 0;

	for (int i = 0; i < 2; i++) {
		script->config[i] = (struct srp_core_config){
			.enabled = true,
			.mode = i ? SRP_MODE_BACKUP : SRP_MODE_PRIMARY,
			.priority = (uint8_t)rng_range(rng, 1, 3),
			.threshold = threshold,
			.hello_msec = hello,
			.dead_msec = hello * ratio,
			.delay_msec = rng_percent(rng, 20) ? rng_below(rng, 2000) : 0,
			.tiebreaker = {0, 0, 0, 0, 0, (uint8_t)rng_below(rng, 2)},
			.higher_address = i == 1,
			.options = options,
			.convergence_msec = convergence,
			.witness_msec = witness,
			.checksum = checksum,
			.config_check_msec = 700,
			.peer_fail_msec = peer_fail,
		};
		for (int family = 0; family < SRP_FAMILY_COUNT; family++) {
			script->config[i].local_guard[family] = guard;
			if (family != SRP_FAMILY_BGP)
				script->config[i].switchover_guard[family] = guard;
		}
		script->managers[i] = managers;
		script->clock_offset[i] = 1000 + rng_below(rng, 1000000);
		script->clock_ppm[i] = (int32_t)rng_range(rng, 0, 20000) - 10000;
	}
	if (rng_percent(rng, 30))
		script->config[0].mode = SRP_MODE_BACKUP;
	if (rng_percent(rng, 30))
		script->config[1].mode = SRP_MODE_PRIMARY;
	if (rng_percent(rng, 5))
		script->config[1].threshold = (uint8_t)rng_range(rng, SRP_THRESHOLD_MIN, 9);
	if (rng_percent(rng, 10)) {
		script->config[1].hello_msec = hellos[rng_below(rng, HELLO_COUNT)];
		script->config[1].dead_msec = script->config[1].hello_msec * rng_range(rng, 3, 6);
	}
}

static void make_action(struct action *action, struct rng *rng)
{
	static const uint32_t lengths[] = {20, 100, 500, 2000, 6000};

	action->node = (uint8_t)rng_below(rng, 2);
	action->duration = rng_below(rng, lengths[rng_below(rng, 5)]) + 1;
	switch ((enum action_type)action->type) {
	case ACT_CUT:
		action->arg = rng_percent(rng, 60) ? 3 : (uint8_t)rng_range(rng, 1, 2);
		break;
	case ACT_SPIKE:
		action->value = rng_range(rng, 10, 1500);
		break;
	case ACT_LOSS:
		action->value = rng_range(rng, 5, 60);
		break;
	case ACT_STALL:
		action->duration = rng_range(rng, 5, 800);
		action->arg = rng_percent(rng, 25);
		break;
	case ACT_CRASH:
		action->arg = (rng_percent(rng, 60) ? CRASH_KEEPS_STATE : 0) |
			      (rng_percent(rng, 40) ? CRASH_OF_HOST : 0);
		break;
	case ACT_HEALTH:
		switch (rng_below(rng, 4)) {
		case 0: /* not ready */
			action->arg = 0;
			break;
		case 1:
			action->arg = (uint8_t)(rng_percent(rng, 50) ? HEALTH_FRR_DOWN : HEALTH_FRR_DOWN | 4);
			break;
		default:
			action->arg = (uint8_t)(rng_range(rng, 1, (1u << SRP_FAMILY_COUNT) - 1) << 2);
			break;
		}
		break;
	case ACT_SWITCHOVER:
		action->node = rng_percent(rng, 50) ? 2 : action->node;
		action->arg = rng_percent(rng, 20);
		break;
	case ACT_COMMAND:
		action->arg = (uint8_t)rng_below(rng, COMMAND_COUNT);
		action->value = rng_below(rng, SRP_FAMILY_COUNT);
		break;
	case ACT_CONFIG:
		action->arg = (uint8_t)rng_below(rng, CHANGE_COUNT);
		switch ((enum config_change)action->arg) {
		case CHANGE_HELLO:
			action->value = hellos[rng_below(rng, HELLO_COUNT)];
			break;
		case CHANGE_DEAD_RATIO:
			action->value = rng_range(rng, 3, 6);
			break;
		case CHANGE_PRIORITY:
			action->value = rng_range(rng, 1, 4);
			break;
		case CHANGE_THRESHOLD:
			action->value = rng_range(rng, SRP_THRESHOLD_MIN, 9);
			break;
		case CHANGE_DELAY:
			action->value = rng_below(rng, 1500);
			break;
		case CHANGE_CHECKSUM:
			action->value = rng_range(rng, 1, 9);
			break;
		case CHANGE_OPTIONS:
			action->value = rng_below(rng, 32);
			break;
		case CHANGE_SWAP_MODES:
		case CHANGE_COUNT:
			break;
		}
		break;
	case ACT_RESET:
	case ACT_DISABLE:
	case ACT_STUCK:
	case ACT_TYPE_COUNT:
		break;
	}
}

/* How often each kind of action comes. */
static enum action_type pick_type(struct rng *rng)
{
	static const uint8_t weights[ACT_TYPE_COUNT] = {
		[ACT_CUT] = 16,    [ACT_RESET] = 8,  [ACT_SPIKE] = 7,   [ACT_LOSS] = 6,
		[ACT_STALL] = 10,  [ACT_CRASH] = 16, [ACT_HEALTH] = 10, [ACT_SWITCHOVER] = 15,
		[ACT_COMMAND] = 4, [ACT_CONFIG] = 3, [ACT_DISABLE] = 2, [ACT_STUCK] = 3,
	};
	uint32_t pick = rng_below(rng, 100);
	int type = 0;

	while (pick >= weights[type])
		pick -= weights[type++];
	return (enum action_type)type;
}

static void sort_by_time(struct script *script)
{
	for (unsigned int i = 1; i < script->count; i++) {
		struct action action = script->list[i];
		unsigned int at = i;

		for (; at && script->list[at - 1].at > action.at; at--)
			script->list[at] = script->list[at - 1];
		script->list[at] = action;
	}
}

/* When all is over and has settled, operators hand over: that must go well. */
static void plan_switchovers(struct script *script, struct rng *rng)
{
	uint32_t at = script_end(script);

	for (uint32_t i = rng_range(rng, 1, 2); i && script->count < SCRIPT_ACTIONS_MAX; i--) {
		at += rng_range(rng, 26000, 32000);
		script->list[script->count++] =
			(struct action){.at = at, .duration = 1, .type = ACT_SWITCHOVER, .node = 2};
	}
}

void script_make(struct script *script, uint64_t seed)
{
	struct rng rng = rng_stream(seed, 0);
	uint32_t at;

	memset(script, 0, sizeof(*script));
	script->seed = seed;
	make_configs(script, &rng);
	script->boot_at[0] = rng_below(&rng, rng_percent(&rng, 50) ? 50 : 4000);
	script->boot_at[1] = rng_below(&rng, rng_percent(&rng, 50) ? 50 : 4000);
	/* Less than half a hello-interval both ways, or hellos could not keep the dead-interval. */
	script->delay_max = rng_below(&rng, 20);
	if (script->delay_max > 5 && script->config[0].hello_msec < 50)
		script->delay_max = 5;
	script->late_max = rng_percent(&rng, 50) ? rng_below(&rng, 5) : 0;
	script->apply_max = rng_below(&rng, rng_percent(&rng, 70) ? 60 : 400);
	script->flush_max = rng_below(&rng, 300);
	script->propagation_max = rng_below(&rng, 300);
	script->host_death_msec = rng_range(&rng, 50, 500);
	script->bgp_hold_msec = rng_range(&rng, 1000, 5000);
	script->count = rng_range(&rng, 1, rng_percent(&rng, 70) ? 10 : 30);
	at = script->boot_at[0] + rng_below(&rng, 2000);
	for (unsigned int i = 0; i < script->count; i++) {
		struct action *action = &script->list[i];

		/* The worst moment for something is while something else is under way. */
		at += rng_below(&rng, rng_percent(&rng, 60) ? 30 : rng_percent(&rng, 50) ? 400 : 5000);
		action->at = at;
		action->type = (uint8_t)pick_type(&rng);
		make_action(action, &rng);
	}
	if (rng_percent(&rng, 25))
		plan_switchovers(script, &rng);
	sort_by_time(script);
}

uint32_t script_end(const struct script *script)
{
	uint32_t end = script->boot_at[0] > script->boot_at[1] ? script->boot_at[0] : script->boot_at[1];

	for (unsigned int i = 0; i < script->count; i++)
		if (end < script->list[i].at + script->list[i].duration)
			end = script->list[i].at + script->list[i].duration;
	return end;
}

void action_print(FILE *to, const struct action *action)
{
	static const char *const names[ACT_TYPE_COUNT] = {
		[ACT_CUT] = "cut",       [ACT_RESET] = "reset",           [ACT_SPIKE] = "spike",
		[ACT_LOSS] = "loss",     [ACT_STALL] = "stall",           [ACT_CRASH] = "crash",
		[ACT_HEALTH] = "health", [ACT_SWITCHOVER] = "switchover", [ACT_COMMAND] = "command",
		[ACT_CONFIG] = "config", [ACT_DISABLE] = "disable",       [ACT_STUCK] = "stuck",
	};

	fprintf(to, "  %7u ms  %-10s gw%s arg %u value %u for %u ms\n", action->at, names[action->type],
		action->node == 2 ? "1+2"
		: action->node    ? "2"
				  : "1",
		action->arg, action->value, action->duration);
}

void script_print(FILE *to, const struct script *script)
{
	for (int i = 0; i < 2; i++) {
		const struct srp_core_config *config = &script->config[i];

		fprintf(to,
			"  gw%d: %s, priority %u, threshold %u, hello %u, dead %u, delay %u ms; boots at %u, "
			"clock %+d ppm\n",
			i + 1, srp_mode_name(config->mode), config->priority, config->threshold,
			config->hello_msec, config->dead_msec, config->delay_msec, script->boot_at[i],
			script->clock_ppm[i]);
	}
	fprintf(to,
		"  at most: messages %u, timers late %u, kernel and bgpd %u, upstream %u ms; dead host found "
		"in %u, "
		"bgp hold %u ms\n",
		script->delay_max, script->late_max, script->apply_max, script->propagation_max,
		script->host_death_msec, script->bgp_hold_msec);
	for (unsigned int i = 0; i < script->count; i++)
		action_print(to, &script->list[i]);
}

/* --- smaller ----------------------------------------------------------------------------------- */

static bool try_without(struct script *script, unsigned int from, unsigned int count,
			bool (*fails)(const struct script *script, void *arg), void *arg)
{
	struct script smaller = *script;

	memmove(&smaller.list[from], &smaller.list[from + count],
		(smaller.count - from - count) * sizeof(smaller.list[0]));
	smaller.count -= count;
	if (!fails(&smaller, arg))
		return false;
	*script = smaller;
	return true;
}

/* Simpler surroundings: one at a time, kept when the violation stays. */
static unsigned int simplify(struct script *script, bool (*fails)(const struct script *script, void *arg),
			     void *arg)
{
	unsigned int runs = 0;

	for (int what = 0; what < 8; what++) {
		struct script simple = *script;

		switch (what) {
		case 0:
			simple.clock_ppm[0] = simple.clock_ppm[1] = 0;
			break;
		case 1:
			simple.clock_offset[0] = simple.clock_offset[1] = 1000;
			break;
		case 2:
			simple.late_max = 0;
			break;
		case 3:
			simple.delay_max = 1;
			break;
		case 4:
			simple.apply_max = 1;
			break;
		case 5:
			simple.propagation_max = 1;
			break;
		case 6:
			simple.boot_at[0] = simple.boot_at[1] = 0;
			break;
		case 7:
			simple.config[0].delay_msec = simple.config[1].delay_msec = 0;
			break;
		}
		runs++;
		if (fails(&simple, arg))
			*script = simple;
	}
	return runs;
}

unsigned int script_shrink(struct script *script, bool (*fails)(const struct script *script, void *arg),
			   void *arg)
{
	unsigned int runs = 0;
	bool smaller = true;

	while (smaller) {
		smaller = false;
		for (unsigned int size = script->count; size; size /= 2) {
			for (unsigned int from = script->count; from-- > 0;) {
				if (from + size > script->count)
					continue;
				runs++;
				smaller |= try_without(script, from, size, fails, arg);
			}
		}
		/* Shorter is easier to read, too. */
		for (unsigned int i = 0; i < script->count; i++) {
			struct script shorter = *script;

			shorter.list[i].duration /= 2;
			runs++;
			if (shorter.list[i].duration && fails(&shorter, arg)) {
				*script = shorter;
				smaller = true;
			}
		}
		runs += simplify(script, fails, arg);
	}
	return runs;
}
