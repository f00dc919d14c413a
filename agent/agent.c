/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent: carries facts into the core and makes what the core wants come true.
 *
 *   configuration, link, hello, monitors, time ──► core ──► messages to the peer
 *                                                   │
 *                               srp_core_desired() ─┴─► reconcile(): one generation for kernel and bgpd
 *
 * reconcile() is called after every input. It compares what the core wants with what was last told and, when
 * they differ, hands the whole set with a new generation to the netlink reconciler and to bgpd_srp. Both
 * keep it true by themselves; what they report back only moves Pending-Active to Active and fills `show`.
 */
#include "agent/agent.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "agent/agent_private.h"
#include "agent/desired.h"

uint64_t agent_now(const struct srp_agent *agent)
{
	return agent->loop->ops->now(agent->loop);
}

uint64_t agent_wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* --- what the core wants ------------------------------------------------------------------- */

/* Hand the objects to the kernel's reconciler. 0 or -errno. */
static int tell_kernel(struct srp_agent *agent, const struct srp_desired *desired)
{
	enum reconciler_mode mode = desired->hold || desired->keep ? RECONCILER_HOLD : RECONCILER_ENFORCE;
	struct reconciler_object *objects;
	size_t count;
	int error;

	objects = srp_desired_objects(&agent->config, desired, &count);
	if (!objects)
		return -ENOMEM;
	error = reconciler_set(agent->kernel, mode, objects, count, agent->generation);
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
	fits = bgp_server_set_policy(agent->bgp, &policy);
	bgp_ipc_policy_clear(&policy);
	return fits ? 0 : -EMSGSIZE;
}

static bool desired_equal(const struct srp_desired *a, const struct srp_desired *b)
{
	return a->hold == b->hold && a->keep == b->keep && a->install == b->install &&
	       a->announce == b->announce && a->prepend == b->prepend && a->assertions == b->assertions;
}

/* Kernel and bgpd both hold the latest generation: the core may go on from Pending-Active. */
static bool is_applied(struct srp_agent *agent)
{
	struct reconciler_status kernel;

	if (agent->told.hold)
		return false;
	reconciler_get_status(agent->kernel, &kernel);
	return kernel.applied_generation == agent->generation &&
	       (!agent->bgp_status_known || agent->bgp_status.applied_generation == agent->generation);
}

static void reconcile(struct srp_agent *agent)
{
	struct srp_desired desired = srp_core_desired(&agent->core);
	unsigned int hidden;
	int error;

	if (!agent->objects_changed && desired_equal(&desired, &agent->told))
		return;
	agent->generation++;
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
}

/* Keep role and route modifier for a successor of this process. */
static void save_state(struct srp_agent *agent)
{
	struct srp_saved_state state = {.role = agent->core.role, .modifier = agent->core.modifier};
	unsigned int hidden;
	int error;

	/* Init is not a state to go on from: what the predecessor left is still the truth. */
	if (state.role == SRP_INIT ||
	    (state.role == agent->saved.role && state.modifier == agent->saved.modifier))
		return;
	error = srp_state_write(agent->state_path, &state);
	if (!error)
		agent->saved = state;
	else if (srp_log_allowed(&agent->state_limit, agent_now(agent), &hidden))
		srp_log(&agent->log, SRP_LOG_WARNING,
			"%s: not written: %s; a restarted srpd would not know role %s (%u more before)",
			agent->state_path, strerror(-error), srp_role_name(state.role), hidden);
}

/* What the monitors say; a chassis whose bgpd or zebra is not there is not ready, whatever is monitored. */
static struct srp_health agent_health(const struct srp_agent *agent)
{
	struct srp_health health = srp_monitor_health(agent->monitors->states, agent->monitors->count);

	health.ready = health.ready && agent->bgp_status_known && agent->bgp_status.zebra_connected;
	return health;
}

/* --- the core and its outputs -------------------------------------------------------------- */

static void log_role(struct srp_agent *agent, const struct srp_role_change *change)
{
	char reason[64] = "";

	agent->last_role_change = agent_wall_clock();
	if (change->reason != SRP_REASON_NONE)
		snprintf(reason, sizeof(reason), ", reason %s (%d)", srp_reason_name(change->reason),
			 change->reason);
	srp_log(&agent->log, SRP_LOG_NOTICE, "chassis state %s -> %s on %s%s, route-modifier %u",
		srp_role_name(change->from), srp_role_name(change->to), srp_event_name(change->event), reason,
		agent->core.modifier);
}

