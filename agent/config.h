/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent's configuration as plain data: what the YANG model holds, without libfrr.
 *
 * The northbound callbacks of frr-integration build one struct srp_config from the whole running
 * configuration and hand it to srp_agent_configure(); the agent copies what it needs. All lists are
 * in configuration order. Addresses are in network byte order.
 */
#ifndef SRP_CONFIG_H
#define SRP_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/core/srp.h"
#include "checkpoint/config.h"

#define SRP_CONTEXT_NAME_LEN 36 /* with the NUL; as long as FRR's VRF names */
#define SRP_NAME_LEN         64 /* loopback interface and pool names, with the NUL */

/* An IPv4 or IPv6 address; family 0 means "not set". */
struct srp_addr {
	uint8_t family;    /* 0, AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* network byte order; the first 4 for IPv4 */
};

struct srp_prefix {
	struct srp_addr addr; /* loopback addresses keep their host bits; pools have none */
	uint8_t plen;
};

/* One `ip address P srp-activate` line of an `interface NAME loopback`. */
struct srp_loopback {
	char context[SRP_CONTEXT_NAME_LEN];
	char name[SRP_NAME_LEN];
	struct srp_prefix prefix;
};

/* One `ip pool NAME P srp-activate [nexthop A] [interface IF]` line. */
struct srp_pool {
	char context[SRP_CONTEXT_NAME_LEN];
	char name[SRP_NAME_LEN];
	struct srp_prefix prefix;
	struct srp_addr nexthop;  /* family 0: none */
	char ifname[IF_NAMESIZE]; /* "": none. Neither nexthop nor interface: a blackhole route */
	bool ims;                 /* class of its sessions; a closed gate makes a blackhole of it */
};

/* One `monitor bgp context C PEER [group N]` line. */
struct srp_bgp_monitor {
	char context[SRP_CONTEXT_NAME_LEN];
	struct srp_addr addr;     /* family 0 for an unnumbered peer */
	char ifname[IF_NAMESIZE]; /* the interface of an unnumbered peer, else "" */
	uint8_t group;            /* 0: ungrouped */
};

/*
 * One `l2-announce interface IF ...` line of a context: the context's loopback addresses that lie in a subnet
 * of the interface are announced on its segment.
 */
struct srp_l2_interface {
	char context[SRP_CONTEXT_NAME_LEN];
	char ifname[IF_NAMESIZE];
	uint8_t count;          /* how often, each time */
	uint32_t interval_msec; /* between two */
};

/* How bgpd is talked to: agent/bgp_driver.h. */
enum srp_bgp_driver { SRP_BGP_MODULE, SRP_BGP_METRIC };

/* How the two ends of the link know each other. At most one of psk_file and certificate is set. */
#define SRP_PATH_LEN     256 /* names of files, with the NUL */
#define SRP_IDENTITY_LEN 256 /* dNSName in the peer's certificate, with the NUL */
struct srp_auth_config {
	char psk_file[SRP_PATH_LEN];
	char certificate[SRP_PATH_LEN], key[SRP_PATH_LEN], ca[SRP_PATH_LEN];
	char peer_identity[SRP_IDENTITY_LEN]; /* "": the certificate must have the peer's address */
	char md5_key_file[SRP_PATH_LEN];      /* TCP-MD5 (RFC 2385), besides */
	bool insecure; /* without authentication, accept a peer that is not directly connected */
};

