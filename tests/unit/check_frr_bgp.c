/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-frr's judgement of BGP's configuration: how the prefixes get in and out, and what delays them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "tests/unit/healthy_host.h"

/* --- The way of the prefixes --- */

static void redistribution(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_bgp(&facts, "  redistribute kernel route-map srp\n", "");
	assert_found(&facts, NOT_REDISTRIBUTED, "pools of context default are not redistributed in ipv4",
		     "router bgp 65001\n address-family ipv4 unicast\n  redistribute kernel route-map srp");
	facts = healthy();
	edit_bgp(
		&facts,
		" address-family ipv6 unicast\n  redistribute kernel route-map srp\n  redistribute connected",
		" address-family ipv6 unicast\n  redistribute kernel route-map srp\n  redistribute static");
	assert_found(&facts, NOT_REDISTRIBUTED, "loopbacks of context default are not redistributed in ipv6",
		     "redistribute connected route-map srp");

	/* What srpd does not have need not be there. */
	facts = healthy();
	edit_bgp(&facts, "  redistribute kernel route-map srp\n", "");
	edit_srpd(&facts, " ip pool p 10.100.0.0 255.255.0.0 srp-activate nexthop 10.2.1.2\n", "");
	assert_healthy(&facts);

	/* Network lines do it, too. */
	facts = healthy();
	edit_bgp(&facts, "  redistribute kernel route-map srp\n", "  network 10.100.0.0/16 route-map srp\n");
	assert_healthy(&facts);
	facts = healthy();
	edit_bgp(&facts, "  redistribute kernel route-map srp\n", "  network 10.100.0.0/17 route-map srp\n");
	assert_found(&facts, NOT_REDISTRIBUTED, "pools", "redistribute kernel");
	facts = healthy();
	edit_bgp(&facts, "  redistribute kernel route-map srp\n", "  network 10.100.0.0/16\n");
	assert_found(&facts, UNPREPENDED, "10.1.1.2", "route-map srp");
}

static void a_file_alone_is_judged_and_a_saved_one_besides(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;

	(void)state;
	edit(&facts.frr_conf.text, "  redistribute kernel route-map srp\n", "");
	check_frr_run(&facts, &report);
	assert_count(&report, 1);
	assert_string_equal(report.findings[0].where, "/etc/frr/frr.conf");
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);

	facts = healthy();
	set(&facts.bgpd.config, NULL);
	set(&facts.bgpd.modules, NULL);
	facts.bgpd.error = -ECONNREFUSED;
	assert_healthy(&facts);

	facts = healthy();
	set(&facts.bgpd.config, NULL);
	facts.frr_conf = (struct check_frr_file){.error = ENOENT, .text = (free(facts.frr_conf.text), NULL)};
	facts.bgpd_conf.error = 0;
	facts.bgpd_conf.text = strdup(BGP);
	edit(&facts.bgpd_conf.text, "  redistribute connected route-map srp\n", "");
	assert_found(&facts, NOT_REDISTRIBUTED, "loopbacks", "redistribute connected");
}

static void the_forms_of_bgp_policy_md(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	/* an own map that calls srp */
	edit_bgp(&facts, "redistribute kernel route-map srp", "redistribute kernel metric 7 route-map RED");
	add_bgp(&facts, "route-map RED permit 10\n set metric 77\n call srp\nexit\n");
	assert_healthy(&facts);
	/* one that calls another that does */
	facts = healthy();
	edit_bgp(&facts, "redistribute kernel route-map srp", "redistribute kernel route-map RED");
	add_bgp(&facts,
		"route-map RED permit 10\n call BLUE\nexit\nroute-map BLUE permit 10\n call srp\nexit\n");
	assert_healthy(&facts);
	/* out map */
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor 10.1.1.2 route-map srp out\n");
	assert_healthy(&facts);
	/* out map of the group */
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor UP route-map srp out\n");
	assert_healthy(&facts);
	/* an own out map that announces more */
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor 10.1.1.2 route-map OUT out\n");
	add_bgp(&facts, "route-map OUT permit 50\n match ip address prefix-list OTHERS\nexit\n"
			"route-map OUT permit 5\n match ip address prefix-list POOLS\n call srp\nexit\n");
	assert_healthy(&facts);
}