static void log_peer(struct srp_agent *agent, enum srp_peer_change change)
{
	const struct srp_hello *peer = &agent->core.peer;

	switch (change) {
	case SRP_PEER_HEARD:
		srp_log(&agent->log, SRP_LOG_NOTICE, "peer heard: %s, %s, route-modifier %u, srpd %s",
			srp_role_name(peer->role), srp_mode_name(peer->mode), peer->modifier, peer->version);
		if (peer->hello_msec != agent->config.hello_msec ||
		    peer->dead_msec != agent->config.dead_msec)
			srp_log(&agent->log, SRP_LOG_WARNING,
				"intervals differ: here hello %u and dead %u ms, at the peer %u and %u ms",
				agent->config.hello_msec, agent->config.dead_msec, peer->hello_msec,
				peer->dead_msec);
		break;
	case SRP_PEER_RESTARTED:
		srp_log(&agent->log, SRP_LOG_NOTICE, "peer's srpd has restarted: %s, route-modifier %u",
			srp_role_name(peer->role), peer->modifier);
		break;
	case SRP_PEER_LOST:
		srp_log(&agent->log, SRP_LOG_WARNING, "peer lost: no hello for %u ms",
			agent->core.config.dead_msec);
		/* Whatever is stuck in the connection is not worth waiting for. */
		srp_link_reset(agent->link);
		break;
	}
}

/* A message counts from its arrival, whenever we come to it; but the core's time does not go backwards. */
static uint64_t input_time(struct srp_agent *agent, const struct srp_input *input)
{
	uint64_t now = input->type == SRP_IN_MESSAGE ? agent->message_arrived : agent_now(agent);

	if (now > agent->core_now)
		agent->core_now = now;
	return agent->core_now;
}

/* One input, and everything that follows from it. */
static void core_step(struct srp_agent *agent, const struct srp_input *input)
{
	uint64_t switchovers = agent->core.switchovers;
	struct srp_outputs outputs;
	const char *blocked;

	srp_core_input(&agent->core, input_time(agent, input), input, &outputs);
	if (agent->core.switchovers != switchovers)
		agent->last_switchover = agent_wall_clock();
	/* Kernel and bgpd first: a failover waits for them, the log does not. */
	reconcile(agent);
	for (unsigned int i = 0; i < outputs.count; i++) {
		struct srp_output *output = &outputs.list[i];

		switch (output->type) {
		case SRP_OUT_SEND:
			output->message.hello.clock_msec = agent_wall_clock();
			snprintf(output->message.hello.version, SRP_VERSION_LEN, "%s", agent->version);
			srp_link_send(agent->link, &output->message);
			break;
		case SRP_OUT_ROLE:
			log_role(agent, &output->role);
			break;
		case SRP_OUT_PEER:
			log_peer(agent, output->peer);
			break;
		}
	}
	save_state(agent);
	blocked = srp_core_hand_over_error(&agent->core);
	if (blocked && blocked != agent->hand_over_error)
		srp_log(&agent->log, SRP_LOG_WARNING,
			"a monitored group has failed, but there is no hand-over: %s", blocked);
	agent->hand_over_error = blocked;
}

/*
 * Give the core an input. Carrying out its outputs can itself produce facts (the connection breaks while
 * sending, the kernel answers at once): these wait until the outputs are done, or messages would leave in
 * the wrong order, and are then taken from the state they left. NULL: only look at the facts.
 */
static void core_input(struct srp_agent *agent, const struct srp_input *input)
{
	uint64_t deadline;

	agent->again = true;
	if (agent->busy)
		return;
	agent->busy = true;
	if (input)
		core_step(agent, input);
	for (int round = 0; round < SRP_OUTPUTS_MAX && agent->again; round++) {
		bool link_up = srp_link_is_up(agent->link);

		agent->again = false;
		if (link_up != agent->core.link_up)
			core_step(agent, &(struct srp_input){.type = SRP_IN_LINK, .link_up = link_up});
		core_step(agent, &(struct srp_input){
					 .type = SRP_IN_HEALTH,
					 .health = agent_health(agent),
				 });
		if (agent->core.role == SRP_PENDING_ACTIVE && is_applied(agent))
			core_step(agent, &(struct srp_input){.type = SRP_IN_APPLIED});
	}
	agent->busy = false;
	deadline = srp_core_deadline(&agent->core);
	if (deadline == SRP_NEVER)
		agent->loop->ops->alarm_off(agent->core_alarm);
	else
		agent->loop->ops->alarm_at(agent->core_alarm, deadline);
}

