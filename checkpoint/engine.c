/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See engine.h: instances, who follows whom, flushes, time. The peer is engine_peer.c's, managers engine_local.c's. */
#include "checkpoint/engine_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB        20    /* bits */
#define RESUME_MAX 10000 /* records, or half of them */
#define FORCE_MSEC 2000  /* how long a forced hand-over waits for a session manager */

uint32_t engine_seconds(uint64_t now)
{
	return (uint32_t)(now / 1000);
}

void engine_log(struct srp_engine *engine, enum srp_engine_log level, const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	engine->events.log(engine->events.arg, level, text);
}

/* --- instances ----------------------------------------------------------------------------- */

static void on_differ(void *arg, uint8_t bits, uint32_t bucket)
{
	struct instance *instance = arg;

	/* There is room for all digests that fit into one batch, and no other batch is taken before these are told. */
	if (!instance->differs)
		instance->differs = calloc(DIFFERS_MAX, sizeof(*instance->differs));
	if (!instance->differs || instance->differ_count == DIFFERS_MAX) {
		instance->differs_lost = true;
		return;
	}
	instance->differs[instance->differ_count].bits = bits;
	instance->differs[instance->differ_count++].bucket = bucket;
}

static void on_failed(void *arg, const struct srp_op *op, enum srp_store_result why)
{
	struct instance *instance = arg;

	if (why == SRP_STORE_FULL)
		instance->engine->stats.refused_memory++;
	/* What was to be known of the session is not known any more; the macro is asked for with CMD-ID 0. */
	peer_nack(instance, instance->engine->heard_at, op->call_id, op->type == SRP_OP_MICRO ? op->cmd : 0);
}

static void on_mended(void *arg, uint64_t call_id)
{
	struct instance *instance = arg;

	if (instance->nacks_awaited)
		peer_mended(instance, call_id);
}

static void on_purge(void *arg, const struct srp_record *record)
{
	struct instance *instance = arg;

	instance->engine->stats.purged++;
	if (instance->manager && instance->engine->config.graceful_cleanup)
		manager_event(instance->manager, SRP_LOCAL_PURGE, record->call_id, 0);
}

struct instance *engine_instance(struct srp_engine *engine, uint64_t now, uint16_t number)
{
	struct instance *instance = engine->instances[number];

	if (instance)
		return instance;
	instance = calloc(1, sizeof(*instance));
	if (!instance)
		return NULL;
	instance->store = srp_store_new(engine->arena);
	if (!instance->store) {
		free(instance);
		return NULL;
	}
	instance->engine = engine;
	instance->number = number;
	srp_feed_init(&instance->feed, instance->store, engine_seconds(now));
	srp_receiver_init(&instance->receiver, &instance->feed,
			  &(struct srp_receiver_events){.differ = on_differ,
							.failed = on_failed,
							.mended = on_mended,
							.purge = on_purge,
							.arg = instance});
	instance_wait(instance, now, true);
	instance->tell_instance = true;
	engine->instances[number] = instance;
	if (number > engine->high)
		engine->high = number;
	engine->stats.instances++;
	return instance;
}

struct instance *engine_next(const struct srp_engine *engine, unsigned int number)
{
	for (; number <= engine->high; number++)
		if (engine->instances[number])
			return engine->instances[number];
	return NULL;
}

static void instance_free(struct instance *instance)
{
	if (!instance)
		return;
	srp_receiver_clear(&instance->receiver);
	srp_feed_clear(&instance->feed);
	srp_store_free(instance->store);
	free(instance->differs);
	free(instance->late);
	free(instance);
}

void instance_wait(struct instance *instance, uint64_t now, bool anew)
{
	if (anew)
		instance->wait_limit = now + 3 * SRP_FETCH_WAIT_MSEC;
	instance->wait_until = now + SRP_FETCH_WAIT_MSEC;
	if (instance->wait_until > instance->wait_limit)
		instance->wait_until = instance->wait_limit;
}

void instance_stop_feed(struct instance *instance)
{
	srp_feed_stop(&instance->feed);
	/* What the peer asked for has ended with it. */
	if (instance->consumer == CONSUMER_PEER)
		instance->start_id = 0;
	instance->consumer = CONSUMER_NONE;
}

