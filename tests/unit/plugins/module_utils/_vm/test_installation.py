# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that are installed from the medium of their template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.recommended import Recommendation
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import Template
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.shapes import assert_valid
from tests.unit.plugins.module_utils._vm.table import Table, planned, state, summaries, volume

INSTALLER = Template(
    *("inst", "1", "default", "/pool/inst+1.template.qcow2", 9 * GIB, 200_000, "0" * 64),
    os="wonder1",
    defaults={"vcpus": 2, "memory": "4GiB"},
    source={"iso": "default/w.iso"},
)
ISO = volume("w.iso", kind="iso")
WONDER = Recommendation("Wonder", 1, GIB, 5 * GIB, False, False, True, True, True, True)


@dataclass
class Shelf(Table):
    """A host with the template, its medium, and a system that has no drivers for virtio and wants UEFI and a TPM."""

    templates: tuple[Template, ...] = (INSTALLER,)
    volumes: tuple[Any, ...] = (ISO,)

    def known_system(self, os_id: str) -> Recommendation | None:
        return WONDER if os_id == "wonder1" else None


PLAIN = replace(INSTALLER, os=None)


def made(template: Template = PLAIN, **params: Any) -> tuple[list[str], Any]:
    """Return the plan's lines for a new VM, and its tree."""
    plan = planned(None, Shelf(templates=(template,)), template="inst", **params)
    tree = parse_xml([change.xml for change in plan.changes if isinstance(change, DefineVm)][-1])
    return summaries(plan), tree


def drives(tree: Any) -> list[tuple[str, dict[str, str]]]:
    """Return the kinds of drives and what is in them."""
    sources = [(node.get("device"), node.find("source")) for node in tree.iterfind("devices/disk")]
    return [(kind, {} if source is None else dict(source.attrib)) for kind, source in sources]


def order(tree: Any) -> list[str]:
    return [node.get("dev") for node in tree.iterfind("os/boot")]


DISK = ("disk", {"file": "/pool/web01-root.qcow2"})


def test_a_vm_gets_the_medium_and_an_empty_disk() -> None:
    lines, tree = made()
    assert lines == [
        "define VM (2 vCPU, 4GiB, qemu, from template inst:1)",
        "create volume web01-root.qcow2 in pool default (9GiB qcow2)",
        "complete VM (root)",
    ]
    assert drives(tree) == [("cdrom", {"file": "/pool/w.iso"}), DISK]
    assert order(tree) == ["hd", "cdrom"]
    assert_valid(tree)
    kept = read_record(tree)
    assert (kept["template"], kept["template_version"]) == ("inst", "1")
    assert planned(state(), Shelf(), template="inst").changes == []


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("/srv/w.iso", {"file": "/srv/w.iso"}),
        ("https://h/w.iso?a=1", {"protocol": "https", "name": "w.iso", "query": "a=1"}),
    ],
)
def test_the_medium_may_be_anywhere(place: str, source: dict[str, str]) -> None:
    _lines, tree = made(replace(PLAIN, source={"iso": place}))
    assert drives(tree) == [("cdrom", source), DISK]


@pytest.mark.parametrize(
    ("params", "line", "media", "boot"),
    [
        ({"disks": [{"size": "1GiB"}]}, "web01-root.qcow2 in pool default (1GiB qcow2)", 1, ["hd", "cdrom"]),
        ({"disks": [{"format": "raw"}]}, "web01-root.raw in pool default (9GiB raw)", 1, ["hd", "cdrom"]),
        ({"disks": [{"name": "data", "size": "2GiB"}]}, "web01-data.qcow2 in pool default", 1, ["hd", "cdrom"]),
        ({"clone": "full"}, "web01-root.qcow2 in pool default (9GiB qcow2)", 1, ["hd", "cdrom"]),
        ({"pool": "fast"}, "web01-root.qcow2 in pool fast (9GiB qcow2)", 1, ["hd", "cdrom"]),
        ({"cdroms": []}, "web01-root.qcow2", 0, ["hd", "cdrom"]),
        ({"cdroms": [{"path": "/o.iso"}, {"name": "b"}]}, "web01-root.qcow2", 2, ["hd", "cdrom"]),
        ({"boot": {"order": ["network"]}}, "web01-root.qcow2", 1, ["network"]),
        ({"boot": {"menu": True}}, "web01-root.qcow2", 1, ["hd", "cdrom"]),
        ({"nics": [{"network": "lan", "boot_order": 1}]}, "web01-root.qcow2", 1, []),
        ({"cloud_init": {"enabled": True}}, "write cloud-init seed", 1, ["hd", "cdrom"]),
    ],
)
def test_what_the_vm_says_counts(params: dict[str, Any], line: str, media: int, boot: list[str]) -> None:
    lines, tree = made(**params)
    assert line in "; ".join(lines)
    assert [kind for kind, _source in drives(tree)].count("cdrom") == media
    assert [dev for dev in order(tree) if not params.get("nics")] == boot
    assert_valid(tree)


def test_a_system_is_installed_on_a_machine_that_it_knows() -> None:
    _lines, tree = made(INSTALLER)
    assert [node.get("bus") for node in tree.iterfind("devices/disk/target")] == ["sata", "sata"]
    assert tree.find("devices/interface/model").get("type") == "e1000e"
    assert (tree.find("os").get("firmware"), tree.find("devices/tpm") is not None) == ("efi", True)


def test_a_medium_that_is_gone_is_in_no_drive() -> None:
    table = Shelf(templates=(PLAIN,), volumes=())
    with pytest.raises(Refused, match=r"volume 'w\.iso' does not exist in pool 'default'"):
        planned(None, table, template="inst")
