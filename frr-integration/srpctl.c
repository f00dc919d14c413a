/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * srpctl: srpd's command line for hosts where vtysh may not be touched, and for scripts.
 *
 * It speaks to srpd's own vty socket and knows no command itself: whatever srpd understands works, in every
 * version of either. Only check-frr is its own: that has to work where srpd does not start. Without FRRouting's
 * libraries, so that it also runs where they are broken or being replaced.
 */
#include "srpd-config.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frr-integration/check_frr.h"
#include "frr-integration/vty_client.h"
#include "agent/vty_reply.h"

#ifndef SRP_VTYDIR
#define SRP_VTYDIR "/var/run/frr"
#endif

#define SRPCTL_TIMEOUT_SEC     10
#define SRPCTL_TIMEOUT_SEC_MAX 3600
#define SRPCTL_COMMANDS_MAX    256

enum srpctl_exit {
	SRPCTL_OK = 0,
	SRPCTL_FAILED = 1,      /* srpd refused a command, or went away while working on it */
	SRPCTL_USAGE = 2,       /* wrong options, or a file that cannot be read */
	SRPCTL_NOT_RUNNING = 3, /* nobody listens, or nobody who may be talked to */
};

struct srpctl {
	char path[256];
	unsigned int timeout_msec;
	const char *commands[SRPCTL_COMMANDS_MAX];
	unsigned int command_count;
	const char *file;
	bool user_mode;
	struct vty_client client;
};

static void srpctl_usage(FILE *to)
{
	fputs("usage: srpctl [OPTION]... [-c COMMAND]...\n"
	      "       srpctl [OPTION]... COMMAND WORD...\n"
	      "       srpctl [OPTION]... -f FILE\n"
	      "       srpctl [OPTION]... check-frr [--json] [--root DIR]\n"
	      "Run commands in srpd: show srp info, srp initiate-switchover, configure terminal, ...\n"
	      "Without a command they are read from standard input, one per line.\n"
	      "check-frr: say what keeps srpd and FRRouting on this host from working together.\n\n"
	      "  -c, --command COMMAND  run this command; several run one after the other until one fails\n"
	      "  -f, --inputfile FILE   apply the configuration in FILE (- is standard input)\n"
	      "  -N, --pathspace NS     talk to the srpd of this pathspace\n"
	      "      --vty_socket DIR   directory of the vty sockets (default " SRP_VTYDIR ")\n"
	      "  -t, --timeout SECONDS  longest silence of srpd, 1-3600 (default 10)\n"
	      "  -u, --user             stay unprivileged: show commands only\n"
	      "  -h, --help             this text\n"
	      "  -V, --version          print the version\n\n"
	      "Exit status: 0 done, 1 a command failed, 2 usage, 3 srpd is not running;\n"
	      "of check-frr: 0 all is well, 1 warnings, 2 usage, 4 errors.\n",
	      to);
}

static void srpctl_print(void *arg, const char *text, size_t len)
{
	fwrite(text, 1, len, arg);
}

/* Say why srpd could not be asked, and choose the exit status. */
static enum srpctl_exit srpctl_explain(const struct srpctl *ctl, int error, const char *command)
{
	if (vty_client_not_running(error)) {
		fprintf(stderr, "srpd is not running\n");
		return SRPCTL_NOT_RUNNING;
	}
	switch (-error) {
	case EACCES:
	case EPERM:
		fprintf(stderr, "srpctl: no right to use %s (it is open to the group frrvty)\n", ctl->path);
		return SRPCTL_NOT_RUNNING;
	case ENAMETOOLONG:
		fprintf(stderr, "srpctl: the path of the socket is too long: %s\n", ctl->path);
		return SRPCTL_USAGE;
	case E2BIG:
		fprintf(stderr, "srpctl: a command has at most %d characters\n", VTY_CLIENT_LINE_MAX - 1);
		return SRPCTL_FAILED;
	case ETIMEDOUT:
		fprintf(stderr, "srpctl: srpd does not answer%s%s\n", command ? ": " : "",
			command ? command : "");
		return SRPCTL_FAILED;
	case ECONNRESET:
		fprintf(stderr, "srpctl: srpd closed the connection%s%s\n", command ? ": " : "",
			command ? command : "");
		return SRPCTL_FAILED;
	case EPROTO:
		fprintf(stderr, "srpctl: %s does not answer like srpd\n", ctl->path);
		return SRPCTL_FAILED;
	default:
		fprintf(stderr, "srpctl: %s: %s\n", ctl->path, strerror(-error));
		return SRPCTL_FAILED;
	}
}

