# SPDX-License-Identifier: GPL-2.0-or-later
"""One node of a lab: network, mount and host name (UTS) namespaces, and the processes in them.

The network namespace is ip-netns(8)'s, so that `ip netns exec LAB-NODE` works for anybody. The others
live in a process of the node that does nothing else, its holder. /etc/frr, /run/frr, /var/log/frr and
/var/lib/srpd are the node's own, and the staged installation lies over /usr and /etc: `vtysh`, `bgpd -M srp`
and `srpd` are found where a package would put them, while the host's files stay as they are.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import uuid
from pathlib import Path

from .base import LabError, run, wait_until

MOUNTS = r"""
stage=$1 dir=$2 name=$3
echo "$name" > /proc/sys/kernel/hostname
for part in usr etc; do
    [ -d "$stage/$part" ] || continue
    mount -t overlay srpd-lab -o "ro,lowerdir=$stage/$part:/$part" "/$part"
done
# The host may have no /var/lib/srpd, and shall get none from here.
[ -d /var/lib/srpd ] || mount -t overlay srpd-lab -o "ro,lowerdir=$stage/var/lib:/var/lib" /var/lib
umount -l /sys 2> /dev/null || :
mount -t sysfs sysfs /sys
mount --bind "$dir/etc" /etc/frr
mount --bind "$dir/run" /run/frr
mount --bind "$dir/log" /var/log/frr
mount --bind "$dir/boot_id" /proc/sys/kernel/random/boot_id
mount --bind "$dir/lib" /var/lib/srpd
: > "$dir/ready"
exec sleep infinity
"""

SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv6/conf/all/forwarding": "1",
    "net/ipv6/conf/default/forwarding": "1",
    "net/ipv6/conf/all/accept_dad": "0",
    "net/ipv6/conf/default/accept_dad": "0",
    "net/ipv6/conf/all/keep_addr_on_down": "1",
    "net/ipv6/conf/default/keep_addr_on_down": "1",
}


def _in_netns(pid, netns):
    try:
        return os.path.samestat(os.stat(f"/proc/{pid}/ns/net"), netns)
    except OSError:
        return False


class Node:
    """A node; `up()` makes it, everything else works on one that is up."""

    starts_itself = False  # True: what runs in it starts, and starts again, by itself (container.py)
    running = True

    def __init__(self, lab_name, spec, lab_dir):
        self.name = spec.name
        self.spec = spec
        self.netns = f"{lab_name}-{spec.name}"
        self.dir = Path(lab_dir) / spec.name
        self.keeper = None  # the holder, when this process has started it
        self.run_dir = self.dir / "run"
        self.log_dir = self.dir / "log"
        self.etc_dir = self.dir / "etc"
        self.lib_dir = self.dir / "lib"  # outlasts a reboot

    # --- making and removing ---------------------------------------------------------------------

    def up(self, stage):
        """Make the namespaces and lay out the node's files; no daemon is started."""
        run(["ip", "netns", "add", self.netns])
        for path in (self.etc_dir, self.run_dir, self.log_dir, self.lib_dir):
            path.mkdir(parents=True)
            path.chmod(0o755)
            shutil.chown(path, "frr", "frr")
        for host, inside in self.spec.binds:
            if str(Path(inside).parent) not in ("/etc/frr", "/etc/bird"):  # both are /etc/frr here
                raise LabError(f"node {self.name}: bind to {inside}: only /etc/frr/FILE, /etc/bird/FILE are supported")
            self.write_config(Path(inside).name, host.read_text(encoding="utf-8"))
        if not (self.etc_dir / "vtysh.conf").exists():
            self.write_config("vtysh.conf", "service integrated-vtysh-config\n")
        self.new_boot_id()
        self._start_holder(stage)
        self.sysctl(SYSCTLS)
        run(["ip", "-n", self.netns, "link", "set", "lo", "up"])

    def new_boot_id(self):
        """What the node's processes take for a reboot of the host."""
        (self.dir / "boot_id").write_text(f"{uuid.uuid4()}\n", encoding="ascii")

    def sysctl(self, values):
        """Set kernel parameters {"net/ipv4/ip_forward": "1"} of the node's network namespace."""
        script = "".join(f"[ ! -e /proc/sys/{key} ] || echo {value} > /proc/sys/{key}\n"
                         for key, value in values.items())
        run(["ip", "netns", "exec", self.netns, "sh", "-euc", script])

    def write_config(self, name, text):
        """Write a file of the node's /etc/frr, owned as FRR wants it."""
        path = self.etc_dir / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o640)
        shutil.chown(path, "frr", "frr")

    def read_config(self, name):
        """The text of a file of the node's /etc/frr."""
        return (self.etc_dir / name).read_text(encoding="utf-8")

    def down(self):
        """Kill what runs in the node and remove its namespaces. Safe on one that is half made."""
        self.kill_all(holder=True)
        if self.keeper:
            self.keeper.wait()
        run(["ip", "netns", "delete", self.netns], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def _start_holder(self, stage):
        """The process that keeps the node's namespaces, and makes what it sees there."""
        argv = ["nsenter", f"--net=/run/netns/{self.netns}", "--", "unshare", "--mount", "--uts", "--propagation",
                "slave", "sh", "-euc", MOUNTS, "sh", str(stage), str(self.dir), self.name]
        with open(self.dir / "holder.log", "wb") as log:
            self.keeper = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           start_new_session=True)
        (self.dir / "holder").write_text(str(self.keeper.pid), encoding="utf-8")

        def ready():
            if self.keeper.poll() is not None:
                return False, (self.dir / "holder.log").read_text(encoding="utf-8", errors="replace")
            return (self.dir / "ready").exists()
        wait_until(f"node {self.name} has its namespaces", ready, timeout=5)

    @property
    def holder(self):
        """Process id of the holder, or None."""
        try:
            return int((self.dir / "holder").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def collect_logs(self):
        """See to it that what the node's daemons have said lies in `log_dir`: they write there themselves."""

    # --- running things --------------------------------------------------------------------------

    def argv(self, command):
        """The command line that runs `command` (a list) inside the node."""
        return ["nsenter", f"--target={self.holder}", "--net", "--mount", "--uts", "--", *command]

    def run(self, *command, **options):
        """Run a command in the node to its end; see base.run()."""
        return run(self.argv([str(word) for word in command]), **options)

    def popen(self, *command, **options):
        """Start a command in the node; the caller ends it (node death does, too)."""
        return subprocess.Popen(self.argv([str(word) for word in command]), **options)

    def run_execs(self):
        """What the containerlab file has run once the node is up; no shell, as there."""
        for command in self.spec.execs:
            self.run(*shlex.split(command))

    def ip(self, *words):
        """`ip WORDS` in the node; returns its output."""
        return run(["ip", "-n", self.netns, *words])

    def vtysh(self, *commands):
        """`vtysh -c COMMAND -c ...` in the node; returns its output."""
        words = [word for command in commands for word in ("-c", command)]
        return self.run("vtysh", *words)

    # --- processes -------------------------------------------------------------------------------

    def processes(self, name=None, holder=False):
        """Process ids in the node's network namespace; only those called `name` when one is given."""
        try:
            ours = os.stat(f"/run/netns/{self.netns}")
        except OSError:
            return []
        keeper = None if holder else self.holder
        pids = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == keeper or not _in_netns(entry, ours):
                continue
            if name is None or comm(entry) == name[:15]:
                pids.append(int(entry))
        return pids

    def signal(self, number, name=None):
        """Signal every process of the node (called `name`); returns how many there were."""
        pids = self.processes(name)
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return len(pids)

    def kill_all(self, name=None, holder=False):
        """kill -9 every process of the node (called `name`) and wait until they are gone."""
        found = set()  # kept: one that ends leaves its namespaces first

        def gone():
            for pid in self.processes(name, holder):
                found.add(pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            left = [pid for pid in found if _alive(pid)]
            return (False, f"still there: {left}") if left else True
        wait_until(f"the processes of {self.name} end", gone, timeout=10)


def comm(pid):
    """The name of a process, or None."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None


def parent_of(pid):
    """Process id of the parent, or None."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def _alive(pid):
    """False for a process that is gone or only waits for its parent to take note: each of its threads, as they end one
    by one and the last one gives the files and their locks back."""
    with contextlib.suppress(OSError):  # gone while we look
        for path in Path(f"/proc/{pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError):
                if path.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] not in "ZX":
                    return True
    return False
