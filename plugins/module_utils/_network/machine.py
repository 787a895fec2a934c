# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hypervisor's own machine has, where the module runs on it; for a hypervisor elsewhere nobody can tell."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from urllib.parse import urlsplit

from .._hypervisor import Hypervisor

_INTERFACES = "/sys/class/net"
_ROUTES = "/proc/net/route"

# Interface and subnet, such as ("eth0", "192.0.2.0/24").
Link = tuple[str, str]


def _is_here(host: Hypervisor) -> bool:
    uri = urlsplit(host.uri)
    return not uri.hostname and not uri.scheme.startswith("test")


def bridge_missing(host: Hypervisor, bridge: str) -> bool:
    """Return whether this machine is the hypervisor and has no bridge of that name."""
    return _is_here(host) and not os.path.isdir(f"{_INTERFACES}/{bridge}/bridge")


def links_of(host: Hypervisor) -> list[Link]:
    """Return the IPv4 subnets that this machine's interfaces are in, if it is the hypervisor."""
    if not _is_here(host) or not os.path.exists(_ROUTES):
        return []
    with open(_ROUTES, encoding="ascii") as routes:
        return parse_routes(routes)


def parse_routes(lines: Iterable[str]) -> list[Link]:
    """Return the directly connected subnets of a route table. Source: proc(5), /proc/net/route."""
    rows = [line.split() for line in lines][1:]
    direct = [row for row in rows if int(row[2], 16) == 0 and int(row[7], 16) != 0]
    return [(row[0], f"{_address(row[1])}/{_address(row[7])}") for row in direct]


def _address(written: str) -> str:
    """Return an address that the kernel writes in hexadecimal, lowest byte first."""
    return str(ipaddress.IPv4Address(bytes.fromhex(written)[::-1]))
