/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's states in words, for `show`, logs and refusals. */
#include "agent/core/core.h"

const char *srp_phase_name(enum srp_phase phase)
{
	switch (phase) {
#define X(name, text, limit) \
	case name:           \
		return text;
		SRP_PHASES(X)
#undef X
	case SRP_PHASE_COUNT:
		break;
	}
	return "?";
}

const char *srp_attempt_text(enum srp_attempt attempt)
{
	switch (attempt) {
	case SRP_ATTEMPT_NONE:
		return "";
	case SRP_ATTEMPT_DONE:
		return "done";
	case SRP_ATTEMPT_FLUSH_TIMEOUT:
		return "the checkpoints could not be flushed in time";
	case SRP_ATTEMPT_NO_ANSWER:
		return "the peer did not answer";
	case SRP_ATTEMPT_REFUSED:
		return "the peer refused";
	case SRP_ATTEMPT_PEER_LOST:
		return "the peer was lost";
	case SRP_ATTEMPT_PEER_RESTARTED:
		return "the peer restarted";
	case SRP_ATTEMPT_PEER_STUCK:
		return "the peer did not come to announce";
	case SRP_ATTEMPT_CROSSED:
		return "the peer wanted to hand over, too";
	}
	return "?";
}

const char *srp_obstacle_text(enum srp_obstacle obstacle)
{
	switch (obstacle) {
	case SRP_CLEAR:
		return "";
	case SRP_NOT_CONFIGURED:
		return "SRP is not configured: bind address and peer-ip-address are needed";
	case SRP_NOT_ACTIVE:
		return "this chassis is not Active";
	case SRP_NO_PEER:
		return "the peer is not connected";
	case SRP_PEER_NOT_STANDBY:
		return "the peer is not Standby";
	case SRP_PEER_FAILED:
		return "the monitors of the other chassis fail";
	case SRP_PEER_NOT_READY:
		return "the other chassis is not ready: its bgpd, zebra or monitored objects are not all up";
	case SRP_CONFIG_DIFFERS:
		return "the configurations of the two chassis differ: see srp validate-configuration";
	case SRP_SESSIONS_UNREADY:
		return "session managers of this chassis have no counterpart on the other";
	case SRP_DAMPED:
		return "a guard-period or the pause after a failed attempt is not over";
	case SRP_LOCKED:
		return "this chassis took over for the same failure, which is non-revertible until it is "
		       "reset";
	}
	return "?";
}
