# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a disk is to its guest, and how the host reads and writes it."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.disks.parts import Edited, New, Unfit, disk

SCSI = "dev='sda' bus='scsi'"

NEW: list[New] = [
    ({}, disk()),
    ({"bus": "scsi"}, disk(target=SCSI)),
    ({"bus": "sata", "target": "sdc"}, disk(target="dev='sdc' bus='sata'")),
    ({"bus": "usb"}, disk(target="dev='sda' bus='usb'")),
    ({"bus": "ide"}, disk(target="dev='hda' bus='ide'")),
    ({"boot_order": 1}, disk("<boot order='1'/>")),
    *(
        ({"cache": word}, disk(driver=f"cache='{word}'"))
        for word in ("none", "writeback", "writethrough", "directsync", "unsafe")
    ),
    *(({"io": word}, disk(driver=f"io='{word}'")) for word in ("native", "threads", "io_uring")),
    *(({"discard": word}, disk(driver=f"discard='{word}'")) for word in ("unmap", "ignore")),
    *(({"detect_zeroes": word}, disk(driver=f"detect_zeroes='{word}'")) for word in ("off", "on", "unmap")),
    *(
        ({"error_policy": word}, disk(driver=f"error_policy='{word}'"))
        for word in ("stop", "report", "ignore", "enospace")
    ),
    *(({"rerror_policy": word}, disk(driver=f"rerror_policy='{word}'")) for word in ("stop", "report", "ignore")),
    ({"copy_on_read": True}, disk(driver="copy_on_read='on'")),
    ({"copy_on_read": False}, disk(driver="copy_on_read='off'")),
    ({"iothread": 2}, disk(driver="iothread='2'")),
    ({"queues": 4}, disk(driver="queues='4'")),
    ({"bus": "scsi", "rotation_rate": 7200}, disk(target=f"{SCSI} rotation_rate='7200'")),
    ({"serial": "WD-1"}, disk("<serial>WD-1</serial>")),
    ({"bus": "scsi", "wwn": "5000c50015ea71aa"}, disk("<wwn>5000c50015ea71aa</wwn>", target=SCSI)),
    (
        {"bus": "scsi", "vendor": "ACME", "product": "ST 3000"},
        disk("<vendor>ACME</vendor><product>ST 3000</product>", target=SCSI),
    ),
    (
        {"logical_block_size": 512, "physical_block_size": 4096},
        disk("<blockio logical_block_size='512' physical_block_size='4096'/>"),
    ),
    ({"readonly": True}, disk("<readonly/>")),
    ({"shareable": True}, disk("<shareable/>")),
    ({"transient": True}, disk("<transient/>")),
]

EDITED: list[Edited] = [
    (disk(driver="cache='none'"), {"cache": "default"}, ["cache none -> none"], disk()),
    (disk(driver="io='native' x='1'"), {"io": "default"}, ["io native -> none"], disk(driver="x='1'")),
    (disk(driver="discard='unmap'"), {"discard": "default"}, ["discard unmap -> none"], disk()),
    (disk(driver="detect_zeroes='on'"), {"detect_zeroes": "default"}, ["detect_zeroes on -> none"], disk()),
    (disk(driver="error_policy='stop'"), {"error_policy": "default"}, ["error_policy stop -> none"], disk()),
    (disk(driver="rerror_policy='stop'"), {"rerror_policy": "default"}, ["rerror_policy stop -> none"], disk()),
    (disk(driver="iothread='1' queues='2'"), {"iothread": 0}, ["iothread 1 -> none"], disk(driver="queues='2'")),
    (disk(driver="iothread='1' queues='2'"), {"queues": 0}, ["queues 2 -> none"], disk(driver="iothread='1'")),
    (disk("<serial>a</serial>"), {"serial": ""}, ["serial a -> none"], disk()),
    (disk("<wwn>5000c50015ea71aa</wwn>"), {"wwn": ""}, ["wwn 5000c50015ea71aa -> none"], disk()),
    (disk("<vendor>a</vendor>"), {"vendor": ""}, ["vendor a -> none"], disk()),
    (disk("<product>a</product>"), {"product": "b"}, ["product a -> b"], disk("<product>b</product>")),
    (disk("<boot order='2' loadparm='x'/>"), {"boot_order": 0}, ["boot_order 2 -> none"], disk("<boot loadparm='x'/>")),
    (
        disk("<blockio logical_block_size='512' physical_block_size='4096'/>"),
        {"physical_block_size": 0},
        ["physical_block_size 4096 -> none"],
        disk("<blockio logical_block_size='512'/>"),
    ),
    (
        disk("<blockio logical_block_size='512'/>"),
        {"logical_block_size": 0},
        ["logical_block_size 512 -> none"],
        disk(),
    ),
    (disk("<transient shareBacking='yes'/>"), {"transient": True}, [], disk("<transient shareBacking='yes'/>")),
    (disk("<shareable/><readonly/>"), {"shareable": False}, ["shareable True -> False"], disk("<readonly/>")),
    (
        disk(target="dev='sda' bus='sata' rotation_rate='1' tray='open'"),
        {"rotation_rate": 0},
        ["rotation_rate 1 -> none"],
        disk(target="dev='sda' bus='sata' tray='open'"),
    ),
    # Another bus: the address goes, the target follows.
    (
        disk("<address type='pci' slot='0x04'/><serial>s</serial>"),
        {"bus": "sata"},
        ["bus virtio -> sata"],
        disk("<serial>s</serial>", target="dev='sda' bus='sata'"),
    ),
    (
        disk("<address type='pci' slot='0x04'/>"),
        {"bus": "usb", "target": "sdx"},
        ["bus virtio -> usb", "target vda -> sdx"],
        disk(target="dev='sdx' bus='usb'"),
    ),
    (disk("<address type='pci' slot='0x04'/>"), {"bus": "virtio"}, [], disk("<address type='pci' slot='0x04'/>")),
]

REFUSED: list[Unfit] = [
    ({"wwn": "5000"}, "wwn '5000' is not understood; write it like '5000c50015ea71aa'."),
    ({"vendor": "a name too long"}, "vendor 'a name too long' is not understood"),
    ({"product": "a product's name too long"}, "is not understood"),
    ({"queues": 1025}, "queues 1025 is out of range; choose 1 to 1024."),
    ({"rotation_rate": 65535}, "rotation_rate 65535 is out of range"),
]
