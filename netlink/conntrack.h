/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connection tracking messages (nfnetlink, subsystem CTNETLINK) in buffers: requests are built, what the kernel sends
 * is parsed. No socket here, so all of it is tested and fuzzed on bytes.
 */
#ifndef SRP_NETLINK_CONNTRACK_H
#define SRP_NETLINK_CONNTRACK_H

#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/flow.h"

#define CONNTRACK_REQUEST_MAX 512 /* no request is longer, bytes */
#define CONNTRACK_FILTER_LEN  11

enum conntrack_event_type {
	CONNTRACK_IGNORED,   /* valid, but nothing that is followed */
	CONNTRACK_FLOW,      /* it is there, new or changed */
	CONNTRACK_GONE,      /* it ended */
	CONNTRACK_ANSWER,    /* to one request */
	CONNTRACK_DUMP_DONE, /* and whether all of it came */
	CONNTRACK_MALFORMED,
};

struct conntrack_event {
	enum conntrack_event_type type;
	uint32_t seq;       /* of the request that caused it, 0 when none did */
	int error;          /* ANSWER, DUMP_DONE: 0, or a positive errno */
	bool has_protoinfo; /* FLOW: TCP's or SCTP's part is there; events that do not change it come without */
	uint32_t timeout;   /* s left; flow.timeout is the same */
	struct flow flow;   /* FLOW, GONE */
};

enum conntrack_request {
	/* Make it: -EEXIST when there is one with this key. The connection is never out of TCP's window. */
	CONNTRACK_CREATE,
	/* Set state, timeout, status and mark of one that is there: -ENOENT when it is not. Not its NAT: nobody can. */
	CONNTRACK_UPDATE,
	CONNTRACK_REFRESH, /* the same of the timeout alone */
	CONNTRACK_DELETE,  /* -ENOENT: it is gone already */
	CONNTRACK_GET,     /* its answer is a FLOW, or -ENOENT */
};

/*
 * Build a request at `buf` (aligned to 4), of CONNTRACK_REQUEST_MAX bytes. `timeout`: seconds, for CREATE and UPDATE.
 * The kernel answers only when it fails (but GET). Returns the length, a multiple of 4.
 */
size_t conntrack_build(void *buf, enum conntrack_request request, const struct flow *flow, uint32_t timeout,
		       uint32_t seq);
/* All entries that have these bits of status (IPS_*); a kernel before 5.15 sends all there are. */
size_t conntrack_build_dump(void *buf, uint32_t status, uint32_t seq);

/* Parse one message. Fills *event completely. Everything is checked against the message's length. */
void conntrack_parse(const struct nlmsghdr *nlh, struct conntrack_event *event);

/*
 * A socket filter that lets through events of flows whose status has one of these bits, but not those that requests of
 * the socket `port` (nl_pid) have caused. Events are as many as packets that open connections: what is not wanted is
 * best dropped where it is made.
 */
void conntrack_filter(struct sock_filter filter[static CONNTRACK_FILTER_LEN], uint32_t status, uint32_t port);

#endif
