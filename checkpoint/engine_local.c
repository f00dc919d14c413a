/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The engine's side of the local socket: session managers. See engine.h and local.h. */
#include <stdlib.h>
#include <string.h>

#include "checkpoint/bytes.h"
#include "checkpoint/engine_private.h"

#define SRP_RECORD_STALE 0x04u /* flag of a record: SEND_ALL, and it was not named yet */

static void fail(struct manager *manager, const char *why)
{
	if (!manager->error)
		manager->error = why;
}

void manager_event(struct manager *manager, uint8_t type, uint64_t call_id, uint8_t why)
{
	/* One that does not read them loses the rest. */
	if (manager->event_count == EVENTS_MAX)
		return;
	manager->events[(manager->event_first + manager->event_count++) % EVENTS_MAX] =
		(struct event){.type = type, .call_id = call_id, .why = why};
}

void manager_feed(struct instance *instance, uint64_t now, bool restore)
{
	bool peer = instance->consumer == CONSUMER_PEER && instance->start_id;

	if (!srp_feed_start(&instance->feed, engine_seconds(now), SRP_WALK_WHOLE))
		return;
	instance->consumer = CONSUMER_MANAGER;
	instance->manager->all_come_due = true;
	/* The peer's turn comes again afterwards. */
	if (peer) {
		instance->start.feed_id = 0;
		instance->start.records = 1;
		instance->start_wanted = true;
	}
	if (restore)
		srp_feed_put_first(&instance->feed, engine_seconds(now) - SRP_RECENT_SEC);
}

/* --- what is acknowledged ------------------------------------------------------------------ */

static void mark(struct manager *manager, uint64_t version)
{
	unsigned int last = (manager->mark_first + manager->mark_count - 1) % MARKS_MAX;

	/* When there are too many, the last one stands for more. */
	if (manager->mark_count < MARKS_MAX) {
		last = (manager->mark_first + manager->mark_count) % MARKS_MAX;
		manager->mark_count++;
	}
	manager->marks[last].version = version;
	manager->marks[last].ops = manager->ops;
}

void manager_acked(struct manager *manager)
{
	uint64_t acked = srp_feed_acked(&manager->instance->feed), before = manager->acked_ops;

	while (manager->mark_count && manager->marks[manager->mark_first].version <= acked) {
		manager->acked_ops = manager->marks[manager->mark_first].ops;
		manager->mark_first = (manager->mark_first + 1) % MARKS_MAX;
		manager->mark_count--;
	}
	if (manager->acked_ops != before)
		manager->status_due = true;
}

void manager_all_acked(struct manager *manager)
{
	manager->mark_count = 0;
	manager->acked_ops = manager->ops;
	manager->status_due = true;
}

/* --- connections --------------------------------------------------------------------------- */

int srp_engine_manager_open(struct srp_engine *engine, int pid)
{
	for (int i = 0; i < SRP_MANAGERS_MAX; i++) {
		if (engine->managers[i].used)
			continue;
		engine->managers[i] = (struct manager){.used = true, .pid = pid};
		return i;
	}
	return -1;
}

void srp_engine_manager_closed(struct srp_engine *engine, uint64_t now, int index)
{
	struct manager *manager = &engine->managers[index];
	struct instance *instance = manager->instance;

	free(manager->late);
	if (instance) {
		engine_log(engine, SRP_ENGINE_NOTICE, "session manager %u (pid %d) is gone", instance->number,
			   manager->pid);
		instance->manager = NULL;
		if (instance->consumer == CONSUMER_MANAGER)
			instance_stop_feed(instance);
		/* It did not come to the end of what it had: whoever comes next sends it again, or fetches it. */
		if (manager->sending_all)
			instance_wait(instance, now, true);
	}
	memset(manager, 0, sizeof(*manager));
	engine_review(engine, now);
}

bool srp_engine_manager_shall_close(const struct srp_engine *engine, int index)
{
	return engine->managers[index].closing;
}

bool srp_engine_manager_may_read(const struct srp_engine *engine, int index)
{
	const struct manager *manager = &engine->managers[index];

	return !manager->error && !(manager->instance && manager->instance->late_len);
}

/* --- frames -------------------------------------------------------------------------------- */

