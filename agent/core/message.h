/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages of the control connection, as structs and as bytes. docs/protocol.md is the same in prose.
 *
 * A frame is a 12-byte header and a payload of attributes (type, length, value), all big-endian.
 * A receiver skips attributes it does not know; a frame of another protocol version is refused, so
 * new meaning goes into new attributes and the version changes only when old peers must not go on.
 *
 *   0        2         3        4              8            12
 *   | magic  | version | type   | payload size | sequence   | attributes ...
 *
 * Bytes in, bytes out: no sockets here.
 */
#ifndef SRP_MESSAGE_H
#define SRP_MESSAGE_H

#include "agent/core/srp.h"

#define SRP_WIRE_MAGIC         0x5352u /* "SR" */
#define SRP_WIRE_VERSION       1
#define SRP_WIRE_HEADER_LEN    12u
#define SRP_WIRE_PAYLOAD_MAX   1024u /* of the control connection */
#define SRP_WIRE_FRAME_MAX     (SRP_WIRE_HEADER_LEN + SRP_WIRE_PAYLOAD_MAX)

/* Frames without attributes that belong to the link itself (agent/link_path.c); the decoder skips them. */
#define SRP_WIRE_SESSION       64u /* first frame and keepalive of the session connection */
#define SRP_WIRE_READY         65u /* the accepting end has authenticated the connecting one */

/* Bits of struct srp_hello.capabilities; unknown ones are ignored. */
#define SRP_CAPABILITY_SESSION 0x00000001u /* takes a session connection beside the control connection */

#define SRP_VERSION_LEN        32  /* software version text, with the NUL */
#define SRP_CONFIG_TEXT_MAX    960 /* of one page of the configuration */

enum srp_message_type {
	SRP_MSG_HELLO = 1,
	SRP_MSG_SWITCHOVER_REQUEST = 2,
	SRP_MSG_SWITCHOVER_RESPONSE = 3,
	SRP_MSG_VALIDATE_REQUEST = 4, /* would you take over now? Changes nothing */
	SRP_MSG_VALIDATE_RESPONSE = 5,
	SRP_MSG_CONFIG_REQUEST = 6, /* which lines of the configuration do you have? */
	SRP_MSG_CONFIG_PAGE = 7,
};

/*
 * How far a switchover is, told in each hello by both sides. The old Active tells what it has flushed, the new
 * one whether its announcement is on its way. `id` is that of the switchover request; 0: no switchover yet.
 */
struct srp_progress {
	uint32_t id;
	bool advertised;  /* the new Active: bgpd was seen to send the announcement */
	bool ims_flushed; /* the old Active: accounting of the ims sessions is flushed (or there was none) */
	bool non_ims_flushed; /* likewise of all others; after that nothing is left to come */
};

/* Everything a chassis says of itself, in every hello: no hello leans on an earlier one. */
struct srp_hello {
	uint64_t instance; /* random, new with every start of srpd: tells a restart from a pause */
	enum srp_role role;
	enum srp_chassis_mode mode;
	uint16_t modifier; /* route modifier, 1..SRP_MODIFIER_MAX */
	uint8_t priority;
	uint8_t tiebreaker[SRP_TIEBREAKER_LEN];
	bool monitors_failed; /* a monitored group has failed */
	bool monitors_ready;  /* every monitored group has a member that is up */
	bool frr_down;        /* bgpd or zebra is not there: it could announce nothing */
	uint8_t options;      /* SRP_OPTION_* */
	uint64_t checksum;    /* of the configuration that must match; 0: not told */
	uint64_t
		stamp; /* grows with each state told; one path may bring it later than another; 0: not told */
	struct srp_progress progress;
	uint32_t hello_msec;
	uint32_t dead_msec;
	uint64_t clock_msec; /* wall clock, ms since 1970: for people, never for decisions; 0 unknown */
	char version[SRP_VERSION_LEN];
	uint32_t capabilities; /* SRP_CAPABILITY_*; 0 from an srpd that does not say */
};

/* Why a switchover request is refused. On the wire: never renumber. */
enum srp_refusal {
	SRP_ACCEPTED = 0,
	SRP_REFUSED_NOT_STANDBY = 1,
	SRP_REFUSED_NOT_READY = 2,     /* its bgpd, zebra or a monitored group is not up */
	SRP_REFUSED_CONFIGURATION = 3, /* the configurations differ */
	SRP_REFUSED_SESSIONS = 4,      /* session managers without their counterpart */
	SRP_REFUSED_OTHER = 255,       /* for a reason that this version does not know */
};

struct srp_message {
	enum srp_message_type type;
	uint32_t sequence;      /* set by the sender's shell, counts up per connection */
	struct srp_hello hello; /* HELLO */
	uint32_t request_id;    /* all others: which request; an answer repeats it */
	enum srp_reason reason; /* SWITCHOVER_REQUEST: why the Active wants to hand over */
	bool force;             /* SWITCHOVER_REQUEST: although not everything is ready */
	bool make_before_break; /* SWITCHOVER_REQUEST: the sender withdraws after the receiver has announced */
	enum srp_refusal response; /* SWITCHOVER_RESPONSE, VALIDATE_RESPONSE */
	/* CONFIG_REQUEST: from which line on. CONFIG_PAGE: of which line `text` begins with, and how many there are. */
	uint32_t line, line_count;
	uint64_t checksum; /* CONFIG_PAGE: of the configuration that the line is of */
	uint16_t text_len; /* CONFIG_PAGE: whole lines, each with its newline */
	char text[SRP_CONFIG_TEXT_MAX];
};

const char *srp_refusal_text(enum srp_refusal refusal); /* static */

/* Encode into buf, which has SRP_WIRE_FRAME_MAX bytes. Returns the frame's length. */
size_t srp_message_encode(const struct srp_message *message, uint8_t buf[static SRP_WIRE_FRAME_MAX]);

enum srp_decode {
	SRP_DECODE_OK,   /* *message is filled, *used bytes were consumed */
	SRP_DECODE_MORE, /* the frame is not complete yet */
	SRP_DECODE_SKIP, /* a well-formed message of an unknown type: *used bytes to skip */
	SRP_DECODE_BAD,  /* close the connection; *why (static text) says what was wrong */
};

/*
 * Decode the frame at the start of len bytes. A value out of its range is BAD: a peer that sends one is
 * broken, and a guess would decide who serves. *used is set for OK and SKIP, *why for BAD.
 */
enum srp_decode srp_message_decode(const uint8_t *buf, size_t len, struct srp_message *message, size_t *used,
				   const char **why);

#endif
