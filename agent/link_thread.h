/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of the link share: link.c (the main loop's) and link_thread.c. Not an interface. */
#ifndef SRP_LINK_THREAD_H
#define SRP_LINK_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "agent/link.h"
#include "agent/link_queue.h"

struct link_wish {
	struct srp_path_config paths[SRP_LINK_PATHS];
	struct srp_auth *auth; /* what the paths point to; an owner */
};

struct link_published {
	bool up;
	uint32_t epoch; /* counts the times the link came up */
	struct srp_path_info paths[SRP_LINK_PATHS];
	struct srp_link_stats stats;
};

struct link_shared {
	/* Guards the plain fields. The main loop holds it for a copy only; the thread never waits for it. */
	pthread_mutex_t lock;
	struct link_out out;
	struct link_in in;
	struct link_published published;
	bool wish_set, reset, stop;
	struct link_wish wish;

	void (*session)(void *arg, struct srp_session_start *start); /* of srp_link_callbacks */
	void *session_arg;
	atomic_uint session_ended; /* id of the session connection that was closed last */

	_Atomic uint64_t refreshed_at;   /* when the main loop last said that the hello holds, ms */
	atomic_uint sync_wanted;         /* counts up: look at the sockets, then say so on sync_fd */
	int thread_fd, main_fd, sync_fd; /* eventfds: something is there for the one, for the other */
};

/* The thread's function. `arg`: struct link_shared, which outlives it. */
void *link_thread(void *arg);

#endif
