# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks: what no option describes reaches libvirt and QEMU, stays as it is, and is taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

PREFIX = "t-hooks-"
# A guest without a disk never shuts down by itself.
BASE: dict[str, Any] = {"memory": "32MiB", "disks": [], "nics": [], "timeout": 1}
QEMU = "{http://libvirt.org/schemas/domain/qemu/1.0}"
ARG = "<qemu:commandline><qemu:arg value='-name'/><qemu:arg value='{}'/></qemu:commandline>"
RNG = "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"
STYLE = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
<xsl:template match="on_crash/text()">{}</xsl:template>
</xsl:stylesheet>"""


@pytest.fixture(scope="module")
def vm(lab: Lab, lab_module: Modules, ready: str) -> Iterator[Vm]:
    """A VM that is not there yet."""
    remove_all(lab.libvirt(ready), PREFIX)
    yield Vm(lab, lab_module, ready, f"{PREFIX}a")
    remove_all(lab.libvirt(ready), PREFIX)


def parts(word: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return parts of every kind: one in libvirt's namespace for QEMU, a device, an attribute."""
    return [
        {"xpath": "/domain", "xml": ARG.format(word)},
        {"xpath": "/domain/devices/video/model", "attribute": "vram", "value": "32768"},
        *more,
    ]


def said_to_qemu(vm: Vm) -> str:
    return vm.lab.exec(vm.host, "sh", "-c", f"tr '\\0' ' ' < /proc/$(cat /run/libvirt/qemu/{vm.name}.pid)/cmdline")


def test_parts_and_a_stylesheet_reach_libvirt_and_qemu(vm: Vm) -> None:
    more = {"xpath": "/domain/devices", "xml": RNG}
    wanted = {**BASE, "extra_xml": parts("first", more), "xml_transform": STYLE.format("preserve"), "state": "paused"}
    made = vm.want_twice(**wanted)
    assert made["restart_required"] == []
    tree = vm.tree
    assert [arg.get("value") for arg in tree.iterfind(f"{QEMU}commandline/{QEMU}arg")] == ["-name", "first"]
    assert tree.findtext("on_crash") == "preserve"
    assert tree.find("devices/video/model").get("vram") == "32768"
    assert [node.text for node in tree.iterfind("devices/rng/backend")] == ["/dev/urandom", "/dev/random"]
    assert " -name first " in said_to_qemu(vm)


def test_a_running_vm_takes_a_change_over_when_it_is_restarted(vm: Vm) -> None:
    changed = vm.want_twice(**BASE, extra_xml=parts("second"), xml_transform=STYLE.format("destroy"))
    assert [line.split(" ")[1] for line in plan(changed)] == [
        "/domain/on_crash/text()",
        "/domain/devices/rng[2]",
        "/domain/qemu:commandline/qemu:arg[2]/@value",
    ]
    assert {line["when"] for line in changed["plan"]} == {"next_boot"}
    assert len(changed["restart_required"]) == 3
    assert [node.text for node in vm.tree.iterfind("devices/rng/backend")] == ["/dev/urandom"]
    assert " -name first " in said_to_qemu(vm)
    vm.want(**BASE, state="restarted", force=True)
    assert " -name second " in said_to_qemu(vm)


def test_what_is_no_longer_listed_is_taken_out(vm: Vm) -> None:
    before = vm.tree.find("devices/video/model").get("vram")
    vm.want_twice(**BASE, extra_xml=[], state="stopped", force=True)
    assert vm.tree.find(f"{QEMU}commandline") is None
    assert vm.tree.find("devices/video/model").get("vram") == before == "32768"


def test_what_libvirt_drops_is_told_by_the_next_run(vm: Vm) -> None:
    dropped = [{"xpath": "/domain/devices", "xml": "<nosuchdevice/>"}]
    vm.want(**BASE, extra_xml=dropped)
    assert "was put in by an earlier run and is not there as it is written" in vm.refuse(**BASE, extra_xml=dropped)
    vm.want_twice(**BASE, extra_xml=[])


def test_what_libvirt_refuses_is_one_sentence_and_touches_nothing(vm: Vm) -> None:
    before = vm.xml
    said = vm.refuse(**BASE, extra_xml=[{"xpath": "/domain/devices", "xml": "<rng model='nosuchmodel'/>"}])
    assert said.startswith(f"VM '{vm.name}'")
    assert "nosuchmodel" in said
    assert vm.xml == before
