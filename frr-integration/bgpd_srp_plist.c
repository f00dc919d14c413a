/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prefix-lists of a context: exactly its prefixes, and a closing `deny any` without which an empty list
 * would permit everything.
 *
 * Entries that are right keep their sequence number; new ones get the lowest free multiple of 5. What else
 * is in the list is taken out, except before the first policy: then nobody has said yet which prefixes
 * are right, and a saved list is kept as it is.
 */
#include "frr-integration/bgpd_srp.h"

#define LIST    "/frr-filter:lib/prefix-list[type='%s'][name='%s']"
#define ENTRY   LIST "/entry[sequence='%u']"
#define CLOSING 4294967295u
#define STEP    5u

static const char *const types[BGPSRP_FAMILIES] = {"ipv4", "ipv6"};
static const char *const leaves[BGPSRP_FAMILIES] = {"ipv4-prefix", "ipv6-prefix"};

/* One list while it is compared. */
struct plist {
	const struct bgpsrp_context *context;
	int family;
	bool *found;         /* per prefix of the context */
	uint32_t *sequences; /* in use, ascending */
	size_t sequence_count, sequence_room;
};

static int prefix_order(const void *a, const void *b)
{
	return prefix_cmp((const struct prefix *)a, (const struct prefix *)b);
}

/* The prefix an entry permits when it permits that one exactly; false for any other entry. */
static bool entry_prefix(const struct lyd_node *entry, int family, struct prefix *prefix)
{
	const struct lyd_node *child;
	bool permits = false, has_prefix = false;

	LY_LIST_FOR(lyd_child(entry), child)
	{
		const char *name = child->schema->name;

		if (strcmp(name, "sequence") == 0)
			continue;
		if (strcmp(name, "action") == 0)
			permits = strcmp(lyd_get_value(child), "permit") == 0;
		else if (strcmp(name, leaves[family]) == 0)
			has_prefix = str2prefix(lyd_get_value(child), prefix) == 1;
		else
			return false;
	}
	if (has_prefix)
		apply_mask(prefix);
	return permits && has_prefix;
}

static bool entry_closes(const struct lyd_node *entry)
{
	const char *action = bgpsrp_child(entry, "action");

	return action && strcmp(action, "deny") == 0 && bgpsrp_child(entry, "any");
}

static bool sequence_add(struct plist *list, uint32_t sequence)
{
	if (list->sequence_count == list->sequence_room) {
		size_t room = list->sequence_room ? list->sequence_room * 2 : 64;
		uint32_t *grown = reallocarray(list->sequences, room, sizeof(*grown));

		if (!grown)
			return false;
		list->sequences = grown;
		list->sequence_room = room;
	}
	list->sequences[list->sequence_count++] = sequence;
	return true;
}

static int sequence_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Look at one entry that is there: keep it, or take it out. */
static bool entry_compare(struct bgpsrp_edit *edit, struct plist *list, const struct lyd_node *entry)
{
	const struct bgpsrp_context *context = list->context;
	uint32_t sequence = (uint32_t)strtoul(bgpsrp_child(entry, "sequence"), NULL, 10);
	struct prefix prefix = {0}, *want = NULL;

	if (entry_prefix(entry, list->family, &prefix) && context->count[list->family])
		want = bsearch(&prefix, context->prefixes[list->family], context->count[list->family],
			       sizeof(prefix), prefix_order);
	if (want && !list->found[want - context->prefixes[list->family]]) {
		list->found[want - context->prefixes[list->family]] = true;
		return sequence_add(list, sequence);
	}
	bgpsrp_edit_remove(edit, ENTRY, types[list->family], context->map, sequence);
	/* Not reused in the same transaction: remove and create of one key would become a modify. */
	return sequence_add(list, sequence);
}

static void entry_create(struct bgpsrp_edit *edit, const struct plist *list, uint32_t sequence,
			 const struct prefix *prefix)
{
	const char *type = types[list->family], *map = list->context->map;
	char text[PREFIX_STRLEN];

	bgpsrp_edit_set(edit, "permit", ENTRY "/action", type, map, sequence);
	bgpsrp_edit_set(edit, prefix2str(prefix, text, sizeof(text)), ENTRY "/%s", type, map, sequence,
			leaves[list->family]);
}

/* The prefixes that were not found get entries, at the lowest free numbers. */
static void entries_create(struct bgpsrp_edit *edit, struct plist *list)
{
	const struct bgpsrp_context *context = list->context;
	uint32_t sequence = STEP;
	size_t used = 0;

	if (list->sequence_count)
		qsort(list->sequences, list->sequence_count, sizeof(*list->sequences), sequence_order);
	for (size_t i = 0; i < context->count[list->family]; i++) {
		if (list->found[i])
			continue;
		for (;; sequence += STEP) {
			while (used < list->sequence_count && list->sequences[used] < sequence)
				used++;
			if (used == list->sequence_count || list->sequences[used] != sequence)
				break;
		}
		entry_create(edit, list, sequence, &context->prefixes[list->family][i]);
		sequence += STEP;
	}
}

static void list_edit(struct bgpsrp_edit *edit, const struct bgpsrp_context *context, int family, bool keep)
{
	const struct lyd_node *list_node = bgpsrp_running(LIST, types[family], context->map), *node;
	struct plist list = {.context = context, .family = family};
	bool closed = false, good = true;

	list.found = calloc(context->count[family] + 1, sizeof(*list.found));
	good = list.found != NULL;
	LY_LIST_FOR(list_node ? lyd_child(list_node) : NULL, node)
	{
		const char *sequence = good ? bgpsrp_child(node, "sequence") : NULL;

		if (!sequence)
			continue;
		if (strcmp(sequence, "4294967295") == 0)
			closed = entry_closes(node);
		else if (!keep)
			good = entry_compare(edit, &list, node);
	}
	if (good) {
		if (!closed) {
			if (bgpsrp_running(ENTRY, types[family], context->map, CLOSING))
				bgpsrp_edit_remove(edit, ENTRY, types[family], context->map, CLOSING);
			bgpsrp_edit_set(edit, "deny", ENTRY "/action", types[family], context->map, CLOSING);
			bgpsrp_edit_set(edit, "", ENTRY "/any", types[family], context->map, CLOSING);
		}
		if (!keep)
			entries_create(edit, &list);
	} else {
		edit->failed = true;
		strlcpy(edit->error, "out of memory", sizeof(edit->error));
	}
	free(list.found);
	free(list.sequences);
}

void bgpsrp_plist_edit(struct bgpsrp_edit *edit, const struct bgpsrp_context *context, bool keep)
{
	for (int family = 0; family < BGPSRP_FAMILIES; family++)
		list_edit(edit, context, family, keep);
}
