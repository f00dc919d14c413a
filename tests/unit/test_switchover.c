/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol core: the planned switchover's phases, its options, witness, configuration check, boot. */
#include "tests/unit/core_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CORE(index) (&pair->nodes[index].core)

/* Milliseconds that nothing here is waited for. */
#define TOO_LONG    60000

#define RUN_UNTIL(condition)                          \
	do {                                          \
		uint64_t end = pair->now + TOO_LONG;  \
		while (!(condition)) {                \
			assert_true(pair->now < end); \
			pair_tick(pair);              \
		}                                     \
	} while (0)

static void set_options(struct pair *pair, uint8_t own, uint8_t peer)
{
	pair->nodes[0].config.options = own;
	pair->nodes[1].config.options = peer;
	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.convergence_msec = 200;
		pair_configure(pair, i);
	}
	pair_run(pair, 2 * HELLO);
}

static void nothing_is_asked_of_the_peer_before_the_checkpoints_are_flushed(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[0].flushes = false;
	pair_initiate_switchover(pair, 0);
	pair_run(pair, 1000);
	assert_int_equal(CORE(0)->phase, SRP_PHASE_FLUSH);
	assert_int_equal(CORE(0)->flush, SRP_FLUSH_CHECKPOINTS);
	assert_int_equal(CORE(1)->stats.requests_received, 0);
	assert_true(srp_core_desired(CORE(0)).announce);
	/* New sessions would not be in the flush any more. */
	assert_false(srp_core_desired(CORE(0)).gate.control);
	assert_true(srp_core_desired(CORE(0)).gate.ims);
	/* An answer to an older order is none. */
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = CORE(0)->flush_id - 1});
	assert_int_equal(CORE(0)->phase, SRP_PHASE_FLUSH);
	pair->nodes[0].flushes = true;
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_DONE);
	free(pair);
}

static void a_flush_that_does_not_end_leads_back_to_active(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[0].flushes = false;
	pair_initiate_switchover(pair, 0);
	pair_run(pair, LIMIT(FLUSH) + 1);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_FLUSH_TIMEOUT);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	free(pair);
}

static void a_peer_that_is_not_ready_refuses_and_says_why(void **state)
{
	struct pair *pair = formed_pair();

	pair_initiate_switchover(pair, 0);
	/* Not in a hello yet when the request comes. */
	pair->nodes[1].core.health.ready = false;
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_REFUSED);
	assert_int_equal(CORE(0)->attempt_refusal, SRP_REFUSED_NOT_READY);
	assert_int_equal(CORE(1)->stats.requests_refused, 1);
	/* Forced, it takes over all the same, and the reason is another. */
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_SWITCHOVER, .force = true});
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(CORE(1)->last_reason, SRP_REASON_FORCE);
	free(pair);
}

static void the_new_active_announces_when_the_old_one_has_withdrawn(void **state)
{
	struct pair *pair = formed_pair();

	pair_initiate_switchover(pair, 0);
	for (int i = 0; i < 50; i++) {
		pair_tick(pair);
		if (CORE(1)->phase == SRP_PHASE_WITHDRAW)
			assert_true(srp_core_desired(CORE(1)).install && !srp_core_desired(CORE(1)).announce);
	}
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].both_announce, 0);
	free(pair);
}

static void a_withdrawal_that_is_never_heard_is_not_waited_for_long(void **state)
{
	struct pair *pair = formed_pair();

	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(pair_role(pair, 1) == SRP_PENDING_ACTIVE);
	pair->cut = true;
	pair_run(pair, LIMIT(WITHDRAW) + 1);
	assert_true(srp_core_desired(CORE(1)).announce);
	free(pair);
}

/* Up to where the old Active has withdrawn and its accounting is not flushed yet. */
static void hand_over_without_accounting(struct pair *pair)
{
	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(CORE(0)->phase == SRP_PHASE_REQUEST);
	pair->nodes[0].flushes = false;
	RUN_UNTIL(pair_role(pair, 0) == SRP_STANDBY);
}

static void accounting_comes_in_ims_first_before_the_new_one_is_active(void **state)
{
	struct pair *pair = formed_pair();

	hand_over_without_accounting(pair);
	assert_int_equal(CORE(0)->flush, SRP_FLUSH_IMS);
	pair_run(pair, 500);
	assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	assert_true(srp_core_desired(CORE(1)).announce);
	assert_false(srp_core_desired(CORE(1)).gate.ims || srp_core_desired(CORE(1)).gate.non_ims);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = CORE(0)->flush_id});
	assert_int_equal(CORE(0)->flush, SRP_FLUSH_NON_IMS);
	pair_run(pair, 500);
	assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = CORE(0)->flush_id});
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_true(srp_core_desired(CORE(1)).gate.ims && srp_core_desired(CORE(1)).gate.control);
	free(pair);
}

