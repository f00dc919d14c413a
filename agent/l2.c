/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which address is on which segment, and when the segment is told. See l2.h. */
#include "agent/l2.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/clock.h"
#include "agent/json_add.h"
#include "netlink/subnet.h"

#define LOOK_GAP_MSEC 100 /* between two looks at the kernel, however often it says that something changed */

/* A configured interface, and how the kernel had it when it was last looked at. */
struct port {
	struct srp_l2_interface config;
	struct netlink_segment segment;
	int error;      /* errno of the look; the segment is empty then */
	int arp_ignore; /* of the interface, or all when that is more */
	bool proxy_arp;
	bool pending; /* a round is to begin */
	size_t addresses;
};

struct srp_l2 {
	struct srp_loop *loop;
	const struct srp_log *log;
	struct srp_l2_callbacks callbacks;
	struct announcer *announcer;
	struct srp_alarm *send_alarm, *look_alarm;
	uint64_t looked_at;

	struct srp_loopback *loopbacks;
	size_t loopback_count;
	struct port *ports;
	size_t port_count;
	struct srp_l2_spots spots;
	int error; /* errno: why the spots are not complete, 0 when they are */
	struct srp_l2_facts facts;
	struct srp_log_limit log_limit, error_limit;
};

static uint64_t now_msec(const struct srp_l2 *l2)
{
	return l2->loop->ops->now(l2->loop);
}

/* --- looking at the kernel ------------------------------------------------------------------ */

static void look_at_port(struct port *port)
{
	const char *ifname = port->config.ifname;
	bool was_running = port->segment.running;
	int all = netlink_interface_setting("ipv4", "all", "arp_ignore");

	port->error = -netlink_segment_read(ifname, &port->segment);
	if (port->error)
		port->segment.running = false, port->segment.subnet_count = 0;
	port->arp_ignore = netlink_interface_setting("ipv4", ifname, "arp_ignore");
	if (port->arp_ignore < all)
		port->arp_ignore = all;
	port->proxy_arp = netlink_interface_setting("ipv4", "all", "proxy_arp") ||
			  netlink_interface_setting("ipv4", ifname, "proxy_arp");
	/* Behind another switch port, maybe. */
	if (port->segment.running && !was_running)
		port->pending = true;
}

static bool add_spot(struct srp_l2_spots *spots, size_t loopback, size_t interface, const struct port *port,
		     uint8_t family)
{
	struct srp_l2_spot *grown = reallocarray(spots->list, spots->count + 1, sizeof(*grown));

	if (!grown)
		return false;
	spots->list = grown;
	grown += spots->count++;
	memset(grown, 0, sizeof(*grown));
	grown->loopback = loopback;
	grown->interface = interface;
	snprintf(grown->ifname, sizeof(grown->ifname), "%s", port->config.ifname);
	grown->on_interface = family == AF_INET6 || port->arp_ignore != 0;
	return true;
}

/* Every loopback on every port that covers it. 0 or errno; then as many as were found. */
static int find_spots(const struct srp_l2 *l2, struct srp_l2_spots *spots)
{
	*spots = (struct srp_l2_spots){0};
	for (size_t i = 0; i < l2->loopback_count; i++) {
		const struct srp_loopback *loopback = &l2->loopbacks[i];
		uint8_t family = loopback->prefix.addr.family;

		for (size_t p = 0; p < l2->port_count; p++) {
			const struct port *port = &l2->ports[p];

			if (strcmp(port->config.context, loopback->context) != 0 ||
			    !netlink_segment_covers(&port->segment, family, loopback->prefix.addr.bytes))
				continue;
			if (spots->count == ANNOUNCER_ADDRESSES_MAX)
				return E2BIG;
			if (!add_spot(spots, i, p, port, family))
				return ENOMEM;
		}
	}
	return 0;
}

/* Fill in the addresses of port `p`. */
static size_t port_addresses(const struct srp_l2 *l2, size_t p, struct announcer_address *addresses)
{
	size_t count = 0;

	for (size_t i = 0; i < l2->spots.count; i++) {
		const struct srp_l2_spot *spot = &l2->spots.list[i];
		const struct srp_addr *addr = &l2->loopbacks[spot->loopback].prefix.addr;

		if (spot->interface != p)
			continue;
		addresses[count].family = addr->family;
		memcpy(addresses[count++].addr, addr->bytes, sizeof(addr->bytes));
	}
	return count;
}

