/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and addresses as values: resolve, compare, diff, print. See object.h. */
#include "netlink/object.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool vrf_is_default(const char *vrf)
{
	return vrf[0] == '\0' || strcmp(vrf, "default") == 0;
}

static size_t address_length(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

bool netlink_object_resolve(const struct reconciler_object *wanted, const struct netlink_link_table *links,
			    struct netlink_object *object, const char **why)
{
	const struct netlink_link *vrf = NULL;
	const struct netlink_link *device;

	*object = (struct netlink_object){
		.key.kind = (uint8_t)wanted->kind,
		.key.family = wanted->family,
		.key.plen = wanted->plen,
		.protocol = SRP_RTPROT,
		.exact_metric = wanted->metric != 0,
	};
	memcpy(object->key.addr, wanted->addr, address_length(wanted->family));

	if (!vrf_is_default(wanted->vrf)) {
		vrf = netlink_link_by_name(links, wanted->vrf);
		if (!vrf || vrf->vrf_table == 0) {
			*why = vrf ? "the interface of that name is not a VRF" : "there is no such VRF";
			return false;
		}
	}
	if (wanted->kind == RECONCILER_ADDRESS) {
		bool besides = wanted->ifname[0] != '\0';

		device = vrf ? vrf : netlink_link_by_name(links, "lo");
		if (besides)
			device = netlink_link_by_name(links, wanted->ifname);
		if (!device) {
			*why = besides ? "there is no such interface" : "there is no interface lo";
			return false;
		}
		object->key.scope = device->ifindex;
		object->metric = wanted->metric;
		object->deprecated = besides && wanted->family == AF_INET6;
		return true;
	}

	object->key.scope = vrf ? vrf->vrf_table : RT_TABLE_MAIN;
	object->metric = wanted->metric               ? wanted->metric
			 : wanted->family == AF_INET6 ? NETLINK_METRIC_IPV6
						      : NETLINK_METRIC_IPV4;
	object->type = RTN_BLACKHOLE;
	if (wanted->has_nexthop) {
		object->type = RTN_UNICAST;
		object->has_gateway = true;
		object->gateway_family = wanted->family;
		memcpy(object->gateway, wanted->nexthop, address_length(wanted->family));
	}
	if (wanted->ifname[0] != '\0') {
		device = netlink_link_by_name(links, wanted->ifname);
		if (!device) {
			*why = "there is no such interface";
			return false;
		}
		object->type = RTN_UNICAST;
		object->oif = device->ifindex;
	}
	return true;
}

static bool same_key(const struct netlink_object *a, const struct netlink_object *b)
{
	return memcmp(&a->key, &b->key, sizeof(a->key)) == 0;
}

static bool same_gateway(const struct netlink_object *a, const struct netlink_object *b)
{
	if (a->has_gateway != b->has_gateway)
		return false;
	return !a->has_gateway || (a->gateway_family == b->gateway_family &&
				   memcmp(a->gateway, b->gateway, sizeof(a->gateway)) == 0);
}

bool netlink_object_satisfies(const struct netlink_object *wanted, const struct netlink_object *present)
{
	if (!same_key(wanted, present) || (wanted->exact_metric && wanted->metric != present->metric))
		return false;
	if (wanted->key.kind == RECONCILER_ADDRESS)
		return wanted->deprecated == present->deprecated;
	return wanted->type == present->type && present->tos == 0 && !present->compound &&
	       same_gateway(wanted, present) && (wanted->oif == 0 || wanted->oif == present->oif);
}

bool netlink_object_same_place(const struct netlink_object *a, const struct netlink_object *b)
{
	return same_key(a, b) &&
	       (a->key.kind == RECONCILER_ADDRESS || (a->tos == b->tos && a->metric == b->metric));
}

bool netlink_object_identical(const struct netlink_object *a, const struct netlink_object *b)
{
	return netlink_object_same_place(a, b) && a->metric == b->metric && a->type == b->type &&
	       a->compound == b->compound && same_gateway(a, b) && a->oif == b->oif;
}

struct netlink_op netlink_object_diff(const struct netlink_object *wanted,
				      const struct netlink_entry *present, bool contested)
{
	const struct netlink_entry *match = NULL, *rival = NULL;

	for (const struct netlink_entry *entry = present; wanted && entry; entry = entry->next) {
		bool same_place = netlink_object_same_place(wanted, &entry->object);

		if (netlink_object_satisfies(wanted, &entry->object)) {
			if (!match || same_place)
				match = entry;
		} else if (same_place) {
			rival = entry;
		}
	}
	if (wanted && !match) {
		if (!rival)
			return (struct netlink_op){NETLINK_OP_ADD, *wanted};
		/* Of an address, zebra takes the metric only when it comes. */
		if (contested || (wanted->exact_metric && wanted->metric != rival->object.metric))
			return (struct netlink_op){NETLINK_OP_DELETE, rival->object};
		return (struct netlink_op){NETLINK_OP_REPLACE, *wanted};
	}
	for (const struct netlink_entry *entry = present; entry; entry = entry->next)
		if (entry != match)
			return (struct netlink_op){NETLINK_OP_DELETE, entry->object};
	return (struct netlink_op){.type = NETLINK_OP_NONE};
}

/* Appends to a text of NETLINK_OBJECT_STRLEN bytes; what does not fit is cut. */
static void __attribute__((format(printf, 2, 3))) append(char *buf, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	vsnprintf(buf + used, NETLINK_OBJECT_STRLEN - used, format, args);
	va_end(args);
}

static void append_address(char *buf, const char *before, uint8_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, addr, text, sizeof(text)))
		snprintf(text, sizeof(text), "(family %u)", family);
	append(buf, "%s%s", before, text);
}

