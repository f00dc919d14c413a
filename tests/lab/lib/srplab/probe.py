# SPDX-License-Identifier: GPL-2.0-or-later
"""The packet streams that measure outages: runs tests/lab/probe and keeps what it reports.

Times are nanoseconds of CLOCK_MONOTONIC, as time.monotonic_ns() gives them here.
"""

import json
import subprocess
import threading
import time
from dataclasses import dataclass

from .base import LabError, wait_until


@dataclass
class Gap:
    """Lost packets in a row: send times of the last one delivered before and the first one after."""
    flow: str
    before: int
    after: int  # None: nothing was delivered any more
    lost: int

    @property
    def outage_ms(self):
        """Length of the outage, or None when it did not end."""
        return None if self.after is None else (self.after - self.before) / 1e6


class Probe:
    """Streams that run until stop(). `flows`: {name: ((netns, address), (netns, address))}."""

    def __init__(self, program, flows, seconds=900):
        self.flows = list(flows)
        self.gaps = []
        self.last = dict.fromkeys(flows, 0)
        self.sent = dict.fromkeys(flows, 0)
        self.received = dict.fromkeys(flows, 0)
        self.late = self.worst_ms = None
        argv = [str(program), str(seconds)]
        for name, ((from_ns, from_addr), (to_ns, to_addr)) in flows.items():
            argv.append(f"{name},{from_ns},{from_addr},{to_ns},{to_addr}")
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            record = json.loads(line)
            if record["event"] == "progress":
                flow = record["flow"]
                self.last[flow], self.sent[flow] = record["last"], record["sent"]
                self.received[flow] = record["received"]
            elif record["event"] == "gap":
                self.gaps.append(Gap(record["flow"], record["before"], record["after"], record["lost"]))
            elif record["event"] == "end":
                self.late, self.worst_ms = record["late"], record["worst_ns"] / 1e6

    def delivered_since(self, moment, flows=None):
        """The flows of which a packet sent after `moment` has arrived yet are all of them (True), or not."""
        missing = [flow for flow in flows or self.flows if self.last[flow] <= moment]
        return (False, f"nothing delivered on {', '.join(missing)}") if missing else True

    def wait_flowing(self, timeout=10.0, flows=None):
        """Wait until packets sent from now on arrive on every flow."""
        moment = time.monotonic_ns()
        wait_until("packets arrive in every direction", lambda: self.delivered_since(moment, flows), timeout)

    def wait_settled(self):
        """Wait until the probe has decided on all packets sent so far: gaps up to now are known then."""
        moment = time.monotonic_ns() + 1_300_000_000  # its settling time and a progress report
        wait_until("the probe has settled", lambda: self.process.poll() is not None or
                   time.monotonic_ns() > moment, timeout=5)

    def window(self, flow, start, end):
        """(longest outage in ms, packets lost) of the gaps that began within [start, end)."""
        gaps = [gap for gap in self.gaps if gap.flow == flow and gap.before is not None
                and start - 20_000_000 <= gap.before < end]
        if any(gap.after is None for gap in gaps):
            return None, sum(gap.lost for gap in gaps)
        return max((gap.outage_ms for gap in gaps), default=0.0), sum(gap.lost for gap in gaps)

    def stop(self):
        """End the streams; afterwards everything is in gaps, late and worst_ms."""
        if self.process.poll() is None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(timeout=5)
        self.process.stdout.close()
        if self.process.returncode not in (0, -15):
            raise LabError(f"probe ended with {self.process.returncode}")
