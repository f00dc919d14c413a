/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the text forms have in common (srp_text.c). Not an interface. */
#ifndef SRP_TEXT_PRIVATE_H
#define SRP_TEXT_PRIVATE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_object;

#define RULE        "-------------------------------------------------------------------------------\n"
#define LABEL_WIDTH 36 /* of a label with its colon; values begin behind it */

/* What `put` prints of the object, as a new string (free() it); NULL when memory is out. */
char *text_make(struct json_object *object, void (*put)(FILE *out, struct json_object *object));
/* What lies at a path, "kernel.added" for what lies deeper; NULL: null or missing. */
struct json_object *text_find(struct json_object *object, const char *path);
/* The same as text; "-" for null or missing. */
const char *text_value(struct json_object *object, const char *path);
/* ms since 1970 as a date, local time. */
void text_date(char *text, size_t size, int64_t msecs);
/* `Label:` and the value, aligned. */
void text_line(FILE *out, const char *label, const char *value);
/* Counters by their keys, whatever they are, nested ones indented below theirs; lists are left out. */
void text_counters(FILE *out, int indent, struct json_object *object);

#endif
