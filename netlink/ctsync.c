/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See ctsync.h. What is wanted of an entry is in its flags; the two queues say where to look. */
#include "netlink/ctsync.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <string.h>

#define TRIES_MAX   4
#define FLOW_TO_PUT (FLOW_PUT_MACRO | FLOW_PUT_STATE)
#define FLOW_TO_DO  (FLOW_WRITE | FLOW_REFRESH | FLOW_LOOK | FLOW_REPLACE)

bool ctsync_init(struct ctsync *ctsync, const struct ctsync_ops *ops, uint32_t status, bool hot)
{
	*ctsync = (struct ctsync){
		.table = flow_table_new(),
		.ops = *ops,
		.status = status,
		.hot = hot,
		.dump_wanted = CTSYNC_DUMP_START,
	};
	return ctsync->table != NULL;
}

void ctsync_clear(struct ctsync *ctsync)
{
	flow_table_free(ctsync->table);
	ctsync->table = NULL;
}

static struct flow_entry *at(struct ctsync *ctsync, uint32_t number)
{
	return flow_table_at(ctsync->table, number);
}

static void want_put(struct ctsync *ctsync, uint32_t number, uint16_t what)
{
	at(ctsync, number)->flags |= what;
	flow_queue_push(ctsync->table, FLOW_QUEUE_PUT, number);
}

static void want_write(struct ctsync *ctsync, uint32_t number, uint16_t what)
{
	at(ctsync, number)->flags |= what;
	flow_queue_push(ctsync->table, FLOW_QUEUE_WRITE, number);
}

/* An entry that has ended goes when no queue leads to it any more. */
static void settle(struct ctsync *ctsync, uint32_t number)
{
	const struct flow_entry *entry = at(ctsync, number);

	if ((entry->flags & FLOW_ENDED) && !entry->queued[FLOW_QUEUE_PUT] && !entry->queued[FLOW_QUEUE_WRITE])
		flow_table_remove(ctsync->table, number);
}

/* Its number, or FLOW_NONE when it is not known; *other: another flow has its call id. */
static uint32_t find(struct ctsync *ctsync, const struct flow *flow, uint64_t *call_id, bool *other)
{
	uint32_t number;

	*call_id = flow_call_id(&flow->key);
	number = flow_table_find(ctsync->table, *call_id);
	*other = number != FLOW_NONE &&
		 memcmp(&at(ctsync, number)->flow.key, &flow->key, sizeof(flow->key)) != 0;
	ctsync->stats.collisions += *other;
	return number;
}

/* --- the kernel said ----------------------------------------------------------------------- */

/* Flows that begin or end on this host are its own business, and end with it. */
static bool is_carried(const struct ctsync *ctsync, const struct flow *flow)
{
	return (flow->status & ctsync->status) &&
	       !ctsync->ops.is_local(ctsync->ops.arg, flow->key.family, flow->key.orig.src) &&
	       !ctsync->ops.is_local(ctsync->ops.arg, flow->key.family, flow->reply.src);
}

static void end_flow(struct ctsync *ctsync, uint32_t number)
{
	struct flow_entry *entry = at(ctsync, number);

	entry->flags &= (uint16_t) ~(FLOW_TO_PUT | FLOW_TO_DO | FLOW_IN_KERNEL | FLOW_STALE);
	want_put(ctsync, number, FLOW_ENDED);
}

/* The event has no part of the protocol: what is known of it stays. */
static void complete_flow(struct flow *flow, const struct flow *known)
{
	if (known) {
		flow->state = known->state;
		flow->timeout = known->timeout;
		memcpy(flow->wscale, known->wscale, sizeof(flow->wscale));
		memcpy(flow->tcp_flags, known->tcp_flags, sizeof(flow->tcp_flags));
		memcpy(flow->vtag, known->vtag, sizeof(flow->vtag));
	} else if (flow->key.proto == IPPROTO_TCP) {
		flow->state = TCP_CONNTRACK_ESTABLISHED;
	}
}