static void post_process_ends_by_its_limit_by_the_operator_and_with_the_peer(void **state)
{
	for (int how = 0; how < 3; how++) {
		struct pair *pair = formed_pair();

		hand_over_without_accounting(pair);
		pair_run(pair, 100);
		assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
		if (how == 0) {
			/* The old Active gives up first, one class after the other. */
			pair_run(pair, LIMIT(FLUSH_IMS) + LIMIT(FLUSH_NON_IMS) - 200);
			assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
			pair_run(pair, 300);
			assert_int_equal(CORE(0)->stats.flushes_incomplete, 2);
		} else if (how == 1) {
			pair_input(pair, 1, (struct srp_input){.type = SRP_IN_TERMINATE});
		} else {
			pair_stop(pair, 0);
			pair_run(pair, DEAD + 1);
		}
		assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
		assert_int_equal(CORE(1)->phase, SRP_PHASE_NONE);
		free(pair);
	}
}

static void the_options_open_the_gate_early(void **state)
{
	static const struct {
		uint8_t own, peer;
		bool ims, non_ims, control;
	} cases[] = {
		{SRP_OPTION_ALL_DATA, SRP_OPTION_ALL_DATA, true, true, false},
		{SRP_OPTION_ALL_DATA, 0, false, false, false},
		{SRP_OPTION_VOLTE_DATA, SRP_OPTION_VOLTE_DATA, true, false, false},
		{SRP_OPTION_VOLTE_DATA | SRP_OPTION_MAINTAIN_ACCOUNTING,
		 SRP_OPTION_VOLTE_DATA | SRP_OPTION_MAINTAIN_ACCOUNTING, false, false, false},
		{SRP_OPTION_CONTROL_OUTAGE, SRP_OPTION_CONTROL_OUTAGE, false, false, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pair *pair = formed_pair();
		struct srp_gate gate;

		set_options(pair, cases[i].own, cases[i].peer);
		hand_over_without_accounting(pair);
		pair_run(pair, 50);
		assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
		gate = srp_core_desired(CORE(1)).gate;
		assert_int_equal(gate.ims, cases[i].ims);
		assert_int_equal(gate.non_ims, cases[i].non_ims);
		assert_int_equal(gate.control, cases[i].control);
		if (cases[i].own & SRP_OPTION_MAINTAIN_ACCOUNTING) {
			pair_input(pair, 0,
				   (struct srp_input){.type = SRP_IN_FLUSHED, .flush_id = CORE(0)->flush_id});
			pair_run(pair, 10);
			gate = srp_core_desired(CORE(1)).gate;
			assert_true(gate.ims && !gate.non_ims);
		}
		free(pair);
	}
}

#define MBB (SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE)

static void make_before_break_always_has_an_announcement_and_moves_by_length(void **state)
{
	struct pair *pair = formed_pair();
	bool moved = false;

	set_options(pair, MBB, MBB);
	assert_true(srp_core_make_before_break(CORE(0)));
	pair_initiate_switchover(pair, 0);
	for (int i = 0; i < 1000; i++) {
		struct srp_desired a, b;

		pair_tick(pair);
		a = srp_core_desired(CORE(0));
		b = srp_core_desired(CORE(1));
		assert_true(a.announce || b.announce);
		/* Once the new one is preferred, it stays so. */
		moved |= b.announce && (!a.announce || b.prepend < a.prepend);
		if (moved)
			assert_true(b.announce && (!a.announce || b.prepend < a.prepend));
		if (pair_role(pair, 1) == SRP_ACTIVE && a.announce)
			assert_true(b.prepend < a.prepend);
	}
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(CORE(1)->modifier, 2);
	assert_int_equal(CORE(0)->modifier, 3);
	/* From the peer's being Active on. */
	assert_in_range(pair->nodes[0].both_announce, 200, 220);
	free(pair);
}

static void make_before_break_needs_the_options_on_both(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, SRP_OPTION_ALL_DATA);
	assert_false(srp_core_make_before_break(CORE(0)));
	pair_initiate_switchover(pair, 0);
	pair_run(pair, 100);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair->nodes[0].both_announce, 0);
	free(pair);
}

