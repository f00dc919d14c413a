/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rtnetlink(7) on buffers, with libmnl's builders and attribute walkers.
 *
 * Two peculiarities of IPv6 are kept inside this file: its blackholes report the loopback device as their
 * interface (dropped while parsing, so that both families compare alike), and its deletion matches neither
 * type nor a missing gateway (so gateway, interface, metric and protocol are always spelt out).
 */
#include "netlink/message.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* Headers older than Linux 5.18 lack it; it is part of an enum, so it cannot be tested for. */
#define NETLINK_IFA_PROTO 11

#define ATTRS_MAX         32 /* above every attribute number used here */

/* The attributes of one message by number; NULL where absent. */
struct attrs {
	const struct nlattr *at[ATTRS_MAX];
	bool malformed;
};

/* --- requests --------------------------------------------------------------------------------- */

static size_t address_length(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

static void build_address(struct nlmsghdr *nlh, const struct netlink_op *op)
{
	static const struct ifa_cacheinfo lifetimes = {.ifa_prefered = 0, .ifa_valid = UINT32_MAX};
	const struct netlink_key *key = &op->object.key;
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = key->family;
	ifa->ifa_prefixlen = key->plen;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	ifa->ifa_index = key->scope;
	mnl_attr_put(nlh, IFA_LOCAL, address_length(key->family), key->addr);
	mnl_attr_put(nlh, IFA_ADDRESS, address_length(key->family), key->addr);
	if (op->type == NETLINK_OP_DELETE)
		return;
	mnl_attr_put_u8(nlh, NETLINK_IFA_PROTO, op->object.protocol);
	if (op->object.metric)
		mnl_attr_put_u32(nlh, IFA_RT_PRIORITY, op->object.metric);
	/* No lifetimes: both are infinite then. No detection of duplicates: the other chassis may still have
	 * it. */
	if (key->family != AF_INET6)
		return;
	mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD | (op->object.deprecated ? IFA_F_NOPREFIXROUTE : 0));
	if (op->object.deprecated)
		mnl_attr_put(nlh, IFA_CACHEINFO, sizeof(lifetimes), &lifetimes);
}

static void build_route(struct nlmsghdr *nlh, const struct netlink_op *op)
{
	const struct netlink_object *object = &op->object;
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = object->key.family;
	rtm->rtm_dst_len = object->key.plen;
	rtm->rtm_tos = object->tos;
	rtm->rtm_protocol = object->protocol;
	rtm->rtm_type = object->type;
	rtm->rtm_table = object->key.scope < 256 ? (uint8_t)object->key.scope : RT_TABLE_UNSPEC;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	if (op->type == NETLINK_OP_DELETE)
		rtm->rtm_scope = RT_SCOPE_NOWHERE; /* whatever it has */
	else if (object->type == RTN_UNICAST && !object->has_gateway)
		rtm->rtm_scope = RT_SCOPE_LINK;
	mnl_attr_put_u32(nlh, RTA_TABLE, object->key.scope);
	mnl_attr_put(nlh, RTA_DST, address_length(object->key.family), object->key.addr);
	if (object->metric)
		mnl_attr_put_u32(nlh, RTA_PRIORITY, object->metric);
	/* A compound route of ours is only ever deleted, and goes as a whole when no nexthop is named. */
	if (object->compound)
		return;
	if (object->has_gateway && object->gateway_family == object->key.family)
		mnl_attr_put(nlh, RTA_GATEWAY, address_length(object->key.family), object->gateway);
	if (object->oif)
		mnl_attr_put_u32(nlh, RTA_OIF, object->oif);
}

size_t netlink_message_build(void *buf, size_t size, const struct netlink_op *op, uint32_t seq)
{
	bool route = op->object.key.kind == RECONCILER_ROUTE;
	struct nlmsghdr *nlh;

	if (size < NETLINK_REQUEST_MAX || op->type == NETLINK_OP_NONE)
		return 0;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	if (op->type == NETLINK_OP_DELETE) {
		nlh->nlmsg_type = route ? RTM_DELROUTE : RTM_DELADDR;
	} else {
		nlh->nlmsg_type = route ? RTM_NEWROUTE : RTM_NEWADDR;
		nlh->nlmsg_flags |= NLM_F_CREATE | (op->type == NETLINK_OP_ADD ? NLM_F_EXCL : NLM_F_REPLACE);
	}
	if (route)
		build_route(nlh, op);
	else
		build_address(nlh, op);
	return nlh->nlmsg_len;
}

