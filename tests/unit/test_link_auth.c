/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peer link with authentication: who gets in and who does not, on loopback. Keys are made here. */
#include "tests/unit/link_ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define QUIET 600 /* ms in which a link would have come up many times */

static const char *new_key(struct link_ends *ends, const char *name)
{
	unsigned char bytes[32];
	char text[80];

	assert_int_equal(RAND_bytes(bytes, sizeof(bytes)), 1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 4, "%02x\n", bytes[i]);
	return link_ends_file(ends, name, text, 0600);
}

static void set_text(char *to, const char *from)
{
	snprintf(to, SRP_PATH_LEN, "%s", from);
}

static void use_psk(struct link_ends *ends)
{
	const char *path = new_key(ends, "psk");

	set_text(ends->low.config.auth.psk_file, path);
	set_text(ends->high.config.auth.psk_file, path);
}

static const struct srp_path_info *path_of(struct link_end *end, size_t index)
{
	const struct srp_path_info *list;

	assert_true(srp_link_get_paths(end->link, &list) > index);
	return &list[index];
}

static void stays_down(struct link_ends *ends)
{
	poll_loop_for(ends->loop, QUIET);
	assert_int_equal(ends->low.messages + ends->high.messages, 0);
	assert_int_equal(ends->low.ups + ends->high.ups, 0);
}

static bool both_have_session(void *arg)
{
	struct link_ends *ends = arg;

	return path_of(&ends->low, 0)->session_up && path_of(&ends->high, 0)->session_up;
}

/* --- pre-shared key ------------------------------------------------------------------------ */

static void the_same_key_lets_in_control_and_session(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	use_psk(ends);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	assert_string_equal(path_of(&ends->low, 0)->authentication, "psk");
	assert_string_equal(path_of(&ends->high, 0)->tls_version, "TLSv1.3");
	assert_string_equal(path_of(&ends->high, 0)->tls_cipher, "TLS_AES_128_GCM_SHA256");
	link_ends_wait(ends, both_have_session);
	assert_int_equal(srp_link_get_stats(ends->low.link)->refused_authentication, 0);
	assert_int_equal(srp_link_get_stats(ends->high.link)->refused_authentication, 0);
}

static void another_key_is_refused(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	set_text(ends->low.config.auth.psk_file, new_key(ends, "low"));
	set_text(ends->high.config.auth.psk_file, new_key(ends, "high"));
	link_ends_open(ends);
	stays_down(ends);
	assert_true(srp_link_get_stats(ends->low.link)->refused_authentication > 0);
	assert_true(srp_link_get_stats(ends->high.link)->refused_authentication > 0);
}

static void a_connecting_end_without_key_is_refused(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	set_text(ends->high.config.auth.psk_file, new_key(ends, "high"));
	link_ends_open(ends);
	poll_loop_for(ends->loop, QUIET);
	/* It thinks itself connected until it is thrown out; nothing it says is heard, nothing is said to it. */
	assert_int_equal(ends->high.ups, 0);
	assert_int_equal(ends->high.messages + ends->low.messages, 0);
}

static void an_accepting_end_without_key_is_refused(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	set_text(ends->low.config.auth.psk_file, new_key(ends, "low"));
	link_ends_open(ends);
	stays_down(ends);
}

static void bad_key_files_leave_no_link(void **state)
{
	static const struct {
		const char *text;
		unsigned int mode;
		const char *error;
	} cases[] = {
		{"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0644, "mode 0644"},
		{"00112233445566778899aabbccddeeff\n", 0600, "a key of 16 bytes"},
		{"secret\n", 0600, "a key of 6 bytes"},
		{"", 0600, "empty"},
	};
	struct link_ends *ends = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		link_ends_prepare(ends);
		set_text(ends->high.config.auth.psk_file,
			 link_ends_file(ends, "key", cases[i].text, cases[i].mode));
		link_end_open(ends, &ends->high);
		assert_string_equal(srp_link_state_name(ends->high.link), "Disabled");
		assert_non_null(strstr(srp_link_authentication_error(ends->high.link), cases[i].error));
		srp_link_free(ends->high.link);
		ends->high.link = NULL;
	}
}

static bool high_refused(void *arg)
{
	return srp_link_get_stats(((struct link_ends *)arg)->high.link)->refused_authentication > 0;
}

