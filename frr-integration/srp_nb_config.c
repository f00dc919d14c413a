/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Northbound callbacks: a candidate is judged as a whole, an applied one is read as a whole.
 *
 * The callbacks of the single nodes only note that something changed. The note is an event of the loop
 * that runs when the transaction (or all of srpd.conf) is through, so the agent never sees half of it.
 */
#include "frr-integration/srp_nb.h"

#include "agent/dscp.h"
#include "frr-integration/srp_check.h"

static SRP_EVENT_LOOP *nb_master;
static void (*nb_changed)(void);
static SRP_EVENT *nb_event; /* armed: the agent is to be told */

const char *srp_nb_leaf(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(child->schema->name, name) == 0)
			return lyd_get_value(child);
	}
	return NULL;
}

/* --- a tree as struct srp_config --------------------------------------------------------------- */

static void read_text(const struct lyd_node *parent, const char *name, char *text, size_t size)
{
	const char *value = srp_nb_leaf(parent, name);

	if (value)
		strlcpy(text, value, size);
}

static void read_addr(const struct lyd_node *parent, const char *name, struct srp_addr *addr)
{
	const char *value = srp_nb_leaf(parent, name);

	if (value)
		srp_addr_parse(value, addr);
}

/* The model has checked types and ranges, so what is there is a number. */
static uint32_t read_number(const struct lyd_node *parent, const char *name, uint32_t otherwise)
{
	const char *value = srp_nb_leaf(parent, name);

	return value ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

static void read_prefix(const struct lyd_node *parent, struct srp_prefix *prefix)
{
	char text[SRP_PREFIX_STRLEN] = "", *slash;

	read_text(parent, "prefix", text, sizeof(text));
	slash = strchr(text, '/');
	if (!slash)
		return;
	*slash = '\0';
	srp_addr_parse(text, &prefix->addr);
	prefix->plen = (uint8_t)strtoul(slash + 1, NULL, 10);
}

static bool read_monitor(const struct lyd_node *dnode, struct srp_config *config)
{
	struct srp_bgp_monitor *monitor = srp_config_add_monitor(config);

	if (!monitor)
		return false;
	read_text(dnode, "context", monitor->context, sizeof(monitor->context));
	read_addr(dnode, "peer", &monitor->addr);
	if (!monitor->addr.family)
		read_text(dnode, "peer", monitor->ifname, sizeof(monitor->ifname));
	monitor->group = (uint8_t)read_number(dnode, "group", 0);
	return true;
}

static bool read_flag(const struct lyd_node *parent, const char *name)
{
	const char *value = srp_nb_leaf(parent, name);

	return value && strcmp(value, "true") == 0;
}

static void read_switchover(const struct lyd_node *dnode, struct srp_config *config)
{
	static const struct {
		const char *leaf;
		uint8_t option;
	} options[] = {
		{"allow-all-data-traffic", SRP_OPTION_ALL_DATA},
		{"allow-volte-data-traffic", SRP_OPTION_VOLTE_DATA},
		{"maintain-accounting", SRP_OPTION_MAINTAIN_ACCOUNTING},
		{"allow-early-active-transition", SRP_OPTION_EARLY_ACTIVE},
		{"control-outage-optimization", SRP_OPTION_CONTROL_OUTAGE},
	};
	const char *peer_fail = srp_nb_leaf(dnode, "on-peer-monitor-fail");

	for (size_t i = 0; i < array_size(options); i++)
		if (read_flag(dnode, options[i].leaf))
			config->options |= options[i].option;
	config->convergence_msec = read_number(dnode, "convergence-time", config->convergence_msec);
	config->peer_fail_allow = peer_fail && strcmp(peer_fail, "allow") == 0;
	config->peer_fail_timed = srp_nb_leaf(dnode, "peer-monitor-fail-timeout") != NULL;
	config->peer_fail_sec = read_number(dnode, "peer-monitor-fail-timeout", 0);
}

static void read_guard(const struct lyd_node *dnode, struct srp_guard_sec *guard)
{
	guard->guard_sec = read_number(dnode, "guard-period", guard->guard_sec);
	guard->damping_sec = read_number(dnode, "damping-period", guard->damping_sec);
}

static void read_local_guards(const struct lyd_node *dnode, struct srp_config *config)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(dnode), child)
	{
		for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
			if (strcmp(child->schema->name, srp_family_name((enum srp_family)i)) == 0)
				read_guard(child, &config->local_guard[i]);
		}
	}
}

