# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons of a node, started as FRR's own scripts would from /etc/frr/daemons.

No watchfrr: a test that kills a daemon wants to see what happens until it starts it again itself.
"""

import re
import shlex
from pathlib import Path

from .base import LabError

FOLDER = Path("/usr/lib/frr")
# In the order of their start; srpd last, as its service unit has it. Those that always run where FRRouting has them:
ORDER = ["mgmtd", "zebra", "staticd", "bfdd", "bgpd"]
ALWAYS = [name for name in ("mgmtd", "zebra", "staticd") if (FOLDER / name).exists()]
SRPD, BIRD = "srpd", "bird"


def settings(node):
    """The variables of the node's /etc/frr/daemons."""
    values = {}
    for line in node.read_config("daemons").splitlines():
        found = re.match(r"^\s*([a-z0-9_]+)=(.*)$", line)
        if found:
            values[found[1]] = " ".join(shlex.split(found[2], comments=True))
    return values


def wanted(node):
    """Names of the daemons this node runs, in the order of their start. None for a plain host."""
    found = [BIRD] if (node.etc_dir / "bird.conf").exists() else []
    if not (node.etc_dir / "daemons").exists():
        return found
    values = settings(node)
    found += [name for name in ORDER if name in ALWAYS or values.get(name) == "yes"]
    if (node.etc_dir / "srpd.conf").exists():
        found.append(SRPD)
    return found


def start(node, name, *, configure=True):
    """Start one daemon; returns when it serves. `configure`: also replay its part of frr.conf."""
    if node.starts_itself:
        node.start(name)
        return
    if name == BIRD:
        node.run("/usr/sbin/bird", "-c", "/etc/frr/bird.conf", "-s", "/run/frr/bird.ctl", "-P", "/run/frr/bird.pid")
        return
    if name == SRPD:
        node.run("srpd", "-d", "-f", "/etc/frr/srpd.conf", *shlex.split(settings(node).get("srpd_options", "")),
                 daemon=True)
        return
    node.run(FOLDER / name, "-d", *shlex.split(settings(node).get(f"{name}_options", "")), daemon=True)
    if configure:
        node.run("vtysh", "-b", "-d", name)


def start_all(node, *, without=()):
    """Start every daemon of the node, then replay frr.conf, then srpd. `without`: names to leave out."""
    if node.starts_itself:
        node.boot()
        return
    names = [name for name in wanted(node) if name not in without]
    frr = [name for name in names if name not in (SRPD, BIRD)]
    if BIRD in names:
        start(node, BIRD)
    for name in frr:
        start(node, name, configure=False)
    if frr:
        node.run("vtysh", "-b")
    if SRPD in names:
        start(node, SRPD)


def restart(node, name):
    """kill -9 a daemon and start it again."""
    if not node.processes(name):
        raise LabError(f"{node.name}: no {name} to restart")
    node.kill_all(name)
    start(node, name)


def power_cycle(node):
    """What a reboot does beside ending processes: an empty /run, another boot id, no addresses, no routes but the
    kernel's.

    The links are not touched: a lab cuts and heals those at the switch.
    """
    node.kill_all()
    if node.starts_itself:
        return  # a container's network and processes end together
    node.new_boot_id()
    for path in node.run_dir.iterdir():
        path.unlink()
    for family in ("-4", "-6"):
        for protocol in ("11", "186", "196", "245"):  # zebra's, BGP's, static and srpd's
            node.run("ip", family, "route", "flush", "proto", protocol, check=False)
    node.run("ip", "nexthop", "flush", check=False)
    for line in node.ip("-br", "link").splitlines():
        node.ip("addr", "flush", "dev", line.split()[0].partition("@")[0], "scope", "global")
