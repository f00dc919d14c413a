/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What bgpd and zebra say on their vty sockets, and a policy, for the tests of the driver "metric". cmocka is there. */
#ifndef TESTS_UNIT_BGP_VTY_SAMPLES_H
#define TESTS_UNIT_BGP_VTY_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "agent/bgp_ipc.h"

#define SUMMARY(state)                                                                                  \
	"{\n\"default\":{\n\"ipv4Unicast\":{\"as\":65001,\"peers\":{\"10.1.1.2\":{\"remoteAs\":65002,"  \
	"\"localAs\":65001,\"state\":\"" state "\",\"idType\":\"ipv4\"},\"eth0\":{\"remoteAs\":65001,"  \
	"\"localAs\":65001,\"state\":\"Established\",\"idType\":\"interface\"}}}\n,\n\"ipv6Unicast\":{" \
	"\"as\":65001,\"peers\":{\"10.1.1.2\":{\"remoteAs\":65002,\"localAs\":65001,\"state\":\"" state \
	"\"},\"2001:db8::2\":{\"remoteAs\":65003,\"localAs\":65001,\"state\":\"Idle (Admin)\"}}}\n}\n}\n"

#define PATH(as_path)                                                                                      \
	"{\"prefix\":\"10.100.0.0/16\",\"advertisedTo\":{\"10.1.1.2\":{\"hostname\":\"up\"},\"eth0\":{}}," \
	"\"paths\":[{\"aspath\":{\"string\":\"65002\"},\"valid\":true},{\"aspath\":{\"string\":\"" as_path \
	"\"},\"sourced\":true}]}\n"

#define ZEBRA(routes)                                                                                     \
	"Client: static\n------\nRedist:v4   7           0           0\nRedist:v6   0           0\n\n"    \
	"Client: bgp\n------\nRedist:v4   " routes "           0           0           \nRedist:v6   0\n" \
	"\nClient: bgpx\nRedist:v4   9\n"

/* As lib/zlog_live.h has it: header, positions of arguments, text. Returns its length. */
static inline size_t log_frame(uint8_t *frame, size_t size, const char *text)
{
	uint32_t header_len = 72 + 8, text_len = (uint32_t)strlen(text);

	assert_true(header_len + text_len <= size);
	memset(frame, 0xa5, header_len);
	memcpy(frame + 12, &header_len, sizeof(header_len));
	memset(frame + 32, 0, 4); /* none lost */
	memcpy(frame + 44, &text_len, sizeof(text_len));
	memcpy(frame + header_len, text, text_len);
	return header_len + text_len;
}

static struct srp_prefix prefixes[2];
static struct bgp_ipc_context contexts[] = {{.name = "default", .prefixes = prefixes, .prefix_count = 2},
					    {.name = "empty"}};

static inline struct bgp_ipc_policy policy_of(uint64_t generation, bool announce)
{
	srp_addr_parse("10.100.0.0", &prefixes[0].addr);
	prefixes[0].plen = 16;
	srp_addr_parse("2001:db8:17::1", &prefixes[1].addr);
	prefixes[1].plen = 64;
	return (struct bgp_ipc_policy){.generation = generation,
				       .announce = announce,
				       .installed = true,
				       .prepend = 2,
				       .fallback_prepend = 9,
				       .contexts = contexts,
				       .context_count = 2};
}

#endif
