/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sockets of a path and their options: TTL, DSCP, TCP-MD5, and who may be at the other end. */
#ifndef SRP_LINK_SOCKET_H
#define SRP_LINK_SOCKET_H

#include "agent/config.h"

struct link_socket_options {
	const struct srp_addr *own, *peer; /* of the same family */
	uint8_t dscp;                      /* 0..63 */
	bool connected_only;               /* GTSM, and the peer on a connected network or local */
	const uint8_t *md5_key;
	size_t md5_len; /* 0: no TCP-MD5 */
};

/* Non-blocking sockets, -1 with *why set (static text) on failure. A connect goes on by itself. */
int link_socket_listen(const struct link_socket_options *options, uint16_t port, int backlog,
		       const char **why);
int link_socket_connect(const struct link_socket_options *options, uint16_t port, const char **why);

/* The next connection of a listening socket, and where it is from; -1: none. */
int link_socket_accept(int fd, struct srp_addr *from);

void link_socket_dscp(int fd, uint8_t family, uint8_t dscp);

#endif
