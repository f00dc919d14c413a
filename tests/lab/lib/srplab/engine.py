# SPDX-License-Identifier: GPL-2.0-or-later
"""The container engine: the one that runs, or Debian's for as long as it is needed, and the images that it runs."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import build
from .base import LabError, Skip, run, succeeds, wait_until
from .node import comm

LABEL = "srpd-lab"  # of containers; its value is the lab's name
OWN = Path("/run/srpd-engine")  # of an engine of the lab's own


def docker(*words, **options):
    """`docker WORDS`; returns its output."""
    return run(["docker", *map(str, words)], **options)


def _answers(host):
    return succeeds(["docker", *(["-H", host] if host else []), "version"])


@contextlib.contextmanager
def running(folder):
    """An engine for `docker`, by DOCKER_HOST: the one that runs, else Debian's, for as long as this lasts.

    Its own has no bridge and makes no packet filter rules; its images stay below `folder` for the next time.
    """
    if _answers(None):
        yield
        return
    if not shutil.which("dockerd"):
        raise Skip("no container engine answers, and dockerd is not installed")
    host = f"unix://{OWN}/docker.sock"
    with _alone():
        if _answers(host):
            _stop_engine(None, folder)  # a crash has left it
        process = _start_engine(folder, host)
        before = os.environ.get("DOCKER_HOST")
        os.environ["DOCKER_HOST"] = host
        try:
            for container in docker("ps", "-aq").split():  # of the run that crashed, and started with the engine
                docker("rm", "-f", "-v", container, check=False)
            docker("network", "prune", "-f")
            yield
        finally:
            os.environ.pop("DOCKER_HOST")
            if before is not None:
                os.environ["DOCKER_HOST"] = before
            _stop_engine(process, folder)


@contextlib.contextmanager
def _alone():
    """One process at a time has an engine of its own."""
    OWN.mkdir(mode=0o711, exist_ok=True)
    handle = os.open(OWN, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LabError("another process has the engine of the lab") from error
        yield
    finally:
        os.close(handle)


def _start_engine(folder, host):
    log = folder / "dockerd.log"
    for driver in ((), ("--storage-driver", "vfs")):
        with open(log, "wb") as sink:
            process = subprocess.Popen(
                ["dockerd", "--bridge=none", "--iptables=false", "--ip6tables=false", "--data-root", folder / "data",
                 "--exec-root", OWN / "exec", "--pidfile", OWN / "docker.pid", "--host", host, *driver],
                stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True)
        end = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < end:
            if _answers(host):
                return process
            time.sleep(0.1)
        _stop_engine(process, folder)
    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise Skip(f"dockerd does not start here: {words[-1] if words else 'it says nothing'}")


def _stop_engine(process, folder):
    """End an engine; `process` is None for that of a run that crashed, which is known by its pid file."""
    if not process:
        with contextlib.suppress(OSError, ValueError):
            pid = int((OWN / "docker.pid").read_text(encoding="ascii"))
            if comm(pid) == "dockerd":
                os.kill(pid, signal.SIGTERM)
                wait_until("dockerd ends", lambda: comm(pid) != "dockerd", 30)
    else:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # It leaves a namespace of its own mounted, and its data root, too, when it was killed.
    mounted = [line.split()[1] for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    for path in reversed(mounted):
        if path.startswith((f"{OWN}/", f"{folder}/data")):
            run(["umount", path], check=False)
    for path in OWN.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def build_images(folder):
    """Build what the containerlab files name: srpd, and srpd-bird."""
    tool = str(build.TOP / "docker" / "build-image")
    log = folder / "build-image.log"
    start = time.monotonic()
    print("building the image ...", end="", flush=True)
    with open(log, "wb") as sink:
        done = subprocess.run([tool, "--bird"], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, check=False)
    if done.returncode != 0:
        print(" failed")
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        raise LabError("\n".join([*tail, f"docker/build-image: exit {done.returncode}; all of it is in {log}"]))
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def remove_left(labs):
    """Remove the containers of labs that a crash has left: of all but these."""
    words = ("ps", "-a", "--filter", f"label={LABEL}", "--format", f'{{{{.ID}}}} {{{{.Label "{LABEL}"}}}}')
    for line in docker(*words).splitlines():
        name, _, lab = line.partition(" ")
        if lab not in labs:
            docker("rm", "-f", "-v", name, check=False)
