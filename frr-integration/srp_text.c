/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text forms of `show srp ...`. See srp_text.h. */
#include "frr-integration/srp_text.h"

#include "frr-integration/srp_text_private.h"

#include <ctype.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_LEN 128

/* How a value is written. */
enum form {
	PLAIN,    /* as it is; true and false as Yes and No */
	INTERVAL, /* milliseconds, written as the configuration does */
	SECONDS,
	AGO,     /* milliseconds before now: the date, and how long ago */
	EPOCH,   /* milliseconds since 1970: likewise */
	DATE,    /* the same, the date only */
	HEADING, /* a line with a label only */
};

/* A line of `show srp info`: a label and where its value is, "kernel.added" for what lies deeper. */
struct line {
	const char *label;
	const char *path;
	enum form form;
};

static const struct line info_lines[] = {
	{"Context", "context", PLAIN},
	{"Local Address", "localAddress", PLAIN},
	{"Chassis State", "chassisState", PLAIN},
	{"Chassis Mode", "chassisMode", PLAIN},
	{"Chassis Priority", "chassisPriority", PLAIN},
	{"Local Tiebreaker", "localTiebreaker", PLAIN},
	{"Route-Modifier", "routeModifier", PLAIN},
	{"Peer Remote Address", "peerRemoteAddress", PLAIN},
	{"Peer State", "peerState", PLAIN},
	{"Peer Mode", "peerMode", PLAIN},
	{"Peer Priority", "peerPriority", PLAIN},
	{"Peer Tiebreaker", "peerTiebreaker", PLAIN},
	{"Peer Route-Modifier", "peerRouteModifier", PLAIN},
	{"Last Hello Message received", "lastHelloReceivedMsecs", AGO},
	{"Peer Configuration Validation", "peerConfigurationValidation", PLAIN},
	{"Last Peer Configuration Error", "lastPeerConfigurationError", PLAIN},
	{"Last Peer Configuration Event", "lastPeerConfigurationEventEpochMsecs", EPOCH},
	{"Last Validate Switchover Status", "lastValidateSwitchoverStatus", PLAIN},
	{"Connection State", "connectionState", PLAIN},
	{"Next Peer Audit Scheduled", NULL, HEADING},
	{"  Periodicity Audit Scheduled", "peerAudit.nextPeriodicityAuditEpochMsecs", DATE},
	{"  Daily-Start-time Audit Scheduled", "peerAudit.nextDailyStartTimeAuditEpochMsecs", DATE},
	{"Peer Audit State", "peerAudit.state", PLAIN},
	{"Last Peer Audit Type", "peerAudit.lastAuditType", PLAIN},
	{"Last Peer Audit", "peerAudit.lastAuditEpochMsecs", DATE},
	{"DSCP Configuration", NULL, HEADING},
	{"  Control flow", "dscpControl", PLAIN},
	{"  Session flow", "dscpSession", PLAIN},
	/* From here on, lines of our own. */
	{"Authentication", "authentication", PLAIN},
	{"Authentication Error", "authenticationError", PLAIN},
	{"AS-Path Prepend", "asPathPrepend", PLAIN},
	{"Monitors Failed", "monitorsFailed", PLAIN},
	{"Monitors Ready", "monitorsReady", PLAIN},
	{"Peer Monitors Failed", "peerMonitorsFailed", PLAIN},
	{"Peer Monitors Ready", "peerMonitorsReady", PLAIN},
	{"Switchover Phase", "switchoverPhase", PLAIN},
	{"Switchover Order", "switchoverOrder", PLAIN},
	{"Last Switchover Attempt", "lastSwitchoverAttempt", PLAIN},
	{"Hand-Over Error", "handOverError", PLAIN},
	{"Traffic Gate", NULL, HEADING},
	{"  IMS Data", "trafficGate.imsData", PLAIN},
	{"  Non-IMS Data", "trafficGate.nonImsData", PLAIN},
	{"  Control", "trafficGate.control", PLAIN},
	{"Witness", NULL, HEADING},
	{"  Interval", "witness.intervalMsecs", INTERVAL},
	{"  Peer Heard", "witness.peerHeard", PLAIN},
	{"  Prefixes Heard", "witness.prefixesHeard", PLAIN},
	{"  Waiting", "witness.waiting", PLAIN},
	{"  Warning", "witness.warning", PLAIN},
	{"Switchovers", "switchovers", PLAIN},
	{"Last Switchover Reason", "lastSwitchoverReason", PLAIN},
	{"Last Switchover", "lastSwitchoverEpochMsecs", EPOCH},
	{"Last Chassis State Change", "lastStateChangeEpochMsecs", EPOCH},
	{"Hello Interval", "helloIntervalMsecs", INTERVAL},
	{"Dead Interval", "deadIntervalMsecs", INTERVAL},
	{"Delay Interval", "delayIntervalSecs", SECONDS},
	{"Route-Modifier Threshold", "routeModifierThreshold", PLAIN},
	{"Software Version", "srpdVersion", PLAIN},
	{"Peer Software Version", "peerVersion", PLAIN},
	{"L2 Announcement", NULL, HEADING},
	{"  Interfaces", "l2.interfaceNames", PLAIN},
	{"  Addresses", "l2.addresses", PLAIN},
	{"  Gratuitous ARPs Sent", "l2.arpsSent", PLAIN},
	{"  Advertisements Sent", "l2.advertisementsSent", PLAIN},
	{"  Not Sent", "l2.failed", PLAIN},
	{"  Last Sent", "l2.lastSentEpochMsecs", EPOCH},
	{"  Last Error", "l2.lastError", PLAIN},
	{"  Warning", "l2.warning", PLAIN},
	{"Kernel", NULL, HEADING},
	{"  Mode", "kernel.mode", PLAIN},
	{"  Objects Desired", "kernel.desired", PLAIN},
	{"  Objects Present", "kernel.present", PLAIN},
	{"  Objects Failed", "kernel.failed", PLAIN},
	{"  Generation Desired", "kernel.desiredGeneration", PLAIN},
	{"  Generation Applied", "kernel.appliedGeneration", PLAIN},
	{"  Last Error", "kernel.lastError", PLAIN},
	{"BGP", NULL, HEADING},
	{"  Driver", "bgp.driver", PLAIN},
	{"  Metric Base", "bgp.metricBase", PLAIN},
	{"  Bgpd Connected", "bgp.connected", PLAIN},
	{"  Module Connected", "bgp.moduleConnected", PLAIN},
	{"  Bgpd Responding", "bgp.responding", PLAIN},
	{"  Bgpd Version", "bgp.bgpdVersion", PLAIN},
	{"  Zebra Connected", "bgp.zebraConnected", PLAIN},
	{"  Announce", "bgp.announce", PLAIN},
	{"  Generation Desired", "bgp.desiredGeneration", PLAIN},
	{"  Generation Applied", "bgp.appliedGeneration", PLAIN},
	{"  Generation Advertised", "bgp.advertisedGeneration", PLAIN},
	{"  Prepend Desired", "bgp.desiredPrepend", PLAIN},
	{"  Prepend Applied", "bgp.appliedPrepend", PLAIN},
	{"  Prepend Advertised", "bgp.advertisedPrepend", PLAIN},
	{"  Paths Advertised", "bgp.advertisedPaths", PLAIN},
	{"  Paths Mismatched", "bgp.mismatchedPaths", PLAIN},
	{"  Prefixes Unadvertised", "bgp.unadvertisedPrefixes", PLAIN},
	{"  Fallback In Force", "bgp.fallback", PLAIN},
	{"  Error", "bgp.error", PLAIN},
	{"  Warning", "bgp.warning", PLAIN},
};

