/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Standby asks for again because it could not take it (NACKs, checkpoint/engine_peer.c): when, how often, and
 * when it gives up. The first chassis serves; what the second asks is watched, and may get lost, on the connection.
 */
#include "tests/unit/engine_world.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/bytes.h"

#define SOURCE 0
#define SINK   1
#define CALL   7
#define MANY   300 /* more than SRP_NACK_ENTRIES */
#define GROUP  32  /* fewer than NACKS_MAX */

struct pair {
	struct world *world;
	bool lossy;         /* what the Standby asks does not arrive */
	unsigned int nacks; /* that it has sent, whether they arrived or not */
	struct srp_frame last;
};

/* --- the pair ------------------------------------------------------------------------------ */

static struct instance *instance_of(struct pair *pair, int which)
{
	return world_instance_at(pair->world, which, 0);
}

static struct srp_record *record_of(struct pair *pair, int which, uint64_t call_id)
{
	return srp_store_find(instance_of(pair, which)->store, call_id);
}

static bool standby_has(struct pair *pair, uint64_t call_id)
{
	struct srp_record *mine = record_of(pair, SOURCE, call_id), *other = record_of(pair, SINK, call_id);

	return mine && other && srp_record_digest(mine) == srp_record_digest(other);
}

static struct srp_engine_info info_of(struct pair *pair, int which)
{
	struct srp_engine_info info;

	srp_engine_get_info(pair->world->chassis[which].engine, &info);
	return info;
}

/* The frames of the Standby from `from` on. */
static void watch(struct pair *pair, size_t from)
{
	struct chassis *chassis = &pair->world->chassis[SOURCE];
	size_t kept = from;

	for (size_t i = from; i < chassis->queued; i++) {
		struct frame *frame = &chassis->queue[i];
		struct srp_names names;
		const char *why;

		if (frame->type == SRP_FRAME_NACK) {
			pair->nacks++;
			assert_true(srp_frame_decode(frame->type, frame->payload, frame->len, &pair->last,
						     &names, &why));
		}
		if (frame->type == SRP_FRAME_NACK && pair->lossy)
			free(frame->payload);
		else
			chassis->queue[kept++] = *frame;
	}
	chassis->queued = kept;
}

/* All that is to be said now. */
static void exchange(struct pair *pair)
{
	struct world *world = pair->world;
	bool any;

	do {
		any = false;
		for (int i = 0; i < 2; i++) {
			size_t queued = world->chassis[SOURCE].queued;

			any = world_pump_managers(world, &world->chassis[i]) || any;
			any = world_send_frames(world, i) || any;
			if (i == SINK)
				watch(pair, queued);
			any = world_take_frame(world, i) || any;
		}
	} while (any);
}

/* Time passes, whole seconds after the start. */
static void pass(struct pair *pair, uint64_t msec)
{
	for (uint64_t until = pair->world->now + msec; pair->world->now < until;) {
		uint64_t step = 1000 - pair->world->now % 1000, left = until - pair->world->now;

		world_pass(pair->world, step < left ? step : left);
		exchange(pair);
	}
}

static void configure(struct pair *pair, bool macro, bool micro, uint32_t max)
{
	struct chassis *chassis = &pair->world->chassis[SINK];

	/* The limit of what is off is another. */
	chassis->config.nack_macro = (struct srp_nack_config){macro, max + !macro};
	chassis->config.nack_micro = (struct srp_nack_config){micro, max + !micro};
	srp_engine_configure(chassis->engine, pair->world->now, &chassis->config);
}

/* Both are ready, at the beginning of a second; everything is at its default. */
static struct pair *pair_new(bool hot)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	pair->world = world_new(1, hot);
	for (int i = 0; i < 2; i++) {
		struct chassis *chassis = &pair->world->chassis[i];

		/* Else everything would come once more while the tests wait. */
		chassis->config.periodic_min = 0;
		srp_engine_configure(chassis->engine, pair->world->now, &chassis->config);
	}
	world_pass(pair->world, SRP_FETCH_WAIT_MSEC + 1000);
	world_settle(pair->world);
	pass(pair, 1000 - pair->world->now % 1000);
	assert_string_equal(instance_state(instance_of(pair, SINK)), "Ready");
	return pair;
}

