/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See key_file.h. */
#include "agent/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool key_file_read(const char *path, bool secret, struct key_file *file, char *error, size_t error_size)
{
	struct stat status;
	/* Not to be held up by a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &status)) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(error, error_size, "%s: not a regular file", path);
	} else if (secret && (status.st_mode & S_IRWXO)) {
		snprintf(error, error_size, "%s: mode %04o lets everybody at the key: chmod o= is needed",
			 path, (unsigned int)(status.st_mode & 07777));
	} else {
		file->len = 0;
		while (file->len < KEY_FILE_MAX &&
		       (got = read(fd, file->bytes + file->len, KEY_FILE_MAX - file->len)) > 0)
			file->len += (size_t)got;
		if (got < 0)
			snprintf(error, error_size, "%s: %s", path, strerror(errno));
		else if (file->len == KEY_FILE_MAX)
			snprintf(error, error_size, "%s: larger than %d bytes", path, KEY_FILE_MAX - 1);
		else if (!file->len)
			snprintf(error, error_size, "%s: empty", path);
		else {
			close(fd);
			return true;
		}
	}
	close(fd);
	return false;
}

void key_file_trim(struct key_file *file)
{
	while (file->len && (file->bytes[file->len - 1] == '\n' || file->bytes[file->len - 1] == '\r'))
		file->len--;
}
