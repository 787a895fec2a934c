# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The power controllers: one simulated BMC a host, which IPMI clients such as fence_ipmilan reach at 10.77.0.1."""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
from pathlib import Path

from kvmlab import network
from kvmlab.cgroups import Group
from kvmlab.errors import LabError
from kvmlab.hosts import PACKAGE, program_environment
from kvmlab.run import wait_for
from kvmlab.settings import Host, Lab

USER = "admin"


def password(lab: Lab) -> str:
    """The password of all BMCs of this lab, made at its first use; ipmi_sim takes less than 16 characters."""
    if not lab.bmc_password.exists():
        making = lab.bmc_password.with_suffix(".making")
        making.touch(mode=0o600)
        making.write_text(secrets.token_hex(6))
        making.rename(lab.bmc_password)
    return lab.bmc_password.read_text().strip()


def simulator_config(host: Host, chassis: Path, secret: str) -> str:
    """The settings of ipmi_sim for a host's BMC."""
    allowed = "\n".join(f"    allowed_auths_{level} none md2 md5 straight" for level in
                        ("callback", "user", "operator", "admin"))  # fmt: skip
    return f"""name "{host.name}"
set_working_mc 0x20
  startlan 1
    addr {host.lab.controller_address} {host.bmc_port}
    priv_limit admin
{allowed}
    guid {host.uuid.replace("-", "")}
  endlan
  chassis_control "{chassis}"
  user 1 true "" "test" user 10 none md2 md5 straight
  user 2 true "{USER}" "{secret}" admin 10 none md2 md5 straight
"""


EMULATION = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
"""


def chassis_script(host: Host) -> str:
    """The program that ipmi_sim calls to read and turn the host's power."""
    settings = {"PYTHONPATH": str(PACKAGE), "KVMOPS_LAB_NAME": host.lab.name, "KVMOPS_LAB_CACHE": str(host.lab.cache)}
    words = ["env", *(f"{key}={value}" for key, value in settings.items()), sys.executable, "-m", "kvmlab.chassis"]
    return f'#!/bin/sh\nexec {shlex.join([*words, host.name])} "$@"\n'


def group(host: Host) -> Group:
    return Group(host.lab, f"{host.name}-bmc")


def is_running(host: Host) -> bool:
    return bool(group(host).members())


def ensure(host: Host) -> None:
    """Have the host's BMC running."""
    if is_running(host):
        return
    folder = host.lab.run / "bmc" / host.name
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / "chassis").write_text(chassis_script(host))
    (folder / "chassis").chmod(0o700)
    (folder / "emulation").write_text(EMULATION)
    (folder / "config").write_text(simulator_config(host, folder / "chassis", password(host.lab)))
    log = host.lab.state / "log" / f"{host.name}.bmc"
    command = ["nsenter", f"--net={network.NETNS / host.lab.namespace}", "ipmi_sim", "-n", "-c", folder / "config",
               "-f", folder / "emulation", "-s", folder / "state"]  # fmt: skip
    (folder / "state").mkdir(exist_ok=True)
    with log.open("w") as out:
        subprocess.Popen(
            group(host).born(command), cwd="/", env=program_environment(),
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    if not wait_for(lambda: is_listening(host), 10, poll=0.05):
        raise LabError(f"The power controller of {host.name} does not start: the reason is in {log}.")


def is_listening(host: Host) -> bool:
    """Whether the BMC has its port open, read from the control namespace's table of UDP sockets."""
    for pid in group(host).members():
        table = Path("/proc", str(pid), "net/udp")
        if os.path.exists(table) and f":{host.bmc_port:04X} " in table.read_text():
            return True
    return False


def stop(host: Host) -> None:
    """End the host's BMC."""
    group(host).kill()
    group(host).remove()
