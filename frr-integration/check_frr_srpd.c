/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd's configuration for check-frr, and what it needs of files and of BGP. Whether it is good by itself is
 * srpd's own business: what does not parse is skipped here.
 */
#include "frr-integration/check_frr_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "frr-integration/srp_check.h"

#define CONTEXTS_MAX 256
#define PREFIXES_MAX 8192 /* of a context */
#define MONITORS_MAX 1024

bool check_prefix_parse(const char *text, struct srp_prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char addr[SRP_ADDR_STRLEN], *end;
	unsigned long plen;

	*prefix = (struct srp_prefix){0};
	if (!slash || (size_t)(slash - text) >= sizeof(addr) || slash[1] < '0' || slash[1] > '9')
		return false;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	plen = strtoul(slash + 1, &end, 10);
	if (*end || !srp_addr_parse(addr, &prefix->addr) ||
	    plen > (prefix->addr.family == AF_INET ? 32 : 128))
		return false;
	prefix->plen = (uint8_t)plen;
	return true;
}

bool check_prefix_equal(const struct srp_prefix *a, const struct srp_prefix *b)
{
	return a->plen == b->plen && srp_addr_equal(&a->addr, &b->addr);
}

static struct check_srp_context *context_get(struct check_srp_conf *conf, const char *name)
{
	void *list = conf->contexts;
	struct check_srp_context *context;

	for (size_t i = 0; i < conf->context_count; i++)
		if (strcmp(conf->contexts[i].name, name) == 0)
			return &conf->contexts[i];
	context = check_conf_append(&list, &conf->context_count, sizeof(*context), CONTEXTS_MAX);
	conf->contexts = list;
	if (context)
		context->name = name;
	else
		conf->cut = true;
	return context;
}

/* "10.0.0.0/8" or "10.0.0.0 255.0.0.0", the word at `index`. */
static bool read_prefix(const struct check_conf_line *line, unsigned int index, struct srp_prefix *prefix)
{
	struct srp_addr mask;
	int plen;

	if (check_prefix_parse(line->words[index], prefix))
		return true;
	if (index + 1 >= line->count || !srp_addr_parse(line->words[index], &prefix->addr) ||
	    prefix->addr.family != AF_INET || !srp_addr_parse(line->words[index + 1], &mask) ||
	    mask.family != AF_INET)
		return false;
	plen = srp_mask_length(&mask);
	prefix->plen = (uint8_t)plen;
	return plen >= 0;
}

static void read_srp_prefix(struct check_srp_conf *conf, struct check_srp_context *context, unsigned int kind,
			    const struct check_conf_line *line, unsigned int index)
{
	void *list = context->prefixes;
	struct check_srp_prefix *entry;
	struct srp_prefix prefix;

	if (index >= line->count || !read_prefix(line, index, &prefix))
		return;
	entry = check_conf_append(&list, &context->prefix_count, sizeof(*entry), PREFIXES_MAX);
	context->prefixes = list;
	if (!entry) {
		conf->cut = true;
		return;
	}
	entry->family = prefix.addr.family == AF_INET ? CHECK_IPV4 : CHECK_IPV6;
	entry->kind = kind;
	entry->prefix = prefix;
	context->count[entry->family][kind]++;
	conf->prefix_count++;
}

static void read_monitor(struct check_srp_conf *conf, const struct check_conf_line *line)
{
	void *list = conf->monitors;
	struct check_srp_monitor *monitor =
		check_conf_append(&list, &conf->monitor_count, sizeof(*monitor), MONITORS_MAX);

	conf->monitors = list;
	if (!monitor) {
		conf->cut = true;
		return;
	}
	monitor->context = line->words[3];
	monitor->peer = line->words[4];
}

static void read_key(struct check_srp_conf *conf, const char *path, bool secret)
{
	if (path && conf->key_count < CHECK_FRR_KEYS_MAX)
		conf->keys[conf->key_count++] = (struct check_srp_key){path, secret};
}

