/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See feed.h; the walks are feed_walk.c's. */
#include "checkpoint/feed_private.h"

#include <stdlib.h>

void srp_feed_init(struct srp_feed *feed, struct srp_store *store, uint32_t now)
{
	*feed = (struct srp_feed){.store = store, .wheel_step = 1, .wheel_at = now, .epoch = 1};
}

void srp_feed_clear(struct srp_feed *feed)
{
	free(feed->differing);
	feed->differing = NULL;
}

uint32_t srp_feed_waiting(const struct srp_feed *feed)
{
	return feed->store->lists[SRP_LIST_DIRTY].count;
}

uint32_t srp_feed_in_flight(const struct srp_feed *feed)
{
	return feed->store->lists[SRP_LIST_SENT].count;
}

uint32_t srp_feed_young(const struct srp_feed *feed)
{
	uint32_t count = 0;

	for (unsigned int i = 0; i < SRP_YOUNG_SLOTS; i++)
		count += feed->store->lists[SRP_LIST_YOUNG + i].count;
	return count;
}

/* --- young sessions ------------------------------------------------------------------------ */

static uint32_t mature_at(const struct srp_feed *feed, const struct srp_record *record)
{
	return record->born + feed->duration[record->flags & SRP_RECORD_IMS];
}

bool feed_is_young(const struct srp_feed *feed, uint32_t now, const struct srp_record *record)
{
	return (int32_t)(mature_at(feed, record) - now) > 0;
}

void feed_wait_young(struct srp_feed *feed, struct srp_record *record)
{
	uint32_t slot = (mature_at(feed, record) + feed->wheel_step - 1) / feed->wheel_step;

	srp_store_append(feed->store, (uint8_t)(SRP_LIST_YOUNG + slot % SRP_YOUNG_SLOTS), record);
}

static bool is_waiting_young(const struct srp_record *record)
{
	return record->list >= SRP_LIST_YOUNG;
}

static void queue(struct srp_feed *feed, struct srp_record *record)
{
	record->since = feed->version;
	srp_store_append(feed->store, SRP_LIST_DIRTY, record);
}

static void turn_slot(struct srp_feed *feed, uint32_t slot, uint32_t now)
{
	uint8_t list = (uint8_t)(SRP_LIST_YOUNG + slot % SRP_YOUNG_SLOTS);

	/* What has to wait still comes to its end: each is looked at once. */
	for (uint32_t left = feed->store->lists[list].count; left; left--) {
		struct srp_record *record = srp_store_first(feed->store, list);

		if (feed_is_young(feed, now, record))
			feed_wait_young(feed, record);
		else
			queue(feed, record);
	}
}

void srp_feed_tick(struct srp_feed *feed, uint32_t now)
{
	uint32_t until = now / feed->wheel_step;

	for (uint32_t turns = 0; feed->wheel_at != until && turns < SRP_YOUNG_SLOTS; turns++)
		turn_slot(feed, ++feed->wheel_at, now);
	feed->wheel_at = until;
}

void srp_feed_mature_all(struct srp_feed *feed)
{
	for (uint8_t i = 0; i < SRP_YOUNG_SLOTS; i++)
		while (feed->store->lists[SRP_LIST_YOUNG + i].head)
			queue(feed, srp_store_first(feed->store, SRP_LIST_YOUNG + i));
}

void srp_feed_set_duration(struct srp_feed *feed, uint32_t now, uint32_t ims, uint32_t non_ims)
{
	uint32_t longest = ims > non_ims ? ims : non_ims;

	if (feed->duration[1] == ims && feed->duration[0] == non_ims)
		return;
	feed->duration[0] = non_ims;
	feed->duration[1] = ims;
	feed->wheel_step = longest / (SRP_YOUNG_SLOTS - 2) + 1;
	feed->wheel_at = now / feed->wheel_step;
	for (uint32_t i = 0; i < SRP_YOUNG_SLOTS; i++)
		turn_slot(feed, i, now);
}

/* --- changes ------------------------------------------------------------------------------- */

void srp_feed_mark(struct srp_feed *feed, struct srp_record *record, bool whole)
{
	feed->version++;
	if (!feed->tracking)
		return;
	if (whole)
		record->flags |= SRP_RECORD_WHOLE;
	if (record->list != SRP_LIST_DIRTY && !is_waiting_young(record))
		queue(feed, record);
}

/* The consumer has it, or may have it. */
static bool consumer_may_have(const struct srp_feed *feed, const struct srp_record *record)
{
	return record->epoch == feed->epoch;
}

