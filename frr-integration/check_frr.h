/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-frr: what keeps srpd and FRRouting on one host from working together, said before it hurts.
 *
 *   check_frr_collect.c  reads files, asks running daemons: struct check_frr_facts. The only part with I/O
 *   check_frr_conf.c     FRRouting's configuration as far as it matters here
 *   check_frr_srpd.c     srpd's, likewise, and what it needs of the host
 *   check_frr_policy.c   how the srp-activated prefixes get into BGP, and out with their prepends
 *   check_frr_peers.c    the neighbours by themselves
 *   check_frr_host.c     daemons, versions, vtysh, files, kernel
 *   check_frr.c          facts -> report
 *   check_frr_print.c    report -> text or JSON
 *
 * Nothing here changes anything, and nothing needs libfrr: it also works where srpd does not start. Texts of
 * others are read leniently (a line that means nothing to us is skipped) and within bounds.
 */
#ifndef CHECK_FRR_H
#define CHECK_FRR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "frr-integration/check_frr_rules.h"

/* --- Facts ------------------------------------------------------------------------------------ */

/* A file. `text` is NULL when it was not read; `error` is why (ENOENT: there is none), else 0. */
struct check_frr_file {
	char *text;
	int error;
	bool found; /* mode, uid and gid are known, also of a file that was not read */
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

/* A daemon that was asked on its vty. `error`: negative errno of vty_client.h, or 0. */
struct check_frr_daemon {
	int error;
	char *config;    /* show running-config */
	char *modules;   /* show modules */
	char *arguments; /* its command line, words separated by a blank; NULL: not known */
};

#define CHECK_FRR_KEYS_MAX   5 /* files that `authentication` can name */

#define CHECK_FRR_GROUPS_MAX 16

struct check_frr_key {
	char *path;  /* NULL: no more */
	bool secret; /* a key, not a certificate */
	struct check_frr_file file;
};

struct check_frr_link {
	char *name;
	bool is_vrf;
	int rp_filter; /* net.ipv4.conf.NAME.rp_filter; -1: not known */
};

enum check_frr_vtysh {
	CHECK_FRR_VTYSH_UNKNOWN,
	CHECK_FRR_VTYSH_PLAIN,   /* FRRouting's own */
	CHECK_FRR_VTYSH_WRAPPED, /* ours, with FRRouting's beside it */
	CHECK_FRR_VTYSH_DAMAGED, /* one without the other */
};

/* What is known of the host. All strings are the struct's own; NULL and -1 mean that it is not known. */
struct check_frr_facts {
	char *etc; /* "/etc/frr", where the files are, for messages */
	struct check_frr_file daemons, frr_conf, bgpd_conf, srpd_conf, etc_dir;
	struct check_frr_daemon bgpd, srpd;
	char *srp_info;           /* show srp info json */
	char *installed_version;  /* "8.4.4", of the FRRouting on disk */
	const char *built_for;    /* "8.4.4", of this installation; NULL: built without FRRouting */
	char *module_dir;         /* where bgpd looks for modules; NULL: not known */
	int has_stub, has_module; /* bgpd_srp.so and bgpd_srp_impl.so are there */
	bool frr_user_known;      /* frr_uid and frr_gids are */
	uid_t frr_uid;
	gid_t frr_gids[CHECK_FRR_GROUPS_MAX];
	size_t frr_gid_count;
	struct check_frr_key keys[CHECK_FRR_KEYS_MAX];
	enum check_frr_vtysh vtysh;
	char *rt_protos;     /* iproute2's files of that name, one after the other */
	int networkd;        /* is systemd-networkd enabled or running */
	char *networkd_conf; /* its files in the order in which the last one wins */
	int ip_forward, ip6_forwarding, rp_filter_all;
	struct check_frr_link *links; /* of the network namespace we are in */
	size_t link_count;
	bool links_known;
};

/* --- Report ----------------------------------------------------------------------------------- */

enum check_frr_severity { CHECK_FRR_NOTE, CHECK_FRR_WARNING, CHECK_FRR_ERROR };

#define CHECK_FRR_ENUM(name, id, severity, why) CHECK_FRR_RULE_##name,
enum check_frr_rule { CHECK_FRR_RULES(CHECK_FRR_ENUM) CHECK_FRR_RULE_COUNT };
#undef CHECK_FRR_ENUM

struct check_frr_rule_info {
	const char *id;
	enum check_frr_severity severity;
	const char *why;
};
extern const struct check_frr_rule_info check_frr_rules[CHECK_FRR_RULE_COUNT];

struct check_frr_finding {
	enum check_frr_rule rule;
	const char *where; /* the text it was found in */
	const char *what;
	const char *mend; /* what to type; several lines are separated by '\n' */
};

#define CHECK_FRR_FINDINGS_MAX 512

struct check_frr_report {
	struct check_frr_finding *findings; /* errors first, then in the order they were found in */
	size_t count;
	size_t of[CHECK_FRR_ERROR + 1]; /* how many of each severity */
	size_t left_out;                /* beyond CHECK_FRR_FINDINGS_MAX, or memory was out */
	const char **read, **unread;    /* what the findings are from; what could not be looked at, and why */
	size_t read_count, unread_count;
	struct check_frr_text *texts; /* owns the strings */
};

/* Judge. `report` need not be initialised; it refers to nothing in `facts` afterwards. */
void check_frr_run(const struct check_frr_facts *facts, struct check_frr_report *report);
void check_frr_report_clear(struct check_frr_report *report);

#define CHECK_FRR_EXIT_WARNINGS 1
#define CHECK_FRR_EXIT_ERRORS   4
/* 0: nothing worse than a note; or one of the above, for the worst there is. */
int check_frr_exit(const struct check_frr_report *report);

/* The report as text for people, or as JSON. The caller frees it; NULL when memory is out. */
char *check_frr_print_text(const struct check_frr_report *report);
char *check_frr_print_json(const struct check_frr_report *report);

/* --- I/O -------------------------------------------------------------------------------------- */

struct check_frr_places {
	const char *root;    /* "" or the folder that stands for / */
	const char *run_dir; /* of the vty sockets, below root unless `run_dir_given` */
	bool run_dir_given;
	const char *pathspace; /* NULL: none */
	unsigned int timeout_msec;
};

/* Look at everything; never fails: what cannot be looked at is not known. */
void check_frr_collect(const struct check_frr_places *places, struct check_frr_facts *facts);
void check_frr_facts_clear(struct check_frr_facts *facts);

/* `srpctl check-frr`: `words` are those after it, ended by NULL. Returns the exit status; 2 is usage. */
int check_frr_main(struct check_frr_places *places, char **words);

#endif
