# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation of a VM whose run is killed at random moments: the next run ends as one that was never cut off."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.support.killing import Run
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import succeed
from tests.integration.support.installer import installer
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules, inventory_of

__all__ = ["installer"]

VM = "t-install_killed-a"
# As parts of the time that a run takes: while things are made, and while the installer runs.
MOMENTS = ((0.05, 0.35), (0.35, 0.9))


@pytest.fixture
def wanted(installer: str) -> dict[str, Any]:
    """A VM that runs when it is installed."""
    install = {"admin_password": "x", "hostname": "installed"}
    small = {"template": installer, "memory": "128MiB", "nics": [], "disks": [{"size": "1MiB"}]}
    return {"name": VM, **small, "install": install, "state": "running"}


def test_the_run_is_killed(
    lab: Lab, lab_module: Modules, ready: str, wanted: dict[str, Any], pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    seed = int(time.time())
    dice = random.Random(seed)
    run = Run(lab, inventory_of(pytestconfig), ready, "kvm_vm", wanted, tmp_path)
    remove_all(lab.libvirt(ready), VM)
    whole, _killed = run.kill_on_host()
    for first, last in MOMENTS:
        remove_all(lab.libvirt(ready), VM)
        moment = dice.uniform(first, last) * whole
        seconds, killed = run.kill_on_host(moment)
        told = f"seed {seed}: {'killed' if killed else 'ended'} after {seconds:.2f} of {whole:.2f} s"
        print(told)
        result = succeed(lab_module(ready, "kvm_vm", **wanted))
        assert (result["vm"]["state"], result["observed"]["installing"]) == ("running", False), (told, result["plan"])
        volumes = [place.rpartition("/")[2] for place in lab.names(ready)["volumes"] if VM in place]
        assert volumes == [f"{VM}-root.qcow2"], told
        disk = lab.exec(ready, "qemu-io", "-U", "-r", "-c", "read -v 0 64", f"/var/lib/libvirt/images/{VM}-root.qcow2")
        assert "installed" in disk, (told, disk)
        again = lab_module(ready, "kvm_vm", **wanted)
        assert (again["failed"], again["plan"]) == (False, []), told
    remove_all(lab.libvirt(ready), VM)