void srp_feed_bury(struct srp_feed *feed, struct srp_record *record)
{
	feed->version++;
	if (!feed->tracking || is_waiting_young(record) || !consumer_may_have(feed, record)) {
		srp_store_remove(feed->store, record);
		return;
	}
	record = srp_store_bury(feed->store, record);
	if (record->list != SRP_LIST_DIRTY)
		queue(feed, record);
}

enum srp_store_result srp_feed_put(struct srp_feed *feed, uint32_t now, const struct srp_op *op)
{
	enum srp_store_result result;
	struct srp_record *record;
	bool revived;

	if (op->type == SRP_OP_DELETE || (op->type == SRP_OP_MICRO && op->cmd == SRP_CMD_INVALIDATE)) {
		record = srp_store_find(feed->store, op->call_id);
		if (!record)
			return SRP_STORE_UNKNOWN;
		srp_feed_bury(feed, record);
		return SRP_STORE_OK;
	}
	if (op->type == SRP_OP_MICRO) {
		result = srp_store_put_micro(feed->store, op, &record);
		if (result != SRP_STORE_OK)
			return result;
		record->touched = now;
		srp_feed_mark(feed, record, false);
		return result;
	}
	result = srp_store_put_macro(feed->store, op, &record);
	if (!record)
		return result;
	record->touched = now;
	/* One that the consumer may have, though it was on its way out, is not young any more to anybody. */
	revived = result == SRP_STORE_NEW && record->list != SRP_LIST_NONE;
	if (result == SRP_STORE_NEW)
		record->born = now - op->age;
	if (feed->tracking && result == SRP_STORE_NEW && !revived && feed_is_young(feed, now, record)) {
		feed->version++;
		record->flags |= SRP_RECORD_WHOLE;
		feed_wait_young(feed, record);
		return result;
	}
	srp_feed_mark(feed, record, true);
	return result;
}

/* --- the consumer -------------------------------------------------------------------------- */

/* Nothing waits, nothing is under way. */
static void forget(struct srp_feed *feed)
{
	struct srp_store *store = feed->store;

	for (uint8_t list = SRP_LIST_DIRTY; list < SRP_LIST_COUNT; list++) {
		while (store->lists[list].head) {
			struct srp_record *record = srp_store_first(store, list);

			if (record->flags & SRP_RECORD_GONE)
				srp_store_remove(store, record);
			else
				srp_store_unlist(store, record);
		}
	}
	feed->tracking = feed->complete = false;
	feed->walk = SRP_WALK_NONE;
	feed->repairing = feed->done_due = false;
	feed->done_seq = feed->seq;
	feed->acked_seq = feed->seq;
	feed->doubt_from = feed->doubt_to = feed->resumed_from = feed->seq;
	feed->bytes_sent = 0;
	feed->hold = 0;
}

void srp_feed_stop(struct srp_feed *feed)
{
	if (feed->tracking)
		forget(feed);
}

bool srp_feed_start(struct srp_feed *feed, uint32_t now, enum srp_walk_kind kind)
{
	forget(feed);
	/* 0 is what a record has that was never sent. */
	if (++feed->epoch == 0)
		feed->epoch = 1;
	feed->wheel_at = now / feed->wheel_step;
	feed->hold = feed->version;
	feed->tracking = feed_begin_walk(feed, kind);
	return feed->tracking;
}

void srp_feed_put_first(struct srp_feed *feed, uint32_t touched)
{
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash;

	srp_walk_start(feed->store, &walk, 0, SRP_HASH_END);
	while ((record = srp_walk_next(feed->store, &walk, &hash)))
		if (record->list == SRP_LIST_NONE && (int32_t)(record->touched - touched) >= 0)
			queue(feed, record);
}

enum srp_store_result srp_feed_put_known(struct srp_feed *feed, uint32_t now, const struct srp_op *op)
{
	bool tracking = feed->tracking;
	enum srp_store_result result;
	struct srp_record *record;

	feed->tracking = false;
	result = srp_feed_put(feed, now, op);
	feed->tracking = tracking;
	record = srp_store_find(feed->store, op->call_id);
	if (record && (result == SRP_STORE_OK || result == SRP_STORE_NEW)) {
		srp_store_unlist(feed->store, record);
		record->epoch = feed->epoch;
	}
	return result;
}

bool srp_feed_begin_walk(struct srp_feed *feed, enum srp_walk_kind kind)
{
	return feed->tracking && feed->walk == SRP_WALK_NONE && feed_begin_walk(feed, kind);
}

