/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink messages in buffers: requests are built, what the kernel sends is parsed. No socket here, so all
 * of it is tested and fuzzed on bytes.
 */
#ifndef SRP_NETLINK_MESSAGE_H
#define SRP_NETLINK_MESSAGE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/link.h"
#include "netlink/object.h"

#define NETLINK_REQUEST_MAX 256 /* no request is longer, bytes */
#define NETLINK_REASON_LEN  120

enum netlink_dump {
	NETLINK_DUMP_LINKS,
	NETLINK_DUMP_ADDRESSES_IPV4,
	NETLINK_DUMP_ADDRESSES_IPV6,
	NETLINK_DUMP_ROUTES_IPV4, /* of our protocol only, where the kernel filters (4.20 and later) */
	NETLINK_DUMP_ROUTES_IPV6,
	NETLINK_DUMP_COUNT,
};

enum netlink_event_type {
	NETLINK_EVENT_IGNORED, /* valid, but not about anything we follow */
	NETLINK_EVENT_LINK,
	NETLINK_EVENT_LINK_GONE,
	NETLINK_EVENT_OBJECT,
	NETLINK_EVENT_OBJECT_GONE,
	NETLINK_EVENT_ANSWER, /* to one request; also ends a dump that failed */
	NETLINK_EVENT_DUMP_DONE,
	NETLINK_EVENT_MALFORMED,
};

struct netlink_event {
	enum netlink_event_type type;
	uint32_t seq;                    /* of the request that caused it, 0 when none did */
	bool interrupted;                /* NLM_F_DUMP_INTR: things moved under the dump */
	bool dumped;                     /* part of a dump, not a notification */
	bool replaced;                   /* OBJECT: took the place of another (NLM_F_REPLACE) */
	bool says_protocol;              /* OBJECT, addresses: the kernel knows IFA_PROTO */
	struct netlink_link link;        /* LINK; LINK_GONE: ifindex and name */
	struct netlink_object object;    /* OBJECT, OBJECT_GONE */
	int error;                       /* ANSWER, DUMP_DONE: 0, or a positive errno */
	char reason[NETLINK_REASON_LEN]; /* ANSWER: the kernel's extended ACK text, or "" */
};

/*
 * Build one request at `buf` (aligned to 4), which asks for an acknowledgement. Returns its length, a
 * multiple of 4; 0 when `size` is below NETLINK_REQUEST_MAX or the operation is NETLINK_OP_NONE.
 */
size_t netlink_message_build(void *buf, size_t size, const struct netlink_op *op, uint32_t seq);
size_t netlink_message_build_dump(void *buf, size_t size, enum netlink_dump dump, uint32_t seq);
/* The same, of addresses of one interface only, where the kernel filters (4.20 and later); ifindex 0: of all. */
size_t netlink_message_build_dump_of(void *buf, size_t size, enum netlink_dump dump, uint32_t ifindex,
				     uint32_t seq);

/*
 * Walk a datagram of `size` bytes at `buf` (aligned to 4): the message at *offset, which is moved past it, or
 * NULL when no whole one is left. Start with *offset 0.
 */
const struct nlmsghdr *netlink_message_next(const void *buf, size_t size, size_t *offset);

/*
 * Parse one message that netlink_message_next() gave. Fills *event completely. Everything is checked against
 * the message's length; unknown types and attributes are skipped.
 */
void netlink_message_parse(const struct nlmsghdr *nlh, struct netlink_event *event);

#endif
