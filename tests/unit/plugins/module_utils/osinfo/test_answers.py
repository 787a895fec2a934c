# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of users' words a script can carry, and how the rest is refused."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.answers import Answers, checked

DISK = "/dev/vda"
USER = {"user": "me", "user_password": "pw"}
OPTIONS = {
    "target_disk": "The disk to install to",
    "user": "install.user.name",
    "user_realname": "install.user.full_name",
    "user_password": "install.user.password",
}
SECRETS = ("admin_password", "user_password", "product_key")
KEY = "AB1CD-23456-34567-45678-56789"

GOOD = {
    "target_disk": ["/dev/sda", "/dev/disk/by-id/virtio-1.2_3:4"],
    "hostname": ["web1", "Web-1.example.org", "a", "x" * 63],
    "admin_password": ["a", "S3cret&<#!%;|~", "a-b", "x" * 127],
    "user_password": ["p", "*?()[]{}^"],
    "user": ["me", "_a", "web-1_x", "rooty"],
    "user_realname": ["Me", "Mé B. Myself-Else", "a@b"],
    "language": ["C", "de", "de_DE", "de-DE", "de_DE.UTF-8", "ca_ES@valencia"],
    "keyboard": ["de", "de-latin1", "de_DE"],
    "timezone": ["UTC", "Europe/Berlin", "Etc/GMT+1", "America/Argentina/Buenos_Aires"],
    "product_key": [KEY],
}

# What ends a value in some script, or begins something else, whatever the answer.
QUOTED = ["a'b", 'a"b', "a\\b", "a$b", "a`b"]
EVIL = [*QUOTED, "", " ", "a\nb", "a\n", "a\tb", "a  b", " a", "a ", "a\x00b", "a\x1bb", "a\u202eb"]
BAD = {
    "target_disk": ["vda", "/dev/", "/dev/vda vdb", "C"],
    "hostname": ["-a", "a-", "a_b", "a..b", "x" * 64, "a b", ".".join(["x" * 60] * 5)],
    "admin_password": ["-n", "a b", "é", "x" * 128],
    "user_password": ["-n", "a b", "é", "x" * 128],
    "user": ["root", "administrator", "Me", "1a", "-a", "a b", "é", "x" * 33],
    "user_realname": ["a:b", "a,b", "a&b", "a<b", "a;b"],
    "language": ["d", "deutsch", "de DE", "de_DE;x"],
    "keyboard": ["de us", "-de", "de;x"],
    "timezone": ["/Europe", "Europe/", "../x", "Europe Berlin"],
    "product_key": ["x", KEY[:-1], KEY.replace("-", "")],
}


def _answers(name: str, value: str) -> Answers:
    more: dict[str, Any] = {**({} if name == "target_disk" else {"target_disk": DISK}), name: value}
    return Answers(**({**USER, **more} if name.startswith("user") else more))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_what_a_script_can_carry(name: str, value: str) -> None:
    assert value in checked(_answers(name, value)).values()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in [*values, *EVIL]]
)
def test_what_no_script_can_carry_is_refused_by_the_name_of_its_option(name: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        checked(_answers(name, value))
    told = str(caught.value)
    shown = "" if name in SECRETS else f" {value!r}"
    option = OPTIONS.get(name, f"install.{name}")
    assert re.fullmatch(rf"{re.escape(option + shown)} cannot be handed to an installer; write [^\n]+\.", told)
    assert told.isprintable()


def test_every_answer_has_rows() -> None:
    assert GOOD.keys() == BAD.keys() == {part.name for part in fields(Answers)}


def test_secrets_are_not_shown() -> None:
    shown = repr(Answers(DISK, **dict.fromkeys(SECRETS, "geheim")))
    assert "geheim" not in shown
    assert "/dev/vda" in shown


@pytest.mark.parametrize(
    ("said", "lacking"),
    [
        ({"user": "me"}, "install.user.password"),
        ({"user_password": "pw"}, "install.user.name"),
        ({"user_realname": "Me"}, "install.user.name and install.user.password"),
    ],
)
def test_half_a_user_is_refused(said: dict[str, str], lacking: str) -> None:
    with pytest.raises(Refused, match=rf"install\.user is not whole: it lacks {lacking}; say it, or leave"):
        checked(Answers(DISK, **said))


def test_answers_by_libosinfos_words() -> None:
    assert checked(Answers(DISK)) == {"target-disk": DISK}
    assert checked(Answers(DISK, hostname="web1", **USER)) == {
        "target-disk": DISK,
        "hostname": "web1",
        "user-login": "me",
        "user-realname": "me",
        "user-password": "pw",
    }
