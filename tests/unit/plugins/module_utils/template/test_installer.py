# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of installation media. Pools are stand-ins, as libvirt's test driver gives nobody the content of volumes,
and so is libosinfo, which is none of Python's packages; qemu-img is the real one.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, NotFound, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._media import listing
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.media import Identified
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.recommended import Recommendation
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import Planned
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import installer
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.changes import ImportTemplate
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.converge import as_told
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.installer import blank, look_at_iso
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import (
    Template,
    find_template,
    image_name,
    read_descriptor,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.medium import medium_trouble
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.medium_source import Installer, IsoSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.plan import plan
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import TemplateSpec, template_options
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.state import Current, template_facts
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB

from tests.unit.plugins.module_utils.media.discs import boots, descriptor, image, primary, record, validation
from tests.unit.plugins.module_utils.media.shelf import Pool, Volume, host_with

EFI = image(catalogue=validation(0xEF) + boots())
PLAIN = image(primary(volume="Plain"), record(), descriptor(255))
HOST = host_with(
    Pool("one", Volume("w.iso", image()), Volume("efi.iso", EFI), Volume("twice.iso", image())),
    Pool("two", Volume("twice.iso", image()), Volume("plain.iso", PLAIN), Volume("cut.iso", image(), size=40_000)),
    Pool("off", Volume("o.iso", image()), active=False),
)
SIZES = {"vcpus": 2, "memory": "4GiB"}


def spec(**params: Any) -> TemplateSpec:
    blank_params = {name: option.get("default") for name, option in template_options().items()}
    return TemplateSpec.from_params({**blank_params, "name": "inst", "timeout": 30, **params}, "/work")


@pytest.fixture(autouse=True)
def _libosinfo(monkeypatch: pytest.MonkeyPatch) -> None:
    """libosinfo knows one system."""
    wonder = Identified("wonder1", "x86_64", False, True, "", "", ())
    machine = Recommendation("Wonder", 2, 4 * GIB, 9 * GIB, True, True, True, True, False, False)

    def identified(ids: Any, _size: int) -> Identified | None:
        return wonder if ids["volume-id"].startswith("Wonder") else None

    def recommended(os_id: str) -> Recommendation:
        if os_id != "wonder1":
            raise NotFound(f"The operating system '{os_id}' is not known.")
        return machine

    monkeypatch.setattr(listing, "identified", identified)
    monkeypatch.setattr(installer, "recommended", recommended)


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"iso": "a.iso", "vm": "web01"}, "vm and iso exclude each other"),
        ({"iso": "a.iso", "path": "/a"}, "path and iso exclude each other"),
        ({"iso": "a.iso", "checksum": f"sha256:{'0' * 64}"}, "checksum goes with src, path or url, not with iso"),
        ({"iso": "a.iso", "seal": True}, "seal is for the copy of a vm or a volume"),
        ({"iso": "ftp://h/a.iso"}, "iso 'ftp://h/a.iso' cannot be read"),
        ({"iso": "https://u:secret@h/a.iso?k=1"}, "iso 'https://h/a.iso' cannot be read"),
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused, match=rf"^Template 'inst': {word}.*\.$") as caught:
        spec(**params)
    assert "secret" not in str(caught.value)


def test_a_medium_is_wanted_unless_the_template_is_to_go() -> None:
    assert spec(iso="a.iso").capture == IsoSpec("a.iso")
    assert spec(iso="a.iso", state="absent").capture is None
    assert spec().capture is None


@pytest.mark.parametrize(
    ("said", "os_id", "place", "system", "capacity", "defaults"),
    [
        ("w.iso", None, "one/w.iso", "wonder1", 9 * GIB, SIZES),
        ("one/w.iso", None, "one/w.iso", "wonder1", 9 * GIB, SIZES),
        ("/iso/w.iso", None, "one/w.iso", "wonder1", 9 * GIB, SIZES),
        ("two/twice.iso", None, "two/twice.iso", "wonder1", 9 * GIB, SIZES),
        ("efi.iso", None, "one/efi.iso", "wonder1", 9 * GIB, {**SIZES, "firmware": "efi"}),
        ("plain.iso", None, "two/plain.iso", "", 20 * GIB, {}),
        ("plain.iso", "wonder1", "two/plain.iso", "wonder1", 9 * GIB, SIZES),
        ("w.iso", "mine", "one/w.iso", "mine", 20 * GIB, {}),
        ("w.iso", "", "one/w.iso", "", 20 * GIB, {}),
    ],
)
def test_a_medium_tells_what_its_vms_need(
    said: str, os_id: str | None, place: str, system: str, capacity: int, defaults: dict[str, Any]
) -> None:
    found = look_at_iso(HOST, IsoSpec(said), os_id, None, 30)
    assert (found.place, found.os, found.capacity, found.defaults) == (place, system, capacity, defaults)


