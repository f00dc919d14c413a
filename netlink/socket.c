/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink(7) sockets by libmnl. What an old kernel lacks of the options is done without. */
#include "netlink/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>

static void set_option(const struct netlink_socket *socket, int option, int value)
{
	mnl_socket_setsockopt(socket->mnl, option, &value, sizeof(value));
}

static void set_receive_buffer(struct netlink_socket *socket, size_t size)
{
	int fd = netlink_socket_fd(socket), value = (int)size;
	socklen_t length = sizeof(value);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof(value)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &length) == 0 && value > 0)
		socket->receive_buffer = (size_t)value;
}

int netlink_socket_join(const struct netlink_socket *socket, unsigned int group, bool join)
{
	int value = (int)group;

	return mnl_socket_setsockopt(socket->mnl, join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
				     &value, sizeof(value)) < 0
		       ? -errno
		       : 0;
}

bool netlink_socket_open(struct netlink_socket *socket, int protocol, const unsigned int *groups,
			 size_t count, size_t receive_buffer)
{
	int error;

	*socket = (struct netlink_socket){.mnl = mnl_socket_open2(protocol, SOCK_CLOEXEC | SOCK_NONBLOCK)};
	if (!socket->mnl)
		return false;
	set_receive_buffer(socket, receive_buffer);
	set_option(socket, NETLINK_EXT_ACK, 1);
	set_option(socket, NETLINK_CAP_ACK, 1);
	set_option(socket, NETLINK_GET_STRICT_CHK, 1);
	if (mnl_socket_bind(socket->mnl, 0, MNL_SOCKET_AUTOPID) < 0)
		goto failed;
	for (size_t i = 0; i < count; i++)
		if (netlink_socket_join(socket, groups[i], true) < 0)
			goto failed;
	return true;
failed:
	error = errno;
	netlink_socket_close(socket);
	errno = error;
	return false;
}

void netlink_socket_close(struct netlink_socket *socket)
{
	if (socket->mnl)
		mnl_socket_close(socket->mnl);
	socket->mnl = NULL;
}

int netlink_socket_fd(const struct netlink_socket *socket)
{
	return mnl_socket_get_fd(socket->mnl);
}

uint32_t netlink_socket_port(const struct netlink_socket *socket)
{
	return mnl_socket_get_portid(socket->mnl);
}

/* By hand rather than with mnl_socket_recvfrom(), which does not tell who sent it. */
ssize_t netlink_socket_receive(const struct netlink_socket *socket, void *buf, size_t size)
{
	struct sockaddr_nl sender = {0};
	struct iovec iov = {.iov_base = buf, .iov_len = size};
	struct msghdr msg = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t length;

	do
		length = recvmsg(netlink_socket_fd(socket), &msg, MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	if (msg.msg_namelen != sizeof(sender) || sender.nl_pid != 0)
		return 0;
	return msg.msg_flags & MSG_TRUNC ? -ENOBUFS : length;
}

int netlink_socket_send(const struct netlink_socket *socket, const void *buf, size_t length)
{
	ssize_t sent;

	do
		sent = mnl_socket_sendto(socket->mnl, buf, length);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

bool netlink_release_keeps_ifa_proto(const char *release)
{
	unsigned int major, minor;

	return sscanf(release, "%u.%u", &major, &minor) == 2 && (major > 5 || (major == 5 && minor >= 18));
}
