/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text forms of checkpoints, audits and call loss. See srp_text.h. */
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "frr-integration/srp_text.h"
#include "frr-integration/srp_text_private.h"

static size_t length(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

/* "17,301,504 of 1,073,741,824 bytes" is what nobody reads. */
static void put_mebibytes(FILE *out, const char *label, struct json_object *statistics, const char *key)
{
	char text[32];

	snprintf(text, sizeof(text), "%.1f MiB",
		 (double)json_object_get_int64(text_find(statistics, key)) / (1024 * 1024));
	text_line(out, label, text);
}

static uint64_t sum(struct json_object *statistics, const char *path)
{
	struct json_object *list = text_find(statistics, "sessmgrs");
	uint64_t total = 0;

	for (size_t i = 0; i < length(list); i++)
		total += (uint64_t)json_object_get_int64(text_find(json_object_array_get_idx(list, i), path));
	return total;
}

static void put_number(FILE *out, const char *label, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	text_line(out, label, text);
}

static void put_summary(FILE *out, struct json_object *statistics)
{
	fprintf(out, "SRP Checkpoint Statistics:\n" RULE);
	text_line(out, "Number of Sessmgrs", text_value(statistics, "sessionManagers"));
	text_line(out, "Current pre-allocated calls", text_value(statistics, "currentPreAllocatedCalls"));
	text_line(out, "  of class ims", text_value(statistics, "imsCalls"));
	text_line(out, "Connection State", text_value(statistics, "connectionState"));
	text_line(out, "Database Recovery", text_value(statistics, "databaseRecovery"));
	put_number(out, "Full checkpoints sent", sum(statistics, "sent.macros"));
	put_number(out, "Micro checkpoints sent", sum(statistics, "sent.micros"));
	put_number(out, "Deletions sent", sum(statistics, "sent.deletes"));
	put_number(out, "Full checkpoints received", sum(statistics, "received.macros"));
	put_number(out, "Micro checkpoints received", sum(statistics, "received.micros"));
	put_number(out, "Checkpoints failed", sum(statistics, "received.failed"));
	put_number(out, "Lag, records", sum(statistics, "lag.records"));
	put_number(out, "Lag, bytes under way", sum(statistics, "lag.inFlightBytes"));
	put_number(out, "Calls too young", sum(statistics, "lag.tooYoungRecords"));
	text_line(out, "Compression", text_value(statistics, "compression.algorithm"));
	text_line(out, "  Ratio sent", text_value(statistics, "compression.ratioSent"));
	text_line(out, "  Ratio received", text_value(statistics, "compression.ratioReceived"));
	text_line(out, "NACKs sent", text_value(statistics, "nacks.sent"));
	text_line(out, "NACKs received", text_value(statistics, "nacks.received"));
	text_line(out, "NACKs suppressed", text_value(statistics, "nacks.suppressed"));
	put_mebibytes(out, "Memory in use", statistics, "memoryBytes");
	put_mebibytes(out, "Memory limit", statistics, "memoryLimitBytes");
	text_line(out, "Refused for memory", text_value(statistics, "refusedForMemory"));
	text_line(out, "Purged by audits", text_value(statistics, "purged"));
}

/* "Ready" in the column "peer conn" is what the upgrade procedure of the seed looks for. */
static void put_managers(FILE *out, struct json_object *statistics)
{
	struct json_object *list = text_find(statistics, "sessmgrs");

	fprintf(out, "\n%-10s %-16s %-12s %-9s %-8s %10s %10s %8s\n", "smgr inst", "name", "peer conn",
		"direction", "pid", "records", "lag", "lag ms");
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		fprintf(out, "%-10s %-16s %-12s %-9s %-8s %10s %10s %8s\n", text_value(entry, "instance"),
			text_value(entry, "name"), text_value(entry, "state"), text_value(entry, "direction"),
			text_value(entry, "managerPid"), text_value(entry, "records"),
			text_value(entry, "lag.records"), text_value(entry, "lag.msecs"));
	}
}

char *srp_text_checkpoint_statistics(struct json_object *statistics)
{
	return text_make(statistics, put_summary);
}

static void put_checkpoint_verbose(FILE *out, struct json_object *statistics)
{
	put_summary(out, statistics);
	put_managers(out, statistics);
}

char *srp_text_checkpoint_verbose(struct json_object *statistics)
{
	return text_make(statistics, put_checkpoint_verbose);
}

static void put_checkpoint_debug(FILE *out, struct json_object *statistics)
{
	struct json_object *list = text_find(statistics, "sessmgrs");

	fprintf(out, "SRP Checkpoint Statistics:\n" RULE);
	text_counters(out, 0, statistics);
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		fprintf(out, "\nSession manager %s:\n", text_value(entry, "instance"));
		text_counters(out, 2, entry);
	}
}

char *srp_text_checkpoint_debug(struct json_object *statistics)
{
	return text_make(statistics, put_checkpoint_debug);
}

