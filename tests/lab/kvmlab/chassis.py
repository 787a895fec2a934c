# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a BMC's buttons do: ipmi_sim runs `python3 -m kvmlab.chassis h1 get|set WHAT [VALUE]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kvmlab import hosts
from kvmlab.errors import LabError
from kvmlab.settings import Host, Lab


def get(host: Host, what: str) -> str:
    """The value of what the simulator asks for."""
    if what == "power":
        return f"power:{int(hosts.is_on(host))}"
    return "boot:default" if what == "boot" else f"{what}:0"


def set_power(host: Host, on: bool) -> None:
    (hosts.switch_on if on else hosts.cut_power)(host)


def reset(host: Host) -> None:
    hosts.cut_power(host)
    hosts.switch_on(host)


def put(host: Host, what: str, value: str) -> None:
    """Press a button."""
    if what == "power":
        set_power(host, value != "0")
    elif what == "reset":
        reset(host)
    elif what == "shutdown":
        hosts.switch_off(host)


def main(arguments: Sequence[str]) -> int:
    """Do what the simulator asks; what it asks to know is printed."""
    name, verb, *rest = arguments
    host = Lab.from_environment(os.environ).host(name)
    try:
        if verb == "get":
            print("\n".join(get(host, what) for what in rest))
        else:
            for what, value in zip(rest[::2], rest[1::2] or ["1"], strict=False):
                put(host, what, value)
    except LabError as error:
        print(f"{host.name}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
