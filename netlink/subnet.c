/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One dump of addresses per question. See subnet.h. */
#include "netlink/subnet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/addresses.h"

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

static void take_address(void *arg, const struct netlink_object *object)
{
	struct netlink_segment *segment = arg;
	uint8_t host = object->key.family == AF_INET ? 32 : 128;
	struct netlink_subnet *subnet;

	if (object->key.scope != segment->ifindex || object->protocol == SRP_RTPROT ||
	    object->key.plen >= host || segment->subnet_count == NETLINK_SUBNETS_MAX)
		return;
	subnet = &segment->subnets[segment->subnet_count++];
	*subnet = (struct netlink_subnet){.family = object->key.family, .plen = object->key.plen};
	memcpy(subnet->addr, object->key.addr, sizeof(subnet->addr));
}

int netlink_segment_read(const char *ifname, struct netlink_segment *segment)
{
	int error;

	*segment = (struct netlink_segment){.ifindex = if_nametoindex(ifname)};
	if (!segment->ifindex)
		return -ENODEV;
	error = read_flags(ifname, &segment->running);
	if (error)
		return error;
	return netlink_addresses_read(segment->ifindex, take_address, segment);
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
