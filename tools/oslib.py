# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OS packages of the control node: which bindep.txt asks for, which are missing, how to get them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

LINE = re.compile(r"^(?P<name>[\w.+-]+)(?:\s+\[(?P<selectors>[^\]]*)\])?$")


class CannotInstall(Exception):
    """OS packages are missing and cannot be installed from here; the text says what to do."""


def selected(bindep: str, profiles: Iterable[str], platform: str = "platform:dpkg") -> list[str]:
    """Return the packages that a bindep file names for a platform and for profiles.

    A line without a profile is for everybody. Raises ValueError on a line that is not `name [selectors]`.
    """
    wanted, names = set(profiles), []
    for raw in bindep.splitlines():
        text = raw.partition("#")[0].strip()
        match = LINE.match(text)
        if text and not match:
            raise ValueError(f"bindep: cannot read the line {raw!r}")
        if match:
            selectors = (match["selectors"] or "").split()
            platforms = {s for s in selectors if s.startswith("platform:")}
            asked = set(selectors) - platforms
            if (not platforms or platform in platforms) and (not asked or asked & wanted):
                names.append(match["name"])
    return names


def packages(root: Path, profile: str) -> list[str]:
    """Return the Debian packages that `make PROFILE` needs on the control node."""
    return selected((root / "bindep.txt").read_text(encoding="utf-8"), [profile])


def missing(names: Iterable[str]) -> list[str]:
    """Return those packages that dpkg does not have, without repetition."""
    if not shutil.which("dpkg-query"):
        return []
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]
    known = subprocess.run([*query, *names], capture_output=True, text=True, check=False).stdout
    present = {line.split()[0] for line in known.splitlines() if line.endswith(" installed")}
    return [name for name in dict.fromkeys(names) if name not in present]


def install(names: Iterable[str], say: Callable[[str], None]) -> None:
    """Install with apt-get those packages that are missing, in one call. Raises CannotInstall."""
    absent = missing(names)
    if not absent:
        return
    listed = " ".join(absent)
    if not shutil.which("apt-get"):
        raise CannotInstall(f"This machine has no apt-get: install what matches {listed}, then try again.")
    if os.geteuid() != 0:
        raise CannotInstall(f"OS packages are missing; as root run: apt-get install {listed}")
    say(f"OS packages: {listed}")
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *absent]):
        apt_get(command)


def apt_get(arguments: list[str]) -> None:
    """Run apt-get without questions, its output shown. Raises CannotInstall."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["--quiet", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"]
    done = subprocess.run(["apt-get", *options, *arguments], env=env, check=False)
    if done.returncode:
        raise CannotInstall(f"apt-get {arguments[0]} failed, see above; mend the package sources and try again.")
