# SPDX-License-Identifier: GPL-2.0-or-later
"""The namespace lab of srpd: topologies from containerlab files, on one Linux host.

    base      running commands, errors, waiting for a state
    clab      what a containerlab file says
    node      one node: network and mount namespace, processes
    topology  a whole lab: nodes, the hidden switch, links to cut and heal, clean-up
    frr       the daemons of a node: start, kill, configuration
    vty       questions to a running daemon over its vty socket
    probe     the packet streams that measure outages
    build     packages, configure, make, the staged installation
    testing   what a test under tests/lab starts from
    watch     samples of roles and paths taken while a demonstration runs
    demo      `lab demo`
    timeline  its picture
    drawing   SVG
    bench     what the benchmarks have in common
    bench_report  their table and picture
    check     `lab check`
    cli       the commands of ./lab
"""
