/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arena and the store against a plain model, and their limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/store.h"

#define MIB (UINT64_C(1) << 20)

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* --- arena --- */

static void arena_gives_what_is_asked_and_takes_it_back(void **state)
{
	struct srp_arena *arena = srp_arena_new(16 * MIB);
	uint32_t refs[512] = {0};
	size_t sizes[512];

	(void)state;
	seed = 1;
	for (int step = 0; step < 200000; step++) {
		uint32_t i = rnd(512);

		if (refs[i]) {
			uint8_t *at = srp_arena_at(arena, refs[i]);

			for (size_t b = 0; b<sizes[i]; b += sizes[i]> 64 ? sizes[i] / 64 : 1)
				assert_int_equal(at[b], (uint8_t)i);
			srp_arena_drop(arena, refs[i]);
			refs[i] = 0;
			continue;
		}
		sizes[i] = rnd(10) ? rnd(600) + 1 : rnd(SRP_ARENA_CHUNK_MAX) + 1;
		refs[i] = srp_arena_alloc(arena, sizes[i]);
		if (!refs[i])
			continue;
		assert_true(srp_arena_room(arena, refs[i]) >= sizes[i]);
		assert_int_equal((uintptr_t)srp_arena_at(arena, refs[i]) % 16, 0);
		memset(srp_arena_at(arena, refs[i]), (int)(uint8_t)i, sizes[i]);
		assert_true(srp_arena_used(arena) <= 16 * MIB);
	}
	for (int i = 0; i < 512; i++)
		if (refs[i])
			srp_arena_drop(arena, refs[i]);
	assert_int_equal(srp_arena_used(arena), 0);
	srp_arena_free(arena);
}

static void arena_keeps_its_limit(void **state)
{
	struct srp_arena *arena = srp_arena_new(MIB);
	uint32_t first, count = 0;

	(void)state;
	assert_int_equal(srp_arena_alloc(arena, 0), 0);
	assert_int_equal(srp_arena_alloc(arena, SRP_ARENA_CHUNK_MAX + 1), 0);
	first = srp_arena_alloc(arena, 1024);
	assert_int_not_equal(first, 0);
	for (count = 1; srp_arena_alloc(arena, 1024); count++)
		assert_true(count < 1025);
	assert_int_equal(count, 1024);
	assert_false(srp_arena_charge(arena, 1, false));
	/* Room of the same size can be used again, ... */
	srp_arena_drop(arena, first);
	assert_int_not_equal(srp_arena_alloc(arena, 1000), 0);
	/* ... and a lower limit takes nothing away. */
	srp_arena_set_limit(arena, 65536);
	assert_int_equal(srp_arena_used(arena), MIB);
	assert_int_equal(srp_arena_alloc(arena, 1024), 0);
	srp_arena_free(arena);
}

/* --- store --- */

#define CALLS 200

struct model {
	bool there;
	uint8_t flags;
	uint32_t lifetime;
	size_t macro_len;
	uint8_t macro;
	int field_len[6]; /* -1: not set */
	uint8_t field[6];
};

static size_t make_macro(struct srp_op *op, uint64_t call_id, struct model *model, uint8_t *bytes)
{
	size_t fields = 0;

	*model = (struct model){.there = true,
				.flags = (uint8_t)rnd(2),
				.lifetime = rnd(1000),
				.macro_len = rnd(400),
				.macro = (uint8_t)rnd(256)};
	memset(bytes, model->macro, model->macro_len);
	for (int i = 0; i < 6; i++) {
		uint8_t *at = bytes + 1000 + fields;

		model->field_len[i] = rnd(3) ? -1 : (int)rnd(30);
		if (model->field_len[i] < 0)
			continue;
		model->field[i] = (uint8_t)rnd(256);
		at[0] = (uint8_t)(i * 7 + 2);
		at[1] = 0;
		at[2] = (uint8_t)model->field_len[i];
		memset(at + 3, model->field[i], (size_t)model->field_len[i]);
		fields += 3 + (size_t)model->field_len[i];
	}
	*op = (struct srp_op){.type = SRP_OP_MACRO,
			      .call_id = call_id,
			      .flags = model->flags,
			      .lifetime = model->lifetime,
			      .data = bytes,
			      .len = (uint16_t)model->macro_len,
			      .fields = bytes + 1000,
			      .fields_len = (uint16_t)fields};
	return fields;
}

