/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd's end of the socket to bgpd_srp.so (agent/bgp_ipc.h): listens, keeps the one connection that counts,
 * hands each status up and sends the latest policy down.
 *
 * A connection counts once it has brought a valid status; the newest that does replaces the one before.
 * Only root and srpd's own user may connect. A policy that is not sent yet is replaced by a newer one, so at most
 * two frames are ever kept. Runs on the loop's thread; never blocks.
 */
#ifndef SRP_BGP_SERVER_H
#define SRP_BGP_SERVER_H

#include "agent/bgp_driver.h"
#include "agent/log.h"
#include "agent/loop.h"

/*
 * Listen on `path` (an old socket there is replaced; free() removes it). NULL and errno on failure. connected() is
 * about the module.
 */
struct bgp_driver *bgp_server_new(struct srp_loop *loop, const struct srp_log *log, const char *path,
				  const struct bgp_driver_callbacks *callbacks);

#endif
