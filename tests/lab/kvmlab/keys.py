# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and settings of ssh: one key opens all hosts, and the lab knows every host's own key beforehand."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from kvmlab.network import NETNS
from kvmlab.run import run
from kvmlab.settings import MANAGEMENT, MAX_HOSTS, STORAGE, VM_HOSTS, Host, Lab

HOST_KEY = "ssh_host_ed25519_key"


def ensure(lab: Lab) -> None:
    """Have the lab's keys, and the files by which ssh finds the hosts."""
    _ensure_key(lab.key, f"lab {lab.name}")
    for name in host_names(lab):
        (lab.state / "keys" / name).mkdir(parents=True, exist_ok=True)
        _ensure_key(lab.state / "keys" / name / HOST_KEY, f"root@{name}")
    replace(lab.known_hosts, known_hosts(lab))
    replace(lab.ssh_config, config(lab))
    replace(lab.ssh, f'#!/bin/sh\nexec ssh -F {shlex.quote(str(lab.ssh_config))} "$@"\n', 0o755)


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that those who read it meanwhile see the old one or the new one."""
    making = path.with_name(f".{path.name}.making")
    making.write_text(text)
    making.chmod(mode)
    making.rename(path)


def host_names(lab: Lab) -> list[str]:
    return [*(host.name for host in lab.hosts(MAX_HOSTS)), *VM_HOSTS]


def _ensure_key(path: Path, comment: str) -> None:
    if not path.with_name(f"{path.name}.pub").exists():  # the public half is written last
        path.unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path], "make an ssh key")


def addresses(lab: Lab) -> dict[str, str]:
    """Every host's address on the management network."""
    second = {name: f"{MANAGEMENT}.2{number}" for number, name in enumerate(VM_HOSTS, 1)}
    return {host.name: host.address for host in lab.hosts(MAX_HOSTS)} | second


def known_hosts(lab: Lab) -> str:
    """The public keys of all hosts, under all their names."""
    lines = []
    for name, address in addresses(lab).items():
        kind, key, _comment = (lab.state / "keys" / name / f"{HOST_KEY}.pub").read_text().split(maxsplit=2)
        lines.append(f"{name},{name}.lab,{name}-storage,{address},{address.replace(MANAGEMENT, STORAGE)} {kind} {key}")
    return "\n".join([*lines, ""])


def config(lab: Lab) -> str:
    """The client's settings: through the control namespace, by key, and only to hosts with the right key."""
    hosts = [f"Host {name} {name}.lab {address}\n    HostName {address}\n" for name, address in addresses(lab).items()]
    return f"""# Written by the lab: ssh -F {lab.ssh_config} h1
{"".join(hosts)}
Host *
    User root
    IdentityFile {lab.key}
    IdentitiesOnly yes
    UserKnownHostsFile {lab.known_hosts}
    StrictHostKeyChecking yes
    ProxyCommand nsenter --net={NETNS / lab.namespace} nc %h %p
    ConnectTimeout 10
    ServerAliveInterval 5
    ServerAliveCountMax 3
    LogLevel ERROR
"""


def install(host: Host, upper: Path) -> None:
    """Put the host's own key and the lab's key into a host's disk: hosts reach each other, as migration needs."""
    lab, etc, root = host.lab, upper / "etc/ssh", upper / "root/.ssh"
    etc.mkdir(parents=True)
    root.mkdir(parents=True, mode=0o700)
    root.parent.chmod(0o700)
    for name in (HOST_KEY, f"{HOST_KEY}.pub"):
        shutil.copy(lab.state / "keys" / host.name / name, etc / name)
    shutil.copy(lab.known_hosts, etc / "ssh_known_hosts")
    shutil.copy(lab.key, root / "id_ed25519")
    shutil.copy(lab.key.with_name(f"{lab.key.name}.pub"), root / "authorized_keys")
    os.chmod(root / "authorized_keys", 0o600)
