# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in scripts that are mended, and what is left as it is."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.mending import mended
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB

LATE = "d-i preseed/late_command string"
BOTH = "cdrom\nurl --url=u\nend"


@pytest.mark.parametrize(
    ("size", "written", "expected"),
    [
        (1, "d-i passwd/username me", "d-i passwd/username string me"),
        (1, "d-i passwd/username string me", "d-i passwd/username string me"),
        (1, "# d-i passwd/username me", "# d-i passwd/username me"),
        (2 * GIB, BOTH, "cdrom\nend"),
        (GIB, BOTH, BOTH),
        (2 * GIB, "text\nurl --url=u\nend", "text\nurl --url=u\nend"),
        (1, f"a\n{LATE} one\nb", f"a\n{LATE} one\nb"),
        (1, f"a\n{LATE} one\nb\n{LATE} two\nc\n", f"a\nb\nc\n\n{LATE} one; two\n"),
        (1, f"{LATE} in-target one\n\n{LATE} in-target \\\n  two", f"\n\n{LATE} in-target one; in-target \\\n  two\n"),
    ],
)
def test_what_is_wrong_is_mended(size: int, written: str, expected: str) -> None:
    assert mended(written, size) == expected
    assert mended(expected, size) == expected
