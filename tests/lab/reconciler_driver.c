/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives netlink/reconciler.h by commands on standard input, in whatever network namespace it is started.
 * Each command is answered by one line on standard output; what the reconciler logs goes to standard error.
 *
 *   clear                                    start a new set
 *   address PREFIX [dev NAME] [vrf NAME] [metric N]     add to the set
 *   route PREFIX [via ADDR] [dev NAME] [vrf NAME] [metric N]
 *   routes COUNT PREFIX                      COUNT prefixes of this length, one after the other
 *   hold | drain | adjust | enforce GENERATION        reconciler_set(); the answer has the microseconds it took
 *   status                                   the counters
 *   wait NAME=VALUE... [MSEC]                until the status has these (default 5000 ms); answers the status
 *   receive-buffer BYTES                     of the notification socket
 *   sleep MSEC                               without looking at the sockets
 *   run MSEC                                 looking at them
 *   quit
 *
 * End of input ends it like quit. With the argument --drop, CAP_NET_ADMIN is effective only when the
 * reconciler asks for it.
 */
#include "netlink/reconciler.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MSEC   5000
#define WORDS_MAX   16
#define OBJECTS_MAX 200000
#define STATUS_LEN  512
#define COMMAND_LEN 256

static struct reconciler_object *objects;
static size_t object_count;
static unsigned int applied_calls;

static uint64_t clock_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void on_applied(void *arg, uint64_t generation)
{
	(void)arg;
	applied_calls++;
	fprintf(stderr, "applied %llu\n", (unsigned long long)generation);
}

static void on_log(void *arg, enum reconciler_log_level level, const char *text)
{
	static const char *const names[] = {"error", "warning", "info", "debug"};

	(void)arg;
	fprintf(stderr, "%s: %s\n", names[level], text);
}

/* Make CAP_NET_ADMIN, which stays permitted, effective or not. */
static void set_privs(void *arg, bool raise)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	(void)arg;
	if (syscall(SYS_capget, &header, data) < 0)
		perror("capget");
	data[0].effective &= ~(1u << CAP_NET_ADMIN);
	data[0].effective |= raise ? 1u << CAP_NET_ADMIN : 0;
	if (syscall(SYS_capset, &header, data) < 0)
		perror("capset");
}

static const char *status_text(struct reconciler *r)
{
	static char text[STATUS_LEN];
	struct reconciler_status s;

	reconciler_get_status(r, &s);
	snprintf(
		text, sizeof(text),
		"desired=%u present=%u failed=%u stale=%u added=%llu removed=%llu repaired=%llu adopted=%llu "
		"resyncs=%llu generation=%llu applied=%llu told=%u last_error=%s",
		s.desired, s.present, s.failed, s.stale, (unsigned long long)s.added,
		(unsigned long long)s.removed, (unsigned long long)s.repaired, (unsigned long long)s.adopted,
		(unsigned long long)s.resyncs, (unsigned long long)s.desired_generation,
		(unsigned long long)s.applied_generation, applied_calls, s.last_error);
	return text;
}

/* Serve the reconciler until `until` (us) or until standard input has something to read, when asked to look.
 */
static bool serve(struct reconciler *r, uint64_t until, bool watch_input)
{
	struct pollfd fds[3] = {
		{.fd = reconciler_request_fd(r), .events = POLLIN},
		{.fd = reconciler_notify_fd(r), .events = POLLIN},
		{.fd = watch_input ? STDIN_FILENO : -1, .events = POLLIN},
	};
	uint64_t now = clock_usec();
	uint64_t deadline = reconciler_deadline(r);
	int timeout;

	if (deadline != UINT64_MAX && deadline * 1000 < until)
		until = deadline * 1000;
	timeout = until <= now ? 0 : until - now > 1000000000 ? 1000000 : (int)((until - now + 999) / 1000);
	fds[0].events |= reconciler_wants_write(r) ? POLLOUT : 0;
	poll(fds, 3, timeout);
	reconciler_run(r, clock_usec() / 1000);
	return fds[2].revents != 0;
}

static bool parse_prefix(const char *text, struct reconciler_object *object)
{
	char addr[INET6_ADDRSTRLEN + 4];
	char *slash;

	snprintf(addr, sizeof(addr), "%s", text);
	slash = strchr(addr, '/');
	if (!slash)
		return false;
	*slash = '\0';
	object->plen = (uint8_t)atoi(slash + 1);
	object->family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	return inet_pton(object->family, addr, object->addr) == 1;
}

static const char *add_object(char **words, int count, enum reconciler_kind kind)
{
	struct reconciler_object object;

	memset(&object, 0, sizeof(object));
	object.kind = kind;
	if (count < 2 || !parse_prefix(words[1], &object))
		return "no prefix";
	for (int i = 2; i + 1 < count; i += 2) {
		if (strcmp(words[i], "via") == 0)
			object.has_nexthop = inet_pton(object.family, words[i + 1], object.nexthop) == 1;
		else if (strcmp(words[i], "dev") == 0)
			snprintf(object.ifname, sizeof(object.ifname), "%s", words[i + 1]);
		else if (strcmp(words[i], "vrf") == 0)
			snprintf(object.vrf, sizeof(object.vrf), "%s", words[i + 1]);
		else if (strcmp(words[i], "metric") == 0)
			object.metric = (uint32_t)atoi(words[i + 1]);
		else
			return "unknown word";
	}
	if (object_count == OBJECTS_MAX)
		return "too many";
	objects[object_count++] = object;
	return "ok";
}

