# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make /dev/tapN for macvtap interfaces, as udev would: a host of the lab has neither udev nor devtmpfs."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

NETLINK_KOBJECT_UEVENT = 15


def properties(message: bytes) -> dict[str, str]:
    """The fields of a message of the kernel."""
    fields = message.decode(errors="replace").split("\0")
    return dict(field.split("=", 1) for field in fields if "=" in field)


def follow(event: dict[str, str]) -> None:
    """Make or remove the node that an event is about."""
    if event.get("SUBSYSTEM") != "macvtap" or "DEVNAME" not in event:
        return
    node = Path("/dev", event["DEVNAME"])
    node.unlink(missing_ok=True)
    if event["ACTION"] == "add":
        os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(int(event["MAJOR"]), int(event["MINOR"])))


def main() -> None:
    """Follow the kernel's events for ever."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_KOBJECT_UEVENT) as events:
        events.bind((0, 1))
        while True:
            follow(properties(events.recv(8192)))


if __name__ == "__main__":
    main()
