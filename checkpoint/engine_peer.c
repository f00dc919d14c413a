/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's side of the session connection: handshake, batches both ways, NACKs. See engine.h. */
#include <stdlib.h>
#include <string.h>

#include "checkpoint/bytes.h"
#include "checkpoint/engine_private.h"

/* --- the connection ------------------------------------------------------------------------ */

void peer_reset_instance(struct instance *instance)
{
	instance->peer_known = false;
	instance->peer_flags = 0;
	instance->start_id = 0;
	instance->started = instance->start_wanted = false;
	instance->tell_start = instance->tell_sync = instance->tell_ack = instance->tell_late_ack = false;
	instance->tell_instance = true;
	instance->differ_count = 0;
	instance->nack_count = 0;
	/* What of the accounting was not acknowledged goes again. */
	instance->late_sent = 0;
	instance->syncing = false;
	srp_receiver_restart(&instance->receiver);
}

void srp_engine_peer_open(struct srp_engine *engine, uint64_t now, uint32_t sequence)
{
	if (engine->peer_open)
		srp_engine_peer_closed(engine, now);
	engine->peer_open = engine->tell_open = true;
	engine->peer_opened = engine->reset_wanted = false;
	engine->sequence = sequence;
	engine->heartbeats = 0;
	engine->opened_at = engine->heard_at = now;
	engine->keepalive_at = now + SRP_KEEPALIVE_MSEC;
	engine->heartbeat_at = now + SRP_HEARTBEAT_MSEC;
	FOR_INSTANCES(engine, instance)
		peer_reset_instance(instance);
}

void srp_engine_peer_closed(struct srp_engine *engine, uint64_t now)
{
	if (!engine->peer_open)
		return;
	engine->peer_open = engine->peer_opened = engine->reset_wanted = false;
	FOR_INSTANCES(engine, instance) {
		peer_reset_instance(instance);
		/* Whoever serves without the sessions waits for it to come back. */
		instance_wait(instance, now, false);
	}
	engine_review(engine, now);
}

bool srp_engine_peer_is_open(const struct srp_engine *engine)
{
	return engine->peer_open;
}

bool srp_engine_peer_shall_close(const struct srp_engine *engine, uint64_t now, const char **why)
{
	if (!engine->peer_open)
		return false;
	if (engine->reset_wanted) {
		*why = "the compression has changed";
		return true;
	}
	*why = "the peer is silent";
	return now > engine->heard_at + SRP_SESSION_DEAD_MSEC;
}

/* --- NACKs --------------------------------------------------------------------------------- */

static struct nack *find_nack(struct instance *instance, uint64_t call_id)
{
	for (unsigned int i = 0; i < instance->nacks_open; i++)
		if (instance->nacks[i].call_id == call_id)
			return &instance->nacks[i];
	return NULL;
}

static bool nack_allowed(const struct srp_engine *engine, uint8_t cmd)
{
	if (cmd == 0)
		return engine->config.nack_macro.enabled;
	return engine->config.nack_micro.enabled && !(engine->stats.nack_disabled[cmd / 8] & 1u << cmd % 8);
}

/* Seed: at most max-response within the 10-minute window. */
static bool window_is_over(const struct nack *nack, uint64_t now)
{
	return now - nack->window >= SRP_NACK_WINDOW_MSEC;
}

static void send_nack(struct instance *instance, uint64_t now, struct nack *nack)
{
	struct srp_engine *engine = instance->engine;
	uint32_t max =
		nack->cmd ? engine->config.nack_micro.max_response : engine->config.nack_macro.max_response;

	if (window_is_over(nack, now)) {
		nack->window = now;
		nack->count = 0;
		nack->answered = false;
	}
	nack->asked = now;
	if (nack->count >= max || instance->nack_count == NACKS_MAX) {
		engine->stats.nacks_suppressed++;
		return;
	}
	nack->count++;
	instance->nacks_due[instance->nack_count++] =
		(struct srp_frame){.type = SRP_FRAME_NACK, .call_id = nack->call_id, .cmd = nack->cmd};
}