bool srp_feed_resume(struct srp_feed *feed, uint32_t seq)
{
	/* Resumed before, and nothing of that has come through: where that resumed. */
	bool again = seq == feed->resumed_from && feed->acked_seq == feed->doubt_to;

	if (!feed->tracking || seq_after(seq, feed->seq) || (seq_after(feed->acked_seq, seq) && !again))
		return false;
	/* Answers may have been lost with the connection. */
	if (feed->walk == SRP_WALK_COMPARE || feed->walk == SRP_WALK_AUDIT)
		return false;
	if (!again)
		srp_feed_ack(feed, seq);
	/* What was in doubt before and still waits stays so. */
	if (feed_has_caught_up(feed))
		feed->doubt_from = seq;
	feed->resumed_from = seq;
	feed->doubt_to = feed->seq;
	feed->acked_seq = feed->seq;
	feed->bytes_sent = 0;
	srp_store_prepend_list(feed->store, SRP_LIST_DIRTY, SRP_LIST_SENT);
	feed->hold = feed->version;
	/* That a walk is complete may be what was lost. */
	if (seq_after(feed->done_seq, seq))
		feed->done_due = true;
	return true;
}

/* Everything up to here has been sent. */
static uint64_t boundary(const struct srp_feed *feed)
{
	const struct srp_record *first = srp_store_first(feed->store, SRP_LIST_DIRTY);
	/* 0: a walk has sent it, and it was never changed while there was a consumer. */
	uint64_t until = !first ? feed->version : first->since ? first->since - 1 : 0;

	if (feed->hold && (until < feed->hold || feed_is_behind(feed)))
		return feed->acked;
	return until;
}

/* Lists run all over memory: the next record comes while this one is worked on. */
static void fetch_next(const struct srp_store *store, const struct srp_record *record)
{
	if (record->next)
		srp_record_prefetch(srp_arena_at(store->arena, record->next));
}

bool srp_feed_ack(struct srp_feed *feed, uint32_t seq)
{
	if (seq_after(seq, feed->seq) || seq_after(feed->acked_seq, seq))
		return false;
	while (feed->acked_seq != seq) {
		struct srp_feed_batch *batch = &feed->window[++feed->acked_seq % SRP_FEED_WINDOW];

		feed->bytes_sent -= batch->bytes;
		if (batch->boundary > feed->acked)
			feed->acked = batch->boundary;
	}
	for (;;) {
		struct srp_record *record = srp_store_first(feed->store, SRP_LIST_SENT);

		if (!record || seq_after(record->sent, seq))
			break;
		fetch_next(feed->store, record);
		if (record->flags & SRP_RECORD_GONE)
			srp_store_remove(feed->store, record);
		else
			srp_store_unlist(feed->store, record);
	}
	feed_walk_acked(feed);
	if (feed->tracking && !feed_is_behind(feed) && !seq_after(feed->done_seq, feed->acked_seq))
		feed->complete = true;
	return true;
}

bool srp_feed_is_complete(const struct srp_feed *feed)
{
	return feed->complete;
}

bool srp_feed_is_idle(const struct srp_feed *feed)
{
	return !srp_feed_waiting(feed) && feed->acked_seq == feed->seq && !feed_is_behind(feed);
}

uint64_t srp_feed_acked(const struct srp_feed *feed)
{
	/* What was taken back before it was sent needs no acknowledgement. */
	return feed->tracking && srp_feed_is_idle(feed) ? feed->version : feed->acked;
}

bool srp_feed_ready(const struct srp_feed *feed)
{
	return feed->tracking && feed->seq - feed->acked_seq < SRP_FEED_WINDOW &&
	       (srp_feed_waiting(feed) || feed_walk_wants(feed));
}

/* --- batches ------------------------------------------------------------------------------- */

static bool in_doubt(const struct srp_feed *feed, const struct srp_record *record)
{
	return seq_after(record->sent, feed->doubt_from) && !seq_after(record->sent, feed->doubt_to);
}

static void emit_micros(struct feed_batch *batch, struct srp_record *record)
{
	struct srp_stored_field field;
	size_t offset = 0;

	while (srp_record_next_field(record, &offset, &field)) {
		if (!(*field.flags & SRP_FIELD_DIRTY))
			continue;
		*field.flags &= (uint8_t)~SRP_FIELD_DIRTY;
		batch->len += srp_op_encode(&(struct srp_op){.type = SRP_OP_MICRO,
							     .call_id = record->call_id,
							     .cmd = field.cmd,
							     .data = field.value,
							     .len = field.len},
					    batch->buf + batch->len);
		batch->feed->stats.micros++;
	}
}

