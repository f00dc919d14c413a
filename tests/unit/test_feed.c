/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feed and a receiver over connections that break at every place: what was acknowledged is at the receiver, and
 * when all is quiet, both have the same. Values carry the number of the change that wrote them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bytes.h"
#include "checkpoint/feed.h"
#include "checkpoint/receiver.h"

#define CALLS     120
#define CMDS      4
#define QUEUE_MAX 8

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

struct change {
	bool deleted, macro;
	uint64_t call_id;
	uint8_t cmd;
};

struct message {
	uint32_t seq;
	size_t len;
	uint8_t *bytes;
};

struct world {
	struct srp_arena *arena;
	struct srp_store *from, *to;
	struct srp_feed feed, mirror;
	struct srp_receiver receiver;
	uint32_t now;

	struct message wire[QUEUE_MAX]; /* batches under way */
	size_t wire_count;
	uint32_t acks[QUEUE_MAX]; /* answers under way */
	size_t ack_count;
	struct {
		uint8_t bits;
		uint32_t bucket;
	} differs[4096];
	size_t differ_count;
	bool connected, ever;
	uint32_t applied, expected;

	struct change *history; /* of change n at n */
	uint64_t changes;
	uint64_t failed, purged, resumed;
};

static void on_differ(void *arg, uint8_t bits, uint32_t bucket)
{
	struct world *world = arg;

	assert_true(world->differ_count < 4096);
	world->differs[world->differ_count].bits = bits;
	world->differs[world->differ_count++].bucket = bucket;
}

static void on_failed(void *arg, const struct srp_op *op, enum srp_store_result why)
{
	struct world *world = arg;

	(void)op;
	(void)why;
	world->failed++;
}

static void on_mended(void *arg, uint64_t call_id)
{
	(void)arg;
	(void)call_id;
}

static void on_purge(void *arg, const struct srp_record *record)
{
	struct world *world = arg;

	(void)record;
	world->purged++;
}

static struct world *world_new(uint64_t start)
{
	struct world *world = calloc(1, sizeof(*world));

	seed = start;
	world->arena = srp_arena_new(UINT64_C(64) << 20);
	world->from = srp_store_new(world->arena);
	world->to = srp_store_new(world->arena);
	world->now = 1000;
	srp_feed_init(&world->feed, world->from, world->now);
	srp_feed_init(&world->mirror, world->to, world->now);
	srp_receiver_init(&world->receiver, &world->mirror,
			  &(struct srp_receiver_events){.differ = on_differ,
							.failed = on_failed,
							.mended = on_mended,
							.purge = on_purge,
							.arg = world});
	world->history = calloc(200000, sizeof(*world->history));
	return world;
}

static void drop_wire(struct world *world)
{
	for (size_t i = 0; i < world->wire_count; i++)
		free(world->wire[i].bytes);
	world->wire_count = world->ack_count = world->differ_count = 0;
	world->connected = false;
}

static void world_free(struct world *world)
{
	drop_wire(world);
	srp_receiver_clear(&world->receiver);
	srp_feed_clear(&world->feed);
	srp_feed_clear(&world->mirror);
	srp_store_free(world->from);
	srp_store_free(world->to);
	assert_int_equal(srp_arena_used(world->arena), 0);
	srp_arena_free(world->arena);
	free(world->history);
	free(world);
}

/* --- what a session manager does --- */

static void change(struct world *world)
{
	uint64_t call_id = rnd(CALLS), number = world->feed.version + 1;
	uint8_t bytes[400], fields[SRP_FIELD_HEAD + 8] = {0};
	struct srp_op op = {.type = SRP_OP_MICRO,
			    .call_id = call_id,
			    .cmd = (uint8_t)(10 + rnd(CMDS)),
			    .data = bytes};
	enum srp_store_result result;

	memset(bytes, 0, sizeof(bytes));
	put64(bytes, number);
	op.len = (uint16_t)(8 + rnd(20));
	switch (rnd(8)) {
	case 0:
		op.type = SRP_OP_DELETE;
		break;
	case 1:
		op = (struct srp_op){.type = SRP_OP_MICRO, .call_id = call_id, .cmd = SRP_CMD_INVALIDATE};
		break;
	case 2:
	case 3:
		op.type = SRP_OP_MACRO;
		op.len = (uint16_t)(8 + rnd(380));
		op.fields = fields;
		fields[0] = 10;
		fields[2] = 8;
		put64(fields + 3, number);
		op.fields_len = rnd(2) ? sizeof(fields) : 0;
		break;
	default:
		break;
	}
	result = srp_feed_put(&world->feed, world->now, &op);
	if (result != SRP_STORE_OK && result != SRP_STORE_NEW)
		return;
	assert_int_equal(world->feed.version, number);
	world->changes = number;
	world->history[number] =
		(struct change){.call_id = call_id,
				.deleted = op.type == SRP_OP_DELETE || op.cmd == SRP_CMD_INVALIDATE,
				.macro = op.type == SRP_OP_MACRO,
				.cmd = op.cmd};
}

