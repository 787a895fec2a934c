# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives whose medium is changed: CD-ROMs and floppies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.registry import BY_OPTION
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState

from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import Table, planned, spec, state, summaries, volume


def drive(
    source: str = "",
    kind: str = "file",
    name: str = "cdrom",
    target: str = "dev='sda' bus='sata'",
    inside: str = "<readonly/>",
    device: str = "cdrom",
) -> str:
    """Return the XML of a drive, as it is written."""
    alias = f"<alias name='ua-{name}'/>" if name else ""
    return (
        f"<disk type='{kind}' device='{device}'><driver name='qemu' type='raw'/><target {target}/>{alias}"
        f"{inside if device != 'cdrom' or not source else ''}{source}{inside if device == 'cdrom' and source else ''}"
        "</disk>"
    )


def floppy(source: str = "", inside: str = "", target: str = "fda") -> str:
    """Return the XML of a floppy drive, as it is written."""
    return drive(source, name="floppy", target=f"dev='{target}' bus='fdc'", inside=inside, device="floppy")


FILE = "<source file='/p/a.iso'/>"
URL = "<source protocol='{}' name='{}'{}><host name='{}' port='{}'/></source>"
PATIENT = URL.format("https", "a.iso", "", "example.org", 443).replace("</source>", "{}</source>")
NEW: list[tuple[str, dict[str, Any], str]] = [
    ("cdroms", {}, drive()),
    ("cdroms", {"path": ""}, drive()),
    ("cdroms", {"path": "/p/a.iso"}, drive(FILE)),
    ("cdroms", {"path": "/dev/sr0"}, drive("<source dev='/dev/sr0'/>", kind="block")),
    (
        "cdroms",
        {"pool": "p", "volume": "a.iso"},
        drive("<source pool='p' volume='a.iso'/>", kind="volume"),
    ),
    (
        "cdroms",
        {"url": "https://example.org/d/a.iso"},
        drive(URL.format("https", "d/a.iso", "", "example.org", 443), kind="network"),
    ),
    (
        "cdroms",
        {"url": "http://192.0.2.1:8080/a.iso?x=1&y=2"},
        drive(URL.format("http", "a.iso", " query='x=1&amp;y=2'", "192.0.2.1", 8080), kind="network"),
    ),
    (
        "cdroms",
        {"url": "ftp://[2001:db8::1]/a.iso"},
        drive(URL.format("ftp", "a.iso", "", "2001:db8::1", 21), kind="network"),
    ),
    (
        "cdroms",
        {"url": "https://example.org/a.iso", "timeout": 9, "readahead": "64KiB"},
        drive(
            PATIENT.format("<timeout seconds='9'/><readahead size='65536'/>"),
            kind="network",
        ),
    ),
    ("cdroms", {"bus": "ide", "target": "hdc"}, drive(target="dev='hdc' bus='ide'")),
    ("cdroms", {"bus": "usb", "path": "/p/a.iso"}, drive(FILE, target="dev='sda' bus='usb' removable='on'")),
    (
        "cdroms",
        {"bus": "scsi", "boot_order": 2},
        drive(inside="<boot order='2'/><readonly/>", target="dev='sda' bus='scsi'"),
    ),
    ("cdroms", {"serial": "S1"}, drive(inside="<serial>S1</serial><readonly/>")),
    ("floppies", {}, floppy()),
    ("floppies", {"path": "/p/a.iso"}, floppy(FILE)),
    ("floppies", {"pool": "p", "volume": "a"}, floppy("<source pool='p' volume='a'/>").replace("'file'", "'volume'")),
    ("floppies", {"target": "fdb", "readonly": True}, floppy(inside="<readonly/>", target="fdb")),
    ("floppies", {"boot_order": 1}, floppy(inside="<boot order='1'/>")),
]


