#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the seeds of tests/fuzz/corpus/netlink: rtnetlink datagrams as a little-endian kernel sends them.

    tests/fuzz/corpus-netlink.py tests/fuzz/corpus/netlink
"""
import socket
import struct
import sys
from pathlib import Path

ERROR, DONE, NEWLINK, DELLINK, NEWADDR, DELADDR, NEWROUTE, DELROUTE = 2, 3, 16, 17, 20, 21, 24, 25
MULTI, DUMP_INTR, REPLACE, CAPPED, ACK_TLVS = 0x2, 0x10, 0x100, 0x100, 0x200
UNICAST, BLACKHOLE = 1, 6


def attr(kind, data):
    return struct.pack("<HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def u32(kind, value):
    return attr(kind, struct.pack("<I", value))


def message(kind, payload, flags=0, seq=0):
    return struct.pack("<IHHII", 16 + len(payload), kind, flags, seq, 0) + payload + bytes(-len(payload) % 4)


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return family, socket.inet_pton(family, text)


def link(index, name, kind=NEWLINK, up=True, vrf_table=None, family=0):
    info = b""
    if vrf_table is not None:
        info = attr(18, attr(1, b"vrf\0") + attr(2, u32(1, vrf_table)))
    header = struct.pack("<BxHiII", family, 1, index, 0x41 if up else 0, 0)
    return message(kind, header + attr(3, name.encode() + b"\0") + info)


def addr(text, plen, index, kind=NEWADDR, proto=245, peer=None):
    family, raw = address(text)
    extra = attr(11, bytes([proto])) if proto is not None else b""
    header = struct.pack("<BBBBI", family, plen, 0x80, 0, index)
    return message(kind, header + attr(2, raw) + attr(1, address(peer)[1] if peer else raw) + u32(8, 0x80) + extra)


def route(text, plen, kind=NEWROUTE, proto=245, rtype=BLACKHOLE, table=254, via=None, oif=None, metric=None, flags=0,
          more=b""):
    family, raw = address(text)
    attrs = u32(15, table) + attr(1, raw) + more
    if via:
        via_family, via_raw = address(via)
        attrs += attr(5, via_raw) if via_family == family else attr(18, struct.pack("<H", via_family) + via_raw)
    if oif is not None:
        attrs += u32(4, oif)
    if metric is not None:
        attrs += u32(6, metric)
    header = struct.pack("<BBBBBBBBI", family, plen, 0, 0, min(table, 255), proto, 0, rtype, 0)
    return message(kind, header + attrs, flags)


def answer(error, text=None, capped=True):
    quoted = struct.pack("<IHHII", 16 if capped else 24, NEWROUTE, 5, 1, 0) + (b"" if capped else bytes(8))
    attrs = attr(1, text.encode() + b"\0") if text else b""
    flags = (CAPPED if capped else 0) | (ACK_TLVS if text else 0)
    return message(ERROR, struct.pack("<i", -error) + quoted + attrs, flags, 1)


def seeds():
    lo, eth0, red = link(1, "lo"), link(2, "eth0"), link(3, "red", vrf_table=1010)
    hop = struct.pack("<HBBi", 16, 0, 0, 2) + attr(5, bytes([10, 2, 0, 9]))
    v6 = dict(rtype=UNICAST, via="fe80::1", oif=2, metric=1)
    yield "links", lo + eth0 + red + link(2, "eth0", up=False) + link(2, "eth0", DELLINK)
    yield "bridge-port", eth0 + link(2, "eth0", DELLINK, family=7)
    yield "addresses", lo + red + addr("172.17.1.1", 32, 1) + addr("2001:db8::1", 128, 3) + \
        addr("172.17.1.1", 32, 1, DELADDR)
    yield "address-foreign", lo + addr("172.17.1.1", 32, 1, proto=None) + addr("10.0.0.1", 32, 1, peer="10.0.0.2")
    yield "routes", lo + eth0 + route("172.18.0.0", 16) + route("2001:db8:100::", 40, **v6) + \
        route("172.18.0.0", 16, DELROUTE)
    yield "route-foreign", lo + route("172.18.0.0", 16, proto=186) + answer(17, "File exists") + \
        route("172.18.0.0", 16, DELROUTE, proto=186) + answer(0)
    yield "route-replaced", lo + route("172.18.0.0", 16) + route("172.18.0.0", 16, proto=4, flags=REPLACE)
    yield "route-multipath", lo + eth0 + route("172.18.0.0", 16, rtype=UNICAST, more=attr(9, hop + hop)) + \
        route("172.18.0.0", 16, rtype=UNICAST, via="10.2.0.9", oif=2) + \
        route("172.18.0.0", 16, DELROUTE, rtype=UNICAST, more=attr(9, hop))
    yield "route-via-ipv6", lo + route("172.18.0.0", 16, rtype=UNICAST, via="fe80::1", oif=2, flags=REPLACE)
    yield "route-stale", lo + route("198.51.100.0", 24, table=77) + route("198.51.100.0", 24, table=77, metric=5)
    yield "dump", lo + message(DONE, bytes(4), MULTI) + route("172.18.0.0", 16, flags=MULTI) + \
        message(DONE, struct.pack("<i", 0), MULTI | DUMP_INTR)
    yield "answers", lo + eth0 + answer(0) + answer(101, "Nexthop has invalid gateway") + \
        answer(22, "quoted in full", capped=False) + answer(1)
    yield "cut-attribute", route("172.18.0.0", 16)[:-3]
    yield "odd-lengths", message(NEWROUTE, struct.pack("<BBBBBBBBI", 10, 40, 0, 0, 254, 245, 0, 6, 0) + attr(1, b"abc"))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
