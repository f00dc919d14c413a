/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core wants comes true: one generation for kernel and bgpd.
 *
 * agent_reconcile() is called after every input. It compares what the core wants with what was last told and, when
 * they differ, hands the whole set with a new generation to the netlink reconciler and to the driver of bgpd. Both keep it true
 * by themselves.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_private.h"
#include "agent/desired.h"

/* Hand the objects to the kernel's reconciler. 0 or -errno. */
static int tell_kernel(struct srp_agent *agent, const struct srp_desired *desired)
{
	const struct srp_l2_spots *spots = srp_l2_spots(agent->l2);
	struct reconciler_object *objects;
	size_t count;
	int error;

	objects = srp_desired_objects(&agent->config, desired, spots, &count);
	if (!objects)
		return -ENOMEM;
	error = reconciler_set(agent->kernel, srp_desired_mode(&agent->config, desired, spots), objects,
			       count, agent->generation);
	free(objects);
	return error;
}

/* Hand the policy to bgpd's socket. 0 or -errno. */
static int tell_bgpd(struct srp_agent *agent, const struct srp_desired *desired)
{
	struct bgp_ipc_policy policy;
	bool fits;

	if (!srp_desired_policy(&agent->config, desired, agent->generation, &policy))
		return -ENOMEM;
	fits = agent->bgp->ops->set_policy(agent->bgp, &policy);
	bgp_ipc_policy_clear(&policy);
	return fits ? 0 : -EMSGSIZE;
}

static bool desired_equal(const struct srp_desired *a, const struct srp_desired *b)
{
	return a->hold == b->hold && a->keep == b->keep && a->serve == b->serve && a->install == b->install &&
	       a->announce == b->announce && a->prepend == b->prepend && a->assertions == b->assertions &&
	       a->gate.ims == b->gate.ims && a->gate.non_ims == b->gate.non_ims;
}

bool agent_is_in_kernel(const struct srp_agent *agent)
{
	return !agent->told.hold && reconciler_applied(agent->kernel) == agent->generation;
}

/* The core may go on from Pending-Active. */
bool agent_is_applied(const struct srp_agent *agent)
{
	return agent_is_in_kernel(agent) &&
	       (!agent->bgp_status_known || agent->bgp_status.applied_generation == agent->generation);
}

/*
 * bgpd was seen to send the latest generation to its peers. Where there is nothing to send, or nobody to ask, the
 * peer is not kept waiting.
 */
bool agent_is_advertised(const struct srp_agent *agent)
{
	if (agent->told.hold || !agent->told.announce)
		return false;
	return !agent->bgp_status_known || !(agent->config.loopback_count + agent->config.pool_count) ||
	       agent->bgp_status.advertised_generation == agent->generation;
}

/*
 * Whether bgpd announces nothing of ours any more. One that died took its sessions along; one that hangs has not, and
 * the network goes on sending traffic here.
 */
static bool is_withdrawn(const struct srp_agent *agent)
{
	const struct bgp_ipc_status *status = &agent->bgp_status;

	if (agent->bgp_status_known)
		return status->desired_generation >= agent->withdraw_generation &&
		       status->applied_prepend < 0;
	return !agent->bgp->ops->hung(agent->bgp) || (kill((pid_t)status->pid, 0) && errno == ESRCH);
}

/* What the core wants, but nothing that is still announced is taken out of the kernel. */
static struct srp_desired wanted(const struct srp_agent *agent)
{
	struct srp_desired desired = srp_core_desired(&agent->core);

	if (!desired.hold && !desired.install && agent->told.install && !agent->told.hold &&
	    !agent->told.announce && !is_withdrawn(agent))
		desired.install = desired.gate.ims = desired.gate.non_ims = true;
	return desired;
}

void agent_reconcile(struct srp_agent *agent)
{
	struct srp_desired desired = wanted(agent);
	unsigned int hidden;
	int error;

	if (!agent->objects_changed && desired_equal(&desired, &agent->told))
		return;
	agent->generation++;
	if (!desired.announce && (agent->told.announce || agent->told.hold))
		agent->withdraw_generation = agent->generation;
	/* bgpd first: a route that reaches it from the kernel shall meet the prepends that belong to it. */
	error = desired.hold ? 0 : tell_bgpd(agent, &desired);
	if (!error)
		error = tell_kernel(agent, &desired);
	if (error) {
		/* Tried again with the next input. */
		if (srp_log_allowed(&agent->tell_limit, agent_now(agent), &hidden))
			srp_log(&agent->log, SRP_LOG_ERROR,
				"kernel and bgpd were not told what %s wants: %s (%u more before)",
				srp_role_name(agent->core.role), strerror(-error), hidden);
		return;
	}
	agent->told = desired;
	agent->objects_changed = false;
	if (agent_is_in_kernel(agent))
		agent->bgp->ops->in_kernel(agent->bgp, agent->generation);
}
