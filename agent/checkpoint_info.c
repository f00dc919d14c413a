/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `show srp checkpoint ...`, `show srp audit-statistics` and `show srp call-loss statistics` show, as JSON. */
#include "agent/agent_private.h"
#include "agent/json_add.h"

struct look {
	struct srp_engine_info info;
	const struct srp_instance_info *instances;
	size_t count;
};

static struct look look(struct srp_agent *agent)
{
	struct look seen;

	srp_checkpoints_look(agent->checkpoints, &seen.info, &seen.instances, &seen.count);
	return seen;
}

static void add_ratio(struct json_object *object, const char *key, uint64_t raw, uint64_t wire)
{
	add(object, key, wire ? json_object_new_double((double)(raw * 100 / wire) / 100) : NULL);
}

static struct json_object *sent_info(const struct srp_instance_info *instance)
{
	const struct srp_feed_stats *sent = &instance->sent;
	struct json_object *object = json_object_new_object();

	add_number(object, "macros", sent->macros);
	add_number(object, "micros", sent->micros);
	add_number(object, "deletes", sent->deletes);
	add_number(object, "batches", sent->batches);
	add_number(object, "bytes", sent->bytes);
	add_number(object, "resends", sent->resends);
	add_number(object, "digests", sent->digests);
	add_number(object, "repairs", sent->repairs);
	return object;
}

static struct json_object *received_info(const struct srp_instance_info *instance)
{
	const struct srp_receiver_stats *received = &instance->received;
	struct json_object *object = json_object_new_object();

	add_number(object, "macros", received->macros);
	add_number(object, "micros", received->micros);
	add_number(object, "deletes", received->deletes);
	add_number(object, "batches", received->batches);
	add_number(object, "bytes", received->bytes);
	add_number(object, "failed", received->failed);
	add_number(object, "digests", received->digests);
	add_number(object, "differing", received->differing);
	add_number(object, "purged", received->purged);
	return object;
}

static struct json_object *instance_info(const struct srp_instance_info *instance)
{
	struct json_object *object = json_object_new_object(), *part;

	add_number(object, "instance", instance->instance);
	add_text(object, "name", instance->names.manager);
	add_text(object, "state", instance->state);
	add_text(object, "direction", instance->direction);
	add_known(object, "managerPid", instance->manager_pid != 0, (uint64_t)instance->manager_pid);
	add_bool(object, "peerManaged", instance->peer_managed);
	add_bool(object, "complete", instance->complete);
	add_number(object, "records", instance->records);
	add_number(object, "imsRecords", instance->ims);
	add_number(object, "payloadBytes", instance->payload);
	part = json_object_new_object();
	add_number(part, "records", (uint64_t)instance->waiting + instance->in_flight);
	add_number(part, "waitingRecords", instance->waiting);
	add_number(part, "inFlightRecords", instance->in_flight);
	add_number(part, "inFlightBytes", instance->bytes_in_flight);
	add_number(part, "msecs", instance->lag_msec);
	add_number(part, "tooYoungRecords", instance->young);
	add(object, "lag", part);
	part = json_object_new_object();
	add_number(part, "whole", instance->full_syncs);
	add_number(part, "compared", instance->compare_syncs);
	add_number(part, "resumed", instance->resumes);
	add_known(part, "lastMsecs", instance->synchronised, instance->last_sync_msec);
	add_known(part, "readyMsecs", instance->synchronised, instance->ready_msec);
	add(object, "synchronisations", part);
	add(object, "sent", sent_info(instance));
	add(object, "received", received_info(instance));
	return object;
}

struct json_object *srp_agent_checkpoint_statistics(struct srp_agent *agent)
{
	struct look seen = look(agent);
	const struct srp_engine_info *info = &seen.info;
	struct json_object *root = json_object_new_object(), *part, *list = json_object_new_array();
	uint64_t preallocated = 0;

	for (size_t i = 0; i < seen.count; i++)
		preallocated += seen.instances[i].records;
	add_number(root, "sessionManagers", info->managers);
	add_number(root, "instances", info->instances);
	/* StarOS: what the standby holds; the operator compares it with the subscribers of the Active. */
	add_number(root, "currentPreAllocatedCalls", preallocated);
	add_number(root, "imsCalls", info->ims);
	add_number(root, "payloadBytes", info->payload);
	add_number(root, "memoryBytes", info->memory);
	add_number(root, "memoryLimitBytes", info->memory_limit);
	add_text(root, "connectionState", info->peer_open ? "Connected" : "Disconnected");
	add_text(root, "databaseRecovery", info->aggressive ? "aggressive" : "normal");
	add_known(root, "heartbeatsReceived", info->peer_open, info->heartbeats);
	part = json_object_new_object();
	add_text(part, "algorithm",
		 info->compression == SRP_COMPRESSION_NONE
			 ? NULL
			 : srp_compression_name((enum srp_compression)info->compression));
	add_number(part, "bytesSent", info->raw_sent);
	add_number(part, "wireBytesSent", info->wire_sent);
	add_ratio(part, "ratioSent", info->raw_sent, info->wire_sent);
	add_number(part, "bytesReceived", info->raw_received);
	add_number(part, "wireBytesReceived", info->wire_received);
	add_ratio(part, "ratioReceived", info->raw_received, info->wire_received);
	add(root, "compression", part);
	part = json_object_new_object();
	add_number(part, "sent", info->nacks_sent);
	add_number(part, "received", info->nacks_received);
	add_number(part, "suppressed", info->nacks_suppressed);
	add(root, "nacks", part);
	add_number(root, "refusedForMemory", info->refused_memory);
	add_number(root, "purged", info->purged);
	add_number(root, "flushes", info->flushes);
	for (size_t i = 0; i < seen.count; i++)
		json_object_array_add(list, instance_info(&seen.instances[i]));
	add(root, "sessmgrs", list);
	return root;
}