/* --- who follows whom ---------------------------------------------------------------------- */

static bool peer_says(const struct instance *instance, uint8_t flag)
{
	return instance->peer_known && (instance->peer_flags & flag);
}

/* This chassis serves without knowing the sessions, and the other knows them. */
static bool fetches(const struct instance *instance)
{
	return instance->engine->role.serves && !instance->complete &&
	       !(instance->manager && instance->manager->sending_all);
}

enum direction instance_direction(const struct instance *instance)
{
	bool serves = instance->engine->role.serves;

	if (!instance->engine->peer_opened || !instance->peer_known)
		return DIRECTION_NONE;
	if (serves && !peer_says(instance, SRP_INSTANCE_SERVES)) {
		if (instance->complete)
			return DIRECTION_SOURCE;
		return fetches(instance) && peer_says(instance, SRP_INSTANCE_COMPLETE) ? DIRECTION_SINK
										       : DIRECTION_NONE;
	}
	if (!serves && peer_says(instance, SRP_INSTANCE_SERVES)) {
		if (peer_says(instance, SRP_INSTANCE_COMPLETE))
			return DIRECTION_SINK;
		return instance->complete && peer_says(instance, SRP_INSTANCE_FETCHES) ? DIRECTION_SOURCE
										       : DIRECTION_NONE;
	}
	return DIRECTION_NONE;
}

static bool handshake_is_over(const struct srp_engine *engine)
{
	return engine->peer_opened && (engine->config.aggressive || engine->heartbeats >= SRP_HEARTBEATS);
}

static bool is_source(const struct instance *instance)
{
	return instance->consumer == CONSUMER_PEER;
}

bool instance_is_ready(const struct instance *instance)
{
	if (is_source(instance))
		return instance->engine->peer_opened && srp_feed_is_complete(&instance->feed);
	return instance->started && instance->receiver.complete;
}

const char *instance_state(const struct instance *instance)
{
	if (!instance->engine->peer_open)
		return "Disconnected";
	if (instance_is_ready(instance))
		return "Ready";
	return (is_source(instance) && instance->engine->peer_opened) || instance->started ? "Syncing"
											   : "Handshake";
}

uint8_t instance_flags(const struct instance *instance)
{
	return (uint8_t)((instance->engine->role.serves ? SRP_INSTANCE_SERVES : 0) |
			 (instance->complete ? SRP_INSTANCE_COMPLETE : 0) |
			 (instance->manager ? SRP_INSTANCE_MANAGED : 0) |
			 (fetches(instance) ? SRP_INSTANCE_FETCHES : 0));
}

/* A chassis that serves is complete when nobody can know more. */
static void review_complete(struct instance *instance, uint64_t now)
{
	struct srp_engine *engine = instance->engine;

	if (instance->complete || !engine->role.serves ||
	    (instance->manager && instance->manager->sending_all))
		return;
	if (now < instance->wait_until)
		return;
	if (engine->peer_opened && instance->peer_known && peer_says(instance, SRP_INSTANCE_COMPLETE) &&
	    !peer_says(instance, SRP_INSTANCE_SERVES))
		return;
	instance->complete = true;
}

static void review_manager(struct instance *instance, uint64_t now)
{
	struct manager *manager = instance->manager;
	bool serves = instance->engine->role.serves;

	if (!manager)
		return;
	if (!serves) {
		if ((manager->flags & SRP_REGISTER_HOT) && instance->consumer == CONSUMER_NONE &&
		    instance_direction(instance) != DIRECTION_SOURCE)
			manager_feed(instance, now, false);
		return;
	}
	if (manager->restored || manager->sending_all || !instance->complete)
		return;
	if (!manager->restoring) {
		/* One that has followed along has all but the last changes. */
		if (instance->consumer != CONSUMER_MANAGER)
			manager_feed(instance, now, true);
		manager->restoring = true;
	}
	if (instance->consumer == CONSUMER_MANAGER && !srp_feed_is_idle(&instance->feed))
		return;
	if (instance->consumer == CONSUMER_MANAGER)
		instance_stop_feed(instance);
	manager->restoring = false;
	manager->restored = manager->restored_due = true;
	manager->restored_calls = instance->store->records;
}

