/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is in force to bgpd's configuration: one northbound transaction, then the flush.
 *
 * Each context has, under its name ("srp", "srp-VRF"), a prefix-list per family and a route-map:
 *
 *	ip prefix-list srp seq 5 permit 172.18.0.0/16
 *	ip prefix-list srp seq 4294967295 deny any
 *	route-map srp permit 1
 *	 match ip address prefix-list srp
 *	 set as-path prepend 65001 65001
 *	route-map srp permit 2
 *	 match ipv6 address prefix-list srp
 *	 set as-path prepend 65001 65001
 *
 * Not announcing is the same with `deny`. The closing deny is there because bgpd takes an empty prefix-list as
 * "permit anything"; and the objects are edited in place and never deleted, because a neighbour whose out map
 * disappears gets a withdraw, and a `call` of a map that is not there lets everything through.
 *
 * bgpsrp_policy_apply() compares with the running configuration and edits only what differs, so it may run
 * after every event: no difference, no commit, no UPDATE. It runs when a policy arrives, when instances change,
 * and in the same turn of the loop in which somebody else's transaction has touched a route-map or prefix-list
 * (bgpsrp_policy_watch()). The running configuration is no proof of what bgpd does, so the compiled maps are
 * compared as well (bgpd_srp_rmap.c) and, when they differ, compiled anew.
 *
 * Two callbacks are put into bgpd's northbound tables, in memory:
 *   - apply_finish of the two top containers, which FRR leaves free: the trigger just named;
 *   - the modify callback of a prefix-list entry's prefix, whose validation compares the entry with every
 *     other one. That is quadratic (4096 entries: minutes) and pointless in our own transactions, which are
 *     made from a sorted list without duplicates; they skip it. All others go through unchanged.
 */
#include "frr-integration/bgpd_srp.h"

#include "northbound_cli.h"
#include "routemap.h"
#include "zlog.h"

#include "bgpd/bgp_table.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_routemap_nb.h"

#define RETRY_MSEC_MIN 50
#define RETRY_MSEC_MAX 5000
/* How often a compiled map that does not follow is compiled anew before that becomes an error. */
#define RECOMPILE_MAX  3

static SRP_EVENT *apply_event, *retry_timer;
static unsigned int retry_msec = RETRY_MSEC_MIN;
static bool committing;

/* --- a transaction ------------------------------------------------------------------------------- */

struct bgpsrp_change {
	char *xpath;
	char *value; /* of a leaf; NULL: a list entry */
	bool remove;
};

static void edit_fail(struct bgpsrp_edit *edit, const char *what, const char *xpath)
{
	if (!edit->failed)
		snprintf(edit->error, sizeof(edit->error), "cannot %s %.120s", what, xpath);
	edit->failed = true;
}

static bool edit_begin(struct bgpsrp_edit *edit)
{
	if (edit->failed)
		return false;
	if (!edit->candidate)
		edit->candidate = nb_config_dup(running_config);
	edit->count++;
	return true;
}

static void edit_record(struct bgpsrp_edit *edit, const char *xpath, const char *value, bool remove)
{
	edit->changes = XREALLOC(MTYPE_TMP, edit->changes, (edit->change_count + 1) * sizeof(*edit->changes));
	edit->changes[edit->change_count++] = (struct bgpsrp_change){
		.xpath = XSTRDUP(MTYPE_TMP, xpath),
		.value = value ? XSTRDUP(MTYPE_TMP, value) : NULL,
		.remove = remove,
	};
}

static void edit_forget(struct bgpsrp_edit *edit)
{
	for (unsigned int i = 0; i < edit->change_count; i++) {
		XFREE(MTYPE_TMP, edit->changes[i].xpath);
		XFREE(MTYPE_TMP, edit->changes[i].value);
	}
	XFREE(MTYPE_TMP, edit->changes);
	edit->change_count = 0;
}

/*
 * The vtys share a candidate, in which `vtysh -b`, `vtysh -f` and frr-reload collect their lines until the
 * end of the file. When the running configuration becomes newer than it in between, libfrr throws these lines
 * away with the next one that comes. So what was just committed is said to the candidate, too, if it was
 * up to date before, and it counts as up to date again.
 */
static void edit_follow(const struct bgpsrp_edit *edit, uint32_t version_before)
{
	struct nb_config *shared = vty_shared_candidate_config;

	if (!shared || shared->version != version_before)
		return;
	for (unsigned int i = 0; i < edit->change_count; i++) {
		const struct bgpsrp_change *change = &edit->changes[i];

		/* A line of the operator may have removed what this one edits: then the next turn commits again. */
		if (change->remove)
			(void)srp_nb_remove(shared, change->xpath);
		else
			(void)srp_nb_set(shared, change->xpath, change->value);
	}
	shared->version = running_config->version;
}

