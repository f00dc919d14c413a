# SPDX-License-Identifier: GPL-2.0-or-later
"""Running commands, saying what went wrong, waiting for a state."""

import subprocess
import tempfile
import time


class LabError(Exception):
    """Something the user or a test must hear about; the text says what and where."""


class Skip(Exception):
    """It cannot be done on this machine; the text says why (exit code 77)."""


def run(argv, *, text_in=None, check=True, timeout=60, cwd=None, daemon=False):
    """Run a command to its end and return its output; LabError with its words when it fails.

    daemon: it leaves a process behind, which may keep stdout and stderr open (FRRouting 10 does).
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        where = {"stdout": said, "stderr": said} if daemon else {"capture_output": True}
        try:
            done = subprocess.run(argv, input=text_in, text=True, timeout=timeout, cwd=cwd, errors="replace",
                                  check=False, **where)
        except FileNotFoundError as error:
            raise LabError(f"{argv[0]}: not found") from error
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{' '.join(argv)}: no end after {timeout} s") from error
        if daemon:
            said.seek(0)
            done.stdout, done.stderr = said.read(), ""
    if check and done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip())[-2000:]
        raise LabError(f"{' '.join(argv)}: exit {done.returncode}: {words}")
    return done.stdout


def succeeds(argv, *, timeout=60):
    """True when the command exits 0; its output is dropped."""
    return subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, timeout=timeout, check=False).returncode == 0


def ip_batch(lines, netns=None):
    """Hand several ip(8) command lines to one process, so that they happen together."""
    where = ["-n", netns] if netns else []
    run(["ip", *where, "-batch", "-"], text_in="\n".join(lines) + "\n")


def wait_until(what, look, timeout=10.0, interval=0.02):
    """Call look() until it returns something true, and return that.

    `what` names the awaited state in words. A LabError raised by look() counts as "not yet". When
    time is up, LabError tells what was awaited and what was seen last: look() may return a falsy
    value, or (False, "what was seen").
    """
    end = time.monotonic() + timeout
    while True:
        try:
            seen = look()
        except LabError as error:
            seen = (False, str(error))
        if isinstance(seen, tuple) and len(seen) == 2 and seen[0] is False:
            good, words = False, seen[1]
        else:
            good, words = bool(seen), repr(seen)
        if good:
            return seen
        if time.monotonic() > end:
            raise LabError(f"not within {timeout:g} s: {what}; seen last: {words}")
        time.sleep(interval)
