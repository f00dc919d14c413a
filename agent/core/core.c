/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol core, see core.h. Decisions are in the two tables of fsm.c; here is what leads to an event and
 * what follows from a role.
 *
 * Route modifier (seed "BGP Interaction"): it becomes the AS-path prepend count, so the invariant is
 * announced(Active) < announced(Standby). Two rules keep it, both repeated with every hello instead of
 * being negotiated once:
 *   - who does not serve takes the serving peer's value + 1, so a new Active keeps its own;
 *   - who serves, is the only one to, and has no room for a Standby's value below the threshold, goes to 1.
 * Before it does, the Standby may have the threshold itself: every start value is above it.
 * So a pair that forms gets 1 and 2, each switchover counts up by one, and the reset at the threshold is
 * made by the Active first and followed by the Standby.
 */
#include "agent/core/core.h"

#include <string.h>

#include "agent/core/election.h"

uint16_t srp_modifier_start(enum srp_chassis_mode mode, uint8_t threshold)
{
	return (uint16_t)(threshold + (mode == SRP_MODE_PRIMARY ? 1 : 2));
}

static bool role_serves(enum srp_role role)
{
	return role == SRP_PENDING_ACTIVE || role == SRP_ACTIVE;
}

static struct srp_output *output(struct srp_outputs *out, enum srp_output_type type)
{
	/* The table allows no chain this long; were it ever wrong, the last output is lost, not memory. */
	struct srp_output *entry =
		&out->list[out->count < SRP_OUTPUTS_MAX ? out->count++ : SRP_OUTPUTS_MAX - 1];

	memset(entry, 0, sizeof(*entry));
	entry->type = type;
	return entry;
}

/* --- messages ------------------------------------------------------------------------------ */

static void send_hello(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	struct srp_message *message;

	core->hello_at = now + core->config.hello_msec;
	if (!core->link_up || !core->config.enabled)
		return;
	message = &output(out, SRP_OUT_SEND)->message;
	message->type = SRP_MSG_HELLO;
	message->hello = (struct srp_hello){
		.instance = core->instance,
		.role = core->role,
		.mode = core->config.mode,
		.modifier = core->modifier,
		.priority = core->config.priority,
		.monitors_failed = core->health.failed,
		.monitors_ready = core->health.ready,
		.hello_msec = core->config.hello_msec,
		.dead_msec = core->config.dead_msec,
	};
	memcpy(message->hello.tiebreaker, core->config.tiebreaker, SRP_TIEBREAKER_LEN);
	core->stats.hellos_sent++;
}

static void send_request(struct srp_core *core, struct srp_outputs *out)
{
	struct srp_message *message = &output(out, SRP_OUT_SEND)->message;

	message->type = SRP_MSG_SWITCHOVER_REQUEST;
	message->request_id = ++core->request_id;
	message->reason = core->pending_reason;
	core->stats.requests_sent++;
}

static void send_response(struct srp_core *core, uint32_t request_id, enum srp_refusal response,
			  struct srp_outputs *out)
{
	struct srp_message *message = &output(out, SRP_OUT_SEND)->message;

	message->type = SRP_MSG_SWITCHOVER_RESPONSE;
	message->request_id = request_id;
	message->response = response;
	if (response != SRP_ACCEPTED)
		core->stats.requests_refused++;
}

/* --- roles --------------------------------------------------------------------------------- */

/* Seed's trap starSRPSwitchoverOccured: leaving service, or a Standby taking over. */
static bool is_switchover(enum srp_role from, enum srp_role to)
{
	return (from == SRP_STANDBY && to == SRP_PENDING_ACTIVE) ||
	       ((role_serves(from) || from == SRP_PENDING_STANDBY) && to == SRP_STANDBY);
}

/* Everything that follows from being in a new role, whichever way it was reached. */
static void enter_role(struct srp_core *core, uint64_t now, enum srp_role role)
{
	bool served = role_serves(core->role) || core->role == SRP_PENDING_STANDBY;
	bool found = core->role == SRP_INIT;

	core->role = role;
	core->contending = false;
	core->role_limit = SRP_NEVER;
	core->drain_until = 0;
	switch (role) {
	case SRP_PENDING_ACTIVE:
		core->role_limit = now + SRP_APPLY_LIMIT_MSEC;
		break;
	case SRP_PENDING_STANDBY:
		core->role_limit = now + SRP_SWITCHOVER_LIMIT_MSEC;
		break;
	case SRP_STANDBY:
	case SRP_INIT:
		/* Also what a predecessor left: until the withdrawal has spread, traffic comes this way. */
		if (served || found)
			core->drain_until = now + SRP_DRAIN_MSEC;
		core->drain_found = found;
		break;
	case SRP_ACTIVE:
	case SRP_ROLE_COUNT:
		break;
	}
}

