# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a VM boots: its firmware, what it boots from, and what the firmware tells of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._composite import Group, Order
from ..._errors import Refused
from ..._field_kinds import Integer, Matching, Switch, Text, Words
from ..._fields import Element
from ..._libs import etree
from ..._words import legible
from ..._xml import Path, without
from .section import Section, refer
from .values import Absolute, Entry

_SECURE_BOOT, _KEYS = "secure-boot", "enrolled-keys"


def _is_chosen(domain: Any) -> bool:
    """Return whether libvirt chooses a UEFI firmware by its features."""
    place = domain.find("os")
    return place is not None and place.get("firmware") == "efi"


def _flash(domain: Any) -> Any | None:
    """Return the loader of a UEFI firmware that was chosen by its path, by somebody or by libvirt at the start."""
    loader = domain.find("os/loader")
    return loader if loader is not None and loader.get("type") == "pflash" else None


class Firmware(Text):
    """The kind of firmware. Source: https://libvirt.org/formatdomain.html#operating-system-booting."""

    def read(self, node: Any) -> Any:
        """Return efi where it is, however it was chosen."""
        return "efi" if _is_chosen(node) or _flash(node) is not None else None

    def write(self, node: Any, value: Any) -> None:
        """Let libvirt choose one of the kind, and forget what was chosen before."""
        for place in ("os/firmware", "os/loader", "os/nvram"):
            found = node.find(place)
            if found is not None:
                without(found)
        super().write(node, value)


class SecureBoot(Switch):
    """Whether the firmware checks signatures, with the keys of the usual vendors enrolled."""

    def read(self, node: Any) -> Any:
        """Return what was said of it, or what follows from the firmware."""
        said = Path(f"os/firmware/feature[@name='{_SECURE_BOOT}']/@enabled").get(node)
        if said is not None:
            return self.parse(said, node)
        flash = _flash(node)
        if flash is not None:
            return flash.get("secure") == "yes"
        return None if _is_chosen(node) else False

    def write(self, node: Any, value: Any) -> None:
        """Ask for firmware that has it, or that has not."""
        if not _is_chosen(node):
            raise Refused(
                f"{refer(node)} has no firmware that libvirt chooses, so secure_boot cannot be changed; name firmware "
                "efi with it."
            )
        features = Path("os/firmware").make(node)
        for name, enabled in ((_KEYS, value or None), (_SECURE_BOOT, value)):
            for left in features.findall(f"feature[@name='{name}']"):
                without(left)
            if enabled is not None:
                etree.SubElement(features, "feature", {"enabled": self.render(enabled), "name": name})


class BootOrder(Order):
    """What a VM boots from, one after the other."""

    def normal(self, value: Any) -> Any:
        """Refuse nothing at all: libvirt would take the disks."""
        order = super().normal(value)
        if order is None:
            raise Refused("order names nothing to boot from; name hd, cdrom, network or fd.")
        return order


class Menu(Switch):
    """A boot menu; libvirt keeps its timeout only where it is on."""

    def write(self, node: Any, value: Any) -> None:
        """Write whether there is one."""
        super().write(node, value)
        if not value:
            self.path.make(node).attrib.pop("timeout", None)


class Booting(Element):
    """Source: https://libvirt.org/formatdomain.html#bios-bootloader."""

    order = BootOrder(
        ".",
        (
            "What the VM boots from, the first first. It takes the place of any C(boot_order) of single devices.",
            "A new VM boots from its disks.",
        ),
        tag="boot",
        key="dev",
        choices=("hd", "cdrom", "network", "fd"),
        untold=True,
    )
    menu = Menu("bootmenu/@enable", "Whether the firmware shows a boot menu.")
    menu_timeout = Integer(
        "bootmenu/@timeout", "How many milliseconds the boot menu waits; it stands for O(boot.menu).", most=65535
    )
    reboot_timeout = Integer(
        "bios/@rebootTimeout",
        "How many milliseconds a BIOS waits before it tries again when nothing can be booted; V(-1) never tries.",
        least=-1,
        most=65535,
    )
    serial = Switch("bios/@useserial", "Whether a BIOS speaks on the serial port, before the guest does.")

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the menu that a timeout stands for."""
        values = super().normal(wanted)
        return {"menu": True, **values} if "menu_timeout" in values else values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse the timeout of no menu."""
        if values.get("menu") is False and "menu_timeout" in values:
            raise Refused("menu_timeout does not go without menu; leave it out, or turn the menu on.")


