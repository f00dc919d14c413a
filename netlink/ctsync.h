/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srp-ctsync's decisions: between the kernel's connection tracking on one side and srpd's sessions on the other. Without
 * I/O and without a clock: what comes is told, what is to be done is asked for.
 *
 *     serves      kernel ── events, dump ──► table ── put ──► srpd ──► the other chassis
 *     follows     kernel ◄── requests ── table ◄── records ── srpd ◄── the other chassis
 *
 * A chassis that follows (hot) has every flow in its kernel before it takes over, with a timeout that outlasts what it
 * cannot see; taking over, it gives each the timeout that the flow had. One that does not is given the flows then.
 */
#ifndef SRP_NETLINK_CTSYNC_H
#define SRP_NETLINK_CTSYNC_H

#include "netlink/conntrack.h"
#include "netlink/flow_table.h"

/* s. No timeout of the kernel's own is longer than 5 days by default: what has more is an entry that follows. */
#define CTSYNC_TIMEOUT_FOLLOWS 1728000u /* 20 days, within what a kernel of HZ=1000 can count */
#define CTSYNC_TIMEOUT_LEAST   1296000u
#define CTSYNC_RENEW           86400u

#define CTSYNC_BATCH           128 /* requests at a time */

/* Why flows are read from the kernel. */
enum ctsync_dump {
	CTSYNC_DUMP_NONE,
	CTSYNC_DUMP_START,  /* what is there from before */
	CTSYNC_DUMP_TAKEN,  /* this chassis has taken over: what is missing is written again */
	CTSYNC_DUMP_RESYNC, /* events were lost: what is missing has ended */
};

/* Checkpoints: false when srpd takes no more now. */
struct ctsync_ops {
	bool (*put)(void *arg, uint64_t call_id, const struct flow *flow);
	bool (*put_state)(void *arg, uint64_t call_id, const struct flow *flow);
	bool (*put_end)(void *arg, uint64_t call_id);
	bool (*all_sent)(void *arg);
	bool (*flushed)(void *arg, uint32_t order);
	/* Is this an address of the host? Flows that begin or end here are not carried. */
	bool (*is_local)(void *arg, uint8_t family, const uint8_t *addr);
	void *arg;
};

struct ctsync_stats {
	uint64_t events;     /* of flows that are carried */
	uint64_t puts, ends; /* checkpoints */
	uint64_t created, updated, deleted;
	uint64_t failed;     /* requests that the kernel refused */
	int last_error;      /* of them, errno */
	uint64_t collisions; /* flows that share their call id with another, and are not carried */
	uint64_t refused;    /* by srpd */
	uint64_t malformed;  /* records */
	uint64_t dumps;
};

struct ctsync {
	struct flow_table *table;
	struct ctsync_ops ops;
	uint32_t status; /* bits of which a flow has one to be carried (IPS_ASSURED, ...) */
	bool hot;

	bool serves;
	bool drained; /* of events, since the order to flush */
	bool all_sent_due, flush_due;
	uint32_t flush_order;
	enum ctsync_dump dump, dump_wanted;
	uint64_t found; /* by the first dump: flows that are live here */

	uint32_t seq; /* of the first request of the batch */
	struct {
		uint32_t number, timeout;
		enum conntrack_request request;
		int error;
	} batch[CTSYNC_BATCH];
	unsigned int batch_count;

	struct ctsync_stats stats;
};

/* False: no memory. */
bool ctsync_init(struct ctsync *ctsync, const struct ctsync_ops *ops, uint32_t status, bool hot);
void ctsync_clear(struct ctsync *ctsync);

/* --- srpd said ----------------------------------------------------------------------------- */

void ctsync_set_serves(struct ctsync *ctsync, bool serves);
/* False: it cannot be used. `state`: FLOW_CMD_STATE of the record, NULL when it has none. */
bool ctsync_record(struct ctsync *ctsync, uint64_t call_id, const void *macro, size_t len, const void *state,
		   size_t state_len);
bool ctsync_record_state(struct ctsync *ctsync, uint64_t call_id, const void *state, size_t len);
void ctsync_gone(struct ctsync *ctsync, uint64_t call_id);
void ctsync_all_come(struct ctsync *ctsync);
void ctsync_all_came(struct ctsync *ctsync);
void ctsync_restored(struct ctsync *ctsync);
void ctsync_send_all(struct ctsync *ctsync);
void ctsync_send_one(struct ctsync *ctsync, uint64_t call_id);
void ctsync_flush(struct ctsync *ctsync, uint32_t order);

/* --- the kernel said ----------------------------------------------------------------------- */

void ctsync_event(struct ctsync *ctsync, const struct conntrack_event *event);
void ctsync_events_lost(struct ctsync *ctsync);
void ctsync_events_drained(struct ctsync *ctsync); /* there are no more now */

/* Is a dump to be made? It begins when this is called; all of it is to be told, and its end. */
enum ctsync_dump ctsync_dump_begin(struct ctsync *ctsync);
void ctsync_dumped(struct ctsync *ctsync, const struct conntrack_event *event);
void ctsync_dump_end(struct ctsync *ctsync, bool whole);

/* --- what is to be done -------------------------------------------------------------------- */

/* Put to srpd what waits, as far as it takes it, at most `max` flows. True: there is more. */
bool ctsync_put_some(struct ctsync *ctsync, unsigned int max);

/*
 * Requests for the kernel, in one buffer of at least 2 * CONNTRACK_REQUEST_MAX bytes (aligned to 4). 0: there are none.
 * What the kernel answers goes to ctsync_answer(), and then, it has all answered, ctsync_written() is to be called.
 */
size_t ctsync_fill(struct ctsync *ctsync, void *buf, size_t size);
void ctsync_answer(struct ctsync *ctsync, const struct conntrack_event *event);
void ctsync_written(struct ctsync *ctsync);

/* Give all entries that follow their timeout again: to be called once in CTSYNC_RENEW seconds. */
void ctsync_renew(struct ctsync *ctsync);

#endif
