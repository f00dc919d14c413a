/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control messages' codec: what goes out comes back, and nothing else gets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "agent/core/message.h"

static struct srp_message sample_hello(void)
{
	return (struct srp_message){
		.type = SRP_MSG_HELLO,
		.sequence = 0x01020304,
		.hello =
			{
				.instance = 0x1122334455667788,
				.role = SRP_PENDING_STANDBY,
				.mode = SRP_MODE_PRIMARY,
				.modifier = 9,
				.priority = 125,
				.tiebreaker = {0x3c, 0x08, 0xf6, 0xbb, 0x79, 0x30},
				.monitors_failed = true,
				.hello_msec = 50,
				.dead_msec = 150,
				.clock_msec = 1795438000123,
				.version = "0.1.0",
				.frr_down = true,
				.options = SRP_OPTION_EARLY_ACTIVE,
				.checksum = 0x99aabbccddeeff00,
				.stamp = 12345678901,
				.progress = {.id = 0xfffffffe, .advertised = true, .non_ims_flushed = true},
			},
	};
}

static enum srp_decode decode(const uint8_t *buf, size_t len, struct srp_message *message, const char **why)
{
	size_t used = 0;
	enum srp_decode result = srp_message_decode(buf, len, message, &used, why);

	if (result == SRP_DECODE_OK || result == SRP_DECODE_SKIP)
		assert_int_equal(used, len);
	return result;
}

/* As bytes: the structs' padding is nobody's business. */
static void assert_same(const struct srp_message *a, const struct srp_message *b)
{
	uint8_t a_bytes[SRP_WIRE_FRAME_MAX], b_bytes[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(a, a_bytes);

	assert_int_equal(srp_message_encode(b, b_bytes), len);
	assert_memory_equal(a_bytes, b_bytes, len);
}

static void a_hello_comes_back_as_it_was(void **state)
{
	struct srp_message sent = sample_hello(), got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&sent, buf);
	const char *why;

	assert_int_equal(decode(buf, len, &got, &why), SRP_DECODE_OK);
	assert_same(&got, &sent);
}

static void switchover_messages_come_back_as_they_were(void **state)
{
	struct srp_message sent = {.type = SRP_MSG_SWITCHOVER_REQUEST,
				   .sequence = 7,
				   .request_id = 42,
				   .reason = SRP_REASON_BGP};
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	struct srp_message got;
	const char *why;

	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_OK);
	assert_same(&got, &sent);
	sent = (struct srp_message){.type = SRP_MSG_SWITCHOVER_RESPONSE,
				    .sequence = 8,
				    .request_id = 42,
				    .response = SRP_REFUSED_NOT_STANDBY};
	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_OK);
	assert_same(&got, &sent);
	assert_int_equal(got.response, SRP_REFUSED_NOT_STANDBY);
	sent = (struct srp_message){.type = SRP_MSG_SWITCHOVER_REQUEST,
				    .force = true,
				    .make_before_break = true};
	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_OK);
	assert_true(got.force && got.make_before_break);
}

static void a_refusal_of_a_later_version_is_still_a_refusal(void **state)
{
	struct srp_message sent = {.type = SRP_MSG_VALIDATE_RESPONSE, .response = (enum srp_refusal)77}, got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	const char *why;

	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_OK);
	assert_int_equal(got.response, SRP_REFUSED_OTHER);
}

static void a_page_of_the_configuration_comes_back_as_it_was(void **state)
{
	struct srp_message sent = {.type = SRP_MSG_CONFIG_PAGE,
				   .request_id = 3,
				   .checksum = 0x0102030405060708,
				   .line = 5,
				   .line_count = 500,
				   .text_len = SRP_CONFIG_TEXT_MAX};
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	struct srp_message got;
	const char *why;
	size_t len;

	/* The longest there is. */
	memset(sent.text, 'x', sizeof(sent.text));
	sent.text[sizeof(sent.text) - 1] = '\n';
	len = srp_message_encode(&sent, buf);
	assert_in_range(len, SRP_CONFIG_TEXT_MAX, SRP_WIRE_FRAME_MAX);
	assert_int_equal(decode(buf, len, &got, &why), SRP_DECODE_OK);
	assert_same(&got, &sent);
	assert_int_equal(got.checksum, sent.checksum);
	/* Half a line, or something that is no text, is no page. */
	sent.text[sizeof(sent.text) - 1] = 'x';
	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_BAD);
	sent.text[sizeof(sent.text) - 1] = '\n';
	sent.text[7] = '\0';
	assert_int_equal(decode(buf, srp_message_encode(&sent, buf), &got, &why), SRP_DECODE_BAD);
}

