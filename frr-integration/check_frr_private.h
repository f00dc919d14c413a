/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-frr from the inside: the two configurations as data, and how findings are made. See check_frr.h. */
#ifndef CHECK_FRR_PRIVATE_H
#define CHECK_FRR_PRIVATE_H

#include "agent/config.h"
#include "frr-integration/check_frr.h"

/* --- Lines of a configuration (check_frr_conf.c) --------------------------------------------- */

#define CHECK_CONF_WORDS_MAX 24 /* of a line; what follows is not looked at */

struct check_conf_reader {
	char *next;
};

struct check_conf_line {
	char *words[CHECK_CONF_WORDS_MAX];
	unsigned int count; /* 1 and up */
};

/* Read `text`, which is cut into words in place. Comments (! and #) and empty lines are skipped. */
void check_conf_begin(struct check_conf_reader *reader, char *text);
bool check_conf_next(struct check_conf_reader *reader, struct check_conf_line *line);
/* Whether the line begins with these words ("neighbor", "*" for any). */
bool check_conf_is(const struct check_conf_line *line, const char *pattern);
/* The word after the word `key`, or NULL. */
char *check_conf_after(const struct check_conf_line *line, const char *key);

/*
 * A zeroed new entry at the end of a list, or NULL when it has `max` or memory is out. The list grows by
 * doubling; entries move when it does.
 */
void *check_conf_append(void **list, size_t *count, size_t size, size_t max);

/* --- FRRouting's ------------------------------------------------------------------------------ */

enum { CHECK_IPV4, CHECK_IPV6, CHECK_FAMILIES };
enum { CHECK_CONNECTED, CHECK_KERNEL, CHECK_KINDS };
enum { CHECK_IN, CHECK_OUT, CHECK_DIRECTIONS };
enum check_tri { CHECK_UNSET, CHECK_NO, CHECK_YES };

/* In one address family of a neighbour or group. */
struct check_peer_family {
	enum check_tri activate;
	const char *map[CHECK_DIRECTIONS];
	bool filter[CHECK_DIRECTIONS]; /* prefix-list, filter-list or distribute-list */
};

struct check_peer {
	const char *name;  /* address, interface, or name of the group */
	const char *group; /* NULL: none */
	bool is_group;
	bool is_listened; /* a group that a `bgp listen range` fills */
	const char *remote_as;
	bool bfd, shutdown, graceful_restart;
	const char *advertisement_interval, *hold_time;
	struct check_peer_family families[CHECK_FAMILIES];
};

struct check_redistribute {
	bool set;
	const char *map; /* NULL: none */
};

struct check_network {
	unsigned int family;
	const char *prefix, *map;
};

struct check_listen {
	const char *range, *group;
};

struct check_bgp {
	const char *as;
	const char *name; /* "default", or that of the VRF or view */
	bool is_view;
	enum check_tri requires_policy, default_family[CHECK_FAMILIES];
	bool graceful_restart, graceful_disable;
	const char *coalesce_time, *hold_time;
	struct check_redistribute redistribute[CHECK_FAMILIES][CHECK_KINDS];
	struct check_peer *peers;
	struct check_network *networks;
	struct check_listen *listens;
	const char **confederation;
	size_t peer_count, network_count, listen_count, confederation_count;
};

/* One entry of a route-map. */
struct check_map_entry {
	const char *map;
	unsigned long seq;
	bool permit;
	bool has_match;
	bool goes_on;         /* `on-match` or `continue`: a later entry decides, too */
	const char *call;     /* NULL: none */
	const char *lists[2]; /* of `match ip(v6) address prefix-list` */
	bool prepends;        /* `set as-path prepend` */
};

struct check_conf {
	const char *where; /* what was read, for messages */
	char *text;
	bool is_running; /* of a daemon, not of a file; set by the caller */
	bool datacenter; /* frr defaults */
	const char *delay_timer;
	bool graceful_restart, graceful_disable; /* for all instances */
	bool srp_lines;                          /* lines that are srpd's */
	bool cut;                                /* a list was full, or memory out: not all was read */
	struct check_bgp *bgps;
	struct check_map_entry *entries; /* by map and seq */
	size_t bgp_count, entry_count;
};

