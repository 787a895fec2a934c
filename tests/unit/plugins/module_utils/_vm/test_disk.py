# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be said of a disk: how it is written, read back, changed, and refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.iotune import IoTune

from tests.unit.plugins.module_utils._vm.disks.parts import disk, resolved
from tests.unit.plugins.module_utils._vm.disks.registry import EDITED, NEW, REFUSED
from tests.unit.plugins.module_utils._vm.rows import called, options_in
from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import spec

EVERY_NEW = pytest.mark.parametrize(("params", "xml"), called(NEW, options_in))


def made(params: dict[str, Any]) -> Any:
    """Return the tree of a VM with one new disk."""
    tree = blank()
    (edit,) = converge("disks", tree, [resolved(params)])
    assert (edit.verb, edit.field) == ("attach", "disk d")
    return tree


@EVERY_NEW
def test_a_new_disk(params: dict[str, Any], xml: str) -> None:
    tree = made(params)
    (node,) = tree.findall("devices/disk")
    assert same(node, xml)
    assert_valid(tree)


@EVERY_NEW
def test_libvirt_takes_it_and_its_facts_are_what_was_wanted(params: dict[str, Any], xml: str) -> None:
    tree = told(made(params))
    (facts,) = Disk.device_facts(tree)
    wanted = resolved(params)
    given = Disk.normal(facts)
    assert [
        name for name, value in wanted.fields.items() if not Disk.fields[name].matches(given.get(name), value)
    ] == []
    assert converge("disks", tree, [wanted]) == []
    assert converge("disks", tree, Disk.wanted([{key: facts[key] for key in facts if key != "path"}])) == []


def test_every_option_is_among_them() -> None:
    said = {name for params, _xml in NEW for name in params}
    assert said == set(Disk.fields)
    tuned = {name for params, _xml in NEW for name in params.get("iotune", {})}
    assert tuned == set(IoTune.fields)


@pytest.mark.parametrize(("before", "params", "lines", "after"), called(EDITED, options_in))
def test_a_disk_is_changed(before: str, params: dict[str, Any], lines: list[str], after: str) -> None:
    tree = blank(before)
    edits = converge("disks", tree, Disk.wanted([{"name": "d", **params}]))
    assert [edit.summary for edit in edits] == [f"set disk d {line}" for line in lines]
    assert same(tree.find("devices/disk"), after)
    assert converge("disks", tree, Disk.wanted([{"name": "d", **params}])) == []


@pytest.mark.parametrize(("params", "why"), called(REFUSED, options_in))
def test_what_is_refused(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(disks=[{"name": "d", **params}])
    assert why in str(refusal.value)


def test_a_scsi_disk_brings_a_controller_that_guests_know() -> None:
    tree = made({"bus": "scsi"})
    assert same(tree.find("devices/controller"), "<controller type='scsi' index='0' model='virtio-scsi'/>")
    there = blank("<controller type='scsi' index='0' model='lsilogic'/>" + disk())
    converge("disks", there, Disk.wanted([{"name": "d", "bus": "scsi"}]))
    assert [node.get("model") for node in there.findall("devices/controller")] == ["lsilogic"]
