/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A non-blocking netlink socket: opened with what we need of the kernel, read one datagram at a time. */
#ifndef SRP_NETLINK_SOCKET_H
#define SRP_NETLINK_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mnl_socket;

struct netlink_socket {
	struct mnl_socket *mnl; /* NULL: closed */
	size_t receive_buffer;  /* bytes the kernel keeps for us, with its own overhead counted */
};

/*
 * Open and bind; `protocol` is NETLINK_ROUTE or another. `groups` (of it, `count` of them) are joined.
 * `receive_buffer` is asked for past the system's limit, which needs CAP_NET_ADMIN, and within it otherwise. False and errno on failure.
 */
bool netlink_socket_open(struct netlink_socket *socket, int protocol, const unsigned int *groups,
			 size_t count, size_t receive_buffer);
/* Join a group, or leave it. 0, or -errno. */
int netlink_socket_join(const struct netlink_socket *socket, unsigned int group, bool join);
void netlink_socket_close(struct netlink_socket *socket);          /* a closed one is ignored */
uint32_t netlink_socket_port(const struct netlink_socket *socket); /* nl_pid */
int netlink_socket_fd(const struct netlink_socket *socket);

/*
 * One datagram from the kernel into `buf`. Its length; 0: it came from someone else; -EAGAIN: none is there;
 * -ENOBUFS: some were lost, for want of space in the socket or in `buf`; another -errno.
 */
ssize_t netlink_socket_receive(const struct netlink_socket *socket, void *buf, size_t size);
/* 0, or -errno. The kernel has processed the whole of it on return. */
int netlink_socket_send(const struct netlink_socket *socket, const void *buf, size_t length);

/* Does a kernel of this release (as uname -r prints it) keep IFA_PROTO, i.e. is it 5.18 or later? */
bool netlink_release_keeps_ifa_proto(const char *release);

#endif
