# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of volumes as data: the XML they hand over, and what they never show."""

from __future__ import annotations

from pathlib import Path

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage import state, users
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import (
    CloneVolume,
    CreateVolume,
    DeleteVolume,
    WriteVolume,
    volume_xml,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import (
    Backing,
    find_volume,
    parse_volume,
    read_volume,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.unfinished import Guarded, is_unfinished
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml
from lxml import etree

SCHEMA = "/usr/share/libvirt/schemas/storagevol.rng"
POOL = "default-pool"


@pytest.mark.parametrize(
    ("backing", "mode", "allocation"), [(None, None, None), (Backing("/p/base", "qcow2"), "0600", 0)]
)
def test_the_description_of_a_volume_is_valid(
    backing: Backing | None, mode: str | None, allocation: int | None
) -> None:
    tree = etree.fromstring(volume_xml("v & w", GIB, "qcow2", allocation, backing, mode))
    etree.RelaxNG(file=SCHEMA).assertValid(tree)
    told = parse_volume("p", tree)
    assert (told.name, told.capacity, told.format, told.backing, told.mode) == (
        "v & w",
        GIB,
        "qcow2",
        backing,
        mode,
    )


@pytest.mark.parametrize(
    ("told", "form"),
    [("qcow2", "qcow2"), ("iso", "iso"), ("unknown", "raw"), ("gpt", "raw"), ("linux-lvm", "raw"), ("none", "raw")],
)
def test_the_image_on_a_device_is_raw(told: str, form: str) -> None:
    xml = f"<volume type='block'><name>v</name><target><path>/p/v</path><format type='{told}'/></target></volume>"
    assert parse_volume("p", parse_xml(xml)).format == form


def test_content_is_never_shown() -> None:
    change = WriteVolume("p", "seed.iso", b"password: secret", "cloud-init seed")
    assert "secret" not in f"{change!r} {change.summary} {change.difference}"


VOLUMES = [
    parse_volume("p", parse_xml(f"<volume><name>{name}</name><target><path>/p/{name}</path></target>{below}</volume>"))
    for name, below in (
        ("base", ""),
        ("middle", "<backingStore><path>/p/base</path></backingStore>"),
        ("top", "<backingStore><path>/p/middle</path></backingStore>"),
        ("loop", "<backingStore><path>/p/loop</path></backingStore>"),
    )
]


def noted(attributes: str) -> str:
    """Return the metadata of a VM that is being installed."""
    return f"<metadata><k:vm xmlns:k='{NAMESPACE}'><k:installation {attributes}/></k:vm></metadata>"


def domain(name: str, source: str) -> object:
    return parse_xml(f"<domain><name>{name}</name><devices><disk>{source}</disk></devices></domain>")


@pytest.mark.parametrize(
    ("path", "source", "needed_by"),
    [
        ("/p/base", "<source file='/p/top'/>", ["p/middle", "vm"]),
        ("/p/base", "<source pool='p' volume='top'/>", ["p/middle", "vm"]),
        ("/p/base", "<source file='/q/x'/><backingStore><source file='/p/base'/></backingStore>", ["p/middle", "vm"]),
        ("/p/base", "<source file='/q/x'/>", ["p/middle"]),
        ("/p/top", "<source file='/p/top'/>", ["vm"]),
        ("/p/top", "<source dev='/p/top'/>", ["vm"]),
        ("/p/top", "", []),
        ("/p/other", "<source file='/p/loop'/>", []),
        ("vms/a", "<source protocol='rbd' name='vms/a'><host name='m'/></source>", ["vm"]),
        ("vms/a", "<source protocol='nbd' name='vms/a'><host name='m'/></source>", []),
        ("vms/a", "<source protocol='rbd' name='vms/b'/>", []),
        ("gluster://h1/vol/dir/a", "<source protocol='gluster' name='vol/dir/a'><host name='h2'/></source>", ["vm"]),
        ("gluster://h1:24007/vol/a", "<source protocol='gluster' name='vol/b'/>", []),
        ("ip-192.0.2.1:3260-iscsi-iqn.o:t-lun-2", "<source protocol='iscsi' name='iqn.o:t/2'/>", ["vm"]),
        (
            "/dev/disk/by-path/ip-x-iscsi-iqn.o:t-lun-2",
            "<source protocol='iscsi' name='iqn.o:t/2'/>",
            ["vm"],
        ),
        ("ip-192.0.2.1:3260-iscsi-iqn.o:t-lun-0", "<source protocol='iscsi' name='iqn.o:t'/>", ["vm"]),
        ("ip-192.0.2.1:3260-iscsi-iqn.o:t-lun-2", "<source protocol='iscsi' name='iqn.o:t/20'/>", []),
        ("ip-192.0.2.1:3260-iscsi-iqn.o:t-lun-2", "<source dev='/dev/disk/by-path/ip-x-iscsi-iqn.o:t-lun-2'/>", ["vm"]),
    ],
)
def test_who_uses_an_image(path: str, source: str, needed_by: list[str]) -> None:
    known = users.all_users(VOLUMES, [domain("vm", source)])
    assert known.get(users.image_at(path), []) == needed_by


@pytest.mark.parametrize(
    ("inside", "used"),
    [
        ("<os><kernel>/p/top</kernel></os>", ["vm"]),
        ("<os><initrd>/p/top</initrd></os>", ["vm"]),
        ("<os><dtb>/p/top</dtb></os>", ["vm"]),
        ("<os><loader>/p/top</loader></os>", ["vm"]),
        ("<os><nvram>/p/top</nvram></os>", ["vm"]),
        ("<os><nvram type='file'><source file='/p/top'/></nvram></os>", ["vm"]),
        ("<sysinfo type='fwcfg'><entry name='opt/a' file='/p/top'/></sysinfo>", ["vm"]),
        ("<os><kernel>/p/base</kernel></os><sysinfo type='fwcfg'><entry name='opt/a'>/p/top</entry></sysinfo>", []),
        ("<metadata/>", []),
        (noted("kernel='p/top'"), ["vm"]),
        (noted("kernel='p/base' initrd='p/top'"), ["vm"]),
        (noted("medium='p/top' begun='yes'"), ["vm"]),
        (noted("kernel='p/base' command_line='p/top'"), []),
        (noted("kernel='q/top'"), []),
    ],
)
def test_what_a_vm_boots_is_used_by_it(inside: str, used: list[str]) -> None:
    tree = parse_xml(f"<domain><name>vm</name>{inside}</domain>")
    assert users.all_users(VOLUMES, [tree]).get("/p/top", []) == used


SOURCES = [
    ("<source file='/p/a'/>", "/p/a"),
    ("<source file='/p/../p/./a'/>", "/p/a"),
    ("<source dev='/dev/vg/a'/>", "/dev/vg/a"),
    ("<source pool='p' volume='top'/>", "/p/top"),
    ("<source pool='p' volume='none'/>", ""),
    ("<source protocol='nbd' name='a'><host name='m' port='10809'/></source>", "nbd:m:10809/a"),
    ("<source protocol='nbd'><host transport='unix' socket='/run/n'/></source>", "nbd:/run/n/"),
    ("<source protocol='nfs' name='/x/a'><host name='m'/></source>", "nfs:m/x/a"),
    ("<source protocol='https' name='/a.iso'/>", "https:/a.iso"),
    ("<source protocol='rbd' name='vms/a'><host name='m'/></source>", "vms/a"),
    ("<source protocol='iscsi' name='iqn.o:t'/>", "iscsi:iqn.o:t/0"),
    ("<source protocol='gluster' name='vol/a'/>", "gluster:vol/a"),
]


@pytest.mark.parametrize(("source", "image"), SOURCES)
def test_which_image_a_source_means(source: str, image: str) -> None:
    assert users.image_of(parse_xml(source), VOLUMES) == image


def test_an_image_is_the_same_by_any_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("image")
    image = str(tmp_path / "image")
    known = users.all_users([], [domain("vm", f"<source file='{tmp_path}/link'/>")])
    assert known == {users.image_at(image): ["vm"]} == {users.image_at(f"{tmp_path}/link"): ["vm"]}


@pytest.mark.parametrize(
    ("inside", "writer"),
    [
        ("<source file='/p/top'/>", "vm"),
        ("<source file='/p/../p/top'/>", "vm"),
        ("<source file='/p/top'/><readonly/>", None),
        ("<source file='/p/other'/><backingStore><source file='/p/top'/></backingStore>", None),
        ("<source file='/p/other'/><mirror><source file='/p/top'/></mirror>", "vm"),
        ("<source file='/p/top'/><readonly/></disk><disk><source dev='/p/top'/>", "vm"),
    ],
)
def test_who_may_write_to_an_image(monkeypatch: pytest.MonkeyPatch, inside: str, writer: str | None) -> None:
    # The test driver's VMs have no disks of which libvirt tells how they run.
    ours = {"running_trees": users.writer_of, "domain_trees": users.owner_of}
    with hypervisor("test:///default") as host:
        for trees, asked in ours.items():
            monkeypatch.setattr(users, "running_trees", lambda _host: [])
            monkeypatch.setattr(users, "domain_trees", lambda _host: [])
            monkeypatch.setattr(users, trees, lambda _host: [domain("vm", inside)])
            assert asked(host, "/p/top") == writer


class Stopped:
    """A pool that was active when it was listed, and stops before it is asked; the test driver's pools do not."""

    def __init__(self, code: int) -> None:
        self.code = code

    def name(self) -> str:
        return "p"

    def isActive(self) -> bool:
        return False

    def refresh(self) -> None:
        raise Failed(self.code)

    listAllVolumes = refresh


class Failed(libvirt.libvirtError):
    """An error of libvirt with a code."""

    def __init__(self, code: int) -> None:
        super().__init__("stopped")
        self.code = code

    def get_error_code(self) -> int:
        return self.code


@pytest.mark.parametrize("code", [libvirt.VIR_ERR_OPERATION_INVALID, libvirt.VIR_ERR_NO_STORAGE_POOL])
def test_a_pool_that_stops_meanwhile_has_no_volumes(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(state, "active_pools", lambda _host: [Stopped(code)])
    with hypervisor("test:///default") as host:
        assert list(state.active_volumes(host)) == []


def test_a_pool_that_cannot_be_read_is_no_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "active_pools", lambda _host: [Stopped(libvirt.VIR_ERR_SYSTEM_ERROR)])
    with hypervisor("test:///default") as host, pytest.raises(libvirt.libvirtError):
        list(state.active_volumes(host))


def drop(host: Hypervisor, *names: str) -> None:
    for name in names:
        DeleteVolume(POOL, name).carry_out(host)


@pytest.mark.parametrize(
    ("told", "enough"), [((2, GIB, GIB, 0), False), ((2, GIB, 0, GIB), True), ((2, 0, 0, 0), True)]
)
def test_a_pool_whose_size_is_not_known_is_not_full(
    monkeypatch: pytest.MonkeyPatch, told: tuple[int, ...], enough: bool
) -> None:
    """Patched, since the test driver's pools have a size: that of a cluster of Ceph without a manager is 0."""
    monkeypatch.setattr(libvirt.virStoragePool, "info", lambda _pool: list(told))
    with hypervisor("test:///default") as host:
        assert (state.pool_free(host, POOL) >= GIB) == enough


def test_volumes_come_and_go() -> None:
    with hypervisor("test:///default") as host:
        CreateVolume(POOL, "a", GIB).carry_out(host)
        CloneVolume(POOL, "b", POOL, "a", GIB).carry_out(host)
        copy = read_volume(host, POOL, "b")
        drop(host, "a", "b", "b")
        assert copy is not None
        assert copy.capacity == GIB
        assert read_volume(host, POOL, "b") is None


def test_a_guarded_copy_is_marked_until_it_is_complete() -> None:
    with hypervisor("test:///default") as host:
        CreateVolume(POOL, "source", GIB).carry_out(host)
        seen = []

        class Watched(CloneVolume):
            def carry_out(self, host: Hypervisor) -> None:
                seen.append(is_unfinished(host, POOL, "copy"))
                super().carry_out(host)

        Guarded(Watched(POOL, "copy", POOL, "source", GIB), POOL, "copy").carry_out(host)
        seen.append(is_unfinished(host, POOL, "copy"))
        whole = find_volume(host, POOL, "copy") is not None
        drop(host, "source", "copy")
        assert (seen, whole) == ([True, False], True)
