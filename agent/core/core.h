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

#define SRP_NEVER UINT64_MAX

/*
 * The phase of a role: what it waits for. Each has a time limit, in ms, and a way out when that is over.
 * X(name, text, limit)
 */
#define SRP_PHASES(X)                                                                    \
	X(SRP_PHASE_NONE, "-", 0)                                                        \
	/* Pending-Standby. */                                                           \
	X(SRP_PHASE_FLUSH, "Checkpoint-Flush", 5000)     /* then Active again */         \
	X(SRP_PHASE_REQUEST, "Switchover-Request", 2000) /* then Active again */         \
	X(SRP_PHASE_CONVERGE, "Network-Convergence",                                     \
	  5000) /* then Active again, or Standby if the peer is Active */                \
	/* Pending-Active. */                                                            \
	X(SRP_PHASE_WITHDRAW, "Peer-Withdrawal", 500)  /* then announce all the same */  \
	X(SRP_PHASE_APPLY, "Route-Installation", 3000) /* then Active all the same */    \
	/* Pending-Active, or Active already with allow-early-active-transition. */      \
	X(SRP_PHASE_POST, "Post-Process", 10000) /* then it is over */                   \
	/* Standby after a switchover. */                                                \
	X(SRP_PHASE_FLUSH_IMS, "Accounting-Flush-IMS", 5000)         /* then the next */ \
	X(SRP_PHASE_FLUSH_NON_IMS, "Accounting-Flush-Non-IMS", 5000) /* then it is over */

enum srp_phase {
#define X(name, text, limit) name,
	SRP_PHASES(X)
#undef X
		SRP_PHASE_COUNT
};

const char *srp_phase_name(enum srp_phase phase);
uint32_t srp_phase_limit(enum srp_phase phase); /* ms */

/* How long a chassis that stopped announcing still forwards what is under way, ms. */
#define SRP_DRAIN_MSEC          1000
/* A chassis that never heard its peer serves alone no sooner than this after the start, ms. */
#define SRP_ALONE_MIN_MSEC      1000
/* How long a chassis in Init waits for its bgpd and zebra before it serves all the same, ms. */
#define SRP_BOOT_LIMIT_MSEC     60000
/* How long after its start a chassis in Init takes it that its bgpd is only about to connect, ms. */
#define SRP_FRR_GRACE_MSEC      1500
/* Where both chassis fail, each keeps the role for so long at least, ms. */
#define SRP_KEEP_MSEC           10000
/* Between two attempts of a failed monitor to hand over, ms. */
#define SRP_RETRY_MSEC          1000
/* How long a change of the configuration may be missing on the other chassis before that is an alarm, ms. */
#define SRP_CONFIG_CHANGE_MSEC  30000
/* How long an answer to `srp validate-switchover` may take, ms. */
#define SRP_VALIDATE_LIMIT_MSEC 2000

/*
 * Guard timer of one family of monitors (seed "Guard Timers"): a failure within guard_msec of what started it
 * leads to a switchover only when it has lasted for damping_msec.
 */
struct srp_guard {
	uint32_t guard_msec;
	uint32_t damping_msec;
};

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
	bool higher_address;       /* bind address > peer address */
	uint8_t options;           /* SRP_OPTION_* */
	uint32_t convergence_msec; /* make before break: from the peer's announcement to the own withdrawal */
	uint32_t witness_msec; /* how much longer a silent peer is waited for that BGP still hears; 0: not */
	uint64_t checksum;     /* of what must match the peer's configuration; 0: not known */
	uint32_t config_check_msec; /* how often it is compared */
	/* Hand-over to a peer whose own monitors fail: after this long, ms; 0: at once; UINT32_MAX: never. */
	uint32_t peer_fail_msec;
	struct srp_guard local_guard[SRP_FAMILY_COUNT]; /* from a local failure on */
	struct srp_guard
		switchover_guard[SRP_FAMILY_COUNT]; /* from a switchover on; the seed has it for AAA and
							      * Diameter only */
};

/* The session managers of this chassis. */
struct srp_sessions {
	uint32_t managers; /* how many there are; 0: there is no checkpoint to flush */
	uint32_t unready;  /* of these, without a ready counterpart at the peer */
};

