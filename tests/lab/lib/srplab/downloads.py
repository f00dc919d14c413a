# SPDX-License-Identifier: GPL-2.0-or-later
"""Long TCP downloads through the gateways, and what a failure does to them.

The server sends each connection the bytes that its number stands for, at a given rate; the client checks every byte
and notes the longest time that nothing came. `python3 downloads.py server|client ...` is what runs in the nodes.
"""

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
TICK = 0.01  # s between the pieces that the server sends


def _block(number):
    """What connection `number` carries, again and again."""
    return random.Random(number).randbytes(BLOCK)


def _serve_one(connection):
    with connection:
        number, size, rate = struct.unpack("!QQQ", connection.recv(24, socket.MSG_WAITALL))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        left, start, sent = size, time.monotonic(), 0
        block = memoryview(_block(number))
        while left:
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


def _fetch(number, source, target, size, rate, results, flows):
    result = {"number": number, "bytes": 0, "good": False, "stallMsecs": 0.0, "error": None}
    expected, got = hashlib.sha256(), hashlib.sha256()
    block, told = _block(number), False
    try:
        with socket.create_connection((target, PORT), timeout=20, source_address=(source, 0)) as connection:
            connection.settimeout(20)
            connection.sendall(struct.pack("!QQQ", number, size, rate))
            last = time.monotonic()
            while result["bytes"] < size:
                data = connection.recv(BLOCK)
                now = time.monotonic()
                result["stallMsecs"] = max(result["stallMsecs"], round((now - last) * 1000, 1))
                last = now
                if not data:
                    raise OSError("closed too early")
                result["bytes"] += len(data)
                got.update(data)
                if result["bytes"] >= rate * AFTER and not told:
                    told = True
                    flows.release()
        for _ in range(size // BLOCK):
            expected.update(block)
        expected.update(block[:size % BLOCK])
        result["good"] = got.digest() == expected.digest()
    except OSError as error:
        result["error"] = f"{type(error).__name__}: {error}"
    if not told:
        flows.release()  # one that came to nothing is not waited for
    results.append(result)


def client(count, size, rate, *ends):
    """`count` downloads from each of `ends` (SOURCE,TARGET) at once; prints a line for each."""
    results, threads, flows = [], [], threading.Semaphore(0)
    for number in range(int(count)):
        for end in ends:
            source, target = end.split(",")
            threads.append(threading.Thread(target=_fetch, args=(len(threads), source, target, int(size), int(rate),
                                                                results, flows)))
    for thread in threads:
        thread.start()
    for _ in threads:
        flows.acquire()
    print("all flow", flush=True)
    for thread in threads:
        thread.join()
    for result in results:
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

    def during(self, seconds, act):
        """Run downloads of so many seconds, call act() when all of them flow; returns what became of each."""
        size = int(seconds * self.rate)
        process = self.pair["access"].popen("/usr/bin/python3", __file__, "client", str(self.count), str(size),
                                            str(self.rate), *(f"{source},{target}" for source, target in self.ends),
                                            stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()
            act()
            lines, _ = process.communicate(timeout=seconds + 60)
        finally:
            process.kill()
            process.wait()
        return [json.loads(line) for line in lines.splitlines()]


if __name__ == "__main__":
    {"server": server, "client": client}[sys.argv[1]](*sys.argv[2:])
