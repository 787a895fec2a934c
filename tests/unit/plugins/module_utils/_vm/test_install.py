# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installations without questions, planned: what a new VM is installed from, and what is next at each of its stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.unattended import Question
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import edit_record, read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.scripts import Script
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.install.noted import stage_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.shapes import assert_valid
from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, state, summaries, volume

INSTALLER = Template(
    *("inst", "1", "default", "/pool/inst+1.template.qcow2", 9 * GIB, 200_000, "0" * 64),
    source={"iso": "default/w.iso"},
)
SECRET = "only the installer knows"
LINUX = Script(
    "wonder1", "jeos", "initrd", {"preseed.cfg": SECRET}, "auto=1", "boot/linux", "boot/initrd.gz", reboots=1
)
WINDOWS = Script("win", "jeos", "cdrom", {"autounattend.xml": SECRET}, "", "", "", reboots=2)


@dataclass
class Shelf(Table):
    """A host with the template and its medium, to which a script belongs; it keeps what is asked of it."""

    templates: tuple[Template, ...] = (INSTALLER,)
    volumes: tuple[Any, ...] = (volume("w.iso", kind="iso"),)
    known: Script = LINUX
    asked: list[Question] = field(default_factory=list)

    def script(self, asked: Question) -> Script:
        self.asked.append(asked)
        return self.known


KERNEL, INITRD = "default/web01-install.vmlinuz", "default/web01-install.initrd"
NOTED = {"kernel": KERNEL, "initrd": INITRD, "command_line": "auto=1"}
BEGIN, START = "start the installation", "start"
FINISH = f"note that it is installed, and delete {KERNEL}, {INITRD}"
WAIT = "wait up to 3600 s for the end of the installation"


def new(table: Table | None = None, **params: Any) -> tuple[list[str], Any]:
    """Return the plan's lines for a new VM, and its tree."""
    plan = planned(None, table or Shelf(), **{"template": "inst", "install": {}, **params})
    assert SECRET not in f"{plan} {plan.lines()} {plan.diff()}"
    return summaries(plan), parse_xml([change.xml for change in plan.changes if isinstance(change, DefineVm)][-1])


def test_a_new_vm_is_installed_when_it_is_started() -> None:
    lines, tree = new(state="running", install={"kernel_args": "console=ttyS0"})
    assert lines == [
        "define VM (1 vCPU, 1GiB, qemu, from template inst:1)",
        "create volume web01-root.qcow2 in pool default (9GiB qcow2)",
        "write boot/linux of /pool/w.iso to volume web01-install.vmlinuz in pool default",
        "write boot/initrd.gz of /pool/w.iso with the answers to volume web01-install.initrd in pool default",
        "complete VM (root, kernel, initrd)",
        *(BEGIN, WAIT, FINISH, START),
    ]
    assert read_record(tree)["installation"] == {**NOTED, "command_line": "auto=1 console=ttyS0"}
    assert planned(None, Shelf(), template="inst", install={}, state="running").diff()["before"] == {}
    assert tree.find("os/kernel") is None
    assert_valid(tree)


def test_windows_reads_its_answers_from_a_medium_of_their_own() -> None:
    lines, tree = new(Shelf(known=WINDOWS), state="running")
    assert lines[2] == "write answers of the installer to volume web01-install.iso in pool default"
    assert lines[-2] == "note that it is installed, and delete default/web01-install.iso"
    assert read_record(tree)["installation"] == {"medium": "default/web01-install.iso"}


@pytest.mark.parametrize(
    ("params", "last"),
    [
        ({"state": "present"}, ["complete VM (root, kernel, initrd)"]),
        ({"state": "stopped"}, ["complete VM (root, kernel, initrd)"]),
        ({"state": "paused"}, [BEGIN, WAIT, FINISH, "start paused"]),
        ({"state": "running", "install": {"wait": False}}, [BEGIN]),
        (
            {"state": "running", "install": {"timeout": 9}, "autostart": True},
            ["set autostart on", BEGIN, WAIT.replace("3600", "9"), FINISH, START],
        ),
    ],
)
def test_when_a_new_vm_is_installed(params: dict[str, Any], last: list[str]) -> None:
    lines, _tree = new(**params)
    assert lines[-len(last) :] == last
    assert lines.count(BEGIN) == last.count(BEGIN)


