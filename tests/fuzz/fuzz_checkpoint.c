/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the session connection against an engine that serves, or follows. Input: a byte whose lowest bit says which,
 * then frames as type (1), payload size (2, big-endian), payload. Whatever comes, memory stays within its limit.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[SRP_ENGINE_FILL_MIN];
	struct srp_engine_info info;
	struct srp_engine *engine;
	uint64_t now = 100000;

	if (size < 1)
		return 0;
	engine = fuzz_engine(now, data[0] & 1);
	srp_engine_peer_open(engine, now, 0);
	for (data++, size--; size >= 3;) {
		size_t len = (size_t)data[1] << 8 | data[2];
		const char *why;

		if (len > size - 3)
			len = size - 3;
		if (srp_engine_peer_receive(engine, now, data[0], data + 3, len, &why) == SRP_TAKE_BAD)
			break;
		srp_engine_peer_fill(engine, now, out, sizeof(out));
		srp_engine_tick(engine, now += 700);
		data += 3 + len;
		size -= 3 + len;
	}
	srp_engine_get_info(engine, &info);
	if (info.memory > info.memory_limit + 1024 * 1024)
		abort();
	srp_engine_peer_closed(engine, now);
	srp_engine_free(engine);
	return 0;
}
