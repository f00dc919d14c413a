/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer link over TCP, see link.h. */
#include "agent/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_TTL               255
#define LINK_SOCKET_BUFFER     65536
#define LINK_RX_SIZE           (4 * SRP_WIRE_FRAME_MAX)
#define LINK_TX_SIZE           (8 * SRP_WIRE_FRAME_MAX)
#define LINK_CANDIDATES        4    /* accepted connections that have not shown a hello yet */
#define LINK_CANDIDATE_MSEC    5000 /* how long they may take */
#define LINK_RETRY_MIN_MSEC    10 /* between attempts to connect: a quarter of the dead-interval, within these */
#define LINK_RETRY_MAX_MSEC    200
#define LINK_LISTEN_RETRY_MSEC 1000
#define LINK_ATTEMPT_MIN_MSEC  200 /* an attempt is given up after the dead-interval, within these */
#define LINK_ATTEMPT_MAX_MSEC  1000

enum conn_kind { CONN_FREE, CONN_CONNECTING, CONN_CANDIDATE, CONN_UP };

struct conn {
	struct srp_link *link;
	enum conn_kind kind;
	int fd;
	struct srp_watch *watch;
	uint64_t deadline; /* of CONNECTING and CANDIDATE, ms */
	uint32_t sequence;
	size_t rx_len, tx_len;
	uint8_t rx[LINK_RX_SIZE];
	uint8_t tx[LINK_TX_SIZE];
};

struct srp_link {
	struct srp_loop *loop;
	const struct srp_log *log;
	struct srp_link_callbacks callbacks;
	struct srp_addr bind_address, peer_address;
	uint16_t port;
	uint32_t dead_msec;

	int listen_fd;
	struct srp_watch *listen_watch;
	struct srp_alarm *alarm;        /* next attempt, or the earliest deadline of a connection */
	uint64_t listen_at, connect_at; /* next attempts, ms */
	struct conn conns[LINK_CANDIDATES + 2];

	int last_errno; /* of the last failed attempt: say it once, not every time */
	struct srp_log_limit stranger_limit, garbage_limit;
	struct srp_link_stats stats;
};

static void link_schedule(struct srp_link *link);

static uint64_t link_now(const struct srp_link *link)
{
	return link->loop->ops->now(link->loop);
}

static bool link_enabled(const struct srp_link *link)
{
	return link->bind_address.family && link->peer_address.family;
}

/* The lower address connects: with both ends doing it, two connections would chase each other. */
static bool link_connects(const struct srp_link *link)
{
	return memcmp(link->bind_address.bytes, link->peer_address.bytes, sizeof(link->bind_address.bytes)) <
	       0;
}

static struct conn *link_find(const struct srp_link *link, enum conn_kind kind)
{
	for (size_t i = 0; i < sizeof(link->conns) / sizeof(link->conns[0]); i++)
		if (link->conns[i].kind == kind)
			return (struct conn *)&link->conns[i];
	return NULL;
}

/* --- sockets ------------------------------------------------------------------------------- */

static socklen_t sockaddr_from(const struct srp_addr *addr, uint16_t port, struct sockaddr_storage *storage)
{
	memset(storage, 0, sizeof(*storage));
	if (addr->family == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)storage;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, addr->bytes, sizeof(sin->sin_addr));
		return sizeof(*sin);
	}
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)storage;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	memcpy(&sin6->sin6_addr, addr->bytes, sizeof(sin6->sin6_addr));
	return sizeof(*sin6);
}

static void set_option(int fd, int level, int option, int value)
{
	/* Each of these only improves on a default; the link works without. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

/* A TCP socket bound to the own address; -1 and errno on failure. */
static int link_socket(struct srp_link *link, uint16_t port)
{
	struct sockaddr_storage storage;
	socklen_t len = sockaddr_from(&link->bind_address, port, &storage);
	bool v4 = link->bind_address.family == AF_INET;
	int fd = socket(link->bind_address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(fd, SOL_SOCKET, SO_SNDBUF, LINK_SOCKET_BUFFER);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, LINK_SOCKET_BUFFER);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* The address may come up after srpd: bind all the same. */
	set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_FREEBIND : IPV6_FREEBIND, 1);
	set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_UNICAST_HOPS, LINK_TTL);
	set_option(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, LINK_TTL);
	if (!v4)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, (struct sockaddr *)&storage, len) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Log a failure of connect, bind or listen when it is another one than last time. */
