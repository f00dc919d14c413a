/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the state file in a thread of its own, because fsync may take seconds on a busy disk and neither a hello nor
 * a failover may wait for it. The thread knows this file only; it takes the latest state, what it had no time for is
 * left out. All functions are for the loop's thread.
 */
#ifndef SRP_STATE_WRITER_H
#define SRP_STATE_WRITER_H

#include "agent/state_file.h"

struct srp_state_writer;

/* Writes DIR/srpd.state; makes DIR (not its parents) when it can. NULL without memory or thread. */
struct srp_state_writer *srp_state_writer_new(const char *dir);
const char *srp_state_writer_path(const struct srp_state_writer *writer);

/* Have this written; it is copied. Never blocks on the disk. */
void srp_state_writer_put(struct srp_state_writer *writer, const struct srp_saved_state *state);

/* How the last finished write ended: 0 or -errno. */
int srp_state_writer_error(struct srp_state_writer *writer);

/* Wait until all is written and stop. NULL is ignored. */
void srp_state_writer_free(struct srp_state_writer *writer);

#endif
