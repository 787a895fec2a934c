# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of an installation: the steps to a power state, with those of an installation that has not ended."""

from __future__ import annotations

from collections.abc import Sequence

from ..._errors import Refused
from ..._plan import Change
from ..devices.device import Wanted
from ..devices.disk import Disk, source_of
from ..power import PowerOff, Resume, Start, StartPaused, plan_power
from ..spec import VmSpec
from ..state import VmState
from .changes import Await, Begin, Finish, WriteInstaller
from .noted import CUT_OFF, ENDED, GOING_ON, PASSED, noted_of, volumes_of
from .option import Install


def first_steps(spec: VmSpec, making: Sequence[Change], steps: Sequence[Change]) -> list[Change]:
    """Return the steps of a new VM that is installed: `making` is what makes it, `steps` is what starts it."""
    written = [f"{change.pool}/{change.volume}" for change in making if isinstance(change, WriteInstaller)]
    return _installed(spec, Finish(spec.name, tuple(written)), steps)


def next_steps(spec: VmSpec, state: VmState, stage: str, steps: Sequence[Change]) -> list[Change]:
    """Return the steps of a VM whose installation is at a stage; `steps` are those of any other VM.

    Refused where a step would break the installation off, or overwrite what may have been installed.
    """
    finish = Finish(spec.name, volumes_of(noted_of(state)), stage)
    if stage in (ENDED, PASSED):
        return [finish, *steps]
    if stage == GOING_ON:
        return _going_on(spec, state.power, finish, steps)
    if _starts(spec, steps) and not (spec.install and spec.install.overwrite):
        _check_loss(spec, state, stage)
    return _installed(spec, finish, steps)


def _check_loss(spec: VmSpec, state: VmState, stage: str) -> None:
    """Refuse to start an installer over what may have been installed, or beside a disk that was there before."""
    if stage == CUT_OFF:
        raise Refused(
            f"VM '{spec.name}': its installation was begun, and nothing tells that it ended; if the system is on its "
            "disk, start it once with boot_once hd, else set install.overwrite, which begins anew."
        )
    others = _others(spec, state)
    if others:
        raise Refused(
            f"VM '{spec.name}': disk {others[0]} was not made for it, and an installer may write over it; attach it "
            "when the system is installed, or set install.overwrite if it may be lost."
        )


def _others(spec: VmSpec, state: VmState) -> list[str]:
    """Return the disks, there or to be attached, that were not made for the VM: what is made is called after it."""
    nodes = [node for node in Disk.nodes(state.config) if node.find("readonly") is None]
    named = [disk for disk in spec.devices.get("disks", ()) if not disk.fields.get("readonly")]
    images = [(Disk.name_at(node), source_of(node)) for node in nodes] + [(disk.name, _said(disk)) for disk in named]
    return [name for name, image in images if image and not image.rpartition("/")[2].startswith(f"{spec.name}-{name}.")]


def _said(disk: Wanted) -> str:
    """Return what image a user names for a disk, "" where one is to be made, or is there."""
    server = "an image on a server" if "source" in disk.fields else ""
    return str(disk.extra.get("path") or disk.extra.get("volume") or server)


def _starts(spec: VmSpec, steps: Sequence[Change]) -> bool:
    """Return whether steps start a VM from nothing else than it is configured to."""
    return not spec.boot_once and any(isinstance(step, (Start, StartPaused)) for step in steps)


def _installed(spec: VmSpec, finish: Change, steps: Sequence[Change]) -> list[Change]:
    """Return steps of which one may start the VM, with the installation before it."""
    if not _starts(spec, steps):
        return list(steps)
    wanted = spec.install or Install()
    begin = Begin(spec.name)
    return [begin, Await(spec.name, wanted.timeout), finish, *steps] if wanted.wait else [begin]


def _going_on(spec: VmSpec, power: str, finish: Change, steps: Sequence[Change]) -> list[Change]:
    """Return the steps while the installer runs, is paused, or saved: `power` tells which.

    Who says `install` means the VM and not its installer: a run that was cut off goes on with what it began.
    """
    if spec.state == "running" or (spec.install and spec.state in ("paused", "restarted")):
        on: dict[str, Change] = {"paused": Resume(spec.name), "saved": Start(spec.name)}
        wanted = spec.install or Install()
        first = [on[power]] if power in on else []
        last = plan_power(spec.name, "stopped", spec.state, spec.timeout, spec.force)
        return [*first, Await(spec.name, wanted.timeout), finish, *last] if wanted.wait else first
    stopped = spec.state == "stopped" and power != "saved"
    if stopped and spec.force:
        return [PowerOff(spec.name)]
    if stopped or spec.state == "restarted":
        raise Refused(
            f"VM '{spec.name}' is being installed, and would be left half installed; wait for the end with state "
            "running, or switch it off with state stopped and 'force: true'."
        )
    return list(steps)
