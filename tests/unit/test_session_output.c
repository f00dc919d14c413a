/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsrpsession against an srpd that reads when it likes: what is put comes whole and in order, whatever is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "checkpoint/local.h"
#include "checkpoint/op.h"
#include "checkpoint/srpsession.h"
#include "tests/unit/temp_folder.h"

#define IN_SIZE (4 * (size_t)SRP_LOCAL_PAYLOAD_MAX)

struct fixture {
	int listener, fd;
	struct srp_session *session;
	uint64_t random;
	uint8_t *in;
	size_t in_len;
	uint64_t put, got; /* call ids count up */
};

static uint32_t draw(struct fixture *f, uint32_t below)
{
	f->random = f->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(f->random >> 33) % below;
}

static int setup(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct fixture *f = calloc(1, sizeof(*f));

	temp_folder_make(NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", temp_file);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(bind(f->listener, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_return_code(listen(f->listener, 1), errno);
	f->session = srp_session_new(&(struct srp_session_options){.path = temp_file, .instance = 1});
	assert_non_null(f->session);
	assert_return_code(srp_session_connect(f->session, true), errno);
	f->fd = accept(f->listener, NULL, NULL);
	assert_return_code(f->fd, errno);
	f->in = malloc(IN_SIZE);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	srp_session_free(f->session);
	close(f->fd);
	close(f->listener);
	temp_folder_remove(NULL);
	free(f->in);
	free(f);
	return 0;
}

static void check_ops(struct fixture *f, const uint8_t *ops, size_t len)
{
	for (size_t at = 0; at < len;) {
		struct srp_op op;
		const char *why = "";
		size_t size = srp_op_decode(ops + at, len - at, &op, &why);

		if (!size)
			fail_msg("operation %llu: %s", (unsigned long long)f->got, why);
		assert_int_equal(op.call_id, ++f->got);
		at += size;
	}
}

static void read_some(struct fixture *f, size_t count)
{
	size_t at = 0, room = IN_SIZE - f->in_len;
	ssize_t got = recv(f->fd, f->in + f->in_len, count < room ? count : room, MSG_DONTWAIT);

	if (got < 0)
		assert_int_equal(errno, EAGAIN);
	else
		f->in_len += (size_t)got;
	for (;;) {
		unsigned int type;
		size_t payload;
		int whole = srp_local_frame(f->in + at, f->in_len - at, &type, &payload);

		assert_true(whole >= 0);
		if (!whole)
			break;
		assert_true(type == SRP_LOCAL_REGISTER || type == SRP_LOCAL_OPS);
		if (type == SRP_LOCAL_OPS)
			check_ops(f, f->in + at + SRP_LOCAL_HEADER, payload);
		at += SRP_LOCAL_HEADER + payload;
	}
	f->in_len -= at;
	memmove(f->in, f->in + at, f->in_len);
}

/* False: there is no room. */
static bool put_one(struct fixture *f)
{
	static const uint8_t macro[SRP_RECORD_MAX];
	struct srp_session_record record = {.call_id = f->put + 1, .macro = macro, .macro_len = draw(f, 600)};

	if (srp_session_put(f->session, &record) < 0) {
		assert_int_equal(errno, EAGAIN);
		return false;
	}
	f->put++;
	return true;
}

static void everything_comes_in_order_through_a_full_socket(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 3000; round++) {
		f->random ^= (uint64_t)round;
		switch (draw(f, 4)) {
		case 0: /* until it has no room */
			while (put_one(f))
				;
			break;
		case 1:
			for (uint32_t i = draw(f, 50); i > 0 && put_one(f); i--)
				;
			break;
		case 2:
			read_some(f, 1 + draw(f, 300000));
			break;
		default:
			assert_return_code(srp_session_dispatch(f->session), errno);
		}
	}
	for (int round = 0; round < 1000 && f->got < f->put; round++) {
		assert_return_code(srp_session_dispatch(f->session), errno);
		read_some(f, IN_SIZE);
	}
	assert_int_equal(f->got, f->put);
	assert_true(f->got > 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_comes_in_order_through_a_full_socket, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
