/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reconciler: two rtnetlink sockets around the table of slots (table.h).
 *
 *   request socket   one thing at a time: a dump (five parts: links, addresses and routes of either family)
 *                    or a batch of operations, of up to 64 KB. Each operation is acknowledged; a batch is
 *                    over when all its answers are in. The kernel does the work inside sendmsg(), so the
 *                    answers are there when it returns, and a change that fits one batch is complete
 *                    before reconciler_set() is.
 *   notify socket    links, addresses and routes as they change, by anyone. Read empty before each batch is
 *                    made: the echoes of the last batch are in it, and a step is never planned on an older
 *                    view.
 *
 * A dump comes first of all, then after lost notifications (ENOBUFS), after answers were lost, when a
 * notification leaves it open what is there (table.h: UNSURE), and when an interface that our routes use goes
 * down, because IPv4 routes go with it without a notification. Dumps are spaced, so that a storm costs a
 * bounded share of the time; between them, work goes on with what is known, and what turns out wrong is
 * refused by the kernel and tried again.
 *
 * Whatever one call may do is bounded (..._PER_RUN); what is left over makes the deadline "now".
 *
 * The kernel is trusted to say the truth, but is parsed as if it were not.
 */
#include "netlink/reconciler.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "netlink/message.h"
#include "netlink/socket.h"
#include "netlink/table.h"

#define BUFFER_SIZE            65536
#define BATCH_MAX              1024 /* operations */
#define ANSWER_SPACE           1536 /* of the receive buffer, for one answer with its overhead */
#define REQUEST_RECEIVE_BUFFER (4u << 20)
#define NOTIFY_RECEIVE_BUFFER  (32u << 20)
#define DATAGRAMS_PER_RUN      4096 /* read from each socket */
#define BATCHES_PER_RUN        4
#define ANSWER_TIMEOUT_MSEC    1000 /* answers are there at once or were lost */
#define DUMP_GAP_FIRST_MSEC    20
#define DUMP_GAP_LAST_MSEC     1000
#define DUMP_TRIES             4    /* of one part, when things move under it */
#define LINK_DOWN_SOON_MSEC    10   /* look at the routes so long after an interface went down, */
#define LINK_DOWN_LATER_MSEC   1000 /* and once more */
#define KICK_GAP_MSEC          50   /* between early retries; plus 1 ms for every 10 failing objects */
#define MEMORY_RETRY_MSEC      1000
#define LOG_WINDOW_MSEC        1000
#define LOG_LINES_PER_WINDOW   8

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

	struct flight flights[BATCH_MAX];
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

	char send_buffer[BUFFER_SIZE] __attribute__((aligned(8)));
	char receive_buffer[BUFFER_SIZE] __attribute__((aligned(8)));
};

/* --- words ------------------------------------------------------------------------------------ */

static uint64_t monotonic_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void __attribute__((format(printf, 3, 4)))
log_line(struct reconciler *r, enum reconciler_log_level level, const char *format, ...)
{
	char text[512];
	va_list args;

	if (!r->callbacks.log)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->callbacks.log(r->callbacks.arg, level, text);
}

/* May one more line about single objects go out? The first after a silence tells how many did not. */
static bool log_allowed(struct reconciler *r, uint64_t now)
{
	if (now >= r->log_window_until) {
		if (r->log_suppressed)
			log_line(r, RECONCILER_LOG_WARNING, "%u more lines like these left out",
				 r->log_suppressed);
		r->log_window_until = now + LOG_WINDOW_MSEC;
		r->log_lines = r->log_suppressed = 0;
	}
	if (r->log_lines < LOG_LINES_PER_WINDOW) {
		r->log_lines++;
		return true;
	}
	r->log_suppressed++;
	return false;
}