static void append_interface(char *buf, const struct netlink_link_table *links, uint32_t ifindex)
{
	const struct netlink_link *link = links ? netlink_link_by_index(links, ifindex) : NULL;

	if (link)
		append(buf, " dev %s", link->name);
	else
		append(buf, " dev #%u", ifindex);
}

const char *netlink_object_format(const struct netlink_object *object, const struct netlink_link_table *links,
				  char buf[static NETLINK_OBJECT_STRLEN])
{
	buf[0] = '\0';
	append_address(buf, object->key.kind == RECONCILER_ADDRESS ? "address " : "route ",
		       object->key.family, object->key.addr);
	append(buf, "/%u", object->key.plen);
	if (object->key.kind == RECONCILER_ADDRESS) {
		append_interface(buf, links, object->key.scope);
		return buf;
	}
	if (object->type == RTN_BLACKHOLE)
		append(buf, " blackhole");
	else if (object->type != RTN_UNICAST)
		append(buf, " type %u", object->type);
	if (object->compound)
		append(buf, " nexthops");
	if (object->has_gateway)
		append_address(buf, " via ", object->gateway_family, object->gateway);
	if (object->oif)
		append_interface(buf, links, object->oif);
	if (object->key.scope != RT_TABLE_MAIN)
		append(buf, " table %u", object->key.scope);
	return buf;
}

const char *netlink_object_format_wanted(const struct reconciler_object *wanted,
					 char buf[static NETLINK_OBJECT_STRLEN])
{
	bool blackhole =
		wanted->kind == RECONCILER_ROUTE && !wanted->has_nexthop && wanted->ifname[0] == '\0';

	buf[0] = '\0';
	append_address(buf, wanted->kind == RECONCILER_ADDRESS ? "address " : "route ", wanted->family,
		       wanted->addr);
	append(buf, "/%u%s", wanted->plen, blackhole ? " blackhole" : "");
	if (wanted->kind == RECONCILER_ROUTE && wanted->has_nexthop)
		append_address(buf, " via ", wanted->family, wanted->nexthop);
	if (wanted->ifname[0] != '\0')
		append(buf, " dev %.*s", (int)sizeof(wanted->ifname), wanted->ifname);
	if (!vrf_is_default(wanted->vrf))
		append(buf, " vrf %.*s", (int)sizeof(wanted->vrf), wanted->vrf);
	return buf;
}
