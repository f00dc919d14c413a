/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsrpsession and the checkpoints' thread, over real sockets: two chassis in one process. */
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
#include <unistd.h>

#include <cmocka.h>

#include "agent/checkpoints.h"
#include "agent/poll_loop.h"
#include "checkpoint/srpsession.h"
#include "tests/unit/temp_folder.h"

#define LIMIT 10000 /* ms */
#define CALLS 500

struct chassis {
	struct srp_checkpoints *checkpoints;
	struct srp_engine_role role;
	char path[96];
	uint32_t ended; /* written on the other thread, read after the loop has run */
};

struct manager {
	struct srp_session *session;
	bool serves, ready, restored, send_all;
	unsigned int records, fields, gone, refused;
	uint64_t last_call;
	uint32_t lifetime;
	uint8_t last_macro[8];
	uint32_t order;
};

struct fixture {
	struct srp_loop *loop;
	struct chassis chassis[2];
	struct manager managers[2];
};

static void show(enum srp_log_level level, const char *text)
{
	printf("log %d: %s\n", level, text);
}

static const struct srp_log log_lines = {.write = show};

static void on_changed(void *arg)
{
	(void)arg;
}

static void on_ended(void *arg, uint32_t id)
{
	(void)arg;
	(void)id;
}

/* --- managers --- */

static void on_status(void *arg, const struct srp_session_status *status)
{
	struct manager *manager = arg;

	manager->serves = status->serves;
	manager->ready = status->ready;
}

static void on_record(void *arg, const struct srp_session_record *record)
{
	struct manager *manager = arg;

	manager->records++;
	manager->last_call = record->call_id;
	manager->lifetime = record->lifetime;
	memcpy(manager->last_macro, record->macro, sizeof(manager->last_macro));
	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].cmd == 3)
			memcpy(&manager->order, record->fields[i].value, 4);
}

static void on_field(void *arg, uint64_t call_id, const struct srp_session_field *field)
{
	struct manager *manager = arg;

	(void)call_id;
	(void)field;
	manager->fields++;
}

static void on_gone(void *arg, uint64_t call_id)
{
	struct manager *manager = arg;

	(void)call_id;
	manager->gone++;
}

static void on_restored(void *arg, uint64_t calls)
{
	struct manager *manager = arg;

	(void)calls;
	manager->restored = true;
}

static void on_send_all(void *arg)
{
	struct manager *manager = arg;

	manager->send_all = true;
}

static void on_refused(void *arg, uint64_t call_id, enum srp_session_refusal why)
{
	struct manager *manager = arg;

	assert_int_equal(call_id, 4711);
	assert_int_equal(why, SRP_SESSION_REFUSED_UNKNOWN);
	manager->refused++;
}

static const struct srp_session_micro micros[] = {
	{.cmd = 2, .name = "UPDATE_IDLESECS"},
	{.cmd = 3, .lifetime = true, .name = "REMAINING"},
};

static struct srp_session_options options_for(struct fixture *f, int which)
{
	return (struct srp_session_options){
		.path = f->chassis[which].path,
		.instance = 7,
		.name = "test",
		.macro_name = "FULL",
		.micros = micros,
		.micro_count = 2,
		.callbacks = {.status = on_status,
			      .record = on_record,
			      .field = on_field,
			      .gone = on_gone,
			      .restored = on_restored,
			      .send_all = on_send_all,
			      .refused = on_refused,
			      .arg = &f->managers[which]},
	};
}

static void connect_manager(struct fixture *f, int which, bool hot, bool has)
{
	struct srp_session_options options = options_for(f, which);

	options.hot = hot;
	f->managers[which].session = srp_session_new(&options);
	assert_non_null(f->managers[which].session);
	assert_int_equal(srp_session_connect(f->managers[which].session, has), 0);
}

/* --- the world --- */

