/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkpointing (checkpoint/engine.h) in a thread of its own: the local socket of the session managers, the session
 * connection to the peer, and the clock. The main loop tells it the role and the configuration, and hears of what
 * concerns a switchover; nothing else passes between them, so a million sessions do not delay a hello.
 *
 * All functions are for the main loop's thread, but srp_checkpoints_adopt(); the callbacks run there, too.
 */
#ifndef SRP_CHECKPOINTS_H
#define SRP_CHECKPOINTS_H

#include "agent/link_path.h"
#include "agent/log.h"
#include "agent/loop.h"
#include "checkpoint/engine.h"

struct srp_checkpoints;

struct srp_checkpoints_callbacks {
	/* Sessions or a flush: srp_checkpoints_sessions(), srp_checkpoints_flushed() say something new. */
	void (*changed)(void *arg);
	/* The session connection with this id was closed. On the checkpoints' thread. */
	void (*ended)(void *arg, uint32_t id);
	void *arg;
};

/*
 * `path`: the socket of the session managers, made here; root, srpd's user and its group may connect. NULL with
 * errno when it cannot be, or memory is out.
 */
struct srp_checkpoints *srp_checkpoints_new(struct srp_loop *loop, const struct srp_log *log,
					    const char *path, uint64_t chassis,
					    const struct srp_checkpoints_callbacks *callbacks);
void srp_checkpoints_free(struct srp_checkpoints *checkpoints); /* NULL is ignored */

void srp_checkpoints_configure(struct srp_checkpoints *checkpoints, const struct srp_engine_config *config);
void srp_checkpoints_set_role(struct srp_checkpoints *checkpoints, const struct srp_engine_role *role);

/* A session connection, in the place of the one before. Any thread; never waits. */
void srp_checkpoints_adopt(struct srp_checkpoints *checkpoints, struct srp_session_start *start);

const struct srp_engine_sessions *srp_checkpoints_sessions(const struct srp_checkpoints *checkpoints);
uint32_t srp_checkpoints_flushed(const struct srp_checkpoints *checkpoints); /* the last order that is done */

void srp_checkpoints_audit(struct srp_checkpoints *checkpoints);
void srp_checkpoints_set_nack(struct srp_checkpoints *checkpoints, uint8_t cmd, bool enabled);
void srp_checkpoints_clear_statistics(struct srp_checkpoints *checkpoints);

/* What there is now, or was at most 100 ms ago if the thread is busy. *instances is good until the next call. */
void srp_checkpoints_look(struct srp_checkpoints *checkpoints, struct srp_engine_info *info,
			  const struct srp_instance_info **instances, size_t *count);

#endif
