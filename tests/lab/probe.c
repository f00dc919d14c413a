/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe: streams of numbered UDP packets between network namespaces, to see outages as a user does.
 *
 * Each FLOW is one direction: a packet every millisecond from an address in one namespace to an
 * address in another. Both ends of all flows are in this one process, so one clock (CLOCK_MONOTONIC)
 * stamps everything. A packet carries its number and the time it was sent at.
 *
 * An outage is what a gap in the numbers says, in send times: those of the first packet delivered
 * after it and of the last one delivered before it, and how many between them were lost. A sender
 * that is late (a busy machine) skips ticks instead of sending a burst: it adds no loss.
 *
 * Packets settle for SETTLE_MSEC before a missing one counts as lost, so reordering is no outage.
 * Memory is fixed: a ring of RING packets per flow.
 *
 * Output, one JSON object per line:
 *   {"event":"start","ns":N,"flows":["up4",...]}
 *   {"event":"progress","flow":F,"ns":N,"sent":N,"received":N,"last":N}      every PROGRESS_MSEC
 *   {"event":"gap","flow":F,"before":N,"after":N,"lost":N}    "after" is null if it was still open at the end
 *   {"event":"end","ns":N,"late":N,"worst_ns":N}              ticks skipped, longest time between two ticks
 * All times are nanoseconds of CLOCK_MONOTONIC; "last" is the send time of the newest packet delivered.
 *
 * Ends after the given time, at the end of standard input, and on SIGINT or SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define FLOWS_MAX     8
#define RING          8192u /* packets per flow that may be unsettled; a power of two */
#define SETTLE_MSEC   1000
#define PROGRESS_MSEC 100
#define PORT_FIRST    4600 /* one per flow */
#define INTERVAL_USEC 1000
#define SECONDS_MAX   3600
#define PACKET_MAGIC  0x73727070u /* "srpp" */
#define NSEC_PER_MSEC INT64_C(1000000)

struct packet {
	uint32_t magic; /* PACKET_MAGIC */
	uint32_t flow;  /* index of the flow */
	uint64_t seq;   /* counts from 0 */
	int64_t ns;     /* send time */
};

struct flow {
	char name[16];
	int tx, rx;                 /* sockets in the two namespaces */
	struct sockaddr_storage to; /* where to */
	socklen_t to_len;
	uint64_t seq;     /* of the next packet */
	uint64_t settled; /* everything below is known to be delivered or lost */
	uint64_t received;
	int64_t last_ns;   /* send time of the newest packet delivered; 0: none yet */
	int64_t before_ns; /* send time of the last settled packet that was delivered; 0: none yet */
	uint64_t lost;     /* settled packets lost since then */
	int64_t sent_ns[RING];
	bool delivered[RING];
};

static struct flow flows[FLOWS_MAX];
static unsigned int flow_count;

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A UDP socket in namespace `netns`, bound to `address`; *sa is the address it is bound to. */
static int socket_in(const char *netns, const char *address, uint16_t port, struct sockaddr_storage *sa,
		     socklen_t *len)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;
	struct sockaddr_in *in = (struct sockaddr_in *)sa;
	char path[128];
	int home, ns, fd, size = 1 << 20;

	memset(sa, 0, sizeof(*sa));
	if (inet_pton(AF_INET6, address, &in6->sin6_addr) == 1) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		*len = sizeof(*in6);
	} else if (inet_pton(AF_INET, address, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		*len = sizeof(*in);
	} else {
		errno = EINVAL;
		die(address);
	}
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		die(path);
	fd = socket(sa->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)sa, *len) < 0)
		die(address);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	/* The sockets stay where they were made; this process does not: it belongs to no node. */
	if (home < 0 || setns(home, CLONE_NEWNET) < 0)
		die("namespace");
	close(ns);
	close(home);
	return fd;
}

/* NAME,FROM-NETNS,FROM-ADDRESS,TO-NETNS,TO-ADDRESS */
static void flow_add(char *text)
{
	struct flow *flow = &flows[flow_count];
	uint16_t port = (uint16_t)(PORT_FIRST + flow_count);
	struct sockaddr_storage from;
	socklen_t from_len;
	char *field[5];

	for (unsigned int i = 0; i < 5; i++)
		field[i] = strsep(&text, ",");
	if (flow_count == FLOWS_MAX || !field[4] || text || strlen(field[0]) >= sizeof(flow->name)) {
		fprintf(stderr,
			"probe: a flow is NAME,FROM-NETNS,FROM-ADDRESS,TO-NETNS,TO-ADDRESS, at most %d\n",
			FLOWS_MAX);
		exit(2);
	}
	strcpy(flow->name, field[0]);
	flow->tx = socket_in(field[1], field[2], 0, &from, &from_len);
	flow->rx = socket_in(field[3], field[4], port, &flow->to, &flow->to_len);
	flow_count++;
}

static void flow_send(unsigned int index)
{
	struct flow *flow = &flows[index];
	struct packet packet = {.magic = PACKET_MAGIC, .flow = index, .seq = flow->seq, .ns = now_ns()};

	flow->sent_ns[flow->seq % RING] = packet.ns;
	flow->delivered[flow->seq % RING] = false;
	flow->seq++;
	/* A packet that the sender's own routing refuses is as lost as one dropped on the way. */
	(void)!sendto(flow->tx, &packet, sizeof(packet), MSG_DONTWAIT, (struct sockaddr *)&flow->to,
		      flow->to_len);
}

