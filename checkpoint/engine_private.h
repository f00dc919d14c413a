/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the engine share. Not an interface. */
#ifndef SRP_ENGINE_PRIVATE_H
#define SRP_ENGINE_PRIVATE_H

#include "checkpoint/engine.h"

#define BATCH_SIZE      (128u * 1024) /* of a batch before compression, bytes */
#define EVENTS_MAX      256           /* REFUSED, SEND_MACRO and PURGE that wait for a manager */
#define DIFFERS_MAX     (SRP_BATCH_MAX / SRP_OP_BUCKET_SIZE + 1)
#define NACKS_MAX       64
#define MARKS_MAX       64
#define LATE_MAX        (256u * 1024)
#define BATCH_WAIT_MSEC 5 /* how long a small batch waits while others are under way */
#define BATCH_RECORDS   512

enum consumer { CONSUMER_NONE, CONSUMER_PEER, CONSUMER_MANAGER };
enum direction { DIRECTION_NONE, DIRECTION_SOURCE, DIRECTION_SINK };

struct event {
	uint8_t type; /* enum srp_local_type */
	uint8_t why;
	uint64_t call_id;
};

struct manager {
	bool used, closing;
	int pid;
	struct instance *instance; /* NULL: not registered */
	uint8_t flags;             /* SRP_REGISTER_* */
	const char *error;         /* said before the connection is closed */
	bool registered_due, status_due, send_all_due, all_come_due, restored_due, flush_due;
	bool told_ready;
	bool sending_all; /* between SEND_ALL and ALL_SENT */
	bool restoring, restored;
	uint64_t restored_calls;
	enum srp_engine_flush flush_kind;
	uint32_t flush_id;
	bool flush_open; /* FLUSHED has not come */
	struct event events[EVENTS_MAX];
	unsigned int event_first, event_count;
	uint8_t *late; /* LATE ops for it */
	size_t late_len;
	/* Which of its operations were which changes of the feed: what is acknowledged is told in its own count. */
	uint64_t ops, acked_ops;
	struct {
		uint64_t version, ops;
	} marks[MARKS_MAX];
	unsigned int mark_first, mark_count;
};

/* A session that was asked for; what counts is kept for the window, so that it holds for one that fails again. */
struct nack {
	uint64_t call_id;
	uint8_t cmd;
	bool mended;   /* it came, or has ended: nothing is awaited */
	bool answered; /* that was so since the window began */
	uint32_t count;
	uint64_t window, asked; /* ms */
};

struct instance {
	struct srp_engine *engine;
	uint16_t number;
	struct srp_store *store;
	struct srp_feed feed;
	struct srp_receiver receiver;
	struct srp_names names;
	bool complete;       /* it has all records there are */
	uint64_t wait_until; /* serving and not complete: the peer may have them until then, ms */
	uint64_t wait_limit; /* and that is not put off beyond this */
	struct manager *manager;
	enum consumer consumer;

	/* the peer */
	bool peer_known;
	uint8_t peer_flags;
	uint32_t start_id; /* of what is received, or sent; 0: nothing is */
	bool started;      /* as sink: SYNC has come */
	bool start_wanted; /* as source: START came, and the feed is not free yet */
	struct srp_frame start;
	uint64_t feed_id; /* of what is sent */
	uint64_t applied_feed;
	uint32_t applied;
	uint32_t next_seq; /* that has to come */
	uint32_t peer_waiting;
	uint64_t sync_began, acked_at, refresh_at;
	uint64_t
		dirty_since; /* ms: the oldest of what is not acknowledged was sent, or could have been; 0: none */
	uint64_t sent_at[SRP_FEED_WINDOW]; /* of the batches that are not acknowledged, by sequence number */
	bool tell_instance, tell_start, tell_sync, tell_ack;
	uint8_t told_flags; /* what the peer knows, or is about to; SRP_INSTANCE_* */
	uint8_t sync_kind;
	uint32_t sync_seq;
	struct {
		uint8_t bits;
		uint32_t bucket;
	} * differs;
	size_t differ_count;
	bool differs_lost; /* memory was out */
	bool audit_due;
	struct srp_frame nacks_due[NACKS_MAX];
	unsigned int nack_count;
	struct nack nacks[SRP_NACK_ENTRIES];
	unsigned int nacks_open, nacks_awaited; /* those that are not mended among them */

