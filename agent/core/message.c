/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codec of message.h. Attribute numbers are part of the wire format: never reuse one. */
#include "agent/core/message.h"

#include <string.h>

enum attr {
	ATTR_INSTANCE = 1,       /* u64 */
	ATTR_ROLE = 2,           /* u8, enum srp_role */
	ATTR_MODE = 3,           /* u8, enum srp_chassis_mode */
	ATTR_MODIFIER = 4,       /* u16 */
	ATTR_PRIORITY = 5,       /* u8 */
	ATTR_TIEBREAKER = 6,     /* 6 bytes, a MAC address */
	ATTR_MONITORS = 7,       /* u8 of MONITORS_* */
	ATTR_HELLO_INTERVAL = 8, /* u32, ms */
	ATTR_DEAD_INTERVAL = 9,  /* u32, ms */
	ATTR_CLOCK = 10,         /* u64, ms since 1970 */
	ATTR_VERSION = 11,       /* text without NUL, at most SRP_VERSION_LEN - 1 bytes */
	ATTR_REQUEST_ID = 12,    /* u32 */
	ATTR_REASON = 13,        /* u8, enum srp_reason */
	ATTR_RESPONSE = 14,      /* u8, enum srp_refusal */
	ATTR_OPTIONS = 15,       /* u8 of SRP_OPTION_* */
	ATTR_CHECKSUM = 16,      /* u64 */
	ATTR_STAMP = 17,         /* u64 */
	ATTR_PROGRESS = 18,      /* u32 request id, u8 of PROGRESS_* */
	ATTR_REQUEST_FLAGS = 19, /* u8 of REQUEST_* */
	ATTR_LINE = 20,          /* u32 */
	ATTR_LINE_COUNT = 21,    /* u32 */
	ATTR_TEXT = 22,          /* printable text and newlines, at most SRP_CONFIG_TEXT_MAX bytes */
	ATTR_CAPABILITIES = 23,  /* u32, SRP_CAPABILITY_* */
	ATTR_COUNT,
};

#define MONITORS_FAILED           0x01u
#define MONITORS_READY            0x02u
#define MONITORS_NO_FRR           0x04u
#define PROGRESS_ADVERTISED       0x01u
#define PROGRESS_IMS_FLUSHED      0x02u
#define PROGRESS_NON_IMS_FLUSHED  0x04u
#define REQUEST_FORCE             0x01u
#define REQUEST_MAKE_BEFORE_BREAK 0x02u
#define ATTR_HEADER_LEN           4u

#define NEEDED(attr)              (1u << (attr))
#define HELLO_NEEDS                                                                              \
	(NEEDED(ATTR_INSTANCE) | NEEDED(ATTR_ROLE) | NEEDED(ATTR_MODE) | NEEDED(ATTR_MODIFIER) | \
	 NEEDED(ATTR_PRIORITY) | NEEDED(ATTR_TIEBREAKER) | NEEDED(ATTR_MONITORS) |               \
	 NEEDED(ATTR_HELLO_INTERVAL) | NEEDED(ATTR_DEAD_INTERVAL))

