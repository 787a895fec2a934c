# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_migrate killed at random moments: the next run ends with the whole disk where it was wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest
from lxml import etree

from tests.faults.support.direct import Direct
from tests.integration.support.lab import Lab

HOST = "h1"
POOLS = ("t-move-killed-a", "t-move-killed-b")
VM = "t-move-killed"
FOLDERS = [f"/var/lib/libvirt/{pool}" for pool in POOLS]
DISK = (
    f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{FOLDERS[0]}/disk.raw'/>"
    "<target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>"
)
VM_XML = (
    f"<domain type='qemu'><name>{VM}</name><memory unit='MiB'>16</memory><os><type machine='q35'>hvm</type></os>"
    f"<devices>{DISK}</devices></domain>"
)


@pytest.fixture
def vm(lab: Lab) -> Iterator[Any]:
    """A VM with a disk full of random data in the first of two pools."""
    connection = lab.libvirt(HOST)
    lab.exec(HOST, "mkdir", "-p", *FOLDERS)
    lab.exec(HOST, "sh", "-c", f"head -c 16M /dev/urandom > {FOLDERS[0]}/disk.raw")
    pools = []
    for name, folder in zip(POOLS, FOLDERS):
        pools.append(
            connection.storagePoolCreateXML(
                f"<pool type='dir'><name>{name}</name><target><path>{folder}</path></target></pool>"
            )
        )
    domain = connection.defineXML(VM_XML)
    yield domain
    if domain.isActive():
        domain.destroy()
    domain.undefine()
    for pool in pools:
        pool.destroy()
    lab.exec(HOST, "rm", "-rf", *FOLDERS)


def sources(domain: Any) -> set[str]:
    """Return the images of the VM's disk: configured, and running."""
    trees = [etree.fromstring(domain.XMLDesc(flags)) for flags in (0, libvirt.VIR_DOMAIN_XML_INACTIVE)]
    return {source.get("file") for tree in trees for source in tree.iterfind("devices/disk//source")}


@pytest.mark.parametrize(("running", "moments"), [(True, 4), (False, 2)])
def test_a_disk_that_is_moved(lab: Lab, vm: Any, tmp_path: Path, running: bool, moments: int) -> None:
    if running:
        vm.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    module = Direct(tmp_path, HOST, "kvm_migrate")
    digest = lab.exec(HOST, "sha256sum", f"{FOLDERS[0]}/disk.raw").split()[0]

    def options(attempt: int) -> dict[str, Any]:
        return {"name": VM, "move_disks": [{"disk": "root", "pool": POOLS[attempt % 2]}]}

    started = time.monotonic()
    module.finish(**options(1), bandwidth="32MiB")
    longest = 1.1 * (time.monotonic() - started)
    killed = []
    for attempt in range(2, 2 + moments):
        killed.append(module.kill_at_random(longest, **options(attempt), bandwidth="32MiB"))
        module.finish(**options(attempt))
        where = f"{FOLDERS[attempt % 2]}/disk.raw"
        assert sources(vm) == {where}, f"killed after {killed}"
        assert lab.exec(HOST, "find", *FOLDERS, "-type", "f").split() == [where], f"killed after {killed}"
        assert lab.exec(HOST, "sha256sum", where).split()[0] == digest, f"killed after {killed}"
        assert "moving" not in vm.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE), f"killed after {killed}"
    assert not module.finish(**options(1 + moments))["changed"]