static void privs(struct reconciler *r, bool raise)
{
	if (r->callbacks.privs)
		r->callbacks.privs(r->callbacks.arg, raise);
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
	if (news && log_allowed(r, now))
		log_line(r, RECONCILER_LOG_WARNING, "cannot %s %s; will try again", verbs[op->type], text);
}

/* --- dumps ------------------------------------------------------------------------------------ */

static void want_dump(struct reconciler *r, const char *why)
{
	if (!r->dump_wanted)
		log_line(r, RECONCILER_LOG_DEBUG, "dump wanted: %s", why);
	r->dump_wanted = true;
}

/* What we know got out of step with the kernel. */
static void want_resync(struct reconciler *r, const char *why)
{
	if (!r->dump_wanted) {
		r->status.resyncs++;
		log_line(r, RECONCILER_LOG_INFO, "%s: reading the kernel's state again", why);
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
	r->answers_until = now + ANSWER_TIMEOUT_MSEC;
	error = netlink_socket_send(&r->request, r->send_buffer, length);
	if (!error)
		return;
	r->dumping = false;
	r->dump_wanted = true;
	r->dump_not_before = now + DUMP_GAP_LAST_MSEC;
	log_line(r, RECONCILER_LOG_ERROR, "cannot read the kernel's state: %s", strerror(-error));
}

static void dump_start(struct reconciler *r, uint64_t now)
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
		want_dump(r, "things keep moving under it");
	} else {
		netlink_link_dump_end(&r->links);
		netlink_table_dump_end(&r->table, now);
	}
	r->loaded = true;
	r->resolve_wanted = true;
	r->resolve_not_before = now;
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
		log_line(r, RECONCILER_LOG_WARNING, "the kernel broke off a dump: %s%s%s",
			 strerror(event->error), event->reason[0] ? ": " : "", event->reason);
		return;
	}
	if (r->dump_interrupted && r->dump_tries < DUMP_TRIES) {
		r->status.resyncs += r->dump_tries == 1;
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

static void use_no_ifa_proto(struct reconciler *r)
{
	r->table.no_ifa_proto = true;
	log_line(r, RECONCILER_LOG_WARNING,
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
		use_no_ifa_proto(r);
	}
}

static void take_object(struct reconciler *r, const struct netlink_event *event, uint64_t now)
{
	char object[NETLINK_OBJECT_STRLEN];
	bool lost = false;

	learn_ifa_proto(r, event);
	switch (netlink_table_event(&r->table, event, now, &lost)) {
	case NETLINK_TABLE_UNSURE:
		want_dump(r, "a notification leaves it open what is there");
		break;
	case NETLINK_TABLE_CHANGED:
	case NETLINK_TABLE_SAME:
		break;
	}
	if (lost && r->mode == RECONCILER_ENFORCE && log_allowed(r, now))
		log_line(r, RECONCILER_LOG_WARNING, "%s went without us; putting it back",
			 netlink_object_format(&event->object, &r->links, object));
	/* A new address, or a new way to a gateway, may cure what was refused. */
	if (!event->dumped && event->type == NETLINK_EVENT_OBJECT && event->object.protocol != SRP_RTPROT &&
	    !event->object.has_gateway && r->table.failing)
		r->kick_wanted = true;
}

static void take_answer(struct reconciler *r, const struct netlink_event *event, uint64_t now)
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
			want_dump(r, "whose address is there?");
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

/* Answers were lost: what became of the operations only a dump can tell. */
static void abandon(struct reconciler *r, const char *why)
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
			take_answer(r, &event, now);
		break;
	case NETLINK_EVENT_DUMP_DONE:
		dump_part_done(r, &event, now);
		break;
	case NETLINK_EVENT_MALFORMED:
		if (log_allowed(r, now))
			log_line(r, RECONCILER_LOG_WARNING,
				 "message of type %u from the kernel not understood", nlh->nlmsg_type);
		break;
	case NETLINK_EVENT_IGNORED:
		break;
	}
}

