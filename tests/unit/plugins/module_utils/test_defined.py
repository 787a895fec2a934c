# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt is told when pools and networks are kept, started, stopped and forgotten, and what stops that.

A stand-in listens: with libvirt's test driver nobody else starts, stops or forgets anything meanwhile.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._defined import (
    Keep,
    Kind,
    SetAutostart,
    Start,
    Stop,
    Undefine,
    definition_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import NotFound
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Change

from tests.unit.plugins.module_utils.stand_in import StandIn, failure


def kind(thing: StandIn | None, defined: list[str]) -> Kind:
    return Kind("thing", lambda _host, _name: thing, lambda _host, xml: defined.append(xml))


HOST = Hypervisor(None, "fake:///")
TOLD: list[tuple[type[Change], tuple[Any, ...], dict[str, Any], list[tuple[Any, ...]]]] = [
    (Start, (), {"isActive": 0}, [("create",)]),
    (Start, (), {"isActive": 1}, []),
    (Stop, (), {"isActive": 1}, [("destroy",)]),
    (Stop, (), {"isActive": 0}, []),
    (Undefine, (), {}, [("undefine",)]),
    (SetAutostart, (True,), {}, [("setAutostart", 1)]),
    (SetAutostart, (False,), {}, [("setAutostart", 0)]),
]


@pytest.mark.parametrize(("change", "more", "answers", "told"), TOLD)
def test_what_libvirt_is_told(
    change: Any, more: tuple[Any, ...], answers: dict[str, Any], told: list[tuple[Any, ...]]
) -> None:
    thing = StandIn(**answers)
    change(kind(thing, []), "x", *more).carry_out(HOST)
    assert thing.told == told


@pytest.mark.parametrize(
    ("change", "more", "stops"),
    [(Start, (), True), (SetAutostart, (True,), True), (Keep, (), True), (Stop, (), False), (Undefine, (), False)],
)
def test_what_has_gone_meanwhile_is_named(change: Any, more: tuple[Any, ...], stops: bool) -> None:
    defined: list[str] = []
    with pytest.raises(NotFound, match="Thing 'x' does not exist on fake:/// any more") if stops else nullcontext():
        change(kind(None, defined), "x", *more).carry_out(HOST)
    assert defined == []


INACTIVE = libvirt.VIR_STORAGE_XML_INACTIVE


def describe(flags: int) -> str:
    return "<next/>" if flags == INACTIVE else "<now/>"


def test_what_is_kept_is_what_the_next_start_uses() -> None:
    defined: list[str] = []
    Keep(kind(StandIn(XMLDesc=describe), defined), "x").carry_out(HOST)
    assert defined == ["<next/>"]


@pytest.mark.parametrize(
    ("code", "told"), [(libvirt.VIR_ERR_INVALID_ARG, "<now/>"), (libvirt.VIR_ERR_INTERNAL_ERROR, "")]
)
def test_only_a_driver_that_does_not_know_the_flag_is_asked_without(code: int, told: str) -> None:
    """Or else a definition would be overwritten by what just runs."""

    def describe_now(flags: int) -> str:
        if flags:
            raise failure(code)
        return "<now/>"

    with nullcontext() if told else pytest.raises(libvirt.libvirtError):
        assert definition_of(StandIn(XMLDesc=describe_now)) == told


@pytest.mark.parametrize(("gone", "after"), [((), "inactive"), ((True,), None)])
def test_what_is_forgotten_next_has_no_state(gone: tuple[bool, ...], after: str | None) -> None:
    assert Stop(kind(None, []), "x", *gone).difference == ("thing x state", "active", after)
