# SPDX-License-Identifier: GPL-2.0-or-later

EXTRA_DIST += frr-integration/frr-headers

# The command line: srpctl (no libfrr), vtysh_srp.so and the wrapper that puts it into vtysh.
noinst_LTLIBRARIES += libsrpvty.la
libsrpvty_la_SOURCES = \
	frr-integration/vty_client.c \
	frr-integration/vty_client.h \
	# end
libsrpvty_la_LIBADD = libsrpreply.la

# check-frr, a part of srpctl.
noinst_LTLIBRARIES += libsrpcheck.la
libsrpcheck_la_SOURCES = \
	frr-integration/check_frr.c \
	frr-integration/check_frr.h \
	frr-integration/check_frr_collect.c \
	frr-integration/check_frr_conf.c \
	frr-integration/check_frr_host.c \
	frr-integration/check_frr_peers.c \
	frr-integration/check_frr_policy.c \
	frr-integration/check_frr_print.c \
	frr-integration/check_frr_private.h \
	frr-integration/check_frr_rules.h \
	frr-integration/check_frr_srpd.c \
	# end
libsrpcheck_la_CPPFLAGS = $(AM_CPPFLAGS)
libsrpcheck_la_LIBADD = libsrpvty.la libsrpshell.la $(JSONC_LIBS)
if HAVE_FRR
libsrpcheck_la_CPPFLAGS += -DSRP_BUILT_FOR='"$(FRR_UPSTREAM)"' -DSRP_MODULE_DIR='"$(FRR_LIBDIR)/modules"'
endif

sbin_PROGRAMS += srpctl
srpctl_SOURCES = frr-integration/srpctl.c
srpctl_LDADD = libsrpcheck.la

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
# Lazy in spite of a distribution's -z now, so after LDFLAGS: in a vtysh of another version that lacks one of the symbols
# the library steps back; bound at once it would keep vtysh from starting.
vtysh_srp_la_LINK = $(LIBTOOL) $(AM_V_lt) --tag=CC $(AM_LIBTOOLFLAGS) $(LIBTOOLFLAGS) --mode=link $(CCLD) \
	$(vtysh_srp_la_CFLAGS) $(CFLAGS) $(LDFLAGS) $(vtysh_srp_la_LDFLAGS) -Wl,-z,lazy -o $@

pkglibexec_PROGRAMS += vtysh_wrapper
vtysh_wrapper_SOURCES = frr-integration/vtysh_wrapper.c
vtysh_wrapper_CPPFLAGS = $(AM_CPPFLAGS) -DSRP_VTYSH_SHIM='"$(pkglibdir)/vtysh_srp.so"'

dist_sbin_SCRIPTS += frr-integration/srp-vtysh-install
endif

# bgpd's module. bgpd loads the stub, which needs nothing of bgpd; the stub loads the implementation from beside it.
# The symbols of bgpd and libfrr are those of the process they are loaded into.
if HAVE_FRR
frrmod_LTLIBRARIES = bgpd_srp.la bgpd_srp_impl.la
bgpd_srp_la_SOURCES = frr-integration/bgpd_srp_stub.c frr-integration/frr_version.h
bgpd_srp_la_CPPFLAGS = $(AM_CPPFLAGS) $(FRR_CPPFLAGS) $(YANG_CFLAGS)
bgpd_srp_la_CFLAGS = $(AM_CFLAGS) $(FRR_CFLAGS) -fvisibility=hidden
bgpd_srp_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex "^frr_module$$"
bgpd_srp_impl_la_SOURCES = \
	frr-integration/bgpd_srp.h \
	frr-integration/bgpd_srp_agent.c \
	frr-integration/bgpd_srp_main.c \
	frr-integration/bgpd_srp_peers.c \
	frr-integration/bgpd_srp_plist.c \
	frr-integration/bgpd_srp_policy.c \
	frr-integration/bgpd_srp_rmap.c \
	frr-integration/bgpd_srp_verify.c \
	frr-integration/bgpd_srp_witness.c \
	frr-integration/bgpd_srp_zebra.c \
	frr-integration/compat.h \
	# end
