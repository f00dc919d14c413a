/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as commands again, for `show running-config`, `show configuration srp` and
 * `write file`. What is written here must be taken back, line by line, by an srpd that has its defaults.
 */
#include "frr-integration/srp_nb.h"

#include "vty.h"

#include "frr-integration/srp_check.h"

#define SRP_SHOW(ident) \
	void srp_show_##ident(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)

/* A leaf whose command is `LINE VALUE`. */
static void leaf(struct vty *vty, const char *line, const struct lyd_node *dnode)
{
	vty_out(vty, " %s %s\n", line, lyd_get_value(dnode));
}

SRP_SHOW(protocol)
{
	vty_out(vty, "!\nservice-redundancy-protocol\n");
}

void srp_show_exit(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, "exit\n");
}

SRP_SHOW(port)
{
	leaf(vty, "port", dnode);
}

SRP_SHOW(mode)
{
	leaf(vty, "chassis-mode", dnode);
}

SRP_SHOW(priority)
{
	leaf(vty, "priority", dnode);
}

static void show_interval(struct vty *vty, const char *line, uint32_t msec, uint32_t otherwise,
			  bool show_defaults)
{
	char text[SRP_INTERVAL_STRLEN];

	if (show_defaults || msec != otherwise)
		vty_out(vty, " %s %s\n", line, srp_interval_format(msec, "", text));
}

/*
 * Each line is checked alone when it is read back, against the default of the other: a hello-interval
 * above its default only passes after its dead-interval, one below only before.
 */
SRP_SHOW(timers)
{
	uint32_t hello = yang_dnode_get_uint32(dnode, "./hello-interval");
	uint32_t dead = yang_dnode_get_uint32(dnode, "./dead-interval");
	bool hello_first = hello <= SRP_HELLO_MSEC_DEFAULT;

	if (hello_first)
		show_interval(vty, "hello-interval", hello, SRP_HELLO_MSEC_DEFAULT, show_defaults);
	show_interval(vty, "dead-interval", dead, SRP_DEAD_MSEC_DEFAULT, show_defaults);
	if (!hello_first)
		show_interval(vty, "hello-interval", hello, SRP_HELLO_MSEC_DEFAULT, show_defaults);
}

SRP_SHOW(delay)
{
	leaf(vty, "delay-interval", dnode);
}

SRP_SHOW(threshold)
{
	leaf(vty, "route-modifier threshold", dnode);
}

SRP_SHOW(bgp_hold)
{
	leaf(vty, "bgp hold-time", dnode);
}

SRP_SHOW(bgp_driver)
{
	const struct lyd_node *base = yang_dnode_get(dnode, "../metric-base");
	bool metric = strcmp(yang_dnode_get_string(dnode, NULL), "metric") == 0;

	vty_out(vty, " bgp driver %s", metric ? "metric" : "module");
	if (metric && (show_defaults || !yang_dnode_is_default(base, NULL)))
		vty_out(vty, " base %s", yang_dnode_get_string(base, NULL));
	vty_out(vty, "\n");
}

SRP_SHOW(config_check)
{
	leaf(vty, "configuration-interval", dnode);
}

SRP_SHOW(witness)
{
	show_interval(vty, "witness-interval", yang_dnode_get_uint32(dnode, NULL), 0, show_defaults);
}

static bool is_true(const struct lyd_node *parent, const char *name)
{
	const char *value = srp_nb_leaf(parent, name);

	return value && strcmp(value, "true") == 0;
}

/* What is off has no line. What allow-early-active-transition needs comes before it. */
SRP_SHOW(switchover)
{
	const char *convergence = srp_nb_leaf(dnode, "convergence-time");
	const char *peer_fail = srp_nb_leaf(dnode, "on-peer-monitor-fail");
	const char *timeout = srp_nb_leaf(dnode, "peer-monitor-fail-timeout");

	if (is_true(dnode, "allow-all-data-traffic"))
		vty_out(vty, " switchover allow-all-data-traffic\n");
	if (is_true(dnode, "allow-volte-data-traffic"))
		vty_out(vty, " switchover allow-volte-data-traffic%s\n",
			is_true(dnode, "maintain-accounting") ? " maintain-accounting" : "");
	if (is_true(dnode, "allow-early-active-transition"))
		vty_out(vty, " switchover allow-early-active-transition\n");
	if (is_true(dnode, "control-outage-optimization"))
		vty_out(vty, " switchover control-outage-optimization\n");
	if (convergence && (show_defaults || strtoul(convergence, NULL, 10) != SRP_CONVERGENCE_MSEC_DEFAULT))
		vty_out(vty, " switchover convergence-time %s msec\n", convergence);
	if (peer_fail && (show_defaults || timeout || strcmp(peer_fail, "disallow") != 0))
		vty_out(vty, " switchover on-peer-monitor-fail %s%s%s\n", peer_fail,
			timeout ? " timeout " : "", timeout ? timeout : "");
}

