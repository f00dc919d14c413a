/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a configuration makes sense as a whole. See srp_check.h. */
#include "frr-integration/srp_check.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/bgp_ipc.h"
#include "agent/core/monitor.h"

static unsigned int addr_bits(const struct srp_addr *addr)
{
	return addr->family == AF_INET ? 32 : 128;
}

static bool addr_is_link_local(const struct srp_addr *addr)
{
	return addr->family == AF_INET6 && addr->bytes[0] == 0xfe && (addr->bytes[1] & 0xc0) == 0x80;
}

static bool addr_is_multicast(const struct srp_addr *addr)
{
	return addr->family == AF_INET ? addr->bytes[0] >= 224 : addr->bytes[0] == 0xff;
}

/* Could the address be one host's: neither unspecified nor multicast, reserved or broadcast. */
static bool addr_is_host(const struct srp_addr *addr)
{
	static const uint8_t unspecified[16];

	if (addr_is_multicast(addr))
		return false;
	return addr->family == AF_INET ? addr->bytes[0] != 0 : memcmp(addr->bytes, unspecified, 16) != 0;
}

int srp_mask_length(const struct srp_addr *mask)
{
	uint32_t bits, zeros;

	memcpy(&bits, mask->bytes, sizeof(bits));
	zeros = ~ntohl(bits);
	if (zeros & (zeros + 1))
		return -1;
	return 32 - __builtin_popcount(zeros);
}

const char *srp_interval_format(uint32_t msec, const char *seconds, char buf[static SRP_INTERVAL_STRLEN])
{
	if (msec % 1000)
		snprintf(buf, SRP_INTERVAL_STRLEN, "%" PRIu32 " msec", msec);
	else
		snprintf(buf, SRP_INTERVAL_STRLEN, "%" PRIu32 "%s", msec / 1000, seconds);
	return buf;
}

bool srp_check_timers(const struct srp_config *config, char *error, size_t error_size)
{
	uint64_t least = (uint64_t)config->hello_msec * SRP_DEAD_HELLO_RATIO;
	char dead[SRP_INTERVAL_STRLEN], hello[SRP_INTERVAL_STRLEN], need[SRP_INTERVAL_STRLEN];

	if (config->dead_msec >= least)
		return true;
	snprintf(error, error_size,
		 "dead-interval %s is less than %d x hello-interval %s: at least %s is needed "
		 "(to raise both, set dead-interval first; to lower both, hello-interval)",
		 srp_interval_format(config->dead_msec, " s", dead), SRP_DEAD_HELLO_RATIO,
		 srp_interval_format(config->hello_msec, " s", hello),
		 srp_interval_format((uint32_t)least, " s", need));
	return false;
}

/* Seed, "Allow Early Active Transition": with all data, or with VoLTE data without its accounting. */
bool srp_check_options(const struct srp_config *config, char *error, size_t error_size)
{
	bool volte = config->options & SRP_OPTION_VOLTE_DATA;
	bool maintain = config->options & SRP_OPTION_MAINTAIN_ACCOUNTING;

	if (!(config->options & SRP_OPTION_EARLY_ACTIVE) || config->options & SRP_OPTION_ALL_DATA ||
	    (volte && !maintain))
		return true;
	snprintf(error, error_size,
		 "switchover allow-early-active-transition needs allow-all-data-traffic, or "
		 "allow-volte-data-traffic without maintain-accounting (%s)",
		 volte ? "only allow-volte-data-traffic maintain-accounting is set" : "neither is set");
	return false;
}

