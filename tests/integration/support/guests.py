# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands in a guest, by its agent: no card and no address is needed. And what it writes to its disk."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from tests.integration.support.vms import Vm

_WORD = "written-by-the-guest-of-"


def ask(vm: Vm, execute: str, **arguments: Any) -> Any:
    """Return the answer of the guest agent."""
    command = json.dumps({"execute": execute, "arguments": arguments})
    return json.loads(vm.lab.exec(vm.host, "virsh", "qemu-agent-command", vm.name, command))["return"]


def inside(vm: Vm, command: str) -> str:
    """Return what a command of the guest's shell prints."""
    pid = ask(vm, "guest-exec", path="/bin/sh", arg=["-c", command], **{"capture-output": True})["pid"]
    deadline = time.monotonic() + 30
    while not (answer := ask(vm, "guest-exec-status", pid=pid))["exited"]:
        assert time.monotonic() < deadline, command
        time.sleep(0.2)
    assert answer["exitcode"] == 0, (command, answer)
    return base64.b64decode(answer.get("out-data", "")).decode()


def keeps_what_is_written(vm: Vm) -> None:
    """See that a guest reads from its disk what it has written there."""
    write = f"echo {_WORD}{vm.name} > /root/kept; dd if=/dev/urandom of=/root/data bs=1M count=4; sync"
    read = "echo 3 > /proc/sys/vm/drop_caches; cat /root/data"
    sums = inside(vm, f"{write}; cat /root/data | md5sum; {read} | md5sum").split()
    assert sums[0] == sums[2]


def has_been_written(vm: Vm, path: str, server: str | None = None) -> bool:
    """Return whether what a guest wrote is in its image, as the server keeps it."""
    return int(vm.lab.exec(server or vm.host, "grep", "-a", "-c", _WORD + vm.name, path, check=False)) > 0
