/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What srpd and bgpd_srp.so say to each other over a unix stream socket.
 *
 * srpd listens on RUNDIR/srpd.bgp; the module connects, and connects again whenever the connection
 * ends. Either side sends its whole state each time something of it changes: the module a *status*,
 * srpd a *policy*. There are no requests and no answers, so any restart heals by the next message.
 *
 * A frame is a 4-byte big-endian length, then that many bytes of JSON (UTF-8, one object). A frame
 * above BGP_IPC_FRAME_MAX, or one that does not decode, ends the connection: the sender is broken.
 * A frame of length 0 is a keepalive and says that the sender's loop turns: either side sends one when it has
 * sent nothing else for BGP_IPC_KEEPALIVE_MSEC. Whoever is silent for BGP_IPC_SILENT_MSEC hangs; after
 * BGP_IPC_DEAD_MSEC the connection is ended.
 * Unknown keys are ignored; "protocol" is compared, and another version is refused with a log line.
 *
 * No libfrr here: srpd, the module, unit tests and the fuzzer use the same code.
 */
#ifndef SRP_BGP_IPC_H
#define SRP_BGP_IPC_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/config.h"

#define BGP_IPC_PROTOCOL       1
#define BGP_IPC_FRAME_MAX      (1024u * 1024u)
#define BGP_IPC_HEADER_LEN     4
#define BGP_IPC_KEEPALIVE_MSEC 500
#define BGP_IPC_SILENT_MSEC    3000
#define BGP_IPC_DEAD_MSEC      10000
#define BGP_IPC_SOCKET         "srpd.bgp" /* in the run directory of the pathspace */
#define BGP_IPC_CONTEXTS_MAX   256
#define BGP_IPC_PREFIXES_MAX   4096 /* over all contexts */
#define BGP_IPC_PEERS_MAX      4096
#define BGP_IPC_PREPEND_MAX    64
#define BGP_IPC_HOLD_SEC_MAX   SRP_BGP_HOLD_SEC_MAX
#define BGP_IPC_TEXT_LEN       160

/* The srp-activated prefixes of one context, pools and loopbacks together, IPv4 and IPv6. */
struct bgp_ipc_context {
	char name[SRP_CONTEXT_NAME_LEN]; /* FRR VRF name, "default" for none */
	struct srp_prefix *prefixes;
	size_t prefix_count;
};

/* srpd -> bgpd_srp: everything it shall do. */
struct bgp_ipc_policy {
	uint64_t generation; /* grows with every change, also over restarts of srpd; > 0 */
	bool announce;       /* false: the route-maps deny every srp-activated prefix */
	bool installed;      /* the prefixes are (to be) in the kernel; false: a path of them in bgpd's RIB
			      * that says otherwise is stale (bgpd was deaf after a zebra restart) */
	uint8_t prepend;     /* copies of the own AS in the announcements, 1..BGP_IPC_PREPEND_MAX */
	uint8_t fallback_prepend; /* the same, to be used when srpd is gone longer than hold_sec */
	uint32_t hold_sec;
	bool witness; /* count the prefixes that another router announces, while we do not */
	struct bgp_ipc_context *contexts;
	size_t context_count;
};

struct bgp_ipc_peer {
	char context[SRP_CONTEXT_NAME_LEN];
	struct srp_addr addr;     /* family 0 when an unnumbered peer has none yet */
	char ifname[IF_NAMESIZE]; /* interface of an unnumbered peer, else "" */
	bool established;
	bool ibgp; /* own-AS prepends make an iBGP peer drop the route */
	uint32_t remote_as;
};

/* bgpd_srp -> srpd: everything it sees and has done. */
struct bgp_ipc_status {
	char bgpd_version[32];
	uint32_t pid;
	bool zebra_connected;
	uint64_t desired_generation; /* of the policy last received; 0: none yet */
	uint64_t applied_generation; /* of the policy in bgpd's running configuration; 0: safe state */
	int applied_prepend;         /* -1: not announcing (safe state or announce == false) */
	uint64_t
		advertised_generation; /* adj-RIB-out of every peer was seen to match this policy; 0: not yet */
	int advertised_prepend; /* as found in the adj-RIB-out; -1: nothing is advertised or it differs by peer */
	uint32_t advertised_paths;      /* (prefix, peer) pairs found in the adj-RIB-out */
	uint32_t mismatched_paths;      /* of these, how many have another count than applied_prepend */
	uint32_t unadvertised_prefixes; /* announced and installed, but not sent to any eBGP peer */
	int witness_prefixes;           /* srp-activated prefixes that another router announces to us now;
					 * -1: not watched (not asked for, or we announce them ourselves) */
	bool fallback;                  /* srpd was gone too long: fallback_prepend is in force */
	char error[BGP_IPC_TEXT_LEN];   /* why the policy is not applied, or "" */
	char warning[BGP_IPC_TEXT_LEN]; /* what will not work although it is applied, or "" */
	struct bgp_ipc_peer *peers;
	size_t peer_count;
};