static void link_trouble(struct srp_link *link, const char *what, const struct srp_addr *addr, int error)
{
	char text[SRP_ADDR_STRLEN];

	if (error == link->last_errno)
		return;
	link->last_errno = error;
	srp_log(link->log, SRP_LOG_WARNING, "peer link: %s %s port %u: %s%s", what,
		srp_addr_format(addr, text), link->port, strerror(error),
		error == ENETUNREACH ? " (the peer must be directly connected)" : "");
}

/* --- connections --------------------------------------------------------------------------- */

static void conn_close(struct conn *conn)
{
	struct srp_link *link = conn->link;
	bool was_up = conn->kind == CONN_UP;

	link->loop->ops->unwatch(conn->watch);
	close(conn->fd);
	conn->watch = NULL;
	conn->fd = -1;
	conn->kind = CONN_FREE;
	if (was_up)
		link->callbacks.state(link->callbacks.arg, false);
	link_schedule(link);
}

static void conn_up(struct conn *conn)
{
	struct srp_link *link = conn->link;
	struct conn *before = link_find(link, CONN_UP);

	/* The newest connection that counts is the true one: the peer has restarted or given up the other. */
	if (before)
		conn_close(before);
	conn->kind = CONN_UP;
	link->last_errno = 0;
	link->stats.connects++;
	link->callbacks.state(link->callbacks.arg, true);
	link_schedule(link);
}

/* Send what is queued. False when the connection broke (it is then closed). */
static bool conn_flush(struct conn *conn)
{
	while (conn->tx_len) {
		ssize_t sent = send(conn->fd, conn->tx, conn->tx_len, MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno == EAGAIN || errno == EINTR)
				break;
			conn_close(conn);
			return false;
		}
		conn->tx_len -= (size_t)sent;
		memmove(conn->tx, conn->tx + sent, conn->tx_len);
	}
	conn->link->loop->ops->rewatch(conn->watch, SRP_LOOP_READ | (conn->tx_len ? SRP_LOOP_WRITE : 0));
	return true;
}

/* Take the complete frames out of the buffer. False when the connection was closed on the way. */
static bool conn_take_frames(struct conn *conn)
{
	struct srp_link *link = conn->link;
	struct srp_message message;
	size_t taken = 0, used;
	const char *why;
	unsigned int hidden;

	for (;;) {
		switch (srp_message_decode(conn->rx + taken, conn->rx_len - taken, &message, &used, &why)) {
		case SRP_DECODE_OK:
			taken += used;
			link->stats.messages_received++;
			if (conn->kind == CONN_CANDIDATE) {
				if (message.type != SRP_MSG_HELLO) {
					conn_close(conn);
					return false;
				}
				conn_up(conn);
			}
			link->callbacks.message(link->callbacks.arg, &message);
			/* The callback may have reset the link. */
			if (conn->kind != CONN_UP)
				return false;
			break;
		case SRP_DECODE_SKIP:
			taken += used;
			link->stats.messages_skipped++;
			break;
		case SRP_DECODE_MORE:
			conn->rx_len -= taken;
			memmove(conn->rx, conn->rx + taken, conn->rx_len);
			return true;
		case SRP_DECODE_BAD:
			link->stats.refused_frames++;
			if (srp_log_allowed(&link->garbage_limit, link_now(link), &hidden))
				srp_log(link->log, SRP_LOG_WARNING,
					"peer link: connection closed: %s (%u more before)", why, hidden);
			conn_close(conn);
			return false;
		}
	}
}