/* The next prefix of the same length. */
static void increment(struct reconciler_object *object)
{
	for (int bit = object->plen - 1; bit >= 0; bit--) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));

		object->addr[bit / 8] ^= mask;
		if (object->addr[bit / 8] & mask)
			return;
	}
}

static const char *add_routes(char **words, int count)
{
	struct reconciler_object object;

	memset(&object, 0, sizeof(object));
	object.kind = RECONCILER_ROUTE;
	if (count != 3 || !parse_prefix(words[2], &object))
		return "routes COUNT PREFIX";
	for (int left = atoi(words[1]); left > 0 && object_count < OBJECTS_MAX; left--) {
		objects[object_count++] = object;
		increment(&object);
	}
	return "ok";
}

/* Is `name=value` one of the words of the status? */
static bool status_has(const char *status, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = status; (at = strstr(at, word)); at += length)
		if ((at == status || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

static bool all_hold(struct reconciler *r, char **words, int count)
{
	const char *status = status_text(r);

	for (int i = 1; i < count; i++)
		if (strchr(words[i], '=') && !status_has(status, words[i]))
			return false;
	return true;
}

static void wait_for(struct reconciler *r, char **words, int count)
{
	bool timed = count > 1 && !strchr(words[count - 1], '=');
	uint64_t until = clock_usec() + (timed ? strtoull(words[count - 1], NULL, 10) : WAIT_MSEC) * 1000;

	while (!all_hold(r, words, count) && clock_usec() < until)
		serve(r, until, false);
	printf("%s %s\n", all_hold(r, words, count) ? "ok" : "TIMEOUT", status_text(r));
}

static void enforce(struct reconciler *r, char **words, int count, enum reconciler_mode mode)
{
	uint64_t start = clock_usec();
	int error =
		reconciler_set(r, mode, objects, object_count, count > 1 ? strtoull(words[1], NULL, 10) : 0);

	printf("%s usec=%llu %s\n", error ? strerror(-error) : "ok",
	       (unsigned long long)(clock_usec() - start), status_text(r));
}

/* False: quit. */
static bool command(struct reconciler *r, char *line)
{
	char *words[WORDS_MAX], *rest = NULL;
	int count = 0, value;
	uint64_t until;

	for (char *word = strtok_r(line, " \n", &rest); word && count < WORDS_MAX;
	     word = strtok_r(NULL, " \n", &rest))
		words[count++] = word;
	if (count == 0 || strcmp(words[0], "quit") == 0)
		return count == 0;
	value = count > 1 ? atoi(words[1]) : 0;
	if (strcmp(words[0], "clear") == 0) {
		object_count = 0;
		puts("ok");
	} else if (strcmp(words[0], "address") == 0) {
		puts(add_object(words, count, RECONCILER_ADDRESS));
	} else if (strcmp(words[0], "route") == 0) {
		puts(add_object(words, count, RECONCILER_ROUTE));
	} else if (strcmp(words[0], "routes") == 0) {
		puts(add_routes(words, count));
	} else if (strcmp(words[0], "hold") == 0) {
		enforce(r, words, count, RECONCILER_HOLD);
	} else if (strcmp(words[0], "drain") == 0) {
		enforce(r, words, count, RECONCILER_DRAIN);
	} else if (strcmp(words[0], "adjust") == 0) {
		enforce(r, words, count, RECONCILER_ADJUST);
	} else if (strcmp(words[0], "enforce") == 0) {
		enforce(r, words, count, RECONCILER_ENFORCE);
	} else if (strcmp(words[0], "status") == 0) {
		printf("ok %s\n", status_text(r));
	} else if (strcmp(words[0], "wait") == 0) {
		wait_for(r, words, count);
	} else if (strcmp(words[0], "receive-buffer") == 0) {
		setsockopt(reconciler_notify_fd(r), SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
		puts("ok");
	} else if (strcmp(words[0], "sleep") == 0) {
		poll(NULL, 0, value);
		puts("ok");
	} else if (strcmp(words[0], "run") == 0) {
		for (until = clock_usec() + (uint64_t)value * 1000; clock_usec() < until;)
			serve(r, until, false);
		printf("ok %s\n", status_text(r));
	} else {
		puts("unknown command");
	}
	return true;
}

int main(int argc, char **argv)
{
	bool drop = argc > 1 && strcmp(argv[1], "--drop") == 0;
	const struct reconciler_callbacks callbacks = {
		.applied = on_applied,
		.log = on_log,
		.privs = drop ? set_privs : NULL,
	};
	struct reconciler *r;
	char line[COMMAND_LEN];
	size_t used = 0;
	bool going = true;

	if (drop)
		set_privs(NULL, false);
	r = reconciler_new(&callbacks);
	objects = calloc(OBJECTS_MAX, sizeof(*objects));
	if (!r || !objects) {
		perror("reconciler_new");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (going) {
		ssize_t got;
		char *end;

		if (!serve(r, UINT64_MAX, true))
			continue;
		got = read(STDIN_FILENO, line + used, sizeof(line) - 1 - used);
		if (got <= 0)
			break;
		used += (size_t)got;
		line[used] = '\0';
		while (going && (end = strchr(line, '\n'))) {
			*end = '\0';
			going = command(r, line);
			used -= (size_t)(end + 1 - line);
			memmove(line, end + 1, used + 1);
		}
		if (used == sizeof(line) - 1)
			break; /* no line is that long */
	}
	free(objects);
	reconciler_free(r);
	return 0;
}