/* Read what is there, up to the bound. */
static void read_socket(struct reconciler *r, const struct netlink_socket *socket, unsigned int *budget,
			uint64_t now)
{
	bool from_request = socket == &r->request;

	for (; *budget; (*budget)--) {
		ssize_t length = netlink_socket_receive(socket, r->receive_buffer, sizeof(r->receive_buffer));
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)r->receive_buffer;
		int left = (int)length;

		if (from_request && length > 0)
			r->answers_until = now + ANSWER_TIMEOUT_MSEC;
		if (length == -EAGAIN || length == -EWOULDBLOCK)
			return;
		if (from_request && length == -ENOBUFS) {
			abandon(r, "answers of the kernel were lost");
		} else if (length == -ENOBUFS) {
			want_resync(r, "notifications of the kernel were lost");
		} else if (length < 0) {
			if (log_allowed(r, now))
				log_line(r, RECONCILER_LOG_ERROR, "netlink socket: %s",
					 strerror((int)-length));
			return;
		}
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			take(r, nlh, from_request, now);
	}
	r->more = true;
}

/* --- what we ask of the kernel ------------------------------------------------------------------ */

/* Hand the rest of a batch to the socket. */
static void flush(struct reconciler *r, uint64_t now)
{
	struct netlink_event refused = {.type = NETLINK_EVENT_ANSWER};
	int error;

	if (!r->unsent)
		return;
	privs(r, true);
	error = netlink_socket_send(&r->request, r->send_buffer, r->unsent);
	privs(r, false);
	if (error == -EAGAIN || error == -EWOULDBLOCK)
		return;
	r->unsent = 0;
	r->answers_until = now + ANSWER_TIMEOUT_MSEC;
	if (!error)
		return;
	/* Not one of them was looked at. */
	refused.error = -error;
	for (size_t i = 0; i < r->flight_count; i++) {
		refused.seq = r->flight_seq + (uint32_t)i;
		take_answer(r, &refused, now);
	}
}

/* Send the next steps of the slots whose time has come. False: there are none. */
static bool send_batch(struct reconciler *r, uint64_t now)
{
	size_t length = 0, count = 0;

	r->flight_seq = r->seq + 1;
	for (struct netlink_slot *slot = r->table.first; slot && count < r->batch_max; slot = slot->next) {
		struct flight *flight = &r->flights[count];
		size_t built;

		if (slot->busy || slot->not_before > now)
			continue;
		flight->op = netlink_slot_next(slot);
		built = netlink_message_build(r->send_buffer + length, sizeof(r->send_buffer) - length,
					      &flight->op, r->flight_seq + (uint32_t)count);
		if (!built)
			break; /* full */
		flight->slot = slot;
		slot->busy = true;
		length += built;
		count++;
	}
	if (!count)
		return false;
	r->seq += (uint32_t)count;
	r->flight_count = r->flights_open = count;
	r->unsent = length;
	r->settled = false;
	flush(r, now);
	return true;
}

/* --- the loop ----------------------------------------------------------------------------------- */

static void resolve(struct reconciler *r, uint64_t now)
{
	char object[NETLINK_OBJECT_STRLEN];

	r->resolve_wanted = false;
	if (!netlink_table_resolve(&r->table, &r->links)) {
		r->resolve_wanted = true;
		r->resolve_not_before = now + MEMORY_RETRY_MSEC;
	}
	for (size_t i = 0; r->table.unresolved && i < r->table.wanted_count; i++) {
		const struct netlink_wanted *wanted = &r->table.wanted[i];

		if (wanted->slot)
			continue;
		netlink_object_format_wanted(&wanted->object, object);
		snprintf(r->status.last_error, sizeof(r->status.last_error), "%.100s: %.50s", object,
			 wanted->why);
		if (r->mode == RECONCILER_ENFORCE && log_allowed(r, now))
			log_line(r, RECONCILER_LOG_WARNING, "%s: %s; will try again when that changes",
				 object, wanted->why);
		break;
	}
	if (r->mode == RECONCILER_ENFORCE && !r->enforced) {
		r->enforced = true;
		r->status.adopted = netlink_table_count(&r->table).present;
		if (r->status.adopted)
			log_line(r, RECONCILER_LOG_INFO, "%llu objects of an earlier life adopted",
				 (unsigned long long)r->status.adopted);
	}
}

