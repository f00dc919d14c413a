/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-frr, from facts to findings. A healthy host has none; then one thing at a time is spoiled, and the finding
 * for it is there, and no worse one that has nothing to do with it. The last test sees to it that no rule was left
 * out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <sys/stat.h>

#include "tests/unit/healthy_host.h"

static void a_healthy_host_has_no_findings(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;

	(void)state;
	check_frr_run(&facts, &report);
	assert_count(&report, 0);
	assert_int_equal(report.unread_count, 0);
	assert_int_equal(report.read_count, 4);
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);
}

static void nothing_known_is_said_and_no_finding(void **state)
{
	struct check_frr_facts facts = {.etc = strdup("/etc/frr"),
					.daemons = {.error = EACCES},
					.frr_conf = {.error = EACCES},
					.srpd_conf = {.error = EACCES},
					.bgpd = {.error = -EACCES},
					.srpd = {.error = -ENOENT},
					.networkd = -1,
					.ip_forward = -1,
					.ip6_forwarding = -1,
					.rp_filter_all = -1};
	struct check_frr_report report;
	char *text;

	(void)state;
	check_frr_run(&facts, &report);
	assert_count(&report, 0);
	text = check_frr_print_text(&report);
	assert_non_null(strstr(text, "not looked at: bgpd: Permission denied"));
	assert_non_null(strstr(text, "not looked at: srpd is not running"));
	assert_non_null(strstr(text, "not looked at: /etc/frr/frr.conf: Permission denied"));
	assert_non_null(strstr(text, "0 errors, 0 warnings, 0 notes\n"));
	free(text);
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);
}

/* --- Daemons --- */

static void daemons(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit(&facts.daemons.text, "bgpd=yes", "bgpd=no");
	assert_found(&facts, BGPD_OFF, "not enabled", "bgpd=yes in /etc/frr/daemons");

	facts = healthy();
	edit(&facts.daemons.text, "bfdd=yes", "#bfdd=yes");
	assert_found(&facts, BFDD_OFF, "bfdd is not enabled", "bfdd=yes");

	facts = healthy();
	add(&facts.daemons.text, "DAEMONS=\"$DAEMONS srpd\"\n");
	assert_found(&facts, SRPD_UNDER_WATCHFRR, "srpd", "take srpd out of /etc/frr/daemons");
	facts = healthy();
	add(&facts.daemons.text, "srpd=yes\n");
	assert_found(&facts, SRPD_UNDER_WATCHFRR, "srpd", "take srpd out of /etc/frr/daemons");
}

static void the_module_is_named_in_any_form(void **state)
{
	static const char *const good[] = {"-M srp",       "-M srp:fallback=3",
					   "-Msrp",        "--module=bgpd_srp",
					   "--module srp", "-M bmp -M /usr/lib/frr/modules/bgpd_srp.so"};
	static const char *const bad[] = {"-M bmp", "-M srpx", "-A srp", "-M", ""};
	struct check_frr_facts facts;
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		facts = healthy();
		snprintf(line, sizeof(line), "bgpd_options='%s'\n", good[i]);
		add(&facts.daemons.text, line);
		assert_healthy(&facts);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		facts = healthy();
		snprintf(line, sizeof(line), "bgpd_options=\"%s\" # -M srp\n", bad[i]);
		add(&facts.daemons.text, line);
		assert_found(&facts, MODULE_NOT_CONFIGURED, bad[i], "-M srp\" in /etc/frr/daemons");
	}
	facts = healthy();
	add(&facts.daemons.text, "bgpd_options=()\nfrr_global_options=(\"-M srp\")\n");
	assert_healthy(&facts);
}

static void the_running_module(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit(&facts.bgpd.modules, "bgpd_srp ", "bgpd_bmp ");
	assert_found(&facts, MODULE_NOT_LOADED, "not loaded", "bgpd's log");
	facts = healthy();
	edit(&facts.bgpd.modules, "bgpd_srp ", "bgpd_bmp ");
	edit(&facts.bgpd.arguments, " -M srp", "");
	assert_found(&facts, MODULE_NOT_LOADED, "not loaded", "-M srp");

	facts = healthy();
	edit(&facts.bgpd.modules, "bgpd_srp     8.4.4", "bgpd_srp     10.3");
	assert_found(&facts, MODULE_INACTIVE, "built for FRRouting 10.3, and this is 8.4.4",
		     "built for FRRouting 8.4.4");
	facts = healthy();
	set(&facts.bgpd.config, BGP);
	assert_found(&facts, MODULE_INACTIVE, "its route-map srp is not there", "bgpd_srp_impl.so");

	facts = healthy();
	facts.has_stub = false;
	assert_found(&facts, MODULE_MISSING, "there is no bgpd_srp.so", "install srpd again");
	facts = healthy();
	facts.has_module = false;
	assert_found(&facts, MODULE_MISSING, "there is no bgpd_srp_impl.so", "install srpd again");

	facts = healthy();
	set(&facts.installed_version, "10.3");
	assert_found(&facts, FRR_VERSION, "10.3 is installed, and this srpd was built for 8.4.4", "10.3");
	facts = healthy();
	facts.built_for = "10.3";
	set(&facts.installed_version, "10.3");
	assert_found(&facts, FRR_VERSION, "8.4.4 runs, and this srpd was built for 10.3", "8.4.4");
}

