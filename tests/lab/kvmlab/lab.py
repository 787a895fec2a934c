# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole lab: up, down, reset, and how it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from kvmlab import bmc, gluster, guests, hosts, image, keys, kvm, network, requirements
from kvmlab.cgroups import WORK, Group
from kvmlab.errors import LabError
from kvmlab.locks import locked
from kvmlab.run import Say, each, together
from kvmlab.settings import MAX_HOSTS, Host, Lab
from kvmlab.trees import remove_tree

DEFAULT_HOSTS = 3
GUESTS = ("tiny", "hello", "watchdog", "dirty")


@dataclass(frozen=True)
class Status:
    """How a host is, in plain words."""

    name: str
    power: str
    address: str
    libvirt: bool
    shared: bool
    bmc: bool
    partition: list[str]

    @property
    def ready(self) -> bool:
        return self.power == "on" and self.libvirt and self.shared and self.bmc and not self.partition


@contextmanager
def changing(lab: Lab, say: Say) -> Iterator[None]:
    """Be the only one who takes the lab up or down; ends what one that was killed has left at work."""
    for folder in (lab.state, lab.run):
        folder.mkdir(parents=True, exist_ok=True)
    with locked(lab.state / "lock", say, "another lab command"):
        work = Group(lab, WORK)
        work.enter()
        work.kill()
        try:
            yield
        finally:
            work.leave()
            work.kill()
            work.remove()
            if not Group(lab).members():
                Group(lab).remove()


def members(lab: Lab) -> list[Host]:
    """The hosts that belong to the lab as it is, on or off."""
    record = lab.state / "lab.json"
    return lab.hosts(json.loads(record.read_text())["hosts"]) if record.exists() else []


def up(lab: Lab, count: int | None, say: Say) -> None:
    """Bring the lab up; what is up already stays as it is."""
    there = members(lab)
    count = count or len(there) or DEFAULT_HOSTS
    if not len(there) <= count <= MAX_HOSTS:
        raise LabError(f"The lab has {len(there)} hosts, and can have up to {MAX_HOSTS}, but not {count}: "
                       "take it down first to have fewer.")  # fmt: skip
    if len(there) == count and all(status.ready for status in states(lab)):
        keys.ensure(lab)
        guests.ensure(lab.cache, GUESTS, say)
        say(f"the lab is up: {names(there)}")
        return
    requirements.check(lab, say, image_missing=not image.path(lab).exists())
    keys.ensure(lab)
    together(lambda: image.ensure(lab, say), lambda: guests.ensure(lab.cache, GUESTS, say))
    root = image.path(lab)
    kvm.ensure(lab, root, say)
    _record(lab, count)
    _bring_up(lab.hosts(count), root, say)


def names(group: list[Host]) -> str:
    return ", ".join(host.name for host in group)


def _record(lab: Lab, count: int) -> None:
    keys.replace(lab.state / "lab.json", json.dumps({"hosts": count}))


def _bring_up(group: list[Host], root: Path, say: Say) -> None:
    lab = group[0].lab
    network.ensure_control(lab)
    for left in (lab.state / "hosts").glob(".making-*"):
        remove_tree(left)
    each(group, lambda host: _boot(host, root))
    for host, failed in zip(group, each(group, hosts.wait_until_booted), strict=True):
        say(f"{host.name} is up at {host.address}" + (f", but these failed in it: {failed}" if failed else ""))
    bmc.password(lab)  # made once, before all use it at the same time
    each(group, bmc.ensure)
    say("the power controllers are up")
    gluster.ensure(group)
    say(f"the shared storage is mounted at {gluster.MOUNT}")
    say(f"the lab is up: {names(group)}; try '{lab.ssh} h1'")


