/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What srpd remembers over its own end and the host's: role, route modifier and the history of role changes. Read
 * once at the start, handed to the state file's writer with each change, and again every ten seconds for as long as
 * the state directory cannot be written.
 */
#ifndef SRP_MEMORY_H
#define SRP_MEMORY_H

#include "agent/core/core.h"
#include "agent/log.h"
#include "agent/state_writer.h"

#define SRP_MEMORY_RETRY_MSEC 10000

struct srp_memory;

/* Read what the predecessor left, in state_dir or, when that was not writable, in run_dir. NULL without memory. */
struct srp_memory *srp_memory_new(const struct srp_log *log, const char *state_dir, const char *run_dir);

/* Only srpd has restarted: kernel and bgpd still hold what they were told. */
bool srp_memory_resumes(const struct srp_memory *memory);

/* Log what was found at the start, once; later calls do nothing. For when the log is where it belongs. */
void srp_memory_report(struct srp_memory *memory);

/* A role change: `at` in ms since 1970, `modifier` as it is after it. */
void srp_memory_add(struct srp_memory *memory, uint64_t at, const struct srp_role_change *change,
		    uint16_t modifier);

/* To be called after every input; `now` in ms. Never blocks on the disk. */
void srp_memory_save(struct srp_memory *memory, uint64_t now, enum srp_role role, uint16_t modifier);

/* What the state file holds, or will. */
const struct srp_saved_state *srp_memory_saved(const struct srp_memory *memory);

/* False when the state directory could not be written last time. */
bool srp_memory_written(const struct srp_memory *memory);

/* Waits for a write under way. NULL is ignored. */
void srp_memory_free(struct srp_memory *memory);

#endif
