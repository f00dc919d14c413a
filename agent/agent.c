/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent: carries facts into the core and makes what the core wants come true.
 *
 *   configuration, link, hello, monitors, time ──► core ──► messages to the peer
 *                                                   │
 *                               srp_core_desired() ─┴─► agent_reconcile() (apply.c): kernel and bgpd
 *
 * What these report back only moves Pending-Active to Active and fills `show`. configure.c takes the configuration.
 */
#include "agent/agent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "agent/agent_private.h"
#include "agent/bgp_server.h"
#include "agent/bgp_vty.h"

/* How long a driver that was changed to may take to its first status. */
#define BGP_CHANGE_MSEC 5000

uint64_t agent_now(const struct srp_agent *agent)
{
	return agent->loop->ops->now(agent->loop);
}

/* What the monitors say; a chassis whose bgpd or zebra is not there is not ready, whatever is monitored. */
static struct srp_health agent_health(const struct srp_agent *agent)
{
	struct srp_monitor_health bgp = srp_monitor_health(agent->monitors->states, agent->monitors->count);
	bool frr_up = agent->bgp_status_known && agent->bgp_status.zebra_connected;

	return (struct srp_health){
		.failed = bgp.failed ? 1u << SRP_FAMILY_BGP : 0,
		.ready = bgp.ready && frr_up && agent->bgp->ops->responding(agent->bgp),
		.frr_down = !frr_up,
	};
}

/* --- the core and its outputs -------------------------------------------------------------- */

