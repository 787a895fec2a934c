# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage that needs a kernel of its own: volumes of LVM, a mounted NFS export, a LUN that the host logs in to."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.servers import PASSWORD, USER, chap_secret, iscsi_target, nfs_export
from tests.integration.support.vms import plan

HOST, SERVER = "v1", "h2"
PREFIX = "t-tier-"
POOL, VOLUME = f"{PREFIX}pool", f"{PREFIX}volume"
GROUP, DEVICE = "t_tier", "/dev/vdb"
IQN = "iqn.2026-01.org.example:t-tier"
MIB = 1024**2
WORD = "written-by-the-host"
VM, LOG = f"{PREFIX}vm", f"/var/log/libvirt/qemu/{PREFIX}vm.txt"
# A guest of one sector, and what it says on its serial port.
GUEST, GREETING = Path("/var/cache/kvmops-lab/guests/hello.img"), "KVMOPS-HELLO"


@pytest.fixture(autouse=True)
def _clean(lab: Lab) -> Iterator[None]:
    """Nothing of these tests is there before and after them; libvirt forgets a pool before what it is made of goes."""
    remove_all(lab.libvirt(HOST), PREFIX)
    yield
    remove_all(lab.libvirt(HOST), PREFIX)


def twice(modules: Modules, module: str, **options: Any) -> dict[str, Any]:
    """Run a module, and again, when nothing must be left to do; return what it made."""
    made = succeed(modules(HOST, module, **options))
    assert made["changed"], made
    assert plan(modules(HOST, module, **options)) == []
    return made


def facts(modules: Modules) -> dict[str, Any]:
    """Return what is told of the pool."""
    (pool,) = succeed(modules(HOST, "kvm_pool_info", names=[POOL]))["pools"]
    return dict(pool)


@pytest.fixture
def _group(lab: Lab) -> Iterator[None]:
    """A disk that is empty before and after the test."""
    empty = f"vgremove -qf {GROUP} 2>&-; wipefs -qa {DEVICE}"
    lab.exec(HOST, "sh", "-c", empty)
    yield
    remove_all(lab.libvirt(HOST), PREFIX)
    lab.exec(HOST, "sh", "-c", empty)


@pytest.mark.usefixtures("_group")
def test_volumes_of_lvm(lab: Lab, lab_module: Modules) -> None:
    source = {"name": GROUP, "devices": [DEVICE]}
    twice(lab_module, "kvm_pool", name=POOL, type="logical", source=source, build=True, autostart=False)
    made = twice(lab_module, "kvm_volume", name=VOLUME, pool=POOL, capacity="64MiB")["volume"]
    assert (made["path"], made["format"], made["capacity"]) == (f"/dev/{GROUP}/{VOLUME}", "raw", "64MiB")
    assert size_of(lab, made["path"]) == 64 * MIB
    lab.exec(HOST, "dd", f"of={made['path']}", "conv=fsync,notrunc", "status=none", feed=WORD)

    refused = lab_module(HOST, "kvm_volume", name=VOLUME, pool=POOL, capacity="96MiB")["msg"]
    assert "grow it with lvextend, and refresh the pool" in refused
    lab.exec(HOST, "lvextend", "-q", "-L", "96M", made["path"])
    succeed(lab_module(HOST, "kvm_pool", name=POOL, refresh=True))
    assert plan(lab_module(HOST, "kvm_volume", name=VOLUME, pool=POOL, capacity="96MiB")) == []
    assert lab.exec(HOST, "head", "-c", str(len(WORD)), made["path"]) == WORD

    new = {"name": "root", "pool": POOL, "size": "4MiB", "format": "raw"}
    boots_from(lab, lab_module, new, f"/dev/{GROUP}/{VM}-root.raw")
    assert sorted(volumes(lab)) == [f"{VM}-root.raw", VOLUME]
    succeed(lab_module(HOST, "kvm_vm", name=VM, state="absent", remove_disks=True))
    succeed(lab_module(HOST, "kvm_volume", name=VOLUME, pool=POOL, state="absent"))
    assert volumes(lab) == []