/* Do everything that can be done now, short of telling the caller. */
static void step(struct reconciler *r, uint64_t now)
{
	unsigned int notify_budget = DATAGRAMS_PER_RUN, request_budget = DATAGRAMS_PER_RUN;

	r->more = false;
	for (unsigned int batches = 0;;) {
		flush(r, now);
		read_socket(r, &r->notify, &notify_budget, now);
		read_socket(r, &r->request, &request_budget, now);
		if ((r->dumping || (r->flights_open && !r->unsent)) && now >= r->answers_until)
			abandon(r, "the kernel's answers did not come");
		if (r->check_at && now >= r->check_at) {
			r->check_at = r->check_again_at;
			r->check_again_at = 0;
			want_dump(r, "an interface went down");
		}
		if (r->dumping || r->flights_open)
			break;
		if (r->dump_wanted && now >= r->dump_not_before) {
			dump_start(r, now);
			continue;
		}
		if (!r->loaded)
			break;
		if (r->resolve_wanted && now >= r->resolve_not_before)
			resolve(r, now);
		if (r->kick_wanted && now >= r->kick_not_before) {
			r->kick_wanted = false;
			r->kick_not_before = now + KICK_GAP_MSEC + r->table.failing / 10;
			netlink_table_kick(&r->table, now);
		}
		if (r->mode != RECONCILER_ENFORCE)
			break;
		if (batches == BATCHES_PER_RUN) {
			r->more = r->table.queued != 0;
			break;
		}
		if (!send_batch(r, now))
			break;
		batches++;
	}
	if (r->loaded && !r->dumping && !r->flights_open && !r->resolve_wanted &&
	    r->mode == RECONCILER_ENFORCE && !r->table.queued && !r->table.unresolved) {
		r->tell = r->tell || !r->settled || r->applied_generation != r->generation;
		r->settled = true;
		r->applied_generation = r->generation;
		r->status.last_error[0] = '\0';
	} else {
		r->settled = r->settled && r->dumping && !r->table.queued;
	}
}

static void earlier(uint64_t *deadline, uint64_t when)
{
	if (when < *deadline)
		*deadline = when;
}

/* When to be called again, and the caller told of it when that is sooner than he knows. */
static void plan_next(struct reconciler *r)
{
	uint64_t deadline = UINT64_MAX;

	if (r->more || r->tell)
		deadline = 0;
	if (r->flights_open || r->dumping)
		earlier(&deadline, r->answers_until);
	else if (r->dump_wanted)
		earlier(&deadline, r->dump_not_before);
	if (r->check_at)
		earlier(&deadline, r->check_at);
	if (r->loaded && r->resolve_wanted)
		earlier(&deadline, r->resolve_not_before);
	if (r->kick_wanted && r->table.failing)
		earlier(&deadline, r->kick_not_before);
	if (r->loaded && r->mode == RECONCILER_ENFORCE && !r->dumping && !r->flights_open)
		for (const struct netlink_slot *slot = r->table.first; slot; slot = slot->next)
			earlier(&deadline, slot->not_before);
	r->deadline = deadline;
	if (r->callbacks.wakeup)
		r->callbacks.wakeup(r->callbacks.arg);
}

/* --- the interface -------------------------------------------------------------------------------- */

static void use_no_ifa_proto_unless_new(struct reconciler *r)
{
	struct utsname name;

	if (uname(&name) == 0 && !netlink_release_keeps_ifa_proto(name.release))
		use_no_ifa_proto(r);
}

