# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is given of its host: devices, directories, shared memory, leases, a socket, and modules of memory."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.filesystem import Daemon, shares_memory
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.rom import Rom
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import to_xml

from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import planned, state, summaries

SHARED = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
ROOM = (
    "<maxMemory slots='4' unit='KiB'>16777216</maxMemory>"
    "<cpu><numa><cell id='0' cpus='0-3' memory='1048576' unit='KiB'/></numa></cpu>"
)
UUID = "9f39a5d6-1f0c-4d3b-8a2d-0d2f3f3ef2a1"


def pci(inside: str = "", managed: str = "managed='yes'", bus: str = "01", head: str = "") -> str:
    """Return the XML of the PCI device BUS:00.0 of the host."""
    address = f"<address domain='0x0000' bus='0x{bus}' slot='0x00' function='0x0'/>"
    return f"<hostdev mode='subsystem' type='pci' {managed} {head}><source>{address}</source>{inside}</hostdev>"


def usb(source: str, attributes: str = "", inside: str = "") -> str:
    """Return the XML of a USB device of the host."""
    return f"<hostdev mode='subsystem' type='usb'><source {attributes}>{source}</source>{inside}</hostdev>"


def mdev(attributes: str = "model='vfio-pci'", inside: str = "") -> str:
    """Return the XML of a mediated device of the host."""
    source = f"<source><address uuid='{UUID}'/></source>"
    return f"<hostdev mode='subsystem' type='mdev' {attributes}>{source}{inside}</hostdev>"


def directory(driver: str = "", inside: str = "", attributes: str = "type='mount'", source: str = "dir='/srv'") -> str:
    """Return the XML of the file system data."""
    kind = f"<driver {driver}/>" if driver else ""
    return f"<filesystem {attributes}>{kind}<source {source}/><target dir='data'/>{inside}</filesystem>"


def shmem(inside: str = "", model: str = "ivshmem-plain", attributes: str = "name='frames'") -> str:
    """Return the XML of a piece of shared memory."""
    return f"<shmem {attributes}><model type='{model}'/>{inside}</shmem>"


def lease(target: str = "path='/l'") -> str:
    """Return the XML of the lease web01 in the lockspace cluster."""
    return f"<lease><lockspace>cluster</lockspace><key>web01</key><target {target}/></lease>"


def module(inside: str = "", model: str = "dimm", attributes: str = "", source: str = "", node: int = 0) -> str:
    """Return the XML of a memory module of 512 MiB."""
    target = f"<target><size unit='KiB'>524288</size><node>{node}</node>{inside}</target>"
    return f"<memory model='{model}' {attributes}>{source}{target}</memory>"


def vsock(cid: str, model: str = "") -> str:
    """Return the XML of a vsock."""
    return f"<vsock {model}><cid {cid}/></vsock>"


FS = "type='virtiofs'"
PLUG = "<address bus='1' device='4'/>"
VIRTIOFS = "type='mount' accessmode='passthrough'"
DAEMON = {
    "path": "/usr/lib/qemu/virtiofsd",
    "cache": "always",
    "xattr": True,
    "posix_lock": True,
    "flock": False,
    "sandbox": "chroot",
    "threads": 8,
}
BINARY = (
    "<binary path='/usr/lib/qemu/virtiofsd' xattr='on'><cache mode='always'/><lock posix='on' flock='off'/>"
    "<sandbox mode='chroot'/><thread_pool size='8'/></binary>"
)
NINE_P = {"driver": "9p", "source": "/srv", "target": "data"}
PLAIN_DIRECTORY = {"source": "/srv", "target": "data"}
FRAMES = "name='frames'"
MIB_4 = "<size unit='KiB'>4096</size>"
DOORBELL = {"name": "frames", "model": "ivshmem-doorbell"}
BLOCKS = "<block unit='KiB'>{}</block><requested unit='KiB'>{}</requested>"
BACKED = "<source><pagesize unit='KiB'>2048</pagesize><nodemask>0-1</nodemask></source>"

