# SPDX-License-Identifier: GPL-2.0-or-later

# The command line: srpctl (no libfrr), vtysh_srp.so and the wrapper that puts it into vtysh.
noinst_LTLIBRARIES += libsrpvty.la
libsrpvty_la_SOURCES = \
	frr-integration/vty_client.c \
	frr-integration/vty_client.h \
	frr-integration/vty_reply.c \
	frr-integration/vty_reply.h \
	# end

sbin_PROGRAMS += srpctl
srpctl_SOURCES = frr-integration/srpctl.c
srpctl_LDADD = libsrpvty.la

if HAVE_FRR
# vtysh_srp.so is not linked to libfrr: what it needs of it is in the vtysh that it is loaded into.
pkglib_LTLIBRARIES += vtysh_srp.la
vtysh_srp_la_SOURCES = \
	frr-integration/srp_commands.h \
	frr-integration/vtysh_srp.c \
	frr-integration/vtysh_srp.h \
	frr-integration/vtysh_srp_config.c \
	# end
vtysh_srp_la_CPPFLAGS = $(AM_CPPFLAGS) $(FRR_CPPFLAGS) $(YANG_CFLAGS)
vtysh_srp_la_CFLAGS = $(AM_CFLAGS) $(FRR_CFLAGS) -fvisibility=hidden
vtysh_srp_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-export-symbols-regex "^(_install_element|getopt_long|vty_init_vtysh)$$"
vtysh_srp_la_LIBADD = libsrpvty.la

pkglibexec_PROGRAMS += vtysh_wrapper
vtysh_wrapper_SOURCES = frr-integration/vtysh_wrapper.c
vtysh_wrapper_CPPFLAGS = $(AM_CPPFLAGS) -DSRP_VTYSH_SHIM='"$(pkglibdir)/vtysh_srp.so"'

dist_sbin_SCRIPTS += frr-integration/srp-vtysh-install
endif
