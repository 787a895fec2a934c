# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards: what stops a change where libvirt does not do as it was told, so that nothing that follows is done."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import ClearUnfinished, Undefine
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import purged_specs
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.power import (
    PowerChange,
    Shutdown,
    Start,
    StartPaused,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.corpus.driver import connection
from tests.unit.plugins.module_utils._vm.table import noted

VM = "<domain type='test'><name>guarded</name><memory>{}</memory><os><type>hvm</type></os></domain>"


def refused(kind: type[Exception], words: str) -> AbstractContextManager[Any]:
    return pytest.raises(kind, match=words) if words else nullcontext()


def test_a_vm_that_is_still_there_after_it_was_undefined_keeps_its_disks() -> None:
    """libvirt undefines also a VM that runs, and lets it run on."""
    domain = connection().defineXML(VM.format(65536))
    domain.create()
    try:
        with pytest.raises(KvmError, match="VM 'guarded' is still there after it was undefined; none of its disks"):
            Undefine("guarded").carry_out(Hypervisor(connection(), "test:///"))
    finally:
        domain.destroy()


UNFINISHED = VM.format(65536).replace("<memory>", noted("nowhere/guarded-root.qcow2") + "<memory>")


def test_the_list_of_an_unfinished_vm_stays_until_its_volumes_are_gone() -> None:
    """Here the pool of one is not there to be asked: without the list no later run would know of it."""
    domain = connection().defineXML(UNFINISHED)
    try:
        with pytest.raises(KvmError, match="Pool 'nowhere'"):
            ClearUnfinished("guarded", ("nowhere/guarded-root.qcow2",)).carry_out(Hypervisor(connection(), "test:///"))
        assert connection().lookupByName("guarded").UUID() == domain.UUID()
    finally:
        domain.undefine()


@pytest.mark.parametrize("xml", [VM.format(65536), UNFINISHED.replace("guarded-root", "guarded-data")])
def test_what_another_run_has_gone_on_with_keeps_its_volumes(xml: str) -> None:
    driver = libvirt.open("test:///default")
    domain = driver.defineXML(xml)
    pool = driver.storagePoolLookupByName("default-pool")
    volume = pool.createXML("<volume><name>guarded-root.qcow2</name><capacity>512</capacity></volume>", 0)
    clear = ClearUnfinished("guarded", ("default-pool/guarded-root.qcow2",))
    try:
        with pytest.raises(KvmError, match="VM 'guarded' is no longer unfinished as it was; run the play again"):
            clear.carry_out(Hypervisor(driver, "test:///default"))
        assert pool.listVolumes() == ["guarded-root.qcow2"]
        assert driver.lookupByName("guarded").UUID() == domain.UUID()
    finally:
        volume.delete(0)
        domain.undefine()


class Unwilling:
    """A connection and its one VM, which libvirt refuses to shut down: its test driver never does that."""

    def __init__(self, runs: bool) -> None:
        self.runs = runs

    def lookupByName(self, _name: str) -> Unwilling:
        return self

    def shutdown(self) -> None:
        raise libvirt.libvirtError("unwilling")

    def isActive(self) -> bool:
        return self.runs


@pytest.mark.parametrize(("runs", "words"), [(True, "unwilling"), (False, "")])
def test_a_shutdown_that_libvirt_refuses_is_done_only_if_the_vm_is_off(runs: bool, words: str) -> None:
    with refused(libvirt.libvirtError, words):
        Shutdown("guarded", 0, False).carry_out(Hypervisor(Unwilling(runs), "fake:///"))


class Deaf(Unwilling):
    """The same of a VM whose guest does not hear of it; that of the test driver always does."""

    def __init__(self) -> None:
        super().__init__(runs=True)

    def shutdown(self) -> None:
        """Nothing comes of it."""

    def destroy(self) -> None:
        self.runs = False


@pytest.mark.parametrize(("force", "words"), [(False, "set 'force: true' to switch it off"), (True, "")])
def test_a_guest_that_does_not_react_is_switched_off_only_by_force(force: bool, words: str) -> None:
    deaf = Deaf()
    with refused(TimedOut, words):
        Shutdown("guarded", 0, force).carry_out(Hypervisor(deaf, "fake:///"))
    assert deaf.runs is not force


class Picky:
    """A connection that would take any definition without a "!": the test driver does not tell what it would take."""

    def domainXMLToNative(self, _format: str, xml: str, _flags: int) -> str:
        if "!" in xml:
            raise libvirt.libvirtError("picky")
        return ""


GOOD, BAD = VM.format(1), VM.format("!")


@pytest.mark.parametrize(
    ("wanted", "present", "words"),
    [
        (GOOD, "", ""),
        (BAD, "", r"^VM 'guarded': it failed \(libvirt: picky\)\.$"),
        (BAD, GOOD, r"^VM 'guarded': it failed \(libvirt: picky\)\.$"),
        # It would not take what is there either, so its answer says nothing.
        (BAD, BAD, ""),
        (GOOD, BAD, ""),
    ],
)
def test_what_libvirt_would_not_take_is_refused_while_planning(wanted: str, present: str, words: str) -> None:
    with refused(Refused, words):
        Surroundings(Hypervisor(Picky(), "fake:///")).check_definition("guarded", wanted, present)


class Listening:
    """A connection that keeps what it is asked about: only QEMU's driver answers, and one device can end it."""

    def __init__(self) -> None:
        self.asked = ""

    def domainXMLToNative(self, _format: str, xml: str, _flags: int) -> str:
        self.asked = xml
        return ""


@pytest.mark.parametrize(
    ("device", "asked"),
    [
        *((f"<interface type='{kind}'/>", True) for kind in ("network", "bridge", "direct", "user", "ethernet")),
        *((f"<interface type='{kind}'/>", False) for kind in ("hostdev", "vdpa", "vhostuser", "unheard-of")),
        ("<hostdev mode='subsystem' type='pci'/>", False),
        ("<disk type='block' device='lun'/>", True),
    ],
)
def test_libvirt_is_not_asked_about_devices_of_the_host(device: str, asked: bool) -> None:
    listening = Listening()
    xml = f"<domain type='kvm'><name>guarded</name><devices>{device}<rng/>{device}</devices></domain>"
    Surroundings(Hypervisor(listening, "fake:///")).check_definition("guarded", xml)
    own = [parse_xml(device).tag] if asked else []
    assert [node.tag for node in parse_xml(listening.asked).find("devices")] == [*own, "rng", *own]


@pytest.mark.parametrize(
    ("params", "purged"),
    [
        ({"purge": True}, ["guarded"]),
        ({"purge": False}, []),
        ({"purge": True, "fleet": "others"}, []),
        ({"purge": True, "vms": [{"name": "guarded"}]}, []),
    ],
)
def test_only_members_of_the_fleet_that_are_not_listed_are_purged(params: dict[str, Any], purged: list[str]) -> None:
    mark = f"<metadata><k:vm xmlns:k='{NAMESPACE}'><k:fleet>ours</k:fleet></k:vm></metadata>"
    domain = connection().defineXML(VM.format(65536).replace("<memory>", f"{mark}<memory>"))
    try:
        host = Hypervisor(connection(), "test:///")
        specs = purged_specs(host, {"fleet": "ours", "vms": [], "defaults": {"remove_disks": True}, **params})
        assert [(spec.name, spec.state, spec.remove_disks) for spec in specs] == [(it, "absent", True) for it in purged]
    finally:
        domain.undefine()


@pytest.mark.parametrize("change", [Start, StartPaused])
def test_a_vm_that_somebody_else_has_just_started_is_started(change: type[PowerChange]) -> None:
    domain = connection().defineXML(VM.format(65536))
    domain.create()
    try:
        change("guarded").carry_out(Hypervisor(connection(), "test:///"))
        assert domain.isActive()
    finally:
        domain.destroy()
        domain.undefine()
