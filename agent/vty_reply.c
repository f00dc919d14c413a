/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer of a daemon on its .vty socket: see vty_reply.h. */
#include "agent/vty_reply.h"

#include <string.h>

#define VTY_REPLY_NULS 3

void vty_reply_init(struct vty_reply *reply)
{
	reply->state = VTY_REPLY_MORE;
	reply->nuls = 0;
	reply->result = 0;
}

enum vty_reply_state vty_reply_feed(struct vty_reply *reply, const uint8_t *data, size_t len,
				    size_t *text_len)
{
	size_t pos = 0;

	*text_len = 0;
	if (reply->state == VTY_REPLY_BAD || len == 0)
		return reply->state;

	if (reply->state == VTY_REPLY_MORE && reply->nuls == 0) {
		const uint8_t *nul = memchr(data, '\0', len);

		pos = nul ? (size_t)(nul - data) : len;
		*text_len = pos;
	}

	for (; pos < len; pos++) {
		if (reply->state == VTY_REPLY_DONE) {
			reply->state = VTY_REPLY_BAD;
			break;
		}
		if (reply->nuls == VTY_REPLY_NULS) {
			reply->result = data[pos];
			reply->state = VTY_REPLY_DONE;
		} else if (data[pos] == '\0') {
			reply->nuls++;
		} else {
			reply->state = VTY_REPLY_BAD;
			break;
		}
	}
	return reply->state;
}
