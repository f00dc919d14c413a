/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A route or an address as the kernel has it, and the one question the reconciler asks about it: given
 * what is wanted under a key and what of ours is there, what is the next thing to do?
 *
 * Pure: no socket, no allocation. message.h turns netlink into these and back.
 */
#ifndef SRP_NETLINK_OBJECT_H
#define SRP_NETLINK_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/link.h"
#include "netlink/reconciler.h"

/*
 * Metric of the routes we add. IPv4 takes 0, the best. IPv6 has no 0 (it means 1024), so 1: a pool must win
 * at once over a BGP route for the same prefix, which zebra installs with 20 in either family.
 */
#define NETLINK_METRIC_IPV4   0u
#define NETLINK_METRIC_IPV6   1u

#define NETLINK_OBJECT_STRLEN 192

/* What two objects share that compete for one place. Compared with memcmp: zero it before filling. */
struct netlink_key {
	uint8_t kind; /* enum reconciler_kind */
	uint8_t family;
	uint8_t plen;
	uint8_t pad;
	uint32_t scope;   /* a route's table, an address's interface index */
	uint8_t addr[16]; /* network byte order */
};

struct netlink_object {
	struct netlink_key key;
	uint8_t protocol; /* rtm_protocol or IFA_PROTO; 0 when the kernel did not say */
	bool deprecated;  /* addresses: preferred lifetime is over, or (wanted) shall be */

	/* Routes only. */
	uint8_t type; /* RTN_UNICAST, RTN_BLACKHOLE, ... */
	uint8_t tos;
	bool compound; /* more than one nexthop, a nexthop object or an encapsulation: never one of ours */
	bool has_gateway;
	uint8_t gateway_family;
	uint8_t gateway[16];
	uint32_t oif;      /* interface index; 0: the kernel chooses, or (blackhole) none */
	uint32_t metric;   /* of the route, or of the address's */
	bool exact_metric; /* wanted: no other will do */
};

/* An object of ours that is in the kernel. A list of them hangs off each key: see table.h. */
struct netlink_entry {
	struct netlink_object object;
	uint32_t generation; /* of the dump that saw it last */
	struct netlink_entry *next;
};

enum netlink_op_type {
	NETLINK_OP_NONE,
	NETLINK_OP_ADD,     /* only if nothing is there under this key and metric */
	NETLINK_OP_REPLACE, /* without a gap */
	NETLINK_OP_DELETE,
};

struct netlink_op {
	enum netlink_op_type type;
	struct netlink_object object; /* to add, to put instead, or to delete */
};

/*
 * What `wanted` means in this kernel: names become interface indexes and table numbers. False, with a
 * static text in *why, when an interface or VRF does not exist (yet).
 */
bool netlink_object_resolve(const struct reconciler_object *wanted, const struct netlink_link_table *links,
			    struct netlink_object *object, const char **why);

/* Does `present` do what `wanted` asks? With another metric it does, unless one is asked for. */
bool netlink_object_satisfies(const struct netlink_object *wanted, const struct netlink_object *present);

/* Would the kernel keep both only as duplicates (v4) or not at all (v6): same key, and for routes TOS and metric? */
bool netlink_object_same_place(const struct netlink_object *a, const struct netlink_object *b);

/* Same in everything that tells two kernel objects under one key apart. */
bool netlink_object_identical(const struct netlink_object *a, const struct netlink_object *b);

/*
 * The next step from `present` (all of ours under the key) to `wanted` (NULL: nothing). `contested`: someone
 * else holds the same place too; replacing could hit his, so ours is deleted first. Call again after each
 * step until NETLINK_OP_NONE: the order is such that a prefix is never without its route in between; but an
 * address of another metric is deleted before it is added.
 */
struct netlink_op netlink_object_diff(const struct netlink_object *wanted,
				      const struct netlink_entry *present, bool contested);

/* "route 172.18.0.0/16 via 10.2.0.9 dev eth1 table 10"; interface names from `links` (may be NULL). Returns
 * buf. */
const char *netlink_object_format(const struct netlink_object *object, const struct netlink_link_table *links,
				  char buf[static NETLINK_OBJECT_STRLEN]);

/* The same for an object as the caller stated it. */
const char *netlink_object_format_wanted(const struct reconciler_object *wanted,
					 char buf[static NETLINK_OBJECT_STRLEN]);

#endif
