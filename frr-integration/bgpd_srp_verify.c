/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is advertised: read from bgpd's adj-RIB-out, not from any configuration.
 *
 * For each srp-activated prefix and each established peer that gets it, the copies of the own AS in the
 * attributes last put on the wire are counted (bgpd adds one more when it encodes them for an outer peer) and
 * compared with what is applied. Only paths of our own are looked at, which are those whose AS path has no
 * other AS in it: the other gateway's announcement that comes back through the network is none of ours.
 *
 * After a change the adj-RIB-out follows at once (out map) or after bgpd's 50 ms queue (redistribution), so the
 * look is repeated with growing pauses until everything matches, and then every few seconds and after each
 * event. When it does not come to match, bgpd is told again to act on our maps, a few times: an operator's own
 * prepends in another map differ for good, and that is reported, not fought.
 *
 * A prefix need not go to every peer: what a filter of the operator's keeps back is no mismatch. But one that goes to
 * no outer peer at all is not reachable, whatever was applied, so these are counted. That lasts a moment after each
 * start and is a warning only when it stays so while a session is up.
 *
 * Paths to peers of the own AS are left out: with the own AS prepended these peers drop them, which no
 * count of prepends makes right. They are reported as a warning.
 */
#include "frr-integration/bgpd_srp.h"

#include "zlog.h"

#include "bgpd/bgp_advertise.h"
#include "bgpd/bgp_aspath.h"
#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_updgrp.h"

#define PREFIXES_PER_TURN 512
#define AGAIN_MSEC_MIN    10
#define AGAIN_MSEC_MAX    2000
#define PERIOD_MSEC       5000
#define KEPT_MSEC         10000 /* unadvertised for so long with a session up: a warning */

/* Mismatched for so long after a change: tell bgpd again. */
static const int64_t flush_after_msec[] = {1000, 4000, 15000};

struct seen {
	uint32_t paths;
	uint32_t mismatched;
	uint32_t ibgp;
	uint32_t unadvertised; /* prefixes that go to no outer peer */
	uint32_t kept;         /* of these, in contexts in which there is one; the first of them: */
	struct prefix kept_prefix;
	char kept_context[SRP_CONTEXT_NAME_LEN];
	bool pending;  /* bgpd has not sent all yet */
	int low, high; /* prepends found; -1: none */
};

static struct {
	SRP_EVENT *timer;
	int64_t due; /* when it fires; 0: not armed */
	unsigned int again_msec;
	int64_t changed_at; /* the last event that may have changed what is advertised */
	size_t flushes;
	bool warned;
	int64_t kept_since; /* 0: nothing is kept back */
	/* The walk in progress: the next prefix to look at. */
	size_t context;
	bool outer_up; /* the context has an established outer peer */
	int family;
	size_t index;
	struct seen seen;
} verify = {.again_msec = AGAIN_MSEC_MIN};

static void verify_run(SRP_EVENT *e);

static void verify_arm(unsigned int msec)
{
	srp_event_cancel(&verify.timer);
	verify.due = bgpsrp_now_msec() + msec;
	srp_event_add_timer_msec(bgpsrp.loop, verify_run, NULL, msec, &verify.timer);
}

static void walk_restart(void)
{
	verify.context = 0;
	verify.family = 0;
	verify.index = 0;
	verify.seen = (struct seen){.low = -1, .high = -1};
}

/* Own-AS copies in a path of our own; -1 when there is another AS in it. */
static int path_prepends(const struct aspath *aspath, as_t own)
{
	int count = 0;

	for (const struct assegment *segment = aspath->segments; segment; segment = segment->next) {
		for (unsigned short i = 0; i < segment->length; i++)
			if (segment->as[i] != own)
				return -1;
		count += segment->length;
	}
	return count;
}

/* One prefix as sent to one group of peers that get the same. True when an outer peer has a path of our own. */
static bool adj_look(const struct bgp_adj_out *adj, as_t own)
{
	struct seen *seen = &verify.seen;
	uint32_t outer = 0, inner = 0;
	struct peer_af *paf;
	int prepends;

	SUBGRP_FOREACH_PEER(adj->subgroup, paf)
	{
		if (!srp_peer_established(paf->peer))
			continue;
		if (bgpsrp_peer_internal(paf->peer))
			inner++;
		else
			outer++;
	}
	if (!outer && !inner)
		return false;
	if (adj->adv)
		seen->pending = true;
	prepends = adj->attr ? path_prepends(adj->attr->aspath, own) : -1;
	if (prepends < 0)
		return false;
	if (prepends > 0)
		seen->ibgp += inner;
	if (!outer)
		return false;
	seen->paths += outer;
	if (prepends != bgpsrp.applied_prepend)
		seen->mismatched += outer;
	if (seen->low < 0 || prepends < seen->low)
		seen->low = prepends;
	if (prepends > seen->high)
		seen->high = prepends;
	return true;
}

static bool outer_peer_up(const struct bgp *bgp)
{
	struct listnode *node;
	struct peer *peer;

	for (ALL_LIST_ELEMENTS_RO(bgp->peer, node, peer))
		if (srp_peer_established(peer) && !bgpsrp_peer_internal(peer))
			return true;
	return false;
}

/* A prefix that no outer peer is sent. */
static void unadvertised_note(const struct bgpsrp_context *context, const struct prefix *prefix)
{
	struct seen *seen = &verify.seen;

	/* It need not be while it is not announced, or not there yet. */
	if (bgpsrp.applied_prepend < 0 || !bgpsrp.installed)
		return;
	seen->unadvertised++;
	if (!verify.outer_up || seen->kept++)
		return;
	prefix_copy(&seen->kept_prefix, prefix);
	strlcpy(seen->kept_context, context->name, sizeof(seen->kept_context));
}

