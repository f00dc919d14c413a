/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vtysh_srp.so: teaches the distribution's unmodified vtysh srpd's commands.
 *
 * vtysh knows its daemons from a table that is compiled in (vtysh_client[]) and its commands from tables that
 * are generated when it is built; there is no way to add to either, in any version. This library is preloaded
 * into vtysh (by vtysh_wrapper.c) and does two things:
 *
 *   - It provides three functions before libfrr and libc do, looks at what vtysh says through them, and calls
 *     the real ones: getopt_long() (in which mode vtysh runs), _install_element() (which commands it has) and
 *     vty_init_vtysh() (called when all commands are set up and no daemon is connected yet).
 *   - In vty_init_vtysh() it gives the table's entry of "sharpd", a test daemon that distributions do not
 *     ship, to srpd, and installs the commands of srp_commands.h for that entry.
 *
 * vtysh then does all the rest by itself, as for its own daemons: connecting in the right run directory
 * (-N, --vty_socket), passing lines on, completion, help, walking up the nodes, "srpd is not running".
 * Only where vtysh collects or saves configuration is srpd not one of its daemons: see vtysh_srp_config.c.
 *
 * Whatever is not as expected (another version of FRRouting, no table, a vtysh that has sharpd) makes the
 * library step back before it has changed anything; vtysh is then as if it had not been loaded.
 */
#include "frr-integration/compat.h"

#include <dlfcn.h>
#include <getopt.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "vector.h"
#include "vty.h"

#include "frr-integration/frr_version.h"
#include "frr-integration/srp_commands.h"
#include "frr-integration/vty_client.h"
#include "frr-integration/vtysh_srp.h"

#define VTYSH_SRP_FILE     "vtysh_srp.so"
#define VTYSH_SRP_VICTIM   "sharpd"
#define VTYSH_SRP_NAME     "srpd"
#define VTYSH_SRP_NOBODY   0x40000000 /* no daemon's bit in any version */
#define VTYSH_SRP_NO_REPLY "srpd (it does not answer)"

/* What the interposed functions have seen. */
static struct {
	bool is_offline;      /* -C, -m: vtysh will not connect to anything */
	bool is_writeconfig;  /* -w: vtysh writes frr.conf and ends */
	const char *daemon;   /* -d: the only daemon that vtysh will connect to */
	bool has_victim;      /* vtysh has commands of the daemon whose entry we want */
	unsigned int dropped; /* elements that did not fit below */
	unsigned int shared_count;
	struct cmd_element shared[32]; /* copies of commands for sharpd among others */
	unsigned int common_count;
	const struct cmd_element *common[8]; /* commands that vtysh has in each of its nodes */
} vtysh_srp_seen;

struct vtysh_srp_client *vtysh_srp_client;
bool vtysh_srp_was_stuck;

/* --- finding our way in vtysh ------------------------------------------------------------------------- */

/*
 * The next definition of a function that we have interposed. Without one nothing of FRRouting can work and
 * nobody would have called us: vtysh and libfrr were linked against it.
 */
static void *vtysh_srp_real(const char *name)
{
	void *real = dlsym(RTLD_NEXT, name);

	if (!real) {
		fprintf(stderr, "vtysh_srp: no %s\n", name);
		exit(1);
	}
	return real;
}

/* vtysh's children (a pager, ping, ssh, a shell) get the environment that vtysh was called with. */
__attribute__((constructor)) static void vtysh_srp_clean_environment(void)
{
	const char *preload = getenv("LD_PRELOAD");
	char *rest, *out, *entry, *next;

	if (!preload || !(rest = strdup(preload)))
		return;
	out = rest;
	for (entry = rest; *entry; entry = next) {
		size_t len = strcspn(entry, ": ");
		size_t file_len = strlen(VTYSH_SRP_FILE);
		bool is_ours = len >= file_len &&
			       memcmp(entry + len - file_len, VTYSH_SRP_FILE, file_len) == 0 &&
			       (len == file_len || entry[len - file_len - 1] == '/');

		next = entry + len + (entry[len] ? 1 : 0);
		if (is_ours || len == 0)
			continue;
		if (out != rest)
			*out++ = ':';
		memmove(out, entry, len);
		out += len;
	}
	*out = '\0';
	if (*rest)
		setenv("LD_PRELOAD", rest, 1);
	else
		unsetenv("LD_PRELOAD");
	free(rest);
}

/*
 * The entry of vtysh_client[] named 'name'. Neither its type nor its length is public: it is searched as an
 * array of words for one that points to the name, and what stands around that must look like an entry.
 */
static struct vtysh_srp_client *vtysh_srp_find_client(const char *name)
{
	Dl_info table, text;
	const ElfW(Sym) *symbol = NULL;
	char *word;

