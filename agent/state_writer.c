/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See state_writer.h. One slot: the next state to write. The lock is never held over a write. */
#include "agent/state_writer.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct srp_state_writer {
	char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock. */
	struct srp_saved_state next;
	bool pending, stop;
	int error;
};

static void *work(void *arg)
{
	struct srp_state_writer *writer = arg;
	struct srp_saved_state state;
	int error;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		while (!writer->pending && !writer->stop)
			pthread_cond_wait(&writer->wake, &writer->lock);
		if (!writer->pending)
			break;
		state = writer->next;
		writer->pending = false;
		pthread_mutex_unlock(&writer->lock);
		error = srp_state_write(writer->path, &state);
		pthread_mutex_lock(&writer->lock);
		writer->error = error;
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

/* Signals are the loop's: the thread takes none. */
static int start(struct srp_state_writer *writer)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&writer->thread, NULL, work, writer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct srp_state_writer *srp_state_writer_new(const char *dir)
{
	struct srp_state_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	if (asprintf(&writer->path, "%s/srpd.state", dir) < 0) {
		free(writer);
		return NULL;
	}
	/* Not there and not to be made: the first write says so. */
	(void)mkdir(dir, 0750);
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->wake, NULL);
	if (start(writer) == 0)
		return writer;
	free(writer->path);
	free(writer);
	return NULL;
}

const char *srp_state_writer_path(const struct srp_state_writer *writer)
{
	return writer->path;
}

void srp_state_writer_put(struct srp_state_writer *writer, const struct srp_saved_state *state)
{
	pthread_mutex_lock(&writer->lock);
	writer->next = *state;
	writer->pending = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
}

int srp_state_writer_error(struct srp_state_writer *writer)
{
	int error;

	pthread_mutex_lock(&writer->lock);
	error = writer->error;
	pthread_mutex_unlock(&writer->lock);
	return error;
}

void srp_state_writer_free(struct srp_state_writer *writer)
{
	if (!writer)
		return;
	pthread_mutex_lock(&writer->lock);
	writer->stop = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
	pthread_join(writer->thread, NULL);
	pthread_cond_destroy(&writer->wake);
	pthread_mutex_destroy(&writer->lock);
	free(writer->path);
	free(writer);
}
