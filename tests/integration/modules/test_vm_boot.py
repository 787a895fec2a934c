# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_vm on real QEMU: firmware, what is booted, and what the firmware tells of the machine."""

from __future__ import annotations

from typing import Any

from tests.integration.support.vms import Vm, plan

# Made in a moment; no guest has to boot in it.
BARE: dict[str, Any] = {"memory": "64MiB", "vcpus": 1, "nics": [], "disks": []}
NVRAM = "/var/lib/libvirt/qemu/nvram"


def test_uefi_with_and_without_secure_boot(vm: Vm) -> None:
    made = vm.want_twice(**BARE, firmware="efi", secure_boot=True, state="paused")
    assert (made["vm"]["firmware"], made["vm"]["secure_boot"]) == ("efi", True)
    loader = vm.live.find("os/loader")
    assert (loader.get("type"), loader.get("secure")) == ("pflash", "yes")
    assert vm.live.find("os/nvram").get("template").endswith(".ms.fd")
    assert vm.live.find("features/smm").get("state") == "on"

    later = vm.want_twice(secure_boot=False)
    assert later["restart_required"] == ["secure_boot is True and will be False"]
    booted = vm.want(secure_boot=False, apply="restart", force=True, timeout=1)
    assert booted["restart_required"] == []
    assert booted["vm"]["state"] == "paused"
    assert vm.live.find("os/loader").get("secure") is None

    bios = vm.want_twice(firmware="bios", state="stopped", apply="next_boot", force=True, timeout=1)
    assert "firmware" not in bios["vm"]
    assert vm.tree.find("os").get("firmware") is None
    assert vm.tree.find("os/loader") is None
    vm.want(firmware="efi")
    vm.want(state="absent")
    assert f"{vm.name}_VARS.fd" not in vm.lab.exec(vm.host, "ls", NVRAM)


BOOT: dict[str, Any] = {
    "boot": {
        "order": ["network", "cdrom", "hd"],
        "menu": True,
        "menu_timeout": 3000,
        "reboot_timeout": -1,
        "serial": True,
    },
    "smbios": {
        "mode": "sysinfo",
        "bios": {"vendor": "Acme", "version": "1.2", "date": "01/31/2026", "release": "2.1"},
        "system": {
            "manufacturer": "A & B",
            "product": "Cloud",
            "version": "4",
            "serial": "S1",
            "sku": "K",
            "family": "F",
        },
        "baseboard": {
            "manufacturer": "m",
            "product": "p",
            "version": "v",
            "serial": "s",
            "asset": "a",
            "location": "l",
        },
        "chassis": {"manufacturer": "m", "version": "v", "serial": "s", "asset": "a", "sku": "k"},
        "oem_strings": ["second", "first, with comma"],
    },
}
OTHER: dict[str, Any] = {
    "boot": {"order": ["hd"], "menu": False, "reboot_timeout": 200, "serial": False},
    "smbios": {"mode": "emulate", "system": {"serial": "S2", "sku": ""}, "chassis": {"asset": "b"}, "oem_strings": []},
}


def test_what_the_firmware_does_and_tells(vm: Vm) -> None:
    made = vm.want_twice(**BARE, **BOOT, state="paused")
    assert {name: made["vm"][name] for name in BOOT} == BOOT
    assert vm.live.find("os/smbios").get("mode") == "sysinfo"
    assert [boot.get("dev") for boot in vm.live.iterfind("os/boot")] == ["network", "cdrom", "hd"]

    changed = vm.want_twice(**OTHER)
    assert {reason.partition(" is ")[0] for reason in changed["restart_required"]} >= {
        "boot.menu",
        "boot.reboot_timeout",
        "boot.serial",
        "smbios.mode",
        "smbios.system.serial",
        "smbios.system.sku",
        "smbios.chassis.asset",
        "smbios.oem_strings",
    }
    facts = changed["vm"]
    assert facts["boot"] == OTHER["boot"]
    assert facts["smbios"]["system"]["serial"] == "S2"
    assert "sku" not in facts["smbios"]["system"]
    assert "oem_strings" not in facts["smbios"]


def test_a_kernel_is_booted_directly(vm: Vm) -> None:
    kernel = {"kernel": "/boot/vmlinuz", "initrd": "/boot/initrd.img", "cmdline": 'a="b" <c>', "dtb": "/boot/x.dtb"}
    made = vm.want_twice(**BARE, **kernel)
    assert {name: made["vm"][name] for name in kernel} == kernel
    assert "has no kernel that initrd is for" in vm.refuse(kernel="", initrd="/boot/initrd.img")
    changed = vm.want_twice(kernel="/boot/other", cmdline="", dtb="")
    assert {name: changed["vm"].get(name) for name in kernel} == {
        "kernel": "/boot/other",
        "initrd": "/boot/initrd.img",
        "cmdline": None,
        "dtb": None,
    }
    gone = vm.want_twice(kernel="", state="paused")
    assert not set(kernel) & set(gone["vm"])


def test_firmware_that_cannot_be_is_refused_while_planning(vm: Vm) -> None:
    vm.want(**BARE)
    before = vm.xml
    assert "requires ACPI" in vm.refuse(firmware="efi", features={"acpi": False})
    assert "has no firmware that libvirt chooses" in vm.refuse(secure_boot=True)
    assert plan(vm.want(firmware="bios", secure_boot=False)) == []
    assert vm.xml == before


def test_a_start_boots_once_from_something_else(vm: Vm) -> None:
    order: dict[str, Any] = {"boot": {"order": ["hd"]}}
    nics = [{"network": "default"}]
    vm.want(**{**BARE, "nics": nics}, **order)
    xml = vm.xml
    checked = vm.want(check=True, state="paused", boot_once="network", **order)
    started = vm.want(state="paused", boot_once="network", **order)
    assert plan(started) == plan(checked) == ["start paused once from network"]
    assert [boot.get("dev") for boot in vm.live.iterfind("os/boot")] == ["network", "hd"]
    assert vm.domain.isPersistent()
    # Aliases and addresses of a running VM stay in the running VM.
    assert vm.xml == xml

    again = vm.want(state="paused", boot_once="network", apply="restart", force=True, **order)
    assert (plan(again), again["restart_required"]) == ([], [])
    vm.want(state="stopped", force=True)
    assert vm.xml == xml
    assert "has nothing of the kind cdrom to boot from" in vm.refuse(state="paused", boot_once="cdrom")
    assert not vm.domain.isActive()
    assert plan(vm.want(state="paused")) == ["start paused"]
    assert [boot.get("dev") for boot in vm.live.iterfind("os/boot")] == ["hd"]
    vm.want(state="saved")
    assert "is saved and goes on where it was" in vm.refuse(state="running", boot_once="network")
