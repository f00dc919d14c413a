/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See poll_loop.h. */
#include "tests/unit/poll_loop.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 64

struct srp_watch {
	struct poll_loop *loop;
	int fd;
	unsigned int events;
	srp_watch_fn fn;
	void *arg;
};

struct srp_alarm {
	struct poll_loop *loop;
	uint64_t when; /* UINT64_MAX: not armed */
	srp_alarm_fn fn;
	void *arg;
};

struct poll_loop {
	struct srp_loop base;
	struct srp_watch *watches[SLOTS];
	struct srp_alarm *alarms[SLOTS];
};

static uint64_t loop_now(struct srp_loop *loop)
{
	struct timespec now;

	(void)loop;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void slot_put(void **slots, void *entry)
{
	for (int i = 0; i < SLOTS; i++) {
		if (!slots[i]) {
			slots[i] = entry;
			return;
		}
	}
	abort();
}

static void slot_drop(void **slots, const void *entry)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i] == entry)
			slots[i] = NULL;
}

static struct srp_watch *loop_watch(struct srp_loop *loop, int fd, unsigned int events, srp_watch_fn fn,
				    void *arg)
{
	struct srp_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		abort();
	*watch = (struct srp_watch){(struct poll_loop *)loop, fd, events, fn, arg};
	slot_put((void **)watch->loop->watches, watch);
	return watch;
}

static void loop_rewatch(struct srp_watch *watch, unsigned int events)
{
	watch->events = events;
}

static void loop_unwatch(struct srp_watch *watch)
{
	if (!watch)
		return;
	slot_drop((void **)watch->loop->watches, watch);
	free(watch);
}

static struct srp_alarm *loop_alarm(struct srp_loop *loop, srp_alarm_fn fn, void *arg)
{
	struct srp_alarm *alarm = calloc(1, sizeof(*alarm));

	if (!alarm)
		abort();
	*alarm = (struct srp_alarm){(struct poll_loop *)loop, UINT64_MAX, fn, arg};
	slot_put((void **)alarm->loop->alarms, alarm);
	return alarm;
}

static void loop_alarm_at(struct srp_alarm *alarm, uint64_t when)
{
	alarm->when = when;
}

static void loop_alarm_off(struct srp_alarm *alarm)
{
	alarm->when = UINT64_MAX;
}

static void loop_alarm_free(struct srp_alarm *alarm)
{
	if (!alarm)
		return;
	slot_drop((void **)alarm->loop->alarms, alarm);
	free(alarm);
}

static const struct srp_loop_ops ops = {
	.now = loop_now,
	.watch = loop_watch,
	.rewatch = loop_rewatch,
	.unwatch = loop_unwatch,
	.alarm = loop_alarm,
	.alarm_at = loop_alarm_at,
	.alarm_off = loop_alarm_off,
	.alarm_free = loop_alarm_free,
};

struct srp_loop *poll_loop_new(void)
{
	struct poll_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		abort();
	loop->base.ops = &ops;
	return &loop->base;
}

void poll_loop_free(struct srp_loop *loop)
{
	free(loop);
}

/* One poll(2) of at most 10 ms; then what is due. A callback may free any watch or alarm. */
static void turn(struct poll_loop *loop)
{
	struct pollfd fds[SLOTS];
	struct srp_watch *polled[SLOTS];
	nfds_t count = 0;
	uint64_t now;

	for (int i = 0; i < SLOTS; i++) {
		struct srp_watch *watch = loop->watches[i];

		if (!watch || !watch->events)
			continue;
		fds[count] = (struct pollfd){
			.fd = watch->fd,
			.events = (short)((watch->events & SRP_LOOP_READ ? POLLIN : 0) |
					  (watch->events & SRP_LOOP_WRITE ? POLLOUT : 0)),
		};
		polled[count++] = watch;
	}
	poll(fds, count, 10);
	for (nfds_t i = 0; i < count; i++) {
		unsigned int ready = (fds[i].revents & (POLLIN | POLLHUP | POLLERR) ? SRP_LOOP_READ : 0) |
				     (fds[i].revents & POLLOUT ? SRP_LOOP_WRITE : 0);
		bool there = false;

		for (int slot = 0; slot < SLOTS; slot++)
			there |= loop->watches[slot] == polled[i];
		if (there && (ready &= polled[i]->events))
			polled[i]->fn(polled[i]->arg, polled[i]->fd, ready);
	}
	now = loop_now(&loop->base);
	for (int i = 0; i < SLOTS; i++) {
		struct srp_alarm *alarm = loop->alarms[i];

		if (alarm && alarm->when <= now) {
			alarm->when = UINT64_MAX;
			alarm->fn(alarm->arg);
		}
	}
}

bool poll_loop_until(struct srp_loop *loop, bool (*done)(void *arg), void *arg, unsigned int limit)
{
	uint64_t end = loop_now(loop) + limit;

	while (!done(arg)) {
		if (loop_now(loop) >= end)
			return false;
		turn((struct poll_loop *)loop);
	}
	return true;
}

void poll_loop_for(struct srp_loop *loop, unsigned int msec)
{
	uint64_t end = loop_now(loop) + msec;

	while (loop_now(loop) < end)
		turn((struct poll_loop *)loop);
}