void check_srp_conf_read(struct check_srp_conf *conf, const char *text)
{
	struct check_srp_context *context = NULL;
	struct check_conf_reader reader;
	struct check_conf_line line;

	*conf = (struct check_srp_conf){.text = strdup(text)};
	if (!conf->text) {
		conf->cut = true;
		return;
	}
	check_conf_begin(&reader, conf->text);
	while (check_conf_next(&reader, &line)) {
		if (check_conf_is(&line, "context *")) {
			context = context_get(conf, line.words[1]);
		} else if (check_conf_is(&line, "service-redundancy-protocol")) {
			context = NULL;
		} else if (check_conf_is(&line, "monitor bgp context * *")) {
			read_monitor(conf, &line);
		} else if (check_conf_is(&line, "bgp driver *")) {
			conf->metric = strcmp(line.words[2], "metric") == 0;
		} else if (check_conf_is(&line, "authentication")) {
			read_key(conf, check_conf_after(&line, "psk-file"), true);
			read_key(conf, check_conf_after(&line, "certificate"), false);
			read_key(conf, check_conf_after(&line, "key"), true);
			read_key(conf, check_conf_after(&line, "ca"), false);
			read_key(conf, check_conf_after(&line, "key-file"), true);
		} else if (context &&
			   (check_conf_is(&line, "ip address *") || check_conf_is(&line, "ipv6 address *"))) {
			read_srp_prefix(conf, context, CHECK_CONNECTED, &line, 2);
		} else if (context &&
			   (check_conf_is(&line, "ip pool * *") || check_conf_is(&line, "ipv6 pool * *"))) {
			read_srp_prefix(conf, context, CHECK_KERNEL, &line, 3);
		}
	}
}

void check_srp_conf_clear(struct check_srp_conf *conf)
{
	for (size_t i = 0; i < conf->context_count; i++)
		free(conf->contexts[i].prefixes);
	free(conf->contexts);
	free(conf->monitors);
	free(conf->text);
	*conf = (struct check_srp_conf){0};
}

/* --- What it needs --------------------------------------------------------------------------- */

/* Could FRRouting's user do this (bits of one class: 4 read, 2 write, 1 search) with the file? */
static bool frr_may(const struct check_frr_facts *facts, const struct check_frr_file *file, mode_t bits)
{
	if (file->uid == facts->frr_uid)
		return (file->mode >> 6 & bits) == bits;
	for (size_t i = 0; i < facts->frr_gid_count; i++)
		if (file->gid == facts->frr_gids[i])
			return (file->mode >> 3 & bits) == bits;
	return (file->mode & bits) == bits;
}

static void check_srpd_conf_file(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	const struct check_frr_file *file = &facts->srpd_conf;
	const char *path = check_frr_text(report, "%s/srpd.conf", facts->etc);

	if (file->error == ENOENT) {
		check_frr_add(
			report, CHECK_FRR_RULE_SRPD_CONF_MISSING, path, "there is no srpd.conf",
			check_frr_text(report,
				       "write %s (man srpd has an example), or configure srpd in vtysh or "
				       "srpctl and `write memory`",
				       path));
		return;
	}
	if (!file->found)
		return;
	if (facts->frr_user_known && !frr_may(facts, file, 4))
		check_frr_add(report, CHECK_FRR_RULE_SRPD_CONF_UNREADABLE, path,
			      check_frr_text(report, "mode %04o does not let frr read it",
					     (unsigned int)(file->mode & 07777)),
			      check_frr_text(report, "chown frr:frr %s && chmod 0640 %s", path, path));
	if (file->mode & S_IRWXO)
		check_frr_add(report, CHECK_FRR_RULE_SRPD_CONF_OPEN, path,
			      check_frr_text(report, "its mode is %04o", (unsigned int)(file->mode & 07777)),
			      check_frr_text(report, "chmod o= %s", path));
	/* It is replaced by a rename: the folder has to be writable, not the file. */
	if (facts->frr_user_known && facts->etc_dir.found && !frr_may(facts, &facts->etc_dir, 3))
		check_frr_add(report, CHECK_FRR_RULE_SRPD_CONF_UNWRITABLE,
			      check_frr_text(report, "%s", facts->etc),
			      check_frr_text(report, "mode %04o does not let frr write into the folder",
					     (unsigned int)(facts->etc_dir.mode & 07777)),
			      check_frr_text(report, "chown frr:frr %s && chmod 0750 %s", facts->etc,
					     facts->etc));
}

/* The rules are those of agent/key_file.h. */
static void check_keys(struct check_frr_report *report, const struct check_frr_facts *facts)
{
	for (size_t i = 0; i < CHECK_FRR_KEYS_MAX && facts->keys[i].path; i++) {
		const struct check_frr_file *file = &facts->keys[i].file;
		const char *path = check_frr_text(report, "%s", facts->keys[i].path), *what, *mend;
		unsigned int mode = (unsigned int)(file->mode & 07777);

		if (file->error == ENOENT) {
			what = "there is no such file";
			mend = check_frr_text(
				report,
				"put it there; a psk-file, the same on both gateways:\n"
				"openssl rand -hex 32 | install -o frr -g frr -m 0640 /dev/stdin %s",
				path);
		} else if (!file->found) {
			continue;
		} else if (!S_ISREG(file->mode)) {
			what = "it is not a regular file";
			mend = "name another file in srpd's `authentication`";
		} else if (facts->keys[i].secret && (file->mode & S_IRWXO)) {
			what = check_frr_text(report, "mode %04o lets everybody at the key", mode);
			mend = check_frr_text(report, "chmod o= %s", path);
		} else if (facts->frr_user_known && !frr_may(facts, file, 4)) {
			what = check_frr_text(report, "mode %04o does not let frr read it", mode);
			mend = check_frr_text(report, "chown frr:frr %s && chmod 0640 %s", path, path);
		} else {
			continue;
		}
		check_frr_add(report, CHECK_FRR_RULE_KEY_FILE, path, what, mend);
	}
}

