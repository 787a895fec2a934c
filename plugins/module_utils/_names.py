# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that libvirt, a file system and a person can all carry."""

from __future__ import annotations

import re
from typing import Any

from ._errors import Refused
from ._words import illegible

_NAME = re.compile(r"[^\x00-\x1f\x7f/]+")
_LONGEST_NAME = 200


def check_name(kind: str, name: Any) -> str:
    """Return the name of an object of that kind ("Pool"); Refused where libvirt or a file system could not carry it."""
    text = str(name or "")
    odd = text.strip() != text or text.startswith(".") or illegible(text) is not None
    if odd or not _NAME.fullmatch(text) or len(text.encode(errors="replace")) > _LONGEST_NAME:
        raise Refused(
            f"{kind} name {text[:60]!r} cannot be used; take 1 to {_LONGEST_NAME} bytes without slashes, "
            "control characters, a leading dot or blanks around it."
        )
    return text
