# SPDX-License-Identifier: GPL-2.0-or-later
"""The pair below an upstream that is not FRRouting: BIRD 2, GoBGP.

Their zebra (or nobody) gives the interfaces their addresses; the BGP speaker is theirs.
"""

import json
import os
import re

from . import frr
from .base import LabError, Skip, wait_until
from .pair import GATEWAYS, SERVER6, UPSTREAM_PEERS, Pair

BIRD_HEAD = """
log "/var/log/frr/bird.log" all;
router id 10.1.1.2;
protocol device {}
protocol direct { ipv4; ipv6; interface "lo"; }
protocol kernel k4 { ipv4 { import none; export where source = RTS_BGP; }; }
protocol kernel k6 { ipv6 { import none; export where source = RTS_BGP; }; }
protocol bfd { interface "to-*" { min rx interval 50 ms; min tx interval 50 ms; multiplier 3; }; }
"""
BIRD_PEER = """
protocol bgp {name} {{
	local {local} as 65002;
	neighbor {peer} as 65001;
	bfd on;
	connect delay time 1; connect retry time 1; error wait time 1, 2; hold time 9;
	{channel} {{ import all; export where source = RTS_DEVICE; }};
}}
"""
GOBGP_HEAD = """
[global.config]
  as = 65002
  router-id = "10.1.1.2"
"""
GOBGP_PEER = """
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{peer}"
    peer-as = 65001
  [neighbors.timers.config]
    hold-time = 3
    keepalive-interval = 1
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "{family}-unicast"
"""


def birdc(node, *words):
    """What BIRD in a node says to a command. The image keeps its socket where Debian does."""
    socket = () if node.starts_itself else ("-s", "/run/frr/bird.ctl")
    return node.run("/usr/sbin/birdc", *socket, *words)


def bird_path(node, prefix):
    """(AS path, next hops) of what BIRD in a node has chosen for a prefix, or None."""
    text = birdc(node, "show", "route", "for", prefix, "primary", "all")
    path = re.search(r"BGP\.as_path: ([\d ]*)", text)
    hops = re.findall(r"BGP\.next_hop: (\S+)", text)
    return ([int(word) for word in path[1].split()], hops) if path else None


def _local(peer):
    return re.sub(r"1$", "2", peer)


class ForeignPair(Pair):
    """Common to both: upstream's own BGP daemons stay off, `start_speaker` and the questions are theirs."""

    def __init__(self, name=None):
        super().__init__(name, without={"upstream": ["bgpd", "bfdd"]})

    def start_more(self):
        self.start_speaker(self.lab["upstream"])

    def start_speaker(self, node):
        """Configure and start the foreign daemon."""
        raise NotImplementedError

    def bfd_down(self, node):
        return [] if node == "upstream" else super().bfd_down(node)

    def shut_peers(self, router, peers, down=True):
        if router != "upstream":
            return super().shut_peers(router, peers, down)
        for peer in peers:
            self.shut_peer(peer, down)
        return self.now()

    def shut_peer(self, peer, down):
        """Take one session of upstream down, or let it come back."""
        raise NotImplementedError


class BirdPair(ForeignPair):
    """Upstream is BIRD 2, with BFD."""

    def start_speaker(self, node):
        text = BIRD_HEAD
        for gateway in GATEWAYS:
            for peer in UPSTREAM_PEERS[gateway]:
                text += BIRD_PEER.format(name=self._name(peer), local=_local(peer), peer=peer,
                                         channel="ipv6" if ":" in peer else "ipv4")
        node.write_config("bird.conf", text)
        frr.start(node, frr.BIRD)

    @staticmethod
    def _name(peer):
        gateway = next(gateway for gateway, peers in UPSTREAM_PEERS.items() if peer in peers)
        return f"{gateway}v{6 if ':' in peer else 4}"

    def _birdc(self, *words):
        return birdc(self.lab["upstream"], *words)

    def path(self, prefix, router="upstream"):
        if router != "upstream":
            return super().path(prefix, router)
        return bird_path(self.lab["upstream"], prefix)

    def sessions(self, node):
        if node != "upstream":
            return super().sessions(node)
        found = {}
        for peers in UPSTREAM_PEERS.values():
            for peer in peers:
                line = next((line for line in self._birdc("show", "protocols", self._name(peer)).splitlines()
                             if line.startswith(self._name(peer))), "")
                found[("ipv6" if ":" in peer else "ipv4", peer)] = "Established" if "Established" in line else line
        return found

    def shut_peer(self, peer, down):
        self._birdc("disable" if down else "enable", self._name(peer))


