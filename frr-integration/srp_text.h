/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text forms of `show srp ...`, printed from the objects of the json forms, so that both always say
 * the same. Labels and order are those that a StarOS operator knows; lines of our own come after them.
 * A value that is null or missing is shown as "-".
 *
 * Without libfrr. Each returns a new string of lines (free() it), NULL when memory is out.
 */
#ifndef SRP_TEXT_H
#define SRP_TEXT_H

#include <time.h>

struct json_object;

/* `now` is the wall clock, for ages as dates. */
char *srp_text_info(struct json_object *info, time_t now);
char *srp_text_monitors(struct json_object *monitors);
char *srp_text_validation(struct json_object *result); /* of srp_agent_validate_configuration() */
char *srp_text_statistics(struct json_object *statistics);
char *srp_text_history(struct json_object *history);

/* srp_text_checkpoint.c */
char *srp_text_checkpoint_statistics(struct json_object *statistics);
char *srp_text_checkpoint_verbose(struct json_object *statistics);    /* a line for each session manager */
char *srp_text_checkpoint_debug(struct json_object *statistics);      /* everything */
char *srp_text_checkpoint_write_list(struct json_object *statistics); /* what waits to be sent */
char *srp_text_checkpoint_info(struct json_object *info);
char *srp_text_audit(struct json_object *statistics);
char *srp_text_call_loss(struct json_object *statistics);

#endif
