# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups: every process of the lab is in one of the lab's own groups, so none is ever lost track of.

The groups are the folder <name>-lab in the cgroup2 hierarchy and, where the machine has one beside it, in the
old name=systemd hierarchy, which systemd in the hosts wants as well.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from kvmlab.errors import LabError
from kvmlab.run import Words, wait_for
from kvmlab.settings import Lab

WORK = "work"
ENTER = 'while [ "$1" != -- ]; do echo $$ >"$1"; shift; done; shift; exec "$@"'
CONTROLLERS = ("cpu", "cpuset", "io", "memory", "pids")


def hierarchies(mounts: str) -> list[Path]:
    """The mount points to keep groups in, cgroup2 first, from the text of /proc/self/mounts."""
    second, named = [], []
    for _device, point, kind, options, *_rest in (line.split() for line in mounts.splitlines()):
        if kind == "cgroup2":
            second.append(Path(point))
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            named.append(Path(point))
    return second[:1] + named[:1]


class Group:
    """A group of processes of the lab; the empty name is the group around all others."""

    def __init__(self, lab: Lab, name: str = "") -> None:
        roots = hierarchies(Path("/proc/self/mounts").read_text())
        if not roots:
            raise LabError("The cgroup2 file system is not mounted: run 'mount -t cgroup2 none /sys/fs/cgroup'.")
        self.lab = lab
        self.folders = [root / f"{lab.name}-lab" / name for root in roots]

    def make(self) -> list[Path]:
        """Create the group where it is missing; returns the files that take the pids of those who enter."""
        for folder in self.folders:
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                _delegate_controllers(folder.parent)
        return [folder / "cgroup.procs" for folder in self.folders]

    def born(self, argv: Words) -> list[str]:
        """The command that enters the group and then becomes the given one: nothing of it can be lost outside."""
        return ["sh", "-c", ENTER, "sh", *map(str, self.make()), "--", *map(str, argv)]

    def enter(self) -> None:
        """Move this process into the group; what it starts from now on is born there."""
        for procs in self.make():
            procs.write_text(str(os.getpid()))

    def leave(self) -> None:
        """Move this process out of the lab's groups."""
        for folder in Group(self.lab).folders:
            (folder.parent / "cgroup.procs").write_text(str(os.getpid()))

    def members(self) -> set[int]:
        """The processes in the group and in the groups below it."""
        pids: set[int] = set()
        for top in self.folders:
            for folder, _below, _files in os.walk(top):  # groups come and go meanwhile, which it minds not
                pids.update(_pids(Path(folder, "cgroup.procs")))
        return pids

    def kill(self) -> None:
        """End all members but this process, at once; raises LabError when one does not go."""
        if not wait_for(self._all_hit, 15, poll=0.02):
            pids = ", ".join(map(str, sorted(self.members() - {os.getpid()})))
            raise LabError(f"The processes {pids} do not end, not even when killed: look at their state with 'ps'.")

    def _all_hit(self) -> bool:
        others = self.members() - {os.getpid()}
        for pid in others:
            send(pid, signal.SIGKILL)
        return not others

    def remove(self) -> None:
        """Remove the empty group, with those below it; raises LabError when one is not empty."""
        if not wait_for(self._removed, 5, poll=0.02):  # processes that have just ended may hold it for a moment
            raise LabError(f"The control group {self.folders[0]} is still in use: its cgroup.procs tells by whom.")

    def _removed(self) -> bool:
        try:
            for top in self.folders:
                for folder, _below, _files in os.walk(top, topdown=False):
                    os.rmdir(folder)
        except OSError:
            return False
        return True


def _pids(procs: Path) -> list[int]:
    try:
        return [int(word) for word in procs.read_text().split()]
    except OSError:  # the group went away, or holds threads only
        return []


def _delegate_controllers(parent: Path) -> None:
    """Let the groups of a folder have what controllers it has itself; on a machine with cgroup v1 it has none."""
    offered = parent / "cgroup.controllers"
    for controller in set(CONTROLLERS) & set(offered.read_text().split() if offered.exists() else ()):
        (parent / "cgroup.subtree_control").write_text(f"+{controller}")


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