static void take_register(struct srp_engine *engine, uint64_t now, struct manager *manager,
			  const uint8_t *payload, size_t len)
{
	struct instance *instance;
	struct srp_names names;
	uint16_t number;

	if (manager->instance) {
		fail(manager, "REGISTER came before");
		return;
	}
	if (len < 3) {
		fail(manager, "REGISTER is too short");
		return;
	}
	number = get16(payload);
	if (number < 1 || number > SRP_INSTANCE_MAX) {
		fail(manager, "the instance is not within 1..1024");
		return;
	}
	if (!srp_names_decode(payload + 3, len - 3, &names)) {
		fail(manager,
		     "the names of checkpoints are malformed, not ascending, or too long (31 characters)");
		return;
	}
	instance = engine_instance(engine, now, number);
	if (!instance || instance->manager) {
		fail(manager, instance ? "the instance is registered by another process"
				       : "out of memory for another instance");
		return;
	}
	engine_log(engine, SRP_ENGINE_NOTICE, "session manager %u%s%s (pid %d) is registered", number,
		   names.manager[0] ? " " : "", names.manager, manager->pid);
	manager->instance = instance;
	manager->flags = payload[2];
	manager->registered_due = manager->status_due = true;
	instance->manager = manager;
	instance->names = names;
	instance->tell_instance = true;
	if (!instance->complete)
		instance_wait(instance, now, false);
	/* What it has is the truth; what is here may be missing something, or be too much. */
	if (engine->role.serves && (manager->flags & SRP_REGISTER_HAS))
		manager->send_all_due = manager->sending_all = manager->restored = true;
	engine_review(engine, now);
}

static bool sends_accounting(const struct manager *manager)
{
	return manager->flush_open && manager->flush_kind != SRP_ENGINE_FLUSH_ALL &&
	       manager->flush_kind != SRP_ENGINE_FLUSH_NONE;
}

/* The chassis does not serve any more: the accounting that is left goes to the one that does. */
static void take_late_op(struct instance *instance, const struct srp_op *op)
{
	if (!instance->late)
		instance->late = malloc(LATE_MAX);
	if (!instance->late || op->type != SRP_OP_MICRO || srp_op_size(op) > LATE_MAX - instance->late_len)
		return;
	instance->late_len += srp_op_encode(op, instance->late + instance->late_len);
}

static void take_put(struct srp_engine *engine, uint32_t now, struct manager *manager,
		     const struct srp_op *op)
{
	struct instance *instance = manager->instance;
	enum srp_store_result result = instance->consumer == CONSUMER_MANAGER
					       ? srp_feed_put_known(&instance->feed, now, op)
					       : srp_feed_put(&instance->feed, now, op);

	switch (result) {
	case SRP_STORE_OK:
	case SRP_STORE_NEW:
		break;
	case SRP_STORE_UNKNOWN:
		if (op->type == SRP_OP_MICRO && op->cmd != SRP_CMD_INVALIDATE)
			manager_event(manager, SRP_LOCAL_REFUSED, op->call_id, SRP_REFUSED_UNKNOWN);
		break;
	case SRP_STORE_TOO_BIG:
		manager_event(manager, SRP_LOCAL_REFUSED, op->call_id, SRP_REFUSED_TOO_BIG);
		break;
	case SRP_STORE_FULL:
		engine->stats.refused_memory++;
		manager_event(manager, SRP_LOCAL_REFUSED, op->call_id, SRP_REFUSED_MEMORY);
		break;
	}
}

static void take_op(struct srp_engine *engine, uint32_t now, struct manager *manager, const struct srp_op *op)
{
	manager->ops++;
	if (engine->role.serves)
		take_put(engine, now, manager, op);
	else if (sends_accounting(manager))
		take_late_op(manager->instance, op);
	else
		manager_event(manager, SRP_LOCAL_REFUSED, op->call_id, SRP_REFUSED_STANDBY);
}

static void take_ops(struct srp_engine *engine, uint64_t now, struct manager *manager, const uint8_t *payload,
		     size_t len)
{
	struct instance *instance = manager->instance;
	struct srp_op ops[SRP_OPS_AHEAD];
	size_t at = 0, count;
	bool idle = srp_feed_is_idle(&instance->feed);

	while (at < len) {
		const char *bad;

		at += srp_op_decode_some(payload + at, len - at, ops, SRP_OPS_AHEAD, &count, &bad);
		srp_store_prefetch(instance->store, ops, count);
		for (size_t i = 0; i < count; i++) {
			if (ops[i].type > SRP_OP_DELETE) {
				fail(manager, "an operation that session managers do not send");
				return;
			}
			take_op(engine, engine_seconds(now), manager, &ops[i]);
		}
		if (bad) {
			fail(manager, bad);
			return;
		}
	}
	if (!engine->role.serves)
		return;
	if (idle || !instance->dirty_since)
		instance->dirty_since = now;
	mark(manager, instance->feed.version);
}

/* --- the manager sends all ----------------------------------------------------------------- */

