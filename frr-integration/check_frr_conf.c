/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FRRouting's configuration, as far as check-frr judges it: BGP instances with their neighbours, and route-maps.
 *
 * It may come from a running daemon or from a file that a person wrote, with or without indentation and `exit`. So
 * a section ends at `exit`, and at a line that can only stand at the top; indentation is not looked at.
 */
#include "frr-integration/check_frr_private.h"

#include <stdlib.h>
#include <string.h>

#define BGPS_MAX    512
#define PEERS_MAX   4096 /* of an instance */
#define ENTRIES_MAX 16384
#define LISTS_MAX   4096 /* networks, listen ranges, members of a confederation */

void check_conf_begin(struct check_conf_reader *reader, char *text)
{
	reader->next = text;
}

bool check_conf_next(struct check_conf_reader *reader, struct check_conf_line *line)
{
	while (*reader->next) {
		char *word = reader->next, *end = word + strcspn(word, "\n");
		char *rest;

		reader->next = *end ? end + 1 : end;
		*end = '\0';
		line->count = 0;
		while (line->count < CHECK_CONF_WORDS_MAX && (word = strtok_r(word, " \t\r", &rest))) {
			line->words[line->count++] = word;
			word = NULL;
		}
		if (line->count && line->words[0][0] != '!' && line->words[0][0] != '#')
			return true;
	}
	return false;
}

bool check_conf_is(const struct check_conf_line *line, const char *pattern)
{
	for (unsigned int i = 0; *pattern; i++) {
		size_t len = strcspn(pattern, " ");

		if (i == line->count)
			return false;
		if (!(len == 1 && *pattern == '*') &&
		    (strncmp(line->words[i], pattern, len) != 0 || line->words[i][len]))
			return false;
		pattern += len;
		pattern += strspn(pattern, " ");
	}
	return true;
}

char *check_conf_after(const struct check_conf_line *line, const char *key)
{
	for (unsigned int i = 0; i + 1 < line->count; i++)
		if (strcmp(line->words[i], key) == 0)
			return line->words[i + 1];
	return NULL;
}

void *check_conf_append(void **list, size_t *count, size_t size, size_t max)
{
	char *entry;

	if (*count >= max)
		return NULL;
	if ((*count & (*count - 1)) == 0) {
		void *more = realloc(*list, (*count ? *count * 2 : 1) * size);

		if (!more)
			return NULL;
		*list = more;
	}
	entry = (char *)*list + (*count)++ * size;
	memset(entry, 0, size);
	return entry;
}

/* Where the reader is. */
struct place {
	struct check_conf *conf;
	size_t bgp;          /* index + 1; 0: in none */
	size_t entry;        /* likewise, of a route-map entry */
	int family;          /* of an instance's address family; -1: one that does not matter */
	bool in_family;      /* between `address-family` and its exit */
	unsigned int deeper; /* nodes below, which end with an `exit` of their own */
};

static struct check_bgp *place_bgp(const struct place *place)
{
	return place->bgp ? &place->conf->bgps[place->bgp - 1] : NULL;
}

static struct check_map_entry *place_entry(const struct place *place)
{
	return place->entry ? &place->conf->entries[place->entry - 1] : NULL;
}

static void place_leave(struct place *place)
{
	*place = (struct place){.conf = place->conf, .family = CHECK_IPV4};
}

static void read_router(struct place *place, const struct check_conf_line *line)
{
	struct check_conf *conf = place->conf;
	void *list = conf->bgps;
	const char *name = NULL;
	struct check_bgp *bgp;

	if (!check_conf_is(line, "router bgp *"))
		return;
	for (unsigned int i = 3; i + 1 < line->count; i++)
		if (strcmp(line->words[i], "vrf") == 0 || strcmp(line->words[i], "view") == 0)
			name = line->words[i + 1];
	for (size_t i = 0; i < conf->bgp_count; i++) {
		if (strcmp(conf->bgps[i].name, name ? name : "default") != 0)
			continue;
		place->bgp = i + 1; /* the section goes on */
		return;
	}
	bgp = check_conf_append(&list, &conf->bgp_count, sizeof(*bgp), BGPS_MAX);
	conf->bgps = list;
	if (!bgp) {
		conf->cut = true;
		return;
	}
	bgp->as = line->words[2];
	bgp->name = name ? name : "default";
	bgp->is_view = check_conf_after(line, "view") != NULL;
	place->bgp = conf->bgp_count;
}

