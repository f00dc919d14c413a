/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd_srp's connection to srpd.
 *
 * bgpd connects, so that either may be restarted at any time; attempts are 50 ms apart at first and one
 * second later on. Nothing waits: connect, read and write are non-blocking, the reader holds one frame and the
 * writer two, a frame that does not decode ends the connection. Who listens is asked of the kernel: only
 * root or the user bgpd runs as may steer it.
 *
 * Both sides say every half second that they are alive. An srpd that is silent for BGP_IPC_SILENT_MSEC counts as gone
 * since it was last heard; the connection is kept for a while longer, so that one that was only held up goes on where
 * it was, and then made anew, so that it brings the policy again.
 *
 * srpd counts as gone from the end of the last connection that was good for something, which is one that
 * brought a policy or lasted a while. A crash loop, or something that talks garbage, does not stop that clock
 * for longer than it is connected.
 */
#include "frr-integration/bgpd_srp.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libfrr.h"
#include "network.h"
#include "zlog.h"

#define RETRY_MSEC_MIN  50
#define RETRY_MSEC_MAX  1000
#define FRAMES_PER_TURN 8
#define GOOD_AFTER_MSEC 5000
#define WARN_MSEC       60000

static struct {
	int fd; /* -1: not connected */
	struct bgp_ipc_reader reader;
	struct bgp_ipc_writer writer;
	unsigned int retry_msec;
	int64_t connected_at; /* of monotonic milliseconds, as all times here */
	int64_t lost_at;
	bool got_policy; /* on this connection */
	int64_t heard_at;
	uint64_t received; /* what the reader had received then */
	bool silent;
	struct {
		int64_t at;
		unsigned int held;
	} warned[2];
	uint8_t *last_frame; /* the status last queued */
	size_t last_len;
	SRP_EVENT *t_connect, *t_read, *t_write, *t_status, *t_hold, *t_alive;
} agent = {.fd = -1};

static void agent_connect(SRP_EVENT *e);
static void agent_read(SRP_EVENT *e);
static void agent_alive(SRP_EVENT *e);
static void agent_write(SRP_EVENT *e);
static void agent_status(SRP_EVENT *e);

enum agent_warning { WARN_CLOSED, WARN_STRANGER };

/* A warning about the other side, at most one of a kind a minute. */
static void agent_warn(enum agent_warning kind, const char *text)
{
	int64_t now = bgpsrp_now_msec();

	if (agent.warned[kind].at && now - agent.warned[kind].at < WARN_MSEC) {
		agent.warned[kind].held++;
		return;
	}
	if (agent.warned[kind].held)
		zlog_warn("srp: %s (and %u more before)", text, agent.warned[kind].held);
	else
		zlog_warn("srp: %s", text);
	agent.warned[kind].at = now;
	agent.warned[kind].held = 0;
}

static void agent_disconnected(const char *why);

static void agent_hold(SRP_EVENT *e)
{
	bgpsrp_agent_is_lost();
	/* Should it speak again, then with its policy: that ends the fallback. */
	if (agent.fd >= 0 && agent.silent)
		agent_disconnected("connection to srpd closed: it does not respond");
}

/* The hold time runs since `lost_at`, unless it runs already or has run out. */
static void agent_start_hold(void)
{
	int64_t left = agent.lost_at + (int64_t)bgpsrp.hold_sec * 1000 - bgpsrp_now_msec();

	if (bgpsrp.have_policy && !bgpsrp.agent_lost)
		srp_event_add_timer_msec(bgpsrp.loop, agent_hold, NULL, left > 0 ? left : 0, &agent.t_hold);
}

static void agent_retry(void)
{
	srp_event_add_timer_msec(bgpsrp.loop, agent_connect, NULL, agent.retry_msec, &agent.t_connect);
	agent.retry_msec *= 2;
	if (agent.retry_msec > RETRY_MSEC_MAX)
		agent.retry_msec = RETRY_MSEC_MAX;
}

/* Close without a word to anybody. */
static void agent_shut(void)
{
	srp_event_cancel(&agent.t_read);
	srp_event_cancel(&agent.t_write);
	srp_event_cancel(&agent.t_status);
	srp_event_cancel(&agent.t_alive);
	if (agent.fd >= 0)
		close(agent.fd);
	agent.fd = -1;
	bgp_ipc_reader_clear(&agent.reader);
	bgp_ipc_writer_clear(&agent.writer);
	free(agent.last_frame);
	agent.last_frame = NULL;
	agent.last_len = 0;
}

