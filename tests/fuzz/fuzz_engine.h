/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An engine that nobody listens to, for fuzz targets. */
#ifndef FUZZ_ENGINE_H
#define FUZZ_ENGINE_H

#include "checkpoint/engine.h"

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

/* With the smallest memory limit, aggressive recovery and NACKs. */
static struct srp_engine *fuzz_engine(uint64_t now, bool serves)
{
	struct srp_engine_config config;
	struct srp_engine *engine;

	srp_engine_config_init(&config);
	config.aggressive = true;
	config.memory_mib = SRP_MEMORY_MIB_MIN;
	config.nack_macro.enabled = config.nack_micro.enabled = true;
	engine = srp_engine_new(now, 1, &config,
				&(struct srp_engine_events){.log = ignore_log,
							    .sessions = ignore_sessions,
							    .flushed = ignore_flushed});
	srp_engine_set_role(engine, now, &(struct srp_engine_role){.role = 1, .serves = serves});
	return engine;
}

#endif
