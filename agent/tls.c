/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See tls.h. */
#include "agent/tls.h"

#include <dlfcn.h>
#include <stdio.h>

static const struct srp_tls_ops *current;

const struct srp_tls_ops *srp_tls_get(char *error, size_t error_size)
{
	void *module;

	if (current)
		return current;
	/* Not RTLD_GLOBAL, and kept for good: the threads of connections run in it. */
	module = dlopen(SRP_TLS_MODULE, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND | RTLD_NODELETE);
	if (module)
		current = dlsym(module, "srp_tls_openssl");
	if (!current)
		snprintf(error, error_size, "%s", dlerror());
	return current;
}

void srp_tls_use(const struct srp_tls_ops *ops)
{
	current = ops;
}
