#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the first inputs of fuzz_checkpoint and fuzz_session: conversations as they are, and broken ones."""
import struct
import zlib
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"
NAMES = b"\3pgw\4FULL\2\2\0\4IDLE\x74\1\5STATS"


def frame(kind, payload):
    return struct.pack(">BH", kind, len(payload)) + payload


def macro(call, data, fields=b"", flags=0):
    return struct.pack(">BQBIIH", 1, call, flags, 3600, 61, len(data)) + data + struct.pack(">H", len(fields)) + fields


def micro(call, cmd, value):
    return struct.pack(">BQBH", 2, call, cmd, len(value)) + value


def delete(call):
    return struct.pack(">BQ", 3, call)


def bucket(count, digest):
    return struct.pack(">BBIIQ", 4, 0, 0, count, digest)


def batch(seq, ops, start=1, algorithm=0):
    body = zlib.compress(ops) if algorithm == 1 else ops
    return frame(85, struct.pack(">HIIHHI", 1, start, seq, 9, 0, len(ops) | algorithm << 24) + body)


OPEN = frame(80, struct.pack(">QB", 2, 1))
PEER = frame(82, struct.pack(">HB", 1, 7) + NAMES)
SYNC = frame(84, struct.pack(">HIIQBQ", 1, 1, 0, 5, 2, 100))
FIELD = b"\2\0\1a"
OPS = macro(1, b"session one", FIELD, 1) + macro(2, b"two") + micro(1, 116, b"1234") + delete(2)

CHECKPOINT = {
    "follow": b"\0" + OPEN + PEER + SYNC + batch(1, OPS) + batch(2, bucket(1, 7) + b"\7"),
    "follow-zlib": b"\0" + OPEN + PEER + SYNC + batch(1, OPS, algorithm=1),
    "repair": b"\0" + OPEN + PEER + SYNC + batch(1, OPS) + batch(2, b"\5\0\0\0\0\0" + macro(3, b"x") + b"\6\0\0\0\0\0\7"),
    "unknown-micro": b"\0" + OPEN + PEER + SYNC + batch(1, micro(77, 9, b"x")),
    "serve": b"\1" + OPEN + frame(82, struct.pack(">HB", 1, 4) + NAMES)
             + frame(83, struct.pack(">HIIQQ", 1, 9, 0, 0, 0)) + frame(86, struct.pack(">HII", 1, 9, 1))
             + frame(87, struct.pack(">HIQB", 1, 9, 1, 2)) + frame(88, struct.pack(">HIBI", 1, 9, 0, 0)),
    "late": b"\1" + OPEN + PEER + batch(1, micro(1, 116, b"1234"), start=0),
    "cut": b"\0" + OPEN + PEER + SYNC + batch(1, OPS)[:-4],
    "before-open": b"\0" + PEER,
    "bomb": b"\0" + OPEN + PEER + SYNC + batch(1, b"\7" * 250000, algorithm=1),
}


def local(kind, payload=b""):
    return struct.pack(">IBBH", len(payload), kind, 1, 0) + payload


REGISTER = local(1, struct.pack(">HB", 1, 1) + NAMES)

SESSION = {
    "serve": b"\1" + REGISTER + local(2, OPS) + local(2, micro(1, 2, b"abcd")) + local(5, struct.pack(">QB", 1, 0)),
    "all": b"\1" + local(1, struct.pack(">HB", 1, 2) + NAMES) + local(2, OPS) + local(3),
    "standby": b"\0" + REGISTER + local(2, OPS) + local(5, struct.pack(">QB", 1, 2)),
    "twice": b"\1" + REGISTER + REGISTER,
    "first": b"\1" + local(2, OPS),
    "flushed": b"\1" + REGISTER + local(4, struct.pack(">I", 1)),
    "peer-op": b"\1" + REGISTER + local(2, b"\7"),
    "names": b"\1" + local(1, b"\0\1\0\3a b\0\0"),
}

for folder, files in (("checkpoint", CHECKPOINT), ("session", SESSION)):
    (CORPUS / folder).mkdir(exist_ok=True)
    for name, data in files.items():
        (CORPUS / folder / name).write_bytes(data)
