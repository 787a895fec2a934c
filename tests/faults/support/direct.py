# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a module here, for the libvirt of a host of the lab, so that it can be killed at once and for sure."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.integration.support.lab import SSH

_MODULES = "ansible_collections.kvmops.datacenter.plugins.modules"
_COLLECTIONS = Path(__file__).parents[3] / ".cache/collections"


@dataclass(frozen=True)
class Direct:
    """A module that is run by itself, without Ansible, for one host."""

    folder: Path
    host: str
    module: str

    def start(self, **options: Any) -> subprocess.Popen[str]:
        """Start it."""
        arguments = {"uri": f"qemu+ssh://root@{self.host}/system?command={SSH}", **options}
        file = self.folder / "arguments.json"
        file.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
        command = [sys.executable, "-m", f"{_MODULES}.{self.module}", str(file)]
        environment = {**os.environ, "PYTHONPATH": str(_COLLECTIONS)}
        null, pipe = subprocess.DEVNULL, subprocess.PIPE
        return subprocess.Popen(command, env=environment, stdin=null, stdout=pipe, stderr=pipe, text=True)

    def finish(self, **options: Any) -> dict[str, Any]:
        """Run it to its end and return its result."""
        process = self.start(**options)
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, output + errors
        return dict(json.loads(output))

    def kill_at_random(self, longest: float, **options: Any) -> float:
        """Start it, kill it after at most `longest` seconds, and return after how many."""
        process = self.start(**options)
        moment = random.uniform(0.2, longest)
        time.sleep(moment)
        process.kill()
        process.communicate()
        return moment