/* Hand ports and addresses to the announcer. 0 or -errno. */
static int tell_announcer(struct srp_l2 *l2)
{
	struct announcer_port *ports = calloc(l2->port_count ? l2->port_count : 1, sizeof(*ports));
	struct announcer_address *addresses =
		calloc(l2->spots.count ? l2->spots.count : 1, sizeof(*addresses));
	struct announcer_address *next = addresses;
	int error = -ENOMEM;

	for (size_t p = 0; ports && addresses && p < l2->port_count; p++) {
		struct port *port = &l2->ports[p];

		port->addresses = port_addresses(l2, p, next);
		snprintf(ports[p].ifname, sizeof(ports[p].ifname), "%s", port->config.ifname);
		ports[p].count = port->config.count;
		ports[p].interval_msec = port->config.interval_msec;
		ports[p].addresses = next;
		ports[p].address_count = port->addresses;
		next += port->addresses;
	}
	if (ports && addresses)
		error = announcer_set(l2->announcer, ports, l2->port_count);
	free(ports);
	free(addresses);
	return error;
}

static bool spots_equal(const struct srp_l2_spots *a, const struct srp_l2_spots *b)
{
	return a->count == b->count &&
	       (!a->count || memcmp(a->list, b->list, a->count * sizeof(*a->list)) == 0);
}

/*
 * Look at the kernel, and find the spots anew. True when they have changed; a port with other addresses than
 * before has a round pending.
 */
static bool look(struct srp_l2 *l2, bool reconfigured)
{
	struct srp_l2_spots spots;
	bool changed;
	int error;

	l2->looked_at = now_msec(l2);
	for (size_t p = 0; p < l2->port_count; p++)
		look_at_port(&l2->ports[p]);
	l2->error = find_spots(l2, &spots);
	changed = !spots_equal(&spots, &l2->spots);
	free(l2->spots.list);
	l2->spots = spots;
	if (!changed && !reconfigured)
		return false;
	error = tell_announcer(l2);
	if (error)
		l2->error = -error;
	for (size_t p = 0; !error && p < l2->port_count; p++) {
		struct announcer_status status;

		announcer_get_status(l2->announcer, p, &status);
		l2->ports[p].pending |= status.fresh;
	}
	return changed;
}

/* --- announcing ----------------------------------------------------------------------------- */

static void rearm(struct srp_l2 *l2)
{
	uint64_t deadline = announcer_deadline(l2->announcer);

	if (deadline == UINT64_MAX)
		l2->loop->ops->alarm_off(l2->send_alarm);
	else
		l2->loop->ops->alarm_at(l2->send_alarm, deadline);
}

/* Say what did not go out. */
static void log_errors(struct srp_l2 *l2)
{
	for (size_t p = 0; p < l2->port_count; p++) {
		struct announcer_status status;
		unsigned int hidden;

		announcer_get_status(l2->announcer, p, &status);
		if (status.error && srp_log_allowed(&l2->error_limit, now_msec(l2), &hidden))
			srp_log(l2->log, SRP_LOG_WARNING, "l2-announce interface %s: %s (%u more before)",
				l2->ports[p].config.ifname, strerror(status.error), hidden);
	}
}

static void run(struct srp_l2 *l2)
{
	announcer_run(l2->announcer, now_msec(l2));
	log_errors(l2);
	rearm(l2);
}

static void on_send_alarm(void *arg)
{
	run(arg);
}

/* Begin the rounds that are pending. */
static void begin(struct srp_l2 *l2)
{
	bool any = false;

	for (size_t p = 0; p < l2->port_count; p++) {
		struct port *port = &l2->ports[p];

		if (!port->pending)
			continue;
		port->pending = false;
		if (!port->addresses)
			continue;
		any = true;
		announcer_start(l2->announcer, p, now_msec(l2));
		srp_log(l2->log, SRP_LOG_INFO, "announcing %zu addresses on %s", port->addresses,
			port->config.ifname);
	}
	if (any)
		run(l2);
}