static void pair_free(struct pair *pair)
{
	world_free(pair->world);
	free(pair);
}

/* --- sessions ------------------------------------------------------------------------------ */

static void say(struct pair *pair, const struct srp_op *op)
{
	struct chassis *chassis = &pair->world->chassis[SOURCE];

	world_send_op(pair->world, chassis, &chassis->managers[0], op);
}

static void put(struct pair *pair, uint64_t call_id)
{
	uint8_t value[8];

	put64(value, ++pair->world->value);
	say(pair, &(struct srp_op){.type = SRP_OP_MACRO, .call_id = call_id, .data = value, .len = 8});
}

static void say_change(struct pair *pair, uint64_t call_id, uint8_t cmd)
{
	uint8_t value[8];

	put64(value, ++pair->world->value);
	say(pair,
	    &(struct srp_op){.type = SRP_OP_MICRO, .call_id = call_id, .cmd = cmd, .data = value, .len = 8});
}

static void change(struct pair *pair, uint64_t call_id, uint8_t cmd)
{
	say_change(pair, call_id, cmd);
	exchange(pair);
}

/* The Standby, and only it, has it no more. */
static void lose(struct pair *pair, uint64_t call_id)
{
	struct srp_record *record = record_of(pair, SINK, call_id);

	if (record)
		srp_feed_bury(&instance_of(pair, SINK)->feed, record);
}

/* The first of `count` calls are on the Active only. */
static void put_and_lose(struct pair *pair, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		put(pair, i);
		if (i % GROUP == 0)
			exchange(pair);
	}
	exchange(pair);
	for (uint64_t i = 0; i < count; i++) {
		assert_true(standby_has(pair, i));
		lose(pair, i);
	}
}

/* Micros of the calls from `from` on; the Standby has room for what it asks because of these. */
static void change_from(struct pair *pair, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		say_change(pair, i, 2);
		if (i % GROUP == 0)
			exchange(pair);
	}
	exchange(pair);
}

static void fill_the_table(struct pair *pair)
{
	configure(pair, false, true, SRP_NACK_RESPONSE);
	put_and_lose(pair, MANY);
	pair->lossy = true;
	change_from(pair, 0, SRP_NACK_ENTRIES);
	assert_int_equal(pair->nacks, SRP_NACK_ENTRIES);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, 0);
}

/* There is room for what found none before. */
static void check_room(struct pair *pair)
{
	unsigned int nacks = pair->nacks;

	pair->lossy = false;
	change_from(pair, SRP_NACK_ENTRIES, MANY);
	assert_int_equal(pair->nacks, nacks + MANY - SRP_NACK_ENTRIES);
	for (uint64_t i = SRP_NACK_ENTRIES; i < MANY; i++)
		assert_true(standby_has(pair, i));
}

/* The session manager of the Standby cannot use it. */
static void refuse(struct pair *pair, uint64_t call_id, uint8_t cmd)
{
	struct chassis *chassis = &pair->world->chassis[SINK];
	uint8_t payload[9];

	put64(payload, call_id);
	payload[8] = cmd;
	srp_engine_manager_receive(chassis->engine, pair->world->now, chassis->managers[0].id, SRP_LOCAL_NACK,
				   payload, sizeof(payload));
	exchange(pair);
}

/* --- what the tests start from, and their end ----------------------------------------------- */

static int cold(void **state)
{
	*state = pair_new(false);
	return 0;
}

static int hot(void **state)
{
	*state = pair_new(true);
	return 0;
}

