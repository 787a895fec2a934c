# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM is installed from: volumes made of its medium and of the answers to its installer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from ..._errors import Refused
from ..._media.unattended import Question
from ..._metadata import edit_record
from ..._osinfo.answers import Answers
from ..._osinfo.scripts import CDROM, Script
from ..devices.device import Wanted
from ..devices.disk import Disk, target_of
from ..disks import check_free_name
from ..surroundings import Surroundings
from ..ways.way import NewDisk, new_place
from .changes import WriteInstaller
from .option import Install

_NAMES = {"kernel": "install.vmlinuz", "initrd": "install.initrd", "medium": "install.iso"}


def check_disks(vm: str, wanted: Install, disks: Sequence[NewDisk]) -> None:
    """Refuse a disk that was there before, which an installer could take, unless it may be lost."""
    kept = [disk.wanted.name for disk in disks if not disk.change and not disk.wanted.fields.get("readonly")]
    if kept and not wanted.overwrite:
        raise Refused(
            f"VM '{vm}': disk {kept[0]} was there before, and an installer may write over it; attach it when the "
            "system is installed, or set install.overwrite if it may be lost."
        )


def plan_installer(
    vm: str,
    wanted: Install,
    tree: Any,
    drives: Sequence[Wanted],
    pool: str,
    around: Surroundings,
    going: Collection[str],
) -> list[NewDisk]:
    """Return the volumes from which a new VM is installed, remembered in its tree.

    `drives` are its CD-ROM drives, `going` the volumes that are deleted first. Refused where the medium cannot be read,
    or nothing answers its questions.
    """
    image = _medium(vm, drives)
    answers = Answers(**{"hostname": _host_name(vm), **wanted.answers, "target_disk": _target(vm, tree)})
    script = around.script(Question(image, wanted.profile, answers, wanted.script))
    changes = _written(script, image, pool, vm)
    made = [_volume(vm, pool, word, change, around, going) for word, change in changes.items()]
    places = {disk.wanted.name: disk.place for disk in made}
    words = " ".join(filter(None, (script.command_line, wanted.kernel_args)))
    edit_record(tree, {"installation": {**places, **({"command_line": words} if words else {})}})
    return made


def _medium(vm: str, drives: Sequence[Wanted]) -> str:
    """Return the path of the medium in the first drive that holds one."""
    media = (drive.fields.get("medium") for drive in drives)
    medium = next(filter(None, media), None)
    if medium is None:
        raise Refused(
            f"VM '{vm}': install needs an installation medium; name a template that is made of one (iso), or a medium "
            "in cdroms."
        )
    if "path" not in medium:
        raise Refused(
            f"VM '{vm}': install reads the medium on the host, and {medium.get('url', 'it')} is on a server; bring it "
            "into a pool with kvm_volume."
        )
    return str(medium["path"])


def _host_name(vm: str) -> str:
    """Return the host name of a VM of which none is said. Source: RFC 1123, section 2.1."""
    return re.sub("[^A-Za-z0-9.-]+", "-", vm).strip("-.")


def _target(vm: str, tree: Any) -> str:
    """Return the disk that is installed on, by the name that the guest's Linux will have for it: /dev/vda."""
    disks = [node for node in Disk.nodes(tree) if node.get("device", "disk") == "disk"]
    if not disks:
        raise Refused(f"VM '{vm}': install needs a disk to install on; give the VM one.")
    name = target_of(disks[0])
    return "/dev/nvme0n1" if name.startswith("nvme") else f"/dev/{'vd' if name.startswith('vd') else 'sd'}a"


def _written(script: Script, image: str, pool: str, vm: str) -> dict[str, WriteInstaller]:
    """Return the changes that make the volumes, by the words of the record."""
    names = {word: f"{vm}-{name}" for word, name in _NAMES.items()}
    if script.method == CDROM:
        return {"medium": WriteInstaller(pool, names["medium"], image, "", script.files)}
    return {
        "kernel": WriteInstaller(pool, names["kernel"], image, script.kernel),
        "initrd": WriteInstaller(pool, names["initrd"], image, script.initrd, script.files),
    }


def _volume(
    vm: str, pool: str, word: str, change: WriteInstaller, around: Surroundings, going: Collection[str]
) -> NewDisk:
    folder = new_place(f"VM '{vm}': its installer", pool, "raw", around)
    check_free_name(vm, pool, change.volume, around, going)
    if around.disk_kind(pool) != "file":
        raise Refused(
            f"VM '{vm}': pool '{pool}' is one of block devices, from which QEMU boots no kernel; choose a pool of "
            "files as 'pool', and say the pool of each disk."
        )
    return NewDisk(Wanted(word), f"{folder}/{change.volume}", "raw", "file", change, f"{pool}/{change.volume}")
