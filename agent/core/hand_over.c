/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When may a failed monitor hand over?
 *
 * A family of monitors that fails on the Active is a reason to hand over, unless
 *   - a guard-period runs: then the failure must last for the damping-period. The one kind starts when a local task
 *     restarts (the failure is likely our own, and passes), the other when this chassis took over (the network still
 *     converges); seed "SRP Redundancy, AAA and Diameter Guard Timers";
 *   - this chassis took over because the peer failed in the same way, and the family is AAA or Diameter: both see the
 *     same servers, so going back cannot help. Seed "AAA Monitor": non-revertible until another kind of failure, a
 *     manual switchover or a reset;
 *   - the peer cannot do better: its own monitors fail or are not up yet. `switchover-on-peer-monitor-fail` allows
 *     the former, after a time; even then each chassis keeps the role for one damping-period, or two failing chassis
 *     would play ping-pong.
 *
 * Times are kept as "not before": a tick that reaches one sets it to 0, so that the deadline never lies in the past.
 */
#include "agent/core/core_private.h"

static bool family_reverts(enum srp_family family)
{
	return family == SRP_FAMILY_BGP;
}

static bool family_failed(const struct srp_core *core, enum srp_family family)
{
	return core->health.failed & 1u << family;
}

void srp_hand_over_init(struct srp_core *core)
{
	for (int family = 0; family < SRP_FAMILY_COUNT; family++)
		core->hand_over_at[family] = SRP_NEVER;
	core->peer_fail_at = SRP_NEVER;
}

/* From when on a failure that begins (or is looked at anew) now may hand over. */
static uint64_t damped_until(const struct srp_core *core, uint64_t now, enum srp_family family)
{
	uint64_t until = 0;

	if (now < core->local_guard_until[family])
		until = now + core->config.local_guard[family].damping_msec;
	if (now < core->switchover_guard_until[family] &&
	    until < now + core->config.switchover_guard[family].damping_msec)
		until = now + core->config.switchover_guard[family].damping_msec;
	return until;
}

void srp_hand_over_health(struct srp_core *core, uint64_t now, const struct srp_health *health)
{
	uint8_t before = core->health.failed;

	core->health = *health;
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		enum srp_family family = (enum srp_family)i;

		if (!family_failed(core, family))
			core->hand_over_at[family] = SRP_NEVER;
		else if (!(before & 1u << family))
			core->hand_over_at[family] = damped_until(core, now, family);
	}
}

void srp_hand_over_local_failure(struct srp_core *core, uint64_t now, enum srp_family family)
{
	core->local_guard_until[family] = now + core->config.local_guard[family].guard_msec;
}

void srp_hand_over_reset(struct srp_core *core, enum srp_family family)
{
	core->locked[family] = false;
}

void srp_hand_over_switched(struct srp_core *core, uint64_t now, bool taken, enum srp_reason reason)
{
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		enum srp_family family = (enum srp_family)i;

		core->locked[family] =
			taken && !family_reverts(family) && reason == srp_family_reason(family);
		if (!taken)
			continue;
		core->switchover_guard_until[family] = now + core->config.switchover_guard[family].guard_msec;
		if (family_failed(core, family))
			core->hand_over_at[family] = damped_until(core, now, family);
	}
}

/* What stands in the way of one failed family. */
static enum srp_obstacle family_obstacle(const struct srp_core *core, enum srp_family family)
{
	if (core->locked[family])
		return SRP_LOCKED;
	if (core->hand_over_at[family])
		return SRP_DAMPED;
	return SRP_CLEAR;
}

/* What stands in the way whatever has failed. */
static enum srp_obstacle common_obstacle(const struct srp_core *core)
{
	enum srp_obstacle obstacle = srp_core_switchover_obstacle(core, true);

	if (obstacle != SRP_CLEAR)
		return obstacle;
	if (core->peer.monitors_failed)
		return core->peer_fail_waits && core->peer_fail_at == 0 ? SRP_CLEAR : SRP_PEER_FAILED;
	return core->peer.monitors_ready ? SRP_CLEAR : SRP_PEER_NOT_READY;
}

enum srp_obstacle srp_core_hand_over_obstacle(const struct srp_core *core)
{
	enum srp_obstacle first = SRP_CLEAR;

	if (core->role != SRP_ACTIVE)
		return SRP_CLEAR;
	for (int family = 0; family < SRP_FAMILY_COUNT; family++) {
		enum srp_obstacle obstacle;

		if (!family_failed(core, (enum srp_family)family))
			continue;
		obstacle = family_obstacle(core, (enum srp_family)family);
		if (obstacle == SRP_CLEAR)
			return common_obstacle(core);
		if (first == SRP_CLEAR)
			first = obstacle;
	}
	return first;
}

/* Start or stop the clock of a hand-over to a peer that fails, too. */
static void watch_peer_failure(struct srp_core *core, uint64_t now)
{
	bool wanted = core->role == SRP_ACTIVE && core->health.failed && core->peer_heard &&
		      core->peer.monitors_failed;
	uint64_t kept;

	if (wanted == core->peer_fail_waits)
		return;
	core->peer_fail_waits = wanted;
	core->peer_fail_at = SRP_NEVER;
	if (!wanted || core->config.peer_fail_msec == UINT32_MAX)
		return;
	core->peer_fail_at = now + core->config.peer_fail_msec;
	kept = core->last_switchover_at
		       ? core->last_switchover_at + core->config.local_guard[SRP_FAMILY_BGP].damping_msec
		       : 0;
	if (core->peer_fail_at < kept)
		core->peer_fail_at = kept;
	if (core->peer_fail_at <= now)
		core->peer_fail_at = 0;
}

void srp_hand_over_consider(struct srp_core *core, uint64_t now, struct srp_outputs *out)
{
	watch_peer_failure(core, now);
	if (core->role != SRP_ACTIVE || !core->health.failed || common_obstacle(core) != SRP_CLEAR)
		return;
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		enum srp_family family = (enum srp_family)i;

		if (!family_failed(core, family) || family_obstacle(core, family) != SRP_CLEAR)
			continue;
		core->force = core->peer.monitors_failed;
		srp_core_step(core, now, SRP_EV_HAND_OVER,
			      &(struct srp_cause){.reason = srp_family_reason(family)}, out);
		return;
	}
}

void srp_hand_over_tick(struct srp_core *core, uint64_t now)
{
	for (int family = 0; family < SRP_FAMILY_COUNT; family++)
		if (core->hand_over_at[family] != SRP_NEVER && now >= core->hand_over_at[family])
			core->hand_over_at[family] = 0;
	if (core->peer_fail_at != SRP_NEVER && now >= core->peer_fail_at)
		core->peer_fail_at = 0;
}

void srp_hand_over_retry(struct srp_core *core, uint64_t now)
{
	for (int family = 0; family < SRP_FAMILY_COUNT; family++)
		if (family_failed(core, (enum srp_family)family) && core->hand_over_at[family] == 0)
			core->hand_over_at[family] = now + SRP_RETRY_MSEC;
}

uint64_t srp_hand_over_deadline(const struct srp_core *core)
{
	uint64_t deadline = SRP_NEVER;

	for (int family = 0; family < SRP_FAMILY_COUNT; family++)
		if (core->hand_over_at[family] && core->hand_over_at[family] < deadline)
			deadline = core->hand_over_at[family];
	if (core->peer_fail_at && core->peer_fail_at < deadline)
		deadline = core->peer_fail_at;
	return deadline;
}
