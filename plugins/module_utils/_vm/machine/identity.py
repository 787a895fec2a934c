# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a VM is called beside its name."""

from __future__ import annotations

from ..._field_kinds import Text
from ..live import LIVE, Live, one_of
from .section import Section


def _text(kind: int) -> Live:
    """Return the way of a text: virDomainSetMetadata with a virDomainMetadataType."""
    return Live(lambda domain, _element, values: domain.setMetadata(kind, one_of(values) or None, None, None, LIVE))


class Identity(Section):
    """Source: https://libvirt.org/formatdomain.html#general-metadata."""

    title = Text("title", "A short title; an empty one removes it.", live=_text(1))
    description = Text("description", "Words about the VM; empty ones remove it.", live=_text(0))
