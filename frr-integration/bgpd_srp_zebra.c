/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Redistribution over a restart of zebra.
 *
 * When its connection to zebra ends, bgpd forgets which routes it asked for and does not ask again: it
 * keeps what it had and is deaf to kernel and connected routes for good, adds and deletes alike. So when zebra
 * is back, every `redistribute` of every instance is registered again, and then, as nobody says what has gone
 * in the meantime, mark and sweep: what zebra announces is noted, and when it has been quiet for a while, the
 * kernel and connected routes in bgpd's tables that it did not announce are taken out. What is still there is
 * announced again with the same attributes, which bgpd recognises: no UPDATE.
 *
 * To see the announcements, bgpd's table of zebra message handlers is replaced by a copy in which two entries
 * look first and then call the original. The callback for "zebra is connected" is chained the same way. bgpd
 * itself tries to reconnect every 10 to 60 s; half a second fits better beside a failover.
 *
 * While zebra is away, bgpd does not look again at what it redistributes when a route-map changes (it would
 * ask zebra to send all again). For the srp-activated prefixes that is done here, from what is in the table.
 */
#include "frr-integration/bgpd_srp.h"

#include "hash.h"
#include "jhash.h"
#include "zclient.h"
#include "zlog.h"

#include "bgpd/bgp_attr.h"
#include "bgpd/bgp_route.h"
#include "bgpd/bgp_table.h"
#include "bgpd/bgp_zebra.h"

#define WATCH_MSEC        500
#define VRF_REGISTER_MSEC 1000 /* a restarted zebra may not know its VRFs at once */
#define SWEEP_MIN_MSEC    3000
#define SWEEP_QUIET_MSEC  1000
#define SWEEP_MAX_MSEC    60000
#define NODES_PER_TURN    2000
#define SEEN_MAX          1000000
#define PURGE_MSEC        1000

/* A route that zebra has announced since it is back. */
struct seen_route {
	vrf_id_t vrf_id;
	uint8_t type;
	unsigned short instance;
	struct prefix prefix;
};

static struct {
	void (*plain_connected)(struct zclient *);
	zclient_handler *plain_add, *plain_delete;
	zclient_handler **table; /* bgpd's, with ours in it; in use until bgpd ends */
	bool was_connected;
	uint32_t restarts; /* of zebra, since it was first connected */
	bool away_told;    /* srpd knows that zebra is away */
	SRP_EVENT *t_watch, *t_register, *t_sweep, *t_purge;

	/* Mark and sweep, from reconnection on. */
	struct hash *seen; /* NULL: not sweeping */
	bool seen_overflow;
	int64_t connected_at, last_heard;
	size_t bgp_index; /* the walk: instance, family, the prefix to go on behind */
	afi_t afi;
	struct prefix at;
	unsigned int swept;

	bool purged; /* paths were taken out because `installed` was false */
} zebra;

bool bgpsrp_zebra_connected(void)
{
	return srp_zclient && srp_zclient->sock >= 0;
}

uint32_t bgpsrp_zebra_restarts(void)
{
	return zebra.restarts;
}

static bool is_local(uint8_t type)
{
	return type == ZEBRA_ROUTE_KERNEL || type == ZEBRA_ROUTE_CONNECT;
}

/* --- what zebra announces ------------------------------------------------------------------------- */

static unsigned int seen_key(const void *arg)
{
	const struct seen_route *route = arg;

	return jhash_3words(prefix_hash_key(&route->prefix), route->vrf_id,
			    (uint32_t)route->type << 16 | route->instance, 0x5e5a);
}

static bool seen_same(const void *a, const void *b)
{
	const struct seen_route *x = a, *y = b;

	return x->vrf_id == y->vrf_id && x->type == y->type && x->instance == y->instance &&
	       prefix_same(&x->prefix, &y->prefix);
}

static void *seen_new(void *arg)
{
	struct seen_route *route = malloc(sizeof(*route));

	if (route)
		*route = *(struct seen_route *)arg;
	return route;
}

static void seen_free(void *arg)
{
	free(arg);
}

static void seen_drop(void)
{
	srp_hash_drop(&zebra.seen, seen_free);
}

