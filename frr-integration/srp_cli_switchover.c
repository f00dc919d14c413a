/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration commands of the switchover: its options, guard timers, comparison of configurations,
 * witness. As in srp_cli.c each is one edit of the candidate; ranges are the model's, and which options need
 * each other is in srp_check.c.
 */
#include "frr-integration/srp_cli.h"

#include "northbound_cli.h"

#include "frr-integration/srp_nb.h"

/* Written out in srp_commands.h, because a command string has no arithmetic. */
_Static_assert(SRP_WITNESS_MSEC_MAX == 1800 * 1000, "witness-interval (1-1800)");

SRP_CMD(config_check)
{
	return srp_cli_set(vty, "./configuration-interval", argv[1]->arg);
}

SRP_CMD(no_config_check)
{
	return srp_cli_reset(vty, "./configuration-interval");
}

SRP_CMD(witness)
{
	return srp_cli_set_interval(vty, "./witness-interval", argc, argv);
}

SRP_CMD(no_witness)
{
	return srp_cli_reset(vty, "./witness-interval");
}

SRP_CMD(all_data)
{
	return srp_cli_set(vty, "./switchover/allow-all-data-traffic", "true");
}

SRP_CMD(no_all_data)
{
	return srp_cli_reset(vty, "./switchover/allow-all-data-traffic");
}

SRP_CMD(volte_data)
{
	nb_cli_enqueue_change(vty, "./switchover/allow-volte-data-traffic", NB_OP_MODIFY, "true");
	nb_cli_enqueue_change(vty, "./switchover/maintain-accounting", NB_OP_MODIFY,
			      argc > 2 ? "true" : "false");
	return srp_nb_apply(vty);
}

SRP_CMD(no_volte_data)
{
	nb_cli_enqueue_change(vty, "./switchover/allow-volte-data-traffic", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./switchover/maintain-accounting", NB_OP_DESTROY, NULL);
	return srp_nb_apply(vty);
}

SRP_CMD(early_active)
{
	return srp_cli_set(vty, "./switchover/allow-early-active-transition", "true");
}

SRP_CMD(no_early_active)
{
	return srp_cli_reset(vty, "./switchover/allow-early-active-transition");
}

SRP_CMD(control_outage)
{
	return srp_cli_set(vty, "./switchover/control-outage-optimization", "true");
}

SRP_CMD(no_control_outage)
{
	return srp_cli_reset(vty, "./switchover/control-outage-optimization");
}

SRP_CMD(convergence)
{
	return srp_cli_set(vty, "./switchover/convergence-time", argv[2]->arg);
}

SRP_CMD(no_convergence)
{
	return srp_cli_reset(vty, "./switchover/convergence-time");
}

/* `allow`, `disallow` or `disallow timeout N`: a timeout of before does not stay. */
SRP_CMD(peer_fail)
{
	const char *timeout = argc > 4 ? argv[4]->arg : NULL;

	nb_cli_enqueue_change(vty, "./switchover/on-peer-monitor-fail", NB_OP_MODIFY, argv[2]->text);
	nb_cli_enqueue_change(vty, "./switchover/peer-monitor-fail-timeout",
			      timeout ? NB_OP_MODIFY : NB_OP_DESTROY, timeout);
	return srp_nb_apply(vty);
}

SRP_CMD(no_peer_fail)
{
	nb_cli_enqueue_change(vty, "./switchover/on-peer-monitor-fail", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, "./switchover/peer-monitor-fail-timeout", NB_OP_DESTROY, NULL);
	return srp_nb_apply(vty);
}

/*
 * `guard-timer TIMER [FAMILY]` whose first word is argv[0]: write the path of its periods. Returns how many
 * words that were.
 */
static int guard_path(struct cmd_token *argv[], char *path, size_t size)
{
	bool local = strmatch(argv[1]->text, "srp-redundancy-timers");

	snprintf(path, size, "./guard-timers/%s%s%s", argv[1]->text, local ? "/" : "",
		 local ? argv[2]->text : "");
	return local ? 3 : 2;
}

SRP_CMD(guard_timer)
{
	char timer[XPATH_MAXLEN / 2], path[XPATH_MAXLEN];

	/* A period that the line does not have stays as it is. */
	for (int i = guard_path(argv, timer, sizeof(timer)); i + 1 < argc; i += 2) {
		snprintf(path, sizeof(path), "%s/%s", timer, argv[i]->text);
		nb_cli_enqueue_change(vty, path, NB_OP_MODIFY, argv[i + 1]->arg);
	}
	return srp_nb_apply(vty);
}

SRP_CMD(no_guard_timer)
{
	static const char *const periods[] = {"damping-period", "guard-period"};
	char timer[XPATH_MAXLEN / 2], path[XPATH_MAXLEN];
	int first = 1 + guard_path(argv + 1, timer, sizeof(timer));

	/* The periods that the line names; both when it names none. */
	for (size_t p = 0; p < array_size(periods); p++) {
		bool named = first == argc;

		for (int i = first; i < argc; i += 2)
			named = named || strmatch(argv[i]->text, periods[p]);
		if (!named)
			continue;
		snprintf(path, sizeof(path), "%s/%s", timer, periods[p]);
		nb_cli_enqueue_change(vty, path, NB_OP_DESTROY, NULL);
	}
	return srp_nb_apply(vty);
}
