# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one cmocka driver per module, no root, no FRR daemon. To add one: name it in UNIT_TESTS and
# give it _SOURCES, _CFLAGS = $(UNIT_CFLAGS) and _LDADD = the library under test and $(CMOCKA_LIBS).
# A fuzz target: name it in FUZZ_TARGETS, with _SOURCES = tests/fuzz/fuzz_x.c $(FUZZ_MAIN),
# _LDFLAGS = $(FUZZ_LDFLAGS_ALL), _LDADD; its stored inputs are the files of tests/fuzz/corpus/x.
UNIT_TESTS = \
	tests/unit/test_agent_parts \
	tests/unit/test_link \
	tests/unit/test_link_auth \
	tests/unit/test_link_thread \
	tests/unit/test_state_file \
	tests/unit/test_memory \
	tests/unit/test_core \
	tests/unit/test_store \
	tests/unit/test_feed \
	tests/unit/test_engine \
	tests/unit/test_nack \
	tests/unit/test_checkpoint_wire \
	tests/unit/test_session \
	tests/unit/test_session_output \
	tests/unit/test_audit_clock \
	tests/unit/test_flow \
	tests/unit/test_ctsync \
	tests/unit/test_switchover \
	tests/unit/test_hand_over \
	tests/unit/test_config_check \
	tests/unit/test_announce \
	tests/unit/test_l2 \
	tests/unit/test_election \
	tests/unit/test_message \
	tests/unit/test_vty_reply \
	tests/unit/test_bgp_ipc \
	tests/unit/test_bgp_vty \
	tests/unit/test_bgp_vty_parse \
	tests/unit/test_netlink_message \
	tests/unit/test_netlink_object \
	tests/unit/test_srp_check \
	tests/unit/test_check_frr \
	tests/unit/test_srp_save \
	tests/unit/test_srp_text \
	# end
if HAVE_FRR
UNIT_TESTS += tests/unit/test_srp_loop
endif
FUZZ_TARGETS = \
	tests/fuzz/fuzz_message \
	tests/fuzz/fuzz_vty_reply \
	tests/fuzz/fuzz_bgp_ipc \
	tests/fuzz/fuzz_bgp_vty \
	tests/fuzz/fuzz_netlink \
	tests/fuzz/fuzz_state \
	tests/fuzz/fuzz_checkpoint \
	tests/fuzz/fuzz_session \
	tests/fuzz/fuzz_conntrack \
	tests/fuzz/fuzz_check_frr \
	# end

TEMP_FOLDER = tests/unit/temp_folder.c tests/unit/temp_folder.h
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
FUZZ_LDFLAGS_ALL = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
if ENABLE_FUZZER
FUZZ_MAIN =
else
FUZZ_MAIN = tests/fuzz/replay_main.c
endif

include tests/simulation/automake.mk

# Each fuzz target replays its corpus: `tests/fuzz/fuzz_x tests/fuzz/corpus/x`.
TESTS_ENVIRONMENT = SRPD_CORPUS=$(abs_top_srcdir)/tests/fuzz/corpus; export SRPD_CORPUS;

if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
check_PROGRAMS += $(FUZZ_TARGETS)
if !ENABLE_FUZZER
TESTS += $(FUZZ_TARGETS)
endif

# The targets alone, for --enable-fuzzer.
fuzz-targets: $(FUZZ_TARGETS)
.PHONY: fuzz-targets

EXTRA_DIST += tests/fuzz/corpus

# Checkpoints
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_LDADD = libsrpcheckpoint.la $(CMOCKA_LIBS)
tests_unit_test_feed_SOURCES = tests/unit/test_feed.c
tests_unit_test_feed_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_feed_LDADD = libsrpcheckpoint.la $(CMOCKA_LIBS)
tests_unit_test_engine_SOURCES = tests/unit/test_engine.c tests/unit/engine_world.c tests/unit/engine_world.h
tests_unit_test_engine_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_engine_LDADD = libsrpcheckpoint.la $(CMOCKA_LIBS)
tests_unit_test_nack_SOURCES = tests/unit/test_nack.c tests/unit/engine_world.c tests/unit/engine_world.h
tests_unit_test_nack_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_nack_LDADD = libsrpcheckpoint.la $(CMOCKA_LIBS)

