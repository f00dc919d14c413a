/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walks of feed.h: everything, or a digest of each bucket and then what differs. */
#include "checkpoint/feed_private.h"

#include <stdlib.h>

#define BUCKET_RECORDS 64 /* of a bucket, about */

static bool compares(enum srp_walk_kind kind)
{
	return kind == SRP_WALK_COMPARE || kind == SRP_WALK_AUDIT;
}

bool feed_is_behind(const struct srp_feed *feed)
{
	return feed->walk == SRP_WALK_WHOLE || feed->walk == SRP_WALK_COMPARE || feed->done_due;
}

bool feed_begin_walk(struct srp_feed *feed, enum srp_walk_kind kind)
{
	uint8_t bits = 0;

	while (bits < SRP_BUCKET_BITS_MAX && feed->store->used >> bits > BUCKET_RECORDS)
		bits++;
	free(feed->differing);
	feed->differing = NULL;
	if (compares(kind)) {
		feed->differing = calloc(((size_t)1 << bits) / 64 + 1, sizeof(*feed->differing));
		if (!feed->differing)
			return false;
	}
	feed->walk = kind;
	feed->bits = bits;
	feed->position = 0;
	feed->walked = feed->repairing = false;
	feed->differ_count = feed->repair_next = 0;
	feed->walk_seq = feed->seq;
	return true;
}

bool srp_feed_differ(struct srp_feed *feed, uint8_t bits, uint32_t bucket)
{
	uint64_t bit = UINT64_C(1) << bucket % 64;

	if (!compares(feed->walk) || bits != feed->bits || bucket >> bits)
		return false;
	if (!(feed->differing[bucket / 64] & bit)) {
		feed->differing[bucket / 64] |= bit;
		feed->differ_count++;
	}
	return true;
}

bool feed_has_caught_up(const struct srp_feed *feed)
{
	const struct srp_record *first = srp_store_first(feed->store, SRP_LIST_DIRTY);

	return !first || first->since > feed->hold;
}

bool feed_walk_wants(const struct srp_feed *feed)
{
	if (feed->done_due && feed_has_caught_up(feed))
		return true;
	if (feed->walk == SRP_WALK_NONE)
		return false;
	return !feed->walked || feed->differ_count || feed->repairing;
}

static bool put_mark(struct feed_batch *batch, struct srp_op op)
{
	if (batch->size - batch->len < SRP_OP_BUCKET_SIZE)
		return false;
	op.bits = batch->feed->bits;
	batch->len += srp_op_encode(&op, batch->buf + batch->len);
	batch->feed->walk_seq = batch->seq;
	return true;
}

/*
 * Each record of the range that the consumer shall have: true when the end was reached; else *position is where
 * there was no more room. `every`: also those that it has in this epoch.
 */
static bool emit_range(struct feed_batch *batch, uint64_t *position, uint64_t end, bool every)
{
	struct srp_feed *feed = batch->feed;
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash;

	srp_walk_start(feed->store, &walk, *position, end);
	while ((record = srp_walk_next(feed->store, &walk, &hash))) {
		if (record->flags & SRP_RECORD_GONE)
			continue;
		if (record->list >= SRP_LIST_YOUNG)
			continue;
		if (!every && record->epoch == feed->epoch)
			continue;
		if (record->list == SRP_LIST_NONE && record->epoch != feed->epoch &&
		    feed_is_young(feed, batch->now, record)) {
			feed_wait_young(feed, record);
			continue;
		}
		if (!feed_emit(batch, record, true)) {
			*position = hash;
			return false;
		}
		feed->walk_seq = batch->seq;
	}
	*position = end;
	return true;
}

/* Send what the bucket still has to send, then its digest. False: no more room. */
static bool emit_digest(struct feed_batch *batch, uint64_t bucket)
{
	struct srp_feed *feed = batch->feed;
	uint64_t start = srp_bucket_start(feed->bits, bucket), end = srp_bucket_start(feed->bits, bucket + 1);
	struct srp_op op = {.type = SRP_OP_BUCKET, .bucket = (uint32_t)bucket};
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash;

	srp_walk_start(feed->store, &walk, start, end);
	while ((record = srp_walk_next(feed->store, &walk, &hash))) {
		if (record->list == SRP_LIST_DIRTY && !feed_emit(batch, record, false))
			return false;
		if ((record->flags & SRP_RECORD_GONE) || record->list >= SRP_LIST_YOUNG)
			continue;
		if (record->list == SRP_LIST_NONE && record->epoch != feed->epoch &&
		    feed_is_young(feed, batch->now, record)) {
			feed_wait_young(feed, record);
			continue;
		}
		op.count++;
		op.digest += srp_record_digest(record);
	}
	if (!put_mark(batch, op))
		return false;
	feed->stats.digests++;
	/* From here on changes of these can be sent as such: should the consumer lack one, it will say so. */
	srp_walk_start(feed->store, &walk, start, end);
	while ((record = srp_walk_next(feed->store, &walk, &hash)))
		if (record->list < SRP_LIST_YOUNG)
			record->epoch = feed->epoch;
	return true;
}

