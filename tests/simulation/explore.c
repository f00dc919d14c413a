/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See explore.h. */
#include "tests/simulation/explore.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "tests/simulation/rng.h"

/* --- the normal form --------------------------------------------------------------------------- */

/* Move a time; 0 and SRP_NEVER mean none. */
static void move_time(uint64_t *time, uint64_t by)
{
	if (*time && *time != SRP_NEVER)
		*time += by;
}

/* A time that is over counts no more. */
static void forget_past(uint64_t *time, uint64_t now)
{
	if (*time != SRP_NEVER && *time <= now)
		*time = 0;
}

/* The one place that knows the core's fields: times, and what decides nothing. */
static void normalise_core(struct srp_core *core, uint64_t now)
{
	uint64_t by = EXPLORE_NOW - now;

	move_time(&core->phase_limit, by);
	move_time(&core->peer_heard_at, by);
	move_time(&core->witness_until, by);
	move_time(&core->hello_at, by);
	move_time(&core->enabled_at, by);
	move_time(&core->drain_until, by);
	move_time(&core->converged_at, by);
	move_time(&core->peer_fail_at, by);
	move_time(&core->config_check_at, by);
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		move_time(&core->local_guard_until[i], by);
		move_time(&core->switchover_guard_until[i], by);
		move_time(&core->hand_over_at[i], by);
		forget_past(&core->local_guard_until[i], EXPLORE_NOW);
		forget_past(&core->switchover_guard_until[i], EXPLORE_NOW);
	}
	if (!core->peer_heard)
		core->peer_heard_at = 0;
	if (core->role != SRP_INIT)
		core->enabled_at = 0;
	/* For people. */
	core->config_checked_at = core->config_failed_at = core->last_switchover_at = 0;
	core->last_reason = SRP_REASON_NONE;
	core->switchovers = 0;
	core->assertions = 0;
	core->attempt_refusal = SRP_ACCEPTED;
	memset(&core->validation, 0, sizeof(core->validation));
	memset(&core->stats, 0, sizeof(core->stats));
}

/*
 * States are compared and hashed as bytes. What lies between the fields of a structure that a function has returned
 * is the compiler's to choose, and gcc 15 does.
 */
static void normalise_desired(struct srp_desired *desired)
{
	struct srp_desired clean;

	memset(&clean, 0, sizeof(clean));
	clean.hold = desired->hold;
	clean.serve = desired->serve;
	clean.keep = desired->keep;
	clean.install = desired->install;
	clean.announce = desired->announce;
	clean.prepend = desired->prepend;
	clean.gate = desired->gate;
	/* Not .assertions: they count for ever. */
	memcpy(desired, &clean, sizeof(clean));
}

static void normalise_chassis(struct chassis *chassis, uint64_t now)
{
	uint64_t by = EXPLORE_NOW - now;

	normalise_desired(&chassis->told);
	normalise_desired(&chassis->wish);
	normalise_core(&chassis->core, now);
	/* Phases have limits of their own, so only Init needs its age. */
	chassis->init_since =
		chassis->core.role == SRP_INIT && chassis->running ? chassis->init_since + by : 0;
	chassis->role_since = EXPLORE_NOW;
	chassis->phase_since = chassis->core.phase != SRP_PHASE_NONE ? chassis->phase_since + by : 0;
	chassis->kernel_generation = chassis->kernel_generation == chassis->generation;
	chassis->bgpd_generation = chassis->bgpd_generation == chassis->generation;
	chassis->generation = 1;
	chassis->sequence = chassis->role_changes = chassis->takeovers = 0;
	if (!chassis->running)
		memset(&chassis->core, 0, sizeof(chassis->core));
}

/* Stamps of hellos count up for ever; only their order matters. */
static void normalise_stamps(struct explored *state, int node)
{
	const uint64_t first = 100;
	struct srp_core *core = &state->chassis[node].core, *other = &state->chassis[!node].core;
	uint64_t by = first - core->stamp;

	core->stamp = first;
	for (unsigned int i = 0; i < state->queued[node]; i++) {
		struct srp_hello *hello = &state->queue[node][i].hello;

		if (hello->instance == core->instance)
			hello->stamp += by;
		else if (hello->instance)
			hello->stamp = 1;
	}
	if (other->peer.instance == core->instance)
		other->peer.stamp += by;
	else
		other->peer.stamp = 0;
}

