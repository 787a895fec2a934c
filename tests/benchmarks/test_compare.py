# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comparing costs on the host, and what a module costs to start."""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import ansible.module_utils

from tests.benchmarks.support import ROOT, Table, ad_hoc
from tests.benchmarks.test_fleet import HERE, clean, fleet
from tests.integration.support.lab import Lab

__all__ = ["clean"]

COLLECTION = "ansible_collections/kvmops/datacenter/plugins"
COMPARED = 200
STARTS = 15
PLACE = "/tmp/kvmops-bench"
KEPT = "/tmp/kvmops-bench-start"


def run(lab: Lab, host: str, *command: str, stdin: bytes = b"") -> str:
    """Run a command on a host, and return what it says."""
    done = subprocess.run(lab.ssh(host, *command), input=stdin, capture_output=True, check=False)
    assert not done.returncode, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode()


def packed() -> bytes:
    """Return what the host needs of the collection and of Ansible, as a tar archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        tar.add(Path(ansible.module_utils.__path__[0]), "ansible/module_utils", filter=_sources)
        tar.add(ROOT / "plugins" / "module_utils", f"{COLLECTION}/module_utils", filter=_sources)
    return archive.getvalue()


def _sources(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in member.name else member


def test_running_vms_are_compared(lab: Lab, clean: str, table: Table) -> None:
    """Two hundred VMs that exist as processes: at most 3 ms of processor time each beside libvirt's own calls."""
    names = [f"bench-{number:03}" for number in range(COMPARED)]
    wanted = {"memory": "16MiB", "vcpus": 1, "nics": [{"network": "default"}], "state": "paused"}
    options = {**fleet(names, **wanted), "planned": None}
    ad_hoc(clean, "kvmops.datacenter.kvm_fleet", **fleet(names, **wanted))
    run(lab, clean, "rm", "-rf", PLACE)
    run(lab, clean, "mkdir", "-p", PLACE)
    run(lab, clean, "tar", "-xzf", "-", "-C", PLACE, stdin=packed())
    script = (HERE / "compare_fleet.py").read_text(encoding="utf-8")
    command = ("env", f"PYTHONPATH={PLACE}", "/usr/bin/python3", "-c", script)
    told: dict[str, Any] = json.loads(run(lab, clean, *command, stdin=json.dumps(options).encode()))
    run(lab, clean, "rm", "-rf", PLACE)
    assert told["changes"] == 0
    each = (told["cpu"] - told["libvirt"]) / COMPARED * 1000
    table.add(f"processor time to compare {COMPARED} running VMs", told["cpu"], f"{each:.2f} ms each (target 3)")


def sent(lab: Lab, host: str, module: str, **args: Any) -> str:
    """Run a module on a host, and return where the very file lies that Ansible has sent."""
    place = f"{KEPT}/{module}-{len(args)}"
    environment = {
        "ANSIBLE_KEEP_REMOTE_FILES": "1",
        "ANSIBLE_PIPELINING": "0",
        "ANSIBLE_REMOTE_TMP": place,
        "ANSIBLE_LIBRARY": str(HERE / "library"),
    }
    os.environ.update(environment)
    try:
        ad_hoc(host, module, **args)
    finally:
        for name in environment:
            del os.environ[name]
    return run(lab, host, "sh", "-c", f"ls {place}/*/AnsiballZ_*").strip()


def started(lab: Lab, host: str, files: list[str]) -> list[float]:
    """Return the median wall time of each file's run on its host, in seconds; they take turns, so that all of them
    meet the same noise.
    """
    once = "s=$(date +%s%N); /usr/bin/python3 $file >/dev/null; e=$(date +%s%N); echo $((e-s))"
    turns = f"for turn in $(seq {STARTS}); do for file in {' '.join(files)}; do {once}; done; done"
    times = [int(word) / 1e9 for word in run(lab, host, "sh", "-c", turns).split()]
    return [statistics.median(times[place :: len(files)]) for place in range(len(files))]


ONE = {"name": "bench-000", "memory": "16MiB", "vcpus": 1, "nics": [{"network": "default"}], "disks": []}
CALLS: list[tuple[str, str, dict[str, Any], str]] = [
    ("kvm_vm_info of no VM, on its host", "kvm_vm_info", {"names": []}, " (target 1.3)"),
    ("kvm_vm of a VM that is gone", "kvm_vm", {"name": "bench-none", "state": "absent"}, " (target 1.3)"),
    ("kvm_vm of a VM that is as wanted", "kvm_vm", ONE, ": it is read, compared and told"),
]


def test_a_module_starts(lab: Lab, clean: str, table: Table) -> None:
    """With nothing to do: at most 1.3 times a module that only opens a connection."""
    run(lab, clean, "rm", "-rf", KEPT)
    ad_hoc(clean, "kvmops.datacenter.kvm_vm", **ONE)
    names = ["bench_open", *(f"kvmops.datacenter.{module}" for _what, module, _args, _note in CALLS)]
    wanted: list[dict[str, Any]] = [{}, *(args for _what, _module, args, _note in CALLS)]
    files = [sent(lab, clean, name, **args) for name, args in zip(names, wanted)]
    least, *others = started(lab, clean, files)
    run(lab, clean, "rm", "-rf", KEPT)
    table.add("module that only opens a connection, on its host", least)
    for (what, _module, _args, note), ours in zip(CALLS, others):
        table.add(what, ours, f"{ours / least:.2f} x{note}")
