/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 by OpenSSL, see tls.h and, for the rules of who is let in, auth.h.
 */
#include "agent/tls.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/key_file.h"
#include "agent/loop.h"

#define PSK_LABEL     "srpd external psk 1"
#define VERIFY_DEPTH  4
#define IDENTITY_LEN  64
/* After so many records both ends take new traffic keys: far below what AES-GCM allows (RFC 8446, 5.5). */
#define REKEY_RECORDS (1u << 20)

struct srp_tls_keys {
	enum srp_auth_kind kind;
	SSL_CTX *context;
	uint8_t psk[SRP_TLS_DIGEST_LEN];
	char peer_identity[SRP_IDENTITY_LEN];
	uint8_t fingerprint[SRP_TLS_DIGEST_LEN]; /* of all that decides who is let in */
};

struct srp_tls {
	SSL *ssl;
	enum srp_auth_kind kind;
	unsigned int records; /* sent */
	const char *why;      /* what was wrong with the handshake, static text */
	char own_identity[IDENTITY_LEN];
	char peer_identity[IDENTITY_LEN];
};

static void digest_add(EVP_MD_CTX *digest, const void *bytes, size_t len)
{
	uint8_t size[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};

	/* With lengths, so that no two lists of parts look alike. */
	EVP_DigestUpdate(digest, size, sizeof(size));
	EVP_DigestUpdate(digest, bytes, len);
}

/* --- pre-shared key ------------------------------------------------------------------------ */

static int hex_digit(uint8_t c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* Hexadecimal text to bytes, in place, when it is that and nothing else. */
static void unhex(struct key_file *file)
{
	if (file->len % 2)
		return;
	for (size_t i = 0; i < file->len; i++)
		if (!isxdigit(file->bytes[i]))
			return;
	for (size_t i = 0; i < file->len / 2; i++)
		file->bytes[i] =
			(uint8_t)(hex_digit(file->bytes[2 * i]) << 4 | hex_digit(file->bytes[2 * i + 1]));
	file->len /= 2;
}

static bool load_psk(struct srp_tls_keys *keys, const char *path, struct key_file *file, char *error,
		     size_t error_size)
{
	EVP_MD_CTX *digest;

	if (!key_file_read(path, true, file, error, error_size))
		return false;
	key_file_trim(file);
	unhex(file);
	if (file->len < SRP_AUTH_KEY_MIN) {
		snprintf(error, error_size, "%s: a key of %zu bytes: at least %d random bytes are needed",
			 path, file->len, SRP_AUTH_KEY_MIN);
		return false;
	}
	digest = EVP_MD_CTX_new();
	if (!digest)
		return false;
	EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	digest_add(digest, PSK_LABEL, strlen(PSK_LABEL));
	digest_add(digest, file->bytes, file->len);
	EVP_DigestFinal_ex(digest, keys->psk, NULL);
	EVP_MD_CTX_free(digest);
	return true;
}

/* To OpenSSL a PSK is a session to be resumed, and with SSL_VERIFY_PEER that must be of this context. */
static const unsigned char session_context[] = {'s', 'r', 'p', 'd'};

static SSL_SESSION *psk_session(SSL *ssl, const struct srp_tls_keys *keys)
{
	static const unsigned char suite[] = {0x13, 0x01}; /* TLS_AES_128_GCM_SHA256 */
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, suite);
	SSL_SESSION *session = SSL_SESSION_new();

	if (session && cipher && SSL_SESSION_set1_master_key(session, keys->psk, sizeof(keys->psk)) &&
	    SSL_SESSION_set1_id_context(session, session_context, sizeof(session_context)) &&
	    SSL_SESSION_set_cipher(session, cipher) &&
	    SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION))
		return session;
	SSL_SESSION_free(session);
	return NULL;
}