def _boot(host: Host, root: Path) -> None:
    """Switch a host on; a disk over an image that is gone is made anew."""
    if hosts.is_on(host):
        if network.partition_of(host):
            heal(host)
        return
    lower = host.disk / "image"
    if lower.exists() and not Path(lower.read_text().strip()).is_dir():
        hosts.discard_disk(host)
    hosts.ensure_disk(host, root)
    host.partition_mark.unlink(missing_ok=True)
    hosts.switch_on(host)


def down(lab: Lab, keep: bool, say: Say) -> None:
    """Take everything down that bears the lab's name, whatever state it is in."""
    group = lab.hosts(MAX_HOSTS)
    each(group, bmc.stop)
    each(group, hosts.switch_off)
    everything = Group(lab)
    everything.kill()
    network.remove_all(lab)
    remove_tree(lab.run)
    if not keep:
        discard(lab)
    say("the lab is down" + ("; the hosts' disks are kept" if keep else ""))


def discard(lab: Lab) -> None:
    """Throw away the hosts' disks and forget how many there were."""
    (lab.state / "lab.json").unlink(missing_ok=True)
    remove_tree(lab.state / "hosts")


def clean(lab: Lab, say: Say) -> None:
    """Remove all images, and this lab's keys and logs; other labs' root images stay as long as their hosts do."""
    if members(lab):
        raise LabError("The lab is up, or its disks are kept: take it down with 'lab down' first.")
    say(f"removing the images in {lab.cache}")
    image.clear_interrupted(lab)
    image.remove_unused(lab, current=False)
    for folder in (lab.cache / "guests", lab.cache / "vmtier", lab.state / "keys", lab.state / "log"):
        remove_tree(folder)
    for file in (lab.key, lab.key.with_suffix(".pub"), lab.known_hosts, lab.bmc_password, lab.state / "kvm"):
        file.unlink(missing_ok=True)
    say("the images are gone, and so are the lab's keys and logs")


def reset(lab: Lab, say: Say) -> None:
    """Give all hosts fresh disks and boot them again."""
    group = members(lab)
    if group:
        say(f"throwing away the disks of {names(group)}")
    each(group, hosts.cut_power)
    discard(lab)
    up(lab, len(group) or None, say)


def partition(host: Host, kinds: list[str]) -> None:
    """Cut a host's links, until they are healed; it goes on running."""
    with hosts.switching(host):
        cut = sorted({*network.partition_of(host), *kinds})
        host.partition_mark.write_text(" ".join(cut))
        if hosts.is_on(host):
            network.unplug(host, cut)


def heal(host: Host) -> None:
    """End a partition."""
    with hosts.switching(host):
        host.partition_mark.unlink(missing_ok=True)
        if hosts.is_on(host):
            network.plug(host)


def states(lab: Lab) -> list[Status]:
    """How the lab's hosts are, asked of all at the same time."""
    return each(members(lab), _state)


def _state(host: Host) -> Status:
    on = hosts.is_on(host) and hosts.leader(host) is not None
    libvirt = on and hosts.execute(host, ["systemctl", "is-active", "libvirtd.socket"], timeout=10).returncode == 0
    return Status(
        name=host.name, power="on" if on else "off", address=host.address, libvirt=libvirt,
        shared=on and gluster.is_mounted(host), bmc=bmc.is_running(host), partition=network.partition_of(host),
    )  # fmt: skip


def as_json(lab: Lab, found: list[Status], vm_hosts: dict[str, str]) -> str:
    """What `status --json` prints."""
    fields = {"name": lab.name, "ssh_config": str(lab.ssh_config), "hosts": [asdict(status) for status in found],
              "vm_hosts": vm_hosts}  # fmt: skip
    return json.dumps(fields, indent=2)


def member(lab: Lab, name: str) -> Host:
    """The lab's host of that name; raises LabError when there is none, or no lab."""
    group = members(lab)
    if not group or not lab.ssh.exists():
        raise LabError("The lab is not up: bring it up with 'lab up'.")
    host = lab.host(name)
    if host not in group:
        raise LabError(f"There is no host '{name}' in this lab, which has {names(group)}.")
    return host
