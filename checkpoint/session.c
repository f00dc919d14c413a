/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libsrpsession, see srpsession.h. */
#include "checkpoint/srpsession.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "checkpoint/bytes.h"
#include "checkpoint/local.h"

#define OUT_SIZE  (1024u * 1024)
#define OUT_WRITE (64u * 1024) /* so much is written without waiting for a dispatch */
#define OPS_MAX   (SRP_LOCAL_PAYLOAD_MAX - 1)
#define IN_SIZE   (2 * (SRP_LOCAL_HEADER + SRP_LOCAL_PAYLOAD_MAX))

struct srp_session {
	struct sockaddr_un address;
	uint16_t instance;
	bool hot;
	struct srp_names names;
	struct srp_session_callbacks callbacks;
	int fd;
	uint64_t sent, acked;
	bool dispatching;
	char error[160];

	uint8_t *out;
	size_t out_start, out_end; /* what is not written */
	size_t ops_at;             /* header of the OPS frame that is open, at the end */
	bool ops_open;
	bool blocked; /* srpd has to read first: POLLOUT says when */

	uint8_t *in;
	size_t in_len;
};

/* --- life ---------------------------------------------------------------------------------- */

static bool copy_name(char to[static SRP_CHECKPOINT_NAME], const char *from)
{
	size_t len = from ? strlen(from) : 0;

	if (len >= SRP_CHECKPOINT_NAME)
		return false;
	for (size_t i = 0; i < len; i++)
		if (from[i] <= ' ' || from[i] > '~' || from[i] == '"' || from[i] == '\\')
			return false;
	memcpy(to, from ? from : "", len + 1);
	return true;
}

static bool copy_options(struct srp_session *session, const struct srp_session_options *options)
{
	const char *path = options->path ? options->path : SRP_SESSION_SOCKET;
	unsigned int last = SRP_CMD_INVALIDATE;

	if (options->instance < 1 || options->instance > SRP_INSTANCE_MAX ||
	    strlen(path) >= sizeof(session->address.sun_path) || options->micro_count > SRP_CMD_MAX)
		return false;
	session->address.sun_family = AF_UNIX;
	memcpy(session->address.sun_path, path, strlen(path) + 1);
	session->instance = options->instance;
	session->hot = options->hot;
	session->callbacks = options->callbacks;
	if (!copy_name(session->names.manager, options->name) ||
	    !copy_name(session->names.macro, options->macro_name))
		return false;
	for (size_t i = 0; i < options->micro_count; i++) {
		const struct srp_session_micro *micro = &options->micros[i];
		struct srp_micro_name *to = &session->names.list[i];

		if (micro->cmd <= last || !copy_name(to->name, micro->name))
			return false;
		last = to->cmd = micro->cmd;
		to->flags = (uint8_t)((micro->accounting ? SRP_MICRO_ACCOUNTING : 0) |
				      (micro->lifetime ? SRP_MICRO_LIFETIME : 0));
	}
	session->names.count = (uint8_t)options->micro_count;
	return true;
}

struct srp_session *srp_session_new(const struct srp_session_options *options)
{
	struct srp_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->fd = -1;
	session->out = malloc(OUT_SIZE);
	session->in = malloc(IN_SIZE);
	if (!session->out || !session->in) {
		srp_session_free(session);
		errno = ENOMEM;
		return NULL;
	}
	if (!copy_options(session, options)) {
		srp_session_free(session);
		errno = EINVAL;
		return NULL;
	}
	return session;
}

void srp_session_free(struct srp_session *session)
{
	if (!session)
		return;
	if (session->fd >= 0)
		close(session->fd);
	free(session->out);
	free(session->in);
	free(session);
}

static int lose(struct srp_session *session, int error)
{
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
	if (!session->error[0])
		snprintf(session->error, sizeof(session->error), "%s", strerror(error));
	errno = error;
	return -1;
}

/* --- writing ------------------------------------------------------------------------------- */

static void close_ops(struct srp_session *session)
{
	if (!session->ops_open)
		return;
	srp_local_header(session->out + session->ops_at, SRP_LOCAL_OPS,
			 session->out_end - session->ops_at - SRP_LOCAL_HEADER);
	session->ops_open = false;
}

static int write_out(struct srp_session *session)
{
	close_ops(session);
	while (session->out_start < session->out_end) {
		ssize_t done = send(session->fd, session->out + session->out_start,
				    session->out_end - session->out_start, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			session->blocked = errno == EAGAIN;
			return session->blocked ? 0 : lose(session, errno);
		}
		session->out_start += (size_t)done;
	}
	session->blocked = false;
	session->out_start = session->out_end = 0;
	return 0;
}

