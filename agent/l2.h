/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * L2 mode: srp-activated loopback addresses that lie in the subnet of an Ethernet segment.
 *
 * Hosts of such a segment reach the address by its MAC address, so a switchover must tell them the other
 * chassis'. For the interfaces of `l2-announce` this module
 *   - finds out which addresses lie in a subnet of which interface (a *spot*), as the kernel has them now;
 *   - says which of them must be on the interface as well, so that the kernel answers for them (see below);
 *   - announces them, by gratuitous ARP and unsolicited neighbour advertisements (netlink/announce.h), each
 *     time this chassis begins to serve, becomes Active, re-asserts itself, hears that the peer serves no
 *     longer, and when an interface comes up or an address is new while it serves.
 *
 * Who answers. For IPv4 the kernel answers on any interface for any local address, lo's too, unless the
 * interface's arp_ignore is set. For IPv6 it answers only for addresses of the interface asked. So an IPv6
 * address, and where arp_ignore is set an IPv4 one, is put on the interface besides lo. Proxy neighbour
 * entries, the other way, need proxy_ndp and forwarding to be set, are answered late (up to 0.8 s) and
 * without the override flag, so that a host keeps the old chassis' MAC address.
 *
 * Runs on the loop's thread; holds no decision about the role.
 */
#ifndef SRP_L2_H
#define SRP_L2_H

#include "agent/config.h"
#include "agent/log.h"
#include "agent/loop.h"
#include "netlink/announce.h"

struct json_object;
struct srp_l2;

/* One address on one segment. */
struct srp_l2_spot {
	size_t loopback;  /* index in the configuration's loopbacks, */
	size_t interface; /* and in its interfaces */
	char ifname[IF_NAMESIZE];
	bool on_interface; /* the kernel answers only if it is on the interface, too */
};

/* All spots, by loopback in the configuration's order. */
struct srp_l2_spots {
	struct srp_l2_spot *list;
	size_t count;
};

/* What of the agent's state matters here. */
struct srp_l2_facts {
	bool announce;       /* this chassis serves, and the network is told */
	bool in_kernel;      /* the kernel has what is wanted, or is not waited for */
	bool active;         /* the role is Active */
	bool peer_serves;    /* the peer is heard, and Pending-Active, Active or Pending-Standby */
	uint32_t assertions; /* srp_desired.assertions */
};

struct srp_l2_callbacks {
	/* The spots have changed: kernel and network are to be told. From the loop only. */
	void (*changed)(void *arg);
	/* For the announcer; find and send only by tests. `arg` is this struct's. */
	struct announcer_callbacks announcer;
	void *arg;
};

/* NULL when memory is out. */
struct srp_l2 *srp_l2_new(struct srp_loop *loop, const struct srp_log *log,
			  const struct srp_l2_callbacks *callbacks);
void srp_l2_free(struct srp_l2 *l2); /* NULL is ignored */

/* Take the configuration's loopbacks and interfaces (copied), and look at the kernel. True: the spots changed. */
bool srp_l2_configure(struct srp_l2 *l2, const struct srp_config *config);

/* The kernel says that something changed about this interface; 0: about any. The loop will look. */
void srp_l2_interface_changed(struct srp_l2 *l2, uint32_t ifindex, const char *name);

/* Valid until the next srp_l2_configure(), or until the loop runs. */
const struct srp_l2_spots *srp_l2_spots(const struct srp_l2 *l2);

/* Look at the facts; announce what follows from a change. */
void srp_l2_update(struct srp_l2 *l2, const struct srp_l2_facts *facts);

/* The object `l2` of `show srp info json`, the caller's. */
struct json_object *srp_l2_info(const struct srp_l2 *l2);

#endif
