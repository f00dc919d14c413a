/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slots. Every change to one ends in slot_settle(), which alone decides whether the slot is queued, idle
 * or freed; nothing else touches the queue, but for netlink_table_resolve(), which rebuilds it in the order
 * of work.
 */
#include "netlink/table.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_BUCKETS_FIRST 64

/* --- the hash ------------------------------------------------------------------------------------- */

static size_t hash_of(const void *data, size_t length)
{
	const unsigned char *bytes = data;
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return (size_t)(hash ^ (hash >> 32));
}

static size_t key_hash(const struct netlink_key *key)
{
	return hash_of(key, sizeof(*key));
}

static void sieve_put(struct netlink_sieve *sieve, const void *data, size_t length)
{
	size_t hash = hash_of(data, length);

	sieve->bits[hash / 64 % 16] |= UINT64_C(1) << hash % 64;
}

static bool sieve_may_have(const struct netlink_sieve *sieve, const void *data, size_t length)
{
	size_t hash = hash_of(data, length);

	return sieve->bits[hash / 64 % 16] >> hash % 64 & 1;
}

static struct netlink_slot **slot_place(const struct netlink_table *table, const struct netlink_key *key)
{
	struct netlink_slot **place = &table->buckets[key_hash(key) & (table->bucket_count - 1)];

	while (*place && memcmp(&(*place)->key, key, sizeof(*key)) != 0)
		place = &(*place)->chain;
	return place;
}

static struct netlink_slot *slot_find(const struct netlink_table *table, const struct netlink_key *key)
{
	return table->buckets ? *slot_place(table, key) : NULL;
}

static bool table_grow(struct netlink_table *table)
{
	size_t count = table->bucket_count ? table->bucket_count * 2 : TABLE_BUCKETS_FIRST;
	struct netlink_slot **buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return false;
	for (size_t i = 0; i < table->bucket_count; i++) {
		struct netlink_slot *slot = table->buckets[i];

		while (slot) {
			struct netlink_slot *chain = slot->chain;
			struct netlink_slot **head = &buckets[key_hash(&slot->key) & (count - 1)];

			slot->chain = *head;
			*head = slot;
			slot = chain;
		}
	}
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = count;
	return true;
}

/* The slot of a key, made when it is missing; NULL when memory is out. */
static struct netlink_slot *slot_get(struct netlink_table *table, const struct netlink_key *key)
{
	struct netlink_slot **place;

	/* A table that cannot grow still works, with longer chains. */
	if (table->slot_count >= table->bucket_count && !table_grow(table) && !table->buckets)
		return NULL;
	place = slot_place(table, key);
	if (!*place) {
		*place = calloc(1, sizeof(**place));
		if (!*place)
			return NULL;
		(*place)->key = *key;
		table->slot_count++;
	}
	return *place;
}

/* --- the queue ------------------------------------------------------------------------------------ */

static void queue_remove(struct netlink_table *table, struct netlink_slot *slot)
{
	if (!slot->queued)
		return;
	*(slot->prev ? &slot->prev->next : &table->first) = slot->next;
	*(slot->next ? &slot->next->prev : &table->last) = slot->prev;
	slot->prev = slot->next = NULL;
	slot->queued = false;
	table->queued--;
	table->failing -= slot->failures ? 1 : 0;
}

static void queue_append(struct netlink_table *table, struct netlink_slot *slot)
{
	if (slot->queued)
		return;
	slot->prev = table->last;
	*(table->last ? &table->last->next : &table->first) = slot;
	table->last = slot;
	slot->queued = true;
	table->queued++;
	table->failing += slot->failures ? 1 : 0;
}

static void slot_set_failures(struct netlink_table *table, struct netlink_slot *slot, uint32_t failures)
{
	if (slot->queued && failures && !slot->failures)
		table->failing++;
	if (slot->queued && !failures && slot->failures)
		table->failing--;
	slot->failures = failures;
}

static void slot_free(struct netlink_table *table, struct netlink_slot *slot)
{
	queue_remove(table, slot);
	*slot_place(table, &slot->key) = slot->chain;
	table->slot_count--;
	free(slot);
}

struct netlink_op netlink_slot_next(const struct netlink_slot *slot)
{
	if (!slot->wanted && slot->kept)
		return (struct netlink_op){.type = NETLINK_OP_NONE};
	return netlink_object_diff(slot->wanted ? &slot->target : NULL, slot->entries, slot->contested);
}

