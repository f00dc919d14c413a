/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store's changes, on their way to one consumer: the peer, or a session manager that follows along.
 *
 * What waits is records, not updates: a record that changes again while it waits is sent once, as it is then. So a
 * slow consumer makes lag, never growth, and what is sent is never older than what was sent before. The first
 * change that a record has not sent orders the queue; so "everything up to change N is sent" is a number,
 *
 *     DIRTY ── srp_feed_fill(): a batch ──► SENT ── srp_feed_ack() ──► not listed
 *       ▲                                    │
 *       └──── the next change, or the connection broke: srp_feed_resume()
 *
 * and srp_feed_acked() is what a session manager is told. Sessions younger than the configured duration wait in a
 * wheel (seed, "checkpoint session duration").
 *
 * A synchronisation is a walk in hash order beside it: everything (to an empty consumer), or bucket by bucket a
 * digest first, and the records of the buckets that differ (an audit is the same). A bucket's own changes are sent
 * before its digest is, so that with a consumer that has taken all that came before it can only differ for cause.
 *
 * No clock: `now` is in seconds and must not go backwards. One thread at a time.
 */
#ifndef SRP_FEED_H
#define SRP_FEED_H

#include "checkpoint/store.h"

#define SRP_FEED_WINDOW    64                   /* batches that wait for their acknowledgement */
#define SRP_FEED_BATCH_MIN (SRP_OP_MAX + 4096u) /* least size of a buffer to fill, bytes */
#define SRP_RECORD_WHOLE   0x02u                /* flag of a record: send it whole */

enum srp_walk_kind {
	SRP_WALK_NONE,
	SRP_WALK_WHOLE,   /* everything; the consumer has nothing */
	SRP_WALK_COMPARE, /* digests, and what differs; the consumer has something */
	SRP_WALK_AUDIT,   /* the same with one that is in step */
	SRP_WALK_REFRESH, /* everything once more, as it is (periodic macro checkpoints) */
};

struct srp_feed_stats {
	uint64_t macros, micros, deletes, digests; /* ops sent */
	uint64_t batches, bytes;                   /* and in what, bytes before compression */
	uint64_t resends;                          /* whole records for a connection that broke, or a NACK */
	uint64_t repairs;                          /* buckets that differed */
	uint64_t walks, audits;                    /* that were completed */
};

struct srp_feed {
	struct srp_store *store;
	bool tracking;    /* there is a consumer, or one that may come back */
	uint64_t version; /* number of the last change */
	uint64_t acked;   /* everything up to here was acknowledged with a batch */
	uint64_t hold;    /* after a start: nothing is acknowledged before all up to here was sent */
	uint32_t seq, acked_seq;
	uint32_t doubt_from, doubt_to; /* batches that were lost, perhaps */
	uint32_t resumed_from;         /* where the consumer stood when it came back last */
	uint16_t epoch;
	struct srp_feed_batch {
		uint64_t boundary;
		uint32_t bytes;
	} window[SRP_FEED_WINDOW];
	uint64_t bytes_sent; /* and not acknowledged */

	uint32_t duration[2];          /* of non-ims and ims sessions, s */
	uint32_t wheel_step, wheel_at; /* s of a slot; the last one looked at, in steps */

	enum srp_walk_kind walk;
	uint64_t position; /* hash; of a compare: of the next bucket */
	uint8_t bits;
	bool walked;         /* the end was reached; the last answers are awaited */
	bool done_due;       /* and DONE is to be sent, after what waited when it began */
	uint32_t done_seq;   /* the batch it was last sent in */
	bool complete;       /* one of this start was acknowledged; an audit later on changes nothing in it */
	uint32_t walk_seq;   /* last batch with something of the walk */
	uint64_t *differing; /* a bit for each bucket to repair */
	uint32_t differ_count;
	uint32_t repair_next; /* where the search goes on */
	bool repairing;       /* inside a bracket */
	uint32_t repair_bucket;
	uint64_t repair_position;

	struct srp_feed_stats stats;
};

void srp_feed_init(struct srp_feed *feed, struct srp_store *store, uint32_t now);
void srp_feed_clear(struct srp_feed *feed); /* frees its memory; the store is left */

/* checkpoint session duration, s, each 0..65535. */
void srp_feed_set_duration(struct srp_feed *feed, uint32_t now, uint32_t ims, uint32_t non_ims);

/* A change: put it into the store and queue it. MACRO, MICRO (CMD-ID 1 deletes) and DELETE. */
enum srp_store_result srp_feed_put(struct srp_feed *feed, uint32_t now, const struct srp_op *op);
/* The record was changed in the store already. `whole`: more than its fields that are dirty. */
void srp_feed_mark(struct srp_feed *feed, struct srp_record *record, bool whole);
/* It is to go: it is out of the store, or a tombstone, afterwards. */
void srp_feed_bury(struct srp_feed *feed, struct srp_record *record);

/*
 * Begin with a consumer that has nothing (WHOLE) or something (COMPARE). Its batches are numbered from `seq` + 1, where
 * srp_feed.seq stands. False: memory is out, and there is no consumer.
 */
bool srp_feed_start(struct srp_feed *feed, uint32_t now, enum srp_walk_kind kind);
/* After srp_feed_start(WHOLE): records changed since `touched`, s, come before the others. O(records). */
void srp_feed_put_first(struct srp_feed *feed, uint32_t touched);
/* A change that came from the consumer itself: it is not told. */
enum srp_store_result srp_feed_put_known(struct srp_feed *feed, uint32_t now, const struct srp_op *op);
/* Walk beside what goes on: AUDIT or REFRESH. False while there is another walk, or no consumer. */
bool srp_feed_begin_walk(struct srp_feed *feed, enum srp_walk_kind kind);
/* A consumer that has applied the batches up to `seq`, of those after srp_feed_start(), is back. False: start anew. */
bool srp_feed_resume(struct srp_feed *feed, uint32_t seq);
/* No consumer any more, and none will come back: nothing is kept for one. */
void srp_feed_stop(struct srp_feed *feed);

/* There is something to send, and room in the window. */
bool srp_feed_ready(const struct srp_feed *feed);
/* The next batch, srp_feed.seq, of at most `size` >= SRP_FEED_BATCH_MIN bytes. 0: there is none. */
size_t srp_feed_fill(struct srp_feed *feed, uint32_t now, uint8_t *buf, size_t size);
/* The consumer has applied all batches up to this one. False: it cannot have. */
bool srp_feed_ack(struct srp_feed *feed, uint32_t seq);
/* All changes up to this number are at the consumer, or were undone before they were sent. */
uint64_t srp_feed_acked(const struct srp_feed *feed);
/* The consumer's bucket differs. False: nobody asked. */
bool srp_feed_differ(struct srp_feed *feed, uint8_t bits, uint32_t bucket);

/* Once a second: sessions that have become old enough. */
void srp_feed_tick(struct srp_feed *feed, uint32_t now);
/* A hand-over: even the young ones are sent. */
void srp_feed_mature_all(struct srp_feed *feed);

/* The consumer has been told that it has everything, and has acknowledged that. */
bool srp_feed_is_complete(const struct srp_feed *feed);
/* Everything was sent and acknowledged, and no synchronisation is under way. */
bool srp_feed_is_idle(const struct srp_feed *feed);
/* Records that wait, and those sent and not acknowledged. */
uint32_t srp_feed_waiting(const struct srp_feed *feed);
uint32_t srp_feed_in_flight(const struct srp_feed *feed);
uint32_t srp_feed_young(const struct srp_feed *feed);

#endif
