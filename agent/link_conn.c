/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection of a path: handshake, first frame, frames in and out. See link_path.h.
 *
 * Callbacks may close any connection: whoever calls something that can close looks again afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/link_path_private.h"
#include "agent/link_socket.h"

void conn_close(struct conn *conn)
{
	struct srp_path *path = conn->path;
	bool was_up = conn->kind == CONN_UP;

	path->loop->ops->unwatch(conn->watch);
	srp_stream_close(&conn->stream);
	conn->watch = NULL;
	conn->kind = CONN_FREE;
	if (was_up)
		path->events.state(path->events.arg, false);
	path_schedule(path);
}

/* Send what is queued. False when the connection broke (it is then closed). */
static bool conn_flush(struct conn *conn)
{
	while (conn->tx_len) {
		ssize_t sent = srp_stream_send(&conn->stream, conn->tx, conn->tx_len);

		if (sent <= 0) {
			if (sent < 0 && (errno == EAGAIN || errno == EINTR))
				break;
			conn_close(conn);
			return false;
		}
		conn->tx_len -= (size_t)sent;
		memmove(conn->tx, conn->tx + sent, conn->tx_len);
	}
	conn->path->loop->ops->rewatch(conn->watch, SRP_LOOP_READ | (conn->tx_len ? SRP_LOOP_WRITE : 0));
	return true;
}

/* False when the connection was closed. */
bool conn_send(struct conn *conn, const struct srp_message *message)
{
	struct srp_path *path = conn->path;
	struct srp_message numbered = *message;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	unsigned int hidden;
	size_t len;

	numbered.sequence = ++conn->tx_sequence;
	len = srp_message_encode(&numbered, frame);
	if (len > sizeof(conn->tx) - conn->tx_len) {
		path->stats.dropped_slow++;
		if (srp_log_allowed(&path->slow_limit, path_now(path), &hidden))
			path_log(path, SRP_LOG_WARNING, "closed, the peer does not read (%u more before)",
				 hidden);
		conn_close(conn);
		return false;
	}
	memcpy(conn->tx + conn->tx_len, frame, len);
	conn->tx_len += len;
	path->stats.messages_sent++;
	return conn_flush(conn);
}

bool conn_send_empty(struct conn *conn, unsigned int type)
{
	return conn_send(conn, &(struct srp_message){.type = (enum srp_message_type)type});
}

/*
 * Another connection has taken its place. Were it closed now, the peer could see that before it looks at the other
 * one, and hold the path for broken.
 */
static void conn_leave(struct conn *conn)
{
	conn->kind = CONN_LEFT;
	conn->deadline = path_now(conn->path) + LINK_LEFT_MSEC;
}

static void conn_up(struct conn *conn)
{
	struct srp_path *path = conn->path;
	struct conn *before = path_find(path, CONN_UP);

	/*
	 * The newest connection that counts is the true one: the peer has restarted, has new keys, or has given
	 * up the other. The path was up and stays up.
	 */
	if (before)
		conn_leave(before);
	conn->kind = CONN_UP;
	conn->heard_at = path_now(path);
	path->trouble[0] = '\0';
	path->stats.connects++;
	path->events.state(path->events.arg, true);
	path_schedule(path);
}

/* It is to be handed over. False when it was closed. */
static bool conn_session(struct conn *conn)
{
	struct srp_path *path = conn->path;

	conn->kind = CONN_SESSION;
	path->stats.session_connects++;
	link_socket_dscp(conn->stream.fd, path->config.own.family, path->config.dscp_session);
	return conn_send_empty(conn, SRP_WIRE_SESSION);
}

void srp_session_start_free(struct srp_session_start *start)
{
	if (!start)
		return;
	srp_stream_close(&start->stream);
	free(start);
}

