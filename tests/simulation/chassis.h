/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One chassis of the simulator and of the explorer: a core, and a model of the shell around it (agent/agent.c):
 * the state file, what kernel and bgpd were last told, and what they made of it. It has no clock and no network;
 * its user carries messages and time. What can be judged by looking at one chassis alone is checked here, with
 * every input: the checks that say CHASSIS in docs/simulation.md.
 *
 * Of the core's fields it reads role, phase, modifier and what is to be flushed. A new input, output or message of the core is put in here.
 */
#ifndef SIM_CHASSIS_H
#define SIM_CHASSIS_H

#include "agent/core/core.h"

/* What does not hold: a name, and the values as text. */
struct violation {
	const char *name; /* NULL: all is well */
	char text[200];
};

/* The first violation of a run is the one that counts. */
__attribute__((format(printf, 3, 4))) void violation_set(struct violation *violation, const char *name,
							 const char *format, ...);

struct chassis {
	struct srp_core core;
	struct srp_core_config config;
	struct srp_health health;
	uint32_t managers; /* session managers: what they flush takes time */
	uint32_t sequence; /* of the last message sent */
	bool running;      /* srpd lives */

	/* The state file, written as save_state() of agent.c does. modifier 0: there is none. */
	enum srp_role saved_role;
	uint16_t saved_modifier;

	/*
	 * What reconcile() of agent.c saw last; and what it told kernel and bgpd last, each time with a new generation:
	 * a wish outlives srpd, and nothing is told while the core holds.
	 */
	struct srp_desired told, wish;
	uint32_t generation;

	/* What they made of it. They outlive srpd. */
	uint32_t kernel_generation, bgpd_generation;
	bool installed;
	bool permitted; /* bgpd's policy lets the prefixes out, with `prepend` */
	uint16_t prepend;

	uint64_t phase_since;
	uint64_t role_since;                  /* own ms */
	uint64_t init_since;                  /* when it was last configured while Init, own ms */
	unsigned int role_changes, takeovers; /* takeovers: changes to Pending-Active */
};

/* Start srpd. `instance` is not 0. With `keep` it finds its state file. Then give it its configuration. */
void chassis_start(struct chassis *chassis, uint64_t instance, bool keep);

/* One input. *outputs are checked: messages have been through the codec and are as the peer decodes them. */
void chassis_input(struct chassis *chassis, uint64_t now, const struct srp_input *input,
		   struct srp_outputs *outputs, struct violation *violation);

/* Kernel and bgpd carry out what they were told last. */
void chassis_kernel_applies(struct chassis *chassis);
void chassis_bgpd_applies(struct chassis *chassis);
/*
 * The facts that core_input() of agent.c looks up after each input: 0, 1, ... until it returns false. *input is one
 * that is due: kernel and bgpd hold the latest generation, bgpd sends it, there is nothing to flush.
 */
bool chassis_fact(const struct chassis *chassis, unsigned int number, struct srp_input *input);

/* The host dies: kernel and bgpd with it. */
void chassis_host_dies(struct chassis *chassis);

/* Pending-Active or Active, and srpd lives. */
bool chassis_serves(const struct chassis *chassis);
/* What bgpd sends: the number of prepends, 0 when it announces nothing. */
uint16_t chassis_announced(const struct chassis *chassis);
/* What the core wants bgpd to send now; for a held or dead one what bgpd was told last. 0: nothing. */
uint16_t chassis_wants_announced(const struct chassis *chassis);

#endif
