/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libsrpsession: how a session manager keeps its sessions on two chassis.
 *
 * A session manager registers with the srpd of its host as one *instance*, 1 to 1024; on the other chassis the same
 * program registers as the same instance. On the chassis that serves it checkpoints its sessions: a *macro* is a
 * whole session and replaces what was there, a *micro* sets one field of it, named by a CMD-ID. srpd does not look
 * into either. When the chassis takes over, the manager is given its sessions, those that changed last first,
 * and is told when that was all.
 *
 * Nothing blocks, and there is no thread: poll srp_session_fd() for srp_session_events(), and call
 * srp_session_dispatch() when it is ready. Callbacks are called from there only, and may call anything but
 * srp_session_free(). One thread at a time for one connection.
 *
 *     struct srp_session *session = srp_session_new(&options);
 *     srp_session_connect(session, false);
 *     for (;;) {
 *             struct pollfd fd = {srp_session_fd(session), srp_session_events(session)};
 *             poll(&fd, 1, -1);
 *             if (srp_session_dispatch(session) < 0)
 *                     ... srpd is gone: try srp_session_connect() again after a while
 *     }
 *
 * See srpsession(3) and the program session-manager.c of the documentation.
 */
#ifndef SRPSESSION_H
#define SRPSESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SRP_SESSION_SOCKET     "/var/run/frr/srpd.session"
#define SRP_SESSION_RECORD_MAX 60000u /* bytes of macro and fields together; a field takes 3 more */
#define SRP_SESSION_NAME_LEN   32     /* of names, with the NUL; no spaces, quotes or backslashes */

struct srp_session;

enum srp_session_role {
	SRP_SESSION_INIT = 0,
	SRP_SESSION_STANDBY = 1,
	SRP_SESSION_PENDING_ACTIVE = 2,
	SRP_SESSION_ACTIVE = 3,
	SRP_SESSION_PENDING_STANDBY = 4,
};

struct srp_session_status {
	enum srp_session_role role;
	bool serves; /* this chassis has the sessions, and may checkpoint: Pending-Active to Pending-Standby */
	/* The traffic gate: which sessions' data may pass, and whether sessions may be set up, changed and ended. */
	bool gate_ims, gate_non_ims, gate_control;
	bool ready; /* the other chassis has all that was acknowledged, or (on the standby) this one */
};

/* A field: what micro checkpoint CMD-ID `cmd` has set. */
struct srp_session_field {
	uint8_t cmd; /* 2..255 */
	uint16_t len;
	const void *value;
};

struct srp_session_record {
	uint64_t call_id;
	bool ims;          /* class of the session */
	uint32_t lifetime; /* s, 0: unlimited; a restored session begins with all of it */
	uint32_t age;      /* since the session began, s */
	const void *macro;
	size_t macro_len;
	const struct srp_session_field *fields; /* in the order of their CMD-IDs */
	size_t field_count;
};

enum srp_session_flush {
	SRP_SESSION_FLUSH_ALL = 1, /* everything that was not checkpointed yet */
	SRP_SESSION_FLUSH_IMS = 2, /* accounting of the ims sessions; this chassis does not serve any more */
	SRP_SESSION_FLUSH_NON_IMS = 3, /* and of the others */
};

enum srp_session_refusal {
	SRP_SESSION_REFUSED_UNKNOWN = 1, /* a micro of a session that has no macro: put that first */
	SRP_SESSION_REFUSED_TOO_BIG = 2, /* more than SRP_SESSION_RECORD_MAX */
	SRP_SESSION_REFUSED_MEMORY = 3,  /* srpd's memory limit; the checkpoint before stays */
	SRP_SESSION_REFUSED_STANDBY = 4, /* this chassis does not serve */
};

