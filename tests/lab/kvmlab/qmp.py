# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two sockets of a running QEMU: its own monitor (QMP) and the guest agent behind it."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from kvmlab.errors import LabError


class Channel:
    """JSON commands over a UNIX socket, answered one line each; timeout in seconds for every answer."""

    def __init__(self, path: Path, timeout: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")

    def __enter__(self) -> Channel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._socket.close()

    def read(self) -> dict[str, Any]:
        """The next message; LabError when the other side has gone."""
        line = self._lines.readline()
        if not line:
            raise LabError("Cannot control the VM: it has closed its control socket.")
        message: dict[str, Any] = json.loads(line.lstrip(b"\xff"))
        return message

    def execute(self, command: str, arguments: dict[str, Any] | None = None, fds: Sequence[int] = ()) -> Any:
        """Run a command, passing file descriptors along; LabError with QEMU's own words if it fails."""
        request = json.dumps({"execute": command, "arguments": arguments or {}}).encode() + b"\n"
        socket.send_fds(self._socket, [request], list(fds))
        while True:
            answer = self.read()
            if "error" in answer:
                raise LabError(f"The VM refused '{command}': {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]


def monitor(path: Path, timeout: float = 60.0) -> Channel:
    """Open QEMU's monitor, ready for commands."""
    channel = Channel(path, timeout)
    channel.read()
    channel.execute("qmp_capabilities")
    return channel


def agent(path: Path, within: float) -> Channel:
    """Open the guest agent's socket as soon as the agent answers; LabError after `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        channel = Channel(path, 1.0)
        try:
            mark = time.monotonic_ns() % 1_000_000_000
            if channel.execute("guest-sync", {"id": mark}) == mark:
                channel._socket.settimeout(60.0)
                return channel
        except (TimeoutError, LabError, ValueError):
            pass
        channel.__exit__(None, None, None)
        time.sleep(0.2)
    raise LabError(f"The VM's guest agent did not answer within {within:.0f} s.")


def run_in_guest(channel: Channel, argv: Sequence[str], within: float = 60.0, stdin: bytes = b"") -> str:
    """Run a program in the guest through its agent and give its output; LabError when it fails or takes too long."""
    sent = base64.b64encode(stdin).decode()
    request = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True, "input-data": sent}
    pid = channel.execute("guest-exec", request)["pid"]
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        state = channel.execute("guest-exec-status", {"pid": pid})
        if state["exited"]:
            output = base64.b64decode(state.get("out-data", "")).decode(errors="replace")
            if state.get("exitcode", 1) != 0:
                errors = base64.b64decode(state.get("err-data", "")).decode(errors="replace").strip()
                raise LabError(f"Cannot run '{argv[0]}' in the VM: {errors or output.strip()}")
            return output
        time.sleep(0.05)
    raise LabError(f"The program '{argv[0]}' was not done in the VM within {within:.0f} s.")
