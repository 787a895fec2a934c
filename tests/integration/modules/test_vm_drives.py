# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Media in the drives of VMs on real QEMU, while they run."""

from __future__ import annotations

from typing import Any

from tests.integration.support.disks import BARE, volume
from tests.integration.support.vms import Vm, plan


def test_media_are_changed_and_ejected_while_the_vm_runs(vm: Vm) -> None:
    first, second, floppy = (volume(vm, name) for name in ("1.iso", "2.iso", "3.img"))
    place = {"pool": "default", "volume": f"{vm.name}-2.iso"}
    drives: dict[str, Any] = {
        "cdroms": [{"path": first, "boot_order": 1}, {"name": "usb", "bus": "usb", "path": first}],
        "floppies": [{"path": floppy}],
    }
    vm.want_twice(**BARE, state="paused", **drives)
    assert media(vm.live) == media(vm.tree) == [("fda", floppy), ("sda", first), ("sdb", first)]

    swapped = vm.want_twice(cdroms=[place, {"name": "usb", "path": second}], floppies=[{"path": ""}])
    assert plan(swapped) == [
        f"set CD-ROM drive cdrom medium {first} -> {second}",
        f"set CD-ROM drive usb medium {first} -> {second}",
        f"set floppy drive floppy medium {floppy} -> none",
    ]
    assert swapped["restart_required"] == []
    assert media(vm.live) == media(vm.tree) == [("fda", None), ("sda", second), ("sdb", second)]

    assert plan(vm.want_twice(cdroms=[{"path": ""}])) == [
        "detach CD-ROM drive usb",
        f"set CD-ROM drive cdrom medium {second} -> none",
    ]
    assert media(vm.live) == media(vm.tree) == [("fda", None), ("sda", None)]
    assert "Cannot access storage file '/none.iso'" in vm.refuse(cdroms=[{"path": "/none.iso"}])


def media(tree: Any) -> list[tuple[str, str | None]]:
    """Return what is in the drives, by their targets."""
    drives = [node for node in tree.iterfind("devices/disk") if node.get("device") != "disk"]
    sources = [node.find("source") for node in drives]
    found = [source.get("file") if source is not None else None for source in sources]
    return sorted(zip((node.find("target").get("dev") for node in drives), found))
