/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the core share. Not an interface: see core.h. */
#ifndef SRP_CORE_PRIVATE_H
#define SRP_CORE_PRIVATE_H

#include "agent/core/core.h"

/* Why an event happens, should it lead to a switchover or to an answer. */
struct srp_cause {
	enum srp_reason reason;
	uint32_t request_id;
	enum srp_refusal refusal;
};

static inline bool srp_role_serves(enum srp_role role)
{
	return role == SRP_PENDING_ACTIVE || role == SRP_ACTIVE;
}

/* --- core.c --- */

/* A new, zeroed output. */
struct srp_output *srp_core_output(struct srp_outputs *out, enum srp_output_type type);
/* Let an event work on the role; `cause` may be NULL. */
void srp_core_step(struct srp_core *core, uint64_t now, enum srp_fsm_event event,
		   const struct srp_cause *cause, struct srp_outputs *out);
/* Say now what this chassis is; the next hello is one interval later. */
void srp_core_hello(struct srp_core *core, uint64_t now, struct srp_outputs *out);
/* The rules of the route modifier. True when the value changed. */
bool srp_core_settle_modifier(struct srp_core *core);
/* Whether the two configurations are known to differ, as both chassis tell it now. */
bool srp_core_config_differs(const struct srp_core *core);

/* --- switchover.c --- */

/* A role was entered: begin its first phase. `from`: the role before. */
void srp_switchover_role(struct srp_core *core, uint64_t now, enum srp_role from,
			 const struct srp_cause *cause);
/* The peer asks this chassis to take over. */
void srp_switchover_request(struct srp_core *core, uint64_t now, const struct srp_message *message,
			    struct srp_outputs *out);
void srp_switchover_response(struct srp_core *core, uint64_t now, const struct srp_message *message,
			     struct srp_outputs *out);
/* A hello was taken: look whether the phase is over. */
void srp_switchover_hello(struct srp_core *core, uint64_t now, struct srp_outputs *out);
/* The peer serves, and this chassis is Pending-Standby. */
void srp_switchover_taken(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_switchover_applied(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_switchover_advertised(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_switchover_flushed(struct srp_core *core, uint64_t now, uint32_t flush_id, struct srp_outputs *out);
void srp_switchover_terminate(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_switchover_tick(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_switchover_peer_gone(struct srp_core *core, uint64_t now, struct srp_outputs *out);
uint64_t srp_switchover_deadline(const struct srp_core *core);
/* The attempt to hand over has failed. */
void srp_switchover_failed(struct srp_core *core, uint64_t now, enum srp_attempt attempt,
			   struct srp_outputs *out);

/* `srp validate-switchover`. */
void srp_validate(struct srp_core *core, uint64_t now, struct srp_outputs *out);
void srp_validate_request(struct srp_core *core, const struct srp_message *message, struct srp_outputs *out);
void srp_validate_response(struct srp_core *core, const struct srp_message *message, struct srp_outputs *out);

/* --- hand_over.c --- */

void srp_hand_over_init(struct srp_core *core);
void srp_hand_over_health(struct srp_core *core, uint64_t now, const struct srp_health *health);
void srp_hand_over_local_failure(struct srp_core *core, uint64_t now, enum srp_family family);
void srp_hand_over_reset(struct srp_core *core, enum srp_family family);
/* This chassis took over (`taken`) or left, for `reason`. */
void srp_hand_over_switched(struct srp_core *core, uint64_t now, bool taken, enum srp_reason reason);
/* Looked at after every input, so a hand-over happens as soon as nothing stands in its way any more. */
void srp_hand_over_consider(struct srp_core *core, uint64_t now, struct srp_outputs *out);
/* Time has passed. */
void srp_hand_over_tick(struct srp_core *core, uint64_t now);
/* An attempt did not come about: not again at once. */
void srp_hand_over_retry(struct srp_core *core, uint64_t now);
uint64_t srp_hand_over_deadline(const struct srp_core *core);

#endif
