# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_pool of the types that the lab's hosts can have, through Ansible; docs/storage.md tells what they cannot have.

Disks are files behind loop devices, which all hosts of the lab share with this machine. The iSCSI target is a program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.servers import PASSWORD, USER, chap_secret, iscsi_target

Modules = Callable[..., dict[str, Any]]
HOST, STORAGE = "h1", "h2"
POOL = "it-types"
GROUP = "it_types"
TARGET = f"/srv/{POOL}"
FOLDER = f"/var/tmp/{POOL}"
READ_ONLY = ("uuid", "capacity", "allocation", "available")
IQN = "iqn.2026-01.org.example:it-types"
INITIATOR = "iqn.2026-01.org.example:it-types-h1"
SIZE = 64 * 2**20
USAGE = "it-types-chap"


def plan(result: dict[str, Any]) -> list[str]:
    return [line["summary"] for line in succeed(result)["plan"]]


def options_of(modules: Modules) -> dict[str, Any]:
    facts = succeed(modules(HOST, "kvm_pool_info", names=[POOL]))["pools"][0]
    return {name: value for name, value in facts.items() if name not in READ_ONLY}


def at_rest(modules: Modules, wanted: dict[str, Any]) -> None:
    """See that what was wanted, and what is told, are no changes any more."""
    assert plan(modules(HOST, "kvm_pool", **wanted)) == []
    assert plan(modules(HOST, "kvm_pool", **options_of(modules))) == []


def signature(lab: Lab, device: str) -> str:
    """Return what is on a device, as blkid knows it; "" where it is empty."""
    return lab.exec(HOST, "blkid", "-p", "-o", "export", device, check=False)


def forget(lab: Lab) -> None:
    """Make libvirt forget the pool, and nothing else: what it is made of goes next."""
    for pool in lab.libvirt(HOST).listAllStoragePools():
        if pool.name() == POOL:
            if pool.isActive():
                pool.destroy()
            pool.undefine()


@pytest.fixture(autouse=True)
def _clean(lab: Lab) -> Iterator[None]:
    forget(lab)
    yield
    forget(lab)
    lab.exec(HOST, "sh", "-c", f"test ! -e {TARGET} || rmdir {TARGET}")


@pytest.fixture
def devices(lab: Lab) -> Iterator[list[str]]:
    """Two empty disks."""
    made = f"mkdir -p {FOLDER}; for n in a b; do truncate -s 256M {FOLDER}/$n; losetup -f --show {FOLDER}/$n; done"
    found = lab.exec(HOST, "sh", "-ec", made).split()
    try:
        yield found
    finally:
        forget(lab)
        lab.exec(HOST, "vgremove", "-f", GROUP, check=False)
        for device in found:
            lab.exec(HOST, "losetup", "-d", device)
        lab.exec(HOST, "rm", "-r", FOLDER)


def test_a_file_system_is_made_on_an_empty_device_and_mounted(
    lab: Lab, lab_module: Modules, devices: list[str]
) -> None:
    source = {"devices": devices[:1], "format": "ext4"}
    wanted = {"name": POOL, "type": "fs", "source": source, "target": TARGET, "autostart": False}
    refused = lab_module(HOST, "kvm_pool", **wanted)
    assert refused["failed"], "nothing is formatted unless that is asked for"
    assert f"{POOL}: start pool {POOL}" in refused["msg"]
    assert signature(lab, devices[0]) == ""

    wanted["build"] = True
    checked = lab_module(HOST, "kvm_pool", check=True, **wanted)
    assert signature(lab, devices[0]) == ""
    made = lab_module(HOST, "kvm_pool", **wanted)
    build = f"build pool {POOL} (make its directory, and the file system ext4 on {devices[0]} where that is empty)"
    assert plan(made) == plan(checked) == [build, f"start pool {POOL}"]
    assert made["pool"]["state"] == "active"
    assert lab.exec(HOST, "findmnt", "-n", "-o", "SOURCE,FSTYPE", TARGET).split() == [devices[0], "ext4"]
    at_rest(lab_module, wanted)

    succeed(lab_module(HOST, "kvm_volume", name="kept", pool=POOL, capacity="1MiB"))
    assert plan(lab_module(HOST, "kvm_pool", name=POOL, state="inactive")) == [f"stop pool {POOL}"]
    assert plan(lab_module(HOST, "kvm_pool", **wanted)) == [build, f"start pool {POOL}"]
    assert not lab_module(HOST, "kvm_volume", name="kept", pool=POOL)["changed"], "what is built is not built again"


def test_a_device_that_holds_something_is_not_formatted(lab: Lab, lab_module: Modules, devices: list[str]) -> None:
    lab.exec(HOST, "mkfs.ext4", "-q", "-L", "precious", devices[0])
    before = signature(lab, devices[0])
    assert "LABEL=precious" in before
    for kind, form, target in (("fs", "xfs", {"target": TARGET}), ("disk", "gpt", {}), ("logical", None, {})):
        source = {"devices": devices[:1], **({"format": form} if form else {"name": GROUP})}
        refused = lab_module(HOST, "kvm_pool", name=POOL, type=kind, source=source, build=True, **target)
        assert refused["failed"]
        assert signature(lab, devices[0]) == before
        succeed(lab_module(HOST, "kvm_pool", name=POOL, state="absent"))


