/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two protocol cores in one process, see core_pair.h. */
#include "tests/unit/core_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void deliver(struct pair *pair, int from, const struct srp_outputs *outputs)
{
	struct node *to = &pair->nodes[!from];

	for (unsigned int i = 0; i < outputs->count; i++) {
		if (outputs->list[i].type != SRP_OUT_SEND || pair->cut || !to->running)
			continue;
		assert_true(to->tail - to->head < QUEUE);
		to->inbox[to->tail % QUEUE] = outputs->list[i].message;
		to->due[to->tail % QUEUE] = pair->now + 1;
		to->tail++;
	}
}

void pair_input(struct pair *pair, int index, struct srp_input in)
{
	struct srp_outputs outputs;

	srp_core_input(&pair->nodes[index].core, pair->now, &in, &outputs);
	deliver(pair, index, &outputs);
}

enum srp_role pair_role(const struct pair *pair, int index)
{
	return pair->nodes[index].core.role;
}

/* One millisecond: messages that are due, deadlines, answers of kernel and bgpd; then the invariants. */
void pair_tick(struct pair *pair)
{
	struct srp_desired desired[2];

	pair->now++;
	for (int i = 0; i < 2; i++) {
		struct node *node = &pair->nodes[i];

		while (node->head != node->tail && node->due[node->head % QUEUE] <= pair->now) {
			struct srp_message message = node->inbox[node->head++ % QUEUE];

			if (node->running)
				pair_input(pair, i,
					   (struct srp_input){.type = SRP_IN_MESSAGE, .message = &message});
		}
		if (!node->running)
			continue;
		if (srp_core_deadline(&node->core) <= pair->now)
			pair_input(pair, i, (struct srp_input){.type = SRP_IN_TICK});
		assert_true(srp_core_deadline(&node->core) > pair->now);
		if (node->applies && node->core.role == SRP_PENDING_ACTIVE)
			pair_input(pair, i, (struct srp_input){.type = SRP_IN_APPLIED});
		if (node->applies && srp_core_desired(&node->core).announce &&
		    node->core.role == SRP_PENDING_ACTIVE)
			pair_input(pair, i, (struct srp_input){.type = SRP_IN_ADVERTISED});
		if (node->flushes && node->core.flush != SRP_FLUSH_NONE)
			pair_input(pair, i,
				   (struct srp_input){.type = SRP_IN_FLUSHED,
						      .flush_id = node->core.flush_id});
	}
	for (int i = 0; i < 2; i++) {
		desired[i] = srp_core_desired(&pair->nodes[i].core);
		if (!pair->nodes[i].running)
			desired[i].announce = false;
	}
	if (desired[0].announce && desired[1].announce) {
		pair->nodes[0].both_announce++;
		/* Never the same length: the routing domain always has one best path. */
		assert_int_not_equal(desired[0].prepend, desired[1].prepend);
	}
}

void pair_run(struct pair *pair, unsigned int msec)
{
	while (msec--)
		pair_tick(pair);
}

void pair_start(struct pair *pair, int index, uint16_t last_modifier)
{
	struct node *node = &pair->nodes[index];

	srp_core_init(&node->core, pair->now + 1 + (uint64_t)index, last_modifier);
	node->running = true;
	node->head = node->tail;
	pair_input(pair, index,
		   (struct srp_input){.type = SRP_IN_SESSIONS, .sessions = {.managers = node->managers}});
	pair_input(pair, index, (struct srp_input){.type = SRP_IN_CONFIG, .config = &node->config});
	pair_input(pair, index, (struct srp_input){.type = SRP_IN_LINK, .link_up = true});
	pair_input(pair, !index,
		   (struct srp_input){.type = SRP_IN_LINK, .link_up = pair->nodes[!index].running});
}

void pair_stop(struct pair *pair, int index)
{
	pair->nodes[index].running = false;
}

void pair_set_health(struct pair *pair, int index, bool failed, bool ready)
{
	pair_input(pair, index,
		   (struct srp_input){.type = SRP_IN_HEALTH, .health = {.failed = failed, .ready = ready}});
}

struct pair *new_pair(void)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair->now = 1000;
	for (int i = 0; i < 2; i++) {
		pair->nodes[i].applies = pair->nodes[i].flushes = true;
		pair->nodes[i].managers = 1;
		pair->nodes[i].config = (struct srp_core_config){
			.enabled = true,
			.mode = i == 0 ? SRP_MODE_PRIMARY : SRP_MODE_BACKUP,
			.priority = (uint8_t)(i + 1),
			.threshold = 8,
			.hello_msec = HELLO,
			.dead_msec = DEAD,
			.tiebreaker = {0, 0, 0, 0, 0, (uint8_t)i},
			.higher_address = i == 1,
			.peer_fail_msec = UINT32_MAX,
		};
	}
	return pair;
}

/* A pair in which node 0 is Active and node 1 Standby. */
struct pair *formed_pair(void)
{
	struct pair *pair = new_pair();

	pair_start(pair, 0, 0);
	pair_start(pair, 1, 0);
	pair_run(pair, 50);
	assert_int_equal(pair_role(pair, 0), SRP_ACTIVE);
	assert_int_equal(pair_role(pair, 1), SRP_STANDBY);
	return pair;
}

void pair_initiate_switchover(struct pair *pair, int index)
{
	assert_int_equal(srp_core_switchover_obstacle(&pair->nodes[index].core, false), SRP_CLEAR);
	pair_input(pair, index, (struct srp_input){.type = SRP_IN_SWITCHOVER});
}
