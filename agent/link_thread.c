/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link's thread: the paths, the hellos' timer, and its ends of the two queues. See link.h.
 *
 * A turn of its loop: sockets and timers, then take_orders() and publish(), both of which leave it for the next
 * millisecond when the main loop has the lock just now. No log, no file, no name service, no allocation that
 * could wait: what it has to say goes to the main loop.
 */
#include "agent/link_thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/poll_loop.h"
#include "agent/thread.h"

#define HUNG_HELLOS     3    /* the hello must be confirmed within so many intervals, */
#define HUNG_MIN_MSEC   2000 /* and this */
#define TURN_MSEC       1000
#define LOCK_RETRY_MSEC 1

struct thread {
	struct link_shared *shared;
	struct srp_loop *loop;
	struct srp_path *paths[SRP_LINK_PATHS];
	struct path_arg {
		struct thread *thread;
		unsigned int index;
		bool up;
		bool session_capable;
		struct link_said heard;
	} args[SRP_LINK_PATHS];
	struct srp_auth *auth;
	uint32_t dead_msec;
	struct srp_watch *orders;
	struct srp_alarm *hello_alarm, *retry_alarm;
	bool orders_due, stop;

	bool up;
	uint32_t epoch;
	struct srp_message hello;
	uint32_t hello_epoch; /* 0: there is none; it is void once the epoch has passed */
	uint64_t hello_at;
	bool hung;
	uint64_t hellos_withheld;
	unsigned int sync_done;
	uint32_t sessions; /* connections that were handed over */

	struct link_in in; /* not passed on yet */
	bool urgent;       /* the main loop is to look at once */
	uint64_t in_dropped;
	struct link_published told; /* what was last published */
};

static uint64_t thread_now(const struct thread *thread)
{
	return thread->loop->ops->now(thread->loop);
}

/* --- hellos -------------------------------------------------------------------------------- */

static bool hello_holds(const struct thread *thread)
{
	return thread->hello_epoch && thread->hello_epoch == thread->epoch && thread->up;
}

static void hello_send(struct thread *thread, struct srp_path *path)
{
	thread->hello.hello.clock_msec = srp_wall_clock();
	srp_path_send(path, &thread->hello);
}

static void hello_rearm(struct thread *thread)
{
	if (hello_holds(thread))
		thread->loop->ops->alarm_at(thread->hello_alarm, thread->hello_at);
	else
		thread->loop->ops->alarm_off(thread->hello_alarm);
}

static void hello_send_all(struct thread *thread)
{
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++)
		if (srp_path_is_up(thread->paths[i]))
			hello_send(thread, thread->paths[i]);
}

/* The main loop does not confirm the hello any more. */
static bool is_hung(struct thread *thread, uint64_t now)
{
	uint64_t limit = (uint64_t)thread->hello.hello.hello_msec * HUNG_HELLOS;
	uint64_t refreshed = atomic_load(&thread->shared->refreshed_at);
	bool hung = now > refreshed + (limit > HUNG_MIN_MSEC ? limit : HUNG_MIN_MSEC);
	char text[LINK_LINE_LEN];

	if (hung != thread->hung) {
		thread->hung = hung;
		snprintf(text, sizeof(text),
			 hung ? "no hellos are sent: srpd's main loop has not answered for %llu ms"
			      : "hellos are sent again: srpd's main loop answers (%llu ms ago)",
			 (unsigned long long)(now - refreshed));
		link_in_put_line(&thread->in, SRP_LOG_ERROR, text);
	}
	return hung;
}

/* The path that was heard last: the one that surely works. -1: none is up. */
static int best_path(const struct thread *thread)
{
	int best = -1;

	for (int i = 0; i < SRP_LINK_PATHS; i++)
		if (srp_path_is_up(thread->paths[i]) &&
		    (best < 0 ||
		     srp_path_heard_at(thread->paths[i]) > srp_path_heard_at(thread->paths[best])))
			best = i;
	return best;
}

/* A path on which the peer is silent while it is heard on the other is broken, though TCP does not know yet. */
static void reset_silent_paths(struct thread *thread)
{
	int best = best_path(thread);

	for (int i = 0; best >= 0 && i < SRP_LINK_PATHS; i++)
		if (i != best && srp_path_is_up(thread->paths[i]) &&
		    srp_path_heard_at(thread->paths[best]) >=
			    srp_path_heard_at(thread->paths[i]) + thread->dead_msec)
			srp_path_reset(thread->paths[i]);
}

