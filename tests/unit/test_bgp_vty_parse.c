/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver without a module: what bgpd and zebra say is read rightly, and added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/bgp_vty_walk.h"
#include "tests/unit/bgp_vty_samples.h"

/* --- what they say ------------------------------------------------------------------------- */

static bool parse(const char *text, struct bgp_vty_summary *summary)
{
	char error[128];

	return bgp_vty_parse_summary(text, strlen(text), summary, error, sizeof(error));
}

static void a_summary_names_each_peer_once(void **state)
{
	struct bgp_vty_summary summary;

	assert_true(parse(SUMMARY("Established"), &summary));
	assert_int_equal(summary.peer_count, 3);
	assert_string_equal(bgp_vty_summary_as(&summary, "default"), "65001");
	assert_null(bgp_vty_summary_as(&summary, "red"));
	for (size_t i = 0; i < summary.peer_count; i++) {
		const struct bgp_ipc_peer *peer = &summary.peers[i];

		assert_string_equal(peer->context, "default");
		assert_int_equal(peer->established, peer->remote_as != 65003);
		assert_int_equal(peer->ibgp, peer->remote_as == 65001);
		assert_int_equal(peer->ifname[0] != '\0', peer->remote_as == 65001);
		assert_int_equal(peer->addr.family != 0, peer->remote_as != 65001);
	}
	bgp_vty_summary_clear(&summary);
}

static void an_unconfigured_bgpd_has_no_peers(void **state)
{
	static const char *const texts[] = {"{}", "{\n}\n", "{\"default\":{}}",
					    "{\"warning\":\"no instance\"}",
					    "{\"default\":{\"ipv4Unicast\":{\"as\":1}}}"};
	struct bgp_vty_summary summary;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(parse(texts[i], &summary));
		assert_int_equal(summary.peer_count, 0);
		bgp_vty_summary_clear(&summary);
	}
}

static void what_is_no_summary_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"% unknown command",
		"[]",
		"{\"default\":{}} trailing",
	};
	struct bgp_vty_summary summary;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_false(parse(texts[i], &summary));
		assert_null(summary.peers);
	}
}

static void what_does_not_fit_is_left_out_of_a_summary(void **state)
{
	static const char text[] =
		"{\"a-context-of-more-than-thirty-five-characters\":{\"ipv4Unicast\":{}},\"default\":{"
		"\"ipv4Unicast\":{\"peers\":{\"10.1.1.2\":{},\"10.1.1.3\":5,\"10.1.1.4\":{\"state\":\"Idle\"}"
		","
		"\"longer-than-a-name\":{\"state\":\"Idle\"}}}}}";
	struct bgp_vty_summary summary;

	assert_true(parse(text, &summary));
	assert_int_equal(summary.peer_count, 1);
	assert_int_equal(summary.peers[0].addr.bytes[3], 4);
	assert_int_equal(summary.left_out, 4);
	assert_string_equal(summary.a_left_out, "longer-than-a-name");
	bgp_vty_summary_clear(&summary);
}

static void more_peers_than_there_is_room_for_are_left_out(void **state)
{
	struct bgp_vty_summary summary;
	size_t size = 0;
	char *text;
	FILE *out = open_memstream(&text, &size);

	fprintf(out, "{\"default\":{\"ipv4Unicast\":{\"peers\":{");
	for (unsigned int i = 0; i < BGP_IPC_PEERS_MAX + 3; i++)
		fprintf(out, "%s\"10.1.%u.%u\":{\"state\":\"Idle\"}", i ? "," : "", i / 256, i % 256);
	fprintf(out, "}}}");
	for (unsigned int i = 0; i <= BGP_IPC_CONTEXTS_MAX; i++)
		fprintf(out, ",\"vrf%u\":{}", i);
	fprintf(out, "}");
	fclose(out);
	assert_true(parse(text, &summary));
	assert_int_equal(summary.peer_count, BGP_IPC_PEERS_MAX);
	assert_int_equal(summary.context_count, BGP_IPC_CONTEXTS_MAX);
	assert_int_equal(summary.left_out, 5);
	bgp_vty_summary_clear(&summary);
	free(text);
}