@pytest.mark.parametrize(
    ("params", "target"),
    [
        ({}, "/dev/vda"),
        ({"disks": [{"name": "data", "size": "1GiB", "bus": "sata"}]}, "/dev/vda"),
        ({"disks": [{"bus": "sata"}]}, "/dev/sda"),
        ({"disks": [{"bus": "scsi"}, {"name": "data", "size": "1GiB"}]}, "/dev/sda"),
        ({"cloud_init": {"enabled": True}, "disks": [{"bus": "sata"}]}, "/dev/sda"),
    ],
)
def test_the_first_disk_is_installed_on(params: dict[str, Any], target: str) -> None:
    table = Shelf()
    new(table, **params)
    assert [asked.answers.target_disk for asked in table.asked] == [target]


def test_what_is_asked() -> None:
    table = Shelf()
    answers = {"admin_password": "a", "user": {"name": "me", "password": "b"}, "language": "de_DE", "timezone": None}
    new(table, install={"profile": "desktop", "script": "mine", **answers})
    (asked,) = table.asked
    said = asked.answers
    assert (asked.image, asked.profile, asked.own) == ("/pool/w.iso", "desktop", "mine")
    assert (said.hostname, said.admin_password, said.language, said.timezone) == ("web01", "a", "de_DE", None)
    assert (said.user, said.user_realname, said.user_password) == ("me", "me", "b")
    assert planned(None, table, name="a_b c.", template="inst", install={}).changes
    assert table.asked.pop().answers.hostname == "a-b-c"
    new(table, install={"hostname": "other", "user": {"name": "me", "full_name": "Me"}})
    assert (table.asked[1].answers.hostname, table.asked[1].answers.user_realname) == ("other", "Me")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"template": "tiny"}, r"'web01'.* needs an installation medium"),
        ({"cdroms": []}, r"'web01'.* needs an installation medium"),
        ({"cdroms": [{"url": "http://h/w.iso"}]}, r"'web01'.*http://h/w\.iso is on a server"),
        ({"disks": []}, r"'web01'.* needs a disk"),
        ({"pool": "lvm", "disks": [{"format": "raw"}]}, r"'web01'.* boots no kernel"),
        ({"boot_once": "hd"}, "install and boot_once"),
        ({"install": {"wait": False}, "wait_for": "ip"}, "wait_for ip does not go with install.wait false"),
        ({"install": {"timeout": 0}}, r"install\.timeout 0 is out of range"),
    ],
)
def test_what_cannot_be_installed(params: dict[str, Any], words: str) -> None:
    table = Shelf(templates=(INSTALLER, *Table().templates))
    with pytest.raises(Refused, match=words):
        new(table, **params)


OLD = volume("old.raw", kind="raw")
NBD = {"protocol": "nbd", "name": "x/web01-a", "hosts": [{"name": "h"}]}
KEPT = {"name": "data", "pool": "default", "volume": "old.raw"}


@pytest.mark.parametrize(
    ("disks", "named"),
    [
        ([{"pool": "default", "volume": "old.raw"}], "root"),
        ([{"size": "1GiB"}, KEPT], "data"),
        ([{"size": "1GiB"}, {"name": "data", "path": "/srv/old", "format": "raw"}], "data"),
        ([{"size": "1GiB"}, {**KEPT, "readonly": True}], ""),
        ([{"size": "1GiB"}, {"name": "data", "size": "1GiB"}], ""),
    ],
)
def test_a_disk_that_was_there_is_not_given_to_an_installer(disks: list[dict[str, Any]], named: str) -> None:
    table = Shelf(volumes=(*Shelf().volumes, OLD))
    assert new(table, disks=disks, install={"overwrite": True})[0]
    if not named:
        assert new(table, disks=disks)[0]
        return
    with pytest.raises(Refused, match=rf"'web01'.*disk {named} was there before.*install\.overwrite"):
        new(table, disks=disks)


