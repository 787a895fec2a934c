# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a VM that is there is changed: property by property, now or at its next boot, and what is refused."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import libvirt
import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import ResizeVolume
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.state import VolumeState
from ansible_collections.kvmops.datacenter.plugins.module_utils._units import GIB
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import AttachLive, Configure
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import source_of
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.interface import mac_for
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.first_boot import payload_paths
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.seed import CloudInit, fingerprint, seed_files
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import (
    FakeHost,
    Table,
    domain,
    noted,
    planned,
    record,
    state,
    summaries,
    volume,
)

DRIVER = "<driver name='qemu' type='qcow2'/><source file='/pool/root'/><target dev='vda' bus='virtio'/>"
ROOT = f"<disk type='file' device='disk'>{DRIVER}<alias name='ua-root'/></disk>"
DATA = ROOT.replace("root", "data").replace("vda", "vdb")
HAND = ROOT.replace("<alias name='ua-root'/>", "<alias name='virtio-disk0'/>")
CDROM = "<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>"
SEED = ROOT.replace("ua-root", "ua-seed").replace("/pool/root", "/pool/web01-seed.iso").replace("vda", "vdz")
CARD = "<mac address='52:54:00:00:00:0a'/><source network='lan'/><model type='virtio'/>"
NIC = f"<interface type='network'><alias name='ua-lan'/>{CARD}</interface>"
HAND_NIC = NIC.replace("<alias name='ua-lan'/>", "")
NEW_MAC = mac_for(domain().findtext("uuid"), "default")
DISKS = Table(volumes=(volume("root"), volume("data"), volume("web01-seed.iso", kind="raw")))

MORE = "set memory 1GiB -> 2GiB"
NIC_WORDS = "network lan, model virtio, mac 52:54:00:00:00:0a"