static void put_checkpoint_write_list(FILE *out, struct json_object *statistics)
{
	struct json_object *list = text_find(statistics, "sessmgrs");

	fprintf(out, "%-10s %-16s %-12s %10s %10s %12s %10s %8s\n", "smgr inst", "name", "peer conn",
		"waiting", "in flight", "bytes", "too young", "lag ms");
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		fprintf(out, "%-10s %-16s %-12s %10s %10s %12s %10s %8s\n", text_value(entry, "instance"),
			text_value(entry, "name"), text_value(entry, "state"),
			text_value(entry, "lag.waitingRecords"), text_value(entry, "lag.inFlightRecords"),
			text_value(entry, "lag.inFlightBytes"), text_value(entry, "lag.tooYoungRecords"),
			text_value(entry, "lag.msecs"));
	}
}

char *srp_text_checkpoint_write_list(struct json_object *statistics)
{
	return text_make(statistics, put_checkpoint_write_list);
}

static const char *yes_or_no(struct json_object *object, const char *key)
{
	return json_object_get_boolean(text_find(object, key)) ? "Yes" : "No";
}

static void put_names(FILE *out, struct json_object *entry)
{
	struct json_object *micros = text_find(entry, "micros");

	fprintf(out, "\nSession manager %s %s: full checkpoint %s\n", text_value(entry, "instance"),
		text_value(entry, "name"), text_value(entry, "macro"));
	fprintf(out, "  %-6s  %-32s %-10s %-8s %s\n", "CMD-ID", "Micro checkpoint", "Accounting", "Lifetime",
		"NACK enabled");
	for (size_t i = 0; i < length(micros); i++) {
		struct json_object *micro = json_object_array_get_idx(micros, i);

		fprintf(out, "  %-6s  %-32s %-10s %-8s %s\n", text_value(micro, "cmdId"),
			text_value(micro, "name"), yes_or_no(micro, "accounting"),
			yes_or_no(micro, "lifetime"), yes_or_no(micro, "nackEnabled"));
	}
}

static void put_checkpoint_info(FILE *out, struct json_object *info)
{
	struct json_object *list = text_find(info, "sessmgrs");

	fprintf(out, "SRP Checkpoint Information:\n" RULE);
	text_line(out, "Session duration, ims (seconds)", text_value(info, "durationImsSecs"));
	text_line(out, "Session duration, others (seconds)", text_value(info, "durationNonImsSecs"));
	text_line(out, "Periodic interval (minutes)", text_value(info, "periodicIntervalMins"));
	text_line(out, "NACK of full checkpoints", yes_or_no(info, "macroNackEnabled"));
	text_line(out, "NACK of micro checkpoints", yes_or_no(info, "microNackEnabled"));
	for (size_t i = 0; i < length(list); i++)
		put_names(out, json_object_array_get_idx(list, i));
}

char *srp_text_checkpoint_info(struct json_object *info)
{
	return text_make(info, put_checkpoint_info);
}

static void put_date(FILE *out, const char *label, struct json_object *object, const char *key)
{
	struct json_object *value = text_find(object, key);
	char date[40] = "-";

	if (value)
		text_date(date, sizeof(date), json_object_get_int64(value));
	text_line(out, label, date);
}

static void put_audit(FILE *out, struct json_object *statistics)
{
	struct json_object *list = text_find(statistics, "sessmgrs");

	fprintf(out, "SRP Audit Statistics:\n" RULE "Next Peer Audit Scheduled:\n");
	put_date(out, "  Periodicity Audit Scheduled", statistics, "nextPeriodicityAuditEpochMsecs");
	put_date(out, "  Daily-Start-time Audit Scheduled", statistics, "nextDailyStartTimeAuditEpochMsecs");
	text_line(out, "Audits started", text_value(statistics, "started"));
	text_line(out, "Audits completed", text_value(statistics, "completed"));
	fprintf(out, "\n%-10s %8s %18s %18s %16s\n", "smgr inst", "audits", "buckets compared",
		"buckets repaired", "records purged");
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);

		fprintf(out, "%-10s %8s %18s %18s %16s\n", text_value(entry, "instance"),
			text_value(entry, "audits"), text_value(entry, "bucketsCompared"),
			text_value(entry, "bucketsRepaired"), text_value(entry, "recordsPurged"));
	}
}

char *srp_text_audit(struct json_object *statistics)
{
	return text_make(statistics, put_audit);
}

static void put_call_loss(FILE *out, struct json_object *statistics)
{
	struct json_object *list = text_find(statistics, "history");

	fprintf(out, "SRP Call-Loss Statistics:\n" RULE);
	text_line(out, "Take-overs", text_value(statistics, "takeovers"));
	fprintf(out, "%-24s  %-7s %12s %12s %12s %12s\n", "Time", "Planned", "recovered", "in flight",
		"refused", "incomplete");
	for (size_t i = 0; i < length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		char date[40];

		text_date(date, sizeof(date), json_object_get_int64(text_find(entry, "epochMsecs")));
		fprintf(out, "%-24s  %-7s %12s %12s %12s %12s\n", date, yes_or_no(entry, "planned"),
			text_value(entry, "callsRecovered"), text_value(entry, "updatesInFlight"),
			text_value(entry, "callsRefused"), text_value(entry, "instancesIncomplete"));
	}
}

char *srp_text_call_loss(struct json_object *statistics)
{
	return text_make(statistics, put_call_loss);
}