/* The Standby has lost some sessions, and would ask for what a micro names. */
static int asking(void **state)
{
	struct pair *pair = pair_new(false);

	configure(pair, false, true, SRP_NACK_RESPONSE);
	put_and_lose(pair, CALL + 1);
	*state = pair;
	return 0;
}

static int done(void **state)
{
	pair_free(*state);
	return 0;
}

/* --- whether ------------------------------------------------------------------------------- */

static void nothing_is_asked_for_by_default(void **state)
{
	struct pair *pair = *state;

	put_and_lose(pair, CALL + 1);
	change(pair, CALL, 2);
	assert_int_equal(instance_of(pair, SINK)->receiver.stats.failed, 1);
	/* nor with nack macro: this is a micro */
	configure(pair, true, false, SRP_NACK_RESPONSE);
	change(pair, CALL, 2);
	pass(pair, 2 * SRP_NACK_RETRY_MSEC);
	assert_int_equal(instance_of(pair, SINK)->receiver.stats.failed, 2);
	assert_int_equal(pair->nacks, 0);
	assert_int_equal(info_of(pair, SINK).nacks_sent, 0);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, 0);
	assert_false(standby_has(pair, CALL));
}

static void the_answer_to_a_nack_is_the_whole_session(void **state)
{
	struct pair *pair = *state;

	change(pair, CALL, 3);
	assert_int_equal(pair->nacks, 1);
	assert_int_equal(pair->last.call_id, CALL);
	assert_int_equal(pair->last.cmd, 3);
	assert_true(standby_has(pair, CALL));
	assert_false(standby_has(pair, CALL - 1));
	/* It was answered: that is all. */
	pass(pair, 2 * SRP_NACK_RETRY_MSEC);
	assert_int_equal(pair->nacks, 1);
	assert_int_equal(info_of(pair, SINK).nacks_sent, 1);
	assert_int_equal(info_of(pair, SOURCE).nacks_received, 1);
	assert_int_equal(instance_of(pair, SOURCE)->feed.stats.resends, 1);
}

static void a_disabled_cmd_id_stops_its_own_nacks_only(void **state)
{
	struct pair *pair = *state;
	struct srp_engine *sink = pair->world->chassis[SINK].engine;

	srp_engine_set_nack(sink, 2, false);
	change(pair, CALL, 2);
	assert_int_equal(pair->nacks, 0);
	change(pair, CALL, 3);
	assert_int_equal(pair->nacks, 1);
	assert_int_equal(info_of(pair, SINK).nacks_sent, 1);
	/* It is no counter. */
	srp_engine_clear_statistics(sink);
	assert_int_equal(info_of(pair, SINK).nacks_sent, 0);
	change(pair, CALL - 1, 2);
	assert_int_equal(pair->nacks, 1);
	srp_engine_set_nack(sink, 2, true);
	change(pair, CALL - 1, 2);
	assert_int_equal(pair->nacks, 2);
	assert_int_equal(pair->last.cmd, 2);
	assert_true(standby_has(pair, CALL - 1));
}

static void what_is_asked_for_is_given_up_when_its_cmd_id_is_disabled(void **state)
{
	struct pair *pair = *state;

	pair->lossy = true;
	change(pair, CALL, 2);
	change(pair, CALL - 1, 255);
	assert_int_equal(pair->nacks, 2);
	srp_engine_set_nack(pair->world->chassis[SINK].engine, 255, false);
	pass(pair, SRP_NACK_RETRY_MSEC);
	assert_int_equal(pair->nacks, 3);
	assert_int_equal(pair->last.call_id, CALL);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, 1);
}

/* --- how often ----------------------------------------------------------------------------- */

