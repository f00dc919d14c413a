/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd_srp's life cycle, and what is in force.
 *
 * In force is one of three things:
 *   - before srpd has sent a policy: the *safe state*. What the prefix-lists of a saved configuration match is
 *     announced with the fallback count (module argument `fallback=N`), nothing else is.
 *   - srpd's last policy.
 *   - that policy with its own fallback count, once srpd is gone longer than its hold time.
 * In each of them an srp-activated prefix is announced with that many copies of the own AS or not at all: while
 * the AS of a context is unknown, its map denies. The module never withdraws by itself, so `announce == false`
 * stays false while srpd is away.
 *
 * A connected srpd that sends no policy (Init) changes nothing: that is how a restarted one adopts.
 *
 * Order at start: module init; libfrr's late init (bgpd is set up, nothing is configured: our default map is
 * made and denies, so that an operator's `call srp` cannot fall through it); the configuration is read; and
 * frr_config_post, before the first peer or route: an older saved copy of our map is put right there. An
 * integrated frr.conf arrives later, line by line through vtysh; bgpd_srp_policy.c looks after each change.
 */
#include "frr-integration/bgpd_srp.h"

#include "agent/hash.h"

#include "libfrr.h"
#include "module.h"
#include "table.h"
#include "zlog.h"

/* bgpd tells nobody that an instance appears, so that is looked for. Until it is seen, the map denies. */
#define WATCH_MSEC   500
/* And the whole status, for what no hook tells: compared and sent only when it differs. */
#define STATUS_EVERY 10

struct bgpsrp bgpsrp = {
	.fallback_prepend = BGPSRP_FALLBACK_PREPEND,
	.applied_prepend = -1,
	.advertised_prepend = -1,
	.witness_prefixes = -1,
};

/* For the stub: which FRR this was built for. */
const char bgpsrp_built_for[] = SRP_FRR_UPSTREAM;

static SRP_EVENT *watch_timer;
static uint64_t instances_seen;

/* Names hook registrations, and registers our log messages. FRR's macro leaves fields out on purpose. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
FRR_COREMOD_SETUP(.name = "bgpd_srp_impl", .version = SRP_FRR_UPSTREAM, .description = "bgpd_srp", );
#pragma GCC diagnostic pop

bool bgpsrp_announce(void)
{
	return !bgpsrp.have_policy || bgpsrp.announce;
}

uint8_t bgpsrp_prepend(void)
{
	if (!bgpsrp.have_policy)
		return bgpsrp.fallback_prepend;
	return bgpsrp.agent_lost ? bgpsrp.policy_fallback : bgpsrp.prepend;
}

/* --- contexts ------------------------------------------------------------------------------------- */

const char *bgpsrp_bgp_context(const struct bgp *bgp)
{
	return bgp->name ? bgp->name : "default";
}

struct bgp *bgpsrp_context_bgp(const struct bgpsrp_context *context)
{
	struct listnode *node;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
		if (strcmp(bgpsrp_bgp_context(bgp), context->name) == 0 &&
		    !CHECK_FLAG(bgp->flags, BGP_FLAG_DELETE_IN_PROGRESS))
			return bgp;
	return NULL;
}

as_t bgpsrp_bgp_as(const struct bgp *bgp)
{
	if (!bgp)
		return 0;
	return CHECK_FLAG(bgp->config, BGP_CONFIG_CONFEDERATION) ? bgp->confed_id : bgp->as;
}

static struct bgpsrp_context *context_find(const char *name)
{
	for (size_t i = 0; i < bgpsrp.context_count; i++)
		if (strcmp(bgpsrp.contexts[i].name, name) == 0)
			return &bgpsrp.contexts[i];
	return NULL;
}

struct bgpsrp_context *bgpsrp_context_get(const char *name)
{
	struct bgpsrp_context *context = context_find(name);
	struct bgpsrp_context *grown;

