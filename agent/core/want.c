/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What follows from role and phase: what kernel and bgpd shall look like, and which traffic passes. */
#include "agent/core/core_private.h"

/* What passes: docs/user-guide.md, "The traffic gate". An option counts when both have it, a restriction when one has. */
static struct srp_gate gate(const struct srp_core *core, bool install)
{
	const struct srp_progress *peer = &core->peer.progress;
	uint8_t both = core->config.options & core->peer.options;
	uint8_t either = core->config.options | core->peer.options;
	bool all = both & SRP_OPTION_ALL_DATA, volte = both & SRP_OPTION_VOLTE_DATA;

	switch (core->role) {
	case SRP_PENDING_STANDBY:
		return (struct srp_gate){.ims = true, .non_ims = true};
	case SRP_PENDING_ACTIVE:
	case SRP_ACTIVE:
		/* While it is not over, the peer's progress is that of this switchover. */
		if (srp_switchover_post_is_over(core) ||
		    (core->role == SRP_ACTIVE && core->phase != SRP_PHASE_POST))
			return (struct srp_gate){.ims = true,
						 .non_ims = true,
						 .control = core->role == SRP_ACTIVE};
		return (struct srp_gate){
			.ims = all ||
			       (volte && (!(either & SRP_OPTION_MAINTAIN_ACCOUNTING) || peer->ims_flushed)),
			.non_ims = all,
			.control = both & SRP_OPTION_CONTROL_OUTAGE && core->phase == SRP_PHASE_POST,
		};
	case SRP_INIT:
	case SRP_STANDBY:
	case SRP_ROLE_COUNT:
		break;
	}
	/* What drains is still on its way through. */
	return (struct srp_gate){.ims = install, .non_ims = install};
}

struct srp_desired srp_core_desired(const struct srp_core *core)
{
	struct srp_desired desired = {.prepend = core->modifier, .assertions = core->assertions};

	switch (core->role) {
	case SRP_INIT:
		/* Not decided yet. When the configuration was taken away, it is decided: nothing. */
		desired.hold = core->config.enabled || !core->was_enabled;
		desired.install = core->drain_until != 0;
		break;
	case SRP_STANDBY:
		desired.install = core->drain_until != 0;
		desired.keep = desired.install && core->drain_found;
		break;
	case SRP_PENDING_ACTIVE:
		desired.serve = desired.install = true;
		desired.announce = core->phase != SRP_PHASE_WITHDRAW;
		break;
	case SRP_ACTIVE:
	case SRP_PENDING_STANDBY:
		desired.serve = desired.install = desired.announce = true;
		break;
	case SRP_ROLE_COUNT:
		break;
	}
	desired.gate = gate(core, desired.install);
	return desired;
}
