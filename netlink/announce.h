/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The announcer: tells the Ethernet segments of some interfaces which addresses are here now.
 *
 * A round on a port (an interface and its addresses) is `count` passes over its addresses, the first at once,
 * the others `interval_msec` apart: one frame can be lost. Per pass and address an ARP request and an ARP
 * reply go out, or one neighbour advertisement (frame.h). Frames leave in batches with a gap between, so that
 * thousands of addresses neither fill a queue nor hold the caller up.
 *
 * Knows nothing of roles or of the agent, never blocks, and reads nothing from the network. One thread: the
 * caller runs it at its deadline. Times are CLOCK_MONOTONIC's, in ms.
 */
#ifndef SRP_ANNOUNCE_H
#define SRP_ANNOUNCE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/frame.h"

#define ANNOUNCER_ADDRESSES_MAX 8192 /* over all ports */
#define ANNOUNCER_BATCH         64   /* frames per call of announcer_run() */
#define ANNOUNCER_GAP_MSEC      5    /* between two batches */

struct announcer_address {
	uint8_t family;   /* AF_INET, AF_INET6 */
	uint8_t addr[16]; /* network byte order; the first 4 for IPv4 */
};

struct announcer_port {
	char ifname[IF_NAMESIZE];
	unsigned int count;     /* passes of a round, at least 1 */
	uint32_t interval_msec; /* between two of them */
	const struct announcer_address *addresses;
	size_t address_count;
};

/* An interface as it is when a pass begins. */
struct announcer_link {
	int ifindex;
	uint8_t mac[FRAME_MAC_LEN];
	bool router; /* it forwards IPv6 */
};

struct announcer_callbacks {
	/* True before, and false after, what needs CAP_NET_RAW: opening the socket. NULL: always there. */
	void (*privs)(void *arg, bool raise);
	/* In place of the kernel, for tests; 0 or -errno. NULL: the kernel. */
	int (*find)(void *arg, const char *ifname, struct announcer_link *link);
	int (*send)(void *arg, int ifindex, const void *frame, size_t length);
	void *arg;
};

struct announcer_status {
	unsigned int passes_left; /* of the round under way */
	uint64_t rounds;          /* since the port was first named */
	uint64_t arps;            /* frames sent */
	uint64_t advertisements;
	uint64_t failed;    /* frames not sent, or passes for want of the interface */
	uint64_t last_sent; /* when, 0: never */
	int error;          /* errno of the last pass, 0 when it went out whole */
	bool fresh;         /* the last announcer_set() brought the port, or other addresses for it */
};

struct announcer;

/* NULL when memory is out. The socket is opened when first needed. */
struct announcer *announcer_new(const struct announcer_callbacks *callbacks);
void announcer_free(struct announcer *a); /* NULL is ignored */

/*
 * Replace the ports (copied; names are unique). A port of the same name keeps its counters, and its round
 * unless its addresses or passes have changed. 0, or with the old ports kept -ENOMEM, or -E2BIG for more than
 * ANNOUNCER_ADDRESSES_MAX.
 */
int announcer_set(struct announcer *a, const struct announcer_port *ports, size_t count);

/* Begin a round on port `index` of the last announcer_set(), anew when one is under way. Run it soon. */
void announcer_start(struct announcer *a, size_t index, uint64_t now);
/* End all rounds: nothing more is sent. */
void announcer_stop(struct announcer *a);

/* When to call announcer_run(); UINT64_MAX: never. */
uint64_t announcer_deadline(const struct announcer *a);
void announcer_run(struct announcer *a, uint64_t now);

void announcer_get_status(const struct announcer *a, size_t index, struct announcer_status *status);

#endif