	if (!dladdr1(vtysh_client, &table, (void **)&symbol, RTLD_DL_SYMENT) || !symbol)
		return NULL;
	for (word = vtysh_client; word + sizeof(struct vtysh_srp_client) <= vtysh_client + symbol->st_size;
	     word += sizeof(void *)) {
		struct vtysh_srp_client *client = (void *)word;
		const char *found;

		memcpy(&found, &client->name, sizeof(found));
		/* Only look behind what points into vtysh itself; the rest may be anything. */
		if (!dladdr(found, &text) || text.dli_fbase != table.dli_fbase || strcmp(found, name) != 0)
			continue;
		if (client->flag == VTYSH_SRP_DAEMON && client->fd == -1)
			return client;
	}
	return NULL;
}

const char *vtysh_srp_socket(void)
{
	static char path[256];
	int len = snprintf(path, sizeof(path), "%s/" VTYSH_SRP_NAME ".vty", vtydir);

	return len > 0 && (size_t)len < sizeof(path) ? path : NULL;
}

/*
 * Is an srpd there that hears and says nothing? vtysh waits for every connected daemon without limit, so
 * such a one must not be connected at all, or nobody could look after bgpd any more.
 */
static bool vtysh_srp_is_stuck(void)
{
	const char *path = vtysh_srp_socket();
	struct vty_client client;
	int result;

	if (vtysh_srp_seen.is_offline || !path ||
	    (vtysh_srp_seen.daemon && strcmp(vtysh_srp_seen.daemon, VTYSH_SRP_NAME) != 0))
		return false;
	result = vty_client_open(&client, path, VTYSH_SRP_START_MSEC);
	if (result == 0)
		result = vty_client_run(&client, "enable", NULL, NULL);
	vty_client_close(&client);
	return result == -ETIMEDOUT;
}

/* --- our nodes and commands --------------------------------------------------------------------------- */

/* The table says VIEW, SRP, ...: indices of the arrays below. */
enum vtysh_srp_node {
	VTYSH_SRP_VIEW,
	VTYSH_SRP_ENABLE,
	VTYSH_SRP_CONFIG,
#define NODE(node, node_name, parent, node_prompt) VTYSH_SRP_##node,
	SRP_CLI_NODES(NODE)
#undef NODE
		VTYSH_SRP_NODES,
	VTYSH_SRP_OWN = VTYSH_SRP_CONFIG + 1, /* the first of our own */
};

/* libfrr's numbers of the nodes; ours follow the highest that vtysh uses. */
static enum node_type vtysh_srp_node_id[VTYSH_SRP_NODES] = {
	[VTYSH_SRP_VIEW] = VIEW_NODE,
	[VTYSH_SRP_ENABLE] = ENABLE_NODE,
	[VTYSH_SRP_CONFIG] = CONFIG_NODE,
};

static struct cmd_node vtysh_srp_nodes[VTYSH_SRP_NODES] = {
#define NODE(node, node_name, parent, node_prompt) \
	[VTYSH_SRP_##node] = {.name = node_name, .prompt = node_prompt},
	SRP_CLI_NODES(NODE)
#undef NODE
};

static const enum vtysh_srp_node vtysh_srp_parents[VTYSH_SRP_NODES] = {
#define NODE(node, node_name, parent, node_prompt) [VTYSH_SRP_##node] = VTYSH_SRP_##parent,
	SRP_CLI_NODES(NODE)
#undef NODE
};

/* A command of ours. */
struct vtysh_srp_command {
	struct cmd_element element; /* first, so that the functions below find the rest */
	enum vtysh_srp_node node;
	enum vtysh_srp_node enters;
};

/* Called by vtysh when srpd has taken the line: follow it into its node. */
static int vtysh_srp_enter(const struct cmd_element *self, struct vty *vty, int argc,
			   struct cmd_token *argv[])
{
	const struct vtysh_srp_command *command = (const void *)self;

