/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L2 mode without a network: lo is the segment, whose subnet 127.0.0.0/8 every host has, and frames are
 * counted in place of being sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent/desired.h"
#include "agent/l2.h"
#include "netlink/subnet.h"
#include "agent/poll_loop.h"

#define INSIDE  "127.50.0.100"
#define OUTSIDE "192.0.2.1"

static struct {
	struct srp_loop *loop;
	struct srp_l2 *l2;
	struct srp_config config;
	unsigned int sent, changed;
} test;

static int on_find(void *arg, const char *ifname, struct announcer_link *link)
{
	*link = (struct announcer_link){.ifindex = 1};
	return 0;
}

static int on_send(void *arg, int ifindex, const void *frame, size_t length)
{
	test.sent++;
	return 0;
}

static void on_changed(void *arg)
{
	test.changed++;
}

static void on_log(enum srp_log_level level, const char *text)
{
}

static void add_loopback(const char *context, const char *text)
{
	struct srp_loopback *loopback = srp_config_add_loopback(&test.config);

	assert_non_null(loopback);
	snprintf(loopback->context, sizeof(loopback->context), "%s", context);
	assert_true(srp_addr_parse(text, &loopback->prefix.addr));
	loopback->prefix.plen = loopback->prefix.addr.family == AF_INET ? 32 : 128;
}

static void add_interface(const char *context, const char *ifname)
{
	struct srp_l2_interface *interface = srp_config_add_l2_interface(&test.config);

	assert_non_null(interface);
	snprintf(interface->context, sizeof(interface->context), "%s", context);
	snprintf(interface->ifname, sizeof(interface->ifname), "%s", ifname);
	interface->interval_msec = 100;
	interface->count = 3;
}

static int set_up(void **state)
{
	static const struct srp_log log = {.write = on_log};
	static const uint8_t inside[4] = {127, 50, 0, 100};
	struct netlink_segment segment;

	memset(&test, 0, sizeof(test));
	srp_config_init(&test.config);
	test.loop = poll_loop_new();
	test.l2 = srp_l2_new(test.loop, &log,
			     &(struct srp_l2_callbacks){.changed = on_changed,
							.announcer = {.find = on_find, .send = on_send}});
	if (!test.loop || !test.l2)
		return -1;
	/* A namespace whose lo is down has nothing to look at. */
	*state =
		netlink_segment_read("lo", &segment) == 0 && netlink_segment_covers(&segment, AF_INET, inside)
			? &test
			: NULL;
	return 0;
}

static int tear_down(void **state)
{
	srp_l2_free(test.l2);
	poll_loop_free(test.loop);
	srp_config_clear(&test.config);
	return 0;
}

static void need_lo(void **state)
{
	if (!*state)
		skip();
}

/* The usual configuration: one address inside, one outside. */
static void configure(void)
{
	add_loopback("default", OUTSIDE);
	add_loopback("default", INSIDE);
	add_interface("default", "lo");
	assert_true(srp_l2_configure(test.l2, &test.config));
}

static void an_address_is_announced_where_it_lies_in_a_subnet_of_its_context(void **state)
{
	need_lo(state);
	configure();
	assert_int_equal(srp_l2_spots(test.l2)->count, 1);
	assert_int_equal(srp_l2_spots(test.l2)->list[0].loopback, 1);
	assert_string_equal(srp_l2_spots(test.l2)->list[0].ifname, "lo");
	assert_false(srp_l2_configure(test.l2, &test.config));
	snprintf(test.config.loopbacks[1].context, sizeof(test.config.loopbacks[1].context), "red");
	assert_true(srp_l2_configure(test.l2, &test.config));
	assert_int_equal(srp_l2_spots(test.l2)->count, 0);
}

static void nothing_is_announced_without_an_interface(void **state)
{
	add_loopback("default", INSIDE);
	assert_false(srp_l2_configure(test.l2, &test.config));
	srp_l2_update(test.l2, &(struct srp_l2_facts){.announce = true, .in_kernel = true});
	assert_int_equal(srp_l2_spots(test.l2)->count, 0);
	assert_int_equal(test.sent, 0);
}

/* Each of these begins a round, whose first pass is one request and one reply. */
static void each_reason_to_announce_begins_a_round(void **state)
{
	struct srp_l2_facts facts = {.in_kernel = true, .peer_serves = true};

	need_lo(state);
	configure();
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 0);
	facts.announce = true;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 2);
	facts.active = true;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 4);
	facts.peer_serves = false;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 6);
	facts.assertions++;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 8);
	/* Nothing new, or nothing that matters. */
	srp_l2_update(test.l2, &facts);
	facts.peer_serves = true;
	srp_l2_update(test.l2, &facts);
	facts.active = false;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 8);
}

static void a_round_waits_for_the_kernel_and_is_repeated(void **state)
{
	struct srp_l2_facts facts = {.announce = true};

	need_lo(state);
	configure();
	srp_l2_update(test.l2, &facts);
	poll_loop_for(test.loop, 50);
	assert_int_equal(test.sent, 0);
	facts.in_kernel = true;
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 2);
	poll_loop_for(test.loop, 500);
	assert_int_equal(test.sent, 6);
}

static void a_chassis_that_serves_no_longer_is_silent(void **state)
{
	need_lo(state);
	configure();
	srp_l2_update(test.l2, &(struct srp_l2_facts){.announce = true, .in_kernel = true});
	srp_l2_update(test.l2, &(struct srp_l2_facts){.in_kernel = true});
	poll_loop_for(test.loop, 300);
	assert_int_equal(test.sent, 2);
}

