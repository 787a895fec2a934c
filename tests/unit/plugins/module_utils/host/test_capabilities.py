# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What libvirt's capabilities say."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._host.capabilities import (
    capabilities_facts,
    version_text,
)

QEMU = """
<capabilities>
  <host>
    <uuid>136b4526-f6a9-5693-8175-1357a35353d4</uuid>
    <cpu><arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor></cpu>
    <iommu support='yes'/>
  </host>
  <guest><os_type>hvm</os_type><arch name='x86_64'><domain type='qemu'/><domain type='kvm'/></arch></guest>
  <guest><os_type>hvm</os_type><arch name='i686'><domain type='qemu'/></arch></guest>
  <guest><os_type>exe</os_type><arch name='x86_64'><domain type='lxc'/></arch></guest>
</capabilities>
"""


def test_a_host() -> None:
    assert capabilities_facts(QEMU) == {
        "uuid": "136b4526-f6a9-5693-8175-1357a35353d4",
        "arch": "x86_64",
        "cpu_model": "EPYC",
        "cpu_vendor": "AMD",
        "iommu": True,
        "domain_types": {"i686": ["qemu"], "x86_64": ["kvm", "qemu"]},
    }


def test_a_host_that_says_little() -> None:
    facts = capabilities_facts("<capabilities><host><cpu><arch>riscv64</arch></cpu></host></capabilities>")
    assert facts == {
        "uuid": None,
        "arch": "riscv64",
        "cpu_model": None,
        "cpu_vendor": None,
        "iommu": False,
        "domain_types": {},
    }


@pytest.mark.parametrize(("number", "text"), [(9000000, "9.0.0"), (7002022, "7.2.22"), (11010001, "11.10.1")])
def test_versions(number: int, text: str) -> None:
    assert version_text(number) == text
