/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop's half of checkpointing, see checkpoints.h. */
#include "agent/checkpoints.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/checkpoints_private.h"
#include "agent/thread.h"
#include "agent/unix_socket.h"

#define LOOK_MSEC 100

struct srp_checkpoints {
	struct srp_loop *loop;
	const struct srp_log *log;
	struct srp_checkpoints_callbacks callbacks;
	struct checkpoints_shared shared;
	struct srp_engine_config config; /* as last told */
	struct srp_engine_role role;
	pthread_t thread;
	struct srp_watch *watch;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	struct srp_engine_sessions sessions;
	uint32_t flushed;
	struct srp_engine_info info;
	struct srp_instance_info *instances;
	size_t instance_count;
};

static void lock(struct srp_checkpoints *checkpoints)
{
	pthread_mutex_lock(&checkpoints->shared.lock);
}

static void unlock_and_wake(struct srp_checkpoints *checkpoints)
{
	pthread_mutex_unlock(&checkpoints->shared.lock);
	srp_thread_ring(checkpoints->shared.thread_fd);
}

/* --- from the thread ----------------------------------------------------------------------- */

static void on_news(void *arg, int fd, unsigned int ready)
{
	struct srp_checkpoints *checkpoints = arg;
	struct checkpoints_shared *shared = &checkpoints->shared;
	struct checkpoints_line lines[LINES_MAX];
	unsigned int line_count;
	bool changed;
	uint64_t count;

	(void)ready;
	if (read(fd, &count, sizeof(count)) <= 0)
		return;
	lock(checkpoints);
	line_count = shared->line_count;
	memcpy(lines, shared->lines, line_count * sizeof(lines[0]));
	shared->line_count = 0;
	changed = checkpoints->flushed != shared->flushed ||
		  memcmp(&checkpoints->sessions, &shared->sessions, sizeof(shared->sessions)) != 0;
	checkpoints->flushed = shared->flushed;
	checkpoints->sessions = shared->sessions;
	pthread_mutex_unlock(&shared->lock);
	for (unsigned int i = 0; i < line_count; i++)
		srp_log(checkpoints->log, lines[i].level, "%s", lines[i].text);
	if (changed)
		checkpoints->callbacks.changed(checkpoints->callbacks.arg);
}

const struct srp_engine_sessions *srp_checkpoints_sessions(const struct srp_checkpoints *checkpoints)
{
	return &checkpoints->sessions;
}

uint32_t srp_checkpoints_flushed(const struct srp_checkpoints *checkpoints)
{
	return checkpoints->flushed;
}

static struct timespec deadline(unsigned int msec)
{
	struct timespec when;

	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_nsec += (long)msec * 1000000;
	when.tv_sec += when.tv_nsec / 1000000000;
	when.tv_nsec %= 1000000000;
	return when;
}

void srp_checkpoints_look(struct srp_checkpoints *checkpoints, struct srp_engine_info *info,
			  const struct srp_instance_info **instances, size_t *count)
{
	struct checkpoints_shared *shared = &checkpoints->shared;
	struct timespec until = deadline(LOOK_MSEC);
	struct srp_instance_info *copy = NULL;
	uint64_t looks;

	lock(checkpoints);
	looks = shared->looks;
	shared->look = true;
	srp_thread_ring(shared->thread_fd);
	while (shared->looks == looks && pthread_cond_timedwait(&shared->looked, &shared->lock, &until) == 0)
		;
	if (shared->instance_count)
		copy = malloc(shared->instance_count * sizeof(*copy));
	if (copy)
		memcpy(copy, shared->instances, shared->instance_count * sizeof(*copy));
	checkpoints->info = shared->info;
	checkpoints->instance_count = copy ? shared->instance_count : 0;
	pthread_mutex_unlock(&shared->lock);
	free(checkpoints->instances);
	checkpoints->instances = copy;
	*info = checkpoints->info;
	*instances = copy;
	*count = checkpoints->instance_count;
}

/* --- to the thread ------------------------------------------------------------------------- */

void srp_checkpoints_configure(struct srp_checkpoints *checkpoints, const struct srp_engine_config *config)
{
	if (memcmp(&checkpoints->config, config, sizeof(*config)) == 0)
		return;
	checkpoints->config = *config;
	lock(checkpoints);
	checkpoints->shared.config = *config;
	checkpoints->shared.config_set = true;
	unlock_and_wake(checkpoints);
}

