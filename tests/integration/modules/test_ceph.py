# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Ceph cluster, as small as it can be: its pool, a volume in it, and a guest that lives on that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.ceph import USER, Ceph, ceph_cluster
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE, succeed
from tests.integration.support.guests import keeps_what_is_written
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.servers import secret
from tests.integration.support.vms import Vm, plan

SERVER = "h3"
PREFIX = "t-ceph-"
POOL, VOLUME, USAGE = f"{PREFIX}pool", f"{PREFIX}image", "t-ceph key"
RUNNING = {"state": "running", "wait_for": "agent", "timeout": 100}


@pytest.fixture
def cluster(lab: Lab, ready: str) -> Iterator[Ceph]:
    """A cluster, whose user the host knows by a secret."""
    remove_all(lab.libvirt(ready), PREFIX)
    usage = f"<usage type='ceph'><name>{USAGE}</name></usage>"
    with ceph_cluster(lab, SERVER, "it-images") as ceph, secret(lab, ready, usage, ceph.secret):
        try:
            yield ceph
        finally:
            remove_all(lab.libvirt(ready), PREFIX)


def test_a_guest_lives_on_a_volume_of_ceph(lab: Lab, lab_module: Modules, ready: str, cluster: Ceph) -> None:
    server: dict[str, Any] = {"hosts": [{"name": SERVER, "port": 6789}], "username": USER, "secret": USAGE}
    source = {"name": cluster.pool, **server}
    wanted: dict[str, Any] = {"name": POOL, "type": "rbd", "source": source, "autostart": False}
    made = succeed(lab_module(ready, "kvm_pool", **wanted))
    assert made["pool"]["state"] == "active"
    assert cluster.key not in str(made)
    assert plan(lab_module(ready, "kvm_pool", **wanted)) == []
    (facts,) = succeed(lab_module(ready, "kvm_pool_info", names=[POOL]))["pools"]
    assert facts["source"] == source

    def volume(**options: Any) -> dict[str, Any]:
        return lab_module(ready, "kvm_volume", name=VOLUME, pool=POOL, **options)

    assert "are raw; say 'format: raw'" in volume(capacity="1MiB", format="qcow2")["msg"]
    told = succeed(volume(capacity="64MiB"))["volume"]
    assert (told["format"], told["capacity"], told["path"]) == ("raw", "64MiB", f"{cluster.pool}/{VOLUME}")
    grown = succeed(volume(capacity="96MiB"))
    assert (grown["changed"], grown["volume"]["capacity"]) == (True, "96MiB")
    assert plan(volume(capacity="96MiB")) == []

    tiny = lab.exec(ready, "sh", "-c", f"ls /var/lib/libvirt/images/{TEMPLATE}+*.qcow2").strip()
    lab.exec(ready, "qemu-img", "convert", "-n", "-O", "raw", tiny, cluster.url(VOLUME))
    vm = Vm(lab, lab_module, ready, f"{PREFIX}guest")
    image = {"protocol": "rbd", "name": told["path"], **server}
    options: dict[str, Any] = {"memory": "128MiB", "nics": [], "disks": [{"source": image}], **RUNNING}
    running = vm.want(**options)
    assert running["vm"]["disks"][0]["source"] == image
    assert plan(vm.want(**options)) == []
    keeps_what_is_written(vm)

    assert vm.name in volume(state="absent")["msg"]
    removed = vm.want(state="absent", remove_disks=True, force=True)
    assert f"kept {told['path']}: it is on a server" in str(removed["warnings"])
    assert succeed(volume(state="absent"))["changed"]
    assert lab.libvirt(ready).storagePoolLookupByName(POOL).listVolumes() == []
