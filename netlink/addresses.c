/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One dump of addresses per question, or per change. See addresses.h. */
#include "netlink/addresses.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/message.h"

#define RECEIVE_BUFFER (1u << 20)
#define DATAGRAMS_MAX  4096 /* of one dump, on a kernel that does not filter by interface */

struct reading {
	void (*take)(void *arg, const struct netlink_object *object);
	void *arg;
};

/* The answer to one dump. 0 or -errno. */
static int read_dump(const struct netlink_socket *socket, uint32_t seq, const struct reading *reading)
{
	static char buf[65536] __attribute__((aligned(8)));

	for (unsigned int i = 0; i < DATAGRAMS_MAX; i++) {
		ssize_t length = netlink_socket_receive(socket, buf, sizeof(buf));
		const struct nlmsghdr *nlh;
		size_t offset = 0;

		if (length < 0)
			return (int)length;
		while (length > 0 && (nlh = netlink_message_next(buf, (size_t)length, &offset))) {
			struct netlink_event event;

			netlink_message_parse(nlh, &event);
			if (event.seq != seq)
				continue;
			if (event.type == NETLINK_EVENT_OBJECT)
				reading->take(reading->arg, &event.object);
			else if (event.type == NETLINK_EVENT_DUMP_DONE || event.type == NETLINK_EVENT_ANSWER)
				return -event.error;
		}
	}
	return -EMSGSIZE;
}

static int read_family(const struct netlink_socket *socket, enum netlink_dump dump, uint32_t ifindex,
		       uint32_t seq, const struct reading *reading)
{
	char request[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	size_t length = netlink_message_build_dump_of(request, sizeof(request), dump, ifindex, seq);
	int error = netlink_socket_send(socket, request, length);

	if (!error)
		error = read_dump(socket, seq, reading);
	/* A kernel without IPv6 has nothing to tell of it. */
	return error == -EAFNOSUPPORT || error == -EOPNOTSUPP ? 0 : error;
}

int netlink_addresses_read(uint32_t ifindex, void (*take)(void *arg, const struct netlink_object *object),
			   void *arg)
{
	const struct reading reading = {.take = take, .arg = arg};
	struct netlink_socket socket;
	int error;

	if (!netlink_socket_open(&socket, NETLINK_ROUTE, NULL, 0, RECEIVE_BUFFER))
		return -errno;
	error = read_family(&socket, NETLINK_DUMP_ADDRESSES_IPV4, ifindex, 1, &reading);
	if (!error)
		error = read_family(&socket, NETLINK_DUMP_ADDRESSES_IPV6, ifindex, 2, &reading);
	netlink_socket_close(&socket);
	return error;
}

/* --- the set ------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct netlink_address));
}

static void add(void *arg, const struct netlink_object *object)
{
	struct netlink_addresses *addresses = arg;
	struct netlink_address *table;
	size_t room = addresses->room ? addresses->room * 2 : 64;

	if (addresses->count == addresses->room) {
		table = realloc(addresses->table, room * sizeof(*table));
		if (!table)
			return;
		addresses->table = table;
		addresses->room = room;
	}
	table = &addresses->table[addresses->count++];
	*table = (struct netlink_address){.family = object->key.family};
	memcpy(table->addr, object->key.addr, object->key.family == AF_INET ? 4 : 16);
}

static int load(struct netlink_addresses *addresses)
{
	struct netlink_addresses now = {0};
	int error = netlink_addresses_read(0, add, &now);

	if (error) {
		free(now.table);
		return error;
	}
	if (now.count)
		qsort(now.table, now.count, sizeof(now.table[0]), compare);
	free(addresses->table);
	addresses->table = now.table;
	addresses->count = now.count;
	addresses->room = now.room;
	return 0;
}

int netlink_addresses_open(struct netlink_addresses *addresses)
{
	static const unsigned int groups[] = {RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR};
	int error;

	*addresses = (struct netlink_addresses){0};
	if (!netlink_socket_open(&addresses->notify, NETLINK_ROUTE, groups, 2, RECEIVE_BUFFER))
		return -errno;
	error = load(addresses);
	if (error)
		netlink_addresses_close(addresses);
	return error;
}

void netlink_addresses_close(struct netlink_addresses *addresses)
{
	netlink_socket_close(&addresses->notify);
	free(addresses->table);
	*addresses = (struct netlink_addresses){0};
}

int netlink_addresses_follow(struct netlink_addresses *addresses)
{
	char buf[8192] __attribute__((aligned(8)));
	ssize_t length;

	/* What changed does not matter; that something was lost does neither. */
	do
		length = netlink_socket_receive(&addresses->notify, buf, sizeof(buf));
	while (length >= 0 || length == -ENOBUFS);
	return length == -EAGAIN ? load(addresses) : (int)length;
}

bool netlink_addresses_have(const struct netlink_addresses *addresses, uint8_t family, const uint8_t *addr)
{
	struct netlink_address wanted = {.family = family};

	memcpy(wanted.addr, addr, family == AF_INET ? 4 : 16);
	return addresses->count &&
	       bsearch(&wanted, addresses->table, addresses->count, sizeof(wanted), compare) != NULL;
}
