/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulated world: two chassis with clocks of their own, one TCP connection between them, what each one's
 * kernel and bgpd do, and an upstream router. Discrete events in ms of real time; events of the same ms
 * happen in random order, messages of one direction in theirs.
 *
 * The connection is modelled on agent/link.c: gw1 connects, gw2 accepts. Each end has its own idea of which
 * connection is up. A direction that is dead holds messages back, as TCP does; they arrive when it lives
 * again and the connection still does. A message of a connection that its receiver does not know is answered
 * with a reset.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "tests/simulation/chassis.h"
#include "tests/simulation/checks.h"
#include "tests/simulation/ladder.h"
#include "tests/simulation/rng.h"
#include "tests/simulation/script.h"

#define WORLD_EVENTS_MAX 2048
#define WORLD_PACKETS_MAX \
	512 /* under way in one direction; a full pipe breaks the connection, as a full socket does */
#define WORLD_UPDATES_MAX    64

/* Times of agent/link.c. */
#define WORLD_RETRY_MIN_MSEC 10
#define WORLD_RETRY_MAX_MSEC 200
/* A segment that was lost is sent again no later than this after the network is well, ms. */
#define WORLD_REXMIT_MSEC    200

enum event_type {
	EVENT_ACTION,  /* .index */
	EVENT_MENDED,  /* .index: the action is over */
	EVENT_CALM,    /* the last effect of a fault is over */
	EVENT_BOOT,    /* .node */
	EVENT_PIPE,    /* .node: the sender's; something may arrive */
	EVENT_STRAY,   /* .node, .index: one message outside the order, of datagram stress */
	EVENT_CONNECT, /* gw1 tries */
	EVENT_SYN,     /* it is heard */
	EVENT_CONNECTED,
	EVENT_KERNEL, /* .node, .index: generation */
	EVENT_BGPD,
	EVENT_FLUSHED,  /* .node, .index: flush id */
	EVENT_UPSTREAM, /* .node: an update arrives */
	EVENT_BGP_HOLD, /* .node, .index: of which start */
	EVENT_TICK,     /* .node, .index: which of its alarms */
};

struct event {
	uint64_t at, order; /* order: random, then as they were made */
	uint32_t index;
	uint8_t type, node;
};

enum packet_kind { PACKET_MESSAGE, PACKET_RESET };

struct packet {
	enum packet_kind kind;
	uint32_t connection;
	uint64_t sent_at, due;
	struct srp_message message;
};

struct pipe {
	unsigned int head, tail;
	uint64_t last_due, last_order;
	uint64_t blocked_until; /* retransmission after an outage */
};

/* A node's place in the world. */
struct place {
	bool link_up;        /* this end has a connection that is up... */
	bool link_told;      /* ...and the core knows it */
	uint32_t connection; /* the newest that this end has known */
	bool host_dead;
	bool keeps_state;   /* the start after the present crash finds the state file */
	uint32_t starts;    /* of srpd */
	uint64_t deadline;  /* for which the alarm is set, own ms */
	uint32_t alarm;     /* number of the alarm that counts */
	uint8_t broken_out; /* cuts of the direction from here */
	uint8_t stalled, stuck, dead, disabled, slow, lossy, ill; /* actions that are under way */
	uint32_t flush_id;  /* the order that the session managers work on */
	uint16_t announced; /* as told to the upstream router last */
	uint16_t updates[WORLD_UPDATES_MAX];
	unsigned int head, tail;
	uint64_t last_update;
	uint16_t heard; /* what the upstream router has; 0: nothing */
	bool stall_clock_first, config_waits;
	uint32_t spike_max, loss_percent;
};

struct world {
	const struct script *script;
	uint64_t now;
	struct chassis chassis[2];
	struct place places[2];
	struct pipe pipes[2]; /* by sender */
	bool connecting;      /* an attempt of gw1 is under way or planned */
	unsigned int stray_next;
	uint32_t connections;
	int upstream_best; /* chassis that gets the traffic; -1: none */
	unsigned int event_count;
	uint64_t order;
	struct rng network[2], local[2], ties;
	struct checks checks;
	struct violation violation;
	struct ladder *ladder; /* NULL: nothing is drawn */
	uint64_t steps;
	/* From here on nothing is looked at that was not written before: not cleared for a new run. */
	struct event events[WORLD_EVENTS_MAX]; /* a heap */
	struct packet strays[WORLD_UPDATES_MAX];
	struct packet packets[2][WORLD_PACKETS_MAX]; /* of the pipes */
};

/* Carry out a script until it is over and the pair had time to settle. A violation is in the world. */
void world_run(struct world *world, const struct script *script, struct ladder *ladder);

/* Own time of a chassis now, ms. */
uint64_t world_clock(const struct world *world, int node);

/* --- between the parts of the world: world.c, network.c, actions.c --- */

void world_plan(struct world *world, uint64_t at, enum event_type type, int node, uint32_t index);
/* One input, and what follows from it; nothing when srpd of that node is dead. */
void world_input(struct world *world, int node, const struct srp_input *input);
/* Link and what is applied may have changed: tell the core. */
void world_facts(struct world *world, int node);
void world_start_srpd(struct world *world, int node);
/* Kernel or bgpd changed: does the upstream router hear of it? `delay` ms at least. */
void world_announce(struct world *world, int node, uint32_t delay);
/* Let kernel and bgpd begin to carry out what they were told last. */
void world_apply_later(struct world *world, int node);
void world_tick(struct world *world, int node);

void network_send(struct world *world, int node, const struct srp_message *message);
/* Let arrive in the other chassis what is due from `node`. */
void network_pump(struct world *world, int node);
void network_stray(struct world *world, int node, unsigned int index);
void network_try(struct world *world);
void network_syn(struct world *world);
void network_connected(struct world *world);
/* gw1 tries to connect soon, unless it does already. */
void network_reconnect(struct world *world);
/* `node` closes its connection, if it has one; a host that dies says nothing. */
void network_close(struct world *world, int node, bool silently);
/* A direction lives again. */
void network_mended(struct world *world, int node);

void action_begin(struct world *world, uint32_t index);
void action_end(struct world *world, uint32_t index);

#endif
