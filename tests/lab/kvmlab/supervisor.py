# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boot a host, again and again while it reboots, until it is switched off: `python3 -m kvmlab.supervisor h1`.

One such process runs for every host that is on. It knows a reboot from a power-off by the exit code of
systemd-nspawn, as a machine's firmware would, and gives each boot a fresh network.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kvmlab import network
from kvmlab.cgroups import Group
from kvmlab.errors import LabError
from kvmlab.run import environment
from kvmlab.settings import Host, Lab

REBOOTED = 133  # what systemd-nspawn --keep-unit exits with when the host has rebooted itself
NODES = ("/dev/net/tun", "/dev/fuse", "/dev/loop-control", *(f"/dev/loop{number}" for number in range(8)))
NSPAWN_SETTINGS = {
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
    "SYSTEMD_SECCOMP": "0",  # QEMU, swtpm and sanlock use calls that the default filter refuses
}
# $0: overlay options, $1: mount point, the rest: the command.
# Its mounts are its own, so that they go with the last process, however it ends; what the machine unmounts
# (another host's network namespace) goes here as well, so that it is not held for ever.
BOOT = """
set -e
mount -t overlay overlay -o "$0" "$1"
mount -t tmpfs tmpfs /run/systemd/nspawn
shift
exec "$@"
"""


def overlay(host: Host) -> str:
    """The mount options of the host's root: the shared image below, the host's own disk above."""
    image = (host.disk / "image").read_text().strip()
    return f"lowerdir={image},upperdir={host.disk}/upper,workdir={host.disk}/work"


def nspawn(host: Host, nodes: list[str]) -> list[str]:
    """The command that boots the host from its mounted root."""
    return [
        "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={host.disk}/root",
        f"--network-namespace-path={network.NETNS / host.namespace}", f"--machine={host.name}",
        f"--hostname={host.name}", f"--uuid={host.uuid}", "--capability=all", "--resolv-conf=off", "--timezone=off",
        "--link-journal=no", "--console=pipe", *(f"--bind={node}" for node in nodes), "--boot",
        "systemd.log_target=journal",
    ]  # fmt: skip


def device_nodes(host: Host) -> list[str]:
    """The machine's devices that the host gets; /dev/kvm only where the lab has made one for it."""
    kvm = host.lab.state / "dev" / "kvm"
    return [node for node in NODES if Path(node).exists()] + ([f"{kvm}:/dev/kvm"] if kvm.exists() else [])


def boot(host: Host) -> int:
    """Boot the host once and wait for its end."""
    Path("/run/systemd/nspawn").mkdir(parents=True, exist_ok=True)
    own_mounts = ["unshare", "--mount", "--propagation", "slave", "sh", "-c", BOOT, overlay(host), f"{host.disk}/root"]
    command = Group(host.lab, host.name).born([*own_mounts, *nspawn(host, device_nodes(host))])
    return subprocess.run(command, env={**environment(), **NSPAWN_SETTINGS}, check=False).returncode


def main(name: str) -> None:
    """Boot the host until it is switched off."""
    host = Lab.from_environment(os.environ).host(name)
    Group(host.lab, f"{host.name}-power").enter()
    code = REBOOTED
    while code == REBOOTED:
        try:
            network.connect(host)
            code = boot(host)
        except (LabError, OSError) as error:
            sys.exit(f"{host.name} does not boot: {error}")
        print(f"{host.name}: systemd-nspawn ended with {code}", flush=True)
    network.disconnect(host)


if __name__ == "__main__":
    main(sys.argv[1])
