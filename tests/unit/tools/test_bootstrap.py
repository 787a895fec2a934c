# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bootstrap finds on a machine and decides to install."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools import bootstrap, oslib, pipsettings, pythons
from tools.pythons import Python

COMPLETE = Python("/p/3.12", (3, 12, 1), final=True, in_venv=False, of_the_os=False, headers=True, ensurepip=True)
DEBIAN = Python(
    "/usr/bin/python3", (3, 13, 5), final=True, in_venv=False, of_the_os=True, headers=False, ensurepip=False
)

BINDEP = """
# a comment
gcc [platform:dpkg platform:rpm]
libvirt-devel [platform:rpm]
shellcheck [test platform:dpkg]  # with a reason
debootstrap [lab platform:dpkg]
git
"""


@pytest.mark.parametrize(
    ("profiles", "names"),
    [
        ([], ["gcc", "git"]),
        (["test"], ["gcc", "shellcheck", "git"]),
        (["lab", "test"], ["gcc", "shellcheck", "debootstrap", "git"]),
    ],
)
def test_bindep_lines_are_selected_by_platform_and_profile(profiles: list[str], names: list[str]) -> None:
    assert oslib.selected(BINDEP, profiles) == names


def test_a_bindep_line_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="gcc >= 12"):
        oslib.selected("gcc >= 12", [])


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([COMPLETE], COMPLETE),
        ([COMPLETE, DEBIAN], DEBIAN),
        ([COMPLETE, replace(COMPLETE, path="/q", version=(3, 9, 18))], COMPLETE),
        ([COMPLETE, replace(COMPLETE, path="/q", version=(3, 14, 0), final=False)], COMPLETE),
        ([COMPLETE, replace(COMPLETE, path="/q", version=(3, 13, 0), in_venv=True)], COMPLETE),
        ([COMPLETE, replace(COMPLETE, path="/q", version=(3, 13, 0), headers=False)], COMPLETE),
        ([COMPLETE, replace(COMPLETE, path="/q")], COMPLETE),
    ],
)
def test_the_newest_usable_python_is_chosen(found: list[Python], chosen: Python) -> None:
    assert pythons.choose(found) == chosen


def test_without_a_usable_python_the_error_says_what_is_needed() -> None:
    with pytest.raises(pythons.NoPython, match=r"No Python 3\.11 or newer"):
        pythons.choose([replace(COMPLETE, version=(3, 10, 13))])


@pytest.mark.parametrize(
    ("python", "packages"),
    [
        (COMPLETE, []),
        (replace(COMPLETE, headers=False), []),
        (DEBIAN, ["python3.13-dev", "python3.13-venv"]),
        (replace(DEBIAN, headers=True, ensurepip=True), []),
    ],
)
def test_what_debian_splits_from_python_is_installed(python: Python, packages: list[str]) -> None:
    assert python.os_packages() == packages


def test_only_names_of_pythons_are_candidates(tmp_path: Path) -> None:
    for name in ("python3", "python3.13", "python3-config", "python3.13t", "python", "pypy3"):
        (tmp_path / name).touch()
    assert [file.name for file in pythons.candidates([tmp_path, tmp_path / "absent"])] == ["python3", "python3.13"]


def test_folders_of_version_managers_are_searched_after_path(tmp_path: Path) -> None:
    managed = tmp_path / "manager" / "versions" / "3.13.0" / "bin"
    managed.mkdir(parents=True)
    found = pythons.folders({"PATH": "/a:/b", "PYENV_ROOT": str(tmp_path / "manager")}, home=tmp_path)
    assert found[:3] == [Path("/a"), Path("/b"), managed]


def test_pip_settings_become_those_of_uv_and_of_a_file() -> None:
    listing = ":env:.index-url='https://a/simple'\nglobal.find-links='/w'\nglobal.index-url='https://b/simple'\n"
    listing += "global.extra-index-url='\\nhttps://c\\nhttps://d'\n"
    settings = pipsettings.parse(listing)
    assert pipsettings.for_uv(settings) == {
        "UV_DEFAULT_INDEX": "https://a/simple",
        "UV_INDEX": "https://c https://d",
        "UV_FIND_LINKS": "/w",
    }
    assert pipsettings.for_pip(settings).splitlines() == [
        "[global]",
        "index-url = https://a/simple",
        "find-links = /w",
        "extra-index-url = https://c https://d",
    ]


def test_the_fingerprint_changes_with_folder_profile_and_requirements(tmp_path: Path) -> None:
    keys = []
    for folder, text in (("one", "a"), ("two", "a"), ("three", "b")):
        (tmp_path / folder).mkdir()
        for name in bootstrap.REQUIREMENTS.values():
            (tmp_path / folder / name).write_text(text)
        keys += [bootstrap.fingerprint(profile, tmp_path / folder) for profile in ("demo", "test")]
    assert len(set(keys)) == 6
    assert bootstrap.fingerprint("demo", tmp_path / "one") == keys[0]
