/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's own fields, shared by agent.c (what it does) and info.c (what it shows). Not an interface. */
#ifndef SRP_AGENT_PRIVATE_H
#define SRP_AGENT_PRIVATE_H

#include "agent/agent.h"
#include "agent/audit_clock.h"
#include "agent/bgp_monitor.h"
#include "agent/bgp_driver.h"
#include "agent/checkpoints.h"
#include "agent/clock.h"
#include "agent/config_check.h"
#include "agent/core/core.h"
#include "agent/l2.h"
#include "agent/link.h"
#include "agent/memory.h"
#include "agent/witness.h"
#include "netlink/reconciler.h"

struct srp_agent {
	struct srp_loop *loop;
	struct srp_log log;
	void (*status)(const char *text);
	void (*privs)(bool raise);
	char *version;
	struct srp_memory *memory;

	struct srp_config config; /* a copy of the latest */
	struct srp_core core;
	struct srp_config_check *check;
	struct srp_l2 *l2;
	bool busy;  /* an input is being worked on */
	bool again; /* facts may have changed meanwhile: look before it ends */
	struct srp_alarm *core_alarm;
	struct srp_alarm *guard_alarm;  /* start guard of the monitors */
	struct srp_alarm *settle_alarm; /* peers that have come up settle */
	struct srp_link *link;
	uint64_t core_now;        /* the latest time the core was told, ms */
	uint64_t message_arrived; /* the one the core is given now, ms */

	struct srp_checkpoints *checkpoints;
	struct srp_alarm *audit_alarm;
	int64_t started_at;     /* s since 1970; the audits' period counts from here */
	const char *audit_type; /* of the last audit: "Manual" and so on; NULL: none yet */
	int64_t audit_at;       /* when it was asked for, s since 1970 */
	const char *audit_next; /* type of the one that the alarm is for */

	struct bgp_driver *bgp;
	enum srp_bgp_driver bgp_kind; /* of bgp */
	uint32_t bgp_base;            /* what it was told */
	char *run_dir;
	struct srp_alarm *bgp_alarm; /* the driver has changed: its first status is due */
	bool bgp_changed;            /* and is not there: what the last driver said holds */
	struct bgp_monitors *monitors;
	struct bgp_ipc_status bgp_status; /* bgpd's last word; owns its peers */
	bool bgp_status_known;
	bool bgp_restarted; /* the core has not been told yet */
	bool bgp_was_there; /* since srpd's start: another connection means that bgpd has restarted */
	struct srp_monitor_health monitored; /* as last logged */
	struct srp_witness witness;

	struct reconciler *kernel;
	struct srp_watch *kernel_request, *kernel_notify;
	struct srp_alarm *kernel_alarm;

	/* What kernel and bgpd were last told, and the generation that goes with it. */
	struct srp_desired told;
	bool objects_changed; /* the configured objects differ from what was told */
	uint64_t generation;
	uint64_t withdraw_generation; /* since which bgpd shall not announce */

	enum srp_obstacle obstacle; /* to a hand-over, as last logged */
	struct srp_log_limit tell_limit;

	uint64_t validated; /* srp validate-switchover: wall clock, ms since 1970; 0: never */
};

/* --- agent.c --- */

/*
 * Give the core an input and do what follows from it; NULL: only look whether the facts (link, monitors, what is
 * applied) are new.
 */
void agent_input(struct srp_agent *agent, const struct srp_input *input);
/*
 * Talk to bgpd by the configured driver from now on. What was known of bgpd holds until the new one has spoken, so that
 * a change at run time is no failure. When it cannot be made, the old one stays.
 */
bool agent_use_bgp_driver(struct srp_agent *agent, enum srp_bgp_driver kind, uint32_t base, char *error,
			  size_t error_size);
/* The monitors' states may have changed. */
void agent_health_changed(struct srp_agent *agent);

/* --- apply.c --- */

/* Tell kernel and bgpd what the core wants, when that is another thing than they were told. */
void agent_reconcile(struct srp_agent *agent);
/* The kernel has all of what was last told. */
bool agent_is_in_kernel(const struct srp_agent *agent);
/* Kernel and bgpd both hold the latest generation. */
bool agent_is_applied(const struct srp_agent *agent);
/* And bgpd was seen to send it to its peers. */
bool agent_is_advertised(const struct srp_agent *agent);

/* --- sessions.c --- */

/* Tell the checkpoints' thread the role, and the core how the session managers stand. */
void agent_update_checkpoints(struct srp_agent *agent);
struct srp_checkpoints *agent_checkpoints_new(struct srp_agent *agent, const char *path);
struct srp_audit_schedule agent_audit_schedule(const struct srp_agent *agent);
/* What `show srp info` says of audits. */
struct json_object;
void agent_add_audit_info(struct srp_agent *agent, struct json_object *info);
/* From the configuration; also arms the next audit. */
void agent_configure_checkpoints(struct srp_agent *agent);

uint64_t agent_now(const struct srp_agent *agent); /* monotonic ms */

#endif
