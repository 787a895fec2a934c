# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What installers ask, by users' words and by libosinfo's, and what of an answer a script can carry."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import field

from .._errors import Refused
from .._values import dataclass


@dataclass(frozen=True)
class Answers:
    """What an installer asks; None where nothing is said. `target_disk` is a path as the guest sees it, /dev/vda."""

    target_disk: str
    hostname: str | None = None
    admin_password: str | None = field(default=None, repr=False)
    user: str | None = None
    user_realname: str | None = None
    user_password: str | None = field(default=None, repr=False)
    language: str | None = None
    keyboard: str | None = None
    timezone: str | None = None
    product_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Rule:
    """An answer: its name in `Answers`, libosinfo's word, its option, what it may be, and that in words."""

    name: str
    word: str
    option: str
    pattern: str
    advice: str
    secret: bool = False


# Scripts write a password between single quotes of a shell, after `echo`, and bare into lines of a preseed.
_PASSWORD = r"(?!-)[!#%&(-\[\]-_a-~]{1,127}"
_PASSWORD_ADVICE = (
    "write up to 127 letters, digits and signs of ASCII without spaces, quotes, $, ` and \\, and no - at the beginning"
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

_RULES = (
    _Rule(
        *("target_disk", "target-disk", "The disk to install to", r"/dev/[A-Za-z0-9][A-Za-z0-9/_.:+-]*"),
        "write its path in the guest, such as /dev/vda",
    ),
    _Rule(
        *("hostname", "hostname", "install.hostname", rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*"),
        "write letters, digits and - inside, with dots between names",
    ),
    _Rule("admin_password", "admin-password", "install.admin_password", _PASSWORD, _PASSWORD_ADVICE, secret=True),
    _Rule(
        *("user", "user-login", "install.user.name", r"(?!(?:root|administrator)\Z)[a-z_][a-z0-9_-]{0,31}"),
        "write up to 32 lower-case letters, digits, - and _ from a letter on, and neither root nor administrator",
    ),
    _Rule(
        *("user_realname", "user-realname", "install.user.full_name", r"[\w.@+-]+(?: [\w.@+-]+)*"),
        "write words of letters, digits and . - _ + @ with single spaces between them",
    ),
    _Rule("user_password", "user-password", "install.user.password", _PASSWORD, _PASSWORD_ADVICE, secret=True),
    _Rule(
        *("language", "l10n-language", "install.language", r"(?:C|[A-Za-z]{2,3})(?:[_.@-][A-Za-z0-9]{1,12})*"),
        "write a language as the system names it, such as de_DE",
    ),
    _Rule(
        *("keyboard", "l10n-keyboard", "install.keyboard", r"[A-Za-z0-9][A-Za-z0-9_.-]*"),
        "write a layout as the system names it, such as de",
    ),
    _Rule(
        *(
            "timezone",
            "l10n-timezone",
            "install.timezone",
            r"[A-Za-z0-9][A-Za-z0-9+_-]*(?:/[A-Za-z0-9][A-Za-z0-9+_-]*)*",
        ),
        "write its name, such as Europe/Berlin",
    ),
    _Rule(
        *("product_key", "reg-product-key", "install.product_key", r"[A-Za-z0-9]{5}(?:-[A-Za-z0-9]{5}){4}"),
        "write five groups of five letters and digits with - between them",
        secret=True,
    ),
)
_OPTIONS = {rule.word: rule.option for rule in _RULES}


def checked(answers: Answers) -> dict[str, str]:
    """Return answers by libosinfo's words, those alone that are given; Refused where a script could not carry one.

    The real name of a user is the user's name where nothing is said. No sentence shows a secret.
    """
    said = {rule.word: _carried(rule, getattr(answers, rule.name)) for rule in _RULES}
    given = {word: value for word, value in said.items() if value is not None}
    parts = {"user-login", "user-password"}
    if given.keys() & {*parts, "user-realname"} and not given.keys() >= parts:
        missing = options_of(parts - given.keys())
        raise Refused(
            f"install.user is not whole: it lacks {' and '.join(missing)}; say it, or leave install.user out."
        )
    if "user-login" in given:
        given.setdefault("user-realname", given["user-login"])
    return given


def _carried(rule: _Rule, value: str | None) -> str | None:
    if value is None or re.fullmatch(rule.pattern, value):
        return value
    shown = "" if rule.secret else f" {value!r}"
    raise Refused(f"{rule.option}{shown} cannot be handed to an installer; {rule.advice}.")


def options_of(words: Collection[str]) -> list[str]:
    """Return libosinfo's words as users know them, sorted; one that no option says is called by libosinfo's word.

    The real name of a user follows from the name.
    """
    known = {**_OPTIONS, "user-realname": _OPTIONS["user-login"]}
    return sorted({known.get(word, f"'{word}' (which no option says)") for word in words})
