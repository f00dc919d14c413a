/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the state file in a thread of its own: neither a hello nor a failover may wait for the disk. Measured on a
 * virtual disk with ext4, one write of a full file with its two fsyncs takes 11 ms (median of 200; 20 ms at most),
 * half a hello-interval of 20 ms, and on a busy disk it may be seconds; on tmpfs it takes 0.02 ms. The thread knows
 * its files only; it takes the latest state, what it had no time for is left out. All functions are for the loop's
 * thread.
 *
 * There are two places: the state directory, which outlasts the host, and the run directory, which outlasts srpd. The
 * second is written when the first cannot be, and its file is removed when the first could: where there are two
 * files, the one in the run directory is the later one.
 */
#ifndef SRP_STATE_WRITER_H
#define SRP_STATE_WRITER_H

#include "agent/state_file.h"

enum srp_state_place { SRP_STATE_DIR, SRP_STATE_RUN_DIR, SRP_STATE_PLACES };

struct srp_state_writer;

/* How the last finished write ended, at both places: 0 or -errno. */
struct srp_state_written {
	bool busy; /* there is more to write */
	int error[SRP_STATE_PLACES];
};

/*
 * Writes srpd.state in the first of the directories that lets it; makes state_dir (not its parents) when it can.
 * What srp_state_writer_written() says before the first write is whether state_dir looks writable. NULL without
 * memory or thread.
 */
struct srp_state_writer *srp_state_writer_new(const char *state_dir, const char *run_dir);

/* NULL for the run directory when that is the state directory. */
const char *srp_state_writer_path(const struct srp_state_writer *writer, enum srp_state_place place);

/* Have this written; it is copied. Never blocks on the disk. */
void srp_state_writer_put(struct srp_state_writer *writer, const struct srp_saved_state *state);

struct srp_state_written srp_state_writer_written(struct srp_state_writer *writer);

/* Wait until all is written and stop. NULL is ignored. */
void srp_state_writer_free(struct srp_state_writer *writer);

#endif
