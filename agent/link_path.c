/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See link_path.h. */
#include "agent/link_path.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/link_socket.h"
#include "agent/stream.h"

#define LINK_RX_SIZE           (4 * SRP_WIRE_FRAME_MAX)
#define LINK_TX_SIZE           (8 * SRP_WIRE_FRAME_MAX)
#define LINK_CANDIDATES        4    /* accepted connections that have not shown a first frame yet */
#define LINK_CANDIDATE_MSEC    5000 /* how long they may take, handshake included */
#define LINK_RETRY_MIN_MSEC    10 /* between attempts to connect: a quarter of the dead-interval, within these */
#define LINK_RETRY_MAX_MSEC    200
#define LINK_LISTEN_RETRY_MSEC 1000
#define LINK_ATTEMPT_MIN_MSEC  200 /* an attempt is given up after the dead-interval, within these */
#define LINK_ATTEMPT_MAX_MSEC  1000
#define LINK_RENEW_MSEC        60000 /* how long a connection with the old keys may stay */
#define LINK_RENEW_RETRY_MSEC  1000
#define SESSION_RETRY_MSEC     1000
#define SESSION_KEEPALIVE_MSEC 1000
#define SESSION_DEAD_MSEC      5000

enum conn_kind {
	CONN_FREE,
	CONN_CONNECTING, /* TCP */
	CONN_HANDSHAKE,  /* TLS */
	CONN_CANDIDATE,  /* nothing valid has come yet */
	CONN_UP,         /* the control connection */
	CONN_SESSION,    /* the session connection */
};

struct conn {
	struct srp_path *path;
	enum conn_kind kind;
	bool accepted;
	bool session; /* an own one that is to be the session connection */
	bool old_keys;
	struct srp_stream stream;
	struct srp_watch *watch;
	uint64_t deadline; /* of all kinds but UP: ended then, ms */
	uint64_t heard_at; /* last valid frame, or when it came up, ms */
	uint32_t tx_sequence, rx_sequence;
	size_t rx_len, tx_len;
	uint8_t rx[LINK_RX_SIZE];
	uint8_t tx[LINK_TX_SIZE];
};

#define CONNS (LINK_CANDIDATES + 4) /* two that are up, two that are being made */

struct srp_path {
	struct srp_loop *loop;
	const char *name;
	struct srp_path_events events;
	struct srp_path_config config;

	int listen_fd;
	struct srp_watch *listen_watch;
	struct srp_alarm *alarm;        /* next attempt, or the earliest deadline of a connection */
	uint64_t listen_at, connect_at; /* next attempts, ms */
	uint64_t session_at;            /* next attempt or keepalive of the session connection, ms */
	uint64_t renew_until;           /* 0, or when connections with old keys end, ms */
	bool session_wanted;
	struct conn conns[CONNS];

	uint64_t heard_at;
	char trouble[160]; /* of the last attempt: said once, not every time */
	struct srp_log_limit stranger_limit, garbage_limit, auth_limit, slow_limit;
	struct srp_link_stats stats;
};

static void path_schedule(struct srp_path *path);

static uint64_t path_now(const struct srp_path *path)
{
	return path->loop->ops->now(path->loop);
}

static bool path_enabled(const struct srp_path *path)
{
	return path->config.own.family && path->config.peer.family && path->config.auth;
}

/* The lower address connects: with both ends doing it, two connections would chase each other. */
static bool path_connects(const struct srp_path *path)
{
	return memcmp(path->config.own.bytes, path->config.peer.bytes, sizeof(path->config.own.bytes)) < 0;
}

static struct conn *path_find(const struct srp_path *path, enum conn_kind kind)
{
	for (size_t i = 0; i < CONNS; i++)
		if (path->conns[i].kind == kind)
			return (struct conn *)&path->conns[i];
	return NULL;
}

__attribute__((format(printf, 3, 4))) static void path_log(struct srp_path *path, enum srp_log_level level,
							   const char *format, ...)
{
	char text[400], line[480];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s: %s", path->name, text);
	path->events.log(path->events.arg, level, line);
}

