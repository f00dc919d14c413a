/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check-frr judges beside BGP's configuration: daemons, versions, vtysh, networkd, the kernel. */
#include "frr-integration/check_frr_private.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_PREFIXES 256     /* from so many on a small netlink buffer of zebra is a risk */
#define BUFFER_BYTES    4000000 /* what 10000 routes at once need, with room */
#define NAMED_MAX       8       /* interfaces in one finding */
#define SRP_RTPROT_TEXT "245"

/* --- /etc/frr/daemons ------------------------------------------------------------------------ */

/* A shell's assignments, as far as people write them there. A variable's last value, in `buf`; NULL: not set. */
static const char *daemons_value(const char *text, const char *name, char *buf, size_t size)
{
	size_t len = strlen(name);
	const char *found = NULL;

	for (const char *line = text; *line; line += *line == '\n') {
		const char *start = line + strspn(line, " \t");

		line += strcspn(line, "\n");
		if (strncmp(start, name, len) == 0 && start[len] == '=')
			found = start + len + 1;
	}
	if (found) {
		size_t value_len;
		char quote;

		found += *found == '('; /* an array of one */
		quote = *found == '"' || *found == '\'' ? *found++ : '\0';
		value_len = strcspn(found, quote == '"' ? "\"\n" : quote ? "'\n" : " \t#)\n");
		if (value_len >= size)
			value_len = size - 1;
		memcpy(buf, found, value_len);
		buf[value_len] = '\0';
	}
	return found ? buf : NULL;
}

static bool daemons_enabled(const char *text, const char *daemon)
{
	char value[16];

	return daemons_value(text, daemon, value, sizeof(value)) && strcmp(value, "yes") == 0;
}

/* Is `word`, the argument of -M, srpd's module? "srp", "srp:fallback=9", "bgpd_srp", a path. */
static bool is_srp_module(const char *word)
{
	size_t len = strcspn(word, ":");
	const char *slash = memrchr(word, '/', len);

	if (slash) {
		len -= (size_t)(slash + 1 - word);
		word = slash + 1;
	}
	return (len == 3 && strncmp(word, "srp", 3) == 0) ||
	       (len == 8 && strncmp(word, "bgpd_srp", 8) == 0) ||
	       (len == 11 && strncmp(word, "bgpd_srp.so", 11) == 0);
}

/* The words of a line of options, as next_value() goes through them. */
struct option_words {
	char copy[4096], *rest;
};

static void option_words_begin(struct option_words *words, const char *options)
{
	snprintf(words->copy, sizeof(words->copy), "%s", options);
	words->rest = words->copy;
}

/* The value of the next option `letter` ("-M") or `name` ("--module"), in any of the forms of getopt_long(); NULL: no more. */
static const char *next_value(struct option_words *words, const char *letter, const char *name)
{
	size_t len = strlen(name);
	const char *word;

	while ((word = strtok_r(NULL, " \t", &words->rest))) {
		if (strcmp(word, letter) == 0 || strcmp(word, name) == 0)
			return strtok_r(NULL, " \t", &words->rest);
		if (strncmp(word, name, len) == 0 && word[len] == '=')
			return word + len + 1;
		if (strncmp(word, letter, 2) == 0)
			return word + 2;
	}
	return NULL;
}

/* Do the options load srpd's module: -M srp, -Msrp, --module srp, --module=srp? */
static bool options_load_srp(const char *options)
{
	struct option_words words;
	const char *module;

	option_words_begin(&words, options);
	while ((module = next_value(&words, "-M", "--module")))
		if (is_srp_module(module))
			return true;
	return false;
}

/* The value of zebra's -s or --nl-bufsize; 0: not given. */
static unsigned long options_buffer(const char *options)
{
	struct option_words words;
	const char *bytes;

	option_words_begin(&words, options);
	bytes = next_value(&words, "-s", "--nl-bufsize");
	return bytes ? strtoul(bytes, NULL, 10) : 0;
}

/* The files of the module, which an update of FRRouting may have left behind or taken along. */
static void check_module_files(struct check_frr_report *report, const struct check_frr_facts *facts,
			       bool wanted)
{
	const char *missing = !facts->has_stub     ? "bgpd_srp.so"
			      : !facts->has_module ? "bgpd_srp_impl.so"
						   : NULL;

	if (wanted && facts->module_dir && missing)
		check_frr_add(report, CHECK_FRR_RULE_MODULE_MISSING,
			      check_frr_text(report, "%s", facts->module_dir),
			      check_frr_text(report, "there is no %s", missing),
			      "install srpd again, or take -M srp out of bgpd_options until then");
}