static void garbage_and_half_handshakes_leave_the_connection_alone(void **state)
{
	struct link_ends *ends = *state;
	/* The beginning of a ClientHello that never goes on. */
	static const uint8_t half[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03};
	struct srp_message hello;
	int fds[20];

	link_ends_prepare(ends);
	use_psk(ends);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	hello = ends->low.hello;
	for (int i = 0; i < 20; i++) {
		fds[i] = link_raw(ends, "127.0.0.1");
		if (i % 3 == 0)
			(void)!send(fds[i], half, sizeof(half), MSG_NOSIGNAL);
		else if (i % 3 == 1)
			link_raw_send(fds[i], &hello);
		poll_loop_for(ends->loop, 5);
	}
	link_ends_wait(ends, high_refused);
	assert_int_equal(ends->high.downs + ends->low.downs, 0);
	assert_int_equal(srp_link_get_stats(ends->high.link)->connects, 1);
	for (int i = 0; i < 20; i++)
		close(fds[i]);
}

/* What low says to high goes through a relay that keeps it, and is said again by a third. */
static void a_captured_connection_said_again_is_refused(void **state)
{
	struct link_ends *ends = *state;
	struct link_relay *relay = malloc(sizeof(*relay));
	uint16_t relayed = link_free_port();
	unsigned int messages;
	uint64_t connects;
	int fd;

	link_ends_prepare(ends);
	use_psk(ends);
	ends->low.config.port = relayed;
	link_relay_open(relay, ends->loop, "127.0.0.2", relayed, "127.0.0.1", "127.0.0.2", ends->port);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	assert_true(relay->kept_len > 200);
	link_relay_close(relay);
	poll_loop_for(ends->loop, 50);
	messages = ends->high.messages;
	connects = srp_link_get_stats(ends->high.link)->connects;
	fd = link_raw(ends, "127.0.0.1");
	(void)!send(fd, relay->kept, relay->kept_len, MSG_NOSIGNAL);
	link_ends_wait(ends, high_refused);
	assert_int_equal(ends->high.messages, messages);
	assert_int_equal(srp_link_get_stats(ends->high.link)->connects, connects);
	close(fd);
	free(relay);
}

/* RFC 9257, "Selfie": the end that connects gets its own bytes back, and knows the key of course. */
static void an_end_is_not_its_own_peer(void **state)
{
	struct link_ends *ends = *state;
	struct link_relay *relay = malloc(sizeof(*relay));

	link_ends_prepare(ends);
	use_psk(ends);
	link_relay_open(relay, ends->loop, "127.0.0.2", ends->port, "127.0.0.2", "127.0.0.1", ends->port);
	link_end_open(ends, &ends->low);
	poll_loop_for(ends->loop, QUIET);
	assert_true(relay->connections > 0);
	assert_int_equal(ends->low.ups, 0);
	assert_true(srp_link_get_stats(ends->low.link)->refused_authentication > 0);
	link_relay_close(relay);
	free(relay);
}

static bool both_renewed(void *arg)
{
	struct link_ends *ends = arg;

	return srp_link_get_stats(ends->low.link)->connects == 2 &&
	       srp_link_get_stats(ends->high.link)->connects == 2;
}

static void a_new_key_is_taken_without_a_break(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	use_psk(ends);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	srp_link_configure(ends->low.link, &ends->low.config);
	poll_loop_for(ends->loop, 50);
	assert_int_equal(srp_link_get_stats(ends->low.link)->connects, 1);
	new_key(ends, "psk");
	srp_link_configure(ends->low.link, &ends->low.config);
	poll_loop_for(ends->loop, 200);
	assert_true(ends->low.up && ends->high.up);
	srp_link_configure(ends->high.link, &ends->high.config);
	link_ends_wait(ends, both_renewed);
	assert_int_equal(ends->low.downs + ends->high.downs, 0);
}

static void a_key_that_is_gone_stays_in_force_and_no_other_takes_its_place(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	use_psk(ends);
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	assert_int_equal(unlink(ends->high.config.auth.psk_file), 0);
	srp_link_configure(ends->high.link, &ends->high.config);
	assert_non_null(srp_link_authentication_error(ends->high.link));
	poll_loop_for(ends->loop, 100);
	assert_true(ends->low.up && ends->high.up);
	/* Another configuration whose key cannot be read: no link, rather than one with the key of before. */
	set_text(ends->high.config.auth.psk_file, "/nonexistent");
	srp_link_configure(ends->high.link, &ends->high.config);
	poll_loop_for(ends->loop, 100);
	assert_false(ends->high.up);
	assert_string_equal(srp_link_state_name(ends->high.link), "Disabled");
}