/* Note the route in zebra's message, and leave the message as it is. */
static void seen_note(struct zclient *client, vrf_id_t vrf_id)
{
	static struct zapi_route api; /* too large for the stack of a handler */
	size_t position = stream_get_getp(client->ibuf);
	struct seen_route route = {0};

	if (zapi_route_decode(client->ibuf, &api) >= 0 && is_local(api.type)) {
		route.vrf_id = vrf_id;
		route.type = api.type;
		route.instance = api.instance;
		prefix_copy(&route.prefix, &api.prefix);
		if (hashcount(zebra.seen) >= SEEN_MAX || !hash_get(zebra.seen, &route, seen_new))
			zebra.seen_overflow = true;
	}
	stream_set_getp(client->ibuf, position);
}

static int route_added(ZAPI_CALLBACK_ARGS)
{
	zebra.last_heard = bgpsrp_now_msec();
	if (zebra.seen)
		seen_note(zclient, vrf_id);
	/* bgpd works on it for 50 ms. */
	bgpsrp_verify_soon(60);
	return zebra.plain_add(cmd, zclient, length, vrf_id);
}

static int route_deleted(ZAPI_CALLBACK_ARGS)
{
	zebra.last_heard = bgpsrp_now_msec();
	bgpsrp_verify_soon(60);
	return zebra.plain_delete(cmd, zclient, length, vrf_id);
}

/* --- sweep ---------------------------------------------------------------------------------------- */

static bool is_redistributed(const struct bgp *bgp, const struct bgp_path_info *path)
{
	return path->peer == bgp->peer_self && path->sub_type == BGP_ROUTE_REDISTRIBUTE &&
	       is_local(path->type) && !CHECK_FLAG(path->flags, BGP_PATH_REMOVED);
}

static struct bgp_path_info *redistributed_path(const struct bgp *bgp, struct bgp_dest *dest)
{
	struct bgp_path_info *path;

	for (path = bgp_dest_get_bgp_path_info(dest); path; path = path->next)
		if (is_redistributed(bgp, path))
			return path;
	return NULL;
}

/* Take the redistributed path of `dest` out unless zebra has announced it. */
static void sweep_dest(struct bgp *bgp, afi_t afi, struct bgp_dest *dest)
{
	struct bgp_path_info *path = redistributed_path(bgp, dest);
	struct seen_route route = {.vrf_id = bgp->vrf_id};

	if (!path)
		return;
	route.type = path->type;
	route.instance = path->instance;
	prefix_copy(&route.prefix, bgp_dest_get_prefix(dest));
	if (hash_lookup(zebra.seen, &route))
		return;
	zebra.swept++;
	if (bgp_redist_lookup(bgp, afi, path->type, path->instance))
		bgp_redistribute_delete(bgp, &route.prefix, path->type, path->instance);
	else /* `no redistribute` while bgpd was deaf leaves all of them behind */
		bgp_redistribute_withdraw(bgp, afi, path->type, path->instance);
}

/* Up to NODES_PER_TURN nodes of one table; true when the table is through. */
static bool sweep_table(struct bgp *bgp, afi_t afi, unsigned int *budget)
{
	struct bgp_table *table = bgp->rib[afi][SAFI_UNICAST];
	struct bgp_dest *dest;

	dest = zebra.at.family ? bgp_table_get_next(table, &zebra.at) : bgp_table_top(table);
	for (; dest; dest = bgp_route_next(dest)) {
		prefix_copy(&zebra.at, bgp_dest_get_prefix(dest));
		sweep_dest(bgp, afi, dest);
		if (!--*budget) {
			bgp_dest_unlock_node(dest);
			return false;
		}
	}
	memset(&zebra.at, 0, sizeof(zebra.at));
	return true;
}

static bool sweep_walk(void)
{
	unsigned int budget = NODES_PER_TURN;
	struct listnode *node;
	size_t index = 0;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp)) {
		if (index++ < zebra.bgp_index)
			continue;
		for (; zebra.afi <= AFI_IP6; zebra.afi++)
			if (bgp->inst_type != BGP_INSTANCE_TYPE_VIEW && !sweep_table(bgp, zebra.afi, &budget))
				return false;
		zebra.afi = AFI_IP;
		zebra.bgp_index++;
	}
	return true;
}

