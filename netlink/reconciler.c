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
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "netlink/reconciler_private.h"

#define ANSWER_SPACE           1536 /* of the receive buffer, for one answer with its overhead */
#define REQUEST_RECEIVE_BUFFER (4u << 20)
#define NOTIFY_RECEIVE_BUFFER  (32u << 20)
#define READ_PER_RUN           2048 /* from each socket: datagrams, a long one counted once per 512 bytes */
#define BATCHES_PER_RUN        1  /* some 7 ms with all their echoes; timers of the caller come between two */
#define KICK_GAP_MSEC          10 /* between early retries; plus 1 ms for every 10 failing objects */
#define MEMORY_RETRY_MSEC      1000
#define LOG_WINDOW_MSEC        1000
#define LOG_LINES_PER_WINDOW   8

/* --- words ------------------------------------------------------------------------------------ */

static uint64_t monotonic_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void reconciler_log(struct reconciler *r, enum reconciler_log_level level, const char *format, ...)
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
bool reconciler_log_allowed(struct reconciler *r, uint64_t now)
{
	if (now >= r->log_window_until) {
		if (r->log_suppressed)
			reconciler_log(r, RECONCILER_LOG_WARNING, "%u more lines like these left out",
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
	r->answers_until = now + RECONCILER_ANSWER_TIMEOUT_MSEC;
	if (!error)
		return;
	/* Not one of them was looked at. */
	refused.error = -error;
	for (size_t i = 0; i < r->flight_count; i++) {
		refused.seq = r->flight_seq + (uint32_t)i;
		reconciler_take_answer(r, &refused, now);
	}
}

/* Does the mode let the slot have its next step? */
static bool may_step(const struct reconciler *r, const struct netlink_slot *slot)
{
	switch (r->mode) {
	case RECONCILER_HOLD:
		return false;
	case RECONCILER_DRAIN:
		return !slot->wanted;
	case RECONCILER_ADJUST:
		return !slot->wanted || slot->entries;
	case RECONCILER_ENFORCE:
		break;
	}
	return true;
}

/* A batch in the making. */
struct batch {
	size_t length, count;
};

/* Put an operation into the batch. False when it is full. */
static bool batch_put(struct reconciler *r, struct batch *batch, struct netlink_slot *slot,
		      const struct netlink_op *op)
{
	size_t built = batch->count < r->batch_max
			       ? netlink_message_build(r->send_buffer + batch->length,
						       sizeof(r->send_buffer) - batch->length, op,
						       r->flight_seq + (uint32_t)batch->count)
			       : 0;

	if (!built)
		return false;
	r->flights[batch->count++] = (struct flight){.slot = slot, .op = *op};
	batch->length += built;
	return true;
}

/* The next step of a slot; of an address that changes its metric both, as it is missed in between. */
static bool batch_put_step(struct reconciler *r, struct batch *batch, struct netlink_slot *slot)
{
	struct batch before = *batch;
	struct netlink_op op = netlink_slot_next(slot), add = {NETLINK_OP_ADD, slot->target};
	bool swaps = op.type == NETLINK_OP_DELETE && slot->wanted && slot->key.kind == RECONCILER_ADDRESS;

	if (!batch_put(r, batch, slot, &op) || (swaps && !batch_put(r, batch, slot, &add))) {
		*batch = before;
		return false;
	}
	slot->busy = swaps ? 2 : 1;
	return true;
}

/* Send the next steps of the slots whose time has come. False: there are none. */
static bool send_batch(struct reconciler *r, uint64_t now)
{
	struct batch batch = {0};

	r->flight_seq = r->seq + 1;
	for (struct netlink_slot *slot = r->table.first; slot; slot = slot->next)
		if (!slot->busy && slot->not_before <= now && may_step(r, slot) &&
		    !batch_put_step(r, &batch, slot))
			break; /* full */
	if (!batch.count)
		return false;
	r->seq += (uint32_t)batch.count;
	r->flight_count = r->flights_open = batch.count;
	r->unsent = batch.length;
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
		if (r->mode == RECONCILER_ENFORCE && reconciler_log_allowed(r, now))
			reconciler_log(r, RECONCILER_LOG_WARNING, "%s: %s; will try again when that changes",
				       object, wanted->why);
		break;
	}
	if (r->mode == RECONCILER_ENFORCE && !r->enforced) {
		r->enforced = true;
		r->status.adopted = netlink_table_count(&r->table).present;
		if (r->status.adopted)
			reconciler_log(r, RECONCILER_LOG_INFO, "%llu objects of an earlier life adopted",
				       (unsigned long long)r->status.adopted);
	}
}

/* Do everything that can be done now, short of telling the caller. */
static void step(struct reconciler *r, uint64_t now)
{
	unsigned int notify_budget = READ_PER_RUN, request_budget = READ_PER_RUN;

	r->more = false;
	for (unsigned int batches = 0;;) {
		flush(r, now);
		reconciler_read(r, &r->notify, &notify_budget, now);
		reconciler_read(r, &r->request, &request_budget, now);
		if ((r->dumping || (r->flights_open && !r->unsent)) && now >= r->answers_until)
			reconciler_abandon(r, "the kernel's answers did not come");
		if (r->check_at && now >= r->check_at) {
			r->check_at = r->check_again_at;
			r->check_again_at = 0;
			reconciler_want_dump(r, "an interface went down");
		}
		if (r->dumping || r->flights_open)
			break;
		if (r->dump_wanted && now >= r->dump_not_before) {
			reconciler_dump_start(r, now);
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
		if (r->mode == RECONCILER_HOLD)
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
	if (r->loaded && r->mode != RECONCILER_HOLD && !r->dumping && !r->flights_open)
		for (const struct netlink_slot *slot = r->table.first; slot; slot = slot->next)
			if (may_step(r, slot))
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
		reconciler_use_no_ifa_proto(r);
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
	opened = netlink_socket_open(&r->notify, NETLINK_ROUTE, groups, sizeof(groups) / sizeof(groups[0]),
				     NOTIFY_RECEIVE_BUFFER) &&
		 netlink_socket_open(&r->request, NETLINK_ROUTE, NULL, 0, REQUEST_RECEIVE_BUFFER);
	privs(r, false);
	if (!opened) {
		int error = errno;

		reconciler_free(r);
		errno = error;
		return NULL;
	}
	r->batch_max = r->request.receive_buffer / ANSWER_SPACE;
	r->batch_max = r->batch_max > RECONCILER_BATCH_MAX ? RECONCILER_BATCH_MAX
		       : r->batch_max < 2                  ? 2 /* an address and its successor */
							   : r->batch_max;
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

uint64_t reconciler_applied(const struct reconciler *r)
{
	return r->applied_generation;
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