tests_unit_test_checkpoint_wire_SOURCES = tests/unit/test_checkpoint_wire.c
tests_unit_test_checkpoint_wire_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_checkpoint_wire_LDADD = libsrpcheckpoint.la $(CMOCKA_LIBS)
tests_unit_test_session_SOURCES = tests/unit/test_session.c $(TEMP_FOLDER)
tests_unit_test_session_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_session_LDADD = libsrpsession.la libsrpagent.la $(CMOCKA_LIBS)
tests_unit_test_session_output_SOURCES = tests/unit/test_session_output.c $(TEMP_FOLDER)
tests_unit_test_session_output_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_session_output_LDADD = libsrpsession.la libsrpagent.la $(CMOCKA_LIBS)
tests_unit_test_audit_clock_SOURCES = tests/unit/test_audit_clock.c
tests_unit_test_audit_clock_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_audit_clock_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_checkpoint_SOURCES = tests/fuzz/fuzz_checkpoint.c tests/fuzz/fuzz_engine.h $(FUZZ_MAIN)
tests_fuzz_fuzz_checkpoint_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_checkpoint_LDADD = libsrpcheckpoint.la
tests_fuzz_fuzz_session_SOURCES = tests/fuzz/fuzz_session.c tests/fuzz/fuzz_engine.h $(FUZZ_MAIN)
tests_fuzz_fuzz_session_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_session_LDADD = libsrpcheckpoint.la

# Connection tracking
tests_unit_test_flow_SOURCES = tests/unit/test_flow.c
tests_unit_test_flow_CFLAGS = $(UNIT_CFLAGS) $(MNL_CFLAGS)
tests_unit_test_flow_LDADD = libsrpctsync.la $(CMOCKA_LIBS) $(MNL_LIBS)
tests_unit_test_ctsync_SOURCES = tests/unit/test_ctsync.c
tests_unit_test_ctsync_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_ctsync_LDADD = libsrpctsync.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_conntrack_SOURCES = tests/fuzz/fuzz_conntrack.c $(FUZZ_MAIN)
tests_fuzz_fuzz_conntrack_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_conntrack_LDADD = libsrpctsync.la libsrpnetlink.la

# bgpd's messages
tests_unit_test_bgp_ipc_SOURCES = tests/unit/test_bgp_ipc.c
tests_unit_test_bgp_ipc_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bgp_ipc_LDADD = libsrpipc.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_bgp_ipc_SOURCES = tests/fuzz/fuzz_bgp_ipc.c $(FUZZ_MAIN)
tests_fuzz_fuzz_bgp_ipc_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_bgp_ipc_LDADD = libsrpipc.la
tests_unit_test_bgp_vty_SOURCES = tests/unit/test_bgp_vty.c tests/unit/bgp_vty_samples.h $(TEMP_FOLDER)
tests_unit_test_bgp_vty_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bgp_vty_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_unit_test_bgp_vty_parse_SOURCES = tests/unit/test_bgp_vty_parse.c tests/unit/bgp_vty_samples.h
tests_unit_test_bgp_vty_parse_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_bgp_vty_parse_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_bgp_vty_SOURCES = tests/fuzz/fuzz_bgp_vty.c $(FUZZ_MAIN)
tests_fuzz_fuzz_bgp_vty_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_bgp_vty_LDADD = libsrpagent.la

# A session manager for tests and benchmarks
noinst_PROGRAMS += tests/bench/sessgen
tests_bench_sessgen_SOURCES = tests/bench/sessgen.c
tests_bench_sessgen_LDADD = libsrpsession.la

