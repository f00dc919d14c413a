/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of srpd: their handlers (srp_cli.c, srp_cli_switchover.c, srp_vty.c) and how they come into libfrr
 * (srp_cli_install.c; srp_cli_save.c for those that save srpd.conf). What commands there are is in srp_commands.h.
 */
#ifndef SRP_CLI_H
#define SRP_CLI_H

#include "frr-integration/compat.h"

#include "command.h"

#include "frr-integration/srp_commands.h"

struct srp_agent;

/* Our nodes. Their numbers in libfrr are given at run time, past those that it knows. */
enum srp_cli_node {
#define X(node, ...) SRP_CLI_##node,
	SRP_CLI_NODES(X)
#undef X
		SRP_CLI_NODE_COUNT
};

/* libfrr's number of a node of ours. */
enum node_type srp_cli_node(enum srp_cli_node node);

#define SRP_CMD(ident)                                                                 \
	int srp_cmd_##ident(const struct cmd_element *self, struct vty *vty, int argc, \
			    struct cmd_token *argv[])
#define X(ident, ...) SRP_CMD(ident);
SRP_CLI_ENTER_COMMANDS(X)
SRP_CLI_COMMANDS(X)
#undef X

/* What handlers of configuration commands have in common (srp_cli.c). Those that edit return CMD_*. */

/*
 * Say on the vty why a command is refused; and in the log, when it is a line of srpd.conf, because a daemon
 * has nobody to read its vty then and libfrr only logs the line.
 */
PRINTFRR(2, 3)
void srp_cli_refuse(struct vty *vty, const char *format, ...);

/* Set a leaf of the node that the vty is in. */
int srp_cli_set(struct vty *vty, const char *path, const char *value);
/* Set a leaf to its default, or to nothing; remove an entry of a list. */
int srp_cli_reset(struct vty *vty, const char *path);
/* Set a leaf that is in milliseconds from `COMMAND N [msec]`; argv[0] is COMMAND. The range of N is checked. */
int srp_cli_set_interval(struct vty *vty, const char *path, int argc, struct cmd_token *argv[]);

/* Install nodes and commands. After frr_init(). */
void srp_cli_install(void);

/* Whether our way to save srpd.conf is in the place of libfrr's; if not, it is logged. Of srp_cli_install(). */
void srp_cli_save_check(void);

/* Write all of srpd's configuration as commands. */
int srp_cli_write(struct vty *vty);

#endif