static void log_role(struct srp_agent *agent, const struct srp_role_change *change)
{
	char reason[64] = "", status[64];

	if (change->reason != SRP_REASON_NONE)
		snprintf(reason, sizeof(reason), ", reason %s (%d)", srp_reason_name(change->reason),
			 change->reason);
	srp_log(&agent->log, SRP_LOG_NOTICE, "chassis state %s -> %s on %s%s, route-modifier %u",
		srp_role_name(change->from), srp_role_name(change->to), srp_event_name(change->event), reason,
		agent->core.modifier);
	if (agent->status) {
		snprintf(status, sizeof(status), "%s, route-modifier %u", srp_role_name(change->to),
			 agent->core.modifier);
		agent->status(status);
	}
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
	case SRP_PEER_WITNESSED:
		srp_log(&agent->log, SRP_LOG_WARNING,
			"peer silent, but its announcements are still heard: waiting %u ms more",
			agent->core.config.witness_msec);
		srp_link_reset(agent->link);
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

static void log_attempt(struct srp_agent *agent, enum srp_attempt attempt)
{
	bool refused = attempt == SRP_ATTEMPT_REFUSED;

	srp_log(&agent->log, SRP_LOG_WARNING, "switchover did not come about: %s%s%s",
		srp_attempt_text(attempt), refused ? ": " : "",
		refused ? srp_refusal_text(agent->core.attempt_refusal) : "");
}

static void log_config_state(struct srp_agent *agent, enum srp_config_state state)
{
	if (state == SRP_CONFIG_DIFFERENT)
		srp_log(&agent->log, SRP_LOG_WARNING,
			"the configurations of the two chassis differ: see srp validate-configuration");
	else if (agent->core.config_failed_at)
		srp_log(&agent->log, SRP_LOG_NOTICE, "the configurations of the two chassis match again");
}

/* Why a failed monitor does not hand over, when that is new. */
static void log_obstacle(struct srp_agent *agent)
{
	enum srp_obstacle obstacle = srp_core_hand_over_obstacle(&agent->core);

	if (obstacle != SRP_CLEAR && obstacle != agent->obstacle)
		srp_log(&agent->log, SRP_LOG_WARNING,
			"a monitored group has failed, but there is no hand-over: %s",
			srp_obstacle_text(obstacle));
	agent->obstacle = obstacle;
}

/* What bgpd hears now; NULL when it is gone, or hangs: then its last word says nothing of the peer. */
static const struct bgp_ipc_status *bgp_hearing(const struct srp_agent *agent)
{
	return agent->bgp_status_known && agent->bgp->ops->responding(agent->bgp) ? &agent->bgp_status : NULL;
}

static void log_witness(struct srp_agent *agent)
{
	enum srp_log_level level;
	const char *text = srp_witness_watch(&agent->witness, agent_now(agent), &agent->core,
					     bgp_hearing(agent), &level);

	if (text)
		srp_log(&agent->log, level, "witness: %s", text);
}

/* One input, and everything that follows from it. */
static void core_step(struct srp_agent *agent, const struct srp_input *input)
{
	struct srp_outputs outputs;

	srp_core_input(&agent->core, input_time(agent, input), input, &outputs);
	/* Kernel and bgpd first: a failover waits for them, the log does not. */
	agent_reconcile(agent);
	for (unsigned int i = 0; i < outputs.count; i++) {
		struct srp_output *output = &outputs.list[i];

		switch (output->type) {
		case SRP_OUT_SEND:
			output->message.hello.clock_msec = srp_wall_clock();
			snprintf(output->message.hello.version, SRP_VERSION_LEN, "%s", agent->version);
			srp_link_send(agent->link, &output->message);
			break;
		case SRP_OUT_ROLE:
			log_role(agent, &output->role);
			srp_memory_add(agent->memory, srp_wall_clock(), &output->role, agent->core.modifier);
			break;
		case SRP_OUT_PEER:
			log_peer(agent, output->peer);
			break;
		case SRP_OUT_ATTEMPT:
			log_attempt(agent, output->attempt);
			break;
		case SRP_OUT_CONFIG:
			log_config_state(agent, output->config_state);
			break;
		case SRP_OUT_VALIDATED:
			break; /* shown, not told */
		}
	}
	srp_memory_save(agent->memory, agent_now(agent), agent->core.role, agent->core.modifier);
	srp_config_check_peer(agent->check, agent->core.peer_heard ? agent->core.peer.checksum : 0);
	log_obstacle(agent);
	log_witness(agent);
}

/* Tell L2 mode what it goes by. */
static void update_l2(struct srp_agent *agent)
{
	const struct srp_core *core = &agent->core;
	bool active = core->role == SRP_ACTIVE;

	srp_l2_update(agent->l2, &(struct srp_l2_facts){
					 .announce = !agent->told.hold && agent->told.announce,
					 .in_kernel = active || agent_is_in_kernel(agent),
					 .active = active,
					 .peer_serves = core->peer_heard && core->peer.role != SRP_INIT &&
							core->peer.role != SRP_STANDBY,
					 .assertions = agent->told.assertions,
				 });
}

/*
 * Give the core an input. Carrying out its outputs can itself produce facts (the connection breaks while
 * sending, the kernel answers at once): these wait until the outputs are done, or messages would leave in
 * the wrong order, and are then taken from the state they left. NULL: only look at the facts.
 */
void agent_input(struct srp_agent *agent, const struct srp_input *input)
{
	uint64_t deadline;

	agent->again = true;
	if (agent->busy)
		return;
	agent->busy = true;
	if (input)
		core_step(agent, input);
	for (int round = 0; round < SRP_OUTPUTS_MAX && agent->again; round++) {
		const struct srp_engine_sessions *sessions;
		bool link_up = srp_link_is_up(agent->link);
		bool witness = srp_witness_heard(bgp_hearing(agent));

		agent->again = false;
		if (agent->bgp_restarted) {
			agent->bgp_restarted = false;
			core_step(agent, &(struct srp_input){.type = SRP_IN_LOCAL_FAILURE,
							     .family = SRP_FAMILY_BGP});
		}
		if (link_up != agent->core.link_up)
			core_step(agent, &(struct srp_input){.type = SRP_IN_LINK, .link_up = link_up});
		if (witness != agent->core.witness)
			core_step(agent, &(struct srp_input){.type = SRP_IN_WITNESS, .witness = witness});
		sessions = srp_checkpoints_sessions(agent->checkpoints);
		if (sessions->managers != agent->core.sessions.managers ||
		    sessions->unready != agent->core.sessions.unready)
			core_step(agent, &(struct srp_input){.type = SRP_IN_SESSIONS,
							     .sessions = {.managers = sessions->managers,
									  .unready = sessions->unready}});
		core_step(agent, &(struct srp_input){
					 .type = SRP_IN_HEALTH,
					 .health = agent_health(agent),
				 });
		if (agent->core.phase == SRP_PHASE_APPLY && agent_is_applied(agent))
			core_step(agent, &(struct srp_input){.type = SRP_IN_APPLIED});
		if (agent->core.accepted_id && !agent->core.progress.advertised && agent_is_advertised(agent))
			core_step(agent, &(struct srp_input){.type = SRP_IN_ADVERTISED});
		agent_update_checkpoints(agent);
		if (agent->core.flush != SRP_FLUSH_NONE &&
		    srp_checkpoints_flushed(agent->checkpoints) == agent->core.flush_id)
			core_step(agent, &(struct srp_input){.type = SRP_IN_FLUSHED,
							     .flush_id = agent->core.flush_id});
	}
	/* Once more: a step may have been the last one. */
	agent_update_checkpoints(agent);
	update_l2(agent);
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
	agent_input(agent, &(struct srp_input){.type = SRP_IN_TICK});
}

/* --- facts --------------------------------------------------------------------------------- */

/* Something is new that agent_input() looks up by itself: link, monitors, what is applied. */
static void facts_changed(struct srp_agent *agent)
{
	agent_input(agent, NULL);
}

static void send_config_message(void *arg, const struct srp_message *message)
{
	struct srp_agent *agent = arg;

	srp_link_send(agent->link, message);
}

static void on_link_state(void *arg, bool up)
{
	(void)up;
	facts_changed(arg);
}

/* On the link's thread. */
static void on_link_session(void *arg, struct srp_session_start *start)
{
	struct srp_agent *agent = arg;

	srp_checkpoints_adopt(agent->checkpoints, start);
}

static void on_link_message(void *arg, const struct srp_message *message, uint64_t arrived)
{
	struct srp_agent *agent = arg;

	agent->message_arrived = arrived;
	srp_config_check_message(agent->check, message);
	agent_input(agent, &(struct srp_input){.type = SRP_IN_MESSAGE, .message = message});
}

static void log_health(struct srp_agent *agent)
{
	struct srp_monitor_health now = srp_monitor_health(agent->monitors->states, agent->monitors->count);
	struct srp_monitor_health before = agent->monitored;
	char group[32] = "ungrouped";

	agent->monitored = now;
	if (now.failed_group)
		snprintf(group, sizeof(group), "group %u", now.failed_group);
	if (now.failed && (!before.failed || now.failed_context != before.failed_context ||
			   now.failed_group != before.failed_group))
		srp_log(&agent->log, SRP_LOG_WARNING,
			"BGP monitor failed: all %s peers of context %s are down", group,
			agent->monitors->list[now.failed_context].config.context);
	else if (!now.failed && before.failed)
		srp_log(&agent->log, SRP_LOG_NOTICE, "BGP monitors have recovered");
}

/* The monitors' states may have changed. */
void agent_health_changed(struct srp_agent *agent)
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
	agent_health_changed(agent);
}