PLANS: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (state(), {}, []),
    (state(), {"vcpus": 1, "memory": "1GiB"}, []),
    (state(), {"vcpus": 2, "memory": "2GiB"}, ["set vcpus 1 -> 2", "set memory 1GiB -> 2GiB"]),
    (state(power="running"), {"vcpus": 2}, ["set vcpus 1 -> 2 [next_boot]"]),
    (state(power="paused"), {"memory": "512MiB"}, ["set memory 1GiB -> 512MiB"]),
    (state(power="paused"), {"memory": "2GiB"}, ["set memory 1GiB -> 2GiB [next_boot]"]),
    (state(power="saved"), {"vcpus": 2}, ["set vcpus 1 -> 2"]),
    (state(power="running"), {"title": "t"}, ["set title none -> t"]),
    (state(inside="<title>t</title>"), {"title": "t"}, []),
    (state(inside="<title>t</title>"), {"title": ""}, ["set title t -> none"]),
    (state(), {"title": ""}, []),
    (state(power="running"), {"tags": ["b", "a"]}, ["set tags none -> a, b"]),
    (state(inside=record("<k:project>p</k:project>")), {"project": "p"}, []),
    (state(inside=record("<k:project>p</k:project>")), {"project": "q"}, ["set project p -> q"]),
    (state(inside=record("<k:project>p</k:project>")), {"tags": ["a"]}, ["set tags none -> a"]),
    (state(), {"tags": [], "project": ""}, []),
    (
        state(),
        {"owner": "eva", "metadata": {"cost": "7 <&>"}},
        ["set owner none -> eva", "set metadata cost absent -> cost 7 <&>"],
    ),
    (state(inside=record("<k:metadata><k:entry name='a' value='1'/></k:metadata>")), {"metadata": {"a": "1"}}, []),
    (
        state(inside=record("<k:metadata><k:entry name='a' value='1'/></k:metadata>")),
        {"metadata": {"a": "absent", "b": 2}},
        ["set metadata a 1, b absent -> a absent, b 2"],
    ),
    (state(), {"autostart": True}, ["set autostart on"]),
    (state(), {"autostart": False}, []),
    (state(autostart=True), {"autostart": False}, ["set autostart off"]),
    (state(autostart=True), {}, []),
    # disks
    (state(ROOT), {"disks": [{"name": "root"}]}, []),
    (state(ROOT), {"disks": [{"size": "1GiB"}]}, []),
    (state(ROOT), {"disks": [{"size": "2GiB"}]}, ["resize volume root 1GiB -> 2GiB"]),
    (state(ROOT, power="running"), {"disks": [{"size": "2GiB"}]}, ["resize volume root 1GiB -> 2GiB"]),
    (state(ROOT), {"disks": [{"cache": "none"}]}, ["set disk root cache none -> none"]),
    (state(ROOT, power="running"), {"disks": [{"serial": "1"}]}, ["set disk root serial none -> 1 [next_boot]"]),
    (state(HAND), {"disks": [{"name": "root"}]}, []),
    (state(HAND), {"disks": [{"name": "vda"}]}, []),
    (state(HAND), {"disks": []}, ["detach disk vda"]),
    (state(CDROM + HAND), {"disks": [{"size": "1GiB", "bus": "virtio"}]}, []),
    (state(CDROM), {"disks": []}, []),
    (state(ROOT + DATA), {"disks": [{"name": "root"}]}, ["detach disk data"]),
    (state(ROOT + DATA, power="running"), {"disks": [{"name": "root"}]}, ["detach disk data"]),
    (state(ROOT + DATA), {"disks": [{"name": "data"}]}, []),
    (state(ROOT + DATA), {"disks": [{"name": "data"}, {"name": "root"}]}, []),
    (state(ROOT + SEED), {"disks": [{"name": "root"}]}, []),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB"}]},
        [
            "note that default/web01-new.qcow2 is being made",
            "create volume web01-new.qcow2 in pool default (1GiB qcow2)",
            "attach disk new (/pool/web01-new.qcow2)",
        ],
    ),
    (
        state(ROOT),
        {"disks": [{}, {"name": "old", "volume": "data", "pool": "default"}]},
        ["attach disk old (/pool/data)"],
    ),
    # cards
    (state(NIC), {"nics": [{"network": "lan"}]}, []),
    (state(NIC), {"nics": [{"name": "lan", "network": "lan", "mac": "52:54:00:00:00:0A", "model": "virtio"}]}, []),
    (state(HAND_NIC), {"nics": [{"name": "front", "network": "lan"}]}, []),
    (
        state(HAND_NIC),
        {"nics": [{"name": "x", "network": "default", "mac": "52-54-00-00-00-0a"}]},
        ["set NIC x network lan -> default"],
    ),
    (state(NIC), {"nics": [{"name": "lan", "network": "default"}]}, ["set NIC lan network lan -> default"]),
    (state(NIC), {"nics": [{"name": "lan", "bridge": "br0"}]}, ["set NIC lan bridge none -> br0"]),
    (
        state(NIC),
        {"nics": [{"network": "lan", "mac": "52:54:00:00:00:0b", "model": "e1000"}]},
        ["set NIC lan model virtio -> e1000", "set NIC lan mac 52:54:00:00:00:0a -> 52:54:00:00:00:0b"],
    ),
    (state(NIC), {"nics": []}, ["detach NIC lan"]),
    (state(NIC, power="running"), {"nics": [], "state": "stopped"}, ["detach NIC lan [next_boot]", "shut down"]),
    (state(power="running"), {"memory": "2GiB", "apply": "restart"}, [f"{MORE} [next_boot]", "shut down", "start"]),
    (
        state(power="paused"),
        {"memory": "2GiB", "apply": "restart"},
        [f"{MORE} [next_boot]", "resume", "shut down", "start paused"],
    ),
    (state(power="running"), {"memory": "512MiB", "apply": "restart"}, ["set memory 1GiB -> 512MiB"]),
    *(
        (state(power=now), {"memory": "2GiB", "apply": "restart", "state": then}, [f"{MORE} [next_boot]", *steps])
        for now, then, steps in (
            ("running", "running", ["shut down", "start"]),
            ("running", "paused", ["pause", "resume", "shut down", "start paused"]),
            ("paused", "running", ["resume", "shut down", "start"]),
            ("paused", "present", ["resume", "shut down", "start paused"]),
        )
    ),
    # Its guest need not let go of anything before.
    (
        state(NIC, power="running"),
        {"memory": "2GiB", "nics": [], "apply": "restart"},
        [f"{MORE} [next_boot]", "detach NIC lan [next_boot]", "shut down", "start"],
    ),
    (state(NIC, power="running"), {"nics": [], "apply": "restart"}, ["detach NIC lan"]),
    (state(power="running"), {"title": "t", "apply": "next_boot"}, ["set title none -> t [next_boot]"]),
    (state("", power="running", live=NIC), {"nics": []}, ["detach NIC lan"]),
    (state(NIC, power="running", live=""), {"nics": [{"network": "lan"}]}, [f"attach NIC lan ({NIC_WORDS})"]),
    (state(NIC, power="running"), {"nics": []}, ["detach NIC lan"]),
    (state(HAND_NIC), {"nics": []}, ["detach NIC lan"]),
    (
        state(NIC, power="running"),
        {"nics": [{"network": "default"}]},
        ["detach NIC lan", f"attach NIC default (network default, model virtio, mac {NEW_MAC})"],
    ),
]


