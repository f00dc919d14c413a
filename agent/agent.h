/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent: the core state machine wired to the peer link, to the kernel and to bgpd.
 *
 * frr-integration owns one struct srp_agent, feeds it the configuration and asks it for what `show`
 * prints. All functions run on the loop's thread.
 */
#ifndef SRP_AGENT_H
#define SRP_AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/config.h"
#include "agent/core/srp.h"
#include "agent/log.h"
#include "agent/loop.h"

struct srp_agent;
struct json_object;

struct srp_agent_options {
	struct srp_loop *loop; /* outlives the agent */
	/* The bgpd socket lives here, and the state file while state_dir fails; copied. */
	const char *run_dir;
	const char *state_dir; /* the state file lives here; copied; made when it is not there */
	const char *version;   /* software version told to the peer; copied */
	void (*log)(enum srp_log_level level, const char *text); /* one line, no newline */
	/* After each role change, for a service manager: "Active, route-modifier 1". NULL: nobody asks. */
	void (*status)(const char *text);
	/* Raise or drop CAP_NET_ADMIN around netlink work; NULL when the process always has it. */
	void (*privs)(bool raise);
};

/*
 * Make an agent that is not configured: role Init, nothing bound, kernel and bgpd untouched.
 * NULL, with `error` filled, when the bgpd socket or netlink cannot be opened.
 */
struct srp_agent *srp_agent_new(const struct srp_agent_options *options, char *error, size_t error_size);

/*
 * Stop and free. Kernel routes, addresses and the BGP policy stay as they are (DESIGN 12).
 * NULL is ignored.
 */
void srp_agent_free(struct srp_agent *agent);

/* Take the whole configuration; what did not change is not disturbed. The config is copied. */
void srp_agent_configure(struct srp_agent *agent, const struct srp_config *config);

/*
 * `srp initiate-switchover [force]`. True when it was started; otherwise `error` says why not: with `force` only what
 * makes it impossible (not Active, no peer, peer not Standby). Completion is seen in srp_agent_info().
 */
bool srp_agent_initiate_switchover(struct srp_agent *agent, bool force, char *error, size_t error_size);

/* `srp validate-switchover`: look here, ask the peer. The result is in srp_agent_info(). */
void srp_agent_validate_switchover(struct srp_agent *agent);

/* `srp terminate-post-process`. False, with `error` filled, when there is none. */
bool srp_agent_terminate_post_process(struct srp_agent *agent, char *error, size_t error_size);

/* `srp reset-auth-probe-fail`, `srp reset-diameter-fail`. */
void srp_agent_reset_failure(struct srp_agent *agent, enum srp_family family);

/* `srp validate-configuration`: compare now. An object as of srp_config_check_result(), the caller's. */
struct json_object *srp_agent_validate_configuration(struct srp_agent *agent);

/*
 * `show srp bgp-policy [context NAME] [as AS]`: the route-map that the metric driver needs in a context, for our own AS there or for
 * `as`. A new text, the caller's to free(); NULL, with `error` filled, when there is none.
 */
char *srp_agent_bgp_policy(struct srp_agent *agent, const char *context, const char *as, char *error,
			   size_t error_size);

/* `srp initiate-audit manual-with-sync`. False, with `error` filled, when this chassis does not serve. */
bool srp_agent_audit(struct srp_agent *agent, char *error, size_t error_size);
/* `srp disable|enable nack micro-chkpt-cmd N`, 1..255. */
void srp_agent_set_nack(struct srp_agent *agent, uint8_t cmd, bool enabled);
/* `srp clear statistics`: those of the checkpoints. */
void srp_agent_clear_statistics(struct srp_agent *agent);

/*
 * What `show srp ... json` prints: a new json-c object owned by the caller (json_object_put()).
 * Keys are those of docs/user-guide.md; unknown is null. The text forms are printed from these.
 */
struct json_object *srp_agent_info(struct srp_agent *agent);
struct json_object *srp_agent_monitors(struct srp_agent *agent);
struct json_object *srp_agent_statistics(struct srp_agent *agent);
struct json_object *srp_agent_history(struct srp_agent *agent);
struct json_object *srp_agent_checkpoint_statistics(struct srp_agent *agent);
struct json_object *srp_agent_checkpoint_info(struct srp_agent *agent);
struct json_object *srp_agent_audit_statistics(struct srp_agent *agent);
struct json_object *srp_agent_call_loss(struct srp_agent *agent);

#endif
