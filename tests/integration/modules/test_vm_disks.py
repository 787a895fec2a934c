# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks, drives and controllers on real QEMU: everything that is said of them, from new to gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

IMAGES = "/var/lib/libvirt/images"
BARE: dict[str, Any] = {"memory": "32MiB", "nics": [], "timeout": 3}
MIB = 1024**2


def volume(vm: Vm, name: str, size: int = MIB, kind: str = "raw") -> str:
    """Make a volume that goes with the test, and return its path."""
    xml = f"<volume><name>{vm.name}-{name}</name><capacity>{size}</capacity><target><format type='{kind}'/></target>"
    return str(vm.lab.libvirt(vm.host).storagePoolLookupByName("default").createXML(f"{xml}</volume>").path())


def named(result: dict[str, Any], option: str = "disks") -> dict[str, dict[str, Any]]:
    """Return the devices of a result by their names."""
    return {device["name"]: device for device in result["vm"][option]}


def told(facts: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Return of facts what was wanted, with sizes as they are told."""
    return {
        key: told(facts[key], value) if isinstance(value, dict) else facts.get(key) for key, value in wanted.items()
    }


DISKS: list[dict[str, Any]] = [
    {
        "name": "fast",
        "boot_order": 2,
        "cache": "none",
        "io": "native",
        "discard": "unmap",
        "detect_zeroes": "unmap",
        "error_policy": "enospace",
        "rerror_policy": "report",
        "iothread": 1,
        "queues": 2,
        "serial": "F1",
        "logical_block_size": 4096,
        "physical_block_size": 4096,
        "iotune": {"total_bytes_sec": "10MiB", "total_bytes_sec_max": "20MiB", "total_bytes_sec_max_length": 5},
    },
    {
        "name": "far",
        "bus": "scsi",
        "boot_order": 1,
        "wwn": "5000c50015ea71aa",
        "vendor": "ACME",
        "product": "ST 3000",
        "rotation_rate": 7200,
        "shareable": True,
        "cache": "directsync",
        "iotune": {"read_iops_sec": 100, "write_iops_sec": 50, "size_iops_sec": 4096, "group_name": "gold"},
    },
    {
        "name": "slow",
        "bus": "sata",
        "copy_on_read": True,
        "detect_zeroes": "on",
        "cache": "writeback",
        "io": "io_uring",
    },
    {"name": "stick", "bus": "usb", "readonly": True, "cache": "unsafe", "io": "threads", "discard": "ignore"},
    {"name": "gone", "transient": True, "target": "vdq", "error_policy": "stop", "detect_zeroes": "off"},
]
MAKING: dict[str, dict[str, Any]] = {
    "fast": {"size": "8MiB", "preallocation": "falloc"},
    "far": {"size": "2MiB", "format": "raw", "preallocation": "full"},
    "slow": {"size": "2MiB", "preallocation": "metadata"},
    "stick": {"size": "2MiB", "format": "raw", "preallocation": "falloc"},
    "gone": {"size": "2MiB"},
}


def test_disks_of_every_kind_are_made_started_and_changed(vm: Vm) -> None:
    disks = [{**disk, **MAKING[disk["name"]]} for disk in DISKS]
    made = vm.want_twice(**BARE, state="paused", iothreads=2, disks=disks)
    facts = named(made)
    for disk in DISKS:
        assert told(facts[disk["name"]], disk) == disk
    used = vm.lab.exec(vm.host, "du", "-k", *(f"{IMAGES}/{vm.name}-{name}" for name in ("fast.qcow2", "far.raw")))
    assert [int(line.split()[0]) >= size for line, size in zip(used.splitlines(), (8192, 2048))] == [True, True]
    assert vm.domain.blockIoTune("vda")["total_bytes_sec"] == 10 * MIB

    changed = vm.want_twice(**BARE, disks=[{"name": disk["name"], **CHANGED[disk["name"]]} for disk in DISKS])
    assert changed["restart_required"] == [f"disk {reason}" for reason in WAITING]
    now = [line["summary"] for line in changed["plan"] if line["when"] == "now"]
    assert now == [f"set disk {line}" for line in NOW]
    fast, far = (vm.domain.blockIoTune(target) for target in ("vda", "sda"))
    assert (fast["total_bytes_sec"], fast["read_bytes_sec"], fast["write_iops_sec"]) == (0, 5 * MIB, 9)
    assert (far["read_iops_sec"], far["total_iops_sec"], far["group_name"]) == (0, 70, "silver")

    restarted = vm.want(**BARE, state="restarted", force=True)
    assert restarted["restart_required"] == []
    assert vm.live.find("devices/disk[serial='F2']/target").get("bus") == "sata"


CHANGED: dict[str, dict[str, Any]] = {
    "fast": {
        "bus": "sata",
        "iothread": 0,
        "queues": 0,
        "cache": "default",
        "io": "default",
        "discard": "default",
        "serial": "F2",
        "boot_order": 0,
        "logical_block_size": 0,
        "physical_block_size": 0,
        "iotune": {"read_bytes_sec": "5MiB", "write_iops_sec": 9},
    },
    "far": {"wwn": "", "vendor": "NEW", "rotation_rate": 0, "iotune": {"total_iops_sec": 70, "group_name": "silver"}},
    "slow": {"copy_on_read": False},
    "stick": {"readonly": False},
    "gone": {"transient": False, "error_policy": "default"},
}
NOW = [
    "fast iotune.read_bytes_sec none -> 5MiB",
    "fast iotune.write_iops_sec none -> 9",
    "far iotune.total_iops_sec none -> 70",
    "far iotune.group_name gold -> silver",
]
WAITING = [
    "fast bus is virtio and will be sata",
    "fast cache is none and will be none",
    "fast io is native and will be none",
    "fast discard is unmap and will be none",
    "fast iothread is 1 and will be none",
    "fast queues is 2 and will be none",
    "fast serial is F1 and will be F2",
    "fast logical_block_size is 4096 and will be none",
    "fast physical_block_size is 4096 and will be none",
    "far rotation_rate is 7200 and will be none",
    "far wwn is 5000c50015ea71aa and will be none",
    "far vendor is ACME and will be NEW",
    "slow copy_on_read is True and will be False",
    "stick readonly is True and will be False",
    "gone error_policy is stop and will be none",
    "gone transient is True and will be False",
    "fast boot_order is 2 and will be none",
]


def test_media_are_changed_and_ejected_while_the_vm_runs(vm: Vm) -> None:
    first, second, floppy = (volume(vm, name) for name in ("1.iso", "2.iso", "3.img"))
    place = {"pool": "default", "volume": f"{vm.name}-2.iso"}
    drives: dict[str, Any] = {
        "cdroms": [{"path": first, "boot_order": 1}, {"name": "usb", "bus": "usb", "path": first}],
        "floppies": [{"path": floppy}],
    }
    vm.want_twice(**BARE, state="paused", **drives)
    assert media(vm.live) == media(vm.tree) == [("fda", floppy), ("sda", first), ("sdb", first)]

    swapped = vm.want_twice(cdroms=[place, {"name": "usb", "path": second}], floppies=[{"path": ""}])
    assert plan(swapped) == [
        f"set CD-ROM drive cdrom medium {first} -> {second}",
        f"set CD-ROM drive usb medium {first} -> {second}",
        f"set floppy drive floppy medium {floppy} -> none",
    ]
    assert swapped["restart_required"] == []
    assert media(vm.live) == media(vm.tree) == [("fda", None), ("sda", second), ("sdb", second)]

    assert plan(vm.want_twice(cdroms=[{"path": ""}])) == [
        "detach CD-ROM drive usb",
        f"set CD-ROM drive cdrom medium {second} -> none",
    ]
    assert media(vm.live) == media(vm.tree) == [("fda", None), ("sda", None)]
    assert "Cannot access storage file '/none.iso'" in vm.refuse(cdroms=[{"path": "/none.iso"}])


def media(tree: Any) -> list[tuple[str, str | None]]:
    """Return what is in the drives, by their targets."""
    drives = [node for node in tree.iterfind("devices/disk") if node.get("device") != "disk"]
    sources = [node.find("source") for node in drives]
    found = [source.get("file") if source is not None else None for source in sources]
    return sorted(zip((node.find("target").get("dev") for node in drives), found))


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


def test_a_scsi_disk_and_its_controller_come_and_go_while_the_vm_runs(vm: Vm) -> None:
    vm.want(**BARE, state="paused")
    attached = vm.want_twice(disks=[{"name": "a", "size": "1MiB", "bus": "scsi"}, {"name": "b", "size": "1MiB"}])
    assert plan(attached)[-3:] == [
        "attach controller scsi 0 (type scsi, index 0, model virtio-scsi)",
        f"attach disk a ({IMAGES}/{vm.name}-a.qcow2)",
        f"attach disk b ({IMAGES}/{vm.name}-b.qcow2)",
    ]
    listed = vm.want_twice(
        controllers=[{"type": "scsi", "index": 1, "model": "virtio-scsi", "queues": 2, "max_sectors": 128}],
        disks=[{"name": "b"}],
    )
    assert plan(listed) == [
        "detach disk a",
        "attach controller scsi 1 (type scsi, index 1, model virtio-scsi, queues 2, max_sectors 128)",
    ]
    for tree in (vm.live, vm.tree):
        assert [node.get("model") for node in tree.iterfind("devices/controller[@type='scsi']")] == ["virtio-scsi"] * 2
        assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda"]
    assert vm.want(controllers=[{"type": "usb", "model": "qemu-xhci", "ports": 8}])["restart_required"] == [
        "controller usb 0 ports is none and will be 8"
    ]


FOREIGN = """
<domain type='qemu'><name>{name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='default' volume='{name}-1'/>
<target dev='vda' bus='virtio'/></disk>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{images}/{name}-2'/>
<target dev='vdb' bus='virtio'/><serial>S2</serial></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
<video><model type='none'/></video></devices></domain>
"""


def test_disks_that_somebody_else_attached(vm: Vm) -> None:
    volume(vm, "1", kind="qcow2")
    volume(vm, "2")
    vm.lab.libvirt(vm.host).defineXML(FOREIGN.format(name=vm.name, images=IMAGES)).createWithFlags(
        libvirt.VIR_DOMAIN_START_PAUSED
    )
    facts = vm.want()["vm"]
    assert plan(vm.want(disks=facts["disks"], cdroms=facts["cdroms"], controllers=facts["controllers"])) == []
    assert [(disk["name"], disk.get("volume")) for disk in facts["disks"]] == [("vda", f"{vm.name}-1"), ("vdb", None)]

    known: list[dict[str, Any]] = [{"name": "vda"}, {"name": "data", "serial": "S2"}]
    grown = vm.want_twice(disks=[{**known[0], "size": "2MiB"}, {**known[1], "iotune": {"read_iops_sec": 5}}])
    assert plan(grown) == [
        f"resize volume {vm.name}-1 1MiB -> 2MiB",
        "set disk data iotune.read_iops_sec none -> 5",
    ]
    assert vm.domain.blockInfo("vda")[0] == 2 * MIB

    moved = vm.want_twice(disks=[{**known[0], "bus": "sata"}, known[1]])
    assert moved["restart_required"] == ["disk vda bus is virtio and will be sata"]
    assert [(disk["name"], disk["target"]) for disk in moved["vm"]["disks"]] == [("vda", "sdb"), ("vdb", "vdb")]
    again = vm.want(disks=[known[0], known[1]], state="restarted", force=True, timeout=1)
    assert again["restart_required"] == []


def test_a_snapshot_is_no_other_image(vm: Vm) -> None:
    vm.want(**BARE, state="paused", disks=[{"size": "1MiB"}])
    image = f"{IMAGES}/{vm.name}-root.qcow2"
    overlay = f"<disk name='vda'><source file='{IMAGES}/{vm.name}-root.snap'/></disk>"
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA
    vm.domain.snapshotCreateXML(f"<domainsnapshot><disks>{overlay}</disks></domainsnapshot>", flags)
    assert vm.tree.find("devices/disk/source").get("file") != image
    assert plan(vm.want(disks=[{"path": image}])) == []
    assert plan(vm.want(disks=[{"pool": "default", "volume": f"{vm.name}-root.qcow2"}])) == []
    assert plan(vm.want_twice(disks=[{"pool": "default", "size": "2MiB"}])) == [
        f"resize volume {vm.name}-root.snap 1MiB -> 2MiB"
    ]
    said = vm.refuse(disks=[{"path": f"{IMAGES}/other"}])
    assert f"disk root has path {IMAGES}/{vm.name}-root.snap, not {IMAGES}/other" in said


def test_a_disk_that_the_guest_does_not_let_go_of_is_still_in_both(vm: Vm) -> None:
    both = [{"size": "1MiB"}, {"name": "data", "size": "1MiB"}]
    vm.want(**BARE, state="running", disks=both)
    said = vm.refuse(disks=both[:1], timeout=1)
    assert f"VM '{vm.name}': the guest did not let go of disk data within 1 s; run it again to go on waiting" in said
    for tree in (vm.live, vm.tree):
        assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda", "vdb"]
    assert plan(vm.want(disks=both)) == []
    vm.domain.destroy()
    assert plan(vm.want_twice(disks=both[:1])) == ["detach disk data"]
    assert f"default/{vm.name}-data.qcow2" in vm.files()


PREFIX = f"t-{Path(__file__).stem.removeprefix('test_')}-guest-"
KEY = f"/root/{PREFIX}key"
SSH = ("ssh", "-i", KEY, "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")


@pytest.fixture
def guest(lab: Lab, lab_module: Modules, ready: str) -> Iterator[Vm]:
    """A VM, and a key that may log in to its guest."""
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")
    lab.exec(ready, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KEY)
    yield Vm(lab, lab_module, ready, f"{PREFIX}a")
    remove_all(lab.libvirt(ready), PREFIX)
    lab.exec(ready, "rm", "-f", KEY, f"{KEY}.pub")


def test_a_guest_sees_a_disk_come_and_lets_go_of_it(guest: Vm) -> None:
    key = guest.lab.exec(guest.host, "cat", f"{KEY}.pub").strip()
    seed = {"ssh_authorized_keys": [key]}
    made = guest.want(template=TEMPLATE, state="running", cloud_init=seed, wait_for="ssh", timeout=120)

    def inside(*command: str) -> str:
        ip = made["observed"]["ip"]
        return guest.lab.exec(guest.host, *SSH, f"root@{ip}", *command, check=False).strip()

    disks: list[dict[str, Any]] = [{"name": "root"}, {"name": "hot", "size": "12MiB", "serial": "HOT1"}]
    attached = guest.want_twice(disks=disks)
    assert attached["restart_required"] == []
    # The guest names disks as they come: the seed was there before.
    assert inside("cat", "/sys/block/*/serial") == "HOT1"
    assert str(12 * MIB // 512) in inside("cat", "/sys/block/*/size").split()
    detached = guest.want_twice(disks=disks[:1], timeout=60)
    assert plan(detached) == ["detach disk hot"]
    assert detached["restart_required"] == []
    assert inside("cat", "/sys/block/*/serial") == ""
    assert str(12 * MIB // 512) not in inside("cat", "/sys/block/*/size").split()
    for tree in (guest.live, guest.tree):
        assert tree.find("devices/disk[serial='HOT1']") is None
