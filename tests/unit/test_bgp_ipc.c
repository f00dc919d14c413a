/* SPDX-License-Identifier: GPL-2.0-or-later */
/* agent/bgp_ipc.h: every message survives the way there and back, and nothing malformed gets through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/bgp_ipc.h"

#define POLICY_HEAD \
	"{\"protocol\":1,\"type\":\"policy\",\"generation\":7,\"announce\":true,\"installed\":true,"
#define POLICY_TAIL      "\"prepend\":3,\"fallbackPrepend\":10,\"holdSec\":60,\"witness\":false"
#define POLICY(contexts) POLICY_HEAD POLICY_TAIL ",\"contexts\":" contexts "}"

static bool decode_policy(const char *json, struct bgp_ipc_policy *policy, char *error, size_t error_size)
{
	return bgp_ipc_policy_decode((const uint8_t *)json, strlen(json), policy, error, error_size);
}

/* The text must be refused, with `reason` in the error. */
static void assert_policy_refused(const char *json, const char *reason)
{
	struct bgp_ipc_policy policy;
	char error[200] = "";

	assert_false(decode_policy(json, &policy, error, sizeof(error)));
	if (!strstr(error, reason))
		fail_msg("\"%s\" does not say \"%s\"", error, reason);
	assert_null(policy.contexts);
	assert_int_equal(policy.context_count, 0);
}

static struct srp_prefix prefix(const char *addr, uint8_t plen)
{
	struct srp_prefix result = {.plen = plen};

	assert_true(srp_addr_parse(addr, &result.addr));
	return result;
}

static void policy_comes_back_as_it_was_sent(void **state)
{
	struct srp_prefix blue[] = {prefix("172.17.1.1", 32), prefix("2001:db8::1", 128),
				    prefix("10.1.2.3", 8)};
	struct bgp_ipc_context contexts[] = {{.name = "default"},
					     {.name = "blue", .prefixes = blue, .prefix_count = 3}};
	struct bgp_ipc_policy sent = {.generation = UINT64_MAX,
				      .announce = true,
				      .prepend = BGP_IPC_PREPEND_MAX,
				      .fallback_prepend = 1,
				      .hold_sec = 86400,
				      .witness = true,
				      .contexts = contexts,
				      .context_count = 2};
	struct bgp_ipc_policy got;
	char error[200] = "";
	size_t len;
	uint8_t *frame = bgp_ipc_policy_encode(&sent, &len);

	assert_non_null(frame);
	if (!bgp_ipc_policy_decode(frame + BGP_IPC_HEADER_LEN, len - BGP_IPC_HEADER_LEN, &got, error,
				   sizeof(error)))
		fail_msg("%s", error);
	assert_true(got.generation == UINT64_MAX);
	assert_true(got.announce);
	assert_false(got.installed);
	assert_int_equal(got.prepend, BGP_IPC_PREPEND_MAX);
	assert_int_equal(got.fallback_prepend, 1);
	assert_int_equal(got.hold_sec, 86400);
	assert_true(got.witness);
	assert_int_equal(got.context_count, 2);
	assert_string_equal(got.contexts[0].name, "default");
	assert_int_equal(got.contexts[0].prefix_count, 0);
	assert_string_equal(got.contexts[1].name, "blue");
	assert_int_equal(got.contexts[1].prefix_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(srp_addr_equal(&got.contexts[1].prefixes[i].addr, &blue[i].addr));
		assert_int_equal(got.contexts[1].prefixes[i].plen, blue[i].plen);
	}
	bgp_ipc_policy_clear(&got);
	free(frame);
}

