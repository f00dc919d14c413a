/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checkpoint of a flow, version 1, numbers in network byte order:
 *
 *     u8 version, u8 flags, u8 protocol, u8 state, u32 timeout,
 *     src, dst (4 or 16 bytes each), u16 sport, u16 dport           the original direction
 *     the same of the reply direction                               with FLAG_NAT
 *     u8 wscale[2], u8 flags[2]                                     TCP
 *     u32 vtag[2]                                                   SCTP
 *     u32 mark                                                      with FLAG_MARK
 *     u16 zone                                                      with FLAG_ZONE
 */
#include "netlink/flow.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define VERSION      1

#define FLAG_IPV6    0x01u
#define FLAG_ASSURED 0x02u
#define FLAG_REPLIED 0x04u
#define FLAG_SRC_NAT 0x08u
#define FLAG_DST_NAT 0x10u
#define FLAG_NAT     (FLAG_SRC_NAT | FLAG_DST_NAT)
#define FLAG_MARK    0x20u
#define FLAG_ZONE    0x40u

static const struct {
	uint8_t flag;
	uint32_t status;
} status_flags[] = {
	{FLAG_ASSURED, IPS_ASSURED},
	{FLAG_REPLIED, IPS_SEEN_REPLY},
	{FLAG_SRC_NAT, IPS_SRC_NAT},
	{FLAG_DST_NAT, IPS_DST_NAT},
};

#define STATUS_FLAGS (sizeof(status_flags) / sizeof(status_flags[0]))

bool flow_is_icmp(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

bool flow_has_ports(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_GRE:
		return true;
	default:
		return flow_is_icmp(proto);
	}
}

uint64_t flow_call_id(const struct flow_key *key)
{
	/* No padding: flow_key is bytes and 16-bit numbers. The zone's byte order is this machine's, as it is there. */
	_Static_assert(sizeof(*key) == 40, "flow_key has padding");
	return XXH3_64bits(key, sizeof(*key));
}

/* Types of ICMP that have an answer of another type; the kernel tracks no others. */
static uint8_t icmp_answer(uint8_t proto, uint8_t type)
{
	static const uint8_t pairs[][3] = {
		{IPPROTO_ICMP, 8, 0},       /* echo */
		{IPPROTO_ICMP, 13, 14},     /* timestamp */
		{IPPROTO_ICMP, 15, 16},     /* information */
		{IPPROTO_ICMP, 17, 18},     /* address mask */
		{IPPROTO_ICMPV6, 128, 129}, /* echo */
		{IPPROTO_ICMPV6, 139, 140}, /* node information */
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (pairs[i][0] != proto)
			continue;
		if (pairs[i][1] == type)
			return pairs[i][2];
		if (pairs[i][2] == type)
			return pairs[i][1];
	}
	return type;
}

void flow_invert(const struct flow_key *key, struct flow_tuple *reply)
{
	const struct flow_tuple *orig = &key->orig;

	memcpy(reply->src, orig->dst, sizeof(reply->src));
	memcpy(reply->dst, orig->src, sizeof(reply->dst));
	reply->sport = orig->dport;
	reply->dport = orig->sport;
	if (flow_is_icmp(key->proto)) {
		uint16_t dport = ntohs(orig->dport);

		reply->sport = orig->sport;
		reply->dport = htons(
			(uint16_t)(icmp_answer(key->proto, (uint8_t)(dport >> 8)) << 8 | (dport & 0xff)));
	}
}

/* --- bytes --------------------------------------------------------------------------------- */

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	value = htonl(value);
	return put(at, &value, sizeof(value));
}

static uint8_t *put_tuple(uint8_t *at, const struct flow_tuple *tuple, size_t address)
{
	at = put(at, tuple->src, address);
	at = put(at, tuple->dst, address);
	at = put(at, &tuple->sport, 2);
	return put(at, &tuple->dport, 2);
}

size_t flow_encode(const struct flow *flow, uint8_t buf[static FLOW_MACRO_MAX])
{
	size_t address = flow->key.family == AF_INET6 ? 16 : 4;
	uint8_t flags = flow->key.family == AF_INET6 ? FLAG_IPV6 : 0, *at = buf;

	for (size_t i = 0; i < STATUS_FLAGS; i++)
		if (flow->status & status_flags[i].status)
			flags |= status_flags[i].flag;
	flags |= flow->mark ? FLAG_MARK : 0;
	flags |= flow->key.zone ? FLAG_ZONE : 0;
	*at++ = VERSION;
	*at++ = flags;
	*at++ = flow->key.proto;
	*at++ = flow->state;
	at = put_u32(at, flow->timeout);
	at = put_tuple(at, &flow->key.orig, address);
	if (flags & FLAG_NAT)
		at = put_tuple(at, &flow->reply, address);
	if (flow->key.proto == IPPROTO_TCP) {
		at = put(at, flow->wscale, 2);
		at = put(at, flow->tcp_flags, 2);
	}
	if (flow->key.proto == IPPROTO_SCTP)
		at = put(at, flow->vtag, 8);
	if (flags & FLAG_MARK)
		at = put_u32(at, flow->mark);
	if (flags & FLAG_ZONE) {
		uint16_t zone = htons(flow->key.zone);

		at = put(at, &zone, 2);
	}
	return (size_t)(at - buf);
}

