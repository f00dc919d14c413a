/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See auth.h. */
#include "agent/auth.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/stream.h"

#define FILE_MAX     65536
#define PSK_LABEL    "srpd external psk 1"
#define VERIFY_DEPTH 4

struct file {
	uint8_t bytes[FILE_MAX];
	size_t len;
};

/* Read a file; a secret one must not be open to everybody. */
static bool read_file(const char *path, bool secret, struct file *file, char *error, size_t error_size)
{
	struct stat status;
	/* Not to be held up by a pipe. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &status)) {
		snprintf(error, error_size, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (!S_ISREG(status.st_mode)) {
		snprintf(error, error_size, "%s: not a regular file", path);
	} else if (secret && (status.st_mode & S_IRWXO)) {
		snprintf(error, error_size, "%s: mode %04o lets everybody at the key: chmod o= is needed",
			 path, (unsigned int)(status.st_mode & 07777));
	} else {
		file->len = 0;
		while (file->len < FILE_MAX &&
		       (got = read(fd, file->bytes + file->len, FILE_MAX - file->len)) > 0)
			file->len += (size_t)got;
		if (got < 0)
			snprintf(error, error_size, "%s: %s", path, strerror(errno));
		else if (file->len == FILE_MAX)
			snprintf(error, error_size, "%s: larger than %d bytes", path, FILE_MAX - 1);
		else if (!file->len)
			snprintf(error, error_size, "%s: empty", path);
		else {
			close(fd);
			return true;
		}
	}
	close(fd);
	return false;
}

static void trim(struct file *file)
{
	while (file->len && (file->bytes[file->len - 1] == '\n' || file->bytes[file->len - 1] == '\r'))
		file->len--;
}

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
static void unhex(struct file *file)
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

static bool load_psk(struct srp_auth *auth, const char *path, struct file *file, char *error,
		     size_t error_size)
{
	EVP_MD_CTX *digest;

	if (!read_file(path, true, file, error, error_size))
		return false;
	trim(file);
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
	EVP_DigestFinal_ex(digest, auth->psk, NULL);
	EVP_MD_CTX_free(digest);
	return true;
}

/* To OpenSSL a PSK is a session to be resumed, and with SSL_VERIFY_PEER that must be of this context. */
static const unsigned char session_context[] = {'s', 'r', 'p', 'd'};

static SSL_SESSION *psk_session(SSL *ssl, const struct srp_auth *auth)
{
	static const unsigned char suite[] = {0x13, 0x01}; /* TLS_AES_128_GCM_SHA256 */
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, suite);
	SSL_SESSION *session = SSL_SESSION_new();

	if (session && cipher && SSL_SESSION_set1_master_key(session, auth->psk, sizeof(auth->psk)) &&
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
	struct srp_stream *stream = SSL_get_app_data(ssl);

	*session = NULL;
	if (md && !EVP_MD_is_a(md, "SHA256"))
		return 1;
	*identity = (const unsigned char *)stream->own_identity;
	*len = strlen(stream->own_identity);
	*session = psk_session(ssl, SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
	return *session != NULL;
}

/* The accepting end looks for it. Without a certificate there is nothing else to agree on. */
static int psk_find(SSL *ssl, const unsigned char *identity, size_t len, SSL_SESSION **session)
{
	struct srp_stream *stream = SSL_get_app_data(ssl);

	*session = NULL;
	if (len != strlen(stream->peer_identity) || memcmp(identity, stream->peer_identity, len) != 0) {
		stream->why = "the key is offered under another identity than the peer's address";
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

static bool load_certificate(struct srp_auth *auth, const struct srp_auth_config *config, struct file *file,
			     EVP_MD_CTX *digest, char *error, size_t error_size)
{
	const char *const paths[] = {config->certificate, config->key, config->ca};

	for (int i = 0; i < 3; i++) {
		if (!read_file(paths[i], i == 1, file, error, error_size))
			return false;
		digest_add(digest, file->bytes, file->len);
	}
	SSL_CTX_set_default_passwd_cb(auth->context, no_pass_phrase);
	if (SSL_CTX_use_certificate_chain_file(auth->context, config->certificate) != 1)
		ssl_error(config->certificate, "no certificate", error, error_size);
	else if (SSL_CTX_use_PrivateKey_file(auth->context, config->key, SSL_FILETYPE_PEM) != 1)
		ssl_error(config->key, "no private key of that certificate", error, error_size);
	else if (SSL_CTX_check_private_key(auth->context) != 1)
		ssl_error(config->key, "not the key of that certificate", error, error_size);
	else if (SSL_CTX_load_verify_file(auth->context, config->ca) != 1)
		ssl_error(config->ca, "no certificate of an authority", error, error_size);
	else
		return true;
	return false;
}

/* --- both ---------------------------------------------------------------------------------- */

static SSL_CTX *new_context(struct srp_auth *auth)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	bool psk = auth->kind == SRP_AUTH_PSK;
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
	SSL_CTX_set_app_data(context, auth);
	if (psk) {
		SSL_CTX_set_psk_use_session_callback(context, psk_use);
		SSL_CTX_set_psk_find_session_callback(context, psk_find);
	}
	return context;
}

static bool load(struct srp_auth *auth, const struct srp_auth_config *config, struct file *file,
		 EVP_MD_CTX *digest, char *error, size_t error_size)
{
	auth->insecure = config->insecure;
	memcpy(auth->peer_identity, config->peer_identity, sizeof(auth->peer_identity));
	if (config->psk_file[0])
		auth->kind = SRP_AUTH_PSK;
	else if (config->certificate[0])
		auth->kind = SRP_AUTH_CERTIFICATE;
	digest_add(digest, &auth->kind, sizeof(auth->kind));
	digest_add(digest, auth->peer_identity, strlen(auth->peer_identity));
	if (auth->kind != SRP_AUTH_NONE && !(auth->context = new_context(auth))) {
		snprintf(error, error_size, "OpenSSL gives no TLS 1.3 context");
		return false;
	}
	if (auth->kind == SRP_AUTH_PSK && !load_psk(auth, config->psk_file, file, error, error_size))
		return false;
	if (auth->kind == SRP_AUTH_CERTIFICATE &&
	    !load_certificate(auth, config, file, digest, error, error_size))
		return false;
	digest_add(digest, auth->psk, sizeof(auth->psk));
	if (!config->md5_key_file[0])
		return true;
	if (!read_file(config->md5_key_file, true, file, error, error_size))
		return false;
	trim(file);
	if (!file->len || file->len > SRP_AUTH_MD5_MAX) {
		snprintf(error, error_size, "%s: a TCP-MD5 key of %zu bytes: 1 to %d are possible",
			 config->md5_key_file, file->len, SRP_AUTH_MD5_MAX);
		return false;
	}
	memcpy(auth->md5_key, file->bytes, file->len);
	auth->md5_len = file->len;
	return true;
}

struct srp_auth *srp_auth_load(const struct srp_auth_config *config, char *error, size_t error_size)
{
	struct srp_auth *auth = calloc(1, sizeof(*auth));
	struct file *file = malloc(sizeof(*file));
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	bool ok;

	snprintf(error, error_size, "out of memory");
	ERR_clear_error();
	if (auth)
		auth->owners = 1;
	ok = auth && file && digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) &&
	     load(auth, config, file, digest, error, error_size);
	if (ok)
		EVP_DigestFinal_ex(digest, auth->fingerprint, NULL);
	EVP_MD_CTX_free(digest);
	if (file)
		OPENSSL_cleanse(file, sizeof(*file));
	free(file);
	if (ok)
		return auth;
	srp_auth_free(auth);
	return NULL;
}

struct srp_auth *srp_auth_ref(struct srp_auth *auth)
{
	if (auth)
		atomic_fetch_add(&auth->owners, 1);
	return auth;
}

void srp_auth_free(struct srp_auth *auth)
{
	if (!auth || atomic_fetch_sub(&auth->owners, 1) > 1)
		return;
	SSL_CTX_free(auth->context);
	OPENSSL_cleanse(auth, sizeof(*auth));
	free(auth);
}

bool srp_auth_equal(const struct srp_auth *a, const struct srp_auth *b)
{
	return a && b && a->insecure == b->insecure && a->md5_len == b->md5_len &&
	       memcmp(a->md5_key, b->md5_key, sizeof(a->md5_key)) == 0 &&
	       memcmp(a->fingerprint, b->fingerprint, sizeof(a->fingerprint)) == 0;
}

const char *srp_auth_kind_name(enum srp_auth_kind kind)
{
	static const char *const names[] = {"none", "psk", "certificate"};

	return names[kind];
}
