/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See auth.h. */
#include "agent/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/key_file.h"
#include "agent/tls.h"

static bool load_tls(struct srp_auth *auth, const struct srp_auth_config *config, char *error,
		     size_t error_size)
{
	const struct srp_tls_ops *tls = srp_tls_get(error, error_size);

	if (!tls)
		return false;
	auth->keys = tls->load(config, error, error_size);
	auth->tls = tls;
	return auth->keys != NULL;
}

static bool load_md5(struct srp_auth *auth, const char *path, char *error, size_t error_size)
{
	struct key_file *file = malloc(sizeof(*file));
	bool ok = false;

	if (!file)
		return false;
	if (key_file_read(path, true, file, error, error_size)) {
		key_file_trim(file);
		ok = file->len > 0 && file->len <= SRP_AUTH_MD5_MAX;
		if (ok) {
			memcpy(auth->md5_key, file->bytes, file->len);
			auth->md5_len = file->len;
		} else {
			snprintf(error, error_size, "%s: a TCP-MD5 key of %zu bytes: 1 to %d are possible",
				 path, file->len, SRP_AUTH_MD5_MAX);
		}
	}
	explicit_bzero(file, sizeof(*file));
	free(file);
	return ok;
}

struct srp_auth *srp_auth_load(const struct srp_auth_config *config, char *error, size_t error_size)
{
	struct srp_auth *auth = calloc(1, sizeof(*auth));

	snprintf(error, error_size, "out of memory");
	if (!auth)
		return NULL;
	auth->owners = 1;
	auth->insecure = config->insecure;
	auth->kind = config->psk_file[0]      ? SRP_AUTH_PSK
		     : config->certificate[0] ? SRP_AUTH_CERTIFICATE
					      : SRP_AUTH_NONE;
	if ((auth->kind == SRP_AUTH_NONE || load_tls(auth, config, error, error_size)) &&
	    (!config->md5_key_file[0] || load_md5(auth, config->md5_key_file, error, error_size)))
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
	if (auth->keys)
		auth->tls->free(auth->keys);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

bool srp_auth_equal(const struct srp_auth *a, const struct srp_auth *b)
{
	if (!a || !b || a->kind != b->kind || a->insecure != b->insecure || a->md5_len != b->md5_len ||
	    memcmp(a->md5_key, b->md5_key, sizeof(a->md5_key)) != 0)
		return false;
	return a->kind == SRP_AUTH_NONE ||
	       memcmp(a->tls->fingerprint(a->keys), b->tls->fingerprint(b->keys), SRP_TLS_DIGEST_LEN) == 0;
}

const char *srp_auth_kind_name(enum srp_auth_kind kind)
{
	static const char *const names[] = {"none", "psk", "certificate"};

	return names[kind];
}
