/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See world.h. Here: what the actions of a script do. */
#include "tests/simulation/world.h"

static void give_config(struct world *world, int node)
{
	struct chassis *chassis = &world->chassis[node];

	world_input(world, node, &(struct srp_input){.type = SRP_IN_CONFIG, .config = &chassis->config});
	if (!chassis->config.enabled)
		network_close(world, node, false);
	world_facts(world, node);
	network_reconnect(world);
}

static void change_config(struct world *world, int node, const struct action *action)
{
	struct srp_core_config *config = &world->chassis[node].config;
	uint32_t ratio = config->dead_msec / config->hello_msec;

	switch ((enum config_change)action->arg) {
	case CHANGE_HELLO:
		config->hello_msec = action->value;
		config->dead_msec = ratio * action->value;
		break;
	case CHANGE_DEAD_RATIO:
		config->dead_msec = action->value * config->hello_msec;
		break;
	case CHANGE_PRIORITY:
		config->priority = (uint8_t)action->value;
		break;
	case CHANGE_THRESHOLD:
		config->threshold = (uint8_t)action->value;
		break;
	case CHANGE_SWAP_MODES:
		config->mode = config->mode == SRP_MODE_PRIMARY ? SRP_MODE_BACKUP : SRP_MODE_PRIMARY;
		break;
	case CHANGE_DELAY:
		config->delay_msec = action->value;
		break;
	case CHANGE_CHECKSUM:
		config->checksum = action->value;
		break;
	case CHANGE_OPTIONS:
		config->options = (uint8_t)action->value;
		break;
	case CHANGE_COUNT:
		break;
	}
	checks_fault(world, 0);
	checks_forget_incumbent(world);
	ladder_node(world->ladder, world->now, node,
		    "config: hello %u dead %u %s prio %u threshold %u delay %u", config->hello_msec,
		    config->dead_msec, srp_mode_name(config->mode), config->priority, config->threshold,
		    config->delay_msec);
	give_config(world, node);
}

static void crash(struct world *world, int node, const struct action *action)
{
	struct chassis *chassis = &world->chassis[node];
	struct place *place = &world->places[node];
	bool host = action->arg & CRASH_OF_HOST;

	place->dead++;
	place->keeps_state = action->arg & CRASH_KEEPS_STATE;
	ladder_node(world->ladder, world->now, node, "%s dies for %u ms", host ? "host" : "srpd",
		    action->duration);
	network_close(world, node, host);
	place->link_told = false;
	place->link_up = false;
	chassis->running = false;
	if (host) {
		place->host_dead = true;
		chassis_host_dies(chassis);
		world_announce(world, node, world->script->host_death_msec);
	} else {
		world_plan(world, world->now + world->script->bgp_hold_msec, EVENT_BGP_HOLD, node,
			   place->starts);
	}
}

static void switchover(struct world *world, int node, bool force)
{
	struct chassis *chassis = &world->chassis[node];
	enum srp_obstacle obstacle;

	if (!chassis->running || world->places[node].stalled)
		return;
	/* As srp_agent_initiate_switchover() does. */
	obstacle = srp_core_switchover_obstacle(&chassis->core, force);
	ladder_node(world->ladder, world->now, node, "operator: switchover%s %s", force ? " force" : "",
		    srp_obstacle_text(obstacle));
	if (obstacle != SRP_CLEAR)
		return;
	checks_touched(world);
	checks_forget_incumbent(world);
	if (force)
		checks_unplanned(world);
	world_input(world, node, &(struct srp_input){.type = SRP_IN_SWITCHOVER, .force = force});
}

static void command(struct world *world, int node, const struct action *action)
{
	static const enum srp_input_type inputs[COMMAND_COUNT] = {
		[COMMAND_VALIDATE] = SRP_IN_VALIDATE,
		[COMMAND_TERMINATE] = SRP_IN_TERMINATE,
		[COMMAND_CHECK_CONFIG] = SRP_IN_CHECK_CONFIG,
		[COMMAND_RESET_FAILURE] = SRP_IN_RESET_FAILURE,
		[COMMAND_LOCAL_FAILURE] = SRP_IN_LOCAL_FAILURE,
	};
	static const char *const names[COMMAND_COUNT] = {"validate-switchover", "terminate-post-process",
							 "check configuration", "reset failure",
							 "a local task restarts"};

	if (!world->chassis[node].running || world->places[node].stalled)
		return;
	ladder_node(world->ladder, world->now, node, "%s", names[action->arg]);
	checks_touched(world);
	world_input(world, node,
		    &(struct srp_input){.type = inputs[action->arg],
					.family = (enum srp_family)(action->value % SRP_FAMILY_COUNT)});
}

static void set_health(struct world *world, int node, uint8_t arg)
{
	struct chassis *chassis = &world->chassis[node];

	chassis->health = (struct srp_health){
		.failed = HEALTH_FAILED(arg),
		.ready = arg & HEALTH_READY,
		.frr_down = arg & HEALTH_FRR_DOWN,
	};
	ladder_node(world->ladder, world->now, node, "health: failed %u%s%s", chassis->health.failed,
		    chassis->health.ready ? ", ready" : "",
		    chassis->health.frr_down ? ", bgpd or zebra down" : "");
	checks_touched(world);
	checks_unplanned(world);
	checks_forget_incumbent(world);
	if (!world->places[node].stalled)
		world_input(world, node,
			    &(struct srp_input){.type = SRP_IN_HEALTH, .health = chassis->health});
}

