/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of a daemon on its .vty socket: the parser, and the client against a daemon that misbehaves. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "frr-integration/vty_client.h"
#include "agent/vty_reply.h"
#include "tests/unit/temp_folder.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* --- the parser ---------------------------------------------------------------------------------- */

static void an_answer_in_one_piece_gives_its_text_and_result(void **state)
{
	struct vty_reply reply;
	size_t text_len;

	vty_reply_init(&reply);
	assert_int_equal(vty_reply_feed(&reply, BYTES("hello\n\0\0\0\015"), &text_len), VTY_REPLY_DONE);
	assert_int_equal(text_len, 6);
	assert_int_equal(reply.result, 13);
}

static void an_answer_without_text_is_complete_after_its_result(void **state)
{
	struct vty_reply reply;
	size_t text_len;

	vty_reply_init(&reply);
	assert_int_equal(vty_reply_feed(&reply, BYTES("\0\0\0"), &text_len), VTY_REPLY_MORE);
	assert_int_equal(text_len, 0);
	assert_int_equal(vty_reply_feed(&reply, BYTES("\0"), &text_len), VTY_REPLY_DONE);
	assert_int_equal(reply.result, 0);
}

static void an_answer_may_be_cut_anywhere(void **state)
{
	static const uint8_t stream[] = "one\ntwo\0\0\0\002";
	const size_t len = sizeof(stream) - 1;

	for (size_t cut = 0; cut <= len; cut++) {
		struct vty_reply reply;
		size_t first, second;

		vty_reply_init(&reply);
		vty_reply_feed(&reply, stream, cut, &first);
		vty_reply_feed(&reply, stream + cut, len - cut, &second);
		assert_int_equal(reply.state, VTY_REPLY_DONE);
		assert_int_equal(first + second, 7);
		assert_int_equal(reply.result, 2);
	}
}

static void a_nul_inside_the_text_is_bad(void **state)
{
	struct vty_reply reply;
	size_t text_len;

	vty_reply_init(&reply);
	assert_int_equal(vty_reply_feed(&reply, BYTES("ab\0\0cd\0\0\0\0"), &text_len), VTY_REPLY_BAD);
	assert_int_equal(text_len, 2);
	assert_int_equal(vty_reply_feed(&reply, BYTES("\0\0\0\0"), &text_len), VTY_REPLY_BAD);
}

static void a_byte_after_the_result_is_bad(void **state)
{
	struct vty_reply reply;
	size_t text_len;

	vty_reply_init(&reply);
	assert_int_equal(vty_reply_feed(&reply, BYTES("\0\0\0\0x"), &text_len), VTY_REPLY_BAD);

	vty_reply_init(&reply);
	assert_int_equal(vty_reply_feed(&reply, BYTES("\0\0\0\0"), &text_len), VTY_REPLY_DONE);
	assert_int_equal(vty_reply_feed(&reply, BYTES(""), &text_len), VTY_REPLY_DONE);
	assert_int_equal(vty_reply_feed(&reply, BYTES("x"), &text_len), VTY_REPLY_BAD);
	assert_int_equal(text_len, 0);
}

/* --- the client ---------------------------------------------------------------------------------- */

enum daemon_ending { DAEMON_CLOSES, DAEMON_STAYS };

/* A daemon at temp_file, in a process of its own, that takes one command and sends one prepared answer. */
static pid_t daemon_start(const void *answer, size_t len, size_t piece, enum daemon_ending ending)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int listener, client;
	pid_t pid;
	char byte;

	assert_int_equal(temp_folder_make(NULL), 0);
	strcpy(addr.sun_path, temp_file);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);

	pid = fork();
	assert_true(pid >= 0);
	if (pid) {
		close(listener);
		return pid;
	}
	client = accept(listener, NULL, NULL);
	while (read(client, &byte, 1) == 1 && byte)
		;
	for (size_t pos = 0; pos < len; pos += piece)
		if (write(client, (const char *)answer + pos, len - pos < piece ? len - pos : piece) < 0)
			_exit(1);
	/* Until the client closes. */
	while (ending == DAEMON_STAYS && read(client, &byte, 1) == 1)
		;
	_exit(0);
}

