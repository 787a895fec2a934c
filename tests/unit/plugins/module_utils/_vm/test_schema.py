# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain XML that planning makes, held against libvirt's own schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import edit_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import Configure, DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.domain import Platform
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.machine.machine import Machine
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml
from lxml import etree

from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, spec, state, volume

SCHEMA = Path("/usr/share/libvirt/schemas/domain.rng")


@pytest.fixture(scope="module")
def schema() -> Any:
    assert SCHEMA.exists(), f"{SCHEMA} is missing; install libvirt-dev, whose libvirt0 brings it (see bindep.txt)."
    return etree.RelaxNG(etree.parse(str(SCHEMA)))


MADE: list[dict[str, Any]] = [
    {},
    {"template": "tiny"},
    {"template": "big", "clone": "full", "vcpus": 8, "memory": "64GiB"},
    {"title": "a <title> & more", "description": "several\nlines", "tags": ["a", "b"], "project": "p"},
    {
        "disks": [
            {"size": "1GiB", "cache": "none", "discard": "unmap", "serial": "S1"},
            {"name": "b", "size": "1GiB", "bus": "scsi", "readonly": True, "cache": "directsync"},
            {"name": "c", "size": "1GiB", "bus": "sata", "format": "raw", "discard": "ignore"},
            {"name": "d.e_f", "size": "1GiB", "bus": "usb", "pool": "lvm", "format": "raw"},
        ]
    },
    {
        "nics": [
            {"network": "lan", "mac": "52:54:00:AA:BB:CC"},
            {"bridge": "br0", "model": "e1000e"},
            {"name": "third.one", "network": "lan", "model": "rtl8139"},
        ]
    },
    {"template": "tiny", "cloud_init": {"hostname": "x", "network_config": {"version": 2}}},
    {"domain_type": "kvm"},
]


def definitions(table: Table, **params: Any) -> list[Any]:
    return [parse_xml(change.xml) for change in planned(None, table, **params).changes if isinstance(change, DefineVm)]


@pytest.mark.parametrize("params", MADE)
@pytest.mark.parametrize("machine", ["q35", ""])
def test_new_vms(schema: Any, params: dict[str, Any], machine: str) -> None:
    trees = definitions(Table(machine=Platform("qemu", "x86_64", machine)), **params)
    assert trees
    for tree in trees:
        schema.assertValid(tree)


def test_the_note_of_a_removal(schema: Any) -> None:
    disk = "<disk type='file' device='disk'><source file='/pool/root'/><target dev='vda'/></disk>"
    plan = planned(state(disk), Table(volumes=(volume("root"),)), state="absent", remove_disks=True)
    (note,) = [change for change in plan.changes if isinstance(change, DefineVm)]
    schema.assertValid(parse_xml(note.xml))


def test_what_is_attached_later(schema: Any) -> None:
    wanted: dict[str, Any] = {
        "disks": [{"size": "1GiB", "cache": "unsafe"}],
        "nics": [{"network": "lan"}],
        "cloud_init": {},
    }
    plan = planned(state(), Table(), **wanted)
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    tree, edits = configure.wish.edited(domain())
    assert [edit.verb for edit in edits] == ["attach"] * 3
    schema.assertValid(tree)


def test_what_is_edited_in_a_vm_of_others(schema: Any) -> None:
    tree = domain(inside="<metadata><acme:x xmlns:acme='urn:acme'/></metadata>")
    wanted = spec(vcpus=4, memory="3GiB", title="t", description="d", tags=["x"], project="p")
    Machine.edit(tree, wanted.machine)
    edit_record(tree, wanted.record)
    schema.assertValid(parse_xml(to_xml(tree)))


def test_the_schema_refuses_what_is_wrong(schema: Any) -> None:
    assert not schema.validate(domain("<disk colour='red'/>"))
