/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See config_check.h. */
#include "agent/config_check.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/hash.h"

#define RETRY_MSEC 1000 /* a page that does not come is asked for again */

/* The peer is trusted, so it is accidents only that must be told apart. 0 would say that there is none. */
static uint64_t digest(const char *text, size_t len)
{
	uint64_t value = srp_hash(SRP_HASH_START, text, len);

	return value ? value : 1;
}

/* --- a configuration as lines -------------------------------------------------------------- */

static void put_guard(FILE *out, const char *name, const struct srp_guard_sec *guard)
{
	fprintf(out, "guard-timer %s damping-period %u guard-period %u\n", name, guard->damping_sec,
		guard->guard_sec);
}

static void put_protocol(FILE *out, const struct srp_config *config)
{
	char name[64];

	fprintf(out, "port %u\n", config->port);
	fprintf(out, "hello-interval %u msec\n", config->hello_msec);
	fprintf(out, "dead-interval %u msec\n", config->dead_msec);
	fprintf(out, "delay-interval %u\n", config->delay_sec);
	fprintf(out, "configuration-interval %u\n", config->config_check_sec);
	fprintf(out, "witness-interval %u msec\n", config->witness_msec);
	fprintf(out, "route-modifier threshold %u\n", config->threshold);
	fprintf(out, "bgp hold-time %u\n", config->bgp_hold_sec);
	if (config->bgp_driver == SRP_BGP_METRIC)
		fprintf(out, "bgp driver metric base %u\n", config->metric_base);
	for (int i = 0; i < SRP_FAMILY_COUNT; i++) {
		snprintf(name, sizeof(name), "srp-redundancy-timers %s", srp_family_name((enum srp_family)i));
		put_guard(out, name, &config->local_guard[i]);
	}
	put_guard(out, "aaa-switchover-timers", &config->switchover_guard[SRP_FAMILY_AAA]);
	put_guard(out, "diameter-switchover-timers", &config->switchover_guard[SRP_FAMILY_DIAMETER]);
	if (config->options & SRP_OPTION_ALL_DATA)
		fprintf(out, "switchover allow-all-data-traffic\n");
	if (config->options & SRP_OPTION_VOLTE_DATA)
		fprintf(out, "switchover allow-volte-data-traffic%s\n",
			config->options & SRP_OPTION_MAINTAIN_ACCOUNTING ? " maintain-accounting" : "");
	if (config->options & SRP_OPTION_EARLY_ACTIVE)
		fprintf(out, "switchover allow-early-active-transition\n");
	if (config->options & SRP_OPTION_CONTROL_OUTAGE)
		fprintf(out, "switchover control-outage-optimization\n");
	fprintf(out, "switchover convergence-time %u msec\n", config->convergence_msec);
	fprintf(out, "switchover on-peer-monitor-fail ");
	if (config->peer_fail_allow)
		fprintf(out, "allow\n");
	else if (config->peer_fail_timed)
		fprintf(out, "disallow timeout %u\n", config->peer_fail_sec);
	else
		fprintf(out, "disallow\n");
}

/* Compression is agreed on, and memory is each chassis' own. */
static void put_checkpoint(FILE *out, const struct srp_config *config)
{
	const struct srp_engine_config *checkpoint = &config->checkpoint;

	fprintf(out, "checkpoint session duration ims-session %u non-ims-session %u\n",
		checkpoint->duration_ims, checkpoint->duration_non_ims);
	fprintf(out, "checkpoint session periodic-interval %u\n", checkpoint->periodic_min);
	if (checkpoint->nack_macro.enabled)
		fprintf(out, "checkpoint session nack macro max-response %u\n",
			checkpoint->nack_macro.max_response);
	if (checkpoint->nack_micro.enabled)
		fprintf(out, "checkpoint session nack micro max-response %u\n",
			checkpoint->nack_micro.max_response);
	fprintf(out, "standby database-recovery %s\n", checkpoint->aggressive ? "aggressive" : "normal");
	if (checkpoint->graceful_cleanup)
		fprintf(out, "require graceful-cleanup-during-audit-failure\n");
	if (config->audit_daily)
		fprintf(out, "audit daily-start-time %02u %02u\n", config->audit_hour, config->audit_minute);
	fprintf(out, "audit periodicity %u\n", config->audit_periodicity_min);
}

