/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of DSCP values (RFC 2474, 2597, 3246), for the model, the CLI and the socket. */
#ifndef SRP_DSCP_H
#define SRP_DSCP_H

/* X(name, value) */
#define SRP_DSCPS(X)                                                                                    \
	X(be, 0)                                                                                        \
	X(af11, 10)                                                                                     \
	X(af12, 12)                                                                                     \
	X(af13, 14)                                                                                     \
	X(af21, 18) X(af22, 20) X(af23, 22) X(af31, 26) X(af32, 28) X(af33, 30) X(af41, 34) X(af42, 36) \
		X(af43, 38) X(cs1, 8) X(cs2, 16) X(cs3, 24) X(cs4, 32) X(cs5, 40) X(cs6, 48) X(cs7, 56) \
			X(ef, 46)

/* 0..63; -1 when it is no name. */
int srp_dscp_parse(const char *name);

#endif
