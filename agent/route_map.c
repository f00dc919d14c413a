/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See route_map.h. */
#include "agent/route_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/bgp_ipc.h"

bool srp_route_map_as_valid(const char *as)
{
	static const char digits[] = "0123456789";
	size_t high = strspn(as, digits), low = 0;
	unsigned long long most = UINT32_MAX;

	if (as[high] == '.') {
		low = strspn(as + high + 1, digits);
		most = UINT16_MAX;
		if (!low || low > 5 || as[high + 1 + low] || strtoull(as + high + 1, NULL, 10) > most)
			return false;
	} else if (as[high]) {
		return false;
	}
	return high && high <= 10 && strtoull(as, NULL, 10) <= most && strspn(as, "0.") != strlen(as);
}

unsigned int srp_route_map_prepends(uint8_t threshold)
{
	/*
	 * A backup alone begins with threshold + 2 and the one that follows it has one more; take-overs before the
	 * pair starts over from 1 add theirs.
	 */
	unsigned int count = threshold * 2u > threshold + 4u ? threshold * 2u : threshold + 4u;

	return count < BGP_IPC_PREPEND_MAX ? count : BGP_IPC_PREPEND_MAX;
}

char *srp_route_map_text(uint32_t base, const char *as, unsigned int prepends)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (unsigned int count = 1; count <= prepends; count++) {
		fprintf(out, "route-map " SRP_ROUTE_MAP_NAME " permit %u\n match metric %u\n", base + count,
			base + count);
		fprintf(out, " set as-path prepend");
		for (unsigned int i = 0; i < count; i++)
			fprintf(out, " %s", as);
		fprintf(out, "\nexit\n");
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
