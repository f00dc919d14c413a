/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rtnetlink messages on buffers. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "netlink/message.h"

static union {
	struct nlmsghdr nlh;
	char bytes[4096];
} buf;

static struct netlink_event event;

static struct nlmsghdr *message(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf.bytes);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = 42;
	return nlh;
}

static enum netlink_event_type parse(void)
{
	size_t offset = 0;

	assert_ptr_equal(netlink_message_next(buf.bytes, sizeof(buf), &offset), &buf.nlh);
	netlink_message_parse(&buf.nlh, &event);
	return event.type;
}

static struct netlink_object route(const char *addr, uint8_t plen)
{
	struct netlink_object object = {
		.key = {.kind = RECONCILER_ROUTE, .plen = plen, .scope = RT_TABLE_MAIN},
		.protocol = SRP_RTPROT,
		.type = RTN_BLACKHOLE,
	};

	object.key.family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	assert_int_equal(inet_pton(object.key.family, addr, object.key.addr), 1);
	return object;
}

static void build(enum netlink_op_type type, struct netlink_object object)
{
	struct netlink_op op = {type, object};
	size_t length = netlink_message_build(buf.bytes, sizeof(buf), &op, 42);

	assert_int_equal(length, buf.nlh.nlmsg_len);
	assert_int_equal(length % 4, 0);
	assert_in_range(length, 1, NETLINK_REQUEST_MAX);
	assert_int_equal(buf.nlh.nlmsg_seq, 42);
	assert_true(buf.nlh.nlmsg_flags & NLM_F_ACK);
}

static const void *attribute(size_t header, uint16_t type, uint16_t length)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, &buf.nlh, header) if (mnl_attr_get_type(attr) == type)
	{
		assert_int_equal(mnl_attr_get_payload_len(attr), length);
		return mnl_attr_get_payload(attr);
	}
	return NULL;
}

