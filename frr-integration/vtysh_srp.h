/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the two files of vtysh_srp.so: vtysh_srp.c (commands, nodes, how vtysh comes to know srpd) and
 * vtysh_srp_config.c (what `show running-config` and `write memory` do with srpd's part).
 */
#ifndef VTYSH_SRP_H
#define VTYSH_SRP_H

#include <stdbool.h>

#include "command.h"

/* srpd's bit in cmd_element.daemon: that of the entry of vtysh's client table that srpd takes over. */
#define VTYSH_SRP_DAEMON 0x2000

/* The beginning of vtysh's struct vtysh_client; the same from FRRouting 8.4 to 10.7. */
struct vtysh_srp_client {
	int fd; /* connected; -1: was not there when vtysh started; -2: went away since */
	const char *name;
	int flag;
};

/* srpd's entry in vtysh's client table, NULL while the extension is inactive. */
extern struct vtysh_srp_client *vtysh_srp_client;

/* srpd was there when vtysh started, but did not answer: vtysh is not connected to it. */
extern bool vtysh_srp_was_stuck;

/*
 * Install a command in a node, past our own interposition. The element must stay where it is for the life of
 * the process.
 */
void vtysh_srp_install(enum node_type node, const struct cmd_element *element);

/* Path of srpd's vty socket, in the run directory that vtysh was told. NULL when it is too long. */
const char *vtysh_srp_socket(void);

/*
 * vtysh is about to install 'element' in 'node'. Returns what shall be installed instead: the element
 * itself, or our version of it when it is one of the commands that collect or save configuration.
 */
const struct cmd_element *vtysh_srp_config_wrap(enum node_type node, const struct cmd_element *element);

/* Add the commands `show running-config srpd` and `write terminal srpd`. Once, when active. */
void vtysh_srp_config_install(void);

/* True when 'line' opens a configuration node of ours. */
bool vtysh_srp_opens_node(const char *line);

/*
 * Longest silence of srpd: until it has heard us, when vtysh starts and before it is asked for something; and then
 * until it has shown or written its configuration.
 */
#define VTYSH_SRP_START_MSEC  1000
#define VTYSH_SRP_CONFIG_MSEC 10000

/*
 * vtysh's own, and libfrr's: taken from the process that loads us. Weak, because a process that lacks one of
 * them, or is no vtysh at all, must not fail to start on our account; vtysh_srp.c checks them once.
 */
struct list;
extern char vtysh_client[] __attribute__((weak));
extern char vtydir[] __attribute__((weak));
extern struct list *config_top __attribute__((weak));
extern void config_add_line(struct list *config, const char *line) __attribute__((weak));
extern void vtysh_config_parse_line(void *arg, const char *line) __attribute__((weak));
extern int vtysh_execute(const char *line) __attribute__((weak));
#pragma weak cmdvec
#pragma weak install_node
#pragma weak vector_lookup
#pragma weak vty_out
#pragma weak frrmod_list

#endif
