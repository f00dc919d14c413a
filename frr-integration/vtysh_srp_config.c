/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpd's part of the configuration in vtysh.
 *
 * srpd's configuration lives in srpd.conf and nowhere else. vtysh, which for its own daemons collects the
 * running configuration from all of them into one text (shown, or written to frr.conf), knows no such
 * daemon. So the commands that do this are wrapped: while vtysh's own function runs, srpd is hidden from
 * it, and before or after that srpd is asked over a connection of our own.
 *
 *   show running-config, write terminal   srpd's nodes are shown first, in full, each with its `exit`
 *     ... no-header                       without srpd: this form is what tools take for frr.conf's content
 *                                         (frr-reload.py compares the two, and would take our lines apart)
 *     ... srpd [no-header]                srpd's part alone
 *     ... DAEMON                          as ever
 *   write [memory|file], copy running-config startup-config
 *                                         as ever, and srpd writes srpd.conf, whether the rest goes to
 *                                         frr.conf or to one file per daemon
 *   vtysh -w                              as ever: it is about frr.conf alone (see vtysh_srp.c)
 *
 * An srpd that is not running has nothing to show or to save, and nothing is said of it. One that is there and
 * does not answer, or refuses, has: that is one line, and `write` fails.
 */
#include "frr-integration/compat.h"

#include <errno.h>
#include <string.h>

#include "command.h"
#include "vty.h"

#include "frr-integration/vty_client.h"
#include "frr-integration/vtysh_srp.h"

/* More than any configuration has; what comes after is a fault of srpd and not shown. */
#define VTYSH_SRP_CONFIG_MAX (4U * 1024 * 1024)

/* vtysh's commands that we stand before. */
enum vtysh_srp_wrapped_kind { VTYSH_SRP_SHOWS, VTYSH_SRP_SAVES };

struct vtysh_srp_wrapped {
	struct cmd_element element;         /* ours; first, so that its functions find the rest */
	const struct cmd_element *original; /* vtysh's; NULL: slot unused */
	enum node_type node;
	enum vtysh_srp_wrapped_kind kind;
};

static struct vtysh_srp_wrapped vtysh_srp_wrapped[16];

/* --- asking srpd -------------------------------------------------------------------------------------- */

/* Run one privileged command in srpd. As vty_client_run(), with the errors of vty_client_open() too. */
static int vtysh_srp_ask(const char *line, vty_client_text_cb *text_cb, void *arg)
{
	const char *path = vtysh_srp_socket();
	struct vty_client client;
	int result;

	if (!path)
		return -ENAMETOOLONG;
	result = vty_client_open(&client, path, VTYSH_SRP_START_MSEC);
	if (result == 0)
		result = vty_client_run(&client, "enable", NULL, NULL);
	if (result == 0)
		result = vty_client_limit(&client, VTYSH_SRP_CONFIG_MSEC);
	if (result == 0)
		result = vty_client_run(&client, line, text_cb, arg);
	vty_client_close(&client);
	return result;
}

/* Whether srpd is to be asked: by this vtysh (not with -d for another daemon), and as far as it knew there was one. */
static bool vtysh_srp_is_there(void)
{
	return vtysh_srp_client && (vtysh_srp_client->fd != -1 || vtysh_srp_was_stuck);
}

/* What an error of vtysh_srp_ask() means to an operator. */
static const char *vtysh_srp_why(int error)
{
	return error == -ETIMEDOUT ? "srpd does not answer" : strerror(-error);
}

/* A configuration on its way from srpd to vtysh, cut into lines. */
struct vtysh_srp_reader {
	char line[VTY_CLIENT_LINE_MAX];
	size_t line_len;
	size_t total;    /* octets so far */
	bool is_in_node; /* in one of our nodes */
	bool has_node;   /* or after one */
	bool is_cut;     /* something did not fit */
};

/*
 * One line. vtysh knows what to do with lines that all daemons have (logging, host name), but not with our
 * nodes: those go as they are to the top of the text that it will print.
 */