static void review_sink(struct instance *instance)
{
	struct srp_engine *engine = instance->engine;

	if (instance_direction(instance) != DIRECTION_SINK) {
		if (instance->consumer != CONSUMER_PEER && instance->start_id) {
			instance->start_id = 0;
			instance->started = instance->tell_start = false;
		}
		return;
	}
	if (instance->consumer == CONSUMER_PEER)
		instance_stop_feed(instance);
	if (!instance->start_id && handshake_is_over(engine)) {
		instance->start_id =
			++engine->next_start_id ? engine->next_start_id : ++engine->next_start_id;
		instance->started = false;
		instance->tell_start = true;
	}
}

static void review_source(struct instance *instance, uint64_t now)
{
	if (instance_direction(instance) != DIRECTION_SOURCE) {
		/* While only the connection is missing it may come back, and go on from where it was. */
		if (instance->consumer == CONSUMER_PEER && instance->engine->role.serves &&
		    instance->complete &&
		    !(instance->engine->peer_opened && peer_says(instance, SRP_INSTANCE_SERVES)))
			return;
		if (instance->consumer == CONSUMER_PEER)
			instance_stop_feed(instance);
		instance->start_wanted = false;
		return;
	}
	/* One that follows along stands back for the chassis that serves and has lost its records. */
	if (instance->start_wanted && instance->consumer == CONSUMER_MANAGER &&
	    !instance->engine->role.serves)
		instance_stop_feed(instance);
	if (instance->start_wanted && instance->consumer != CONSUMER_MANAGER)
		peer_start_feed(instance, now);
}

void instance_review(struct instance *instance, uint64_t now)
{
	review_complete(instance, now);
	review_sink(instance);
	review_manager(instance, now);
	review_source(instance, now);
	if (instance_flags(instance) != instance->told_flags)
		instance->tell_instance = true;
	if (instance->manager && instance->manager->told_ready != instance_is_ready(instance))
		instance->manager->status_due = true;
}

/* --- flushes ------------------------------------------------------------------------------- */

static bool manager_has_flushed(const struct manager *manager, const struct srp_engine_role *role)
{
	return !manager || (manager->flush_id == role->flush_id && !manager->flush_open);
}

static bool instance_has_flushed(struct instance *instance, uint64_t now)
{
	const struct srp_engine_role *role = &instance->engine->role;

	/* One that hangs keeps the operator's force waiting for a while only. */
	if (!manager_has_flushed(instance->manager, role) &&
	    !(role->flush_force && now >= instance->engine->flush_began + FORCE_MSEC))
		return false;
	if (role->flush != SRP_ENGINE_FLUSH_ALL)
		return !instance->late_len;
	/* Nobody ever had a session here. */
	if (!instance->manager && !instance->store->records)
		return true;
	if (!instance_is_ready(instance) || !is_source(instance))
		return role->flush_force;
	srp_feed_mature_all(&instance->feed);
	return srp_feed_is_idle(&instance->feed);
}

static void review_flush(struct srp_engine *engine, uint64_t now)
{
	if (engine->role.flush == SRP_ENGINE_FLUSH_NONE || engine->flush_done)
		return;
	FOR_INSTANCES(engine, instance)
		if (!instance_has_flushed(instance, now))
			return;
	engine->flush_done = true;
	engine->stats.flushes++;
	engine->events.flushed(engine->events.arg, engine->role.flush_id);
}

static void begin_flush(struct srp_engine *engine, uint64_t now)
{
	engine->flush_done = false;
	engine->flush_began = now;
	for (unsigned int i = 0; i < SRP_MANAGERS_MAX; i++) {
		struct manager *manager = &engine->managers[i];

		if (!manager->used || !manager->instance)
			continue;
		manager->flush_id = engine->role.flush_id;
		manager->flush_kind = engine->role.flush;
		manager->flush_due = manager->flush_open = true;
	}
}