void srp_l2_update(struct srp_l2 *l2, const struct srp_l2_facts *facts)
{
	struct srp_l2_facts before = l2->facts;
	bool again = !before.announce || (facts->active && !before.active) ||
		     facts->assertions != before.assertions || (before.peer_serves && !facts->peer_serves);

	l2->facts = *facts;
	if (!facts->announce) {
		if (before.announce) {
			announcer_stop(l2->announcer);
			rearm(l2);
		}
		return;
	}
	for (size_t p = 0; again && p < l2->port_count; p++)
		l2->ports[p].pending = true;
	if (facts->in_kernel)
		begin(l2);
}

/* --- what changes ----------------------------------------------------------------------------- */

static void on_look_alarm(void *arg)
{
	struct srp_l2 *l2 = arg;

	/* When the kernel is told first, what is pending begins as soon as it has it. */
	if (look(l2, false))
		l2->callbacks.changed(l2->callbacks.arg);
	else if (l2->facts.announce && l2->facts.in_kernel)
		begin(l2);
}

void srp_l2_interface_changed(struct srp_l2 *l2, uint32_t ifindex, const char *name)
{
	for (size_t p = 0; p < l2->port_count; p++) {
		const struct port *port = &l2->ports[p];

		if (ifindex && ifindex != port->segment.ifindex && strcmp(name, port->config.ifname) != 0)
			continue;
		l2->loop->ops->alarm_at(l2->look_alarm, l2->looked_at + LOOK_GAP_MSEC);
		return;
	}
}

static bool same_interface(const struct srp_l2_interface *a, const struct srp_l2_interface *b)
{
	return strcmp(a->context, b->context) == 0 && strcmp(a->ifname, b->ifname) == 0 &&
	       a->count == b->count && a->interval_msec == b->interval_msec;
}

static bool same_config(const struct srp_l2 *l2, const struct srp_config *config)
{
	if (l2->loopback_count != config->loopback_count || l2->port_count != config->l2_interface_count ||
	    (l2->loopback_count &&
	     memcmp(l2->loopbacks, config->loopbacks, l2->loopback_count * sizeof(*l2->loopbacks)) != 0))
		return false;
	for (size_t p = 0; p < l2->port_count; p++)
		if (!same_interface(&l2->ports[p].config, &config->l2_interfaces[p]))
			return false;
	return true;
}

static const struct port *port_named(const struct srp_l2 *l2, const char *ifname)
{
	for (size_t p = 0; p < l2->port_count; p++)
		if (strcmp(l2->ports[p].config.ifname, ifname) == 0)
			return &l2->ports[p];
	return NULL;
}

bool srp_l2_configure(struct srp_l2 *l2, const struct srp_config *config)
{
	size_t loopbacks = config->loopback_count, count = config->l2_interface_count;
	struct srp_loopback *copy;
	struct port *ports;

	if (same_config(l2, config))
		return false;
	copy = calloc(loopbacks ? loopbacks : 1, sizeof(*copy));
	ports = calloc(count ? count : 1, sizeof(*ports));
	if (!copy || !ports) {
		srp_log(l2->log, SRP_LOG_ERROR, "l2-announce: configuration not taken: out of memory");
		free(copy);
		free(ports);
		/* They are of another configuration. */
		l2->spots.count = 0;
		return true;
	}
	if (loopbacks)
		memcpy(copy, config->loopbacks, loopbacks * sizeof(*copy));
	for (size_t p = 0; p < count; p++) {
		const struct port *old = port_named(l2, config->l2_interfaces[p].ifname);

		if (old)
			ports[p] = *old;
		ports[p].config = config->l2_interfaces[p];
	}
	free(l2->loopbacks);
	free(l2->ports);
	l2->loopbacks = copy;
	l2->loopback_count = loopbacks;
	l2->ports = ports;
	l2->port_count = count;
	return look(l2, true);
}

const struct srp_l2_spots *srp_l2_spots(const struct srp_l2 *l2)
{
	return &l2->spots;
}

/* --- what it shows ---------------------------------------------------------------------------- */