static void sweep_run(SRP_EVENT *e)
{
	int64_t now = bgpsrp_now_msec();
	unsigned int again = WATCH_MSEC;

	if (!bgpsrp_zebra_connected()) {
		seen_drop();
		return;
	}
	if (zebra.seen_overflow) {
		zlog_warn("srp: more than %u routes after zebra's restart: stale ones are not looked for",
			  SEEN_MAX);
		seen_drop();
		return;
	}
	if (now - zebra.connected_at >= SWEEP_MIN_MSEC &&
	    (now - zebra.last_heard >= SWEEP_QUIET_MSEC || now - zebra.connected_at >= SWEEP_MAX_MSEC)) {
		if (sweep_walk()) {
			zlog_info("srp: zebra is back: %lu kernel and connected routes, %u stale ones taken "
				  "out",
				  hashcount(zebra.seen), zebra.swept);
			seen_drop();
			bgpsrp_zebra_installed_changed();
			return;
		}
		again = 0;
	}
	srp_event_add_timer_msec(bgpsrp.loop, sweep_run, NULL, again, &zebra.t_sweep);
}

/* --- reconnection ------------------------------------------------------------------------------------ */

static void register_all(bool vrfs)
{
	struct listnode *node, *red_node;
	struct bgp_redist *red;
	struct bgp *bgp;

	for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp)) {
		if (bgp->inst_type == BGP_INSTANCE_TYPE_VIEW ||
		    (bgp->inst_type == BGP_INSTANCE_TYPE_VRF) != vrfs)
			continue;
		/* bgpd does this for the default instance only. */
		if (vrfs)
			bgp_zebra_instance_register(bgp);
		/* zebra has swept what bgpd had given it: the gateway itself would not know the way any more. */
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			bgp_zebra_announce_table(bgp, afi, SAFI_UNICAST);
		for (afi_t afi = AFI_IP; afi <= AFI_IP6; afi++)
			for (int type = 0; type < ZEBRA_ROUTE_MAX; type++)
				if (bgp->redist[afi][type])
					for (ALL_LIST_ELEMENTS_RO(bgp->redist[afi][type], red_node, red))
						bgp_redistribute_set(bgp, afi, type, red->instance, false);
	}
}

static void register_vrfs(SRP_EVENT *e)
{
	register_all(true);
	zebra.last_heard = bgpsrp_now_msec();
}

static void reconnected(void)
{
	seen_drop();
	zebra.seen = hash_create(seen_key, seen_same, "srp routes of zebra");
	zebra.seen_overflow = false;
	zebra.connected_at = zebra.last_heard = bgpsrp_now_msec();
	zebra.bgp_index = 0;
	zebra.afi = AFI_IP;
	memset(&zebra.at, 0, sizeof(zebra.at));
	zebra.swept = 0;
	register_all(false);
	srp_event_cancel(&zebra.t_register);
	srp_event_add_timer_msec(bgpsrp.loop, register_vrfs, NULL, VRF_REGISTER_MSEC, &zebra.t_register);
	srp_event_cancel(&zebra.t_sweep);
	srp_event_add_timer_msec(bgpsrp.loop, sweep_run, NULL, SWEEP_MIN_MSEC, &zebra.t_sweep);
	zlog_info("srp: zebra is back: redistribution registered again");
}

static void connected(struct zclient *client)
{
	srp_zclient_restore_sets(client);
	if (zebra.plain_connected)
		zebra.plain_connected(client);
	/* The first time there is nothing to restore. */
	if (zebra.was_connected && !bgpsrp.stopping) {
		zebra.restarts++;
		reconnected();
	}
	zebra.was_connected = true;
	zebra.away_told = false;
	bgpsrp_agent_status_changed();
}

static void watch_run(SRP_EVENT *e)
{
	srp_event_add_timer_msec(bgpsrp.loop, watch_run, NULL, WATCH_MSEC, &zebra.t_watch);
	if (bgpsrp_zebra_connected())
		return;
	if (!zebra.away_told)
		bgpsrp_agent_status_changed();
	zebra.away_told = true;
	srp_event_cancel(&srp_zclient->t_connect);
	zclient_start(srp_zclient);
}

void bgpsrp_zebra_start(void)
{
	zclient_handler **table;

	if (!srp_zclient)
		return;
	zebra.plain_connected = srp_zclient->zebra_connected;
	srp_zclient->zebra_connected = connected;
	zebra.was_connected = srp_zclient->sock >= 0;
	srp_event_add_timer_msec(bgpsrp.loop, watch_run, NULL, WATCH_MSEC, &zebra.t_watch);

	table = srp_zclient->n_handlers > ZEBRA_REDISTRIBUTE_ROUTE_DEL
			? calloc(srp_zclient->n_handlers, sizeof(*table))
			: NULL;
	if (!table || !srp_zclient->handlers[ZEBRA_REDISTRIBUTE_ROUTE_ADD] ||
	    !srp_zclient->handlers[ZEBRA_REDISTRIBUTE_ROUTE_DEL]) {
		zlog_warn("srp: zebra's announcements cannot be seen: no sweep after a restart of zebra");
		free(table);
		return;
	}
	memcpy(table, srp_zclient->handlers, srp_zclient->n_handlers * sizeof(*table));
	zebra.table = table;
	zebra.plain_add = table[ZEBRA_REDISTRIBUTE_ROUTE_ADD];
	zebra.plain_delete = table[ZEBRA_REDISTRIBUTE_ROUTE_DEL];
	table[ZEBRA_REDISTRIBUTE_ROUTE_ADD] = route_added;
	table[ZEBRA_REDISTRIBUTE_ROUTE_DEL] = route_deleted;
	srp_zclient->handlers = table;
}

