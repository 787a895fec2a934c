# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libosinfo knows of an installation medium: the system on it, and how it can be installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._values import dataclass
from .database import database, items, libosinfo


@dataclass(frozen=True)
class Identified:
    """What libosinfo knows of an installation medium: the short id of its OS, and what is on it.

    `kernel` and `initrd` are paths in the medium, empty where they are not known; `scripts` are the profiles of
    installations that libosinfo has a script for.
    """

    os: str
    arch: str
    live: bool
    installer: bool
    kernel: str
    initrd: str
    scripts: tuple[str, ...]


def identified(ids: Mapping[str, str], size: int) -> Identified | None:
    """Return what libosinfo says of a medium of `size` bytes by its ids, or None where it does not know it.

    `ids` by libosinfo's words: volume-id, system-id, publisher-id, application-id (osinfo_db_identify_media). KvmError
    where the library is not there.
    """
    medium = medium_of(ids, size)
    return None if medium is None else identification(medium)


def medium_of(ids: Mapping[str, str], size: int) -> Any | None:
    """Return an OsinfoMedia with all that libosinfo knows of it, or None; the arguments and errors of `identified`."""
    known = database()
    medium = libosinfo().Media(id="medium")
    for word, said in ids.items():
        medium.set_param(word, said)
    medium.set_param_int64("volume-size", size)
    return medium if known.identify_media(medium) else None


def identification(medium: Any) -> Identified:
    """Return what an OsinfoMedia says of itself once libosinfo has identified it."""
    system = medium.get_os()
    return Identified(
        os=system.get_short_id(),
        arch=medium.get_architecture() or "",
        live=medium.get_live(),
        installer=medium.get_installer(),
        kernel=medium.get_kernel_path() or "",
        initrd=medium.get_initrd_path() or "",
        scripts=tuple(sorted({script.get_profile() for script in scripts_of(medium)})),
    )


def scripts_of(medium: Any) -> list[Any]:
    """Return what a medium can be installed by (OsinfoInstallScript): its own scripts, else those of its OS.

    None where it is no installer, or takes no script.
    """
    if not medium.get_installer() or not medium.get_param_value_boolean_with_default("installer-script", True):
        return []
    return items(medium.get_install_script_list()) or items(medium.get_os().get_install_script_list())