static void one_that_does_not_come_is_asked_for_again_after_ten_seconds(void **state)
{
	struct pair *pair = *state;

	pair->lossy = true;
	change(pair, CALL, 2);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(pair->nacks, 1);
		pass(pair, SRP_NACK_RETRY_MSEC / 10 - 1);
		/* While it is awaited, other changes of it ask for nothing. */
		change(pair, CALL, 2);
		assert_int_equal(pair->nacks, 1);
		pair->lossy = i < 9;
		pass(pair, 1);
	}
	assert_int_equal(pair->nacks, 2);
	assert_true(standby_has(pair, CALL));
	pass(pair, 2 * SRP_NACK_RETRY_MSEC);
	assert_int_equal(pair->nacks, 2);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, 0);
}

static void one_that_does_not_come_is_asked_for_at_most_max_response_times_in_ten_minutes(void **state)
{
	(void)state;
	for (uint32_t max = 0; max <= SRP_NACK_RESPONSE; max++) {
		struct pair *pair = pair_new(false);

		configure(pair, false, true, max);
		put_and_lose(pair, CALL + 1);
		pair->lossy = true;
		/* not when the engine has its second */
		pass(pair, 500);
		for (unsigned int window = 1; window <= 2; window++) {
			change(pair, CALL, 2);
			pass(pair, SRP_NACK_WINDOW_MSEC - 1);
			change(pair, CALL, 2);
			assert_int_equal(pair->nacks, window * max);
			/* one every ten seconds, if that were allowed */
			assert_int_equal(info_of(pair, SINK).nacks_suppressed,
					 window * (SRP_NACK_WINDOW_MSEC / SRP_NACK_RETRY_MSEC - max));
			pass(pair, 1);
		}
		/* Another one has a count of its own. */
		change(pair, CALL - 1, 2);
		assert_int_equal(pair->last.call_id, max ? CALL - 1 : 0);
		pair_free(pair);
	}
}

static void one_that_is_lost_again_and_again_is_asked_for_at_most_max_response_times(void **state)
{
	struct pair *pair = *state;

	for (unsigned int i = 1; i <= SRP_NACK_RESPONSE; i++) {
		change(pair, CALL, 2);
		assert_int_equal(pair->nacks, i);
		assert_true(standby_has(pair, CALL));
		lose(pair, CALL);
		pass(pair, 2 * SRP_NACK_RETRY_MSEC);
	}
	change(pair, CALL, 2);
	pass(pair, SRP_NACK_WINDOW_MSEC / 2);
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE);
	assert_true(info_of(pair, SINK).nacks_suppressed > 0);
	assert_false(standby_has(pair, CALL));
	/* Ten minutes after the first it begins anew. */
	pass(pair, SRP_NACK_WINDOW_MSEC / 2);
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE + 1);
	assert_true(standby_has(pair, CALL));
	/* And so once more; but what does not come in all the third is given up. */
	pair->lossy = true;
	lose(pair, CALL);
	change(pair, CALL, 2);
	pass(pair, SRP_NACK_WINDOW_MSEC);
	assert_int_equal(pair->nacks, 3 * SRP_NACK_RESPONSE);
	pass(pair, SRP_NACK_WINDOW_MSEC);
	assert_int_equal(pair->nacks, 3 * SRP_NACK_RESPONSE);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, 0);
}

/* --- session managers ---------------------------------------------------------------------- */

static void what_a_manager_cannot_use_is_asked_for_with_nack_macro_only(void **state)
{
	struct pair *pair = *state;
	struct session *session = &pair->world->chassis[SINK].managers[0].sessions[CALL];
	uint64_t value;

	put(pair, CALL);
	exchange(pair);
	value = pair->world->value;
	assert_int_equal(session->macro, value);
	session->macro = 0;
	configure(pair, false, true, SRP_NACK_RESPONSE);
	refuse(pair, CALL, 0);
	assert_int_equal(pair->nacks, 0);
	configure(pair, true, false, SRP_NACK_RESPONSE);
	refuse(pair, CALL, 2);
	assert_int_equal(pair->nacks, 0);
	assert_int_equal(session->macro, 0);
	refuse(pair, CALL, 0);
	assert_int_equal(pair->nacks, 1);
	assert_int_equal(pair->last.call_id, CALL);
	assert_int_equal(pair->last.cmd, 0);
	assert_int_equal(session->macro, value);
}