def test_a_medium_of_which_libosinfo_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_ids: Any, _size: int) -> None:
        raise KvmError("libosinfo is missing.")

    monkeypatch.setattr(listing, "identified", missing)
    assert look_at_iso(HOST, IsoSpec("w.iso"), None, None, 30).os == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("none.iso", "Volume 'none.iso' of iso does not exist in any active pool on fake:///; correct the name."),
        ("one/none.iso", "Volume 'none.iso' of iso does not exist in pool 'one'"),
        ("o.iso", "does not exist in any active pool"),
        ("off/o.iso", "Pool 'off' is not active"),
        ("gone/o.iso", "Pool 'gone' does not exist"),
        ("twice.iso", "is in several pools; write one of one/twice.iso, two/twice.iso."),
        ("cut.iso", "Volume 'cut.iso' of pool 'two' is cut off"),
        ("/etc/hostname", "The file /etc/hostname is no ISO 9660 image"),
        ("/none.iso", "The file /none.iso cannot be read"),
        ("http://127.0.0.1:9/a.iso", "The URL http://127.0.0.1:9/a.iso cannot be read"),
    ],
)
def test_what_is_no_medium_is_refused(said: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        look_at_iso(HOST, IsoSpec(said), None, None, 30)
    assert words in str(caught.value)


TEMPLATE = Template(
    "inst", "1", "one", "/iso/x", 9 * GIB, 1, "0" * 64, os="wonder1", defaults=SIZES, source={"iso": "one/w.iso"}
)
THERE = Current(template=TEMPLATE)


@pytest.mark.parametrize("said", ["w.iso", "one/w.iso"])
def test_a_template_that_is_there_is_left_alone_and_its_medium_not_read(said: str) -> None:
    source = look_at_iso(host_with(), IsoSpec(said), None, TEMPLATE.source, 30)
    assert plan(spec(iso=said), THERE, source).changes == []


@pytest.mark.parametrize("said", ["other.iso", "two/w.iso", "/w.iso", "http://h/w.iso"])
def test_a_template_of_another_medium_is_not_changed(said: str) -> None:
    source = look_at_iso(host_with(), IsoSpec(said), None, TEMPLATE.source, 30)
    with pytest.raises(Refused, match=r"was not made of medium .*; give the new image a new version"):
        plan(spec(iso=said), THERE, source)


@pytest.mark.parametrize(
    ("said", "system", "defaults"),
    [
        ({}, "wonder1", SIZES),
        ({"os": "mine", "defaults": {"memory": "1GiB"}}, "mine", {"memory": "1GiB"}),
        ({"os": "", "defaults": {}}, None, {}),
    ],
)
def test_a_new_template_says_what_its_medium_tells(
    tmp_path: Path, said: dict[str, Any], system: str | None, defaults: dict[str, Any]
) -> None:
    wanted = spec(iso="w.iso", pool="one", **said)
    source = look_at_iso(HOST, IsoSpec("w.iso"), None, None, 30)
    (change,) = plan(as_told(wanted, source), Current(free=GIB), source).changes
    assert isinstance(change, ImportTemplate)
    assert change.summary == "import medium w.iso as template inst:1 into pool one"
    expected = change.expected("/iso/x")
    assert (expected.os, expected.defaults, expected.iso, expected.capacity) == (
        *(system, defaults, "one/w.iso", 9 * GIB),
    )
    host = Hypervisor(None, "fake:///", _run)
    with blank(host, source, str(tmp_path)) as made:
        told = json.loads(subprocess.check_output(["qemu-img", "info", "--output=json", made.path]))
        assert (told["format"], told["virtual-size"], made.source) == ("qcow2", 9 * GIB, {"iso": "one/w.iso"})
        assert made.size == Path(made.path).stat().st_size < 1024**2
    assert list(tmp_path.iterdir()) == []


def _run(command: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_descriptor_keeps_it() -> None:
    assert read_descriptor("one", "/iso/x", TEMPLATE.written()) == TEMPLATE
    facts = template_facts(TEMPLATE)
    assert (facts["iso"], "checksum" in facts) == ("one/w.iso", False)
    assert image_name("inst", "1") == TEMPLATE.image


@pytest.mark.parametrize(
    ("place", "medium"),
    [
        ("one/w.iso", {"pool": "one", "volume": "w.iso"}),
        ("/srv/w.iso", {"path": "/srv/w.iso"}),
        ("https://h/a/w.iso?x=1", {"url": "https://h/a/w.iso?x=1"}),
        ("", {}),
    ],
)
def test_a_medium_in_the_words_of_a_drive(place: str, medium: dict[str, str]) -> None:
    assert replace(TEMPLATE, source={"iso": place} if place else {}).medium == medium


@pytest.mark.parametrize(
    ("place", "lost"),
    [
        ("one/w.iso", False),
        ("one/none.iso", True),
        ("off/o.iso", True),
        ("gone/o.iso", True),
        ("/iso/w.iso", False),
        ("/etc/hostname", False),
        ("/none.iso", True),
        ("http://h/a.iso", False),
        ("", False),
    ],
)
def test_a_medium_that_is_gone_is_told(place: str, lost: bool) -> None:
    template = replace(TEMPLATE, source={"iso": place})
    sentence = f"Template 'inst:1' has lost its medium {place}; bring it back, or remove the template."
    assert medium_trouble(HOST, template) == (sentence if lost else "")


def test_a_template_that_is_only_planned_has_its_medium() -> None:
    host = host_with()
    told = {"name": "inst", "version": "1", "pool": "one", "iso": "one/w.iso", "capacity": GIB}
    host.planned = Planned(pools={"one": {"target": "/iso"}}, templates=(told,))
    found = find_template(host, "inst")
    assert (found.medium, found.capacity) == ({"pool": "one", "volume": "w.iso"}, GIB)


def test_a_url_is_kept_whole_and_shown_without_what_may_be_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://h/w.iso?token=1"
    medium = installer.places.in_volume(HOST, "one", Volume("w.iso", image()), "/iso/w.iso", len(image()))
    monkeypatch.setattr(
        installer.places, "at_url", lambda _url, _timeout: replace(medium, place={"url": "https://h/w.iso"})
    )
    found = look_at_iso(HOST, IsoSpec(url), None, None, 30)
    assert isinstance(found, Installer)
    assert (found.place, found.origin.shown) == (url, "medium https://h/w.iso")
