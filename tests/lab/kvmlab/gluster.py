# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shared storage: a GlusterFS volume with a brick on each of the first three hosts, mounted on all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kvmlab import hosts
from kvmlab.errors import LabError
from kvmlab.run import each, wait_for
from kvmlab.settings import Host

VOLUME = "shared"
MOUNT = "/srv/shared"
UNIT = "lab-shared.service"
BRICK = "/var/lib/brick/shared"
GLUSTER = ("gluster", "--mode=script")
MAX_BRICKS = 3
RECONNECT_SECONDS = 20  # a mount that was cut off finds its bricks again by itself; VMs have their disks open on it


def is_mounted(host: Host) -> bool:
    """Whether the volume is mounted on the host, and answers."""
    return has_mount(host) and hosts.execute(host, ["stat", MOUNT], timeout=10).returncode == 0


def has_mount(host: Host) -> bool:
    """Whether the volume is mounted on the host, be it cut off from its bricks."""
    mounted = hosts.execute(host, ["findmnt", "--noheadings", "--output=FSTYPE", MOUNT], timeout=10)
    return "fuse.glusterfs" in mounted.stdout


def ensure(members: Sequence[Host]) -> None:
    """Have the volume mounted on all hosts; what is there already is used again."""
    each(members, _wait_for_daemon)
    first = members[0]
    _join(first, members)
    if f"Volume Name: {VOLUME}\n" not in hosts.execute(first, [*GLUSTER, "volume", "info"]).stdout:
        _create(first, members[:MAX_BRICKS])
    _start(first)
    each(members, _mount)


def _wait_for_daemon(host: Host) -> None:
    def answers() -> bool:
        return hosts.execute(host, [*GLUSTER, "pool", "list"], timeout=20).returncode == 0

    if not wait_for(answers, 30):
        raise LabError(f"GlusterFS does not start on {host.name}: see 'lab exec {host.name} journalctl -u glusterd'.")


def connected(pool_list: str) -> int:
    """How many members of the pool are there, from what `gluster pool list` printed."""
    return len(re.findall(r"\bConnected\s*$", pool_list, re.MULTILINE))


def _join(first: Host, members: Sequence[Host]) -> None:
    """Bring all hosts into one pool, known by their names on the storage network."""
    pool = [*GLUSTER, "pool", "list"]
    for host in members[1:]:
        if f"{host.name}-storage" not in hosts.execute(first, pool).stdout:
            hosts.command(first, [*GLUSTER, "peer", "probe", f"{host.name}-storage"], f"add {host.name} to the storage")
    for host in members[1:2]:  # who was asked to join knows the first host by its address only
        if f"{first.name}-storage" not in hosts.execute(host, [*GLUSTER, "peer", "status"]).stdout:
            hosts.command(host, [*GLUSTER, "peer", "probe", f"{first.name}-storage"], "name the first host")
    if not wait_for(lambda: connected(hosts.execute(first, pool).stdout) >= len(members), 30):
        raise LabError(f"The hosts' storage does not find together: see 'lab exec {first.name} gluster pool list'.")


def creation(bricks: Sequence[Host]) -> list[str]:
    """The words for gluster that make the volume."""
    replica = ["replica", str(len(bricks))] if len(bricks) > 1 else []
    return ["volume", "create", VOLUME, *replica, *(f"{host.name}-storage:{BRICK}" for host in bricks), "force"]


def options(bricks: Sequence[Host], uid: str, gid: str) -> dict[str, str]:
    """The volume's settings: those for images of VMs, owned by QEMU's user."""
    chosen = {"network.ping-timeout": "5", "storage.owner-uid": uid, "storage.owner-gid": gid}
    if len(bricks) < MAX_BRICKS:  # no majority is possible: the volume lives as long as its first host
        chosen["cluster.server-quorum-type"] = "none"
    return chosen


def _create(first: Host, bricks: Sequence[Host]) -> None:
    for host in bricks:
        hosts.command(host, ["rm", "-rf", BRICK], "clear an interrupted brick")
        hosts.command(host, ["mkdir", "-p", BRICK.rpartition("/")[0]], "make the folder of the brick")
    hosts.command(first, [*GLUSTER, *creation(bricks)], "create the shared volume")


def _start(first: Host) -> None:
    """Set the volume's options and start it, when it is not started; an interrupted set-up is thus completed."""
    info = hosts.command(first, [*GLUSTER, "volume", "info", VOLUME], "look at the shared volume")
    if "Status: Started" in info:
        return
    bricks = [first] * len(re.findall(r"^Brick\d+:", info, re.MULTILINE))
    uid, gid = (hosts.command(first, ["id", flag, "libvirt-qemu"], "find QEMU's user").strip() for flag in ("-u", "-g"))
    hosts.command(first, [*GLUSTER, "volume", "set", VOLUME, "group", "virt"], "tune the shared volume")
    words = [word for pair in options(bricks, uid, gid).items() for word in pair]
    hosts.command(first, [*GLUSTER, "volume", "set", VOLUME, *words], "tune the shared volume")
    hosts.command(first, [*GLUSTER, "volume", "start", VOLUME], "start the shared volume")


def _mount(host: Host) -> None:
    """Mount the volume now; from the next boot on the host does it by itself."""
    if has_mount(host) and wait_for(lambda: is_mounted(host), RECONNECT_SECONDS, poll=0.5):
        return

    def mounted() -> bool:
        hosts.execute(host, ["systemctl", "restart", UNIT])
        return is_mounted(host)

    if not wait_for(mounted, 30, poll=0.5):
        raise LabError(f"{MOUNT} does not mount on {host.name}: see 'lab exec {host.name} journalctl -u {UNIT}'.")