/* Log why there is no connection when it is another reason than last time. */
static void path_trouble(struct srp_path *path, const char *what, const struct srp_addr *addr,
			 const char *why)
{
	char buf[SRP_ADDR_STRLEN], text[sizeof(path->trouble)];

	snprintf(text, sizeof(text), "%s %s port %u: %s", what, srp_addr_format(addr, buf), path->config.port,
		 why);
	if (strcmp(text, path->trouble) == 0)
		return;
	memcpy(path->trouble, text, sizeof(text));
	path_log(path, SRP_LOG_WARNING, "%s", text);
}

/* --- connections --------------------------------------------------------------------------- */

static void conn_close(struct conn *conn)
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
static bool conn_send(struct conn *conn, const struct srp_message *message)
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

static bool conn_send_empty(struct conn *conn, unsigned int type)
{
	return conn_send(conn, &(struct srp_message){.type = (enum srp_message_type)type});
}

static void conn_up(struct conn *conn)
{
	struct srp_path *path = conn->path;
	struct conn *before = path_find(path, CONN_UP);

	/*
	 * The newest connection that counts is the true one: the peer has restarted, has new keys, or has given
	 * up the other. The path was up and stays up.
	 */
	conn->kind = CONN_UP;
	if (before) {
		before->kind = CONN_CANDIDATE;
		conn_close(before);
	}
	conn->heard_at = path_now(path);
	path->trouble[0] = '\0';
	path->stats.connects++;
	path->events.state(path->events.arg, true);
	path_schedule(path);
}

/* False when it was closed. */
static bool conn_session(struct conn *conn)
{
	struct srp_path *path = conn->path;
	struct conn *before = path_find(path, CONN_SESSION);

	if (before)
		conn_close(before);
	conn->kind = CONN_SESSION;
	conn->deadline = path_now(path) + SESSION_DEAD_MSEC;
	path->session_at = path_now(path) + SESSION_KEEPALIVE_MSEC;
	path->stats.session_connects++;
	link_socket_dscp(conn->stream.fd, path->config.own.family, path->config.dscp_session);
	path_schedule(path);
	return conn_send_empty(conn, SRP_WIRE_SESSION);
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
	if (type == SRP_WIRE_SESSION && conn->kind == CONN_SESSION)
		return true;
	path->stats.messages_skipped++;
	return true;
}

/* False when the connection was closed. */
static bool conn_take_message(struct conn *conn, const struct srp_message *message)
{
	struct srp_path *path = conn->path;

	if (conn->kind == CONN_SESSION) {
		path->stats.refused_frames++;
		conn_refuse(conn, "a control message on the session connection");
		return false;
	}
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

/* Take the complete frames out of the buffer. False when the connection was closed on the way. */
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
		if (conn->kind == CONN_SESSION) {
			conn->heard_at = path_now(path);
			conn->deadline = conn->heard_at + SESSION_DEAD_MSEC;
		}
		if (!(found == SRP_DECODE_OK ? conn_take_message(conn, &message)
					     : conn_take_other(conn, frame[3])))
			return false;
	}
}

static void conn_read(struct conn *conn)
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
	if (!conn->stream.ssl && !conn->accepted) {
		conn_counts(conn);
		return;
	}
	conn->kind = CONN_CANDIDATE;
	/* The connecting end cannot know yet whether it was let in: tell it. */
	if (conn->stream.ssl && conn->accepted && !conn_send_empty(conn, SRP_WIRE_READY))
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

/*
 * A free place. At most two connections are up and two are being made, so when all are taken some say nothing:
 * the oldest of those makes room.
 */
static struct conn *path_place(struct srp_path *path)
{
	struct conn *conn = path_find(path, CONN_FREE);

	if (conn)
		return conn;
	for (size_t i = 0; i < CONNS; i++)
		if (path->conns[i].accepted &&
		    (path->conns[i].kind == CONN_CANDIDATE || path->conns[i].kind == CONN_HANDSHAKE) &&
		    (!conn || path->conns[i].deadline < conn->deadline))
			conn = &path->conns[i];
	conn_close(conn);
	return conn;
}

