# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ssh reaches guests that only their hypervisor can reach."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Sequence

from .hypervisors import Target

# A jump over a hypervisor that is gone must end, else Ansible's connections through it wait for ever. What users say
# comes before it, and ssh takes what comes first.
_ALIVE = ("-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3")


def jump_arguments(target: Target, extra: Sequence[str] = ()) -> str | None:
    """Return ssh's arguments for guests of a hypervisor, as Ansible splits them; None where no jump is needed.

    The jump goes to the host of the hypervisor's URI, as its user, with its ssh program (`command`) and `keyfile`;
    `extra` arguments come first. Only guests with an address may get it: ssh gives the name it connects to to a shell.
    """
    parts = target.parts
    if not parts.hostname:
        return None
    program = target.parameters.get("command", "ssh")
    words = [program, *extra, *_ALIVE, *_login(target), "-W", "\0", "--", parts.hostname]
    # ssh replaces %h and %p in what it gives to the shell; any other percent sign is doubled.
    command = shlex.join(words).replace("%", "%%").replace(shlex.quote("\0"), shlex.quote("[%h]:%p"))
    return shlex.join(["-o", f"ProxyCommand={command}"])


def control_path(*told: str) -> str:
    """Return where ssh keeps its connection to a guest, as Ansible writes it: a place of its own for what is `told`.

    Ansible chooses it by address, port and user. Guests of two hypervisors can have the same address, as NAT networks
    start with the same ones everywhere: one would get the commands for the other.
    """
    digest = hashlib.sha256(" ".join(told).encode()).hexdigest()
    return f"%(directory)s/{digest[:10]}-%%r-%%p"


def _login(target: Target) -> list[str]:
    parts, key = target.parts, target.parameters.get("keyfile")
    user = ["-l", parts.username] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port and parts.scheme.endswith("ssh") else []
    return [*user, *port, *(["-i", key] if key else [])]
