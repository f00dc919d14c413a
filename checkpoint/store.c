/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See store.h. The table: sorted linear probing. A record lies at or after the slot that its hash's first bits name. */
#include "checkpoint/store.h"

#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "checkpoint/bytes.h"

#define BITS_MIN 6
#define BITS_MAX 30
#define SPARE    64 /* slots behind the end, at first */

static uint64_t mix(uint64_t value)
{
	/* Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014: the finalizer. */
	value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
	value = (value ^ value >> 27) * 0x94d049bb133111ebu;
	return value ^ value >> 31;
}

uint32_t srp_call_hash(uint64_t call_id)
{
	return (uint32_t)(mix(call_id + 0x9e3779b97f4a7c15u) >> 32);
}

static uint32_t slot_hash(uint64_t slot)
{
	return (uint32_t)(slot >> 32);
}

static uint32_t slot_ref(uint64_t slot)
{
	return (uint32_t)slot;
}

static size_t slot_total(const struct srp_store *store)
{
	return ((size_t)1 << store->bits) + store->spare;
}

static size_t slot_home(const struct srp_store *store, uint32_t hash)
{
	return hash >> (32 - store->bits);
}

static struct srp_record *at(const struct srp_store *store, uint32_t ref)
{
	return srp_arena_at(store->arena, ref);
}

static uint32_t ref_of(const struct srp_store *store, const struct srp_record *record)
{
	return (uint32_t)(((const uint8_t *)record - (const uint8_t *)srp_arena_at(store->arena, 0)) /
			  SRP_ARENA_UNIT);
}

/* The slot of a call id, tombstones included. False: *slot is where it would be inserted. */
static bool find_slot(const struct srp_store *store, uint64_t call_id, uint32_t hash, size_t *slot)
{
	size_t i = slot_home(store, hash);

	while (store->slots[i] && slot_hash(store->slots[i]) < hash)
		i++;
	while (store->slots[i] && slot_hash(store->slots[i]) == hash) {
		if (at(store, slot_ref(store->slots[i]))->call_id == call_id) {
			*slot = i;
			return true;
		}
		i++;
	}
	*slot = i;
	return false;
}

/* --- the table's size ---------------------------------------------------------------------- */

static bool resize(struct srp_store *store, uint32_t bits, uint32_t spare)
{
	struct srp_store next = {.bits = bits, .spare = spare};
	size_t total = slot_total(&next), before = store->slots ? slot_total(store) : 0, last = 0;

	/* An empty store is no session: the limit is for these. */
	if (!srp_arena_charge(store->arena, total * sizeof(*store->slots), !store->slots))
		return false;
	/* One more, which stays free: runs end there. */
	next.slots = calloc(total + 1, sizeof(*next.slots));
	if (!next.slots)
		goto no;
	for (size_t i = 0; i < before; i++) {
		size_t home;

		if (!store->slots[i])
			continue;
		home = slot_home(&next, slot_hash(store->slots[i]));
		last = home > last ? home : last;
		if (last == total)
			goto no;
		next.slots[last++] = store->slots[i];
	}
	srp_arena_uncharge(store->arena, before * sizeof(*store->slots));
	free(store->slots);
	store->slots = next.slots;
	store->bits = bits;
	store->spare = spare;
	return true;
no:
	free(next.slots);
	srp_arena_uncharge(store->arena, total * sizeof(*store->slots));
	return false;
}

/* Four fifths full at most, and room behind the end. */
static bool make_room(struct srp_store *store)
{
	if ((uint64_t)(store->used + 1) * 5 > (UINT64_C(4) << store->bits) &&
	    !resize(store, store->bits + 1, SPARE))
		return false;
	return !store->slots[slot_total(store) - 1] || resize(store, store->bits, store->spare * 2);
}

void srp_store_expect(struct srp_store *store, uint64_t records)
{
	uint32_t bits = store->bits;

	while (bits < BITS_MAX && records * 5 > UINT64_C(4) << bits)
		bits++;
	if (bits > store->bits)
		resize(store, bits, SPARE);
}

static void shrink(struct srp_store *store)
{
	if (store->bits > BITS_MIN && (uint64_t)store->used * 10 < (UINT64_C(1) << store->bits))
		resize(store, store->bits - 1, SPARE);
}

static void insert(struct srp_store *store, size_t slot, uint32_t hash, uint32_t ref)
{
	size_t end = slot;

	while (store->slots[end])
		end++;
	memmove(&store->slots[slot + 1], &store->slots[slot], (end - slot) * sizeof(*store->slots));
	store->slots[slot] = (uint64_t)hash << 32 | ref;
	store->used++;
}

