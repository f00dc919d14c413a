/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop as the agent sees it. frr-integration implements it over libfrr's loop; a test may
 * implement it over poll(2). One thread: every callback runs on the thread that runs the loop.
 */
#ifndef SRP_LOOP_H
#define SRP_LOOP_H

#include <stdint.h>

#define SRP_LOOP_READ  1u
#define SRP_LOOP_WRITE 2u

struct srp_loop;
struct srp_watch; /* a watched file descriptor */
struct srp_alarm; /* a one-shot timer */

/* `ready` says which of SRP_LOOP_READ, SRP_LOOP_WRITE holds. Level-triggered, persistent. */
typedef void (*srp_watch_fn)(void *arg, int fd, unsigned int ready);
typedef void (*srp_alarm_fn)(void *arg);

struct srp_loop_ops {
	/* Monotonic milliseconds. */
	uint64_t (*now)(struct srp_loop *loop);

	/* Watch fd for `events`; the watch does not own the fd. Never fails. */
	struct srp_watch *(*watch)(struct srp_loop *loop, int fd, unsigned int events, srp_watch_fn fn,
				   void *arg);
	/* Change what is watched for; 0 pauses the watch. */
	void (*rewatch)(struct srp_watch *watch, unsigned int events);
	/* Stop watching and free. NULL is ignored. May be called from the watch's own callback. */
	void (*unwatch)(struct srp_watch *watch);

	/*
	 * A timer that is not armed. `alarm_at` arms it (again) for a time of now()'s clock, at once
	 * when that is past; `alarm_off` disarms it; `alarm_free` also frees it (NULL is ignored).
	 */
	struct srp_alarm *(*alarm)(struct srp_loop *loop, srp_alarm_fn fn, void *arg);
	void (*alarm_at)(struct srp_alarm *alarm, uint64_t when);
	void (*alarm_off)(struct srp_alarm *alarm);
	void (*alarm_free)(struct srp_alarm *alarm);
};

struct srp_loop {
	const struct srp_loop_ops *ops;
	/* the implementation's fields follow in its own, larger struct */
};

#endif
