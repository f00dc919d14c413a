/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See receiver.h. */
#include "checkpoint/receiver.h"

#include <stdlib.h>

#define SEEN_MAX (1u << 20)

void srp_receiver_init(struct srp_receiver *receiver, struct srp_feed *feed,
		       const struct srp_receiver_events *events)
{
	*receiver = (struct srp_receiver){.feed = feed, .events = *events};
}

void srp_receiver_clear(struct srp_receiver *receiver)
{
	free(receiver->seen);
	receiver->seen = NULL;
	receiver->seen_count = receiver->seen_size = 0;
}

void srp_receiver_restart(struct srp_receiver *receiver)
{
	receiver->bracket = false;
	receiver->repairs = 0;
	receiver->seen_count = 0;
}

/* --- buckets ------------------------------------------------------------------------------- */

static void take_digest(struct srp_receiver *receiver, const struct srp_op *op)
{
	struct srp_record *record;
	struct srp_walk walk;
	uint64_t digest = 0;
	uint32_t hash, count = 0;

	receiver->stats.digests++;
	srp_walk_start(receiver->feed->store, &walk, srp_bucket_start(op->bits, op->bucket),
		       srp_bucket_start(op->bits, op->bucket + UINT64_C(1)));
	while ((record = srp_walk_next(receiver->feed->store, &walk, &hash))) {
		if (record->flags & SRP_RECORD_GONE)
			continue;
		count++;
		digest += srp_record_digest(record);
	}
	if (count == op->count && digest == op->digest)
		return;
	receiver->stats.differing++;
	receiver->repairs++;
	receiver->events.differ(receiver->events.arg, op->bits, op->bucket);
}

static void see(struct srp_receiver *receiver, uint64_t call_id)
{
	if (!receiver->bracket || receiver->seen_lost ||
	    (receiver->bits && srp_call_hash(call_id) >> (32 - receiver->bits) != receiver->bucket))
		return;
	if (receiver->seen_count == receiver->seen_size) {
		size_t size = receiver->seen_size ? receiver->seen_size * 2 : 256;
		uint64_t *seen = size > SEEN_MAX ? NULL : realloc(receiver->seen, size * sizeof(*seen));

		receiver->seen_lost = !seen;
		if (!seen)
			return;
		receiver->seen = seen;
		receiver->seen_size = size;
	}
	receiver->seen[receiver->seen_count++] = call_id;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static bool was_seen(const struct srp_receiver *receiver, uint64_t call_id)
{
	return receiver->seen_count &&
	       bsearch(&call_id, receiver->seen, receiver->seen_count, sizeof(call_id), compare_ids);
}

/* The next record of the bucket, from a hash on, that was not named. */
static struct srp_record *next_unseen(const struct srp_receiver *receiver, uint32_t *hash)
{
	struct srp_record *record;
	struct srp_walk walk;

	srp_walk_start(receiver->feed->store, &walk, *hash,
		       srp_bucket_start(receiver->bits, receiver->bucket + UINT64_C(1)));
	while ((record = srp_walk_next(receiver->feed->store, &walk, hash)))
		if (!(record->flags & SRP_RECORD_GONE) && !was_seen(receiver, record->call_id))
			return record;
	return NULL;
}

static void take_end(struct srp_receiver *receiver)
{
	uint32_t hash = (uint32_t)srp_bucket_start(receiver->bits, receiver->bucket);
	struct srp_record *record;

	receiver->bracket = false;
	if (receiver->repairs)
		receiver->repairs--;
	if (receiver->seen_lost)
		return;
	if (receiver->seen_count)
		qsort(receiver->seen, receiver->seen_count, sizeof(*receiver->seen), compare_ids);
	/* Taking one out moves others in the table: look it up again each time. */
	while ((record = next_unseen(receiver, &hash))) {
		receiver->events.purge(receiver->events.arg, record);
		receiver->stats.purged++;
		srp_feed_bury(receiver->feed, record);
	}
}

/* --- records ------------------------------------------------------------------------------- */

static void take_put(struct srp_receiver *receiver, uint32_t now, const struct srp_op *op)
{
	enum srp_store_result result = srp_feed_put(receiver->feed, now, op);
	bool taken = result == SRP_STORE_OK || result == SRP_STORE_NEW;
	bool ends = op->type == SRP_OP_DELETE || (op->type == SRP_OP_MICRO && op->cmd == SRP_CMD_INVALIDATE);

	/* What goes away and is not there is as it shall be. */
	if (ends || (taken && op->type == SRP_OP_MACRO))
		receiver->events.mended(receiver->events.arg, op->call_id);
	if (taken) {
		if (op->type == SRP_OP_MACRO) {
			receiver->stats.macros++;
			see(receiver, op->call_id);
		} else if (op->type == SRP_OP_MICRO) {
			receiver->stats.micros++;
		} else {
			receiver->stats.deletes++;
		}
		return;
	}
	if (ends)
		return;
	/* It will come whole. */
	if (result == SRP_STORE_UNKNOWN && (receiver->repairs || receiver->bracket)) {
		receiver->stats.ignored++;
		return;
	}
	/* What is here is older than what the sender has: nothing is better than something wrong. */
	if (result != SRP_STORE_UNKNOWN) {
		struct srp_record *record = srp_store_find(receiver->feed->store, op->call_id);

		if (record)
			srp_feed_bury(receiver->feed, record);
	}
	receiver->stats.failed++;
	receiver->events.failed(receiver->events.arg, op, result);
}

static bool take_op(struct srp_receiver *receiver, uint32_t now, const struct srp_op *op, const char **why)
{
	switch (op->type) {
	case SRP_OP_MACRO:
	case SRP_OP_MICRO:
	case SRP_OP_DELETE:
		take_put(receiver, now, op);
		break;
	case SRP_OP_BUCKET:
		take_digest(receiver, op);
		break;
	case SRP_OP_BEGIN:
		receiver->bracket = true;
		receiver->bits = op->bits;
		receiver->bucket = op->bucket;
		receiver->seen_count = 0;
		receiver->seen_lost = false;
		break;
	case SRP_OP_END:
		if (!receiver->bracket || receiver->bits != op->bits || receiver->bucket != op->bucket) {
			*why = "the end of a bucket that has not begun";
			return false;
		}
		take_end(receiver);
		break;
	case SRP_OP_DONE:
		if (receiver->complete)
			receiver->stats.audits++;
		receiver->complete = true;
		receiver->repairs = 0;
		break;
	}
	return true;
}

bool srp_receiver_apply(struct srp_receiver *receiver, uint32_t now, const uint8_t *buf, size_t len,
			const char **why)
{
	struct srp_op ops[SRP_OPS_AHEAD];
	size_t at = 0, count;

	while (at < len) {
		const char *bad;

		at += srp_op_decode_some(buf + at, len - at, ops, SRP_OPS_AHEAD, &count, &bad);
		srp_store_prefetch(receiver->feed->store, ops, count);
		for (size_t i = 0; i < count; i++)
			if (!take_op(receiver, now, &ops[i], why))
				return false;
		if (bad) {
			*why = bad;
			return false;
		}
	}
	receiver->stats.batches++;
	receiver->stats.bytes += len;
	return true;
}
