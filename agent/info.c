/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `show srp ...` shows, as JSON. The text forms are printed from these objects, so both always say
 * the same. A value that is not known is null, never a made-up one. Keys: docs/user-guide.md.
 */
#include <stdio.h>
#include <string.h>

#include "agent/agent_private.h"
#include "agent/dscp.h"
#include "agent/json_add.h"
#include "agent/route_map.h"

static void add_addr(struct json_object *object, const char *key, const struct srp_addr *addr)
{
	char text[SRP_ADDR_STRLEN];

	add_text(object, key, addr->family ? srp_addr_format(addr, text) : NULL);
}

/* A MAC address in the form of a StarOS display: 3C-08-F6-BB-79-30. */
static void add_tiebreaker(struct json_object *object, const char *key, const uint8_t *mac)
{
	char text[3 * SRP_TIEBREAKER_LEN];

	snprintf(text, sizeof(text), "%02X-%02X-%02X-%02X-%02X-%02X", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
	add_text(object, key, text);
}

static struct json_object *kernel_info(struct srp_agent *agent)
{
	struct json_object *kernel = json_object_new_object();
	struct reconciler_status status;

	reconciler_get_status(agent->kernel, &status);
	add_text(kernel, "mode", agent->told.hold ? "hold" : "enforce");
	add_number(kernel, "desired", status.desired);
	add_number(kernel, "present", status.present);
	add_number(kernel, "failed", status.failed);
	add_number(kernel, "stale", status.stale);
	add_number(kernel, "desiredGeneration", status.desired_generation);
	add_number(kernel, "appliedGeneration", status.applied_generation);
	add_number(kernel, "added", status.added);
	add_number(kernel, "removed", status.removed);
	add_number(kernel, "repaired", status.repaired);
	add_number(kernel, "adopted", status.adopted);
	add_number(kernel, "resyncs", status.resyncs);
	add_text(kernel, "lastError", status.last_error);
	return kernel;
}

static struct json_object *bgp_info(struct srp_agent *agent)
{
	const struct bgp_ipc_status *status = &agent->bgp_status;
	struct json_object *bgp = json_object_new_object();
	bool known = agent->bgp_status_known;

	add_text(bgp, "driver", agent->bgp_kind == SRP_BGP_METRIC ? "metric" : "module");
	add_known(bgp, "metricBase", agent->bgp_kind == SRP_BGP_METRIC, agent->bgp_base);
	add_bool(bgp, "moduleConnected", known && agent->bgp_kind == SRP_BGP_MODULE);
	add_bool(bgp, "connected", known);
	add_bool(bgp, "responding", agent->bgp->ops->responding(agent->bgp));
	add_text(bgp, "bgpdVersion", known ? status->bgpd_version : NULL);
	add_known(bgp, "bgpdPid", known, status->pid);
	add(bgp, "zebraConnected", known ? json_object_new_boolean(status->zebra_connected) : NULL);
	add(bgp, "announce", agent->told.hold ? NULL : json_object_new_boolean(agent->told.announce));
	add_known(bgp, "desiredGeneration", !agent->told.hold, agent->generation);
	add_known(bgp, "desiredPrepend", !agent->told.hold && agent->told.announce, agent->told.prepend);
	add_known(bgp, "appliedGeneration", known, status->applied_generation);
	add_known(bgp, "appliedPrepend", known && status->applied_prepend >= 0,
		  (uint64_t)status->applied_prepend);
	add_known(bgp, "advertisedGeneration", known, status->advertised_generation);
	add_known(bgp, "advertisedPrepend", known && status->advertised_prepend >= 0,
		  (uint64_t)status->advertised_prepend);
	add_known(bgp, "advertisedPaths", known, status->advertised_paths);
	add_known(bgp, "mismatchedPaths", known, status->mismatched_paths);
	add_known(bgp, "unadvertisedPrefixes", known, status->unadvertised_prefixes);
	add(bgp, "fallback", known ? json_object_new_boolean(status->fallback) : NULL);
	add_text(bgp, "error", known ? status->error : NULL);
	add_text(bgp, "warning", known ? status->warning : NULL);
	return bgp;
}

/* "Remote Chassis - Ready for Switchover", and the like, as StarOS says it. */
static void add_validation(struct json_object *info, struct srp_agent *agent)
{
	const struct srp_validation *validation = &agent->core.validation;
	const char *why = "no answer";
	char text[160];

	if (!validation->at) {
		add(info, "lastValidateSwitchoverStatus", NULL);
		add(info, "lastValidateSwitchoverEpochMsecs", NULL);
		return;
	}
	if (validation->answered)
		why = srp_refusal_text(validation->refusal);
	if (validation->waiting)
		snprintf(text, sizeof(text), "In Progress");
	else if (validation->obstacle != SRP_CLEAR)
		snprintf(text, sizeof(text), "Local Chassis - Not Ready for Switchover: %s",
			 srp_obstacle_text(validation->obstacle));
	else if (validation->answered && validation->refusal == SRP_ACCEPTED)
		snprintf(text, sizeof(text), "Remote Chassis - Ready for Switchover");
	else
		snprintf(text, sizeof(text), "Remote Chassis - Not Ready for Switchover: %s", why);
	add_text(info, "lastValidateSwitchoverStatus", text);
	add_number(info, "lastValidateSwitchoverEpochMsecs", agent->validated);
}

static void add_configuration(struct json_object *info, struct srp_agent *agent)
{
	static const char *const states[] = {
		[SRP_CONFIG_UNKNOWN] = NULL,
		[SRP_CONFIG_SAME] = "Complete",
		[SRP_CONFIG_DIFFERENT] = "Failed",
	};
	const struct srp_core *core = &agent->core;

	add_text(info, "peerConfigurationValidation", states[core->config_state]);
	/* Kept after recovery: what was wrong is still worth knowing. */
	add_text(info, "lastPeerConfigurationError",
		 core->config_failed_at ? "Peer Checksum Validation Failure." : NULL);
	add_known(info, "lastPeerConfigurationEventEpochMsecs", core->config_checked_at != 0,
		  srp_wall_clock() - (agent_now(agent) - core->config_checked_at));
}

/* The switchover under way or the last one, and what may pass meanwhile. */
static void add_switchover(struct json_object *info, struct srp_agent *agent)
{
	const struct srp_core *core = &agent->core;
	const struct srp_gate *gate = &agent->told.gate;
	struct json_object *object = json_object_new_object();
	char text[160] = "";

	if (core->attempt == SRP_ATTEMPT_REFUSED)
		snprintf(text, sizeof(text), "%s: %s", srp_attempt_text(core->attempt),
			 srp_refusal_text(core->attempt_refusal));
	else
		snprintf(text, sizeof(text), "%s", srp_attempt_text(core->attempt));
	add_text(info, "switchoverPhase", core->phase == SRP_PHASE_NONE ? NULL : srp_phase_name(core->phase));
	add_text(info, "switchoverOrder",
		 !core->peer_heard                  ? NULL
		 : srp_core_make_before_break(core) ? "make-before-break"
						    : "withdraw-first");
	add_text(info, "lastSwitchoverAttempt", text);
	add_bool(object, "imsData", gate->ims);
	add_bool(object, "nonImsData", gate->non_ims);
	add_bool(object, "control", gate->control);
	add(info, "trafficGate", agent->told.hold ? (json_object_put(object), NULL) : object);
}

static struct json_object *witness_info(struct srp_agent *agent)
{
	struct json_object *witness = json_object_new_object();
	const struct srp_core *core = &agent->core;
	/* Nobody watches while this chassis announces itself, nor without a bgpd that responds. */
	bool watched = agent->bgp_status_known && agent->bgp->ops->responding(agent->bgp) &&
		       agent->bgp_status.witness_prefixes >= 0;

	add_known(witness, "intervalMsecs", core->config.witness_msec != 0, core->config.witness_msec);
	add(witness, "peerHeard", watched ? json_object_new_boolean(core->witness) : NULL);
	add_known(witness, "prefixesHeard", watched, (uint64_t)agent->bgp_status.witness_prefixes);
	add_bool(witness, "waiting", core->witness_until != 0);
	add_text(witness, "warning", srp_witness_warning(&agent->witness));
	return witness;
}

static struct json_object *paths_info(struct srp_agent *agent)
{
	struct json_object *paths = json_object_new_array();
	const struct srp_path_info *list;
	size_t count = srp_link_get_paths(agent->link, &list);

	for (size_t i = 0; i < count; i++) {
		const struct srp_path_info *info = &list[i];
		struct json_object *path = json_object_new_object();

		add_text(path, "name", i ? "secondary" : "primary");
		add_addr(path, "localAddress", &info->own);
		add_addr(path, "peerAddress", &info->peer);
		add_text(path, "state", info->state);
		add_known(path, "lastHelloReceivedMsecs", info->heard_at != 0,
			  agent_now(agent) - info->heard_at);
		add_text(path, "authentication", info->authentication);
		add_text(path, "tlsVersion", info->tls_version[0] ? info->tls_version : NULL);
		add_text(path, "tlsCipher", info->tls_cipher[0] ? info->tls_cipher : NULL);
		add_bool(path, "sessionConnected", info->session_up);
		add_text(path, "lastError", info->trouble[0] ? info->trouble : NULL);
		json_object_array_add(paths, path);
	}
	return paths;
}

struct json_object *srp_agent_info(struct srp_agent *agent)
{
	const struct srp_saved_state *saved = srp_memory_saved(agent->memory);
	struct json_object *info = json_object_new_object();
	const struct srp_core *core = &agent->core;
	const struct srp_hello *peer = &core->peer;
	bool enabled = core->config.enabled;
	bool known = core->peer_known;

	add_text(info, "context", "default");
	add_addr(info, "localAddress", &agent->config.bind_address);
	add_text(info, "chassisState", srp_role_name(core->role));
	add_text(info, "chassisMode", srp_mode_name(agent->config.mode));
	add_number(info, "chassisPriority", agent->config.priority);
	if (enabled)
		add_tiebreaker(info, "localTiebreaker", core->config.tiebreaker);
	else
		add(info, "localTiebreaker", NULL);
	add_known(info, "routeModifier", core->modifier, core->modifier);
	/* What bgpd holds, not what is wished for: see bgp.desiredPrepend for that. */
	add_known(info, "asPathPrepend", agent->bgp_status_known && agent->bgp_status.applied_prepend >= 0,
		  (uint64_t)agent->bgp_status.applied_prepend);

	add_addr(info, "peerRemoteAddress", &agent->config.peer_address);
	add_text(info, "peerState", core->peer_heard ? srp_role_name(peer->role) : NULL);
	add_text(info, "peerMode", known ? srp_mode_name(peer->mode) : NULL);
	add_known(info, "peerPriority", known, peer->priority);
	if (known)
		add_tiebreaker(info, "peerTiebreaker", peer->tiebreaker);
	else
		add(info, "peerTiebreaker", NULL);
	add_known(info, "peerRouteModifier", known, peer->modifier);
	add(info, "peerMonitorsFailed",
	    core->peer_heard ? json_object_new_boolean(peer->monitors_failed) : NULL);
	add(info, "peerMonitorsReady",
	    core->peer_heard ? json_object_new_boolean(peer->monitors_ready) : NULL);
	add_text(info, "peerVersion", known ? peer->version : NULL);
	add_known(info, "lastHelloReceivedMsecs", known, agent_now(agent) - core->peer_heard_at);
	add_configuration(info, agent);
	add_validation(info, agent);
	add_text(info, "connectionState", srp_link_state_name(agent->link));
	agent_add_audit_info(agent, info);
	add_text(info, "dscpControl", srp_dscp_name(agent->config.dscp_control));
	add_text(info, "dscpSession", srp_dscp_name(agent->config.dscp_session));
	add_text(info, "authentication", srp_link_authentication(agent->link));
	add_text(info, "authenticationError", srp_link_authentication_error(agent->link));
	add(info, "peerPaths", paths_info(agent));

	add_text(info, "lastSwitchoverReason",
		 saved->switchovers ? srp_reason_name(saved->last_reason) : NULL);
	add_known(info, "lastSwitchoverEpochMsecs", saved->last_switchover != 0, saved->last_switchover);
	add_known(info, "lastStateChangeEpochMsecs", saved->count != 0,
		  saved->count ? saved->history[saved->count - 1].at : 0);
	add_number(info, "switchovers", saved->switchovers);
	add_bool(info, "monitorsFailed", core->health.failed != 0);
	add_bool(info, "monitorsReady", core->health.ready);
	add_text(info, "handOverError", srp_obstacle_text(srp_core_hand_over_obstacle(core)));
	add_switchover(info, agent);
	add(info, "witness", witness_info(agent));
	add_number(info, "helloIntervalMsecs", agent->config.hello_msec);
	add_number(info, "deadIntervalMsecs", agent->config.dead_msec);
	add_number(info, "delayIntervalSecs", agent->config.delay_sec);
	add_number(info, "routeModifierThreshold", agent->config.threshold);
	add_text(info, "srpdVersion", agent->version);
	add(info, "l2", srp_l2_info(agent->l2));
	add(info, "kernel", kernel_info(agent));
	add(info, "bgp", bgp_info(agent));
	return info;
}

char *srp_agent_bgp_policy(struct srp_agent *agent, const char *context, const char *as, char *error,
			   size_t error_size)
{
	char *text;

	if (as && !srp_route_map_as_valid(as)) {
		snprintf(error, error_size, "%.40s is not an AS number", as);
		return NULL;
	}
	if (!as)
		as = agent->bgp->ops->own_as(agent->bgp, context);
	if (!as) {
		snprintf(error, error_size, "our own AS in context %s is not known: add `as AS`", context);
		return NULL;
	}
	text = srp_route_map_text(context, agent->config.metric_base, as);
	if (!text)
		snprintf(error, error_size, "out of memory");
	return text;
}

/* The object of the group that monitors[index] is in, made with its first member. */
static struct json_object *group_object(struct srp_agent *agent, struct json_object *groups, size_t index)
{
	const struct bgp_monitors *monitors = agent->monitors;
	enum srp_monitor_state state = srp_monitor_group_state(monitors->states, monitors->count, index);
	uint8_t number = monitors->states[index].group;
	struct json_object *group, *known;

	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		group = json_object_array_get_idx(groups, i);
		if (json_object_object_get_ex(group, "group", &known) && json_object_get_int(known) == number)
			return group;
	}
	group = json_object_new_object();
	/* Group 0, the ungrouped peers, is shown as null; json_object_get_int(NULL) is 0. */
	add_known(group, "group", number != 0, number);
	add_text(group, "state", srp_monitor_state_name(state));
	add_bool(group, "failed", state == SRP_MONITOR_DOWN);
	add(group, "peers", json_object_new_array());
	json_object_array_add(groups, group);
	return group;
}

