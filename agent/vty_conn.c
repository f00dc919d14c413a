/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See vty_conn.h. */
#include "agent/vty_conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/vty_reply.h"

#define CONN_RETRY_MSEC   100
#define CONN_RETRY_MAX    5000 /* after answers that were refused */
#define CONN_PIECE        16384
#define CONN_ROUNDS       64 /* pieces in one turn of the loop */
#define CONN_FDS_RECEIVED 4  /* more than one is not expected, and closed */

struct vty_conn {
	struct srp_loop *loop;
	struct vty_conn_callbacks callbacks;
	struct sockaddr_un addr;
	int fd; /* -1: not connected */
	uint64_t serial;
	pid_t pid;
	uint64_t started;    /* that process; see vty_conn.h */
	uint64_t retry_msec; /* the wait before the next try */
	uint64_t refused;
	struct srp_watch *watch;
	struct srp_alarm *alarm; /* to connect */
	bool waiting;
	uint64_t asked_at;
	struct vty_reply reply;
	char *text;
	size_t len, size, max;
	int passed; /* descriptor that came with this answer, or -1 */
};

static void conn_close(struct vty_conn *conn)
{
	conn->loop->ops->unwatch(conn->watch);
	conn->watch = NULL;
	close(conn->fd);
	if (conn->passed >= 0)
		close(conn->passed);
	conn->fd = conn->passed = -1;
	conn->waiting = false;
	conn->len = 0;
}

static void conn_retry(struct vty_conn *conn)
{
	conn->loop->ops->alarm_at(conn->alarm, conn->loop->ops->now(conn->loop) + conn->retry_msec);
}

void vty_conn_drop(struct vty_conn *conn, const char *why)
{
	if (conn->fd < 0)
		return;
	conn_close(conn);
	conn_retry(conn);
	conn->callbacks.down(conn->callbacks.arg, why);
}

void vty_conn_refuse(struct vty_conn *conn, const char *why)
{
	conn->retry_msec *= 2;
	if (conn->retry_msec > CONN_RETRY_MAX)
		conn->retry_msec = CONN_RETRY_MAX;
	vty_conn_drop(conn, why);
}

void vty_conn_accept(struct vty_conn *conn)
{
	conn->retry_msec = CONN_RETRY_MSEC;
}

/* Make room for `len` more bytes and a NUL. */
static bool text_reserve(struct vty_conn *conn, size_t len)
{
	size_t size = conn->size ? conn->size : CONN_PIECE;
	char *grown;

	if (len > conn->max - conn->len)
		return false;
	while (size < conn->len + len + 1)
		size *= 2;
	if (size == conn->size)
		return true;
	grown = realloc(conn->text, size);
	if (!grown)
		return false;
	conn->text = grown;
	conn->size = size;
	return true;
}

static void take_fds(struct vty_conn *conn, struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
			if (conn->passed < 0)
				conn->passed = fd;
			else
				close(fd);
		}
	}
}

/* One read. False when there is nothing (more), or no connection any more. */
static bool conn_receive(struct vty_conn *conn)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(CONN_FDS_RECEIVED * sizeof(int))];
	} control;
	char piece[CONN_PIECE];
	struct iovec vector = {.iov_base = piece, .iov_len = sizeof(piece)};
	struct msghdr message = {.msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(conn->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	size_t text_len;
	int passed;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		vty_conn_drop(conn, got ? strerror(errno) : "closed by the daemon");
		return false;
	}
	take_fds(conn, &message);
	if (!conn->waiting) {
		vty_conn_refuse(conn, "it spoke without being asked");
		return false;
	}
	vty_reply_feed(&conn->reply, (const uint8_t *)piece, (size_t)got, &text_len);
	if (conn->reply.state == VTY_REPLY_BAD || !text_reserve(conn, text_len)) {
		vty_conn_refuse(conn, conn->reply.state == VTY_REPLY_BAD ? "not the answer of a vty"
									 : "the answer is too long");
		return false;
	}
	memcpy(conn->text + conn->len, piece, text_len);
	conn->len += text_len;
	if (conn->reply.state != VTY_REPLY_DONE)
		return true;
	conn->text[conn->len] = '\0';
	conn->waiting = false;
	passed = conn->passed;
	conn->passed = -1;
	conn->callbacks.reply(conn->callbacks.arg, conn->reply.result, conn->text, conn->len, passed);
	return true;
}

