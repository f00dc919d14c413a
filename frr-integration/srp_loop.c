/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent/loop.h on libfrr's event loop. See srp_loop.h.
 *
 * A libfrr read or write event is gone once it fires, so each is armed again *before* the callback runs:
 * the callback may then drop the watch, and nothing of it is touched afterwards. An fd whose event is not
 * armed must leave libfrr's poll set (libfrr does that on cancel, not on firing), or a hang-up of the
 * other side would spin the loop; arming first sees to that, too.
 *
 * Alarms are not libfrr's timers: for these it waits whole milliseconds, rounded down, and polls without
 * waiting for the rest, which at a hello each 20 ms was four fifths of what srpd used. One timerfd is
 * set to the earliest alarm instead; it may fire for one that was put off meanwhile.
 */
#include "frr-integration/srp_loop.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

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
	struct srp_alarm *next;
	srp_alarm_fn fn;
	void *arg;
	uint64_t when;     /* ms; 0: it is off */
	unsigned int turn; /* of the loop, when it went off last */
};

static struct srp_frr_loop *frr_loop(struct srp_loop *loop)
{
	return container_of(loop, struct srp_frr_loop, loop);
}

static uint64_t loop_now(struct srp_loop *loop)
{
	struct timeval now;

	(void)loop;
	monotime(&now); /* CLOCK_MONOTONIC; returns whole seconds only */
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_usec / 1000;
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

/* The earliest alarm that is not off, and did not go off in this turn (0: in any); NULL: none. */
static struct srp_alarm *first_alarm(const struct srp_frr_loop *loop, unsigned int turn)
{
	struct srp_alarm *first = NULL;

	for (struct srp_alarm *alarm = loop->alarms; alarm; alarm = alarm->next)
		if (alarm->when && (!turn || alarm->turn != turn) && (!first || alarm->when < first->when))
			first = alarm;
	return first;
}

static void set_timer(struct srp_frr_loop *loop, uint64_t when)
{
	struct itimerspec spec = {
		.it_value = {.tv_sec = (time_t)(when / 1000), .tv_nsec = (long)(when % 1000) * 1000000}};

	loop->timer_at = when;
	timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* An alarm may be set, put off or freed by what another one does. */
static void on_timer(SRP_EVENT *event)
{
	struct srp_frr_loop *loop = srp_event_arg(event);
	uint64_t count, now = loop_now(&loop->loop);
	unsigned int turn = ++loop->turn ? loop->turn : ++loop->turn;
	struct srp_alarm *alarm;

	srp_event_add_read(loop->master, on_timer, loop, loop->timer_fd, &loop->timer);
	if (read(loop->timer_fd, &count, sizeof(count)) < 0)
		return;
	while ((alarm = first_alarm(loop, turn)) && alarm->when <= now) {
		alarm->when = 0;
		alarm->turn = turn;
		alarm->fn(alarm->arg);
	}
	alarm = first_alarm(loop, 0);
	set_timer(loop, alarm ? alarm->when : 0);
}

static struct srp_alarm *loop_alarm(struct srp_loop *loop, srp_alarm_fn fn, void *arg)
{
	struct srp_alarm *alarm = XCALLOC(MTYPE_SRP_ALARM, sizeof(*alarm));

	alarm->loop = frr_loop(loop);
	alarm->next = alarm->loop->alarms;
	alarm->loop->alarms = alarm;
	alarm->fn = fn;
	alarm->arg = arg;
	return alarm;
}

static void loop_alarm_off(struct srp_alarm *alarm)
{
	alarm->when = 0;
}

static void loop_alarm_at(struct srp_alarm *alarm, uint64_t when)
{
	struct srp_frr_loop *loop = alarm->loop;

	alarm->when = when ? when : 1;
	if (!loop->timer_at || alarm->when < loop->timer_at)
		set_timer(loop, alarm->when);
}

static void loop_alarm_free(struct srp_alarm *alarm)
{
	struct srp_alarm **at;

	if (!alarm)
		return;
	for (at = &alarm->loop->alarms; *at != alarm; at = &(*at)->next)
		;
	*at = alarm->next;
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
	*loop = (struct srp_frr_loop){
		.loop = {.ops = &frr_loop_ops},
		.master = master,
		.timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
	};
	if (loop->timer_fd < 0) {
		zlog_err("no timer: %s", safe_strerror(errno));
		exit(1);
	}
	srp_event_add_read(master, on_timer, loop, loop->timer_fd, &loop->timer);
}
