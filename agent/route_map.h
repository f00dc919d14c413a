/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The route-map that an operator gives bgpd for the metric driver (agent/bgp_vty.h), as lines of frr.conf. */
#ifndef SRP_ROUTE_MAP_H
#define SRP_ROUTE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#define SRP_ROUTE_MAP_NAME "SRP"

/* An AS number as an operator writes it: 65001, or 0.65001. */
bool srp_route_map_as_valid(const char *as);

/* How many prepends a pair may come to with this threshold of the route modifier. */
unsigned int srp_route_map_prepends(uint8_t threshold);

/* Entries for 1 up to `prepends`. A new text, the caller's to free(); NULL when memory is out. */
char *srp_route_map_text(uint32_t base, const char *as, unsigned int prepends);

#endif
