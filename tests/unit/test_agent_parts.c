/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's smaller parts: BGP monitors, bgpd's socket, the witness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/bgp_monitor.h"
#include "agent/bgp_server.h"
#include "agent/desired.h"
#include "agent/desired.h"
#include "agent/poll_loop.h"
#include "agent/witness.h"
#include "tests/unit/temp_folder.h"

#define LIMIT 5000

/* --- monitors ------------------------------------------------------------------------------ */

static struct srp_bgp_monitor monitor(const char *peer, uint8_t group)
{
	struct srp_bgp_monitor config = {.context = "default", .group = group};

	if (!srp_addr_parse(peer, &config.addr))
		snprintf(config.ifname, sizeof(config.ifname), "%s", peer);
	return config;
}

static void monitors_follow_their_peers_by_address_and_by_interface(void **state)
{
	struct srp_bgp_monitor config[] = {monitor("10.0.0.1", 1), monitor("2001:db8::1", 1),
					   monitor("eth0", 0)};
	struct bgp_ipc_peer peers[3] = {{.context = "default", .established = true},
					{.context = "default", .established = true},
					{.context = "default", .ifname = "eth0", .established = true}};
	struct bgp_ipc_status status = {.peers = peers, .peer_count = 3};
	struct bgp_monitors *monitors = calloc(1, sizeof(*monitors));

	peers[0].addr = config[0].addr;
	peers[1].addr = config[1].addr;
	srp_addr_parse("fe80::1", &peers[2].addr);
	bgp_monitors_configure(monitors, 10, config, 3);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_UNKNOWN);
	bgp_monitors_update(monitors, 20, &status);
	for (int i = 0; i < 3; i++)
		assert_int_equal(monitors->states[i].state, SRP_MONITOR_UP);
	bgp_monitors_update(monitors, 30, &status);
	assert_int_equal(monitors->list[0].since, 20);
	/* The same address in another context is another peer. */
	snprintf(peers[0].context, sizeof(peers[0].context), "red");
	bgp_monitors_update(monitors, 40, &status);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_DOWN);
	assert_false(srp_monitor_health(monitors->states, 3).failed);
	/* bgpd gone: all are down. */
	bgp_monitors_update(monitors, 50, NULL);
	assert_true(srp_monitor_health(monitors->states, 3).failed);
	free(monitors);
}

static void a_session_that_flaps_while_coming_up_fails_nothing(void **state)
{
	struct srp_bgp_monitor config[] = {monitor("10.0.0.1", 0)};
	struct bgp_ipc_peer peer = {.context = "default", .addr = config[0].addr};
	struct bgp_ipc_status status = {.peers = &peer, .peer_count = 1};
	struct bgp_monitors *monitors = calloc(1, sizeof(*monitors));

	bgp_monitors_configure(monitors, 0, config, 1);
	bgp_monitors_update(monitors, 10, &status);
	peer.established = true;
	bgp_monitors_update(monitors, 20, &status);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_UNKNOWN);
	assert_int_equal(bgp_monitors_deadline(monitors), 20 + SRP_MONITOR_SETTLE_MSEC);
	peer.established = false;
	bgp_monitors_update(monitors, 300, &status);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_UNKNOWN);
	assert_int_equal(bgp_monitors_deadline(monitors), 300 + SRP_MONITOR_SETTLE_MSEC);
	peer.established = true;
	bgp_monitors_update(monitors, 500, &status);
	bgp_monitors_tick(monitors, 500 + SRP_MONITOR_SETTLE_MSEC);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_UP);
	/* From now on down is down, and up is up, at once. */
	peer.established = false;
	bgp_monitors_update(monitors, 5000, &status);
	assert_true(srp_monitor_health(monitors->states, 1).failed);
	peer.established = true;
	bgp_monitors_update(monitors, 5001, &status);
	assert_true(srp_monitor_health(monitors->states, 1).ready);
	free(monitors);
}

