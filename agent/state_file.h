/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a restarted srpd must know of its predecessor: the route modifier it served with.
 *
 * The file lies in the run directory, so it lives exactly as long as the kernel's routes and addresses do:
 * it outlasts srpd but not the host. It is written anew, by rename, with each change.
 */
#ifndef SRP_STATE_FILE_H
#define SRP_STATE_FILE_H

#include "agent/core/srp.h"

struct srp_saved_state {
	enum srp_role role;
	uint16_t modifier; /* 1..SRP_MODIFIER_MAX */
};

/* Returns 0; -ENOENT when there is none; -EINVAL when it is damaged (*line then names the place); -errno. */
int srp_state_read(const char *path, struct srp_saved_state *state, char *why, size_t why_size);

/* Returns 0 or -errno; the old file stays when the new one cannot be written. */
int srp_state_write(const char *path, const struct srp_saved_state *state);

#endif