void explore_normalise(struct explored *state)
{
	for (int i = 0; i < 2; i++)
		normalise_stamps(state, i);
	for (int i = 0; i < 2; i++) {
		normalise_chassis(&state->chassis[i], state->now);
		for (unsigned int j = 0; j < EXPLORE_QUEUE_MAX; j++) {
			struct queued *queued = &state->queue[i][j];

			if (j < state->queued[i])
				queued->sent_at += EXPLORE_NOW - state->now;
			else
				memset(queued, 0, sizeof(*queued));
		}
	}
	state->now = EXPLORE_NOW;
}

/* --- steps ------------------------------------------------------------------------------------- */

static void enqueue(struct explored *state, int node, const struct srp_message *message)
{
	struct queued *queued = &state->queue[node][state->queued[node]];

	if (!state->link_up[node])
		return;
	if (state->queued[node] >= EXPLORE_QUEUE_MAX) {
		state->overflow = true;
		return;
	}
	state->queued[node]++;
	memset(queued, 0, sizeof(*queued));
	queued->sent_at = state->now;
	queued->type = (uint8_t)message->type;
	queued->hello = message->hello;
	queued->hello.clock_msec = 0;
	memset(queued->hello.version, 0, sizeof(queued->hello.version));
	queued->request_id = message->request_id;
	queued->reason = (uint8_t)message->reason;
	queued->response = (uint8_t)message->response;
	queued->force = message->force;
	queued->make_before_break = message->make_before_break;
}

/* All that one input sends is one burst: it arrives or is lost as a whole, as one write and one read. */
static void one_input(struct explored *state, int node, const struct srp_input *input, struct ladder *ladder,
		      struct violation *violation)
{
	static struct srp_outputs outputs; /* some 20 KB; one thread */
	struct chassis *chassis = &state->chassis[node];
	unsigned int queued = state->queued[node];

	chassis_input(chassis, state->now, input, &outputs, violation);
	ladder_outputs(ladder, state->now, node, &chassis->core, &outputs);
	for (unsigned int i = 0; i < outputs.count; i++) {
		if (outputs.list[i].type == SRP_OUT_SEND)
			enqueue(state, node, &outputs.list[i].message);
		else if (outputs.list[i].type == SRP_OUT_PEER && outputs.list[i].peer == SRP_PEER_LOST)
			state->link_up[node] = false;
	}
	for (unsigned int i = queued + 1; i < state->queued[node]; i++)
		state->queue[node][i].goes_on = true;
}

static void feed(struct explored *state, int node, const struct srp_input *input, struct ladder *ladder,
		 struct violation *violation)
{
	struct chassis *chassis = &state->chassis[node];
	bool link_up = state->link_up[node];
	struct srp_input fact;

	if (!chassis->running)
		return;
	one_input(state, node, input, ladder, violation);
	for (int round = 0; round < 4; round++) {
		uint32_t before = chassis->generation + chassis->role_changes + chassis->core.flush_id;
		enum srp_phase phase = chassis->core.phase;

		if (state->link_up[node] != link_up) {
			link_up = state->link_up[node];
			one_input(state, node, &(struct srp_input){.type = SRP_IN_LINK, .link_up = link_up},
				  ladder, violation);
		}
		for (unsigned int number = 0; chassis_fact(chassis, number, &fact); number++)
			one_input(state, node, &fact, ladder, violation);
		if (phase == chassis->core.phase &&
		    before == chassis->generation + chassis->role_changes + chassis->core.flush_id)
			break;
	}
}

static void start(struct explored *state, int node, bool keep, struct ladder *ladder,
		  struct violation *violation)
{
	struct chassis *chassis = &state->chassis[node];
	struct srp_core_config config = chassis->config;

