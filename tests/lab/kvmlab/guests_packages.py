# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages as raw material: fetched with the machine's own apt, unpacked into a folder, never installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from kvmlab import apt
from kvmlab.errors import LabError
from kvmlab.run import installed, run

_ONLY_DEPENDS = ("--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances")


def install_tools(tools: Mapping[str, str]) -> None:
    """Install the packages of those programs (program -> package) that this machine does not have.

    A name with a slash is a file that has to exist.
    """
    missing = {
        package for tool, package in tools.items() if not (Path(tool).exists() if "/" in tool else installed(tool))
    }
    if missing:
        apt.install(missing)


def closure(packages: Sequence[str], wanted: str) -> list[str]:
    """The packages and those of their dependencies, at any depth, whose name matches the pattern."""
    listing = run(["apt-cache", "depends", "--recurse", *_ONLY_DEPENDS, *packages], "resolve dependencies")
    names = {line for line in listing.splitlines() if re.match(wanted, line)}
    return sorted(apt.known(sorted(names)) | set(packages))


def unpack(packages: Sequence[str], into: Path) -> None:
    """Download the packages and unpack them, one over the other, into a folder."""
    debs = into.with_name(into.name + ".debs")
    for folder in (debs, into):
        folder.mkdir(parents=True, exist_ok=True)
    download = ["env", "-C", debs, "apt-get", "-o", "APT::Sandbox::User=root", "download", "-q", *packages]
    run(download, f"download {' '.join(packages)}")
    for deb in sorted(debs.glob("*.deb")):
        run(["dpkg-deb", "-x", deb, into], f"unpack {deb.name}")
    shutil.rmtree(debs)


def libraries(programs: Sequence[Path], tree: Path) -> list[Path]:
    """The shared libraries and the loader that these programs of an unpacked tree need, found in the same tree."""
    by_name = {path.name: path for path in tree.rglob("*.so*") if not path.is_dir()}
    found: dict[str, Path] = {}
    queue = [*programs]
    while queue:
        for name in _needed(queue.pop()):
            if name in found:
                continue
            if name not in by_name:
                raise LabError(f"Cannot collect libraries: {name} is in none of the packages that were unpacked.")
            found[name] = by_name[name]
            queue.append(by_name[name])
    return list(found.values())


def _needed(program: Path) -> list[str]:
    headers = run(["objdump", "-p", program], f"read {program.name}")
    return [*re.findall(r"NEEDED\s+(\S+)", headers), *(["ld-linux-x86-64.so.2"] if "libc.so.6" in headers else [])]
