/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with keys and certificates, read whole. For the main thread. */
#ifndef SRP_KEY_FILE_H
#define SRP_KEY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_FILE_MAX 65536

struct key_file {
	uint8_t bytes[KEY_FILE_MAX];
	size_t len;
};

/*
 * Read a file. A secret one must not be open to everybody. False, with `error` naming the file and the rule, when it
 * cannot be read, is empty or too large.
 */
bool key_file_read(const char *path, bool secret, struct key_file *file, char *error, size_t error_size);

/* Take the newlines off its end. */
void key_file_trim(struct key_file *file);

#endif
