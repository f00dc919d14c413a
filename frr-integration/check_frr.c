/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From facts to a report: what is judged from which text, and how findings are kept. See check_frr.h. */
#include "frr-integration/check_frr_private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
#define CHECK_FRR_INFO(name, id, severity, why) {id, CHECK_FRR_##severity, why},
const struct check_frr_rule_info check_frr_rules[CHECK_FRR_RULE_COUNT] = {CHECK_FRR_RULES(CHECK_FRR_INFO)};
#undef CHECK_FRR_INFO
/* clang-format on */

const char *const check_family_names[CHECK_FAMILIES] = {"ipv4", "ipv6"};
const char *const check_kind_names[CHECK_KINDS] = {"connected", "kernel"};

#define NOTES_MAX 64 /* of what was read, and of what was not */

/* Strings of a report, each with its successor. */
struct check_frr_text {
	struct check_frr_text *next;
	char text[];
};

const char *check_frr_text(struct check_frr_report *report, const char *format, ...)
{
	struct check_frr_text *entry;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	entry = len < 0 ? NULL : malloc(sizeof(*entry) + (size_t)len + 1);
	if (!entry)
		return "";
	va_start(args, format);
	vsnprintf(entry->text, (size_t)len + 1, format, args);
	va_end(args);
	entry->next = report->texts;
	report->texts = entry;
	return entry->text;
}

void check_frr_add(struct check_frr_report *report, enum check_frr_rule rule, const char *where,
		   const char *what, const char *mend)
{
	struct check_frr_finding *finding;
	void *list = report->findings;

	for (size_t i = 0; i < report->count; i++)
		if (report->findings[i].rule == rule && strcmp(report->findings[i].what, what) == 0)
			return;
	finding = check_conf_append(&list, &report->count, sizeof(*finding), CHECK_FRR_FINDINGS_MAX);
	report->findings = list;
	if (!finding) {
		report->left_out++;
		return;
	}
	*finding = (struct check_frr_finding){.rule = rule, .where = where, .what = what, .mend = mend};
}

static void add_note(const char ***notes, size_t *count, const char *what)
{
	void *list = *notes;
	const char **note = check_conf_append(&list, count, sizeof(*note), NOTES_MAX);

	*notes = list;
	if (note)
		*note = what;
}

void check_frr_add_read(struct check_frr_report *report, const char *what)
{
	add_note(&report->read, &report->read_count, what);
}

void check_frr_add_unread(struct check_frr_report *report, const char *what)
{
	add_note(&report->unread, &report->unread_count, what);
}

const char *check_frr_router(struct check_frr_report *report, const struct check_bgp *bgp)
{
	if (strcmp(bgp->name, "default") == 0)
		return check_frr_text(report, "router bgp %s", bgp->as);
	return check_frr_text(report, "router bgp %s %s %s", bgp->as, bgp->is_view ? "view" : "vrf",
			      bgp->name);
}

/* A file that was wanted: read, or why not. */
static bool note_file(struct check_frr_report *report, const struct check_frr_facts *facts,
		      const struct check_frr_file *file, const char *name)
{
	const char *path = check_frr_text(report, "%s/%s", facts->etc, name);

	if (file->text)
		check_frr_add_read(report, path);
	else
		check_frr_add_unread(report,
				     check_frr_text(report, "%s: %s", path,
						    file->error ? strerror(file->error) : "not read"));
	return file->text != NULL;
}

static void note_daemon(struct check_frr_report *report, const struct check_frr_daemon *daemon,
			const char *name)
{
	if (daemon->config)
		check_frr_add_read(report, check_frr_text(report, "the configuration that %s runs", name));
	else if (daemon->error == -ENOENT || daemon->error == -ECONNREFUSED)
		check_frr_add_unread(report, check_frr_text(report, "%s is not running", name));
	else
		check_frr_add_unread(report,
				     check_frr_text(report, "%s: %s", name,
						    daemon->error ? strerror(-daemon->error) : "not asked"));
}

static void note_unknown(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	if (!facts->built_for)
		check_frr_add_unread(report,
				     "the version that srpd was built for: this srpctl is without FRRouting");
	else if (!facts->bgpd.modules && !facts->installed_version)
		check_frr_add_unread(report, "the version of FRRouting");
	else if (!facts->module_dir)
		check_frr_add_unread(report, "the module's files");
	if (!facts->frr_user_known)
		check_frr_add_unread(report, "who may read the files: there is no user frr");
	if (facts->vtysh == CHECK_FRR_VTYSH_UNKNOWN)
		check_frr_add_unread(report, "vtysh");
	if (facts->networkd < 0)
		check_frr_add_unread(report, "systemd-networkd");
	if (facts->ip_forward < 0 || facts->ip6_forwarding < 0)
		check_frr_add_unread(report, "forwarding in /proc/sys");
	if (facts->rp_filter_all < 0)
		check_frr_add_unread(report, "rp_filter in /proc/sys");
	if (!facts->links_known)
		check_frr_add_unread(report, "network interfaces");
	if (!facts->rt_protos)
		check_frr_add_unread(report, "rt_protos of iproute2");
}

