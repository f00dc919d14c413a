/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between srpd and bgpd_srp.so: structs to JSON and back, frames on a stream. See bgp_ipc.h.
 *
 * Decoding trusts nothing. json-c builds the tree (strict grammar, valid UTF-8, bounded depth, and the
 * frame is bounded by the reader); every value is then fetched by one of the get_*() functions,
 * which check its type and range and, on failure, leave a text in struct decoder that names the key. After a
 * failure they do nothing, so that a decoder reads straight through and looks at `failed` once.
 */
#include "agent/bgp_ipc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define JSON_DEPTH_MAX 8

/* --- encoding ---------------------------------------------------------------------------------- */

/* Add `value` under `key`, owned by `object` then; false when either is NULL or memory is out. */
static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (object && value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

static bool put_int(struct json_object *object, const char *key, uint64_t value)
{
	return put(object, key, json_object_new_uint64(value));
}

/* A count of which -1 says "none". */
static bool put_count(struct json_object *object, const char *key, int value)
{
	if (value < 0)
		return object && json_object_object_add(object, key, NULL) == 0;
	return put(object, key, json_object_new_int(value));
}

static bool put_bool(struct json_object *object, const char *key, bool value)
{
	return put(object, key, json_object_new_boolean(value));
}

static bool put_text(struct json_object *object, const char *key, const char *value)
{
	return put(object, key, json_object_new_string(value));
}

/* A text of which "" says "none". */
static bool put_name(struct json_object *object, const char *key, const char *value)
{
	if (!*value)
		return object && json_object_object_add(object, key, NULL) == 0;
	return put_text(object, key, value);
}

/* Append `value` to `array`, owned by it then; false when either is NULL or memory is out. */
static bool append(struct json_object *array, struct json_object *value)
{
	if (array && value && json_object_array_add(array, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

/* Header and text of `root`, which is released. NULL when `good` is false or the frame gets too long. */
static uint8_t *frame_new(struct json_object *root, bool good, size_t *len)
{
	uint8_t *frame = NULL;
	const char *text;
	size_t text_len;

	text = good ? json_object_to_json_string_length(root, JSON_C_TO_STRING_PLAIN, &text_len) : NULL;
	if (text && text_len <= BGP_IPC_FRAME_MAX - BGP_IPC_HEADER_LEN)
		frame = malloc(BGP_IPC_HEADER_LEN + text_len);
	if (frame) {
		uint32_t header = htonl((uint32_t)text_len);

		memcpy(frame, &header, sizeof(header));
		memcpy(frame + BGP_IPC_HEADER_LEN, text, text_len);
		*len = BGP_IPC_HEADER_LEN + text_len;
	}
	json_object_put(root);
	return frame;
}

static bool put_context(struct json_object *contexts, const struct bgp_ipc_context *context)
{
	struct json_object *object = json_object_new_object();
	struct json_object *prefixes = json_object_new_array();
	char text[SRP_PREFIX_STRLEN];
	bool good;

	good = put_text(object, "name", context->name);
	for (size_t i = 0; good && i < context->prefix_count; i++)
		good = append(prefixes,
			      json_object_new_string(srp_prefix_format(&context->prefixes[i], text)));
	if (good)
		good = put(object, "prefixes", prefixes);
	else
		json_object_put(prefixes);
	if (good)
		return append(contexts, object);
	json_object_put(object);
	return false;
}

uint8_t *bgp_ipc_policy_encode(const struct bgp_ipc_policy *policy, size_t *len)
{
	struct json_object *root = json_object_new_object();
	struct json_object *contexts = json_object_new_array();
	bool good;

	good = put_int(root, "protocol", BGP_IPC_PROTOCOL) && put_text(root, "type", "policy") &&
	       put_int(root, "generation", policy->generation) &&
	       put_bool(root, "announce", policy->announce) &&
	       put_bool(root, "installed", policy->installed) && put_int(root, "prepend", policy->prepend) &&
	       put_int(root, "fallbackPrepend", policy->fallback_prepend) &&
	       put_int(root, "holdSec", policy->hold_sec) && put_bool(root, "witness", policy->witness);
	for (size_t i = 0; good && i < policy->context_count; i++)
		good = put_context(contexts, &policy->contexts[i]);
	if (good)
		good = put(root, "contexts", contexts);
	else
		json_object_put(contexts);
	return frame_new(root, good, len);
}

static bool put_peer(struct json_object *peers, const struct bgp_ipc_peer *peer)
{
	struct json_object *object = json_object_new_object();
	char text[SRP_ADDR_STRLEN] = "";
	bool good;

	if (peer->addr.family)
		srp_addr_format(&peer->addr, text);
	good = put_text(object, "context", peer->context) && put_name(object, "address", text) &&
	       put_name(object, "interface", peer->ifname) &&
	       put_bool(object, "established", peer->established) && put_bool(object, "ibgp", peer->ibgp) &&
	       put_int(object, "remoteAs", peer->remote_as);
	if (good)
		return append(peers, object);
	json_object_put(object);
	return false;
}

uint8_t *bgp_ipc_status_encode(const struct bgp_ipc_status *status, size_t *len)
{
	struct json_object *root = json_object_new_object();
	struct json_object *peers = json_object_new_array();
	bool good;

	good = put_int(root, "protocol", BGP_IPC_PROTOCOL) && put_text(root, "type", "status") &&
	       put_text(root, "bgpdVersion", status->bgpd_version) && put_int(root, "pid", status->pid) &&
	       put_bool(root, "zebraConnected", status->zebra_connected) &&
	       put_int(root, "desiredGeneration", status->desired_generation) &&
	       put_int(root, "appliedGeneration", status->applied_generation) &&
	       put_count(root, "appliedPrepend", status->applied_prepend) &&
	       put_int(root, "advertisedGeneration", status->advertised_generation) &&
	       put_count(root, "advertisedPrepend", status->advertised_prepend) &&
	       put_int(root, "advertisedPaths", status->advertised_paths) &&
	       put_int(root, "mismatchedPaths", status->mismatched_paths) &&
	       put_int(root, "unadvertisedPrefixes", status->unadvertised_prefixes) &&
	       put_count(root, "witnessPrefixes", status->witness_prefixes) &&
	       put_bool(root, "fallback", status->fallback) && put_text(root, "error", status->error) &&
	       put_text(root, "warning", status->warning);
	for (size_t i = 0; good && i < status->peer_count; i++)
		good = put_peer(peers, &status->peers[i]);
	if (good)
		good = put(root, "peers", peers);
	else
		json_object_put(peers);
	return frame_new(root, good, len);
}

/* --- decoding ---------------------------------------------------------------------------------- */

struct decoder {
	char *error;
	size_t error_size;
	bool failed;
};

/* Note the first failure. */
__attribute__((format(printf, 2, 3))) static void fail(struct decoder *decoder, const char *format, ...)
{
	va_list args;

	if (decoder->failed)
		return;
	decoder->failed = true;
	va_start(args, format);
	vsnprintf(decoder->error, decoder->error_size, format, args);
	va_end(args);
}

/* The value of `key`, of one type; NULL after a failure. A JSON null passes when `nullable`, as NULL. */
static struct json_object *get(struct decoder *decoder, struct json_object *object, const char *key,
			       enum json_type type, bool nullable)
{
	struct json_object *value;

	if (decoder->failed)
		return NULL;
	if (!json_object_object_get_ex(object, key, &value)) {
		fail(decoder, "%s: missing", key);
		return NULL;
	}
	if (!value && nullable)
		return NULL;
	if (!json_object_is_type(value, type)) {
		fail(decoder, "%s: must be %s %s, is %s", key,
		     strchr("aio", *json_type_to_name(type)) ? "an" : "a", json_type_to_name(type),
		     value ? json_type_to_name(json_object_get_type(value)) : "null");
		return NULL;
	}
	return value;
}

static uint64_t get_int(struct decoder *decoder, struct json_object *object, const char *key, uint64_t min,
			uint64_t max)
{
	struct json_object *value = get(decoder, object, key, json_type_int, false);
	uint64_t number;

	if (!value)
		return 0;
	/* json-c gives 0 for a negative number asked for as unsigned, hence the first test. */
	number = json_object_get_uint64(value);
	if (json_object_get_int64(value) < 0 || number < min || number > max) {
		fail(decoder, "%s: must be in %" PRIu64 "..%" PRIu64, key, min, max);
		return 0;
	}
	return number;
}

/* A count that may be null: -1. */
static int get_count(struct decoder *decoder, struct json_object *object, const char *key, int max)
{
	struct json_object *value = get(decoder, object, key, json_type_int, true);

	if (!value)
		return -1;
	return (int)get_int(decoder, object, key, 0, (uint64_t)max);
}

static bool get_bool(struct decoder *decoder, struct json_object *object, const char *key)
{
	struct json_object *value = get(decoder, object, key, json_type_boolean, false);

	return value && json_object_get_boolean(value);
}

/* A text that fits `size` with its NUL and has no control characters; copied, "" after a failure. */
static void get_text(struct decoder *decoder, struct json_object *object, const char *key, bool nullable,
		     char *text, size_t size)
{
	struct json_object *value = get(decoder, object, key, json_type_string, nullable);
	const char *string;
	size_t len;

	*text = '\0';
	if (!value)
		return;
	string = json_object_get_string(value);
	len = (size_t)json_object_get_string_len(value);
	if (len >= size) {
		fail(decoder, "%s: longer than %zu bytes", key, size - 1);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)string[i] < ' ' || string[i] == 0x7f) {
			fail(decoder, "%s: has a control character", key);
			return;
		}
	}
	memcpy(text, string, len);
	text[len] = '\0';
}

/* A name that becomes part of a route-map's name and of YANG paths: no blanks, quotes or brackets. */
static void get_name(struct decoder *decoder, struct json_object *object, const char *key, bool nullable,
		     char *name, size_t size)
{
	get_text(decoder, object, key, nullable, name, size);
	if (decoder->failed)
		return;
	if (!nullable && !*name)
		fail(decoder, "%s: empty", key);
	else if (name[strcspn(name, " '\"[]/")])
		fail(decoder, "%s: has one of: blank ' \" [ ] /", key);
}

/* A list of at most `max` entries; *count is 0 after a failure. */
static struct json_object *get_list(struct decoder *decoder, struct json_object *object, const char *key,
				    size_t max, size_t *count)
{
	struct json_object *value = get(decoder, object, key, json_type_array, false);

	*count = value ? json_object_array_length(value) : 0;
	if (*count > max) {
		fail(decoder, "%s: more than %zu", key, max);
		*count = 0;
	}
	return value;
}

/* Entry `i` of a list of objects; NULL after a failure. */
static struct json_object *get_entry(struct decoder *decoder, struct json_object *list, size_t i,
				     const char *key)
{
	struct json_object *entry = json_object_array_get_idx(list, i);

	if (json_object_is_type(entry, json_type_object))
		return entry;
	fail(decoder, "%s: entry %zu is not an object", key, i + 1);
	return NULL;
}

/* The frame as an object of our protocol version and of `type`; NULL after a failure. */
static struct json_object *get_root(struct decoder *decoder, const uint8_t *json, size_t len,
				    const char *type)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH_MAX);
	struct json_object *root = NULL;
	char found[16];
	uint64_t protocol;

	if (!tokener) {
		fail(decoder, "out of memory");
		return NULL;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (len == 0 || len > BGP_IPC_FRAME_MAX)
		fail(decoder, "frame: must have 1..%u bytes", BGP_IPC_FRAME_MAX);
	else if (!(root = json_tokener_parse_ex(tokener, (const char *)json, (int)len)) ||
		 json_tokener_get_parse_end(tokener) != len)
		fail(decoder, "frame: not one JSON object: %s",
		     json_tokener_error_desc(json_tokener_get_error(tokener)));
	else if (!json_object_is_type(root, json_type_object))
		fail(decoder, "frame: not a JSON object");
	json_tokener_free(tokener);

	protocol = get_int(decoder, root, "protocol", 0, UINT32_MAX);
	if (!decoder->failed && protocol != BGP_IPC_PROTOCOL)
		fail(decoder,
		     "protocol: is %" PRIu64
		     ", this side speaks %d: srpd and bgpd_srp.so are of different versions",
		     protocol, BGP_IPC_PROTOCOL);
	get_text(decoder, root, "type", false, found, sizeof(found));
	if (!decoder->failed && strcmp(found, type) != 0)
		fail(decoder, "type: is \"%s\", must be \"%s\"", found, type);
	if (!decoder->failed)
		return root;
	json_object_put(root);
	return NULL;
}

/* "ADDRESS/LENGTH" */
static void get_prefix(struct decoder *decoder, struct json_object *value, struct srp_prefix *prefix)
{
	const char *string =
		json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
	const char *slash = strchr(string, '/');
	char addr[SRP_ADDR_STRLEN];
	unsigned long plen;
	char *end;

	if (!slash || (size_t)(slash - string) >= sizeof(addr) || slash[1] < '0' || slash[1] > '9') {
		fail(decoder, "prefixes: \"%.50s\" is not ADDRESS/LENGTH", string);
		return;
	}
	memcpy(addr, string, (size_t)(slash - string));
	addr[slash - string] = '\0';
	plen = strtoul(slash + 1, &end, 10);
	if (*end || strlen(string) != (size_t)json_object_get_string_len(value) ||
	    !srp_addr_parse(addr, &prefix->addr) || plen > (prefix->addr.family == AF_INET ? 32u : 128u)) {
		fail(decoder, "prefixes: \"%.50s\" is not ADDRESS/LENGTH", string);
		return;
	}
	prefix->plen = (uint8_t)plen;
}

/* One context; `room` is how many prefixes the policy may still have. */
static void get_context(struct decoder *decoder, struct json_object *object, struct bgp_ipc_context *context,
			size_t room)
{
	struct json_object *list;
	size_t count;

	get_name(decoder, object, "name", false, context->name, sizeof(context->name));
	list = get_list(decoder, object, "prefixes", room, &count);
	if (decoder->failed || !count)
		return;
	context->prefixes = calloc(count, sizeof(*context->prefixes));
	if (!context->prefixes) {
		fail(decoder, "out of memory");
		return;
	}
	context->prefix_count = count;
	for (size_t i = 0; i < count && !decoder->failed; i++)
		get_prefix(decoder, json_object_array_get_idx(list, i), &context->prefixes[i]);
}

static void get_contexts(struct decoder *decoder, struct json_object *root, struct bgp_ipc_policy *policy)
{
	size_t room = BGP_IPC_PREFIXES_MAX;
	struct json_object *list;
	size_t count;

	list = get_list(decoder, root, "contexts", BGP_IPC_CONTEXTS_MAX, &count);
	if (!count)
		return;
	policy->contexts = calloc(count, sizeof(*policy->contexts));
	if (!policy->contexts) {
		fail(decoder, "out of memory");
		return;
	}
	for (size_t i = 0; i < count && !decoder->failed; i++) {
		struct bgp_ipc_context *context = &policy->contexts[policy->context_count++];
		struct json_object *object = get_entry(decoder, list, i, "contexts");

		if (!object)
			return;
		get_context(decoder, object, context, room);
		room -= context->prefix_count;
		for (size_t j = 0; j < i; j++)
			if (strcmp(policy->contexts[j].name, context->name) == 0)
				fail(decoder, "contexts: \"%s\" is there twice", context->name);
	}
}

bool bgp_ipc_policy_decode(const uint8_t *json, size_t len, struct bgp_ipc_policy *policy, char *error,
			   size_t error_size)
{
	struct decoder decoder = {.error = error, .error_size = error_size};
	struct json_object *root;

	memset(policy, 0, sizeof(*policy));
	root = get_root(&decoder, json, len, "policy");
	if (!root)
		return false;
	policy->generation = get_int(&decoder, root, "generation", 1, UINT64_MAX);
	policy->announce = get_bool(&decoder, root, "announce");
	policy->installed = get_bool(&decoder, root, "installed");
	policy->prepend = (uint8_t)get_int(&decoder, root, "prepend", 1, BGP_IPC_PREPEND_MAX);
	policy->fallback_prepend =
		(uint8_t)get_int(&decoder, root, "fallbackPrepend", 1, BGP_IPC_PREPEND_MAX);
	policy->hold_sec = (uint32_t)get_int(&decoder, root, "holdSec", 0, BGP_IPC_HOLD_SEC_MAX);
	policy->witness = get_bool(&decoder, root, "witness");
	get_contexts(&decoder, root, policy);
	json_object_put(root);
	if (decoder.failed)
		bgp_ipc_policy_clear(policy);
	return !decoder.failed;
}

static void get_peer(struct decoder *decoder, struct json_object *object, struct bgp_ipc_peer *peer)
{
	char addr[SRP_ADDR_STRLEN];

	get_name(decoder, object, "context", false, peer->context, sizeof(peer->context));
	get_text(decoder, object, "address", true, addr, sizeof(addr));
	if (*addr && !srp_addr_parse(addr, &peer->addr))
		fail(decoder, "address: \"%s\" is not an IP address", addr);
	get_name(decoder, object, "interface", true, peer->ifname, sizeof(peer->ifname));
	peer->established = get_bool(decoder, object, "established");
	peer->ibgp = get_bool(decoder, object, "ibgp");
	peer->remote_as = (uint32_t)get_int(decoder, object, "remoteAs", 0, UINT32_MAX);
	if (!peer->addr.family && !*peer->ifname)
		fail(decoder, "address: a peer needs an address or an interface");
}

static void get_peers(struct decoder *decoder, struct json_object *root, struct bgp_ipc_status *status)
{
	struct json_object *list;
	size_t count;

	list = get_list(decoder, root, "peers", BGP_IPC_PEERS_MAX, &count);
	if (!count)
		return;
	status->peers = calloc(count, sizeof(*status->peers));
	if (!status->peers) {
		fail(decoder, "out of memory");
		return;
	}
	status->peer_count = count;
	for (size_t i = 0; i < count && !decoder->failed; i++) {
		struct json_object *object = get_entry(decoder, list, i, "peers");

		if (object)
			get_peer(decoder, object, &status->peers[i]);
	}
}

bool bgp_ipc_status_decode(const uint8_t *json, size_t len, struct bgp_ipc_status *status, char *error,
			   size_t error_size)
{
	struct decoder decoder = {.error = error, .error_size = error_size};
	struct json_object *root;

	memset(status, 0, sizeof(*status));
	root = get_root(&decoder, json, len, "status");
	if (!root)
		return false;
	get_text(&decoder, root, "bgpdVersion", false, status->bgpd_version, sizeof(status->bgpd_version));
	status->pid = (uint32_t)get_int(&decoder, root, "pid", 0, UINT32_MAX);
	status->zebra_connected = get_bool(&decoder, root, "zebraConnected");
	status->desired_generation = get_int(&decoder, root, "desiredGeneration", 0, UINT64_MAX);
	status->applied_generation = get_int(&decoder, root, "appliedGeneration", 0, UINT64_MAX);
	status->applied_prepend = get_count(&decoder, root, "appliedPrepend", BGP_IPC_PREPEND_MAX);
	status->advertised_generation = get_int(&decoder, root, "advertisedGeneration", 0, UINT64_MAX);
	status->advertised_prepend = get_count(&decoder, root, "advertisedPrepend", UINT16_MAX);
	status->advertised_paths = (uint32_t)get_int(&decoder, root, "advertisedPaths", 0, UINT32_MAX);
	status->mismatched_paths = (uint32_t)get_int(&decoder, root, "mismatchedPaths", 0, UINT32_MAX);
	status->unadvertised_prefixes =
		(uint32_t)get_int(&decoder, root, "unadvertisedPrefixes", 0, BGP_IPC_PREFIXES_MAX);
	status->witness_prefixes = get_count(&decoder, root, "witnessPrefixes", BGP_IPC_PREFIXES_MAX);
	status->fallback = get_bool(&decoder, root, "fallback");
	get_text(&decoder, root, "error", false, status->error, sizeof(status->error));
	get_text(&decoder, root, "warning", false, status->warning, sizeof(status->warning));
	get_peers(&decoder, root, status);
	json_object_put(root);
	if (decoder.failed)
		bgp_ipc_status_clear(status);
	return !decoder.failed;
}

void bgp_ipc_policy_clear(struct bgp_ipc_policy *policy)
{
	for (size_t i = 0; i < policy->context_count; i++)
		free(policy->contexts[i].prefixes);
	free(policy->contexts);
	memset(policy, 0, sizeof(*policy));
}

void bgp_ipc_status_clear(struct bgp_ipc_status *status)
{
	free(status->peers);
	memset(status, 0, sizeof(*status));
}

/* --- frames on a stream ------------------------------------------------------------------------- */

/* The reader's buffer starts with the header of the frame in progress; the JSON follows it. */
#define READER_STEP       16384u
#define READER_KEEPALIVES 16 /* passed over in one call: a flood of them has its turn like others */

/* How many bytes the frame in progress has, header included; 0 while the header is not complete. */
static size_t reader_frame_len(const struct bgp_ipc_reader *reader)
{
	uint32_t header;

	if (reader->len < BGP_IPC_HEADER_LEN)
		return 0;
	memcpy(&header, reader->buf, sizeof(header));
	return BGP_IPC_HEADER_LEN + (size_t)ntohl(header);
}

enum bgp_ipc_read bgp_ipc_reader_read(struct bgp_ipc_reader *reader, int fd, const uint8_t **json,
				      size_t *json_len)
{
	unsigned int keepalives = 0;

	/* A complete frame was given out by the last call. */
	if (reader->len && reader->len == reader_frame_len(reader))
		reader->len = 0;

	for (;;) {
		size_t frame_len = reader_frame_len(reader);
		size_t want = frame_len ? frame_len : BGP_IPC_HEADER_LEN;
		ssize_t got;

		if (frame_len > BGP_IPC_FRAME_MAX)
			return BGP_IPC_READ_CLOSED;
		if (frame_len == BGP_IPC_HEADER_LEN) {
			reader->len = 0;
			if (++keepalives == READER_KEEPALIVES)
				return BGP_IPC_READ_AGAIN;
			continue;
		}
		if (frame_len && reader->len == frame_len) {
			*json = reader->buf + BGP_IPC_HEADER_LEN;
			*json_len = frame_len - BGP_IPC_HEADER_LEN;
			return BGP_IPC_READ_FRAME;
		}
		/* Memory follows what has arrived, not what is announced. */
		if (reader->len == reader->size) {
			size_t size = reader->len * 2 + READER_STEP;
			uint8_t *grown;

			size = size < want ? size : want;
			grown = realloc(reader->buf, size);
			if (!grown)
				return BGP_IPC_READ_CLOSED;
			reader->buf = grown;
			reader->size = size;
		}
		if (want > reader->size)
			want = reader->size;
		got = read(fd, reader->buf + reader->len, want - reader->len);
		if (got > 0) {
			reader->len += (size_t)got;
			reader->received += (uint64_t)got;
		} else if (got < 0 && errno == EINTR) {
			continue;
		} else {
			return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? BGP_IPC_READ_AGAIN
										    : BGP_IPC_READ_CLOSED;
		}
	}
}

void bgp_ipc_reader_clear(struct bgp_ipc_reader *reader)
{
	free(reader->buf);
	memset(reader, 0, sizeof(*reader));
}

void bgp_ipc_writer_put(struct bgp_ipc_writer *writer, uint8_t *frame, size_t len)
{
	if (!writer->frame || writer->sent == 0) {
		free(writer->frame);
		writer->frame = frame;
		writer->len = len;
		writer->sent = 0;
		return;
	}
	free(writer->next);
	writer->next = frame;
	writer->next_len = len;
}

bool bgp_ipc_writer_keepalive(struct bgp_ipc_writer *writer)
{
	uint8_t *frame;

	if (writer->frame)
		return true;
	frame = calloc(1, BGP_IPC_HEADER_LEN);
	if (frame)
		bgp_ipc_writer_put(writer, frame, BGP_IPC_HEADER_LEN);
	return frame != NULL;
}

enum bgp_ipc_write bgp_ipc_writer_flush(struct bgp_ipc_writer *writer, int fd)
{
	while (writer->frame) {
		ssize_t sent =
			send(fd, writer->frame + writer->sent, writer->len - writer->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? BGP_IPC_WRITE_AGAIN
								       : BGP_IPC_WRITE_CLOSED;
		writer->sent += (size_t)sent;
		if (writer->sent < writer->len)
			continue;
		free(writer->frame);
		writer->frame = writer->next;
		writer->len = writer->next_len;
		writer->sent = 0;
		writer->next = NULL;
		writer->next_len = 0;
	}
	return BGP_IPC_WRITE_DONE;
}

void bgp_ipc_writer_clear(struct bgp_ipc_writer *writer)
{
	free(writer->frame);
	free(writer->next);
	memset(writer, 0, sizeof(*writer));
}
