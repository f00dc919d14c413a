/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file: what is taken must be written again as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "agent/state_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srp_saved_state state;
	char why[128] = "", text[SRP_STATE_LEN_MAX];

	if (!srp_state_parse((const char *)data, size, &state, why, sizeof(why))) {
		if (!why[0])
			abort();
		return 0;
	}
	if (srp_state_format(&state, text) != size || memcmp(text, data, size) != 0)
		abort();
	return 0;
}
