/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects, links and the table of slots: what the reconciler decides, without a kernel. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <cmocka.h>

#include "netlink/link.h"
#include "netlink/object.h"
#include "netlink/socket.h"
#include "netlink/table.h"

#define LO        1
#define ETH       2
#define RED       3
#define RED_TABLE 1010

static struct netlink_link_table links;
static struct netlink_table table;

static int setup(void **state)
{
	static const struct netlink_link all[] = {
		{.ifindex = LO, .name = "lo", .up = true},
		{.ifindex = ETH, .name = "eth0", .up = true},
		{.ifindex = RED, .name = "red", .up = true, .vrf_table = RED_TABLE},
	};

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(netlink_link_put(&links, &all[i], NULL), NETLINK_LINK_IDENTITY);
	return 0;
}

static int teardown(void **state)
{
	netlink_table_clear(&table);
	netlink_link_clear(&links);
	return 0;
}

static struct reconciler_object object_of(enum reconciler_kind kind, const char *addr, uint8_t plen)
{
	struct reconciler_object object;

	memset(&object, 0, sizeof(object));
	object.kind = kind;
	object.family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	object.plen = plen;
	assert_int_equal(inet_pton(object.family, addr, object.addr), 1);
	return object;
}

static struct reconciler_object route(const char *addr, uint8_t plen)
{
	return object_of(RECONCILER_ROUTE, addr, plen);
}

static struct reconciler_object route_via(const char *addr, uint8_t plen, const char *gateway)
{
	struct reconciler_object object = route(addr, plen);

	object.has_nexthop = true;
	assert_int_equal(inet_pton(object.family, gateway, object.nexthop), 1);
	return object;
}

static struct netlink_object resolved(const struct reconciler_object *wanted)
{
	struct netlink_object object;
	const char *why = NULL;

	assert_true(netlink_object_resolve(wanted, &links, &object, &why));
	return object;
}

/* What the kernel would tell of `object`. */
static struct netlink_event told(enum netlink_event_type type, struct netlink_object object)
{
	return (struct netlink_event){.type = type, .says_protocol = true, .object = object};
}

static void want(const struct reconciler_object *objects, size_t count)
{
	assert_true(netlink_table_want(&table, objects, count));
	assert_true(netlink_table_resolve(&table, &links));
}

static enum netlink_table_change hear(struct netlink_event event, uint64_t now)
{
	bool lost;

	return netlink_table_event(&table, &event, now, &lost);
}

/* Let the kernel answer the next step of the first slot in the queue. */
static enum netlink_op_type answer_first(int error, uint64_t now)
{
	struct netlink_slot *slot = table.first;
	struct netlink_op op;

	assert_non_null(slot);
	op = netlink_slot_next(slot);
	slot->busy = true;
	assert_true(netlink_table_answer(&table, slot, &op, error, now));
	return op.type;
}

/* --- resolving, comparing, printing --- */

static void a_route_without_gateway_and_interface_is_a_blackhole_in_the_main_table(void **state)
{
	struct reconciler_object wanted = route("172.18.0.0", 16);
	struct netlink_object object = resolved(&wanted);

	assert_int_equal(object.type, RTN_BLACKHOLE);
	assert_int_equal(object.key.scope, RT_TABLE_MAIN);
	assert_int_equal(object.protocol, SRP_RTPROT);
	assert_int_equal(object.metric, 0);
}

static void an_ipv6_route_takes_the_best_metric_there_is(void **state)
{
	struct reconciler_object wanted = route("2001:db8:100::", 40);

	assert_int_equal(resolved(&wanted).metric, 1);
}

static void a_route_of_a_vrf_goes_to_its_table_and_an_address_to_its_device(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct reconciler_object address = object_of(RECONCILER_ADDRESS, "172.17.1.1", 32);

	assert_int_equal(resolved(&address).key.scope, LO);
	strcpy(pool.vrf, "red");
	strcpy(address.vrf, "red");
	assert_int_equal(resolved(&pool).key.scope, RED_TABLE);
	assert_int_equal(resolved(&address).key.scope, RED);
}

