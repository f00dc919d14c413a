/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file is replaced as a whole, or stays as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frr-integration/srp_save.h"

static char folder[64], path[80], backup[96];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/test_srp_save.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	snprintf(backup, sizeof(backup), "%s" SRP_SAVE_BACKUP, path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(backup);
	return rmdir(folder); /* fails when something else is in it */
}

static bool save(const char *text, char *error)
{
	return srp_save_file(path, text, strlen(text), error, 128);
}

static void assert_holds(const char *file, const char *text)
{
	char found[256] = "";
	FILE *stream = fopen(file, "r");

	assert_non_null(stream);
	found[fread(found, 1, sizeof(found) - 1, stream)] = '\0';
	fclose(stream);
	assert_string_equal(found, text);
}

static void assert_files(unsigned int count)
{
	DIR *dir = opendir(folder);
	unsigned int found = 0;

	assert_non_null(dir);
	while (readdir(dir))
		found++;
	closedir(dir);
	assert_int_equal(found, count + 2); /* . and .. */
}

static void a_new_file_has_the_mode_and_no_backup(void **state)
{
	char error[128] = "";
	struct stat file;

	(void)state;
	assert_true(save("one\n", error));
	assert_holds(path, "one\n");
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_mode & 07777, SRP_SAVE_MODE);
	assert_files(1);
}

static void the_version_before_is_kept(void **state)
{
	char error[128] = "";

	(void)state;
	assert_true(save("one\n", error));
	assert_true(save("two\n", error));
	assert_holds(path, "two\n");
	assert_holds(backup, "one\n");
	assert_true(save("", error));
	assert_holds(path, "");
	assert_holds(backup, "two\n");
	assert_files(2);
}

static void a_backup_that_is_the_file_itself_is_no_obstacle(void **state)
{
	char error[128] = "";

	(void)state;
	assert_true(save("one\n", error));
	assert_int_equal(link(path, backup), 0);
	assert_true(save("two\n", error));
	assert_holds(path, "two\n");
	assert_holds(backup, "one\n");
	assert_files(2);
}

static void a_write_that_fails_changes_nothing(void **state)
{
	struct rlimit all, small;
	char error[128] = "";
	bool good;

	(void)state;
	assert_true(save("one\n", error));
	assert_true(save("two\n", error));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &all), 0);
	small = all;
	small.rlim_cur = 5; /* a part of it can be written */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	good = save("three four\n", error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_false(good);
	assert_string_equal(error, "File too large (writing it)");
	assert_holds(path, "two\n");
	assert_holds(backup, "one\n");
	assert_files(2);
}

static void a_place_where_no_file_can_be_is_said(void **state)
{
	char error[128] = "", name[5000];

	(void)state;
	snprintf(name, sizeof(name), "%s/none/file", folder);
	assert_false(srp_save_file(name, "x", 1, error, sizeof(error)));
	assert_string_equal(error, "No such file or directory (opening its directory)");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(srp_save_file(name, "x", 1, error, sizeof(error)));
	assert_string_equal(error, "File name too long (its name)");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_false(srp_save_file(path, "x", 1, error, sizeof(error)));
	assert_non_null(strstr(error, " (keeping the old one as .sav)"));
	assert_files(1);
	assert_int_equal(rmdir(path), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_has_the_mode_and_no_backup),
		TEST(the_version_before_is_kept),
		TEST(a_backup_that_is_the_file_itself_is_no_obstacle),
		TEST(a_write_that_fails_changes_nothing),
		TEST(a_place_where_no_file_can_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
