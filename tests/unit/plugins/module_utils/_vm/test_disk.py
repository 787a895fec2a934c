# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a disk: how it is written, changed, read back, refused, and taken over by a running VM."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import Wanted
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.iotune import TUNE, IoTune
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import Table, planned, spec, state, summaries

SECRET = "c90bd1dc-2f0b-4a2c-8d54-5e1a3f6f5a11"
IQN = "iqn.2013-07.com.example:disks"


def resolved(params: dict[str, Any]) -> Wanted:
    """Return a disk as the planner gives it to a definition: on an image that is there."""
    (wanted,) = Disk.wanted([{"name": "d", **params}])
    kind = "network" if "source" in wanted.fields else "file"
    return replace(wanted, extra={"path": "/p/a", "format": "raw", "kind": kind})


def disk(inside: str = "", driver: str = "", target: str = "dev='vda' bus='virtio'", source: str = "") -> str:
    """Return the XML of the disk d on /p/a, or on another source."""
    kind = "network" if source else "file"
    place = source or "<source file='/p/a'/>"
    return (
        f"<disk type='{kind}' device='disk'><driver name='qemu' type='raw' {driver}/>{place}<target {target}/>"
        f"<alias name='ua-d'/>{inside}</disk>"
    )


def network(source: str, inside: str = "") -> str:
    """Return the XML of the disk d on a server."""
    return (
        "<disk type='network' device='disk'><driver name='qemu' type='raw'/><target dev='vda' bus='virtio'/>"
        f"<alias name='ua-d'/>{source}{inside}</disk>"
    )