void bgpsrp_edit_set(struct bgpsrp_edit *edit, const char *value, const char *format, ...)
{
	char xpath[XPATH_MAXLEN];
	va_list args;

	if (!edit_begin(edit))
		return;
	va_start(args, format);
	vsnprintf(xpath, sizeof(xpath), format, args);
	va_end(args);
	if (srp_nb_set(edit->candidate, xpath, value) != NB_OK)
		edit_fail(edit, "set", xpath);
	else
		edit_record(edit, xpath, value, false);
}

void bgpsrp_edit_remove(struct bgpsrp_edit *edit, const char *format, ...)
{
	char xpath[XPATH_MAXLEN];
	va_list args;
	int rc;

	if (!edit_begin(edit))
		return;
	va_start(args, format);
	vsnprintf(xpath, sizeof(xpath), format, args);
	va_end(args);
	rc = srp_nb_remove(edit->candidate, xpath);
	if (rc != NB_OK && rc != NB_ERR_NOT_FOUND)
		edit_fail(edit, "remove", xpath);
	else
		edit_record(edit, xpath, NULL, true);
}

/* Commit and release. Returns an enum nb_error; NB_OK also when there was nothing to do. */
static int edit_commit(struct bgpsrp_edit *edit)
{
	uint32_t version_before = running_config->version;
	char message[BUFSIZ] = "";
	int rc = NB_OK;

	if (edit->failed) {
		rc = NB_ERR;
	} else if (edit->candidate) {
		committing = true;
		rc = srp_nb_commit(edit->candidate, &bgpsrp, "srp", message, sizeof(message));
		committing = false;
		if (rc == NB_OK)
			edit_follow(edit, version_before);
		if (rc == NB_ERR_NO_CHANGES)
			rc = NB_OK;
		if (rc != NB_OK)
			snprintf(edit->error, sizeof(edit->error), "commit: %s: %s", nb_err_name(rc),
				 message);
		for (char *c = edit->error; *c; c++)
			if (*c < ' ')
				*c = ' ';
	}
	if (edit->candidate)
		nb_config_free(edit->candidate);
	edit->candidate = NULL;
	edit_forget(edit);
	return rc;
}

const struct lyd_node *bgpsrp_running(const char *format, ...)
{
	struct lyd_node *match = NULL;
	char xpath[XPATH_MAXLEN];
	va_list args;

	if (!running_config->dnode)
		return NULL;
	va_start(args, format);
	vsnprintf(xpath, sizeof(xpath), format, args);
	va_end(args);
	return lyd_find_path(running_config->dnode, xpath, 0, &match) == LY_SUCCESS ? match : NULL;
}

const char *bgpsrp_child(const struct lyd_node *node, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(node), child)
	if (strcmp(child->schema->name, name) == 0)
		return lyd_get_value(child);
	return NULL;
}

/* --- the northbound tables ------------------------------------------------------------------------ */

static int (*plain_modify[BGPSRP_FAMILIES])(struct nb_cb_modify_args *);

static int modify_ipv4(struct nb_cb_modify_args *args)
{
	if (committing && args->event == NB_EV_VALIDATE)
		return NB_OK;
	return plain_modify[BGPSRP_IPV4](args);
}

static int modify_ipv6(struct nb_cb_modify_args *args)
{
	if (committing && args->event == NB_EV_VALIDATE)
		return NB_OK;
	return plain_modify[BGPSRP_IPV6](args);
}

static void changed(struct nb_cb_apply_finish_args *args)
{
	if (!committing)
		bgpsrp_policy_apply_soon();
}

void bgpsrp_policy_watch(void)
{
	static const char *const tops[] = {"/frr-route-map:lib", "/frr-filter:lib"};
	static int (*const modify[])(struct nb_cb_modify_args *) = {modify_ipv4, modify_ipv6};
	static const char *const leaves[] = {"/frr-filter:lib/prefix-list/entry/ipv4-prefix",
					     "/frr-filter:lib/prefix-list/entry/ipv6-prefix"};
	struct nb_node *node;

	for (size_t i = 0; i < array_size(tops); i++) {
		node = nb_node_find(tops[i]);
		if (node && !node->cbs.apply_finish)
			node->cbs.apply_finish = changed;
		else
			zlog_warn(
				"srp: %s cannot be watched: edits of our objects are seen only after a while",
				tops[i]);
	}
	for (int family = 0; family < BGPSRP_FAMILIES; family++) {
		node = nb_node_find(leaves[family]);
		if (!node || !node->cbs.modify)
			continue;
		plain_modify[family] = node->cbs.modify;
		node->cbs.modify = modify[family];
	}
}

/* --- apply ---------------------------------------------------------------------------------------- */

