/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/engine_world.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/bytes.h"

static uint64_t seed;

uint32_t world_rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void on_log(void *arg, enum srp_engine_log level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

static void on_sessions(void *arg, const struct srp_engine_sessions *sessions)
{
	((struct chassis *)arg)->sessions = *sessions;
}

static void on_flushed(void *arg, uint32_t flush_id)
{
	((struct chassis *)arg)->flushed = flush_id;
}

/* --- sessions ------------------------------------------------------------------------------ */

static uint16_t number_of(size_t manager)
{
	return (uint16_t)(manager * 7 + 1);
}

static void apply(struct session *sessions, const struct srp_op *op)
{
	struct session *session = &sessions[op->call_id % CALLS];
	struct srp_op_field field;
	size_t offset = 0;

	if (op->type == SRP_OP_DONE)
		return;
	assert_true(op->call_id < CALLS);
	switch (op->type) {
	case SRP_OP_DELETE:
		session->there = false;
		break;
	case SRP_OP_MICRO:
		assert_true(session->there);
		session->fields[op->cmd - 2] = get64(op->data);
		break;
	case SRP_OP_MACRO:
		*session = (struct session){.there = true, .macro = get64(op->data)};
		while (srp_op_next_field(op->fields, op->fields_len, &offset, &field))
			session->fields[field.cmd - 2] = get64(field.value);
		break;
	default:
		break;
	}
}

static void store_sessions(const struct instance *instance, struct session *sessions)
{
	struct srp_walk walk;
	struct srp_record *record;
	uint32_t hash;

	memset(sessions, 0, CALLS * sizeof(*sessions));
	if (!instance)
		return;
	srp_walk_start(instance->store, &walk, 0, SRP_HASH_END);
	while ((record = srp_walk_next(instance->store, &walk, &hash))) {
		struct session *session = &sessions[record->call_id % CALLS];
		struct srp_stored_field field;
		size_t offset = 0;

		if (record->flags & SRP_RECORD_GONE)
			continue;
		assert_true(record->call_id < CALLS);
		*session = (struct session){.there = true, .macro = get64(record->data)};
		while (srp_record_next_field(record, &offset, &field))
			session->fields[field.cmd - 2] = get64(field.value);
	}
}

bool world_same_sessions(const struct session *a, const struct session *b)
{
	for (int i = 0; i < CALLS; i++) {
		if (a[i].there != b[i].there)
			return false;
		if (a[i].there &&
		    (a[i].macro != b[i].macro || memcmp(a[i].fields, b[i].fields, sizeof(a[i].fields))))
			return false;
	}
	return true;
}

/* --- managers ------------------------------------------------------------------------------ */

void world_send_op(struct world *world, struct chassis *chassis, struct model *model, const struct srp_op *op)
{
	uint8_t buf[600];

	srp_op_encode(op, buf);
	model->ops++;
	srp_engine_manager_receive(chassis->engine, world->now, model->id, SRP_LOCAL_OPS, buf,
				   srp_op_size(op));
}

static void send_session(struct world *world, struct chassis *chassis, struct model *model, uint64_t call_id)
{
	const struct session *session = &model->sessions[call_id];
	uint8_t macro[300] = {0}, fields[CMDS * 11];
	size_t len = 0;

	put64(macro, session->macro);
	for (int i = 0; i < CMDS; i++) {
		if (!session->fields[i])
			continue;
		fields[len] = (uint8_t)(i + 2);
		put16(fields + len + 1, 8);
		put64(fields + len + 3, session->fields[i]);
		len += 11;
	}
	world_send_op(world, chassis, model,
		      &(struct srp_op){.type = SRP_OP_MACRO,
				       .call_id = call_id,
				       .flags = call_id & 1 ? SRP_OP_IMS : 0,
				       .age = 100,
				       .data = macro,
				       .len = (uint16_t)(20 + session->macro % 250),
				       .fields = fields,
				       .fields_len = (uint16_t)len});
}

void world_change(struct world *world, struct chassis *chassis, struct model *model)
{
	uint64_t call_id = world_rnd(CALLS), value = ++world->value;
	struct session *session = &model->sessions[call_id];
	uint8_t bytes[8];

	if (model->id < 0 || !model->serves || !model->restored)
		return;
	put64(bytes, value);
	if (!session->there || world_rnd(6) == 0) {
		*session = (struct session){.there = true, .macro = value};
		if (world_rnd(2))
			session->fields[world_rnd(CMDS)] = value;
		send_session(world, chassis, model, call_id);
	} else if (world_rnd(6) == 0) {
		session->there = false;
		world_send_op(world, chassis, model,
			      &(struct srp_op){.type = SRP_OP_DELETE, .call_id = call_id});
	} else {
		uint8_t cmd = (uint8_t)(2 + world_rnd(CMDS));

		session->fields[cmd - 2] = value;
		world_send_op(world, chassis, model,
			      &(struct srp_op){.type = SRP_OP_MICRO,
					       .call_id = call_id,
					       .cmd = cmd,
					       .data = bytes,
					       .len = 8});
	}
	model->values[call_id] = value;
	model->ops_of[call_id] = model->ops;
}

void world_connect_manager(struct world *world, struct chassis *chassis, size_t which, bool has)
{
	struct model *model = &chassis->managers[which];
	struct srp_names names = {.manager = "model", .macro = "FULL", .count = CMDS};
	uint8_t buf[600];

	model->id = srp_engine_manager_open(chassis->engine, 1000 + (int)which);
	model->ops = model->acked = 0;
	model->has = has;
	model->restored = model->serves = false;
	memset(model->ops_of, 0, sizeof(model->ops_of));
	if (!has)
		memset(model->sessions, 0, sizeof(model->sessions));
	for (uint8_t i = 0; i < CMDS; i++)
		names.list[i] = (struct srp_micro_name){.cmd = (uint8_t)(i + 2), .name = "FIELD"};
	put16(buf, number_of(which));
	buf[2] = (uint8_t)((has ? SRP_REGISTER_HAS : 0) | (model->hot ? SRP_REGISTER_HOT : 0));
	srp_engine_manager_receive(chassis->engine, world->now, model->id, SRP_LOCAL_REGISTER, buf,
				   3 + srp_names_encode(&names, buf + 3));
}

static void take_ops(struct model *model, const uint8_t *payload, size_t len)
{
	size_t at = 0;

	while (at < len) {
		struct srp_op op;
		const char *why;
		size_t size = srp_op_decode(payload + at, len - at, &op, &why);

		assert_true(size > 0);
		apply(model->sessions, &op);
		at += size;
	}
}

static void take_status(struct chassis *chassis, struct model *model, const uint8_t *payload)
{
	bool serves = payload[1] & SRP_STATUS_SERVES;

	if (model->serves != serves) {
		model->restored = false;
		/* One that follows along keeps what it has, and so does one that is asked for all. */
		if (serves && !model->hot && !model->has)
			memset(model->sessions, 0, sizeof(model->sessions));
		model->has = false;
	}
	model->serves = serves;
	model->acked = get64(payload + 3);
	assert_true(model->acked <= model->ops);
	(void)chassis;
}

static void take_local(struct world *world, struct chassis *chassis, struct model *model, unsigned int type,
		       const uint8_t *payload, size_t len)
{
	uint8_t order[4];

	switch (type) {
	case SRP_LOCAL_STATUS:
		take_status(chassis, model, payload);
		break;
	case SRP_LOCAL_OPS:
		take_ops(model, payload, len);
		break;
	case SRP_LOCAL_RESTORED:
		model->restored = true;
		model->restored_calls = get64(payload);
		break;
	case SRP_LOCAL_SEND_ALL:
		for (uint64_t i = 0; i < CALLS; i++)
			if (model->sessions[i].there)
				send_session(world, chassis, model, i);
		srp_engine_manager_receive(chassis->engine, world->now, model->id, SRP_LOCAL_ALL_SENT, NULL,
					   0);
		model->restored = true;
		break;
	case SRP_LOCAL_FLUSH:
		model->flush_id = get32(payload);
		model->flush_kind = payload[4];
		put32(order, model->flush_id);
		/* Accounting that was counted after the sessions had gone. */
		for (uint64_t i = 0; model->flush_kind == SRP_ENGINE_FLUSH_IMS && i < 3; i++)
			world_send_op(world, chassis, model,
				      &(struct srp_op){.type = SRP_OP_MICRO,
						       .call_id = i,
						       .cmd = 2,
						       .data = order,
						       .len = 4});
		srp_engine_manager_receive(chassis->engine, world->now, model->id, SRP_LOCAL_FLUSHED, order,
					   4);
		break;
	case SRP_LOCAL_REFUSED:
		model->refused++;
		break;
	case SRP_LOCAL_PURGE:
		model->purged++;
		break;
	case SRP_LOCAL_LATE:
		model->late += (unsigned int)(len / (SRP_OP_MICRO_HEAD + 4));
		break;
	case SRP_LOCAL_ERROR:
		model->error = "ERROR";
		break;
	default:
		break;
	}
}

bool world_pump_managers(struct world *world, struct chassis *chassis)
{
	static uint8_t buf[SRP_ENGINE_LOCAL_FILL_MIN];
	bool any = false;

	for (size_t i = 0; i < INSTANCES; i++) {
		struct model *model = &chassis->managers[i];
		size_t len = model->id < 0 ? 0
					   : srp_engine_manager_fill(chassis->engine, world->now, model->id,
								     buf, sizeof(buf)),
		       at = 0;

		while (at < len) {
			unsigned int type;
			size_t payload;

			assert_int_equal(srp_local_frame(buf + at, len - at, &type, &payload), 1);
			take_local(world, chassis, model, type, buf + at + SRP_LOCAL_HEADER, payload);
			at += SRP_LOCAL_HEADER + payload;
		}
		any = any || len;
	}
	return any;
}

/* --- the connection ------------------------------------------------------------------------ */

static void clear_queue(struct chassis *chassis)
{
	for (size_t i = 0; i < chassis->queued; i++)
		free(chassis->queue[i].payload);
	chassis->queued = 0;
}

void world_cut(struct world *world)
{
	if (!world->linked)
		return;
	world->linked = false;
	for (int i = 0; i < 2; i++) {
		clear_queue(&world->chassis[i]);
		srp_engine_peer_closed(world->chassis[i].engine, world->now);
	}
}

void world_link_up(struct world *world)
{
	if (world->linked)
		return;
	world->linked = true;
	for (int i = 0; i < 2; i++)
		srp_engine_peer_open(world->chassis[i].engine, world->now, 0);
}

bool world_send_frames(struct world *world, int from)
{
	static uint8_t buf[2 * SRP_ENGINE_FILL_MIN];
	struct chassis *to = &world->chassis[!from];
	size_t len, at = 0;

	if (!world->linked || to->queued > QUEUE_ENOUGH)
		return false;
	len = srp_engine_peer_fill(world->chassis[from].engine, world->now, buf,
				   SRP_ENGINE_FILL_MIN + (world_rnd(2) ? SRP_ENGINE_FILL_MIN : 0));
	while (at < len) {
		size_t payload = get32(buf + at + 4);
		struct frame *frame = &to->queue[to->queued++];

		assert_true(to->queued < QUEUE);
		*frame = (struct frame){.type = buf[at + 3], .len = payload, .payload = malloc(payload + 1)};
		memcpy(frame->payload, buf + at + SRP_FRAME_HEADER, payload);
		at += SRP_FRAME_HEADER + payload;
	}
	return len;
}

bool world_take_frame(struct world *world, int to)
{
	struct chassis *chassis = &world->chassis[to];
	struct frame first;
	const char *why = NULL;
	enum srp_engine_take take;

	if (!chassis->queued)
		return false;
	first = chassis->queue[0];
	take = srp_engine_peer_receive(chassis->engine, world->now, first.type, first.payload, first.len,
				       &why);
	if (take == SRP_TAKE_LATER)
		return false;
	if (take == SRP_TAKE_BAD)
		fail_msg("frame %u: %s", first.type, why);
	free(first.payload);
	memmove(chassis->queue, chassis->queue + 1, --chassis->queued * sizeof(first));
	return true;
}

/* --- chassis ------------------------------------------------------------------------------- */

void world_start_engine(struct world *world, int which)
{
	struct chassis *chassis = &world->chassis[which];

	chassis->engine = srp_engine_new(world->now, 1000 * ++world->engines, &chassis->config,
					 &(struct srp_engine_events){.log = on_log,
								     .sessions = on_sessions,
								     .flushed = on_flushed,
								     .arg = chassis});
	assert_non_null(chassis->engine);
	srp_engine_set_role(chassis->engine, world->now, &chassis->role);
	for (size_t i = 0; i < INSTANCES; i++)
		chassis->managers[i].id = -1;
}

struct world *world_new(uint64_t start, bool hot)
{
	struct world *world = calloc(1, sizeof(*world));

	seed = start;
	world->now = 100000;
	for (int i = 0; i < 2; i++) {
		struct chassis *chassis = &world->chassis[i];

		srp_engine_config_init(&chassis->config);
		chassis->config.aggressive = true;
		chassis->config.duration_ims = chassis->config.duration_non_ims = 0;
		chassis->config.memory_mib = 64;
		chassis->config.compression = start & 1 ? SRP_COMPRESSION_LZ4 : SRP_COMPRESSION_ZLIB;
		chassis->role = (struct srp_engine_role){.role = i ? STANDBY : ACTIVE, .serves = !i};
		world_start_engine(world, i);
		for (size_t m = 0; m < INSTANCES; m++) {
			chassis->managers[m].hot = hot;
			world_connect_manager(world, chassis, m, false);
		}
	}
	return world;
}

void world_free(struct world *world)
{
	for (int i = 0; i < 2; i++) {
		clear_queue(&world->chassis[i]);
		srp_engine_free(world->chassis[i].engine);
	}
	free(world);
}

void world_pass(struct world *world, uint64_t msec)
{
	world->now += msec;
	for (int i = 0; i < 2; i++)
		srp_engine_tick(world->chassis[i].engine, world->now);
}

int world_server(const struct world *world)
{
	return world->chassis[0].role.serves ? 0 : 1;
}

void world_set_serves(struct world *world, int which, bool serves)
{
	struct chassis *chassis = &world->chassis[which];

	chassis->role.serves = serves;
	chassis->role.role = serves ? ACTIVE : STANDBY;
	chassis->role.flush = SRP_ENGINE_FLUSH_NONE;
	srp_engine_set_role(chassis->engine, world->now, &chassis->role);
}

void world_settle(struct world *world)
{
	world_link_up(world);
	for (int quiet = 0, i = 0; quiet < 40 && i < 20000; i++) {
		bool any = false;

		for (int c = 0; c < 2; c++) {
			any = world_pump_managers(world, &world->chassis[c]) || any;
			any = world_send_frames(world, c) || any;
			any = world_take_frame(world, c) || any;
		}
		quiet = any ? 0 : quiet + 1;
		if (!any)
			world_pass(world, 400);
	}
}

struct instance *world_instance_at(struct world *world, int chassis, size_t manager)
{
	return world->chassis[chassis].engine->instances[number_of(manager)];
}

void world_check_settled(struct world *world)
{
	int active = world_server(world);

	for (size_t m = 0; m < INSTANCES; m++) {
		struct session mine[CALLS], other[CALLS];
		struct model *model = &world->chassis[active].managers[m];

		store_sessions(world_instance_at(world, active, m), mine);
		store_sessions(world_instance_at(world, !active, m), other);
		assert_string_equal(instance_state(world_instance_at(world, active, m)), "Ready");
		assert_string_equal(instance_state(world_instance_at(world, !active, m)), "Ready");
		assert_true(world_same_sessions(mine, other));
		assert_null(model->error);
		if (model->id < 0)
			continue;
		assert_true(model->restored);
		assert_true(world_same_sessions(mine, model->sessions));
		assert_int_equal(model->acked, model->ops);
		/* One that follows along has it all, too. */
		model = &world->chassis[!active].managers[m];
		if (model->hot && model->id >= 0)
			assert_true(world_same_sessions(mine, model->sessions));
	}
}

/* What the managers were told is safe is there: on the chassis that has just taken over. */
void world_check_kept(struct world *world, int dead)
{
	for (size_t m = 0; m < INSTANCES; m++) {
		const struct model *model = &world->chassis[dead].managers[m];
		struct session kept[CALLS];

		store_sessions(world_instance_at(world, !dead, m), kept);
		for (int i = 0; i < CALLS; i++) {
			const struct session *session = &model->sessions[i];

			if (!model->ops_of[i] || model->ops_of[i] > model->acked)
				continue;
			assert_int_equal(kept[i].there, session->there);
			if (session->there)
				assert_memory_equal(kept[i].fields, session->fields, sizeof(kept[i].fields));
		}
	}
}

void world_kill_chassis(struct world *world, int which)
{
	world_cut(world);
	srp_engine_free(world->chassis[which].engine);
	for (size_t m = 0; m < INSTANCES; m++) {
		struct model *model = &world->chassis[which].managers[m];
		bool hot = model->hot;

		*model = (struct model){.id = -1, .hot = hot};
	}
	world->chassis[which].role.serves = false;
	world->chassis[which].role.role = STANDBY;
	world->chassis[which].role.flush = SRP_ENGINE_FLUSH_NONE;
	world_start_engine(world, which);
}
