/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rounds of announcements over one packet(7) socket. See announce.h. */
#include "netlink/announce.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/subnet.h"

struct port {
	char ifname[IF_NAMESIZE];
	unsigned int count;
	uint32_t interval_msec;
	struct announcer_address *addresses;
	size_t address_count;

	struct announcer_status status;
	uint64_t pass_at;           /* the next pass, or the rest of this one */
	uint64_t pass_began;        /* when the pass under way began */
	bool in_pass;               /* the frames before `next` are sent */
	size_t next;                /* address */
	struct announcer_link link; /* as it was when the pass began */
};

struct announcer {
	struct announcer_callbacks callbacks;
	int fd; /* -1: not open */
	struct port *ports;
	size_t port_count;
};

/* --- the kernel ------------------------------------------------------------------------------- */

/* The socket, opened when it is not. -errno on failure. It has no protocol, so nothing comes in by it. */
static int open_socket(struct announcer *a)
{
	int error;

	if (a->fd >= 0)
		return 0;
	if (a->callbacks.privs)
		a->callbacks.privs(a->callbacks.arg, true);
	a->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = a->fd < 0 ? -errno : 0;
	if (a->callbacks.privs)
		a->callbacks.privs(a->callbacks.arg, false);
	return error;
}

static int find_link(struct announcer *a, const char *ifname, struct announcer_link *link)
{
	struct ifreq request = {0};
	int error = open_socket(a);

	if (error)
		return error;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (ioctl(a->fd, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	if (!(request.ifr_flags & IFF_UP))
		return -ENETDOWN;
	if (ioctl(a->fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	/* These frames are Ethernet's. */
	if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return -EPFNOSUPPORT;
	memcpy(link->mac, request.ifr_hwaddr.sa_data, sizeof(link->mac));
	if (ioctl(a->fd, SIOCGIFINDEX, &request) < 0)
		return -errno;
	link->ifindex = request.ifr_ifindex;
	/* A kernel without IPv6 forwards none. */
	link->router = netlink_interface_setting("ipv6", ifname, "forwarding") != 0;
	return 0;
}

static int send_frame(struct announcer *a, int ifindex, const void *frame, size_t length)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = ifindex};
	ssize_t sent;

	if (a->callbacks.send)
		return a->callbacks.send(a->callbacks.arg, ifindex, frame, length);
	do
		sent = sendto(a->fd, frame, length, 0, (struct sockaddr *)&to, sizeof(to));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* --- passes ------------------------------------------------------------------------------------- */

static void count_frame(struct port *port, int error, uint64_t *counter, uint64_t now)
{
	if (error) {
		port->status.failed++;
		port->status.error = -error;
		return;
	}
	++*counter;
	port->status.last_sent = now;
}

/* Announce one address. Returns how many frames that were. */
static unsigned int announce(struct announcer *a, struct port *port, const struct announcer_address *address,
			     uint64_t now)
{
	const struct announcer_link *link = &port->link;
	uint8_t frame[FRAME_MAX];
	size_t length;

	if (address->family == AF_INET6) {
		length = frame_advertise(frame, link->mac, address->addr, link->router);
		count_frame(port, send_frame(a, link->ifindex, frame, length), &port->status.advertisements,
			    now);
		return 1;
	}
	length = frame_arp_request(frame, link->mac, address->addr);
	count_frame(port, send_frame(a, link->ifindex, frame, length), &port->status.arps, now);
	length = frame_arp_reply(frame, link->mac, address->addr);
	count_frame(port, send_frame(a, link->ifindex, frame, length), &port->status.arps, now);
	return 2;
}

static void pass_begin(struct announcer *a, struct port *port, uint64_t now)
{
	int (*find)(void *arg, const char *ifname, struct announcer_link *link) = a->callbacks.find;
	int error = find ? find(a->callbacks.arg, port->ifname, &port->link)
			 : find_link(a, port->ifname, &port->link);

	port->in_pass = true;
	port->pass_began = now;
	port->next = 0;
	port->status.error = -error;
	if (error) {
		port->status.failed++;
		port->next = port->address_count;
	}
}

static void pass_end(struct port *port, uint64_t now)
{
	port->in_pass = false;
	port->status.passes_left--;
	port->pass_at = port->pass_began + port->interval_msec;
	if (port->pass_at < now)
		port->pass_at = now;
}

static void run_port(struct announcer *a, struct port *port, unsigned int *budget, uint64_t now)
{
	if (!port->in_pass)
		pass_begin(a, port, now);
	while (port->next < port->address_count && *budget) {
		unsigned int frames = announce(a, port, &port->addresses[port->next++], now);

		*budget -= frames < *budget ? frames : *budget;
	}
	if (port->next < port->address_count)
		port->pass_at = now + ANNOUNCER_GAP_MSEC;
	else
		pass_end(port, now);
}

void announcer_run(struct announcer *a, uint64_t now)
{
	unsigned int budget = ANNOUNCER_BATCH;

	for (size_t i = 0; i < a->port_count; i++) {
		struct port *port = &a->ports[i];

		if (!port->status.passes_left || port->pass_at > now)
			continue;
		if (budget)
			run_port(a, port, &budget, now);
		else
			port->pass_at = now + ANNOUNCER_GAP_MSEC;
	}
}

uint64_t announcer_deadline(const struct announcer *a)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < a->port_count; i++)
		if (a->ports[i].status.passes_left && a->ports[i].pass_at < deadline)
			deadline = a->ports[i].pass_at;
	return deadline;
}

void announcer_start(struct announcer *a, size_t index, uint64_t now)
{
	struct port *port = &a->ports[index];

	if (!port->address_count)
		return;
	port->status.rounds++;
	port->status.passes_left = port->count;
	port->in_pass = false;
	port->pass_at = now;
}

void announcer_stop(struct announcer *a)
{
	for (size_t i = 0; i < a->port_count; i++) {
		a->ports[i].status.passes_left = 0;
		a->ports[i].in_pass = false;
	}
}

void announcer_get_status(const struct announcer *a, size_t index, struct announcer_status *status)
{
	*status = a->ports[index].status;
}

/* --- ports -------------------------------------------------------------------------------------- */

static void free_ports(struct port *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(ports[i].addresses);
	free(ports);
}

static bool same_addresses(const struct port *a, const struct port *b)
{
	return a->address_count == b->address_count &&
	       (!a->address_count ||
		memcmp(a->addresses, b->addresses, a->address_count * sizeof(*a->addresses)) == 0);
}

/* What the port of that name has behind it. */
static void inherit(struct port *port, const struct announcer *a)
{
	port->status.fresh = true;
	for (size_t i = 0; i < a->port_count; i++) {
		const struct port *old = &a->ports[i];

		if (strcmp(old->ifname, port->ifname) != 0)
			continue;
		port->status = old->status;
		port->status.fresh = !same_addresses(old, port);
		if (port->status.fresh || old->count != port->count ||
		    old->interval_msec != port->interval_msec) {
			port->status.passes_left = 0;
			return;
		}
		port->pass_at = old->pass_at;
		port->pass_began = old->pass_began;
		port->in_pass = old->in_pass;
		port->next = old->next;
		port->link = old->link;
		return;
	}
}

static bool copy_port(struct port *port, const struct announcer_port *from)
{
	snprintf(port->ifname, sizeof(port->ifname), "%s", from->ifname);
	port->count = from->count ? from->count : 1;
	port->interval_msec = from->interval_msec;
	port->address_count = from->address_count;
	port->addresses = calloc(from->address_count ? from->address_count : 1, sizeof(*port->addresses));
	if (!port->addresses)
		return false;
	/* Member by member: what lies between them shall not count when two are compared. */
	for (size_t i = 0; i < from->address_count; i++) {
		bool ipv6 = from->addresses[i].family == AF_INET6;

		port->addresses[i].family = from->addresses[i].family;
		memcpy(port->addresses[i].addr, from->addresses[i].addr, ipv6 ? 16 : 4);
	}
	return true;
}

int announcer_set(struct announcer *a, const struct announcer_port *ports, size_t count)
{
	struct port *fresh = calloc(count ? count : 1, sizeof(*fresh));
	size_t addresses = 0;

	if (!fresh)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		addresses += ports[i].address_count;
	if (addresses > ANNOUNCER_ADDRESSES_MAX) {
		free(fresh);
		return -E2BIG;
	}
	for (size_t i = 0; i < count; i++) {
		if (!copy_port(&fresh[i], &ports[i])) {
			free_ports(fresh, count);
			return -ENOMEM;
		}
		inherit(&fresh[i], a);
	}
	free_ports(a->ports, a->port_count);
	a->ports = fresh;
	a->port_count = count;
	return 0;
}

struct announcer *announcer_new(const struct announcer_callbacks *callbacks)
{
	struct announcer *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->callbacks = *callbacks;
	a->fd = -1;
	return a;
}

void announcer_free(struct announcer *a)
{
	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	free_ports(a->ports, a->port_count);
	free(a);
}
