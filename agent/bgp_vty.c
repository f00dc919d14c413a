/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See bgp_vty.h.
 *
 * On each vty socket there is one question at a time. On bgpd's: what belongs to the start of a connection, then
 * the summary whenever it is due, else the next prefix of a walk. What bgpd says is put together in publish(), which
 * tells the agent when something of it is new.
 *
 * The agent may be called back from any of these, and call us again: nothing is kept across a callback.
 */
#include "agent/bgp_vty.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/bgp_vty_walk.h"
#include "agent/vty_conn.h"

#define LOG_FRAMES_PER_TURN 64
#define LOG_FRAME_MAX       16384 /* what is cut off of a longer one is not looked for */
/* Walks: zebra and bgpd take some 60 ms for a change; what is not so after a while is looked for less often. */
#define WALK_FIRST_MSEC     50
#define WALK_AGAIN_MSEC     20
#define WALK_CONFIRM_MSEC   80   /* bgpd holds its queue for 50 */
#define WALK_UNSENT_MSEC    1000 /* a prefix that nobody is sent is waited for so long */
#define WALK_AGAIN_MSEC_MAX 1000
#define WALK_PERIOD_MSEC    10000
#define WALK_PREFIX_MSEC    50    /* and no more often than one prefix in this time, on the average */
#define TROUBLE_MSEC        10000 /* what is wrong for so long is told */
#define TOGETHER_MSEC       3000
#define DEAF_MSEC           3000
#define DEAF_KEPT_MSEC      60000
#define ZEBRA_WAIT_MSEC     1000 /* the first status waits for zebra's word, but no longer */
#define ZEBRA_REPLY_MAX     (1024u * 1024u)

enum question {
	ASK_NOTHING,
	ASK_ENABLE,
	ASK_MONITOR,
	ASK_VERSION,
	ASK_SUMMARY,
	ASK_PREFIX,
};

struct bgp_vty {
	struct bgp_driver driver;
	struct srp_loop *loop;
	const struct srp_log *log;
	struct bgp_driver_callbacks callbacks;
	uint32_t base;
	struct srp_alarm *alarm;
	struct bgp_driver_stats stats;
	struct srp_log_limit limit;

	struct vty_conn *bgpd;
	enum question asked;
	uint64_t asked_at;
	bool counts; /* it has brought a summary */
	uint64_t counts_at;
	bool silent, hung;
	char version[32];
	struct bgp_vty_summary summary;
	bool summary_wanted;
	uint64_t summary_at;    /* when it is due in any case */
	uint64_t summary_after; /* and when it may be asked for at the earliest: it costs bgpd something */
	int log_fd;             /* the live log, or -1 */
	struct srp_watch *log_watch;
	bool log_seen; /* it has told of a session since the last summary */
	bool log_mute; /* a session changed, and it did not tell */
	bool log_lost; /* to be asked for again */

	struct vty_conn *zebra;
	enum bgp_vty_zebra heard;
	bool heard_once;
	bool zebra_enabled; /* the question may be asked: it is not a viewer's */
	uint64_t zebra_at;  /* when to ask again */
	pid_t zebra_pid;    /* the last one's; 0: none yet */
	uint32_t zebra_restarts;
	uint64_t deaf_since; /* zebra has told bgpd no route; 0: it has */
	uint64_t deaf_until; /* and it should have: bgpd counts as without zebra until then */

	struct bgp_ipc_policy policy; /* generation 0: none yet */
	uint64_t applied_generation;
	int applied_prepend;      /* -1: none is applied, or it was seen to be withdrawn */
	bool withdrawn;           /* a walk has seen nothing of ours since it was last to be announced */
	uint64_t announced_since; /* the kernel has what bgpd should hear of; 0: it has not */
	struct bgp_vty_walk walk; /* under way, or the last one */
	const char *walk_context;
	uint64_t walk_at, walk_gap; /* when the next begins */
	bool walk_confirm;          /* bgpd's table is ahead of what it sends: matching once is not enough */
	uint64_t unlike_since;      /* bgpd is not as the policy says; 0: it is */
	uint64_t advertised_generation;
	struct bgp_vty_walk seen; /* the last whole one */

	struct bgp_ipc_status told; /* without peers */
	bool told_once, peers_changed;
};