static void stall_over(struct world *world, int node)
{
	struct chassis *chassis = &world->chassis[node];

	ladder_node(world->ladder, world->now, node, "the loop runs again");
	if (!chassis->running)
		return;
	if (world->places[node].config_waits)
		give_config(world, node);
	world->places[node].config_waits = false;
	if (world->places[node].stall_clock_first)
		world_tick(world, node);
	network_pump(world, !node);
	world_facts(world, node);
	if (!world->places[node].stall_clock_first)
		world_tick(world, node);
	world_input(world, node, &(struct srp_input){.type = SRP_IN_HEALTH, .health = chassis->health});
}

void action_begin(struct world *world, uint32_t index)
{
	const struct action *action = &world->script->list[index];
	int node = action->node & 1;
	struct place *place = &world->places[node];
	bool mended = true; /* something ends later */

	switch ((enum action_type)action->type) {
	case ACT_CUT:
		ladder_both(world->ladder, world->now, "%s dead for %u ms",
			    action->arg == 1   ? "gw1 -> gw2 is"
			    : action->arg == 2 ? "gw2 -> gw1 is"
					       : "both directions are",
			    action->duration);
		for (int i = 0; i < 2; i++)
			world->places[i].broken_out += action->arg >> i & 1;
		checks_fault(world, 1);
		break;
	case ACT_RESET:
		ladder_both(world->ladder, world->now, "the connection breaks, %s sees it first",
			    node == 0 ? "gw1" : "gw2");
		checks_fault(world, 0);
		network_close(world, node, false);
		world_facts(world, node);
		mended = false;
		break;
	case ACT_SPIKE:
		ladder_both(world->ladder, world->now, "messages from %s take up to %u ms longer for %u ms",
			    node == 0 ? "gw1" : "gw2", action->value, action->duration);
		if (!place->slow++ || place->spike_max < action->value)
			place->spike_max = action->value;
		checks_fault(world, 1);
		break;
	case ACT_LOSS:
		ladder_both(world->ladder, world->now, "datagram stress of %u %% from %s for %u ms",
			    action->value, node == 0 ? "gw1" : "gw2", action->duration);
		place->lossy++;
		place->loss_percent = action->value;
		checks_stray(world, 1);
		break;
	case ACT_STALL:
		ladder_node(world->ladder, world->now, node, "the loop stands still for %u ms%s",
			    action->duration, action->arg ? ", clock first" : "");
		place->stalled++;
		place->stall_clock_first = action->arg;
		checks_fault(world, 1);
		break;
	case ACT_CRASH:
		checks_fault(world, 1);
		if (node == world->checks.incumbent)
			checks_forget_incumbent(world);
		crash(world, node, action);
		world_plan(world, world->now + action->duration, EVENT_BOOT, node, 0);
		mended = false;
		break;
	case ACT_HEALTH:
		place->ill++;
		set_health(world, node, action->arg);
		break;
	case ACT_SWITCHOVER:
		for (int i = 0; i < 2; i++)
			if (action->node == 2 || action->node == i)
				switchover(world, i, action->arg);
		mended = false;
		break;
	case ACT_COMMAND:
		command(world, node, action);
		mended = false;
		break;
	case ACT_CONFIG:
		change_config(world, node, action);
		break;
	case ACT_DISABLE:
		ladder_node(world->ladder, world->now, node, "disabled for %u ms", action->duration);
		place->disabled++;
		checks_fault(world, 1);
		checks_forget_incumbent(world);
		world->chassis[node].config.enabled = false;
		give_config(world, node);
		break;
	case ACT_STUCK:
		ladder_node(world->ladder, world->now, node, "kernel and bgpd are stuck for %u ms",
			    action->duration);
		place->stuck++;
		checks_fault(world, 1);
		break;
	case ACT_TYPE_COUNT:
		mended = false;
		break;
	}
	if (mended)
		world_plan(world, world->now + action->duration, EVENT_MENDED, node, index);
}

void action_end(struct world *world, uint32_t index)
{
	const struct action *action = &world->script->list[index];
	int node = action->node & 1;
	struct place *place = &world->places[node];

	switch ((enum action_type)action->type) {
	case ACT_CUT:
		checks_fault(world, -1);
		for (int i = 0; i < 2; i++) {
			if (!(action->arg >> i & 1) || --world->places[i].broken_out)
				continue;
			ladder_both(world->ladder, world->now, "%s lives again",
				    i == 0 ? "gw1 -> gw2" : "gw2 -> gw1");
			network_mended(world, i);
		}
		break;
	case ACT_SPIKE:
		/* What is late is still under way. */
		world_plan(world, world->now + place->spike_max, EVENT_CALM, node, 0);
		place->slow--;
		break;
	case ACT_LOSS:
		world_plan(world, world->now + 4 * 1000, EVENT_CALM, node, 1);
		place->lossy--;
		break;
	case ACT_STALL:
		checks_fault(world, -1);
		if (!--place->stalled)
			stall_over(world, node);
		break;
	case ACT_HEALTH:
		if (!--place->ill)
			set_health(world, node, HEALTH_READY);
		break;
	case ACT_CONFIG:
		change_config(world, !node, action);
		break;
	case ACT_DISABLE:
		checks_fault(world, -1);
		if (--place->disabled)
			break;
		ladder_node(world->ladder, world->now, node, "enabled");
		world->chassis[node].config.enabled = true;
		give_config(world, node);
		break;
	case ACT_STUCK:
		checks_fault(world, -1);
		if (--place->stuck)
			break;
		place->flush_id = 0;
		world_apply_later(world, node);
		world_facts(world, node);
		break;
	case ACT_RESET:
	case ACT_CRASH:
	case ACT_SWITCHOVER:
	case ACT_COMMAND:
	case ACT_TYPE_COUNT:
		break;
	}
}
