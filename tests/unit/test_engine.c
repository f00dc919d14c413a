/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two engines with their session managers, over connections that break between any two frames; chassis and managers
 * that die, planned switchovers, both compressions. After each history: both chassis and the manager that serves
 * hold the same sessions, and nothing that was acknowledged is lost.
 */
#include "tests/unit/engine_world.h"

#include <string.h>

static void some_changes(struct world *world, int count)
{
	for (int i = 0; i < count; i++)
		world_change(world, &world->chassis[world_server(world)],
			     &world->chassis[world_server(world)].managers[world_rnd(INSTANCES)]);
}

static void step(struct world *world)
{
	int active = world_server(world), which = (int)world_rnd(2);

	switch (world_rnd(20)) {
	case 0:
		if (world_rnd(20) == 0)
			world_cut(world);
		break;
	case 1:
		if (world_rnd(3) == 0)
			world_link_up(world);
		break;
	case 2:
		world_pass(world, world_rnd(50));
		break;
	case 3:
		if (world_rnd(50) == 0)
			srp_engine_audit(world->chassis[active].engine);
		break;
	case 4: /* a session manager restarts, with or without its sessions */
		if (world_rnd(60) == 0) {
			size_t m = world_rnd(INSTANCES);
			struct model *model = &world->chassis[which].managers[m];

			if (model->id < 0)
				break;
			srp_engine_manager_closed(world->chassis[which].engine, world->now, model->id);
			world_connect_manager(world, &world->chassis[which], m,
					      model->restored && world_rnd(2));
		}
		break;
	case 5:
	case 6:
	case 7:
		world_pump_managers(world, &world->chassis[which]);
		break;
	case 8:
	case 9:
	case 10:
		world_send_frames(world, which);
		break;
	case 11:
	case 12:
	case 13:
	case 14:
		world_take_frame(world, which);
		break;
	default:
		some_changes(world, 1);
	}
}

static void nothing_acknowledged_is_lost(bool hot)
{
	for (uint64_t start = 1; start <= 24; start++) {
		struct world *world = world_new(start, hot);

		world_pass(world, SRP_FETCH_WAIT_MSEC + 1000);
		world_settle(world);
		world_check_settled(world);
		for (int round = 0; round < 5; round++) {
			int active = world_server(world);

			for (int i = 0; i < 800; i++)
				step(world);
			if (world_rnd(2)) {
				world_settle(world);
				world_check_settled(world);
				some_changes(world, (int)world_rnd(30));
			}
			if (world_rnd(2) && instance_is_ready(world_instance_at(world, !active, 0)) &&
			    instance_is_ready(world_instance_at(world, !active, 1))) {
				/* The Active dies, as it is. */
				world_pump_managers(world, &world->chassis[active]);
				world_check_kept(world, active);
				world_kill_chassis(world, active);
				world_set_serves(world, !active, true);
				for (size_t m = 0; m < INSTANCES; m++)
					world_connect_manager(world, &world->chassis[active], m, false);
			} else if (world_rnd(2)) {
				/* The Standby dies. */
				world_kill_chassis(world, !active);
				for (size_t m = 0; m < INSTANCES; m++)
					world_connect_manager(world, &world->chassis[!active], m, false);
			}
			world_settle(world);
			world_check_settled(world);
		}
		world_free(world);
	}
}

static void cold_managers(void **state)
{
	(void)state;
	nothing_acknowledged_is_lost(false);
}

static void hot_managers(void **state)
{
	(void)state;
	nothing_acknowledged_is_lost(true);
}

/* What the old Active has counted meanwhile gets to the session managers of the new one. */
static void flush_accounting(struct world *world, int old, uint32_t id)
{
	struct chassis *chassis = &world->chassis[old];

	for (size_t m = 0; m < INSTANCES; m++)
		world->chassis[!old].managers[m].late = 0;
	chassis->role.flush = SRP_ENGINE_FLUSH_IMS;
	chassis->role.flush_id = id;
	srp_engine_set_role(chassis->engine, world->now, &chassis->role);
	world_settle(world);
	assert_int_equal(chassis->flushed, id);
	for (size_t m = 0; m < INSTANCES; m++)
		assert_int_equal(world->chassis[!old].managers[m].late, 3);
	chassis->role.flush = SRP_ENGINE_FLUSH_NONE;
	srp_engine_set_role(chassis->engine, world->now, &chassis->role);
}

static void planned_switchovers_lose_nothing(void **state)
{
	(void)state;
	for (uint64_t start = 1; start <= 12; start++) {
		struct world *world = world_new(start, start & 2);

		world_pass(world, SRP_FETCH_WAIT_MSEC + 1000);
		world_settle(world);
		for (uint32_t round = 1; round <= 6; round++) {
			int active = world_server(world);
			struct session before[INSTANCES][CALLS];

			for (int i = 0; i < 300; i++)
				step(world);
			world_settle(world);
			some_changes(world, 40);
			world->chassis[active].role.flush = SRP_ENGINE_FLUSH_ALL;
			world->chassis[active].role.flush_id = round;
			srp_engine_set_role(world->chassis[active].engine, world->now,
					    &world->chassis[active].role);
			for (int i = 0; i < 2000 && world->chassis[active].flushed != round; i++) {
				world_pump_managers(world, &world->chassis[active]);
				world_send_frames(world, active);
				world_take_frame(world, !active);
				world_send_frames(world, !active);
				world_take_frame(world, active);
			}
			assert_int_equal(world->chassis[active].flushed, round);
			for (size_t m = 0; m < INSTANCES; m++)
				memcpy(before[m], world->chassis[active].managers[m].sessions,
				       sizeof(before[m]));
			/* For a moment both serve, then for a moment nobody's flags agree. */
			world_set_serves(world, !active, true);
			if (world_rnd(2))
				for (int i = 0; i < 5; i++) {
					world_send_frames(world, !active);
					world_take_frame(world, active);
				}
			world_set_serves(world, active, false);
			world_settle(world);
			world_check_settled(world);
			for (size_t m = 0; m < INSTANCES; m++)
				assert_true(
					world_same_sessions(before[m],
							    world->chassis[!active].managers[m].sessions));
			flush_accounting(world, active, 100 + round);
		}
		world_free(world);
	}
}