static void on_core_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	/*
	 * A loop that was held up runs its timers before it reads: hellos that lie in the socket speak for the
	 * peer before the clock speaks against it.
	 */
	srp_link_poll(agent->link);
	core_input(agent, &(struct srp_input){.type = SRP_IN_TICK});
}

/* --- facts --------------------------------------------------------------------------------- */

/* Something is new that core_input() looks up by itself: link, monitors, what is applied. */
static void facts_changed(struct srp_agent *agent)
{
	core_input(agent, NULL);
}

static void on_link_state(void *arg, bool up)
{
	(void)up;
	facts_changed(arg);
}

static void on_link_message(void *arg, const struct srp_message *message, uint64_t arrived)
{
	struct srp_agent *agent = arg;

	agent->message_arrived = arrived;
	core_input(agent, &(struct srp_input){.type = SRP_IN_MESSAGE, .message = message});
}

static void log_health(struct srp_agent *agent)
{
	struct srp_health health = agent_health(agent), before = agent->core.health;
	char group[32] = "ungrouped";

	if (health.failed_group)
		snprintf(group, sizeof(group), "group %u", health.failed_group);
	if (health.failed && (!before.failed || health.failed_context != before.failed_context ||
			      health.failed_group != before.failed_group))
		srp_log(&agent->log, SRP_LOG_WARNING,
			"BGP monitor failed: all %s peers of context %s are down", group,
			agent->monitors->list[health.failed_context].config.context);
	else if (!health.failed && before.failed)
		srp_log(&agent->log, SRP_LOG_NOTICE, "BGP monitors have recovered");
}

/* The monitors' states may have changed. */
static void health_changed(struct srp_agent *agent)
{
	uint64_t deadline = bgp_monitors_deadline(agent->monitors);

	if (deadline == UINT64_MAX)
		agent->loop->ops->alarm_off(agent->settle_alarm);
	else
		agent->loop->ops->alarm_at(agent->settle_alarm, deadline);
	log_health(agent);
	facts_changed(agent);
}

static void on_settle_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	bgp_monitors_tick(agent->monitors, agent_now(agent));
	health_changed(agent);
}

/* bgpd's peers may have changed; `status` is NULL when bgpd is gone. */
static void take_peers(struct srp_agent *agent, const struct bgp_ipc_status *status)
{
	bgp_monitors_update(agent->monitors, agent_now(agent), status);
	health_changed(agent);
}

/* A copy, with its peers: monitors configured later are judged by it too. */
static void keep_status(struct srp_agent *agent, const struct bgp_ipc_status *status)
{
	struct bgp_ipc_peer *peers = calloc(status->peer_count ? status->peer_count : 1, sizeof(*peers));

	free(agent->bgp_status.peers);
	agent->bgp_status = *status;
	agent->bgp_status.peers = peers;
	if (!peers)
		agent->bgp_status.peer_count = 0;
	else if (status->peer_count)
		memcpy(peers, status->peers, status->peer_count * sizeof(*peers));
	agent->bgp_status_known = true;
}

static void on_bgp_status(void *arg, const struct bgp_ipc_status *status)
{
	struct srp_agent *agent = arg;

	if (!agent->bgp_status_known)
		srp_log(&agent->log, SRP_LOG_NOTICE, "bgpd %s (pid %u) is connected", status->bgpd_version,
			status->pid);
	if (status->error[0] && strcmp(status->error, agent->bgp_status.error) != 0)
		srp_log(&agent->log, SRP_LOG_WARNING, "bgpd: %s", status->error);
	if (status->warning[0] && strcmp(status->warning, agent->bgp_status.warning) != 0)
		srp_log(&agent->log, SRP_LOG_WARNING, "bgpd: %s", status->warning);
	keep_status(agent, status);
	take_peers(agent, &agent->bgp_status);
}

