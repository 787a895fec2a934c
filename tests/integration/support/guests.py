# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a guest of the lab is asked and told, through its agent: no card and no address is needed."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from tests.integration.support.vms import Vm


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
