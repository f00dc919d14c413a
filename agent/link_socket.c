/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See link_socket.h. */
#include "agent/link_socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK_TTL           255
#define LINK_SOCKET_BUFFER 65536

static socklen_t sockaddr_from(const struct srp_addr *addr, uint16_t port, struct sockaddr_storage *storage)
{
	memset(storage, 0, sizeof(*storage));
	if (addr->family == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)storage;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, addr->bytes, sizeof(sin->sin_addr));
		return sizeof(*sin);
	}
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)storage;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	memcpy(&sin6->sin6_addr, addr->bytes, sizeof(sin6->sin6_addr));
	return sizeof(*sin6);
}

static void set_option(int fd, int level, int option, int value)
{
	/* Each of these only improves on a default; the link works without. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

void link_socket_dscp(int fd, uint8_t family, uint8_t dscp)
{
	if (family == AF_INET)
		set_option(fd, IPPROTO_IP, IP_TOS, dscp << 2);
	else
		set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
}

/* --- who may be at the other end ----------------------------------------------------------- */

static const uint8_t *sockaddr_bytes(const struct sockaddr *sockaddr)
{
	return sockaddr->sa_family == AF_INET
		       ? (const uint8_t *)&((const struct sockaddr_in *)sockaddr)->sin_addr
		       : (const uint8_t *)&((const struct sockaddr_in6 *)sockaddr)->sin6_addr;
}

/* The address is in the network of one of the host's interfaces, or one of its own. */
static bool on_connected_network(const struct srp_addr *addr)
{
	size_t len = addr->family == AF_INET ? 4 : 16;
	struct ifaddrs *list;
	bool found = false;

	if (getifaddrs(&list))
		return false;
	for (struct ifaddrs *entry = list; entry && !found; entry = entry->ifa_next) {
		const uint8_t *own, *mask;

		if (!entry->ifa_addr || entry->ifa_addr->sa_family != addr->family || !entry->ifa_netmask)
			continue;
		own = sockaddr_bytes(entry->ifa_addr);
		mask = sockaddr_bytes(entry->ifa_netmask);
		found = true;
		for (size_t i = 0; i < len; i++)
			found = found && (own[i] & mask[i]) == (addr->bytes[i] & mask[i]);
	}
	freeifaddrs(list);
	return found;
}

/* Would the kernel send to the address without a gateway? That also covers links without a network. */
static bool without_gateway(const struct srp_addr *addr)
{
	struct sockaddr_storage storage;
	socklen_t len = sockaddr_from(addr, 9, &storage);
	int fd = socket(addr->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found;

	if (fd < 0)
		return false;
	set_option(fd, SOL_SOCKET, SO_DONTROUTE, 1);
	found = connect(fd, (struct sockaddr *)&storage, len) == 0;
	close(fd);
	return found;
}

static bool is_connected(const struct srp_addr *addr)
{
	/* IPv6 does not heed SO_DONTROUTE. */
	return on_connected_network(addr) || (addr->family == AF_INET && without_gateway(addr));
}

/* --- sockets ------------------------------------------------------------------------------- */

static bool set_md5(int fd, const struct link_socket_options *options)
{
	struct tcp_md5sig md5 = {.tcpm_keylen = (uint16_t)options->md5_len};

	sockaddr_from(options->peer, 0, (struct sockaddr_storage *)&md5.tcpm_addr);
	memcpy(md5.tcpm_key, options->md5_key, options->md5_len);
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5)) == 0;
}

/* A TCP socket bound to the own address. */
static int new_socket(const struct link_socket_options *options, uint16_t port, const char **why)
{
	struct sockaddr_storage storage;
	socklen_t len = sockaddr_from(options->own, port, &storage);
	bool v4 = options->own->family == AF_INET;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	int fd;

	if (options->own->family != options->peer->family) {
		*why = "the peer's address is of another family";
		return -1;
	}
	if (options->connected_only && !is_connected(options->peer)) {
		*why = "the peer is not directly connected; that needs authentication, or `insecure`";
		return -1;
	}
	fd = socket(options->own->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		*why = strerror(errno);
		return -1;
	}
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(fd, SOL_SOCKET, SO_SNDBUF, LINK_SOCKET_BUFFER);
	set_option(fd, SOL_SOCKET, SO_RCVBUF, LINK_SOCKET_BUFFER);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/* The address may come up after srpd: bind all the same. */
	set_option(fd, level, v4 ? IP_FREEBIND : IPV6_FREEBIND, 1);
	/* Always: the other end may want it. */
	set_option(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, LINK_TTL);
	if (options->connected_only)
		set_option(fd, level, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, LINK_TTL);
	link_socket_dscp(fd, options->own->family, options->dscp);
	if (!v4)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (options->md5_len && !set_md5(fd, options))
		*why = errno == ENOPROTOOPT ? "this kernel has no TCP-MD5 (CONFIG_TCP_MD5SIG)"
					    : strerror(errno);
	else if (bind(fd, (struct sockaddr *)&storage, len))
		*why = strerror(errno);
	else
		return fd;
	close(fd);
	return -1;
}

int link_socket_listen(const struct link_socket_options *options, uint16_t port, int backlog,
		       const char **why)
{
	int fd = new_socket(options, port, why);

	if (fd < 0 || listen(fd, backlog) == 0)
		return fd;
	*why = strerror(errno);
	close(fd);
	return -1;
}

int link_socket_connect(const struct link_socket_options *options, uint16_t port, const char **why)
{
	struct sockaddr_storage storage;
	socklen_t len = sockaddr_from(options->peer, port, &storage);
	int fd = new_socket(options, 0, why);

	if (fd < 0)
		return -1;
	if (options->connected_only)
		set_option(fd, SOL_SOCKET, SO_DONTROUTE, 1);
	if (connect(fd, (struct sockaddr *)&storage, len) == 0 || errno == EINPROGRESS)
		return fd;
	*why = strerror(errno);
	close(fd);
	return -1;
}

int link_socket_accept(int fd, struct srp_addr *from)
{
	struct sockaddr_storage storage;
	socklen_t len = sizeof(storage);
	int accepted = accept4(fd, (struct sockaddr *)&storage, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (accepted < 0)
		return -1;
	memset(from, 0, sizeof(*from));
	from->family = (uint8_t)storage.ss_family;
	memcpy(from->bytes, sockaddr_bytes((struct sockaddr *)&storage),
	       storage.ss_family == AF_INET ? 4 : 16);
	set_option(accepted, IPPROTO_TCP, TCP_NODELAY, 1);
	return accepted;
}
