/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the libfrr that this process runs with of the version we were built for? FRR has no stable ABI, and its library
 * has the same SONAME in all versions, so nothing else tells. Needs one symbol of libfrr, there since modules exist.
 */
#ifndef SRP_FRR_VERSION_H
#define SRP_FRR_VERSION_H

#include <stdbool.h>
#include <string.h>

#include "module.h"

/* The version of the running libfrr, or NULL when it does not tell. Static text. */
static inline const char *srp_frr_running_version(void)
{
	for (const struct frrmod_runtime *module = frrmod_list; module; module = module->next)
		if (module->info && module->info->name && strcmp(module->info->name, "libfrr") == 0)
			return module->info->version;
	return NULL;
}

/* "8.4.4" and "8.4.4-MyOwnBuild" are one version: compares up to the first other character. NULL is never ours. */
static inline bool srp_frr_is_ours(const char *version)
{
	size_t len = version ? strspn(version, "0123456789.") : 0;

	return len == strlen(SRP_FRR_UPSTREAM) && memcmp(version, SRP_FRR_UPSTREAM, len) == 0;
}

#endif
