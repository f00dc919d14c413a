/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol core: one chassis, without I/O.
 *
 * Feed it facts with srp_core_input(core, now, input, actions): the configuration, the link's state,
 * messages of the peer, the health of the monitors, what was applied, the passing of time. It answers
 * with actions (messages to send, a role that changed) and keeps, in srp_core_desired(), what kernel and
 * bgpd shall look like. The caller makes it so and keeps it so; the core never asks twice.
 *
 * Wake it with SRP_IN_TICK at srp_core_deadline(): no other input lets time pass, so a shell that was held
 * up can hand in what has arrived meanwhile before it lets the peer be judged by the clock. Nothing is allocated; two cores in one
 * process do not know of each other. `now` is monotonic ms and must not go backwards.
 */
#ifndef SRP_CORE_H
#define SRP_CORE_H

#include "agent/core/fsm.h"
#include "agent/core/message.h"
#include "agent/core/monitor.h"
#include "agent/core/srp.h"

#define SRP_NEVER                 UINT64_MAX

/* How long Pending-Active waits for kernel and bgpd before it serves all the same, ms. */
#define SRP_APPLY_LIMIT_MSEC      3000
/* How long Pending-Standby waits for the peer to take over before it serves again, ms. */
#define SRP_SWITCHOVER_LIMIT_MSEC 2000
/* How long a chassis that stopped announcing still forwards what is under way, ms. */
#define SRP_DRAIN_MSEC            1000
/* A chassis that never heard its peer serves alone no sooner than this after the start, ms. */
#define SRP_ALONE_MIN_MSEC        1000

/* The part of the configuration that the protocol needs. */
struct srp_core_config {
	bool enabled; /* bind and peer address are set */
	enum srp_chassis_mode mode;
	uint8_t priority;
	uint8_t threshold;
	uint32_t hello_msec;
	uint32_t dead_msec;
	uint32_t delay_msec;
	uint8_t tiebreaker[SRP_TIEBREAKER_LEN];
	bool higher_address; /* bind address > peer address */
};

enum srp_input_type {
	SRP_IN_CONFIG,     /* .config */
	SRP_IN_LINK,       /* .link_up */
	SRP_IN_MESSAGE,    /* .message, from the peer over the link */
	SRP_IN_HEALTH,     /* .health */
	SRP_IN_APPLIED,    /* kernel and bgpd now match srp_core_desired() */
	SRP_IN_SWITCHOVER, /* the operator wants the peer to serve; check srp_core_switchover_error() first */
	SRP_IN_TICK,       /* time has passed: no other input lets it */
};

struct srp_input {
	enum srp_input_type type;
	union {
		const struct srp_core_config *config;
		bool link_up;
		const struct srp_message *message;
		struct srp_health health;
	};
};

enum srp_output_type {
	SRP_OUT_SEND, /* .message; its sequence, clock and version are the shell's to fill */
	SRP_OUT_ROLE, /* .role: log it, tell whoever listens */
	SRP_OUT_PEER, /* .peer: the peer was heard for the first time, or is gone */
};

struct srp_role_change {
	enum srp_role from, to;
	enum srp_fsm_event event;
	enum srp_reason reason; /* SRP_REASON_NONE when it is no switchover */
};

enum srp_peer_change { SRP_PEER_HEARD, SRP_PEER_RESTARTED, SRP_PEER_LOST };

struct srp_output {
	enum srp_output_type type;
	union {
		struct srp_message message;
		struct srp_role_change role;
		enum srp_peer_change peer;
	};
};

/* One input can lead through a few roles at once; 16 is more than any chain in the table gives. */
#define SRP_OUTPUTS_MAX 16
struct srp_outputs {
	unsigned int count;
	struct srp_output list[SRP_OUTPUTS_MAX];
};

/* What kernel and bgpd shall look like now. */
struct srp_desired {
	bool hold; /* the role is not known yet: touch nothing; the rest is meaningless */
	bool keep; /* the kernel stays as it was found, though bgpd is told: what a predecessor left drains */
	bool install;        /* srp-activated addresses and routes are in the kernel */
	bool announce;       /* and are announced */
	uint16_t prepend;    /* with this many copies of the own AS */
	uint32_t assertions; /* counts up when all is to be said again, though nothing changed */
};

struct srp_core_stats {
	uint64_t hellos_sent, hellos_received;
	uint64_t requests_sent, requests_received, requests_refused;
	uint64_t peer_lost;
	uint64_t elections_won, elections_lost;
	uint64_t switchovers[SRP_REASON_COUNT]; /* Active -> Standby and Standby -> Pending-Active */
};

/* The fields are the core's; read them for `show`, write none. */
struct srp_core {
	struct srp_core_config config;
	uint64_t instance;
	enum srp_role role;
	uint16_t modifier;
	bool start_value; /* the modifier is the configured start value, not one of a pair */
	bool was_enabled; /* since start: tells "not configured yet" from "configuration removed" */
	bool link_up;
	struct srp_health health;

	bool peer_heard;        /* within the dead-interval */
	bool peer_known;        /* ever: `peer` holds its last hello */
	bool peer_present;      /* heard since the link came up: `peer` is not what an earlier connection said */
	uint64_t peer_heard_at; /* when, ms */
	struct srp_hello peer;

	uint64_t hello_at;    /* next hello, ms */
	uint64_t enabled_at;  /* since when the peer is waited for, ms */
	uint64_t role_limit;  /* Pending roles: TIMEOUT */
	uint64_t drain_until; /* Standby: the kernel objects stay until then; 0: they are gone */
	bool drain_found;     /* what drains was found in the kernel, by a core that never served */

	bool contending; /* the peer serves too, or may: re-assert once it is heard not to */
	uint32_t assertions;
	uint32_t request_id;
	enum srp_reason pending_reason; /* of the switchover under way */
	enum srp_reason last_reason;    /* of the last switchover */
	uint64_t last_switchover_at;    /* ms; 0: none since start */
	uint64_t switchovers;
	struct srp_core_stats stats;
};

/*
 * A core in role Init, not configured. `instance`: random. A chassis that served before its srpd
 * restarted passes the route modifier it had then, so that it can go on without a change;
 * 0: none known, the configured start value is used.
 */
void srp_core_init(struct srp_core *core, uint64_t instance, uint16_t last_modifier);

/* Take one input. *outputs is filled anew. */
void srp_core_input(struct srp_core *core, uint64_t now, const struct srp_input *input,
		    struct srp_outputs *outputs);

/* When to send SRP_IN_TICK at the latest; SRP_NEVER when there is nothing to wait for. */
uint64_t srp_core_deadline(const struct srp_core *core);

struct srp_desired srp_core_desired(const struct srp_core *core);

/*
 * Why an Active chassis with a failed group does not hand over; NULL when nothing has failed or nothing
 * stands in the way. Static text.
 */
const char *srp_core_hand_over_error(const struct srp_core *core);

/* Why SRP_IN_SWITCHOVER would do nothing now; NULL when it would start. Static text. */
const char *srp_core_switchover_error(const struct srp_core *core);

/* Start value of the route modifier, seed "BGP Interaction": above every operational value. */
uint16_t srp_modifier_start(enum srp_chassis_mode mode, uint8_t threshold);

#endif
