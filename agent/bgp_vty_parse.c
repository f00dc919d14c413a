/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bgp_vty_parse.h. */
#include "agent/bgp_vty_parse.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON_DEPTH_MAX 16
#define FAMILIES_MAX   8 /* a peer is there once in each */

/* --- JSON ---------------------------------------------------------------------------------- */

static bool __attribute__((format(printf, 3, 4))) refuse(char *error, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return false;
}

/* The text as one JSON object, the caller's; NULL when it is none. Blanks may follow it. */
static struct json_object *parse_object(const char *text, size_t len, char *error, size_t error_size)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
	struct json_object *root = NULL;

	snprintf(error, error_size, "out of memory");
	if (!tokener)
		return NULL;
	while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
		len--;
	/* Not STRICT, which refuses what bgpd writes of names that are not UTF-8: it only reads more forms. */
	if (len == 0 || len > BGP_VTY_REPLY_MAX)
		refuse(error, error_size, "%zu bytes", len);
	else if (!(root = json_tokener_parse_ex(tokener, text, (int)len)) ||
		 json_tokener_get_parse_end(tokener) != len)
		refuse(error, error_size, "not one JSON object: %s",
		       json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (!json_object_is_type(root, json_type_object))
		refuse(error, error_size, "not a JSON object");
	else
		error[0] = '\0';
	json_tokener_free(tokener);
	if (!error[0])
		return root;
	json_object_put(root);
	return NULL;
}

/* A member of this type, or NULL. */
static struct json_object *member(struct json_object *object, const char *key, json_type type)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type) ? value
												  : NULL;
}

/* An AS number, which is a number or, with `bgp asnotation`, a string: as text. NULL when it is neither. */
static const char *member_as(struct json_object *object, const char *key)
{
	struct json_object *value;
	const char *text = NULL;

	if (json_object_object_get_ex(object, key, &value) &&
	    (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_string)))
		text = json_object_get_string(value);
	return text && *text && strlen(text) < BGP_VTY_AS_LEN ? text : NULL;
}

/* As a number, "65001" or, with `bgp asnotation dot`, "1.10"; 0 when it is neither. */
static uint32_t as_number(const char *text)
{
	char *end;
	unsigned long high = strtoul(text, &end, 10), low;

	if (*end == '\0')
		return high <= UINT32_MAX ? (uint32_t)high : 0;
	if (*end != '.')
		return 0;
	low = strtoul(end + 1, &end, 10);
	return *end == '\0' && high <= UINT16_MAX && low <= UINT16_MAX ? (uint32_t)(high << 16 | low) : 0;
}

/* --- the summary --------------------------------------------------------------------------- */

static int peer_order(const void *left, const void *right)
{
	const struct bgp_ipc_peer *a = left, *b = right;
	int order = strcmp(a->context, b->context);

	if (!order)
		order = memcmp(&a->addr, &b->addr, sizeof(a->addr));
	return order ? order : strcmp(a->ifname, b->ifname);
}

/* What bgpd calls a peer: an address, or the interface of an unnumbered one. */
static bool name_peer(struct bgp_ipc_peer *peer, const char *context, const char *name)
{
	memset(peer, 0, sizeof(*peer));
	snprintf(peer->context, sizeof(peer->context), "%s", context);
	if (srp_addr_parse(name, &peer->addr))
		return true;
	if (!*name || strlen(name) >= sizeof(peer->ifname))
		return false;
	memcpy(peer->ifname, name, strlen(name) + 1);
	return true;
}

static const struct bgp_ipc_peer *find_peer(const struct bgp_vty_summary *summary, const char *context,
					    const char *name)
{
	struct bgp_ipc_peer key;

	if (!summary->peer_count || !name_peer(&key, context, name))
		return NULL;
	return bsearch(&key, summary->peers, summary->peer_count, sizeof(key), peer_order);
}

/* Not all is lost for one that does not fit. True, for callers that go on. */
static bool leave_out(struct bgp_vty_summary *summary, const char *name)
{
	summary->left_out++;
	snprintf(summary->a_left_out, sizeof(summary->a_left_out), "%s", name);
	return true;
}

/* False when memory is out. */
static bool take_peer(struct bgp_vty_summary *summary, const char *context, const char *own_as,
		      const char *name, struct json_object *values, char *error, size_t error_size)
{
	const char *remote_as = member_as(values, "remoteAs"), *local_as = member_as(values, "localAs");
	struct json_object *state = member(values, "state", json_type_string);
	struct bgp_ipc_peer *peer;

	if (summary->peer_count == (size_t)FAMILIES_MAX * BGP_IPC_PEERS_MAX)
		return leave_out(summary, name);
	if ((summary->peer_count & (summary->peer_count - 1)) == 0) {
		size_t size = summary->peer_count ? summary->peer_count * 2 : 1;
		struct bgp_ipc_peer *grown = reallocarray(summary->peers, size, sizeof(*grown));

		if (!grown)
			return refuse(error, error_size, "out of memory");
		summary->peers = grown;
	}
	peer = &summary->peers[summary->peer_count];
	if (!name_peer(peer, context, name) || !state)
		return leave_out(summary, name);
	peer->established = strcmp(json_object_get_string(state), "Established") == 0;
	peer->ibgp = remote_as && strcmp(remote_as, local_as ? local_as : own_as) == 0;
	peer->remote_as = remote_as ? as_number(remote_as) : 0;
	summary->peer_count++;
	return true;
}