/* A configuration of bgpd's, from whatever it is. */
static void check_bgp_conf(struct check_frr_report *report, const struct check_conf *conf,
			   const struct check_srp_conf *srp)
{
	if (conf->cut)
		check_frr_add_unread(report,
				     check_frr_text(report, "the end of %s: it is too long", conf->where));
	check_frr_policy(report, conf, srp);
	check_frr_peers(report, conf, srp);
}

static int finding_compare(const void *left, const void *right)
{
	const struct check_frr_finding *a = left, *b = right;

	return (int)check_frr_rules[b->rule].severity - (int)check_frr_rules[a->rule].severity;
}

/* Errors first; within a severity the order stays, which qsort() does not promise. */
static void sort_findings(struct check_frr_report *report)
{
	for (size_t i = 1; i < report->count; i++) {
		struct check_frr_finding moved = report->findings[i];
		size_t at = i;

		for (; at && finding_compare(&report->findings[at - 1], &moved) > 0; at--)
			report->findings[at] = report->findings[at - 1];
		report->findings[at] = moved;
	}
	for (size_t i = 0; i < report->count; i++)
		report->of[check_frr_rules[report->findings[i].rule].severity]++;
}

void check_frr_run(const struct check_frr_facts *facts, struct check_frr_report *report)
{
	const char *srp_text = facts->srpd.config ? facts->srpd.config : facts->srpd_conf.text;
	/* As FRRouting does it: bgpd reads its own file only where there is no frr.conf. */
	bool integrated = facts->frr_conf.error != ENOENT;
	const struct check_frr_file *file = integrated ? &facts->frr_conf : &facts->bgpd_conf;
	const char *file_name = integrated ? "frr.conf" : "bgpd.conf";
	struct check_conf running = {0}, saved = {0}, *conf = NULL;
	struct check_srp_conf srp;

	*report = (struct check_frr_report){0};
	note_daemon(report, &facts->bgpd, "bgpd");
	note_daemon(report, &facts->srpd, "srpd");
	note_file(report, facts, &facts->daemons, "daemons");
	if (!facts->srpd.config)
		note_file(report, facts, &facts->srpd_conf, "srpd.conf");
	check_srp_conf_read(&srp, srp_text ? srp_text : "");
	if (srp.cut)
		check_frr_add_unread(report, "the end of srpd's configuration: it is too long");
	if (facts->bgpd.config) {
		check_conf_read(&running, facts->bgpd.config, "bgpd's running configuration");
		running.is_running = true;
		check_bgp_conf(report, &running, &srp);
		conf = &running;
	}
	/* Also beside a running bgpd: it is what the next start begins with. */
	if (note_file(report, facts, file, file_name)) {
		check_conf_read(&saved, file->text, check_frr_text(report, "%s/%s", facts->etc, file_name));
		check_bgp_conf(report, &saved, &srp);
		if (saved.srp_lines)
			check_frr_add(
				report, CHECK_FRR_RULE_SRP_LINES_IN_FRR_CONF, saved.where,
				"it has lines that are srpd's",
				check_frr_text(
					report,
					"move the blocks `service-redundancy-protocol` and `context ...` "
					"to %s/srpd.conf",
					facts->etc));
		if (!conf)
			conf = &saved;
	}
	check_frr_host(report, facts, &srp, conf);
	check_frr_srpd(report, facts, &srp, conf);
	note_unknown(report, facts);
	check_conf_clear(&running);
	check_conf_clear(&saved);
	check_srp_conf_clear(&srp);
	sort_findings(report);
}

void check_frr_report_clear(struct check_frr_report *report)
{
	while (report->texts) {
		struct check_frr_text *next = report->texts->next;

		free(report->texts);
		report->texts = next;
	}
	free(report->findings);
	free(report->read);
	free(report->unread);
	*report = (struct check_frr_report){0};
}

int check_frr_exit(const struct check_frr_report *report)
{
	if (report->of[CHECK_FRR_ERROR])
		return CHECK_FRR_EXIT_ERRORS;
	return report->of[CHECK_FRR_WARNING] ? CHECK_FRR_EXIT_WARNINGS : 0;
}