static void put(uint8_t *at, unsigned int bytes, uint64_t value)
{
	while (bytes--) {
		at[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t get(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | *at++;
	return value;
}

static uint8_t *put_attr(uint8_t *at, enum attr type, const void *value, size_t len)
{
	put(at, 2, type);
	put(at + 2, 2, len);
	memcpy(at + ATTR_HEADER_LEN, value, len);
	return at + ATTR_HEADER_LEN + len;
}

static uint8_t *put_attr_uint(uint8_t *at, enum attr type, unsigned int bytes, uint64_t value)
{
	uint8_t wire[8];

	put(wire, bytes, value);
	return put_attr(at, type, wire, bytes);
}

static uint8_t *put_hello(uint8_t *at, const struct srp_hello *hello)
{
	const struct srp_progress *progress = &hello->progress;
	uint8_t monitors = (hello->monitors_failed ? MONITORS_FAILED : 0) |
			   (hello->monitors_ready ? MONITORS_READY : 0) |
			   (hello->frr_down ? MONITORS_NO_FRR : 0);
	uint8_t flags = (progress->advertised ? PROGRESS_ADVERTISED : 0) |
			(progress->ims_flushed ? PROGRESS_IMS_FLUSHED : 0) |
			(progress->non_ims_flushed ? PROGRESS_NON_IMS_FLUSHED : 0);

	at = put_attr_uint(at, ATTR_INSTANCE, 8, hello->instance);
	at = put_attr_uint(at, ATTR_ROLE, 1, hello->role);
	at = put_attr_uint(at, ATTR_MODE, 1, hello->mode);
	at = put_attr_uint(at, ATTR_MODIFIER, 2, hello->modifier);
	at = put_attr_uint(at, ATTR_PRIORITY, 1, hello->priority);
	at = put_attr(at, ATTR_TIEBREAKER, hello->tiebreaker, SRP_TIEBREAKER_LEN);
	at = put_attr_uint(at, ATTR_MONITORS, 1, monitors);
	at = put_attr_uint(at, ATTR_HELLO_INTERVAL, 4, hello->hello_msec);
	at = put_attr_uint(at, ATTR_DEAD_INTERVAL, 4, hello->dead_msec);
	at = put_attr_uint(at, ATTR_CLOCK, 8, hello->clock_msec);
	at = put_attr(at, ATTR_VERSION, hello->version, strnlen(hello->version, SRP_VERSION_LEN - 1));
	at = put_attr_uint(at, ATTR_OPTIONS, 1, hello->options);
	at = put_attr_uint(at, ATTR_CHECKSUM, 8, hello->checksum);
	at = put_attr_uint(at, ATTR_STAMP, 8, hello->stamp);
	at = put_attr_uint(at, ATTR_PROGRESS, 5, (uint64_t)progress->id << 8 | flags);
	if (hello->capabilities)
		at = put_attr_uint(at, ATTR_CAPABILITIES, 4, hello->capabilities);
	return at;
}

size_t srp_message_encode(const struct srp_message *message, uint8_t buf[static SRP_WIRE_FRAME_MAX])
{
	uint8_t *at = buf + SRP_WIRE_HEADER_LEN;

	switch (message->type) {
	case SRP_MSG_HELLO:
		at = put_hello(at, &message->hello);
		break;
	case SRP_MSG_SWITCHOVER_REQUEST:
		at = put_attr_uint(at, ATTR_REQUEST_ID, 4, message->request_id);
		at = put_attr_uint(at, ATTR_REASON, 1, message->reason);
		at = put_attr_uint(at, ATTR_REQUEST_FLAGS, 1,
				   (message->force ? REQUEST_FORCE : 0) |
					   (message->make_before_break ? REQUEST_MAKE_BEFORE_BREAK : 0));
		break;
	case SRP_MSG_SWITCHOVER_RESPONSE:
	case SRP_MSG_VALIDATE_RESPONSE:
		at = put_attr_uint(at, ATTR_REQUEST_ID, 4, message->request_id);
		at = put_attr_uint(at, ATTR_RESPONSE, 1, message->response);
		break;
	case SRP_MSG_VALIDATE_REQUEST:
		at = put_attr_uint(at, ATTR_REQUEST_ID, 4, message->request_id);
		break;
	case SRP_MSG_CONFIG_REQUEST:
		at = put_attr_uint(at, ATTR_REQUEST_ID, 4, message->request_id);
		at = put_attr_uint(at, ATTR_LINE, 4, message->line);
		break;
	case SRP_MSG_CONFIG_PAGE:
		at = put_attr_uint(at, ATTR_REQUEST_ID, 4, message->request_id);
		at = put_attr_uint(at, ATTR_CHECKSUM, 8, message->checksum);
		at = put_attr_uint(at, ATTR_LINE, 4, message->line);
		at = put_attr_uint(at, ATTR_LINE_COUNT, 4, message->line_count);
		at = put_attr(at, ATTR_TEXT, message->text, message->text_len);
		break;
	}
	put(buf, 2, SRP_WIRE_MAGIC);
	put(buf + 2, 1, SRP_WIRE_VERSION);
	put(buf + 3, 1, message->type);
	put(buf + 4, 4, (uint64_t)(at - buf) - SRP_WIRE_HEADER_LEN);
	put(buf + 8, 4, message->sequence);
	return (size_t)(at - buf);
}

/* The fixed length of each attribute; 0 for those that vary. */
static const uint8_t attr_len[ATTR_COUNT] = {
	[ATTR_INSTANCE] = 8, [ATTR_ROLE] = 1,           [ATTR_MODE] = 1,
	[ATTR_MODIFIER] = 2, [ATTR_PRIORITY] = 1,       [ATTR_TIEBREAKER] = SRP_TIEBREAKER_LEN,
	[ATTR_MONITORS] = 1, [ATTR_HELLO_INTERVAL] = 4, [ATTR_DEAD_INTERVAL] = 4,
	[ATTR_CLOCK] = 8,    [ATTR_VERSION] = 0,        [ATTR_REQUEST_ID] = 4,
	[ATTR_REASON] = 1,   [ATTR_RESPONSE] = 1,       [ATTR_OPTIONS] = 1,
	[ATTR_CHECKSUM] = 8, [ATTR_STAMP] = 8,          [ATTR_PROGRESS] = 5,
	[ATTR_LINE] = 4,     [ATTR_LINE_COUNT] = 4,     [ATTR_REQUEST_FLAGS] = 1,
	[ATTR_TEXT] = 0,     [ATTR_CAPABILITIES] = 4,
};

/* Printable text of `len` bytes; newlines too when they may be there. */
static bool is_printable(const uint8_t *text, size_t len, bool newlines)
{
	for (size_t i = 0; i < len; i++)
		if ((text[i] < 0x20 || text[i] > 0x7e) && !(newlines && text[i] == '\n'))
			return false;
	return true;
}

/* Take one known attribute. Returns NULL, or what is wrong with it. */
static const char *take_attr(struct srp_message *message, enum attr type, const uint8_t *value, size_t len)
{
	struct srp_hello *hello = &message->hello;
	uint64_t number = len <= 8 ? get(value, (unsigned int)len) : 0;

	if (attr_len[type] && len != attr_len[type])
		return "attribute of a wrong length";
	switch (type) {
	case ATTR_INSTANCE:
		hello->instance = number;
		break;
	case ATTR_ROLE:
		if (number >= SRP_ROLE_COUNT)
			return "unknown role";
		hello->role = (enum srp_role)number;
		break;
	case ATTR_MODE:
		if (number > SRP_MODE_PRIMARY)
			return "unknown chassis mode";
		hello->mode = (enum srp_chassis_mode)number;
		break;
	case ATTR_MODIFIER:
		if (number < 1 || number > SRP_MODIFIER_MAX)
			return "route modifier out of range";
		hello->modifier = (uint16_t)number;
		break;
	case ATTR_PRIORITY:
		if (number < SRP_PRIORITY_MIN)
			return "chassis priority out of range";
		hello->priority = (uint8_t)number;
		break;
	case ATTR_TIEBREAKER:
		memcpy(hello->tiebreaker, value, SRP_TIEBREAKER_LEN);
		break;
	case ATTR_MONITORS:
		hello->monitors_failed = number & MONITORS_FAILED;
		hello->monitors_ready = number & MONITORS_READY;
		hello->frr_down = number & MONITORS_NO_FRR;
		break;
	case ATTR_HELLO_INTERVAL:
		hello->hello_msec = (uint32_t)number;
		break;
	case ATTR_DEAD_INTERVAL:
		hello->dead_msec = (uint32_t)number;
		break;
	case ATTR_CLOCK:
		hello->clock_msec = number;
		break;
	case ATTR_VERSION:
		if (len >= SRP_VERSION_LEN)
			return "software version too long";
		if (!is_printable(value, len, false) || memchr(value, ' ', len))
			return "software version is not printable";
		memcpy(hello->version, value, len);
		hello->version[len] = '\0';
		break;
	case ATTR_REQUEST_ID:
		message->request_id = (uint32_t)number;
		break;
	case ATTR_REASON:
		if (number >= SRP_REASON_COUNT)
			return "unknown switchover reason";
		message->reason = (enum srp_reason)number;
		break;
	case ATTR_RESPONSE:
		message->response =
			number <= SRP_REFUSED_SESSIONS ? (enum srp_refusal)number : SRP_REFUSED_OTHER;
		break;
	case ATTR_OPTIONS:
		hello->options = (uint8_t)number;
		break;
	case ATTR_CHECKSUM:
		hello->checksum = message->checksum = number;
		break;
	case ATTR_STAMP:
		hello->stamp = number;
		break;
	case ATTR_PROGRESS:
		hello->progress.id = (uint32_t)(number >> 8);
		hello->progress.advertised = number & PROGRESS_ADVERTISED;
		hello->progress.ims_flushed = number & PROGRESS_IMS_FLUSHED;
		hello->progress.non_ims_flushed = number & PROGRESS_NON_IMS_FLUSHED;
		break;
	case ATTR_REQUEST_FLAGS:
		message->force = number & REQUEST_FORCE;
		message->make_before_break = number & REQUEST_MAKE_BEFORE_BREAK;
		break;
	case ATTR_LINE:
		message->line = (uint32_t)number;
		break;
	case ATTR_LINE_COUNT:
		message->line_count = (uint32_t)number;
		break;
	case ATTR_TEXT:
		if (len > SRP_CONFIG_TEXT_MAX)
			return "text too long";
		if (!is_printable(value, len, true) || (len && value[len - 1] != '\n'))
			return "text is not whole printable lines";
		memcpy(message->text, value, len);
		message->text_len = (uint16_t)len;
		break;
	case ATTR_CAPABILITIES:
		hello->capabilities = (uint32_t)number;
		break;
	case ATTR_COUNT:
		break;
	}
	return NULL;
}

/* The attributes each message type must have; 0 for a type that is unknown. */
static uint32_t needed_attrs(unsigned int type)
{
	switch (type) {
	case SRP_MSG_HELLO:
		return HELLO_NEEDS;
	case SRP_MSG_SWITCHOVER_REQUEST:
		return NEEDED(ATTR_REQUEST_ID) | NEEDED(ATTR_REASON);
	case SRP_MSG_SWITCHOVER_RESPONSE:
	case SRP_MSG_VALIDATE_RESPONSE:
		return NEEDED(ATTR_REQUEST_ID) | NEEDED(ATTR_RESPONSE);
	case SRP_MSG_VALIDATE_REQUEST:
		return NEEDED(ATTR_REQUEST_ID);
	case SRP_MSG_CONFIG_REQUEST:
		return NEEDED(ATTR_REQUEST_ID) | NEEDED(ATTR_LINE);
	case SRP_MSG_CONFIG_PAGE:
		return NEEDED(ATTR_REQUEST_ID) | NEEDED(ATTR_CHECKSUM) | NEEDED(ATTR_LINE) |
		       NEEDED(ATTR_LINE_COUNT) | NEEDED(ATTR_TEXT);
	default:
		return 0;
	}
}

enum srp_decode srp_message_decode(const uint8_t *buf, size_t len, struct srp_message *message, size_t *used,
				   const char **why)
{
	const uint8_t *at = buf + SRP_WIRE_HEADER_LEN;
	uint32_t payload, needed, seen = 0;

	memset(message, 0, sizeof(*message));
	*why = NULL;
	/* Judge the header by the bytes that are there: garbage is refused at its first byte. */
	if ((len >= 1 && buf[0] != SRP_WIRE_MAGIC >> 8) || (len >= 2 && buf[1] != (SRP_WIRE_MAGIC & 0xff)))
		*why = "not an SRP frame";
	else if (len >= 3 && buf[2] != SRP_WIRE_VERSION)
		*why = "unsupported protocol version";
	else if (len >= 8 && get(buf + 4, 4) > SRP_WIRE_PAYLOAD_MAX)
		*why = "frame too long";
	if (*why)
		return SRP_DECODE_BAD;
	if (len < SRP_WIRE_HEADER_LEN)
		return SRP_DECODE_MORE;
	payload = (uint32_t)get(buf + 4, 4);
	if (len < SRP_WIRE_HEADER_LEN + payload)
		return SRP_DECODE_MORE;
	*used = SRP_WIRE_HEADER_LEN + payload;
	needed = needed_attrs(buf[3]);
	if (!needed)
		return SRP_DECODE_SKIP;
	message->type = (enum srp_message_type)buf[3];
	message->sequence = (uint32_t)get(buf + 8, 4);
	while (payload) {
		uint32_t type, size;

		if (payload < ATTR_HEADER_LEN)
			*why = "half an attribute at the end";
		else if ((size = (uint32_t)get(at + 2, 2)) > payload - ATTR_HEADER_LEN)
			*why = "attribute longer than its frame";
		else if ((type = (uint32_t)get(at, 2)) > 0 && type < ATTR_COUNT) {
			if (seen & NEEDED(type))
				*why = "attribute given twice";
			else
				*why = take_attr(message, (enum attr)type, at + ATTR_HEADER_LEN, size);
			seen |= NEEDED(type);
		}
		if (*why)
			return SRP_DECODE_BAD;
		at += ATTR_HEADER_LEN + size;
		payload -= ATTR_HEADER_LEN + size;
	}
	if (needed & ~seen) {
		*why = "a needed attribute is missing";
		return SRP_DECODE_BAD;
	}
	return SRP_DECODE_OK;
}

const char *srp_refusal_text(enum srp_refusal refusal)
{
	switch (refusal) {
	case SRP_ACCEPTED:
		return "accepted";
	case SRP_REFUSED_NOT_STANDBY:
		return "it is not Standby";
	case SRP_REFUSED_NOT_READY:
		return "its bgpd, zebra or monitors are not all up";
	case SRP_REFUSED_CONFIGURATION:
		return "the configurations differ";
	case SRP_REFUSED_SESSIONS:
		return "session managers have no counterpart";
	case SRP_REFUSED_OTHER:
		break;
	}
	return "for a reason that this version does not know";
}
