/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection to an FRRouting daemon's .vty socket on the loop: one command at a time, and its answer. It connects
 * by itself, ten times a second while no daemon is there, and again after its end; more seldom, up to every 5 s, one
 * whose answers were of no use. Never blocks.
 *
 * A daemon that is not of root or of our own user is not talked to, an answer longer than `reply_max` ends the
 * connection. How long an answer may take is for the caller to judge: vty_conn_waiting(), vty_conn_drop().
 */
#ifndef SRP_VTY_CONN_H
#define SRP_VTY_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "agent/loop.h"

struct vty_conn;

/* None of them may free the connection; each may ask, or drop it. */
struct vty_conn_callbacks {
	/* Connected: nothing has been asked yet. */
	void (*up)(void *arg);
	/*
	 * The answer to the command: its result (0 is success, vty_reply.h), its text with a NUL behind it, good
	 * during the call; and a descriptor that came with it, the callee's then, or -1.
	 */
	void (*reply)(void *arg, unsigned int result, const char *text, size_t len, int fd);
	/* It was up and has ended. */
	void (*down)(void *arg, const char *why);
	void *arg;
};

/* `path` is copied. Aborts when memory is out, as the loop does. */
struct vty_conn *vty_conn_new(struct srp_loop *loop, const char *path, size_t reply_max,
			      const struct vty_conn_callbacks *callbacks);
void vty_conn_free(struct vty_conn *conn); /* NULL is ignored */

bool vty_conn_is_up(const struct vty_conn *conn);
/* Who listens there, while it is up. */
pid_t vty_conn_pid(const struct vty_conn *conn);
/* When that process was started, in clock ticks since the host was; 0: not known. */
uint64_t vty_conn_started(const struct vty_conn *conn);
/* How often a daemon of another user was found. */
uint64_t vty_conn_refused(const struct vty_conn *conn);

/* Send a command line (without newline), when it is up and no other is under way. */
void vty_conn_ask(struct vty_conn *conn, const char *line);
/* A command is under way; *since is when it was sent, ms. */
bool vty_conn_waiting(const struct vty_conn *conn, uint64_t *since);
/* Take what lies in the socket: before a silence is judged. */
void vty_conn_read(struct vty_conn *conn);
/* End it; down() is told. */
void vty_conn_drop(struct vty_conn *conn, const char *why);
/* The same, because of an answer: the next such end is followed by twice the wait, until one was accepted. */
void vty_conn_refuse(struct vty_conn *conn, const char *why);
void vty_conn_accept(struct vty_conn *conn);

#endif