# Handshakes through a gateway, for benchmarks
noinst_PROGRAMS += tests/bench/flowgen
tests_bench_flowgen_SOURCES = tests/bench/flowgen.c

# As root: table and picture are written to docs/benchmarks of the source folder.
bench:
	"$(top_srcdir)/lab" bench
.PHONY: bench

# The packages, in clean roots: tests/packages/check.
EXTRA_DIST += tests/packages/check tests/packages/roots.sh tests/packages/scenario

# The lab (./lab): the probe is built with everything else, the rest is taken along as it is.
noinst_PROGRAMS += tests/lab/probe
tests_lab_probe_SOURCES = tests/lab/probe.c
EXTRA_DIST += \
	lab \
	tests/bench/checkpoints \
	tests/bench/conntrack \
	tests/bench/downloads \
	tests/bench/hello-jitter \
	tests/bench/node-death \
	tests/bench/recovery \
	tests/bench/run \
	tests/debian-root \
	tests/lab/lib/srplab/__init__.py \
	tests/lab/lib/srplab/abuse.py \
	tests/lab/lib/srplab/base.py \
	tests/lab/lib/srplab/bench.py \
	tests/lab/lib/srplab/bench_report.py \
	tests/lab/lib/srplab/build.py \
	tests/lab/lib/srplab/check.py \
	tests/lab/lib/srplab/clab.py \
	tests/lab/lib/srplab/cli.py \
	tests/lab/lib/srplab/container.py \
	tests/lab/lib/srplab/cost.py \
	tests/lab/lib/srplab/ctsync.py \
	tests/lab/lib/srplab/demo.py \
	tests/lab/lib/srplab/drawing.py \
	tests/lab/lib/srplab/downloads.py \
	tests/lab/lib/srplab/engine.py \
	tests/lab/lib/srplab/foreign.py \
	tests/lab/lib/srplab/frr.py \
	tests/lab/lib/srplab/node.py \
	tests/lab/lib/srplab/pair.py \
	tests/lab/lib/srplab/probe.py \
	tests/lab/lib/srplab/roots.py \
	tests/lab/lib/srplab/segment.py \
	tests/lab/lib/srplab/sessions.py \
	tests/lab/lib/srplab/tap.py \
	tests/lab/lib/srplab/testing.py \
	tests/lab/lib/srplab/timeline.py \
	tests/lab/lib/srplab/topology.py \
	tests/lab/lib/srplab/vty.py \
	tests/lab/lib/srplab/watch.py \
	tests/lab/missing-packages \
	tests/lab/packages \
	tests/lab/test-abuse \
	tests/lab/test-base-level \
	tests/lab/test-base-level-suite \
	tests/lab/test-checkpoints \
	tests/lab/test-checkpoints-faults \
	tests/lab/test-clab \
	tests/lab/test-ctsync \
	tests/lab/test-deleted-route \
	tests/lab/test-docker-compose \
	tests/lab/test-docker-restarts \
	tests/lab/test-dual-homed \
	tests/lab/test-failover-bgpd \
	tests/lab/test-failover-group \
	tests/lab/test-failover-links \
	tests/lab/test-failover-manual \
	tests/lab/test-failover-node-death \
	tests/lab/test-failover-ungrouped \
	tests/lab/test-hung-daemons \
	tests/lab/test-l2 \
	tests/lab/test-lab \
	tests/lab/test-link-ipv6 \
	tests/lab/test-link-paths \
	tests/lab/test-link-security \
	tests/lab/test-other-frr \
	tests/lab/test-partitions \
	tests/lab/test-restart-all \
	tests/lab/test-restart-frr \
	tests/lab/test-restart-loop \
	tests/lab/test-restart-srpd \
	tests/lab/test-switchover-planned \
	tests/lab/test-two-upstreams \
	tests/lab/test-upgrade \
	tests/lab/test-upstream-bird \
	tests/lab/test-upstream-gobgp \
	tests/lab/test-witness \
	# end

