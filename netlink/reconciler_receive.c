/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler's ears: dumps, notifications and answers change the table and say what else is to be done.
 * When and whether it is done is decided in reconciler.c.
 */
#include "netlink/reconciler_private.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define DUMP_GAP_FIRST_MSEC  20
#define DUMP_GAP_LAST_MSEC   1000
#define DUMP_TRIES           4    /* of one part, when things move under it */
#define LINK_DOWN_SOON_MSEC  10   /* look at the routes so long after an interface went down, */
#define LINK_DOWN_LATER_MSEC 1000 /* and once more */

static void tell_interface(struct reconciler *r, uint32_t ifindex, const char *name)
{
	if (r->callbacks.interface)
		r->callbacks.interface(r->callbacks.arg, ifindex, name);
}

/* --- dumps ------------------------------------------------------------------------------------ */

void reconciler_want_dump(struct reconciler *r, const char *why)
{
	if (!r->dump_wanted)
		reconciler_log(r, RECONCILER_LOG_DEBUG, "dump wanted: %s", why);
	r->dump_wanted = true;
}

/* What we know got out of step with the kernel. */
static void want_resync(struct reconciler *r, const char *why)
{
	if (!r->dump_wanted) {
		r->status.resyncs++;
		reconciler_log(r, RECONCILER_LOG_INFO, "%s: reading the kernel's state again", why);
	}
	r->dump_wanted = true;
}

static void dump_send_part(struct reconciler *r, uint64_t now)
{
	size_t length =
		netlink_message_build_dump(r->send_buffer, sizeof(r->send_buffer), r->dump_part, ++r->seq);
	int error;

	r->dump_seq = r->seq;
	r->dump_interrupted = false;
	r->answers_until = now + RECONCILER_ANSWER_TIMEOUT_MSEC;
	error = netlink_socket_send(&r->request, r->send_buffer, length);
	if (!error)
		return;
	r->dumping = false;
	r->dump_wanted = true;
	r->dump_not_before = now + DUMP_GAP_LAST_MSEC;
	reconciler_log(r, RECONCILER_LOG_ERROR, "cannot read the kernel's state: %s", strerror(-error));
}

void reconciler_dump_start(struct reconciler *r, uint64_t now)
{
	/* One that follows closely on another doubles the gap to the next. */
	r->dump_gap = now < r->dump_not_before + r->dump_gap ? r->dump_gap * 2 : DUMP_GAP_FIRST_MSEC;
	if (r->dump_gap > DUMP_GAP_LAST_MSEC)
		r->dump_gap = DUMP_GAP_LAST_MSEC;
	r->dump_wanted = false;
	r->dumping = true;
	r->dump_unclean = false;
	r->dump_part = (enum netlink_dump)0;
	r->dump_tries = 1;
	netlink_link_dump_begin(&r->links);
	netlink_table_dump_begin(&r->table);
	dump_send_part(r, now);
}

static void dump_complete(struct reconciler *r, uint64_t now)
{
	r->dumping = false;
	r->dump_not_before = now + r->dump_gap;
	if (r->dump_unclean) {
		/* What it showed is there; that something is gone only a clean one can tell. */
		reconciler_want_dump(r, "things keep moving under it");
	} else {
		netlink_link_dump_end(&r->links);
		netlink_table_dump_end(&r->table, now);
	}
	r->loaded = true;
	r->resolve_wanted = true;
	r->resolve_not_before = now;
	tell_interface(r, 0, "");
}

/* The kernel ended one part, well or not. */
static void dump_part_done(struct reconciler *r, const struct netlink_event *event, uint64_t now)
{
	/* A kernel without IPv6 has nothing to tell of it. */
	bool absent =
		event->error == EAFNOSUPPORT || event->error == EOPNOTSUPP || event->error == EPROTONOSUPPORT;

	if (event->error && !absent) {
		r->dumping = false;
		r->dump_wanted = true;
		r->dump_not_before = now + DUMP_GAP_LAST_MSEC;
		reconciler_log(r, RECONCILER_LOG_WARNING, "the kernel broke off a dump: %s%s%s",
			       strerror(event->error), event->reason[0] ? ": " : "", event->reason);
		return;
	}
	if (r->dump_interrupted && r->dump_tries < DUMP_TRIES) {
		r->status.resyncs += r->dump_tries == 1;
		reconciler_log(r, RECONCILER_LOG_DEBUG, "the kernel changed under a dump: once more");
		r->dump_tries++;
		dump_send_part(r, now);
		return;
	}
	r->dump_unclean = r->dump_unclean || r->dump_interrupted;
	r->dump_part++;
	r->dump_tries = 1;
	if (r->dump_part == NETLINK_DUMP_COUNT)
		dump_complete(r, now);
	else
		dump_send_part(r, now);
}

/* --- what the kernel says ----------------------------------------------------------------------- */

