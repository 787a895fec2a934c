# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users' words: what of them XML can carry, and what stands for those that nobody may see."""

from __future__ import annotations

import re
from typing import Any

from ._errors import Refused

# Everything that XML 1.0 cannot carry: lxml would answer with a ValueError that no user can read.
_NOT_XML = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"

HIDDEN = "(hidden)"


def illegible(text: str) -> str | None:
    """Return the first character of a text that XML cannot carry, or None; what can be printed, it can."""
    bad = None if text.isprintable() else re.search(_NOT_XML, text)
    return bad.group() if bad else None


def legible(option: str, value: Any) -> str:
    """Return a user's words as text; Refused where they hold what XML cannot carry."""
    bad = illegible(str(value))
    if bad:
        raise Refused(f"{option} contains the character U+{ord(bad):04X}, which XML cannot carry; remove it.")
    return str(value)