/* Room for one more; NULL: there is none. */
static struct nack *add_nack(struct instance *instance, uint64_t now)
{
	if (instance->nacks_open < SRP_NACK_ENTRIES)
		return &instance->nacks[instance->nacks_open++];
	/* Not one of just now: more sessions than fit in here that fail each time would be asked for without end. */
	for (unsigned int i = 0; i < instance->nacks_open; i++)
		if (instance->nacks[i].mended && now >= instance->nacks[i].asked + SRP_NACK_RETRY_MSEC)
			return &instance->nacks[i];
	return NULL;
}

void peer_nack(struct instance *instance, uint64_t now, uint64_t call_id, uint8_t cmd)
{
	struct nack *nack = find_nack(instance, call_id);

	if (!nack_allowed(instance->engine, cmd))
		return;
	if (!nack) {
		nack = add_nack(instance, now);
		if (!nack) {
			instance->engine->stats.nacks_suppressed++;
			return;
		}
		*nack = (struct nack){.call_id = call_id, .window = now, .mended = true};
	} else if (!nack->mended && !window_is_over(nack, now) && now < nack->asked + SRP_NACK_RETRY_MSEC &&
		   nack->cmd == cmd) {
		/* It was asked for just now; the answer is under way. */
		return;
	}
	nack->cmd = cmd;
	instance->nacks_awaited += nack->mended;
	nack->mended = false;
	send_nack(instance, now, nack);
}

/* What never came within a whole window is not there any more, or fits in no better than before. */
static bool is_given_up(const struct instance *instance, uint64_t now, const struct nack *nack)
{
	return !instance->started || !nack_allowed(instance->engine, nack->cmd) ||
	       (window_is_over(nack, now) && (nack->mended || !nack->answered));
}

void peer_retry_nacks(struct instance *instance, uint64_t now)
{
	for (unsigned int i = 0; i < instance->nacks_open; i++) {
		struct nack *nack = &instance->nacks[i];

		if (is_given_up(instance, now, nack)) {
			instance->nacks_awaited -= !nack->mended;
			*nack = instance->nacks[--instance->nacks_open];
			i--;
		} else if (!nack->mended && now >= nack->asked + SRP_NACK_RETRY_MSEC) {
			send_nack(instance, now, nack);
		}
	}
}

void peer_mended(struct instance *instance, uint64_t call_id)
{
	struct nack *nack = find_nack(instance, call_id);

	if (!nack || nack->mended)
		return;
	instance->nacks_awaited--;
	nack->mended = nack->answered = true;
}

static void begin_sync(struct instance *instance, uint64_t now)
{
	instance->syncing = true;
	instance->sync_began = now;
}

/* A synchronisation is over when this chassis is ready. */
static void note_ready(struct instance *instance, uint64_t now)
{
	if (!instance->syncing || !instance_is_ready(instance))
		return;
	instance->syncing = false;
	instance->synchronised = true;
	instance->last_sync_msec = now - instance->sync_began;
	instance->ready_msec = now - instance->engine->opened_at;
}

/* --- as the source ------------------------------------------------------------------------- */

void peer_start_feed(struct instance *instance, uint64_t now)
{
	const struct srp_frame *start = &instance->start;
	bool resumed = instance->consumer == CONSUMER_PEER && start->feed_id == instance->feed_id &&
		       srp_feed_resume(&instance->feed, start->seq);

	instance->start_wanted = false;
	if (resumed) {
		instance->resumes++;
		instance->sync_kind = SRP_SYNC_RESUME;
	} else {
		bool whole = start->records == 0;

		if (!srp_feed_start(&instance->feed, engine_seconds(now),
				    whole ? SRP_WALK_WHOLE : SRP_WALK_COMPARE))
			return;
		instance->consumer = CONSUMER_PEER;
		instance->feed_id = instance->engine->next_feed_id += 2;
		instance->sync_kind = whole ? SRP_SYNC_WHOLE : SRP_SYNC_COMPARE;
		instance->full_syncs += whole;
		instance->compare_syncs += !whole;
	}
	instance->start_id = start->start_id;
	instance->sync_seq = instance->feed.seq;
	instance->acked_at = now;
	instance->tell_sync = true;
	begin_sync(instance, now);
	note_ready(instance, now);
}

