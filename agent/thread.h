/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srpd's threads: the main loop's, the link's (link_thread.h), the checkpoints' (checkpoints.h), the state file's (state_writer.h). */
#ifndef SRP_THREAD_H
#define SRP_THREAD_H

#include <pthread.h>

/* Start a thread with this name, at most 15 characters, and all signals blocked: they are the main loop's. 0 or errno. */
int srp_thread_start(pthread_t *thread, const char *name, void *(*function)(void *arg), void *arg);

/* Wake whoever watches the eventfd; a counter that is full wakes as well. Any thread. */
void srp_thread_ring(int fd);

#endif
