# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation medium that libosinfo takes for one of Debian, with a small installer that reads a preseed file.

Its kernel and its programs are those of the tiny guest. It installs a boot sector, which tells on the first serial
port what the answers were, and restarts the machine; without answers it waits for somebody to come.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.media import CODE
from tests.integration.support.modules import Modules

# The medium as a volume of the pool default, and a template of it.
MEDIUM = "it-installer.iso"
INSTALLER = "it-installer"
IMAGES = "/var/lib/libvirt/images"

GUEST = "/var/cache/kvmops-lab/guests/tiny"
VOLUME_ID = "Debian 11.5.0 amd64 n"
# A word for the installer's kernel that makes it wait before it writes anything.
LINGER = "linger"

_INSTALLER = r"""#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/lib/modules/$module"; done < /lib/modules/order
say() { echo "installer: $1" > /dev/ttyS0; }
answer() { busybox sed -n "s,^d-i $1 [a-z]* *,,p" /preseed.cfg; }
[ -e /preseed.cfg ] || { say 'which language?'; sleep 1000; }
case " $(cat /proc/cmdline) " in *' linger '*) say 'lingers'; sleep 1000;; esac
disk=$(answer partman-auto/disk)
name=$(answer netcfg/get_hostname)
say "installs $name on $disk"
until [ -b "$disk" ]; do sleep 0.1; done
dd if=/sector of="$disk" 2> /dev/null
printf 'installed %s, password %s, user %s' "$name" "$(answer passwd/root-password)" "$(answer passwd/username)" |
    dd of="$disk" bs=1 seek=CODE_LENGTH conv=notrunc 2> /dev/null
busybox sync
busybox reboot -f
"""

# The initrd of the tiny guest is begun anew: what comes later in a chain of archives counts.
_MAKE = """
import json, os, subprocess, sys

kernel, initrd, script, code, iso, volume = json.loads(sys.argv[2])
os.chdir(sys.argv[1])
os.makedirs("tree/install.amd")
os.makedirs("more")
with open("more/init", "w") as file:
    file.write(script.replace("CODE_LENGTH", str(len(bytes.fromhex(code)))))
os.chmod("more/init", 0o755)
with open("more/sector", "wb") as file:
    file.write(bytes.fromhex(code).ljust(510, b"\\0") + b"\\x55\\xaa")
names = b"init\\nsector\\n"
more = subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=names, cwd="more", capture_output=True, check=True)
with open(initrd, "rb") as file:
    first = file.read()
with open("tree/install.amd/initrd.gz", "wb") as file:
    file.write(first + b"\\0" * (-len(first) % 4) + more.stdout)
os.link(kernel, "tree/install.amd/vmlinuz")
with open("tree/boot.img", "wb") as file:
    file.write(bytes.fromhex(code).ljust(2048, b"\\0"))
command = ["xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", volume, "-c", "boot.cat", "-b", "boot.img",
           "-no-emul-boot", "-o", iso, "tree"]
subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
"""


@pytest.fixture(scope="module")
def installer(lab: Lab, lab_module: Modules, ready: str) -> Iterator[str]:
    """The name of a template of the medium, on the host of the tests."""
    _make_medium(lab, lab_module, ready)
    made = succeed(lab_module(ready, "kvm_template", name=INSTALLER, iso=f"default/{MEDIUM}"))
    assert made["template"]["os"] == "debian11", made
    yield INSTALLER
    succeed(lab_module(ready, "kvm_template", name=INSTALLER, state="absent"))
    lab.exec(ready, "rm", f"{IMAGES}/{MEDIUM}")


def _make_medium(lab: Lab, modules: Modules, host: str) -> None:
    parts = {part: f"{MEDIUM}.{part}" for part in ("vmlinuz", "initrd")}
    for part, volume in parts.items():
        succeed(modules(host, "kvm_volume", pool="default", name=volume, src=f"{GUEST}.{part}", format="raw"))
    paths = [f"{IMAGES}/{volume}" for volume in parts.values()]
    words = json.dumps([*paths, _INSTALLER, CODE.hex(), f"{IMAGES}/{MEDIUM}", VOLUME_ID])
    work = lab.exec(host, "mktemp", "-d", "-p", IMAGES).strip()
    lab.exec(host, "python3", "-", work, words, feed=_MAKE)
    lab.exec(host, "rm", "-r", work, *paths)
