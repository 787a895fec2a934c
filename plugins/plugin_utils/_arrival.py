# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that comes from a host: it grows beside the wanted one, and takes its name only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ..module_utils._errors import KvmError, Refused
from ..module_utils._image.image import digests_of


class Arrival:
    """A wanted file of the control node, by its absolute path."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.part = f"{path}.part"

    @classmethod
    def at(cls, dest: str, name: str) -> Arrival:
        """Return the file that is meant: one of that name in a folder. Refused where nothing can be put there."""
        path = os.path.join(dest, name) if os.path.isdir(dest) or dest.endswith("/") else dest
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            raise Refused(f"dest {path} has no folder {folder} on the control node; make it first, or correct dest.")
        return cls(path)

    def known(self) -> dict[str, Any]:
        """Return size in bytes and SHA-256 of what is there already, reading it once; nothing where nothing is."""
        if not os.path.lexists(self.path):
            return {}
        digest = digests_of(f"dest {self.path}", self.path, {"sha256"})["sha256"]
        return {"size": os.path.getsize(self.path), "sha256": digest}

    @contextmanager
    def arriving(self) -> Iterator[str]:
        """Give the body an empty file to fill, and take it away again unless `settle` has given it its name."""
        try:
            # A run that was cut off may have left one, which may be open to others.
            self._drop()
            os.close(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise Refused(f"dest {self.path} cannot be written ({error.strerror}); correct dest.") from error
        try:
            yield self.part
        finally:
            self._drop()

    def _drop(self) -> None:
        with suppress(FileNotFoundError):
            os.unlink(self.part)

    def settle(self, sha256: str) -> None:
        """Give the file that has arrived its name; KvmError where it is not what was sent (rename(2), fsync(2))."""
        what = f"the file {self.part}"
        if digests_of(what, self.part, {"sha256"})["sha256"] != sha256:
            raise KvmError(f"dest {self.path} did not arrive whole, and is left as it was; run it again.")
        if os.path.exists(self.path):
            os.chmod(self.part, os.stat(self.path).st_mode & 0o777)
        with open(self.part, "rb") as opened:
            os.fsync(opened.fileno())
        os.replace(self.part, self.path)
