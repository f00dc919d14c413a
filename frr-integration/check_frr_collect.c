/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of check-frr: files below a root, daemons on their vty sockets, the kernel's settings. Nothing is
 * judged here, nothing is changed, and what cannot be had stays unknown.
 *
 * With another root nothing of the running host is looked at but what is below it: no processes, no interfaces.
 */
#include "srpd-config.h"

#include "frr-integration/check_frr_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frr-integration/vty_client.h"

#define FILE_MAX   (16u << 20) /* bytes of a file */
#define ANSWER_MAX (64u << 20) /* of an answer: thousands of neighbours and lists */
#define DROPINS    64          /* files of one folder */
#define LINKS_MAX  4096
#define FRR_USER   "frr"

__attribute__((format(printf, 1, 2))) static char *format(const char *pattern, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, pattern);
	if (vasprintf(&text, pattern, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

/* The first `max` bytes of a regular file (or of one in /proc), NUL-terminated; NULL with errno. `len` may be NULL. */
static char *read_text(const char *path, size_t max, size_t *len)
{
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	char *text = NULL;
	size_t used = 0, size = 0;
	struct stat status;
	ssize_t got = -1;
	int error;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode))
		errno = EINVAL;
	else
		do {
			if (used + 1 >= size) {
				char *more = realloc(text, size = size ? size * 2 : 8192);

				if (!more) {
					got = -1;
					break;
				}
				text = more;
			}
			got = read(fd, text + used,
				   size - used - 1 < max - used ? size - used - 1 : max - used);
			if (got > 0)
				used += (size_t)got;
		} while (got > 0 && used < max);
	error = errno;
	close(fd);
	errno = error;
	if (got < 0) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	if (len)
		*len = used;
	return text;
}

/* `text` with the contents of a file behind it, if there are any. */
static void append_file(char **text, char *path)
{
	char *more = read_text(path, FILE_MAX, NULL);
	char *both = more ? format("%s%s\n", *text ? *text : "", more) : NULL;

	if (both) {
		free(*text);
		*text = both;
	}
	free(more);
	free(path);
}

static void stat_file(struct check_frr_file *file, const char *path)
{
	struct stat status;

	if (!path || stat(path, &status)) {
		file->error = path ? errno : ENOMEM;
		return;
	}
	file->found = true;
	file->mode = status.st_mode;
	file->uid = status.st_uid;
	file->gid = status.st_gid;
}

static void take_file(const struct check_frr_facts *facts, struct check_frr_file *file, const char *name)
{
	char *path = format("%s/%s", facts->etc, name);

	stat_file(file, path);
	if (file->found) {
		file->text = read_text(path, FILE_MAX, NULL);
		file->error = file->text ? 0 : errno;
	}
	free(path);
}

static int read_number(char *path)
{
	char *text = read_text(path, 32, NULL), *end = text;
	long number = text ? strtol(text, &end, 10) : -1;

	number = end != text && number >= 0 && number <= 1000 ? number : -1;
	free(text);
	free(path);
	return (int)number;
}

/* --- Daemons ---------------------------------------------------------------------------------- */

struct answer {
	char *text;
	size_t len, size;
	bool failed;
};

static void take_answer(void *arg, const char *text, size_t len)
{
	struct answer *answer = arg;

	if (answer->failed || answer->len + len + 1 > ANSWER_MAX) {
		answer->failed = true;
		return;
	}
	if (answer->len + len + 1 > answer->size) {
		size_t size = (answer->len + len + 1) * 2;
		char *more = realloc(answer->text, size);

		if (!more) {
			answer->failed = true;
			return;
		}
		answer->text = more;
		answer->size = size;
	}
	memcpy(answer->text + answer->len, text, len);
	answer->len += len;
	answer->text[answer->len] = '\0';
}

/* The answer to a command, or NULL. `error` is set to a negative errno when the daemon cannot be asked. */
static char *ask(struct vty_client *client, const char *command, int *error)
{
	struct answer answer = {0};
	int result = client->fd < 0 ? *error : vty_client_run(client, command, take_answer, &answer);

	if (result < 0)
		*error = result;
	if (result == 0 && !answer.failed && answer.text)
		return answer.text;
	free(answer.text);
	return NULL;
}

/* The command line of the process in NAME.pid, when it is one of that name. */
static char *daemon_arguments(const char *dir, const char *name)
{
	char *path = format("%s/%s.pid", dir, name), *pid_text = read_text(path, 32, NULL), *text = NULL;
	long pid = pid_text ? strtol(pid_text, NULL, 10) : 0;
	size_t len = 0;

	free(path);
	free(pid_text);
	if (pid <= 0)
		return NULL;
	path = format("/proc/%ld/cmdline", pid);
	text = read_text(path, 8192, &len);
	free(path);
	for (size_t i = 0; text && i + 1 < len; i++)
		if (!text[i])
			text[i] = ' ';
	if (text && !strstr(text, name)) {
		free(text);
		text = NULL;
	}
	return text;
}

