/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

int srp_thread_start(pthread_t *thread, const char *name, void *(*function)(void *arg), void *arg)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, function, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!error)
		pthread_setname_np(*thread, name);
	return error;
}

void srp_thread_ring(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
