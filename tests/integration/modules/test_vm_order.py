# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which a fleet is started; and what a new VM gets because of its operating system."""

from __future__ import annotations

from typing import Any

from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm

BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "disks": [], "state": "running"}


def started(lab: Lab, host: str, name: str) -> float:
    """Return when the QEMU of a VM was started, in seconds."""
    return float(lab.exec(host, "stat", "-c", "%.Y", f"/run/libvirt/qemu/{name}.pid"))


def test_a_fleet_is_started_in_its_order(lab: Lab, lab_module: Modules, prefix: str, ready: str) -> None:
    orders = {"a": 3, "b": 1, "c": 2, "d": 1}
    vms = [{"name": f"{prefix}{end}", "start_order": order} for end, order in orders.items()]
    vms[1]["start_delay"] = 2
    options: dict[str, Any] = {"vms": vms, "defaults": BARE}
    checked = succeed(lab_module(ready, "kvm_fleet", check=True, **options))
    made = succeed(lab_module(ready, "kvm_fleet", **options))
    assert made["plan"] == checked["plan"]
    assert [vm["name"] for vm in made["vms"]] == [vm["name"] for vm in vms]
    times = {end: started(lab, ready, f"{prefix}{end}") for end in orders}
    assert max(times["b"], times["d"]) < times["c"] < times["a"]
    assert times["c"] - max(times["b"], times["d"]) >= 1.9
    assert not succeed(lab_module(ready, "kvm_fleet", **options))["changed"]


def test_a_vm_alone_has_no_order(lab_module: Modules, prefix: str, ready: str) -> None:
    result = lab_module(ready, "kvm_vm", name=f"{prefix}a", start_order=1, **BARE)
    assert result["failed"]
    assert "start_order" in result["msg"]


def test_an_operating_system_says_what_it_wants(lab: Lab, lab_module: Modules, prefix: str, ready: str) -> None:
    vm = Vm(lab, lab_module, ready, f"{prefix}os")
    made = vm.want_twice(os="debian11", disks=[{"size": "1MiB"}], nics=[{"network": "default"}])
    assert (made["vm"]["memory"], made["vm"]["disks"][0]["bus"], made["vm"]["nics"][0]["model"]) == (
        "1GiB",
        "virtio",
        "virtio",
    )
    old = Vm(lab, lab_module, ready, f"{prefix}old")
    made = old.want_twice(os="winxp", memory="32MiB", disks=[{"size": "1MiB"}], nics=[{"network": "default"}])
    assert (made["vm"]["disks"][0]["bus"], made["vm"]["nics"][0]["model"]) == ("sata", "e1000e")
    said = Vm(lab, lab_module, ready, f"{prefix}none").refuse(os="nosuchos")
    assert "'nosuchos' is not known to libosinfo on this host" in said
