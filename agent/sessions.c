/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent and its checkpoints: the role goes there, how the session managers stand comes back; audits by the clock. */
#include <stdio.h>

#include "agent/agent_private.h"

static enum srp_engine_flush flush_of(enum srp_flush flush)
{
	switch (flush) {
	case SRP_FLUSH_CHECKPOINTS:
		return SRP_ENGINE_FLUSH_ALL;
	case SRP_FLUSH_IMS:
		return SRP_ENGINE_FLUSH_IMS;
	case SRP_FLUSH_NON_IMS:
		return SRP_ENGINE_FLUSH_NON_IMS;
	case SRP_FLUSH_NONE:
		break;
	}
	return SRP_ENGINE_FLUSH_NONE;
}

/* It has the sessions: from taking over until the other has. */
static bool has_sessions(const struct srp_core *core)
{
	return core->role == SRP_PENDING_ACTIVE || core->role == SRP_ACTIVE ||
	       core->role == SRP_PENDING_STANDBY;
}

void agent_update_checkpoints(struct srp_agent *agent)
{
	const struct srp_core *core = &agent->core;
	struct srp_desired desired = srp_core_desired(core);

	srp_checkpoints_set_role(agent->checkpoints, &(struct srp_engine_role){
							     .role = (uint8_t)core->role,
							     .serves = has_sessions(core),
							     .planned = core->accepted_id != 0,
							     .gate_ims = desired.gate.ims,
							     .gate_non_ims = desired.gate.non_ims,
							     .gate_control = desired.gate.control,
							     .flush = flush_of(core->flush),
							     .flush_id = core->flush_id,
							     .flush_force = core->force,
						     });
}

static void on_changed(void *arg)
{
	agent_input(arg, NULL);
}

/* On the checkpoints' thread. */
static void on_ended(void *arg, uint32_t id)
{
	struct srp_agent *agent = arg;

	srp_link_session_ended(agent->link, id);
}

/* --- audits -------------------------------------------------------------------------------- */

struct srp_audit_schedule agent_audit_schedule(const struct srp_agent *agent)
{
	return (struct srp_audit_schedule){.daily = agent->config.audit_daily,
					   .hour = agent->config.audit_hour,
					   .minute = agent->config.audit_minute,
					   .periodicity_min = agent->config.audit_periodicity_min};
}

static int64_t wall_seconds(void)
{
	return (int64_t)(srp_wall_clock() / 1000);
}

static void arm_audit(struct srp_agent *agent)
{
	struct srp_audit_schedule schedule = agent_audit_schedule(agent);
	int64_t now = wall_seconds(), next = srp_audit_next(&schedule, now, agent->started_at);

	agent->audit_next = next == srp_audit_next_daily(&schedule, now) ? "Daily-Start-time" : "Periodicity";
	if (next)
		agent->loop->ops->alarm_at(agent->audit_alarm,
					   agent_now(agent) + (uint64_t)(next - now) * 1000);
	else
		agent->loop->ops->alarm_off(agent->audit_alarm);
}

static void begin_audit(struct srp_agent *agent, const char *type)
{
	agent->audit_type = type;
	agent->audit_at = wall_seconds();
	srp_checkpoints_audit(agent->checkpoints);
}

static void on_audit_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	/* Whoever serves compares; it is the one that has the truth. */
	if (has_sessions(&agent->core) && srp_checkpoints_sessions(agent->checkpoints)->managers)
		begin_audit(agent, agent->audit_next);
	arm_audit(agent);
}

bool srp_agent_audit(struct srp_agent *agent, char *error, size_t error_size)
{
	if (!has_sessions(&agent->core)) {
		snprintf(error, error_size, "this chassis is %s: audits are made by the one that serves",
			 srp_role_name(agent->core.role));
		return false;
	}
	begin_audit(agent, "Manual");
	return true;
}

void srp_agent_set_nack(struct srp_agent *agent, uint8_t cmd, bool enabled)
{
	srp_checkpoints_set_nack(agent->checkpoints, cmd, enabled);
}

void srp_agent_clear_statistics(struct srp_agent *agent)
{
	srp_checkpoints_clear_statistics(agent->checkpoints);
}

/* --- life ---------------------------------------------------------------------------------- */

void agent_configure_checkpoints(struct srp_agent *agent)
{
	srp_checkpoints_configure(agent->checkpoints, &agent->config.checkpoint);
	arm_audit(agent);
}

struct srp_checkpoints *agent_checkpoints_new(struct srp_agent *agent, const char *path)
{
	agent->started_at = wall_seconds();
	agent->audit_alarm = agent->loop->ops->alarm(agent->loop, on_audit_alarm, agent);
	return srp_checkpoints_new(agent->loop, &agent->log, path, agent->core.instance,
				   &(struct srp_checkpoints_callbacks){.changed = on_changed,
								       .ended = on_ended,
								       .arg = agent});
}