/* --- the connection --- */

static void connect_up(struct world *world)
{
	if (world->connected)
		return;
	world->connected = true;
	srp_receiver_restart(&world->receiver);
	if (world->ever && srp_feed_resume(&world->feed, world->applied)) {
		world->expected = world->feed.seq + 1;
		world->resumed++;
		return;
	}
	assert_true(srp_feed_start(&world->feed, world->now,
				   world->to->records || rnd(3) == 0 ? SRP_WALK_COMPARE : SRP_WALK_WHOLE));
	world->applied = world->feed.seq;
	world->expected = world->feed.seq + 1;
	world->ever = true;
}

static void transmit(struct world *world)
{
	static uint8_t buf[4000];
	size_t len;

	if (!world->connected || world->wire_count == QUEUE_MAX)
		return;
	/* So little that much has to wait; the longest record here takes 500. */
	len = srp_feed_fill(&world->feed, world->now, buf, 600 + rnd(3400));
	if (!len)
		return;
	world->wire[world->wire_count] =
		(struct message){.seq = world->feed.seq, .len = len, .bytes = malloc(len)};
	memcpy(world->wire[world->wire_count++].bytes, buf, len);
}

static void receive(struct world *world)
{
	struct message first;
	const char *why;

	if (!world->wire_count || world->ack_count == QUEUE_MAX)
		return;
	first = world->wire[0];
	memmove(world->wire, world->wire + 1, --world->wire_count * sizeof(first));
	assert_true(srp_receiver_apply(&world->receiver, world->now, first.bytes, first.len, &why));
	assert_int_equal(first.seq, world->expected++);
	world->applied = first.seq;
	world->acks[world->ack_count++] = first.seq;
	free(first.bytes);
}

static void answer(struct world *world)
{
	if (!world->ack_count)
		return;
	for (size_t i = 0; i < world->differ_count; i++)
		assert_true(srp_feed_differ(&world->feed, world->differs[i].bits, world->differs[i].bucket));
	world->differ_count = 0;
	assert_true(srp_feed_ack(&world->feed, world->acks[0]));
	memmove(world->acks, world->acks + 1, --world->ack_count * sizeof(world->acks[0]));
}

/* --- what must hold --- */

static void check_value(const struct world *world, const uint8_t *value, uint64_t call_id, uint8_t cmd)
{
	uint64_t number = get64(value);

	/* Nothing newer was acknowledged. */
	for (uint64_t n = number + 1; n <= srp_feed_acked(&world->feed); n++) {
		const struct change *other = &world->history[n];

		if (other->call_id != call_id)
			continue;
		/* A later macro would have replaced the field, a later delete the session. */
		assert_false(other->deleted || other->macro || other->cmd == cmd);
	}
}

static void check_acknowledged(struct world *world)
{
	bool exists[CALLS] = {false};

	for (uint64_t n = 1; n <= srp_feed_acked(&world->feed); n++)
		if (world->history[n].macro || world->history[n].deleted)
			exists[world->history[n].call_id] = world->history[n].macro;
	/* What is gone after that may be gone at the receiver already, and what came after may be there. */
	for (uint64_t n = srp_feed_acked(&world->feed) + 1; n <= world->changes; n++)
		if (world->history[n].deleted)
			exists[world->history[n].call_id] = false;
	for (uint64_t call_id = 0; call_id < CALLS; call_id++) {
		struct srp_record *record = srp_store_find(world->to, call_id);
		struct srp_stored_field field;
		size_t offset = 0;

		if (exists[call_id])
			assert_non_null(record);
		if (!record)
			continue;
		while (srp_record_next_field(record, &offset, &field))
			check_value(world, field.value, call_id, field.cmd);
	}
}