def boots_from(lab: Lab, modules: Modules, disk: dict[str, Any], device: str) -> None:
    """See that a VM is made with a disk, and boots what is written to the device behind it."""
    small = {"memory": "64MiB", "nics": [], "disks": [disk], "serials": [{"type": "file", "path": LOG}]}
    twice(modules, "kvm_vm", name=VM, **small, state="stopped")
    guest = base64.b64encode(GUEST.read_bytes()).decode()
    lab.exec(HOST, "sh", "-c", f"base64 -d | dd of={device} conv=fsync,notrunc status=none", feed=guest)
    twice(modules, "kvm_vm", name=VM, **small, state="running")
    deadline = time.monotonic() + 120
    while GREETING not in (said := lab.exec(HOST, "cat", LOG, check=False)):
        assert time.monotonic() < deadline, said
        time.sleep(0.5)
    succeed(modules(HOST, "kvm_vm", name=VM, state="stopped", force=True, timeout=1))


def volumes(lab: Lab) -> list[str]:
    """Return the volumes of the group, as LVM knows them."""
    return lab.exec(HOST, "lvs", "--noheadings", "-o", "lv_name", GROUP).split()


def size_of(lab: Lab, device: str) -> int:
    """Return the size of a block device in bytes."""
    return int(lab.exec(HOST, "blockdev", "--getsize64", device))


def test_an_nfs_export_is_found_and_mounted(lab: Lab, lab_module: Modules) -> None:
    target = f"/srv/{POOL}"
    with nfs_export(lab, SERVER) as export:
        try:
            find = {"type": "netfs", "host": SERVER}
            (source,) = succeed(lab_module(HOST, "kvm_pool_info", names=[], find=find))["sources"]
            assert source["host"] == SERVER
            twice(lab_module, "kvm_pool", name=POOL, type="netfs", source=source, target=target, autostart=False)
            mounted = lab.exec(HOST, "findmnt", "-n", "-o", "SOURCE,FSTYPE", target).split()
            assert mounted in ([f"{SERVER}:{source['dir']}", kind] for kind in ("nfs", "nfs4"))
            twice(lab_module, "kvm_volume", name=VOLUME, pool=POOL, capacity="8MiB")
            assert '"virtual-size": 8388608' in lab.exec(
                SERVER, "qemu-img", "info", "--output=json", f"{export}/{VOLUME}"
            )
            assert facts(lab_module)["source"] == {**source, "format": "nfs"}
            twice(lab_module, "kvm_volume", name=f"{PREFIX}raw", pool=POOL, capacity="1MiB", format="raw")
            boots_from(lab, lab_module, {"pool": POOL, "volume": f"{PREFIX}raw"}, f"{target}/{PREFIX}raw")
        finally:
            remove_all(lab.libvirt(HOST), PREFIX)
            lab.exec(HOST, "sh", "-c", f"rmdir {target}")


def test_a_host_logs_in_to_an_iscsi_target(lab: Lab, lab_module: Modules) -> None:
    with iscsi_target(lab, SERVER, IQN, 64 * MIB) as lun, chap_secret(lab, HOST, PREFIX) as secret:
        try:
            source = {"host": SERVER, "devices": [IQN], "username": USER, "secret": secret}
            made = twice(lab_module, "kvm_pool", name=POOL, type="iscsi", source=source, autostart=False)
            assert PASSWORD not in str(made)
            assert facts(lab_module)["capacity"] == 64 * MIB
            (name,) = lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes()
            told = succeed(lab_module(HOST, "kvm_volume", name=name, pool=POOL, capacity="64MiB"))
            assert (told["changed"], told["volume"]["format"]) == (False, "raw")
            path = told["volume"]["path"]
            assert path.startswith("/dev/disk/by-path/")
            lab.exec(HOST, "dd", f"of={path}", "conv=fsync,notrunc", "status=none", feed=WORD)
            assert lab.exec(SERVER, "head", "-c", str(len(WORD)), lun) == WORD
            boots_from(lab, lab_module, {"pool": POOL, "volume": name}, path)
            refused = lab_module(HOST, "kvm_volume", name=VOLUME, pool=POOL, capacity="1MiB")
            assert "make the LUN on the storage system" in refused["msg"]
            succeed(lab_module(HOST, "kvm_vm", name=VM, state="absent"))
            succeed(lab_module(HOST, "kvm_pool", name=POOL, state="absent"))
            assert IQN not in lab.exec(HOST, "iscsiadm", "-m", "session", check=False)
        finally:
            remove_all(lab.libvirt(HOST), PREFIX)
