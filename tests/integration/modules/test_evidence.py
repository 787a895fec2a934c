# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether KVM works, asked on a host of the lab, and found to be what a boot sector of the test's own says.

The host is given /dev/kvm for the time of a question alone, out of libvirt's sight: with one that boots nothing, other
tests' VMs could not start.
"""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.evidence import kvm_works

from tests.integration.support.lab import Lab
from tests.integration.support.modules import ROOT

HOST = "h1"
UTILS = ROOT / "plugins" / "module_utils"
EMULATOR = "/usr/bin/qemu-system-x86_64"
# An emulator whose guests get QEMU's plainest CPU: with it KVM may work where it does not with the host's.
PLAIN = """#!/bin/sh
for word; do shift; [ "$word" != host ] || word=qemu64; set -- "$@" "$word"; done
exec qemu-system-x86_64 "$@"
"""

# With mounts of its own, and a /dev and /run that go with them: $1 says whether there is a /dev/kvm.
SCENE = """
set -e
mount -t tmpfs none /mnt
for node in null zero random urandom; do cp -a /dev/$node /mnt/; done
if [ "$1" = yes ]; then mknod -m 600 /mnt/kvm c 10 232; fi
mount --move /mnt /dev
mount -t tmpfs none /run
mkdir /run/code && cd /run/code
base64 -d | tar -x
exec python3 ask.py "$2"
"""

# mov al, 21; out 0xf4, al: QEMU's isa-debug-exit makes an exit code of 2 * 21 + 1 of it.
BOOTED = 43
# What the program timeout exits with: nested KVM can be so slow that a guest comes to no end, and yet it runs.
OUT_OF_TIME = 124
ASK = """
import json, subprocess, sys
from module_utils._hypervisor import Hypervisor
from module_utils._vm.evidence import kvm_works, memory_file

tries = []

def run(command):
    tries.append(command)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr

class Here:
    def getURI(self):
        return "qemu:///system"

emulator = sys.argv[1]
answers = [kvm_works(Hypervisor(Here(), "qemu:///system", run), emulator) for _time in range(2)]
with open("sector", "wb") as file:
    file.write(bytes([0xB0, 21, 0xE6, 0xF4]).ljust(510, bytes(1)) + bytes([0x55, 0xAA]))
sector = ["timeout", "60", emulator, "-accel", "kvm", "-cpu", "host", "-nodefaults", "-display", "none", "-m", "16",
          "-device", "isa-debug-exit,iobase=0xf4", "-drive", "file=sector,format=raw,if=ide"]
print(json.dumps({"answers": answers, "tries": len(tries), "code": run(sector)[0]}))
"""


def code() -> str:
    """Return the collection's code, the question and the plain emulator as a tar archive in base64."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for file in sorted(UTILS.rglob("*.py")):
            archive.add(file, Path("module_utils", file.relative_to(UTILS)))
        for name, text in (("ask.py", ASK), ("plain", PLAIN)):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text.encode()))
    return base64.encodebytes(content.getvalue()).decode()


def ask(lab: Lab, device: str, emulator: str) -> dict[str, Any]:
    told = lab.exec(HOST, "unshare", "--mount", "sh", "-c", SCENE, "sh", device, emulator, feed=code())
    answer: dict[str, Any] = json.loads(told)
    return answer


@pytest.mark.parametrize("emulator", [EMULATOR, "/run/code/plain"])
def test_the_answer_is_what_a_boot_sector_says(lab: Lab, emulator: str) -> None:
    told = ask(lab, "yes", emulator)
    alive = told["code"] in (BOOTED, OUT_OF_TIME)
    assert told["answers"] == [alive, alive], told
    assert told["tries"] == (1 if alive else 2), told


@pytest.mark.parametrize(("device", "emulator"), [("no", EMULATOR), ("yes", "/nowhere")])
def test_where_something_is_missing_nothing_is_tried(lab: Lab, device: str, emulator: str) -> None:
    told = ask(lab, device, emulator)
    assert (told["answers"], told["tries"]) == ([False, False], 0)
    assert told["code"] != BOOTED


def test_of_a_host_elsewhere_libvirts_list_is_believed(lab: Lab) -> None:
    connection = lab.libvirt(HOST)
    listed = "<domain>kvm</domain>" in lab.exec(HOST, "virsh", "domcapabilities", "--virttype", "kvm", check=False)
    assert kvm_works(Hypervisor(connection, connection.getURI()), EMULATOR) is listed
    assert not kvm_works(Hypervisor(connection, connection.getURI()), "/nowhere")
