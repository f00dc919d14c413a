/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The link's thread: hellos while the main loop is held up, queues, two paths, order of frames. */
#include "tests/unit/link_ends.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/link_queue.h"

static uint64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- queues -------------------------------------------------------------------------------- */

static struct link_in_entry hello_entry(unsigned int path, uint64_t arrived)
{
	return (struct link_in_entry){.path = path, .arrived = arrived, .message = {.type = SRP_MSG_HELLO}};
}

static void a_queue_that_is_not_emptied_keeps_the_newest_hello_of_each_path(void **state)
{
	struct link_in *queue = calloc(1, sizeof(*queue));

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++) {
		struct link_in_entry entry = hello_entry(i % 2, i);

		link_in_put(queue, &entry);
	}
	assert_true(queue->count <= LINK_IN_MAX);
	assert_int_equal(queue->dropped, 0);
	assert_int_equal(queue->list[queue->count - 2].arrived + queue->list[queue->count - 1].arrived,
			 999 + 1000);
	free(queue);
}

static void other_messages_stay_in_order_and_push_no_hello_out(void **state)
{
	struct link_in *queue = calloc(1, sizeof(*queue));
	struct link_in_entry entry = hello_entry(0, 1);
	uint32_t last = 0;

	(void)state;
	link_in_put(queue, &entry);
	for (uint32_t i = 1; i <= 100; i++) {
		entry.message = (struct srp_message){.type = SRP_MSG_SWITCHOVER_REQUEST, .request_id = i};
		link_in_put(queue, &entry);
	}
	assert_int_equal(queue->count, LINK_IN_MAX);
	assert_int_equal(queue->dropped, 100 + 1 - LINK_IN_MAX);
	entry = hello_entry(0, 777);
	link_in_put(queue, &entry);
	assert_int_equal(queue->list[0].arrived, 777);
	for (size_t i = 1; i < queue->count; i++) {
		assert_true(queue->list[i].message.request_id > last);
		last = queue->list[i].message.request_id;
	}
	free(queue);
}

static void orders_that_are_not_taken_keep_the_newest_hello(void **state)
{
	struct link_out *queue = calloc(1, sizeof(*queue));
	struct link_out_entry entry = {.message = {.type = SRP_MSG_HELLO}};

	(void)state;
	for (uint16_t i = 1; i <= 100; i++) {
		entry.message.hello.modifier = i;
		assert_true(link_out_put(queue, &entry));
	}
	assert_int_equal(queue->count, LINK_OUT_MAX);
	assert_int_equal(queue->list[LINK_OUT_MAX - 1].message.hello.modifier, 100);
	entry.message.type = SRP_MSG_SWITCHOVER_REQUEST;
	assert_false(link_out_put(queue, &entry));
	free(queue);
}

/* --- hellos -------------------------------------------------------------------------------- */

/* Frames that come within `msec`, without running the main loop. */
static unsigned int count_frames(int fd, unsigned int msec)
{
	static uint8_t buf[65536];
	uint64_t end = now_msec() + msec;
	struct srp_message message;
	unsigned int count = 0;
	size_t len = 0, used;
	const char *why;

	for (;;) {
		struct timeval left = {.tv_usec = 20000};
		ssize_t got;

		if (now_msec() >= end)
			return count;
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &left, sizeof(left)), 0);
		got = recv(fd, buf + len, sizeof(buf) - len, 0);
		if (got == 0)
			return count;
		if (got < 0)
			continue;
		len += (size_t)got;
		while (srp_message_decode(buf, len, &message, &used, &why) == SRP_DECODE_OK) {
			count++;
			len -= used;
			memmove(buf, buf + used, len);
		}
	}
}

/* A raw peer of the high end, which sends its hello every `hello_msec`. */
static int raw_peer(struct link_ends *ends, uint32_t hello_msec)
{
	link_ends_prepare(ends);
	ends->high.hello.hello.hello_msec = hello_msec;
	return link_raw_peer(ends);
}

static void hellos_go_on_while_the_main_loop_is_held_up_but_not_for_ever(void **state)
{
	struct link_ends *ends = *state;
	int fd = raw_peer(ends, 20);
	unsigned int count;

	count = count_frames(fd, 1000);
	if (count < 40 || count > 53)
		fail_msg("%u hellos of 20 ms in 1000 ms", count);
	/* Not confirmed for 2 s: srpd hangs, and must not claim to be alive. */
	count_frames(fd, 1300);
	assert_int_equal(count_frames(fd, 300), 0);
	/* It answers again. */
	srp_link_send(ends->high.link, &ends->high.hello);
	assert_true(count_frames(fd, 300) >= 8);
	assert_true(srp_link_get_stats(ends->high.link)->hellos_withheld > 0);
	close(fd);
}

static void a_hello_that_changes_goes_out_at_once(void **state)
{
	struct link_ends *ends = *state;
	int fd = raw_peer(ends, 60000);

	count_frames(fd, 100);
	srp_link_send(ends->high.link, &ends->high.hello);
	assert_int_equal(count_frames(fd, 100), 0);
	ends->high.hello.hello.role = SRP_ACTIVE;
	srp_link_send(ends->high.link, &ends->high.hello);
	assert_int_equal(count_frames(fd, 100), 1);
	close(fd);
}

