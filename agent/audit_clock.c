/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See audit_clock.h. */
#include "agent/audit_clock.h"

#include <time.h>

/* The daily time of the day that `now` is in, `days` later. */
static int64_t daily_at(const struct srp_audit_schedule *schedule, int64_t now, int days)
{
	time_t when = (time_t)now;
	struct tm local;

	localtime_r(&when, &local);
	local.tm_hour = schedule->hour;
	local.tm_min = schedule->minute;
	local.tm_sec = 0;
	local.tm_mday += days;
	/* Whether it is summer then is for mktime() to say. */
	local.tm_isdst = -1;
	return (int64_t)mktime(&local);
}

int64_t srp_audit_next_daily(const struct srp_audit_schedule *schedule, int64_t now)
{
	int64_t today;

	if (!schedule->daily)
		return 0;
	today = daily_at(schedule, now, 0);
	return today > now ? today : daily_at(schedule, now, 1);
}

int64_t srp_audit_next_periodic(const struct srp_audit_schedule *schedule, int64_t now, int64_t since)
{
	int64_t period = (int64_t)schedule->periodicity_min * 60;

	if (!period)
		return 0;
	if (schedule->daily) {
		since = daily_at(schedule, now, 0);
		if (since > now)
			since = daily_at(schedule, now, -1);
	}
	if (since > now)
		return since;
	return since + ((now - since) / period + 1) * period;
}

int64_t srp_audit_next(const struct srp_audit_schedule *schedule, int64_t now, int64_t since)
{
	int64_t daily = srp_audit_next_daily(schedule, now);
	int64_t periodic = srp_audit_next_periodic(schedule, now, since);

	if (!daily || !periodic)
		return daily ? daily : periodic;
	return daily < periodic ? daily : periodic;
}
