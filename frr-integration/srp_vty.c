/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands that show and do: `show srp ...`, `show configuration srp`, `srp ...`. */
#include "frr-integration/srp_cli.h"

#include <json-c/json.h>

#include "agent/agent.h"
#include "frr-integration/srp_daemon.h"
#include "frr-integration/srp_text.h"

/* Print `text`, which is freed; NULL means that there was no memory for it. */
static int put_text(struct vty *vty, char *text)
{
	if (!text) {
		vty_out(vty, "%% out of memory\n");
		return CMD_WARNING;
	}
	vty_out(vty, "%s", text);
	free(text);
	return CMD_SUCCESS;
}

static void put_json(struct vty *vty, struct json_object *object)
{
	vty_out(vty, "%s\n",
		json_object_to_json_string_ext(object,
					       JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static bool wants_json(int argc, struct cmd_token *argv[])
{
	return strmatch(argv[argc - 1]->text, "json");
}

SRP_CMD(show_info)
{
	struct json_object *info = srp_agent_info(srp_daemon_agent());
	int rc = CMD_SUCCESS;

	if (wants_json(argc, argv))
		put_json(vty, info);
	else
		rc = put_text(vty, srp_text_info(info, time(NULL)));
	json_object_put(info);
	return rc;
}

/* One of the forms of an object, which is freed. */
static int put_form(struct vty *vty, struct json_object *object, bool json,
		    char *(*text)(struct json_object *))
{
	int rc = CMD_SUCCESS;

	if (json)
		put_json(vty, object);
	else
		rc = put_text(vty, text(object));
	json_object_put(object);
	return rc;
}

/* BGP peers are all the monitors there are, so `all` and `bgp` show the same. */
SRP_CMD(show_monitor)
{
	return put_form(vty, srp_agent_monitors(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_monitors);
}

SRP_CMD(show_statistics)
{
	return put_form(vty, srp_agent_statistics(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_statistics);
}

SRP_CMD(show_history)
{
	return put_form(vty, srp_agent_history(srp_daemon_agent()), wants_json(argc, argv), srp_text_history);
}

/* `verbose`, `sessmgr all` and so on: each shows more of the same. */
SRP_CMD(show_checkpoint_statistics)
{
	bool json = wants_json(argc, argv);
	struct cmd_token *last = argv[argc - 1 - json];
	bool write_list = strmatch(last->text, "write-list-stats"),
	     debug = strmatch(last->text, "debug-info");
	bool plain = argc - json == 4;

	return put_form(vty, srp_agent_checkpoint_statistics(srp_daemon_agent()), json,
			plain        ? srp_text_checkpoint_statistics
			: write_list ? srp_text_checkpoint_write_list
			: debug      ? srp_text_checkpoint_debug
				     : srp_text_checkpoint_verbose);
}

SRP_CMD(show_checkpoint_info)
{
	return put_form(vty, srp_agent_checkpoint_info(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_checkpoint_info);
}

SRP_CMD(show_audit)
{
	return put_form(vty, srp_agent_audit_statistics(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_audit);
}

SRP_CMD(show_bgp_policy)
{
	const char *context = "default", *as = NULL;
	char error[128], *text;

	for (int i = 3; i + 1 < argc; i += 2)
		*(strcmp(argv[i]->text, "as") == 0 ? &as : &context) = argv[i + 1]->arg;
	text = srp_agent_bgp_policy(srp_daemon_agent(), context, as, error, sizeof(error));
	if (text)
		return put_text(vty, text);
	vty_out(vty, "%% %s\n", error);
	return CMD_WARNING;
}

SRP_CMD(show_call_loss)
{
	return put_form(vty, srp_agent_call_loss(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_call_loss);
}

SRP_CMD(show_configuration)
{
	srp_cli_write(vty);
	return CMD_SUCCESS;
}

/* A refusal, as the operator reads it. */
static int refuse(struct vty *vty, const char *error)
{
	vty_out(vty, "%% %s\n", error);
	return CMD_WARNING;
}

SRP_CMD(initiate_switchover)
{
	char error[256] = "";

	if (!srp_agent_initiate_switchover(srp_daemon_agent(), argc > 2, error, sizeof(error)))
		return refuse(vty, error);
	vty_out(vty, "Switchover initiated\n");
	return CMD_SUCCESS;
}

SRP_CMD(validate_switchover)
{
	srp_agent_validate_switchover(srp_daemon_agent());
	vty_out(vty, "Validation started: see Last Validate Switchover Status in show srp info\n");
	return CMD_SUCCESS;
}

SRP_CMD(terminate_post_process)
{
	char error[256] = "";

	if (!srp_agent_terminate_post_process(srp_daemon_agent(), error, sizeof(error)))
		return refuse(vty, error);
	vty_out(vty, "Post-process terminated\n");
	return CMD_SUCCESS;
}

SRP_CMD(validate_configuration)
{
	return put_form(vty, srp_agent_validate_configuration(srp_daemon_agent()), wants_json(argc, argv),
			srp_text_validation);
}

SRP_CMD(initiate_audit)
{
	char error[256] = "";

	if (!srp_agent_audit(srp_daemon_agent(), error, sizeof(error)))
		return refuse(vty, error);
	vty_out(vty, "Audit initiated: see show srp audit-statistics\n");
	return CMD_SUCCESS;
}

SRP_CMD(nack_cmd)
{
	srp_agent_set_nack(srp_daemon_agent(), (uint8_t)strtoul(argv[4]->arg, NULL, 10),
			   strmatch(argv[1]->text, "enable"));
	return CMD_SUCCESS;
}

SRP_CMD(clear_statistics)
{
	srp_agent_clear_statistics(srp_daemon_agent());
	return CMD_SUCCESS;
}

SRP_CMD(reset_auth_probe_fail)
{
	srp_agent_reset_failure(srp_daemon_agent(), SRP_FAMILY_AAA);
	return CMD_SUCCESS;
}

SRP_CMD(reset_diameter_fail)
{
	srp_agent_reset_failure(srp_daemon_agent(), SRP_FAMILY_DIAMETER);
	return CMD_SUCCESS;
}