static void flow_receive(unsigned int index)
{
	struct flow *flow = &flows[index];
	struct packet packet;
	ssize_t n;

	while ((n = recv(flow->rx, &packet, sizeof(packet), MSG_DONTWAIT)) >= 0) {
		if (n != sizeof(packet) || packet.magic != PACKET_MAGIC || packet.flow != index)
			continue;
		if (packet.seq >= flow->seq || packet.seq < flow->settled ||
		    flow->delivered[packet.seq % RING])
			continue;
		flow->delivered[packet.seq % RING] = true;
		flow->received++;
		if (packet.ns > flow->last_ns)
			flow->last_ns = packet.ns;
	}
}

/* Decide on every packet sent before `until`; a delivered one after lost ones closes a gap. */
static void flow_settle(struct flow *flow, int64_t until)
{
	for (; flow->settled < flow->seq; flow->settled++) {
		int64_t sent = flow->sent_ns[flow->settled % RING];

		if (sent >= until && flow->seq - flow->settled < RING)
			return;
		if (!flow->delivered[flow->settled % RING]) {
			flow->lost++;
			continue;
		}
		/* What was lost before the first delivery is the network coming up, not an outage. */
		if (flow->lost && flow->before_ns)
			printf("{\"event\":\"gap\",\"flow\":\"%s\",\"before\":%" PRId64 ",\"after\":%" PRId64
			       ",\"lost\":%" PRIu64 "}\n",
			       flow->name, flow->before_ns, sent, flow->lost);
		flow->lost = 0;
		flow->before_ns = sent;
	}
}

static void report_progress(int64_t now)
{
	for (unsigned int i = 0; i < flow_count; i++) {
		struct flow *flow = &flows[i];

		printf("{\"event\":\"progress\",\"flow\":\"%s\",\"ns\":%" PRId64 ",\"sent\":%" PRIu64
		       ",\"received\":%" PRIu64 ",\"last\":%" PRId64 "}\n",
		       flow->name, now, flow->seq, flow->received, flow->last_ns);
	}
	fflush(stdout);
}

static void report_open_gaps(void)
{
	for (unsigned int i = 0; i < flow_count; i++) {
		struct flow *flow = &flows[i];

		flow_settle(flow, INT64_MAX);
		/* The last packets may be on their way still. */
		if (flow->lost > 2)
			printf("{\"event\":\"gap\",\"flow\":\"%s\",\"before\":%" PRId64
			       ",\"after\":null,\"lost\":%" PRIu64 "}\n",
			       flow->name, flow->before_ns, flow->lost);
	}
}

static int open_timer(void)
{
	struct itimerspec spec = {.it_interval.tv_nsec = INTERVAL_USEC * 1000, .it_value.tv_nsec = 1};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0 || timerfd_settime(fd, 0, &spec, NULL) < 0)
		die("timer");
	return fd;
}

static int open_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	return fd;
}

/* Send and receive until it is time, input ends or a signal comes. */
static void run(int64_t end_ns)
{
	int64_t progress_ns = 0, tick_ns = now_ns(), worst_ns = 0;
	struct pollfd fds[3 + FLOWS_MAX];
	uint64_t ticks, late = 0;
	char byte;

	fds[0] = (struct pollfd){.fd = open_timer(), .events = POLLIN};
	fds[1] = (struct pollfd){.fd = open_signals(), .events = POLLIN};
	fds[2] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
	for (unsigned int i = 0; i < flow_count; i++)
		fds[3 + i] = (struct pollfd){.fd = flows[i].rx, .events = POLLIN};

	for (int64_t now = now_ns(); now < end_ns; now = now_ns()) {
		if (poll(fds, 3 + flow_count, 1000) < 0 && errno != EINTR)
			die("poll");
		for (unsigned int i = 0; i < flow_count; i++) {
			if (fds[3 + i].revents)
				flow_receive(i);
		}
		if (fds[1].revents || (fds[2].revents && read(STDIN_FILENO, &byte, 1) <= 0))
			break;
		if (!fds[0].revents || read(fds[0].fd, &ticks, sizeof(ticks)) != sizeof(ticks))
			continue;
		now = now_ns();
		late += ticks - 1;
		if (now - tick_ns > worst_ns)
			worst_ns = now - tick_ns;
		tick_ns = now;
		for (unsigned int i = 0; i < flow_count; i++) {
			flow_send(i);
			flow_settle(&flows[i], now - SETTLE_MSEC * NSEC_PER_MSEC);
		}
		if (now >= progress_ns) {
			report_progress(now);
			progress_ns = now + PROGRESS_MSEC * NSEC_PER_MSEC;
		}
	}
	report_open_gaps();
	printf("{\"event\":\"end\",\"ns\":%" PRId64 ",\"late\":%" PRIu64 ",\"worst_ns\":%" PRId64 "}\n",
	       now_ns(), late, worst_ns);
}

int main(int argc, char **argv)
{
	char *end = NULL;
	long seconds = argc > 2 ? strtol(argv[1], &end, 10) : 0;

	if (argc < 3 || *end || seconds < 1 || seconds > SECONDS_MAX) {
		fprintf(stderr,
			"usage: probe SECONDS NAME,FROM-NETNS,FROM-ADDRESS,TO-NETNS,TO-ADDRESS ...   (1-%d "
			"s)\n",
			SECONDS_MAX);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		flow_add(argv[i]);
	printf("{\"event\":\"start\",\"ns\":%" PRId64 ",\"flows\":[", now_ns());
	for (unsigned int i = 0; i < flow_count; i++)
		printf("%s\"%s\"", i ? "," : "", flows[i].name);
	printf("]}\n");
	fflush(stdout);
	run(now_ns() + (int64_t)seconds * 1000000000);
	return 0;
}