/* The kernel has this flow: make it known, here and to srpd. */
static void take_flow(struct ctsync *ctsync, const struct conntrack_event *event)
{
	struct flow flow = event->flow;
	bool other, has_more = flow.key.proto == IPPROTO_TCP || flow.key.proto == IPPROTO_SCTP;
	struct flow_entry *entry = NULL;
	uint64_t call_id;
	uint32_t number;

	if (!is_carried(ctsync, &flow))
		return;
	number = find(ctsync, &flow, &call_id, &other);
	if (other)
		return;
	ctsync->stats.events++;
	if (number != FLOW_NONE)
		entry = at(ctsync, number);
	if (has_more && !event->has_protoinfo)
		complete_flow(&flow, entry ? &entry->flow : NULL);
	if (flow_is_over(&flow)) {
		if (entry)
			end_flow(ctsync, number);
		return;
	}
	if (!entry) {
		number = flow_table_add(ctsync->table, call_id, &flow);
		if (number == FLOW_NONE)
			return;
		at(ctsync, number)->flags = FLOW_IN_KERNEL;
		want_put(ctsync, number, FLOW_PUT_MACRO);
		return;
	}
	/* Of one that has followed until now the timeout says nothing. */
	if (event->timeout >= CTSYNC_TIMEOUT_LEAST)
		flow.timeout = entry->flow.timeout;
	if ((entry->flags & FLOW_ENDED) || !flow_same_but_state(&flow, &entry->flow))
		want_put(ctsync, number, FLOW_PUT_MACRO);
	else if (flow.state != entry->flow.state)
		want_put(ctsync, number, FLOW_PUT_STATE);
	entry->flow = flow;
	/* It is what it is: nothing of ours is to be written over it. */
	entry->flags &= (uint16_t) ~(FLOW_TO_DO | FLOW_STALE | FLOW_ENDED);
	entry->flags |= FLOW_IN_KERNEL;
}

/*
 * One that follows went from the kernel without our doing. A packet that came by gave it the timeout that a live flow
 * has (on a chassis that has just handed over they do), or somebody has flushed the table: it is still to be there.
 */
static void restore_flow(struct ctsync *ctsync, uint32_t number)
{
	struct flow_entry *entry = at(ctsync, number);

	if (!(entry->flags & FLOW_IN_KERNEL) || (entry->flags & FLOW_ENDED))
		return;
	entry->flags &= (uint16_t)~FLOW_IN_KERNEL;
	want_write(ctsync, number, FLOW_WRITE);
}

void ctsync_event(struct ctsync *ctsync, const struct conntrack_event *event)
{
	uint64_t call_id;
	uint32_t number;
	bool other;

	if (event->type == CONNTRACK_FLOW && ctsync->serves)
		take_flow(ctsync, event);
	if (event->type != CONNTRACK_GONE)
		return;
	number = find(ctsync, &event->flow, &call_id, &other);
	if (number == FLOW_NONE || other)
		return;
	ctsync->stats.events++;
	if (ctsync->serves)
		end_flow(ctsync, number);
	else
		restore_flow(ctsync, number);
}

void ctsync_events_lost(struct ctsync *ctsync)
{
	ctsync->drained = false;
	if (!ctsync->serves)
		ctsync_renew(ctsync);
	else if (ctsync->dump_wanted == CTSYNC_DUMP_NONE)
		ctsync->dump_wanted = CTSYNC_DUMP_RESYNC;
}

void ctsync_events_drained(struct ctsync *ctsync)
{
	ctsync->drained = true;
}

static void mark_stale(struct ctsync *ctsync)
{
	FOR_FLOWS(ctsync->table, number)
		at(ctsync, number)->flags |= FLOW_STALE;
}

enum ctsync_dump ctsync_dump_begin(struct ctsync *ctsync)
{
	if (ctsync->dump != CTSYNC_DUMP_NONE || ctsync->dump_wanted == CTSYNC_DUMP_NONE)
		return CTSYNC_DUMP_NONE;
	ctsync->dump = ctsync->dump_wanted;
	ctsync->dump_wanted = CTSYNC_DUMP_NONE;
	ctsync->stats.dumps++;
	if (ctsync->dump != CTSYNC_DUMP_START)
		mark_stale(ctsync);
	return ctsync->dump;
}

/* Of an earlier run of ours, or live: which of the two is what the timeout says. */
static void take_from_before(struct ctsync *ctsync, const struct conntrack_event *event)
{
	uint64_t call_id;
	uint32_t number;
	bool other;

	if (event->timeout < CTSYNC_TIMEOUT_LEAST) {
		ctsync->found += is_carried(ctsync, &event->flow);
		return;
	}
	number = find(ctsync, &event->flow, &call_id, &other);
	if (number == FLOW_NONE)
		number = flow_table_add(ctsync->table, call_id, &event->flow);
	if (number != FLOW_NONE && !other)
		at(ctsync, number)->flags = FLOW_IN_KERNEL;
}

