/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations, frames and compression as bytes: what is encoded is decoded, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checkpoint/bytes.h"
#include "checkpoint/compress.h"
#include "checkpoint/frame.h"
#include "checkpoint/local.h"
#include "checkpoint/op.h"

/* --- operations --- */

static const uint8_t fields[] = {2, 0, 1, 'a', 9, 0, 0, 255, 0, 2, 'b', 'c'};

static const struct srp_op examples[] = {
	{.type = SRP_OP_MACRO,
	 .call_id = 0x1122334455667788,
	 .flags = SRP_OP_IMS,
	 .lifetime = 3600,
	 .age = 61,
	 .data = (const uint8_t *)"session",
	 .len = 7,
	 .fields = fields,
	 .fields_len = sizeof(fields)},
	{.type = SRP_OP_MACRO, .call_id = 1, .data = fields, .fields = fields},
	{.type = SRP_OP_MICRO, .call_id = 2, .cmd = 255, .data = (const uint8_t *)"value", .len = 5},
	{.type = SRP_OP_MICRO, .call_id = 2, .cmd = SRP_CMD_INVALIDATE, .data = fields},
	{.type = SRP_OP_DELETE, .call_id = UINT64_MAX},
	{.type = SRP_OP_BUCKET, .bits = 14, .bucket = 16383, .count = 60, .digest = 0xfeedface},
	{.type = SRP_OP_BEGIN, .bits = 0, .bucket = 0},
	{.type = SRP_OP_END, .bits = 20, .bucket = 1048575},
	{.type = SRP_OP_DONE},
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void assert_same_op(const struct srp_op *a, const struct srp_op *b)
{
	uint8_t left[200], right[200];

	assert_int_equal(a->type, b->type);
	assert_int_equal(srp_op_encode(a, left), srp_op_encode(b, right));
	assert_memory_equal(left, right, srp_op_size(a));
}

static void an_operation_is_what_was_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXAMPLES; i++) {
		uint8_t buf[200] = {0};
		struct srp_op op = {0};
		const char *why;
		size_t size = srp_op_encode(&examples[i], buf);

		assert_int_equal(size, srp_op_size(&examples[i]));
		assert_int_equal(srp_op_decode(buf, sizeof(buf), &op, &why), size);
		assert_same_op(&op, &examples[i]);
		for (size_t cut = 0; cut < size; cut++) {
			uint8_t *exact = malloc(cut ? cut : 1);

			memcpy(exact, buf, cut);
			assert_int_equal(srp_op_decode(exact, cut, &op, &why), 0);
			assert_non_null(why);
			free(exact);
		}
	}
}

/* The bytes of docs/protocol.md. */
static void the_bytes_are_those_of_the_document(void **state)
{
	static const uint8_t macro[] = {1, 0, 0, 0,  0, 0, 0,   0,   5, 1, 0, 0, 0, 10,
					0, 0, 0, 60, 0, 2, 'h', 'i', 0, 4, 7, 0, 1, 'x'};
	static const uint8_t micro[] = {2, 0, 0, 0, 0, 0, 0, 0, 5, 7, 0, 1, 'y'};
	struct srp_op op;
	const char *why;

	(void)state;
	assert_int_equal(srp_op_decode(macro, sizeof(macro), &op, &why), sizeof(macro));
	assert_int_equal(op.call_id, 5);
	assert_int_equal(op.flags, SRP_OP_IMS);
	assert_int_equal(op.lifetime, 10);
	assert_int_equal(op.age, 60);
	assert_int_equal(op.len, 2);
	assert_int_equal(op.fields_len, 4);
	assert_int_equal(srp_op_decode(micro, sizeof(micro), &op, &why), sizeof(micro));
	assert_int_equal(op.cmd, 7);
	assert_int_equal(op.data[0], 'y');
}

