# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong in scripts of osinfo-db (seen in 20221130) so that installers ask, or do not do what they are told."""

from __future__ import annotations

import re

from .._units import MIB

# The type is missing, and debconf takes the name for it.
_USERNAME = re.compile(r"^(d-i passwd/username) (?!string )", re.MULTILINE)
# Media with all packages are larger than those that install from the network.
_WHOLE = 1400 * MIB
_CDROM, _URL = re.compile(r"^cdrom$", re.MULTILINE), re.compile(r"^url .*\n", re.MULTILINE)
_LATE = re.compile(r"^d-i preseed/late_command string ((?:.*\\\n)*.*)\n?", re.MULTILINE)


def mended(script: str, size: int) -> str:
    """Return a script for a medium of `size` bytes without the mistakes that are known; others are left as they are."""
    return _one_late_command(_one_source(_USERNAME.sub(r"\1 string ", script), size))


def _one_source(script: str, size: int) -> str:
    """Return a kickstart that installs from its medium, if that is a whole one.

    osinfo-db cannot tell whole media of Rocky Linux and its like from those that install from the network: its script
    names both sources, the last of them counts, and that of Rocky Linux 9 has the packages of 8.
    """
    return _URL.sub("", script) if _CDROM.search(script) and size >= _WHOLE else script


def _one_late_command(script: str) -> str:
    """Return a preseed with all late commands in one: the installer keeps only the last."""
    commands = [command.strip() for command in _LATE.findall(script)]
    if len(commands) < 2:
        return script
    return f"{_LATE.sub('', script).rstrip()}\n\nd-i preseed/late_command string {'; '.join(commands)}\n"
