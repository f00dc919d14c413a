# SPDX-License-Identifier: GPL-2.0-or-later
"""`lab check`: the unit tests, then every test under tests/lab, then the count."""

import contextlib
import fnmatch
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import build, engine, topology
from .base import run

TESTS = build.TOP / "tests" / "lab"
TIMEOUT_DEFAULT = 300
RESULTS = {0: "passed", 77: "skipped"}
SPEAKING = threading.Lock()  # the lines of a test stay together
RUNNING = set()  # processes of tests


def _matches(name, patterns):
    return not patterns or any(pattern in name or fnmatch.fnmatch(name, pattern) for pattern in patterns)


def _make_check(folder):
    """Run `make check`; returns a Counter of results."""
    log = build.logs(folder) / "make-check.log"
    with open(log, "wb") as sink:
        done = subprocess.run(["make", "check"], cwd=folder, stdin=subprocess.DEVNULL, stdout=sink,
                              stderr=subprocess.STDOUT, check=False)
    text = log.read_text(encoding="utf-8", errors="replace")
    totals = {word: int(number) for word, number in re.findall(r"^# (PASS|FAIL|SKIP|XFAIL|XPASS|ERROR): +(\d+)",
                                                                text, re.MULTILINE)}
    count = Counter(passed=totals.get("PASS", 0) + totals.get("XFAIL", 0), skipped=totals.get("SKIP", 0),
                    failed=totals.get("FAIL", 0) + totals.get("ERROR", 0) + totals.get("XPASS", 0))
    for line in re.findall(r"^(?:FAIL|ERROR|SKIP): .*$", text, re.MULTILINE):
        print(f"  {line}")
    if done.returncode != 0:
        count["failed"] = max(count["failed"], 1)
        print("\n".join(text.splitlines()[-40:]))
        print(f"  all of it is in {log}")
    return count


def _asks(path, pattern):
    """What a test says of itself near its top, a line `# PATTERN`: a match or None."""
    return re.search(f"^# {pattern}$", path.read_text(encoding="utf-8", errors="replace")[:2000], re.MULTILINE)


def _timeout(path):
    """A test may ask for more time: `# timeout: SECONDS`."""
    found = _asks(path, r"timeout: (\d+)")
    return int(found[1]) if found else TIMEOUT_DEFAULT


def _namespaces():
    return {line.split()[0] for line in run(["ip", "netns", "list"]).splitlines() if line}


def _stop(process):
    """End a test that takes too long: let it clean up, then insist. It has a session of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=30)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _lab_test(path, folder):
    """Run one test; returns "passed", "failed" or "skipped"."""
    log = build.logs(folder) / f"{path.name}.log"
    environment = {**os.environ, "BUILD_DIR": str(folder), "SRPD_LAB_TEST": path.name,
                   "SRPD_LAB_LIB": str(TESTS / "lib"), "TOP_SRCDIR": str(build.TOP)}
    shutil.rmtree(log.with_suffix(""), ignore_errors=True)  # what an earlier failure has kept
    before, start, words = _namespaces(), time.monotonic(), ""
    with open(log, "wb") as sink:
        process = subprocess.Popen([str(path)], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sink,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        RUNNING.add(process)
        try:
            result = RESULTS.get(process.wait(timeout=_timeout(path)), "failed")
        except subprocess.TimeoutExpired:
            result, words = "failed", f" (no end after {_timeout(path)} s)"
        finally:
            _stop(process)
            RUNNING.discard(process)
    with SPEAKING:
        topology.remove_stale()
        left = {name for name in _namespaces() - before if re.search(rf"(?<!\d){process.pid}(?!\d)", name)}
        if left:
            result, words = "failed", f" (left behind: {', '.join(sorted(left))})"
        print(f"  {result:8}{time.monotonic() - start:6.1f} s  {path.name}{words}", flush=True)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        if result == "failed":
            print("\n".join(f"      {line}" for line in lines[-15:]))
            print(f"      all of it is in {log}", flush=True)
        elif result == "skipped" and lines:
            print(f"      {lines[-1]}", flush=True)
    return result


@contextlib.contextmanager
def _run_frr():
    """FRRouting's run directory, for tests that put a pathspace there: it comes with a boot, not with the package."""
    path = Path("/run/frr")
    made = not path.is_dir()
    if made:
        path.mkdir()
        shutil.chown(path, "frr", "frr")
    try:
        yield
    finally:
        if made:
            with contextlib.suppress(OSError):
                path.rmdir()


