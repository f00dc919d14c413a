# SPDX-License-Identifier: GPL-2.0-or-later
"""`lab demo`: a pair at work, its failures, and what they cost, for people to watch.

Every event ends when the state it must lead to is there: exactly one Active, the right path upstream,
packets in both directions. That decides the exit code; the milliseconds are shown, not judged.
"""

import contextlib
import time
from dataclasses import dataclass, field
from itertools import groupby

from . import sessions, timeline
from .base import LabError, wait_until
from .ctsync import ENDS, Ctsync, all_good
from .downloads import PAUSE, Downloads
from .pair import SERVICE4, UPSTREAM_PEERS, Pair, PlainPair, other
from .watch import Watch

COUNT = 5  # downloads of each family
DOWNLOADS = COUNT * len(ENDS)
LONGEST = 600.0  # s that they would take if nobody ended them
RESTORED = 10.0  # s; packets that are not back by then are a failure


@dataclass
class Event:
    """One thing that happens, and what came of it."""
    name: str
    start: int
    end: int = 0
    active: str = "-"
    before: str = "-"
    after: str = "-"
    costs: dict = field(default_factory=dict)
    stall: str = "-"  # the longest of a download, ms


def configure(pair):
    """The example as it is, but that no connection is too young to be carried, and a Standby soon ready."""
    sessions.configure(pair, dead_interval="80 msec")


class Demo:
    """Runs the events against a pair that has formed and prints what one sees."""

    def __init__(self, pair, plain):
        self.pair, self.plain = pair, plain
        self.ctsync = self.downloads = None
        self.events = []
        self.zero = time.monotonic_ns()

    # --- words -----------------------------------------------------------------------------------

    def say(self, words):
        """A line with the time since the start."""
        print(f"  {(time.monotonic_ns() - self.zero) / 1e9:6.2f} s  {words}", flush=True)

    def path_words(self):
        """The AS path upstream uses now, and through whom."""
        found = self.pair.path(SERVICE4)
        if not found:
            return "none"
        via = [gateway for gateway, peers in UPSTREAM_PEERS.items() if set(found[1]) & set(peers)]
        return f"{_as_path(found[0])} via {via[0] if via else '?'}"

    def path_rule(self, gateway):
        """The path upstream through the Active has the prepends srpd says it has."""
        if self.plain:
            return
        def look():
            info = self.pair.srp_info(gateway)
            found = self.pair.path(SERVICE4)
            wanted = (info.get("asPathPrepend") or 0) + 1
            return bool(found and len(found[0]) == wanted and set(found[0]) == {65001}) or \
                (False, f"AS path {found and found[0]}, asPathPrepend {info.get('asPathPrepend')}")
        wait_until("upstream's AS path is what the Active says", look, RESTORED)

    # --- the events ------------------------------------------------------------------------------

    def event(self, name, act, active, probe):
        """Let something happen and wait for what it must lead to."""
        print(f"\n{len(self.events) + 1}. {name}", flush=True)
        event = Event(name, time.monotonic_ns(), before=self.path_words())
        self.events.append(event)
        event.start = time.monotonic_ns()
        act()
        if not self.plain:
            wait_until(f"{active} is Active", lambda: self.pair.role(active) == "Active"
                       or (False, self.pair.roles()), RESTORED)
        self.pair.wait_paths(active, timeout=RESTORED)
        self.path_rule(active)
        if not self.plain:
            probe.wait_flowing(RESTORED)
        if not self.plain:
            roles = self.pair.roles()
            if sorted(role for role in roles.values() if role in ("Active", "Pending-Active")) != ["Active"]:
                raise LabError(f"not exactly one Active: {roles}")
        event.active, event.after = active, self.path_words()
        probe.wait_settled()
        event.end = time.monotonic_ns()
        self.say(f"upstream: {event.before}  ->  {event.after}")
        self.cost(event, probe)
        words = ", ".join(f"{flow} {_ms(outage)} ms / {lost} lost" for flow, (outage, lost) in event.costs.items())
        self.say(f"outage: {words}")

    @staticmethod
    def cost(event, probe):
        """What the probe knows by now of the event: a gap is known when it has closed."""
        event.costs = {flow: probe.window(flow, event.start, event.end) for flow in probe.flows}

    def back(self, gateway):
        """The gateway that was hit becomes a Standby that could take over."""
        if self.plain:
            self.pair.wait_formed()
            return
        self.ctsync.wait_ready(other(gateway), RESTORED + 10)

    def run(self, probe):
        """All of them, in order."""
        pair = self.pair
        first = "gw1"
        second = other(first)
        host = pair if self.plain else self.ctsync
        self.event(f"{first} dies: its links are cut and all its processes killed", lambda: host.node_death(first),
                   second, probe)

        def heal():
            host.node_boot(first)
            self.back(first)
        self.event(f"{first} comes back: links, then daemons", heal, first if self.plain else second, probe)
        active = first
        if not self.plain:
            self.event("planned switchover: srp initiate-switchover", lambda: pair.switchover(second), first, probe)
            self.ctsync.wait_ready(first)

        peers = UPSTREAM_PEERS[active]
        self.event(f"upstream shuts its sessions to {active} (IPv4 and IPv6: the whole group)",
                   lambda: pair.shut_peers("upstream", peers), other(active), probe)

        def reopen():
            pair.shut_peers("upstream", peers, down=False)
            pair.wait_sessions("upstream")
            self.back(active)
        self.event("the sessions come back", reopen, active if self.plain else other(active), probe)

    def stalls(self):
        """The downloads end; what each event has cost them. LabError when one has not outlived all of them."""
        results = self.downloads.finish(early=True)
        for event in self.events:
            pauses = [msec for result in results for start, msec in result["pauses"]
                      if event.start <= start + msec * 1e6 and start <= event.end]
            event.stall = _ms(max(pauses)) if pauses else f"<{PAUSE * 1000:.0f}"
        all_good(results, DOWNLOADS, "all events")
        return sum(result["bytes"] for result in results)


