/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol core, see core.h. Decisions are in the two tables of fsm.c; here is what leads to an event and
 * what follows from a role. The phases of a planned switchover are in switchover.c, the guard timers of the monitors
 * in hand_over.c.
 *
 * Route modifier (seed "BGP Interaction"): it becomes the AS-path prepend count, so the invariant is
 * announced(Active) < announced(Standby). Three rules keep it, all repeated with every hello instead of
 * being negotiated once:
 *   - who does not serve takes the serving peer's value + 1, so a new Active keeps its own;
 *   - who serves, and has no room for a Standby's value below the threshold, goes to 1 as soon as the peer is Standby
 *     with the value that follows the own: then the peer has heard who serves, and cannot be about to do the same;
 *   - make before break: who hands over takes the peer's value + 1 when the peer's announcement is on its way.
 * So a pair that forms gets 1 and 2, each switchover counts up by one, and the reset at the threshold is
 * made by the Active first and followed by the Standby.
 */
#include "agent/core/core_private.h"

#include <string.h>

#include "agent/core/election.h"

uint16_t srp_modifier_start(enum srp_chassis_mode mode, uint8_t threshold)
{
	return (uint16_t)(threshold + (mode == SRP_MODE_PRIMARY ? 1 : 2));
}

struct srp_output *srp_core_output(struct srp_outputs *out, enum srp_output_type type)
{
	/* The table allows no chain this long; were it ever wrong, the last output is lost, not memory. */
	struct srp_output *entry =
		&out->list[out->count < SRP_OUTPUTS_MAX ? out->count++ : SRP_OUTPUTS_MAX - 1];

	memset(entry, 0, sizeof(*entry));
	entry->type = type;
	return entry;
}

/* Its bgpd is likely there and about to connect: so soon after the start it must not matter whose was quicker. */
static bool awaits_frr(const struct srp_core *core, uint64_t now)
{
	return core->role == SRP_INIT && core->health.frr_down && !core->resumes &&
	       now < core->enabled_at + SRP_FRR_GRACE_MSEC;
}

/*
 * Whether this chassis should leave the place to a peer that can announce. One that goes on from before a restart of
 * srpd should not: its bgpd is only about to connect again.
 */
static bool cannot_announce(const struct srp_core *core, uint64_t now)
{
	return core->health.frr_down && (core->role != SRP_INIT || !core->resumes) && !awaits_frr(core, now);
}

/* --- messages ------------------------------------------------------------------------------ */

void srp_core_hello(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	struct srp_message *message;

	core->hello_at = now + core->config.hello_msec;
	if (!core->link_up || !core->config.enabled)
		return;
	message = &srp_core_output(out, SRP_OUT_SEND)->message;
	message->type = SRP_MSG_HELLO;
	message->hello = (struct srp_hello){
		.instance = core->instance,
		.role = core->role,
		.mode = core->config.mode,
		.modifier = core->modifier,
		.priority = core->config.priority,
		.monitors_failed = core->health.failed != 0,
		.monitors_ready = core->health.ready,
		.frr_down = cannot_announce(core, now),
		.options = core->config.options,
		.checksum = core->config.checksum,
		.stamp = ++core->stamp,
		.progress = core->progress,
		.hello_msec = core->config.hello_msec,
		.dead_msec = core->config.dead_msec,
	};
	memcpy(message->hello.tiebreaker, core->config.tiebreaker, SRP_TIEBREAKER_LEN);
	core->stats.hellos_sent++;
}

static void send_request(struct srp_core *core, struct srp_outputs *out)
{
	struct srp_message *message = &srp_core_output(out, SRP_OUT_SEND)->message;

	message->type = SRP_MSG_SWITCHOVER_REQUEST;
	message->request_id = core->request_id;
	message->reason = core->pending_reason;
	message->force = core->force;
	message->make_before_break = core->make_before_break;
	core->stats.requests_sent++;
}

