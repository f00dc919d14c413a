/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main loop's half of the peer link, see link.h. */
#include "agent/link.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "agent/link_thread.h"
#include "agent/thread.h"

#define SYNC_MSEC 20

struct srp_link {
	struct srp_loop *loop;
	const struct srp_log *log;
	struct srp_link_callbacks callbacks;
	struct link_shared shared;
	pthread_t thread;
	struct srp_watch *watch;

	struct srp_config config; /* scalars only: its lists are not ours */
	struct srp_auth *auth; /* of that configuration; NULL: it cannot be read, or there is no link yet */
	char auth_error[320];

	bool up; /* as the callbacks have heard */
	uint32_t epoch;
	uint64_t heard_at; /* arrival of the last message, or since when one can come, ms */
	struct link_in in; /* taken from the queue, being looked at */
	struct link_published seen;

	struct link_said hello; /* the last one */
	uint32_t hello_epoch;
};

static uint64_t link_now(const struct srp_link *link)
{
	return link->loop->ops->now(link->loop);
}

static void lock(struct srp_link *link)
{
	pthread_mutex_lock(&link->shared.lock);
}

static void unlock(struct srp_link *link)
{
	pthread_mutex_unlock(&link->shared.lock);
}

/* --- from the thread ----------------------------------------------------------------------- */

static void tell_state(struct srp_link *link, bool up)
{
	link->up = up;
	link->callbacks.state(link->callbacks.arg, up);
}

static void link_drain(struct srp_link *link)
{
	bool was_up = link->up, again;

	link->in.count = link->in.line_count = 0;
	lock(link);
	link_in_move(&link->in, &link->shared.in);
	link->seen = link->shared.published;
	unlock(link);

	for (size_t i = 0; i < link->in.line_count; i++)
		srp_log(link->log, link->in.lines[i].level, "%s", link->in.lines[i].text);
	/* It went and came again. */
	again = link->seen.up && was_up && link->epoch != link->seen.epoch;
	if (again)
		tell_state(link, false);
	link->epoch = link->seen.epoch;
	if (link->seen.up && (again || !was_up)) {
		link->heard_at = link_now(link);
		tell_state(link, true);
	}
	for (size_t i = 0; i < link->in.count; i++) {
		link->heard_at = link->in.list[i].arrived;
		link->callbacks.message(link->callbacks.arg, &link->in.list[i].message,
					link->in.list[i].arrived);
	}
	if (!link->seen.up && link->up)
		tell_state(link, false);
}

static void on_news(void *arg, int fd, unsigned int ready)
{
	uint64_t count;

	(void)ready;
	if (read(fd, &count, sizeof(count)) > 0)
		link_drain(arg);
}

void srp_link_poll(struct srp_link *link)
{
	struct pollfd fd = {.fd = link->shared.sync_fd, .events = POLLIN};
	uint64_t count;

	link_drain(link);
	if (!link->up || link_now(link) - link->heard_at < link->config.dead_msec / 2)
		return;
	/* The whole process may have been stopped: the thread gets its turn before the peer is judged. */
	atomic_fetch_add(&link->shared.sync_wanted, 1);
	srp_thread_ring(link->shared.thread_fd);
	if (poll(&fd, 1, SYNC_MSEC) > 0)
		(void)!read(fd.fd, &count, sizeof(count));
	link_drain(link);
}

/* --- to the thread ------------------------------------------------------------------------- */

/* True when it says the same as the last one; the stamp aside, which the thread may repeat. */
static bool same_hello(struct srp_link *link, const struct srp_message *message)
{
	struct srp_message bare = *message;

	bare.hello.stamp = 0;
	if (link->hello_epoch != link->epoch)
		link->hello.len = 0;
	link->hello_epoch = link->epoch;
	return link_says_the_same(&link->hello, &bare);
}

void srp_link_send(struct srp_link *link, const struct srp_message *message)
{
	struct link_out_entry entry = {.epoch = link->epoch, .message = *message};
	bool put;

	if (!link->up)
		return;
	if (message->type == SRP_MSG_HELLO) {
		entry.message.hello.capabilities |= SRP_CAPABILITY_SESSION;
		atomic_store(&link->shared.refreshed_at, link_now(link));
		if (same_hello(link, &entry.message))
			return;
	}
	lock(link);
	put = link_out_put(&link->shared.out, &entry);
	unlock(link);
	if (!put)
		srp_log(link->log, SRP_LOG_ERROR, "peer link: a message was not sent: its thread hangs");
	srp_thread_ring(link->shared.thread_fd);
}