/* The two rules of the head comment. True when the value changed. */
static bool settle_modifier(struct srp_core *core)
{
	uint16_t value = core->modifier;

	if (!core->peer_heard)
		return false;
	if (role_serves(core->role)) {
		/* Init does not count: it holds what it found, and its bgpd may still announce a low value. */
		if (core->peer.role == SRP_STANDBY && value + 1 >= core->config.threshold)
			value = 1;
	} else if (core->role == SRP_STANDBY &&
		   (role_serves(core->peer.role) || core->peer.role == SRP_PENDING_STANDBY)) {
		/* Pending-Standby: its last word before it asks, should the one before have been lost. */
		value = core->peer.modifier + 1;
		if (value > SRP_MODIFIER_MAX)
			value = SRP_MODIFIER_MAX;
	}
	if (value == core->modifier)
		return false;
	core->modifier = value;
	core->start_value = false;
	return true;
}

static void set_start_value(struct srp_core *core)
{
	core->modifier = srp_modifier_start(core->config.mode, core->config.threshold);
	core->start_value = true;
}

/*
 * Let one event work on the role. `reason` says why, should it become a switchover; `request_id` is
 * that of the request when the event is one.
 */
static void step(struct srp_core *core, uint64_t now, enum srp_fsm_event event, enum srp_reason reason,
		 uint32_t request_id, struct srp_outputs *out)
{
	struct srp_transition transition = srp_fsm_step(core->role, event);
	enum srp_role from = core->role;

	if (transition.moves) {
		struct srp_role_change *change;

		enter_role(core, now, transition.next);
		if (transition.next == SRP_PENDING_STANDBY)
			core->pending_reason = reason;
		else if (from == SRP_PENDING_STANDBY && transition.next == SRP_STANDBY)
			reason = core->pending_reason;
		if (is_switchover(from, transition.next)) {
			core->last_reason = reason;
			core->last_switchover_at = now;
			core->switchovers++;
			core->stats.switchovers[reason]++;
		} else if (transition.next != SRP_PENDING_STANDBY) {
			reason = SRP_REASON_NONE;
		}
		change = &output(out, SRP_OUT_ROLE)->role;
		*change = (struct srp_role_change){.from = from,
						   .to = transition.next,
						   .event = event,
						   .reason = reason};
		settle_modifier(core);
		/* Before any request: the peer shall know the role that asks. */
		send_hello(core, now, out);
	}
	switch (transition.action) {
	case SRP_DO_REQUEST:
		send_request(core, out);
		break;
	case SRP_DO_ACCEPT:
		send_response(core, request_id, SRP_ACCEPTED, out);
		break;
	case SRP_DO_REFUSE:
		send_response(core, request_id, SRP_REFUSED_NOT_STANDBY, out);
		break;
	case SRP_DO_CONTEND:
		core->contending = true;
		break;
	case SRP_DO_NOTHING:
		break;
	}
}

/* --- inputs -------------------------------------------------------------------------------- */

static void take_config(struct srp_core *core, uint64_t now, const struct srp_core_config *config,
			struct srp_outputs *out)
{
	bool enabled_before = core->config.enabled;

	if (!config->enabled) {
		if (enabled_before) {
			/* With the old configuration: the peer hears "Init, start value" and can serve at once. */
			set_start_value(core);
			step(core, now, SRP_EV_DISABLED, SRP_REASON_NONE, 0, out);
		}
		core->peer_heard = core->peer_known = false;
		core->config = *config;
		return;
	}
	core->config = *config;
	if (!enabled_before) {
		core->was_enabled = true;
		core->enabled_at = now;
		core->hello_at = now;
	} else if (core->hello_at > now + config->hello_msec) {
		core->hello_at = now + config->hello_msec;
	}
	if (core->start_value)
		set_start_value(core);
}

static bool wins_election(const struct srp_core *core)
{
	struct srp_candidate own = {
		.modifier = core->modifier,
		.priority = core->config.priority,
		.higher_address = core->config.higher_address,
	};
	struct srp_candidate peer = {
		.modifier = core->peer.modifier,
		.priority = core->peer.priority,
	};

	memcpy(own.tiebreaker, core->config.tiebreaker, SRP_TIEBREAKER_LEN);
	memcpy(peer.tiebreaker, core->peer.tiebreaker, SRP_TIEBREAKER_LEN);
	return srp_election_wins(&own, &peer);
}

static void take_hello(struct srp_core *core, uint64_t now, const struct srp_hello *hello,
		       struct srp_outputs *out)
{
	bool restarted = core->peer_known && core->peer.instance != hello->instance;