static void what_srpd_says_itself(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	set(&facts.srp_info,
	    "{\"bgp\": {\"moduleConnected\": false}, \"witness\": 5, \"l2\": {\"warning\": \"\"}}");
	assert_found(&facts, SRPD_REPORTS, "moduleConnected", "-M srp");
	facts = healthy();
	set(&facts.srp_info, "{\"witness\": {\"warning\": \"none is received\"}}");
	assert_found(&facts, SRPD_REPORTS, "witness.warning: none is received", "user-guide");
	facts = healthy();
	set(&facts.srp_info, "{ not json");
	assert_healthy(&facts);
}

/* bgpd without a module, and with the route-map of `show srp bgp-policy`. */
static struct check_frr_facts by_metric(void)
{
	static const char map[] =
		"route-map SRP permit 24501\n match metric 24501\n set as-path prepend 65001\nexit\n";
	struct check_frr_facts facts = healthy();

	edit_srpd(&facts, " authentication", " bgp driver metric\n authentication");
	for (int i = 0; i < 4; i++)
		edit_bgp(&facts, "route-map srp\n", "route-map SRP\n");
	add_bgp(&facts, map);
	set(&facts.bgpd.modules, "libfrr       8.4.4                     libfrr core module\n");
	edit(&facts.daemons.text, " -M srp:fallback=9", "");
	facts.has_stub = facts.has_module = false;
	set(&facts.srp_info, "{\"bgp\": {\"driver\": \"metric\", \"moduleConnected\": false}}");
	return facts;
}

static void the_metric_driver_needs_a_map_and_no_module(void **state)
{
	struct check_frr_facts facts = by_metric();

	(void)state;
	assert_healthy(&facts);
	facts = by_metric();
	edit_bgp(&facts, "  redistribute kernel route-map SRP\n", "  redistribute kernel\n");
	assert_found(&facts, UNPREPENDED, "past route-map SRP", "redistribute kernel route-map SRP");
	facts = by_metric();
	add_bgp(&facts, "route-map SRP permit 65000\nexit\n");
	assert_among(&facts, CHECK_FRR_RULE_UNPREPENDED);
	facts = by_metric();
	for (int i = 0; i < 4; i++)
		edit_bgp(&facts, "route-map SRP\n", "route-map OTHER\n");
	assert_among(&facts, CHECK_FRR_RULE_MAP_MISSING);
}

static void thousands_of_prefixes_need_a_buffer(void **state)
{
	struct check_frr_facts facts = healthy();
	char line[64];

	(void)state;
	add_srpd(&facts, "context default\n");
	for (unsigned int i = 0; i < 300; i++) {
		snprintf(line, sizeof(line), " ip pool q%u 10.%u.%u.0/24 srp-activate\n", i, 101 + i / 256,
			 i % 256);
		add_srpd(&facts, line);
	}
	edit(&facts.daemons.text, " -s 90000000", "");
	assert_found(&facts, ZEBRA_BUFFER, "304 srp-activated prefixes", "-s 90000000");
	facts = healthy();
	edit(&facts.daemons.text, " -s 90000000", "");
	assert_healthy(&facts); /* four need none */
}

/* --- Files and host --- */