# An option, its only entry, and the device that is made of it.
NEW: list[tuple[str, dict[str, Any], str]] = [
    ("vsock", {}, vsock("auto='yes'")),
    ("vsock", {"cid": "auto"}, vsock("auto='yes'")),
    ("vsock", {"cid": "0005"}, vsock("auto='no' address='5'")),
    *(
        ("vsock", {"cid": "4294967294", "model": model}, vsock("auto='no' address='4294967294'", f"model='{model}'"))
        for model in ("virtio", "virtio-transitional", "virtio-non-transitional")
    ),
    ("filesystems", PLAIN_DIRECTORY, directory(FS, attributes=VIRTIOFS)),
    ("filesystems", {**PLAIN_DIRECTORY, "driver": "virtiofs"}, directory(FS, attributes=VIRTIOFS)),
    (
        "filesystems",
        {**PLAIN_DIRECTORY, "queue_size": 1024, "daemon": DAEMON},
        directory("type='virtiofs' queue='1024'", BINARY, VIRTIOFS),
    ),
    (
        "filesystems",
        {"socket": "/run/v.sock", "target": "data"},
        directory(FS, attributes=VIRTIOFS, source="socket='/run/v.sock'"),
    ),
    *(
        (
            "filesystems",
            {**PLAIN_DIRECTORY, "model": model},
            directory("type='virtiofs'", "", f"{VIRTIOFS} model='{model}'"),
        )
        for model in ("virtio", "virtio-transitional", "virtio-non-transitional")
    ),
    ("filesystems", NINE_P, directory()),
    ("filesystems", {**NINE_P, "readonly": True}, directory(inside="<readonly/>")),
    *(
        ("filesystems", {**NINE_P, "access_mode": mode}, directory(attributes=f"type='mount' accessmode='{mode}'"))
        for mode in ("passthrough", "mapped", "squash")
    ),
    (
        "filesystems",
        {**NINE_P, "access_mode": "mapped", "file_mode": "644", "directory_mode": "0755"},
        directory(attributes="type='mount' accessmode='mapped' fmode='0644' dmode='0755'"),
    ),
    *(
        ("filesystems", {**NINE_P, "multidevs": word}, directory(attributes=f"type='mount' multidevs='{word}'"))
        for word in ("remap", "forbid", "warn")
    ),
    ("hostdevs", {"pci": "01:00.0"}, pci()),
    ("hostdevs", {"pci": "0000:01:00.0", "managed": False}, pci(managed="managed='no'")),
    ("hostdevs", {"pci": "01:00.0", "managed": True, "boot_order": 3}, pci("<boot order='3'/>")),
    ("hostdevs", {"pci": "01:00.0", "rom": {"enabled": False}}, pci("<rom enabled='no'/>")),
    (
        "hostdevs",
        {"pci": "01:00.0", "rom": {"enabled": True, "bar": True, "file": "/r"}},
        pci("<rom enabled='yes' bar='on' file='/r'/>"),
    ),
    ("hostdevs", {"usb": "046D:C52B"}, usb("<vendor id='0x046d'/><product id='0xc52b'/>")),
    (
        "hostdevs",
        {"usb": "046d:c52b", "usb_address": "001/004"},
        usb("<vendor id='0x046d'/><product id='0xc52b'/><address bus='1' device='4'/>"),
    ),
    (
        "hostdevs",
        {"usb_address": "1/4", "guest_reset": "off"},
        usb("<address bus='1' device='4'/>", "guestReset='off'"),
    ),
    *(
        (
            "hostdevs",
            {"usb_address": "1/4", "guest_reset": word},
            usb("<address bus='1' device='4'/>", f"guestReset='{word}'"),
        )
        for word in ("uninitialized", "on")
    ),
    *(
        (
            "hostdevs",
            {"usb_address": "1/4", "startup_policy": word},
            usb(PLUG, f"startupPolicy='{word}'"),
        )
        for word in ("mandatory", "requisite", "optional")
    ),
    ("hostdevs", {"mdev": UUID.upper()}, mdev()),
    *(
        ("hostdevs", {"mdev": UUID, "model": model}, mdev(f"model='{model}'"))
        for model in ("vfio-pci", "vfio-ccw", "vfio-ap")
    ),
    (
        "hostdevs",
        {"mdev": UUID, "display": True, "ramfb": True, "rom": {"bar": False}},
        mdev("model='vfio-pci' display='on' ramfb='on'", "<rom bar='off'/>"),
    ),
    ("shmems", {"name": "frames"}, shmem()),
    ("shmems", {"name": "frames", "size": 4}, shmem(MIB_4)),
    *(
        (
            "shmems",
            {"name": "frames", "size": "4MiB", "role": role},
            shmem(MIB_4, attributes=f"name='frames' role='{role}'"),
        )
        for role in ("master", "peer")
    ),
    (
        "shmems",
        {**DOORBELL, "server": "/s", "vectors": 8, "ioeventfd": False},
        shmem("<server path='/s'/><msi vectors='8' ioeventfd='off'/>", "ivshmem-doorbell"),
    ),
    ("leases", {"lockspace": "cluster", "key": "web01", "path": "/l"}, lease()),
    ("leases", {"lockspace": "cluster", "key": "web01", "path": "/l", "offset": 512}, lease("path='/l' offset='512'")),
    ("memory_modules", {"size": "512MiB"}, module()),
    ("memory_modules", {"size": 512, "model": "dimm", "node": 0}, module()),
    (
        "memory_modules",
        {"size": "512MiB", "access": "shared", "discard": True, "page_size": "2MiB", "host_nodes": "0-1"},
        module(attributes="access='shared' discard='yes'", source=BACKED),
    ),
    ("memory_modules", {"size": "512MiB", "access": "private"}, module(attributes="access='private'")),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem"},
        module(BLOCKS.format(2048, 524288), "virtio-mem"),
    ),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem", "block": "4MiB", "requested": "128MiB"},
        module(BLOCKS.format(4096, 131072), "virtio-mem"),
    ),
    (
        "memory_modules",
        {"size": "512MiB", "model": "virtio-mem", "requested": 0},
        module("<block unit='KiB'>2048</block><requested unit='KiB'>0</requested>", "virtio-mem"),
    ),
]
EVERY_NEW = pytest.mark.parametrize(("option", "params", "xml"), NEW)
# What libvirt keeps no alias for, or is recognised without one.
NAMED = ("filesystems", "hostdevs", "memory_modules")