	if (!core->peer_heard || restarted)
		output(out, SRP_OUT_PEER)->peer = core->peer_heard ? SRP_PEER_RESTARTED : SRP_PEER_HEARD;
	core->peer = *hello;
	core->peer_heard = core->peer_known = core->peer_present = true;
	core->peer_heard_at = now;
	core->stats.hellos_received++;

	switch (srp_fsm_relation(core->role, hello->role)) {
	case SRP_REL_CONTEND: {
		bool serves = role_serves(core->role);

		if (wins_election(core)) {
			if (!core->contending)
				core->stats.elections_won++;
			step(core, now, SRP_EV_ELECTED, SRP_REASON_DUAL_STANDBY, 0, out);
		} else {
			core->stats.elections_lost += core->role != SRP_STANDBY;
			step(core, now, SRP_EV_OUTRANKED, serves ? SRP_REASON_DUAL_ACTIVE : SRP_REASON_NONE,
			     0, out);
		}
		break;
	}
	case SRP_REL_SERVING:
		step(core, now, SRP_EV_PEER_SERVING, SRP_REASON_NONE, 0, out);
		break;
	case SRP_REL_RESTARTED:
		step(core, now, SRP_EV_PEER_RESTARTED, SRP_REASON_NONE, 0, out);
		break;
	case SRP_REL_FINE:
		if (core->contending && role_serves(core->role)) {
			/* The loser has stepped down; its late withdrawals must not be the last word. */
			core->contending = false;
			core->assertions++;
		}
		break;
	}
	if (settle_modifier(core))
		send_hello(core, now, out);
}

static void take_message(struct srp_core *core, uint64_t now, const struct srp_message *message,
			 struct srp_outputs *out)
{
	if (!core->config.enabled)
		return;
	switch (message->type) {
	case SRP_MSG_HELLO:
		take_hello(core, now, &message->hello, out);
		break;
	case SRP_MSG_SWITCHOVER_REQUEST:
		core->stats.requests_received++;
		step(core, now, SRP_EV_REQUEST, message->reason, message->request_id, out);
		break;
	case SRP_MSG_SWITCHOVER_RESPONSE:
		if (message->request_id == core->request_id && message->response != SRP_ACCEPTED)
			step(core, now, SRP_EV_REFUSED, SRP_REASON_NONE, 0, out);
		break;
	}
}

/*
 * When the peer is dead. While intervals are being changed on one chassis after the other, the own
 * dead-interval may be shorter than what the peer's hellos allow: the rule of three holds for those too.
 */
static uint64_t dead_at(const struct srp_core *core)
{
	uint64_t limit = core->config.dead_msec;
	uint64_t hello =
		core->peer.hello_msec < SRP_HELLO_MSEC_MAX ? core->peer.hello_msec : SRP_HELLO_MSEC_MAX;

	if (!core->peer_heard)
		return SRP_NEVER;
	if (limit < SRP_DEAD_HELLO_RATIO * hello)
		limit = SRP_DEAD_HELLO_RATIO * hello;
	return core->peer_heard_at + limit;
}

/* When a chassis that never heard its peer serves alone: the dead-interval starts after the delay-interval. */
static uint64_t alone_at(const struct srp_core *core)
{
	uint64_t limit;

	if (core->role != SRP_INIT || core->peer_heard)
		return SRP_NEVER;
	limit = core->config.dead_msec > SRP_ALONE_MIN_MSEC ? core->config.dead_msec : SRP_ALONE_MIN_MSEC;
	return core->enabled_at + core->config.delay_msec + limit;
}

static void pass_time(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->drain_until && now >= core->drain_until)
		core->drain_until = 0;
	if (!core->config.enabled)
		return;
	if (now >= dead_at(core)) {
		core->peer_heard = false;
		core->stats.peer_lost++;
		output(out, SRP_OUT_PEER)->peer = SRP_PEER_LOST;
		if (core->role != SRP_INIT)
			step(core, now, SRP_EV_PEER_GONE, SRP_REASON_DEAD_TIMER, 0, out);
		/* It may serve too by now, and step down before it is heard again: re-assert either way. */
		core->contending = role_serves(core->role);
	}
	if (now >= alone_at(core)) {
		/* What this chassis had in a pair counts against a peer that is heard only, DESIGN 6. */
		set_start_value(core);
		step(core, now, SRP_EV_PEER_GONE, SRP_REASON_NONE, 0, out);
	}
	if (now >= core->role_limit)
		step(core, now, SRP_EV_TIMEOUT, SRP_REASON_NONE, 0, out);
	if (now >= core->hello_at)
		send_hello(core, now, out);
}