/* --- the whole ----------------------------------------------------------------------------- */

static void review_sessions(struct srp_engine *engine)
{
	struct srp_engine_sessions now = {0};

	FOR_INSTANCES(engine, instance) {
		bool mine, there;
		mine = instance->manager != NULL;
		there = engine->peer_opened && peer_says(instance, SRP_INSTANCE_MANAGED);
		if (engine->role.serves ? !mine : !there)
			continue;
		now.managers++;
		now.unready += !mine || !there || !instance_is_ready(instance);
	}
	if (memcmp(&now, &engine->sessions, sizeof(now)) == 0)
		return;
	engine->sessions = now;
	engine->events.sessions(engine->events.arg, &now);
}

void engine_review(struct srp_engine *engine, uint64_t now)
{
	FOR_INSTANCES(engine, instance)
		instance_review(instance, now);
	review_flush(engine, now);
	review_sessions(engine);
}

static void note_loss(struct srp_engine *engine, uint64_t now)
{
	struct srp_call_loss *loss = &engine->stats.losses[engine->stats.loss_count++ % SRP_LOSS_ENTRIES];

	*loss = (struct srp_call_loss){.at = now, .planned = engine->role.planned};
	FOR_INSTANCES(engine, instance) {
		loss->instances += instance->store->records != 0;
		loss->recovered += instance->store->records;
		loss->in_flight += instance->peer_waiting;
		loss->incomplete += instance->started && !instance->receiver.complete;
	}
}

static bool is_accounting(enum srp_engine_flush flush)
{
	return flush == SRP_ENGINE_FLUSH_IMS || flush == SRP_ENGINE_FLUSH_NON_IMS;
}

/* Accounting that the other chassis did not take before its time was over. */
static void drop_late(struct srp_engine *engine)
{
	FOR_INSTANCES(engine, instance)
		instance->late_len = instance->late_sent = 0;
}

/* The chassis begins or ends to serve. */
static void turn_instance(struct instance *instance, uint64_t now)
{
	struct manager *manager = instance->manager;
	bool serves = instance->engine->role.serves;

	instance->start_id = 0;
	instance->started = instance->tell_start = instance->start_wanted = instance->syncing = false;
	instance_wait(instance, now, true);
	instance->peer_waiting = 0;
	/* What it had of the other's is what there is now; the next one to send it compares. */
	instance->applied_feed = 0;
	if (serves && instance->store->records)
		instance->complete = true;
	if (instance->consumer == CONSUMER_PEER)
		instance_stop_feed(instance);
	srp_receiver_restart(&instance->receiver);
	instance->receiver.complete = false;
	if (manager) {
		manager->restored = manager->restoring = manager->sending_all = false;
		manager->send_all_due = manager->restored_due = false;
	}
	if (manager && !serves && instance->consumer == CONSUMER_MANAGER)
		instance_stop_feed(instance);
	srp_feed_set_duration(&instance->feed, engine_seconds(now),
			      serves ? instance->engine->config.duration_ims : 0,
			      serves ? instance->engine->config.duration_non_ims : 0);
}

void srp_engine_set_role(struct srp_engine *engine, uint64_t now, const struct srp_engine_role *role)
{
	struct srp_engine_role before = engine->role;

	engine->role = *role;
	if (before.serves != role->serves) {
		if (role->serves)
			note_loss(engine, now);
		FOR_INSTANCES(engine, instance)
			turn_instance(instance, now);
	}
	for (unsigned int i = 0; i < SRP_MANAGERS_MAX; i++)
		if (engine->managers[i].used && engine->managers[i].instance)
			engine->managers[i].status_due = true;
	if (is_accounting(before.flush) && !is_accounting(role->flush))
		drop_late(engine);
	if (role->flush != SRP_ENGINE_FLUSH_NONE &&
	    (before.flush != role->flush || before.flush_id != role->flush_id))
		begin_flush(engine, now);
	engine_review(engine, now);
}

