# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new VM looks like before anybody wished for anything, and what it runs on."""

from __future__ import annotations

import uuid
from typing import Any

from .._errors import Refused
from .._libs import etree
from .._values import dataclass
from .._xml import parse_xml
from .machine.hardware import family_of


@dataclass(frozen=True)
class Platform:
    """What a hypervisor can run: the domain type that works, and for which machine."""

    domain_type: str
    arch: str
    machine: str = ""
    emulator: str = ""

    @property
    def is_pc(self) -> bool:
        """Return whether guests expect the parts of a PC."""
        return self.arch in ("x86_64", "i686")


def platform_of(capabilities: str, wanted: str = "auto", arch: str = "", machine: str = "") -> Platform:
    """Return the platform for new VMs from libvirt's capabilities: KVM where the host has it, unless told otherwise.

    Refused where the host has nothing that runs the named architecture or machine. Source:
    https://libvirt.org/formatcaps.html (guest/arch/domain, guest/arch/machine).
    """
    guest = _guest_of(parse_xml(capabilities), arch)
    types = [domain.get("type") for domain in guest.iterfind("domain")]
    best = wanted if wanted != "auto" else next((kind for kind in ("kvm", "qemu") if kind in types), types[0])
    machines = {place.text for place in guest.iter("machine")}
    if machine and machine not in machines:
        raise Refused(
            f"The host has no machine '{machine}' for {guest.get('name')}; choose one of "
            f"{', '.join(sorted({family_of(name) for name in machines}))}."
        )
    emulators = [guest.findtext(f"domain[@type='{best}']/emulator"), guest.findtext("emulator"), ""]
    chosen = machine or next((name for name in _PCIE_MACHINES if name in machines), "")
    return Platform(best, guest.get("name"), chosen, next(filter(None, emulators), ""))


def _guest_of(capabilities: Any, wanted: str) -> Any:
    """Return what the host says about guests of an architecture, else of its own, else of any."""
    guests = {arch.get("name"): arch for arch in capabilities.iterfind("guest[os_type='hvm']/arch")}
    if wanted and wanted not in guests:
        raise Refused(
            f"The host has no emulator for VMs of architecture '{wanted}', only for {', '.join(sorted(guests))}; "
            f"install QEMU for {wanted} there, or choose another host."
        )
    native = capabilities.findtext("host/cpu/arch")
    return guests[wanted or (native if native in guests else next(iter(guests)))]


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
        _add_parts(domain, platform)
    devices = etree.SubElement(domain, "devices")
    ports = _PCIE if family_of(platform.machine) in _PCIE_MACHINES else ()
    screen = "<video><model type='vga'/></video>" if platform.is_pc else "<video><model type='virtio'/></video>"
    for part in (*ports, *_DEVICES, screen, *_LAST_DEVICES):
        devices.append(parse_xml(part))
    return domain


# The machines that are best where there is a choice, both of PCI Express.
_PCIE_MACHINES = ("q35", "virt")
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
)
_LAST_DEVICES = (
    "<memballoon model='virtio'><stats period='10'/></memballoon>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
)


def _add_parts(domain: Any, platform: Platform) -> None:
    if platform.is_pc:
        features = etree.SubElement(domain, "features")
        etree.SubElement(features, "acpi")
        etree.SubElement(features, "apic")
    etree.SubElement(domain, "cpu", {"mode": _cpu_mode(platform)})
    clock = etree.SubElement(domain, "clock", {"offset": "utc"})
    for timer, settings in _PC_TIMERS if platform.is_pc else ():
        etree.SubElement(clock, "timer", {"name": timer, **settings})
    for event, action in (("on_poweroff", "destroy"), ("on_reboot", "restart"), ("on_crash", "destroy")):
        etree.SubElement(domain, event).text = action


_PC_TIMERS = (("rtc", {"tickpolicy": "catchup"}), ("pit", {"tickpolicy": "delay"}), ("hpet", {"present": "no"}))


def _cpu_mode(platform: Platform) -> str:
    """Return the mode of the processor: libvirt has no model of the host's but for PCs."""
    if platform.domain_type != "kvm":
        return "maximum"
    return "host-model" if platform.is_pc else "host-passthrough"
