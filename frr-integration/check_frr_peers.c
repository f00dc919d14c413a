/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BGP for check-frr: what delays or swallows announcements, and how soon a dead gateway is noticed. */
#include "frr-integration/check_frr_private.h"

#include <stdlib.h>
#include <string.h>

#define HOLD_SEC_DEFAULT    180 /* of FRRouting, and with `frr defaults datacenter` */
#define HOLD_SEC_DATACENTER 9
#define HOLD_SEC_SLOW       10

struct judged {
	struct check_frr_report *report;
	const struct check_conf *conf;
	const struct check_srp_context *context;
	const struct check_bgp *bgp;
	const char *router; /* as typed */
};

static bool context_has(const struct check_srp_context *context, unsigned int family)
{
	return context->count[family][CHECK_CONNECTED] || context->count[family][CHECK_KERNEL];
}

static void check_policies(const struct judged *j, const struct check_peer *peer)
{
	enum check_tri required = j->bgp->requires_policy;

	if (required == CHECK_UNSET)
		required = j->conf->datacenter ? CHECK_NO : CHECK_YES;
	if (required == CHECK_NO || check_peer_sort(j->bgp, peer) != CHECK_EBGP)
		return;
	for (unsigned int family = 0; family < CHECK_FAMILIES; family++) {
		const char *name = check_family_names[family];

		if (!context_has(j->context, family) || !check_peer_active(j->bgp, peer, family))
			continue;
		if (!check_peer_filtered(j->bgp, peer, family, CHECK_OUT))
			check_frr_add(
				j->report, CHECK_FRR_RULE_NO_OUT_POLICY, j->conf->where,
				check_frr_text(j->report, "neighbor %s is sent nothing in %s unicast",
					       peer->name, name),
				check_frr_text(
					j->report,
					"%s\n address-family %s unicast\n  neighbor %s prefix-list LIST "
					"out   (or in %s: no bgp ebgp-requires-policy)",
					j->router, name, peer->name, j->router));
		if (!check_peer_filtered(j->bgp, peer, family, CHECK_IN))
			check_frr_add(
				j->report, CHECK_FRR_RULE_NO_IN_POLICY, j->conf->where,
				check_frr_text(j->report, "nothing is taken from neighbor %s in %s unicast",
					       peer->name, name),
				check_frr_text(
					j->report,
					"%s\n address-family %s unicast\n  neighbor %s prefix-list LIST in",
					j->router, name, peer->name));
	}
}

/* A number of seconds, or `otherwise` when it is none. */
static unsigned long seconds(const char *text, unsigned long otherwise)
{
	char *end;
	unsigned long value = text ? strtoul(text, &end, 10) : 0;

	return text && end != text && !*end ? value : otherwise;
}

static void check_peer_timers(const struct judged *j, const struct check_peer *peer)
{
	const struct check_peer *group = check_peer_group(j->bgp, peer);
	const char *interval = peer->advertisement_interval, *hold_time = peer->hold_time;
	unsigned long hold = j->conf->datacenter ? HOLD_SEC_DATACENTER : HOLD_SEC_DEFAULT;

	if (!interval && group)
		interval = group->advertisement_interval;
	if (!hold_time && group)
		hold_time = group->hold_time;
	hold = seconds(hold_time, seconds(j->bgp->hold_time, hold));
	if (seconds(interval, 0) > 0)
		check_frr_add(j->report, CHECK_FRR_RULE_ADVERTISEMENT_INTERVAL, j->conf->where,
			      check_frr_text(j->report, "neighbor %s has advertisement-interval %s",
					     peer->name, interval),
			      check_frr_text(j->report, "%s\n no neighbor %s advertisement-interval",
					     j->router,
					     peer->advertisement_interval ? peer->name : group->name));
	/* Hold time 0: never. */
	if (!peer->bfd && !(group && group->bfd) && (hold == 0 || hold > HOLD_SEC_SLOW))
		check_frr_add(j->report, CHECK_FRR_RULE_SLOW_DETECTION, j->conf->where,
			      hold ? check_frr_text(j->report,
						    "neighbor %s has no BFD, and a hold time of %lu s",
						    peer->name, hold)
				   : check_frr_text(j->report, "neighbor %s has no BFD, and no hold time",
						    peer->name),
			      check_frr_text(j->report,
					     "%s\n neighbor %s bfd   (and bfdd=yes; the same there)",
					     j->router, peer->name));
}