static void what_a_manager_never_can_use_is_asked_for_at_most_max_response_times(void **state)
{
	struct pair *pair = *state;
	struct session *session = &pair->world->chassis[SINK].managers[0].sessions[CALL];

	configure(pair, true, false, SRP_NACK_RESPONSE);
	put(pair, CALL);
	exchange(pair);
	/* Whatever comes is refused at once. */
	for (unsigned int i = 0; i <= SRP_NACK_RESPONSE; i++) {
		assert_int_equal(pair->nacks, i);
		assert_true(session->there);
		session->there = false;
		refuse(pair, CALL, 0);
	}
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, 1);
	pass(pair, SRP_NACK_WINDOW_MSEC - 1);
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE);
	assert_false(session->there);
	/* It came each time; so it is worth trying again. */
	pass(pair, 1);
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE + 1);
	assert_true(session->there);
	/* The manager has said nothing against it now: that is all. */
	pass(pair, 2 * SRP_NACK_WINDOW_MSEC);
	assert_int_equal(pair->nacks, SRP_NACK_RESPONSE + 1);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, 0);
}

/* --- how many ------------------------------------------------------------------------------ */

static void what_a_full_table_has_no_room_for_is_not_asked_for(void **state)
{
	struct pair *pair = *state;

	pass(pair, 500);
	fill_the_table(pair);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, SRP_NACK_ENTRIES);
	/* just before all of them are asked for again */
	pass(pair, SRP_NACK_RETRY_MSEC);
	pair->lossy = false;
	change_from(pair, SRP_NACK_ENTRIES, MANY);
	assert_int_equal(pair->nacks, SRP_NACK_ENTRIES);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, MANY - SRP_NACK_ENTRIES);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, SRP_NACK_ENTRIES);
	for (uint64_t i = SRP_NACK_ENTRIES; i < MANY; i++)
		assert_false(standby_has(pair, i));
	/* Those of the other session managers are others'. */
	assert_int_equal(world_instance_at(pair->world, SINK, 1)->nacks_open, 0);
}

static void more_at_once_than_fit_into_the_queue_are_asked_for_ten_seconds_later(void **state)
{
	struct pair *pair = *state;

	configure(pair, false, true, SRP_NACK_RESPONSE);
	put_and_lose(pair, NACKS_MAX + 10);
	for (uint64_t i = 0; i < NACKS_MAX + 10; i++)
		say_change(pair, i, 2);
	exchange(pair);
	assert_int_equal(pair->nacks, NACKS_MAX);
	assert_int_equal(info_of(pair, SINK).nacks_suppressed, 10);
	pass(pair, SRP_NACK_RETRY_MSEC);
	assert_int_equal(pair->nacks, NACKS_MAX + 10);
	for (uint64_t i = 0; i < NACKS_MAX + 10; i++)
		assert_true(standby_has(pair, i));
}

static void answers_make_room_in_a_full_table(void **state)
{
	struct pair *pair = *state;

	fill_the_table(pair);
	pair->lossy = false;
	/* NACKS_MAX of them at a time. */
	pass(pair, (SRP_NACK_ENTRIES / NACKS_MAX + 1) * SRP_NACK_RETRY_MSEC);
	for (uint64_t i = 0; i < SRP_NACK_ENTRIES; i++)
		assert_true(standby_has(pair, i));
	check_room(pair);
}

