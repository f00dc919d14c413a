/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A healthy host for the tests of check-frr, ways to spoil it, and what they expect then. */
#ifndef HEALTHY_HOST_H
#define HEALTHY_HOST_H

#include "frr-integration/check_frr.h"

#define FRR 109
#define BGP                                                                              \
	"frr version 8.4.4\nfrr defaults traditional\n!\n"                               \
	"router bgp 65001\n"                                                             \
	" no bgp ebgp-requires-policy\n no bgp default ipv4-unicast\n coalesce-time 0\n" \
	" bgp graceful-restart-disable\n"                                                \
	" neighbor UP peer-group\n neighbor UP remote-as 65002\n neighbor UP bfd\n"      \
	" neighbor 10.1.1.2 peer-group UP\n neighbor 2001:db8:1::2 peer-group UP\n !\n"  \
	" address-family ipv4 unicast\n  redistribute kernel route-map srp\n"            \
	"  redistribute connected route-map srp\n  neighbor 10.1.1.2 activate\n"         \
	" exit-address-family\n !\n"                                                     \
	" address-family ipv6 unicast\n  redistribute kernel route-map srp\n"            \
	"  redistribute connected route-map srp\n  neighbor 2001:db8:1::2 activate\n"    \
	" exit-address-family\nexit\n!\n"
#define SRP_MAPS                                                                                  \
	"route-map srp permit 1\n match ip address prefix-list srp\n set as-path prepend 65001\n" \
	"exit\n!\nroute-map srp permit 2\n match ipv6 address prefix-list srp\n"                  \
	" set as-path prepend 65001\nexit\n"
#define SRPD                                                                                      \
	"service-redundancy-protocol\n bind address 10.255.0.1\n peer-ip-address 10.255.0.2\n"    \
	" authentication psk-file /etc/frr/srp.psk\n"                                             \
	" monitor bgp context default 10.1.1.2 group 1\nexit\n"                                   \
	"context default\n interface service loopback\n  ip address 172.17.1.1/32 srp-activate\n" \
	"  ipv6 address 2001:db8:17::1/128 srp-activate\n exit\n"                                 \
	" ip pool p 10.100.0.0 255.255.0.0 srp-activate nexthop 10.2.1.2\n"                       \
	" ipv6 pool p 2001:db8:100::/40 srp-activate\nexit\n"
#define DAEMONS                                                                                  \
	"# comment\nbgpd=no\nbgpd=yes\nbfdd=yes\nzebra_options=\"  -A 127.0.0.1 -s 90000000\"\n" \
	"bgpd_options=\"   -A 127.0.0.1 -M srp:fallback=9\"\n"
#define MODULES                                                                     \
	"Module Name  Version                   Description\n\n"                    \
	"libfrr       8.4.4                     libfrr core module\n"               \
	"bgpd         8.4.4-MyOwn               bgpd daemon\n"                      \
	"bgpd_srp     8.4.4                     srpd's BGP policy and peer state\n" \
	"\tfrom: /usr/lib/x86_64-linux-gnu/frr/modules/bgpd_srp.so\npid: 3029\n"
#define RT_PROTOS "# comment\n4 static\n245\tsrp\n"

/* Pieces of BGP: what stands there, and the same without the route-map. */
#define PLAIN_IN  "  redistribute kernel\n  redistribute connected\n  neighbor 10.1.1.2 activate\n"
#define SRP_IN                                                                                              \
	"  redistribute kernel route-map srp\n  redistribute connected route-map srp\n  neighbor 10.1.1.2 " \
	"activate\n"

/* The rules that had, and had not, a finding in any report so far. */
extern bool fired[CHECK_FRR_RULE_COUNT], absent[CHECK_FRR_RULE_COUNT];

/* A host on which all is well. The strings are the facts' own, as check_frr_facts_clear() frees them. */
struct check_frr_facts healthy(void);
void set(char **text, const char *value);
/* Replace the first `from` in a text by `to`. */
void edit(char **text, const char *from, const char *to);
/* In what bgpd runs and in what it starts from. */
void edit_bgp(struct check_frr_facts *facts, const char *from, const char *to);
void add(char **text, const char *more);
void add_bgp(struct check_frr_facts *facts, const char *more);
void edit_srpd(struct check_frr_facts *facts, const char *from, const char *to);
void add_srpd(struct check_frr_facts *facts, const char *more);
const struct check_frr_finding *find(const struct check_frr_report *report, enum check_frr_rule rule);
/* Judge and free the facts. */
struct check_frr_report judge(struct check_frr_facts *facts);
void assert_count(const struct check_frr_report *report, size_t count);
/* This one finding and no other; what and mend have these words. The facts are freed. */
void assert_only(struct check_frr_facts *facts, enum check_frr_rule rule, const char *what, const char *mend);
/* This finding among others. */
void assert_among(struct check_frr_facts *facts, enum check_frr_rule rule);
void assert_healthy(struct check_frr_facts *facts);
#define assert_found(facts, rule, what, mend) assert_only(facts, CHECK_FRR_RULE_##rule, what, mend)

/* What the configuration of BGP is judged by (check_frr_bgp.c): run as a group of its own. */
int run_bgp_tests(void);

#endif
