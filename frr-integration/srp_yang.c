/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The YANG model of srpd, compiled in.
 *
 * FRR turns its models into C with a script of its source tree; the assembler's .incbin does the same
 * without one. SRP_YANG_FILE is the path of frr-srp.yang, set by automake.mk.
 */
#include "frr-integration/compat.h"

#include "frr-integration/srp_yang.h"

__asm__(".section .rodata\n"
	"srp_yang_text:\n"
	".incbin \"" SRP_YANG_FILE "\"\n"
	".byte 0\n"
	".previous\n");
extern const char srp_yang_text[];

void srp_yang_embed(void)
{
	static struct yang_module_embed model = {
		.mod_name = SRP_YANG_MODULE,
		.mod_rev = SRP_YANG_REVISION,
		.sub_mod_name = "",
		.sub_mod_rev = "",
		.data = srp_yang_text,
		.format = LYS_IN_YANG,
	};

	yang_module_embed(&model);
}
