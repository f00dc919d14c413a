/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The planned switchover, phase by phase. Seed, figure 4; the old Active is on the left:
 *
 *   Active            readiness of both
 *   Pending-Standby   Checkpoint-Flush
 *                     Switchover-Request  ── request ──►  Standby: readiness
 *                                         ◄─ response ──  Pending-Active
 *   Standby           withdraws           ── hello ────►    Peer-Withdrawal
 *                     Accounting-Flush-IMS                  Route-Installation: announces
 *                     Accounting-Flush-Non-IMS ─ hello ─►   Post-Process
 *                                                         Active
 *
 * With allow-all-data-traffic and allow-early-active-transition on both it is make before break:
 *
 *   Pending-Standby   Switchover-Request  ── request ──►  Pending-Active
 *                     Network-Convergence ◄─ hello ─────    Route-Installation: announces, with one prepend more
 *                       two prepends more                     bgpd was seen to send it
 *                                         ── hello ────►  Active, Post-Process
 *   Standby           withdraws when the network has had its time
 *
 * Nothing here is said only once: whatever a side waits for is in every hello of the other. Each phase has a time
 * limit (core.h), and each limit a way on or back.
 */
#include "agent/core/core_private.h"

#include <string.h>

uint32_t srp_phase_limit(enum srp_phase phase)
{
	static const uint32_t limits[] = {
#define X(name, text, limit) [name] = limit,
		SRP_PHASES(X)
#undef X
	};

	return phase < SRP_PHASE_COUNT ? limits[phase] : 0;
}

bool srp_core_make_before_break(const struct srp_core *core)
{
	const uint8_t needed = SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE;

	return (core->config.options & core->peer.options & needed) == needed;
}

/* Post-process is awaited before the role is Active, unless both may be early and let data pass meanwhile. */
static bool is_early(const struct srp_core *core)
{
	uint8_t both = core->config.options & core->peer.options;
	uint8_t either = core->config.options | core->peer.options;

	if (!(both & SRP_OPTION_EARLY_ACTIVE))
		return false;
	return both & SRP_OPTION_ALL_DATA ||
	       (both & SRP_OPTION_VOLTE_DATA && !(either & SRP_OPTION_MAINTAIN_ACCOUNTING));
}

static void phase_begin(struct srp_core *core, uint64_t now, enum srp_phase phase)
{
	core->phase = phase;
	core->phase_limit = phase == SRP_PHASE_NONE ? SRP_NEVER : now + srp_phase_limit(phase);
	switch (phase) {
	case SRP_PHASE_FLUSH:
		core->flush = SRP_FLUSH_CHECKPOINTS;
		break;
	case SRP_PHASE_FLUSH_IMS:
		core->flush = SRP_FLUSH_IMS;
		break;
	case SRP_PHASE_FLUSH_NON_IMS:
		core->flush = SRP_FLUSH_NON_IMS;
		break;
	default:
		core->flush = SRP_FLUSH_NONE;
		return;
	}
	core->flush_id++;
}

/* Accounting of the old Active is in, or will not come any more. */
bool srp_switchover_post_is_over(const struct srp_core *core)
{
	const struct srp_progress *peer = &core->peer.progress;

	if (!core->accepted_id || !core->peer_heard)
		return true;
	/* It tells nothing (another version), or has started anew since. */
	if (peer->id != core->accepted_id)
		return true;
	return peer->ims_flushed && peer->non_ims_flushed;
}

/* The peer holds its announcement back, or its prepends are above ours. */
static bool peer_gave_way(const struct srp_core *core)
{
	if (!core->peer_heard ||
	    (core->peer.role != SRP_PENDING_STANDBY && !srp_role_serves(core->peer.role)))
		return true;
	return core->make_before_break && core->peer.modifier > core->modifier;
}

/* --- entering a role ----------------------------------------------------------------------- */

