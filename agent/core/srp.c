/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of roles, reasons and modes, from the lists in srp.h. */
#include "agent/core/srp.h"

const char *srp_role_name(enum srp_role role)
{
	switch (role) {
#define X(name, value, text) \
	case name:           \
		return text;
		SRP_ROLES(X)
#undef X
	case SRP_ROLE_COUNT:
		break;
	}
	return "?";
}

const char *srp_reason_name(enum srp_reason reason)
{
	switch (reason) {
#define X(name, value, text) \
	case name:           \
		return text;
		SRP_REASONS(X)
#undef X
	case SRP_REASON_COUNT:
		break;
	}
	return "?";
}

const char *srp_mode_name(enum srp_chassis_mode mode)
{
	return mode == SRP_MODE_PRIMARY ? "Primary" : mode == SRP_MODE_BACKUP ? "Backup" : "?";
}

const char *srp_family_name(enum srp_family family)
{
	switch (family) {
#define X(name, text, reason) \
	case name:            \
		return text;
		SRP_FAMILIES(X)
#undef X
	case SRP_FAMILY_COUNT:
		break;
	}
	return "?";
}

enum srp_reason srp_family_reason(enum srp_family family)
{
	switch (family) {
#define X(name, text, reason) \
	case name:            \
		return reason;
		SRP_FAMILIES(X)
#undef X
	case SRP_FAMILY_COUNT:
		break;
	}
	return SRP_REASON_NONE;
}
