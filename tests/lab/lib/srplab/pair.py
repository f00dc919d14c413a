# SPDX-License-Identifier: GPL-2.0-or-later
"""The two-router topology at work: roles, paths, failures, probes. The demonstration and the tests use it."""

import contextlib
import os
import shutil
import signal
import time

from . import build, clab, frr, topology
from .base import LabError, wait_until
from .probe import Probe
from .vty import Vty

GATEWAYS = ("gw1", "gw2")
SERVICE4, SERVICE6 = "172.17.1.1/32", "2001:db8:17::1/128"
POOL4, POOL6 = "10.100.0.0/16", "2001:db8:100::/40"
PREFIXES = (SERVICE4, POOL4, SERVICE6, POOL6)
CLIENT4, CLIENT6 = "10.100.0.10", "2001:db8:100::10"
SERVER4, SERVER6 = "203.0.113.10", "2001:db8:f00::10"
SERVER_PREFIXES = ("203.0.113.0/24", "2001:db8:f00::/64")
UPSTREAM_PEERS = {"gw1": ("10.1.1.1", "2001:db8:1:1::1"), "gw2": ("10.1.2.1", "2001:db8:1:2::1")}
ACCESS_PEERS = {"gw1": ("10.2.1.1", "2001:db8:2:1::1"), "gw2": ("10.2.2.1", "2001:db8:2:2::1")}


def family(prefix):
    """FRR's word for the address family of a prefix."""
    return "ipv6" if ":" in prefix else "ipv4"


def other(gateway):
    """The other one of the pair."""
    return GATEWAYS[1 - GATEWAYS.index(gateway)]


def best_path(table):
    """(AS path as numbers, next hops) of the best path in `show bgp ... PREFIX json`, or None."""
    for path in table.get("paths", []):
        if path.get("bestpath", {}).get("overall"):
            numbers = [int(word) for word in path["aspath"]["string"].split() if word.isdigit()]
            return numbers, [hop["ip"] for hop in path.get("nexthops", [])]
    return None


METRIC_BASE, METRIC_PREPENDS = 24500, 40


def route_map(base=METRIC_BASE, prepends=METRIC_PREPENDS, asn=65001):
    """What `show srp bgp-policy` prints: the map that bgpd needs where no module may be loaded."""
    return "".join(f"route-map SRP permit {base + count}\n match metric {base + count}\n"
                   f" set as-path prepend{f' {asn}' * count}\nexit\n" for count in range(1, prepends + 1))


def use_metric_driver(pair, base=METRIC_BASE, gateways=GATEWAYS):
    """Before the daemons start: nothing of ours in these gateways' bgpd, metrics and a route-map in its place."""
    for gateway in gateways:
        node = pair.lab[gateway]
        node.write_config("daemons", node.read_config("daemons").replace(" -M srp", ""))
        text = node.read_config("frr.conf").replace("route-map srp", "route-map SRP")
        node.write_config("frr.conf", text.replace("\nrouter bgp", f"\n{route_map(base)}!\nrouter bgp", 1))
        driver = " bgp driver metric" + (f" base {base}" if base != METRIC_BASE else "")
        if (node.etc_dir / "srpd.conf").exists():
            text = node.read_config("srpd.conf")
            node.write_config("srpd.conf", text.replace("service-redundancy-protocol\n",
                                                        f"service-redundancy-protocol\n{driver}\n", 1))


def slow_bfd(pair):
    """BFD that does not take a machine which is busy for 150 ms for a failure; a `setup` for what is not about links."""
    for node in pair.lab.nodes.values():
        text = node.read_config("frr.conf")
        node.write_config("frr.conf", text.replace("detect-multiplier 3", "detect-multiplier 20"))


def patient(pair):
    """Neither BFD nor SRP takes a busy machine for a failure: dead-interval 2 s, in which srpd restarts, too."""
    slow_bfd(pair)
    for gateway in GATEWAYS:
        text = pair[gateway].read_config("srpd.conf")
        pair[gateway].write_config("srpd.conf", text.replace("dead-interval 80 msec", "dead-interval 2"))