/* One family of one context. */
static bool take_family(struct bgp_vty_summary *summary, struct bgp_vty_context *context,
			struct json_object *family, char *error, size_t error_size)
{
	struct json_object *peers = member(family, "peers", json_type_object);
	const char *as = member_as(family, "as");

	if (as)
		snprintf(context->as, sizeof(context->as), "%s", as);
	if (!peers)
		return true;
	json_object_object_foreach(peers, name, values)
	{
		if (!take_peer(summary, context->name, context->as, name, values, error, error_size))
			return false;
	}
	return true;
}

static bool take_context(struct bgp_vty_summary *summary, const char *name, struct json_object *families,
			 char *error, size_t error_size)
{
	struct bgp_vty_context *grown, *context;

	if (!json_object_is_type(families, json_type_object))
		return true; /* a remark, such as that there is no instance */
	if (strlen(name) >= SRP_CONTEXT_NAME_LEN || summary->context_count == BGP_IPC_CONTEXTS_MAX)
		return leave_out(summary, name);
	grown = reallocarray(summary->contexts, summary->context_count + 1, sizeof(*grown));
	if (!grown)
		return refuse(error, error_size, "out of memory");
	summary->contexts = grown;
	context = &grown[summary->context_count++];
	memset(context, 0, sizeof(*context));
	memcpy(context->name, name, strlen(name) + 1);
	json_object_object_foreach(families, family, values)
	{
		(void)family;
		if (json_object_is_type(values, json_type_object) &&
		    !take_family(summary, context, values, error, error_size))
			return false;
	}
	return true;
}

/* Sorted, and a peer of several families once: it is established when it is in one. */
static void merge_peers(struct bgp_vty_summary *summary)
{
	size_t kept = 0;

	if (summary->peer_count)
		qsort(summary->peers, summary->peer_count, sizeof(*summary->peers), peer_order);
	for (size_t i = 0; i < summary->peer_count; i++) {
		if (kept && peer_order(&summary->peers[kept - 1], &summary->peers[i]) == 0)
			summary->peers[kept - 1].established |= summary->peers[i].established;
		else
			summary->peers[kept++] = summary->peers[i];
	}
	for (; kept > BGP_IPC_PEERS_MAX; kept--) {
		char buf[SRP_ADDR_STRLEN];
		const struct bgp_ipc_peer *peer = &summary->peers[kept - 1];

		leave_out(summary, peer->ifname[0] ? peer->ifname : srp_addr_format(&peer->addr, buf));
	}
	summary->peer_count = kept;
}

bool bgp_vty_parse_summary(const char *text, size_t len, struct bgp_vty_summary *summary, char *error,
			   size_t error_size)
{
	struct json_object *root = parse_object(text, len, error, error_size);
	bool good = root != NULL;

	*summary = (struct bgp_vty_summary){0};
	if (!root)
		return false;
	json_object_object_foreach(root, name, families)
	{
		good = good && take_context(summary, name, families, error, error_size);
	}
	json_object_put(root);
	merge_peers(summary);
	if (!good)
		bgp_vty_summary_clear(summary);
	return good;
}

void bgp_vty_summary_clear(struct bgp_vty_summary *summary)
{
	free(summary->contexts);
	free(summary->peers);
	*summary = (struct bgp_vty_summary){0};
}

bool bgp_vty_summary_changed(const struct bgp_vty_summary *before, const struct bgp_vty_summary *after)
{
	/* Both are sorted. */
	for (size_t i = 0, j = 0; i < before->peer_count && j < after->peer_count;) {
		int order = peer_order(&before->peers[i], &after->peers[j]);

		if (!order && before->peers[i].established != after->peers[j].established)
			return true;
		i += order <= 0;
		j += order >= 0;
	}
	return false;
}

const char *bgp_vty_summary_as(const struct bgp_vty_summary *summary, const char *context)
{
	for (size_t i = 0; i < summary->context_count; i++)
		if (strcmp(summary->contexts[i].name, context) == 0 && summary->contexts[i].as[0])
			return summary->contexts[i].as;
	return NULL;
}

/* --- one prefix ---------------------------------------------------------------------------- */