static void send_response(struct srp_core *core, uint32_t request_id, enum srp_refusal response,
			  struct srp_outputs *out)
{
	struct srp_message *message = &srp_core_output(out, SRP_OUT_SEND)->message;

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
	       ((srp_role_serves(from) || from == SRP_PENDING_STANDBY) && to == SRP_STANDBY);
}

/* Everything that follows from being in a new role, whichever way it was reached. */
static void enter_role(struct srp_core *core, uint64_t now, enum srp_role role, const struct srp_cause *cause)
{
	enum srp_role from = core->role;
	bool served = srp_role_serves(from) || from == SRP_PENDING_STANDBY;

	core->role = role;
	core->contending = core->doubted = false;
	core->drain_until = 0;
	core->witness_until = 0;
	if (role == SRP_STANDBY || role == SRP_INIT) {
		/* Also what a predecessor left: until the withdrawal has spread, traffic comes this way. */
		if (served || from == SRP_INIT)
			core->drain_until = now + SRP_DRAIN_MSEC;
		core->drain_found = from == SRP_INIT;
	}
	srp_switchover_role(core, now, from, cause);
}

/* The peer's value, were it to follow ours. */
static bool peer_follows(const struct srp_core *core)
{
	return core->peer.role == SRP_STANDBY && core->peer.modifier == core->modifier + 1;
}

/* Make before break: the peer's announcement is on its way. */
static bool peer_announced(const struct srp_core *core)
{
	return core->role == SRP_PENDING_STANDBY && core->make_before_break &&
	       srp_role_serves(core->peer.role) && core->peer.progress.id == core->request_id &&
	       core->peer.progress.advertised;
}

