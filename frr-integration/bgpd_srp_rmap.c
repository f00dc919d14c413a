/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The route-map of a context: two entries, one per family, as configured and as compiled.
 *
 * They have the lowest numbers there are, so that no entry can be tried before them. Ours in an entry: its action,
 * its match, what happens to the AS path, and that it ends there (no call, no continue). Other `set` commands that an
 * operator has added stay. Other entries of the map stay too; they see what ours do not match.
 *
 * Why compiled: after `set as-path prepend last-as N`, bgpd 8.4 shows a literal list in its running
 * configuration that it does not apply. What it applies are the rules of struct route_map_index, so these are
 * compared with what was asked for.
 */
#include "frr-integration/bgpd_srp.h"

#include "routemap.h"

#define ENTRY   "/frr-route-map:lib/route-map[name='%s']/entry[sequence='%u']"
#define MATCH   ENTRY "/match-condition[condition='%s']"
#define ACTION  ENTRY "/set-action[action='%s']"
#define AS_PATH "frr-bgp-route-map:as-path-" /* begins the names of the actions on it */
#define PREPEND ENTRY "/set-action[action='" AS_PATH "prepend']"

static const struct {
	unsigned int sequence;
	const char *condition; /* as YANG names it */
	const char *match;     /* as the compiled rule is called */
} entries[BGPSRP_FAMILIES] = {
	[BGPSRP_IPV4] = {1, "frr-route-map:ipv4-prefix-list", "ip address prefix-list"},
	[BGPSRP_IPV6] = {2, "frr-route-map:ipv6-prefix-list", "ipv6 address prefix-list"},
};

/* Set `leaf` of our entry unless it has that value already. */
static void entry_set(struct bgpsrp_edit *edit, const struct lyd_node *entry, const char *map,
		      unsigned int sequence, const char *leaf, const char *value)
{
	const char *is = entry ? bgpsrp_child(entry, leaf) : NULL;

	if (!is || strcmp(is, value) != 0)
		bgpsrp_edit_set(edit, value, ENTRY "/%s", map, sequence, leaf);
}

/* The name of the prefix-list that a match-condition node names, or "". */
static const char *match_list(const struct lyd_node *condition)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(condition), child)
	if (strcmp(child->schema->name, "rmap-match-condition") == 0)
		return bgpsrp_child(child, "list-name") ? bgpsrp_child(child, "list-name") : "";
	return "";
}

static void entry_match(struct bgpsrp_edit *edit, const struct lyd_node *entry, const char *map, int family)
{
	unsigned int sequence = entries[family].sequence;
	const struct lyd_node *node;
	bool found = false;

	LY_LIST_FOR(entry ? lyd_child(entry) : NULL, node)
	{
		const char *condition;

		if (strcmp(node->schema->name, "match-condition") != 0)
			continue;
		condition = bgpsrp_child(node, "condition");
		if (strcmp(condition, entries[family].condition) == 0 && strcmp(match_list(node), map) == 0)
			found = true;
		else if (strcmp(condition, entries[family].condition) != 0)
			bgpsrp_edit_remove(edit, MATCH, map, sequence, condition);
	}
	if (!found)
		bgpsrp_edit_set(edit, map, MATCH "/rmap-match-condition/list-name", map, sequence,
				entries[family].condition);
}

static void entry_prepend(struct bgpsrp_edit *edit, const char *map, unsigned int sequence,
			  const char *prepend)
{
	const struct lyd_node *node = bgpsrp_running(PREPEND "/rmap-set-action", map, sequence), *child;
	const char *is = node ? bgpsrp_child(node, "prepend-as-path") : NULL;

	/* The other form, `last-as`: a choice of YANG's, so it has to go. */
	LY_LIST_FOR(node ? lyd_child(node) : NULL, child)
	if (strcmp(child->schema->name, "prepend-as-path") != 0)
		bgpsrp_edit_remove(edit, PREPEND "/rmap-set-action/frr-bgp-route-map:%s", map, sequence,
				   child->schema->name);
	if (!is || strcmp(is, prepend) != 0)
		bgpsrp_edit_set(edit, prepend, PREPEND "/rmap-set-action/frr-bgp-route-map:prepend-as-path",
				map, sequence);
}

