/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One path of the peer link: the TCP connections between one address here and one of the peer's.
 *
 * Both ends listen; the one with the lower address also connects. There is a control connection, and, when the
 * peer can, a session connection beside it on the same port; the first frame tells which it is. A session connection
 * that counts is handed over: from then on the path only knows whether it is there, and can end it. A
 * connection counts only once it has brought a valid first frame (accepted ones) or is connected (own ones; with
 * authentication, once the accepting end has said that it is satisfied), and the newest that counts replaces the
 * one before, so neither garbage on the port nor a half-open connection can push a working one out. What comes
 * from another address than the peer's is closed at once.
 *
 * Without authentication the peer must be directly connected (or local): packets are sent and required with
 * TTL 255 (GTSM, RFC 5082), and the address must be on a connected network, unless the configuration says
 * `insecure`. With it, the peer may be behind routers, and nothing is ever said or believed in the clear.
 *
 * New keys are made true before the old connection is broken: it stays until one with the new keys counts, at
 * most LINK_RENEW_MSEC.
 *
 * Nothing here knows roles, threads or the other path. Runs on one loop; never blocks; buffers are bounded,
 * and a peer that does not read loses its connection.
 */
#ifndef SRP_LINK_PATH_H
#define SRP_LINK_PATH_H

#include "agent/auth.h"
#include "agent/config.h"
#include "agent/core/message.h"
#include "agent/log.h"
#include "agent/loop.h"
#include "agent/stream.h"

struct srp_path;

/* A session connection, handed over with all that belongs to it. */
struct srp_session_start {
	struct srp_stream stream;
	uint32_t id;                       /* for srp_path_session_ended() */
	uint32_t tx_sequence, rx_sequence; /* of the last frames */
	size_t rx_len, tx_len;             /* read already, and not written yet: */
	uint8_t rx[4 * SRP_WIRE_FRAME_MAX];
	uint8_t tx[2 * SRP_WIRE_FRAME_MAX];
};
void srp_session_start_free(struct srp_session_start *start); /* closes; NULL is ignored */

struct srp_path_events {
	void (*state)(void *arg, bool up); /* of the control connection */
	/* `start` is the receiver's now. Returns its id, never 0. */
	uint32_t (*session)(void *arg, struct srp_session_start *start);
	void (*message)(void *arg, const struct srp_message *message);
	/* A line for the log; said by whoever may. */
	void (*log)(void *arg, enum srp_log_level level, const char *text);
	void *arg;
};

struct srp_path_config {
	struct srp_addr own, peer; /* family 0 in one of them: no link */
	uint16_t port;
	uint32_t dead_msec;
	uint8_t dscp_control, dscp_session;
	struct srp_auth *auth; /* NULL: the keys cannot be read, so no link; else the caller keeps it alive */
};

struct srp_link_stats {
	uint64_t connects; /* times a control connection came up */
	uint64_t session_connects;
	uint64_t messages_sent, messages_received, messages_skipped;
	uint64_t refused_address;        /* connections from somebody who is not the peer */
	uint64_t refused_authentication; /* connections whose handshake failed */
	uint64_t refused_frames;         /* connections ended for a frame that does not decode */
	uint64_t refused_sequence;       /* connections ended for a frame out of order */
	uint64_t dropped_slow;           /* connections ended because the peer did not read */
	uint64_t dropped_messages;       /* of the peer, not taken because srpd did not come to it */
	uint64_t hellos_withheld;        /* not sent because srpd's main loop hung */
};

#define SRP_PATH_TEXT_LEN 48

/* For `show`. */
struct srp_path_info {
	struct srp_addr own, peer;
	const char *state;          /* "Connected", "Connecting", "Listening" or "Disabled"; static */
	const char *authentication; /* srp_auth_kind_name() of the connection, NULL when there is none */
	char tls_version[SRP_PATH_TEXT_LEN], tls_cipher[SRP_PATH_TEXT_LEN]; /* "": not in TLS */
	bool session_up;
	uint64_t heard_at; /* last valid hello, ms; 0: none yet */
	char trouble[160]; /* why there is no connection, "" when it is not known */
};

/* NULL when memory is out. The loop outlives the path. `name`: for the log, static. */
struct srp_path *srp_path_new(struct srp_loop *loop, const char *name, const struct srp_path_events *events);
void srp_path_free(struct srp_path *path); /* closes without state(false); NULL is ignored */

/*
 * The same values change nothing. A change of address or port ends the connection. `dead_msec` bounds how
 * long a connection attempt may take, and how soon the next one follows: several fit into it. The auth of
 * the call before may be freed after this returns.
 */
void srp_path_configure(struct srp_path *path, const struct srp_path_config *config);

/* Whether a session connection shall be made, by the end that connects. */
void srp_path_want_session(struct srp_path *path, bool wanted);

/* Whoever has the session connection has closed it. */
void srp_path_session_ended(struct srp_path *path, uint32_t id);

/* Queue a message; false when the path is not up. The sequence is set here. */
bool srp_path_send(struct srp_path *path, const struct srp_message *message);

/* The peer is held for dead: end the control connection if it has been silent for the dead-interval. */
void srp_path_reset(struct srp_path *path);

bool srp_path_is_up(const struct srp_path *path);
/* When the control connection last brought something, or came up, ms; 0: it is not up. */
uint64_t srp_path_heard_at(const struct srp_path *path);
bool srp_path_session_is_up(const struct srp_path *path);
void srp_path_get_info(const struct srp_path *path, struct srp_path_info *info);
const struct srp_link_stats *srp_path_get_stats(const struct srp_path *path);

#endif