/* The connection has ended; `why` is NULL when srpd simply closed it. */
static void agent_disconnected(const char *why)
{
	int64_t now = bgpsrp_now_msec();

	if (why)
		agent_warn(WARN_CLOSED, why);
	agent_shut();
	if (agent.got_policy || now - agent.connected_at >= GOOD_AFTER_MSEC || !agent.lost_at)
		agent.lost_at = agent.silent ? agent.heard_at : now;
	agent_start_hold();
	agent_retry();
}

/* Whether the process that listens may give us orders. */
static bool agent_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid();
}

static void agent_connect(SRP_EVENT *e)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, len;

	len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", srp_run_dir, BGP_IPC_SOCKET);
	if (len < 0 || (size_t)len >= sizeof(addr.sun_path)) {
		zlog_err("srp: the path of srpd's socket is too long: %s/%s", srp_run_dir, BGP_IPC_SOCKET);
		return;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* A unix socket connects at once or not at all; EAGAIN is a full backlog. */
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		if (fd >= 0)
			close(fd);
		agent_retry();
		return;
	}
	if (!agent_trusted(fd)) {
		close(fd);
		agent_warn(WARN_STRANGER,
			   "the socket srpd.bgp is served by neither root nor bgpd's own user: not used");
		agent.retry_msec = RETRY_MSEC_MAX;
		agent_retry();
		return;
	}
	agent.fd = fd;
	agent.connected_at = bgpsrp_now_msec();
	agent.got_policy = false;
	agent.heard_at = agent.connected_at;
	agent.received = 0;
	agent.silent = false;
	srp_event_add_timer_msec(bgpsrp.loop, agent_alive, NULL, BGP_IPC_KEEPALIVE_MSEC, &agent.t_alive);
	srp_event_add_read(bgpsrp.loop, agent_read, NULL, fd, &agent.t_read);
	bgpsrp_agent_status_changed();
}

/* One frame. False when it is none of srpd's. */
static bool agent_take(const uint8_t *json, size_t len)
{
	char error[BGP_IPC_TEXT_LEN], text[BGP_IPC_TEXT_LEN + 64];
	struct bgp_ipc_policy policy;

	if (!bgp_ipc_policy_decode(json, len, &policy, error, sizeof(error))) {
		snprintf(text, sizeof(text), "connection to srpd closed: not a policy: %s", error);
		agent_disconnected(text);
		return false;
	}
	agent.got_policy = true;
	agent.retry_msec = RETRY_MSEC_MIN;
	/* Not at the connection already: an srpd that cannot decide must not keep an old policy in force. */
	srp_event_cancel(&agent.t_hold);
	bgpsrp_take_policy(&policy);
	bgp_ipc_policy_clear(&policy);
	return true;
}

/* Something may have come since the last look. */
static void agent_heard(void)
{
	if (agent.reader.received == agent.received)
		return;
	agent.received = agent.reader.received;
	agent.heard_at = bgpsrp_now_msec();
	if (!agent.silent)
		return;
	agent.silent = false;
	/* It was held up, and its policy is still the same. */
	if (agent.got_policy)
		srp_event_cancel(&agent.t_hold);
}

/* Take what has come. False when the connection is closed. */
static bool agent_take_all(void)
{
	const uint8_t *json;
	size_t len;

	for (int frames = 0; frames < FRAMES_PER_TURN; frames++) {
		enum bgp_ipc_read result = bgp_ipc_reader_read(&agent.reader, agent.fd, &json, &len);

		agent_heard();
		switch (result) {
		case BGP_IPC_READ_FRAME:
			if (!agent_take(json, len))
				return false;
			break;
		case BGP_IPC_READ_AGAIN:
			return true;
		case BGP_IPC_READ_CLOSED:
			agent_disconnected(agent.reader.len ? "connection to srpd closed: it ended within a "
							      "frame, or the frame is too long"
							    : NULL);
			return false;
		}
	}
	return true;
}

static void agent_read(SRP_EVENT *e)
{
	if (agent_take_all())
		srp_event_add_read(bgpsrp.loop, agent_read, NULL, agent.fd, &agent.t_read);
}