void vty_conn_read(struct vty_conn *conn)
{
	uint64_t serial = conn->serial;

	for (int round = 0; round < CONN_ROUNDS; round++)
		if (conn->fd < 0 || conn->serial != serial || !conn_receive(conn))
			return;
}

static void conn_ready(void *arg, int fd, unsigned int ready)
{
	(void)fd;
	(void)ready;
	vty_conn_read(arg);
}

/* Field 22 of proc(5)'s stat; 0: not known. The name before it may hold blanks and brackets. */
static uint64_t start_time(pid_t pid)
{
	char path[32], text[1024];
	const char *at;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* A connected socket to a daemon that may be talked to, or -1. */
static int conn_open(struct vty_conn *conn)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&conn->addr, sizeof(conn->addr)) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0) {
		if (peer.uid == 0 || peer.uid == geteuid()) {
			conn->pid = peer.pid;
			conn->started = start_time(peer.pid);
			return fd;
		}
		conn->refused++;
	}
	close(fd);
	return -1;
}

static void conn_connect(void *arg)
{
	struct vty_conn *conn = arg;

	conn->fd = conn_open(conn);
	if (conn->fd < 0) {
		/* Who comes next may do better. */
		conn->retry_msec = CONN_RETRY_MSEC;
		conn_retry(conn);
		return;
	}
	conn->serial++;
	conn->watch = conn->loop->ops->watch(conn->loop, conn->fd, SRP_LOOP_READ, conn_ready, conn);
	conn->callbacks.up(conn->callbacks.arg);
}

void vty_conn_ask(struct vty_conn *conn, const char *line)
{
	size_t len = strlen(line) + 1;

	if (conn->fd < 0 || conn->waiting)
		return;
	vty_reply_init(&conn->reply);
	conn->len = 0;
	conn->waiting = true;
	conn->asked_at = conn->loop->ops->now(conn->loop);
	/* What was asked before has been answered: the socket has room. */
	if (send(conn->fd, line, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
		vty_conn_drop(conn, "the daemon does not read");
}

bool vty_conn_is_up(const struct vty_conn *conn)
{
	return conn->fd >= 0;
}

pid_t vty_conn_pid(const struct vty_conn *conn)
{
	return conn->pid;
}

uint64_t vty_conn_started(const struct vty_conn *conn)
{
	return conn->started;
}

uint64_t vty_conn_refused(const struct vty_conn *conn)
{
	return conn->refused;
}

bool vty_conn_waiting(const struct vty_conn *conn, uint64_t *since)
{
	*since = conn->asked_at;
	return conn->waiting;
}

struct vty_conn *vty_conn_new(struct srp_loop *loop, const char *path, size_t reply_max,
			      const struct vty_conn_callbacks *callbacks)
{
	struct vty_conn *conn = calloc(1, sizeof(*conn));

	if (!conn)
		abort();
	conn->loop = loop;
	conn->callbacks = *callbacks;
	conn->max = reply_max;
	conn->retry_msec = CONN_RETRY_MSEC;
	conn->fd = conn->passed = -1;
	conn->addr.sun_family = AF_UNIX;
	/* A path that does not fit is one where nobody listens. */
	if (strlen(path) < sizeof(conn->addr.sun_path))
		memcpy(conn->addr.sun_path, path, strlen(path) + 1);
	conn->alarm = loop->ops->alarm(loop, conn_connect, conn);
	loop->ops->alarm_at(conn->alarm, loop->ops->now(loop));
	return conn;
}

void vty_conn_free(struct vty_conn *conn)
{
	if (!conn)
		return;
	if (conn->fd >= 0)
		conn_close(conn);
	conn->loop->ops->alarm_free(conn->alarm);
	free(conn->text);
	free(conn);
}
