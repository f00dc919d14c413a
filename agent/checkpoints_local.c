/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of session managers: sockets and buffers, see checkpoints_private.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/checkpoints_private.h"

#define CLIENTS     SRP_MANAGERS_MAX
#define PUMP_ROUNDS 4
#define GROUPS_MAX  256

struct client {
	struct checkpoints_local *local;
	int fd;      /* -1: free */
	int manager; /* the engine's number */
	struct srp_watch *watch;
	uint8_t *rx, *tx;
	size_t rx_len, tx_len, tx_sent;
};

struct checkpoints_local {
	struct srp_loop *loop;
	struct srp_engine *engine;
	struct srp_watch *watch;
	struct client clients[CLIENTS];
	unsigned int high; /* no client at or above */
};

static uint64_t local_now(const struct checkpoints_local *local)
{
	return local->loop->ops->now(local->loop);
}

static void client_close(struct client *client)
{
	struct checkpoints_local *local = client->local;

	local->loop->ops->unwatch(client->watch);
	close(client->fd);
	client->fd = -1;
	client->watch = NULL;
	free(client->rx);
	free(client->tx);
	client->rx = client->tx = NULL;
	client->rx_len = client->tx_len = client->tx_sent = 0;
	srp_engine_manager_closed(local->engine, local_now(local), client->manager);
	while (local->high && local->clients[local->high - 1].fd < 0)
		local->high--;
}

/* --- reading ------------------------------------------------------------------------------- */

static void client_take_frames(struct client *client)
{
	struct checkpoints_local *local = client->local;
	size_t at = 0;

	while (srp_engine_manager_may_read(local->engine, client->manager)) {
		unsigned int type;
		size_t payload;
		int whole = srp_local_frame(client->rx + at, client->rx_len - at, &type, &payload);

		if (whole == 0)
			break;
		if (whole < 0) {
			/* Says that it is malformed, and ends the connection. */
			srp_engine_manager_receive(local->engine, local_now(local), client->manager, 0, NULL,
						   0);
			break;
		}
		srp_engine_manager_receive(local->engine, local_now(local), client->manager, type,
					   client->rx + at + SRP_LOCAL_HEADER, payload);
		at += SRP_LOCAL_HEADER + payload;
	}
	client->rx_len -= at;
	memmove(client->rx, client->rx + at, client->rx_len);
}

static void client_read(struct client *client)
{
	ssize_t got;

	client_take_frames(client);
	if (client->rx_len == LOCAL_ROOM ||
	    !srp_engine_manager_may_read(client->local->engine, client->manager))
		return;
	got = recv(client->fd, client->rx + client->rx_len, LOCAL_ROOM - client->rx_len, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		client_close(client);
		return;
	}
	client->rx_len += (size_t)got;
	client_take_frames(client);
}

/* --- writing ------------------------------------------------------------------------------- */

/* False when nothing more goes out now, or the connection was closed. */
static bool client_write(struct client *client)
{
	while (client->tx_sent < client->tx_len) {
		ssize_t sent = send(client->fd, client->tx + client->tx_sent,
				    client->tx_len - client->tx_sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return false;
		if (sent < 0) {
			client_close(client);
			return false;
		}
		client->tx_sent += (size_t)sent;
	}
	client->tx_len = client->tx_sent = 0;
	return true;
}

static bool client_pump(struct client *client)
{
	struct srp_engine *engine = client->local->engine;

	for (int round = 0; client_write(client); round++) {
		if (round == PUMP_ROUNDS)
			return true;
		client->tx_len = srp_engine_manager_fill(engine, local_now(client->local), client->manager,
							 client->tx, SRP_ENGINE_LOCAL_FILL_MIN);
		if (client->tx_len)
			continue;
		if (srp_engine_manager_shall_close(engine, client->manager))
			client_close(client);
		return false;
	}
	return false;
}

bool checkpoints_local_pump(struct checkpoints_local *local)
{
	bool more = false;

	for (unsigned int i = 0; i < local->high; i++) {
		struct client *client = &local->clients[i];
		bool reads;

		if (client->fd < 0)
			continue;
		more |= client_pump(client);
		if (client->fd < 0)
			continue;
		reads = srp_engine_manager_may_read(local->engine, client->manager);
		local->loop->ops->rewatch(client->watch, (reads ? SRP_LOOP_READ : 0) |
								 (client->tx_len ? SRP_LOOP_WRITE : 0));
		/* What had to wait has room now. */
		if (reads && client->rx_len)
			client_take_frames(client);
	}
	return more;
}

static void client_ready(void *arg, int fd, unsigned int ready)
{
	(void)fd;
	/* The writing is done in the pump, which follows. */
	if (ready & SRP_LOOP_READ)
		client_read(arg);
}

/* --- connections --------------------------------------------------------------------------- */

/* Root, srpd's own user, and its group: what the socket's mode says, of the process that is really there. */
static bool may_connect(int fd, int *pid)
{
	gid_t groups[GROUPS_MAX];
	struct ucred peer;
	socklen_t len = sizeof(peer), size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	*pid = peer.pid;
	if (peer.uid == 0 || peer.uid == geteuid() || peer.gid == getegid())
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size))
		return false;
	for (size_t i = 0; i < size / sizeof(groups[0]); i++)
		if (groups[i] == getegid())
			return true;
	return false;
}

static void on_accept(void *arg, int listen_fd, unsigned int ready)
{
	struct checkpoints_local *local = arg;
	struct client *client = NULL;
	int pid = 0, fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)ready;
	if (fd < 0)
		return;
	for (unsigned int i = 0; i < CLIENTS && !client; i++)
		if (local->clients[i].fd < 0)
			client = &local->clients[i];
	if (!client || !may_connect(fd, &pid)) {
		close(fd);
		return;
	}
	client->rx = malloc(LOCAL_ROOM);
	client->tx = malloc(SRP_ENGINE_LOCAL_FILL_MIN);
	client->manager = client->rx && client->tx ? srp_engine_manager_open(local->engine, pid) : -1;
	if (client->manager < 0) {
		free(client->rx);
		free(client->tx);
		client->rx = client->tx = NULL;
		close(fd);
		return;
	}
	client->local = local;
	client->fd = fd;
	client->watch = local->loop->ops->watch(local->loop, fd, SRP_LOOP_READ, client_ready, client);
	if (client >= &local->clients[local->high])
		local->high = (unsigned int)(client - local->clients) + 1;
}

struct checkpoints_local *checkpoints_local_new(struct srp_loop *loop, struct srp_engine *engine,
						int listen_fd)
{
	struct checkpoints_local *local = calloc(1, sizeof(*local));

	if (!local)
		abort();
	local->loop = loop;
	local->engine = engine;
	for (unsigned int i = 0; i < CLIENTS; i++)
		local->clients[i].fd = -1;
	local->watch = loop->ops->watch(loop, listen_fd, SRP_LOOP_READ, on_accept, local);
	return local;
}

void checkpoints_local_free(struct checkpoints_local *local)
{
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (local->clients[i].fd >= 0)
			client_close(&local->clients[i]);
	local->loop->ops->unwatch(local->watch);
	free(local);
}
