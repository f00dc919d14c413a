/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of the test's own below /tmp, one at a time: a setup and a teardown for cmocka. */
#ifndef TEMP_FOLDER_H
#define TEMP_FOLDER_H

extern char temp_folder[40]; /* its name */
extern char temp_file[48];   /* a name in it, for tests that need only one */

int temp_folder_make(void **state);
/* With all that is in it. */
int temp_folder_remove(void **state);

#endif
