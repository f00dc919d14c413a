/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the two halves of the reconciler share: reconciler.c decides and sends, reconciler_receive.c reads. Of
 * no use to anyone else.
 */
#ifndef SRP_RECONCILER_PRIVATE_H
#define SRP_RECONCILER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/link.h"
#include "netlink/message.h"
#include "netlink/reconciler.h"
#include "netlink/socket.h"
#include "netlink/table.h"

#define RECONCILER_BUFFER_SIZE         65536
#define RECONCILER_BATCH_MAX           1024 /* operations */
#define RECONCILER_ANSWER_TIMEOUT_MSEC 1000 /* answers are there at once or were lost */

/* An operation that was sent and not answered yet. */
struct flight {
	struct netlink_slot *slot; /* NULL: answered */
	struct netlink_op op;
};

struct reconciler {
	struct reconciler_callbacks callbacks;
	struct netlink_socket request, notify;
	struct netlink_link_table links;
	struct netlink_table table;

	enum reconciler_mode mode;
	uint64_t generation, applied_generation;
	bool settled;  /* kernel and set agree */
	bool tell;     /* applied() is due */
	bool loaded;   /* a dump was completed: the table is worth planning on */
	bool enforced; /* what was adopted has been counted */

	bool dumping;
	enum netlink_dump dump_part;
	unsigned int dump_tries; /* of this part */
	bool dump_interrupted;   /* this try of it */
	bool dump_unclean;       /* some part never came through in one piece: drop nothing on its word */
	uint32_t dump_seq;
	bool dump_wanted;
	uint64_t dump_not_before;
	uint64_t dump_gap;                 /* ms between this dump and the next */
	uint64_t check_at, check_again_at; /* a dump is wanted then; 0: never */

	struct flight flights[RECONCILER_BATCH_MAX];
	size_t flight_count; /* sent */
	size_t flights_open; /* of these, not answered */
	size_t batch_max;    /* as many as our receive buffer holds the answers of */
	uint32_t flight_seq; /* of flights[0] */
	size_t unsent;       /* bytes of send_buffer that the socket did not take */
	uint32_t seq;
	uint64_t answers_until; /* the kernel's next word on a dump or batch is due */

	bool resolve_wanted; /* links or memory changed: find the slots anew */
	uint64_t resolve_not_before;
	bool kick_wanted; /* something happened that may cure a refusal */
	uint64_t kick_not_before;
	bool more; /* this call stopped at a bound */
	uint64_t deadline;

	bool ifa_proto_seen;
	struct reconciler_status status; /* its counters and last_error */
	uint64_t log_window_until;
	unsigned int log_lines, log_suppressed;

	char send_buffer[RECONCILER_BUFFER_SIZE] __attribute__((aligned(8)));
	char receive_buffer[RECONCILER_BUFFER_SIZE] __attribute__((aligned(8)));
};

/* --- reconciler.c --- */

void reconciler_log(struct reconciler *r, enum reconciler_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* May one more line about single objects go out now? */
bool reconciler_log_allowed(struct reconciler *r, uint64_t now);

/* --- reconciler_receive.c --- */

/* Read what is there, up to *budget datagrams (a long one counts once per 512 bytes), which it counts down;
 * r->more when that did not do. */
void reconciler_read(struct reconciler *r, const struct netlink_socket *socket, unsigned int *budget,
		     uint64_t now);

/* Ask for a dump when the time for it has come. */
void reconciler_want_dump(struct reconciler *r, const char *why);
void reconciler_dump_start(struct reconciler *r, uint64_t now);

/* Take the answer to one operation of the batch: from the kernel, or in its place when sending failed. */
void reconciler_take_answer(struct reconciler *r, const struct netlink_event *event, uint64_t now);
/* No answers will come: what became of batch or dump only another dump can tell. */
void reconciler_abandon(struct reconciler *r, const char *why);

/* From now on what equals a wanted address is ours. */
void reconciler_use_no_ifa_proto(struct reconciler *r);

#endif