static bool link_is_vrf(const struct check_frr_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->link_count; i++)
		if (facts->links[i].is_vrf && strcmp(facts->links[i].name, name) == 0)
			return true;
	return false;
}

static void check_contexts(struct check_frr_report *report, const struct check_frr_facts *facts,
			   const struct check_srp_conf *srp, const struct check_conf *conf)
{
	for (size_t i = 0; i < srp->context_count; i++) {
		const char *name = srp->contexts[i].name;
		const struct check_bgp *bgp = conf ? check_conf_bgp(conf, name) : NULL;

		if (facts->links_known && strcmp(name, "default") != 0 && !(bgp && bgp->is_view) &&
		    !link_is_vrf(facts, name))
			check_frr_add(
				report, CHECK_FRR_RULE_CONTEXT_NO_VRF, "srpd's configuration",
				check_frr_text(report, "context %s is no VRF of this host", name),
				check_frr_text(report,
					       "ip link add %s type vrf table TABLE && ip link set %s up, or "
					       "in srpd: no context %s",
					       name, name, name));
	}
}

/* A peer that a `bgp listen range` lets in needs no line of its own. */
static bool is_listened_for(const struct check_bgp *bgp, const char *peer)
{
	struct srp_addr addr;
	struct srp_prefix range;

	if (!srp_addr_parse(peer, &addr))
		return false;
	for (size_t i = 0; i < bgp->listen_count; i++)
		if (check_prefix_parse(bgp->listens[i].range, &range) && srp_prefix_has(&range, &addr))
			return true;
	return false;
}

static void check_monitors(struct check_frr_report *report, const struct check_srp_conf *srp,
			   const struct check_conf *conf)
{
	if (!srp->monitor_count && srp->prefix_count)
		check_frr_add(
			report, CHECK_FRR_RULE_NO_MONITOR, "srpd's configuration", "no BGP peer is monitored",
			"in srpd: service-redundancy-protocol\n monitor bgp context default PEER group 1");
	for (size_t i = 0; conf && i < srp->monitor_count; i++) {
		const struct check_srp_monitor *monitor = &srp->monitors[i];
		const struct check_bgp *bgp = check_conf_bgp(conf, monitor->context);
		const struct check_peer *peer = bgp ? check_bgp_peer(bgp, monitor->peer) : NULL;
		const struct check_peer *group = peer ? check_peer_group(bgp, peer) : NULL;

		if (peer && !peer->is_group) {
			if (peer->shutdown || (group && group->shutdown))
				check_frr_add(
					report, CHECK_FRR_RULE_MONITOR_SHUTDOWN, conf->where,
					check_frr_text(report,
						       "neighbor %s of context %s is monitored, and shut "
						       "down",
						       monitor->peer, monitor->context),
					check_frr_text(report, "%s\n no neighbor %s shutdown",
						       check_frr_router(report, bgp),
						       peer->shutdown ? peer->name : group->name));
			continue;
		}
		if (bgp && is_listened_for(bgp, monitor->peer))
			continue;
		check_frr_add(
			report, CHECK_FRR_RULE_MONITOR_UNKNOWN, conf->where,
			check_frr_text(report,
				       "srpd monitors %s of context %s, and bgpd has no such neighbour",
				       monitor->peer, monitor->context),
			check_frr_text(report,
				       "in srpd: service-redundancy-protocol\n no monitor bgp context %s %s\n"
				       "or in bgpd: %s\n neighbor %s remote-as AS",
				       monitor->context, monitor->peer,
				       bgp ? check_frr_router(report, bgp) : "router bgp AS", monitor->peer));
	}
}

void check_frr_srpd(struct check_frr_report *report, const struct check_frr_facts *facts,
		    const struct check_srp_conf *srp, const struct check_conf *conf)
{
	check_srpd_conf_file(report, facts);
	check_keys(report, facts);
	check_contexts(report, facts, srp, conf);
	check_monitors(report, srp, conf);
}