	/* accounting that is sent after a switchover */
	uint8_t *late;
	size_t late_len, late_sent; /* bytes that wait; 0, or those of the batch under way */
	uint32_t late_seq;
	bool tell_late_ack;
	uint32_t late_applied;

	bool syncing, synchronised; /* one is under way; one was over */
	uint64_t last_sync_msec, ready_msec;
	uint64_t resumes, full_syncs, compare_syncs;
};

struct srp_engine {
	uint64_t chassis;
	struct srp_engine_config config;
	struct srp_engine_events events;
	struct srp_engine_role role;
	struct srp_arena *arena;
	struct srp_compressor *compressor;
	struct instance *instances[SRP_INSTANCE_MAX + 1]; /* by number */
	unsigned int high;                                /* the highest there is */
	struct manager managers[SRP_MANAGERS_MAX];
	uint8_t *raw; /* a batch */
	uint32_t next_start_id;
	uint64_t next_feed_id;
	struct srp_engine_sessions sessions; /* as last told */
	uint64_t second;                     /* last one that was ticked */

	bool peer_open, peer_opened; /* the connection; its OPEN has come */
	uint64_t peer_chassis;
	uint32_t sequence;
	uint8_t heartbeats;
	enum srp_compression compression;
	bool reset_wanted;
	uint64_t opened_at, heard_at, keepalive_at, heartbeat_at;
	bool tell_open;
	uint16_t turn; /* instance whose batch is next */

	bool flush_done;
	uint64_t flush_began;
	struct srp_engine_info stats; /* its counters */
};

/* --- engine.c --- */

uint32_t engine_seconds(uint64_t now);
void engine_log(struct srp_engine *engine, enum srp_engine_log level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The instance; made when it is not there. NULL when memory is out. */
struct instance *engine_instance(struct srp_engine *engine, uint64_t now, uint16_t number);
/* The instance with the lowest number from `number` on, NULL: there is none. */
struct instance *engine_next(const struct srp_engine *engine, unsigned int number);
#define FOR_INSTANCES(engine, each)                                \
	for (struct instance *each = engine_next(engine, 1); each; \
	     each = engine_next(engine, each->number + 1u))
/* Facts have changed: who follows whom, what is to be told. */
void instance_review(struct instance *instance, uint64_t now);
void engine_review(struct srp_engine *engine, uint64_t now);
uint8_t instance_flags(const struct instance *instance); /* SRP_INSTANCE_* */
enum direction instance_direction(const struct instance *instance);
const char *instance_state(const struct instance *instance);
bool instance_is_ready(const struct instance *instance);
void instance_stop_feed(struct instance *instance);
/* The peer may have what this chassis lacks: wait for it; `anew`: however long it was waited for before. */
void instance_wait(struct instance *instance, uint64_t now, bool anew);

/* --- engine_peer.c --- */

void peer_reset_instance(struct instance *instance);
/* When a batch may be sent for its age, ms; UINT64_MAX: there is none. */
uint64_t peer_batch_at(const struct instance *instance);
void peer_start_feed(struct instance *instance, uint64_t now);
/* A record could not be taken over: ask for it, as far as that is allowed. */
void peer_nack(struct instance *instance, uint64_t now, uint64_t call_id, uint8_t cmd);
void peer_retry_nacks(struct instance *instance, uint64_t now);
void peer_mended(struct instance *instance, uint64_t call_id);

/* --- engine_local.c --- */

void manager_event(struct manager *manager, uint8_t type, uint64_t call_id, uint8_t why);
/* The instance's records to its manager; `all`: from the beginning. */
void manager_feed(struct instance *instance, uint64_t now, bool restore);
void manager_acked(struct manager *manager);
void manager_all_acked(struct manager *manager); /* whatever it has sent */

#endif