static void what_cannot_be_is_refused(void **state)
{
	uint8_t buf[200];
	struct srp_op op = examples[0];
	const char *why;
	size_t size;

	(void)state;
	op.flags = 0x80;
	size = srp_op_encode(&op, buf);
	assert_int_equal(srp_op_decode(buf, size, &op, &why), 0);
	assert_string_equal(why, "a macro checkpoint with unknown flags");
	/* fields out of order, twice, and the one that ends a session */
	for (int i = 0; i < 3; i++) {
		uint8_t bad[] = {9, 0, 0, 9, 0, 0};

		bad[0] = (uint8_t[]){9, 10, SRP_CMD_INVALIDATE}[i];
		op = examples[0];
		op.fields = bad;
		op.fields_len = sizeof(bad);
		size = srp_op_encode(&op, buf);
		assert_int_equal(srp_op_decode(buf, size, &op, &why), 0);
		assert_string_equal(why, "a macro checkpoint with malformed fields");
	}
	op = (struct srp_op){.type = SRP_OP_MICRO, .data = buf};
	size = srp_op_encode(&op, buf);
	assert_int_equal(srp_op_decode(buf, size, &op, &why), 0);
	assert_string_equal(why, "a micro checkpoint with CMD-ID 0");
	op = (struct srp_op){.type = SRP_OP_BEGIN, .bits = 4, .bucket = 16};
	size = srp_op_encode(&op, buf);
	assert_int_equal(srp_op_decode(buf, size, &op, &why), 0);
	op = (struct srp_op){.type = SRP_OP_BEGIN, .bits = 21};
	size = srp_op_encode(&op, buf);
	assert_int_equal(srp_op_decode(buf, size, &op, &why), 0);
	buf[0] = 8;
	assert_int_equal(srp_op_decode(buf, sizeof(buf), &op, &why), 0);
	assert_string_equal(why, "an unknown operation");
}

/* --- frames --- */

static struct srp_names some_names(void)
{
	struct srp_names names = {.manager = "pgw", .macro = "FULL_CHECKPOINT", .count = 2};

	names.list[0] =
		(struct srp_micro_name){.cmd = 2, .flags = SRP_MICRO_LIFETIME, .name = "UPDATE_IDLESECS"};
	names.list[1] =
		(struct srp_micro_name){.cmd = 116, .flags = SRP_MICRO_ACCOUNTING, .name = "UPDATE_STATS"};
	return names;
}

