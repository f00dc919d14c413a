# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of the SRP link as they reach an interface of a node, with the kernel's time. IPv4."""

import ctypes
import os
import socket
import struct
import time
from typing import NamedTuple

SO_ATTACH_FILTER, SO_TIMESTAMPNS, CLONE_NEWNET = 26, 35, 0x40000000


class Packet(NamedTuple):
    """One TCP packet: ms of the wall clock, addresses, ports, TOS byte, bytes of data."""
    time: float
    source: str
    target: str
    ports: tuple
    tos: int
    data: int


def _filter(port):
    """A classic BPF program for IPv4, TCP, from or to `port`: (code, if true, if false, value)."""
    return [(0x28, 0, 0, 12), (0x15, 0, 8, 0x800), (0x30, 0, 0, 23), (0x15, 0, 6, 6), (0xb1, 0, 0, 14),
            (0x48, 0, 0, 14), (0x15, 2, 0, port), (0x48, 0, 0, 16), (0x15, 0, 1, port), (0x06, 0, 0, 0xffff),
            (0x06, 0, 0, 0)]


class Tap:
    """A context manager around the socket."""

    def __init__(self, node, ifname, port=4545):
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net", "rb") as own, open(f"/run/netns/{node.netns}", "rb") as theirs:
            if libc.setns(theirs.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
            try:
                self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
                self.socket.bind((ifname, 0x800))
            finally:
                if libc.setns(own.fileno(), CLONE_NEWNET):
                    os._exit(1)  # nothing after this would be where it thinks it is
        lines = _filter(port)
        program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                               struct.pack("HL", len(lines), ctypes.addressof(program)))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.settimeout(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def packets(self, seconds):
        """What comes within the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                frame, control, *_ = self.socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            header = (frame[14] & 15) * 4
            length = struct.unpack_from("!H", frame, 16)[0]
            sec, nsec = struct.unpack("qq", control[0][2])
            yield Packet(sec * 1e3 + nsec / 1e6, socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34]),
                         struct.unpack_from("!HH", frame, 14 + header), frame[15],
                         length - header - (frame[14 + header + 12] >> 4) * 4)