@pytest.mark.parametrize(("option", "params", "xml"), NEW)
def test_a_new_drive(option: str, params: dict[str, Any], xml: str) -> None:
    tree = blank()
    wanted = BY_OPTION[option].wanted([params])
    (edit,) = converge(option, tree, wanted)
    assert edit.verb == "attach"
    assert same(tree.find("devices/disk"), xml)
    assert_valid(tree)


@pytest.mark.parametrize(("option", "params", "xml"), NEW)
def test_libvirt_takes_it_and_its_facts_change_nothing(option: str, params: dict[str, Any], xml: str) -> None:
    device = BY_OPTION[option]
    tree = blank()
    converge(option, tree, device.wanted([params]))
    tree = told(tree)
    (facts,) = device.device_facts(tree)
    assert {key: facts[key] for key in params} == params
    for wanted in (device.wanted([params]), device.wanted([facts])):
        assert converge(option, tree, wanted) == []


def test_every_option_is_among_them() -> None:
    for option in ("cdroms", "floppies"):
        said = {name for which, params, _xml in NEW if which == option for name in params}
        assert said == set(BY_OPTION[option].sub_options()) - {"name"}


OLD = (
    "<disk type='file' device='cdrom'><driver name='qemu' type='qcow2'/><source file='/p/old' index='7'/>"
    "<backingStore type='file'><format type='raw'/><source file='/p/x'/></backingStore><target dev='hdc' bus='ide'/>"
    "<readonly/>{}</disk>"
)
RAW = "<disk type='{}' device='cdrom'><driver name='qemu' type='raw'/>{}{}</disk>"
REST = "<target dev='hdc' bus='ide'/><readonly/>{}"
MEDIA: list[tuple[dict[str, Any], list[str], str]] = [
    ({}, [], OLD),
    ({"path": "/p/old"}, [], OLD),
    (
        {"path": "/p/new"},
        ["set CD-ROM drive {} medium /p/old -> /p/new"],
        RAW.format("file", REST, "<source file='/p/new'/>"),
    ),
    (
        {"path": ""},
        ["set CD-ROM drive {} medium /p/old -> none"],
        f"<disk type='file' device='cdrom'><driver name='qemu' type='qcow2'/>{REST}</disk>",
    ),
    (
        {"url": ""},
        ["set CD-ROM drive {} medium /p/old -> none"],
        f"<disk type='file' device='cdrom'><driver name='qemu' type='qcow2'/>{REST}</disk>",
    ),
    (
        {"url": "tftp://h/x"},
        ["set CD-ROM drive {} medium /p/old -> tftp://h/x"],
        RAW.format("network", REST, "<source protocol='tftp' name='x'><host name='h' port='69'/></source>"),
    ),
    (
        {"pool": "p", "volume": "v"},
        ["set CD-ROM drive {} medium /p/old -> p/v"],
        RAW.format("volume", REST, "<source pool='p' volume='v'/>"),
    ),
]
NAMES = [("hdc", ""), ("cdrom", ""), ("cdrom", "<alias name='ua-cdrom'/>"), ("mine", "<alias name='ua-mine'/>")]


@pytest.mark.parametrize(("params", "lines", "after"), MEDIA)
@pytest.mark.parametrize(("name", "mark"), NAMES)
def test_the_medium_is_changed(params: dict[str, Any], lines: list[str], after: str, name: str, mark: str) -> None:
    tree = blank(OLD.format(mark))
    wanted = BY_OPTION["cdroms"].wanted([{"name": name, **params}])
    assert [edit.summary for edit in converge("cdroms", tree, wanted)] == [line.format(name) for line in lines]
    assert same(tree.find("devices/disk"), after.format(mark))
    assert converge("cdroms", tree, wanted) == []


