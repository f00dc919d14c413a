/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session manager and srpd say to each other over the unix socket. docs/protocol.md has it in prose;
 * session managers use libsrpsession (srpsession.h) instead.
 *
 *   | payload size (4) | type (1) | version (1) | 0 (2) | payload |        big-endian
 *
 *   to srpd:  REGISTER    instance (2), flags (1), names         the first frame, once
 *             OPS         operations (op.h): MACRO, MICRO, DELETE
 *             ALL_SENT    -                                       after SEND_ALL: what was not named is gone
 *             FLUSHED     order (4)                               after FLUSH
 *             NACK        call id (8), CMD-ID (1, 0: macro)       this one cannot be taken over
 *   from it:  REGISTERED  checkpoint session duration (4 + 4)
 *             STATUS      role (1), SRP_STATUS_* (1), state of the replication (1), acknowledged (8)
 *             OPS         records of the instance, and changes
 *             RESTORED    calls (8)                               these were all: serve
 *             SEND_ALL    -
 *             SEND_MACRO  call id (8)
 *             FLUSH       order (4), kind (1)
 *             REFUSED     call id (8), why (1)                    this checkpoint is not kept
 *             LATE        operations: accounting of the chassis that served before
 *             PURGE       call id (8)                             found inconsistent: tell whoever has to know
 *             ERROR       text                                    the last frame
 */
#ifndef SRP_LOCAL_H
#define SRP_LOCAL_H

#include "checkpoint/frame.h"

#define SRP_LOCAL_SOCKET      "srpd.session" /* in srpd's run directory */
#define SRP_LOCAL_VERSION     1
#define SRP_LOCAL_HEADER      8u
#define SRP_LOCAL_PAYLOAD_MAX (256u * 1024)

enum srp_local_type {
	SRP_LOCAL_REGISTER = 1,
	SRP_LOCAL_OPS = 2, /* both ways */
	SRP_LOCAL_ALL_SENT = 3,
	SRP_LOCAL_FLUSHED = 4,
	SRP_LOCAL_NACK = 5,
	SRP_LOCAL_REGISTERED = 16,
	SRP_LOCAL_STATUS = 17,
	SRP_LOCAL_RESTORED = 18,
	SRP_LOCAL_SEND_ALL = 19,
	SRP_LOCAL_SEND_MACRO = 20,
	SRP_LOCAL_FLUSH = 21,
	SRP_LOCAL_REFUSED = 22,
	SRP_LOCAL_LATE = 23,
	SRP_LOCAL_PURGE = 24,
	SRP_LOCAL_ERROR = 25,
	SRP_LOCAL_ALL_COME = 26, /* the ops from here to DONE are all sessions there are */
};

/* Flags of REGISTER. */
#define SRP_REGISTER_HOT      0x01u /* follow the sessions on the Standby, too */
#define SRP_REGISTER_HAS      0x02u /* it has its sessions: do not restore them */

/* Flags of STATUS. */
#define SRP_STATUS_SERVES     0x01u
#define SRP_STATUS_IMS        0x02u /* the traffic gate (agent/core/core.h) */
#define SRP_STATUS_NON_IMS    0x04u
#define SRP_STATUS_CONTROL    0x08u

#define SRP_LOCAL_STATUS_SIZE 11u

/* Why a checkpoint is refused. */
enum srp_refused {
	SRP_REFUSED_UNKNOWN = 1,
	SRP_REFUSED_TOO_BIG = 2,
	SRP_REFUSED_MEMORY = 3,
	SRP_REFUSED_STANDBY = 4
};

/* The header of a payload of `len` bytes, at `buf`. */
void srp_local_header(uint8_t *buf, enum srp_local_type type, size_t len);

/*
 * The frame at the start of `len` bytes: its payload's size in *payload_len. 1: it is whole; 0: more has to come; -1:
 * malformed or of another version.
 */
int srp_local_frame(const uint8_t *buf, size_t len, unsigned int *type, size_t *payload_len);

#endif
