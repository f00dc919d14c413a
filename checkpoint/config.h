/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of checkpointing is configured: ranges and defaults in one place for the model, the CLI and the docs. */
#ifndef SRP_CHECKPOINT_CONFIG_H
#define SRP_CHECKPOINT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

/* On the wire: never renumber. */
enum srp_compression {
	SRP_COMPRESSION_NONE = 0, /* of a batch that does not get shorter; not configured */
	SRP_COMPRESSION_ZLIB = 1,
	SRP_COMPRESSION_LZ4 = 2,
};

#define SRP_CHECKPOINT_SEC_MAX 65535
#define SRP_CHECKPOINT_SEC     60 /* checkpoint session duration */
#define SRP_PERIODIC_MIN_MIN   30
#define SRP_PERIODIC_MIN_MAX   1440
#define SRP_PERIODIC_MIN_STEP  15
#define SRP_PERIODIC_MIN       45
#define SRP_NACK_RESPONSE_MAX  65535
#define SRP_NACK_RESPONSE      3
#define SRP_MEMORY_MIB_MIN     16
#define SRP_MEMORY_MIB_MAX     65536
#define SRP_MEMORY_MIB         1024

struct srp_engine_config {
	uint32_t duration_ims, duration_non_ims; /* s */
	uint32_t periodic_min;                   /* 0: none */
	struct srp_nack_config {
		bool enabled;
		uint32_t max_response;
	} nack_macro, nack_micro;
	uint8_t compression; /* enum srp_compression: zlib or lz4 */
	bool aggressive;
	bool graceful_cleanup;
	uint32_t memory_mib;
};

static inline void srp_engine_config_init(struct srp_engine_config *config)
{
	*config = (struct srp_engine_config){
		.duration_ims = SRP_CHECKPOINT_SEC,
		.duration_non_ims = SRP_CHECKPOINT_SEC,
		.periodic_min = SRP_PERIODIC_MIN,
		.nack_macro = {.max_response = SRP_NACK_RESPONSE},
		.nack_micro = {.max_response = SRP_NACK_RESPONSE},
		.compression = SRP_COMPRESSION_ZLIB,
		.memory_mib = SRP_MEMORY_MIB,
	};
}

#endif