static void read_guards(const struct lyd_node *dnode, struct srp_config *config)
{
	const struct lyd_node *timer;

	LY_LIST_FOR(lyd_child(dnode), timer)
	{
		if (strcmp(timer->schema->name, "aaa-switchover-timers") == 0)
			read_guard(timer, &config->switchover_guard[SRP_FAMILY_AAA]);
		else if (strcmp(timer->schema->name, "diameter-switchover-timers") == 0)
			read_guard(timer, &config->switchover_guard[SRP_FAMILY_DIAMETER]);
		else if (strcmp(timer->schema->name, "srp-redundancy-timers") == 0)
			read_local_guards(timer, config);
	}
}

static uint8_t read_dscp(const struct lyd_node *parent, const char *name)
{
	const char *value = srp_nb_leaf(parent, name);

	return value ? (uint8_t)srp_dscp_parse(value) : 0;
}

static void read_auth(const struct lyd_node *dnode, struct srp_auth_config *auth)
{
	read_text(dnode, "psk-file", auth->psk_file, sizeof(auth->psk_file));
	read_text(dnode, "certificate", auth->certificate, sizeof(auth->certificate));
	read_text(dnode, "key", auth->key, sizeof(auth->key));
	read_text(dnode, "ca", auth->ca, sizeof(auth->ca));
	read_text(dnode, "peer-identity", auth->peer_identity, sizeof(auth->peer_identity));
	read_text(dnode, "tcp-md5-key-file", auth->md5_key_file, sizeof(auth->md5_key_file));
	auth->insecure = read_flag(dnode, "insecure");
}

static void read_nack(const struct lyd_node *dnode, const char *name, struct srp_nack_config *nack)
{
	nack->enabled = srp_nb_leaf(dnode, name) != NULL;
	nack->max_response = read_number(dnode, name, nack->max_response);
}

static void read_checkpoint(const struct lyd_node *dnode, struct srp_engine_config *checkpoint)
{
	const char *compression = srp_nb_leaf(dnode, "compression");
	const char *recovery = srp_nb_leaf(dnode, "database-recovery");

	checkpoint->duration_ims = read_number(dnode, "duration-ims", checkpoint->duration_ims);
	checkpoint->duration_non_ims = read_number(dnode, "duration-non-ims", checkpoint->duration_non_ims);
	checkpoint->periodic_min = read_number(dnode, "periodic-interval", checkpoint->periodic_min);
	checkpoint->memory_mib = read_number(dnode, "memory-limit", checkpoint->memory_mib);
	if (compression)
		checkpoint->compression =
			strcmp(compression, "lz4") == 0 ? SRP_COMPRESSION_LZ4 : SRP_COMPRESSION_ZLIB;
	checkpoint->aggressive = recovery && strcmp(recovery, "aggressive") == 0;
	checkpoint->graceful_cleanup = read_flag(dnode, "graceful-cleanup");
	read_nack(dnode, "nack-macro", &checkpoint->nack_macro);
	read_nack(dnode, "nack-micro", &checkpoint->nack_micro);
}

static void read_audit(const struct lyd_node *dnode, struct srp_config *config)
{
	const char *daily = srp_nb_leaf(dnode, "daily-start-time");

	config->audit_daily = daily != NULL;
	if (daily) {
		config->audit_hour = (uint8_t)strtoul(daily, NULL, 10);
		config->audit_minute = (uint8_t)strtoul(daily + 3, NULL, 10);
	}
	config->audit_periodicity_min = read_number(dnode, "periodicity", config->audit_periodicity_min);
}

