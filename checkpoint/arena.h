/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for records: chunks of 16 bytes to 64 KiB out of one reserved range of addresses, with a limit.
 *
 * A chunk is named by a 32-bit reference, its place in the range in units of 16 bytes; 0 is none. Slabs of 64 KiB
 * hold chunks of one size class each; an empty slab goes back to the kernel. O(1), no system call for each chunk.
 * Classes are at most 16 bytes apart up to 512, 64 up to 4 KiB, an eighth above. One thread at a time.
 */
#ifndef SRP_ARENA_H
#define SRP_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SRP_ARENA_UNIT      16u
#define SRP_ARENA_SLAB      65536u
#define SRP_ARENA_CHUNK_MAX SRP_ARENA_SLAB
#define SRP_ARENA_LIMIT_MAX (UINT64_C(64) << 30) /* what references reach, bytes */

struct srp_arena;

/* `limit` in bytes, rounded down to whole slabs. NULL when memory (address space) is out. */
struct srp_arena *srp_arena_new(uint64_t limit);
void srp_arena_free(struct srp_arena *arena); /* with all chunks; NULL is ignored */

/* At least `size` bytes, not cleared; 0 when the limit is reached or size is 0 or above SRP_ARENA_CHUNK_MAX. */
uint32_t srp_arena_alloc(struct srp_arena *arena, size_t size);
void srp_arena_drop(struct srp_arena *arena, uint32_t ref);

/* What the chunk has room for, bytes. */
size_t srp_arena_room(const struct srp_arena *arena, uint32_t ref);

/* More or less limit from now on; what is in use stays. Not above what srp_arena_new() was given. */
void srp_arena_set_limit(struct srp_arena *arena, uint64_t limit);

/*
 * Memory outside the arena that counts for the limit (hash tables), bytes. False, and not counted: over it. `always`:
 * counted all the same.
 */
bool srp_arena_charge(struct srp_arena *arena, uint64_t bytes, bool always);
void srp_arena_uncharge(struct srp_arena *arena, uint64_t bytes);

/* Whole slabs in use and what was charged, bytes. */
uint64_t srp_arena_used(const struct srp_arena *arena);
uint64_t srp_arena_limit(const struct srp_arena *arena);

struct srp_arena_base {
	uint8_t *base;
};

/* The chunk's memory, aligned to 16; good until it is dropped. */
static inline void *srp_arena_at(const struct srp_arena *arena, uint32_t ref)
{
	return ((const struct srp_arena_base *)(const void *)arena)->base + (uint64_t)ref * SRP_ARENA_UNIT;
}

#endif
