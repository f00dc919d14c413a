/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries in chunks, and an index of linear probing over their numbers; a slot has half of the hash, so that looking
 * for one touches the entries that have it only. Removal moves the followers up: there are no tombstones.
 */
#include "netlink/flow_table.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK      1024u
#define CHUNKS_MAX (1u << 21)
#define SLOTS_MIN  1024u

struct slot {
	uint32_t number; /* FLOW_NONE: empty */
	uint32_t hash;
};

struct flow_table {
	struct flow_entry **chunks;
	uint32_t chunk_count, chunk_room;
	uint32_t used;  /* numbers below were given at least once */
	uint32_t freed; /* list of numbers to give again, by next[0] */
	size_t count;
	struct slot *slots;
	uint32_t mask;
	struct {
		uint32_t first, last;
		size_t length;
	} queues[FLOW_QUEUES];
};

/* Call ids are hashes: which half is which does not matter. */
static uint32_t hash_of(uint64_t call_id)
{
	return (uint32_t)call_id;
}

static struct slot *new_slots(uint32_t count)
{
	struct slot *slots = malloc(count * sizeof(*slots));

	for (uint32_t i = 0; slots && i < count; i++)
		slots[i].number = FLOW_NONE;
	return slots;
}

static void free_chunks(struct flow_table *table)
{
	for (uint32_t i = 0; i < table->chunk_count; i++)
		free(table->chunks[i]);
	free(table->chunks);
	table->chunks = NULL;
	table->chunk_count = table->chunk_room = 0;
}

void flow_table_free(struct flow_table *table)
{
	if (!table)
		return;
	free_chunks(table);
	free(table->slots);
	free(table);
}

void flow_table_clear(struct flow_table *table)
{
	free_chunks(table);
	table->used = 0;
	table->freed = FLOW_NONE;
	table->count = 0;
	for (uint32_t i = 0; i <= table->mask; i++)
		table->slots[i].number = FLOW_NONE;
	for (unsigned int i = 0; i < FLOW_QUEUES; i++) {
		table->queues[i].first = table->queues[i].last = FLOW_NONE;
		table->queues[i].length = 0;
	}
}

struct flow_table *flow_table_new(void)
{
	struct flow_table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->mask = SLOTS_MIN - 1;
	table->slots = new_slots(SLOTS_MIN);
	if (!table->slots) {
		free(table);
		return NULL;
	}
	flow_table_clear(table);
	return table;
}

size_t flow_table_count(const struct flow_table *table)
{
	return table->count;
}

size_t flow_table_bytes(const struct flow_table *table)
{
	return sizeof(*table) + ((size_t)table->mask + 1) * sizeof(struct slot) +
	       table->chunk_room * sizeof(table->chunks[0]) +
	       (size_t)table->chunk_count * CHUNK * sizeof(struct flow_entry);
}

static struct flow_entry *entry_at(const struct flow_table *table, uint32_t number)
{
	return &table->chunks[number / CHUNK][number % CHUNK];
}

struct flow_entry *flow_table_at(struct flow_table *table, uint32_t number)
{
	return entry_at(table, number);
}

/* The slot of the call id, or the empty one where it would be. */
static uint32_t slot_of(const struct flow_table *table, uint64_t call_id)
{
	uint32_t at = hash_of(call_id) & table->mask;

	for (; table->slots[at].number != FLOW_NONE; at = (at + 1) & table->mask)
		if (table->slots[at].hash == hash_of(call_id) &&
		    entry_at(table, table->slots[at].number)->call_id == call_id)
			break;
	return at;
}

uint32_t flow_table_find(const struct flow_table *table, uint64_t call_id)
{
	return table->slots[slot_of(table, call_id)].number;
}

/* At most half of the slots are used. */
static bool grow_slots(struct flow_table *table)
{
	uint32_t count = table->mask + 1, mask = count * 2 - 1;
	struct slot *slots;

	if (table->count < count / 2)
		return true;
	slots = new_slots(count * 2);
	if (!slots)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = table->slots[i].hash & mask;

		if (table->slots[i].number == FLOW_NONE)
			continue;
		while (slots[at].number != FLOW_NONE)
			at = (at + 1) & mask;
		slots[at] = table->slots[i];
	}
	free(table->slots);
	table->slots = slots;
	table->mask = mask;
	return true;
}

