/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two bounded queues between the main loop and the link's thread. No locks here: whoever calls holds the one
 * that guards the queue, or owns it.
 */
#ifndef SRP_LINK_QUEUE_H
#define SRP_LINK_QUEUE_H

#include "agent/core/message.h"
#include "agent/log.h"

#define LINK_OUT_MAX  32
#define LINK_IN_MAX   64
#define LINK_LOG_MAX  16
#define LINK_LINE_LEN 480

/* From the main loop to the thread. */
struct link_out_entry {
	uint32_t epoch; /* which time the link was up when this was said */
	struct srp_message message;
};

struct link_out {
	size_t count;
	struct link_out_entry list[LINK_OUT_MAX];
};

/* From the thread to the main loop. */
struct link_in_entry {
	unsigned int path;
	uint64_t arrived; /* ms */
	struct srp_message message;
};

struct link_line {
	enum srp_log_level level;
	char text[LINK_LINE_LEN];
};

struct link_in {
	size_t count, line_count;
	uint64_t dropped;
	struct link_in_entry list[LINK_IN_MAX];
	struct link_line lines[LINK_LOG_MAX];
};

/* What a hello said, without number and clock. All zero: nothing yet. */
struct link_said {
	size_t len;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
};

/* True when the hello says what the last one said; it is kept. */
bool link_says_the_same(struct link_said *said, const struct srp_message *hello);

/* In order; in a full queue a hello takes the place of the last one, another message is lost: false. */
bool link_out_put(struct link_out *queue, const struct link_out_entry *entry);

/*
 * In order. In a queue more than half full a hello takes the place of the last one of its path, unless another
 * message lies between them; in a full one, even then. What has no place is counted in `dropped`.
 */
void link_in_put(struct link_in *queue, const struct link_in_entry *entry);
void link_in_put_line(struct link_in *queue, enum srp_log_level level, const char *text);

/* Move everything; `to` may hold something. */
void link_in_move(struct link_in *to, struct link_in *from);

#endif
