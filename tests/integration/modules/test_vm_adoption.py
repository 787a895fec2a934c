# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs that somebody else made: what no option names stays as it is, to the letter."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, canonical, plan

# Odd on purpose: units, words and elements that the collection would never write, and records of others.
FOREIGN = """
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>{name}</name>
  <title>made by hand</title>
  <metadata>
    <libosinfo:libosinfo xmlns:libosinfo="http://libosinfo.org/xmlns/libvirt/domain/1.0">
      <libosinfo:os id="http://debian.org/debian/12"/>
    </libosinfo:libosinfo>
    <acme:owner xmlns:acme="urn:acme:1" cost="7">somebody else</acme:owner>
  </metadata>
  <memory unit='MB'>70</memory>
  <currentMemory unit='KiB'>40000</currentMemory>
  <vcpu placement='static' current='1'>4</vcpu>
  <cputune><shares>100</shares></cputune>
  <os><type arch='x86_64' machine='pc'>hvm</type><bootmenu enable='yes' timeout='3000'/><smbios mode='sysinfo'/></os>
  <sysinfo type='smbios'><system><entry name='manufacturer'>Acme</entry></system></sysinfo>
  <features><acpi/><pae/><vmport state='off'/></features>
  <cpu mode='custom' match='exact'><model fallback='allow'>qemu64</model><feature policy='disable' name='svm'/></cpu>
  <clock offset='timezone' timezone='Europe/Vienna'/>
  <on_crash>preserve</on_crash>
  <pm><suspend-to-mem enabled='no'/></pm>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='writethrough' detect_zeroes='on'/>
      <source file='{images}/{name}-own.qcow2'/>
      <target dev='hda' bus='ide'/>
      <boot order='2'/>
      <iotune><total_bytes_sec>10000000</total_bytes_sec></iotune>
      <wwn>5000c50015ea71aa</wwn>
    </disk>
    <disk type='file' device='cdrom'><target dev='hdc' bus='ide' tray='open'/><readonly/></disk>
    <interface type='network'>
      <mac address='52:54:00:AB:CD:01'/>
      <source network='default'/>
      <model type='rtl8139'/>
      <bandwidth><inbound average='1000'/></bandwidth>
      <boot order='1'/>
      <link state='down'/>
    </interface>
    <interface type='user'><mac address='52:54:00:ab:cd:02'/><model type='e1000'/></interface>
    <input type='tablet' bus='usb'/>
    <graphics type='vnc' port='-1' autoport='yes' passwd='secret12' keymap='de'/>
    <sound model='ich6'/>
    <watchdog model='i6300esb' action='pause'/>
  </devices>
  <qemu:commandline><qemu:env name='ODD' value='1'/></qemu:commandline>
</domain>
"""

Change = tuple[dict[str, Any], str, list[tuple[str, str]]]


@pytest.fixture
def vm(lab: Lab, lab_module: Modules, ready: str, prefix: str) -> Vm:
    """A VM defined by hand, that the collection has never seen."""
    made = Vm(lab, lab_module, ready, f"{prefix}hand")
    images = "/var/lib/libvirt/images"
    lab.exec(ready, "qemu-img", "create", "-q", "-f", "qcow2", f"{images}/{made.name}-own.qcow2", "10M")
    lab.libvirt(ready).storagePoolLookupByName("default").refresh()
    lab.libvirt(ready).defineXML(FOREIGN.format(name=made.name, images=images))
    return made


def edited(xml: str, edits: list[tuple[str, str]]) -> str:
    """Return XML with elements or attributes set: ("devices/disk/@x", "y"); an empty value removes."""
    tree = etree.fromstring(xml)
    for place, value in edits:
        path, _at, attribute = place.partition("/@")
        node = tree.find(path)
        if attribute and value:
            node.set(attribute, value)
        elif attribute:
            node.attrib.pop(attribute)
        elif value:
            node.text = value
        else:
            node.getparent().remove(node)
    return canonical(etree.tostring(tree, encoding="unicode"))


def test_a_spec_that_says_nothing_changes_nothing(vm: Vm) -> None:
    before = vm.xml
    assert plan(vm.want()) == []
    assert plan(vm.want(state="stopped")) == []
    assert vm.xml == before


SAME = [
    {"memory": "40000KiB"},
    {"memory_max": "70000000B"},
    {"vcpus": 1},
    {"title": "made by hand"},
    {"disks": [{"name": "root"}]},
    {"disks": [{"name": "hda", "cache": "writethrough"}]},
    {"disks": [{"size": "10MiB", "pool": "default"}]},
    {"tags": []},
    {"project": ""},
    {"cloud_init": {"enabled": False}},
]


