# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine has told pip about package mirrors, for programs that do not read pip's settings."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path


def parse(listing: str) -> dict[str, list[str]]:
    """Return the words of each setting in `pip config list`; the environment wins over files, as with pip."""
    found: dict[str, list[str]] = {}
    for line in listing.splitlines():
        key, separator, value = line.partition("=")
        section, _dot, option = key.rpartition(".")
        if separator and section in {":env:", "global", "install"}:
            found.setdefault(option, str(ast.literal_eval(value)).split())
    return found


def read(python: Path) -> dict[str, list[str]]:
    """Return pip's settings as the pip of an interpreter sees them."""
    command = [str(python), "-m", "pip", "config", "list"]
    return parse(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def for_uv(settings: dict[str, list[str]]) -> dict[str, str]:
    """Return the mirrors as environment variables of uv."""
    names = {
        "index-url": ("UV_DEFAULT_INDEX", " "),
        "extra-index-url": ("UV_INDEX", " "),
        "find-links": ("UV_FIND_LINKS", ","),
    }
    return {name: glue.join(settings[key]) for key, (name, glue) in names.items() if key in settings}


def for_pip(settings: dict[str, list[str]]) -> str:
    """Return the settings as the text of a pip.conf."""
    return "\n".join(["[global]", *(f"{option} = {' '.join(words)}" for option, words in settings.items()), ""])