static void a_built_route_parses_back_to_itself(void **state)
{
	struct netlink_object object = route("172.18.0.0", 16);

	build(NETLINK_OP_ADD, object);
	assert_int_equal(buf.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_memory_equal(&event.object, &object, sizeof(object));

	object = route("2001:db8:100::", 40);
	object.type = RTN_UNICAST;
	object.has_gateway = true;
	object.gateway_family = AF_INET6;
	inet_pton(AF_INET6, "fe80::1", object.gateway);
	object.oif = 7;
	object.metric = 1;
	object.key.scope = 1010;
	build(NETLINK_OP_REPLACE, object);
	assert_int_equal(buf.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_true(event.replaced);
	assert_memory_equal(&event.object, &object, sizeof(object));
	build(NETLINK_OP_DELETE, object);
	assert_int_equal(buf.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT_GONE);
	assert_memory_equal(&event.object, &object, sizeof(object));
}

static void deleting_a_route_names_protocol_and_metric_and_matches_any_scope(void **state)
{
	struct netlink_object object = route("2001:db8:100::", 40);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(&buf.nlh);

	object.metric = 1024;
	build(NETLINK_OP_DELETE, object);
	assert_int_equal(rtm->rtm_protocol, SRP_RTPROT);
	assert_int_equal(rtm->rtm_scope, RT_SCOPE_NOWHERE);
	assert_int_equal(*(const uint32_t *)attribute(sizeof(*rtm), RTA_PRIORITY, 4), 1024);
}

static void a_route_out_of_an_interface_without_gateway_has_link_scope(void **state)
{
	struct netlink_object object = route("172.18.0.0", 16);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(&buf.nlh);

	object.type = RTN_UNICAST;
	object.oif = 7;
	build(NETLINK_OP_ADD, object);
	assert_int_equal(rtm->rtm_scope, RT_SCOPE_LINK);
	object.has_gateway = true;
	object.gateway_family = AF_INET;
	build(NETLINK_OP_ADD, object);
	assert_int_equal(rtm->rtm_scope, RT_SCOPE_UNIVERSE);
}

static void a_table_above_255_travels_in_its_attribute(void **state)
{
	struct netlink_object object = route("172.18.0.0", 16);
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(&buf.nlh);

	object.key.scope = 100000;
	build(NETLINK_OP_ADD, object);
	assert_int_equal(rtm->rtm_table, RT_TABLE_UNSPEC);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_int_equal(event.object.key.scope, 100000);
}

static void a_built_address_carries_our_mark_and_skips_duplicate_detection(void **state)
{
	struct netlink_object object = {
		.key = {.kind = RECONCILER_ADDRESS, .family = AF_INET6, .plen = 128, .scope = 1},
		.protocol = SRP_RTPROT,
	};

	inet_pton(AF_INET6, "2001:db8::1", object.key.addr);
	build(NETLINK_OP_ADD, object);
	assert_int_equal(*(const uint32_t *)attribute(sizeof(struct ifaddrmsg), IFA_FLAGS, 4), IFA_F_NODAD);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_true(event.says_protocol);
	assert_memory_equal(&event.object, &object, sizeof(object));
	build(NETLINK_OP_DELETE, object);
	assert_int_equal(buf.nlh.nlmsg_type, RTM_DELADDR);

	object.key.family = AF_INET;
	object.key.plen = 32;
	memset(object.key.addr, 0, 16);
	inet_pton(AF_INET, "172.17.1.1", object.key.addr);
	build(NETLINK_OP_ADD, object);
	assert_null(attribute(sizeof(struct ifaddrmsg), IFA_FLAGS, 4));
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_memory_equal(&event.object, &object, sizeof(object));
}

static void an_address_that_shall_be_deprecated_is_so_for_good_and_has_no_route(void **state)
{
	struct netlink_object object = {
		.key = {.kind = RECONCILER_ADDRESS, .family = AF_INET6, .plen = 128, .scope = 7},
		.protocol = SRP_RTPROT,
		.deprecated = true,
	};
	const struct ifa_cacheinfo *lifetimes;

	inet_pton(AF_INET6, "2001:db8::1", object.key.addr);
	build(NETLINK_OP_ADD, object);
	assert_int_equal(*(const uint32_t *)attribute(sizeof(struct ifaddrmsg), IFA_FLAGS, 4),
			 IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
	lifetimes = attribute(sizeof(struct ifaddrmsg), IFA_CACHEINFO, sizeof(*lifetimes));
	assert_non_null(lifetimes);
	assert_int_equal(lifetimes->ifa_prefered, 0);
	assert_int_equal(lifetimes->ifa_valid, UINT32_MAX);
}

static void a_request_is_not_built_where_it_might_not_fit(void **state)
{
	struct netlink_op op = {NETLINK_OP_ADD, route("172.18.0.0", 16)};

	assert_int_equal(netlink_message_build(buf.bytes, NETLINK_REQUEST_MAX - 1, &op, 1), 0);
	assert_int_equal(netlink_message_build_dump(buf.bytes, NETLINK_REQUEST_MAX - 1, NETLINK_DUMP_LINKS,
						    1),
			 0);
	op.type = NETLINK_OP_NONE;
	assert_int_equal(netlink_message_build(buf.bytes, sizeof(buf), &op, 1), 0);
}

static void dumps_ask_for_their_family_and_routes_for_our_protocol(void **state)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(&buf.nlh);
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(&buf.nlh);

	assert_int_equal(netlink_message_build_dump(buf.bytes, sizeof(buf), NETLINK_DUMP_ROUTES_IPV6, 9), 28);
	assert_int_equal(buf.nlh.nlmsg_type, RTM_GETROUTE);
	assert_int_equal(buf.nlh.nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(rtm->rtm_family, AF_INET6);
	assert_int_equal(rtm->rtm_protocol, SRP_RTPROT);
	assert_int_equal(netlink_message_build_dump(buf.bytes, sizeof(buf), NETLINK_DUMP_ADDRESSES_IPV4, 9),
			 24);
	assert_int_equal(ifa->ifa_family, AF_INET);
	assert_int_equal(ifa->ifa_index, 0);
	assert_true(netlink_message_build_dump_of(buf.bytes, sizeof(buf), NETLINK_DUMP_ADDRESSES_IPV6, 7, 9) >
		    0);
	assert_int_equal(ifa->ifa_family, AF_INET6);
	assert_int_equal(ifa->ifa_index, 7);
	assert_true(netlink_message_build_dump(buf.bytes, sizeof(buf), NETLINK_DUMP_LINKS, 9) > 0);
	assert_int_equal(buf.nlh.nlmsg_type, RTM_GETLINK);
	assert_int_equal(netlink_message_build_dump(buf.bytes, sizeof(buf), NETLINK_DUMP_COUNT, 9), 0);
}

static struct nlmsghdr *put_link(const char *name, const char *kind, uint32_t vrf_table)
{
	struct nlmsghdr *nlh = message(RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *info, *data;

	ifi->ifi_index = 5;
	ifi->ifi_flags = IFF_UP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, kind);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, vrf_table);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlh;
}

static void a_vrf_device_tells_its_table_and_other_kinds_do_not(void **state)
{
	put_link("red", "vrf", 1010);
	assert_int_equal(parse(), NETLINK_EVENT_LINK);
	assert_int_equal(event.link.vrf_table, 1010);
	assert_int_equal(event.link.ifindex, 5);
	assert_string_equal(event.link.name, "red");
	assert_true(event.link.up);
	assert_false(event.link.running);
	put_link("br0", "bridge", 1010);
	assert_int_equal(parse(), NETLINK_EVENT_LINK);
	assert_int_equal(event.link.vrf_table, 0);
}

static void a_link_without_a_fitting_name_is_malformed(void **state)
{
	put_link("a-name-longer-than-the-kernel-allows", "vrf", 1010);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
	put_link("", "vrf", 1010);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
}

static void a_bridge_port_that_leaves_is_not_an_interface_that_goes(void **state)
{
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(put_link("eth0", "veth", 0));

	buf.nlh.nlmsg_type = RTM_DELLINK;
	assert_int_equal(parse(), NETLINK_EVENT_LINK_GONE);
	ifi->ifi_family = AF_BRIDGE;
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
}

static struct nlmsghdr *put_route(uint8_t family, const char *addr, uint8_t plen, uint8_t type)
{
	struct nlmsghdr *nlh = message(RTM_NEWROUTE, 0);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	uint8_t bytes[16];

	rtm->rtm_family = family;
	rtm->rtm_dst_len = plen;
	rtm->rtm_protocol = SRP_RTPROT;
	rtm->rtm_type = type;
	rtm->rtm_table = RT_TABLE_MAIN;
	assert_int_equal(inet_pton(family, addr, bytes), 1);
	mnl_attr_put(nlh, RTA_DST, family == AF_INET ? 4 : 16, bytes);
	return nlh;
}

static void an_ipv6_blackhole_on_lo_reads_like_an_ipv4_one(void **state)
{
	struct nlmsghdr *nlh = put_route(AF_INET6, "2001:db8::", 32, RTN_BLACKHOLE);

	mnl_attr_put_u32(nlh, RTA_OIF, 1);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_int_equal(event.object.oif, 0);
}

static void routes_that_are_not_followed_are_ignored(void **state)
{
	struct rtmsg *rtm = mnl_nlmsg_get_payload(put_route(AF_INET6, "2001:db8::", 32, RTN_UNICAST));

	rtm->rtm_flags = RTM_F_CLONED;
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
	rtm->rtm_flags = 0;
	rtm->rtm_src_len = 64;
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
	rtm->rtm_src_len = 0;
	rtm->rtm_family = 128; /* multicast */
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
}

static void multipath_and_nexthop_objects_are_never_ours(void **state)
{
	struct nlmsghdr *nlh = put_route(AF_INET, "172.18.0.0", 16, RTN_UNICAST);

	mnl_attr_put_u32(nlh, RTA_NH_ID, 3);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_true(event.object.compound);
	nlh = put_route(AF_INET, "172.18.0.0", 16, RTN_UNICAST);
	mnl_attr_put(nlh, RTA_MULTIPATH, 16, buf.bytes);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_true(event.object.compound);
}

static void an_ipv4_route_by_an_ipv6_gateway_keeps_the_gateways_family(void **state)
{
	struct nlmsghdr *nlh = put_route(AF_INET, "172.18.0.0", 16, RTN_UNICAST);
	char via[2 + 16] = {AF_INET6};

	inet_pton(AF_INET6, "fe80::1", via + 2);
	mnl_attr_put(nlh, RTA_VIA, sizeof(via), via);
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_true(event.object.has_gateway);
	assert_int_equal(event.object.gateway_family, AF_INET6);
	nlh = put_route(AF_INET, "172.18.0.0", 16, RTN_UNICAST);
	mnl_attr_put(nlh, RTA_VIA, 1, via);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
}

static void lengths_that_do_not_fit_the_family_are_malformed(void **state)
{
	struct rtmsg *rtm = mnl_nlmsg_get_payload(put_route(AF_INET, "172.18.0.0", 16, RTN_UNICAST));

	rtm->rtm_dst_len = 33;
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
	rtm->rtm_dst_len = 16;
	rtm->rtm_family = AF_INET6; /* with a destination of four bytes */
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
	message(RTM_NEWROUTE, 0);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
	message(NLMSG_ERROR, 0);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
}

static void an_address_with_a_peer_is_ignored(void **state)
{
	struct nlmsghdr *nlh = message(RTM_NEWADDR, 0);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(0x0a000001));
	mnl_attr_put_u32(nlh, IFA_ADDRESS, htonl(0x0a000002));
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
}

static void an_address_of_a_kernel_without_marks_says_so(void **state)
{
	struct nlmsghdr *nlh = message(RTM_NEWADDR, 0);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 32;
	ifa->ifa_flags = IFA_F_PERMANENT | IFA_F_DEPRECATED;
	mnl_attr_put_u32(nlh, IFA_LOCAL, htonl(0x0a000001));
	assert_int_equal(parse(), NETLINK_EVENT_OBJECT);
	assert_false(event.says_protocol);
	assert_true(event.object.deprecated);
}

static void put_answer(int error, uint16_t flags, const char *text)
{
	struct nlmsghdr *nlh = message(NLMSG_ERROR, flags);
	struct nlmsgerr *err = mnl_nlmsg_put_extra_header(nlh, sizeof(*err));

	err->error = error;
	err->msg.nlmsg_len = sizeof(err->msg);
	if (!(flags & NLM_F_CAPPED)) {
		err->msg.nlmsg_len += 8;
		memset(mnl_nlmsg_put_extra_header(nlh, 8), 0xff, 8);
	}
	if (text)
		mnl_attr_put_strz(nlh, NLMSGERR_ATTR_MSG, text);
}

static void an_answer_gives_errno_and_the_kernels_words(void **state)
{
	put_answer(0, NLM_F_CAPPED, NULL);
	assert_int_equal(parse(), NETLINK_EVENT_ANSWER);
	assert_int_equal(event.error, 0);
	assert_int_equal(event.seq, 42);
	put_answer(-ENETUNREACH, NLM_F_CAPPED | NLM_F_ACK_TLVS, "Nexthop has invalid gateway");
	assert_int_equal(parse(), NETLINK_EVENT_ANSWER);
	assert_int_equal(event.error, ENETUNREACH);
	assert_string_equal(event.reason, "Nexthop has invalid gateway");
	put_answer(-EINVAL, NLM_F_ACK_TLVS, "behind the whole request");
	assert_int_equal(parse(), NETLINK_EVENT_ANSWER);
	assert_string_equal(event.reason, "behind the whole request");
}

static void the_kernels_words_are_one_printable_line_that_fits(void **state)
{
	char text[300];

	put_answer(-EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, "two\nlines\033[2J");
	parse();
	assert_string_equal(event.reason, "two?lines?[2J");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put_answer(-EINVAL, NLM_F_CAPPED | NLM_F_ACK_TLVS, text);
	parse();
	assert_int_equal(strlen(event.reason), NETLINK_REASON_LEN - 1);
}

static void an_answer_that_quotes_more_than_it_holds_gives_its_errno_alone(void **state)
{
	struct nlmsgerr *err = mnl_nlmsg_get_payload(&buf.nlh);

	put_answer(-EINVAL, NLM_F_ACK_TLVS, "unreachable");
	err->msg.nlmsg_len = 0xfffffff0;
	assert_int_equal(parse(), NETLINK_EVENT_ANSWER);
	assert_int_equal(event.error, EINVAL);
	assert_string_equal(event.reason, "");
	put_answer(5, NLM_F_CAPPED, NULL);
	assert_int_equal(parse(), NETLINK_EVENT_MALFORMED);
}

static void the_end_of_a_dump_tells_of_errors_and_interruptions(void **state)
{
	struct nlmsghdr *nlh = message(NLMSG_DONE, NLM_F_MULTI | NLM_F_DUMP_INTR);
	int *error = mnl_nlmsg_put_extra_header(nlh, sizeof(*error));

	assert_int_equal(parse(), NETLINK_EVENT_DUMP_DONE);
	assert_true(event.interrupted);
	assert_int_equal(event.error, 0);
	*error = -ENOBUFS;
	assert_int_equal(parse(), NETLINK_EVENT_DUMP_DONE);
	assert_int_equal(event.error, ENOBUFS);
	message(NLMSG_DONE, NLM_F_MULTI);
	assert_int_equal(parse(), NETLINK_EVENT_DUMP_DONE);
	assert_int_equal(event.error, 0);
}

static void what_is_not_ours_to_know_is_ignored(void **state)
{
	message(RTM_NEWNEIGH, 0);
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
	message(NLMSG_NOOP, 0);
	assert_int_equal(parse(), NETLINK_EVENT_IGNORED);
}

static void a_walk_ends_at_a_length_that_is_too_short_or_too_long(void **state)
{
	static const uint32_t lengths[] = {0, 15, 65, 0x7fffffff, 0x9d9d9d9d, 0xffffffff};
	size_t offset;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		message(NLMSG_NOOP, 0)->nlmsg_len = lengths[i];
		offset = 0;
		assert_null(netlink_message_next(buf.bytes, 64, &offset));
	}
	message(NLMSG_NOOP, 0)->nlmsg_len = 61; /* the last one may lack its padding */
	offset = 0;
	assert_non_null(netlink_message_next(buf.bytes, 61, &offset));
	assert_null(netlink_message_next(buf.bytes, 61, &offset));
}

