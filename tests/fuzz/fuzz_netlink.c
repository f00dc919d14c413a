/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams as the kernel sends them: walked and parsed as the reconciler does, and what comes out goes
 * through the table of slots, with a few prefixes wanted.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/message.h"
#include "netlink/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the seeds speak of, so that events meet something wanted. */
static void want_something(struct netlink_table *table, const struct netlink_link_table *links)
{
	struct reconciler_object objects[4];

	memset(objects, 0, sizeof(objects));
	objects[0] = (struct reconciler_object){.kind = RECONCILER_ROUTE, .family = AF_INET, .plen = 16};
	inet_pton(AF_INET, "172.18.0.0", objects[0].addr);
	objects[1] = (struct reconciler_object){.kind = RECONCILER_ROUTE,
						.family = AF_INET6,
						.plen = 40,
						.has_nexthop = true,
						.ifname = "eth0"};
	inet_pton(AF_INET6, "2001:db8:100::", objects[1].addr);
	inet_pton(AF_INET6, "fe80::1", objects[1].nexthop);
	objects[2] = (struct reconciler_object){.kind = RECONCILER_ADDRESS, .family = AF_INET, .plen = 32};
	inet_pton(AF_INET, "172.17.1.1", objects[2].addr);
	objects[3] = (struct reconciler_object){.kind = RECONCILER_ADDRESS,
						.family = AF_INET6,
						.plen = 128,
						.vrf = "red"};
	inet_pton(AF_INET6, "2001:db8::1", objects[3].addr);
	if (!netlink_table_want(table, objects, 4) || !netlink_table_resolve(table, links))
		abort();
}

static void take(struct netlink_table *table, struct netlink_link_table *links, const struct nlmsghdr *nlh)
{
	char text[NETLINK_OBJECT_STRLEN];
	struct netlink_event event;
	struct netlink_op op;
	bool lost;

	netlink_message_parse(nlh, &event);
	switch (event.type) {
	case NETLINK_EVENT_LINK:
		netlink_link_put(links, &event.link, NULL);
		netlink_table_resolve(table, links);
		break;
	case NETLINK_EVENT_LINK_GONE:
		netlink_link_remove(links, event.link.ifindex);
		netlink_table_resolve(table, links);
		break;
	case NETLINK_EVENT_OBJECT:
	case NETLINK_EVENT_OBJECT_GONE:
		netlink_object_format(&event.object, links, text);
		netlink_table_event(table, &event, 0, &lost);
		break;
	case NETLINK_EVENT_ANSWER:
		if (!table->first)
			break;
		op = netlink_slot_next(table->first);
		table->first->busy = true;
		netlink_table_answer(table, table->first, &op, event.error, 0);
		break;
	case NETLINK_EVENT_DUMP_DONE:
		netlink_table_dump_end(table, 0);
		netlink_table_dump_begin(table);
		break;
	case NETLINK_EVENT_IGNORED:
	case NETLINK_EVENT_MALFORMED:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_link_table links = {0};
	struct netlink_table table = {0};
	/* Aligned as a receive buffer is, and of the input's size, so that reading past its end is seen. */
	char *copy = malloc(size ? size : 1);
	const struct nlmsghdr *nlh;
	size_t offset = 0;

	if (!copy || size > 1 << 20) {
		free(copy);
		return 0;
	}
	memcpy(copy, data, size);
	want_something(&table, &links);
	while ((nlh = netlink_message_next(copy, size, &offset)))
		take(&table, &links, nlh);
	/* Whatever was heard: with everything granted from here, the table comes to rest. */
	if (!netlink_table_want(&table, NULL, 0) || !netlink_table_resolve(&table, &links))
		abort();
	for (size_t i = size; table.first;
	     i--) { /* each step takes an object away, and each took some bytes */
		struct netlink_op op = netlink_slot_next(table.first);

		if (i == 0)
			abort();
		table.first->busy = true;
		netlink_table_answer(&table, table.first, &op, 0, 0);
	}
	if (table.slot_count != 0)
		abort();
	netlink_table_clear(&table);
	netlink_link_clear(&links);
	free(copy);
	return 0;
}
