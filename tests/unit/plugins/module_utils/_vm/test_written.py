# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written is what was planned, nothing more, and only where libvirt would take it."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import AttachLive, Configure
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.belongings import DATA, DISKS, NIC, ROOT
from tests.unit.plugins.module_utils._vm.table import FakeHost, Table, domain, planned, state

PCI = "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>"
UNIT = "<address type='drive' controller='0' bus='0' target='0' unit='0'/>"
SCSI = f"<controller type='scsi' index='0' model='virtio-scsi'>{PCI}</controller>"
PORTS = "<controller type='virtio-serial' index='0'/><controller type='usb' index='0' model='qemu-xhci'/>"
CHANNEL = "<channel type='spicevmc'><target type='virtio' name='a'/><alias name='ua-a'/>{}</channel>"
LINE = "<serial type='pty'><target type='usb-serial' port='1'/>{}</serial>"


@pytest.mark.parametrize(
    ("device", "address", "params", "kept"),
    [
        (NIC.replace("</i", "{}</i"), PCI, {"nics": [{"network": "lan"}]}, [False]),
        (DATA.replace("</disk", "{}</disk"), PCI, {"disks": [{"name": "data"}]}, [False]),
        # The controller that it needs goes before it.
        (
            SCSI + DATA.replace("virtio", "scsi").replace("</disk", "{}</disk"),
            UNIT,
            {"disks": [{"name": "data"}]},
            [False, False],
        ),
        (CHANNEL, "<address type='virtio-serial' controller='0' port='1'/>", {"channels": [{"name": "a"}]}, [False]),
        (LINE, "<address type='usb' bus='0' port='1'/>", {"serials": [{"port": 1}]}, [False]),
        # What no other device can have been given stays.
        (NIC.replace("</i", "{}</i"), "<address type='virtio-mmio'/>", {"nics": [{"network": "lan"}]}, [True]),
    ],
)
def test_a_running_vm_chooses_the_slot_of_what_it_is_given(
    device: str, address: str, params: dict[str, Any], kept: list[bool]
) -> None:
    """The slot that is free in the configuration may be another device's in the running VM."""
    current = state(PORTS + device.format(address), power="running", live=PORTS)
    attached = [change for change in planned(current, DISKS, **params).changes if isinstance(change, AttachLive)]
    assert ["<address" in change.xml for change in attached] == kept


class OneVm(FakeHost):
    """The same with one VM, which keeps what it is told: libvirt's test driver has no VMs that are given devices."""

    def __init__(self, now: str) -> None:
        super().__init__()
        self.now = now
        self.told: list[int] = []

    def lookupByName(self, _name: str) -> OneVm:
        return self

    def XMLDesc(self, _flags: int) -> str:
        return self.now

    def attachDeviceFlags(self, _xml: str, flags: int) -> None:
        self.told.append(flags)


@pytest.mark.parametrize(
    ("since", "written"),
    [
        ({}, True),
        # What nobody has asked us for is theirs, and stays.
        ({"inside": "<title>of others</title>"}, True),
        ({"devices": NIC}, True),
        ({"inside": "<description>d</description>"}, False),
        ({"devices": DATA}, False),
    ],
)
def test_only_what_was_planned_is_written(since: dict[str, str], written: bool) -> None:
    plan = planned(state(), DISKS, description="d", disks=[{"name": "data", "pool": "default", "volume": "data"}])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    host = OneVm(to_xml(domain(**since)))
    with nullcontext() if written else pytest.raises(KvmError, match="'web01' was changed by something else"):
        configure.carry_out(host)
    wanted, _edits = configure.wish.edited(parse_xml(host.now))
    assert host.defined == ([to_xml(wanted)] if written else [])


def test_a_device_that_is_plugged_in_is_not_written_into_the_configuration_once_more() -> None:
    plan = planned(state(power="running"), DISKS, disks=[{"name": "data", "pool": "default", "volume": "data"}])
    (attach,) = [change for change in plan.changes if isinstance(change, AttachLive)]
    host = OneVm("")
    attach.carry_out(host)
    assert host.told == [libvirt.VIR_DOMAIN_AFFECT_LIVE]


def test_new_disks_of_one_plan_get_different_targets() -> None:
    plan = planned(state(ROOT), DISKS, disks=[{}, {"name": "b", "size": "1"}, {"name": "c", "size": "1"}])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    tree, _edits = configure.wish.edited(domain(ROOT))
    assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda", "vdb", "vdc"]


class Strict(Table):
    """A host whose libvirt takes no definition."""

    def check_definition(self, vm: str, xml: str, present: str = "") -> None:
        sizes = [parse_xml(text).findtext("memory") if text else "none" for text in (present, xml)]
        raise Refused(f"VM '{vm}': memory {' -> '.join(sizes)}")


@pytest.mark.parametrize(
    ("current", "params", "words"),
    [
        (state(), {"memory": "2GiB"}, "VM 'web01': memory 1048576 -> 2097152"),
        (state(power="running"), {"memory": "2GiB"}, "VM 'web01': memory 1048576 -> 2097152"),
        (None, {"memory": "2GiB"}, "VM 'web01': memory none -> 2097152"),
        # What is not written is not asked about.
        (state(), {"memory": "1GiB"}, ""),
        (state(), {"state": "absent"}, ""),
    ],
)
def test_libvirt_is_asked_before_anything_is_written(
    current: VmState | None, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=f"^{words}$") if words else nullcontext():
        planned(current, Strict(), **params)
