/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration commands of checkpoints and audits, and how they are written again. As in srp_cli.c each is one
 * edit of the candidate; ranges are the model's, and that a periodic-interval is divisible by 15 is in srp_check.c.
 */
#include "frr-integration/srp_cli.h"

#include "northbound_cli.h"

#include "frr-integration/srp_nb.h"

/* --- checkpoint session ... -------------------------------------------------------------------- */

static const char *duration_path(struct cmd_token *argv[], int at)
{
	return strmatch(argv[at]->text, "ims-session") ? "./checkpoint/duration-ims"
						       : "./checkpoint/duration-non-ims";
}

SRP_CMD(ckpt_duration)
{
	return srp_cli_set(vty, duration_path(argv, 3), argv[4]->arg);
}

SRP_CMD(no_ckpt_duration)
{
	return srp_cli_reset(vty, duration_path(argv, 4));
}

SRP_CMD(ckpt_periodic)
{
	return srp_cli_set(vty, "./checkpoint/periodic-interval", argv[3]->arg);
}

/* Seed: `no` means none, `default` the default. */
SRP_CMD(no_ckpt_periodic)
{
	if (strmatch(argv[0]->text, "no"))
		return srp_cli_set(vty, "./checkpoint/periodic-interval", "0");
	return srp_cli_reset(vty, "./checkpoint/periodic-interval");
}

SRP_CMD(ckpt_compression)
{
	return srp_cli_set(vty, "./checkpoint/compression", argv[3]->text);
}

SRP_CMD(no_ckpt_compression)
{
	return srp_cli_reset(vty, "./checkpoint/compression");
}

static const char *nack_path(struct cmd_token *argv[], int at)
{
	return strmatch(argv[at]->text, "macro") ? "./checkpoint/nack-macro" : "./checkpoint/nack-micro";
}

/* What is set is how often; without it there is none. */
SRP_CMD(ckpt_nack)
{
	char times[16];

	snprintf(times, sizeof(times), "%d", SRP_NACK_RESPONSE);
	return srp_cli_set(vty, nack_path(argv, 3), argc > 5 ? argv[5]->arg : times);
}

SRP_CMD(no_ckpt_nack)
{
	return srp_cli_reset(vty, nack_path(argv, 4));
}

SRP_CMD(ckpt_memory)
{
	return srp_cli_set(vty, "./checkpoint/memory-limit", argv[3]->arg);
}

SRP_CMD(no_ckpt_memory)
{
	return srp_cli_reset(vty, "./checkpoint/memory-limit");
}

SRP_CMD(recovery)
{
	return srp_cli_set(vty, "./checkpoint/database-recovery", "aggressive");
}

SRP_CMD(no_recovery)
{
	return srp_cli_reset(vty, "./checkpoint/database-recovery");
}

SRP_CMD(graceful_cleanup)
{
	return srp_cli_set(vty, "./checkpoint/graceful-cleanup", "true");
}

SRP_CMD(no_graceful_cleanup)
{
	return srp_cli_reset(vty, "./checkpoint/graceful-cleanup");
}

/* --- audit ... --------------------------------------------------------------------------------- */

SRP_CMD(audit_daily)
{
	char time[16];

	snprintf(time, sizeof(time), "%02lu:%02lu", strtoul(argv[2]->arg, NULL, 10),
		 strtoul(argv[3]->arg, NULL, 10));
	return srp_cli_set(vty, "./audit/daily-start-time", time);
}

SRP_CMD(no_audit_daily)
{
	return srp_cli_reset(vty, "./audit/daily-start-time");
}

SRP_CMD(audit_periodicity)
{
	return srp_cli_set(vty, "./audit/periodicity", argv[2]->arg);
}

SRP_CMD(no_audit_periodicity)
{
	if (strmatch(argv[0]->text, "no"))
		return srp_cli_set(vty, "./audit/periodicity", "0");
	return srp_cli_reset(vty, "./audit/periodicity");
}

/* --- written again ----------------------------------------------------------------------------- */

/* A number whose line is `LINE N`, left out when it is the default; 0 is `no LINE` where that means something. */
static void show_number(struct vty *vty, const struct lyd_node *dnode, const char *name, const char *line,
			unsigned long otherwise, bool none, bool show_defaults)
{
	const char *text = srp_nb_leaf(dnode, name);
	unsigned long value = text ? strtoul(text, NULL, 10) : otherwise;

	if (value == otherwise && !show_defaults)
		return;
	if (value == 0 && none)
		vty_out(vty, " no %s\n", line);
	else
		vty_out(vty, " %s %lu\n", line, value);
}

static void show_nack(struct vty *vty, const struct lyd_node *dnode, const char *name, const char *kind)
{
	const char *times = srp_nb_leaf(dnode, name);

	if (!times)
		return;
	vty_out(vty, " checkpoint session nack %s", kind);
	if (strtoul(times, NULL, 10) != SRP_NACK_RESPONSE)
		vty_out(vty, " max-response %s", times);
	vty_out(vty, "\n");
}

void srp_show_checkpoint(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *compression = srp_nb_leaf(dnode, "compression");
	const char *recovery = srp_nb_leaf(dnode, "database-recovery");
	const char *cleanup = srp_nb_leaf(dnode, "graceful-cleanup");

	show_number(vty, dnode, "duration-ims", "checkpoint session duration ims-session", SRP_CHECKPOINT_SEC,
		    false, show_defaults);
	show_number(vty, dnode, "duration-non-ims", "checkpoint session duration non-ims-session",
		    SRP_CHECKPOINT_SEC, false, show_defaults);
	show_number(vty, dnode, "periodic-interval", "checkpoint session periodic-interval", SRP_PERIODIC_MIN,
		    true, show_defaults);
	if (compression && (show_defaults || strcmp(compression, "zlib") != 0))
		vty_out(vty, " checkpoint session compression %s\n", compression);
	show_nack(vty, dnode, "nack-macro", "macro");
	show_nack(vty, dnode, "nack-micro", "micro");
	show_number(vty, dnode, "memory-limit", "checkpoint session memory-limit", SRP_MEMORY_MIB, false,
		    show_defaults);
	if (recovery && strcmp(recovery, "aggressive") == 0)
		vty_out(vty, " standby database-recovery aggressive\n");
	if (cleanup && strcmp(cleanup, "true") == 0)
		vty_out(vty, " require graceful-cleanup-during-audit-failure\n");
}

void srp_show_audit(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *daily = srp_nb_leaf(dnode, "daily-start-time");

	if (daily)
		vty_out(vty, " audit daily-start-time %.2s %.2s\n", daily, daily + 3);
	show_number(vty, dnode, "periodicity", "audit periodicity", SRP_AUDIT_MIN_DEFAULT, true,
		    show_defaults);
}
