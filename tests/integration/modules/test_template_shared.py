# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_template in a pool that two of the lab's hosts share: in turn, at the same moment, killed half-way."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.integration.support.lab import Lab
from tests.integration.support.modules import ROOT
from tests.integration.support.templates import SHARED, SHARED_PATH, Run, files, images, plan, sha256, shared

__all__ = ["images", "shared"]

BIG = f"{SHARED_PATH}/big.raw"
MAKE_BIG = f"""
head -c 64M /dev/urandom > {BIG}
printf '\\125\\252' | dd of={BIG} bs=1 seek=510 conv=notrunc status=none
"""


def test_another_host_of_a_shared_pool_finds_the_template(lab_module: Run, shared: Run) -> None:
    wanted = {"path": f"{SHARED_PATH}/disk.raw", "os": "debian12"}
    assert shared("h1", **wanted)["changed"]
    assert plan(shared("h2", **wanted)) == []
    assert shared("h2", description="seen by both")["changed"]
    assert shared("h1")["template"]["description"] == "seen by both"
    assert shared("h1", state="absent")["changed"]
    read = lab_module("h2", "kvm_template_info", names=["web"])
    assert [template["state"] for template in read["templates"]] == ["absent"]
    assert plan(shared("h2", state="absent")) == []


def test_volumes_of_another_host_keep_a_shared_template(lab: Lab, shared: Run) -> None:
    shared("h1", path=f"{SHARED_PATH}/disk.qcow2")
    lab.exec("h2", "virsh", "pool-refresh", SHARED)
    backing = ["--backing-vol", "web+1.template.qcow2", "--backing-vol-format", "qcow2"]
    lab.exec("h2", "virsh", "vol-create-as", SHARED, "overlay", "8M", "--format", "qcow2", *backing)
    assert f"is needed by {SHARED}/overlay" in shared("h1", state="absent")["msg"]


def start(hosts: str, **options: Any) -> subprocess.Popen[str]:
    """Start kvm_template by the command line, on several hosts at a time."""
    ansible = Path(sys.executable).with_name("ansible")
    words = [str(ansible), hosts, "-i", f"{ROOT}/inventories/lab", "-m", "kvmops.datacenter.kvm_template"]
    return subprocess.Popen(
        [*words, "-a", json.dumps(options)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_hosts_import_one_template_at_the_same_moment(lab: Lab, shared: Run) -> None:
    lab.exec("h1", "sh", "-c", MAKE_BIG)
    for version in ("1", "2"):
        wanted = {"version": version, "path": BIG}
        told, _errors = start("h1:h2", name="web", pool=SHARED, **wanted).communicate()
        assert sorted(line.split()[2] for line in told.splitlines() if " | " in line) == ["CHANGED", "SUCCESS"], told
        image = f"{SHARED_PATH}/web+{version}.template.qcow2"
        lab.exec("h2", "qemu-img", "compare", "-f", "raw", "-F", "qcow2", BIG, image)
        assert plan(shared("h2", **wanted)) == []


def test_an_import_that_was_killed_is_done_by_another_host(lab: Lab, shared: Run) -> None:
    lab.exec("h1", "sh", "-c", MAKE_BIG)
    lab.exec("h1", "qemu-img", "convert", "-f", "raw", "-O", "qcow2", BIG, f"{SHARED_PATH}/big.qcow2")
    wanted = {"path": f"{SHARED_PATH}/big.qcow2"}
    running = start("h1", name="web", pool=SHARED, **wanted)
    kill_when_written(lab, "h1", wanted["path"], f"{SHARED_PATH}/web+1.template.qcow2")
    running.communicate()
    assert running.returncode != 0
    assert "web+1.template.json" not in files(lab, "h1", SHARED_PATH)
    assert shared("h2", **wanted)["changed"]
    assert sha256(lab, f"{SHARED_PATH}/web+1.template.qcow2") == sha256(lab, f"{SHARED_PATH}/big.qcow2")
    for host in ("h1", "h2"):
        assert plan(shared(host, **wanted)) == []
    assert shared("h1", state="absent")["changed"]
    assert files(lab, "h1", SHARED_PATH) == ["big.qcow2", "big.raw", "disk.qcow2", "disk.raw"]


def kill_when_written(lab: Lab, host: str, source: str, target: str) -> None:
    """Kill the module, which is what reads the source, as soon as the target is there."""
    opened = f"find /proc/[0-9]*/fd -lname {source} 2>/dev/null | cut -d/ -f3 | sort -u"
    module = f"for p in $({opened}); do grep -q python /proc/$p/comm && echo $p && break; done"
    # The process is found before the target is waited for: looking for it takes longer than writing does.
    found = f'until pid=$({module}); [ -n "$pid" ]; do sleep 0.02; done'
    script = f"{found}; until [ -e {target} ]; do sleep 0.01; done; kill -9 $pid"
    lab.exec(host, "timeout", "60", "bash", "-c", script)