const char *srp_core_switchover_error(const struct srp_core *core)
{
	if (!core->config.enabled)
		return "SRP is not configured: bind address and peer-ip-address are needed";
	if (core->role != SRP_ACTIVE)
		return "this chassis is not Active";
	/* What an earlier connection said is not enough: the peer may have restarted since. */
	if (!core->link_up || !core->peer_heard || !core->peer_present)
		return "the peer is not connected";
	if (core->peer.role != SRP_STANDBY)
		return "the peer is not Standby";
	if (core->peer.monitors_failed && !core->health.failed)
		return "the monitored BGP peers of the other chassis are down";
	if (!core->peer.monitors_ready && !core->health.failed)
		return "the other chassis is not ready: its bgpd, zebra or monitored BGP peers are not all "
		       "up";
	return NULL;
}

const char *srp_core_hand_over_error(const struct srp_core *core)
{
	const char *error;

	if (!core->health.failed || core->role != SRP_ACTIVE)
		return NULL;
	error = srp_core_switchover_error(core);
	if (error)
		return error;
	/* Only to a peer that can do better: one whose own groups all have a member up. */
	if (core->peer.monitors_failed)
		return "the monitored BGP peers of the other chassis are down, too";
	if (!core->peer.monitors_ready)
		return "the monitored BGP peers of the other chassis are not all up";
	return NULL;
}

/* Looked at after every input, so a hand-over happens as soon as nothing stands in its way any more. */
static void consider_hand_over(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->health.failed && core->role == SRP_ACTIVE && !srp_core_hand_over_error(core))
		step(core, now, SRP_EV_HAND_OVER, SRP_REASON_BGP, 0, out);
}

/* --- interface ----------------------------------------------------------------------------- */

void srp_core_init(struct srp_core *core, uint64_t instance, uint16_t last_modifier)
{
	*core = (struct srp_core){
		.instance = instance,
		.role = SRP_INIT,
		.modifier = last_modifier,
		.start_value = last_modifier == 0,
		.health = {.ready = true},
		.hello_at = SRP_NEVER,
		.role_limit = SRP_NEVER,
	};
}

void srp_core_input(struct srp_core *core, uint64_t now, const struct srp_input *input,
		    struct srp_outputs *outputs)
{
	outputs->count = 0;
	switch (input->type) {
	case SRP_IN_CONFIG:
		take_config(core, now, input->config, outputs);
		break;
	case SRP_IN_LINK:
		core->link_up = input->link_up;
		core->peer_present = false;
		if (core->link_up)
			send_hello(core, now, outputs);
		break;
	case SRP_IN_MESSAGE:
		take_message(core, now, input->message, outputs);
		break;
	case SRP_IN_HEALTH: {
		bool told = core->health.failed != input->health.failed ||
			    core->health.ready != input->health.ready;

		core->health = input->health;
		if (told)
			send_hello(core, now, outputs);
		break;
	}
	case SRP_IN_APPLIED:
		step(core, now, SRP_EV_APPLIED, SRP_REASON_NONE, 0, outputs);
		break;
	case SRP_IN_SWITCHOVER:
		if (!srp_core_switchover_error(core))
			step(core, now, SRP_EV_HAND_OVER, SRP_REASON_MANUAL, 0, outputs);
		break;
	case SRP_IN_TICK:
		pass_time(core, now, outputs);
		break;
	}
	consider_hand_over(core, now, outputs);
}

uint64_t srp_core_deadline(const struct srp_core *core)
{
	uint64_t deadline = core->drain_until ? core->drain_until : SRP_NEVER;

	if (!core->config.enabled)
		return deadline;
	if (core->hello_at < deadline)
		deadline = core->hello_at;
	if (core->role_limit < deadline)
		deadline = core->role_limit;
	if (dead_at(core) < deadline)
		deadline = dead_at(core);
	if (alone_at(core) < deadline)
		deadline = alone_at(core);
	return deadline;
}

struct srp_desired srp_core_desired(const struct srp_core *core)
{
	struct srp_desired desired = {.prepend = core->modifier, .assertions = core->assertions};

	switch (core->role) {
	case SRP_INIT:
		/* Not decided yet. When the configuration was taken away, it is decided: nothing. */
		desired.hold = core->config.enabled || !core->was_enabled;
		desired.install = core->drain_until != 0;
		break;
	case SRP_STANDBY:
		desired.install = core->drain_until != 0;
		desired.keep = desired.install && core->drain_found;
		break;
	case SRP_PENDING_ACTIVE:
	case SRP_ACTIVE:
		desired.install = desired.announce = true;
		break;
	case SRP_PENDING_STANDBY:
		desired.install = true;
		break;
	case SRP_ROLE_COUNT:
		break;
	}
	return desired;
}
