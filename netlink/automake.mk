# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel follows: addresses and routes over rtnetlink. See netlink/reconciler.h.
noinst_LTLIBRARIES += libsrpnetlink.la
libsrpnetlink_la_SOURCES = \
	netlink/addresses.c \
	netlink/addresses.h \
	netlink/announce.c \
	netlink/announce.h \
	netlink/frame.c \
	netlink/frame.h \
	netlink/link.c \
	netlink/link.h \
	netlink/message.c \
	netlink/message.h \
	netlink/object.c \
	netlink/object.h \
	netlink/reconciler.c \
	netlink/reconciler.h \
	netlink/reconciler_private.h \
	netlink/reconciler_receive.c \
	netlink/socket.c \
	netlink/socket.h \
	netlink/subnet.c \
	netlink/subnet.h \
	netlink/table.c \
	netlink/table.h \
	# end
libsrpnetlink_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
libsrpnetlink_la_LIBADD = $(MNL_LIBS)

# Connection tracking as sessions of srpd. See netlink/ctsync.h.
noinst_LTLIBRARIES += libsrpctsync.la
libsrpctsync_la_SOURCES = \
	netlink/conntrack.c \
	netlink/conntrack.h \
	netlink/ctsync.c \
	netlink/ctsync.h \
	netlink/flow.c \
	netlink/flow.h \
	netlink/flow_table.c \
	netlink/flow_table.h \
	# end
libsrpctsync_la_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS) $(XXHASH_CFLAGS)
libsrpctsync_la_LIBADD = $(MNL_LIBS)

sbin_PROGRAMS += srp-ctsync
srp_ctsync_SOURCES = netlink/srp_ctsync.c
srp_ctsync_CFLAGS = $(AM_CFLAGS) $(MNL_CFLAGS)
srp_ctsync_LDADD = libsrpctsync.la libsrpnetlink.la libsrpsession.la