static void what_names_no_interface_or_vrf_is_not_resolved_and_says_why(void **state)
{
	struct reconciler_object wanted = route("172.18.0.0", 16);
	struct netlink_object object;
	const char *why = NULL;

	strcpy(wanted.ifname, "eth7");
	assert_false(netlink_object_resolve(&wanted, &links, &object, &why));
	assert_string_equal(why, "there is no such interface");
	wanted.ifname[0] = '\0';
	strcpy(wanted.vrf, "blue");
	assert_false(netlink_object_resolve(&wanted, &links, &object, &why));
	assert_string_equal(why, "there is no such VRF");
	strcpy(wanted.vrf, "eth0");
	assert_false(netlink_object_resolve(&wanted, &links, &object, &why));
	assert_string_equal(why, "the interface of that name is not a VRF");
}

static void a_route_is_satisfied_by_type_gateway_and_interface_whatever_its_metric(void **state)
{
	struct reconciler_object wanted = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_object target = resolved(&wanted), present = target;

	present.oif = ETH;
	present.metric = 50;
	assert_true(netlink_object_satisfies(&target, &present));
	present.gateway[3] = 10;
	assert_false(netlink_object_satisfies(&target, &present));
	present = target;
	present.tos = 8;
	assert_false(netlink_object_satisfies(&target, &present));
	present = target;
	present.compound = true;
	assert_false(netlink_object_satisfies(&target, &present));
	strcpy(wanted.ifname, "eth0");
	target = resolved(&wanted);
	present = target;
	assert_true(netlink_object_satisfies(&target, &present));
	present.oif = RED;
	assert_false(netlink_object_satisfies(&target, &present));
}

static void a_deprecated_address_does_not_satisfy(void **state)
{
	struct reconciler_object wanted = object_of(RECONCILER_ADDRESS, "2001:db8::1", 128);
	struct netlink_object target = resolved(&wanted), present = target;

	assert_true(netlink_object_satisfies(&target, &present));
	present.deprecated = true;
	assert_false(netlink_object_satisfies(&target, &present));
}

static void an_ipv6_address_on_an_interface_shall_be_deprecated(void **state)
{
	struct reconciler_object wanted = object_of(RECONCILER_ADDRESS, "2001:db8::1", 128);
	struct netlink_object target, present;
	char text[NETLINK_OBJECT_STRLEN];

	strcpy(wanted.ifname, "eth0");
	target = present = resolved(&wanted);
	assert_int_equal(target.key.scope, ETH);
	assert_true(netlink_object_satisfies(&target, &present));
	present.deprecated = false;
	assert_false(netlink_object_satisfies(&target, &present));
	assert_string_equal(netlink_object_format_wanted(&wanted, text), "address 2001:db8::1/128 dev eth0");
	assert_string_equal(netlink_object_format(&target, &links, text), "address 2001:db8::1/128 dev eth0");

	wanted = object_of(RECONCILER_ADDRESS, "172.17.1.1", 32);
	strcpy(wanted.ifname, "eth0");
	assert_int_equal(resolved(&wanted).key.scope, ETH);
	assert_false(resolved(&wanted).deprecated);
}

static void an_address_may_be_on_lo_and_on_an_interface(void **state)
{
	struct reconciler_object both[2];

	both[0] = both[1] = object_of(RECONCILER_ADDRESS, "2001:db8::1", 128);
	strcpy(both[1].ifname, "eth0");
	want(both, 2);
	assert_int_equal(table.queued, 2);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_ADD);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_ADD);
	assert_int_equal(netlink_table_count(&table).present, 2);
	assert_true(netlink_table_names_interface(&table, "eth0"));
	want(both, 1);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_DELETE);
	assert_int_equal(netlink_table_count(&table).present, 1);
}

