/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd_srp: the half of srpd that lives in bgpd. Internal header of the implementation.
 *
 *   bgpd_srp_stub.c    bgpd_srp.so, what `bgpd -M srp` loads: checks the version, then loads the rest
 *   bgpd_srp_main.c    life cycle, what is in force, what makes us look again
 *   bgpd_srp_agent.c   the connection to srpd
 *   bgpd_srp_policy.c  what is in force -> objects of bgpd's configuration -> one transaction, and the flush
 *   bgpd_srp_plist.c     its prefix-lists
 *   bgpd_srp_rmap.c      its route-maps, as configured and as compiled
 *   bgpd_srp_peers.c   the state of bgpd's peers
 *   bgpd_srp_verify.c  what is advertised, read from the adj-RIB-out
 *   bgpd_srp_witness.c whether the other gateway is still heard from the routing domain
 *   bgpd_srp_zebra.c   redistribution over a restart of zebra, stale paths
 *
 * Everything runs on bgpd's main thread. Nothing blocks, and nothing that takes long runs in a hook: hooks
 * schedule an event. The module decides nothing: it makes bgpd be what srpd last said, and again whenever
 * something moved, and reports what it sees.
 */
#ifndef SRP_BGPD_SRP_H
#define SRP_BGPD_SRP_H

#include "frr-integration/compat.h"

#include "lib/monotime.h"
#include "prefix.h"

#include "bgpd/bgpd.h"

#include "agent/bgp_ipc.h"

#define BGPSRP_MAP_NAME_LEN     (SRP_CONTEXT_NAME_LEN + 4)
#define BGPSRP_CONTEXTS_MAX     512

/* Own-AS copies until srpd has said otherwise: start value of a backup with the default threshold. */
#define BGPSRP_FALLBACK_PREPEND 10

enum { BGPSRP_IPV4, BGPSRP_IPV6, BGPSRP_FAMILIES };

/* The srp-activated prefixes of one context, and the names of its objects. */
struct bgpsrp_context {
	char name[SRP_CONTEXT_NAME_LEN];
	char map[BGPSRP_MAP_NAME_LEN];            /* route-map and prefix-lists: "srp", "srp-NAME" */
	struct prefix *prefixes[BGPSRP_FAMILIES]; /* host bits cleared, sorted, each once */
	size_t count[BGPSRP_FAMILIES];
};

struct bgpsrp {
	SRP_EVENT_LOOP *loop;
	uint8_t fallback_prepend; /* before the first policy */
	bool stopping;            /* bgpd is going down: do nothing more */

	/* What srpd said last (bgpd_srp_main.c). */
	bool have_policy;
	uint64_t generation;
	bool announce;
	bool installed;
	bool witness;
	uint8_t prepend;
	uint8_t policy_fallback;
	uint32_t hold_sec;
	bool agent_lost;                 /* longer than hold_sec */
	struct bgpsrp_context *contexts; /* all ever seen: an object in use is never deleted */
	size_t context_count;

	/* What was done (bgpd_srp_policy.c). */
	uint64_t applied_generation; /* 0: safe state */
	int applied_prepend;         /* -1: not announcing */
	char error[BGP_IPC_TEXT_LEN];

	/* What was seen (bgpd_srp_verify.c). */
	uint64_t advertised_generation;
	int advertised_prepend;
	uint32_t advertised_paths;
	uint32_t mismatched_paths;
	uint32_t ibgp_paths; /* with own-AS prepends, to peers of the same AS */
	uint32_t unadvertised_prefixes;
	uint32_t kept_prefixes; /* unadvertised for some time, with a session over which they could go */
	struct prefix kept;     /* one of them, and its context */
	char kept_context[SRP_CONTEXT_NAME_LEN];

	int witness_prefixes; /* that another router announces (bgpd_srp_witness.c); -1: not watched */
};

extern struct bgpsrp bgpsrp;

