/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announcements: their bytes, the rounds they come in, and which addresses a segment covers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/announce.h"
#include "netlink/subnet.h"

#define MAC 0x02, 0x53, 0x52, 0x50, 0x01, 0x61

static const uint8_t mac[FRAME_MAC_LEN] = {MAC};

/* --- frames --- */

static void an_arp_announcement_is_a_broadcast_request_for_the_senders_own_address(void **state)
{
	static const uint8_t addr[4] = {10, 50, 0, 100};
	/* clang-format off */
	static const uint8_t expected[FRAME_ARP_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC, 0x08, 0x06,
		0, 1, 0x08, 0x00, 6, 4, 0, 1,
		MAC, 10, 50, 0, 100,
		0, 0, 0, 0, 0, 0, 10, 50, 0, 100,
	};
	/* clang-format on */
	uint8_t frame[FRAME_MAX];

	assert_int_equal(frame_arp_request(frame, mac, addr), sizeof(expected));
	assert_memory_equal(frame, expected, sizeof(expected));
}

static void a_gratuitous_reply_names_the_sender_as_its_target_too(void **state)
{
	static const uint8_t addr[4] = {10, 50, 0, 100};
	/* clang-format off */
	static const uint8_t expected[FRAME_ARP_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC, 0x08, 0x06,
		0, 1, 0x08, 0x00, 6, 4, 0, 2,
		MAC, 10, 50, 0, 100,
		MAC, 10, 50, 0, 100,
	};
	/* clang-format on */
	uint8_t frame[FRAME_MAX];

	assert_int_equal(frame_arp_reply(frame, mac, addr), sizeof(expected));
	assert_memory_equal(frame, expected, sizeof(expected));
}

/* The checksums were computed by another program. */
static void a_neighbour_advertisement_overrides_and_says_whether_it_routes(void **state)
{
	/* clang-format off */
	static const uint8_t addr[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0x50, [14] = 0x01, 0x00};
	uint8_t expected[FRAME_ADVERTISE_LEN] = {
		0x33, 0x33, 0, 0, 0, 1, MAC, 0x86, 0xdd,
		0x60, 0, 0, 0, 0, 32, 58, 255,
		0x20, 0x01, 0x0d, 0xb8, 0, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00,
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		136, 0, 0x22, 0x89, 0xa0, 0, 0, 0,
		0x20, 0x01, 0x0d, 0xb8, 0, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x00,
		2, 1, MAC,
	};
	/* clang-format on */
	uint8_t frame[FRAME_MAX];

	assert_int_equal(frame_advertise(frame, mac, addr, true), sizeof(expected));
	assert_memory_equal(frame, expected, sizeof(expected));
	expected[56] = 0xa2;
	expected[58] = 0x20;
	assert_int_equal(frame_advertise(frame, mac, addr, false), sizeof(expected));
	assert_memory_equal(frame, expected, sizeof(expected));
}

/* --- subnets --- */

static void an_address_is_covered_by_a_subnet_of_its_family(void **state)
{
	struct netlink_segment segment = {.subnet_count = 3};
	static const struct {
		const char *text;
		bool covered;
	} cases[] = {
		{"10.50.0.100", true},       {"10.50.1.1", true},         {"10.50.2.1", false},
		{"192.0.2.129", true},       {"192.0.2.127", false},      {"2001:db8:50::100", true},
		{"2001:db8:51::100", false}, {"2001:db8:50:1::1", false}, {"a32::", false},
	};

	segment.subnets[0] = (struct netlink_subnet){.family = AF_INET, .plen = 23, .addr = {10, 50, 0, 1}};
	segment.subnets[1] = (struct netlink_subnet){.family = AF_INET, .plen = 25, .addr = {192, 0, 2, 130}};
	segment.subnets[2] = (struct netlink_subnet){.family = AF_INET6, .plen = 64};
	inet_pton(AF_INET6, "2001:db8:50::1", segment.subnets[2].addr);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t family = strchr(cases[i].text, ':') ? AF_INET6 : AF_INET, addr[16];

		assert_int_equal(inet_pton(family, cases[i].text, addr), 1);
		assert_int_equal(netlink_segment_covers(&segment, family, addr), cases[i].covered);
	}
	segment.subnets[0].plen = 0;
	assert_true(netlink_segment_covers(&segment, AF_INET, (const uint8_t[]){8, 8, 8, 8}));
}

static void an_interface_that_is_not_there_is_said(void **state)
{
	struct netlink_segment segment;

	assert_int_equal(netlink_segment_read("no-such-if", &segment), -ENODEV);
	assert_int_equal(segment.subnet_count, 0);
}

