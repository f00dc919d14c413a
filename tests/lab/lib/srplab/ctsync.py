# SPDX-License-Identifier: GPL-2.0-or-later
"""srp-ctsync on both gateways, which translate the clients' addresses to the loopbacks they serve."""

import re
import signal

from . import build, sessions
from .base import LabError, wait_until
from .pair import CLIENT4, CLIENT6, GATEWAYS, SERVER4, SERVER6, other

RULES = build.TOP / "docs" / "srp-ctsync.nft"
INSTANCE = 1
ENDS = ((CLIENT4, SERVER4), (CLIENT6, SERVER6))


class Ctsync:
    """A context manager: rules and srp-ctsync on both gateways on entry."""

    def __init__(self, pair, *options):
        self.pair, self.options = pair, options
        self.processes = {}

    def __enter__(self):
        for gateway in GATEWAYS:
            self.rules(gateway)
            self.start(gateway)
        return self

    def __exit__(self, *_):
        for gateway in list(self.processes):
            self.kill(gateway)

    def rules(self, gateway):
        """The rules of docs/srp-ctsync.nft."""
        self.pair[gateway].run("nft", "flush", "ruleset")
        self.pair[gateway].run("nft", "-f", str(RULES))

    def start(self, gateway):
        """Start srp-ctsync."""
        with open(self.log(gateway), "ab") as log:
            self.processes[gateway] = self.pair[gateway].popen("srp-ctsync", *self.options, stderr=log)

    def log(self, gateway):
        """Where it writes to."""
        return self.pair[gateway].log_dir / "srp-ctsync.log"

    def kill(self, gateway):
        """kill -9"""
        process = self.processes.pop(gateway)
        process.kill()
        process.wait()

    def wait_ready(self, active, timeout=20):
        """Both are in step, and the other gateway could take over."""
        self.pair.wait_roles(active, timeout=timeout)
        self.pair.wait_ready(other(active))
        for gateway in GATEWAYS:
            sessions.wait_state(self.pair, gateway)

    def switch(self, active):
        """srp initiate-switchover, and wait until it is over."""
        said = self.pair.switchover(active)
        if "Switchover initiated" not in said:
            raise LabError(said)
        self.pair.wait_roles(other(active), timeout=20)

    def report(self, gateway):
        """Its counters, by SIGUSR1: {"flows": 3, ...}."""
        path = self.log(gateway)
        before = path.stat().st_size
        self.pair[gateway].signal(signal.SIGUSR1, "srp-ctsync")

        def line():
            text = path.read_text(encoding="utf-8")[before:]
            found = [entry for entry in text.splitlines(keepends=True) if ", flows " in entry and entry.endswith("\n")]
            return found[-1] if found else False
        text = wait_until(f"srp-ctsync of {gateway} reports", line)
        return {"serves": text.startswith("serves"),
                **{key: int(value) for key, value in re.findall(r"(\w+) (\d+)", text)}}

    def node_death(self, gateway):
        """The node dies, with all it has in its kernel."""
        self.processes.pop(gateway)
        self.pair.node_death(gateway)
        self.pair[gateway].run("nft", "flush", "ruleset")
        self.pair[gateway].run("conntrack", "-F")

    def node_boot(self, gateway):
        """It comes back."""
        self.rules(gateway)
        self.pair.node_boot(gateway)
        self.start(gateway)

    def flows(self, gateway, *words):
        """Entries of the kernel of a gateway that match `conntrack -L WORDS`, as lines."""
        return self.pair[gateway].run("conntrack", "-L", "-o", "extended", *words).splitlines()

    def live(self, gateway):
        """The downloads among them that are not over."""
        return [line for line in self.flows(gateway, "-p", "tcp", "--dport", "8080")
                if "ASSURED" in line and "TIME_WAIT" not in line and "CLOSE " not in line]

    def wait_same(self, active, standby, timeout=10):
        """Wait until the standby's kernel has each flow that the Active's has, and no other."""
        def look():
            mine, theirs = ({_without_time(line) for line in self.live(gateway)} for gateway in (active, standby))
            return mine == theirs or (False, f"{len(mine)} and {len(theirs)}: {sorted(mine ^ theirs)[:4]}")
        return wait_until(f"{standby} has the flows of {active}", look, timeout)


def _without_time(line):
    """An entry without its timeout and use count."""
    return re.sub(r"^(\S+\s+\d+\s+\S+\s+\d+) \d+", r"\1", re.sub(r" use=\d+.*", "", line)).strip()


def all_good(results, count, what):
    """LabError unless every download has arrived whole; returns the longest stall, ms."""
    bad = [result for result in results if not result["good"]]
    if bad or len(results) != count:
        raise LabError(f"{what}: {len(results) - len(bad)} of {count} downloads survived; {bad[:3]}")
    return max(result["stallMsecs"] for result in results)