void ctsync_dumped(struct ctsync *ctsync, const struct conntrack_event *event)
{
	uint64_t call_id;
	uint32_t number;
	bool other;

	if (event->type != CONNTRACK_FLOW)
		return;
	if (ctsync->dump == CTSYNC_DUMP_START) {
		take_from_before(ctsync, event);
		return;
	}
	if (!ctsync->serves)
		return;
	if (event->timeout < CTSYNC_TIMEOUT_LEAST) {
		take_flow(ctsync, event);
		return;
	}
	number = find(ctsync, &event->flow, &call_id, &other);
	if (other)
		return;
	/* It has followed until now, and no packet has come since. */
	if (number == FLOW_NONE) {
		number = flow_table_add(ctsync->table, call_id, &event->flow);
		if (number == FLOW_NONE)
			return;
		/* Nobody has told of it: it is over. */
		at(ctsync, number)->flags = FLOW_IN_KERNEL;
		want_write(ctsync, number, FLOW_ENDED);
		return;
	}
	at(ctsync, number)->flags &= (uint16_t)~FLOW_STALE;
	at(ctsync, number)->flags |= FLOW_IN_KERNEL;
	want_write(ctsync, number, FLOW_REFRESH);
}

void ctsync_dump_end(struct ctsync *ctsync, bool whole)
{
	enum ctsync_dump dump = ctsync->dump;

	ctsync->dump = CTSYNC_DUMP_NONE;
	if (!whole) {
		if (ctsync->dump_wanted == CTSYNC_DUMP_NONE)
			ctsync->dump_wanted = dump;
		return;
	}
	if (dump == CTSYNC_DUMP_START || !ctsync->serves)
		return;
	FOR_FLOWS(ctsync->table, number) {
		struct flow_entry *entry = at(ctsync, number);

		if (!(entry->flags & FLOW_STALE))
			continue;
		entry->flags &= (uint16_t)~FLOW_STALE;
		if (entry->flags & FLOW_ENDED)
			continue;
		/* A dump may miss one while the kernel's table grows: ask before it is given up, or written again. */
		want_write(ctsync, number, dump == CTSYNC_DUMP_TAKEN ? FLOW_LOOK | FLOW_OURS : FLOW_LOOK);
	}
}

/* --- srpd said ----------------------------------------------------------------------------- */

/* What this chassis has is the other one's now. */
static void follow(struct ctsync *ctsync)
{
	while (flow_queue_first(ctsync->table, FLOW_QUEUE_PUT) != FLOW_NONE) {
		uint32_t number = flow_queue_first(ctsync->table, FLOW_QUEUE_PUT);

		flow_queue_pop(ctsync->table, FLOW_QUEUE_PUT);
		at(ctsync, number)->flags &= (uint16_t)~FLOW_TO_PUT;
		settle(ctsync, number);
	}
	if (!ctsync->hot) {
		flow_table_clear(ctsync->table);
		return;
	}
	FOR_FLOWS(ctsync->table, number) {
		struct flow_entry *entry = at(ctsync, number);

		entry->flags &= (uint16_t) ~(FLOW_REFRESH | FLOW_LOOK | FLOW_STALE);
		if (!(entry->flags & FLOW_ENDED))
			want_write(ctsync, number, FLOW_WRITE);
	}
}

void ctsync_set_serves(struct ctsync *ctsync, bool serves)
{
	if (ctsync->serves == serves)
		return;
	ctsync->serves = serves;
	ctsync->all_sent_due = ctsync->flush_due = false;
	if (ctsync->dump_wanted != CTSYNC_DUMP_START)
		ctsync->dump_wanted = CTSYNC_DUMP_NONE;
	if (!serves)
		follow(ctsync);
}