static void objects_are_printed_as_ip_would(void **state)
{
	struct reconciler_object wanted = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_object object;
	char text[NETLINK_OBJECT_STRLEN];

	strcpy(wanted.ifname, "eth0");
	strcpy(wanted.vrf, "red");
	object = resolved(&wanted);
	assert_string_equal(netlink_object_format(&object, &links, text),
			    "route 172.18.0.0/16 via 10.2.0.9 dev eth0 table 1010");
	assert_string_equal(netlink_object_format_wanted(&wanted, text),
			    "route 172.18.0.0/16 via 10.2.0.9 dev eth0 vrf red");
	wanted = route("2001:db8::", 32);
	assert_string_equal(netlink_object_format_wanted(&wanted, text), "route 2001:db8::/32 blackhole");
	wanted = object_of(RECONCILER_ADDRESS, "2001:db8::1", 128);
	object = resolved(&wanted);
	assert_string_equal(netlink_object_format(&object, &links, text), "address 2001:db8::1/128 dev lo");
	assert_string_equal(netlink_object_format(&object, NULL, text), "address 2001:db8::1/128 dev #1");
}

/* --- the diff --- */

static void nothing_there_means_add_and_the_same_there_means_nothing(void **state)
{
	struct reconciler_object wanted = route("172.18.0.0", 16);
	struct netlink_object target = resolved(&wanted);
	struct netlink_entry entry = {.object = target};

	assert_int_equal(netlink_object_diff(&target, NULL, false).type, NETLINK_OP_ADD);
	assert_int_equal(netlink_object_diff(&target, &entry, false).type, NETLINK_OP_NONE);
	assert_int_equal(netlink_object_diff(NULL, &entry, false).type, NETLINK_OP_DELETE);
	assert_int_equal(netlink_object_diff(NULL, NULL, false).type, NETLINK_OP_NONE);
}

static void another_gateway_in_the_same_place_is_replaced_without_a_gap(void **state)
{
	struct reconciler_object wanted = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_object target = resolved(&wanted);
	struct netlink_entry entry = {.object = target};

	entry.object.gateway[3] = 10;
	assert_int_equal(netlink_object_diff(&target, &entry, false).type, NETLINK_OP_REPLACE);
}

static void a_wanted_metric_is_kept_to_by_routes_and_addresses(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct reconciler_object address = object_of(RECONCILER_ADDRESS, "172.17.1.1", 32);
	struct netlink_object target, other;

	pool.metric = address.metric = 102;
	target = other = resolved(&pool);
	assert_int_equal(target.metric, 102);
	assert_true(netlink_object_satisfies(&target, &other));
	other.metric = 105;
	assert_false(netlink_object_satisfies(&target, &other));
	target = other = resolved(&address);
	assert_int_equal(target.metric, 102);
	other.metric = 0;
	assert_false(netlink_object_satisfies(&target, &other));
	/* It is in the same place all the same: one address there is. */
	assert_true(netlink_object_same_place(&target, &other));
}

/* Both steps are under way at once; the echoes come before the answers, or after them. */
static void an_address_changes_its_metric_by_going_and_coming(bool echoes_first)
{
	struct reconciler_object address = object_of(RECONCILER_ADDRESS, "172.17.1.1", 32);
	struct netlink_object old, new;
	struct netlink_slot *slot;
	struct netlink_op delete, add = {.type = NETLINK_OP_ADD};
	bool lost = false;

	address.metric = 102;
	old = resolved(&address);
	want(&address, 1);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_ADD);
	address.metric = 105;
	new = resolved(&address);
	want(&address, 1);
	slot = table.first;
	delete = netlink_slot_next(slot);
	assert_int_equal(delete.type, NETLINK_OP_DELETE);
	assert_int_equal(delete.object.metric, 102);
	add.object = new;
	slot->busy = 2;
	for (int round = 0; round < 2; round++) {
		if ((round == 0) == echoes_first) {
			struct netlink_event gone = told(NETLINK_EVENT_OBJECT_GONE, old);

			assert_int_not_equal(netlink_table_event(&table, &gone, 2, &lost),
					     NETLINK_TABLE_UNSURE);
			assert_false(lost);
			hear(told(NETLINK_EVENT_OBJECT, new), 2);
		} else {
			assert_true(netlink_table_answer(&table, slot, &delete, 0, 3));
			assert_true(netlink_table_answer(&table, slot, &add, 0, 3));
		}
	}
	assert_int_equal(table.queued, 0);
	assert_int_equal(slot->busy, 0);
	assert_int_equal(slot->entries->object.metric, 105);
	assert_null(slot->entries->next);
}