	vty->node = vtysh_srp_node_id[command->enters];
	return CMD_SUCCESS;
}

/* Up one node, as vtysh does it: back in the configuration node all daemons are brought there. */
static int vtysh_srp_exit(const struct cmd_element *self, struct vty *vty, int argc, struct cmd_token *argv[])
{
	for (int i = VTYSH_SRP_OWN; i < VTYSH_SRP_NODES; i++) {
		if ((int)vty->node != (int)vtysh_srp_node_id[i])
			continue;
		vty->node = vtysh_srp_node_id[vtysh_srp_parents[i]];
		if (vty->node == CONFIG_NODE) {
			vtysh_execute("end");
			vtysh_execute("configure");
		}
		break;
	}
	return CMD_SUCCESS;
}

static int vtysh_srp_end(const struct cmd_element *self, struct vty *vty, int argc, struct cmd_token *argv[])
{
	vty->node = ENABLE_NODE;
	return CMD_SUCCESS;
}

#define ELEMENT(string_, doc_, attr_, name_, daemon_, func_) \
	.element = {.string = (string_),                     \
		    .doc = (doc_),                           \
		    .attr = (attr_),                         \
		    .name = (name_),                         \
		    .daemon = (int)(daemon_),                \
		    .func = (func_)}

static const struct vtysh_srp_command vtysh_srp_commands[] = {
#define ENTER(ident, node_, string_, help_, attr_, enters_)                                      \
	{ELEMENT(string_, help_, attr_, "vtysh_srp_" #ident, VTYSH_SRP_DAEMON, vtysh_srp_enter), \
	 .node = VTYSH_SRP_##node_, .enters = VTYSH_SRP_##enters_},
#define COMMAND(ident, node_, string_, help_, attr_)                                  \
	{ELEMENT(string_, help_, attr_, "vtysh_srp_" #ident, VTYSH_SRP_DAEMON, NULL), \
	 .node = VTYSH_SRP_##node_},
	SRP_CLI_ENTER_COMMANDS(ENTER) SRP_CLI_COMMANDS(COMMAND)
#undef ENTER
#undef COMMAND
};

/* What libfrr adds to srpd's nodes by itself. "end" goes to all daemons. */
static const struct vtysh_srp_command vtysh_srp_leave_commands[] = {
	{ELEMENT("exit", "Exit current mode and down to previous mode\n", 0, "vtysh_srp_exit",
		 VTYSH_SRP_DAEMON, vtysh_srp_exit)},
	{ELEMENT("quit", "Exit current mode and down to previous mode\n", 0, "vtysh_srp_quit",
		 VTYSH_SRP_DAEMON, vtysh_srp_exit)},
	{ELEMENT("end", "End current mode and change to enable mode\n", 0, "vtysh_srp_end", ~0U,
		 vtysh_srp_end)},
};

bool vtysh_srp_opens_node(const char *line)
{
	for (size_t i = 0; i < array_size(vtysh_srp_commands); i++) {
		const struct vtysh_srp_command *command = &vtysh_srp_commands[i];
		size_t len = strcspn(command->element.string, " ");

		if (command->enters && command->node == VTYSH_SRP_CONFIG &&
		    strncmp(line, command->element.string, len) == 0 &&
		    (line[len] == ' ' || line[len] == '\0'))
			return true;
	}
	return false;
}

static void vtysh_srp_install_all(void)
{
	unsigned int next_id = vector_active(cmdvec);

	for (int i = VTYSH_SRP_OWN; i < VTYSH_SRP_NODES; i++) {
		/* Parents come first in the table. */
		vtysh_srp_node_id[i] = (enum node_type)next_id++;
		vtysh_srp_nodes[i].node = vtysh_srp_node_id[i];
		vtysh_srp_nodes[i].parent_node = vtysh_srp_node_id[vtysh_srp_parents[i]];
		install_node(&vtysh_srp_nodes[i]);
		for (size_t j = 0; j < array_size(vtysh_srp_leave_commands); j++)
			vtysh_srp_install(vtysh_srp_node_id[i], &vtysh_srp_leave_commands[j].element);
		for (unsigned int j = 0; j < vtysh_srp_seen.common_count; j++)
			vtysh_srp_install(vtysh_srp_node_id[i], vtysh_srp_seen.common[j]);
	}
	for (size_t i = 0; i < array_size(vtysh_srp_commands); i++)
		vtysh_srp_install(vtysh_srp_node_id[vtysh_srp_commands[i].node],
				  &vtysh_srp_commands[i].element);
}

/* --- becoming one of vtysh's daemons ------------------------------------------------------------------ */

/* Why this vtysh cannot have our commands; NULL when it can. */
static const char *vtysh_srp_obstacle(void)
{
	if (!&frrmod_list || !&cmdvec || !cmdvec || !install_node || !vector_lookup || !vty_out)
		return "libfrr lacks a function";
	if (!srp_frr_is_ours(srp_frr_running_version()))
		return "it was built for FRRouting " SRP_FRR_UPSTREAM;
	if (!vtydir[0] || !&config_top || !config_add_line || !vtysh_config_parse_line || !vtysh_execute)
		return "this vtysh lacks a function";
	if (vtysh_srp_seen.has_victim)
		return "this vtysh serves " VTYSH_SRP_VICTIM ", whose place srpd would take";
	if (vtysh_srp_seen.dropped)
		return "this vtysh has more commands for " VTYSH_SRP_VICTIM " than foreseen";
	return NULL;
}

static void vtysh_srp_activate(void)
{
	struct vtysh_srp_client *client = NULL;
	const char *obstacle = vtysh_srp_obstacle();

	if (!obstacle) {
		client = vtysh_srp_find_client(VTYSH_SRP_VICTIM);
		if (!client)
			obstacle = "this vtysh has no place for another daemon";
	}
	if (obstacle) {
		/* For a person; a script that reads stderr has not asked for us. */
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "vtysh_srp: %s; srpd's commands are in srpctl\n", obstacle);
		return;
	}

	/*
	 * `vtysh -w` collects the running configuration of all daemons without running a command that could
	 * be wrapped. It writes frr.conf, nothing of which is srpd's: to it there is no srpd.
	 */
	if (vtysh_srp_seen.is_writeconfig)
		return;

	for (unsigned int i = 0; i < vtysh_srp_seen.shared_count; i++)
		vtysh_srp_seen.shared[i].daemon ^= VTYSH_SRP_DAEMON | VTYSH_SRP_NOBODY;
	vtysh_srp_was_stuck = vtysh_srp_is_stuck();
	client->name = vtysh_srp_was_stuck ? VTYSH_SRP_NO_REPLY : VTYSH_SRP_NAME;
	vtysh_srp_client = client;
	vtysh_srp_install_all();
	vtysh_srp_config_install();
}

/* --- what we provide in front of libfrr and libc ------------------------------------------------------ */

typedef void vtysh_srp_install_fn(enum node_type node, const struct cmd_element *element);

void vtysh_srp_install(enum node_type node, const struct cmd_element *element)
{
	static vtysh_srp_install_fn *real;

	if (!real)
		real = (vtysh_srp_install_fn *)vtysh_srp_real("_install_element");
	real(node, element);
}

/*
 * Some commands go to several daemons, sharpd among them (`nexthop-group`, with pbrd). srpd must not get
 * them: it would refuse, and vtysh would not go on to the others. Commands for all daemons (logging and the
 * like) it shall get. vtysh is given a copy, in which sharpd's bit becomes nobody's if and when its place is
 * taken: still a command for several daemons, which vtysh does not mind to find absent.
 */
static const struct cmd_element *vtysh_srp_share(const struct cmd_element *element)
{
	const unsigned int zebra_and_bgpd = 0x1 | 0x20; /* in every command for all daemons */
	unsigned int daemon = (unsigned int)element->daemon;

	if (!(daemon & VTYSH_SRP_DAEMON) || (daemon & zebra_and_bgpd) == zebra_and_bgpd)
		return element;
	if (daemon == VTYSH_SRP_DAEMON) {
		vtysh_srp_seen.has_victim = true;
		return element;
	}
	if (vtysh_srp_seen.shared_count == array_size(vtysh_srp_seen.shared)) {
		vtysh_srp_seen.dropped++;
		return element;
	}
	vtysh_srp_seen.shared[vtysh_srp_seen.shared_count] = *element;
	return &vtysh_srp_seen.shared[vtysh_srp_seen.shared_count++];
}

/* Remember the commands that are no daemon's and useful in every node. */
static void vtysh_srp_note_common(enum node_type node, const struct cmd_element *element)
{
	static const char *const common[] = {"list [permutations]", "find REGEX...", "show cli graph",
					     "output file FILE", "no output file [FILE]"};

	for (size_t i = 0; i < array_size(common); i++) {
		if (node == CONFIG_NODE && strcmp(element->string, common[i]) == 0 &&
		    vtysh_srp_seen.common_count < array_size(vtysh_srp_seen.common))
			vtysh_srp_seen.common[vtysh_srp_seen.common_count++] = element;
	}
}

__attribute__((visibility("default"))) void _install_element(enum node_type node,
							     const struct cmd_element *element)
{
	if (vtysh_client) {
		vtysh_srp_note_common(node, element);
		element = vtysh_srp_config_wrap(node, vtysh_srp_share(element));
	}
	vtysh_srp_install(node, element);
}

__attribute__((visibility("default"))) void vty_init_vtysh(void)
{
	void (*real)(void) = (void (*)(void))vtysh_srp_real("vty_init_vtysh");

	real();
	if (vtysh_client)
		vtysh_srp_activate();
}

__attribute__((visibility("default"))) int getopt_long(int argc, char *const *argv, const char *shortopts,
						       const struct option *longopts, int *longind)
{
	static int (*real)(int, char *const *, const char *, const struct option *, int *);
	int option;

	if (!real)
		real = (int (*)(int, char *const *, const char *, const struct option *,
				int *))vtysh_srp_real("getopt_long");
	option = real(argc, argv, shortopts, longopts, longind);
	switch (option) {
	case 'C':
	case 'm':
		vtysh_srp_seen.is_offline = true;
		break;
	case 'w':
		vtysh_srp_seen.is_writeconfig = true;
		break;
	case 'd':
		vtysh_srp_seen.daemon = optarg;
		break;
	default:
		break;
	}
	return option;
}
