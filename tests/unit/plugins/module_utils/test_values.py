# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values behave as frozen dataclasses do."""

from __future__ import annotations

import dataclasses
from dataclasses import field
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._values import dataclass


@dataclass(frozen=True)
class Ours:
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    origin: Any = field(default=None, compare=False)
    words: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class OursAsWell(Ours):
    more: int = 1


@dataclasses.dataclass(frozen=True)
class Theirs:
    name: str
    size: int = 0
    secret: str = field(default="", repr=False)
    origin: Any = field(default=None, compare=False)
    words: tuple[str, ...] = field(default_factory=tuple)


A: dict[str, Any] = {"name": "a", "size": 2, "secret": "s", "words": ("x",)}


@pytest.mark.parametrize("other", [A, {**A, "size": 3}, {**A, "secret": "t"}, {**A, "origin": 7}, {**A, "words": ()}])
def test_what_is_equal_and_what_is_hashed_alike(other: dict[str, Any]) -> None:
    same = Theirs(**A) == Theirs(**other)
    assert (Ours(**A) == Ours(**other)) is same
    assert (hash(Ours(**A)) == hash(Ours(**other))) is same
    assert len({Ours(**A), Ours(**other)}) == (1 if same else 2)


def test_another_class_is_never_equal() -> None:
    assert Ours("a") != OursAsWell("a")
    fields: object = ("a", 0, "", None, ())
    assert Ours("a") != fields


def test_what_is_shown_leaves_secrets_out() -> None:
    assert repr(Ours(**A)) == repr(Theirs(**A)).replace("Theirs", "Ours")
    assert "secret" not in repr(OursAsWell(**A))


def test_a_copy_with_a_difference() -> None:
    assert dataclasses.replace(OursAsWell("a", more=2), name="b") == OursAsWell("b", more=2)


def test_a_method_that_a_class_writes_itself_stays() -> None:
    @dataclass(frozen=True)
    class Own:
        name: str

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

    assert (Own("a") == Own("b"), hash(Own("a"))) == (True, 7)