static void a_session_that_goes_while_coming_up_and_stays_away_is_down(void **state)
{
	struct srp_bgp_monitor config[] = {monitor("10.0.0.1", 0)};
	struct bgp_ipc_peer peer = {.context = "default", .addr = config[0].addr};
	struct bgp_ipc_status status = {.peers = &peer, .peer_count = 1};
	struct bgp_monitors *monitors = calloc(1, sizeof(*monitors));

	bgp_monitors_configure(monitors, 0, config, 1);
	bgp_monitors_update(monitors, 10, &status);
	assert_int_equal(bgp_monitors_deadline(monitors), UINT64_MAX);
	peer.established = true;
	bgp_monitors_update(monitors, 20, &status);
	peer.established = false;
	bgp_monitors_update(monitors, 300, &status);
	assert_false(srp_monitor_health(monitors->states, 1).failed);
	bgp_monitors_tick(monitors, 300 + SRP_MONITOR_SETTLE_MSEC);
	assert_true(srp_monitor_health(monitors->states, 1).failed);
	free(monitors);
}

static void a_peer_that_never_came_up_is_unknown_until_the_guard_is_over(void **state)
{
	struct srp_bgp_monitor config[] = {monitor("10.0.0.1", 0)};
	struct bgp_monitors *monitors = calloc(1, sizeof(*monitors));

	bgp_monitors_configure(monitors, 0, config, 1);
	bgp_monitors_update(monitors, 1, NULL);
	assert_false(srp_monitor_health(monitors->states, 1).failed);
	bgp_monitors_guard_over(monitors, 2);
	assert_true(srp_monitor_health(monitors->states, 1).failed);
	free(monitors);
}

static void monitors_that_stay_configured_keep_their_state(void **state)
{
	struct srp_bgp_monitor config[] = {monitor("10.0.0.1", 1), monitor("10.0.0.2", 1)};
	struct bgp_ipc_peer peer = {.context = "default", .established = true, .addr = config[1].addr};
	struct bgp_ipc_status status = {.peers = &peer, .peer_count = 1};
	struct bgp_monitors *monitors = calloc(1, sizeof(*monitors));

	bgp_monitors_configure(monitors, 0, config, 2);
	bgp_monitors_update(monitors, 5, &status);
	bgp_monitors_configure(monitors, 9, config + 1, 1);
	assert_int_equal(monitors->count, 1);
	assert_int_equal(monitors->states[0].state, SRP_MONITOR_UP);
	assert_int_equal(monitors->list[0].since, 5);
	free(monitors);
}

/* --- bgpd's socket ------------------------------------------------------------------------- */

struct seen {
	struct bgp_driver *server;
	unsigned int statuses, gone, silent, again;
	uint32_t pid;
	const struct bgp_ipc_policy *answer; /* to one that responds again */
};

static void discard(enum srp_log_level level, const char *text)
{
	(void)level;
	(void)text;
}

static const struct srp_log quiet = {.write = discard};

static void on_status(void *arg, const struct bgp_ipc_status *status)
{
	struct seen *seen = arg;

	seen->statuses++;
	seen->pid = status->pid;
}

static void on_responding(void *arg, bool responding)
{
	struct seen *seen = arg;

	seen->again += responding;
	seen->silent += !responding;
	if (responding && seen->answer)
		seen->server->ops->set_policy(seen->server, seen->answer);
}

static void on_gone(void *arg)
{
	((struct seen *)arg)->gone++;
}

