/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/log.h"

#include <stdio.h>

#define LOG_LINE_MAX   512
#define LOG_LIMIT_MSEC 10000

void srp_log(const struct srp_log *log, enum srp_log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	log->write(level, line);
}

int srp_log_allowed(struct srp_log_limit *limit, uint64_t now, unsigned int *hidden)
{
	if (now < limit->next) {
		limit->hidden++;
		return 0;
	}
	*hidden = limit->hidden;
	limit->hidden = 0;
	limit->next = now + LOG_LIMIT_MSEC;
	return 1;
}
