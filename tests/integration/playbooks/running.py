# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks as a person does, and read what each task did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
INVENTORY = ROOT / "inventories" / "lab" / "hosts.yml"
CALLBACKS = Path(__file__).parent / "callback"
ANSIBLE = Path(sys.executable).with_name("ansible-playbook")

# What a module of a loop or of a list returns its objects under.
_KINDS = ("network", "pool", "template")

Plans = dict[tuple[str, str, str], list[tuple[str, str]]]


@dataclass(frozen=True)
class Run:
    """A run of a playbook: its exit code, its output, and the lines of the callback."""

    code: int
    output: str
    lines: list[dict[str, Any]]

    @property
    def changed(self) -> dict[str, int]:
        """Return how many tasks changed something on each host."""
        return {line["host"]: line["result"]["changed"] for line in self.lines if line["status"] == "sum"}

    def results(self, action: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Go through the results of a module with their hosts, item by item where it ran in a loop."""
        for line in self.lines:
            if line.get("action") == f"kvmops.datacenter.{action}":
                for result in line["result"].get("results", [line["result"]]):
                    yield line["host"], result

    def plans(self) -> Plans:
        """Return the plan of each object: by host, kind and name, the summaries and when they take effect."""
        found: Plans = {}
        for kind in _KINDS:
            for host, result in self.results(f"kvm_{kind}"):
                for change in result.get("plan", []):
                    plan = found.setdefault((host, kind, result[kind]["name"]), [])
                    plan.append((change["summary"], change["when"]))
        for host, result in self.results("kvm_fleet"):
            for change in result.get("plan", []):
                found.setdefault((host, "vm", change["name"]), []).append((change["summary"], change["when"]))
        return found

    def diffs(self) -> list[tuple[str, Any]]:
        """Return what diff mode showed of each object, by host."""
        shown = [
            (host, difference)
            for action in ("kvm_network", "kvm_pool", "kvm_template", "kvm_fleet")
            for host, result in self.results(action)
            for difference in _listed(result.get("diff", []))
        ]
        return sorted(shown, key=lambda one: (one[0], json.dumps(one[1], sort_keys=True)))

    def failures(self) -> list[str]:
        """Return the sentences of the tasks that failed."""
        return [line["result"].get("msg", "") for line in self.lines if line["status"] == "failed"]


def _listed(diff: Any) -> list[Any]:
    return diff if isinstance(diff, list) else [diff]


def play(playbook: str, variables: Mapping[str, Any], *options: str) -> Run:
    """Run a playbook of the collection by its full name against the lab's hosts."""
    return run_playbook(f"kvmops.datacenter.{playbook}", variables, *options)


def run_playbook(playbook: str | Path, variables: Mapping[str, Any], *options: str) -> Run:
    """Run a playbook, which is named or a file, against the lab's hosts."""
    with tempfile.TemporaryDirectory() as folder:
        lines, extra = Path(folder, "lines"), Path(folder, "extra.json")
        lines.touch()
        extra.write_text(json.dumps(variables), encoding="utf-8")
        command = [str(ANSIBLE), str(playbook), f"--inventory={INVENTORY}", f"--extra-vars=@{extra}"]
        # Ansible refuses an input that ssh, started before by somebody else, has made non-blocking.
        done = subprocess.run(
            [*command, *options],
            cwd=ROOT,
            env=_environment(lines),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        noted = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
        return Run(done.returncode, done.stdout + done.stderr, noted)


def _environment(lines: Path) -> dict[str, str]:
    plugin = {"ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "kvm_lines"}
    return {**os.environ, **plugin, "KVM_LINES": str(lines)}
