/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The witness: does the routing domain still hear the other gateway?
 *
 * A Standby whose SRP link is silent cannot tell a dead peer from a dead link. The routing domain often
 * can: as long as routers announce the srp-activated prefixes to us, whoever serves them is likely alive.
 * Here these prefixes are counted; what follows from the number is srpd's.
 *
 * A path counts when a BGP neighbour, outer or inner, has sent it over a session that is up, and bgpd could
 * use it: valid, not damped, not removed, and not stale. Stale are what bgpd keeps for a neighbour that
 * restarts and what another router keeps and marks llgr-stale: nobody announces them now. What bgpd has
 * from zebra, from another VRF or from an aggregate of its own was never announced to us.
 *
 * Gateways of one AS hear each other only from neighbours with `allowas-in`; without it bgpd drops the
 * peer's announcement as a loop, before it is a path. With it our own announcement comes back as well, and
 * nothing tells it from the peer's. So we count only while we announce nothing ourselves. For a moment
 * after we have stopped, our old announcement may still come back from routers that have not yet heard: it
 * is gone when our withdrawal has come round, and each step of that brings us here. If the peer dies in
 * that moment srpd waits for it, and never longer than for the witness-interval.
 *
 * bgpd's hook `bgp_process` is called for each path that comes, changes or goes, of any prefix: it looks
 * whether the prefix is one of ours, and schedules. Changes without a hook (a next hop that becomes
 * unreachable, the end of damping) are found by the look of each second.
 */
#include "frr-integration/bgpd_srp.h"

#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_community.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"

#define PREFIXES_PER_TURN 512
#define PERIOD_MSEC       1000
#define WALKS_MAX         3 /* in a row: one during which something has changed is made again */

static struct {
	bool watching;
	SRP_EVENT *event, *timer; /* the next turn; the next look */
	size_t found;             /* index of the context that path_changed() has last asked for */
	/* The walk in progress: the next prefix to look at. */
	bool walking, changed; /* something has changed since it began */
	unsigned int walks;    /* in a row */
	size_t context;
	int family;
	size_t index;
	int count;
} witness;

static void witness_run(SRP_EVENT *e);

static void witness_schedule(void)
{
	srp_event_add_event(bgpsrp.loop, witness_run, NULL, 0, &witness.event);
}

static void witness_publish(int count)
{
	if (bgpsrp.witness_prefixes == count)
		return;
	bgpsrp.witness_prefixes = count;
	bgpsrp_agent_status_changed();
}

/* Another router announces it to us, now. */
static bool path_counts(const struct bgp_path_info *path)
{
	const struct community *community;

	if (path->type != ZEBRA_ROUTE_BGP || path->sub_type != BGP_ROUTE_NORMAL)
		return false;
	if (!CHECK_FLAG(path->flags, BGP_PATH_VALID) ||
	    CHECK_FLAG(path->flags, BGP_PATH_UNUSEABLE | BGP_PATH_STALE))
		return false;
	if (!srp_peer_established(path->peer))
		return false;
	community = bgp_attr_get_community(path->attr);
	return !community || !community_include((struct community *)community, COMMUNITY_LLGR_STALE);
}

static bool prefix_heard(struct bgp *bgp, int family, const struct prefix *prefix)
{
	afi_t afi = family == BGPSRP_IPV4 ? AFI_IP : AFI_IP6;
	struct bgp_dest *dest = bgp_node_lookup(bgp->rib[afi][SAFI_UNICAST], prefix);
	const struct bgp_path_info *path;

	if (!dest)
		return false;
	for (path = bgp_dest_get_bgp_path_info(dest); path; path = path->next)
		if (path_counts(path))
			break;
	bgp_dest_unlock_node(dest);
	return path != NULL;
}

