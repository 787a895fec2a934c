# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a disk is known that has no name of ours, and how it gets one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk

from tests.unit.plugins.module_utils._vm.shapes import blank, converge, same

FORMER: list[tuple[str, dict[str, Any], str]] = [
    ("", {"name": "vda", "bus": "sata"}, "<target dev='sda' bus='sata'/><alias name='ua-vda'/>"),
    ("<alias name='virtio-disk0'/>", {"bus": "usb"}, "<target dev='sda' bus='usb'/><alias name='ua-root'/>"),
    ("", {"name": "vda", "target": "vdc"}, "<target dev='vdc' bus='virtio'/><alias name='ua-vda'/>"),
    ("", {"name": "vda", "cache": "none"}, "<target dev='vda' bus='virtio'/><driver cache='none'/>"),
    ("<alias name='ua-x'/>", {"name": "x", "bus": "sata"}, "<target dev='sda' bus='sata'/><alias name='ua-x'/>"),
]


@pytest.mark.parametrize(
    ("inside", "params", "after"),
    FORMER,
    ids=["new bus", "new bus for the first", "new target", "another change", "marked already"],
)
def test_a_disk_that_went_by_its_target_keeps_its_name(inside: str, params: dict[str, Any], after: str) -> None:
    tree = blank(f"<disk type='file' device='disk'><target dev='vda' bus='virtio'/>{inside}</disk>")
    converge("disks", tree, Disk.wanted([params]))
    assert same(tree.find("devices/disk"), f"<disk type='file' device='disk'>{after}</disk>")
    assert converge("disks", tree, Disk.wanted([params])) == []


def foreign(target: str, serial: str = "", mark: str = "") -> str:
    """Return a disk that something else attached."""
    told_by = f"<serial>{serial}</serial>" if serial else ""
    alias = f"<alias name='{mark}'/>" if mark else ""
    return f"<disk type='file'><source file='/p/{target}'/><target dev='{target}' bus='virtio'/>{told_by}{alias}</disk>"


KNOWN: list[tuple[str, list[dict[str, Any]], dict[str, str]]] = [
    (foreign("vda", "S1") + foreign("vdb", "S2"), [{"name": "S2"}], {"S2": "vdb"}),
    (foreign("vda") + foreign("vdb", "S2"), [{"name": "data", "serial": "S2"}], {"data": "vdb"}),
    (foreign("vda") + foreign("vdb"), [{"name": "data", "target": "vdb"}], {"data": "vdb"}),
    (foreign("vda", "S1"), [{"name": "data", "serial": "S2"}], {}),
    (foreign("vda", "S1", "ua-old"), [{"name": "data", "serial": "S1"}], {}),
    (foreign("vda", "S1", "ua-old"), [{"name": "data", "target": "vda"}], {}),
    (foreign("vda", "S1", "ua-data") + foreign("vdb", "S2"), [{"name": "data", "serial": "S2"}], {"data": "vda"}),
    (
        foreign("vda", "vdb") + foreign("vdb"),
        [{"name": "a", "serial": "vdb"}, {"name": "vdb"}],
        {"a": "vda", "vdb": "vdb"},
    ),
]


@pytest.mark.parametrize(
    ("devices", "wanted", "targets"),
    KNOWN,
    ids=[
        "the serial is the name",
        "by serial",
        "by target",
        "by no other serial",
        "not by serial where it has a name",
        "not by target where it has a name",
        "by name before serial",
        "by serial before target",
    ],
)
def test_a_disk_of_others_is_known_by_its_serial_or_target(
    devices: str, wanted: list[dict[str, Any]], targets: dict[str, str]
) -> None:
    known = Disk.recognise(Disk.nodes(blank(devices)), Disk.wanted([{"size": "1GiB"}, *wanted])[1:])
    assert {name: node.find("target").get("dev") for name, node in known.items()} == targets