/* bgpd's peers may have changed; `status` is NULL when bgpd is gone. */
static void take_peers(struct srp_agent *agent, const struct bgp_ipc_status *status)
{
	bgp_monitors_update(agent->monitors, agent_now(agent), status);
	agent_health_changed(agent);
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

/* A task of this host that BGP depends on has restarted: its guard-period begins. */
static void bgp_restarted(struct srp_agent *agent)
{
	agent->bgp_restarted = true;
	facts_changed(agent);
}

static void on_bgp_status(void *arg, const struct bgp_ipc_status *status)
{
	struct srp_agent *agent = arg;

	if (!agent->bgp_status_known) {
		srp_log(&agent->log, SRP_LOG_NOTICE, "bgpd %s (pid %u) is connected", status->bgpd_version,
			status->pid);
		if (agent->bgp_was_there)
			bgp_restarted(agent);
		agent->bgp_was_there = true;
	} else if (status->pid != agent->bgp_status.pid ||
		   /* Each driver counts from its own start. */
		   (!agent->bgp_changed && status->zebra_restarts != agent->bgp_status.zebra_restarts)) {
		bgp_restarted(agent);
	}
	agent->bgp_changed = false;
	agent->loop->ops->alarm_off(agent->bgp_alarm);
	if (status->error[0] && strcmp(status->error, agent->bgp_status.error) != 0)
		srp_log(&agent->log, SRP_LOG_WARNING, "bgpd: %s", status->error);
	if (status->warning[0] && strcmp(status->warning, agent->bgp_status.warning) != 0)
		srp_log(&agent->log, SRP_LOG_WARNING, "bgpd: %s", status->warning);
	keep_status(agent, status);
	take_peers(agent, &agent->bgp_status);
}

/* A bgpd that hangs can take no role over; that its peers are down is for their hold time to say, or for ours. */
static void on_bgp_responding(void *arg, bool responding)
{
	struct srp_agent *agent = arg;

	if (responding)
		srp_log(&agent->log, SRP_LOG_NOTICE, "bgpd responds again");
	else
		srp_log(&agent->log, SRP_LOG_WARNING,
			"bgpd does not respond: this chassis is not ready for a switchover");
	facts_changed(agent);
}

static void on_bgp_gone(void *arg)
{
	struct srp_agent *agent = arg;

	srp_log(&agent->log, SRP_LOG_WARNING, "bgpd is gone: its peers count as down");
	agent->bgp_status_known = agent->bgp_changed = false;
	agent->loop->ops->alarm_off(agent->bgp_alarm);
	take_peers(agent, NULL);
}

/* The driver that was changed to has not heard of bgpd. */
static void on_bgp_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	if (!agent->bgp_changed)
		return;
	srp_log(&agent->log, SRP_LOG_WARNING, "bgp driver %s",
		agent->bgp_kind == SRP_BGP_METRIC
			? "metric: bgpd does not answer on its vty socket"
			: "module: no module has connected (is `-M srp` in bgpd_options?)");
	on_bgp_gone(agent);
}

