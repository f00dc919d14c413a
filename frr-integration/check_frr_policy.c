/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the srp-activated prefixes get into BGP, and whether each way out of it leads through the route-map that
 * bgpd_srp keeps. The forms that are right are those of docs/bgp-policy.md; this knows the same ones.
 */
#include "frr-integration/check_frr_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/route_map.h"

#define MAP_NAME_LEN (SRP_CONTEXT_NAME_LEN + 4)

/* One context and family while it is judged. */
struct way {
	struct check_frr_report *report;
	const struct check_conf *conf;
	const struct check_bgp *bgp;
	const struct check_srp_context *context;
	unsigned int family;
	bool metric;            /* bgp driver metric: any map with an entry for each metric will do */
	char map[MAP_NAME_LEN]; /* the one that bgpd_srp keeps for the context, or the one to recommend */
	bool in_prepended;      /* something gets its prepends on the way in */
	bool in_plain;          /* something does not */
};

static bool map_exists(const struct check_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->entry_count; i++)
		if (strcmp(conf->entries[i].map, name) == 0)
			return true;
	return false;
}

/* bgpd_srp makes its own, "srp" and "srp-NAME", when something refers to them. */
static bool map_is_srpds(const char *name)
{
	return strcmp(name, "srp") == 0 || strncmp(name, "srp-", 4) == 0;
}

/*
 * Does the srp map decide on the prefixes that come through `name`? Yes when it is that map, or when an entry
 * calls it, or one that does (`deeper` calls), and is not behind an entry that takes everything.
 */
static bool map_leads_to_srp(const struct check_conf *conf, const char *name, const char *srp,
			     unsigned int deeper)
{
	if (strcmp(name, srp) == 0)
		return true;
	for (size_t i = 0; i < conf->entry_count; i++) {
		const struct check_map_entry *entry = &conf->entries[i];

		if (strcmp(entry->map, name) != 0)
			continue;
		if (entry->permit && entry->call &&
		    (strcmp(entry->call, srp) == 0 ||
		     (deeper && map_leads_to_srp(conf, entry->call, srp, deeper - 1))))
			return true;
		if (!entry->has_match && !entry->goes_on && !entry->call)
			return false;
	}
	return false;
}

/*
 * Is it a map for bgp driver metric: entries that match something and prepend, and none that permits the rest, which
 * is not to be announced?
 */
static bool map_is_by_metric(const struct check_conf *conf, const char *name)
{
	bool prepends = false;

	for (size_t i = 0; i < conf->entry_count; i++) {
		const struct check_map_entry *entry = &conf->entries[i];

		if (strcmp(entry->map, name) != 0 || !entry->permit)
			continue;
		if (!entry->has_match)
			return false;
		prepends |= entry->prepends;
	}
	return prepends;
}

/* Do the prefixes that come through this map get their prepends? */
static bool map_prepends(const struct way *way, const char *name)
{
	return way->metric ? map_is_by_metric(way->conf, name)
			   : map_leads_to_srp(way->conf, name, way->map, 1);
}

static const char *family_node(const struct way *way)
{
	return check_frr_text(way->report, "%s\n address-family %s unicast",
			      check_frr_router(way->report, way->bgp), check_family_names[way->family]);
}

static void check_map(const struct way *way, const char *map, const char *line)
{
	if (!map_exists(way->conf, map) && (way->metric || !map_is_srpds(map)))
		check_frr_add(way->report, CHECK_FRR_RULE_MAP_MISSING, way->conf->where,
			      check_frr_text(way->report, "%s: there is no route-map %s", line, map),
			      check_frr_text(way->report,
					     "%s\n  %s   (with route-map %s), or define route-map %s",
					     family_node(way), line, way->map, map));
}

/* A map of the operator's on the way of the prefixes: what it does to them besides. */
static void check_own_map(const struct way *way, const char *map)
{
	const char *calling = NULL;

	if (strcmp(map, way->map) == 0 || way->metric)
		return;
	for (size_t i = 0; i < way->conf->entry_count; i++) {
		const struct check_map_entry *entry = &way->conf->entries[i];
		const char *list = entry->lists[way->family];

		if (strcmp(entry->map, map) != 0 || !entry->permit)
			continue;
		if (entry->prepends && (entry->call || !entry->has_match))
			check_frr_add(way->report, CHECK_FRR_RULE_OWN_PREPENDS, way->conf->where,
				      check_frr_text(way->report,
						     "route-map %s permit %lu prepends by itself", map,
						     entry->seq),
				      check_frr_text(way->report,
						     "route-map %s permit %lu\n no set as-path prepend", map,
						     entry->seq));
		if (list && strcmp(list, way->map) == 0)
			calling = list;
		else if (calling)
			check_frr_add(
				way->report, CHECK_FRR_RULE_MATCHES_SRP_LIST, way->conf->where,
				check_frr_text(
					way->report,
					"route-map %s matches prefix-list %s, and permits more in entry "
					"%lu",
					map, calling, entry->seq),
				check_frr_text(
					way->report,
					"match the ranges of the srp-activated prefixes by a prefix-list "
					"of your own in route-map %s, then `call %s`",
					map, way->map));
	}
}

