/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srp-ctsync: the kernel's connection tracking as sessions of srpd. See srp-ctsync(8); what is decided is in ctsync.c,
 * this is the sockets and the loop around it.
 *
 * Three sockets to the kernel: of events, of a dump, and of requests, which the kernel answers inside send(2).
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "checkpoint/srpsession.h"
#include "netlink/addresses.h"
#include "netlink/ctsync.h"
#include "netlink/message.h"
#include "srpd-config.h"

#define EVENTS_AT_ONCE 64   /* of one system call */
#define EVENT_SIZE     2048 /* none is longer */
#define EVENT_ROUNDS   8
#define PUT_AT_ONCE    4096
#define DUMP_SIZE      65536
#define REQUESTS_SIZE  32768
#define CONNECT_MSEC   200
#define REQUEST_BUFFER (1u << 20)
#define DUMP_BUFFER    (1u << 22)

enum { FD_SRPD, FD_ADDRESSES, FD_EVENTS, FD_DUMP, FD_COUNT };

static struct {
	struct ctsync ctsync;
	struct srp_session *srpd;
	struct netlink_addresses addresses;
	struct netlink_socket events, dump, requests;
	bool was_here; /* srpd was told of our flows */
	bool blocked;  /* srpd takes no more now */
	uint32_t dump_seq;
	uint64_t connect_at, renew_at; /* ms */
	bool accepted;                 /* srpd has taken the registration */
	char trouble[128];             /* why not, as it was said last */
	uint64_t lost;
} sync_;

static volatile sig_atomic_t ended, report_wanted;

static void on_signal(int number)
{
	if (number == SIGUSR1)
		report_wanted = 1;
	else
		ended = 1;
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* The same reason is said once, however often it is met. */
static void complain(const char *text)
{
	if (strncmp(text, sync_.trouble, sizeof(sync_.trouble) - 1) == 0)
		return;
	snprintf(sync_.trouble, sizeof(sync_.trouble), "%s", text);
	say("srpd: %s", text);
}

static uint64_t now_msec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- events of the kernel ------------------------------------------------------------------ */

static bool set_filter(uint32_t port)
{
	struct sock_filter code[CONNTRACK_FILTER_LEN];
	struct sock_fprog program = {.len = CONNTRACK_FILTER_LEN, .filter = code};

	conntrack_filter(code, sync_.ctsync.status, port);
	return setsockopt(netlink_socket_fd(&sync_.events), SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) == 0;
}

/*
 * Somebody has to listen at all times: an entry made while nobody does never tells of its end (sysctl
 * nf_conntrack_events=2). So the group of those that end is never left.
 */
static void hear(bool changes)
{
	if (netlink_socket_join(&sync_.events, NFNLGRP_CONNTRACK_UPDATE, changes) < 0)
		say("no events of flows");
}

static void take_datagram(const void *buf, size_t len, void (*take)(const struct conntrack_event *event))
{
	const struct nlmsghdr *nlh;
	size_t offset = 0;

	while ((nlh = netlink_message_next(buf, len, &offset))) {
		struct conntrack_event event;

		conntrack_parse(nlh, &event);
		take(&event);
	}
}

static void take_event(const struct conntrack_event *event)
{
	ctsync_event(&sync_.ctsync, event);
}

/* Many events with one system call: there is one for each. False: there are no more. */
static bool read_some_events(void)
{
	static char bufs[EVENTS_AT_ONCE][EVENT_SIZE] __attribute__((aligned(8)));
	struct sockaddr_nl senders[EVENTS_AT_ONCE];
	struct mmsghdr messages[EVENTS_AT_ONCE];
	struct iovec iovs[EVENTS_AT_ONCE];
	int count;

	for (int i = 0; i < EVENTS_AT_ONCE; i++) {
		iovs[i] = (struct iovec){.iov_base = bufs[i], .iov_len = EVENT_SIZE};
		messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &senders[i],
							   .msg_namelen = sizeof(senders[i]),
							   .msg_iov = &iovs[i],
							   .msg_iovlen = 1}};
	}
	count = recvmmsg(netlink_socket_fd(&sync_.events), messages, EVENTS_AT_ONCE, MSG_DONTWAIT, NULL);
	if (count < 0 && errno == ENOBUFS) {
		sync_.lost++;
		ctsync_events_lost(&sync_.ctsync);
		return true;
	}
	if (count < 0)
		return errno == EINTR;
	for (int i = 0; i < count; i++)
		if (senders[i].nl_pid == 0 && !(messages[i].msg_hdr.msg_flags & MSG_TRUNC))
			take_datagram(bufs[i], messages[i].msg_len, take_event);
	return count == EVENTS_AT_ONCE;
}