/* --- rounds --- */

static struct {
	struct announcer *announcer;
	uint64_t now;
	unsigned int sent, found;
	int last_ifindex;
	int find_error, send_error;
	uint8_t first_op; /* of the first ARP frame sent */
} test;

static int on_find(void *arg, const char *ifname, struct announcer_link *link)
{
	test.found++;
	*link = (struct announcer_link){.ifindex = ifname[3] - '0', .mac = {MAC}};
	return test.find_error;
}

static int on_send(void *arg, int ifindex, const void *frame, size_t length)
{
	const uint8_t *bytes = frame;

	assert_true(length == FRAME_ARP_LEN || length == FRAME_ADVERTISE_LEN);
	if (!test.sent)
		test.first_op = bytes[21];
	test.sent += !test.send_error;
	test.last_ifindex = ifindex;
	return test.send_error;
}

static int set_up(void **state)
{
	memset(&test, 0, sizeof(test));
	test.now = 1000;
	test.announcer = announcer_new(&(struct announcer_callbacks){.find = on_find, .send = on_send});
	return test.announcer ? 0 : -1;
}

static int tear_down(void **state)
{
	announcer_free(test.announcer);
	return 0;
}

static void set_ports(size_t count, size_t addresses, uint8_t family, unsigned int passes)
{
	static struct announcer_address list[ANNOUNCER_ADDRESSES_MAX];
	struct announcer_port ports[3];

	memset(list, 0, sizeof(list));
	for (size_t i = 0; i < addresses; i++) {
		list[i].family = family;
		list[i].addr[2] = (uint8_t)(i >> 8);
		list[i].addr[3] = (uint8_t)i;
	}
	for (size_t i = 0; i < count; i++) {
		ports[i] = (struct announcer_port){.count = passes,
						   .interval_msec = 1000,
						   .addresses = list,
						   .address_count = addresses};
		snprintf(ports[i].ifname, sizeof(ports[i].ifname), "eth%zu", i);
	}
	assert_int_equal(announcer_set(test.announcer, ports, count), 0);
}

/* Run until `until`, as a loop would. */
static void run_until(uint64_t until)
{
	for (unsigned int i = 0; i < 10000; i++) {
		uint64_t deadline = announcer_deadline(test.announcer);

		if (deadline > until)
			break;
		test.now = deadline > test.now ? deadline : test.now;
		announcer_run(test.announcer, test.now);
	}
	assert_true(announcer_deadline(test.announcer) > until);
	test.now = until;
}

static struct announcer_status status_of(size_t index)
{
	struct announcer_status status;

	announcer_get_status(test.announcer, index, &status);
	return status;
}

static void a_round_is_sent_at_once_and_then_repeated(void **state)
{
	set_ports(2, 1, AF_INET, 3);
	assert_int_equal(announcer_deadline(test.announcer), UINT64_MAX);
	announcer_start(test.announcer, 1, test.now);
	assert_int_equal(announcer_deadline(test.announcer), 1000);
	announcer_run(test.announcer, test.now);
	assert_int_equal(test.sent, 2);
	assert_int_equal(test.first_op, 1);
	assert_int_equal(test.last_ifindex, 1);
	assert_int_equal(announcer_deadline(test.announcer), 2000);
	announcer_run(test.announcer, 1999);
	assert_int_equal(test.sent, 2);
	run_until(10000);
	assert_int_equal(test.sent, 6);
	assert_int_equal(announcer_deadline(test.announcer), UINT64_MAX);
	assert_int_equal(status_of(0).arps, 0);
	assert_int_equal(status_of(1).arps, 6);
	assert_int_equal(status_of(1).rounds, 1);
	assert_int_equal(status_of(1).last_sent, 3000);
	assert_int_equal(status_of(1).passes_left, 0);
}

static void a_round_begun_anew_has_all_its_passes_again(void **state)
{
	set_ports(1, 1, AF_INET6, 3);
	announcer_start(test.announcer, 0, test.now);
	run_until(2500);
	assert_int_equal(test.sent, 2);
	announcer_start(test.announcer, 0, test.now);
	assert_int_equal(announcer_deadline(test.announcer), 2500);
	run_until(10000);
	assert_int_equal(status_of(0).advertisements, 5);
	assert_int_equal(status_of(0).rounds, 2);
}

