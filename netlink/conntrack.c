/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink by libmnl. See conntrack.h. */
#include "netlink/conntrack.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>

#define STATUS_KEPT    (IPS_ASSURED | IPS_SEEN_REPLY | IPS_SRC_NAT | IPS_DST_NAT)
#define TCP_FLAGS_KEPT (IP_CT_TCP_FLAG_WINDOW_SCALE | IP_CT_TCP_FLAG_SACK_PERM)

/* --- what the kernel sends ----------------------------------------------------------------- */

/* Attributes up to `max`, each at least as long as `sizes` says, where that is not 0. */
struct attributes {
	const struct nlattr **table;
	uint16_t max;
	const uint16_t *sizes;
};

static int collect(const struct nlattr *attr, void *data)
{
	const struct attributes *attributes = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type > attributes->max)
		return MNL_CB_OK;
	if (mnl_attr_get_payload_len(attr) < attributes->sizes[type])
		return MNL_CB_ERROR;
	attributes->table[type] = attr;
	return MNL_CB_OK;
}

static bool nested(const struct nlattr *nest, const struct nlattr **table, uint16_t max,
		   const uint16_t *sizes)
{
	struct attributes attributes = {.table = table, .max = max, .sizes = sizes};

	return mnl_attr_parse_nested(nest, collect, &attributes) >= 0;
}

static void take_address(const struct nlattr *attr, uint8_t to[static 16], size_t len)
{
	if (attr)
		memcpy(to, mnl_attr_get_payload(attr), len);
}

static bool parse_addresses(const struct nlattr *nest, struct flow_tuple *tuple, uint8_t family)
{
	static const uint16_t sizes[CTA_IP_MAX + 1] = {
		[CTA_IP_V4_SRC] = 4, [CTA_IP_V4_DST] = 4, [CTA_IP_V6_SRC] = 16, [CTA_IP_V6_DST] = 16};
	const struct nlattr *table[CTA_IP_MAX + 1] = {NULL};
	bool v6 = family == AF_INET6;

	if (!nested(nest, table, CTA_IP_MAX, sizes))
		return false;
	take_address(table[v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC], tuple->src, v6 ? 16 : 4);
	take_address(table[v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST], tuple->dst, v6 ? 16 : 4);
	return table[v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC] && table[v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST];
}

static uint16_t u16_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u16(attr) : 0;
}

static uint8_t u8_of(const struct nlattr *attr)
{
	return attr ? mnl_attr_get_u8(attr) : 0;
}

static uint32_t host_u32_of(const struct nlattr *attr)
{
	return attr ? ntohl(mnl_attr_get_u32(attr)) : 0;
}

static bool parse_ports(const struct nlattr *nest, struct flow_tuple *tuple, uint8_t *proto)
{
	static const uint16_t sizes[CTA_PROTO_MAX + 1] = {
		[CTA_PROTO_NUM] = 1,       [CTA_PROTO_SRC_PORT] = 2,    [CTA_PROTO_DST_PORT] = 2,
		[CTA_PROTO_ICMP_ID] = 2,   [CTA_PROTO_ICMP_TYPE] = 1,   [CTA_PROTO_ICMP_CODE] = 1,
		[CTA_PROTO_ICMPV6_ID] = 2, [CTA_PROTO_ICMPV6_TYPE] = 1, [CTA_PROTO_ICMPV6_CODE] = 1,
	};
	const struct nlattr *table[CTA_PROTO_MAX + 1] = {NULL};

	if (!nested(nest, table, CTA_PROTO_MAX, sizes) || !table[CTA_PROTO_NUM])
		return false;
	*proto = u8_of(table[CTA_PROTO_NUM]);
	if (flow_is_icmp(*proto)) {
		bool v6 = *proto == IPPROTO_ICMPV6;
		uint8_t type = u8_of(table[v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE]);
		uint8_t code = u8_of(table[v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE]);

		tuple->sport = u16_of(table[v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID]);
		tuple->dport = htons((uint16_t)(type << 8 | code));
	} else {
		tuple->sport = u16_of(table[CTA_PROTO_SRC_PORT]);
		tuple->dport = u16_of(table[CTA_PROTO_DST_PORT]);
	}
	return true;
}

static bool parse_tuple(const struct nlattr *nest, struct flow_tuple *tuple, uint8_t family, uint8_t *proto)
{
	static const uint16_t sizes[CTA_TUPLE_MAX + 1] = {0};
	const struct nlattr *table[CTA_TUPLE_MAX + 1] = {NULL};

	return nest && nested(nest, table, CTA_TUPLE_MAX, sizes) && table[CTA_TUPLE_IP] &&
	       table[CTA_TUPLE_PROTO] && parse_addresses(table[CTA_TUPLE_IP], tuple, family) &&
	       parse_ports(table[CTA_TUPLE_PROTO], tuple, proto);
}

