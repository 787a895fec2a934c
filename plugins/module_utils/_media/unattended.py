# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What answers the questions of the installer on a medium of this host."""

from __future__ import annotations

import os
from dataclasses import field

from .._errors import Refused
from .._hypervisor import Hypervisor
from .._osinfo.answers import Answers
from .._osinfo.scripts import Script, script_for
from .._values import dataclass
from .places import at_path


@dataclass(frozen=True)
class Question:
    """What is asked: a script for the medium at a path, of a profile (None for the usual one), with these answers.

    `own` is a script that takes the place of libosinfo's.
    """

    image: str
    profile: str | None
    answers: Answers = field(repr=False)
    own: str | None = field(default=None, repr=False)


def script_of(host: Hypervisor, asked: Question) -> Script:
    """Return the script; Refused where the medium cannot be read here, or by the rules of `script_for`."""
    medium = at_path(host, asked.image)
    if medium.disc is None or medium.invalid:
        raise Refused(medium.invalid)
    if not os.path.exists(asked.image):
        raise Refused(
            f"install reads the medium where the module runs, and {asked.image} is no file or block device there; "
            "bring it into a pool of files with kvm_volume, or run the module on the hypervisor itself."
        )
    return script_for(medium.disc.ids, medium.disc.size, asked.profile, asked.answers, asked.own)
