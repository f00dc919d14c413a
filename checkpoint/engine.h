/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpointing of one chassis, without I/O: the instances, their session managers, the peer.
 *
 * For each instance one side is the source and the other follows it. The source is the chassis that serves, once it
 * has all records of the instance; one that serves and does not have them (srpd has restarted) first fetches what
 * the other has, or has its session manager send all. Both sides work that out from the same facts (INSTANCE
 * frames), so nobody has to be asked.
 *
 *   Disconnected ── session connection ──► Handshake ── START ──► Syncing ── DONE ──► Ready
 *
 * Bytes come in with srp_engine_..._receive(), and are asked for with srp_engine_..._fill() when there is room for
 * them: nothing is queued but facts (what is to be told), so nothing grows. `now` is monotonic ms. One thread.
 */
#ifndef SRP_ENGINE_H
#define SRP_ENGINE_H

#include "checkpoint/config.h"
#include "checkpoint/feed.h"
#include "checkpoint/frame.h"
#include "checkpoint/local.h"
#include "checkpoint/receiver.h"

#define SRP_MANAGERS_MAX      256 /* connections of session managers */
#define SRP_KEEPALIVE_MSEC    1000
#define SRP_SESSION_DEAD_MSEC 5000
#define SRP_HEARTBEAT_MSEC    3000   /* seed, "Reducing Sync-Up Time": every 3 seconds, */
#define SRP_HEARTBEATS        7      /* and seven before the standby is ready */
#define SRP_FETCH_WAIT_MSEC   5000   /* one that serves waits so long for a peer that may have its records */
#define SRP_NACK_WINDOW_MSEC  600000 /* seed: the 10-minute window */
#define SRP_NACK_RETRY_MSEC   10000
#define SRP_NACK_ENTRIES      256
#define SRP_RECENT_SEC        60 /* sessions that changed within this are restored first */

/* What the state machine says. */
enum srp_engine_flush {
	SRP_ENGINE_FLUSH_NONE,
	SRP_ENGINE_FLUSH_ALL,
	SRP_ENGINE_FLUSH_IMS,
	SRP_ENGINE_FLUSH_NON_IMS
};

struct srp_engine_role {
	uint8_t role; /* enum srp_role, for the session managers */
	bool serves;
	bool planned; /* serves because the other chassis asked for it */
	bool gate_ims, gate_non_ims, gate_control;
	enum srp_engine_flush flush;
	uint32_t flush_id;
	bool flush_force; /* what has no ready counterpart is left behind */
};

/* How the session managers stand, for the switchover. */
struct srp_engine_sessions {
	uint32_t managers; /* on the chassis that serves */
	uint32_t unready;  /* of these, without a ready counterpart on the other */
};

enum srp_engine_log { SRP_ENGINE_ERROR, SRP_ENGINE_WARNING, SRP_ENGINE_NOTICE, SRP_ENGINE_DEBUG };

struct srp_engine_events {
	void (*log)(void *arg, enum srp_engine_log level, const char *text);
	void (*sessions)(void *arg, const struct srp_engine_sessions *sessions);
	void (*flushed)(void *arg, uint32_t flush_id);
	void *arg;
};

struct srp_engine;

/* NULL when memory is out. `chassis`: random. */
struct srp_engine *srp_engine_new(uint64_t now, uint64_t chassis, const struct srp_engine_config *config,
				  const struct srp_engine_events *events);
void srp_engine_free(struct srp_engine *engine); /* NULL is ignored */

void srp_engine_configure(struct srp_engine *engine, uint64_t now, const struct srp_engine_config *config);
void srp_engine_set_role(struct srp_engine *engine, uint64_t now, const struct srp_engine_role *role);
/* To be called at srp_engine_deadline(), ms. `can_send`: the session connection has room. */
void srp_engine_tick(struct srp_engine *engine, uint64_t now);
uint64_t srp_engine_deadline(const struct srp_engine *engine, bool can_send);

/* srp initiate-audit, and scheduled ones. False: nothing to compare with. */
bool srp_engine_audit(struct srp_engine *engine);
/* srp disable|enable nack micro-chkpt-cmd N, 1..255. */
void srp_engine_set_nack(struct srp_engine *engine, uint8_t cmd, bool enabled);
/* srp clear statistics. */
void srp_engine_clear_statistics(struct srp_engine *engine);

/* --- the session connection --- */

/* It is there; its first frame of each side was exchanged. `sequence`: of the last frame sent so far. */
void srp_engine_peer_open(struct srp_engine *engine, uint64_t now, uint32_t sequence);
void srp_engine_peer_closed(struct srp_engine *engine, uint64_t now);
bool srp_engine_peer_is_open(const struct srp_engine *engine);