/* A VRF's objects are made when a policy names it, when they were saved, or when something refers to them. */
static bool map_is_referred_to(const struct bgp *bgp, const char *map)
{
	struct listnode *node;
	struct bgp_redist *red;
	struct peer *peer;

	for (afi_t afi = AFI_IP; afi < AFI_MAX; afi++)
		for (int type = 0; type < ZEBRA_ROUTE_MAX; type++)
			if (bgp->redist[afi][type])
				for (ALL_LIST_ELEMENTS_RO(bgp->redist[afi][type], node, red))
					if (red->rmap.name && strcmp(red->rmap.name, map) == 0)
						return true;
	for (ALL_LIST_ELEMENTS_RO(bgp->peer, node, peer)) {
		afi_t afi;
		safi_t safi;

		FOREACH_AFI_SAFI(afi, safi)
		{
			const char *name = peer->filter[afi][safi].map[RMAP_OUT].name;

			if (name && strcmp(name, map) == 0)
				return true;
		}
	}
	return bgpsrp_running("/frr-route-map:lib/route-map[name='%s']", map) != NULL;
}

/* Whether any operator's map has `call MAP`. */
static bool map_is_called(const char *map)
{
	const struct lyd_node *lib = bgpsrp_running("/frr-route-map:lib"), *node, *entry;

	if (!lib)
		return false;
	LY_LIST_FOR(lyd_child(lib), node)
	{
		LY_LIST_FOR(lyd_child(node), entry)
		{
			const char *call =
				entry->schema->nodetype == LYS_LIST ? bgpsrp_child(entry, "call") : NULL;

			if (call && strcmp(call, map) == 0)
				return true;
		}
	}
	return false;
}

static void contexts_collect(void)
{
	char map[BGPSRP_MAP_NAME_LEN];
	struct listnode *node;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp)) {
		const char *name = bgpsrp_bgp_context(bgp);

		if (!bgp->name || strlen(name) >= SRP_CONTEXT_NAME_LEN || strpbrk(name, " '\"[]/"))
			continue;
		snprintf(map, sizeof(map), "srp-%s", name);
		if (map_is_referred_to(bgp, map) || map_is_called(map))
			bgpsrp_context_get(name);
	}
}

/* What the map of a context shall be. False while the AS is unknown and it has something to announce. */
static bool context_want(const struct bgpsrp_context *context, struct bgpsrp_rmap *want)
{
	as_t as = bgpsrp_bgp_as(bgpsrp_context_bgp(context));
	size_t len = 0;

	*want = (struct bgpsrp_rmap){.permit = as && bgpsrp_announce()};
	for (unsigned int i = 0; as && i < bgpsrp_prepend(); i++)
		len += (size_t)snprintf(want->prepend + len, sizeof(want->prepend) - len, "%s%u",
					i ? " " : "", as);
	return as || !(context->count[BGPSRP_IPV4] || context->count[BGPSRP_IPV6]);
}

/* One transaction over all contexts. Returns an enum nb_error; *edits is how many edits it took. */
static int apply_all(char *error, size_t error_size, unsigned int *edits)
{
	struct bgpsrp_edit edit = {0};
	struct bgpsrp_rmap want;
	int rc;

	for (size_t i = 0; i < bgpsrp.context_count; i++) {
		context_want(&bgpsrp.contexts[i], &want);
		bgpsrp_plist_edit(&edit, &bgpsrp.contexts[i], !bgpsrp.have_policy);
		bgpsrp_rmap_edit(&edit, &bgpsrp.contexts[i], &want);
	}
	*edits += edit.count;
	rc = edit_commit(&edit);
	if (rc != NB_OK)
		strlcpy(error, edit.error, error_size);
	return rc;
}

/*
 * The configuration is as wanted; is what bgpd runs? If not, strip the entries and let the next
 * transaction compile them. Returns how many maps were stripped. No route passes between the two transactions:
 * the loop does not turn.
 */
static unsigned int strip_deaf_maps(void)
{
	struct bgpsrp_edit edit = {0};
	unsigned int stripped = 0;
	struct bgpsrp_rmap want;

	for (size_t i = 0; i < bgpsrp.context_count; i++) {
		context_want(&bgpsrp.contexts[i], &want);
		if (bgpsrp_rmap_compiled(&bgpsrp.contexts[i], &want))
			continue;
		zlog_warn("srp: route-map %s is configured but not in force: compiling it anew",
			  bgpsrp.contexts[i].map);
		bgpsrp_rmap_edit_strip(&edit, &bgpsrp.contexts[i]);
		stripped++;
	}
	edit_commit(&edit);
	return stripped;
}