@pytest.mark.parametrize("wanted", SAME)
def test_what_is_already_so_changes_nothing(vm: Vm, wanted: dict[str, Any]) -> None:
    before = vm.xml
    assert plan(vm.want(**wanted)) == []
    assert vm.xml == before


CHANGES: list[Change] = [
    (
        {"memory": "80MiB"},
        "set memory 40000KiB -> 80MiB",
        [("memory", "81920"), ("currentMemory", "81920")],
    ),
    ({"memory": "50MiB"}, "set memory 40000KiB -> 50MiB", [("currentMemory", "51200")]),
    ({"vcpus": 4}, "set vcpus 1 -> 4", [("vcpu/@current", "")]),
    ({"title": "adopted"}, "set title made by hand -> adopted", [("title", "adopted")]),
    ({"title": ""}, "set title made by hand -> none", [("title", "")]),
    (
        {"disks": [{"name": "hda", "cache": "none"}]},
        "set disk hda cache writethrough -> none",
        [("devices/disk/driver/@cache", "none")],
    ),
]


@pytest.mark.parametrize(("wanted", "summary", "edits"), CHANGES)
def test_one_change_changes_only_that(
    vm: Vm, wanted: dict[str, Any], summary: str, edits: list[tuple[str, str]]
) -> None:
    before = vm.xml
    assert plan(vm.want_twice(**wanted)) == [summary]
    assert canonical(vm.xml) == edited(before, edits)
    assert vm.domain.isPersistent()


def test_a_tag_is_remembered_beside_the_records_of_others(vm: Vm) -> None:
    before = etree.fromstring(vm.xml)
    assert plan(vm.want_twice(tags=["legacy"])) == ["set tags none -> legacy"]
    after = etree.fromstring(vm.xml)
    (ours,) = (node for node in after.find("metadata") if "kvmops" in node.tag)
    after.find("metadata").remove(ours)
    assert canonical(etree.tostring(after, encoding="unicode")) == canonical(etree.tostring(before, encoding="unicode"))


def test_cards_of_others_are_recognised(vm: Vm) -> None:
    cards = [
        {"mac": "52:54:00:ab:cd:01", "network": "default"},
        {"name": "second", "network": "default", "mac": "52:54:00:ab:cd:02"},
    ]
    before = vm.xml
    changed = vm.want_twice(nics=cards)
    assert plan(changed) == ["set NIC second network none -> default"]
    kept = edited(before, [("devices/interface[2]/@type", "network")])
    after = etree.fromstring(vm.xml)
    after.find("devices/interface[2]").remove(after.find("devices/interface[2]/source"))
    assert canonical(etree.tostring(after, encoding="unicode")) == kept


def test_a_disk_is_added_to_what_others_made(vm: Vm) -> None:
    before = etree.fromstring(vm.xml).find("devices/disk")
    vm.want_twice(disks=[{"name": "hda"}, {"name": "data", "size": "5MiB"}])
    disks = vm.tree.findall("devices/disk[@device='disk']")
    assert [disk.find("target").get("dev") for disk in disks] == ["hda", "vda"]
    assert etree.tostring(disks[0]) == etree.tostring(before)


def test_its_secrets_survive_a_change(vm: Vm) -> None:
    vm.want(memory="80MiB", disks=[{"name": "hda", "cache": "none"}])
    assert vm.tree.find("devices/graphics").get("passwd") == "secret12"


def test_it_says_that_a_template_counts_only_for_new_vms(vm: Vm) -> None:
    result = vm.want(template=TEMPLATE)
    assert plan(result) == []
    assert result["warnings"] == [
        f"{vm.name}: it was not made from a template; template '{TEMPLATE}' counts only when a VM is made."
    ]


def test_a_transient_vm_is_read_and_not_redefined(vm: Vm) -> None:
    vm.domain.undefine()
    # Not every kernel can shape traffic, which a VM needs only once it runs.
    xml = FOREIGN.replace("<bandwidth><inbound average='1000'/></bandwidth>", "")
    vm.lab.libvirt(vm.host).createXML(xml.format(name=vm.name, images="/var/lib/libvirt/images"))
    assert plan(vm.want(state="running")) == []
    assert "is transient" in vm.refuse(memory="80MiB")
    assert plan(vm.want(state="absent")) == ["power off", "undefine VM"]
    assert vm.name not in vm.lab.names(vm.host)["domains"]
