/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of this network namespace, asked of the kernel when they are needed, and as a set that follows it. The
 * kernel answers inside the call, so that nothing is waited for.
 */
#ifndef SRP_NETLINK_ADDRESSES_H
#define SRP_NETLINK_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/object.h"
#include "netlink/socket.h"

/* Calls `take` for each address of an interface; ifindex 0: of all. 0, or -errno. */
int netlink_addresses_read(uint32_t ifindex, void (*take)(void *arg, const struct netlink_object *object),
			   void *arg);

struct netlink_address {
	uint8_t family;   /* AF_INET, AF_INET6 */
	uint8_t addr[16]; /* network byte order; the rest is zero */
};

struct netlink_addresses {
	struct netlink_socket notify;
	struct netlink_address *table; /* sorted */
	size_t count, room;
};

/* Begin to follow. 0, or -errno. */
int netlink_addresses_open(struct netlink_addresses *addresses);
void netlink_addresses_close(struct netlink_addresses *addresses);
/* To be called when notify's descriptor is readable: the set is as it is now. 0, or -errno: it is as it was. */
int netlink_addresses_follow(struct netlink_addresses *addresses);
/* Is it one of the host's? */
bool netlink_addresses_have(const struct netlink_addresses *addresses, uint8_t family, const uint8_t *addr);

#endif
