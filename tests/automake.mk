# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one cmocka driver per module, no root, no FRR daemon. To add one: name it in UNIT_TESTS and
# give it _SOURCES and _LDADD below. A fuzz target: name it in FUZZ_TARGETS, likewise.
UNIT_TESTS =
FUZZ_TARGETS =

UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

EXTRA_DIST += tests/fuzz/corpus