@pytest.mark.parametrize(("current", "params", "lines"), PLANS)
def test_the_plan(current: VmState, params: dict[str, Any], lines: list[str]) -> None:
    before = to_xml(current.live) if current.live is not None else ""
    assert summaries(planned(current, DISKS, **params)) == lines
    assert (to_xml(current.live) if current.live is not None else "") == before


REFUSED: list[tuple[VmState, Table, dict[str, Any], str]] = [
    (state(ROOT), DISKS, {"disks": [{"size": "512MiB"}]}, "disk root is 1GiB and would shrink to 512MiB"),
    (
        state(ROOT),
        replace(DISKS, types={"default": "zfs"}),
        {"disks": [{"size": "2GiB"}]},
        "VM 'web01': disk root is not resized: libvirt does not do that in pool 'default', which is of type zfs; set",
    ),
    (state(ROOT), DISKS, {"disks": [{"pool": "fast"}]}, "disk root has pool default, not fast"),
    (state(ROOT), DISKS, {"disks": [{"format": "raw"}]}, "disk root has format qcow2, not raw"),
    (state(ROOT), DISKS, {"disks": [{"volume": "x", "pool": "default"}]}, "disk root has volume root, not x"),
    (state(ROOT), Table(), {"disks": [{"size": "2GiB"}]}, "no active pool knows /pool/root of disk root"),
    (state(ROOT), DISKS, {"disks": [{}, {"name": "b"}]}, "disk b needs a 'size'"),
    (state(NIC), DISKS, {"nics": [{"network": "none"}]}, "Network 'none' does not exist"),
    (state(NIC), DISKS, {"nics": [{"name": "lan", "network": "none"}]}, "Network 'none' does not exist"),
    (
        state(NIC),
        Table(macs={"52:54:00:00:00:0b": "db01"}),
        {"nics": [{"network": "lan", "mac": "52:54:00:00:00:0b"}]},
        "MAC address 52:54:00:00:00:0b belongs to VM 'db01'",
    ),
    (state(power="running", persistent=False), DISKS, {"memory": "2GiB"}, "VM 'web01' is transient"),
    (state(SEED, power="running"), DISKS, {"cloud_init": {"enabled": False}}, "runs with its cloud-init seed"),
]


@pytest.mark.parametrize(("current", "table", "params", "why"), REFUSED)
def test_what_is_refused(current: VmState, table: Table, params: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused) as refusal:
        planned(current, table, **params)
    assert why in str(refusal.value)


