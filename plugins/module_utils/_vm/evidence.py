# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether KVM really works on a host: tried with a guest of the host's own CPU.

/dev/kvm can be there and libvirt list the type kvm, and yet every guest die (nested: "failed to set MSR 0x10a"):
libvirt asks QEMU by its machine `none`, which has no CPU.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from typing import Any
from urllib.parse import urlsplit

from .._hypervisor import Hypervisor
from .._libs import libvirt

_DEVICE = "/dev/kvm"
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
# The guest that is tried is a PC; on other machines what libvirt lists is believed.
_ARCH = "x86_64"
_SECONDS = 4
# What the program timeout exits with.
_OUT_OF_TIME = 124
# What QEMU says of a CPU that stopped; it does not exit then. Source: QEMU, accel/kvm/kvm-all.c.
_STOPPED = re.compile(r"kvm run failed|KVM internal error|KVM: (entry failed|unknown exit|exception)")
# A guest that dies must not leave a core file.
_WITHOUT_CORE = 'ulimit -c 0; exec "$@"'


def kvm_works(host: Hypervisor, emulator: str) -> bool:
    """Return whether guests of an emulator, which libvirt lists for the type kvm, run under KVM; never an error.

    A guest is tried on the host, without libvirt, and a success is remembered until the host's next boot; a failure
    takes less time and can be repaired, so it is not. False where there is nothing to try. For a hypervisor elsewhere,
    and where only others may open /dev/kvm, what libvirt lists counts (virConnectGetDomainCapabilities), and
    `domain_type` overrules it.
    """
    # The connection's own URI: the user's can be an alias of libvirt.conf.
    if is_elsewhere(host.connection.getURI()) or os.uname().machine != _ARCH:
        return _listed(host, emulator)
    key = key_of(emulator)
    if not key:
        return False
    if not os.access(_DEVICE, os.R_OK | os.W_OK):
        return _listed(host, emulator)
    if _remembered().get(emulator) == key:
        return True
    code, _said, errors = host.attempt(command_of(emulator))
    if not came_up(code, errors):
        return False
    _remember({**_remembered(), emulator: key})
    return True


def is_elsewhere(uri: str) -> bool:
    """Return whether a URI leads away from this machine. Source: https://libvirt.org/uri.html."""
    parts = urlsplit(uri)
    return bool(parts.hostname) or parts.scheme.partition("+")[2] not in ("", "unix")


def _listed(host: Hypervisor, emulator: str) -> bool:
    try:
        host.connection.getDomainCapabilities(emulator, None, None, "kvm", 0)
    except libvirt.libvirtError:
        return False
    return True


def key_of(emulator: str) -> list[Any]:
    """Return what an answer holds for: this boot, this emulator, this /dev/kvm; nothing where one is not there."""
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            boot = file.read().strip()
        program, device = os.stat(emulator), os.stat(_DEVICE)
    except OSError:
        return []
    return [boot, program.st_size, program.st_mtime_ns, device.st_mode, device.st_ctime_ns]


def command_of(emulator: str) -> list[str]:
    """Return the command that tries a guest: the firmware finds nothing to boot, resets, and QEMU exits with 0.

    The CPU is what libvirt's host-model is made of: QEMU's own default comes up where the host's CPU dies.
    """
    shell = ["sh", "-c", _WITHOUT_CORE, "sh", "timeout", "-k", "1", str(_SECONDS)]
    guest = ["-accel", "kvm", "-cpu", "host", "-machine", "q35", "-m", "16", "-nodefaults", "-no-user-config"]
    return [*shell, emulator, *guest, "-display", "none", "-boot", "reboot-timeout=1", "-no-reboot"]


def came_up(code: int, errors: str) -> bool:
    """Return whether a guest ran: to its end, or until its time was up without a word of a CPU that stopped."""
    return code == 0 or (code == _OUT_OF_TIME and not _STOPPED.search(errors))


def memory_file() -> str:
    """Return the file of what is known, which no boot survives and nobody else can write."""
    folder = f"/run/user/{os.geteuid()}" if os.geteuid() else "/run"
    return f"{folder}/kvmops-datacenter-kvm.json"


def _remembered() -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError, TypeError), open(memory_file(), encoding="utf-8") as file:
        return dict(json.load(file))
    return {}


def _remember(known: dict[str, Any]) -> None:
    """Write what is known, readable by its owner alone; where that cannot be, the next run asks again."""
    path = memory_file()
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as folder:
        new = os.path.join(folder, "new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            json.dump(known, file)
        os.replace(new, path)
