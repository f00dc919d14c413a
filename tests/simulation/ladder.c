/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ladder.h. */
#include "tests/simulation/ladder.h"

#include <stdarg.h>
#include <string.h>

#define COLUMN 44
#define MIDDLE 36

void ladder_start(struct ladder *ladder, FILE *to, bool all)
{
	memset(ladder, 0, sizeof(*ladder));
	ladder->to = to;
	ladder->all = all;
	fprintf(to, "%9s  %-*s%-*s%s\n", "ms", COLUMN, "gw1", MIDDLE, "", "gw2");
}

static void line(struct ladder *ladder, uint64_t at, const char *left, const char *middle, const char *right)
{
	fprintf(ladder->to, "%9llu  %-*s%-*s%s\n", (unsigned long long)at, right[0] || middle[0] ? COLUMN : 0,
		left, right[0] ? MIDDLE : 0, middle, right);
}

void ladder_node(struct ladder *ladder, uint64_t at, int node, const char *format, ...)
{
	char text[160];
	va_list args;

	if (!ladder)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	line(ladder, at, node == 0 ? text : "", "", node == 0 ? "" : text);
}

void ladder_both(struct ladder *ladder, uint64_t at, const char *format, ...)
{
	char text[240];
	va_list args;

	if (!ladder)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(ladder->to, "%9llu  == %s\n", (unsigned long long)at, text);
}

static bool says_the_same(const struct srp_message *a, const struct srp_message *b)
{
	struct srp_message c = *b;

	/* What each one has of its own. */
	c.sequence = a->sequence;
	c.hello.clock_msec = a->hello.clock_msec;
	memcpy(c.hello.version, a->hello.version, sizeof(c.hello.version));
	return a->type == SRP_MSG_HELLO && memcmp(&c, a, sizeof(c)) == 0;
}

static void message_text(char *text, size_t size, const struct srp_message *message)
{
	switch (message->type) {
	case SRP_MSG_HELLO:
		snprintf(text, size, "hello %s/%u%s%s", srp_role_name(message->hello.role),
			 message->hello.modifier, message->hello.monitors_failed ? " failed" : "",
			 message->hello.monitors_ready ? "" : " unready");
		return;
	case SRP_MSG_SWITCHOVER_REQUEST:
		snprintf(text, size, "request %u%s%s", message->request_id % 1000,
			 message->force ? " force" : "", message->make_before_break ? " mbb" : "");
		return;
	case SRP_MSG_VALIDATE_REQUEST:
	case SRP_MSG_VALIDATE_RESPONSE:
	case SRP_MSG_CONFIG_REQUEST:
	case SRP_MSG_CONFIG_PAGE:
		break;
	case SRP_MSG_SWITCHOVER_RESPONSE:
		snprintf(text, size, "response %u %s", message->request_id % 1000,
			 message->response == SRP_ACCEPTED ? "accepted" : "refused");
		return;
	}
	snprintf(text, size, "message of type %d", (int)message->type);
}

void ladder_message(struct ladder *ladder, uint64_t at, int node, const struct srp_message *message,
		    uint64_t sent_at, const char *lost)
{
	char text[80], arrow[128], sent[48] = "";
	int dashes;

	if (!ladder)
		return;
	if (!lost && !ladder->all && says_the_same(message, &ladder->last[node])) {
		ladder->hidden[node]++;
		return;
	}
	if (ladder->hidden[node])
		ladder_both(ladder, at, "(%u more hellos from %s like the last one)", ladder->hidden[node],
			    node == 0 ? "gw1" : "gw2");
	ladder->hidden[node] = 0;
	if (!lost)
		ladder->last[node] = *message;
	message_text(text, sizeof(text), message);
	dashes = MIDDLE - 6 - (int)strlen(text);
	if (dashes < 1)
		dashes = 1;
	if (node == 0)
		snprintf(arrow, sizeof(arrow), "%s %.*s%s", text, dashes,
			 "------------------------------------", lost ? "X" : ">");
	else
		snprintf(arrow, sizeof(arrow), "%s%.*s %s", lost ? "X" : "<", dashes,
			 "------------------------------------", text);
	if (lost)
		snprintf(sent, sizeof(sent), "%s", lost);
	else if (sent_at != at)
		snprintf(sent, sizeof(sent), "sent at %llu", (unsigned long long)sent_at);
	line(ladder, at, "", arrow, sent);
}

void ladder_outputs(struct ladder *ladder, uint64_t at, int node, const struct srp_core *core,
		    const struct srp_outputs *outputs)
{
	static const char *const peer[] = {"peer heard", "peer restarted", "peer lost"};

	if (!ladder)
		return;
	for (unsigned int i = 0; i < outputs->count; i++) {
		const struct srp_output *output = &outputs->list[i];

		if (output->type == SRP_OUT_ROLE)
			ladder_node(ladder, at, node, "%s -> %s/%u (%s)", srp_role_name(output->role.from),
				    srp_role_name(output->role.to), core->modifier,
				    srp_event_name(output->role.event));
		else if (output->type == SRP_OUT_PEER)
			ladder_node(ladder, at, node, "%s", peer[output->peer]);
	}
}
