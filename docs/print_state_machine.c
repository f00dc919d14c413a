/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints docs/state-machine.md from the tables of agent/core/fsm.c. With a file name it compares instead:
 * exit 1 when the file says something else, so `make check` keeps the page true.
 *
 * To renew the page: `make docs/print_state_machine && docs/print_state_machine > .../docs/state-machine.md`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/core.h"

static void print_cell(FILE *out, enum srp_role role, enum srp_fsm_event event)
{
	struct srp_transition step = srp_fsm_step(role, event);
	const char *action = srp_action_name(step.action);

	if (!step.moves && !*action)
		fprintf(out, " · |");
	else if (!step.moves)
		fprintf(out, " %s |", action);
	else
		fprintf(out, " **%s**%s%s |", srp_role_name(step.next), *action ? ", " : "", action);
}

static void print_diagram(FILE *out)
{
	fprintf(out, "```mermaid\nstateDiagram-v2\n    [*] --> Init\n");
	for (int from = 0; from < SRP_ROLE_COUNT; from++) {
		for (int to = 0; to < SRP_ROLE_COUNT; to++) {
			const char *separator = " : ";

			for (int event = 0; event < SRP_EVENT_COUNT; event++) {
				struct srp_transition step =
					srp_fsm_step((enum srp_role)from, (enum srp_fsm_event)event);
				const char *from_name = srp_role_name((enum srp_role)from);

				if (!step.moves || step.next != (enum srp_role)to)
					continue;
				if (separator[1] == ':')
					/* Mermaid takes no hyphen in a name. */
					fprintf(out, "    %.*s%s --> %.*s%s", (int)strcspn(from_name, "-"),
						from_name,
						strchr(from_name, '-') ? strchr(from_name, '-') + 1 : "",
						(int)strcspn(srp_role_name(step.next), "-"),
						srp_role_name(step.next),
						strchr(srp_role_name(step.next), '-')
							? strchr(srp_role_name(step.next), '-') + 1
							: "");
				fprintf(out, "%s%s", separator, srp_event_name((enum srp_fsm_event)event));
				separator = ", ";
			}
			if (separator[1] != ':')
				fprintf(out, "\n");
		}
	}
	fprintf(out, "```\n");
}

/* What the roles wait for, and for how long. */
static void print_phases(FILE *out)
{
	static const struct {
		const char *role, *waits, *then;
	} words[] = {
		[SRP_PHASE_FLUSH] = {"Pending-Standby", "pending checkpoints to reach the peer",
				     "Active again"},
		[SRP_PHASE_REQUEST] = {"Pending-Standby", "the peer to take over", "Active again"},
		[SRP_PHASE_CONVERGE] = {"Pending-Standby",
					"make before break: the peer to announce, then the convergence-time",
					"Standby if the peer is Active, else Active again"},
		[SRP_PHASE_WITHDRAW] = {"Pending-Active", "the peer to withdraw", "announce all the same"},
		[SRP_PHASE_APPLY] = {"Pending-Active",
				     "kernel and bgpd, and make before break: the peer's longer path",
				     "Active"},
		[SRP_PHASE_POST] = {"Pending-Active, Active", "the old Active's accounting", "Active"},
		[SRP_PHASE_FLUSH_IMS] = {"Standby", "accounting of ims sessions to reach the peer",
					 "the next"},
		[SRP_PHASE_FLUSH_NON_IMS] = {"Standby", "accounting of all other sessions", "nothing more"},
	};

	fprintf(out, "## Phases\n\nWhat a role waits for in a switchover, and what follows when the time is "
		     "over.\n\n| phase | role | waits for | ms | then |\n|---|---|---|---|---|\n");
	for (int i = SRP_PHASE_NONE + 1; i < SRP_PHASE_COUNT; i++)
		fprintf(out, "| %s | %s | %s | %u | %s |\n", srp_phase_name((enum srp_phase)i), words[i].role,
			words[i].waits, srp_phase_limit((enum srp_phase)i), words[i].then);
	fprintf(out, "\n");
}