/* `guard-timer TIMER [FAMILY] ...`: the periods of the container. */
SRP_SHOW(guard)
{
	const char *parent = lyd_parent(dnode)->schema->name, *name = dnode->schema->name;
	bool local = strcmp(parent, "srp-redundancy-timers") == 0;
	uint16_t damping = yang_dnode_get_uint16(dnode, "./damping-period");
	uint16_t guard = yang_dnode_get_uint16(dnode, "./guard-period");

	if (!show_defaults && damping == SRP_GUARD_SEC_DEFAULT && guard == SRP_GUARD_SEC_DEFAULT)
		return;
	vty_out(vty, " guard-timer %s%s%s", local ? parent : "", local ? " " : "", name);
	if (show_defaults || damping != SRP_GUARD_SEC_DEFAULT)
		vty_out(vty, " damping-period %u", damping);
	if (show_defaults || guard != SRP_GUARD_SEC_DEFAULT)
		vty_out(vty, " guard-period %u", guard);
	vty_out(vty, "\n");
}

SRP_SHOW(monitor)
{
	const char *group = srp_nb_leaf(dnode, "group");

	vty_out(vty, " monitor bgp context %s %s", srp_nb_leaf(dnode, "context"), srp_nb_leaf(dnode, "peer"));
	if (group)
		vty_out(vty, " group %s", group);
	vty_out(vty, "\n");
}

SRP_SHOW(context)
{
	vty_out(vty, "!\ncontext %s\n", srp_nb_leaf(dnode, "name"));
}

SRP_SHOW(loopback)
{
	vty_out(vty, " interface %s loopback\n", srp_nb_leaf(dnode, "name"));
}

void srp_show_loopback_exit(struct vty *vty, const struct lyd_node *dnode)
{
	vty_out(vty, " exit\n");
}

SRP_SHOW(address)
{
	const char *prefix = srp_nb_leaf(dnode, "prefix");

	vty_out(vty, "  %s address %s srp-activate\n", strchr(prefix, ':') ? "ipv6" : "ip", prefix);
}

/* A line of its own for each interface; what is by default is left out. */
SRP_SHOW(l2_interface)
{
	uint8_t count = yang_dnode_get_uint8(dnode, "./count");
	uint32_t interval = yang_dnode_get_uint32(dnode, "./interval");

	vty_out(vty, " l2-announce interface %s", srp_nb_leaf(dnode, "name"));
	if (show_defaults || count != SRP_L2_COUNT_DEFAULT)
		vty_out(vty, " count %u", count);
	if (show_defaults || interval != SRP_L2_INTERVAL_MSEC_DEFAULT)
		vty_out(vty, " interval %u msec", interval);
	vty_out(vty, "\n");
}

SRP_SHOW(pool)
{
	const char *nexthop = srp_nb_leaf(dnode, "nexthop");
	const char *ifname = srp_nb_leaf(dnode, "interface");

	vty_out(vty, " %s pool %s %s srp-activate",
		strmatch(srp_nb_leaf(dnode, "family"), "ipv6") ? "ipv6" : "ip", srp_nb_leaf(dnode, "name"),
		srp_nb_leaf(dnode, "prefix"));
	if (nexthop)
		vty_out(vty, " nexthop %s", nexthop);
	if (ifname)
		vty_out(vty, " interface %s", ifname);
	if (strmatch(srp_nb_leaf(dnode, "class"), "ims") || show_defaults)
		vty_out(vty, " class %s", srp_nb_leaf(dnode, "class"));
	vty_out(vty, "\n");
}
