# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM looks like before anybody wished for anything, and what it runs on."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from .._libs import etree
from .._xml import parse_xml


@dataclass(frozen=True)
class Platform:
    """What a hypervisor can run: the domain type that works, and for which machine."""

    domain_type: str
    arch: str
    machine: str = ""
    emulator: str = ""


def platform_of(capabilities: str, wanted: str = "auto") -> Platform:
    """Return the platform for new VMs from libvirt's capabilities: KVM where the host has it, unless told otherwise.

    Source: https://libvirt.org/formatcaps.html (guest/arch/domain, guest/arch/machine).
    """
    root = parse_xml(capabilities)
    native = root.findtext("host/cpu/arch")
    arches = [arch for arch in root.iterfind("guest/arch") if arch.getparent().findtext("os_type") == "hvm"]
    arch = next((arch for arch in arches if arch.get("name") == native), arches[0])
    types = [domain.get("type") for domain in arch.iterfind("domain")]
    best = wanted if wanted != "auto" else next((kind for kind in ("kvm", "qemu") if kind in types), types[0])
    machines = {machine.text for machine in arch.iterfind("machine")}
    emulators = [arch.findtext(f"domain[@type='{best}']/emulator"), arch.findtext("emulator"), ""]
    return Platform(best, arch.get("name"), "q35" if "q35" in machines else "", next(filter(None, emulators), ""))


def blank_domain(name: str, platform: Platform, identity: str | None = None) -> Any:
    """Return the tree of a complete VM without disks and network cards: what every guest is better off with.

    Serial console (kept in a log by libvirt's own pty), guest agent channel, entropy, a balloon that reports, VNC on
    localhost only.
    """
    domain = etree.Element("domain", {"type": platform.domain_type})
    etree.SubElement(domain, "name").text = name
    etree.SubElement(domain, "uuid").text = identity or str(uuid.uuid4())
    system = etree.SubElement(domain, "os")
    kind = etree.SubElement(system, "type", {"arch": platform.arch})
    kind.text = "hvm"
    etree.SubElement(system, "boot", {"dev": "hd"})
    if platform.machine:
        kind.set("machine", platform.machine)
        _add_pc_parts(domain, platform)
    devices = etree.SubElement(domain, "devices")
    for part in (*(_PCIE if platform.machine else ()), *_DEVICES):
        devices.append(parse_xml(part))
    return domain


# A PCI Express machine can be given a device while it runs only where a root port is free, and ports cannot be added
# then.
_PCIE = (
    "<controller type='pci' index='0' model='pcie-root'/>",
    *("<controller type='pci' model='pcie-root-port'/>" for _port in range(16)),
)
_DEVICES = (
    "<serial type='pty'><target port='0'/></serial>",
    "<console type='pty'><target type='serial' port='0'/></console>",
    "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>",
    "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>",
    "<video><model type='vga'/></video>",
    "<memballoon model='virtio'><stats period='10'/></memballoon>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
)


def _add_pc_parts(domain: Any, platform: Platform) -> None:
    features = etree.SubElement(domain, "features")
    etree.SubElement(features, "acpi")
    etree.SubElement(features, "apic")
    etree.SubElement(domain, "cpu", {"mode": "host-model" if platform.domain_type == "kvm" else "maximum"})
    clock = etree.SubElement(domain, "clock", {"offset": "utc"})
    for timer, settings in (
        ("rtc", {"tickpolicy": "catchup"}),
        ("pit", {"tickpolicy": "delay"}),
        ("hpet", {"present": "no"}),
    ):
        etree.SubElement(clock, "timer", {"name": timer, **settings})
    for event, action in (("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "destroy")):
        etree.SubElement(domain, event).text = action
