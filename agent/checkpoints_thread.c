/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checkpoints' thread: the engine, its clock, and the session connection. See checkpoints.h.
 *
 * A turn of its loop: sockets and timers, orders of the main loop, then what the engine has to send, as much as the
 * sockets take.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/checkpoints_private.h"
#include "agent/poll_loop.h"
#include "agent/thread.h"
#include "checkpoint/bytes.h"

/* One header on both connections; the two folders do not know each other. */
_Static_assert(SRP_FRAME_MAGIC == SRP_WIRE_MAGIC && SRP_FRAME_VERSION == SRP_WIRE_VERSION &&
		       SRP_FRAME_HEADER == SRP_WIRE_HEADER_LEN && SRP_FRAME_KEEPALIVE == SRP_WIRE_SESSION,
	       "the header of agent/core/message.h");

#define TURN_MSEC  1000
#define PUMP_ROUND 8 /* buffers to the peer in a turn: session managers want to be read, too */

struct thread {
	struct checkpoints_shared *shared;
	struct srp_loop *loop;
	struct srp_engine *engine;
	struct checkpoints_local *local;
	struct srp_watch *orders;
	struct srp_alarm *alarm;
	bool orders_due, stop;

	/* the session connection */
	struct srp_session_start *start; /* NULL: there is none */
	struct srp_watch *watch;
	uint32_t rx_sequence;
	uint8_t *rx, *tx;
	size_t rx_len, tx_len, tx_sent;

	/* not passed on yet */
	struct srp_engine_sessions sessions;
	uint32_t flushed;
	struct checkpoints_line lines[LINES_MAX];
	unsigned int line_count;
	bool news;
};

static uint64_t thread_now(const struct thread *thread)
{
	return thread->loop->ops->now(thread->loop);
}

static void say(struct thread *thread, enum srp_log_level level, const char *text)
{
	struct checkpoints_line *line;

	if (thread->line_count == LINES_MAX)
		return;
	line = &thread->lines[thread->line_count++];
	line->level = level;
	snprintf(line->text, sizeof(line->text), "checkpoints: %s", text);
	thread->news = true;
}

/* --- the engine's events ------------------------------------------------------------------- */

static void on_log(void *arg, enum srp_engine_log level, const char *text)
{
	static const enum srp_log_level levels[] = {
		[SRP_ENGINE_ERROR] = SRP_LOG_ERROR,
		[SRP_ENGINE_WARNING] = SRP_LOG_WARNING,
		[SRP_ENGINE_NOTICE] = SRP_LOG_NOTICE,
		[SRP_ENGINE_DEBUG] = SRP_LOG_DEBUG,
	};

	say(arg, levels[level], text);
}

static void on_sessions(void *arg, const struct srp_engine_sessions *sessions)
{
	struct thread *thread = arg;

	thread->sessions = *sessions;
	thread->news = true;
}

static void on_flushed(void *arg, uint32_t flush_id)
{
	struct thread *thread = arg;

	thread->flushed = flush_id;
	thread->news = true;
}

/* --- the session connection ---------------------------------------------------------------- */

static void peer_close(struct thread *thread, const char *why)
{
	uint32_t id;

	if (!thread->start)
		return;
	if (why)
		say(thread, SRP_LOG_WARNING, why);
	id = thread->start->id;
	thread->loop->ops->unwatch(thread->watch);
	srp_session_start_free(thread->start);
	thread->start = NULL;
	srp_engine_peer_closed(thread->engine, thread_now(thread));
	thread->shared->ended(thread->shared->ended_arg, id);
}

/* False when the connection was closed, or has to wait. */
static bool peer_take_frames(struct thread *thread)
{
	size_t at = 0;
	bool go_on = true;

	while (thread->rx_len - at >= SRP_FRAME_HEADER) {
		const uint8_t *frame = thread->rx + at;
		uint32_t payload = get32(frame + 4);
		const char *why = "";
		enum srp_engine_take take;

		if (get16(frame) != SRP_FRAME_MAGIC || frame[2] != SRP_FRAME_VERSION ||
		    payload > SRP_FRAME_PAYLOAD_MAX) {
			peer_close(thread, "connection closed: not a frame of this protocol");
			return false;
		}
		if (thread->rx_len - at < SRP_FRAME_HEADER + (size_t)payload)
			break;
		if (get32(frame + 8) <= thread->rx_sequence) {
			peer_close(thread, "connection closed: a frame is out of order");
			return false;
		}
		take = srp_engine_peer_receive(thread->engine, thread_now(thread), frame[3],
					       frame + SRP_FRAME_HEADER, payload, &why);
		if (take == SRP_TAKE_BAD) {
			peer_close(thread, why);
			return false;
		}
		if (take == SRP_TAKE_LATER) {
			go_on = false;
			break;
		}
		thread->rx_sequence = get32(frame + 8);
		at += SRP_FRAME_HEADER + (size_t)payload;
	}
	thread->rx_len -= at;
	memmove(thread->rx, thread->rx + at, thread->rx_len);
	return go_on;
}