bool agent_use_bgp_driver(struct srp_agent *agent, enum srp_bgp_driver kind, uint32_t base, char *error,
			  size_t error_size)
{
	struct bgp_driver_callbacks callbacks = {.status = on_bgp_status,
						 .responding = on_bgp_responding,
						 .gone = on_bgp_gone,
						 .arg = agent};
	struct bgp_driver *driver;
	char path[256];

	if (kind == SRP_BGP_METRIC) {
		driver = bgp_vty_new(agent->loop, &agent->log, agent->run_dir, base, &callbacks);
	} else {
		snprintf(path, sizeof(path), "%s/" BGP_IPC_SOCKET, agent->run_dir);
		driver = bgp_server_new(agent->loop, &agent->log, path, &callbacks);
		if (!driver) {
			snprintf(error, error_size, "%s: %s", path, strerror(errno));
			return false;
		}
	}
	if (agent->bgp)
		agent->bgp->ops->free(agent->bgp);
	agent->bgp = driver;
	agent->bgp_kind = kind;
	agent->bgp_base = base;
	agent->bgp_changed = agent->bgp_status_known;
	if (agent->bgp_changed)
		agent->loop->ops->alarm_at(agent->bgp_alarm, agent_now(agent) + BGP_CHANGE_MSEC);
	return true;
}