static void a_frame_cut_anywhere_waits_for_more(void **state)
{
	struct srp_message sent = sample_hello(), got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&sent, buf);
	const char *why;

	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(decode(buf, cut, &got, &why), SRP_DECODE_MORE);
}

static void garbage_is_refused_at_its_first_byte(void **state)
{
	struct srp_message got;
	const char *why;

	assert_int_equal(decode((const uint8_t *)"GET / HTTP/1.0\r\n", 1, &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "not an SRP frame");
}

static void another_protocol_version_is_refused(void **state)
{
	struct srp_message sent = sample_hello(), got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&sent, buf);
	const char *why;

	buf[2] = SRP_WIRE_VERSION + 1;
	assert_int_equal(decode(buf, len, &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "unsupported protocol version");
}

static void a_length_above_the_limit_is_refused_before_its_bytes_arrive(void **state)
{
	const uint8_t header[] = {0x53, 0x52, SRP_WIRE_VERSION, SRP_MSG_HELLO, 0, 0, 4, 1};
	struct srp_message got;
	const char *why;

	assert_int_equal(decode(header, sizeof(header), &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "frame too long");
}

static void unknown_attributes_and_types_are_skipped(void **state)
{
	static const uint8_t attribute[] = {0x7f, 0xff, 0, 3, 'n', 'e', 'w'};
	struct srp_message sent = sample_hello(), got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&sent, buf);
	const char *why;

	memcpy(buf + len, attribute, sizeof(attribute));
	len += sizeof(attribute);
	buf[7] = (uint8_t)(len - SRP_WIRE_HEADER_LEN);
	assert_int_equal(decode(buf, len, &got, &why), SRP_DECODE_OK);
	assert_same(&got, &sent);
	buf[3] = 200;
	assert_int_equal(decode(buf, len, &got, &why), SRP_DECODE_SKIP);
}

static void a_missing_or_doubled_attribute_is_refused(void **state)
{
	struct srp_message sent = sample_hello(), got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	size_t len = srp_message_encode(&sent, buf);
	const char *why;

	/* The first attribute is the instance (12 bytes); without it the hello lacks something. */
	memmove(buf + SRP_WIRE_HEADER_LEN, buf + SRP_WIRE_HEADER_LEN + 12, len - SRP_WIRE_HEADER_LEN - 12);
	buf[7] = (uint8_t)(len - SRP_WIRE_HEADER_LEN - 12);
	assert_int_equal(decode(buf, len - 12, &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "a needed attribute is missing");

	len = srp_message_encode(&sent, buf);
	memcpy(buf + len, buf + SRP_WIRE_HEADER_LEN, 12);
	buf[7] = (uint8_t)(len + 12 - SRP_WIRE_HEADER_LEN);
	assert_int_equal(decode(buf, len + 12, &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "attribute given twice");
}

static void values_out_of_range_are_refused(void **state)
{
	struct srp_message bad, got;
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	const char *why;

	bad = sample_hello();
	bad.hello.role = SRP_ROLE_COUNT;
	assert_int_equal(decode(buf, srp_message_encode(&bad, buf), &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "unknown role");
	bad = sample_hello();
	bad.hello.modifier = 0;
	assert_int_equal(decode(buf, srp_message_encode(&bad, buf), &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "route modifier out of range");
	bad = sample_hello();
	bad.hello.priority = 0;
	assert_int_equal(decode(buf, srp_message_encode(&bad, buf), &got, &why), SRP_DECODE_BAD);
	bad = sample_hello();
	strcpy(bad.hello.version, "two words");
	assert_int_equal(decode(buf, srp_message_encode(&bad, buf), &got, &why), SRP_DECODE_BAD);
	assert_string_equal(why, "software version is not printable");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_comes_back_as_it_was),
		cmocka_unit_test(switchover_messages_come_back_as_they_were),
		cmocka_unit_test(a_refusal_of_a_later_version_is_still_a_refusal),
		cmocka_unit_test(a_page_of_the_configuration_comes_back_as_it_was),
		cmocka_unit_test(a_frame_cut_anywhere_waits_for_more),
		cmocka_unit_test(garbage_is_refused_at_its_first_byte),
		cmocka_unit_test(another_protocol_version_is_refused),
		cmocka_unit_test(a_length_above_the_limit_is_refused_before_its_bytes_arrive),
		cmocka_unit_test(unknown_attributes_and_types_are_skipped),
		cmocka_unit_test(a_missing_or_doubled_attribute_is_refused),
		cmocka_unit_test(values_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
