/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See link_queue.h. */
#include "agent/link_queue.h"

#include <stdio.h>
#include <string.h>

bool link_says_the_same(struct link_said *said, const struct srp_message *hello)
{
	struct srp_message bare = *hello;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	size_t len;

	bare.sequence = 0;
	bare.hello.clock_msec = 0;
	len = srp_message_encode(&bare, frame);
	if (len == said->len && memcmp(frame, said->frame, len) == 0)
		return true;
	memcpy(said->frame, frame, len);
	said->len = len;
	return false;
}

bool link_out_put(struct link_out *queue, const struct link_out_entry *entry)
{
	if (queue->count < LINK_OUT_MAX) {
		queue->list[queue->count++] = *entry;
		return true;
	}
	if (entry->message.type != SRP_MSG_HELLO)
		return false;
	for (size_t i = queue->count; i-- > 0;) {
		if (queue->list[i].message.type == SRP_MSG_HELLO) {
			queue->list[i] = *entry;
			return true;
		}
	}
	return false;
}

static bool replace_hello(struct link_in *queue, const struct link_in_entry *entry)
{
	for (size_t i = queue->count; i-- > 0;) {
		struct link_in_entry *other = &queue->list[i];

		if (other->message.type == SRP_MSG_HELLO && other->path == entry->path) {
			*other = *entry;
			return true;
		}
		if (other->message.type != SRP_MSG_HELLO && queue->count < LINK_IN_MAX)
			return false;
	}
	return false;
}

void link_in_put(struct link_in *queue, const struct link_in_entry *entry)
{
	if (entry->message.type == SRP_MSG_HELLO && queue->count > LINK_IN_MAX / 2 &&
	    replace_hello(queue, entry))
		return;
	if (queue->count < LINK_IN_MAX)
		queue->list[queue->count++] = *entry;
	else
		queue->dropped++;
}

void link_in_put_line(struct link_in *queue, enum srp_log_level level, const char *text)
{
	struct link_line *line;

	if (queue->line_count == LINK_LOG_MAX)
		return;
	line = &queue->lines[queue->line_count++];
	line->level = level;
	snprintf(line->text, sizeof(line->text), "%s", text);
}

void link_in_move(struct link_in *to, struct link_in *from)
{
	for (size_t i = 0; i < from->count; i++)
		link_in_put(to, &from->list[i]);
	for (size_t i = 0; i < from->line_count; i++)
		link_in_put_line(to, from->lines[i].level, from->lines[i].text);
	to->dropped += from->dropped;
	from->count = from->line_count = 0;
	from->dropped = 0;
}
