# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which volumes can be preallocated in which way, those of disks among them."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.preallocation import (
    PREALLOCATIONS,
    check_preallocation,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.device import Wanted
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.ways.empty import Empty

FITTING = [
    ("qcow2", False, ["none", "metadata", "falloc"]),
    ("raw", False, ["none", "falloc", "full"]),
    ("qcow2", True, ["none", "metadata", "falloc"]),
    ("raw", True, ["none"]),
]
CASES = [(how, kind, encrypted, how in fits) for kind, encrypted, fits in FITTING for how in PREALLOCATIONS]


def refusal(how: str, kind: str, encrypted: bool) -> str:
    try:
        check_preallocation("it", how, kind, encrypted)
    except Refused as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("how", "kind", "encrypted", "fits"), CASES)
def test_what_fits(how: str, kind: str, encrypted: bool, fits: bool) -> None:
    words = f"it is {'encrypted ' if encrypted else ''}{kind}, which has no preallocation '{how}'; choose none"
    said = refusal(how, kind, encrypted)
    assert said.startswith(words) is not fits
    assert bool(said) is not fits


@pytest.mark.parametrize("how", ["falloc", "full"])
def test_a_disk_keeps_the_header_with_its_keys(how: str) -> None:
    disk = Wanted("d", fields={"encryption": {"secret": "s"}}, extra={"format": "raw", "preallocation": how})
    with pytest.raises(Refused, match=f"Disk d is encrypted raw, which has no preallocation '{how}'"):
        Empty().check(disk)
