# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tables of small devices are made of: the kinds of their rows, and devices that others need."""

from __future__ import annotations

from typing import Any

# An option, what is wanted of it in a VM that has the devices before, and the devices that it has then.
Made = tuple[str, Any, str, str]
# An option, what is wanted of it in a VM that has the devices before, what has to change, and the devices then.
Edited = tuple[str, Any, str, list[str], str]
# An option, what is wanted of it, the devices of the VM, and what is said.
Unfit = tuple[str, Any, str, str]
# What is wanted of a running VM, the devices with which it runs, the lines of the plan, and what waits for a restart.
Live = tuple[dict[str, Any], str, list[str], list[str]]

VGA = "<video><model type='vga'/></video>"
USB = "<controller type='usb' index='0' model='qemu-xhci'/>"
SPICE = "<graphics type='spice' autoport='yes'/>"
AGENT = "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
SERIAL = "<serial type='pty'><target port='0' type='isa-serial'><model name='isa-serial'/></target></serial>"
MIRROR = "<console type='pty'><target type='serial' port='0'/></console>"
ROOT_PORT = "<controller type='pci' index='0' model='pcie-root'/>"
BRIDGE = "<controller type='pci' index='1' model='pcie-to-pci-bridge'/>"
VIRTIO_SERIAL = "<controller type='virtio-serial' index='0'/>"


def at_next_boot(option: str, wanted: Any, title: str) -> Live:
    """Return the row of what no running VM can be given."""
    return {option: wanted}, "", [f"attach {title} [next_boot]"], [f"{title.partition(' (')[0]} is not attached yet"]
