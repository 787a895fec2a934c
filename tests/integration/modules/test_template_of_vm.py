# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template of a VM that has run: its disk is copied, flattened and sealed, and stays as it is.

The lab's hosts have no virt-sysprep (it takes 20 to 40 s under emulation for each disk): debugfs seals here.
"""

from __future__ import annotations

import pytest

from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.templates import MIB, Run, images, plan, sha256, template
from tests.integration.support.vms import Vm

__all__ = ["images", "template"]

# What tiny makes at its first boot; its root is the last partition.
LOOK = """
set -e
qemu-img convert -O raw {image} /var/tmp/{name}.raw
start=$(partx -g -r -o START /var/tmp/{name}.raw | tail -1)
at() {{ debugfs -R "$1" "/var/tmp/{name}.raw?offset=$((start * 512))" 2>/dev/null; }}
at 'cat /etc/machine-id' | wc -c
at 'stat /etc/dropbear/dropbear_ed25519_host_key' | grep -c Inode: || true
at 'stat /etc/passwd' | grep -c Inode: || true
rm /var/tmp/{name}.raw
"""


@pytest.fixture
def vm(lab: Lab, lab_module: Modules, ready: str, prefix: str) -> Vm:
    return Vm(lab, lab_module, ready, f"{prefix}web01")


def look(lab: Lab, vm: Vm, image: str) -> list[int]:
    """Return how long the machine id in an image is, whether a host key is in it, and whether its users are."""
    return [int(word) for word in lab.exec(vm.host, "sh", "-c", LOOK.format(image=image, name=vm.name)).split()]


def test_a_vm_that_has_run_becomes_a_sealed_template(lab: Lab, vm: Vm, template: Run) -> None:
    vm.want(template=TEMPLATE, vcpus=2, state="running", wait_for="agent", timeout=120)
    assert "is running, and its disk is not whole" in template(vm=vm.name)["msg"]
    vm.want(state="stopped", force=True)
    disk = f"/var/lib/libvirt/images/{vm.name}-root.qcow2"
    before = sha256(lab, disk)

    checked = template(vm=vm.name, check=True)
    made = template(vm=vm.name)
    assert plan(made) == plan(checked)
    assert f"import VM {vm.name}, sealed, as template web:1" in plan(made)[0]
    assert (made["template"]["defaults"]["vcpus"], made["template"]["defaults"]["memory"]) == (2, "128MiB")
    assert "mac" not in made["template"]["defaults"]["nics"][0]
    assert made["template"]["capacity"] == 96 * MIB
    assert plan(template(vm=vm.name)) == []

    assert look(lab, vm, made["template"]["path"]) == [0, 0, 1]
    assert look(lab, vm, disk) == [33, 1, 1]
    assert sha256(lab, disk) == before
    clone = succeed(vm.modules(vm.host, "kvm_vm", name=f"{vm.name}-clone", template="web:1", check=True))
    assert "2 vCPU, 128MiB" in clone["plan"][0]["summary"]

    # The same disk as a volume, just as it is.
    volume = {"pool": "default", "name": f"{vm.name}-root.qcow2"}
    assert template(version="2", volume=volume)["changed"]
    assert plan(template(version="2", volume=volume)) == []
    assert template(version="2")["template"]["defaults"] == {}