static void check_record(struct srp_record *record, const struct model *model)
{
	struct srp_stored_field field;
	size_t offset = 0;

	if (!model->there) {
		assert_null(record);
		return;
	}
	assert_non_null(record);
	assert_int_equal(record->flags & SRP_RECORD_IMS, model->flags);
	assert_int_equal(record->lifetime, model->lifetime);
	assert_int_equal(record->macro_len, model->macro_len);
	for (size_t i = 0; i < model->macro_len; i++)
		assert_int_equal(record->data[i], model->macro);
	for (int i = 0; i < 6; i++) {
		if (model->field_len[i] < 0)
			continue;
		assert_true(srp_record_next_field(record, &offset, &field));
		assert_int_equal(field.cmd, i * 7 + 2);
		assert_int_equal(field.len, model->field_len[i]);
		for (int b = 0; b < model->field_len[i]; b++)
			assert_int_equal(field.value[b], model->field[i]);
	}
	assert_false(srp_record_next_field(record, &offset, &field));
}

static void check_order(const struct srp_store *store, uint64_t expected)
{
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash, last = 0;
	uint64_t count = 0;

	srp_walk_start(store, &walk, 0, SRP_HASH_END);
	while ((record = srp_walk_next(store, &walk, &hash))) {
		assert_true(hash >= last);
		assert_int_equal(hash, srp_call_hash(record->call_id));
		last = hash;
		count++;
	}
	assert_int_equal(count, expected);
}

static void store_is_what_was_put(void **state)
{
	struct srp_arena *arena = srp_arena_new(64 * MIB);
	struct srp_store *store = srp_store_new(arena);
	struct model models[CALLS] = {0};
	uint8_t bytes[2000];
	uint64_t there = 0;

	(void)state;
	seed = 7;
	for (int step = 0; step < 100000; step++) {
		uint32_t i = rnd(CALLS);
		struct model *model = &models[i];
		struct srp_record *record = NULL;
		struct srp_op op;

		switch (rnd(5)) {
		case 0:
			there += !model->there;
			make_macro(&op, i, model, bytes);
			srp_store_put_macro(store, &op, &record);
			assert_non_null(record);
			if (rnd(2))
				srp_store_append(store, (uint8_t)(1 + rnd(3)), record);
			break;
		case 1:
			record = srp_store_find(store, i);
			if (!record)
				break;
			srp_store_remove(store, record);
			model->there = false;
			there--;
			break;
		default: {
			unsigned int field = rnd(6), len = rnd(30);
			uint8_t value[32];

			memset(value, (int)(step & 255), len);
			op = (struct srp_op){.type = SRP_OP_MICRO,
					     .call_id = i,
					     .cmd = (uint8_t)(field * 7 + 2),
					     .data = value,
					     .len = (uint16_t)len};
			assert_int_equal(srp_store_put_micro(store, &op, &record),
					 model->there ? SRP_STORE_OK : SRP_STORE_UNKNOWN);
			if (!model->there)
				break;
			model->field_len[field] = (int)len;
			model->field[field] = (uint8_t)(step & 255);
		}
		}
		check_record(srp_store_find(store, i), model);
		assert_int_equal(store->records, there);
		if (step % 5000 == 0)
			check_order(store, there);
	}
	for (uint32_t i = 0; i < CALLS; i++)
		check_record(srp_store_find(store, i), &models[i]);
	/* The lists hold together, whatever chunks their records went through. */
	for (uint8_t list = 1; list <= 3; list++) {
		while (srp_store_first(store, list)) {
			assert_int_equal(srp_store_first(store, list)->list, list);
			srp_store_unlist(store, srp_store_first(store, list));
		}
		assert_int_equal(store->lists[list].count, 0);
	}
	srp_store_free(store);
	assert_int_equal(srp_arena_used(arena), 0);
	srp_arena_free(arena);
}

static void put_plain(struct srp_store *store, uint64_t call_id, size_t len)
{
	static const uint8_t zeros[SRP_RECORD_MAX];
	struct srp_record *record;

	srp_store_put_macro(store,
			    &(struct srp_op){.type = SRP_OP_MACRO,
					     .call_id = call_id,
					     .data = zeros,
					     .len = (uint16_t)len,
					     .fields = zeros},
			    &record);
}