static void vtysh_srp_read_line(struct vtysh_srp_reader *reader, const char *line)
{
	bool is_indented = line[0] == ' ';

	if (line[0] == '\0' || line[0] == '!' || line[0] == '#')
		return;
	if (reader->is_in_node && (is_indented || strcmp(line, "exit") == 0)) {
		config_add_line(config_top, line);
		if (!is_indented) {
			config_add_line(config_top, "!");
			reader->is_in_node = false;
		}
		return;
	}
	if (reader->is_in_node)
		config_add_line(config_top, "!");
	reader->is_in_node = vtysh_srp_opens_node(line);
	if (!reader->is_in_node) {
		vtysh_config_parse_line(NULL, line);
		return;
	}
	if (!reader->has_node)
		config_add_line(config_top, "!");
	reader->has_node = true;
	config_add_line(config_top, line);
}

static void vtysh_srp_read_text(void *arg, const char *text, size_t len)
{
	struct vtysh_srp_reader *reader = arg;

	for (size_t i = 0; i < len; i++) {
		if (reader->total++ >= VTYSH_SRP_CONFIG_MAX) {
			reader->is_cut = true;
			return;
		}
		if (text[i] == '\n') {
			reader->line[reader->line_len] = '\0';
			reader->line_len = 0;
			vtysh_srp_read_line(reader, reader->line);
		} else if (reader->line_len < sizeof(reader->line) - 1) {
			reader->line[reader->line_len++] = text[i];
		} else {
			reader->is_cut = true;
		}
	}
}

/* Put srpd's running configuration into vtysh's. 0 or the error of vty_client. */
static int vtysh_srp_read_config(struct vty *vty)
{
	static struct vtysh_srp_reader reader;
	int result;

	memset(&reader, 0, sizeof(reader));
	result = vtysh_srp_ask("write terminal", vtysh_srp_read_text, &reader);
	if (reader.is_in_node)
		config_add_line(config_top, "!");
	if (reader.is_cut)
		vty_out(vty, "%% srpd's configuration is longer than can be shown\n");
	if (result && !vty_client_not_running(result))
		vty_out(vty, "%% srpd's configuration is missing here: %s\n",
			result < 0 ? vtysh_srp_why(result) : "srpd refused to show it");
	return result;
}

/* --- the wrapped commands ----------------------------------------------------------------------------- */

/* Run vtysh's own function while it has no srpd. */
static int vtysh_srp_run_original(const struct vtysh_srp_wrapped *wrapped, struct vty *vty, int argc,
				  struct cmd_token *argv[])
{
	int saved, result;

	if (!vtysh_srp_client)
		return wrapped->original->func(wrapped->original, vty, argc, argv);
	saved = vtysh_srp_client->fd;
	vtysh_srp_client->fd = -1;
	result = wrapped->original->func(wrapped->original, vty, argc, argv);
	vtysh_srp_client->fd = saved;
	return result;
}

/* write terminal [DAEMON] [no-header] */
static int vtysh_srp_show_config(const struct cmd_element *self, struct vty *vty, int argc,
				 struct cmd_token *argv[])
{
	const struct vtysh_srp_wrapped *wrapped = (const void *)self;
	bool has_header = argc < 1 || strcmp(argv[argc - 1]->text, "no-header") != 0;
	const char *daemon = argc - !has_header > 2 ? argv[2]->text : NULL;
	bool is_ours = daemon && strcmp(daemon, "srpd") == 0;

	if (vtysh_srp_client && (is_ours || (!daemon && has_header && vtysh_srp_is_there()))) {
		int result = vtysh_srp_read_config(vty);

		if (is_ours && result) {
			if (vty_client_not_running(result))
				fprintf(stderr, "srpd is not running\n");
			return CMD_ERR_NO_DAEMON;
		}
	}
	return vtysh_srp_run_original(wrapped, vty, argc, argv);
}

/* What srpd says while it saves. */
struct vtysh_srp_printer {
	struct vty *vty;
	bool has_text;
};

static void vtysh_srp_print(void *arg, const char *text, size_t len)
{
	struct vtysh_srp_printer *printer = arg;

	printer->has_text = true;
	vty_out(printer->vty, "%.*s", (int)len, text);
}