static void read_events(void)
{
	for (int i = 0; i < EVENT_ROUNDS; i++) {
		if (read_some_events())
			continue;
		ctsync_events_drained(&sync_.ctsync);
		return;
	}
}

/* --- dumps and requests -------------------------------------------------------------------- */

static void take_dumped(const struct conntrack_event *event)
{
	if (event->seq != sync_.dump_seq)
		return;
	if (event->type == CONNTRACK_DUMP_DONE || event->type == CONNTRACK_ANSWER)
		ctsync_dump_end(&sync_.ctsync, event->error == 0);
	else
		ctsync_dumped(&sync_.ctsync, event);
}

static void begin_dump(void)
{
	char request[CONNTRACK_REQUEST_MAX] __attribute__((aligned(8)));
	size_t len;
	int error;

	if (ctsync_dump_begin(&sync_.ctsync) == CTSYNC_DUMP_NONE)
		return;
	len = conntrack_build_dump(request, sync_.ctsync.status, ++sync_.dump_seq);
	error = netlink_socket_send(&sync_.dump, request, len);
	if (error) {
		say("the flows of the kernel cannot be read: %s", strerror(-error));
		ctsync_dump_end(&sync_.ctsync, false);
	}
}

static void read_dump(void)
{
	static char buf[DUMP_SIZE] __attribute__((aligned(8)));
	ssize_t len = netlink_socket_receive(&sync_.dump, buf, sizeof(buf));

	if (len > 0)
		take_datagram(buf, (size_t)len, take_dumped);
	else if (len < 0 && len != -EAGAIN && sync_.ctsync.dump != CTSYNC_DUMP_NONE)
		ctsync_dump_end(&sync_.ctsync, false);
}

static void take_answer(const struct conntrack_event *event)
{
	ctsync_answer(&sync_.ctsync, event);
}

/* One batch. False: there is nothing to write. */
static bool write_kernel(void)
{
	static char buf[REQUESTS_SIZE] __attribute__((aligned(8))),
		answers[REQUESTS_SIZE] __attribute__((aligned(8)));
	size_t len = ctsync_fill(&sync_.ctsync, buf, sizeof(buf));
	ssize_t got;
	int error;

	if (!len)
		return false;
	error = netlink_socket_send(&sync_.requests, buf, len);
	if (error)
		say("the kernel takes no flows: %s", strerror(-error));
	while ((got = netlink_socket_receive(&sync_.requests, answers, sizeof(answers))) >= 0)
		take_datagram(answers, (size_t)got, take_answer);
	ctsync_written(&sync_.ctsync);
	return true;
}

/* --- srpd ---------------------------------------------------------------------------------- */

static bool took(int result)
{
	sync_.blocked = result < 0;
	return result == 0;
}

static bool put(void *arg, uint64_t call_id, const struct flow *flow)
{
	uint8_t macro[FLOW_MACRO_MAX];
	struct srp_session_record record = {.call_id = call_id,
					    .macro = macro,
					    .macro_len = flow_encode(flow, macro)};

	return took(srp_session_put(sync_.srpd, &record));
}

static bool put_state(void *arg, uint64_t call_id, const struct flow *flow)
{
	uint8_t state[FLOW_STATE_SIZE];

	flow_encode_state(flow, state);
	return took(srp_session_put_field(sync_.srpd, call_id, FLOW_CMD_STATE, state, sizeof(state)));
}

static bool put_end(void *arg, uint64_t call_id)
{
	return took(srp_session_delete(sync_.srpd, call_id));
}

static bool put_all_sent(void *arg)
{
	return took(srp_session_all_sent(sync_.srpd));
}

static bool put_flushed(void *arg, uint32_t order)
{
	return took(srp_session_flushed(sync_.srpd, order));
}

