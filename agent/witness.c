/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See witness.h. */
#include "agent/witness.h"

bool srp_witness_heard(const struct bgp_ipc_status *status)
{
	return status && status->witness_prefixes > 0;
}

bool srp_witness_watch(struct srp_witness *witness, uint64_t now, const struct srp_core *core,
		       const struct bgp_ipc_status *status)
{
	bool unheard = core->config.witness_msec && core->role == SRP_STANDBY && core->peer_heard &&
		       core->peer.role == SRP_ACTIVE && status && status->witness_prefixes == 0;

	if (!unheard) {
		*witness = (struct srp_witness){0};
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

const char *srp_witness_warning(const struct srp_witness *witness)
{
	return witness->warned ? "none of the peer's announcements is received; gateways of one AS hear each "
				 "other only with `neighbor ... allowas-in origin`"
			       : NULL;
}