static void erase(struct srp_store *store, size_t slot)
{
	size_t end = slot + 1;

	/* What lies behind its home moves up. */
	while (store->slots[end] && slot_home(store, slot_hash(store->slots[end])) < end)
		end++;
	memmove(&store->slots[slot], &store->slots[slot + 1], (end - slot - 1) * sizeof(*store->slots));
	store->slots[end - 1] = 0;
	store->used--;
}

/* --- life ---------------------------------------------------------------------------------- */

struct srp_store *srp_store_new(struct srp_arena *arena)
{
	struct srp_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->arena = arena;
	if (resize(store, BITS_MIN, SPARE))
		return store;
	free(store);
	return NULL;
}

void srp_store_clear(struct srp_store *store)
{
	for (size_t i = 0; i < slot_total(store); i++)
		if (store->slots[i])
			srp_arena_drop(store->arena, slot_ref(store->slots[i]));
	memset(store->slots, 0, slot_total(store) * sizeof(*store->slots));
	memset(store->lists, 0, sizeof(store->lists));
	store->used = 0;
	store->records = store->payload = store->ims = 0;
	while (store->bits > BITS_MIN && resize(store, BITS_MIN, SPARE))
		;
}

void srp_store_free(struct srp_store *store)
{
	if (!store)
		return;
	srp_store_clear(store);
	srp_arena_uncharge(store->arena, slot_total(store) * sizeof(*store->slots));
	free(store->slots);
	free(store);
}

/* --- lists --------------------------------------------------------------------------------- */

void srp_store_unlist(struct srp_store *store, struct srp_record *record)
{
	struct srp_list *list = &store->lists[record->list];

	if (record->list == SRP_LIST_NONE)
		return;
	if (record->prev)
		at(store, record->prev)->next = record->next;
	else
		list->head = record->next;
	if (record->next)
		at(store, record->next)->prev = record->prev;
	else
		list->tail = record->prev;
	list->count--;
	record->list = SRP_LIST_NONE;
}

void srp_store_append(struct srp_store *store, uint8_t to, struct srp_record *record)
{
	struct srp_list *list = &store->lists[to];
	uint32_t ref = ref_of(store, record);

	srp_store_unlist(store, record);
	record->list = to;
	record->prev = list->tail;
	record->next = 0;
	if (list->tail)
		at(store, list->tail)->next = ref;
	else
		list->head = ref;
	list->tail = ref;
	list->count++;
}

struct srp_record *srp_store_first(const struct srp_store *store, uint8_t list)
{
	return store->lists[list].head ? at(store, store->lists[list].head) : NULL;
}

void srp_store_prepend_list(struct srp_store *store, uint8_t to, uint8_t from)
{
	struct srp_list *first = &store->lists[from], *second = &store->lists[to];

	if (!first->head)
		return;
	for (uint32_t ref = first->head; ref; ref = at(store, ref)->next)
		at(store, ref)->list = to;
	at(store, first->tail)->next = second->head;
	if (second->head)
		at(store, second->head)->prev = first->tail;
	else
		second->tail = first->tail;
	second->head = first->head;
	second->count += first->count;
	*first = (struct srp_list){0};
}

/* The record lies in another chunk now: whoever names it follows. */
static void moved(struct srp_store *store, size_t slot, struct srp_record *record)
{
	struct srp_list *list = &store->lists[record->list];
	uint32_t ref = ref_of(store, record);

	store->slots[slot] = (store->slots[slot] & ~(uint64_t)UINT32_MAX) | ref;
	if (record->list == SRP_LIST_NONE)
		return;
	if (record->prev)
		at(store, record->prev)->next = ref;
	else
		list->head = ref;
	if (record->next)
		at(store, record->next)->prev = ref;
	else
		list->tail = ref;
}

/* --- records ------------------------------------------------------------------------------- */

struct srp_record *srp_store_find(const struct srp_store *store, uint64_t call_id)
{
	struct srp_record *record;
	size_t slot;

	if (!find_slot(store, call_id, srp_call_hash(call_id), &slot))
		return NULL;
	record = at(store, slot_ref(store->slots[slot]));
	return record->flags & SRP_RECORD_GONE ? NULL : record;
}

void srp_store_prefetch(const struct srp_store *store, const struct srp_op *ops, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ops[i].type <= SRP_OP_DELETE)
			__builtin_prefetch(&store->slots[slot_home(store, srp_call_hash(ops[i].call_id))]);
	for (size_t i = 0; i < count; i++) {
		uint32_t hash;
		size_t slot;

		if (ops[i].type > SRP_OP_DELETE)
			continue;
		hash = srp_call_hash(ops[i].call_id);
		slot = slot_home(store, hash);
		while (store->slots[slot] && slot_hash(store->slots[slot]) < hash)
			slot++;
		if (slot_hash(store->slots[slot]) == hash)
			srp_record_prefetch(at(store, slot_ref(store->slots[slot])));
	}
}

