/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The route-map that an operator gives bgpd for the metric driver (agent/bgp_vty.h), as lines of frr.conf. */
#ifndef SRP_ROUTE_MAP_H
#define SRP_ROUTE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#define SRP_ROUTE_MAP_NAME "SRP" /* of the default context; of others SRP-NAME */

/* An AS number as an operator writes it: 65001, or 0.65001. */
bool srp_route_map_as_valid(const char *as);

/*
 * The map of a context, with an entry for each count that there can be, whatever the threshold of the route modifier is or
 * will be: a missing entry would be a denial. A new text, the caller's to free(); NULL when memory is out.
 */
char *srp_route_map_text(const char *context, uint32_t base, const char *as);

#endif