static void print_page(FILE *out)
{
	static const char *const relations[] = {
		[SRP_REL_FINE] = "·",
		[SRP_REL_CONTEND] = "election",
		[SRP_REL_SERVING] = "peer-serving",
		[SRP_REL_RESTARTED] = "peer-restarted",
	};

	fprintf(out, "# State machine\n\n"
		     "Made from the tables of `agent/core/fsm.c` by `docs/print_state_machine`; `make check` "
		     "compares.\n\n"
		     "## Transitions\n\nRole across, event down. A dot: nothing happens.\n\n| event |");
	for (int role = 0; role < SRP_ROLE_COUNT; role++)
		fprintf(out, " %s |", srp_role_name((enum srp_role)role));
	fprintf(out, "\n|---|---|---|---|---|---|\n");
	for (int event = 0; event < SRP_EVENT_COUNT; event++) {
		fprintf(out, "| %s |", srp_event_name((enum srp_fsm_event)event));
		for (int role = 0; role < SRP_ROLE_COUNT; role++)
			print_cell(out, (enum srp_role)role, (enum srp_fsm_event)event);
		fprintf(out, "\n");
	}
	fprintf(out, "\n| event | means |\n|---|---|\n");
	for (int event = 0; event < SRP_EVENT_COUNT; event++)
		fprintf(out, "| %s | %s |\n", srp_event_name((enum srp_fsm_event)event),
			srp_event_meaning((enum srp_fsm_event)event));

	fprintf(out, "\n## What a hello means\n\nOwn role down, the peer's across. An election raises "
		     "`elected` or "
		     "`outranked`.\n\n| own \\ peer |");
	for (int role = 0; role < SRP_ROLE_COUNT; role++)
		fprintf(out, " %s |", srp_role_name((enum srp_role)role));
	fprintf(out, "\n|---|---|---|---|---|---|\n");
	for (int own = 0; own < SRP_ROLE_COUNT; own++) {
		fprintf(out, "| %s |", srp_role_name((enum srp_role)own));
		for (int peer = 0; peer < SRP_ROLE_COUNT; peer++)
			fprintf(out, " %s |",
				relations[srp_fsm_relation((enum srp_role)own, (enum srp_role)peer)]);
		fprintf(out, "\n");
	}

	fprintf(out,
		"\n## What a role wants\n\n| role | kernel objects | announcement |\n|---|---|---|\n"
		"| Init | as found (held) | as found (held) |\n"
		"| Standby | removed, %u ms after it served | withdrawn |\n"
		"| Pending-Active | installed | announced with the route modifier, but withheld in "
		"Peer-Withdrawal |\n"
		"| Active, Pending-Standby | installed | announced with the route modifier |\n\n",
		SRP_DRAIN_MSEC);
	print_phases(out);
	fprintf(out, "## Diagram\n\n");
	print_diagram(out);
}

int main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir");
	char *page = NULL, *stored;
	size_t size, got;
	char path[1024];
	FILE *out, *file;

	if (argc < 2 && !srcdir) {
		print_page(stdout);
		return 0;
	}
	/* Under `make check`, srcdir says where the page is. */
	snprintf(path, sizeof(path), "%s", argc > 1 ? argv[1] : "");
	if (argc < 2)
		snprintf(path, sizeof(path), "%s/docs/state-machine.md", srcdir);
	out = open_memstream(&page, &size);
	if (!out)
		return 1;
	print_page(out);
	fclose(out);
	file = fopen(path, "r");
	stored = calloc(1, size + 2);
	if (!file || !stored) {
		perror(path);
		return 1;
	}
	got = fread(stored, 1, size + 1, file);
	fclose(file);
	if (got != size || memcmp(stored, page, size) != 0) {
		fprintf(stderr, "%s is not what the tables say: print it anew\n", path);
		return 1;
	}
	free(stored);
	free(page);
	return 0;
}