static void conn_read(struct conn *conn)
{
	/* A few rounds a turn: a peer that floods shares the loop with the rest. */
	for (int round = 0; round < 4; round++) {
		ssize_t got = recv(conn->fd, conn->rx + conn->rx_len, sizeof(conn->rx) - conn->rx_len, 0);

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
}

static void conn_ready(void *arg, int fd, unsigned int ready)
{
	struct conn *conn = arg;
	struct srp_link *link = conn->link;

	if (conn->kind == CONN_CONNECTING) {
		socklen_t len = sizeof(int);
		int error = 0;

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
			error = errno;
		if (error) {
			link_trouble(link, "connect to", &link->peer_address, error);
			conn_close(conn);
			return;
		}
		link->loop->ops->rewatch(conn->watch, SRP_LOOP_READ);
		conn_up(conn);
		return;
	}
	if ((ready & SRP_LOOP_WRITE) && !conn_flush(conn))
		return;
	if (ready & SRP_LOOP_READ)
		conn_read(conn);
}

static void conn_start(struct srp_link *link, struct conn *conn, int fd, enum conn_kind kind, uint64_t limit)
{
	conn->link = link;
	conn->kind = kind;
	conn->fd = fd;
	conn->deadline = link_now(link) + limit;
	conn->sequence = 0;
	conn->rx_len = conn->tx_len = 0;
	/* A connection is made when the socket can be written. */
	conn->watch = link->loop->ops->watch(link->loop, fd,
					     kind == CONN_CONNECTING ? SRP_LOOP_WRITE : SRP_LOOP_READ,
					     conn_ready, conn);
}

/*
 * A free place. At most one connection is up and one is being made, so when all are taken some say nothing:
 * the oldest of those makes room.
 */
static struct conn *link_place(struct srp_link *link)
{
	struct conn *conn = link_find(link, CONN_FREE);

	if (conn)
		return conn;
	for (size_t i = 0; i < sizeof(link->conns) / sizeof(link->conns[0]); i++)
		if (link->conns[i].kind == CONN_CANDIDATE &&
		    (!conn || link->conns[i].deadline < conn->deadline))
			conn = &link->conns[i];
	conn_close(conn);
	return conn;
}

static void link_accept(void *arg, int fd, unsigned int ready)
{
	struct srp_link *link = arg;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	struct srp_addr addr = {0};
	struct conn *conn;
	int accepted = accept4(fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)ready;
	if (accepted < 0)
		return;
	addr.family = (uint8_t)from.ss_family;
	if (from.ss_family == AF_INET)
		memcpy(addr.bytes, &((struct sockaddr_in *)&from)->sin_addr, 4);
	else
		memcpy(addr.bytes, &((struct sockaddr_in6 *)&from)->sin6_addr, 16);
	if (!srp_addr_equal(&addr, &link->peer_address)) {
		char text[SRP_ADDR_STRLEN];
		unsigned int hidden;

		link->stats.refused_address++;
		if (srp_log_allowed(&link->stranger_limit, link_now(link), &hidden))
			srp_log(link->log, SRP_LOG_WARNING,
				"peer link: refused a connection from %s, which is not the peer (%u more "
				"before)",
				srp_addr_format(&addr, text), hidden);
		close(accepted);
		return;
	}
	conn = link_place(link);
	set_option(accepted, IPPROTO_TCP, TCP_NODELAY, 1);
	conn_start(link, conn, accepted, CONN_CANDIDATE, LINK_CANDIDATE_MSEC);
	link_schedule(link);
}

/* --- attempts and deadlines ---------------------------------------------------------------- */

static void link_listen(struct srp_link *link, uint64_t now)
{
	int fd = link_socket(link, link->port);

	if (fd >= 0 && listen(fd, LINK_CANDIDATES) == 0) {
		link->listen_fd = fd;
		link->listen_watch = link->loop->ops->watch(link->loop, fd, SRP_LOOP_READ, link_accept, link);
		return;
	}
	link_trouble(link, "listen on", &link->bind_address, errno);
	if (fd >= 0)
		close(fd);
	link->listen_at = now + LINK_LISTEN_RETRY_MSEC;
}

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void link_connect(struct srp_link *link, uint64_t now)
{
	struct sockaddr_storage storage;
	socklen_t len = sockaddr_from(&link->peer_address, link->port, &storage);
	int fd = link_socket(link, 0);

	link->connect_at = now + clamp(link->dead_msec / 4, LINK_RETRY_MIN_MSEC, LINK_RETRY_MAX_MSEC);
	if (fd < 0) {
		link_trouble(link, "bind", &link->bind_address, errno);
		return;
	}
	/* Says at once, with ENETUNREACH, that the peer is not directly connected. */
	set_option(fd, SOL_SOCKET, SO_DONTROUTE, 1);
	if (connect(fd, (struct sockaddr *)&storage, len) && errno != EINPROGRESS) {
		link_trouble(link, "connect to", &link->peer_address, errno);
		close(fd);
		return;
	}
	conn_start(link, link_place(link), fd, CONN_CONNECTING,
		   clamp(link->dead_msec, LINK_ATTEMPT_MIN_MSEC, LINK_ATTEMPT_MAX_MSEC));
}

static bool link_should_connect(struct srp_link *link)
{
	return link_connects(link) && !link_find(link, CONN_UP) && !link_find(link, CONN_CONNECTING);
}

static void link_alarm(void *arg)
{
	struct srp_link *link = arg;
	uint64_t now = link_now(link);

	if (!link_enabled(link))
		return;
	for (size_t i = 0; i < sizeof(link->conns) / sizeof(link->conns[0]); i++) {
		struct conn *conn = &link->conns[i];

		if ((conn->kind == CONN_CONNECTING || conn->kind == CONN_CANDIDATE) && now >= conn->deadline)
			conn_close(conn);
	}
	if (link->listen_fd < 0 && now >= link->listen_at)
		link_listen(link, now);
	if (link_should_connect(link) && now >= link->connect_at)
		link_connect(link, now);
	link_schedule(link);
}

/* Arm the alarm for whatever comes first. */
static void link_schedule(struct srp_link *link)
{
	uint64_t when = UINT64_MAX;

	if (!link_enabled(link)) {
		link->loop->ops->alarm_off(link->alarm);
		return;
	}
	for (size_t i = 0; i < sizeof(link->conns) / sizeof(link->conns[0]); i++) {
		struct conn *conn = &link->conns[i];

		if ((conn->kind == CONN_CONNECTING || conn->kind == CONN_CANDIDATE) && conn->deadline < when)
			when = conn->deadline;
	}
	if (link->listen_fd < 0 && link->listen_at < when)
		when = link->listen_at;
	if (link_should_connect(link) && link->connect_at < when)
		when = link->connect_at;
	if (when == UINT64_MAX)
		link->loop->ops->alarm_off(link->alarm);
	else
		link->loop->ops->alarm_at(link->alarm, when);
}

/* --- interface ----------------------------------------------------------------------------- */

struct srp_link *srp_link_new(struct srp_loop *loop, const struct srp_log *log,
			      const struct srp_link_callbacks *callbacks)
{
	struct srp_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->loop = loop;
	link->log = log;
	link->callbacks = *callbacks;
	link->listen_fd = -1;
	link->alarm = loop->ops->alarm(loop, link_alarm, link);
	return link;
}

/* Close everything, listening socket included. */
static void link_stop(struct srp_link *link)
{
	for (size_t i = 0; i < sizeof(link->conns) / sizeof(link->conns[0]); i++)
		if (link->conns[i].kind != CONN_FREE)
			conn_close(&link->conns[i]);
	if (link->listen_fd >= 0) {
		link->loop->ops->unwatch(link->listen_watch);
		close(link->listen_fd);
		link->listen_watch = NULL;
		link->listen_fd = -1;
	}
}

static void ignore_state(void *arg, bool up)
{
	(void)arg;
	(void)up;
}

void srp_link_free(struct srp_link *link)
{
	if (!link)
		return;
	link->callbacks.state = ignore_state;
	link_stop(link);
	link->loop->ops->alarm_free(link->alarm);
	free(link);
}

void srp_link_configure(struct srp_link *link, const struct srp_addr *bind_address,
			const struct srp_addr *peer_address, uint16_t port, uint32_t dead_msec)
{
	link->dead_msec = dead_msec;
	if (srp_addr_equal(&link->bind_address, bind_address) &&
	    srp_addr_equal(&link->peer_address, peer_address) && link->port == port)
		return;
	link_stop(link);
	link->bind_address = *bind_address;
	link->peer_address = *peer_address;
	link->port = port;
	link->last_errno = 0;
	link->listen_at = link->connect_at = link_now(link);
	link_schedule(link);
}

void srp_link_send(struct srp_link *link, const struct srp_message *message)
{
	struct conn *conn = link_find(link, CONN_UP);
	struct srp_message numbered = *message;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	size_t len;

	if (!conn)
		return;
	numbered.sequence = ++conn->sequence;
	len = srp_message_encode(&numbered, frame);
	if (len > sizeof(conn->tx) - conn->tx_len) {
		link->stats.dropped_slow++;
		srp_log(link->log, SRP_LOG_WARNING, "peer link: closed, the peer does not read");
		conn_close(conn);
		return;
	}
	memcpy(conn->tx + conn->tx_len, frame, len);
	conn->tx_len += len;
	link->stats.messages_sent++;
	conn_flush(conn);
}

void srp_link_poll(struct srp_link *link)
{
	struct conn *conn = link_find(link, CONN_UP);

	if (conn)
		conn_read(conn);
}

void srp_link_reset(struct srp_link *link)
{
	struct conn *conn = link_find(link, CONN_UP);

	if (conn)
		conn_close(conn);
}

bool srp_link_is_up(const struct srp_link *link)
{
	return link_find(link, CONN_UP) != NULL;
}

const char *srp_link_state_name(const struct srp_link *link)
{
	if (!link_enabled(link))
		return "Disabled";
	if (srp_link_is_up(link))
		return "Connected";
	return link_connects(link) ? "Connecting" : "Listening";
}

const struct srp_link_stats *srp_link_get_stats(const struct srp_link *link)
{
	return &link->stats;
}
