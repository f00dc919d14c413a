/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See world.h. Here: the connection between the two, modelled on agent/link.c, and the wire below it. */
#include "tests/simulation/world.h"

#include <string.h>

static uint32_t delay_of(struct world *world, int node)
{
	struct rng *rng = &world->network[node];
	uint32_t spike = world->places[node].slow ? rng_below(rng, world->places[node].spike_max + 1) : 0;

	return rng_below(rng, world->script->delay_max + 1) + spike;
}

static uint32_t retry_msec(const struct world *world)
{
	uint32_t msec = world->chassis[0].config.dead_msec / 4;

	return msec < WORLD_RETRY_MIN_MSEC   ? WORLD_RETRY_MIN_MSEC
	       : msec > WORLD_RETRY_MAX_MSEC ? WORLD_RETRY_MAX_MSEC
					     : msec;
}

static bool can_talk(const struct world *world, int node)
{
	return world->chassis[node].running && world->chassis[node].config.enabled;
}

static void put(struct world *world, int node, const struct packet *packet)
{
	struct pipe *pipe = &world->pipes[node];
	struct packet *entry;

	if (pipe->tail - pipe->head >= WORLD_PACKETS_MAX) {
		/* The peer does not read: srp_link_send() closes. What is queued goes with it. */
		pipe->head = pipe->tail;
		world->places[node].link_up = false;
		return;
	}
	entry = &world->packets[node][pipe->tail++ % WORLD_PACKETS_MAX];
	*entry = *packet;
	entry->sent_at = world->now;
	entry->due = world->now + delay_of(world, node);
	if (entry->due < pipe->last_due)
		entry->due = pipe->last_due;
	pipe->last_due = entry->due;
	world_plan(world, entry->due, EVENT_PIPE, node, 0);
}

/* Datagram stress: true when the message took another way than the pipe, or none. */
static bool goes_astray(struct world *world, int node, const struct packet *packet)
{
	struct rng *rng = &world->network[node];
	uint32_t percent = world->places[node].loss_percent;
	bool twice;

	if (!world->places[node].lossy)
		return false;
	if (rng_percent(rng, percent)) {
		ladder_message(world->ladder, world->now, node, &packet->message, world->now, "lost");
		return true;
	}
	twice = rng_percent(rng, percent);
	if (twice || rng_percent(rng, percent)) {
		unsigned int index = world->stray_next++ % WORLD_UPDATES_MAX;

		world->strays[index] = *packet;
		world->strays[index].sent_at = world->now;
		/* Late by up to four hellos: it may meet roles that have long changed. */
		world_plan(world,
			   world->now + delay_of(world, node) +
				   rng_below(rng, 4 * world->chassis[node].config.hello_msec),
			   EVENT_STRAY, node, index);
		return !twice;
	}
	return false;
}

void network_send(struct world *world, int node, const struct srp_message *message)
{
	struct place *place = &world->places[node];
	struct packet packet = {.kind = PACKET_MESSAGE, .connection = place->connection, .message = *message};

	if (!place->link_up)
		return;
	if (!goes_astray(world, node, &packet))
		put(world, node, &packet);
}

static void send_reset(struct world *world, int node, uint32_t connection)
{
	struct packet packet = {.kind = PACKET_RESET, .connection = connection};

	if (!world->places[node].broken_out)
		put(world, node, &packet);
}

void network_close(struct world *world, int node, bool silently)
{
	struct place *place = &world->places[node];
	struct pipe *pipe = &world->pipes[node];

	if (!place->link_up)
		return;
	place->link_up = false;
	/* What was sent and not received yet may die with the connection, and does when the wire is dead. */
	if (place->broken_out || (!silently && rng_percent(&world->network[node], 50)))
		pipe->head = pipe->tail;
	if (!silently)
		send_reset(world, node, place->connection);
	if (node == 0)
		network_reconnect(world);
}

