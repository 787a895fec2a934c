# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libosinfo answers, made a recommendation, and whom it does not know, made a sentence."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.recommended import recommendation, recommended

from tests.unit.plugins.module_utils.osinfo.library import GIB, Host, Told, system

PCI = "http://pcisig.com/pci/1af4/"
Q35 = "http://qemu.org/chipset/x86/q35"


def sizes(arch: str, cpus: int = -1, ram: int = -1, storage: int = -1) -> Told:
    return Told(get_architecture=arch, get_n_cpus=cpus, get_ram=ram, get_storage=storage)


def starts(kind: str, supported: bool = True, arch: str = "x86_64") -> Told:
    return Told(get_architecture=arch, get_firmware_type=kind, is_supported=supported)


@pytest.mark.parametrize(
    ("told", "vcpus", "memory", "storage"),
    [
        (system(), None, None, None),
        (system((sizes("x86_64", 2, 4 * GIB, 20 * GIB),)), 2, 4 * GIB, 20 * GIB),
        (system((sizes("all", 1, GIB, GIB), sizes("x86_64", 2, 2 * GIB, 3 * GIB))), 2, 2 * GIB, 3 * GIB),
        (system((sizes("all", ram=GIB),)), None, GIB, None),
        (system((sizes("aarch64", 4, GIB, GIB),)), None, None, None),
        (system((), (sizes("x86_64", 1, GIB, GIB),)), 1, GIB, GIB),
        (system((), (sizes("all", 1, GIB, GIB),)), 1, GIB, GIB),
        (system((sizes("x86_64", ram=2 * GIB),), (sizes("x86_64", 1, GIB, 5 * GIB),)), 1, 2 * GIB, 5 * GIB),
        (system((sizes("all", ram=2 * GIB),), (sizes("x86_64", ram=GIB),)), None, 2 * GIB, None),
        (system((sizes("x86_64", 0, 0, 0),)), None, None, None),
    ],
)
def test_sizes_are_the_recommended_else_the_least(
    told: Told, vcpus: int | None, memory: int | None, storage: int | None
) -> None:
    found = recommendation(told)
    assert (found.vcpus, found.memory, found.storage) == (vcpus, memory, storage)


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ((), set()),
        ((f"{PCI}1001",), {"virtio_disk"}),
        ((f"{PCI}1042",), {"virtio_disk"}),
        ((f"{PCI}1000",), {"virtio_net"}),
        ((f"{PCI}1041",), {"virtio_net"}),
        ((f"{PCI}1005",), {"virtio_rng"}),
        ((f"{PCI}1044",), {"virtio_rng"}),
        ((f"{PCI}1002", "http://pcisig.com/pci/8086/100e"), set()),
        ((Q35,), {"q35"}),
        ((Q35, f"{PCI}1000"), {"virtio_net"}),
        ((Q35, f"{PCI}1000", f"{PCI}1041"), {"virtio_net", "q35"}),
    ],
)
def test_drivers_are_known_by_their_devices(devices: tuple[str, ...], expected: set[str]) -> None:
    found = recommendation(system(devices=devices))
    assert {name for name in ("virtio_disk", "virtio_net", "virtio_rng", "q35") if getattr(found, name)} == expected


@pytest.mark.parametrize(
    ("firmware", "efi", "tpm"),
    [
        ((), False, False),
        ((starts("bios"),), False, False),
        ((starts("bios"), starts("efi")), True, False),
        ((starts("efi"),), True, False),
        ((starts("efi"), starts("bios", supported=False)), True, True),
        ((starts("efi", supported=False), starts("bios", supported=False)), False, False),
        ((starts("efi", arch="all"),), True, False),
        ((starts("efi", arch="aarch64"),), False, False),
    ],
)
def test_what_starts_from_no_bios_has_a_tpm(firmware: tuple[Told, ...], efi: bool, tpm: bool) -> None:
    found = recommendation(system(firmware=firmware))
    assert (found.efi, found.tpm) == (efi, tpm)


@pytest.mark.parametrize("os_id", ["debian12", "debian12-codename", "http://wonder.example/debian12"])
def test_a_system_is_known_by_its_short_ids_and_its_uri(host: Host, os_id: str) -> None:
    assert recommended(os_id).name == "Wonder OS (debian12)"


@pytest.mark.parametrize(
    ("os_id", "advice"),
    [
        ("debian13", "choose one like it (debian12, debian11)"),
        ("WIN-11", "choose one like it (win11)"),
        ("plan9", "list those that it knows by 'osinfo-query os'"),
        ("", "list those that it knows by 'osinfo-query os'"),
    ],
)
def test_an_unknown_system_is_refused_with_those_that_look_like_it(host: Host, os_id: str, advice: str) -> None:
    with pytest.raises(NotFound) as caught:
        recommended(os_id)
    assert str(caught.value) == (
        f"The operating system '{os_id}' is not known to libosinfo on this host; {advice}, "
        "or update the package osinfo-db."
    )
