# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens images and lets hosts in: libvirt's secrets, which are named here and never known."""

from __future__ import annotations

import re
from typing import Any

from .._errors import Refused
from .._field_kinds import Text
from .._fields import Doc
from .._xml import Path

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


def secret_key(secret: str) -> str:
    """Return by which attribute libvirt knows a secret: uuid or usage."""
    return "uuid" if _UUID.fullmatch(secret) else "usage"


class SecretReference(Text):
    """Which of libvirt's secrets it is, by its UUID or by its usage. It is no secret itself."""

    def __init__(self, path: str | Path, doc: Doc = "", **more: Any) -> None:
        super().__init__(path, doc, harmless=True, **more)

    def read(self, node: Any) -> Any:
        """Return the UUID or the usage."""
        place = self.path.find(node)
        return None if place is None else place.get("uuid") or place.get("usage")

    def write(self, node: Any, value: Any) -> None:
        """Name the secret in the one way or the other."""
        place = self.path.make(node)
        for key in ("uuid", "usage"):
            place.attrib.pop(key, None)
        place.set(secret_key(value), value)
        self.write_type(node, place)

    def write_type(self, _node: Any, place: Any) -> None:
        """Say what the secret is; `place` is where it is named."""
        place.set("type", "passphrase")

    def normal(self, value: Any) -> Any:
        """Refuse nothing: a reference can be changed, and not be taken away."""
        text = super().normal(value)
        if not text:
            raise Refused(f"{self.name} is empty; name one of libvirt's secrets by its UUID or usage.")
        return text.lower() if secret_key(text) == "uuid" else text