def entry(option: str, params: dict[str, Any]) -> Any:
    """Return what a user writes for an option with one entry."""
    return [params] if BY_OPTION[option].many else params


def made(option: str, params: dict[str, Any]) -> Any:
    """Return a VM with the device, which shares its memory and has room for more."""
    tree = blank(inside=SHARED + ROOM)
    (edit,) = converge(option, tree, BY_OPTION[option].wanted(entry(option, params)))
    assert edit.verb == "attach"
    return tree


def only(tree: Any, option: str) -> Any:
    """Return the one device of an option."""
    (node,) = BY_OPTION[option].nodes(tree)
    return node


def ordered(node: Any) -> Any:
    """Return a device with its children in the order of their names, which means nothing."""
    copy = deepcopy(node)
    for parent in (copy, *copy.iterdescendants()):
        parent[:] = sorted(parent, key=lambda child: str(child.tag))
    return copy


@EVERY_NEW
def test_a_new_device(option: str, params: dict[str, Any], xml: str) -> None:
    tree = made(option, params)
    wanted = only(blank(xml), option)
    assert same(ordered(only(tree, option)), to_xml(ordered(wanted)))
    assert_valid(tree)


@EVERY_NEW
def test_libvirt_takes_it_and_its_facts_are_what_was_wanted(option: str, params: dict[str, Any], xml: str) -> None:
    device = BY_OPTION[option]
    tree = told(made(option, params))
    facts = device.device_facts(tree)
    (wanted,) = device.wanted(entry(option, params))
    given = device.normal(facts[0] if device.many else facts)
    assert [
        name for name, value in wanted.fields.items() if not device.fields[name].matches(given.get(name), value)
    ] == []
    assert converge(option, tree, [wanted]) == []
    assert converge(option, tree, device.wanted(facts)) == []


@pytest.mark.parametrize("option", NAMED)
def test_libvirt_keeps_the_name_of_a_device(option: str) -> None:
    params = next(params for other, params, _xml in NEW if other == option)
    tree = told(made(option, {**params, "name": "mine"}))
    (facts,) = BY_OPTION[option].device_facts(tree)
    assert facts["name"] == "mine"