void srp_engine_configure(struct srp_engine *engine, uint64_t now, const struct srp_engine_config *config)
{
	struct srp_engine_config before = engine->config;

	engine->config = *config;
	srp_arena_set_limit(engine->arena, (uint64_t)config->memory_mib << MIB);
	if (engine->role.serves)
		FOR_INSTANCES(engine, instance)
			srp_feed_set_duration(&instance->feed, engine_seconds(now), config->duration_ims,
					      config->duration_non_ims);
	if (before.periodic_min != config->periodic_min)
		FOR_INSTANCES(engine, instance)
			instance->refresh_at = 0;
	/* Seed: agreed once for each connection. */
	if (before.compression != config->compression && engine->peer_open)
		engine->reset_wanted = true;
	engine_review(engine, now);
}

/* --- time ---------------------------------------------------------------------------------- */

/* Periodic macro checkpoints. */
static void refresh(struct instance *instance, uint64_t now)
{
	uint64_t interval = (uint64_t)instance->engine->config.periodic_min * 60000;

	if (!interval || !is_source(instance) || !instance_is_ready(instance))
		return;
	if (!instance->refresh_at)
		instance->refresh_at = now + interval;
	if (now >= instance->refresh_at && srp_feed_begin_walk(&instance->feed, SRP_WALK_REFRESH))
		instance->refresh_at = now + interval;
}

/* One that is due waits for whatever else goes over all records now. */
static void begin_audit(struct instance *instance)
{
	if (!instance->audit_due)
		return;
	if (!is_source(instance) || srp_feed_begin_walk(&instance->feed, SRP_WALK_AUDIT))
		instance->audit_due = false;
}

/* What is kept for a peer that may come back is not to be more than it would have to be told anyway. */
static void give_up_resume(struct instance *instance)
{
	if (is_source(instance) && !instance->engine->peer_open &&
	    srp_feed_waiting(&instance->feed) > instance->store->records / 2 + RESUME_MAX)
		instance_stop_feed(instance);
}

static void tick_second(struct instance *instance, uint64_t now)
{
	give_up_resume(instance);
	srp_feed_tick(&instance->feed, engine_seconds(now));
	if (instance->nacks_open)
		peer_retry_nacks(instance, now);
	begin_audit(instance);
	refresh(instance, now);
}

void srp_engine_tick(struct srp_engine *engine, uint64_t now)
{
	if (engine->second != now / 1000) {
		engine->second = now / 1000;
		FOR_INSTANCES(engine, instance)
			tick_second(instance, now);
	}
	engine_review(engine, now);
}

uint64_t srp_engine_deadline(const struct srp_engine *engine, bool can_send)
{
	uint64_t deadline = (engine->second + 1) * 1000;

	if (engine->peer_open && engine->keepalive_at < deadline)
		deadline = engine->keepalive_at;
	if (!can_send)
		return deadline;
	FOR_INSTANCES(engine, instance) {
		uint64_t at = peer_batch_at(instance);

		if (at < deadline)
			deadline = at;
	}
	return deadline;
}

/* --- commands ------------------------------------------------------------------------------ */

bool srp_engine_audit(struct srp_engine *engine)
{
	bool any = false;

	FOR_INSTANCES(engine, instance) {

		if (!is_source(instance) || !instance_is_ready(instance))
			continue;
		any = instance->audit_due = true;
		begin_audit(instance);
	}
	engine->stats.audits_started += any;
	return any;
}

void srp_engine_set_nack(struct srp_engine *engine, uint8_t cmd, bool enabled)
{
	uint8_t bit = (uint8_t)(1u << cmd % 8);

	if (enabled)
		engine->stats.nack_disabled[cmd / 8] &= (uint8_t)~bit;
	else
		engine->stats.nack_disabled[cmd / 8] |= bit;
}

void srp_engine_clear_statistics(struct srp_engine *engine)
{
	struct srp_engine_info kept = {.instances = engine->stats.instances};

	memcpy(kept.nack_disabled, engine->stats.nack_disabled, sizeof(kept.nack_disabled));
	engine->stats = kept;
	FOR_INSTANCES(engine, instance) {
		instance->feed.stats = (struct srp_feed_stats){0};
		instance->receiver.stats = (struct srp_receiver_stats){0};
		instance->resumes = instance->full_syncs = instance->compare_syncs = 0;
	}
}

