# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that something else has attached, or moved to another image."""

from __future__ import annotations

from typing import Any

import libvirt

from tests.integration.support.disks import BARE, IMAGES, MIB, volume
from tests.integration.support.vms import Vm, plan

FOREIGN = """
<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='default' volume='{name}-1'/>
<target dev='vda' bus='virtio'/></disk>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{images}/{name}-2'/>
<target dev='vdb' bus='virtio'/><serial>S2</serial></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
<video><model type='none'/></video></devices></domain>
"""


def test_disks_that_somebody_else_attached(vm: Vm) -> None:
    volume(vm, "1", kind="qcow2")
    volume(vm, "2")
    vm.lab.libvirt(vm.host).defineXML(FOREIGN.format(name=vm.name, images=IMAGES)).createWithFlags(
        libvirt.VIR_DOMAIN_START_PAUSED
    )
    facts = vm.want()["vm"]
    assert plan(vm.want(disks=facts["disks"], cdroms=facts["cdroms"], controllers=facts["controllers"])) == []
    assert [(disk["name"], disk.get("volume")) for disk in facts["disks"]] == [("vda", f"{vm.name}-1"), ("vdb", None)]

    known: list[dict[str, Any]] = [{"name": "vda"}, {"name": "data", "serial": "S2"}]
    grown = vm.want_twice(disks=[{**known[0], "size": "2MiB"}, {**known[1], "iotune": {"read_iops_sec": 5}}])
    assert plan(grown) == [
        f"resize volume {vm.name}-1 1MiB -> 2MiB",
        "set disk data iotune.read_iops_sec none -> 5",
    ]
    assert vm.domain.blockInfo("vda")[0] == 2 * MIB

    moved = vm.want_twice(disks=[{**known[0], "bus": "sata"}, known[1]])
    assert moved["restart_required"] == ["disk vda bus is virtio and will be sata"]
    assert [(disk["name"], disk["target"]) for disk in moved["vm"]["disks"]] == [("vda", "sdb"), ("vdb", "vdb")]
    again = vm.want(disks=[known[0], known[1]], state="restarted", force=True, timeout=1)
    assert again["restart_required"] == []


def test_a_snapshot_is_no_other_image(vm: Vm) -> None:
    vm.want(**BARE, state="paused", disks=[{"size": "1MiB"}])
    image = f"{IMAGES}/{vm.name}-root.qcow2"
    overlay = f"<disk name='vda'><source file='{IMAGES}/{vm.name}-root.snap'/></disk>"
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA
    vm.domain.snapshotCreateXML(f"<domainsnapshot><disks>{overlay}</disks></domainsnapshot>", flags)
    assert vm.tree.find("devices/disk/source").get("file") != image
    assert plan(vm.want(disks=[{"path": image}])) == []
    assert plan(vm.want(disks=[{"pool": "default", "volume": f"{vm.name}-root.qcow2"}])) == []
    assert plan(vm.want_twice(disks=[{"pool": "default", "size": "2MiB"}])) == [
        f"resize volume {vm.name}-root.snap 1MiB -> 2MiB"
    ]
    said = vm.refuse(disks=[{"path": f"{IMAGES}/other"}])
    assert f"disk root has path {IMAGES}/{vm.name}-root.snap, not {IMAGES}/other" in said
