/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/dscp.h"

#include <stddef.h>
#include <string.h>

int srp_dscp_parse(const char *name)
{
	static const struct {
		const char *name;
		int value;
	} known[] = {
#define X(text, number) {#text, number},
		SRP_DSCPS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].value;
	return -1;
}
