/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration commands: each is one edit of the candidate and one transaction.
 *
 * The strings are in srp_commands.h, the values are checked by the model and by srp_check.c. Here is what
 * neither sees: an address and a mask become a prefix, a prefix with host bits is refused before libyang
 * rounds it, and names are checked before they get into an XPath.
 */
#include "frr-integration/srp_cli.h"

#include "log.h"
#include "northbound_cli.h"

#include "frr-integration/srp_check.h"
#include "frr-integration/srp_nb.h"

/* Written out in srp_commands.h, because a command string has no arithmetic. */
_Static_assert(SRP_HELLO_MSEC_MAX == 300 * 1000, "hello-interval (1-300)");
_Static_assert(SRP_DEAD_MSEC_MAX == 1800 * 1000, "dead-interval (1-1800)");

void srp_cli_refuse(struct vty *vty, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = vasprintfrr(MTYPE_TMP, format, args);
	va_end(args);
	vty_out(vty, "%% %s\n", text);
	if (vty->type == VTY_FILE)
		zlog_err("srpd.conf: %s", text);
	XFREE(MTYPE_TMP, text);
}

int srp_cli_set(struct vty *vty, const char *path, const char *value)
{
	nb_cli_enqueue_change(vty, path, NB_OP_MODIFY, value);
	return srp_nb_apply(vty);
}

int srp_cli_reset(struct vty *vty, const char *path)
{
	nb_cli_enqueue_change(vty, path, NB_OP_DESTROY, NULL);
	return srp_nb_apply(vty);
}

/* Enqueue what a leaf of the entry `xpath` shall be; NULL: nothing. */
static void put_leaf(struct vty *vty, const char *xpath, const char *leaf, const char *value)
{
	char path[XPATH_MAXLEN + 16];

	snprintf(path, sizeof(path), "%s/%s", xpath, leaf);
	nb_cli_enqueue_change(vty, path, value ? NB_OP_MODIFY : NB_OP_DESTROY, value);
}

/* Whether the command began with `no`: its other words are one further right. */
static int is_no(struct cmd_token *argv[])
{
	return strmatch(argv[0]->text, "no") ? 1 : 0;
}

/* Names get into XPaths and config files: no quotes, no brackets, nothing that is not plain. */
static bool name_ok(struct vty *vty, const char *what, const char *name, size_t size)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:+@-";

	if (strlen(name) >= size) {
		srp_cli_refuse(vty, "%s name %s is longer than %zu characters", what, name, size - 1);
		return false;
	}
	if (name[strspn(name, allowed)]) {
		srp_cli_refuse(vty,
			       "%s name %s has a character that is not a letter, a digit or one of _.:+@-",
			       what, name);
		return false;
	}
	return true;
}

/* --- nodes ------------------------------------------------------------------------------------- */

SRP_CMD(srp)
{
	VTY_PUSH_XPATH(srp_cli_node(SRP_CLI_SRP), SRP_NB_PROTOCOL);
	return CMD_SUCCESS;
}

SRP_CMD(no_srp)
{
	struct lyd_node *protocol, *child, *next;

	srp_nb_file_flush();
	/* There is more than fits into one command's changes. What has a default gets it when this is validated. */
	protocol = yang_dnode_get(vty->candidate_config->dnode, SRP_NB_PROTOCOL);
	LY_LIST_FOR_SAFE(lyd_child(protocol), next, child)
	{
		lyd_free_tree(child);
	}
	return nb_cli_apply_changes(vty, NULL);
}

SRP_CMD(context)
{
	const char *name = argv[1]->arg;
	char xpath[XPATH_MAXLEN];
	int rc;

	if (!name_ok(vty, "context", name, SRP_CONTEXT_NAME_LEN))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), SRP_NB_CONTEXT, name);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	rc = srp_nb_apply(vty);
	if (rc == CMD_SUCCESS)
		VTY_PUSH_XPATH(srp_cli_node(SRP_CLI_CONTEXT), xpath);
	return rc;
}