static bool parse_tcp(const struct nlattr *nest, struct flow *flow)
{
	static const uint16_t sizes[CTA_PROTOINFO_TCP_MAX + 1] = {
		[CTA_PROTOINFO_TCP_STATE] = 1,
		[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] = 1,
		[CTA_PROTOINFO_TCP_WSCALE_REPLY] = 1,
		[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL] = sizeof(struct nf_ct_tcp_flags),
		[CTA_PROTOINFO_TCP_FLAGS_REPLY] = sizeof(struct nf_ct_tcp_flags),
	};
	const struct nlattr *table[CTA_PROTOINFO_TCP_MAX + 1] = {NULL};

	if (!nested(nest, table, CTA_PROTOINFO_TCP_MAX, sizes))
		return false;
	flow->state = u8_of(table[CTA_PROTOINFO_TCP_STATE]);
	flow->wscale[0] = u8_of(table[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL]);
	flow->wscale[1] = u8_of(table[CTA_PROTOINFO_TCP_WSCALE_REPLY]);
	/* struct nf_ct_tcp_flags: the flags come first. The others change with the packets. */
	flow->tcp_flags[0] = u8_of(table[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL]) & TCP_FLAGS_KEPT;
	flow->tcp_flags[1] = u8_of(table[CTA_PROTOINFO_TCP_FLAGS_REPLY]) & TCP_FLAGS_KEPT;
	return true;
}

static bool parse_sctp(const struct nlattr *nest, struct flow *flow)
{
	static const uint16_t sizes[CTA_PROTOINFO_SCTP_MAX + 1] = {
		[CTA_PROTOINFO_SCTP_STATE] = 1,
		[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL] = 4,
		[CTA_PROTOINFO_SCTP_VTAG_REPLY] = 4,
	};
	const struct nlattr *table[CTA_PROTOINFO_SCTP_MAX + 1] = {NULL};

	if (!nested(nest, table, CTA_PROTOINFO_SCTP_MAX, sizes))
		return false;
	flow->state = u8_of(table[CTA_PROTOINFO_SCTP_STATE]);
	for (unsigned int i = 0; i < 2; i++) {
		const struct nlattr *vtag = table[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL + i];

		flow->vtag[i] = vtag ? mnl_attr_get_u32(vtag) : 0;
	}
	return true;
}

static bool parse_protoinfo(const struct nlattr *nest, struct conntrack_event *event)
{
	static const uint16_t sizes[CTA_PROTOINFO_MAX + 1] = {0};
	const struct nlattr *table[CTA_PROTOINFO_MAX + 1] = {NULL};
	struct flow *flow = &event->flow;

	if (!nested(nest, table, CTA_PROTOINFO_MAX, sizes))
		return false;
	if (flow->key.proto == IPPROTO_TCP && table[CTA_PROTOINFO_TCP]) {
		event->has_protoinfo = true;
		return parse_tcp(table[CTA_PROTOINFO_TCP], flow);
	}
	if (flow->key.proto == IPPROTO_SCTP && table[CTA_PROTOINFO_SCTP]) {
		event->has_protoinfo = true;
		return parse_sctp(table[CTA_PROTOINFO_SCTP], flow);
	}
	return true;
}

static bool parse_flow(const struct nlmsghdr *nlh, struct conntrack_event *event)
{
	static const uint16_t sizes[CTA_MAX + 1] = {
		[CTA_STATUS] = 4, [CTA_TIMEOUT] = 4, [CTA_MARK] = 4, [CTA_ZONE] = 2};
	const struct nlattr *table[CTA_MAX + 1] = {NULL};
	struct attributes attributes = {.table = table, .max = CTA_MAX, .sizes = sizes};
	const struct nfgenmsg *head = mnl_nlmsg_get_payload(nlh);
	struct flow *flow = &event->flow;
	uint8_t proto = 0;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*head) ||
	    mnl_attr_parse(nlh, sizeof(*head), collect, &attributes) < 0)
		return false;
	if (head->nfgen_family != AF_INET && head->nfgen_family != AF_INET6) {
		event->type = CONNTRACK_IGNORED;
		return true;
	}
	flow->key.family = head->nfgen_family;
	if (!parse_tuple(table[CTA_TUPLE_ORIG], &flow->key.orig, flow->key.family, &flow->key.proto) ||
	    !parse_tuple(table[CTA_TUPLE_REPLY], &flow->reply, flow->key.family, &proto) ||
	    proto != flow->key.proto)
		return false;
	flow->key.zone = ntohs(u16_of(table[CTA_ZONE]));
	flow->status = host_u32_of(table[CTA_STATUS]) & STATUS_KEPT;
	flow->mark = host_u32_of(table[CTA_MARK]);
	flow->timeout = event->timeout = host_u32_of(table[CTA_TIMEOUT]);
	return !table[CTA_PROTOINFO] || parse_protoinfo(table[CTA_PROTOINFO], event);
}

