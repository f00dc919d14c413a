/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration commands of the peer link: its ends, how its packets are marked, how the peer is known; and
 * how they are written again. As in srp_cli.c each is one edit of the candidate. The files of the keys are not
 * looked at here: srp_link_configure() reads them, and without them there is no link.
 */
#include "frr-integration/srp_cli.h"

#include "northbound_cli.h"

#include "frr-integration/srp_nb.h"

/* --- ends -------------------------------------------------------------------------------------- */

/* `COMMAND A [secondary B]`, with A at argv[at]. */
static int set_end(struct vty *vty, const char *leaf, int at, int argc, struct cmd_token *argv[])
{
	const char *second = argc > at + 2 ? argv[at + 2]->arg : NULL;
	char path[64];

	snprintf(path, sizeof(path), "./%s", leaf);
	nb_cli_enqueue_change(vty, path, NB_OP_MODIFY, argv[at]->arg);
	snprintf(path, sizeof(path), "./secondary-%s", leaf);
	nb_cli_enqueue_change(vty, path, second ? NB_OP_MODIFY : NB_OP_DESTROY, second);
	return srp_nb_apply(vty);
}

static int reset_end(struct vty *vty, const char *leaf)
{
	char path[64];

	snprintf(path, sizeof(path), "./%s", leaf);
	nb_cli_enqueue_change(vty, path, NB_OP_DESTROY, NULL);
	snprintf(path, sizeof(path), "./secondary-%s", leaf);
	nb_cli_enqueue_change(vty, path, NB_OP_DESTROY, NULL);
	return srp_nb_apply(vty);
}

SRP_CMD(bind)
{
	return set_end(vty, "bind-address", 2, argc, argv);
}

SRP_CMD(no_bind)
{
	return reset_end(vty, "bind-address");
}

SRP_CMD(peer)
{
	return set_end(vty, "peer-address", 1, argc, argv);
}

SRP_CMD(no_peer)
{
	return reset_end(vty, "peer-address");
}

static void show_end(struct vty *vty, const char *line, const char *second, const struct lyd_node *dnode)
{
	const char *other = srp_nb_leaf(lyd_parent(dnode), second);

	vty_out(vty, " %s %s", line, lyd_get_value(dnode));
	if (other)
		vty_out(vty, " secondary %s", other);
	vty_out(vty, "\n");
}

void srp_show_bind(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	show_end(vty, "bind address", "secondary-bind-address", dnode);
}

void srp_show_peer(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	show_end(vty, "peer-ip-address", "secondary-peer-address", dnode);
}

/* --- DSCP -------------------------------------------------------------------------------------- */

SRP_CMD(dscp)
{
	char path[64];

	snprintf(path, sizeof(path), "./dscp-marking/%s", argv[1]->text);
	return srp_cli_set(vty, path, argv[2]->text);
}

SRP_CMD(no_dscp)
{
	char path[64];

	snprintf(path, sizeof(path), "./dscp-marking/%s", argv[2]->text);
	return srp_cli_reset(vty, path);
}

void srp_show_dscp(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	static const char *const kinds[] = {"control", "session"};

	for (size_t i = 0; i < array_size(kinds); i++) {
		const char *value = srp_nb_leaf(dnode, kinds[i]);

		if (value && (show_defaults || strcmp(value, "be") != 0))
			vty_out(vty, " dscp-marking %s %s\n", kinds[i], value);
	}
}

/* --- authentication ---------------------------------------------------------------------------- */

#define AUTH "./authentication/"

/* The model says the same, but libfrr only mutters when an edit does not fit it. */
static bool is_file(struct vty *vty, const char *name)
{
	size_t len = strlen(name);

	if (name[0] == '/' && len > 1 && len < SRP_PATH_LEN &&
	    strspn(name, "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
			 "abcdefghijklmnopqrstuvwxyz{|}~") == len)
		return true;
	srp_cli_refuse(vty, "%s is not the absolute name of a file: / and up to %d more printable characters",
		       name, SRP_PATH_LEN - 2);
	return false;
}

