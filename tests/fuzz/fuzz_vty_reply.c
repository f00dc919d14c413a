/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes the answer of a daemon's vty. The first byte is the length of the pieces in which the rest arrives: the
 * state, the result and the text must not depend on it, nor hold a NUL, nor be more than arrived.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/vty_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Feed 'data' in pieces; returns the length of the text that came out. */
static size_t fuzz_feed(struct vty_reply *reply, const uint8_t *data, size_t size, size_t piece)
{
	size_t total = 0;

	vty_reply_init(reply);
	for (size_t pos = 0; pos < size; pos += piece) {
		size_t len = size - pos < piece ? size - pos : piece;
		size_t text_len;

		vty_reply_feed(reply, data + pos, len, &text_len);
		if (text_len > len || (text_len && memchr(data + pos, '\0', text_len)))
			abort();
		/* The text is one run from the start of the stream. */
		if (text_len && total != pos)
			abort();
		total += text_len;
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vty_reply whole, pieces;
	size_t whole_len, pieces_len;

	if (size < 2)
		return 0;
	whole_len = fuzz_feed(&whole, data + 1, size - 1, size - 1);
	pieces_len = fuzz_feed(&pieces, data + 1, size - 1, data[0] ? data[0] : 1);
	if (whole_len != pieces_len || whole.state != pieces.state)
		abort();
	if (whole.state == VTY_REPLY_DONE && whole.result != pieces.result)
		abort();
	return 0;
}
