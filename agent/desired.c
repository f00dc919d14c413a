/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See desired.h. */
#include "agent/desired.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_object(struct reconciler_object *object, enum reconciler_kind kind, const char *context,
		       const struct srp_prefix *prefix)
{
	memset(object, 0, sizeof(*object));
	object->kind = kind;
	object->family = prefix->addr.family;
	object->plen = prefix->plen;
	memcpy(object->addr, prefix->addr.bytes, sizeof(object->addr));
	snprintf(object->vrf, sizeof(object->vrf), "%s", context);
}

/* What tells bgpd the prepends where no module does; 0: the metric says nothing. */
static uint32_t metric(const struct srp_config *config, const struct srp_desired *desired)
{
	if (config->bgp_driver != SRP_BGP_METRIC || desired->hold)
		return 0;
	return config->metric_base + (desired->announce ? desired->prepend : 0);
}

/* One loopback: on lo, and on the interfaces of its spots, which begin at *spot. Returns the next object. */
static struct reconciler_object *put_loopback(struct reconciler_object *object,
					      const struct srp_config *config, size_t index,
					      const struct srp_desired *desired,
					      const struct srp_l2_spots *spots, size_t *spot)
{
	const struct srp_loopback *loopback = &config->loopbacks[index];
	bool serve = desired->hold || desired->serve;
	bool on_segment = *spot < spots->count && spots->list[*spot].loopback == index;

	if (serve || !on_segment) {
		put_object(object, RECONCILER_ADDRESS, loopback->context, &loopback->prefix);
		object++->metric = metric(config, desired);
	}
	for (; *spot < spots->count && spots->list[*spot].loopback == index; ++*spot) {
		if (!serve || !spots->list[*spot].on_interface)
			continue;
		put_object(object, RECONCILER_ADDRESS, loopback->context, &loopback->prefix);
		memcpy(object->ifname, spots->list[*spot].ifname, sizeof(object->ifname));
		object++;
	}
	return object;
}

struct reconciler_object *srp_desired_objects(const struct srp_config *config,
					      const struct srp_desired *desired,
					      const struct srp_l2_spots *spots, size_t *count)
{
	bool wanted = desired->hold || desired->install;
	size_t most = wanted ? config->loopback_count + config->pool_count + spots->count : 0, spot = 0;
	struct reconciler_object *objects = calloc(most ? most : 1, sizeof(*objects));
	struct reconciler_object *object = objects;

	*count = 0;
	if (!objects || !wanted)
		return objects;
	for (size_t i = 0; i < config->loopback_count; i++)
		object = put_loopback(object, config, i, desired, spots, &spot);
	*count = (size_t)(object - objects) + config->pool_count;
	for (size_t i = 0; i < config->pool_count; i++, object++) {
		const struct srp_pool *pool = &config->pools[i];

		put_object(object, RECONCILER_ROUTE, pool->context, &pool->prefix);
		object->metric = metric(config, desired);
		/* Behind a closed gate the pool is a blackhole: announced, and nothing passes. */
		if (!desired->hold && !(pool->ims ? desired->gate.ims : desired->gate.non_ims))
			continue;
		object->has_nexthop = pool->nexthop.family != 0;
		memcpy(object->nexthop, pool->nexthop.bytes, sizeof(object->nexthop));
		memcpy(object->ifname, pool->ifname, sizeof(object->ifname));
	}
	return objects;
}

enum reconciler_mode srp_desired_mode(const struct srp_config *config, const struct srp_desired *desired,
				      const struct srp_l2_spots *spots)
{
	if (desired->hold)
		return RECONCILER_HOLD;
	if (!desired->keep)
		return RECONCILER_ENFORCE;
	/* What was found drains, not announced any more. */
	if (config->bgp_driver == SRP_BGP_METRIC)
		return RECONCILER_ADJUST;
	/* Here bgpd_srp sees to that, but for what is announced on a segment. */
	return spots->count ? RECONCILER_DRAIN : RECONCILER_HOLD;
}

/* The policy's entry for a context, made when it is the first of its name; NULL when memory is out. */
static struct bgp_ipc_context *policy_context(struct bgp_ipc_policy *policy, const char *name)
{
	struct bgp_ipc_context *grown;

	for (size_t i = 0; i < policy->context_count; i++)
		if (strcmp(policy->contexts[i].name, name) == 0)
			return &policy->contexts[i];
	grown = reallocarray(policy->contexts, policy->context_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	policy->contexts = grown;
	grown += policy->context_count++;
	memset(grown, 0, sizeof(*grown));
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	return grown;
}

static bool policy_add(struct bgp_ipc_policy *policy, const char *context_name,
		       const struct srp_prefix *prefix)
{
	struct bgp_ipc_context *context = policy_context(policy, context_name);
	struct srp_prefix *grown;

	if (!context)
		return false;
	grown = reallocarray(context->prefixes, context->prefix_count + 1, sizeof(*grown));
	if (!grown)
		return false;
	context->prefixes = grown;
	grown[context->prefix_count++] = *prefix;
	return true;
}

bool srp_desired_policy(const struct srp_config *config, const struct srp_desired *desired,
			uint64_t generation, struct bgp_ipc_policy *policy)
{
	bool good = true;

	*policy = (struct bgp_ipc_policy){
		.generation = generation,
		.announce = desired->announce,
		.installed = desired->install,
		.prepend = (uint8_t)desired->prepend,
		.fallback_prepend = (uint8_t)srp_modifier_start(config->mode, config->threshold),
		.hold_sec = config->bgp_hold_sec,
		.witness = config->witness_msec != 0,
	};
	for (size_t i = 0; good && i < config->loopback_count; i++)
		good = policy_add(policy, config->loopbacks[i].context, &config->loopbacks[i].prefix);
	for (size_t i = 0; good && i < config->pool_count; i++)
		good = policy_add(policy, config->pools[i].context, &config->pools[i].prefix);
	if (!good)
		bgp_ipc_policy_clear(policy);
	return good;
}
