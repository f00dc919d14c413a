/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pair's invariants, see checks.h. Bounds are sums of the core's constants, of the configured intervals
 * and of what the script says about network and machine; each is derived where it is computed. They are in
 * real time: clocks may be 1 % slow, which IN_REAL_TIME adds with a bit to spare for rounding.
 *
 * calm:  no fault is present: both srpd live and run, kernel and bgpd work, the wire lives, nothing is
 * delayed.
 * quiet: calm, and no operator and no monitor moves anything either.
 */
#include "tests/simulation/world.h"

#define IN_REAL_TIME(msec) ((msec)*102 / 100 + 5)
#define MIN(a, b)          ((a) < (b) ? (a) : (b))
#define MAX(a, b)          ((a) > (b) ? (a) : (b))

/*
 * Role changes of both chassis in one quiet time. Four to find one another when the faults end (say Init,
 * Pending-Active, Active, and Init, Standby); five for a hand-over that meets a connection which is dead
 * already (Pending-Standby and back; Pending-Active, Active and out again); four for the one that then
 * succeeds. After checks_settle_msec() there is none at all: `settled` sees to that.
 */
#define QUIET_CHANGES_MAX  13

void checks_start(struct world *world)
{
	world->checks.incumbent = world->checks.planned = -1;
}

void checks_touched(struct world *world)
{
	struct checks *checks = &world->checks;

	checks->quiet_since = world->now;
	checks->planned = -1;
	checks->changes = world->chassis[0].role_changes + world->chassis[1].role_changes;
}

void checks_fault(struct world *world, int change)
{
	world->checks.faults += (unsigned int)change;
	world->checks.calm_since = world->now;
	checks_touched(world);
}

void checks_unplanned(struct world *world)
{
	world->checks.unplanned_since = world->now;
}

void checks_forget_incumbent(struct world *world)
{
	world->checks.incumbent = -1;
}

static void remember_slowest(struct world *world)
{
	struct checks *checks = &world->checks;

	for (int i = 0; i < 2; i++) {
		const struct srp_core_config *config = &world->chassis[i].config;
		uint16_t start;

		checks->hello_max = MAX(checks->hello_max, config->hello_msec);
		checks->dead_max = MAX(checks->dead_max, config->dead_msec);
		checks->delay_max = MAX(checks->delay_max, config->delay_msec);
		checks->witness_max = MAX(checks->witness_max, config->witness_msec);
		start = srp_modifier_start(config->mode, config->threshold);
		checks->start_max = MAX(checks->start_max, start);
		checks->starts_changed |= checks->starts[i] & ~(1ull << start);
		checks->starts[i] |= 1ull << start;
		if (!checks->threshold_min || checks->threshold_min > config->threshold)
			checks->threshold_min = config->threshold;
		checks->threshold_max = MAX(checks->threshold_max, config->threshold);
	}
}

/* --- bounds ------------------------------------------------------------------------------------ */

/*
 * When the wire is well and both ends serve, how long until both have heard it? The worst: gw1 holds a
 * connection that gw2 has given up. Its next hello (hello-interval) travels, is answered with a reset, gw1
 * tries again (retry), connects (there and back), says hello, gw2 answers: six ways. What TCP held back is
 * sent again within WORLD_REXMIT_MSEC. A hello decides at once.
 */
static uint64_t contact_msec(const struct world *world)
{
	const struct script *script = world->script;
	const struct checks *checks = &world->checks;

	return IN_REAL_TIME((uint64_t)checks->hello_max + 6 * script->delay_max + WORLD_RETRY_MAX_MSEC +
			    WORLD_REXMIT_MSEC + 2 * script->late_max);
}

/* Kernel and bgpd take as long as the slower one, the upstream router hears of it after that. */
static uint64_t spread_msec(const struct world *world)
{
	return (uint64_t)world->script->apply_max + world->script->propagation_max;
}

/*
 * From the end of all faults to one Active and one Standby. In a row, though no run has all of it: find a
 * dead connection out (the dead-interval, or three of the peer's hellos, and the witness-interval) and meet
 * again; a chassis in Init waits its delay-interval and then the dead-interval, at least SRP_ALONE_MIN_MSEC;
 * a failed monitor is damped or tried again; a switchover that is under way is given up, with the limits of
 * those phases that wait for the peer (what waits for session managers ends with them); the one that takes
 * over waits for kernel and bgpd, and the upstream router hears of it.
 */
