/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compression of batches: zlib (RFC 1950) or LZ4 blocks. Each batch by itself, so that one can be lost with its
 * connection. The size of what comes out is told with it and checked: a block cannot grow beyond it.
 */
#ifndef SRP_COMPRESS_H
#define SRP_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkpoint/config.h"

/* Seed: LZ4 only where both chassis have it. */
enum srp_compression srp_compression_agree(enum srp_compression own, enum srp_compression peer);
const char *srp_compression_name(enum srp_compression compression); /* "none", "zlib", "lz4"; static */

struct srp_compressor;                           /* state of both directions; one thread at a time */
struct srp_compressor *srp_compressor_new(void); /* NULL when memory is out */
void srp_compressor_free(struct srp_compressor *compressor);

/* Bytes written to `out`, at most `size`; 0 when it does not fit there: send it as it is. */
size_t srp_compress(struct srp_compressor *compressor, enum srp_compression how, const uint8_t *in,
		    size_t len, uint8_t *out, size_t size);

/* False unless exactly `size` bytes come out of exactly `len`. */
bool srp_decompress(struct srp_compressor *compressor, enum srp_compression how, const uint8_t *in,
		    size_t len, uint8_t *out, size_t size);

#endif