/* The oldest of what is not acknowledged. */
static uint64_t oldest(const struct instance *instance, uint64_t now)
{
	const struct srp_feed *feed = &instance->feed;

	if (srp_feed_is_idle(feed))
		return 0;
	return feed->acked_seq == feed->seq ? now
					    : instance->sent_at[(feed->acked_seq + 1) % SRP_FEED_WINDOW];
}

static void take_ack(struct instance *instance, uint64_t now, const struct srp_frame *frame)
{
	if (frame->start_id == 0) {
		if (!instance->late_sent || frame->seq != instance->late_seq)
			return;
		instance->late_len -= instance->late_sent;
		memmove(instance->late, instance->late + instance->late_sent, instance->late_len);
		instance->late_sent = 0;
		if (instance->manager && !instance->late_len)
			manager_all_acked(instance->manager);
		return;
	}
	if (!srp_feed_ack(&instance->feed, frame->seq))
		return;
	instance->acked_at = now;
	instance->dirty_since = oldest(instance, now);
	note_ready(instance, now);
	if (instance->manager)
		manager_acked(instance->manager);
}

static void take_nack(struct instance *instance, const struct srp_frame *frame)
{
	struct srp_record *record = srp_store_find(instance->store, frame->call_id);

	instance->engine->stats.nacks_received++;
	if (record) {
		instance->feed.stats.resends++;
		srp_feed_mark(&instance->feed, record, true);
	} else if (instance->manager) {
		manager_event(instance->manager, SRP_LOCAL_SEND_MACRO, frame->call_id, 0);
	}
}

/* --- as the sink --------------------------------------------------------------------------- */

/* Accounting of the chassis that served before: for the session manager, which knows what is newer. */
static enum srp_engine_take take_late(struct instance *instance, uint64_t now, size_t len, const char **why)
{
	struct srp_engine *engine = instance->engine;
	struct manager *manager = instance->manager;
	size_t at = 0;

	while (at < len) {
		struct srp_op op;
		size_t size = srp_op_decode(engine->raw + at, len - at, &op, why);

		if (!size)
			return SRP_TAKE_BAD;
		if (op.type != SRP_OP_MICRO) {
			*why = "accounting that is no micro checkpoint";
			return SRP_TAKE_BAD;
		}
		/* Where nobody has taken the session over yet, it comes with the session. */
		if (!manager || !manager->restored)
			srp_feed_put(&instance->feed, engine_seconds(now), &op);
		at += size;
	}
	if (!manager || !manager->restored)
		return SRP_TAKE_OK;
	memcpy(manager->late + manager->late_len, engine->raw, len);
	manager->late_len += len;
	return SRP_TAKE_OK;
}

static bool late_has_room(struct instance *instance, size_t len)
{
	struct manager *manager = instance->manager;

	if (!manager)
		return true;
	if (!manager->late)
		manager->late = malloc(LATE_MAX);
	return manager->late && LATE_MAX - manager->late_len >= len;
}

static enum srp_engine_take take_batch(struct instance *instance, uint64_t now, const struct srp_frame *frame,
				       const char **why)
{
	struct srp_engine *engine = instance->engine;
	bool late = frame->start_id == 0;

	if (late ? !engine->role.serves : !instance->started || frame->start_id != instance->start_id)
		return SRP_TAKE_OK; /* for what was before; it will start anew */
	if (instance->differ_count || instance->nack_count > NACKS_MAX / 2 ||
	    (late && !late_has_room(instance, frame->raw_len)))
		return SRP_TAKE_LATER;
	if (!late && frame->seq != instance->next_seq) {
		*why = "a batch out of order";
		return SRP_TAKE_BAD;
	}
	if (!srp_decompress(engine->compressor, (enum srp_compression)frame->compression, frame->body,
			    frame->body_len, engine->raw, frame->raw_len)) {
		*why = "a batch that does not decompress";
		return SRP_TAKE_BAD;
	}
	engine->stats.raw_received += frame->raw_len;
	engine->stats.wire_received += frame->body_len;
	if (late) {
		enum srp_engine_take take = take_late(instance, now, frame->raw_len, why);

		instance->late_applied = frame->seq;
		instance->tell_late_ack = true;
		return take;
	}
	if (!srp_receiver_apply(&instance->receiver, engine_seconds(now), engine->raw, frame->raw_len, why))
		return SRP_TAKE_BAD;
	if (instance->differs_lost) {
		instance->differs_lost = false;
		*why = "out of memory for an audit";
		return SRP_TAKE_BAD;
	}
	instance->next_seq++;
	instance->applied = frame->seq;
	instance->peer_waiting = frame->waiting;
	instance->tell_ack = true;
	note_ready(instance, now);
	if (instance->receiver.complete && !instance->complete) {
		instance->complete = true;
		instance_review(instance, now);
	}
	return SRP_TAKE_OK;
}

