# SPDX-License-Identifier: GPL-2.0-or-later
noinst_LTLIBRARIES += libsrpcore.la
libsrpcore_la_SOURCES = \
	agent/core/core.c \
	agent/core/core.h \
	agent/core/core_private.h \
	agent/core/election.c \
	agent/core/election.h \
	agent/core/fsm.c \
	agent/core/fsm.h \
	agent/core/hand_over.c \
	agent/core/message.c \
	agent/core/message.h \
	agent/core/monitor.c \
	agent/core/monitor.h \
	agent/core/srp.c \
	agent/core/srp.h \
	agent/core/switchover.c \
	agent/core/text.c \
	agent/core/want.c \
	# end
