# SPDX-License-Identifier: GPL-2.0-or-later
EXTRA_DIST += \
	CHANGELOG.md \
	CONTRIBUTING.md \
	README.md \
	SECURITY.md \
	docs/architecture.md \
	docs/benchmarks/README.md \
	docs/benchmarks/benchmarks.svg \
	docs/benchmarks/results.json \
	docs/bgp-policy.md \
	docs/changelog.md \
	docs/conf.py \
	docs/index.md \
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
dist_doc_DATA += docs/srp-ctsync.nft

# The example, built here against the library of this tree.
noinst_PROGRAMS += docs/session-manager
docs_session_manager_SOURCES = docs/session-manager.c
docs_session_manager_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/checkpoint
docs_session_manager_LDADD = libsrpsession.la

# make html: the guide as HTML, in docs/html: Markdown by Sphinx, manual pages by mandoc; a broken link is an error.
html-local:
	@command -v sphinx-build mandoc > /dev/null || \
		{ echo "make html needs sphinx-build with myst-parser, and mandoc" \
		"(Debian: python3-sphinx python3-myst-parser mandoc)" >&2; exit 1; }
	rm -rf docs/html docs/html-extra docs/html-work
	$(MKDIR_P) docs/html-extra/man
	for page in $(dist_man_MANS); do \
		mandoc -T html -O man=%N.%S.html "$(srcdir)/$$page" > docs/html-extra/man/`basename $$page`.html || exit 1; \
	done
	SRPD_VERSION=$(PACKAGE_VERSION) SRPD_MAN_HTML="$(abs_builddir)/docs/html-extra" \
		sphinx-build -q -W -b html -d docs/html-work "$(srcdir)/docs" docs/html
	@echo "the guide begins in docs/html/index.html"

clean-local:
	rm -rf docs/html docs/html-extra docs/html-work
