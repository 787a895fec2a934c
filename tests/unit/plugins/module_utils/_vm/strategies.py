# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wishes at random, made from the declarations of the fields: what a new one can be is known from itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.kvmops.datacenter.plugins.module_utils._composite import Group, Items, Order, Table
from ansible_collections.kvmops.datacenter.plugins.module_utils._field_kinds import (
    Bytes,
    Integer,
    Mac,
    Matching,
    Presence,
    Size,
    Switch,
    Text,
    Words,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._fields import Element, Field
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import Device
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.traffic import Tags
from hypothesis import strategies as st

WORD = st.text("abcdefgh0123", min_size=1, max_size=6)
SIZE = st.sampled_from(["1MiB", "2MiB", "64MiB", "512MiB", "1GiB", "2GiB", "3GiB"])
MAC = st.integers(0, 15).map(lambda number: f"52:54:00:00:00:{number:02x}")
PATH = WORD.map(lambda word: f"/p/{word}")
ADDRESS = st.integers(1, 200).map(lambda number: f"192.0.2.{number}")


def value_of(field: Field) -> st.SearchStrategy[Any]:
    """Return the values that a user may write for a field."""
    if isinstance(field, Group):
        return options_of(field.element)
    if isinstance(field, Items):
        return st.lists(options_of(field.element, field.key), max_size=2)
    if isinstance(field, Table):
        words = st.sampled_from(field.choices) if field.choices else st.sampled_from(["0", "1", "0-1"])
        return st.dictionaries(st.sampled_from(["0", "1"] if not field.choices else ["aes", "svm", "x2apic"]), words)
    if isinstance(field, Order):
        return st.lists(st.sampled_from(field.choices or ("a", "b")), unique=True, max_size=3)
    if field.choices:
        return st.sampled_from(field.choices)
    return next(make(field) for kinds, make in _PLAIN if isinstance(field, kinds))


# What a field that is not made of others can be, the narrower kind first.
_PLAIN: list[tuple[tuple[type[Field], ...], Callable[[Any], st.SearchStrategy[Any]]]] = [
    ((Switch, Presence), lambda _field: st.booleans()),
    ((Integer,), lambda field: st.integers(field.least, min(field.most, field.least + 40))),
    ((Size, Bytes), lambda _field: SIZE),
    ((Mac,), lambda _field: MAC),
    ((Matching,), lambda field: st.just(field.example)),
    ((Words,), lambda _field: st.lists(WORD, max_size=3)),
    ((Tags,), lambda _field: st.lists(st.integers(1, 40), max_size=3)),
    ((Text,), lambda _field: st.one_of(WORD, PATH, ADDRESS)),
]


def options_of(element: type[Element], always: Any = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Return dictionaries of an element's options, of which some are always named."""
    values = {name: value_of(field) for name, field in element.fields.items()}
    required = {name: value for name, value in values.items() if name in always or element.fields[name].required}
    return st.fixed_dictionaries(required, optional={k: v for k, v in values.items() if k not in required})


def devices_of(device: type[Device]) -> st.SearchStrategy[Any]:
    """Return what a user may write for a device's option."""
    one = options_of(device, device.keys)
    if not device.many:
        return st.tuples(one, st.booleans()).map(lambda pair: {**pair[0], "enabled": pair[1]})
    named = st.tuples(one, WORD).map(lambda pair: {**pair[0], "name": pair[1]}) if device.nameable else one
    return st.lists(named, max_size=3)