static void next_repair(struct srp_feed *feed)
{
	for (uint32_t bucket = feed->repair_next; feed->differ_count; bucket++) {
		uint64_t bit;

		bucket &= (1u << feed->bits) - 1;
		bit = UINT64_C(1) << bucket % 64;
		if (!(feed->differing[bucket / 64] & bit))
			continue;
		feed->differing[bucket / 64] &= ~bit;
		feed->differ_count--;
		feed->repair_next = bucket + 1;
		feed->repairing = true;
		feed->repair_bucket = bucket;
		feed->repair_position = srp_bucket_start(feed->bits, bucket);
		return;
	}
}

/* False: no more room. */
static bool emit_repairs(struct feed_batch *batch)
{
	struct srp_feed *feed = batch->feed;

	while (feed->repairing || feed->differ_count) {
		struct srp_op op = {.bucket = feed->repair_bucket};

		if (!feed->repairing) {
			if (batch->size - batch->len < SRP_OP_BUCKET_SIZE)
				return false;
			next_repair(feed);
			op = (struct srp_op){.type = SRP_OP_BEGIN, .bucket = feed->repair_bucket};
			put_mark(batch, op);
			feed->stats.repairs++;
		}
		if (!emit_range(batch, &feed->repair_position,
				srp_bucket_start(feed->bits, feed->repair_bucket + UINT64_C(1)), true))
			return false;
		op.type = SRP_OP_END;
		if (!put_mark(batch, op))
			return false;
		feed->repairing = false;
	}
	return true;
}

static void reached_end(struct srp_feed *feed)
{
	if (feed->walk == SRP_WALK_AUDIT)
		feed->stats.audits++;
	else
		feed->stats.walks++;
	if (feed->walk != SRP_WALK_REFRESH)
		feed->done_due = true;
	feed->walk = SRP_WALK_NONE;
}

static void send_done(struct feed_batch *batch)
{
	if (!batch->feed->done_due || !feed_has_caught_up(batch->feed) ||
	    !put_mark(batch, (struct srp_op){.type = SRP_OP_DONE}))
		return;
	batch->feed->done_due = false;
	batch->feed->done_seq = batch->seq;
}

/* The consumer has answered all digests and has what differed. */
static bool is_answered(const struct srp_feed *feed)
{
	return !compares(feed->walk) ||
	       (!feed->differ_count && !feed->repairing && !seq_after(feed->walk_seq, feed->acked_seq));
}

static void go_on(struct feed_batch *batch)
{
	struct srp_feed *feed = batch->feed;

	switch (feed->walk) {
	case SRP_WALK_NONE:
		return;
	case SRP_WALK_WHOLE:
		/* srp_feed_put_first(), and what was lost with a connection. */
		if (!feed_has_caught_up(feed))
			return;
		/* fall through */
	case SRP_WALK_REFRESH:
		if (!feed->walked &&
		    !emit_range(batch, &feed->position, SRP_HASH_END, feed->walk == SRP_WALK_REFRESH))
			return;
		break;
	case SRP_WALK_COMPARE:
	case SRP_WALK_AUDIT:
		if (!emit_repairs(batch))
			return;
		for (; !feed->walked && feed->position < UINT64_C(1) << feed->bits; feed->position++)
			if (!emit_digest(batch, feed->position))
				return;
		break;
	}
	feed->walked = true;
	if (is_answered(feed))
		reached_end(feed);
}

void feed_walk(struct feed_batch *batch)
{
	go_on(batch);
	send_done(batch);
}

void feed_walk_acked(struct srp_feed *feed)
{
	/* srp_feed_ready() asks feed_walk_wants(): there is an end to send now. */
	if (feed->walk != SRP_WALK_NONE && feed->walked && is_answered(feed))
		feed->walked = false;
}
