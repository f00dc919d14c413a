/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a configuration makes sense as a whole: what ranges and types alone cannot tell.
 *
 * Plain functions over struct srp_config, without libfrr. The northbound callbacks ask them about every
 * candidate before it is applied. Each returns true when all is well; otherwise `error` holds one line,
 * without a newline, that names the values and the rule.
 */
#ifndef SRP_CHECK_H
#define SRP_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/config.h"

#define SRP_CHECK_ERROR_LEN 256

/* Addresses, prefixes, limits of the lists. */
bool srp_check_objects(const struct srp_config *config, char *error, size_t error_size);

/* The dead-interval against the hello-interval. */
bool srp_check_timers(const struct srp_config *config, char *error, size_t error_size);

/* The switchover options against each other. */
bool srp_check_options(const struct srp_config *config, char *error, size_t error_size);

/* The length of an IPv4 mask in network byte order; -1 when its ones are not contiguous. */
int srp_mask_length(const struct srp_addr *mask);

#define SRP_INTERVAL_STRLEN 16
/* Milliseconds as the CLI writes them: "10" for 10 s, "80 msec". `seconds` goes after whole seconds. */
const char *srp_interval_format(uint32_t msec, const char *seconds, char buf[static SRP_INTERVAL_STRLEN]);

#endif