def test_another_bus_leaves_a_foreign_drive_its_name() -> None:
    tree = blank(OLD.format(""))
    wanted = BY_OPTION["cdroms"].wanted([{"name": "hdc", "bus": "scsi"}])
    assert [edit.summary for edit in converge("cdroms", tree, wanted)] == ["set CD-ROM drive hdc bus ide -> scsi"]
    (node,) = tree.findall("devices/disk")
    assert (node.find("target").get("dev"), node.find("alias").get("name")) == ("sda", "ua-hdc")
    assert tree.find("devices/controller").get("model") == "virtio-scsi"
    assert converge("cdroms", tree, wanted) == []


WAITS = PATIENT.format("<timeout seconds='9'/>")
PATIENCE: list[tuple[dict[str, Any], list[str], str]] = [
    ({"url": "https://example.org/a.iso"}, [], WAITS),
    ({"timeout": 9}, [], WAITS),
    ({"timeout": 0}, ["timeout 9 -> none"], PATIENT.format("")),
    ({"timeout": 7}, ["timeout 9 -> 7"], PATIENT.format("<timeout seconds='7'/>")),
    (
        {"url": "https://example.org/b.iso"},
        ["medium https://example.org/a.iso -> https://example.org/b.iso"],
        WAITS.replace("a.iso", "b.iso"),
    ),
    (
        {"url": "https://example.org/b.iso", "timeout": 7},
        ["medium https://example.org/a.iso -> https://example.org/b.iso", "timeout 9 -> 7"],
        PATIENT.format("<timeout seconds='7'/>").replace("a.iso", "b.iso"),
    ),
    ({"path": "/p/a.iso"}, ["medium https://example.org/a.iso -> /p/a.iso"], FILE),
]