static bool is_local(void *arg, uint8_t family, const uint8_t *addr)
{
	return netlink_addresses_have(&sync_.addresses, family, addr);
}

static void on_status(void *arg, const struct srp_session_status *status)
{
	if (!sync_.accepted)
		say("connected to srpd");
	sync_.accepted = true;
	sync_.trouble[0] = '\0';
	if (status->serves == sync_.ctsync.serves)
		return;
	say("this chassis %s", status->serves ? "serves" : "follows");
	/* Listen before the flows there are get looked at. */
	hear(status->serves);
	ctsync_set_serves(&sync_.ctsync, status->serves);
}

static void on_record(void *arg, const struct srp_session_record *record)
{
	const struct srp_session_field *state = NULL;

	for (size_t i = 0; i < record->field_count; i++)
		if (record->fields[i].cmd == FLOW_CMD_STATE)
			state = &record->fields[i];
	if (!ctsync_record(&sync_.ctsync, record->call_id, record->macro, record->macro_len,
			   state ? state->value : NULL, state ? state->len : 0))
		srp_session_nack(sync_.srpd, record->call_id, 0);
}

static void on_field(void *arg, uint64_t call_id, const struct srp_session_field *field)
{
	if (field->cmd == FLOW_CMD_STATE &&
	    !ctsync_record_state(&sync_.ctsync, call_id, field->value, field->len))
		srp_session_nack(sync_.srpd, call_id, field->cmd);
}

static void on_gone(void *arg, uint64_t call_id)
{
	ctsync_gone(&sync_.ctsync, call_id);
}

static void on_all_come(void *arg)
{
	ctsync_all_come(&sync_.ctsync);
}

static void on_all_came(void *arg)
{
	ctsync_all_came(&sync_.ctsync);
}

static void on_restored(void *arg, uint64_t calls)
{
	say("taken over: %" PRIu64 " flows", calls);
	sync_.was_here = true;
	ctsync_restored(&sync_.ctsync);
}

static void on_send_all(void *arg)
{
	sync_.was_here = true;
	ctsync_send_all(&sync_.ctsync);
}

static void on_send_macro(void *arg, uint64_t call_id)
{
	ctsync_send_one(&sync_.ctsync, call_id);
}

static void on_flush(void *arg, uint32_t order, enum srp_session_flush what)
{
	if (what == SRP_SESSION_FLUSH_ALL)
		ctsync_flush(&sync_.ctsync, order);
	else
		srp_session_flushed(sync_.srpd, order); /* flows have no accounting */
}

static void on_refused(void *arg, uint64_t call_id, enum srp_session_refusal why)
{
	sync_.ctsync.stats.refused++;
	/* srpd has lost the whole of it. */
	if (why == SRP_SESSION_REFUSED_UNKNOWN)
		ctsync_send_one(&sync_.ctsync, call_id);
}

/* The flows of a chassis that serves are in its kernel, whatever has been restarted. */
static void connect_srpd(void)
{
	struct ctsync *ctsync = &sync_.ctsync;
	bool here = sync_.was_here ? ctsync->serves : ctsync->found > 0;

	if (now_msec() < sync_.connect_at)
		return;
	sync_.connect_at = now_msec() + CONNECT_MSEC;
	sync_.accepted = sync_.blocked = false;
	if (srp_session_connect(sync_.srpd, here) < 0)
		complain(srp_session_error(sync_.srpd));
}

static void talk(void)
{
	if (srp_session_fd(sync_.srpd) < 0 || srp_session_dispatch(sync_.srpd) == 0) {
		sync_.blocked = false;
		return;
	}
	complain(srp_session_error(sync_.srpd));
}

/* --- the loop ------------------------------------------------------------------------------ */