size_t netlink_message_build_dump(void *buf, size_t size, enum netlink_dump dump, uint32_t seq)
{
	return netlink_message_build_dump_of(buf, size, dump, 0, seq);
}

size_t netlink_message_build_dump_of(void *buf, size_t size, enum netlink_dump dump, uint32_t ifindex,
				     uint32_t seq)
{
	bool ipv6 = dump == NETLINK_DUMP_ADDRESSES_IPV6 || dump == NETLINK_DUMP_ROUTES_IPV6;
	struct ifinfomsg *ifi;
	struct ifaddrmsg *ifa;
	struct rtmsg *rtm;
	struct nlmsghdr *nlh;

	if (size < NETLINK_REQUEST_MAX || dump >= NETLINK_DUMP_COUNT)
		return 0;
	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_seq = seq;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	switch (dump) {
	case NETLINK_DUMP_LINKS:
		nlh->nlmsg_type = RTM_GETLINK;
		ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
		ifi->ifi_family = AF_UNSPEC;
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
		break;
	case NETLINK_DUMP_ADDRESSES_IPV4:
	case NETLINK_DUMP_ADDRESSES_IPV6:
		nlh->nlmsg_type = RTM_GETADDR;
		ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
		ifa->ifa_family = ipv6 ? AF_INET6 : AF_INET;
		ifa->ifa_index = ifindex;
		break;
	default:
		nlh->nlmsg_type = RTM_GETROUTE;
		rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
		rtm->rtm_family = ipv6 ? AF_INET6 : AF_INET;
		rtm->rtm_protocol = SRP_RTPROT;
		break;
	}
	return nlh->nlmsg_len;
}

/* --- parsing ---------------------------------------------------------------------------------- */

static void attrs_take(struct attrs *attrs, const struct nlattr *attr)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type < ATTRS_MAX)
		attrs->at[type] = attr;
}

static struct attrs attrs_of_message(const struct nlmsghdr *nlh, size_t header)
{
	const struct nlattr *attr;
	struct attrs attrs = {0};

	mnl_attr_for_each(attr, nlh, header) attrs_take(&attrs, attr);
	return attrs;
}

static struct attrs attrs_of_nest(const struct nlattr *nest)
{
	const struct nlattr *attr;
	struct attrs attrs = {0};

	mnl_attr_for_each_nested(attr, nest) attrs_take(&attrs, attr);
	return attrs;
}

/* The attribute when it is there with exactly `length` bytes; a wrong length marks the message malformed. */
static const void *attrs_bytes(struct attrs *attrs, unsigned int type, size_t length)
{
	const struct nlattr *attr = attrs->at[type];

	if (!attr)
		return NULL;
	if (mnl_attr_get_payload_len(attr) != length) {
		attrs->malformed = true;
		return NULL;
	}
	return mnl_attr_get_payload(attr);
}

static uint32_t attrs_u32(struct attrs *attrs, unsigned int type, uint32_t otherwise)
{
	const void *payload = attrs_bytes(attrs, type, sizeof(uint32_t));
	uint32_t value = otherwise;

	if (payload)
		memcpy(&value, payload, sizeof(value));
	return value;
}

/* Copies a string attribute; false when it is absent, empty or does not fit. */
static bool attrs_text(const struct attrs *attrs, unsigned int type, char *buf, size_t size)
{
	const struct nlattr *attr = attrs->at[type];
	size_t length = attr ? strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)) : 0;

	if (length == 0 || length >= size)
		return false;
	memcpy(buf, mnl_attr_get_payload(attr), length);
	buf[length] = '\0';
	return true;
}

static void parse_link(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct attrs attrs, info, data;
	char kind[IF_NAMESIZE];

	/* Bridges announce ports joining and leaving as links of their own family: not an interface's life.
	 */
	if (ifi->ifi_family != AF_UNSPEC)
		return;
	attrs = attrs_of_message(nlh, sizeof(*ifi));
	event->type = nlh->nlmsg_type == RTM_NEWLINK ? NETLINK_EVENT_LINK : NETLINK_EVENT_LINK_GONE;
	event->link.ifindex = (uint32_t)ifi->ifi_index;
	event->link.up = ifi->ifi_flags & IFF_UP;
	event->link.running = ifi->ifi_flags & IFF_RUNNING;
	if (ifi->ifi_index <= 0 ||
	    !attrs_text(&attrs, IFLA_IFNAME, event->link.name, sizeof(event->link.name))) {
		event->type = NETLINK_EVENT_MALFORMED;
		return;
	}
	if (!attrs.at[IFLA_LINKINFO])
		return;
	info = attrs_of_nest(attrs.at[IFLA_LINKINFO]);
	if (!attrs_text(&info, IFLA_INFO_KIND, kind, sizeof(kind)) || strcmp(kind, "vrf") != 0 ||
	    !info.at[IFLA_INFO_DATA])
		return;
	data = attrs_of_nest(info.at[IFLA_INFO_DATA]);
	event->link.vrf_table = attrs_u32(&data, IFLA_VRF_TABLE, 0);
	if (data.malformed)
		event->type = NETLINK_EVENT_MALFORMED;
}