/* What the monitors say. */
struct srp_health {
	uint8_t failed; /* bit (1 << family): monitored objects of this family have failed */
	bool ready;     /* everything that is monitored is up */
	bool frr_down;  /* bgpd or zebra is not there: nothing could be announced */
};

enum srp_input_type {
	SRP_IN_CONFIG,        /* .config */
	SRP_IN_LINK,          /* .link_up */
	SRP_IN_MESSAGE,       /* .message, from the peer over the link */
	SRP_IN_HEALTH,        /* .health */
	SRP_IN_LOCAL_FAILURE, /* .family: a local task that it depends on has restarted */
	SRP_IN_RESET_FAILURE, /* .family: the operator declares its failure over (srp reset-...-fail) */
	SRP_IN_SESSIONS,      /* .sessions */
	SRP_IN_WITNESS,       /* .witness: the peer's announcements are heard from the routing domain */
	SRP_IN_APPLIED,       /* kernel and bgpd now match srp_core_desired() */
	SRP_IN_ADVERTISED,    /* and bgpd was seen to send it to its peers */
	SRP_IN_FLUSHED,       /* .flush_id: what srp_core_flush() asked for is done */
	SRP_IN_SWITCHOVER, /* .force: the operator wants the peer to serve; ask srp_core_switchover_obstacle() first */
	SRP_IN_VALIDATE,     /* srp validate-switchover */
	SRP_IN_TERMINATE,    /* srp terminate-post-process */
	SRP_IN_CHECK_CONFIG, /* compare the checksums now */
	SRP_IN_TICK,         /* time has passed: no other input lets it */
};

struct srp_input {
	enum srp_input_type type;
	union {
		const struct srp_core_config *config;
		bool link_up;
		const struct srp_message *message;
		struct srp_health health;
		enum srp_family family;
		struct srp_sessions sessions;
		bool witness;
		uint32_t flush_id;
		bool force;
	};
};

enum srp_output_type {
	SRP_OUT_SEND,      /* .message; its sequence, clock and version are the shell's to fill */
	SRP_OUT_ROLE,      /* .role: log it, tell whoever listens */
	SRP_OUT_PEER,      /* .peer: the peer was heard for the first time, or is gone */
	SRP_OUT_ATTEMPT,   /* .attempt: a switchover that this chassis wanted did not come about */
	SRP_OUT_CONFIG,    /* .config_state: the configurations were found equal, or different */
	SRP_OUT_VALIDATED, /* srp validate-switchover has its result: core->validation */
};

struct srp_role_change {
	enum srp_role from, to;
	enum srp_fsm_event event;
	enum srp_reason reason; /* SRP_REASON_NONE when it is no switchover */
	bool switchover;        /* it counts as one; Pending-Standby has a reason, but does not yet */
};

enum srp_peer_change {
	SRP_PEER_HEARD,
	SRP_PEER_RESTARTED,
	SRP_PEER_WITNESSED, /* silent for the dead-interval, but BGP still hears it */
	SRP_PEER_LOST,
};

/* How the last switchover that this chassis wanted to make ended. */
enum srp_attempt {
	SRP_ATTEMPT_NONE, /* there was none, or it is under way */
	SRP_ATTEMPT_DONE,
	SRP_ATTEMPT_FLUSH_TIMEOUT,
	SRP_ATTEMPT_NO_ANSWER,
	SRP_ATTEMPT_REFUSED, /* core->attempt_refusal says why */
	SRP_ATTEMPT_PEER_LOST,
	SRP_ATTEMPT_PEER_RESTARTED,
	SRP_ATTEMPT_PEER_STUCK, /* make before break: the peer announced nothing */
	SRP_ATTEMPT_CROSSED,    /* the peer wanted to hand over, too */
};

enum srp_config_state { SRP_CONFIG_UNKNOWN, SRP_CONFIG_SAME, SRP_CONFIG_DIFFERENT };

