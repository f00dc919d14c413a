/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See world.h. Here: the events, clocks and alarms, kernel and bgpd, the upstream router. */
#include "tests/simulation/world.h"

#include <stddef.h>
#include <string.h>

/* --- events: a heap by (time, order) --------------------------------------------------------- */

static bool earlier(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void plan_in_order(struct world *world, const struct event *event)
{
	unsigned int at = world->event_count, parent;

	if (at >= WORLD_EVENTS_MAX) {
		violation_set(&world->violation, "harness", "more than %d events", WORLD_EVENTS_MAX);
		return;
	}
	world->event_count++;
	for (; at > 0; at = parent) {
		parent = (at - 1) / 2;
		if (!earlier(event, &world->events[parent]))
			break;
		world->events[at] = world->events[parent];
	}
	world->events[at] = *event;
}

void world_plan(struct world *world, uint64_t at, enum event_type type, int node, uint32_t index)
{
	struct event event = {.at = at, .index = index, .type = (uint8_t)type, .node = (uint8_t)node};

	/* What happens in the same ms happens in any order. */
	event.order = (rng_next(&world->ties) & 0xffffffff00000000u) | (world->order++ & 0xffffffffu);
	plan_in_order(world, &event);
}

static struct event next_event(struct world *world)
{
	struct event top = world->events[0], last = world->events[--world->event_count];
	unsigned int at = 0;

	for (;;) {
		unsigned int child = 2 * at + 1;

		if (child >= world->event_count)
			break;
		if (child + 1 < world->event_count &&
		    earlier(&world->events[child + 1], &world->events[child]))
			child++;
		if (!earlier(&world->events[child], &last))
			break;
		world->events[at] = world->events[child];
		at = child;
	}
	world->events[at] = last;
	return top;
}

/* --- clocks and alarms ----------------------------------------------------------------------- */

static uint64_t clock_at(const struct world *world, int node, uint64_t real)
{
	int64_t gained = (int64_t)real * world->script->clock_ppm[node] / 1000000;

	return world->script->clock_offset[node] + real + (uint64_t)gained;
}

uint64_t world_clock(const struct world *world, int node)
{
	return clock_at(world, node, world->now);
}

/* The first real ms at which the node's clock shows `own`. */
static uint64_t real_time(const struct world *world, int node, uint64_t own)
{
	uint64_t since = own - world->script->clock_offset[node];
	uint64_t real = (uint64_t)((int64_t)since * 1000000 / (1000000 + world->script->clock_ppm[node]));

	while (real && clock_at(world, node, real) >= own)
		real--;
	while (clock_at(world, node, real) < own)
		real++;
	return real;
}

/* As core_input() of agent.c does at its end. */
static void set_alarm(struct world *world, int node)
{
	struct place *place = &world->places[node];
	uint64_t deadline = srp_core_deadline(&world->chassis[node].core), real;

	if (deadline == place->deadline)
		return;
	place->deadline = deadline;
	place->alarm++;
	if (deadline == SRP_NEVER)
		return;
	real = deadline <= world_clock(world, node) ? world->now : real_time(world, node, deadline);
	if (world->script->late_max)
		real += rng_below(&world->local[node], world->script->late_max + 1);
	world_plan(world, real, EVENT_TICK, node, place->alarm);
}

void world_tick(struct world *world, int node)
{
	/* As srpd's loop: an alarm that has gone off is not set any more. */
	world->places[node].deadline = 0;
	world_input(world, node, &(struct srp_input){.type = SRP_IN_TICK});
}

/* on_core_alarm() of agent.c: first what lies in the socket. */
static void alarm_goes_off(struct world *world, int node, uint32_t alarm)
{
	struct place *place = &world->places[node];

	if (alarm != place->alarm || place->stalled || !world->chassis[node].running)
		return;
	place->deadline = 0;
	network_pump(world, !node);
	if (world->chassis[node].running)
		world_tick(world, node);
}

/* --- kernel, bgpd and the upstream router ------------------------------------------------------ */

void world_apply_later(struct world *world, int node)
{
	uint32_t generation = world->chassis[node].generation;
	struct rng *rng = &world->local[node];

	if (world->places[node].stuck || world->places[node].host_dead)
		return;
	/* bgpd is told first, but either may be the faster one. */
	world_plan(world, world->now + rng_below(rng, world->script->apply_max + 1), EVENT_BGPD, node,
		   generation);
	world_plan(world, world->now + rng_below(rng, world->script->apply_max + 1), EVENT_KERNEL, node,
		   generation);
}

static void applies(struct world *world, int node, bool kernel, uint32_t generation)
{
	struct chassis *chassis = &world->chassis[node];

	if (generation != chassis->generation || world->places[node].stuck || world->places[node].host_dead)
		return;
	if (kernel)
		chassis_kernel_applies(chassis);
	else
		chassis_bgpd_applies(chassis);
	world_announce(world, node, 0);
	world_facts(world, node);
}

void world_announce(struct world *world, int node, uint32_t delay)
{
	struct place *place = &world->places[node];
	uint16_t announced = chassis_announced(&world->chassis[node]);

	if (announced == place->announced)
		return;
	place->announced = announced;
	if (place->tail - place->head >= WORLD_UPDATES_MAX) {
		violation_set(&world->violation, "harness", "more than %d updates", WORLD_UPDATES_MAX);
		return;
	}
	place->updates[place->tail++ % WORLD_UPDATES_MAX] = announced;
	delay += rng_below(&world->local[node], world->script->propagation_max + 1);
	if (place->last_update < world->now + delay)
		place->last_update = world->now + delay;
	world_plan(world, place->last_update, EVENT_UPSTREAM, node, 0);
}

/* The shorter path wins; with equal ones the router keeps the one it has. */
static void upstream_hears(struct world *world, int node)
{
	struct place *places = world->places;
	uint16_t value = places[node].updates[places[node].head++ % WORLD_UPDATES_MAX];
	int best = world->upstream_best;

	places[node].heard = value;
	ladder_both(world->ladder, world->now, "upstream hears %s: %s x%u", node == 0 ? "gw1" : "gw2",
		    value ? "announced" : "withdrawn", value);
	if (best >= 0 && !places[best].heard)
		best = -1;
	for (int i = 0; i < 2; i++)
		if (places[i].heard && (best < 0 || places[i].heard < places[best].heard))
			best = i;
	if (best != world->upstream_best)
		ladder_both(world->ladder, world->now, "upstream prefers %s",
			    best < 0    ? "nobody"
			    : best == 0 ? "gw1"
					: "gw2");
	world->upstream_best = best;
	/* BGP brings the peer's announcements back to the other chassis: the witness. */
	world_input(world, !node, &(struct srp_input){.type = SRP_IN_WITNESS, .witness = value != 0});
}

/* bgpd_srp without srpd: longer after the hold time, never withdrawn. */
static void bgp_hold_over(struct world *world, int node, uint32_t start)
{
	struct chassis *chassis = &world->chassis[node];
	struct place *place = &world->places[node];

	if (chassis->running || place->host_dead || place->starts != start || !chassis->permitted)
		return;
	chassis->prepend = srp_modifier_start(chassis->config.mode, chassis->config.threshold);
	ladder_node(world->ladder, world->now, node, "bgpd falls back to x%u", chassis->prepend);
	world_announce(world, node, 0);
}

/* --- inputs ------------------------------------------------------------------------------------ */

static void input_one(struct world *world, int node, const struct srp_input *input)
{
	struct chassis *chassis = &world->chassis[node];
	uint32_t generation = chassis->generation;
	struct srp_outputs outputs;

	chassis_input(chassis, world_clock(world, node), input, &outputs, &world->violation);
	ladder_outputs(world->ladder, world->now, node, &chassis->core, &outputs);
	if (chassis->generation != generation)
		world_apply_later(world, node);
	for (unsigned int i = 0; i < outputs.count; i++) {
		if (outputs.list[i].type == SRP_OUT_SEND)
			network_send(world, node, &outputs.list[i].message);
		else if (outputs.list[i].type == SRP_OUT_PEER && outputs.list[i].peer == SRP_PEER_LOST)
			network_close(world, node, false);
	}
}

/* The session managers begin with a new order. */
static void flush_later(struct world *world, int node)
{
	const struct srp_core *core = &world->chassis[node].core;
	struct place *place = &world->places[node];

	if (core->flush == SRP_FLUSH_NONE || core->flush_id == place->flush_id || place->stuck ||
	    !world->chassis[node].managers)
		return;
	place->flush_id = core->flush_id;
	world_plan(world, world->now + rng_below(&world->local[node], world->script->flush_max + 1),
		   EVENT_FLUSHED, node, core->flush_id);
}

void world_facts(struct world *world, int node)
{
	struct chassis *chassis = &world->chassis[node];
	struct place *place = &world->places[node];
	struct srp_input fact;

	if (!chassis->running || place->stalled)
		return;
	/* As core_input() of agent.c: again as long as something moves, but not without end. */
	for (int round = 0; round < 4; round++) {
		uint32_t before = chassis->generation + chassis->role_changes + chassis->core.flush_id;
		enum srp_phase phase = chassis->core.phase;

		if (place->link_told != place->link_up) {
			place->link_told = place->link_up;
			ladder_node(world->ladder, world->now, node, "link %s",
				    place->link_up ? "up" : "down");
			input_one(world, node,
				  &(struct srp_input){.type = SRP_IN_LINK, .link_up = place->link_up});
		}
		for (unsigned int number = 0; chassis_fact(chassis, number, &fact); number++)
			input_one(world, node, &fact);
		if (place->link_told == place->link_up && phase == chassis->core.phase &&
		    before == chassis->generation + chassis->role_changes + chassis->core.flush_id)
			break;
	}
	flush_later(world, node);
	set_alarm(world, node);
}

static void flushed(struct world *world, int node, uint32_t flush_id)
{
	if (world->places[node].stuck)
		world->places[node].flush_id = 0;
	else
		world_input(world, node, &(struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = flush_id});
}

void world_input(struct world *world, int node, const struct srp_input *input)
{
	if (!world->chassis[node].running)
		return;
	if (world->places[node].stalled) {
		/* Messages wait in the pipe; what else there is, is looked at when the loop runs again. */
		world->places[node].config_waits |= input->type == SRP_IN_CONFIG;
		return;
	}
	input_one(world, node, input);
	world_facts(world, node);
}

void world_start_srpd(struct world *world, int node)
{
	struct chassis *chassis = &world->chassis[node];
	struct place *place = &world->places[node];
	uint64_t instance = (uint64_t)node << 32 | ++place->starts;

	place->host_dead = false;
	place->link_up = place->link_told = false;
	/* What was connected to its predecessor is answered with a reset. */
	place->connection = world->connections;
	place->deadline = 0;
	place->flush_id = 0;
	chassis_start(chassis, instance, place->keeps_state);
	chassis->role_since = chassis->init_since = world_clock(world, node);
	ladder_node(world->ladder, world->now, node, "srpd starts%s",
		    chassis->saved_modifier ? ", with its state file" : "");
	world_input(world, node,
		    &(struct srp_input){.type = SRP_IN_SESSIONS,
					.sessions = {.managers = chassis->managers}});
	world_input(world, node,
		    &(struct srp_input){.type = SRP_IN_WITNESS, .witness = world->places[!node].heard != 0});
	world_input(world, node, &(struct srp_input){.type = SRP_IN_CONFIG, .config = &chassis->config});
	world_input(world, node, &(struct srp_input){.type = SRP_IN_HEALTH, .health = chassis->health});
	network_reconnect(world);
}

/* --- the run ----------------------------------------------------------------------------------- */

static void happen(struct world *world, const struct event *event)
{
	int node = event->node;

	switch ((enum event_type)event->type) {
	case EVENT_ACTION:
		action_begin(world, event->index);
		break;
	case EVENT_MENDED:
		action_end(world, event->index);
		break;
	case EVENT_CALM:
		checks_fault(world, -1);
		break;
	case EVENT_BOOT:
		world->places[node].dead--;
		checks_fault(world, -1);
		if (!world->places[node].dead)
			world_start_srpd(world, node);
		break;
	case EVENT_PIPE:
		network_pump(world, node);
		break;
	case EVENT_STRAY:
		network_stray(world, node, event->index);
		break;
	case EVENT_CONNECT:
		network_try(world);
		break;
	case EVENT_SYN:
		network_syn(world);
		break;
	case EVENT_CONNECTED:
		network_connected(world);
		break;
	case EVENT_KERNEL:
	case EVENT_BGPD:
		applies(world, node, event->type == EVENT_KERNEL, event->index);
		break;
	case EVENT_FLUSHED:
		flushed(world, node, event->index);
		break;
	case EVENT_UPSTREAM:
		upstream_hears(world, node);
		break;
	case EVENT_BGP_HOLD:
		bgp_hold_over(world, node, event->index);
		break;
	case EVENT_TICK:
		alarm_goes_off(world, node, event->index);
		break;
	}
}

static void begin(struct world *world, const struct script *script, struct ladder *ladder)
{
	memset(world, 0, offsetof(struct world, events));
	world->script = script;
	world->ladder = ladder;
	world->upstream_best = -1;
	world->ties = rng_stream(script->seed, 1);
	for (int i = 0; i < 2; i++) {
		struct chassis *chassis = &world->chassis[i];

		world->network[i] = rng_stream(script->seed, 2 + (uint64_t)i);
		world->local[i] = rng_stream(script->seed, 4 + (uint64_t)i);
		chassis->config = script->config[i];
		chassis->health.ready = true;
		chassis->managers = script->managers[i];
		chassis->told.hold = true;
	}
	checks_start(world);
	for (int i = 0; i < 2; i++) {
		world->places[i].dead = 1;
		checks_fault(world, 1);
		world_plan(world, script->boot_at[i], EVENT_BOOT, i, 0);
	}
	for (unsigned int i = 0; i < script->count; i++)
		world_plan(world, script->list[i].at, EVENT_ACTION, script->list[i].node & 1, i);
}

void world_run(struct world *world, const struct script *script, struct ladder *ladder)
{
	uint64_t end = script_end(script);

	begin(world, script, ladder);
	while (world->event_count && !world->violation.name) {
		struct event event = next_event(world);

		world->now = event.at;
		/* Three dead-intervals after it must have settled show that it stays so. */
		if (world->now >
		    end + checks_settle_msec(world) + 3 * (uint64_t)world->chassis[0].config.dead_msec)
			break;
		happen(world, &event);
		checks_run(world);
		world->steps++;
	}
	if (world->violation.name)
		ladder_both(ladder, world->now, "VIOLATION %s: %s", world->violation.name,
			    world->violation.text);
}