static void turn(struct fixture *f)
{
	struct pollfd fds[2];
	nfds_t count = 0;

	for (int i = 0; i < 2; i++) {
		struct srp_session *session = f->managers[i].session;

		if (session && srp_session_fd(session) >= 0)
			fds[count++] = (struct pollfd){.fd = srp_session_fd(session),
						       .events = srp_session_events(session)};
	}
	poll(fds, count, 5);
	for (int i = 0; i < 2; i++)
		if (f->managers[i].session && srp_session_fd(f->managers[i].session) >= 0)
			srp_session_dispatch(f->managers[i].session);
	poll_loop_turn(f->loop, 0);
}

#define WAIT(condition)                                                \
	do {                                                           \
		uint64_t end = f->loop->ops->now(f->loop) + LIMIT;     \
		while (!(condition)) {                                 \
			assert_true(f->loop->ops->now(f->loop) < end); \
			turn(f);                                       \
		}                                                      \
	} while (0)

static void link_chassis(struct fixture *f)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	for (int i = 0; i < 2; i++) {
		struct srp_session_start *start = calloc(1, sizeof(*start));

		start->stream.fd = fds[i];
		start->id = 1;
		srp_checkpoints_adopt(f->chassis[i].checkpoints, start);
	}
}

static void set_serves(struct fixture *f, int which, bool serves)
{
	f->chassis[which].role.serves = serves;
	f->chassis[which].role.role = serves ? SRP_SESSION_ACTIVE : SRP_SESSION_STANDBY;
	srp_checkpoints_set_role(f->chassis[which].checkpoints, &f->chassis[which].role);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct srp_engine_config config;

	f->loop = poll_loop_new();
	if (temp_folder_make(state))
		return -1;
	srp_engine_config_init(&config);
	config.aggressive = true;
	config.duration_ims = config.duration_non_ims = 0;
	config.memory_mib = 64;
	for (int i = 0; i < 2; i++) {
		struct chassis *chassis = &f->chassis[i];

		snprintf(chassis->path, sizeof(chassis->path), "%s/%d", temp_folder, i);
		chassis->checkpoints =
			srp_checkpoints_new(f->loop, &log_lines, chassis->path, 100 + (uint64_t)i,
					    &(struct srp_checkpoints_callbacks){.changed = on_changed,
										.ended = on_ended,
										.arg = chassis});
		if (!chassis->checkpoints)
			return -1;
		srp_checkpoints_configure(chassis->checkpoints, &config);
		set_serves(f, i, i == 0);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		srp_session_free(f->managers[i].session);
		srp_checkpoints_free(f->chassis[i].checkpoints);
	}
	poll_loop_free(f->loop);
	free(f);
	return temp_folder_remove(state);
}

static int put(struct srp_session *session, uint64_t call_id)
{
	uint8_t macro[300] = {0}, remaining[4] = {0, 0, 0, 9};
	struct srp_session_field field = {.cmd = 3, .len = 4, .value = remaining};

	memcpy(macro, &call_id, sizeof(call_id));
	return srp_session_put(session, &(struct srp_session_record){.call_id = call_id,
								     .lifetime = 3600,
								     .macro = macro,
								     .macro_len = sizeof(macro),
								     .fields = &field,
								     .field_count = 1});
}

static void sessions_go_over(void **state)
{
	struct fixture *f = *state;
	struct manager *first = &f->managers[0], *second = &f->managers[1];
	const uint8_t whole[4] = {0, 0, 3600 >> 8, 3600 & 255};

	link_chassis(f);
	connect_manager(f, 0, false, false);
	connect_manager(f, 1, false, false);
	WAIT(first->serves && first->restored);
	for (uint64_t i = 1; i <= CALLS; i++)
		assert_int_equal(put(first->session, i), 0);
	assert_int_equal(srp_session_put_field(first->session, 1, 2, "abc", 3), 0);
	assert_int_equal(srp_session_delete(first->session, CALLS), 0);
	assert_int_equal(srp_session_sent(first->session), CALLS + 2);
	WAIT(srp_session_acked(first->session) == CALLS + 2);
	assert_true(first->ready);
	/* Cold: nothing is known there before it is needed. */
	assert_int_equal(second->records, 0);
	set_serves(f, 0, false);
	set_serves(f, 1, true);
	WAIT(second->restored);
	assert_int_equal(second->records, CALLS - 1);
	assert_int_equal(memcmp(second->last_macro, &second->last_call, 8), 0);
	assert_int_equal(second->lifetime, 3600);
	/* The remaining lifetime is the whole again. */
	assert_memory_equal(&second->order, whole, 4);
	WAIT(!first->serves);
}

