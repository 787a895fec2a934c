# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an unattended installation takes, and where there is none; real scripts are in the integration tests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.answers import Answers
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.scripts import script_for

from tests.unit.plugins.module_utils.osinfo.library import GIB, Host, Medium, Script

KNOWN = {"volume-id": "WONDER"}
ANSWERS = Answers("/dev/vdb", hostname="web1", admin_password="geheim")
KEY = "AB1CD-23456-34567-45678-56789"
PATHS = {"get_kernel_path": "boot/linux", "get_initrd_path": "boot/initrd"}


def linux(*scripts: Script, **more: Any) -> Medium:
    return Medium(*scripts, **{**PATHS, **more})


def lines(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_a_script_in_the_initrd(host: Host) -> None:
    host.medium = linux(Script("jeos", "admin-password!", "hostname", name="wonder.ks"), get_architecture="x86_64")
    script = script_for(KNOWN, GIB, None, ANSWERS)
    assert (script.os, script.profile, script.method, script.reboots) == ("wonder1", "jeos", "initrd", 1)
    assert (script.kernel, script.initrd, script.command_line) == ("boot/linux", "boot/initrd", "ks=/web1")
    assert list(script.files) == ["wonder.ks"]
    assert script.files["wonder.ks"].startswith("from media by 8\n")
    assert lines(script.files["wonder.ks"]) == {
        "admin-password": "geheim",
        "hardware-arch": "x86_64",
        "hostname": "web1",
        "l10n-keyboard": "us",
        "l10n-language": "en_US",
        "l10n-timezone": "Etc/UTC",
        "target-disk": "/dev/vdb",
        "user-login": "",
        "user-password": "",
        "user-realname": "",
    }
    assert "geheim" not in repr(script)


def test_answers_come_before_what_is_taken_otherwise(host: Host) -> None:
    host.medium = linux(Script("jeos"), get_languages=["fr_FR"])
    user = {"user": "me", "user_password": "pw"}
    said = Answers("/dev/vda", hostname="a", language="de_DE", keyboard="de", timezone="Europe/Berlin", **user)
    told = lines(script_for(KNOWN, GIB, "jeos", said).files["answers"])
    assert [told[word] for word in ("l10n-language", "l10n-keyboard", "l10n-timezone")] == [
        "de_DE",
        "de",
        "Europe/Berlin",
    ]
    assert [told[f"user-{word}"] for word in ("login", "realname", "password")] == ["me", "me", "pw"]


def test_scripts_of_windows_are_files_on_a_cdrom(host: Host) -> None:
    answers = Script("desktop", "reg-product-key!", "hardware-arch!", "hostname!", name="answers.xml", methods=5)
    command = Script("desktop", "user-realname!", name="windows.cmd", methods=5)
    host.medium = Medium(answers, Script("jeos"), command, get_languages=["fr_FR", "de_DE"], get_installer_reboots=-1)
    said = Answers("/dev/vda", hostname="x" * 15, product_key=KEY, user="me", user_password="pw")
    script = script_for(KNOWN, GIB, "desktop", said)
    assert (script.method, script.command_line, script.kernel, script.initrd) == ("cdrom", "", "", "")
    assert script.reboots == 0
    assert list(script.files) == ["answers.xml", "windows.cmd"]
    assert script.files["windows.cmd"].startswith("from media by 1\n")
    told = lines(script.files["answers.xml"])
    assert (told["l10n-language"], told["user-login"], told["reg-product-key"]) == ("fr_FR", "me", KEY)
    assert "target-disk" not in told


def test_windows_is_told_of_no_user_where_there_is_none(host: Host) -> None:
    host.medium = Medium(Script("jeos", methods=1))
    assert "user-login" not in lines(script_for(KNOWN, GIB, None, ANSWERS).files["answers"])


@pytest.mark.parametrize(
    ("profiles", "wanted", "taken"),
    [
        (("desktop", "jeos"), None, "jeos"),
        (("server", "desktop"), None, "desktop"),
        (("desktop", "jeos"), "desktop", "desktop"),
    ],
)
def test_the_profile_that_is_taken(host: Host, profiles: tuple[str, ...], wanted: str | None, taken: str) -> None:
    host.medium = linux(*(Script(name, name=f"{name}.ks") for name in profiles))
    script = script_for(KNOWN, GIB, wanted, ANSWERS)
    assert (script.profile, list(script.files)) == (taken, [f"{taken}.ks"])


OUT = "choose another medium, or leave install out."
MEDIUM, PROFILE = "The installation medium (wonder1)", "install.profile 'jeos' of wonder1"
NOWHERE = (
    "libosinfo does not say where kernel and initrd are on the installation medium (wonder1), which its script needs"
)
REFUSED: list[tuple[Medium, str | None, str]] = [
    (linux(), None, f"{MEDIUM} takes no script, as libosinfo knows it; {OUT}"),
    (linux(Script("jeos"), takes=False), None, f"{MEDIUM} takes no script, as libosinfo knows it; {OUT}"),
    (linux(Script("jeos"), installer=False), None, f"{MEDIUM} is no installer, as libosinfo knows it; {OUT}"),
    (
        linux(Script("jeos"), Script("desktop")),
        "server",
        f"{MEDIUM} has no script for install.profile 'server'; choose desktop or jeos.",
    ),
    (Medium(Script("jeos")), None, f"{NOWHERE}; {OUT}"),
    (linux(Script("jeos"), get_initrd_path=None), None, f"{NOWHERE}; {OUT}"),
    (
        Medium(Script("jeos", methods=4), Script("jeos", methods=5)),
        None,
        f"{PROFILE} takes its script neither in its initrd nor on a CD-ROM, but on a floppy disk; {OUT}",
    ),
    (
        linux(Script("jeos", "user-login!", "admin-password!", "l10n-language!")),
        None,
        f"{PROFILE} asks for install.user.name, install.user.password; say it.",
    ),
    (
        linux(Script("jeos", "reg-product-key!"), Script("jeos", "user-realname!", "avatar!")),
        None,
        (
            f"{PROFILE} asks for 'avatar' (which no option says), install.product_key, install.user.name, "
            "install.user.password; say it."
        ),
    ),
]


@pytest.mark.parametrize(("medium", "profile", "sentence"), REFUSED)
def test_where_there_is_no_unattended_installation(
    host: Host, medium: Medium, profile: str | None, sentence: str
) -> None:
    host.medium = medium
    with pytest.raises(Refused) as caught:
        script_for(KNOWN, GIB, profile, ANSWERS)
    assert str(caught.value) == sentence


def test_a_medium_that_is_not_known(host: Host) -> None:
    with pytest.raises(Refused, match="is not known to libosinfo on this host; update the package osinfo-db"):
        script_for({"volume-id": "PLAIN"}, GIB, None, ANSWERS)


def test_answers_are_judged_before_libosinfo_sees_them(host: Host) -> None:
    with pytest.raises(Refused, match=r"install\.admin_password cannot be handed"):
        script_for(KNOWN, GIB, None, Answers("/dev/vda", admin_password="a'b"))
    assert host.loads == 0


@pytest.mark.parametrize(
    ("script", "length", "refused"),
    [
        (Script("jeos", "hostname", methods=1), 16, True),
        (Script("jeos", "hostname", methods=1), 15, False),
        (Script("jeos", methods=1), 16, False),
        (Script("jeos", "hostname"), 16, False),
    ],
)
def test_windows_takes_short_names_only(host: Host, script: Script, length: int, refused: bool) -> None:
    host.medium = linux(script)
    answers = Answers("/dev/vda", hostname="x" * length)
    if refused:
        with pytest.raises(Refused, match="is longer than the 15 characters that wonder1 takes; shorten it"):
            script_for(KNOWN, GIB, None, answers)
    else:
        assert "hostname=xxx" in script_for(KNOWN, GIB, None, answers).files["answers"]


def test_a_script_is_mended_for_its_medium(host: Host) -> None:
    host.medium = linux(Script("jeos", mended="cdrom\nurl --url=u\nend"))
    assert script_for(KNOWN, 2 * GIB, None, ANSWERS).files["answers"].endswith("\ncdrom\nend")
    assert script_for(KNOWN, GIB, None, ANSWERS).files["answers"].endswith("\ncdrom\nurl --url=u\nend")


def test_what_libosinfo_cannot_write_is_told(host: Host) -> None:
    host.medium = linux(Script("jeos", mended="broken"))
    with pytest.raises(KvmError, match=r"cannot write its script http://wonder.example/jeos \(no such template\)"):
        script_for(KNOWN, GIB, None, ANSWERS)


def test_a_script_of_the_users_own_needs_no_answers(host: Host) -> None:
    host.medium = linux(Script("jeos", "admin-password!", name="wonder.ks"))
    script = script_for(KNOWN, GIB, None, Answers("/dev/vda", hostname="web1"), own="geheim")
    assert (script.files, script.method, script.command_line) == ({"wonder.ks": "geheim"}, "initrd", "ks=/web1")
    assert "geheim" not in repr(script)
    with pytest.raises(Refused, match=r"asks for install\.admin_password"):
        script_for(KNOWN, GIB, None, Answers("/dev/vda"))