static void peers_of_every_family_count(void **state)
{
	struct bgp_vty_summary summary;

	assert_true(parse(
		"{\"default\":{\"l2VpnEvpn\":{\"as\":65001,\"peers\":{\"10.1.1.9\":{\"remoteAs\":65001,"
		"\"state\":\"Established\"}}},\"ipv4Vpn\":{\"peers\":{\"10.1.1.9\":{\"state\":\"Idle\"}}}}}",
		&summary));
	assert_int_equal(summary.peer_count, 1);
	assert_true(summary.peers[0].established);
	assert_string_equal(bgp_vty_summary_as(&summary, "default"), "65001");
	bgp_vty_summary_clear(&summary);
}

/* Whichever others have come and gone. */
static void a_session_is_compared_with_itself(void **state)
{
#define PEERS(list) "{\"default\":{\"ipv4Unicast\":{\"peers\":{" list "}}}}"
#define UP(addr)    "\"" addr "\":{\"state\":\"Established\"}"
#define DOWN(addr)  "\"" addr "\":{\"state\":\"Active\"}"
	static const struct {
		const char *before, *after;
		bool changed;
	} cases[] = {
		{PEERS(UP("10.1.1.2") "," DOWN("10.1.1.3")), PEERS(UP("10.1.1.2") "," DOWN("10.1.1.3")),
		 false},
		{PEERS(UP("10.1.1.2") "," DOWN("10.1.1.3")), PEERS(UP("10.1.1.2") "," UP("10.1.1.3")), true},
		{PEERS(UP("10.1.1.2") "," DOWN("10.1.1.3")), PEERS(DOWN("10.1.1.3") "," UP("10.1.1.4")),
		 false},
		{PEERS(UP("10.1.1.2")), PEERS(DOWN("10.1.1.1") "," DOWN("10.1.1.2")), true},
		{PEERS(UP("10.1.1.2") "," UP("10.1.1.3")), PEERS(DOWN("10.1.1.3")), true},
		{PEERS(""), PEERS(UP("10.1.1.3")), false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bgp_vty_summary before, after;

		assert_true(parse(cases[i].before, &before));
		assert_true(parse(cases[i].after, &after));
		assert_int_equal(bgp_vty_summary_changed(&before, &after), cases[i].changed);
		bgp_vty_summary_clear(&before);
		bgp_vty_summary_clear(&after);
	}
}

static struct bgp_vty_path path_of(const char *text)
{
	struct bgp_vty_summary summary;
	struct bgp_vty_path path;
	char error[128];

	assert_true(parse(SUMMARY("Established"), &summary));
	assert_true(bgp_vty_parse_path(text, strlen(text), "default", &summary, &path, error, sizeof(error)));
	bgp_vty_summary_clear(&summary);
	return path;
}

static void of_a_prefix_our_own_path_and_who_is_sent_it_count(void **state)
{
	struct bgp_vty_path path = path_of(PATH("65001 65001 65001"));

	assert_true(path.own);
	assert_int_equal(path.prepend, 3);
	assert_int_equal(path.outer, 1);
	assert_int_equal(path.inner, 1);
	assert_int_equal(path_of(PATH("65001 650011")).prepend, 1);
	assert_int_equal(path_of(PATH("Local")).prepend, 0);
	assert_int_equal(path_of(PATH("")).prepend, 0);
	assert_int_equal(path_of(PATH("1.10 1.10 1.100")).prepend, 2);
	assert_int_equal(path_of(PATH("{65001,65002}")).prepend, 0);
	assert_false(path_of("{}").own);
	assert_false(
		path_of("{\"paths\":[{\"aspath\":{\"string\":\"65001\"}}],\"advertisedTo\":{\"a\":{}}}").own);
}

/* An instance without peers does not say which AS it is. */
static void prepends_are_known_where_no_peer_is(void **state)
{
	static const char text[] = PATH("65001 65001");
	struct bgp_vty_summary summary;
	struct bgp_vty_path path;
	char error[128];

	assert_true(parse("{\"default\":{}}", &summary));
	assert_true(bgp_vty_parse_path(text, strlen(text), "default", &summary, &path, error, sizeof(error)));
	assert_int_equal(path.prepend, 2);
	bgp_vty_summary_clear(&summary);
}

static void an_as_may_be_written_with_a_dot(void **state)
{
	static const struct {
		const char *as;
		uint32_t number;
	} cases[] = {{"4200000000", 4200000000}, {"\"65002\"", 65002}, {"\"1.10\"", 65546},
		     {"\"0.65002\"", 65002},     {"\"65536.1\"", 0},   {"\"1.65536\"", 0},
		     {"\"1.2.3\"", 0},           {"\"internal\"", 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bgp_vty_summary summary;
		char text[160];

		snprintf(text, sizeof(text),
			 "{\"default\":{\"ipv4Unicast\":{\"peers\":{\"10.1.1.2\":{\"remoteAs\":%s,"
			 "\"state\":\"Idle\"}}}}}",
			 cases[i].as);
		assert_true(parse(text, &summary));
		assert_int_equal(summary.peers[0].remote_as, cases[i].number);
		bgp_vty_summary_clear(&summary);
	}
}

static void zebra_says_whether_bgpd_hears_it(void **state)
{
	assert_int_equal(bgp_vty_parse_zebra(ZEBRA("3")), BGP_VTY_ZEBRA_HEARS);
	assert_int_equal(bgp_vty_parse_zebra(ZEBRA("0")), BGP_VTY_ZEBRA_DEAF);
	assert_int_equal(bgp_vty_parse_zebra("Client: static\nRedist:v4  3\n"), BGP_VTY_ZEBRA_ABSENT);
	assert_int_equal(bgp_vty_parse_zebra("\n"), BGP_VTY_ZEBRA_ABSENT);
	assert_int_equal(bgp_vty_parse_zebra("another form"), BGP_VTY_ZEBRA_UNKNOWN);
	assert_int_equal(bgp_vty_parse_zebra("Client: bgp\nRedist:v"), BGP_VTY_ZEBRA_DEAF);
}

static void the_version_is_the_second_word(void **state)
{
	char version[8];

	bgp_vty_parse_version("FRRouting 8.4.4 (gw1) on Linux\n", version, sizeof(version));
	assert_string_equal(version, "8.4.4");
	bgp_vty_parse_version("FRRouting 10.3-and-more (gw1)\n", version, sizeof(version));
	assert_string_equal(version, "");
	bgp_vty_parse_version("Quagga 1\n", version, sizeof(version));
	assert_string_equal(version, "");
}

static void a_frame_of_the_live_log_gives_its_text_and_no_byte_beyond(void **state)
{
	uint8_t frame[256];
	size_t len = log_frame(frame, sizeof(frame),
			       "[ABCDE-FGHIJ] %ADJCHANGE: neighbor 10.1.1.2 in vrf default Up");
	uint32_t number = UINT32_MAX;
	const char *text;
	size_t text_len;
	uint32_t lost;

	assert_true(bgp_vty_parse_log(frame, len, &text, &text_len, &lost));
	assert_true(bgp_vty_is_peer_change(text, text_len));
	assert_false(bgp_vty_is_peer_change(text, 20));
	assert_int_equal(lost, 0);
	frame[32] = 5;
	assert_true(bgp_vty_parse_log(frame, len, &text, &text_len, &lost));
	assert_true(lost != 0);
	for (size_t cut = 0; cut < len; cut++)
		assert_false(bgp_vty_parse_log(frame, cut, &text, &text_len, &lost));
	memcpy(frame + 44, &number, sizeof(number));
	assert_false(bgp_vty_parse_log(frame, len, &text, &text_len, &lost));
	log_frame(frame, sizeof(frame), "x");
	memcpy(frame + 12, &number, sizeof(number));
	assert_false(bgp_vty_parse_log(frame, len, &text, &text_len, &lost));
	number = 0;
	memcpy(frame + 12, &number, sizeof(number));
	assert_false(bgp_vty_parse_log(frame, len, &text, &text_len, &lost));
}

/* --- the walk ------------------------------------------------------------------------------ */

static struct bgp_vty_walk walked(bool announce, struct bgp_vty_path first, struct bgp_vty_path second)
{
	struct bgp_ipc_policy policy = policy_of(1, announce);
	char command[BGP_VTY_COMMAND_LEN];
	struct bgp_vty_walk walk;
	const char *context;

	bgp_vty_walk_begin(&walk);
	assert_true(bgp_vty_walk_next(&walk, &policy, command, &context));
	assert_string_equal(command, "show bgp vrf default ipv4 unicast 10.100.0.0/16 json");
	assert_string_equal(context, "default");
	bgp_vty_walk_take(&walk, &policy, &first);
	assert_true(bgp_vty_walk_next(&walk, &policy, command, &context));
	assert_string_equal(command, "show bgp vrf default ipv6 unicast 2001:db8:17::/64 json");
	bgp_vty_walk_take(&walk, &policy, &second);
	assert_false(bgp_vty_walk_next(&walk, &policy, command, &context));
	assert_false(walk.active);
	return walk;
}

static void a_walk_says_what_is_not_as_it_should_be(void **state)
{
	static const struct bgp_vty_path good = {.own = true, .prepend = 2, .outer = 2};
	static const struct bgp_vty_path none = {0}, other = {.own = true, .prepend = 3, .outer = 1};
	static const struct bgp_vty_path unsent = {.own = true, .prepend = 2}, inner = {true, 2, 1, 1};
	static const struct {
		bool announce;
		const struct bgp_vty_path *first, *second;
		bool matches;
		const char *says;
	} cases[] = {
		{true, &good, &good, true, ""},
		{true, &good, &none, false, "2001:db8:17::/64 is not in bgpd's table"},
		{true, &other, &good, false, "10.100.0.0/16 has not the 2 prepends of metric 24502"},
		{true, &good, &unsent, true,
		 "1 prefixes are announced to no eBGP peer, one of them 2001:db8:17::/64"},
		{true, &unsent, &unsent, false, "2 prefixes are announced to no"},
		{true, &inner, &good, true, "iBGP peers are sent"},
		{false, &none, &none, true, ""},
		{false, &none, &good, false,
		 "2001:db8:17::/64 is still in bgpd's table: no entry of its route-map may "
		 "permit metric 24500"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bgp_ipc_policy policy = policy_of(1, cases[i].announce);
		struct bgp_vty_walk walk = walked(cases[i].announce, *cases[i].first, *cases[i].second);
		char text[BGP_IPC_TEXT_LEN];

		assert_int_equal(bgp_vty_walk_matches(&walk, &policy), cases[i].matches);
		bgp_vty_walk_explain(&walk, &policy, 24500, text, sizeof(text));
		assert_int_equal(strncmp(text, cases[i].says, strlen(cases[i].says)), 0);
		assert_int_equal(text[0] == '\0', cases[i].says[0] == '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_summary_names_each_peer_once),
		cmocka_unit_test(an_unconfigured_bgpd_has_no_peers),
		cmocka_unit_test(what_is_no_summary_is_refused),
		cmocka_unit_test(what_does_not_fit_is_left_out_of_a_summary),
		cmocka_unit_test(more_peers_than_there_is_room_for_are_left_out),
		cmocka_unit_test(peers_of_every_family_count),
		cmocka_unit_test(a_session_is_compared_with_itself),
		cmocka_unit_test(of_a_prefix_our_own_path_and_who_is_sent_it_count),
		cmocka_unit_test(prepends_are_known_where_no_peer_is),
		cmocka_unit_test(an_as_may_be_written_with_a_dot),
		cmocka_unit_test(zebra_says_whether_bgpd_hears_it),
		cmocka_unit_test(the_version_is_the_second_word),
		cmocka_unit_test(a_frame_of_the_live_log_gives_its_text_and_no_byte_beyond),
		cmocka_unit_test(a_walk_says_what_is_not_as_it_should_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
