/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What link_path.c (attempts, deadlines, interface) and link_conn.c (one connection) share. Not an interface. */
#ifndef SRP_LINK_PATH_PRIVATE_H
#define SRP_LINK_PATH_PRIVATE_H

#include "agent/link_path.h"
#include "agent/stream.h"

#define LINK_RX_SIZE    (4 * SRP_WIRE_FRAME_MAX)
#define LINK_TX_SIZE    (8 * SRP_WIRE_FRAME_MAX)
#define LINK_CANDIDATES 4 /* accepted connections that have not shown a first frame yet */
#define LINK_LEFT_MSEC  500

enum conn_kind {
	CONN_FREE,
	CONN_CONNECTING, /* TCP */
	CONN_HANDSHAKE,  /* TLS */
	CONN_CANDIDATE,  /* nothing valid has come yet */
	CONN_UP,         /* the control connection */
	CONN_SESSION,    /* a session connection that counts: to be handed over */
	CONN_LEFT,       /* another has taken its place; kept until the peer, too, has heard of that */
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

#define CONNS (LINK_CANDIDATES + 5) /* one that is up, two that are being made, two that were left */

struct srp_path {
	struct srp_loop *loop;
	const char *name;
	struct srp_path_events events;
	struct srp_path_config config;

	int listen_fd;
	struct srp_watch *listen_watch;
	struct srp_alarm *alarm;        /* next attempt, or the earliest deadline of a connection */
	uint64_t listen_at, connect_at; /* next attempts, ms */
	uint64_t session_at;            /* next attempt at the session connection, ms */
	uint64_t renew_until;           /* 0, or when connections with old keys end, ms */
	bool session_wanted;
	struct conn conns[CONNS];
	struct {
		uint32_t id; /* 0: there is none */
		int fd;      /* to the same socket, to end it or to mark it */
		bool old_keys;
	} session;

	uint64_t heard_at;
	char trouble[160]; /* of the last attempt: said once, not every time */
	struct srp_log_limit stranger_limit, garbage_limit, auth_limit, slow_limit;
	struct srp_link_stats stats;
};

uint64_t path_now(const struct srp_path *path);
/* The first connection of a kind, or NULL. */
struct conn *path_find(const struct srp_path *path, enum conn_kind kind);
void path_schedule(struct srp_path *path);
void path_log(struct srp_path *path, enum srp_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Log why there is no connection when it is another reason than last time. */
void path_trouble(struct srp_path *path, const char *what, const struct srp_addr *addr, const char *why);

/* Watch a socket that was taken over: `place` is free. False when memory is out; it is closed then. */
bool conn_open(struct srp_path *path, struct conn *place, int fd, bool accepted, uint64_t limit);
void conn_close(struct conn *conn);
/* False when the connection was closed. */
bool conn_send(struct conn *conn, const struct srp_message *message);
bool conn_send_empty(struct conn *conn, unsigned int type);
void conn_read(struct conn *conn);

/* End the session connection, wherever it is. */
void path_end_session(struct srp_path *path);

#endif
