# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What everything in the lab is called and where it lives: pure, decided by the lab's name and its settings alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kvmlab.errors import LabError

MAX_HOSTS = 9
MANAGEMENT = "10.77.0"
STORAGE = "10.78.0"
VM_HOSTS = ("v1", "v2", "v3")
BMC_PORT = 6230


@dataclass(frozen=True)
class Host:
    """A host of the first tier: h1 … h9."""

    number: int
    lab: Lab = field(repr=False)

    @property
    def name(self) -> str:
        return f"h{self.number}"

    @property
    def address(self) -> str:
        """On the management network (eth0)."""
        return f"{MANAGEMENT}.1{self.number}"

    @property
    def storage_address(self) -> str:
        """On the network for storage and migration (eth1)."""
        return f"{STORAGE}.1{self.number}"

    @property
    def namespace(self) -> str:
        return f"{self.lab.name}-{self.name}"

    @property
    def links(self) -> dict[str, str]:
        """The control namespace's ends of the host's two links, each with its bridge."""
        return {f"mgmt{self.number}": "br-mgmt", f"stor{self.number}": "br-stor"}

    @property
    def uuid(self) -> str:
        """The host's UUID for libvirt and its machine id; libvirt refuses to migrate between equal ones."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.{self.lab.name}.lab"))

    @property
    def bmc_port(self) -> int:
        return BMC_PORT + self.number

    @property
    def disk(self) -> Path:
        """The folder of the host's overlay: all that the host has written."""
        return self.lab.state / "hosts" / self.name

    @property
    def console(self) -> Path:
        return self.lab.state / "log" / f"{self.name}.console"

    @property
    def partition_mark(self) -> Path:
        """Lists the links that are cut, also over a reboot of the host; absent when none is."""
        return self.lab.run / f"{self.name}.partition"


@dataclass(frozen=True)
class Lab:
    """One lab; labs of different names do not meet, since each has its own namespaces."""

    name: str
    cache: Path
    state: Path
    run: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Lab:
        """Read KVMOPS_LAB_NAME (default kvmops) and KVMOPS_LAB_CACHE (default /var/cache/kvmops-lab)."""
        name = environment.get("KVMOPS_LAB_NAME") or "kvmops"
        if not (name.isascii() and name.isalnum() and len(name) <= 20):
            raise LabError(f"The lab's name '{name}' (KVMOPS_LAB_NAME) may only have letters and digits, at most 20.")
        cache = Path(environment.get("KVMOPS_LAB_CACHE") or "/var/cache/kvmops-lab")
        if not cache.is_absolute() or set(str(cache)) & set(",:\\ "):
            raise LabError(f"The cache '{cache}' (KVMOPS_LAB_CACHE) is no absolute path without , : \\ and blanks.")
        return cls(name, cache, Path(f"/var/lib/{name}-lab"), Path(f"/run/{name}-lab"))

    def host(self, name: str) -> Host:
        """The host called h1 … h9; raises LabError for every other name."""
        number = name[1:]
        if name[:1] != "h" or number not in "123456789" or len(number) != 1:
            raise LabError(f"There is no host '{name}': the hosts are called h1 to h{MAX_HOSTS}.")
        return Host(int(number), self)

    def hosts(self, count: int) -> list[Host]:
        return [Host(number, self) for number in range(1, count + 1)]

    @property
    def namespace(self) -> str:
        """The control namespace: the lab's switches, the power controllers, and the way in for ssh."""
        return f"{self.name}-ctl"

    @property
    def controller_address(self) -> str:
        return f"{MANAGEMENT}.1"

    @property
    def bridges(self) -> dict[str, str]:
        return {"br-mgmt": f"{MANAGEMENT}.1/24", "br-stor": f"{STORAGE}.1/24"}

    @property
    def key(self) -> Path:
        return self.state / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        return self.state / "known_hosts"

    @property
    def ssh_config(self) -> Path:
        return self.run / "ssh_config"

    @property
    def ssh(self) -> Path:
        return self.run / "ssh"

    @property
    def bmc_password(self) -> Path:
        return self.state / "bmc-password"

    def etc_hosts(self) -> str:
        """The names of all hosts that can be, whether they are up or not."""
        first = [(host.address, host.name) for host in self.hosts(MAX_HOSTS)]
        second = [(f"{MANAGEMENT}.2{number}", name) for number, name in enumerate(VM_HOSTS, 1)]
        storage = [(host.storage_address, f"{host.name}-storage") for host in self.hosts(MAX_HOSTS)]
        lines = [f"{address}\t{name}.lab {name}" for address, name in [*first, *second, *storage]]
        return "\n".join(["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost", *lines, ""])
