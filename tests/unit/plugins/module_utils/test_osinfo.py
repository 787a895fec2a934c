# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libosinfo answers, made a recommendation, and whom it does not know, made a sentence.

Systems are stand-ins with libosinfo's own calls: the library is none of Python's packages, and a host's database
changes with its updates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _osinfo
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import MissingLibrary
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo import (
    Identified,
    OsImage,
    identification,
    identified,
    os_images,
    recommendation,
    recommended,
)

GIB = 1024**3
PCI = "http://pcisig.com/pci/1af4/"
Q35 = "http://qemu.org/chipset/x86/q35"


class Answers:
    """An object that answers get_x(), is_x() or x() with what it was made of, whatever it is given."""

    def __init__(self, **answers: Any) -> None:
        for name, answer in answers.items():
            setattr(self, name, lambda *_arguments, said=answer, **_named: said)


def items(*found: Answers) -> Answers:
    """A list as libosinfo has them (OsinfoList)."""
    listed = Answers(get_length=len(found))
    vars(listed)["get_nth"] = found.__getitem__
    return listed


def sizes(arch: str, cpus: int = -1, ram: int = -1, storage: int = -1) -> Answers:
    return Answers(get_architecture=arch, get_n_cpus=cpus, get_ram=ram, get_storage=storage)


def starts(kind: str, supported: bool = True, arch: str = "x86_64") -> Answers:
    return Answers(get_architecture=arch, get_firmware_type=kind, is_supported=supported)


def system(
    recommended: tuple[Answers, ...] = (),
    minimum: tuple[Answers, ...] = (),
    devices: tuple[str, ...] = (),
    firmware: tuple[Answers, ...] = (),
    short: str = "wonder1",
) -> Answers:
    return Answers(
        get_name=f"Wonder OS ({short})",
        get_id=f"http://wonder.example/{short}",
        get_param_value_list=[short, f"{short}-codename"],
        get_recommended_resources=items(*recommended),
        get_minimum_resources=items(*minimum),
        get_all_devices=items(*(Answers(get_id=device) for device in devices)),
        get_complete_firmware_list=items(*firmware),
    )


def script(profile: str) -> Answers:
    return Answers(get_profile=profile)


class Medium(Answers):
    """A medium as libosinfo has it once it knows it; it keeps what it was told before."""

    def __init__(self, *own: str, of_system: tuple[str, ...] = (), installer: bool = True, takes: bool = True) -> None:
        system = Answers(get_short_id="wonder1", get_install_script_list=items(*map(script, of_system)))
        super().__init__(
            get_os=system,
            get_architecture=None,
            get_live=True,
            get_installer=installer,
            get_kernel_path=None,
            get_initrd_path="boot/initrd",
            get_install_script_list=items(*map(script, own)),
            get_param_value_boolean_with_default=takes,
        )
        self.ids: dict[str, Any] = {}

    def set_param(self, word: str, said: str) -> None:
        self.ids[word] = said

    set_param_int64 = set_param


class Host:
    """A host's libraries, with the systems that its libosinfo knows."""

    def __init__(self, *names: str, typelib: bool = True) -> None:
        self.systems = items(*(system(short=name) for name in names))
        self.typelib = typelib
        self.loads = 0
        self.medium = Medium()

    def library(self, name: str, _package: str) -> Any:
        return {"gi": self, "gi.repository.Libosinfo": Answers(Loader=self, Media=self.medium)}[name]

    def require_version(self, name: str, version: str) -> None:
        if not self.typelib:
            raise ValueError(f"Namespace {name} not available for version {version}")

    def process_default_path(self) -> None:
        self.loads += 1

    def get_db(self) -> Answers:
        known = Answers(get_os_list=self.systems)
        vars(known)["identify_media"] = lambda medium: medium.ids["volume-id"] == "WONDER"
        return known


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    """A process that has not asked yet."""
    for asked in (_osinfo._known, _osinfo._database):
        asked.cache_clear()
    yield
    for asked in (_osinfo._known, _osinfo._database):
        asked.cache_clear()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    known = Host("debian11", "debian12", "win11")
    monkeypatch.setattr(_osinfo, "library", known.library)
    return known


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
    told: Answers, vcpus: int | None, memory: int | None, storage: int | None
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
def test_what_starts_from_no_bios_has_a_tpm(firmware: tuple[Answers, ...], efi: bool, tpm: bool) -> None:
    found = recommendation(system(firmware=firmware))
    assert (found.efi, found.tpm) == (efi, tpm)