static void on_guard_alarm(void *arg)
{
	struct srp_agent *agent = arg;

	bgp_monitors_guard_over(agent->monitors, agent_now(agent));
	agent_health_changed(agent);
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
	struct srp_agent *agent = arg;

	agent->bgp->ops->in_kernel(agent->bgp, generation);
	facts_changed(agent);
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

static void on_kernel_interface(void *arg, uint32_t ifindex, const char *name)
{
	struct srp_agent *agent = arg;

	srp_l2_interface_changed(agent->l2, ifindex, name);
}

static void on_spots_changed(void *arg)
{
	struct srp_agent *agent = arg;

	agent->objects_changed = true;
	facts_changed(agent);
}

static void on_privs(void *arg, bool raise)
{
	struct srp_agent *agent = arg;

	if (agent->privs)
		agent->privs(raise);
}

/* --- commands ------------------------------------------------------------------------------ */

bool srp_agent_initiate_switchover(struct srp_agent *agent, bool force, char *error, size_t error_size)
{
	enum srp_obstacle obstacle = srp_core_switchover_obstacle(&agent->core, force);

	if (obstacle == SRP_SESSIONS_UNREADY)
		snprintf(error, error_size, "%u %s", agent->core.sessions.unready,
			 srp_obstacle_text(obstacle));
	else
		snprintf(error, error_size, "%s", srp_obstacle_text(obstacle));
	if (obstacle != SRP_CLEAR)
		return false;
	agent_input(agent, &(struct srp_input){.type = SRP_IN_SWITCHOVER, .force = force});
	return true;
}

void srp_agent_validate_switchover(struct srp_agent *agent)
{
	agent->validated = srp_wall_clock();
	agent_input(agent, &(struct srp_input){.type = SRP_IN_VALIDATE});
}

bool srp_agent_terminate_post_process(struct srp_agent *agent, char *error, size_t error_size)
{
	if (agent->core.phase != SRP_PHASE_POST) {
		snprintf(error, error_size, "no post-process is under way");
		return false;
	}
	agent_input(agent, &(struct srp_input){.type = SRP_IN_TERMINATE});
	return true;
}

void srp_agent_reset_failure(struct srp_agent *agent, enum srp_family family)
{
	agent_input(agent, &(struct srp_input){.type = SRP_IN_RESET_FAILURE, .family = family});
}

struct json_object *srp_agent_validate_configuration(struct srp_agent *agent)
{
	agent_input(agent, &(struct srp_input){.type = SRP_IN_CHECK_CONFIG});
	return srp_config_check_result(agent->check);
}

/* --- life ---------------------------------------------------------------------------------- */

static uint64_t new_instance(void)
{
	uint64_t instance;

	/* Randomness may not be there early at boot; the clock still tells two starts apart. */
	if (getrandom(&instance, sizeof(instance), GRND_NONBLOCK) != sizeof(instance))
		instance = srp_wall_clock();
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
	agent->status = options->status;
	agent->privs = options->privs;
	agent->version = strdup(options->version);
	agent->run_dir = strdup(options->run_dir);
	agent->monitors = calloc(1, sizeof(*agent->monitors));
	agent->memory = srp_memory_new(&agent->log, options->state_dir, options->run_dir);
	if (!agent->version || !agent->run_dir || !agent->monitors || !agent->memory)
		goto fail;
	srp_config_init(&agent->config);
	/* Grows over restarts too: a module that outlived srpd must never find it going backwards. */
	agent->generation = srp_wall_clock() << 8;
	agent->told.hold = true;
	agent->bgp_was_there = srp_memory_resumes(agent->memory);
	srp_core_init(&agent->core, new_instance(), srp_memory_saved(agent->memory)->modifier,
		      srp_memory_resumes(agent->memory));

	agent->core_alarm = ops->alarm(agent->loop, on_core_alarm, agent);
	agent->guard_alarm = ops->alarm(agent->loop, on_guard_alarm, agent);
	agent->settle_alarm = ops->alarm(agent->loop, on_settle_alarm, agent);
	/* What the link hands over has to have somebody to go to, */
	snprintf(path, sizeof(path), "%s/" SRP_LOCAL_SOCKET, options->run_dir);
	agent->checkpoints = agent_checkpoints_new(agent, path);
	if (!agent->checkpoints) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		goto fail;
	}
	agent->link = srp_link_new(agent->loop, &agent->log,
				   &(struct srp_link_callbacks){.state = on_link_state,
								.message = on_link_message,
								.session = on_link_session,
								.privs = on_privs,
								.arg = agent});
	agent->check = srp_config_check_new(agent->loop, send_config_message, agent);
	agent->l2 = srp_l2_new(agent->loop, &agent->log,
			       &(struct srp_l2_callbacks){.changed = on_spots_changed,
							  .announcer = {.privs = on_privs},
							  .arg = agent});
	if (!agent->link || !agent->check || !agent->l2)
		goto fail;
	agent->bgp_alarm = ops->alarm(agent->loop, on_bgp_alarm, agent);
	if (!agent_use_bgp_driver(agent, SRP_BGP_MODULE, 0, error, error_size))
		goto fail;
	agent->kernel = reconciler_new(&(struct reconciler_callbacks){
		.applied = on_kernel_applied,
		.wakeup = on_kernel_wakeup,
		.log = on_kernel_log,
		.interface = on_kernel_interface,
		.privs = on_privs,
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
	/* and each of the two calls the other until its thread has ended. */
	srp_link_stop(agent->link);
	srp_checkpoints_free(agent->checkpoints);
	srp_link_free(agent->link);
	ops->alarm_free(agent->audit_alarm);
	srp_config_check_free(agent->check);
	if (agent->bgp)
		agent->bgp->ops->free(agent->bgp);
	ops->alarm_free(agent->bgp_alarm);
	ops->unwatch(agent->kernel_request);
	ops->unwatch(agent->kernel_notify);
	ops->alarm_free(agent->kernel_alarm);
	reconciler_free(agent->kernel);
	srp_l2_free(agent->l2);
	ops->alarm_free(agent->core_alarm);
	ops->alarm_free(agent->guard_alarm);
	ops->alarm_free(agent->settle_alarm);
	srp_config_clear(&agent->config);
	bgp_ipc_status_clear(&agent->bgp_status);
	free(agent->monitors);
	free(agent->version);
	free(agent->run_dir);
	srp_memory_free(agent->memory);
	free(agent);
}