static void an_answer_makes_no_room_before_ten_seconds_are_over(void **state)
{
	struct pair *pair = *state;

	configure(pair, false, true, 1);
	put_and_lose(pair, MANY);
	change_from(pair, 0, MANY);
	assert_int_equal(pair->nacks, SRP_NACK_ENTRIES);
	assert_true(standby_has(pair, SRP_NACK_ENTRIES - 1));
	pass(pair, SRP_NACK_RETRY_MSEC - 1);
	change_from(pair, SRP_NACK_ENTRIES, MANY);
	assert_int_equal(pair->nacks, SRP_NACK_ENTRIES);
	pass(pair, 1);
	check_room(pair);
	/* Those that were not needed still count; of the others nothing is known any more. */
	lose(pair, MANY - SRP_NACK_ENTRIES);
	change(pair, MANY - SRP_NACK_ENTRIES, 2);
	assert_int_equal(pair->nacks, MANY);
	lose(pair, 0);
	change(pair, 0, 2);
	assert_int_equal(pair->nacks, MANY + 1);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, SRP_NACK_ENTRIES);
}

static void sessions_that_end_make_room_in_a_full_table(void **state)
{
	struct pair *pair = *state;

	fill_the_table(pair);
	for (uint64_t i = 0; i < SRP_NACK_ENTRIES; i++)
		say(pair,
		    i & 1 ? &(struct srp_op){.type = SRP_OP_DELETE, .call_id = i}
			  : &(struct srp_op){.type = SRP_OP_MICRO, .call_id = i, .cmd = SRP_CMD_INVALIDATE});
	exchange(pair);
	/* Nobody asks for them any more. */
	pass(pair, 2 * SRP_NACK_RETRY_MSEC);
	assert_int_equal(pair->nacks, SRP_NACK_ENTRIES);
	check_room(pair);
}

static void what_never_comes_makes_room_in_a_full_table_after_ten_minutes(void **state)
{
	struct pair *pair = *state;

	fill_the_table(pair);
	pass(pair, SRP_NACK_WINDOW_MSEC - 1);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, SRP_NACK_ENTRIES);
	pass(pair, 1);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, 0);
	check_room(pair);
}

static void a_connection_that_ends_empties_the_table(void **state)
{
	struct pair *pair = *state;

	fill_the_table(pair);
	world_cut(pair->world);
	pass(pair, 1000);
	assert_int_equal(instance_of(pair, SINK)->nacks_open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_asked_for_by_default, cold, done),
		cmocka_unit_test_setup_teardown(the_answer_to_a_nack_is_the_whole_session, asking, done),
		cmocka_unit_test_setup_teardown(a_disabled_cmd_id_stops_its_own_nacks_only, asking, done),
		cmocka_unit_test_setup_teardown(what_is_asked_for_is_given_up_when_its_cmd_id_is_disabled,
						asking, done),
		cmocka_unit_test_setup_teardown(one_that_does_not_come_is_asked_for_again_after_ten_seconds,
						asking, done),
		cmocka_unit_test(
			one_that_does_not_come_is_asked_for_at_most_max_response_times_in_ten_minutes),
		cmocka_unit_test_setup_teardown(
			one_that_is_lost_again_and_again_is_asked_for_at_most_max_response_times, asking,
			done),
		cmocka_unit_test_setup_teardown(what_a_manager_cannot_use_is_asked_for_with_nack_macro_only,
						hot, done),
		cmocka_unit_test_setup_teardown(
			what_a_manager_never_can_use_is_asked_for_at_most_max_response_times, hot, done),
		cmocka_unit_test_setup_teardown(what_a_full_table_has_no_room_for_is_not_asked_for, cold,
						done),
		cmocka_unit_test_setup_teardown(
			more_at_once_than_fit_into_the_queue_are_asked_for_ten_seconds_later, cold, done),
		cmocka_unit_test_setup_teardown(answers_make_room_in_a_full_table, cold, done),
		cmocka_unit_test_setup_teardown(an_answer_makes_no_room_before_ten_seconds_are_over, cold,
						done),
		cmocka_unit_test_setup_teardown(sessions_that_end_make_room_in_a_full_table, cold, done),
		cmocka_unit_test_setup_teardown(what_never_comes_makes_room_in_a_full_table_after_ten_minutes,
						cold, done),
		cmocka_unit_test_setup_teardown(a_connection_that_ends_empties_the_table, cold, done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
