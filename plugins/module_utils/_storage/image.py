# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files: how large, which content, which format."""

from __future__ import annotations

import hashlib
import os

from .._errors import Refused
from .volume_spec import Image

_CHUNK = 1024 * 1024
# https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.rst
_QCOW2_MAGIC = b"QFI\xfb"


def read_image(path: str) -> Image:
    """Return what the file at `path` is, reading it once; Refused where it cannot be read or is empty."""
    try:
        with open(path, "rb") as source:
            digest = hashlib.sha256()
            first = chunk = source.read(_CHUNK)
            while chunk:
                digest.update(chunk)
                chunk = source.read(_CHUNK)
            size = os.fstat(source.fileno()).st_size
    except OSError as error:
        raise Refused(f"The file {path} cannot be read ({error.strerror}); correct 'src' or its rights.") from error
    if not size:
        raise Refused(f"The file {path} is empty; a volume cannot be made of it.")
    return Image(size, digest.hexdigest(), "qcow2" if first.startswith(_QCOW2_MAGIC) else "raw", path)
