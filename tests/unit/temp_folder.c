/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/temp_folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char temp_folder[40];
char temp_file[48];

int temp_folder_make(void **state)
{
	(void)state;
	snprintf(temp_folder, sizeof(temp_folder), "/tmp/%.25s.XXXXXX", program_invocation_short_name);
	if (!mkdtemp(temp_folder))
		return -1;
	snprintf(temp_file, sizeof(temp_file), "%s/file", temp_folder);
	return 0;
}

static int remove_one(const char *name, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(name);
}

int temp_folder_remove(void **state)
{
	(void)state;
	return nftw(temp_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