# the client of a vty socket
tests_unit_test_vty_reply_SOURCES = tests/unit/test_vty_reply.c $(TEMP_FOLDER)
tests_unit_test_vty_reply_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_vty_reply_LDADD = libsrpvty.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_vty_reply_SOURCES = tests/fuzz/fuzz_vty_reply.c $(FUZZ_MAIN)
tests_fuzz_fuzz_vty_reply_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_vty_reply_LDADD = libsrpvty.la
EXTRA_DIST += tests/lab/test-vtysh

# check-frr
tests_unit_test_check_frr_SOURCES = \
	tests/unit/test_check_frr.c \
	tests/unit/check_frr_bgp.c \
	tests/unit/healthy_host.c \
	tests/unit/healthy_host.h \
	# end
tests_unit_test_check_frr_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_check_frr_LDADD = libsrpcheck.la $(CMOCKA_LIBS) $(JSONC_LIBS)
tests_fuzz_fuzz_check_frr_SOURCES = tests/fuzz/fuzz_check_frr.c $(FUZZ_MAIN)
tests_fuzz_fuzz_check_frr_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_check_frr_LDADD = libsrpcheck.la
EXTRA_DIST += tests/lab/test-check-frr

# the protocol core
tests_unit_test_core_SOURCES = tests/unit/test_core.c tests/unit/core_pair.c tests/unit/core_pair.h
tests_unit_test_core_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_core_LDADD = libsrpcore.la $(CMOCKA_LIBS)
tests_unit_test_hand_over_SOURCES = tests/unit/test_hand_over.c tests/unit/core_pair.c tests/unit/core_pair.h
tests_unit_test_hand_over_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_hand_over_LDADD = libsrpcore.la $(CMOCKA_LIBS)

tests_unit_test_switchover_SOURCES = tests/unit/test_switchover.c tests/unit/core_pair.c tests/unit/core_pair.h
tests_unit_test_switchover_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_switchover_LDADD = libsrpcore.la $(CMOCKA_LIBS)
tests_unit_test_config_check_SOURCES = tests/unit/test_config_check.c
tests_unit_test_config_check_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_config_check_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_unit_test_election_SOURCES = tests/unit/test_election.c
tests_unit_test_election_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_election_LDADD = libsrpcore.la $(CMOCKA_LIBS)
tests_unit_test_message_SOURCES = tests/unit/test_message.c
tests_unit_test_message_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_message_LDADD = libsrpcore.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_MAIN)
tests_fuzz_fuzz_message_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_message_LDADD = libsrpcore.la

