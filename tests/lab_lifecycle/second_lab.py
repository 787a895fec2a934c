# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's program as a user calls it, and what a lab has left on the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

NAME = "kvmopstest"
PROGRAM = Path(__file__).resolve().parents[1] / "lab" / "lab"


class SecondLab:
    """A lab named kvmopstest; it shares nothing but the cache of images with the default one."""

    def __init__(self) -> None:
        self.environment = {**os.environ, "KVMOPS_LAB_NAME": NAME}
        self.state = Path(f"/var/lib/{NAME}-lab")

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the program and return what came of it."""
        return subprocess.run([PROGRAM, *words], env=self.environment, capture_output=True, text=True, check=False)

    def run(self, *words: str) -> str:
        """Call the program, which has to succeed, and return what it printed."""
        done = self.call(*words)
        assert done.returncode == 0, f"lab {' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start the program and do not wait for it."""
        return subprocess.Popen([PROGRAM, *words], env=self.environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip

    def execute(self, host: str, *words: str) -> str:
        """Run a command in a host and return what it printed, without blanks around it."""
        return self.run("exec", host, *words).strip()

    def boot_id(self, host: str) -> str:
        return self.execute(host, "cat", "/proc/sys/kernel/random/boot_id")

    def answers(self, host: str, *words: str) -> bool:
        """Whether a command in a host succeeds."""
        return self.call("exec", host, *words).returncode == 0

    def fence(self, action: str, victim: int, by: str) -> str:
        """Let a host's own fence_ipmilan act on the BMC of another host; returns what it printed."""
        words = ["--ip=10.77.0.1", f"--ipport={6230 + victim}", "--username=admin", "--lanplus", "--cipher=3"]
        password = (self.state / "bmc-password").read_text().strip()
        agent = ["fence_ipmilan", *words, f"--password={password}", f"--action={action}"]
        return self.call("exec", by, *agent).stdout  # its exit code is 2 when the status is OFF


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether a condition comes to hold in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def leftovers() -> dict[str, list[str]]:
    """Everything on the machine that bears the second lab's name, but for its keys and logs."""
    found = {
        "processes": sorted(_processes()),
        "mounts": [line for line in Path("/proc/self/mounts").read_text().splitlines() if NAME in line],
        "namespaces": sorted(path.name for path in Path("/run/netns").glob(f"{NAME}-*")),
        "links": [name for name in os.listdir("/sys/class/net") if name.startswith(("mgmt", "stor", "br-mgmt"))],
        "cgroups": [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/{NAME}-lab")],
        "runtime": [str(path) for path in Path("/run").glob(f"{NAME}-*")],
        "disks": [str(path) for path in Path(f"/var/lib/{NAME}-lab").glob("hosts/*")],
    }
    return {kind: things for kind, things in found.items() if things}


def _processes() -> list[str]:
    """Processes in the lab's groups, in its namespaces, or started by its program."""
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit() and _belongs(path)]


def _belongs(process: Path) -> bool:
    if process.name == str(os.getpid()):
        return False
    try:
        marked = f"KVMOPS_LAB_NAME={NAME}".encode() in (process / "environ").read_bytes().split(b"\0")
        return marked or f"/{NAME}-lab" in (process / "cgroup").read_text()
    except OSError:  # it has just ended
        return False


def throw_away() -> None:
    """Remove the second lab's keys and logs, so that the next `up` starts from nothing but the cache."""
    shutil.rmtree(Path(f"/var/lib/{NAME}-lab"), ignore_errors=True)
