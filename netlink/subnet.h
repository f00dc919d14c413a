/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connected subnets of an interface, asked of the kernel when they are needed: those of its addresses
 * that are not ours and not a host's alone. The kernel answers inside the call, so that nothing is waited
 * for.
 */
#ifndef SRP_NETLINK_SUBNET_H
#define SRP_NETLINK_SUBNET_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NETLINK_SUBNETS_MAX 32 /* of one interface; the rest is not looked at */

struct netlink_subnet {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t plen;
	uint8_t addr[16]; /* network byte order; with host bits */
};

/* What an interface is and has. */
struct netlink_segment {
	uint32_t ifindex;
	bool running; /* up, with carrier */
	struct netlink_subnet subnets[NETLINK_SUBNETS_MAX];
	size_t subnet_count;
};

/* Fill *segment. 0 or -errno: -ENODEV when there is no such interface. */
int netlink_segment_read(const char *ifname, struct netlink_segment *segment);

/* A number of /proc/sys/net/FAMILY/conf/IFNAME, FAMILY "ipv4" or "ipv6"; 0 when there is none. */
int netlink_interface_setting(const char *family, const char *ifname, const char *name);

/* Does the address lie in a subnet of the segment? */
bool netlink_segment_covers(const struct netlink_segment *segment, uint8_t family, const uint8_t *addr);

#endif
