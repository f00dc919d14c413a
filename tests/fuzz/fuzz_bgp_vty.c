/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes what the driver "metric" reads of bgpd and zebra. The first byte says what the rest is: a summary, a path (a
 * summary, a NUL and the path), a frame of the live log, zebra's clients, a version.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/bgp_vty_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_summary(const char *text, size_t len)
{
	struct bgp_vty_summary summary;
	char error[80];

	if (!bgp_vty_parse_summary(text, len, &summary, error, sizeof(error))) {
		if (summary.peers || summary.contexts || !error[0])
			abort();
		return;
	}
	for (size_t i = 0; i < summary.peer_count; i++) {
		const struct bgp_ipc_peer *peer = &summary.peers[i];

		if (summary.peer_count > BGP_IPC_PEERS_MAX || strlen(peer->context) >= SRP_CONTEXT_NAME_LEN ||
		    strlen(peer->ifname) >= IF_NAMESIZE || !peer->addr.family == !peer->ifname[0])
			abort();
		/* Each once. */
		if (i && strcmp(peer[-1].context, peer->context) == 0 &&
		    strcmp(peer[-1].ifname, peer->ifname) == 0 &&
		    memcmp(&peer[-1].addr, &peer->addr, sizeof(peer->addr)) == 0)
			abort();
	}
	bgp_vty_summary_clear(&summary);
}

static void fuzz_path(const char *text, size_t len)
{
	const char *nul = memchr(text, '\0', len);
	struct bgp_vty_summary summary = {0};
	struct bgp_vty_path path;
	char error[80];

	if (!nul)
		return;
	bgp_vty_parse_summary(text, (size_t)(nul - text), &summary, error, sizeof(error));
	if (bgp_vty_parse_path(nul + 1, len - (size_t)(nul + 1 - text), "default", &summary, &path, error,
			       sizeof(error)) &&
	    !path.own && (path.prepend || path.outer || path.inner))
		abort();
	bgp_vty_summary_clear(&summary);
}

static void fuzz_log(const uint8_t *frame, size_t len)
{
	const char *text;
	size_t text_len;
	uint32_t lost;

	if (!bgp_vty_parse_log(frame, len, &text, &text_len, &lost))
		return;
	if (text < (const char *)frame || text_len > len || text + text_len > (const char *)frame + len)
		abort();
	bgp_vty_is_peer_change(text, text_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char version[32];
	char *text;

	if (size < 1)
		return 0;
	/* Texts have a NUL behind them. */
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0]) {
	case 's':
		fuzz_summary(text, size - 1);
		break;
	case 'p':
		fuzz_path(text, size - 1);
		break;
	case 'l':
		fuzz_log(data + 1, size - 1);
		break;
	case 'z':
		bgp_vty_parse_zebra(text);
		break;
	case 'v':
		bgp_vty_parse_version(text, version, sizeof(version));
		break;
	}
	free(text);
	return 0;
}
