# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm installs a VM from a medium: libosinfo's script, in a real initrd, read by an installer in a real guest."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.playbooks.running import ROOT, run_playbook
from tests.integration.support.cleaning import remove_all
from tests.integration.support.installer import IMAGES, INSTALLER, LINGER, MEDIUM, installer
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

__all__ = ["installer"]

SECRET = "not-to-be-told-4711"
ANSWERS: dict[str, Any] = {"admin_password": SECRET, "user": {"name": "me", "password": SECRET}}
LINGERING = {**ANSWERS, "kernel_args": LINGER, "wait": False}
SMALL: dict[str, Any] = {"template": INSTALLER, "memory": "128MiB", "vcpus": 1, "nics": [], "disks": [{"size": "1MiB"}]}


@pytest.fixture
def small(vm: Vm, installer: str) -> dict[str, Any]:
    """What a VM of the template says, with what it says on its serial port in a file of the host."""
    return {**SMALL, "serials": [{"type": "file", "path": log_of(vm)}]}


def log_of(vm: Vm) -> str:
    return f"{IMAGES}/{vm.name}-serial.log"


def said(vm: Vm, words: str) -> str:
    """Return what a VM has said on its serial port, once the words are in it."""
    deadline = time.monotonic() + 60
    while words not in (text := vm.lab.exec(vm.host, "cat", log_of(vm), check=False)):
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
    return text


def volumes(vm: Vm) -> list[str]:
    return [place.rpartition(".")[2] for place in sorted(vm.files()) if not place.endswith(".log")]


def test_a_vm_is_installed_and_starts_from_its_disk(vm: Vm, small: dict[str, Any]) -> None:
    wanted = {**small, "state": "running", "install": ANSWERS}
    made = vm.want_twice(**wanted)
    assert plan(made)[-4:] == [
        "start the installation",
        "wait up to 3600 s for the end of the installation",
        f"note that it is installed, and delete default/{vm.name}-install.vmlinuz, default/{vm.name}-install.initrd",
        "start",
    ]
    assert SECRET not in str(made)
    assert (made["vm"]["state"], made["observed"]["installing"]) == ("running", False)
    assert volumes(vm) == ["qcow2"]
    # QEMU empties the file when it starts: what is in it now was said by what was installed.
    name = vm.name.replace("_", "-")
    assert f"installed {name}, password {SECRET}, user me" in said(vm, "user me")
    assert (vm.live.find("os/kernel"), vm.live.findtext("on_reboot")) == (None, "restart")
    assert plan(vm.want(state="running")) == []


def test_the_example_of_the_documentation(lab: Lab, installer: str, ready: str) -> None:
    remove_all(lab.libvirt(ready), "shop")
    words = {"medium": MEDIUM, "admin_password": SECRET}
    run = run_playbook(ROOT / "docs" / "examples" / "install_a_vm.yml", words)
    assert run.code == 0, run.output
    assert SECRET not in run.output
    ((_host, made),) = run.results("kvm_vm")
    assert (made["vm"]["state"], made["vm"]["vcpus"], made["observed"]["installing"]) == ("running", 1, False)
    remove_all(lab.libvirt(ready), "shop")


def test_an_installation_goes_on_without_a_run(vm: Vm, small: dict[str, Any]) -> None:
    begun = vm.want(**small, state="running", install={**ANSWERS, "wait": False})
    assert begun["observed"]["installing"]
    deadline = time.monotonic() + 60
    while vm.domain.isActive():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert plan(vm.want_twice(state="running"))[1:] == ["start"]
    said(vm, "installed t-")
    assert volumes(vm) == ["qcow2"]


def test_an_installation_that_is_cut_off(vm: Vm, lab_module: Modules, small: dict[str, Any]) -> None:
    made = vm.want_twice(**small, state="present", install=LINGERING)
    assert made["observed"]["installing"]
    assert volumes(vm) == ["initrd", "vmlinuz", "qcow2"]
    rights = vm.lab.exec(vm.host, "stat", "-c", "%a", f"{IMAGES}/{vm.name}-install.initrd")
    assert rights.strip() == "600"
    captured = lab_module(vm.host, "kvm_template", name=f"{vm.name}-image", vm=vm.name)
    assert "is not installed yet" in captured["msg"]
    kept = lab_module(vm.host, "kvm_volume", name=f"{vm.name}-install.initrd", pool="default", state="absent")
    assert f"is used by {vm.name}" in kept["msg"]

    assert plan(vm.want_twice(state="running", install={"wait": False})) == ["start the installation"]
    said(vm, "lingers")
    assert "is being installed" in vm.refuse(state="restarted")
    assert "is being installed" in vm.refuse(state="stopped")
    late = vm.refuse(state="running", install={"timeout": 1})
    assert "did not end within 1 s, and goes on" in late
    assert plan(vm.want_twice(state="stopped", force=True)) == ["power off"]
    assert "nothing tells that it ended" in vm.refuse(state="running")

    again = {"overwrite": True, "wait": False}
    assert plan(vm.want(state="running", install=again)) == ["start the installation"]
    vm.domain.destroy()
    # What its disk holds is the user's to know: from there it starts without anything being overwritten.
    vm.want(state="running", boot_once="hd")
    assert plan(vm.want_twice(state="running")) == [
        f"note that it is installed, and delete default/{vm.name}-install.vmlinuz, default/{vm.name}-install.initrd"
    ]
    assert volumes(vm) == ["qcow2"]


def test_a_vm_that_goes_takes_its_installer_along(vm: Vm, small: dict[str, Any]) -> None:
    vm.want(**small, state="running", install=LINGERING)
    said(vm, "lingers")
    vm.want_twice(state="absent", remove_disks=True)
    assert volumes(vm) == []


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"install": ANSWERS, "disks": [{"path": "/srv/x", "format": "raw"}]}, "set install.overwrite"),
        ({"install": {}}, "asks for install.admin_password"),
        ({"install": {"admin_password": "it's"}}, "install.admin_password cannot be handed to an installer"),
        ({"install": {**ANSWERS, "profile": "none"}}, "choose desktop or jeos"),
        ({"install": {**ANSWERS, "hostname": "a b"}}, "install.hostname 'a b' cannot be handed"),
        ({"install": ANSWERS, "cdroms": [{"path": "/etc/hostname"}]}, "is no ISO 9660 image"),
    ],
)
def test_what_nobody_can_install_is_refused(vm: Vm, small: dict[str, Any], more: dict[str, Any], sentence: str) -> None:
    refused = vm.refuse(**{**small, "state": "running", **more})
    assert sentence in refused
    assert vm.name in refused
    assert volumes(vm) == []
