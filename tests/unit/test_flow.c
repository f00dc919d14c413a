/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows: their checkpoint, the table, and ctnetlink's messages, with bytes that a kernel has sent. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the four above it */
#include <cmocka.h>

#include "netlink/conntrack.h"
#include "netlink/flow_table.h"

/* tcp 119 TIME_WAIT 10.0.1.2:57936 > 10.0.2.2:80, 10.0.2.2:80 > 10.9.9.9:57936 [ASSURED]; Linux 6.18. */
static const uint8_t kernel_update[] __attribute__((aligned(8))) =
	"\xc4\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00"
	"\x34\x00\x01\x80\x14\x00\x01\x80\x08\x00\x01\x00\x0a\x00\x01\x02\x08\x00\x02\x00\x0a\x00\x02\x02"
	"\x1c\x00\x02\x80\x05\x00\x01\x00\x06\x00\x00\x00\x06\x00\x02\x00\xe2\x50\x00\x00\x06\x00\x03\x00\x00"
	"\x50\x00\x00"
	"\x34\x00\x02\x80\x14\x00\x01\x80\x08\x00\x01\x00\x0a\x00\x02\x02\x08\x00\x02\x00\x0a\x09\x09\x09"
	"\x1c\x00\x02\x80\x05\x00\x01\x00\x06\x00\x00\x00\x06\x00\x02\x00\x00\x50\x00\x00\x06\x00\x03\x00\xe2"
	"\x50\x00\x00"
	"\x08\x00\x0c\x00\x07\xba\xe7\x9c\x08\x00\x03\x00\x00\x00\x01\x9e\x08\x00\x07\x00\x00\x00\x00\x78"
	"\x30\x00\x04\x80\x2c\x00\x01\x80\x05\x00\x01\x00\x07\x00\x00\x00\x05\x00\x02\x00\x0a\x00\x00\x00"
	"\x05\x00\x03\x00\x0a\x00\x00\x00\x06\x00\x04\x00\x27\x00\x00\x00\x06\x00\x05\x00\x23\x00\x00\x00";
#define KERNEL_UPDATE_SIZE 196

static struct flow make(uint8_t family, uint8_t proto, uint32_t number)
{
	struct flow flow = {.key = {.family = family, .proto = proto}, .timeout = 432000};

	memcpy(flow.key.orig.src, &number, 4);
	memset(flow.key.orig.dst, 7, family == AF_INET6 ? 16 : 4);
	if (flow_is_icmp(proto)) {
		flow.key.orig.sport = htons(77);
		flow.key.orig.dport = htons(proto == IPPROTO_ICMP ? 8 << 8 : 128 << 8);
	} else if (flow_has_ports(proto)) {
		flow.key.orig.sport = htons(40000);
		flow.key.orig.dport = htons(443);
	}
	flow_invert(&flow.key, &flow.reply);
	flow.status = IPS_ASSURED | IPS_SEEN_REPLY;
	return flow;
}

static struct flow make_nat(uint8_t family, uint8_t proto, uint32_t number)
{
	struct flow flow = make(family, proto, number);

	memset(flow.reply.dst, 9, family == AF_INET6 ? 16 : 4);
	flow.status |= IPS_SRC_NAT;
	return flow;
}

static void assert_same(const struct flow *a, const struct flow *b)
{
	assert_true(flow_same_but_state(a, b));
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->timeout, b->timeout);
}

static const uint8_t protocols[] = {IPPROTO_TCP,  IPPROTO_UDP,    IPPROTO_SCTP, IPPROTO_GRE,
				    IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_ESP};