static void prefixes_that_pass_the_srp_map(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_bgp(&facts, SRP_IN, PLAIN_IN);
	assert_found(&facts, UNPREPENDED,
		     "ipv4 prefixes of context default reach neighbor 10.1.1.2 past route-map srp",
		     "redistribute kernel route-map srp");
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor 10.1.1.2 prefix-list SOME out\n");
	assert_found(&facts, UNPREPENDED_MAYBE, "through its filter", "route-map srp");
	/* the call is never reached */
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor 10.1.1.2 route-map OUT out\n");
	add_bgp(&facts,
		"route-map OUT permit 5\n set metric 1\nexit\nroute-map OUT permit 10\n call srp\nexit\n");
	assert_found(&facts, UNPREPENDED_MAYBE, "10.1.1.2", "route-map srp");
	/* another map is called */
	facts = healthy();
	edit_bgp(&facts, "redistribute kernel route-map srp", "redistribute kernel route-map RED");
	add_bgp(&facts, "route-map RED permit 10\n call BLUE\nexit\nroute-map BLUE permit 10\nexit\n");
	assert_found(&facts, UNPREPENDED, "10.1.1.2", "route-map srp");
	/* a neighbour that is shut down, or not activated, is sent nothing */
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n", " neighbor UP bfd\n neighbor 10.9.9.9 remote-as 65009\n");
	assert_healthy(&facts);

	facts = healthy();
	edit_bgp(&facts, "redistribute kernel route-map srp", "redistribute kernel route-map spr");
	assert_among(&facts, CHECK_FRR_RULE_MAP_MISSING);
	facts = healthy();
	edit_bgp(&facts, SRP_IN, SRP_IN "  neighbor 10.1.1.2 route-map srp out\n");
	assert_found(&facts, PREPENDS_TWICE, "10.1.1.2", "no neighbor 10.1.1.2 route-map srp out");
	facts = healthy();
	edit_bgp(&facts, SRP_IN, SRP_IN "  neighbor 10.1.1.2 route-map OUT out\n");
	add_bgp(&facts, "route-map OUT permit 7\n set as-path prepend last-as 3\nexit\n");
	assert_found(&facts, OWN_PREPENDS, "route-map OUT permit 7", "no set as-path prepend");
	facts = healthy();
	edit_bgp(&facts, SRP_IN, SRP_IN "  neighbor 10.1.1.2 route-map OUT out\n");
	add_bgp(&facts, "route-map OUT permit 7\n match ip address prefix-list OTHERS\n set as-path prepend "
			"65001\nexit\n"
			"route-map OUT permit 8\nexit\n");
	assert_healthy(&facts); /* only on others */
	facts = healthy();
	edit_bgp(&facts, SRP_IN, PLAIN_IN "  neighbor 10.1.1.2 route-map OUT out\n");
	add_bgp(&facts, "route-map OUT permit 5\n match ip address prefix-list srp\n call srp\nexit\n"
			"route-map OUT permit 50\nexit\n");
	assert_found(&facts, MATCHES_SRP_LIST, "permits more in entry 50", "call srp");
}

static void not_activated(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_bgp(&facts, "  neighbor 2001:db8:1::2 activate\n", "");
	assert_found(&facts, NOT_ACTIVATED, "ipv6", "neighbor PEER activate");
	facts = healthy(); /* by the default, and by the group */
	edit_bgp(&facts, " no bgp default ipv4-unicast\n", "");
	edit_bgp(&facts, "  neighbor 10.1.1.2 activate\n", "");
	edit_bgp(&facts, "  neighbor 2001:db8:1::2 activate\n", "  neighbor UP activate\n");
	assert_healthy(&facts);
	facts = healthy(); /* L2 mode */
	set(&facts.bgpd.config,
	    "router bgp 65001\n address-family ipv4 unicast\n  redistribute connected route-map srp\n"
	    "  redistribute kernel route-map srp\n exit-address-family\n address-family ipv6 unicast\n"
	    "  redistribute connected route-map srp\n  redistribute kernel route-map srp\n" SRP_MAPS);
	set(&facts.frr_conf.text, facts.bgpd.config);
	edit_srpd(&facts, " monitor bgp context default 10.1.1.2 group 1\n", "");
	{
		struct check_frr_report report = judge(&facts);

		assert_non_null(find(&report, CHECK_FRR_RULE_NO_MONITOR));
		assert_non_null(find(&report, CHECK_FRR_RULE_SRP_MAP_SAVED));
		assert_count(&report, 2);
		check_frr_report_clear(&report);
	}
}

