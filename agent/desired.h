/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What kernel and bgpd are told: the configured objects, in the two forms that the reconciler and bgpd's driver
 * take. Pure: configuration and role's wish in, lists out.
 */
#ifndef SRP_DESIRED_H
#define SRP_DESIRED_H

#include "agent/bgp_ipc.h"
#include "agent/config.h"
#include "agent/core/core.h"
#include "agent/l2.h"
#include "netlink/reconciler.h"

/*
 * The srp-activated addresses and routes, all of them, or none (*count 0) when the role does not want them in
 * the kernel. An address that is announced on a segment is there as long as the role serves, and not while it
 * drains: two chassis must not answer for it. With the metric driver, routes and addresses on lo have the metric that
 * says what bgpd shall do. `spots` are of the same configuration. A new array, the caller's to free(); NULL when memory
 * is out.
 */
struct reconciler_object *srp_desired_objects(const struct srp_config *config,
					      const struct srp_desired *desired,
					      const struct srp_l2_spots *spots, size_t *count);

/* What the reconciler may do to make them so. */
enum reconciler_mode srp_desired_mode(const struct srp_config *config, const struct srp_desired *desired,
				      const struct srp_l2_spots *spots);

/* The policy with its prefixes by context, the caller's to bgp_ipc_policy_clear(). False when memory is out. */
bool srp_desired_policy(const struct srp_config *config, const struct srp_desired *desired,
			uint64_t generation, struct bgp_ipc_policy *policy);

#endif