	chassis_start(chassis, (uint64_t)(node + 1) << 8 | ++state->starts[node], keep);
	chassis->role_since = chassis->init_since = state->now;
	state->link_up[node] = false;
	feed(state, node,
	     &(struct srp_input){.type = SRP_IN_SESSIONS, .sessions = {.managers = chassis->managers}},
	     ladder, violation);
	feed(state, node, &(struct srp_input){.type = SRP_IN_CONFIG, .config = &config}, ladder, violation);
	feed(state, node, &(struct srp_input){.type = SRP_IN_HEALTH, .health = chassis->health}, ladder,
	     violation);
}

static void arrive_one(struct explored *state, int from, bool lost, struct ladder *ladder,
		       struct violation *violation)
{
	static struct srp_message message; /* 1 KB; one thread */
	struct queued queued = state->queue[from][0];

	memmove(&state->queue[from][0], &state->queue[from][1],
		(EXPLORE_QUEUE_MAX - 1) * sizeof(state->queue[from][0]));
	state->queued[from]--;
	memset(&message, 0, sizeof(message));
	message.type = queued.type;
	message.hello = queued.hello;
	message.request_id = queued.request_id;
	message.reason = queued.reason;
	message.response = queued.response;
	message.force = queued.force;
	message.make_before_break = queued.make_before_break;
	lost |= !state->chassis[!from].running || !state->link_up[!from];
	ladder_message(ladder, state->now, from, &message, queued.sent_at, lost ? "lost" : NULL);
	if (!lost)
		feed(state, !from, &(struct srp_input){.type = SRP_IN_MESSAGE, .message = &message}, ladder,
		     violation);
}

static void arrive(struct explored *state, int from, bool lost, struct ladder *ladder,
		   struct violation *violation)
{
	do
		arrive_one(state, from, lost, ladder, violation);
	while (state->queued[from] && state->queue[from][0].goes_on);
}

static void set_health(struct explored *state, int node, bool failed, struct ladder *ladder,
		       struct violation *violation)
{
	feed(state, node,
	     &(struct srp_input){.type = SRP_IN_HEALTH,
				 .health = {.failed = failed ? 1u << SRP_FAMILY_BGP : 0, .ready = !failed}},
	     ladder, violation);
}

static void crash(struct explored *state, int node, bool host)
{
	struct chassis *chassis = &state->chassis[node];

	chassis->running = false;
	state->link_up[node] = false;
	if (host)
		chassis_host_dies(chassis);
}

const char *explore_step_name(enum step_type type)
{
	static const char *const names[STEP_TYPE_COUNT] = {
		[STEP_DELIVER] = "deliver",
		[STEP_TICK] = "timer",
		[STEP_APPLY] = "kernel and bgpd apply",
		[STEP_FLUSHED] = "flushed",
		[STEP_LINK_UP] = "link up",
		[STEP_START] = "srpd starts",
		[STEP_START_BLANK] = "srpd starts, no state file",
		[STEP_LOSE] = "lose",
		[STEP_LINK_DOWN] = "link down",
		[STEP_SWITCHOVER] = "operator: switchover",
		[STEP_FORCE] = "operator: switchover force",
		[STEP_FAIL] = "monitor fails",
		[STEP_RECOVER] = "monitor recovers",
		[STEP_CRASH] = "srpd dies",
		[STEP_HOST_CRASH] = "host dies",
	};

	return names[type];
}

/* No message may wait longer than EXPLORE_DELAY_MSEC, and no alarm for longer than another one takes. */
static bool tick_possible(const struct explored *state, int node)
{
	uint64_t own = srp_core_deadline(&state->chassis[node].core), other;

	if (own == SRP_NEVER || state->queued[node] > 2)
		return false;
	if (own < state->now)
		own = state->now;
	for (int i = 0; i < 2; i++)
		if (state->queued[i] && state->queue[i][0].sent_at + EXPLORE_DELAY_MSEC < own)
			return false;
	other = state->chassis[!node].running ? srp_core_deadline(&state->chassis[!node].core) : SRP_NEVER;
	/* Timers of both may come in either order when they are near: a loop may be held up by 100 ms. */
	return other == SRP_NEVER || own <= other + 100;
}