/* The peers of a group are each chassis' own; how many watch it is not. */
static void put_monitors(FILE *out, const struct srp_config *config)
{
	for (size_t i = 0; i < config->monitor_count; i++) {
		const struct srp_bgp_monitor *monitor = &config->monitors[i];
		unsigned int count = 0;
		bool first = true;

		for (size_t j = 0; j < config->monitor_count; j++) {
			if (config->monitors[j].group != monitor->group ||
			    strcmp(config->monitors[j].context, monitor->context) != 0)
				continue;
			first &= j >= i;
			count++;
		}
		if (!first)
			continue;
		fprintf(out, "monitor bgp context %s", monitor->context);
		if (monitor->group)
			fprintf(out, " group %u", monitor->group);
		fprintf(out, " peers %u\n", count);
	}
}

static void put_objects(FILE *out, const struct srp_config *config)
{
	char text[SRP_PREFIX_STRLEN];

	for (size_t i = 0; i < config->loopback_count; i++)
		fprintf(out, "context %s interface %s loopback address %s\n", config->loopbacks[i].context,
			config->loopbacks[i].name, srp_prefix_format(&config->loopbacks[i].prefix, text));
	for (size_t i = 0; i < config->pool_count; i++) {
		const struct srp_pool *pool = &config->pools[i];

		fprintf(out, "context %s pool %s %s class %s\n", pool->context, pool->name,
			srp_prefix_format(&pool->prefix, text), pool->ims ? "ims" : "non-ims");
	}
}

/* The interfaces are each chassis' own; how many announce a context is not. */
static void put_l2(FILE *out, const struct srp_config *config)
{
	for (size_t i = 0; i < config->l2_interface_count; i++) {
		const char *context = config->l2_interfaces[i].context;
		unsigned int count = 0;
		bool first = true;

		for (size_t j = 0; j < config->l2_interface_count; j++) {
			if (strcmp(config->l2_interfaces[j].context, context) != 0)
				continue;
			first &= j >= i;
			count++;
		}
		if (first)
			fprintf(out, "context %s l2-announce interfaces %u\n", context, count);
	}
}

static uint32_t count_lines(const char *text, size_t len)
{
	uint32_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	return count;
}

bool srp_config_lines_make(struct srp_config_lines *lines, const struct srp_config *config)
{
	FILE *out = open_memstream(&lines->text, &lines->len);

	if (!out)
		return false;
	put_protocol(out, config);
	put_checkpoint(out, config);
	put_monitors(out, config);
	put_objects(out, config);
	put_l2(out, config);
	if (fclose(out)) {
		srp_config_lines_clear(lines);
		return false;
	}
	lines->count = count_lines(lines->text, lines->len);
	lines->checksum = digest(lines->text, lines->len);
	return true;
}

void srp_config_lines_clear(struct srp_config_lines *lines)
{
	free(lines->text);
	*lines = (struct srp_config_lines){0};
}

/* --- differences --------------------------------------------------------------------------- */

/* One line of a text. */
struct line {
	const char *text;
	int len;
};

static struct line *split(const struct srp_config_lines *lines)
{
	struct line *list = calloc(lines->count + 1, sizeof(*list));
	const char *at = lines->text;

	for (uint32_t i = 0; list && i < lines->count; i++) {
		const char *end = strchr(at, '\n');

		list[i] = (struct line){.text = at, .len = (int)(end - at)};
		at = end + 1;
	}
	return list;
}

static int line_order(const void *left, const void *right)
{
	const struct line *a = left, *b = right;
	int order = memcmp(a->text, b->text, (size_t)(a->len < b->len ? a->len : b->len));

	return order ? order : a->len - b->len;
}

