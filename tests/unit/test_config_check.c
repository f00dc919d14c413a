/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration check: two chassis that ask each other for their lines, and what they find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "agent/config_check.h"
#include "agent/poll_loop.h"

struct chassis {
	struct srp_config config;
	struct srp_config_check *check;
	struct chassis *peer;
	unsigned int sent;
	bool deaf; /* what is sent to it is lost */
};

struct fixture {
	struct srp_loop *loop;
	struct chassis a, b;
};

/* Handed over as it is sent: one page is one exchange deep. */
static void on_send(void *arg, const struct srp_message *message)
{
	struct chassis *from = arg;

	from->sent++;
	if (!from->peer->deaf)
		srp_config_check_message(from->peer->check, message);
}

static void add_pool(struct srp_config *config, const char *name, const char *address, uint8_t plen)
{
	struct srp_pool *pool = srp_config_add_pool(config);

	assert_non_null(pool);
	snprintf(pool->context, sizeof(pool->context), "default");
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	assert_true(srp_addr_parse(address, &pool->prefix.addr));
	pool->prefix.plen = plen;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct chassis *all[2] = {&fixture->a, &fixture->b};

	fixture->loop = poll_loop_new();
	for (int i = 0; i < 2; i++) {
		srp_config_init(&all[i]->config);
		all[i]->peer = all[!i];
		all[i]->check = srp_config_check_new(fixture->loop, on_send, all[i]);
		add_pool(&all[i]->config, "one", "10.1.0.0", 16);
		add_pool(&all[i]->config, "two", "10.2.0.0", 16);
	}
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	srp_config_check_free(fixture->a.check);
	srp_config_check_free(fixture->b.check);
	srp_config_clear(&fixture->a.config);
	srp_config_clear(&fixture->b.config);
	poll_loop_free(fixture->loop);
	free(fixture);
	return 0;
}

/* Both take their configuration, and hear the other's checksum. */
static void compare(struct fixture *fixture)
{
	uint64_t a = srp_config_check_own(fixture->a.check, &fixture->a.config);
	uint64_t b = srp_config_check_own(fixture->b.check, &fixture->b.config);

	srp_config_check_peer(fixture->a.check, b);
	srp_config_check_peer(fixture->b.check, a);
}

/* The result as compact JSON, in a buffer that is good until the next call. */
static const char *result_of(const struct chassis *chassis, const char *key)
{
	struct json_object *result = srp_config_check_result(chassis->check), *value;
	static char text[4096];

	assert_true(json_object_object_get_ex(result, key, &value));
	snprintf(text, sizeof(text), "%s",
		 value ? json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
								       JSON_C_TO_STRING_NOSLASHESCAPE)
		       : "null");
	json_object_put(result);
	return text;
}

static void equal_configurations_ask_nothing(void **state)
{
	struct fixture *fixture = *state;

	/* What is each chassis' own does not count. */
	fixture->a.config.mode = SRP_MODE_PRIMARY;
	fixture->a.config.priority = 1;
	srp_addr_parse("10.9.9.9", &fixture->a.config.pools[0].nexthop);
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "result"), "\"same\"");
	assert_int_equal(fixture->a.sent + fixture->b.sent, 0);
}

static void a_silent_peer_is_unknown(void **state)
{
	struct fixture *fixture = *state;

	srp_config_check_own(fixture->a.check, &fixture->a.config);
	assert_string_equal(result_of(&fixture->a, "result"), "\"unknown\"");
}

static void the_driver_counts_when_it_is_not_the_usual_one(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.config.metric_base = 1000;
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "result"), "\"same\"");
	fixture->a.config.bgp_driver = SRP_BGP_METRIC;
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "differences"),
			    "[{\"item\":\"bgp driver metric base 1000\",\"where\":\"local\"}]");
}

static void each_difference_is_named_with_its_side(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.config.hello_msec = 100;
	add_pool(&fixture->b.config, "three", "10.3.0.0", 16);
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "result"), "\"different\"");
	assert_string_equal(
		result_of(&fixture->a, "differences"),
		"[{\"item\":\"context default pool three 10.3.0.0/16 class non-ims\",\"where\":\"peer\"},"
		"{\"item\":\"hello-interval 100 msec\",\"where\":\"local\"},"
		"{\"item\":\"hello-interval 10000 msec\",\"where\":\"peer\"}]");
	/* Mended, it is the same again, and nothing more is asked. */
	fixture->a.config.hello_msec = SRP_HELLO_MSEC_DEFAULT;
	add_pool(&fixture->a.config, "three", "10.3.0.0", 16);
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "result"), "\"same\"");
}

