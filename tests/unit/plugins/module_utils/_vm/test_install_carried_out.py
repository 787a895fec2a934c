# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of an installation, carried out by stand-ins for libvirt's objects: its test driver keeps no metadata of a
running domain, and has no guest that could end anything.
"""

from __future__ import annotations

from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import edit_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import DeleteVolume, WriteVolume
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.install import changes
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.install.changes import (
    Await,
    Begin,
    Finish,
    WriteInstaller,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.shapes import assert_valid
from tests.unit.plugins.module_utils._vm.table import domain
from tests.unit.plugins.module_utils.stand_in import StandIn, failure

LINUX = {"kernel": "default/web01-install.vmlinuz", "initrd": "default/web01-install.initrd", "command_line": "a b"}
WINDOWS = {"medium": "default/web01-install.iso"}
MEMORY_FULL = 38


class Vm(StandIn):
    """A VM that remembers an installation, and its hypervisor; `told` has what both were told, in order."""

    def __init__(self, noted: dict[str, Any] | None, **answers: Any) -> None:
        tree = domain(inside="<on_reboot>restart</on_reboot>")
        edit_record(tree, {"installation": noted})
        pool = StandIn(isActive=1, storageVolLookupByName=lambda name: StandIn(path=f"/pool/{name}"))
        defaults = {"isActive": 0, "isPersistent": 1, "XMLDesc": to_xml(tree), "hasManagedSaveImage": 0, "autostart": 0}
        super().__init__(**{**defaults, "storagePoolLookupByName": pool, "lookupByName": self, **answers})

    @property
    def host(self) -> Hypervisor:
        return Hypervisor(self, "fake:///")

    @property
    def notes(self) -> list[str]:
        """Return what was written into the metadata, one after the other."""
        return [call[2] or "" for call in self.told if call[0] == "setMetadata"]

    @property
    def started(self) -> Any:
        """Return the description that the VM was started with."""
        (xml,) = [call[1] for call in self.told if call[0] == "createXML"]
        return parse_xml(xml)


def test_linux_starts_from_its_kernel_and_ends_with_its_restart() -> None:
    vm = Vm(LINUX)
    Begin("web01").carry_out(vm.host)
    tree = vm.started
    booted = [tree.findtext(f"os/{name}") for name in ("kernel", "initrd", "cmdline")]
    assert booted == ["/pool/web01-install.vmlinuz", "/pool/web01-install.initrd", "a b"]
    assert (tree.findtext("on_reboot"), tree.findtext("on_poweroff")) == ("destroy", "destroy")
    assert_valid(tree)
    assert [call[0] for call in vm.told] == ["setMetadata", "createXML"]
    assert 'begun="yes"' in vm.notes[0]
    assert 'kernel="default/web01-install.vmlinuz"' in vm.notes[0]


def test_windows_starts_its_medium_beside_the_answers_and_restarts_as_it_likes() -> None:
    vm = Vm(WINDOWS)
    Begin("web01").carry_out(vm.host)
    tree = vm.started
    (drive,) = tree.findall("devices/disk")
    assert (drive.get("device"), drive.find("source").get("file")) == ("cdrom", "/pool/web01-install.iso")
    assert (tree.findtext("on_reboot"), tree.findtext("on_poweroff")) == ("restart", "destroy")
    assert tree.find("os/kernel") is None
    assert_valid(tree)


def test_a_start_that_fails_is_not_noted() -> None:
    vm = Vm(LINUX, createXML=failure(MEMORY_FULL))
    with pytest.raises(libvirt.libvirtError):
        Begin("web01").carry_out(vm.host)
    assert ["begun" in note for note in vm.notes] == [True, False]
    assert "web01-install.vmlinuz" in vm.notes[1]


@pytest.mark.parametrize(
    ("noted", "answers", "words"),
    [
        (LINUX, {"isActive": 1}, "'web01' was started by something else"),
        (None, {}, "'web01' is no longer to be installed"),
    ],
)
def test_what_others_did_meanwhile(noted: Any, answers: dict[str, Any], words: str) -> None:
    vm = Vm(noted, **answers)
    with pytest.raises(KvmError, match=words):
        Begin("web01").carry_out(vm.host)
    assert vm.told == []


OFF, BY_GUEST, DESTROYED = 5, 1, 2  # virDomainState, virDomainShutoffReason


@pytest.mark.parametrize("reason", [BY_GUEST, DESTROYED])
def test_only_the_guest_ends_its_installation(reason: int) -> None:
    vm = Vm(LINUX, state=(OFF, reason))
    if reason == BY_GUEST:
        Await("web01", 1).carry_out(vm.host)
        return
    with pytest.raises(KvmError, match=r"'web01' was stopped before its installation ended.*install\.overwrite"):
        Await("web01", 1).carry_out(vm.host)


def test_an_installation_that_takes_longer_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_PATIENT", 0.01)
    vm = Vm(LINUX, isActive=1)
    with pytest.raises(TimedOut, match=r"^VM 'web01': its installation did not end within 0 s, and goes on"):
        Await("web01", 0).carry_out(vm.host)


def test_what_it_was_made_from_is_deleted_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    vm = Vm({**LINUX, "begun": True})
    deleted: list[str] = []

    def delete(change: DeleteVolume, _host: Hypervisor) -> None:
        assert vm.told == []
        deleted.append(f"{change.pool}/{change.name}")

    monkeypatch.setattr(DeleteVolume, "carry_out", delete)
    Finish("web01", (LINUX["kernel"], LINUX["initrd"])).carry_out(vm.host)
    assert deleted == [LINUX["kernel"], LINUX["initrd"]]
    assert vm.notes == [""]


def test_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[WriteVolume] = []

    def extracted(_host: Hypervisor, image: str, paths: list[str], into: str) -> list[str]:
        with open(f"{into}/0", "w") as file:
            file.write(f"{paths[0]} of {image}")
        return [f"{into}/0"]

    monkeypatch.setattr(WriteVolume, "carry_out", lambda change, _host: written.append(change))
    monkeypatch.setattr(changes, "extracted", extracted)
    monkeypatch.setattr(changes, "initrd_with", lambda content, files: content + str(files).encode())
    monkeypatch.setattr(changes, "iso_image", lambda _host, label, files: f"{label}{files}".encode())
    files = {"a": "secret"}
    for inside, more in (("linux", {}), ("initrd", files), ("", files)):
        WriteInstaller("default", "v", "/w.iso", inside, more).carry_out(Hypervisor(None, "fake:///"))
    assert [(change.content, change.label) for change in written] == [
        (b"linux of /w.iso", "linux of /w.iso"),
        (b"initrd of /w.iso{'a': 'secret'}", "initrd of /w.iso"),
        (b"ANSWERS{'a': 'secret'}", "answers of the installer"),
    ]
    assert {(change.pool, change.name, change.mode) for change in written} == {("default", "v", "0600")}
