/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BGP as witness: what bgpd_srp hears of the peer's announcements, as srpd uses it.
 *
 * The core asks one thing, is the peer heard. Beside that, a Standby that hears its peer on the SRP link and
 * never hears its announcements has a witness in name only, which nobody would notice before it is needed:
 * that is said here. Pure data: no clock, no sockets.
 */
#ifndef SRP_WITNESS_H
#define SRP_WITNESS_H

#include "agent/bgp_ipc.h"
#include "agent/core/core.h"
#include "agent/log.h"

/* So long a Standby of an Active peer may hear none of its announcements, ms: BGP converges in less. */
#define SRP_WITNESS_WARN_MSEC 10000

struct srp_witness {
	bool unheard;   /* the peer is Active and on the link, and nothing is announced to us */
	uint64_t since; /* when that began, ms */
	bool warned;
	bool waiting; /* the core waits for a silent peer */
};

/* Whether the routing domain hears the peer. `status` is bgpd's last word, NULL when it is gone or hangs. */
bool srp_witness_heard(const struct bgp_ipc_status *status);

/*
 * Call whenever something may have changed, and as time passes. What is to be logged now, and how: a warning
 * begins, or the peer that was waited for is heard again; else NULL.
 */
const char *srp_witness_watch(struct srp_witness *witness, uint64_t now, const struct srp_core *core,
			      const struct bgp_ipc_status *status, enum srp_log_level *level);

/* The warning that stands, static text; NULL when there is none. */
const char *srp_witness_warning(const struct srp_witness *witness);

#endif
