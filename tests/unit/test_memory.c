/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What srpd remembers, and where: the writer's thread, the two places, what is logged and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/memory.h"
#include "tests/unit/temp_folder.h"

static char run_dir[56], state_dir[56], run_file[72], state_file[72];
static char logged[2048];

static void on_log(enum srp_log_level level, const char *text)
{
	size_t len = strlen(logged);

	snprintf(logged + len, sizeof(logged) - len, "%d %s\n", level, text);
}

static const struct srp_log log_here = {.write = on_log};

/* The run directory is there, the state directory's parent is not yet. */
static int make_folders(void **state)
{
	if (temp_folder_make(state))
		return -1;
	snprintf(run_dir, sizeof(run_dir), "%s/run", temp_folder);
	snprintf(state_dir, sizeof(state_dir), "%s/lib/srpd", temp_folder);
	snprintf(run_file, sizeof(run_file), "%s/srpd.state", run_dir);
	snprintf(state_file, sizeof(state_file), "%s/srpd.state", state_dir);
	logged[0] = '\0';
	return mkdir(run_dir, 0700);
}

static void make_parent(void)
{
	char parent[48];

	snprintf(parent, sizeof(parent), "%s/lib", temp_folder);
	assert_int_equal(mkdir(parent, 0700), 0);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static unsigned int count_lines(const char *word)
{
	unsigned int count = 0;

	for (const char *at = logged; (at = strstr(at, word)); at++)
		count++;
	return count;
}

static struct srp_memory *start(void)
{
	struct srp_memory *memory = srp_memory_new(&log_here, state_dir, run_dir);

	assert_non_null(memory);
	return memory;
}

static void become_active(struct srp_memory *memory, uint64_t at)
{
	srp_memory_add(memory, at,
		       &(struct srp_role_change){.from = SRP_STANDBY,
						 .to = SRP_PENDING_ACTIVE,
						 .event = SRP_EV_PEER_GONE,
						 .reason = SRP_REASON_DEAD_TIMER,
						 .switchover = true},
		       3);
	srp_memory_save(memory, 0, SRP_PENDING_ACTIVE, 3);
}

/* Let time pass at the memory until the file is there (or gone), two seconds at most. */
static void wait_file(struct srp_memory *memory, uint64_t now, const char *path, bool there)
{
	for (int i = 0; i < 2000 && exists(path) != there; i++) {
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		srp_memory_save(memory, now, SRP_PENDING_ACTIVE, 3);
	}
	assert_true(exists(path) == there);
}

static void a_successor_goes_on_with_role_modifier_and_history(void **state)
{
	struct srp_memory *memory;
	const struct srp_saved_state *saved;

	make_parent();
	memory = start();
	assert_false(srp_memory_resumes(memory));
	srp_memory_report(memory);
	assert_string_equal(logged, "");
	become_active(memory, 1000);
	srp_memory_free(memory);
	assert_true(exists(state_file));
	assert_false(exists(run_file));

	memory = start();
	saved = srp_memory_saved(memory);
	assert_true(srp_memory_resumes(memory));
	assert_int_equal(saved->modifier, 3);
	assert_int_equal(saved->switchovers, 1);
	assert_int_equal(saved->history[saved->count - 1].at, 1000);
	assert_string_equal(logged, "");
	srp_memory_report(memory);
	srp_memory_report(memory);
	assert_int_equal(count_lines("this chassis was Pending-Active with route-modifier 3 before srpd"), 1);
	srp_memory_free(memory);
}

static void without_a_state_directory_the_run_directory_does(void **state)
{
	struct srp_memory *memory = start();

	srp_memory_report(memory);
	assert_int_equal(count_lines(
				 "not written: No such file or directory; role, route-modifier and history "
				 "are kept in"),
			 1);
	assert_false(srp_memory_written(memory));
	become_active(memory, 1000);
	wait_file(memory, 0, run_file, true);
	srp_memory_free(memory);

	memory = start();
	assert_true(srp_memory_resumes(memory));
	assert_int_equal(srp_memory_saved(memory)->modifier, 3);
	/* The directory comes: at the latest ten seconds later all is there, and only there. */
	make_parent();
	assert_int_equal(mkdir(state_dir, 0700), 0);
	srp_memory_report(memory);
	become_active(memory, 2000);
	wait_file(memory, 0, state_file, true);
	wait_file(memory, 0, run_file, false);
	srp_memory_free(memory);
	assert_int_equal(count_lines("not written"), 2); /* once by each */
}

static void a_failed_write_is_tried_again_but_not_at_every_hello(void **state)
{
	struct srp_memory *memory = start();
	struct stat before, after;

	srp_memory_report(memory);
	become_active(memory, 1000);
	wait_file(memory, 0, run_file, true);
	assert_int_equal(stat(run_file, &before), 0);
	for (uint64_t now = 1; now < SRP_MEMORY_RETRY_MSEC; now += 100)
		srp_memory_save(memory, now, SRP_PENDING_ACTIVE, 3);
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	assert_int_equal(stat(run_file, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	make_parent();
	assert_int_equal(mkdir(state_dir, 0700), 0);
	srp_memory_save(memory, SRP_MEMORY_RETRY_MSEC, SRP_PENDING_ACTIVE, 3);
	wait_file(memory, SRP_MEMORY_RETRY_MSEC, state_file, true);
	wait_file(memory, SRP_MEMORY_RETRY_MSEC, run_file, false);
	/* The thread's result is there when it has stopped being busy. */
	for (int i = 0; i < 2000 && !srp_memory_written(memory); i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	srp_memory_save(memory, SRP_MEMORY_RETRY_MSEC, SRP_PENDING_ACTIVE, 3);
	assert_int_equal(count_lines("not written"), 1);
	assert_int_equal(count_lines("written again"), 1);
	srp_memory_free(memory);
}

static void the_later_of_two_files_counts(void **state)
{
	struct srp_saved_state file = {.role = SRP_STANDBY, .modifier = 7};
	struct srp_memory *memory;

	make_parent();
	memory = start();
	become_active(memory, 1000);
	srp_memory_free(memory);
	for (int round = 0; round < 2; round++) {
		srp_state_add(&file, &(struct srp_history_entry){.at = round == 0 ? 999 : 1000,
								 .to = SRP_STANDBY,
								 .modifier = 7});
		assert_int_equal(srp_state_write(run_file, &file), 0);
		memory = start();
		assert_int_equal(srp_memory_saved(memory)->modifier, round == 0 ? 3 : 7);
		/* The boot id in it is not this boot's. */
		assert_true(srp_memory_resumes(memory) == (round == 0));
		srp_memory_free(memory);
	}
}

static void a_damaged_file_is_reported_when_the_log_is_there(void **state)
{
	struct srp_memory *memory;
	FILE *file;

	make_parent();
	assert_int_equal(mkdir(state_dir, 0700), 0);
	file = fopen(state_file, "w");
	assert_non_null(file);
	fputs("srpd-state 2\nrole Emperor\n", file);
	fclose(file);
	memory = start();
	assert_int_equal(srp_memory_saved(memory)->modifier, 0);
	assert_string_equal(logged, "");
	srp_memory_report(memory);
	assert_int_equal(count_lines("ignored, damaged: a line before the changes"), 1);
	srp_memory_free(memory);
}

static void nothing_is_lost_when_both_directories_are_one(void **state)
{
	struct srp_memory *memory = srp_memory_new(&log_here, run_dir, run_dir);

	assert_non_null(memory);
	become_active(memory, 1000);
	srp_memory_free(memory);
	assert_true(exists(run_file));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folders, temp_folder_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_successor_goes_on_with_role_modifier_and_history),
		TEST(without_a_state_directory_the_run_directory_does),
		TEST(a_failed_write_is_tried_again_but_not_at_every_hello),
		TEST(the_later_of_two_files_counts),
		TEST(a_damaged_file_is_reported_when_the_log_is_there),
		TEST(nothing_is_lost_when_both_directories_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