struct json_object *srp_agent_monitors(struct srp_agent *agent)
{
	const struct bgp_monitors *monitors = agent->monitors;
	struct json_object *root = json_object_new_object();
	struct json_object *contexts = json_object_new_object();

	add_bool(root, "failed", agent->core.health.failed != 0);
	add_bool(root, "ready", agent->core.health.ready);
	add(root, "contexts", contexts);
	for (size_t i = 0; i < monitors->count; i++) {
		const struct bgp_monitor *monitor = &monitors->list[i];
		struct json_object *context, *groups, *peers, *peer = json_object_new_object();

		if (!json_object_object_get_ex(contexts, monitor->config.context, &context)) {
			context = json_object_new_object();
			add(context, "groups", json_object_new_array());
			add(contexts, monitor->config.context, context);
		}
		json_object_object_get_ex(context, "groups", &groups);
		json_object_object_get_ex(group_object(agent, groups, i), "peers", &peers);
		add_addr(peer, "address", &monitor->config.addr);
		add_text(peer, "interface", monitor->config.ifname);
		add_text(peer, "state", srp_monitor_state_name(monitors->states[i].state));
		add_number(peer, "sinceMsecs", agent_now(agent) - monitor->since);
		json_object_array_add(peers, peer);
	}
	return root;
}