/* Run one command and print what it says. */
static enum srpctl_exit srpctl_run(struct srpctl *ctl, const char *command)
{
	int result = vty_client_run(&ctl->client, command, srpctl_print, stdout);

	fflush(stdout);
	if (result < 0)
		return srpctl_explain(ctl, result, command);
	return result == VTY_RESULT_SUCCESS ? SRPCTL_OK : SRPCTL_FAILED;
}

/* Blank lines and comments do nothing; "end" would leave the configuration in the middle of a file. */
static bool srpctl_is_void(const char *line, bool is_config)
{
	line += strspn(line, " \t");
	if (*line == '\0' || *line == '!' || *line == '#')
		return true;
	return is_config && strncmp(line, "end", 3) == 0 && line[3 + strspn(line + 3, " \t")] == '\0';
}

/*
 * Commands line by line, from a file or a person. A file ends with its first failing line, which is named:
 * what follows might otherwise end up in the wrong place. A person only gets the answer and goes on.
 */
static enum srpctl_exit srpctl_run_lines(struct srpctl *ctl, FILE *from, const char *name, bool is_config)
{
	bool is_person = !is_config && isatty(fileno(from));
	char line[VTY_CLIENT_LINE_MAX + 1]; /* room for a newline */
	unsigned int number = 0;
	enum srpctl_exit status = SRPCTL_OK;

	while (true) {
		size_t len;

		if (is_person) {
			fputs("srpd# ", stdout);
			fflush(stdout);
		}
		if (!fgets(line, sizeof(line), from))
			break;
		number++;
		len = strlen(line);
		if (len && line[len - 1] == '\n') {
			line[--len] = '\0';
			if (len && line[len - 1] == '\r')
				line[--len] = '\0';
		} else if (!feof(from)) {
			fprintf(stderr, "srpctl: %s:%u: the line is too long or holds a NUL\n", name, number);
			return SRPCTL_FAILED;
		}
		if (srpctl_is_void(line, is_config))
			continue;
		status = srpctl_run(ctl, line);
		if (status == SRPCTL_OK)
			continue;
		if (!is_person) {
			fprintf(stderr, "srpctl: %s:%u: failed: %s\n", name, number, line);
			return status;
		}
		if (ctl->client.fd < 0)
			return status;
	}
	if (ferror(from)) {
		fprintf(stderr, "srpctl: %s: %s\n", name, strerror(errno));
		return SRPCTL_USAGE;
	}
	if (is_person)
		putchar('\n');
	return is_person ? SRPCTL_OK : status;
}

static enum srpctl_exit srpctl_run_file(struct srpctl *ctl)
{
	bool is_stdin = strcmp(ctl->file, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(ctl->file, "re");
	enum srpctl_exit status;

	if (!from) {
		fprintf(stderr, "srpctl: %s: %s\n", ctl->file, strerror(errno));
		return SRPCTL_USAGE;
	}
	status = srpctl_run(ctl, "configure terminal");
	if (status == SRPCTL_OK)
		status = srpctl_run_lines(ctl, from, is_stdin ? "standard input" : ctl->file, true);
	if (!is_stdin)
		fclose(from);
	return status;
}

static enum srpctl_exit srpctl_run_all(struct srpctl *ctl)
{
	enum srpctl_exit status = SRPCTL_OK;
	int error = vty_client_open(&ctl->client, ctl->path, ctl->timeout_msec);