/* Both ends of a path; `second`: what its commands say before the address. */
static bool check_path(const struct srp_addr *own, const struct srp_addr *peer, const char *second,
		       char *error, size_t error_size)
{
	const struct srp_addr *ends[] = {own, peer};
	static const char *const names[] = {"bind address", "peer-ip-address"};
	char texts[2][SRP_ADDR_STRLEN];

	for (int i = 0; i < 2; i++) {
		if (!ends[i]->family)
			continue;
		srp_addr_format(ends[i], texts[i]);
		if (!addr_is_host(ends[i])) {
			snprintf(error, error_size, "%s %s%s is not the address of a host", names[i], second,
				 texts[i]);
			return false;
		}
		if (addr_is_link_local(ends[i])) {
			snprintf(error, error_size,
				 "%s %s%s is link-local: the link needs a routable address", names[i], second,
				 texts[i]);
			return false;
		}
	}
	if (!own->family || !peer->family)
		return true;
	if (own->family != peer->family) {
		snprintf(error, error_size,
			 "bind address %s%s and peer-ip-address %s%s are of different families: both must be "
			 "IPv4 or both IPv6 (remove one of them first)",
			 second, texts[0], second, texts[1]);
		return false;
	}
	if (srp_addr_equal(own, peer)) {
		snprintf(error, error_size, "bind address and peer-ip-address are both %s%s", second,
			 texts[0]);
		return false;
	}
	return true;
}

/* The second path is another one: a path of the same addresses would fail with the first. */
static bool check_link(const struct srp_config *config, char *error, size_t error_size)
{
	char text[SRP_ADDR_STRLEN];

	if (!check_path(&config->bind_address, &config->peer_address, "", error, error_size) ||
	    !check_path(&config->bind_secondary, &config->peer_secondary, "secondary ", error, error_size))
		return false;
	if (config->bind_secondary.family && srp_addr_equal(&config->bind_address, &config->bind_secondary)) {
		snprintf(error, error_size, "bind address %s is its own secondary: another address is needed",
			 srp_addr_format(&config->bind_address, text));
		return false;
	}
	if (config->peer_secondary.family && srp_addr_equal(&config->peer_address, &config->peer_secondary)) {
		snprintf(error, error_size,
			 "peer-ip-address %s is its own secondary: another address is needed",
			 srp_addr_format(&config->peer_address, text));
		return false;
	}
	return true;
}

static bool check_auth(const struct srp_config *config, char *error, size_t error_size)
{
	const struct srp_auth_config *auth = &config->auth;

	if (auth->psk_file[0] && auth->certificate[0])
		snprintf(error, error_size, "authentication psk-file %s and certificate %s: one of them only",
			 auth->psk_file, auth->certificate);
	else if (!auth->certificate[0] != !auth->key[0] || !auth->certificate[0] != !auth->ca[0])
		snprintf(error, error_size,
			 "authentication certificate needs its key and the authority of the peer's, all "
			 "three");
	else
		return true;
	return false;
}

static bool check_monitors(const struct srp_config *config, char *error, size_t error_size)
{
	if (config->monitor_count > SRP_MONITORS_MAX) {
		snprintf(error, error_size, "%zu monitors: at most %d are possible", config->monitor_count,
			 SRP_MONITORS_MAX);
		return false;
	}
	for (size_t i = 0; i < config->monitor_count; i++) {
		const struct srp_addr *addr = &config->monitors[i].addr;
		char text[SRP_ADDR_STRLEN];

		if (addr->family && !addr_is_host(addr)) {
			snprintf(error, error_size, "monitor bgp %s: not the address of a host",
				 srp_addr_format(addr, text));
			return false;
		}
	}
	return true;
}

static bool check_loopback(const struct srp_loopback *loopback, char *error, size_t error_size)
{
	char text[SRP_PREFIX_STRLEN];

	srp_prefix_format(&loopback->prefix, text);
	if (loopback->prefix.plen != addr_bits(&loopback->prefix.addr)) {
		snprintf(error, error_size, "interface %s loopback: address %s needs the length /%u",
			 loopback->name, text, addr_bits(&loopback->prefix.addr));
		return false;
	}
	if (!addr_is_host(&loopback->prefix.addr) || addr_is_link_local(&loopback->prefix.addr)) {
		snprintf(error, error_size,
			 "interface %s loopback: %s is not an address that can be announced", loopback->name,
			 text);
		return false;
	}
	return true;
}

