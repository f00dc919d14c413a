/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the configuration must match the peer's: as lines, as a checksum, and where the two differ.
 *
 * Each hello carries the checksum; the core compares them. While they differ, this module asks the peer for its
 * lines, page by page, so that `srp validate-configuration` can name each item. It asks for a page at a time and the
 * peer keeps no state, so a lost answer costs a repetition and nothing else.
 *
 * What must match: the srp-activated objects with their order (seed: pools "in the same order"), which contexts and
 * groups are monitored by how many peers, timers, switchover options, port and threshold. What must not: addresses,
 * chassis-mode and priority, and whatever names the chassis' own neighbours (peers, nexthops, interfaces).
 *
 * Runs on the loop's thread.
 */
#ifndef SRP_CONFIG_CHECK_H
#define SRP_CONFIG_CHECK_H

#include "agent/config.h"
#include "agent/core/message.h"
#include "agent/loop.h"

struct json_object;

/* The lines of a configuration, each with its newline. */
struct srp_config_lines {
	char *text;
	size_t len;
	uint32_t count;
	uint64_t checksum; /* of the text; never 0 */
};

#define SRP_CONFIG_LINES_MAX 16384u     /* what is taken from a peer at most, */
#define SRP_CONFIG_BYTES_MAX (2u << 20) /* and how many bytes of it */

/* Fill a zeroed struct; free with srp_config_lines_clear(). False when memory is out. */
bool srp_config_lines_make(struct srp_config_lines *lines, const struct srp_config *config);
void srp_config_lines_clear(struct srp_config_lines *lines);

/*
 * Where two configurations differ: a new array of {"item", "where"} with where "local", "peer" or "order", owned by
 * the caller; NULL when memory is out. Of the order only the first line that stands elsewhere is named.
 */
struct json_object *srp_config_lines_differences(const struct srp_config_lines *own,
						 const struct srp_config_lines *peer);

struct srp_config_check;

/* `send` hands a message to the link. NULL when memory is out. */
struct srp_config_check *srp_config_check_new(struct srp_loop *loop,
					      void (*send)(void *arg, const struct srp_message *message),
					      void *arg);
void srp_config_check_free(struct srp_config_check *check);

/* Take the own configuration. Returns its checksum; 0 when memory is out. */
uint64_t srp_config_check_own(struct srp_config_check *check, const struct srp_config *config);

/* What the peer says its checksum is; 0 when it is not heard or does not say. */
void srp_config_check_peer(struct srp_config_check *check, uint64_t checksum);

/* A CONFIG_REQUEST or CONFIG_PAGE has arrived; others are ignored. */
void srp_config_check_message(struct srp_config_check *check, const struct srp_message *message);

/*
 * {"result": "same", "different" or "unknown", "localChecksum", "peerChecksum", "differences"}: an object owned by the
 * caller. `differences` is null as long as the peer's lines are not there.
 */
struct json_object *srp_config_check_result(const struct srp_config_check *check);

#endif