static void other_contexts(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	add_srpd(&facts, "context blue\n ip pool p 10.200.0.0/16 srp-activate\nexit\n");
	{
		struct check_frr_report report = judge(&facts);

		assert_count(&report, 2);
		assert_non_null(find(&report, CHECK_FRR_RULE_CONTEXT_NO_BGP));
		assert_non_null(strstr(find(&report, CHECK_FRR_RULE_CONTEXT_NO_BGP)->mend, "vrf blue"));
		assert_non_null(find(&report, CHECK_FRR_RULE_CONTEXT_NO_VRF));
		check_frr_report_clear(&report);
	}
	facts = healthy();
	add_srpd(&facts, "context blue\n ip pool p 10.200.0.0/16 srp-activate\nexit\n");
	add_bgp(&facts,
		"router bgp 65001 vrf blue\n no bgp ebgp-requires-policy\n bgp graceful-restart-disable\n"
		" coalesce-time 0\n neighbor eth9 interface remote-as external\n neighbor eth9 bfd\n"
		" address-family ipv4 unicast\n  redistribute kernel route-map srp\n "
		"exit-address-family\nexit\n");
	set(&facts.links[1].name, "blue");
	facts.links[1].is_vrf = true;
	/* the map of another context */
	assert_found(&facts, UNPREPENDED, "past route-map srp-blue",
		     "router bgp 65001 vrf blue\n address-family ipv4 unicast\n  redistribute connected "
		     "route-map srp-blue");
	facts = healthy();
	add_srpd(&facts, "context blue\n ip pool p 10.200.0.0/16 srp-activate\nexit\n");
	add_bgp(&facts,
		"router bgp 65001 view blue\n no bgp ebgp-requires-policy\n bgp graceful-restart-disable\n"
		" coalesce-time 0\n neighbor eth9 interface remote-as external\n neighbor eth9 bfd\n"
		" address-family ipv4\n  redistribute kernel route-map srp-blue\n");
	assert_healthy(&facts); /* a view needs no VRF */
}

static void a_map_of_srpds_name(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	add(&facts.frr_conf.text, SRP_MAPS);
	assert_found(&facts, SRP_MAP_SAVED, "route-map srp is in the file", "nothing");
	facts = healthy();
	add(&facts.bgpd.config, "route-map srp permit 30\nexit\n");
	assert_found(&facts, SRP_MAP_OWN, "entry 30", "no route-map srp permit 30");
	facts = healthy();
	add(&facts.frr_conf.text, "route-map srp permit 1\n set metric 3\nexit\n");
	assert_among(&facts, CHECK_FRR_RULE_SRP_MAP_OWN);
}

static void inner_neighbours(void **state)
{
	static const char *const as[] = {"65001", "internal", "65010"};
	struct check_frr_facts facts;
	char line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(as) / sizeof(as[0]); i++) {
		facts = healthy();
		snprintf(line, sizeof(line),
			 " bgp confederation peers 65009 65010\n neighbor UP bfd\n neighbor 10.3.3.3 "
			 "remote-as %s\n "
			 "neighbor 10.3.3.3 bfd\n",
			 as[i]);
		edit_bgp(&facts, " neighbor UP bfd\n", line);
		edit_bgp(&facts, "  neighbor 10.1.1.2 activate\n",
			 "  neighbor 10.1.1.2 activate\n  neighbor 10.3.3.3 activate\n");
		assert_found(&facts, IBGP_PREPENDS, "10.3.3.3", "prefix-list LIST out");
	}
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n",
		 " neighbor UP bfd\n neighbor 10.3.3.3 remote-as 65001\n neighbor 10.3.3.3 bfd\n");
	edit_bgp(&facts, "  neighbor 10.1.1.2 activate\n",
		 "  neighbor 10.1.1.2 activate\n  neighbor 10.3.3.3 activate\n  neighbor 10.3.3.3 "
		 "prefix-list NONE out\n");
	assert_healthy(&facts);
}

