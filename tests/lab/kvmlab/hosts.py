# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts: their disks, switching them on and off, and running commands in them."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kvmlab import keys, network
from kvmlab.cgroups import Group, send
from kvmlab.errors import LabError
from kvmlab.run import PATH, attempt, environment, last_words, run, wait_for
from kvmlab.settings import Host
from kvmlab.trees import remove_tree

HALT = signal.SIGRTMIN + 3  # asks systemd for a power-off
BOOT_SECONDS = 90
HALT_SECONDS = 30
PACKAGE = Path(__file__).resolve().parent.parent


@contextmanager
def switching(host: Host) -> Iterator[None]:
    """Hold the host's switch: one at a time may turn it on or off."""
    with (host.lab.run / f"{host.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_disk(host: Host, image: Path) -> None:
    """Have a disk for the host: an empty overlay over the image, with what makes this host itself in it."""
    if (host.disk / "image").exists():
        return
    hosts = host.disk.parent
    hosts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".making-{host.name}-", dir=hosts) as folder:
        disk = Path(folder, "disk")
        for part in ("upper", "work", "root"):
            (disk / part).mkdir(parents=True)
        _personalise(host, image, disk / "upper")
        (disk / "image").write_text(f"{image}\n")
        disk.chmod(0o755)
        remove_tree(host.disk)
        os.rename(disk, host.disk)


def _personalise(host: Host, image: Path, upper: Path) -> None:
    """Write what makes this host itself."""
    (upper / "etc/libvirt").mkdir(parents=True)
    (upper / "etc/libvirt").chmod((image / "etc/libvirt").stat().st_mode & 0o7777)
    (upper / "etc/hostname").write_text(f"{host.name}\n")
    (upper / "etc/hosts").write_text(host.lab.etc_hosts())
    (upper / "etc/resolv.conf").write_text(f"nameserver {host.lab.controller_address}\n")  # dnsmasq wants one to exist
    settings = (image / "etc/libvirt/libvirtd.conf").read_text()
    (upper / "etc/libvirt/libvirtd.conf").write_text(f'{settings}\nhost_uuid = "{host.uuid}"\n')
    keys.install(host, upper)


def discard_disk(host: Host) -> None:
    """Throw away all that the host has written; the host has to be off."""
    remove_tree(host.disk)


def leader(host: Host) -> int | None:
    """The pid of the host's init as this machine sees it; None when the host is off."""
    depth = len(_namespaced_pids("self")) + 1
    for pid in sorted(Group(host.lab, host.name).members()):
        pids = _namespaced_pids(str(pid))
        if len(pids) == depth and pids[-1] == "1":
            return pid
    return None


def _namespaced_pids(pid: str) -> list[str]:
    try:
        lines = Path("/proc", pid, "status").read_text().splitlines()
    except OSError:  # it has just ended
        return []
    return next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])


def is_on(host: Host) -> bool:
    """Whether the host has power: its init runs, or something is about to start it."""
    return bool(Group(host.lab, f"{host.name}-power").members())


def switch_on(host: Host) -> None:
    """Switch the host on, if it is off; returns at once, while the host boots."""
    with switching(host):
        if is_on(host):
            return
        if not (host.disk / "image").exists():
            raise LabError(f"The host {host.name} has no disk yet: bring it up with 'lab up -n {host.number}'.")
        _end(host)
        host.console.parent.mkdir(parents=True, exist_ok=True)
        with host.console.open("a") as console:
            subprocess.Popen(
                [sys.executable, "-m", "kvmlab.supervisor", host.name], env=program_environment(),
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
            )  # fmt: skip
        if not wait_for(lambda: is_on(host), 10, poll=0.02):
            raise LabError(f"The host {host.name} does not start: the reason is in {host.console}.")


def program_environment() -> dict[str, str]:
    """The environment for a part of this program that runs on its own."""
    return {**environment(), "PYTHONPATH": str(PACKAGE)}


def wait_until_booted(host: Host) -> str:
    """Wait until systemd in the host has started everything; returns the names of services that failed."""
    state = ""

    def booted() -> bool:
        nonlocal state
        if not is_on(host):
            raise LabError(f"The host {host.name} went off while it booted: the reason is in {host.console}.")
        state = last_words(execute(host, ["systemctl", "is-system-running"]).stdout) if leader(host) else ""
        return state in {"running", "degraded"}

    if not wait_for(booted, BOOT_SECONDS):
        raise LabError(f"The host {host.name} has not booted within {BOOT_SECONDS} s (state '{state or 'no init'}'); "
                       f"see {host.console} and 'lab exec {host.name} systemctl list-jobs'.")  # fmt: skip
    if state == "running":
        return ""
    failed = execute(host, ["systemctl", "list-units", "--failed", "--plain", "--no-legend"]).stdout
    return ", ".join(line.split()[0] for line in failed.splitlines() if line.strip())


def switch_off(host: Host) -> None:
    """Ask the host to shut down, and cut its power when it does not."""
    with switching(host):
        pid = leader(host)
        if pid is not None:
            send(pid, HALT)
            wait_for(lambda: not is_on(host), HALT_SECONDS)
        _end(host)


def cut_power(host: Host) -> None:
    """End the host as a power cut would: the cables go dead first, so that nobody hears of it."""
    with switching(host):
        for end in host.links:
            attempt(["ip", "-n", host.lab.namespace, "link", "delete", end])
        _end(host)


def _end(host: Host) -> None:
    """End whatever is left of the host, the one that would boot it again first."""
    for name in (f"{host.name}-power", host.name):
        group = Group(host.lab, name)
        group.kill()
        group.remove()
    if (network.NETNS / host.namespace).exists():
        network.disconnect(host)


def inside(host: Host, argv: Sequence[str]) -> list[str]:
    """The command that runs a command in the host, not over its network; raises LabError when the host is off."""
    pid = leader(host)
    if pid is None:
        raise LabError(f"The host {host.name} is off: switch it on with 'lab start {host.name}'.")
    words = ["env", "-i", f"PATH={PATH}", "HOME=/root", "USER=root", "LANG=C.UTF-8",
             f"TERM={os.environ.get('TERM', 'dumb')}"]  # fmt: skip
    return ["nsenter", f"--target={pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--", *words, *argv]


def execute(host: Host, argv: Sequence[str], timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command in the host and return what came of it."""
    return attempt(inside(host, argv), timeout=timeout)


def command(host: Host, argv: Sequence[str], what: str, timeout: float = 120) -> str:
    """Run a command in the host; raises LabError('Cannot <what> on <host>: …') when it fails."""
    return run(inside(host, argv), f"{what} on {host.name}", timeout=timeout)