REASONS: list[tuple[VmState, dict[str, Any], list[str]]] = [
    (state(), {"memory": "2GiB"}, []),
    (state(power="running"), {"memory": "1GiB", "title": "x"}, []),
    (state(power="running"), {"memory": "2GiB"}, ["memory is 1GiB and will be 2GiB"]),
    (state(power="running"), {"memory": "2GiB", "state": "restarted"}, []),
    (state(power="running"), {"memory": "2GiB", "state": "stopped"}, []),
    (state(power="running"), {"memory": "2GiB", "state": "paused"}, ["memory is 1GiB and will be 2GiB"]),
    (state(ROOT, power="running"), {"disks": [{"cache": "none"}]}, ["disk root cache is none and will be none"]),
    (state(ROOT, power="running", live=ROOT + DATA), {"disks": [{}]}, []),
    (
        state(ROOT + DATA, power="running", live=ROOT),
        {"disks": [{}, {"name": "data"}]},
        [],
    ),
    (state(ROOT, power="running"), {"disks": [{}, {"name": "new", "size": "1GiB"}]}, []),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB"}], "apply": "next_boot"},
        ["disk new is not attached yet"],
    ),
    (
        state(ROOT, power="running"),
        {"disks": [{}, {"name": "new", "size": "1GiB", "bus": "sata"}]},
        ["disk new is not attached yet"],
    ),
    (state(NIC, power="running"), {"nics": [], "apply": "next_boot"}, ["NIC lan stays attached"]),
    (state("", power="running", live=NIC), {"nics": [], "apply": "next_boot"}, ["NIC lan stays attached"]),
    (state("", power="running", live=NIC), {}, []),
    (
        state(NIC.replace("'virtio'", "'rtl8139'"), power="running", live=""),
        {"nics": [{"network": "lan"}]},
        ["NIC lan is not attached yet"],
    ),
]


@pytest.mark.parametrize(("current", "params", "reasons"), REASONS)
def test_why_a_restart_is_needed(current: VmState, params: dict[str, Any], reasons: list[str]) -> None:
    assert planned(current, DISKS, **params).restart_required == reasons


PCI = "<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>"
UNIT = "<address type='drive' controller='0' bus='0' target='0' unit='0'/>"
SCSI = f"<controller type='scsi' index='0' model='virtio-scsi'>{PCI}</controller>"
PORTS = "<controller type='virtio-serial' index='0'/><controller type='usb' index='0' model='qemu-xhci'/>"
CHANNEL = "<channel type='spicevmc'><target type='virtio' name='a'/><alias name='ua-a'/>{}</channel>"
LINE = "<serial type='pty'><target type='usb-serial' port='1'/>{}</serial>"


@pytest.mark.parametrize(
    ("device", "address", "params", "kept"),
    [
        (NIC.replace("</i", "{}</i"), PCI, {"nics": [{"network": "lan"}]}, [False]),
        (DATA.replace("</disk", "{}</disk"), PCI, {"disks": [{"name": "data"}]}, [False]),
        # The controller that it needs goes before it.
        (
            SCSI + DATA.replace("virtio", "scsi").replace("</disk", "{}</disk"),
            UNIT,
            {"disks": [{"name": "data"}]},
            [False, False],
        ),
        (CHANNEL, "<address type='virtio-serial' controller='0' port='1'/>", {"channels": [{"name": "a"}]}, [False]),
        (LINE, "<address type='usb' bus='0' port='1'/>", {"serials": [{"port": 1}]}, [False]),
        # What no other device can have been given stays.
        (NIC.replace("</i", "{}</i"), "<address type='virtio-mmio'/>", {"nics": [{"network": "lan"}]}, [True]),
    ],
)
def test_a_running_vm_chooses_the_slot_of_what_it_is_given(
    device: str, address: str, params: dict[str, Any], kept: list[bool]
) -> None:
    """The slot that is free in the configuration may be another device's in the running VM."""
    current = state(PORTS + device.format(address), power="running", live=PORTS)
    attached = [change for change in planned(current, DISKS, **params).changes if isinstance(change, AttachLive)]
    assert ["<address" in change.xml for change in attached] == kept


class OneVm(FakeHost):
    """The same with one VM, which keeps what it is told: libvirt's test driver has no VMs that are given devices."""

    def __init__(self, now: str) -> None:
        super().__init__()
        self.now = now
        self.told: list[int] = []

    def lookupByName(self, _name: str) -> OneVm:
        return self

    def XMLDesc(self, _flags: int) -> str:
        return self.now

    def attachDeviceFlags(self, _xml: str, flags: int) -> None:
        self.told.append(flags)