uint64_t checks_settle_msec(const struct world *world)
{
	const struct script *script = world->script;
	const struct checks *checks = &world->checks;
	uint64_t dead = MAX(checks->dead_max, SRP_DEAD_HELLO_RATIO * checks->hello_max) + checks->witness_max;
	uint64_t alone = checks->delay_max + MAX(checks->dead_max, SRP_ALONE_MIN_MSEC);
	uint64_t hand_over = SCRIPT_DAMPING_MAX_MSEC + SRP_RETRY_MSEC;
	uint64_t phases = 2 * (uint64_t)srp_phase_limit(SRP_PHASE_REQUEST) +
			  srp_phase_limit(SRP_PHASE_CONVERGE) + srp_phase_limit(SRP_PHASE_WITHDRAW) +
			  srp_phase_limit(SRP_PHASE_APPLY) + 4 * (uint64_t)script->flush_max +
			  script->config[0].convergence_msec;

	return contact_msec(world) + IN_REAL_TIME(dead + alone + hand_over + phases + 4 * script->late_max) +
	       2 * spread_msec(world) + script->host_death_msec;
}

#define EXCUSED_TAKEOVERS 3

/* --- the checks -------------------------------------------------------------------------------- */

/*
 * equal-paths: two equal announcements leave it to the router who serves. Excused is one case that no core
 * can help: the operator gave both the same start value (same chassis-mode, or thresholds one apart) and
 * neither has heard the other since: then both say that start value; or one more, when each has yielded to a hello
 * of the other that was long under way, with priorities of before, and lost it before it heard of that. Or he
 * changes the start values of a pair that is not in touch, or gives it two thresholds, so that one's start value is in
 * the other's range. And what a single loss cannot do: EXCUSED_TAKEOVERS take-overs, none of which the other heard
 * of for long enough to start over, lead one into the range of the start values, in which the other boots alone.
 */
static void check_equal_paths(struct world *world)
{
	const struct chassis *a = &world->chassis[0], *b = &world->chassis[1];
	uint16_t value = chassis_wants_announced(a);

	if (!value || value != chassis_wants_announced(b))
		return;
	if (world->checks.starts[0] & world->checks.starts[1] & 3ull << (value - 1))
		return;
	if ((world->checks.starts_changed || world->checks.threshold_min != world->checks.threshold_max) &&
	    value > world->checks.threshold_min)
		return;
	if (value > world->checks.threshold_min &&
	    a->takeovers + b->takeovers - world->checks.takeovers >= EXCUSED_TAKEOVERS)
		return;
	violation_set(&world->violation, "equal-paths", "both announce x%u (%s and %s)", value,
		      srp_role_name(a->core.role), srp_role_name(b->core.role));
}

/*
 * value-range: a Standby has its Active's value + 1, so start_max + 1 at most (threshold + 3). It may take
 * over with that before the Active has heard of it and started over; so each take-over since the values were
 * in order adds one.
 */
static void check_value_range(struct world *world)
{
	const struct chassis *a = &world->chassis[0], *b = &world->chassis[1];
	uint16_t larger = MAX(a->core.modifier, b->core.modifier);
	unsigned int takeovers = a->takeovers + b->takeovers;

	if (a->running && b->running && larger < a->config.threshold && larger < b->config.threshold)
		world->checks.takeovers = takeovers;
	if (larger > world->checks.start_max + 1 + takeovers - world->checks.takeovers)
		violation_set(&world->violation, "value-range",
			      "route modifiers %u and %u after %u take-overs", a->core.modifier,
			      b->core.modifier, takeovers - world->checks.takeovers);
}

/* two-active: with a wire that is well both serve no longer than contact_msec(). */
static void check_two_active(struct world *world)
{
	struct checks *checks = &world->checks;
	bool two = chassis_serves(&world->chassis[0]) && chassis_serves(&world->chassis[1]);
	uint64_t since;

	if (two && !checks->two_active)
		checks->two_active_since = world->now;
	checks->two_active = two;
	since = MAX(checks->two_active_since, checks->calm_since);
	if (two && !checks->faults && world->now > since + contact_msec(world))
		violation_set(&world->violation, "two-active", "both serve for %llu ms, allowed are %llu",
			      (unsigned long long)(world->now - since),
			      (unsigned long long)contact_msec(world));
}

/* Who serves and who waits, as they should: the Active's number, or -1. */
static int formed_pair(const struct world *world)
{
	for (int i = 0; i < 2; i++) {
		const struct chassis *active = &world->chassis[i], *standby = &world->chassis[!i];

		if (active->running && standby->running && active->core.role == SRP_ACTIVE &&
		    standby->core.role == SRP_STANDBY)
			return i;
	}
	return -1;
}

/* A chassis that is Active in the place of a dead one, with a value that no start value reaches. */
static bool took_over(const struct world *world, int node)
{
	const struct chassis *chassis = &world->chassis[node], *dead = &world->chassis[!node];

	/* No hello of the dead one is still under way. */
	if (world->checks.faults != world->places[!node].dead ||
	    world->now <= world->checks.calm_since + contact_msec(world))
		return false;
	return chassis->running && chassis->core.role == SRP_ACTIVE && !dead->running &&
	       !chassis_wants_announced(dead) && chassis->core.modifier <= chassis->config.threshold &&
	       chassis->core.modifier <= dead->config.threshold;
}