static void take_daemon(const struct check_frr_places *places, const char *dir, const char *name,
			struct check_frr_daemon *daemon, char **info)
{
	char *path = format("%s/%s.vty", dir, name);
	struct vty_client client = {.fd = -1};

	daemon->error = path ? vty_client_open(&client, path, places->timeout_msec) : -ENOMEM;
	free(path);
	if (!daemon->error) {
		free(ask(&client, "enable", &daemon->error));
		daemon->config = ask(&client, "show running-config", &daemon->error);
		daemon->modules = ask(&client, "show modules", &daemon->error);
		if (info)
			*info = ask(&client, "show srp info json", &daemon->error);
		if (!places->root[0])
			daemon->arguments = daemon_arguments(dir, name);
	}
	vty_client_close(&client);
}

/* What the programs on disk say they are: another than runs, between an update and a restart. */
static char *installed_version(void)
{
	char line[256] = "", version[64];
	FILE *from = popen("/usr/lib/frr/bgpd --version 2>/dev/null", "re");

	if (!from)
		return NULL;
	if (!fgets(line, sizeof(line), from))
		line[0] = '\0';
	pclose(from);
	return sscanf(line, "bgpd version %63[0-9.]", version) == 1 ? strdup(version) : NULL;
}

/* --- Users, vtysh ------------------------------------------------------------------------------ */

/* What this installation is for, and whether the module is where bgpd looks for it. */
static void take_build(const char *root, struct check_frr_facts *facts)
{
#ifdef SRP_BUILT_FOR
	char *dir = format("%s%s", root, SRP_MODULE_DIR);
	char *stub = format("%s%s/bgpd_srp.so", root, SRP_MODULE_DIR);
	char *module = format("%s%s/bgpd_srp_impl.so", root, SRP_MODULE_DIR);

	facts->built_for = SRP_BUILT_FOR;
	/* Without the folder there is no FRRouting, but a copy of its configuration. */
	if (dir && stub && module && access(dir, F_OK) == 0)
		facts->module_dir = dir;
	else
		free(dir);
	facts->has_stub = stub && access(stub, F_OK) == 0;
	facts->has_module = module && access(module, F_OK) == 0;
	free(stub);
	free(module);
#else
	(void)root;
	(void)facts;
#endif
}

static void take_user(const char *root, struct check_frr_facts *facts)
{
	char *path = format("%s/etc/passwd", root);
	FILE *from = path ? fopen(path, "re") : NULL;
	struct passwd *user;
	struct group *group;

	free(path);
	while (from && (user = fgetpwent(from))) {
		if (strcmp(user->pw_name, FRR_USER) != 0)
			continue;
		facts->frr_user_known = true;
		facts->frr_uid = user->pw_uid;
		facts->frr_gids[facts->frr_gid_count++] = user->pw_gid;
		break;
	}
	if (from)
		fclose(from);
	path = format("%s/etc/group", root);
	from = path ? fopen(path, "re") : NULL;
	free(path);
	while (facts->frr_user_known && from && (group = fgetgrent(from)))
		for (char **member = group->gr_mem; *member; member++)
			if (strcmp(*member, FRR_USER) == 0 && facts->frr_gid_count < CHECK_FRR_GROUPS_MAX)
				facts->frr_gids[facts->frr_gid_count++] = group->gr_gid;
	if (from)
		fclose(from);
}

/* As srp-vtysh-install tells them apart: a wrapper names the library that it preloads. */
static void take_vtysh(const char *root, struct check_frr_facts *facts)
{
	char *path = format("%s/usr/bin/vtysh", root), *distrib = format("%s/usr/bin/vtysh.distrib", root);
	size_t len;
	char *program = read_text(path, FILE_MAX, &len);
	bool wrapped = program && memmem(program, len, "vtysh_srp.so", strlen("vtysh_srp.so"));
	bool beside = distrib && access(distrib, F_OK) == 0;

	if (program || beside)
		facts->vtysh = wrapped != beside ? CHECK_FRR_VTYSH_DAMAGED
			       : wrapped         ? CHECK_FRR_VTYSH_WRAPPED
						 : CHECK_FRR_VTYSH_PLAIN;
	free(program);
	free(path);
	free(distrib);
}

/* --- networkd, iproute2 ------------------------------------------------------------------------ */

