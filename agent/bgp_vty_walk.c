/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bgp_vty_walk.h. */
#include "agent/bgp_vty_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool bgp_vty_policy_copy(struct bgp_ipc_policy *copy, const struct bgp_ipc_policy *policy)
{
	*copy = *policy;
	copy->context_count = 0;
	copy->contexts = calloc(policy->context_count ? policy->context_count : 1, sizeof(*copy->contexts));
	if (!copy->contexts)
		return false;
	for (size_t i = 0; i < policy->context_count; i++) {
		const struct bgp_ipc_context *from = &policy->contexts[i];
		struct bgp_ipc_context *to = &copy->contexts[i];

		*to = *from;
		to->prefixes = calloc(from->prefix_count ? from->prefix_count : 1, sizeof(*to->prefixes));
		copy->context_count++;
		if (!to->prefixes) {
			bgp_ipc_policy_clear(copy);
			return false;
		}
		if (from->prefix_count)
			memcpy(to->prefixes, from->prefixes, from->prefix_count * sizeof(*to->prefixes));
	}
	return true;
}

bool bgp_vty_policy_announces(const struct bgp_ipc_policy *policy)
{
	bool any = false;

	for (size_t i = 0; i < policy->context_count; i++)
		any |= policy->contexts[i].prefix_count > 0;
	return any && policy->announce && policy->installed;
}

void bgp_vty_walk_begin(struct bgp_vty_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	walk->active = true;
	walk->low = walk->high = -1;
}

/* bgpd knows a loopback by its network. */
static const char *network(const struct srp_prefix *prefix, char buf[static SRP_PREFIX_STRLEN])
{
	struct srp_prefix masked = *prefix;

	srp_prefix_mask(&masked);
	return srp_prefix_format(&masked, buf);
}

bool bgp_vty_walk_next(struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy,
		       char command[static BGP_VTY_COMMAND_LEN], const char **context)
{
	char text[SRP_PREFIX_STRLEN];

	while (walk->context < policy->context_count &&
	       walk->prefix >= policy->contexts[walk->context].prefix_count) {
		walk->context++;
		walk->prefix = 0;
	}
	if (walk->context >= policy->context_count) {
		walk->active = false;
		return false;
	}
	*context = policy->contexts[walk->context].name;
	snprintf(command, BGP_VTY_COMMAND_LEN, "show bgp vrf %s %s unicast %s json", *context,
		 policy->contexts[walk->context].prefixes[walk->prefix].addr.family == AF_INET ? "ipv4"
											       : "ipv6",
		 network(&policy->contexts[walk->context].prefixes[walk->prefix], text));
	return true;
}

void bgp_vty_walk_take(struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy,
		       const struct bgp_vty_path *path)
{
	const struct srp_prefix *prefix = &policy->contexts[walk->context].prefixes[walk->prefix++];
	int count;

	if (!path) {
		walk->unknown++;
		network(prefix, walk->a_unknown);
		return;
	}
	count = (int)path->prepend;
	if (!path->own) {
		walk->missing++;
		network(prefix, walk->a_missing);
		return;
	}
	walk->present++;
	network(prefix, walk->a_present);
	walk->paths += path->outer;
	walk->inner += path->inner;
	if (!path->outer) {
		walk->unadvertised++;
		network(prefix, walk->a_unadvertised);
	}
	if (path->prepend != policy->prepend) {
		walk->mismatched += path->outer ? path->outer : 1;
		network(prefix, walk->a_mismatched);
	}
	walk->low = walk->low < 0 || count < walk->low ? count : walk->low;
	walk->high = count > walk->high ? count : walk->high;
}

bool bgp_vty_walk_matches(const struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy)
{
	if (walk->unknown)
		return false;
	if (!policy->announce)
		return !walk->present;
	return !walk->missing && !walk->mismatched && (walk->paths > 0 || !walk->present);
}

void bgp_vty_walk_explain(const struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy, uint32_t base,
			  char *text, size_t size)
{
	text[0] = '\0';
	if (!policy->announce && walk->present)
		snprintf(text, size,
			 "%s is still in bgpd's table: no entry of its route-map may permit metric %u",
			 walk->a_present, base);
	else if (walk->unknown)
		snprintf(text, size, "bgpd's answer about %s is not understood", walk->a_unknown);
	else if (!policy->announce)
		return;
	else if (walk->missing)
		snprintf(text, size,
			 "%s is not in bgpd's table: is it redistributed, and metric %u in the route-map?",
			 walk->a_missing, base + policy->prepend);
	else if (walk->mismatched)
		snprintf(text, size, "%s has not the %u prepends of metric %u: compare show srp bgp-policy",
			 walk->a_mismatched, policy->prepend, base + policy->prepend);
	else if (walk->unadvertised)
		snprintf(text, size, "%u prefixes are announced to no eBGP peer, one of them %s",
			 walk->unadvertised, walk->a_unadvertised);
	else if (walk->inner)
		snprintf(text, size,
			 "iBGP peers are sent our prefixes, and drop those with their own AS prepended");
}
