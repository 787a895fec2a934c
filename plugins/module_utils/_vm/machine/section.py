# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sections of a machine have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._fields import Element


class Section(Element):
    """Some properties of a VM that belong together: one of the bases of Machine."""

    tag = "domain"

    @classmethod
    def agree(cls, domain: Any, wanted: Mapping[str, Any]) -> None:
        """See that what was edited goes together with the rest of the domain; Refused where it cannot.

        Asked after all properties and devices were edited, with the normal values that were named. Every section passes
        it on.
        """
        del domain, wanted

    @classmethod
    def implied(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return what named values say about properties of a new VM that were not named."""
        del wanted
        return {}


def refer(domain: Any) -> str:
    """Return how a sentence refers to the VM of a tree."""
    return f"VM '{domain.findtext('name')}'"