struct srp_config {
	struct srp_addr bind_address; /* family 0: not set, the agent stays Init */
	struct srp_addr peer_address; /* family 0: likewise */
	/* Ends of the second path; it is in use when both are set. */
	struct srp_addr bind_secondary, peer_secondary;
	uint8_t dscp_control, dscp_session; /* 0..63 */
	struct srp_auth_config auth;
	uint16_t port;
	enum srp_chassis_mode mode;
	uint8_t priority;
	uint32_t hello_msec;
	uint32_t dead_msec;
	uint32_t delay_sec;
	uint8_t threshold;     /* route-modifier threshold */
	uint32_t bgp_hold_sec; /* how long bgpd_srp keeps the last policy without srpd */
	enum srp_bgp_driver bgp_driver;
	uint32_t metric_base; /* of the metric driver: base + N says N prepends, base "not announced" */
	uint8_t options;      /* SRP_OPTION_* */
	uint32_t convergence_msec;
	uint32_t witness_msec;     /* 0: off */
	uint32_t config_check_sec; /* configuration-interval */
	bool peer_fail_allow;      /* hand over to a peer whose own monitors fail ... */
	bool peer_fail_timed;      /* ... or only after peer_fail_sec; neither: never */
	uint32_t peer_fail_sec;
	/* Guard timers in seconds: after a local failure, and (AAA and Diameter) after a switchover. */
	struct srp_guard_sec {
		uint32_t guard_sec, damping_sec;
	} local_guard[SRP_FAMILY_COUNT], switchover_guard[SRP_FAMILY_COUNT];
	struct srp_engine_config checkpoint;
	bool audit_daily; /* at audit_hour and audit_minute, local time */
	uint8_t audit_hour, audit_minute;
	uint32_t audit_periodicity_min; /* 0: none */
	struct srp_loopback *loopbacks;
	size_t loopback_count;
	struct srp_pool *pools;
	size_t pool_count;
	struct srp_bgp_monitor *monitors;
	size_t monitor_count;
	struct srp_l2_interface *l2_interfaces;
	size_t l2_interface_count;
};

/* Set every scalar to its default and the lists to empty. */
void srp_config_init(struct srp_config *config);

/*
 * Append a zeroed entry to one of the lists and return it; NULL when memory is out. The pointer is
 * good until the next append to the same list.
 */
struct srp_loopback *srp_config_add_loopback(struct srp_config *config);
struct srp_pool *srp_config_add_pool(struct srp_config *config);
struct srp_bgp_monitor *srp_config_add_monitor(struct srp_config *config);
/* With the defaults of count and interval. */
struct srp_l2_interface *srp_config_add_l2_interface(struct srp_config *config);

/* Free the lists; the struct is then as after srp_config_init(). */
void srp_config_clear(struct srp_config *config);

#define SRP_AUDIT_MIN_MIN            60 /* audit periodicity */
#define SRP_AUDIT_MIN_MAX            1440
#define SRP_AUDIT_MIN_DEFAULT        60

#define SRP_BGP_HOLD_SEC_DEFAULT     60
#define SRP_BGP_HOLD_SEC_MAX         86400

/*
 * Far from the metrics that others give: zebra's routes have 20, NetworkManager's 100 and up, systemd-networkd's 1024.
 */
#define SRP_METRIC_BASE_DEFAULT      24500
#define SRP_METRIC_BASE_MIN          100
#define SRP_METRIC_BASE_MAX          65000

#define SRP_L2_INTERFACES_MAX        64
#define SRP_L2_COUNT_MIN             1
#define SRP_L2_COUNT_MAX             60
#define SRP_L2_COUNT_DEFAULT         5
#define SRP_L2_INTERVAL_MSEC_MIN     100
#define SRP_L2_INTERVAL_MSEC_MAX     60000
#define SRP_L2_INTERVAL_MSEC_DEFAULT 1000

/* Text to address: IPv4 or IPv6. False when it is neither. */
bool srp_addr_parse(const char *text, struct srp_addr *addr);

#define SRP_ADDR_STRLEN 46
/* Address to text, in the caller's buffer, which is returned; "-" when not set. */
const char *srp_addr_format(const struct srp_addr *addr, char buf[static SRP_ADDR_STRLEN]);

#define SRP_PREFIX_STRLEN (SRP_ADDR_STRLEN + 4)
const char *srp_prefix_format(const struct srp_prefix *prefix, char buf[static SRP_PREFIX_STRLEN]);

bool srp_addr_equal(const struct srp_addr *a, const struct srp_addr *b);
/* Clear the host bits; true when there were some. */
bool srp_prefix_mask(struct srp_prefix *prefix);
/* Is the address in the prefix, whose host bits do not matter? */
bool srp_prefix_has(const struct srp_prefix *prefix, const struct srp_addr *addr);

#endif
