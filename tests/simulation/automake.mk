# SPDX-License-Identifier: GPL-2.0-or-later
# The proof of the protocol core, docs/simulation.md: a simulator of two chassis on virtual time, an explorer of all
# interleavings within small bounds, and seeded bugs that they must find. No root, no FRR, only libsrpcore.
SIM_TESTS = \
	tests/simulation/srp_explore \
	tests/simulation/srp_sim \
	# end
SIM_CHASSIS_FILES = \
	tests/simulation/chassis.c \
	tests/simulation/chassis.h \
	tests/simulation/ladder.c \
	tests/simulation/ladder.h \
	tests/simulation/rng.h \
	# end
check_PROGRAMS += $(SIM_TESTS)
TESTS += $(SIM_TESTS)
# All tests but these, which take their time.
check-quick:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="`for test in $(TESTS); do echo $$test; done | grep -v tests/simulation/`"
.PHONY: check-quick

# Not only for the tests: ./lab and people run them with other bounds.
simulation: $(SIM_TESTS)
.PHONY: simulation

tests_simulation_srp_sim_SOURCES = \
	tests/simulation/srp_sim.c \
	tests/simulation/actions.c \
	tests/simulation/checks.c \
	tests/simulation/checks.h \
	tests/simulation/network.c \
	tests/simulation/script.c \
	tests/simulation/script.h \
	tests/simulation/world.c \
	tests/simulation/world.h \
	$(SIM_CHASSIS_FILES)
tests_simulation_srp_sim_LDADD = libsrpcore.la

tests_simulation_srp_explore_SOURCES = \
	tests/simulation/srp_explore.c \
	tests/simulation/explore.c \
	tests/simulation/explore.h \
	tests/simulation/script.h \
	$(SIM_CHASSIS_FILES)
tests_simulation_srp_explore_LDADD = libsrpcore.la

# Seeded bugs: each one must be found by a unit test, the simulator or the explorer. Not part of check: some minutes.
EXTRA_DIST += tests/simulation/mutate tests/simulation/mutations.list
mutation:
	CC="$(CC)" CFLAGS="$(CFLAGS)" $(srcdir)/tests/simulation/mutate
.PHONY: mutation
