# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_migrate as Ansible calls it, against libvirt's test driver.

It copies volumes inside their pool only, and no disks of running VMs, so that disks are converted here.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import volume_xml
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.modules import kvm_migrate

from tests.unit.default_host import default_host

Call = Callable[..., dict[str, Any]]
FAST = "<pool type='dir'><name>fast</name><target><path>/fast</path></target></pool>"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """A function that runs the module; VMs a, b and c are stopped, and each has a disk in the default pool."""

    def run(check: bool = False, **options: Any) -> dict[str, Any]:
        gc.collect()
        arguments = {"uri": "test:///default", "_ansible_check_mode": check, "_ansible_diff": True, **options}
        with patch_module_args(arguments), pytest.raises(SystemExit):
            kvm_migrate.main()
        return dict(json.loads(capsys.readouterr().out))

    with default_host() as connection:
        connection.storagePoolCreateXML(FAST)
        pool = connection.storagePoolLookupByName("default-pool")
        for name in "abc":
            path = pool.createXML(volume_xml(f"{name}.raw", 40 * GIB, "raw", allocation=0)).path()
            disk = f"<disk type='file'><driver type='raw'/><source file='{path}'/><target dev='vda'/></disk>"
            memory = "<memory>1024</memory><os><type>hvm</type></os>"
            connection.defineXML(f"<domain type='test'><name>{name}</name>{memory}<devices>{disk}</devices></domain>")
        yield run


def placed(result: dict[str, Any]) -> dict[str, str]:
    return {vm["name"]: f"{vm['disks'][0]['pool']}/{vm['disks'][0]['volume']}" for vm in result["vms"]}


def test_disks_of_vms_move_once(call: Call) -> None:
    wanted: dict[str, Any] = {"names": ["a", "b"], "move_disks": [{"pool": "default-pool", "format": "qcow2"}]}
    checked = call(check=True, **wanted)
    assert checked["changed"]
    assert placed(checked) == {"a": "default-pool/a.raw", "b": "default-pool/b.raw"}, "check mode touches nothing"
    made = call(**wanted)
    assert (made["plan"], made["diff"]) == (checked["plan"], checked["diff"])
    assert [(line["name"], line["summary"]) for line in made["plan"]] == [
        (name, line)
        for name in "ab"
        for line in (
            f"move disk vda default-pool/{name}.raw -> default-pool/{name}.qcow2 (qcow2, while it is stopped)",
            f"delete volume {name}.raw of pool default-pool",
        )
    ]
    assert placed(made) == {"a": "default-pool/a.qcow2", "b": "default-pool/b.qcow2"}
    again = call(**wanted)
    assert (again["changed"], again["plan"], placed(again)) == (False, [], placed(made))


def test_one_vm_that_is_refused_stops_all_before_anything_is_touched(call: Call) -> None:
    refused = call(names=["a", "none"], move_disks=[{"pool": "fast"}])
    assert refused["msg"] == "VM 'none' does not exist on test:///default; correct the name, or the host."
    assert placed(call(name="a", move_disks=[])) == {"a": "default-pool/a.raw"}


def test_moves_of_one_task_are_added_up(call: Call) -> None:
    """The pool holds two of the disks, which may come to need all their size, and not three."""
    moves = [{"pool": "fast"}]
    assert call(check=True, names=["b", "c"], move_disks=moves)["changed"]
    msg = call(names=["a", "b", "c"], move_disks=moves)["msg"]
    assert "VM 'c': disk vda needs 40GiB in pool 'fast', which has too little free with the others of this run" in msg
