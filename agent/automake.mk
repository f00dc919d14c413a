# SPDX-License-Identifier: GPL-2.0-or-later

# What srpd and bgpd_srp.so say to each other, and the plain data in it. A library of its own, so that
# the module takes nothing else of the agent into bgpd.
noinst_LTLIBRARIES += libsrpipc.la
libsrpipc_la_SOURCES = \
	agent/bgp_ipc.c \
	agent/bgp_ipc.h \
	agent/config.c \
	agent/config.h \
	agent/dscp.c \
	agent/dscp.h \
	agent/hash.h \
	# end
libsrpipc_la_LIBADD = $(JSONC_LIBS)

# The answers of vty sockets, for the agent and for the command line.
noinst_LTLIBRARIES += libsrpreply.la
libsrpreply_la_SOURCES = agent/vty_reply.c agent/vty_reply.h

# The agent itself, without libfrr: srpd links it, and so do its tests.
noinst_LTLIBRARIES += libsrpagent.la
libsrpagent_la_SOURCES = \
	agent/agent.c \
	agent/agent.h \
	agent/agent_private.h \
	agent/apply.c \
	agent/audit_clock.c \
	agent/audit_clock.h \
	agent/auth.c \
	agent/auth.h \
	agent/bgp_driver.h \
	agent/bgp_monitor.c \
	agent/bgp_monitor.h \
	agent/bgp_server.c \
	agent/bgp_server.h \
	agent/bgp_vty.c \
	agent/bgp_vty.h \
	agent/bgp_vty_parse.c \
	agent/bgp_vty_parse.h \
	agent/bgp_vty_walk.c \
	agent/bgp_vty_walk.h \
	agent/checkpoint_info.c \
	agent/checkpoints.c \
	agent/checkpoints.h \
	agent/checkpoints_local.c \
	agent/checkpoints_private.h \
	agent/checkpoints_thread.c \
	agent/clock.h \
	agent/config_check.c \
	agent/config_check.h \
	agent/configure.c \
	agent/desired.c \
	agent/desired.h \
	agent/info.c \
	agent/json_add.h \
	agent/key_file.c \
	agent/key_file.h \
	agent/l2.c \
	agent/l2.h \
	agent/link.c \
	agent/link.h \
	agent/link_conn.c \
	agent/link_path.c \
	agent/link_path.h \
	agent/link_path_private.h \
	agent/link_queue.c \
	agent/link_queue.h \
	agent/link_socket.c \
	agent/link_socket.h \
	agent/link_thread.c \
	agent/link_thread.h \
	agent/log.c \
	agent/log.h \
	agent/loop.h \
	agent/memory.c \
	agent/memory.h \
	agent/poll_loop.c \
	agent/poll_loop.h \
	agent/route_map.c \
	agent/route_map.h \
	agent/sessions.c \
	agent/state_file.c \
	agent/state_file.h \
	agent/state_writer.c \
	agent/state_writer.h \
	agent/stream.c \
	agent/stream.h \
	agent/thread.c \
	agent/thread.h \
	agent/tls.c \
	agent/tls.h \
	agent/unix_socket.c \
	agent/unix_socket.h \
	agent/vty_conn.c \
	agent/vty_conn.h \
	agent/witness.c \
	agent/witness.h \
	# end
libsrpagent_la_CPPFLAGS = $(AM_CPPFLAGS) -DSRP_TLS_MODULE='"$(pkglibdir)/srp_tls.so"'
libsrpagent_la_CFLAGS = $(AM_CFLAGS) -pthread
libsrpagent_la_LIBADD = libsrpipc.la libsrpreply.la libsrpcore.la libsrpcheckpoint.la libsrpnetlink.la $(JSONC_LIBS)

# TLS, in a module of its own: agent/tls.h says why. Tests link the same code.
noinst_LTLIBRARIES += libsrptls.la
libsrptls_la_SOURCES = agent/key_file.c agent/key_file.h agent/tls.h agent/tls_openssl.c
libsrptls_la_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)
libsrptls_la_LIBADD = libsrpipc.la $(SSL_LIBS)
pkglib_LTLIBRARIES += srp_tls.la
srp_tls_la_SOURCES =
srp_tls_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -export-symbols-regex "^srp_tls_openssl$$"
srp_tls_la_LIBADD = libsrptls.la