bool explore_possible(const struct explored *state, struct step step)
{
	int node = step.node;
	const struct chassis *chassis = &state->chassis[node];

	switch ((enum step_type)step.type) {
	case STEP_DELIVER:
	case STEP_LOSE:
		return state->queued[node] > 0;
	case STEP_TICK:
		return chassis->running && tick_possible(state, node);
	case STEP_APPLY:
		return chassis->kernel_generation != chassis->generation ||
		       chassis->bgpd_generation != chassis->generation;
	case STEP_FLUSHED:
		return chassis->running && chassis->core.flush != SRP_FLUSH_NONE;
	case STEP_LINK_UP:
		return chassis->running && state->chassis[!node].running && !state->link_up[node];
	case STEP_LINK_DOWN:
		return chassis->running && state->link_up[node];
	case STEP_START:
		return !chassis->running && chassis->saved_modifier;
	case STEP_START_BLANK:
		return !chassis->running;
	case STEP_SWITCHOVER:
		return chassis->running && srp_core_switchover_obstacle(&chassis->core, false) == SRP_CLEAR;
	case STEP_FORCE:
		return chassis->running && srp_core_switchover_obstacle(&chassis->core, false) != SRP_CLEAR &&
		       srp_core_switchover_obstacle(&chassis->core, true) == SRP_CLEAR;
	case STEP_FAIL:
		return chassis->running && !chassis->health.failed;
	case STEP_RECOVER:
		return chassis->running && chassis->health.failed;
	case STEP_CRASH:
	case STEP_HOST_CRASH:
		return chassis->running;
	case STEP_TYPE_COUNT:
		break;
	}
	return false;
}

/* What must hold in every state, see equal-paths of checks.c. */
static void judge(const struct explored *state, struct violation *violation)
{
	uint16_t a = chassis_wants_announced(&state->chassis[0]),
		 b = chassis_wants_announced(&state->chassis[1]);

	if (a && a == b)
		violation_set(violation, "equal-paths", "both announce x%u (%s and %s)", a,
			      srp_role_name(state->chassis[0].core.role),
			      srp_role_name(state->chassis[1].core.role));
}

static void do_step(struct explored *state, struct step step, struct ladder *ladder,
		    struct violation *violation)
{
	int node = step.node;
	struct chassis *chassis = &state->chassis[node];

	if (step.type != STEP_DELIVER && step.type != STEP_LOSE)
		ladder_node(ladder, state->now, node, "[%s]", explore_step_name(step.type));
	switch ((enum step_type)step.type) {
	case STEP_DELIVER:
	case STEP_LOSE:
		arrive(state, node, step.type == STEP_LOSE, ladder, violation);
		break;
	case STEP_TICK:
		if (state->now < srp_core_deadline(&chassis->core))
			state->now = srp_core_deadline(&chassis->core);
		feed(state, node, &(struct srp_input){.type = SRP_IN_TICK}, ladder, violation);
		break;
	case STEP_APPLY:
		chassis_kernel_applies(chassis);
		chassis_bgpd_applies(chassis);
		/* With it come the facts. */
		feed(state, node, &(struct srp_input){.type = SRP_IN_HEALTH, .health = chassis->health},
		     ladder, violation);
		break;
	case STEP_FLUSHED:
		feed(state, node,
		     &(struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = chassis->core.flush_id}, ladder,
		     violation);
		break;
	case STEP_LINK_UP:
	case STEP_LINK_DOWN:
		state->link_up[node] = step.type == STEP_LINK_UP;
		feed(state, node, &(struct srp_input){.type = SRP_IN_LINK, .link_up = state->link_up[node]},
		     ladder, violation);
		break;
	case STEP_START:
	case STEP_START_BLANK:
		start(state, node, step.type == STEP_START, ladder, violation);
		break;
	case STEP_SWITCHOVER:
	case STEP_FORCE:
		feed(state, node,
		     &(struct srp_input){.type = SRP_IN_SWITCHOVER, .force = step.type == STEP_FORCE}, ladder,
		     violation);
		break;
	case STEP_FAIL:
	case STEP_RECOVER:
		set_health(state, node, step.type == STEP_FAIL, ladder, violation);
		break;
	case STEP_CRASH:
	case STEP_HOST_CRASH:
		crash(state, node, step.type == STEP_HOST_CRASH);
		break;
	case STEP_TYPE_COUNT:
		break;
	}
	judge(state, violation);
}

