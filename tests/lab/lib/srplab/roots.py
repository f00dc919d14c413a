# SPDX-License-Identifier: GPL-2.0-or-later
"""Another distribution's root file system, so that its own FRRouting, compiler and kernel tools are under test.

A root is made once by debootstrap and kept in the cache (SRPD_CACHE_DIR, /var/cache/srpd): what ./lab installs and
fetches inside, packages and FRRouting's headers, stays there for the next run. A run gets a copy of the checkout and
folders of its own for what is built, so that neither the checkout nor a build of the host's is touched.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

from . import build
from .base import LabError, Skip, run

# FRRouting's version and the suite that has it.
SUITES = {"8.4": "bookworm", "10.3": "trixie", "10.7": "testing"}

# chroot(8) is not enough: nsenter(1), with which the lab enters its nodes, would leave it again. All of it, processes
# included, is gone when this ends.
ENTER = r"""
root=$1 tree=$2 build=$3 others=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/srpd" "$root/build" "$root/others"
mount --bind "$tree" "$root/srpd"
mount --bind "$build" "$root/build"
mount --bind -o ro "$others" "$root/others"
cp /etc/resolv.conf "$root/etc/resolv.conf"
cd "$root"
pivot_root . mnt
umount -l /mnt
cd /srpd
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    SRPD_BUILD_DIR=/build SRPD_OTHER_BUILDS=/others "$@"
"""


@contextlib.contextmanager
def _lock(path):
    with open(path, "wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make(version):
    """The root of the distribution that has this version of FRRouting; made when there is none yet."""
    if os.geteuid() != 0:
        raise Skip("another distribution's root is made and entered as root: sudo ./lab ...")
    suite = SUITES[version]
    cache = build.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"root-{suite}"
    with _lock(cache / f"root-{suite}.lock"):
        if not root.exists():
            print(f"making a root of Debian {suite} in {root} ...", end="", flush=True)
            start = time.monotonic()
            tool = build.TOP / "tests" / "debian-root"
            done = subprocess.run([tool, suite, root], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  check=False)
            if done.returncode != 0:
                raise Skip(f"no root of Debian {suite}: {done.stderr.strip()}")
            print(f" {time.monotonic() - start:.1f} s", flush=True)
        # No package may start its daemon.
        policy = root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        policy.chmod(0o755)
    return root


def _sources():
    """What belongs to the checkout, paths relative to it: by git where there is git."""
    if (build.TOP / ".git").exists():
        listed = run(["git", "-c", "safe.directory=*", "-C", str(build.TOP), "ls-files", "-z", "-co",
                      "--exclude-standard"])
        return {Path(name) for name in listed.split("\0") if name and (build.TOP / name).is_file()}
    found = {path.relative_to(build.TOP) for path in build.TOP.rglob("*")
             if path.is_file() and not path.is_relative_to(build.build_dir())}
    return {path for path in found if path.parts[0] not in build.GENERATED}


def _copy_checkout(tree):
    """Make `tree` a copy of the checkout; what the copy has generated stays, and so does each file's time."""
    wanted = _sources()
    for path in list(tree.rglob("*")):
        here = path.relative_to(tree)
        if path.is_file() and here not in wanted and here.parts[0] not in build.GENERATED:
            path.unlink()
    for here in wanted:
        source, target = build.TOP / here, tree / here
        if not target.exists() or source.stat().st_mtime_ns != target.stat().st_mtime_ns:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _require(root, version):
    """That suite's FRRouting is still of this version: testing moves on."""
    found = run(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Version}", "frr"])
    if not found.startswith(version):
        raise LabError(f"Debian {SUITES[version]} has FRRouting {found} now, not {version}: another version was tested")


def check(version, arguments):
    """Run `./lab check ARGUMENTS` in the root that has this version of FRRouting; returns its exit code."""
    root = make(version)
    folder = build.build_dir() / f"frr-{version}"
    tree, made = folder / "tree", folder / "build"
    for path in (tree, made):
        path.mkdir(parents=True, exist_ok=True)
    with _lock(folder / "lock"):
        _copy_checkout(tree)
        print(f"FRRouting {version}, Debian {SUITES[version]}; what it builds and logs is in {made}", flush=True)
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child",
                               "sh", "-euc", ENTER, "sh", str(root), str(tree), str(made), str(build.build_dir()),
                               "./lab", "check", *arguments], stdin=subprocess.DEVNULL, check=False)
        if done.returncode in (0, 1):
            _require(root, version)
        return done.returncode
