/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See frame.h. */
#include "checkpoint/frame.h"

#include <string.h>

#include "checkpoint/bytes.h"

/* --- names --------------------------------------------------------------------------------- */

size_t srp_names_size(const struct srp_names *names)
{
	size_t size = 1 + strlen(names->manager) + 1 + strlen(names->macro) + 1;

	for (unsigned int i = 0; i < names->count; i++)
		size += 3 + strlen(names->list[i].name);
	return size;
}

static uint8_t *put_text(uint8_t *at, const char *text)
{
	size_t len = strlen(text);

	*at++ = (uint8_t)len;
	memcpy(at, text, len);
	return at + len;
}

size_t srp_names_encode(const struct srp_names *names, uint8_t *buf)
{
	uint8_t *at = put_text(put_text(buf, names->manager), names->macro);

	*at++ = names->count;
	for (unsigned int i = 0; i < names->count; i++) {
		*at++ = names->list[i].cmd;
		*at++ = names->list[i].flags;
		at = put_text(at, names->list[i].name);
	}
	return (size_t)(at - buf);
}

/* Printable, without quotes, so that it can stand in any output. */
static bool take_text(const uint8_t *buf, size_t len, size_t *at, char text[static SRP_CHECKPOINT_NAME])
{
	size_t size;

	if (*at >= len)
		return false;
	size = buf[(*at)++];
	if (size >= SRP_CHECKPOINT_NAME || len - *at < size)
		return false;
	for (size_t i = 0; i < size; i++) {
		uint8_t c = buf[*at + i];

		if (c <= ' ' || c > '~' || c == '"' || c == '\\')
			return false;
		text[i] = (char)c;
	}
	text[size] = '\0';
	*at += size;
	return true;
}

bool srp_names_decode(const uint8_t *buf, size_t len, struct srp_names *names)
{
	size_t at = 0;
	unsigned int last = 0;

	memset(names, 0, sizeof(*names));
	if (!take_text(buf, len, &at, names->manager) || !take_text(buf, len, &at, names->macro) || at >= len)
		return false;
	for (unsigned int left = buf[at++]; left; left--) {
		struct srp_micro_name *micro = &names->list[names->count];

		if (len - at < 2 || buf[at] <= last)
			return false;
		last = micro->cmd = buf[at++];
		micro->flags = buf[at++];
		if (!take_text(buf, len, &at, micro->name))
			return false;
		names->count++;
	}
	return true;
}

const struct srp_micro_name *srp_names_find(const struct srp_names *names, uint8_t cmd)
{
	for (unsigned int i = 0; i < names->count; i++)
		if (names->list[i].cmd == cmd)
			return &names->list[i];
	return NULL;
}

/* --- frames -------------------------------------------------------------------------------- */

static void put_header(uint8_t *buf, enum srp_frame_type type, size_t payload, uint32_t sequence)
{
	put16(buf, SRP_FRAME_MAGIC);
	buf[2] = SRP_FRAME_VERSION;
	buf[3] = (uint8_t)type;
	put32(buf + 4, (uint32_t)payload);
	put32(buf + 8, sequence);
}

size_t srp_frame_instance_size(const struct srp_names *names)
{
	return SRP_FRAME_HEADER + 3 + srp_names_size(names);
}

size_t srp_frame_encode(const struct srp_frame *frame, uint32_t sequence, uint8_t *buf)
{
	uint8_t *at = buf + SRP_FRAME_HEADER;
	size_t payload = 0;

	switch (frame->type) {
	case SRP_FRAME_KEEPALIVE:
	case SRP_FRAME_HEARTBEAT:
		break;
	case SRP_FRAME_OPEN:
		put64(at, frame->chassis);
		at[8] = frame->compression;
		payload = 9;
		break;
	case SRP_FRAME_INSTANCE:
		put16(at, frame->instance);
		at[2] = frame->flags;
		payload = 3 + srp_names_encode(frame->names, at + 3);
		break;
	case SRP_FRAME_START:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		put32(at + 6, frame->seq);
		put64(at + 10, frame->feed_id);
		put64(at + 18, frame->records);
		payload = 26;
		break;
	case SRP_FRAME_SYNC:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		put32(at + 6, frame->seq);
		put64(at + 10, frame->feed_id);
		at[18] = frame->kind;
		put64(at + 19, frame->records);
		payload = 27;
		break;
	case SRP_FRAME_BATCH:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		put32(at + 6, frame->seq);
		put16(at + 10, (uint16_t)(frame->waiting > UINT16_MAX ? UINT16_MAX : frame->waiting));
		put32(at + 12, frame->raw_len | (uint32_t)frame->compression << 24);
		put_header(buf, frame->type, SRP_FRAME_BATCH_HEAD + frame->body_len, sequence);
		return SRP_FRAME_HEADER + SRP_FRAME_BATCH_HEAD;
	case SRP_FRAME_ACK:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		put32(at + 6, frame->seq);
		payload = 10;
		break;
	case SRP_FRAME_NACK:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		put64(at + 6, frame->call_id);
		at[14] = frame->cmd;
		payload = 15;
		break;
	case SRP_FRAME_DIFFER:
		put16(at, frame->instance);
		put32(at + 2, frame->start_id);
		at[6] = frame->bits;
		put32(at + 7, frame->bucket);
		payload = 11;
		break;
	}
	put_header(buf, frame->type, payload, sequence);
	return SRP_FRAME_HEADER + payload;
}

