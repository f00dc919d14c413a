/* SPDX-License-Identifier: GPL-2.0-or-later */
/* srpd: the Service Redundancy Protocol daemon. See srp_daemon.h and agent/agent.h. */
#include "frr-integration/compat.h"

#include "lib/version.h"
#include "libfrr.h"

#include <getopt.h>
#include <sysexits.h>

#include "frr-integration/frr_version.h"
#include "frr-integration/srp_daemon.h"
#include "frr-integration/srp_nb.h"
#include "frr-integration/srp_yang.h"

static const struct frr_yang_module_info *const srpd_models[] = {
	&frr_srp_info,
};

/* clang-format off */
FRR_DAEMON_INFO(srpd, SRP,
	.flags = FRR_NO_ZCLIENT,
	.proghelp = "Service Redundancy Protocol daemon, srpd " SRPD_VERSION ".",
	.signals = srp_daemon_signals,
	.privs = &srp_daemon_privs,
	.yang_modules = srpd_models,
	.n_yang_modules = array_size(srpd_models),
);
/* clang-format on */

#define OPTION_STATE_DIR 2000 /* above libfrr's own */

static const struct option srpd_options[] = {
	{"state-dir", required_argument, NULL, OPTION_STATE_DIR},
	{0},
};

/* libfrr's own answer names FRR's version as if it were ours. */
static void answer_version(int argc, char **argv)
{
	if (argc != 2 || (strcmp(argv[1], "-v") != 0 && strcmp(argv[1], "--version") != 0))
		return;
	printf("srpd %s, built for FRRouting %s\n", SRPD_VERSION, FRR_VERSION);
	exit(0);
}

/* Before anything of libfrr is called: its structures are others in another version. */
static void refuse_another_frr(void)
{
	const char *running = srp_frr_running_version();

	if (srp_frr_is_ours(running))
		return;
	fprintf(stderr, "srpd cannot start: built for FRR %s, this is FRR %s\n", SRP_FRR_UPSTREAM,
		running ? running : "of unknown version");
	exit(EX_CONFIG);
}

int main(int argc, char **argv)
{
	const char *state_dir = SRPD_STATE_DIR;
	char path[MAXPATHLEN];
	SRP_EVENT_LOOP *master;
	int option;

	answer_version(argc, argv);
	refuse_another_frr();
	frr_preinit(&srpd_di, argc, argv);
	frr_opt_add("", srpd_options,
		    "      --state-dir    Directory of the state file (" SRPD_STATE_DIR ")\n");
	while ((option = frr_getopt(argc, argv, NULL)) != EOF) {
		if (option == 0)
			continue;
		if (option != OPTION_STATE_DIR)
			frr_help_exit(1);
		state_dir = optarg;
	}
	snprintf(path, sizeof(path), "%s%s%s", state_dir, srpd_di.pathspace ? "/" : "",
		 srpd_di.pathspace ? srpd_di.pathspace : "");
	srpd_di.n_signals = srp_daemon_signal_count;
	if (!srpd_di.config_file)
		srpd_di.config_file = srp_daemon_config_file(srpd_di.pathspace);
	srp_yang_embed();
	master = frr_init();
	srp_daemon_init(master, srpd_di.config_file);
	frr_config_fork();
	srp_daemon_start(path);
	frr_run(master);
	return 0;
}
