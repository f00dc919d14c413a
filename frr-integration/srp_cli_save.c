/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `write [file|memory]` and `copy running-config startup-config` of srpd.
 *
 * libfrr has these commands for every daemon, but checks nothing of what it writes: on a full disk it puts an
 * empty file in srpd.conf's place and says that all is well, and a gateway that starts from that has no addresses.
 * So ours are put in the place of its two commands while it installs them: taking them out afterwards, with
 * uninstall_element(), crashes in libfrr 8.4.
 *
 * The text is made in memory by libfrr's own `show running-config`; srp_save.c puts it into the file.
 */
#include "frr-integration/srp_cli.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "log.h"
#include "vty.h"

#include "frr-integration/srp_save.h"

/* The last line. libfrr does not say when it loses something, so it is looked whether this has arrived. */
#define LAST_LINE "!\n! srpd.conf ends here\n"

/* The running configuration, to a descriptor of which libfrr gets a copy. False: it was not made. */
static bool text_print(int fd)
{
	struct vty *vty = vty_new();
	char now[64] = "";
	time_t clock = time(NULL);
	struct tm tm;
	int result;

	if (localtime_r(&clock, &tm))
		strftime(now, sizeof(now), "%Y/%m/%d %H:%M:%S", &tm);
	vty->type = VTY_FILE;
	vty->node = ENABLE_NODE;
	vty->wfd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (vty->wfd < 0) {
		vty_close(vty);
		return false;
	}
	vty_out(vty, "!\n! srpd's configuration, saved %s\n!\n", now);
	result = cmd_execute(vty, "show running-config", NULL, 0);
	vty_out(vty, LAST_LINE);
	vty_close(vty); /* writes what is not written yet, and closes the copy */
	if (result == CMD_SUCCESS)
		return true;
	errno = EIO;
	return false;
}

/* All of the file at `fd`, malloc'd; NULL when it is not complete. */
static char *text_read(int fd, size_t *len)
{
	const size_t last_len = strlen(LAST_LINE);
	struct stat file;
	char *text;

	if (fstat(fd, &file) != 0)
		return NULL;
	*len = (size_t)file.st_size;
	text = malloc(*len + 1);
	if (text && *len >= last_len && pread(fd, text, *len, 0) == (ssize_t)*len &&
	    memcmp(text + *len - last_len, LAST_LINE, last_len) == 0)
		return text;
	free(text);
	errno = ENOMEM; /* what memory is to a file in memory */
	return NULL;
}

/* Returns a CMD_... result; on failure the file is as it was. */
static int save(struct vty *vty)
{
	const char *path = host_config_get();
	char error[256] = "";
	char *text = NULL;
	size_t len = 0;
	bool good;
	int fd;

	if (!path) {
		vty_out(vty, "%% The configuration was not saved: srpd was started without a file\n");
		return CMD_WARNING_CONFIG_FAILED;
	}
	fd = memfd_create("srpd.conf", MFD_CLOEXEC);
	if (fd >= 0 && text_print(fd))
		text = text_read(fd, &len);
	if (!text)
		snprintf(error, sizeof(error), "%s (making its text)", safe_strerror(errno));
	good = text && srp_save_file(path, text, len, error, sizeof(error));
	free(text);
	if (fd >= 0)
		close(fd);
	if (good) {
		vty_out(vty, "Configuration saved to %s\n", path);
		return CMD_SUCCESS;
	}
	vty_out(vty, "%% %s was not written: %s\n", path, error);
	zlog_err("%s was not written: %s", path, error);
	return CMD_WARNING_CONFIG_FAILED;
}

/* --- in libfrr's place ----------------------------------------------------------------------------- */

static struct replaced {
	struct cmd_element element; /* ours; first, so that the function finds the rest */
	const struct cmd_element *original;
} replaced[2];

static const char *const begins[array_size(replaced)] = {"write [", "copy running-config startup-config"};

static int save_command(const struct cmd_element *self, struct vty *vty, int argc, struct cmd_token *argv[])
{
	const struct replaced *ours = (const void *)self;

	/* `write terminal` is one command with `write file`, and as ever. */
	if (argc == 2 && strcmp(argv[1]->text, "terminal") == 0)
		return ours->original->func(ours->original, vty, argc, argv);
	return save(vty);
}

/* libfrr calls this one, because the program's definition goes before the library's. */
void _install_element(enum node_type node, const struct cmd_element *element)
{
	static void (*real)(enum node_type, const struct cmd_element *);

	if (!real)
		real = (void (*)(enum node_type, const struct cmd_element *))dlsym(RTLD_NEXT,
										   "_install_element");
	if (!real)
		abort(); /* this function is libfrr's */
	for (size_t i = 0; node == ENABLE_NODE && i < array_size(replaced); i++) {
		if (replaced[i].original || strncmp(element->string, begins[i], strlen(begins[i])) != 0)
			continue;
		replaced[i].original = element;
		replaced[i].element = *element;
		replaced[i].element.func = save_command;
		element = &replaced[i].element;
		break;
	}
	real(node, element);
}

void srp_cli_save_check(void)
{
	for (size_t i = 0; i < array_size(replaced); i++)
		if (!replaced[i].original)
			zlog_warn("\"%s\" is libfrr's own, and may lose srpd.conf on a full disk", begins[i]);
}