/* Bytes that the fixed fields take; 0: an unknown type. */
static size_t fixed_size(unsigned int type)
{
	switch (type) {
	case SRP_FRAME_OPEN:
		return 9;
	case SRP_FRAME_INSTANCE:
		return 3;
	case SRP_FRAME_START:
		return 26;
	case SRP_FRAME_SYNC:
		return 27;
	case SRP_FRAME_BATCH:
		return SRP_FRAME_BATCH_HEAD;
	case SRP_FRAME_ACK:
		return 10;
	case SRP_FRAME_NACK:
		return 15;
	case SRP_FRAME_DIFFER:
		return 11;
	default:
		return 0;
	}
}

static bool decode_batch(const uint8_t *payload, size_t len, struct srp_frame *frame, const char **why)
{
	uint32_t raw = get32(payload + 12);

	frame->waiting = get16(payload + 10);
	frame->compression = (uint8_t)(raw >> 24);
	frame->raw_len = raw & 0xffffffu;
	frame->body = payload + SRP_FRAME_BATCH_HEAD;
	frame->body_len = len - SRP_FRAME_BATCH_HEAD;
	if (frame->raw_len == 0 || frame->raw_len > SRP_BATCH_MAX ||
	    frame->compression > SRP_COMPRESSION_LZ4) {
		*why = "a batch of a size that cannot be";
		return false;
	}
	return true;
}

bool srp_frame_decode(unsigned int type, const uint8_t *payload, size_t len, struct srp_frame *frame,
		      struct srp_names *names, const char **why)
{
	size_t fixed = fixed_size(type);

	*frame = (struct srp_frame){0};
	if (type == SRP_FRAME_KEEPALIVE || type == SRP_FRAME_HEARTBEAT)
		frame->type = (enum srp_frame_type)type;
	if (!fixed)
		return true;
	*why = "a frame that is too short for its type";
	if (len < fixed)
		return false;
	frame->type = (enum srp_frame_type)type;
	if (type == SRP_FRAME_OPEN) {
		frame->chassis = get64(payload);
		frame->compression = payload[8];
		*why = "an unknown compression";
		return frame->compression == SRP_COMPRESSION_ZLIB ||
		       frame->compression == SRP_COMPRESSION_LZ4;
	}
	frame->instance = get16(payload);
	if (frame->instance == 0 || frame->instance > SRP_INSTANCE_MAX) {
		*why = "a session manager instance out of its range";
		return false;
	}
	if (type == SRP_FRAME_INSTANCE) {
		frame->flags = payload[2];
		*why = "malformed names of checkpoints";
		return srp_names_decode(payload + 3, len - 3, names);
	}
	frame->start_id = get32(payload + 2);
	switch (frame->type) {
	case SRP_FRAME_START:
		frame->records = get64(payload + 18);
		/* fall through */
	case SRP_FRAME_SYNC:
		frame->feed_id = get64(payload + 10);
		if (frame->type == SRP_FRAME_SYNC) {
			frame->kind = payload[18];
			frame->records = get64(payload + 19);
		}
		/* fall through */
	case SRP_FRAME_ACK:
		frame->seq = get32(payload + 6);
		break;
	case SRP_FRAME_BATCH:
		frame->seq = get32(payload + 6);
		return decode_batch(payload, len, frame, why);
	case SRP_FRAME_NACK:
		frame->call_id = get64(payload + 6);
		frame->cmd = payload[14];
		break;
	case SRP_FRAME_DIFFER:
		frame->bits = payload[6];
		frame->bucket = get32(payload + 7);
		if (frame->bits > SRP_BUCKET_BITS_MAX || frame->bucket >> frame->bits) {
			*why = "a bucket that cannot be";
			return false;
		}
		break;
	default:
		break;
	}
	return true;
}
