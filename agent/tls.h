/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS for the peer link, as a table of functions that a module of its own brings.
 *
 * Why a module: libfrr has functions of its own named SHA256_Init, SHA256_Update and SHA256_Final, and so has
 * libcrypto. In a process with both, the dynamic linker gives all callers the ones that it finds first: with libfrr
 * first, OpenSSL hashes with a foreign context and every handshake fails; with libcrypto first, libfrr (which
 * hashes the names of its log messages) gets its stack overwritten. So srpd does not link OpenSSL. It loads srp_tls.so,
 * which does, with RTLD_DEEPBIND: the module and the libraries that come with it look among themselves first, and
 * nobody else sees them. Without authentication the module is not loaded.
 */
#ifndef SRP_TLS_H
#define SRP_TLS_H

#include <sys/types.h>

#include "agent/auth.h"
#include "agent/config.h"

#define SRP_TLS_DIGEST_LEN 32

struct srp_tls_keys; /* what both ends must have, read and checked */
struct srp_tls;      /* one connection */

enum srp_tls_progress { SRP_TLS_DONE, SRP_TLS_BUSY, SRP_TLS_FAILED };

struct srp_tls_ops {
	/* Read the files. NULL, with `error` naming the file and the rule. For the main thread. */
	struct srp_tls_keys *(*load)(const struct srp_auth_config *config, char *error, size_t error_size);
	/* Connections whose handshake is over need the keys no longer. */
	void (*free)(struct srp_tls_keys *keys);
	/* SRP_TLS_DIGEST_LEN bytes that are the same when both let in the same peers. */
	const uint8_t *(*fingerprint)(const struct srp_tls_keys *keys);

	/* On a connected non-blocking socket, which stays the caller's. NULL when memory is out. */
	struct srp_tls *(*open)(struct srp_tls_keys *keys, int fd, bool accepted, const struct srp_addr *own,
				const struct srp_addr *peer);
	void (*close)(struct srp_tls *tls);
	/* BUSY: go on when the socket is ready for *wants (SRP_LOOP_*). FAILED: *why says why, static text. */
	enum srp_tls_progress (*handshake)(struct srp_tls *tls, unsigned int *wants, const char **why);
	/* As recv(2) and send(2). */
	ssize_t (*recv)(struct srp_tls *tls, void *buf, size_t size);
	ssize_t (*send)(struct srp_tls *tls, const void *buf, size_t len);
	bool (*pending)(
		const struct srp_tls *tls); /* has bytes that no readiness of the socket will tell of */
	const char *(*version)(const struct srp_tls *tls); /* "TLSv1.3" */
	const char *(*cipher)(const struct srp_tls *tls);
};

/* The module's one symbol. */
extern const struct srp_tls_ops srp_tls_openssl;

/* Loads the module when it is not there yet. NULL, with `error`, when it cannot be. For the main thread. */
const struct srp_tls_ops *srp_tls_get(char *error, size_t error_size);
/* Use these and load nothing: for programs that link OpenSSL themselves, such as tests. */
void srp_tls_use(const struct srp_tls_ops *ops);

#endif
