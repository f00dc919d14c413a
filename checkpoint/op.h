/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations on records, as structs and as bytes: what session managers say to srpd, what one srpd says to the
 * other, and what comes back to a session manager. The same bytes everywhere; docs/protocol.md has them in prose.
 *
 *   MACRO   | 1 | call id (8) | flags | lifetime (4) | age (4) | macro size (2) | macro | fields size (2) | fields |
 *   MICRO   | 2 | call id (8) | CMD-ID (1) | size (2) | value |
 *   DELETE  | 3 | call id (8) |
 *   BUCKET  | 4 | bits (1) | bucket (4) | records (4) | digest (8) |    is it the same at your side?
 *   BEGIN   | 5 | bits (1) | bucket (4) |        every record of this bucket follows,
 *   END     | 6 | bits (1) | bucket (4) |        and here none is left: what was not named does not exist
 *   DONE    | 7 |                                the synchronisation or the audit is complete
 *
 * A field is CMD-ID (1), size (2), value; fields are in the order of their CMD-IDs, each once. All big-endian.
 * Bytes in, bytes out; any thread.
 */
#ifndef SRP_OP_H
#define SRP_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SRP_RECORD_MAX      60000u /* bytes of a record: its macro, and its fields with 3 bytes each */
#define SRP_CMD_INVALIDATE  1      /* CMD-ID that ends a session (staros-facts: INVALIDATE_CRR) */
#define SRP_CMD_MAX         255
#define SRP_FIELD_HEAD      3u /* bytes of a field before its value, in an op */

/* Flags of a MACRO; others are refused. */
#define SRP_OP_IMS          0x01u /* the session is of class ims, else non-ims */
#define SRP_OP_FLAGS        SRP_OP_IMS

#define SRP_OP_MICRO_HEAD   12u
#define SRP_OP_MACRO_HEAD   22u /* both sizes included */
#define SRP_OP_DELETE_SIZE  9u
#define SRP_OP_BUCKET_SIZE  18u
#define SRP_OP_BRACKET_SIZE 6u
#define SRP_OP_MAX          (SRP_OP_MACRO_HEAD + SRP_RECORD_MAX)
#define SRP_BUCKET_BITS_MAX 20

enum srp_op_type {
	SRP_OP_MACRO = 1,
	SRP_OP_MICRO = 2,
	SRP_OP_DELETE = 3,
	SRP_OP_BUCKET = 4,
	SRP_OP_BEGIN = 5,
	SRP_OP_END = 6,
	SRP_OP_DONE = 7,
};

struct srp_op {
	enum srp_op_type type;
	uint64_t call_id;
	uint8_t flags;     /* MACRO: SRP_OP_* */
	uint32_t lifetime; /* MACRO: of the session, s; 0: unlimited */
	uint32_t age;      /* MACRO: since the session began, s */
	uint8_t cmd;       /* MICRO: 1..255 */
	/* MACRO: the macro; MICRO: the value. Points into the decoded bytes. */
	const uint8_t *data;
	uint16_t len;
	const uint8_t *fields; /* MACRO: well-formed when decoded */
	uint16_t fields_len;
	uint8_t bits;    /* BUCKET, BEGIN, END: there are 1 << bits buckets, 0..SRP_BUCKET_BITS_MAX */
	uint32_t bucket; /* below 1 << bits */
	uint32_t count;  /* BUCKET */
	uint64_t digest; /* BUCKET */
};

/* The bytes that srp_op_encode() takes for it. */
size_t srp_op_size(const struct srp_op *op);

/* Encode; `buf` has srp_op_size() bytes. Returns that. The fields of a MACRO are taken as they are. */
size_t srp_op_encode(const struct srp_op *op, uint8_t *buf);

/*
 * Decode the op at the start of `len` bytes. Returns its size; 0 when it is malformed or not whole, with *why
 * (static text) set. Nothing is trusted: sizes, ranges, and the order of fields are checked.
 */
size_t srp_op_decode(const uint8_t *buf, size_t len, struct srp_op *op, const char **why);

/*
 * The same for as many ops as there are, at most `max`, so that the memory they need can be fetched while others are
 * worked on. Returns their size together; *count is how many; *why is set when it ended at a malformed one.
 */
size_t srp_op_decode_some(const uint8_t *buf, size_t len, struct srp_op *ops, size_t max, size_t *count,
			  const char **why);
#define SRP_OPS_AHEAD 24 /* a good `max` */

/* The next field of a MACRO's fields, which were checked by the decoder; false at the end. */
struct srp_op_field {
	uint8_t cmd;
	uint16_t len;
	const uint8_t *value;
};
bool srp_op_next_field(const uint8_t *fields, size_t fields_len, size_t *offset, struct srp_op_field *field);

#endif