struct dropin {
	char *name, *path;
};

static int dropin_compare(const void *left, const void *right)
{
	return strcmp(((const struct dropin *)left)->name, ((const struct dropin *)right)->name);
}

/* The *.conf files of a folder beside those in `list`; a name that is there already stays. */
static size_t take_dropins(struct dropin *list, size_t count, const char *root, const char *folder)
{
	char *path = format("%s%s", root, folder);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;

	while (dir && count < DROPINS && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);
		bool known = len <= 5 || strcmp(entry->d_name + len - 5, ".conf") != 0;

		for (size_t i = 0; i < count && !known; i++)
			known = strcmp(list[i].name, entry->d_name) == 0;
		if (known)
			continue;
		list[count].name = strdup(entry->d_name);
		list[count].path = format("%s/%s", path, entry->d_name);
		if (!list[count].name || !list[count].path) {
			free(list[count].name);
			free(list[count].path);
			break;
		}
		count++;
	}
	if (dir)
		closedir(dir);
	free(path);
	return count;
}

/* A file of several possible folders, the first that has it, and then drop-ins of all of them, by name. */
static char *take_config(const char *root, const char *const *folders, const char *name, const char *dropins)
{
	struct dropin list[DROPINS] = {{NULL, NULL}};
	size_t count = 0;
	char *text = NULL, *folder;

	for (const char *const *at = folders; *at && !text; at++)
		append_file(&text, format("%s%s/%s", root, *at, name));
	for (const char *const *at = folders; *at; at++) {
		folder = format("%s/%s", *at, dropins);
		if (folder)
			count = take_dropins(list, count, root, folder);
		free(folder);
	}
	qsort(list, count, sizeof(list[0]), dropin_compare);
	for (size_t i = 0; i < count; i++) {
		append_file(&text, list[i].path);
		free(list[i].name);
	}
	return text;
}

/* Does a process of that name run in our network namespace? */
static bool runs(const char *name)
{
	struct stat ours, its;
	bool have_ours = stat("/proc/self/ns/net", &ours) == 0, found = false;
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		char *path, *comm;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		path = format("/proc/%s/comm", entry->d_name);
		comm = read_text(path, 32, NULL);
		free(path);
		if (comm && strncmp(comm, name, strlen(name)) == 0) {
			path = format("/proc/%s/ns/net", entry->d_name);
			/* Who may not look there takes it for one of ours. */
			found = !have_ours || !path || stat(path, &its) || its.st_ino == ours.st_ino;
			free(path);
		}
		free(comm);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void take_networkd(const char *root, struct check_frr_facts *facts)
{
	static const char *const folders[] = {"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd",
					      "/usr/lib/systemd", NULL};
	char *path = format("%s/etc/systemd/system/multi-user.target.wants/systemd-networkd.service", root);
	struct stat status;
	bool enabled = path && lstat(path, &status) == 0;

	free(path);
	if (root[0])
		facts->networkd = enabled;
	else /* Enabled counts only where systemd is what starts things. */
		facts->networkd =
			(enabled && access("/run/systemd/system", F_OK) == 0) || runs("systemd-network");
	facts->networkd_conf = take_config(root, folders, "networkd.conf", "networkd.conf.d");
}

/* --- Kernel ------------------------------------------------------------------------------------ */

/* A VRF's driver is "vrf", whatever network namespace /sys shows. */
static bool is_vrf(int fd, const char *name)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq request = {.ifr_data = (char *)&info};

	strncpy(request.ifr_name, name, sizeof(request.ifr_name) - 1);
	return ioctl(fd, SIOCETHTOOL, &request) == 0 && strncmp(info.driver, "vrf", sizeof(info.driver)) == 0;
}

static void take_links(struct check_frr_facts *facts)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *names = fd < 0 ? NULL : if_nameindex();

	for (struct if_nameindex *at = names; at && at->if_index; at++) {
		void *list = facts->links;
		struct check_frr_link *link =
			check_conf_append(&list, &facts->link_count, sizeof(*link), LINKS_MAX);

		facts->links = list;
		if (!link)
			break;
		link->name = strdup(at->if_name);
		if (!link->name) {
			facts->link_count--;
			break;
		}
		link->is_vrf = is_vrf(fd, at->if_name);
		link->rp_filter = read_number(format("/proc/sys/net/ipv4/conf/%s/rp_filter", at->if_name));
	}
	facts->links_known = names != NULL;
	if (names)
		if_freenameindex(names);
	if (fd >= 0)
		close(fd);
}