/* Prefixes come in through `map` (NULL: none), by the configuration line `line`. */
static void way_in(struct way *way, const char *map, const char *line)
{
	if (map) {
		check_map(way, map, line);
		check_own_map(way, map);
	}
	if (map && map_prepends(way, map))
		way->in_prepended = true;
	else
		way->in_plain = true;
}

/* Are all prefixes of a kind announced by `network` lines? Then these are the ways in. */
static bool network_lines(struct way *way, unsigned int kind)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < way->context->prefix_count; i++) {
			const struct check_srp_prefix *wanted = &way->context->prefixes[i];
			const struct check_network *found = NULL;
			struct srp_prefix prefix;

			if (wanted->family != way->family || wanted->kind != kind)
				continue;
			for (size_t n = 0; !found && n < way->bgp->network_count; n++) {
				const struct check_network *network = &way->bgp->networks[n];

				if (network->family == way->family &&
				    check_prefix_parse(network->prefix, &prefix) &&
				    check_prefix_equal(&prefix, &wanted->prefix))
					found = network;
			}
			if (!found)
				return false;
			if (pass)
				way_in(way, found->map,
				       check_frr_text(way->report, "network %s", found->prefix));
		}
	}
	return true;
}

static void check_kind(struct way *way, unsigned int kind)
{
	const struct check_redistribute *line = &way->bgp->redistribute[way->family][kind];

	if (!way->context->count[way->family][kind])
		return;
	if (line->set)
		way_in(way, line->map,
		       check_frr_text(way->report, "redistribute %s%s%s", check_kind_names[kind],
				      line->map ? " route-map " : "", line->map ? line->map : ""));
	else if (!network_lines(way, kind))
		check_frr_add(way->report, CHECK_FRR_RULE_NOT_REDISTRIBUTED, way->conf->where,
			      check_frr_text(way->report,
					     "%s of context %s are not redistributed in %s unicast",
					     kind == CHECK_KERNEL ? "pools" : "loopbacks", way->context->name,
					     check_family_names[way->family]),
			      check_frr_text(way->report, "%s\n  redistribute %s route-map %s",
					     family_node(way), check_kind_names[kind], way->map));
}

/* What one neighbour is sent. */
static void way_out(const struct way *way, const struct check_peer *peer)
{
	const char *map = check_peer_map(way->bgp, peer, way->family, CHECK_OUT);
	bool out_prepended = map && map_prepends(way, map);
	bool filtered = check_peer_filtered(way->bgp, peer, way->family, CHECK_OUT);

	if (map) {
		check_map(way, map,
			  check_frr_text(way->report, "neighbor %s route-map %s out", peer->name, map));
		check_own_map(way, map);
	}
	if (check_peer_sort(way->bgp, peer) != CHECK_EBGP) {
		/* With a filter, let us believe that it keeps the prefixes back. */
		if (out_prepended || (way->in_prepended && !filtered))
			check_frr_add(
				way->report, CHECK_FRR_RULE_IBGP_PREPENDS, way->conf->where,
				check_frr_text(way->report,
					       "neighbor %s is inside the AS, and is sent the srp-activated "
					       "%s prefixes with prepends",
					       peer->name, check_family_names[way->family]),
				check_frr_text(
					way->report,
					"%s\n  neighbor %s prefix-list LIST out   (one that denies them)",
					family_node(way), peer->name));
		return;
	}
	if (way->in_prepended && out_prepended)
		check_frr_add(
			way->report, CHECK_FRR_RULE_PREPENDS_TWICE, way->conf->where,
			check_frr_text(way->report,
				       "neighbor %s gets prepends by redistribution and by its out map %s",
				       peer->name, map),
			check_frr_text(way->report, "%s\n  no neighbor %s route-map %s out", family_node(way),
				       peer->name, map));
	if (way->in_plain && !out_prepended)
		check_frr_add(
			way->report, filtered ? CHECK_FRR_RULE_UNPREPENDED_MAYBE : CHECK_FRR_RULE_UNPREPENDED,
			way->conf->where,
			check_frr_text(way->report,
				       "the %s prefixes of context %s reach neighbor %s %spast route-map %s",
				       check_family_names[way->family], way->context->name, peer->name,
				       filtered ? "through its filter, " : "", way->map),
			check_frr_text(way->report,
				       "%s\n  redistribute connected route-map %s\n  redistribute kernel "
				       "route-map %s",
				       family_node(way), way->map, way->map));
}