# the agent
LINK_ENDS = tests/unit/link_ends.c tests/unit/link_ends.h $(TEMP_FOLDER)
tests_unit_test_link_SOURCES = tests/unit/test_link.c $(LINK_ENDS)
tests_unit_test_link_CFLAGS = $(UNIT_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_link_LDADD = libsrpagent.la libsrptls.la $(CMOCKA_LIBS) $(MNL_LIBS)
tests_unit_test_link_auth_SOURCES = tests/unit/test_link_auth.c $(LINK_ENDS)
tests_unit_test_link_auth_CFLAGS = $(UNIT_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_link_auth_LDADD = libsrpagent.la libsrptls.la $(CMOCKA_LIBS) $(MNL_LIBS) $(SSL_LIBS)
tests_unit_test_link_thread_SOURCES = tests/unit/test_link_thread.c $(LINK_ENDS)
tests_unit_test_link_thread_CFLAGS = $(UNIT_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_link_thread_LDADD = libsrpagent.la libsrptls.la $(CMOCKA_LIBS) $(MNL_LIBS)
tests_unit_test_agent_parts_SOURCES = tests/unit/test_agent_parts.c $(TEMP_FOLDER)
tests_unit_test_agent_parts_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_agent_parts_LDADD = libsrpagent.la $(CMOCKA_LIBS) $(MNL_LIBS)

# what outlasts srpd
tests_unit_test_state_file_SOURCES = tests/unit/test_state_file.c $(TEMP_FOLDER)
tests_unit_test_state_file_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_state_file_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_unit_test_memory_SOURCES = tests/unit/test_memory.c $(TEMP_FOLDER)
tests_unit_test_memory_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_memory_LDADD = libsrpagent.la $(CMOCKA_LIBS)
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c $(FUZZ_MAIN)
tests_fuzz_fuzz_state_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_state_LDADD = libsrpagent.la
EXTRA_DIST += tests/lab/test-state
tests_unit_test_l2_SOURCES = tests/unit/test_l2.c
tests_unit_test_l2_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_l2_LDADD = libsrpagent.la $(CMOCKA_LIBS) $(MNL_LIBS) $(JSONC_LIBS)

# the kernel's reconciler
tests_unit_test_netlink_object_SOURCES = tests/unit/test_netlink_object.c
tests_unit_test_netlink_object_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_netlink_object_LDADD = libsrpnetlink.la $(CMOCKA_LIBS)
tests_unit_test_netlink_message_SOURCES = tests/unit/test_netlink_message.c
tests_unit_test_netlink_message_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_netlink_message_LDADD = libsrpnetlink.la $(CMOCKA_LIBS) $(MNL_LIBS)
tests_fuzz_fuzz_netlink_SOURCES = tests/fuzz/fuzz_netlink.c $(FUZZ_MAIN)
tests_fuzz_fuzz_netlink_LDFLAGS = $(FUZZ_LDFLAGS_ALL)
tests_fuzz_fuzz_netlink_LDADD = libsrpnetlink.la
tests_unit_test_announce_SOURCES = tests/unit/test_announce.c
tests_unit_test_announce_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_announce_LDADD = libsrpnetlink.la $(CMOCKA_LIBS) $(MNL_LIBS)
noinst_PROGRAMS += tests/lab/reconciler_driver
tests_lab_reconciler_driver_SOURCES = tests/lab/reconciler_driver.c
tests_lab_reconciler_driver_LDADD = libsrpnetlink.la
EXTRA_DIST += tests/lab/test-reconciler tests/fuzz/corpus-netlink.py tests/fuzz/corpus-checkpoint.py

# srpd's own: the checks, the text of show, the loop on libfrr; the lab test drives the rest
EXTRA_DIST += tests/lab/test-srpd-vty
tests_unit_test_srp_check_SOURCES = tests/unit/test_srp_check.c
tests_unit_test_srp_check_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_srp_check_LDADD = libsrpshell.la $(CMOCKA_LIBS)
tests_unit_test_srp_save_SOURCES = tests/unit/test_srp_save.c
tests_unit_test_srp_save_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_srp_save_LDADD = libsrpshell.la $(CMOCKA_LIBS)
tests_unit_test_srp_text_SOURCES = tests/unit/test_srp_text.c
tests_unit_test_srp_text_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_srp_text_LDADD = libsrpshell.la $(CMOCKA_LIBS) $(JSONC_LIBS)
if HAVE_FRR
tests_unit_test_srp_loop_SOURCES = tests/unit/test_srp_loop.c
tests_unit_test_srp_loop_CPPFLAGS = $(libsrpfrr_la_CPPFLAGS)
tests_unit_test_srp_loop_CFLAGS = $(libsrpfrr_la_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_srp_loop_LDFLAGS = $(AM_LDFLAGS) $(FRR_LINK_FLAGS)
tests_unit_test_srp_loop_LDADD = libsrpfrr.la $(FRR_LINK_LIBS) $(CMOCKA_LIBS)
endif

# bgpd_srp.so in real bgpd
EXTRA_DIST += tests/lab/test-bgpd-module tests/lab/test-bgpd-restarts tests/lab/bgpd_module_lab.py
