/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which configurations are refused, and whether the refusal names the values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/bgp_ipc.h"
#include "agent/core/monitor.h"
#include "frr-integration/srp_check.h"

static struct srp_addr addr(const char *text)
{
	struct srp_addr parsed;

	assert_true(srp_addr_parse(text, &parsed));
	return parsed;
}

static struct srp_prefix prefix(const char *text, uint8_t plen)
{
	return (struct srp_prefix){.addr = addr(text), .plen = plen};
}

static void add_loopback(struct srp_config *config, const char *context, const char *name, const char *text,
			 uint8_t plen)
{
	struct srp_loopback *loopback = srp_config_add_loopback(config);

	assert_non_null(loopback);
	snprintf(loopback->context, sizeof(loopback->context), "%s", context);
	snprintf(loopback->name, sizeof(loopback->name), "%s", name);
	loopback->prefix = prefix(text, plen);
}

static struct srp_pool *add_pool(struct srp_config *config, const char *context, const char *name,
				 const char *text, uint8_t plen)
{
	struct srp_pool *pool = srp_config_add_pool(config);

	assert_non_null(pool);
	snprintf(pool->context, sizeof(pool->context), "%s", context);
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	pool->prefix = prefix(text, plen);
	return pool;
}

/* The configuration is refused, and the refusal has all of the words; then it is cleared. */
#define assert_refused(config, ...)                                                   \
	do {                                                                          \
		const char *const words[] = {__VA_ARGS__};                            \
		char refusal[SRP_CHECK_ERROR_LEN] = "";                               \
		assert_false(srp_check_objects(&(config), refusal, sizeof(refusal))); \
		for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)         \
			if (!strstr(refusal, words[w]))                               \
				fail_msg("no \"%s\" in \"%s\"", words[w], refusal);   \
		srp_config_clear(&(config));                                          \
	} while (0)

#define assert_taken(config)                                                 \
	do {                                                                 \
		char refusal[SRP_CHECK_ERROR_LEN] = "";                      \
		if (!srp_check_objects(&(config), refusal, sizeof(refusal))) \
			fail_msg("refused: %s", refusal);                    \
	} while (0)

static void the_defaults_are_taken(void **state)
{
	char error[SRP_CHECK_ERROR_LEN];
	struct srp_config config;

	srp_config_init(&config);
	assert_taken(config);
	assert_true(srp_check_timers(&config, error, sizeof(error)));
}

static void a_dead_interval_is_at_least_three_hello_intervals(void **state)
{
	char error[SRP_CHECK_ERROR_LEN];
	struct srp_config config;

	srp_config_init(&config);
	config.hello_msec = 20;
	config.dead_msec = 60;
	assert_true(srp_check_timers(&config, error, sizeof(error)));
	config.dead_msec = 59;
	assert_false(srp_check_timers(&config, error, sizeof(error)));
	assert_non_null(strstr(error, "dead-interval 59 msec is less than 3 x hello-interval 20 msec"));
	assert_non_null(strstr(error, "at least 60 msec is needed"));
	config.hello_msec = SRP_HELLO_MSEC_MAX;
	config.dead_msec = 20000;
	assert_false(srp_check_timers(&config, error, sizeof(error)));
	assert_non_null(strstr(error, "dead-interval 20 s is less than 3 x hello-interval 300 s"));
	assert_non_null(strstr(error, "at least 900 s is needed"));
}