_DIRECT = ("initrd", "cmdline", "dtb")


def boots(device: Any, kind: str) -> bool:
    """Return whether a device's element is of a kind that a VM can boot from: hd, cdrom or network."""
    if device.tag == "interface":
        return kind == "network"
    return device.tag == "disk" and device.get("device", "disk") == {"hd": "disk"}.get(kind, kind)


def boot_first(domain: Any, kind: str) -> None:
    """Let a domain boot from devices of a kind before all others; Refused where it has none.

    libvirt takes either the kinds in `os` or an order of single devices.
    """
    devices = list(domain.find("devices"))
    chosen = [device for device in devices if boots(device, kind)]
    if not chosen:
        raise Refused(f"{refer(domain)} has nothing of the kind {kind} to boot from; give it such a device first.")
    ordered = [device for device in devices if device.find("boot") is not None]
    if not ordered:
        others = [boot.get("dev") for boot in domain.iterfind("os/boot") if boot.get("dev") != kind]
        _ORDER.write(domain.find("os"), [kind, *others])
        return
    ordered.sort(key=lambda device: int(device.find("boot").get("order", "0")))
    chosen.sort(key=lambda device: ordered.index(device) if device in ordered else len(ordered))
    for number, device in enumerate([*chosen, *(device for device in ordered if device not in chosen)], start=1):
        Path("boot/@order").set(device, str(number))


_ORDER = BootOrder(".", "", tag="boot", key="dev")


class Kernel(Absolute):
    """A kernel that is booted without any firmware looking for one."""

    def write(self, node: Any, value: Any) -> None:
        """Write its path, or remove it with what it is given."""
        super().write(node, value)
        for name in _DIRECT if value is None else ():
            Path(f"os/{name}").clear(node)


class Strings(Words):
    """Texts that keep their order."""

    def read(self, node: Any) -> Any:
        """Return the texts, or None where there are none."""
        place = self.path.find(node)
        return None if place is None else [child.text or "" for child in place.iterchildren(self.tag)] or None

    def normal(self, value: Any) -> Any:
        """Return the texts, each once; an empty list means none."""
        return [legible(self.name, word) for word in dict.fromkeys(value) if word] or None


_SYSINFO = "sysinfo[@type='smbios']"


class Date(Entry, Matching):
    """A date in an element that goes with it."""


def _entry(name: str, doc: str) -> Entry:
    return Entry(f"entry[@name='{name}']", doc)


class Bios(Element):
    """Source: https://libvirt.org/formatdomain.html#smbios-system-information (block 0)."""

    vendor = _entry("vendor", "Vendor of the firmware.")
    version = _entry("version", "Version of the firmware.")
    date = Date("entry[@name='date']", "Its date, as V(01/31/2026).", r"\d\d/\d\d/(\d\d)?\d\d", "01/31/2026")
    release = _entry("release", "Release of the firmware, such as V(2.1).")


class System(Element):
    """Block 1, which guests show as their machine."""

    manufacturer = _entry("manufacturer", "Who made the machine.")
    product = _entry("product", "What the machine is called.")
    version = _entry("version", "Version of the machine.")
    serial = _entry("serial", "Serial number of the machine.")
    sku = _entry("sku", "SKU of the machine.")
    family = _entry("family", "Family of the machine.")


class Baseboard(Element):
    """Block 2."""

    manufacturer = _entry("manufacturer", "Who made the board.")
    product = _entry("product", "What the board is called.")
    version = _entry("version", "Version of the board.")
    serial = _entry("serial", "Serial number of the board.")
    asset = _entry("asset", "Asset tag of the board.")
    location = _entry("location", "Where the board is.")