static void the_order_of_pools_counts(void **state)
{
	struct fixture *fixture = *state;
	struct srp_pool first = fixture->b.config.pools[0];

	fixture->b.config.pools[0] = fixture->b.config.pools[1];
	fixture->b.config.pools[1] = first;
	compare(fixture);
	assert_string_equal(
		result_of(&fixture->a, "differences"),
		"[{\"item\":\"context default pool one 10.1.0.0/16 class non-ims\",\"where\":\"order\"}]");
}

static void monitors_are_compared_by_group_not_by_peer(void **state)
{
	struct fixture *fixture = *state;
	struct chassis *all[2] = {&fixture->a, &fixture->b};

	for (int i = 0; i < 2; i++) {
		for (int n = 0; n < 2; n++) {
			struct srp_bgp_monitor *monitor = srp_config_add_monitor(&all[i]->config);

			snprintf(monitor->context, sizeof(monitor->context), "default");
			srp_addr_parse(i ? "10.0.0.1" : "10.0.0.2", &monitor->addr);
			monitor->group = 1;
		}
	}
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "result"), "\"same\"");
	fixture->b.config.monitors[1].group = 0;
	compare(fixture);
	assert_string_equal(result_of(&fixture->a, "differences"),
			    "[{\"item\":\"monitor bgp context default group 1 peers 1\",\"where\":\"peer\"},"
			    "{\"item\":\"monitor bgp context default group 1 peers 2\",\"where\":\"local\"},"
			    "{\"item\":\"monitor bgp context default peers 1\",\"where\":\"peer\"}]");
}

static void thousands_of_lines_come_page_by_page(void **state)
{
	struct fixture *fixture = *state;
	char name[16], address[16];

	for (int i = 0; i < 4000; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		snprintf(address, sizeof(address), "100.%d.%d.0", 64 + i / 256, i % 256);
		add_pool(&fixture->a.config, name, address, 24);
		if (i != 1234)
			add_pool(&fixture->b.config, name, address, 24);
	}
	compare(fixture);
	assert_true(fixture->b.sent > 100);
	assert_string_equal(result_of(&fixture->a, "differences"),
			    "[{\"item\":\"context default pool p1234 100.68.210.0/24 class "
			    "non-ims\",\"where\":\"local\"}]");
}

static bool has_differences(void *arg)
{
	return strcmp(result_of(arg, "differences"), "null") != 0;
}

static void a_lost_page_is_asked_for_again(void **state)
{
	struct fixture *fixture = *state;

	fixture->a.config.threshold = 5;
	fixture->b.deaf = true;
	compare(fixture);
	assert_false(has_differences(&fixture->a));
	fixture->b.deaf = false;
	assert_true(poll_loop_until(fixture->loop, has_differences, &fixture->a, 5000));
}

static void pages_that_make_no_sense_do_no_harm(void **state)
{
	struct fixture *fixture = *state;
	struct srp_message page = {.type = SRP_MSG_CONFIG_PAGE,
				   .request_id = 1,
				   .checksum = 5,
				   .line_count = 3};

	fixture->b.deaf = true;
	fixture->a.config.threshold = 5;
	compare(fixture);
	/* Another line than the one asked for, another request, far too many lines. */
	page.line = 7;
	srp_config_check_message(fixture->a.check, &page);
	page.line = 0;
	page.request_id = 77;
	srp_config_check_message(fixture->a.check, &page);
	page.request_id = 1;
	page.line_count = UINT32_MAX;
	srp_config_check_message(fixture->a.check, &page);
	/* An empty page is no reason to ask at once. */
	page.line_count = 3;
	fixture->a.sent = 0;
	srp_config_check_message(fixture->a.check, &page);
	assert_int_equal(fixture->a.sent, 0);
	assert_false(has_differences(&fixture->a));
	fixture->b.deaf = false;
	assert_true(poll_loop_until(fixture->loop, has_differences, &fixture->a, 5000));
}

static void a_request_beyond_the_end_gets_an_empty_page(void **state)
{
	struct fixture *fixture = *state;
	struct srp_message request = {.type = SRP_MSG_CONFIG_REQUEST, .line = UINT32_MAX};

	compare(fixture);
	srp_config_check_message(fixture->b.check, &request);
	assert_int_equal(fixture->b.sent, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(equal_configurations_ask_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_silent_peer_is_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_driver_counts_when_it_is_not_the_usual_one, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_difference_is_named_with_its_side, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_order_of_pools_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(monitors_are_compared_by_group_not_by_peer, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(thousands_of_lines_come_page_by_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_page_is_asked_for_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pages_that_make_no_sense_do_no_harm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_request_beyond_the_end_gets_an_empty_page, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
