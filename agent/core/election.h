/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who wins when both chassis are in the same place: a total order, computed alike on both sides. */
#ifndef SRP_ELECTION_H
#define SRP_ELECTION_H

#include "agent/core/srp.h"

struct srp_candidate {
	uint16_t modifier;                      /* lower wins */
	uint8_t priority;                       /* lower wins */
	uint8_t tiebreaker[SRP_TIEBREAKER_LEN]; /* higher wins; the last three octets first */
	bool higher_address;                    /* of the two link ends: decides between cloned MACs */
};

/* True when `own` beats `peer`. Exactly one of the two chassis finds itself the winner. */
bool srp_election_wins(const struct srp_candidate *own, const struct srp_candidate *peer);

#endif
