/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See arena.h. */
#include "checkpoint/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define UNITS      (SRP_ARENA_SLAB / SRP_ARENA_UNIT) /* of a slab */
#define SMALL      512u                              /* up to here classes are 16 bytes apart, */
#define MIDDLE     4096u                             /* up to here 64; */
#define LARGE_BITS 3                                 /* above, eight for each doubling */
#define CLASSES    (SMALL / 16 + (MIDDLE - SMALL) / 64 + (4u << LARGE_BITS) + 1)
#define OPEN_STEP  256u /* slabs that are opened together */
#define NONE       UINT32_MAX

struct slab {
	uint16_t class_index, used;
	uint16_t fresh; /* chunks from here on were never used, in chunks */
	uint16_t free;  /* first free chunk + 1 in units of the slab, 0: none; links lie in the chunks */
	uint32_t prev, next;
};

struct srp_arena {
	struct srp_arena_base at;
	uint64_t reserved, limit, charged;
	struct slab *slabs; /* in the first slabs of the range, opened with those they are about */
	uint32_t slab_count, slabs_used, slabs_fresh; /* from slabs_fresh on none was ever used */
	uint32_t opened;                              /* slabs below may be touched */
	uint32_t empty;                               /* list of those that were given back */
	uint32_t partial[CLASSES];                    /* lists of slabs that have room */
};

static unsigned int class_of(size_t size)
{
	unsigned int log, step;

	if (size <= SMALL)
		return (unsigned int)((size + 15) / 16);
	if (size <= MIDDLE)
		return SMALL / 16 + (unsigned int)((size - SMALL + 63) / 64);
	size--;
	log = 63u - (unsigned int)__builtin_clzll(size);
	step = (unsigned int)(size >> (log - LARGE_BITS)) & ((1u << LARGE_BITS) - 1);
	return SMALL / 16 + (MIDDLE - SMALL) / 64 + (log - 12) * (1u << LARGE_BITS) + step + 1;
}

static size_t class_size(unsigned int class_index)
{
	unsigned int large;

	if (class_index <= SMALL / 16)
		return class_index * 16;
	class_index -= SMALL / 16;
	if (class_index <= (MIDDLE - SMALL) / 64)
		return SMALL + class_index * 64;
	large = class_index - (MIDDLE - SMALL) / 64 - 1;
	return ((size_t)((1u << LARGE_BITS) + (large & ((1u << LARGE_BITS) - 1)) + 1))
	       << (12 - LARGE_BITS + (large >> LARGE_BITS));
}

struct srp_arena *srp_arena_new(uint64_t limit)
{
	struct srp_arena *arena = calloc(1, sizeof(*arena));
	uint64_t count;

	if (!arena)
		return NULL;
	if (limit > SRP_ARENA_LIMIT_MAX)
		limit = SRP_ARENA_LIMIT_MAX;
	_Static_assert(sizeof(struct slab) * OPEN_STEP == 4096, "a page of them is opened with each step");
	count = limit / SRP_ARENA_SLAB;
	/* The first slabs hold what there is to know of all, so reference 0 is in none that is given out. */
	arena->slabs_fresh =
		(uint32_t)((count + count / 2048 + 2) * sizeof(struct slab) / SRP_ARENA_SLAB) + 1;
	count += arena->slabs_fresh;
	arena->slab_count = count > UINT32_MAX / UNITS ? UINT32_MAX / UNITS : (uint32_t)count;
	arena->reserved = (uint64_t)arena->slab_count * SRP_ARENA_SLAB;
	arena->limit = limit;
	arena->opened = arena->slabs_fresh & ~(OPEN_STEP - 1);
	arena->empty = NONE;
	for (unsigned int i = 0; i < CLASSES; i++)
		arena->partial[i] = NONE;
	/* Addresses only: a kernel that does not overcommit counts what is opened. */
	arena->at.base =
		mmap(NULL, arena->reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena->at.base == MAP_FAILED) {
		free(arena);
		return NULL;
	}
	arena->slabs = (struct slab *)(void *)arena->at.base;
	return arena;
}

void srp_arena_free(struct srp_arena *arena)
{
	if (!arena)
		return;
	munmap(arena->at.base, arena->reserved);
	free(arena);
}

uint64_t srp_arena_used(const struct srp_arena *arena)
{
	return (uint64_t)arena->slabs_used * SRP_ARENA_SLAB + arena->charged;
}

uint64_t srp_arena_limit(const struct srp_arena *arena)
{
	return arena->limit;
}

void srp_arena_set_limit(struct srp_arena *arena, uint64_t limit)
{
	arena->limit = limit;
}

bool srp_arena_charge(struct srp_arena *arena, uint64_t bytes, bool always)
{
	if (!always && srp_arena_used(arena) + bytes > arena->limit)
		return false;
	arena->charged += bytes;
	return true;
}

