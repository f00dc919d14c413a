/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine as data: role x event -> next role + action. The table is in fsm.c, on one screen;
 * docs/state-machine.md is printed from it.
 */
#ifndef SRP_FSM_H
#define SRP_FSM_H

#include "agent/core/srp.h"

#define SRP_EVENTS(X)                                                                                      \
	X(SRP_EV_DISABLED, "disabled", "bind address or peer address was removed")                         \
	X(SRP_EV_ELECTED, "elected", "both chassis want the same place, and this one wins the election")   \
	X(SRP_EV_OUTRANKED, "outranked", "likewise, and the peer wins it")                                 \
	X(SRP_EV_PEER_SERVING, "peer-serving", "the peer is Active or Pending-Active")                     \
	X(SRP_EV_PEER_GONE, "peer-gone",                                                                   \
	  "nothing was heard for the dead-interval, and in Standby no witness asks to wait")               \
	X(SRP_EV_PEER_RESTARTED, "peer-restarted", "the peer is Init again in the middle of a switchover") \
	X(SRP_EV_HAND_OVER, "hand-over",                                                                   \
	  "the operator asks for it, or a monitored group failed and the peer is ready")                   \
	X(SRP_EV_FLUSHED, "flushed", "no checkpoint is pending any more")                                  \
	X(SRP_EV_REQUEST, "request", "the peer asks this chassis to take over, and it is ready to")        \
	X(SRP_EV_REQUEST_UNREADY, "request-unready", "likewise, but it is not ready")                      \
	X(SRP_EV_REFUSED, "refused", "the peer does not take over")                                        \
	X(SRP_EV_CONVERGED, "converged", "make before break: the network has had time to follow the peer") \
	X(SRP_EV_SETTLED, "settled",                                                                       \
	  "kernel and bgpd hold what the role wants, and nothing is to be waited for")                     \
	X(SRP_EV_TIMEOUT, "timeout", "the time limit of the role's phase is over")

enum srp_fsm_event {
#define X(name, text, meaning) name,
	SRP_EVENTS(X)
#undef X
		SRP_EVENT_COUNT
};

/* What to send with a transition; everything else follows from the role itself (core.c). */
enum srp_fsm_action {
	SRP_DO_NOTHING,
	SRP_DO_REQUEST, /* send a switchover request */
	SRP_DO_ACCEPT,  /* answer the request: taken */
	SRP_DO_REFUSE,  /* answer the request: not taken */
	SRP_DO_CONTEND, /* remember to re-assert once the loser has stepped down */
};

struct srp_transition {
	bool moves; /* false: the role stays */
	enum srp_role next;
	enum srp_fsm_action action;
};

/* The transition of an event in a role. */
struct srp_transition srp_fsm_step(enum srp_role role, enum srp_fsm_event event);

/* What a hello means: the peer's role seen from the own one. */
enum srp_relation {
	SRP_REL_FINE,      /* nothing to do */
	SRP_REL_CONTEND,   /* an election decides: ELECTED or OUTRANKED */
	SRP_REL_SERVING,   /* PEER_SERVING */
	SRP_REL_RESTARTED, /* PEER_RESTARTED */
};
enum srp_relation srp_fsm_relation(enum srp_role own, enum srp_role peer);

const char *srp_event_name(enum srp_fsm_event event);
const char *srp_event_meaning(enum srp_fsm_event event);
const char *srp_action_name(enum srp_fsm_action action); /* "" for SRP_DO_NOTHING */

#endif