static void early_active_needs_data_to_pass_meanwhile(void **state)
{
	static const struct {
		uint8_t options;
		const char *word; /* of the refusal; NULL: taken */
	} cases[] = {
		{0, NULL},
		{SRP_OPTION_VOLTE_DATA | SRP_OPTION_MAINTAIN_ACCOUNTING, NULL},
		{SRP_OPTION_EARLY_ACTIVE, "neither is set"},
		{SRP_OPTION_EARLY_ACTIVE | SRP_OPTION_CONTROL_OUTAGE, "neither is set"},
		{SRP_OPTION_EARLY_ACTIVE | SRP_OPTION_VOLTE_DATA | SRP_OPTION_MAINTAIN_ACCOUNTING,
		 "only allow-volte-data-traffic maintain-accounting is set"},
		{SRP_OPTION_EARLY_ACTIVE | SRP_OPTION_VOLTE_DATA, NULL},
		{SRP_OPTION_EARLY_ACTIVE | SRP_OPTION_ALL_DATA, NULL},
		{SRP_OPTION_EARLY_ACTIVE | SRP_OPTION_ALL_DATA | SRP_OPTION_VOLTE_DATA |
			 SRP_OPTION_MAINTAIN_ACCOUNTING,
		 NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char error[SRP_CHECK_ERROR_LEN] = "";
		struct srp_config config;

		srp_config_init(&config);
		config.options = cases[i].options;
		assert_true(srp_check_options(&config, error, sizeof(error)) == !cases[i].word);
		if (cases[i].word) {
			assert_non_null(strstr(error, "allow-early-active-transition needs"));
			assert_non_null(strstr(error, cases[i].word));
		}
	}
}

static void both_ends_of_the_link_are_different_hosts_of_one_family(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	config.bind_address = addr("10.0.0.1");
	assert_taken(config);
	config.peer_address = addr("10.0.0.2");
	assert_taken(config);
	config.peer_address = addr("10.0.0.1");
	assert_refused(config, "both 10.0.0.1");
	config.bind_address = addr("10.0.0.1");
	config.peer_address = addr("2001:db8::2");
	assert_refused(config, "10.0.0.1", "2001:db8::2", "families");
	config.bind_address = addr("0.0.0.0");
	assert_refused(config, "bind address 0.0.0.0");
	config.peer_address = addr("255.255.255.255");
	assert_refused(config, "peer-ip-address 255.255.255.255");
	config.peer_address = addr("ff02::1");
	assert_refused(config, "peer-ip-address ff02::1");
	config.peer_address = addr("fe80::1");
	assert_refused(config, "peer-ip-address fe80::1", "link-local");
	config.bind_address = addr("::");
	assert_refused(config, "bind address ::");
}

static void a_loopback_address_has_the_length_of_a_host(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	add_loopback(&config, "default", "lo1", "10.0.0.1", 32);
	add_loopback(&config, "default", "lo1", "2001:db8::1", 128);
	assert_taken(config);
	add_loopback(&config, "default", "lo2", "10.0.0.2", 31);
	assert_refused(config, "lo2", "10.0.0.2/31", "/32");
	add_loopback(&config, "default", "lo2", "2001:db8::2", 64);
	assert_refused(config, "lo2", "2001:db8::2/64", "/128");
	add_loopback(&config, "default", "lo2", "0.0.0.0", 32);
	assert_refused(config, "lo2", "0.0.0.0/32");
}

static void a_pool_is_a_network_that_can_be_announced(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	add_pool(&config, "default", "p", "10.0.0.0", 8);
	add_pool(&config, "default", "q", "2001:db8:100::", 40);
	add_pool(&config, "default", "r", "10.1.0.0", 31);
	assert_taken(config);
	add_pool(&config, "default", "x", "10.1.1.1", 8);
	assert_refused(config, "pool x", "10.1.1.1/8", "10.0.0.0/8");
	add_pool(&config, "default", "x", "2001:db8::1", 64);
	assert_refused(config, "pool x", "2001:db8::1/64", "2001:db8::/64");
	add_pool(&config, "default", "x", "0.0.0.0", 0);
	assert_refused(config, "pool x", "0.0.0.0/0");
	add_pool(&config, "default", "x", "239.0.0.0", 8);
	assert_refused(config, "pool x", "239.0.0.0/8");
	add_pool(&config, "default", "x", "fe80::", 10);
	assert_refused(config, "pool x", "fe80::/10");
}

static void the_ends_of_the_link_are_in_nothing_that_follows_the_role(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	config.bind_address = addr("10.255.0.1");
	config.peer_address = addr("10.255.0.2");
	add_pool(&config, "default", "near", "10.254.0.0", 16);
	/* Another context has addresses of its own. */
	add_pool(&config, "red", "p", "10.0.0.0", 8);
	add_loopback(&config, "red", "lo1", "10.255.0.1", 32);
	assert_taken(config);
	add_pool(&config, "default", "p", "10.255.0.2", 31);
	assert_refused(config, "pool p", "10.255.0.2/31", "peer-ip-address 10.255.0.2");
	config.bind_address = addr("2001:db8::1");
	config.peer_address = addr("2001:db8::2");
	add_pool(&config, "default", "v4", "10.0.0.0", 8);
	assert_taken(config);
	add_loopback(&config, "default", "lo1", "2001:db8::1", 128);
	assert_refused(config, "interface lo1", "bind address 2001:db8::1");
}

static void the_nexthop_of_a_pool_is_a_host_of_its_family(void **state)
{
	struct srp_config config;
	struct srp_pool *pool;

	srp_config_init(&config);
	add_pool(&config, "default", "p", "10.0.0.0", 8)->nexthop = addr("192.0.2.1");
	assert_taken(config);
	add_pool(&config, "default", "x", "11.0.0.0", 8)->nexthop = addr("2001:db8::1");
	assert_refused(config, "pool x", "2001:db8::1", "11.0.0.0/8");
	add_pool(&config, "default", "x", "11.0.0.0", 8)->nexthop = addr("0.0.0.0");
	assert_refused(config, "pool x", "nexthop 0.0.0.0");
	add_pool(&config, "default", "x", "2001:db8::", 32)->nexthop = addr("fe80::1");
	assert_refused(config, "pool x", "fe80::1", "interface");
	pool = add_pool(&config, "default", "x", "2001:db8::", 32);
	pool->nexthop = addr("fe80::1");
	snprintf(pool->ifname, sizeof(pool->ifname), "eth0");
	assert_taken(config);
	srp_config_clear(&config);
}

static void a_prefix_is_in_one_place_of_its_context(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	add_pool(&config, "default", "wide", "10.0.0.0", 8);
	add_pool(&config, "default", "inside", "10.0.0.0", 16);
	add_pool(&config, "blue", "same-elsewhere", "10.0.0.0", 8);
	add_loopback(&config, "default", "lo1", "10.0.0.1", 32);
	assert_taken(config);
	add_pool(&config, "default", "again", "10.0.0.0", 8);
	assert_refused(config, "context default", "10.0.0.0/8", "pool wide", "pool again");
	add_pool(&config, "blue", "p", "10.0.0.1", 32);
	add_loopback(&config, "blue", "lo1", "10.0.0.1", 32);
	assert_refused(config, "context blue", "10.0.0.1/32", "interface lo1", "pool p");
}

static void the_lists_are_as_long_as_the_module_in_bgpd_can_take(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	for (unsigned int i = 0; i < BGP_IPC_PREFIXES_MAX; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.%u.%u.0", i / 256, i % 256);
		add_pool(&config, "default", "p", text, 24);
	}
	assert_taken(config);
	add_loopback(&config, "default", "lo1", "192.0.2.1", 32);
	assert_refused(config, "4097", "4096");
	for (unsigned int i = 0; i <= BGP_IPC_CONTEXTS_MAX; i++) {
		char context[16];

		snprintf(context, sizeof(context), "c%u", i);
		add_pool(&config, context, "p", "10.0.0.0", 8);
	}
	assert_refused(config, "257 contexts", "256");
	for (unsigned int i = 0; i <= SRP_MONITORS_MAX; i++)
		assert_non_null(srp_config_add_monitor(&config));
	assert_refused(config, "257 monitors", "256");
}

static void a_monitored_peer_is_a_host(void **state)
{
	struct srp_config config;

	srp_config_init(&config);
	srp_config_add_monitor(&config)->addr = addr("fe80::1");
	assert_taken(config);
	srp_config_add_monitor(&config)->addr = addr("224.0.0.5");
	assert_refused(config, "224.0.0.5");
}

static void a_mask_has_contiguous_ones(void **state)
{
	static const struct {
		const char *mask;
		int length;
	} masks[] = {
		{"255.255.255.255", 32}, {"255.255.0.0", 16}, {"255.254.0.0", 15}, {"0.0.0.0", 0},
		{"128.0.0.0", 1},        {"255.0.255.0", -1}, {"0.0.0.255", -1},   {"0.0.0.1", -1},
	};

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		struct srp_addr mask = addr(masks[i].mask);

		assert_int_equal(srp_mask_length(&mask), masks[i].length);
	}
}