/* The neighbour or group of that name, made when it is new. */
static struct check_peer *bgp_peer_get(struct check_conf *conf, struct check_bgp *bgp, const char *name)
{
	void *list = bgp->peers;
	struct check_peer *peer;

	for (size_t i = 0; i < bgp->peer_count; i++)
		if (strcmp(bgp->peers[i].name, name) == 0)
			return &bgp->peers[i];
	peer = check_conf_append(&list, &bgp->peer_count, sizeof(*peer), PEERS_MAX);
	bgp->peers = list;
	if (peer)
		peer->name = name;
	else
		conf->cut = true;
	return peer;
}

/* `neighbor X route-map M in`, and its like, in an address family. */
static bool read_peer_filter(struct check_peer_family *family, const struct check_conf_line *line)
{
	const char *direction = line->count > 4 ? line->words[4] : "";
	int way = strcmp(direction, "out") == 0 ? CHECK_OUT : strcmp(direction, "in") == 0 ? CHECK_IN : -1;

	if (way < 0)
		return false;
	if (strcmp(line->words[2], "route-map") == 0)
		family->map[way] = line->words[3];
	else if (strcmp(line->words[2], "prefix-list") == 0 || strcmp(line->words[2], "filter-list") == 0 ||
		 strcmp(line->words[2], "distribute-list") == 0)
		family->filter[way] = true;
	else
		return false;
	return true;
}

static void read_peer(struct place *place, const struct check_conf_line *line)
{
	struct check_peer *peer = bgp_peer_get(place->conf, place_bgp(place), line->words[1]);
	const char *word = line->words[2], *value = line->count > 3 ? line->words[3] : NULL;

	if (!peer)
		return;
	if (place->family >= 0) {
		struct check_peer_family *family = &peer->families[place->family];

		if (strcmp(word, "activate") == 0)
			family->activate = CHECK_YES;
		else if (read_peer_filter(family, line))
			return;
	}
	if (strcmp(word, "interface") == 0) {
		if (check_conf_after(line, "remote-as"))
			peer->remote_as = check_conf_after(line, "remote-as");
		if (check_conf_after(line, "peer-group"))
			peer->group = check_conf_after(line, "peer-group");
	} else if (strcmp(word, "peer-group") == 0) {
		peer->is_group = !value;
		peer->group = value;
	} else if (strcmp(word, "remote-as") == 0) {
		peer->remote_as = value;
	} else if (strcmp(word, "bfd") == 0) {
		peer->bfd = true;
	} else if (strcmp(word, "shutdown") == 0) {
		peer->shutdown = true;
	} else if (strcmp(word, "graceful-restart") == 0) {
		peer->graceful_restart = true;
	} else if (strcmp(word, "advertisement-interval") == 0) {
		peer->advertisement_interval = value;
	} else if (strcmp(word, "timers") == 0 && value && strcmp(value, "connect") != 0 && line->count > 4) {
		peer->hold_time = line->words[4];
	}
}

static void read_network(struct place *place, const struct check_conf_line *line)
{
	struct check_bgp *bgp = place_bgp(place);
	struct check_network *network;
	void *list = bgp->networks;

	if (place->family < 0)
		return;
	network = check_conf_append(&list, &bgp->network_count, sizeof(*network), LISTS_MAX);
	bgp->networks = list;
	if (!network) {
		place->conf->cut = true;
		return;
	}
	network->family = (unsigned int)place->family;
	network->prefix = line->words[1];
	network->map = check_conf_after(line, "route-map");
}