/*
 * preferred: whatever the link does, the one that was Active of a formed pair has the shorter path, until it
 * is asked to hand over, its monitors or configuration change, or its srpd restarts. The other one may even
 * restart. Likewise the one that took over from a dead one that then comes back.
 */
static void check_preferred(struct world *world)
{
	struct checks *checks = &world->checks;
	int active = formed_pair(world);
	uint16_t own, other;

	if (active >= 0 && !checks->faults && world->now > checks->calm_since + contact_msec(world)) {
		uint16_t value = world->chassis[active].core.modifier;

		if (world->chassis[!active].core.modifier == value + 1 &&
		    value <= world->chassis[0].config.threshold &&
		    value <= world->chassis[1].config.threshold)
			checks->incumbent = active;
	}
	for (int i = 0; i < 2; i++)
		if (took_over(world, i))
			checks->incumbent = i;
	if (checks->incumbent >= 0 && world->chassis[checks->incumbent].core.role == SRP_PENDING_STANDBY)
		checks_forget_incumbent(world);
	if (checks->incumbent < 0)
		return;
	own = chassis_wants_announced(&world->chassis[checks->incumbent]);
	other = chassis_wants_announced(&world->chassis[!checks->incumbent]);
	if (own && other && own >= other)
		violation_set(&world->violation, "preferred",
			      "gw%d was Active and announces x%u, the other x%u", checks->incumbent + 1, own,
			      other);
}

/*
 * ping-pong: left alone, the roles come to rest. Where a chassis may hand over to a peer that fails, too, the
 * core itself keeps each role for a damping-period: four changes then, as often as that fits in.
 */
static void check_ping_pong(struct world *world)
{
	struct checks *checks = &world->checks;
	unsigned int changes =
		world->chassis[0].role_changes + world->chassis[1].role_changes - checks->changes;
	uint64_t allowed = QUIET_CHANGES_MAX;

	for (int i = 0; i < 2; i++) {
		const struct srp_core_config *config = &world->chassis[i].config;

		if (config->peer_fail_msec != UINT32_MAX)
			allowed += 4 * ((world->now - checks->quiet_since) /
					config->local_guard[SRP_FAMILY_BGP].damping_msec);
	}
	checks->changes_max = MAX(checks->changes_max, changes);
	if (!checks->faults && changes > allowed)
		violation_set(&world->violation, "ping-pong", "%u role changes while nobody touched anything",
			      changes);
}

/*
 * settled: after checks_settle_msec() of quiet one is Active and one Standby, with neighbouring values below
 * the threshold, the kernel of the Active has the objects, and the upstream router knows its path only.
 */
static void check_settled(struct world *world)
{
	int active = formed_pair(world);
	const struct chassis *chassis = world->chassis;
	uint16_t value;

	if (world->checks.faults || world->now <= world->checks.quiet_since + checks_settle_msec(world))
		return;
	if (active < 0) {
		violation_set(&world->violation, "settled", "%s and %s after %llu ms without a fault",
			      srp_role_name(chassis[0].core.role), srp_role_name(chassis[1].core.role),
			      (unsigned long long)(world->now - world->checks.quiet_since));
		return;
	}
	value = chassis[active].core.modifier;
	if (value < 1 || value + 1 >= chassis[active].config.threshold ||
	    chassis[!active].core.modifier != value + 1)
		violation_set(&world->violation, "settled-values",
			      "Active has %u, Standby %u, the threshold is %u", value,
			      chassis[!active].core.modifier, chassis[active].config.threshold);
	if (world->checks.planned >= 0 && world->checks.planned != active)
		violation_set(&world->violation, "planned", "gw%d was asked to hand over and is still Active",
			      active + 1);
	world->checks.planned = -1;
	if (world->upstream_best != active || world->places[!active].heard || !chassis[active].installed)
		violation_set(&world->violation, "settled-traffic",
			      "gw%d is Active, upstream prefers gw%d and hears x%u and x%u", active + 1,
			      world->upstream_best + 1, world->places[0].heard, world->places[1].heard);
}

/*
 * outage: once settled, a planned switchover between healthy chassis costs what it must. Break before make:
 * the old Active withdraws and says so (one way), the new one installs and announces, the upstream router
 * hears of it. Make before break: the old one withdraws when the other's announcement has been on its way for
 * the convergence-interval. SRP_DRAIN_MSEC covers what is still under way to the old one: it is longer than
 * spread_msec() in every script.
 */
