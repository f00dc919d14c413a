/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a session manager may send to srpd: a byte whose lowest bit says whether this chassis serves, then the bytes of
 * the local socket.
 */
#include <stdint.h>
#include <stdlib.h>

#include "checkpoint/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore_log(void *arg, enum srp_engine_log level, const char *text)
{
	(void)arg;
	(void)level;
	(void)text;
}

static void ignore_sessions(void *arg, const struct srp_engine_sessions *sessions)
{
	(void)arg;
	(void)sessions;
}

static void ignore_flushed(void *arg, uint32_t flush_id)
{
	(void)arg;
	(void)flush_id;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[SRP_ENGINE_LOCAL_FILL_MIN];
	struct srp_engine_config config;
	struct srp_engine *engine;
	uint64_t now = 100000;
	int manager;

	if (size < 1)
		return 0;
	srp_engine_config_init(&config);
	config.memory_mib = SRP_MEMORY_MIB_MIN;
	engine = srp_engine_new(now, 1, &config,
				&(struct srp_engine_events){.log = ignore_log,
							    .sessions = ignore_sessions,
							    .flushed = ignore_flushed});
	srp_engine_set_role(engine, now, &(struct srp_engine_role){.role = 1, .serves = data[0] & 1});
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