@pytest.mark.parametrize("option", ["vsock", "filesystems", "hostdevs", "shmems", "leases", "memory_modules"])
def test_every_option_is_among_them(option: str) -> None:
    every = [params for other, params, _xml in NEW if other == option]
    assert {name for params in every for name in params} == set(BY_OPTION[option].fields)
    groups: list[tuple[str, str, Any]] = [("filesystems", "daemon", Daemon), ("hostdevs", "rom", Rom)]
    for _option, group, element in [entry for entry in groups if entry[0] == option]:
        assert {name for params in every for name in params.get(group, {})} == set(element.fields)


FULL = directory("type='virtiofs' queue='8'", BINARY, VIRTIOFS)
MAPPED = directory(attributes="type='mount' accessmode='mapped' fmode='0600' multidevs='warn'")
SERVED = shmem("<server path='/s'/><msi vectors='8'/>", "ivshmem-doorbell")
GUEST = "<address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>"
ALIAS = "<alias name='ua-d'/>"
VIRTIO_MEM = module(BLOCKS.format(2048, 524288), "virtio-mem")
# An option, the device before, what is wanted, the summaries, and the device after.
EDITED: list[tuple[str, str, dict[str, Any], list[str], str]] = [
    ("vsock", vsock("auto='yes'"), {}, [], vsock("auto='yes'")),
    (
        "vsock",
        vsock("auto='yes' address='9'"),
        {"cid": "7"},
        ["set vsock cid auto -> 7"],
        vsock("auto='no' address='7'"),
    ),
    ("vsock", vsock("auto='no' address='7'"), {"cid": "auto"}, ["set vsock cid 7 -> auto"], vsock("auto='yes'")),
    (
        "vsock",
        vsock("auto='no' address='7'"),
        {"model": "virtio"},
        ["set vsock model none -> virtio"],
        vsock("auto='no' address='7'", "model='virtio'"),
    ),
    (
        "filesystems",
        FULL,
        {**NINE_P, "readonly": True},
        ["set file system data driver virtiofs -> 9p", "set file system data readonly False -> True"],
        directory("type='path'", "<readonly/>", VIRTIOFS),
    ),
    (
        "filesystems",
        MAPPED,
        {"target": "data", "driver": "virtiofs"},
        ["set file system data driver 9p -> virtiofs"],
        directory(FS, attributes=VIRTIOFS),
    ),
    (
        "filesystems",
        FULL,
        {"target": "data", "socket": "/s"},
        ["set file system data socket none -> /s"],
        directory("type='virtiofs' queue='8'", BINARY, VIRTIOFS, "socket='/s'"),
    ),
    (
        "filesystems",
        FULL,
        {"target": "data", "queue_size": 0, "daemon": {"threads": 0, "path": "", "xattr": False}},
        [
            "set file system data queue_size 8 -> none",
            "set file system data daemon.threads 8 -> none",
            "set file system data daemon.path /usr/lib/qemu/virtiofsd -> none",
            "set file system data daemon.xattr True -> False",
        ],
        directory(
            "type='virtiofs'",
            "<binary xattr='off'><cache mode='always'/><lock posix='on' flock='off'/><sandbox mode='chroot'/></binary>",
            VIRTIOFS,
        ),
    ),
    (
        "filesystems",
        MAPPED,
        {"target": "data", "file_mode": "", "multidevs": "default", "source": "/other"},
        [
            "set file system data source /srv -> /other",
            "set file system data file_mode 0600 -> none",
            "set file system data multidevs warn -> none",
        ],
        directory(attributes="type='mount' accessmode='mapped'", source="dir='/other'"),
    ),
    ("hostdevs", pci(GUEST), {"pci": "0000:01:00.0"}, [], pci(GUEST)),
    (
        "hostdevs",
        pci(GUEST),
        {"pci": "01:00.0", "managed": False},
        ["set host device 0000:01:00.0 managed True -> False"],
        pci(GUEST, "managed='no'"),
    ),
    (
        "hostdevs",
        pci(ALIAS + GUEST),
        {"name": "d", "pci": "02:00.0"},
        ["set host device d pci 0000:01:00.0 -> 0000:02:00.0"],
        pci(ALIAS + GUEST, bus="02"),
    ),
    (
        "hostdevs",
        pci(ALIAS + GUEST + "<rom bar='off'/>"),
        {"name": "d", "usb": "046d:c52b"},
        ["set host device d usb none -> 046d:c52b"],
        usb("<vendor id='0x046d'/><product id='0xc52b'/>", inside=ALIAS),
    ),
    (
        "hostdevs",
        usb("<vendor id='0x046d'/><product id='0xc52b'/>", "startupPolicy='optional'"),
        {"usb": "046d:c52b", "startup_policy": "default"},
        ["set host device 046d:c52b startup_policy optional -> none"],
        usb("<vendor id='0x046d'/><product id='0xc52b'/>"),
    ),
    (
        "hostdevs",
        mdev("model='vfio-pci' display='on' ramfb='on'", "<boot order='1'/>"),
        {"mdev": UUID, "display": False, "ramfb": False, "boot_order": 0},
        [
            f"set host device {UUID} display True -> False",
            f"set host device {UUID} ramfb True -> False",
            f"set host device {UUID} boot_order 1 -> none",
        ],
        mdev("model='vfio-pci' display='off' ramfb='off'"),
    ),
    (
        "shmems",
        SERVED,
        {"name": "frames", "model": "ivshmem-plain", "size": "1MiB"},
        [
            "set shared memory frames model ivshmem-doorbell -> ivshmem-plain",
            "set shared memory frames size none -> 1MiB",
        ],
        shmem("<size unit='KiB'>1024</size>"),
    ),
    (
        "shmems",
        shmem(MIB_4),
        {"name": "frames", "model": "ivshmem-doorbell", "server": "/s"},
        [
            "set shared memory frames model ivshmem-plain -> ivshmem-doorbell",
            "set shared memory frames server none -> /s",
        ],
        shmem("<server path='/s'/>", "ivshmem-doorbell"),
    ),
    (
        "shmems",
        SERVED,
        {"name": "frames", "server": "", "vectors": 0},
        ["set shared memory frames server /s -> none", "set shared memory frames vectors 8 -> none"],
        shmem("", "ivshmem-doorbell"),
    ),
    (
        "leases",
        lease("path='/l' offset='512'"),
        {"lockspace": "cluster", "key": "web01", "path": "/m", "offset": 0},
        ["set lease cluster web01 path /l -> /m", "set lease cluster web01 offset 512 -> none"],
        lease("path='/m'"),
    ),
    (
        "memory_modules",
        VIRTIO_MEM,
        {"size": "512MiB", "model": "virtio-mem", "requested": "0"},
        ["set memory module virtio-mem 512MiB requested 512MiB -> 0B"],
        module(BLOCKS.format(2048, 0), "virtio-mem"),
    ),
    (
        "memory_modules",
        module().replace("</memory>", f"{ALIAS}</memory>"),
        {"name": "d", "size": "1GiB", "discard": True},
        ["set memory module d size 512MiB -> 1GiB", "set memory module d discard none -> True"],
        module(attributes="discard='yes'").replace("524288", "1048576").replace("</memory>", f"{ALIAS}</memory>"),
    ),
]


