# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A template that one host has comes to another, into a pool of its own, through libvirt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.templates import IMAGES, PATH, POOL, Run, files, forget, images, plan, sha256, template

__all__ = ["images", "template"]

PEER = "qemu+ssh://root@h1-storage/system"
AWAY = "qemu+ssh://root@h9-storage/system"


@pytest.fixture
def beside(lab: Lab, lab_module: Run) -> Iterator[Run]:
    """Return a function that calls kvm_template on h2 for the template `web`, in a pool of that host alone."""
    forget(lab, "h2", POOL)
    lab.exec("h2", "rm", "-rf", PATH)
    assert lab_module("h2", "kvm_pool", name=POOL, target=PATH)["pool"]["state"] == "active"
    yield lambda **options: lab_module("h2", "kvm_template", **{"name": "web", "pool": POOL, **options})
    forget(lab, "h2", POOL)
    lab.exec("h2", "rm", "-rf", PATH)


def test_a_template_comes_from_a_host_that_has_it(lab: Lab, template: Run, beside: Run) -> None:
    here = template(path=f"{IMAGES}/disk.raw", os="debian12", defaults={"vcpus": 2})["template"]
    gone = f"https://nowhere.invalid/{POOL}.raw"
    wanted = {"url": gone, "checksum": here["checksum"], "peers": [AWAY, PEER]}
    checked = beside(**wanted, check=True)
    assert files(lab, "h2") == []
    made = beside(**wanted)
    shown = "qemu+ssh://h1-storage/system"
    assert plan(made) == plan(checked) == [f"import {shown} as template web:1 into pool {POOL}"]
    # Ansible tells each warning once a process.
    (warning,) = checked["warnings"]
    assert "the peer qemu+ssh://h9-storage/system was passed over: The hypervisor" in warning
    assert {key: made["template"][key] for key in here} == here
    assert sha256(lab, f"{PATH}/web+1.template.qcow2", "h2") == sha256(lab, f"{PATH}/web+1.template.qcow2")
    again = beside(**{**wanted, "peers": ["qemu+ssh://root@h8-storage/system"]})
    assert plan(again) == []
    assert "warnings" not in again, "nobody is asked for what is there"

    refused = beside(version="2", peers=[PEER])["msg"]
    assert refused.endswith(f"the peer {shown} was passed over: it does not have template web:2.")
    other = beside(version="2", peers=["qemu+tcp://h1/system"])
    assert other["msg"] == (
        "Template 'web': peers names 'qemu+tcp://h1/system', which nothing encrypts; write qemu+ssh:// or qemu+tls://."
    )
    assert files(lab, "h2") == ["web+1.template.json", "web+1.template.qcow2"]