static void peer_read(struct thread *thread)
{
	/* What had to wait comes first. */
	if (!peer_take_frames(thread))
		return;
	for (int round = 0; round < 4 && thread->start; round++) {
		ssize_t got = srp_stream_recv(&thread->start->stream, thread->rx + thread->rx_len,
					      FRAME_ROOM - thread->rx_len);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			peer_close(thread, NULL);
			return;
		}
		thread->rx_len += (size_t)got;
		if (!peer_take_frames(thread))
			return;
	}
}

/* False when nothing more goes out now. */
static bool peer_write(struct thread *thread)
{
	while (thread->tx_sent < thread->tx_len) {
		ssize_t sent = srp_stream_send(&thread->start->stream, thread->tx + thread->tx_sent,
					       thread->tx_len - thread->tx_sent);

		if (sent <= 0) {
			if (sent < 0 && (errno == EAGAIN || errno == EINTR))
				break;
			peer_close(thread, NULL);
			return false;
		}
		thread->tx_sent += (size_t)sent;
	}
	if (thread->tx_sent < thread->tx_len) {
		thread->loop->ops->rewatch(thread->watch, SRP_LOOP_READ | SRP_LOOP_WRITE);
		return false;
	}
	thread->tx_len = thread->tx_sent = 0;
	thread->loop->ops->rewatch(thread->watch, SRP_LOOP_READ);
	return true;
}

/* True when there is more to send, and room for it. */
static bool peer_pump(struct thread *thread)
{
	for (int round = 0; thread->start; round++) {
		if (!peer_write(thread))
			return false;
		if (round == PUMP_ROUND)
			return true;
		thread->tx_len =
			srp_engine_peer_fill(thread->engine, thread_now(thread), thread->tx, FRAME_ROOM);
		if (!thread->tx_len)
			return false;
	}
	return false;
}

static void peer_ready(void *arg, int fd, unsigned int ready)
{
	struct thread *thread = arg;

	(void)fd;
	if (ready & SRP_LOOP_READ)
		peer_read(thread);
}

static void take_adopted(struct thread *thread)
{
	struct srp_session_start *start = atomic_exchange(&thread->shared->adopted, NULL);

	if (!start)
		return;
	peer_close(thread, NULL);
	thread->start = start;
	thread->rx_sequence = start->rx_sequence;
	memcpy(thread->rx, start->rx, start->rx_len);
	thread->rx_len = start->rx_len;
	memcpy(thread->tx, start->tx, start->tx_len);
	thread->tx_len = start->tx_len;
	thread->tx_sent = 0;
	thread->watch =
		thread->loop->ops->watch(thread->loop, start->stream.fd, SRP_LOOP_READ, peer_ready, thread);
	srp_engine_peer_open(thread->engine, thread_now(thread), start->tx_sequence);
	/* TLS may have read what no readiness will tell of. */
	peer_read(thread);
}

/* --- orders and news ----------------------------------------------------------------------- */

static void on_orders(void *arg, int fd, unsigned int ready)
{
	struct thread *thread = arg;
	uint64_t count;

	(void)ready;
	if (read(fd, &count, sizeof(count)) > 0)
		thread->orders_due = true;
}

static void set_nacks(struct thread *thread, const uint8_t on[static 32], const uint8_t off[static 32])
{
	for (unsigned int cmd = 1; cmd <= SRP_CMD_MAX; cmd++) {
		if (on[cmd / 8] & 1u << cmd % 8)
			srp_engine_set_nack(thread->engine, (uint8_t)cmd, true);
		if (off[cmd / 8] & 1u << cmd % 8)
			srp_engine_set_nack(thread->engine, (uint8_t)cmd, false);
	}
}

static void answer_look(struct thread *thread)
{
	struct checkpoints_shared *shared = thread->shared;
	struct srp_engine_info info;
	struct srp_instance_info *list, *old;
	size_t count = 0;

	srp_engine_get_info(thread->engine, &info);
	list = calloc(info.instances ? info.instances : 1, sizeof(*list));
	for (uint32_t from = 1; list && count < info.instances && from <= SRP_INSTANCE_MAX; count++) {
		if (!srp_engine_get_instance(thread->engine, thread_now(thread), (uint16_t)from,
					     &list[count]))
			break;
		from = list[count].instance + 1u;
	}
	pthread_mutex_lock(&shared->lock);
	old = shared->instances;
	shared->instances = list;
	shared->instance_count = count;
	shared->info = info;
	shared->looks++;
	pthread_cond_signal(&shared->looked);
	pthread_mutex_unlock(&shared->lock);
	free(old);
}