static void add_difference(struct json_object *array, const char *where, const struct line *line)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "item", json_object_new_string_len(line->text, line->len));
	json_object_object_add(object, "where", json_object_new_string(where));
	json_object_array_add(array, object);
}

/* What is in one of two sorted lists only. */
static void compare_sets(struct json_object *array, const struct line *own, uint32_t own_count,
			 const struct line *peer, uint32_t peer_count)
{
	uint32_t i = 0, j = 0;

	while (i < own_count || j < peer_count) {
		int order = i == own_count ? 1 : j == peer_count ? -1 : line_order(&own[i], &peer[j]);

		if (order < 0)
			add_difference(array, "local", &own[i++]);
		else if (order > 0)
			add_difference(array, "peer", &peer[j++]);
		else
			i++, j++;
	}
}

struct json_object *srp_config_lines_differences(const struct srp_config_lines *own,
						 const struct srp_config_lines *peer)
{
	struct json_object *array = json_object_new_array();
	struct line *a = split(own), *b = split(peer);

	if (!array || !a || !b) {
		json_object_put(array);
		array = NULL;
	} else {
		struct line first = {0};

		for (uint32_t i = 0; !first.text && i < own->count && i < peer->count; i++)
			if (line_order(&a[i], &b[i]) != 0)
				first = a[i];
		qsort(a, own->count, sizeof(*a), line_order);
		qsort(b, peer->count, sizeof(*b), line_order);
		compare_sets(array, a, own->count, b, peer->count);
		if (!json_object_array_length(array) && first.text)
			add_difference(array, "order", &first);
	}
	free(a);
	free(b);
	return array;
}

/* --- asking the peer ----------------------------------------------------------------------- */

struct srp_config_check {
	struct srp_loop *loop;
	void (*send)(void *arg, const struct srp_message *message);
	void *arg;
	struct srp_config_lines own;
	struct srp_config_lines peer;  /* checksum 0: not there */
	uint64_t peer_checksum;        /* as the hellos say */
	struct srp_config_lines pages; /* what has come in so far */
	uint32_t request_id;
	bool asking;
	struct srp_alarm *alarm;
};

static void ask(struct srp_config_check *check)
{
	struct srp_message message = {.type = SRP_MSG_CONFIG_REQUEST,
				      .request_id = ++check->request_id,
				      .line = check->pages.count};

	check->loop->ops->alarm_at(check->alarm, check->loop->ops->now(check->loop) + RETRY_MSEC);
	check->send(check->arg, &message);
}

static void stop_asking(struct srp_config_check *check)
{
	check->asking = false;
	check->loop->ops->alarm_off(check->alarm);
	srp_config_lines_clear(&check->pages);
}

/* Ask while the peer has another configuration and we do not know which. */
static void consider(struct srp_config_check *check)
{
	bool wanted = check->peer_checksum && check->own.checksum &&
		      check->peer_checksum != check->own.checksum &&
		      check->peer_checksum != check->peer.checksum;

	if (!wanted) {
		stop_asking(check);
	} else if (!check->asking) {
		check->asking = true;
		ask(check);
	}
}

static void on_alarm(void *arg)
{
	struct srp_config_check *check = arg;

	if (check->asking)
		ask(check);
}

static void answer(struct srp_config_check *check, const struct srp_message *request)
{
	struct srp_message page = {.type = SRP_MSG_CONFIG_PAGE,
				   .request_id = request->request_id,
				   .checksum = check->own.checksum,
				   .line = request->line,
				   .line_count = check->own.count};
	const char *at = check->own.text;

	if (!at)
		return;
	for (uint32_t line = 0; line < request->line && *at; line++)
		at = strchr(at, '\n') + 1;
	while (*at) {
		size_t len = (size_t)(strchr(at, '\n') + 1 - at);

		if (page.text_len + len > sizeof(page.text))
			break;
		memcpy(page.text + page.text_len, at, len);
		page.text_len += (uint16_t)len;
		at += len;
	}
	check->send(check->arg, &page);
}