SCSI = "dev='sda' bus='scsi'"
HOST = "<host name='example.org' port='{}'/>"
NEW: list[tuple[dict[str, Any], str]] = [
    ({}, disk()),
    ({"bus": "scsi"}, disk(target=SCSI)),
    ({"bus": "sata", "target": "sdc"}, disk(target="dev='sdc' bus='sata'")),
    ({"bus": "usb"}, disk(target="dev='sda' bus='usb'")),
    ({"bus": "ide"}, disk(target="dev='hda' bus='ide'")),
    ({"boot_order": 1}, disk("<boot order='1'/>")),
    *(
        ({"cache": word}, disk(driver=f"cache='{word}'"))
        for word in ("none", "writeback", "writethrough", "directsync", "unsafe")
    ),
    *(({"io": word}, disk(driver=f"io='{word}'")) for word in ("native", "threads", "io_uring")),
    *(({"discard": word}, disk(driver=f"discard='{word}'")) for word in ("unmap", "ignore")),
    *(({"detect_zeroes": word}, disk(driver=f"detect_zeroes='{word}'")) for word in ("off", "on", "unmap")),
    *(
        ({"error_policy": word}, disk(driver=f"error_policy='{word}'"))
        for word in ("stop", "report", "ignore", "enospace")
    ),
    *(({"rerror_policy": word}, disk(driver=f"rerror_policy='{word}'")) for word in ("stop", "report", "ignore")),
    ({"copy_on_read": True}, disk(driver="copy_on_read='on'")),
    ({"copy_on_read": False}, disk(driver="copy_on_read='off'")),
    ({"iothread": 2}, disk(driver="iothread='2'")),
    ({"queues": 4}, disk(driver="queues='4'")),
    ({"bus": "scsi", "rotation_rate": 7200}, disk(target=f"{SCSI} rotation_rate='7200'")),
    ({"serial": "WD-1"}, disk("<serial>WD-1</serial>")),
    ({"bus": "scsi", "wwn": "5000c50015ea71aa"}, disk("<wwn>5000c50015ea71aa</wwn>", target=SCSI)),
    (
        {"bus": "scsi", "vendor": "ACME", "product": "ST 3000"},
        disk("<vendor>ACME</vendor><product>ST 3000</product>", target=SCSI),
    ),
    (
        {"logical_block_size": 512, "physical_block_size": 4096},
        disk("<blockio logical_block_size='512' physical_block_size='4096'/>"),
    ),
    ({"readonly": True}, disk("<readonly/>")),
    ({"shareable": True}, disk("<shareable/>")),
    ({"transient": True}, disk("<transient/>")),
    ({"iotune": {"total_bytes_sec": "1MiB"}}, disk("<iotune><total_bytes_sec>1048576</total_bytes_sec></iotune>")),
    (
        {
            "iotune": {
                "read_bytes_sec": "1000B",
                "write_bytes_sec": 2000,
                "read_bytes_sec_max": "3000B",
                "read_bytes_sec_max_length": 5,
                "write_bytes_sec_max": "4000B",
                "write_bytes_sec_max_length": 6,
                "total_iops_sec": 7,
                "total_iops_sec_max": 8,
                "total_iops_sec_max_length": 9,
                "size_iops_sec": 4096,
                "group_name": "gold",
            }
        },
        disk(
            "<iotune><read_bytes_sec>1000</read_bytes_sec><write_bytes_sec>2000</write_bytes_sec>"
            "<total_iops_sec>7</total_iops_sec><read_bytes_sec_max>3000</read_bytes_sec_max>"
            "<write_bytes_sec_max>4000</write_bytes_sec_max><total_iops_sec_max>8</total_iops_sec_max>"
            "<read_bytes_sec_max_length>5</read_bytes_sec_max_length>"
            "<write_bytes_sec_max_length>6</write_bytes_sec_max_length>"
            "<total_iops_sec_max_length>9</total_iops_sec_max_length><size_iops_sec>4096</size_iops_sec>"
            "<group_name>gold</group_name></iotune>"
        ),
    ),
    (
        {
            "iotune": {
                "total_bytes_sec": "1000B",
                "total_bytes_sec_max": "2000B",
                "total_bytes_sec_max_length": 3,
                "read_iops_sec": 4,
                "write_iops_sec": 5,
                "read_iops_sec_max": 6,
                "write_iops_sec_max": 7,
                "read_iops_sec_max_length": 8,
                "write_iops_sec_max_length": 9,
            }
        },
        disk(
            "<iotune><total_bytes_sec>1000</total_bytes_sec><read_iops_sec>4</read_iops_sec>"
            "<write_iops_sec>5</write_iops_sec><total_bytes_sec_max>2000</total_bytes_sec_max>"
            "<read_iops_sec_max>6</read_iops_sec_max><write_iops_sec_max>7</write_iops_sec_max>"
            "<total_bytes_sec_max_length>3</total_bytes_sec_max_length>"
            "<read_iops_sec_max_length>8</read_iops_sec_max_length>"
            "<write_iops_sec_max_length>9</write_iops_sec_max_length></iotune>"
        ),
    ),
    (
        {"encryption": {"secret": SECRET}},
        disk(
            source="<source file='/p/a'><encryption format='luks'>"
            f"<secret uuid='{SECRET}' type='passphrase'/></encryption></source>"
        ).replace("type='network'", "type='file'"),
    ),
    (
        {"encryption": {"secret": "web01/data"}},
        disk(
            source="<source file='/p/a'><encryption format='luks'>"
            "<secret usage='web01/data' type='passphrase'/></encryption></source>"
        ).replace("type='network'", "type='file'"),
    ),
    (
        {"source": {"protocol": "nbd", "name": "export", "tls": True, "hosts": [{"name": "example.org"}]}},
        network(f"<source protocol='nbd' name='export' tls='yes'>{HOST.format(10809)}</source>"),
    ),
    (
        {"source": {"protocol": "nbd", "hosts": [{"transport": "unix", "socket": "/run/n.sock"}]}},
        network("<source protocol='nbd'><host transport='unix' socket='/run/n.sock'/></source>"),
    ),
    (
        {
            "source": {
                "protocol": "rbd",
                "name": "pool/image",
                "hosts": [{"name": "mon1", "port": 6789}, {"name": "mon2", "port": 6789, "transport": "tcp"}],
                "username": "libvirt",
                "secret": "ceph-libvirt",
                "config": "/etc/ceph/ceph.conf",
                "snapshot": "s1",
            }
        },
        network(
            "<source protocol='rbd' name='pool/image'><host name='mon1' port='6789'/><host name='mon2' port='6789'/>"
            "<snapshot name='s1'/><config file='/etc/ceph/ceph.conf'/>"
            "<auth username='libvirt'><secret usage='ceph-libvirt' type='ceph'/></auth></source>"
        ),
    ),
    (
        {
            "source": {
                "protocol": "iscsi",
                "name": f"{IQN}/2",
                "hosts": [{"name": "example.org"}],
                "username": "u",
                "secret": SECRET.upper(),
                "initiator": f"{IQN}:me",
            }
        },
        network(
            f"<source protocol='iscsi' name='{IQN}/2'>{HOST.format(3260)}"
            f"<auth username='u'><secret uuid='{SECRET}' type='iscsi'/></auth>"
            f"<initiator><iqn name='{IQN}:me'/></initiator></source>"
        ),
    ),
    (
        {
            "readonly": True,
            "source": {"protocol": "https", "name": "a.img", "query": "x=1&y=2", "hosts": [{"name": "example.org"}]},
        },
        network(
            f"<source protocol='https' name='a.img' query='x=1&amp;y=2'>{HOST.format(443)}</source>", "<readonly/>"
        ),
    ),
    (
        {"source": {"protocol": "gluster", "name": "vol/a", "hosts": [{"name": "example.org", "transport": "rdma"}]}},
        network(
            "<source protocol='gluster' name='vol/a'><host name='example.org' port='24007' transport='rdma'/></source>"
        ),
    ),
    (
        {
            "encryption": {"secret": "k"},
            "source": {"protocol": "rbd", "name": "p/i", "hosts": [{"name": "m", "port": 1}]},
        },
        network(
            "<source protocol='rbd' name='p/i'><host name='m' port='1'/><encryption format='luks'>"
            "<secret usage='k' type='passphrase'/></encryption></source>"
        ),
    ),
]
EVERY_NEW = pytest.mark.parametrize(("params", "xml"), NEW)


