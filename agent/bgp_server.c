/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See bgp_server.h. */
#include "agent/bgp_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/unix_socket.h"

#define SERVER_CLIENTS     4     /* the module, one taking over from it, and some that say nothing */
#define SERVER_SILENT_MSEC 5000  /* how long a connection may take to its first status */
#define SERVER_STUCK_MSEC  10000 /* how long a frame may take to be read by the module */

struct client {
	struct bgp_server *server;
	int fd;          /* -1: free */
	uint64_t serial; /* of the connection; 0: free. A place is used again within a callback */
	bool counts;
	bool silent;           /* counts, but was not heard for BGP_IPC_SILENT_MSEC */
	uint64_t deadline;     /* of the first status; of the frame in flight; UINT64_MAX none */
	uint64_t heard_at;     /* ms */
	uint64_t received;     /* what the reader had received then */
	uint64_t keepalive_at; /* when to send the next */
	struct srp_watch *watch;
	struct bgp_ipc_reader reader;
	struct bgp_ipc_writer writer;
};

struct bgp_server {
	struct bgp_driver driver;
	struct srp_loop *loop;
	const struct srp_log *log;
	struct bgp_driver_callbacks callbacks;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;
	struct srp_watch *watch;
	struct srp_alarm *alarm;
	struct client clients[SERVER_CLIENTS];
	uint8_t *policy; /* the latest, encoded */
	size_t policy_len;
	bool hung;
	uint64_t serial; /* of the last connection */
	struct srp_log_limit limit;
	struct bgp_driver_stats stats;
};

static struct bgp_server *server_of(const struct bgp_driver *driver)
{
	return (struct bgp_server *)driver;
}

static uint64_t server_now(const struct bgp_server *server)
{
	return server->loop->ops->now(server->loop);
}

static struct client *server_counting(struct bgp_server *server)
{
	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		if (server->clients[i].fd >= 0 && server->clients[i].counts)
			return &server->clients[i];
	return NULL;
}

static void server_schedule(struct bgp_server *server)
{
	const struct client *counting = server_counting(server);
	uint64_t when = UINT64_MAX;

	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		if (server->clients[i].fd >= 0 && server->clients[i].deadline < when)
			when = server->clients[i].deadline;
	/* Silence is looked at when a keepalive is due. */
	if (counting && counting->keepalive_at < when)
		when = counting->keepalive_at;
	if (when == UINT64_MAX)
		server->loop->ops->alarm_off(server->alarm);
	else
		server->loop->ops->alarm_at(server->alarm, when);
}

/* Close and free the place; tells nobody. */
static void client_close(struct client *client)
{
	struct bgp_server *server = client->server;

	server->loop->ops->unwatch(client->watch);
	close(client->fd);
	bgp_ipc_reader_clear(&client->reader);
	bgp_ipc_writer_clear(&client->writer);
	*client = (struct client){.server = server, .fd = -1, .deadline = UINT64_MAX};
	server_schedule(server);
}

static void take_waiting(struct bgp_server *server);

/* The connection ended by itself or by what it sent. */
static void client_lost(struct client *client)
{
	struct bgp_server *server = client->server;
	bool counted = client->counts;

	client_close(client);
	if (!counted)
		return;
	/* A module that has connected anew meanwhile (srpd was held up) is not gone. */
	take_waiting(server);
	if (!server_counting(server))
		server->callbacks.gone(server->callbacks.arg);
}

static void client_trouble(struct client *client, const char *what)
{
	struct bgp_server *server = client->server;
	unsigned int hidden;

	if (srp_log_allowed(&server->limit, server_now(server), &hidden))
		srp_log(server->log, SRP_LOG_WARNING, "bgpd socket: connection closed: %s (%u more before)",
			what, hidden);
	client_lost(client);
}

/* Send on. False when the client is gone. */
static bool client_flush(struct client *client)
{
	struct bgp_server *server = client->server;

	switch (bgp_ipc_writer_flush(&client->writer, client->fd)) {
	case BGP_IPC_WRITE_DONE:
		client->deadline = UINT64_MAX;
		server->loop->ops->rewatch(client->watch, SRP_LOOP_READ);
		break;
	case BGP_IPC_WRITE_AGAIN:
		if (client->deadline == UINT64_MAX)
			client->deadline = server_now(server) + SERVER_STUCK_MSEC;
		server->loop->ops->rewatch(client->watch, SRP_LOOP_READ | SRP_LOOP_WRITE);
		break;
	case BGP_IPC_WRITE_CLOSED:
		client_lost(client);
		return false;
	}
	server_schedule(server);
	return true;
}