static void an_address_changes_its_metric_whatever_comes_first(void **state)
{
	an_address_changes_its_metric_by_going_and_coming(true);
	netlink_table_clear(&table);
	an_address_changes_its_metric_by_going_and_coming(false);
}

static void when_someone_else_shares_the_place_ours_is_deleted_rather_than_replaced(void **state)
{
	struct reconciler_object wanted = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_object target = resolved(&wanted);
	struct netlink_entry entry = {.object = target};

	entry.object.type = RTN_BLACKHOLE;
	entry.object.has_gateway = false;
	assert_int_equal(netlink_object_diff(&target, &entry, true).type, NETLINK_OP_DELETE);
}

static void a_new_route_is_added_before_the_old_one_of_another_metric_goes(void **state)
{
	struct reconciler_object wanted = route_via("2001:db8::", 32, "2001:db8:2::9");
	struct netlink_object target = resolved(&wanted);
	struct netlink_entry old = {.object = target}, new = {.object = target};
	struct netlink_op op;

	old.object.gateway[15] = 1;
	old.object.metric = 1024;
	assert_int_equal(netlink_object_diff(&target, &old, false).type, NETLINK_OP_ADD);
	new.next = &old;
	op = netlink_object_diff(&target, &new, false);
	assert_int_equal(op.type, NETLINK_OP_DELETE);
	assert_int_equal(op.object.metric, 1024);
}

/* --- the table --- */

static void duplicates_are_dropped_and_order_is_kept(void **state)
{
	struct reconciler_object objects[4] = {route("172.18.3.0", 24), route("172.18.1.0", 24),
					       route("172.18.3.0", 24), route("172.18.3.77", 24)};

	strcpy(objects[2].vrf, "default");
	want(objects, 4);
	assert_int_equal(table.wanted_count, 2);
	assert_int_equal(table.queued, 2);
	assert_int_equal(table.first->key.addr[2], 3);
	assert_int_equal(table.last->key.addr[2], 1);
}

static void of_two_objects_for_one_prefix_the_first_counts_and_the_other_fails(void **state)
{
	struct reconciler_object objects[2] = {route_via("172.18.0.0", 16, "10.2.0.9"),
					       route("172.18.0.0", 16)};

	want(objects, 2);
	assert_int_equal(table.unresolved, 1);
	assert_null(table.wanted[1].slot);
	assert_int_equal(netlink_slot_next(table.first).object.type, RTN_UNICAST);
	assert_int_equal(netlink_table_count(&table).failed, 1);
}

static void what_the_first_dump_shows_is_adopted_without_work(void **state)
{
	struct reconciler_object objects[2] = {route("172.18.0.0", 16),
					       object_of(RECONCILER_ADDRESS, "172.17.1.1", 32)};

	netlink_table_dump_begin(&table);
	for (int i = 0; i < 2; i++)
		hear(told(NETLINK_EVENT_OBJECT, resolved(&objects[i])), 0);
	netlink_table_dump_end(&table, 0);
	assert_int_equal(netlink_table_count(&table).stale, 2);
	want(objects, 2);
	assert_int_equal(table.queued, 0);
	assert_int_equal(netlink_table_count(&table).present, 2);
	assert_int_equal(netlink_table_count(&table).stale, 0);
}

static void what_is_not_wanted_any_more_is_deleted_addresses_first_and_forgotten(void **state)
{
	struct reconciler_object objects[3] = {route("172.18.0.0", 16),
					       object_of(RECONCILER_ADDRESS, "172.17.1.1", 32),
					       route("172.19.0.0", 16)};

	for (int i = 0; i < 2; i++)
		hear(told(NETLINK_EVENT_OBJECT, resolved(&objects[i])), 0);
	want(&objects[2], 1);
	assert_int_equal(table.first->key.kind, RECONCILER_ADDRESS);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_DELETE);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_ADD);
	assert_int_equal(answer_first(0, 1), NETLINK_OP_DELETE);
	assert_int_equal(table.slot_count, 1);
	assert_int_equal(table.queued, 0);
}