void srp_checkpoints_set_role(struct srp_checkpoints *checkpoints, const struct srp_engine_role *role)
{
	if (memcmp(&checkpoints->role, role, sizeof(*role)) == 0)
		return;
	checkpoints->role = *role;
	lock(checkpoints);
	checkpoints->shared.role = *role;
	checkpoints->shared.role_set = true;
	unlock_and_wake(checkpoints);
}

void srp_checkpoints_adopt(struct srp_checkpoints *checkpoints, struct srp_session_start *start)
{
	srp_session_start_free(atomic_exchange(&checkpoints->shared.adopted, start));
	srp_thread_ring(checkpoints->shared.thread_fd);
}

void srp_checkpoints_audit(struct srp_checkpoints *checkpoints)
{
	lock(checkpoints);
	checkpoints->shared.audit = true;
	unlock_and_wake(checkpoints);
}

void srp_checkpoints_set_nack(struct srp_checkpoints *checkpoints, uint8_t cmd, bool enabled)
{
	struct checkpoints_shared *shared = &checkpoints->shared;
	uint8_t bit = (uint8_t)(1u << cmd % 8);

	lock(checkpoints);
	(enabled ? shared->nack_on : shared->nack_off)[cmd / 8] |= bit;
	(enabled ? shared->nack_off : shared->nack_on)[cmd / 8] &= (uint8_t)~bit;
	unlock_and_wake(checkpoints);
}

void srp_checkpoints_clear_statistics(struct srp_checkpoints *checkpoints)
{
	lock(checkpoints);
	checkpoints->shared.clear = true;
	unlock_and_wake(checkpoints);
}

/* --- life ---------------------------------------------------------------------------------- */

struct srp_checkpoints *srp_checkpoints_new(struct srp_loop *loop, const struct srp_log *log,
					    const char *path, uint64_t chassis,
					    const struct srp_checkpoints_callbacks *callbacks)
{
	struct srp_checkpoints *checkpoints = calloc(1, sizeof(*checkpoints));
	struct checkpoints_shared *shared;
	pthread_condattr_t attr;

	if (!checkpoints)
		return NULL;
	checkpoints->loop = loop;
	checkpoints->log = log;
	checkpoints->callbacks = *callbacks;
	srp_engine_config_init(&checkpoints->config);
	shared = &checkpoints->shared;
	shared->chassis = chassis;
	shared->ended = callbacks->ended;
	shared->ended_arg = callbacks->arg;
	pthread_mutex_init(&shared->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&shared->looked, &attr);
	pthread_condattr_destroy(&attr);
	shared->listen_fd = srp_unix_listen(path, 0660, LOCAL_BACKLOG);
	shared->thread_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	shared->main_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (shared->listen_fd >= 0 && shared->thread_fd >= 0 && shared->main_fd >= 0 &&
	    srp_thread_start(&checkpoints->thread, "srpd-checkpoint", checkpoints_thread, shared) == 0) {
		memcpy(checkpoints->path, path, strlen(path) + 1);
		checkpoints->watch =
			loop->ops->watch(loop, shared->main_fd, SRP_LOOP_READ, on_news, checkpoints);
		return checkpoints;
	}
	if (shared->listen_fd >= 0)
		close(shared->listen_fd);
	close(shared->thread_fd);
	close(shared->main_fd);
	pthread_cond_destroy(&shared->looked);
	pthread_mutex_destroy(&shared->lock);
	free(checkpoints);
	return NULL;
}

void srp_checkpoints_free(struct srp_checkpoints *checkpoints)
{
	struct checkpoints_shared *shared;

	if (!checkpoints)
		return;
	shared = &checkpoints->shared;
	lock(checkpoints);
	shared->stop = true;
	unlock_and_wake(checkpoints);
	pthread_join(checkpoints->thread, NULL);
	srp_session_start_free(atomic_exchange(&shared->adopted, NULL));
	checkpoints->loop->ops->unwatch(checkpoints->watch);
	close(shared->listen_fd);
	unlink(checkpoints->path);
	close(shared->thread_fd);
	close(shared->main_fd);
	pthread_cond_destroy(&shared->looked);
	pthread_mutex_destroy(&shared->lock);
	free(shared->instances);
	free(checkpoints->instances);
	free(checkpoints);
}