static struct bgp_vty *vty_of(const struct bgp_driver *driver)
{
	return (struct bgp_vty *)driver;
}

static uint64_t vty_now(const struct bgp_vty *vty)
{
	return vty->loop->ops->now(vty->loop);
}

/*
 * bgpd asks for routes when it first finds zebra: one that is younger than bgpd is not its first. Unless the two were
 * started at about the same time, whichever came first.
 */
static bool is_forgotten(const struct bgp_vty *vty)
{
	uint64_t bgpd = vty_conn_started(vty->bgpd), zebra = vty_conn_started(vty->zebra);
	uint64_t together = (uint64_t)sysconf(_SC_CLK_TCK) * TOGETHER_MSEC / 1000;

	return vty_conn_is_up(vty->bgpd) && vty_conn_is_up(vty->zebra) && vty->heard != BGP_VTY_ZEBRA_HEARS &&
	       bgpd && zebra > bgpd + together;
}

static bool zebra_connected(const struct bgp_vty *vty)
{
	return vty_conn_is_up(vty->zebra) && vty->heard != BGP_VTY_ZEBRA_ABSENT && !is_forgotten(vty) &&
	       vty_now(vty) >= vty->deaf_until;
}

/* --- what the agent is told ---------------------------------------------------------------- */

static bool lasts(uint64_t since, uint64_t now)
{
	return since && now - since >= TROUBLE_MSEC;
}

static void put_warning(const struct bgp_vty *vty, char *text, size_t size)
{
	uint64_t now = vty_now(vty);

	text[0] = '\0';
	if (is_forgotten(vty) || now < vty->deaf_until)
		snprintf(text, size, "%s",
			 is_forgotten(vty)
				 ? "zebra has restarted and bgpd has not: it hears of no route any "
				   "more; restart FRR"
				 : "bgpd hears no route of zebra: `redistribute` is missing, or zebra "
				   "was restarted "
				   "alone");
	else if (lasts(vty->unlike_since, now) || (!vty->unlike_since && vty->advertised_generation))
		bgp_vty_walk_explain(&vty->seen, &vty->policy, vty->base, text, size);
	if (text[0])
		return;
	if (vty->log_mute)
		snprintf(text, size, "a session's change was found by polling: set bgp log-neighbor-changes");
	else if (vty->policy.witness)
		snprintf(text, size, "witness-interval is set, but nobody hears the peer without the module");
}

/*
 * What counts as announced. After a policy that announces nothing it is what was announced before, or 0 when that is
 * not known, until it was looked for and not found.
 */
static int counted_prepend(const struct bgp_vty *vty)
{
	bool unknown = vty->policy.generation && !vty->policy.announce && !vty->withdrawn;

	return vty->applied_prepend < 0 && unknown ? 0 : vty->applied_prepend;
}

static void put_status(const struct bgp_vty *vty, struct bgp_ipc_status *status)
{
	bool announced = vty->policy.generation && vty->applied_prepend >= 0;

	memset(status, 0, sizeof(*status));
	snprintf(status->bgpd_version, sizeof(status->bgpd_version), "%s", vty->version);
	status->pid = (uint32_t)vty_conn_pid(vty->bgpd);
	status->zebra_connected = zebra_connected(vty);
	status->zebra_restarts = vty->zebra_restarts;
	status->desired_generation = vty->policy.generation;
	status->applied_generation = vty->applied_generation;
	status->applied_prepend = counted_prepend(vty);
	status->advertised_generation = vty->advertised_generation;
	status->advertised_prepend = vty->seen.low == vty->seen.high && vty->seen.paths ? vty->seen.low : -1;
	status->advertised_paths = vty->seen.paths;
	status->mismatched_paths = announced ? vty->seen.mismatched : 0;
	status->unadvertised_prefixes = announced ? vty->seen.unadvertised : 0;
	status->witness_prefixes = -1;
	if (vty->summary.left_out)
		snprintf(status->error, sizeof(status->error),
			 "%u of bgpd's peers and instances do not fit and are left out, one of them %s",
			 vty->summary.left_out, vty->summary.a_left_out);
	put_warning(vty, status->warning, sizeof(status->warning));
}

