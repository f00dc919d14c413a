/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd_srp.so: what `bgpd -M srp` loads.
 *
 * A bgpd that cannot load a module of its command line does not start, and FRR has no stable ABI. So the
 * module named there is this file alone: it needs nothing of bgpd and one symbol of libfrr (frrmod_list,
 * there since modules exist), compares the version of the running libfrr with the one it was built for, and
 * only then opens the implementation that lies beside it. Whatever is wrong costs one log line; bgpd starts and
 * works as without the module.
 */
#include <config.h>
#include <zebra.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "module.h"
#include "zlog.h"

#include "frr-integration/frr_version.h"

#define IMPLEMENTATION "bgpd_srp_impl.so"

/* One line in bgpd's log, with what every libfrr has; on stderr when even that is missing. */
__attribute__((format(printf, 1, 2))) static void stub_log(const char *format, ...)
{
	void (*log)(const struct xref_logmsg *, int, const char *, va_list);
	va_list args;

	*(void **)&log = dlsym(RTLD_DEFAULT, "vzlogx");
	va_start(args, format);
	if (log) {
		log(NULL, LOG_ERR, format, args);
	} else {
		vfprintf(stderr, format, args);
		fputc('\n', stderr);
	}
	va_end(args);
}

static int stub_init(void)
{
	const char *version = srp_frr_running_version();
	const char *args = THIS_MODULE->load_args;
	bool (*start)(const char *);
	char path[PATH_MAX], why[2 * PATH_MAX];
	const char *slash, *built_for;
	void *handle;
	Dl_info self;

	if (!srp_frr_is_ours(version)) {
		stub_log("bgpd_srp: inactive: built for FRR %s, this is FRR %s", SRP_FRR_UPSTREAM,
			 version ? version : "of unknown version");
		return 0;
	}
	if (!dladdr(&_frrmod_this_module, &self) || !(slash = strrchr(self.dli_fname, '/')) ||
	    snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - self.dli_fname), self.dli_fname,
		     IMPLEMENTATION) >= (int)sizeof(path)) {
		stub_log("bgpd_srp: inactive: cannot tell where it was loaded from");
		return 0;
	}
	/* RTLD_NOW: an implementation that lacks a symbol fails here, and not in the middle of a switchover. */
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		/* Its text is gone with the next dlsym(), so it is taken first. */
		snprintf(why, sizeof(why), "%s", dlerror());
		stub_log("bgpd_srp: inactive: %s", why);
		return 0;
	}
	built_for = dlsym(handle, "bgpsrp_built_for");
	if (!built_for || strcmp(built_for, SRP_FRR_UPSTREAM) != 0) {
		stub_log("bgpd_srp: inactive: %s is of another build, for FRR %s", path,
			 built_for ? built_for : "?");
		return 0;
	}
	*(void **)&start = dlsym(handle, "bgpsrp_start");
	if (!start || !start(args)) {
		stub_log("bgpd_srp: inactive: %s does not start", path);
		return 0;
	}
	return 0;
}

/* FRR_MODULE_SETUP() without its cross references, which need a symbol that older versions of libfrr lack. */
static const struct frrmod_info stub_info = {
	.name = "bgpd_srp",
	.version = SRP_FRR_UPSTREAM,
	.description = "srpd's BGP policy and peer state",
	.init = stub_init,
};
union _frrmod_runtime_u _frrmod_this_module = {.r = {.info = &stub_info}};
__attribute__((visibility("default"))) struct frrmod_runtime *frr_module = &_frrmod_this_module.r;
