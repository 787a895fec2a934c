# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images a VM may have beside others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings

from tests.unit.plugins.module_utils._vm.table import Table, planned, state, volume

ALONE: dict[str, Any] = {"nics": [], "cloud_init": {"enabled": False}}
IMAGES = (volume("root", kind="raw"), volume("data", kind="raw"))
PATH: dict[str, Any] = {"name": "d", "path": "/pool/root"}
MINE = "another image, or say 'shareable: true' if both are made for that"
ALLOWED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    # A VM of that name whose making was cut off.
    ({}, ["web01"]),
    ({"shareable": True}, ["db01"]),
    ({"readonly": True}, ["db01", "default/clone"]),
]
REFUSED: list[tuple[dict[str, Any], list[str], str]] = [
    ({}, ["db01"], f"VM 'web01': /pool/root of disk d is used by db01, and two must not write one disk; choose {MINE}"),
    ({}, ["default/clone"], "is used by default/clone, and two must not write one disk"),
    # What a volume stands on must not change, whoever writes it.
    ({"shareable": True}, ["db01", "default/clone"], "is used by default/clone, and two must not write one disk."),
]
BY_ANY_NAME = [{"path": "/pool/root"}, {"pool": "default", "volume": "root"}]


def table(**users: list[str]) -> Table:
    return Table(volumes=IMAGES, used_by={f"/pool/{name}": list(names) for name, names in users.items()})


@pytest.mark.parametrize("image", BY_ANY_NAME)
@pytest.mark.parametrize(("said", "users"), ALLOWED)
def test_what_a_vm_may_have(image: dict[str, Any], said: dict[str, Any], users: list[str]) -> None:
    plan = planned(None, table(root=users), **ALONE, disks=[{"name": "d", **image, **said}])
    assert len(plan.changes) == 1


@pytest.mark.parametrize("image", BY_ANY_NAME)
@pytest.mark.parametrize(("said", "users", "why"), REFUSED)
def test_what_a_vm_may_not_have(image: dict[str, Any], said: dict[str, Any], users: list[str], why: str) -> None:
    for current in (None, state()):
        with pytest.raises(Refused) as refusal:
            planned(current, table(root=users), **ALONE, disks=[{"name": "d", **image, **said}])
        assert why in str(refusal.value)


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        ({}, {}, False),
        ({}, {"readonly": True}, False),
        ({"shareable": True}, {}, False),
        ({"shareable": True}, {"shareable": True}, True),
        ({"readonly": True}, {"readonly": True}, True),
    ],
)
def test_one_image_in_two_disks_of_a_vm(first: dict[str, Any], second: dict[str, Any], allowed: bool) -> None:
    disks = [{**PATH, **first}, {**PATH, "name": "e", "pool": "default", "volume": "root", **second}]
    del disks[1]["path"]
    if allowed:
        assert planned(None, table(), **ALONE, disks=disks).changes
        return
    with pytest.raises(Refused, match="VM 'web01': disks d and e are one image, /pool/root; leave one"):
        planned(None, table(), **ALONE, disks=disks)


def test_two_vms_of_one_call() -> None:
    shared = table()
    planned(None, shared, **ALONE, disks=[PATH])
    for current in (None, state()):
        with pytest.raises(Refused, match="VM 'web02': /pool/root of disk d is used by web01"):
            planned(current, shared, **ALONE, name="web02", disks=[PATH])
    planned(None, shared, **ALONE, name="web02", disks=[{"name": "d", "path": "/pool/data"}])


DISK = (
    "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/pool/root'/>"
    "<target dev='vda' bus='virtio'/>{}<alias name='ua-d'/></disk>"
)


@pytest.mark.parametrize("there", ["<readonly/>", "<shareable/>"])
def test_a_disk_that_becomes_a_writers_own(there: str) -> None:
    said = {"readonly": False, "shareable": False}
    with pytest.raises(Refused, match="is used by db01, and two must not write one disk"):
        planned(state(DISK.format(there)), table(root=["db01", "web01"]), disks=[{**PATH, **said}])


def test_what_somebody_else_shares_is_left_as_it_is() -> None:
    """A VM may be changed although two write its disk already."""
    current, users = state(DISK.format("")), table(root=["db01", "web01"])
    assert len(planned(current, users, disks=[{**PATH, "cache": "none"}]).changes) == 1
    more = [PATH, {"name": "e", "path": "/pool/data"}]
    assert len(planned(current, users, disks=more).changes) == 1


@pytest.mark.parametrize(
    ("source", "image"),
    [
        ({"protocol": "nbd", "name": "a", "hosts": [{"name": "m", "port": 10809}]}, "nbd:m:10809/a"),
        ({"protocol": "rbd", "name": "vms/a", "hosts": [{"name": "m"}]}, "vms/a"),
    ],
)
def test_images_on_servers(source: dict[str, Any], image: str) -> None:
    with pytest.raises(Refused, match=f"{image} of disk d is used by db01"):
        planned(None, Table(used_by={image: ["db01"]}), **ALONE, disks=[{"name": "d", "source": source}])


def test_a_medium_that_is_written_beside_another() -> None:
    floppy = [{"path": "/pool/root"}]
    with pytest.raises(Refused, match="is used by db01, and two must not write one disk"):
        planned(None, table(root=["db01"]), **ALONE, floppies=floppy)
    assert planned(None, table(root=["db01"]), **ALONE, cdroms=floppy).changes


def test_what_is_claimed_counts_for_the_rest_of_the_run() -> None:
    with hypervisor("test:///default") as host:
        for name in ("web01", "web02"):
            Surroundings(host).claim(name, ["/pool/../pool/a"])
        assert Surroundings(host).users("/pool/a") == ["web01", "web02"]
        assert Surroundings(host).users("/pool/b") == []
    with hypervisor("test:///default") as host:
        assert Surroundings(host).users("/pool/a") == []