/* Takes the socket over. */
static struct conn *conn_start(struct srp_path *path, int fd, bool accepted, uint64_t limit)
{
	struct conn *conn = path_place(path);

	if (!srp_stream_open(&conn->stream, fd, path->config.auth, accepted, &path->config.own,
			     &path->config.peer)) {
		path_trouble(path, accepted ? "accept from" : "connect to", &path->config.peer,
			     "out of memory");
		return NULL;
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
	return conn;
}

static void path_accept(void *arg, int fd, unsigned int ready)
{
	struct srp_path *path = arg;
	struct srp_addr from;
	int accepted = link_socket_accept(fd, &from);
	unsigned int hidden;

	(void)ready;
	if (accepted < 0)
		return;
	if (!srp_addr_equal(&from, &path->config.peer)) {
		char text[SRP_ADDR_STRLEN];

		path->stats.refused_address++;
		if (srp_log_allowed(&path->stranger_limit, path_now(path), &hidden))
			path_log(path, SRP_LOG_WARNING,
				 "refused a connection from %s, which is not the peer (%u more before)",
				 srp_addr_format(&from, text), hidden);
		close(accepted);
		return;
	}
	conn_start(path, accepted, true, LINK_CANDIDATE_MSEC);
}

/* --- attempts and deadlines ---------------------------------------------------------------- */

static struct link_socket_options path_options(const struct srp_path *path)
{
	const struct srp_auth *auth = path->config.auth;