class GobgpPair(ForeignPair):
    """Upstream is GoBGP: a speaker that writes no routes to the kernel and has no BFD. Hold time 3 s."""

    def start_frr(self):
        # From 10.3 on FRRouting does not connect to a neighbour whose BFD session is not up.
        for gateway in GATEWAYS:
            text = self.lab[gateway].read_config("frr.conf")
            self.lab[gateway].write_config("frr.conf", text.replace(" neighbor UPSTREAM bfd profile fast\n", ""))
        super().start_frr()

    def start_speaker(self, node):
        text = GOBGP_HEAD
        for gateway in GATEWAYS:
            for peer in UPSTREAM_PEERS[gateway]:
                text += GOBGP_PEER.format(peer=peer, family=f"ipv{6 if ':' in peer else 4}")
        node.write_config("gobgpd.toml", text)
        with open(node.log_dir / "gobgpd.log", "wb") as log:
            self.stack.callback(node.popen("gobgpd", "-f", "/etc/frr/gobgpd.toml", "--api-hosts", "127.0.0.1:50051",
                                           stdin=None, stdout=log, stderr=log).wait)
        wait_until("gobgpd answers", lambda: self._gobgp("global"))
        self._gobgp("global", "rib", "add", "203.0.113.0/24")
        self._gobgp("global", "rib", "add", "-a", "ipv6", f"{SERVER6.rpartition('::')[0]}::/64")

    def __exit__(self, *details):
        self.lab["upstream"].kill_all("gobgpd")
        super().__exit__(*details)

    def _gobgp(self, *words):
        return self.lab["upstream"].run("gobgp", *words)

    def path(self, prefix, router="upstream"):
        if router != "upstream":
            return super().path(prefix, router)
        try:
            text = self._gobgp("global", "rib", "-a", "ipv6" if ":" in prefix else "ipv4", prefix, "-j")
            table = json.loads(text)
        except (LabError, ValueError):
            return None
        for path in (table.get(prefix) or [] if isinstance(table, dict) else table):
            if path.get("best"):
                return self._attributes(path)
        return None

    @staticmethod
    def _attributes(path):
        asns, hops = [], []
        for attribute in path.get("attrs", []):
            if attribute.get("type") == 2:
                asns = [asn for segment in attribute.get("as_paths", []) for asn in segment.get("asns", [])]
            elif attribute.get("type") in (3, 14) and attribute.get("nexthop"):
                hops.append(attribute["nexthop"])
        return asns, hops

    def via(self, router, prefix):
        if router != "upstream":
            return super().via(router, prefix)
        found = self.path(prefix)
        return next((gateway for gateway, peers in UPSTREAM_PEERS.items() if found and set(found[1]) & set(peers)),
                    None)

    def sessions(self, node):
        if node != "upstream":
            return super().sessions(node)
        found = {}
        for peer in json.loads(self._gobgp("neighbor", "-j")):
            address = peer["state"]["neighbor_address"] if "neighbor_address" in peer["state"] \
                else peer["conf"]["neighbor_address"]
            state = peer["state"].get("session_state")
            found[("ipv6" if ":" in address else "ipv4", address)] = "Established" if state == 6 else state
        return found

    def shut_peer(self, peer, down):
        self._gobgp("neighbor", peer, "disable" if down else "enable")


def failures(pair, say):
    """The same for both: a node death, a planned switchover, a group that empties; each way upstream must follow."""
    pair.wait_path_is_modifier("gw1")
    say("gw1 dies")
    pair.node_death("gw1")
    pair.wait_paths("gw2")
    pair.wait_path_is_modifier("gw2")
    pair.node_boot("gw1")
    pair.wait_roles("gw2", timeout=20)
    pair.wait_sessions("upstream", timeout=30)
    pair.wait_ready("gw1")
    say("planned switchover to gw1")
    pair.switchover("gw2")
    pair.wait_roles("gw1")
    pair.wait_paths("gw1")
    pair.wait_path_is_modifier("gw1")
    pair.wait_ready("gw2")
    say("upstream drops all its sessions to gw1")
    done = pair.shut_peers("upstream", UPSTREAM_PEERS["gw1"])
    say(f"the new path is there {pair.wait_new_path('gw2', done):.0f} ms later")
    pair.wait_roles("gw2")
    pair.wait_paths("gw2")
    pair.wait_path_is_modifier("gw2")
    pair.shut_peers("upstream", UPSTREAM_PEERS["gw1"], down=False)
    pair.wait_sessions("upstream", timeout=60)
    pair.wait_ready("gw1")
    pair.holds("no switching back", lambda: pair.role("gw2") == "Active" or (False, pair.roles()), 1.0)


def available(program):
    """Skip unless the distribution's package is there."""
    if not any(os.access(f"{folder}/{program}", os.X_OK) for folder in ("/usr/sbin", "/usr/bin")):
        raise Skip(f"{program} is not installed")
