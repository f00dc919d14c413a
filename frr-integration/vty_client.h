/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of an FRRouting daemon's .vty socket, for one command at a time: what srpctl is made of, and how
 * vtysh_srp.so asks srpd for its configuration. Blocking, with a time limit on every wait: for programs that
 * have nothing else to do, never for a daemon. No libfrr.
 *
 * Errors are negative errno values:
 *   -ENOENT, -ECONNREFUSED  no daemon there        -EACCES        no right to talk to it
 *   -ENAMETOOLONG           the path does not fit  -ETIMEDOUT     silent for longer than the limit
 *   -E2BIG                  the command is longer than a daemon reads
 *   -ECONNRESET             the daemon went away   -EPROTO        the answer is not that of a vty
 */
#ifndef VTY_CLIENT_H
#define VTY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

/* The longest command a daemon takes (VTY_BUFSIZ in FRRouting), with its NUL. */
#define VTY_CLIENT_LINE_MAX 4096

struct vty_client {
	int fd; /* -1: closed */
};

/* Receives a piece of an answer's text as it arrives; it is not NUL-terminated, and 'len' is not 0. */
typedef void vty_client_text_cb(void *arg, const char *text, size_t len);

/*
 * Connect to the socket at 'path'. 'timeout_msec' (1 and up) limits this and every later wait: it is the
 * longest silence, not the longest answer. 0 or an error; on error the client is closed.
 */
int vty_client_open(struct vty_client *client, const char *path, unsigned int timeout_msec);

/* Another limit for the waits from now on. 0 or an error; on error the client is closed. */
int vty_client_limit(struct vty_client *client, unsigned int timeout_msec);

/*
 * Run one command line (without newline) and hand the text of the answer to 'text_cb' (NULL drops it).
 * Returns the command's result, 0-255, 0 being success; or an error, after which the client is closed.
 */
int vty_client_run(struct vty_client *client, const char *line, vty_client_text_cb *text_cb, void *arg);

/* Close; may be called again, and after an error. */
void vty_client_close(struct vty_client *client);

/* True for the errors that mean that no daemon listens. */
bool vty_client_not_running(int error);

#endif