	return (struct link_socket_options){
		.own = &path->config.own,
		.peer = &path->config.peer,
		.dscp = path->config.dscp_control,
		.connected_only = auth->kind == SRP_AUTH_NONE && !auth->insecure,
		.md5_key = auth->md5_key,
		.md5_len = auth->md5_len,
	};
}

static void path_listen(struct srp_path *path, uint64_t now)
{
	struct link_socket_options options = path_options(path);
	const char *why;
	int fd = link_socket_listen(&options, path->config.port, LINK_CANDIDATES, &why);

	if (fd >= 0) {
		path->listen_fd = fd;
		path->listen_watch = path->loop->ops->watch(path->loop, fd, SRP_LOOP_READ, path_accept, path);
		return;
	}
	path_trouble(path, "listen on", &path->config.own, why);
	path->listen_at = now + LINK_LISTEN_RETRY_MSEC;
}

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void path_connect(struct srp_path *path, bool session)
{
	struct link_socket_options options = path_options(path);
	struct conn *conn;
	const char *why;
	int fd = link_socket_connect(&options, path->config.port, &why);

	if (fd < 0) {
		path_trouble(path, "connect to", &path->config.peer, why);
		return;
	}
	conn = conn_start(path, fd, false,
			  clamp(path->config.dead_msec, LINK_ATTEMPT_MIN_MSEC, LINK_ATTEMPT_MAX_MSEC));
	if (conn)
		conn->session = session;
}

/* An own connection of the kind is being made. */
static bool path_attempts(const struct srp_path *path, bool session)
{
	for (size_t i = 0; i < CONNS; i++) {
		const struct conn *conn = &path->conns[i];

		if (conn->kind != CONN_FREE && conn->kind != CONN_UP && conn->kind != CONN_SESSION &&
		    !conn->accepted && conn->session == session)
			return true;
	}
	return false;
}

static bool path_should_connect(const struct srp_path *path)
{
	const struct conn *up = path_find(path, CONN_UP);

	return path_connects(path) && (!up || up->old_keys) && !path_attempts(path, false);
}

static bool path_should_connect_session(const struct srp_path *path)
{
	const struct conn *session = path_find(path, CONN_SESSION);

	return path->session_wanted && path_connects(path) && path_find(path, CONN_UP) &&
	       (!session || session->old_keys) && !path_attempts(path, true);
}

/* When the connection has to be looked at next. */
static uint64_t conn_due(const struct conn *conn)
{
	uint64_t due = conn->kind == CONN_FREE || conn->kind == CONN_UP ? UINT64_MAX : conn->deadline;

	if (conn->kind != CONN_FREE && conn->old_keys && conn->path->renew_until < due)
		due = conn->path->renew_until;
	if (conn->kind >= CONN_CANDIDATE && srp_stream_pending(&conn->stream))
		due = 0;
	return due;
}

static void path_tick_conns(struct srp_path *path, uint64_t now)
{
	struct conn *session;

	for (size_t i = 0; i < CONNS; i++) {
		struct conn *conn = &path->conns[i];

		if (conn->kind == CONN_FREE)
			continue;
		if (conn->kind != CONN_UP && now >= conn->deadline) {
			conn_close(conn);
		} else if (conn->old_keys && now >= path->renew_until) {
			path_log(path, SRP_LOG_WARNING,
				 "closed: the peer has not connected with the new authentication");
			conn_close(conn);
		} else if (conn_due(conn) == 0) {
			conn_read(conn);
		}
	}
	session = path_find(path, CONN_SESSION);
	if (session && now >= path->session_at) {
		path->session_at = now + SESSION_KEEPALIVE_MSEC;
		conn_send_empty(session, SRP_WIRE_SESSION);
	}
}

static void path_alarm(void *arg)
{
	struct srp_path *path = arg;
	uint64_t now = path_now(path);

	if (!path_enabled(path))
		return;
	path_tick_conns(path, now);
	if (path->listen_fd < 0 && now >= path->listen_at)
		path_listen(path, now);
	if (path_should_connect(path) && now >= path->connect_at) {
		path->connect_at =
			now + (path_find(path, CONN_UP) ? LINK_RENEW_RETRY_MSEC
							: clamp(path->config.dead_msec / 4,
								LINK_RETRY_MIN_MSEC, LINK_RETRY_MAX_MSEC));
		path_connect(path, false);
	}
	if (path_should_connect_session(path) && now >= path->session_at) {
		path->session_at = now + SESSION_RETRY_MSEC;
		path_connect(path, true);
	}
	path_schedule(path);
}

static void earliest(uint64_t *when, uint64_t at)
{
	if (at < *when)
		*when = at;
}

/* Arm the alarm for whatever comes first. */
static void path_schedule(struct srp_path *path)
{
	uint64_t when = UINT64_MAX;

	if (!path_enabled(path)) {
		path->loop->ops->alarm_off(path->alarm);
		return;
	}
	for (size_t i = 0; i < CONNS; i++)
		earliest(&when, conn_due(&path->conns[i]));
	if (path->listen_fd < 0)
		earliest(&when, path->listen_at);
	if (path_should_connect(path))
		earliest(&when, path->connect_at);
	if (path_find(path, CONN_SESSION) || path_should_connect_session(path))
		earliest(&when, path->session_at);
	if (when == UINT64_MAX)
		path->loop->ops->alarm_off(path->alarm);
	else
		path->loop->ops->alarm_at(path->alarm, when);
}

/* --- interface ----------------------------------------------------------------------------- */

struct srp_path *srp_path_new(struct srp_loop *loop, const char *name, const struct srp_path_events *events)
{
	struct srp_path *path = calloc(1, sizeof(*path));

