# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's second tier: hosts that are whole VMs, with a kernel that has VLANs, bonding, LVM, NFS and a watchdog."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import time
import uuid
from pathlib import Path

from kvmlab import qmp, vmtier_image, vmtier_machine
from kvmlab.cgroups import Group
from kvmlab.errors import LabError
from kvmlab.guests import SOURCES
from kvmlab.keys import HOST_KEY
from kvmlab.run import Say, run
from kvmlab.settings import MANAGEMENT, STORAGE, VM_HOSTS, Lab
from kvmlab.vmtier_machine import Machine

PATIENCE = 300.0  # seconds; some 2 are needed, unless the machine has much else to do
BRIDGES = {"mgmt": "br-mgmt", "stor": "br-stor", "sto2": "br-stor"}


def up(count: int, say: Say) -> None:
    """Bring up the hosts v1 ... vCOUNT from the saved state; those that run are left alone. Raises LabError."""
    lab = _lab()
    if not 1 <= count <= len(VM_HOSTS):
        raise LabError(f"The VM tier has 1 to {len(VM_HOSTS)} hosts, not {count}.")
    if not Path("/run/netns", lab.namespace).exists() or not lab.key.exists():
        raise LabError("The lab's network and key do not exist yet: bring the lab up first.")
    image = vmtier_image.ensure(lab, say)
    for number in range(1, count + 1):
        _up(lab, number, image, say)


def _lab() -> Lab:
    return Lab.from_environment(os.environ)


def _machine(lab: Lab, name: str) -> Machine:
    return Machine(name, lab.run / "vm" / name, lab.state / "vm" / name, lab.namespace)


def _up(lab: Lab, number: int, image: vmtier_image.Image, say: Say) -> None:
    machine = _machine(lab, VM_HOSTS[number - 1])
    if machine.is_ready():
        say(f"{machine.name} is running already")
        return
    started = time.monotonic()
    vmtier_machine.stop(machine)  # one that an interrupted "up" has left without its name
    _clear(machine)
    machine.disks.mkdir(parents=True)
    overlay = machine.disks / "root.qcow2"
    run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.root, overlay], f"make {overlay}")
    vmtier_image.make_spare_disks(machine.disks)
    vmtier_machine.make_taps(machine, BRIDGES)
    vmtier_machine.start(machine, image.kernel, image.initrd, image.state, Group(lab, "vm").born)
    _identify(lab, machine, number)
    machine.ready.touch()
    say(f"{machine.name} is up at {address(number)} ({time.monotonic() - started:.1f} s)")


def address(number: int) -> str:
    """The management address of the host vNUMBER."""
    return f"{MANAGEMENT}.2{number}"


def _identify(lab: Lab, machine: Machine, number: int) -> None:
    """Give a host that has just left the common saved state its time, keys, name, addresses and UUID."""
    host_uuid = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{machine.name}.{lab.name}.lab"))
    words = [f"{address(number)}/24", f"{STORAGE}.2{number}/24", lab.controller_address, str(number), host_uuid]
    with qmp.agent(machine.agent, PATIENCE) as agent:
        agent.execute("guest-set-time")
        qmp.run_in_guest(agent, ["tar", "-C", "/", "-x"], PATIENCE, _archive(_own_files(lab, machine.name)))
        qmp.run_in_guest(agent, ["lab-identity", machine.name, *words], PATIENCE)


def _own_files(lab: Lab, name: str) -> dict[str, bytes]:
    """What only this host has, and what only this lab has: keys and names."""
    public = lab.key.with_name(f"{lab.key.name}.pub").read_bytes()
    keys = lab.state / "keys" / name
    return {
        f"etc/ssh/{HOST_KEY}": (keys / HOST_KEY).read_bytes(),
        f"etc/ssh/{HOST_KEY}.pub": (keys / f"{HOST_KEY}.pub").read_bytes(),
        "etc/ssh/ssh_known_hosts": lab.known_hosts.read_bytes(),
        "root/.ssh/id_ed25519": lab.key.read_bytes(),
        "root/.ssh/authorized_keys": public,
        "etc/hosts": lab.etc_hosts().encode(),
        "usr/local/sbin/lab-identity": (SOURCES / "vmtier/lab-identity").read_bytes(),
    }


def _archive(files: dict[str, bytes]) -> bytes:
    """A tar archive of files that belong to root; private ones are for root alone, programs can be run."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            private = name.startswith("root/") or name.endswith("_key")
            entry.mode = 0o600 if private else 0o755 if "/sbin/" in name else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def down(say: Say) -> None:
    """End all hosts of the VM tier and remove what they leave: processes, taps, disks."""
    lab = _lab()
    for name in sorted(_names(lab.run) | _names(lab.state)):
        machine = _machine(lab, name)
        vmtier_machine.stop(machine)
        _clear(machine)
        say(f"{name} is gone")


def _names(root: Path) -> set[str]:
    return {folder.name for folder in (root / "vm").iterdir()} if (root / "vm").exists() else set()


def _clear(machine: Machine) -> None:
    if Path("/run/netns", machine.namespace).exists():
        vmtier_machine.remove_taps(machine)
    for folder in (machine.run, machine.disks):
        if folder.exists():
            shutil.rmtree(folder)


def status() -> dict[str, str]:
    """What each host of the VM tier does: its name -> 'running' or 'stopped'."""
    lab = _lab()
    return {name: "running" if _machine(lab, name).is_ready() else "stopped" for name in sorted(_names(lab.run))}