struct json_object *srp_agent_statistics(struct srp_agent *agent)
{
	const struct srp_core_stats *core = &agent->core.stats;
	const struct srp_link_stats *link = srp_link_get_stats(agent->link);
	const struct bgp_driver_stats *bgp = agent->bgp->ops->stats(agent->bgp);
	struct json_object *root = json_object_new_object();
	struct json_object *part, *reasons = json_object_new_object();
	struct reconciler_status kernel;

	part = json_object_new_object();
	add_number(part, "connects", link->connects);
	add_number(part, "sessionConnects", link->session_connects);
	add_number(part, "messagesSent", link->messages_sent);
	add_number(part, "messagesReceived", link->messages_received);
	add_number(part, "messagesSkipped", link->messages_skipped);
	add_number(part, "hellosSent", core->hellos_sent);
	add_number(part, "hellosReceived", core->hellos_received);
	add_number(part, "peerLost", core->peer_lost);
	add_number(part, "peerWitnessed", core->witnessed);
	add_number(part, "configurationChecks", core->config_checks);
	add_number(part, "configurationMismatches", core->config_mismatches);
	add_number(part, "refusedAddress", link->refused_address);
	add_number(part, "refusedAuthentication", link->refused_authentication);
	add_number(part, "refusedFrames", link->refused_frames);
	add_number(part, "refusedSequence", link->refused_sequence);
	add_number(part, "droppedSlow", link->dropped_slow);
	add_number(part, "droppedMessages", link->dropped_messages);
	add_number(part, "hellosWithheld", link->hellos_withheld);
	add(root, "peerLink", part);