static void a_checkpoint_is_the_flow(void **state)
{
	for (size_t i = 0; i < sizeof(protocols); i++) {
		for (unsigned int kind = 0; kind < 8; kind++) {
			uint8_t family = kind & 1 ? AF_INET6 : AF_INET, buf[FLOW_MACRO_MAX];
			struct flow flow = kind & 2 ? make_nat(family, protocols[i], 5)
						    : make(family, protocols[i], 5),
				    got;
			size_t len;

			if (kind & 4) {
				flow.mark = 0xdeadbeef;
				flow.key.zone = 300;
			}
			if (flow.key.proto == IPPROTO_TCP) {
				flow.state = TCP_CONNTRACK_ESTABLISHED;
				flow.wscale[0] = 7;
				flow.tcp_flags[1] = 3;
			}
			if (flow.key.proto == IPPROTO_SCTP)
				flow.vtag[1] = 0x12345678;
			len = flow_encode(&flow, buf);
			assert_true(len <= FLOW_MACRO_MAX);
			assert_true(flow_decode(buf, len, &got));
			assert_same(&flow, &got);
			assert_int_equal(flow_call_id(&flow.key), flow_call_id(&got.key));
			/* Of a later version: more behind. */
			buf[0]++;
			assert_true(flow_decode(buf, sizeof(buf), &got));
			buf[0] = 0;
			assert_false(flow_decode(buf, len, &got));
			buf[0] = 1;
			for (size_t cut = 0; cut < len; cut++)
				assert_false(flow_decode(buf, cut, &got));
		}
	}
}

static void a_small_flow_is_a_small_checkpoint(void **state)
{
	uint8_t buf[FLOW_MACRO_MAX];
	struct flow flow = make(AF_INET, IPPROTO_TCP, 1), nat = make_nat(AF_INET, IPPROTO_TCP, 1);

	assert_int_equal(flow_encode(&flow, buf), 24);
	assert_int_equal(flow_encode(&nat, buf), 36);
}

static void a_state_alone(void **state)
{
	struct flow flow = make(AF_INET, IPPROTO_TCP, 1), other = flow;
	uint8_t buf[FLOW_STATE_SIZE];

	flow.state = TCP_CONNTRACK_FIN_WAIT;
	flow.timeout = 120;
	flow_encode_state(&flow, buf);
	assert_false(flow_decode_state(buf, sizeof(buf) - 1, &other));
	assert_int_equal(other.timeout, 432000);
	assert_true(flow_decode_state(buf, sizeof(buf), &other));
	assert_same(&flow, &other);
	assert_false(flow_is_over(&flow));
	flow.state = TCP_CONNTRACK_TIME_WAIT;
	assert_true(flow_is_over(&flow));
}

static void call_ids_are_the_keys(void **state)
{
	struct flow a = make(AF_INET, IPPROTO_TCP, 1), b = a;

	assert_int_equal(flow_call_id(&a.key), flow_call_id(&b.key));
	b.key.zone = 1;
	assert_int_not_equal(flow_call_id(&a.key), flow_call_id(&b.key));
	b = make_nat(AF_INET, IPPROTO_TCP, 1);
	assert_int_equal(flow_call_id(&a.key), flow_call_id(&b.key));
}

static void the_kernels_event(void **state)
{
	const struct nlmsghdr *nlh = (const void *)kernel_update;
	struct conntrack_event event;
	char text[FLOW_STRLEN];

	assert_int_equal(nlh->nlmsg_len, KERNEL_UPDATE_SIZE);
	conntrack_parse(nlh, &event);
	assert_int_equal(event.type, CONNTRACK_FLOW);
	assert_int_equal(event.timeout, 120);
	assert_true(event.has_protoinfo);
	assert_int_equal(event.flow.state, TCP_CONNTRACK_TIME_WAIT);
	assert_int_equal(event.flow.status, IPS_ASSURED | IPS_SEEN_REPLY | IPS_SRC_NAT);
	assert_int_equal(event.flow.wscale[0], 10);
	assert_int_equal(event.flow.tcp_flags[0], IP_CT_TCP_FLAG_WINDOW_SCALE | IP_CT_TCP_FLAG_SACK_PERM);
	assert_string_equal(flow_format(&event.flow, text),
			    "tcp 10.0.1.2:57936 > 10.0.2.2:80, 10.0.2.2:80 > 10.9.9.9:57936");
}