/* --- certificates -------------------------------------------------------------------------- */

static void write_pem(struct link_ends *ends, const char *name, X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text;
	long len;

	assert_int_equal(cert ? PEM_write_bio_X509(bio, cert)
			      : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL),
			 1);
	len = BIO_get_mem_data(bio, &data);
	text = strndup(data, (size_t)len);
	link_ends_file(ends, name, text, 0600);
	free(text);
	BIO_free(bio);
}

static long valid_sec = 3600; /* of the next certificate, from now on; negative: it has expired */

/* NAME.pem and NAME.key, signed by `ca` (itself, if NULL); `san` is what the certificate is for. */
static X509 *new_certificate(struct link_ends *ends, const char *name, const char *san, X509 *ca,
			     EVP_PKEY *ca_key, EVP_PKEY **key_out)
{
	static long serial = 1;
	X509 *cert = X509_new();
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_NAME *subject = X509_get_subject_name(cert);
	X509_EXTENSION *extension;
	char file[64];

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(cert), -7200);
	X509_gmtime_adj(X509_getm_notAfter(cert), ca ? valid_sec : 3600);
	X509_set_pubkey(cert, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, ca ? X509_get_subject_name(ca) : subject);
	extension = X509V3_EXT_conf_nid(NULL, NULL, ca ? NID_subject_alt_name : NID_basic_constraints,
					ca ? san : "critical,CA:TRUE");
	assert_non_null(extension);
	X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(cert, ca ? ca_key : key, EVP_sha256()) > 0);
	snprintf(file, sizeof(file), "%s.pem", name);
	write_pem(ends, file, cert, NULL);
	snprintf(file, sizeof(file), "%s.key", name);
	write_pem(ends, file, NULL, key);
	if (key_out)
		*key_out = key;
	else
		EVP_PKEY_free(key);
	return cert;
}

static void use_certificate(struct link_ends *ends, struct link_end *end, const char *name, const char *ca)
{
	snprintf(end->config.auth.certificate, SRP_PATH_LEN, "%s/%s.pem", temp_folder, name);
	snprintf(end->config.auth.key, SRP_PATH_LEN, "%s/%s.key", temp_folder, name);
	snprintf(end->config.auth.ca, SRP_PATH_LEN, "%s/%s.pem", temp_folder, ca);
}

/* Certificates of both ends with these names in them; the low one's is signed by `low_ca`. */
static void make_certificates(struct link_ends *ends, const char *low_san, const char *high_san,
			      const char *low_ca)
{
	EVP_PKEY *keys[2];
	X509 *cas[2] = {new_certificate(ends, "ca", NULL, NULL, NULL, &keys[0]),
			new_certificate(ends, "other", NULL, NULL, NULL, &keys[1])};
	bool other = strcmp(low_ca, "other") == 0;

	link_ends_prepare(ends);
	X509_free(new_certificate(ends, "low", low_san, cas[other], keys[other], NULL));
	X509_free(new_certificate(ends, "high", high_san, cas[0], keys[0], NULL));
	use_certificate(ends, &ends->low, "low", "ca");
	use_certificate(ends, &ends->high, "high", "ca");
	for (int i = 0; i < 2; i++) {
		X509_free(cas[i]);
		EVP_PKEY_free(keys[i]);
	}
}

static void certificates_of_the_configured_addresses_let_in(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "IP:127.0.0.1", "IP:127.0.0.2", "ca");
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
	assert_string_equal(path_of(&ends->low, 0)->authentication, "certificate");
	assert_string_equal(path_of(&ends->low, 0)->tls_version, "TLSv1.3");
	link_ends_wait(ends, both_have_session);
}

static void certificates_of_the_configured_names_let_in(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "DNS:gw1.example", "DNS:gw2.example", "ca");
	set_text(ends->low.config.auth.peer_identity, "gw2.example");
	set_text(ends->high.config.auth.peer_identity, "gw1.example");
	link_ends_open(ends);
	link_ends_wait(ends, link_ends_heard);
}

static void a_certificate_of_another_address_is_refused(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "IP:127.0.0.3", "IP:127.0.0.2", "ca");
	link_ends_open(ends);
	stays_down(ends);
	assert_true(high_refused(ends));
}

static void a_certificate_of_another_authority_is_refused(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "IP:127.0.0.1", "IP:127.0.0.2", "other");
	link_ends_open(ends);
	stays_down(ends);
	assert_true(high_refused(ends));
}

