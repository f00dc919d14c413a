/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See state_writer.h. One slot: the next state to write. The lock is never held over a write. */
#include "agent/state_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/thread.h"

struct srp_state_writer {
	char *paths[SRP_STATE_PLACES];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	/* Under the lock. */
	struct srp_saved_state next;
	bool pending, stop;
	struct srp_state_written written;
};

static struct srp_state_written write_somewhere(const struct srp_state_writer *writer,
						const struct srp_saved_state *state)
{
	const char *second = writer->paths[SRP_STATE_RUN_DIR];
	struct srp_state_written written = {0};

	written.error[SRP_STATE_DIR] = srp_state_write(writer->paths[SRP_STATE_DIR], state);
	if (!second)
		written.error[SRP_STATE_RUN_DIR] = written.error[SRP_STATE_DIR];
	else if (written.error[SRP_STATE_DIR])
		written.error[SRP_STATE_RUN_DIR] = srp_state_write(second, state);
	else
		(void)unlink(second);
	return written;
}

static void *work(void *arg)
{
	struct srp_state_writer *writer = arg;
	struct srp_state_written written;
	struct srp_saved_state state;

	pthread_mutex_lock(&writer->lock);
	for (;;) {
		while (!writer->pending && !writer->stop)
			pthread_cond_wait(&writer->wake, &writer->lock);
		if (!writer->pending)
			break;
		state = writer->next;
		writer->pending = false;
		pthread_mutex_unlock(&writer->lock);
		written = write_somewhere(writer, &state);
		pthread_mutex_lock(&writer->lock);
		written.busy = writer->pending;
		writer->written = written;
	}
	pthread_mutex_unlock(&writer->lock);
	return NULL;
}

static bool same_folder(const char *a, const char *b)
{
	struct stat first, second;

	return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static void free_paths(struct srp_state_writer *writer)
{
	for (int i = 0; i < SRP_STATE_PLACES; i++)
		free(writer->paths[i]);
}

struct srp_state_writer *srp_state_writer_new(const char *state_dir, const char *run_dir)
{
	struct srp_state_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	/* That it is not there and cannot be made is seen next. */
	(void)mkdir(state_dir, 0750);
	if (faccessat(AT_FDCWD, state_dir, W_OK | X_OK, AT_EACCESS))
		writer->written.error[SRP_STATE_DIR] = -errno;
	if (asprintf(&writer->paths[SRP_STATE_DIR], "%s/srpd.state", state_dir) < 0)
		writer->paths[SRP_STATE_DIR] = NULL;
	if (same_folder(state_dir, run_dir))
		writer->written.error[SRP_STATE_RUN_DIR] = writer->written.error[SRP_STATE_DIR];
	else if (asprintf(&writer->paths[SRP_STATE_RUN_DIR], "%s/srpd.state", run_dir) < 0)
		writer->paths[SRP_STATE_RUN_DIR] = NULL;
	pthread_mutex_init(&writer->lock, NULL);
	pthread_cond_init(&writer->wake, NULL);
	if (writer->paths[SRP_STATE_DIR] &&
	    srp_thread_start(&writer->thread, "srpd-state", work, writer) == 0)
		return writer;
	pthread_cond_destroy(&writer->wake);
	pthread_mutex_destroy(&writer->lock);
	free_paths(writer);
	free(writer);
	return NULL;
}

const char *srp_state_writer_path(const struct srp_state_writer *writer, enum srp_state_place place)
{
	return writer->paths[place];
}

void srp_state_writer_put(struct srp_state_writer *writer, const struct srp_saved_state *state)
{
	pthread_mutex_lock(&writer->lock);
	writer->next = *state;
	writer->pending = true;
	writer->written.busy = true;
	pthread_cond_signal(&writer->wake);
	pthread_mutex_unlock(&writer->lock);
}

struct srp_state_written srp_state_writer_written(struct srp_state_writer *writer)
{
	struct srp_state_written written;

	pthread_mutex_lock(&writer->lock);
	written = writer->written;
	pthread_mutex_unlock(&writer->lock);
	return written;
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
	free_paths(writer);
	free(writer);
}