/* What will not work although it is configured; "" when all is well. */
static const char *port_warning(const struct srp_l2 *l2, const struct port *port)
{
	if (l2->error)
		return l2->error == E2BIG ? "too many addresses: the last ones are not announced"
					  : strerror(l2->error);
	if (port->error)
		return strerror(port->error);
	if (!port->segment.running)
		return "the interface is down";
	if (!port->addresses)
		return "no srp-activated address of the context lies in a subnet of the interface";
	/* 4 to 7 are reserved. */
	if (port->arp_ignore > 3)
		return "arp_ignore has the kernel answer no ARP request";
	if (port->proxy_arp)
		return "proxy_arp is on: the Standby may answer for the Active";
	return "";
}

static struct json_object *port_info(const struct srp_l2 *l2, size_t index)
{
	struct json_object *object = json_object_new_object();
	const struct port *port = &l2->ports[index];
	struct announcer_status status;

	announcer_get_status(l2->announcer, index, &status);
	add_text(object, "name", port->config.ifname);
	add_text(object, "context", port->config.context);
	add_number(object, "addresses", port->addresses);
	add_number(object, "count", port->config.count);
	add_number(object, "intervalMsecs", port->config.interval_msec);
	add_number(object, "repeatsLeft", status.passes_left);
	add_number(object, "rounds", status.rounds);
	add_number(object, "arpsSent", status.arps);
	add_number(object, "advertisementsSent", status.advertisements);
	add_number(object, "failed", status.failed);
	add_text(object, "lastError", status.error ? strerror(status.error) : NULL);
	add_text(object, "warning", port_warning(l2, port));
	return object;
}

struct json_object *srp_l2_info(const struct srp_l2 *l2)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	uint64_t arps = 0, advertisements = 0, failed = 0, last = 0;
	const char *error = NULL, *warning = NULL;
	char names[256] = "", first_error[128], first_warning[160];

	for (size_t p = 0; p < l2->port_count; p++) {
		const char *ifname = l2->ports[p].config.ifname, *words = port_warning(l2, &l2->ports[p]);
		struct announcer_status status;
		size_t used = strlen(names);

		announcer_get_status(l2->announcer, p, &status);
		json_object_array_add(list, port_info(l2, p));
		snprintf(names + used, sizeof(names) - used, "%s%s", p ? " " : "", ifname);
		arps += status.arps;
		advertisements += status.advertisements;
		failed += status.failed;
		last = status.last_sent > last ? status.last_sent : last;
		if (status.error && !error) {
			snprintf(first_error, sizeof(first_error), "%s: %s", ifname, strerror(status.error));
			error = first_error;
		}
		if (*words && !warning) {
			snprintf(first_warning, sizeof(first_warning), "%s: %s", ifname, words);
			warning = first_warning;
		}
	}
	add_text(object, "interfaceNames", names);
	add(object, "interfaces", list);
	add_number(object, "addresses", l2->spots.count);
	add_number(object, "arpsSent", arps);
	add_number(object, "advertisementsSent", advertisements);
	add_number(object, "failed", failed);
	add_known(object, "lastSentEpochMsecs", last != 0, srp_wall_clock() - (now_msec(l2) - last));
	add_text(object, "lastError", error);
	add_text(object, "warning", warning);
	return object;
}

/* --- life ------------------------------------------------------------------------------------- */

struct srp_l2 *srp_l2_new(struct srp_loop *loop, const struct srp_log *log,
			  const struct srp_l2_callbacks *callbacks)
{
	struct srp_l2 *l2 = calloc(1, sizeof(*l2));
	struct announcer_callbacks announcer = callbacks->announcer;

	if (!l2)
		return NULL;
	announcer.arg = callbacks->arg;
	l2->loop = loop;
	l2->log = log;
	l2->callbacks = *callbacks;
	l2->send_alarm = loop->ops->alarm(loop, on_send_alarm, l2);
	l2->look_alarm = loop->ops->alarm(loop, on_look_alarm, l2);
	l2->announcer = announcer_new(&announcer);
	if (!l2->announcer) {
		srp_l2_free(l2);
		return NULL;
	}
	return l2;
}

void srp_l2_free(struct srp_l2 *l2)
{
	if (!l2)
		return;
	l2->loop->ops->alarm_free(l2->send_alarm);
	l2->loop->ops->alarm_free(l2->look_alarm);
	announcer_free(l2->announcer);
	free(l2->spots.list);
	free(l2->loopbacks);
	free(l2->ports);
	free(l2);
}