SRP_CMD(no_context)
{
	const char *name = argv[2]->arg;
	char xpath[XPATH_MAXLEN];

	if (!name_ok(vty, "context", name, SRP_CONTEXT_NAME_LEN))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), SRP_NB_CONTEXT, name);
	return srp_cli_reset(vty, xpath);
}

SRP_CMD(loopback)
{
	const char *name = argv[1]->arg;
	char xpath[XPATH_MAXLEN];
	int rc;

	if (!name_ok(vty, "interface", name, SRP_NAME_LEN))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "%s/loopback[name='%s']", VTY_CURR_XPATH, name);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	rc = srp_nb_apply(vty);
	if (rc == CMD_SUCCESS)
		VTY_PUSH_XPATH(srp_cli_node(SRP_CLI_LOOPBACK), xpath);
	return rc;
}

SRP_CMD(no_loopback)
{
	const char *name = argv[2]->arg;
	char xpath[XPATH_MAXLEN];

	if (!name_ok(vty, "interface", name, SRP_NAME_LEN))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./loopback[name='%s']", name);
	return srp_cli_reset(vty, xpath);
}

/* --- service-redundancy-protocol ---------------------------------------------------------------- */

SRP_CMD(port)
{
	return srp_cli_set(vty, "./port", argv[1]->arg);
}

SRP_CMD(no_port)
{
	return srp_cli_reset(vty, "./port");
}

SRP_CMD(mode)
{
	return srp_cli_set(vty, "./chassis-mode", argv[1]->text);
}

SRP_CMD(no_mode)
{
	return srp_cli_reset(vty, "./chassis-mode");
}

SRP_CMD(priority)
{
	return srp_cli_set(vty, "./priority", argv[1]->arg);
}

SRP_CMD(no_priority)
{
	return srp_cli_reset(vty, "./priority");
}

int srp_cli_set_interval(struct vty *vty, const char *path, int argc, struct cmd_token *argv[])
{
	unsigned long value = strtoul(argv[1]->arg, NULL, 10);
	char msec[16];

	snprintf(msec, sizeof(msec), "%lu", argc > 2 ? value : value * 1000);
	return srp_cli_set(vty, path, msec);
}

SRP_CMD(hello)
{
	return srp_cli_set_interval(vty, "./timers/hello-interval", argc, argv);
}

SRP_CMD(no_hello)
{
	return srp_cli_reset(vty, "./timers/hello-interval");
}

SRP_CMD(dead)
{
	return srp_cli_set_interval(vty, "./timers/dead-interval", argc, argv);
}

SRP_CMD(no_dead)
{
	return srp_cli_reset(vty, "./timers/dead-interval");
}

SRP_CMD(delay)
{
	return srp_cli_set(vty, "./delay-interval", argv[1]->arg);
}

SRP_CMD(no_delay)
{
	return srp_cli_reset(vty, "./delay-interval");
}

SRP_CMD(threshold)
{
	return srp_cli_set(vty, "./route-modifier-threshold", argv[2]->arg);
}

SRP_CMD(no_threshold)
{
	return srp_cli_reset(vty, "./route-modifier-threshold");
}

SRP_CMD(bgp_hold)
{
	return srp_cli_set(vty, "./bgp-hold-time", argv[2]->arg);
}

SRP_CMD(no_bgp_hold)
{
	return srp_cli_reset(vty, "./bgp-hold-time");
}

SRP_CMD(bgp_driver_metric)
{
	const char *base = argc > 4 ? argv[4]->arg : NULL;

	nb_cli_enqueue_change(vty, "./bgp-driver", NB_OP_MODIFY, "metric");
	nb_cli_enqueue_change(vty, "./metric-base", base ? NB_OP_MODIFY : NB_OP_DESTROY, base);
	return srp_nb_apply(vty);
}

