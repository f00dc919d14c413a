# SPDX-License-Identifier: GPL-2.0-or-later
# Checkpointing: store, feed, receiver, engine; without I/O. See checkpoint/engine.h.
noinst_LTLIBRARIES += libsrpcheckpoint.la
libsrpcheckpoint_la_SOURCES = \
	checkpoint/arena.c \
	checkpoint/arena.h \
	checkpoint/bytes.h \
	checkpoint/compress.c \
	checkpoint/compress.h \
	checkpoint/config.h \
	checkpoint/engine.c \
	checkpoint/engine.h \
	checkpoint/engine_local.c \
	checkpoint/engine_peer.c \
	checkpoint/engine_private.h \
	checkpoint/feed.c \
	checkpoint/feed.h \
	checkpoint/feed_private.h \
	checkpoint/feed_walk.c \
	checkpoint/frame.c \
	checkpoint/frame.h \
	checkpoint/local.c \
	checkpoint/local.h \
	checkpoint/op.c \
	checkpoint/op.h \
	checkpoint/receiver.c \
	checkpoint/receiver.h \
	checkpoint/store.c \
	checkpoint/store.h \
	# end
libsrpcheckpoint_la_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS) $(LZ4_CFLAGS) $(XXHASH_CFLAGS)
libsrpcheckpoint_la_LIBADD = $(ZLIB_LIBS) $(LZ4_LIBS)

# What session managers link: its own copies of the codecs, and nothing else visible.
lib_LTLIBRARIES += libsrpsession.la
libsrpsession_la_SOURCES = \
	checkpoint/bytes.h \
	checkpoint/frame.c \
	checkpoint/frame.h \
	checkpoint/local.c \
	checkpoint/local.h \
	checkpoint/op.c \
	checkpoint/op.h \
	checkpoint/session.c \
	checkpoint/srpsession.h \
	# end
libsrpsession_la_CFLAGS = $(AM_CFLAGS)
libsrpsession_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 -Wl,--version-script=$(srcdir)/checkpoint/srpsession.map
libsrpsession_la_DEPENDENCIES = checkpoint/srpsession.map
include_HEADERS += checkpoint/srpsession.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = checkpoint/srpsession.pc
EXTRA_DIST += checkpoint/srpsession.map