	if (context || strlen(name) >= sizeof(context->name) || bgpsrp.context_count == BGPSRP_CONTEXTS_MAX)
		return context;
	grown = reallocarray(bgpsrp.contexts, bgpsrp.context_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	bgpsrp.contexts = grown;
	context = &grown[bgpsrp.context_count++];
	memset(context, 0, sizeof(*context));
	strlcpy(context->name, name, sizeof(context->name));
	if (strcmp(name, "default") == 0)
		strlcpy(context->map, "srp", sizeof(context->map));
	else
		snprintf(context->map, sizeof(context->map), "srp-%s", name);
	return context;
}

static void context_clear_prefixes(struct bgpsrp_context *context)
{
	for (int family = 0; family < BGPSRP_FAMILIES; family++) {
		free(context->prefixes[family]);
		context->prefixes[family] = NULL;
		context->count[family] = 0;
	}
}

static int prefix_order(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

/* Take over the prefixes of one context of a policy: masked, sorted, each once. False: out of memory. */
static bool context_take(struct bgpsrp_context *context, const struct bgp_ipc_context *from)
{
	for (int family = 0; family < BGPSRP_FAMILIES; family++) {
		uint8_t wanted = family == BGPSRP_IPV4 ? AF_INET : AF_INET6;
		struct prefix *list = calloc(from->prefix_count + 1, sizeof(*list));
		size_t count = 0, unique = 0;

		if (!list)
			return false;
		for (size_t i = 0; i < from->prefix_count; i++) {
			const struct srp_prefix *prefix = &from->prefixes[i];

			if (prefix->addr.family != wanted)
				continue;
			list[count].family = wanted;
			list[count].prefixlen = prefix->plen;
			memcpy(&list[count].u, prefix->addr.bytes, wanted == AF_INET ? 4 : 16);
			apply_mask(&list[count++]);
		}
		qsort(list, count, sizeof(*list), prefix_order);
		for (size_t i = 0; i < count; i++)
			if (!unique || prefix_cmp(&list[unique - 1], &list[i]) != 0)
				list[unique++] = list[i];
		free(context->prefixes[family]);
		context->prefixes[family] = list;
		context->count[family] = unique;
	}
	return true;
}

/* --- the policy ----------------------------------------------------------------------------------- */

void bgpsrp_take_policy(const struct bgp_ipc_policy *policy)
{
	bool installed_changed = !bgpsrp.have_policy || bgpsrp.installed != policy->installed;
	bool complete = true;

	for (size_t i = 0; i < bgpsrp.context_count; i++)
		context_clear_prefixes(&bgpsrp.contexts[i]);
	for (size_t i = 0; i < policy->context_count; i++) {
		struct bgpsrp_context *context = bgpsrp_context_get(policy->contexts[i].name);

		if (!context || !context_take(context, &policy->contexts[i])) {
			complete = false;
			zlog_warn("srp: context %s of the policy is left out: too many contexts, or out of "
				  "memory",
				  policy->contexts[i].name);
		}
	}
	/* Half a policy must not be reported as the whole: generation 0 is never "applied". */
	bgpsrp.have_policy = true;
	bgpsrp.agent_lost = false;
	bgpsrp.generation = complete ? policy->generation : 0;
	bgpsrp.announce = policy->announce;
	bgpsrp.installed = policy->installed;
	bgpsrp.witness = policy->witness;
	bgpsrp.prepend = policy->prepend;
	bgpsrp.policy_fallback = policy->fallback_prepend;
	bgpsrp.hold_sec = policy->hold_sec;

	bgpsrp_policy_apply();
	bgpsrp_witness_policy_changed();
	if (installed_changed)
		bgpsrp_zebra_installed_changed();
	bgpsrp_agent_status_changed();
}

void bgpsrp_agent_is_lost(void)
{
	if (!bgpsrp.have_policy || bgpsrp.agent_lost)
		return;
	bgpsrp.agent_lost = true;
	zlog_warn("srp: srpd is gone for more than %u s: falling back to %u prepends", bgpsrp.hold_sec,
		  bgpsrp_prepend());
	bgpsrp_policy_apply();
}

/* --- what makes us look again ----------------------------------------------------------------------- */

/* A number that changes when an instance comes, goes or gets another AS. */
static uint64_t instances_digest(void)
{
	uint64_t digest = SRP_HASH_START;
	struct listnode *node;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp)) {
		const char *name = bgpsrp_bgp_context(bgp);
		as_t as = bgpsrp_bgp_as(bgp);