/* `set as-path exclude` and the like would take our prepends away again. */
static void entry_others(struct bgpsrp_edit *edit, const struct lyd_node *entry, const char *map,
			 unsigned int sequence)
{
	const struct lyd_node *node;

	LY_LIST_FOR(entry ? lyd_child(entry) : NULL, node)
	{
		const char *action =
			strcmp(node->schema->name, "set-action") == 0 ? bgpsrp_child(node, "action") : NULL;

		if (action && strncmp(action, AS_PATH, strlen(AS_PATH)) == 0 &&
		    strcmp(action, AS_PATH "prepend") != 0)
			bgpsrp_edit_remove(edit, ACTION, map, sequence, action);
	}
}

void bgpsrp_rmap_edit(struct bgpsrp_edit *edit, const struct bgpsrp_context *context,
		      const struct bgpsrp_rmap *want)
{
	for (int family = 0; family < BGPSRP_FAMILIES; family++) {
		unsigned int sequence = entries[family].sequence;
		const struct lyd_node *entry = bgpsrp_running(ENTRY, context->map, sequence);

		entry_set(edit, entry, context->map, sequence, "action", want->permit ? "permit" : "deny");
		entry_match(edit, entry, context->map, family);
		if (*want->prepend)
			entry_prepend(edit, context->map, sequence, want->prepend);
		entry_others(edit, entry, context->map, sequence);
		if (entry && bgpsrp_child(entry, "call"))
			bgpsrp_edit_remove(edit, ENTRY "/call", context->map, sequence);
		if (entry && bgpsrp_child(entry, "goto-value"))
			bgpsrp_edit_remove(edit, ENTRY "/goto-value", context->map, sequence);
		if (entry)
			entry_set(edit, entry, context->map, sequence, "exit-policy", "permit-or-deny");
	}
}

void bgpsrp_rmap_edit_strip(struct bgpsrp_edit *edit, const struct bgpsrp_context *context)
{
	for (int family = 0; family < BGPSRP_FAMILIES; family++) {
		unsigned int sequence = entries[family].sequence;

		bgpsrp_edit_set(edit, "deny", ENTRY "/action", context->map, sequence);
		bgpsrp_edit_remove(edit, PREPEND, context->map, sequence);
		bgpsrp_edit_remove(edit, MATCH, context->map, sequence, entries[family].condition);
	}
}

/* --- as compiled ----------------------------------------------------------------------------------- */

static const char *rule_text(const struct route_map_rule_list *list, const char *name)
{
	for (const struct route_map_rule *rule = list->head; rule; rule = rule->next)
		if (strcmp(rule->cmd->str, name) == 0)
			return rule->rule_str ? rule->rule_str : "";
	return "";
}

static bool entry_compiled(const struct route_map_index *index, const char *map, int family,
			   const struct bgpsrp_rmap *want)
{
	if (index->type != (want->permit ? RMAP_PERMIT : RMAP_DENY))
		return false;
	if (strcmp(rule_text(&index->match_list, entries[family].match), map) != 0)
		return false;
	return !want->permit || strcmp(rule_text(&index->set_list, "as-path prepend"), want->prepend) == 0;
}

bool bgpsrp_rmap_compiled(const struct bgpsrp_context *context, const struct bgpsrp_rmap *want)
{
	const struct route_map *map = route_map_lookup_by_name(context->map);
	int good = 0;

	for (const struct route_map_index *index = map ? map->head : NULL; index; index = index->next)
		for (int family = 0; family < BGPSRP_FAMILIES; family++)
			if ((unsigned int)index->pref == entries[family].sequence)
				good += entry_compiled(index, context->map, family, want);
	return good == BGPSRP_FAMILIES;
}