/* Whatever is cut off or changed, nothing is read that is not there (the sanitizers look), and nothing is made up. */
static void damaged_events(void **state)
{
	struct conntrack_event event;

	for (size_t i = 0; i < KERNEL_UPDATE_SIZE; i++) {
		for (unsigned int value = 0; value < 256; value += 5) {
			uint8_t *copy = malloc(KERNEL_UPDATE_SIZE);
			struct nlmsghdr *nlh = (void *)copy;

			memcpy(copy, kernel_update, KERNEL_UPDATE_SIZE);
			copy[i] = (uint8_t)value;
			nlh->nlmsg_len = KERNEL_UPDATE_SIZE;
			conntrack_parse(nlh, &event);
			free(copy);
		}
	}
	for (uint32_t len = sizeof(struct nlmsghdr); len < 120; len += 4) {
		uint8_t *copy = malloc(len);

		memcpy(copy, kernel_update, len);
		((struct nlmsghdr *)(void *)copy)->nlmsg_len = len;
		conntrack_parse((void *)copy, &event);
		assert_int_equal(event.type, CONNTRACK_MALFORMED);
		free(copy);
	}
}

static int find_attribute(const struct nlattr *attr, void *data)
{
	const struct nlattr **table = data;

	if (mnl_attr_get_type(attr) <= CTA_MAX)
		table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

static void requests(void **state)
{
	char buf[CONNTRACK_REQUEST_MAX] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh = (const void *)buf;

	for (size_t i = 0; i < sizeof(protocols); i++) {
		const struct nlattr *table[CTA_MAX + 1] = {NULL};
		struct flow flow = make_nat(AF_INET6, protocols[i], 3),
			    plain = make(AF_INET6, protocols[i], 3);
		struct conntrack_event event;
		size_t len;

		flow.mark = 5;
		flow.key.zone = 9;
		len = conntrack_build(buf, CONNTRACK_CREATE, &flow, 1000, 42);
		assert_true(len <= CONNTRACK_REQUEST_MAX);
		assert_int_equal(nlh->nlmsg_len, len);
		conntrack_parse(nlh, &event);
		assert_int_equal(event.type, CONNTRACK_FLOW);
		assert_int_equal(event.timeout, 1000);
		assert_int_equal(event.seq, 42);
		assert_int_equal(event.flow.key.zone, 9);
		assert_int_equal(event.flow.mark, 5);
		/* Both directions as they are before NAT, and what NAT makes of them. */
		assert_memory_equal(&event.flow.reply, &plain.reply, sizeof(plain.reply));
		mnl_attr_parse(nlh, sizeof(struct nfgenmsg), find_attribute, table);
		assert_non_null(table[CTA_NAT_SRC]);
		assert_null(table[CTA_NAT_DST]);
		assert_int_equal(table[CTA_PROTOINFO] != NULL,
				 flow.key.proto == IPPROTO_TCP || flow.key.proto == IPPROTO_SCTP);
		len = conntrack_build(buf, CONNTRACK_UPDATE, &flow, 1000, 42);
		memset(table, 0, sizeof(table));
		mnl_attr_parse(nlh, sizeof(struct nfgenmsg), find_attribute, table);
		assert_null(table[CTA_NAT_SRC]);
		assert_false(nlh->nlmsg_flags & NLM_F_CREATE);
	}
}

static void answers(void **state)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr error;
	} message = {.nlh = {.nlmsg_len = sizeof(message), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = 3},
		     .error = {.error = -EEXIST}};
	struct conntrack_event event;

	conntrack_parse(&message.nlh, &event);
	assert_int_equal(event.type, CONNTRACK_ANSWER);
	assert_int_equal(event.error, EEXIST);
	assert_int_equal(event.seq, 3);
	message.nlh.nlmsg_len = sizeof(struct nlmsghdr) + 4;
	conntrack_parse(&message.nlh, &event);
	assert_int_equal(event.type, CONNTRACK_MALFORMED);
	message.nlh.nlmsg_type = NLMSG_DONE;
	conntrack_parse(&message.nlh, &event);
	assert_int_equal(event.type, CONNTRACK_DUMP_DONE);
	assert_int_equal(event.error, EEXIST);
}

