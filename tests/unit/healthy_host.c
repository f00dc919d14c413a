/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See healthy_host.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "tests/unit/healthy_host.h"

bool fired[CHECK_FRR_RULE_COUNT], absent[CHECK_FRR_RULE_COUNT];

struct check_frr_facts healthy(void)
{
	struct check_frr_file file = {.found = true, .mode = S_IFREG | 0640, .uid = FRR, .gid = FRR};
	struct check_frr_facts facts = {
		.etc = strdup("/etc/frr"),
		.daemons = file,
		.frr_conf = file,
		.bgpd_conf = {.error = ENOENT},
		.srpd_conf = file,
		.etc_dir = {.found = true, .mode = S_IFDIR | 0750, .uid = FRR, .gid = FRR},
		.built_for = "8.4.4",
		.installed_version = strdup("8.4.4"),
		.module_dir = strdup("/usr/lib/frr/modules"),
		.has_stub = true,
		.has_module = true,
		.frr_user_known = true,
		.frr_uid = FRR,
		.frr_gids = {FRR, 110},
		.frr_gid_count = 2,
		.vtysh = CHECK_FRR_VTYSH_WRAPPED,
		.rt_protos = strdup(RT_PROTOS),
		.ip_forward = 1,
		.ip6_forwarding = 1,
		.links_known = true,
		.link_count = 2,
	};

	facts.daemons.text = strdup(DAEMONS);
	facts.frr_conf.text = strdup(BGP);
	facts.srpd_conf.text = strdup(SRPD);
	facts.bgpd.config = strdup(BGP SRP_MAPS);
	facts.bgpd.modules = strdup(MODULES);
	facts.bgpd.arguments = strdup("/usr/lib/frr/bgpd -d -M srp");
	facts.srpd.config = strdup(SRPD);
	facts.srp_info =
		strdup("{\"authenticationError\": null, \"bgp\": {\"moduleConnected\": true, \"error\": "
		       "null, \"warning\": null}}");
	facts.keys[0] =
		(struct check_frr_key){.path = strdup("/etc/frr/srp.psk"), .secret = true, .file = file};
	facts.links = calloc(2, sizeof(*facts.links));
	facts.links[0].name = strdup("lo");
	facts.links[0].rp_filter = 1; /* counts for nothing */
	facts.links[1].name = strdup("to-upstream");
	return facts;
}

void set(char **text, const char *value)
{
	free(*text);
	*text = value ? strdup(value) : NULL;
}

void edit(char **text, const char *from, const char *to)
{
	char *at = strstr(*text, from), *edited;

	assert_non_null(at);
	assert_true(asprintf(&edited, "%.*s%s%s", (int)(at - *text), *text, to, at + strlen(from)) > 0);
	free(*text);
	*text = edited;
}

void edit_bgp(struct check_frr_facts *facts, const char *from, const char *to)
{
	edit(&facts->bgpd.config, from, to);
	edit(&facts->frr_conf.text, from, to);
}

void add(char **text, const char *more)
{
	char *both;

	assert_true(asprintf(&both, "%s%s", *text, more) > 0);
	free(*text);
	*text = both;
}

void add_bgp(struct check_frr_facts *facts, const char *more)
{
	add(&facts->bgpd.config, more);
	add(&facts->frr_conf.text, more);
}

void edit_srpd(struct check_frr_facts *facts, const char *from, const char *to)
{
	edit(&facts->srpd.config, from, to);
	edit(&facts->srpd_conf.text, from, to);
}

void add_srpd(struct check_frr_facts *facts, const char *more)
{
	add(&facts->srpd.config, more);
	add(&facts->srpd_conf.text, more);
}

const struct check_frr_finding *find(const struct check_frr_report *report, enum check_frr_rule rule)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].rule == rule)
			return &report->findings[i];
	return NULL;
}

struct check_frr_report judge(struct check_frr_facts *facts)
{
	struct check_frr_report report;

	check_frr_run(facts, &report);
	for (size_t i = 0; i < report.count; i++)
		fired[report.findings[i].rule] = true;
	for (unsigned int rule = 0; rule < CHECK_FRR_RULE_COUNT; rule++)
		absent[rule] = absent[rule] || !find(&report, rule);
	check_frr_facts_clear(facts);
	return report;
}

void assert_count(const struct check_frr_report *report, size_t count)
{
	if (report->count != count) {
		char *text = check_frr_print_text(report);

		print_message("%s", text);
		free(text);
	}
	assert_int_equal(report->count, count);
}

void assert_only(struct check_frr_facts *facts, enum check_frr_rule rule, const char *what, const char *mend)
{
	struct check_frr_report report = judge(facts);
	const struct check_frr_finding *finding = find(&report, rule);
	static const int exits[] = {0, CHECK_FRR_EXIT_WARNINGS, CHECK_FRR_EXIT_ERRORS};

	assert_count(&report, 1);
	assert_non_null(finding);
	if (!strstr(finding->what, what) || !strstr(finding->mend, mend))
		print_message("what: %s\nmend: %s\n", finding->what, finding->mend);
	assert_non_null(strstr(finding->what, what));
	assert_non_null(strstr(finding->mend, mend));
	assert_true(*finding->where);
	assert_int_equal(check_frr_exit(&report), exits[check_frr_rules[rule].severity]);
	check_frr_report_clear(&report);
}

void assert_among(struct check_frr_facts *facts, enum check_frr_rule rule)
{
	struct check_frr_report report = judge(facts);

	assert_non_null(find(&report, rule));
	check_frr_report_clear(&report);
}

void assert_healthy(struct check_frr_facts *facts)
{
	struct check_frr_report report = judge(facts);

	assert_count(&report, 0);
	assert_int_equal(check_frr_exit(&report), 0);
	check_frr_report_clear(&report);
}