@pytest.mark.parametrize(("option", "before", "params", "lines", "after"), EDITED)
def test_a_device_is_changed(option: str, before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before, inside=SHARED + ROOM)
    wanted = BY_OPTION[option].wanted(entry(option, params))
    assert sorted(edit.summary for edit in converge(option, tree, wanted)) == sorted(lines)
    assert same(ordered(only(tree, option)), to_xml(ordered(only(blank(after), option))))
    assert converge(option, tree, wanted) == []


LIST = ("filesystems", "hostdevs", "shmems", "leases", "memory_modules")


@pytest.mark.parametrize("option", LIST)
def test_a_list_is_all_of_it(option: str) -> None:
    xml = next(xml for other, _params, xml in NEW if other == option)
    tree = blank(xml, inside=SHARED + ROOM)
    (edit,) = converge(option, tree, BY_OPTION[option].wanted([]))
    assert (edit.verb, BY_OPTION[option].nodes(tree)) == ("detach", [])


def test_a_vsock_goes_where_it_is_not_wanted() -> None:
    tree = blank(vsock("auto='yes'"))
    (edit,) = converge("vsock", tree, BY_OPTION["vsock"].wanted({"enabled": False}))
    assert (edit.verb, tree.find("devices/vsock")) == ("detach", None)


