# SPDX-License-Identifier: GPL-2.0-or-later
"""Questions to a running daemon over its vty socket, on one connection: no process per question.

The protocol is vtysh's: a command ends with NUL, its answer with three NULs and the result code.
"""

import json
import socket

from .base import LabError


class Vty:
    """A connection to one daemon of a node; opened by the first question and again after it broke."""

    def __init__(self, node, daemon, timeout=2.0):
        self.node = node  # which has another run_dir after a restart of its container
        self.name = f"{daemon}.vty"
        self.where = f"{node.name}/{daemon}"
        self.timeout = timeout
        self.socket = None

    def close(self):
        """Give the connection up; the next question opens a new one."""
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, command):
        """Run one command; returns its text. LabError when the daemon does not answer or refuses."""
        try:
            if not self.socket:
                self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.socket.settimeout(self.timeout)
                self.socket.connect(str(self.node.run_dir / self.name))
                self._round("enable")
            code, text = self._round(command)
        except OSError as error:
            self.close()
            raise LabError(f"{self.where}: {error}") from error
        if code != 0:
            raise LabError(f"{self.where}: {command!r}: result {code}: {text.strip()}")
        return text

    def json(self, command):
        """The answer to a command that prints JSON."""
        text = self.ask(command)
        try:
            return json.loads(text or "{}")
        except ValueError as error:
            raise LabError(f"{self.where}: {command!r}: not JSON: {text[:200]!r}") from error

    def _round(self, command):
        self.socket.sendall(command.encode() + b"\0")
        answer = b""
        while len(answer) < 4 or answer[-4:-1] != b"\0\0\0":
            part = self.socket.recv(65536)
            if not part:
                raise OSError("connection closed")
            answer += part
        return answer[-1], answer[:-4].decode(errors="replace")