static void read_listen(struct place *place, const struct check_conf_line *line)
{
	struct check_bgp *bgp = place_bgp(place);
	void *list = bgp->listens;
	struct check_listen *listen =
		check_conf_append(&list, &bgp->listen_count, sizeof(*listen), LISTS_MAX);

	bgp->listens = list;
	if (!listen) {
		place->conf->cut = true;
		return;
	}
	listen->range = line->words[3];
	listen->group = line->words[5];
}

static void read_confederation(struct place *place, const struct check_conf_line *line)
{
	struct check_bgp *bgp = place_bgp(place);

	for (unsigned int i = 3; i < line->count; i++) {
		void *list = bgp->confederation;
		const char **as = check_conf_append(&list, &bgp->confederation_count, sizeof(*as), LISTS_MAX);

		bgp->confederation = list;
		if (as)
			*as = line->words[i];
		else
			place->conf->cut = true;
	}
}

/* A line of an instance or of one of its address families. */
static void read_bgp(struct place *place, const struct check_conf_line *line)
{
	struct check_bgp *bgp = place_bgp(place);

	if (check_conf_is(line, "address-family")) {
		place->in_family = true;
		place->family = -1;
		/* "address-family ipv4" is unicast, too. */
		if (line->count == 2 || check_conf_is(line, "address-family * unicast"))
			for (int family = 0; family < CHECK_FAMILIES; family++)
				if (strcmp(line->words[1], check_family_names[family]) == 0)
					place->family = family;
	} else if (check_conf_is(line, "exit-address-family")) {
		place->in_family = false;
		place->family = CHECK_IPV4;
	} else if (check_conf_is(line, "bmp targets *") || check_conf_is(line, "segment-routing srv6") ||
		   check_conf_is(line, "vni *")) {
		place->deeper++;
	} else if (check_conf_is(line, "neighbor * *")) {
		read_peer(place, line);
	} else if (check_conf_is(line, "no neighbor * activate")) {
		struct check_peer *peer = bgp_peer_get(place->conf, bgp, line->words[2]);

		if (peer && place->family >= 0)
			peer->families[place->family].activate = CHECK_NO;
	} else if (check_conf_is(line, "redistribute *")) {
		for (int kind = 0; place->family >= 0 && kind < CHECK_KINDS; kind++)
			if (strcmp(line->words[1], check_kind_names[kind]) == 0)
				bgp->redistribute[place->family][kind] = (struct check_redistribute){
					.set = true, .map = check_conf_after(line, "route-map")};
	} else if (check_conf_is(line, "network *")) {
		read_network(place, line);
	} else if (check_conf_is(line, "bgp listen range * peer-group *")) {
		read_listen(place, line);
	} else if (check_conf_is(line, "bgp confederation peers")) {
		read_confederation(place, line);
	} else if (check_conf_is(line, "bgp ebgp-requires-policy")) {
		bgp->requires_policy = CHECK_YES;
	} else if (check_conf_is(line, "no bgp ebgp-requires-policy")) {
		bgp->requires_policy = CHECK_NO;
	} else if (check_conf_is(line, "bgp default ipv4-unicast")) {
		bgp->default_family[CHECK_IPV4] = CHECK_YES;
	} else if (check_conf_is(line, "no bgp default ipv4-unicast")) {
		bgp->default_family[CHECK_IPV4] = CHECK_NO;
	} else if (check_conf_is(line, "bgp default ipv6-unicast")) {
		bgp->default_family[CHECK_IPV6] = CHECK_YES;
	} else if (check_conf_is(line, "bgp graceful-restart") && line->count == 2) {
		bgp->graceful_restart = true;
	} else if (check_conf_is(line, "bgp graceful-restart-disable")) {
		bgp->graceful_disable = true;
	} else if (check_conf_is(line, "coalesce-time *")) {
		bgp->coalesce_time = line->words[1];
	} else if (check_conf_is(line, "timers bgp * *")) {
		bgp->hold_time = line->words[3];
	}
}