static struct json_object *names_info(struct srp_agent *agent, const struct srp_engine_info *info,
				      const struct srp_instance_info *instance)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();

	add_number(object, "instance", instance->instance);
	add_text(object, "name", instance->names.manager);
	add_text(object, "macro", instance->names.macro);
	for (unsigned int i = 0; i < instance->names.count; i++) {
		const struct srp_micro_name *micro = &instance->names.list[i];
		struct json_object *entry = json_object_new_object();
		bool disabled = info->nack_disabled[micro->cmd / 8] & 1u << micro->cmd % 8;

		add_number(entry, "cmdId", micro->cmd);
		add_text(entry, "name", micro->name);
		add_bool(entry, "accounting", micro->flags & SRP_MICRO_ACCOUNTING);
		add_bool(entry, "lifetime", micro->flags & SRP_MICRO_LIFETIME);
		add_bool(entry, "nackEnabled", agent->config.checkpoint.nack_micro.enabled && !disabled);
		json_object_array_add(list, entry);
	}
	add(object, "micros", list);
	return object;
}

struct json_object *srp_agent_checkpoint_info(struct srp_agent *agent)
{
	const struct srp_engine_config *config = &agent->config.checkpoint;
	struct look seen = look(agent);
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();

	add_bool(root, "macroNackEnabled", config->nack_macro.enabled);
	add_known(root, "macroNackMaxResponse", config->nack_macro.enabled, config->nack_macro.max_response);
	add_bool(root, "microNackEnabled", config->nack_micro.enabled);
	add_known(root, "microNackMaxResponse", config->nack_micro.enabled, config->nack_micro.max_response);
	add_number(root, "durationImsSecs", config->duration_ims);
	add_number(root, "durationNonImsSecs", config->duration_non_ims);
	add_known(root, "periodicIntervalMins", config->periodic_min != 0, config->periodic_min);
	for (size_t i = 0; i < seen.count; i++)
		json_object_array_add(list, names_info(agent, &seen.info, &seen.instances[i]));
	add(root, "sessmgrs", list);
	return root;
}

static void add_schedule(struct srp_agent *agent, struct json_object *object)
{
	struct srp_audit_schedule schedule = agent_audit_schedule(agent);
	int64_t now = (int64_t)(srp_wall_clock() / 1000);
	int64_t daily = srp_audit_next_daily(&schedule, now);
	int64_t periodic = srp_audit_next_periodic(&schedule, now, agent->started_at);

	add_known(object, "nextPeriodicityAuditEpochMsecs", periodic != 0, (uint64_t)periodic * 1000);
	add_known(object, "nextDailyStartTimeAuditEpochMsecs", daily != 0, (uint64_t)daily * 1000);
	add_text(object, "lastAuditType", agent->audit_type);
	add_known(object, "lastAuditEpochMsecs", agent->audit_at != 0, (uint64_t)agent->audit_at * 1000);
}

void agent_add_audit_info(struct srp_agent *agent, struct json_object *info)
{
	struct look seen = look(agent);
	struct json_object *audit = json_object_new_object();

	add_schedule(agent, audit);
	add_text(audit, "state",
		 seen.info.audit_running      ? "In Progress"
		 : seen.info.audits_completed ? "Complete"
					      : NULL);
	add(info, "peerAudit", audit);
}

struct json_object *srp_agent_audit_statistics(struct srp_agent *agent)
{
	struct look seen = look(agent);
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();

	add_schedule(agent, root);
	add_number(root, "started", seen.info.audits_started);
	add_number(root, "completed", seen.info.audits_completed);
	for (size_t i = 0; i < seen.count; i++) {
		const struct srp_instance_info *instance = &seen.instances[i];
		struct json_object *object = json_object_new_object();
		bool source = instance->sent.digests != 0;

		add_number(object, "instance", instance->instance);
		add_number(object, "audits", instance->sent.audits + instance->received.audits);
		add_number(object, "bucketsCompared",
			   source ? instance->sent.digests : instance->received.digests);
		add_number(object, "bucketsRepaired",
			   source ? instance->sent.repairs : instance->received.differing);
		add_number(object, "recordsPurged", instance->received.purged);
		json_object_array_add(list, object);
	}
	add(root, "sessmgrs", list);
	return root;
}

struct json_object *srp_agent_call_loss(struct srp_agent *agent)
{
	struct look seen = look(agent);
	const struct srp_engine_info *info = &seen.info;
	struct json_object *root = json_object_new_object(), *list = json_object_new_array();
	uint32_t kept = info->loss_count < SRP_LOSS_ENTRIES ? info->loss_count : SRP_LOSS_ENTRIES;

	add_number(root, "takeovers", info->loss_count);
	for (uint32_t i = info->loss_count - kept; i < info->loss_count; i++) {
		const struct srp_call_loss *loss = &info->losses[i % SRP_LOSS_ENTRIES];
		struct json_object *object = json_object_new_object();

		add_number(object, "epochMsecs", srp_wall_clock() - (agent_now(agent) - loss->at));
		add_bool(object, "planned", loss->planned);
		add_number(object, "callsRecovered", loss->recovered);
		add_number(object, "updatesInFlight", loss->in_flight);
		add_number(object, "callsRefused", loss->refused);
		add_number(object, "instances", loss->instances);
		add_number(object, "instancesIncomplete", loss->incomplete);
		json_object_array_add(list, object);
	}
	add(root, "history", list);
	return root;
}
