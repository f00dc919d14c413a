/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol core: election, route modifier, failover. Planned switchovers are in test_switchover.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core_pair.h"

static void a_cold_pair_elects_the_primary_without_delay(void **state)
{
	struct pair *pair = formed_pair();

	assert_int_equal(pair->nodes[0].core.modifier, 1);
	assert_int_equal(pair->nodes[1].core.modifier, 2);
	assert_int_equal(pair->nodes[0].core.switchovers, 0);
	assert_int_equal(pair->nodes[1].core.switchovers, 0);
	free(pair);
}

static void equal_modes_are_decided_by_priority_and_then_by_mac(void **state)
{
	struct pair *pair = new_pair();

	pair->nodes[0].config.mode = SRP_MODE_BACKUP;
	pair->nodes[0].config.priority = 9;
	pair_start(pair, 0, 0);
	pair_start(pair, 1, 0);
	pair_run(pair, 50);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	free(pair);

	pair = new_pair();
	pair->nodes[0].config.mode = SRP_MODE_BACKUP;
	pair->nodes[0].config.priority = pair->nodes[1].config.priority;
	pair_start(pair, 0, 0);
	pair_start(pair, 1, 0);
	pair_run(pair, 50);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_chassis_alone_serves_after_delay_and_dead_interval_with_its_start_value(void **state)
{
	struct pair *pair = new_pair();

	pair->nodes[0].config.delay_msec = 500;
	pair_start(pair, 0, 0);
	pair_run(pair, 500 + ALONE - 1);
	assert_int_equal(pair_role(pair, 0), SRP_INIT);
	assert_true(srp_core_desired(&pair->nodes[0].core).hold);
	pair_run(pair, 2);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].core.modifier, 9);
	/* The backup arrives: the pair has room for both values from 1 on. */
	pair_start(pair, 1, 0);
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	assert_int_equal(pair->nodes[0].core.modifier, 1);
	assert_int_equal(pair->nodes[1].core.modifier, 2);
	free(pair);
}

static void intervals_changed_while_waiting_for_the_peer_count_from_the_start(void **state)
{
	struct pair *pair = new_pair();
	struct srp_core_config *config = &pair->nodes[0].config;

	/* As a configuration arrives line by line: first the addresses, the intervals still at their defaults. */
	config->dead_msec = SRP_DEAD_MSEC_DEFAULT;
	pair_start(pair, 0, 0);
	pair_run(pair, 10);
	config->dead_msec = DEAD;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CONFIG, .config = config});
	pair_run(pair, ALONE);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	free(pair);
}

static void a_dead_active_is_replaced_and_returns_as_standby(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_run(pair, DEAD + 1);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[1].core.modifier, 2);
	assert_int_equal(pair->nodes[1].core.last_reason, SRP_REASON_DEAD_TIMER);
	pair_start(pair, 0, 0);
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].core.modifier, 3);
	free(pair);
}

/* After `switchovers` hand-overs the Active's srpd restarts, with its memory, within the dead-interval. */
static void restart_active_after(unsigned int switchovers)
{
	struct pair *pair = formed_pair();
	uint16_t modifier;
	int active = 0;

	for (unsigned int i = 0; i < switchovers; i++) {
		pair_initiate_switchover(pair, active);
		pair_run(pair, 2 * SRP_DRAIN_MSEC);
		active = !active;
	}
	modifier = pair->nodes[active].core.modifier;
	pair_stop(pair, active);
	pair_run(pair, DEAD / 2);
	pair_start(pair, active, modifier);
	for (int i = 0; i < 3 * HELLO; i++) {
		struct srp_desired desired;

		pair_tick(pair);
		desired = srp_core_desired(&pair->nodes[active].core);
		assert_true(desired.hold ||
			    (desired.install && desired.announce && desired.prepend == modifier));
	}
	assert_int_equal(pair_role(pair, active), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, !active), SRP_STANDBY);
	free(pair);
}

static void a_restarted_srpd_goes_on_as_active_and_never_lets_go(void **state)
{
	for (unsigned int switchovers = 0; switchovers < 6; switchovers++)
		restart_active_after(switchovers);
}

static void a_restarted_chassis_alone_never_beats_the_one_that_works(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_run(pair, DEAD + 1);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	/* Back with its memory, but cut off: it serves alone in the end, and must be the longer path. */
	pair->cut = true;
	pair_start(pair, 0, 1);
	pair_run(pair, ALONE + 10);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_true(srp_core_desired(&pair->nodes[0].core).prepend >
		    srp_core_desired(&pair->nodes[1].core).prepend);
	pair->cut = false;
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	free(pair);
}

