/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stream.h. */
#include "agent/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include "agent/loop.h"
#include "agent/tls.h"

bool srp_stream_open(struct srp_stream *stream, int fd, struct srp_auth *auth, bool accepted,
		     const struct srp_addr *own, const struct srp_addr *peer)
{
	*stream = (struct srp_stream){.fd = fd, .kind = auth->kind, .ops = auth->tls};
	if (auth->kind == SRP_AUTH_NONE)
		return true;
	stream->wants = accepted ? SRP_LOOP_READ : SRP_LOOP_WRITE;
	stream->tls = auth->tls->open(auth->keys, fd, accepted, own, peer);
	if (stream->tls)
		return true;
	srp_stream_close(stream);
	return false;
}

void srp_stream_close(struct srp_stream *stream)
{
	if (stream->tls)
		stream->ops->close(stream->tls);
	stream->tls = NULL;
	close(stream->fd);
	stream->fd = -1;
}

enum srp_stream_handshake srp_stream_handshake(struct srp_stream *stream)
{
	if (!stream->tls)
		return SRP_STREAM_DONE;
	switch (stream->ops->handshake(stream->tls, &stream->wants, &stream->why)) {
	case SRP_TLS_DONE:
		return SRP_STREAM_DONE;
	case SRP_TLS_BUSY:
		return SRP_STREAM_BUSY;
	case SRP_TLS_FAILED:
		break;
	}
	return SRP_STREAM_FAILED;
}

ssize_t srp_stream_recv(struct srp_stream *stream, void *buf, size_t size)
{
	return stream->tls ? stream->ops->recv(stream->tls, buf, size) : recv(stream->fd, buf, size, 0);
}

ssize_t srp_stream_send(struct srp_stream *stream, const void *buf, size_t len)
{
	return stream->tls ? stream->ops->send(stream->tls, buf, len)
			   : send(stream->fd, buf, len, MSG_NOSIGNAL);
}

bool srp_stream_pending(const struct srp_stream *stream)
{
	return stream->tls && stream->ops->pending(stream->tls);
}

const char *srp_stream_version(const struct srp_stream *stream)
{
	return stream->tls ? stream->ops->version(stream->tls) : NULL;
}

const char *srp_stream_cipher(const struct srp_stream *stream)
{
	return stream->tls ? stream->ops->cipher(stream->tls) : NULL;
}
