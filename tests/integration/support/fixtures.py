# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests on the lab stand on; other folders take it over by importing it into their conftest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.lab import Lab, require_lab
from tests.integration.support.modules import Modules

HOST = "h1"
TINY = "/var/cache/kvmops-lab/guests/tiny.qcow2"
TEMPLATE = "t-tiny"


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab, which must be up."""
    return require_lab()


@pytest.fixture(scope="session")
def lab_module(lab: Lab, pytestconfig: pytest.Config) -> Modules:
    """Run a module on a host: `lab_module("h1", "kvm_vm", name="web01", check=True)` returns its result."""
    assert lab.hosts
    return Modules(pytestconfig)


@pytest.fixture(scope="session")
def ready(lab: Lab, lab_module: Modules) -> str:
    """A host with the pool and the network `default` and the template `t-tiny`; they stay, as other suites use them."""
    pools, networks = (
        [thing.name() for thing in things]
        for things in (lab.libvirt(HOST).listAllStoragePools(), lab.libvirt(HOST).listAllNetworks())
    )
    if "default" not in pools:
        succeed(lab_module(HOST, "kvm_pool", name="default", target="/var/lib/libvirt/images"))
    if "default" not in networks:
        dhcp = {"start": "192.168.101.10", "end": "192.168.101.250"}
        ip = [{"address": "192.168.101.1/24", "dhcp": {"ranges": [dhcp]}}]
        succeed(lab_module(HOST, "kvm_network", name="default", mode="nat", ip=ip))
    known = succeed(lab_module(HOST, "kvm_template_info"))["templates"]
    if TEMPLATE not in [template["name"] for template in known]:
        tiny: dict[str, Any] = {"src": TINY, "pool": "default", "defaults": {"memory": "128MiB", "vcpus": 1}}
        succeed(lab_module(HOST, "kvm_template", name=TEMPLATE, version="1", **tiny))
    return HOST


@pytest.fixture
def prefix(request: pytest.FixtureRequest, lab: Lab, ready: str) -> Iterator[str]:
    """What the names of everything that a test makes begin with; nothing of it is there before and after the test."""
    name = f"t-{request.path.stem.removeprefix('test_')}-"
    remove_all(lab.libvirt(ready), name)
    yield name
    remove_all(lab.libvirt(ready), name)


def succeed(result: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a module that must not fail."""
    assert not result["failed"], result
    return result
