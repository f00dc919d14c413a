/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every command of srpd, once. srpd builds its commands from this table and so does vtysh_srp.so, so
 * that both have the same nodes, strings and help, and a line that vtysh takes is a line srpd knows.
 *
 * The tables are X-macros:
 *
 *   SRP_CLI_NODES(X)           X(node, name, parent, prompt)
 *       the configuration nodes. `node` and `parent` are bare words (see below), `name` is the node's
 *       name for libfrr's tables, `prompt` has the one %s of the host name.
 *
 *   SRP_CLI_ENTER_COMMANDS(X)  X(ident, node, string, help, attr, enters)
 *       commands that lead into a configuration node: srpd runs them, vtysh follows into `enters`.
 *
 *   SRP_CLI_COMMANDS(X)        X(ident, node, string, help, attr)
 *       all other commands: srpd runs them, vtysh passes them on.
 *
 * `ident` is a C identifier, unique over both tables; srpd's handler is srp_cmd_<ident>(). `attr` is libfrr's
 * CMD_ATTR_*. `node` is one of the bare words VIEW, ENABLE, CONFIG (libfrr's own nodes) and SRP, CONTEXT,
 * LOOPBACK (ours, whose numbers are taken at run time); paste it to whatever holds the number.
 *
 * The strings are in the grammar of libfrr's command parser, one line of help per token, in order.
 * Ranges are those of agent/core/srp.h; srp_cli.c asserts the few that are written out here in seconds.
 *
 * libfrr itself adds `exit`, `quit` and `end` to srpd's nodes; the shim does that for vtysh's.
 */
#ifndef SRP_COMMANDS_H
#define SRP_COMMANDS_H

#include "agent/config.h"
#include "agent/core/srp.h"

#define SRP_CLI_STR_(x)       #x
#define SRP_CLI_STR(x)        SRP_CLI_STR_(x)
#define SRP_CLI_RANGE(lo, hi) "(" SRP_CLI_STR(lo) "-" SRP_CLI_STR(hi) ")"

/* Pieces that several commands share: the grammar of the values, */
#define SRP_CLI_PRIORITY      SRP_CLI_RANGE(SRP_PRIORITY_MIN, SRP_PRIORITY_MAX)
#define SRP_CLI_HELLO         "<(1-300)|" SRP_CLI_RANGE(SRP_HELLO_MSEC_MIN, SRP_HELLO_MSEC_MAX) " msec>"
#define SRP_CLI_DEAD          "<(1-1800)|" SRP_CLI_RANGE(SRP_DEAD_MSEC_MIN, SRP_DEAD_MSEC_MAX) " msec>"
#define SRP_CLI_DELAY         SRP_CLI_RANGE(0, SRP_DELAY_SEC_MAX)
#define SRP_CLI_THRESHOLD     SRP_CLI_RANGE(SRP_THRESHOLD_MIN, SRP_THRESHOLD_MAX)
#define SRP_CLI_HOLD          SRP_CLI_RANGE(0, SRP_BGP_HOLD_SEC_MAX)
#define SRP_CLI_BASE          SRP_CLI_RANGE(SRP_METRIC_BASE_MIN, SRP_METRIC_BASE_MAX)
#define SRP_CLI_ENDS          "<A.B.C.D|X:X::X:X> [secondary <A.B.C.D|X:X::X:X>]"
#define SRP_CLI_DSCP \
	"<be|af11|af12|af13|af21|af22|af23|af31|af32|af33|af41|af42|af43|cs1|cs2|cs3|cs4|cs5|cs6|cs7|ef>"
#define SRP_CLI_MONITOR \
	"monitor bgp context VRFNAME <A.B.C.D|X:X::X:X|IFNAME> [group " SRP_CLI_RANGE(1, SRP_GROUP_MAX) "]"
#define SRP_CLI_CONFIG_CHECK SRP_CLI_RANGE(SRP_CONFIG_CHECK_SEC_MIN, SRP_CONFIG_CHECK_SEC_MAX)
#define SRP_CLI_WITNESS      "<(1-1800)|" SRP_CLI_RANGE(SRP_WITNESS_MSEC_MIN, SRP_WITNESS_MSEC_MAX) " msec>"
#define SRP_CLI_CONVERGENCE  SRP_CLI_RANGE(0, SRP_CONVERGENCE_MSEC_MAX) " msec"
#define SRP_CLI_PEER_FAIL    "<allow|disallow [timeout " SRP_CLI_RANGE(0, SRP_PEER_FAIL_SEC_MAX) "]>"
#define SRP_CLI_GUARD        SRP_CLI_RANGE(0, SRP_GUARD_SEC_MAX)
#define SRP_CLI_DURATION     SRP_CLI_RANGE(0, SRP_CHECKPOINT_SEC_MAX)
#define SRP_CLI_PERIODIC     SRP_CLI_RANGE(SRP_PERIODIC_MIN_MIN, SRP_PERIODIC_MIN_MAX)
#define SRP_CLI_NACK         "<macro|micro> [max-response " SRP_CLI_RANGE(0, SRP_NACK_RESPONSE_MAX) "]"
#define SRP_CLI_MEMORY       SRP_CLI_RANGE(SRP_MEMORY_MIB_MIN, SRP_MEMORY_MIB_MAX)
#define SRP_CLI_AUDIT        SRP_CLI_RANGE(SRP_AUDIT_MIN_MIN, SRP_AUDIT_MIN_MAX)
#define SRP_CLI_GUARD_TIMER                                                                    \
	"guard-timer <aaa-switchover-timers|diameter-switchover-timers|srp-redundancy-timers " \
	"<aaa|bgp|diam>> "
#define SRP_CLI_GUARD_PERIODS "{damping-period " SRP_CLI_GUARD "|guard-period " SRP_CLI_GUARD "}"
#define SRP_CLI_CLASS         "class <ims|non-ims>"
#define SRP_CLI_L2                                                                               \
	"[{count " SRP_CLI_RANGE(SRP_L2_COUNT_MIN, SRP_L2_COUNT_MAX) "|interval " SRP_CLI_RANGE( \
		SRP_L2_INTERVAL_MSEC_MIN, SRP_L2_INTERVAL_MSEC_MAX) " msec}]"
#define SRP_CLI_V4             "<A.B.C.D/M|A.B.C.D A.B.C.D>"
#define SRP_CLI_POOL4          SRP_CLI_V4 " srp-activate [{nexthop A.B.C.D|interface IFNAME|" SRP_CLI_CLASS "}]"
#define SRP_CLI_POOL6          "X:X::X:X/M srp-activate [{nexthop X:X::X:X|interface IFNAME|" SRP_CLI_CLASS "}]"

/* and help, one line per token. */
#define SRP_CLI_SHOW_HELP      "Show running system information\n"
#define SRP_CLI_SRP_HELP       "Service Redundancy Protocol\n"
#define SRP_CLI_JSON_HELP      "JavaScript Object Notation\n"
#define SRP_CLI_NO_HELP        "Negate a command or set its default\n"
#define SRP_CLI_RESET_HELP     SRP_CLI_NO_HELP "Set a command to its default\n"
#define SRP_CLI_ADDR_HELP      "IPv4 address\nIPv6 address\n"
#define SRP_CLI_MSEC_HELP      "Seconds\nMilliseconds\nThe number is in milliseconds\n"
#define SRP_CLI_VRF_HELP       "FRR VRF name, default for none\n"
#define SRP_CLI_CONTEXT_HELP   "Configure the srp-activated objects of a context\n" SRP_CLI_VRF_HELP
#define SRP_CLI_ENTER_SRP_HELP "Configure the Service Redundancy Protocol\n"
#define SRP_CLI_SECOND_HELP    "The same of the second path\n" SRP_CLI_ADDR_HELP
#define SRP_CLI_BIND_HELP      "Local end of the link to the peer\nAddress\n" SRP_CLI_ADDR_HELP SRP_CLI_SECOND_HELP
#define SRP_CLI_PEER_HELP      "The peer's end of the link\n" SRP_CLI_ADDR_HELP SRP_CLI_SECOND_HELP
#define SRP_CLI_DSCP_HELP                                                                           \
	"DSCP of the link's packets (default be)\nThe control connection\nThe session connection\n" \
	"Best effort\n"                                                                             \
	"Assured forwarding class 1, drop precedence 1\n"                                           \
	"Assured forwarding class 1, drop precedence 2\n"                                           \
	"Assured forwarding class 1, drop precedence 3\n"                                           \
	"Assured forwarding class 2, drop precedence 1\n"                                           \
	"Assured forwarding class 2, drop precedence 2\n"                                           \
	"Assured forwarding class 2, drop precedence 3\n"                                           \
	"Assured forwarding class 3, drop precedence 1\n"                                           \
	"Assured forwarding class 3, drop precedence 2\n"                                           \
	"Assured forwarding class 3, drop precedence 3\n"                                           \
	"Assured forwarding class 4, drop precedence 1\n"                                           \
	"Assured forwarding class 4, drop precedence 2\n"                                           \
	"Assured forwarding class 4, drop precedence 3\n"                                           \
	"Class selector 1\n"                                                                        \
	"Class selector 2\n"                                                                        \
	"Class selector 3\n"                                                                        \
	"Class selector 4\n"                                                                        \
	"Class selector 5\n"                                                                        \
	"Class selector 6\n"                                                                        \
	"Class selector 7\n"                                                                        \
	"Expedited forwarding\n"
#define SRP_CLI_AUTH_HELP "How the peer is known (TLS 1.3)\n"
#define SRP_CLI_PSK_HELP                                                                                   \
	SRP_CLI_AUTH_HELP "By a key that both have\nFile with the key, 32 random bytes or more, plain or " \
			  "hexadecimal\n"
#define SRP_CLI_CERTIFICATE_HELP                                                                            \
	SRP_CLI_AUTH_HELP "By certificates\nFile with the own certificate and its chain, PEM\nIts private " \
			  "key\nFile, PEM\nThe authority of the peer's certificate\nFile, PEM\n"
#define SRP_CLI_IDENTITY_HELP \
	SRP_CLI_AUTH_HELP "Name in the peer's certificate, instead of its address\nName\n"
#define SRP_CLI_MD5_HELP  \
	SRP_CLI_AUTH_HELP \
	"TCP-MD5 signatures, besides\nBy a key that both have\nFile with the key, 1 to 80 bytes\n"
#define SRP_CLI_INSECURE_HELP "Without authentication, take a peer that is not directly connected\n"
#define SRP_CLI_PORT_HELP     "TCP port of the link (default 4545)\nPort\n"
#define SRP_CLI_MODE_HELP \
	"Which of the two this chassis is (default backup)\nThe primary chassis\nThe backup chassis\n"
#define SRP_CLI_PRIORITY_HELP "Priority in the election, lower is better (default 125)\nPriority\n"
#define SRP_CLI_HELLO_HELP    "Time between two hello messages (default 10)\n" SRP_CLI_MSEC_HELP
#define SRP_CLI_DEAD_HELP \
	"Silence that means the peer is dead, at least 3 x hello-interval (default 30)\n" SRP_CLI_MSEC_HELP
#define SRP_CLI_DELAY_HELP \
	"More patience at the start with a peer that was never heard (default 0)\nSeconds\n"
#define SRP_CLI_THRESHOLD_HELP                            \
	"Route modifier, the count of AS-path prepends\n" \
	"Value above which the pair starts over (default 8)\nThreshold\n"
#define SRP_CLI_HOLD_HELP \
	"The module in bgpd\nHow long bgpd keeps the last policy without srpd (default 60)\nSeconds\n"
#define SRP_CLI_DRIVER_HELP "bgpd\nHow bgpd is talked to (default module)\n"
#define SRP_CLI_METRIC_HELP \
	"The metric of kernel routes and a route-map of your own: nothing is loaded into bgpd\n"
#define SRP_CLI_BASE_HELP                                                           \
	"Metric of what is not announced; N more says N prepends (default 24500)\n" \
	"Metric\n"
#define SRP_CLI_CONFIG_CHECK_HELP \
	"Time between two comparisons with the peer's configuration (default 3600)\nSeconds\n"
#define SRP_CLI_WITNESS_HELP \
	"How much longer a silent peer is waited for that BGP still hears (default off)\n" SRP_CLI_MSEC_HELP
#define SRP_CLI_SWITCHOVER_HELP "How a switchover goes\n"
#define SRP_CLI_ALL_DATA_HELP \
	SRP_CLI_SWITCHOVER_HELP "Data of all sessions passes while accounting of the old Active comes in\n"
#define SRP_CLI_VOLTE_DATA_HELP                                                     \
	SRP_CLI_SWITCHOVER_HELP                                                     \
	"Data of IMS sessions passes while accounting of the old Active comes in\n" \
	"But only after the accounting of the IMS sessions themselves\n"
#define SRP_CLI_EARLY_ACTIVE_HELP \
	SRP_CLI_SWITCHOVER_HELP "Active before accounting of the old Active has come in\n"
#define SRP_CLI_CONTROL_OUTAGE_HELP \
	SRP_CLI_SWITCHOVER_HELP "Sessions may be set up and changed while accounting comes in\n"
#define SRP_CLI_CONVERGENCE_HELP                                                                 \
	SRP_CLI_SWITCHOVER_HELP                                                                  \
	"From the peer's announcement to the own withdrawal, make before break (default 1000)\n" \
	"Milliseconds\nThe number is in milliseconds\n"
#define SRP_CLI_PEER_FAIL_HELP                                                                     \
	SRP_CLI_SWITCHOVER_HELP                                                                    \
	"Does a failed monitor hand over to a peer whose monitors fail, too? (default disallow)\n" \
	"At once\nNever, or only when both have failed for some time\nThat time\nSeconds\n"
#define SRP_CLI_CKPT_HELP "Copies of sessions on the standby chassis\nOf sessions\n"
#define SRP_CLI_DURATION_HELP                                                              \
	SRP_CLI_CKPT_HELP "How old a session has to be before it is copied (default 60)\n" \
			  "Sessions of class ims\nAll others\nSeconds\n"
#define SRP_CLI_PERIODIC_HELP \
	SRP_CLI_CKPT_HELP     \
	"Time between two copies of each whole session (default 45)\nMinutes, divisible by 15\n"
#define SRP_CLI_COMPRESSION_HELP \
	SRP_CLI_CKPT_HELP        \
	"How copies are compressed (default zlib)\nWhere both chassis have it; fast\nRFC 1950\n"
#define SRP_CLI_NACK_HELP                                                                            \
	SRP_CLI_CKPT_HELP "Ask for a session again when a copy of it cannot be used (default off)\n" \
			  "Of whole sessions\nOf parts of sessions\n"                                \
			  "How often within ten minutes (default 3)\nTimes\n"
#define SRP_CLI_MEMORY_HELP SRP_CLI_CKPT_HELP "Memory for sessions, at most (default 1024)\nMiB\n"
#define SRP_CLI_RECOVERY_HELP                                                                     \
	"What this chassis does as standby\nWhen it takes sessions in (default normal: after 21 " \
	"seconds)\nAt once\n"
#define SRP_CLI_CLEANUP_HELP           "What has to be done besides\nTell of sessions that an audit takes out\n"
#define SRP_CLI_AUDIT_HELP             "Comparison of the sessions of both chassis\n"
#define SRP_CLI_AUDIT_DAILY_HELP       SRP_CLI_AUDIT_HELP "Every day at this time (default none)\nHour\nMinute\n"
#define SRP_CLI_AUDIT_PERIODICITY_HELP SRP_CLI_AUDIT_HELP "Every so often (default 60)\nMinutes\n"
#define SRP_CLI_STATISTICS_FORMS       "[<verbose|debug-info|sessmgr all [<debug-info|write-list-stats>]>] [json]"
#define SRP_CLI_STATISTICS_HELP                                                                             \
	"Each session manager\nEverything that is counted\nSession managers\nAll of them\nEverything that " \
	"is "                                                                                               \
	"counted\nWhat waits to be sent\n"
#define SRP_CLI_GUARD_TIMER_HELP                                                               \
	"When a failure hands over only after it has lasted\nAAA failures after taking over\n" \
	"Diameter failures after taking over\nFailures after a local task has restarted\n"     \
	"AAA failures\nBGP failures\nDiameter failures\n"                                      \
	"How long such a failure must last (default 60)\nSeconds\n"                            \
	"How long after that event failures are damped (default 60)\nSeconds\n"
#define SRP_CLI_MONITOR_HELP                                                                                \
	"What a switchover depends on\nBGP peers\nContext of the peer\n" SRP_CLI_VRF_HELP SRP_CLI_ADDR_HELP \
	"Interface of an unnumbered peer\nA group fails when all of its peers are down\nGroup number\n"
#define SRP_CLI_ACTIVATE_HELP "In the kernel and announced while this chassis is Active\n"
#define SRP_CLI_V4_HELP       "Prefix\nAddress\nMask\n" SRP_CLI_ACTIVATE_HELP
#define SRP_CLI_V6_HELP       "Prefix\n" SRP_CLI_ACTIVATE_HELP
#define SRP_CLI_VIA_HELP                                                                         \
	"Route the pool to a gateway\nGateway\nRoute the pool to an interface\nInterface name\n" \
	"Class of its sessions: a blackhole while their data may not pass (default non-ims)\n"   \
	"Voice over LTE and the like\nAny other\n"
#define SRP_CLI_POOL4_HELP "IPv4 objects\nAddress pool\nPool name\n" SRP_CLI_V4_HELP SRP_CLI_VIA_HELP
#define SRP_CLI_POOL6_HELP "IPv6 objects\nAddress pool\nPool name\n" SRP_CLI_V6_HELP SRP_CLI_VIA_HELP
#define SRP_CLI_L2_HELP                                                                          \
	"Tell the hosts of an Ethernet segment that the addresses in its subnets are here now\n" \
	"Its interface\nInterface name\nHow often, each time (default 5)\nTimes\n"               \
	"Time between two (default 1000 msec)\nMilliseconds\nThe number is in milliseconds\n"
#define SRP_CLI_LOOPBACK_HELP \
	"Configure a loopback interface\nName, of your choice\nIts addresses are set on lo\n"
#define SRP_CLI_ADDRESS4_HELP "IPv4 objects\nAddress of the loopback\n" SRP_CLI_V4_HELP
#define SRP_CLI_ADDRESS6_HELP "IPv6 objects\nAddress of the loopback\n" SRP_CLI_V6_HELP

#define SRP_CLI_NODES(X)                                          \
	X(SRP, "srp", CONFIG, "%s(config-srp)# ")                 \
	X(CONTEXT, "srp context", CONFIG, "%s(config-srp-ctx)# ") \
	X(LOOPBACK, "srp loopback interface", CONTEXT, "%s(config-srp-lo)# ")

#define SRP_CLI_ENTER_COMMANDS(X)                                                                 \
	X(srp, CONFIG, "service-redundancy-protocol", SRP_CLI_ENTER_SRP_HELP, CMD_ATTR_YANG, SRP) \
	X(context, CONFIG, "context VRFNAME", SRP_CLI_CONTEXT_HELP, CMD_ATTR_YANG, CONTEXT)       \
	X(loopback, CONTEXT, "interface NAME loopback", SRP_CLI_LOOPBACK_HELP, CMD_ATTR_YANG, LOOPBACK)

#define SRP_CLI_COMMANDS(X)                                                                                  \
	/* what it does */                                                                                   \
	X(show_info, VIEW, "show srp info [json]",                                                           \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP "Roles, peer, kernel and BGP\n" SRP_CLI_JSON_HELP, 0)           \
	X(show_monitor, VIEW, "show srp monitor [<all|bgp>] [json]",                                         \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Monitored objects\nAll monitors\nBGP peers\n" SRP_CLI_JSON_HELP,                                  \
	  0)                                                                                                 \
	X(show_statistics, VIEW, "show srp statistics [json]",                                               \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP "Counters since srpd started\n" SRP_CLI_JSON_HELP, 0)           \
	X(show_history, VIEW, "show srp switchover-history [json]",                                          \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Role changes and switchovers, also of before a restart\n" SRP_CLI_JSON_HELP,                      \
	  0)                                                                                                 \
	X(show_checkpoint_statistics, VIEW, "show srp checkpoint statistics " SRP_CLI_STATISTICS_FORMS,      \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Copies of sessions\nCounters, lag and memory\n" SRP_CLI_STATISTICS_HELP SRP_CLI_JSON_HELP,        \
	  0)                                                                                                 \
	X(show_checkpoint_info, VIEW, "show srp checkpoint info [json]",                                     \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Copies of sessions\nWhat session managers have declared: CMD-IDs and names\n" SRP_CLI_JSON_HELP,  \
	  0)                                                                                                 \
	X(show_audit, VIEW, "show srp audit-statistics [json]",                                              \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Comparisons of the sessions of both chassis\n" SRP_CLI_JSON_HELP,                                 \
	  0)                                                                                                 \
	X(show_call_loss, VIEW, "show srp call-loss statistics [json]",                                      \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "Sessions that switchovers have cost\nThe last take-overs\n" SRP_CLI_JSON_HELP,                    \
	  0)                                                                                                 \
	X(show_bgp_policy, VIEW, "show srp bgp-policy [context NAME] [as AS]",                               \
	  SRP_CLI_SHOW_HELP SRP_CLI_SRP_HELP                                                                 \
	  "The route-map that bgpd needs with bgp driver metric\nOf a VRF\nName of the VRF\nFor another AS " \
	  "than bgpd's\nAS number\n",                                                                        \
	  0)                                                                                                 \
	X(initiate_audit, ENABLE, "srp initiate-audit manual-with-sync",                                     \
	  SRP_CLI_SRP_HELP "Compare the sessions of both chassis\nNow, and repair what differs\n", 0)        \
	X(nack_cmd, ENABLE, "srp <disable|enable> nack micro-chkpt-cmd (1-255)",                             \
	  SRP_CLI_SRP_HELP "Stop something\nLet it happen again\n"                                           \
			   "Asking for a session again because a part of it could not be used\n"             \
			   "Of the part with this CMD-ID\nCMD-ID, see show srp checkpoint info\n",           \
	  0)                                                                                                 \
	X(clear_statistics, ENABLE, "srp clear statistics",                                                  \
	  SRP_CLI_SRP_HELP "Begin anew\nCounters of checkpoints and audits\n", 0)                            \
	X(show_configuration, ENABLE, "show configuration srp",                                              \
	  SRP_CLI_SHOW_HELP "Configuration in force\n" SRP_CLI_SRP_HELP, 0)                                  \
	X(initiate_switchover, ENABLE, "srp initiate-switchover [force]",                                    \
	  SRP_CLI_SRP_HELP                                                                                   \
	  "Hand the Active role over to the peer\nAlthough it, or this chassis, is not ready for it\n",      \
	  0)                                                                                                 \
	X(validate_switchover, ENABLE, "srp validate-switchover",                                            \
	  SRP_CLI_SRP_HELP "Are both chassis ready for a planned switchover?\n", 0)                          \
	X(validate_configuration, ENABLE, "srp validate-configuration [json]",                               \
	  SRP_CLI_SRP_HELP "Does the peer have the same configuration?\n" SRP_CLI_JSON_HELP, 0)              \
	X(terminate_post_process, ENABLE, "srp terminate-post-process",                                      \
	  SRP_CLI_SRP_HELP "Wait no longer for what the old Active has to bring\n", 0)                       \
	X(reset_auth_probe_fail, ENABLE, "srp reset-auth-probe-fail",                                        \
	  SRP_CLI_SRP_HELP "Let AAA failures hand over again\n", 0)                                          \
	X(reset_diameter_fail, ENABLE, "srp reset-diameter-fail",                                            \
	  SRP_CLI_SRP_HELP "Let Diameter failures hand over again\n", 0)                                     \
	/* leaving out whole nodes */                                                                        \
	X(no_srp, CONFIG, "no service-redundancy-protocol", SRP_CLI_NO_HELP SRP_CLI_ENTER_SRP_HELP,          \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_context, CONFIG, "no context VRFNAME", SRP_CLI_NO_HELP SRP_CLI_CONTEXT_HELP, CMD_ATTR_YANG)     \
	X(no_loopback, CONTEXT, "no interface NAME loopback", SRP_CLI_NO_HELP SRP_CLI_LOOPBACK_HELP,         \
	  CMD_ATTR_YANG)                                                                                     \
	/* service-redundancy-protocol */                                                                    \
	X(bind, SRP, "bind address " SRP_CLI_ENDS, SRP_CLI_BIND_HELP, CMD_ATTR_YANG)                         \
	X(no_bind, SRP, "<no|default> bind address [" SRP_CLI_ENDS "]",                                      \
	  SRP_CLI_RESET_HELP SRP_CLI_BIND_HELP, CMD_ATTR_YANG)                                               \
	X(peer, SRP, "peer-ip-address " SRP_CLI_ENDS, SRP_CLI_PEER_HELP, CMD_ATTR_YANG)                      \
	X(no_peer, SRP, "<no|default> peer-ip-address [" SRP_CLI_ENDS "]",                                   \
	  SRP_CLI_RESET_HELP SRP_CLI_PEER_HELP, CMD_ATTR_YANG)                                               \
	X(dscp, SRP, "dscp-marking <control|session> " SRP_CLI_DSCP, SRP_CLI_DSCP_HELP, CMD_ATTR_YANG)       \
	X(no_dscp, SRP, "<no|default> dscp-marking <control|session> [" SRP_CLI_DSCP "]",                    \
	  SRP_CLI_RESET_HELP SRP_CLI_DSCP_HELP, CMD_ATTR_YANG)                                               \
	X(auth_psk, SRP, "authentication psk-file FILE", SRP_CLI_PSK_HELP, CMD_ATTR_YANG)                    \
	X(no_auth_psk, SRP, "no authentication psk-file [FILE]", SRP_CLI_NO_HELP SRP_CLI_PSK_HELP,           \
	  CMD_ATTR_YANG)                                                                                     \
	X(auth_certificate, SRP, "authentication certificate FILE key FILE ca FILE",                         \
	  SRP_CLI_CERTIFICATE_HELP, CMD_ATTR_YANG)                                                           \
	X(no_auth_certificate, SRP, "no authentication certificate [FILE key FILE ca FILE]",                 \
	  SRP_CLI_NO_HELP SRP_CLI_CERTIFICATE_HELP, CMD_ATTR_YANG)                                           \
	X(auth_identity, SRP, "authentication peer-identity NAME", SRP_CLI_IDENTITY_HELP, CMD_ATTR_YANG)     \
	X(no_auth_identity, SRP, "no authentication peer-identity [NAME]",                                   \
	  SRP_CLI_NO_HELP SRP_CLI_IDENTITY_HELP, CMD_ATTR_YANG)                                              \
	X(auth_md5, SRP, "authentication tcp-md5 key-file FILE", SRP_CLI_MD5_HELP, CMD_ATTR_YANG)            \
	X(no_auth_md5, SRP, "no authentication tcp-md5 [key-file FILE]", SRP_CLI_NO_HELP SRP_CLI_MD5_HELP,   \
	  CMD_ATTR_YANG)                                                                                     \
	X(insecure, SRP, "insecure", SRP_CLI_INSECURE_HELP, CMD_ATTR_YANG)                                   \
	X(no_insecure, SRP, "no insecure", SRP_CLI_NO_HELP SRP_CLI_INSECURE_HELP, CMD_ATTR_YANG)             \
	X(port, SRP, "port (1024-65535)", SRP_CLI_PORT_HELP, CMD_ATTR_YANG)                                  \
	X(no_port, SRP, "<no|default> port [(1024-65535)]", SRP_CLI_RESET_HELP SRP_CLI_PORT_HELP,            \
	  CMD_ATTR_YANG)                                                                                     \
	X(mode, SRP, "chassis-mode <primary|backup>", SRP_CLI_MODE_HELP, CMD_ATTR_YANG)                      \
	X(no_mode, SRP, "<no|default> chassis-mode [<primary|backup>]",                                      \
	  SRP_CLI_RESET_HELP SRP_CLI_MODE_HELP, CMD_ATTR_YANG)                                               \
	X(priority, SRP, "priority " SRP_CLI_PRIORITY, SRP_CLI_PRIORITY_HELP, CMD_ATTR_YANG)                 \
	X(no_priority, SRP, "<no|default> priority [" SRP_CLI_PRIORITY "]",                                  \
	  SRP_CLI_RESET_HELP SRP_CLI_PRIORITY_HELP, CMD_ATTR_YANG)                                           \
	X(hello, SRP, "hello-interval " SRP_CLI_HELLO, SRP_CLI_HELLO_HELP, CMD_ATTR_YANG)                    \
	X(no_hello, SRP, "<no|default> hello-interval [" SRP_CLI_HELLO "]",                                  \
	  SRP_CLI_RESET_HELP SRP_CLI_HELLO_HELP, CMD_ATTR_YANG)                                              \
	X(dead, SRP, "dead-interval " SRP_CLI_DEAD, SRP_CLI_DEAD_HELP, CMD_ATTR_YANG)                        \
	X(no_dead, SRP, "<no|default> dead-interval [" SRP_CLI_DEAD "]",                                     \
	  SRP_CLI_RESET_HELP SRP_CLI_DEAD_HELP, CMD_ATTR_YANG)                                               \
	X(delay, SRP, "delay-interval " SRP_CLI_DELAY, SRP_CLI_DELAY_HELP, CMD_ATTR_YANG)                    \
	X(no_delay, SRP, "<no|default> delay-interval [" SRP_CLI_DELAY "]",                                  \
	  SRP_CLI_RESET_HELP SRP_CLI_DELAY_HELP, CMD_ATTR_YANG)                                              \
	X(threshold, SRP, "route-modifier threshold " SRP_CLI_THRESHOLD, SRP_CLI_THRESHOLD_HELP,             \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_threshold, SRP, "<no|default> route-modifier threshold [" SRP_CLI_THRESHOLD "]",                \
	  SRP_CLI_RESET_HELP SRP_CLI_THRESHOLD_HELP, CMD_ATTR_YANG)                                          \
	X(bgp_hold, SRP, "bgp hold-time " SRP_CLI_HOLD, SRP_CLI_HOLD_HELP, CMD_ATTR_YANG)                    \
	X(no_bgp_hold, SRP, "<no|default> bgp hold-time [" SRP_CLI_HOLD "]",                                 \
	  SRP_CLI_RESET_HELP SRP_CLI_HOLD_HELP, CMD_ATTR_YANG)                                               \
	X(bgp_driver_module, SRP, "bgp driver module", SRP_CLI_DRIVER_HELP "The module bgpd_srp\n",          \
	  CMD_ATTR_YANG)                                                                                     \
	X(bgp_driver_metric, SRP, "bgp driver metric [base " SRP_CLI_BASE "]",                               \
	  SRP_CLI_DRIVER_HELP SRP_CLI_METRIC_HELP SRP_CLI_BASE_HELP, CMD_ATTR_YANG)                          \
	X(no_bgp_driver, SRP, "<no|default> bgp driver [<module|metric [base " SRP_CLI_BASE "]>]",           \
	  SRP_CLI_RESET_HELP SRP_CLI_DRIVER_HELP                                                             \
	  "The module bgpd_srp\n" SRP_CLI_METRIC_HELP SRP_CLI_BASE_HELP,                                     \
	  CMD_ATTR_YANG)                                                                                     \
	X(config_check, SRP, "configuration-interval " SRP_CLI_CONFIG_CHECK, SRP_CLI_CONFIG_CHECK_HELP,      \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_config_check, SRP, "<no|default> configuration-interval [" SRP_CLI_CONFIG_CHECK "]",            \
	  SRP_CLI_RESET_HELP SRP_CLI_CONFIG_CHECK_HELP, CMD_ATTR_YANG)                                       \
	X(witness, SRP, "witness-interval " SRP_CLI_WITNESS, SRP_CLI_WITNESS_HELP, CMD_ATTR_YANG)            \
	X(no_witness, SRP, "<no|default> witness-interval [" SRP_CLI_WITNESS "]",                            \
	  SRP_CLI_RESET_HELP SRP_CLI_WITNESS_HELP, CMD_ATTR_YANG)                                            \
	X(all_data, SRP, "switchover allow-all-data-traffic", SRP_CLI_ALL_DATA_HELP, CMD_ATTR_YANG)          \
	X(no_all_data, SRP, "<no|default> switchover allow-all-data-traffic",                                \
	  SRP_CLI_RESET_HELP SRP_CLI_ALL_DATA_HELP, CMD_ATTR_YANG)                                           \
	X(volte_data, SRP, "switchover allow-volte-data-traffic [maintain-accounting]",                      \
	  SRP_CLI_VOLTE_DATA_HELP, CMD_ATTR_YANG)                                                            \
	X(no_volte_data, SRP, "<no|default> switchover allow-volte-data-traffic [maintain-accounting]",      \
	  SRP_CLI_RESET_HELP SRP_CLI_VOLTE_DATA_HELP, CMD_ATTR_YANG)                                         \
	X(early_active, SRP, "switchover allow-early-active-transition", SRP_CLI_EARLY_ACTIVE_HELP,          \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_early_active, SRP, "<no|default> switchover allow-early-active-transition",                     \
	  SRP_CLI_RESET_HELP SRP_CLI_EARLY_ACTIVE_HELP, CMD_ATTR_YANG)                                       \
	X(control_outage, SRP, "switchover control-outage-optimization", SRP_CLI_CONTROL_OUTAGE_HELP,        \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_control_outage, SRP, "<no|default> switchover control-outage-optimization",                     \
	  SRP_CLI_RESET_HELP SRP_CLI_CONTROL_OUTAGE_HELP, CMD_ATTR_YANG)                                     \
	X(convergence, SRP, "switchover convergence-time " SRP_CLI_CONVERGENCE, SRP_CLI_CONVERGENCE_HELP,    \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_convergence, SRP, "<no|default> switchover convergence-time [" SRP_CLI_CONVERGENCE "]",         \
	  SRP_CLI_RESET_HELP SRP_CLI_CONVERGENCE_HELP, CMD_ATTR_YANG)                                        \
	X(peer_fail, SRP, "switchover on-peer-monitor-fail " SRP_CLI_PEER_FAIL, SRP_CLI_PEER_FAIL_HELP,      \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_peer_fail, SRP, "<no|default> switchover on-peer-monitor-fail [" SRP_CLI_PEER_FAIL "]",         \
	  SRP_CLI_RESET_HELP SRP_CLI_PEER_FAIL_HELP, CMD_ATTR_YANG)                                          \
	X(guard_timer, SRP, SRP_CLI_GUARD_TIMER SRP_CLI_GUARD_PERIODS, SRP_CLI_GUARD_TIMER_HELP,             \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_guard_timer, SRP, "<no|default> " SRP_CLI_GUARD_TIMER "[" SRP_CLI_GUARD_PERIODS "]",            \
	  SRP_CLI_RESET_HELP SRP_CLI_GUARD_TIMER_HELP, CMD_ATTR_YANG)                                        \
	X(ckpt_duration, SRP, "checkpoint session duration <ims-session|non-ims-session> " SRP_CLI_DURATION, \
	  SRP_CLI_DURATION_HELP, CMD_ATTR_YANG)                                                              \
	X(no_ckpt_duration, SRP,                                                                             \
	  "<no|default> checkpoint session duration <ims-session|non-ims-session> [" SRP_CLI_DURATION "]",   \
	  SRP_CLI_RESET_HELP SRP_CLI_DURATION_HELP, CMD_ATTR_YANG)                                           \
	X(ckpt_periodic, SRP, "checkpoint session periodic-interval " SRP_CLI_PERIODIC,                      \
	  SRP_CLI_PERIODIC_HELP, CMD_ATTR_YANG)                                                              \
	X(no_ckpt_periodic, SRP, "<no|default> checkpoint session periodic-interval [" SRP_CLI_PERIODIC "]", \
	  SRP_CLI_RESET_HELP SRP_CLI_PERIODIC_HELP, CMD_ATTR_YANG)                                           \
	X(ckpt_compression, SRP, "checkpoint session compression <lz4|zlib>", SRP_CLI_COMPRESSION_HELP,      \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_ckpt_compression, SRP, "<no|default> checkpoint session compression [<lz4|zlib>]",              \
	  SRP_CLI_RESET_HELP SRP_CLI_COMPRESSION_HELP, CMD_ATTR_YANG)                                        \
	X(ckpt_nack, SRP, "checkpoint session nack " SRP_CLI_NACK, SRP_CLI_NACK_HELP, CMD_ATTR_YANG)         \
	X(no_ckpt_nack, SRP, "<no|default> checkpoint session nack " SRP_CLI_NACK,                           \
	  SRP_CLI_RESET_HELP SRP_CLI_NACK_HELP, CMD_ATTR_YANG)                                               \
	X(ckpt_memory, SRP, "checkpoint session memory-limit " SRP_CLI_MEMORY, SRP_CLI_MEMORY_HELP,          \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_ckpt_memory, SRP, "<no|default> checkpoint session memory-limit [" SRP_CLI_MEMORY "]",          \
	  SRP_CLI_RESET_HELP SRP_CLI_MEMORY_HELP, CMD_ATTR_YANG)                                             \
	X(recovery, SRP, "standby database-recovery aggressive", SRP_CLI_RECOVERY_HELP, CMD_ATTR_YANG)       \
	X(no_recovery, SRP, "<no|default> standby database-recovery [aggressive]",                           \
	  SRP_CLI_RESET_HELP SRP_CLI_RECOVERY_HELP, CMD_ATTR_YANG)                                           \
	X(graceful_cleanup, SRP, "require graceful-cleanup-during-audit-failure", SRP_CLI_CLEANUP_HELP,      \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_graceful_cleanup, SRP, "<no|default> require graceful-cleanup-during-audit-failure",            \
	  SRP_CLI_RESET_HELP SRP_CLI_CLEANUP_HELP, CMD_ATTR_YANG)                                            \
	X(audit_daily, SRP, "audit daily-start-time (0-23) (0-59)", SRP_CLI_AUDIT_DAILY_HELP, CMD_ATTR_YANG) \
	X(no_audit_daily, SRP, "<no|default> audit daily-start-time [(0-23) (0-59)]",                        \
	  SRP_CLI_RESET_HELP SRP_CLI_AUDIT_DAILY_HELP, CMD_ATTR_YANG)                                        \
	X(audit_periodicity, SRP, "audit periodicity " SRP_CLI_AUDIT, SRP_CLI_AUDIT_PERIODICITY_HELP,        \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_audit_periodicity, SRP, "<no|default> audit periodicity [" SRP_CLI_AUDIT "]",                   \
	  SRP_CLI_RESET_HELP SRP_CLI_AUDIT_PERIODICITY_HELP, CMD_ATTR_YANG)                                  \
	X(monitor_bgp, SRP, SRP_CLI_MONITOR, SRP_CLI_MONITOR_HELP, CMD_ATTR_YANG)                            \
	X(no_monitor_bgp, SRP, "no " SRP_CLI_MONITOR, SRP_CLI_NO_HELP SRP_CLI_MONITOR_HELP, CMD_ATTR_YANG)   \
	/* context NAME */                                                                                   \
	X(pool4, CONTEXT, "ip pool NAME " SRP_CLI_POOL4, SRP_CLI_POOL4_HELP, CMD_ATTR_YANG)                  \
	X(no_pool4, CONTEXT, "no ip pool NAME [" SRP_CLI_POOL4 "]", SRP_CLI_NO_HELP SRP_CLI_POOL4_HELP,      \
	  CMD_ATTR_YANG)                                                                                     \
	X(pool6, CONTEXT, "ipv6 pool NAME " SRP_CLI_POOL6, SRP_CLI_POOL6_HELP, CMD_ATTR_YANG)                \
	X(no_pool6, CONTEXT, "no ipv6 pool NAME [" SRP_CLI_POOL6 "]", SRP_CLI_NO_HELP SRP_CLI_POOL6_HELP,    \
	  CMD_ATTR_YANG)                                                                                     \
	X(l2_announce, CONTEXT, "l2-announce interface IFNAME " SRP_CLI_L2, SRP_CLI_L2_HELP, CMD_ATTR_YANG)  \
	X(no_l2_announce, CONTEXT, "<no|default> l2-announce interface IFNAME " SRP_CLI_L2,                  \
	  SRP_CLI_RESET_HELP SRP_CLI_L2_HELP, CMD_ATTR_YANG)                                                 \
	/* interface NAME loopback */                                                                        \
	X(address4, LOOPBACK, "ip address " SRP_CLI_V4 " srp-activate", SRP_CLI_ADDRESS4_HELP,               \
	  CMD_ATTR_YANG)                                                                                     \
	X(no_address4, LOOPBACK, "no ip address " SRP_CLI_V4 " [srp-activate]",                              \
	  SRP_CLI_NO_HELP SRP_CLI_ADDRESS4_HELP, CMD_ATTR_YANG)                                              \
	X(address6, LOOPBACK, "ipv6 address X:X::X:X/M srp-activate", SRP_CLI_ADDRESS6_HELP, CMD_ATTR_YANG)  \
	X(no_address6, LOOPBACK, "no ipv6 address X:X::X:X/M [srp-activate]",                                \
	  SRP_CLI_NO_HELP SRP_CLI_ADDRESS6_HELP, CMD_ATTR_YANG)

#endif