static void status_comes_back_as_it_was_sent(void **state)
{
	struct bgp_ipc_peer peers[] = {
		{.context = "default", .established = true, .remote_as = 4200000000u},
		{.context = "blue", .ifname = "eth0", .ibgp = true},
	};
	struct bgp_ipc_status sent = {.bgpd_version = "8.4.4",
				      .pid = 4711,
				      .zebra_connected = true,
				      .zebra_restarts = 2,
				      .desired_generation = 9,
				      .applied_generation = 8,
				      .applied_prepend = -1,
				      .advertised_prepend = 3,
				      .advertised_paths = 12,
				      .mismatched_paths = 1,
				      .unadvertised_prefixes = 4096,
				      .witness_prefixes = -1,
				      .fallback = true,
				      .error = "AS of context blue not known",
				      .warning = "iBGP",
				      .peers = peers,
				      .peer_count = 2};
	struct bgp_ipc_status got;
	char error[200] = "";
	uint8_t *frame;
	size_t len;

	assert_true(srp_addr_parse("10.1.1.2", &peers[0].addr));
	frame = bgp_ipc_status_encode(&sent, &len);
	assert_non_null(frame);
	if (!bgp_ipc_status_decode(frame + BGP_IPC_HEADER_LEN, len - BGP_IPC_HEADER_LEN, &got, error,
				   sizeof(error)))
		fail_msg("%s", error);
	assert_string_equal(got.bgpd_version, "8.4.4");
	assert_int_equal(got.pid, 4711);
	assert_true(got.zebra_connected);
	assert_int_equal(got.zebra_restarts, 2);
	assert_int_equal(got.desired_generation, 9);
	assert_int_equal(got.applied_generation, 8);
	assert_int_equal(got.applied_prepend, -1);
	assert_int_equal(got.advertised_generation, 0);
	assert_int_equal(got.advertised_prepend, 3);
	assert_int_equal(got.advertised_paths, 12);
	assert_int_equal(got.mismatched_paths, 1);
	assert_int_equal(got.unadvertised_prefixes, 4096);
	assert_int_equal(got.witness_prefixes, -1);
	assert_true(got.fallback);
	assert_string_equal(got.error, sent.error);
	assert_string_equal(got.warning, "iBGP");
	assert_int_equal(got.peer_count, 2);
	assert_string_equal(got.peers[0].context, "default");
	assert_true(srp_addr_equal(&got.peers[0].addr, &peers[0].addr));
	assert_string_equal(got.peers[0].ifname, "");
	assert_true(got.peers[0].established);
	assert_false(got.peers[0].ibgp);
	assert_int_equal(got.peers[0].remote_as, 4200000000u);
	assert_int_equal(got.peers[1].addr.family, 0);
	assert_string_equal(got.peers[1].ifname, "eth0");
	assert_true(got.peers[1].ibgp);
	bgp_ipc_status_clear(&got);
	free(frame);
}

static void the_largest_lists_fit_a_frame(void **state)
{
	struct bgp_ipc_status status = {.peer_count = BGP_IPC_PEERS_MAX};
	struct bgp_ipc_context context = {.name = "thirty-five-characters-of-vrf-name-",
					  .prefix_count = BGP_IPC_PREFIXES_MAX};
	struct bgp_ipc_policy policy = {.generation = 1,
					.prepend = 1,
					.fallback_prepend = 1,
					.contexts = &context,
					.context_count = 1};
	uint8_t *frame;
	size_t len;

	context.prefixes = calloc(context.prefix_count, sizeof(*context.prefixes));
	status.peers = calloc(status.peer_count, sizeof(*status.peers));
	assert_non_null(context.prefixes);
	assert_non_null(status.peers);
	for (size_t i = 0; i < context.prefix_count; i++)
		context.prefixes[i] = prefix("2001:db8:1111:2222:3333:4444:5555:6666", 128);
	for (size_t i = 0; i < status.peer_count; i++) {
		strcpy(status.peers[i].context, context.name);
		strcpy(status.peers[i].ifname, "fifteen-letters");
		status.peers[i].remote_as = UINT32_MAX;
		status.peers[i].addr = context.prefixes[i].addr;
	}
	frame = bgp_ipc_policy_encode(&policy, &len);
	assert_non_null(frame);
	free(frame);
	frame = bgp_ipc_status_encode(&status, &len);
	assert_non_null(frame);
	free(frame);
	free(context.prefixes);
	free(status.peers);
}

static void policy_of_the_header_comment_decodes(void **state)
{
	struct bgp_ipc_policy policy;
	char error[200] = "";

	assert_true(
		decode_policy(POLICY("[{\"name\":\"default\",\"prefixes\":[\"10.0.0.0/8\"],\"later\":1}]"),
			      &policy, error, sizeof(error)));
	assert_int_equal(policy.generation, 7);
	assert_int_equal(policy.contexts[0].prefixes[0].plen, 8);
	bgp_ipc_policy_clear(&policy);
}