/* Room for `len` bytes at the end; EAGAIN when there is none before something is written. */
static uint8_t *reserve(struct srp_session *session, size_t len)
{
	if (session->fd < 0) {
		errno = ENOTCONN;
		return NULL;
	}
	if (OUT_SIZE - session->out_end < len && !session->blocked && write_out(session) < 0)
		return NULL;
	if (OUT_SIZE - session->out_end < len && session->out_start) {
		memmove(session->out, session->out + session->out_start,
			session->out_end - session->out_start);
		session->out_end -= session->out_start;
		if (session->ops_open)
			session->ops_at -= session->out_start;
		session->out_start = 0;
	}
	if (OUT_SIZE - session->out_end < len) {
		errno = EAGAIN;
		return NULL;
	}
	return session->out + session->out_end;
}

/* Room for an op within an OPS frame. */
static uint8_t *reserve_op(struct srp_session *session, size_t len)
{
	uint8_t *at;

	if (session->ops_open && session->out_end - session->ops_at - SRP_LOCAL_HEADER + len > OPS_MAX)
		close_ops(session);
	at = reserve(session, len + SRP_LOCAL_HEADER);
	if (!at)
		return NULL;
	if (!session->ops_open) {
		session->ops_at = session->out_end;
		session->out_end += SRP_LOCAL_HEADER;
		session->ops_open = true;
	}
	return session->out + session->out_end;
}

/* What has come together goes out. A connection that breaks here is told by the dispatch. */
static void write_some(struct srp_session *session)
{
	if (session->out_end - session->out_start >= OUT_WRITE && !session->dispatching && !session->blocked)
		write_out(session);
}

static int put_op(struct srp_session *session, const struct srp_op *op)
{
	size_t len = srp_op_size(op);
	uint8_t *at = reserve_op(session, len);

	if (!at)
		return -1;
	srp_op_encode(op, at);
	session->out_end += len;
	session->sent++;
	write_some(session);
	return 0;
}

static int put_frame(struct srp_session *session, enum srp_local_type type, const uint8_t *payload,
		     size_t len)
{
	uint8_t *at = reserve(session, SRP_LOCAL_HEADER + len);

	if (!at)
		return -1;
	close_ops(session);
	srp_local_header(at, type, len);
	if (len)
		memcpy(at + SRP_LOCAL_HEADER, payload, len);
	session->out_end += SRP_LOCAL_HEADER + len;
	return 0;
}

int srp_session_put_field(struct srp_session *session, uint64_t call_id, uint8_t cmd, const void *value,
			  size_t len)
{
	if (cmd <= SRP_CMD_INVALIDATE) {
		errno = EINVAL;
		return -1;
	}
	if (len > SRP_RECORD_MAX - SRP_FIELD_HEAD) {
		errno = EMSGSIZE;
		return -1;
	}
	return put_op(session, &(struct srp_op){.type = SRP_OP_MICRO,
						.call_id = call_id,
						.cmd = cmd,
						.data = value,
						.len = (uint16_t)len});
}

int srp_session_delete(struct srp_session *session, uint64_t call_id)
{
	return put_op(session, &(struct srp_op){.type = SRP_OP_DELETE, .call_id = call_id});
}

