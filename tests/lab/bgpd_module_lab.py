# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of bgpd_srp.so stand on: namespaces, FRR daemons, a stand-in for srpd, a BGP speaker.

Nothing here sleeps and hopes: wait() polls for a state and fails with what it saw last. Everything that is
started carries a prefix with the process id of the run and is ended by process id or namespace, so that runs do not meet; a
run first clears what a crashed one has left. Python's standard library only.
"""
import atexit
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

STEM = "srpbm"
PREFIX = f"{STEM}{os.getpid()}"
SBIN = "/usr/lib/frr"
RUN = "/var/run/frr"
BUILD = os.environ.get("BUILD_DIR") or os.getcwd()
MODULE = os.path.join(os.path.abspath(BUILD), ".libs", "bgpd_srp.so")
SCRATCH = f"/tmp/{PREFIX}"

_cleanup = contextlib.ExitStack()


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def require():
    """Exit 77 when this machine cannot run the tests."""
    if os.geteuid() != 0:
        skip("needs root")
    if not os.path.exists(MODULE):
        skip(f"{MODULE} is not built (BUILD_DIR names the build tree)")
    for name in ("zebra", "bgpd"):
        if not os.path.exists(f"{SBIN}/{name}"):
            skip(f"{SBIN}/{name} is missing")
    if subprocess.run(["ip", "netns", "add", f"{PREFIX}-try"], capture_output=True).returncode:
        skip("cannot make network namespaces")
    subprocess.run(["ip", "netns", "del", f"{PREFIX}-try"])


def sh(*command, check=True):
    done = subprocess.run(command, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def wait(what, condition, timeout=20.0, every=0.01):
    """Poll until condition() is true; its value. Fails with `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {timeout:g} s still not: {what} (last: {value!r})")
        time.sleep(every)


def stays(what, condition, seconds, every=0.02):
    """condition() must hold all the time.

    For what is only a matter of time: that no timer of bgpd's or ours (delay, hold, connection) does something by itself. There
    is no later event to wait for then. Where there is one, wait for that instead.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(f"did not last {seconds:g} s: {what}")
        time.sleep(every)


def _pids_in(netns):
    return [int(pid) for pid in sh("ip", "netns", "pids", netns, check=False).split()]


def _is_leftover(name, mine):
    """Whether a namespace or run directory is of a run that has ended (or, if `mine`, of this one)."""
    found = re.match(STEM + r"(\d+)-", name)
    return bool(found) and (int(found[1]) == os.getpid() if mine else not os.path.exists(f"/proc/{found[1]}"))


def clear(mine):
    """Remove what runs that have ended left behind, or what this one has made."""
    for line in sh("ip", "netns", "list").splitlines():
        name = line.split()[0] if line.split() else ""
        if _is_leftover(name, mine):
            for pid in _pids_in(name):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            sh("ip", "netns", "del", name, check=False)
    for folder in os.listdir(RUN):
        if _is_leftover(folder, mine):
            shutil.rmtree(os.path.join(RUN, folder), ignore_errors=True)
    for folder in os.listdir("/tmp"):
        if _is_leftover(folder + "-", mine=False):
            shutil.rmtree(os.path.join("/tmp", folder), ignore_errors=True)


def start():
    require()
    clear(mine=False)
    os.makedirs(SCRATCH, exist_ok=True)
    os.chmod(SCRATCH, 0o755)
    atexit.register(stop)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


_nodes = []


def autopsy():
    """After a failure: is each daemon alive, what does it wait for, does it answer, what did it say last?"""
    for node in _nodes:
        for name, process in node.daemons.items():
            try:
                with open(f"/proc/{process.pid}/stat") as file:
                    state = file.read().rsplit(")", 1)[1].split()[0]
                with open(f"/proc/{process.pid}/wchan") as file:
                    state += " " + file.read()
            except OSError:
                state = f"ended with {process.poll()}"
            answers = "answers" if node.vty(name, "show version", False) else "does not answer"
            print(f"--- {node.name} {name}: {state}, {answers}; its log ends:")
            print("\n".join(node.log(name).splitlines()[-8:]), flush=True)


def end_all():
    """End what the test before has started."""
    _cleanup.close()
    _nodes.clear()
    clear(mine=True)


def stop():
    end_all()
    if not os.environ.get("KEEP"):
        shutil.rmtree(SCRATCH, ignore_errors=True)


class Node:
    """A network namespace with its own FRR run directory (pathspace of the same name)."""

    def __init__(self, name):
        self.name = f"{PREFIX}-{name}"
        sh("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")
        for key in ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"):
            self.run("sysctl", "-qw", f"{key}=1")
        self.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        self.rundir = f"{RUN}/{self.name}"
        os.makedirs(self.rundir, exist_ok=True)
        shutil.chown(self.rundir, "frr", "frr")
        self.folder = f"{SCRATCH}/{name}"
        os.makedirs(self.folder, exist_ok=True)
        shutil.chown(self.folder, "frr", "frr")
        self.daemons = {}
        _nodes.append(self)

    def run(self, *command, check=True):
        return sh("ip", "netns", "exec", self.name, *command, check=check)

    def ip(self, *args, check=True):
        return sh("ip", "-n", self.name, *args, check=check)

    @contextlib.contextmanager
    def inside(self):
        """Sockets opened in here belong to the namespace (this thread only)."""
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/var/run/netns/{self.name}", os.O_RDONLY)
        try:
            if libc.setns(there, 0):
                raise OSError(ctypes.get_errno(), "setns")
            yield
        finally:
            libc.setns(here, 0)
            os.close(here)
            os.close(there)

    def daemon(self, name, config="", *args):
        """(Re)start zebra or bgpd, and wait until its vty answers."""
        path = f"{self.folder}/{name}.conf"
        if config is not None:
            with open(path, "w") as file:
                file.write(config)
            shutil.chown(path, "frr", "frr")
        log = f"{self.folder}/{name}.log"
        with open(f"{self.folder}/{name}.out", "a") as out:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.name, f"{SBIN}/{name}", "-N", self.name, "-f", path, "--log",
                 f"file:{log}", "--log-level", "debugging", *args],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.daemons[name] = process
        _cleanup.callback(self.end, name, signal.SIGKILL, process)
        wait(f"{name} of {self.name} answers", lambda: process.poll() is not None or self.vty(name, "show version", False))
        if process.poll() is not None:
            raise AssertionError(f"{name} ended with {process.returncode}: see {log}")
        return process

    def end(self, name, how=signal.SIGTERM, process=None):
        process = process or self.daemons[name]
        if process.poll() is None:
            process.send_signal(how)
            process.wait(20)

    def log(self, name="bgpd"):
        with open(f"{self.folder}/{name}.log", errors="replace") as file:
            return file.read()

    def vty(self, daemon, command, must=True):
        """One or more command lines; the output. One connection, as an operator's session."""
        out = b""
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(20 if must else 2)
                sock.connect(f"{self.rundir}/{daemon}.vty")
                for line in ["enable", *command.strip().split("\n")]:
                    sock.sendall(line.strip().encode() + b"\0")
                    out = b""
                    while not (len(out) >= 4 and out[-4:-1] == b"\0\0\0"):
                        more = sock.recv(65536)
                        if not more:
                            raise OSError("closed")
                        out += more
                    if must and out[-1] not in (0,):
                        raise AssertionError(f"{self.name} {daemon}: {line}: {out[:-4].decode().strip()}")
        except OSError:
            if must:
                raise
            return ""
        return out[:-4].decode()

    def json(self, command, daemon="bgpd"):
        text = self.vty(daemon, command + " json")
        return json.loads(text) if text.strip() else {}

    def path(self, prefix, instance=""):
        """AS path of the best route in bgpd's table as a list, or None."""
        family = "ipv6" if ":" in prefix else "ipv4"
        route = self.json(f"show bgp {instance} {family} unicast {prefix}")
        for path in route.get("paths", []):
            if path.get("bestpath", {}).get("overall"):
                text = path["aspath"]["string"]
                return [] if text == "Local" else [int(hop) for hop in text.split()]
        return None

    def running(self, daemon="bgpd"):
        return self.vty(daemon, "show running-config")


def link(a, a_if, b, b_if, addresses):
    """A veth pair with (a's, b's) addresses."""
    sh("ip", "link", "add", a_if, "netns", a.name, "type", "veth", "peer", "name", b_if, "netns", b.name)
    for node, name, index in ((a, a_if, 0), (b, b_if, 1)):
        node.ip("link", "set", name, "up")
        for pair in addresses:
            for address in pair[index].split():
                node.ip("addr", "add", address, "dev", name)


class Agent:
    """Stands in for srpd: listens on srpd.bgp, keeps every status, sends what it is told to."""

    def __init__(self, node, uid=None):
        self.path = f"{node.rundir}/srpd.bgp"
        self.statuses = []  # (monotonic time, status)
        self.connections = 0
        self.sock = None
        self.lock = threading.Condition()
        self.last_frame = None
        self.resend = False  # send the last policy on each new connection, as an Active srpd does
        self.generation = int(time.time() * 1000)
        self.stopping = False
        self.listener = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o777)
        if uid is not None:  # SO_PEERCRED shows who called listen()
            os.seteuid(uid)
        self.listener.listen(4)
        if uid is not None:
            os.seteuid(0)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        _cleanup.callback(self.stop)

    def _serve(self):
        while not self.stopping:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.sock = sock
                self.connections += 1
                if self.resend and self.last_frame:
                    sock.sendall(self.last_frame)
                self.lock.notify_all()
            self._read(sock)
            with self.lock:
                if self.sock is sock:
                    self.sock = None
                self.lock.notify_all()
            sock.close()

    def _read(self, sock):
        data = b""
        while True:
            try:
                more = sock.recv(1 << 20)
            except OSError:
                return
            if not more:
                return
            data += more
            while len(data) >= 4:
                length = struct.unpack(">I", data[:4])[0]
                if len(data) < 4 + length:
                    break
                if length == 0:  # a keepalive, answered with one
                    data = data[4:]
                    with self.lock, contextlib.suppress(OSError):
                        sock.sendall(b"\0\0\0\0")
                    continue
                status = json.loads(data[4:4 + length])
                data = data[4 + length:]
                with self.lock:
                    self.statuses.append((time.monotonic(), status))
                    self.lock.notify_all()

    def stop(self):
        """Gone, as after kill -9."""
        self.stopping = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.drop()
        self.thread.join(5)

    def drop(self):
        with self.lock:
            if self.sock:
                with contextlib.suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RDWR)

    @property
    def status(self):
        with self.lock:
            return self.statuses[-1][1] if self.statuses else {}

    def wait_connected(self, timeout=10):
        with self.lock:
            if not self.lock.wait_for(lambda: self.sock is not None, timeout):
                raise AssertionError("the module has not connected")

    def send_raw(self, data):
        self.wait_connected()
        with self.lock:
            self.sock.sendall(data)

    def policy(self, prepend=2, contexts=None, announce=True, installed=True, fallback=10, hold=60, witness=False,
               **extra):
        """Send a policy; its generation."""
        self.wait_connected()
        self.generation += 1
        if contexts is None:
            contexts = {"default": DEFAULT_PREFIXES}
        message = {"protocol": 1, "type": "policy", "generation": self.generation, "announce": announce,
                   "installed": installed, "prepend": prepend, "fallbackPrepend": fallback, "holdSec": hold,
                   "witness": witness,
                   "contexts": [{"name": name, "prefixes": list(prefixes)} for name, prefixes in contexts.items()]}
        message.update(extra)
        text = json.dumps(message).encode()
        self.last_frame = struct.pack(">I", len(text)) + text
        self.send_raw(self.last_frame)
        return message["generation"]

    def wait_status(self, what, condition, timeout=15):
        """The first status from now on, or the last one, that satisfies condition(status)."""
        end = time.monotonic() + timeout
        with self.lock:
            index = max(len(self.statuses) - 1, 0)
            while True:
                for _, status in self.statuses[index:]:
                    if condition(status):
                        return status
                index = len(self.statuses)
                left = end - time.monotonic()
                if left <= 0 or not self.lock.wait(left):
                    if time.monotonic() >= end:
                        last = dict(self.statuses[-1][1]) if self.statuses else None
                        raise AssertionError(f"no status within {timeout} s: {what}; last: {last}")

    def applied(self, generation, timeout=15):
        return self.wait_status(f"generation {generation} applied", lambda s: s["appliedGeneration"] == generation, timeout)

    def advertised(self, generation, timeout=15):
        return self.wait_status(f"generation {generation} advertised",
                                lambda s: s["advertisedGeneration"] == generation and not s["mismatchedPaths"], timeout)


DEFAULT_PREFIXES = ["172.17.1.1/32", "172.18.0.0/16", "2001:db8::1/128", "2001:db8:100::/40"]


class Speaker(threading.Thread):
    """A BGP neighbour that remembers every UPDATE: the judge of "never"."""

    def __init__(self, node, local, remote, asn, remote_as, bind_port=0):
        super().__init__(daemon=True)
        self.node, self.local, self.remote, self.asn, self.remote_as = node, local, remote, asn, remote_as
        self.updates = []  # (monotonic time, prefix, AS path or None for a withdraw)
        self.messages = 0  # UPDATE messages
        self.established = threading.Event()
        self.sessions = 0
        self.stopping = False
        self.sock = None
        self.rib = {}
        self.start()
        _cleanup.callback(self.stop)

    def stop(self):
        self.stopping = True
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
        self.join(5)

    def run(self):
        while not self.stopping:
            try:
                self._session()
            except (OSError, struct.error):
                pass
            self.established.clear()
            self.rib = {}
            time.sleep(0.05)

    def _session(self):
        family = socket.AF_INET6 if ":" in self.remote else socket.AF_INET
        with self.node.inside():
            sock = socket.socket(family)
        with sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self.local, 0))
            sock.settimeout(2)
            sock.connect((self.remote, 179))
            sock.settimeout(None)
            self.sock = sock
            capabilities = b"".join(struct.pack(">BBHBB", 1, 4, afi, 0, 1) for afi in (1, 2))
            capabilities += struct.pack(">BBI", 65, 4, self.asn)
            parameter = struct.pack(">BB", 2, len(capabilities)) + capabilities
            router_id = bytes((9, 9, self.asn >> 8 & 255, hash(self.local) & 127 or 1))
            body = struct.pack(">BHH", 4, self.asn if self.asn < 65536 else 23456, 90) + router_id
            self._send(1, body + bytes((len(parameter),)) + parameter)
            self._send(4)
            threading.Thread(target=self._keepalive, args=(sock,), daemon=True).start()
            while True:
                header = self._exactly(19)
                length, kind = struct.unpack(">HB", header[16:])
                body = self._exactly(length - 19)
                if kind == 4:
                    if not self.established.is_set():
                        self.sessions += 1
                    self.established.set()
                elif kind == 2:
                    self._update(body)
                elif kind == 3:
                    raise OSError(f"notification {body[:2].hex()}")

    def _keepalive(self, sock):
        while sock is self.sock and sock.fileno() >= 0:
            try:
                self._send(4)
            except OSError:
                return
            time.sleep(10)

    def _send(self, kind, body=b""):
        self.sock.sendall(b"\xff" * 16 + struct.pack(">HB", 19 + len(body), kind) + body)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    @staticmethod
    def _prefixes(data, family):
        size = 4 if family == socket.AF_INET else 16
        while data:
            length = (data[0] + 7) // 8
            address = data[1:1 + length] + bytes(size - length)
            yield f"{socket.inet_ntop(family, address)}/{data[0]}"
            data = data[1 + length:]

    def _update(self, body):
        now = time.monotonic()
        withdrawn = struct.unpack(">H", body[:2])[0]
        attributes_at = 4 + withdrawn
        attributes = struct.unpack(">H", body[2 + withdrawn:attributes_at])[0]
        gone = list(self._prefixes(body[2:2 + withdrawn], socket.AF_INET))
        came = list(self._prefixes(body[attributes_at + attributes:], socket.AF_INET))
        data, path = body[attributes_at:attributes_at + attributes], []
        while data:
            flags, code = data[0], data[1]
            if flags & 0x10:
                length, data = struct.unpack(">H", data[2:4])[0], data[4:]
            else:
                length, data = data[2], data[3:]
            value, data = data[:length], data[length:]
            if code == 2:
                while value:
                    count = value[1]
                    path += struct.unpack(f">{count}I", value[2:2 + 4 * count])
                    value = value[2 + 4 * count:]
            elif code == 14 and value[:3] == b"\0\2\1":
                came += self._prefixes(value[5 + value[3]:], socket.AF_INET6)
            elif code == 15 and value[:3] == b"\0\2\1":
                gone += self._prefixes(value[3:], socket.AF_INET6)
        if gone or came:
            self.messages += 1
        for prefix in gone:
            self.updates.append((now, prefix, None))
            self.rib.pop(prefix, None)
        for prefix in came:
            self.updates.append((now, prefix, path))
            self.rib[prefix] = path

    def announce(self, prefixes, path, community=None):
        """Send UPDATEs for these IPv4 prefixes with one AS path, and a community if wanted."""
        attributes = b"\x40\1\1\0" + struct.pack(f">BBBBB{len(path)}I", 0x40, 2, 2 + 4 * len(path), 2, len(path), *path)
        attributes += b"\x40\3\4" + socket.inet_aton(self.local)
        if community:
            attributes += struct.pack(">BBBI", 0xc0, 8, 4, community)
        for chunk in self._encoded(prefixes):
            self._send(2, struct.pack(">HH", 0, len(attributes)) + attributes + chunk)

    def withdraw(self, prefixes):
        for chunk in self._encoded(prefixes):
            self._send(2, struct.pack(">H", len(chunk)) + chunk + b"\0\0")

    @staticmethod
    def _encoded(prefixes, each=700):
        for start in range(0, len(prefixes), each):
            split = (prefix.split("/") for prefix in prefixes[start:start + each])
            yield b"".join(bytes((int(length),)) + socket.inet_aton(address)[:(int(length) + 7) // 8]
                           for address, length in split)

    def wait_up(self, timeout=30):
        if not self.established.wait(timeout):
            raise AssertionError(f"{self.local}: no BGP session")

    def hops(self, prefix):
        """Length of the path to a prefix; None when it is not announced."""
        path = self.rib.get(prefix)
        return None if path is None else len(path)

    def mark(self):
        return len(self.updates)

    def since(self, mark, prefixes=None):
        return [u for u in self.updates[mark:] if prefixes is None or u[1] in prefixes]


class Bird:
    def __init__(self, node, config):
        if not shutil.which("bird"):
            self.process = None
            return
        path = f"{node.folder}/bird.conf"
        with open(path, "w") as file:
            file.write(config)
        self.ctl = f"{node.folder}/bird.ctl"
        self.node = node
        self.process = subprocess.Popen(["ip", "netns", "exec", node.name, "bird", "-f", "-c", path, "-s", self.ctl],
                                        stdout=open(f"{node.folder}/bird.log", "w"), stderr=subprocess.STDOUT)
        _cleanup.callback(self.stop)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def path(self, prefix):
        text = sh("birdc", "-s", self.ctl, "show", "route", "for", prefix, "all", check=False)
        if prefix.split("/")[0] not in text:
            return None
        for line in text.splitlines():
            if "BGP.as_path:" in line:
                return [int(hop) for hop in line.split(":", 1)[1].split()]
        return None


class Tests:
    """Runs functions in order, prints TAP-like lines; exit code 0 when all have passed."""

    def __init__(self):
        self.failed = []
        self.count = 0

    def run(self, functions):
        import traceback

        only = sys.argv[1:]
        for function in functions:
            if only and function.__name__ not in only:
                continue
            self.count += 1
            started = time.monotonic()
            try:
                function()
                print(f"ok   {function.__name__} ({time.monotonic() - started:.1f} s)", flush=True)
            except Exception:  # pylint: disable=broad-except
                self.failed.append(function.__name__)
                print(f"FAIL {function.__name__}", flush=True)
                traceback.print_exc()
                autopsy()
            end_all()
        print(f"{self.count - len(self.failed)} of {self.count} passed")
        return 1 if self.failed else 0