/* What its macro and the values of its fields take. */
static uint64_t payload_of(const struct srp_record *record)
{
	uint64_t bytes = record->macro_len;

	for (size_t at_field = 0; at_field < record->fields_len;) {
		uint16_t len = get16(record->data + record->macro_len + at_field + 2);

		bytes += len;
		at_field += SRP_STORED_FIELD_HEAD + (size_t)len;
	}
	return bytes;
}

static void count_in(struct srp_store *store, const struct srp_record *record)
{
	store->records++;
	store->ims += record->flags & SRP_RECORD_IMS;
	store->payload += payload_of(record);
}

static void count_out(struct srp_store *store, const struct srp_record *record)
{
	store->records--;
	store->ims -= record->flags & SRP_RECORD_IMS;
	store->payload -= payload_of(record);
}

/* A chunk with room for `data` bytes behind the head: this one, or another with the head copied. NULL: full. */
static struct srp_record *with_room(struct srp_store *store, size_t slot, size_t data, size_t keep)
{
	uint32_t ref = slot_ref(store->slots[slot]), other;
	size_t size = sizeof(struct srp_record) + data, room = srp_arena_room(store->arena, ref);
	struct srp_record *record = at(store, ref), *next;

	/* It also goes to a smaller one when half would be wasted. */
	if (size <= room && size * 2 > room)
		return record;
	other = srp_arena_alloc(store->arena, size);
	if (!other)
		return size <= room ? record : NULL;
	next = at(store, other);
	memcpy(next, record, sizeof(*record) + keep);
	moved(store, slot, next);
	srp_arena_drop(store->arena, ref);
	return next;
}

/* Fields of an op become stored ones, a byte longer each. */
static size_t stored_fields_size(const struct srp_op *op)
{
	struct srp_op_field field;
	size_t offset = 0, count = 0;

	while (srp_op_next_field(op->fields, op->fields_len, &offset, &field))
		count++;
	return op->fields_len + count;
}

static void store_fields(const struct srp_op *op, uint8_t *to)
{
	struct srp_op_field field;
	size_t offset = 0;

	while (srp_op_next_field(op->fields, op->fields_len, &offset, &field)) {
		to[0] = field.cmd;
		to[1] = 0;
		put16(to + 2, field.len);
		memcpy(to + SRP_STORED_FIELD_HEAD, field.value, field.len);
		to += SRP_STORED_FIELD_HEAD + field.len;
	}
}

enum srp_store_result srp_store_put_macro(struct srp_store *store, const struct srp_op *op,
					  struct srp_record **found)
{
	uint32_t hash = srp_call_hash(op->call_id);
	size_t fields = stored_fields_size(op), data = op->len + fields, slot;
	struct srp_record *record;
	bool there, fresh = true;

	*found = NULL;
	if ((size_t)op->len + op->fields_len > SRP_RECORD_MAX || data > SRP_ARENA_CHUNK_MAX - sizeof(*record))
		return SRP_STORE_TOO_BIG;
	there = find_slot(store, op->call_id, hash, &slot);
	if (there) {
		record = at(store, slot_ref(store->slots[slot]));
		fresh = record->flags & SRP_RECORD_GONE;
		if (!fresh)
			count_out(store, record);
		record = with_room(store, slot, data, 0);
		if (!record) {
			record = at(store, slot_ref(store->slots[slot]));
			if (!fresh)
				count_in(store, record);
			return SRP_STORE_FULL;
		}
	} else {
		uint32_t ref;

		if (!make_room(store))
			return SRP_STORE_FULL;
		ref = srp_arena_alloc(store->arena, sizeof(*record) + data);
		if (!ref)
			return SRP_STORE_FULL;
		record = at(store, ref);
		*record = (struct srp_record){.call_id = op->call_id};
		find_slot(store, op->call_id, hash, &slot);
		insert(store, slot, hash, ref);
	}
	record->flags = op->flags & SRP_OP_IMS ? SRP_RECORD_IMS : 0;
	record->lifetime = op->lifetime;
	record->macro_len = op->len;
	record->fields_len = (uint16_t)fields;
	if (op->len)
		memcpy(record->data, op->data, op->len);
	store_fields(op, record->data + op->len);
	count_in(store, record);
	*found = record;
	return fresh ? SRP_STORE_NEW : SRP_STORE_OK;
}

bool srp_record_next_field(struct srp_record *record, size_t *offset, struct srp_stored_field *field)
{
	uint8_t *head = record->data + record->macro_len + *offset;

	if (*offset >= record->fields_len)
		return false;
	field->cmd = head[0];
	field->flags = &head[1];
	field->len = get16(head + 2);
	field->value = head + SRP_STORED_FIELD_HEAD;
	*offset += SRP_STORED_FIELD_HEAD + field->len;
	return true;
}