int srp_session_put(struct srp_session *session, const struct srp_session_record *record)
{
	size_t size = record->macro_len, fields_len = 0;
	unsigned int last = SRP_CMD_INVALIDATE;
	struct srp_op op;
	uint8_t *at;

	for (size_t i = 0; i < record->field_count; i++) {
		if (record->fields[i].cmd <= last) {
			errno = EINVAL;
			return -1;
		}
		last = record->fields[i].cmd;
		fields_len += SRP_FIELD_HEAD + record->fields[i].len;
	}
	size += fields_len;
	if (size > SRP_RECORD_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	at = reserve_op(session, SRP_OP_MACRO_HEAD + size);
	if (!at)
		return -1;
	op = (struct srp_op){
		.type = SRP_OP_MACRO,
		.call_id = record->call_id,
		.flags = record->ims ? SRP_OP_IMS : 0,
		.lifetime = record->lifetime,
		.age = record->age,
		.data = record->macro,
		.len = (uint16_t)record->macro_len,
	};
	at += srp_op_encode(&op, at);
	put16(at - 2, (uint16_t)fields_len);
	for (size_t i = 0; i < record->field_count; i++) {
		at[0] = record->fields[i].cmd;
		put16(at + 1, record->fields[i].len);
		if (record->fields[i].len)
			memcpy(at + SRP_FIELD_HEAD, record->fields[i].value, record->fields[i].len);
		at += SRP_FIELD_HEAD + record->fields[i].len;
	}
	session->out_end = (size_t)(at - session->out);
	session->sent++;
	write_some(session);
	return 0;
}

int srp_session_all_sent(struct srp_session *session)
{
	return put_frame(session, SRP_LOCAL_ALL_SENT, NULL, 0);
}

int srp_session_flushed(struct srp_session *session, uint32_t order)
{
	uint8_t payload[4];

	put32(payload, order);
	return put_frame(session, SRP_LOCAL_FLUSHED, payload, sizeof(payload));
}

int srp_session_nack(struct srp_session *session, uint64_t call_id, uint8_t cmd)
{
	uint8_t payload[9];

	put64(payload, call_id);
	payload[8] = cmd;
	return put_frame(session, SRP_LOCAL_NACK, payload, sizeof(payload));
}

/* --- reading ------------------------------------------------------------------------------- */

static void tell_record(struct srp_session *session, const struct srp_op *op)
{
	struct srp_session_field fields[SRP_CMD_MAX];
	struct srp_op_field field;
	size_t offset = 0, count = 0;

	if (!session->callbacks.record)
		return;
	while (count < SRP_CMD_MAX && srp_op_next_field(op->fields, op->fields_len, &offset, &field))
		fields[count++] =
			(struct srp_session_field){.cmd = field.cmd, .len = field.len, .value = field.value};
	session->callbacks.record(session->callbacks.arg,
				  &(struct srp_session_record){.call_id = op->call_id,
							       .ims = op->flags & SRP_OP_IMS,
							       .lifetime = op->lifetime,
							       .age = op->age,
							       .macro = op->data,
							       .macro_len = op->len,
							       .fields = fields,
							       .field_count = count});
}

static void tell_op(struct srp_session *session, const struct srp_op *op, bool late)
{
	const struct srp_session_callbacks *callbacks = &session->callbacks;
	struct srp_session_field field = {.cmd = op->cmd, .len = op->len, .value = op->data};

	switch (op->type) {
	case SRP_OP_MACRO:
		tell_record(session, op);
		break;
	case SRP_OP_MICRO:
		if (late && callbacks->accounting)
			callbacks->accounting(callbacks->arg, op->call_id, &field);
		else if (!late && callbacks->field)
			callbacks->field(callbacks->arg, op->call_id, &field);
		break;
	case SRP_OP_DELETE:
		if (callbacks->gone)
			callbacks->gone(callbacks->arg, op->call_id);
		break;
	case SRP_OP_DONE:
		if (callbacks->all_came)
			callbacks->all_came(callbacks->arg);
		break;
	default:
		break;
	}
}

static int take_ops(struct srp_session *session, const uint8_t *payload, size_t len, bool late)
{
	size_t at = 0;

	while (at < len) {
		struct srp_op op;
		const char *why;
		size_t size = srp_op_decode(payload + at, len - at, &op, &why);

		if (!size)
			return lose(session, EPROTO);
		tell_op(session, &op, late);
		at += size;
	}
	return 0;
}

static void take_status(struct srp_session *session, const uint8_t *payload)
{
	session->acked = get64(payload + 3);
	if (session->callbacks.status)
		session->callbacks.status(session->callbacks.arg,
					  &(struct srp_session_status){
						  .role = (enum srp_session_role)payload[0],
						  .serves = payload[1] & SRP_STATUS_SERVES,
						  .gate_ims = payload[1] & SRP_STATUS_IMS,
						  .gate_non_ims = payload[1] & SRP_STATUS_NON_IMS,
						  .gate_control = payload[1] & SRP_STATUS_CONTROL,
						  .ready = payload[2],
					  });
}

static int take_error(struct srp_session *session, const uint8_t *payload, size_t len)
{
	if (len >= sizeof(session->error))
		len = sizeof(session->error) - 1;
	memcpy(session->error, payload, len);
	session->error[len] = '\0';
	return lose(session, ECONNREFUSED);
}

static int take_frame(struct srp_session *session, unsigned int type, const uint8_t *payload, size_t len)
{
	const struct srp_session_callbacks *callbacks = &session->callbacks;

	switch (type) {
	case SRP_LOCAL_OPS:
	case SRP_LOCAL_LATE:
		return take_ops(session, payload, len, type == SRP_LOCAL_LATE);
	case SRP_LOCAL_STATUS:
		if (len < SRP_LOCAL_STATUS_SIZE)
			return lose(session, EPROTO);
		take_status(session, payload);
		break;
	case SRP_LOCAL_RESTORED:
	case SRP_LOCAL_SEND_MACRO:
	case SRP_LOCAL_PURGE:
		if (len < 8)
			return lose(session, EPROTO);
		if (type == SRP_LOCAL_RESTORED && callbacks->restored)
			callbacks->restored(callbacks->arg, get64(payload));
		if (type == SRP_LOCAL_SEND_MACRO && callbacks->send_macro)
			callbacks->send_macro(callbacks->arg, get64(payload));
		if (type == SRP_LOCAL_PURGE && callbacks->purge)
			callbacks->purge(callbacks->arg, get64(payload));
		break;
	case SRP_LOCAL_ALL_COME:
		if (callbacks->all_come)
			callbacks->all_come(callbacks->arg);
		break;
	case SRP_LOCAL_SEND_ALL:
		if (callbacks->send_all)
			callbacks->send_all(callbacks->arg);
		break;
	case SRP_LOCAL_FLUSH:
		if (len < 5)
			return lose(session, EPROTO);
		if (callbacks->flush)
			callbacks->flush(callbacks->arg, get32(payload), (enum srp_session_flush)payload[4]);
		else
			srp_session_flushed(session, get32(payload));
		break;
	case SRP_LOCAL_REFUSED:
		if (len < 9)
			return lose(session, EPROTO);
		if (callbacks->refused)
			callbacks->refused(callbacks->arg, get64(payload),
					   (enum srp_session_refusal)payload[8]);
		break;
	case SRP_LOCAL_ERROR:
		return take_error(session, payload, len);
	default:
		break; /* of a later srpd */
	}
	return session->fd < 0 ? -1 : 0;
}

static int take_frames(struct srp_session *session)
{
	size_t at = 0;

	for (;;) {
		unsigned int type;
		size_t payload;
		int whole = srp_local_frame(session->in + at, session->in_len - at, &type, &payload);

		if (whole < 0)
			return lose(session, EPROTO);
		if (whole == 0)
			break;
		if (take_frame(session, type, session->in + at + SRP_LOCAL_HEADER, payload) < 0)
			return -1;
		at += SRP_LOCAL_HEADER + payload;
	}
	session->in_len -= at;
	memmove(session->in, session->in + at, session->in_len);
	return 0;
}

static int read_in(struct srp_session *session)
{
	/* A few rounds: whoever polls has other things to do as well. */
	for (int round = 0; round < 4; round++) {
		ssize_t got = recv(session->fd, session->in + session->in_len, IN_SIZE - session->in_len,
				   MSG_DONTWAIT);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : lose(session, errno);
		if (got == 0)
			return lose(session, ECONNRESET);
		session->in_len += (size_t)got;
		if (take_frames(session) < 0)
			return -1;
	}
	return 0;
}

int srp_session_dispatch(struct srp_session *session)
{
	int result;

	if (session->fd < 0) {
		errno = ENOTCONN;
		return -1;
	}
	session->dispatching = true;
	result = read_in(session);
	session->dispatching = false;
	return result < 0 ? -1 : write_out(session);
}

/* --- the connection ------------------------------------------------------------------------ */

int srp_session_connect(struct srp_session *session, bool has_sessions)
{
	uint8_t payload[3 + sizeof(struct srp_names)];
	size_t len;

	if (session->fd >= 0)
		close(session->fd);
	session->error[0] = '\0';
	session->out_start = session->out_end = session->in_len = 0;
	session->ops_open = session->blocked = false;
	session->sent = session->acked = 0;
	session->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (session->fd < 0)
		return lose(session, errno);
	/* A unix socket connects at once, or srpd has more than it can take: EAGAIN. */
	if (connect(session->fd, (const struct sockaddr *)&session->address, sizeof(session->address)))
		return lose(session, errno);
	put16(payload, session->instance);
	payload[2] = (uint8_t)((has_sessions ? SRP_REGISTER_HAS : 0) | (session->hot ? SRP_REGISTER_HOT : 0));
	len = 3 + srp_names_encode(&session->names, payload + 3);
	if (put_frame(session, SRP_LOCAL_REGISTER, payload, len) < 0)
		return -1;
	return write_out(session);
}

int srp_session_fd(const struct srp_session *session)
{
	return session->fd;
}

short srp_session_events(const struct srp_session *session)
{
	return session->out_end > session->out_start ? POLLIN | POLLOUT : POLLIN;
}

const char *srp_session_error(const struct srp_session *session)
{
	return session->error;
}

uint64_t srp_session_sent(const struct srp_session *session)
{
	return session->sent;
}

uint64_t srp_session_acked(const struct srp_session *session)
{
	return session->acked;
}
