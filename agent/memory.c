/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See memory.h. The agent is made before srpd.conf is read, and with it the name of the log file: what is found at
 * the start waits for srp_memory_report().
 */
#include "agent/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the state is kept, as far as that is known. */
enum kept { KEPT, KEPT_IN_RUN_DIR, LOST };

struct srp_memory {
	const struct srp_log *log;
	struct srp_state_writer *writer;
	struct srp_saved_state saved;
	bool resumes;
	bool reported;
	char unread[SRP_STATE_PLACES][256]; /* for the report: why a file was ignored; "": it was not */
	struct srp_saved_state found;       /* likewise: what was read, as it was; modifier 0: nothing */

	bool changed; /* since it was handed to the writer */
	bool put;     /* it was handed to the writer before */
	uint64_t retry_at;
	enum kept kept; /* as last logged */
};

/* --- at the start -------------------------------------------------------------------------- */

static uint64_t last_change(const struct srp_saved_state *state)
{
	return state->count ? state->history[state->count - 1].at : 0;
}

/* True when there is one; what is wrong with a file is kept for the report. */
static bool read_place(struct srp_memory *memory, enum srp_state_place place, struct srp_saved_state *state)
{
	const char *path = srp_state_writer_path(memory->writer, place);
	char why[128] = "";
	int error;

	if (!path)
		return false;
	error = srp_state_read(path, state, why, sizeof(why));
	/* That the directory is not there or not ours is said by the writer. */
	if (error && error != -ENOENT && error != -EACCES && error != -ENOTDIR)
		snprintf(memory->unread[place], sizeof(memory->unread[place]), "ignored, %s%s",
			 error == -EINVAL ? "damaged: " : "", error == -EINVAL ? why : strerror(-error));
	return !error;
}

/*
 * The file in the run directory is the later one (state_writer.h), unless it was forgotten there: by an srpd that
 * was killed between two steps, or by a host that keeps its /run over a reboot.
 */
static void read_state(struct srp_memory *memory)
{
	struct srp_saved_state other;
	char boot_id[SRP_BOOT_ID_LEN];
	bool first = read_place(memory, SRP_STATE_DIR, &memory->saved);
	bool second = read_place(memory, SRP_STATE_RUN_DIR, &other);

	if (second && (!first || last_change(&other) >= last_change(&memory->saved)))
		memory->saved = other;
	else if (!first)
		memset(&memory->saved, 0, sizeof(memory->saved));
	srp_state_boot_id(boot_id);
	/* Without a boot id nothing is known to be still there. */
	memory->resumes = boot_id[0] && strcmp(boot_id, memory->saved.boot_id) == 0 && memory->saved.modifier;
	memory->found = memory->saved;
	memcpy(memory->saved.boot_id, boot_id, sizeof(boot_id));
}

struct srp_memory *srp_memory_new(const struct srp_log *log, const char *state_dir, const char *run_dir)
{
	struct srp_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->log = log;
	memory->writer = srp_state_writer_new(state_dir, run_dir);
	if (!memory->writer) {
		free(memory);
		return NULL;
	}
	read_state(memory);
	return memory;
}

/* Say where the state is kept, when that is not as it was. */
static void log_kept(struct srp_memory *memory, const struct srp_state_written *written)
{
	const char *path = srp_state_writer_path(memory->writer, SRP_STATE_DIR);
	const char *second = srp_state_writer_path(memory->writer, SRP_STATE_RUN_DIR);
	const char *why = strerror(-written->error[SRP_STATE_DIR]);
	enum kept kept = !written->error[SRP_STATE_DIR]       ? KEPT
			 : !written->error[SRP_STATE_RUN_DIR] ? KEPT_IN_RUN_DIR
							      : LOST;

	if (kept == memory->kept)
		return;
	memory->kept = kept;
	if (kept == KEPT)
		srp_log(memory->log, SRP_LOG_NOTICE, "%s: written again", path);
	else if (kept == KEPT_IN_RUN_DIR)
		srp_log(memory->log, SRP_LOG_WARNING,
			"%s: not written: %s; role, route-modifier and history are kept in %s and lost with "
			"the host",
			path, why, second);
	else
		srp_log(memory->log, SRP_LOG_WARNING,
			"%s: not written: %s; role, route-modifier and history are lost with srpd", path,
			why);
}

void srp_memory_report(struct srp_memory *memory)
{
	struct srp_state_written written = srp_state_writer_written(memory->writer);

	if (memory->reported)
		return;
	memory->reported = true;
	for (enum srp_state_place place = 0; place < SRP_STATE_PLACES; place++)
		if (memory->unread[place][0])
			srp_log(memory->log, SRP_LOG_WARNING, "%s: %s",
				srp_state_writer_path(memory->writer, place), memory->unread[place]);
	if (memory->found.modifier)
		srp_log(memory->log, SRP_LOG_NOTICE, "this chassis was %s with route-modifier %u before %s",
			srp_role_name(memory->found.role), memory->found.modifier,
			memory->resumes ? "srpd restarted" : "the host rebooted");
	log_kept(memory, &written);
}

/* --- while it runs ------------------------------------------------------------------------- */

void srp_memory_add(struct srp_memory *memory, uint64_t at, const struct srp_role_change *change,
		    uint16_t modifier)
{
	srp_state_add(&memory->saved, &(struct srp_history_entry){
					      .at = at,
					      .from = change->from,
					      .to = change->to,
					      .event = change->event,
					      .reason = change->reason,
					      .modifier = modifier,
					      .switchover = change->switchover,
				      });
	memory->changed = true;
}

void srp_memory_save(struct srp_memory *memory, uint64_t now, enum srp_role role, uint16_t modifier)
{
	struct srp_state_written written = srp_state_writer_written(memory->writer);
	struct srp_saved_state *saved = &memory->saved;

	if (memory->reported && !written.busy)
		log_kept(memory, &written);
	/* Init is not a state to go on from: what was before is still the truth. */
	if (role != SRP_INIT && (saved->role != role || saved->modifier != modifier)) {
		saved->role = role;
		saved->modifier = modifier;
		memory->changed = true;
	}
	if (memory->put && !written.busy && written.error[SRP_STATE_DIR] && now >= memory->retry_at)
		memory->changed = true;
	if (!memory->changed)
		return;
	srp_state_writer_put(memory->writer, saved);
	memory->changed = false;
	memory->put = true;
	memory->retry_at = now + SRP_MEMORY_RETRY_MSEC;
}

const struct srp_saved_state *srp_memory_saved(const struct srp_memory *memory)
{
	return &memory->saved;
}

bool srp_memory_resumes(const struct srp_memory *memory)
{
	return memory->resumes;
}

bool srp_memory_written(const struct srp_memory *memory)
{
	return srp_state_writer_written(memory->writer).error[SRP_STATE_DIR] == 0;
}

void srp_memory_free(struct srp_memory *memory)
{
	if (!memory)
		return;
	srp_state_writer_free(memory->writer);
	free(memory);
}
