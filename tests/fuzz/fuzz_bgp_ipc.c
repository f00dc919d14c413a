/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes what srpd and bgpd_srp.so take from each other: the input is one frame's JSON. What decodes must
 * encode, and decode again to the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/bgp_ipc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_policy(const uint8_t *data, size_t size)
{
	struct bgp_ipc_policy policy;
	uint8_t *first, *second;
	size_t first_len, second_len;
	char error[80];

	if (!bgp_ipc_policy_decode(data, size, &policy, error, sizeof(error)))
		return;
	first = bgp_ipc_policy_encode(&policy, &first_len);
	bgp_ipc_policy_clear(&policy);
	if (!first)
		return;
	if (!bgp_ipc_policy_decode(first + BGP_IPC_HEADER_LEN, first_len - BGP_IPC_HEADER_LEN, &policy, error,
				   sizeof(error)))
		abort();
	second = bgp_ipc_policy_encode(&policy, &second_len);
	if (!second || first_len != second_len || memcmp(first, second, first_len) != 0)
		abort();
	bgp_ipc_policy_clear(&policy);
	free(first);
	free(second);
}

static void fuzz_status(const uint8_t *data, size_t size)
{
	struct bgp_ipc_status status;
	uint8_t *first, *second;
	size_t first_len, second_len;
	char error[80];

	if (!bgp_ipc_status_decode(data, size, &status, error, sizeof(error)))
		return;
	first = bgp_ipc_status_encode(&status, &first_len);
	bgp_ipc_status_clear(&status);
	if (!first)
		return;
	if (!bgp_ipc_status_decode(first + BGP_IPC_HEADER_LEN, first_len - BGP_IPC_HEADER_LEN, &status, error,
				   sizeof(error)))
		abort();
	second = bgp_ipc_status_encode(&status, &second_len);
	if (!second || first_len != second_len || memcmp(first, second, first_len) != 0)
		abort();
	bgp_ipc_status_clear(&status);
	free(first);
	free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_policy(data, size);
	fuzz_status(data, size);
	return 0;
}
