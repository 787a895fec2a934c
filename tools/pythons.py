# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Pythons of this machine: on PATH and where version managers keep them."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

OLDEST = (3, 11)
NAME = re.compile(r"python3(\.\d+)?$")
PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "path": sys.executable,
    "version": sys.version_info[:3],
    "final": sys.version_info[3] == "final",
    "in_venv": sys.prefix != sys.base_prefix,
    "of_the_os": sys.base_prefix == "/usr",
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "ensurepip": importlib.util.find_spec("ensurepip") is not None,
}))
"""


class NoPython(Exception):
    """No Python of this machine will do; the text says what is needed."""


@dataclass(frozen=True)
class Python:
    """An interpreter and what it has for building an environment with compiled packages."""

    path: str
    version: tuple[int, ...]
    final: bool
    in_venv: bool
    of_the_os: bool
    headers: bool
    ensurepip: bool

    def usable(self) -> bool:
        """Tell whether an environment can be made with it, if need be after installing os_packages()."""
        complete = self.of_the_os or (self.headers and self.ensurepip)
        return self.final and not self.in_venv and complete

    def os_packages(self) -> list[str]:
        """Return the Debian packages that make it complete: Debian splits ensurepip and headers from Python."""
        if not self.of_the_os:
            return []
        name = f"python{self.version[0]}.{self.version[1]}"
        return [] if self.headers and self.ensurepip else [f"{name}-dev", f"{name}-venv"]


def folders(environ: dict[str, str], home: Path) -> list[Path]:
    """Return the folders in which Pythons may be found, those of PATH first."""
    managers = [
        (Path(environ.get("PYENV_ROOT") or home / ".pyenv"), "versions/*/bin"),
        (home, ".local/share/uv/python/*/bin"),
        (home, ".local/share/mise/installs/python/*/bin"),
        (home, ".asdf/installs/python/*/bin"),
        (Path("/opt"), "python*/bin"),
        (Path("/usr/local"), "bin"),
        (Path("/usr"), "bin"),
    ]
    path = [Path(entry) for entry in environ.get("PATH", "").split(os.pathsep) if entry]
    return list(dict.fromkeys([*path, *(found for base, glob in managers for found in sorted(base.glob(glob)))]))


def candidates(places: Iterable[Path]) -> list[Path]:
    """Return the files in these folders that have the name of a Python 3."""
    return [file for place in places if place.is_dir() for file in sorted(place.iterdir()) if NAME.match(file.name)]


def probe(file: Path) -> Python | None:
    """Ask an interpreter what it is; None when it does not answer, as a version manager's unset shim."""
    try:
        done = subprocess.run([str(file), "-I", "-c", PROBE], capture_output=True, text=True, timeout=20, check=True)
        facts = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Python(**{**facts, "version": tuple(facts["version"])})


def choose(found: Iterable[Python], oldest: tuple[int, ...] = OLDEST) -> Python:
    """Return the newest usable Python; of two alike the first. Raises NoPython."""
    fitting = [python for python in found if python.usable() and python.version >= oldest]
    if not fitting:
        wanted = ".".join(map(str, oldest))
        raise NoPython(f"No Python {wanted} or newer was found on this machine: install python3 and try again.")
    return max(fitting, key=lambda python: python.version)


def installed() -> list[Python]:
    """Return every Python 3 of this machine, each interpreter once."""
    files = {file.resolve(): file for file in candidates(folders(dict(os.environ), Path.home()))}
    found = (probe(file) for file in files.values())
    return list({python.path: python for python in found if python}.values())


def newest() -> Python:
    """Return the newest Python of this machine with which .venv can be made. Raises NoPython."""
    return choose(installed())
