# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Timing whole commands, and showing the times side by side."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CACHE = ROOT / ".cache" / "benchmarks"


@dataclass
class Table:
    """What was measured: a row says what, its time, and how it compares."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, seconds: float, compared: str = "") -> None:
        """Add a row; seconds are wall time."""
        self.rows.append((what, f"{seconds:.2f} s", compared))

    def __str__(self) -> str:
        width = max((len(row[0]) for row in self.rows), default=0)
        return "\n" + "\n".join(f"{what:{width}}  {seconds:>9}  {compared}" for what, seconds, compared in self.rows)


def median_of(runs: int, work: Callable[[], Any]) -> float:
    """Return the median wall time of several runs, in seconds."""
    return statistics.median(seconds_of(work) for _run in range(runs))


def seconds_of(work: Callable[[], Any]) -> float:
    """Return the wall time of one run, in seconds."""
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def ad_hoc(host: str, module: str, **args: Any) -> None:
    """Run a module by the program `ansible`, as a person does; an error shows what it said."""
    command = [str(BIN / "ansible"), "-i", str(ROOT / "inventories" / "lab"), host, "-m", module]
    command += ["-a", json.dumps(args)] if args else []
    _ansible(command)


def playbook(path: Path, **variables: Any) -> None:
    """Run a playbook on the lab."""
    extra = ["-e", json.dumps(variables)]
    _ansible([str(BIN / "ansible-playbook"), "-i", str(ROOT / "inventories" / "lab"), str(path), *extra])


def _ansible(command: list[str]) -> None:
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=ROOT, env=environment
    )
    if done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}")


def community_libvirt(version: str = "14.5.0") -> Path:
    """Return a collections path with community.libvirt, taken once from the package `ansible` by pip."""
    home = CACHE / "ansible_collections" / "community" / "libvirt"
    if not home.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(CACHE),
            f"ansible=={version}",
        ]
        subprocess.run(pip, check=True)
        with zipfile.ZipFile(next(CACHE.glob("ansible-*.whl"))) as wheel:
            wanted = [name for name in wheel.namelist() if name.startswith("ansible_collections/community/libvirt/")]
            wheel.extractall(CACHE, wanted)
    return CACHE
