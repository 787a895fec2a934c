# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library and its data: asked for late, once, and what is said where they are missing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import MissingLibrary
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.recommended import recommended

from tests.unit.plugins.module_utils.osinfo.library import Host


def test_the_database_is_loaded_once_and_only_when_asked(host: Host) -> None:
    assert host.loads == 0
    assert [recommended(os_id).name for os_id in ("win11", "debian12")] == ["Wonder OS (win11)", "Wonder OS (debian12)"]
    assert host.loads == 1


@pytest.mark.parametrize(
    ("known", "package"),
    [(Host("debian12", typelib=False), "gir1.2-libosinfo-1.0"), (Host(), "osinfo-db")],
)
def test_a_host_without_the_library_or_its_data_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, database: Any, known: Host, package: str
) -> None:
    monkeypatch.setattr(database, "library", known.library)
    with pytest.raises(KvmError, match=rf"on this host; install the package {package}\.$"):
        recommended("debian12")


def test_a_host_whose_python_lacks_gi_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch, database: Any) -> None:
    monkeypatch.setattr(database, "library", MissingLibrary)
    with pytest.raises(KvmError, match=r"library gi is missing .* python3-gi \(with gir1\.2-libosinfo-1\.0\)"):
        recommended("debian12")
