/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol core: when a failed monitor hands over, and when it does not. */
#include "tests/unit/core_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define CORE(index) (&pair->nodes[index].core)

static void within_a_guard_period_a_failure_must_last(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < SRP_FAMILY_COUNT; i++)
		pair->nodes[0].config.local_guard[i] =
			(struct srp_guard){.guard_msec = 1000, .damping_msec = 400};
	pair_configure(pair, 0);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_LOCAL_FAILURE, .family = SRP_FAMILY_BGP});
	pair_run(pair, 900);
	pair_set_health(pair, 0, true, false);
	assert_int_equal(srp_core_hand_over_obstacle(CORE(0)), SRP_DAMPED);
	pair_run(pair, 300);
	/* It passed: nothing happened. */
	pair_set_health(pair, 0, false, true);
	pair_run(pair, 500);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	/* The guard-period is over: at once. */
	pair_set_health(pair, 0, true, false);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);

	pair = formed_pair();
	pair->nodes[0].config.local_guard[SRP_FAMILY_BGP] =
		(struct srp_guard){.guard_msec = 1000, .damping_msec = 400};
	pair_configure(pair, 0);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_LOCAL_FAILURE, .family = SRP_FAMILY_BGP});
	pair_set_health(pair, 0, true, false);
	pair_run(pair, 398);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void set_failed(struct pair *pair, int index, uint8_t families)
{
	pair_input(pair, index,
		   (struct srp_input){.type = SRP_IN_HEALTH,
				      .health = {.failed = families, .ready = families == 0}});
}

static void an_aaa_switchover_is_not_reverted_until_reset(void **state)
{
	const uint8_t aaa = 1u << SRP_FAMILY_AAA;
	struct pair *pair = formed_pair();

	set_failed(pair, 0, aaa);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(CORE(1)->last_reason, SRP_REASON_AAA);
	set_failed(pair, 0, 0);
	pair_run(pair, 2 * HELLO);
	set_failed(pair, 1, aaa);
	pair_run(pair, 2000);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(srp_core_hand_over_obstacle(CORE(1)), SRP_LOCKED);
	/* Another kind of failure is free to. */
	set_failed(pair, 1, aaa | 1u << SRP_FAMILY_BGP);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	free(pair);

	pair = formed_pair();
	set_failed(pair, 0, aaa);
	pair_run(pair, 20);
	set_failed(pair, 0, 0);
	set_failed(pair, 1, aaa);
	pair_run(pair, 2000);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_RESET_FAILURE, .family = SRP_FAMILY_AAA});
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	free(pair);
}

static void a_back_to_back_aaa_failure_is_damped_by_its_own_timers(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[1].config.switchover_guard[SRP_FAMILY_DIAMETER] =
		(struct srp_guard){.guard_msec = 3000, .damping_msec = 700};
	pair_configure(pair, 1);
	pair_initiate_switchover(pair, 0);
	pair_run(pair, 100);
	set_failed(pair, 1, 1u << SRP_FAMILY_DIAMETER);
	pair_run(pair, 600);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair_run(pair, 150);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->last_reason, SRP_REASON_DIAMETER);
	free(pair);
}

static void to_a_failing_peer_only_when_allowed_and_never_as_ping_pong(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.peer_fail_msec = 1000;
		pair->nodes[i].config.local_guard[SRP_FAMILY_BGP].damping_msec = 15000;
		pair_configure(pair, i);
		pair_set_health(pair, i, true, false);
	}
	pair_run(pair, 900);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	pair_run(pair, 200);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair_run(pair, 14800);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair_run(pair, 400);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->switchovers, 2);
	free(pair);
}

static void two_failing_chassis_keep_the_role_for_a_while_without_damping_too(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.peer_fail_msec = 0;
		pair->nodes[i].config.local_guard[SRP_FAMILY_BGP].damping_msec = 0;
		pair_configure(pair, i);
		pair_set_health(pair, i, true, false);
	}
	pair_run(pair, 10 * SRP_KEEP_MSEC);
	assert_in_range(CORE(0)->switchovers, 1, 10);
	free(pair);
}

static void the_clock_of_a_failing_peer_is_not_turned_back_by_an_attempt(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.peer_fail_msec = 3000;
		pair_configure(pair, i);
		pair_set_health(pair, i, true, false);
	}
	pair->nodes[0].flushes = false; /* so that the attempt fails */
	for (int i = 0; i < 20000 && CORE(0)->phase != SRP_PHASE_FLUSH; i++)
		pair_tick(pair);
	pair_run(pair, LIMIT(FLUSH) + 20);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_FLUSH_TIMEOUT);
	pair->nodes[0].flushes = true;
	pair_run(pair, SRP_RETRY_MSEC + 100);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_new_limit_for_a_failing_peer_counts_at_once(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[0].config.peer_fail_msec = 3600000;
	pair_configure(pair, 0);
	for (int i = 0; i < 2; i++)
		pair_set_health(pair, i, true, false);
	pair_run(pair, 1000);
	pair->nodes[0].config.peer_fail_msec = 500;
	pair_configure(pair, 0);
	pair_run(pair, 700);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_refused_hand_over_is_tried_again_after_a_pause(void **state)
{
	struct pair *pair = formed_pair();

	CORE(1)->health.ready = false; /* and nobody has told the Active */
	pair_set_health(pair, 0, true, false);
	pair_run(pair, 20);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_REFUSED);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	CORE(1)->health.ready = true;
	pair_run(pair, SRP_RETRY_MSEC - 100);
	assert_int_equal(CORE(0)->stats.requests_sent, 1);
	pair_run(pair, 200);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_a_guard_period_a_failure_must_last),
		cmocka_unit_test(an_aaa_switchover_is_not_reverted_until_reset),
		cmocka_unit_test(a_back_to_back_aaa_failure_is_damped_by_its_own_timers),
		cmocka_unit_test(to_a_failing_peer_only_when_allowed_and_never_as_ping_pong),
		cmocka_unit_test(two_failing_chassis_keep_the_role_for_a_while_without_damping_too),
		cmocka_unit_test(the_clock_of_a_failing_peer_is_not_turned_back_by_an_attempt),
		cmocka_unit_test(a_new_limit_for_a_failing_peer_counts_at_once),
		cmocka_unit_test(a_refused_hand_over_is_tried_again_after_a_pause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
