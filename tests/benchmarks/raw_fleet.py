# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same work by libvirt-python alone, run on the host: what the collection is compared with.

Reads {"names", "pool", "backing", "domain", "threads"} as JSON from its input. For each name it makes a linked clone,
defines a VM on it and starts it; with "remove" it takes all of that away again.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import libvirt

VOLUME = """<volume><name>{name}-root.qcow2</name><capacity>512</capacity><allocation>0</allocation>
<target><format type='qcow2'/></target>
<backingStore><path>{backing}</path><format type='qcow2'/></backingStore></volume>"""


def make(connection: libvirt.virConnect, task: dict[str, str], name: str) -> None:
    """Make one VM, running."""
    connection.storagePoolLookupByName(task["pool"]).createXML(VOLUME.format(name=name, **task))
    connection.defineXML(task["domain"].replace("@NAME@", name)).create()


def remove(connection: libvirt.virConnect, task: dict[str, str], name: str) -> None:
    """Remove one VM and its volume."""
    domain = connection.lookupByName(name)
    domain.destroy()
    domain.undefine()
    connection.storagePoolLookupByName(task["pool"]).storageVolLookupByName(f"{name}-root.qcow2").delete()


def main() -> None:
    """Do it for all names, in as many threads as were asked for."""
    task = json.load(sys.stdin)
    connection = libvirt.open("qemu:///system")
    work = remove if task.get("remove") else make
    with ThreadPoolExecutor(task["threads"]) as pool:
        list(pool.map(lambda name: work(connection, task, name), task["names"]))
    connection.close()


main()
