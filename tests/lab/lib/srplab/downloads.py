# SPDX-License-Identifier: GPL-2.0-or-later
"""Long TCP downloads through the gateways, and what a failure does to them.

The server sends each connection the bytes that its number stands for, at a given rate, until it has sent all of them
or the client has closed its side; the client checks every byte and notes when nothing came for how long. `python3
downloads.py server|client ...` is what runs in the nodes.
"""

import contextlib
import hashlib
import json
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

PORT = 8080
BLOCK = 1 << 16
AFTER = 1.0  # s of content that each must have before anything happens to it
TICK = 0.005  # s between the pieces that the server sends
PAUSE = 2.5 * TICK  # s without anything that are worth a note


def _block(number):
    """What connection `number` carries, again and again."""
    return random.Random(number).randbytes(BLOCK)


def _is_ended(connection):
    """The client has closed its side, or is gone."""
    try:
        return connection.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def _serve_one(connection):
    with connection:
        number, size, rate = struct.unpack("!QQQ", connection.recv(24, socket.MSG_WAITALL))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left, start, sent = size, time.monotonic(), 0
        block = memoryview(_block(number))
        while left and not _is_ended(connection):
            due = min(left, int((time.monotonic() - start) * rate) - sent)
            while due > 0:
                at = sent % BLOCK
                count = connection.send(block[at:at + due])
                due, sent, left = due - count, sent + count, left - count
            time.sleep(TICK)


def server(*addresses):
    """Serve until killed."""
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, PORT))
        listener.listen(128)

        def accept(listener=listener):
            while True:
                threading.Thread(target=_serve_one, args=(listener.accept()[0],), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
    print("ready", flush=True)
    signal.pause()


def _came(result, size, last):
    """Something came, and before that `last` (ns); returns now."""
    now = time.monotonic_ns()
    pause = round((now - last) / 1e6, 1)
    result["stallMsecs"] = max(result["stallMsecs"], pause)
    if pause > PAUSE * 1000:
        result["pauses"].append((last, pause))
    result["bytes"] += size
    return now


class Fetches:
    """Downloads at once, each in a thread of its own."""

    def __init__(self, size, rate):
        self.size, self.rate = size, rate
        self.results, self.connections = [], []
        self.flows, self.ending = threading.Semaphore(0), threading.Event()

    def fetch(self, number, source, target):
        """One download, from its start to its end."""
        result = {"number": number, "bytes": 0, "good": False, "stallMsecs": 0.0, "pauses": [], "error": None}
        told = False
        try:
            with socket.create_connection((target, PORT), timeout=20, source_address=(source, 0)) as connection:
                self.connections.append(connection)
                connection.sendall(struct.pack("!QQQ", number, self.size, self.rate))
                got, last = hashlib.sha256(), time.monotonic_ns()
                while result["bytes"] < self.size:
                    data = connection.recv(BLOCK)
                    if not data and self.ending.is_set():
                        break
                    if not data:
                        raise OSError("closed too early")
                    last = _came(result, len(data), last)
                    got.update(data)
                    if result["bytes"] >= self.rate * AFTER and not told:
                        told = True
                        self.flows.release()
            result["good"] = got.digest() == _digest(number, result["bytes"])
        except OSError as error:
            result["error"] = f"{type(error).__name__}: {error}"
        if not told:
            self.flows.release()  # one that came to nothing is not waited for
        self.results.append(result)

    def end(self):
        """Wait until stdin is closed; then no more is wanted."""
        sys.stdin.read()
        self.ending.set()
        for connection in self.connections:
            with contextlib.suppress(OSError):  # it is over
                connection.shutdown(socket.SHUT_WR)


def _digest(number, size):
    expected, block = hashlib.sha256(), _block(number)
    for _ in range(size // BLOCK):
        expected.update(block)
    expected.update(block[:size % BLOCK])
    return expected.digest()


def client(count, size, rate, *ends):
    """`count` downloads from each of `ends` (SOURCE,TARGET) at once; says when all flow; prints a line for each."""
    fetches = Fetches(int(size), int(rate))
    threads = []
    for _ in range(int(count)):
        for end in ends:
            threads.append(threading.Thread(target=fetches.fetch, args=(len(threads), *end.split(","))))
    for thread in threads:
        thread.start()
    for _ in threads:
        fetches.flows.acquire()
    print("all flow", flush=True)
    threading.Thread(target=fetches.end, daemon=True).start()
    for thread in threads:
        thread.join()
    for result in fetches.results:
        print(json.dumps(result), flush=True)


class Downloads:
    """Downloads from upstream to access. A context manager: the server runs, no download does."""

    def __init__(self, pair, ends, count=5, rate=2 << 20):
        """`ends`: (client, server) addresses, `count` downloads at once for each of them, `rate` in bytes/s."""
        self.pair, self.ends, self.count, self.rate = pair, ends, count, rate

    def __enter__(self):
        self.server = self.pair["upstream"].popen("/usr/bin/python3", __file__, "server",
                                                  *(target for _, target in self.ends), stdout=subprocess.PIPE,
                                                  text=True)
        self.server.stdout.readline()
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        self.server.stdout.close()

    @contextlib.contextmanager
    def running(self, seconds):
        """Downloads of so many seconds; all of them flow on entry. finish() of what is yielded gives the results."""
        size = int(seconds * self.rate)
        process = self.pair["access"].popen("/usr/bin/python3", __file__, "client", str(self.count), str(size),
                                            str(self.rate), *(f"{source},{target}" for source, target in self.ends),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()
            yield Running(process, seconds + 60)
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    def during(self, seconds, act):
        """Run downloads of so many seconds, call act() when all of them flow; returns what became of each."""
        with self.running(seconds) as running:
            act()
            return running.finish()


class Running:
    """Downloads that flow."""

    def __init__(self, process, timeout):
        self.process, self.timeout = process, timeout

    def finish(self, early=False):
        """Wait for their end, or end them now; returns what became of each."""
        if early:
            self.process.stdin.close()
        watch = threading.Timer(self.timeout, self.process.kill)
        watch.start()
        try:
            return [json.loads(line) for line in self.process.stdout]
        finally:
            watch.cancel()


if __name__ == "__main__":
    {"server": server, "client": client}[sys.argv[1]](*sys.argv[2:])
