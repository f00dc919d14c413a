/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See witness.h. */
#include "agent/witness.h"

bool srp_witness_heard(const struct bgp_ipc_status *status)
{
	return status && status->witness_prefixes > 0;
}

/* True when the warning begins. */
static bool warn(struct srp_witness *witness, uint64_t now, bool unheard)
{
	if (!unheard) {
		witness->unheard = witness->warned = false;
		return false;
	}
	if (!witness->unheard) {
		witness->unheard = true;
		witness->since = now;
	}
	if (witness->warned || now - witness->since < SRP_WITNESS_WARN_MSEC)
		return false;
	witness->warned = true;
	return true;
}

const char *srp_witness_watch(struct srp_witness *witness, uint64_t now, const struct srp_core *core,
			      const struct bgp_ipc_status *status, enum srp_log_level *level)
{
	bool waited = witness->waiting;

	witness->waiting = core->witness_until != 0;
	if (warn(witness, now,
		 core->config.witness_msec && core->role == SRP_STANDBY && core->peer_heard &&
			 core->peer.role == SRP_ACTIVE && status && status->witness_prefixes == 0)) {
		*level = SRP_LOG_WARNING;
		return srp_witness_warning(witness);
	}
	if (waited && !witness->waiting && core->peer_heard) {
		*level = SRP_LOG_NOTICE;
		return "the silent peer is heard on the link again";
	}
	return NULL;
}

const char *srp_witness_warning(const struct srp_witness *witness)
{
	return witness->warned ? "none of the peer's announcements is received; gateways of one AS hear each "
				 "other only with `neighbor ... allowas-in origin`"
			       : NULL;
}
