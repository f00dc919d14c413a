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

/* BGP peers are all the monitors there are, so `all` and `bgp` show the same. */
SRP_CMD(show_monitor)
{
	struct json_object *monitors = srp_agent_monitors(srp_daemon_agent());
	int rc = CMD_SUCCESS;

	if (wants_json(argc, argv))
		put_json(vty, monitors);
	else
		rc = put_text(vty, srp_text_monitors(monitors));
	json_object_put(monitors);
	return rc;
}

SRP_CMD(show_statistics)
{
	struct json_object *statistics = srp_agent_statistics(srp_daemon_agent());
	int rc = CMD_SUCCESS;

	if (wants_json(argc, argv))
		put_json(vty, statistics);
	else
		rc = put_text(vty, srp_text_statistics(statistics));
	json_object_put(statistics);
	return rc;
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
	struct json_object *result = srp_agent_validate_configuration(srp_daemon_agent());
	int rc = CMD_SUCCESS;

	if (wants_json(argc, argv))
		put_json(vty, result);
	else
		rc = put_text(vty, srp_text_validation(result));
	json_object_put(result);
	return rc;
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