/* Look at up to PREFIXES_PER_TURN more; true when all have been. */
static bool walk(void)
{
	unsigned int budget = PREFIXES_PER_TURN;

	for (; witness.context < bgpsrp.context_count; witness.context++) {
		const struct bgpsrp_context *context = &bgpsrp.contexts[witness.context];
		struct bgp *bgp = bgpsrp_context_bgp(context);

		for (; bgp && witness.family < BGPSRP_FAMILIES; witness.family++) {
			for (; witness.index < context->count[witness.family]; witness.index++) {
				if (!budget--)
					return false;
				witness.count +=
					prefix_heard(bgp, witness.family,
						     &context->prefixes[witness.family][witness.index]);
			}
			witness.index = 0;
		}
		witness.family = 0;
	}
	return true;
}

static void walk_begin(void)
{
	witness.walking = true;
	witness.changed = false;
	witness.context = witness.index = 0;
	witness.family = 0;
	witness.count = 0;
}

static void witness_run(SRP_EVENT *e)
{
	srp_event_cancel(&witness.event);
	srp_event_cancel(&witness.timer);
	if (!witness.walking)
		walk_begin();
	if (!walk()) {
		witness_schedule();
		return;
	}
	witness.walking = false;
	/* Paths that moved meanwhile may have been missed at both places, or seen at both. */
	if (witness.changed && ++witness.walks < WALKS_MAX) {
		witness_schedule();
		return;
	}
	witness.walks = 0;
	witness_publish(witness.count);
	if (witness.changed)
		witness_schedule();
	else
		srp_event_add_timer_msec(bgpsrp.loop, witness_run, NULL, PERIOD_MSEC, &witness.timer);
}

void bgpsrp_witness_soon(void)
{
	if (!witness.watching || bgpsrp.stopping)
		return;
	witness.changed = true;
	witness_schedule();
}

/* --- what makes us look -------------------------------------------------------------------------------- */

static int prefix_order(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

/* The context of an instance; mostly the one that was last asked for. */
static const struct bgpsrp_context *context_of(const struct bgp *bgp)
{
	const char *name = bgpsrp_bgp_context(bgp);

	if (witness.found < bgpsrp.context_count && strcmp(bgpsrp.contexts[witness.found].name, name) == 0)
		return &bgpsrp.contexts[witness.found];
	for (size_t i = 0; i < bgpsrp.context_count; i++) {
		if (strcmp(bgpsrp.contexts[i].name, name) == 0) {
			witness.found = i;
			return &bgpsrp.contexts[i];
		}
	}
	return NULL;
}

/* Before a path becomes visible, or after it has become invisible. Called for each path of a full table. */
static int path_changed(struct bgp *bgp, afi_t afi, safi_t safi, struct bgp_dest *dest, struct peer *peer,
			bool withdraw)
{
	const struct bgpsrp_context *context;
	int family = afi == AFI_IP ? BGPSRP_IPV4 : BGPSRP_IPV6;

	if (!witness.watching || witness.changed || safi != SAFI_UNICAST || (afi != AFI_IP && afi != AFI_IP6))
		return 0;
	context = context_of(bgp);
	if (context && bsearch(bgp_dest_get_prefix(dest), context->prefixes[family], context->count[family],
			       sizeof(struct prefix), prefix_order))
		bgpsrp_witness_soon();
	return 0;
}

void bgpsrp_witness_policy_changed(void)
{
	witness.watching = bgpsrp.have_policy && bgpsrp.witness && !bgpsrp.announce;
	witness.walking = false;
	witness.walks = 0;
	if (witness.watching) {
		bgpsrp_witness_soon();
		return;
	}
	srp_event_cancel(&witness.event);
	srp_event_cancel(&witness.timer);
	witness_publish(-1);
}

void bgpsrp_witness_start(void)
{
	hook_register(bgp_process, path_changed);
}

void bgpsrp_witness_stop(void)
{
	witness.watching = false;
	srp_event_cancel(&witness.event);
	srp_event_cancel(&witness.timer);
}
