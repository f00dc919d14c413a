/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd as a libfrr daemon: privileges, signals, where srpd.conf is, and the agent in the middle.
 *
 * Order of the start: libfrr parses options and drops to its user (frr_init), commands and model are
 * installed, the process goes to the background (frr_config_fork), the agent is made and holds still, the
 * loop runs and its first event reads srpd.conf, and only then, once, the agent gets a configuration.
 *
 * SIGTERM and SIGINT stop srpd and leave kernel and bgpd as they are; SIGHUP forgets the configuration and
 * reads srpd.conf again, of which the agent sees only the result; SIGUSR1 reopens the log file.
 *
 * Under systemd (Type=notify): ready once srpd.conf is in force; from then on the loop feeds the watchdog; the status line is
 * the role. libfrr talks to $NOTIFY_SOCKET, and does nothing where there is none.
 */
#include "frr-integration/srp_daemon.h"

#include "command.h"
#include "lib_errors.h"
#include "lib/version.h"
#include "libfrr.h"
#include "log.h"
#include "northbound_cli.h"
#include "systemd.h"
#include "vty.h"

#include "agent/agent.h"
#include "frr-integration/srp_cli.h"
#include "frr-integration/srp_loop.h"
#include "frr-integration/srp_nb.h"

/* Routes and addresses; announcing an address to the neighbours of a network; priority of the hellos' thread. */
static zebra_capabilities_t capabilities[] = {ZCAP_NET_ADMIN, ZCAP_NET_RAW, ZCAP_NICE};

struct zebra_privs_t srp_daemon_privs = {
#if defined(FRR_USER) && defined(FRR_GROUP)
	.user = FRR_USER,
	.group = FRR_GROUP,
#endif
#ifdef VTY_GROUP
	.vty_group = VTY_GROUP,
#endif
	.caps_p = capabilities,
	.cap_num_p = array_size(capabilities),
};

static struct {
	SRP_EVENT_LOOP *master;
	struct srp_frr_loop loop;
	struct srp_agent *agent;
	const char *config_file;
	bool is_ready;
} daemon_state;

struct srp_agent *srp_daemon_agent(void)
{
	return daemon_state.agent;
}

const char *srp_daemon_config_file(const char *pathspace)
{
	static char path[MAXPATHLEN];
	size_t len = strlen(frr_sysconfdir);

	/* It ends with a slash in some versions of FRR. */
	snprintf(path, sizeof(path), "%s%s%s%ssrpd.conf", frr_sysconfdir,
		 len && frr_sysconfdir[len - 1] == '/' ? "" : "/", pathspace ? pathspace : "",
		 pathspace ? "/" : "");
	return path;
}

/* --- the agent ---------------------------------------------------------------------------------- */

static void agent_log(enum srp_log_level level, const char *text)
{
	static const int priorities[] = {
		[SRP_LOG_ERROR] = LOG_ERR, [SRP_LOG_WARNING] = LOG_WARNING, [SRP_LOG_NOTICE] = LOG_NOTICE,
		[SRP_LOG_INFO] = LOG_INFO, [SRP_LOG_DEBUG] = LOG_DEBUG,
	};

	zlog(priorities[level], "%s", text);
}

static void agent_privs(bool raise)
{
	if (srp_daemon_privs.change(raise ? ZPRIVS_RAISE : ZPRIVS_LOWER))
		flog_err(EC_LIB_PRIVILEGES, "privileges cannot be %s: %s", raise ? "raised" : "dropped",
			 safe_strerror(errno));
}

/* The running configuration has changed: hand all of it to the agent. */
static void on_changed(void)
{
	struct srp_config config;

	srp_config_init(&config);
	if (srp_nb_running(&config))
		srp_agent_configure(daemon_state.agent, &config);
	else
		zlog_err("the configuration could not be given to the agent: out of memory");
	srp_config_clear(&config);
	if (!daemon_state.is_ready)
		systemd_send_started(daemon_state.master);
	daemon_state.is_ready = true;
}

void srp_daemon_start(const char *state_dir)
{
	struct srp_agent_options options = {
		.loop = &daemon_state.loop.loop,
		.run_dir = srp_run_dir,
		.state_dir = state_dir,
		.version = SRPD_VERSION,
		.log = agent_log,
		.status = systemd_send_status,
		.privs = agent_privs,
	};
	char error[256] = "";

	srp_frr_loop_init(&daemon_state.loop, daemon_state.master);
	daemon_state.agent = srp_agent_new(&options, error, sizeof(error));
	if (!daemon_state.agent) {
		zlog_err("srpd cannot start: %s", error);
		fprintf(stderr, "srpd cannot start: %s\n", error);
		exit(1);
	}
	zlog_notice("srpd %s on FRR %s", SRPD_VERSION, FRR_VERSION);
}

/* --- srpd.conf ---------------------------------------------------------------------------------- */

static int on_config_pre(SRP_EVENT_LOOP *master)
{
	srp_nb_read_begin();
	return 0;
}

static int on_config_post(SRP_EVENT_LOOP *master)
{
	/* When there was no file, `write file` shall make it. */
	if (!host_config_get())
		host_config_set(daemon_state.config_file);
	srp_nb_read_end();
	return 0;
}

static void on_sighup(void)
{
	zlog_notice("SIGHUP: reading %s again", daemon_state.config_file);
	if (access(daemon_state.config_file, R_OK) != 0) {
		zlog_err("%s: %s; the running configuration stays", daemon_state.config_file,
			 safe_strerror(errno));
		return;
	}
	srp_nb_read_begin();
	if (srp_nb_clear())
		vty_read_config(vty_shared_candidate_config, daemon_state.config_file, NULL);
	srp_nb_read_end();
}

/* --- signals ------------------------------------------------------------------------------------ */

static void on_stop(void)
{
	zlog_notice("srpd stops; what is in the kernel and in bgpd stays");
	systemd_send_stopping();
	frr_early_fini();
	srp_nb_finish();
	srp_agent_free(daemon_state.agent);
	daemon_state.agent = NULL;
	frr_fini();
	exit(0);
}

static void on_rotate(void)
{
	zlog_rotate();
}

struct frr_signal_t srp_daemon_signals[] = {
	{.signal = SIGHUP, .handler = on_sighup},
	{.signal = SIGUSR1, .handler = on_rotate},
	{.signal = SIGINT, .handler = on_stop},
	{.signal = SIGTERM, .handler = on_stop},
};
const size_t srp_daemon_signal_count = array_size(srp_daemon_signals);

void srp_daemon_init(SRP_EVENT_LOOP *master, const char *config_file)
{
	daemon_state.master = master;
	daemon_state.config_file = config_file;
	hook_register(frr_config_pre, on_config_pre);
	hook_register(frr_config_post, on_config_post);
	srp_nb_init(master, on_changed);
	srp_cli_install();
}