void srp_link_session_ended(struct srp_link *link, uint32_t id)
{
	atomic_store(&link->shared.session_ended, id);
	srp_thread_ring(link->shared.thread_fd);
}

void srp_link_reset(struct srp_link *link)
{
	lock(link);
	link->shared.reset = true;
	unlock(link);
	srp_thread_ring(link->shared.thread_fd);
}

/* --- configuration ------------------------------------------------------------------------- */

static bool same_link(const struct srp_config *a, const struct srp_config *b)
{
	return srp_addr_equal(&a->bind_address, &b->bind_address) &&
	       srp_addr_equal(&a->peer_address, &b->peer_address) &&
	       srp_addr_equal(&a->bind_secondary, &b->bind_secondary) &&
	       srp_addr_equal(&a->peer_secondary, &b->peer_secondary) && a->port == b->port &&
	       a->dead_msec == b->dead_msec && a->dscp_control == b->dscp_control &&
	       a->dscp_session == b->dscp_session;
}

static bool same_auth(const struct srp_auth_config *a, const struct srp_auth_config *b)
{
	return strcmp(a->psk_file, b->psk_file) == 0 && strcmp(a->certificate, b->certificate) == 0 &&
	       strcmp(a->key, b->key) == 0 && strcmp(a->ca, b->ca) == 0 &&
	       strcmp(a->peer_identity, b->peer_identity) == 0 &&
	       strcmp(a->md5_key_file, b->md5_key_file) == 0 && a->insecure == b->insecure;
}

/* The keys of a configuration into link->auth. True when they are other ones than before. */
static bool load_auth(struct srp_link *link, const struct srp_config *config)
{
	char error[sizeof(link->auth_error)];
	struct srp_auth *auth = srp_auth_load(&config->auth, error, sizeof(error));

	if (auth) {
		link->auth_error[0] = '\0';
		if (srp_auth_equal(auth, link->auth)) {
			srp_auth_free(auth);
			return false;
		}
	} else {
		/* Never without: what was in force for the same configuration goes on, else there is no link. */
		bool keep = link->auth && same_auth(&config->auth, &link->config.auth);

		if (strcmp(error, link->auth_error) != 0)
			srp_log(link->log, SRP_LOG_ERROR, "peer link: authentication: %s; %s", error,
				keep ? "the keys read before stay in force" : "there is no link without it");
		memcpy(link->auth_error, error, sizeof(error));
		if (keep || !link->auth)
			return false;
	}
	srp_auth_free(link->auth);
	link->auth = auth;
	return true;
}

void srp_link_configure(struct srp_link *link, const struct srp_config *config)
{
	bool first = !link->config.port, changed = load_auth(link, config);
	struct link_wish wish = {.auth = link->auth}, left = {0};

	changed = changed || first || !same_link(&link->config, config);
	link->config = *config;
	link->config.loopbacks = NULL;
	link->config.pools = NULL;
	link->config.l2_interfaces = NULL;
	link->config.monitors = NULL;
	if (!changed)
		return;
	for (unsigned int i = 0; i < SRP_LINK_PATHS; i++)
		wish.paths[i] = (struct srp_path_config){
			.own = i ? config->bind_secondary : config->bind_address,
			.peer = i ? config->peer_secondary : config->peer_address,
			.port = config->port,
			.dead_msec = config->dead_msec,
			.dscp_control = config->dscp_control,
			.dscp_session = config->dscp_session,
			.auth = link->auth,
		};
	/* The second path goes with the first: without that, srp is off. */
	if (!config->bind_address.family || !config->peer_address.family)
		wish.paths[1].own.family = 0;
	srp_auth_ref(link->auth);
	lock(link);
	if (link->shared.wish_set)
		left = link->shared.wish;
	link->shared.wish = wish;
	link->shared.wish_set = true;
	unlock(link);
	srp_auth_free(left.auth);
	srp_thread_ring(link->shared.thread_fd);
}

/* --- what it shows ------------------------------------------------------------------------- */

static void look(struct srp_link *link)
{
	lock(link);
	link->seen = link->shared.published;
	unlock(link);
}

