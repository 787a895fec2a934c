# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab takes from the machine's apt: sources, settings, and which packages there are."""

from __future__ import annotations

import pytest

from kvmlab import apt, image
from kvmlab.errors import LabError

ONE_MIRROR = """Debian|http://mirror.example/debian/|bookworm|main
Debian|http://mirror.example/debian/|bookworm|contrib
Debian|http://mirror.example/debian/|bookworm|main
Debian|http://mirror.example/security/|bookworm-security|main
"""


@pytest.mark.parametrize(
    ("targets", "origin", "lines"),
    [
        pytest.param("", "Debian", [], id="apt has no sources"),
        pytest.param(
            ONE_MIRROR,
            "Debian",
            [
                "deb http://mirror.example/debian/ bookworm main contrib",
                "deb http://mirror.example/security/ bookworm-security main",
            ],
            id="components of a suite make one line",
        ),
        pytest.param(
            "Docker|https://other.example/linux/|bookworm|stable\nUbuntu|http://mirror.example/|noble|universe\n",
            "Ubuntu",
            ["deb http://mirror.example/ noble universe"],
            id="a third party is left out",
        ),
        pytest.param(
            "$(ORIGIN)|http://mirror.example/debian/|bookworm|main\n", "Debian", [], id="no lists yet: nothing is known"
        ),
    ],
)
def test_sources_are_those_of_the_distribution(targets: str, origin: str, lines: list[str]) -> None:
    assert apt.source_lines(targets, origin) == lines


def test_only_settings_of_fetching_are_kept() -> None:
    dump = "\n".join(
        [
            'Acquire "";',
            'Acquire::Check-Date "false";',
            'Acquire::http::Proxy "http://proxy.example:3128/";',
            'Acquire::https::CAInfo "/etc/ca.pem";',
            'Acquire::cdrom::mount "/media/cdrom/";',
            'Acquire::IndexTargets::deb::Packages::MetaKey "$(COMPONENT)/Packages";',
        ]
    )
    assert apt.settings(dump) == [
        'Acquire::Check-Date "false"',
        'Acquire::http::Proxy "http://proxy.example:3128/"',
        'Acquire::https::CAInfo "/etc/ca.pem"',
    ]


def test_packages_without_a_candidate_are_unknown() -> None:
    policy = (
        "qemu-utils:\n  Installed: (none)\n  Candidate: 1:7.2\n  Version table:\n     1:7.2 500\n"
        "only-virtual:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
        "there:\n  Installed: 1\n  Candidate: 1\n  Version table:\n *** 1 500\n"
    )
    assert apt.candidates(policy) == {"qemu-utils", "there"}


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('ID=debian\nVERSION_CODENAME=bookworm\nNAME="Debian GNU/Linux"\n', ("debian", "bookworm", "Debian GNU/Linux")),
        ("ID='ubuntu'\n# a comment\nVERSION_CODENAME=noble\nNAME=Ubuntu\n", ("ubuntu", "noble", "Ubuntu")),
    ],
)
def test_os_release(text: str, fields: tuple[str, str, str]) -> None:
    found = apt.os_release(text)
    assert (found["ID"], found["VERSION_CODENAME"], found["NAME"]) == fields


def test_another_distribution_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "os_release", lambda _text: {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 41"})
    with pytest.raises(LabError, match="not on Fedora Linux 41"):
        apt.machine_release()


def test_packages_of_the_image() -> None:
    assert image.packages("# topic\na b?\n\nc\n") == (["a", "c"], ["b"])


def test_the_recipe_of_the_image_follows_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "machine_release", lambda: ("Debian", "bookworm"))
    before = image.recipe()
    assert image.recipe() == before
    monkeypatch.setattr(apt, "machine_release", lambda: ("Debian", "trixie"))
    assert image.recipe() != before