def made(params: dict[str, Any]) -> Any:
    """Return the tree of a VM with one new disk."""
    tree = blank()
    (edit,) = converge("disks", tree, [resolved(params)])
    assert (edit.verb, edit.field) == ("attach", "disk d")
    return tree


@EVERY_NEW
def test_a_new_disk(params: dict[str, Any], xml: str) -> None:
    tree = made(params)
    (node,) = tree.findall("devices/disk")
    assert same(node, xml)
    assert_valid(tree)


@EVERY_NEW
def test_libvirt_takes_it_and_its_facts_are_what_was_wanted(params: dict[str, Any], xml: str) -> None:
    tree = told(made(params))
    (facts,) = Disk.device_facts(tree)
    wanted = resolved(params)
    given = Disk.normal(facts)
    assert [
        name for name, value in wanted.fields.items() if not Disk.fields[name].matches(given.get(name), value)
    ] == []
    assert converge("disks", tree, [wanted]) == []
    assert converge("disks", tree, Disk.wanted([{key: facts[key] for key in facts if key != "path"}])) == []


def test_every_option_is_among_them() -> None:
    said = {name for params, _xml in NEW for name in params}
    assert said == set(Disk.fields)
    tuned = {name for params, _xml in NEW for name in params.get("iotune", {})}
    assert tuned == set(IoTune.fields)


