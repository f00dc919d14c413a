/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other end of a feed: applies its batches to a store, answers its digests, and takes out what the sender has
 * no more. What changes goes through a feed of its own, so that a session manager can follow along.
 *
 * No clock: `now` in seconds. One thread at a time.
 */
#ifndef SRP_RECEIVER_H
#define SRP_RECEIVER_H

#include "checkpoint/feed.h"

struct srp_receiver_events {
	/* This bucket is not the same here. */
	void (*differ)(void *arg, uint8_t bits, uint32_t bucket);
	/* A checkpoint could not be applied (MICRO: unknown session; or the memory limit). */
	void (*failed)(void *arg, const struct srp_op *op, enum srp_store_result why);
	/* A macro was applied, or the session has ended: what failed before for it is mended. */
	void (*mended)(void *arg, uint64_t call_id);
	/* A record that the sender does not have; it is taken out after this returns. */
	void (*purge)(void *arg, const struct srp_record *record);
	void *arg;
};

struct srp_receiver_stats {
	uint64_t macros, micros, deletes, digests; /* ops applied */
	uint64_t failed, ignored;   /* MICROs of unknown sessions: told, or left to a repair under way */
	uint64_t differing, purged; /* buckets; records */
	uint64_t batches, bytes;
	uint64_t audits; /* DONEs after the first */
};

struct srp_receiver {
	struct srp_feed *feed;
	struct srp_receiver_events events;
	bool complete;    /* DONE has come: this is all that the sender has */
	uint32_t repairs; /* buckets that were found different and have not come yet */
	bool bracket;     /* inside BEGIN and END */
	uint8_t bits;
	uint32_t bucket;
	uint64_t *seen; /* call ids named in the bracket */
	size_t seen_count, seen_size;
	bool seen_lost; /* memory was out: nothing is taken out of this bucket */
	struct srp_receiver_stats stats;
};

void srp_receiver_init(struct srp_receiver *receiver, struct srp_feed *feed,
		       const struct srp_receiver_events *events);
void srp_receiver_clear(struct srp_receiver *receiver);

/* A sender begins: an open bracket and what was asked of another are forgotten. `complete` is the caller's. */
void srp_receiver_restart(struct srp_receiver *receiver);

/* Apply a batch. False, with *why (static text): malformed; what came before the bad op was applied. */
bool srp_receiver_apply(struct srp_receiver *receiver, uint32_t now, const uint8_t *buf, size_t len,
			const char **why);

#endif