@pytest.mark.parametrize(("params", "lines", "after"), PATIENCE)
def test_how_a_url_is_read_goes_with_it(params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(drive(WAITS, kind="network"))
    wanted = BY_OPTION["cdroms"].wanted([params])
    edits = converge("cdroms", tree, wanted)
    assert [edit.summary for edit in edits] == [f"set CD-ROM drive cdrom {line}" for line in lines]
    assert same(tree.find("devices/disk/source"), after)
    assert_valid(tree)
    assert converge("cdroms", tree, wanted) == []


@pytest.mark.parametrize("source", ["", FILE, URL.format("tftp", "a", "", "h", 69)])
def test_what_is_no_url_is_not_waited_for(source: str) -> None:
    tree = blank(drive(source, kind="network" if "tftp" in source else "file"))
    with pytest.raises(Refused, match="timeout cannot be said here"):
        converge("cdroms", tree, BY_OPTION["cdroms"].wanted([{"timeout": 5}]))
    assert converge("cdroms", tree, BY_OPTION["cdroms"].wanted([{"timeout": 0}])) == []


CD, RUNNING_CD = drive(FILE), drive("<source file='/p/a.iso' index='5'/><backingStore/>")
USB = drive(FILE, target="dev='sdb' bus='usb'", name="stick")
FLEXIBLE = USB.replace("'usb'", "'usb' removable='on'")
TABLE = Table(volumes=(volume("a.iso", kind="raw"),))
PLANS: list[tuple[VmState, dict[str, Any], list[str], list[str]]] = [
    (state(CD), {"cdroms": [{"path": "/p/b"}]}, ["set CD-ROM drive cdrom medium /p/a.iso -> /p/b"], []),
    (
        state(CD, power="running"),
        {"cdroms": [{"path": "/p/b"}]},
        ["set CD-ROM drive cdrom medium /p/a.iso -> /p/b"],
        [],
    ),
    (
        state(CD, power="running"),
        {"cdroms": [{"path": ""}], "apply": "next_boot"},
        ["set CD-ROM drive cdrom medium /p/a.iso -> none [next_boot]"],
        ["CD-ROM drive cdrom medium is /p/a.iso and will be none"],
    ),
    (state(CD, power="running", live=RUNNING_CD), {"cdroms": [{"path": "/p/a.iso"}]}, [], []),
    (
        state(CD, power="running"),
        {"cdroms": [{"pool": "default", "volume": "a.iso"}]},
        ["set CD-ROM drive cdrom medium /p/a.iso -> /pool/a.iso"],
        [],
    ),
    (state(drive("<source file='/pool/a.iso'/>")), {"cdroms": [{"pool": "default", "volume": "a.iso"}]}, [], []),
    (
        state(drive("<source pool='default' volume='a.iso'/>", kind="volume")),
        {"cdroms": [{"pool": "default", "volume": "a.iso"}]},
        [],
        [],
    ),
    (state(CD), {"cdroms": []}, ["detach CD-ROM drive cdrom"], []),
    (
        state(CD, power="running"),
        {"cdroms": []},
        ["detach CD-ROM drive cdrom [next_boot]"],
        ["CD-ROM drive cdrom stays attached"],
    ),
    (state(USB, power="running"), {"cdroms": []}, ["detach CD-ROM drive stick"], []),
    (
        state(USB, power="running"),
        {"cdroms": [{"name": "stick", "path": "/p/b"}]},
        ["set CD-ROM drive stick medium /p/a.iso -> /p/b [next_boot]"],
        ["CD-ROM drive stick medium is /p/a.iso and will be /p/b"],
    ),
    (
        state(FLEXIBLE, power="running"),
        {"cdroms": [{"name": "stick", "path": "/p/b"}]},
        ["set CD-ROM drive stick medium /p/a.iso -> /p/b"],
        [],
    ),
    (
        state(drive("<source pool='gone' volume='x'/>", kind="volume")),
        {"cdroms": [{"pool": "gone", "volume": "x"}]},
        [],
        [],
    ),
    (
        state(power="running"),
        {"cdroms": [{"bus": "usb", "path": "/p/a"}]},
        ["attach CD-ROM drive cdrom (/p/a)"],
        [],
    ),
    (
        state(power="running"),
        {"cdroms": [{"path": "/p/a"}]},
        ["attach CD-ROM drive cdrom (/p/a) [next_boot]"],
        ["CD-ROM drive cdrom is not attached yet"],
    ),
    (
        state(power="running"),
        {"cdroms": [{"bus": "scsi", "path": "/p/a"}, {"name": "two", "bus": "scsi"}]},
        ["attach CD-ROM drive two (empty) [next_boot]", "attach CD-ROM drive cdrom (/p/a)"],
        ["CD-ROM drive two is not attached yet"],
    ),
    (
        state(CD, power="running"),
        {"cdroms": [{"boot_order": 1}]},
        ["set CD-ROM drive cdrom boot_order none -> 1 [next_boot]"],
        ["CD-ROM drive cdrom boot_order is none and will be 1"],
    ),
    (
        state(floppy(FILE), power="running"),
        {"floppies": [{"path": ""}]},
        ["set floppy drive floppy medium /p/a.iso -> none"],
        [],
    ),
    (
        state(floppy(FILE), power="running"),
        {"floppies": []},
        ["detach floppy drive floppy [next_boot]"],
        ["floppy drive floppy stays attached"],
    ),
]


@pytest.mark.parametrize(("current", "params", "lines", "reasons"), PLANS)
def test_the_plan(current: VmState, params: dict[str, Any], lines: list[str], reasons: list[str]) -> None:
    plan = planned(current, TABLE, **params)
    needed = [line for line in summaries(plan) if line.startswith("attach controller")]
    controller = "attach controller scsi 0 (type scsi, index 0, model virtio-scsi)"
    assert needed == ([controller] if "scsi" in str(params) else [])
    assert [line for line in summaries(plan) if line not in needed] == lines
    assert plan.restart_required == reasons


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"cdroms": [{"path": "/a", "url": "http://h/b"}]},
        "path and url do not say what is in a drive; name a path",
    ),
    ({"cdroms": [{"pool": "p"}]}, "pool do not say what is in a drive"),
    ({"cdroms": [{"volume": "v"}]}, "volume do not say what is in a drive"),
    ({"cdroms": [{"path": "a.iso"}]}, "path 'a.iso' is not whole; write it beginning with '/'."),
    ({"cdroms": [{"url": "rbd://h/a"}]}, "url 'rbd://h/a' cannot be read; write it like https://example.org/a.iso"),
    ({"cdroms": [{"url": "https://"}]}, "url 'https://' cannot be read"),
    ({"cdroms": [{"url": "https://u:p@h/a"}]}, "and without a password."),
    ({"cdroms": [{"url": "https://h:x/a"}]}, "url 'https://h:x/a' cannot be read"),
    ({"cdroms": [{"path": "/a", "timeout": 5}]}, "timeout cannot be said here; it is for http, https, ftp, ftps"),
    ({"cdroms": [{"path": "", "readahead": "1MiB"}]}, "readahead cannot be said here"),
    ({"cdroms": [{"url": "tftp://h/a", "timeout": 5, "readahead": 1}]}, "timeout and readahead cannot be said here"),
    ({"cdroms": [{"url": "http://h/a", "readahead": "1000B"}]}, "readahead 1000 is no multiple of 512 bytes"),
    ({"cdroms": [{"path": "/a\x07"}]}, "path contains the character U+0007"),
    ({"cdroms": [{}, {}]}, "Entry 2 of cdroms has no name; name every drive but the first."),
    ({"cdroms": [{"target": "vda"}]}, "target 'vda' is not understood; write it like sda."),
    ({"floppies": [{"target": "fdc"}]}, "target 'fdc' is not understood; write it like fda."),
    ({"cdroms": [{"name": "a"}], "floppies": [{"name": "a"}]}, "The name 'a' is taken by another device of the VM"),
]