static void on_hello_alarm(void *arg)
{
	struct thread *thread = arg;
	uint64_t now = thread_now(thread), interval = thread->hello.hello.hello_msec;

	if (!hello_holds(thread))
		return;
	reset_silent_paths(thread);
	if (is_hung(thread, now))
		thread->hellos_withheld++;
	else
		hello_send_all(thread);
	/* From the last deadline, not from now: lateness does not add up. */
	thread->hello_at += interval;
	if (thread->hello_at <= now)
		thread->hello_at = now + interval;
	hello_rearm(thread);
}

/* --- paths --------------------------------------------------------------------------------- */

static void on_state(void *arg, bool up)
{
	struct path_arg *path = arg;
	struct thread *thread = path->thread;
	bool any = false;

	path->up = up;
	path->heard.len = 0;
	if (!up)
		path->session_capable = false;
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++)
		any = any || thread->args[i].up;
	if (any && !thread->up)
		thread->epoch++;
	thread->up = any;
	/* What the main loop says when it hears of the link would come a moment later, if it was up already. */
	if (up && hello_holds(thread) && !thread->hung)
		hello_send(thread, thread->paths[path->index]);
}

static void on_message(void *arg, const struct srp_message *message)
{
	struct path_arg *path = arg;
	struct link_in_entry entry = {.path = path->index,
				      .arrived = thread_now(path->thread),
				      .message = *message};

	if (message->type == SRP_MSG_HELLO)
		path->session_capable = message->hello.capabilities & SRP_CAPABILITY_SESSION;
	/* A hello that says nothing new waits for the next look: the core looks before it judges a silent peer. */
	if (message->type != SRP_MSG_HELLO || !link_says_the_same(&path->heard, message))
		path->thread->urgent = true;
	link_in_put(&path->thread->in, &entry);
}

static uint32_t on_session(void *arg, struct srp_session_start *start)
{
	struct thread *thread = ((struct path_arg *)arg)->thread;

	start->id = ++thread->sessions;
	thread->shared->session(thread->shared->session_arg, start);
	return thread->sessions;
}

static void on_log(void *arg, enum srp_log_level level, const char *text)
{
	struct path_arg *path = arg;

	link_in_put_line(&path->thread->in, level, text);
}

/* One session connection over all paths; it stays where it is as long as it works. */
static void choose_session_path(struct thread *thread)
{
	uint32_t ended = atomic_load(&thread->shared->session_ended);
	int chosen = -1;

	for (int i = 0; i < SRP_LINK_PATHS; i++)
		srp_path_session_ended(thread->paths[i], ended);
	for (int i = SRP_LINK_PATHS; i-- > 0;)
		if (thread->args[i].up && thread->args[i].session_capable)
			chosen = i;
	for (int i = 0; i < SRP_LINK_PATHS; i++)
		if (srp_path_session_is_up(thread->paths[i]))
			chosen = i;
	for (int i = 0; i < SRP_LINK_PATHS; i++)
		srp_path_want_session(thread->paths[i], i == chosen);
}

/* --- orders of the main loop --------------------------------------------------------------- */

static void take_message(struct thread *thread, const struct link_out_entry *entry)
{
	uint64_t now = thread_now(thread);
	int best;

	/* Meant for a connection that is no more: the main loop has yet to hear of the next one. */
	if (entry->epoch != thread->epoch || !thread->up)
		return;
	if (entry->message.type == SRP_MSG_HELLO) {
		thread->hello = entry->message;
		thread->hello_epoch = entry->epoch;
		thread->hello_at = now + entry->message.hello.hello_msec;
		hello_send_all(thread);
		hello_rearm(thread);
		return;
	}
	best = best_path(thread);
	if (best >= 0)
		srp_path_send(thread->paths[best], &entry->message);
}

static void take_wish(struct thread *thread, const struct link_wish *wish)
{
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++)
		srp_path_configure(thread->paths[i], &wish->paths[i]);
	thread->dead_msec = wish->paths[0].dead_msec;
	srp_auth_free(thread->auth);
	thread->auth = wish->auth;
}

static void retry_soon(struct thread *thread)
{
	thread->loop->ops->alarm_at(thread->retry_alarm, thread_now(thread) + LOCK_RETRY_MSEC);
}