static bool check_pool(const struct srp_pool *pool, char *error, size_t error_size)
{
	struct srp_prefix masked = pool->prefix;
	char text[SRP_PREFIX_STRLEN], other[SRP_PREFIX_STRLEN];

	srp_prefix_format(&pool->prefix, text);
	if (srp_prefix_mask(&masked)) {
		snprintf(error, error_size, "pool %s: %s has host bits set; its network is %s", pool->name,
			 text, srp_prefix_format(&masked, other));
		return false;
	}
	if (!pool->prefix.plen || addr_is_multicast(&pool->prefix.addr) ||
	    addr_is_link_local(&pool->prefix.addr)) {
		snprintf(error, error_size, "pool %s: %s is not a prefix that can be announced", pool->name,
			 text);
		return false;
	}
	if (!pool->nexthop.family)
		return true;
	srp_addr_format(&pool->nexthop, other);
	if (pool->nexthop.family != pool->prefix.addr.family) {
		snprintf(error, error_size, "pool %s: nexthop %s is not of the family of %s", pool->name,
			 other, text);
		return false;
	}
	if (!addr_is_host(&pool->nexthop)) {
		snprintf(error, error_size, "pool %s: nexthop %s is not the address of a host", pool->name,
			 other);
		return false;
	}
	if (addr_is_link_local(&pool->nexthop) && !pool->ifname[0]) {
		snprintf(error, error_size, "pool %s: nexthop %s is link-local and needs an interface",
			 pool->name, other);
		return false;
	}
	return true;
}

/*
 * The ends of the link stay where they are when the role moves: an srp-activated prefix with one of them in it would
 * take it along, and have a session given its address.
 */
static bool check_apart_from_link(const struct srp_config *config, const char *context, const char *kind,
				  const char *name, const struct srp_prefix *prefix, char *error,
				  size_t error_size)
{
	const struct srp_addr *ends[] = {&config->bind_address, &config->peer_address};
	static const char *const names[] = {"bind address", "peer-ip-address"};
	char text[SRP_PREFIX_STRLEN], end[SRP_ADDR_STRLEN];

	for (int i = 0; i < 2; i++) {
		if (!ends[i]->family || strcmp(context, "default") != 0 || !srp_prefix_has(prefix, ends[i]))
			continue;
		snprintf(error, error_size,
			 "%s %s: %s has the %s %s in it: the link's ends stay when the role moves", kind,
			 name, srp_prefix_format(prefix, text), names[i], srp_addr_format(ends[i], end));
		return false;
	}
	return true;
}

/* A prefix and who has it, to be sorted so that the same prefix of a context comes side by side. */
struct holder {
	const char *context;
	const struct srp_prefix *prefix;
	const char *kind, *name;
};

static int holder_compare(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;
	int order = strcmp(a->context, b->context);

	if (!order)
		order = (int)a->prefix->addr.family - (int)b->prefix->addr.family;
	if (!order)
		order = memcmp(a->prefix->addr.bytes, b->prefix->addr.bytes, sizeof(a->prefix->addr.bytes));
	return order ? order : (int)a->prefix->plen - (int)b->prefix->plen;
}

