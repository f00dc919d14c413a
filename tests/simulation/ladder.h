/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The picture of a run: time down, gw1 left, gw2 right, messages as arrows at the moment they arrive. Hellos that say
 * the same as the one before are counted, not drawn.
 */
#ifndef SIM_LADDER_H
#define SIM_LADDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/core/core.h"

struct ladder {
	FILE *to;
	bool all; /* draw every hello */
	struct srp_message last[2];
	unsigned int hidden[2];
};

void ladder_start(struct ladder *ladder, FILE *to, bool all);
/* Something about one chassis, in its column. */
__attribute__((format(printf, 4, 5))) void ladder_node(struct ladder *ladder, uint64_t at, int node,
						       const char *format, ...);
/* Something about both, across. */
__attribute__((format(printf, 3, 4))) void ladder_both(struct ladder *ladder, uint64_t at, const char *format,
						       ...);
/* A message from `node` arrives; with `lost` it does not, and that is why. */
void ladder_message(struct ladder *ladder, uint64_t at, int node, const struct srp_message *message,
		    uint64_t sent_at, const char *lost);
/* The role changes among the outputs of an input. */
void ladder_outputs(struct ladder *ladder, uint64_t at, int node, const struct srp_core *core,
		    const struct srp_outputs *outputs);

#endif