class Pair:
    """A context manager: the lab is up, its daemons run and the pair has formed on entry.

    name    of the lab; the default belongs to this process, so that several can run
    file    the containerlab file, docker/two-router's by default
    change  function(data) that changes the containerlab file's data before it is used
    setup   function(pair) that changes nodes' files (Node.write_config) before daemons start
    without daemons that are not started, by node: {"gw2": ["srpd"]}
    wait    False: return before any daemon runs; start_frr() and start_srpd() are the caller's
    driver  "module" or "metric": how srpd talks to bgpd; by default what SRPD_LAB_DRIVER says, or the module
    """

    def __init__(self, name=None, *, file=build.TOPOLOGY, change=None, setup=None, without=None, wait=True, keep=False,
                 driver=None):
        data = clab.load(file)
        data["name"] = name or f"srp{os.getpid()}"
        if change:
            change(data)
        self.lab = topology.Lab(clab.parse(data, file.parent), build.build_dir(), keep=keep)
        self.setup = setup
        self.driver = driver or os.environ.get("SRPD_LAB_DRIVER", "module")
        self.without = without or {}
        self.wait = wait
        self.vtys = {}
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        topology.require_namespaces()
        if not (build.build_dir() / "stage").is_dir():
            raise LabError(f"nothing is built in {build.build_dir()}: ./lab build")
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.lab)
            if self.driver == "metric":
                use_metric_driver(self)
            if self.setup:
                self.setup(self)
            self.stack.push(stack.pop_all())
        if self.wait:
            try:
                self.start_frr()
                self.start_srpd()
            except BaseException as error:
                self.__exit__(type(error), error, None)
                raise
        return self

    def start_frr(self):
        """Start every daemon but srpd, and wait for the sessions."""
        if self.lab.containers:
            self.lab.boot()
        else:
            for node in self.lab.nodes.values():
                frr.start_all(node, without=(*self.without.get(node.name, ()), frr.SRPD))
        self.start_more()
        for router in ("upstream", "access"):
            # A BFD session that its owner makes anew while it forms waits for the detection time of the first: with
            # slow_bfd 20 x 1 s.
            self.wait_sessions(router, timeout=40)

    def start_more(self):
        """For topologies whose sessions need more than FRRouting's daemons."""

    def start_srpd(self):
        """Start srpd on both, gw1 first: with its sessions up and no peer yet it is Active. Wait for the pair."""
        for gateway in GATEWAYS:
            if frr.SRPD in frr.wanted(self.lab[gateway]) and frr.SRPD not in self.without.get(gateway, ()):
                frr.start(self.lab[gateway], frr.SRPD)
                wait_until("gw1 is Active", lambda: self.role("gw1") == "Active" or (False, self.role("gw1")))
        self.wait_formed()

    def __exit__(self, kind, *_):
        if kind is not None and issubclass(kind, Exception):
            self.save_logs()
        for vty in self.vtys.values():
            vty.close()
        self.stack.close()

    def __getitem__(self, name):
        return self.lab[name]

    def vty(self, node, daemon):
        """The persistent vty connection to a daemon."""
        key = (node, daemon)
        if key not in self.vtys:
            self.vtys[key] = Vty(self.lab[node], daemon)
        return self.vtys[key]

    def save_logs(self):
        """Keep the nodes' logs and srpd's last words where ./lab check looks for them."""
        folder = build.logs(build.build_dir()) / os.environ.get("SRPD_LAB_TEST", self.lab.name)
        folder.mkdir(parents=True, exist_ok=True)
        for name, node in self.lab.nodes.items():
            node.collect_logs()
            for path in node.log_dir.glob("*"):
                shutil.copyfile(path, folder / f"{name}-{path.name}")
            for daemon, words in (("srpd", "show srp info json"), ("srpd", "show srp monitor all json"),
                                  ("bgpd", "show bgp vrf all summary json")):
                with contextlib.suppress(LabError):
                    text = Vty(node, daemon).ask(words)
                    (folder / f"{name}-{words.replace(' ', '-')}").write_text(text, encoding="utf-8")
        print(f"the nodes' logs are kept in {folder}")

    # --- what is so ------------------------------------------------------------------------------

    def srp_info(self, node):
        """`show srp info json` of a gateway, asked of srpd itself."""
        return self.vty(node, "srpd").json("show srp info json")

    def role(self, node):
        """Its role, or None when srpd does not answer."""
        try:
            return self.srp_info(node).get("chassisState")
        except LabError:
            return None

    def roles(self):
        """{gateway: role or None}"""
        return {node: self.role(node) for node in GATEWAYS}

    def active(self):
        """The gateway that is Active; LabError unless it is exactly one."""
        found = [node for node, role in self.roles().items() if role == "Active"]
        if len(found) != 1:
            raise LabError(f"exactly one Active expected, roles are {self.roles()}")
        return found[0]

    def path(self, prefix, router="upstream"):
        """(AS path, next hops) a router has chosen for the prefix, or None."""
        words = f"show bgp {family(prefix)} unicast {prefix} json"
        return best_path(self.vty(router, "bgpd").json(words))

    def sessions(self, node):
        """{(family, peer): state} of the BGP sessions of a node."""
        found = {}
        for name, table in self.vty(node, "bgpd").json("show bgp vrf all summary json").get("default", {}).items():
            for peer, values in table.get("peers", {}).items():
                found[("ipv6" if "ipv6" in name.lower() else "ipv4", peer)] = values.get("state")
        return found

    def bfd_down(self, node):
        """Peers of the node's BFD sessions that are not up."""
        return [peer["peer"] for peer in self.vty(node, "bfdd").json("show bfd peers json")
                if peer.get("status") != "up"]

    def via(self, router, prefix):
        """The gateway whose interface the router's kernel uses for the prefix, or None."""
        for line in self.lab[router].ip("-6" if ":" in prefix else "-4", "route", "show", prefix).splitlines():
            for gateway in GATEWAYS:
                if f"dev to-{gateway}" in line:
                    return gateway
        return None

    # --- waiting for it --------------------------------------------------------------------------

    def wait_sessions(self, node="upstream", timeout=20):
        """Wait until every BGP session of the node is Established and its BFD sessions are up."""
        def look():
            down = [peer for peer, state in self.sessions(node).items() if state != "Established"]
            down += self.bfd_down(node)
            return (False, f"not up: {down}") if down else True
        wait_until(f"the sessions of {node} are up", look, timeout)

    def wait_roles(self, active, timeout=10):
        """Wait until `active` is Active and the other gateway Standby."""
        want = {active: "Active", other(active): "Standby"}
        wait_until(f"{want}", lambda: self.roles() == want or (False, self.roles()), timeout)

    def wait_one_active(self, timeout=10):
        """Wait until one gateway is Active and the other Standby, whichever; returns the Active."""
        wait_until("one Active, one Standby", lambda: sorted(map(str, self.roles().values())) == ["Active", "Standby"]
                   or (False, self.roles()), timeout)
        return self.active()

    def wait_paths(self, gateway, prefixes=PREFIXES, timeout=10):
        """Wait until upstream (BGP and kernel) and access (kernel) reach the other side through the gateway."""
        def look():
            bad = []
            for prefix in prefixes:
                found = self.path(prefix)
                if not found or not set(found[1]) & set(UPSTREAM_PEERS[gateway]) or \
                        self.via("upstream", prefix) != gateway:
                    bad.append(("upstream", prefix, found))
            bad += [("access", prefix, self.via("access", prefix)) for prefix in SERVER_PREFIXES
                    if self.via("access", prefix) != gateway]
            return (False, bad) if bad else True
        wait_until(f"upstream and access go through {gateway}", look, timeout)

    def wait_formed(self, active="gw1", timeout=30):
        """Wait until all sessions are up, the roles are decided and traffic can flow through `active`."""
        for router in ("upstream", "access"):
            self.wait_sessions(router, timeout)
        self.wait_roles(active, timeout)
        self.wait_paths(active, timeout=timeout)
        self.wait_ready(other(active), timeout)

    def wait_ready(self, gateway, timeout=20):
        """Wait until a Standby could take over: bgpd connected and told, its sessions up, the server's routes there."""
        def look():
            info = self.srp_info(gateway)
            bgp = info.get("bgp") or {}
            seen = {"state": info.get("chassisState"), "connection": info.get("connectionState"),
                    "bgpd": bgp.get("connected"), "desired": bgp.get("desiredGeneration"),
                    "applied": bgp.get("appliedGeneration"), "monitorsReady": info.get("monitorsReady")}
            down = [peer for peer, state in self.sessions(gateway).items() if state != "Established"]
            missing = [prefix for prefix in SERVER_PREFIXES if not self.path(prefix, gateway)]
            told = seen["bgpd"] and seen["monitorsReady"] and seen["desired"] == seen["applied"]
            return bool(told and not down and not missing) or \
                (False, f"{seen}, sessions not up: {down}, routes missing: {missing}")
        wait_until(f"{gateway} is ready", look, timeout)

    def wait_path_is_modifier(self, gateway, timeout=10):
        """Wait until upstream sees every prefix through the gateway with the prepends of its route modifier."""
        def look():
            wanted = [65001] * ((self.srp_info(gateway).get("routeModifier") or 0) + 1)
            seen = {prefix: self.path(prefix) for prefix in PREFIXES}
            good = all(found and found[0] == wanted and set(found[1]) & set(UPSTREAM_PEERS[gateway])
                       for found in seen.values())
            return good or (False, f"{seen}, wanted {wanted}")
        wait_until(f"upstream has the prepends of {gateway}", look, timeout)

    def wait_new_path(self, gateway, since, prefix=POOL4, timeout=10):
        """Wait, looking often, until upstream's choice for the prefix is the gateway; milliseconds after `since`."""
        peers = set(UPSTREAM_PEERS[gateway])

        def look():
            found = self.path(prefix)
            return bool(found and set(found[1]) & peers) or (False, found)
        wait_until(f"upstream's BGP chooses {gateway} for {prefix}", look, timeout, interval=0.002)
        return (time.monotonic_ns() - since) / 1e6

    def wait_info(self, gateway, key, value, timeout=10):
        """Wait until `key` of a gateway's srp info (a.b for a key within) has the value."""
        def look():
            found = self.srp_info(gateway)
            for part in key.split("."):
                found = found.get(part)
            return found == value or (False, found)
        wait_until(f"{key} of {gateway} is {value}", look, timeout)

    def wait_sessions_gone(self, node, peers, timeout=10):
        """Wait until none of these peers of a node is Established."""
        def look():
            up = [peer for (_, peer), state in self.sessions(node).items() if peer in peers and state == "Established"]
            return (False, f"still up: {up}") if up else True
        wait_until(f"{node} has lost {', '.join(peers)}", look, timeout)

    @staticmethod
    def now():
        """The clock of the probe."""
        return time.monotonic_ns()

    def holds(self, what, look, seconds):
        """Check again and again for a while that look() stays true; LabError with what was seen otherwise."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = look()
            if not seen or (isinstance(seen, tuple) and seen[0] is False):
                raise LabError(f"no longer so: {what}; seen: {seen}")
            time.sleep(0.02)

    # --- making things happen --------------------------------------------------------------------

    def node_death(self, gateway):
        """The node is gone: all its links cut at the switch, everything in it killed at once."""
        node = self.lab[gateway]
        pids = node.processes()
        self.lab.cut(gateway)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.kill_all()

    def node_boot(self, gateway):
        """The node comes back as after a reboot: links up, nothing in /run, no routes; daemons started."""
        node = self.lab[gateway]
        frr.power_cycle(node)
        self.lab.heal(gateway)
        frr.start_all(node, without=self.without.get(gateway, ()))

    def restart_srpd(self, gateway):
        """kill -9 srpd and start it at once: within the peer's dead-interval, if the machine is quick enough."""
        frr.restart(self.lab[gateway], frr.SRPD)

    def shut_peers(self, router, peers, down=True):
        """`neighbor ... shutdown` (or `no`) of these peers at an outer router; returns when it was done (ns).

        Over the vty connection: nothing else happens between the first and the last of them.
        """
        asn = {"upstream": 65002, "access": 65003}[router]
        no = "" if down else "no "
        vty = Vty(self.lab[router], "bgpd")
        vty.ask("configure terminal")
        vty.ask(f"router bgp {asn}")
        for peer in peers:
            vty.ask(f"{no}neighbor {peer} shutdown")
        done = time.monotonic_ns()
        vty.close()
        return done

    def switchover(self, gateway):
        """`srp initiate-switchover` typed at a gateway's vtysh; returns what it said."""
        return self.lab[gateway].vtysh("srp initiate-switchover")

    def probe(self, seconds=900):
        """Streams between client and server: up4, down4, up6, down6."""
        access, upstream = self.lab["access"].netns, self.lab["upstream"].netns
        flows = {"up4": ((access, CLIENT4), (upstream, SERVER4)), "down4": ((upstream, SERVER4), (access, CLIENT4)),
                 "up6": ((access, CLIENT6), (upstream, SERVER6)), "down6": ((upstream, SERVER6), (access, CLIENT6))}
        return Probe(build.build_dir() / "tests" / "lab" / "probe", flows, seconds)


