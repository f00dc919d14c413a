/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See state_file.h. The parser takes the values out and writes them again: what does not come out as the same bytes
 * was not written by srpd. So there is one description of the format, srp_state_format(), and no way around it.
 */
#include "agent/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/hash.h"

#define MAGIC    "srpd-state "
#define VERSION  "2"
#define BOOT_ID  "/proc/sys/kernel/random/boot_id"
#define UUID_LEN 36
#define WORD_LEN 32
#define STR_(x)  #x
#define STR(x)   STR_(x)

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* the C library may be older than the kernel */
#endif

void srp_state_add(struct srp_saved_state *state, const struct srp_history_entry *entry)
{
	if (state->count == SRP_HISTORY_MAX) {
		memmove(state->history, state->history + 1, (SRP_HISTORY_MAX - 1) * sizeof(*entry));
		state->count--;
	}
	state->history[state->count++] = *entry;
	if (entry->switchover) {
		state->switchovers++;
		state->last_switchover = entry->at;
		state->last_reason = entry->reason;
	}
}

/* --- text ---------------------------------------------------------------------------------- */

size_t srp_state_format(const struct srp_saved_state *state, char text[SRP_STATE_LEN_MAX])
{
	size_t len = (size_t)snprintf(text, SRP_STATE_LEN_MAX,
				      MAGIC VERSION "\nboot-id %s\nrole %s\nroute-modifier %u\n"
						    "switchovers %" PRIu64 "\nlast-switchover %" PRIu64
						    " %d %s\nchanges %u\n",
				      state->boot_id[0] ? state->boot_id : "-", srp_role_name(state->role),
				      state->modifier, state->switchovers, state->last_switchover,
				      state->last_reason, srp_reason_name(state->last_reason), state->count);

	for (unsigned int i = 0; i < state->count; i++) {
		const struct srp_history_entry *entry = &state->history[i];

		len += (size_t)snprintf(text + len, SRP_STATE_LEN_MAX - len,
					"change %" PRIu64 " %s %s %s %d %s %u %d\n", entry->at,
					srp_role_name(entry->from), srp_role_name(entry->to),
					srp_event_name(entry->event), entry->reason,
					srp_reason_name(entry->reason), entry->modifier, entry->switchover);
	}
	return len + (size_t)snprintf(text + len, SRP_STATE_LEN_MAX - len, "checksum %016" PRIx64 "\n",
				      srp_hash(SRP_HASH_START, text, len));
}

static bool take_role(const char *word, enum srp_role *role)
{
	for (int i = 0; i < SRP_ROLE_COUNT; i++) {
		if (strcmp(srp_role_name((enum srp_role)i), word) == 0) {
			*role = (enum srp_role)i;
			return true;
		}
	}
	return false;
}

static bool take_event(const char *word, enum srp_fsm_event *event)
{
	for (int i = 0; i < SRP_EVENT_COUNT; i++) {
		if (strcmp(srp_event_name((enum srp_fsm_event)i), word) == 0) {
			*event = (enum srp_fsm_event)i;
			return true;
		}
	}
	return false;
}

static bool take_reason(unsigned int number, enum srp_reason *reason)
{
	*reason = (enum srp_reason)number;
	return number < SRP_REASON_COUNT;
}

/* One line of the history. Returns its length, 0 when it is none. */
static size_t take_change(const char *text, struct srp_history_entry *entry)
{
	char from[WORD_LEN], to[WORD_LEN], event[WORD_LEN];
	unsigned int reason, modifier, switchover;
	int len = 0;

	if (sscanf(text, "change %20" SCNu64 " %31s %31s %31s %2u %*31s %5u %1u%n", &entry->at, from, to,
		   event, &reason, &modifier, &switchover, &len) != 7 ||
	    text[len] != '\n' || entry->at > INT64_MAX || modifier > SRP_MODIFIER_MAX || switchover > 1 ||
	    !take_role(from, &entry->from) || !take_role(to, &entry->to) ||
	    !take_event(event, &entry->event) || !take_reason(reason, &entry->reason))
		return 0;
	entry->modifier = (uint16_t)modifier;
	entry->switchover = switchover != 0;
	return (size_t)len + 1;
}

static bool bad(char *why, size_t why_size, const char *text)
{
	snprintf(why, why_size, "%s", text);
	return false;
}