/* Send the latest policy. False when the client is gone. */
static bool client_send_policy(struct client *client)
{
	struct bgp_server *server = client->server;
	uint8_t *frame;

	if (!server->policy)
		return true;
	frame = malloc(server->policy_len);
	if (!frame) {
		/* It connects again, and gets it then. */
		client_trouble(client, "out of memory");
		return false;
	}
	memcpy(frame, server->policy, server->policy_len);
	bgp_ipc_writer_put(&client->writer, frame, server->policy_len);
	server->stats.policies++;
	return client_flush(client);
}

/* One frame. False when the client is gone. */
static bool client_frame(struct client *client, const uint8_t *json, size_t len)
{
	struct bgp_server *server = client->server;
	struct bgp_ipc_status status;
	char error[128];
	bool first = !client->counts;
	uint64_t serial = client->serial;

	if (!bgp_ipc_status_decode(json, len, &status, error, sizeof(error))) {
		server->stats.refused_frames++;
		client_trouble(client, error);
		return false;
	}
	server->stats.statuses++;
	if (first) {
		struct client *before = server_counting(server);

		if (before)
			client_close(before);
		client->counts = true;
		server->hung = false;
		client->deadline = UINT64_MAX;
		client->keepalive_at = server_now(server) + BGP_IPC_KEEPALIVE_MSEC;
		server->stats.connects++;
		server_schedule(server);
	}
	server->callbacks.status(server->callbacks.arg, &status);
	bgp_ipc_status_clear(&status);
	/* The callback may have set a policy, and that may have ended the connection. */
	if (client->serial != serial)
		return false;
	return !first || client_send_policy(client);
}

/* Note whether anything has come since the last look, and say when that ends a silence. */
static void client_heard(struct client *client)
{
	struct bgp_server *server = client->server;

	if (client->reader.received == client->received)
		return;
	client->received = client->reader.received;
	client->heard_at = server_now(server);
	if (!client->silent)
		return;
	client->silent = false;
	if (client->counts)
		server->callbacks.responding(server->callbacks.arg, true);
}

static void client_ready(void *arg, int fd, unsigned int ready)
{
	struct client *client = arg;
	uint64_t serial = client->serial;

	if ((ready & SRP_LOOP_WRITE) && !client_flush(client))
		return;
	if (!(ready & SRP_LOOP_READ))
		return;
	/* A few frames a turn, then the rest of the loop has its turn. */
	for (int round = 0; round < 4; round++) {
		const uint8_t *json;
		size_t len;

		switch (bgp_ipc_reader_read(&client->reader, fd, &json, &len)) {
		case BGP_IPC_READ_FRAME:
			client_heard(client);
			/* The callback may have set a policy, and that may have ended the connection. */
			if (client->serial != serial)
				return;
			if (!client_frame(client, json, len))
				return;
			break;
		case BGP_IPC_READ_AGAIN:
			client_heard(client);
			return;
		case BGP_IPC_READ_CLOSED:
			client_lost(client);
			return;
		}
	}
}

/* Take one connection that waits. False when none does. */
static bool accept_one(struct bgp_server *server)
{
	struct client *place = NULL;
	struct ucred peer;
	socklen_t len = sizeof(peer);
	int accepted = accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (accepted < 0)
		return false;
	if (getsockopt(accepted, SOL_SOCKET, SO_PEERCRED, &peer, &len) ||
	    (peer.uid != 0 && peer.uid != geteuid())) {
		server->stats.refused_user++;
		close(accepted);
		return true;
	}
	for (size_t i = 0; i < SERVER_CLIENTS && !place; i++)
		if (server->clients[i].fd < 0)
			place = &server->clients[i];
	for (size_t i = 0; i < SERVER_CLIENTS && !place; i++)
		if (!server->clients[i].counts) {
			place = &server->clients[i];
			client_close(place);
		}
	place->fd = accepted;
	place->serial = ++server->serial;
	place->heard_at = server_now(server);
	place->deadline = place->heard_at + SERVER_SILENT_MSEC;
	place->watch = server->loop->ops->watch(server->loop, accepted, SRP_LOOP_READ, client_ready, place);
	server_schedule(server);
	return true;
}

static void server_accept(void *arg, int fd, unsigned int ready)
{
	(void)fd;
	(void)ready;
	accept_one(arg);
}

/* What lies in the sockets, before a connection's end is judged. */
static void take_waiting(struct bgp_server *server)
{
	for (int i = 0; i < SERVER_CLIENTS && accept_one(server); i++)
		;
	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		if (server->clients[i].fd >= 0)
			client_ready(&server->clients[i], server->clients[i].fd, SRP_LOOP_READ);
}

