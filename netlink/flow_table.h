/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flows srp-ctsync knows, by call id, and what is to be done with each: to be put to srpd, to be written into the
 * kernel. What waits is flows, not changes: so a slow consumer makes lag and never growth.
 *
 * An entry has a number that stays its own until it is removed. Growing moves no entries.
 */
#ifndef SRP_NETLINK_FLOW_TABLE_H
#define SRP_NETLINK_FLOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/flow.h"

#define FLOW_NONE      UINT32_MAX

/* What is known of an entry, and what is to be done. */
#define FLOW_IN_KERNEL 0x001u /* it is there, as far as we know */
#define FLOW_PUT_MACRO 0x002u /* srpd is to have the whole */
#define FLOW_PUT_STATE 0x004u /* srpd is to have state and timeout */
#define FLOW_WRITE     0x008u /* the kernel is to have it */
#define FLOW_REFRESH   0x010u /* the kernel is to have another timeout */
#define FLOW_LOOK      0x020u /* the kernel is to be asked what it has under this key */
#define FLOW_REPLACE   0x040u /* other NAT: that is to be taken out first */
#define FLOW_ENDED     0x080u /* srpd, or the kernel, is to be told that it ended; then it is removed */
#define FLOW_STALE     0x100u /* a walk is under way, and has not come by it */
#define FLOW_OURS      0x200u /* with LOOK: if it is gone, it is to be written */

enum flow_queue { FLOW_QUEUE_PUT, FLOW_QUEUE_WRITE, FLOW_QUEUES };

struct flow_entry {
	struct flow flow;
	uint64_t call_id;
	uint16_t flags;
	uint8_t tries; /* to write it */
	bool queued[FLOW_QUEUES];
	uint32_t next[FLOW_QUEUES];
};

struct flow_table;

struct flow_table *flow_table_new(void); /* NULL: no memory */
void flow_table_free(struct flow_table *table);

size_t flow_table_count(const struct flow_table *table);
size_t flow_table_bytes(const struct flow_table *table); /* what it takes of memory */

struct flow_entry *flow_table_at(struct flow_table *table, uint32_t number);
/* FLOW_NONE: there is none. */
uint32_t flow_table_find(const struct flow_table *table, uint64_t call_id);
/* A new one, of no flags, for a call id that is not there. FLOW_NONE: no memory, or 2^31 are there. */
uint32_t flow_table_add(struct flow_table *table, uint64_t call_id, const struct flow *flow);
/* It must not be queued. */
void flow_table_remove(struct flow_table *table, uint32_t number);
void flow_table_clear(struct flow_table *table);

/* The first entry of a number from `number` on, FLOW_NONE behind the last. */
uint32_t flow_table_next(const struct flow_table *table, uint32_t number);
#define FOR_FLOWS(table, n) \
	for (uint32_t n = flow_table_next(table, 0); n != FLOW_NONE; n = flow_table_next(table, n + 1))

/* First in, first out; one that is queued already stays where it is. Taking out is at the front only. */
void flow_queue_push(struct flow_table *table, enum flow_queue queue, uint32_t number);
uint32_t flow_queue_first(const struct flow_table *table, enum flow_queue queue); /* FLOW_NONE: empty */
void flow_queue_pop(struct flow_table *table, enum flow_queue queue);
size_t flow_queue_length(const struct flow_table *table, enum flow_queue queue);

#endif