	if (error)
		return srpctl_explain(ctl, error, NULL);
	if (!ctl->user_mode)
		status = srpctl_run(ctl, "enable");
	if (status == SRPCTL_OK && ctl->file)
		status = srpctl_run_file(ctl);
	else if (status == SRPCTL_OK && !ctl->command_count)
		status = srpctl_run_lines(ctl, stdin, "standard input", false);
	for (unsigned int i = 0; i < ctl->command_count && status == SRPCTL_OK; i++)
		status = srpctl_run(ctl, ctl->commands[i]);
	vty_client_close(&ctl->client);
	return status;
}

/* The words of the command line as one command, in 'line'. False when they do not fit. */
static bool srpctl_join(char line[static VTY_CLIENT_LINE_MAX], char **words)
{
	size_t used = 0;

	for (; *words; words++) {
		int len = snprintf(line + used, VTY_CLIENT_LINE_MAX - used, "%s%s", used ? " " : "", *words);

		if (len < 0 || (size_t)len >= VTY_CLIENT_LINE_MAX - used)
			return false;
		used += (size_t)len;
	}
	return true;
}

static bool srpctl_add_command(struct srpctl *ctl, const char *command)
{
	if (ctl->command_count == SRPCTL_COMMANDS_MAX) {
		fprintf(stderr, "srpctl: at most %d commands\n", SRPCTL_COMMANDS_MAX);
		return false;
	}
	ctl->commands[ctl->command_count++] = command;
	return true;
}

/* Where srpd listens; the same rules as vtysh's. False when it cannot be. */
static bool srpctl_set_path(struct srpctl *ctl, const char *dir, const char *pathspace)
{
	int len;

	if (pathspace && (!*pathspace || strpbrk(pathspace, "/."))) {
		fprintf(stderr, "srpctl: a pathspace has no slashes or dots\n");
		return false;
	}
	len = snprintf(ctl->path, sizeof(ctl->path), "%s%s%s/srpd.vty", dir, pathspace ? "/" : "",
		       pathspace ? pathspace : "");
	if (len < 0 || (size_t)len >= sizeof(ctl->path)) {
		fprintf(stderr, "srpctl: the path of the socket is too long\n");
		return false;
	}
	return true;
}

static bool srpctl_set_timeout(struct srpctl *ctl, const char *text)
{
	char *end;
	unsigned long seconds = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || seconds < 1 || seconds > SRPCTL_TIMEOUT_SEC_MAX) {
		fprintf(stderr, "srpctl: the timeout is 1-%d seconds\n", SRPCTL_TIMEOUT_SEC_MAX);
		return false;
	}
	ctl->timeout_msec = (unsigned int)seconds * 1000;
	return true;
}

int main(int argc, char **argv)
{
	enum { OPTION_VTY_SOCKET = 256 };
	static const struct option options[] = {
		{"command", required_argument, NULL, 'c'},
		{"inputfile", required_argument, NULL, 'f'},
		{"pathspace", required_argument, NULL, 'N'},
		{"vty_socket", required_argument, NULL, OPTION_VTY_SOCKET},
		{"timeout", required_argument, NULL, 't'},
		{"user", no_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	static struct srpctl ctl = {.client = {.fd = -1}, .timeout_msec = SRPCTL_TIMEOUT_SEC * 1000};
	static char joined[VTY_CLIENT_LINE_MAX];
	struct check_frr_places places = {.root = "", .run_dir = SRP_VTYDIR};
	const char *dir = SRP_VTYDIR, *pathspace = NULL;
	int option;

	/* "+": the first word that is no option begins the command, whose own words are left alone. */
	while ((option = getopt_long(argc, argv, "+c:f:N:t:uhV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			if (!srpctl_add_command(&ctl, optarg))
				return SRPCTL_USAGE;
			break;
		case 'f':
			ctl.file = optarg;
			break;
		case 'N':
			pathspace = optarg;
			break;
		case OPTION_VTY_SOCKET:
			dir = optarg;
			places.run_dir_given = true;
			break;
		case 't':
			if (!srpctl_set_timeout(&ctl, optarg))
				return SRPCTL_USAGE;
			break;
		case 'u':
			ctl.user_mode = true;
			break;
		case 'h':
			srpctl_usage(stdout);
			return SRPCTL_OK;
		case 'V':
			puts("srpctl " PACKAGE_VERSION);
			return SRPCTL_OK;
		default:
			srpctl_usage(stderr);
			return SRPCTL_USAGE;
		}
	}
	if ((optind < argc) + (ctl.command_count > 0) + (ctl.file != NULL) > 1) {
		fprintf(stderr, "srpctl: -c, -f and a command in words exclude each other\n");
		return SRPCTL_USAGE;
	}
	if (!srpctl_set_path(&ctl, dir, pathspace))
		return SRPCTL_USAGE;
	if (optind < argc && strcmp(argv[optind], "check-frr") == 0) {
		places.run_dir = dir;
		places.pathspace = pathspace;
		places.timeout_msec = ctl.timeout_msec;
		return check_frr_main(&places, argv + optind + 1);
	}
	if (optind < argc) {
		if (!srpctl_join(joined, argv + optind)) {
			srpctl_explain(&ctl, -E2BIG, NULL);
			return SRPCTL_USAGE;
		}
		srpctl_add_command(&ctl, joined);
	}
	return srpctl_run_all(&ctl);
}