static bool read_protocol(const struct lyd_node *dnode, struct srp_config *config)
{
	const char *mode = srp_nb_leaf(dnode, "chassis-mode");
	const struct lyd_node *child;

	read_addr(dnode, "bind-address", &config->bind_address);
	read_addr(dnode, "peer-address", &config->peer_address);
	read_addr(dnode, "secondary-bind-address", &config->bind_secondary);
	read_addr(dnode, "secondary-peer-address", &config->peer_secondary);
	config->port = (uint16_t)read_number(dnode, "port", config->port);
	if (mode)
		config->mode = strcmp(mode, "primary") == 0 ? SRP_MODE_PRIMARY : SRP_MODE_BACKUP;
	config->priority = (uint8_t)read_number(dnode, "priority", config->priority);
	config->delay_sec = read_number(dnode, "delay-interval", config->delay_sec);
	config->threshold = (uint8_t)read_number(dnode, "route-modifier-threshold", config->threshold);
	config->bgp_hold_sec = read_number(dnode, "bgp-hold-time", config->bgp_hold_sec);
	config->bgp_driver =
		strmatch(srp_nb_leaf(dnode, "bgp-driver"), "metric") ? SRP_BGP_METRIC : SRP_BGP_MODULE;
	config->metric_base = read_number(dnode, "metric-base", config->metric_base);
	config->config_check_sec = read_number(dnode, "configuration-interval", config->config_check_sec);
	config->witness_msec = read_number(dnode, "witness-interval", 0);
	LY_LIST_FOR(lyd_child(dnode), child)
	{
		if (strcmp(child->schema->name, "authentication") == 0) {
			read_auth(child, &config->auth);
		} else if (strcmp(child->schema->name, "dscp-marking") == 0) {
			config->dscp_control = read_dscp(child, "control");
			config->dscp_session = read_dscp(child, "session");
		} else if (strcmp(child->schema->name, "switchover") == 0) {
			read_switchover(child, config);
		} else if (strcmp(child->schema->name, "checkpoint") == 0) {
			read_checkpoint(child, &config->checkpoint);
		} else if (strcmp(child->schema->name, "audit") == 0) {
			read_audit(child, config);
		} else if (strcmp(child->schema->name, "guard-timers") == 0) {
			read_guards(child, config);
		} else if (strcmp(child->schema->name, "timers") == 0) {
			config->hello_msec = read_number(child, "hello-interval", config->hello_msec);
			config->dead_msec = read_number(child, "dead-interval", config->dead_msec);
		} else if (strcmp(child->schema->name, "bgp-monitor") == 0) {
			if (!read_monitor(child, config))
				return false;
		}
	}
	return true;
}

static bool read_loopback(const struct lyd_node *dnode, const char *context, struct srp_config *config)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(dnode), child)
	{
		struct srp_loopback *loopback;

		if (strcmp(child->schema->name, "address") != 0)
			continue;
		loopback = srp_config_add_loopback(config);
		if (!loopback)
			return false;
		strlcpy(loopback->context, context, sizeof(loopback->context));
		read_text(dnode, "name", loopback->name, sizeof(loopback->name));
		read_prefix(child, &loopback->prefix);
	}
	return true;
}

static bool read_pool(const struct lyd_node *dnode, const char *context, struct srp_config *config)
{
	struct srp_pool *pool = srp_config_add_pool(config);

	if (!pool)
		return false;
	strlcpy(pool->context, context, sizeof(pool->context));
	read_text(dnode, "name", pool->name, sizeof(pool->name));
	read_prefix(dnode, &pool->prefix);
	read_addr(dnode, "nexthop", &pool->nexthop);
	read_text(dnode, "interface", pool->ifname, sizeof(pool->ifname));
	pool->ims = strmatch(srp_nb_leaf(dnode, "class"), "ims");
	return true;
}