static void read_map(struct place *place, const struct check_conf_line *line)
{
	struct check_conf *conf = place->conf;
	void *list = conf->entries;
	struct check_map_entry *entry =
		check_conf_append(&list, &conf->entry_count, sizeof(*entry), ENTRIES_MAX);

	conf->entries = list;
	if (!entry) {
		conf->cut = true;
		return;
	}
	entry->map = line->words[1];
	entry->permit = strcmp(line->words[2], "permit") == 0;
	entry->seq = strtoul(line->words[3], NULL, 10);
	place->entry = conf->entry_count;
}

static void read_entry(struct place *place, const struct check_conf_line *line)
{
	struct check_map_entry *entry = place_entry(place);

	if (check_conf_is(line, "match")) {
		entry->has_match = true;
		if (check_conf_is(line, "match ip address prefix-list *"))
			entry->lists[CHECK_IPV4] = line->words[4];
		else if (check_conf_is(line, "match ipv6 address prefix-list *"))
			entry->lists[CHECK_IPV6] = line->words[4];
	} else if (check_conf_is(line, "call *")) {
		entry->call = line->words[1];
	} else if (check_conf_is(line, "continue") || check_conf_is(line, "on-match")) {
		entry->goes_on = true;
	} else if (check_conf_is(line, "set as-path prepend")) {
		entry->prepends = true;
	}
}

/* Lines that stand at the top wherever they are. */
static bool is_top(const struct check_conf_line *line)
{
	static const char *const words[] = {"router",
					    "route-map",
					    "interface",
					    "vrf",
					    "hostname",
					    "log",
					    "service",
					    "frr",
					    "line",
					    "debug",
					    "password",
					    "enable",
					    "end",
					    "access-list",
					    "bfd",
					    "context",
					    "ip",
					    "ipv6",
					    "service-redundancy-protocol"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(line->words[0], words[i]) == 0)
			return true;
	return false;
}

static void read_top(struct place *place, const struct check_conf_line *line)
{
	struct check_conf *conf = place->conf;

	place_leave(place);
	if (strcmp(line->words[0], "router") == 0)
		read_router(place, line);
	else if (check_conf_is(line, "route-map * * *"))
		read_map(place, line);
	else if (check_conf_is(line, "frr defaults *"))
		conf->datacenter = strcmp(line->words[2], "datacenter") == 0;
	else if (check_conf_is(line, "service-redundancy-protocol") ||
		 (check_conf_is(line, "context *") && line->count == 2))
		conf->srp_lines = true;
}

static void read_exit(struct place *place)
{
	if (place->deeper) {
		place->deeper--;
	} else if (place->in_family) {
		place->in_family = false;
		place->family = CHECK_IPV4;
	} else {
		place_leave(place);
	}
}

static void read_line(struct place *place, const struct check_conf_line *line)
{
	struct check_conf *conf = place->conf;

	if (check_conf_is(line, "exit") || check_conf_is(line, "quit") || check_conf_is(line, "exit-vni"))
		read_exit(place);
	else if (check_conf_is(line, "bgp route-map delay-timer *"))
		conf->delay_timer = line->words[3]; /* one for all instances, wherever it stands */
	else if (is_top(line))
		read_top(place, line);
	else if (place->bgp)
		read_bgp(place, line);
	else if (place->entry)
		read_entry(place, line);
	else if (check_conf_is(line, "bgp graceful-restart") && line->count == 2)
		conf->graceful_restart = true;
	else if (check_conf_is(line, "bgp graceful-restart-disable"))
		conf->graceful_disable = true;
}

static int entry_compare(const void *left, const void *right)
{
	const struct check_map_entry *a = left, *b = right;
	int order = strcmp(a->map, b->map);

	return order ? order : (a->seq > b->seq) - (a->seq < b->seq);
}

void check_conf_read(struct check_conf *conf, const char *text, const char *where)
{
	struct place place = {.conf = conf, .family = CHECK_IPV4};
	struct check_conf_reader reader;
	struct check_conf_line line;

	*conf = (struct check_conf){.where = where, .text = strdup(text)};
	if (!conf->text) {
		conf->cut = true;
		return;
	}
	check_conf_begin(&reader, conf->text);
	while (check_conf_next(&reader, &line))
		read_line(&place, &line);
	if (conf->entry_count)
		qsort(conf->entries, conf->entry_count, sizeof(*conf->entries), entry_compare);
	for (size_t i = 0; i < conf->bgp_count; i++) {
		struct check_bgp *bgp = &conf->bgps[i];

		for (size_t l = 0; l < bgp->listen_count; l++) {
			struct check_peer *group =
				(struct check_peer *)check_bgp_peer(bgp, bgp->listens[l].group);

			if (group)
				group->is_listened = true;
		}
	}
}

