# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One virtual machine of the VM tier: its QEMU process, from its command line to its end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kvmlab import qmp
from kvmlab.errors import LabError
from kvmlab.run import Words, run

MEMORY_MIB = 2048
VCPUS = 2
NICS = ("mgmt", "stor", "sto2")
KERNEL_WORDS = "root=/dev/vda ro console=ttyS0 quiet systemd.show_status=0 fsck.mode=skip net.ifnames=0"


@dataclass(frozen=True)
class Machine:
    """Where one VM lives: its run folder (sockets, pid), its disks' folder and its network namespace."""

    name: str
    run: Path
    disks: Path
    namespace: str

    @property
    def monitor(self) -> Path:
        return self.run / "qmp"

    @property
    def agent(self) -> Path:
        return self.run / "agent"

    @property
    def ready(self) -> Path:
        """A mark that is there when the VM has got all that makes it this host."""
        return self.run / "ready"

    @property
    def console(self) -> Path:
        return self.disks / "console.log"

    def taps(self) -> list[str]:
        """The names of its taps, in the order of the guest's eth0, eth1, eth2."""
        return [f"{self.name}-{nic}" for nic in NICS]

    def is_ready(self) -> bool:
        """Whether it runs and has become the host that it shall be."""
        return self.pid() is not None and self.ready.exists()

    def pid(self) -> int | None:
        """The pid of its QEMU, None when it does not run."""
        try:
            pid = int((self.run / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError, ValueError):
            return None
        return pid if f"{self.run}/".encode() in command else None


def command_line(machine: Machine, kernel: Path, initrd: Path) -> list[str]:
    """QEMU's arguments. A snapshot can only be restored by a machine with the very same hardware."""
    argv = ["-name", machine.name, "-machine", "q35", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"]
    argv += ["-smp", str(VCPUS), "-m", str(MEMORY_MIB), "-display", "none", "-nodefaults", "-rtc", "base=utc"]
    argv += ["-kernel", str(kernel), "-initrd", str(initrd), "-append", KERNEL_WORDS]
    for disk in ("root", "a", "b"):
        argv += ["-drive", f"file={machine.disks}/{disk}.qcow2,if=virtio,cache=unsafe,discard=unmap"]
    for number, tap in enumerate(machine.taps()):
        argv += ["-netdev", f"tap,id=n{number},ifname={tap},script=no,downscript=no"]
        argv += ["-device", f"virtio-net-pci,netdev=n{number},mac=52:54:00:77:{number:02x}:00"]
    argv += [
        "-device",
        "i6300esb",
        "-watchdog-action",
        "reset",
        "-device",
        "virtio-rng-pci",
        "-device",
        "virtio-serial-pci",
    ]
    argv += ["-chardev", f"socket,id=agent,path={machine.agent},server=on,wait=off"]
    argv += ["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"]
    argv += ["-serial", f"file:{machine.console}", "-qmp", f"unix:{machine.monitor},server=on,wait=off"]
    return [*argv, "-pidfile", str(machine.run / "pid"), "-daemonize"]


def start(
    machine: Machine, kernel: Path, initrd: Path, state: Path | None = None, born: Callable[[Words], Words] = list
) -> None:
    """Start the VM in its namespace: from a saved state, or by booting. `born` wraps the command (Group.born)."""
    machine.run.mkdir(parents=True, exist_ok=True)
    argv = ["nsenter", f"--net=/run/netns/{machine.namespace}", "qemu-system-x86_64"]
    argv += [*command_line(machine, kernel, initrd), *(["-incoming", "defer"] if state else [])]
    run(born(argv), f"start the VM host {machine.name}")
    if state:
        _restore(machine, state)


def _restore(machine: Machine, state: Path) -> None:
    with qmp.monitor(machine.monitor) as monitor, state.open("rb") as saved:
        monitor.execute("getfd", {"fdname": "state"}, fds=(saved.fileno(),))
        monitor.execute("migrate-incoming", {"uri": "fd:state"})
        _wait_for_status(monitor, {"paused", "running"}, 60.0)
        monitor.execute("cont")


def save(machine: Machine, state: Path) -> None:
    """Stop the VM, write its memory and devices to a file, and end it."""
    with qmp.monitor(machine.monitor) as monitor, state.open("wb") as saved:
        monitor.execute("stop")
        monitor.execute("migrate-set-parameters", {"max-bandwidth": 8 << 30})
        monitor.execute("getfd", {"fdname": "state"}, fds=(saved.fileno(),))
        monitor.execute("migrate", {"uri": "fd:state"})
        _wait_for_status(monitor, {"postmigrate"}, 120.0)
    stop(machine)


def _wait_for_status(monitor: qmp.Channel, wanted: set[str], within: float) -> None:
    deadline = time.monotonic() + within
    while (status := monitor.execute("query-status")["status"]) not in wanted:
        if time.monotonic() > deadline:
            raise LabError(f"The VM is still '{status}' after {within:.0f} s.")
        time.sleep(0.05)


def stop(machine: Machine) -> None:
    """End the VM: by its monitor, or by its pid when that does not answer. A VM that does not run is left alone."""
    pid = machine.pid()
    if pid is None:
        return
    try:
        with qmp.monitor(machine.monitor, timeout=5.0) as monitor:
            monitor.execute("quit")
    except (OSError, LabError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10.0
    while machine.pid() is not None:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def make_taps(machine: Machine, bridges: dict[str, str]) -> None:
    """Make the VM's taps in its namespace; a tap whose NIC has a bridge joins it."""
    for nic, tap in zip(NICS, machine.taps(), strict=True):
        what = f"make the tap {tap} in {machine.namespace}"
        run(["ip", "-n", machine.namespace, "tuntap", "add", tap, "mode", "tap"], what)
        if nic in bridges:
            run(["ip", "-n", machine.namespace, "link", "set", tap, "master", bridges[nic]], what)
        run(["ip", "-n", machine.namespace, "link", "set", tap, "up"], what)


def remove_taps(machine: Machine) -> None:
    """Remove those of the VM's taps that exist."""
    listing = run(["ip", "-n", machine.namespace, "-o", "link", "show"], f"list the links of {machine.namespace}")
    existing = {line.split(": ")[1].split("@")[0] for line in listing.splitlines()}
    for tap in set(machine.taps()) & existing:
        run(["ip", "-n", machine.namespace, "link", "delete", tap], f"remove the tap {tap}")
