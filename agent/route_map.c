/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See route_map.h. */
#include "agent/route_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/srp.h"

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

char *srp_route_map_text(const char *context, uint32_t base, const char *as)
{
	bool is_default = strcmp(context, "default") == 0;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (unsigned int count = 1; count <= SRP_MODIFIER_MAX; count++) {
		fprintf(out, "route-map " SRP_ROUTE_MAP_NAME "%s%s permit %u\n match metric %u\n",
			is_default ? "" : "-", is_default ? "" : context, base + count, base + count);
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