static void apply_log(unsigned int edits, int64_t usec)
{
	size_t prefixes = 0;

	for (size_t i = 0; i < bgpsrp.context_count; i++)
		prefixes += bgpsrp.contexts[i].count[BGPSRP_IPV4] + bgpsrp.contexts[i].count[BGPSRP_IPV6];
	if (!bgpsrp.have_policy)
		zlog_info("srp: safe state: saved prefixes only, %u prepends (%u edits, %" PRId64 " us)",
			  bgpsrp_prepend(), edits, usec);
	else if (bgpsrp_announce())
		zlog_info("srp: policy %" PRIu64
			  ": %zu prefixes announced with %u prepends%s (%u edits, %" PRId64 " us)",
			  bgpsrp.generation, prefixes, bgpsrp_prepend(),
			  bgpsrp.agent_lost ? ", srpd is gone" : "", edits, usec);
	else
		zlog_info("srp: policy %" PRIu64 ": %zu prefixes not announced (%u edits, %" PRId64 " us)",
			  bgpsrp.generation, prefixes, edits, usec);
}

static void retry_run(SRP_EVENT *e)
{
	bgpsrp_policy_apply();
}

static void apply_failed(const char *error)
{
	if (strcmp(bgpsrp.error, error) != 0)
		zlog_warn("srp: policy not applied: %s", error);
	strlcpy(bgpsrp.error, error, sizeof(bgpsrp.error));
	srp_event_cancel(&retry_timer);
	srp_event_add_timer_msec(bgpsrp.loop, retry_run, NULL, retry_msec, &retry_timer);
	retry_msec = retry_msec * 2 > RETRY_MSEC_MAX ? RETRY_MSEC_MAX : retry_msec * 2;
	bgpsrp_agent_status_changed();
}

/* Note what is in force now. */
static void apply_done(void)
{
	uint64_t generation = bgpsrp.have_policy ? bgpsrp.generation : 0;
	int prepend = bgpsrp.have_policy && bgpsrp_announce() ? bgpsrp_prepend() : -1;
	struct bgpsrp_rmap want;

	retry_msec = RETRY_MSEC_MIN;
	bgpsrp.error[0] = '\0';
	for (size_t i = 0; i < bgpsrp.context_count && bgpsrp.have_policy; i++) {
		if (!context_want(&bgpsrp.contexts[i], &want)) {
			snprintf(bgpsrp.error, sizeof(bgpsrp.error),
				 "context %s has no BGP instance: its AS is not known",
				 bgpsrp.contexts[i].name);
			prepend = -1;
			generation = 0;
			break;
		}
	}
	if (generation != bgpsrp.applied_generation || prepend != bgpsrp.applied_prepend) {
		bgpsrp.applied_generation = generation;
		bgpsrp.applied_prepend = prepend;
		bgpsrp_verify_reset();
		bgpsrp_verify_soon(0);
	}
	bgpsrp_agent_status_changed();
}

void bgpsrp_policy_apply(void)
{
	char error[BGP_IPC_TEXT_LEN] = "";
	int64_t start = bgpsrp_now_usec();
	unsigned int edits = 0;
	bool deaf;

	srp_event_cancel(&apply_event);
	srp_event_cancel(&retry_timer);
	contexts_collect();
	for (unsigned int attempt = 0;; attempt++) {
		if (apply_all(error, sizeof(error), &edits) != NB_OK) {
			apply_failed(error);
			return;
		}
		deaf = strip_deaf_maps() > 0;
		if (!deaf || attempt == RECOMPILE_MAX)
			break;
		edits++;
	}
	if (edits) {
		bgpsrp_policy_flush(false);
		apply_log(edits, bgpsrp_now_usec() - start);
	}
	if (deaf) {
		apply_failed("a route-map is configured but bgpd does not follow it");
		return;
	}
	apply_done();
	if (edits) {
		bgpsrp_zebra_policy_applied();
		bgpsrp_verify_soon(0);
	}
}

static void apply_run(SRP_EVENT *e)
{
	bgpsrp_policy_apply();
}

void bgpsrp_policy_apply_soon(void)
{
	if (!bgpsrp.stopping)
		srp_event_add_event(bgpsrp.loop, apply_run, NULL, 0, &apply_event);
}

/*
 * bgpd collects route-map changes and acts when none came for its delay-timer (5 s; 0: never). Its handler is
 * exported and acts on all maps marked as changed, whatever the delay is.
 */
void bgpsrp_policy_flush(bool mark)
{
	for (size_t i = 0; mark && i < bgpsrp.context_count; i++)
		route_map_mark_updated(bgpsrp.contexts[i].map);
	bgp_route_map_update_timer(NULL);
}

void bgpsrp_policy_stop(void)
{
	srp_event_cancel(&apply_event);
	srp_event_cancel(&retry_timer);
}
