# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guests that boot from disks on servers to which QEMU speaks itself: a LUN, GlusterFS, NFS.

GlusterFS's client sleeps for ten seconds whenever libvirt or QEMU let go of it, and libvirt keeps everybody waiting
then. So what has to do with it goes on in the background, and the others are on another host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.guests import has_been_written, keeps_what_is_written
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.servers import PASSWORD, USER, chap_secret, iscsi_target, nfs_export
from tests.integration.support.vms import Vm, plan

SERVER, OTHER = "h2", "h3"
PREFIX = "t-network-disks-"
WANTED: dict[str, Any] = {
    "memory": "128MiB",
    "nics": [],
    "state": "running",
    "wait_for": "agent",
    "timeout": 100,
}
GONE: dict[str, Any] = {"state": "absent", "remove_disks": True, "force": True}


@pytest.fixture(scope="module")
def tiny(lab: Lab, ready: str) -> Iterator[str]:
    """The image of the tiny guest; there is no VM of these tests before and after them."""
    for host in (ready, OTHER):
        remove_all(lab.libvirt(host), PREFIX)
    yield lab.exec(ready, "sh", "-c", f"ls /var/lib/libvirt/images/{TEMPLATE}+*.qcow2").strip()
    for host in (ready, OTHER):
        remove_all(lab.libvirt(host), PREFIX)


def vm_of(lab: Lab, modules: Modules, host: str, end: str) -> Vm:
    return Vm(lab, modules, host, PREFIX + end)


SHARED = "/srv/shared/it-network-disks"
ON_GLUSTER: dict[str, Any] = {
    "format": "raw",
    "source": {
        "protocol": "gluster",
        "name": "shared/it-network-disks/image",
        "hosts": [{"name": "h1-storage", "port": 24007}],
    },
}


@pytest.fixture(scope="module", autouse=True)
def on_gluster(lab: Lab, lab_module: Modules, ready: str, tiny: str) -> Iterator[Callable[[], dict[str, Any]]]:
    """A VM on GlusterFS that is being started while other tests run."""
    convert = f"mkdir -p {SHARED} && qemu-img convert -O raw {tiny} {SHARED}/image"
    lab.exec(ready, "sh", "-ec", convert)
    vm = vm_of(lab, lab_module, ready, "gluster")
    yield lab_module.begin(ready, "kvm_vm", name=vm.name, disks=[ON_GLUSTER], **WANTED)
    remove_all(lab.libvirt(ready), vm.name)
    lab.exec(ready, "rm", "-r", SHARED)


IQN = "iqn.2026-01.org.example:it-disks"
USAGE = "it-network-disks"
SIZE = 96 * 2**20
ON_LUN: dict[str, Any] = {
    "format": "raw",
    "source": {
        "protocol": "iscsi",
        "name": f"{IQN}/1",
        "hosts": [{"name": SERVER, "port": 3260}],
        "initiator": "iqn.2026-01.org.example:it-disks-h1",
        "username": USER,
        "secret": USAGE,
    },
}

# Whom the server sees: nobody else may open the image there, not even the user that QEMU runs as.
OWNER = 4711
ON_NFS: dict[str, Any] = {
    "format": "qcow2",
    "source": {
        "protocol": "nfs",
        "name": "/export/image",
        "hosts": [{"name": SERVER}],
        "user": f"+{OWNER}",
        "group": f"+{OWNER}",
    },
}


@pytest.fixture
def places(lab: Lab, ready: str, tiny: str) -> Iterator[dict[str, str]]:
    """The tiny guest on a LUN and in an NFS export of the server: where that keeps the image."""
    with (
        iscsi_target(lab, SERVER, IQN, SIZE) as lun,
        nfs_export(lab, SERVER) as export,
        chap_secret(lab, OTHER, USAGE),
    ):
        convert = ("qemu-img", "convert", tiny)
        lab.exec(ready, *convert, "-n", "-O", "raw", f"iscsi://{USER}%{PASSWORD}@{SERVER}/{IQN}/1")
        lab.exec(ready, *convert, "-O", "qcow2", f"nfs://{SERVER}/export/image?uid={OWNER}&gid={OWNER}")
        yield {"lun": lun, "nfs": f"{export}/image"}
        remove_all(lab.libvirt(OTHER), PREFIX)


def test_guests_live_on_a_lun_and_on_nfs(lab: Lab, lab_module: Modules, places: dict[str, str]) -> None:
    disks = {"lun": ON_LUN, "nfs": ON_NFS}
    vms = {kind: vm_of(lab, lab_module, OTHER, f"on-{kind}") for kind in disks}
    members = [{"name": vm.name, "disks": [disks[kind]]} for kind, vm in vms.items()]

    def fleet(**more: Any) -> dict[str, Any]:
        return succeed(lab_module(OTHER, "kvm_fleet", vms=members, defaults={**WANTED, **more}))

    made = fleet()
    assert PASSWORD not in str(made)
    assert [vm["disks"][0]["source"] for vm in made["vms"]] == [ON_LUN["source"], ON_NFS["source"]]
    again = fleet()
    assert (again["changed"], again["plan"]) == (False, [])
    for vm in vms.values():
        keeps_what_is_written(vm)

    assert fleet(**GONE)["changed"]
    assert {vm.name for vm in vms.values()}.isdisjoint(lab.names(OTHER)["domains"])
    for kind, path in places.items():
        assert has_been_written(vms[kind], path, SERVER), "what is on a server is not the VM's own"


POOL = "t-network-disks-pool"


def test_a_guest_lives_on_glusterfs_which_is_a_pool_too(
    lab: Lab, lab_module: Modules, ready: str, on_gluster: Callable[[], dict[str, Any]]
) -> None:
    vm = vm_of(lab, lab_module, ready, "gluster")
    made = succeed(on_gluster())
    assert made["vm"]["disks"][0]["source"] == ON_GLUSTER["source"]
    assert plan(vm.want(**WANTED, disks=[ON_GLUSTER])) == []
    keeps_what_is_written(vm)
    removed = lab_module.begin(ready, "kvm_vm", name=vm.name, **GONE)

    find = {"type": "gluster", "host": "h3-storage"}
    (source,) = succeed(lab_module(OTHER, "kvm_pool_info", names=[], find=find))["sources"]
    assert (source["host"], source["name"]) == ("h3-storage", "shared")
    wanted = {"name": POOL, "type": "gluster", "source": source, "autostart": False}
    pool = succeed(lab_module(OTHER, "kvm_pool", **wanted))["pool"]
    assert (pool["state"], pool["capacity"] > 0) == ("active", True)
    assert plan(lab_module(OTHER, "kvm_pool", **wanted)) == []
    succeed(lab_module(OTHER, "kvm_pool", name=POOL, state="absent"))

    assert succeed(removed())["changed"]
    assert vm.name not in lab.names(ready)["domains"]
    assert has_been_written(vm, f"{SHARED}/image"), "what is on a server is not the VM's own"
