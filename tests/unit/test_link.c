/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer link on loopback: two ends in one process, strangers and garbage between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/link.h"
#include "agent/poll_loop.h"

#define DEAD  300
#define LIMIT 5000

struct end {
	struct srp_link *link;
	struct srp_config config;
	bool up;
	unsigned int ups, downs, messages;
	struct srp_message last;
};

struct fixture {
	struct srp_loop *loop;
	uint16_t port;
	unsigned int sent;
	struct end low, high; /* 127.0.0.1 connects to 127.0.0.2 */
};

static void discard(enum srp_log_level level, const char *text)
{
	(void)level;
	(void)text;
}

static const struct srp_log quiet = {.write = discard};

static const struct srp_message hello = {
	.type = SRP_MSG_HELLO,
	.sequence = 1,
	.hello = {.instance = 1,
		  .modifier = 1,
		  .priority = 1,
		  .hello_msec = 100,
		  .dead_msec = 300,
		  .version = "x"},
};

static void on_state(void *arg, bool up)
{
	struct end *end = arg;

	end->up = up;
	end->ups += up;
	end->downs += !up;
	if (up)
		srp_link_send(end->link, &hello);
}

static void on_message(void *arg, const struct srp_message *message, uint64_t arrived)
{
	(void)arrived;
	struct end *end = arg;

	end->messages++;
	end->last = *message;
}

static struct srp_addr address(const char *text)
{
	struct srp_addr addr = {0};

	assert_true(srp_addr_parse(text, &addr));
	return addr;
}

static struct sockaddr_in socket_address(const char *text, uint16_t port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, text, &sin.sin_addr), 1);
	return sin;
}