bgpd_srp_impl_la_CPPFLAGS = $(AM_CPPFLAGS) $(FRR_CPPFLAGS) $(YANG_CFLAGS)
bgpd_srp_impl_la_CFLAGS = $(AM_CFLAGS) $(FRR_CFLAGS)
bgpd_srp_impl_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-export-symbols-regex "^bgpsrp_(start|built_for)$$"
bgpd_srp_impl_la_LIBADD = libsrpipc.la $(YANG_LIBS)
endif

# What srpd shows, refuses and saves, as plain data in and out: without libfrr, so that unit tests need none.
noinst_LTLIBRARIES += libsrpshell.la
libsrpshell_la_SOURCES = \
	frr-integration/srp_check.c \
	frr-integration/srp_check.h \
	frr-integration/srp_save.c \
	frr-integration/srp_save.h \
	frr-integration/srp_text.c \
	frr-integration/srp_text.h \
	frr-integration/srp_text_checkpoint.c \
	frr-integration/srp_text_private.h \
	# end
libsrpshell_la_LIBADD = libsrpipc.la libsrpcore.la $(JSONC_LIBS)

# srpd: the agent as a libfrr daemon.
EXTRA_DIST += frr-integration/frr-srp.yang
if HAVE_FRR
noinst_LTLIBRARIES += libsrpfrr.la
libsrpfrr_la_SOURCES = \
	frr-integration/compat.h \
	frr-integration/srp_cli.c \
	frr-integration/srp_cli.h \
	frr-integration/srp_cli_checkpoint.c \
	frr-integration/srp_cli_install.c \
	frr-integration/srp_cli_link.c \
	frr-integration/srp_cli_save.c \
	frr-integration/srp_cli_show.c \
	frr-integration/srp_cli_switchover.c \
	frr-integration/srp_commands.h \
	frr-integration/srp_daemon.c \
	frr-integration/srp_daemon.h \
	frr-integration/srp_loop.c \
	frr-integration/srp_loop.h \
	frr-integration/srp_nb.c \
	frr-integration/srp_nb.h \
	frr-integration/srp_nb_config.c \
	frr-integration/srp_nb_file.c \
	frr-integration/srp_vty.c \
	frr-integration/srp_yang.c \
	frr-integration/srp_yang.h \
	# end
libsrpfrr_la_CPPFLAGS = $(AM_CPPFLAGS) $(FRR_CPPFLAGS) $(YANG_CFLAGS) \
	-DSRPD_VERSION='"$(PACKAGE_VERSION)"' -DSRP_YANG_FILE='"$(srcdir)/frr-integration/frr-srp.yang"'
libsrpfrr_la_CFLAGS = $(AM_CFLAGS) $(FRR_CFLAGS)
libsrpfrr_la_LIBADD = libsrpshell.la libsrpagent.la
$(libsrpfrr_la_OBJECTS): $(srcdir)/frr-integration/frr-srp.yang

# The distribution has libfrr.so.0 only, without the name that -lfrr looks for.
FRR_LINK_LIBS = $(FRR_LIBDIR)/libfrr.so.0 $(YANG_LIBS) $(JSONC_LIBS)
FRR_LINK_FLAGS = -rdynamic -Wl,-rpath,$(FRR_LIBDIR)

sbin_PROGRAMS += srpd
srpd_SOURCES = frr-integration/srpd_main.c
srpd_CPPFLAGS = $(libsrpfrr_la_CPPFLAGS) -DSRPD_STATE_DIR='"$(localstatedir)/lib/srpd"'
srpd_CFLAGS = $(libsrpfrr_la_CFLAGS)
srpd_LDFLAGS = $(AM_LDFLAGS) $(FRR_LINK_FLAGS)
srpd_LDADD = libsrpfrr.la $(FRR_LINK_LIBS)
endif
