# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in small files: none is forgotten, and each row has a name that says what it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.plugins.module_utils._vm.disks import registry as disks
from tests.unit.plugins.module_utils._vm.gadgets import registry as gadgets
from tests.unit.plugins.module_utils._vm.host_devices import registry as host_devices
from tests.unit.plugins.module_utils._vm.machine import registry as machine
from tests.unit.plugins.module_utils._vm.nics import registry as nics
from tests.unit.plugins.module_utils._vm.rows import called, collected, option_of, options_in

REGISTRIES = (disks, gadgets, host_devices, machine, nics)


@pytest.mark.parametrize("registry", REGISTRIES, ids=lambda registry: registry.__package__.rpartition(".")[2])
def test_every_file_is_collected(registry: Any) -> None:
    files = {path.stem for path in Path(registry.__file__).parent.glob("*.py")}
    assert files - {"parts", "registry"} == set(registry.FILES)
    assert len(registry.FILES) == len(set(registry.FILES))


def test_rows_are_collected_in_the_order_of_the_files() -> None:
    assert collected(gadgets.__package__, ["tpm", "rng"], "MADE") == [
        *(row for row in gadgets.MADE if row[0] == "tpm"),
        *(row for row in gadgets.MADE if row[0] == "rngs"),
    ]


def test_a_file_without_a_table_is_told() -> None:
    with pytest.raises(AttributeError, match="parts"):
        collected(gadgets.__package__, ["parts"], "MADE")


@pytest.mark.parametrize(
    ("rows", "name", "ids"),
    [
        ([("a", 1), ("b", 2), ("a", 3)], option_of, ["a-0", "b-0", "a-1"]),
        ([({"a": 1, "b": 2}, ""), ("<x/>", {"a": 1}), ({}, "")], options_in, ["a+b-0", "a-0", "none-0"]),
    ],
    ids=["by option", "by options wanted"],
)
def test_rows_are_called_by_what_they_are_about(rows: list[Any], name: Any, ids: list[str]) -> None:
    parameters = called(rows, name)
    assert [parameter.id for parameter in parameters] == ids
    assert [parameter.values for parameter in parameters] == rows
