/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every rule of check-frr: X(NAME, id, severity, why). Errors: the pair does not do what it is for. Warnings: it
 * does, until something happens. Notes: worth knowing. The ids are in the user guide and stay what they are.
 */
#ifndef CHECK_FRR_RULES_H
#define CHECK_FRR_RULES_H

/* clang-format off */
#define CHECK_FRR_RULES(X) \
	/* bgpd and its module */ \
	X(BGPD_OFF, "bgpd-off", ERROR, "without bgpd nothing is announced, and srpd is not ready for a switchover") \
	X(MODULE_NOT_CONFIGURED, "module-not-configured", ERROR, \
	  "without its module bgpd tells srpd nothing and sets no prepends") \
	X(MODULE_MISSING, "module-missing", ERROR, \
	  "a bgpd that is told to load a module that is not there does not start; without the half that works it runs, and " \
	  "the module is inactive") \
	X(MODULE_NOT_LOADED, "module-not-loaded", ERROR, \
	  "bgpd loads modules only when it starts") \
	X(MODULE_INACTIVE, "module-inactive", ERROR, \
	  "FRRouting has no stable ABI: the module works only in the version that it was built for, and only when all " \
	  "of it is there; bgpd's log has the reason, \"bgpd_srp: inactive: ...\"") \
	X(FRR_VERSION, "frr-version", ERROR, \
	  "FRRouting has no stable ABI: srpd does not start with, and its module is inactive in, another version") \
	X(BFDD_OFF, "bfdd-off", WARNING, "without bfdd a dead neighbour is noticed only at the end of its hold time") \
	X(SRPD_UNDER_WATCHFRR, "srpd-under-watchfrr", WARNING, \
	  "watchfrr restarts all of its daemons when zebra dies; srpd has to outlive that, to tell the peer") \
	X(ZEBRA_BUFFER, "zebra-buffer", WARNING, \
	  "zebra does not recover from an overrun of its netlink socket: with thousands of routes at once it keeps, and " \
	  "bgpd announces, routes that are gone") \
	X(SRPD_REPORTS, "srpd-reports", WARNING, "srpd itself says so in `show srp info`") \
	/* how the prefixes get into BGP */ \
	X(CONTEXT_NO_BGP, "context-no-bgp", ERROR, "a context is announced by the BGP instance of its VRF") \
	X(CONTEXT_NO_VRF, "context-no-vrf", ERROR, "srpd cannot put routes into a VRF that is not there") \
	X(NOT_REDISTRIBUTED, "not-redistributed", ERROR, \
	  "loopbacks are connected routes and pools are kernel routes to bgpd: what it does not redistribute it does not " \
	  "announce") \
	X(NOT_ACTIVATED, "not-activated", ERROR, "no neighbour hears of them") \
	X(UNPREPENDED, "unprepended", ERROR, \
	  "without the route-map that srpd keeps, both gateways announce these prefixes alike: the network cannot tell " \
	  "the Active") \
	X(UNPREPENDED_MAYBE, "unprepended-maybe", WARNING, \
	  "what the filter lets through is announced without the prepends of srpd's route-map") \
	X(MAP_MISSING, "map-missing", ERROR, "to bgpd a route-map that does not exist denies everything") \
	X(PREPENDS_TWICE, "prepends-twice", WARNING, \
	  "prepends are added on the way in and again on the way out: their number is a mismatch in `show srp info`") \
	X(OWN_PREPENDS, "own-prepends", WARNING, \
	  "prepends on top of srpd's are a mismatch in `show srp info`; `last-as` takes nothing of a local route, and a " \
	  "list after it is shown but not in force (FRRouting 8.4)") \
	X(MATCHES_SRP_LIST, "matches-srp-list", WARNING, \
	  "until srpd's first policy that prefix-list may be empty: a pool that is still in the kernel passes the later " \
	  "entry without prepends") \
	X(SRP_MAP_OWN, "srp-map-own", WARNING, \
	  "entries 1 and 2 of a route-map of that name are srpd's; others see whatever these do not match, without " \
	  "prepends") \
	X(SRP_MAP_SAVED, "srp-map-saved", NOTE, \
	  "saved by `write memory`, it is what bgpd begins with: the fallback count of prepends, until srpd has spoken") \
	X(IBGP_PREPENDS, "ibgp-prepends", WARNING, \
	  "a peer of the same AS or confederation drops a route with its own AS in the path as a loop") \
	/* neighbours */ \
	X(NO_OUT_POLICY, "no-out-policy", ERROR, \
	  "with `bgp ebgp-requires-policy`, the default, a neighbour without a filter towards it is sent nothing") \
	X(NO_IN_POLICY, "no-in-policy", NOTE, \
	  "with `bgp ebgp-requires-policy`, the default, nothing is taken from a neighbour without a filter from it") \
	X(MONITOR_UNKNOWN, "monitor-unknown", ERROR, \
	  "a peer that bgpd does not have never comes up: it counts as down a minute after srpd's start") \
	X(MONITOR_SHUTDOWN, "monitor-shutdown", WARNING, "a session that is shut down counts as a failed peer") \
	X(NO_MONITOR, "no-monitor", NOTE, "a gateway that has lost its neighbours stays Active: nothing tells srpd to hand over") \
	X(ADVERTISEMENT_INTERVAL, "advertisement-interval", WARNING, \
	  "the second change within that time waits: a switchover in a row takes so much longer") \
	X(SLOW_DETECTION, "slow-detection", NOTE, \
	  "the neighbour goes on sending traffic to a gateway that died until its hold time ends") \
	X(COALESCE_TIME, "coalesce-time", NOTE, \
	  "by default a session holds back what it announces in its first second: a failover in that second takes longer") \
	X(GRACEFUL_RESTART, "graceful-restart", WARNING, \
	  "neighbours keep the routes of this gateway when it dies, for the restart time that it asks for: traffic goes " \
	  "nowhere meanwhile. And `systemctl stop frr` does not tell them that it goes") \
	X(GRACEFUL_HELPER, "graceful-helper", NOTE, \
	  "by default FRRouting helps a neighbour that restarts, by keeping its routes: also when it is dead. The " \
	  "neighbours do the same for this gateway, if it asks for it") \
	X(DELAY_TIMER_0, "delay-timer-0", WARNING, \
	  "0 does not mean at once but never: changes of your own route-maps take no effect until a session is cleared " \
	  "(those of srpd's do)") \
	/* files and host */ \
	X(SRPD_CONF_MISSING, "srpd-conf-missing", WARNING, "without it srpd stays in the state Init and touches nothing") \
	X(SRPD_CONF_UNREADABLE, "srpd-conf-unreadable", ERROR, "srpd runs as frr and cannot read its configuration") \
	X(SRPD_CONF_UNWRITABLE, "srpd-conf-unwritable", WARNING, "srpd runs as frr: `write memory` fails") \
	X(SRPD_CONF_OPEN, "srpd-conf-open", NOTE, "everybody on this host can read it; `write memory` writes it with mode 0640") \
	X(SRP_LINES_IN_FRR_CONF, "srp-lines-in-frr-conf", WARNING, "srpd never reads frr.conf") \
	X(KEY_FILE, "key-file", ERROR, "with keys that cannot be read there is no link to the peer") \
	X(VTYSH_DAMAGED, "vtysh-damaged", WARNING, "vtysh does not know srpd's commands, or does not work at all") \
	X(VTYSH_PLAIN, "vtysh-plain", NOTE, "vtysh does not know srpd's commands; srpctl has them") \
	X(NETWORKD_FOREIGN_ROUTES, "networkd-foreign-routes", WARNING, \
	  "by default systemd-networkd removes routes that are not its own, whenever it starts or a link comes up") \
	X(FORWARDING_OFF, "forwarding-off", WARNING, "the kernel drops what is for the pools") \
	X(RP_FILTER, "rp-filter", WARNING, \
	  "in a switchover traffic comes in on one link and goes out on another: strict filtering drops it") \
	X(RT_PROTOS, "rt-protos", NOTE, "ip(8) shows srpd's routes as \"proto 245\"")
/* clang-format on */

#endif