static void check_way(struct way *way)
{
	unsigned int sessions = 0, outer = 0;

	for (unsigned int kind = 0; kind < CHECK_KINDS; kind++)
		check_kind(way, kind);
	for (size_t i = 0; i < way->bgp->peer_count; i++) {
		const struct check_peer *peer = &way->bgp->peers[i];

		if (!check_peer_is_session(peer))
			continue;
		sessions++;
		if (!check_peer_active(way->bgp, peer, way->family))
			continue;
		outer += check_peer_sort(way->bgp, peer) == CHECK_EBGP;
		if (way->in_plain || way->in_prepended)
			way_out(way, peer);
	}
	/* Without any neighbour the segment may be all there is (L2 mode). */
	if (sessions && !outer)
		check_frr_add(
			way->report, CHECK_FRR_RULE_NOT_ACTIVATED, way->conf->where,
			check_frr_text(
				way->report,
				"context %s has %s prefixes, and no outer neighbour is activated for them",
				way->context->name, check_family_names[way->family]),
			check_frr_text(way->report, "%s\n  neighbor PEER activate", family_node(way)));
}

static void map_name(char buf[static MAP_NAME_LEN], const char *context)
{
	bool is_default = strcmp(context, "default") == 0;

	snprintf(buf, MAP_NAME_LEN, "srp%s%s", is_default ? "" : "-", is_default ? "" : context);
}

/* The entries of a map of srpd's name that are not srpd's. */
static void check_srp_map(struct check_frr_report *report, const struct check_conf *conf, const char *map)
{
	bool saved = false;

	for (size_t i = 0; i < conf->entry_count; i++) {
		const struct check_map_entry *entry = &conf->entries[i];
		const char *list = entry->seq == 1 ? entry->lists[CHECK_IPV4] : entry->lists[CHECK_IPV6];

		if (strcmp(entry->map, map) != 0)
			continue;
		saved = true;
		if ((entry->seq == 1 || entry->seq == 2) && list && strcmp(list, map) == 0)
			continue;
		check_frr_add(
			report, CHECK_FRR_RULE_SRP_MAP_OWN, conf->where,
			check_frr_text(report, "route-map %s has an entry %lu that is not srpd's", map,
				       entry->seq),
			check_frr_text(
				report,
				"no route-map %s %s %lu   (and a map of another name that says `call %s`)",
				map, entry->permit ? "permit" : "deny", entry->seq, map));
	}
	if (saved && !conf->is_running)
		check_frr_add(report, CHECK_FRR_RULE_SRP_MAP_SAVED, conf->where,
			      check_frr_text(report, "route-map %s is in the file", map),
			      "nothing has to be done");
}

void check_frr_policy(struct check_frr_report *report, const struct check_conf *conf,
		      const struct check_srp_conf *srp)
{
	for (size_t i = 0; i < srp->context_count; i++) {
		const struct check_srp_context *context = &srp->contexts[i];
		const struct check_bgp *bgp = check_conf_bgp(conf, context->name);
		char map[MAP_NAME_LEN];

		map_name(map, context->name);
		if (srp->metric)
			snprintf(map, sizeof(map), "%s", SRP_ROUTE_MAP_NAME);
		else
			check_srp_map(report, conf, map);
		if (!context->prefix_count)
			continue;
		if (!bgp) {
			const char *vrf = strcmp(context->name, "default") == 0
						  ? ""
						  : check_frr_text(report, " vrf %s", context->name);

			check_frr_add(report, CHECK_FRR_RULE_CONTEXT_NO_BGP, conf->where,
				      check_frr_text(report,
						     "context %s has prefixes, and bgpd no instance for it",
						     context->name),
				      check_frr_text(
					      report,
					      "router bgp AS%s\n address-family ipv4 unicast\n  redistribute "
					      "connected route-map %s\n  redistribute kernel route-map %s",
					      vrf, map, map));
			continue;
		}
		for (unsigned int family = 0; family < CHECK_FAMILIES; family++) {
			struct way way = {.report = report,
					  .conf = conf,
					  .bgp = bgp,
					  .context = context,
					  .family = family,
					  .metric = srp->metric};

			memcpy(way.map, map, sizeof(map));
			if (context->count[family][CHECK_CONNECTED] || context->count[family][CHECK_KERNEL])
				check_way(&way);
		}
	}
}