	if (!path)
		return NULL;
	path->loop = loop;
	path->name = name;
	path->events = *events;
	path->listen_fd = -1;
	path->alarm = loop->ops->alarm(loop, path_alarm, path);
	return path;
}

static void path_unlisten(struct srp_path *path)
{
	if (path->listen_fd < 0)
		return;
	path->loop->ops->unwatch(path->listen_watch);
	close(path->listen_fd);
	path->listen_watch = NULL;
	path->listen_fd = -1;
}

/* Close everything, listening socket included. */
static void path_stop(struct srp_path *path)
{
	for (size_t i = 0; i < CONNS; i++)
		if (path->conns[i].kind != CONN_FREE)
			conn_close(&path->conns[i]);
	path_unlisten(path);
}

static void ignore_state(void *arg, bool up)
{
	(void)arg;
	(void)up;
}

void srp_path_free(struct srp_path *path)
{
	if (!path)
		return;
	path->events.state = ignore_state;
	path_stop(path);
	path->loop->ops->alarm_free(path->alarm);
	free(path);
}

/* Other keys: what is half made ends, what is up stays until one with the new keys counts. */
static void path_renew(struct srp_path *path)
{
	for (size_t i = 0; i < CONNS; i++) {
		struct conn *conn = &path->conns[i];

		if (conn->kind == CONN_UP || conn->kind == CONN_SESSION)
			conn->old_keys = true;
		else if (conn->kind != CONN_FREE)
			conn_close(conn);
	}
	path->renew_until = path_now(path) + LINK_RENEW_MSEC;
	/* Socket options (TTL, TCP-MD5) go with the keys. */
	path_unlisten(path);
	path->trouble[0] = '\0';
}

void srp_path_configure(struct srp_path *path, const struct srp_path_config *config)
{
	struct srp_path_config before = path->config;
	bool same_keys = before.auth == config->auth || srp_auth_equal(before.auth, config->auth);

	path->config = *config;
	if (!srp_addr_equal(&before.own, &config->own) || !srp_addr_equal(&before.peer, &config->peer) ||
	    before.port != config->port || !path_enabled(path)) {
		path_stop(path);
		path->heard_at = 0;
		path->trouble[0] = '\0';
	} else if (!same_keys) {
		path_renew(path);
	} else if (before.dscp_control == config->dscp_control &&
		   before.dscp_session == config->dscp_session) {
		/* Half-made connections look at the auth until their handshake is over. */
		for (size_t i = 0; before.auth != config->auth && i < CONNS; i++)
			if (path->conns[i].kind == CONN_CONNECTING || path->conns[i].kind == CONN_HANDSHAKE)
				conn_close(&path->conns[i]);
		path_schedule(path);
		return;
	}
	for (size_t i = 0; i < CONNS; i++)
		if (path->conns[i].kind != CONN_FREE)
			link_socket_dscp(path->conns[i].stream.fd, config->own.family,
					 path->conns[i].kind == CONN_SESSION ? config->dscp_session
									     : config->dscp_control);
	if (path->listen_fd >= 0)
		link_socket_dscp(path->listen_fd, config->own.family, config->dscp_control);
	path->listen_at = path->connect_at = path_now(path);
	path_schedule(path);
}

void srp_path_want_session(struct srp_path *path, bool wanted)
{
	if (path->session_wanted == wanted)
		return;
	path->session_wanted = wanted;
	path->session_at = path_now(path);
	path_schedule(path);
}

bool srp_path_send(struct srp_path *path, const struct srp_message *message)
{
	struct conn *conn = path_find(path, CONN_UP);

	return conn && conn_send(conn, message);
}

void srp_path_reset(struct srp_path *path)
{
	struct conn *conn = path_find(path, CONN_UP);

	if (conn && path_now(path) - conn->heard_at >= path->config.dead_msec)
		conn_close(conn);
}

bool srp_path_is_up(const struct srp_path *path)
{
	return path_find(path, CONN_UP) != NULL;
}

bool srp_path_session_is_up(const struct srp_path *path)
{
	return path_find(path, CONN_SESSION) != NULL;
}

static void copy_text(char *to, const char *from)
{
	snprintf(to, SRP_PATH_TEXT_LEN, "%s", from ? from : "");
}

void srp_path_get_info(const struct srp_path *path, struct srp_path_info *info)
{
	const struct conn *conn = path_find(path, CONN_UP);

	*info = (struct srp_path_info){.own = path->config.own,
				       .peer = path->config.peer,
				       .session_up = srp_path_session_is_up(path),
				       .heard_at = path->heard_at};
	info->state = !path_enabled(path)   ? "Disabled"
		      : conn                ? "Connected"
		      : path_connects(path) ? "Connecting"
					    : "Listening";
	if (conn) {
		info->authentication = srp_auth_kind_name(conn->stream.kind);
		copy_text(info->tls_version, srp_stream_version(&conn->stream));
		copy_text(info->tls_cipher, srp_stream_cipher(&conn->stream));
	}
	memcpy(info->trouble, path->trouble, sizeof(info->trouble));
}

const struct srp_link_stats *srp_path_get_stats(const struct srp_path *path)
{
	return &path->stats;
}
