/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session manager as small as it can be: lines of standard input are sessions, and survive the chassis.
 *
 *     cc session-manager.c $(pkg-config --cflags --libs srpsession) -o session-manager
 *     ./session-manager [SOCKET]
 *
 * "7 alice" sets up session 7, or changes it; "7" ends it. On the other chassis the same program runs; when that takes
 * over, it prints the sessions and goes on with them.
 */
#include <errno.h>
#include <poll.h>
#include <srpsession.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SESSIONS 1000

static struct srp_session *srpd;
static char sessions[SESSIONS][64]; /* "": there is none */
static bool serves;

static void put(unsigned int number)
{
	struct srp_session_record record = {.call_id = number,
					    .macro = sessions[number],
					    .macro_len = strlen(sessions[number])};

	/* EAGAIN would mean: keep it, and put it again after the next dispatch. */
	if (srp_session_put(srpd, &record) < 0)
		fprintf(stderr, "session %u is not checkpointed: %s\n", number, strerror(errno));
}

static void on_status(void *arg, const struct srp_session_status *status)
{
	(void)arg;
	/* What this chassis had is the other one's now. */
	if (serves && !status->serves)
		memset(sessions, 0, sizeof(sessions));
	serves = status->serves;
	printf("this chassis %s\n", serves ? "serves" : "does not serve");
}

static void on_record(void *arg, const struct srp_session_record *record)
{
	(void)arg;
	if (record->call_id >= SESSIONS || record->macro_len >= sizeof(sessions[0])) {
		srp_session_nack(srpd, record->call_id, 0);
		return;
	}
	memcpy(sessions[record->call_id], record->macro, record->macro_len);
	sessions[record->call_id][record->macro_len] = '\0';
	printf("session %u is %s\n", (unsigned int)record->call_id, sessions[record->call_id]);
}

/* srpd has restarted, and the sessions are still here. */
static void on_send_all(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < SESSIONS; i++)
		if (sessions[i][0])
			put(i);
	srp_session_all_sent(srpd);
}

static bool take_line(void)
{
	char line[80], name[64] = "";
	unsigned int number;

	if (!fgets(line, sizeof(line), stdin))
		return false;
	if (!serves || sscanf(line, "%u %63s", &number, name) < 1 || number >= SESSIONS) {
		printf("not now, or not a session\n");
		return true;
	}
	strcpy(sessions[number], name);
	if (name[0])
		put(number);
	else
		srp_session_delete(srpd, number);
	return true;
}

int main(int argc, char **argv)
{
	struct srp_session_options options = {
		.path = argc > 1 ? argv[1] : NULL,
		.instance = 1,
		.name = "example",
		.macro_name = "NAME",
		.callbacks = {.status = on_status, .record = on_record, .send_all = on_send_all},
	};
	bool connected_before = false;

	setlinebuf(stdout);
	srpd = srp_session_new(&options);
	for (;;) {
		struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = srp_session_fd(srpd)}};

		if (fds[1].fd < 0) {
			if (srp_session_connect(srpd, connected_before && serves) < 0) {
				sleep(1);
				continue;
			}
			connected_before = true;
			continue;
		}
		fds[1].events = srp_session_events(srpd);
		poll(fds, 2, -1);
		if (fds[1].revents && srp_session_dispatch(srpd) < 0)
			fprintf(stderr, "srpd: %s\n", srp_session_error(srpd));
		if (fds[0].revents && !take_line())
			return 0;
		/* What was put goes out. */
		if (srp_session_fd(srpd) >= 0)
			srp_session_dispatch(srpd);
	}
}