static void daemon_stop(pid_t daemon)
{
	int status;

	assert_int_equal(waitpid(daemon, &status, 0), daemon);
	assert_int_equal(temp_folder_remove(NULL), 0);
}

struct text {
	char data[64];
	size_t len;
};

static void text_add(void *arg, const char *data, size_t len)
{
	struct text *text = arg;

	assert_true(text->len + len < sizeof(text->data));
	memcpy(text->data + text->len, data, len);
	text->len += len;
}

/* Ask a daemon that answers like this; the error or result, and the text. */
static int ask(const void *answer, size_t len, size_t piece, enum daemon_ending ending, struct text *text)
{
	struct vty_client client;
	pid_t daemon;
	int result;

	memset(text, 0, sizeof(*text));
	daemon = daemon_start(answer, len, piece, ending);
	assert_int_equal(vty_client_open(&client, temp_file, 200), 0);
	result = vty_client_run(&client, "show srp info", text_add, text);
	assert_true(result < 0 ? client.fd == -1 : client.fd >= 0);
	vty_client_close(&client);
	daemon_stop(daemon);
	return result;
}

static void a_slow_daemon_is_heard_to_the_end(void **state)
{
	struct text text;

	assert_int_equal(ask("Role\nActive\n\0\0\0\001", 16, 1, DAEMON_STAYS, &text), 1);
	assert_string_equal(text.data, "Role\nActive\n");
}

static void a_silent_daemon_costs_the_time_limit(void **state)
{
	struct text text;

	assert_int_equal(ask("half", 4, 4, DAEMON_STAYS, &text), -ETIMEDOUT);
	assert_string_equal(text.data, "half");
}

static void a_daemon_that_goes_away_is_noticed(void **state)
{
	struct text text;

	assert_int_equal(ask("half\0\0", 6, 6, DAEMON_CLOSES, &text), -ECONNRESET);
}

static void something_else_on_the_socket_is_refused(void **state)
{
	struct text text;

	assert_int_equal(ask("HTTP\0/1.1", 9, 9, DAEMON_STAYS, &text), -EPROTO);
}

static void no_daemon_is_told_from_a_broken_one(void **state)
{
	struct vty_client client;
	char path[200];

	assert_int_equal(vty_client_open(&client, "/nonexistent/srpd.vty", 200), -ENOENT);
	assert_true(vty_client_not_running(-ENOENT));
	assert_true(vty_client_not_running(-ECONNREFUSED));
	assert_false(vty_client_not_running(-ETIMEDOUT));
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(vty_client_open(&client, path, 200), -ENAMETOOLONG);
	assert_int_equal(client.fd, -1);
	assert_int_equal(vty_client_run(&client, "show srp info", NULL, NULL), -ECONNRESET);
}

static void a_command_longer_than_a_daemon_reads_is_not_sent(void **state)
{
	static char line[VTY_CLIENT_LINE_MAX + 1];
	struct vty_client client;
	pid_t daemon;

	memset(line, 'x', sizeof(line) - 1);
	daemon = daemon_start("", 0, 1, DAEMON_CLOSES);
	assert_int_equal(vty_client_open(&client, temp_file, 200), 0);
	assert_int_equal(vty_client_run(&client, line, NULL, NULL), -E2BIG);
	daemon_stop(daemon);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_in_one_piece_gives_its_text_and_result),
		cmocka_unit_test(an_answer_without_text_is_complete_after_its_result),
		cmocka_unit_test(an_answer_may_be_cut_anywhere),
		cmocka_unit_test(a_nul_inside_the_text_is_bad),
		cmocka_unit_test(a_byte_after_the_result_is_bad),
		cmocka_unit_test(a_slow_daemon_is_heard_to_the_end),
		cmocka_unit_test(a_silent_daemon_costs_the_time_limit),
		cmocka_unit_test(a_daemon_that_goes_away_is_noticed),
		cmocka_unit_test(something_else_on_the_socket_is_refused),
		cmocka_unit_test(no_daemon_is_told_from_a_broken_one),
		cmocka_unit_test(a_command_longer_than_a_daemon_reads_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
