/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of interfaces: a hash by index. Names are looked up by scanning, as few are ever asked for. */
#include "netlink/link.h"

#include <stdlib.h>
#include <string.h>

#define LINK_BUCKETS_FIRST 16

struct netlink_link_node {
	struct netlink_link link;
	uint32_t generation;
	struct netlink_link_node *next;
};

/* Where the pointer to the node of `ifindex` is, or would go. The table has buckets. */
static struct netlink_link_node **link_place(const struct netlink_link_table *table, uint32_t ifindex)
{
	struct netlink_link_node **place = &table->buckets[ifindex & (table->bucket_count - 1)];

	while (*place && (*place)->link.ifindex != ifindex)
		place = &(*place)->next;
	return place;
}

static bool link_grow(struct netlink_link_table *table)
{
	size_t count = table->bucket_count ? table->bucket_count * 2 : LINK_BUCKETS_FIRST;
	struct netlink_link_node **buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return false;
	for (size_t i = 0; i < table->bucket_count; i++) {
		struct netlink_link_node *node = table->buckets[i];

		while (node) {
			struct netlink_link_node *next = node->next;
			struct netlink_link_node **head = &buckets[node->link.ifindex & (count - 1)];

			node->next = *head;
			*head = node;
			node = next;
		}
	}
	free(table->buckets);
	table->buckets = buckets;
	table->bucket_count = count;
	return true;
}

enum netlink_link_change netlink_link_put(struct netlink_link_table *table, const struct netlink_link *link,
					  struct netlink_link *before)
{
	struct netlink_link_node **place, *node;
	struct netlink_link old = {0};

	if (before)
		*before = old;
	/* A table that cannot grow still works, with longer chains. */
	if (table->count >= table->bucket_count && !link_grow(table) && !table->buckets)
		return NETLINK_LINK_NO_MEMORY;
	place = link_place(table, link->ifindex);
	node = *place;
	if (!node) {
		node = calloc(1, sizeof(*node));
		if (!node)
			return NETLINK_LINK_NO_MEMORY;
		*place = node;
		table->count++;
	}
	old = node->link;
	node->link = *link;
	node->generation = table->generation;
	if (before)
		*before = old;
	if (old.ifindex == 0 || strcmp(old.name, link->name) != 0 || old.vrf_table != link->vrf_table)
		return NETLINK_LINK_IDENTITY;
	return old.up == link->up && old.running == link->running ? NETLINK_LINK_SAME : NETLINK_LINK_STATE;
}

bool netlink_link_remove(struct netlink_link_table *table, uint32_t ifindex)
{
	struct netlink_link_node **place, *node;

	if (!table->buckets)
		return false;
	place = link_place(table, ifindex);
	node = *place;
	if (!node)
		return false;
	*place = node->next;
	table->count--;
	free(node);
	return true;
}

const struct netlink_link *netlink_link_by_index(const struct netlink_link_table *table, uint32_t ifindex)
{
	const struct netlink_link_node *node = table->buckets ? *link_place(table, ifindex) : NULL;

	return node ? &node->link : NULL;
}

const struct netlink_link *netlink_link_by_name(const struct netlink_link_table *table, const char *name)
{
	for (size_t i = 0; i < table->bucket_count; i++)
		for (const struct netlink_link_node *node = table->buckets[i]; node; node = node->next)
			if (strcmp(node->link.name, name) == 0)
				return &node->link;
	return NULL;
}

void netlink_link_dump_begin(struct netlink_link_table *table)
{
	table->generation++;
}

void netlink_link_dump_end(struct netlink_link_table *table)
{
	for (size_t i = 0; i < table->bucket_count; i++) {
		struct netlink_link_node **place = &table->buckets[i];

		while (*place) {
			struct netlink_link_node *node = *place;

			if (node->generation == table->generation) {
				place = &node->next;
				continue;
			}
			*place = node->next;
			table->count--;
			free(node);
		}
	}
}

void netlink_link_clear(struct netlink_link_table *table)
{
	for (size_t i = 0; i < table->bucket_count; i++) {
		while (table->buckets[i]) {
			struct netlink_link_node *node = table->buckets[i];

			table->buckets[i] = node->next;
			free(node);
		}
	}
	free(table->buckets);
	*table = (struct netlink_link_table){0};
}
