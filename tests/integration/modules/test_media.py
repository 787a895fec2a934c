# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installation media on one of the lab's hosts: small images by xorriso, with the ids by which osinfo-db knows systems.

The ids are written by hand from the expressions in osinfo-db 20221130, so that another way to read them would be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.fixtures import HOST
from tests.integration.support.lab import Lab
from tests.integration.support.media import make_media
from tests.integration.support.modules import Modules

POOL = "it-media"
PATH = f"/var/lib/libvirt/{POOL}"

MICROSOFT = {"publisher": "MICROSOFT CORPORATION"}
LINUX = {"sysid": "LINUX"}
SUSE = {"sysid": "LINUX", "publisher": "SUSE LINUX GmbH"}
ARCH = {"publisher": "ARCH LINUX <HTTPS://ARCHLINUX.ORG>", "appid": "ARCH LINUX LIVE/RESCUE CD"}
OPENBSD = {
    "sysid": "OpenBSD",
    "publisher": "Copyright (c) 2021 Theo de Raadt, The OpenBSD project",
    "appid": "OpenBSD 7.0 amd64 Install CD",
}

# The volume id, the other ids and the size that osinfo-db asks for, by the short id of the system.
SYSTEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "almalinux9": ("AlmaLinux-9-1-x86_64-dvd", {}),
    "alpinelinux3.16": ("alpine-std 3.16.2 x86_64", {}),
    "archlinux": ("ARCH_202211", ARCH),
    "centos-stream9": ("CentOS-Stream-9-BaseOS-x86_64", {}),
    "debian11": ("Debian 11.5.0 amd64 n", {}),
    "debian10": ("Debian 10.13.0 amd64 1", {}),
    "fedora37": ("Fedora-S-dvd-x86_64-37", LINUX),
    "freebsd13.1": ("13_1_RELEASE_AMD64_DVD", {"sysid": "FreeBSD"}),
    "haikur1beta3": ("haiku-r1~beta3-x86_64", {"size": 6277120}),
    "nixos-22.05": ("nixos-minimal-22.05-x86_64", {}),
    "ol8.5": ("OL-8-5-0-BaseOS-x86_64", LINUX),
    "openbsd7.0": ("OpenBSD/amd64   7.0 Install CD", OPENBSD),
    "opensuse15.4": ("openSUSE-Leap-15.4-DVD-x86_64", SUSE),
    "opensusetumbleweed": ("openSUSE-Tumbleweed-NET-x86_64", SUSE),
    "rhel9.0": ("RHEL-9-0-0-BaseOS-x86_64", {}),
    "rocky9": ("Rocky-9-0-x86_64-dvd", {}),
    "sle15sp4": ("SLE-15-SP4-Full-x86_64", LINUX),
    "ubuntu22.04": ("Ubuntu-Server 22.04.1 LTS amd64", {}),
    "win10": ("CESE_X64FREE_EN-US_DV5", MICROSOFT),
    "win11": ("CCCOMA_X64FRE_EN-US_DV9", MICROSOFT),
    "win2k12r2": ("IRM_SSS_X64FRE_EN-US_DV5", MICROSOFT),
    "win2k16": ("SHV_X64FRE_EN-US_DV5", MICROSOFT),
    "win2k22": ("SSS_X64FREV_EN-US_DV9", MICROSOFT),
}
LIVE = {"archlinux", "haikur1beta3", "nixos-22.05", "ubuntu22.04"}

DEBIAN = "Debian 11.5.0 amd64 n"
BROKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("x-bios.iso", DEBIAN, {"boot": "bios"}),
    ("x-catalogue.iso", DEBIAN, {"damage": [(2048 * 17 + 71, "00000000")]}),
    ("x-cut.iso", DEBIAN, {"keep": 65536}),
    ("x-efi.iso", DEBIAN, {"boot": "efi"}),
    ("x-headless.iso", DEBIAN, {"damage": [(32768, "07")]}),
    ("x-plain.iso", DEBIAN, {"boot": "none"}),
    ("x-seed.iso", "cidata", {"boot": "none"}),
    ("x-unknown.iso", "WONDER_OS", {}),
]


@pytest.fixture(scope="module")
def pool(lab: Lab, lab_module: Modules) -> Iterator[str]:
    """A pool that holds all the media."""
    made = lab_module(HOST, "kvm_pool", name=POOL, target=PATH)
    assert made["pool"]["state"] == "active", made
    media = [(f"{name}.iso", *ids) for name, ids in SYSTEMS.items()] + BROKEN
    make_media(lab, HOST, PATH, media)
    yield POOL
    lab.exec(HOST, "sh", "-c", f"virsh pool-destroy {POOL}; virsh pool-undefine {POOL}; rm -rf {PATH}", check=False)


def test_media_are_found_identified_and_judged(lab_module: Modules, pool: str) -> None:
    result = lab_module(HOST, "kvm_media_info", pools=[pool], paths=["/etc/hostname", "/etc", f"{PATH}/win10.iso"])
    assert not result["failed"], result
    assert "warnings" not in result
    found = {medium.get("volume", medium["path"]): medium for medium in result["media"][:-1]}
    names = {f"{name}.iso" for name in SYSTEMS} | {name for name, *_ids in BROKEN if name != "x-seed.iso"}
    assert found.keys() == names | {"/etc/hostname", "/etc"}
    assert result["media"][-1] == found["win10.iso"]

    known = {name: found[f"{name}.iso"] for name in SYSTEMS}
    assert {name: medium["os"] for name, medium in known.items()} == {name: name for name in SYSTEMS}
    assert {name for name, medium in known.items() if medium["live"]} == LIVE
    assert {(medium["bootable"], *medium["boot"], "invalid" in medium) for medium in known.values()} == {
        (True, "bios", "efi", False)
    }
    debian = known["debian11"]
    assert (debian["installer"], debian["script"], debian["arch"]) == (True, ["desktop", "jeos"], "x86_64")
    assert (debian["kernel"], debian["initrd"]) == ("install.amd/vmlinuz", "install.amd/initrd.gz")
    assert (debian["volume_id"], debian["path"]) == (DEBIAN, f"{PATH}/debian11.iso")
    assert known["ubuntu22.04"]["script"] == known["win11"]["script"] == []
    assert {name: found[name]["invalid"] for name in WRONG} == WRONG
    assert [found[name]["boot"] for name in ("x-bios.iso", "x-efi.iso", "x-plain.iso")] == [["bios"], ["efi"], []]
    assert (found["x-unknown.iso"]["os"], "invalid" in found["x-unknown.iso"]) == ("", False)


def _wrong(name: str, what: str) -> str:
    return f"Volume '{name}' of pool '{POOL}' {what}."


WRONG = {
    "x-catalogue.iso": _wrong("x-catalogue.iso", "is not bootable: its boot catalogue is damaged; get it again"),
    "x-cut.iso": _wrong("x-cut.iso", "is cut off: it has 65536 of 378880 bytes; get it again"),
    "x-headless.iso": _wrong("x-headless.iso", "has no primary volume descriptor, so it is damaged; get it again"),
    "x-plain.iso": _wrong("x-plain.iso", "is not bootable: it has no boot record"),
    "/etc/hostname": "The file /etc/hostname is no ISO 9660 image; name an installation medium.",
    "/etc": "/etc is neither a file nor a block device; correct the path.",
}
