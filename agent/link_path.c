/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Attempts, deadlines and configuration of a path, see link_path.h; its connections are link_conn.c's. */
#include "agent/link_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/link_path_private.h"
#include "agent/link_socket.h"

#define LINK_CANDIDATE_MSEC    5000 /* how long an accepted connection may take, handshake included */
#define LINK_RETRY_MIN_MSEC    10 /* between attempts to connect: a quarter of the dead-interval, within these */
#define LINK_RETRY_MAX_MSEC    200
#define LINK_LISTEN_RETRY_MSEC 1000
#define LINK_ATTEMPT_MIN_MSEC  200 /* an attempt is given up after the dead-interval, within these */
#define LINK_ATTEMPT_MAX_MSEC  1000
#define LINK_RENEW_MSEC        60000 /* how long a connection with the old keys may stay */
#define LINK_RENEW_RETRY_MSEC  1000
#define SESSION_RETRY_MSEC     1000

uint64_t path_now(const struct srp_path *path)
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

struct conn *path_find(const struct srp_path *path, enum conn_kind kind)
{
	for (size_t i = 0; i < CONNS; i++)
		if (path->conns[i].kind == kind)
			return (struct conn *)&path->conns[i];
	return NULL;
}

void path_log(struct srp_path *path, enum srp_log_level level, const char *format, ...)
{
	char text[400], line[480];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s: %s", path->name, text);
	path->events.log(path->events.arg, level, line);
}

void path_trouble(struct srp_path *path, const char *what, const struct srp_addr *addr, const char *why)
{
	char buf[SRP_ADDR_STRLEN], text[sizeof(path->trouble)];

	snprintf(text, sizeof(text), "%s %s port %u: %s", what, srp_addr_format(addr, buf), path->config.port,
		 why);
	if (strcmp(text, path->trouble) == 0)
		return;
	memcpy(path->trouble, text, sizeof(text));
	path_log(path, SRP_LOG_WARNING, "%s", text);
}

/*
 * A free place. At most one connection is up and two are being made, so when all are taken some were left or say
 * nothing: the oldest of those makes room.
 */
static struct conn *path_place(struct srp_path *path)
{
	struct conn *conn = path_find(path, CONN_FREE);

	if (conn)
		return conn;
	conn = path_find(path, CONN_LEFT);
	if (conn) {
		conn_close(conn);
		return conn;
	}
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

	return conn_open(path, conn, fd, accepted, limit) ? conn : NULL;
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

		if ((conn->kind == CONN_CONNECTING || conn->kind == CONN_HANDSHAKE ||
		     conn->kind == CONN_CANDIDATE) &&
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
	return path->session_wanted && path_connects(path) && path_find(path, CONN_UP) &&
	       (!path->session.id || path->session.old_keys) && !path_attempts(path, true);
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
	if (path->session.id && path->session.old_keys && now >= path->renew_until)
		path_end_session(path);
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
void path_schedule(struct srp_path *path)
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
	if (path_should_connect_session(path))
		earliest(&when, path->session_at);
	if (path->session.id && path->session.old_keys)
		earliest(&when, path->renew_until);
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
	path_end_session(path);
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

		if (conn->kind == CONN_UP)
			conn->old_keys = true;
		else if (conn->kind != CONN_FREE)
			conn_close(conn);
	}
	path->session.old_keys = true;
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
			link_socket_dscp(path->conns[i].stream.fd, config->own.family, config->dscp_control);
	if (path->session.id)
		link_socket_dscp(path->session.fd, config->own.family, config->dscp_session);
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

void srp_path_session_ended(struct srp_path *path, uint32_t id)
{
	if (!id || path->session.id != id)
		return;
	path_end_session(path);
	path->session_at = path_now(path) + SESSION_RETRY_MSEC / 10;
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

uint64_t srp_path_heard_at(const struct srp_path *path)
{
	const struct conn *conn = path_find(path, CONN_UP);

	return conn ? conn->heard_at : 0;
}

bool srp_path_session_is_up(const struct srp_path *path)
{
	return path->session.id != 0;
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