/* Does anything that is wanted refer to a link of the one name or the other? */
static bool link_matters(const struct reconciler *r, const struct netlink_link *before,
			 const struct netlink_link *after)
{
	return netlink_table_names_interface(&r->table, before->name) ||
	       netlink_table_names_interface(&r->table, after->name);
}

static void take_link(struct reconciler *r, const struct netlink_event *event, uint64_t now)
{
	struct netlink_link before = {0};
	enum netlink_link_change change;
	bool went;

	if (event->type == NETLINK_EVENT_LINK_GONE) {
		change = netlink_link_remove(&r->links, event->link.ifindex) ? NETLINK_LINK_IDENTITY
									     : NETLINK_LINK_SAME;
		went = true;
	} else {
		change = netlink_link_put(&r->links, &event->link, &before);
		went = before.up && !event->link.up;
	}
	if (r->dumping && event->dumped && change != NETLINK_LINK_NO_MEMORY)
		return; /* all is resolved when the dump is complete */
	if (change != NETLINK_LINK_SAME)
		tell_interface(r, event->link.ifindex, event->link.name);
	switch (change) {
	case NETLINK_LINK_SAME:
		return;
	case NETLINK_LINK_NO_MEMORY:
		want_resync(r, "memory was out");
		return;
	case NETLINK_LINK_IDENTITY:
		if (!r->resolve_wanted && link_matters(r, &before, &event->link)) {
			r->resolve_wanted = true;
			r->resolve_not_before = now;
		}
		break;
	case NETLINK_LINK_STATE:
		break;
	}
	r->kick_wanted = true;
	/* IPv4 routes go with their interface, silently, and just after the notification that made us look.
	 */
	if (went && netlink_table_uses_interface(&r->table, event->link.ifindex)) {
		r->check_at = now + LINK_DOWN_SOON_MSEC;
		r->check_again_at = now + LINK_DOWN_LATER_MSEC;
	}
}

void reconciler_use_no_ifa_proto(struct reconciler *r)
{
	r->table.no_ifa_proto = true;
	reconciler_log(
		r, RECONCILER_LOG_WARNING,
		"this kernel keeps no protocol on addresses (Linux 5.18 does): an address that equals a "
		"wanted one is "
		"taken for ours, and one that was left over by an earlier srpd is not found");
}

/* Addresses of ours that come back without IFA_PROTO: this kernel does not keep it. */
static void learn_ifa_proto(struct reconciler *r, const struct netlink_event *event)
{
	if (event->object.key.kind != RECONCILER_ADDRESS || event->type != NETLINK_EVENT_OBJECT)
		return;
	if (event->says_protocol) {
		r->ifa_proto_seen = true;
		r->table.no_ifa_proto = false;
	} else if (!r->ifa_proto_seen && !r->table.no_ifa_proto &&
		   netlink_table_expects(&r->table, &event->object)) {
		reconciler_use_no_ifa_proto(r);
	}
}

static void take_object(struct reconciler *r, const struct netlink_event *event, uint64_t now)
{
	char object[NETLINK_OBJECT_STRLEN];
	bool lost = false;

	learn_ifa_proto(r, event);
	if (!event->dumped && event->object.key.kind == RECONCILER_ADDRESS &&
	    event->object.protocol != SRP_RTPROT)
		tell_interface(r, event->object.key.scope, "");
	switch (netlink_table_event(&r->table, event, now, &lost)) {
	case NETLINK_TABLE_UNSURE:
		reconciler_want_dump(r, "a notification leaves it open what is there");
		break;
	case NETLINK_TABLE_CHANGED:
	case NETLINK_TABLE_SAME:
		break;
	}
	if (lost && r->mode == RECONCILER_ENFORCE && reconciler_log_allowed(r, now))
		reconciler_log(r, RECONCILER_LOG_WARNING, "%s went without us; putting it back",
			       netlink_object_format(&event->object, &r->links, object));
	/* A new address, or a new way to a gateway, may cure what was refused. */
	if (!event->dumped && event->type == NETLINK_EVENT_OBJECT && event->object.protocol != SRP_RTPROT &&
	    !event->object.has_gateway && r->table.failing)
		r->kick_wanted = true;
}

/* Keep the reason of a refusal for the status, and log it when it is news. */
static void note_refusal(struct reconciler *r, const struct netlink_slot *slot, const struct netlink_op *op,
			 int error, const char *reason, uint64_t now)
{
	static const char *const verbs[] = {
		[NETLINK_OP_ADD] = "add", [NETLINK_OP_REPLACE] = "replace", [NETLINK_OP_DELETE] = "delete"};
	bool news = slot->failures == 0 || slot->error != error;
	char object[NETLINK_OBJECT_STRLEN];
	char text[320];

	netlink_object_format(&op->object, &r->links, object);
	if (op->type == NETLINK_OP_ADD && error == EEXIST && slot->contested)
		snprintf(text, sizeof(text), "%s: someone else's (protocol %u) is there and is left alone",
			 object, slot->rival);
	else if (op->type == NETLINK_OP_ADD && error == EEXIST)
		snprintf(text, sizeof(text), "%s: someone else's is there and is left alone", object);
	else
		snprintf(text, sizeof(text), "%s: %s%s%s", object, strerror(error), reason[0] ? ": " : "",
			 reason);
	snprintf(r->status.last_error, sizeof(r->status.last_error), "%.*s",
		 (int)sizeof(r->status.last_error) - 1, text);
	if (news && reconciler_log_allowed(r, now))
		reconciler_log(r, RECONCILER_LOG_WARNING, "cannot %s %s; will try again", verbs[op->type],
			       text);
}