# Devices that the options cannot name: an empty list leaves them where they are.
OTHERS: list[tuple[str, str]] = [
    ("filesystems", "<filesystem type='file'><source file='/i'/><target dir='/'/></filesystem>"),
    ("filesystems", "<filesystem type='mount'><driver type='loop'/><source dir='/i'/><target dir='a'/></filesystem>"),
    ("filesystems", "<filesystem><source dir='/i'/><target dir='/a'/></filesystem>"),
    (
        "hostdevs",
        "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5001405df3e54061'/></hostdev>",
    ),
    (
        "hostdevs",
        "<hostdev mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
    ),
    ("hostdevs", "<hostdev mode='subsystem' type='pci'><source><address bus='x'/></source></hostdev>"),
    (
        "memory_modules",
        "<memory model='nvdimm'><source><path>/n</path></source><target><size>524288</size></target></memory>",
    ),
]


@pytest.mark.parametrize(("option", "xml"), OTHERS)
def test_devices_of_other_kinds_are_left_alone(option: str, xml: str) -> None:
    tree = blank(xml)
    assert BY_OPTION[option].device_facts(tree) == []
    assert converge(option, tree, BY_OPTION[option].wanted([])) == []


REFUSED: list[tuple[str, Any, str]] = [
    ("vsock", {"cid": "2"}, "cid 2 is out of range; choose 3 to 4294967294, or auto."),
    ("vsock", {"cid": "4294967295"}, "is out of range"),
    ("vsock", {"cid": "any"}, "cid 'any' is not understood"),
    ("vsock", {"cid": ""}, "is out of range"),
    ("filesystems", [{"target": "data"}], "File system data must have a 'source'"),
    ("filesystems", [{**PLAIN_DIRECTORY, "socket": "/s"}], "either a source or the socket"),
    ("filesystems", [{"source": "srv", "target": "data"}], "source 'srv' is not understood"),
    ("filesystems", [{"source": "/srv", "target": "x" * 37}], "is not understood"),
    ("filesystems", [PLAIN_DIRECTORY, PLAIN_DIRECTORY], "filesystems has two entries for data; give one."),
    ("filesystems", [{**PLAIN_DIRECTORY, "readonly": True}], "readonly does not go with the driver virtiofs"),
    ("filesystems", [{**PLAIN_DIRECTORY, "access_mode": "mapped"}], "access_mode does not go with the driver virtiofs"),
    ("filesystems", [{**PLAIN_DIRECTORY, "file_mode": "0644"}], "file_mode does not go with the driver virtiofs"),
    ("filesystems", [{**NINE_P, "queue_size": 3}], "queue_size does not go with the driver 9p"),
    ("filesystems", [{**NINE_P, "daemon": {"cache": "none"}}], "daemon does not go with the driver 9p"),
    ("filesystems", [{**NINE_P, "file_mode": "rw"}], "file_mode 'rw' is not understood"),
    ("hostdevs", [{}], "Entry 1 of hostdevs must name one device of the host"),
    ("hostdevs", [{"name": "d", "managed": True}], "Entry 1 of hostdevs must name one device of the host"),
    ("hostdevs", [{"pci": "01:00.0", "usb": "046d:c52b"}], "must name one device"),
    ("hostdevs", [{"pci": "01:00.8"}], "pci '01:00.8' is no PCI address"),
    ("hostdevs", [{"pci": "01:20.0"}], "is no PCI address"),
    ("hostdevs", [{"usb": "logitech"}], "usb 'logitech' is not understood"),
    ("hostdevs", [{"usb_address": "1.4"}], "usb_address '1.4' is not understood"),
    ("hostdevs", [{"mdev": "x"}], "mdev 'x' is not understood"),
    ("hostdevs", [{"pci": "01:00.0"}, {"pci": "0000:01:00.0"}], "two entries for 0000:01:00.0"),
    ("hostdevs", [{"usb": "046d:c52b", "rom": {"bar": False}}], "rom is not for a device that is named by usb"),
    ("hostdevs", [{"pci": "01:00.0", "display": True}], "display is not for a device that is named by pci"),
    ("hostdevs", [{"mdev": UUID, "managed": True}], "managed is not for a device that is named by mdev"),
    ("shmems", [{"name": "a/b"}], "name 'a/b' is not understood"),
    ("shmems", [{"name": "a", "size": "3MiB"}], "size '3MiB' cannot be mapped; choose a power of two"),
    ("shmems", [{"name": "a", "size": "512KiB"}], "cannot be mapped"),
    ("shmems", [{"name": "a", "model": "ivshmem-plain", "server": "/s"}], "server goes with ivshmem-doorbell"),
    ("shmems", [{**DOORBELL, "size": "4MiB"}], "size goes with ivshmem-plain"),
    ("shmems", [{"name": "a"}, {"name": "a"}], "two entries for a;"),
    ("leases", [{"lockspace": " ", "key": "k", "path": "/l"}], "lockspace ' ' is not understood"),
    ("leases", [{"lockspace": "l", "key": "k", "path": "l"}], "path 'l' is not understood"),
    ("leases", [{"lockspace": "l", "key": "k", "path": "/l"}] * 2, "two entries for l k;"),
    ("memory_modules", [{"size": "512MiB", "model": "dimm", "block": "2MiB"}], "block goes with virtio-mem"),
    ("memory_modules", [{"size": "512MiB", "model": "dimm", "requested": 0}], "requested goes with virtio-mem"),
    ("memory_modules", [{"size": "3MiB", "model": "virtio-mem"}], "must be whole blocks of 2MiB"),
    ("memory_modules", [{"size": "8MiB", "model": "virtio-mem", "requested": "3MiB"}], "must be whole blocks of 2MiB"),
    ("memory_modules", [{"size": "6MiB", "model": "virtio-mem", "block": "3MiB"}], "block 3MiB is no power of two"),
    ("memory_modules", [{"size": "8MiB", "model": "virtio-mem", "requested": "16MiB"}], "is more than the size 8MiB"),
]