static void make_before_break_to_a_peer_that_announces_nothing_ends(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, MBB);
	pair->nodes[1].applies = false;
	pair_initiate_switchover(pair, 0);
	pair_run(pair, LIMIT(APPLY) + 10);
	/* Its own limit came first: it serves, and the old one follows after the convergence time. */
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair_run(pair, 300);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	free(pair);

	/* One that is stuck for good gives the role back. */
	pair = formed_pair();
	set_options(pair, MBB, MBB);
	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(CORE(0)->phase == SRP_PHASE_CONVERGE);
	pair->cut = true;
	pair_run(pair, DEAD + 1);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_PEER_LOST);
	free(pair);
}

static void a_convergence_time_may_be_longer_than_any_phase(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, MBB);
	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.convergence_msec = 20000;
		pair_configure(pair, i);
	}
	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(CORE(0)->phase == SRP_PHASE_REQUEST || CORE(0)->phase == SRP_PHASE_CONVERGE);
	pair->nodes[0].flushes = false;
	pair_run(pair, 19500);
	assert_int_equal(pair_role(pair, 0), SRP_PENDING_STANDBY);
	assert_true(srp_core_desired(CORE(0)).announce);
	/* The accounting that is flushed after it is waited for all the same. */
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	assert_int_equal(CORE(0)->attempt, SRP_ATTEMPT_DONE);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	pair->nodes[0].flushes = true;
	pair_run(pair, 10);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_NONE);
	free(pair);
}

static void an_advertisement_seen_late_is_still_told(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, MBB);
	pair->nodes[1].applies = false;
	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(pair_role(pair, 1) == SRP_ACTIVE);
	assert_false(CORE(1)->progress.advertised);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_ADVERTISED});
	assert_true(CORE(1)->progress.advertised);
	free(pair);
}

static void accounting_is_maintained_when_either_side_says_so(void **state)
{
	const uint8_t volte = SRP_OPTION_VOLTE_DATA, maintain = SRP_OPTION_MAINTAIN_ACCOUNTING;

	for (int who = 0; who < 2; who++) {
		struct pair *pair = formed_pair();

		set_options(pair, volte | SRP_OPTION_EARLY_ACTIVE | (who == 0 ? maintain : 0),
			    volte | SRP_OPTION_EARLY_ACTIVE | (who == 1 ? maintain : 0));
		hand_over_without_accounting(pair);
		pair_run(pair, 50);
		assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
		assert_false(srp_core_desired(CORE(1)).gate.ims);
		free(pair);
	}
}

static void validate_switchover_on_a_standby_that_is_not_ready_says_so(void **state)
{
	struct pair *pair = formed_pair();

	pair_set_health(pair, 1, false, false);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_VALIDATE});
	assert_false(CORE(1)->validation.waiting);
	assert_int_equal(CORE(1)->validation.obstacle, SRP_NOT_READY);
	free(pair);
}

static void a_chassis_that_was_disabled_goes_on_from_nothing(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_start(pair, 0, 1);
	assert_true(CORE(0)->resumes);
	pair->nodes[0].config.enabled = false;
	pair_configure(pair, 0);
	assert_false(CORE(0)->resumes);
	free(pair);
}

static void after_an_attempt_that_failed_no_accounting_is_waited_for(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, MBB);
	pair->nodes[0].config.convergence_msec = 5000; /* longer than the dead-interval */
	pair_configure(pair, 0);
	pair_initiate_switchover(pair, 0);
	RUN_UNTIL(CORE(0)->phase == SRP_PHASE_CONVERGE);
	pair->nodes[0].flushes = false;
	RUN_UNTIL(pair_role(pair, 1) == SRP_ACTIVE);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	/* Only the old Active misses the other: it gives up, and takes the place back. */
	pair->cut = true;
	for (unsigned int i = 0; pair_role(pair, 0) != SRP_ACTIVE; i++) {
		struct srp_message again = {.type = SRP_MSG_HELLO, .hello = CORE(1)->peer};

		assert_true(i < TOO_LONG);
		pair_tick(pair);
		pair_input(pair, 1, (struct srp_input){.type = SRP_IN_MESSAGE, .message = &again});
	}
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	pair->cut = false;
	pair_run(pair, 3 * HELLO);
	assert_int_equal(pair_role(pair, 0) + pair_role(pair, 1), SRP_ACTIVE + SRP_STANDBY);
	assert_int_equal(CORE(0)->phase, SRP_PHASE_NONE);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_NONE);
	free(pair);
}