static void a_restarted_active_that_finds_the_peer_serving_withdraws_before_it_removes(void **state)
{
	struct pair *pair = formed_pair();
	struct srp_desired desired;

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_run(pair, DEAD + HELLO);
	pair_start(pair, 0, 1);
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	desired = srp_core_desired(&pair->nodes[0].core);
	assert_true(!desired.hold && !desired.announce && desired.install && desired.keep);
	pair_run(pair, SRP_DRAIN_MSEC);
	desired = srp_core_desired(&pair->nodes[0].core);
	assert_true(!desired.install && !desired.keep);
	free(pair);
}

static void intervals_may_be_changed_on_one_chassis_after_the_other(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair->nodes[1].config.hello_msec = HELLO / 10;
	pair->nodes[1].config.dead_msec = DEAD / 10;
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_CONFIG, .config = &pair->nodes[1].config});
	pair_run(pair, 5000);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	assert_int_equal(pair->nodes[1].core.stats.peer_lost, 0);
	free(pair);
}

static void start_values_follow_the_configuration_and_others_do_not(void **state)
{
	struct pair *pair = new_pair();

	pair_start(pair, 0, 0);
	pair_run(pair, ALONE + 10);
	assert_int_equal(pair->nodes[0].core.modifier, 9);
	pair->nodes[0].config.threshold = 4;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CONFIG, .config = &pair->nodes[0].config});
	assert_int_equal(pair->nodes[0].core.modifier, 5);
	pair->nodes[1].config.threshold = 4;
	pair_start(pair, 1, 0);
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair->nodes[0].core.modifier, 1);
	pair->nodes[0].config.threshold = 6;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CONFIG, .config = &pair->nodes[0].config});
	assert_int_equal(pair->nodes[0].core.modifier, 1);
	free(pair);
}

static void a_standby_wins_over_an_active_that_forgot_who_it_was(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_run(pair, DEAD / 2);
	pair_start(pair, 0, 0);
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_manual_switchover_swaps_roles_and_counts_modifiers_up(void **state)
{
	struct pair *pair = formed_pair();
	struct srp_desired old;

	pair_run(pair, 1000);
	pair_initiate_switchover(pair, 0);
	assert_int_equal(pair_role(pair, 0), SRP_PENDING_STANDBY);
	old = srp_core_desired(&pair->nodes[0].core);
	/* Announced until the peer has said that it takes over. */
	assert_true(old.install && old.announce);
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[1].core.modifier, 2);
	assert_int_equal(pair->nodes[0].core.modifier, 3);
	assert_int_equal(pair->nodes[0].core.last_reason, SRP_REASON_MANUAL);
	assert_int_equal(pair->nodes[1].core.last_reason, SRP_REASON_MANUAL);
	/* It still forwards what is under way, and then stops. */
	assert_true(srp_core_desired(&pair->nodes[0].core).install);
	pair_run(pair, SRP_DRAIN_MSEC);
	assert_false(srp_core_desired(&pair->nodes[0].core).install);
	assert_int_equal(pair->nodes[0].both_announce, 0);
	free(pair);
}

static void modifiers_start_again_at_the_threshold_active_first(void **state)
{
	struct pair *pair = formed_pair();
	int active = 0;

	for (int i = 0; i < 40; i++) {
		pair_run(pair, 2 * SRP_DRAIN_MSEC);
		pair_initiate_switchover(pair, active);
		for (int msec = 0; msec < 50; msec++) {
			struct srp_core *a = &pair->nodes[0].core, *b = &pair->nodes[1].core;

			pair_tick(pair);
			if (a->role == SRP_ACTIVE && b->role == SRP_STANDBY)
				assert_true(a->modifier < b->modifier);
			if (b->role == SRP_ACTIVE && a->role == SRP_STANDBY)
				assert_true(b->modifier < a->modifier);
		}
		active = !active;
		assert_int_equal(pair_role(pair, active), SRP_ACTIVE);
		assert_int_equal(pair_role(pair, !active), SRP_STANDBY);
		assert_int_equal(pair->nodes[!active].core.modifier, pair->nodes[active].core.modifier + 1);
		assert_in_range(pair->nodes[active].core.modifier, 1, 7);
	}
	assert_int_equal(pair->nodes[0].both_announce, 0);
	free(pair);
}

