/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the session connection between two srpd, as structs and as bytes. docs/protocol.md has them in prose.
 *
 * The header is that of the control connection (agent/core/message.h): magic, version, type, payload size,
 * sequence. The payload begins with the fixed fields of its type, big-endian, in the order of the struct below;
 * what is behind them is skipped, so that later versions can add to them. Unknown types are skipped.
 */
#ifndef SRP_FRAME_H
#define SRP_FRAME_H

#include "checkpoint/compress.h"
#include "checkpoint/op.h"

#define SRP_FRAME_MAGIC       0x5352u
#define SRP_FRAME_VERSION     1
#define SRP_FRAME_HEADER      12u
#define SRP_FRAME_BATCH_HEAD  16u
#define SRP_FRAME_PAYLOAD_MAX (SRP_FRAME_BATCH_HEAD + SRP_BATCH_MAX)
#define SRP_BATCH_MAX         (256u * 1024)            /* bytes of a batch before compression */
#define SRP_FRAME_SMALL_MAX   (SRP_FRAME_HEADER + 32u) /* all but INSTANCE and BATCH */

#define SRP_INSTANCE_MAX      1024 /* session manager instances are 1..1024 */
#define SRP_CHECKPOINT_NAME   32   /* of a manager, a macro, a micro; with the NUL */

enum srp_frame_type {
	SRP_FRAME_KEEPALIVE = 64, /* empty; also the first frame of the connection */
	SRP_FRAME_OPEN = 80,
	SRP_FRAME_HEARTBEAT = 81, /* every 3 s, from the one that serves */
	SRP_FRAME_INSTANCE = 82,  /* all there is to know of an instance; with each change */
	SRP_FRAME_START = 83,     /* send me this instance */
	SRP_FRAME_SYNC = 84,      /* it begins */
	SRP_FRAME_BATCH = 85,
	SRP_FRAME_ACK = 86,
	SRP_FRAME_NACK = 87,
	SRP_FRAME_DIFFER = 88,
};

/* Flags of INSTANCE. */
#define SRP_INSTANCE_SERVES   0x01u /* this chassis serves */
#define SRP_INSTANCE_COMPLETE 0x02u /* it has all records of the instance */
#define SRP_INSTANCE_MANAGED  0x04u /* its session manager is registered */
#define SRP_INSTANCE_FETCHES  0x08u /* it serves, and wants the peer's records */

/* Flags of a declared micro checkpoint. */
#define SRP_MICRO_ACCOUNTING  0x01u /* brought over after a switchover, too */
#define SRP_MICRO_LIFETIME    0x02u /* remaining lifetime; begins anew at a switchover */

struct srp_micro_name {
	uint8_t cmd, flags;
	char name[SRP_CHECKPOINT_NAME];
};

/* What a session manager has declared. */
struct srp_names {
	char manager[SRP_CHECKPOINT_NAME], macro[SRP_CHECKPOINT_NAME];
	uint8_t count;
	struct srp_micro_name list[SRP_CMD_MAX];
};

enum srp_sync_kind { SRP_SYNC_RESUME = 0, SRP_SYNC_WHOLE = 1, SRP_SYNC_COMPARE = 2 };

struct srp_frame {
	enum srp_frame_type type;
	uint16_t instance; /* all but OPEN, HEARTBEAT, KEEPALIVE */
	uint32_t
		start_id; /* START chooses it; SYNC, BATCH, ACK, NACK, DIFFER repeat it. BATCH, ACK: 0: accounting */
	uint32_t seq;        /* START: applied; SYNC: the number before the first; BATCH, ACK: number */
	uint64_t feed_id;    /* START: of what was applied, 0: none; SYNC: what it is of */
	uint64_t records;    /* START: how many are there; SYNC: how many there will be, about */
	uint8_t kind;        /* SYNC: enum srp_sync_kind */
	uint8_t flags;       /* INSTANCE */
	uint8_t compression; /* OPEN: wanted; BATCH: of this one */
	uint64_t chassis;    /* OPEN: random, new with each start of srpd */
	uint32_t raw_len;    /* BATCH: bytes when decompressed, 1..SRP_BATCH_MAX */
	const uint8_t *body; /* BATCH */
	size_t body_len;
	uint32_t waiting; /* BATCH: records that wait behind it */
	uint64_t call_id; /* NACK */
	uint8_t cmd;      /* NACK: of a micro, 0: a macro */
	uint8_t bits;     /* DIFFER */
	uint32_t bucket;
	const struct srp_names *names; /* INSTANCE, encode */
};

/*
 * Encode header and payload of all but BATCH; `size` must be SRP_FRAME_SMALL_MAX at least, for INSTANCE
 * srp_frame_instance_size(). Returns the length. For BATCH: the head only, SRP_FRAME_HEADER + SRP_FRAME_BATCH_HEAD
 * bytes; body_len bytes follow.
 */
size_t srp_frame_encode(const struct srp_frame *frame, uint32_t sequence, uint8_t *buf);
size_t srp_frame_instance_size(const struct srp_names *names);

/*
 * Payload of a frame of this type. `names` is filled by INSTANCE. False, with *why (static text): malformed. An
 * unknown type is true and leaves frame->type 0.
 */
bool srp_frame_decode(unsigned int type, const uint8_t *payload, size_t len, struct srp_frame *frame,
		      struct srp_names *names, const char **why);

/* Names, as they lie in INSTANCE and in REGISTER of the local protocol. Decoding: false when malformed. */
size_t srp_names_size(const struct srp_names *names);
size_t srp_names_encode(const struct srp_names *names, uint8_t *buf);
bool srp_names_decode(const uint8_t *buf, size_t len, struct srp_names *names);
/* The declared micro checkpoint, NULL: not declared. */
const struct srp_micro_name *srp_names_find(const struct srp_names *names, uint8_t cmd);

#endif