/* Tell the agent what is new. */
static void publish(struct bgp_vty *vty)
{
	struct bgp_ipc_status status;

	if (!vty->counts ||
	    (!vty->told_once && !vty->heard_once && vty_now(vty) < vty->counts_at + ZEBRA_WAIT_MSEC))
		return;
	put_status(vty, &status);
	if (vty->told_once && !vty->peers_changed && memcmp(&status, &vty->told, sizeof(status)) == 0)
		return;
	memcpy(&vty->told, &status, sizeof(status)); /* padding too */
	vty->told_once = true;
	vty->peers_changed = false;
	status.peers = vty->summary.peers;
	status.peer_count = vty->summary.peer_count;
	vty->callbacks.status(vty->callbacks.arg, &status);
}

static void trouble(struct bgp_vty *vty, const char *who, const char *what)
{
	unsigned int hidden;

	if (srp_log_allowed(&vty->limit, vty_now(vty), &hidden))
		srp_log(vty->log, SRP_LOG_WARNING, "%s's vty socket: %s (%u more before)", who, what, hidden);
}

/* --- is it so in bgpd? --------------------------------------------------------------------- */

/* A walk belongs to what the kernel has; but that nothing is announced is true whatever else the kernel refuses. */
static bool may_walk(const struct bgp_vty *vty)
{
	return vty->policy.generation &&
	       (!vty->policy.announce || vty->applied_generation == vty->policy.generation);
}

/* Look again, from the start, in `msec`. */
static void walk_soon(struct bgp_vty *vty, uint64_t msec)
{
	vty->walk.active = false;
	vty->walk_gap = WALK_AGAIN_MSEC;
	vty->walk_at = vty_now(vty) + msec;
}

static void walk_over(struct bgp_vty *vty)
{
	uint64_t now = vty_now(vty), prefixes = vty->walk.missing + vty->walk.present;
	uint64_t least = prefixes * WALK_PREFIX_MSEC;
	bool matches = bgp_vty_walk_matches(&vty->walk, &vty->policy);
	bool whole = matches && (!vty->policy.announce || !vty->walk.unadvertised);

	if (matches && vty->walk_confirm) {
		vty->walk_confirm = false;
		vty->walk_at = now + WALK_CONFIRM_MSEC;
		return;
	}
	vty->seen = vty->walk;
	if (whole)
		vty->unlike_since = 0;
	else if (!vty->unlike_since)
		vty->unlike_since = now;
	/* A filter may keep a prefix from everybody. */
	matches = whole || (matches && now - vty->unlike_since >= WALK_UNSENT_MSEC);
	vty->advertised_generation =
		matches && vty->applied_generation == vty->policy.generation ? vty->applied_generation : 0;
	if (matches && !vty->policy.announce) {
		vty->applied_prepend = -1;
		vty->withdrawn = true;
	}
	if (whole || lasts(vty->unlike_since, now)) {
		vty->walk_at = now + (least > WALK_PERIOD_MSEC ? least : WALK_PERIOD_MSEC);
	} else {
		vty->walk_at = now + vty->walk_gap;
		vty->walk_gap *= 2;
		if (vty->walk_gap > WALK_AGAIN_MSEC_MAX)
			vty->walk_gap = WALK_AGAIN_MSEC_MAX;
	}
	publish(vty);
}

/* --- bgpd's vty ---------------------------------------------------------------------------- */

static void ask(struct bgp_vty *vty, enum question question, const char *line)
{
	vty->asked = question;
	vty->asked_at = vty_now(vty);
	vty_conn_ask(vty->bgpd, line);
}

static uint64_t summary_due(const struct bgp_vty *vty)
{
	return vty->summary_wanted ? vty->summary_after : vty->summary_at;
}

/* The next question, when there is one and none is under way. */
static void ask_next(struct bgp_vty *vty)
{
	char command[BGP_VTY_COMMAND_LEN];
	uint64_t now = vty_now(vty), since;

	if (!vty_conn_is_up(vty->bgpd) || vty_conn_waiting(vty->bgpd, &since) || vty->asked == ASK_NOTHING)
		return;
	if (now >= summary_due(vty)) {
		vty->summary_wanted = false;
		/* Lost with the socket's buffer, perhaps: the log is not waited for. */
		if (vty->log_lost)
			ask(vty, ASK_MONITOR, "terminal monitor");
		else
			ask(vty, ASK_SUMMARY, "show bgp vrf all summary json");
		return;
	}
	if (!may_walk(vty))
		return;
	if (!vty->walk.active && now >= vty->walk_at)
		bgp_vty_walk_begin(&vty->walk);
	if (!vty->walk.active)
		return;
	if (bgp_vty_walk_next(&vty->walk, &vty->policy, command, &vty->walk_context))
		ask(vty, ASK_PREFIX, command);
	else
		walk_over(vty);
}