static bool any_bfd(const struct check_conf *conf)
{
	for (size_t i = 0; conf && i < conf->bgp_count; i++)
		for (size_t p = 0; p < conf->bgps[i].peer_count; p++)
			if (conf->bgps[i].peers[p].bfd)
				return true;
	return false;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || strchr(" \t", at[-1])) && (!at[len] || strchr(" \t", at[len])))
			return true;
	return false;
}

static void check_daemons(struct check_frr_report *report, const struct check_frr_facts *facts,
			  const struct check_srp_conf *srp, const struct check_conf *conf)
{
	const char *text = facts->daemons.text;
	const char *path = check_frr_text(report, "%s/daemons", facts->etc);
	char all[1024], options[1024], words[1024];

	if (!text)
		return;
	if (!daemons_enabled(text, "bgpd"))
		check_frr_add(report, CHECK_FRR_RULE_BGPD_OFF, path, "bgpd is not enabled",
			      check_frr_text(report, "bgpd=yes in %s, then systemctl restart frr", path));
	if (!daemons_value(text, "frr_global_options", all, sizeof(all)))
		all[0] = '\0';
	if (!daemons_value(text, "bgpd_options", options, sizeof(options)))
		options[0] = '\0';
	check_module_files(report, facts, options_load_srp(options) || options_load_srp(all));
	if (!srp->metric && !options_load_srp(options) && !options_load_srp(all))
		check_frr_add(report, CHECK_FRR_RULE_MODULE_NOT_CONFIGURED, path,
			      check_frr_text(report, "bgpd_options=\"%s\" does not load srpd's module",
					     options),
			      check_frr_text(report,
					     "bgpd_options=\"%s%s-M srp\" in %s, then systemctl restart frr",
					     options, options[0] ? " " : "", path));
	if (any_bfd(conf) && !daemons_enabled(text, "bfdd"))
		check_frr_add(report, CHECK_FRR_RULE_BFDD_OFF, path,
			      "neighbours are configured with bfd, and bfdd is not enabled",
			      check_frr_text(report, "bfdd=yes in %s, then systemctl restart frr", path));
	if (daemons_enabled(text, "srpd") ||
	    (daemons_value(text, "DAEMONS", words, sizeof(words)) && has_word(words, "srpd")))
		check_frr_add(report, CHECK_FRR_RULE_SRPD_UNDER_WATCHFRR, path,
			      "srpd is among FRRouting's own daemons",
			      check_frr_text(report, "take srpd out of %s and give it a service of its own",
					     path));
	if (!daemons_value(text, "zebra_options", options, sizeof(options)))
		options[0] = '\0';
	if (srp->prefix_count >= BUFFER_PREFIXES && options_buffer(options) < BUFFER_BYTES &&
	    options_buffer(all) < BUFFER_BYTES)
		check_frr_add(
			report, CHECK_FRR_RULE_ZEBRA_BUFFER, path,
			check_frr_text(
				report,
				"%zu srp-activated prefixes, and zebra_options=\"%s\" has no -s of %d or "
				"more",
				srp->prefix_count, options, BUFFER_BYTES),
			check_frr_text(report,
				       "zebra_options=\"%s%s-s 90000000\" in %s, then systemctl restart frr",
				       options, options[0] ? " " : "", path));
}

/* --- What runs -------------------------------------------------------------------------------- */

/* The version of `name` in `show modules`; false when it is not there. */
static bool module_version(const char *modules, const char *name, char *buf, size_t size)
{
	char line[256], module[64], version[64];

	while (*modules) {
		size_t len = strcspn(modules, "\n");

		if (len < sizeof(line)) {
			memcpy(line, modules, len);
			line[len] = '\0';
			if (sscanf(line, "%63s %63s", module, version) == 2 && strcmp(module, name) == 0) {
				snprintf(buf, size, "%.*s", (int)strspn(version, "0123456789."), version);
				return true;
			}
		}
		modules += len + (modules[len] == '\n');
	}
	return false;
}

static bool has_srp_map(const struct check_conf *conf)
{
	for (size_t i = 0; i < conf->entry_count; i++)
		if (strcmp(conf->entries[i].map, "srp") == 0 && conf->entries[i].seq == 1)
			return true;
	return false;
}