static void check_same(struct world *world)
{
	assert_int_equal(world->from->records, world->to->records);
	assert_int_equal(world->from->payload, world->to->payload);
	for (uint64_t call_id = 0; call_id < CALLS; call_id++) {
		struct srp_record *a = srp_store_find(world->from, call_id);
		struct srp_record *b = srp_store_find(world->to, call_id);

		assert_int_equal(!a, !b);
		if (a)
			assert_int_equal(srp_record_digest(a), srp_record_digest(b));
	}
}

static void quiet(struct world *world)
{
	connect_up(world);
	for (int i = 0; i < 10000 && (!srp_feed_is_idle(&world->feed) || world->feed.walk ||
				      world->wire_count || world->ack_count);
	     i++) {
		transmit(world);
		receive(world);
		answer(world);
	}
	assert_true(srp_feed_is_idle(&world->feed));
	assert_int_equal(world->feed.walk, SRP_WALK_NONE);
	assert_int_equal(srp_feed_acked(&world->feed), world->feed.version);
	assert_true(world->receiver.complete);
}

static void settle(struct world *world)
{
	quiet(world);
	check_same(world);
}

static void lose_receiver(struct world *world)
{
	drop_wire(world);
	srp_store_clear(world->to);
	world->receiver.complete = false;
	world->ever = false;
}

static uint64_t run(uint64_t start, int steps)
{
	struct world *world = world_new(start);
	bool restarted = false;
	uint64_t resumed;

	for (int step = 0; step < steps; step++) {
		switch (rnd(16)) {
		case 0:
			if (rnd(6) == 0)
				drop_wire(world);
			break;
		case 1:
			connect_up(world);
			break;
		case 2:
			if (rnd(200) == 0) {
				lose_receiver(world);
				restarted = true;
			}
			break;
		case 3:
			if (rnd(20) == 0)
				srp_feed_begin_walk(&world->feed, rnd(2) ? SRP_WALK_AUDIT : SRP_WALK_REFRESH);
			break;
		case 4:
		case 5:
		case 6:
		case 7:
			transmit(world);
			break;
		case 8:
		case 9:
			receive(world);
			break;
		case 10:
		case 11:
			answer(world);
			break;
		default:
			change(world);
		}
		/* A receiver that has lost everything has that until it was told all again. */
		if (world->receiver.complete && restarted && srp_feed_is_idle(&world->feed))
			restarted = false;
		if (!restarted && world->ever && step % 16 == 0)
			check_acknowledged(world);
		if (rnd(2000) == 0)
			settle(world);
	}
	settle(world);
	assert_int_equal(world->failed, 0);
	resumed = world->resumed;
	world_free(world);
	return resumed;
}

static void what_was_acknowledged_is_there(void **state)
{
	uint64_t resumed = 0;

	(void)state;
	for (uint64_t start = 1; start <= 60; start++)
		resumed += run(start, 4000);
	assert_in_range(resumed, 500, 20000);
}

static void sessions_must_be_old_enough(void **state)
{
	struct world *world = world_new(5);
	uint8_t bytes[8] = {0};
	struct srp_op op = {.type = SRP_OP_MACRO, .data = bytes, .len = 8, .fields = bytes};

	(void)state;
	srp_feed_set_duration(&world->feed, world->now, 20, 60);
	/* Of the ims class, of the other, and one that is as old as it must be. */
	op.call_id = 1;
	op.flags = SRP_OP_IMS;
	srp_feed_put(&world->feed, world->now, &op);
	quiet(world); /* a walk leaves the young out, too */
	assert_null(srp_store_find(world->to, 1));
	op.call_id = 2;
	op.flags = 0;
	srp_feed_put(&world->feed, world->now, &op);
	op.call_id = 3;
	op.age = 60;
	srp_feed_put(&world->feed, world->now, &op);
	op.call_id = 4;
	op.age = 0;
	srp_feed_put(&world->feed, world->now, &op);
	assert_int_equal(srp_feed_young(&world->feed), 3);
	for (; world->now < 1060; srp_feed_tick(&world->feed, ++world->now)) {
		while (srp_feed_ready(&world->feed)) {
			transmit(world);
			receive(world);
			answer(world);
		}
		assert_int_equal(!srp_store_find(world->to, 1), world->now < 1020);
		assert_null(srp_store_find(world->to, 2));
		assert_non_null(srp_store_find(world->to, 3));
		/* Ended young: nobody ever hears of it. */
		if (world->now == 1030)
			srp_feed_put(&world->feed, world->now,
				     &(struct srp_op){.type = SRP_OP_DELETE, .call_id = 4});
	}
	settle(world);
	assert_non_null(srp_store_find(world->to, 2));
	assert_null(srp_store_find(world->to, 4));
	assert_int_equal(world->feed.stats.deletes, 0);
	/* A hand-over takes all. */
	op.call_id = 5;
	srp_feed_put(&world->feed, world->now, &op);
	srp_feed_mature_all(&world->feed);
	settle(world);
	world_free(world);
}

