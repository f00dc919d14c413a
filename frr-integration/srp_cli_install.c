/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of srp_commands.h as libfrr's nodes and command elements.
 */
#include "frr-integration/srp_cli.h"

#include "northbound_cli.h"

#include "frr-integration/srp_nb.h"

#define X(ident, node, string, help, attr, ...) \
	DEFUN_CMD_ELEMENT(srp_cmd_##ident, srp_##ident##_cmd, string, help, attr, 0)
SRP_CLI_ENTER_COMMANDS(X)
SRP_CLI_COMMANDS(X)
#undef X

/* The numbers of the nodes, by the words of the tables. */
static enum node_type node_numbers[SRP_CLI_NODE_COUNT];

#define NODE_VIEW     VIEW_NODE
#define NODE_ENABLE   ENABLE_NODE
#define NODE_CONFIG   CONFIG_NODE
#define NODE_SRP      node_numbers[SRP_CLI_SRP]
#define NODE_CONTEXT  node_numbers[SRP_CLI_CONTEXT]
#define NODE_LOOPBACK node_numbers[SRP_CLI_LOOPBACK]

enum node_type srp_cli_node(enum srp_cli_node node)
{
	return node_numbers[node];
}

int srp_cli_write(struct vty *vty)
{
	if (!yang_dnode_exists(running_config->dnode, SRP_NB_ROOT))
		return 0;
	nb_cli_show_dnode_cmds(vty, yang_dnode_get(running_config->dnode, SRP_NB_ROOT), false);
	return 1;
}

static struct cmd_node nodes[] = {
#define X(word, text, parent, line) [SRP_CLI_##word] = {.name = text, .prompt = line},
	SRP_CLI_NODES(X)
#undef X
};

static void install_nodes(void)
{
	/* All of the configuration is one tree and is written at the place of the first node. */
	nodes[SRP_CLI_SRP].config_write = srp_cli_write;
#define X(word, text, parent, line)                          \
	NODE_##word = (enum node_type)vector_active(cmdvec); \
	nodes[SRP_CLI_##word].node = NODE_##word;            \
	nodes[SRP_CLI_##word].parent_node = NODE_##parent;   \
	install_node(&nodes[SRP_CLI_##word]);                \
	install_default(NODE_##word);
	SRP_CLI_NODES(X)
#undef X
}

/*
 * vtysh forwards to srpd over the slot of sharpd, a daemon that distributions do not ship (vtysh_srp.c),
 * and so sends srpd what it would send sharpd: the nexthop-group node. srpd has no use for it, but vtysh
 * gives up a command at the first daemon that refuses it, before pbrd gets it. So take all and keep none.
 */
static int enter_nexthop_group(const struct cmd_element *self, struct vty *vty, int argc,
			       struct cmd_token *argv[])
{
	vty->node = NH_GROUP_NODE;
	return CMD_SUCCESS;
}

static int ignore(const struct cmd_element *self, struct vty *vty, int argc, struct cmd_token *argv[])
{
	return CMD_SUCCESS;
}

#define NOT_OURS "For other daemons, ignored here\n"

#define SRP_IGNORED(X)                                                                    \
	X(no_group, CONFIG, "no nexthop-group NHGNAME", NOT_OURS NOT_OURS NOT_OURS)       \
	X(nexthop, NEXTHOP_GROUP, "nexthop LINE...", NOT_OURS NOT_OURS)                   \
	X(no_nexthop, NEXTHOP_GROUP, "no nexthop LINE...", NOT_OURS NOT_OURS NOT_OURS)    \
	X(backup, NEXTHOP_GROUP, "backup-group WORD", NOT_OURS NOT_OURS)                  \
	X(no_backup, NEXTHOP_GROUP, "no backup-group [WORD]", NOT_OURS NOT_OURS NOT_OURS) \
	X(resilient, NEXTHOP_GROUP, "resilient LINE...", NOT_OURS NOT_OURS)               \
	X(no_resilient, NEXTHOP_GROUP, "no resilient", NOT_OURS NOT_OURS)

#define NODE_NEXTHOP_GROUP NH_GROUP_NODE

DEFUN_CMD_ELEMENT(enter_nexthop_group, ignored_group_cmd, "nexthop-group NHGNAME", NOT_OURS NOT_OURS,
		  CMD_ATTR_HIDDEN, 0)
#define X(ident, node, string, help) \
	DEFUN_CMD_ELEMENT(ignore, ignored_##ident##_cmd, string, help, CMD_ATTR_HIDDEN, 0)
SRP_IGNORED(X)
#undef X

static void install_ignored(void)
{
	static struct cmd_node nexthop_group = {
		.name = "nexthop-group",
		.node = NH_GROUP_NODE,
		.parent_node = CONFIG_NODE,
		.prompt = "%s(config-nh-group)# ",
		.no_xpath = true,
	};

	install_node(&nexthop_group);
	install_default(NH_GROUP_NODE);
	install_element(CONFIG_NODE, &ignored_group_cmd);
#define X(ident, node, string, help) _install_element(NODE_##node, &ignored_##ident##_cmd);
	SRP_IGNORED(X)
#undef X
}

void srp_cli_install(void)
{
	/* Not install_element(): that is for node numbers known at compile time. */
	install_nodes();
#define X(ident, node, string, help, attr, ...) _install_element(NODE_##node, &srp_##ident##_cmd);
	SRP_CLI_ENTER_COMMANDS(X)
	SRP_CLI_COMMANDS(X)
#undef X
	install_ignored();
	srp_cli_save_check();
}
