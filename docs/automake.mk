# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	CHANGELOG.md \
	CONTRIBUTING.md \
	README.md \
	docs/architecture.md \
	docs/bgp-policy.md \
	docs/protocol.md \
	docs/simulation.md \
	docs/state-machine.md \
	docs/user-guide.md \
	# end

# Prints docs/state-machine.md from the tables of the core; as a test it compares the two.
check_PROGRAMS += docs/print_state_machine
TESTS += docs/print_state_machine
docs_print_state_machine_SOURCES = docs/print_state_machine.c
docs_print_state_machine_LDADD = libsrpcore.la

# the command line (frr-integration/)
dist_man_MANS += \
	docs/srpctl.8 \
	docs/srpd.8 \
	docs/vtysh_srp.7 \
	# end
