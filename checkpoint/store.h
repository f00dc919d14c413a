/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of one session manager instance, by call id.
 *
 * A record is one chunk of the arena: a head, the macro, and the fields that micro checkpoints have set, in the
 * order of their CMD-IDs. The index is an open-addressing table that is kept sorted by hash, so that "all records,
 * in pieces, while they change" is a position in hash order, and a bucket (the records whose hash begins with
 * certain bits) is a range of the table. Every change is O(1) in the number of records.
 *
 * Each record is in one of the store's lists or in none; lists are for those who follow the changes (feed.h). A
 * record whose head says SRP_RECORD_GONE is a tombstone: it has no data, find() does not see it, and who made it
 * removes it.
 *
 * A pointer to a record is good until the next call that puts something. One thread at a time; no clock.
 */
#ifndef SRP_STORE_H
#define SRP_STORE_H

#include "checkpoint/arena.h"
#include "checkpoint/op.h"

#define SRP_RECORD_IMS  0x01u /* as SRP_OP_IMS */
#define SRP_RECORD_GONE 0x80u

/* Lists: whether a record waits to be sent, was sent and not acknowledged, or is too young (a wheel). */
#define SRP_LIST_NONE   0
#define SRP_LIST_DIRTY  1
#define SRP_LIST_SENT   2
#define SRP_LIST_YOUNG  3
#define SRP_YOUNG_SLOTS 64
#define SRP_LIST_COUNT  (SRP_LIST_YOUNG + SRP_YOUNG_SLOTS)

struct srp_record {
	uint64_t call_id;
	uint64_t since;      /* feed: number of the first change that was not sent */
	uint32_t prev, next; /* in its list */
	uint32_t sent;       /* feed: number of the batch in which it was last sent */
	uint32_t born;       /* when the session began, s of the feed's clock; may lie before its start */
	uint32_t touched;    /* last change, s */
	uint32_t lifetime;   /* s, 0: unlimited */
	uint16_t macro_len, fields_len;
	uint16_t epoch; /* feed: the synchronisation it was last sent whole in; receiver: seen since */
	uint8_t list;
	uint8_t flags;
	uint8_t data[]; /* macro, then fields: as in an op, with a byte of flags after the CMD-ID */
};

#define SRP_STORED_FIELD_HEAD 4u
#define SRP_FIELD_DIRTY       0x01u /* set by put_micro(), cleared by the feed */

enum srp_store_result {
	SRP_STORE_OK,
	SRP_STORE_NEW,     /* a macro of a session that was not there */
	SRP_STORE_UNKNOWN, /* a micro checkpoint of a session that is not there */
	SRP_STORE_TOO_BIG, /* the record would pass SRP_RECORD_MAX; it stays as it was */
	SRP_STORE_FULL,    /* the memory limit; the record stays as it was */
};

struct srp_list {
	uint32_t head, tail; /* references, 0: empty */
	uint32_t count;
};

struct srp_store {
	struct srp_arena *arena;
	uint64_t *slots; /* hash in the upper half, reference in the lower; 0: free */
	uint32_t bits;   /* 1 << bits slots, and some behind them so that nothing wraps around */
	uint32_t spare;
	uint32_t used;    /* slots */
	uint64_t records; /* without tombstones */
	uint64_t payload; /* bytes in macros and values of fields */
	uint64_t ims;     /* of the records */
	struct srp_list lists[SRP_LIST_COUNT];
};

/* NULL when memory is out. The arena outlives the store. */
struct srp_store *srp_store_new(struct srp_arena *arena);
void srp_store_free(struct srp_store *store);  /* NULL is ignored */
void srp_store_clear(struct srp_store *store); /* drop everything */

/*
 * So many records are about to come, in the order of their hashes: without room for them each would lie behind all
 * before it. What is said too much costs memory for a while; what memory does not allow is left out.
 */
void srp_store_expect(struct srp_store *store, uint64_t records);

/* Have the processor fetch what these ops are about: at a million records nothing is in its caches. */
static inline void srp_record_prefetch(const void *record)
{
	/* The head, and where the fields of a common record are. */
	__builtin_prefetch(record, 1);
	__builtin_prefetch((const char *)record + 256, 1);
	__builtin_prefetch((const char *)record + 320, 1);
}
void srp_store_prefetch(const struct srp_store *store, const struct srp_op *ops, size_t count);

/* NULL: not there, or a tombstone. */
struct srp_record *srp_store_find(const struct srp_store *store, uint64_t call_id);

/*
 * A MACRO replaces the record, fields included; what `since`, `sent`, `epoch` and `list` say stays, `born` and
 * `touched` are the caller's to set. A MICRO sets a field. *found is the record: NULL unless OK or NEW. When it
 * took the place of a tombstone, that is NEW, too.
 */
enum srp_store_result srp_store_put_macro(struct srp_store *store, const struct srp_op *op,
					  struct srp_record **found);
enum srp_store_result srp_store_put_micro(struct srp_store *store, const struct srp_op *op,
					  struct srp_record **found);

/* Take the record out, with list membership and memory. */
void srp_store_remove(struct srp_store *store, struct srp_record *record);
/* Make a tombstone of it; it stays in its list. Returns its new place; never fails. */
struct srp_record *srp_store_bury(struct srp_store *store, struct srp_record *record);

/* Bytes that the record takes as a MACRO op, or a few more. */
size_t srp_record_op_size(const struct srp_record *record);

/* The stored fields one after the other: *offset from 0, false at the end. */
struct srp_stored_field {
	uint8_t cmd;
	uint8_t *flags; /* SRP_FIELD_* */
	uint16_t len;
	const uint8_t *value;
};
bool srp_record_next_field(struct srp_record *record, size_t *offset, struct srp_stored_field *field);

/* --- lists --- */

void srp_store_append(struct srp_store *store, uint8_t list,
		      struct srp_record *record); /* leaves the one before */
void srp_store_unlist(struct srp_store *store, struct srp_record *record);
struct srp_record *srp_store_first(const struct srp_store *store, uint8_t list); /* NULL: empty */
/* Everything of `from`, in its order, before what is in `to`. O(length of from). */
void srp_store_prepend_list(struct srp_store *store, uint8_t to, uint8_t from);

/* --- in hash order --- */

#define SRP_HASH_END (UINT64_C(1) << 32) /* behind the highest hash */

/* The hash that a bucket begins with, of 1 << bits buckets. */
static inline uint64_t srp_bucket_start(uint8_t bits, uint64_t bucket)
{
	return bucket << (32 - bits);
}

/* The 32 bits that order the records. The same on every chassis. */
uint32_t srp_call_hash(uint64_t call_id);

/*
 * The records from hash *position on, tombstones included, one call each; false when none is left below `end`
 * (at most 1 << 32). Changes of the store between the calls are allowed: *position then has to be a hash, and the
 * walk goes on with the first record of that hash. To stop between two records, stop where the hash changes.
 */
struct srp_walk {
	uint64_t end;
	size_t slot;
};
void srp_walk_start(const struct srp_store *store, struct srp_walk *walk, uint64_t position, uint64_t end);
struct srp_record *srp_walk_next(const struct srp_store *store, struct srp_walk *walk, uint32_t *hash);

/* Of everything a record is, but not of when: two chassis that hold the same have the same. */
uint64_t srp_record_digest(const struct srp_record *record);

#endif