void check_conf_clear(struct check_conf *conf)
{
	for (size_t i = 0; i < conf->bgp_count; i++) {
		free(conf->bgps[i].peers);
		free(conf->bgps[i].networks);
		free(conf->bgps[i].listens);
		free(conf->bgps[i].confederation);
	}
	free(conf->bgps);
	free(conf->entries);
	free(conf->text);
	*conf = (struct check_conf){0};
}

const struct check_bgp *check_conf_bgp(const struct check_conf *conf, const char *context)
{
	for (size_t i = 0; i < conf->bgp_count; i++)
		if (strcmp(conf->bgps[i].name, context) == 0)
			return &conf->bgps[i];
	return NULL;
}

/* Addresses are compared as such: there are several ways to write one. */
const struct check_peer *check_bgp_peer(const struct check_bgp *bgp, const char *name)
{
	struct srp_addr addr, other;

	for (size_t i = 0; i < bgp->peer_count; i++)
		if (strcmp(bgp->peers[i].name, name) == 0)
			return &bgp->peers[i];
	if (!srp_addr_parse(name, &addr))
		return NULL;
	for (size_t i = 0; i < bgp->peer_count; i++)
		if (srp_addr_parse(bgp->peers[i].name, &other) && srp_addr_equal(&addr, &other))
			return &bgp->peers[i];
	return NULL;
}

const struct check_peer *check_peer_group(const struct check_bgp *bgp, const struct check_peer *peer)
{
	const struct check_peer *group = peer->group ? check_bgp_peer(bgp, peer->group) : NULL;

	return group && group->is_group ? group : NULL;
}

const char *check_peer_remote_as(const struct check_bgp *bgp, const struct check_peer *peer)
{
	const struct check_peer *group = check_peer_group(bgp, peer);

	return peer->remote_as || !group ? peer->remote_as : group->remote_as;
}

bool check_peer_active(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family)
{
	const struct check_peer *group = check_peer_group(bgp, peer);
	enum check_tri active = peer->families[family].activate;

	if (peer->shutdown || (group && group->shutdown))
		return false;
	if (active == CHECK_UNSET && group)
		active = group->families[family].activate;
	if (active == CHECK_UNSET)
		active = bgp->default_family[family];
	return active == CHECK_UNSET ? family == CHECK_IPV4 : active == CHECK_YES;
}

const char *check_peer_map(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family,
			   unsigned int direction)
{
	const struct check_peer *group = check_peer_group(bgp, peer);
	const char *map = peer->families[family].map[direction];

	return map || !group ? map : group->families[family].map[direction];
}

bool check_peer_filtered(const struct check_bgp *bgp, const struct check_peer *peer, unsigned int family,
			 unsigned int direction)
{
	const struct check_peer *group = check_peer_group(bgp, peer);

	return check_peer_map(bgp, peer, family, direction) || peer->families[family].filter[direction] ||
	       (group && group->families[family].filter[direction]);
}

bool check_peer_is_session(const struct check_peer *peer)
{
	return !peer->is_group || peer->is_listened;
}

enum check_sort check_peer_sort(const struct check_bgp *bgp, const struct check_peer *peer)
{
	const char *as = check_peer_remote_as(bgp, peer);

	if (!as || strcmp(as, "external") == 0)
		return CHECK_EBGP;
	if (strcmp(as, "internal") == 0 || strcmp(as, bgp->as) == 0)
		return CHECK_IBGP;
	for (size_t i = 0; i < bgp->confederation_count; i++)
		if (strcmp(as, bgp->confederation[i]) == 0)
			return CHECK_CONFED;
	return CHECK_EBGP;
}
