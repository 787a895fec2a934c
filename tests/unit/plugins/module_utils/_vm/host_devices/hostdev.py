# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices of the host: PCI, USB, mediated."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import ALIAS, Edited, Live, New, Other, Unfit

UUID = "9f39a5d6-1f0c-4d3b-8a2d-0d2f3f3ef2a1"


def pci(inside: str = "", managed: str = "managed='yes'", bus: str = "01") -> str:
    """Return the XML of the PCI device BUS:00.0 of the host."""
    address = f"<address domain='0x0000' bus='0x{bus}' slot='0x00' function='0x0'/>"
    return f"<hostdev mode='subsystem' type='pci' {managed}><source>{address}</source>{inside}</hostdev>"


def usb(source: str, attributes: str = "", inside: str = "") -> str:
    """Return the XML of a USB device of the host."""
    return f"<hostdev mode='subsystem' type='usb'><source {attributes}>{source}</source>{inside}</hostdev>"


def mdev(attributes: str = "model='vfio-pci'", inside: str = "") -> str:
    """Return the XML of a mediated device of the host."""
    source = f"<source><address uuid='{UUID}'/></source>"
    return f"<hostdev mode='subsystem' type='mdev' {attributes}>{source}{inside}</hostdev>"


PLUG = "<address bus='1' device='4'/>"
GUEST = "<address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>"

NEW: list[New] = [
    ("hostdevs", {"pci": "01:00.0"}, pci()),
    ("hostdevs", {"pci": "0000:01:00.0", "managed": False}, pci(managed="managed='no'")),
    ("hostdevs", {"pci": "01:00.0", "managed": True, "boot_order": 3}, pci("<boot order='3'/>")),
    ("hostdevs", {"pci": "01:00.0", "rom": {"enabled": False}}, pci("<rom enabled='no'/>")),
    (
        "hostdevs",
        {"pci": "01:00.0", "rom": {"enabled": True, "bar": True, "file": "/r"}},
        pci("<rom enabled='yes' bar='on' file='/r'/>"),
    ),
    ("hostdevs", {"usb": "046D:C52B"}, usb("<vendor id='0x046d'/><product id='0xc52b'/>")),
    (
        "hostdevs",
        {"usb": "046d:c52b", "usb_address": "001/004"},
        usb("<vendor id='0x046d'/><product id='0xc52b'/><address bus='1' device='4'/>"),
    ),
    (
        "hostdevs",
        {"usb_address": "1/4", "guest_reset": "off"},
        usb("<address bus='1' device='4'/>", "guestReset='off'"),
    ),
    *(
        (
            "hostdevs",
            {"usb_address": "1/4", "guest_reset": word},
            usb("<address bus='1' device='4'/>", f"guestReset='{word}'"),
        )
        for word in ("uninitialized", "on")
    ),
    *(
        (
            "hostdevs",
            {"usb_address": "1/4", "startup_policy": word},
            usb(PLUG, f"startupPolicy='{word}'"),
        )
        for word in ("mandatory", "requisite", "optional")
    ),
    ("hostdevs", {"mdev": UUID.upper()}, mdev()),
    *(
        ("hostdevs", {"mdev": UUID, "model": model}, mdev(f"model='{model}'"))
        for model in ("vfio-pci", "vfio-ccw", "vfio-ap")
    ),
    (
        "hostdevs",
        {"mdev": UUID, "display": True, "ramfb": True, "rom": {"bar": False}},
        mdev("model='vfio-pci' display='on' ramfb='on'", "<rom bar='off'/>"),
    ),
]

EDITED: list[Edited] = [
    ("hostdevs", pci(GUEST), {"pci": "0000:01:00.0"}, [], pci(GUEST)),
    (
        "hostdevs",
        pci(GUEST),
        {"pci": "01:00.0", "managed": False},
        ["set host device 0000:01:00.0 managed True -> False"],
        pci(GUEST, "managed='no'"),
    ),
    (
        "hostdevs",
        pci(ALIAS + GUEST),
        {"name": "d", "pci": "02:00.0"},
        ["set host device d pci 0000:01:00.0 -> 0000:02:00.0"],
        pci(ALIAS + GUEST, bus="02"),
    ),
    (
        "hostdevs",
        pci(ALIAS + GUEST + "<rom bar='off'/>"),
        {"name": "d", "usb": "046d:c52b"},
        ["set host device d usb none -> 046d:c52b"],
        usb("<vendor id='0x046d'/><product id='0xc52b'/>", inside=ALIAS),
    ),
    (
        "hostdevs",
        usb("<vendor id='0x046d'/><product id='0xc52b'/>", "startupPolicy='optional'"),
        {"usb": "046d:c52b", "startup_policy": "default"},
        ["set host device 046d:c52b startup_policy optional -> none"],
        usb("<vendor id='0x046d'/><product id='0xc52b'/>"),
    ),
    (
        "hostdevs",
        mdev("model='vfio-pci' display='on' ramfb='on'", "<boot order='1'/>"),
        {"mdev": UUID, "display": False, "ramfb": False, "boot_order": 0},
        [
            f"set host device {UUID} display True -> False",
            f"set host device {UUID} ramfb True -> False",
            f"set host device {UUID} boot_order 1 -> none",
        ],
        mdev("model='vfio-pci' display='off' ramfb='off'"),
    ),
]

OTHERS: list[Other] = [
    (
        "hostdevs",
        "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5001405df3e54061'/></hostdev>",
    ),
    (
        "hostdevs",
        "<hostdev mode='capabilities' type='misc'><source><char>/dev/x</char></source></hostdev>",
    ),
    ("hostdevs", "<hostdev mode='subsystem' type='pci'><source><address bus='x'/></source></hostdev>"),
]

REFUSED: list[Unfit] = [
    ("hostdevs", [{}], "Entry 1 of hostdevs must name one device of the host"),
    ("hostdevs", [{"name": "d", "managed": True}], "Entry 1 of hostdevs must name one device of the host"),
    ("hostdevs", [{"pci": "01:00.0", "usb": "046d:c52b"}], "must name one device"),
    ("hostdevs", [{"pci": "01:00.8"}], "pci '01:00.8' is no PCI address"),
    ("hostdevs", [{"pci": "01:20.0"}], "is no PCI address"),
    ("hostdevs", [{"usb": "logitech"}], "usb 'logitech' is not understood"),
    ("hostdevs", [{"usb_address": "1.4"}], "usb_address '1.4' is not understood"),
    ("hostdevs", [{"mdev": "x"}], "mdev 'x' is not understood"),
    ("hostdevs", [{"pci": "01:00.0"}, {"pci": "0000:01:00.0"}], "two entries for 0000:01:00.0"),
    ("hostdevs", [{"usb": "046d:c52b", "rom": {"bar": False}}], "rom is not for a device that is named by usb"),
    ("hostdevs", [{"pci": "01:00.0", "display": True}], "display is not for a device that is named by pci"),
    ("hostdevs", [{"mdev": UUID, "managed": True}], "managed is not for a device that is named by mdev"),
]

LIVE: list[Live] = [
    ("", {"hostdevs": [{"usb": "046d:c52b"}]}, ["attach host device 046d:c52b (usb 046d:c52b)"]),
]