/* Say that we are alive, and judge whether the module is. */
static void keep_alive(struct client *client)
{
	struct bgp_server *server = client->server;
	uint64_t serial = client->serial, silence;

	/* A loop that was held up reads first: what has come speaks for the module before the clock against it. */
	client_ready(client, client->fd, SRP_LOOP_READ);
	if (client->serial != serial)
		return;
	silence = server_now(server) - client->heard_at;
	if (silence >= BGP_IPC_DEAD_MSEC) {
		server->hung = true;
		client_trouble(client, "bgpd does not respond");
		return;
	}
	if (silence >= BGP_IPC_SILENT_MSEC && !client->silent) {
		client->silent = true;
		server->callbacks.responding(server->callbacks.arg, false);
		if (client->serial != serial)
			return;
	}
	client->keepalive_at = server_now(server) + BGP_IPC_KEEPALIVE_MSEC;
	if (bgp_ipc_writer_keepalive(&client->writer))
		client_flush(client);
}

static void server_alarm(void *arg)
{
	struct bgp_server *server = arg;
	struct client *counting = server_counting(server);
	uint64_t now = server_now(server);

	if (counting && now >= counting->keepalive_at)
		keep_alive(counting);
	for (size_t i = 0; i < SERVER_CLIENTS; i++) {
		struct client *client = &server->clients[i];

		if (client->fd < 0 || now < client->deadline)
			continue;
		if (client->counts) {
			server->hung = true;
			server->stats.dropped_slow++;
			client_trouble(client, "bgpd does not read");
		} else {
			client_close(client);
		}
	}
	server_schedule(server);
}

static void server_free(struct bgp_driver *driver)
{
	struct bgp_server *server = server_of(driver);

	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		if (server->clients[i].fd >= 0)
			client_close(&server->clients[i]);
	server->loop->ops->unwatch(server->watch);
	server->loop->ops->alarm_free(server->alarm);
	close(server->fd);
	unlink(server->path);
	free(server->policy);
	free(server);
}

static bool server_set_policy(struct bgp_driver *driver, const struct bgp_ipc_policy *policy)
{
	struct bgp_server *server = server_of(driver);
	struct client *client = server_counting(server);
	size_t len;
	uint8_t *frame = bgp_ipc_policy_encode(policy, &len);

	if (!frame)
		return false;
	free(server->policy);
	server->policy = frame;
	server->policy_len = len;
	if (client)
		client_send_policy(client);
	return true;
}

/* The module sees for itself what comes from the kernel. */
static void server_in_kernel(struct bgp_driver *driver, uint64_t generation)
{
	(void)driver;
	(void)generation;
}

static bool server_connected(const struct bgp_driver *driver)
{
	return server_counting(server_of(driver)) != NULL;
}

static bool server_responding(const struct bgp_driver *driver)
{
	const struct client *client = server_counting(server_of(driver));

	return client && !client->silent;
}

static bool server_hung(const struct bgp_driver *driver)
{
	return server_of(driver)->hung;
}

/* The module fills it in by itself. */
static const char *server_own_as(const struct bgp_driver *driver, const char *context)
{
	(void)driver;
	(void)context;
	return NULL;
}

static const struct bgp_driver_stats *server_stats(const struct bgp_driver *driver)
{
	return &server_of(driver)->stats;
}

static const struct bgp_driver_ops server_ops = {
	.free = server_free,
	.set_policy = server_set_policy,
	.in_kernel = server_in_kernel,
	.connected = server_connected,
	.responding = server_responding,
	.hung = server_hung,
	.own_as = server_own_as,
	.stats = server_stats,
};

struct bgp_driver *bgp_server_new(struct srp_loop *loop, const struct srp_log *log, const char *path,
				  const struct bgp_driver_callbacks *callbacks)
{
	struct bgp_server *server = calloc(1, sizeof(*server));
	int fd;

	if (!server)
		return NULL;
	fd = srp_unix_listen(path, 0600, SERVER_CLIENTS);
	if (fd < 0) {
		int saved = errno;

		free(server);
		errno = saved;
		return NULL;
	}
	server->driver.ops = &server_ops;
	server->loop = loop;
	server->log = log;
	server->callbacks = *callbacks;
	memcpy(server->path, path, strlen(path) + 1);
	server->fd = fd;
	for (size_t i = 0; i < SERVER_CLIENTS; i++)
		server->clients[i] = (struct client){.server = server, .fd = -1, .deadline = UINT64_MAX};
	server->alarm = loop->ops->alarm(loop, server_alarm, server);
	server->watch = loop->ops->watch(loop, fd, SRP_LOOP_READ, server_accept, server);
	return &server->driver;
}
