# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	CHANGELOG.md \
	CONTRIBUTING.md \
	README.md \
	docs/architecture.md \
	docs/benchmarks/README.md \
	docs/benchmarks/benchmarks.svg \
	docs/benchmarks/results.json \
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
	docs/srp-ctsync.8 \
	docs/srpctl.8 \
	docs/srpd.8 \
	docs/srpsession.3 \
	docs/vtysh_srp.7 \
	# end

# An example of rules for gateways that translate addresses
dist_doc_DATA = docs/srp-ctsync.nft

# The example, built here against the library of this tree.
noinst_PROGRAMS += docs/session-manager
docs_session_manager_SOURCES = docs/session-manager.c
docs_session_manager_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/checkpoint
docs_session_manager_LDADD = libsrpsession.la
