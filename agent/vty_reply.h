/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answer of an FRRouting daemon on its .vty socket, as a stream of bytes.
 *
 * A client writes a command and a NUL; the daemon answers with text, three NULs and one byte, the command's
 * result (a CMD_ code of lib/command.h; 0 is success). The text never holds a NUL, so that whatever is text
 * in a piece of the stream is the beginning of that piece: nothing needs to be kept or copied here, and an
 * answer of any length costs the same few bytes. No I/O, no allocation, no libfrr.
 */
#ifndef VTY_REPLY_H
#define VTY_REPLY_H

#include <stddef.h>
#include <stdint.h>

/* The results that this project looks at, as lib/command.h numbers them in every version from 8.4 on. */
enum vty_result {
	VTY_RESULT_SUCCESS = 0,
	VTY_RESULT_WARNING = 1,
};

enum vty_reply_state {
	VTY_REPLY_MORE, /* the answer goes on */
	VTY_REPLY_DONE, /* it is complete: .result is valid */
	VTY_REPLY_BAD,  /* not an answer of a vty: a lone NUL in the text, or bytes after the result */
};

struct vty_reply {
	enum vty_reply_state state;
	unsigned int nuls; /* of the terminator, seen so far: 0-3 */
	uint8_t result;    /* valid in VTY_REPLY_DONE */
};

/* Begin a new answer. */
void vty_reply_init(struct vty_reply *reply);

/*
 * Take the next 'len' bytes of the stream. The first '*text_len' bytes of 'data' are text of the answer (also
 * when the rest turns out to be bad). Returns the new state; VTY_REPLY_BAD is final, and so is
 * VTY_REPLY_DONE, in which any further byte is bad: a daemon does not speak before it is asked again.
 */
enum vty_reply_state vty_reply_feed(struct vty_reply *reply, const uint8_t *data, size_t len,
				    size_t *text_len);

#endif