enum srp_store_result srp_store_put_micro(struct srp_store *store, const struct srp_op *op,
					  struct srp_record **found)
{
	uint32_t hash = srp_call_hash(op->call_id);
	size_t slot, offset = 0, from = 0, old = 0, end, size = SRP_STORED_FIELD_HEAD + op->len, data;
	struct srp_stored_field field;
	struct srp_record *record;
	uint8_t *at_field;

	*found = NULL;
	if (!find_slot(store, op->call_id, hash, &slot))
		return SRP_STORE_UNKNOWN;
	record = at(store, slot_ref(store->slots[slot]));
	if (record->flags & SRP_RECORD_GONE)
		return SRP_STORE_UNKNOWN;
	while (srp_record_next_field(record, &offset, &field) && field.cmd <= op->cmd) {
		if (field.cmd == op->cmd) {
			old = SRP_STORED_FIELD_HEAD + field.len;
			break;
		}
		from = offset;
	}
	data = (size_t)record->macro_len + record->fields_len - old + size;
	if (data > SRP_RECORD_MAX)
		return SRP_STORE_TOO_BIG;
	end = record->macro_len + record->fields_len;
	if (old < size) {
		record = with_room(store, slot, data, end);
		if (!record)
			return SRP_STORE_FULL;
	}
	at_field = record->data + record->macro_len + from;
	if (old != size)
		memmove(at_field + size, at_field + old, record->fields_len - from - old);
	at_field[0] = op->cmd;
	at_field[1] = SRP_FIELD_DIRTY;
	put16(at_field + 2, op->len);
	if (op->len)
		memcpy(at_field + SRP_STORED_FIELD_HEAD, op->data, op->len);
	record->fields_len = (uint16_t)(record->fields_len - old + size);
	store->payload += op->len;
	if (old)
		store->payload -= old - SRP_STORED_FIELD_HEAD;
	*found = record;
	return SRP_STORE_OK;
}

static size_t slot_of(const struct srp_store *store, const struct srp_record *record)
{
	size_t slot;

	find_slot(store, record->call_id, srp_call_hash(record->call_id), &slot);
	return slot;
}

void srp_store_remove(struct srp_store *store, struct srp_record *record)
{
	size_t slot = slot_of(store, record);

	if (!(record->flags & SRP_RECORD_GONE))
		count_out(store, record);
	srp_store_unlist(store, record);
	erase(store, slot);
	srp_arena_drop(store->arena, ref_of(store, record));
	shrink(store);
}

struct srp_record *srp_store_bury(struct srp_store *store, struct srp_record *record)
{
	count_out(store, record);
	record->flags = SRP_RECORD_GONE;
	record->macro_len = record->fields_len = 0;
	return with_room(store, slot_of(store, record), 0, 0);
}

/* --- as an op ------------------------------------------------------------------------------ */

size_t srp_record_op_size(const struct srp_record *record)
{
	/* A little more than it takes: the flags of fields are not sent. */
	return SRP_OP_MACRO_HEAD + record->macro_len + record->fields_len;
}

uint64_t srp_record_digest(const struct srp_record *record)
{
	uint8_t head[16];
	struct srp_stored_field field;
	size_t offset = 0;
	uint64_t hash;

	put64(head, record->call_id);
	put32(head + 8, record->lifetime);
	put16(head + 12, record->macro_len);
	put16(head + 14, record->flags & SRP_RECORD_IMS);
	hash = XXH3_64bits_withSeed(record->data, record->macro_len, XXH3_64bits(head, sizeof(head)));
	while (srp_record_next_field((struct srp_record *)record, &offset, &field))
		hash = XXH3_64bits_withSeed(field.value, field.len,
					    hash + ((uint64_t)field.cmd << 16 | field.len));
	return hash;
}

/* --- in hash order ------------------------------------------------------------------------- */

void srp_walk_start(const struct srp_store *store, struct srp_walk *walk, uint64_t position, uint64_t end)
{
	walk->end = end;
	walk->slot = slot_total(store);
	if (position > UINT32_MAX)
		return;
	walk->slot = slot_home(store, (uint32_t)position);
	while (store->slots[walk->slot] && slot_hash(store->slots[walk->slot]) < position)
		walk->slot++;
}

struct srp_record *srp_walk_next(const struct srp_store *store, struct srp_walk *walk, uint32_t *hash)
{
	size_t total = slot_total(store);

	while (walk->slot < total && !store->slots[walk->slot])
		walk->slot++;
	if (walk->slot >= total || slot_hash(store->slots[walk->slot]) >= walk->end)
		return NULL;
	*hash = slot_hash(store->slots[walk->slot]);
	return at(store, slot_ref(store->slots[walk->slot++]));
}
