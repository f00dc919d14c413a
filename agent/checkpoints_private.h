/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the main loop's half (checkpoints.c) and the thread (checkpoints_thread.c, _local.c) share. Not an interface. */
#ifndef SRP_CHECKPOINTS_PRIVATE_H
#define SRP_CHECKPOINTS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/un.h>

#include "agent/checkpoints.h"

#define LINES_MAX     32
#define LINE_LEN      320
#define FRAME_ROOM    (2 * SRP_ENGINE_FILL_MIN)
#define LOCAL_ROOM    (2 * SRP_ENGINE_LOCAL_FILL_MIN)
#define LOCAL_BACKLOG 16

struct checkpoints_line {
	enum srp_log_level level;
	char text[LINE_LEN];
};

struct checkpoints_shared {
	pthread_mutex_t lock; /* guards what follows; held for a copy only */
	pthread_cond_t looked;
	/* to the thread */
	bool stop, config_set, role_set, audit, clear, look;
	struct srp_engine_config config;
	struct srp_engine_role role;
	uint8_t nack_on[32], nack_off[32]; /* a bit for each CMD-ID */
	/* from the thread */
	struct srp_engine_sessions sessions;
	uint32_t flushed;
	struct checkpoints_line lines[LINES_MAX];
	unsigned int line_count;
	uint64_t looks; /* counts the answers to `look` */
	struct srp_engine_info info;
	struct srp_instance_info *instances;
	size_t instance_count;

	_Atomic(struct srp_session_start *) adopted; /* not taken yet */
	int thread_fd, main_fd;                      /* eventfds */
	int listen_fd;
	uint64_t chassis;
	void (*ended)(void *arg, uint32_t id);
	void *ended_arg;
};

/* The thread's function; `arg`: struct checkpoints_shared, which outlives it. */
void *checkpoints_thread(void *arg);

/* --- checkpoints_local.c: the session managers' connections --- */

struct checkpoints_local;

struct checkpoints_local *checkpoints_local_new(struct srp_loop *loop, struct srp_engine *engine,
						int listen_fd);
void checkpoints_local_free(struct checkpoints_local *local);
/* Write what the engine has for them. True: there may be more at once. */
bool checkpoints_local_pump(struct checkpoints_local *local);

#endif