void bgpsrp_zebra_stop(void)
{
	srp_event_cancel(&zebra.t_watch);
	srp_event_cancel(&zebra.t_register);
	srp_event_cancel(&zebra.t_sweep);
	srp_event_cancel(&zebra.t_purge);
	seen_drop();
}

/* --- the srp-activated prefixes ------------------------------------------------------------------------ */

/* Call fn for the redistributed path of each srp-activated prefix. Returns how many there were. */
static unsigned int each_path(void (*fn)(struct bgp *bgp, struct prefix *prefix, struct bgp_path_info *path))
{
	unsigned int count = 0;

	for (size_t i = 0; i < bgpsrp.context_count; i++) {
		struct bgpsrp_context *context = &bgpsrp.contexts[i];
		struct bgp *bgp = bgpsrp_context_bgp(context);

		for (int family = 0; bgp && family < BGPSRP_FAMILIES; family++) {
			afi_t afi = family == BGPSRP_IPV4 ? AFI_IP : AFI_IP6;

			for (size_t j = 0; j < context->count[family]; j++) {
				struct prefix prefix = context->prefixes[family][j];
				struct bgp_dest *dest = bgp_node_lookup(bgp->rib[afi][SAFI_UNICAST], &prefix);
				struct bgp_path_info *path = dest ? redistributed_path(bgp, dest) : NULL;

				if (path) {
					fn(bgp, &prefix, path);
					count++;
				}
				if (dest)
					bgp_dest_unlock_node(dest);
			}
		}
	}
	return count;
}

static void path_delete(struct bgp *bgp, struct prefix *prefix, struct bgp_path_info *path)
{
	bgp_redistribute_delete(bgp, prefix, path->type, path->instance);
}

/* What zebra's message would do: put the route through the route-map of its `redistribute` again. */
static void path_redo(struct bgp *bgp, struct prefix *prefix, struct bgp_path_info *path)
{
	const struct attr *attr = path->attr;
	union g_addr nexthop = {0};

	if (prefix->family == AF_INET)
		nexthop.ipv4 = attr->nexthop;
	else
		nexthop.ipv6 = attr->mp_nexthop_global;
	bgp_redistribute_add(bgp, prefix, &nexthop, attr->nh_ifindex, attr->nh_type, attr->distance,
			     attr->bh_type, attr->med, path->type, path->instance, attr->tag SRP_NO_SEG6);
}

void bgpsrp_zebra_policy_applied(void)
{
	if (!bgpsrp_zebra_connected())
		each_path(path_redo);
}

static void purge_run(SRP_EVENT *e)
{
	unsigned int count;

	if (!bgpsrp.have_policy || bgpsrp.installed)
		return;
	count = each_path(path_delete);
	if (!count)
		return;
	zebra.purged = true;
	zlog_info("srp: %u stale paths of prefixes that are not in the kernel taken out", count);
	bgpsrp_verify_soon(60);
}

void bgpsrp_zebra_installed_changed(void)
{
	struct listnode *node;
	struct bgp *bgp;

	srp_event_cancel(&zebra.t_purge);
	if (!bgpsrp.have_policy)
		return;
	if (!bgpsrp.installed) {
		/* zebra says it itself, within milliseconds, if bgpd hears it. */
		srp_event_add_timer_msec(bgpsrp.loop, purge_run, NULL, PURGE_MSEC, &zebra.t_purge);
		return;
	}
	/* A purge may have met a route that zebra had announced early: have all sent again. */
	if (zebra.purged && bgpsrp_zebra_connected())
		for (ALL_LIST_ELEMENTS_RO(bm->bgp, node, bgp))
			bgp_redistribute_redo(bgp);
	zebra.purged = false;
}
