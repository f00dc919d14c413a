/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two protocol cores in one process, on a clock that the test owns. Messages take one millisecond; the test can cut
 * the wire, stop a node and start it again. Each millisecond checks what must always hold.
 */
#ifndef TESTS_CORE_PAIR_H
#define TESTS_CORE_PAIR_H

#include "agent/core/core.h"

#define HELLO        100
#define DEAD         300
#define ALONE        SRP_ALONE_MIN_MSEC /* it is longer than DEAD */
#define QUEUE        256
#define LIMIT(phase) srp_phase_limit(SRP_PHASE_##phase)

struct node {
	struct srp_core core;
	struct srp_core_config config;
	bool running;
	bool applies;      /* kernel and bgpd answer at once */
	uint32_t managers; /* session managers */
	bool flushes;      /* and so does what has checkpoints */
	struct srp_message inbox[QUEUE];
	uint64_t due[QUEUE];
	unsigned int head, tail;
	unsigned int both_announce; /* ms in which this one and the other announced */
};

struct pair {
	uint64_t now;
	bool cut;
	struct node nodes[2];
};

void pair_input(struct pair *pair, int index, struct srp_input in);
enum srp_role pair_role(const struct pair *pair, int index);
void pair_tick(struct pair *pair);
void pair_run(struct pair *pair, unsigned int msec);
void pair_start(struct pair *pair, int index, uint16_t last_modifier);
void pair_stop(struct pair *pair, int index);
void pair_set_health(struct pair *pair, int index, bool failed, bool ready);
struct pair *new_pair(void);
struct pair *formed_pair(void);
void pair_initiate_switchover(struct pair *pair, int index);

#endif