/* Why a switchover is not possible, or not wanted, now. */
enum srp_obstacle {
	SRP_CLEAR,
	SRP_NOT_CONFIGURED,
	SRP_NOT_ACTIVE,
	SRP_NO_PEER,
	SRP_PEER_NOT_STANDBY,
	SRP_PEER_FAILED,
	SRP_PEER_NOT_READY,
	SRP_CONFIG_DIFFERS,
	SRP_SESSIONS_UNREADY, /* core->sessions.unready says how many */
	SRP_DAMPED,           /* within a guard-period: the damping-period runs */
	SRP_LOCKED,           /* non-revertible: this chassis took over for the same kind of failure */
	SRP_NOT_READY,        /* this chassis' own bgpd, zebra or monitors are not all up */
};
/* Static text, as a clause; "" for SRP_CLEAR. */
const char *srp_obstacle_text(enum srp_obstacle obstacle);
const char *srp_attempt_text(enum srp_attempt attempt);

struct srp_output {
	enum srp_output_type type;
	union {
		struct srp_message message;
		struct srp_role_change role;
		enum srp_peer_change peer;
		enum srp_attempt attempt;
		enum srp_config_state config_state;
	};
};

/* One input can lead through a few roles at once; 16 is more than any chain in the table gives. */
#define SRP_OUTPUTS_MAX 16
struct srp_outputs {
	unsigned int count;
	struct srp_output list[SRP_OUTPUTS_MAX];
};

/*
 * The traffic gate (seed "Optimizing Switchover Transitions"): what passes this chassis now. Pools of a closed
 * class drop; session managers obey it, too.
 */
struct srp_gate {
	bool ims, non_ims; /* data of the sessions of this class */
	bool control;      /* set-up, change and end of sessions */
};

/* What kernel and bgpd shall look like now. */
struct srp_desired {
	bool hold;  /* the role is not known yet: touch nothing; the rest is meaningless */
	bool serve; /* the role serves; what is installed although it does not is only what drains */
	bool keep; /* the kernel stays as it was found, though bgpd is told: what a predecessor left drains */
	bool install;        /* srp-activated addresses and routes are in the kernel */
	bool announce;       /* and are announced */
	uint16_t prepend;    /* with this many copies of the own AS */
	uint32_t assertions; /* counts up when all is to be said again, though nothing changed */
	struct srp_gate gate;
};

/* Which checkpoints are to be brought to the peer now. */
enum srp_flush { SRP_FLUSH_NONE, SRP_FLUSH_CHECKPOINTS, SRP_FLUSH_IMS, SRP_FLUSH_NON_IMS };

/* Result of srp validate-switchover. */
struct srp_validation {
	uint64_t at; /* when it was asked for, ms; 0: never */
	bool waiting;
	bool answered;              /* `refusal` is what the peer said */
	enum srp_obstacle obstacle; /* of this chassis; the peer is asked only when there is none */
	enum srp_refusal refusal;
};

struct srp_core_stats {
	uint64_t hellos_sent, hellos_received;
	uint64_t requests_sent, requests_received, requests_refused;
	uint64_t flushes_incomplete; /* accounting flushes given up */
	uint64_t peer_lost, witnessed;
	uint64_t config_checks, config_mismatches;
	uint64_t elections_won, elections_lost;
	uint64_t switchovers[SRP_REASON_COUNT]; /* Active -> Standby and Standby -> Pending-Active */
};

/* The fields are the core's; read them for `show`, write none. */
struct srp_core {
	struct srp_core_config config;
	uint64_t instance;
	enum srp_role role;
	enum srp_phase phase;
	uint64_t phase_limit; /* ms; SRP_NEVER: none */
	uint16_t modifier;
	bool start_value; /* the modifier is the configured start value, not one of a pair */
	bool resumes;     /* goes on from before a restart of srpd; false from a reboot on */
	bool was_enabled; /* since start: tells "not configured yet" from "configuration removed" */
	bool link_up;
	struct srp_health health;
	struct srp_sessions sessions;

	bool peer_heard;        /* within the dead-interval */
	bool peer_known;        /* ever: `peer` holds its last hello */
	uint64_t peer_heard_at; /* when, ms */
	struct srp_hello peer;
	bool witness;           /* the peer's announcements are heard */
	uint64_t witness_until; /* a silent peer is waited for until then; 0: not */

