/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FNV-1a, 64 bits: against accidents, not against people. Each step is one to one: no single changed byte goes unseen. */
#ifndef SRP_HASH_H
#define SRP_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SRP_HASH_START 14695981039346656037u

/* Go on with more bytes; the first call takes SRP_HASH_START. */
static inline uint64_t srp_hash(uint64_t hash, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * 1099511628211u;
	return hash;
}

#endif