static void log_close(struct bgp_vty *vty)
{
	if (vty->log_fd < 0)
		return;
	vty->loop->ops->unwatch(vty->log_watch);
	vty->log_watch = NULL;
	close(vty->log_fd);
	vty->log_fd = -1;
}

/* Take what the live log says: that a session has changed is all that is of interest. */
static void log_read(struct bgp_vty *vty)
{
	uint8_t frame[LOG_FRAME_MAX];

	for (int i = 0; i < LOG_FRAMES_PER_TURN && vty->log_fd >= 0; i++) {
		ssize_t len = recv(vty->log_fd, frame, sizeof(frame), MSG_DONTWAIT);
		const char *text;
		size_t text_len;
		uint32_t lost;

		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (len <= 0) {
			log_close(vty);
			vty->log_lost = true;
			return;
		}
		if (!bgp_vty_parse_log(frame, (size_t)len, &text, &text_len, &lost)) {
			/* Longer than there is room for, or of another form: the summary will tell. */
			vty->summary_wanted = true;
			continue;
		}
		/* What was lost may have been that. */
		if (!lost && !bgp_vty_is_peer_change(text, text_len))
			continue;
		vty->summary_wanted = vty->log_seen = true;
		vty->log_mute = false;
	}
}

static void schedule(struct bgp_vty *vty);

static void log_ready(void *arg, int fd, unsigned int ready)
{
	struct bgp_vty *vty = arg;

	(void)fd;
	(void)ready;
	log_read(vty);
	ask_next(vty);
	schedule(vty);
}

static void take_summary(struct bgp_vty *vty, const char *text, size_t len)
{
	uint64_t now, took;
	struct bgp_vty_summary summary;
	char error[128];

	if (!bgp_vty_parse_summary(text, len, &summary, error, sizeof(error))) {
		vty->stats.refused_frames++;
		vty_conn_refuse(vty->bgpd, error);
		return;
	}
	vty_conn_accept(vty->bgpd);
	vty->stats.statuses++;
	/* What bgpd has logged before it answered is there by now. */
	log_read(vty);
	if (vty->counts && vty->log_fd >= 0 && !vty->log_seen &&
	    bgp_vty_summary_changed(&vty->summary, &summary))
		vty->log_mute = true;
	vty->log_seen = false;
	if (summary.peer_count != vty->summary.peer_count ||
	    (summary.peer_count &&
	     memcmp(summary.peers, vty->summary.peers, summary.peer_count * sizeof(*summary.peers)) != 0)) {
		vty->peers_changed = true;
		/* Who is sent what has changed with them. */
		walk_soon(vty, WALK_FIRST_MSEC);
	}
	bgp_vty_summary_clear(&vty->summary);
	vty->summary = summary;
	if (!vty->counts) {
		vty->counts = true;
		vty->counts_at = vty_now(vty);
		vty->hung = false;
		vty->stats.connects++;
	}
	now = vty_now(vty);
	took = now - vty->asked_at;
	/* Half of bgpd's time at most; a bgpd that was stopped is another matter. */
	vty->summary_after = now + (took < BGP_VTY_POLL_MSEC ? took : BGP_VTY_POLL_MSEC);
	vty->summary_at = now + (vty->log_fd >= 0 ? BGP_VTY_POLL_MSEC : BGP_VTY_POLL_BLIND_MSEC);
	if (vty->summary_at < vty->summary_after)
		vty->summary_at = vty->summary_after;
	publish(vty);
}

static void take_prefix(struct bgp_vty *vty, const char *text, size_t len)
{
	struct bgp_vty_path path;
	char error[128];

	/* A policy or a session that has changed meanwhile has begun another walk. */
	if (!vty->walk.active)
		return;
	if (!bgp_vty_parse_path(text, len, vty->walk_context, &vty->summary, &path, error, sizeof(error))) {
		vty->stats.refused_frames++;
		trouble(vty, "bgpd", error);
		bgp_vty_walk_take(&vty->walk, &vty->policy, NULL);
		return;
	}
	bgp_vty_walk_take(&vty->walk, &vty->policy, &path);
}

