/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bgp_monitor.h. */
#include "agent/bgp_monitor.h"

#include <stdio.h>
#include <string.h>

static bool same_monitor(const struct srp_bgp_monitor *a, const struct srp_bgp_monitor *b)
{
	return strcmp(a->context, b->context) == 0 && srp_addr_equal(&a->addr, &b->addr) &&
	       strcmp(a->ifname, b->ifname) == 0;
}

/* The core numbers contexts: that of the first monitor with the same name. */
static uint16_t context_number(const struct bgp_monitors *monitors, size_t upto, const char *name)
{
	size_t i = 0;

	while (i < upto && strcmp(monitors->list[i].config.context, name) != 0)
		i++;
	return (uint16_t)i;
}

void bgp_monitors_configure(struct bgp_monitors *monitors, uint64_t now, const struct srp_bgp_monitor *list,
			    size_t count)
{
	static struct bgp_monitors before; /* some 40 KB: not for the stack; one thread */

	before = *monitors;
	monitors->count = count < SRP_MONITORS_MAX ? count : SRP_MONITORS_MAX;
	for (size_t i = 0; i < monitors->count; i++) {
		struct bgp_monitor *monitor = &monitors->list[i];
		struct srp_monitor *state = &monitors->states[i];

		*monitor = (struct bgp_monitor){.config = list[i], .since = now};
		state->state = monitors->guard_over ? SRP_MONITOR_DOWN : SRP_MONITOR_UNKNOWN;
		for (size_t j = 0; j < before.count; j++) {
			if (!same_monitor(&before.list[j].config, &list[i]))
				continue;
			monitor->was_up = before.list[j].was_up;
			monitor->since = before.list[j].since;
			state->state = before.states[j].state;
		}
		state->context = context_number(monitors, i, list[i].context);
		state->group = list[i].group;
	}
}

static bool is_established(const struct srp_bgp_monitor *config, const struct bgp_ipc_status *status)
{
	for (size_t i = 0; status && i < status->peer_count; i++) {
		const struct bgp_ipc_peer *peer = &status->peers[i];

		if (strcmp(peer->context, config->context) != 0)
			continue;
		if (config->addr.family ? srp_addr_equal(&peer->addr, &config->addr)
					: strcmp(peer->ifname, config->ifname) == 0)
			return peer->established;
	}
	return false;
}

static bool set_state(struct bgp_monitors *monitors, size_t index, uint64_t now, enum srp_monitor_state state)
{
	if (monitors->states[index].state == state)
		return false;
	monitors->states[index].state = state;
	monitors->list[index].since = now;
	return true;
}

bool bgp_monitors_update(struct bgp_monitors *monitors, uint64_t now, const struct bgp_ipc_status *status)
{
	bool changed = false;

	for (size_t i = 0; i < monitors->count; i++) {
		struct bgp_monitor *monitor = &monitors->list[i];
		enum srp_monitor_state state;

		if (is_established(&monitor->config, status)) {
			monitor->was_up = true;
			state = SRP_MONITOR_UP;
		} else {
			state = monitor->was_up || monitors->guard_over ? SRP_MONITOR_DOWN
									: SRP_MONITOR_UNKNOWN;
		}
		changed |= set_state(monitors, i, now, state);
	}
	return changed;
}

bool bgp_monitors_guard_over(struct bgp_monitors *monitors, uint64_t now)
{
	bool changed = false;

	monitors->guard_over = true;
	for (size_t i = 0; i < monitors->count; i++)
		if (monitors->states[i].state == SRP_MONITOR_UNKNOWN)
			changed |= set_state(monitors, i, now, SRP_MONITOR_DOWN);
	return changed;
}

const char *bgp_monitor_peer_name(const struct srp_bgp_monitor *config, char buf[static SRP_ADDR_STRLEN])
{
	if (!config->addr.family)
		snprintf(buf, SRP_ADDR_STRLEN, "%s", config->ifname);
	else
		srp_addr_format(&config->addr, buf);
	return buf;
}