static void an_early_active_still_takes_in_the_accounting(void **state)
{
	struct pair *pair = formed_pair();

	set_options(pair, MBB, MBB);
	hand_over_without_accounting(pair);
	pair_run(pair, 50);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_POST);
	assert_true(srp_core_desired(CORE(1)).gate.non_ims);
	assert_false(srp_core_desired(CORE(1)).gate.control);
	pair->nodes[0].flushes = true;
	pair_run(pair, 10);
	assert_int_equal(CORE(1)->phase, SRP_PHASE_NONE);
	assert_true(srp_core_desired(CORE(1)).gate.control);
	free(pair);
}

static void an_unplanned_failover_opens_the_gate_at_once(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 500);
	pair->nodes[1].applies = false;
	pair_stop(pair, 0);
	pair_run(pair, DEAD + 1);
	assert_int_equal(pair_role(pair, 1), SRP_PENDING_ACTIVE);
	assert_true(srp_core_desired(CORE(1)).gate.ims && srp_core_desired(CORE(1)).gate.non_ims);
	free(pair);
}

static void without_session_managers_the_gate_is_open_from_the_start(void **state)
{
	struct pair *pair = formed_pair();

	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_SESSIONS});
	pair_initiate_switchover(pair, 0);
	for (int i = 0; i < 50; i++) {
		pair_tick(pair);
		if (pair_role(pair, 1) != SRP_STANDBY)
			assert_true(srp_core_desired(CORE(1)).gate.non_ims);
		assert_int_not_equal(CORE(0)->phase, SRP_PHASE_FLUSH_IMS);
	}
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void unready_session_managers_are_counted_and_can_be_overruled(void **state)
{
	struct pair *pair = formed_pair();

	pair_input(pair, 0,
		   (struct srp_input){.type = SRP_IN_SESSIONS, .sessions = {.managers = 4, .unready = 3}});
	assert_int_equal(srp_core_switchover_obstacle(CORE(0), false), SRP_SESSIONS_UNREADY);
	assert_int_equal(srp_core_switchover_obstacle(CORE(0), true), SRP_CLEAR);
	free(pair);
}

static void validate_switchover_asks_the_peer_and_changes_nothing(void **state)
{
	struct pair *pair = formed_pair();

	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_VALIDATE});
	assert_true(CORE(0)->validation.waiting);
	pair_run(pair, 10);
	assert_true(CORE(0)->validation.answered);
	assert_int_equal(CORE(0)->validation.refusal, SRP_ACCEPTED);
	CORE(1)->health.ready = false; /* the peer knows it, and has not said so yet */
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_VALIDATE});
	pair_run(pair, 10);
	assert_int_equal(CORE(0)->validation.refusal, SRP_REFUSED_NOT_READY);
	CORE(1)->health.ready = true;
	/* From the Standby, the Active says what it would say itself. */
	pair_input(pair, 0,
		   (struct srp_input){.type = SRP_IN_SESSIONS, .sessions = {.managers = 1, .unready = 1}});
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_VALIDATE});
	pair_run(pair, 10);
	assert_int_equal(CORE(1)->validation.refusal, SRP_REFUSED_SESSIONS);
	/* No answer is an answer. */
	pair->cut = true;
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_VALIDATE});
	pair_run(pair, SRP_VALIDATE_LIMIT_MSEC + 1);
	assert_false(CORE(1)->validation.waiting || CORE(1)->validation.answered);
	assert_int_equal(CORE(0)->switchovers + CORE(1)->stats.requests_received, 0);
	free(pair);
}

static void different_configurations_refuse_a_planned_switchover_and_no_hello(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.checksum = 7;
		pair->nodes[i].config.config_check_msec = 5000;
		pair_configure(pair, i);
	}
	pair_run(pair, 2 * HELLO);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CHECK_CONFIG});
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_SAME);
	pair->nodes[1].config.checksum = 8;
	pair_configure(pair, 1);
	pair_run(pair, 2 * HELLO);
	/* No alarm yet, but the operator is told when it matters. */
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_SAME);
	assert_int_equal(srp_core_switchover_obstacle(CORE(0), false), SRP_CONFIG_DIFFERS);
	assert_int_equal(srp_core_switchover_obstacle(CORE(0), true), SRP_CLEAR);
	pair_run(pair, 5000);
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_DIFFERENT);
	assert_true(CORE(0)->config_failed_at > 0);
	assert_int_equal(CORE(0)->stats.peer_lost, 0);
	/* A failed monitor does not wait for it. */
	pair_set_health(pair, 0, true, false);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	pair->nodes[1].config.checksum = 7;
	pair_configure(pair, 1);
	pair_run(pair, 10 + HELLO);
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_SAME);
	free(pair);
}