bool srp_link_is_up(const struct srp_link *link)
{
	return link->up;
}

static bool link_enabled(const struct srp_link *link)
{
	return link->config.bind_address.family && link->config.peer_address.family;
}

const char *srp_link_state_name(struct srp_link *link)
{
	if (!link_enabled(link) || !link->auth)
		return "Disabled";
	if (link->up)
		return "Connected";
	return memcmp(link->config.bind_address.bytes, link->config.peer_address.bytes, 16) < 0 ? "Connecting"
												: "Listening";
}

const struct srp_link_stats *srp_link_get_stats(struct srp_link *link)
{
	look(link);
	return &link->seen.stats;
}

size_t srp_link_get_paths(struct srp_link *link, const struct srp_path_info **list)
{
	look(link);
	*list = link->seen.paths;
	if (!link_enabled(link))
		return 0;
	return link->config.bind_secondary.family && link->config.peer_secondary.family ? 2 : 1;
}

const char *srp_link_authentication(const struct srp_link *link)
{
	return srp_auth_kind_name(link->config.auth.psk_file[0]      ? SRP_AUTH_PSK
				  : link->config.auth.certificate[0] ? SRP_AUTH_CERTIFICATE
								     : SRP_AUTH_NONE);
}

const char *srp_link_authentication_error(const struct srp_link *link)
{
	return link->auth_error[0] ? link->auth_error : NULL;
}

/* --- life ---------------------------------------------------------------------------------- */

/*
 * Before all that shares the processors by turns: it mostly sleeps, and what it does then takes microseconds. Not
 * allowed is not fatal: the kernel is kind to threads that sleep.
 */
static void raise_priority(struct srp_link *link)
{
	struct sched_param param = {.sched_priority = 1};
	int error;

	if (link->callbacks.privs)
		link->callbacks.privs(link->callbacks.arg, true);
	error = pthread_setschedparam(link->thread, SCHED_FIFO | SCHED_RESET_ON_FORK, &param);
	if (link->callbacks.privs)
		link->callbacks.privs(link->callbacks.arg, false);
	if (error)
		srp_log(link->log, SRP_LOG_INFO, "peer link: hellos without real-time priority: %s",
			strerror(error));
}

struct srp_link *srp_link_new(struct srp_loop *loop, const struct srp_log *log,
			      const struct srp_link_callbacks *callbacks)
{
	struct srp_link *link = calloc(1, sizeof(*link));
	struct link_shared *shared;

	if (!link)
		return NULL;
	link->loop = loop;
	link->log = log;
	link->callbacks = *callbacks;
	shared = &link->shared;
	shared->session = callbacks->session;
	shared->session_arg = callbacks->arg;
	pthread_mutex_init(&shared->lock, NULL);
	for (size_t i = 0; i < SRP_LINK_PATHS; i++)
		shared->published.paths[i].state = "Disabled"; /* until the thread says otherwise */
	shared->thread_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	shared->main_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	shared->sync_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (shared->thread_fd >= 0 && shared->main_fd >= 0 && shared->sync_fd >= 0 &&
	    srp_thread_start(&link->thread, "srpd-link", link_thread, shared) == 0) {
		raise_priority(link);
		link->watch = loop->ops->watch(loop, shared->main_fd, SRP_LOOP_READ, on_news, link);
		return link;
	}
	close(shared->thread_fd);
	close(shared->main_fd);
	close(shared->sync_fd);
	pthread_mutex_destroy(&shared->lock);
	free(link);
	return NULL;
}

void srp_link_stop(struct srp_link *link)
{
	if (!link || link->shared.stop)
		return;
	lock(link);
	link->shared.stop = true;
	unlock(link);
	srp_thread_ring(link->shared.thread_fd);
	pthread_join(link->thread, NULL);
}

void srp_link_free(struct srp_link *link)
{
	if (!link)
		return;
	srp_link_stop(link);
	link->loop->ops->unwatch(link->watch);
	close(link->shared.thread_fd);
	close(link->shared.main_fd);
	close(link->shared.sync_fd);
	pthread_mutex_destroy(&link->shared.lock);
	if (link->shared.wish_set)
		srp_auth_free(link->shared.wish.auth);
	srp_auth_free(link->auth);
	free(link);
}