static void files(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	set(&facts.srpd.config, NULL);
	set(&facts.srpd_conf.text, NULL);
	facts.srpd_conf = (struct check_frr_file){.error = ENOENT};
	assert_found(&facts, SRPD_CONF_MISSING, "there is no srpd.conf", "/etc/frr/srpd.conf");
	facts = healthy();
	facts.srpd_conf.uid = facts.srpd_conf.gid = 0;
	assert_found(&facts, SRPD_CONF_UNREADABLE, "0640", "chown frr:frr /etc/frr/srpd.conf");
	facts = healthy();
	facts.srpd_conf.uid = 0;
	facts.srpd_conf.gid = 110; /* another group of frr's */
	assert_healthy(&facts);
	facts = healthy();
	facts.etc_dir.mode = S_IFDIR | 0550;
	assert_found(&facts, SRPD_CONF_UNWRITABLE, "0550", "chmod 0750 /etc/frr");
	facts = healthy();
	facts.srpd_conf.mode = S_IFREG | 0644;
	assert_found(&facts, SRPD_CONF_OPEN, "0644", "chmod o= /etc/frr/srpd.conf");
	facts = healthy();
	add(&facts.frr_conf.text, "service-redundancy-protocol\n priority 1\nexit\n");
	assert_found(&facts, SRP_LINES_IN_FRR_CONF, "srpd's", "/etc/frr/srpd.conf");

	facts = healthy();
	facts.keys[0].file = (struct check_frr_file){.error = ENOENT};
	assert_found(&facts, KEY_FILE, "no such file", "openssl rand -hex 32");
	facts = healthy();
	facts.keys[0].file.uid = facts.keys[0].file.gid = 0;
	assert_found(&facts, KEY_FILE, "does not let frr read it", "chown frr:frr /etc/frr/srp.psk");
	facts = healthy();
	facts.keys[0].file.mode = S_IFREG | 0644;
	assert_found(&facts, KEY_FILE, "lets everybody", "chmod o= /etc/frr/srp.psk");
	facts = healthy();
	facts.keys[0].file.mode = S_IFREG | 0644;
	facts.keys[0].secret = false;
	assert_healthy(&facts); /* a certificate is no secret */
}

static void vtysh(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	facts.vtysh = CHECK_FRR_VTYSH_PLAIN;
	assert_found(&facts, VTYSH_PLAIN, "FRRouting's own", "srp-vtysh-install install");
	facts = healthy();
	facts.vtysh = CHECK_FRR_VTYSH_DAMAGED;
	assert_found(&facts, VTYSH_DAMAGED, "not both", "srp-vtysh-install install");
}

static void networkd(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	facts.networkd = 1;
	assert_found(&facts, NETWORKD_FOREIGN_ROUTES, "ManageForeignRoutes", "ManageForeignRoutes=no");
	facts = healthy();
	facts.networkd = 1;
	set(&facts.networkd_conf, "[Network]\n#ManageForeignRoutes=no\n");
	assert_found(&facts, NETWORKD_FOREIGN_ROUTES, "ManageForeignRoutes", "networkd.conf.d");
	facts = healthy();
	facts.networkd = 1;
	set(&facts.networkd_conf, "[Network]\nManageForeignRoutes=no\nManageForeignRoutes = yes\n");
	assert_found(&facts, NETWORKD_FOREIGN_ROUTES, "ManageForeignRoutes", "systemctl restart");
	facts = healthy();
	facts.networkd = 1;
	set(&facts.networkd_conf, "[Network]\nManageForeignRoutes=yes\n ManageForeignRoutes = no\n");
	assert_healthy(&facts);
}

static void kernel(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	facts.ip_forward = 0;
	assert_found(&facts, FORWARDING_OFF, "IPv4", "net.ipv4.ip_forward=1");
	facts = healthy();
	facts.ip6_forwarding = 0;
	assert_found(&facts, FORWARDING_OFF, "IPv6", "net.ipv6.conf.all.forwarding=1");
	facts = healthy();
	facts.links[1].rp_filter = 1;
	assert_found(&facts, RP_FILTER, "strict on to-upstream", "rp_filter=2");
	facts = healthy();
	facts.rp_filter_all = 1;
	assert_found(&facts, RP_FILTER, "strict on to-upstream", "rp_filter=2");
	facts = healthy();
	facts.links[1].rp_filter = 1;
	facts.rp_filter_all = 2; /* loose wins */
	assert_healthy(&facts);
	facts = healthy();
	set(&facts.rt_protos, "# 245 srp\n2450 other\n");
	assert_found(&facts, RT_PROTOS, "245 has no name", "245 srp");
}

/* --- The report --- */