bool ctsync_record(struct ctsync *ctsync, uint64_t call_id, const void *macro, size_t len, const void *state,
		   size_t state_len)
{
	struct flow_entry *entry;
	struct flow flow;
	uint32_t number;

	if (!flow_decode(macro, len, &flow) || flow_call_id(&flow.key) != call_id ||
	    (state && !flow_decode_state(state, state_len, &flow))) {
		ctsync->stats.malformed++;
		return false;
	}
	number = flow_table_find(ctsync->table, call_id);
	if (number == FLOW_NONE) {
		number = flow_table_add(ctsync->table, call_id, &flow);
		if (number == FLOW_NONE)
			return false;
		want_write(ctsync, number, FLOW_WRITE);
		return true;
	}
	entry = at(ctsync, number);
	entry->tries = 0;
	if (!(entry->flags & FLOW_IN_KERNEL) || (entry->flags & FLOW_ENDED) ||
	    entry->flow.state != flow.state || !flow_same_but_state(&entry->flow, &flow))
		want_write(ctsync, number, FLOW_WRITE);
	if ((entry->flags & FLOW_IN_KERNEL) &&
	    memcmp(&entry->flow.reply, &flow.reply, sizeof(flow.reply)) != 0)
		want_write(ctsync, number, FLOW_REPLACE);
	entry->flags &= (uint16_t) ~(FLOW_STALE | FLOW_ENDED);
	entry->flow = flow;
	return true;
}

bool ctsync_record_state(struct ctsync *ctsync, uint64_t call_id, const void *state, size_t len)
{
	uint32_t number = flow_table_find(ctsync->table, call_id);

	if (number == FLOW_NONE)
		return false;
	if (!flow_decode_state(state, len, &at(ctsync, number)->flow)) {
		ctsync->stats.malformed++;
		return false;
	}
	want_write(ctsync, number, FLOW_WRITE);
	return true;
}

static void end_record(struct ctsync *ctsync, uint32_t number)
{
	at(ctsync, number)->flags &= (uint16_t) ~(FLOW_TO_DO | FLOW_STALE);
	want_write(ctsync, number, FLOW_ENDED);
}

void ctsync_gone(struct ctsync *ctsync, uint64_t call_id)
{
	uint32_t number = flow_table_find(ctsync->table, call_id);

	if (number != FLOW_NONE)
		end_record(ctsync, number);
}

void ctsync_all_come(struct ctsync *ctsync)
{
	mark_stale(ctsync);
}

void ctsync_all_came(struct ctsync *ctsync)
{
	FOR_FLOWS(ctsync->table, number)
		if (at(ctsync, number)->flags & FLOW_STALE)
			end_record(ctsync, number);
}

void ctsync_restored(struct ctsync *ctsync)
{
	/* The kernel may have flows that nobody has told of, from the packets that were first here. */
	ctsync->dump_wanted = CTSYNC_DUMP_TAKEN;
}

void ctsync_send_all(struct ctsync *ctsync)
{
	FOR_FLOWS(ctsync->table, number)
		if (!(at(ctsync, number)->flags & FLOW_ENDED))
			want_put(ctsync, number, FLOW_PUT_MACRO);
	ctsync->dump_wanted = CTSYNC_DUMP_RESYNC;
	ctsync->all_sent_due = true;
}

void ctsync_send_one(struct ctsync *ctsync, uint64_t call_id)
{
	uint32_t number = flow_table_find(ctsync->table, call_id);

	if (number != FLOW_NONE && ctsync->serves && !(at(ctsync, number)->flags & FLOW_ENDED))
		want_put(ctsync, number, FLOW_PUT_MACRO);
}

void ctsync_flush(struct ctsync *ctsync, uint32_t order)
{
	ctsync->flush_order = order;
	ctsync->flush_due = true;
	ctsync->drained = false;
}

/* --- to srpd ------------------------------------------------------------------------------- */

static bool put_one(struct ctsync *ctsync, uint32_t number)
{
	struct flow_entry *entry = at(ctsync, number);
	const struct ctsync_ops *ops = &ctsync->ops;
	bool done = true;

	if (entry->flags & FLOW_ENDED) {
		done = ops->put_end(ops->arg, entry->call_id);
		ctsync->stats.ends += done;
	} else if (entry->flags & FLOW_PUT_MACRO) {
		done = ops->put(ops->arg, entry->call_id, &entry->flow);
		ctsync->stats.puts += done;
	} else if (entry->flags & FLOW_PUT_STATE) {
		done = ops->put_state(ops->arg, entry->call_id, &entry->flow);
		ctsync->stats.puts += done;
	}
	if (done)
		entry->flags &= (uint16_t)~FLOW_TO_PUT;
	return done;
}

