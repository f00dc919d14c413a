# SPDX-License-Identifier: GPL-2.0-or-later
"""Nodes that are containers.

With SRPD_LAB_NODES=docker in the environment (`lab check --docker` sets it) each node of a lab is a container of the
image that the containerlab file names, started by the image's own entry script and wired as containerlab does it: no
network of the engine's, the ends of veths moved into a container that runs already. Files are bound one by one. What it
needs of the kernel is given by name; never --privileged.
"""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

from .base import LabError, wait_until
from .engine import LABEL, docker
from .node import SYSCTLS, Node, parent_of
from .vty import Vty

CAPABILITIES = ("NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_NICE")
SUPERVISORS = {"srpd": "start-router"}  # who starts it again; watchfrr all others


def chosen():
    """True when nodes are to be containers."""
    return os.environ.get("SRPD_LAB_NODES") == "docker"


class ContainerNode(Node):
    """A node that is a container; nothing of it runs before boot()."""

    starts_itself = True

    def __init__(self, lab_name, spec, lab_dir, wire=None):
        super().__init__(lab_name, spec, lab_dir)
        self.wire = wire  # function(node): puts its links in
        self.held = {}

    # --- making and removing ---------------------------------------------------------------------

    def up(self, _stage):
        """Lay out the files that will be bound in."""
        for path in (self.etc_dir, self.log_dir):
            path.mkdir(parents=True)
        self.log_dir.chmod(0o777)  # frr of the image is another user than frr of the host
        for host, inside in self.spec.binds:
            self.write_config(Path(inside).name, host.read_text(encoding="utf-8"))

    def write_config(self, name, text):
        """Write a file of the node's /etc/frr, readable by the image's frr; a new file is seen from the next boot."""
        path = self.etc_dir / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)

    def down(self):
        docker("rm", "-f", "-v", self.netns, check=False)
        self._unlink()
        shutil.rmtree(self.dir, ignore_errors=True)

    def boot(self, *, wait=True):
        """Start the container, as after a power failure if it has run before, and put its links in."""
        if self.state("Running"):
            raise LabError(f"{self.netns} runs already")
        self.held.clear()
        if self.state("Status"):
            docker("start", self.netns)
        else:
            docker(*self._create_words())
        self._plug(wait)

    def restart(self):
        """`docker restart`, and the links again, which went with the network namespace."""
        self.held.clear()
        docker("restart", self.netns)
        self._plug(True)

    def _plug(self, wait):
        self._link()
        self.wire(self)
        if wait:
            self.wait_healthy()

    def _create_words(self):
        words = ["run", "-d", "--name", self.netns, "--hostname", self.name, "--network", "none",
                 "--label", f"{LABEL}={self.dir.parent.name}"]
        for name in CAPABILITIES:
            words += ["--cap-add", name]
        for key, value in {**SYSCTLS, "net/ipv6/conf/all/disable_ipv6": "0",
                           "net/ipv6/conf/default/disable_ipv6": "0"}.items():
            words += ["--sysctl", f"{key.replace('/', '.')}={value}"]
        folders = {Path(inside).name: str(Path(inside).parent) for _, inside in self.spec.binds}
        for path in sorted(self.etc_dir.iterdir()):
            words += ["-v", f"{path}:{folders.get(path.name, '/etc/frr')}/{path.name}"]
        words += ["-v", f"{self.log_dir}:/var/log/frr"]
        check = self.spec.healthcheck
        if check:
            kind, *test = check["test"]
            words += ["--health-cmd", test[0] if kind == "CMD-SHELL" else " ".join(test)]
            words += [f"--health-{key}={value}{'' if key == 'retries' else 's'}"
                      for key, value in check.items() if key != "test"]
        return [*words, self.spec.image]

    def wait_healthy(self, timeout=60):
        """Wait until the engine calls the container healthy."""
        def look():
            state = self.state("Health")
            return state["Status"] == "healthy" or (False, [entry["Output"] for entry in state["Log"][-1:]] or state)
        wait_until(f"{self.name} is healthy", look, timeout, interval=0.1)

    def state(self, key):
        """A value of `docker inspect`'s State, or None when there is no such container."""
        try:
            return json.loads(docker("inspect", "-f", "{{json .State}}", self.netns)).get(key)
        except LabError:
            return None

    def _link(self):
        """For ip-netns(8): a name for the container's namespace, which does not keep it when the container ends."""
        pid = self.state("Pid")
        if not pid:
            raise LabError(f"{self.netns} has ended: {docker('logs', '--tail', 5, self.netns)}")
        (self.dir / "holder").write_text(str(pid), encoding="utf-8")
        self._unlink()
        Path("/run/netns").mkdir(exist_ok=True)
        Path(f"/run/netns/{self.netns}").symlink_to(f"/proc/{pid}/ns/net")

    def _unlink(self):
        Path(f"/run/netns/{self.netns}").unlink(missing_ok=True)

    @property
    def running(self):
        """False before the first boot, and after its end."""
        return Path(f"/run/netns/{self.netns}").exists()

    @property
    def run_dir(self):
        """The container's own /run/frr, seen from outside."""
        return Path(f"/proc/{self.holder or 'none'}/root/run/frr")

    @run_dir.setter
    def run_dir(self, _):
        """The base class gives it a folder, which a container does not use."""

    def collect_logs(self):
        (self.log_dir / "container.log").write_text(
            subprocess.run(["docker", "logs", self.netns], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False, text=True, errors="replace").stdout, encoding="utf-8")

    # --- processes -------------------------------------------------------------------------------

    def kill_all(self, name=None, holder=False):
        """As in the base class; what is killed by name stays away until start(): who starts it again is held."""
        if name:
            self._hold(name)
        super().kill_all(name, holder or name is None)
        if name is None:
            wait_until(f"{self.netns} has ended", lambda: not self.state("Running"))
            self._unlink()

    def _hold(self, name):
        """Stop (SIGSTOP) the one who would start it again."""
        if name in self.held:
            return
        wanted = SUPERVISORS.get(name, "watchfrr")
        found = self.processes(wanted)
        if name in SUPERVISORS:  # of several of that name the parent
            parents = [parent_of(pid) for pid in self.processes(name)]
            found = [pid for pid in found if pid in parents]
        if len(found) != 1:
            raise LabError(f"{self.name}: {wanted}, which starts {name} again, is {found}")
        os.kill(found[0], signal.SIGSTOP)
        self.held[name] = found[0]

    def start(self, name):
        """Let the image's supervisor start what kill_all() has ended, and wait until it answers."""
        pid = self.held.pop(name, None)
        if pid and pid not in self.held.values():
            os.kill(pid, signal.SIGCONT)
        wait_until(f"{name} of {self.name} answers", lambda: Vty(self, name).ask("show version"), 30)
