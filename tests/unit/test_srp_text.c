/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text forms of `show srp ...` from the objects of the json forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "frr-integration/srp_text.h"

#define NOW 1482936403 /* Wed Dec 28 14:46:43 2016 UTC */

enum what { INFO, MONITORS, STATISTICS, VALIDATION };

static char *text_of(enum what what, const char *json)
{
	struct json_object *object = json_tokener_parse(json);
	char *text = what == INFO         ? srp_text_info(object, NOW)
		     : what == MONITORS   ? srp_text_monitors(object)
		     : what == STATISTICS ? srp_text_statistics(object)
					  : srp_text_validation(object);

	assert_non_null(text);
	json_object_put(object);
	return text;
}

/* Each of the lines is in the text, as a whole line, in this order. */
#define assert_lines(what, json, ...)                                                      \
	do {                                                                               \
		const char *const lines[] = {__VA_ARGS__};                                 \
		char *text = text_of(what, json), *at = text;                              \
		for (size_t l = 0; l < sizeof(lines) / sizeof(lines[0]); l++) {            \
			char line[128];                                                    \
			snprintf(line, sizeof(line), "%s\n", lines[l]);                    \
			at = strstr(at, line);                                             \
			if (!at)                                                           \
				fail_msg("no \"%s\" in its place in\n%s", lines[l], text); \
			at += strlen(line);                                                \
		}                                                                          \
		free(text);                                                                \
	} while (0)

static void labels_are_staros_ones_in_their_order(void **state)
{
	assert_lines(INFO,
		     "{\"context\":\"default\",\"localAddress\":\"10.0.0.1\",\"chassisState\":\"Active\","
		     "\"chassisMode\":\"Primary\",\"chassisPriority\":1,\"routeModifier\":2,"
		     "\"peerState\":\"Standby\",\"connectionState\":\"Connected\"}",
		     "Service Redundancy Protocol:", "Context:                            default",
		     "Local Address:                      10.0.0.1",
		     "Chassis State:                      Active",
		     "Chassis Mode:                       Primary", "Chassis Priority:                   1",
		     "Route-Modifier:                     2", "Peer State:                         Standby",
		     "Connection State:                   Connected");
}

static void what_is_not_known_is_a_dash(void **state)
{
	assert_lines(INFO, "{\"peerState\":null,\"kernel\":null,\"bgp\":{\"error\":null}}",
		     "Peer State:                         -", "AS-Path Prepend:                    -",
		     "Kernel:", "  Mode:                             -",
		     "BGP:", "  Error:                            -");
}

static void ages_are_shown_as_a_date_and_as_seconds(void **state)
{
	assert_lines(INFO, "{\"lastHelloReceivedMsecs\":4321}",
		     "Last Hello Message received:        Wed Dec 28 14:46:38 2016 (5 seconds ago)");
	assert_lines(INFO, "{\"lastSwitchoverEpochMsecs\":1482936300500}",
		     "Last Switchover:                    Wed Dec 28 14:45:00 2016 (103 seconds ago)");
}

static void intervals_are_in_the_unit_they_were_given_in(void **state)
{
	assert_lines(INFO, "{\"helloIntervalMsecs\":20,\"deadIntervalMsecs\":30000,\"delayIntervalSecs\":5}",
		     "Hello Interval:                     20 msec",
		     "Dead Interval:                      30 seconds",
		     "Delay Interval:                     5 seconds");
}

static void monitors_are_listed_by_context_and_group(void **state)
{
	assert_lines(MONITORS,
		     "{\"failed\":true,\"ready\":true,\"contexts\":{\"default\":{\"groups\":["
		     "{\"group\":1,\"state\":\"Down\",\"failed\":true,\"peers\":["
		     "{\"address\":\"10.1.1.2\",\"interface\":null,\"state\":\"Down\",\"sinceMsecs\":4200}]},"
		     "{\"group\":null,\"state\":\"Up\",\"failed\":false,\"peers\":["
		     "{\"address\":null,\"interface\":\"eth0\",\"state\":\"Up\",\"sinceMsecs\":99}]}]}}}",
		     "BGP Monitors:", "Monitors Failed:                    Yes",
		     "Context default, group 1: Down, failed",
		     "  10.1.1.2                                 Down     4 seconds",
		     "Context default, ungrouped: Up",
		     "  eth0                                     Up       0 seconds");
	assert_lines(MONITORS, "{\"failed\":false,\"ready\":true,\"contexts\":{}}",
		     "No monitors are configured");
}

