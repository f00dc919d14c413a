# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole lab: its nodes, its links, and leaving nothing behind.

Every link runs through a bridge of its own in a hidden namespace, LAB-sw, as if through a switch:
cutting it at one end takes the carrier from that end only, and the neighbour has to find out.

What is up is told by /run/srpd-lab/LAB: a folder per node and `owner`, which names the process the
lab belongs to (none for `lab up`). A lab whose owner is gone was left by a crash and is removed by
the next command. Nothing else is ever taken for ours.
"""

import contextlib
import fcntl
import json
import os
import shutil
from pathlib import Path

from . import clab, container
from .base import LabError, Skip, ip_batch, run, succeeds, wait_until
from .node import Node

STATE = Path("/run/srpd-lab")
MADE_RUN_FRR = "made-run-frr"


@contextlib.contextmanager
def host_lock():
    """One process at a time changes what labs there are. Leaves no file: it locks /run itself."""
    handle = os.open("/run", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def require_namespaces():
    """Skip, with the reason, where namespaces cannot be made."""
    if os.geteuid() != 0:
        raise Skip("the lab makes network namespaces and needs root: sudo ./lab ...")
    if not succeeds(["unshare", "--net", "--mount", "true"]):
        raise Skip("this kernel or container does not allow new network and mount namespaces")
    script = "mount -t overlay srpd-lab -o ro,lowerdir=/etc:/usr /usr && ip link add v0 type veth peer name v1" \
             " && ip link add br0 type bridge"
    if not succeeds(["unshare", "--net", "--mount", "sh", "-ec", script]):
        raise Skip("this kernel lacks one of overlay mounts, veth and bridge")


def start_time(pid):
    """When a process started, in the kernel's ticks, or None; with the pid it names one process for good."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[19])
    except OSError:
        return None


def names():
    """The labs that are up, or were left."""
    if not STATE.is_dir():
        return []
    return sorted(path.name for path in STATE.iterdir() if path.is_dir())


def is_kept(name):
    """True for a lab of `lab up`, which belongs to no process."""
    owner = _read_owner(name)
    return bool(owner) and owner["pid"] is None


def remove_stale():
    """Remove labs whose owner is gone; returns their names."""
    removed = []
    for name in names():
        owner = _read_owner(name)
        if owner.get("pid") is not None and start_time(owner["pid"]) != owner.get("start"):
            remove(name)
            removed.append(name)
    return removed


def remove(name):
    """Take a lab down by what /run says of it, however much of it there is."""
    folder = STATE / name
    if not folder.is_dir():
        raise LabError(f"lab {name} is not up")
    owner = _read_owner(name)
    kind = container.ContainerNode if owner.get("containers") else Node
    for node in owner.get("nodes", []):
        kind(name, clab.NodeSpec(node), folder).down()
    run(["ip", "netns", "delete", f"{name}-sw"], check=False)
    if owner.get("stage"):
        shutil.rmtree(owner["stage"], ignore_errors=True)
        with contextlib.suppress(OSError):
            Path(owner["stage"]).parent.rmdir()
    with host_lock():
        shutil.rmtree(folder, ignore_errors=True)
        if not names():
            _remove_state()


def _remove_state():
    if (STATE / MADE_RUN_FRR).exists():
        with contextlib.suppress(OSError):
            os.rmdir("/run/frr")
        (STATE / MADE_RUN_FRR).unlink()
    with contextlib.suppress(OSError):
        STATE.rmdir()


def _make_state():
    STATE.mkdir(mode=0o755, exist_ok=True)
    if not Path("/run/frr").is_dir():
        Path("/run/frr").mkdir()
        (STATE / MADE_RUN_FRR).touch()


