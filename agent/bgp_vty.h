/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver "metric": bgpd as it is, without a module of ours.
 *
 *   down  The prepends are the metric of what srpd puts into the kernel: base + N says N prepends, base itself says
 *         "not announced". zebra hands it to bgpd, where the operator's route-map has an entry for each
 *         (docs/bgp-policy.md). desired.c chooses the metrics; here it is only seen to that they have arrived.
 *   up    Peers from `show bgp ... summary json` on bgpd's vty socket: at once when its live log (`terminal monitor`)
 *         says that a session has changed, and every BGP_VTY_POLL_MSEC in any case. That the prefixes are sent,
 *         and with which prepends, from `show bgp ... PREFIX json` of each, after a change until it is so, and then
 *         now and then. That bgpd hears zebra from `show zebra client` on zebra's vty socket.
 *
 * Not there without the module, and never claimed: the fallback prepends of a gateway without srpd, the witness, a
 * cure for a bgpd that a restarted zebra has forgotten (it counts as without zebra, and there is a warning: by the
 * start times of the two processes, which holds over a restart of srpd too).
 */
#ifndef SRP_BGP_VTY_H
#define SRP_BGP_VTY_H

#include "agent/bgp_driver.h"
#include "agent/log.h"
#include "agent/loop.h"

#define BGP_VTY_POLL_MSEC       1000
#define BGP_VTY_POLL_BLIND_MSEC 100 /* without the live log */
/* How long bgpd may take for an answer: then it is silent, then the connection is ended. */
#define BGP_VTY_SILENT_MSEC     BGP_IPC_SILENT_MSEC
#define BGP_VTY_DEAD_MSEC       BGP_IPC_DEAD_MSEC

/* `run_dir` has bgpd.vty and zebra.vty. `base` is for what warnings say. Aborts when memory is out. */
struct bgp_driver *bgp_vty_new(struct srp_loop *loop, const struct srp_log *log, const char *run_dir,
			       uint32_t base, const struct bgp_driver_callbacks *callbacks);

#endif