static void report(void)
{
	const struct ctsync_stats *stats = &sync_.ctsync.stats;
	struct flow_table *table = sync_.ctsync.table;

	report_wanted = 0;
	say("%s, flows %zu (%zu KiB), to put %zu, to write %zu, events %" PRIu64 ", checkpoints %" PRIu64
	    " + %" PRIu64 " ends, kernel: created %" PRIu64 " updated %" PRIu64 " deleted %" PRIu64
	    " failed %" PRIu64 " (%s), dumps %" PRIu64 ", overruns %" PRIu64 ", collisions %" PRIu64
	    ", refused %" PRIu64 ", malformed %" PRIu64,
	    sync_.ctsync.serves ? "serves" : "follows", flow_table_count(table),
	    flow_table_bytes(table) / 1024, flow_queue_length(table, FLOW_QUEUE_PUT),
	    flow_queue_length(table, FLOW_QUEUE_WRITE), stats->events, stats->puts, stats->ends,
	    stats->created, stats->updated, stats->deleted, stats->failed,
	    stats->failed ? strerror(stats->last_error) : "none", stats->dumps, sync_.lost, stats->collisions,
	    stats->refused, stats->malformed);
}

static bool is_dumping(void)
{
	return sync_.ctsync.dump != CTSYNC_DUMP_NONE;
}

/* Events that come while a dump is read wait for its end: they are the later ones. */
static void turn(bool busy)
{
	struct pollfd fds[FD_COUNT] = {
		[FD_SRPD] = {.fd = srp_session_fd(sync_.srpd)},
		[FD_ADDRESSES] = {.fd = netlink_socket_fd(&sync_.addresses.notify), .events = POLLIN},
		[FD_EVENTS] = {.fd = is_dumping() ? -1 : netlink_socket_fd(&sync_.events), .events = POLLIN},
		[FD_DUMP] = {.fd = is_dumping() ? netlink_socket_fd(&sync_.dump) : -1, .events = POLLIN},
	};
	int wait = fds[FD_SRPD].fd < 0 ? CONNECT_MSEC : 1000;

	/* An order to flush does not wait for the next event either. */
	if (busy || (sync_.ctsync.flush_due && !sync_.ctsync.drained && !is_dumping()))
		wait = 0;
	fds[FD_SRPD].events = srp_session_events(sync_.srpd);
	if (poll(fds, FD_COUNT, wait) < 0)
		return;
	if (fds[FD_ADDRESSES].revents)
		netlink_addresses_follow(&sync_.addresses);
	if (fds[FD_DUMP].revents)
		read_dump();
	/* An error (ENOBUFS) is an event, too. */
	if (fds[FD_EVENTS].revents || (sync_.ctsync.flush_due && !is_dumping()))
		read_events();
	if (fds[FD_SRPD].revents)
		talk();
}

static void run(void)
{
	bool busy = false;

	sync_.renew_at = now_msec() + CTSYNC_RENEW * 1000u;
	while (!ended) {
		begin_dump();
		/* The first dump says whether there is something here to keep. */
		if (srp_session_fd(sync_.srpd) < 0 && sync_.ctsync.stats.dumps && !is_dumping())
			connect_srpd();
		turn(busy);
		busy = write_kernel();
		if (srp_session_fd(sync_.srpd) >= 0 && !sync_.blocked) {
			busy |= ctsync_put_some(&sync_.ctsync, PUT_AT_ONCE) && !sync_.blocked;
			/* What was put goes out now. */
			if (!sync_.blocked && (srp_session_events(sync_.srpd) & POLLOUT))
				talk();
		}
		busy |= sync_.ctsync.dump_wanted != CTSYNC_DUMP_NONE && !is_dumping();
		if (now_msec() >= sync_.renew_at) {
			sync_.renew_at += CTSYNC_RENEW * 1000u;
			ctsync_renew(&sync_.ctsync);
		}
		if (report_wanted)
			report();
	}
}

static int usage(FILE *to)
{
	fprintf(to, "usage: srp-ctsync [-a] [-b MIB] [-i INSTANCE] [-s SOCKET] [-y]\n"
		    "  -a, --on-activation   write flows into the kernel when this chassis takes over, not "
		    "as they come\n"
		    "  -b, --buffer MIB      of events that wait, 1 to 1024 (32)\n"
		    "  -i, --instance N      session manager instance, 1 to 1024 (1)\n"
		    "  -s, --socket PATH     srpd's socket of session managers (" SRP_SESSION_SOCKET ")\n"
		    "  -y, --young           flows from their first answer on, not only those the kernel "
		    "calls assured\n"
		    "  -h, --help; -v, --version\n"
		    "SIGUSR1: write counters to standard error. See srp-ctsync(8).\n");
	return to == stdout ? 0 : 2;
}

