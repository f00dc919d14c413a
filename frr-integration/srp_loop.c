/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent/loop.h on libfrr's event loop. See srp_loop.h.
 *
 * A libfrr read or write event is gone once it fires, so each is armed again *before* the callback runs:
 * the callback may then drop the watch, and nothing of it is touched afterwards. An fd whose event is not
 * armed must leave libfrr's poll set (libfrr does that on cancel, not on firing), or a hang-up of the
 * other side would spin the loop; arming first sees to that, too.
 */
#include "frr-integration/srp_loop.h"

#include "monotime.h"

DEFINE_MGROUP(SRPD, "srpd");
DEFINE_MTYPE_STATIC(SRPD, SRP_WATCH, "Watched file descriptor");
DEFINE_MTYPE_STATIC(SRPD, SRP_ALARM, "Timer of the agent");

struct srp_watch {
	struct srp_frr_loop *loop;
	int fd;
	unsigned int events; /* SRP_LOOP_* asked for */
	srp_watch_fn fn;
	void *arg;
	SRP_EVENT *read, *write; /* armed events, kept by libfrr */
};

struct srp_alarm {
	struct srp_frr_loop *loop;
	srp_alarm_fn fn;
	void *arg;
	SRP_EVENT *timer;
};

static struct srp_frr_loop *frr_loop(struct srp_loop *loop)
{
	return container_of(loop, struct srp_frr_loop, loop);
}

/* FRR's monotonic clock, in microseconds. */
static uint64_t monotonic_usec(void)
{
	struct timeval now;

	monotime(&now); /* returns whole seconds only */
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_usec;
}

static uint64_t loop_now(struct srp_loop *loop)
{
	return monotonic_usec() / 1000;
}

static void on_read(SRP_EVENT *event);
static void on_write(SRP_EVENT *event);

static void arm(struct srp_watch *watch)
{
	if (watch->events & SRP_LOOP_READ)
		srp_event_add_read(watch->loop->master, on_read, watch, watch->fd, &watch->read);
	else
		srp_event_cancel(&watch->read);
	if (watch->events & SRP_LOOP_WRITE)
		srp_event_add_write(watch->loop->master, on_write, watch, watch->fd, &watch->write);
	else
		srp_event_cancel(&watch->write);
}

/* The watch may be gone when the callback returns. */
static void fire(struct srp_watch *watch, unsigned int ready)
{
	arm(watch);
	watch->fn(watch->arg, watch->fd, ready);
}

static void on_read(SRP_EVENT *event)
{
	fire(srp_event_arg(event), SRP_LOOP_READ);
}

static void on_write(SRP_EVENT *event)
{
	fire(srp_event_arg(event), SRP_LOOP_WRITE);
}

static struct srp_watch *loop_watch(struct srp_loop *loop, int fd, unsigned int events, srp_watch_fn fn,
				    void *arg)
{
	struct srp_watch *watch = XCALLOC(MTYPE_SRP_WATCH, sizeof(*watch));

	watch->loop = frr_loop(loop);
	watch->fd = fd;
	watch->events = events;
	watch->fn = fn;
	watch->arg = arg;
	arm(watch);
	return watch;
}

static void loop_rewatch(struct srp_watch *watch, unsigned int events)
{
	watch->events = events;
	arm(watch);
}

static void loop_unwatch(struct srp_watch *watch)
{
	if (!watch)
		return;
	srp_event_cancel(&watch->read);
	srp_event_cancel(&watch->write);
	XFREE(MTYPE_SRP_WATCH, watch);
}

static void on_timer(SRP_EVENT *event)
{
	struct srp_alarm *alarm = srp_event_arg(event);

	alarm->fn(alarm->arg);
}

static struct srp_alarm *loop_alarm(struct srp_loop *loop, srp_alarm_fn fn, void *arg)
{
	struct srp_alarm *alarm = XCALLOC(MTYPE_SRP_ALARM, sizeof(*alarm));

	alarm->loop = frr_loop(loop);
	alarm->fn = fn;
	alarm->arg = arg;
	return alarm;
}

static void loop_alarm_off(struct srp_alarm *alarm)
{
	srp_event_cancel(&alarm->timer);
}

static void loop_alarm_at(struct srp_alarm *alarm, uint64_t when)
{
	int64_t wait = (int64_t)(when * 1000 - monotonic_usec()); /* microseconds */
	struct timeval tv = {0, 0};

	if (wait > 0) {
		tv.tv_sec = wait / 1000000;
		tv.tv_usec = wait % 1000000;
	}
	loop_alarm_off(alarm);
	srp_event_add_timer_tv(alarm->loop->master, on_timer, alarm, &tv, &alarm->timer);
}

static void loop_alarm_free(struct srp_alarm *alarm)
{
	if (!alarm)
		return;
	loop_alarm_off(alarm);
	XFREE(MTYPE_SRP_ALARM, alarm);
}

static const struct srp_loop_ops frr_loop_ops = {
	.now = loop_now,
	.watch = loop_watch,
	.rewatch = loop_rewatch,
	.unwatch = loop_unwatch,
	.alarm = loop_alarm,
	.alarm_at = loop_alarm_at,
	.alarm_off = loop_alarm_off,
	.alarm_free = loop_alarm_free,
};

void srp_frr_loop_init(struct srp_frr_loop *loop, SRP_EVENT_LOOP *master)
{
	loop->loop.ops = &frr_loop_ops;
	loop->master = master;
}