/* --- Neighbours --- */

static void policies_are_required(void **state)
{
	struct check_frr_facts facts = healthy();
	struct check_frr_report report;

	(void)state;
	edit_bgp(&facts, " no bgp ebgp-requires-policy\n", "");
	report = judge(&facts);
	assert_count(&report, 4); /* in and out, two families */
	assert_non_null(find(&report, CHECK_FRR_RULE_NO_OUT_POLICY));
	assert_non_null(find(&report, CHECK_FRR_RULE_NO_IN_POLICY));
	check_frr_report_clear(&report);
	facts = healthy();
	edit_bgp(&facts, " no bgp ebgp-requires-policy\n", "");
	edit_bgp(&facts, "  neighbor 10.1.1.2 activate\n",
		 "  neighbor 10.1.1.2 activate\n  neighbor 10.1.1.2 prefix-list A in\n  neighbor UP "
		 "filter-list B out\n");
	edit_bgp(&facts, "  neighbor 2001:db8:1::2 activate\n",
		 "  neighbor UP activate\n  neighbor UP distribute-list A in\n  neighbor UP route-map B "
		 "out\n");
	add_bgp(&facts, "route-map B permit 1\nexit\n");
	assert_healthy(&facts);
	facts = healthy(); /* but not of an inner one */
	edit_bgp(&facts, " neighbor UP bfd\n",
		 " neighbor UP bfd\n neighbor 10.3.3.3 remote-as 65001\n neighbor 10.3.3.3 bfd\n");
	edit_bgp(&facts, " no bgp ebgp-requires-policy\n", "");
	edit_bgp(&facts, "  neighbor 10.1.1.2 activate\n",
		 "  neighbor 10.1.1.2 activate\n  neighbor UP prefix-list A in\n  neighbor UP prefix-list A "
		 "out\n"
		 "  neighbor 10.3.3.3 activate\n  neighbor 10.3.3.3 prefix-list NONE out\n");
	edit_bgp(&facts, "  neighbor 2001:db8:1::2 activate\n",
		 "  neighbor 2001:db8:1::2 activate\n  neighbor UP prefix-list A in\n  neighbor UP "
		 "prefix-list A out\n");
	assert_healthy(&facts);
	facts = healthy();
	edit_bgp(&facts, " no bgp ebgp-requires-policy\n", "");
	edit_bgp(&facts, "frr defaults traditional", "frr defaults datacenter");
	assert_healthy(&facts);
}

static void monitors(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_srpd(&facts, "10.1.1.2 group 1", "10.1.1.3");
	assert_found(&facts, MONITOR_UNKNOWN, "10.1.1.3", "no monitor bgp context default 10.1.1.3");
	facts = healthy();
	edit_srpd(&facts, "10.1.1.2 group 1", "2001:DB8:1:0::2"); /* the same address */
	assert_healthy(&facts);
	facts = healthy();
	edit_srpd(&facts, "10.1.1.2 group 1", "10.1.7.3");
	edit_bgp(&facts, " neighbor UP bfd\n",
		 " neighbor UP bfd\n bgp listen range 10.1.7.0/24 peer-group UP\n");
	assert_healthy(&facts);
	facts = healthy();
	edit_srpd(&facts, " monitor bgp context default 10.1.1.2 group 1\n", "");
	assert_found(&facts, NO_MONITOR, "no BGP peer", "monitor bgp context");
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n",
		 " neighbor UP bfd\n neighbor 10.9.9.9 remote-as 65002\n"
		 " neighbor 10.9.9.9 shutdown\n");
	edit_srpd(&facts, "10.1.1.2 group 1", "10.9.9.9");
	assert_found(&facts, MONITOR_SHUTDOWN, "10.9.9.9", "no neighbor 10.9.9.9 shutdown");
}