static void parse_address(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct netlink_object *object = &event->object;
	struct attrs attrs = attrs_of_message(nlh, sizeof(*ifa));
	const void *local, *address, *protocol;
	size_t length = address_length(ifa->ifa_family);
	uint32_t flags, metric;

	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return;
	local = attrs_bytes(&attrs, IFA_LOCAL, length);
	address = attrs_bytes(&attrs, IFA_ADDRESS, length);
	protocol = attrs_bytes(&attrs, NETLINK_IFA_PROTO, sizeof(uint8_t));
	flags = attrs_u32(&attrs, IFA_FLAGS, ifa->ifa_flags);
	metric = attrs_u32(&attrs, IFA_RT_PRIORITY, 0);
	if (attrs.malformed || (!local && !address) || ifa->ifa_prefixlen > length * 8) {
		event->type = NETLINK_EVENT_MALFORMED;
		return;
	}
	/* With a peer: never one of ours, and it does not stand in the way of one. */
	if (local && address && memcmp(local, address, length) != 0)
		return;
	event->type = nlh->nlmsg_type == RTM_NEWADDR ? NETLINK_EVENT_OBJECT : NETLINK_EVENT_OBJECT_GONE;
	event->says_protocol = protocol != NULL;
	object->key.kind = RECONCILER_ADDRESS;
	object->key.family = ifa->ifa_family;
	object->key.plen = ifa->ifa_prefixlen;
	object->key.scope = ifa->ifa_index;
	memcpy(object->key.addr, local ? local : address, length);
	object->protocol = protocol ? *(const uint8_t *)protocol : 0;
	object->deprecated = flags & IFA_F_DEPRECATED;
	object->metric = metric;
}

/* RTA_VIA: an IPv4 route by an IPv6 gateway. */
static void parse_via(struct attrs *attrs, struct netlink_object *object)
{
	const struct nlattr *attr = attrs->at[RTA_VIA];
	const struct rtvia *via;
	size_t length;

	if (!attr)
		return;
	if (mnl_attr_get_payload_len(attr) < sizeof(*via)) {
		attrs->malformed = true;
		return;
	}
	via = mnl_attr_get_payload(attr);
	length = mnl_attr_get_payload_len(attr) - sizeof(*via);
	if (length > sizeof(object->gateway)) {
		attrs->malformed = true;
		return;
	}
	object->has_gateway = true;
	object->gateway_family = (uint8_t)via->rtvia_family;
	memcpy(object->gateway, via->rtvia_addr, length);
}

static void parse_route(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct netlink_object *object = &event->object;
	struct attrs attrs = attrs_of_message(nlh, sizeof(*rtm));
	const void *destination, *gateway;
	size_t length = address_length(rtm->rtm_family);

	/* Cached clones and source-specific routes are of no concern; so are multicast's own families. */
	if ((rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6) || (rtm->rtm_flags & RTM_F_CLONED) ||
	    rtm->rtm_src_len != 0)
		return;
	destination = attrs_bytes(&attrs, RTA_DST, length);
	gateway = attrs_bytes(&attrs, RTA_GATEWAY, length);
	object->key.scope = attrs_u32(&attrs, RTA_TABLE, rtm->rtm_table);
	object->metric = attrs_u32(&attrs, RTA_PRIORITY, 0);
	object->oif = attrs_u32(&attrs, RTA_OIF, 0);
	parse_via(&attrs, object);
	if (attrs.malformed || rtm->rtm_dst_len > length * 8 || (!destination && rtm->rtm_dst_len != 0)) {
		event->type = NETLINK_EVENT_MALFORMED;
		return;
	}
	event->type = nlh->nlmsg_type == RTM_NEWROUTE ? NETLINK_EVENT_OBJECT : NETLINK_EVENT_OBJECT_GONE;
	event->replaced = !(nlh->nlmsg_flags & NLM_F_MULTI) && (nlh->nlmsg_flags & NLM_F_REPLACE);
	object->key.kind = RECONCILER_ROUTE;
	object->key.family = rtm->rtm_family;
	object->key.plen = rtm->rtm_dst_len;
	if (destination)
		memcpy(object->key.addr, destination, length);
	object->protocol = rtm->rtm_protocol;
	object->type = rtm->rtm_type;
	object->tos = rtm->rtm_tos;
	object->compound = attrs.at[RTA_MULTIPATH] || attrs.at[RTA_NH_ID] || attrs.at[RTA_ENCAP];
	if (gateway) {
		object->has_gateway = true;
		object->gateway_family = rtm->rtm_family;
		memcpy(object->gateway, gateway, length);
	}
	if (object->type != RTN_UNICAST)
		object->oif = 0;
}