/* A port that nobody listens on, on either address. */
static uint16_t free_port(void)
{
	struct sockaddr_in sin = socket_address("127.0.0.2", 0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

static void on_session(void *arg, struct srp_session_start *start)
{
	(void)arg;
	srp_session_start_free(start); /* nothing here looks at sessions */
}

static void open_end(struct fixture *f, struct end *end, const char *own, const char *peer)
{

	end->link = srp_link_new(f->loop, &quiet,
				 &(struct srp_link_callbacks){.state = on_state,
							      .message = on_message,
							      .session = on_session,
							      .arg = end});
	assert_non_null(end->link);
	srp_config_init(&end->config);
	end->config.bind_address = address(own);
	end->config.peer_address = address(peer);
	end->config.port = f->port;
	end->config.dead_msec = DEAD;
	srp_link_configure(end->link, &end->config);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = poll_loop_new();
	f->port = free_port();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	srp_link_free(f->low.link);
	srp_link_free(f->high.link);
	poll_loop_free(f->loop);
	free(f);
	return 0;
}

static bool both_heard(void *arg)
{
	struct fixture *f = arg;

	return f->low.up && f->high.up && f->low.messages && f->high.messages;
}

static void connect_both(struct fixture *f)
{
	open_end(f, &f->low, "127.0.0.1", "127.0.0.2");
	open_end(f, &f->high, "127.0.0.2", "127.0.0.1");
	assert_true(poll_loop_until(f->loop, both_heard, f, LIMIT));
}

/* A raw connection to the higher end, from the given address. */
static int raw_connection(struct fixture *f, const char *from)
{
	struct sockaddr_in own = socket_address(from, 0), to = socket_address("127.0.0.2", f->port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), ttl = 255;

	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void two_ends_find_each_other_and_exchange_messages(void **state)
{
	struct fixture *f = *state;

	connect_both(f);
	assert_int_equal(f->high.last.hello.instance, 1);
	assert_int_equal(f->high.last.sequence, 1);
	assert_string_equal(srp_link_state_name(f->low.link), "Connected");
}

static bool high_counted_bad_frame(void *arg)
{
	return srp_link_get_stats(((struct fixture *)arg)->high.link)->refused_frames == 1;
}

static void garbage_from_the_peers_address_leaves_the_connection_alone(void **state)
{
	struct fixture *f = *state;
	int fd;

	connect_both(f);
	fd = raw_connection(f, "127.0.0.1");
	assert_int_equal(send(fd, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL), 18);
	assert_true(poll_loop_until(f->loop, high_counted_bad_frame, f, LIMIT));
	assert_true(f->high.up && f->low.up);
	assert_int_equal(f->high.downs, 0);
	close(fd);
}

static void silent_connections_never_use_up_all_places(void **state)
{
	struct fixture *f = *state;
	int fds[20];

	open_end(f, &f->high, "127.0.0.2", "127.0.0.1");
	poll_loop_for(f->loop, 20);
	for (int i = 0; i < 20; i++) {
		fds[i] = raw_connection(f, "127.0.0.1");
		poll_loop_for(f->loop, 1);
	}
	open_end(f, &f->low, "127.0.0.1", "127.0.0.2");
	assert_true(poll_loop_until(f->loop, both_heard, f, LIMIT));
	for (int i = 0; i < 20; i++)
		close(fds[i]);
}

static bool high_refused_stranger(void *arg)
{
	return srp_link_get_stats(((struct fixture *)arg)->high.link)->refused_address == 1;
}

static void a_stranger_is_refused_whatever_it_says(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&hello, frame);
	int fd;

	connect_both(f);
	fd = raw_connection(f, "127.0.0.3");
	assert_true(send(fd, frame, len, MSG_NOSIGNAL) > 0);
	assert_true(poll_loop_until(f->loop, high_refused_stranger, f, LIMIT));
	assert_int_equal(f->high.messages, 1);
	assert_int_equal(f->high.downs, 0);
	close(fd);
}

static bool high_up_again(void *arg)
{
	struct fixture *f = arg;

	return f->high.ups == 2 && f->high.up && f->low.up;
}

static void an_end_that_restarts_is_connected_again(void **state)
{
	struct fixture *f = *state;

	connect_both(f);
	srp_link_free(f->low.link);
	memset(&f->low, 0, sizeof(f->low));
	open_end(f, &f->low, "127.0.0.1", "127.0.0.2");
	assert_true(poll_loop_until(f->loop, high_up_again, f, LIMIT));
}

static bool high_dropped_slow(void *arg)
{
	struct fixture *f = arg;
	struct srp_message message = hello;

	/* As many as the loop lets us, each with something new: the peer's end is connected, and never reads. */
	for (int i = 0; i < 20; i++) {
		message.hello.priority = message.hello.priority % 100 + 1;
		message.hello.modifier = (uint16_t)(++f->sent % 30 + 1);
		srp_link_send(f->high.link, &message);
	}
	return srp_link_get_stats(f->high.link)->dropped_slow == 1;
}

static bool high_is_down(void *arg)
{
	return !((struct fixture *)arg)->high.up;
}

static bool high_up(void *arg)
{
	return ((struct fixture *)arg)->high.up;
}

static void a_peer_that_does_not_read_loses_its_connection(void **state)
{
	struct fixture *f = *state;
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&hello, frame);
	int fd;

	open_end(f, &f->high, "127.0.0.2", "127.0.0.1");
	poll_loop_for(f->loop, 20);
	fd = raw_connection(f, "127.0.0.1");
	assert_true(send(fd, frame, len, MSG_NOSIGNAL) > 0);
	assert_true(poll_loop_until(f->loop, high_up, f, LIMIT));
	assert_true(poll_loop_until(f->loop, high_dropped_slow, f, LIMIT));
	assert_true(poll_loop_until(f->loop, high_is_down, f, LIMIT));
	close(fd);
}

static bool low_is_down(void *arg)
{
	return ((struct fixture *)arg)->low.downs == 1;
}

static void the_same_configuration_again_disturbs_nothing(void **state)
{
	struct fixture *f = *state;

	connect_both(f);
	srp_link_configure(f->low.link, &f->low.config);
	poll_loop_for(f->loop, 50);
	assert_int_equal(f->low.downs, 0);
	f->low.config.peer_address.family = 0;
	srp_link_configure(f->low.link, &f->low.config);
	assert_string_equal(srp_link_state_name(f->low.link), "Disabled");
	assert_true(poll_loop_until(f->loop, low_is_down, f, LIMIT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_ends_find_each_other_and_exchange_messages, setup,
						teardown),
		cmocka_unit_test_setup_teardown(garbage_from_the_peers_address_leaves_the_connection_alone,
						setup, teardown),
		cmocka_unit_test_setup_teardown(silent_connections_never_use_up_all_places, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stranger_is_refused_whatever_it_says, setup, teardown),
		cmocka_unit_test_setup_teardown(an_end_that_restarts_is_connected_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_peer_that_does_not_read_loses_its_connection, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_same_configuration_again_disturbs_nothing, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