/* --- life ---------------------------------------------------------------------------------- */

struct srp_engine *srp_engine_new(uint64_t now, uint64_t chassis, const struct srp_engine_config *config,
				  const struct srp_engine_events *events)
{
	struct srp_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return NULL;
	engine->chassis = chassis;
	engine->config = *config;
	engine->events = *events;
	engine->second = now / 1000;
	engine->next_feed_id = chassis | 1;
	/* Addresses cost nothing: the limit can be raised later on. */
	engine->arena = srp_arena_new((uint64_t)SRP_MEMORY_MIB_MAX << MIB);
	engine->compressor = srp_compressor_new();
	engine->raw = malloc(SRP_BATCH_MAX);
	if (!engine->arena || !engine->compressor || !engine->raw) {
		srp_engine_free(engine);
		return NULL;
	}
	srp_arena_set_limit(engine->arena, (uint64_t)config->memory_mib << MIB);
	return engine;
}

void srp_engine_free(struct srp_engine *engine)
{
	if (!engine)
		return;
	for (unsigned int i = 1; i <= engine->high; i++)
		instance_free(engine->instances[i]);
	for (unsigned int i = 0; i < SRP_MANAGERS_MAX; i++)
		free(engine->managers[i].late);
	srp_compressor_free(engine->compressor);
	srp_arena_free(engine->arena);
	free(engine->raw);
	free(engine);
}

/* --- for show ------------------------------------------------------------------------------ */

void srp_engine_get_info(const struct srp_engine *engine, struct srp_engine_info *info)
{
	*info = engine->stats;
	FOR_INSTANCES(engine, instance) {
		info->managers += instance->manager != NULL;
		info->records += instance->store->records;
		info->ims += instance->store->ims;
		info->payload += instance->store->payload;
		info->audits_completed += instance->feed.stats.audits + instance->receiver.stats.audits;
		info->audit_running |= instance->audit_due || instance->feed.walk == SRP_WALK_AUDIT;
	}
	info->memory = srp_arena_used(engine->arena);
	info->memory_limit = srp_arena_limit(engine->arena);
	info->peer_open = engine->peer_open;
	info->aggressive = engine->config.aggressive;
	info->heartbeats = engine->heartbeats;
	info->compression = engine->peer_opened ? (uint8_t)engine->compression : SRP_COMPRESSION_NONE;
}

bool srp_engine_get_instance(const struct srp_engine *engine, uint64_t now, uint16_t from,
			     struct srp_instance_info *info)
{
	static const char *const directions[] = {
		[DIRECTION_NONE] = "none",
		[DIRECTION_SOURCE] = "source",
		[DIRECTION_SINK] = "sink",
	};
	const struct instance *instance = engine_next(engine, from);

	if (!instance)
		return false;
	*info = (struct srp_instance_info){
		.instance = instance->number,
		.state = instance_state(instance),
		.direction = directions[instance_direction(instance)],
		.manager_pid = instance->manager ? instance->manager->pid : 0,
		.complete = instance->complete,
		.peer_managed = peer_says(instance, SRP_INSTANCE_MANAGED),
		.records = instance->store->records,
		.ims = instance->store->ims,
		.payload = instance->store->payload,
		.waiting = srp_feed_waiting(&instance->feed),
		.in_flight = srp_feed_in_flight(&instance->feed),
		.young = srp_feed_young(&instance->feed),
		.bytes_in_flight = instance->feed.bytes_sent,
		.resumes = instance->resumes,
		.full_syncs = instance->full_syncs,
		.compare_syncs = instance->compare_syncs,
		.synchronised = instance->synchronised,
		.last_sync_msec = instance->last_sync_msec,
		.ready_msec = instance->ready_msec,
		.sent = instance->feed.stats,
		.received = instance->receiver.stats,
		.names = instance->names,
	};
	if (is_source(instance) && !srp_feed_is_idle(&instance->feed) && instance->dirty_since)
		info->lag_msec = now - instance->dirty_since;
	return true;
}
