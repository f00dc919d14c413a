/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd as a libfrr daemon: what main() of srpd_main.c puts together.
 */
#ifndef SRP_DAEMON_H
#define SRP_DAEMON_H

#include "frr-integration/compat.h"

#include "privs.h"
#include "sigevent.h"

struct srp_agent;

extern struct zebra_privs_t srp_daemon_privs;
extern struct frr_signal_t srp_daemon_signals[];
extern const size_t srp_daemon_signal_count;

/*
 * The configuration file when there is no -f: srpd.conf of the pathspace (NULL: none). Always that file:
 * libfrr's own default is not read when there is a frr.conf, of which srpd is no part. Static.
 */
const char *srp_daemon_config_file(const char *pathspace);

/*
 * Install commands, northbound and hooks on libfrr's loop; between frr_init() and frr_config_fork().
 * `config_file` is where srpd.conf is read from and written to; it must stay.
 */
void srp_daemon_init(SRP_EVENT_LOOP *master, const char *config_file);

/* Start the agent, in the process that stays; after frr_config_fork(). Ends the process on failure. */
void srp_daemon_start(const char *state_dir);

/* The one agent; NULL before it is started. */
struct srp_agent *srp_daemon_agent(void);

#endif