/* The connecting end offers the key. */
static int psk_use(SSL *ssl, const EVP_MD *md, const unsigned char **identity, size_t *len,
		   SSL_SESSION **session)
{
	struct srp_tls *tls = SSL_get_app_data(ssl);

	*session = NULL;
	if (md && !EVP_MD_is_a(md, "SHA256"))
		return 1;
	*identity = (const unsigned char *)tls->own_identity;
	*len = strlen(tls->own_identity);
	*session = psk_session(ssl, SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
	return *session != NULL;
}

/* The accepting end looks for it. Without a certificate there is nothing else to agree on. */
static int psk_find(SSL *ssl, const unsigned char *identity, size_t len, SSL_SESSION **session)
{
	struct srp_tls *tls = SSL_get_app_data(ssl);

	*session = NULL;
	if (len != strlen(tls->peer_identity) || memcmp(identity, tls->peer_identity, len) != 0) {
		tls->why = "the key is offered under another identity than the peer's address";
		return 1;
	}
	*session = psk_session(ssl, SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
	return *session != NULL;
}

/* --- certificates -------------------------------------------------------------------------- */

static void ssl_error(const char *path, const char *what, char *error, size_t error_size)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(error, error_size, "%s: %s: %s", path, what, reason ? reason : "unknown error");
}

/* A pass phrase would have to be typed by somebody. */
static int no_pass_phrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool load_certificate(struct srp_tls_keys *keys, const struct srp_auth_config *config,
			     struct key_file *file, EVP_MD_CTX *digest, char *error, size_t error_size)
{
	const char *const paths[] = {config->certificate, config->key, config->ca};

	for (int i = 0; i < 3; i++) {
		if (!key_file_read(paths[i], i == 1, file, error, error_size))
			return false;
		digest_add(digest, file->bytes, file->len);
	}
	SSL_CTX_set_default_passwd_cb(keys->context, no_pass_phrase);
	if (SSL_CTX_use_certificate_chain_file(keys->context, config->certificate) != 1)
		ssl_error(config->certificate, "no certificate", error, error_size);
	else if (SSL_CTX_use_PrivateKey_file(keys->context, config->key, SSL_FILETYPE_PEM) != 1)
		ssl_error(config->key, "no private key of that certificate", error, error_size);
	else if (SSL_CTX_check_private_key(keys->context) != 1)
		ssl_error(config->key, "not the key of that certificate", error, error_size);
	else if (SSL_CTX_load_verify_file(keys->context, config->ca) != 1)
		ssl_error(config->ca, "no certificate of an authority", error, error_size);
	else
		return true;
	return false;
}

/* --- keys ---------------------------------------------------------------------------------- */

static SSL_CTX *new_context(struct srp_tls_keys *keys)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	bool psk = keys->kind == SRP_AUTH_PSK;
	/* The key belongs to SHA-256 (RFC 8446 section 4.2.11), so only its suites for a PSK. */
	const char *suites =
		psk ? "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
		    : "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";

	if (!context)
		return NULL;
	if (!SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(context, suites) ||
	    !SSL_CTX_set1_groups_list(context, "X25519:P-256") || !SSL_CTX_set_num_tickets(context, 0)) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context));
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_max_cert_list(context, 32768);
	SSL_CTX_set_quiet_shutdown(context, 1);
	SSL_CTX_set_verify_depth(context, VERIFY_DEPTH);
	/* For a PSK, too: an end that answers with a certificate instead is known to no authority here. */
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (psk ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), NULL);
	SSL_CTX_set_app_data(context, keys);
	if (psk) {
		SSL_CTX_set_psk_use_session_callback(context, psk_use);
		SSL_CTX_set_psk_find_session_callback(context, psk_find);
	}
	return context;
}