void srp_switchover_role(struct srp_core *core, uint64_t now, enum srp_role from,
			 const struct srp_cause *cause)
{
	if (core->role != SRP_ACTIVE)
		core->accepted_id = 0;
	core->converged_at = SRP_NEVER;
	core->applied = false;
	switch (core->role) {
	case SRP_PENDING_STANDBY:
		core->make_before_break = srp_core_make_before_break(core);
		core->attempt = SRP_ATTEMPT_NONE;
		/* 0 means "no request" elsewhere. */
		if (!++core->request_id)
			core->request_id++;
		/* Where nothing has checkpoints, the peer hears at once that there is no accounting to wait for. */
		core->progress = (struct srp_progress){
			.id = core->request_id,
			.ims_flushed = !core->sessions.managers,
			.non_ims_flushed = !core->sessions.managers,
		};
		phase_begin(core, now, SRP_PHASE_FLUSH);
		return;
	case SRP_PENDING_ACTIVE:
		core->accepted_id = from == SRP_STANDBY ? cause->request_id : 0;
		core->progress = (struct srp_progress){.id = core->accepted_id};
		if (!core->accepted_id)
			core->make_before_break = false;
		phase_begin(core, now,
			    core->accepted_id && !core->make_before_break ? SRP_PHASE_WITHDRAW
									  : SRP_PHASE_APPLY);
		return;
	case SRP_STANDBY:
		if (from == SRP_PENDING_STANDBY) {
			core->attempt = SRP_ATTEMPT_DONE;
			phase_begin(core, now,
				    core->progress.ims_flushed ? SRP_PHASE_NONE : SRP_PHASE_FLUSH_IMS);
			return;
		}
		break;
	case SRP_ACTIVE:
		if (from == SRP_PENDING_STANDBY && core->attempt == SRP_ATTEMPT_NONE)
			core->attempt = SRP_ATTEMPT_CROSSED;
		/* There will be no accounting flush for this attempt: a peer that took over all the same waits for none. */
		if (from == SRP_PENDING_STANDBY)
			core->progress = (struct srp_progress){0};
		/* Early: accounting comes in while it serves already. */
		if (from == SRP_PENDING_ACTIVE && !srp_switchover_post_is_over(core)) {
			phase_begin(core, now, SRP_PHASE_POST);
			/* The old Active begins to flush only after it has withdrawn. */
			if (core->make_before_break)
				core->phase_limit += core->config.convergence_msec;
			return;
		}
		break;
	case SRP_INIT:
	case SRP_ROLE_COUNT:
		break;
	}
	phase_begin(core, now, SRP_PHASE_NONE);
}

/* --- the old Active ------------------------------------------------------------------------ */

void srp_switchover_failed(struct srp_core *core, uint64_t now, enum srp_attempt attempt,
			   struct srp_outputs *out)
{
	core->attempt = attempt;
	srp_core_output(out, SRP_OUT_ATTEMPT)->attempt = attempt;
	srp_hand_over_retry(core, now);
}

/* Pending-Standby is Active again. */
static void take_back(struct srp_core *core, uint64_t now, enum srp_fsm_event event, enum srp_attempt attempt,
		      struct srp_outputs *out)
{
	srp_switchover_failed(core, now, attempt, out);
	srp_core_step(core, now, event, NULL, out);
}

void srp_switchover_response(struct srp_core *core, uint64_t now, const struct srp_message *message,
			     struct srp_outputs *out)
{
	if (core->role != SRP_PENDING_STANDBY || core->phase != SRP_PHASE_REQUEST ||
	    message->request_id != core->request_id)
		return;
	/* "Accepted" is said by the peer's role, too, and that is what counts: in every hello. */
	if (message->response == SRP_ACCEPTED)
		return;
	core->attempt_refusal = message->response;
	take_back(core, now, SRP_EV_REFUSED, SRP_ATTEMPT_REFUSED, out);
}

/* In make before break, the peer has got so far. */
static void follow_peer(struct srp_core *core, uint64_t now)
{
	if (core->phase == SRP_PHASE_REQUEST)
		phase_begin(core, now, SRP_PHASE_CONVERGE);
	if (core->peer.role == SRP_ACTIVE && core->converged_at == SRP_NEVER) {
		core->converged_at = now + core->config.convergence_msec;
		core->phase_limit = SRP_NEVER; /* from here on it is the convergence-time that ends it */
	}
}

void srp_switchover_taken(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->phase == SRP_PHASE_FLUSH) {
		/* It took over by itself; nothing was asked of it. */
		srp_core_step(core, now, SRP_EV_PEER_SERVING, NULL, out);
		return;
	}
	if (!core->make_before_break)
		srp_core_step(core, now, SRP_EV_PEER_SERVING, NULL, out);
	else
		follow_peer(core, now);
}

/* --- the new Active ------------------------------------------------------------------------ */

/* Whether this chassis would take over, were it asked to. */
static enum srp_refusal readiness(const struct srp_core *core)
{
	if (core->health.failed || core->health.frr_down || !core->health.ready)
		return SRP_REFUSED_NOT_READY;
	if (srp_core_config_differs(core))
		return SRP_REFUSED_CONFIGURATION;
	return SRP_ACCEPTED;
}

