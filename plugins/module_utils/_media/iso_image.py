# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ISO 9660 images, written of a few files: what a guest reads from a CD-ROM of its own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .._errors import KvmError
from .._hypervisor import Hypervisor

_MAKERS = ("xorrisofs", "genisoimage", "mkisofs")


def iso_image(host: Hypervisor, volume_id: str, files: Mapping[str, str], what: str = "a CD-ROM") -> bytes:
    """Return the image of that volume id which holds the files, by their names; `what` is said of it in errors.

    KvmError where the host has no tool to make one.
    """
    maker = next(filter(None, map(shutil.which, _MAKERS)), None)
    if maker is None:
        raise KvmError(f"No tool to write {what} is on this host; install the package xorriso or genisoimage.")
    with tempfile.TemporaryDirectory(prefix="kvmops-iso-") as scratch:
        image, folder = Path(scratch, "image.iso"), Path(scratch, "files")
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        host.run([maker, "-quiet", "-o", str(image), "-volid", volume_id, "-joliet", "-rock", str(folder)])
        return image.read_bytes()
