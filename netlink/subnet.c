/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One dump of addresses per question. See subnet.h. */
#include "netlink/subnet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/message.h"
#include "netlink/socket.h"

#define RECEIVE_BUFFER (1u << 20)
#define DATAGRAMS_MAX  4096 /* of one dump, on a kernel that does not filter by interface */

static int read_flags(const char *ifname, bool *running)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

	if (fd < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
		error = -errno;
	close(fd);
	*running = !error && (request.ifr_flags & IFF_UP) && (request.ifr_flags & IFF_RUNNING);
	return error;
}

static void take_address(struct netlink_segment *segment, const struct netlink_object *object)
{
	uint8_t host = object->key.family == AF_INET ? 32 : 128;
	struct netlink_subnet *subnet;

	if (object->key.scope != segment->ifindex || object->protocol == SRP_RTPROT ||
	    object->key.plen >= host || segment->subnet_count == NETLINK_SUBNETS_MAX)
		return;
	subnet = &segment->subnets[segment->subnet_count++];
	*subnet = (struct netlink_subnet){.family = object->key.family, .plen = object->key.plen};
	memcpy(subnet->addr, object->key.addr, sizeof(subnet->addr));
}

/* The answer to one dump. 0 or -errno. */
static int read_dump(const struct netlink_socket *socket, uint32_t seq, struct netlink_segment *segment)
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
				take_address(segment, &event.object);
			else if (event.type == NETLINK_EVENT_DUMP_DONE || event.type == NETLINK_EVENT_ANSWER)
				return -event.error;
		}
	}
	return -EMSGSIZE;
}

static int read_family(const struct netlink_socket *socket, enum netlink_dump dump, uint32_t seq,
		       struct netlink_segment *segment)
{
	char request[NETLINK_REQUEST_MAX] __attribute__((aligned(8)));
	size_t length = netlink_message_build_dump_of(request, sizeof(request), dump, segment->ifindex, seq);
	int error = netlink_socket_send(socket, request, length);

	if (!error)
		error = read_dump(socket, seq, segment);
	/* A kernel without IPv6 has nothing to tell of it. */
	return error == -EAFNOSUPPORT || error == -EOPNOTSUPP ? 0 : error;
}

int netlink_segment_read(const char *ifname, struct netlink_segment *segment)
{
	struct netlink_socket socket;
	int error;

	*segment = (struct netlink_segment){.ifindex = if_nametoindex(ifname)};
	if (!segment->ifindex)
		return -ENODEV;
	error = read_flags(ifname, &segment->running);
	if (error)
		return error;
	if (!netlink_socket_open(&socket, NULL, 0, RECEIVE_BUFFER))
		return -errno;
	error = read_family(&socket, NETLINK_DUMP_ADDRESSES_IPV4, 1, segment);
	if (!error)
		error = read_family(&socket, NETLINK_DUMP_ADDRESSES_IPV6, 2, segment);
	netlink_socket_close(&socket);
	return error;
}

static bool subnet_covers(const struct netlink_subnet *subnet, const uint8_t *addr)
{
	size_t bytes = subnet->plen / 8;
	uint8_t mask = (uint8_t)(0xff00u >> (subnet->plen % 8));

	return memcmp(subnet->addr, addr, bytes) == 0 &&
	       (mask == 0 || ((subnet->addr[bytes] ^ addr[bytes]) & mask) == 0);
}

bool netlink_segment_covers(const struct netlink_segment *segment, uint8_t family, const uint8_t *addr)
{
	for (size_t i = 0; i < segment->subnet_count; i++)
		if (segment->subnets[i].family == family && subnet_covers(&segment->subnets[i], addr))
			return true;
	return false;
}

int netlink_interface_setting(const char *family, const char *ifname, const char *name)
{
	char path[128];
	int value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, ifname, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	fclose(file);
	return value;
}