@pytest.mark.parametrize("name", [KERNEL, INITRD])
def test_a_volume_that_is_there_is_none_of_an_installation(name: str) -> None:
    there = volume(name.partition("/")[2])
    with pytest.raises(Refused, match="is already in pool 'default'"):
        new(Shelf(volumes=(*Shelf().volumes, there)))


def installing(stage: str, **more: Any) -> VmState:
    """Return a VM at a stage of its installation."""
    power = {"going on": "running", "passed": "running"}.get(stage, "stopped")
    made = state(**{"power": power, "ended": stage == "ended", **more})
    edit_record(made.config, {"installation": {**NOTED, "begun": stage != "due"}})
    if stage == "going on":
        made.live = domain()
        made.live.find("os").append(parse_xml("<kernel>/pool/web01-install.vmlinuz</kernel>"))
    return made


STAGES = ("due", "going on", "ended", "cut off", "passed")


@pytest.mark.parametrize("stage", STAGES)
def test_stages_are_told_by_what_is_there(stage: str) -> None:
    assert stage_of(installing(stage)) == stage
    assert stage_of(state()) == ""


def test_a_medium_in_a_drive_tells_that_the_installation_goes_on() -> None:
    drive = "<disk device='cdrom'><source file='/pool/web01-install.iso'/><target dev='sda'/></disk>"
    there = state(drive, power="running")
    edit_record(there.config, {"installation": {"medium": "default/web01-install.iso", "begun": True}})
    assert stage_of(there) == "going on"


AGAIN: dict[str, Any] = {"install": {"overwrite": True}}
NO_WAIT = {"install": {"wait": False}}


@pytest.mark.parametrize(
    ("stage", "params", "lines"),
    [
        ("due", {"state": "present"}, []),
        ("due", {"state": "stopped"}, []),
        ("due", {"state": "running"}, [BEGIN, WAIT, FINISH, START]),
        ("due", {"state": "running", **NO_WAIT}, [BEGIN]),
        ("due", {"state": "running", "boot_once": "hd"}, ["start once from hd"]),
        ("going on", {"state": "present"}, []),
        ("going on", {"state": "running"}, [WAIT, FINISH, START]),
        ("going on", {"state": "running", **NO_WAIT}, []),
        ("going on", {"state": "paused"}, ["pause"]),
        ("going on", {"state": "paused", "install": {}}, [WAIT, FINISH, "start paused"]),
        ("going on", {"state": "restarted", "install": {}}, [WAIT, FINISH, START]),
        ("going on", {"state": "saved"}, ["save"]),
        ("going on", {"state": "stopped", "force": True}, ["power off"]),
        ("ended", {"state": "present"}, [FINISH]),
        ("ended", {"state": "stopped"}, [FINISH]),
        ("ended", {"state": "running"}, [FINISH, START]),
        ("ended", {"state": "running", **NO_WAIT}, [FINISH, START]),
        ("cut off", {"state": "present"}, []),
        ("cut off", {"state": "stopped"}, []),
        ("cut off", {"state": "running", **AGAIN}, [BEGIN, WAIT, FINISH, START]),
        ("cut off", {"state": "running", "boot_once": "hd"}, ["start once from hd"]),
        ("passed", {"state": "present"}, [FINISH]),
        ("passed", {"state": "running"}, [FINISH]),
    ],
)
def test_what_is_next(stage: str, params: dict[str, Any], lines: list[str]) -> None:
    plan = planned(installing(stage), Shelf(), **params)
    assert summaries(plan) == lines
    assert plan.diff()["before"].get("installation") == (stage if FINISH in lines else None)