static void no_cut_of_a_message_reads_past_its_end(void **state)
{
	struct netlink_object object = route("2001:db8:100::", 40);
	size_t whole;

	object.type = RTN_UNICAST;
	object.has_gateway = true;
	object.gateway_family = AF_INET6;
	build(NETLINK_OP_ADD, object);
	whole = buf.nlh.nlmsg_len;
	for (size_t length = sizeof(struct nlmsghdr); length < whole; length++) {
		/* Of exactly this size, so that a sanitizer sees a step too far. */
		struct nlmsghdr *cut = test_malloc(length);

		memcpy(cut, buf.bytes, length);
		cut->nlmsg_len = (uint32_t)length;
		netlink_message_parse(cut, &event);
		test_free(cut);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_built_route_parses_back_to_itself),
		cmocka_unit_test(deleting_a_route_names_protocol_and_metric_and_matches_any_scope),
		cmocka_unit_test(a_route_out_of_an_interface_without_gateway_has_link_scope),
		cmocka_unit_test(a_table_above_255_travels_in_its_attribute),
		cmocka_unit_test(a_built_address_carries_our_mark_and_skips_duplicate_detection),
		cmocka_unit_test(an_address_that_shall_be_deprecated_is_so_for_good_and_has_no_route),
		cmocka_unit_test(a_request_is_not_built_where_it_might_not_fit),
		cmocka_unit_test(dumps_ask_for_their_family_and_routes_for_our_protocol),
		cmocka_unit_test(a_vrf_device_tells_its_table_and_other_kinds_do_not),
		cmocka_unit_test(a_link_without_a_fitting_name_is_malformed),
		cmocka_unit_test(a_bridge_port_that_leaves_is_not_an_interface_that_goes),
		cmocka_unit_test(an_ipv6_blackhole_on_lo_reads_like_an_ipv4_one),
		cmocka_unit_test(routes_that_are_not_followed_are_ignored),
		cmocka_unit_test(multipath_and_nexthop_objects_are_never_ours),
		cmocka_unit_test(an_ipv4_route_by_an_ipv6_gateway_keeps_the_gateways_family),
		cmocka_unit_test(lengths_that_do_not_fit_the_family_are_malformed),
		cmocka_unit_test(an_address_with_a_peer_is_ignored),
		cmocka_unit_test(an_address_of_a_kernel_without_marks_says_so),
		cmocka_unit_test(an_answer_gives_errno_and_the_kernels_words),
		cmocka_unit_test(the_kernels_words_are_one_printable_line_that_fits),
		cmocka_unit_test(an_answer_that_quotes_more_than_it_holds_gives_its_errno_alone),
		cmocka_unit_test(the_end_of_a_dump_tells_of_errors_and_interruptions),
		cmocka_unit_test(what_is_not_ours_to_know_is_ignored),
		cmocka_unit_test(a_walk_ends_at_a_length_that_is_too_short_or_too_long),
		cmocka_unit_test(no_cut_of_a_message_reads_past_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