static void arrive(struct world *world, int from, const struct packet *packet)
{
	int to = !from;
	struct place *place = &world->places[to];

	if (place->host_dead)
		return;
	if (packet->kind == PACKET_RESET) {
		if (place->link_up && packet->connection == place->connection) {
			place->link_up = false;
			if (to == 0)
				network_reconnect(world);
			world_facts(world, to);
		}
		return;
	}
	/* A connection counts for the accepting end once it has brought a message. */
	if (to == 1 && can_talk(world, to) && packet->connection > place->connection) {
		place->connection = packet->connection;
		place->link_up = true;
		world_facts(world, to);
	}
	if (!place->link_up || packet->connection != place->connection) {
		ladder_message(world->ladder, world->now, from, &packet->message, packet->sent_at,
			       "no connection");
		send_reset(world, to, packet->connection);
		return;
	}
	ladder_message(world->ladder, world->now, from, &packet->message, packet->sent_at, NULL);
	world_input(world, to, &(struct srp_input){.type = SRP_IN_MESSAGE, .message = &packet->message});
}

void network_pump(struct world *world, int node)
{
	struct pipe *pipe = &world->pipes[node];

	while (pipe->head != pipe->tail) {
		struct packet *packet = &world->packets[node][pipe->head % WORLD_PACKETS_MAX], here;

		if (packet->due > world->now || world->places[node].broken_out ||
		    pipe->blocked_until > world->now || world->places[!node].stalled)
			return;
		here = *packet;
		pipe->head++;
		arrive(world, node, &here);
	}
}

void network_stray(struct world *world, int node, unsigned int index)
{
	if (!world->places[node].broken_out && !world->places[!node].stalled)
		arrive(world, node, &world->strays[index]);
}

void network_mended(struct world *world, int node)
{
	struct pipe *pipe = &world->pipes[node];

	if (pipe->head == pipe->tail)
		return;
	pipe->blocked_until = world->now + rng_below(&world->network[node], WORLD_REXMIT_MSEC + 1);
	if (pipe->last_due < pipe->blocked_until)
		pipe->last_due = pipe->blocked_until;
	world_plan(world, pipe->blocked_until, EVENT_PIPE, node, 0);
}

void network_reconnect(struct world *world)
{
	if (world->connecting || world->places[0].link_up || !can_talk(world, 0))
		return;
	world->connecting = true;
	world_plan(world, world->now + rng_below(&world->network[0], retry_msec(world) + 1), EVENT_CONNECT, 0,
		   0);
}

static bool wire_lives(const struct world *world)
{
	return !world->places[0].broken_out && !world->places[1].broken_out;
}

void network_try(struct world *world)
{
	world->connecting = false;
	if (world->places[0].link_up || !can_talk(world, 0))
		return;
	world->connecting = true;
	if (wire_lives(world) && can_talk(world, 1) && !world->places[0].stalled)
		world_plan(world, world->now + delay_of(world, 0), EVENT_SYN, 0, 0);
	else
		world_plan(world, world->now + retry_msec(world), EVENT_CONNECT, 0, 0);
}

/* gw1's SYN is at gw2: the answer takes as long as the wire back is slow now. */
void network_syn(struct world *world)
{
	if (wire_lives(world) && can_talk(world, 1))
		world_plan(world, world->now + delay_of(world, 1), EVENT_CONNECTED, 0, 0);
	else
		world_plan(world, world->now + retry_msec(world), EVENT_CONNECT, 0, 0);
}

void network_connected(struct world *world)
{
	world->connecting = false;
	if (world->places[0].link_up || !can_talk(world, 0))
		return;
	if (!wire_lives(world) || !can_talk(world, 1) || world->places[0].stalled) {
		world->connecting = true;
		world_plan(world, world->now + retry_msec(world), EVENT_CONNECT, 0, 0);
		return;
	}
	world->places[0].connection = ++world->connections;
	world->places[0].link_up = true;
	world_facts(world, 0);
}
