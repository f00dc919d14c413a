/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has bgpd what the kernel was given? One walk asks for each srp-activated prefix once and adds up the answers. Pure:
 * bgp_vty.c asks, and has the clock.
 */
#ifndef SRP_BGP_VTY_WALK_H
#define SRP_BGP_VTY_WALK_H

#include "agent/bgp_vty_parse.h"

#define BGP_VTY_COMMAND_LEN 160

/* A copy, with its lists, for bgp_ipc_policy_clear(). False when memory is out: *copy is empty then. */
bool bgp_vty_policy_copy(struct bgp_ipc_policy *copy, const struct bgp_ipc_policy *policy);
/* Something of ours is to be in the kernel and in bgpd. */
bool bgp_vty_policy_announces(const struct bgp_ipc_policy *policy);

struct bgp_vty_walk {
	bool active;
	size_t context, prefix;    /* the next to be asked for */
	unsigned int paths;        /* (prefix, eBGP peer) pairs */
	unsigned int inner;        /* the same of iBGP peers */
	unsigned int mismatched;   /* of the paths, those with another count of prepends than the policy's */
	unsigned int missing;      /* prefixes that are not in bgpd's table */
	unsigned int present;      /* prefixes that are */
	unsigned int unknown;      /* prefixes of which bgpd's answer is not understood */
	unsigned int unadvertised; /* of these, sent to no eBGP peer */
	int low, high;             /* counts of prepends found; -1: none */
	/* One prefix of which each is true, or "". */
	char a_mismatched[SRP_PREFIX_STRLEN], a_missing[SRP_PREFIX_STRLEN], a_present[SRP_PREFIX_STRLEN],
		a_unadvertised[SRP_PREFIX_STRLEN], a_unknown[SRP_PREFIX_STRLEN];
};

void bgp_vty_walk_begin(struct bgp_vty_walk *walk);

/* The command that asks for the next prefix, and its context (of the policy). False: the walk is over. */
bool bgp_vty_walk_next(struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy,
		       char command[static BGP_VTY_COMMAND_LEN], const char **context);

/* The answer to it; NULL: it is not understood. */
void bgp_vty_walk_take(struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy,
		       const struct bgp_vty_path *path);

/*
 * A walk that is over found bgpd to do as the policy says: all is announced to somebody, with the right count, or
 * nothing is there.
 */
bool bgp_vty_walk_matches(const struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy);

/* What keeps it from it, for the operator, in `text`; "" when nothing is wrong. `base`: see bgp_vty.h. */
void bgp_vty_walk_explain(const struct bgp_vty_walk *walk, const struct bgp_ipc_policy *policy, uint32_t base,
			  char *text, size_t size);

#endif