TUNED = "<iotune><read_bytes_sec>5</read_bytes_sec><read_bytes_sec_max>9</read_bytes_sec_max></iotune>"
TOTAL = (
    "<iotune><total_iops_sec>5</total_iops_sec><total_iops_sec_max>9</total_iops_sec_max>"
    "<total_iops_sec_max_length>2</total_iops_sec_max_length><size_iops_sec>1</size_iops_sec></iotune>"
)
AUTH = "<auth username='u'><secret type='ceph' usage='old'/></auth>"
RBD = "<source protocol='rbd' name='p/i'><host name='m1' port='1'/></source>"
LUKS = "<encryption format='luks'><secret type='passphrase' usage='old'/></encryption>"
EDITED: list[tuple[str, dict[str, Any], list[str], str]] = [
    (disk(driver="cache='none'"), {"cache": "default"}, ["cache none -> none"], disk()),
    (disk(driver="io='native' x='1'"), {"io": "default"}, ["io native -> none"], disk(driver="x='1'")),
    (disk(driver="discard='unmap'"), {"discard": "default"}, ["discard unmap -> none"], disk()),
    (disk(driver="detect_zeroes='on'"), {"detect_zeroes": "default"}, ["detect_zeroes on -> none"], disk()),
    (disk(driver="error_policy='stop'"), {"error_policy": "default"}, ["error_policy stop -> none"], disk()),
    (disk(driver="rerror_policy='stop'"), {"rerror_policy": "default"}, ["rerror_policy stop -> none"], disk()),
    (disk(driver="iothread='1' queues='2'"), {"iothread": 0}, ["iothread 1 -> none"], disk(driver="queues='2'")),
    (disk(driver="iothread='1' queues='2'"), {"queues": 0}, ["queues 2 -> none"], disk(driver="iothread='1'")),
    (disk("<serial>a</serial>"), {"serial": ""}, ["serial a -> none"], disk()),
    (disk("<wwn>5000c50015ea71aa</wwn>"), {"wwn": ""}, ["wwn 5000c50015ea71aa -> none"], disk()),
    (disk("<vendor>a</vendor>"), {"vendor": ""}, ["vendor a -> none"], disk()),
    (disk("<product>a</product>"), {"product": "b"}, ["product a -> b"], disk("<product>b</product>")),
    (disk("<boot order='2' loadparm='x'/>"), {"boot_order": 0}, ["boot_order 2 -> none"], disk("<boot loadparm='x'/>")),
    (
        disk("<blockio logical_block_size='512' physical_block_size='4096'/>"),
        {"physical_block_size": 0},
        ["physical_block_size 4096 -> none"],
        disk("<blockio logical_block_size='512'/>"),
    ),
    (
        disk("<blockio logical_block_size='512'/>"),
        {"logical_block_size": 0},
        ["logical_block_size 512 -> none"],
        disk(),
    ),
    (disk("<transient shareBacking='yes'/>"), {"transient": True}, [], disk("<transient shareBacking='yes'/>")),
    (disk("<shareable/><readonly/>"), {"shareable": False}, ["shareable True -> False"], disk("<readonly/>")),
    (
        disk(target="dev='sda' bus='sata' rotation_rate='1' tray='open'"),
        {"rotation_rate": 0},
        ["rotation_rate 1 -> none"],
        disk(target="dev='sda' bus='sata' tray='open'"),
    ),
    # Another bus: the address goes, the target follows.
    (
        disk("<address type='pci' slot='0x04'/><serial>s</serial>"),
        {"bus": "sata"},
        ["bus virtio -> sata"],
        disk("<serial>s</serial>", target="dev='sda' bus='sata'"),
    ),
    (
        disk("<address type='pci' slot='0x04'/>"),
        {"bus": "usb", "target": "sdx"},
        ["bus virtio -> usb", "target vda -> sdx"],
        disk(target="dev='sdx' bus='usb'"),
    ),
    (disk("<address type='pci' slot='0x04'/>"), {"bus": "virtio"}, [], disk("<address type='pci' slot='0x04'/>")),
    # Limits: one on the total takes those on either away, with what adds to them.
    (
        disk(TUNED),
        {"iotune": {"total_bytes_sec": "7B"}},
        ["iotune.total_bytes_sec none -> 7B"],
        disk("<iotune><total_bytes_sec>7</total_bytes_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"write_iops_sec": 3}},
        ["iotune.write_iops_sec none -> 3"],
        disk("<iotune><size_iops_sec>1</size_iops_sec><write_iops_sec>3</write_iops_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"total_iops_sec": 0}},
        ["iotune.total_iops_sec 5 -> none"],
        disk("<iotune><size_iops_sec>1</size_iops_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"total_iops_sec_max": 0, "size_iops_sec": 0}},
        ["iotune.total_iops_sec_max 9 -> none", "iotune.size_iops_sec 1 -> none"],
        disk("<iotune><total_iops_sec>5</total_iops_sec></iotune>"),
    ),
    (
        disk(TUNED),
        {"iotune": {"read_bytes_sec": "0"}},
        ["iotune.read_bytes_sec 5B -> none"],
        disk(),
    ),
    (
        disk(TUNED),
        {"iotune": {"write_bytes_sec": "6B", "group_name": "g"}},
        ["iotune.write_bytes_sec none -> 6B", "iotune.group_name none -> g"],
        disk(TUNED.replace("</iotune>", "<write_bytes_sec>6</write_bytes_sec><group_name>g</group_name></iotune>")),
    ),
    (
        disk("<iotune><total_iops_sec>5</total_iops_sec><group_name>g</group_name></iotune>"),
        {"iotune": {"group_name": ""}},
        ["iotune.group_name g -> none"],
        disk("<iotune><total_iops_sec>5</total_iops_sec></iotune>"),
    ),
    # Servers and secrets: where older descriptions have them, too.
    (
        network(RBD),
        {"source": {"protocol": "rbd", "name": "p/i", "hosts": [{"name": "m2", "port": 1}]}},
        ["source.hosts name m1, port 1 -> name m2, port 1"],
        network(RBD.replace("m1", "m2")),
    ),
    (
        network(RBD),
        {"source": {"protocol": "rbd", "username": "u", "secret": "new"}},
        ["source.username none -> u", "source.secret none -> new"],
        network(
            RBD.replace("</source>", "<auth username='u'><secret usage='new' type='ceph'/></auth></source>"),
        ),
    ),
    (
        network(RBD, AUTH),
        {"source": {"protocol": "rbd", "username": "v", "secret": SECRET}},
        ["source.username u -> v", f"source.secret old -> {SECRET}"],
        network(RBD, f"<auth username='v'><secret type='ceph' uuid='{SECRET}'/></auth>"),
    ),
    (disk(LUKS), {"encryption": {"secret": "old"}}, [], disk(LUKS)),
    (
        disk(LUKS),
        {"encryption": {"secret": "new"}},
        ["encryption.secret old -> new"],
        disk(LUKS.replace("old", "new")),
    ),
]


@pytest.mark.parametrize(("before", "params", "lines", "after"), EDITED)
def test_a_disk_is_changed(before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before)
    edits = converge("disks", tree, Disk.wanted([{"name": "d", **params}]))
    assert [edit.summary for edit in edits] == [f"set disk d {line}" for line in lines]
    assert same(tree.find("devices/disk"), after)
    assert converge("disks", tree, Disk.wanted([{"name": "d", **params}])) == []


FORMER: list[tuple[str, dict[str, Any], str]] = [
    ("", {"name": "vda", "bus": "sata"}, "<target dev='sda' bus='sata'/><alias name='ua-vda'/>"),
    ("<alias name='virtio-disk0'/>", {"bus": "usb"}, "<target dev='sda' bus='usb'/><alias name='ua-root'/>"),
    ("", {"name": "vda", "target": "vdc"}, "<target dev='vdc' bus='virtio'/><alias name='ua-vda'/>"),
    ("", {"name": "vda", "cache": "none"}, "<target dev='vda' bus='virtio'/><driver cache='none'/>"),
    ("<alias name='ua-x'/>", {"name": "x", "bus": "sata"}, "<target dev='sda' bus='sata'/><alias name='ua-x'/>"),
]


@pytest.mark.parametrize(("inside", "params", "after"), FORMER)
def test_a_disk_that_went_by_its_target_keeps_its_name(inside: str, params: dict[str, Any], after: str) -> None:
    tree = blank(f"<disk type='file' device='disk'><target dev='vda' bus='virtio'/>{inside}</disk>")
    converge("disks", tree, Disk.wanted([params]))
    assert same(tree.find("devices/disk"), f"<disk type='file' device='disk'>{after}</disk>")
    assert converge("disks", tree, Disk.wanted([params])) == []


def foreign(target: str, serial: str = "", mark: str = "") -> str:
    """Return a disk that something else attached."""
    told_by = f"<serial>{serial}</serial>" if serial else ""
    alias = f"<alias name='{mark}'/>" if mark else ""
    return f"<disk type='file'><source file='/p/{target}'/><target dev='{target}' bus='virtio'/>{told_by}{alias}</disk>"


KNOWN: list[tuple[str, list[dict[str, Any]], dict[str, str]]] = [
    (foreign("vda", "S1") + foreign("vdb", "S2"), [{"name": "S2"}], {"S2": "vdb"}),
    (foreign("vda") + foreign("vdb", "S2"), [{"name": "data", "serial": "S2"}], {"data": "vdb"}),
    (foreign("vda") + foreign("vdb"), [{"name": "data", "target": "vdb"}], {"data": "vdb"}),
    (foreign("vda", "S1"), [{"name": "data", "serial": "S2"}], {}),
    (foreign("vda", "S1", "ua-old"), [{"name": "data", "serial": "S1"}], {}),
    (foreign("vda", "S1", "ua-old"), [{"name": "data", "target": "vda"}], {}),
    (foreign("vda", "S1", "ua-data") + foreign("vdb", "S2"), [{"name": "data", "serial": "S2"}], {"data": "vda"}),
    (
        foreign("vda", "vdb") + foreign("vdb"),
        [{"name": "a", "serial": "vdb"}, {"name": "vdb"}],
        {"a": "vda", "vdb": "vdb"},
    ),
]


@pytest.mark.parametrize(("devices", "wanted", "targets"), KNOWN)
def test_a_disk_of_others_is_known_by_its_serial_or_target(
    devices: str, wanted: list[dict[str, Any]], targets: dict[str, str]
) -> None:
    known = Disk.recognise(Disk.nodes(blank(devices)), Disk.wanted([{"size": "1GiB"}, *wanted])[1:])
    assert {name: node.find("target").get("dev") for name, node in known.items()} == targets


PLACES: list[tuple[str, dict[str, Any]]] = [
    ("<disk type='file'><source file='/p/a'/>", {"path": "/p/a"}),
    ("<disk type='block'><source dev='/dev/b'/>", {"path": "/dev/b"}),
    ("<disk type='volume'><source pool='p' volume='v'/>", {"pool": "p", "volume": "v"}),
    ("<disk type='network'><source protocol='ssh' name='x'/>", {}),
    (
        "<disk type='network'><source protocol='nbd' name='x'><host name='h' port='10809'/></source>",
        {"source": {"protocol": "nbd", "name": "x", "hosts": [{"name": "h", "port": 10809}]}},
    ),
]


@pytest.mark.parametrize(("xml", "place"), PLACES)
def test_facts_say_where_an_image_is(xml: str, place: dict[str, Any]) -> None:
    (facts,) = Disk.device_facts(blank(f"{xml}<target dev='vda' bus='virtio'/></disk>"))
    flags = {"readonly": False, "shareable": False, "transient": False}
    assert facts == {"name": "vda", "target": "vda", "bus": "virtio", **flags, **place}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"wwn": "5000"}, "wwn '5000' is not understood; write it like '5000c50015ea71aa'."),
    ({"vendor": "a name too long"}, "vendor 'a name too long' is not understood"),
    ({"product": "a product's name too long"}, "is not understood"),
    ({"queues": 1025}, "queues 1025 is out of range; choose 1 to 1024."),
    ({"rotation_rate": 65535}, "rotation_rate 65535 is out of range"),
    ({"iotune": {"total_bytes_sec": "1MB"}}, "total_bytes_sec '1MB' has no binary unit"),
    ({"iotune": {"total_bytes_sec": "1PiB"}}, "total_bytes_sec '1PiB' is out of range; choose up to 931322GiB"),
    (
        {"iotune": {"total_bytes_sec": "2B", "read_bytes_sec": "1B"}},
        "iotune.total_bytes_sec and read_bytes_sec exclude each other; limit the total, or reads and writes.",
    ),
    (
        {"iotune": {"total_iops_sec_max": 2, "write_iops_sec_max": 1}},
        "iotune.total_iops_sec_max and write_iops_sec_max exclude each other",
    ),
    (
        {"iotune": {"total_iops_sec_max": 2, "total_iops_sec": 0}},
        "iotune.total_iops_sec_max is a burst above total_iops_sec, which is taken away; set it too.",
    ),
    ({"encryption": {"secret": ""}}, "encryption.secret is empty; name one of libvirt's secrets"),
    ({"source": {"protocol": "rbd", "username": "u"}}, "source.username and secret go together; name both"),
    (
        {"source": {"protocol": "nbd", "username": "u", "secret": "s"}},
        "source.nbd takes no secret; leave out username and secret.",
    ),
    ({"source": {"protocol": "nbd", "hosts": [{"port": 1}]}}, "hosts: an entry has no 'name'"),
    (
        {"source": {"protocol": "nbd", "hosts": [{"name": "h"}, {"name": "h"}]}},
        "hosts has two entries for h",
    ),
    (
        {"source": {"protocol": "nbd"}, "path": "/p/a"},
        "Disk d is on the server that its source names; leave out its path, or the source.",
    ),
    ({"source": {"protocol": "nbd"}, "size": "1GiB", "pool": "p"}, "leave out its size and pool, or the source."),
    ({"path": "/p/a", "volume": "a"}, "Disk d has the path '/p/a'; leave out its volume, or the path."),
    ({"path": "a"}, "Disk d has the path 'a'; write a whole path, beginning with '/'."),
    ({"size": "1GiB", "preallocation": "full"}, "Disk d is qcow2, which has no preallocation 'full'; choose none, "),
    (
        {"size": "1GiB", "format": "raw", "preallocation": "metadata"},
        "Disk d is raw, which has no preallocation 'metadata'; choose none, falloc, full, or another format.",
    ),
    ({"path": "/p/a", "preallocation": "falloc"}, "the path '/p/a'; leave out its preallocation, or the path."),
    ({"volume": "a", "pool": "p", "preallocation": "falloc"}, "leave out its preallocation, or the volume."),
    ({"source": {"protocol": "nbd"}, "preallocation": "falloc"}, "leave out its preallocation, or the source."),
]


