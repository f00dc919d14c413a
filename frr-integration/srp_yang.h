/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The YANG model of srpd, compiled in. */
#ifndef SRP_YANG_H
#define SRP_YANG_H

#define SRP_YANG_MODULE   "frr-srp"
#define SRP_YANG_REVISION "2026-11-23"

/* Give libfrr the text of frr-srp.yang, so that no file of it is needed at run time. Before frr_init(). */
void srp_yang_embed(void);

#endif