static void errors_come_first_and_json_has_the_same(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;
	struct json_object *root, *list, *first, *value;
	char *text;

	(void)state;
	set(&facts.rt_protos, "");
	facts.ip_forward = 0;
	edit_bgp(&facts, SRP_IN, PLAIN_IN);
	report = judge(&facts);
	assert_count(&report, 3);
	text = check_frr_print_text(&report);
	assert_ptr_equal(strstr(text, "error: unprepended\n"), text);
	assert_non_null(
		strstr(text, "\nwarning: forwarding-off\n  where kernel\n  what  IPv4 is not forwarded\n"));
	assert_non_null(strstr(text, "1 error, 1 warning, 1 note\n"));
	free(text);
	text = check_frr_print_json(&report);
	root = json_tokener_parse(text);
	assert_true(json_object_object_get_ex(root, "findings", &list));
	assert_int_equal(json_object_array_length(list), 3);
	first = json_object_array_get_idx(list, 0);
	assert_true(json_object_object_get_ex(first, "id", &value));
	assert_string_equal(json_object_get_string(value), "unprepended");
	assert_true(json_object_object_get_ex(first, "mend", &value));
	assert_string_equal(json_object_get_string(value), report.findings[0].mend);
	assert_true(json_object_object_get_ex(root, "warnings", &value));
	assert_int_equal(json_object_get_int(value), 1);
	json_object_put(root);
	free(text);
	check_frr_report_clear(&report);
}

static void lines_need_no_indentation_and_comments_count_for_nothing(void **state)
{
	struct check_frr_facts facts = healthy();
	char *from, *to;

	(void)state;
	for (from = to = facts.frr_conf.text; *from; from++)
		if (from[0] != ' ' || (from != facts.frr_conf.text && from[-1] != '\n' && from[-1] != ' '))
			*to++ = *from;
	*to = '\0';
	set(&facts.bgpd.config, NULL);
	add(&facts.frr_conf.text, "! bgp route-map delay-timer 0\n#service-redundancy-protocol\n");
	assert_healthy(&facts);
}

static void findings_are_bounded(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;
	char line[80];

	(void)state;
	for (unsigned int i = 0; i < CHECK_FRR_FINDINGS_MAX + 10; i++) {
		snprintf(line, sizeof(line), "route-map srp permit %u\n", i + 3);
		add(&facts.bgpd.config, line);
	}
	check_frr_run(&facts, &report);
	assert_int_equal(report.count, CHECK_FRR_FINDINGS_MAX);
	assert_int_equal(report.left_out, 10);
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);
}

static void what_is_too_long_is_said(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;
	char *lines = malloc(5000 * 40);
	size_t used = 0;
	bool said = false;

	(void)state;
	assert_non_null(lines);
	for (unsigned int i = 0; i < 5000; i++)
		used += (size_t)sprintf(lines + used, " neighbor 10.%u.%u.9 remote-as 65002\n", 50 + i / 256,
					i % 256);
	edit(&facts.bgpd.config, " neighbor UP bfd\n", lines);
	free(lines);
	check_frr_run(&facts, &report);
	for (size_t i = 0; i < report.unread_count; i++)
		said = said || strstr(report.unread[i], "the end of bgpd's running configuration");
	assert_true(said);
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);
}

static void every_rule_was_seen_and_was_absent(void **state)
{
	(void)state;
	for (unsigned int rule = 0; rule < CHECK_FRR_RULE_COUNT; rule++) {
		if (!fired[rule] || !absent[rule])
			print_message("%s has no test\n", check_frr_rules[rule].id);
		assert_true(fired[rule] && absent[rule]);
		for (unsigned int other = 0; other < rule; other++)
			assert_string_not_equal(check_frr_rules[rule].id, check_frr_rules[other].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_host_has_no_findings),
		cmocka_unit_test(nothing_known_is_said_and_no_finding),
		cmocka_unit_test(daemons),
		cmocka_unit_test(the_module_is_named_in_any_form),
		cmocka_unit_test(the_running_module),
		cmocka_unit_test(what_srpd_says_itself),
		cmocka_unit_test(the_metric_driver_needs_a_map_and_no_module),
		cmocka_unit_test(thousands_of_prefixes_need_a_buffer),
		cmocka_unit_test(files),
		cmocka_unit_test(vtysh),
		cmocka_unit_test(networkd),
		cmocka_unit_test(kernel),
		cmocka_unit_test(errors_come_first_and_json_has_the_same),
		cmocka_unit_test(lines_need_no_indentation_and_comments_count_for_nothing),
		cmocka_unit_test(findings_are_bounded),
		cmocka_unit_test(what_is_too_long_is_said),
	};
	const struct CMUnitTest last[] = {
		cmocka_unit_test(every_rule_was_seen_and_was_absent),
	};
	int failed = run_bgp_tests();

	failed += cmocka_run_group_tests_name("host", tests, NULL, NULL);
	if (!failed)
		failed += cmocka_run_group_tests_name("all", last, NULL, NULL);
	return failed;
}
