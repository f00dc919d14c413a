/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replacing a file by a new version, or not at all: how srpd.conf is saved. No libfrr.
 */
#ifndef SRP_SAVE_H
#define SRP_SAVE_H

#include <stdbool.h>
#include <stddef.h>

/* What FRRouting's packages give their configuration files; CONFIGFILE_MASK of the headers may be another. */
#define SRP_SAVE_MODE   0640
/* The version before, beside it: as FRRouting does. */
#define SRP_SAVE_BACKUP ".sav"

/*
 * Make the file at `path` hold `len` bytes of `text`, owned by the calling process's user and with SRP_SAVE_MODE;
 * what it held before is then in PATH.sav. On success all of that is on the disk. On failure the file and its backup
 * are what they were (the backup may already be the present file), nothing else is left behind, and `error` has what
 * failed and why: "No space left on device (writing it)". Only when the directory cannot be brought to the disk is the
 * new version in place, and that said as a failure: after a loss of power it may be the old one.
 */
bool srp_save_file(const char *path, const char *text, size_t len, char *error, size_t error_size);

#endif
