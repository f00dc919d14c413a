/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What srp-ctsync reads: a byte that says which, then a checkpoint of a flow, or a datagram of the kernel's. What was
 * understood can be said again and is then the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/conntrack.h"
#include "netlink/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct flow *flow)
{
	static char buf[CONNTRACK_REQUEST_MAX] __attribute__((aligned(8)));
	uint8_t macro[FLOW_MACRO_MAX];
	char text[FLOW_STRLEN];
	struct flow again;

	if (!flow_decode(macro, flow_encode(flow, macro), &again) ||
	    memcmp(&flow->key, &again.key, sizeof(again.key)) != 0 || flow->status != again.status)
		abort();
	for (unsigned int request = CONNTRACK_CREATE; request <= CONNTRACK_GET; request++)
		if (conntrack_build(buf, request, flow, 1, 1) > CONNTRACK_REQUEST_MAX)
			abort();
	flow_format(flow, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[4096] __attribute__((aligned(8)));
	const struct nlmsghdr *nlh;
	struct flow flow;
	size_t offset = 0;

	if (size < 1 || size > sizeof(buf))
		return 0;
	if (data[0] & 1) {
		if (flow_decode(data + 1, size - 1, &flow))
			check(&flow);
		return 0;
	}
	memcpy(buf, data + 1, size - 1);
	while ((nlh = netlink_message_next(buf, size - 1, &offset))) {
		struct conntrack_event event;

		conntrack_parse(nlh, &event);
		if (event.type == CONNTRACK_FLOW || event.type == CONNTRACK_GONE)
			check(&event.flow);
	}
	return 0;
}
