/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What should be and what is, side by side.
 *
 * There is one slot per key (kind, family, prefix, table or interface) that is wanted or under which the
 * kernel holds something of ours. Notifications, dumps and acknowledgements change a slot's right side, the
 * caller's set its left side; a slot whose sides differ is in the queue, and netlink_object_diff() names its
 * next step. So the cost of an event is that of one slot, whatever the size of the set.
 *
 * No sockets and no clock: `now` is monotonic ms. Memory is that of the set and of what in the kernel carries
 * our mark.
 */
#ifndef SRP_NETLINK_TABLE_H
#define SRP_NETLINK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/link.h"
#include "netlink/message.h"
#include "netlink/object.h"
#include "netlink/reconciler.h"

/* A refused object is tried again after the first delay, then after twice that, up to the last. */
#define NETLINK_RETRY_FIRST_MSEC 100
#define NETLINK_RETRY_LAST_MSEC  5000
/* An object that is deleted again and again is put back no more often than this. */
#define NETLINK_REPAIR_GAP_MSEC  100

struct netlink_slot;

struct netlink_wanted {
	struct reconciler_object object;
	struct netlink_slot *slot; /* NULL: cannot be said to this kernel now, see why */
	const char *why;           /* static text */
};

struct netlink_slot {
	struct netlink_key key;
	struct netlink_slot *chain;       /* in its hash bucket */
	struct netlink_slot *prev, *next; /* in the queue */
	struct netlink_entry *entries;    /* ours, in the kernel */
	struct netlink_wanted *wanted;    /* NULL: nothing shall be here */
	struct netlink_object target;     /* `wanted` in the kernel's terms */
	uint64_t not_before;              /* the next step waits until then */
	uint64_t repaired_at;             /* 0: never */
	uint32_t failures;                /* refusals in a row */
	int error;                        /* of the last refusal */
	bool queued;
	uint8_t busy; /* requests under way */
	bool lost;    /* was there, went without us */
	bool kept; /* what is wanted here cannot be said now (its interface is not there): what is there stays */
	bool contested; /* someone else holds the same place */
	uint8_t rival;  /* his protocol, when contested */
};

/* Which hashes occur: says no surely, and cheaply where thousands of interfaces come and go that nobody uses. */
struct netlink_sieve {
	uint64_t bits[16];
};

/* Zero-initialised: empty. */
struct netlink_table {
	struct netlink_slot **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t slot_count;
	struct netlink_slot *first, *last; /* the queue */
	size_t queued;
	size_t failing; /* of the queued, those with failures */
	struct netlink_wanted *wanted;
	size_t wanted_count;
	size_t unresolved;               /* of the wanted, those without a slot */
	struct netlink_sieve names;      /* of interfaces and VRFs, in what is wanted */
	struct netlink_sieve interfaces; /* indexes, in what is there or was since the last dump */
	uint32_t generation;             /* of the running or last dump */
	bool no_ifa_proto; /* this kernel does not echo IFA_PROTO: what equals a wanted address is ours */
};

enum netlink_table_change {
	NETLINK_TABLE_SAME,
	NETLINK_TABLE_CHANGED,
	NETLINK_TABLE_UNSURE, /* only a dump can tell what is there now */
};

/* Counts over the whole table. */
struct netlink_table_counts {
	uint32_t present; /* wanted and there */
	uint32_t failed;  /* wanted and refused, or not to be resolved */
	uint32_t stale;   /* there, ours, and not wanted */
};

/*
 * Replace what is wanted: copied, put into canonical form, duplicates dropped. Nothing happens to the slots
 * before netlink_table_resolve(), which must follow. False when memory is out: nothing changed.
 */
bool netlink_table_want(struct netlink_table *table, const struct reconciler_object *objects, size_t count);

/* Find each wanted object's slot (links may have changed) and queue every slot that needs work, in the order
 * of work: addresses to delete, the wanted ones in the caller's order, routes to delete. False: memory was
 * out for some. */
bool netlink_table_resolve(struct netlink_table *table, const struct netlink_link_table *links);

/* An OBJECT or OBJECT_GONE event from a dump or a notification. *lost: a wanted object of ours went without
 * us. */
enum netlink_table_change netlink_table_event(struct netlink_table *table, const struct netlink_event *event,
					      uint64_t now, bool *lost);

/* Around a dump: what of ours it did not show is dropped by the second. */
void netlink_table_dump_begin(struct netlink_table *table);
void netlink_table_dump_end(struct netlink_table *table, uint64_t now);

/* The kernel's word on `op`, which had been sent for `slot`: 0 or an errno. False: memory was out, dump
 * again. `slot` may be gone after it. */
bool netlink_table_answer(struct netlink_table *table, struct netlink_slot *slot, const struct netlink_op *op,
			  int error, uint64_t now);

/* Will no answer come? Then the slot is free for its next step. It may be gone after it. */
void netlink_table_abandon(struct netlink_table *table, struct netlink_slot *slot);

/* Does this answer, 0 or an errno, mean that what `op` was to bring about is so? */
bool netlink_op_done(const struct netlink_op *op, int error);

/* The slot's next step. */
struct netlink_op netlink_slot_next(const struct netlink_slot *slot);

/* Let what was refused be tried again at once. */
void netlink_table_kick(struct netlink_table *table, uint64_t now);

/* Is something of ours routed out of this interface? */
bool netlink_table_uses_interface(const struct netlink_table *table, uint32_t ifindex);

/* Does anything wanted name this interface or VRF, or live on it by default (lo)? */
bool netlink_table_names_interface(const struct netlink_table *table, const char *name);

/* Have we put something under this object's key, or are we about to? */
bool netlink_table_expects(const struct netlink_table *table, const struct netlink_object *object);

struct netlink_table_counts netlink_table_count(const struct netlink_table *table);

void netlink_table_clear(struct netlink_table *table);

#endif