void srp_switchover_request(struct srp_core *core, uint64_t now, const struct srp_message *message,
			    struct srp_outputs *out)
{
	struct srp_cause cause = {.reason = message->reason, .request_id = message->request_id};
	enum srp_fsm_event event = SRP_EV_REQUEST;

	core->stats.requests_received++;
	if (core->role != SRP_STANDBY) {
		cause.refusal = SRP_REFUSED_NOT_STANDBY;
	} else if (!message->force) {
		cause.refusal = readiness(core);
		/* A failed monitor does not wait for the operator to mend a configuration. */
		if (cause.refusal == SRP_REFUSED_CONFIGURATION && message->reason != SRP_REASON_MANUAL)
			cause.refusal = SRP_ACCEPTED;
	}
	if (core->role == SRP_STANDBY) {
		if (cause.refusal != SRP_ACCEPTED)
			event = SRP_EV_REQUEST_UNREADY;
		else
			core->make_before_break = message->make_before_break;
	}
	srp_core_step(core, now, event, &cause, out);
}

/* Route-Installation is over when kernel and bgpd are as wanted and, make before break, the peer has made room. */
static void look_at_routes(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role != SRP_PENDING_ACTIVE || core->phase != SRP_PHASE_APPLY || !core->applied)
		return;
	if (core->make_before_break && !peer_gave_way(core))
		return;
	if (is_early(core) || srp_switchover_post_is_over(core))
		srp_core_step(core, now, SRP_EV_SETTLED, NULL, out);
	else
		phase_begin(core, now, SRP_PHASE_POST);
}

static void end_post(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role == SRP_PENDING_ACTIVE)
		srp_core_step(core, now, SRP_EV_SETTLED, NULL, out);
	core->accepted_id = 0;
	phase_begin(core, now, SRP_PHASE_NONE);
}

void srp_switchover_applied(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role == SRP_PENDING_ACTIVE && core->phase == SRP_PHASE_APPLY)
		core->applied = true;
	look_at_routes(core, now, out);
}

void srp_switchover_advertised(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	/* Also late, when the time for it was over: the old Active still gives way by it. */
	if (!srp_role_serves(core->role) || !core->accepted_id || core->phase == SRP_PHASE_WITHDRAW ||
	    core->progress.advertised)
		return;
	core->progress.advertised = true;
	srp_core_hello(core, now, out);
}

void srp_switchover_terminate(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->phase == SRP_PHASE_POST)
		end_post(core, now, out);
}

/* --- both ---------------------------------------------------------------------------------- */

void srp_switchover_hello(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	switch (core->phase) {
	case SRP_PHASE_WITHDRAW:
		if (peer_gave_way(core))
			phase_begin(core, now, SRP_PHASE_APPLY);
		break;
	case SRP_PHASE_APPLY:
		look_at_routes(core, now, out);
		break;
	case SRP_PHASE_POST:
		if (srp_switchover_post_is_over(core))
			end_post(core, now, out);
		break;
	case SRP_PHASE_CONVERGE:
		/* It served, and does not any more. */
		if (core->peer.role == SRP_STANDBY)
			take_back(core, now, SRP_EV_REFUSED, SRP_ATTEMPT_PEER_STUCK, out);
		break;
	default:
		break;
	}
}

void srp_switchover_flushed(struct srp_core *core, uint64_t now, uint32_t flush_id, struct srp_outputs *out)
{
	if (flush_id != core->flush_id)
		return;
	switch (core->phase) {
	case SRP_PHASE_FLUSH:
		phase_begin(core, now, SRP_PHASE_REQUEST);
		srp_core_step(core, now, SRP_EV_FLUSHED, NULL, out);
		break;
	case SRP_PHASE_FLUSH_IMS:
		core->progress.ims_flushed = true;
		phase_begin(core, now, SRP_PHASE_FLUSH_NON_IMS);
		srp_core_hello(core, now, out);
		break;
	case SRP_PHASE_FLUSH_NON_IMS:
		core->progress.non_ims_flushed = true;
		phase_begin(core, now, SRP_PHASE_NONE);
		srp_core_hello(core, now, out);
		break;
	default:
		break;
	}
}

void srp_switchover_peer_gone(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role == SRP_PENDING_STANDBY)
		srp_switchover_failed(core, now, SRP_ATTEMPT_PEER_LOST, out);
	else
		srp_switchover_hello(core, now, out); /* nobody is waited for any more */
}