/* write memory */
static int vtysh_srp_save_config(const struct cmd_element *self, struct vty *vty, int argc,
				 struct cmd_token *argv[])
{
	int ret = vtysh_srp_run_original((const void *)self, vty, argc, argv);
	struct vtysh_srp_printer printer = {.vty = vty};
	int result;

	if (!vtysh_srp_is_there())
		return ret;
	result = vtysh_srp_ask("write memory", vtysh_srp_print, &printer);
	if (result == CMD_SUCCESS || vty_client_not_running(result))
		return ret;
	if (result < 0)
		vty_out(vty, "%% srpd.conf was not written: %s\n", vtysh_srp_why(result));
	else if (!printer.has_text)
		vty_out(vty, "%% srpd.conf was not written\n");
	return CMD_WARNING_CONFIG_FAILED;
}

/* --- getting in front of them ------------------------------------------------------------------------- */

/* Fill a free slot; NULL when there is none. */
static struct vtysh_srp_wrapped *vtysh_srp_wrap(enum node_type node, const struct cmd_element *original,
						enum vtysh_srp_wrapped_kind kind)
{
	for (size_t i = 0; i < array_size(vtysh_srp_wrapped); i++) {
		struct vtysh_srp_wrapped *wrapped = &vtysh_srp_wrapped[i];

		if (wrapped->original)
			continue;
		wrapped->element = *original;
		wrapped->element.func =
			kind == VTYSH_SRP_SHOWS ? vtysh_srp_show_config : vtysh_srp_save_config;
		wrapped->original = original;
		wrapped->node = node;
		wrapped->kind = kind;
		return wrapped;
	}
	return NULL;
}

const struct cmd_element *vtysh_srp_config_wrap(enum node_type node, const struct cmd_element *element)
{
	static const struct {
		const char *begin; /* of the command's string; what follows differs by version and build */
		enum vtysh_srp_wrapped_kind kind;
	} wanted[] = {
		{"show running-config [", VTYSH_SRP_SHOWS},
		{"write terminal [", VTYSH_SRP_SHOWS},
		{"write [<memory|file>]", VTYSH_SRP_SAVES},
		{"copy running-config startup-config", VTYSH_SRP_SAVES},
	};
	struct vtysh_srp_wrapped *wrapped;

	/* libfrr installs what goes into the view node once more, by our name: that is ours already. */
	if (element >= &vtysh_srp_wrapped[0].element &&
	    element < &vtysh_srp_wrapped[array_size(vtysh_srp_wrapped)].element)
		return element;
	for (size_t i = 0; i < array_size(wanted); i++) {
		if (element->daemon || !element->func ||
		    strncmp(element->string, wanted[i].begin, strlen(wanted[i].begin)) != 0)
			continue;
		wrapped = vtysh_srp_wrap(node, element, wanted[i].kind);
		return wrapped ? &wrapped->element : element;
	}
	return element;
}

void vtysh_srp_config_install(void)
{
	const size_t count = array_size(vtysh_srp_wrapped);

	for (size_t i = 0; i < count; i++) {
		const struct vtysh_srp_wrapped *shown = &vtysh_srp_wrapped[i];
		struct vtysh_srp_wrapped *ours;
		bool is_write;

		/* Those with a node name are the ones that are added here. */
		if (!shown->original || shown->kind != VTYSH_SRP_SHOWS ||
		    strstr(shown->element.string, " srpd "))
			continue;
		ours = vtysh_srp_wrap(shown->node, shown->original, VTYSH_SRP_SHOWS);
		if (!ours)
			return;
		is_write = strncmp(shown->element.string, "write", 5) == 0;
		ours->element.string =
			is_write ? "write terminal srpd [no-header]" : "show running-config srpd [no-header]";
		ours->element.doc = is_write ? "Write running configuration to memory, network, or terminal\n"
					       "Write to terminal\n"
					       "For the Service Redundancy Protocol daemon\n"
					       "Skip \"Building configuration...\" header\n"
					     : "Show running system information\n"
					       "Current operating configuration\n"
					       "For the Service Redundancy Protocol daemon\n"
					       "Skip \"Building configuration...\" header\n";
		vtysh_srp_install(ours->node, &ours->element);
	}
}
