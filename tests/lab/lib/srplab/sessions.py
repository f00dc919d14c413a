# SPDX-License-Identifier: GPL-2.0-or-later
"""Session managers (tests/bench/sessgen) on the nodes of a lab, and what they and srpd say of their sessions."""

import contextlib
import json
import subprocess
import threading

from .base import LabError, wait_until
from .build import build_dir
from .testing import GATEWAYS, patient

AGGRESSIVE = (" standby database-recovery aggressive\n checkpoint session duration ims-session 0\n"
              " checkpoint session duration non-ims-session 0\n")


def configure(pair, lines=AGGRESSIVE, dead_interval=None):
    """More lines of service-redundancy-protocol for both gateways; and a dead-interval, or else patience."""
    for gateway in GATEWAYS:
        node = pair[gateway]
        text = node.read_config("srpd.conf").replace(" chassis-mode", lines + " chassis-mode", 1)
        node.write_config("srpd.conf", text.replace("dead-interval 80 msec", f"dead-interval {dead_interval}")
                          if dead_interval else text)
    if not dead_interval:
        patient(pair)


class Sessgen:
    """A session generator on a node. A context manager."""

    def __init__(self, node, *options, instance=1):
        self.node = node
        self.events = []
        self.instance = instance
        program = build_dir() / "tests" / "bench" / "sessgen"
        self.process = subprocess.Popen([program, "-p", node.run_dir / "srpd.session", "-i", str(instance),
                                         *map(str, options)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def _read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def kill(self):
        """SIGKILL, as when the process crashes."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self.reader.join(timeout=5)

    def say(self, command):
        """A command; returns the report that answers it."""
        seen = len(self.events)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

        def answer():
            for event in self.events[seen:]:
                if event["event"] == "report":
                    return event
            return False
        return wait_until(f"sessgen of {self.node.name} answers {command}", answer, timeout=20)

    def wait(self, what, timeout=20, **values):
        """Wait until a report has these values."""
        def look():
            report = self.say("report")
            return all(report[key] == value for key, value in values.items()) and report or (False, report)
        return wait_until(f"sessgen of {self.node.name}: {what}", look, timeout=timeout)

    def wait_sessions(self, count, timeout=30):
        """Wait until it has so many."""
        return self.wait(f"{count} sessions", timeout, sessions=count)

    def quiet(self, timeout=30):
        """Stop changing, and wait until the other chassis has everything; returns the report."""
        self.say("stop")

        def look():
            report = self.say("report")
            return (report["acked"] == report["sent"] and report["ready"]) and report or (False, report)
        return wait_until(f"all sessions of {self.node.name} are acknowledged", look, timeout=timeout)


def statistics(pair, gateway):
    """show srp checkpoint statistics json"""
    return json.loads(pair[gateway].vtysh("show srp checkpoint statistics json"))


def audits_completed(pair, gateway):
    """How many audits are over."""
    return json.loads(pair[gateway].vtysh("show srp audit-statistics json"))["completed"]


def manager(pair, gateway, instance=1):
    """The entry of one session manager, or LabError."""
    for entry in statistics(pair, gateway)["sessmgrs"]:
        if entry["instance"] == instance:
            return entry
    raise LabError(f"{gateway} knows no session manager {instance}")


def wait_state(pair, gateway, state="Ready", instance=1, timeout=30, interval=0.1):
    """Wait until the replication of an instance is in this state; returns its entry."""
    def look():
        entry = manager(pair, gateway, instance)
        return entry["state"] == state and entry or (False, entry)
    return wait_until(f"{gateway}: session manager {instance} is {state}", look, timeout, interval)