static void on_reply(void *arg, unsigned int result, const char *text, size_t len, int fd)
{
	struct bgp_vty *vty = arg;
	enum question asked = vty->asked;

	if (fd >= 0 && asked != ASK_MONITOR)
		close(fd);
	if (vty->silent) {
		vty->silent = false;
		if (vty->counts)
			vty->callbacks.responding(vty->callbacks.arg, true);
	}
	switch (asked) {
	case ASK_NOTHING:
		break;
	case ASK_ENABLE:
		ask(vty, ASK_MONITOR, "terminal monitor");
		break;
	case ASK_MONITOR:
		vty->log_lost = false;
		vty->log_fd = fd;
		if (fd >= 0)
			vty->log_watch = vty->loop->ops->watch(vty->loop, fd, SRP_LOOP_READ, log_ready, vty);
		else
			trouble(vty, "bgpd", "no live log: sessions are polled ten times a second");
		ask(vty, ASK_VERSION, "show version");
		break;
	case ASK_VERSION:
		bgp_vty_parse_version(text, vty->version, sizeof(vty->version));
		ask(vty, ASK_SUMMARY, "show bgp vrf all summary json");
		break;
	case ASK_SUMMARY:
		take_summary(vty, text, len);
		break;
	case ASK_PREFIX:
		/* Refused: there is no such instance (yet), so it has no path either. */
		if (result)
			take_prefix(vty, "{}", 2);
		else
			take_prefix(vty, text, len);
		break;
	}
	ask_next(vty);
	schedule(vty);
}

static void on_up(void *arg)
{
	struct bgp_vty *vty = arg;

	vty->silent = false;
	vty->version[0] = '\0';
	ask(vty, ASK_ENABLE, "enable");
	schedule(vty);
}

static void on_down(void *arg, const char *why)
{
	struct bgp_vty *vty = arg;
	bool counted = vty->counts;

	trouble(vty, "bgpd", why);
	log_close(vty);
	vty->asked = ASK_NOTHING;
	vty->counts = vty->silent = vty->told_once = false;
	vty->log_mute = vty->log_lost = vty->log_seen = vty->summary_wanted = false;
	vty->summary_after = 0;
	vty->deaf_since = vty->deaf_until = 0;
	vty->withdrawn = false;
	vty->advertised_generation = 0;
	vty->walk = vty->seen = (struct bgp_vty_walk){.low = -1, .high = -1};
	walk_soon(vty, WALK_FIRST_MSEC);
	bgp_vty_summary_clear(&vty->summary);
	if (counted)
		vty->callbacks.gone(vty->callbacks.arg);
	schedule(vty);
}

/* --- zebra's vty --------------------------------------------------------------------------- */

static void zebra_ask(struct bgp_vty *vty)
{
	vty->zebra_at = vty_now(vty) + BGP_VTY_POLL_MSEC;
	vty_conn_ask(vty->zebra, "show zebra client");
}

static void on_zebra_up(void *arg)
{
	struct bgp_vty *vty = arg;
	pid_t pid = vty_conn_pid(vty->zebra);

	if (vty->zebra_pid && pid != vty->zebra_pid)
		vty->zebra_restarts++;
	vty->zebra_pid = pid;
	vty->zebra_enabled = false;
	vty_conn_ask(vty->zebra, "enable");
	schedule(vty);
}

/*
 * That zebra has told bgpd nothing is a fault only when there was something to tell: the kernel has had what we
 * announce for a while, and bgpd has none of it from elsewhere. It is remembered when we then cease to announce, so
 * that two gateways with this fault do not hand over to each other for ever.
 */
static void judge_hearing(struct bgp_vty *vty)
{
	uint64_t now = vty_now(vty), since;

	if (vty->heard != BGP_VTY_ZEBRA_DEAF) {
		vty->deaf_since = vty->deaf_until = 0;
		return;
	}
	if (!vty->deaf_since)
		vty->deaf_since = now;
	since = vty->deaf_since > vty->announced_since ? vty->deaf_since : vty->announced_since;
	if (vty->announced_since && !vty->seen.present && now - since >= DEAF_MSEC)
		vty->deaf_until = now + DEAF_KEPT_MSEC;
}