void reconciler_take_answer(struct reconciler *r, const struct netlink_event *event, uint64_t now)
{
	uint32_t index = event->seq - r->flight_seq;
	struct netlink_slot *slot;
	const struct netlink_op *op;
	bool lost, address;

	if (index >= r->flight_count || !r->flights[index].slot)
		return;
	slot = r->flights[index].slot;
	op = &r->flights[index].op;
	lost = slot->lost;
	address = op->object.key.kind == RECONCILER_ADDRESS;
	r->flights[index].slot = NULL;
	r->flights_open--;
	if (event->error && !netlink_op_done(op, event->error)) {
		note_refusal(r, slot, op, event->error, event->reason, now);
		/* Without a mark to tell by, the address in the way may well be our own of an earlier life.
		 */
		if (address && event->error == EEXIST && r->table.no_ifa_proto)
			reconciler_want_dump(r, "whose address is there?");
	} else if (op->type == NETLINK_OP_DELETE) {
		r->status.removed++;
	} else if (lost) {
		r->status.repaired++;
	} else {
		r->status.added++;
	}
	if (!netlink_table_answer(&r->table, slot, op, event->error, now))
		want_resync(r, "memory was out");
}

void reconciler_abandon(struct reconciler *r, const char *why)
{
	for (size_t i = 0; i < r->flight_count; i++)
		if (r->flights[i].slot)
			netlink_table_abandon(&r->table, r->flights[i].slot);
	r->flight_count = r->flights_open = r->unsent = 0;
	r->dumping = false;
	want_resync(r, why);
}

static void take(struct reconciler *r, const struct nlmsghdr *nlh, bool from_request, uint64_t now)
{
	struct netlink_event event;

	netlink_message_parse(nlh, &event);
	event.dumped = from_request;
	/* Parts of a dump that was given up may still come in. */
	if (from_request && event.type != NETLINK_EVENT_ANSWER && (!r->dumping || event.seq != r->dump_seq))
		return;
	if (from_request && event.interrupted)
		r->dump_interrupted = true;
	switch (event.type) {
	case NETLINK_EVENT_LINK:
	case NETLINK_EVENT_LINK_GONE:
		take_link(r, &event, now);
		break;
	case NETLINK_EVENT_OBJECT:
	case NETLINK_EVENT_OBJECT_GONE:
		take_object(r, &event, now);
		break;
	case NETLINK_EVENT_ANSWER:
		if (from_request && r->dumping && event.seq == r->dump_seq)
			dump_part_done(r, &event, now);
		else if (from_request && r->flights_open)
			reconciler_take_answer(r, &event, now);
		break;
	case NETLINK_EVENT_DUMP_DONE:
		dump_part_done(r, &event, now);
		break;
	case NETLINK_EVENT_MALFORMED:
		if (reconciler_log_allowed(r, now))
			reconciler_log(r, RECONCILER_LOG_WARNING,
				       "message of type %u from the kernel not understood", nlh->nlmsg_type);
		break;
	case NETLINK_EVENT_IGNORED:
		break;
	}
}

/* Read what is there, up to the bound. */
void reconciler_read(struct reconciler *r, const struct netlink_socket *socket, unsigned int *budget,
		     uint64_t now)
{
	bool from_request = socket == &r->request;

	while (*budget) {
		ssize_t length = netlink_socket_receive(socket, r->receive_buffer, sizeof(r->receive_buffer));
		const struct nlmsghdr *nlh;
		unsigned int cost = length > 0 ? 1 + (unsigned int)length / 512 : 1;
		size_t offset = 0;

		*budget -= cost < *budget ? cost : *budget;
		if (from_request && length > 0)
			r->answers_until = now + RECONCILER_ANSWER_TIMEOUT_MSEC;
		if (length == -EAGAIN || length == -EWOULDBLOCK)
			return;
		if (from_request && length == -ENOBUFS) {
			reconciler_abandon(r, "answers of the kernel were lost");
		} else if (length == -ENOBUFS) {
			want_resync(r, "notifications of the kernel were lost");
		} else if (length < 0) {
			if (reconciler_log_allowed(r, now))
				reconciler_log(r, RECONCILER_LOG_ERROR, "netlink socket: %s",
					       strerror((int)-length));
			return;
		}
		while (length > 0 && (nlh = netlink_message_next(r->receive_buffer, (size_t)length, &offset)))
			take(r, nlh, from_request, now);
	}
	r->more = true;
}