static void check_graceful(const struct judged *j)
{
	bool restarts = j->conf->graceful_restart || j->bgp->graceful_restart;

	if (restarts) {
		check_frr_add(j->report, CHECK_FRR_RULE_GRACEFUL_RESTART, j->conf->where,
			      check_frr_text(j->report, "%s asks its neighbours for graceful restart",
					     j->router),
			      check_frr_text(j->report, "%s\n no bgp graceful-restart", j->router));
		return;
	}
	for (size_t i = 0; i < j->bgp->peer_count; i++) {
		if (!j->bgp->peers[i].graceful_restart)
			continue;
		restarts = true;
		check_frr_add(j->report, CHECK_FRR_RULE_GRACEFUL_RESTART, j->conf->where,
			      check_frr_text(j->report, "neighbor %s is asked for graceful restart",
					     j->bgp->peers[i].name),
			      check_frr_text(j->report, "%s\n no neighbor %s graceful-restart", j->router,
					     j->bgp->peers[i].name));
	}
	if (!restarts && j->bgp->peer_count && !j->bgp->graceful_disable && !j->conf->graceful_disable)
		check_frr_add(
			j->report, CHECK_FRR_RULE_GRACEFUL_HELPER, j->conf->where,
			check_frr_text(j->report, "%s helps neighbours that restart gracefully", j->router),
			check_frr_text(j->report,
				       "%s\n bgp graceful-restart-disable   (here and on the neighbours; a "
				       "session has to be cleared for it)",
				       j->router));
}

static void check_instance(const struct judged *j)
{
	check_graceful(j);
	/* With the right value it is "0"; without a line it is 1000 ms, and more with many neighbours. */
	if (j->bgp->peer_count && (!j->bgp->coalesce_time || strcmp(j->bgp->coalesce_time, "0") != 0))
		check_frr_add(j->report, CHECK_FRR_RULE_COALESCE_TIME, j->conf->where,
			      check_frr_text(j->report, "%s has coalesce-time %s", j->router,
					     j->bgp->coalesce_time ? j->bgp->coalesce_time : "1000"),
			      check_frr_text(j->report, "%s\n coalesce-time 0   (on both gateways)",
					     j->router));
	for (size_t i = 0; i < j->bgp->peer_count; i++) {
		const struct check_peer *peer = &j->bgp->peers[i];

		if (!check_peer_is_session(peer) || (!check_peer_active(j->bgp, peer, CHECK_IPV4) &&
						     !check_peer_active(j->bgp, peer, CHECK_IPV6)))
			continue;
		check_policies(j, peer);
		check_peer_timers(j, peer);
	}
}

void check_frr_peers(struct check_frr_report *report, const struct check_conf *conf,
		     const struct check_srp_conf *srp)
{
	if (conf->delay_timer && seconds(conf->delay_timer, 1) == 0)
		check_frr_add(report, CHECK_FRR_RULE_DELAY_TIMER_0, conf->where,
			      "bgp route-map delay-timer 0",
			      "no bgp route-map delay-timer   (1 is the shortest that works)");
	for (size_t i = 0; i < srp->context_count; i++) {
		struct judged j = {.report = report,
				   .conf = conf,
				   .context = &srp->contexts[i],
				   .bgp = check_conf_bgp(conf, srp->contexts[i].name)};

		if (!j.bgp || !j.context->prefix_count)
			continue;
		j.router = check_frr_router(report, j.bgp);
		check_instance(&j);
	}
}
