/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connected TCP socket as a byte stream, plain or in TLS; which of the two, the caller does not see.
 *
 * Non-blocking throughout. recv and send answer as recv(2) and send(2) do: bytes, 0 for the end, or -1 with
 * errno, EAGAIN for "not now". Belongs to one thread at a time, and may be moved to another one.
 */
#ifndef SRP_STREAM_H
#define SRP_STREAM_H

#include <sys/types.h>

#include "agent/auth.h"
#include "agent/config.h"

struct srp_tls;

struct srp_stream {
	int fd;
	const struct srp_tls_ops *ops;
	struct srp_tls *tls; /* NULL: plain */
	unsigned int wants;  /* SRP_LOOP_*: what the handshake waits for */
	const char *why;     /* what was wrong with the handshake, static text */
	enum srp_auth_kind kind;
};

enum srp_stream_handshake { SRP_STREAM_DONE, SRP_STREAM_BUSY, SRP_STREAM_FAILED };

/*
 * Take over a socket. `accepted`: the other end has connected to it. `auth` must live until the handshake is
 * over. False when memory is out; the socket is then closed.
 */
bool srp_stream_open(struct srp_stream *stream, int fd, struct srp_auth *auth, bool accepted,
		     const struct srp_addr *own, const struct srp_addr *peer);
void srp_stream_close(struct srp_stream *stream); /* closes the socket, too */

/*
 * Go on with the handshake; call again when the socket is ready for `wants`. DONE: the other end is who it
 * shall be. FAILED: `why` says why not. A plain stream is DONE at once.
 */
enum srp_stream_handshake srp_stream_handshake(struct srp_stream *stream);

ssize_t srp_stream_recv(struct srp_stream *stream, void *buf, size_t size);
ssize_t srp_stream_send(struct srp_stream *stream, const void *buf, size_t len);
/* Bytes lie here that no readiness of the socket will tell of. */
bool srp_stream_pending(const struct srp_stream *stream);

const char *srp_stream_version(const struct srp_stream *stream); /* "TLSv1.3"; NULL: plain */
const char *srp_stream_cipher(const struct srp_stream *stream);  /* NULL: plain */

#endif