static bool read_l2_interface(const struct lyd_node *dnode, const char *context, struct srp_config *config)
{
	struct srp_l2_interface *interface = srp_config_add_l2_interface(config);

	if (!interface)
		return false;
	strlcpy(interface->context, context, sizeof(interface->context));
	read_text(dnode, "name", interface->ifname, sizeof(interface->ifname));
	interface->count = (uint8_t)read_number(dnode, "count", interface->count);
	interface->interval_msec = read_number(dnode, "interval", interface->interval_msec);
	return true;
}

static bool read_context(const struct lyd_node *dnode, struct srp_config *config)
{
	const char *name = srp_nb_leaf(dnode, "name");
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(dnode), child)
	{
		if (strcmp(child->schema->name, "loopback") == 0) {
			if (!read_loopback(child, name, config))
				return false;
		} else if (strcmp(child->schema->name, "pool") == 0) {
			if (!read_pool(child, name, config))
				return false;
		} else if (strcmp(child->schema->name, "l2-interface") == 0) {
			if (!read_l2_interface(child, name, config))
				return false;
		}
	}
	return true;
}

/* `root` is the container srp. False when memory is out. */
static bool read_root(const struct lyd_node *root, struct srp_config *config)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(root), child)
	{
		if (strcmp(child->schema->name, "protocol") == 0) {
			if (!read_protocol(child, config))
				return false;
		} else if (strcmp(child->schema->name, "context") == 0) {
			if (!read_context(child, config))
				return false;
		}
	}
	return true;
}

bool srp_nb_running(struct srp_config *config)
{
	const struct lyd_node *root = yang_dnode_exists(running_config->dnode, SRP_NB_ROOT)
					      ? yang_dnode_get(running_config->dnode, SRP_NB_ROOT)
					      : NULL;

	return !root || read_root(root, config);
}

/* --- judging a candidate ----------------------------------------------------------------------- */

int srp_nb_pre_validate(struct nb_cb_pre_validate_args *args)
{
	struct srp_config config;
	int rc = NB_ERR_VALIDATION;

	srp_config_init(&config);
	if (!read_root(args->dnode, &config))
		snprintf(args->errmsg, args->errmsg_len, "out of memory");
	else if (srp_check_objects(&config, args->errmsg, args->errmsg_len) &&
		 (srp_nb_reading() || (srp_check_timers(&config, args->errmsg, args->errmsg_len) &&
				       srp_check_options(&config, args->errmsg, args->errmsg_len))))
		rc = NB_OK;
	srp_config_clear(&config);
	return rc;
}

/* --- telling the agent ------------------------------------------------------------------------- */

static void on_changed(SRP_EVENT *event)
{
	nb_changed();
}

void srp_nb_note_change(void)
{
	srp_event_add_event(nb_master, on_changed, NULL, 0, &nb_event);
}

static void note_change(enum nb_event event)
{
	if (event == NB_EV_APPLY)
		srp_nb_note_change();
}

int srp_nb_create(struct nb_cb_create_args *args)
{
	note_change(args->event);
	return NB_OK;
}

int srp_nb_modify(struct nb_cb_modify_args *args)
{
	note_change(args->event);
	return NB_OK;
}

int srp_nb_destroy(struct nb_cb_destroy_args *args)
{
	note_change(args->event);
	return NB_OK;
}

int srp_nb_move(struct nb_cb_move_args *args)
{
	note_change(args->event);
	return NB_OK;
}

/*
 * An entry of an "ordered-by user" list that is removed and added again in one transaction has moved, and
 * libfrr reports that as "modify", whose callback a list does not have: it would call NULL. Give our lists
 * one. It cannot be in the table, where libfrr would warn about it at every start.
 */
static void accept_moves(void)
{
	for (size_t i = 0; frr_srp_info.nodes[i].xpath; i++) {
		struct nb_node *node = nb_node_find(frr_srp_info.nodes[i].xpath);

		if (node && node->cbs.move)
			node->cbs.modify = srp_nb_modify;
	}
}

void srp_nb_init(SRP_EVENT_LOOP *master, void (*changed)(void))
{
	nb_master = master;
	nb_changed = changed;
	accept_moves();
}

void srp_nb_finish(void)
{
	srp_event_cancel(&nb_event);
}
