# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt is told when changes to a VM are carried out, and what stops them.

A stand-in listens: by which flags it was called is what is looked at, and libvirt's test driver does not tell that.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Change
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import changes
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import (
    AttachLive,
    Configure,
    DefineVm,
    DetachLive,
    SetAutostart,
    SetRecord,
    Undefine,
    WriteSeed,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.power import (
    PowerOff,
    Resume,
    Save,
    Shutdown,
    Start,
    StartOnce,
    StartPaused,
    Suspend,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.wish import Wish
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import domain, record
from tests.unit.plugins.module_utils.stand_in import StandIn, failure, host_of

LIVE, CONFIG = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
INACTIVE, SECURE = libvirt.VIR_DOMAIN_XML_INACTIVE, libvirt.VIR_DOMAIN_XML_SECURE

TOLD: list[tuple[Change, dict[str, Any], list[tuple[Any, ...]]]] = [
    (SetAutostart("web01", True), {}, [("setAutostart", 1)]),
    (SetAutostart("web01", False), {}, [("setAutostart", 0)]),
    (AttachLive("web01", "disk d", "<disk/>", ""), {}, [("attachDeviceFlags", "<disk/>", LIVE)]),
    (Start("web01"), {"isActive": 0}, [("create",)]),
    (Start("web01"), {"isActive": 1}, []),
    (StartPaused("web01"), {"isActive": 0}, [("createWithFlags", libvirt.VIR_DOMAIN_START_PAUSED)]),
    (StartPaused("web01"), {"isActive": 1}, []),
    (StartOnce("web01", "network"), {"isActive": 1}, []),
    (Suspend("web01"), {}, [("suspend",)]),
    (Resume("web01"), {}, [("resume",)]),
    (Save("web01"), {}, [("managedSave", 0)]),
    (Shutdown("web01", 0, False), {"isActive": 0}, [("shutdown",)]),
    (PowerOff("web01"), {}, [("destroy",)]),
    (PowerOff("web01"), {"destroy": failure(libvirt.VIR_ERR_OPERATION_INVALID)}, [("destroy",)]),
    (PowerOff("web01"), {"destroy": failure(libvirt.VIR_ERR_NO_DOMAIN)}, [("destroy",)]),
]


@pytest.mark.parametrize(("change", "answers", "told"), TOLD)
def test_what_libvirt_is_told(change: Change, answers: dict[str, Any], told: list[tuple[Any, ...]]) -> None:
    vm = StandIn(**answers)
    change.carry_out(host_of(vm))
    assert vm.told == told


def test_a_vm_that_cannot_be_switched_off_stops_what_follows() -> None:
    with pytest.raises(libvirt.libvirtError):
        PowerOff("web01").carry_out(host_of(StandIn(destroy=failure(libvirt.VIR_ERR_INTERNAL_ERROR))))


GONE: list[tuple[Change, bool]] = [
    (SetAutostart("web01", True), True),
    (SetRecord("web01", "fleet", None, "ours"), True),
    (Configure("web01", Wish({}), (), ()), True),
    (AttachLive("web01", "disk d", "<disk/>", ""), True),
    (DetachLive("web01", "disk d", "<disk/>", "ua-d", 0), True),
    (Start("web01"), True),
    (StartPaused("web01"), True),
    (StartOnce("web01", "cdrom"), True),
    (Shutdown("web01", 0, False), True),
    (Suspend("web01"), True),
    (Resume("web01"), True),
    (Save("web01"), True),
    # What was to be undefined or off is so.
    (Undefine("web01"), False),
    (PowerOff("web01"), False),
]


@pytest.mark.parametrize(("change", "stops"), GONE, ids=[type(change).__name__ for change, _stops in GONE])
def test_a_vm_that_has_gone_meanwhile_is_named(change: Change, stops: bool) -> None:
    with pytest.raises(KvmError, match="VM 'web01' has gone while it was worked on") if stops else nullcontext():
        change.carry_out(host_of(None))


def test_a_definition_is_given_to_libvirt_as_it_was_planned() -> None:
    host = host_of(None)
    DefineVm("web01", "<domain/>", "define VM", "").carry_out(host)
    assert host.connection.told == [("defineXML", "<domain/>")]


def described(flags: int) -> str:
    """Return a running VM as libvirt describes it by these flags."""
    password = " passwd='secret'" if flags & SECURE else ""
    said = record("<k:project>p</k:project>" if flags & INACTIVE else "<k:project>old</k:project>")
    title = "<title>configured</title>" if flags & INACTIVE else ""
    return to_xml(domain(f"<graphics type='vnc' port='-1'{password}/><interface type='network'/>", said + title))


def test_the_configuration_is_edited_and_not_the_running_description_and_keeps_its_passwords() -> None:
    host = host_of(StandIn(XMLDesc=described))
    wish = Wish({"description": "d"})
    _tree, edits = wish.edited(parse_xml(described(INACTIVE)))
    Configure("web01", wish, (), tuple(edit.what for edit in edits)).carry_out(host)
    ((_call, xml),) = host.connection.told
    tree = parse_xml(xml)
    assert (tree.findtext("title"), tree.findtext("description")) == ("configured", "d")
    assert tree.find("devices/graphics").get("passwd") == "secret"


@pytest.mark.parametrize("paused", [False, True])
def test_what_boots_once_is_the_configuration_with_its_passwords(paused: bool) -> None:
    host = host_of(StandIn(isActive=0, hasManagedSaveImage=0, XMLDesc=described))
    StartOnce("web01", "network", paused).carry_out(host)
    ((call, xml, flags),) = host.connection.told
    tree = parse_xml(xml)
    assert (call, flags) == ("createXML", libvirt.VIR_DOMAIN_START_PAUSED if paused else 0)
    assert (tree.findtext("title"), tree.find("devices/graphics").get("passwd")) == ("configured", "secret")


@pytest.mark.parametrize(
    ("persistent", "active", "reached"), [(1, 0, CONFIG), (1, 1, CONFIG | LIVE), (0, 1, LIVE), (0, 0, 0)]
)
def test_what_is_remembered_reaches_all_that_there_is_of_a_vm(persistent: int, active: int, reached: int) -> None:
    vm = StandIn(isPersistent=persistent, isActive=active, XMLDesc=described)
    SetRecord("web01", "fleet", None, "ours").carry_out(host_of(vm))
    ((call, what, xml, *names, flags),) = vm.told
    assert (call, what, names) == ("setMetadata", libvirt.VIR_DOMAIN_METADATA_ELEMENT, ["kvmops", NAMESPACE])
    assert flags == reached
    kept = "p" if persistent else "old"
    assert {node.tag: node.text for node in parse_xml(xml)} == {"fleet": "ours", "project": kept}


def plugged(*aliases: str) -> str:
    return to_xml(domain("".join(f"<disk><alias name='{alias}'/></disk>" for alias in aliases)))


FAILED, MISSING = libvirt.VIR_ERR_OPERATION_FAILED, libvirt.VIR_ERR_DEVICE_MISSING
LEFT, STAYS = plugged("ua-e"), plugged("ua-e", "ua-d")


@pytest.mark.parametrize(
    ("answers", "stopped_by"),
    [
        ({"isActive": 1, "XMLDesc": LEFT}, None),
        ({"isActive": 1, "XMLDesc": STAYS}, TimedOut),
        # An earlier run has asked already: the guest may or may not have let go of it since.
        ({"isActive": 1, "XMLDesc": LEFT, "detachDeviceFlags": failure(FAILED)}, None),
        ({"isActive": 1, "XMLDesc": LEFT, "detachDeviceFlags": failure(MISSING)}, None),
        ({"isActive": 1, "XMLDesc": STAYS, "detachDeviceFlags": failure(FAILED)}, TimedOut),
        ({"isActive": 1, "XMLDesc": STAYS, "detachDeviceFlags": failure(MISSING)}, TimedOut),
        # Nothing is asked of a guest that never heard of it.
        ({"isActive": 1, "XMLDesc": LEFT, "detachDeviceFlags": failure(55)}, libvirt.libvirtError),
        # What does not run has let go of everything.
        ({"isActive": 0, "XMLDesc": STAYS}, None),
    ],
)
def test_a_device_is_gone_only_when_the_guest_let_go_of_it(
    answers: dict[str, Any], stopped_by: type[Exception] | None
) -> None:
    vm = StandIn(**answers)
    with pytest.raises(stopped_by) if stopped_by else nullcontext():
        DetachLive("web01", "disk d", "<disk/>", "ua-d", 0).carry_out(host_of(vm))
    assert vm.told == [("detachDeviceFlags", "<disk/>", LIVE)]


def test_the_description_of_what_runs_tells_what_is_attached() -> None:
    """The configuration still has what the guest was just asked to let go of."""
    vm = StandIn(isActive=1, XMLDesc=lambda flags: STAYS if flags & INACTIVE else LEFT)
    assert changes.live_aliases(vm) == {"ua-e"}


NEEDS: list[tuple[dict[str, Any], int]] = [
    ({}, 0),
    ({"hasManagedSaveImage": 1}, libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE),
    ({"snapshotNum": 2}, libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA),
    ({"listAllCheckpoints": ["c"]}, libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA),
    ({"XMLDesc": "<domain><os><nvram/></os></domain>"}, libvirt.VIR_DOMAIN_UNDEFINE_NVRAM),
    ({"XMLDesc": "<domain><os firmware='efi'/></domain>"}, libvirt.VIR_DOMAIN_UNDEFINE_NVRAM),
    ({"XMLDesc": "<domain><os firmware='bios'/></domain>"}, 0),
    ({"XMLDesc": "<domain><devices><tpm/></devices></domain>"}, libvirt.VIR_DOMAIN_UNDEFINE_TPM),
    (
        {"hasManagedSaveImage": 1, "XMLDesc": "<domain><os><nvram/></os></domain>"},
        libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM,
    ),
]
NOTHING = {"hasManagedSaveImage": 0, "snapshotNum": 0, "listAllCheckpoints": [], "XMLDesc": "<domain/>"}


@pytest.mark.parametrize(("answers", "flags"), NEEDS)
def test_what_belongs_to_a_vm_goes_with_it(answers: dict[str, Any], flags: int) -> None:
    """libvirt refuses to undefine a VM with a saved memory, say, unless that goes too."""
    assert changes.undefine_flags(StandIn(**{**NOTHING, **answers})) == flags


@pytest.mark.parametrize(("persistent", "told"), [(1, [("undefineFlags", 0)]), (0, [])])
def test_only_what_is_defined_is_undefined(persistent: int, told: list[tuple[Any, ...]]) -> None:
    """One that was transient, and off by now, is gone by that alone."""
    vm = StandIn(**NOTHING, isPersistent=persistent)
    host = host_of(vm)
    there = iter([vm])

    def lookup(_name: str) -> StandIn:
        for found in there:
            return found
        raise failure(libvirt.VIR_ERR_NO_DOMAIN)

    host.connection.answers["lookupByName"] = lookup
    Undefine("web01").carry_out(host)
    assert vm.told == told


def test_a_seed_is_written_where_it_was_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image is made by a program of the host, and the test driver takes no uploads."""
    host = host_of(None)
    written: list[Any] = []
    monkeypatch.setattr(changes, "seed_image", lambda _host, files: "".join(files).encode())
    monkeypatch.setattr(changes.WriteVolume, "carry_out", lambda change, on: written.append((change, on)))
    WriteSeed("web01", "default", "web01-seed.iso", {"user-data": ""}).carry_out(host)
    ((change, on),) = written
    assert (change.pool, change.name, change.content, on) == ("default", "web01-seed.iso", b"user-data", host)
