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

		*monitor = (struct bgp_monitor){.since = now};
		state->state = SRP_MONITOR_UNKNOWN;
		for (size_t j = 0; j < before.count; j++) {
			if (!same_monitor(&before.list[j].config, &list[i]))
				continue;
			*monitor = before.list[j];
			state->state = before.states[j].state;
		}
		monitor->config = list[i];
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

/* When a monitor that has not settled does, ms; UINT64_MAX when it is not on the way to it. */
static uint64_t settles_at(const struct bgp_monitor *monitor)
{
	if (monitor->settled || !monitor->changed_at)
		return UINT64_MAX;
	return monitor->changed_at + SRP_MONITOR_SETTLE_MSEC;
}

void bgp_monitors_tick(struct bgp_monitors *monitors, uint64_t now)
{
	for (size_t i = 0; i < monitors->count; i++) {
		struct bgp_monitor *monitor = &monitors->list[i];
		enum srp_monitor_state state = SRP_MONITOR_UNKNOWN;

		if (monitors->guard_over || now >= settles_at(monitor))
			monitor->settled = true;
		if (monitor->settled)
			state = monitor->established ? SRP_MONITOR_UP : SRP_MONITOR_DOWN;
		if (monitors->states[i].state != state) {
			monitors->states[i].state = state;
			monitor->since = now;
		}
	}
}

uint64_t bgp_monitors_deadline(const struct bgp_monitors *monitors)
{
	uint64_t deadline = UINT64_MAX;

	for (size_t i = 0; i < monitors->count; i++)
		if (settles_at(&monitors->list[i]) < deadline)
			deadline = settles_at(&monitors->list[i]);
	return deadline;
}

void bgp_monitors_update(struct bgp_monitors *monitors, uint64_t now, const struct bgp_ipc_status *status)
{
	for (size_t i = 0; i < monitors->count; i++) {
		struct bgp_monitor *monitor = &monitors->list[i];
		bool established = is_established(&monitor->config, status);

		if (established != monitor->established)
			monitor->changed_at = now;
		/* What was up before srpd came has settled long ago. */
		if (established && !monitors->spoken)
			monitor->settled = true;
		monitor->established = established;
	}
	if (status)
		monitors->spoken = true;
	bgp_monitors_tick(monitors, now);
}

void bgp_monitors_guard_over(struct bgp_monitors *monitors, uint64_t now)
{
	monitors->guard_over = true;
	bgp_monitors_tick(monitors, now);
}

const char *bgp_monitor_peer_name(const struct srp_bgp_monitor *config, char buf[static SRP_ADDR_STRLEN])
{
	if (!config->addr.family)
		snprintf(buf, SRP_ADDR_STRLEN, "%s", config->ifname);
	else
		srp_addr_format(&config->addr, buf);
	return buf;
}