/* The object at a path of keys; NULL when it is null or not there. */
char *text_make(struct json_object *object, void (*put)(FILE *out, struct json_object *object))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	put(out, object);
	fclose(out);
	return text;
}

struct json_object *text_find(struct json_object *object, const char *path)
{
	while (object && *path) {
		size_t len = strcspn(path, ".");
		char key[64];

		snprintf(key, sizeof(key), "%.*s", (int)len, path);
		if (!json_object_is_type(object, json_type_object) ||
		    !json_object_object_get_ex(object, key, &object))
			return NULL;
		path += len + (path[len] == '.');
	}
	return object;
}

const char *text_value(struct json_object *object, const char *path)
{
	struct json_object *value = text_find(object, path);

	return value ? json_object_get_string(value) : "-";
}

void text_date(char *text, size_t size, int64_t msecs)
{
	time_t when = (time_t)(msecs / 1000);
	struct tm tm;

	if (!localtime_r(&when, &tm) || !strftime(text, size, "%a %b %d %H:%M:%S %Y", &tm))
		snprintf(text, size, "%" PRId64 " ms", msecs);
}

static void format_ago(char *text, size_t size, int64_t msecs, time_t now)
{
	char date[32];

	text_date(date, sizeof(date), msecs);
	snprintf(text, size, "%s (%" PRId64 " seconds ago)", date, (int64_t)now - msecs / 1000);
}