def _as_path(numbers):
    """65001 65001 65001 as "65001 x3": it is its length that people look for."""
    return " ".join(f"{number} x{len(list(run))}" for number, run in groupby(numbers))


def _ms(outage):
    return "never ended" if outage is None else f"{outage:.0f}"


def table(events):
    """The events and their costs, as lines."""
    rows = [("event", "Active", "up ms", "lost", "down ms", "lost", "up6 ms", "lost", "down6 ms", "lost",
             "TCP stalls ms", "AS path upstream before", "after")]
    for number, event in enumerate(events, 1):
        cells = [f"{number} {event.name.partition(':')[0].partition(' (')[0]}", event.active]
        for flow in ("up4", "down4", "up6", "down6"):
            outage, lost = event.costs.get(flow, (0.0, 0))
            cells += [_ms(outage), str(lost)]
        cells.append(event.stall)
        rows.append((*cells, event.before, event.after))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        lines.append("  ".join(cell.rjust(width) if 2 <= column <= 10 else cell.ljust(width)
                               for column, (cell, width) in enumerate(zip(row, widths))).rstrip())
    lines.insert(1, "-" * max(map(len, lines)))
    return lines


def demo(folder, name, *, plain=False, output=None):
    """Run it; returns the exit code."""
    output = output or folder / ("plain-demo.svg" if plain else "srp-demo.svg")
    what = "plain FRRouting: prepends by hand, no srpd" if plain else "srpd"
    title = "the same failures with plain FRRouting, no srpd" if plain else "srpd: a pair and its failures"
    print(f"\nThe pair ({what}): gw1 and gw2, AS 65001, between upstream (AS 65002, the server) and access "
          f"(AS 65003, the client).", flush=True)
    watch = probe = None
    failure = None
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(PlainPair(name, wait=False) if plain else Pair(name, setup=configure, wait=False))
        show = Demo(pair, plain)
        try:
            watch = Watch(pair)
            if not plain:
                watch.on_role = lambda gateway, role: show.say(
                    f"{gateway} is {role or 'silent'}")
            pair.start_frr()
            show.say("all BGP and BFD sessions are up" if plain else "all BGP and BFD sessions are up; now srpd")
            pair.start_srpd()
            show.say(f"upstream: {show.path_words()}")
            probe = pair.probe()
            probe.wait_flowing()
            show.say("a packet each millisecond each way, client <-> server, IPv4 and IPv6")
            if not plain:
                show.ctsync = stack.enter_context(Ctsync(pair))
                show.ctsync.wait_ready("gw1")
                downloads = stack.enter_context(Downloads(pair, ENDS, COUNT))
                show.downloads = stack.enter_context(downloads.running(LONGEST))
                show.say(f"{DOWNLOADS} downloads through NAT, 2 MiB/s each; srp-ctsync carries them")
            show.run(probe)
            if not plain:
                total = show.stalls()
                show.say(f"{DOWNLOADS} of {DOWNLOADS} downloads have outlived all of this: "
                         f"{total >> 20} MiB, each byte as it was sent")
        except LabError as error:
            failure = error
            if show.events and not show.events[-1].end:
                show.events[-1].end = time.monotonic_ns()
            pair.save_logs()
        finally:
            if probe:
                probe.stop()
            if watch:
                watch.stop()
        end = time.monotonic_ns()
        if probe and watch:
            story = timeline.Story(watch.changes, probe.gaps, probe.flows, show.events, show.zero, end)
            output.write_text(timeline.draw(story, title), encoding="utf-8")
    for event in show.events if probe else []:
        show.cost(event, probe)
    print()
    print("\n".join(table(show.events)))
    if probe and probe.worst_ms is not None:
        print(f"\n1 ms between packets; the probe itself was at worst {probe.worst_ms:.0f} ms late on this machine.")
        print(f"timeline: {output}")
    if failure:
        print(f"\nFAILED in event {len(show.events)}: {failure}" if show.events else f"\nFAILED: {failure}")
        return 1
    if not plain:
        print("every event ended as it should: one Active, its path upstream, packets both ways")
    return 0