enum srp_engine_take {
	SRP_TAKE_OK,
	SRP_TAKE_LATER, /* not now: offer the frame again after something was filled */
	SRP_TAKE_BAD,   /* close the connection; *why (static text) */
};
enum srp_engine_take srp_engine_peer_receive(struct srp_engine *engine, uint64_t now, unsigned int type,
					     const uint8_t *payload, size_t len, const char **why);
#define SRP_ENGINE_FILL_MIN (SRP_FRAME_HEADER + SRP_FRAME_PAYLOAD_MAX)
/* Whole frames of the next bytes to send, at most `size` >= SRP_ENGINE_FILL_MIN. 0: none. */
size_t srp_engine_peer_fill(struct srp_engine *engine, uint64_t now, uint8_t *buf, size_t size);
/* It is silent for too long, or has to be made anew (compression has changed). */
bool srp_engine_peer_shall_close(const struct srp_engine *engine, uint64_t now, const char **why);

/* --- session managers --- */

/* A connection; -1: too many. `pid` is for the log. */
int srp_engine_manager_open(struct srp_engine *engine, int pid);
void srp_engine_manager_closed(struct srp_engine *engine, uint64_t now, int manager);
/* A frame. BAD: an ERROR frame is to be sent, then close; see srp_engine_manager_shall_close(). */
void srp_engine_manager_receive(struct srp_engine *engine, uint64_t now, int manager, unsigned int type,
				const uint8_t *payload, size_t len);
/* False while what it sends would have to be queued: do not read from it. */
bool srp_engine_manager_may_read(const struct srp_engine *engine, int manager);
#define SRP_ENGINE_LOCAL_FILL_MIN (SRP_LOCAL_HEADER + SRP_LOCAL_PAYLOAD_MAX)
size_t srp_engine_manager_fill(struct srp_engine *engine, uint64_t now, int manager, uint8_t *buf,
			       size_t size);
/* After everything was filled and sent. */
bool srp_engine_manager_shall_close(const struct srp_engine *engine, int manager);

/* --- for show --- */

#define SRP_LOSS_ENTRIES 16

struct srp_call_loss {
	uint64_t at;                    /* now of the switchover, ms */
	bool planned;                   /* the peer had handed over */
	uint64_t recovered;             /* calls that were there */
	uint64_t in_flight;             /* records that the peer was known to have still to send */
	uint64_t refused;               /* calls that their session manager did not take */
	uint32_t instances, incomplete; /* instances with calls; those that were being synchronised */
};

struct srp_engine_info {
	uint32_t instances, managers;
	uint64_t records, ims, payload, memory, memory_limit; /* bytes */
	bool peer_open, aggressive;
	uint8_t heartbeats;
	uint8_t compression;                                       /* agreed; NONE: no connection */
	uint64_t raw_sent, wire_sent, raw_received, wire_received; /* bytes of batches */
	uint64_t nacks_sent, nacks_received, nacks_suppressed;
	uint64_t audits_started, audits_completed;
	bool audit_running;
	uint64_t refused_memory; /* checkpoints of session managers that found no room */
	uint64_t purged;
	uint64_t flushes;
	uint8_t nack_disabled[32]; /* a bit for each CMD-ID */
	uint32_t loss_count;       /* ever; the last SRP_LOSS_ENTRIES are kept */
	struct srp_call_loss losses[SRP_LOSS_ENTRIES];
};

struct srp_instance_info {
	uint16_t instance;
	const char *state;     /* Disconnected, Handshake, Syncing, Ready; static */
	const char *direction; /* source, sink, none; static */
	int manager_pid;       /* 0: none */
	bool complete, peer_managed;
	uint64_t records, ims, payload;
	uint32_t waiting, in_flight, young;
	uint64_t bytes_in_flight;
	uint64_t
		lag_msec; /* since the oldest of what is not acknowledged was sent or could have been; 0: none */
	uint64_t resumes, full_syncs, compare_syncs;
	bool synchronised;       /* once at least: the two that follow say something */
	uint64_t last_sync_msec; /* how long the last synchronisation took */
	uint64_t ready_msec;     /* from the session connection to its end */
	struct srp_feed_stats sent;
	struct srp_receiver_stats received;
	struct srp_names names;
};

void srp_engine_get_info(const struct srp_engine *engine, struct srp_engine_info *info);
/* The instance at or after `from`, 1..; false: none. */
bool srp_engine_get_instance(const struct srp_engine *engine, uint64_t now, uint16_t from,
			     struct srp_instance_info *info);

#endif