static void format_value(char *text, size_t size, struct json_object *value, enum form form, time_t now)
{
	int64_t number = json_object_get_int64(value);

	if (!value)
		snprintf(text, size, "-");
	else if (form == INTERVAL && number % 1000)
		snprintf(text, size, "%" PRId64 " msec", number);
	else if (form == INTERVAL)
		snprintf(text, size, "%" PRId64 " seconds", number / 1000);
	else if (form == SECONDS)
		snprintf(text, size, "%" PRId64 " seconds", number);
	else if (form == AGO)
		format_ago(text, size, (int64_t)now * 1000 - number, now);
	else if (form == EPOCH)
		format_ago(text, size, number, now);
	else if (form == DATE)
		text_date(text, size, number);
	else if (json_object_is_type(value, json_type_boolean))
		snprintf(text, size, "%s", json_object_get_boolean(value) ? "Yes" : "No");
	else
		snprintf(text, size, "%s", json_object_get_string(value));
}

void text_line(FILE *out, const char *label, const char *value)
{
	fprintf(out, "%s:%*s%s\n", label, LABEL_WIDTH - 1 - (int)strlen(label), "", value);
}

/* One line for each path of the link: what it is, how it is, how old its last hello. */
static void put_paths(FILE *out, struct json_object *paths)
{
	if (!json_object_is_type(paths, json_type_array))
		return;
	fprintf(out, "Paths to the peer:\n");
	for (size_t i = 0; i < json_object_array_length(paths); i++) {
		struct json_object *path = json_object_array_get_idx(paths, i);
		struct json_object *heard = text_find(path, "lastHelloReceivedMsecs");
		struct json_object *session = text_find(path, "sessionConnected");

		fprintf(out, "  %-10s %s - %s: %s", text_value(path, "name"),
			text_value(path, "localAddress"), text_value(path, "peerAddress"),
			text_value(path, "state"));
		if (text_find(path, "authentication"))
			fprintf(out, ", authentication %s", text_value(path, "authentication"));
		if (text_find(path, "tlsCipher"))
			fprintf(out, " (%s, %s)", text_value(path, "tlsVersion"),
				text_value(path, "tlsCipher"));
		if (heard)
			fprintf(out, ", hello %" PRId64 " ms ago", json_object_get_int64(heard));
		if (session && json_object_get_boolean(session))
			fprintf(out, ", session");
		fprintf(out, "\n");
		if (text_find(path, "lastError"))
			fprintf(out, "             %s\n", text_value(path, "lastError"));
	}
}

char *srp_text_info(struct json_object *info, time_t now)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "Service Redundancy Protocol:\n" RULE);
	for (size_t i = 0; i < sizeof(info_lines) / sizeof(info_lines[0]); i++) {
		const struct line *line = &info_lines[i];
		char value[VALUE_LEN];

		if (line->form == HEADING) {
			fprintf(out, "%s:\n", line->label);
			continue;
		}
		format_value(value, sizeof(value), text_find(info, line->path), line->form, now);
		text_line(out, line->label, value);
	}
	put_paths(out, text_find(info, "peerPaths"));
	fclose(out);
	return text;
}

static void put_peer(FILE *out, struct json_object *peer)
{
	struct json_object *address = text_find(peer, "address"), *since = text_find(peer, "sinceMsecs");
	char age[32] = "-";

	if (since)
		snprintf(age, sizeof(age), "%" PRId64 " seconds", json_object_get_int64(since) / 1000);
	fprintf(out, "  %-40s %-8s %s\n",
		address ? json_object_get_string(address) : text_value(peer, "interface"),
		text_value(peer, "state"), age);
}

static void put_group(FILE *out, const char *context, struct json_object *group)
{
	struct json_object *number = text_find(group, "group"), *failed = text_find(group, "failed");
	struct json_object *peers = text_find(group, "peers");

	fprintf(out, "Context %s, ", context);
	if (number)
		fprintf(out, "group %s", json_object_get_string(number));
	else
		fprintf(out, "ungrouped");
	fprintf(out, ": %s%s\n", text_value(group, "state"),
		failed && json_object_get_boolean(failed) ? ", failed" : "");
	for (size_t i = 0; peers && i < json_object_array_length(peers); i++)
		put_peer(out, json_object_array_get_idx(peers, i));
}