def on(image: str, more: str = "") -> str:
    """Return the disk root of a VM, on an image."""
    inside = f"<source file='/pool/{image}'/><target dev='vda' bus='virtio'/>{more}<alias name='ua-root'/>"
    return f"<disk type='file' device='disk'>{inside}</disk>"


@pytest.mark.parametrize(
    ("devices", "disks", "named"),
    [
        (on("web01-root.qcow2"), [{"name": "root"}], ""),
        (on("old.raw"), [{"name": "root"}], "root"),
        (on("web01-1-root.qcow2"), [{"name": "root"}], "root"),
        (on("old.raw", "<readonly/>"), [{"name": "root"}], ""),
        (on("web01-root.qcow2"), [{"name": "root"}, KEPT], "data"),
        (on("web01-root.qcow2"), [{"name": "root"}, {**KEPT, "readonly": True}], ""),
        (on("web01-root.qcow2"), [{"name": "root", "path": "/pool/web01-root.qcow2"}], ""),
        (on("web01-root.qcow2"), [{"name": "root"}, {"name": "n", "source": NBD, "format": "raw"}], "n"),
    ],
)
def test_an_installer_that_is_due_takes_no_disk_of_others(
    devices: str, disks: list[dict[str, Any]], named: str
) -> None:
    table = Shelf(volumes=(*Shelf().volumes, OLD))
    params: dict[str, Any] = {"state": "running", "disks": disks}
    assert BEGIN in summaries(planned(installing("due", devices=devices), table, **params, **AGAIN))
    if not named:
        assert BEGIN in summaries(planned(installing("due", devices=devices), table, **params))
        return
    with pytest.raises(Refused, match=rf"'web01': disk {named} was not made for it.*install\.overwrite"):
        planned(installing("due", devices=devices), table, **params)


@pytest.mark.parametrize(
    ("power", "params", "lines"),
    [
        ("paused", {"state": "running"}, ["resume", WAIT, FINISH, START]),
        ("paused", {"state": "running", **NO_WAIT}, ["resume"]),
        ("saved", {"state": "running"}, [START, WAIT, FINISH, START]),
        ("saved", {"state": "stopped"}, []),
    ],
)
def test_an_installer_that_was_halted_goes_on(power: str, params: dict[str, Any], lines: list[str]) -> None:
    assert summaries(planned(installing("going on", power=power), Shelf(), **params)) == lines


@pytest.mark.parametrize(
    ("stage", "params", "words"),
    [
        ("going on", {"state": "stopped"}, "'web01' is being installed"),
        ("going on", {"state": "restarted", "force": True}, "'web01' is being installed"),
        ("cut off", {"state": "running"}, "'web01': .*nothing tells that it ended"),
        ("cut off", {"state": "restarted"}, "'web01': .*nothing tells that it ended"),
        ("cut off", {"state": "running", "install": {}}, "'web01': .*nothing tells that it ended"),
    ],
)
def test_nothing_is_broken_off_or_overwritten(stage: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(installing(stage), Shelf(), **params)


def test_an_installer_is_not_restarted_for_the_sake_of_a_change() -> None:
    there = installing("going on")
    plan = planned(there, Shelf(), apply="restart", firmware="efi")
    assert [line for line in summaries(plan) if "start" in line and "installation" not in line] == []
    assert plan.restart_required


@pytest.mark.parametrize("stage", STAGES)
def test_a_vm_that_goes_takes_its_installer_along(stage: str) -> None:
    there = Shelf(volumes=tuple(volume(place.partition("/")[2]) for place in (KERNEL, INITRD)))
    lines = summaries(planned(installing(stage), there, state="absent"))
    assert {f"delete volume {place.partition('/')[2]} of pool default" for place in (KERNEL, INITRD)} <= {*lines}
