/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands at /usr/bin/vtysh once srp-vtysh-install has moved FRRouting's own vtysh to
 * /usr/bin/vtysh.distrib: runs that with vtysh_srp.so preloaded, for that one process (the library takes
 * itself out of the environment again).
 *
 * A router's operator must always get a vtysh. Without the library, or with one that cannot be read, the
 * original runs as it is. Where the original or this program is set-group-ID, the dynamic linker ignores
 * the preload, and again the original runs as it is. Arguments, argv[0] and the rest of the environment are
 * passed on untouched.
 *
 * For containers and test set-ups that mount this program over /usr/bin/vtysh, both files are also looked
 * for in /run/srpd, and where SRP_VTYSH and SRP_VTYSH_SHIM in the environment say (not when run with raised
 * privileges).
 */
#include "srpd-config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SRP_VTYSH_ORIGINAL
#define SRP_VTYSH_ORIGINAL "/usr/bin/vtysh.distrib"
#endif
#ifndef SRP_VTYSH_SHIM
#define SRP_VTYSH_SHIM "/usr/lib/srpd/vtysh_srp.so"
#endif

/* The exit status of a shell that does not find a command. */
#define EXIT_NOT_FOUND 127

/* Is this file the program that is running? Then running it would not end. */
static bool wrapper_is_self(const char *path)
{
	struct stat self, other;

	return stat("/proc/self/exe", &self) == 0 && stat(path, &other) == 0 && self.st_dev == other.st_dev &&
	       self.st_ino == other.st_ino;
}

static const char *wrapper_find_shim(void)
{
	const char *const paths[] = {secure_getenv("SRP_VTYSH_SHIM"), SRP_VTYSH_SHIM,
				     "/run/srpd/vtysh_srp.so"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct stat file;

		/* The linker would cut a path at these, and complain about what is left. */
		if (paths[i] && !strpbrk(paths[i], ": ") && stat(paths[i], &file) == 0 &&
		    S_ISREG(file.st_mode) && access(paths[i], R_OK) == 0)
			return paths[i];
	}
	return NULL;
}

/* In front of what the caller preloads. Without memory for it: no preload. */
static void wrapper_set_preload(const char *shim)
{
	const char *other = getenv("LD_PRELOAD");
	char *value;

	if (asprintf(&value, "%s%s%s", shim, other && *other ? ":" : "", other ? other : "") < 0)
		return;
	setenv("LD_PRELOAD", value, 1);
	free(value);
}

int main(int argc, char **argv)
{
	const char *const originals[] = {secure_getenv("SRP_VTYSH"), SRP_VTYSH_ORIGINAL,
					 "/run/srpd/vtysh.distrib", "/usr/bin/vtysh"};
	const char *shim = getauxval(AT_SECURE) ? NULL : wrapper_find_shim();

	if (shim)
		wrapper_set_preload(shim);
	for (size_t i = 0; i < sizeof(originals) / sizeof(originals[0]); i++) {
		if (!originals[i] || wrapper_is_self(originals[i]))
			continue;
		execv(originals[i], argv);
		if (errno != ENOENT && errno != ENOTDIR)
			fprintf(stderr, "vtysh: %s: %s\n", originals[i], strerror(errno));
	}
	fprintf(stderr, "vtysh: FRRouting's vtysh is missing (it should be %s)\n", SRP_VTYSH_ORIGINAL);
	return EXIT_NOT_FOUND;
}