static void what_is_not_one_json_object_is_refused(void **state)
{
	static const char *const garbage[] = {
		"",
		"{",
		"[]",
		"null",
		"17",
		"{}{}",
		POLICY("[]") " x",
		"{\"a\":\xff}",
		"\x16\x03\x01",
		"{protocol:1}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};

	for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++)
		assert_policy_refused(garbage[i], "frame: ");
}

static void another_protocol_version_is_refused_by_name(void **state)
{
	assert_policy_refused("{\"protocol\":2,\"type\":\"policy\"}", "different versions");
	assert_policy_refused("{\"type\":\"policy\"}", "protocol: missing");
	assert_policy_refused("{\"protocol\":1,\"type\":\"status\"}", "must be \"policy\"");
}

static void each_wrong_value_is_refused_with_its_key(void **state)
{
#define WITH(generation, prepend, hold, announce)                                                  \
	"{\"protocol\":1,\"type\":\"policy\",\"generation\":" generation ",\"announce\":" announce \
	",\"installed\":true,\"prepend\":" prepend ",\"fallbackPrepend\":10,\"holdSec\":" hold     \
	",\"witness\":true,\"contexts\":[]}"
	assert_policy_refused(WITH("0", "1", "0", "true"), "generation: must be in 1..");
	assert_policy_refused(WITH("-1", "1", "0", "true"), "generation: must be in 1..");
	assert_policy_refused(WITH("1.5", "1", "0", "true"), "generation: must be an int, is double");
	assert_policy_refused(WITH("\"1\"", "1", "0", "true"), "generation: must be an int, is string");
	assert_policy_refused(WITH("1", "0", "0", "true"), "prepend: must be in 1..64");
	assert_policy_refused(WITH("1", "65", "0", "true"), "prepend: must be in 1..64");
	assert_policy_refused(WITH("1", "257", "0", "true"), "prepend: must be in 1..64");
	assert_policy_refused(WITH("1", "1", "86401", "true"), "holdSec: must be in 0..86400");
	assert_policy_refused(WITH("1", "1", "18446744073709551615", "true"), "holdSec: must be in 0..86400");
	/* Past 64 bits json-c clamps, or from 0.17 on refuses. */
	assert_policy_refused(WITH("1", "1", "18446744073709551617", "true"), "");
	assert_policy_refused(WITH("1", "1", "0", "1"), "announce: must be a boolean, is int");
	assert_policy_refused(WITH("1", "1", "0", "null"), "announce: must be a boolean, is null");
	assert_policy_refused(POLICY_HEAD
			      "\"prepend\":3,\"fallbackPrepend\":10,\"holdSec\":60,\"contexts\":[]}",
			      "witness: missing");
	assert_policy_refused(POLICY_HEAD
			      "\"prepend\":3,\"fallbackPrepend\":10,\"holdSec\":60,\"witness\":1}",
			      "witness: must be a boolean, is int");
	assert_policy_refused(POLICY_HEAD POLICY_TAIL "}", "contexts: missing");
	assert_policy_refused(POLICY("{}"), "contexts: must be an array");
}

static void each_wrong_context_is_refused_with_its_reason(void **state)
{
	assert_policy_refused(POLICY("[1]"), "contexts: entry 1 is not an object");
	assert_policy_refused(POLICY("[{\"name\":\"\",\"prefixes\":[]}]"), "name: empty");
	assert_policy_refused(POLICY("[{\"name\":\"a'b\",\"prefixes\":[]}]"), "name: has one of");
	assert_policy_refused(POLICY("[{\"name\":\"a b\",\"prefixes\":[]}]"), "name: has one of");
	assert_policy_refused(POLICY("[{\"name\":\"a\\u0000b\",\"prefixes\":[]}]"),
			      "name: has a control character");
	assert_policy_refused(POLICY("[{\"name\":\"123456789012345678901234567890123456\",\"prefixes\":[]}]"),
			      "name: longer than 35 bytes");
	assert_policy_refused(POLICY("[{\"name\":\"a\",\"prefixes\":[]},{\"name\":\"a\",\"prefixes\":[]}]"),
			      "\"a\" is there twice");
}

