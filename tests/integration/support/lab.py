# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as tests see it: its hosts, commands on them, libvirt connections to them, and all that libvirt has there."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libvirt
from lxml import etree

SSH = "/run/kvmops-lab/ssh"
HOSTS = ("h1", "h2", "h3")
_BOOT_ID = "/proc/sys/kernel/random/boot_id"

_CONFIG = libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE
_GONE = (
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
    libvirt.VIR_ERR_NO_STORAGE_VOL,
)
_SHARING = ("-o", "ControlMaster=auto", "-o", "ControlPersist=60", "-o", "ControlPath=/run/kvmops-lab/test-%C")


class Lab:
    """The running lab."""

    hosts = HOSTS

    def __init__(self) -> None:
        self._connections: dict[str, Any] = {}

    def ssh(self, host: str, *command: str) -> list[str]:
        """Return the words of the local command that runs a command on a host."""
        return [SSH, *_SHARING, host, "--", shlex.join(command)]

    def exec(self, host: str, *command: str, check: bool = True, feed: str | None = None) -> str:
        """Run a command on a host and return what it prints; an error tells what it said unless `check` is off."""
        done = subprocess.run(self.ssh(host, *command), capture_output=True, text=True, check=False, input=feed)
        if check and done.returncode:
            raise AssertionError(f"{host}: {shlex.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def libvirt(self, host: str) -> Any:
        """Return a libvirt connection to a host, which the whole session shares."""
        if host not in self._connections:
            self._connections[host] = libvirt.open(f"qemu+ssh://root@{host}/system?command={SSH}")
        return self._connections[host]

    def reboot(self, host: str, timeout: float = 120) -> None:
        """Reboot a host in good order, and wait until all that it starts is started; `timeout` in seconds."""
        before = self.exec(host, "cat", _BOOT_ID)
        self._connections.pop(host, None)
        self.exec(host, "systemctl", "reboot", check=False)
        subprocess.run([SSH, *_SHARING, "-O", "exit", host], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        deadline = time.monotonic() + timeout
        while self._boot_id(host) in ("", before):
            if time.monotonic() > deadline:
                raise AssertionError(f"{host} did not come back within {timeout:g} s.")
            time.sleep(0.5)
        self.exec(host, "systemctl", "is-system-running", "--wait", check=False)

    def _boot_id(self, host: str) -> str:
        # The shared connection may be one to the boot before, and hang.
        command = [SSH, "-o", "ControlPath=none", "-o", "ConnectTimeout=2", host, "--", "cat", _BOOT_ID]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout

    def domain(self, host: str, name: str) -> Any:
        """Return the virDomain of that name."""
        return self.libvirt(host).lookupByName(name)

    def domain_xml(self, host: str, name: str) -> str:
        """Return a VM's configuration."""
        return str(self.domain(host, name).XMLDesc(_CONFIG))

    def names(self, host: str) -> dict[str, list[str]]:
        """Return the names of all domains and volumes of a host."""
        connection = self.libvirt(host)
        volumes = each(files_of, connection.listAllStoragePools())
        return {
            "domains": sorted(domain.name() for domain in connection.listAllDomains()),
            "volumes": sorted(place for places in volumes.values() for place in places),
        }

    def dump(self, host: str) -> dict[str, Any]:
        """Return all that a module could have touched on a host, as far as it does not change by itself."""
        connection = self.libvirt(host)
        return {
            "domains": each(domain_dump, connection.listAllDomains()),
            "networks": each(network_dump, connection.listAllNetworks()),
            "pools": each(pool_dump, connection.listAllStoragePools()),
        }


def each(read: Callable[[Any], Any], things: list[Any]) -> dict[str, Any]:
    """Return what is read of every thing, by name, without those that another suite has just removed."""
    return dict(pair for thing in things for pair in _unless_gone(read, thing))


def _unless_gone(read: Callable[[Any], Any], thing: Any) -> list[tuple[str, Any]]:
    try:
        return [(thing.name(), read(thing))]
    except libvirt.libvirtError as error:
        if error.get_error_code() in _GONE:
            return []
        raise


def files_of(pool: Any) -> list[str]:
    """Return the volumes of a pool as pool/name, as they are now, whoever made them; none of one that is off."""
    if not pool.isActive():
        return []
    pool.refresh()
    return [f"{pool.name()}/{name}" for name in pool.listVolumes()]


def domain_dump(domain: Any) -> tuple[Any, ...]:
    """Return a domain's configuration, power and autostart."""
    persistent = domain.isPersistent()
    return (domain.XMLDesc(_CONFIG if persistent else 0), domain.state()[0], persistent and domain.autostart())


def network_dump(network: Any) -> tuple[Any, ...]:
    """Return a network's configuration, power and autostart."""
    return (network.XMLDesc(libvirt.VIR_NETWORK_XML_INACTIVE), network.isActive(), network.autostart())


def pool_dump(pool: Any) -> tuple[Any, ...]:
    """Return a pool's configuration, power, autostart and volumes."""
    volumes = [volume_dump(volume) for volume in pool.listAllVolumes()] if pool.isActive() else []
    config = etree.fromstring(pool.XMLDesc(libvirt.VIR_STORAGE_XML_INACTIVE))
    for changing in ("capacity", "allocation", "available"):
        config.remove(config.find(changing))
    return (etree.tostring(config), pool.isActive(), pool.autostart(), sorted(volumes))


def volume_dump(volume: Any) -> tuple[Any, ...]:
    """Return a volume's name and size; how much of it is written changes while a guest runs."""
    return (volume.name(), volume.info()[1])


def require_lab() -> Lab:
    """Return the lab; an error says what to do where it is not up."""
    for host in HOSTS:
        said = _why_no_answer(host)
        if said:
            raise AssertionError(f"Host {host} of the lab does not answer ({said}); run tests/lab/lab up first.")
    return Lab()


def _why_no_answer(host: str) -> str:
    if not Path(SSH).exists():
        return "the lab was not started"
    done = subprocess.run([SSH, host, "--", "true"], capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"ssh ended with {done.returncode}") if done.returncode else ""
