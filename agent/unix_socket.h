/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unix sockets on which srpd listens. */
#ifndef SRP_UNIX_SOCKET_H
#define SRP_UNIX_SOCKET_H

#include <sys/types.h>

/*
 * A non-blocking stream socket that listens at `path` with this mode; what was there is replaced. -1 with errno:
 * ENAMETOOLONG, or the system's.
 */
int srp_unix_listen(const char *path, mode_t mode, int backlog);

#endif