static int error_of(const struct nlmsghdr *nlh)
{
	int error;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(error))
		return 0;
	memcpy(&error, mnl_nlmsg_get_payload(nlh), sizeof(error));
	return error < 0 && error > INT32_MIN ? -error : 0;
}

void conntrack_parse(const struct nlmsghdr *nlh, struct conntrack_event *event)
{
	memset(event, 0, sizeof(*event));
	event->seq = nlh->nlmsg_seq;
	switch (nlh->nlmsg_type) {
	case NLMSG_ERROR:
		event->type = mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nlmsgerr) ? CONNTRACK_MALFORMED
										       : CONNTRACK_ANSWER;
		event->error = error_of(nlh);
		return;
	case NLMSG_DONE:
		event->type = CONNTRACK_DUMP_DONE;
		event->error = error_of(nlh);
		return;
	case NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW:
		event->type = CONNTRACK_FLOW;
		break;
	case NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE:
		event->type = CONNTRACK_GONE;
		break;
	default:
		event->type = CONNTRACK_IGNORED;
		return;
	}
	if (!parse_flow(nlh, event))
		event->type = CONNTRACK_MALFORMED;
}

/* --- requests ------------------------------------------------------------------------------ */

static void put_ports(struct nlmsghdr *nlh, const struct flow_tuple *tuple, uint8_t proto)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	bool v6 = proto == IPPROTO_ICMPV6;

	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, proto);
	if (flow_is_icmp(proto)) {
		uint16_t type_code = ntohs(tuple->dport);

		mnl_attr_put_u16(nlh, v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, tuple->sport);
		mnl_attr_put_u8(nlh, v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE,
				(uint8_t)(type_code >> 8));
		mnl_attr_put_u8(nlh, v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE, (uint8_t)type_code);
	} else if (flow_has_ports(proto)) {
		mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, tuple->sport);
		mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, tuple->dport);
	}
	mnl_attr_nest_end(nlh, nest);
}

static void put_tuple(struct nlmsghdr *nlh, uint16_t type, const struct flow_tuple *tuple,
		      const struct flow_key *key)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type),
		      *address = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	bool v6 = key->family == AF_INET6;

	mnl_attr_put(nlh, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, v6 ? 16 : 4, tuple->src);
	mnl_attr_put(nlh, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, v6 ? 16 : 4, tuple->dst);
	mnl_attr_nest_end(nlh, address);
	put_ports(nlh, tuple, key->proto);
	mnl_attr_nest_end(nlh, nest);
}

/* To this address and port, and no other. */
static void put_nat(struct nlmsghdr *nlh, uint16_t type, const uint8_t *addr, uint16_t port,
		    const struct flow_key *key)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type), *proto;
	bool v6 = key->family == AF_INET6;

	mnl_attr_put(nlh, v6 ? CTA_NAT_V6_MINIP : CTA_NAT_V4_MINIP, v6 ? 16 : 4, addr);
	mnl_attr_put(nlh, v6 ? CTA_NAT_V6_MAXIP : CTA_NAT_V4_MAXIP, v6 ? 16 : 4, addr);
	if (flow_has_ports(key->proto)) {
		proto = mnl_attr_nest_start(nlh, CTA_NAT_PROTO);
		mnl_attr_put_u16(nlh, CTA_PROTONAT_PORT_MIN, port);
		mnl_attr_put_u16(nlh, CTA_PROTONAT_PORT_MAX, port);
		mnl_attr_nest_end(nlh, proto);
	}
	mnl_attr_nest_end(nlh, nest);
}

/*
 * The window that the other chassis saw is not carried: the kernel takes up the sequence numbers from the first
 * packets, and what looks out of window until then, or after a while on the other chassis, must not be dropped.
 */
static void put_tcp(struct nlmsghdr *nlh, const struct flow *flow)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO),
		      *tcp = mnl_attr_nest_start(nlh, CTA_PROTOINFO_TCP);

	mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_STATE, flow->state);
	mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, flow->wscale[0]);
	mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_WSCALE_REPLY, flow->wscale[1]);
	for (unsigned int i = 0; i < 2; i++) {
		struct nf_ct_tcp_flags flags = {.flags = flow->tcp_flags[i] | IP_CT_TCP_FLAG_BE_LIBERAL};

		flags.mask = flags.flags;
		mnl_attr_put(nlh, (uint16_t)(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL + i), sizeof(flags), &flags);
	}
	mnl_attr_nest_end(nlh, tcp);
	mnl_attr_nest_end(nlh, nest);
}