@pytest.mark.parametrize(
    ("since", "written"),
    [
        ({}, True),
        # What nobody has asked us for is theirs, and stays.
        ({"inside": "<title>of others</title>"}, True),
        ({"devices": NIC}, True),
        ({"inside": "<description>d</description>"}, False),
        ({"devices": DATA}, False),
    ],
)
def test_only_what_was_planned_is_written(since: dict[str, str], written: bool) -> None:
    plan = planned(state(), DISKS, description="d", disks=[{"name": "data", "pool": "default", "volume": "data"}])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    host = OneVm(to_xml(domain(**since)))
    with nullcontext() if written else pytest.raises(KvmError, match="'web01' was changed by something else"):
        configure.carry_out(host)
    wanted, _edits = configure.wish.edited(parse_xml(host.now))
    assert host.defined == ([to_xml(wanted)] if written else [])


def test_a_device_that_is_plugged_in_is_not_written_into_the_configuration_once_more() -> None:
    plan = planned(state(power="running"), DISKS, disks=[{"name": "data", "pool": "default", "volume": "data"}])
    (attach,) = [change for change in plan.changes if isinstance(change, AttachLive)]
    host = OneVm("")
    attach.carry_out(host)
    assert host.told == [libvirt.VIR_DOMAIN_AFFECT_LIVE]


def test_new_disks_of_one_plan_get_different_targets() -> None:
    plan = planned(state(ROOT), DISKS, disks=[{}, {"name": "b", "size": "1"}, {"name": "c", "size": "1"}])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    tree, _edits = configure.wish.edited(domain(ROOT))
    assert [node.get("dev") for node in tree.iterfind("devices/disk/target")] == ["vda", "vdb", "vdc"]


def seeded(**wanted: Any) -> VmState:
    """Return a VM with the seed that these options would write."""
    tree = domain()
    mark = fingerprint(seed_files(CloudInit.from_params(wanted), "web01", tree.findtext("uuid")))
    return state(SEED, record(f"<k:seed fingerprint='{mark}'/>"))


WRITE = "write cloud-init seed to volume web01-seed.iso in pool default"
NOTE = "note the content of the seed"
BEGUN = "note that default/web01-seed.iso is being made"
ATTACH = "attach cloud-init seed (web01-seed.iso)"
SEEDS: list[tuple[VmState, dict[str, Any] | None, list[str]]] = [
    (seeded(hostname="a"), {"hostname": "a"}, []),
    (seeded(), {"hostname": "web01"}, []),
    (seeded(hostname="a"), None, []),
    (seeded(hostname="a"), {"hostname": "b"}, [WRITE, NOTE]),
    (seeded(), {"ssh_authorized_keys": ["k"]}, [WRITE, NOTE]),
    (state(), {}, [BEGUN, WRITE, NOTE, ATTACH]),
    (state(power="running"), {}, [BEGUN, WRITE, NOTE, f"{ATTACH} [next_boot]"]),
    (state(), {"enabled": False}, []),
    (
        seeded(),
        {"enabled": False},
        ["forget the content of the seed", "detach cloud-init seed", "delete volume web01-seed.iso of pool default"],
    ),
]


@pytest.mark.parametrize(("current", "wanted", "lines"), SEEDS)
def test_the_seed_is_written_when_its_content_changes(
    current: VmState, wanted: dict[str, Any] | None, lines: list[str]
) -> None:
    table = (
        Table(volumes=(volume("web01-seed.iso", kind="raw"),))
        if current.config.find("devices/disk") is not None
        else Table()
    )
    assert summaries(planned(current, table, cloud_init=wanted)) == lines


def test_a_seed_in_a_pool_that_is_not_active_is_taken_away_and_kept() -> None:
    lines = ["forget the content of the seed", "detach cloud-init seed"]
    assert summaries(planned(seeded(), Table(), cloud_init={"enabled": False})) == lines


