# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware, what is booted, and what SMBIOS tells."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    (
        {"firmware": "efi"},
        '<os firmware="efi"/>',
    ),
    (
        {"firmware": "efi", "secure_boot": True},
        (
            '<os firmware="efi"><firmware><feature enabled="yes" name="enrolled-keys"/>'
            '<feature enabled="yes" name="secure-boot"/></firmware></os>'
        ),
    ),
    (
        {"firmware": "efi", "secure_boot": False},
        '<os firmware="efi"><firmware><feature enabled="no" name="secure-boot"/></firmware></os>',
    ),
    (
        {
            "boot": {
                "order": ["cdrom", "hd", "network", "cdrom"],
                "menu": True,
                "menu_timeout": 3000,
                "reboot_timeout": -1,
                "serial": True,
            }
        },
        (
            '<os><boot dev="cdrom"/><boot dev="hd"/><boot dev="network"/>'
            '<bootmenu enable="yes" timeout="3000"/><bios rebootTimeout="-1" useserial="yes"/></os>'
        ),
    ),
    (
        {"boot": {"menu_timeout": 100}},
        '<os><bootmenu enable="yes" timeout="100"/></os>',
    ),
    (
        {
            "kernel": "/boot/vmlinuz",
            "initrd": "/boot/initrd.img",
            "cmdline": 'root=/dev/vda "a" <b>',
            "dtb": "/boot/x.dtb",
        },
        (
            "<os><kernel>/boot/vmlinuz</kernel><initrd>/boot/initrd.img</initrd>"
            '<cmdline>root=/dev/vda "a" &lt;b&gt;</cmdline><dtb>/boot/x.dtb</dtb></os>'
        ),
    ),
    (
        {
            "smbios": {
                "bios": {"vendor": "v", "version": "1", "date": "01/31/2026", "release": "2.1"},
                "system": {
                    "manufacturer": "A & B",
                    "product": "p",
                    "version": "1",
                    "serial": "s",
                    "sku": "k",
                    "family": "f",
                },
                "baseboard": {
                    "manufacturer": "m",
                    "product": "p",
                    "version": "v",
                    "serial": "s",
                    "asset": "a",
                    "location": "l",
                },
                "chassis": {"manufacturer": "m", "version": "v", "serial": "s", "asset": "a", "sku": "k"},
                "oem_strings": ["b", "a", "b"],
            }
        },
        (
            '<os><smbios mode="sysinfo"/></os><sysinfo type="smbios"><bios><entry name="vendor">v</entry>'
            '<entry name="version">1</entry><entry name="date">01/31/2026</entry><entry name="release">2.1'
            '</entry></bios><system><entry name="manufacturer">A &amp; B</entry><entry name="product">p'
            '</entry><entry name="version">1</entry><entry name="serial">s</entry><entry name="sku">k</entry>'
            '<entry name="family">f</entry></system><baseBoard><entry name="manufacturer">m</entry>'
            '<entry name="product">p</entry><entry name="version">v</entry><entry name="serial">s</entry>'
            '<entry name="asset">a</entry><entry name="location">l</entry></baseBoard><chassis>'
            '<entry name="manufacturer">m</entry><entry name="version">v</entry><entry name="serial">s'
            '</entry><entry name="asset">a</entry><entry name="sku">k</entry></chassis><oemStrings><entry>b'
            "</entry><entry>a</entry></oemStrings></sysinfo>"
        ),
    ),
    (
        {"smbios": {"mode": "emulate", "system": {"serial": "s"}}},
        (
            '<os><smbios mode="emulate"/></os><sysinfo type="smbios"><system><entry name="serial">s</entry>'
            "</system></sysinfo>"
        ),
    ),
]