static void put_sctp(struct nlmsghdr *nlh, const struct flow *flow)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, CTA_PROTOINFO),
		      *sctp = mnl_attr_nest_start(nlh, CTA_PROTOINFO_SCTP);

	mnl_attr_put_u8(nlh, CTA_PROTOINFO_SCTP_STATE, flow->state);
	mnl_attr_put_u32(nlh, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, flow->vtag[0]);
	mnl_attr_put_u32(nlh, CTA_PROTOINFO_SCTP_VTAG_REPLY, flow->vtag[1]);
	mnl_attr_nest_end(nlh, sctp);
	mnl_attr_nest_end(nlh, nest);
}

static struct nlmsghdr *start(void *buf, uint16_t type, uint16_t flags, uint8_t family, uint32_t seq)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nlh->nlmsg_seq = seq;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->nfgen_family = family;
	head->version = NFNETLINK_V0;
	return nlh;
}

static void put_values(struct nlmsghdr *nlh, const struct flow *flow, uint32_t timeout, bool create)
{
	/* The bits of NAT are the kernel's own to set. */
	uint32_t status = (flow->status & (IPS_ASSURED | IPS_SEEN_REPLY)) | IPS_CONFIRMED;

	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(status));
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(timeout));
	/* A kernel without marks refuses the attribute. */
	if (flow->mark || !create)
		mnl_attr_put_u32(nlh, CTA_MARK, htonl(flow->mark));
	if (flow->key.proto == IPPROTO_TCP)
		put_tcp(nlh, flow);
	if (flow->key.proto == IPPROTO_SCTP)
		put_sctp(nlh, flow);
}

size_t conntrack_build(void *buf, enum conntrack_request request, const struct flow *flow, uint32_t timeout,
		       uint32_t seq)
{
	uint8_t family = flow->key.family;
	struct flow_tuple reply;
	struct nlmsghdr *nlh;

	switch (request) {
	case CONNTRACK_DELETE:
		nlh = start(buf, IPCTNL_MSG_CT_DELETE, 0, family, seq);
		break;
	case CONNTRACK_GET:
		nlh = start(buf, IPCTNL_MSG_CT_GET, 0, family, seq);
		break;
	case CONNTRACK_CREATE:
		nlh = start(buf, IPCTNL_MSG_CT_NEW, NLM_F_CREATE | NLM_F_EXCL, family, seq);
		break;
	default:
		nlh = start(buf, IPCTNL_MSG_CT_NEW, 0, family, seq);
		break;
	}
	put_tuple(nlh, CTA_TUPLE_ORIG, &flow->key.orig, &flow->key);
	if (flow->key.zone)
		mnl_attr_put_u16(nlh, CTA_ZONE, htons(flow->key.zone));
	if (request == CONNTRACK_REFRESH)
		mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(timeout));
	if (request == CONNTRACK_UPDATE)
		put_values(nlh, flow, timeout, false);
	if (request == CONNTRACK_CREATE) {
		/* The kernel wants both directions as they are before NAT. */
		flow_invert(&flow->key, &reply);
		put_tuple(nlh, CTA_TUPLE_REPLY, &reply, &flow->key);
		put_values(nlh, flow, timeout, true);
		if (flow->status & IPS_SRC_NAT)
			put_nat(nlh, CTA_NAT_SRC, flow->reply.dst,
				flow_is_icmp(flow->key.proto) ? flow->reply.sport : flow->reply.dport,
				&flow->key);
		if (flow->status & IPS_DST_NAT)
			put_nat(nlh, CTA_NAT_DST, flow->reply.src, flow->reply.sport, &flow->key);
	}
	return nlh->nlmsg_len;
}

size_t conntrack_build_dump(void *buf, uint32_t status, uint32_t seq)
{
	struct nlmsghdr *nlh = start(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC, seq);

	mnl_attr_put_u32(nlh, CTA_STATUS, htonl(status));
	mnl_attr_put_u32(nlh, CTA_STATUS_MASK, htonl(status));
	return nlh->nlmsg_len;
}

void conntrack_filter(struct sock_filter filter[static CONNTRACK_FILTER_LEN], uint32_t status, uint32_t port)
{
	const uint32_t attributes = sizeof(struct nlmsghdr) + sizeof(struct nfgenmsg);
	const struct sock_filter code[CONNTRACK_FILTER_LEN] = {
		/* nlmsg_pid is in host byte order, and what is loaded in network byte order. */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(port), 8, 0),
		/* X = CTA_STATUS; A = where that attribute is, searched from A */
		BPF_STMT(BPF_LD | BPF_IMM, attributes),
		BPF_STMT(BPF_LDX | BPF_IMM, CTA_STATUS),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_NLATTR),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, sizeof(struct nlattr)),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, status, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};

	memcpy(filter, code, sizeof(code));
}
