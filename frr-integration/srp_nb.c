/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of northbound callbacks: which node of frr-srp.yang is checked, applied and written how. */
#include "frr-integration/srp_nb.h"

#define PROTOCOL   SRP_NB_PROTOCOL
#define CONTEXT    SRP_NB_ROOT "/context"
#define SWITCHOVER PROTOCOL "/switchover"
#define GUARDS     PROTOCOL "/guard-timers"
#define CHECKPOINT PROTOCOL "/checkpoint"
#define AUDIT      PROTOCOL "/audit"

/* A leaf with a default, or a mandatory one. */
#define LEAF(path, show)                                                           \
	{                                                                          \
		.xpath = path, .cbs = {.modify = srp_nb_modify, .cli_show = show } \
	}
/* A leaf that may be absent. */
#define OPTIONAL(path, show)                       \
	{                                          \
		.xpath = path,                     \
		.cbs = {.modify = srp_nb_modify,   \
			.destroy = srp_nb_destroy, \
			.cli_show = show }         \
	}
/* A guard timer: a container of its two periods, and one line. */
#define GUARD(path)                                                                             \
	{.xpath = path, .cbs = {.cli_show = srp_show_guard}}, LEAF(path "/guard-period", NULL), \
		LEAF(path "/damping-period", NULL)
#define LIST(path, show, end)                      \
	{                                          \
		.xpath = path,                     \
		.cbs = {.create = srp_nb_create,   \
			.destroy = srp_nb_destroy, \
			.move = srp_nb_move,       \
			.cli_show = show,          \
			.cli_show_end = end }      \
	}

/* clang-format off */
const struct frr_yang_module_info frr_srp_info = {
	.name = "frr-srp",
	.nodes = {
		{ .xpath = SRP_NB_ROOT, .cbs = { .pre_validate = srp_nb_pre_validate } },
		{ .xpath = PROTOCOL, .cbs = { .cli_show = srp_show_protocol, .cli_show_end = srp_show_exit } },
		OPTIONAL(PROTOCOL "/bind-address", srp_show_bind),
		OPTIONAL(PROTOCOL "/peer-address", srp_show_peer),
		OPTIONAL(PROTOCOL "/secondary-bind-address", NULL),
		OPTIONAL(PROTOCOL "/secondary-peer-address", NULL),
		LEAF(PROTOCOL "/port", srp_show_port),
		{ .xpath = PROTOCOL "/dscp-marking", .cbs = { .cli_show = srp_show_dscp } },
		LEAF(PROTOCOL "/dscp-marking/control", NULL),
		LEAF(PROTOCOL "/dscp-marking/session", NULL),
		{ .xpath = PROTOCOL "/authentication", .cbs = { .cli_show = srp_show_authentication } },
		OPTIONAL(PROTOCOL "/authentication/psk-file", NULL),
		OPTIONAL(PROTOCOL "/authentication/certificate", NULL),
		OPTIONAL(PROTOCOL "/authentication/key", NULL),
		OPTIONAL(PROTOCOL "/authentication/ca", NULL),
		OPTIONAL(PROTOCOL "/authentication/peer-identity", NULL),
		OPTIONAL(PROTOCOL "/authentication/tcp-md5-key-file", NULL),
		LEAF(PROTOCOL "/authentication/insecure", NULL),
		LEAF(PROTOCOL "/chassis-mode", srp_show_mode),
		LEAF(PROTOCOL "/priority", srp_show_priority),
		{ .xpath = PROTOCOL "/timers", .cbs = { .cli_show = srp_show_timers } },
		LEAF(PROTOCOL "/timers/hello-interval", NULL),
		LEAF(PROTOCOL "/timers/dead-interval", NULL),
		LEAF(PROTOCOL "/delay-interval", srp_show_delay),
		LEAF(PROTOCOL "/route-modifier-threshold", srp_show_threshold),
		LEAF(PROTOCOL "/bgp-hold-time", srp_show_bgp_hold),
		LEAF(PROTOCOL "/bgp-driver", srp_show_bgp_driver),
		LEAF(PROTOCOL "/metric-base", NULL),
		LEAF(PROTOCOL "/configuration-interval", srp_show_config_check),
		OPTIONAL(PROTOCOL "/witness-interval", srp_show_witness),
		{ .xpath = SWITCHOVER, .cbs = { .cli_show = srp_show_switchover } },
		LEAF(SWITCHOVER "/allow-all-data-traffic", NULL),
		LEAF(SWITCHOVER "/allow-volte-data-traffic", NULL),
		LEAF(SWITCHOVER "/maintain-accounting", NULL),
		LEAF(SWITCHOVER "/allow-early-active-transition", NULL),
		LEAF(SWITCHOVER "/control-outage-optimization", NULL),
		LEAF(SWITCHOVER "/convergence-time", NULL),
		LEAF(SWITCHOVER "/on-peer-monitor-fail", NULL),
		OPTIONAL(SWITCHOVER "/peer-monitor-fail-timeout", NULL),
		GUARD(GUARDS "/aaa-switchover-timers"),
		GUARD(GUARDS "/diameter-switchover-timers"),
		GUARD(GUARDS "/srp-redundancy-timers/aaa"),
		GUARD(GUARDS "/srp-redundancy-timers/bgp"),
		GUARD(GUARDS "/srp-redundancy-timers/diam"),
		{ .xpath = CHECKPOINT, .cbs = { .cli_show = srp_show_checkpoint } },
		LEAF(CHECKPOINT "/duration-ims", NULL),
		LEAF(CHECKPOINT "/duration-non-ims", NULL),
		LEAF(CHECKPOINT "/periodic-interval", NULL),
		LEAF(CHECKPOINT "/compression", NULL),
		OPTIONAL(CHECKPOINT "/nack-macro", NULL),
		OPTIONAL(CHECKPOINT "/nack-micro", NULL),
		LEAF(CHECKPOINT "/memory-limit", NULL),
		LEAF(CHECKPOINT "/database-recovery", NULL),
		LEAF(CHECKPOINT "/graceful-cleanup", NULL),
		{ .xpath = AUDIT, .cbs = { .cli_show = srp_show_audit } },
		OPTIONAL(AUDIT "/daily-start-time", NULL),
		LEAF(AUDIT "/periodicity", NULL),
		LIST(PROTOCOL "/bgp-monitor", srp_show_monitor, NULL),
		OPTIONAL(PROTOCOL "/bgp-monitor/group", NULL),
		LIST(CONTEXT, srp_show_context, srp_show_exit),
		LIST(CONTEXT "/loopback", srp_show_loopback, srp_show_loopback_exit),
		LIST(CONTEXT "/loopback/address", srp_show_address, NULL),
		LIST(CONTEXT "/l2-interface", srp_show_l2_interface, NULL),
		LEAF(CONTEXT "/l2-interface/count", NULL),
		LEAF(CONTEXT "/l2-interface/interval", NULL),
		LIST(CONTEXT "/pool", srp_show_pool, NULL),
		LEAF(CONTEXT "/pool/prefix", NULL),
		OPTIONAL(CONTEXT "/pool/nexthop", NULL),
		OPTIONAL(CONTEXT "/pool/interface", NULL),
		LEAF(CONTEXT "/pool/class", NULL),
		{ .xpath = NULL },
	},
};
/* clang-format on */