@pytest.mark.parametrize("os_id", ["debian12", "debian12-codename", "http://wonder.example/debian12"])
def test_a_system_is_known_by_its_short_ids_and_its_uri(host: Host, os_id: str) -> None:
    assert recommended(os_id).name == "Wonder OS (debian12)"


def test_the_database_is_loaded_once_and_only_when_asked(host: Host) -> None:
    assert host.loads == 0
    assert [recommended(os_id).name for os_id in ("win11", "debian12")] == ["Wonder OS (win11)", "Wonder OS (debian12)"]
    assert host.loads == 1


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


@pytest.mark.parametrize(
    ("known", "package"),
    [(Host("debian12", typelib=False), "gir1.2-libosinfo-1.0"), (Host(), "osinfo-db")],
)
def test_a_host_without_the_library_or_its_data_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, known: Host, package: str
) -> None:
    monkeypatch.setattr(_osinfo, "library", known.library)
    with pytest.raises(KvmError, match=rf"on this host; install the package {package}\.$"):
        recommended("debian12")


def test_a_host_whose_python_lacks_gi_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_osinfo, "library", MissingLibrary)
    with pytest.raises(KvmError, match=r"library gi is missing .* python3-gi \(with gir1\.2-libosinfo-1\.0\)"):
        recommended("debian12")


@pytest.mark.parametrize(
    ("medium", "scripts"),
    [
        (Medium(), ()),
        (Medium(of_system=("jeos", "desktop", "desktop")), ("desktop", "jeos")),
        (Medium("jeos", of_system=("desktop",)), ("jeos",)),
        (Medium("jeos", of_system=("desktop",), takes=False), ()),
        (Medium("jeos", installer=False), ()),
    ],
)
def test_what_a_medium_can_be_installed_by(medium: Medium, scripts: tuple[str, ...]) -> None:
    told = identification(medium)
    assert told == Identified("wonder1", "", True, told.installer, "", "boot/initrd", scripts)


def test_a_medium_is_known_by_its_ids_and_its_size(host: Host) -> None:
    assert identified({"volume-id": "WONDER", "system-id": "LINUX"}, GIB) == identification(host.medium)
    assert host.medium.ids == {"volume-id": "WONDER", "system-id": "LINUX", "volume-size": GIB}
    assert identified({"volume-id": "PLAIN"}, GIB) is None


def image(place: str, kind: str = "qcow2", clouds: bool = True, arch: str = "x86_64") -> Answers:
    return Answers(get_url=place, get_format=kind, get_cloud_init=clouds, get_architecture=arch)


def with_images(short: str, *images: Answers) -> Answers:
    answers = {"get_name": f"Wonder OS ({short})", "get_id": f"http://wonder.example/{short}"}
    listed = {"get_param_value_list": [short, f"{short}-codename"], "get_image_list": items(*images)}
    return Answers(get_short_id=short, **answers, **listed)


@pytest.mark.parametrize(
    ("images", "best"),
    [
        ((), None),
        ((image("u"),), "u"),
        ((image("b"), image("a")), "a"),
        ((image("a", clouds=False), image("b")), "b"),
        ((image("a", "raw"), image("b")), "b"),
        ((image("a", clouds=False), image("b", "raw")), "b"),
        ((image("a", "vmdk"), image("b", "containerdisk")), None),
        ((image("a", arch="aarch64"),), None),
        ((image(""),), None),
    ],
)
def test_the_image_that_templates_are_best_made_of(host: Host, images: tuple[Answers, ...], best: str | None) -> None:
    host.systems = items(with_images("wonder2", *images), with_images("wonder1", image("other", "raw", clouds=False)))
    found = os_images("x86_64")
    assert found[0] == OsImage("wonder1", "Wonder OS (wonder1)", "other", "raw", cloud_init=False)
    assert [(entry.os, entry.url) for entry in found[1:]] == ([("wonder2", best)] if best else [])