bool ctsync_put_some(struct ctsync *ctsync, unsigned int max)
{
	const struct ctsync_ops *ops = &ctsync->ops;
	uint32_t number;

	if (!ctsync->serves)
		return false;
	while ((number = flow_queue_first(ctsync->table, FLOW_QUEUE_PUT)) != FLOW_NONE) {
		if (!max-- || !put_one(ctsync, number))
			return true;
		flow_queue_pop(ctsync->table, FLOW_QUEUE_PUT);
		settle(ctsync, number);
	}
	if (ctsync->dump != CTSYNC_DUMP_NONE || ctsync->dump_wanted != CTSYNC_DUMP_NONE)
		return false;
	if (ctsync->all_sent_due && ops->all_sent(ops->arg))
		ctsync->all_sent_due = false;
	if (ctsync->flush_due && ctsync->drained && ops->flushed(ops->arg, ctsync->flush_order))
		ctsync->flush_due = false;
	return false;
}

/* --- to the kernel ------------------------------------------------------------------------- */

static uint32_t timeout_of(const struct ctsync *ctsync, const struct flow *flow)
{
	if (!ctsync->serves)
		return CTSYNC_TIMEOUT_FOLLOWS;
	/* One whose timeout nobody has told (it has been there since before) is given a day. */
	if (!flow->timeout || flow->timeout >= CTSYNC_TIMEOUT_LEAST)
		return CTSYNC_RENEW;
	return flow->timeout;
}

static size_t add_request(struct ctsync *ctsync, void *buf, uint32_t number, enum conntrack_request request)
{
	const struct flow *flow = &at(ctsync, number)->flow;
	uint32_t timeout = timeout_of(ctsync, flow);
	unsigned int index = ctsync->batch_count++;

	ctsync->batch[index].number = number;
	ctsync->batch[index].timeout = timeout;
	ctsync->batch[index].request = request;
	ctsync->batch[index].error = 0;
	return conntrack_build(buf, request, flow, timeout, ctsync->seq + index);
}

/* The requests for one entry: one, or two. */
static size_t add_requests(struct ctsync *ctsync, uint8_t *buf, uint32_t number)
{
	struct flow_entry *entry = at(ctsync, number);
	uint16_t flags = entry->flags;
	size_t len;

	entry->flags &= (uint16_t)~FLOW_TO_DO;
	if (flags & FLOW_ENDED)
		return flags & FLOW_IN_KERNEL ? add_request(ctsync, buf, number, CONNTRACK_DELETE) : 0;
	if (flags & FLOW_REPLACE) {
		entry->flags &= (uint16_t)~FLOW_IN_KERNEL;
		len = add_request(ctsync, buf, number, CONNTRACK_DELETE);
		return len + add_request(ctsync, buf + len, number, CONNTRACK_CREATE);
	}
	if (flags & FLOW_LOOK)
		return add_request(ctsync, buf, number, CONNTRACK_GET);
	if (flags & FLOW_WRITE)
		return add_request(ctsync, buf, number,
				   flags & FLOW_IN_KERNEL ? CONNTRACK_UPDATE : CONNTRACK_CREATE);
	if (flags & FLOW_REFRESH)
		return add_request(ctsync, buf, number, CONNTRACK_REFRESH);
	return 0;
}

size_t ctsync_fill(struct ctsync *ctsync, void *buf, size_t size)
{
	size_t len = 0;
	uint32_t number;

	while (len + 2 * CONNTRACK_REQUEST_MAX <= size && ctsync->batch_count + 2 <= CTSYNC_BATCH &&
	       (number = flow_queue_first(ctsync->table, FLOW_QUEUE_WRITE)) != FLOW_NONE) {
		unsigned int before = ctsync->batch_count;

		flow_queue_pop(ctsync->table, FLOW_QUEUE_WRITE);
		len += add_requests(ctsync, (uint8_t *)buf + len, number);
		if (ctsync->batch_count == before)
			settle(ctsync, number);
	}
	return len;
}

