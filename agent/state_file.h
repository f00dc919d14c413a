/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What outlasts srpd: role, route modifier and the history of role changes, in one text file:
 *
 *   srpd-state 2
 *   boot-id 0a1b.../1                       of the kernel, /proc/sys/kernel/random/boot_id; cookie of the namespace
 *   role Active
 *   route-modifier 1
 *   switchovers 3                           ever
 *   last-switchover 1760000000000 9 deadTimerExpiry    ms since 1970; 0 when there was none
 *   changes 1                               lines that follow, oldest first
 *   change 1760000000000 Standby Pending-Active peer-gone 9 deadTimerExpiry 2 1
 *   checksum 0123456789abcdef               FNV-1a of all before this line
 *
 * A change: ms since 1970, from, to, event, reason, route modifier after it, 1 for a switchover. The boot id tells a
 * restart of srpd, after which kernel and bgpd still hold what was told, from a reboot, or that of a container: its
 * network namespace, with all that was told to the kernel, is another one then. A file that is not byte for byte what
 * srpd writes is damaged and ignored as a whole.
 */
#ifndef SRP_STATE_FILE_H
#define SRP_STATE_FILE_H

#include <stddef.h>

#include "agent/core/fsm.h"
#include "agent/core/srp.h"

#define SRP_HISTORY_MAX   32
#define SRP_BOOT_ID_LEN   54   /* a UUID as text, '/', 64 bits in hexadecimal, with its NUL */
#define SRP_STATE_LEN_MAX 8192 /* bytes of a file; a full history is below it */

struct srp_history_entry {
	uint64_t at; /* ms since 1970 */
	enum srp_role from, to;
	enum srp_fsm_event event;
	enum srp_reason reason; /* SRP_REASON_NONE: not a switchover */
	uint16_t modifier;      /* after it; 0: none yet */
	bool switchover;
};

struct srp_saved_state {
	char boot_id[SRP_BOOT_ID_LEN];
	enum srp_role role; /* SRP_INIT: has not had another yet */
	uint16_t modifier;  /* 0 (in Init only)..SRP_MODIFIER_MAX */
	uint64_t switchovers;
	uint64_t last_switchover; /* ms since 1970; 0: none */
	enum srp_reason last_reason;
	unsigned int count;
	struct srp_history_entry history[SRP_HISTORY_MAX]; /* oldest first */
};

/* Append a change; the oldest makes room. Counts switchovers. */
void srp_state_add(struct srp_saved_state *state, const struct srp_history_entry *entry);

/* The file's text, with a NUL behind it. Returns its length. */
size_t srp_state_format(const struct srp_saved_state *state, char text[SRP_STATE_LEN_MAX]);

/* True when `buf` is a whole file. Otherwise *state is undefined and `why` says what is wrong. */
bool srp_state_parse(const char *buf, size_t len, struct srp_saved_state *state, char *why, size_t why_size);

/* Returns 0; -ENOENT when there is none; -EINVAL when it is damaged (`why` then says how); -errno. */
int srp_state_read(const char *path, struct srp_saved_state *state, char *why, size_t why_size);

/*
 * Write by a temporary file, fsync, rename and fsync of the directory: blocks for as long as the disk takes. Returns
 * 0 or -errno; the old file stays when the new one cannot be written.
 */
int srp_state_write(const char *path, const struct srp_saved_state *state);

/* The kernel's boot id, and the cookie of the network namespace where the kernel has one; "" without a boot id. */
void srp_state_boot_id(char boot_id[SRP_BOOT_ID_LEN]);

#endif