/* How often the first AS of a path stands at its beginning. A path that nobody has prepended to is "Local". */
static unsigned int leading(const char *path)
{
	size_t len = strcspn(path, " ");
	const char *first = path;
	unsigned int count = 0;

	if (*path < '0' || *path > '9')
		return 0;
	for (; strncmp(path, first, len) == 0 && (path[len] == ' ' || path[len] == '\0'); count++)
		path += path[len] ? len + 1 : len;
	return count;
}

bool bgp_vty_parse_path(const char *text, size_t len, const char *context,
			const struct bgp_vty_summary *summary, struct bgp_vty_path *path, char *error,
			size_t error_size)
{
	struct json_object *root = parse_object(text, len, error, error_size);
	struct json_object *paths = member(root, "paths", json_type_array);
	struct json_object *peers = member(root, "advertisedTo", json_type_object);

	*path = (struct bgp_vty_path){0};
	if (!root)
		return false;
	for (size_t i = 0; paths && !path->own && i < json_object_array_length(paths); i++) {
		struct json_object *entry = json_object_array_get_idx(paths, i);
		struct json_object *sourced = member(entry, "sourced", json_type_boolean);
		struct json_object *aspath = member(entry, "aspath", json_type_object);
		struct json_object *words = member(aspath, "string", json_type_string);

		if (!sourced || !json_object_get_boolean(sourced))
			continue;
		path->own = true;
		/* It has been nowhere: its path is what was prepended. */
		if (words)
			path->prepend = leading(json_object_get_string(words));
	}
	if (path->own && peers) {
		json_object_object_foreach(peers, name, values)
		{
			const struct bgp_ipc_peer *peer = find_peer(summary, context, name);

			(void)values;
			path->inner += peer && peer->ibgp;
			path->outer += !peer || !peer->ibgp;
		}
	}
	json_object_put(root);
	return true;
}

/* --- other forms --------------------------------------------------------------------------- */

/* Does the text from `at` up to `end` name routes that were redistributed? */
static bool has_redistributed(const char *at, const char *end)
{
	static const char word[] = "Redist:v";

	while ((at = strstr(at, word)) && (!end || at < end)) {
		at += sizeof(word) - 1;
		if (*at && strtoul(at + 1, NULL, 10))
			return true;
	}
	return false;
}

enum bgp_vty_zebra bgp_vty_parse_zebra(const char *text)
{
	static const char word[] = "Client: ";
	enum bgp_vty_zebra found = BGP_VTY_ZEBRA_ABSENT;
	const char *at = strstr(text, word);

	if (!at)
		return text[strspn(text, " \n")] ? BGP_VTY_ZEBRA_UNKNOWN : BGP_VTY_ZEBRA_ABSENT;
	while (at) {
		const char *name = at + sizeof(word) - 1, *next = strstr(name, word);

		if (strncmp(name, "bgp", 3) == 0 && (name[3] == '\n' || name[3] == ' ')) {
			if (has_redistributed(name, next))
				return BGP_VTY_ZEBRA_HEARS;
			found = BGP_VTY_ZEBRA_DEAF;
		}
		at = next;
	}
	return found;
}

void bgp_vty_parse_version(const char *text, char *version, size_t size)
{
	static const char word[] = "FRRouting ";
	size_t len;

	version[0] = '\0';
	if (strncmp(text, word, sizeof(word) - 1) != 0)
		return;
	text += sizeof(word) - 1;
	len = strcspn(text, " \n");
	if (len >= size)
		return;
	memcpy(version, text, len);
	version[len] = '\0';
}

/* Offsets in the frame's header, which is in the byte order of this host. */
#define LOG_HEADER_LEN_AT 12
#define LOG_LOST_AT       32 /* since the frame before */
#define LOG_TEXT_LEN_AT   44
#define LOG_HEADER_MIN    48

bool bgp_vty_parse_log(const uint8_t *frame, size_t len, const char **text, size_t *text_len, uint32_t *lost)
{
	uint32_t header_len, line_len;

	if (len < LOG_HEADER_MIN)
		return false;
	memcpy(&header_len, frame + LOG_HEADER_LEN_AT, sizeof(header_len));
	memcpy(lost, frame + LOG_LOST_AT, sizeof(*lost));
	memcpy(&line_len, frame + LOG_TEXT_LEN_AT, sizeof(line_len));
	/* What a crash handler writes has no length of the header. */
	if (header_len < LOG_HEADER_MIN || header_len > len || line_len > len - header_len)
		return false;
	*text = (const char *)frame + header_len;
	*text_len = line_len;
	return true;
}

bool bgp_vty_is_peer_change(const char *text, size_t len)
{
	static const char word[] = "%ADJCHANGE";

	return memmem(text, len, word, sizeof(word) - 1) != NULL;
}