@pytest.mark.parametrize(("params", "why"), REFUSED)
def test_what_is_refused(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(**params)
    assert why in str(refusal.value)


def test_a_volume_that_is_not_there_is_in_no_drive() -> None:
    with pytest.raises(Refused, match=r"volume 'b\.iso' does not exist in pool 'default'"):
        planned(None, TABLE, cdroms=[{"pool": "default", "volume": "b.iso"}])


@pytest.mark.parametrize(
    ("before", "params"),
    [
        ("", {"bus": "usb"}),
        ("", {"bus": "usb", "path": ""}),
        (USB, {"name": "stick", "path": ""}),
        (drive(name="stick"), {"name": "stick", "bus": "usb"}),
    ],
)
def test_a_usb_drive_is_never_empty(before: str, params: dict[str, Any]) -> None:
    with pytest.raises(
        Refused, match=r"is empty, which one on the bus usb cannot be; name its medium, or the bus scsi\."
    ):
        converge("cdroms", blank(before), BY_OPTION["cdroms"].wanted([params]))


def test_only_usb_drives_are_removable() -> None:
    tree = blank(FLEXIBLE)
    converge("cdroms", tree, BY_OPTION["cdroms"].wanted([{"name": "stick", "bus": "sata"}]))
    assert same(tree.find("devices/disk/target"), "<target dev='sda' bus='sata'/>")


UNSAYABLE = [
    ("network", "<source protocol='nbd' name='x'><host name='h' port='1'/></source>"),
    ("network", "<source protocol='http' name='a#b'><host name='h' port='80'/></source>"),
    ("dir", "<source dir='relative'/>"),
]


@pytest.mark.parametrize(("kind", "source"), UNSAYABLE)
def test_a_medium_that_no_option_can_say_is_not_told_and_not_touched(kind: str, source: str) -> None:
    device = BY_OPTION["cdroms"]
    tree = blank(drive(source, kind=kind))
    (facts,) = device.device_facts(tree)
    assert not {"path", "pool", "volume", "url"} & facts.keys()
    assert converge("cdroms", tree, device.wanted([facts])) == []


def test_the_disk_of_a_seed_is_no_drive() -> None:
    assert BY_OPTION["cdroms"].nodes(blank(drive(name="seed"))) == []
