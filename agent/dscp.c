/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/dscp.h"

#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	int value;
} known[] = {
	{"be", 0},    {"ef", 46},   {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18}, {"af22", 20},
	{"af23", 22}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38},
	{"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},  {"cs6", 48},  {"cs7", 56},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))

const char *srp_dscp_name(int value)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (known[i].value == value)
			return known[i].name;
	return NULL;
}

int srp_dscp_parse(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].value;
	return -1;
}
