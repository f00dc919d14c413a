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

SRP_SHOW(bind)
{
	leaf(vty, "bind address", dnode);
}

SRP_SHOW(peer)
{
	leaf(vty, "peer-ip-address", dnode);
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
	vty_out(vty, "\n");
}