static void prefix_look(struct bgp *bgp, const struct bgpsrp_context *context, int family,
			const struct prefix *prefix)
{
	afi_t afi = family == BGPSRP_IPV4 ? AFI_IP : AFI_IP6;
	struct bgp_dest *dest = bgp_node_lookup(bgp->rib[afi][SAFI_UNICAST], prefix);
	as_t own = bgpsrp_bgp_as(bgp);
	struct bgp_adj_out *adj;
	bool advertised = false;

	if (dest) {
		RB_FOREACH(adj, bgp_adj_out_rb, &dest->adj_out)
		advertised |= adj_look(adj, own);
		bgp_dest_unlock_node(dest);
	}
	if (!advertised)
		unadvertised_note(context, prefix);
}

/* Look at up to PREFIXES_PER_TURN more; true when all have been. */
static bool walk(void)
{
	unsigned int budget = PREFIXES_PER_TURN;

	for (; verify.context < bgpsrp.context_count; verify.context++) {
		const struct bgpsrp_context *context = &bgpsrp.contexts[verify.context];
		struct bgp *bgp = bgpsrp_context_bgp(context);

		verify.outer_up = bgp && outer_peer_up(bgp);
		for (; bgp && verify.family < BGPSRP_FAMILIES; verify.family++) {
			for (; verify.index < context->count[verify.family]; verify.index++) {
				if (!budget--)
					return false;
				prefix_look(bgp, context, verify.family,
					    &context->prefixes[verify.family][verify.index]);
			}
			verify.index = 0;
		}
		verify.family = 0;
	}
	return true;
}

/* Tell bgpd again, when it is time for it. */
static void maybe_flush(void)
{
	int64_t since = bgpsrp_now_msec() - verify.changed_at;

	if (verify.flushes < array_size(flush_after_msec) && since >= flush_after_msec[verify.flushes]) {
		verify.flushes++;
		bgpsrp_policy_flush(true);
		bgpsrp_zebra_policy_applied();
	}
	if (!verify.warned && verify.flushes == array_size(flush_after_msec)) {
		verify.warned = true;
		zlog_warn("srp: %u of %u announcements do not have %d prepends: is there another route-map "
			  "with prepends?",
			  verify.seen.mismatched, verify.seen.paths, bgpsrp.applied_prepend);
	}
}

/* Some prefixes go nowhere although they could: say so when that lasts. */
static void kept_judge(void)
{
	const struct seen *seen = &verify.seen;
	int64_t now = bgpsrp_now_msec();
	bool warned = bgpsrp.kept_prefixes > 0;

	if (!seen->kept)
		verify.kept_since = 0;
	else if (!verify.kept_since)
		verify.kept_since = now;
	bgpsrp.kept_prefixes = 0;
	if (!seen->kept || now - verify.kept_since < KEPT_MSEC)
		return;
	bgpsrp.kept_prefixes = seen->kept;
	bgpsrp.kept = seen->kept_prefix;
	strlcpy(bgpsrp.kept_context, seen->kept_context, sizeof(bgpsrp.kept_context));
	if (!warned)
		zlog_warn("srp: %u prefixes are to be announced, but go to no eBGP peer: %pFX (context %s) "
			  "is one",
			  bgpsrp.kept_prefixes, &bgpsrp.kept, bgpsrp.kept_context);
}

/* The walk is over: publish, and decide when to look again. */
static void walk_done(void)
{
	const struct seen *seen = &verify.seen;
	bool match = !seen->pending && !seen->mismatched && (bgpsrp.applied_prepend < 0 || seen->paths > 0);

	bgpsrp.advertised_paths = seen->paths;
	bgpsrp.mismatched_paths = seen->mismatched;
	bgpsrp.ibgp_paths = seen->ibgp;
	bgpsrp.unadvertised_prefixes = seen->unadvertised;
	kept_judge();
	bgpsrp.advertised_prepend = seen->low == seen->high ? seen->low : -1;
	bgpsrp.advertised_generation = match ? bgpsrp.applied_generation : 0;
	bgpsrp_agent_status_changed();

	if (seen->mismatched && !seen->pending) {
		maybe_flush();
	} else if (match) {
		verify.flushes = 0;
		verify.warned = false;
	}
	walk_restart();
	if (match || !bgpsrp.have_policy) {
		verify_arm(PERIOD_MSEC);
		return;
	}
	verify_arm(verify.again_msec);
	verify.again_msec = verify.again_msec * 2 > AGAIN_MSEC_MAX ? AGAIN_MSEC_MAX : verify.again_msec * 2;
}

static void verify_run(SRP_EVENT *e)
{
	verify.due = 0;
	if (walk())
		walk_done();
	else
		verify_arm(0);
}

void bgpsrp_verify_soon(unsigned int msec)
{
	int64_t now = bgpsrp_now_msec();

	if (bgpsrp.stopping || !bgpsrp.loop)
		return;
	verify.changed_at = now;
	verify.again_msec = AGAIN_MSEC_MIN;
	if (verify.due && verify.due <= now + msec)
		return;
	walk_restart();
	verify_arm(msec);
}

void bgpsrp_verify_reset(void)
{
	bgpsrp.advertised_generation = 0;
	verify.flushes = 0;
	verify.warned = false;
	walk_restart();
}

void bgpsrp_verify_stop(void)
{
	srp_event_cancel(&verify.timer);
}
