/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces of this network namespace, as dumps and notifications tell them: what turns a name into an
 * index and a VRF into its table.
 *
 * All interfaces are kept (some 40 bytes each), also those that nothing refers to yet: a new desired set is
 * then resolved without asking the kernel.
 */
#ifndef SRP_NETLINK_LINK_H
#define SRP_NETLINK_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_link {
	uint32_t ifindex;
	uint32_t vrf_table; /* 0: not a VRF device */
	char name[IF_NAMESIZE];
	bool up;      /* IFF_UP */
	bool running; /* IFF_RUNNING: has carrier */
};

struct netlink_link_node;

/* Zero-initialised: empty. */
struct netlink_link_table {
	struct netlink_link_node **buckets;
	size_t bucket_count; /* a power of two, or 0 */
	size_t count;
	uint32_t generation; /* of the running or last dump */
};

enum netlink_link_change {
	NETLINK_LINK_SAME,
	NETLINK_LINK_STATE,    /* up or running changed */
	NETLINK_LINK_IDENTITY, /* new, gone, renamed, or another VRF table */
	NETLINK_LINK_NO_MEMORY,
};

/* Take what the kernel says of one link. *before (may be NULL) becomes what was known; ifindex 0: nothing. */
enum netlink_link_change netlink_link_put(struct netlink_link_table *table, const struct netlink_link *link,
					  struct netlink_link *before);
/* The link is gone. False when it was not known. */
bool netlink_link_remove(struct netlink_link_table *table, uint32_t ifindex);

/* NULL when there is none. Valid until the table changes. */
const struct netlink_link *netlink_link_by_index(const struct netlink_link_table *table, uint32_t ifindex);
const struct netlink_link *netlink_link_by_name(const struct netlink_link_table *table, const char *name);

/* Around a dump: what was not put between the two is dropped by the second. */
void netlink_link_dump_begin(struct netlink_link_table *table);
void netlink_link_dump_end(struct netlink_link_table *table);

void netlink_link_clear(struct netlink_link_table *table);

#endif