/* The limit of the phase is over. */
static void phase_over(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	switch (core->phase) {
	case SRP_PHASE_FLUSH:
		take_back(core, now, SRP_EV_TIMEOUT, SRP_ATTEMPT_FLUSH_TIMEOUT, out);
		break;
	case SRP_PHASE_REQUEST:
		take_back(core, now, SRP_EV_TIMEOUT, SRP_ATTEMPT_NO_ANSWER, out);
		break;
	case SRP_PHASE_CONVERGE:
		if (core->peer.role == SRP_ACTIVE)
			srp_core_step(core, now, SRP_EV_CONVERGED, NULL, out);
		else
			take_back(core, now, SRP_EV_TIMEOUT, SRP_ATTEMPT_PEER_STUCK, out);
		break;
	case SRP_PHASE_WITHDRAW:
		phase_begin(core, now, SRP_PHASE_APPLY);
		break;
	case SRP_PHASE_APPLY:
		srp_core_step(core, now, SRP_EV_TIMEOUT, NULL, out);
		break;
	case SRP_PHASE_POST:
		end_post(core, now, out);
		break;
	case SRP_PHASE_FLUSH_IMS:
	case SRP_PHASE_FLUSH_NON_IMS:
		core->stats.flushes_incomplete++;
		srp_switchover_flushed(core, now, core->flush_id, out);
		break;
	case SRP_PHASE_NONE:
	case SRP_PHASE_COUNT:
		break;
	}
}

void srp_switchover_tick(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role == SRP_PENDING_STANDBY && now >= core->converged_at)
		srp_core_step(core, now, SRP_EV_CONVERGED, NULL, out);
	if (now >= core->phase_limit)
		phase_over(core, now, out);
	if (core->validation.waiting && now >= core->validation.at + SRP_VALIDATE_LIMIT_MSEC) {
		core->validation.waiting = false;
		srp_core_output(out, SRP_OUT_VALIDATED);
	}
}

uint64_t srp_switchover_deadline(const struct srp_core *core)
{
	uint64_t deadline = core->phase_limit;

	if (core->converged_at < deadline)
		deadline = core->converged_at;
	if (core->validation.waiting && core->validation.at + SRP_VALIDATE_LIMIT_MSEC < deadline)
		deadline = core->validation.at + SRP_VALIDATE_LIMIT_MSEC;
	return deadline;
}

/* --- validate-switchover ------------------------------------------------------------------- */

void srp_validate(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	struct srp_validation *validation = &core->validation;
	struct srp_message *message;

	*validation = (struct srp_validation){.at = now};
	if (core->role == SRP_ACTIVE)
		validation->obstacle = srp_core_switchover_obstacle(core, false);
	else if (!core->config.enabled)
		validation->obstacle = SRP_NOT_CONFIGURED;
	else if (!core->link_up || !core->peer_heard)
		validation->obstacle = SRP_NO_PEER;
	else if (core->role != SRP_STANDBY)
		validation->obstacle = SRP_NOT_ACTIVE;
	else if (readiness(core) == SRP_REFUSED_NOT_READY)
		validation->obstacle = SRP_NOT_READY;
	if (validation->obstacle != SRP_CLEAR) {
		srp_core_output(out, SRP_OUT_VALIDATED);
		return;
	}
	validation->waiting = true;
	message = &srp_core_output(out, SRP_OUT_SEND)->message;
	message->type = SRP_MSG_VALIDATE_REQUEST;
	message->request_id = ++core->validation_id;
}

/* What an Active would answer itself, were the operator to ask it to hand over. */
static enum srp_refusal active_readiness(const struct srp_core *core)
{
	switch (srp_core_switchover_obstacle(core, false)) {
	case SRP_CLEAR:
		return SRP_ACCEPTED;
	case SRP_CONFIG_DIFFERS:
		return SRP_REFUSED_CONFIGURATION;
	case SRP_SESSIONS_UNREADY:
		return SRP_REFUSED_SESSIONS;
	default:
		return SRP_REFUSED_NOT_READY;
	}
}

void srp_validate_request(struct srp_core *core, const struct srp_message *message, struct srp_outputs *out)
{
	struct srp_message *answer = &srp_core_output(out, SRP_OUT_SEND)->message;

	answer->type = SRP_MSG_VALIDATE_RESPONSE;
	answer->request_id = message->request_id;
	if (core->role == SRP_STANDBY)
		answer->response = readiness(core);
	else
		answer->response =
			core->role == SRP_ACTIVE ? active_readiness(core) : SRP_REFUSED_NOT_STANDBY;
}

void srp_validate_response(struct srp_core *core, const struct srp_message *message, struct srp_outputs *out)
{
	if (!core->validation.waiting || message->request_id != core->validation_id)
		return;
	core->validation.waiting = false;
	core->validation.answered = true;
	core->validation.refusal = message->response;
	srp_core_output(out, SRP_OUT_VALIDATED);
}