static void each_wrong_prefix_is_refused(void **state)
{
	static const char *const prefixes[] = {
		"1",
		"null",
		"\"\"",
		"\"10.0.0.0\"",
		"\"10.0.0.0/\"",
		"\"/8\"",
		"\"10.0.0.0/33\"",
		"\"10.0.0.0/-1\"",
		"\"10.0.0.0/+1\"",
		"\"10.0.0.0/8 \"",
		"\"10.0.0/8\"",
		"\"::/129\"",
		"\"fe80::1%lo/64\"",
		"\"10.0.0.0/8\\u0000\"",
		"\"10.0.0.0/99999999999999999999\"",
		"\"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64\"",
	};
	char json[512];

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		snprintf(json, sizeof(json), POLICY("[{\"name\":\"a\",\"prefixes\":[%s]}]"), prefixes[i]);
		assert_policy_refused(json, "is not ADDRESS/LENGTH");
	}
}

static void more_prefixes_than_allowed_over_all_contexts_are_refused(void **state)
{
	size_t size = BGP_IPC_PREFIXES_MAX * 16 + 1024, len;
	char *json = malloc(size);

	assert_non_null(json);
	len = (size_t)snprintf(json, size, "%s",
			       POLICY_HEAD POLICY_TAIL ",\"contexts\":[{\"name\":\"a\",\"prefixes\":[");
	for (int i = 0; i < (int)BGP_IPC_PREFIXES_MAX; i++)
		len += (size_t)snprintf(json + len, size - len, "%s\"10.0.0.0/8\"", i ? "," : "");
	snprintf(json + len, size - len, "]},{\"name\":\"b\",\"prefixes\":[\"10.0.0.0/8\"]}]}");
	assert_policy_refused(json, "prefixes: more than 0");
	free(json);
}

/* A status with this number of witness prefixes, as text; the error, "" when it passes. */
static const char *decode_witness(const char *value, int *prefixes)
{
	static char error[200];
	struct bgp_ipc_status status;
	char json[512];

	snprintf(
		json, sizeof(json),
		"{\"protocol\":1,\"type\":\"status\",\"bgpdVersion\":\"\",\"pid\":1,\"zebraConnected\":false,"
		"\"zebraRestarts\":0,"
		"\"desiredGeneration\":0,\"appliedGeneration\":0,\"appliedPrepend\":null,"
		"\"advertisedGeneration\":0,\"advertisedPrepend\":null,\"advertisedPaths\":0,"
		"\"mismatchedPaths\":0,\"unadvertisedPrefixes\":0,%s\"fallback\":true,\"error\":\"\","
		"\"warning\":\"\",\"peers\":[]}",
		value);
	error[0] = '\0';
	if (bgp_ipc_status_decode((const uint8_t *)json, strlen(json), &status, error, sizeof(error)))
		*prefixes = status.witness_prefixes;
	bgp_ipc_status_clear(&status);
	return error;
}

static void the_count_of_witness_prefixes_is_one_or_none(void **state)
{
	int prefixes = 7;

	assert_string_equal(decode_witness("\"witnessPrefixes\":4096,", &prefixes), "");
	assert_int_equal(prefixes, 4096);
	assert_string_equal(decode_witness("\"witnessPrefixes\":0,", &prefixes), "");
	assert_int_equal(prefixes, 0);
	assert_string_equal(decode_witness("\"witnessPrefixes\":null,", &prefixes), "");
	assert_int_equal(prefixes, -1);
	assert_string_equal(decode_witness("", &prefixes), "witnessPrefixes: missing");
	assert_non_null(strstr(decode_witness("\"witnessPrefixes\":-1,", &prefixes), "must be in 0..4096"));
	assert_non_null(strstr(decode_witness("\"witnessPrefixes\":4097,", &prefixes), "must be in 0..4096"));
	assert_non_null(strstr(decode_witness("\"witnessPrefixes\":true,", &prefixes), "must be an int"));
}

static void a_peer_without_address_and_interface_is_refused(void **state)
{
	struct bgp_ipc_peer peer = {.context = "default"};
	struct bgp_ipc_status status = {.pid = 1, .peers = &peer, .peer_count = 1}, got;
	char error[200] = "";
	size_t len;
	uint8_t *frame = bgp_ipc_status_encode(&status, &len);

	assert_false(bgp_ipc_status_decode(frame + BGP_IPC_HEADER_LEN, len - BGP_IPC_HEADER_LEN, &got, error,
					   sizeof(error)));
	assert_non_null(strstr(error, "needs an address or an interface"));
	assert_null(got.peers);
	free(frame);
}

