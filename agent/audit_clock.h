/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the next audit of the checkpoints is due (seed, "Subscriber State Management Audit Process"). No clock here. */
#ifndef SRP_AUDIT_CLOCK_H
#define SRP_AUDIT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct srp_audit_schedule {
	bool daily;
	uint8_t hour, minute;     /* local time */
	uint32_t periodicity_min; /* 0: none; counted from the daily time where there is one */
};

/*
 * The first audit after `now`, s since 1970; 0: none is scheduled. `since`: from when on the period counts where there
 * is no daily time. Hours follow the time zone of the process.
 */
int64_t srp_audit_next(const struct srp_audit_schedule *schedule, int64_t now, int64_t since);
/* The same of one of the two schedulers alone. */
int64_t srp_audit_next_daily(const struct srp_audit_schedule *schedule, int64_t now);
int64_t srp_audit_next_periodic(const struct srp_audit_schedule *schedule, int64_t now, int64_t since);

#endif
