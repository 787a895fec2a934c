# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's networks: two bridges in the control namespace, and a namespace with two links for each host."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from kvmlab.cgroups import send
from kvmlab.errors import LabError
from kvmlab.run import attempt, run
from kvmlab.settings import Host, Lab

NETNS = Path("/run/netns")
KINDS = {"management": "mgmt", "storage": "stor"}
MACS = {"br-mgmt": "02:77:00:00:00:", "br-stor": "02:78:00:00:00:"}  # what the addresses on each bridge begin with


def ensure_control(lab: Lab) -> None:
    """Have the control namespace with its two bridges.

    Their hardware addresses are fixed: else a bridge takes over that of one of its links and, when that host
    goes off, the others do not reach the lab's control, its BMCs among it, until they ask for the address again.
    """
    ensure_namespace(lab.namespace)
    there = links(lab.namespace)
    commands = ["link set lo up"]
    for bridge, address in lab.bridges.items():
        if bridge not in there:
            commands += [f"link add {bridge} type bridge", f"address add {address} dev {bridge}"]
        commands.append(f"link set {bridge} address {MACS[bridge]}01 up")
    batch(lab.namespace, commands, f"make the networks of the lab '{lab.name}'")


def ensure_namespace(name: str) -> None:
    """Have a network namespace; a name that is left from before the machine's last boot is made anew."""
    if not namespace_works(name):
        (NETNS / name).unlink(missing_ok=True)
        run(["ip", "netns", "add", name], f"make the network namespace {name}")


def namespace_works(name: str) -> bool:
    return (NETNS / name).exists() and attempt(["ip", "-n", name, "link", "show", "lo"]).returncode == 0


def links(namespace: str) -> set[str]:
    """The names of the links in a namespace."""
    listing = run(["ip", "-json", "-n", namespace, "link", "show"], f"list the links of {namespace}")
    return {link["ifname"] for link in json.loads(listing)}


def batch(namespace: str, commands: Sequence[str], what: str) -> None:
    """Give several commands to `ip` in a namespace at once."""
    run(["ip", "-n", namespace, "-batch", "-"], what, stdin="\n".join([*commands, ""]))


def connect(host: Host) -> None:
    """Give a host that boots a fresh network: nothing is left of bridges and rules that it had before."""
    disconnect(host)
    ensure_control(host.lab)
    ensure_namespace(host.namespace)
    what = f"connect {host.name} to its networks"
    batch(host.lab.namespace, plugging(host), what)
    batch(host.namespace, addressing(host), what)
    cut = partition_of(host)
    if cut:
        unplug(host, cut)


def plugging(host: Host) -> list[str]:
    """The commands for `ip` in the control namespace that lay a host's two cables."""
    ends = zip(host.links, ("eth0", "eth1"), strict=True)
    cables = [f"link add {end} type veth peer name {eth} netns {host.namespace}" for end, eth in ends]
    return cables + [f"link set {end} master {bridge} up" for end, bridge in host.links.items()]


def addressing(host: Host) -> list[str]:
    """The commands for `ip` in a host's namespace that give it its addresses."""
    return [
        "link set lo up",
        f"link set eth0 address {MACS['br-mgmt']}1{host.number} up",
        f"link set eth1 address {MACS['br-stor']}1{host.number} up",
        f"address add {host.address}/24 dev eth0",
        f"address add {host.storage_address}/24 dev eth1",
        f"route add default via {host.lab.controller_address}",
    ]


def unplug(host: Host, kinds: Sequence[str] = tuple(KINDS)) -> None:
    """Take a host's links off their bridges: the host sees a carrier, and nobody else any more."""
    ends = [f"{KINDS[kind]}{host.number}" for kind in kinds]
    commands = [f"link set {end} nomaster" for end in ends]
    batch(host.lab.namespace, commands, f"partition {host.name}")


def plug(host: Host) -> None:
    """Put a host's links back on their bridges."""
    commands = [f"link set {end} master {bridge} up" for end, bridge in host.links.items()]
    batch(host.lab.namespace, commands, f"heal the partition of {host.name}")


def partition_of(host: Host) -> list[str]:
    """The kinds of links of a host that are cut."""
    return host.partition_mark.read_text().split() if host.partition_mark.exists() else []


def disconnect(host: Host) -> None:
    """Take a host's network away; the cables go first, since a namespace may take its time to go."""
    for end in host.links:
        attempt(["ip", "-n", host.lab.namespace, "link", "delete", end])
    remove_namespace(host.namespace)


def remove_namespace(name: str) -> None:
    """Remove a network namespace that may be there or not."""
    if (NETNS / name).exists():
        done = attempt(["ip", "netns", "delete", name])
        if done.returncode != 0 and namespace_works(name):
            raise LabError(f"Cannot remove the network namespace {name}: {done.stdout.strip()}.")
        (NETNS / name).unlink(missing_ok=True)


def inhabitants(namespaces: Sequence[Path]) -> set[int]:
    """The processes in network namespaces, but for this one: ways of ssh into the lab, for one."""
    inodes = {path.stat().st_ino for path in namespaces}
    pids = {int(process.name) for process in Path("/proc").glob("[0-9]*")} - {os.getpid()}
    return {pid for pid in pids if _network_of(pid) in inodes}


def _network_of(pid: int) -> int | None:
    try:
        return Path(f"/proc/{pid}/ns/net").stat().st_ino
    except OSError:  # it has just ended
        return None


def remove_all(lab: Lab) -> None:
    """Remove all of a lab's namespaces, also those that only a crash can have left, with who is in them."""
    namespaces = sorted(NETNS.glob(f"{lab.name}-*"))
    for pid in inhabitants(namespaces):
        send(pid, signal.SIGKILL)
    for path in namespaces:
        remove_namespace(path.name)
    if NETNS.is_mount() and not any(NETNS.iterdir()):
        run(["umount", NETNS], "release the folder of network namespaces")  # `ip netns add` has mounted it on itself
