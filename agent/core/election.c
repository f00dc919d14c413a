/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Election, seed "Chassis Initialization": route modifier, then priority, then MAC. The seed compares only
 * the last three octets of the MAC (the first three name its vendor); 3C-08-F6-BB-79-30 beats
 * 88-F0-31-65-84-30. When these are equal the whole MAC decides, and between clones the link address, so
 * that there is always exactly one winner.
 */
#include "agent/core/election.h"

#include <string.h>

bool srp_election_wins(const struct srp_candidate *own, const struct srp_candidate *peer)
{
	const int vendor_len = 3;
	int order;

	if (own->modifier != peer->modifier)
		return own->modifier < peer->modifier;
	if (own->priority != peer->priority)
		return own->priority < peer->priority;
	order = memcmp(own->tiebreaker + vendor_len, peer->tiebreaker + vendor_len,
		       SRP_TIEBREAKER_LEN - vendor_len);
	if (!order)
		order = memcmp(own->tiebreaker, peer->tiebreaker, SRP_TIEBREAKER_LEN);
	if (order)
		return order > 0;
	return own->higher_address;
}
