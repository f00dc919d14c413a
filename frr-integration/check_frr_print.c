/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report of check-frr as text, one block for each finding and a closing count, and as JSON. */
#include "frr-integration/check_frr.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const severities[] = {"note", "warning", "error"};

/* Several lines under one another. */
static void print_lines(FILE *to, const char *label, const char *text)
{
	fprintf(to, "  %-6s", label);
	while (true) {
		size_t len = strcspn(text, "\n");

		fprintf(to, "%.*s\n", (int)len, text);
		if (!text[len])
			return;
		text += len + 1;
		fprintf(to, "  %-6s", "");
	}
}

static void print_count(FILE *to, size_t count, const char *word, const char *end)
{
	fprintf(to, "%zu %s%s%s", count, word, count == 1 ? "" : "s", end);
}

char *check_frr_print_text(const struct check_frr_report *report)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	for (size_t i = 0; i < report->count; i++) {
		const struct check_frr_finding *finding = &report->findings[i];
		const struct check_frr_rule_info *rule = &check_frr_rules[finding->rule];

		fprintf(to, "%s: %s\n", severities[rule->severity], rule->id);
		print_lines(to, "where", finding->where);
		print_lines(to, "what", finding->what);
		print_lines(to, "why", rule->why);
		print_lines(to, "mend", finding->mend);
		fputc('\n', to);
	}
	for (size_t i = 0; i < report->read_count; i++)
		fprintf(to, "looked at: %s\n", report->read[i]);
	for (size_t i = 0; i < report->unread_count; i++)
		fprintf(to, "not looked at: %s\n", report->unread[i]);
	if (report->left_out)
		fprintf(to, "%zu more findings are not shown\n", report->left_out);
	print_count(to, report->of[CHECK_FRR_ERROR], "error", ", ");
	print_count(to, report->of[CHECK_FRR_WARNING], "warning", ", ");
	print_count(to, report->of[CHECK_FRR_NOTE], "note", "\n");
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}

static void add_string(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void add_count(struct json_object *object, const char *key, size_t count)
{
	json_object_object_add(object, key, json_object_new_int64((int64_t)count));
}

static void add_strings(struct json_object *object, const char *key, const char *const *texts, size_t count)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(list, json_object_new_string(texts[i]));
	json_object_object_add(object, key, list);
}

char *check_frr_print_json(const struct check_frr_report *report)
{
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();
	const char *text;
	char *copy;

	for (size_t i = 0; i < report->count; i++) {
		const struct check_frr_finding *finding = &report->findings[i];
		const struct check_frr_rule_info *rule = &check_frr_rules[finding->rule];
		struct json_object *object = json_object_new_object();

		add_string(object, "severity", severities[rule->severity]);
		add_string(object, "id", rule->id);
		add_string(object, "where", finding->where);
		add_string(object, "what", finding->what);
		add_string(object, "why", rule->why);
		add_string(object, "mend", finding->mend);
		json_object_array_add(list, object);
	}
	json_object_object_add(root, "findings", list);
	add_strings(root, "lookedAt", report->read, report->read_count);
	add_strings(root, "notLookedAt", (const char *const *)report->unread, report->unread_count);
	add_count(root, "errors", report->of[CHECK_FRR_ERROR]);
	add_count(root, "warnings", report->of[CHECK_FRR_WARNING]);
	add_count(root, "notes", report->of[CHECK_FRR_NOTE]);
	add_count(root, "leftOut", report->left_out);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	copy = text ? strdup(text) : NULL;
	json_object_put(root);
	return copy;
}
