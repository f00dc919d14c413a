# SPDX-License-Identifier: GPL-2.0-or-later

# What srpd and bgpd_srp.so say to each other, and the plain data in it. A library of its own, so that
# the module takes nothing else of the agent into bgpd.
noinst_LTLIBRARIES += libsrpipc.la
libsrpipc_la_SOURCES = \
	agent/bgp_ipc.c \
	agent/bgp_ipc.h \
	agent/config.c \
	agent/config.h \
	# end
libsrpipc_la_LIBADD = $(JSONC_LIBS)