struct reader {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static void get(struct reader *reader, void *to, size_t len)
{
	if (reader->left < len) {
		reader->bad = true;
		reader->left = 0;
		return;
	}
	memcpy(to, reader->at, len);
	reader->at += len;
	reader->left -= len;
}

static uint32_t get_u32(struct reader *reader)
{
	uint32_t value = 0;

	get(reader, &value, sizeof(value));
	return ntohl(value);
}

static void get_tuple(struct reader *reader, struct flow_tuple *tuple, size_t address)
{
	get(reader, tuple->src, address);
	get(reader, tuple->dst, address);
	get(reader, &tuple->sport, 2);
	get(reader, &tuple->dport, 2);
}

bool flow_decode(const uint8_t *bytes, size_t len, struct flow *flow)
{
	struct reader reader = {.at = bytes, .left = len};
	uint8_t head[4] = {0}, flags;
	size_t address;

	memset(flow, 0, sizeof(*flow));
	get(&reader, head, sizeof(head));
	if (reader.bad || head[0] < VERSION)
		return false;
	flags = head[1];
	flow->key.family = flags & FLAG_IPV6 ? AF_INET6 : AF_INET;
	flow->key.proto = head[2];
	flow->state = head[3];
	for (size_t i = 0; i < STATUS_FLAGS; i++)
		if (flags & status_flags[i].flag)
			flow->status |= status_flags[i].status;
	flow->timeout = get_u32(&reader);
	address = flags & FLAG_IPV6 ? 16 : 4;
	get_tuple(&reader, &flow->key.orig, address);
	if (flags & FLAG_NAT)
		get_tuple(&reader, &flow->reply, address);
	else
		flow_invert(&flow->key, &flow->reply);
	if (flow->key.proto == IPPROTO_TCP) {
		get(&reader, flow->wscale, 2);
		get(&reader, flow->tcp_flags, 2);
	}
	if (flow->key.proto == IPPROTO_SCTP)
		get(&reader, flow->vtag, 8);
	if (flags & FLAG_MARK)
		flow->mark = get_u32(&reader);
	if (flags & FLAG_ZONE) {
		uint16_t zone = 0;

		get(&reader, &zone, 2);
		flow->key.zone = ntohs(zone);
	}
	return !reader.bad;
}

void flow_encode_state(const struct flow *flow, uint8_t buf[static FLOW_STATE_SIZE])
{
	buf[0] = flow->state;
	put_u32(buf + 1, flow->timeout);
}

bool flow_decode_state(const uint8_t *bytes, size_t len, struct flow *flow)
{
	struct reader reader = {.at = bytes, .left = len};
	uint8_t state = 0;
	uint32_t timeout;

	get(&reader, &state, 1);
	timeout = get_u32(&reader);
	if (reader.bad)
		return false;
	flow->state = state;
	flow->timeout = timeout;
	return true;
}

/* --- questions ----------------------------------------------------------------------------- */

bool flow_is_over(const struct flow *flow)
{
	return flow->key.proto == IPPROTO_TCP &&
	       (flow->state == TCP_CONNTRACK_TIME_WAIT || flow->state == TCP_CONNTRACK_CLOSE);
}

bool flow_same_but_state(const struct flow *a, const struct flow *b)
{
	return memcmp(&a->key, &b->key, sizeof(a->key)) == 0 &&
	       memcmp(&a->reply, &b->reply, sizeof(a->reply)) == 0 && a->status == b->status &&
	       a->mark == b->mark && memcmp(a->wscale, b->wscale, 2) == 0 &&
	       memcmp(a->tcp_flags, b->tcp_flags, 2) == 0 && memcmp(a->vtag, b->vtag, sizeof(a->vtag)) == 0;
}

static int format_tuple(char *buf, size_t size, const struct flow *flow, const struct flow_tuple *tuple)
{
	char src[INET6_ADDRSTRLEN] = "?", dst[INET6_ADDRSTRLEN] = "?";
	const char *open = flow->key.family == AF_INET6 ? "[" : "", *close = *open ? "]" : "";

	inet_ntop(flow->key.family, tuple->src, src, sizeof(src));
	inet_ntop(flow->key.family, tuple->dst, dst, sizeof(dst));
	if (!flow_has_ports(flow->key.proto) || flow_is_icmp(flow->key.proto))
		return snprintf(buf, size, "%s > %s", src, dst);
	return snprintf(buf, size, "%s%s%s:%u > %s%s%s:%u", open, src, close, ntohs(tuple->sport), open, dst,
			close, ntohs(tuple->dport));
}

const char *flow_format(const struct flow *flow, char buf[static FLOW_STRLEN])
{
	int len;

	switch (flow->key.proto) {
	case IPPROTO_TCP:
		len = snprintf(buf, FLOW_STRLEN, "tcp ");
		break;
	case IPPROTO_UDP:
		len = snprintf(buf, FLOW_STRLEN, "udp ");
		break;
	default:
		len = snprintf(buf, FLOW_STRLEN, "protocol %u ", flow->key.proto);
		break;
	}
	len += format_tuple(buf + len, FLOW_STRLEN - (size_t)len, flow, &flow->key.orig);
	len += snprintf(buf + len, FLOW_STRLEN - (size_t)len, ", ");
	format_tuple(buf + len, FLOW_STRLEN - (size_t)len, flow, &flow->reply);
	return buf;
}