static void masking_zeroes_exactly_the_host_bits(void **state)
{
	char text[SRP_PREFIX_STRLEN];
	struct srp_prefix p = prefix("10.255.255.255", 12);

	assert_true(srp_prefix_mask(&p));
	assert_string_equal(srp_prefix_format(&p, text), "10.240.0.0/12");
	assert_false(srp_prefix_mask(&p));
	p = prefix("2001:db8:ffff::1", 33);
	assert_true(srp_prefix_mask(&p));
	assert_string_equal(srp_prefix_format(&p, text), "2001:db8:8000::/33");
	p = prefix("192.0.2.1", 32);
	assert_false(srp_prefix_mask(&p));
	p = prefix("192.0.2.1", 0);
	assert_true(srp_prefix_mask(&p));
	assert_string_equal(srp_prefix_format(&p, text), "0.0.0.0/0");
}

static void an_interval_is_written_in_seconds_when_it_has_no_fraction(void **state)
{
	char text[SRP_INTERVAL_STRLEN];

	assert_string_equal(srp_interval_format(20, "", text), "20 msec");
	assert_string_equal(srp_interval_format(1500, " s", text), "1500 msec");
	assert_string_equal(srp_interval_format(2000, "", text), "2");
	assert_string_equal(srp_interval_format(1800000, " s", text), "1800 s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_defaults_are_taken),
		cmocka_unit_test(a_dead_interval_is_at_least_three_hello_intervals),
		cmocka_unit_test(early_active_needs_data_to_pass_meanwhile),
		cmocka_unit_test(both_ends_of_the_link_are_different_hosts_of_one_family),
		cmocka_unit_test(a_loopback_address_has_the_length_of_a_host),
		cmocka_unit_test(a_pool_is_a_network_that_can_be_announced),
		cmocka_unit_test(the_ends_of_the_link_are_in_nothing_that_follows_the_role),
		cmocka_unit_test(the_nexthop_of_a_pool_is_a_host_of_its_family),
		cmocka_unit_test(a_prefix_is_in_one_place_of_its_context),
		cmocka_unit_test(the_lists_are_as_long_as_the_module_in_bgpd_can_take),
		cmocka_unit_test(a_monitored_peer_is_a_host),
		cmocka_unit_test(a_mask_has_contiguous_ones),
		cmocka_unit_test(masking_zeroes_exactly_the_host_bits),
		cmocka_unit_test(an_interval_is_written_in_seconds_when_it_has_no_fraction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
