# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook templates on the lab: images that come from host to host."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.playbooks.running import play
from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TINY
from tests.integration.support.lab import Lab

PREFIX, PATH = "t-templates-", "/var/lib/t-templates"
POOL, TEMPLATE = f"{PREFIX}own", f"{PREFIX}tiny"
LIBRARY = {
    "kvm_pools": [{"name": POOL, "target": PATH}],
    "kvm_templates": [{"name": TEMPLATE, "src": TINY, "pool": POOL, "defaults": {"memory": "96MiB"}}],
    "kvm_peer_uri": "qemu+ssh://root@{{ inventory_hostname }}-storage/system",
}


def clean(lab: Lab) -> None:
    for host in lab.hosts:
        remove_all(lab.libvirt(host), PREFIX)
        lab.exec(host, "rm", "-rf", PATH)


@pytest.fixture(autouse=True)
def empty(lab: Lab) -> Iterator[None]:
    clean(lab)
    yield
    clean(lab)


def test_one_host_fetches_what_each_host_has_in_a_pool_of_its_own(lab: Lab) -> None:
    assert play("storage", LIBRARY).code == 0
    run = play("templates", LIBRARY)
    assert run.code == 0, run.output
    name = f"template {TEMPLATE}:1 into pool {POOL}"
    peer = f"import qemu+ssh://h1-storage/system as {name}"
    assert run.plans() == {
        ("h1", "template", TEMPLATE): [(f"import {TINY} as {name}", "now")],
        ("h2", "template", TEMPLATE): [(peer, "now")],
        ("h3", "template", TEMPLATE): [(peer, "now")],
    }
    images = {lab.exec(host, "sha256sum", f"{PATH}/{TEMPLATE}+1.template.qcow2") for host in lab.hosts}
    assert len(images) == 1
    again = play("templates", LIBRARY)
    assert (again.code, again.changed) == (0, dict.fromkeys(lab.hosts, 0)), again.output