LONG = {
    "a million scenarios": ["tests/simulation/srp_sim", "--runs", "1000000"],
    "two million states": ["tests/simulation/srp_explore", "--states", "2000000"],
    "every seeded bug": ["make", "mutation"],
}


def _long_proofs(folder):
    """The simulator, the explorer and the seeded bugs at full length; returns a Counter of results."""
    count = Counter()
    print("proofs at full length", flush=True)
    for words, argv in LONG.items():
        log, start = build.logs(folder) / f"long-{words.replace(' ', '-')}.log", time.monotonic()
        with open(log, "wb") as sink:
            done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT,
                                  check=False)
        result = RESULTS.get(done.returncode, "failed")
        count[result] += 1
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        print(f"  {result:8}{time.monotonic() - start:6.1f} s  {words}: {lines[-1] if lines else ''}", flush=True)
        if result == "failed":
            print(f"      all of it is in {log}", flush=True)
    return count


def _lab_tests(tests, folder, jobs):
    """Run them, `jobs` at a time, but each that asks for it (`# alone`) by itself; returns a Counter of results.

    On a busy machine daemons miss deadlines that are shorter than they wait for a processor (BFD: 150 ms). So what has
    failed beside others is judged by a run of its own, and said to have failed before.
    """
    alone = [path for path in tests if jobs == 1 or _asks(path, "alone")]
    together = [path for path in tests if path not in alone]
    pool = ThreadPoolExecutor(jobs)
    try:
        results = list(pool.map(lambda path: _lab_test(path, folder), together))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(RUNNING):  # of an interrupted run
            _stop(process)
    failed = [path for path, result in zip(together, results) if result == "failed"]
    if failed and len(together) > 1:
        print(f"  by themselves, what failed beside others: {' '.join(path.name for path in failed)}", flush=True)
        results = [result for result in results if result != "failed"] + [_lab_test(path, folder) for path in failed]
    return Counter(results) + Counter(_lab_test(path, folder) for path in alone)


IN_CONTAINERS = ("test-failover-*", "test-docker-*", "test-dual-homed")


def _paths(patterns, names, without=()):
    """Tests that match a pattern, of those whose names match one of `names` and none of `without`."""
    return [path for path in sorted(TESTS.glob("test-*")) if os.access(path, os.X_OK) and _matches(path.name, patterns)
            and any(fnmatch.fnmatch(path.name, name) for name in names)
            and not any(fnmatch.fnmatch(path.name, name) for name in without)]


def check_docker(patterns, folder, jobs=1):
    """Build the image and run the failover tests, and those of the image itself, in containers of it."""
    build.logs(folder).mkdir(parents=True, exist_ok=True)
    mine = build.cache_dir() / "docker"
    mine.mkdir(parents=True, exist_ok=True)
    with engine.running(mine):
        engine.remove_left(topology.names())
        engine.build_images(mine)
        os.environ["SRPD_LAB_NODES"] = "docker"
        print("lab tests (in containers)", flush=True)
        return _told(_lab_tests(_paths(patterns, IN_CONTAINERS), folder, jobs), patterns)


def _told(count, patterns):
    """Print the count; returns the exit code."""
    if not sum(count.values()):
        print(f"nothing matches {' '.join(patterns)}")
        count["failed"] = 1
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] else 0


def check(patterns, folder, long=False, jobs=1):
    """Run what matches a pattern: `unit` is `make check`, anything else the name of a lab test. Returns the exit code."""
    logs = build.logs(folder)
    logs.mkdir(parents=True, exist_ok=True)
    count = Counter()
    if _matches("unit", patterns):
        print("unit tests (make check)", flush=True)
        count += _make_check(folder)
        if long:
            count += _long_proofs(folder)
    tests = _paths(patterns, ("test-*",), without=("test-docker-*",))
    if tests:
        print("lab tests (real daemons in namespaces)", flush=True)
    with _run_frr():
        count += _lab_tests(tests, folder, jobs)
    return _told(count, patterns)
