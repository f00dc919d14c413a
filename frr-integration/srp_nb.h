/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The northbound side: libfrr's YANG transactions in, one struct srp_config out. srp_nb.c has the table of
 * callbacks, srp_nb_config.c the callbacks, srp_nb_file.c the reading of srpd.conf.
 *
 * Nothing is applied piece by piece. Every candidate is turned into a struct srp_config and judged as a
 * whole (srp_check.h); after it was applied, however many nodes changed and however many transactions
 * there were in one go, the daemon is told once and reads the whole running configuration.
 */
#ifndef SRP_NB_H
#define SRP_NB_H

#include "frr-integration/compat.h"

#include "agent/config.h"

#define SRP_NB_ROOT     "/frr-srp:srp"
#define SRP_NB_PROTOCOL SRP_NB_ROOT "/protocol"
#define SRP_NB_CONTEXT  SRP_NB_ROOT "/context[name='%s']"

extern const struct frr_yang_module_info frr_srp_info;

/*
 * Call `changed` from the event loop after the running configuration has changed, and after
 * srp_nb_read_end(). After frr_init().
 */
void srp_nb_init(SRP_EVENT_LOOP *master, void (*changed)(void));
void srp_nb_finish(void);

/* The running configuration; false when memory is out. The caller has srp_config_init()ed `config`. */
bool srp_nb_running(struct srp_config *config);

/* Have `changed` called, whether something changed or not. */
void srp_nb_note_change(void);

/*
 * Apply the changes that a command has enqueued: in a transaction of their own, or, for a line of srpd.conf,
 * together with the others at the end of the file (srp_nb_file.c). Returns CMD_*.
 */
int srp_nb_apply(struct vty *vty);

/*
 * Around the reading of srpd.conf. In between, the order of lines that depend on each other does not
 * matter; what is refused in the end is logged.
 */
void srp_nb_read_begin(void);
void srp_nb_read_end(void);
bool srp_nb_reading(void);
void srp_nb_file_flush(void); /* commit the lines so far */

/* Make the running configuration empty, all defaults. False when it is locked, which is logged. */
bool srp_nb_clear(void);

/* Callbacks of the nodes, for the table in srp_nb.c. */
int srp_nb_create(struct nb_cb_create_args *args);
int srp_nb_modify(struct nb_cb_modify_args *args);
int srp_nb_destroy(struct nb_cb_destroy_args *args);
int srp_nb_move(struct nb_cb_move_args *args);
int srp_nb_pre_validate(struct nb_cb_pre_validate_args *args);

/* How the nodes are written as commands (srp_cli_show.c). */
void srp_show_protocol(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_bind(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_peer(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_port(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_dscp(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_authentication(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_mode(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_priority(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_timers(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_delay(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_threshold(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_bgp_driver(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_bgp_hold(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_config_check(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_witness(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_switchover(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_guard(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_checkpoint(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_audit(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_monitor(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_context(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_l2_interface(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_pool(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_loopback(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_address(struct vty *vty, const struct lyd_node *dnode, bool show_defaults);
void srp_show_exit(struct vty *vty, const struct lyd_node *dnode);
void srp_show_loopback_exit(struct vty *vty, const struct lyd_node *dnode);

/* The value of a child leaf as text, NULL when it is not set. Valid as long as the tree is. */
const char *srp_nb_leaf(const struct lyd_node *parent, const char *name);

#endif