static void an_audit_finds_and_mends(void **state)
{
	struct world *world = world_new(9);
	struct srp_record *record;
	uint64_t micros;

	(void)state;
	for (int i = 0; i < 400; i++)
		change(world);
	settle(world);
	/* Damage of every kind at the receiver: a lost record, one too many, one that is wrong. */
	for (uint64_t id = 0, done = 0; done < 2; id++) {
		record = srp_store_find(world->to, id);
		if (!record)
			continue;
		if (done++)
			srp_store_remove(world->to, record);
		else
			record->data[0] ^= 1;
	}
	srp_store_put_macro(world->to,
			    &(struct srp_op){.type = SRP_OP_MACRO,
					     .call_id = 99999,
					     .fields = (const uint8_t *)""},
			    &record);
	micros = world->feed.stats.micros;
	assert_true(srp_feed_begin_walk(&world->feed, SRP_WALK_AUDIT));
	settle(world);
	assert_int_equal(world->purged, 1);
	assert_int_equal(world->feed.stats.audits, 1);
	assert_in_range(world->receiver.stats.differing, 1, 3);
	assert_int_equal(world->feed.stats.micros, micros);
	/* The next one finds nothing, and is short. */
	micros = world->feed.stats.macros;
	assert_true(srp_feed_begin_walk(&world->feed, SRP_WALK_AUDIT));
	settle(world);
	assert_int_equal(world->feed.stats.macros, micros);
	world_free(world);
}

/* While everything changes, and batches and answers take their time. */
static void an_audit_of_what_is_the_same_finds_nothing(void **state)
{
	struct world *world = world_new(13);
	uint64_t audits = 0, differing;

	(void)state;
	for (int i = 0; i < 400; i++)
		change(world);
	settle(world);
	differing = world->receiver.stats.differing;
	for (int step = 0; step < 60000; step++) {
		if (rnd(4) == 0)
			change(world);
		if (rnd(3) == 0)
			transmit(world);
		if (rnd(3) == 0)
			receive(world);
		if (rnd(3) == 0)
			answer(world);
		if (rnd(500) == 0)
			srp_feed_begin_walk(&world->feed, SRP_WALK_AUDIT);
		audits = world->feed.stats.audits;
	}
	assert_in_range(audits, 20, 1000);
	assert_int_equal(world->receiver.stats.differing, differing);
	settle(world);
	world_free(world);
}

static void an_update_is_sent_as_it_is_and_once(void **state)
{
	struct world *world = world_new(11);
	uint8_t bytes[300] = {1};
	struct srp_op macro = {
		.type = SRP_OP_MACRO, .call_id = 7, .data = bytes, .len = 300, .fields = bytes};
	struct srp_op micro = {.type = SRP_OP_MICRO, .call_id = 7, .cmd = 10, .data = bytes, .len = 20};
	uint64_t before;

	(void)state;
	srp_feed_put(&world->feed, world->now, &macro);
	settle(world);
	before = world->feed.stats.bytes;
	for (int i = 0; i < 1000; i++)
		srp_feed_put(&world->feed, world->now, &micro);
	settle(world);
	assert_int_equal(world->feed.stats.micros, 1);
	assert_int_equal(world->feed.stats.bytes - before, SRP_OP_MICRO_HEAD + 20);
	assert_int_equal(srp_feed_acked(&world->feed), world->feed.version);
	world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_is_there),
		cmocka_unit_test(sessions_must_be_old_enough),
		cmocka_unit_test(an_audit_finds_and_mends),
		cmocka_unit_test(an_audit_of_what_is_the_same_finds_nothing),
		cmocka_unit_test(an_update_is_sent_as_it_is_and_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