void explore_step(struct explored *state, struct step step, struct ladder *ladder,
		  struct violation *violation)
{
	do_step(state, step, ladder, violation);
	state->spent += STEP_COSTS(step.type);
	explore_normalise(state);
}

void explore_begin(struct explored *state, unsigned int mode)
{
	memset(state, 0, sizeof(*state));
	state->now = EXPLORE_NOW;
	for (int i = 0; i < 2; i++) {
		struct chassis *chassis = &state->chassis[i];

		chassis->config = (struct srp_core_config){
			.enabled = true,
			.mode = i == 0 ? SRP_MODE_PRIMARY : SRP_MODE_BACKUP,
			.priority = (uint8_t)(i + 1),
			.threshold = SRP_THRESHOLD_MIN,
			.hello_msec = EXPLORE_HELLO_MSEC,
			.dead_msec = EXPLORE_DEAD_MSEC,
			.higher_address = i == 1,
			.peer_fail_msec = UINT32_MAX,
		};
		if (mode & 1)
			chassis->config.options = SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE;
		chassis->config.convergence_msec = 500;
		chassis->managers = mode & 2 ? 1 : 0;
		chassis->health.ready = true;
		chassis->told.hold = true;
		chassis->generation = chassis->kernel_generation = chassis->bgpd_generation = 1;
	}
	explore_normalise(state);
}

/* --- all is well again ------------------------------------------------------------------------- */

static bool is_settled(const struct explored *state)
{
	for (int i = 0; i < 2; i++) {
		const struct chassis *active = &state->chassis[i], *standby = &state->chassis[!i];

		if (active->core.role == SRP_ACTIVE && standby->core.role == SRP_STANDBY &&
		    active->core.modifier < active->config.threshold &&
		    standby->core.modifier == active->core.modifier + 1 &&
		    active->core.phase == SRP_PHASE_NONE && standby->core.phase == SRP_PHASE_NONE &&
		    chassis_announced(active) == active->core.modifier && !chassis_announced(standby))
			return true;
	}
	return false;
}

/* Kernel, bgpd and session managers work at once, messages take no time: what is left are the timers. */
static bool settle_at_once(struct explored *state, struct ladder *ladder, struct violation *violation)
{
	static const uint8_t types[] = {STEP_START, STEP_START_BLANK, STEP_LINK_UP, STEP_RECOVER,
					STEP_APPLY, STEP_FLUSHED,     STEP_DELIVER};

	for (unsigned int i = 0; i < sizeof(types); i++) {
		for (int node = 0; node < 2; node++) {
			struct step step = {types[i], (uint8_t)node};

			/* An end that sees no connection any more breaks it for the other one, too. */
			if (step.type == STEP_LINK_UP && state->link_up[!node] && !state->link_up[node] &&
			    state->chassis[!node].running) {
				state->queued[0] = state->queued[1] = 0;
				do_step(state, (struct step){STEP_LINK_DOWN, (uint8_t)!node}, ladder,
					violation);
			}
			if (!explore_possible(state, step))
				continue;
			do_step(state, step, ladder, violation);
			/* Both see the new connection before anything comes over it. */
			if (step.type == STEP_LINK_UP &&
			    explore_possible(state, (struct step){STEP_LINK_UP, (uint8_t)!node}))
				do_step(state, (struct step){STEP_LINK_UP, (uint8_t)!node}, ladder,
					violation);
			return true;
		}
	}
	return false;
}