class Chassis(Element):
    """Block 3."""

    manufacturer = _entry("manufacturer", "Who made the chassis.")
    version = _entry("version", "Version of the chassis.")
    serial = _entry("serial", "Serial number of the chassis.")
    asset = _entry("asset", "Asset tag of the chassis.")
    sku = _entry("sku", "SKU of the chassis.")


_BLOCKS = ("bios", "system", "baseboard", "chassis", "oem_strings")


class SmbiosMode(Text):
    """Whose description of the machine the guest sees."""

    def read(self, node: Any) -> Any:
        """Return it; a description that nobody asks for is not seen."""
        return super().read(node) or ("emulate" if node.find(_SYSINFO) is not None else None)


class Smbios(Element):
    """Source: https://libvirt.org/formatdomain.html#smbios-system-information."""

    mode = SmbiosMode(
        "os/smbios/@mode",
        "V(sysinfo) tells the guest what is named here, which is meant where anything is; V(host) what the host is "
        "told by its own firmware; V(emulate) what QEMU makes up.",
        choices=("emulate", "host", "sysinfo"),
    )
    bios = Group(f"{_SYSINFO}/bios", Bios, "The firmware; an empty word removes an entry.")
    system = Group(f"{_SYSINFO}/system", System, "The machine; an empty word removes an entry.")
    baseboard = Group(f"{_SYSINFO}/baseBoard", Baseboard, "The board; an empty word removes an entry.")
    chassis = Group(f"{_SYSINFO}/chassis", Chassis, "The chassis; an empty word removes an entry.")
    oem_strings = Strings(
        f"{_SYSINFO}/oemStrings", "entry", "Texts that a guest can read, in their order; an empty list removes all."
    )

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with the mode that they stand for."""
        values = super().normal(wanted)
        said = [value for name, value in values.items() if name in _BLOCKS]
        meant = any(any(value.values()) if isinstance(value, dict) else value for value in said)
        return {"mode": "sysinfo", **values} if meant else values


class Boot(Section):
    """Source: https://libvirt.org/formatdomain.html#operating-system-booting."""

    firmware = Firmware(
        "os/@firmware",
        (
            "Kind of firmware; libvirt chooses which. A VM of which nothing is said has a V(bios).",
            "UEFI needs O(features.acpi), which a new VM has. The next boot takes a change over.",
        ),
        choices=("bios", "efi"),
        unset="bios",
    )
    secure_boot = SecureBoot(
        ".",
        (
            "Whether the UEFI firmware checks signatures, with the usual keys enrolled; libvirt chooses if never said.",
            "The variables of a VM that has been started before stay as they are, with the keys that they hold.",
        ),
    )
    boot = Group("os", Booting, "What the VM boots from; the next boot takes a change over.")
    kernel = Kernel(
        "os/kernel", "Kernel on the host that is booted directly; an empty one boots as usual.", "/boot/vmlinuz"
    )
    initrd = Absolute("os/initrd", "Initial RAM disk of O(kernel), on the host.", "/boot/initrd.img")
    cmdline = Text("os/cmdline", "What O(kernel) is told.")
    dtb = Absolute("os/dtb", "Device tree of O(kernel), on the host.", "/boot/board.dtb")
    smbios = Group(
        ".", Smbios, "What the firmware tells of the machine (SMBIOS, DMI); the next boot takes a change over."
    )

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse what does not go together."""
        if values.get("secure_boot") and "firmware" in values and values["firmware"] is None:
            raise Refused("secure_boot does not go with firmware bios; name firmware efi.")
        super().check(values)

    @classmethod
    def agree(cls, domain: Any, wanted: Mapping[str, Any]) -> None:
        """Refuse what is told to no kernel."""
        named = [name for name in _DIRECT if wanted.get(name)]
        if named and not Path("os/kernel").get(domain):
            raise Refused(f"{refer(domain)} has no kernel that {named[0]} is for; name kernel with it.")
        super().agree(domain, wanted)