/* Say that we are alive, and judge whether srpd is. */
static void agent_alive(SRP_EVENT *e)
{
	int64_t silence;

	/* When it was bgpd that was held up, what has come speaks for srpd before the clock against it. */
	if (!agent_take_all())
		return;
	srp_event_add_timer_msec(bgpsrp.loop, agent_alive, NULL, BGP_IPC_KEEPALIVE_MSEC, &agent.t_alive);
	silence = bgpsrp_now_msec() - agent.heard_at;
	if (silence >= BGP_IPC_DEAD_MSEC) {
		agent_disconnected("connection to srpd closed: it does not respond");
		return;
	}
	if (silence >= BGP_IPC_SILENT_MSEC && !agent.silent) {
		agent.silent = true;
		if (agent.got_policy) {
			agent.lost_at = agent.heard_at;
			agent_start_hold();
		}
	}
	if (bgp_ipc_writer_keepalive(&agent.writer)) {
		srp_event_cancel(&agent.t_write);
		agent_write(NULL);
	}
}

static void agent_write(SRP_EVENT *e)
{
	switch (bgp_ipc_writer_flush(&agent.writer, agent.fd)) {
	case BGP_IPC_WRITE_DONE:
		break;
	case BGP_IPC_WRITE_AGAIN:
		srp_event_add_write(bgpsrp.loop, agent_write, NULL, agent.fd, &agent.t_write);
		break;
	case BGP_IPC_WRITE_CLOSED:
		agent_disconnected(NULL);
		break;
	}
}

/* --- status -------------------------------------------------------------------------------------- */

static void status_warning(struct bgp_ipc_status *status)
{
	if (bgpsrp.kept_prefixes) {
		snprintfrr(
			status->warning, sizeof(status->warning),
			"%u prefixes go to no eBGP peer, e.g. %pFX (%s): see redistribute, activate, filters",
			bgpsrp.kept_prefixes, &bgpsrp.kept, bgpsrp.kept_context);
	} else if (bgpsrp.ibgp_paths) {
		snprintf(status->warning, sizeof(status->warning),
			 "%u paths go to iBGP peers with own-AS prepends: these peers drop them",
			 bgpsrp.ibgp_paths);
	}
}

static void agent_status(SRP_EVENT *e)
{
	struct bgp_ipc_status status = {
		.bgpd_version = SRP_FRR_UPSTREAM,
		.pid = (uint32_t)getpid(),
		.zebra_connected = bgpsrp_zebra_connected(),
		.zebra_restarts = bgpsrp_zebra_restarts(),
		.desired_generation = bgpsrp.generation,
		.applied_generation = bgpsrp.applied_generation,
		.applied_prepend = bgpsrp.applied_prepend,
		.advertised_generation = bgpsrp.advertised_generation,
		.advertised_prepend = bgpsrp.advertised_prepend,
		.advertised_paths = bgpsrp.advertised_paths,
		.mismatched_paths = bgpsrp.mismatched_paths,
		.unadvertised_prefixes = bgpsrp.unadvertised_prefixes,
		.witness_prefixes = bgpsrp.witness_prefixes,
		.fallback = bgpsrp.agent_lost,
	};
	uint8_t *frame;
	size_t len;

	if (agent.fd < 0)
		return;
	strlcpy(status.error, bgpsrp.error, sizeof(status.error));
	status_warning(&status);
	status.peers = bgpsrp_peers(&status.peer_count);
	frame = bgp_ipc_status_encode(&status, &len);
	bgp_ipc_status_clear(&status);
	if (!frame || (len == agent.last_len && memcmp(frame, agent.last_frame, len) == 0)) {
		free(frame);
		return;
	}
	free(agent.last_frame);
	agent.last_frame = malloc(len);
	agent.last_len = agent.last_frame ? len : 0;
	if (agent.last_frame)
		memcpy(agent.last_frame, frame, len);
	bgp_ipc_writer_put(&agent.writer, frame, len);
	srp_event_cancel(&agent.t_write);
	agent_write(NULL);
}

void bgpsrp_agent_status_changed(void)
{
	if (agent.fd >= 0 && !bgpsrp.stopping)
		srp_event_add_event(bgpsrp.loop, agent_status, NULL, 0, &agent.t_status);
}

void bgpsrp_agent_start(void)
{
	agent.retry_msec = RETRY_MSEC_MIN;
	srp_event_add_event(bgpsrp.loop, agent_connect, NULL, 0, &agent.t_connect);
}

void bgpsrp_agent_stop(void)
{
	srp_event_cancel(&agent.t_connect);
	srp_event_cancel(&agent.t_hold);
	agent_shut();
}
