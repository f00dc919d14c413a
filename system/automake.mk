# SPDX-License-Identifier: GPL-2.0-or-later
# What a host needs beside programs: units, names, directories, rotation of logs, completion. Each has a switch of
# ./configure (--with-systemdsystemunitdir=DIR or =no, ...); packages add to this, they do not replace it.

# Templates: directories as ./configure was told.
SYSTEM_TEMPLATES = \
	system/logrotate.d/srpd.in \
	system/srp-ctsync.service.in \
	system/srpd.service.in \
	system/tmpfiles.d/srpd.conf.in \
	# end
SYSTEM_MADE = $(SYSTEM_TEMPLATES:.in=)
EXTRA_DIST += $(SYSTEM_TEMPLATES)
CLEANFILES += $(SYSTEM_MADE)
$(SYSTEM_MADE): %: $(srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SED) \
		-e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@localstatedir[@]|$(localstatedir)|g' \
		$(srcdir)/$@.in > $@.tmp && mv $@.tmp $@

# ip(8) prints "proto srp".
rt_protosdir = $(sysconfdir)/iproute2/rt_protos.d
dist_rt_protos_DATA = system/rt_protos.d/srpd.conf

# A configuration that does nothing, to begin from.
dist_doc_DATA += system/srpd.conf

if INSTALL_UNITS
nodist_systemdsystemunit_DATA = system/srp-ctsync.service
endif
if INSTALL_TMPFILES
nodist_tmpfiles_DATA = system/tmpfiles.d/srpd.conf
endif
if INSTALL_COMPLETION
dist_bashcompletion_DATA = \
	system/bash-completion/srp-ctsync \
	system/bash-completion/srpctl \
	# end
endif

if HAVE_FRR
if INSTALL_UNITS
nodist_systemdsystemunit_DATA += system/srpd.service
endif
if INSTALL_LOGROTATE
nodist_logrotate_DATA = system/logrotate.d/srpd
endif
if INSTALL_COMPLETION
dist_bashcompletion_DATA += \
	system/bash-completion/srp-vtysh-install \
	system/bash-completion/srpd \
	# end
endif
endif
EXTRA_DIST += system/bash-completion

# Where srpd keeps what outlasts the host, and its logs; it writes there as FRR's user. A staged installation by anybody works.
statedir = $(localstatedir)/lib/srpd
logdir = $(localstatedir)/log/srpd
install-data-local:
	$(INSTALL) -d -m 0750 "$(DESTDIR)$(statedir)" "$(DESTDIR)$(logdir)"
	if [ "$$(id -u)" = 0 ] && getent passwd frr > /dev/null; then \
		chown frr:frr "$(DESTDIR)$(statedir)" "$(DESTDIR)$(logdir)"; \
	fi
uninstall-local:
	-rmdir "$(DESTDIR)$(statedir)" "$(DESTDIR)$(logdir)" 2> /dev/null
