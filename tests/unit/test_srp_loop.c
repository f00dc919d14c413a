/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent/loop.h on libfrr's event loop: the promises of the header, kept by srp_loop.c. */
#include "frr-integration/compat.h"

#include <setjmp.h>

#include <cmocka.h>

#include "frr-integration/srp_loop.h"

static struct srp_frr_loop loop;
static const struct srp_loop_ops *ops;

static int set_up(void **state)
{
	srp_frr_loop_init(&loop, srp_event_loop_create("test"));
	ops = loop.loop.ops;
	return 0;
}

static int tear_down(void **state)
{
	srp_event_loop_free(loop.master);
	return 0;
}

/* Run events of the loop until *count reaches `want`. The test's own alarm ends it if that never comes. */
static void run_until(const unsigned int *count, unsigned int want)
{
	SRP_EVENT event;

	while (*count < want && srp_event_fetch(loop.master, &event))
		srp_event_call(&event);
}

struct reader {
	unsigned int calls, ready;
	size_t take; /* bytes to read at each call */
	struct srp_watch *watch;
	bool drop; /* unwatch in the callback */
};

static void on_ready(void *arg, int fd, unsigned int ready)
{
	struct reader *reader = arg;
	char bytes[16];

	reader->calls++;
	reader->ready = ready;
	if (reader->take)
		assert_int_equal(read(fd, bytes, reader->take), (ssize_t)reader->take);
	if (reader->drop) {
		ops->unwatch(reader->watch);
		reader->watch = NULL;
	}
}

static void count_alarm(void *arg)
{
	(*(unsigned int *)arg)++;
}

/* Let everything that is ready run: until an alarm of 20 ms from now. */
static void settle(void)
{
	unsigned int rung = 0;
	struct srp_alarm *alarm = ops->alarm(&loop.loop, count_alarm, &rung);

	ops->alarm_at(alarm, ops->now(&loop.loop) + 20);
	run_until(&rung, 1);
	ops->alarm_free(alarm);
}

static void a_watch_stays_armed_as_long_as_there_is_something_to_read(void **state)
{
	struct reader reader = {.take = 1};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	reader.watch = ops->watch(&loop.loop, ends[0], SRP_LOOP_READ, on_ready, &reader);
	run_until(&reader.calls, 3);
	assert_int_equal(reader.ready, SRP_LOOP_READ);
	settle();
	assert_int_equal(reader.calls, 3);
	assert_int_equal(write(ends[1], "d", 1), 1);
	run_until(&reader.calls, 4);
	ops->unwatch(reader.watch);
	close(ends[0]);
	close(ends[1]);
}

static void a_watch_can_be_dropped_in_its_own_callback(void **state)
{
	struct reader reader = {.drop = true};
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	reader.watch = ops->watch(&loop.loop, ends[0], SRP_LOOP_READ, on_ready, &reader);
	run_until(&reader.calls, 1);
	settle();
	assert_int_equal(reader.calls, 1);
	close(ends[0]);
	close(ends[1]);
}

static void a_watch_can_be_paused_and_turned_to_writing(void **state)
{
	struct reader reader = {0};
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	reader.watch = ops->watch(&loop.loop, ends[0], SRP_LOOP_READ, on_ready, &reader);
	ops->rewatch(reader.watch, 0);
	settle();
	assert_int_equal(reader.calls, 0);
	ops->rewatch(reader.watch, SRP_LOOP_WRITE);
	run_until(&reader.calls, 1);
	assert_int_equal(reader.ready, SRP_LOOP_WRITE);
	ops->rewatch(reader.watch, SRP_LOOP_READ);
	run_until(&reader.calls, 2);
	ops->rewatch(reader.watch, 0);
	ops->unwatch(reader.watch);
	close(ends[0]);
	close(ends[1]);
}

static void a_hang_up_is_told_and_a_paused_watch_does_not_hear_it(void **state)
{
	struct reader reader = {0};
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	reader.watch = ops->watch(&loop.loop, ends[0], SRP_LOOP_READ, on_ready, &reader);
	close(ends[1]);
	run_until(&reader.calls, 1);
	ops->rewatch(reader.watch, 0);
	reader.calls = 0;
	settle();
	assert_int_equal(reader.calls, 0);
	ops->unwatch(reader.watch);
	close(ends[0]);
}

static void an_alarm_rings_once_and_not_before_its_time(void **state)
{
	unsigned int rung = 0;
	struct srp_alarm *alarm = ops->alarm(&loop.loop, count_alarm, &rung);
	uint64_t when = ops->now(&loop.loop) + 15;

	ops->alarm_at(alarm, when);
	run_until(&rung, 1);
	assert_true(ops->now(&loop.loop) >= when);
	settle();
	assert_int_equal(rung, 1);
	ops->alarm_free(alarm);
}

static void an_alarm_for_the_past_rings_at_once(void **state)
{
	unsigned int rung = 0;
	struct srp_alarm *alarm = ops->alarm(&loop.loop, count_alarm, &rung);

	ops->alarm_at(alarm, 0);
	settle();
	assert_int_equal(rung, 1);
	ops->alarm_free(alarm);
}

static void an_alarm_can_be_moved_and_turned_off(void **state)
{
	unsigned int rung = 0;
	struct srp_alarm *alarm = ops->alarm(&loop.loop, count_alarm, &rung);

	ops->alarm_at(alarm, ops->now(&loop.loop) + 5);
	ops->alarm_at(alarm, ops->now(&loop.loop) + 3600000);
	settle();
	assert_int_equal(rung, 0);
	ops->alarm_at(alarm, ops->now(&loop.loop) + 1);
	ops->alarm_off(alarm);
	settle();
	assert_int_equal(rung, 0);
	ops->alarm_at(alarm, ops->now(&loop.loop) + 1);
	run_until(&rung, 1);
	ops->alarm_free(alarm);
	ops->alarm_free(NULL);
	ops->unwatch(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watch_stays_armed_as_long_as_there_is_something_to_read),
		cmocka_unit_test(a_watch_can_be_dropped_in_its_own_callback),
		cmocka_unit_test(a_watch_can_be_paused_and_turned_to_writing),
		cmocka_unit_test(a_hang_up_is_told_and_a_paused_watch_does_not_hear_it),
		cmocka_unit_test(an_alarm_rings_once_and_not_before_its_time),
		cmocka_unit_test(an_alarm_for_the_past_rings_at_once),
		cmocka_unit_test(an_alarm_can_be_moved_and_turned_off),
	};

	alarm(10); /* an event that never comes ends the test */
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