bool srp_core_settle_modifier(struct srp_core *core)
{
	uint16_t value = core->modifier;

	if (!core->peer_heard)
		return false;
	if (srp_role_serves(core->role)) {
		if (value + 1 >= core->config.threshold && peer_follows(core))
			value = 1;
	} else if ((core->role == SRP_STANDBY && srp_role_serves(core->peer.role)) || peer_announced(core)) {
		value = core->peer.modifier + 1;
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

/* The role changes: what follows from it, and from the change. */
static void move(struct srp_core *core, uint64_t now, enum srp_fsm_event event, enum srp_role to,
		 const struct srp_cause *cause, struct srp_outputs *out)
{
	enum srp_reason reason = cause->reason;
	enum srp_role from = core->role;

	if (to == SRP_PENDING_STANDBY)
		core->pending_reason = reason;
	else if (from == SRP_PENDING_STANDBY && to == SRP_STANDBY)
		reason = core->pending_reason;
	enter_role(core, now, to, cause);
	if (is_switchover(from, to)) {
		core->last_reason = reason;
		core->last_switchover_at = now;
		core->switchovers++;
		core->stats.switchovers[reason]++;
		srp_hand_over_switched(core, now, to == SRP_PENDING_ACTIVE, reason);
	} else if (to != SRP_PENDING_STANDBY) {
		reason = SRP_REASON_NONE;
	}
	srp_core_output(out, SRP_OUT_ROLE)->role =
		(struct srp_role_change){.from = from,
					 .to = to,
					 .event = event,
					 .reason = reason,
					 .switchover = is_switchover(from, to)};
	srp_core_settle_modifier(core);
	/* Before any answer: the peer shall know the role that gives it. */
	srp_core_hello(core, now, out);
}

void srp_core_step(struct srp_core *core, uint64_t now, enum srp_fsm_event event,
		   const struct srp_cause *cause, struct srp_outputs *out)
{
	static const struct srp_cause none;
	struct srp_transition transition = srp_fsm_step(core->role, event);

	if (!cause)
		cause = &none;
	if (transition.moves)
		move(core, now, event, transition.next, cause, out);
	switch (transition.action) {
	case SRP_DO_REQUEST:
		send_request(core, out);
		break;
	case SRP_DO_ACCEPT:
		send_response(core, cause->request_id, SRP_ACCEPTED, out);
		break;
	case SRP_DO_REFUSE:
		send_response(core, cause->request_id,
			      cause->refusal == SRP_ACCEPTED ? SRP_REFUSED_NOT_STANDBY : cause->refusal, out);
		break;
	case SRP_DO_CONTEND:
		core->contending = true;
		break;
	case SRP_DO_NOTHING:
		break;
	}
}

/* --- the configuration check --------------------------------------------------------------- */

bool srp_core_config_differs(const struct srp_core *core)
{
	return core->peer_heard && core->config.checksum && core->peer.checksum &&
	       core->config.checksum != core->peer.checksum;
}

/* Compare, and say so when the result is another one than before. */
static void check_config(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	enum srp_config_state before = core->config_state;

	core->config_check_at = SRP_NEVER;
	if (!core->peer_heard)
		return;
	if (core->config.config_check_msec)
		core->config_check_at = now + core->config.config_check_msec;
	if (!core->config.checksum || !core->peer.checksum) {
		core->config_state = SRP_CONFIG_UNKNOWN;
		return;
	}
	core->config_checked_at = now;
	core->stats.config_checks++;
	core->config_state = srp_core_config_differs(core) ? SRP_CONFIG_DIFFERENT : SRP_CONFIG_SAME;
	if (core->config_state == SRP_CONFIG_DIFFERENT) {
		core->config_failed_at = now;
		core->stats.config_mismatches++;
	}
	if (core->config_state != before)
		srp_core_output(out, SRP_OUT_CONFIG)->config_state = core->config_state;
}

/*
 * Differences are looked for at a new connection, every configuration-interval, and some time after a change, so that
 * one made on one chassis after the other raises no alarm; that there is none any more is seen at once.
 */
static void watch_config(struct srp_core *core, uint64_t now, bool heard_anew, struct srp_outputs *out)
{
	bool differs = srp_core_config_differs(core);

	if (heard_anew || (core->config_state == SRP_CONFIG_DIFFERENT && !differs))
		check_config(core, now, out);
	else if (core->config_state == SRP_CONFIG_SAME && differs &&
		 core->config_check_at > now + SRP_CONFIG_CHANGE_MSEC)
		core->config_check_at = now + SRP_CONFIG_CHANGE_MSEC;
}

/* --- inputs -------------------------------------------------------------------------------- */

/* Until when a chassis in Init waits for its FRR. */
static uint64_t boot_limit(const struct srp_core *core)
{
	return core->enabled_at + core->config.delay_msec + SRP_BOOT_LIMIT_MSEC;
}

static void take_config(struct srp_core *core, uint64_t now, const struct srp_core_config *config,
			struct srp_outputs *out)
{
	uint8_t told_options = core->config.options;
	uint64_t told_checksum = core->config.checksum;
	bool enabled_before = core->config.enabled;

	if (!config->enabled) {
		if (enabled_before) {
			/* With the old configuration: the peer hears "Init, start value" and can serve at once. */
			set_start_value(core);
			srp_core_step(core, now, SRP_EV_DISABLED, NULL, out);
			core->resumes = false; /* nothing of before is announced any more */
		}
		core->peer_heard = core->peer_known = false;
		core->config_state = SRP_CONFIG_UNKNOWN;
		core->config_check_at = SRP_NEVER;
		core->validation.waiting = false;
		core->config = *config;
		return;
	}
	if (core->config.peer_fail_msec != config->peer_fail_msec)
		core->peer_fail_waits = false; /* the clock starts anew, with the new limit */
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
	if (core->config_check_at != SRP_NEVER) {
		/* Counted from the last comparison on, also when the interval became shorter. */
		core->config_check_at = config->config_check_msec
						? core->config_checked_at + config->config_check_msec
						: SRP_NEVER;
		if (core->config_check_at <= now)
			core->config_check_at = now;
	}
	watch_config(core, now, false, out);
	/* The peer compares and decides by these. */
	if (enabled_before && (told_options != config->options || told_checksum != config->checksum))
		srp_core_hello(core, now, out);
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

/* Both want the same place. */
static void contend(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	static const struct srp_cause dual_active = {.reason = SRP_REASON_DUAL_ACTIVE};
	bool boots = core->role == SRP_INIT || core->role == SRP_STANDBY;
	bool mute = cannot_announce(core, now);

	/* Who cannot announce anything leaves the place to the one who can; when neither can, both wait in Init. */
	if (awaits_frr(core, now)) {
		return; /* and look again with the next hello, or when it is there */
	} else if (boots && mute && !core->peer.frr_down) {
		srp_core_step(core, now, SRP_EV_OUTRANKED, NULL, out);
	} else if (core->role == SRP_INIT && mute && now < boot_limit(core)) {
		return; /* and look again with the next hello */
	} else if ((boots && core->peer.frr_down && !mute) || wins_election(core)) {
		if (!core->contending)
			core->stats.elections_won++;
		srp_core_step(core, now, SRP_EV_ELECTED,
			      &(struct srp_cause){.reason = SRP_REASON_DUAL_STANDBY}, out);
	} else {
		core->stats.elections_lost += core->role != SRP_STANDBY;
		srp_core_step(core, now, SRP_EV_OUTRANKED, srp_role_serves(core->role) ? &dual_active : NULL,
			      out);
	}
}

/* What the peer's role means here. */
static void judge_peer(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	switch (srp_fsm_relation(core->role, core->peer.role)) {
	case SRP_REL_CONTEND:
		contend(core, now, out);
		break;
	case SRP_REL_SERVING:
		if (core->role == SRP_PENDING_STANDBY)
			srp_switchover_taken(core, now, out);
		else
			srp_core_step(core, now, SRP_EV_PEER_SERVING, NULL, out);
		break;
	case SRP_REL_RESTARTED:
		srp_switchover_failed(core, now, SRP_ATTEMPT_PEER_RESTARTED, out);
		srp_core_step(core, now, SRP_EV_PEER_RESTARTED, NULL, out);
		break;
	case SRP_REL_FINE:
		if ((core->contending || core->doubted) && srp_role_serves(core->role)) {
			/* The loser has stepped down; its late withdrawals must not be the last word. */
			core->contending = core->doubted = false;
			core->assertions++;
		}
		break;
	}
}

static void take_hello(struct srp_core *core, uint64_t now, const struct srp_hello *hello,
		       struct srp_outputs *out)
{
	bool restarted = core->peer_known && core->peer.instance != hello->instance;
	bool heard_anew = !core->peer_heard || restarted;

	core->stats.hellos_received++;
	/* Another path was faster: what this one says is over, and no proof of life. */
	if (core->peer_known && !restarted && hello->stamp && hello->stamp < core->peer.stamp)
		return;
	if (heard_anew)
		srp_core_output(out, SRP_OUT_PEER)->peer =
			core->peer_heard ? SRP_PEER_RESTARTED : SRP_PEER_HEARD;
	core->peer = *hello;
	core->peer_heard = core->peer_known = true;
	core->peer_heard_at = now;
	core->witness_until = 0;
	/*
	 * What this chassis had before a reboot counts against a peer that starts, too. One that was up already has
	 * gone on without it. Its first hello tells: a peer that starts says Init first.
	 */
	if (heard_anew && core->role == SRP_INIT && !core->resumes && hello->role != SRP_INIT)
		set_start_value(core);

	judge_peer(core, now, out);
	srp_switchover_hello(core, now, out);
	watch_config(core, now, heard_anew, out);
	if (srp_core_settle_modifier(core))
		srp_core_hello(core, now, out);
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
		srp_switchover_request(core, now, message, out);
		break;
	case SRP_MSG_SWITCHOVER_RESPONSE:
		srp_switchover_response(core, now, message, out);
		break;
	case SRP_MSG_VALIDATE_REQUEST:
		srp_validate_request(core, message, out);
		break;
	case SRP_MSG_VALIDATE_RESPONSE:
		srp_validate_response(core, message, out);
		break;
	case SRP_MSG_CONFIG_REQUEST:
	case SRP_MSG_CONFIG_PAGE:
		/* The agent's: the core knows the checksums only. */
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
	if (core->witness_until)
		return core->witness_until;
	if (limit < SRP_DEAD_HELLO_RATIO * hello)
		limit = SRP_DEAD_HELLO_RATIO * hello;
	return core->peer_heard_at + limit;
}

/* When a chassis that never heard its peer serves alone: the dead-interval starts after the delay-interval. */
static uint64_t alone_at(const struct srp_core *core)
{
	uint64_t limit = core->config.dead_msec, at;

	if (core->role != SRP_INIT || core->peer_heard)
		return SRP_NEVER;
	if (limit < SRP_ALONE_MIN_MSEC)
		limit = SRP_ALONE_MIN_MSEC;
	at = core->enabled_at + core->config.delay_msec + limit;
	return core->health.frr_down && at < boot_limit(core) ? boot_limit(core) : at;
}

/*
 * Nothing was heard for the dead-interval. A Standby whose routing domain still hears the peer's announcements
 * waits once more, for the witness-interval: then it is likely the link that is dead.
 */
static void peer_silent(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->role == SRP_STANDBY && core->witness && core->config.witness_msec && !core->witness_until) {
		core->witness_until = now + core->config.witness_msec;
		core->stats.witnessed++;
		srp_core_output(out, SRP_OUT_PEER)->peer = SRP_PEER_WITNESSED;
		return;
	}
	core->peer_heard = false;
	core->witness_until = 0;
	core->config_check_at = SRP_NEVER;
	core->stats.peer_lost++;
	srp_core_output(out, SRP_OUT_PEER)->peer = SRP_PEER_LOST;
	srp_switchover_peer_gone(core, now, out);
	if (core->role != SRP_INIT)
		srp_core_step(core, now, SRP_EV_PEER_GONE,
			      &(struct srp_cause){.reason = SRP_REASON_DEAD_TIMER}, out);
	/* It may serve too by now, and step down before it is heard again: re-assert either way. */
	core->doubted = srp_role_serves(core->role);
}

static void pass_time(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	if (core->drain_until && now >= core->drain_until)
		core->drain_until = 0;
	if (!core->config.enabled)
		return;
	if (now >= dead_at(core))
		peer_silent(core, now, out);
	if (now >= alone_at(core)) {
		/* What this chassis had in a pair counts against a peer that is heard only, DESIGN 6. */
		set_start_value(core);
		srp_core_step(core, now, SRP_EV_PEER_GONE, NULL, out);
	}
	srp_switchover_tick(core, now, out);
	srp_hand_over_tick(core, now);
	if (now >= core->config_check_at)
		check_config(core, now, out);
	if (now >= core->hello_at)
		srp_core_hello(core, now, out);
}

static void take_health(struct srp_core *core, uint64_t now, const struct srp_health *health,
			struct srp_outputs *out)
{
	struct srp_health before = core->health;

	srp_hand_over_health(core, now, health);
	if (!before.failed == !health->failed && before.ready == health->ready &&
	    before.frr_down == health->frr_down)
		return;
	srp_core_hello(core, now, out);
	/* A chassis in Init may have waited for this. */
	if (core->role == SRP_INIT && core->config.enabled && core->peer_heard)
		judge_peer(core, now, out);
}

static void take_witness(struct srp_core *core, uint64_t now, bool witness)
{
	core->witness = witness;
	/* The routing domain has lost it, too: with the next tick it is dead. */
	if (!witness && core->witness_until > now)
		core->witness_until = now;
}

enum srp_obstacle srp_core_switchover_obstacle(const struct srp_core *core, bool force)
{
	if (!core->config.enabled)
		return SRP_NOT_CONFIGURED;
	if (core->role != SRP_ACTIVE)
		return SRP_NOT_ACTIVE;
	if (!core->link_up || !core->peer_heard)
		return SRP_NO_PEER;
	if (core->peer.role != SRP_STANDBY)
		return SRP_PEER_NOT_STANDBY;
	if (force)
		return SRP_CLEAR;
	if (core->peer.monitors_failed && !core->health.failed)
		return SRP_PEER_FAILED;
	if (!core->peer.monitors_ready && !core->health.failed)
		return SRP_PEER_NOT_READY;
	if (srp_core_config_differs(core))
		return SRP_CONFIG_DIFFERS;
	return core->sessions.unready ? SRP_SESSIONS_UNREADY : SRP_CLEAR;
}

/* The operator wants it. */
static void initiate(struct srp_core *core, uint64_t now, bool force, struct srp_outputs *out)
{
	if (srp_core_switchover_obstacle(core, force) != SRP_CLEAR)
		return;
	/* When both fail it is the operator's choice. */
	core->force = force || core->health.failed;
	srp_core_step(core, now, SRP_EV_HAND_OVER,
		      &(struct srp_cause){.reason = force ? SRP_REASON_FORCE : SRP_REASON_MANUAL}, out);
}

/* --- interface ----------------------------------------------------------------------------- */

void srp_core_init(struct srp_core *core, uint64_t instance, uint16_t last_modifier, bool resumes)
{
	*core = (struct srp_core){
		.instance = instance,
		.role = SRP_INIT,
		.phase_limit = SRP_NEVER,
		.modifier = last_modifier,
		.start_value = last_modifier == 0,
		.resumes = resumes && last_modifier != 0,
		.health = {.ready = true},
		.hello_at = SRP_NEVER,
		/* So that requests of two starts are not taken for each other. */
		.request_id = (uint32_t)instance,
		.converged_at = SRP_NEVER,
		.config_check_at = SRP_NEVER,
	};
	srp_hand_over_init(core);
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
		if (core->link_up)
			srp_core_hello(core, now, outputs);
		break;
	case SRP_IN_MESSAGE:
		take_message(core, now, input->message, outputs);
		break;
	case SRP_IN_HEALTH:
		take_health(core, now, &input->health, outputs);
		break;
	case SRP_IN_LOCAL_FAILURE:
		srp_hand_over_local_failure(core, now, input->family);
		break;
	case SRP_IN_RESET_FAILURE:
		srp_hand_over_reset(core, input->family);
		break;
	case SRP_IN_SESSIONS:
		core->sessions = input->sessions;
		break;
	case SRP_IN_WITNESS:
		take_witness(core, now, input->witness);
		break;
	case SRP_IN_APPLIED:
		srp_switchover_applied(core, now, outputs);
		break;
	case SRP_IN_ADVERTISED:
		srp_switchover_advertised(core, now, outputs);
		break;
	case SRP_IN_FLUSHED:
		srp_switchover_flushed(core, now, input->flush_id, outputs);
		break;
	case SRP_IN_SWITCHOVER:
		initiate(core, now, input->force, outputs);
		break;
	case SRP_IN_VALIDATE:
		srp_validate(core, now, outputs);
		break;
	case SRP_IN_TERMINATE:
		srp_switchover_terminate(core, now, outputs);
		break;
	case SRP_IN_CHECK_CONFIG:
		if (core->config.enabled)
			check_config(core, now, outputs);
		break;
	case SRP_IN_TICK:
		pass_time(core, now, outputs);
		break;
	}
	if (core->config.enabled)
		srp_hand_over_consider(core, now, outputs);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t srp_core_deadline(const struct srp_core *core)
{
	uint64_t deadline = core->drain_until ? core->drain_until : SRP_NEVER;

	if (!core->config.enabled)
		return deadline;
	deadline = earlier(deadline, core->hello_at);
	deadline = earlier(deadline, dead_at(core));
	deadline = earlier(deadline, alone_at(core));
	deadline = earlier(deadline, srp_switchover_deadline(core));
	deadline = earlier(deadline, srp_hand_over_deadline(core));
	return earlier(deadline, core->config_check_at);
}
