/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See compress.h. */
#include "checkpoint/compress.h"

#include <limits.h>
#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct srp_compressor {
	z_stream deflate, inflate;
	LZ4_stream_t lz4;
};

enum srp_compression srp_compression_agree(enum srp_compression own, enum srp_compression peer)
{
	return own == SRP_COMPRESSION_LZ4 && peer == SRP_COMPRESSION_LZ4 ? SRP_COMPRESSION_LZ4
									 : SRP_COMPRESSION_ZLIB;
}

const char *srp_compression_name(enum srp_compression compression)
{
	switch (compression) {
	case SRP_COMPRESSION_ZLIB:
		return "zlib";
	case SRP_COMPRESSION_LZ4:
		return "lz4";
	case SRP_COMPRESSION_NONE:
		break;
	}
	return "none";
}

struct srp_compressor *srp_compressor_new(void)
{
	struct srp_compressor *compressor = calloc(1, sizeof(*compressor));

	if (!compressor)
		return NULL;
	/* Level 1: three times as fast as the default, for a tenth more bytes. */
	if (deflateInit(&compressor->deflate, 1) != Z_OK) {
		free(compressor);
		return NULL;
	}
	if (inflateInit(&compressor->inflate) != Z_OK) {
		deflateEnd(&compressor->deflate);
		free(compressor);
		return NULL;
	}
	return compressor;
}

void srp_compressor_free(struct srp_compressor *compressor)
{
	if (!compressor)
		return;
	deflateEnd(&compressor->deflate);
	inflateEnd(&compressor->inflate);
	free(compressor);
}

static size_t zlib_compress(z_stream *stream, const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	if (deflateReset(stream) != Z_OK)
		return 0;
	stream->next_in = (Bytef *)in;
	stream->avail_in = (uInt)len;
	stream->next_out = out;
	stream->avail_out = (uInt)size;
	if (deflate(stream, Z_FINISH) != Z_STREAM_END)
		return 0;
	return size - stream->avail_out;
}

static bool zlib_decompress(z_stream *stream, const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	if (inflateReset(stream) != Z_OK)
		return false;
	stream->next_in = (Bytef *)in;
	stream->avail_in = (uInt)len;
	stream->next_out = out;
	stream->avail_out = (uInt)size;
	return inflate(stream, Z_FINISH) == Z_STREAM_END && !stream->avail_in && !stream->avail_out;
}

size_t srp_compress(struct srp_compressor *compressor, enum srp_compression how, const uint8_t *in,
		    size_t len, uint8_t *out, size_t size)
{
	if (len > INT_MAX || size > INT_MAX)
		return 0;
	switch (how) {
	case SRP_COMPRESSION_ZLIB:
		return zlib_compress(&compressor->deflate, in, len, out, size);
	case SRP_COMPRESSION_LZ4:
		return (size_t)LZ4_compress_fast_extState(&compressor->lz4, (const char *)in, (char *)out,
							  (int)len, (int)size, 1);
	case SRP_COMPRESSION_NONE:
		break;
	}
	return 0;
}

bool srp_decompress(struct srp_compressor *compressor, enum srp_compression how, const uint8_t *in,
		    size_t len, uint8_t *out, size_t size)
{
	if (len > INT_MAX || size > INT_MAX)
		return false;
	switch (how) {
	case SRP_COMPRESSION_NONE:
		if (len != size)
			return false;
		memcpy(out, in, len);
		return true;
	case SRP_COMPRESSION_ZLIB:
		return zlib_decompress(&compressor->inflate, in, len, out, size);
	case SRP_COMPRESSION_LZ4:
		return LZ4_decompress_safe((const char *)in, (char *)out, (int)len, (int)size) == (int)size;
	}
	return false;
}
