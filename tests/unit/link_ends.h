/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two ends of the peer link in one process, and what may come between them: raw sockets and a relay. */
#ifndef LINK_ENDS_H
#define LINK_ENDS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>

#include "agent/link.h"
#include "agent/poll_loop.h"
#include "agent/tls.h"
#include "tests/unit/temp_folder.h"

#define LINK_DEAD  300
#define LINK_LIMIT 10000

struct link_end {
	struct srp_link *link;
	struct srp_config config;
	struct srp_message hello; /* sent when the link comes up */
	bool up;
	unsigned int ups, downs, messages;
	struct srp_message last;
	uint64_t last_arrived;
	struct srp_session_start *session; /* the latest session connection */
};

/* Forwards one connection after another to `to`, from the address `from`, and keeps what came in first. */
struct link_relay {
	struct srp_loop *loop;
	char from[16], to[16];
	uint16_t to_port;
	int listen_fd, in, out;
	struct srp_watch *listen, *in_watch, *out_watch;
	unsigned int connections;
	uint8_t kept[65536]; /* from the connecting end, of the first connection */
	size_t kept_len;
};

struct link_ends {
	struct srp_loop *loop;
	uint16_t port;
	struct link_end low, high; /* 127.0.0.1 connects to 127.0.0.2 */
};

int link_ends_setup(void **state);
int link_ends_teardown(void **state);

/* Fill in end->config; then change it and call link_end_open(). */
void link_end_prepare(struct link_ends *ends, struct link_end *end, const char *own, const char *peer);
void link_end_open(struct link_ends *ends, struct link_end *end);
void link_ends_prepare(struct link_ends *ends);
void link_ends_open(struct link_ends *ends);

bool link_ends_heard(void *ends); /* both are up and have heard each other */
void link_ends_wait(struct link_ends *ends, bool (*done)(void *arg));

/* A file in temp_folder; returns its name, kept until the next 8 calls. */
const char *link_ends_file(struct link_ends *ends, const char *name, const char *text, unsigned int mode);

struct srp_addr link_address(const char *text);
uint16_t link_free_port(void);
/* A connection to the higher end, as from a neighbour at `from`. */
int link_raw(struct link_ends *ends, const char *from);
void link_raw_send(int fd, const struct srp_message *message);
/* Open the prepared higher end, and a connection in the place of the lower one, whose hello it has heard. */
int link_raw_peer(struct link_ends *ends);

void link_relay_open(struct link_relay *relay, struct srp_loop *loop, const char *own, uint16_t port,
		     const char *from, const char *to, uint16_t to_port);
void link_relay_close(struct link_relay *relay);

#endif