/* After a change: queued when there is work, idle when there is none, gone when there is nothing at all. */
static void slot_settle(struct netlink_table *table, struct netlink_slot *slot)
{
	if (netlink_slot_next(slot).type != NETLINK_OP_NONE) {
		queue_append(table, slot);
		return;
	}
	queue_remove(table, slot);
	if (slot->busy)
		return; /* the notification was faster than the answer, which comes here again */
	slot->failures = 0;
	slot->not_before = 0;
	slot->lost = false;
	if (!slot->wanted && !slot->entries)
		slot_free(table, slot);
}

/* --- the left side: what is wanted ---------------------------------------------------------------- */

/* Canonical form: what must not matter is zero, so that equal means equal bytes. */
static struct reconciler_object canonical(const struct reconciler_object *in)
{
	size_t length = in->family == AF_INET ? 4 : 16;
	struct reconciler_object out;

	memset(&out, 0, sizeof(out));
	out.kind = in->kind;
	out.family = in->family;
	out.plen = in->plen;
	memcpy(out.addr, in->addr, length);
	if (strcmp(in->vrf, "default") != 0)
		strcpy(out.vrf, in->vrf);
	strcpy(out.ifname, in->ifname);
	out.metric = in->metric;
	if (in->kind == RECONCILER_ADDRESS)
		return out;
	for (size_t bit = in->plen; bit < length * 8; bit++)
		out.addr[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
	out.has_nexthop = in->has_nexthop;
	if (in->has_nexthop)
		memcpy(out.nexthop, in->nexthop, length);
	return out;
}

/* By value, then by position, so that of equals the first comes first. */
static int compare_wanted(const void *a, const void *b)
{
	const struct netlink_wanted *const *left = a, *const *right = b;
	int order = memcmp(&(*left)->object, &(*right)->object, sizeof((*left)->object));

	if (order)
		return order;
	return *left < *right ? -1 : *left > *right;
}

bool netlink_table_want(struct netlink_table *table, const struct reconciler_object *objects, size_t count)
{
	struct netlink_wanted *wanted = calloc(count ? count : 1, sizeof(*wanted));
	struct netlink_wanted **sorted = calloc(count ? count : 1, sizeof(*sorted));
	size_t kept = 0;

	if (!wanted || !sorted) {
		free(wanted);
		free(sorted);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		wanted[i].object = canonical(&objects[i]);
		sorted[i] = &wanted[i];
	}
	qsort(sorted, count, sizeof(*sorted), compare_wanted);
	/* A repetition is marked by a `why`, which nothing has yet. */
	for (size_t i = 1; i < count; i++)
		if (memcmp(&sorted[i - 1]->object, &sorted[i]->object, sizeof(sorted[i]->object)) == 0)
			sorted[i]->why = "repeated";
	for (size_t i = 0; i < count; i++)
		if (!wanted[i].why)
			wanted[kept++] = wanted[i];
	free(sorted);

	for (size_t i = 0; i < table->wanted_count; i++)
		if (table->wanted[i].slot)
			table->wanted[i].slot->wanted = NULL;
	free(table->wanted);
	table->wanted = wanted;
	table->wanted_count = kept;
	table->names = (struct netlink_sieve){0};
	for (size_t i = 0; i < kept; i++) {
		const struct reconciler_object *object = &wanted[i].object;

		sieve_put(&table->names, object->ifname, strlen(object->ifname));
		sieve_put(&table->names, object->vrf, strlen(object->vrf));
	}
	return true;
}

/* Give one wanted object its slot. */
static bool wanted_attach(struct netlink_table *table, struct netlink_wanted *wanted,
			  const struct netlink_link_table *links)
{
	struct netlink_object target;
	struct netlink_slot *slot;

	wanted->slot = NULL;
	if (!netlink_object_resolve(&wanted->object, links, &target, &wanted->why)) {
		/* An address would be somewhere else without its VRF; a route is better than none. */
		slot = target.key.kind == RECONCILER_ROUTE ? slot_find(table, &target.key) : NULL;
		if (slot)
			slot->kept = true;
		return true;
	}
	slot = slot_get(table, &target.key);
	if (!slot) {
		wanted->why = "out of memory";
		return false;
	}
	if (slot->wanted) {
		wanted->why = "another one for the same prefix comes before it";
		return true;
	}
	if (!netlink_object_identical(&slot->target, &target)) {
		slot_set_failures(table, slot, 0);
		slot->contested = false;
		slot->not_before = 0;
	}
	slot->wanted = wanted;
	slot->target = target;
	wanted->slot = slot;
	wanted->why = NULL;
	return true;
}

/* Settle the slots that are not wanted: those of one kind. */
static void settle_unwanted(struct netlink_table *table, enum reconciler_kind kind)
{
	for (size_t i = 0; i < table->bucket_count; i++) {
		struct netlink_slot *chain;

		for (struct netlink_slot *slot = table->buckets[i]; slot; slot = chain) {
			chain = slot->chain;
			if (!slot->wanted && slot->key.kind == kind)
				slot_settle(table, slot);
		}
	}
}

bool netlink_table_resolve(struct netlink_table *table, const struct netlink_link_table *links)
{
	bool complete = true;

	while (table->first)
		queue_remove(table, table->first);
	for (size_t i = 0; i < table->bucket_count; i++)
		for (struct netlink_slot *slot = table->buckets[i]; slot; slot = slot->chain) {
			slot->wanted = NULL;
			slot->kept = false;
		}
	table->unresolved = 0;
	for (size_t i = 0; i < table->wanted_count; i++) {
		complete = wanted_attach(table, &table->wanted[i], links) && complete;
		table->unresolved += table->wanted[i].slot ? 0 : 1;
	}
	/*
	 * An IPv6 address that only changes its prefix length must go before it can come; a route that is to
	 * go can wait until the new ones are in.
	 */
	settle_unwanted(table, RECONCILER_ADDRESS);
	for (size_t i = 0; i < table->wanted_count; i++)
		if (table->wanted[i].slot)
			slot_settle(table, table->wanted[i].slot);
	settle_unwanted(table, RECONCILER_ROUTE);
	return complete;
}

/* --- the right side: what is there ---------------------------------------------------------------- */

/* Is this the entry that an event about `object` means? Ours, made on acknowledgement, may lack what the
 * kernel chose. */
static bool entry_is(const struct netlink_entry *entry, const struct netlink_object *object)
{
	struct netlink_object completed = entry->object;

	if (object->key.kind == RECONCILER_ADDRESS)
		return true; /* one per key */
	if (completed.has_gateway && completed.oif == 0)
		completed.oif = object->oif;
	return netlink_object_identical(&completed, object);
}

/* Drop the entries in the place of `object`, or, with `only_it`, just the one it means. Returns how many. */
static unsigned int entries_drop(struct netlink_slot *slot, const struct netlink_object *object, bool only_it)
{
	struct netlink_entry **place = &slot->entries;
	unsigned int dropped = 0;

	while (*place) {
		struct netlink_entry *entry = *place;

		if (only_it ? !entry_is(entry, object) || entry->object.metric != object->metric
			    : !netlink_object_same_place(&entry->object, object)) {
			place = &entry->next;
			continue;
		}
		*place = entry->next;
		free(entry);
		dropped++;
		if (only_it)
			break;
	}
	return dropped;
}

/* The interfaces of a compound route are not kept: it may use any. */
static void note_interface(struct netlink_table *table, const struct netlink_object *object)
{
	if (object->compound)
		memset(&table->interfaces, 0xff, sizeof(table->interfaces));
	else
		sieve_put(&table->interfaces, &object->oif, sizeof(object->oif));
}

/* Note that `object` is there. False when memory is out. */
static bool entries_put(struct netlink_table *table, struct netlink_slot *slot,
			const struct netlink_object *object)
{
	struct netlink_entry *entry = slot->entries;

	while (entry && !entry_is(entry, object))
		entry = entry->next;
	if (!entry) {
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return false;
		entry->next = slot->entries;
		slot->entries = entry;
	}
	entry->object = *object;
	entry->generation = table->generation;
	note_interface(table, object);
	return true;
}

/* Something of ours went without us: put it back, but not too often. */
static bool slot_note_loss(struct netlink_slot *slot, uint64_t now)
{
	if (!slot->wanted || slot->busy)
		return false;
	slot->lost = true;
	slot->not_before = now;
	if (slot->repaired_at && slot->repaired_at + NETLINK_REPAIR_GAP_MSEC > now)
		slot->not_before = slot->repaired_at + NETLINK_REPAIR_GAP_MSEC;
	return true;
}

static enum netlink_table_change foreign_came(struct netlink_table *table, struct netlink_slot *slot,
					      const struct netlink_event *event, uint64_t now, bool *lost)
{
	const struct netlink_object *object = &event->object;
	unsigned int dropped = 0;

	if (object->key.kind == RECONCILER_ADDRESS || event->replaced)
		dropped = entries_drop(slot, object, false);
	if (dropped)
		*lost = slot_note_loss(slot, now);
	if (slot->wanted && netlink_object_same_place(&slot->target, object)) {
		slot->contested = true;
		slot->rival = object->protocol;
	}
	slot_settle(table, slot);
	/* The kernel replaced one of several and did not say which. */
	return dropped > 1 ? NETLINK_TABLE_UNSURE : dropped ? NETLINK_TABLE_CHANGED : NETLINK_TABLE_SAME;
}

static enum netlink_table_change foreign_went(struct netlink_table *table, struct netlink_slot *slot,
					      const struct netlink_object *object, uint64_t now)
{
	if (!slot->wanted || !netlink_object_same_place(&slot->target, object))
		return NETLINK_TABLE_SAME;
	slot->contested = false;
	if (!slot->failures)
		return NETLINK_TABLE_SAME;
	slot->not_before = now;
	return NETLINK_TABLE_CHANGED;
}

static enum netlink_table_change ours_came(struct netlink_table *table, const struct netlink_event *event)
{
	struct netlink_slot *slot = slot_get(table, &event->object.key);
	unsigned int dropped = 0;
	bool kept;