static void check_outage(struct world *world)
{
	const struct script *script = world->script;
	struct checks *checks = &world->checks;
	int best = world->upstream_best;
	bool outage = best < 0 || !world->chassis[best].installed;
	const uint8_t needed = SRP_OPTION_ALL_DATA | SRP_OPTION_EARLY_ACTIVE;
	const struct srp_core_config *a = &world->chassis[0].config, *b = &world->chassis[1].config;
	uint64_t allowed = script->delay_max + spread_msec(world) + 5;
	uint64_t planned_since = MAX(checks->calm_since, checks->unplanned_since);

	if ((a->options & b->options & needed) == needed) {
		uint32_t convergence = MIN(a->convergence_msec, b->convergence_msec);

		allowed =
			(script->propagation_max > convergence ? script->propagation_max - convergence : 0) +
			5;
	}
	if (outage && !checks->outage)
		checks->outage_since = world->now;
	checks->outage = outage;
	if (!outage || checks->faults || checks->outage_since <= planned_since + checks_settle_msec(world))
		return;
	if (best >= 0)
		violation_set(&world->violation, "outage",
			      "traffic goes to gw%d, which has nothing installed", best + 1);
	else if (world->now > checks->outage_since + allowed)
		violation_set(&world->violation, "outage",
			      "nobody gets the traffic for %llu ms, allowed are %llu",
			      (unsigned long long)(world->now - checks->outage_since),
			      (unsigned long long)allowed);
}

/*
 * failover: when the only fault is that the peer is dead, a chassis serves, once it has found that out: the
 * dead-interval or three of the peer's hellos, the witness-interval, what was under way to it; from Init also
 * the delay-interval. Not while its own bgpd or zebra is down: it waits for them.
 */
static void check_failover(struct world *world)
{
	const struct checks *checks = &world->checks;
	uint64_t limit =
		IN_REAL_TIME(MAX(checks->dead_max, SRP_DEAD_HELLO_RATIO * checks->hello_max) +
			     checks->witness_max + checks->delay_max +
			     MAX(checks->dead_max, SRP_ALONE_MIN_MSEC) + 2 * world->script->late_max) +
		2 * world->script->delay_max + world->script->host_death_msec +
		world->script->propagation_max;

	for (int i = 0; i < 2; i++) {
		const struct chassis *chassis = &world->chassis[i];

		/* Deaths of one chassis may overlap; they are the only faults. */
		if (chassis->running && !world->chassis[!i].running && !chassis->health.frr_down &&
		    checks->faults == world->places[!i].dead && !world->places[i].dead &&
		    world->now > MAX(checks->quiet_since, checks->calm_since) + limit &&
		    !chassis_serves(chassis))
			violation_set(&world->violation, "failover", "%s for %llu ms after the peer died",
				      srp_role_name(chassis->core.role),
				      (unsigned long long)(world->now - checks->calm_since));
	}
}

/*
 * hand-over: no monitor hands over to a peer that has been known to be no better: not ready, or with failed
 * monitors of its own (where the configuration does not allow that).
 */
static void check_hand_over(struct world *world)
{
	struct checks *checks = &world->checks;

	for (int i = 0; i < 2; i++) {
		const struct chassis *chassis = &world->chassis[i], *peer = &world->chassis[!i];
		bool hands_over = chassis->running && chassis->core.role == SRP_PENDING_STANDBY;

		if (hands_over && !checks->hands_over[i] && !checks->asked[i] && !checks->faults &&
		    chassis->config.peer_fail_msec == UINT32_MAX &&
		    world->now > MAX(checks->calm_since, checks->health_since[!i]) + contact_msec(world) &&
		    (peer->health.failed || !peer->health.ready))
			violation_set(&world->violation, "hand-over",
				      "gw%d hands over to a peer that is failed (%u) or not ready (%d)",
				      i + 1, peer->health.failed, peer->health.ready);
		checks->hands_over[i] = hands_over;
		checks->asked[i] = checks->asked[i] && hands_over;
	}
}

/* The operator's command was taken: it must lead somewhere when nothing is wrong. */
void checks_asked(struct world *world, int node, bool force)
{
	struct checks *checks = &world->checks;
	uint64_t since = MAX(checks->quiet_since, checks->unplanned_since);

	checks->asked[node] = true;
	checks->planned = -1;
	if (!force && !checks->faults && formed_pair(world) == node &&
	    world->now > since + checks_settle_msec(world))
		checks->planned = !node;
}

void checks_run(struct world *world)
{
	remember_slowest(world);
	check_equal_paths(world);
	check_value_range(world);
	check_two_active(world);
	check_preferred(world);
	check_failover(world);
	check_hand_over(world);
	check_ping_pong(world);
	check_settled(world);
	check_outage(world);
}