static void check_module(struct check_frr_report *report, const struct check_frr_facts *facts,
			 const struct check_conf *conf)
{
	const char *modules = facts->bgpd.modules,
		   *restart = "systemctl restart frr   (or restart bgpd alone)";
	char running[64] = "", module[64] = "";

	if (!modules)
		return;
	module_version(modules, "libfrr", running, sizeof(running));
	if (!module_version(modules, "bgpd_srp", module, sizeof(module))) {
		check_frr_add(report, CHECK_FRR_RULE_MODULE_NOT_LOADED, "bgpd",
			      "the module bgpd_srp is not loaded",
			      facts->bgpd.arguments && options_load_srp(facts->bgpd.arguments)
				      ? "look into bgpd's log"
				      : check_frr_text(report,
						       "bgpd_options=\"... -M srp\" in %s/daemons, then %s",
						       facts->etc, restart));
		return;
	}
	if (running[0] && strcmp(running, module) != 0)
		check_frr_add(report, CHECK_FRR_RULE_MODULE_INACTIVE, "bgpd",
			      check_frr_text(report, "bgpd_srp was built for FRRouting %s, and this is %s",
					     module, running),
			      check_frr_text(report,
					     "install the srpd that is built for FRRouting %s, then %s",
					     running, restart));
	else if (conf && conf->is_running && !has_srp_map(conf))
		check_frr_add(
			report, CHECK_FRR_RULE_MODULE_INACTIVE, "bgpd",
			"bgpd_srp is loaded, and its route-map srp is not there",
			check_frr_text(
				report,
				"install srpd again (bgpd_srp_impl.so has to be beside bgpd_srp.so), then %s",
				restart));
}

static void check_version(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	char running[64] = "";
	const char *version = facts->installed_version;

	if (facts->bgpd.modules && module_version(facts->bgpd.modules, "libfrr", running, sizeof(running)) &&
	    facts->built_for && strcmp(running, facts->built_for) != 0)
		check_frr_add(report, CHECK_FRR_RULE_FRR_VERSION, "bgpd",
			      check_frr_text(report, "FRRouting %s runs, and this srpd was built for %s",
					     running, facts->built_for),
			      check_frr_text(report, "install the srpd that is built for FRRouting %s",
					     running));
	if (version && facts->built_for && strcmp(version, facts->built_for) != 0)
		check_frr_add(report, CHECK_FRR_RULE_FRR_VERSION, "installed files",
			      check_frr_text(report,
					     "FRRouting %s is installed, and this srpd was built for %s",
					     version, facts->built_for),
			      check_frr_text(report, "install the srpd that is built for FRRouting %s",
					     version));
}

/* A string at "a.b" of an object, or NULL. */
static const char *json_string(struct json_object *object, const char *a, const char *b)
{
	struct json_object *inner;

	if (!json_object_object_get_ex(object, a, &inner))
		return NULL;
	if (b &&
	    (!json_object_is_type(inner, json_type_object) || !json_object_object_get_ex(inner, b, &inner)))
		return NULL;
	return json_object_is_type(inner, json_type_string) ? json_object_get_string(inner) : NULL;
}

/* What srpd has to say of itself, since it is there. */
static void check_srp_info(struct check_frr_report *report, const struct check_frr_facts *facts,
			   const struct check_srp_conf *srp)
{
	static const char *const keys[][2] = {
		{"authenticationError", NULL}, {"bgp", "error"},       {"bgp", "warning"},
		{"kernel", "lastError"},       {"witness", "warning"}, {"l2", "warning"},
	};
	struct json_object *info = facts->srp_info ? json_tokener_parse(facts->srp_info) : NULL;
	struct json_object *bgp, *connected;

	if (json_object_is_type(info, json_type_object)) {
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			const char *text = json_string(info, keys[i][0], keys[i][1]);

			if (text && *text)
				check_frr_add(report, CHECK_FRR_RULE_SRPD_REPORTS, "show srp info",
					      check_frr_text(report, "%s%s%s: %s", keys[i][0],
							     keys[i][1] ? "." : "",
							     keys[i][1] ? keys[i][1] : "", text),
					      "docs/user-guide.md, \"show srp info\"");
		}
		if (!srp->metric && json_object_object_get_ex(info, "bgp", &bgp) &&
		    json_object_is_type(bgp, json_type_object) &&
		    json_object_object_get_ex(bgp, "moduleConnected", &connected) &&
		    json_object_is_type(connected, json_type_boolean) && !json_object_get_boolean(connected))
			check_frr_add(report, CHECK_FRR_RULE_SRPD_REPORTS, "show srp info",
				      "bgp.moduleConnected: bgpd's module is not connected to srpd",
				      "start bgpd with -M srp, in the same pathspace (-N) as srpd");
	}
	json_object_put(info);
}

/* --- vtysh, networkd, kernel ------------------------------------------------------------------ */

static void check_vtysh(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	if (facts->vtysh == CHECK_FRR_VTYSH_PLAIN)
		check_frr_add(report, CHECK_FRR_RULE_VTYSH_PLAIN, "/usr/bin/vtysh", "it is FRRouting's own",
			      "srp-vtysh-install install");
	else if (facts->vtysh == CHECK_FRR_VTYSH_DAMAGED)
		check_frr_add(report, CHECK_FRR_RULE_VTYSH_DAMAGED, "/usr/bin/vtysh",
			      "the wrapper and FRRouting's vtysh.distrib are not both there",
			      "srp-vtysh-install install   (srp-vtysh-install status says more)");
}