/* --- frames on a stream --------------------------------------------------------------------- */

struct stream {
	int to, from;
	struct bgp_ipc_reader reader;
};

static int stream_setup(void **state)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	int fds[2];

	if (!stream || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds))
		return -1;
	stream->to = fds[0];
	stream->from = fds[1];
	*state = stream;
	return 0;
}

static int stream_teardown(void **state)
{
	struct stream *stream = *state;

	close(stream->to);
	close(stream->from);
	bgp_ipc_reader_clear(&stream->reader);
	free(stream);
	return 0;
}

static enum bgp_ipc_read stream_read(struct stream *stream, char *text, size_t size)
{
	const uint8_t *json = NULL;
	size_t len = 0;
	enum bgp_ipc_read result = bgp_ipc_reader_read(&stream->reader, stream->from, &json, &len);

	if (result == BGP_IPC_READ_FRAME) {
		assert_true(len < size);
		memcpy(text, json, len);
		text[len] = '\0';
	}
	return result;
}

static void frames_arrive_whole_when_they_come_in_single_bytes(void **state)
{
	static const char wire[] = "\0\0\0\2{}\0\0\0\0\0\0\0\3[1]";
	struct stream *stream = *state;
	const char *const want[] = {"{}", "[1]"};
	size_t frames = 0;
	char text[16];

	for (size_t i = 0; i < sizeof(wire) - 1; i++) {
		assert_int_equal(write(stream->to, wire + i, 1), 1);
		if (stream_read(stream, text, sizeof(text)) == BGP_IPC_READ_FRAME)
			assert_string_equal(text, want[frames++]);
	}
	assert_int_equal(frames, 2);
	/* The keepalive between them was passed over, and counted as a sign of life. */
	assert_int_equal(stream->reader.received, sizeof(wire) - 1);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
}

static void a_flood_of_keepalives_is_taken_in_turns(void **state)
{
	static const char wire[4 * 40];
	struct stream *stream = *state;
	char text[16];

	assert_int_equal(write(stream->to, wire, sizeof(wire)), sizeof(wire));
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	assert_true(stream->reader.received < sizeof(wire));
	for (int turn = 0; turn < 3; turn++)
		assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	assert_int_equal(stream->reader.received, sizeof(wire));
}

static void a_keepalive_is_queued_only_when_nothing_else_is(void **state)
{
	struct bgp_ipc_writer writer = {0};
	struct stream *stream = *state;
	uint8_t *frame = calloc(1, 6);
	char text[16];

	memcpy(frame, "\0\0\0\2{}", 6);
	bgp_ipc_writer_put(&writer, frame, 6);
	assert_true(bgp_ipc_writer_keepalive(&writer));
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_DONE);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_FRAME);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	assert_int_equal(stream->reader.received, 6);
	assert_true(bgp_ipc_writer_keepalive(&writer));
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_DONE);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	assert_int_equal(stream->reader.received, 10);
	bgp_ipc_writer_clear(&writer);
}

static void several_frames_in_one_write_come_out_one_by_one(void **state)
{
	static const char wire[] = "\0\0\0\2{}\0\0\0\3[1]\0\0";
	struct stream *stream = *state;
	char text[16];

	assert_int_equal(write(stream->to, wire, sizeof(wire) - 1), sizeof(wire) - 1);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_FRAME);
	assert_string_equal(text, "{}");
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_FRAME);
	assert_string_equal(text, "[1]");
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	shutdown(stream->to, SHUT_WR);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_CLOSED);
}

static void an_oversized_frame_closes_the_connection(void **state)
{
	struct stream *stream = *state;
	uint32_t header = htonl(BGP_IPC_FRAME_MAX);
	char text[16];

	assert_int_equal(write(stream->to, &header, 4), 4);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_CLOSED);
}

static void an_announced_length_alone_costs_little_memory(void **state)
{
	struct stream *stream = *state;
	uint32_t header = htonl(BGP_IPC_FRAME_MAX - BGP_IPC_HEADER_LEN);
	char text[16];

	assert_int_equal(write(stream->to, &header, 4), 4);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_AGAIN);
	assert_true(stream->reader.size < 64 * 1024);
}