static void on_zebra_reply(void *arg, unsigned int result, const char *text, size_t len, int fd)
{
	struct bgp_vty *vty = arg;

	(void)len;
	if (fd >= 0)
		close(fd);
	vty_conn_accept(vty->zebra);
	if (!vty->zebra_enabled) {
		vty->zebra_enabled = true;
		zebra_ask(vty);
		schedule(vty);
		return;
	}
	vty->heard = result ? BGP_VTY_ZEBRA_UNKNOWN : bgp_vty_parse_zebra(text);
	vty->heard_once = true;
	judge_hearing(vty);
	publish(vty);
	schedule(vty);
}

static void on_zebra_down(void *arg, const char *why)
{
	struct bgp_vty *vty = arg;

	trouble(vty, "zebra", why);
	vty->heard = BGP_VTY_ZEBRA_ABSENT;
	vty->deaf_since = vty->deaf_until = 0;
	publish(vty);
	schedule(vty);
}

/* --- time ---------------------------------------------------------------------------------- */

static void earlier(uint64_t *deadline, uint64_t when)
{
	if (when < *deadline)
		*deadline = when;
}

static void schedule(struct bgp_vty *vty)
{
	uint64_t deadline = UINT64_MAX, since;

	if (vty_conn_waiting(vty->bgpd, &since)) {
		earlier(&deadline, since + (vty->silent ? BGP_VTY_DEAD_MSEC : BGP_VTY_SILENT_MSEC));
	} else if (vty_conn_is_up(vty->bgpd)) {
		earlier(&deadline, summary_due(vty));
		if (may_walk(vty))
			earlier(&deadline, vty->walk.active ? 0 : vty->walk_at);
	}
	if (vty->counts && !vty->told_once)
		earlier(&deadline, vty->counts_at + ZEBRA_WAIT_MSEC);
	if (vty_conn_waiting(vty->zebra, &since))
		earlier(&deadline, since + BGP_VTY_DEAD_MSEC);
	else if (vty_conn_is_up(vty->zebra))
		earlier(&deadline, vty->zebra_at);
	if (deadline == UINT64_MAX)
		vty->loop->ops->alarm_off(vty->alarm);
	else
		vty->loop->ops->alarm_at(vty->alarm, deadline);
}

/* Judge a silence of bgpd. A loop that was held up itself has read first. */
static void judge(struct bgp_vty *vty)
{
	uint64_t since, silence;

	if (!vty_conn_waiting(vty->bgpd, &since))
		return;
	silence = vty_now(vty) - since;
	if (silence >= BGP_VTY_DEAD_MSEC) {
		vty->hung |= vty->counts;
		vty->stats.dropped_slow++;
		vty_conn_drop(vty->bgpd, "bgpd does not respond");
	} else if (silence >= BGP_VTY_SILENT_MSEC && !vty->silent) {
		vty->silent = true;
		if (vty->counts)
			vty->callbacks.responding(vty->callbacks.arg, false);
	}
}

static void on_alarm(void *arg)
{
	struct bgp_vty *vty = arg;
	uint64_t since;

	vty_conn_read(vty->bgpd);
	vty_conn_read(vty->zebra);
	judge(vty);
	if (vty_conn_waiting(vty->zebra, &since)) {
		if (vty_now(vty) - since >= BGP_VTY_DEAD_MSEC)
			vty_conn_drop(vty->zebra, "zebra does not respond");
	} else if (vty_conn_is_up(vty->zebra) && vty_now(vty) >= vty->zebra_at) {
		zebra_ask(vty);
	}
	ask_next(vty);
	publish(vty);
	schedule(vty);
}

/* --- the interface ------------------------------------------------------------------------- */

