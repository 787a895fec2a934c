# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether KVM works on a host: what a guest's end means, what an answer holds for, and when none is tried.

No QEMU is run here: programs are stand-ins that count, because whether this machine has KVM is no matter of these
tests. The lab's tests try real ones.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import evidence
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.evidence import (
    came_up,
    command_of,
    is_elsewhere,
    key_of,
    kvm_works,
)

DIED = "qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69\nAborted"


@pytest.mark.parametrize(
    ("uri", "elsewhere"),
    [
        ("qemu:///system", False),
        ("qemu:///session", False),
        ("qemu+unix:///system", False),
        ("qemu+unix:///system?socket=/run/libvirt/virtqemud-sock", False),
        ("qemu+ssh://root@h1/system", True),
        ("qemu+ssh:///system", True),
        ("qemu+libssh2://h1:2222/system", True),
        ("qemu+tls://h1.example.org/system", True),
        ("qemu://h1/system", True),
        ("qemu+ext:///system?command=/opt/tunnel", True),
    ],
)
def test_a_uri_tells_whether_it_leads_away(uri: str, elsewhere: bool) -> None:
    assert is_elsewhere(uri) is elsewhere


@pytest.mark.parametrize(
    ("code", "errors", "ran"),
    [
        (0, "", True),
        (0, "warning: host doesn't support requested feature: CPUID.01H:ECX.pni [bit 0]", True),
        (124, "", True),
        (124, "qemu-kvm: warning: host doesn't support requested feature: MSR(48AH).xyz [bit 3]", True),
        (124, "KVM internal error. Suberror: 1\nRAX=0", False),
        (124, "KVM: entry failed, hardware error 0x80000021", False),
        (124, "error: kvm run failed Bad address", False),
        (-6, DIED, False),
        (134, DIED, False),
        (1, "Could not access KVM kernel module: Permission denied", False),
        (1, "ioctl(KVM_CREATE_VM) failed: 16 Device or resource busy", False),
        (126, "timeout: failed to run command '/etc/passwd': Permission denied", False),
        (127, "sh: 1: exec: timeout: not found", False),
        (137, "", False),
    ],
)
def test_how_a_guest_ended_tells_whether_it_ran(code: int, errors: str, ran: bool) -> None:
    assert came_up(code, errors) is ran


def test_a_guest_has_the_cpu_of_the_host_and_an_end() -> None:
    command = command_of("/opt/qemu kvm")
    at = command.index("/opt/qemu kvm")
    assert command[at - 4 : at] == ["timeout", "-k", "1", "4"]
    options = " ".join(command[at + 1 :])
    for words in ("-accel kvm -cpu host", "-display none", "-nodefaults", "-boot reboot-timeout=1 -no-reboot"):
        assert words in options


class Unsupported(Exception):
    """libvirt's error."""


class Connection:
    """A connection to a hypervisor that lists KVM for some emulators: libvirt's test driver lists none."""

    def __init__(self, uri: str, *emulators: str) -> None:
        self.uri = uri
        self.emulators = emulators

    def getURI(self) -> str:
        return self.uri

    def getDomainCapabilities(self, emulator: str, _arch: None, _machine: None, kind: str, _flags: int) -> str:
        if kind == "kvm" and emulator in self.emulators:
            return "<domainCapabilities/>"
        raise Unsupported


class Machine:
    """The machine that the module runs on: its files, and an emulator that ends as told and is counted."""

    def __init__(self, folder: Path, code: int = 0, errors: str = "") -> None:
        self.emulator, self.device, self.memory = folder / "qemu", folder / "kvm", folder / "run" / "memory"
        self.emulator.write_text("x")
        self.device.touch()
        self.memory.parent.mkdir()
        self.ended = (code, "", errors)
        self.tries = 0

    def run(self, _command: list[str]) -> tuple[int, str, str]:
        self.tries += 1
        return self.ended

    def asked(self, emulator: Path | None = None) -> tuple[bool, int]:
        """Return the answer, and how many guests have been tried by now."""
        host = Hypervisor(Connection("qemu:///system"), "qemu:///system", self.run)
        return kvm_works(host, str(emulator or self.emulator)), self.tries


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    (tmp_path / "boot").write_text("first\n")
    monkeypatch.setattr(evidence, "_DEVICE", str(made.device))
    monkeypatch.setattr(evidence, "_BOOT_ID", str(tmp_path / "boot"))
    monkeypatch.setattr(evidence, "memory_file", lambda: str(made.memory))
    monkeypatch.setattr(evidence, "_ARCH", os.uname().machine)
    return made