@pytest.mark.parametrize(("params", "why"), REFUSED)
def test_what_is_refused(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(disks=[{"name": "d", **params}])
    assert why in str(refusal.value)


def test_what_can_only_be_read_is_not_written() -> None:
    wanted = resolved({"source": {"protocol": "https", "name": "x", "hosts": [{"name": "h"}]}})
    with pytest.raises(Refused, match="disk d can only be read by https; set its 'readonly' to true"):
        converge("disks", blank(), [wanted])


def test_a_secret_may_be_named_in_logs_and_is_no_secret_in_the_documentation() -> None:
    for element in (Disk.fields["source"], Disk.fields["encryption"]):
        assert element.option()["options"]["secret"]["no_log"] is False
        assert "no_log" not in element.documentation()["suboptions"]["secret"]


def test_a_scsi_disk_brings_a_controller_that_guests_know() -> None:
    tree = made({"bus": "scsi"})
    assert same(tree.find("devices/controller"), "<controller type='scsi' index='0' model='virtio-scsi'/>")
    there = blank("<controller type='scsi' index='0' model='lsilogic'/>" + disk())
    converge("disks", there, Disk.wanted([{"name": "d", "bus": "scsi"}]))
    assert [node.get("model") for node in there.findall("devices/controller")] == ["lsilogic"]


RUNNING = disk()
WAITING: list[dict[str, Any]] = [
    {"bus": "sata"},
    {"target": "vdq"},
    {"boot_order": 1},
    {"cache": "none"},
    {"io": "threads"},
    {"discard": "unmap"},
    {"detect_zeroes": "on"},
    {"error_policy": "stop"},
    {"rerror_policy": "stop"},
    {"copy_on_read": True},
    {"iothread": 1},
    {"queues": 2},
    {"serial": "s"},
    {"wwn": "5000c50015ea71aa"},
    {"vendor": "v"},
    {"product": "p"},
    {"logical_block_size": 512},
    {"physical_block_size": 4096},
    {"readonly": True},
    {"shareable": True},
    {"transient": True},
]


@pytest.mark.parametrize("params", WAITING)
def test_what_waits_for_the_next_boot(params: dict[str, Any]) -> None:
    plan = planned(state(RUNNING, power="running"), Table(), disks=[{"name": "d", **params}])
    assert [line.endswith("[next_boot]") for line in summaries(plan)] == [True]
    assert [why.startswith(f"disk d {next(iter(params))} is ") for why in plan.restart_required] == [True]


def test_limits_are_taken_over_at_once() -> None:
    tuned = {"name": "d", "iotune": {"read_bytes_sec": "5B", "read_iops_sec": 3}}
    plan = planned(state(RUNNING, power="running"), Table(), disks=[tuned])
    lines = ["set disk d iotune.read_bytes_sec none -> 5B", "set disk d iotune.read_iops_sec none -> 3"]
    assert summaries(plan) == lines
    assert plan.restart_required == []


def test_a_disk_leaves_its_group_at_the_next_boot() -> None:
    grouped = disk("<iotune><total_iops_sec>5</total_iops_sec><group_name>g</group_name></iotune>")
    plan = planned(state(grouped, power="running"), Table(), disks=[{"name": "d", "iotune": {"group_name": ""}}])
    assert plan.restart_required == ["disk d iotune.group_name is g and will be none"]


class Recorder:
    """A virDomain that keeps what it is told: which numbers go into the one call is what is looked at."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def setBlockIoTune(self, *call: Any) -> None:
        self.calls.append(call)


ZERO = {
    f"{way}_{what}_sec{more}": 0
    for way in ("total", "read", "write")
    for what in ("bytes", "iops")
    for more in ("", "_max", "_max_length")
}


@pytest.mark.parametrize(
    ("inside", "numbers"),
    [
        ("", {}),
        (TUNED, {"read_bytes_sec": 5, "read_bytes_sec_max": 9}),
        (
            "<iotune><group_name>g</group_name></iotune>",
            {"group_name": "g"},
        ),
    ],
)
def test_all_limits_are_set_in_one_call(inside: str, numbers: dict[str, Any]) -> None:
    domain = Recorder()
    TUNE.apply(domain, parse_xml(disk(inside)), {"read_bytes_sec": 5})
    assert domain.calls == [("vda", {**ZERO, "size_iops_sec": 0, **numbers}, 1)]