/* --- the table ----------------------------------------------------------------------------- */

#define MODEL 4000

/* Against a model: an array of who is there. */
static void table_against_a_model(void **state)
{
	struct flow_table *table = flow_table_new();
	static uint32_t numbers[MODEL];
	static uint64_t ids[MODEL];
	size_t count = 0, seen;
	uint32_t random = 1;

	for (unsigned int i = 0; i < MODEL; i++) {
		/* Many with one lower half: chains that removal has to mend. */
		ids[i] = (uint64_t)i << 32 | (i % 100 < 60 ? i % 7 : i);
		numbers[i] = FLOW_NONE;
	}
	for (unsigned int step = 0; step < 200000; step++) {
		unsigned int i = (random = random * 1103515245u + 12345u) / 65536 % MODEL;
		struct flow flow = make(AF_INET, IPPROTO_UDP, i);

		assert_int_equal(flow_table_find(table, ids[i]), numbers[i]);
		if (numbers[i] == FLOW_NONE) {
			numbers[i] = flow_table_add(table, ids[i], &flow);
			count++;
		} else {
			assert_int_equal(flow_table_at(table, numbers[i])->call_id, ids[i]);
			flow_table_remove(table, numbers[i]);
			numbers[i] = FLOW_NONE;
			count--;
		}
		assert_int_equal(flow_table_count(table), count);
	}
	for (unsigned int i = 0; i < MODEL; i++)
		assert_int_equal(flow_table_find(table, ids[i]), numbers[i]);
	seen = 0;
	FOR_FLOWS(table, number)
		seen++;
	assert_int_equal(seen, count);
	flow_table_clear(table);
	assert_int_equal(flow_table_count(table), 0);
	assert_int_equal(flow_table_next(table, 0), FLOW_NONE);
	assert_int_equal(flow_table_find(table, ids[1]), FLOW_NONE);
	flow_table_free(table);
}

static void queues(void **state)
{
	struct flow_table *table = flow_table_new();
	struct flow flow = make(AF_INET, IPPROTO_UDP, 1);
	uint32_t numbers[3];

	for (unsigned int i = 0; i < 3; i++) {
		numbers[i] = flow_table_add(table, i, &flow);
		flow_queue_push(table, FLOW_QUEUE_PUT, numbers[i]);
		flow_queue_push(table, FLOW_QUEUE_WRITE, numbers[i]);
	}
	flow_queue_push(table, FLOW_QUEUE_PUT, numbers[0]);
	assert_int_equal(flow_queue_length(table, FLOW_QUEUE_PUT), 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(flow_queue_first(table, FLOW_QUEUE_PUT), numbers[i]);
		flow_queue_pop(table, FLOW_QUEUE_PUT);
	}
	assert_int_equal(flow_queue_first(table, FLOW_QUEUE_PUT), FLOW_NONE);
	assert_int_equal(flow_queue_length(table, FLOW_QUEUE_WRITE), 3);
	flow_queue_push(table, FLOW_QUEUE_PUT, numbers[1]);
	assert_int_equal(flow_queue_first(table, FLOW_QUEUE_PUT), numbers[1]);
	flow_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checkpoint_is_the_flow),
		cmocka_unit_test(a_small_flow_is_a_small_checkpoint),
		cmocka_unit_test(a_state_alone),
		cmocka_unit_test(call_ids_are_the_keys),
		cmocka_unit_test(the_kernels_event),
		cmocka_unit_test(damaged_events),
		cmocka_unit_test(requests),
		cmocka_unit_test(answers),
		cmocka_unit_test(table_against_a_model),
		cmocka_unit_test(queues),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