static void take_sync(struct instance *instance, uint64_t now, const struct srp_frame *frame)
{
	instance->started = true;
	instance->applied_feed = frame->feed_id;
	instance->next_seq = frame->seq + 1;
	begin_sync(instance, now);
	srp_receiver_restart(&instance->receiver);
	if (frame->kind == SRP_SYNC_RESUME) {
		note_ready(instance, now);
		return;
	}
	srp_store_expect(instance->store, frame->records);
	instance->applied = frame->seq;
	instance->receiver.complete = false;
	/* Whatever it was, it is not the same as the sender's until it is told so. */
	if (!instance->engine->role.serves)
		instance->complete = instance->complete && frame->kind == SRP_SYNC_COMPARE;
}

/* --- frames -------------------------------------------------------------------------------- */

static void take_open(struct srp_engine *engine, const struct srp_frame *frame)
{
	engine->compression = srp_compression_agree((enum srp_compression)engine->config.compression,
						    (enum srp_compression)frame->compression);
	engine->peer_opened = true;
	/* Another srpd than last time: what was received from the one before cannot be gone on with. */
	if (engine->peer_chassis != frame->chassis)
		FOR_INSTANCES(engine, instance)
			instance->applied_feed = 0;
	engine->peer_chassis = frame->chassis;
}

static enum srp_engine_take take_frame(struct instance *instance, uint64_t now, const struct srp_frame *frame,
				       const struct srp_names *names, const char **why)
{
	switch (frame->type) {
	case SRP_FRAME_INSTANCE:
		instance->peer_known = true;
		instance->peer_flags = frame->flags;
		if (!instance->manager)
			instance->names = *names;
		break;
	case SRP_FRAME_START:
		instance->start = *frame;
		instance->start_wanted = true;
		break;
	case SRP_FRAME_SYNC:
		if (frame->start_id == instance->start_id && instance_direction(instance) == DIRECTION_SINK)
			take_sync(instance, now, frame);
		break;
	case SRP_FRAME_BATCH:
		return take_batch(instance, now, frame, why);
	case SRP_FRAME_ACK:
		if (frame->start_id == 0 ||
		    (instance->consumer == CONSUMER_PEER && frame->start_id == instance->start_id))
			take_ack(instance, now, frame);
		break;
	case SRP_FRAME_NACK:
		if (instance->consumer == CONSUMER_PEER && frame->start_id == instance->start_id)
			take_nack(instance, frame);
		break;
	case SRP_FRAME_DIFFER:
		if (instance->consumer == CONSUMER_PEER && frame->start_id == instance->start_id)
			srp_feed_differ(&instance->feed, frame->bits, frame->bucket);
		break;
	default:
		break;
	}
	return SRP_TAKE_OK;
}

enum srp_engine_take srp_engine_peer_receive(struct srp_engine *engine, uint64_t now, unsigned int type,
					     const uint8_t *payload, size_t len, const char **why)
{
	struct srp_names names;
	struct instance *instance;
	struct srp_frame frame;
	enum srp_engine_take take;
	bool ready;

	if (!engine->peer_open)
		return SRP_TAKE_OK;
	if (!srp_frame_decode(type, payload, len, &frame, &names, why))
		return SRP_TAKE_BAD;
	engine->heard_at = now;
	if (frame.type == SRP_FRAME_OPEN) {
		take_open(engine, &frame);
		engine_review(engine, now);
		return SRP_TAKE_OK;
	}
	if (frame.type == SRP_FRAME_HEARTBEAT) {
		if (engine->heartbeats < SRP_HEARTBEATS && ++engine->heartbeats == SRP_HEARTBEATS)
			engine_review(engine, now);
		return SRP_TAKE_OK;
	}
	if (frame.type == SRP_FRAME_KEEPALIVE || !frame.type)
		return SRP_TAKE_OK;
	if (!engine->peer_opened) {
		*why = "a frame before the handshake";
		return SRP_TAKE_BAD;
	}
	instance = engine_instance(engine, now, frame.instance);
	if (!instance) {
		*why = "out of memory for another session manager instance";
		return SRP_TAKE_BAD;
	}
	ready = instance_is_ready(instance);
	take = take_frame(instance, now, &frame, &names, why);
	/* Batches and their acknowledgements are many, and rarely change anything for others. */
	if (take == SRP_TAKE_OK &&
	    ((frame.type != SRP_FRAME_BATCH && frame.type != SRP_FRAME_ACK) ||
	     ready != instance_is_ready(instance) || engine->role.flush != SRP_ENGINE_FLUSH_NONE))
		engine_review(engine, now);
	return take;
}