@pytest.mark.parametrize(("devices", "paths"), [("", []), (SEED, ["/pool/web01-seed.iso"]), (ROOT, [])])
def test_only_a_guest_that_is_told_something_is_told_from_an_image(devices: str, paths: list[str]) -> None:
    assert payload_paths(domain(devices)) == paths


def test_a_seed_never_takes_the_place_of_somebody_elses_volume() -> None:
    with pytest.raises(Refused, match=r"volume 'web01-seed\.iso' is already in pool 'default'"):
        planned(state(), Table(volumes=(volume("web01-seed.iso", kind="raw"),)), cloud_init={})


PENDING = "<k:pending><k:volume>default/web01-new.qcow2</k:volume></k:pending>"
FORGET = "forget what an interrupted run was making"


def test_a_seed_that_was_being_written_is_written_anew() -> None:
    half = record(PENDING.replace("web01-new.qcow2", "web01-seed.iso"))
    table = Table(volumes=(volume("root"), volume("web01-seed.iso", kind="raw")))
    lines = ["delete volume web01-seed.iso of pool default", FORGET, BEGUN, WRITE]
    assert summaries(planned(state(ROOT, half), table, cloud_init={}))[:4] == lines
    assert summaries(planned(state(ROOT + SEED, half), table)) == [FORGET]


def test_a_disk_that_was_being_made_is_made_anew() -> None:
    table = Table(volumes=(volume("root"), volume("web01-new.qcow2")))
    plan = planned(state(ROOT, record(PENDING)), table, disks=[{}, {"name": "new", "size": "1GiB"}])
    assert summaries(plan)[:2] == ["delete volume web01-new.qcow2 of pool default", FORGET]
    assert summaries(plan)[2:5] == [
        "note that default/web01-new.qcow2 is being made",
        "create volume web01-new.qcow2 in pool default (1GiB qcow2)",
        "attach disk new (/pool/web01-new.qcow2)",
    ]


def test_what_is_noted_for_a_later_run_is_no_difference_of_the_vm() -> None:
    plan = planned(state(ROOT, record(PENDING)), DISKS, disks=[{}, {"name": "fresh", "size": "1GiB"}])
    told = {*plan.diff()["before"], *plan.diff()["after"]}
    assert told == {"volume default/web01-fresh.qcow2", "volume default/web01-new.qcow2", "disk fresh"}


def test_what_is_attached_is_no_longer_noted_as_being_made() -> None:
    """A later run would delete it, had somebody detached it meanwhile and kept it."""
    plan = planned(state(ROOT), DISKS, disks=[{}, {"name": "new", "size": "1GiB"}])
    (configure,) = [change for change in plan.changes if isinstance(change, Configure)]
    tree, _edits = configure.wish.edited(domain(ROOT, record(PENDING)))
    assert [source_of(node) for node in tree.iterfind("devices/disk")] == ["/pool/root", "/pool/web01-new.qcow2"]
    assert read_record(tree) == {}


@pytest.mark.parametrize(
    ("volumes", "params", "place"),
    [
        ((volume("root", pool="fast"),), {}, "fast/web01-fresh.qcow2"),
        ((volume("root", pool="fast"),), {"pool": "default"}, "default/web01-fresh.qcow2"),
        ((), {}, "default/web01-fresh.qcow2"),
    ],
)
def test_a_disk_that_is_added_is_beside_the_first_one(
    volumes: tuple[VolumeState, ...], params: dict[str, Any], place: str
) -> None:
    there = ROOT.replace("/pool/root", volume("root", pool="fast").path)
    plan = planned(state(there), Table(volumes=volumes), disks=[{}, {"name": "fresh", "size": "1GiB"}], **params)
    assert f"volume {place}" in plan.diff()["after"]


def test_a_disk_that_was_attached_before_the_run_was_cut_off_is_kept() -> None:
    attached = DATA.replace("/pool/data", "/pool/web01-new.qcow2").replace("ua-data", "ua-new")
    table = Table(volumes=(volume("root"), volume("web01-new.qcow2")))
    plan = planned(state(ROOT + attached, record(PENDING)), table, disks=[{}, {"name": "new", "size": "1GiB"}])
    assert summaries(plan) == [FORGET]