/* Checkpoints are for those who have time: the connection leaves, with what was read behind its first frame. */
static void conn_hand_over(struct conn *conn, const uint8_t *rest, size_t rest_len)
{
	struct srp_path *path = conn->path;
	struct srp_session_start *start = calloc(1, sizeof(*start));
	int fd = fcntl(conn->stream.fd, F_DUPFD_CLOEXEC, 0);

	if (!start || fd < 0 || rest_len > sizeof(start->rx) || conn->tx_len > sizeof(start->tx)) {
		free(start);
		if (fd >= 0)
			close(fd);
		conn_close(conn);
		return;
	}
	start->stream = conn->stream;
	start->tx_sequence = conn->tx_sequence;
	start->rx_sequence = conn->rx_sequence;
	memcpy(start->rx, rest, rest_len);
	start->rx_len = rest_len;
	memcpy(start->tx, conn->tx, conn->tx_len);
	start->tx_len = conn->tx_len;
	path->loop->ops->unwatch(conn->watch);
	conn->watch = NULL;
	conn->kind = CONN_FREE;
	/* The one before is ended by whoever has it, once this one is there. */
	if (path->session.id)
		close(path->session.fd);
	path->session.fd = fd;
	path->session.old_keys = false;
	path->session.id = path->events.session(path->events.arg, start);
	path_schedule(path);
}

void path_end_session(struct srp_path *path)
{
	if (!path->session.id)
		return;
	shutdown(path->session.fd, SHUT_RDWR);
	close(path->session.fd);
	path->session.id = 0;
}

/* An own connection that works. */
static bool conn_counts(struct conn *conn)
{
	if (conn->session)
		return conn_session(conn);
	conn_up(conn);
	return conn->kind == CONN_UP;
}

static void conn_refuse(struct conn *conn, const char *why)
{
	struct srp_path *path = conn->path;
	unsigned int hidden;

	if (srp_log_allowed(&path->garbage_limit, path_now(path), &hidden))
		path_log(path, SRP_LOG_WARNING, "connection closed: %s (%u more before)", why, hidden);
	conn_close(conn);
}

/* A frame of the link's own, or of a newer protocol. False when the connection was closed. */
static bool conn_take_other(struct conn *conn, unsigned int type)
{
	struct srp_path *path = conn->path;

	if (conn->kind == CONN_CANDIDATE && !conn->accepted)
		/* Whatever it is, it came from an end that knows the keys and is satisfied with ours. */
		return conn_counts(conn);
	if (type == SRP_WIRE_SESSION && conn->kind == CONN_CANDIDATE)
		return conn_session(conn);
	path->stats.messages_skipped++;
	return true;
}

/* False when the connection was closed. */
static bool conn_take_message(struct conn *conn, const struct srp_message *message)
{
	struct srp_path *path = conn->path;

	if (conn->kind == CONN_CANDIDATE) {
		if (message->type != SRP_MSG_HELLO) {
			path->stats.refused_frames++;
			conn_refuse(conn, "its first message is no hello");
			return false;
		}
		conn_up(conn);
		if (conn->kind != CONN_UP)
			return false;
	}
	conn->heard_at = path_now(path);
	if (message->type == SRP_MSG_HELLO)
		path->heard_at = conn->heard_at;
	path->stats.messages_received++;
	path->events.message(path->events.arg, message);
	/* The callback may have ended it. */
	return conn->kind == CONN_UP;
}

static uint32_t frame_sequence(const uint8_t *frame)
{
	return (uint32_t)frame[8] << 24 | (uint32_t)frame[9] << 16 | (uint32_t)frame[10] << 8 | frame[11];
}

/* Take the complete frames out of the buffer. False when the connection was closed, or left, on the way. */
static bool conn_take_frames(struct conn *conn)
{
	struct srp_path *path = conn->path;
	struct srp_message message;
	size_t taken = 0, used;
	const char *why;

	for (;;) {
		const uint8_t *frame = conn->rx + taken;
		enum srp_decode found =
			srp_message_decode(frame, conn->rx_len - taken, &message, &used, &why);

		if (found == SRP_DECODE_BAD) {
			path->stats.refused_frames++;
			conn_refuse(conn, why);
			return false;
		}
		if (found == SRP_DECODE_MORE) {
			conn->rx_len -= taken;
			memmove(conn->rx, conn->rx + taken, conn->rx_len);
			return true;
		}
		/* Each frame of a connection comes once and in order. */
		if (frame_sequence(frame) <= conn->rx_sequence) {
			path->stats.refused_sequence++;
			conn_refuse(conn, "a frame is out of order");
			return false;
		}
		conn->rx_sequence = frame_sequence(frame);
		taken += used;
		if (!(found == SRP_DECODE_OK ? conn_take_message(conn, &message)
					     : conn_take_other(conn, frame[3])))
			return false;
		if (conn->kind == CONN_SESSION) {
			conn_hand_over(conn, conn->rx + taken, conn->rx_len - taken);
			return false;
		}
	}
}

