/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups of monitors, see monitor.h. At most 256 monitors: the quadratic walk is a few microseconds. */
#include "agent/core/monitor.h"

const char *srp_monitor_state_name(enum srp_monitor_state state)
{
	switch (state) {
	case SRP_MONITOR_UP:
		return "Up";
	case SRP_MONITOR_DOWN:
		return "Down";
	case SRP_MONITOR_UNKNOWN:
		break;
	}
	return "Unknown";
}

enum srp_monitor_state srp_monitor_group_state(const struct srp_monitor *monitors, size_t count, size_t index)
{
	bool unknown = false;

	for (size_t i = 0; i < count; i++) {
		if (monitors[i].context != monitors[index].context ||
		    monitors[i].group != monitors[index].group)
			continue;
		if (monitors[i].state == SRP_MONITOR_UP)
			return SRP_MONITOR_UP;
		if (monitors[i].state == SRP_MONITOR_UNKNOWN)
			unknown = true;
	}
	return unknown ? SRP_MONITOR_UNKNOWN : SRP_MONITOR_DOWN;
}

struct srp_monitor_health srp_monitor_health(const struct srp_monitor *monitors, size_t count)
{
	struct srp_monitor_health health = {.ready = true};

	for (size_t i = 0; i < count; i++) {
		enum srp_monitor_state state = srp_monitor_group_state(monitors, count, i);

		if (state != SRP_MONITOR_UP)
			health.ready = false;
		if (state == SRP_MONITOR_DOWN && !health.failed) {
			health.failed = true;
			health.failed_context = monitors[i].context;
			health.failed_group = monitors[i].group;
		}
	}
	return health;
}
