/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bgpd and zebra say on their vty sockets, as far as bgp_vty.c goes by it. Pure: text in, structs out. Bounded:
 * what is of another form is refused as a whole, with the reason; of a summary, what does not fit is left out.
 */
#ifndef SRP_BGP_VTY_PARSE_H
#define SRP_BGP_VTY_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/bgp_ipc.h"

#define BGP_VTY_REPLY_MAX (8u * 1024u * 1024u) /* a summary of 4096 peers has some 3 MB */
#define BGP_VTY_AS_LEN    16                   /* text, "4294967295" or "65535.65535", with the NUL */

struct bgp_vty_context {
	char name[SRP_CONTEXT_NAME_LEN];
	char as[BGP_VTY_AS_LEN]; /* our own, as bgpd writes it */
};

struct bgp_vty_summary {
	struct bgp_vty_context *contexts;
	size_t context_count;
	struct bgp_ipc_peer
		*peers; /* sorted, each once; those without an address are zeroed but for ifname */
	size_t peer_count;
	unsigned int left_out; /* instances and peers: too many, or with a name that is too long */
	char a_left_out[41];   /* the name of one */
};

/*
 * `show bgp vrf all summary json`. On success the lists are the caller's (..._clear()); on failure *summary is
 * empty and `error` says what is wrong. A bgpd without configuration has neither contexts nor peers. Peers of every
 * address family count.
 */
bool bgp_vty_parse_summary(const char *text, size_t len, struct bgp_vty_summary *summary, char *error,
			   size_t error_size);
void bgp_vty_summary_clear(struct bgp_vty_summary *summary);
/* Has the session of a peer that is in both changed its state? */
bool bgp_vty_summary_changed(const struct bgp_vty_summary *before, const struct bgp_vty_summary *after);
/* Our own AS in a context, or NULL. */
const char *bgp_vty_summary_as(const struct bgp_vty_summary *summary, const char *context);

/* What bgpd has of one prefix. */
struct bgp_vty_path {
	bool own;             /* a path of our own is in its table: one that it redistributes */
	unsigned int prepend; /* the first AS of that path, how often it stands at its beginning: prepended */
	unsigned int outer;   /* eBGP peers that it is sent to */
	unsigned int inner;   /* iBGP peers */
};

/* `show bgp vrf NAME ipv4|ipv6 unicast PREFIX json`, of this context. */
bool bgp_vty_parse_path(const char *text, size_t len, const char *context,
			const struct bgp_vty_summary *summary, struct bgp_vty_path *path, char *error,
			size_t error_size);

/* What zebra knows of bgpd. */
enum bgp_vty_zebra {
	BGP_VTY_ZEBRA_UNKNOWN, /* said in another way than we know */
	BGP_VTY_ZEBRA_ABSENT,  /* bgpd is not connected to it */
	BGP_VTY_ZEBRA_DEAF,    /* connected, but was never told a route: it has not asked for any */
	BGP_VTY_ZEBRA_HEARS,
};

/* `show zebra client` */
enum bgp_vty_zebra bgp_vty_parse_zebra(const char *text);

/* `show version`: "8.4.4"; "" when it is of another form. */
void bgp_vty_parse_version(const char *text, char *version, size_t size);

/*
 * One frame of the live log (`terminal monitor`; lib/zlog_live.h describes the form): its text, within the frame,
 * and how many there were before it that did not get into the socket. False when it is none.
 */
bool bgp_vty_parse_log(const uint8_t *frame, size_t len, const char **text, size_t *text_len, uint32_t *lost);

/* Does this line of bgpd's log say that a session has come up or gone down? */
bool bgp_vty_is_peer_change(const char *text, size_t len);

#endif