static void deleting_what_is_missing_succeeds(void **state)
{
	static const int missing[] = {ESRCH, EADDRNOTAVAIL, ENODEV};
	struct reconciler_object pool = route("172.18.0.0", 16);

	for (int i = 0; i < 3; i++) {
		hear(told(NETLINK_EVENT_OBJECT, resolved(&pool)), 0);
		want(NULL, 0);
		assert_int_equal(answer_first(missing[i], 1), NETLINK_OP_DELETE);
		assert_int_equal(table.slot_count, 0);
	}
}

static void a_refusal_is_retried_after_delays_that_double_up_to_a_bound(void **state)
{
	static const uint64_t delays[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
	struct reconciler_object pool = route("172.18.0.0", 16);

	want(&pool, 1);
	for (int i = 0; i < 8; i++) {
		answer_first(ENETUNREACH, 1000);
		assert_int_equal(table.first->not_before, 1000 + delays[i]);
		assert_int_equal(table.failing, 1);
	}
	assert_int_equal(netlink_table_count(&table).failed, 1);
	netlink_table_kick(&table, 1001);
	assert_int_equal(table.first->not_before, 1001);
	answer_first(0, 1001);
	assert_int_equal(table.failing, 0);
	assert_int_equal(netlink_table_count(&table).present, 1);
}

static void a_foreign_deletion_is_repaired_at_once_and_then_at_a_pace(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_object object = resolved(&pool);

	want(&pool, 1);
	answer_first(0, 1000);
	assert_int_equal(hear(told(NETLINK_EVENT_OBJECT_GONE, object), 2000), NETLINK_TABLE_CHANGED);
	assert_true(table.first->lost);
	assert_int_equal(table.first->not_before, 2000);
	answer_first(0, 2001);
	hear(told(NETLINK_EVENT_OBJECT_GONE, object), 2010);
	assert_int_equal(table.first->not_before, 2101);
}

static void the_echo_of_our_own_changes_causes_no_work(void **state)
{
	struct reconciler_object pool = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_object echo = resolved(&pool);

	echo.oif = ETH; /* which the kernel found */
	want(&pool, 1);
	answer_first(0, 1);
	hear(told(NETLINK_EVENT_OBJECT, echo), 2);
	assert_int_equal(table.queued, 0);
	assert_int_equal(table.first == NULL, 1);
	assert_int_equal(netlink_table_count(&table).stale, 0);
	want(NULL, 0);
	assert_int_equal(answer_first(0, 3), NETLINK_OP_DELETE);
	assert_int_equal(hear(told(NETLINK_EVENT_OBJECT_GONE, echo), 4), NETLINK_TABLE_SAME);
	assert_int_equal(table.slot_count, 0);
}

static void a_notification_that_overtakes_its_answer_changes_nothing(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_slot *slot;
	struct netlink_op op;

	want(&pool, 1);
	answer_first(0, 1);
	hear(told(NETLINK_EVENT_OBJECT_GONE, resolved(&pool)), 2);
	slot = table.first;
	op = netlink_slot_next(slot);
	slot->busy = true;
	hear(told(NETLINK_EVENT_OBJECT, resolved(&pool)), 3);
	assert_true(slot->lost); /* still to be counted as a repair */
	assert_true(netlink_table_answer(&table, slot, &op, 0, 4));
	assert_int_equal(table.queued, 0);
	assert_false(slot->lost);
	assert_int_equal(netlink_table_count(&table).present, 1);
}

static void someone_elses_route_is_not_ours_and_its_going_lets_ours_in_at_once(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_object foreign = resolved(&pool);

	foreign.protocol = 186;
	want(&pool, 1);
	hear(told(NETLINK_EVENT_OBJECT, foreign), 1);
	assert_int_equal(answer_first(EEXIST, 1), NETLINK_OP_ADD);
	assert_int_equal(table.first->rival, 186);
	assert_int_equal(table.first->not_before, 101);
	assert_int_equal(hear(told(NETLINK_EVENT_OBJECT_GONE, foreign), 50), NETLINK_TABLE_CHANGED);
	assert_int_equal(table.first->not_before, 50);
	want(NULL, 0);
	assert_int_equal(table.slot_count, 0);
}

static void someone_elses_route_of_another_metric_is_no_concern(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_object foreign = resolved(&pool);

	want(&pool, 1);
	foreign.protocol = 186;
	foreign.metric = 20;
	answer_first(0, 1);
	hear(told(NETLINK_EVENT_OBJECT, foreign), 2);
	assert_int_equal(table.queued, 0);
	want(NULL, 0);
	assert_int_equal(netlink_slot_next(table.first).object.metric, 0);
}

static void ours_replaced_by_someone_is_missed(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_event event;

	want(&pool, 1);
	answer_first(0, 1);
	event = told(NETLINK_EVENT_OBJECT, resolved(&pool));
	event.object.protocol = 4;
	event.replaced = true;
	assert_int_equal(hear(event, 2), NETLINK_TABLE_CHANGED);
	assert_int_equal(netlink_slot_next(table.first).type,
			 NETLINK_OP_ADD); /* which the kernel will refuse */
}

static void ours_with_another_nexthop_by_someone_is_put_right(void **state)
{
	struct reconciler_object pool = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_event event;

	want(&pool, 1);
	answer_first(0, 1);
	event = told(NETLINK_EVENT_OBJECT, resolved(&pool));
	event.object.gateway[3] = 99;
	event.object.oif = ETH;
	event.replaced = true;
	hear(event, 2);
	assert_int_equal(netlink_slot_next(table.first).type, NETLINK_OP_REPLACE);
	answer_first(0, 3);
	assert_int_equal(table.queued, 0);
	assert_int_equal(netlink_table_count(&table).stale, 0);
}

static void a_nexthop_added_to_ours_makes_a_dump_necessary(void **state)
{
	struct reconciler_object pool = route_via("2001:db8::", 32, "2001:db8:2::9");
	struct netlink_event event;

	want(&pool, 1);
	answer_first(0, 1);
	event = told(NETLINK_EVENT_OBJECT, resolved(&pool));
	event.object.compound = true;
	event.object.has_gateway = false;
	assert_int_equal(hear(event, 2), NETLINK_TABLE_UNSURE);
}

static void a_dump_that_does_not_show_an_object_means_that_it_is_gone(void **state)
{
	struct reconciler_object objects[2] = {route("172.18.0.0", 16), route("172.19.0.0", 16)};

	want(objects, 2);
	answer_first(0, 1);
	answer_first(0, 1);
	netlink_table_dump_begin(&table);
	hear(told(NETLINK_EVENT_OBJECT, resolved(&objects[1])), 2);
	netlink_table_dump_end(&table, 3);
	assert_int_equal(table.queued, 1);
	assert_int_equal(table.first->key.addr[1], 18);
	assert_true(table.first->lost);
}

static void an_address_without_a_mark_is_someone_elses_unless_the_kernel_keeps_no_marks(void **state)
{
	struct reconciler_object address = object_of(RECONCILER_ADDRESS, "172.17.1.1", 32);
	struct netlink_event event;

	want(&address, 1);
	event = told(NETLINK_EVENT_OBJECT, resolved(&address));
	event.object.protocol = 0;
	event.says_protocol = false;
	hear(event, 1);
	assert_int_equal(table.queued, 1);
	table.no_ifa_proto = true;
	hear(event, 2);
	assert_int_equal(table.queued, 0);
	assert_int_equal(netlink_table_count(&table).present, 1);
}

static void an_interface_that_appears_or_is_renamed_resolves_what_waits_for_it(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_link link = {.ifindex = 7, .name = "eth6"}, before;

	strcpy(pool.ifname, "eth7");
	want(&pool, 1);
	assert_int_equal(table.unresolved, 1);
	assert_int_equal(netlink_link_put(&links, &link, &before), NETLINK_LINK_IDENTITY);
	strcpy(link.name, "eth7");
	assert_int_equal(netlink_link_put(&links, &link, &before), NETLINK_LINK_IDENTITY);
	assert_string_equal(before.name, "eth6");
	assert_true(netlink_table_names_interface(&table, "eth7"));
	assert_false(netlink_table_names_interface(&table, "eth6"));
	assert_true(netlink_table_resolve(&table, &links));
	assert_int_equal(table.unresolved, 0);
	assert_int_equal(netlink_slot_next(table.first).object.oif, 7);
}

static void a_route_to_an_interface_that_is_not_there_leaves_the_old_one_in_place(void **state)
{
	struct reconciler_object pool = route("172.18.0.0", 16);
	struct netlink_link link = {.ifindex = 7, .name = "eth7"};
	struct netlink_op op;

	strcpy(pool.ifname, "eth0");
	want(&pool, 1);
	answer_first(0, 0);
	assert_int_equal(table.queued, 0);
	strcpy(pool.ifname, "eth7");
	want(&pool, 1);
	assert_int_equal(table.unresolved, 1);
	assert_int_equal(table.queued, 0);
	assert_int_equal(netlink_table_count(&table).stale, 0);
	assert_int_equal(netlink_table_count(&table).failed, 1);
	/* It comes: one takes the place of the other. */
	netlink_link_put(&links, &link, NULL);
	assert_true(netlink_table_resolve(&table, &links));
	op = netlink_slot_next(table.first);
	assert_int_equal(op.type, NETLINK_OP_REPLACE);
	assert_int_equal(op.object.oif, 7);
	/* Not wanted at all, it goes. */
	want(NULL, 0);
	assert_int_equal(answer_first(0, 0), NETLINK_OP_DELETE);
	assert_int_equal(table.slot_count, 0);
}

static void an_interface_is_used_by_the_routes_that_are_there(void **state)
{
	struct reconciler_object pool = route_via("172.18.0.0", 16, "10.2.0.9");
	struct netlink_event event = told(NETLINK_EVENT_OBJECT, resolved(&pool));

	assert_false(netlink_table_uses_interface(&table, ETH));
	event.object.oif = ETH;
	hear(event, 1);
	assert_true(netlink_table_uses_interface(&table, ETH));
	assert_false(netlink_table_uses_interface(&table, RED));
	netlink_table_dump_begin(&table);
	assert_true(netlink_table_uses_interface(&table, ETH));
	event.object.compound = true;
	event.dumped = true;
	hear(event, 2);
	netlink_table_dump_end(&table, 2);
	assert_true(netlink_table_uses_interface(&table, RED)); /* it may */
	netlink_table_dump_begin(&table);
	netlink_table_dump_end(&table, 3);
	assert_false(netlink_table_uses_interface(&table, ETH));
}

static void links_report_what_changed_and_forget_what_a_dump_does_not_show(void **state)
{
	struct netlink_link link = {.ifindex = ETH, .name = "eth0", .up = true};

	assert_int_equal(netlink_link_put(&links, &link, NULL), NETLINK_LINK_SAME);
	link.running = true;
	assert_int_equal(netlink_link_put(&links, &link, NULL), NETLINK_LINK_STATE);
	netlink_link_dump_begin(&links);
	netlink_link_put(&links, &link, NULL);
	netlink_link_dump_end(&links);
	assert_int_equal(links.count, 1);
	assert_null(netlink_link_by_name(&links, "lo"));
	assert_non_null(netlink_link_by_index(&links, ETH));
	assert_true(netlink_link_remove(&links, ETH));
	assert_false(netlink_link_remove(&links, ETH));
	for (uint32_t i = 1; i <= 1000; i++) {
		link.ifindex = i;
		assert_int_equal(netlink_link_put(&links, &link, NULL), NETLINK_LINK_IDENTITY);
	}
	assert_int_equal(netlink_link_by_index(&links, 777)->ifindex, 777);
}

static void ten_thousand_routes_come_and_go(void **state)
{
	static struct reconciler_object objects[10000];

	for (size_t i = 0; i < 10000; i++) {
		objects[i] = route("172.18.0.0", 32);
		objects[i].addr[2] = (uint8_t)(i >> 8);
		objects[i].addr[3] = (uint8_t)i;
	}
	want(objects, 10000);
	while (table.first)
		assert_int_equal(answer_first(0, 1), NETLINK_OP_ADD);
	assert_int_equal(netlink_table_count(&table).present, 10000);
	want(NULL, 0);
	while (table.first)
		assert_int_equal(answer_first(0, 1), NETLINK_OP_DELETE);
	assert_int_equal(table.slot_count, 0);
}

static void the_release_tells_whether_addresses_keep_their_mark(void **state)
{
	assert_true(netlink_release_keeps_ifa_proto("6.1.0-13-amd64"));
	assert_true(netlink_release_keeps_ifa_proto("5.18.0"));
	assert_false(netlink_release_keeps_ifa_proto("5.15.0-91-generic"));
	assert_false(netlink_release_keeps_ifa_proto("4.19.0"));
	assert_false(netlink_release_keeps_ifa_proto(""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_route_without_gateway_and_interface_is_a_blackhole_in_the_main_table),
		TEST(an_ipv6_route_takes_the_best_metric_there_is),
		TEST(a_route_of_a_vrf_goes_to_its_table_and_an_address_to_its_device),
		TEST(what_names_no_interface_or_vrf_is_not_resolved_and_says_why),
		TEST(a_route_is_satisfied_by_type_gateway_and_interface_whatever_its_metric),
		TEST(a_deprecated_address_does_not_satisfy),
		TEST(an_ipv6_address_on_an_interface_shall_be_deprecated),
		TEST(an_address_may_be_on_lo_and_on_an_interface),
		TEST(objects_are_printed_as_ip_would),
		TEST(nothing_there_means_add_and_the_same_there_means_nothing),
		TEST(another_gateway_in_the_same_place_is_replaced_without_a_gap),
		TEST(a_wanted_metric_is_kept_to_by_routes_and_addresses),
		TEST(an_address_changes_its_metric_whatever_comes_first),
		TEST(when_someone_else_shares_the_place_ours_is_deleted_rather_than_replaced),
		TEST(a_new_route_is_added_before_the_old_one_of_another_metric_goes),
		TEST(duplicates_are_dropped_and_order_is_kept),
		TEST(of_two_objects_for_one_prefix_the_first_counts_and_the_other_fails),
		TEST(what_the_first_dump_shows_is_adopted_without_work),
		TEST(what_is_not_wanted_any_more_is_deleted_addresses_first_and_forgotten),
		TEST(deleting_what_is_missing_succeeds),
		TEST(a_refusal_is_retried_after_delays_that_double_up_to_a_bound),
		TEST(a_foreign_deletion_is_repaired_at_once_and_then_at_a_pace),
		TEST(the_echo_of_our_own_changes_causes_no_work),
		TEST(a_notification_that_overtakes_its_answer_changes_nothing),
		TEST(someone_elses_route_is_not_ours_and_its_going_lets_ours_in_at_once),
		TEST(someone_elses_route_of_another_metric_is_no_concern),
		TEST(ours_replaced_by_someone_is_missed),
		TEST(ours_with_another_nexthop_by_someone_is_put_right),
		TEST(a_nexthop_added_to_ours_makes_a_dump_necessary),
		TEST(a_dump_that_does_not_show_an_object_means_that_it_is_gone),
		TEST(an_address_without_a_mark_is_someone_elses_unless_the_kernel_keeps_no_marks),
		TEST(an_interface_that_appears_or_is_renamed_resolves_what_waits_for_it),
		TEST(a_route_to_an_interface_that_is_not_there_leaves_the_old_one_in_place),
		TEST(an_interface_is_used_by_the_routes_that_are_there),
		TEST(links_report_what_changed_and_forget_what_a_dump_does_not_show),
		TEST(ten_thousand_routes_come_and_go),
		TEST(the_release_tells_whether_addresses_keep_their_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