static void nothing_is_sent_after_a_stop(void **state)
{
	set_ports(2, 200, AF_INET, 3);
	announcer_start(test.announcer, 0, test.now);
	announcer_start(test.announcer, 1, test.now);
	announcer_run(test.announcer, test.now);
	assert_true(test.sent > 0);
	announcer_stop(test.announcer);
	assert_int_equal(announcer_deadline(test.announcer), UINT64_MAX);
	test.sent = 0;
	announcer_run(test.announcer, test.now + 5000);
	assert_int_equal(test.sent, 0);
}

static void many_addresses_leave_in_batches_with_a_gap(void **state)
{
	set_ports(2, ANNOUNCER_ADDRESSES_MAX / 2, AF_INET, 1);
	announcer_start(test.announcer, 0, test.now);
	announcer_start(test.announcer, 1, test.now);
	announcer_run(test.announcer, test.now);
	assert_int_equal(test.sent, ANNOUNCER_BATCH);
	assert_int_equal(announcer_deadline(test.announcer), test.now + ANNOUNCER_GAP_MSEC);
	run_until(test.now + 5000);
	assert_int_equal(test.sent, 2 * ANNOUNCER_ADDRESSES_MAX);
	assert_int_equal(status_of(0).arps, ANNOUNCER_ADDRESSES_MAX);
	assert_int_equal(status_of(1).arps, ANNOUNCER_ADDRESSES_MAX);
	/* One look at the interface per pass. */
	assert_int_equal(test.found, 2);
}

static void more_addresses_than_are_possible_are_refused(void **state)
{
	static struct announcer_address list[1];
	struct announcer_port port = {.ifname = "eth0",
				      .count = 1,
				      .addresses = list,
				      .address_count = ANNOUNCER_ADDRESSES_MAX + 1};

	set_ports(1, 1, AF_INET, 1);
	assert_int_equal(announcer_set(test.announcer, &port, 1), -E2BIG);
	announcer_start(test.announcer, 0, test.now);
	run_until(5000);
	assert_int_equal(test.sent, 2);
}

static void what_does_not_go_out_is_counted_and_repeated(void **state)
{
	set_ports(1, 2, AF_INET6, 3);
	test.find_error = -ENODEV;
	announcer_start(test.announcer, 0, test.now);
	announcer_run(test.announcer, test.now);
	assert_int_equal(status_of(0).failed, 1);
	assert_int_equal(status_of(0).error, ENODEV);
	test.find_error = 0;
	test.send_error = -ENOBUFS;
	run_until(2500);
	assert_int_equal(status_of(0).failed, 3);
	assert_int_equal(status_of(0).error, ENOBUFS);
	assert_int_equal(status_of(0).last_sent, 0);
	test.send_error = 0;
	run_until(5000);
	assert_int_equal(status_of(0).error, 0);
	assert_int_equal(status_of(0).advertisements, 2);
	assert_int_equal(status_of(0).failed, 3);
}

static void a_port_keeps_its_round_unless_its_addresses_change(void **state)
{
	set_ports(1, 2, AF_INET6, 3);
	assert_true(status_of(0).fresh);
	announcer_start(test.announcer, 0, test.now);
	announcer_run(test.announcer, test.now);
	set_ports(2, 2, AF_INET6, 3);
	assert_false(status_of(0).fresh);
	assert_true(status_of(1).fresh);
	assert_int_equal(status_of(0).passes_left, 2);
	run_until(2500);
	assert_int_equal(status_of(0).advertisements, 4);
	set_ports(1, 3, AF_INET6, 3);
	assert_true(status_of(0).fresh);
	assert_int_equal(status_of(0).passes_left, 0);
	assert_int_equal(status_of(0).advertisements, 4);
	set_ports(1, 0, AF_INET6, 3);
	announcer_start(test.announcer, 0, test.now);
	assert_int_equal(announcer_deadline(test.announcer), UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arp_announcement_is_a_broadcast_request_for_the_senders_own_address),
		cmocka_unit_test(a_gratuitous_reply_names_the_sender_as_its_target_too),
		cmocka_unit_test(a_neighbour_advertisement_overrides_and_says_whether_it_routes),
		cmocka_unit_test(an_address_is_covered_by_a_subnet_of_its_family),
		cmocka_unit_test(an_interface_that_is_not_there_is_said),
		TEST(a_round_is_sent_at_once_and_then_repeated),
		TEST(a_round_begun_anew_has_all_its_passes_again),
		TEST(nothing_is_sent_after_a_stop),
		TEST(many_addresses_leave_in_batches_with_a_gap),
		TEST(more_addresses_than_are_possible_are_refused),
		TEST(what_does_not_go_out_is_counted_and_repeated),
		TEST(a_port_keeps_its_round_unless_its_addresses_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