/* Add a page. False when memory is out. */
static bool append(struct srp_config_lines *pages, const struct srp_message *page)
{
	char *grown = realloc(pages->text, pages->len + page->text_len + 1);

	if (!grown)
		return false;
	pages->text = grown;
	memcpy(grown + pages->len, page->text, page->text_len);
	pages->len += page->text_len;
	grown[pages->len] = '\0';
	pages->count += count_lines(page->text, page->text_len);
	return true;
}

static void take_page(struct srp_config_check *check, const struct srp_message *page)
{
	struct srp_config_lines *pages = &check->pages;

	if (!check->asking || page->request_id != check->request_id || page->line != pages->count)
		return;
	if (pages->count && page->checksum != pages->checksum) {
		/* It has changed while it was read: from the start, when the alarm comes. */
		srp_config_lines_clear(pages);
		return;
	}
	pages->checksum = page->checksum;
	if (page->line_count > SRP_CONFIG_LINES_MAX || pages->len + page->text_len > SRP_CONFIG_BYTES_MAX ||
	    !append(pages, page)) {
		srp_config_lines_clear(pages);
		return;
	}
	if (pages->count < page->line_count) {
		/* An empty page would have us ask for it for ever: then the alarm paces it. */
		if (page->text_len)
			ask(check);
		return;
	}
	srp_config_lines_clear(&check->peer);
	check->peer = *pages;
	*pages = (struct srp_config_lines){0};
	consider(check);
}

void srp_config_check_message(struct srp_config_check *check, const struct srp_message *message)
{
	if (message->type == SRP_MSG_CONFIG_REQUEST)
		answer(check, message);
	else if (message->type == SRP_MSG_CONFIG_PAGE)
		take_page(check, message);
}

void srp_config_check_peer(struct srp_config_check *check, uint64_t checksum)
{
	if (checksum == check->peer_checksum)
		return;
	check->peer_checksum = checksum;
	srp_config_lines_clear(&check->pages);
	consider(check);
}

uint64_t srp_config_check_own(struct srp_config_check *check, const struct srp_config *config)
{
	srp_config_lines_clear(&check->own);
	if (!srp_config_lines_make(&check->own, config))
		return 0;
	consider(check);
	return check->own.checksum;
}

static void add_checksum(struct json_object *object, const char *key, uint64_t checksum)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, checksum);
	json_object_object_add(object, key, checksum ? json_object_new_string(text) : NULL);
}

struct json_object *srp_config_check_result(const struct srp_config_check *check)
{
	struct json_object *object = json_object_new_object();
	bool known = check->own.checksum && check->peer_checksum;
	bool same = check->own.checksum == check->peer_checksum;

	json_object_object_add(object, "result",
			       json_object_new_string(!known ? "unknown"
						      : same ? "same"
							     : "different"));
	add_checksum(object, "localChecksum", check->own.checksum);
	add_checksum(object, "peerChecksum", check->peer_checksum);
	json_object_object_add(object, "differences",
			       known && !same && check->peer.checksum == check->peer_checksum
				       ? srp_config_lines_differences(&check->own, &check->peer)
				       : NULL);
	return object;
}

struct srp_config_check *srp_config_check_new(struct srp_loop *loop,
					      void (*send)(void *arg, const struct srp_message *message),
					      void *arg)
{
	struct srp_config_check *check = calloc(1, sizeof(*check));

	if (!check)
		return NULL;
	check->loop = loop;
	check->send = send;
	check->arg = arg;
	check->alarm = loop->ops->alarm(loop, on_alarm, check);
	return check;
}

void srp_config_check_free(struct srp_config_check *check)
{
	if (!check)
		return;
	check->loop->ops->alarm_free(check->alarm);
	srp_config_lines_clear(&check->own);
	srp_config_lines_clear(&check->peer);
	srp_config_lines_clear(&check->pages);
	free(check);
}