static int use_module(struct vty *vty)
{
	nb_cli_enqueue_change(vty, "./bgp-driver", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./metric-base", NB_OP_DESTROY, NULL);
	return srp_nb_apply(vty);
}

SRP_CMD(bgp_driver_module)
{
	return use_module(vty);
}

SRP_CMD(no_bgp_driver)
{
	return use_module(vty);
}

/* The XPath of `monitor bgp context C PEER`, whose words begin at argv[0]. False when a name is not good. */
static bool monitor_xpath(struct vty *vty, struct cmd_token *argv[], char *xpath, size_t size)
{
	const char *context = argv[3]->arg, *peer = argv[4]->arg;
	char text[SRP_ADDR_STRLEN];
	struct srp_addr addr;

	if (!name_ok(vty, "context", context, SRP_CONTEXT_NAME_LEN))
		return false;
	if (srp_addr_parse(peer, &addr))
		peer = srp_addr_format(&addr, text);
	else if (!name_ok(vty, "interface", peer, IF_NAMESIZE))
		return false;
	snprintf(xpath, size, "./bgp-monitor[context='%s'][peer='%s']", context, peer);
	return true;
}

SRP_CMD(monitor_bgp)
{
	char xpath[XPATH_MAXLEN];

	if (!monitor_xpath(vty, argv, xpath, sizeof(xpath)))
		return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	put_leaf(vty, xpath, "group", argc > 6 ? argv[6]->arg : NULL);
	return srp_nb_apply(vty);
}

SRP_CMD(no_monitor_bgp)
{
	char xpath[XPATH_MAXLEN];

	if (!monitor_xpath(vty, argv + 1, xpath, sizeof(xpath)))
		return CMD_WARNING_CONFIG_FAILED;
	return srp_cli_reset(vty, xpath);
}

/* --- context, interface NAME loopback ----------------------------------------------------------- */

/* `A.B.C.D/M`, `X:X::X:X/M` or `A.B.C.D MASK` at `argv` to a prefix; false, said on the vty, if it is none. */
static bool prefix_parse(struct vty *vty, struct cmd_token *argv[], struct srp_prefix *prefix)
{
	char text[SRP_PREFIX_STRLEN], *slash;
	struct srp_addr mask;
	int len;

	strlcpy(text, argv[0]->arg, sizeof(text));
	slash = strchr(text, '/');
	if (slash)
		*slash = '\0';
	if (!srp_addr_parse(text, &prefix->addr)) {
		srp_cli_refuse(vty, "%s is not an address", text);
		return false;
	}
	if (slash) {
		prefix->plen = (uint8_t)strtoul(slash + 1, NULL, 10);
		return true;
	}
	len = srp_addr_parse(argv[1]->arg, &mask) ? srp_mask_length(&mask) : -1;
	if (len < 0) {
		srp_cli_refuse(vty, "%s is not a mask: its ones are not contiguous", argv[1]->arg);
		return false;
	}
	prefix->plen = (uint8_t)len;
	return true;
}

static int set_pool(struct vty *vty, const char *family, int argc, struct cmd_token *argv[])
{
	struct srp_prefix prefix = {0}, masked;
	char xpath[XPATH_MAXLEN];
	char text[SRP_PREFIX_STRLEN], network[SRP_PREFIX_STRLEN];
	const char *nexthop = NULL, *ifname = NULL, *class = NULL;

	if (!name_ok(vty, "pool", argv[2]->arg, SRP_NAME_LEN) || !prefix_parse(vty, argv + 3, &prefix))
		return CMD_WARNING_CONFIG_FAILED;
	srp_prefix_format(&prefix, text);
	masked = prefix;
	if (srp_prefix_mask(&masked)) {
		srp_cli_refuse(vty, "pool %s: %s has host bits set; its network is %s", argv[2]->arg, text,
			       srp_prefix_format(&masked, network));
		return CMD_WARNING_CONFIG_FAILED;
	}
	for (int i = 4; i + 1 < argc; i++) {
		if (strmatch(argv[i]->text, "nexthop"))
			nexthop = argv[i + 1]->arg;
		else if (strmatch(argv[i]->text, "interface"))
			ifname = argv[i + 1]->arg;
		else if (strmatch(argv[i]->text, "class"))
			class = argv[i + 1]->text;
	}
	if (ifname && !name_ok(vty, "interface", ifname, IF_NAMESIZE))
		return CMD_WARNING_CONFIG_FAILED;

	snprintf(xpath, sizeof(xpath), "./pool[family='%s'][name='%s']", family, argv[2]->arg);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	put_leaf(vty, xpath, "prefix", text);
	put_leaf(vty, xpath, "nexthop", nexthop);
	put_leaf(vty, xpath, "interface", ifname);
	put_leaf(vty, xpath, "class", class);
	return srp_nb_apply(vty);
}

SRP_CMD(pool4)
{
	return set_pool(vty, "ipv4", argc, argv);
}

SRP_CMD(pool6)
{
	return set_pool(vty, "ipv6", argc, argv);
}

/* A pool goes by its name; what else the line says is not looked at. */
static int reset_pool(struct vty *vty, const char *family, const char *name)
{
	char xpath[XPATH_MAXLEN];

	if (!name_ok(vty, "pool", name, SRP_NAME_LEN))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./pool[family='%s'][name='%s']", family, name);
	return srp_cli_reset(vty, xpath);
}

SRP_CMD(no_pool4)
{
	return reset_pool(vty, "ipv4", argv[3]->arg);
}

SRP_CMD(no_pool6)
{
	return reset_pool(vty, "ipv6", argv[3]->arg);
}

SRP_CMD(l2_announce)
{
	const char *count = NULL, *interval = NULL;
	char xpath[XPATH_MAXLEN];

	if (!name_ok(vty, "interface", argv[2]->arg, IF_NAMESIZE))
		return CMD_WARNING_CONFIG_FAILED;
	for (int i = 3; i + 1 < argc; i++) {
		if (strmatch(argv[i]->text, "count"))
			count = argv[i + 1]->arg;
		else if (strmatch(argv[i]->text, "interval"))
			interval = argv[i + 1]->arg;
	}
	snprintf(xpath, sizeof(xpath), "./l2-interface[name='%s']", argv[2]->arg);
	nb_cli_enqueue_change(vty, xpath, NB_OP_CREATE, NULL);
	put_leaf(vty, xpath, "count", count);
	put_leaf(vty, xpath, "interval", interval);
	return srp_nb_apply(vty);
}

/* An interface goes by its name; what else the line says is not looked at. */
SRP_CMD(no_l2_announce)
{
	char xpath[XPATH_MAXLEN];

	if (!name_ok(vty, "interface", argv[3]->arg, IF_NAMESIZE))
		return CMD_WARNING_CONFIG_FAILED;
	snprintf(xpath, sizeof(xpath), "./l2-interface[name='%s']", argv[3]->arg);
	return srp_cli_reset(vty, xpath);
}

/* `[no] ip|ipv6 address PREFIX ...` */
static int edit_address(struct vty *vty, struct cmd_token *argv[])
{
	int no = is_no(argv);
	char xpath[XPATH_MAXLEN], text[SRP_PREFIX_STRLEN];
	struct srp_prefix prefix = {0};
	unsigned int bits;

	if (!prefix_parse(vty, argv + no + 2, &prefix))
		return CMD_WARNING_CONFIG_FAILED;
	srp_prefix_format(&prefix, text);
	bits = prefix.addr.family == AF_INET ? 32 : 128;
	if (prefix.plen != bits) {
		/* Before libyang makes the network of it. */
		srp_cli_refuse(vty, "%s: the address of a loopback needs the length /%u", text, bits);
		return CMD_WARNING_CONFIG_FAILED;
	}
	snprintf(xpath, sizeof(xpath), "./address[prefix='%s']", text);
	nb_cli_enqueue_change(vty, xpath, no ? NB_OP_DESTROY : NB_OP_CREATE, NULL);
	return srp_nb_apply(vty);
}

SRP_CMD(address4)
{
	return edit_address(vty, argv);
}

SRP_CMD(no_address4)
{
	return edit_address(vty, argv);
}

SRP_CMD(address6)
{
	return edit_address(vty, argv);
}

SRP_CMD(no_address6)
{
	return edit_address(vty, argv);
}
