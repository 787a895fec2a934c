# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Controllers: what is written of them, and that nothing is taken away that libvirt added."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.controller import MODELS, Controller

from tests.unit.plugins.module_utils._vm.shapes import assert_valid, blank, converge, same, told
from tests.unit.plugins.module_utils._vm.table import Table, planned, spec, state, summaries

NEW: list[tuple[dict[str, Any], str]] = [
    ({"type": "scsi"}, "<controller type='scsi' index='0'/>"),
    (
        {"type": "scsi", "index": 2, "model": "virtio-scsi", "queues": 4, "iothread": 1},
        "<controller type='scsi' index='2' model='virtio-scsi'><driver queues='4' iothread='1'/></controller>",
    ),
    (
        {"type": "scsi", "model": "virtio-scsi", "cmd_per_lun": 8, "max_sectors": 128},
        (
            "<controller type='scsi' index='0' model='virtio-scsi'>"
            "<driver cmd_per_lun='8' max_sectors='128'/></controller>"
        ),
    ),
    (
        {"type": "usb", "model": "qemu-xhci", "ports": 15},
        "<controller type='usb' index='0' model='qemu-xhci' ports='15'/>",
    ),
    (
        {"type": "virtio-serial", "ports": 31, "vectors": 4},
        "<controller type='virtio-serial' index='0' ports='31' vectors='4'/>",
    ),
    ({"type": "sata", "index": 1}, "<controller type='sata' index='1'/>"),
    ({"type": "pci", "model": "pcie-root"}, "<controller type='pci' index='0' model='pcie-root'/>"),
]


@pytest.mark.parametrize(("params", "xml"), NEW)
def test_a_new_controller(params: dict[str, Any], xml: str) -> None:
    tree = blank()
    wanted = Controller.wanted([params])
    (edit,) = converge("controllers", tree, wanted)
    assert (edit.verb, edit.field) == ("attach", f"controller {params['type']} {params.get('index', 0)}")
    assert same(tree.find("devices/controller"), xml)
    assert_valid(tree)
    after = told(tree)
    assert converge("controllers", after, wanted) == []
    facts = Controller.device_facts(after)
    assert any(params.items() <= entry.items() for entry in facts)
    assert converge("controllers", after, Controller.wanted(facts)) == []


def test_every_option_is_among_them() -> None:
    assert {name for params, _xml in NEW for name in params} == set(Controller.fields)


SCSI = "<controller type='scsi' index='0' model='lsilogic'><address type='pci' slot='0x05'/></controller>"
ICH9 = (
    "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'>"
    "<master startport='0'/></controller><controller type='usb' index='1' model='piix3-uhci'>"
    "<master startport='0'/></controller>"
)
EDITED: list[tuple[str, list[dict[str, Any]], list[str], str]] = [
    (SCSI, [], [], SCSI),
    (SCSI, [{"type": "scsi"}], [], SCSI),
    (
        SCSI,
        [{"type": "scsi", "model": "virtio-scsi"}],
        ["set controller scsi 0 model lsilogic -> virtio-scsi"],
        "<controller type='scsi' index='0' model='virtio-scsi'/>",
    ),
    (
        SCSI,
        [{"type": "scsi", "queues": 2}],
        ["set controller scsi 0 queues none -> 2"],
        SCSI.replace("</c", "<driver queues='2'/></c"),
    ),
    (
        "<controller type='scsi' index='0'><driver queues='2' iommu='on'/></controller>",
        [{"type": "scsi", "queues": 0}],
        ["set controller scsi 0 queues 2 -> none"],
        "<controller type='scsi' index='0'><driver iommu='on'/></controller>",
    ),
    (
        ICH9,
        [{"type": "usb", "model": "qemu-xhci"}],
        ["set controller usb 0 model ich9-ehci1 -> qemu-xhci"],
        (
            "<controller type='usb' index='0' model='qemu-xhci'/><controller type='usb' index='1' model='piix3-uhci'>"
            "<master startport='0'/></controller>"
        ),
    ),
    (
        SCSI,
        [{"type": "scsi", "index": 1}, {"type": "scsi"}],
        ["attach controller scsi 1 (type scsi, index 1)"],
        SCSI + "<controller type='scsi' index='1'/>",
    ),
]