static void under_partition_the_previously_active_is_preferred_and_survives(void **state)
{
	struct pair *pair = formed_pair();
	uint64_t won = pair->nodes[0].core.stats.elections_won;
	struct srp_message contender;

	pair_run(pair, 1000);
	pair->cut = true;
	pair_run(pair, 3 * DEAD);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_true(srp_core_desired(&pair->nodes[0].core).prepend <
		    srp_core_desired(&pair->nodes[1].core).prepend);
	/* Of two hellos of the other Active, heard right after it was lost, one counts. */
	contender = (struct srp_message){.type = SRP_MSG_HELLO, .hello = pair->nodes[0].core.peer};
	contender.hello.role = SRP_ACTIVE;
	for (int i = 0; i < 2; i++)
		pair_input(pair, 0, (struct srp_input){.type = SRP_IN_MESSAGE, .message = &contender});
	assert_int_equal(pair->nodes[0].core.stats.elections_won, won + 1);
	pair->cut = false;
	pair_run(pair, 2 * HELLO);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	assert_int_equal(pair->nodes[1].core.last_reason, SRP_REASON_DUAL_ACTIVE);
	/* The survivor says all of it again. */
	assert_int_equal(srp_core_desired(&pair->nodes[0].core).assertions, 1);
	free(pair);
}

static void a_failed_group_hands_over_only_to_a_peer_that_can_do_better(void **state)
{
	struct pair *pair = formed_pair();

	pair_set_health(pair, 1, true, false);
	pair_run(pair, 2 * HELLO);
	pair_set_health(pair, 0, true, false);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	/* No longer failed is not enough: its peers may never have been up. */
	pair_set_health(pair, 1, false, false);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	pair_set_health(pair, 1, false, true);
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].core.last_reason, SRP_REASON_BGP);
	/* The group's return changes nothing. */
	pair_set_health(pair, 0, false, true);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_switchover_that_nobody_answers_leads_back_to_active(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair->cut = true;
	pair_initiate_switchover(pair, 0);
	pair_run(pair, LIMIT(REQUEST) + 1);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].core.switchovers, 0);
	free(pair);
}

static void pending_active_serves_although_the_kernel_never_answers(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[1].applies = false;
	pair_initiate_switchover(pair, 0);
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	pair_run(pair, LIMIT(APPLY));
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_manual_switchover_to_a_failing_peer_is_refused(void **state)
{
	struct pair *pair = formed_pair();

	pair_set_health(pair, 1, true, false);
	pair_run(pair, 10);
	assert_int_equal(srp_core_switchover_obstacle(&pair->nodes[0].core, false), SRP_PEER_FAILED);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_SWITCHOVER});
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	/* When both fail it is the operator's choice; neither hands over by itself. */
	pair_set_health(pair, 0, true, false);
	assert_int_equal(srp_core_hand_over_obstacle(&pair->nodes[0].core), SRP_PEER_FAILED);
	pair_initiate_switchover(pair, 0);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void a_switchover_is_refused_with_the_reason(void **state)
{
	struct pair *pair = new_pair();

	assert_int_equal(srp_core_switchover_obstacle(&pair->nodes[0].core, true), SRP_NOT_CONFIGURED);
	pair_start(pair, 0, 0);
	assert_int_equal(srp_core_switchover_obstacle(&pair->nodes[0].core, true), SRP_NOT_ACTIVE);
	pair_run(pair, ALONE + 10);
	assert_int_equal(srp_core_switchover_obstacle(&pair->nodes[0].core, true), SRP_NO_PEER);
	free(pair);
}

static void removing_the_configuration_withdraws_but_having_none_holds(void **state)
{
	struct pair *pair = formed_pair();
	struct srp_desired desired;
	struct srp_core fresh;

	srp_core_init(&fresh, 7, 1, true);
	assert_true(srp_core_desired(&fresh).hold);
	pair->nodes[0].config.enabled = false;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CONFIG, .config = &pair->nodes[0].config});
	assert_int_equal(pair_role(pair, 0), SRP_INIT);
	desired = srp_core_desired(&pair->nodes[0].core);
	assert_true(!desired.hold && !desired.announce && desired.install);
	/* The peer was told, and does not wait for the dead-interval. */
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair_run(pair, SRP_DRAIN_MSEC);
	assert_false(srp_core_desired(&pair->nodes[0].core).install);
	assert_int_equal(srp_core_deadline(&pair->nodes[0].core), SRP_NEVER);
	free(pair);
}