def test_a_vm_that_was_not_finished_is_made_from_the_start() -> None:
    current = state(inside=noted("default/web01-root.qcow2", "default/web01-seed.iso"))
    table = Table(volumes=(volume("web01-root.qcow2"),))
    lines = summaries(planned(current, table, template="tiny", state="running"))
    assert lines[0] == "remove what an interrupted run left: default/web01-root.qcow2, default/web01-seed.iso"
    assert lines[1].startswith("define VM (")
    assert lines[-1] == "start"


def test_a_vm_that_runs_unfinished_is_left_alone() -> None:
    with pytest.raises(KvmError, match="runs although its making was not finished"):
        planned(state(inside=noted("default/x"), power="running"), Table())


@pytest.mark.parametrize(
    ("origin", "wanted", "warnings"),
    [
        ("<k:template name='tiny' version='1'/>", "tiny", []),
        ("<k:template name='tiny' version='1'/>", "tiny:2", []),
        ("<k:template name='tiny' version='1'/>", None, []),
        (
            "<k:template name='tiny' version='1'/>",
            "big",
            ["it was made from template tiny; template 'big' counts only when a VM is made."],
        ),
        ("", "big", ["it was not made from a template; template 'big' counts only when a VM is made."]),
    ],
)
def test_a_vm_is_never_made_anew_for_another_template(origin: str, wanted: str | None, warnings: list[str]) -> None:
    plan = planned(state(inside=record(origin)), template=wanted)
    assert (summaries(plan), plan.warnings) == ([], warnings)


def test_growing_never_needs_to_know_more_than_the_size() -> None:
    plan = planned(state(ROOT), Table(volumes=(volume("root", 3 * GIB),)), disks=[{"size": "3GiB"}])
    assert plan.changes == []


@pytest.mark.parametrize(
    ("power", "running"), [("running", "web01"), ("paused", "web01"), ("stopped", None), ("saved", None)]
)
def test_who_has_an_image_open_is_known_to_what_makes_it_grow(power: str, running: str | None) -> None:
    plan = planned(state(ROOT, power=power), DISKS, disks=[{"size": "2GiB"}])
    assert [change for change in plan.changes if isinstance(change, ResizeVolume)] == [
        ResizeVolume("default", "root", GIB, 2 * GIB, running=running)
    ]


OWN = domain().findtext("uuid")


@pytest.mark.parametrize(("uuid", "same"), [(OWN, True), (OWN.replace("c7", "c8"), False)])
def test_a_vm_of_another_uuid_is_another_vm(uuid: str, same: bool) -> None:
    with nullcontext() if same else pytest.raises(Refused, match=f"VM 'web01' has the UUID {OWN}, not {uuid};"):
        assert summaries(planned(state(), uuid=uuid, memory="2GiB")) == [MORE]


class Strict(Table):
    """A host whose libvirt takes no definition."""

    def check_definition(self, vm: str, xml: str, present: str = "") -> None:
        sizes = [parse_xml(text).findtext("memory") if text else "none" for text in (present, xml)]
        raise Refused(f"VM '{vm}': memory {' -> '.join(sizes)}")


@pytest.mark.parametrize(
    ("current", "params", "words"),
    [
        (state(), {"memory": "2GiB"}, "VM 'web01': memory 1048576 -> 2097152"),
        (state(power="running"), {"memory": "2GiB"}, "VM 'web01': memory 1048576 -> 2097152"),
        (None, {"memory": "2GiB"}, "VM 'web01': memory none -> 2097152"),
        # What is not written is not asked about.
        (state(), {"memory": "1GiB"}, ""),
        (state(), {"state": "absent"}, ""),
    ],
)
def test_libvirt_is_asked_before_anything_is_written(
    current: VmState | None, params: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refused, match=f"^{words}$") if words else nullcontext():
        planned(current, Strict(), **params)