/* --- what is to be sent -------------------------------------------------------------------- */

struct out {
	struct srp_engine *engine;
	uint8_t *buf;
	size_t size, len;
};

static bool out_put(struct out *out, const struct srp_frame *frame)
{
	size_t need = frame->type == SRP_FRAME_INSTANCE ? srp_frame_instance_size(frame->names)
							: SRP_FRAME_SMALL_MAX;

	if (out->size - out->len < need)
		return false;
	out->len += srp_frame_encode(frame, ++out->engine->sequence, out->buf + out->len);
	return true;
}

/* In this order: what differs in a batch is told before the batch is acknowledged. */
static bool tell_instance(struct out *out, struct instance *instance)
{
	struct srp_frame frame = {.instance = instance->number, .start_id = instance->start_id};

	if (instance->tell_instance) {
		frame.type = SRP_FRAME_INSTANCE;
		frame.flags = instance->told_flags = instance_flags(instance);
		frame.names = &instance->names;
		if (!out_put(out, &frame))
			return false;
		instance->tell_instance = false;
	}
	if (instance->tell_start) {
		frame.type = SRP_FRAME_START;
		frame.feed_id = instance->applied_feed;
		frame.seq = instance->applied;
		frame.records = instance->store->records;
		if (!out_put(out, &frame))
			return false;
		instance->tell_start = false;
	}
	if (instance->tell_sync) {
		frame.type = SRP_FRAME_SYNC;
		frame.feed_id = instance->feed_id;
		frame.seq = instance->sync_seq;
		frame.kind = instance->sync_kind;
		frame.records = instance->store->records;
		if (!out_put(out, &frame))
			return false;
		instance->tell_sync = false;
	}
	for (; instance->differ_count; instance->differ_count--) {
		frame.type = SRP_FRAME_DIFFER;
		frame.bits = instance->differs[instance->differ_count - 1].bits;
		frame.bucket = instance->differs[instance->differ_count - 1].bucket;
		if (!out_put(out, &frame))
			return false;
	}
	for (; instance->nack_count; instance->nack_count--) {
		struct srp_frame nack = instance->nacks_due[instance->nack_count - 1];

		nack.instance = instance->number;
		nack.start_id = instance->start_id;
		if (!out_put(out, &nack))
			return false;
		out->engine->stats.nacks_sent++;
	}
	if (instance->tell_ack) {
		frame.type = SRP_FRAME_ACK;
		frame.seq = instance->applied;
		if (!out_put(out, &frame))
			return false;
		instance->tell_ack = false;
	}
	if (instance->tell_late_ack) {
		frame = (struct srp_frame){.type = SRP_FRAME_ACK,
					   .instance = instance->number,
					   .seq = instance->late_applied};
		if (!out_put(out, &frame))
			return false;
		instance->tell_late_ack = false;
	}
	return true;
}

/* What lies in engine->raw, as a BATCH frame. */
static void put_batch(struct out *out, struct srp_frame *frame, size_t raw_len)
{
	struct srp_engine *engine = out->engine;
	uint8_t *head = out->buf + out->len, *body = head + SRP_FRAME_HEADER + SRP_FRAME_BATCH_HEAD;
	size_t len =
		srp_compress(engine->compressor, engine->compression, engine->raw, raw_len, body, raw_len);

	frame->type = SRP_FRAME_BATCH;
	frame->raw_len = (uint32_t)raw_len;
	frame->compression = (uint8_t)engine->compression;
	if (!len) {
		frame->compression = SRP_COMPRESSION_NONE;
		memcpy(body, engine->raw, raw_len);
		len = raw_len;
	}
	frame->body_len = len;
	srp_frame_encode(frame, ++engine->sequence, head);
	out->len += SRP_FRAME_HEADER + SRP_FRAME_BATCH_HEAD + len;
	engine->stats.raw_sent += raw_len;
	engine->stats.wire_sent += len;
}