static bool high_heard_modifier_9(void *arg)
{
	return ((struct link_ends *)arg)->high.last.hello.modifier == 9;
}

static void what_came_while_the_main_loop_was_held_up_has_its_time_of_arrival(void **state)
{
	struct link_ends *ends = *state;
	struct srp_message hello;
	int fd = raw_peer(ends, 20);
	uint64_t sent;

	hello = ends->low.hello;
	for (uint32_t i = 2; i < 400; i++) {
		hello.sequence = i;
		link_raw_send(fd, &hello);
		usleep(500);
	}
	hello.sequence = 400;
	hello.hello.modifier = 9;
	link_raw_send(fd, &hello);
	sent = now_msec();
	usleep(300000);
	srp_link_poll(ends->high.link);
	assert_true(high_heard_modifier_9(ends));
	assert_true(ends->high.messages <= LINK_IN_MAX + 1);
	assert_true(ends->high.last_arrived + 1 >= sent - 50 && ends->high.last_arrived <= sent + 200);
	close(fd);
}

static bool high_refused_sequence(void *arg)
{
	return srp_link_get_stats(((struct link_ends *)arg)->high.link)->refused_sequence == 1;
}

static void a_frame_that_comes_twice_ends_the_connection(void **state)
{
	struct link_ends *ends = *state;
	int fd = raw_peer(ends, 20);

	link_raw_send(fd, &ends->low.hello);
	link_ends_wait(ends, high_refused_sequence);
	close(fd);
}

/* --- two paths ----------------------------------------------------------------------------- */

static size_t paths_up(struct link_end *end)
{
	const struct srp_path_info *list;
	size_t count = srp_link_get_paths(end->link, &list), up = 0;

	for (size_t i = 0; i < count; i++)
		up += strcmp(list[i].state, "Connected") == 0 && list[i].heard_at;
	return up;
}

static bool both_paths_up(void *arg)
{
	struct link_ends *ends = arg;

	return paths_up(&ends->low) == 2 && paths_up(&ends->high) == 2;
}

static bool one_path_up(void *arg)
{
	struct link_ends *ends = arg;

	return paths_up(&ends->low) == 1;
}

static bool one_session(void *arg)
{
	struct link_ends *ends = arg;
	const struct srp_path_info *list;

	return srp_link_get_paths(ends->high.link, &list) == 2 &&
	       list[0].session_up + list[1].session_up == 1;
}

static bool high_has_request(void *arg)
{
	return ((struct link_ends *)arg)->high.last.type == SRP_MSG_SWITCHOVER_REQUEST;
}

static void the_link_is_up_as_long_as_one_of_two_paths_is(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	ends->low.config.bind_secondary = ends->high.config.peer_secondary = link_address("127.0.1.1");
	ends->high.config.bind_secondary = ends->low.config.peer_secondary = link_address("127.0.1.2");
	link_ends_open(ends);
	link_ends_wait(ends, both_paths_up);
	link_ends_wait(ends, one_session);
	/* The first path goes: its port is another one now at one end. */
	ends->low.config.bind_address = link_address("127.0.0.9");
	srp_link_configure(ends->low.link, &ends->low.config);
	link_ends_wait(ends, one_path_up);
	poll_loop_for(ends->loop, 100);
	assert_int_equal(ends->low.downs + ends->high.downs, 0);
	srp_link_send(ends->low.link, &(struct srp_message){.type = SRP_MSG_SWITCHOVER_REQUEST,
							    .request_id = 7,
							    .reason = SRP_REASON_MANUAL});
	link_ends_wait(ends, high_has_request);
}

static void a_peer_that_is_not_connected_needs_authentication_or_insecure(void **state)
{
	struct link_ends *ends = *state;
	const struct srp_path_info *list;

	link_end_prepare(ends, &ends->low, "127.0.0.1", "203.0.113.77");
	link_end_open(ends, &ends->low);
	poll_loop_for(ends->loop, 200);
	assert_int_equal(srp_link_get_paths(ends->low.link, &list), 1);
	assert_non_null(strstr(list[0].trouble, "not directly connected"));
	ends->low.config.auth.insecure = true;
	srp_link_configure(ends->low.link, &ends->low.config);
	poll_loop_for(ends->loop, 200);
	srp_link_get_paths(ends->low.link, &list);
	assert_null(strstr(list[0].trouble, "not directly connected"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, link_ends_setup, link_ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_that_is_not_emptied_keeps_the_newest_hello_of_each_path),
		cmocka_unit_test(other_messages_stay_in_order_and_push_no_hello_out),
		cmocka_unit_test(orders_that_are_not_taken_keep_the_newest_hello),
		TEST(hellos_go_on_while_the_main_loop_is_held_up_but_not_for_ever),
		TEST(a_hello_that_changes_goes_out_at_once),
		TEST(what_came_while_the_main_loop_was_held_up_has_its_time_of_arrival),
		TEST(a_frame_that_comes_twice_ends_the_connection),
		TEST(the_link_is_up_as_long_as_one_of_two_paths_is),
		TEST(a_peer_that_is_not_connected_needs_authentication_or_insecure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