bool srp_state_parse(const char *buf, size_t len, struct srp_saved_state *state, char *why, size_t why_size)
{
	char text[SRP_STATE_LEN_MAX], again[SRP_STATE_LEN_MAX], role[WORD_LEN];
	unsigned int modifier, reason;
	int head = 0;
	size_t pos;

	memset(state, 0, sizeof(*state));
	if (len >= sizeof(text))
		return bad(why, why_size, "longer than " STR(SRP_STATE_LEN_MAX) " bytes");
	if (memchr(buf, '\0', len))
		return bad(why, why_size, "a NUL in it");
	memcpy(text, buf, len);
	text[len] = '\0';
	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0)
		return bad(why, why_size, "does not begin with \"" MAGIC VERSION "\"");
	if (strncmp(text, MAGIC VERSION "\n", strlen(MAGIC VERSION "\n")) != 0)
		return bad(why, why_size, "of another version than " VERSION);
	if (sscanf(text,
		   MAGIC VERSION " boot-id %53s role %31s route-modifier %5u switchovers %20" SCNu64
				 " last-switchover %20" SCNu64 " %2u %*31s changes %2u%n",
		   state->boot_id, role, &modifier, &state->switchovers, &state->last_switchover, &reason,
		   &state->count, &head) != 7 ||
	    text[head] != '\n')
		return bad(why, why_size, "a line before the changes is not as it should be");
	if (!take_role(role, &state->role))
		return bad(why, why_size, "the role is unknown");
	if (modifier > SRP_MODIFIER_MAX || (modifier < 1 && state->role != SRP_INIT))
		return bad(why, why_size, "the route-modifier is not in 1.." STR(SRP_MODIFIER_MAX));
	if (!take_reason(reason, &state->last_reason))
		return bad(why, why_size, "the reason of the last switchover is unknown");
	if (state->switchovers > INT64_MAX || state->last_switchover > INT64_MAX)
		return bad(why, why_size, "a number is too large");
	if (state->count > SRP_HISTORY_MAX)
		return bad(why, why_size, "more than " STR(SRP_HISTORY_MAX) " changes");
	state->modifier = (uint16_t)modifier;
	if (strcmp(state->boot_id, "-") == 0)
		state->boot_id[0] = '\0';
	pos = (size_t)head + 1;
	for (unsigned int i = 0; i < state->count; i++) {
		size_t line = take_change(text + pos, &state->history[i]);

		if (!line) {
			snprintf(why, why_size, "change %u of %u is not as it should be", i + 1,
				 state->count);
			return false;
		}
		pos += line;
	}
	if (srp_state_format(state, again) != len || memcmp(text, again, len) != 0)
		return bad(why, why_size, "the checksum does not match");
	return true;
}

/* --- files --------------------------------------------------------------------------------- */

void srp_state_boot_id(char boot_id[SRP_BOOT_ID_LEN])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? 0 : read(fd, boot_id, UUID_LEN);
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	if (fd >= 0)
		close(fd);
	boot_id[len == UUID_LEN ? len : 0] = '\0';
	if (len != UUID_LEN)
		return;
	/* Linux before 5.14 does not tell. */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0)
		snprintf(boot_id + UUID_LEN, SRP_BOOT_ID_LEN - UUID_LEN, "/%" PRIx64, cookie);
	if (fd >= 0)
		close(fd);
}

int srp_state_read(const char *path, struct srp_saved_state *state, char *why, size_t why_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char buf[SRP_STATE_LEN_MAX];
	ssize_t len;
	int error;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, sizeof(buf));
	error = len < 0 ? -errno : 0;
	close(fd);
	if (error)
		return error;
	return srp_state_parse(buf, (size_t)len, state, why, why_size) ? 0 : -EINVAL;
}

/* The rename itself on the disk. */
static int sync_folder(const char *path)
{
	char copy[512];
	int fd, error = 0;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		error = -errno;
	close(fd);
	return error;
}

int srp_state_write(const char *path, const struct srp_saved_state *state)
{
	char temporary[512], text[SRP_STATE_LEN_MAX];
	size_t len = srp_state_format(state, text);
	ssize_t written;
	int fd, error = 0;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -errno;
	written = write(fd, text, len);
	if (written != (ssize_t)len)
		error = written < 0 ? -errno : -ENOSPC;
	else if (fsync(fd))
		error = -errno;
	if (close(fd) && !error)
		error = -errno;
	if (!error && rename(temporary, path))
		error = -errno;
	if (error) {
		unlink(temporary);
		return error;
	}
	return sync_folder(path);
}
