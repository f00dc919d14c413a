/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine. Both tables are the whole of it: nothing else changes a role.
 *
 * Seed: "Chassis Initialization", "Chassis Operation", "Chassis Switchover" and figures 2 to 4.
 */
#include "agent/core/fsm.h"

/* clang-format off */

#define STAY      {false, SRP_INIT, SRP_DO_NOTHING}
#define ANSWER    {false, SRP_INIT, SRP_DO_ACCEPT}           /* already serving: say yes again */
#define REFUSE    {false, SRP_INIT, SRP_DO_REFUSE}
#define CONTEND   {false, SRP_INIT, SRP_DO_CONTEND}          /* the winner stays, and re-asserts afterwards */
#define RESET     {true, SRP_INIT, SRP_DO_NOTHING}
#define YIELD     {true, SRP_STANDBY, SRP_DO_NOTHING}
#define TAKE      {true, SRP_PENDING_ACTIVE, SRP_DO_NOTHING}
#define ACCEPT    {true, SRP_PENDING_ACTIVE, SRP_DO_ACCEPT}
#define SERVE     {true, SRP_ACTIVE, SRP_DO_NOTHING}
#define HAND_OVER {true, SRP_PENDING_STANDBY, SRP_DO_NOTHING} /* first the checkpoints are flushed */
#define ASK       {false, SRP_INIT, SRP_DO_REQUEST}

static const struct srp_transition table[SRP_EVENT_COUNT][SRP_ROLE_COUNT] = {
/*  event                       Init     Standby  Pend-Active  Active     Pend-Standby */
[SRP_EV_DISABLED]        = { STAY,    RESET,   RESET,       RESET,     RESET },
[SRP_EV_ELECTED]         = { TAKE,    TAKE,    CONTEND,     CONTEND,   SERVE },
[SRP_EV_OUTRANKED]       = { YIELD,   STAY,    YIELD,       YIELD,     YIELD },
[SRP_EV_PEER_SERVING]    = { YIELD,   STAY,    STAY,        STAY,      YIELD },
[SRP_EV_PEER_GONE]       = { TAKE,    TAKE,    STAY,        STAY,      SERVE },
[SRP_EV_PEER_RESTARTED]  = { STAY,    STAY,    STAY,        STAY,      SERVE },
[SRP_EV_HAND_OVER]       = { STAY,    STAY,    STAY,        HAND_OVER, STAY },
[SRP_EV_FLUSHED]         = { STAY,    STAY,    STAY,        STAY,      ASK },
[SRP_EV_REQUEST]         = { REFUSE,  ACCEPT,  ANSWER,      ANSWER,    REFUSE },
[SRP_EV_REQUEST_UNREADY] = { REFUSE,  REFUSE,  ANSWER,      ANSWER,    REFUSE },
[SRP_EV_REFUSED]         = { STAY,    STAY,    STAY,        STAY,      SERVE },
[SRP_EV_CONVERGED]       = { STAY,    STAY,    STAY,        STAY,      YIELD },
[SRP_EV_SETTLED]         = { STAY,    STAY,    SERVE,       STAY,      STAY },
[SRP_EV_TIMEOUT]         = { STAY,    STAY,    SERVE,       STAY,      SERVE },
};

#define FINE       SRP_REL_FINE
#define ELECT      SRP_REL_CONTEND
#define SERVING    SRP_REL_SERVING
#define RESTARTED  SRP_REL_RESTARTED

static const enum srp_relation relation[SRP_ROLE_COUNT][SRP_ROLE_COUNT] = {
/*  own         peer:        Init       Standby  Pend-Active  Active   Pend-Standby */
[SRP_INIT]            = { ELECT,     ELECT,   SERVING,     SERVING, FINE },
[SRP_STANDBY]         = { ELECT,     ELECT,   FINE,        FINE,    FINE },
[SRP_PENDING_ACTIVE]  = { FINE,      FINE,    ELECT,       ELECT,   FINE },
[SRP_ACTIVE]          = { FINE,      FINE,    ELECT,       ELECT,   FINE },
[SRP_PENDING_STANDBY] = { RESTARTED, FINE,    SERVING,     SERVING, ELECT },
};

/* clang-format on */

struct srp_transition srp_fsm_step(enum srp_role role, enum srp_fsm_event event)
{
	return table[event][role];
}

enum srp_relation srp_fsm_relation(enum srp_role own, enum srp_role peer)
{
	return relation[own][peer];
}

const char *srp_event_name(enum srp_fsm_event event)
{
	static const char *const names[] = {
#define X(name, text, meaning) [name] = text,
		SRP_EVENTS(X)
#undef X
	};

	return event < SRP_EVENT_COUNT ? names[event] : "?";
}

const char *srp_event_meaning(enum srp_fsm_event event)
{
	static const char *const meanings[] = {
#define X(name, text, meaning) [name] = meaning,
		SRP_EVENTS(X)
#undef X
	};

	return event < SRP_EVENT_COUNT ? meanings[event] : "?";
}

const char *srp_action_name(enum srp_fsm_action action)
{
	switch (action) {
	case SRP_DO_REQUEST:
		return "send switchover request";
	case SRP_DO_ACCEPT:
		return "send switchover response (accepted)";
	case SRP_DO_REFUSE:
		return "send switchover response (refused)";
	case SRP_DO_CONTEND:
		return "re-assert when the peer has stepped down";
	case SRP_DO_NOTHING:
		break;
	}
	return "";
}
