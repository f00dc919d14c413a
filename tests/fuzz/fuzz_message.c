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
	uint8_t buf[SRP_WIRE_FRAME_MAX];
	const char *why;
	size_t used = 0, len;

	while (size && srp_message_decode(data, size, &message, &used, &why) <= SRP_DECODE_SKIP) {
		if (used == 0)
			break;
		if (message.type) {
			len = srp_message_encode(&message, buf);
			if (srp_message_decode(buf, len, &again, &used, &why) != SRP_DECODE_OK ||
			    used != len || memcmp(&message, &again, sizeof(message)) != 0)
				abort();
			srp_message_decode(data, size, &message, &used, &why);
		}
		data += used;
		size -= used;
		used = 0;
	}
	return 0;
}