static void mark_stale(struct instance *instance)
{
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash;

	srp_walk_start(instance->store, &walk, 0, SRP_HASH_END);
	while ((record = srp_walk_next(instance->store, &walk, &hash)))
		if (!(record->flags & SRP_RECORD_GONE))
			record->flags |= SRP_RECORD_STALE;
}

static void drop_stale(struct instance *instance)
{
	uint64_t position = 0;
	struct srp_record *record;
	struct srp_walk walk;
	uint32_t hash;

	/* Taking one out moves others: look up the place again each time. */
	do {
		srp_walk_start(instance->store, &walk, position, SRP_HASH_END);
		while ((record = srp_walk_next(instance->store, &walk, &hash)) &&
		       !(record->flags & SRP_RECORD_STALE))
			;
		if (record) {
			position = hash;
			record->flags &= (uint8_t)~SRP_RECORD_STALE;
			srp_feed_bury(&instance->feed, record);
		}
	} while (record);
}

static void take_all_sent(struct srp_engine *engine, uint64_t now, struct manager *manager)
{
	if (!manager->sending_all || manager->send_all_due)
		return;
	manager->sending_all = false;
	drop_stale(manager->instance);
	manager->instance->complete = true;
	engine_review(engine, now);
}

static void take_nack(struct srp_engine *engine, uint64_t now, struct manager *manager,
		      const uint8_t *payload, size_t len)
{
	struct instance *instance = manager->instance;
	struct srp_record *record;
	uint64_t call_id;

	if (len < 9) {
		fail(manager, "NACK is too short");
		return;
	}
	call_id = get64(payload);
	if (!engine->role.serves) {
		peer_nack(instance, now, call_id, payload[8]);
		return;
	}
	/* A session that cannot be taken over is lost. */
	record = srp_store_find(instance->store, call_id);
	if (!record)
		return;
	if (engine->stats.loss_count)
		engine->stats.losses[(engine->stats.loss_count - 1) % SRP_LOSS_ENTRIES].refused++;
	srp_feed_bury(&instance->feed, record);
}

void srp_engine_manager_receive(struct srp_engine *engine, uint64_t now, int index, unsigned int type,
				const uint8_t *payload, size_t len)
{
	struct manager *manager = &engine->managers[index];

	if (manager->error)
		return;
	if (type != SRP_LOCAL_REGISTER && !manager->instance) {
		fail(manager, "the first frame is not REGISTER");
		return;
	}
	switch (type) {
	case SRP_LOCAL_REGISTER:
		take_register(engine, now, manager, payload, len);
		break;
	case SRP_LOCAL_OPS:
		take_ops(engine, now, manager, payload, len);
		break;
	case SRP_LOCAL_ALL_SENT:
		take_all_sent(engine, now, manager);
		break;
	case SRP_LOCAL_FLUSHED:
		if (len >= 4 && manager->flush_open && !manager->flush_due &&
		    get32(payload) == manager->flush_id) {
			manager->flush_open = false;
			engine_review(engine, now);
		}
		break;
	case SRP_LOCAL_NACK:
		take_nack(engine, now, manager, payload, len);
		break;
	default:
		fail(manager, "an unknown frame");
		break;
	}
}

/* --- what is to be sent -------------------------------------------------------------------- */

struct out {
	uint8_t *buf;
	size_t size, len;
};

static uint8_t *out_frame(struct out *out, enum srp_local_type type, size_t payload)
{
	uint8_t *at = out->buf + out->len;

	if (out->size - out->len < SRP_LOCAL_HEADER + payload)
		return NULL;
	srp_local_header(at, type, payload);
	out->len += SRP_LOCAL_HEADER + payload;
	return at + SRP_LOCAL_HEADER;
}

static void put_status(struct out *out, struct srp_engine *engine, struct manager *manager)
{
	const struct srp_engine_role *role = &engine->role;
	uint8_t *at = out_frame(out, SRP_LOCAL_STATUS, SRP_LOCAL_STATUS_SIZE);

	if (!at)
		return;
	manager->status_due = false;
	at[0] = role->role;
	at[1] = (uint8_t)((role->serves ? SRP_STATUS_SERVES : 0) | (role->gate_ims ? SRP_STATUS_IMS : 0) |
			  (role->gate_non_ims ? SRP_STATUS_NON_IMS : 0) |
			  (role->gate_control ? SRP_STATUS_CONTROL : 0));
	manager->told_ready = instance_is_ready(manager->instance);
	at[2] = manager->told_ready;
	put64(at + 3, manager->acked_ops);
}