@pytest.mark.parametrize(("before", "wanted", "lines", "after"), EDITED)
def test_controllers_are_changed_and_never_taken_away(
    before: str, wanted: list[dict[str, Any]], lines: list[str], after: str
) -> None:
    tree = blank(before)
    assert [edit.summary for edit in converge("controllers", tree, Controller.wanted(wanted))] == lines
    assert same(tree.find("devices"), f"<devices>{after}</devices>")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"type": "scsi", "model": "qemu-xhci"}, "scsi has no model qemu-xhci; choose virtio-scsi, "),
    ({"type": "sata", "model": "ich6"}, "sata has no model ich6; choose none."),
    ({"type": "usb", "queues": 2}, "queues is for scsi controllers, not for usb; leave it out."),
    ({"type": "scsi", "vectors": 2}, "vectors is for virtio-serial controllers, not for scsi"),
    ({"type": "usb", "ports": 16}, "usb cannot have 16 ports; choose up to 15."),
    ({"type": "virtio-serial", "ports": 32}, "ports 32 is out of range; choose 1 to 31."),
    ({"type": "scsi", "ports": 2}, "scsi cannot have 2 ports; choose up to 0."),
    ({"type": "scsi", "index": -1}, "index -1 is out of range"),
]


@pytest.mark.parametrize(("params", "why"), REFUSED)
def test_what_is_refused(params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        spec(controllers=[params])
    assert why in str(refusal.value)


ODD: list[tuple[str, dict[str, Any]]] = [
    ("<controller type='usb' index='0'><driver queues='2'/></controller>", {"type": "usb", "index": 0}),
    ("<controller type='usb' index='0' ports='99'/>", {"type": "usb", "index": 0}),
    ("<controller type='scsi' index='3' model='new'/>", {"type": "scsi", "index": 3}),
]


@pytest.mark.parametrize(("xml", "facts"), ODD)
def test_facts_are_what_the_options_can_say(xml: str, facts: dict[str, Any]) -> None:
    tree = blank(xml)
    assert Controller.device_facts(tree) == [facts]
    assert converge("controllers", tree, Controller.wanted([facts])) == []


def test_a_type_that_is_not_known_is_no_fact() -> None:
    assert Controller.device_facts(blank("<controller type='nvme' index='0'/>")) == []


KINDS = [(kind, model) for kind, models in MODELS.items() for model in models or ("",)]


@pytest.mark.parametrize(("kind", "model"), KINDS)
def test_libvirt_knows_every_type_and_model(kind: str, model: str) -> None:
    said = f"model='{model}'" if model else ""
    assert_valid(blank(f"<controller type='{kind}' index='0' {said}/>"))


RUNNING: list[tuple[dict[str, Any], list[str], list[str]]] = [
    (
        {"type": "scsi", "index": 1, "model": "virtio-scsi"},
        ["attach controller scsi 1 (type scsi, index 1, model virtio-scsi)"],
        [],
    ),
    (
        {"type": "sata"},
        ["attach controller sata 0 (type sata, index 0) [next_boot]"],
        ["controller sata 0 is not attached yet"],
    ),
    (
        {"type": "scsi", "queues": 2},
        ["set controller scsi 0 queues none -> 2 [next_boot]"],
        ["controller scsi 0 queues is none and will be 2"],
    ),
]


@pytest.mark.parametrize(("params", "lines", "reasons"), RUNNING)
def test_what_a_running_vm_takes(params: dict[str, Any], lines: list[str], reasons: list[str]) -> None:
    plan = planned(state(SCSI, power="running"), Table(), controllers=[params])
    assert summaries(plan) == lines
    assert plan.restart_required == reasons


@pytest.mark.parametrize("listed", [[], [{"type": "scsi", "model": "virtio-scsi"}]])
def test_a_controller_comes_before_the_disk_that_needs_it_and_once(listed: list[dict[str, Any]]) -> None:
    disk = {"name": "d", "path": "/p/d", "format": "raw", "bus": "scsi"}
    lines = summaries(planned(state(power="running"), Table(), disks=[disk], controllers=listed))
    controller = "attach controller scsi 0 (type scsi, index 0, model virtio-scsi)"
    assert [line for line in lines if "attach" in line] == [controller, "attach disk d (/p/d)"]
