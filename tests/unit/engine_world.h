/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two engines (checkpoint/engine.h) with model session managers, on virtual time, over connections made of frames. */
#ifndef ENGINE_WORLD_H
#define ENGINE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checkpoint/engine_private.h"

#define INSTANCES    2
#define CALLS        60
#define CMDS         3
#define ACTIVE       3
#define STANDBY      1
#define QUEUE        128
#define QUEUE_ENOUGH 32 /* more is not sent to a chassis that has not taken so many */

struct session {
	bool there;
	uint64_t macro, fields[CMDS]; /* 0: not set */
};

/* A session manager: what it knows, and what of that it was told is safe. */
struct model {
	int id; /* of its connection; -1: it is not there */
	bool serves, restored, hot;
	bool has; /* its sessions, when it registered */
	struct session sessions[CALLS];
	uint64_t ops, acked;
	uint64_t values[CALLS]; /* of the last change of each call, and as which operation it was sent */
	uint64_t ops_of[CALLS];
	uint64_t restored_calls;
	uint32_t flush_id, flush_kind;
	unsigned int refused, purged, late;
	const char *error;
};

struct frame {
	unsigned int type;
	size_t len;
	uint8_t *payload;
};

struct chassis {
	struct srp_engine *engine;
	struct srp_engine_config config;
	struct srp_engine_role role;
	struct model managers[INSTANCES];
	struct frame queue[QUEUE]; /* to it */
	size_t queued;
	struct srp_engine_sessions sessions;
	uint32_t flushed;
};

struct world {
	uint64_t now;
	struct chassis chassis[2];
	bool linked;
	uint64_t value;
	uint64_t engines;
};

/* The first chassis serves; there is no link yet. `hot`: the managers follow along on the standby. */
struct world *world_new(uint64_t seed, bool hot);
void world_free(struct world *world);
uint32_t world_rnd(uint32_t below); /* a number below; from the seed */

int world_server(const struct world *world);
void world_set_serves(struct world *world, int which, bool serves);
void world_pass(struct world *world, uint64_t msec);
void world_settle(struct world *world);
void world_start_engine(struct world *world, int which);
void world_kill_chassis(struct world *world, int which);
struct instance *world_instance_at(struct world *world, int chassis, size_t manager);

/* One step of a kind; true when something was done. */
bool world_pump_managers(struct world *world, struct chassis *chassis);
bool world_send_frames(struct world *world, int from);
bool world_take_frame(struct world *world, int to);
void world_link_up(struct world *world);
void world_cut(struct world *world);
void world_connect_manager(struct world *world, struct chassis *chassis, size_t which, bool has);
void world_change(struct world *world, struct chassis *chassis, struct model *model);
/* The manager says that; what the model knows of its sessions stays. */
void world_send_op(struct world *world, struct chassis *chassis, struct model *model,
		   const struct srp_op *op);

/* All is quiet: both chassis and the managers hold the same. */
void world_check_settled(struct world *world);
/* What the managers of `dead` were told is safe is at the other. */
void world_check_kept(struct world *world, int dead);
bool world_same_sessions(const struct session *a, const struct session *b);

#endif