static void one_that_follows_hears_of_every_change(void **state)
{
	struct fixture *f = *state;
	struct manager *first = &f->managers[0], *second = &f->managers[1];

	link_chassis(f);
	connect_manager(f, 0, false, false);
	connect_manager(f, 1, true, false);
	WAIT(first->serves && first->restored);
	assert_int_equal(put(first->session, 1), 0);
	WAIT(second->records == 1);
	assert_int_equal(srp_session_put_field(first->session, 1, 2, "x", 1), 0);
	WAIT(second->fields == 1);
	assert_int_equal(srp_session_delete(first->session, 1), 0);
	WAIT(second->gone == 1);
}

static void one_that_has_its_sessions_is_asked_for_them(void **state)
{
	struct fixture *f = *state;
	struct manager *first = &f->managers[0];
	struct srp_engine_info info;
	const struct srp_instance_info *list;
	size_t count;

	connect_manager(f, 0, false, true);
	WAIT(first->send_all);
	assert_int_equal(first->records, 0);
	assert_int_equal(put(first->session, 1), 0);
	assert_int_equal(srp_session_all_sent(first->session), 0);
	assert_int_equal(srp_session_put_field(first->session, 4711, 2, "x", 1), 0);
	WAIT(first->refused == 1);
	srp_checkpoints_look(f->chassis[0].checkpoints, &info, &list, &count);
	assert_int_equal(info.records, 1);
	assert_int_equal(count, 1);
	assert_int_equal(list[0].instance, 7);
	assert_true(list[0].complete);
	assert_string_equal(list[0].names.list[1].name, "REMAINING");
	assert_string_equal(list[0].state, "Disconnected");
}

static void two_cannot_be_one_instance(void **state)
{
	struct fixture *f = *state;
	struct srp_session_options options = options_for(f, 0);
	struct manager *second = &f->managers[1];

	connect_manager(f, 0, false, false);
	WAIT(f->managers[0].serves);
	second->session = srp_session_new(&options);
	assert_int_equal(srp_session_connect(second->session, false), 0);
	WAIT(srp_session_fd(second->session) < 0);
	assert_string_equal(srp_session_error(second->session),
			    "the instance is registered by another process");
	assert_int_equal(srp_session_put_field(second->session, 1, 2, "", 0), -1);
	assert_int_equal(errno, ENOTCONN);
}

static void what_cannot_be_said_is_refused(void **state)
{
	struct fixture *f = *state;
	struct srp_session_options options = options_for(f, 0);
	struct srp_session_micro wrong[] = {{.cmd = 9}, {.cmd = 9}};
	static uint8_t big[SRP_SESSION_RECORD_MAX + 1];

	options.instance = 0;
	assert_null(srp_session_new(&options));
	assert_int_equal(errno, EINVAL);
	options.instance = 1025;
	assert_null(srp_session_new(&options));
	options = options_for(f, 0);
	options.name = "two words";
	assert_null(srp_session_new(&options));
	options = options_for(f, 0);
	options.micros = wrong;
	assert_null(srp_session_new(&options));
	wrong[0].cmd = 1; /* ends a session */
	assert_null(srp_session_new(&options));
	connect_manager(f, 0, false, false);
	assert_int_equal(srp_session_put_field(f->managers[0].session, 1, 1, "", 0), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(srp_session_put_field(f->managers[0].session, 1, 2, big, sizeof(big)), -1);
	assert_int_equal(errno, EMSGSIZE);
	options = options_for(f, 0);
	options.path = "/nonexistent/socket";
	f->managers[1].session = srp_session_new(&options);
	assert_int_equal(srp_session_connect(f->managers[1].session, false), -1);
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(sessions_go_over),
		TEST(one_that_follows_hears_of_every_change),
		TEST(one_that_has_its_sessions_is_asked_for_them),
		TEST(two_cannot_be_one_instance),
		TEST(what_cannot_be_said_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