static int connect_module(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", temp_file);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void send_status(int fd, uint32_t pid)
{
	struct bgp_ipc_status status = {.bgpd_version = "8.4.4",
					.pid = pid,
					.applied_prepend = -1,
					.advertised_prepend = -1};
	size_t len;
	uint8_t *frame = bgp_ipc_status_encode(&status, &len);

	assert_non_null(frame);
	assert_int_equal(send(fd, frame, len, 0), len);
	free(frame);
}

static bool one_status(void *arg)
{
	return ((struct seen *)arg)->statuses == 1;
}

/* Open the socket, and connect a module to it that has said its status. */
static int serve_first(struct seen *seen, struct srp_loop *loop)
{
	int fd;

	seen->server = bgp_server_new(loop, &quiet, temp_file,
				      &(struct bgp_driver_callbacks){.status = on_status,
								     .responding = on_responding,
								     .gone = on_gone,
								     .arg = seen});
	assert_non_null(seen->server);
	fd = connect_module();
	send_status(fd, 100);
	assert_true(poll_loop_until(loop, one_status, seen, LIMIT));
	return fd;
}

static bool two_statuses(void *arg)
{
	return ((struct seen *)arg)->statuses == 2;
}

static bool one_refused(void *arg)
{
	const struct bgp_driver *server = ((struct seen *)arg)->server;

	return server->ops->stats(server)->refused_frames == 1;
}

static bool once_gone(void *arg)
{
	return ((struct seen *)arg)->gone == 1;
}

struct policy_reader {
	struct bgp_ipc_reader reader;
	int fd;
	uint64_t generation;
};

static bool policy_arrived(void *arg)
{
	struct policy_reader *reader = arg;
	struct bgp_ipc_policy policy;
	const uint8_t *json;
	char error[128];
	size_t len;

	if (bgp_ipc_reader_read(&reader->reader, reader->fd, &json, &len) != BGP_IPC_READ_FRAME)
		return false;
	assert_true(bgp_ipc_policy_decode(json, len, &policy, error, sizeof(error)));
	reader->generation = policy.generation;
	bgp_ipc_policy_clear(&policy);
	return true;
}

static void the_newest_module_counts_and_gets_the_latest_policy(void **state)
{
	struct bgp_ipc_policy policy = {.generation = 41,
					.prepend = 1,
					.fallback_prepend = 9,
					.hold_sec = 60};
	struct srp_loop *loop = poll_loop_new();
	struct seen seen = {0};
	struct policy_reader reader = {0};
	int first, second, garbage;

	first = serve_first(&seen, loop);
	assert_true(seen.server->ops->set_policy(seen.server, &policy));
	policy.generation = 42;
	assert_true(seen.server->ops->set_policy(seen.server, &policy));

	/* Garbage is refused and does not count. */
	garbage = connect_module();
	assert_int_equal(send(garbage, "\0\0\0\4junk", 8, 0), 8);
	assert_true(poll_loop_until(loop, one_refused, &seen, LIMIT));
	assert_true(seen.server->ops->connected(seen.server));
	assert_int_equal(seen.gone, 0);

	second = connect_module();
	send_status(second, 200);
	assert_true(poll_loop_until(loop, two_statuses, &seen, LIMIT));
	assert_int_equal(seen.pid, 200);
	assert_int_equal(seen.gone, 0);
	reader.fd = second;
	assert_true(poll_loop_until(loop, policy_arrived, &reader, LIMIT));
	assert_int_equal(reader.generation, 42);

	close(second);
	assert_true(poll_loop_until(loop, once_gone, &seen, LIMIT));
	assert_false(seen.server->ops->connected(seen.server));
	bgp_ipc_reader_clear(&reader.reader);
	close(first);
	close(garbage);
	seen.server->ops->free(seen.server);
	poll_loop_free(loop);
}

static bool once_silent(void *arg)
{
	return ((struct seen *)arg)->silent == 1;
}

static bool once_again(void *arg)
{
	return ((struct seen *)arg)->again == 1;
}

static void a_module_that_is_silent_hangs_and_one_that_connected_anew_is_not_gone(void **state)
{
	struct srp_loop *loop = poll_loop_new();
	struct seen seen = {0};
	int first, second;

	first = serve_first(&seen, loop);
	assert_true(seen.server->ops->responding(seen.server));
	assert_true(poll_loop_until(loop, once_silent, &seen, BGP_IPC_SILENT_MSEC + LIMIT));
	assert_false(seen.server->ops->responding(seen.server));
	assert_true(seen.server->ops->connected(seen.server));
	assert_int_equal(send(first, "\0\0\0\0", 4, 0), 4);
	assert_true(poll_loop_until(loop, once_again, &seen, LIMIT));
	assert_true(seen.server->ops->responding(seen.server));

	/* srpd was held up: the old connection's end and the new one's status lie there together. */
	second = connect_module();
	send_status(second, 200);
	close(first);
	assert_true(poll_loop_until(loop, two_statuses, &seen, LIMIT));
	poll_loop_for(loop, 50);
	assert_int_equal(seen.gone, 0);
	assert_int_equal(seen.pid, 200);
	close(second);
	assert_true(poll_loop_until(loop, once_gone, &seen, LIMIT));
	seen.server->ops->free(seen.server);
	poll_loop_free(loop);
}

/* Its last words are in the buffer that the end of the connection frees. */
static void a_module_may_end_while_it_is_told_that_it_responds_again(void **state)
{
	struct bgp_ipc_policy policy = {.generation = 1, .prepend = 1, .fallback_prepend = 9, .hold_sec = 60};
	struct srp_loop *loop = poll_loop_new();
	struct seen seen = {.answer = &policy};
	int first;

	first = serve_first(&seen, loop);
	assert_true(poll_loop_until(loop, once_silent, &seen, BGP_IPC_SILENT_MSEC + LIMIT));
	send_status(first, 100);
	close(first);
	assert_true(poll_loop_until(loop, once_gone, &seen, LIMIT));
	assert_int_equal(seen.again, 1);
	assert_int_equal(seen.statuses, 1);
	seen.server->ops->free(seen.server);
	poll_loop_free(loop);
}

/* --- the metric that stands for the policy ------------------------------------------------- */

static void check_metrics(const struct srp_config *config, const struct srp_desired *desired, uint32_t metric)
{
	static const struct srp_l2_spots none;
	struct reconciler_object *objects;
	size_t count;

	objects = srp_desired_objects(config, desired, &none, &count);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(objects[i].metric, metric);
	free(objects);
}

static void with_the_metric_driver_the_metric_says_what_bgpd_shall_do(void **state)
{
	static const struct srp_l2_spots none;
	struct srp_desired serves = {.serve = true, .install = true, .announce = true, .prepend = 3};
	struct srp_desired drains = {.install = true, .keep = true, .prepend = 3}, holds = {.hold = true};
	struct srp_config config;

	srp_config_init(&config);
	assert_true(srp_addr_parse("172.17.1.1", &srp_config_add_loopback(&config)->prefix.addr));
	assert_true(srp_addr_parse("10.100.0.0", &srp_config_add_pool(&config)->prefix.addr));
	check_metrics(&config, &serves, 0);
	assert_int_equal(srp_desired_mode(&config, &drains, &none), RECONCILER_HOLD);
	config.bgp_driver = SRP_BGP_METRIC;
	check_metrics(&config, &serves, SRP_METRIC_BASE_DEFAULT + 3);
	config.metric_base = 1000;
	check_metrics(&config, &serves, 1003);
	/* What nobody is to be announced says so, also while it drains. */
	check_metrics(&config, &drains, 1000);
	check_metrics(&config, &holds, 0);
	assert_int_equal(srp_desired_mode(&config, &drains, &none), RECONCILER_ADJUST);
	assert_int_equal(srp_desired_mode(&config, &holds, &none), RECONCILER_HOLD);
	assert_int_equal(srp_desired_mode(&config, &serves, &none), RECONCILER_ENFORCE);
	srp_config_clear(&config);
}

/* --- the witness --------------------------------------------------------------------------- */

static void the_witness_needs_bgpd_and_a_prefix(void **state)
{
	assert_false(srp_witness_heard(NULL));
	assert_false(srp_witness_heard(&(struct bgp_ipc_status){.witness_prefixes = -1}));
	assert_false(srp_witness_heard(&(struct bgp_ipc_status){.witness_prefixes = 0}));
	assert_true(srp_witness_heard(&(struct bgp_ipc_status){.witness_prefixes = 1}));
}

static void bgpd_is_asked_for_the_witness_when_an_interval_is_configured(void **state)
{
	struct srp_desired desired = {0};
	struct bgp_ipc_policy policy;
	struct srp_config config;

	srp_config_init(&config);
	assert_true(srp_desired_policy(&config, &desired, 1, &policy));
	assert_false(policy.witness);
	bgp_ipc_policy_clear(&policy);
	config.witness_msec = SRP_WITNESS_MSEC_MIN;
	assert_true(srp_desired_policy(&config, &desired, 1, &policy));
	assert_true(policy.witness);
	bgp_ipc_policy_clear(&policy);
	srp_config_clear(&config);
}

static const char *watch(struct srp_witness *witness, uint64_t now, const struct srp_core *core,
			 const struct bgp_ipc_status *status)
{
	enum srp_log_level level;

	return srp_witness_watch(witness, now, core, status, &level);
}

static void a_witness_that_hears_nothing_is_said_once(void **state)
{
	const uint64_t start = 5000, due = start + SRP_WITNESS_WARN_MSEC;
	struct srp_core core = {.config = {.witness_msec = 1000}, .role = SRP_STANDBY, .peer_heard = true};
	struct bgp_ipc_status status = {.witness_prefixes = 0};
	struct srp_witness witness = {0};

	core.peer.role = SRP_ACTIVE;
	assert_null(watch(&witness, start, &core, &status));
	assert_null(watch(&witness, due - 1, &core, &status));
	assert_null(srp_witness_warning(&witness));
	assert_non_null(strstr(watch(&witness, due, &core, &status), "allowas-in"));
	assert_non_null(strstr(srp_witness_warning(&witness), "allowas-in"));
	assert_null(watch(&witness, due + 1, &core, &status));

	/* One prefix is enough; and the time counts anew. */
	status.witness_prefixes = 1;
	assert_null(watch(&witness, due + 2, &core, &status));
	assert_null(srp_witness_warning(&witness));
	status.witness_prefixes = 0;
	assert_null(watch(&witness, due + 3, &core, &status));
	assert_non_null(watch(&witness, due + 3 + SRP_WITNESS_WARN_MSEC, &core, &status));
}

static void the_end_of_waiting_is_said_when_the_peer_is_heard_again(void **state)
{
	struct srp_core core = {.config = {.witness_msec = 1000}, .role = SRP_STANDBY, .peer_heard = true};
	struct bgp_ipc_status status = {.witness_prefixes = 4};
	struct srp_witness witness = {0};

	core.peer.role = SRP_ACTIVE;
	core.witness_until = 2000;
	assert_null(watch(&witness, 1000, &core, &status));
	core.witness_until = 0;
	assert_non_null(strstr(watch(&witness, 1100, &core, &status), "again"));
	assert_null(watch(&witness, 1200, &core, &status));

	/* Lost for good: the core's own words say that. */
	core.witness_until = 3000;
	assert_null(watch(&witness, 2000, &core, &status));
	core.witness_until = 0;
	core.peer_heard = false;
	core.role = SRP_PENDING_ACTIVE;
	assert_null(watch(&witness, 3000, &core, &status));
}

static void nothing_is_missed_where_nothing_is_to_be_heard(void **state)
{
	struct bgp_ipc_status status = {.witness_prefixes = 0}, unwatched = {.witness_prefixes = -1};
	struct srp_witness witness = {0};
	struct srp_core core;

	for (int what = 0; what < 6; what++) {
		core = (struct srp_core){.config = {.witness_msec = 1000},
					 .role = SRP_STANDBY,
					 .peer_heard = true};
		core.peer.role = SRP_ACTIVE;
		if (what == 0)
			core.config.witness_msec = 0;
		else if (what == 1)
			core.role = SRP_ACTIVE;
		else if (what == 2)
			core.peer_heard = false;
		else if (what == 3)
			core.peer.role = SRP_PENDING_ACTIVE;
		for (uint64_t now = 0; now <= 2 * SRP_WITNESS_WARN_MSEC; now += SRP_WITNESS_WARN_MSEC)
			assert_null(watch(&witness, now, &core,
					  what == 4   ? NULL
					  : what == 5 ? &unwatched
						      : &status));
		assert_null(srp_witness_warning(&witness));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(monitors_follow_their_peers_by_address_and_by_interface),
		cmocka_unit_test(a_session_that_flaps_while_coming_up_fails_nothing),
		cmocka_unit_test(a_session_that_goes_while_coming_up_and_stays_away_is_down),
		cmocka_unit_test(a_peer_that_never_came_up_is_unknown_until_the_guard_is_over),
		cmocka_unit_test(monitors_that_stay_configured_keep_their_state),
		cmocka_unit_test(the_newest_module_counts_and_gets_the_latest_policy),
		cmocka_unit_test(a_module_may_end_while_it_is_told_that_it_responds_again),
		cmocka_unit_test(a_module_that_is_silent_hangs_and_one_that_connected_anew_is_not_gone),
		cmocka_unit_test(with_the_metric_driver_the_metric_says_what_bgpd_shall_do),
		cmocka_unit_test(the_witness_needs_bgpd_and_a_prefix),
		cmocka_unit_test(bgpd_is_asked_for_the_witness_when_an_interval_is_configured),
		cmocka_unit_test(a_witness_that_hears_nothing_is_said_once),
		cmocka_unit_test(the_end_of_waiting_is_said_when_the_peer_is_heard_again),
		cmocka_unit_test(nothing_is_missed_where_nothing_is_to_be_heard),
	};

	return cmocka_run_group_tests(tests, temp_folder_make, temp_folder_remove);
}