CHANGED: list[Changed] = [
    (
        {
            "inside": "",
            "os": "<firmware><feature enabled='yes' name='secure-boot'/></firmware><loader secure='yes'/><nvram/>",
            "os_attributes": " firmware='efi'",
        },
        {"firmware": "bios", "secure_boot": False},
        ["set firmware efi -> none", "set secure_boot True -> False"],
        "",
    ),
    (
        {
            "inside": "",
            "os": "<firmware><feature enabled='yes' name='enrolled-keys'/>"
            "<feature enabled='yes' name='secure-boot'/></firmware>",
            "os_attributes": " firmware='efi'",
        },
        {"secure_boot": False},
        ["set secure_boot True -> False"],
        '<os firmware="efi"><firmware><feature enabled="no" name="secure-boot"/></firmware></os>',
    ),
    (
        {"inside": "", "os": "<loader type='rom'>/x</loader>"},
        {"firmware": "efi"},
        ["set firmware none -> efi"],
        '<os firmware="efi"/>',
    ),
    (
        {"inside": "", "os": "<boot dev='hd'/><bootmenu enable='yes' timeout='3000'/>"},
        {"boot": {"order": ["network", "hd"], "menu": False}},
        ["set boot.order hd -> network, hd", "set boot.menu True -> False"],
        '<os><bootmenu enable="no"/><boot dev="network"/><boot dev="hd"/></os>',
    ),
    (
        {"inside": "", "os": "<kernel>/k</kernel><initrd>/i</initrd><cmdline>c</cmdline><dtb>/d</dtb>"},
        {"kernel": ""},
        ["set kernel /k -> none"],
        "",
    ),
    (
        {"inside": "", "os": "<kernel>/k</kernel><initrd>/i</initrd><cmdline>c</cmdline>"},
        {"kernel": "/k2", "cmdline": ""},
        ["set kernel /k -> /k2", "set cmdline c -> none"],
        "<os><kernel>/k2</kernel><initrd>/i</initrd></os>",
    ),
    (
        {
            "inside": "<sysinfo type='smbios'><system><entry name='serial'>1</entry><entry "
            "name='uuid'>u</entry></system><oemStrings><entry>a</entry></oemStrings></sysinfo><sysinfo "
            "type='fwcfg'><entry name='opt/a'>b</entry></sysinfo>",
            "os": "<smbios mode='sysinfo'/>",
        },
        {"smbios": {"system": {"serial": "", "product": "p"}, "oem_strings": []}},
        [
            "set smbios.system.product none -> p",
            "set smbios.system.serial 1 -> none",
            "set smbios.oem_strings a -> none",
        ],
        (
            '<sysinfo type="smbios"><system><entry name="uuid">u</entry><entry name="product">p</entry></system>'
            '</sysinfo><sysinfo type="fwcfg"><entry name="opt/a">b</entry></sysinfo><os><smbios mode="sysinfo"/></os>'
        ),
    ),
    (
        {"inside": "<sysinfo type='smbios'><system><entry name='serial'>1</entry></system></sysinfo>"},
        {"smbios": {"system": {"serial": "1"}}},
        ["set smbios.mode emulate -> sysinfo"],
        (
            '<sysinfo type="smbios"><system><entry name="serial">1</entry></system></sysinfo>'
            '<os><smbios mode="sysinfo"/></os>'
        ),
    ),
]

REFUSED: list[Unfit] = [
    ({"firmware": "bios", "secure_boot": True}, "secure_boot does not go with firmware bios"),
    ({"secure_boot": True}, "VM 'a' has no firmware that libvirt chooses, so secure_boot cannot be changed"),
    ({"boot": {"order": []}}, r"boot\.order names nothing to boot from"),
    ({"boot": {"menu": False, "menu_timeout": 1}}, "menu_timeout does not go without menu"),
    ({"boot": {"menu_timeout": 65536}}, "menu_timeout 65536 is out of range"),
    ({"kernel": "vmlinuz"}, "kernel 'vmlinuz' is not understood; write it like /boot/vmlinuz"),
    ({"cmdline": "quiet"}, "VM 'a' has no kernel that cmdline is for"),
    ({"kernel": "", "initrd": "/i"}, "VM 'a' has no kernel that initrd is for"),
    ({"smbios": {"bios": {"date": "yesterday"}}}, r"smbios\.bios\.date 'yesterday' is not understood"),
]

FACTS: list[Fact] = [
    ({"inside": "", "os": "<loader type='pflash'>/x</loader>"}, "firmware", "efi"),
    ({"inside": "", "os": "<loader type='pflash' secure='yes'>/x</loader>"}, "secure_boot", True),
    ({"inside": "", "os": "<loader type='pflash'>/x</loader>"}, "secure_boot", False),
    ({"inside": "", "os": "<loader type='rom'>/x</loader>"}, "firmware", None),
    ({"inside": "", "os_attributes": " firmware='bios'"}, "firmware", None),
    ({"inside": "", "os_attributes": " firmware='efi'"}, "secure_boot", None),
    ({"inside": ""}, "secure_boot", False),
]
