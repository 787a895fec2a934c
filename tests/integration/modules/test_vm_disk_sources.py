# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks on servers, and disks that are encrypted, on real QEMU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.disks import BARE, IMAGES, MIB, named, told, volume
from tests.integration.support.vms import Vm, plan


@pytest.fixture
def export(vm: Vm) -> Iterator[int]:
    """A port of the host at which qemu-nbd serves an image of 3 MiB."""
    image, pid, port = volume(vm, "nbd", 3 * MIB), f"/run/{vm.name}-nbd.pid", 10899
    serve = ("qemu-nbd", "--fork", "--persistent", "--shared=0", "-f", "raw", "-b", "127.0.0.1", "-x", "data")
    vm.lab.exec(vm.host, *serve, "-p", str(port), "--pid-file", pid, image)
    yield port
    vm.lab.exec(vm.host, "sh", "-c", f"kill $(cat {pid})")


def test_a_disk_on_a_server(vm: Vm, export: int) -> None:
    source = {"protocol": "nbd", "name": "data", "hosts": [{"name": "127.0.0.1", "port": export}]}
    made = vm.want_twice(**BARE, state="paused", disks=[{"name": "net", "source": source, "serial": "N1"}])
    assert named(made)["net"]["source"] == source
    assert vm.domain.blockInfo("vda")[0] == 3 * MIB
    moved = {**source, "hosts": [{"name": "localhost", "port": export}]}
    assert vm.want(disks=[{"name": "net", "source": moved}])["restart_required"] == [
        f"disk net source.hosts is name 127.0.0.1, port {export} and will be name localhost, port {export}"
    ]
    assert "disk net is on nbd data, not on nbd other" in vm.refuse(
        disks=[{"source": {**source, "name": "other"}, "name": "net"}]
    )


KINDS = {"volume": "volume", "ceph": "name", "iscsi": "target"}


@pytest.fixture
def secrets(vm: Vm) -> Iterator[dict[str, Any]]:
    """Secrets of libvirt by their kind, each with its kind in its usage."""
    made: dict[str, Any] = {}
    for kind, tag in KINDS.items():
        usage = f"<usage type='{kind}'><{tag}>{vm.name} {kind}</{tag}></usage>"
        xml = f"<secret ephemeral='no' private='yes'>{usage}</secret>"
        made[kind] = vm.lab.libvirt(vm.host).secretDefineXML(xml)
        made[kind].setValue(b"passphrase", 0)
    yield made
    for secret in made.values():
        secret.undefine()


SERVERS: list[dict[str, Any]] = [
    {
        "name": "ceph",
        "source": {
            "protocol": "rbd",
            "name": "pool/image",
            "hosts": [{"name": "mon1", "port": 6789}, {"name": "mon2", "port": 6789}],
            "username": "libvirt",
            "secret": "ceph",
        },
        "encryption": {"secret": "volume"},
    },
    {
        "name": "lun",
        "source": {
            "protocol": "iscsi",
            "name": "iqn.2013-07.com.example:disks/2",
            "hosts": [{"name": "example.org", "port": 3260}],
            "username": "u",
            "secret": "iscsi",
            "initiator": "iqn.2013-07.com.example:me",
        },
    },
    {
        "name": "web",
        "readonly": True,
        "source": {
            "protocol": "https",
            "name": "a.img",
            "query": "x=1",
            "hosts": [{"name": "example.org", "port": 443}],
        },
    },
]


def with_usage(vm: Vm, value: Any) -> Any:
    """Return options with the kinds of secrets as the usages of secrets of this VM."""
    if not isinstance(value, dict):
        return value
    return {key: f"{vm.name} {inner}" if key == "secret" else with_usage(vm, inner) for key, inner in value.items()}


def test_disks_on_servers_that_are_not_here_are_defined_and_told(vm: Vm, secrets: dict[str, Any]) -> None:
    assert secrets.keys() == KINDS.keys()
    disks = [with_usage(vm, disk) for disk in SERVERS]
    made = vm.want_twice(**BARE, disks=disks, cdroms=[{"url": "https://example.org/d/a.iso"}])
    facts = named(made)
    assert [told(facts[disk["name"]], disk) for disk in disks] == disks
    assert made["vm"]["cdroms"][0]["url"] == "https://example.org/d/a.iso"
    unknown = [{**disks[0], "encryption": {"secret": "nobody's"}}, *disks[1:]]
    assert "no secret with matching usage 'nobody's'" in vm.refuse(disks=unknown)


# QEMU measures how fast the host is by CPU time, which hosts as small as the lab's count too coarsely now and then.
COARSE = "Unable to get accurate CPU usage"


def encrypted(vm: Vm, **options: Any) -> dict[str, Any]:
    """Run kvm_vm until QEMU has measured what it wants to; whatever else fails, fails."""
    for _attempt in range(12):
        result = vm.modules(vm.host, "kvm_vm", name=vm.name, **options)
        if not (result["failed"] and COARSE in result["msg"]):
            break
    assert not result["failed"], result
    return result


def test_an_encrypted_disk_is_made_and_opened(vm: Vm, secrets: dict[str, Any]) -> None:
    secret, uuid = secrets["volume"].usageID(), secrets["volume"].UUIDString()
    disks = [{"size": "1MiB", "format": "raw", "encryption": {"secret": secret}}]
    encrypted(vm, **BARE, state="paused", disks=disks)
    image = f"{IMAGES}/{vm.name}-root.raw"
    assert "file format: luks" in vm.lab.exec(vm.host, "qemu-img", "info", "-U", image)
    assert plan(vm.want(disks=disks)) == []
    assert vm.live.find("devices/disk/source/encryption/secret").get("usage") == secret
    assert vm.domain.blockInfo("vda")[0] == MIB
    assert vm.want(disks=[{"encryption": {"secret": uuid}}])["restart_required"] == [
        f"disk root encryption.secret is {secret} and will be {uuid}"
    ]
    other = volume(vm, "plain")
    plain = [{"name": "root"}, {"name": "plain", "path": other}]
    vm.want(disks=plain)
    assert "disk plain is not encrypted" in vm.refuse(
        disks=[plain[0], {"name": "plain", "encryption": {"secret": "x"}}]
    )
