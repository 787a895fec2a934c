# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script for a medium by its path; libosinfo's own part is in osinfo/test_scripts.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._media import unattended
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.iso9660 import Disc
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.places import Medium
from ansible_collections.kvmops.datacenter.plugins.module_utils._media.unattended import Question, script_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.answers import Answers

HOST = Hypervisor(None, "fake:///")
ANSWERS = Answers("/dev/vda", admin_password="geheim")
DISC = Disc(volume_id="Wonder 1", system_id="LINUX", size=7)


@pytest.fixture
def medium(monkeypatch: pytest.MonkeyPatch) -> dict[str, Medium]:
    """What is at paths, and a libosinfo that gives back what it is asked."""
    there: dict[str, Medium] = {}
    monkeypatch.setattr(unattended, "at_path", lambda _host, path: there[path])
    monkeypatch.setattr(unattended, "script_for", lambda *asked: asked)
    return there


def test_libosinfo_is_asked_by_the_ids_of_the_medium(medium: dict[str, Medium], tmp_path: Path) -> None:
    image = tmp_path / "w.iso"
    image.touch()
    medium[str(image)] = Medium({}, 9, DISC)
    asked: Any = script_of(HOST, Question(str(image), "jeos", ANSWERS, "mine"))
    assert asked == ({"volume-id": "Wonder 1", "system-id": "LINUX"}, 7, "jeos", ANSWERS, "mine")
    assert "geheim" not in repr(Question(str(image), None, ANSWERS, "geheim"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Medium({}, 9, None, "The file /w.iso is no ISO 9660 image."), "is no ISO 9660 image"),
        (Medium({}, 9, DISC, "The file /w.iso is cut off."), "is cut off"),
        (Medium({}, 9, DISC), r"/w\.iso is no file or block device there; bring it into a pool"),
    ],
)
def test_what_cannot_be_read_here(medium: dict[str, Medium], found: Medium, words: str) -> None:
    medium["/w.iso"] = found
    with pytest.raises(Refused, match=words):
        script_of(HOST, Question("/w.iso", None, ANSWERS))
