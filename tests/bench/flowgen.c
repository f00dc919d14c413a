/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP handshakes through a gateway that translates addresses, as many as there shall be: SYN, SYN and ACK, ACK, by raw
 * sockets on both of its sides, without a TCP behind them. Each makes a flow that the gateway calls assured.
 *
 *   flowgen CLIENT-NETNS SERVER-NETNS NAT-ADDRESS COUNT RATE
 *
 * Clients are 10.100.1.0 and on, servers 203.0.113.20 and on; ports are such that the gateway can keep them. RATE is
 * flows/s, 0: as fast as one processor can. Writes a line of JSON: how many, and how long it took.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH        64
#define BATCHES_LATE 4 /* between the packets of one handshake */
#define PORT_FIRST   1024u
#define PORTS        60000u
#define SERVER_PORT  80
#define COUNT_MAX    (200 * PORTS)

struct packet {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct flow {
	uint32_t client, server; /* host byte order */
	uint16_t port;
};

static struct flow flow_of(uint32_t number)
{
	return (struct flow){.client = 0x0a640100u + number % 50000u,
			     .server = 0xcb007114u + number / PORTS,
			     .port = (uint16_t)(PORT_FIRST + number % PORTS)};
}

static uint32_t add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	return sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void send_packet(int fd, uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport, uint32_t seq,
			uint32_t ack, bool syn)
{
	struct packet packet = {
		.ip = {.version = 4,
		       .ihl = 5,
		       .ttl = 64,
		       .protocol = IPPROTO_TCP,
		       .saddr = htonl(src),
		       .daddr = htonl(dst)},
		.tcp = {.source = htons(sport),
			.dest = htons(dport),
			.seq = htonl(seq),
			.ack_seq = htonl(ack),
			.doff = 5,
			.syn = syn,
			.ack = ack != 0,
			.window = htons(65535)},
	};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(dst)};

	packet.ip.tot_len = htons(sizeof(packet));
	packet.tcp.check = checksum(add(add(IPPROTO_TCP + sizeof(packet.tcp), &packet.ip.saddr, 8),
					&packet.tcp, sizeof(packet.tcp)));
	while (sendto(fd, &packet, sizeof(packet), 0, (void *)&to, sizeof(to)) < 0 &&
	       (errno == ENOBUFS || errno == EINTR))
		;
}

static int raw_socket(const char *netns)
{
	char path[128];
	int ns, fd, size = 4 << 20;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0 || (fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW)) < 0) {
		fprintf(stderr, "flowgen: %s: %s\n", netns, strerror(errno));
		exit(1);
	}
	close(ns);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return fd;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	uint32_t nat, count, batches;
	struct in_addr address;
	double rate, start, last = 0;
	int client, server;

	if (argc != 6 || inet_pton(AF_INET, argv[3], &address) != 1) {
		fprintf(stderr, "usage: flowgen CLIENT-NETNS SERVER-NETNS NAT-ADDRESS COUNT RATE\n");
		return 2;
	}
	nat = ntohl(address.s_addr);
	count = (uint32_t)strtoul(argv[4], NULL, 10);
	rate = strtod(argv[5], NULL);
	if (count > COUNT_MAX) {
		fprintf(stderr, "flowgen: at most %u flows\n", COUNT_MAX);
		return 2;
	}
	client = raw_socket(argv[1]);
	server = raw_socket(argv[2]);
	batches = (count + BATCH - 1) / BATCH;
	start = now();
	for (uint32_t batch = 0; batch < batches + 2 * BATCHES_LATE; batch++) {
		for (uint32_t part = 0; part < 3; part++) {
			uint32_t late = part * BATCHES_LATE, first = (batch - late) * BATCH;

			if (batch < late || batch - late >= batches)
				continue;
			for (uint32_t i = first; i < first + BATCH && i < count; i++) {
				struct flow flow = flow_of(i);

				if (part == 1)
					send_packet(server, flow.server, nat, SERVER_PORT, flow.port, 5000,
						    1001, true);
				else
					send_packet(client, flow.client, flow.server, flow.port, SERVER_PORT,
						    part ? 1001 : 1000, part ? 5001 : 0, !part);
			}
			last = now();
		}
		while (rate > 0 && now() - start < (batch + 1) * BATCH / rate)
			usleep(200);
	}
	printf("{\"flows\": %u, \"seconds\": %.3f, \"last\": %.6f}\n", count, last - start, last);
	return 0;
}
