# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken and hostile clients, for the SRP port and the unix sockets. Runs inside a node:

    python3 -m srplab.abuse WHERE HOW SECONDS        WHERE: ADDRESS%PORT or the path of a unix socket

HOW:
  garbage   connections that send random bytes
  half      frames that begin well and never end
  huge      frames that announce more than there may be
  broken    frames of the right form with nonsense in them
  idle      very many connections that say nothing
  deaf      valid requests by the thousand, no answer ever read
"""

import contextlib
import random
import select
import socket
import struct
import sys
import time

CONNECTIONS = 100  # at a time
MAGIC, VERSION = 0x5352, 1


def connect(where):
    """A connected non-blocking socket, or None when it is refused."""
    if where.startswith("/"):
        sock, target = socket.socket(socket.AF_UNIX), where
    else:
        address, _, port = where.partition("%")
        sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        if ":" in address:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)  # what only a neighbour arrives with
        target = (address, int(port))
    sock.settimeout(1)
    try:
        sock.connect(target)
    except OSError:
        sock.close()
        return None
    sock.setblocking(False)
    return sock


def payload(where, how, luck):
    """The bytes a client of this kind sends first."""
    unix = where.startswith("/")
    bgp = where.endswith("srpd.bgp")
    if how == "garbage":
        return luck.randbytes(luck.randint(1, 20000))
    if how == "deaf":
        if bgp:
            return b"".join(struct.pack("!I", 2) + b"{}" for _ in range(1000))
        return b"enable\0" + b"show srp statistics json\0show srp info json\0" * 500 if unix else b""
    if how == "half":
        if bgp:
            return struct.pack("!I", 1000) + b'{"protocol":1,'
        return b"show srp in" if unix else struct.pack("!HBBII", MAGIC, VERSION, 1, 500, 1) + b"\0" * 20
    if how == "huge":
        if bgp:
            return struct.pack("!I", 0xffffffff) + b"x" * 100000
        if unix:
            return b"show " + b"a" * 1000000
        return struct.pack("!HBBII", MAGIC, VERSION, 1, 0xffffffff, 1) + b"x" * 5000
    if how == "broken":
        if bgp:
            body = luck.choice([b"[]", b"{}", b"nul", b"[" * 2000, b'{"protocol":99}', b'{"protocol":"1"}',
                                b'{"protocol":1,"peers":7}', b'{"protocol":1,"type":"status","peers":[{}]}'])
            return struct.pack("!I", len(body)) + body
        if unix:
            return luck.choice([b"\0" * 5000, b"no such command\0" * 100, b"show \xff\xfe\0", b"?\0" * 100,
                                b"end\0exit\0" * 100])
        body = luck.randbytes(luck.randint(0, 200))
        return struct.pack("!HBBII", MAGIC, luck.choice([VERSION, 0, 2, 255]), luck.randint(0, 4), len(body), 1) + body
    return b""


def run(where, how, seconds):
    """Keep at it; prints how many connections were accepted."""
    luck = random.Random(f"{where} {how}")
    end, accepted, held = time.monotonic() + seconds, 0, []
    while time.monotonic() < end:
        if len(held) < CONNECTIONS:
            sock = connect(where)
            if sock:
                accepted += 1
                with contextlib.suppress(OSError):
                    sock.send(payload(where, how, luck))
                held.append(sock)
        # Nothing is read, except to see which were closed on us, and by the kinds that are not deaf.
        readable, _, _ = select.select([] if how == "deaf" else held, [], [], 0.005)
        for sock in readable:
            with contextlib.suppress(BlockingIOError):
                try:
                    gone = not sock.recv(65536)
                except OSError as error:
                    if isinstance(error, BlockingIOError):
                        raise
                    gone = True
                if gone:
                    sock.close()
                    held.remove(sock)
        if how in ("garbage", "broken") and len(held) >= CONNECTIONS:
            held.pop(0).close()
    print(accepted, flush=True)
    for sock in held:
        sock.close()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], float(sys.argv[3]))