static void a_change_on_one_side_is_an_alarm_when_the_other_does_not_follow(void **state)
{
	struct pair *pair = formed_pair();

	for (int i = 0; i < 2; i++) {
		pair->nodes[i].config.checksum = 7;
		pair->nodes[i].config.config_check_msec = 3600000;
		pair_configure(pair, i);
	}
	pair_run(pair, 2 * HELLO);
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_CHECK_CONFIG});
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_CHECK_CONFIG});
	pair->nodes[1].config.checksum = 8;
	pair_configure(pair, 1);
	pair_run(pair, SRP_CONFIG_CHANGE_MSEC - 2 * HELLO);
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_SAME);
	pair_run(pair, 3 * HELLO);
	assert_int_equal(CORE(0)->config_state, SRP_CONFIG_DIFFERENT);
	assert_int_equal(CORE(1)->config_state, SRP_CONFIG_DIFFERENT);
	free(pair);
}

static void a_witness_stretches_the_dead_interval_once(void **state)
{
	struct pair *pair = formed_pair();

	pair->nodes[1].config.witness_msec = 1000;
	pair_configure(pair, 1);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_WITNESS, .witness = true});
	pair->cut = true;
	pair_run(pair, DEAD + 900);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	assert_int_equal(CORE(1)->stats.witnessed, 1);
	pair_run(pair, 200);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);

	/* The routing domain loses it meanwhile: at once. */
	pair = formed_pair();
	pair->nodes[1].config.witness_msec = 1000;
	pair_configure(pair, 1);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_WITNESS, .witness = true});
	pair->cut = true;
	pair_run(pair, DEAD + 200);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_WITNESS, .witness = false});
	pair_run(pair, 2);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);

	/* It was the link after all. */
	pair = formed_pair();
	pair->nodes[1].config.witness_msec = 1000;
	pair_configure(pair, 1);
	pair_input(pair, 1, (struct srp_input){.type = SRP_IN_WITNESS, .witness = true});
	pair->cut = true;
	pair_run(pair, DEAD + 200);
	pair->cut = false;
	pair_run(pair, 3000);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	assert_int_equal(CORE(1)->stats.peer_lost, 0);
	free(pair);
}

static void set_frr_down(struct pair *pair, int index, bool down)
{
	pair_input(pair, index,
		   (struct srp_input){.type = SRP_IN_HEALTH, .health = {.ready = !down, .frr_down = down}});
}

static void at_boot_the_chassis_whose_frr_is_there_serves(void **state)
{
	struct pair *pair = new_pair();

	/* Neither: both wait, in Init. */
	pair->cut = true;
	pair_start(pair, 0, 0);
	pair_start(pair, 1, 0);
	CORE(0)->health.frr_down = CORE(1)->health.frr_down = true;
	pair->cut = false;
	pair_run(pair, 3000);
	assert_int_equal(pair_role(pair, 0), SRP_INIT);
	assert_int_equal(pair_role(pair, 1), SRP_INIT);
	/* The backup's comes first: it does not wait for the primary's. */
	set_frr_down(pair, 1, false);
	pair_run(pair, 10);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 0), SRP_STANDBY);
	set_frr_down(pair, 0, false);
	pair_run(pair, 1000);
	assert_int_equal(pair_role(pair, 1), SRP_ACTIVE);
	free(pair);
}

static void at_boot_it_does_not_matter_whose_bgpd_connects_first(void **state)
{
	for (int first = 0; first < 2; first++) {
		struct pair *pair = new_pair();

		pair->cut = true;
		pair_start(pair, 0, 0);
		pair_start(pair, 1, 0);
		CORE(0)->health.frr_down = CORE(1)->health.frr_down = true;
		pair->cut = false;
		pair_run(pair, 50);
		set_frr_down(pair, first, false);
		pair_run(pair, SRP_FRR_GRACE_MSEC - 200);
		set_frr_down(pair, !first, false);
		pair_run(pair, 50);
		assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
		assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
		free(pair);
	}
}

