# SPDX-License-Identifier: GPL-2.0-or-later
"""Samples taken while a demonstration runs: the roles of both gateways, and what upstream hears from each.

A thread asks a few times a second over vty connections of its own, and keeps what changed.
"""

import threading
import time

from .base import LabError
from .pair import GATEWAYS, SERVICE4, UPSTREAM_PEERS
from .vty import Vty

INTERVAL = 0.05


class Watch:
    """`changes` is a list of (ns, key, value); keys are ("role", gateway) and ("length", gateway).

    A role is None while srpd does not answer. A length is (AS path length as upstream sees the service
    address through that gateway, whether it is upstream's choice), or None when it hears none.
    """

    def __init__(self, pair):
        self.changes = []
        self.now = {}
        self.on_role = None
        self.srpd = {gateway: Vty(pair.lab[gateway], "srpd", timeout=0.5) for gateway in GATEWAYS}
        self.upstream = Vty(pair.lab["upstream"], "bgpd", timeout=0.5)
        self.start = time.monotonic_ns()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        """End the sampling."""
        self.stopping.set()
        self.thread.join(timeout=5)
        for vty in [*self.srpd.values(), self.upstream]:
            vty.close()

    def _run(self):
        while not self.stopping.wait(INTERVAL):
            for gateway, vty in self.srpd.items():
                try:
                    role = vty.json("show srp info json").get("chassisState")
                except LabError:
                    role = None
                self._note(("role", gateway), role)
            self._paths()

    def _paths(self):
        try:
            table = self.upstream.json(f"show bgp ipv4 unicast {SERVICE4} json")
        except LabError:
            return
        lengths = dict.fromkeys(GATEWAYS)
        for path in table.get("paths", []):
            for gateway, peers in UPSTREAM_PEERS.items():
                if path.get("peer", {}).get("peerId") in peers:
                    length = path.get("aspath", {}).get("length", 0)
                    lengths[gateway] = (length, bool(path.get("bestpath", {}).get("overall")))
        for gateway, length in lengths.items():
            self._note(("length", gateway), length)

    def _note(self, key, value):
        if key not in self.now or self.now[key] != value:
            self.now[key] = value
            self.changes.append((time.monotonic_ns(), key, value))
            if key[0] == "role" and self.on_role:
                self.on_role(key[1], value)