void srp_arena_uncharge(struct srp_arena *arena, uint64_t bytes)
{
	arena->charged -= bytes;
}

/* --- slabs --------------------------------------------------------------------------------- */

static void partial_add(struct srp_arena *arena, uint32_t index)
{
	struct slab *slab = &arena->slabs[index];
	uint32_t *head = &arena->partial[slab->class_index];

	slab->prev = NONE;
	slab->next = *head;
	if (*head != NONE)
		arena->slabs[*head].prev = index;
	*head = index;
}

static void partial_remove(struct srp_arena *arena, uint32_t index)
{
	struct slab *slab = &arena->slabs[index];

	if (slab->prev != NONE)
		arena->slabs[slab->prev].next = slab->next;
	else
		arena->partial[slab->class_index] = slab->next;
	if (slab->next != NONE)
		arena->slabs[slab->next].prev = slab->prev;
}

static unsigned int slab_chunks(const struct slab *slab)
{
	return (unsigned int)(SRP_ARENA_SLAB / class_size(slab->class_index));
}

static bool slab_is_full(const struct slab *slab)
{
	return !slab->free && slab->fresh == slab_chunks(slab);
}

static bool open_range(struct srp_arena *arena, uint64_t offset, uint64_t size)
{
	return mprotect(arena->at.base + offset, size, PROT_READ | PROT_WRITE) == 0;
}

/* The next slab that was never used; NONE: there is none, or the kernel has no memory. */
static uint32_t slab_open(struct srp_arena *arena)
{
	uint32_t step = arena->slab_count - arena->opened;

	if (arena->slabs_fresh == arena->slab_count)
		return NONE;
	if (arena->slabs_fresh >= arena->opened) {
		uint32_t first = arena->slabs_fresh > arena->opened ? arena->slabs_fresh : arena->opened;

		step = step < OPEN_STEP ? step : OPEN_STEP;
		if (!open_range(arena, (uint64_t)arena->opened * sizeof(struct slab),
				OPEN_STEP * sizeof(struct slab)) ||
		    !open_range(arena, (uint64_t)first * SRP_ARENA_SLAB,
				(uint64_t)(arena->opened + step - first) * SRP_ARENA_SLAB))
			return NONE;
		arena->opened += step;
	}
	return arena->slabs_fresh++;
}

/* An empty slab for a class; NONE at the limit. */
static uint32_t slab_take(struct srp_arena *arena, unsigned int class_index)
{
	uint32_t index = arena->empty;

	if (srp_arena_used(arena) + SRP_ARENA_SLAB > arena->limit)
		return NONE;
	if (index != NONE)
		arena->empty = arena->slabs[index].next;
	else
		index = slab_open(arena);
	if (index == NONE)
		return NONE;
	arena->slabs[index] = (struct slab){.class_index = (uint16_t)class_index};
	arena->slabs_used++;
	partial_add(arena, index);
	return index;
}

static void slab_give_back(struct srp_arena *arena, uint32_t index)
{
	partial_remove(arena, index);
	madvise(arena->at.base + (uint64_t)index * SRP_ARENA_SLAB, SRP_ARENA_SLAB, MADV_DONTNEED);
	arena->slabs[index].next = arena->empty;
	arena->empty = index;
	arena->slabs_used--;
}

/* --- chunks -------------------------------------------------------------------------------- */

uint32_t srp_arena_alloc(struct srp_arena *arena, size_t size)
{
	unsigned int class_index, unit;
	struct slab *slab;
	uint32_t index, ref;

	if (size == 0 || size > SRP_ARENA_CHUNK_MAX)
		return 0;
	class_index = class_of(size);
	index = arena->partial[class_index];
	if (index == NONE)
		index = slab_take(arena, class_index);
	if (index == NONE)
		return 0;
	slab = &arena->slabs[index];
	if (slab->free) {
		unit = slab->free - 1u;
		ref = index * UNITS + unit;
		memcpy(&slab->free, srp_arena_at(arena, ref), sizeof(slab->free));
	} else {
		unit = (unsigned int)(slab->fresh++ * class_size(class_index) / SRP_ARENA_UNIT);
		ref = index * UNITS + unit;
	}
	slab->used++;
	if (slab_is_full(slab))
		partial_remove(arena, index);
	return ref;
}

void srp_arena_drop(struct srp_arena *arena, uint32_t ref)
{
	uint32_t index = ref / UNITS;
	struct slab *slab = &arena->slabs[index];

	if (slab_is_full(slab))
		partial_add(arena, index);
	memcpy(srp_arena_at(arena, ref), &slab->free, sizeof(slab->free));
	slab->free = (uint16_t)(ref % UNITS + 1);
	if (--slab->used == 0)
		slab_give_back(arena, index);
}

size_t srp_arena_room(const struct srp_arena *arena, uint32_t ref)
{
	return class_size(arena->slabs[ref / UNITS].class_index);
}