/*
 * Encode into a new frame (header and JSON), malloc'd, owned by the caller; *len is its length.
 * NULL when memory is out or the frame would exceed BGP_IPC_FRAME_MAX.
 */
uint8_t *bgp_ipc_policy_encode(const struct bgp_ipc_policy *policy, size_t *len);
uint8_t *bgp_ipc_status_encode(const struct bgp_ipc_status *status, size_t *len);

/*
 * Decode the JSON of one frame (without the header). On success the struct's lists are owned by the
 * caller (..._clear()). On failure returns false, the struct is cleared and `error` names the key and the rule.
 *
 * A prefix's host bits are kept (a loopback is announced as its network) and a prefix may be there twice;
 * contexts may not. A status counts peers of which nothing was configured here, so lists may be empty.
 */
bool bgp_ipc_policy_decode(const uint8_t *json, size_t len, struct bgp_ipc_policy *policy, char *error,
			   size_t error_size);
bool bgp_ipc_status_decode(const uint8_t *json, size_t len, struct bgp_ipc_status *status, char *error,
			   size_t error_size);
void bgp_ipc_policy_clear(struct bgp_ipc_policy *policy);
void bgp_ipc_status_clear(struct bgp_ipc_status *status);

/*
 * Collects frames from a non-blocking stream. Memory is bounded: it grows to the announced length of
 * the frame in progress, never past BGP_IPC_FRAME_MAX.
 */
struct bgp_ipc_reader {
	uint8_t *buf;
	size_t len, size;
	uint64_t received; /* bytes, keepalives too: who counts up is alive */
};

enum bgp_ipc_read {
	BGP_IPC_READ_FRAME,  /* *json, *json_len is one frame, good until the next call */
	BGP_IPC_READ_AGAIN,  /* nothing more for now */
	BGP_IPC_READ_CLOSED, /* end of file, error or oversized frame: close the connection */
};

/*
 * Read from fd until a frame is complete or it would block. Call again after each frame, or when the
 * fd is readable again: a reader never takes bytes past the frame in progress, so none are kept back.
 * Keepalives are passed over.
 */
enum bgp_ipc_read bgp_ipc_reader_read(struct bgp_ipc_reader *reader, int fd, const uint8_t **json,
				      size_t *json_len);
void bgp_ipc_reader_clear(struct bgp_ipc_reader *reader);

/*
 * Sends frames on a non-blocking stream. Because every frame is a whole state, at most two are held:
 * the one under way and the newest after it; a slow receiver gets fewer frames, never older ones.
 * Start from a zeroed struct.
 */
struct bgp_ipc_writer {
	uint8_t *frame; /* under way, or NULL */
	size_t len, sent;
	uint8_t *next; /* to be sent after it, or NULL */
	size_t next_len;
};

enum bgp_ipc_write {
	BGP_IPC_WRITE_DONE,   /* nothing is left to send */
	BGP_IPC_WRITE_AGAIN,  /* call again when the fd is writable */
	BGP_IPC_WRITE_CLOSED, /* error: close the connection */
};

/* Queue a frame of ..._encode(), which the writer then owns; a frame not begun yet is replaced. */
void bgp_ipc_writer_put(struct bgp_ipc_writer *writer, uint8_t *frame, size_t len);
/* Queue a keepalive, unless a frame is under way, which says the same. False when memory is out. */
bool bgp_ipc_writer_keepalive(struct bgp_ipc_writer *writer);
/* Send what the socket takes; never raises SIGPIPE. */
enum bgp_ipc_write bgp_ipc_writer_flush(struct bgp_ipc_writer *writer, int fd);
void bgp_ipc_writer_clear(struct bgp_ipc_writer *writer);

#endif