static void a_certificate_that_has_expired_is_refused(void **state)
{
	struct link_ends *ends = *state;

	valid_sec = -60;
	make_certificates(ends, "IP:127.0.0.1", "IP:127.0.0.2", "ca");
	valid_sec = 3600;
	link_ends_open(ends);
	stays_down(ends);
	assert_non_null(strstr(path_of(&ends->high, 0)->trouble, "expired"));
}

/* A client of this test's own at the accepting end. True when its handshake succeeds and it is let in. */
static bool client_gets_in(struct link_ends *ends, int version, bool with_certificate)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct timeval limit = {.tv_sec = 2};
	int fd = link_raw(ends, "127.0.0.1");
	unsigned char byte;
	SSL *ssl;
	bool in;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
	if (with_certificate) {
		assert_int_equal(SSL_CTX_use_certificate_chain_file(context,
								    ends->low.config.auth.certificate),
				 1);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(context, ends->low.config.auth.key,
							     SSL_FILETYPE_PEM),
				 1);
	}
	ssl = SSL_new(context);
	SSL_set_fd(ssl, fd);
	/* In TLS 1.3 the client hears only afterwards what the other end thinks of it. */
	in = SSL_connect(ssl) == 1 && SSL_read(ssl, &byte, 1) == 1;
	SSL_free(ssl);
	SSL_CTX_free(context);
	close(fd);
	return in;
}

static void older_tls_and_no_certificate_are_refused(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "IP:127.0.0.1", "IP:127.0.0.2", "ca");
	link_end_open(ends, &ends->high);
	assert_true(client_gets_in(ends, TLS1_3_VERSION, true));
	assert_false(client_gets_in(ends, TLS1_2_VERSION, true));
	assert_false(client_gets_in(ends, TLS1_3_VERSION, false));
}

static void a_key_of_another_certificate_is_refused(void **state)
{
	struct link_ends *ends = *state;

	make_certificates(ends, "IP:127.0.0.1", "IP:127.0.0.2", "ca");
	snprintf(ends->low.config.auth.key, SRP_PATH_LEN, "%s/high.key", temp_folder);
	link_ends_open(ends);
	assert_string_equal(srp_link_state_name(ends->low.link), "Disabled");
	stays_down(ends);
}

/* --- TCP-MD5 ------------------------------------------------------------------------------- */

static bool tcp_md5_works(struct link_ends *ends)
{
	link_ends_open(ends);
	return poll_loop_until(ends->loop, link_ends_heard, ends, 2000);
}

static void tcp_md5_with_the_same_key_connects_and_with_another_does_not(void **state)
{
	struct link_ends *ends = *state;

	link_ends_prepare(ends);
	set_text(ends->low.config.auth.md5_key_file, link_ends_file(ends, "md5", "tulip\n", 0600));
	set_text(ends->high.config.auth.md5_key_file, ends->low.config.auth.md5_key_file);
	if (!tcp_md5_works(ends)) {
		const char *trouble = path_of(&ends->high, 0)->trouble;

		assert_non_null(strstr(trouble, "this kernel has no TCP-MD5"));
		skip();
	}
	set_text(ends->low.config.auth.md5_key_file, link_ends_file(ends, "other", "rose\n", 0600));
	srp_link_free(ends->low.link);
	ends->low.messages = 0;
	link_end_open(ends, &ends->low);
	poll_loop_for(ends->loop, QUIET);
	assert_int_equal(ends->low.messages, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, link_ends_setup, link_ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_key_lets_in_control_and_session),
		TEST(another_key_is_refused),
		TEST(a_connecting_end_without_key_is_refused),
		TEST(an_accepting_end_without_key_is_refused),
		TEST(bad_key_files_leave_no_link),
		TEST(garbage_and_half_handshakes_leave_the_connection_alone),
		TEST(a_captured_connection_said_again_is_refused),
		TEST(an_end_is_not_its_own_peer),
		TEST(a_new_key_is_taken_without_a_break),
		TEST(a_key_that_is_gone_stays_in_force_and_no_other_takes_its_place),
		TEST(certificates_of_the_configured_addresses_let_in),
		TEST(certificates_of_the_configured_names_let_in),
		TEST(a_certificate_of_another_address_is_refused),
		TEST(a_certificate_of_another_authority_is_refused),
		TEST(a_certificate_that_has_expired_is_refused),
		TEST(older_tls_and_no_certificate_are_refused),
		TEST(a_key_of_another_certificate_is_refused),
		TEST(tcp_md5_with_the_same_key_connects_and_with_another_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