	uint64_t hello_at;    /* next hello, ms */
	uint64_t stamp;       /* of the last hello */
	uint64_t enabled_at;  /* since when the peer is waited for, ms */
	uint64_t drain_until; /* Standby: the kernel objects stay until then; 0: they are gone */
	bool drain_found;     /* what drains was found in the kernel, by a core that never served */

	bool contending; /* the peer serves too: re-assert once it is heard not to */
	bool doubted;    /* the peer was lost: it may serve by now, and step down unheard; likewise */
	uint32_t assertions;

	/* The switchover under way, or the last one (switchover.c). */
	uint32_t request_id;            /* of the last switchover that this chassis wanted */
	uint32_t accepted_id;           /* of the request that made this chassis take over; 0: none did */
	bool force, make_before_break;  /* what the request says */
	struct srp_progress progress;   /* as told in the hellos */
	bool applied;                   /* Pending-Active: kernel and bgpd are as wanted */
	uint64_t converged_at;          /* make before break: when to withdraw; SRP_NEVER: not known yet */
	enum srp_flush flush;           /* what is being flushed */
	uint32_t flush_id;              /* and as which order */
	enum srp_reason pending_reason; /* of the switchover under way */
	enum srp_reason last_reason;    /* of the last switchover */
	uint64_t last_switchover_at;    /* ms; 0: none since start */
	uint64_t switchovers;
	enum srp_attempt attempt;
	enum srp_refusal attempt_refusal;
	struct srp_validation validation;
	uint32_t validation_id;

	/* When monitors may hand over (hand_over.c). */
	uint64_t local_guard_until[SRP_FAMILY_COUNT],
		switchover_guard_until[SRP_FAMILY_COUNT]; /* ms; 0: none */
	uint64_t hand_over_at
		[SRP_FAMILY_COUNT]; /* a failed family: not before, ms; 0: now; SRP_NEVER: not failed */
	uint64_t peer_fail_at;      /* to a peer that fails, too: not before, ms; 0: now; SRP_NEVER: never */
	bool peer_fail_waits;       /* peer_fail_at counts */
	bool locked[SRP_FAMILY_COUNT]; /* non-revertible, until reset */

	enum srp_config_state config_state;
	uint64_t config_checked_at; /* ms; 0: never */
	uint64_t config_check_at;   /* next comparison */
	uint64_t config_failed_at;  /* last time they were found different; 0: never */
	struct srp_core_stats stats;
};

/*
 * A core in role Init, not configured. `instance`: random. `last_modifier`: the route modifier that this chassis had
 * when it was last up, for the election between two that start; 0: none known, the configured start value is used.
 * `resumes`: only its srpd has restarted, so what it announced is still there. One whose host has rebooted does not:
 * it waits for FRR, and a peer that is up already does not lose to what it remembers (DESIGN 6).
 */
void srp_core_init(struct srp_core *core, uint64_t instance, uint16_t last_modifier, bool resumes);

/* Take one input. *outputs is filled anew. */
void srp_core_input(struct srp_core *core, uint64_t now, const struct srp_input *input,
		    struct srp_outputs *outputs);

/* When to send SRP_IN_TICK at the latest; SRP_NEVER when there is nothing to wait for. */
uint64_t srp_core_deadline(const struct srp_core *core);

struct srp_desired srp_core_desired(const struct srp_core *core);

/*
 * What stands in the way of `srp initiate-switchover` now. With `force` only what makes it impossible counts,
 * not what makes it unwise.
 */
enum srp_obstacle srp_core_switchover_obstacle(const struct srp_core *core, bool force);

/*
 * Why an Active chassis with a failed family of monitors does not hand over; SRP_CLEAR when nothing has failed or
 * nothing stands in the way.
 */
enum srp_obstacle srp_core_hand_over_obstacle(const struct srp_core *core);

/* Whether both chassis have the options for announcing before withdrawing. */
bool srp_core_make_before_break(const struct srp_core *core);

/* Start value of the route modifier, seed "BGP Interaction": above every operational value. */
uint16_t srp_modifier_start(enum srp_chassis_mode mode, uint8_t threshold);

#endif