/* At most what the dirty fields of a record take as ops of their own. */
static size_t micros_size(struct srp_record *record)
{
	struct srp_stored_field field;
	size_t offset = 0, size = 0;

	while (srp_record_next_field(record, &offset, &field))
		if (*field.flags & SRP_FIELD_DIRTY)
			size += SRP_OP_MICRO_HEAD + field.len;
	return size;
}

static void emit_macro(struct feed_batch *batch, struct srp_record *record)
{
	/* As an op, but straight into the batch: this is what a synchronisation is made of. */
	uint8_t *at = batch->buf + batch->len, *fields;
	struct srp_stored_field field;
	size_t offset = 0;
	uint16_t fields_len = 0;

	at += srp_op_encode(&(struct srp_op){.type = SRP_OP_MACRO,
					     .call_id = record->call_id,
					     .flags = record->flags & SRP_RECORD_IMS ? SRP_OP_IMS : 0,
					     .lifetime = record->lifetime,
					     .age = batch->now - record->born,
					     .data = record->data,
					     .len = record->macro_len},
			    at);
	fields = at;
	while (srp_record_next_field(record, &offset, &field)) {
		*field.flags &= (uint8_t)~SRP_FIELD_DIRTY;
		at[0] = field.cmd;
		put16(at + 1, field.len);
		memcpy(at + SRP_FIELD_HEAD, field.value, field.len);
		at += SRP_FIELD_HEAD + field.len;
	}
	fields_len = (uint16_t)(at - fields);
	put16(fields - 2, fields_len);
	batch->len = (size_t)(at - batch->buf);
	record->flags &= (uint8_t)~SRP_RECORD_WHOLE;
	batch->feed->stats.macros++;
}

bool feed_emit(struct feed_batch *batch, struct srp_record *record, bool whole)
{
	struct srp_feed *feed = batch->feed;
	bool doubt = in_doubt(feed, record);

	if (record->flags & SRP_RECORD_GONE) {
		if (batch->size - batch->len < SRP_OP_DELETE_SIZE)
			return false;
		batch->len +=
			srp_op_encode(&(struct srp_op){.type = SRP_OP_DELETE, .call_id = record->call_id},
				      batch->buf + batch->len);
		feed->stats.deletes++;
	} else if (whole || doubt || record->epoch != feed->epoch || (record->flags & SRP_RECORD_WHOLE)) {
		if (batch->size - batch->len < srp_record_op_size(record))
			return false;
		emit_macro(batch, record);
		feed->stats.resends += doubt;
	} else {
		size_t size = micros_size(record);

		/* Many small ones are shorter as a whole. */
		if (size > srp_record_op_size(record))
			return feed_emit(batch, record, true);
		if (batch->size - batch->len < size)
			return false;
		emit_micros(batch, record);
	}
	record->epoch = feed->epoch;
	record->sent = batch->seq;
	srp_store_append(feed->store, SRP_LIST_SENT, record);
	return true;
}

static void emit_waiting(struct feed_batch *batch, size_t limit)
{
	struct srp_record *record;

	while (batch->len < limit && (record = srp_store_first(batch->feed->store, SRP_LIST_DIRTY))) {
		fetch_next(batch->feed->store, record);
		if (!feed_emit(batch, record, false))
			return;
	}
}

size_t srp_feed_fill(struct srp_feed *feed, uint32_t now, uint8_t *buf, size_t size)
{
	struct feed_batch batch = {.feed = feed, .now = now, .buf = buf, .size = size, .seq = feed->seq + 1};
	struct srp_feed_batch *entry;

	if (!srp_feed_ready(feed))
		return 0;
	/* A walk gets half of it at least, or changes that come quickly enough would keep it from its end. */
	emit_waiting(&batch, feed_walk_wants(feed) ? size / 2 : size);
	feed_walk(&batch);
	emit_waiting(&batch, size);
	if (!batch.len)
		return 0;
	feed->seq = batch.seq;
	entry = &feed->window[feed->seq % SRP_FEED_WINDOW];
	entry->boundary = boundary(feed);
	entry->bytes = (uint32_t)batch.len;
	feed->bytes_sent += batch.len;
	feed->stats.batches++;
	feed->stats.bytes += batch.len;
	return batch.len;
}