def test_a_volume_group_is_made_on_empty_devices_and_found(lab: Lab, lab_module: Modules, devices: list[str]) -> None:
    source = {"name": GROUP, "devices": devices}
    wanted = {"name": POOL, "type": "logical", "source": source, "autostart": False, "build": True}
    made = lab_module(HOST, "kvm_pool", **wanted)
    assert plan(made)[1] == f"build pool {POOL} (make the volume group on {', '.join(devices)} where that is empty)"
    assert made["pool"]["target"] == f"/dev/{GROUP}"
    assert lab.exec(HOST, "vgs", "--noheadings", "-o", "vg_name,pv_count", GROUP).split() == [GROUP, "2"]
    at_rest(lab_module, wanted)

    found = succeed(lab_module(HOST, "kvm_pool_info", names=[], find={"type": "logical"}))["sources"]
    assert {**source, "format": "lvm2"} in [{**entry, "devices": sorted(entry["devices"])} for entry in found]
    refused = lab_module(HOST, "kvm_volume", name="v", pool=POOL, capacity="4MiB", format="qcow2")
    assert "are raw; say 'format: raw'" in refused["msg"]
    refused = lab_module(HOST, "kvm_pool", name=POOL, source={"devices": devices[:1]})
    assert "libvirt neither adds devices nor takes them away" in refused["msg"]

    succeed(lab_module(HOST, "kvm_pool", name=POOL, state="absent"))
    again = {"name": POOL, "type": "logical", "source": {"name": GROUP}, "autostart": False}
    assert plan(lab_module(HOST, "kvm_pool", **again)) == [
        f"define pool {POOL} (logical at /dev/{GROUP})",
        f"start pool {POOL}",
    ]


def test_a_partition_table_is_made_on_an_empty_disk(lab: Lab, lab_module: Modules, devices: list[str]) -> None:
    source = {"devices": devices[:1], "format": "gpt"}
    wanted = {"name": POOL, "type": "disk", "source": source, "autostart": False, "build": True}
    made = succeed(lab_module(HOST, "kvm_pool", **wanted))
    assert made["pool"]["capacity"] > 200 * 2**20
    assert "PTTYPE=gpt" in signature(lab, devices[0])
    at_rest(lab_module, wanted)
    succeed(lab_module(HOST, "kvm_pool", name=POOL, state="inactive"))
    succeed(lab_module(HOST, "kvm_pool", **wanted))
    refused = lab_module(HOST, "kvm_volume", name="v", pool=POOL, capacity="4MiB")
    assert "make the partition with the system's tools" in refused["msg"]


def test_a_pool_that_is_too_full_is_warned_about(lab_module: Modules, devices: list[str]) -> None:
    source = {"devices": devices[:1], "format": "ext4"}
    wanted = {"name": POOL, "type": "fs", "source": source, "target": TARGET, "autostart": False, "build": True}
    assert "of the pool are in use" not in str(succeed(lab_module(HOST, "kvm_pool", **wanted, warn_above=90)))
    warned = succeed(lab_module(HOST, "kvm_pool", **wanted, warn_above=0))
    assert not warned["changed"]
    assert "of the pool are in use, more than 0 %" in str(warned["warnings"])


@pytest.fixture
def target(lab: Lab) -> Iterator[str]:
    """Where an iSCSI target with one LUN is, which lets in who knows the word that is in a secret on the other host."""
    with chap_secret(lab, HOST, USAGE), iscsi_target(lab, STORAGE, IQN, SIZE):
        try:
            yield STORAGE
        finally:
            forget(lab)


def test_the_luns_of_an_iscsi_target_are_a_pool(lab: Lab, lab_module: Modules, target: str) -> None:
    credentials = {"username": USER, "secret": USAGE}
    source = {"host": target, "devices": [IQN], "initiator": INITIATOR, **credentials}
    wanted = {"name": POOL, "type": "iscsi-direct", "source": source, "autostart": False}
    made = succeed(lab_module(HOST, "kvm_pool", **wanted))
    # libvirt takes the number of the last block for that of all.
    assert made["pool"]["capacity"] == SIZE - 512
    assert PASSWORD not in str(made)
    at_rest(lab_module, wanted)
    assert "warnings" not in succeed(lab_module(HOST, "kvm_pool", **wanted, warn_above=50))

    # The first LUN is the target's own controller.
    assert "unit:0:0:1" in lab.libvirt(HOST).storagePoolLookupByName(POOL).listVolumes()
    told = succeed(lab_module(HOST, "kvm_volume", name="unit:0:0:1", pool=POOL, capacity=f"{SIZE - 512}B"))
    assert (told["changed"], told["volume"]["format"]) == (False, "raw")
    refused = lab_module(HOST, "kvm_volume", name="v", pool=POOL, capacity="1MiB")
    assert "make the LUN on the storage system, and refresh the pool" in refused["msg"]


def test_the_targets_of_a_server_are_found(lab_module: Modules, target: str) -> None:
    find = {"type": "iscsi-direct", "host": target, "initiator": INITIATOR}
    found = succeed(lab_module(HOST, "kvm_pool_info", names=[], find=find))["sources"]
    assert [IQN] in [source["devices"] for source in found]