PLAIN = """
route-map PLAIN permit 10
{prepend}exit
ip route 10.100.0.0/16 10.2.{number}.2
ipv6 route 2001:db8:100::/40 2001:db8:2:{number}::2
interface lo
 ip address 172.17.1.1/32
 ipv6 address 2001:db8:17::1/128
exit
"""


def plain_frr(pair):
    """A setup: the same without srpd. Both gateways announce, gw2 with two prepends: FRR's own best."""
    for gateway in GATEWAYS:
        node, number = pair.lab[gateway], gateway[-1]
        (node.etc_dir / "srpd.conf").unlink()
        node.write_config("daemons", node.read_config("daemons").replace(" -M srp", ""))
        text = node.read_config("frr.conf").replace("redistribute kernel route-map srp",
                                                    "redistribute static route-map PLAIN")
        text = text.replace("redistribute connected route-map srp", "redistribute connected route-map PLAIN")
        prepend = " set as-path prepend 65001 65001\n" if gateway == "gw2" else ""
        own = PLAIN.format(prepend=prepend, number=number)
        node.write_config("frr.conf", text.replace("\nrouter bgp", f"\n!{own}!\nrouter bgp", 1))


class PlainPair(Pair):
    """The pair with plain FRR in place of srpd, for comparison."""

    def __init__(self, name=None, **options):
        super().__init__(name, setup=plain_frr, driver="module", **options)

    def start_srpd(self):
        self.wait_formed()

    def wait_formed(self, active="gw1", timeout=30):
        for router in ("upstream", "access"):
            self.wait_sessions(router, timeout)
        self.wait_paths(active, timeout=timeout)

    def role(self, node):
        return None