static void put_monitors(FILE *out, struct json_object *monitors)
{
	struct json_object *contexts = text_find(monitors, "contexts");
	char value[VALUE_LEN];

	fprintf(out, "BGP Monitors:\n" RULE);
	format_value(value, sizeof(value), text_find(monitors, "failed"), PLAIN, 0);
	text_line(out, "Monitors Failed", value);
	format_value(value, sizeof(value), text_find(monitors, "ready"), PLAIN, 0);
	text_line(out, "Monitors Ready", value);
	if (!contexts || !json_object_object_length(contexts)) {
		fprintf(out, "No monitors are configured\n");
	} else {
		json_object_object_foreach(contexts, name, context)
		{
			struct json_object *groups = text_find(context, "groups");

			for (size_t i = 0; groups && i < json_object_array_length(groups); i++)
				put_group(out, name, json_object_array_get_idx(groups, i));
		}
	}
}

char *srp_text_monitors(struct json_object *monitors)
{
	return text_make(monitors, put_monitors);
}

/* "refusedAddress" as "Refused Address". */
static void put_words(FILE *out, int indent, const char *key)
{
	fprintf(out, "%*s", indent, "");
	for (const char *p = key; *p; p++) {
		if (p != key && isupper((unsigned char)*p))
			fputc(' ', out);
		fputc(p == key ? toupper((unsigned char)*p) : *p, out);
	}
}

/* Width of put_words() without the indent. */
static int words_width(const char *key)
{
	int width = 0;

	for (const char *p = key; *p; p++)
		width += p != key && isupper((unsigned char)*p) ? 2 : 1;
	return width;
}

void text_counters(FILE *out, int indent, struct json_object *object)
{
	if (!json_object_is_type(object, json_type_object))
		return;
	json_object_object_foreach(object, key, value)
	{
		bool nested = json_object_is_type(value, json_type_object);

		if (json_object_is_type(value, json_type_array))
			continue;
		put_words(out, indent, key);
		if (nested) {
			fprintf(out, ":%s\n", json_object_object_length(value) ? "" : " -");
			text_counters(out, indent + 2, value);
		} else {
			fprintf(out, ":%*s%s\n", LABEL_WIDTH - 1 - indent - words_width(key), "",
				value ? json_object_get_string(value) : "-");
		}
	}
}

static void put_statistics(FILE *out, struct json_object *statistics)
{
	fprintf(out, "Service Redundancy Protocol Statistics:\n" RULE);
	text_counters(out, 0, statistics);
}

char *srp_text_statistics(struct json_object *statistics)
{
	return text_make(statistics, put_statistics);
}

static void put_history(FILE *out, struct json_object *history)
{
	struct json_object *list = text_find(history, "history");

	fprintf(out, "Switchover History:\n" RULE);
	text_line(out, "Switchovers", text_value(history, "switchovers"));
	fprintf(out, "%-19s  %-15s  %-15s  %-15s %3s  %s\n", "Time", "From", "To", "Event", "R-M", "Reason");
	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		time_t when = (time_t)(json_object_get_int64(text_find(entry, "epochMsecs")) / 1000);
		struct tm tm;
		char date[32];

		if (!localtime_r(&when, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm))
			snprintf(date, sizeof(date), "-");
		fprintf(out, "%-19s  %-15s  %-15s  %-15s %3s  ", date, text_value(entry, "from"),
			text_value(entry, "to"), text_value(entry, "event"),
			text_value(entry, "routeModifier"));
		if (text_find(entry, "reason"))
			fprintf(out, "%s (%s)\n", text_value(entry, "reason"),
				text_value(entry, "reasonNumber"));
		else
			fprintf(out, "-\n");
	}
}

char *srp_text_history(struct json_object *history)
{
	return text_make(history, put_history);
}

static void put_validation(FILE *out, struct json_object *result)
{
	struct json_object *differences = text_find(result, "differences");
	const char *found = text_value(result, "result");

	text_line(out, "Configuration of both chassis", found);
	text_line(out, "Local Checksum", text_value(result, "localChecksum"));
	text_line(out, "Peer Checksum", text_value(result, "peerChecksum"));
	if (strcmp(found, "different") == 0 && !differences)
		fprintf(out, "The peer's items are being fetched: ask again\n");
	for (size_t i = 0; differences && i < json_object_array_length(differences); i++) {
		struct json_object *item = json_object_array_get_idx(differences, i);
		const char *where = text_value(item, "where");

		fprintf(out, "  %s: %s\n",
			strcmp(where, "local") == 0  ? "only here     "
			: strcmp(where, "peer") == 0 ? "only at peer  "
						     : "other order at",
			text_value(item, "item"));
	}
}

char *srp_text_validation(struct json_object *result)
{
	return text_make(result, put_validation);
}