/* A frame of `len` bytes of JSON text, all `fill`. */
static uint8_t *filled_frame(size_t len, char fill)
{
	uint8_t *frame = malloc(BGP_IPC_HEADER_LEN + len);
	uint32_t header = htonl((uint32_t)len);

	assert_non_null(frame);
	memcpy(frame, &header, 4);
	memset(frame + BGP_IPC_HEADER_LEN, fill, len);
	return frame;
}

static void a_slow_reader_gets_the_frame_under_way_and_then_the_newest(void **state)
{
	struct stream *stream = *state;
	struct bgp_ipc_writer writer = {0};
	const size_t len = 900000;
	const uint8_t *json;
	size_t json_len, frames = 0;
	char first[2] = "";

	bgp_ipc_writer_put(&writer, filled_frame(len, 'a'), len + BGP_IPC_HEADER_LEN);
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_AGAIN);
	for (char c = 'b'; c <= 'd'; c++)
		bgp_ipc_writer_put(&writer, filled_frame(len, c), len + BGP_IPC_HEADER_LEN);
	while (frames < 2) {
		if (bgp_ipc_reader_read(&stream->reader, stream->from, &json, &json_len) ==
		    BGP_IPC_READ_FRAME) {
			assert_int_equal(json_len, len);
			assert_int_equal(json[len - 1], json[0]);
			first[frames++] = (char)json[0];
		} else {
			assert_int_not_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_CLOSED);
		}
	}
	assert_int_equal(first[0], 'a');
	assert_int_equal(first[1], 'd');
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_DONE);
	bgp_ipc_writer_clear(&writer);
}

static void a_frame_not_begun_is_replaced_and_a_gone_reader_is_no_signal(void **state)
{
	struct stream *stream = *state;
	struct bgp_ipc_writer writer = {0};
	char text[16];

	bgp_ipc_writer_put(&writer, filled_frame(1, 'a'), 1 + BGP_IPC_HEADER_LEN);
	bgp_ipc_writer_put(&writer, filled_frame(1, 'b'), 1 + BGP_IPC_HEADER_LEN);
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_DONE);
	assert_int_equal(stream_read(stream, text, sizeof(text)), BGP_IPC_READ_FRAME);
	assert_string_equal(text, "b");
	shutdown(stream->from, SHUT_RDWR);
	bgp_ipc_writer_put(&writer, filled_frame(1, 'c'), 1 + BGP_IPC_HEADER_LEN);
	assert_int_equal(bgp_ipc_writer_flush(&writer, stream->to), BGP_IPC_WRITE_CLOSED);
	bgp_ipc_writer_clear(&writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policy_comes_back_as_it_was_sent),
		cmocka_unit_test(status_comes_back_as_it_was_sent),
		cmocka_unit_test(the_largest_lists_fit_a_frame),
		cmocka_unit_test(policy_of_the_header_comment_decodes),
		cmocka_unit_test(what_is_not_one_json_object_is_refused),
		cmocka_unit_test(another_protocol_version_is_refused_by_name),
		cmocka_unit_test(each_wrong_value_is_refused_with_its_key),
		cmocka_unit_test(each_wrong_context_is_refused_with_its_reason),
		cmocka_unit_test(each_wrong_prefix_is_refused),
		cmocka_unit_test(more_prefixes_than_allowed_over_all_contexts_are_refused),
		cmocka_unit_test(the_count_of_witness_prefixes_is_one_or_none),
		cmocka_unit_test(a_peer_without_address_and_interface_is_refused),
		cmocka_unit_test_setup_teardown(frames_arrive_whole_when_they_come_in_single_bytes,
						stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(a_flood_of_keepalives_is_taken_in_turns, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(a_keepalive_is_queued_only_when_nothing_else_is, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(several_frames_in_one_write_come_out_one_by_one, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(an_oversized_frame_closes_the_connection, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(an_announced_length_alone_costs_little_memory, stream_setup,
						stream_teardown),
		cmocka_unit_test_setup_teardown(a_slow_reader_gets_the_frame_under_way_and_then_the_newest,
						stream_setup, stream_teardown),
		cmocka_unit_test_setup_teardown(a_frame_not_begun_is_replaced_and_a_gone_reader_is_no_signal,
						stream_setup, stream_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
