/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What feed.c (changes and batches) and feed_walk.c (synchronisation and audit) share. Not an interface. */
#ifndef SRP_FEED_PRIVATE_H
#define SRP_FEED_PRIVATE_H

#include "checkpoint/bytes.h"
#include "checkpoint/feed.h"

struct feed_batch {
	struct srp_feed *feed;
	uint32_t now, seq;
	uint8_t *buf;
	size_t size, len;
};

/* Sequence numbers wrap around. */
static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/* --- feed.c --- */

/* The record's next ops, and from DIRTY (or wherever) to SENT with it. False: no room; nothing is done. */
bool feed_emit(struct feed_batch *batch, struct srp_record *record, bool whole);
bool feed_is_young(const struct srp_feed *feed, uint32_t now, const struct srp_record *record);
void feed_wait_young(struct srp_feed *feed, struct srp_record *record);

/* --- feed_walk.c --- */

bool feed_begin_walk(struct srp_feed *feed, enum srp_walk_kind kind);
/* It could put something into a batch now. */
bool feed_walk_wants(const struct srp_feed *feed);
void feed_walk(struct feed_batch *batch);
void feed_walk_acked(struct srp_feed *feed);
/* All that waited when the consumer came (back) was sent. */
bool feed_has_caught_up(const struct srp_feed *feed);
/* The walk is one that the consumer needs before it has everything. */
bool feed_is_behind(const struct srp_feed *feed);

#endif