@pytest.mark.parametrize(("option", "params", "why"), REFUSED)
def test_what_can_never_be_is_refused(option: str, params: Any, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        converge(option, blank(inside=SHARED + ROOM), BY_OPTION[option].wanted(params))
    assert why in str(refusal.value)


CELLS = "<cpu><numa><cell id='0' memory='1'{}/><cell id='1' memory='1'{}/></numa></cpu>"
SHARES: list[tuple[str, bool]] = [
    ("", False),
    (SHARED, True),
    ("<memoryBacking><access mode='private'/></memoryBacking>", False),
    ("<memoryBacking><source type='memfd'/></memoryBacking>", False),
    (CELLS.format("", ""), False),
    (CELLS.format(" memAccess='shared'", " memAccess='shared'"), True),
    (CELLS.format(" memAccess='shared'", ""), False),
    (SHARED + CELLS.format(" memAccess='shared'", ""), True),
    (SHARED + CELLS.format(" memAccess='private'", ""), False),
]


@pytest.mark.parametrize(("inside", "shared"), SHARES)
def test_virtiofs_needs_memory_that_is_shared(inside: str, shared: bool) -> None:
    tree = blank(inside=inside)
    assert shares_memory(tree) == shared
    device = BY_OPTION["filesystems"]
    assert device.attachable(tree, only(blank(FULL), "filesystems")) == shared
    if shared:
        assert [edit.verb for edit in converge("filesystems", tree, device.wanted([PLAIN_DIRECTORY]))] == ["attach"]
        return
    with pytest.raises(Refused, match="set source: memfd and access: shared in 'memory_backing'"):
        converge("filesystems", tree, device.wanted([PLAIN_DIRECTORY]))


def test_a_directory_by_9p_needs_none() -> None:
    edits = converge("filesystems", blank(), BY_OPTION["filesystems"].wanted([NINE_P]))
    assert [edit.verb for edit in edits] == ["attach"]


@pytest.mark.parametrize("inside", ["", ROOM.partition("<cpu>")[0], "<cpu>" + ROOM.partition("<cpu>")[2]])
def test_a_module_needs_a_place(inside: str) -> None:
    with pytest.raises(Refused, match=r"has no place in the VM; set memory_hotplug_max and a node in cpu\.numa"):
        converge("memory_modules", blank(inside=inside), BY_OPTION["memory_modules"].wanted([{"size": "512MiB"}]))


@pytest.mark.parametrize("params", [[{"size": "512MiB"}], [{"size": "512MiB", "model": "virtio-mem"}], []])
def test_modules_come_and_go_beside_the_memory(params: list[dict[str, Any]]) -> None:
    tree = told(blank(module(), inside=ROOM))
    before = Machine.facts(tree)
    converge("memory_modules", tree, BY_OPTION["memory_modules"].wanted(params))
    after = Machine.facts(told(tree))
    assert [after[name] for name in ("memory", "memory_max")] == [before[name] for name in ("memory", "memory_max")]


CONTROLLERS = "<controller type='pci' model='pcie-root'/><controller type='pci' model='pcie-root-port'/>"
BRIDGE = "<controller type='pci' model='pcie-to-pci-bridge'/>"
TWO = {"size": "512MiB", "name": "two"}
FIVE = "".join(module(node=node) for node in range(4))
LOCK = {"lockspace": "cluster", "key": "web01", "path": "/l"}
# What a running VM has, what is wanted, and the plan.
LIVE: list[tuple[str, dict[str, Any], list[str]]] = [
    ("", {"vsock": {"cid": "5"}}, ["attach vsock (cid 5)"]),
    (vsock("auto='no' address='5'"), {"vsock": {"enabled": False}}, ["detach vsock"]),
    (vsock("auto='no' address='5'"), {"vsock": {"cid": "6"}}, ["set vsock cid 5 -> 6 [next_boot]"]),
    ("", {"hostdevs": [{"usb": "046d:c52b"}]}, ["attach host device 046d:c52b (usb 046d:c52b)"]),
    ("", {"leases": [LOCK]}, ["attach lease cluster web01 (lockspace cluster, key web01, path /l)"]),
    ("", {"shmems": [{"name": "f"}]}, ["attach shared memory f (name f, model ivshmem-plain)"]),
    (CONTROLLERS + BRIDGE, {"shmems": [{"name": "f"}]}, ["attach shared memory f (name f, model ivshmem-plain)"]),
    (
        CONTROLLERS,
        {"shmems": [{"name": "f"}]},
        ["attach shared memory f (name f, model ivshmem-plain) [next_boot]"],
    ),
    (
        "",
        {"filesystems": [PLAIN_DIRECTORY]},
        ["attach file system data (virtiofs /srv)"],
    ),
    (
        "",
        {"filesystems": [NINE_P]},
        ["attach file system data (9p /srv) [next_boot]"],
    ),
    ("", {"memory_modules": [TWO]}, ["attach memory module two (model dimm, size 512MiB, node 0)"]),
    (
        FIVE,
        {"memory_modules": [*({"size": "512MiB", "node": node} for node in range(4)), TWO]},
        ["attach memory module two (model dimm, size 512MiB, node 0) [next_boot]"],
    ),
    (
        VIRTIO_MEM,
        {"memory_modules": [{"size": "512MiB", "model": "virtio-mem", "requested": "64MiB"}]},
        ["set memory module virtio-mem 512MiB requested 512MiB -> 64MiB"],
    ),
    (VIRTIO_MEM, {"memory_modules": []}, ["detach memory module virtio-mem 512MiB [next_boot]"]),
]


@pytest.mark.parametrize(("devices", "params", "lines"), LIVE)
def test_what_a_running_vm_takes_over(devices: str, params: dict[str, Any], lines: list[str]) -> None:
    plan = planned(state(devices, SHARED + ROOM, power="running"), **params)
    assert sorted(summaries(plan)) == sorted(lines)
    assert bool(plan.restart_required) == all(line.endswith("[next_boot]") for line in lines)