/* The files with keys are not read: their owner and mode are what matters. */
static void take_keys(const char *root, struct check_frr_facts *facts)
{
	const char *text = facts->srpd.config ? facts->srpd.config : facts->srpd_conf.text;
	struct check_srp_conf srp;

	check_srp_conf_read(&srp, text ? text : "");
	for (size_t i = 0; i < srp.key_count; i++) {
		char *path = format("%s%s", root, srp.keys[i].path);

		if (!path)
			break;
		facts->keys[i].path = path;
		facts->keys[i].secret = srp.keys[i].secret;
		stat_file(&facts->keys[i].file, path);
	}
	check_srp_conf_clear(&srp);
}

void check_frr_collect(const struct check_frr_places *places, struct check_frr_facts *facts)
{
	static const char *const iproute2[] = {"/etc/iproute2", "/usr/share/iproute2", "/usr/lib/iproute2",
					       NULL};
	const char *root = places->root, *space = places->pathspace;
	char *dir = format("%s%s%s%s", places->run_dir_given ? "" : root, places->run_dir, space ? "/" : "",
			   space ? space : "");

	*facts = (struct check_frr_facts){.networkd = -1};
	facts->etc = format("%s/etc/frr%s%s", root, space ? "/" : "", space ? space : "");
	if (!facts->etc || !dir) {
		free(dir);
		return;
	}
	take_build(root, facts);
	take_file(facts, &facts->daemons, "daemons");
	take_file(facts, &facts->frr_conf, "frr.conf");
	take_file(facts, &facts->bgpd_conf, "bgpd.conf");
	take_file(facts, &facts->srpd_conf, "srpd.conf");
	stat_file(&facts->etc_dir, facts->etc);
	take_daemon(places, dir, "bgpd", &facts->bgpd, NULL);
	take_daemon(places, dir, "srpd", &facts->srpd, &facts->srp_info);
	free(dir);
	take_user(root, facts);
	take_keys(root, facts);
	take_vtysh(root, facts);
	take_networkd(root, facts);
	facts->rt_protos = take_config(root, iproute2, "rt_protos", "rt_protos.d");
	facts->ip_forward = read_number(format("%s/proc/sys/net/ipv4/ip_forward", root));
	facts->ip6_forwarding = read_number(format("%s/proc/sys/net/ipv6/conf/all/forwarding", root));
	facts->rp_filter_all = read_number(format("%s/proc/sys/net/ipv4/conf/all/rp_filter", root));
	if (!root[0]) {
		take_links(facts);
		facts->installed_version = installed_version();
	}
}

static void daemon_clear(struct check_frr_daemon *daemon)
{
	free(daemon->config);
	free(daemon->modules);
	free(daemon->arguments);
}

void check_frr_facts_clear(struct check_frr_facts *facts)
{
	free(facts->etc);
	free(facts->daemons.text);
	free(facts->frr_conf.text);
	free(facts->bgpd_conf.text);
	free(facts->srpd_conf.text);
	daemon_clear(&facts->bgpd);
	daemon_clear(&facts->srpd);
	free(facts->srp_info);
	free(facts->installed_version);
	free(facts->module_dir);
	for (size_t i = 0; i < CHECK_FRR_KEYS_MAX; i++)
		free(facts->keys[i].path);
	free(facts->rt_protos);
	free(facts->networkd_conf);
	for (size_t i = 0; i < facts->link_count; i++)
		free(facts->links[i].name);
	free(facts->links);
	*facts = (struct check_frr_facts){0};
}

int check_frr_main(struct check_frr_places *places, char **words)
{
	struct check_frr_facts facts;
	struct check_frr_report report;
	bool is_json = false;
	char *text;
	int status;

	for (; *words; words++) {
		if (strcmp(*words, "--json") == 0 || strcmp(*words, "json") == 0) {
			is_json = true;
		} else if (strcmp(*words, "--root") == 0 && words[1]) {
			places->root = *++words;
			if (strcmp(places->root, "/") == 0)
				places->root = "";
		} else {
			fprintf(stderr,
				"usage: srpctl [-N NS] [--vty_socket DIR] [-t SECONDS] check-frr [--json] "
				"[--root DIR]\n");
			return 2;
		}
	}
	check_frr_collect(places, &facts);
	check_frr_run(&facts, &report);
	text = is_json ? check_frr_print_json(&report) : check_frr_print_text(&report);
	status = check_frr_exit(&report);
	if (text && is_json)
		puts(text);
	else if (text)
		fputs(text, stdout);
	else
		fprintf(stderr, "srpctl: out of memory\n");
	if (!text || fflush(stdout) || ferror(stdout))
		status = 2;
	free(text);
	check_frr_report_clear(&report);
	check_frr_facts_clear(&facts);
	return status;
}