static void put_events(struct out *out, struct manager *manager)
{
	while (manager->event_count) {
		const struct event *event = &manager->events[manager->event_first];
		uint8_t *at = out_frame(out, (enum srp_local_type)event->type,
					event->type == SRP_LOCAL_REFUSED ? 9 : 8);

		if (!at)
			return;
		put64(at, event->call_id);
		if (event->type == SRP_LOCAL_REFUSED)
			at[8] = event->why;
		manager->event_first = (manager->event_first + 1) % EVENTS_MAX;
		manager->event_count--;
	}
}

/* Seed: a restored session has its full lifetime. Fields that count it down say so. */
static void restore_lifetimes(const struct srp_names *names, uint8_t *ops, size_t len)
{
	size_t at = 0;

	while (at < len) {
		const char *why;
		struct srp_op op;
		struct srp_op_field field;
		size_t size = srp_op_decode(ops + at, len - at, &op, &why), offset = 0;

		if (!size)
			return;
		while (op.type == SRP_OP_MACRO && op.lifetime &&
		       srp_op_next_field(op.fields, op.fields_len, &offset, &field)) {
			const struct srp_micro_name *micro = srp_names_find(names, field.cmd);

			if (micro && (micro->flags & SRP_MICRO_LIFETIME) && field.len == 4)
				put32(ops + (field.value - ops), op.lifetime);
		}
		at += size;
	}
}

static void put_ops(struct out *out, struct srp_engine *engine, uint64_t now, struct instance *instance)
{
	size_t room = out->size - out->len, len;
	uint8_t *at = out->buf + out->len + SRP_LOCAL_HEADER;

	if (instance->consumer != CONSUMER_MANAGER || room < SRP_LOCAL_HEADER + BATCH_SIZE)
		return;
	len = srp_feed_fill(&instance->feed, engine_seconds(now), at, BATCH_SIZE);
	if (!len)
		return;
	/* The socket loses nothing; with its end the manager's knowledge ends, too. */
	srp_feed_ack(&instance->feed, instance->feed.seq);
	if (instance->manager->restoring)
		restore_lifetimes(&instance->names, at, len);
	out_frame(out, SRP_LOCAL_OPS, len);
	if (srp_feed_is_idle(&instance->feed))
		engine_review(engine, now);
}

static void put_flush(struct out *out, struct manager *manager)
{
	uint8_t *at = out_frame(out, SRP_LOCAL_FLUSH, 5);

	if (!at)
		return;
	put32(at, manager->flush_id);
	at[4] = (uint8_t)manager->flush_kind;
	manager->flush_due = false;
}

static bool put_error(struct out *out, struct manager *manager)
{
	size_t len = strlen(manager->error);
	uint8_t *at = out_frame(out, SRP_LOCAL_ERROR, len);

	if (at)
		memcpy(at, manager->error, len);
	manager->closing = true;
	return at != NULL;
}

size_t srp_engine_manager_fill(struct srp_engine *engine, uint64_t now, int index, uint8_t *buf, size_t size)
{
	struct manager *manager = &engine->managers[index];
	struct out out = {.buf = buf, .size = size};
	uint8_t *at;

	if (manager->closing)
		return 0;
	if (manager->error) {
		engine_log(engine, SRP_ENGINE_WARNING, "session manager (pid %d): %s", manager->pid,
			   manager->error);
		put_error(&out, manager);
		return out.len;
	}
	if (!manager->instance)
		return 0;
	if (manager->registered_due && (at = out_frame(&out, SRP_LOCAL_REGISTERED, 8))) {
		put32(at, engine->config.duration_ims);
		put32(at + 4, engine->config.duration_non_ims);
		manager->registered_due = false;
	}
	if (manager->status_due)
		put_status(&out, engine, manager);
	if (manager->send_all_due && out_frame(&out, SRP_LOCAL_SEND_ALL, 0)) {
		manager->send_all_due = false;
		mark_stale(manager->instance);
	}
	put_events(&out, manager);
	if (manager->late_len && (at = out_frame(&out, SRP_LOCAL_LATE, manager->late_len))) {
		memcpy(at, manager->late, manager->late_len);
		manager->late_len = 0;
	}
	if (manager->all_come_due && out_frame(&out, SRP_LOCAL_ALL_COME, 0))
		manager->all_come_due = false;
	if (!manager->all_come_due)
		put_ops(&out, engine, now, manager->instance);
	if (manager->restored_due && (at = out_frame(&out, SRP_LOCAL_RESTORED, 8))) {
		put64(at, manager->restored_calls);
		manager->restored_due = false;
	}
	/* After everything that it is about. */
	if (manager->flush_due)
		put_flush(&out, manager);
	return out.len;
}
