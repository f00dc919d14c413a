/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event loop of poll_loop.h: two small tables, walked each turn. */
#include "agent/poll_loop.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOTS 320 /* the session managers of checkpoints_local.c, and some */

struct srp_watch {
	struct poll_loop *loop;
	uint64_t serial; /* never the same twice: a freed watch's memory may come again within a turn */
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
	int high; /* all slots from here on are free */
	uint64_t serial;
};

static uint64_t loop_now(struct srp_loop *loop)
{
	struct timespec now;

	(void)loop;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void slot_put(struct poll_loop *loop, void **slots, void *entry)
{
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i])
			continue;
		slots[i] = entry;
		if (i >= loop->high)
			loop->high = i + 1;
		return;
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
	*watch = (struct srp_watch){
		.loop = (struct poll_loop *)loop, .fd = fd, .events = events, .fn = fn, .arg = arg};
	watch->serial = ++watch->loop->serial;
	slot_put(watch->loop, (void **)watch->loop->watches, watch);
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
	slot_put(alarm->loop, (void **)alarm->loop->alarms, alarm);
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

/* What is due. A callback may free any watch or alarm. */
static void run_alarms(struct poll_loop *loop)
{
	uint64_t now = loop_now(&loop->base);

	for (int i = 0; i < loop->high; i++) {
		struct srp_alarm *alarm = loop->alarms[i];

		if (alarm && alarm->when <= now) {
			alarm->when = UINT64_MAX;
			alarm->fn(alarm->arg);
		}
	}
}

/* Until the first alarm, to the microsecond: a wait in whole ms would make each timer late by up to one. */
static struct timespec time_left(const struct poll_loop *loop, unsigned int limit)
{
	struct timespec now;
	uint64_t when = UINT64_MAX, nsec, left = (uint64_t)limit * 1000000;

	clock_gettime(CLOCK_MONOTONIC, &now);
	nsec = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	for (int i = 0; i < loop->high; i++)
		if (loop->alarms[i] && loop->alarms[i]->when < when)
			when = loop->alarms[i]->when;
	if (when < UINT64_MAX / 1000000) {
		uint64_t until = when * 1000000 > nsec ? when * 1000000 - nsec : 0;

		if (until < left)
			left = until;
	}
	return (struct timespec){.tv_sec = (time_t)(left / 1000000000), .tv_nsec = (long)(left % 1000000000)};
}

void poll_loop_turn(struct srp_loop *base, unsigned int limit)
{
	struct poll_loop *loop = (struct poll_loop *)base;
	struct pollfd fds[SLOTS];
	struct srp_watch *polled[SLOTS];
	uint64_t serials[SLOTS];
	struct timespec left = time_left(loop, limit);
	nfds_t count = 0;

	for (int i = 0; i < loop->high; i++) {
		struct srp_watch *watch = loop->watches[i];

		if (!watch || !watch->events)
			continue;
		fds[count] = (struct pollfd){
			.fd = watch->fd,
			.events = (short)((watch->events & SRP_LOOP_READ ? POLLIN : 0) |
					  (watch->events & SRP_LOOP_WRITE ? POLLOUT : 0)),
		};
		serials[count] = watch->serial;
		polled[count++] = watch;
	}
	if (ppoll(fds, count, &left, NULL) <= 0)
		count = 0;
	for (nfds_t i = 0; i < count; i++) {
		unsigned int ready = (fds[i].revents & POLLOUT ? SRP_LOOP_WRITE : 0);
		bool there = false;

		/* An error is told by whichever operation comes next. */
		if (fds[i].revents & (POLLHUP | POLLERR))
			ready = SRP_LOOP_READ | SRP_LOOP_WRITE;
		else if (fds[i].revents & POLLIN)
			ready |= SRP_LOOP_READ;
		for (int slot = 0; slot < loop->high; slot++)
			there |=
				loop->watches[slot] == polled[i] && loop->watches[slot]->serial == serials[i];
		if (there && (ready &= polled[i]->events)) {
			polled[i]->fn(polled[i]->arg, polled[i]->fd, ready);
			/* However many descriptors have something to say, a timer waits for one of them only. */
			run_alarms(loop);
		}
	}
	run_alarms(loop);
}

bool poll_loop_until(struct srp_loop *loop, bool (*done)(void *arg), void *arg, unsigned int limit)
{
	uint64_t end = loop_now(loop) + limit;

	while (!done(arg)) {
		if (loop_now(loop) >= end)
			return false;
		poll_loop_turn(loop, 10);
	}
	return true;
}

void poll_loop_for(struct srp_loop *loop, unsigned int msec)
{
	uint64_t end = loop_now(loop) + msec;

	while (loop_now(loop) < end)
		poll_loop_turn(loop, 10);
}