/* The last value of a key in systemd's files. */
static bool systemd_false(const char *text, const char *key)
{
	bool is_false = false;
	size_t len = strlen(key);

	for (const char *line = text; *line; line += *line == '\n') {
		const char *at = line + strspn(line, " \t");

		line += strcspn(line, "\n");
		if (strncmp(at, key, len) != 0)
			continue;
		at += len;
		at += strspn(at, " \t");
		if (*at++ != '=')
			continue;
		at += strspn(at, " \t");
		is_false = strncasecmp(at, "no", 2) == 0 || strncasecmp(at, "false", 5) == 0 || *at == '0' ||
			   strncasecmp(at, "off", 3) == 0;
	}
	return is_false;
}

static void check_networkd(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	if (facts->networkd == 1 &&
	    !systemd_false(facts->networkd_conf ? facts->networkd_conf : "", "ManageForeignRoutes"))
		check_frr_add(report, CHECK_FRR_RULE_NETWORKD_FOREIGN_ROUTES, "systemd-networkd",
			      "it runs, or is enabled, without ManageForeignRoutes=no",
			      "mkdir -p /etc/systemd/networkd.conf.d\n"
			      "printf '[Network]\\nManageForeignRoutes=no\\n' > "
			      "/etc/systemd/networkd.conf.d/srp.conf\n"
			      "systemctl restart systemd-networkd");
}

static size_t family_count(const struct check_srp_conf *srp, unsigned int family, unsigned int kind)
{
	size_t count = 0;

	for (size_t i = 0; i < srp->context_count; i++)
		count += srp->contexts[i].count[family][kind];
	return count;
}

static void check_kernel(struct check_frr_report *report, const struct check_frr_facts *facts,
			 const struct check_srp_conf *srp)
{
	const char *strict = NULL;
	unsigned int strict_count = 0;

	if (facts->ip_forward == 0 && family_count(srp, CHECK_IPV4, CHECK_KERNEL))
		check_frr_add(report, CHECK_FRR_RULE_FORWARDING_OFF, "kernel", "IPv4 is not forwarded",
			      "sysctl -w net.ipv4.ip_forward=1, and the same in /etc/sysctl.d/");
	if (facts->ip6_forwarding == 0 && family_count(srp, CHECK_IPV6, CHECK_KERNEL))
		check_frr_add(report, CHECK_FRR_RULE_FORWARDING_OFF, "kernel", "IPv6 is not forwarded",
			      "sysctl -w net.ipv6.conf.all.forwarding=1, and the same in /etc/sysctl.d/");
	/* The larger of the interface's and that of all counts: 0 off, 1 strict, 2 loose. */
	for (size_t i = 0; i < facts->link_count; i++) {
		const struct check_frr_link *link = &facts->links[i];
		int filter = link->rp_filter > facts->rp_filter_all ? link->rp_filter : facts->rp_filter_all;

		if (filter == 1 && strcmp(link->name, "lo") != 0 && ++strict_count <= NAMED_MAX)
			strict = check_frr_text(report, "%s%s%s", strict ? strict : "", strict ? ", " : "",
						link->name);
	}
	if (strict &&
	    (family_count(srp, CHECK_IPV4, CHECK_KERNEL) || family_count(srp, CHECK_IPV4, CHECK_CONNECTED)))
		check_frr_add(report, CHECK_FRR_RULE_RP_FILTER, "kernel",
			      check_frr_text(report, "reverse path filtering is strict on %s%s", strict,
					     strict_count > NAMED_MAX ? ", ..." : ""),
			      "sysctl -w net.ipv4.conf.all.rp_filter=2, and the same in /etc/sysctl.d/");
}

static void check_rt_protos(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	const char *text = facts->rt_protos;

	if (!text)
		return;
	while (*text) {
		const char *at = text + strspn(text, " \t");

		if (strncmp(at, SRP_RTPROT_TEXT, 3) == 0 && (at[3] == ' ' || at[3] == '\t'))
			return;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	check_frr_add(report, CHECK_FRR_RULE_RT_PROTOS, "/etc/iproute2/rt_protos.d",
		      "protocol " SRP_RTPROT_TEXT " has no name",
		      "mkdir -p /etc/iproute2/rt_protos.d\n"
		      "echo '" SRP_RTPROT_TEXT " srp' > /etc/iproute2/rt_protos.d/srpd.conf");
}

void check_frr_host(struct check_frr_report *report, const struct check_frr_facts *facts,
		    const struct check_srp_conf *srp, const struct check_conf *conf)
{
	check_daemons(report, facts, srp, conf);
	check_version(report, facts);
	if (!srp->metric)
		check_module(report, facts, conf);
	check_srp_info(report, facts, srp);
	check_vtysh(report, facts);
	check_networkd(report, facts);
	check_kernel(report, facts, srp);
	check_rt_protos(report, facts);
}
