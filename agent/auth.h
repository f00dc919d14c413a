/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of the peer link: files in, what a connection needs out.
 *
 * Either an external pre-shared key or certificates, always TLS 1.3 and always with an ephemeral (EC)DHE
 * exchange (psk_dhe_ke), so a key that leaks later opens no capture. No tickets, no early data, so nothing of
 * one connection is of any use in another. With either configured there is no way to a connection without it.
 *
 * The key of the handshake is SHA-256 of a label and what is in the file, so its length and form do not
 * matter. Its identity is the address of the connecting end: a chassis takes only that of its configured peer,
 * so its own connection, sent back to it, is refused (the "Selfie" attack, RFC 9257 section 4.1).
 *
 * Reads files, so it is for the main thread; the result may be used on one other.
 */
#ifndef SRP_AUTH_H
#define SRP_AUTH_H

#include <stdatomic.h>

#include "agent/config.h"

#define SRP_AUTH_KEY_MIN 32 /* bytes in a PSK file */
#define SRP_AUTH_MD5_MAX 80 /* bytes of a TCP-MD5 key, TCP_MD5SIG_MAXKEYLEN */

enum srp_auth_kind { SRP_AUTH_NONE, SRP_AUTH_PSK, SRP_AUTH_CERTIFICATE };

struct srp_tls_keys;
struct srp_tls_ops;

/* The fields are for stream.c and link_path.c to read. */
struct srp_auth {
	atomic_uint owners;
	enum srp_auth_kind kind;
	bool insecure;
	const struct srp_tls_ops *tls; /* with keys; NULL for NONE */
	struct srp_tls_keys *keys;
	uint8_t md5_key[SRP_AUTH_MD5_MAX];
	size_t md5_len; /* 0: no TCP-MD5 */
};

/*
 * Read the files of the configuration. NULL, with `error` naming the file and the rule, when one cannot be
 * read, is readable by everybody though secret, or makes no sense.
 */
struct srp_auth *srp_auth_load(const struct srp_auth_config *config, char *error, size_t error_size);
/* One more owner; from any thread. */
struct srp_auth *srp_auth_ref(struct srp_auth *auth);
/* One owner less; from any thread. Connections whose handshake is over need none. NULL is ignored. */
void srp_auth_free(struct srp_auth *auth);

/* Both let in the same peers. */
bool srp_auth_equal(const struct srp_auth *a, const struct srp_auth *b);

const char *srp_auth_kind_name(enum srp_auth_kind kind); /* "none", "psk", "certificate" */

#endif