static bool grow_chunks(struct flow_table *table)
{
	struct flow_entry **chunks;
	uint32_t room = table->chunk_room ? table->chunk_room * 2 : 64;

	if (table->used < table->chunk_count * CHUNK)
		return true;
	if (table->chunk_count == CHUNKS_MAX)
		return false;
	if (table->chunk_count == table->chunk_room) {
		chunks = realloc(table->chunks, room * sizeof(chunks[0]));
		if (!chunks)
			return false;
		table->chunks = chunks;
		table->chunk_room = room;
	}
	table->chunks[table->chunk_count] = calloc(CHUNK, sizeof(struct flow_entry));
	if (!table->chunks[table->chunk_count])
		return false;
	table->chunk_count++;
	return true;
}

uint32_t flow_table_add(struct flow_table *table, uint64_t call_id, const struct flow *flow)
{
	struct flow_entry *entry;
	uint32_t number = table->freed, at;

	if (!grow_slots(table) || (number == FLOW_NONE && !grow_chunks(table)))
		return FLOW_NONE;
	if (number == FLOW_NONE)
		number = table->used++;
	else
		table->freed = entry_at(table, number)->next[0];
	entry = entry_at(table, number);
	*entry = (struct flow_entry){.flow = *flow, .call_id = call_id};
	at = slot_of(table, call_id);
	table->slots[at] = (struct slot){.number = number, .hash = hash_of(call_id)};
	table->count++;
	return number;
}

void flow_table_remove(struct flow_table *table, uint32_t number)
{
	struct flow_entry *entry = entry_at(table, number);
	uint32_t hole = slot_of(table, entry->call_id);

	for (uint32_t at = (hole + 1) & table->mask; table->slots[at].number != FLOW_NONE;
	     at = (at + 1) & table->mask) {
		uint32_t home = table->slots[at].hash & table->mask;

		/* Those that would not be found behind a hole move into it. */
		if (((at - home) & table->mask) < ((at - hole) & table->mask))
			continue;
		table->slots[hole] = table->slots[at];
		hole = at;
	}
	table->slots[hole].number = FLOW_NONE;
	/* A family that no flow has marks what is free. */
	memset(entry, 0, sizeof(*entry));
	entry->next[0] = table->freed;
	table->freed = number;
	table->count--;
}

uint32_t flow_table_next(const struct flow_table *table, uint32_t number)
{
	for (; number < table->used; number++)
		if (entry_at(table, number)->flow.key.family)
			return number;
	return FLOW_NONE;
}

/* --- queues -------------------------------------------------------------------------------- */

void flow_queue_push(struct flow_table *table, enum flow_queue queue, uint32_t number)
{
	struct flow_entry *entry = entry_at(table, number);

	if (entry->queued[queue])
		return;
	entry->queued[queue] = true;
	entry->next[queue] = FLOW_NONE;
	if (table->queues[queue].last == FLOW_NONE)
		table->queues[queue].first = number;
	else
		entry_at(table, table->queues[queue].last)->next[queue] = number;
	table->queues[queue].last = number;
	table->queues[queue].length++;
}

uint32_t flow_queue_first(const struct flow_table *table, enum flow_queue queue)
{
	return table->queues[queue].first;
}

void flow_queue_pop(struct flow_table *table, enum flow_queue queue)
{
	struct flow_entry *entry = entry_at(table, table->queues[queue].first);

	table->queues[queue].first = entry->next[queue];
	if (table->queues[queue].first == FLOW_NONE)
		table->queues[queue].last = FLOW_NONE;
	entry->queued[queue] = false;
	table->queues[queue].length--;
}

size_t flow_queue_length(const struct flow_table *table, enum flow_queue queue)
{
	return table->queues[queue].length;
}