static void an_address_that_comes_while_serving_is_announced(void **state)
{
	struct srp_l2_facts facts = {.announce = true, .active = true, .in_kernel = true};

	need_lo(state);
	add_loopback("default", OUTSIDE);
	add_interface("default", "lo");
	assert_false(srp_l2_configure(test.l2, &test.config));
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 0);
	add_loopback("default", INSIDE);
	assert_true(srp_l2_configure(test.l2, &test.config));
	srp_l2_update(test.l2, &facts);
	assert_int_equal(test.sent, 2);
	/* What the kernel tells changes nothing here, so nobody is told. */
	srp_l2_interface_changed(test.l2, 0, "");
	srp_l2_interface_changed(test.l2, 999999, "no-such-if");
	poll_loop_for(test.loop, 50);
	assert_int_equal(test.changed, 0);
}

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value;
}

static void what_was_sent_and_what_is_wrong_is_shown(void **state)
{
	struct json_object *info, *first, *second;

	need_lo(state);
	add_loopback("default", INSIDE);
	add_interface("default", "lo");
	add_interface("red", "no-such-if");
	assert_true(srp_l2_configure(test.l2, &test.config));
	srp_l2_update(test.l2, &(struct srp_l2_facts){.announce = true, .in_kernel = true});
	info = srp_l2_info(test.l2);
	assert_int_equal(json_object_array_length(member(info, "interfaces")), 2);
	first = json_object_array_get_idx(member(info, "interfaces"), 0);
	second = json_object_array_get_idx(member(info, "interfaces"), 1);
	assert_string_equal(json_object_get_string(member(first, "name")), "lo");
	assert_int_equal(json_object_get_int(member(first, "repeatsLeft")), 2);
	assert_int_equal(json_object_get_int(member(second, "addresses")), 0);
	assert_string_equal(json_object_get_string(member(second, "warning")), "No such device");
	assert_string_equal(json_object_get_string(member(info, "warning")), "no-such-if: No such device");
	assert_null(member(info, "lastError"));
	assert_non_null(member(info, "lastSentEpochMsecs"));
	json_object_put(info);
}

/* --- what the kernel is told --- */

static const struct srp_l2_spots *two_spots(void)
{
	static struct srp_l2_spot list[] = {{.loopback = 1, .ifname = "eth0"},
					    {.loopback = 2, .ifname = "eth0", .on_interface = true}};
	static const struct srp_l2_spots spots = {.list = list, .count = 2};

	add_loopback("default", OUTSIDE);
	add_loopback("default", INSIDE);
	add_loopback("default", "2001:db8:50::100");
	return &spots;
}

static size_t count_objects(const struct srp_desired *desired, const struct srp_l2_spots *spots,
			    size_t *on_interface)
{
	struct reconciler_object *objects;
	size_t count;

	objects = srp_desired_objects(&test.config, desired, spots, &count);
	assert_non_null(objects);
	*on_interface = 0;
	for (size_t i = 0; i < count; i++)
		*on_interface += strcmp(objects[i].ifname, "eth0") == 0;
	free(objects);
	return count;
}

static void an_address_that_the_kernel_would_not_answer_for_is_on_the_interface_too(void **state)
{
	const struct srp_l2_spots *spots = two_spots(), none = {0};
	size_t on_interface;

	assert_int_equal(count_objects(&(struct srp_desired){.serve = true, .install = true}, spots,
				       &on_interface),
			 4);
	assert_int_equal(on_interface, 1);
	assert_int_equal(count_objects(&(struct srp_desired){.hold = true}, spots, &on_interface), 4);
	assert_int_equal(count_objects(&(struct srp_desired){.serve = true, .install = true}, &none,
				       &on_interface),
			 3);
	assert_int_equal(on_interface, 0);
}

static void what_is_on_a_segment_does_not_drain(void **state)
{
	const struct srp_l2_spots *spots = two_spots(), none = {0};
	struct srp_desired drains = {.install = true};
	size_t on_interface;

	assert_int_equal(count_objects(&drains, spots, &on_interface), 1);
	assert_int_equal(on_interface, 0);
	assert_int_equal(count_objects(&drains, &none, &on_interface), 3);
	assert_int_equal(srp_desired_mode(&test.config, &drains, spots), RECONCILER_ENFORCE);
	drains.keep = true;
	assert_int_equal(srp_desired_mode(&test.config, &drains, spots), RECONCILER_DRAIN);
	assert_int_equal(srp_desired_mode(&test.config, &drains, &none), RECONCILER_HOLD);
	drains.hold = true;
	assert_int_equal(srp_desired_mode(&test.config, &drains, spots), RECONCILER_HOLD);
	assert_int_equal(count_objects(&(struct srp_desired){0}, spots, &on_interface), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_address_is_announced_where_it_lies_in_a_subnet_of_its_context),
		TEST(nothing_is_announced_without_an_interface),
		TEST(each_reason_to_announce_begins_a_round),
		TEST(a_round_waits_for_the_kernel_and_is_repeated),
		TEST(a_chassis_that_serves_no_longer_is_silent),
		TEST(an_address_that_comes_while_serving_is_announced),
		TEST(what_was_sent_and_what_is_wrong_is_shown),
		TEST(an_address_that_the_kernel_would_not_answer_for_is_on_the_interface_too),
		TEST(what_is_on_a_segment_does_not_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
