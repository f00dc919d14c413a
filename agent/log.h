/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the agent's log lines go: frr-integration passes them to zlog, tests keep them. */
#ifndef SRP_LOG_H
#define SRP_LOG_H

#include <stdarg.h>
#include <stdint.h>

enum srp_log_level { SRP_LOG_ERROR, SRP_LOG_WARNING, SRP_LOG_NOTICE, SRP_LOG_INFO, SRP_LOG_DEBUG };

struct srp_log {
	void (*write)(enum srp_log_level level, const char *text); /* one line, no newline */
};

/* One line, printf-style, at most 511 bytes. */
void srp_log(const struct srp_log *log, enum srp_log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * For what an outsider can repeat at will (a stranger's connections, frames that do not decode): lets at
 * most one line in ten seconds through. Zero it before use; one for each kind of line.
 */
struct srp_log_limit {
	uint64_t next;       /* ms */
	unsigned int hidden; /* lines not written since the last one that was */
};

/* True when a line may be written now; *hidden is then the number of lines that were not. */
int srp_log_allowed(struct srp_log_limit *limit, uint64_t now, unsigned int *hidden);

#endif