/* srpd alone restarts on the Active: the managers, or the peer, have the sessions. */
static void a_restart_on_the_active_loses_nothing(void **state)
{
	(void)state;
	for (uint64_t start = 1; start <= 30; start++) {
		struct world *world = world_new(start, false);
		struct session before[INSTANCES][CALLS];
		bool has[INSTANCES];

		world_pass(world, SRP_FETCH_WAIT_MSEC + 1000);
		world_settle(world);
		some_changes(world, 200);
		world_settle(world);
		world_cut(world);
		srp_engine_free(world->chassis[0].engine);
		for (size_t m = 0; m < INSTANCES; m++)
			memcpy(before[m], world->chassis[0].managers[m].sessions, sizeof(before[m]));
		world_start_engine(world, 0);
		if (world_rnd(2))
			world_link_up(world);
		for (size_t m = 0; m < INSTANCES; m++) {
			has[m] = world_rnd(2);
			world_connect_manager(world, &world->chassis[0], m, has[m]);
			if (world_rnd(2))
				world_pass(world, 300);
			/* The peer may hear of a manager before that has sent what it has. */
			for (uint32_t i = world_rnd(30); i > 0; i--) {
				world_send_frames(world, (int)(i % 2));
				world_take_frame(world, !(i % 2));
			}
		}
		world_settle(world);
		world_check_settled(world);
		for (size_t m = 0; m < INSTANCES; m++)
			assert_true(world_same_sessions(before[m], world->chassis[0].managers[m].sessions));
		world_free(world);
	}
}

/* An audit that finds nothing, and one that mends: neither takes the readiness away, nor is it a synchronisation. */
static void an_audit_is_no_synchronisation(void **state)
{
	struct world *world = world_new(1, false);
	struct srp_instance_info before, after;
	struct srp_walk walk;
	uint32_t hash;

	(void)state;
	world_pass(world, SRP_FETCH_WAIT_MSEC + 1000);
	world_settle(world);
	some_changes(world, 200);
	world_settle(world);
	for (int round = 0; round < 2; round++) {
		int active = world_server(world);
		struct instance *source = world_instance_at(world, active, 0);
		struct instance *sink = world_instance_at(world, !active, 0);
		uint64_t audits = source->feed.stats.audits;

		assert_true(srp_engine_get_instance(world->chassis[active].engine, world->now, source->number,
						    &before));
		assert_true(before.synchronised);
		if (round) {
			srp_walk_start(sink->store, &walk, 0, SRP_HASH_END);
			srp_store_remove(sink->store, srp_walk_next(sink->store, &walk, &hash));
		}
		world_pass(world, 3000);
		assert_true(srp_engine_audit(world->chassis[active].engine));
		for (int i = 0; i < 2000; i++) {
			for (int c = 0; c < 2; c++) {
				world_pump_managers(world, &world->chassis[c]);
				world_send_frames(world, c);
				world_take_frame(world, c);
			}
			assert_string_equal(instance_state(source), "Ready");
			assert_string_equal(instance_state(sink), "Ready");
			world_pass(world, 1);
		}
		assert_int_equal(source->feed.stats.audits, audits + 1);
		world_check_settled(world);
		srp_engine_get_instance(world->chassis[active].engine, world->now, source->number, &after);
		assert_int_equal(after.last_sync_msec, before.last_sync_msec);
		assert_int_equal(after.ready_msec, before.ready_msec);
	}
	world_free(world);
}

/* Under a load that never ends, the lag is that of the oldest change, not of the load. */
static void the_lag_is_of_what_is_not_acknowledged(void **state)
{
	struct world *world = world_new(1, false);
	struct srp_instance_info info;
	uint64_t longest = 0;

	(void)state;
	world_pass(world, SRP_FETCH_WAIT_MSEC + 1000);
	world_settle(world);
	for (int i = 0; i < 3000; i++) {
		int active = world_server(world);

		world_change(world, &world->chassis[active], &world->chassis[active].managers[0]);
		world_send_frames(world, active);
		/* An answer takes one round more, so that something is always under way. */
		if (i % 2)
			world_take_frame(world, !active);
		world_send_frames(world, !active);
		world_take_frame(world, active);
		world_pass(world, 1);
		srp_engine_get_instance(world->chassis[active].engine, world->now,
					world_instance_at(world, active, 0)->number, &info);
		longest = info.lag_msec > longest ? info.lag_msec : longest;
	}
	assert_in_range(longest, 1, 199);
	world_settle(world);
	world_check_settled(world);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold_managers),
		cmocka_unit_test(hot_managers),
		cmocka_unit_test(planned_switchovers_lose_nothing),
		cmocka_unit_test(a_restart_on_the_active_loses_nothing),
		cmocka_unit_test(an_audit_is_no_synchronisation),
		cmocka_unit_test(the_lag_is_of_what_is_not_acknowledged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
