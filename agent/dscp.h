/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of DSCP values (RFC 2474, 2597, 3246), as the model, the commands and the socket have them. */
#ifndef SRP_DSCP_H
#define SRP_DSCP_H

/* 0..63; -1 when it is no name. */
int srp_dscp_parse(const char *name);
/* NULL when it has no name; static. */
const char *srp_dscp_name(int value);

#endif
