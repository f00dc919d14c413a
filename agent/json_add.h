/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For those who write what `show srp ... json` shows: a value that is not known is null, never a made-up one. */
#ifndef SRP_JSON_ADD_H
#define SRP_JSON_ADD_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* `value` changes hands; NULL is null. */
static inline void add(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static inline void add_text(struct json_object *object, const char *key, const char *text)
{
	add(object, key, text && *text ? json_object_new_string(text) : NULL);
}

static inline void add_number(struct json_object *object, const char *key, uint64_t value)
{
	add(object, key, json_object_new_int64((int64_t)value));
}

static inline void add_bool(struct json_object *object, const char *key, bool value)
{
	add(object, key, json_object_new_boolean(value));
}

/* A number that is only there when `known`. */
static inline void add_known(struct json_object *object, const char *key, bool known, uint64_t value)
{
	add(object, key, known ? json_object_new_int64((int64_t)value) : NULL);
}

#endif
