/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer link on loopback: two ends in one process, strangers and garbage between them. */
#include "tests/unit/link_ends.h"

#include <sys/socket.h>
#include <unistd.h>

static void connect_both(struct link_ends *ends)
{
	link_ends_prepare(ends);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
}

static void two_ends_find_each_other_and_exchange_messages(void **state)
{
	struct link_ends *ends = *state;

	connect_both(ends);
	assert_int_equal(ends->high.last.hello.instance, 1);
	assert_int_equal(ends->high.last.sequence, 1);
	assert_string_equal(srp_link_state_name(ends->low.link), "Connected");
}

static bool high_counted_bad_frame(void *arg)
{
	return srp_link_get_stats(((struct link_ends *)arg)->high.link)->refused_frames == 1;
}

static void garbage_from_the_peers_address_leaves_the_connection_alone(void **state)
{
	struct link_ends *ends = *state;
	int fd;

	connect_both(ends);
	fd = link_raw(ends, "127.0.0.1");
	assert_int_equal(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL), 18);
	link_ends_wait(ends, high_counted_bad_frame);
	assert_true(ends->high.up && ends->low.up);
	assert_int_equal(ends->high.downs, 0);
	close(fd);
}

static void silent_connections_never_use_up_all_places(void **state)
{
	struct link_ends *ends = *state;
	int fds[20];

	link_ends_prepare(ends);
	link_end_open(ends, &ends->high);
	for (int i = 0; i < 20; i++) {
		fds[i] = link_raw(ends, "127.0.0.1");
		poll_loop_for(ends->loop, 1);
	}
	link_end_open(ends, &ends->low);
	link_ends_wait(ends, link_ends_heard);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
}

static bool high_refused_stranger(void *arg)
{
	return srp_link_get_stats(((struct link_ends *)arg)->high.link)->refused_address == 1;
}

static void a_stranger_is_refused_whatever_it_says(void **state)
{
	struct link_ends *ends = *state;
	int fd;

	connect_both(ends);
	fd = link_raw(ends, "127.0.0.3");
	link_raw_send(fd, &ends->low.hello);
	link_ends_wait(ends, high_refused_stranger);
	assert_int_equal(ends->high.messages, 1);
	assert_int_equal(ends->high.downs, 0);
	close(fd);
}

static bool high_up_again(void *arg)
{
	struct link_ends *ends = arg;

	return ends->high.ups == 2 && ends->high.up && ends->low.up;
}

static void an_end_that_restarts_is_connected_again(void **state)
{
	struct link_ends *ends = *state;

	connect_both(ends);
	srp_link_free(ends->low.link);
	ends->low.up = false;
	link_end_open(ends, &ends->low);
	link_ends_wait(ends, high_up_again);
}

static bool high_dropped_slow(void *arg)
{
	struct link_ends *ends = arg;
	struct srp_message *message = &ends->high.hello;

	/* As many as the loop lets us, each with something new: the peer's end is connected, and never reads. */
	for (int i = 0; i < 20; i++) {
		message->hello.priority = message->hello.priority % 100 + 1;
		message->hello.modifier = message->hello.modifier % 30 + 1;
		srp_link_send(ends->high.link, message);
	}
	return srp_link_get_stats(ends->high.link)->dropped_slow == 1;
}

static bool high_is_down(void *arg)
{
	return !((struct link_ends *)arg)->high.up;
}

static void a_peer_that_does_not_read_loses_its_connection(void **state)
{
	struct link_ends *ends = *state;
	int fd;

	link_ends_prepare(ends);
	fd = link_raw_peer(ends);
	link_ends_wait(ends, high_dropped_slow);
	link_ends_wait(ends, high_is_down);
	close(fd);
}

static bool low_is_down(void *arg)
{
	return ((struct link_ends *)arg)->low.downs == 1;
}

static void the_same_configuration_again_disturbs_nothing(void **state)
{
	struct link_ends *ends = *state;

	connect_both(ends);
	srp_link_configure(ends->low.link, &ends->low.config);
	poll_loop_for(ends->loop, 50);
	assert_int_equal(ends->low.downs, 0);
	ends->low.config.peer_address.family = 0;
	srp_link_configure(ends->low.link, &ends->low.config);
	assert_string_equal(srp_link_state_name(ends->low.link), "Disabled");
	link_ends_wait(ends, low_is_down);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, link_ends_setup, link_ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_ends_find_each_other_and_exchange_messages),
		TEST(garbage_from_the_peers_address_leaves_the_connection_alone),
		TEST(silent_connections_never_use_up_all_places),
		TEST(a_stranger_is_refused_whatever_it_says),
		TEST(an_end_that_restarts_is_connected_again),
		TEST(a_peer_that_does_not_read_loses_its_connection),
		TEST(the_same_configuration_again_disturbs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
