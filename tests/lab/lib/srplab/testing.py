# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test under tests/lab starts from.

    #!/usr/bin/python3
    import sys
    from pathlib import Path
    sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
    from srplab.testing import Pair, main, step

    def test():
        with Pair() as pair:            # both gateways, upstream and access are up, gw1 is Active
            step("the Active's node dies")
            pair.node_death("gw1")
            pair.wait_paths("gw2")

    main(test)

A test prints what it does, ends with 0, 1 or 77 (skipped, with the reason) and leaves nothing behind. It
needs a build: BUILD_DIR says where (./lab check sets it), else the lab's own build folder is used.
"""

import signal
import subprocess
import sys
import threading
import time
import traceback

from . import build, topology
from .base import LabError, Skip, wait_until
from .pair import GATEWAYS, PREFIXES, Pair, other, patient, slow_bfd

__all__ = ["GATEWAYS", "PREFIXES", "LabError", "Pair", "RouteEvents", "Skip", "expect", "main", "no_events", "other",
           "patient", "slow_bfd", "step", "wait_until"]

START = time.monotonic()
MARKER = {"-4": "192.0.2.123", "-6": "2001:db8:ffff::123"}


def step(words):
    """Say what comes now, with the time since the start of the test."""
    print(f"[{time.monotonic() - START:6.2f}] {words}", flush=True)


def expect(good, words):
    """LabError unless `good`."""
    if not good:
        raise LabError(words)


def main(test):
    """Run a test function and exit with its result."""
    def stop(*_):
        raise LabError("stopped by a signal")
    signal.signal(signal.SIGTERM, stop)
    try:
        topology.require_namespaces()
        if not (build.build_dir() / "stage").is_dir():
            raise Skip(f"nothing is built in {build.build_dir()}: ./lab build")
        test()
    except Skip as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    except LabError as error:
        where = traceback.extract_tb(error.__traceback__)
        print(f"FAILED: {error}")
        print("".join(traceback.format_list([entry for entry in where if "srplab" not in entry.filename])), end="")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    step("passed")
    sys.exit(0)


class RouteEvents:
    """Counts what the kernel of a node tells about its routes and addresses. A context manager.

    No event is missed at either end: it waits until a marker route of its own was seen.
    """

    def __init__(self, node):
        self.node = node
        self.lines = []
        self.markers = 0

    def __enter__(self):
        self.process = subprocess.Popen(["ip", "-n", self.node.netns, "-o", "-d", "monitor", "route", "address"],
                                        stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.flush()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.reader.join(timeout=5)
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            if any(marker in line for marker in MARKER.values()):
                self.markers += 1
            else:
                self.lines.append(line.strip())

    def flush(self):
        """Wait until everything that has happened yet is in `lines`."""
        def marked():
            before = self.markers
            self.node.ip("route", "add", "blackhole", MARKER["-4"])
            self.node.ip("route", "del", "blackhole", MARKER["-4"])
            wait_until("the marker is seen", lambda: self.markers >= before + 2, timeout=0.5, interval=0.005)
            return True
        wait_until("ip monitor listens", marked)

    def of(self, *prefixes):
        """The events of these prefixes, or of every srp-activated one."""
        self.flush()
        wanted = [part for prefix in prefixes or PREFIXES for part in (prefix, prefix.rpartition("/")[0])]
        return [line for line in self.lines if any(word in wanted for word in line.split())]


def no_events(events, words):
    """LabError when any srp-activated route or address was touched since the counter started."""
    seen = events.of()
    expect(not seen, f"{words}: {len(seen)} route events, first {seen[:3]}")