def _read_owner(name):
    try:
        return json.loads((STATE / name / "owner").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


class Lab:
    """A topology that can be brought up. Also a context manager: up on entry, down on exit."""

    def __init__(self, spec, build_dir, *, keep=False):
        """`keep`: the lab outlives this process (`lab up`)."""
        if "sw" in spec.nodes:
            raise LabError("a node cannot be called sw: that is the switch")
        self.spec = spec
        self.name = spec.name
        self.keep = keep
        self.build_dir = Path(build_dir)
        self.dir = STATE / spec.name
        self.stage = self.build_dir / "lab-run" / spec.name / "stage"
        self.switch = f"{spec.name}-sw"
        self.containers = container.chosen()
        self.nodes = {name: container.ContainerNode(spec.name, node, self.dir, self.wire) if self.containers
                      else Node(spec.name, node, self.dir) for name, node in spec.nodes.items()}

    def __getitem__(self, name):
        return self.nodes[name]

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_):
        self.down()

    @classmethod
    def attach(cls, name):
        """The lab of that name which is up already."""
        owner = _read_owner(name)
        if not owner:
            raise LabError(f"lab {name} is not up")
        nodes = {node: clab.NodeSpec(node) for node in owner["nodes"]}
        return cls(clab.Spec(name, nodes, [tuple(map(tuple, link)) for link in owner["links"]]), owner["build"],
                   keep=True)

    # --- up and down -----------------------------------------------------------------------------

    def up(self):
        """Make switch, nodes and links. No daemon runs yet."""
        for netns in [self.switch, *(node.netns for node in self.nodes.values())]:
            if os.path.exists(f"/run/netns/{netns}") and not self.dir.exists():
                raise LabError(f"there is a network namespace {netns} that is not this lab's")
        with host_lock():
            _make_state()
            try:
                self.dir.mkdir(mode=0o755)
            except FileExistsError as error:
                raise LabError(f"lab {self.name} is up already: ./lab down") from error
            pid = None if self.keep else os.getpid()
            owner = {"pid": pid, "start": start_time(pid) if pid else None, "nodes": list(self.nodes),
                     "links": self.spec.links, "stage": str(self.stage.parent), "build": str(self.build_dir),
                     "containers": self.containers}
            (self.dir / "owner").write_text(json.dumps(owner), encoding="utf-8")
        self._snapshot_stage()
        run(["ip", "netns", "add", self.switch])
        run(["ip", "netns", "exec", self.switch, "sh", "-c",
             "for f in /proc/sys/net/ipv6/conf/*/disable_ipv6; do echo 1 > $f; done"])
        for node in self.nodes.values():
            node.up(self.stage)
        self._make_links()

    def down(self):
        """Remove all of it; nothing happens when it is not up, or somebody else's of the same name is."""
        owner = _read_owner(self.name)
        if owner and (owner["pid"] in (None, os.getpid())) and (owner["pid"] is None) == self.keep:
            remove(self.name)

    def _snapshot_stage(self):
        """The installation as it is now: a later build does not change a running lab."""
        shutil.rmtree(self.stage.parent, ignore_errors=True)
        source = self.build_dir / "stage"
        self.stage.mkdir(parents=True)
        if source.is_dir():
            run(["cp", "-al", f"{source}/.", str(self.stage)])

    def _make_links(self):
        lines = []
        for number, _ in enumerate(self.spec.links):
            lines += [f"link add br{number} type bridge stp_state 0 forward_delay 0 mcast_snooping 0",
                      f"link set br{number} up"]
        if lines:
            ip_batch(lines, self.switch)
        if self.containers:
            return  # each gets its ends when it boots
        for node in self.nodes.values():
            self._put_links(node)
        for node in self.nodes.values():
            wait_until(f"the links of {node.name} are up", lambda node=node: self._links_up(node))

    def _put_links(self, node):
        """Plug the node's ends of its links in: a port at the switch, the other end up in the node."""
        lines, ends = [], []
        for number, link in enumerate(self.spec.links):
            for side, (end, ifname) in zip("ab", link):
                if end != node.name:
                    continue
                port = f"p{number}{side}"
                mac = f"02:53:52:50:{number:02x}:{ord(side):02x}"
                lines += [f"link add {port} type veth peer name {ifname} address {mac} netns {node.netns}",
                          f"link set {port} alias {node.name}:{ifname} master br{number} up"]
                ends.append(f"link set {ifname} up")
        if lines:
            ip_batch(lines, self.switch)
            ip_batch(ends, node.netns)

    def wire(self, node):
        """Put the links of a container in that has just started; those of before go with its namespace, in a while."""
        links = run(["ip", "-n", self.switch, "-br", "link"]).splitlines()
        there = {line.split()[0].partition("@")[0] for line in links}
        old = [port for port in self._ports(node.name, None, some=False) if port in there]
        if old:
            ip_batch([f"link delete {port}" for port in old], self.switch)
        self._put_links(node)
        wait_until(f"the links of {node.name} are up", lambda: self._links_up(node))
        node.run_execs()

    def boot(self):
        """Start the containers, each behind those that it waits for; returns when all are healthy."""
        for name in clab.boot_order(self.spec):
            for other, stage in self[name].spec.waits:
                if stage == "healthy":
                    self[other].wait_healthy()
            self[name].boot(wait=False)
        for node in self.nodes.values():
            node.wait_healthy()

    def _links_up(self, node):
        """Every link end of the node has a carrier and its link-local address, as on a host that has booted."""
        ends = {ifname for link in self.spec.links for end, ifname in link if end == node.name}
        addresses = node.ip("-6", "-br", "addr", "show", "scope", "link").splitlines()
        local = {line.split()[0].partition("@")[0] for line in addresses if "fe80:" in line}
        return "NO-CARRIER" not in node.ip("-br", "link") and ends <= local or (False, f"without: {ends - local}")

    # --- cutting and healing ---------------------------------------------------------------------

    def _ports(self, node, ifname, some=True):
        ports = [f"p{number}{side}" for number, link in enumerate(self.spec.links)
                 for side, end in zip("ab", link) if end[0] == node and ifname in (None, end[1])]
        if some and not ports:
            raise LabError(f"no link end {node}:{ifname or '*'}")
        return ports

    def cut(self, node, ifname=None):
        """Cut a node off at the switch, or one link at that node's end. Its neighbours keep their carrier."""
        ip_batch([f"link set {port} down" for port in self._ports(node, ifname)], self.switch)

    def deafen(self, node, ifname=None):
        """Let nothing through to a node, or one of its link ends, any more; what it sends still arrives."""
        ports = self._ports(node, ifname)
        ip_batch([f"link set {port} type bridge_slave learning off flood off mcast_flood off bcast_flood off"
                  for port in ports] + [f"link set {port} type bridge_slave fdb_flush" for port in ports], self.switch)

    def heal(self, node, ifname=None):
        """Undo cut() and deafen(). Nothing to be done for a container that does not run: its links come whole."""
        if not self[node].running:
            return
        ip_batch([f"link set {port} {what}" for port in self._ports(node, ifname)
                  for what in ("up", "type bridge_slave learning on flood on mcast_flood on bcast_flood on")],
                 self.switch)