/* A million sessions of 300 bytes: at most 1.4 times their payload, and well under 1 GiB. */
static void a_million_records_are_small(void **state)
{
	struct srp_arena *arena = srp_arena_new(1024 * MIB);
	struct srp_store *store = srp_store_new(arena);

	(void)state;
	for (uint64_t i = 0; i < 100000; i++)
		put_plain(store, i * 977, 300);
	assert_int_equal(store->records, 100000);
	assert_int_equal(store->payload, 30000000);
	assert_true(srp_arena_used(arena) * 10 <= store->payload * 14);
	check_order(store, 100000);
	srp_store_free(store);
	srp_arena_free(arena);
}

static void a_full_store_keeps_what_it_has(void **state)
{
	struct srp_arena *arena = srp_arena_new(2 * MIB);
	struct srp_store *store = srp_store_new(arena);
	struct srp_record *record;
	uint8_t value[40000] = {9};
	uint64_t count;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++)
		put_plain(store, i, 300);
	count = store->records;
	assert_in_range(count, 1000, 9000);
	/* A session that grows finds no room either, and stays as it was. */
	assert_int_equal(srp_store_put_micro(store,
					     &(struct srp_op){.type = SRP_OP_MICRO,
							      .call_id = 1,
							      .cmd = 9,
							      .data = value,
							      .len = sizeof(value)},
					     &record),
			 SRP_STORE_FULL);
	assert_null(record);
	assert_int_equal(srp_store_find(store, 1)->macro_len, 300);
	assert_int_equal(srp_store_find(store, 1)->fields_len, 0);
	assert_int_equal(store->records, count);
	/* What is too big is told apart. */
	assert_int_equal(srp_store_put_micro(store,
					     &(struct srp_op){.type = SRP_OP_MICRO,
							      .call_id = 1,
							      .cmd = 9,
							      .data = value,
							      .len = SRP_RECORD_MAX - SRP_STORED_FIELD_HEAD -
								     299},
					     &record),
			 SRP_STORE_TOO_BIG);
	srp_store_clear(store);
	assert_int_equal(store->records, 0);
	put_plain(store, 5, 300);
	assert_int_equal(store->records, 1);
	srp_store_free(store);
	srp_arena_free(arena);
}

static void digests_tell_records_apart(void **state)
{
	struct srp_arena *arena = srp_arena_new(16 * MIB);
	struct srp_store *left = srp_store_new(arena), *right = srp_store_new(arena);
	struct model model;
	uint8_t bytes[2000];
	struct srp_record *a, *b;
	struct srp_op op;

	(void)state;
	seed = 3;
	for (uint64_t i = 0; i < 500; i++) {
		make_macro(&op, i, &model, bytes);
		srp_store_put_macro(left, &op, &a);
		srp_store_put_macro(right, &op, &b);
		assert_int_equal(srp_record_digest(a), srp_record_digest(b));
		op.lifetime++;
		srp_store_put_macro(right, &op, &b);
		assert_int_not_equal(srp_record_digest(a), srp_record_digest(b));
		op.lifetime--;
		op.flags ^= SRP_OP_IMS;
		srp_store_put_macro(right, &op, &b);
		assert_int_not_equal(srp_record_digest(a), srp_record_digest(b));
		op.flags ^= SRP_OP_IMS;
		srp_store_put_macro(right, &op, &b);
		srp_store_put_micro(
			right, &(struct srp_op){.type = SRP_OP_MICRO, .call_id = i, .cmd = 3, .data = bytes},
			&b);
		assert_int_not_equal(srp_record_digest(a), srp_record_digest(b));
		/* How a field came there is nothing the digest knows. */
		srp_store_put_micro(
			left, &(struct srp_op){.type = SRP_OP_MICRO, .call_id = i, .cmd = 3, .data = bytes},
			&a);
		assert_int_equal(srp_record_digest(a), srp_record_digest(b));
	}
	srp_store_free(left);
	srp_store_free(right);
	srp_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_what_is_asked_and_takes_it_back),
		cmocka_unit_test(arena_keeps_its_limit),
		cmocka_unit_test(store_is_what_was_put),
		cmocka_unit_test(a_million_records_are_small),
		cmocka_unit_test(a_full_store_keeps_what_it_has),
		cmocka_unit_test(digests_tell_records_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