	part = json_object_new_object();
	add_number(part, "total", agent->core.switchovers);
	add_number(part, "requestsSent", core->requests_sent);
	add_number(part, "requestsReceived", core->requests_received);
	add_number(part, "requestsRefused", core->requests_refused);
	add_number(part, "flushesIncomplete", core->flushes_incomplete);
	add_number(part, "electionsWon", core->elections_won);
	add_number(part, "electionsLost", core->elections_lost);
	for (int i = 0; i < SRP_REASON_COUNT; i++)
		if (core->switchovers[i])
			add_number(reasons, srp_reason_name((enum srp_reason)i), core->switchovers[i]);
	add(part, "byReason", reasons);
	add(root, "switchovers", part);

	part = json_object_new_object();
	add_number(part, "connects", bgp->connects);
	add_number(part, "statusesReceived", bgp->statuses);
	add_number(part, "policiesSent", bgp->policies);
	add_number(part, "refusedUser", bgp->refused_user);
	add_number(part, "refusedFrames", bgp->refused_frames);
	add_number(part, "droppedSlow", bgp->dropped_slow);
	add(root, "bgp", part);

	reconciler_get_status(agent->kernel, &kernel);
	part = json_object_new_object();
	add_number(part, "added", kernel.added);
	add_number(part, "removed", kernel.removed);
	add_number(part, "repaired", kernel.repaired);
	add_number(part, "adopted", kernel.adopted);
	add_number(part, "resyncs", kernel.resyncs);
	add(root, "kernel", part);
	return root;
}

struct json_object *srp_agent_history(struct srp_agent *agent)
{
	const struct srp_saved_state *saved = srp_memory_saved(agent->memory);
	struct json_object *root = json_object_new_object();
	struct json_object *list = json_object_new_array();

	add_number(root, "switchovers", saved->switchovers);
	add_bool(root, "stateFileWritten", srp_memory_written(agent->memory));
	add(root, "history", list);
	for (unsigned int i = 0; i < saved->count; i++) {
		const struct srp_history_entry *entry = &saved->history[i];
		struct json_object *object = json_object_new_object();
		bool reason = entry->switchover || entry->reason != SRP_REASON_NONE;

		add_number(object, "epochMsecs", entry->at);
		add_text(object, "from", srp_role_name(entry->from));
		add_text(object, "to", srp_role_name(entry->to));
		add_text(object, "event", srp_event_name(entry->event));
		add_known(object, "reasonNumber", reason, (uint64_t)entry->reason);
		add_text(object, "reason", reason ? srp_reason_name(entry->reason) : NULL);
		add_known(object, "routeModifier", entry->modifier != 0, entry->modifier);
		add_bool(object, "switchover", entry->switchover);
		json_object_array_add(list, object);
	}
	return root;
}
