/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See local.h. */
#include "checkpoint/local.h"

#include "checkpoint/bytes.h"

void srp_local_header(uint8_t *buf, enum srp_local_type type, size_t len)
{
	put32(buf, (uint32_t)len);
	buf[4] = (uint8_t)type;
	buf[5] = SRP_LOCAL_VERSION;
	put16(buf + 6, 0);
}

int srp_local_frame(const uint8_t *buf, size_t len, unsigned int *type, size_t *payload_len)
{
	if (len < SRP_LOCAL_HEADER)
		return 0;
	*payload_len = get32(buf);
	*type = buf[4];
	if (buf[5] != SRP_LOCAL_VERSION || *payload_len > SRP_LOCAL_PAYLOAD_MAX)
		return -1;
	return len - SRP_LOCAL_HEADER >= *payload_len;
}