	if (!slot)
		return NETLINK_TABLE_UNSURE;
	if (event->replaced)
		dropped = entries_drop(slot, &event->object, false);
	kept = entries_put(table, slot, &event->object);
	slot_settle(table, slot);
	/* IPv6 tells of a nexthop added to or taken from a route in more than one way: look again. */
	if (!kept || dropped > 1 || (event->object.compound && !event->dumped))
		return NETLINK_TABLE_UNSURE;
	return NETLINK_TABLE_CHANGED;
}

static enum netlink_table_change ours_went(struct netlink_table *table, struct netlink_slot *slot,
					   const struct netlink_object *object, uint64_t now, bool *lost)
{
	bool unsure = false;

	if (!slot->entries)
		return NETLINK_TABLE_SAME; /* the echo of our own deletion */
	if (entries_drop(slot, object, true))
		*lost = slot_note_loss(slot, now);
	else
		for (const struct netlink_entry *entry = slot->entries; entry; entry = entry->next)
			unsure = unsure || (netlink_object_same_place(&entry->object, object) &&
					    entry->object.metric == object->metric);
	unsure = unsure || object->compound;
	slot_settle(table, slot);
	return unsure ? NETLINK_TABLE_UNSURE : NETLINK_TABLE_CHANGED;
}

/* Is it ours by its mark or, on a kernel that keeps no mark on addresses, by being what we want? */
static bool is_ours(const struct netlink_table *table, const struct netlink_slot *slot,
		    const struct netlink_event *event)
{
	if (event->object.key.kind == RECONCILER_ROUTE || event->says_protocol)
		return event->object.protocol == SRP_RTPROT;
	return table->no_ifa_proto && slot && (slot->wanted || slot->entries);
}

enum netlink_table_change netlink_table_event(struct netlink_table *table, const struct netlink_event *event,
					      uint64_t now, bool *lost)
{
	struct netlink_slot *slot = slot_find(table, &event->object.key);
	bool ours = is_ours(table, slot, event);

	*lost = false;

	if (event->type == NETLINK_EVENT_OBJECT && ours)
		return ours_came(table, event);
	if (!slot)
		return NETLINK_TABLE_SAME;
	if (event->type == NETLINK_EVENT_OBJECT)
		return foreign_came(table, slot, event, now, lost);
	if (event->type == NETLINK_EVENT_OBJECT_GONE)
		return ours ? ours_went(table, slot, &event->object, now, lost)
			    : foreign_went(table, slot, &event->object, now);
	return NETLINK_TABLE_SAME;
}

void netlink_table_dump_begin(struct netlink_table *table)
{
	table->generation++;
}

void netlink_table_dump_end(struct netlink_table *table, uint64_t now)
{
	table->interfaces = (struct netlink_sieve){0};
	for (size_t i = 0; i < table->bucket_count; i++) {
		struct netlink_slot *chain;

		for (struct netlink_slot *slot = table->buckets[i]; slot; slot = chain) {
			struct netlink_entry **place = &slot->entries;
			bool dropped = false;

			chain = slot->chain;
			while (*place) {
				struct netlink_entry *entry = *place;

				if (entry->generation == table->generation) {
					note_interface(table, &entry->object);
					place = &entry->next;
					continue;
				}
				*place = entry->next;
				free(entry);
				dropped = true;
			}
			if (dropped)
				slot_note_loss(slot, now);
			/* The dump was of ours alone: whose the place is besides, only the next try tells. */
			slot->contested = false;
			slot_settle(table, slot);
		}
	}
}

/* --- answers -------------------------------------------------------------------------------------- */

/* What is not there, or on an interface that is not there, is deleted. */
static bool means_missing(int error)
{
	return error == ESRCH || error == EADDRNOTAVAIL || error == ENODEV || error == ENOENT;
}

bool netlink_op_done(const struct netlink_op *op, int error)
{
	return error == 0 || (op->type == NETLINK_OP_DELETE && means_missing(error));
}

void netlink_table_abandon(struct netlink_table *table, struct netlink_slot *slot)
{
	slot->busy--;
	slot_settle(table, slot);
}

bool netlink_table_answer(struct netlink_table *table, struct netlink_slot *slot, const struct netlink_op *op,
			  int error, uint64_t now)
{
	uint64_t delay = NETLINK_RETRY_FIRST_MSEC;
	bool kept = true;

	slot->busy--;
	if (!netlink_op_done(op, error)) {
		for (uint32_t i = 0; i < slot->failures && delay < NETLINK_RETRY_LAST_MSEC; i++)
			delay *= 2;
		slot_set_failures(table, slot, slot->failures + 1);
		slot->error = error;
		slot->not_before = now + (delay < NETLINK_RETRY_LAST_MSEC ? delay : NETLINK_RETRY_LAST_MSEC);
		slot_settle(table, slot);
		return true;
	}
	slot_set_failures(table, slot, 0);
	slot->not_before = 0;
	if (op->type == NETLINK_OP_DELETE) {
		entries_drop(slot, &op->object, true);
	} else {
		/* The notification may have been faster, and knows more: keep what it said. */
		const struct netlink_entry *entry = slot->entries;

		while (entry && !netlink_object_satisfies(&op->object, &entry->object))
			entry = entry->next;
		if (!entry) {
			if (op->type == NETLINK_OP_REPLACE)
				entries_drop(slot, &op->object, false);
			kept = entries_put(table, slot, &op->object);
		}
		if (slot->lost)
			slot->repaired_at = now;
		slot->lost = false;
		slot->contested = false;
	}
	slot_settle(table, slot);
	return kept;
}

/* --- the rest ------------------------------------------------------------------------------------- */

void netlink_table_kick(struct netlink_table *table, uint64_t now)
{
	for (struct netlink_slot *slot = table->first; slot; slot = slot->next)
		if (slot->failures && slot->not_before > now)
			slot->not_before = now;
}

bool netlink_table_uses_interface(const struct netlink_table *table, uint32_t ifindex)
{
	if (!sieve_may_have(&table->interfaces, &ifindex, sizeof(ifindex)))
		return false;
	for (size_t i = 0; i < table->bucket_count; i++)
		for (const struct netlink_slot *slot = table->buckets[i]; slot; slot = slot->chain)
			for (const struct netlink_entry *entry = slot->entries; entry; entry = entry->next)
				if (entry->object.oif == ifindex || entry->object.compound)
					return true;
	return false;
}

bool netlink_table_names_interface(const struct netlink_table *table, const char *name)
{
	if (name[0] == '\0')
		return false;
	if (strcmp(name, "lo") == 0)
		return true;
	if (!sieve_may_have(&table->names, name, strlen(name)))
		return false;
	for (size_t i = 0; i < table->wanted_count; i++)
		if (strcmp(table->wanted[i].object.ifname, name) == 0 ||
		    strcmp(table->wanted[i].object.vrf, name) == 0)
			return true;
	return false;
}

bool netlink_table_expects(const struct netlink_table *table, const struct netlink_object *object)
{
	const struct netlink_slot *slot = slot_find(table, &object->key);

	return slot && (slot->entries || (slot->busy && slot->wanted));
}

struct netlink_table_counts netlink_table_count(const struct netlink_table *table)
{
	struct netlink_table_counts counts = {.failed = (uint32_t)table->unresolved};

	for (size_t i = 0; i < table->bucket_count; i++) {
		for (const struct netlink_slot *slot = table->buckets[i]; slot; slot = slot->chain) {
			uint32_t entries = 0;
			bool present = false;

			for (const struct netlink_entry *entry = slot->entries; entry; entry = entry->next) {
				entries++;
				present =
					present || (slot->wanted &&
						    netlink_object_satisfies(&slot->target, &entry->object));
			}
			counts.present += present;
			counts.failed += slot->wanted && !present && slot->failures;
			counts.stale += slot->kept ? 0 : entries - present;
		}
	}
	return counts;
}

void netlink_table_clear(struct netlink_table *table)
{
	for (size_t i = 0; i < table->bucket_count; i++) {
		while (table->buckets[i]) {
			struct netlink_slot *slot = table->buckets[i];

			table->buckets[i] = slot->chain;
			while (slot->entries) {
				struct netlink_entry *entry = slot->entries;

				slot->entries = entry->next;
				free(entry);
			}
			free(slot);
		}
	}
	free(table->buckets);
	free(table->wanted);
	*table = (struct netlink_table){0};
}