/* Read a configuration; everything in `conf` points into a copy of `text`. Clear it in any case. */
void check_conf_read(struct check_conf *conf, const char *text, const char *where);
void check_conf_clear(struct check_conf *conf);

const struct check_bgp *check_conf_bgp(const struct check_conf *conf, const char *context);
const struct check_peer *check_bgp_peer(const struct check_bgp *bgp, const char *name);

/* As it counts for a neighbour, its group included. */
const char *check_peer_remote_as(const struct check_bgp *bgp, const struct check_peer *peer);
bool check_peer_active(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family);
const char *check_peer_map(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family,
			   unsigned int direction);
/* Any filter at all in that direction, route-maps included. */
bool check_peer_filtered(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family,
			 unsigned int direction);
/* The group of a neighbour, or NULL. */
const struct check_peer *check_peer_group(const struct check_bgp *bgp, const struct check_peer *peer);
/* A neighbour that there can be a session with: not a group, unless it is filled by a listen range. */
bool check_peer_is_session(const struct check_peer *peer);

enum check_sort { CHECK_EBGP, CHECK_IBGP, CHECK_CONFED };
enum check_sort check_peer_sort(const struct check_bgp *bgp, const struct check_peer *peer);

/* --- srpd's (check_frr_srpd.c) ---------------------------------------------------------------- */

struct check_srp_prefix {
	unsigned int family, kind;
	struct srp_prefix prefix;
};

struct check_srp_context {
	const char *name;
	size_t count[CHECK_FAMILIES][CHECK_KINDS];
	struct check_srp_prefix *prefixes;
	size_t prefix_count;
};

struct check_srp_monitor {
	const char *context, *peer;
};

/* A file that `authentication` names. */
struct check_srp_key {
	const char *path;
	bool secret; /* a key, not a certificate */
};

struct check_srp_conf {
	char *text;
	bool cut;
	bool metric; /* bgp driver metric: no module, a route-map of the operator's */
	struct check_srp_context *contexts;
	struct check_srp_monitor *monitors;
	struct check_srp_key keys[CHECK_FRR_KEYS_MAX];
	size_t context_count, monitor_count, key_count, prefix_count;
};

void check_srp_conf_read(struct check_srp_conf *conf, const char *text);
void check_srp_conf_clear(struct check_srp_conf *conf);

/* "10.0.0.0/8"; false when it is something else. */
bool check_prefix_parse(const char *text, struct srp_prefix *prefix);
bool check_prefix_equal(const struct srp_prefix *a, const struct srp_prefix *b);

/* --- Findings (check_frr.c) ------------------------------------------------------------------- */

/* A string that lives as long as the report; "" when memory is out. */
__attribute__((format(printf, 2, 3))) const char *check_frr_text(struct check_frr_report *report,
								 const char *format, ...);
/* `where`, `what` and `mend` are texts of the report or constants. The same thing found again is not added. */
void check_frr_add(struct check_frr_report *report, enum check_frr_rule rule, const char *where,
		   const char *what, const char *mend);
void check_frr_add_unread(struct check_frr_report *report, const char *what);
void check_frr_add_read(struct check_frr_report *report, const char *what);

extern const char *const check_family_names[CHECK_FAMILIES]; /* "ipv4", "ipv6" */
extern const char *const check_kind_names[CHECK_KINDS];      /* "connected", "kernel" */

/* "router bgp 65001 vrf blue", as typed. */
const char *check_frr_router(struct check_frr_report *report, const struct check_bgp *bgp);

/* The parts of the judgement. */
void check_frr_policy(struct check_frr_report *report, const struct check_conf *conf,
		      const struct check_srp_conf *srp);
void check_frr_peers(struct check_frr_report *report, const struct check_conf *conf,
		     const struct check_srp_conf *srp);
void check_frr_srpd(struct check_frr_report *report, const struct check_frr_facts *facts,
		    const struct check_srp_conf *srp, const struct check_conf *conf);
void check_frr_host(struct check_frr_report *report, const struct check_frr_facts *facts,
		    const struct check_srp_conf *srp, const struct check_conf *conf);

#endif