/* Text from the kernel goes to logs and terminals: keep it to one printable line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			*text = '?';
}

static void parse_answer(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	struct attrs attrs;

	event->type = NETLINK_EVENT_ANSWER;
	event->error = err->error < 0 && err->error > -4096 ? -err->error : 0;
	if (err->error > 0 || err->error <= -4096)
		event->type = NETLINK_EVENT_MALFORMED;
	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	/* Without NLM_F_CAPPED the whole request stands between the header and the attributes. */
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		size_t quoted = err->msg.nlmsg_len;

		if (quoted < sizeof(err->msg) || quoted > mnl_nlmsg_get_payload_len(nlh) - sizeof(err->error))
			return;
		skip = MNL_ALIGN(sizeof(err->error) + quoted);
	}
	if (skip > mnl_nlmsg_get_payload_len(nlh))
		return;
	attrs = attrs_of_message(nlh, skip);
	if (attrs.at[NLMSGERR_ATTR_MSG]) {
		const struct nlattr *attr = attrs.at[NLMSGERR_ATTR_MSG];
		size_t length = strnlen(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));

		if (length >= sizeof(event->reason))
			length = sizeof(event->reason) - 1;
		memcpy(event->reason, mnl_attr_get_payload(attr), length);
		make_printable(event->reason);
	}
}

static void parse_done(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	int error = 0;

	/* The kernel's closing word is an int, 0 or -errno; old ones may leave it out. */
	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(error))
		memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	event->type = NETLINK_EVENT_DUMP_DONE;
	event->error = error < 0 && error > -4096 ? -error : 0;
}

/* In place of mnl_nlmsg_ok(), which compares as int and takes a length past INT_MAX for good. */
const struct nlmsghdr *netlink_message_next(const void *buf, size_t size, size_t *offset)
{
	const struct nlmsghdr *nlh;

	if (*offset > size || size - *offset < sizeof(*nlh))
		return NULL;
	nlh = (const struct nlmsghdr *)((const char *)buf + *offset);
	if (nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > size - *offset)
		return NULL;
	*offset += MNL_ALIGN((size_t)nlh->nlmsg_len);
	return nlh;
}

void netlink_message_parse(const struct nlmsghdr *nlh, struct netlink_event *event)
{
	static const struct {
		uint16_t type;
		size_t header; /* bytes that must be there before the attributes */
		void (*parse)(const struct nlmsghdr *nlh, struct netlink_event *event);
	} parsers[] = {
		{RTM_NEWLINK, sizeof(struct ifinfomsg), parse_link},
		{RTM_DELLINK, sizeof(struct ifinfomsg), parse_link},
		{RTM_NEWADDR, sizeof(struct ifaddrmsg), parse_address},
		{RTM_DELADDR, sizeof(struct ifaddrmsg), parse_address},
		{RTM_NEWROUTE, sizeof(struct rtmsg), parse_route},
		{RTM_DELROUTE, sizeof(struct rtmsg), parse_route},
		{NLMSG_ERROR, sizeof(struct nlmsgerr), parse_answer},
		{NLMSG_DONE, 0, parse_done},
	};

	*event = (struct netlink_event){
		.type = NETLINK_EVENT_IGNORED,
		.seq = nlh->nlmsg_seq,
		.interrupted = nlh->nlmsg_flags & NLM_F_DUMP_INTR,
		.dumped = nlh->nlmsg_flags & NLM_F_MULTI,
	};
	for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		if (nlh->nlmsg_type != parsers[i].type)
			continue;
		if (mnl_nlmsg_get_payload_len(nlh) < parsers[i].header)
			event->type = NETLINK_EVENT_MALFORMED;
		else
			parsers[i].parse(nlh, event);
		return;
	}
}