/* libcrypto must be its own, see tls.h. */
static bool hashes(void)
{
	static const uint8_t expected[] = {0xba, 0x78, 0x16, 0xbf,
					   0x8f, 0x01, 0xcf, 0xea}; /* FIPS 180-2, B.1 */
	uint8_t digest[EVP_MAX_MD_SIZE];

	return EVP_Digest("abc", 3, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(digest, expected, sizeof(expected)) == 0;
}

static bool load(struct srp_tls_keys *keys, const struct srp_auth_config *config, struct key_file *file,
		 EVP_MD_CTX *digest, char *error, size_t error_size)
{
	if (!hashes()) {
		snprintf(error, error_size, "OpenSSL's SHA-256 is another library's in this process");
		return false;
	}
	memcpy(keys->peer_identity, config->peer_identity, sizeof(keys->peer_identity));
	keys->kind = config->psk_file[0] ? SRP_AUTH_PSK : SRP_AUTH_CERTIFICATE;
	digest_add(digest, &keys->kind, sizeof(keys->kind));
	digest_add(digest, keys->peer_identity, strlen(keys->peer_identity));
	keys->context = new_context(keys);
	if (!keys->context) {
		snprintf(error, error_size, "OpenSSL gives no TLS 1.3 context");
		return false;
	}
	if (keys->kind == SRP_AUTH_CERTIFICATE)
		return load_certificate(keys, config, file, digest, error, error_size);
	if (!load_psk(keys, config->psk_file, file, error, error_size))
		return false;
	digest_add(digest, keys->psk, sizeof(keys->psk));
	return true;
}

static void keys_free(struct srp_tls_keys *keys)
{
	if (!keys)
		return;
	SSL_CTX_free(keys->context);
	OPENSSL_cleanse(keys, sizeof(*keys));
	free(keys);
}

static struct srp_tls_keys *keys_load(const struct srp_auth_config *config, char *error, size_t error_size)
{
	struct srp_tls_keys *keys = calloc(1, sizeof(*keys));
	struct key_file *file = malloc(sizeof(*file));
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool ok;

	snprintf(error, error_size, "out of memory");
	ERR_clear_error();
	ok = keys && file && digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
	     load(keys, config, file, digest, error, error_size);
	if (ok)
		EVP_DigestFinal_ex(digest, keys->fingerprint, NULL);
	EVP_MD_CTX_free(digest);
	if (file)
		OPENSSL_cleanse(file, sizeof(*file));
	free(file);
	if (ok)
		return keys;
	keys_free(keys);
	return NULL;
}

static const uint8_t *keys_fingerprint(const struct srp_tls_keys *keys)
{
	return keys->fingerprint;
}

/* --- connections --------------------------------------------------------------------------- */

static void identity(char text[IDENTITY_LEN], const struct srp_addr *addr)
{
	char buf[SRP_ADDR_STRLEN];

	snprintf(text, IDENTITY_LEN, "srp1 %s", srp_addr_format(addr, buf));
}

/* The certificate that the other end must show: that of the name, or of the address, it is configured with. */
static bool set_expected(SSL *ssl, const struct srp_tls_keys *keys, const struct srp_addr *peer)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(param,
					X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
	if (keys->peer_identity[0])
		return X509_VERIFY_PARAM_set1_host(param, keys->peer_identity, 0) == 1;
	return X509_VERIFY_PARAM_set1_ip(param, peer->bytes, peer->family == AF_INET ? 4 : 16) == 1;
}

static void tls_close(struct srp_tls *tls)
{
	SSL_free(tls->ssl);
	free(tls);
}

static struct srp_tls *tls_open(struct srp_tls_keys *keys, int fd, bool accepted, const struct srp_addr *own,
				const struct srp_addr *peer)
{
	struct srp_tls *tls = calloc(1, sizeof(*tls));

	if (!tls)
		return NULL;
	tls->kind = keys->kind;
	identity(tls->own_identity, own);
	identity(tls->peer_identity, peer);
	tls->ssl = SSL_new(keys->context);
	if (!tls->ssl || !SSL_set_fd(tls->ssl, fd) ||
	    (keys->kind == SRP_AUTH_CERTIFICATE && !set_expected(tls->ssl, keys, peer))) {
		tls_close(tls);
		return NULL;
	}
	SSL_set_app_data(tls->ssl, tls);
	if (accepted)
		SSL_set_accept_state(tls->ssl);
	else
		SSL_set_connect_state(tls->ssl);
	return tls;
}

/* What OpenSSL says is wrong, in words that outlive the connection. */
static const char *trouble(const struct srp_tls *tls)
{
	long verify = SSL_get_verify_result(tls->ssl);
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (verify != X509_V_OK)
		return X509_verify_cert_error_string(verify);
	return reason ? reason : "the connection ended";
}

static enum srp_tls_progress tls_handshake(struct srp_tls *tls, unsigned int *wants, const char **why)
{
	int rc;

	ERR_clear_error();
	rc = SSL_do_handshake(tls->ssl);
	if (rc != 1) {
		switch (SSL_get_error(tls->ssl, rc)) {
		case SSL_ERROR_WANT_READ:
			*wants = SRP_LOOP_READ;
			return SRP_TLS_BUSY;
		case SSL_ERROR_WANT_WRITE:
			*wants = SRP_LOOP_WRITE;
			return SRP_TLS_BUSY;
		default:
			*why = tls->why ? tls->why : trouble(tls);
			return SRP_TLS_FAILED;
		}
	}
	/* Said again, so that it does not hang on one option of the context. */
	if (SSL_version(tls->ssl) != TLS1_3_VERSION)
		*why = "not TLS 1.3";
	else if (tls->kind == SRP_AUTH_PSK && !SSL_session_reused(tls->ssl))
		*why = "the pre-shared key was not used";
	else if (tls->kind == SRP_AUTH_CERTIFICATE &&
		 (!SSL_get0_peer_certificate(tls->ssl) || SSL_get_verify_result(tls->ssl) != X509_V_OK))
		*why = "no valid certificate";
	else
		return SRP_TLS_DONE;
	return SRP_TLS_FAILED;
}

/* The result of SSL_read or SSL_write as that of recv and send. */
static ssize_t result(struct srp_tls *tls, int rc)
{
	if (rc > 0)
		return rc;
	switch (SSL_get_error(tls->ssl, rc)) {
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

static ssize_t tls_recv(struct srp_tls *tls, void *buf, size_t size)
{
	ERR_clear_error();
	return result(tls, SSL_read(tls->ssl, buf, (int)size));
}

static ssize_t tls_send(struct srp_tls *tls, const void *buf, size_t len)
{
	ERR_clear_error();
	if (++tls->records % REKEY_RECORDS == 0)
		SSL_key_update(tls->ssl, SSL_KEY_UPDATE_REQUESTED);
	return result(tls, SSL_write(tls->ssl, buf, (int)len));
}

static bool tls_pending(const struct srp_tls *tls)
{
	return SSL_pending(tls->ssl) > 0;
}

static const char *tls_version(const struct srp_tls *tls)
{
	return SSL_get_version(tls->ssl);
}

static const char *tls_cipher(const struct srp_tls *tls)
{
	return SSL_get_cipher_name(tls->ssl);
}

const struct srp_tls_ops srp_tls_openssl = {
	.load = keys_load,
	.free = keys_free,
	.fingerprint = keys_fingerprint,
	.open = tls_open,
	.close = tls_close,
	.handshake = tls_handshake,
	.recv = tls_recv,
	.send = tls_send,
	.pending = tls_pending,
	.version = tls_version,
	.cipher = tls_cipher,
};