void explore_settles(struct explored *state, struct ladder *ladder, struct violation *violation)
{
	/*
	 * Alone, dead-interval, a hand-over that is tried again, all phases that wait for the peer: the bound
	 * of checks_settle_msec(), with messages that take no time.
	 */
	uint64_t limit = SRP_ALONE_MIN_MSEC + 2 * EXPLORE_DEAD_MSEC + EXPLORE_HELLO_MSEC + SRP_RETRY_MSEC +
			 2 * srp_phase_limit(SRP_PHASE_REQUEST) + srp_phase_limit(SRP_PHASE_CONVERGE) +
			 srp_phase_limit(SRP_PHASE_WITHDRAW) + srp_phase_limit(SRP_PHASE_APPLY);
	uint64_t two_since = 0, begun = state->now;
	unsigned int steps = 0;

	while (!violation->name) {
		bool two = chassis_serves(&state->chassis[0]) && chassis_serves(&state->chassis[1]);
		uint64_t first = SRP_NEVER;
		int node = 0;

		/* two-active: until the next hello at the latest. */
		two_since = !two ? 0 : two_since ? two_since : state->now;
		if (two && state->now > two_since + EXPLORE_HELLO_MSEC)
			violation_set(violation, "two-active",
				      "both serve for %llu ms with a link that is well",
				      (unsigned long long)(state->now - two_since));
		if (++steps > 5000)
			violation_set(violation, "settled", "no end within %u steps", steps);
		if (settle_at_once(state, ladder, violation))
			continue;
		if (is_settled(state))
			return;
		for (int i = 0; i < 2; i++) {
			uint64_t deadline = srp_core_deadline(&state->chassis[i].core);

			if (deadline < first) {
				first = deadline;
				node = i;
			}
		}
		if (first > begun + limit) {
			violation_set(violation, "settled", "%s/%u and %s/%u %llu ms after all is well",
				      srp_role_name(state->chassis[0].core.role),
				      state->chassis[0].core.modifier,
				      srp_role_name(state->chassis[1].core.role),
				      state->chassis[1].core.modifier, (unsigned long long)limit);
			return;
		}
		do_step(state, (struct step){STEP_TICK, (uint8_t)node}, ladder, violation);
	}
}

/* --- is the normal form right? ----------------------------------------------------------------- */

static bool same_later(uint64_t seed, uint64_t later)
{
	static struct explored early, late;
	struct violation none = {0};
	struct rng rng = rng_stream(seed, 0);

	explore_begin(&early, (unsigned int)seed & 3);
	late = early;
	for (int i = 0; i < 300; i++) {
		struct step step = {(uint8_t)rng_below(&rng, STEP_TYPE_COUNT), (uint8_t)rng_below(&rng, 2)};
		struct explored moved;

		if (!explore_possible(&early, step) || (STEP_COSTS(step.type) && rng_below(&rng, 4)))
			continue;
		/* The same situation at another time of day: the normal form moved there. */
		moved = early;
		do_step(&moved, step, NULL, &none);
		explore_normalise(&moved);
		late.now += later;
		for (int node = 0; node < 2; node++) {
			struct srp_core *core = &late.chassis[node].core;

			normalise_core(core, EXPLORE_NOW - later);
			late.chassis[node].init_since += late.chassis[node].init_since ? later : 0;
			late.chassis[node].phase_since += late.chassis[node].phase_since ? later : 0;
			for (unsigned int j = 0; j < late.queued[node]; j++)
				late.queue[node][j].sent_at += later;
		}
		do_step(&late, step, NULL, &none);
		explore_normalise(&late);
		if (memcmp(&moved, &late, sizeof(moved)) != 0) {
			size_t at = 0;

			while (((const uint8_t *)&moved)[at] == ((const uint8_t *)&late)[at])
				at++;
			fprintf(stderr,
				"srp_explore: after \"%s\" byte %zu of the state (byte %zu of a core, if it "
				"is "
				"one) depends on the time of day: is a field of the core missing in "
				"normalise_core()?\n",
				explore_step_name(step.type), at, at % sizeof(struct chassis));
			return false;
		}
		early = moved;
		if (early.overflow)
			return true;
	}
	return true;
}

bool explore_self_check(void)
{
	for (uint64_t seed = 0; seed < 200; seed++)
		if (!same_later(seed, 1 + seed * 997))
			return false;
	return true;
}
