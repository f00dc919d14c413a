/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replacing a file by a new version, or not at all: see srp_save.h.
 *
 * The new version is written beside the old one under a name of its own, every step of it is checked up to
 * fsync() and close(), and only then does rename() put it in place. Whoever reads the file, and whatever the
 * machine does in between, has the old version or the new one, never a part of one.
 */
#include "srpd-config.h"

#include "frr-integration/srp_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_LEN 4096

/* A save under way. */
struct save {
	char file[PATH_LEN];     /* the new version, until it is in place; "" when there is none */
	char backup[PATH_LEN];   /* PATH.sav */
	char old[PATH_LEN + 16]; /* the old version's second name, on its way to PATH.sav */
	int fd;                  /* of the new version; -1: closed */
	int folder;              /* the directory; -1: not opened */
	const char *step;        /* what is being done, for the error */
};

static bool paths_set(struct save *save, const char *path)
{
	int len = snprintf(save->file, sizeof(save->file), "%s.XXXXXX", path);

	if (len < 0 || (size_t)len >= sizeof(save->file)) {
		save->file[0] = '\0';
		errno = ENAMETOOLONG;
		return false;
	}
	snprintf(save->backup, sizeof(save->backup), "%s" SRP_SAVE_BACKUP, path);
	return true;
}

/* Open the directory of `path`, to be able to bring what changes in it to the disk. */
static bool folder_open(struct save *save, const char *path)
{
	char folder[PATH_LEN] = ".";
	const char *slash = strrchr(path, '/');

	save->step = "opening its directory";
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	save->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return save->folder >= 0;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t put = write(fd, text, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		text += put;
		len -= (size_t)put;
	}
	return true;
}

/* The new version, complete and on the disk, under its own name. */
static bool file_write(struct save *save, const char *text, size_t len)
{
	int fd;

	save->step = "making a file beside it";
	save->fd = mkostemp(save->file, O_CLOEXEC);
	if (save->fd < 0) {
		save->file[0] = '\0';
		return false;
	}
	if (fchmod(save->fd, SRP_SAVE_MODE) != 0)
		return false;
	save->step = "writing it";
	if (!write_all(save->fd, text, len) || fsync(save->fd) != 0)
		return false;
	fd = save->fd;
	save->fd = -1;
	return close(fd) == 0;
}

/* Let PATH.sav be the present version; one step, so that there is always one when there was one. */
static bool backup_make(struct save *save, const char *path)
{
	bool good;

	save->step = "keeping the old one as " SRP_SAVE_BACKUP;
	snprintf(save->old, sizeof(save->old), "%s.old", save->file);
	if (link(path, save->old) != 0)
		return errno == ENOENT; /* there is no version yet */
	good = rename(save->old, save->backup) == 0;
	/* Two names of one file already: rename() leaves both. */
	if (unlink(save->old) != 0 && good && errno != ENOENT)
		return false;
	return good;
}

static bool save_run(struct save *save, const char *path, const char *text, size_t len)
{
	save->step = "its name";
	if (!paths_set(save, path) || !folder_open(save, path) || !file_write(save, text, len) ||
	    !backup_make(save, path))
		return false;
	save->step = "putting it in place";
	if (rename(save->file, path) != 0)
		return false;
	save->file[0] = '\0';
	save->step = "bringing its directory to the disk";
	return fsync(save->folder) == 0;
}

bool srp_save_file(const char *path, const char *text, size_t len, char *error, size_t error_size)
{
	struct save save = {.fd = -1, .folder = -1};
	bool good = save_run(&save, path, text, len);

	if (!good)
		snprintf(error, error_size, "%s (%s)", strerror(errno), save.step);
	if (save.fd >= 0)
		close(save.fd);
	if (save.file[0])
		unlink(save.file);
	if (save.folder >= 0)
		close(save.folder);
	return good;
}