def test_a_success_is_remembered(machine: Machine) -> None:
    assert [machine.asked(), machine.asked()] == [(True, 1), (True, 1)]
    assert machine.memory.stat().st_mode & 0o777 == 0o600
    assert os.listdir(machine.memory.parent) == ["memory"]


def test_a_failure_is_tried_again(machine: Machine) -> None:
    machine.ended = (-6, "", DIED)
    assert machine.asked() == (False, 1)
    machine.ended = (0, "", "")
    assert machine.asked() == (True, 2)


def update(machine: Machine) -> None:
    before = machine.emulator.stat().st_mtime_ns
    machine.emulator.write_text("xy")
    os.utime(machine.emulator, ns=(before, before))


def replace(machine: Machine) -> None:
    os.utime(machine.emulator, ns=(0, 0))


def reboot(machine: Machine) -> None:
    Path(machine.device.parent, "boot").write_text("second\n")


def protect(machine: Machine) -> None:
    machine.device.chmod(0o600 if machine.device.stat().st_mode & 0o066 else 0o660)


def reload(machine: Machine) -> None:
    # the kernel's clock for files ticks some hundred times a second
    before = machine.device.stat().st_ctime_ns
    while machine.device.stat().st_ctime_ns == before:
        machine.device.unlink()
        machine.device.touch()


def forget(machine: Machine) -> None:
    machine.memory.unlink()


def cut(machine: Machine) -> None:
    machine.memory.write_text('{"', encoding="utf-8")


def confuse(machine: Machine) -> None:
    machine.memory.write_text(json.dumps([str(machine.emulator)]), encoding="utf-8")


def count(machine: Machine) -> None:
    machine.memory.write_text("5", encoding="utf-8")


@pytest.mark.parametrize("change", [update, replace, reboot, protect, reload, forget, cut, confuse, count])
def test_what_was_known_ends_with_what_it_was_known_of(machine: Machine, change: Any) -> None:
    assert machine.asked() == (True, 1)
    change(machine)
    assert [machine.asked(), machine.asked()] == [(True, 2), (True, 2)]


def test_every_emulator_is_remembered(machine: Machine) -> None:
    other = machine.emulator.with_name("other")
    other.write_text("y")
    assert [machine.asked(), machine.asked(other)] == [(True, 1), (True, 2)]
    assert [machine.asked(), machine.asked(other)] == [(True, 2), (True, 2)]


def test_where_nothing_can_be_remembered_it_is_tried_each_time(machine: Machine) -> None:
    machine.memory.parent.rmdir()
    assert [machine.asked(), machine.asked()] == [(True, 1), (True, 2)]


@pytest.mark.parametrize("missing", ["emulator", "device"])
def test_without_emulator_or_device_nothing_is_tried(machine: Machine, missing: str) -> None:
    getattr(machine, missing).unlink()
    assert key_of(str(machine.emulator)) == []
    assert machine.asked() == (False, 0)


@pytest.mark.parametrize("listed", [True, False])
def test_without_rights_on_the_device_libvirts_list_counts(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    # root has every right, so the question is answered by a stand-in
    monkeypatch.setattr(evidence.os, "access", lambda path, _mode: path != str(machine.device))
    monkeypatch.setattr(evidence, "libvirt", SimpleNamespace(libvirtError=Unsupported))
    connection = Connection("qemu:///system", *([str(machine.emulator)] if listed else []))
    host = Hypervisor(connection, "qemu:///system", machine.run)
    assert (kvm_works(host, str(machine.emulator)), machine.tries) == (listed, 0)


@pytest.mark.parametrize(
    ("uri", "arch"), [("qemu+ssh://h1/system", os.uname().machine), ("qemu:///system", "some other")]
)
@pytest.mark.parametrize(("listed", "works"), [("/usr/bin/qemu", True), ("/usr/bin/another", False)])
def test_where_no_guest_can_be_tried_libvirts_list_counts(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, uri: str, arch: str, listed: str, works: bool
) -> None:
    monkeypatch.setattr(evidence, "libvirt", SimpleNamespace(libvirtError=Unsupported))
    monkeypatch.setattr(evidence, "_ARCH", arch)
    host = Hypervisor(Connection(uri, listed), "alias", machine.run)
    assert (kvm_works(host, "/usr/bin/qemu"), machine.tries) == (works, 0)


@pytest.mark.parametrize(
    ("user", "file"),
    [(0, "/run/kvmops-datacenter-kvm.json"), (1000, "/run/user/1000/kvmops-datacenter-kvm.json")],
)
def test_the_memory_is_where_nobody_else_can_write(monkeypatch: pytest.MonkeyPatch, user: int, file: str) -> None:
    monkeypatch.setattr(evidence.os, "geteuid", lambda: user)
    assert evidence.memory_file() == file
