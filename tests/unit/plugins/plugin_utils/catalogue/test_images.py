# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogues of images: what is read, which entry wins, and what templates become of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError, AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible_collections.kvmops.datacenter.plugins.filter.from_catalogue import FilterModule
from ansible_collections.kvmops.datacenter.plugins.lookup.image_catalogue import LookupModule
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._catalogue.images import read_catalogue

SHIPPED = Path(__file__).resolve().parents[5] / "roles" / "template_library" / "files" / "catalogue"
FILLED = FilterModule().filters()["from_catalogue"]
URL = "https://images.example.org/"


def drop_in(folder: Path, **files: Any) -> Path:
    """Return a folder with these files; what is no text is written as YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_what_comes_later_wins(tmp_path: Path) -> None:
    first = drop_in(
        tmp_path / "first",
        b_yml={"debian": {"url": f"{URL}b"}, "only": {"url": f"{URL}only"}},
        a_yaml={"debian": {"url": f"{URL}a", "os": "debian12"}},
        c_txt="not: [read",
    )
    (first / ".d.yml").write_text("not: [read")
    second = drop_in(tmp_path / "second", a_yml={"debian": {"src": "/mine.qcow2"}})
    assert read_catalogue([first]) == {"debian": {"url": f"{URL}b"}, "only": {"url": f"{URL}only"}}
    assert read_catalogue([first, second])["debian"] == {"src": "/mine.qcow2"}
    assert read_catalogue([second, first])["debian"] == {"url": f"{URL}b"}
    assert read_catalogue([]) == {}
    assert read_catalogue([drop_in(tmp_path / "third", a_yml={"netinst": {"iso": f"{URL}a.iso"}})])["netinst"]


def test_a_lookup_reads_folders(tmp_path: Path) -> None:
    drop_in(tmp_path / "images.d", a_yml={"debian": {"url": f"{URL}a"}})
    loader = DataLoader()
    loader.set_basedir(str(tmp_path))
    lookup = LookupModule(loader=loader)
    assert lookup.run(["images.d", str(tmp_path / "images.d")]) == [{"debian": {"url": f"{URL}a"}}]
    assert lookup.run([]) == [{}]
    with pytest.raises(AnsibleLookupError, match="none is no folder of the control node; make it"):
        lookup.run(["none"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [b", "is not YAML ("),
        ("\x80", "is not YAML ("),
        ("", "has no images; write names, and what each image is below its name."),
        ("- a", "has no images; write names"),
        ({"a": None}, "Image 'a' of {}/x.yml says nothing; give it at least a url."),
        ({"a": {}}, "Image 'a' of {}/x.yml needs one place where it comes from; give one of "),
        ({"a": {"url": URL, "src": "/x"}}, "needs one place where it comes from"),
        ({"a": {"url": URL, "chekcsum": "x"}}, "says 'chekcsum', which is nothing of an image; write checksum."),
        ({"a": {"url": URL, "pool": "p"}}, "says 'pool', which is nothing of an image;"),
        ({"a": {"url": URL, "_source": {}}}, "says '_source', which is nothing of an image;"),
    ],
)
def test_a_file_that_is_no_catalogue(tmp_path: Path, content: Any, words: str) -> None:
    drop_in(tmp_path)
    if isinstance(content, str):
        (tmp_path / "x.yml").write_bytes(content.encode("latin-1"))
    else:
        drop_in(tmp_path, x_yml=content)
    with pytest.raises(AnsibleLookupError) as caught:
        LookupModule(loader=DataLoader()).run([str(tmp_path)])
    assert words.format(tmp_path) in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yml").mkdir()
    with pytest.raises(AnsibleLookupError, match=r"x\.yml cannot be read \(Is a directory\); mend its rights"):
        LookupModule(loader=DataLoader()).run([str(tmp_path)])


CATALOGUE = {"debian12": {"url": f"{URL}debian12", "os": "debian12", "version": "7", "timeout": 60}}
KNOWN = [
    {"name": "debian12", "url": f"{URL}old", "os": "debian12", "description": "Debian 12", "format": "qcow2"},
    {"name": "rocky8", "url": f"{URL}rocky8", "os": "rocky8", "description": "Rocky Linux 8", "format": "qcow2"},
]


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ({"name": "a", "image": "debian12"}, {"name": "a", "pool": "p", **CATALOGUE["debian12"]}),
        (
            {"name": "a", "image": "debian12", "version": "8", "pool": "q", "os": ""},
            {"name": "a", "pool": "q", **CATALOGUE["debian12"], "version": "8", "os": ""},
        ),
        (
            {"name": "a", "image": "rocky8"},
            {"name": "a", "pool": "p", "url": f"{URL}rocky8", "os": "rocky8", "description": "Rocky Linux 8"},
        ),
        ({"name": "a", "src": "/x"}, {"name": "a", "pool": "p", "src": "/x"}),
        ({"name": "a", "image": "", "src": "/x"}, {"name": "a", "pool": "p", "src": "/x"}),
        ({"name": "a", "image": "gone", "state": "absent"}, {"name": "a", "pool": "p", "state": "absent"}),
    ],
)
def test_what_a_template_becomes(template: dict[str, Any], filled: dict[str, Any]) -> None:
    assert FILLED([template], CATALOGUE, "p", KNOWN) == [filled]


def test_nothing_but_templates_is_needed() -> None:
    assert FILLED([{"name": "a", "src": "/x"}]) == [{"name": "a", "pool": "default", "src": "/x"}]


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        (
            {"name": "a", "image": "debian"},
            (
                "Template 'a': the image 'debian' is in no catalogue, nor in the host's osinfo-db; "
                "choose one like it (debian12), or add it to your catalogue."
            ),
        ),
        (
            {"name": "a", "image": "zzz"},
            "Template 'a': the image 'zzz' is in no catalogue, nor in the host's osinfo-db; add it to your catalogue.",
        ),
        (
            {"name": "a", "image": "debian12", "url": URL},
            "Template 'a' names an image, and url besides; leave one of them out.",
        ),
        (
            {"name": "a", "image": "debian12", "iso": "media/a.iso"},
            "Template 'a' names an image, and iso besides; leave one of them out.",
        ),
        ({"name": "a", "imag": "x"}, "Template 'a' says 'imag', which is nothing of a template; write image."),
        ({"image": "debian12"}, "The entry \"{'image': 'debian12'}\" of the templates has no name; give it one."),
        ("debian12", "The entry 'debian12' of the templates has no name; give it one."),
    ],
)
def test_what_cannot_be_a_template(template: Any, sentence: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        FILLED([template], CATALOGUE, "p", KNOWN)
    assert str(caught.value) == sentence


def test_the_catalogue_of_the_role_names_images_as_libosinfo_does() -> None:
    shipped = read_catalogue([SHIPPED])
    assert "debian12" in shipped
    assert [name for name, entry in shipped.items() if entry["os"] != name] == []
    assert [name for name, entry in shipped.items() if not entry["url"].startswith("https://")] == []