static bool is_identity(struct vty *vty, const char *name)
{
	size_t len = strlen(name);

	if (len && len <= 253 &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-") == len)
		return true;
	srp_cli_refuse(vty, "%s is not a DNS name: up to 253 letters, digits, _, . and -", name);
	return false;
}

static void drop_certificate(struct vty *vty)
{
	nb_cli_enqueue_change(vty, AUTH "certificate", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, AUTH "key", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, AUTH "ca", NB_OP_DESTROY, NULL);
}

SRP_CMD(auth_psk)
{
	if (!is_file(vty, argv[2]->arg))
		return CMD_WARNING_CONFIG_FAILED;
	drop_certificate(vty);
	return srp_cli_set(vty, AUTH "psk-file", argv[2]->arg);
}

SRP_CMD(auth_certificate)
{
	for (int i = 2; i <= 6; i += 2)
		if (!is_file(vty, argv[i]->arg))
			return CMD_WARNING_CONFIG_FAILED;
	nb_cli_enqueue_change(vty, AUTH "psk-file", NB_OP_DESTROY, NULL);
	nb_cli_enqueue_change(vty, AUTH "certificate", NB_OP_MODIFY, argv[2]->arg);
	nb_cli_enqueue_change(vty, AUTH "key", NB_OP_MODIFY, argv[4]->arg);
	nb_cli_enqueue_change(vty, AUTH "ca", NB_OP_MODIFY, argv[6]->arg);
	return srp_nb_apply(vty);
}

SRP_CMD(auth_identity)
{
	if (!is_identity(vty, argv[2]->arg))
		return CMD_WARNING_CONFIG_FAILED;
	return srp_cli_set(vty, AUTH "peer-identity", argv[2]->arg);
}

SRP_CMD(auth_md5)
{
	if (!is_file(vty, argv[3]->arg))
		return CMD_WARNING_CONFIG_FAILED;
	return srp_cli_set(vty, AUTH "tcp-md5-key-file", argv[3]->arg);
}

SRP_CMD(no_auth_psk)
{
	return srp_cli_reset(vty, AUTH "psk-file");
}

SRP_CMD(no_auth_certificate)
{
	drop_certificate(vty);
	return srp_nb_apply(vty);
}

SRP_CMD(no_auth_identity)
{
	return srp_cli_reset(vty, AUTH "peer-identity");
}

SRP_CMD(no_auth_md5)
{
	return srp_cli_reset(vty, AUTH "tcp-md5-key-file");
}

SRP_CMD(insecure)
{
	return srp_cli_set(vty, AUTH "insecure", "true");
}

SRP_CMD(no_insecure)
{
	return srp_cli_reset(vty, AUTH "insecure");
}

void srp_show_authentication(struct vty *vty, const struct lyd_node *dnode, bool show_defaults)
{
	const char *psk = srp_nb_leaf(dnode, "psk-file"), *certificate = srp_nb_leaf(dnode, "certificate");
	const char *key = srp_nb_leaf(dnode, "key"), *ca = srp_nb_leaf(dnode, "ca");
	const char *peer = srp_nb_leaf(dnode, "peer-identity"), *md5 = srp_nb_leaf(dnode, "tcp-md5-key-file");
	const char *insecure = srp_nb_leaf(dnode, "insecure");

	if (psk)
		vty_out(vty, " authentication psk-file %s\n", psk);
	if (certificate && key && ca)
		vty_out(vty, " authentication certificate %s key %s ca %s\n", certificate, key, ca);
	if (peer)
		vty_out(vty, " authentication peer-identity %s\n", peer);
	if (md5)
		vty_out(vty, " authentication tcp-md5 key-file %s\n", md5);
	if (insecure && strcmp(insecure, "true") == 0)
		vty_out(vty, " insecure\n");
}