static void take_orders(struct thread *thread)
{
	struct link_shared *shared = thread->shared;
	struct link_wish wish = {0};
	struct link_out out;
	bool wish_set, reset;

	if (!thread->orders_due)
		return;
	if (pthread_mutex_trylock(&shared->lock)) {
		retry_soon(thread);
		return;
	}
	thread->orders_due = false;
	out.count = shared->out.count;
	memcpy(out.list, shared->out.list, out.count * sizeof(out.list[0]));
	shared->out.count = 0;
	wish_set = shared->wish_set;
	if (wish_set)
		wish = shared->wish;
	shared->wish_set = false;
	reset = shared->reset;
	shared->reset = false;
	thread->stop = shared->stop;
	pthread_mutex_unlock(&shared->lock);

	/* In this order: the last word under the old configuration still goes out. */
	for (size_t i = 0; i < out.count; i++)
		take_message(thread, &out.list[i]);
	for (unsigned int i = 0; reset && i < SRP_LINK_PATHS; i++)
		srp_path_reset(thread->paths[i]);
	if (wish_set)
		take_wish(thread, &wish);
}

static void on_orders(void *arg, int fd, unsigned int ready)
{
	struct thread *thread = arg;
	uint64_t count;

	(void)ready;
	if (read(fd, &count, sizeof(count)) > 0)
		thread->orders_due = true;
}

static void on_retry(void *arg)
{
	(void)arg; /* it only wakes the loop */
}

/* --- news for the main loop ---------------------------------------------------------------- */

static void add_stats(struct srp_link_stats *sum, const struct srp_link_stats *stats)
{
	const uint64_t *from = (const uint64_t *)stats;
	uint64_t *to = (uint64_t *)sum;

	_Static_assert(sizeof(*sum) % sizeof(uint64_t) == 0, "counters only");
	for (size_t i = 0; i < sizeof(*sum) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

static void publish(struct thread *thread)
{
	struct link_shared *shared = thread->shared;
	unsigned int wanted = atomic_load(&shared->sync_wanted);

	if (thread->in.line_count || thread->told.up != thread->up || thread->told.epoch != thread->epoch)
		thread->urgent = true;
	thread->told.up = thread->up;
	thread->told.epoch = thread->epoch;
	memset(&thread->told.stats, 0, sizeof(thread->told.stats));
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++) {
		srp_path_get_info(thread->paths[i], &thread->told.paths[i]);
		add_stats(&thread->told.stats, srp_path_get_stats(thread->paths[i]));
	}
	thread->told.stats.hellos_withheld = thread->hellos_withheld;
	thread->told.stats.dropped_messages = thread->in_dropped;
	if (pthread_mutex_trylock(&shared->lock)) {
		retry_soon(thread);
		return;
	}
	link_in_move(&shared->in, &thread->in);
	thread->in_dropped += shared->in.dropped;
	shared->in.dropped = 0;
	shared->published = thread->told;
	pthread_mutex_unlock(&shared->lock);
	if (thread->urgent)
		srp_thread_ring(shared->main_fd);
	thread->urgent = false;
	if (wanted != thread->sync_done) {
		thread->sync_done = wanted;
		srp_thread_ring(shared->sync_fd);
	}
}

/* --- life ---------------------------------------------------------------------------------- */

void *link_thread(void *arg)
{
	static const char *const names[SRP_LINK_PATHS] = {"peer link", "peer link, secondary"};
	struct thread *thread = calloc(1, sizeof(*thread));
	const struct srp_loop_ops *ops;

	if (!thread)
		abort();
	thread->shared = arg;
	thread->loop = poll_loop_new();
	ops = thread->loop->ops;
	thread->hello_alarm = ops->alarm(thread->loop, on_hello_alarm, thread);
	thread->retry_alarm = ops->alarm(thread->loop, on_retry, thread);
	thread->orders =
		ops->watch(thread->loop, thread->shared->thread_fd, SRP_LOOP_READ, on_orders, thread);
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++) {
		thread->args[i] = (struct path_arg){.thread = thread, .index = i};
		thread->paths[i] = srp_path_new(thread->loop, names[i],
						&(struct srp_path_events){.state = on_state,
									  .session = on_session,
									  .message = on_message,
									  .log = on_log,
									  .arg = &thread->args[i]});
		if (!thread->paths[i])
			abort();
	}
	while (!thread->stop) {
		poll_loop_turn(thread->loop, TURN_MSEC);
		take_orders(thread);
		choose_session_path(thread);
		publish(thread);
	}
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++)
		srp_path_free(thread->paths[i]);
	ops->unwatch(thread->orders);
	ops->alarm_free(thread->hello_alarm);
	ops->alarm_free(thread->retry_alarm);
	poll_loop_free(thread->loop);
	srp_auth_free(thread->auth);
	free(thread);
	return NULL;
}
