# SPDX-License-Identifier: GPL-2.0-or-later
"""An Ethernet segment seen from a host: who answers for an address, and who says it has one. Runs inside a node:

    python3 segment.py listen IF             ARP and neighbour advertisements, a JSON line for each
    python3 segment.py ask IF MAC ADDRESS... whether MAC (`all`: anybody) answers for each; a JSON object
    python3 segment.py ping ADDRESS...       an echo request to each every 10 ms; a JSON line per answer

Times are CLOCK_MONOTONIC's, in ns. `listen` and `ping` run until they are ended.
"""

import fcntl
import ipaddress
import json
import select
import socket
import struct
import sys
import time

EVERYBODY = b"\xff" * 6
ASK_SECONDS = 5.0
PING_INTERVAL = 0.01


def text_of(mac):
    """A MAC address as ip(8) prints it."""
    return mac.hex(":")


def open_packet(ifname):
    """A socket that sees all of an interface, and its MAC address."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((ifname, 0))
    request = struct.pack("256s", ifname.encode())
    return sock, fcntl.ioctl(sock.fileno(), 0x8927, request)[18:24]


def checksum(data):
    """RFC 1071."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def pseudo_header(source, target, payload):
    """What an ICMPv6 checksum has in front of the message."""
    return source + target + struct.pack("!II", len(payload), 58)


def solicitation(mac, to, source, target):
    """A neighbour solicitation for `target` (packed); to everybody, or to one MAC address."""
    group = ipaddress.ip_address("ff02::1:ff00:0").packed[:13] + target[13:]
    body = struct.pack("!BBHI", 135, 0, 0, 0) + target + b"\x01\x01" + mac
    body = body[:2] + struct.pack("!H", checksum(pseudo_header(source, group, body) + body)) + body[4:]
    ether = b"\x33\x33" + group[12:] if to == EVERYBODY else to
    return ether + mac + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source + group + body


def question(mac, to, source, target):
    """An ARP request for `target` (packed)."""
    return to + mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + mac + source + bytes(6) + target


def parse(frame):
    """An ARP packet or a neighbour advertisement as a dict, or None for anything else."""
    kind = frame[12:14]
    if kind == b"\x08\x06" and len(frame) >= 42:
        operation, = struct.unpack("!H", frame[20:22])
        return {"kind": {1: "request", 2: "reply"}.get(operation, "?"), "from": text_of(frame[6:12]),
                "to": text_of(frame[:6]), "mac": text_of(frame[22:28]), "target_mac": text_of(frame[32:38]),
                "address": str(ipaddress.ip_address(frame[28:32])),
                "target": str(ipaddress.ip_address(frame[38:42]))}
    if kind == b"\x86\xdd" and len(frame) >= 78 and frame[20] == 58 and frame[54] == 136:
        body = frame[54:54 + struct.unpack("!H", frame[18:20])[0]]
        good = checksum(pseudo_header(frame[22:38], frame[38:54], body) + body) == 0
        option = body[26:32] if body[24:26] == b"\x02\x01" else b""
        return {"kind": "advertisement", "from": text_of(frame[6:12]), "to": text_of(frame[:6]),
                "mac": text_of(option), "address": str(ipaddress.ip_address(body[8:24])),
                "source": str(ipaddress.ip_address(frame[22:38])), "hops": frame[21], "good": good,
                "router": bool(body[4] & 0x80), "solicited": bool(body[4] & 0x40), "override": bool(body[4] & 0x20)}
    return None


def listen(ifname):
    """Print what is said, until the end."""
    sock, own = open_packet(ifname)
    print(json.dumps({"kind": "listening"}), flush=True)
    while True:
        frame = sock.recv(2048)
        found = parse(frame)
        if found and frame[6:12] != own:
            print(json.dumps({"ns": time.monotonic_ns(), **found}), flush=True)


def own_address(ifname, version):
    """This host's address on the segment, packed."""
    for line in open("/proc/net/if_inet6", encoding="utf-8") if version == 6 else ():
        words = line.split()
        if words[5] == ifname and not words[0].startswith("fe8"):
            return bytes.fromhex(words[0])
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    return fcntl.ioctl(sock.fileno(), 0x8915, struct.pack("256s", ifname.encode()))[20:24]


def ask(ifname, to, addresses):
    """{address: MAC that answered}; the last address must be one that is answered for: what comes before is then over.

    The questions leave in the given order and a kernel answers them in that order.
    """
    sock, mac = open_packet(ifname)
    to = EVERYBODY if to == "all" else bytes.fromhex(to.replace(":", ""))
    answers = dict.fromkeys(addresses)
    for text in addresses:
        address = ipaddress.ip_address(text)
        build = solicitation if address.version == 6 else question
        sock.send(build(mac, to, own_address(ifname, address.version), address.packed))
    end = time.monotonic() + ASK_SECONDS
    while answers[addresses[-1]] is None and time.monotonic() < end:
        if not select.select([sock], [], [], 0.1)[0]:
            continue
        frame = sock.recv(2048)
        found = parse(frame)
        if found and frame[:6] == mac and found["kind"] != "request" and found["address"] in answers:
            answers[found["address"]] = found["from"]
    print(json.dumps(answers))


def ping(addresses):
    """Echo requests over the host's own stack, which asks its neighbour cache."""
    socks = []
    for text in addresses:
        six = ":" in text
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, 58 if six else 1)
        sock.setblocking(False)
        socks.append((sock, text, six))
    number = 0
    while True:
        number = (number + 1) & 0xffff
        for sock, text, six in socks:
            packet = struct.pack("!BBHHH", 128 if six else 8, 0, 0, 7, number)
            if not six:
                packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
            try:
                sock.sendto(packet, (text, 0))
            except OSError:
                pass
        end = time.monotonic() + PING_INTERVAL
        while (left := end - time.monotonic()) > 0:
            for sock in select.select([entry[0] for entry in socks], [], [], left)[0]:
                data, who = sock.recvfrom(2048)
                six = sock.family == socket.AF_INET6
                if data[0 if six else 20] == (129 if six else 0):
                    print(json.dumps({"ns": time.monotonic_ns(), "address": who[0]}), flush=True)


def main():
    """As the first words of the file say."""
    words = sys.argv[1:]
    if words[0] == "listen":
        listen(words[1])
    elif words[0] == "ask":
        ask(words[1], words[2], words[3:])
    else:
        ping(words[1:])


if __name__ == "__main__":
    main()