/* Monotonic microseconds, milliseconds. */
static inline int64_t bgpsrp_now_usec(void)
{
	struct timeval now;

	monotime(&now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_usec;
}

static inline int64_t bgpsrp_now_msec(void)
{
	return bgpsrp_now_usec() / 1000;
}

/* --- bgpd_srp_main.c --- */

/* Entry point of the implementation, called by the stub while bgpd loads it. False: stay inactive. */
bool bgpsrp_start(const char *args);
extern const char bgpsrp_built_for[]; /* "8.4.4" */

/* Whether, and with how many prepends, srp-activated prefixes are announced now. */
bool bgpsrp_announce(void);
uint8_t bgpsrp_prepend(void);

/* A policy has arrived; its contents are copied. */
void bgpsrp_take_policy(const struct bgp_ipc_policy *policy);
/* srpd is gone longer than the hold time. */
void bgpsrp_agent_is_lost(void);

/* The context `name`, made when it is new; NULL when there are too many or memory is out. */
struct bgpsrp_context *bgpsrp_context_get(const char *name);
/* The bgp instance of a context, or NULL. */
struct bgp *bgpsrp_context_bgp(const struct bgpsrp_context *context);
const char *bgpsrp_bgp_context(const struct bgp *bgp);
/* The AS an outer neighbour sees as ours; 0 for NULL. */
as_t bgpsrp_bgp_as(const struct bgp *bgp);

/* --- bgpd_srp_agent.c --- */
void bgpsrp_agent_start(void);
void bgpsrp_agent_stop(void);
/* Something in the status may have changed: send it in this turn of the loop, once. */
void bgpsrp_agent_status_changed(void);

/* --- bgpd_srp_policy.c --- */

/* See every transaction that touches route-maps or prefix-lists, whosever it is, and apply again after it. */
void bgpsrp_policy_watch(void);
/* Make bgpd's configuration match what is in force, now; retried by itself when it does not work. */
void bgpsrp_policy_apply(void);
/* The same in this turn of the loop, once. */
void bgpsrp_policy_apply_soon(void);
/*
 * Let bgpd act on changed route-maps now instead of after its delay-timer. With `mark`, on ours even if it thinks
 * that they have not changed.
 */
void bgpsrp_policy_flush(bool mark);
void bgpsrp_policy_stop(void);

/* A transaction under construction. The candidate is made with the first edit. */
struct bgpsrp_edit {
	struct nb_config *candidate;
	unsigned int count;
	struct bgpsrp_change *changes; /* what was edited, to be said again to the candidate of the vtys */
	unsigned int change_count;
	bool failed;
	char error[BGP_IPC_TEXT_LEN];
};

/* Set a leaf, or create a list entry when value is NULL. */
void bgpsrp_edit_set(struct bgpsrp_edit *edit, const char *value, const char *format, ...) PRINTFRR(3, 4);
void bgpsrp_edit_remove(struct bgpsrp_edit *edit, const char *format, ...) PRINTFRR(2, 3);
/* A node of the running configuration, or NULL. */
const struct lyd_node *bgpsrp_running(const char *format, ...) PRINTFRR(1, 2);
/* The value of the child `name`; NULL when there is none. */
const char *bgpsrp_child(const struct lyd_node *node, const char *name);

/* --- bgpd_srp_plist.c --- */

/* Edits that make the prefix-lists of a context what it wants; when `keep`, only ensure that they exist. */
void bgpsrp_plist_edit(struct bgpsrp_edit *edit, const struct bgpsrp_context *context, bool keep);

/* --- bgpd_srp_rmap.c --- */

/* What the two entries of a context's route-map shall be. */
struct bgpsrp_rmap {
	bool permit;
	char prepend[BGP_IPC_PREPEND_MAX * 11 + 1]; /* "65001 65001"; "" leaves it alone */
};

/* Edits that make the configured route-map so. */
void bgpsrp_rmap_edit(struct bgpsrp_edit *edit, const struct bgpsrp_context *context,
		      const struct bgpsrp_rmap *want);
/* Edits that strip the entries to a plain deny, from which bgpsrp_rmap_edit() compiles them anew. */
void bgpsrp_rmap_edit_strip(struct bgpsrp_edit *edit, const struct bgpsrp_context *context);
/* Whether the map that bgpd runs is so: the running configuration is no proof of it. */
bool bgpsrp_rmap_compiled(const struct bgpsrp_context *context, const struct bgpsrp_rmap *want);

/* --- bgpd_srp_peers.c --- */

/* The peers of all instances; malloc'd, NULL with *count 0 when there are none. */
struct bgp_ipc_peer *bgpsrp_peers(size_t *count);
/* Whether own-AS prepends make this peer drop a route. */
bool bgpsrp_peer_internal(const struct peer *peer);

/* --- bgpd_srp_verify.c --- */

/* Look at the adj-RIB-out in `msec`, and again until it matches what is applied. */
void bgpsrp_verify_soon(unsigned int msec);
/* A new policy is applied: what was seen counts no more. */
void bgpsrp_verify_reset(void);
void bgpsrp_verify_stop(void);

/* --- bgpd_srp_witness.c --- */
void bgpsrp_witness_start(void);
void bgpsrp_witness_stop(void);
/* Prefixes, `witness` or `announce` may have changed: what was seen counts no more. */
void bgpsrp_witness_policy_changed(void);
/* Count again in this turn of the loop, once. */
void bgpsrp_witness_soon(void);

/* --- bgpd_srp_zebra.c --- */
void bgpsrp_zebra_start(void);
void bgpsrp_zebra_stop(void);
bool bgpsrp_zebra_connected(void);
/* The policy was applied: without zebra, bgpd does not look again at what it redistributes; do it for it. */
void bgpsrp_zebra_policy_applied(void);
/* Purge or fetch again, after `installed` has changed. */
void bgpsrp_zebra_installed_changed(void);

#endif
