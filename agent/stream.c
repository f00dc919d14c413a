/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See stream.h. */
#include "agent/stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/loop.h"

static void identity(char text[SRP_STREAM_IDENTITY_LEN], const struct srp_addr *addr)
{
	char buf[SRP_ADDR_STRLEN];

	snprintf(text, SRP_STREAM_IDENTITY_LEN, "srp1 %s", srp_addr_format(addr, buf));
}

/* The certificate that the other end must show: that of the name, or of the address, it is configured with. */
static bool set_expected(SSL *ssl, const struct srp_auth *auth, const struct srp_addr *peer)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
	if (auth->peer_identity[0])
		return X509_VERIFY_PARAM_set1_host(param, auth->peer_identity, 0) == 1;
	return X509_VERIFY_PARAM_set1_ip(param, peer->bytes, peer->family == AF_INET ? 4 : 16) == 1;
}

bool srp_stream_open(struct srp_stream *stream, int fd, struct srp_auth *auth, bool accepted,
		     const struct srp_addr *own, const struct srp_addr *peer)
{
	*stream = (struct srp_stream){.fd = fd, .kind = auth->kind};
	if (auth->kind == SRP_AUTH_NONE)
		return true;
	identity(stream->own_identity, own);
	identity(stream->peer_identity, peer);
	stream->wants = accepted ? SRP_LOOP_READ : SRP_LOOP_WRITE;
	stream->ssl = SSL_new(auth->context);
	if (!stream->ssl || !SSL_set_fd(stream->ssl, fd) ||
	    (auth->kind == SRP_AUTH_CERTIFICATE && !set_expected(stream->ssl, auth, peer))) {
		srp_stream_close(stream);
		return false;
	}
	SSL_set_app_data(stream->ssl, stream);
	if (accepted)
		SSL_set_accept_state(stream->ssl);
	else
		SSL_set_connect_state(stream->ssl);
	return true;
}

void srp_stream_close(struct srp_stream *stream)
{
	SSL_free(stream->ssl);
	stream->ssl = NULL;
	close(stream->fd);
	stream->fd = -1;
}

/* What OpenSSL says is wrong, in words that outlive the connection. */
static const char *trouble(const struct srp_stream *stream)
{
	long verify = SSL_get_verify_result(stream->ssl);
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (verify != X509_V_OK)
		return X509_verify_cert_error_string(verify);
	return reason ? reason : "the connection ended";
}

enum srp_stream_handshake srp_stream_handshake(struct srp_stream *stream)
{
	int rc;

	if (!stream->ssl)
		return SRP_STREAM_DONE;
	ERR_clear_error();
	rc = SSL_do_handshake(stream->ssl);
	if (rc != 1) {
		switch (SSL_get_error(stream->ssl, rc)) {
		case SSL_ERROR_WANT_READ:
			stream->wants = SRP_LOOP_READ;
			return SRP_STREAM_BUSY;
		case SSL_ERROR_WANT_WRITE:
			stream->wants = SRP_LOOP_WRITE;
			return SRP_STREAM_BUSY;
		default:
			if (!stream->why)
				stream->why = trouble(stream);
			return SRP_STREAM_FAILED;
		}
	}
	/* Said again, so that it does not hang on one option of the context. */
	if (SSL_version(stream->ssl) != TLS1_3_VERSION)
		stream->why = "not TLS 1.3";
	else if (stream->kind == SRP_AUTH_PSK && !SSL_session_reused(stream->ssl))
		stream->why = "the pre-shared key was not used";
	else if (stream->kind == SRP_AUTH_CERTIFICATE &&
		 (!SSL_get0_peer_certificate(stream->ssl) || SSL_get_verify_result(stream->ssl) != X509_V_OK))
		stream->why = "no valid certificate";
	else
		return SRP_STREAM_DONE;
	return SRP_STREAM_FAILED;
}

/* The result of SSL_read or SSL_write as that of recv and send. */
static ssize_t result(struct srp_stream *stream, int rc)
{
	if (rc > 0)
		return rc;
	switch (SSL_get_error(stream->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		errno = EAGAIN;
		return -1;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		errno = EPROTO;
		return -1;
	}
}

ssize_t srp_stream_recv(struct srp_stream *stream, void *buf, size_t size)
{
	if (!stream->ssl)
		return recv(stream->fd, buf, size, 0);
	ERR_clear_error();
	return result(stream, SSL_read(stream->ssl, buf, (int)size));
}

ssize_t srp_stream_send(struct srp_stream *stream, const void *buf, size_t len)
{
	if (!stream->ssl)
		return send(stream->fd, buf, len, MSG_NOSIGNAL);
	ERR_clear_error();
	return result(stream, SSL_write(stream->ssl, buf, (int)len));
}

bool srp_stream_pending(const struct srp_stream *stream)
{
	return stream->ssl && SSL_pending(stream->ssl) > 0;
}

const char *srp_stream_version(const struct srp_stream *stream)
{
	return stream->ssl ? SSL_get_version(stream->ssl) : NULL;
}

const char *srp_stream_cipher(const struct srp_stream *stream)
{
	return stream->ssl ? SSL_get_cipher_name(stream->ssl) : NULL;
}
