/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/link_ends.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void show(enum srp_log_level level, const char *text)
{
	printf("log %d: %s\n", level, text);
}

static const struct srp_log log_lines = {.write = show};

static void on_state(void *arg, bool up)
{
	struct link_end *end = arg;

	end->up = up;
	end->ups += up;
	end->downs += !up;
	if (up)
		srp_link_send(end->link, &end->hello);
}

static void on_message(void *arg, const struct srp_message *message, uint64_t arrived)
{
	struct link_end *end = arg;

	end->messages++;
	end->last = *message;
	end->last_arrived = arrived;
}

/* On the link's thread; what it leaves behind is looked at after that has ended. */
static void on_session(void *arg, struct srp_session_start *start)
{
	struct link_end *end = arg;

	srp_session_start_free(end->session);
	end->session = start;
}

struct srp_addr link_address(const char *text)
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

uint16_t link_free_port(void)
{
	struct sockaddr_in sin = socket_address("127.0.0.2", 0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	close(fd);
	return ntohs(sin.sin_port);
}

int link_ends_setup(void **state)
{
	struct link_ends *ends = calloc(1, sizeof(*ends));

	srp_tls_use(&srp_tls_openssl);
	ends->loop = poll_loop_new();
	ends->port = link_free_port();
	*state = ends;
	return temp_folder_make(state);
}

int link_ends_teardown(void **state)
{
	struct link_ends *ends = *state;

	srp_link_free(ends->low.link);
	srp_link_free(ends->high.link);
	srp_session_start_free(ends->low.session);
	srp_session_start_free(ends->high.session);
	poll_loop_free(ends->loop);
	free(ends);
	return temp_folder_remove(state);
}

void link_end_prepare(struct link_ends *ends, struct link_end *end, const char *own, const char *peer)
{
	srp_config_init(&end->config);
	end->config.bind_address = link_address(own);
	end->config.peer_address = link_address(peer);
	end->config.port = ends->port;
	end->config.dead_msec = LINK_DEAD;
	end->hello = (struct srp_message){
		.type = SRP_MSG_HELLO,
		.sequence = 1,
		.hello = {.instance = 1,
			  .modifier = 1,
			  .priority = 1,
			  .hello_msec = LINK_DEAD / 3,
			  .dead_msec = LINK_DEAD,
			  .version = "x"},
	};
}

void link_end_open(struct link_ends *ends, struct link_end *end)
{
	end->link = srp_link_new(ends->loop, &log_lines,
				 &(struct srp_link_callbacks){.state = on_state,
							      .message = on_message,
							      .session = on_session,
							      .arg = end});
	assert_non_null(end->link);
	srp_link_configure(end->link, &end->config);
}

void link_ends_prepare(struct link_ends *ends)
{
	link_end_prepare(ends, &ends->low, "127.0.0.1", "127.0.0.2");
	link_end_prepare(ends, &ends->high, "127.0.0.2", "127.0.0.1");
}

void link_ends_open(struct link_ends *ends)
{
	link_end_open(ends, &ends->low);
	link_end_open(ends, &ends->high);
}

bool link_ends_heard(void *arg)
{
	struct link_ends *ends = arg;

	return ends->low.up && ends->high.up && ends->low.messages && ends->high.messages;
}

void link_ends_wait(struct link_ends *ends, bool (*done)(void *arg))
{
	assert_true(poll_loop_until(ends->loop, done, ends, LINK_LIMIT));
}

const char *link_ends_file(struct link_ends *ends, const char *name, const char *text, unsigned int mode)
{
	static char paths[8][128];
	static unsigned int next;
	char *path = paths[next++ % 8];
	size_t len = strlen(text);
	int fd;

	snprintf(path, sizeof(paths[0]), "%s/%s", temp_folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static int connect_from(const char *from, const char *to, uint16_t port)
{
	struct sockaddr_in own = socket_address(from, 0), peer = socket_address(to, port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), ttl = 255;

	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) == 0)
		return fd;
	close(fd);
	return -1;
}

int link_raw(struct link_ends *ends, const char *from)
{
	int fd = -1;

	/* The thread may not listen yet. */
	for (int i = 0; i < 1000 && fd < 0; i++) {
		fd = connect_from(from, "127.0.0.2", ends->port);
		if (fd < 0)
			poll_loop_for(ends->loop, 5);
	}
	assert_true(fd >= 0);
	return fd;
}

void link_raw_send(int fd, const struct srp_message *message)
{
	uint8_t frame[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(message, frame);

	assert_int_equal(send(fd, frame, len, MSG_NOSIGNAL), len);
}

static bool high_up(void *arg)
{
	return ((struct link_ends *)arg)->high.up;
}

int link_raw_peer(struct link_ends *ends)
{
	int fd;

	link_end_open(ends, &ends->high);
	fd = link_raw(ends, "127.0.0.1");
	link_raw_send(fd, &ends->low.hello);
	link_ends_wait(ends, high_up);
	return fd;
}

/* --- relay --------------------------------------------------------------------------------- */

static void relay_end(struct link_relay *relay)
{
	const struct srp_loop_ops *ops = relay->loop->ops;

	ops->unwatch(relay->in_watch);
	ops->unwatch(relay->out_watch);
	relay->in_watch = relay->out_watch = NULL;
	if (relay->in >= 0)
		close(relay->in);
	if (relay->out >= 0)
		close(relay->out);
	relay->in = relay->out = -1;
}

static void relay_ready(void *arg, int fd, unsigned int ready)
{
	struct link_relay *relay = arg;
	uint8_t buf[16384];
	ssize_t got = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	(void)ready;
	if (got <= 0) {
		relay_end(relay);
		return;
	}
	if (fd == relay->in && relay->connections == 1 &&
	    relay->kept_len + (size_t)got <= sizeof(relay->kept)) {
		memcpy(relay->kept + relay->kept_len, buf, (size_t)got);
		relay->kept_len += (size_t)got;
	}
	if (send(fd == relay->in ? relay->out : relay->in, buf, (size_t)got, MSG_NOSIGNAL) != got)
		relay_end(relay);
}

static void relay_accept(void *arg, int fd, unsigned int ready)
{
	struct link_relay *relay = arg;

	(void)ready;
	relay_end(relay);
	relay->in = accept(fd, NULL, NULL);
	relay->out = connect_from(relay->from, relay->to, relay->to_port);
	if (relay->in < 0 || relay->out < 0) {
		relay_end(relay);
		return;
	}
	relay->connections++;
	relay->in_watch = relay->loop->ops->watch(relay->loop, relay->in, SRP_LOOP_READ, relay_ready, relay);
	relay->out_watch =
		relay->loop->ops->watch(relay->loop, relay->out, SRP_LOOP_READ, relay_ready, relay);
}

void link_relay_open(struct link_relay *relay, struct srp_loop *loop, const char *own, uint16_t port,
		     const char *from, const char *to, uint16_t to_port)
{
	struct sockaddr_in sin = socket_address(own, port);
	int on = 1;

	memset(relay, 0, sizeof(*relay));
	relay->loop = loop;
	relay->in = relay->out = -1;
	relay->to_port = to_port;
	snprintf(relay->from, sizeof(relay->from), "%s", from);
	snprintf(relay->to, sizeof(relay->to), "%s", to);
	relay->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(setsockopt(relay->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(relay->listen_fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(relay->listen_fd, 4), 0);
	relay->listen = loop->ops->watch(loop, relay->listen_fd, SRP_LOOP_READ, relay_accept, relay);
}

void link_relay_close(struct link_relay *relay)
{
	relay_end(relay);
	relay->loop->ops->unwatch(relay->listen);
	close(relay->listen_fd);
}