static bool vty_set_policy(struct bgp_driver *driver, const struct bgp_ipc_policy *policy)
{
	struct bgp_vty *vty = vty_of(driver);
	struct bgp_ipc_policy copy;

	if (!bgp_vty_policy_copy(&copy, policy))
		return false;
	bgp_ipc_policy_clear(&vty->policy);
	vty->policy = copy;
	vty->stats.policies++;
	vty->unlike_since = 0;
	vty->advertised_generation = 0;
	vty->walk.active = false;
	if (!bgp_vty_policy_announces(policy))
		vty->announced_since = 0;
	if (policy->announce) {
		vty->withdrawn = false;
		return true;
	}
	/* The kernel may be behind: what is not there yet may still come. */
	vty->walk_confirm = true;
	walk_soon(vty, WALK_FIRST_MSEC);
	schedule(vty);
	return true;
}

static void vty_in_kernel(struct bgp_driver *driver, uint64_t generation)
{
	struct bgp_vty *vty = vty_of(driver);

	if (generation != vty->policy.generation || generation == vty->applied_generation)
		return;
	vty->applied_generation = generation;
	vty->unlike_since = 0;
	if (bgp_vty_policy_announces(&vty->policy) && !vty->announced_since)
		vty->announced_since = vty_now(vty);
	vty->walk_confirm = vty->policy.announce && vty->applied_prepend >= 0;
	/* What is to be withdrawn is announced until a walk finds that it is not. */
	if (vty->policy.announce)
		vty->applied_prepend = vty->policy.prepend;
	walk_soon(vty, WALK_FIRST_MSEC);
	publish(vty);
	schedule(vty);
}

static bool vty_connected(const struct bgp_driver *driver)
{
	return vty_of(driver)->counts;
}

static bool vty_responding(const struct bgp_driver *driver)
{
	return vty_of(driver)->counts && !vty_of(driver)->silent;
}

static bool vty_hung(const struct bgp_driver *driver)
{
	return vty_of(driver)->hung;
}

static const struct bgp_driver_stats *vty_stats(const struct bgp_driver *driver)
{
	struct bgp_vty *vty = vty_of(driver);

	vty->stats.refused_user = vty_conn_refused(vty->bgpd) + vty_conn_refused(vty->zebra);
	return &vty->stats;
}

static const char *vty_own_as(const struct bgp_driver *driver, const char *context)
{
	return bgp_vty_summary_as(&vty_of(driver)->summary, context);
}

static void vty_free(struct bgp_driver *driver)
{
	struct bgp_vty *vty = vty_of(driver);

	log_close(vty);
	vty_conn_free(vty->bgpd);
	vty_conn_free(vty->zebra);
	vty->loop->ops->alarm_free(vty->alarm);
	bgp_vty_summary_clear(&vty->summary);
	bgp_ipc_policy_clear(&vty->policy);
	free(vty);
}

static const struct bgp_driver_ops vty_ops = {
	.free = vty_free,
	.set_policy = vty_set_policy,
	.in_kernel = vty_in_kernel,
	.connected = vty_connected,
	.responding = vty_responding,
	.hung = vty_hung,
	.own_as = vty_own_as,
	.stats = vty_stats,
};

struct bgp_driver *bgp_vty_new(struct srp_loop *loop, const struct srp_log *log, const char *run_dir,
			       uint32_t base, const struct bgp_driver_callbacks *callbacks)
{
	struct bgp_vty *vty = calloc(1, sizeof(*vty));
	char path[256];

	if (!vty)
		abort();
	vty->driver.ops = &vty_ops;
	vty->loop = loop;
	vty->log = log;
	vty->callbacks = *callbacks;
	vty->base = base;
	vty->log_fd = -1;
	vty->applied_prepend = -1;
	vty->walk.low = vty->walk.high = vty->seen.low = vty->seen.high = -1;
	vty->heard = BGP_VTY_ZEBRA_ABSENT;
	vty->alarm = loop->ops->alarm(loop, on_alarm, vty);
	snprintf(path, sizeof(path), "%s/bgpd.vty", run_dir);
	vty->bgpd = vty_conn_new(
		loop, path, BGP_VTY_REPLY_MAX,
		&(struct vty_conn_callbacks){.up = on_up, .reply = on_reply, .down = on_down, .arg = vty});
	snprintf(path, sizeof(path), "%s/zebra.vty", run_dir);
	vty->zebra = vty_conn_new(loop, path, ZEBRA_REPLY_MAX,
				  &(struct vty_conn_callbacks){.up = on_zebra_up,
							       .reply = on_zebra_reply,
							       .down = on_zebra_down,
							       .arg = vty});
	return &vty->driver;
}
