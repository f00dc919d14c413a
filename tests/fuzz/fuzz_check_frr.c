/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzzes what check-frr reads of others: the input is cut at each NUL into FRRouting's configuration, srpd's,
 * /etc/frr/daemons, `show modules`, `show srp info json`, networkd.conf and rt_protos. Whatever they say, the report
 * keeps within its bounds, counts its findings, and prints.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "frr-integration/check_frr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next piece of the input, NUL-terminated. */
static char *fuzz_piece(const uint8_t **data, size_t *size)
{
	const uint8_t *nul = *size ? memchr(*data, '\0', *size) : NULL;
	size_t len = nul ? (size_t)(nul - *data) : *size;
	char *piece = malloc(len + 1);

	if (!piece)
		abort();
	if (len)
		memcpy(piece, *data, len);
	piece[len] = '\0';
	*data += len + (nul != NULL);
	*size -= len + (nul != NULL);
	return piece;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct check_frr_facts facts = {.etc = strdup("/etc/frr"), .networkd = 1, .built_for = "8.4.4"};
	struct check_frr_report report;
	char *text, *json;
	size_t counted;

	facts.bgpd.config = fuzz_piece(&data, &size);
	facts.frr_conf.text = strdup(facts.bgpd.config);
	facts.srpd_conf.text = fuzz_piece(&data, &size);
	facts.daemons.text = fuzz_piece(&data, &size);
	facts.bgpd.modules = fuzz_piece(&data, &size);
	facts.srp_info = fuzz_piece(&data, &size);
	facts.networkd_conf = fuzz_piece(&data, &size);
	facts.rt_protos = fuzz_piece(&data, &size);

	check_frr_run(&facts, &report);
	counted = report.of[CHECK_FRR_NOTE] + report.of[CHECK_FRR_WARNING] + report.of[CHECK_FRR_ERROR];
	if (report.count > CHECK_FRR_FINDINGS_MAX || counted != report.count)
		abort();
	check_frr_facts_clear(&facts); /* the report needs nothing of it */
	text = check_frr_print_text(&report);
	json = check_frr_print_json(&report);
	if (!text || !json)
		abort();
	free(text);
	free(json);
	check_frr_report_clear(&report);
	return 0;
}