/* There is one with this key. Is it this flow, as it passes the wire? */
static void compare(struct ctsync *ctsync, uint32_t number, const struct conntrack_event *event)
{
	struct flow_entry *entry = at(ctsync, number);
	const struct flow *there = &event->flow;
	bool same, ours;

	if (entry->flags & FLOW_ENDED)
		return;
	same = memcmp(&there->reply, &entry->flow.reply, sizeof(there->reply)) == 0;
	ours = entry->flags & FLOW_OURS;
	entry->flags &= (uint16_t)~FLOW_OURS;
	entry->flags |= FLOW_IN_KERNEL;
	/* What a live chassis has is right, but for a flow that it has taken over and that has other NAT here. */
	if (ctsync->serves && (same || !ours)) {
		if (event->timeout < CTSYNC_TIMEOUT_LEAST)
			take_flow(ctsync, event);
		else
			want_write(ctsync, number, FLOW_REFRESH);
	} else {
		want_write(ctsync, number, same ? FLOW_WRITE : FLOW_REPLACE);
	}
}

void ctsync_answer(struct ctsync *ctsync, const struct conntrack_event *event)
{
	uint32_t index = event->seq - ctsync->seq;

	if (index >= ctsync->batch_count)
		return;
	if (event->type == CONNTRACK_FLOW && ctsync->batch[index].request == CONNTRACK_GET)
		compare(ctsync, ctsync->batch[index].number, event);
	if (event->type == CONNTRACK_ANSWER)
		ctsync->batch[index].error = event->error;
}

static void retry(struct ctsync *ctsync, uint32_t number, uint16_t what)
{
	struct flow_entry *entry = at(ctsync, number);

	/* Others write to the table, too: that ends some day. */
	if (entry->tries++ < TRIES_MAX)
		want_write(ctsync, number, what);
}

static void note_failure(struct ctsync *ctsync, int error)
{
	ctsync->stats.failed++;
	ctsync->stats.last_error = error;
}

static void finish(struct ctsync *ctsync, uint32_t number, enum conntrack_request request, int error)
{
	struct flow_entry *entry = at(ctsync, number);

	switch (request) {
	case CONNTRACK_CREATE:
		ctsync->stats.created += !error;
		if (!error)
			entry->flags |= FLOW_IN_KERNEL;
		else if (error == EEXIST)
			retry(ctsync, number, FLOW_LOOK | FLOW_OURS);
		else
			note_failure(ctsync, error);
		break;
	case CONNTRACK_UPDATE:
	case CONNTRACK_REFRESH:
		ctsync->stats.updated += !error;
		if (error == ENOENT) {
			entry->flags &= (uint16_t)~FLOW_IN_KERNEL;
			retry(ctsync, number, FLOW_WRITE);
		} else if (error) {
			note_failure(ctsync, error);
		}
		break;
	case CONNTRACK_GET:
		if (error != ENOENT)
			break;
		entry->flags &= (uint16_t)~FLOW_IN_KERNEL;
		/* Events were lost, among them that of its end; or it went after it was in our way. */
		if (ctsync->serves && !(entry->flags & FLOW_OURS))
			end_flow(ctsync, number);
		else
			retry(ctsync, number, FLOW_WRITE);
		entry->flags &= (uint16_t)~FLOW_OURS;
		break;
	case CONNTRACK_DELETE:
		ctsync->stats.deleted += !error;
		if (error && error != ENOENT)
			note_failure(ctsync, error);
		break;
	}
	if (request != CONNTRACK_GET && !error)
		entry->tries = 0;
}

void ctsync_written(struct ctsync *ctsync)
{
	for (unsigned int i = 0; i < ctsync->batch_count; i++)
		finish(ctsync, ctsync->batch[i].number, ctsync->batch[i].request, ctsync->batch[i].error);
	/* An entry with two requests goes once. */
	for (unsigned int i = 0; i < ctsync->batch_count; i++)
		if (i + 1 == ctsync->batch_count || ctsync->batch[i + 1].number != ctsync->batch[i].number)
			settle(ctsync, ctsync->batch[i].number);
	ctsync->seq += ctsync->batch_count;
	ctsync->batch_count = 0;
}

void ctsync_renew(struct ctsync *ctsync)
{
	if (ctsync->serves || !ctsync->hot)
		return;
	FOR_FLOWS(ctsync->table, number)
		if (!(at(ctsync, number)->flags & FLOW_ENDED))
			want_write(ctsync, number, FLOW_LOOK);
}
