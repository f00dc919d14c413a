/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flow: an entry of the kernel's connection tracking, as far as it is carried to the other chassis, and its form as a
 * checkpoint. Pure: no socket, no allocation. conntrack.h turns netlink into these and back.
 *
 * The macro checkpoint is the whole flow; a micro checkpoint, FLOW_CMD_STATE, is its state and timeout alone.
 */
#ifndef SRP_NETLINK_FLOW_H
#define SRP_NETLINK_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOW_MACRO_MAX  110 /* bytes */
#define FLOW_STATE_SIZE 5
#define FLOW_CMD_STATE  10 /* CMD-ID */

/* One direction. Addresses and ports in network byte order; an IPv4 address is the first 4 bytes, the rest zero. */
struct flow_tuple {
	uint8_t src[16], dst[16];
	uint16_t sport, dport; /* ICMP: the identifier, and type << 8 | code */
};

/* What tells flows apart. Compared with memcmp: zero it before filling. */
struct flow_key {
	uint8_t family; /* AF_INET, AF_INET6 */
	uint8_t proto;  /* IPPROTO_* */
	uint16_t zone;  /* host byte order */
	struct flow_tuple orig;
};

struct flow {
	struct flow_key key;
	struct flow_tuple reply; /* the other direction, as it is on the wire: this is where NAT shows */
	uint32_t status;         /* IPS_ASSURED, IPS_SEEN_REPLY, IPS_SRC_NAT, IPS_DST_NAT; no others */
	uint32_t mark;
	uint32_t timeout;                /* s, what the kernel gave it when its state last changed */
	uint8_t state;                   /* TCP_CONNTRACK_*, SCTP_CONNTRACK_*; else 0 */
	uint8_t wscale[2], tcp_flags[2]; /* TCP: of the original and the reply direction */
	uint32_t vtag[2];                /* SCTP, the same; network byte order */
};

/* Does the protocol have ports, or ICMP's substitute? Without, there is one flow for each pair of addresses. */
bool flow_has_ports(uint8_t proto);
bool flow_is_icmp(uint8_t proto);

/* The session's call id: a hash of the key, the same on both chassis. */
uint64_t flow_call_id(const struct flow_key *key);

/* The reply direction of a flow without NAT. */
void flow_invert(const struct flow_key *key, struct flow_tuple *reply);

/* Fills `buf` and returns the length, at most FLOW_MACRO_MAX. */
size_t flow_encode(const struct flow *flow, uint8_t buf[static FLOW_MACRO_MAX]);
/* False: malformed. Fills *flow completely; bytes behind what is known are of a later version, and skipped. */
bool flow_decode(const uint8_t *bytes, size_t len, struct flow *flow);

void flow_encode_state(const struct flow *flow, uint8_t buf[static FLOW_STATE_SIZE]);
bool flow_decode_state(const uint8_t *bytes, size_t len, struct flow *flow);

/* TCP has closed it on both sides, or reset it: nothing that another chassis would have to go on with. */
bool flow_is_over(const struct flow *flow);

/* The same but for state and timeout. */
bool flow_same_but_state(const struct flow *a, const struct flow *b);

#define FLOW_STRLEN 256
/* "tcp 10.0.1.2:57936 > 10.0.2.2:80, 10.0.2.2:80 > 10.9.9.9:57936". Returns buf. */
const char *flow_format(const struct flow *flow, char buf[static FLOW_STRLEN]);

#endif