static void take_orders(struct thread *thread)
{
	struct checkpoints_shared *shared = thread->shared;
	struct srp_engine_config config;
	struct srp_engine_role role;
	bool config_set, role_set, audit, clear, look;
	uint8_t on[32], off[32];

	if (!thread->orders_due)
		return;
	thread->orders_due = false;
	pthread_mutex_lock(&shared->lock);
	config_set = shared->config_set;
	config = shared->config;
	role_set = shared->role_set;
	role = shared->role;
	audit = shared->audit;
	clear = shared->clear;
	look = shared->look;
	memcpy(on, shared->nack_on, sizeof(on));
	memcpy(off, shared->nack_off, sizeof(off));
	memset(shared->nack_on, 0, sizeof(shared->nack_on));
	memset(shared->nack_off, 0, sizeof(shared->nack_off));
	shared->config_set = shared->role_set = shared->audit = shared->clear = shared->look = false;
	thread->stop = shared->stop;
	pthread_mutex_unlock(&shared->lock);

	if (config_set)
		srp_engine_configure(thread->engine, thread_now(thread), &config);
	if (role_set)
		srp_engine_set_role(thread->engine, thread_now(thread), &role);
	set_nacks(thread, on, off);
	if (audit && !srp_engine_audit(thread->engine))
		say(thread, SRP_LOG_WARNING, "no audit: no session manager has a ready counterpart");
	if (clear)
		srp_engine_clear_statistics(thread->engine);
	if (look)
		answer_look(thread);
}

static void publish(struct thread *thread)
{
	struct checkpoints_shared *shared = thread->shared;

	if (!thread->news)
		return;
	thread->news = false;
	pthread_mutex_lock(&shared->lock);
	shared->sessions = thread->sessions;
	shared->flushed = thread->flushed;
	for (unsigned int i = 0; i < thread->line_count && shared->line_count < LINES_MAX; i++)
		shared->lines[shared->line_count++] = thread->lines[i];
	pthread_mutex_unlock(&shared->lock);
	thread->line_count = 0;
	srp_thread_ring(shared->main_fd);
}

static void on_alarm(void *arg)
{
	struct thread *thread = arg;
	const char *why;

	srp_engine_tick(thread->engine, thread_now(thread));
	if (srp_engine_peer_shall_close(thread->engine, thread_now(thread), &why))
		peer_close(thread, why);
}

/* --- life ---------------------------------------------------------------------------------- */

static void turn(struct thread *thread)
{
	bool more;

	take_orders(thread);
	take_adopted(thread);
	more = checkpoints_local_pump(thread->local);
	more |= peer_pump(thread);
	/* What had to wait for room has it now; and TLS holds what no readiness of the socket tells of. */
	if (thread->start && (thread->rx_len || srp_stream_pending(&thread->start->stream)))
		peer_read(thread);
	more |= thread->start && srp_stream_pending(&thread->start->stream);
	publish(thread);
	thread->loop->ops->alarm_at(thread->alarm,
				    more ? thread_now(thread)
					 : srp_engine_deadline(thread->engine, !thread->tx_len));
}

void *checkpoints_thread(void *arg)
{
	struct thread *thread = calloc(1, sizeof(*thread));
	struct checkpoints_shared *shared = arg;
	struct srp_engine_config config;
	const struct srp_loop_ops *ops;

	if (!thread)
		abort();
	srp_engine_config_init(&config); /* until the first order */
	thread->shared = shared;
	thread->loop = poll_loop_new();
	ops = thread->loop->ops;
	thread->engine = srp_engine_new(thread_now(thread), shared->chassis, &config,
					&(struct srp_engine_events){.log = on_log,
								    .sessions = on_sessions,
								    .flushed = on_flushed,
								    .arg = thread});
	thread->rx = malloc(FRAME_ROOM);
	thread->tx = malloc(FRAME_ROOM);
	if (!thread->engine || !thread->rx || !thread->tx)
		abort();
	thread->local = checkpoints_local_new(thread->loop, thread->engine, shared->listen_fd);
	thread->orders = ops->watch(thread->loop, shared->thread_fd, SRP_LOOP_READ, on_orders, thread);
	thread->alarm = ops->alarm(thread->loop, on_alarm, thread);
	while (!thread->stop) {
		turn(thread);
		poll_loop_turn(thread->loop, TURN_MSEC);
	}
	peer_close(thread, NULL);
	checkpoints_local_free(thread->local);
	ops->unwatch(thread->orders);
	ops->alarm_free(thread->alarm);
	poll_loop_free(thread->loop);
	srp_engine_free(thread->engine);
	free(thread->rx);
	free(thread->tx);
	free(thread);
	return NULL;
}
