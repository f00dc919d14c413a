/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent takes a configuration: what changed is handed on, what did not is not disturbed. */
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_private.h"

static bool sockaddr_is(const struct sockaddr *sockaddr, const struct srp_addr *addr)
{
	if (!sockaddr || sockaddr->sa_family != addr->family)
		return false;
	if (addr->family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)sockaddr)->sin_addr, addr->bytes, 4) == 0;
	return memcmp(&((const struct sockaddr_in6 *)sockaddr)->sin6_addr, addr->bytes, 16) == 0;
}

/*
 * The MAC address that breaks a tie: that of the interface with the bind address, else the first one that
 * is not all zero (loopback's is).
 */
static void find_tiebreaker(const struct srp_addr *bind_address, uint8_t tiebreaker[SRP_TIEBREAKER_LEN])
{
	static const uint8_t none[SRP_TIEBREAKER_LEN];
	const char *ifname = NULL;
	struct ifaddrs *list;

	memset(tiebreaker, 0, SRP_TIEBREAKER_LEN);
	if (getifaddrs(&list))
		return;
	for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next)
		if (sockaddr_is(entry->ifa_addr, bind_address))
			ifname = entry->ifa_name;
	for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		const struct sockaddr_ll *ll = (const struct sockaddr_ll *)entry->ifa_addr;

		if (!ll || ll->sll_family != AF_PACKET || ll->sll_halen != SRP_TIEBREAKER_LEN ||
		    memcmp(ll->sll_addr, none, sizeof(none)) == 0)
			continue;
		if (ifname && strcmp(entry->ifa_name, ifname) == 0) {
			memcpy(tiebreaker, ll->sll_addr, SRP_TIEBREAKER_LEN);
			break;
		}
		if (memcmp(tiebreaker, none, sizeof(none)) == 0)
			memcpy(tiebreaker, ll->sll_addr, SRP_TIEBREAKER_LEN);
	}
	freeifaddrs(list);
}

/* A list's copy over the old one. False and nothing changed when memory is out. */
static bool copy_list(void **to, const void *from, size_t count, size_t size)
{
	void *copy = malloc(count ? count * size : 1);

	if (!copy)
		return false;
	if (count)
		memcpy(copy, from, count * size);
	free(*to);
	*to = copy;
	return true;
}

static bool list_differs(const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
	return a_count != b_count || (a_count && memcmp(a, b, a_count * size) != 0);
}

static struct srp_guard guard_of(const struct srp_guard_sec *seconds)
{
	return (struct srp_guard){.guard_msec = seconds->guard_sec * 1000,
				  .damping_msec = seconds->damping_sec * 1000};
}

/* True when bgpd is talked to in another way from now on. */
static bool use_driver(struct srp_agent *agent, const struct srp_config *config)
{
	bool differs = config->bgp_driver != agent->bgp_kind ||
		       (config->bgp_driver == SRP_BGP_METRIC && config->metric_base != agent->bgp_base);
	char error[300];

	if (!differs)
		return false;
	if (agent_use_bgp_driver(agent, config->bgp_driver, config->metric_base, error, sizeof(error)))
		return true;
	srp_log(&agent->log, SRP_LOG_ERROR, "bgp driver stays as it was: %s", error);
	return false;
}

void srp_agent_configure(struct srp_agent *agent, const struct srp_config *config)
{
	struct srp_config *own = &agent->config;
	struct srp_core_config core = {
		.enabled = config->bind_address.family && config->peer_address.family,
		.mode = config->mode,
		.priority = config->priority,
		.threshold = config->threshold,
		.hello_msec = config->hello_msec,
		.dead_msec = config->dead_msec,
		.delay_msec = config->delay_sec * 1000,
		.options = config->options,
		.convergence_msec = config->convergence_msec,
		.witness_msec = config->witness_msec,
		.config_check_msec = config->config_check_sec * 1000,
		.peer_fail_msec = config->peer_fail_allow   ? 0
				  : config->peer_fail_timed ? config->peer_fail_sec * 1000
							    : UINT32_MAX,
		.higher_address = memcmp(config->bind_address.bytes, config->peer_address.bytes,
					 sizeof(config->bind_address.bytes)) > 0,
	};
	struct srp_config before = *own;
	bool driver_changed = use_driver(agent, config);
	bool objects_changed = driver_changed ||
			       list_differs(own->loopbacks, own->loopback_count, config->loopbacks,
					    config->loopback_count, sizeof(*own->loopbacks)) ||
			       list_differs(own->pools, own->pool_count, config->pools, config->pool_count,
					    sizeof(*own->pools)) ||
			       own->mode != config->mode || own->threshold != config->threshold ||
			       own->bgp_hold_sec != config->bgp_hold_sec ||
			       !own->witness_msec != !config->witness_msec;

	if (!copy_list((void **)&own->loopbacks, config->loopbacks, config->loopback_count,
		       sizeof(*own->loopbacks)) ||
	    !copy_list((void **)&own->pools, config->pools, config->pool_count, sizeof(*own->pools)) ||
	    !copy_list((void **)&own->monitors, config->monitors, config->monitor_count,
		       sizeof(*own->monitors))) {
		/* Lists that were copied may be longer than their old counts, never shorter than the new. */
		srp_log(&agent->log, SRP_LOG_ERROR, "configuration not taken: out of memory");
		own->loopback_count = own->pool_count = own->monitor_count = 0;
		return;
	}
	before.loopbacks = own->loopbacks;
	before.pools = own->pools;
	before.monitors = own->monitors;
	*own = *config;
	/* What is in use, which is the one before when the wanted one failed. */
	own->bgp_driver = agent->bgp_kind;
	own->metric_base = agent->bgp_kind == SRP_BGP_METRIC ? agent->bgp_base : config->metric_base;
	own->loopbacks = before.loopbacks;
	own->pools = before.pools;
	own->monitors = before.monitors;
	/* L2 mode has its own copy. */
	own->l2_interfaces = NULL;
	own->l2_interface_count = 0;
	agent->objects_changed |= srp_l2_configure(agent->l2, config) || objects_changed;
	agent_configure_checkpoints(agent);

	/* The log is where srpd.conf wants it by now. */
	srp_memory_report(agent->memory);
	bgp_monitors_configure(agent->monitors, agent_now(agent), own->monitors, own->monitor_count);
	if (agent->bgp_status_known)
		bgp_monitors_update(agent->monitors, agent_now(agent), &agent->bgp_status);
	if (core.enabled && !agent->core.was_enabled)
		agent->loop->ops->alarm_at(agent->guard_alarm, agent_now(agent) + SRP_MONITOR_GUARD_MSEC);
	find_tiebreaker(&own->bind_address, core.tiebreaker);
	core.checksum = srp_config_check_own(agent->check, config);
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		core.local_guard[i] = guard_of(&own->local_guard[i]);
		/* The seed has none of BGP. */
		if (i != SRP_FAMILY_BGP)
			core.switchover_guard[i] = guard_of(&own->switchover_guard[i]);
	}
	agent_input(agent, &(struct srp_input){.type = SRP_IN_CONFIG, .config = &core});
	agent_health_changed(agent);
	srp_link_configure(agent->link, own);
}