/* Each prefix is in one place of its context only, and the module in bgpd can take all of them. */
static bool check_unique(const struct srp_config *config, char *error, size_t error_size)
{
	size_t count = config->loopback_count + config->pool_count, contexts = 0, n = 0;
	struct holder *holders;
	bool ok = true;

	if (count > BGP_IPC_PREFIXES_MAX) {
		snprintf(error, error_size, "%zu srp-activated prefixes: at most %d are possible", count,
			 BGP_IPC_PREFIXES_MAX);
		return false;
	}
	if (!count)
		return true;
	holders = calloc(count, sizeof(*holders));
	if (!holders) {
		snprintf(error, error_size, "out of memory");
		return false;
	}
	for (size_t i = 0; i < config->loopback_count; i++) {
		const struct srp_loopback *loopback = &config->loopbacks[i];

		holders[n++] =
			(struct holder){loopback->context, &loopback->prefix, "interface", loopback->name};
	}
	for (size_t i = 0; i < config->pool_count; i++) {
		const struct srp_pool *pool = &config->pools[i];

		holders[n++] = (struct holder){pool->context, &pool->prefix, "pool", pool->name};
	}
	qsort(holders, count, sizeof(*holders), holder_compare);
	for (size_t i = 0; ok && i < count; i++) {
		const struct holder *a = &holders[i], *b = i ? &holders[i - 1] : NULL;
		char text[SRP_PREFIX_STRLEN];

		if (!b || strcmp(a->context, b->context) != 0)
			contexts++;
		if (b && holder_compare(a, b) == 0) {
			snprintf(error, error_size, "context %s: %s is twice there, in %s %s and in %s %s",
				 a->context, srp_prefix_format(a->prefix, text), b->kind, b->name, a->kind,
				 a->name);
			ok = false;
		}
	}
	if (ok && contexts > BGP_IPC_CONTEXTS_MAX) {
		snprintf(error, error_size, "%zu contexts: at most %d are possible", contexts,
			 BGP_IPC_CONTEXTS_MAX);
		ok = false;
	}
	free(holders);
	return ok;
}

/* An interface is in one VRF, and so in one context. */
static bool check_l2(const struct srp_config *config, char *error, size_t error_size)
{
	if (config->l2_interface_count > SRP_L2_INTERFACES_MAX) {
		snprintf(error, error_size, "%zu l2-announce interfaces: at most %d are possible",
			 config->l2_interface_count, SRP_L2_INTERFACES_MAX);
		return false;
	}
	for (size_t i = 0; i < config->l2_interface_count; i++) {
		const struct srp_l2_interface *a = &config->l2_interfaces[i];

		if (strcmp(a->ifname, "lo") == 0) {
			snprintf(error, error_size, "l2-announce interface lo: it has no segment");
			return false;
		}
		for (size_t j = 0; j < i; j++) {
			const struct srp_l2_interface *b = &config->l2_interfaces[j];

			if (strcmp(a->ifname, b->ifname) != 0)
				continue;
			snprintf(error, error_size,
				 "l2-announce interface %s is in context %s and in context %s: an interface "
				 "is in one",
				 a->ifname, b->context, a->context);
			return false;
		}
	}
	return true;
}

/* Seed: 30 to 1440, divisible by 15. The model has the range. */
static bool check_checkpoint(const struct srp_config *config, char *error, size_t error_size)
{
	uint32_t minutes = config->checkpoint.periodic_min;

	if (minutes % SRP_PERIODIC_MIN_STEP == 0)
		return true;
	snprintf(error, error_size, "checkpoint session periodic-interval %u: it has to be divisible by %d",
		 minutes, SRP_PERIODIC_MIN_STEP);
	return false;
}

bool srp_check_objects(const struct srp_config *config, char *error, size_t error_size)
{
	if (!check_link(config, error, error_size) || !check_auth(config, error, error_size) ||
	    !check_monitors(config, error, error_size) || !check_l2(config, error, error_size) ||
	    !check_checkpoint(config, error, error_size))
		return false;
	for (size_t i = 0; i < config->loopback_count; i++) {
		const struct srp_loopback *loopback = &config->loopbacks[i];

		if (!check_loopback(loopback, error, error_size) ||
		    !check_apart_from_link(config, loopback->context, "interface", loopback->name,
					   &loopback->prefix, error, error_size))
			return false;
	}
	for (size_t i = 0; i < config->pool_count; i++) {
		const struct srp_pool *pool = &config->pools[i];

		if (!check_pool(pool, error, error_size) ||
		    !check_apart_from_link(config, pool->context, "pool", pool->name, &pool->prefix, error,
					   error_size))
			return false;
	}
	return check_unique(config, error, error_size);
}
