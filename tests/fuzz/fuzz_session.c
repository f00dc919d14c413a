/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session manager may send to srpd: a byte whose lowest bit says whether this chassis serves, then the bytes of
 * the local socket.
 */
#include <stdint.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz_engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[SRP_ENGINE_LOCAL_FILL_MIN];
	struct srp_engine *engine;
	uint64_t now = 100000;
	int manager;

	if (size < 1)
		return 0;
	engine = fuzz_engine(now, data[0] & 1);
	srp_engine_tick(engine, now += SRP_FETCH_WAIT_MSEC);
	manager = srp_engine_manager_open(engine, 1);
	for (data++, size--; srp_engine_manager_may_read(engine, manager);) {
		unsigned int type;
		size_t len;

		if (srp_local_frame(data, size, &type, &len) != 1)
			break;
		srp_engine_manager_receive(engine, now, manager, type, data + SRP_LOCAL_HEADER, len);
		for (int i = 0; i < 4 && srp_engine_manager_fill(engine, now, manager, out, sizeof(out)); i++)
			;
		srp_engine_tick(engine, now += 3000);
		data += SRP_LOCAL_HEADER + len;
		size -= SRP_LOCAL_HEADER + len;
	}
	srp_engine_manager_closed(engine, now, manager);
	srp_engine_free(engine);
	return 0;
}