/* Both hosts reboot, after both knew of each other: who was Active last is it again, whoever is first. */
static void of_two_that_reboot_the_one_that_was_active_last_wins(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct pair *pair = new_pair();

		pair_reboot(pair, first, first == 1 ? 2 : 3);
		pair_reboot(pair, !first, first == 1 ? 3 : 2);
		pair_run(pair, 50);
		assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
		assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
		assert_int_equal(pair->nodes[1].core.modifier, 2);
		free(pair);
	}
}

/* What it remembers from before the reboot is nothing against a peer that was up all the time. */
static void a_rebooted_active_never_beats_a_working_peer(void **state)
{
	/* Silent for less than the dead-interval, for longer, and cut off while it boots. */
	for (int round = 0; round < 3; round++) {
		struct pair *pair = formed_pair();

		pair_stop(pair, 0);
		pair_run(pair, round == 0 ? HELLO : DEAD + 10);
		pair->cut = round == 2;
		pair_reboot(pair, 0, 1);
		pair_run(pair, ALONE + 100);
		pair->cut = false;
		pair_run(pair, DEAD + 10 * HELLO);
		assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
		assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
		assert_true(pair->nodes[1].core.modifier < pair->nodes[0].core.modifier);
		free(pair);
	}
}

/* After a reboot there is nothing to go on with: it waits for bgpd and zebra, a restarted srpd does not. */
static void a_rebooted_chassis_waits_for_frr(void **state)
{
	for (int resumes = 0; resumes < 2; resumes++) {
		struct pair *pair = new_pair();

		if (resumes)
			pair_start(pair, 0, 1);
		else
			pair_reboot(pair, 0, 1);
		pair_input(pair, 0, (struct srp_input){.type = SRP_IN_HEALTH, .health = {.frr_down = true}});
		pair_start(pair, 1, 0);
		pair_run(pair, resumes ? 50 : SRP_FRR_GRACE_MSEC + 2 * HELLO);
		assert_int_equal(pair_role(pair, resumes ? 0 : 1), SRP_ACTIVE);
		free(pair);
	}
}

static void every_cell_of_the_table_leads_somewhere(void **state)
{
	for (int event = 0; event < SRP_EVENT_COUNT; event++) {
		for (int own = 0; own < SRP_ROLE_COUNT; own++) {
			struct srp_transition step =
				srp_fsm_step((enum srp_role)own, (enum srp_fsm_event)event);

			assert_true(step.next < SRP_ROLE_COUNT);
			/* A transition that goes nowhere would run the entry actions again. */
			assert_false(step.moves && step.next == (enum srp_role)own);
		}
		assert_string_not_equal(srp_event_name((enum srp_fsm_event)event), "?");
	}
	/* No role is a trap: the pending ones have a time limit, the others hear the peer go. */
	assert_true(srp_fsm_step(SRP_PENDING_ACTIVE, SRP_EV_TIMEOUT).moves);
	assert_true(srp_fsm_step(SRP_PENDING_STANDBY, SRP_EV_TIMEOUT).moves);
	assert_true(srp_fsm_step(SRP_STANDBY, SRP_EV_PEER_GONE).moves);
	assert_true(srp_fsm_step(SRP_INIT, SRP_EV_PEER_GONE).moves);
}

/*
 * Cuts, restarts (with and without their memory), monitors and operators at random moments; afterwards, with
 * all faults gone, exactly one is Active within a bound. pair_tick() checks the invariants on the way.
 */