static void on_bgp_gone(void *arg)
{
	struct srp_agent *agent = arg;

	srp_log(&agent->log, SRP_LOG_WARNING, "bgpd is gone: its peers count as down");
	agent->bgp_status_known = false;
	take_peers(agent, NULL);
}

static void on_guard_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	bgp_monitors_guard_over(agent->monitors, agent_now(agent));
	health_changed(agent);
}

/* --- the kernel's reconciler on the loop --------------------------------------------------- */

static void kernel_rearm(struct srp_agent *agent)
{
	const struct srp_loop_ops *ops = agent->loop->ops;
	uint64_t deadline = reconciler_deadline(agent->kernel);

	ops->rewatch(agent->kernel_request,
		     SRP_LOOP_READ | (reconciler_wants_write(agent->kernel) ? SRP_LOOP_WRITE : 0));
	if (deadline == UINT64_MAX)
		ops->alarm_off(agent->kernel_alarm);
	else
		ops->alarm_at(agent->kernel_alarm, deadline);
}

static void on_kernel(struct srp_agent *agent)
{
	reconciler_run(agent->kernel, agent_now(agent));
	kernel_rearm(agent);
}

static void on_kernel_ready(void *arg, int fd, unsigned int ready)
{
	(void)fd;
	(void)ready;
	on_kernel(arg);
}

static void on_kernel_alarm(void *arg)
{
	on_kernel(arg);
}

static void on_kernel_applied(void *arg, uint64_t generation)
{
	(void)generation;
	facts_changed(arg);
}

static void on_kernel_wakeup(void *arg)
{
	struct srp_agent *agent = arg;

	/* The first wish may come while the reconciler is being made. */
	if (agent->kernel_alarm)
		kernel_rearm(agent);
}

static void on_kernel_log(void *arg, enum reconciler_log_level level, const char *text)
{
	static const enum srp_log_level levels[] = {
		[RECONCILER_LOG_ERROR] = SRP_LOG_ERROR,
		[RECONCILER_LOG_WARNING] = SRP_LOG_WARNING,
		[RECONCILER_LOG_INFO] = SRP_LOG_INFO,
		[RECONCILER_LOG_DEBUG] = SRP_LOG_DEBUG,
	};
	struct srp_agent *agent = arg;

	srp_log(&agent->log, levels[level], "kernel: %s", text);
}

static void on_kernel_privs(void *arg, bool raise)
{
	struct srp_agent *agent = arg;

	if (agent->privs)
		agent->privs(raise);
}

/* --- configuration ------------------------------------------------------------------------- */

static bool sockaddr_is(const struct sockaddr *sockaddr, const struct srp_addr *addr)
{
	if (!sockaddr || sockaddr->sa_family != addr->family)
		return false;
	if (addr->family == AF_INET)
		return memcmp(&((const struct sockaddr_in *)sockaddr)->sin_addr, addr->bytes, 4) == 0;
	return memcmp(&((const struct sockaddr_in6 *)sockaddr)->sin6_addr, addr->bytes, 16) == 0;
}

/*
 * The MAC address that breaks a tie: that of the interface with the bind address, else the first one that
 * is not all zero (loopback's is).
 */
static void find_tiebreaker(const struct srp_addr *bind_address, uint8_t tiebreaker[SRP_TIEBREAKER_LEN])
{
	static const uint8_t none[SRP_TIEBREAKER_LEN];
	const char *ifname = NULL;
	struct ifaddrs *list;

	memset(tiebreaker, 0, SRP_TIEBREAKER_LEN);
	if (getifaddrs(&list))
		return;
	for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next)
		if (sockaddr_is(entry->ifa_addr, bind_address))
			ifname = entry->ifa_name;
	for (struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
		const struct sockaddr_ll *ll = (const struct sockaddr_ll *)entry->ifa_addr;

		if (!ll || ll->sll_family != AF_PACKET || ll->sll_halen != SRP_TIEBREAKER_LEN ||
		    memcmp(ll->sll_addr, none, sizeof(none)) == 0)
			continue;
		if (ifname && strcmp(entry->ifa_name, ifname) == 0) {
			memcpy(tiebreaker, ll->sll_addr, SRP_TIEBREAKER_LEN);
			break;
		}
		if (memcmp(tiebreaker, none, sizeof(none)) == 0)
			memcpy(tiebreaker, ll->sll_addr, SRP_TIEBREAKER_LEN);
	}
	freeifaddrs(list);
}

