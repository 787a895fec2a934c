# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a module by Ansible and kill it in the middle: its process on the host, or Ansible itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration.support.lab import Lab
from tests.integration.support.modules import COLLECTION, ROOT

# Runs on the host: waits for the processes that have a mark in their environment, lets them work for a while, kills
# them, and prints how long the first of them was there and whether it still was when it was to be killed.
_KILLER = """
import os, signal, sys, time
mark, moment = sys.argv[1].encode(), float(sys.argv[2])
def marked():
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(pid) != os.getpid() and mark in open(f"/proc/{pid}/environ", "rb").read():
                yield int(pid)
        except OSError:
            pass
def wait_until(there, end):
    while time.monotonic() < end and bool(list(marked())) != there:
        time.sleep(0.005)
wait_until(True, time.monotonic() + 60)
start = time.monotonic()
wait_until(False, start + moment)
killed = list(marked())
for pid in killed:
    os.kill(pid, signal.SIGKILL)
print(time.monotonic() - start, len(killed))
"""
_LONG = 300.0


@dataclass(frozen=True)
class Run:
    """One run of Ansible with one task on one host, that can be killed."""

    lab: Lab
    inventory: str
    host: str
    module: str
    args: Mapping[str, Any]
    folder: Path
    mark: str = field(default_factory=lambda: f"KVMOPS_TEST={uuid.uuid4()}")

    def start(self) -> subprocess.Popen[str]:
        """Start Ansible, in a process group of its own."""
        name, value = self.mark.split("=")
        task = {f"{COLLECTION}.{self.module}": dict(self.args), "environment": {name: value}}
        play = self.folder / f"{value}.json"
        play.write_text(json.dumps([{"hosts": self.host, "gather_facts": False, "tasks": [task]}]))
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [str(program), "-i", self.inventory, str(play)]
        pipe, both = subprocess.PIPE, subprocess.STDOUT
        null = subprocess.DEVNULL
        return subprocess.Popen(
            command, cwd=ROOT, start_new_session=True, stdin=null, stdout=pipe, stderr=both, text=True
        )

    def kill_on_host(self, moment: float = _LONG) -> tuple[float, bool]:
        """Kill the module's process on the host `moment` seconds after it began; return how long it ran, and whether
        it had to be killed.
        """
        watch = [*self.lab.ssh(self.host, "python3", "-", self.mark, str(moment))]
        killer = subprocess.Popen(watch, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ansible = self.start()
        seconds, killed = killer.communicate(_KILLER, timeout=2 * _LONG)[0].split()
        said = ansible.communicate(timeout=_LONG)[0]
        assert int(killed) or ansible.returncode == 0, said
        return float(seconds), int(killed) > 0

    def kill_ansible(self, moment: float) -> bool:
        """Kill Ansible and all it has started here `moment` seconds after it began; return whether it still ran."""
        ansible = self.start()
        time.sleep(moment)
        running = ansible.poll() is None
        if running:
            os.killpg(ansible.pid, signal.SIGKILL)
        ansible.communicate()
        return running