static void timers(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_bgp(&facts, " neighbor UP bfd\n", " neighbor UP bfd\n neighbor UP advertisement-interval 5\n");
	edit_bgp(&facts, "  neighbor 2001:db8:1::2 activate\n", "  neighbor 2001:db8:1::2 activate\n");
	{
		struct check_frr_report report = judge(&facts);

		assert_count(&report, 2); /* both neighbours of the group */
		assert_non_null(find(&report, CHECK_FRR_RULE_ADVERTISEMENT_INTERVAL));
		check_frr_report_clear(&report);
	}
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n",
		 " neighbor UP timers 1 3\n neighbor 10.1.1.2 timers 3 30\n neighbor UP timers connect 1\n");
	assert_found(&facts, SLOW_DETECTION, "10.1.1.2 has no BFD, and a hold time of 30 s",
		     "neighbor 10.1.1.2 bfd");
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n", " timers bgp 1 3\n");
	assert_healthy(&facts);
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n", "");
	edit_bgp(&facts, "frr defaults traditional", "frr defaults datacenter");
	assert_healthy(&facts);
	facts = healthy();
	edit_bgp(&facts, " coalesce-time 0\n", "");
	assert_found(&facts, COALESCE_TIME, "1000", "coalesce-time 0");
	facts = healthy();
	add_bgp(&facts, "bgp route-map delay-timer 0\n");
	assert_found(&facts, DELAY_TIMER_0, "delay-timer 0", "no bgp route-map delay-timer");
	facts = healthy();
	edit_bgp(&facts, " coalesce-time 0\n", " coalesce-time 0\n bgp route-map delay-timer 0\n");
	assert_found(&facts, DELAY_TIMER_0, "delay-timer 0", "no bgp route-map delay-timer");
	facts = healthy();
	add_bgp(&facts, "bgp route-map delay-timer 1\n");
	assert_healthy(&facts);
}

static void graceful_restart(void **state)
{
	struct check_frr_facts facts = healthy();

	(void)state;
	edit_bgp(&facts, " bgp graceful-restart-disable\n", " bgp graceful-restart\n");
	assert_found(&facts, GRACEFUL_RESTART, "router bgp 65001", "no bgp graceful-restart");
	facts = healthy();
	edit_bgp(&facts, " neighbor UP bfd\n", " neighbor UP bfd\n neighbor UP graceful-restart\n");
	assert_found(&facts, GRACEFUL_RESTART, "neighbor UP", "no neighbor UP graceful-restart");
	facts = healthy();
	edit_bgp(&facts, " bgp graceful-restart-disable\n", " bgp graceful-restart stalepath-time 30\n");
	assert_found(&facts, GRACEFUL_HELPER, "helps neighbours", "bgp graceful-restart-disable");
	facts = healthy();
	edit_bgp(&facts, " bgp graceful-restart-disable\n", "");
	add_bgp(&facts, "bgp graceful-restart-disable\n");
	assert_healthy(&facts);
}

int run_bgp_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redistribution),
		cmocka_unit_test(a_file_alone_is_judged_and_a_saved_one_besides),
		cmocka_unit_test(the_forms_of_bgp_policy_md),
		cmocka_unit_test(prefixes_that_pass_the_srp_map),
		cmocka_unit_test(not_activated),
		cmocka_unit_test(other_contexts),
		cmocka_unit_test(a_map_of_srpds_name),
		cmocka_unit_test(inner_neighbours),
		cmocka_unit_test(policies_are_required),
		cmocka_unit_test(monitors),
		cmocka_unit_test(timers),
		cmocka_unit_test(graceful_restart),
	};

	return cmocka_run_group_tests_name("bgp", tests, NULL, NULL);
}