/* A list's copy over the old one. False and nothing changed when memory is out. */
static bool copy_list(void **to, const void *from, size_t count, size_t size)
{
	void *copy = malloc(count ? count * size : 1);

	if (!copy)
		return false;
	if (count)
		memcpy(copy, from, count * size);
	free(*to);
	*to = copy;
	return true;
}

static bool list_differs(const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
	return a_count != b_count || (a_count && memcmp(a, b, a_count * size) != 0);
}

void srp_agent_configure(struct srp_agent *agent, const struct srp_config *config)
{
	struct srp_config *own = &agent->config;
	struct srp_core_config core = {
		.enabled = config->bind_address.family && config->peer_address.family,
		.mode = config->mode,
		.priority = config->priority,
		.threshold = config->threshold,
		.hello_msec = config->hello_msec,
		.dead_msec = config->dead_msec,
		.delay_msec = config->delay_sec * 1000,
		.higher_address = memcmp(config->bind_address.bytes, config->peer_address.bytes,
					 sizeof(config->bind_address.bytes)) > 0,
	};
	struct srp_config before = *own;
	bool objects_changed = list_differs(own->loopbacks, own->loopback_count, config->loopbacks,
					    config->loopback_count, sizeof(*own->loopbacks)) ||
			       list_differs(own->pools, own->pool_count, config->pools, config->pool_count,
					    sizeof(*own->pools)) ||
			       own->mode != config->mode || own->threshold != config->threshold ||
			       own->bgp_hold_sec != config->bgp_hold_sec;

	if (!copy_list((void **)&own->loopbacks, config->loopbacks, config->loopback_count,
		       sizeof(*own->loopbacks)) ||
	    !copy_list((void **)&own->pools, config->pools, config->pool_count, sizeof(*own->pools)) ||
	    !copy_list((void **)&own->monitors, config->monitors, config->monitor_count,
		       sizeof(*own->monitors))) {
		/* Lists that were copied may be longer than their old counts, never shorter than the new. */
		srp_log(&agent->log, SRP_LOG_ERROR, "configuration not taken: out of memory");
		own->loopback_count = own->pool_count = own->monitor_count = 0;
		return;
	}
	before.loopbacks = own->loopbacks;
	before.pools = own->pools;
	before.monitors = own->monitors;
	*own = *config;
	own->loopbacks = before.loopbacks;
	own->pools = before.pools;
	own->monitors = before.monitors;
	agent->objects_changed |= objects_changed;

	bgp_monitors_configure(agent->monitors, agent_now(agent), own->monitors, own->monitor_count);
	if (agent->bgp_status_known)
		bgp_monitors_update(agent->monitors, agent_now(agent), &agent->bgp_status);
	if (core.enabled && !agent->core.was_enabled)
		agent->loop->ops->alarm_at(agent->guard_alarm, agent_now(agent) + SRP_MONITOR_GUARD_MSEC);
	find_tiebreaker(&own->bind_address, core.tiebreaker);
	core_input(agent, &(struct srp_input){.type = SRP_IN_CONFIG, .config = &core});
	health_changed(agent);
	srp_link_configure(agent->link, own);
}

bool srp_agent_initiate_switchover(struct srp_agent *agent, char *error, size_t error_size)
{
	const char *why = srp_core_switchover_error(&agent->core);

	if (why) {
		snprintf(error, error_size, "%s", why);
		return false;
	}
	core_input(agent, &(struct srp_input){.type = SRP_IN_SWITCHOVER});
	return true;
}

/* --- life ---------------------------------------------------------------------------------- */

/* What the predecessor left. Returns its route modifier, 0 when there is none to go on with. */
static uint16_t read_state(struct srp_agent *agent)
{
	char why[128];
	int error = srp_state_read(agent->state_path, &agent->saved, why, sizeof(why));

	if (!error) {
		srp_log(&agent->log, SRP_LOG_NOTICE,
			"this chassis was %s with route-modifier %u before srpd restarted",
			srp_role_name(agent->saved.role), agent->saved.modifier);
		return agent->saved.modifier;
	}
	if (error == -EINVAL)
		srp_log(&agent->log, SRP_LOG_WARNING, "%s: ignored, damaged: %s", agent->state_path, why);
	else if (error != -ENOENT)
		srp_log(&agent->log, SRP_LOG_WARNING, "%s: ignored: %s", agent->state_path, strerror(-error));
	memset(&agent->saved, 0, sizeof(agent->saved));
	return 0;
}