static void a_frame_is_what_was_encoded(void **state)
{
	struct srp_names names = some_names(), found;
	const struct srp_frame frames[] = {
		{.type = SRP_FRAME_KEEPALIVE},
		{.type = SRP_FRAME_HEARTBEAT},
		{.type = SRP_FRAME_OPEN, .chassis = 77, .compression = SRP_COMPRESSION_LZ4},
		{.type = SRP_FRAME_INSTANCE, .instance = 1024, .flags = 5, .names = &names},
		{.type = SRP_FRAME_START, .instance = 1, .start_id = 9, .seq = 8, .feed_id = 7, .records = 6},
		{.type = SRP_FRAME_SYNC,
		 .instance = 2,
		 .start_id = 9,
		 .seq = 8,
		 .feed_id = 7,
		 .kind = 2,
		 .records = 5},
		{.type = SRP_FRAME_ACK, .instance = 3, .start_id = 9, .seq = UINT32_MAX},
		{.type = SRP_FRAME_NACK, .instance = 4, .start_id = 9, .call_id = 1, .cmd = 200},
		{.type = SRP_FRAME_DIFFER, .instance = 5, .start_id = 9, .bits = 3, .bucket = 7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		uint8_t buf[2000], again[2000];
		struct srp_frame frame;
		const char *why = NULL;
		size_t len = srp_frame_encode(&frames[i], 42, buf), payload = len - SRP_FRAME_HEADER;

		assert_int_equal(get32(buf + 4), payload);
		assert_int_equal(get32(buf + 8), 42);
		assert_true(srp_frame_decode(buf[3], buf + SRP_FRAME_HEADER, payload, &frame, &found, &why));
		if (frame.type == SRP_FRAME_INSTANCE) {
			frame.names = &found;
			assert_int_equal(len, srp_frame_instance_size(&names));
			assert_string_equal(srp_names_find(&found, 116)->name, "UPDATE_STATS");
			assert_null(srp_names_find(&found, 3));
		} else {
			assert_true(len <= SRP_FRAME_SMALL_MAX);
		}
		assert_int_equal(srp_frame_encode(&frame, 42, again), len);
		assert_memory_equal(buf, again, len);
		/* What a later version adds behind is no matter; what is missing is. */
		if (frame.type != SRP_FRAME_INSTANCE)
			assert_true(srp_frame_decode(buf[3], buf + SRP_FRAME_HEADER, payload + 3, &frame,
						     &found, &why));
		for (size_t cut = 0; cut < payload; cut++)
			assert_false(
				srp_frame_decode(buf[3], buf + SRP_FRAME_HEADER, cut, &frame, &found, &why));
	}
}

static void a_batch_says_what_it_will_be(void **state)
{
	struct srp_frame frame = {.type = SRP_FRAME_BATCH,
				  .instance = 3,
				  .start_id = 4,
				  .seq = 5,
				  .waiting = 100000,
				  .compression = SRP_COMPRESSION_LZ4,
				  .raw_len = SRP_BATCH_MAX,
				  .body_len = 10};
	uint8_t buf[64] = {0};
	struct srp_names names;
	const char *why;
	size_t len = srp_frame_encode(&frame, 1, buf) - SRP_FRAME_HEADER + 10;

	(void)state;
	assert_int_equal(get32(buf + 4), len);
	assert_true(srp_frame_decode(buf[3], buf + SRP_FRAME_HEADER, len, &frame, &names, &why));
	assert_int_equal(frame.raw_len, SRP_BATCH_MAX);
	assert_int_equal(frame.compression, SRP_COMPRESSION_LZ4);
	assert_int_equal(frame.body_len, 10);
	assert_int_equal(frame.waiting, UINT16_MAX); /* so many and more */
	frame.raw_len = SRP_BATCH_MAX + 1;
	srp_frame_encode(&frame, 1, buf);
	assert_false(srp_frame_decode(buf[3], buf + SRP_FRAME_HEADER, len, &frame, &names, &why));
	assert_string_equal(why, "a batch of a size that cannot be");
}

static void a_frame_out_of_its_ranges_is_refused(void **state)
{
	struct srp_names names = some_names(), found;
	struct srp_frame frame;
	uint8_t buf[2000];
	const char *why;
	size_t len;

	(void)state;
	frame = (struct srp_frame){.type = SRP_FRAME_ACK, .instance = 0};
	len = srp_frame_encode(&frame, 1, buf) - SRP_FRAME_HEADER;
	assert_false(srp_frame_decode(SRP_FRAME_ACK, buf + SRP_FRAME_HEADER, len, &frame, &found, &why));
	frame = (struct srp_frame){.type = SRP_FRAME_ACK, .instance = SRP_INSTANCE_MAX + 1};
	srp_frame_encode(&frame, 1, buf);
	assert_false(srp_frame_decode(SRP_FRAME_ACK, buf + SRP_FRAME_HEADER, len, &frame, &found, &why));
	frame = (struct srp_frame){.type = SRP_FRAME_OPEN, .compression = SRP_COMPRESSION_NONE};
	len = srp_frame_encode(&frame, 1, buf) - SRP_FRAME_HEADER;
	assert_false(srp_frame_decode(SRP_FRAME_OPEN, buf + SRP_FRAME_HEADER, len, &frame, &found, &why));
	/* CMD-IDs twice, and a name that could end a line of the log */
	names.list[1].cmd = 2;
	frame = (struct srp_frame){.type = SRP_FRAME_INSTANCE, .instance = 1, .names = &names};
	len = srp_frame_encode(&frame, 1, buf) - SRP_FRAME_HEADER;
	assert_false(srp_frame_decode(SRP_FRAME_INSTANCE, buf + SRP_FRAME_HEADER, len, &frame, &found, &why));
	names = some_names();
	names.macro[3] = '\n';
	frame.type = SRP_FRAME_INSTANCE;
	frame.names = &names;
	len = srp_frame_encode(&frame, 1, buf) - SRP_FRAME_HEADER;
	assert_false(srp_frame_decode(SRP_FRAME_INSTANCE, buf + SRP_FRAME_HEADER, len, &frame, &found, &why));
	/* A type of a later version is no error. */
	assert_true(srp_frame_decode(120, buf, 3, &frame, &found, &why));
	assert_int_equal(frame.type, 0);
}

static void local_frames(void **state)
{
	uint8_t buf[16];
	unsigned int type;
	size_t len;

	(void)state;
	srp_local_header(buf, SRP_LOCAL_FLUSH, 5);
	assert_int_equal(srp_local_frame(buf, 13, &type, &len), 1);
	assert_int_equal(type, SRP_LOCAL_FLUSH);
	assert_int_equal(len, 5);
	assert_int_equal(srp_local_frame(buf, 12, &type, &len), 0);
	assert_int_equal(srp_local_frame(buf, 7, &type, &len), 0);
	srp_local_header(buf, SRP_LOCAL_OPS, SRP_LOCAL_PAYLOAD_MAX + 1);
	assert_int_equal(srp_local_frame(buf, 16, &type, &len), -1);
	srp_local_header(buf, SRP_LOCAL_OPS, 1);
	buf[5] = 2;
	assert_int_equal(srp_local_frame(buf, 16, &type, &len), -1);
}

/* --- compression --- */

static const enum srp_compression both[] = {SRP_COMPRESSION_ZLIB, SRP_COMPRESSION_LZ4};

static void what_is_compressed_comes_out(void **state)
{
	struct srp_compressor *compressor = srp_compressor_new();
	static uint8_t in[SRP_BATCH_MAX], out[SRP_BATCH_MAX], back[SRP_BATCH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i / 7 * 13 >> 3);
	for (int k = 0; k < 2; k++) {
		for (size_t len = 1; len <= sizeof(in); len = len * 3 + 11) {
			size_t size = srp_compress(compressor, both[k], in, len, out, len);

			if (!size) {
				assert_true(len < 100); /* too short to gain */
				continue;
			}
			assert_true(size <= len);
			memset(back, 0, len);
			assert_true(srp_decompress(compressor, both[k], out, size, back, len));
			assert_memory_equal(in, back, len);
		}
	}
	/* Noise does not get shorter: it is sent as it is. */
	srand(1);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(rand() >> 7);
	for (int k = 0; k < 2; k++)
		assert_int_equal(srp_compress(compressor, both[k], in, sizeof(in), out, sizeof(in)), 0);
	srp_compressor_free(compressor);
}

static void a_block_that_lies_is_refused(void **state)
{
	struct srp_compressor *compressor = srp_compressor_new();
	static uint8_t zeros[SRP_BATCH_MAX], out[SRP_BATCH_MAX], back[SRP_BATCH_MAX];

	(void)state;
	for (int k = 0; k < 2; k++) {
		size_t size = srp_compress(compressor, both[k], zeros, sizeof(zeros), out, sizeof(out));
		uint8_t *exact = malloc(size);

		/* A bomb: what it says it becomes is all the room there is. */
		assert_true(size < 2000);
		memcpy(exact, out, size);
		assert_false(srp_decompress(compressor, both[k], exact, size, back, 1000));
		assert_false(srp_decompress(compressor, both[k], exact, size, back, sizeof(back) - 1));
		/* Truncated, or with something behind. */
		for (size_t cut = 0; cut < size; cut += size / 20 + 1)
			assert_false(srp_decompress(compressor, both[k], exact, cut, back, sizeof(back)));
		exact = realloc(exact, size + 1);
		exact[size] = 0;
		assert_false(srp_decompress(compressor, both[k], exact, size + 1, back, sizeof(back)));
		/* And after that it still works. */
		assert_true(srp_decompress(compressor, both[k], exact, size, back, sizeof(back)));
		/* Of the other kind. */
		assert_false(srp_decompress(compressor, both[!k], exact, size, back, sizeof(back)));
		free(exact);
	}
	assert_false(srp_decompress(compressor, SRP_COMPRESSION_NONE, zeros, 10, back, 11));
	assert_true(srp_decompress(compressor, SRP_COMPRESSION_NONE, zeros, 10, back, 10));
	srp_compressor_free(compressor);
}

static void lz4_only_where_both_have_it(void **state)
{
	(void)state;
	assert_int_equal(srp_compression_agree(SRP_COMPRESSION_LZ4, SRP_COMPRESSION_LZ4),
			 SRP_COMPRESSION_LZ4);
	assert_int_equal(srp_compression_agree(SRP_COMPRESSION_ZLIB, SRP_COMPRESSION_LZ4),
			 SRP_COMPRESSION_ZLIB);
	assert_int_equal(srp_compression_agree(SRP_COMPRESSION_LZ4, SRP_COMPRESSION_ZLIB),
			 SRP_COMPRESSION_ZLIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operation_is_what_was_encoded),
		cmocka_unit_test(the_bytes_are_those_of_the_document),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(a_frame_is_what_was_encoded),
		cmocka_unit_test(a_batch_says_what_it_will_be),
		cmocka_unit_test(a_frame_out_of_its_ranges_is_refused),
		cmocka_unit_test(local_frames),
		cmocka_unit_test(what_is_compressed_comes_out),
		cmocka_unit_test(a_block_that_lies_is_refused),
		cmocka_unit_test(lz4_only_where_both_have_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