/* Pointers are good until the callback returns. Those not wanted may be NULL. */
struct srp_session_callbacks {
	void (*status)(void *arg, const struct srp_session_status *status);
	/*
	 * A session: on taking over, or (hot) whenever it is new or changed as a whole. What cannot be used is said with
	 * srp_session_nack().
	 */
	void (*record)(void *arg, const struct srp_session_record *record);
	void (*field)(void *arg, uint64_t call_id,
		      const struct srp_session_field *field); /* hot: a field changed */
	void (*gone)(void *arg, uint64_t call_id);            /* hot: a session ended */
	/*
	 * Between these two comes a record for every session there is, with whatever changes meanwhile: what was known
	 * before and does not come has ended. On taking over, and hot whenever the following begins anew.
	 */
	void (*all_come)(void *arg);
	void (*all_came)(void *arg);
	void (*restored)(void *arg, uint64_t calls); /* these were all: serve */
	/* Put every session, then srp_session_all_sent(); what is not put is ended on both chassis. */
	void (*send_all)(void *arg);
	void (*send_macro)(void *arg, uint64_t call_id); /* put this session again, if there is such */
	/* Put what is left to put, then srp_session_flushed() with the order. NULL: nothing ever is. */
	void (*flush)(void *arg, uint32_t order, enum srp_session_flush what);
	/* Accounting of the chassis that served before, for a session that was restored already. */
	void (*accounting)(void *arg, uint64_t call_id, const struct srp_session_field *field);
	void (*refused)(void *arg, uint64_t call_id, enum srp_session_refusal why);
	void (*purge)(void *arg,
		      uint64_t call_id); /* found inconsistent, about to be removed: tell its peers */
	void *arg;
};

/* Micro checkpoints are declared, so that operators see names (`show srp checkpoint info`). */
struct srp_session_micro {
	uint8_t cmd; /* 2..255, ascending */
	bool accounting;
	bool lifetime; /* the field is a remaining lifetime, 4 bytes in network order: restored as the whole */
	const char *name;
};

struct srp_session_options {
	const char *path; /* NULL: SRP_SESSION_SOCKET */
	uint16_t instance;
	const char *name, *macro_name; /* of the manager and of its macro; copied, as all of this is */
	const struct srp_session_micro *micros;
	size_t micro_count;
	bool hot; /* follow the sessions while the chassis is standby */
	struct srp_session_callbacks callbacks;
};

/* NULL: errno is EINVAL (a name, a range, the order of the CMD-IDs) or ENOMEM. */
struct srp_session *srp_session_new(const struct srp_session_options *options);
void srp_session_free(struct srp_session *session); /* NULL is ignored */

/*
 * Connect and register. `has_sessions`: they are here (srpd has restarted), and are not to be restored; they are
 * asked for with send_all. 0, or -1 with errno: no srpd, or no right. May be called again after the connection is
 * lost.
 */
int srp_session_connect(struct srp_session *session, bool has_sessions);

int srp_session_fd(const struct srp_session *session);       /* -1: not connected */
short srp_session_events(const struct srp_session *session); /* POLLIN, and POLLOUT while something waits */

/* Read, call back, write. 0, or -1: the connection is lost; errno, and srp_session_error(), say why. */
int srp_session_dispatch(struct srp_session *session);
/* What srpd said before it closed, or the system's text. */
const char *srp_session_error(const struct srp_session *session);

/*
 * Checkpoints. 0, or -1 with errno: EAGAIN: too much waits to be written, go on after POLLOUT and a dispatch;
 * EINVAL, EMSGSIZE: it cannot be; ENOTCONN. Written by the next dispatch, or when 64 KiB have come together.
 */
int srp_session_put(struct srp_session *session, const struct srp_session_record *record);
int srp_session_put_field(struct srp_session *session, uint64_t call_id, uint8_t cmd, const void *value,
			  size_t len);
int srp_session_delete(struct srp_session *session, uint64_t call_id);

int srp_session_all_sent(struct srp_session *session);
int srp_session_flushed(struct srp_session *session, uint32_t order);
/* Of `cmd` 0: the session cannot be used; else: this field of it. */
int srp_session_nack(struct srp_session *session, uint64_t call_id, uint8_t cmd);

/*
 * How many checkpoints were put since the connection was made, and how many of these the other chassis has: those
 * survive the death of this one.
 */
uint64_t srp_session_sent(const struct srp_session *session);
uint64_t srp_session_acked(const struct srp_session *session);

#ifdef __cplusplus
}
#endif

#endif
