/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration as plain data: defaults, lists, addresses as text. See config.h. */
#include "agent/config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void srp_config_init(struct srp_config *config)
{
	*config = (struct srp_config){
		.port = SRP_PORT_DEFAULT,
		.mode = SRP_MODE_BACKUP,
		.priority = SRP_PRIORITY_DEFAULT,
		.hello_msec = SRP_HELLO_MSEC_DEFAULT,
		.dead_msec = SRP_DEAD_MSEC_DEFAULT,
		.delay_sec = SRP_DELAY_SEC_DEFAULT,
		.threshold = SRP_THRESHOLD_DEFAULT,
		.bgp_hold_sec = SRP_BGP_HOLD_SEC_DEFAULT,
		.metric_base = SRP_METRIC_BASE_DEFAULT,
		.convergence_msec = SRP_CONVERGENCE_MSEC_DEFAULT,
		.config_check_sec = SRP_CONFIG_CHECK_SEC_DEFAULT,
		.audit_periodicity_min = SRP_AUDIT_MIN_DEFAULT,
	};
	srp_engine_config_init(&config->checkpoint);
	for (int i = 0; i < SRP_FAMILY_COUNT; i++)
		config->local_guard[i] = config->switchover_guard[i] =
			(struct srp_guard_sec){SRP_GUARD_SEC_DEFAULT, SRP_GUARD_SEC_DEFAULT};
}

/* A zeroed entry at the end of a list of `count` entries of `size` bytes; NULL when memory is out. */
static void *list_append(void **list, size_t *count, size_t size)
{
	void *grown = reallocarray(*list, *count + 1, size);
	char *entry;

	if (!grown)
		return NULL;
	*list = grown;
	entry = (char *)grown + *count * size;
	memset(entry, 0, size);
	(*count)++;
	return entry;
}

struct srp_loopback *srp_config_add_loopback(struct srp_config *config)
{
	return list_append((void **)&config->loopbacks, &config->loopback_count, sizeof(*config->loopbacks));
}

struct srp_pool *srp_config_add_pool(struct srp_config *config)
{
	return list_append((void **)&config->pools, &config->pool_count, sizeof(*config->pools));
}

struct srp_bgp_monitor *srp_config_add_monitor(struct srp_config *config)
{
	return list_append((void **)&config->monitors, &config->monitor_count, sizeof(*config->monitors));
}

struct srp_l2_interface *srp_config_add_l2_interface(struct srp_config *config)
{
	struct srp_l2_interface *entry =
		list_append((void **)&config->l2_interfaces, &config->l2_interface_count, sizeof(*entry));

	if (entry) {
		entry->count = SRP_L2_COUNT_DEFAULT;
		entry->interval_msec = SRP_L2_INTERVAL_MSEC_DEFAULT;
	}
	return entry;
}

void srp_config_clear(struct srp_config *config)
{
	free(config->l2_interfaces);
	free(config->loopbacks);
	free(config->pools);
	free(config->monitors);
	srp_config_init(config);
}

bool srp_addr_parse(const char *text, struct srp_addr *addr)
{
	struct srp_addr parsed = {0};

	if (inet_pton(AF_INET, text, parsed.bytes) == 1)
		parsed.family = AF_INET;
	else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
		parsed.family = AF_INET6;
	else
		return false;
	*addr = parsed;
	return true;
}

const char *srp_addr_format(const struct srp_addr *addr, char buf[static SRP_ADDR_STRLEN])
{
	if (!addr->family || !inet_ntop(addr->family, addr->bytes, buf, SRP_ADDR_STRLEN))
		snprintf(buf, SRP_ADDR_STRLEN, "-");
	return buf;
}

const char *srp_prefix_format(const struct srp_prefix *prefix, char buf[static SRP_PREFIX_STRLEN])
{
	char addr[SRP_ADDR_STRLEN];

	snprintf(buf, SRP_PREFIX_STRLEN, "%s/%u", srp_addr_format(&prefix->addr, addr), prefix->plen);
	return buf;
}

bool srp_addr_equal(const struct srp_addr *a, const struct srp_addr *b)
{
	size_t len = a->family == AF_INET ? 4 : 16;

	return a->family == b->family && (!a->family || memcmp(a->bytes, b->bytes, len) == 0);
}

bool srp_prefix_mask(struct srp_prefix *prefix)
{
	int len = prefix->addr.family == AF_INET ? 4 : 16;
	bool set = false;

	for (int i = 0; i < len; i++) {
		int ones = (int)prefix->plen - i * 8;
		uint8_t mask = ones >= 8 ? 0xff : ones <= 0 ? 0 : (uint8_t)(0xff << (8 - ones));

		set = set || (prefix->addr.bytes[i] & ~mask);
		prefix->addr.bytes[i] &= mask;
	}
	return set;
}

bool srp_prefix_has(const struct srp_prefix *prefix, const struct srp_addr *addr)
{
	struct srp_prefix masked = {.addr = *addr, .plen = prefix->plen}, network = *prefix;

	if (addr->family != prefix->addr.family)
		return false;
	srp_prefix_mask(&masked);
	srp_prefix_mask(&network);
	return srp_addr_equal(&masked.addr, &network.addr);
}