static void random_faults_end_with_exactly_one_active(void **state)
{
	for (unsigned int seed = 1; seed <= 200; seed++) {
		struct pair *pair = formed_pair();
		int active = 0;

		srand(seed);
		for (int event = 0; event < 60; event++) {
			int index = rand() % 2;

			switch (rand() % 6) {
			case 0:
				pair->cut = !pair->cut;
				break;
			case 1:
				if (pair->nodes[index].running)
					pair_stop(pair, index);
				else
					pair_start(pair, index,
						   rand() % 2 ? pair->nodes[index].core.modifier : 0);
				break;
			case 2:
				pair_set_health(pair, index, rand() % 2, false);
				break;
			case 3:
				pair_set_health(pair, index, false, true);
				break;
			case 4:
				if (pair->nodes[index].running &&
				    !srp_core_switchover_obstacle(&pair->nodes[index].core, false))
					pair_initiate_switchover(pair, index);
				break;
			case 5:
				pair->nodes[index].applies = !pair->nodes[index].applies;
				break;
			}
			pair_run(pair, (unsigned int)rand() % 700);
		}
		pair->cut = false;
		for (int i = 0; i < 2; i++) {
			pair->nodes[i].applies = true;
			if (!pair->nodes[i].running)
				pair_start(pair, i, 0);
			pair_set_health(pair, i, false, true);
		}
		pair_run(pair, LIMIT(REQUEST) + LIMIT(APPLY) + DEAD + 4 * HELLO);
		active = pair_role(pair, 0) == SRP_ACTIVE ? 0 : 1;
		if (pair_role(pair, active) != SRP_ACTIVE || pair_role(pair, !active) != SRP_STANDBY)
			fail_msg("seed %u: roles %s and %s", seed, srp_role_name(pair_role(pair, 0)),
				 srp_role_name(pair_role(pair, 1)));
		assert_true(pair->nodes[active].core.modifier < pair->nodes[!active].core.modifier);
		free(pair);
	}
}

static void take_overs_from_start_values_stay_in_what_the_peer_accepts(void **state)
{
	struct pair *pair = new_pair();

	for (int i = 0; i < 2; i++)
		pair->nodes[i].config.threshold = SRP_THRESHOLD_MAX;
	pair_start(pair, 1, 0);
	pair_run(pair, ALONE + 10);
	/* The backup alone; the primary joins, and the backup dies before it has heard that. */
	pair_start(pair, 0, 0);
	for (int msec = 0; msec < ALONE && pair_role(pair, 0) != SRP_STANDBY; msec++)
		pair_tick(pair);
	assert_int_equal(pair->nodes[0].core.modifier, SRP_THRESHOLD_MAX + 3);
	pair_stop(pair, 1);
	pair_run(pair, 2 * DEAD);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	pair_start(pair, 1, 0);
	for (int msec = 0; msec < 10; msec++) {
		pair_tick(pair);
		assert_in_range(pair->nodes[1].core.modifier, 1, SRP_MODIFIER_MAX);
	}
	assert_int_equal(pair->nodes[0].core.modifier, 1);
	free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cold_pair_elects_the_primary_without_delay),
		cmocka_unit_test(equal_modes_are_decided_by_priority_and_then_by_mac),
		cmocka_unit_test(a_chassis_alone_serves_after_delay_and_dead_interval_with_its_start_value),
		cmocka_unit_test(intervals_changed_while_waiting_for_the_peer_count_from_the_start),
		cmocka_unit_test(a_dead_active_is_replaced_and_returns_as_standby),
		cmocka_unit_test(a_restarted_srpd_goes_on_as_active_and_never_lets_go),
		cmocka_unit_test(a_restarted_chassis_alone_never_beats_the_one_that_works),
		cmocka_unit_test(a_restarted_active_that_finds_the_peer_serving_withdraws_before_it_removes),
		cmocka_unit_test(intervals_may_be_changed_on_one_chassis_after_the_other),
		cmocka_unit_test(start_values_follow_the_configuration_and_others_do_not),
		cmocka_unit_test(a_manual_switchover_to_a_failing_peer_is_refused),
		cmocka_unit_test(a_standby_wins_over_an_active_that_forgot_who_it_was),
		cmocka_unit_test(a_manual_switchover_swaps_roles_and_counts_modifiers_up),
		cmocka_unit_test(modifiers_start_again_at_the_threshold_active_first),
		cmocka_unit_test(under_partition_the_previously_active_is_preferred_and_survives),
		cmocka_unit_test(a_failed_group_hands_over_only_to_a_peer_that_can_do_better),
		cmocka_unit_test(a_switchover_that_nobody_answers_leads_back_to_active),
		cmocka_unit_test(pending_active_serves_although_the_kernel_never_answers),
		cmocka_unit_test(a_switchover_is_refused_with_the_reason),
		cmocka_unit_test(removing_the_configuration_withdraws_but_having_none_holds),
		cmocka_unit_test(of_two_that_reboot_the_one_that_was_active_last_wins),
		cmocka_unit_test(a_rebooted_active_never_beats_a_working_peer),
		cmocka_unit_test(a_rebooted_chassis_waits_for_frr),
		cmocka_unit_test(every_cell_of_the_table_leads_somewhere),
		cmocka_unit_test(random_faults_end_with_exactly_one_active),
		cmocka_unit_test(take_overs_from_start_values_stay_in_what_the_peer_accepts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
