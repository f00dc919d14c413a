/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Election and monitor groups, with the vectors of the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "agent/core/election.h"
#include "agent/core/monitor.h"

/* Also checks that the other side comes to the opposite result. */
static bool wins(struct srp_candidate own, struct srp_candidate peer)
{
	bool result = srp_election_wins(&own, &peer);

	assert_int_equal(srp_election_wins(&peer, &own), !result);
	return result;
}

static void the_lower_modifier_wins_before_anything_else(void **state)
{
	assert_true(
		wins((struct srp_candidate){.modifier = 1, .priority = 200},
		     (struct srp_candidate){.modifier = 2, .priority = 1, .tiebreaker = {9, 9, 9, 9, 9, 9}}));
}

static void the_lower_priority_number_wins_among_equal_modifiers(void **state)
{
	assert_true(
		wins((struct srp_candidate){.modifier = 2, .priority = 1},
		     (struct srp_candidate){.modifier = 2, .priority = 2, .tiebreaker = {9, 9, 9, 9, 9, 9}}));
}

static void only_the_last_three_octets_of_the_mac_are_compared(void **state)
{
	struct srp_candidate a = {.modifier = 2,
				  .priority = 1,
				  .tiebreaker = {0x3c, 0x08, 0xf6, 0xbb, 0x79, 0x30}};
	struct srp_candidate b = {.modifier = 2,
				  .priority = 1,
				  .tiebreaker = {0x88, 0xf0, 0x31, 0x65, 0x84, 0x30}};

	assert_true(wins(a, b));
	/* The example of the specification: 03-1C-2B against 03-01-3B. */
	a = (struct srp_candidate){.tiebreaker = {0x00, 0x02, 0x43, 0x03, 0x1c, 0x2b}};
	b = (struct srp_candidate){.tiebreaker = {0x00, 0x02, 0x43, 0x03, 0x01, 0x3b}};
	assert_true(wins(a, b));
}

static void equal_last_octets_are_decided_by_the_whole_mac_and_clones_by_address(void **state)
{
	struct srp_candidate a = {.tiebreaker = {2, 0, 0, 1, 1, 1}}, b = {.tiebreaker = {1, 0, 0, 1, 1, 1}};

	assert_true(wins(a, b));
	a = b;
	a.higher_address = true;
	assert_true(wins(a, b));
}

static void a_context_without_groups_fails_when_all_its_peers_are_down(void **state)
{
	struct srp_monitor monitors[] = {
		{.context = 0, .state = SRP_MONITOR_DOWN},
		{.context = 0, .state = SRP_MONITOR_UP},
		{.context = 2, .state = SRP_MONITOR_UP},
	};

	assert_false(srp_monitor_health(monitors, 3).failed);
	assert_true(srp_monitor_health(monitors, 3).ready);
	monitors[1].state = SRP_MONITOR_DOWN;
	assert_true(srp_monitor_health(monitors, 3).failed);
	assert_false(srp_monitor_health(monitors, 3).ready);
	assert_int_equal(srp_monitor_health(monitors, 3).failed_context, 0);
}

static void one_failed_group_is_enough(void **state)
{
	struct srp_monitor monitors[] = {
		{.context = 0, .group = 1, .state = SRP_MONITOR_UP},
		{.context = 0, .group = 2, .state = SRP_MONITOR_DOWN},
		{.context = 0, .group = 2, .state = SRP_MONITOR_DOWN},
	};

	assert_true(srp_monitor_health(monitors, 3).failed);
	assert_int_equal(srp_monitor_health(monitors, 3).failed_group, 2);
	monitors[2].state = SRP_MONITOR_UP;
	assert_false(srp_monitor_health(monitors, 3).failed);
}

static void a_peer_never_seen_up_fails_nothing_but_is_not_ready(void **state)
{
	struct srp_monitor monitors[] = {
		{.context = 0, .group = 1, .state = SRP_MONITOR_UNKNOWN},
		{.context = 0, .group = 1, .state = SRP_MONITOR_DOWN},
	};

	assert_false(srp_monitor_health(monitors, 2).failed);
	assert_false(srp_monitor_health(monitors, 2).ready);
}

static void without_monitors_a_chassis_is_ready(void **state)
{
	assert_false(srp_monitor_health(NULL, 0).failed);
	assert_true(srp_monitor_health(NULL, 0).ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lower_modifier_wins_before_anything_else),
		cmocka_unit_test(the_lower_priority_number_wins_among_equal_modifiers),
		cmocka_unit_test(only_the_last_three_octets_of_the_mac_are_compared),
		cmocka_unit_test(equal_last_octets_are_decided_by_the_whole_mac_and_clones_by_address),
		cmocka_unit_test(a_context_without_groups_fails_when_all_its_peers_are_down),
		cmocka_unit_test(one_failed_group_is_enough),
		cmocka_unit_test(a_peer_never_seen_up_fails_nothing_but_is_not_ready),
		cmocka_unit_test(without_monitors_a_chassis_is_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
