# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way through a hypervisor: what ssh and the shell make of the arguments."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.hypervisors import Target
from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.jump import jump_arguments

ALIVE = ["-o", "ServerAliveInterval=10", "-o", "ServerAliveCountMax=3"]
TO_GUEST = ["-W", "[10.0.0.9]:22", "--"]
JUMPS = {
    "ssh": ("qemu+ssh://root@h1/system", [], ["ssh", *ALIVE, "-l", "root", *TO_GUEST, "h1"]),
    "no user": ("qemu+ssh://h1/system", [], ["ssh", *ALIVE, *TO_GUEST, "h1"]),
    "a port": ("qemu+ssh://h1:2222/system", [], ["ssh", *ALIVE, "-p", "2222", *TO_GUEST, "h1"]),
    "not ssh's port": ("qemu+tls://h1:16514/system", [], ["ssh", *ALIVE, *TO_GUEST, "h1"]),
    "a key": (
        "qemu+ssh://h1/system?keyfile=/k e%25y",
        [],
        ["ssh", *ALIVE, "-i", "/k e%y", *TO_GUEST, "h1"],
    ),
    "arguments": (
        "qemu+ssh://h1/system?command=/a/ssh",
        ["-F", "/my dir/it's 100%h $(touch x)"],
        ["/a/ssh", "-F", "/my dir/it's 100%h $(touch x)", *ALIVE, *TO_GUEST, "h1"],
    ),
    "an IPv6 host": (
        "qemu+ssh://[2001:db8::1]/system",
        [],
        ["ssh", *ALIVE, *TO_GUEST, "2001:db8::1"],
    ),
}


def as_run(arguments: str, folder: Path) -> list[str]:
    """Return the words that a program gets which ssh starts as a ProxyCommand for a guest at 10.0.0.9."""
    option, proxy = shlex.split(arguments)
    name, _equals, command = proxy.partition("=")
    assert (option, name) == ("-o", "ProxyCommand")
    for token, text in (("%%", "\0"), ("%h", "10.0.0.9"), ("%p", "22"), ("\0", "%")):
        command = command.replace(token, text)
    program = shlex.join([sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))"])
    done = subprocess.run(["/bin/sh", "-c", f"exec {program} {command}"], cwd=folder, capture_output=True, check=True)
    words: list[str] = json.loads(done.stdout)
    return words


@pytest.mark.parametrize(("uri", "extra", "expected"), JUMPS.values(), ids=list(JUMPS))
def test_jump(uri: str, extra: list[str], expected: list[str], tmp_path: Path) -> None:
    arguments = jump_arguments(Target("h1", uri), extra)
    assert arguments is not None
    assert as_run(arguments, tmp_path) == expected
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("uri", ["qemu:///system", "test:///default", "qemu+unix:///system?socket=/s"])
def test_guests_of_this_machine_need_no_jump(uri: str) -> None:
    assert jump_arguments(Target("here", uri)) is None
