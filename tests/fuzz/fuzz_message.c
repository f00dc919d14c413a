/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control frames of the peer: whatever decodes must encode, and decode again to the same message. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/core/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct srp_message message, again;
	uint8_t first[SRP_WIRE_FRAME_MAX], second[SRP_WIRE_FRAME_MAX];
	size_t used, reused;
	const char *why;

	for (; size; data += used, size -= used) {
		enum srp_decode result = srp_message_decode(data, size, &message, &used, &why);

		if (result != SRP_DECODE_OK && result != SRP_DECODE_SKIP)
			break;
		if (used == 0 || used > size)
			abort();
		if (result == SRP_DECODE_OK) {
			size_t len = srp_message_encode(&message, first);

			if (srp_message_decode(first, len, &again, &reused, &why) != SRP_DECODE_OK ||
			    reused != len || srp_message_encode(&again, second) != len ||
			    memcmp(first, second, len) != 0)
				abort();
		}
	}
	return 0;
}
