/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See state_file.h. Two lines of text: "role NAME", "route-modifier N". */
#include "agent/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_FILE_MAX 256

static bool parse_role(const char *text, enum srp_role *role)
{
	for (int i = 0; i < SRP_ROLE_COUNT; i++) {
		if (strcmp(srp_role_name((enum srp_role)i), text) == 0) {
			*role = (enum srp_role)i;
			return true;
		}
	}
	return false;
}

int srp_state_read(const char *path, struct srp_saved_state *state, char *why, size_t why_size)
{
	char buf[STATE_FILE_MAX], role[32];
	unsigned int modifier;
	ssize_t len;
	int end = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	len = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (len < 0)
		return -errno;
	buf[len] = '\0';
	if (sscanf(buf, "role %31s route-modifier %5u %n", role, &modifier, &end) != 2 || end != len) {
		snprintf(why, why_size, "not the two lines \"role NAME\" and \"route-modifier N\"");
		return -EINVAL;
	}
	if (!parse_role(role, &state->role)) {
		snprintf(why, why_size, "role \"%s\" is unknown", role);
		return -EINVAL;
	}
	if (modifier < 1 || modifier > SRP_MODIFIER_MAX) {
		snprintf(why, why_size, "route-modifier %u is not in 1..%d", modifier, SRP_MODIFIER_MAX);
		return -EINVAL;
	}
	state->modifier = (uint16_t)modifier;
	return 0;
}

int srp_state_write(const char *path, const struct srp_saved_state *state)
{
	char temporary[512], buf[STATE_FILE_MAX];
	int len = snprintf(buf, sizeof(buf), "role %s\nroute-modifier %u\n", srp_role_name(state->role),
			   state->modifier);
	int fd, error = 0;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	if (write(fd, buf, (size_t)len) != len)
		error = errno ? -errno : -ENOSPC;
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(temporary, path))
		error = -errno;
	if (error)
		unlink(temporary);
	return error;
}