		digest = srp_hash(digest, name, strlen(name) + 1);
		digest = srp_hash(digest, &as, sizeof(as));
	}
	return digest;
}

static void instances_check(void)
{
	uint64_t digest = instances_digest();

	if (digest == instances_seen)
		return;
	instances_seen = digest;
	bgpsrp_policy_apply_soon();
}

static void watch_run(SRP_EVENT *e)
{
	static unsigned int turn;

	srp_event_add_timer_msec(bgpsrp.loop, watch_run, NULL, WATCH_MSEC, &watch_timer);
	instances_check();
	if (++turn % STATUS_EVERY == 0)
		bgpsrp_agent_status_changed();
}

static int peer_changed(struct peer *peer)
{
	if (bgpsrp.stopping)
		return 0;
	/* A new neighbour often comes with a new instance. */
	instances_check();
	bgpsrp_agent_status_changed();
	/* The attempts of one that is not there change nothing, and must not put off the repairs of the others. */
	if (srp_peer_established(peer) || srp_peer_was_established(peer))
		bgpsrp_verify_soon(0);
	bgpsrp_witness_soon();
	return 0;
}

static int instance_deleted(struct bgp *bgp)
{
	if (!bgpsrp.stopping)
		bgpsrp_policy_apply_soon();
	return 0;
}

/* --- life cycle --------------------------------------------------------------------------------------- */

static int late_init(SRP_EVENT_LOOP *loop)
{
	bgpsrp.loop = loop;
	bgpsrp_context_get("default");
	bgpsrp_policy_watch();
	bgpsrp_policy_apply();
	bgpsrp_zebra_start();
	bgpsrp_agent_start();
	srp_event_add_timer_msec(loop, watch_run, NULL, WATCH_MSEC, &watch_timer);
	return 0;
}

static int config_read(SRP_EVENT_LOOP *loop)
{
	instances_seen = instances_digest();
	bgpsrp_policy_apply();
	return 0;
}

static int early_fini(void)
{
	bgpsrp.stopping = true;
	srp_event_cancel(&watch_timer);
	bgpsrp_agent_stop();
	bgpsrp_policy_stop();
	bgpsrp_verify_stop();
	bgpsrp_witness_stop();
	bgpsrp_zebra_stop();
	return 0;
}

/* "fallback=N", or nothing. */
static bool args_take(const char *args)
{
	unsigned long count;
	char *end;

	if (!args || !*args)
		return true;
	if (strncmp(args, "fallback=", 9) == 0 && args[9] >= '0' && args[9] <= '9') {
		count = strtoul(args + 9, &end, 10);
		if (!*end && count >= 1 && count <= BGP_IPC_PREPEND_MAX) {
			bgpsrp.fallback_prepend = (uint8_t)count;
			return true;
		}
	}
	zlog_err("bgpd_srp: \"%s\": the argument is fallback=N with N in 1..%u", args, BGP_IPC_PREPEND_MAX);
	return false;
}

bool bgpsrp_start(const char *args)
{
	/* A mistyped argument must not cost the safe state: say it and go on with the default. */
	args_take(args);
	hook_register(frr_late_init, late_init);
	hook_register(frr_config_post, config_read);
	hook_register(frr_early_fini, early_fini);
	hook_register(peer_status_changed, peer_changed);
	hook_register(bgp_inst_delete, instance_deleted);
	bgpsrp_witness_start();
	return true;
}