static void a_restarted_active_does_not_wait_for_its_bgpd_to_connect_again(void **state)
{
	struct pair *pair = formed_pair();

	pair_run(pair, 1000);
	pair_stop(pair, 0);
	pair_run(pair, DEAD / 2);
	pair->cut = true;
	pair_start(pair, 0, 1);
	CORE(0)->health = (struct srp_health){.frr_down = true};
	pair->cut = false;
	pair_run(pair, HELLO + 10);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	free(pair);
}

static void without_frr_a_chassis_alone_waits_but_not_for_ever(void **state)
{
	struct pair *pair = new_pair();

	pair_start(pair, 0, 0);
	CORE(0)->health.frr_down = true;
	pair_run(pair, SRP_BOOT_LIMIT_MSEC - 10);
	assert_int_equal(pair_role(pair, 0), SRP_INIT);
	pair_run(pair, 20);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	free(pair);

	pair = new_pair();
	pair_start(pair, 0, 0);
	CORE(0)->health.frr_down = true;
	pair_run(pair, 5000);
	set_frr_down(pair, 0, false);
	pair_run(pair, 2);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	free(pair);
}

static void what_a_slower_path_brings_late_is_over(void **state)
{
	struct pair *pair = formed_pair();
	struct srp_message late = {.type = SRP_MSG_HELLO};
	uint64_t heard;

	late.hello = CORE(0)->peer;
	late.hello.role = SRP_ACTIVE;
	late.hello.stamp--;
	pair_run(pair, 50);
	heard = CORE(0)->peer_heard_at;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_MESSAGE, .message = &late});
	assert_int_equal(CORE(0)->peer.role, SRP_STANDBY);
	assert_int_equal(CORE(0)->peer_heard_at, heard);
	/* The same again is a proof of life. */
	late.hello = CORE(0)->peer;
	pair_input(pair, 0, (struct srp_input){.type = SRP_IN_MESSAGE, .message = &late});
	assert_int_equal(CORE(0)->peer_heard_at, pair->now);
	free(pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_asked_of_the_peer_before_the_checkpoints_are_flushed),
		cmocka_unit_test(a_flush_that_does_not_end_leads_back_to_active),
		cmocka_unit_test(a_peer_that_is_not_ready_refuses_and_says_why),
		cmocka_unit_test(the_new_active_announces_when_the_old_one_has_withdrawn),
		cmocka_unit_test(a_withdrawal_that_is_never_heard_is_not_waited_for_long),
		cmocka_unit_test(accounting_comes_in_ims_first_before_the_new_one_is_active),
		cmocka_unit_test(post_process_ends_by_its_limit_by_the_operator_and_with_the_peer),
		cmocka_unit_test(the_options_open_the_gate_early),
		cmocka_unit_test(make_before_break_always_has_an_announcement_and_moves_by_length),
		cmocka_unit_test(make_before_break_needs_the_options_on_both),
		cmocka_unit_test(make_before_break_to_a_peer_that_announces_nothing_ends),
		cmocka_unit_test(a_convergence_time_may_be_longer_than_any_phase),
		cmocka_unit_test(an_advertisement_seen_late_is_still_told),
		cmocka_unit_test(accounting_is_maintained_when_either_side_says_so),
		cmocka_unit_test(validate_switchover_on_a_standby_that_is_not_ready_says_so),
		cmocka_unit_test(a_chassis_that_was_disabled_goes_on_from_nothing),
		cmocka_unit_test(after_an_attempt_that_failed_no_accounting_is_waited_for),
		cmocka_unit_test(an_early_active_still_takes_in_the_accounting),
		cmocka_unit_test(an_unplanned_failover_opens_the_gate_at_once),
		cmocka_unit_test(without_session_managers_the_gate_is_open_from_the_start),
		cmocka_unit_test(unready_session_managers_are_counted_and_can_be_overruled),
		cmocka_unit_test(validate_switchover_asks_the_peer_and_changes_nothing),
		cmocka_unit_test(different_configurations_refuse_a_planned_switchover_and_no_hello),
		cmocka_unit_test(a_change_on_one_side_is_an_alarm_when_the_other_does_not_follow),
		cmocka_unit_test(a_witness_stretches_the_dead_interval_once),
		cmocka_unit_test(at_boot_the_chassis_whose_frr_is_there_serves),
		cmocka_unit_test(at_boot_it_does_not_matter_whose_bgpd_connects_first),
		cmocka_unit_test(a_restarted_active_does_not_wait_for_its_bgpd_to_connect_again),
		cmocka_unit_test(without_frr_a_chassis_alone_waits_but_not_for_ever),
		cmocka_unit_test(what_a_slower_path_brings_late_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
