/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file: written, read back, and every damage refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/state_file.h"
#include "tests/unit/temp_folder.h"

static struct srp_saved_state sample(unsigned int changes)
{
	struct srp_saved_state state = {.role = SRP_ACTIVE, .modifier = 2};

	srp_state_boot_id(state.boot_id);
	for (unsigned int i = 0; i < changes; i++)
		srp_state_add(&state, &(struct srp_history_entry){
					      .at = 1760000000000u + i,
					      .from = SRP_STANDBY,
					      .to = SRP_PENDING_ACTIVE,
					      .event = SRP_EV_PEER_GONE,
					      .reason = SRP_REASON_DEAD_TIMER,
					      .modifier = 2,
					      .switchover = true,
				      });
	return state;
}

static bool parses(const char *text, size_t len)
{
	struct srp_saved_state state;
	char why[128] = "";
	bool good = srp_state_parse(text, len, &state, why, sizeof(why));

	assert_true(good || why[0]);
	return good;
}

/* As text: the structs' padding is nobody's business. */
static void assert_same(const struct srp_saved_state *a, const struct srp_saved_state *b)
{
	char a_text[SRP_STATE_LEN_MAX], b_text[SRP_STATE_LEN_MAX];
	size_t len = srp_state_format(a, a_text);

	assert_int_equal(srp_state_format(b, b_text), len);
	assert_memory_equal(a_text, b_text, len);
}

static void it_is_read_back_as_written(void **unused)
{
	struct srp_saved_state written = sample(3), got;
	char why[128];

	assert_true(strlen(written.boot_id) >= 36);
	assert_int_equal(srp_state_read("/nonexistent/file", &got, why, sizeof(why)), -ENOENT);
	assert_int_equal(srp_state_write(temp_file, &written), 0);
	assert_int_equal(srp_state_read(temp_file, &got, why, sizeof(why)), 0);
	assert_same(&got, &written);
	assert_int_equal(got.modifier, 2);
	assert_int_equal(got.count, 3);
}

/* What an srpd in a new network namespace, such as that of a container that has restarted, takes for its boot. */
static void another_network_namespace_is_another_boot(void **unused)
{
	char here[SRP_BOOT_ID_LEN], there[SRP_BOOT_ID_LEN] = "";
	int ends[2], status;
	pid_t child;

	srp_state_boot_id(here);
	if (!strchr(here, '/'))
		skip(); /* a kernel without cookies */
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
			_exit(77);
		srp_state_boot_id(there);
		_exit(write(ends[1], there, sizeof(there)) == sizeof(there) ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(ends[1]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	assert_int_equal(read(ends[0], there, sizeof(there)), sizeof(there));
	close(ends[0]);
	assert_memory_equal(here, there, 37);
	assert_string_not_equal(here, there);
}

static void the_oldest_change_makes_room(void **unused)
{
	struct srp_saved_state state = sample(SRP_HISTORY_MAX + 5);
	char text[SRP_STATE_LEN_MAX];

	assert_int_equal(state.count, SRP_HISTORY_MAX);
	assert_int_equal(state.switchovers, SRP_HISTORY_MAX + 5);
	assert_true(state.history[0].at == 1760000000005u);
	assert_true(state.last_switchover == 1760000000000u + SRP_HISTORY_MAX + 4);
	assert_true(parses(text, srp_state_format(&state, text)));
}

static void the_longest_file_fits(void **unused)
{
	struct srp_saved_state state = {.role = SRP_PENDING_STANDBY, .modifier = SRP_MODIFIER_MAX};
	char text[SRP_STATE_LEN_MAX];

	for (int i = 0; i < SRP_HISTORY_MAX; i++)
		srp_state_add(&state, &(struct srp_history_entry){.at = INT64_MAX,
								  .from = SRP_PENDING_STANDBY,
								  .to = SRP_PENDING_ACTIVE,
								  .event = SRP_EV_REQUEST_UNREADY,
								  .reason = SRP_REASON_CHASSIS_BFD,
								  .modifier = SRP_MODIFIER_MAX,
								  .switchover = true});
	assert_true(srp_state_format(&state, text) < SRP_STATE_LEN_MAX / 2);
	assert_true(parses(text, strlen(text)));
}

static void damage_at_any_byte_is_seen(void **unused)
{
	static const char others[] = {'\0', '\n', ' ', '0', '9', 'A', (char)0xff};
	struct srp_saved_state state = sample(3);
	char text[SRP_STATE_LEN_MAX], copy[SRP_STATE_LEN_MAX];
	size_t len = srp_state_format(&state, text);

	for (size_t i = 0; i < len; i++) {
		assert_false(parses(text, i)); /* cut */
		memcpy(copy, text, len);
		for (size_t k = 0; k < sizeof(others); k++) {
			copy[i] = others[k];
			assert_true(parses(copy, len) == (others[k] == text[i]));
		}
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(text[i] ^ (1 << bit));
			assert_false(parses(copy, len));
		}
	}
	memcpy(copy, text, len);
	copy[len] = '\n';
	assert_false(parses(copy, len + 1));
	memset(copy, '9', sizeof(copy));
	assert_false(parses(copy, sizeof(copy)));
}

static void what_srpd_does_not_write_is_refused(void **unused)
{
	static const char *const texts[] = {
		"role Active\nroute-modifier 1\n", /* version 1 */
		"srpd-state 3\n",
		"srpd-state 2\nboot-id -\nrole Emperor\nroute-modifier 1\nswitchovers 0\nlast-switchover 0 0 "
		"notDefined\nchanges 0\n",
		"srpd-state 2\nboot-id -\nrole Active\nroute-modifier 0\nswitchovers 0\nlast-switchover 0 0 "
		"notDefined\nchanges 0\n",
		"srpd-state 2\nboot-id -\nrole Active\nroute-modifier 1\nswitchovers 99999999999999999999\n"
		"last-switchover 0 0 notDefined\nchanges 0\n",
		"srpd-state 2\nboot-id -\nrole Active\nroute-modifier 1\nswitchovers 0\nlast-switchover 0 0 "
		"notDefined\nchanges 99\n",
		"srpd-state 2\nboot-id -\nrole Active\nroute-modifier 1\nswitchovers 0\nlast-switchover 0 13 "
		"x\nchanges 0\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(parses(texts[i], strlen(texts[i])));
}

static void a_failed_write_leaves_the_old_file(void **unused)
{
	struct srp_saved_state old = sample(1), new = sample(2), got;
	char why[128], temporary[80];

	assert_int_equal(srp_state_write("/nonexistent/file", &new), -ENOENT);
	assert_int_equal(srp_state_write(temp_file, &old), 0);
	snprintf(temporary, sizeof(temporary), "%s.new", temp_file);
	/* A full disk, at the temporary file. */
	assert_int_equal(symlink("/dev/full", temporary), 0);
	assert_int_equal(srp_state_write(temp_file, &new), -ENOSPC);
	assert_int_equal(access(temporary, F_OK), -1);
	assert_int_equal(srp_state_read(temp_file, &got, why, sizeof(why)), 0);
	assert_int_equal(got.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_back_as_written),
		cmocka_unit_test(another_network_namespace_is_another_boot),
		cmocka_unit_test(the_oldest_change_makes_room),
		cmocka_unit_test(the_longest_file_fits),
		cmocka_unit_test(damage_at_any_byte_is_seen),
		cmocka_unit_test(what_srpd_does_not_write_is_refused),
		cmocka_unit_test(a_failed_write_leaves_the_old_file),
	};

	return cmocka_run_group_tests(tests, temp_folder_make, temp_folder_remove);
}
