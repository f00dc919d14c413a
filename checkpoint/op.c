/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See op.h. */
#include "checkpoint/op.h"

#include "checkpoint/bytes.h"

size_t srp_op_size(const struct srp_op *op)
{
	switch (op->type) {
	case SRP_OP_MACRO:
		return SRP_OP_MACRO_HEAD + op->len + op->fields_len;
	case SRP_OP_MICRO:
		return SRP_OP_MICRO_HEAD + op->len;
	case SRP_OP_DELETE:
		return SRP_OP_DELETE_SIZE;
	case SRP_OP_BUCKET:
		return SRP_OP_BUCKET_SIZE;
	case SRP_OP_BEGIN:
	case SRP_OP_END:
		return SRP_OP_BRACKET_SIZE;
	case SRP_OP_DONE:
		break;
	}
	return 1;
}

static void encode_macro(const struct srp_op *op, uint8_t *at)
{
	put64(at, op->call_id);
	at[8] = op->flags;
	put32(at + 9, op->lifetime);
	put32(at + 13, op->age);
	put16(at + 17, op->len);
	at += 19;
	if (op->len)
		memcpy(at, op->data, op->len);
	at += op->len;
	put16(at, op->fields_len);
	if (op->fields_len)
		memcpy(at + 2, op->fields, op->fields_len);
}

size_t srp_op_encode(const struct srp_op *op, uint8_t *buf)
{
	uint8_t *at = buf + 1;

	buf[0] = (uint8_t)op->type;
	switch (op->type) {
	case SRP_OP_MACRO:
		encode_macro(op, at);
		break;
	case SRP_OP_MICRO:
		put64(at, op->call_id);
		at[8] = op->cmd;
		put16(at + 9, op->len);
		if (op->len)
			memcpy(at + 11, op->data, op->len);
		break;
	case SRP_OP_DELETE:
		put64(at, op->call_id);
		break;
	case SRP_OP_BUCKET:
		put32(at + 5, op->count);
		put64(at + 9, op->digest);
		/* fall through */
	case SRP_OP_BEGIN:
	case SRP_OP_END:
		at[0] = op->bits;
		put32(at + 1, op->bucket);
		break;
	case SRP_OP_DONE:
		break;
	}
	return srp_op_size(op);
}

bool srp_op_next_field(const uint8_t *fields, size_t fields_len, size_t *offset, struct srp_op_field *field)
{
	const uint8_t *at = fields + *offset;

	if (*offset >= fields_len)
		return false;
	field->cmd = at[0];
	field->len = get16(at + 1);
	field->value = at + SRP_FIELD_HEAD;
	*offset += SRP_FIELD_HEAD + field->len;
	return true;
}

/* Whole, in order, none of them the one that ends a session. */
static bool fields_are_well_formed(const uint8_t *fields, size_t len)
{
	unsigned int last = SRP_CMD_INVALIDATE;
	size_t offset = 0;

	while (offset < len) {
		if (len - offset < SRP_FIELD_HEAD || fields[offset] <= last)
			return false;
		last = fields[offset];
		offset += SRP_FIELD_HEAD + (size_t)get16(fields + offset + 1);
	}
	return offset == len;
}

static size_t decode_macro(const uint8_t *buf, size_t len, struct srp_op *op, const char **why)
{
	size_t at = 20; /* where the macro begins */

	if (len < SRP_OP_MACRO_HEAD)
		return 0;
	op->call_id = get64(buf + 1);
	op->flags = buf[9];
	op->lifetime = get32(buf + 10);
	op->age = get32(buf + 14);
	op->len = get16(buf + 18);
	op->data = buf + at;
	at += op->len;
	if (len < at + 2)
		return 0;
	op->fields_len = get16(buf + at);
	op->fields = buf + at + 2;
	at += 2 + (size_t)op->fields_len;
	if (len < at)
		return 0;
	if (op->flags & ~SRP_OP_FLAGS) {
		*why = "a macro checkpoint with unknown flags";
		return 0;
	}
	if ((size_t)op->len + op->fields_len > SRP_RECORD_MAX) {
		*why = "a macro checkpoint that is too long";
		return 0;
	}
	if (!fields_are_well_formed(op->fields, op->fields_len)) {
		*why = "a macro checkpoint with malformed fields";
		return 0;
	}
	return at;
}

static size_t decode_micro(const uint8_t *buf, size_t len, struct srp_op *op, const char **why)
{
	if (len < SRP_OP_MICRO_HEAD)
		return 0;
	op->call_id = get64(buf + 1);
	op->cmd = buf[9];
	op->len = get16(buf + 10);
	op->data = buf + SRP_OP_MICRO_HEAD;
	if (len - SRP_OP_MICRO_HEAD < op->len)
		return 0;
	if (op->cmd == 0) {
		*why = "a micro checkpoint with CMD-ID 0";
		return 0;
	}
	if (op->len > SRP_RECORD_MAX - SRP_FIELD_HEAD) {
		*why = "a micro checkpoint that is too long";
		return 0;
	}
	return SRP_OP_MICRO_HEAD + op->len;
}

static size_t decode_bracket(const uint8_t *buf, size_t len, struct srp_op *op, const char **why)
{
	size_t size = op->type == SRP_OP_BUCKET ? SRP_OP_BUCKET_SIZE : SRP_OP_BRACKET_SIZE;

	if (len < size)
		return 0;
	op->bits = buf[1];
	op->bucket = get32(buf + 2);
	if (op->bits > SRP_BUCKET_BITS_MAX || op->bucket >> op->bits) {
		*why = "a bucket that cannot be";
		return 0;
	}
	if (op->type == SRP_OP_BUCKET) {
		op->count = get32(buf + 6);
		op->digest = get64(buf + 10);
	}
	return size;
}

size_t srp_op_decode(const uint8_t *buf, size_t len, struct srp_op *op, const char **why)
{
	*why = "an operation that is cut off";
	if (!len)
		return 0;
	op->type = (enum srp_op_type)buf[0];
	switch (buf[0]) {
	case SRP_OP_MICRO:
		return decode_micro(buf, len, op, why);
	case SRP_OP_MACRO:
		return decode_macro(buf, len, op, why);
	case SRP_OP_DELETE:
		if (len < SRP_OP_DELETE_SIZE)
			return 0;
		op->call_id = get64(buf + 1);
		return SRP_OP_DELETE_SIZE;
	case SRP_OP_BUCKET:
	case SRP_OP_BEGIN:
	case SRP_OP_END:
		return decode_bracket(buf, len, op, why);
	case SRP_OP_DONE:
		return 1;
	default:
		*why = "an unknown operation";
		return 0;
	}
}

size_t srp_op_decode_some(const uint8_t *buf, size_t len, struct srp_op *ops, size_t max, size_t *count,
			  const char **why)
{
	size_t at = 0;

	*why = NULL;
	for (*count = 0; *count < max && at < len; (*count)++) {
		const char *bad;
		size_t size = srp_op_decode(buf + at, len - at, &ops[*count], &bad);

		if (!size) {
			*why = bad;
			break;
		}
		at += size;
	}
	return at;
}
