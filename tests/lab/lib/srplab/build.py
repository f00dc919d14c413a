# SPDX-License-Identifier: GPL-2.0-or-later
"""From a clean checkout to an installation that the nodes use.

The build folder is `build` in the checkout, or SRPD_BUILD_DIR. In it: the build itself, `stage` (what
`make install` would put on a machine), `lab-run` (labs that are up) and `lab-logs`. None is called `lab`: that is
./lab, and make would find it first.
"""

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

from .base import LabError, Skip, run

TOP = Path(__file__).resolve().parents[4]
TOPOLOGY = TOP / "docker" / "two-router" / "srp.clab.yml"


def build_dir():
    """Where this checkout is built."""
    return Path(os.environ.get("BUILD_DIR") or os.environ.get("SRPD_BUILD_DIR") or TOP / "build").resolve()


def logs(folder):
    """Where what is worth keeping of a lab goes."""
    return folder / "lab-logs"


def _step(words, argv, folder, log):
    """Run one step of the build with its output in `log`; show the end of that when it fails."""
    start = time.monotonic()
    print(f"  {words} ...", end="", flush=True)
    with open(log, "ab") as sink:
        sink.write(f"\n== {' '.join(argv)}\n".encode())
        sink.flush()
        done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, check=False)
    if done.returncode != 0:
        print(" failed")
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-30:]
        raise LabError("\n".join([*tail, f"{words}: exit {done.returncode}; all of it is in {log}"]))
    print(f" {time.monotonic() - start:.1f} s", flush=True)


def _needs_autoreconf():
    made = TOP / "configure"
    sources = [TOP / "configure.ac", TOP / "Makefile.am", *TOP.glob("**/automake.mk")]
    return not made.exists() or not (TOP / "Makefile.in").exists() or (
        not (build_dir() / "Makefile").exists()
        and max(path.stat().st_mtime for path in sources) > made.stat().st_mtime)


def build():
    """Headers, configure, make and install into the stage; returns the build folder."""
    folder = build_dir()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "lab-build.log"
    with open(folder / "lab-build.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        log.write_bytes(b"")
        print(f"building in {folder}")
        _headers()
        if _needs_autoreconf():
            _step("autoreconf", ["autoreconf", "-i"], TOP, log)
        if not (folder / "Makefile").exists():
            _step("configure", [str(TOP / "configure"), "--prefix=/usr", "--sysconfdir=/etc", "--localstatedir=/var"],
                  folder, log)
        _step("make", ["make", f"-j{os.cpu_count() or 1}"], folder, log)
        fresh = folder / "stage.new"
        shutil.rmtree(fresh, ignore_errors=True)
        _step("install", ["make", "install", f"DESTDIR={fresh}"], folder, log)
        _divert_vtysh(fresh)
        shutil.rmtree(folder / "stage", ignore_errors=True)
        fresh.rename(folder / "stage")
    return folder


def _divert_vtysh(stage):
    """As on a machine after installation: our wrapper is vtysh, FRRouting's is vtysh.distrib."""
    tool = stage / "usr/sbin/srp-vtysh-install"
    if not tool.exists():
        return
    diverted = Path("/usr/bin/vtysh.distrib")
    (stage / "usr/bin").mkdir(exist_ok=True)
    shutil.copy2(diverted if diverted.exists() else "/usr/bin/vtysh", stage / "usr/bin/vtysh")
    run([str(tool), "install", "--root", str(stage), "--wrapper", str(stage / "usr/libexec/srpd/vtysh_wrapper")])


def _headers():
    tool = TOP / "frr-integration" / "frr-headers"
    done = subprocess.run([str(tool)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    if done.returncode == 3:
        raise Skip("the headers of FRRouting could not be fetched (no network?)")
    if done.returncode != 0:
        raise LabError(f"frr-headers: exit {done.returncode}")


GENERATED = ("Makefile.in", "aclocal.m4", "autom4te.cache", "build-aux", "configure", "configure~", "m4",
             "srpd-config.h.in")


def cache_dir():
    """What is worth keeping beyond a build: FRRouting's headers, roots of distributions, images. Root's."""
    return Path(os.environ.get("SRPD_CACHE_DIR") or "/var/cache/srpd")


def give_back(*more):
    """Hand what root built in somebody's checkout, and `more` of it, to the one who called sudo."""
    uid, gid = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if uid and gid and os.geteuid() == 0 and TOP.stat().st_uid == int(uid):
        made = [str(TOP / name) for name in GENERATED if (TOP / name).exists()]
        made += [str(path) for path in (build_dir(), *more) if path.exists()]
        run(["chown", "-R", f"{uid}:{gid}", *made], check=False)