static void counters_are_printed_whatever_they_are_called(void **state)
{
	assert_lines(STATISTICS,
		     "{\"peerLink\":{\"hellosSent\":12},\"switchovers\":{\"total\":1,\"byReason\":{}}}",
		     "Peer Link:", "  Hellos Sent:                      12",
		     "Switchovers:", "  Total:                            1", "  By Reason: -");
}

static void a_switchover_under_way_is_shown_with_what_may_pass(void **state)
{
	assert_lines(INFO,
		     "{\"switchoverPhase\":\"Post-Process\",\"switchoverOrder\":\"withdraw-first\","
		     "\"lastSwitchoverAttempt\":null,\"handOverError\":null,"
		     "\"trafficGate\":{\"imsData\":true,\"nonImsData\":false,\"control\":false},"
		     "\"witness\":{\"intervalMsecs\":500,\"peerHeard\":true,\"waiting\":false}}",
		     "Switchover Phase:                   Post-Process",
		     "Switchover Order:                   withdraw-first",
		     "Last Switchover Attempt:            -", "Hand-Over Error:                    -",
		     "Traffic Gate:", "  IMS Data:                         Yes",
		     "  Non-IMS Data:                     No", "  Control:                          No",
		     "Witness:", "  Interval:                         500 msec",
		     "  Peer Heard:                       Yes", "  Waiting:                          No");
}

static void differences_of_the_configurations_say_where_each_is(void **state)
{
	assert_lines(
		VALIDATION,
		"{\"result\":\"different\",\"localChecksum\":\"01\",\"peerChecksum\":\"02\",\"differences\":["
		"{\"item\":\"port 4545\",\"where\":\"local\"},{\"item\":\"port 4546\",\"where\":\"peer\"}]}",
		"Configuration of both chassis:      different", "Local Checksum:                     01",
		"Peer Checksum:                      02", "  only here     : port 4545",
		"  only at peer  : port 4546");
	assert_lines(VALIDATION,
		     "{\"result\":\"different\",\"localChecksum\":\"01\",\"peerChecksum\":\"02\","
		     "\"differences\":null}",
		     "The peer's items are being fetched: ask again");
	assert_lines(VALIDATION, "{\"result\":\"same\",\"localChecksum\":\"01\",\"peerChecksum\":\"01\"}",
		     "Configuration of both chassis:      same");
}

static void an_object_that_is_not_what_was_expected_breaks_nothing(void **state)
{
	static const char *const odd[] = {"null",
					  "{}",
					  "[]",
					  "{\"kernel\":3,\"bgp\":[1]}",
					  "{\"contexts\":{\"a\":{}}}",
					  "{\"contexts\":{\"a\":{\"groups\":[{}]}}}"};

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		for (enum what what = INFO; what <= VALIDATION; what++) {
			free(text_of(what, odd[i]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_are_staros_ones_in_their_order),
		cmocka_unit_test(what_is_not_known_is_a_dash),
		cmocka_unit_test(ages_are_shown_as_a_date_and_as_seconds),
		cmocka_unit_test(intervals_are_in_the_unit_they_were_given_in),
		cmocka_unit_test(monitors_are_listed_by_context_and_group),
		cmocka_unit_test(counters_are_printed_whatever_they_are_called),
		cmocka_unit_test(a_switchover_under_way_is_shown_with_what_may_pass),
		cmocka_unit_test(differences_of_the_configurations_say_where_each_is),
		cmocka_unit_test(an_object_that_is_not_what_was_expected_breaks_nothing),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
