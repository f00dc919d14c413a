/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When audits are due. Times are of 2026 in a time zone with summer time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "agent/audit_clock.h"

static int64_t at(int month, int day, int hour, int minute)
{
	struct tm tm = {
		.tm_year = 126, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute};

	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

static void every_day_at_its_time(void **state)
{
	struct srp_audit_schedule six = {.daily = true, .hour = 6};

	(void)state;
	assert_int_equal(srp_audit_next(&six, at(11, 25, 5, 59), 0), at(11, 25, 6, 0));
	assert_int_equal(srp_audit_next(&six, at(11, 25, 6, 0), 0), at(11, 26, 6, 0));
	assert_int_equal(srp_audit_next(&six, at(12, 31, 23, 0), 0), at(12, 31, 23, 0) + 7 * 3600);
	/* The night that is an hour longer, and the one that is shorter. */
	assert_int_equal(srp_audit_next(&six, at(10, 24, 12, 0), 0), at(10, 25, 6, 0));
	assert_int_equal(srp_audit_next(&six, at(3, 28, 12, 0), 0), at(3, 29, 6, 0));
}

static void every_so_often(void **state)
{
	struct srp_audit_schedule ninety = {.periodicity_min = 90}, none = {0};
	int64_t start = at(11, 25, 10, 0);

	(void)state;
	assert_int_equal(srp_audit_next(&none, start, start), 0);
	assert_int_equal(srp_audit_next(&ninety, start, start), start + 90 * 60);
	assert_int_equal(srp_audit_next(&ninety, start + 90 * 60, start), start + 180 * 60);
	assert_int_equal(srp_audit_next(&ninety, start + 100 * 60, start), start + 180 * 60);
	/* The clock was set back behind the start. */
	assert_int_equal(srp_audit_next(&ninety, start - 50, start), start);
}

/* Seed: "every 90 minutes beginning at the specified start time". */
static void the_period_begins_at_the_daily_time(void **state)
{
	struct srp_audit_schedule both = {.daily = true, .hour = 6, .periodicity_min = 90};

	(void)state;
	assert_int_equal(srp_audit_next(&both, at(11, 25, 6, 0), 1), at(11, 25, 7, 30));
	assert_int_equal(srp_audit_next(&both, at(11, 25, 5, 30), 1), at(11, 25, 6, 0));
	assert_int_equal(srp_audit_next(&both, at(11, 25, 1, 0), 1), at(11, 25, 1, 30));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_at_its_time),
		cmocka_unit_test(every_so_often),
		cmocka_unit_test(the_period_begins_at_the_daily_time),
	};

	/* As text: the machine may have no time zones installed. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