static uint64_t new_instance(void)
{
	uint64_t instance;

	/* Randomness may not be there early at boot; the clock still tells two starts apart. */
	if (getrandom(&instance, sizeof(instance), GRND_NONBLOCK) != sizeof(instance))
		instance = agent_wall_clock();
	return instance;
}

struct srp_agent *srp_agent_new(const struct srp_agent_options *options, char *error, size_t error_size)
{
	const struct srp_loop_ops *ops = options->loop->ops;
	struct srp_agent *agent = calloc(1, sizeof(*agent));
	char path[256];

	snprintf(error, error_size, "out of memory");
	if (!agent)
		return NULL;
	agent->loop = options->loop;
	agent->log.write = options->log;
	agent->privs = options->privs;
	agent->version = strdup(options->version);
	agent->monitors = calloc(1, sizeof(*agent->monitors));
	if (asprintf(&agent->state_path, "%s/srpd.state", options->run_dir) < 0)
		agent->state_path = NULL;
	if (!agent->version || !agent->monitors || !agent->state_path)
		goto fail;
	srp_config_init(&agent->config);
	/* Grows over restarts too: a module that outlived srpd must never find it going backwards. */
	agent->generation = agent_wall_clock() << 8;
	agent->told.hold = true;
	srp_core_init(&agent->core, new_instance(), read_state(agent));

	agent->core_alarm = ops->alarm(agent->loop, on_core_alarm, agent);
	agent->guard_alarm = ops->alarm(agent->loop, on_guard_alarm, agent);
	agent->settle_alarm = ops->alarm(agent->loop, on_settle_alarm, agent);
	agent->link = srp_link_new(agent->loop, &agent->log,
				   &(struct srp_link_callbacks){.state = on_link_state,
								.message = on_link_message,
								.arg = agent});
	if (!agent->link)
		goto fail;
	snprintf(path, sizeof(path), "%s/" BGP_IPC_SOCKET, options->run_dir);
	agent->bgp = bgp_server_new(agent->loop, &agent->log, path,
				    &(struct bgp_server_callbacks){.status = on_bgp_status,
								   .gone = on_bgp_gone,
								   .arg = agent});
	if (!agent->bgp) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		goto fail;
	}
	agent->kernel = reconciler_new(&(struct reconciler_callbacks){
		.applied = on_kernel_applied,
		.wakeup = on_kernel_wakeup,
		.log = on_kernel_log,
		.privs = on_kernel_privs,
		.arg = agent,
	});
	if (!agent->kernel) {
		snprintf(error, error_size, "netlink: %s", strerror(errno));
		goto fail;
	}
	agent->kernel_request = ops->watch(agent->loop, reconciler_request_fd(agent->kernel), SRP_LOOP_READ,
					   on_kernel_ready, agent);
	agent->kernel_notify = ops->watch(agent->loop, reconciler_notify_fd(agent->kernel), SRP_LOOP_READ,
					  on_kernel_ready, agent);
	agent->kernel_alarm = ops->alarm(agent->loop, on_kernel_alarm, agent);
	on_kernel(agent);
	return agent;

fail:
	srp_agent_free(agent);
	return NULL;
}

void srp_agent_free(struct srp_agent *agent)
{
	const struct srp_loop_ops *ops;

	if (!agent)
		return;
	ops = agent->loop->ops;
	srp_link_free(agent->link);
	bgp_server_free(agent->bgp);
	ops->unwatch(agent->kernel_request);
	ops->unwatch(agent->kernel_notify);
	ops->alarm_free(agent->kernel_alarm);
	reconciler_free(agent->kernel);
	ops->alarm_free(agent->core_alarm);
	ops->alarm_free(agent->guard_alarm);
	ops->alarm_free(agent->settle_alarm);
	srp_config_clear(&agent->config);
	bgp_ipc_status_clear(&agent->bgp_status);
	free(agent->monitors);
	free(agent->version);
	free(agent->state_path);
	free(agent);
}