struct reconciler *reconciler_new(const struct reconciler_callbacks *callbacks)
{
	static const unsigned int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
					      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
	struct reconciler *r = calloc(1, sizeof(*r));
	bool opened;

	if (!r)
		return NULL;
	r->callbacks = *callbacks;
	privs(r, true);
	/* Listening starts before the first dump, so that nothing falls between the two. */
	opened = netlink_socket_open(&r->notify, groups, sizeof(groups) / sizeof(groups[0]),
				     NOTIFY_RECEIVE_BUFFER) &&
		 netlink_socket_open(&r->request, NULL, 0, REQUEST_RECEIVE_BUFFER);
	privs(r, false);
	if (!opened) {
		int error = errno;

		reconciler_free(r);
		errno = error;
		return NULL;
	}
	r->batch_max = r->request.receive_buffer / ANSWER_SPACE;
	r->batch_max = r->batch_max > BATCH_MAX ? BATCH_MAX : r->batch_max < 1 ? 1 : r->batch_max;
	use_no_ifa_proto_unless_new(r);
	r->dump_wanted = true;
	r->deadline = 0;
	return r;
}

void reconciler_free(struct reconciler *r)
{
	if (!r)
		return;
	netlink_socket_close(&r->request);
	netlink_socket_close(&r->notify);
	netlink_table_clear(&r->table);
	netlink_link_clear(&r->links);
	free(r);
}

/* Lengths and texts that the rest relies on. */
static bool object_is_valid(const struct reconciler_object *object)
{
	if (object->kind != RECONCILER_ADDRESS && object->kind != RECONCILER_ROUTE)
		return false;
	if (object->family != AF_INET && object->family != AF_INET6)
		return false;
	return object->plen <= (object->family == AF_INET ? 32 : 128) &&
	       memchr(object->ifname, '\0', sizeof(object->ifname)) &&
	       memchr(object->vrf, '\0', sizeof(object->vrf));
}

int reconciler_set(struct reconciler *r, enum reconciler_mode mode, const struct reconciler_object *objects,
		   size_t count, uint64_t generation)
{
	uint64_t now = monotonic_msec();

	for (size_t i = 0; i < count; i++)
		if (!object_is_valid(&objects[i]))
			return -EINVAL;
	if (!netlink_table_want(&r->table, objects, count))
		return -ENOMEM;
	r->mode = mode;
	r->generation = generation;
	r->settled = false;
	/* Those of the old set are not referred to any more: slots must not be used before they are found
	 * anew. */
	if (r->loaded)
		resolve(r, now);
	else
		r->resolve_wanted = true;
	step(r, now);
	plan_next(r);
	return 0;
}

int reconciler_request_fd(const struct reconciler *r)
{
	return netlink_socket_fd(&r->request);
}

int reconciler_notify_fd(const struct reconciler *r)
{
	return netlink_socket_fd(&r->notify);
}

bool reconciler_wants_write(const struct reconciler *r)
{
	return r->unsent != 0;
}

uint64_t reconciler_deadline(const struct reconciler *r)
{
	return r->deadline;
}

void reconciler_run(struct reconciler *r, uint64_t now)
{
	step(r, now);
	if (r->tell) {
		r->tell = false;
		if (r->callbacks.applied)
			r->callbacks.applied(r->callbacks.arg, r->applied_generation);
	}
	plan_next(r);
}

void reconciler_get_status(const struct reconciler *r, struct reconciler_status *status)
{
	struct netlink_table_counts counts = netlink_table_count(&r->table);

	*status = r->status;
	status->desired_generation = r->generation;
	status->applied_generation = r->applied_generation;
	status->desired = (uint32_t)r->table.wanted_count;
	status->present = counts.present;
	status->failed = counts.failed;
	status->stale = counts.stale;
	if (!r->table.failing && !r->table.unresolved)
		status->last_error[0] = '\0';
}