/* A number within a range, or an error that names both. */
static bool number_option(const char *name, const char *text, long least, long most, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	if (*text && !*end && !errno && *value >= least && *value <= most)
		return true;
	fprintf(stderr, "srp-ctsync: %s %s: not a number from %ld to %ld\n", name, text, least, most);
	return false;
}

static bool open_kernel(size_t buffer)
{
	static const unsigned int groups[] = {NFNLGRP_CONNTRACK_DESTROY};
	int error = netlink_addresses_open(&sync_.addresses);

	if (error) {
		say("the addresses of this host cannot be read: %s", strerror(-error));
		return false;
	}
	if (!netlink_socket_open(&sync_.events, NETLINK_NETFILTER, groups, 1, buffer) ||
	    !netlink_socket_open(&sync_.dump, NETLINK_NETFILTER, NULL, 0, DUMP_BUFFER) ||
	    !netlink_socket_open(&sync_.requests, NETLINK_NETFILTER, NULL, 0, REQUEST_BUFFER)) {
		say("no connection tracking by netlink (nf_conntrack_netlink, and the right CAP_NET_ADMIN): "
		    "%s",
		    strerror(errno));
		return false;
	}
	if (!set_filter(netlink_socket_port(&sync_.requests))) {
		say("no filter of events: %s", strerror(errno));
		return false;
	}
	return true;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"on-activation", no_argument, NULL, 'a'},  {"buffer", required_argument, NULL, 'b'},
		{"instance", required_argument, NULL, 'i'}, {"socket", required_argument, NULL, 's'},
		{"young", no_argument, NULL, 'y'},          {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},        {0},
	};
	static const struct srp_session_micro micros[] = {{.cmd = FLOW_CMD_STATE, .name = "FLOW_STATE"}};
	const struct ctsync_ops ops = {
		.put = put,
		.put_state = put_state,
		.put_end = put_end,
		.all_sent = put_all_sent,
		.flushed = put_flushed,
		.is_local = is_local,
	};
	struct srp_session_options options = {
		.name = "srp-ctsync",
		.macro_name = "FLOW",
		.micros = micros,
		.micro_count = 1,
		.hot = true,
		.callbacks = {.status = on_status,
			      .record = on_record,
			      .field = on_field,
			      .gone = on_gone,
			      .all_come = on_all_come,
			      .all_came = on_all_came,
			      .restored = on_restored,
			      .send_all = on_send_all,
			      .send_macro = on_send_macro,
			      .flush = on_flush,
			      .refused = on_refused},
	};
	long instance = 1, buffer = 32;
	uint32_t status = IPS_ASSURED;
	int option;

	while ((option = getopt_long(argc, argv, "ab:i:s:yhv", long_options, NULL)) != -1) {
		switch (option) {
		case 'a':
			options.hot = false;
			break;
		case 'b':
			if (!number_option("--buffer", optarg, 1, 1024, &buffer))
				return 2;
			break;
		case 'i':
			if (!number_option("--instance", optarg, 1, 1024, &instance))
				return 2;
			break;
		case 's':
			options.path = optarg;
			break;
		case 'y':
			status |= IPS_SEEN_REPLY;
			break;
		case 'h':
			return usage(stdout);
		case 'v':
			puts("srp-ctsync " PACKAGE_VERSION);
			return 0;
		default:
			return usage(stderr);
		}
	}
	if (optind < argc) {
		fprintf(stderr, "srp-ctsync: %s: no argument is taken\n", argv[optind]);
		return usage(stderr);
	}
	options.instance = (uint16_t)instance;
	setvbuf(stderr, NULL, _IOLBF, 0);
	catch_signals();
	sync_.srpd = srp_session_new(&options);
	if (!sync_.srpd || !ctsync_init(&sync_.ctsync, &ops, status, options.hot)) {
		say("srp-ctsync: %s", strerror(errno));
		return 1;
	}
	if (!open_kernel((size_t)buffer << 20))
		return 1;
	run();
	report();
	srp_session_free(sync_.srpd);
	ctsync_clear(&sync_.ctsync);
	netlink_addresses_close(&sync_.addresses);
	netlink_socket_close(&sync_.events);
	netlink_socket_close(&sync_.dump);
	netlink_socket_close(&sync_.requests);
	return 0;
}
