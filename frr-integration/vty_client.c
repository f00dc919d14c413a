/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of a daemon's .vty socket: see vty_client.h. */
#include "srpd-config.h"

#include "frr-integration/vty_client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/vty_reply.h"

void vty_client_close(struct vty_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

bool vty_client_not_running(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED;
}

/* Close and return 'error' as a caller knows it. */
static int vty_client_fail(struct vty_client *client, int error)
{
	vty_client_close(client);
	if (error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS)
		error = ETIMEDOUT; /* what the socket's own time limits look like */
	else if (error == EPIPE)
		error = ECONNRESET;
	return -error;
}

int vty_client_limit(struct vty_client *client, unsigned int timeout_msec)
{
	struct timeval limit = {.tv_sec = timeout_msec / 1000, .tv_usec = timeout_msec % 1000 * 1000L};

	if (setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return vty_client_fail(client, errno);
	return 0;
}

int vty_client_open(struct vty_client *client, const char *path, unsigned int timeout_msec)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int result;

	client->fd = -1;
	if (len >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, len + 1);

	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return -errno;
	/* The send limit also covers connect(), which waits while the daemon's backlog is full. */
	result = vty_client_limit(client, timeout_msec);
	if (result == 0 && connect(client->fd, (struct sockaddr *)&addr, sizeof(addr)))
		result = vty_client_fail(client, errno);
	return result;
}

/* 0 or an error; the client is closed then. */
static int vty_client_send(struct vty_client *client, const char *data, size_t len)
{
	while (len) {
		ssize_t sent = send(client->fd, data, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return vty_client_fail(client, errno);
		data += sent;
		len -= (size_t)sent;
	}
	return 0;
}

int vty_client_run(struct vty_client *client, const char *line, vty_client_text_cb *text_cb, void *arg)
{
	size_t len = strlen(line) + 1;
	struct vty_reply reply;
	char data[4096];
	int error;

	if (client->fd < 0)
		return -ECONNRESET;
	if (len > VTY_CLIENT_LINE_MAX)
		return vty_client_fail(client, E2BIG);
	error = vty_client_send(client, line, len);
	if (error)
		return error;

	vty_reply_init(&reply);
	while (reply.state == VTY_REPLY_MORE) {
		ssize_t got = recv(client->fd, data, sizeof(data), 0);
		size_t text_len;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return vty_client_fail(client, errno);
		if (got == 0)
			return vty_client_fail(client, ECONNRESET);
		vty_reply_feed(&reply, (const uint8_t *)data, (size_t)got, &text_len);
		if (text_len && text_cb)
			text_cb(arg, data, text_len);
	}
	if (reply.state == VTY_REPLY_BAD)
		return vty_client_fail(client, EPROTO);
	return reply.result;
}