void conn_read(struct conn *conn)
{
	/* A few rounds a turn: a peer that floods shares the loop with the rest. */
	for (int round = 0; round < 4; round++) {
		ssize_t got = srp_stream_recv(&conn->stream, conn->rx + conn->rx_len,
					      sizeof(conn->rx) - conn->rx_len);

		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got <= 0) {
			conn_close(conn);
			return;
		}
		if (conn->kind == CONN_LEFT)
			continue;
		conn->rx_len += (size_t)got;
		if (!conn_take_frames(conn))
			return;
	}
	/* TLS may hold more of what it has read, which the socket will not tell of. */
	if (srp_stream_pending(&conn->stream))
		path_schedule(conn->path);
}

static void conn_handshake(struct conn *conn)
{
	struct srp_path *path = conn->path;
	unsigned int hidden;

	switch (srp_stream_handshake(&conn->stream)) {
	case SRP_STREAM_BUSY:
		path->loop->ops->rewatch(conn->watch, conn->stream.wants);
		return;
	case SRP_STREAM_FAILED:
		path->stats.refused_authentication++;
		if (srp_log_allowed(&path->auth_limit, path_now(path), &hidden))
			path_log(path, SRP_LOG_WARNING, "%s failed: %s (%u more before)",
				 conn->accepted ? "authentication of a connection from the peer's address"
						: "authentication at the peer",
				 conn->stream.why, hidden);
		snprintf(path->trouble, sizeof(path->trouble), "authentication: %s", conn->stream.why);
		conn_close(conn);
		return;
	case SRP_STREAM_DONE:
		break;
	}
	path->loop->ops->rewatch(conn->watch, SRP_LOOP_READ);
	if (!conn->stream.tls && !conn->accepted) {
		if (conn_counts(conn) && conn->kind == CONN_SESSION)
			conn_hand_over(conn, conn->rx, 0);
		return;
	}
	conn->kind = CONN_CANDIDATE;
	/* The connecting end cannot know yet whether it was let in: tell it. */
	if (conn->stream.tls && conn->accepted && !conn_send_empty(conn, SRP_WIRE_READY))
		return;
	conn_read(conn);
}

static void conn_ready(void *arg, int fd, unsigned int ready)
{
	struct conn *conn = arg;
	struct srp_path *path = conn->path;

	if (conn->kind == CONN_CONNECTING) {
		socklen_t len = sizeof(int);
		int error = 0;

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
			error = errno;
		if (error) {
			path_trouble(path, "connect to", &path->config.peer, strerror(error));
			conn_close(conn);
			return;
		}
		conn->kind = CONN_HANDSHAKE;
	}
	if (conn->kind == CONN_HANDSHAKE) {
		conn_handshake(conn);
		return;
	}
	if ((ready & SRP_LOOP_WRITE) && !conn_flush(conn))
		return;
	if (ready & SRP_LOOP_READ)
		conn_read(conn);
}

bool conn_open(struct srp_path *path, struct conn *conn, int fd, bool accepted, uint64_t limit)
{
	if (!srp_stream_open(&conn->stream, fd, path->config.auth, accepted, &path->config.own,
			     &path->config.peer)) {
		path_trouble(path, accepted ? "accept from" : "connect to", &path->config.peer,
			     "out of memory");
		return false;
	}
	conn->path = path;
	conn->accepted = accepted;
	conn->session = conn->old_keys = false;
	conn->deadline = path_now(path) + limit;
	conn->tx_sequence = conn->rx_sequence = 0;
	conn->rx_len = conn->tx_len = 0;
	conn->kind = accepted ? CONN_HANDSHAKE : CONN_CONNECTING;
	/* A connection is made when the socket can be written. */
	conn->watch = path->loop->ops->watch(path->loop, fd, accepted ? SRP_LOOP_READ : SRP_LOOP_WRITE,
					     conn_ready, conn);
	path_schedule(path);
	return true;
}