uint64_t peer_batch_at(const struct instance *instance)
{
	if (instance->consumer != CONSUMER_PEER || !instance->start_id || instance->tell_sync ||
	    !srp_feed_ready(&instance->feed))
		return UINT64_MAX;
	return instance->acked_at + BATCH_WAIT_MSEC;
}

static bool has_batch(const struct instance *instance, uint64_t now)
{
	const struct srp_feed *feed = &instance->feed;
	uint64_t at = peer_batch_at(instance);

	if (at == UINT64_MAX)
		return false;
	/* A few changes wait a moment for others, as long as an answer is under way. */
	return now >= at || feed->acked_seq == feed->seq || feed->walk != SRP_WALK_NONE || feed->done_due ||
	       srp_feed_waiting(feed) >= BATCH_RECORDS;
}

static bool put_feed_batch(struct out *out, struct instance *instance, uint64_t now)
{
	struct srp_frame frame = {.instance = instance->number, .start_id = instance->start_id};
	size_t len;

	if (!has_batch(instance, now))
		return false;
	if (!instance->dirty_since)
		instance->dirty_since = now;
	len = srp_feed_fill(&instance->feed, engine_seconds(now), out->engine->raw, BATCH_SIZE);
	if (!len)
		return false;
	instance->sent_at[instance->feed.seq % SRP_FEED_WINDOW] = now;
	frame.seq = instance->feed.seq;
	frame.waiting = srp_feed_waiting(&instance->feed);
	put_batch(out, &frame, len);
	return true;
}

static bool put_late_batch(struct out *out, struct instance *instance)
{
	struct srp_frame frame = {.instance = instance->number};

	if (!instance->late_len || instance->late_sent || !instance->peer_known ||
	    !(instance->peer_flags & SRP_INSTANCE_SERVES))
		return false;
	instance->late_sent = instance->late_len;
	memcpy(out->engine->raw, instance->late, instance->late_len);
	frame.seq = ++instance->late_seq;
	put_batch(out, &frame, instance->late_sent);
	return true;
}

static void put_clock(struct out *out, uint64_t now)
{
	struct srp_engine *engine = out->engine;

	if (now >= engine->heartbeat_at) {
		engine->heartbeat_at = now + SRP_HEARTBEAT_MSEC;
		out_put(out, &(struct srp_frame){.type = SRP_FRAME_HEARTBEAT});
	}
	if (now >= engine->keepalive_at) {
		engine->keepalive_at = now + SRP_KEEPALIVE_MSEC;
		out_put(out, &(struct srp_frame){.type = SRP_FRAME_KEEPALIVE});
	}
}

size_t srp_engine_peer_fill(struct srp_engine *engine, uint64_t now, uint8_t *buf, size_t size)
{
	struct out out = {.engine = engine, .buf = buf, .size = size};

	if (!engine->peer_open)
		return 0;
	if (engine->tell_open) {
		engine->tell_open = false;
		out_put(&out, &(struct srp_frame){.type = SRP_FRAME_OPEN,
						  .chassis = engine->chassis,
						  .compression = engine->config.compression});
	}
	put_clock(&out, now);
	FOR_INSTANCES(engine, instance)
		if (!tell_instance(&out, instance))
			return out.len;
	if (!engine->peer_opened || size - out.len < SRP_ENGINE_FILL_MIN)
		return out.len;
	/* One batch, of one after the other. */
	for (unsigned int i = 0; i < engine->high; i++) {
		struct instance *instance;

		engine->turn = (uint16_t)(engine->turn % engine->high + 1);
		instance = engine->instances[engine->turn];
		if (instance && (put_late_batch(&out, instance) || put_feed_batch(&out, instance, now)))
			break;
	}
	return out.len;
}
