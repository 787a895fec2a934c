# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that makes no sense, or would harm something: one sentence that names the object, and nothing touched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.cleaning import remove_all
from tests.integration.support.fixtures import TEMPLATE, TINY, succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules

P = "t-bad_input-"
NEW, MINE, OTHER = f"{P}new", f"{P}mine", f"{P}other"
MAC = "52:54:00:aa:00:10"
SMALL, COLD = f"{P}small", f"{P}cold"
MOUNT = f"/var/lib/{SMALL}"
# The template's own image: a file that is on the host.
IMAGE = f"/var/lib/libvirt/images/{TEMPLATE}+1.template.qcow2"
SHA = "sha256:" + "0" * 64
# A file that is nobody's disk.
POOL = "/var/lib/libvirt/images"
STRAY = f"{POOL}/{P}stray-root.qcow2"
SAME = [{"name": "d", "path": STRAY, "format": "qcow2"}]


@pytest.fixture(scope="module")
def host(lab: Lab, lab_module: Modules, ready: str) -> Iterator[str]:
    """A host with two VMs, a pool that is almost full, a pool that is off, and a volume that nobody owns."""
    remove_all(lab.libvirt(ready), P)
    lab.exec(ready, "umount", MOUNT, check=False)
    lab.exec(ready, "mkdir", "-p", MOUNT)
    lab.exec(ready, "mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", MOUNT)
    succeed(lab_module(ready, "kvm_pool", name=SMALL, target=MOUNT))
    lab.libvirt(ready).storagePoolDefineXML(
        f"<pool type='dir'><name>{COLD}</name><target><path>/tmp</path></target></pool>"
    )
    lab.exec(ready, "qemu-img", "create", "-q", "-f", "qcow2", STRAY, "1M")
    members = [{"name": MINE}, {"name": OTHER, "nics": [{"network": "default", "mac": MAC}]}]
    disks = [{"size": "10MiB"}, {"name": "data", "size": "2MiB"}]
    succeed(lab_module(ready, "kvm_fleet", vms=members, defaults={"memory": "32MiB", "nics": [], "disks": disks}))
    yield ready
    remove_all(lab.libvirt(ready), P)
    lab.exec(ready, "umount", MOUNT)
    lab.exec(ready, "rmdir", MOUNT)


def vm(words: str, /, **options: Any) -> Any:
    """Return a case of kvm_vm: the words its sentence has to have, and its options."""
    return pytest.param("kvm_vm", {"name": NEW, **options}, words, id=words[:60])


def disk(words: str, /, *disks: dict[str, Any], **options: Any) -> Any:
    """Return a case of kvm_vm about its disks."""
    return vm(words, **{"nics": [], "disks": list(disks), **options})


def nic(words: str, /, *nics: dict[str, Any], **options: Any) -> Any:
    """Return a case of kvm_vm about its network cards."""
    return vm(words, **{"nics": list(nics), **options})


def fleet(words: str, /, *vms: dict[str, Any], **options: Any) -> Any:
    """Return a case of kvm_fleet."""
    return pytest.param("kvm_fleet", {"vms": list(vms), **options}, words, id=f"fleet-{words[:50]}")


def template(words: str, /, **options: Any) -> Any:
    """Return a case of kvm_template."""
    return pytest.param(
        "kvm_template", {"name": f"{P}tpl", "version": "1", **options}, words, id=f"template-{words[:50]}"
    )


CASES: list[Any] = [
    vm("Template 'nothing' does not exist", template="nothing"),
    vm(f"{TEMPLATE}:9", template=f"{TEMPLATE}:9"),
    vm("Pool 'nowhere' does not exist", template=TEMPLATE, pool="nowhere"),
    vm(f"Pool '{COLD}' is not active", template=TEMPLATE, pool=COLD),
    vm(f"pool '{SMALL}' has ", template=TEMPLATE, clone="full", pool=SMALL),
    vm("VM name '' cannot be used", name=""),
    vm("VM name 'a/b' cannot be used", name="a/b"),
    vm("VM name '../x' cannot be used", name="../x"),
    vm("VM name '.hidden' cannot be used", name=".hidden"),
    vm("VM name ' lead' cannot be used", name=" lead"),
    vm("VM name 'trail ' cannot be used", name="trail "),
    vm(r"VM name 'two\nlines' cannot be used", name="two\nlines"),
    vm(r"VM name 'tab\there' cannot be used", name="tab\there"),
    vm("VM name 'xxxxx", name="x" * 201),
    vm("memory '4GB' has no binary unit; write 4GiB if you mean that", memory="4GB"),
    vm("memory '4 giga' has no binary unit", memory="4 giga"),
    vm("memory 'four' is not a size", memory="four"),
    vm("memory '-1' is not a size", memory="-1"),
    vm("memory '0' is out of range", memory="0"),
    vm("memory '999999TiB' is out of range", memory="999999TiB"),
    vm("memory '1KiB' is out of range", memory="1KiB"),
    vm("vcpus 0 is out of range; choose 1 to 4096", vcpus=0),
    vm("vcpus -2 is out of range", vcpus=-2),
    vm("vcpus 5000 is out of range", vcpus=5000),
    vm("timeout 0 is out of range", timeout=0),
    vm("title contains the character U+0007, which XML cannot carry", title="ding\x07"),
    vm("description contains the character U+001B", description="\x1b[31mred"),
    vm("tags contains the character U+0000", tags=["ok", "nul\x00"]),
    vm("project contains the character U+FFFF", project="\uffff"),
    vm("is stopped and has no memory to save", name=MINE, state="saved"),
    vm("'qemu+unix:///system?socket=/nowhere' does not answer", uri="qemu+unix:///system?socket=/nowhere"),
    vm("'qemu+tcp://127.0.0.1:1/system' does not answer", uri="qemu+tcp://127.0.0.1:1/system"),
    vm("'nonsense' does not answer", uri="nonsense"),
    disk("smaller than its template", {"size": "10MiB"}, template=TEMPLATE),
    disk("disk root needs a 'size'", {}),
    disk("Entry 2 of disks has no name", {"size": "1MiB"}, {"size": "1MiB"}),
    disk("disks has two entries named 'data'", {"size": "1MiB"}, *[{"name": "data", "size": "1MiB"}] * 2),
    disk("disks has a name 'a/b' that cannot be used", {"name": "a/b", "size": "1MiB"}),
    disk("size of disk root '10GB' has no binary unit", {"size": "10GB"}),
    disk("Pool 'nowhere' does not exist", {"size": "1MiB", "pool": "nowhere"}),
    disk("volume 'none.qcow2' does not exist in pool 'default'", {"volume": "none.qcow2", "pool": "default"}),
    disk(f"is used by {OTHER}", {"volume": f"{OTHER}-data.qcow2", "pool": "default"}),
    disk(f"is used by {OTHER}", {"path": f"/proc/self/root{POOL}/{OTHER}-data.qcow2", "format": "qcow2"}),
    disk("disks d and e are one image", *({"name": name, "path": STRAY, "format": "qcow2"} for name in "de")),
    fleet(f"{STRAY} of disk d is used by {NEW}", *({"name": name, "nics": [], "disks": SAME} for name in (NEW, COLD))),
    disk("leave out its size", {"volume": f"{OTHER}-data.qcow2", "pool": "default", "size": "1MiB"}),
    disk("say in which 'pool' it is", {"volume": f"{OTHER}-data.qcow2"}),
    disk(f"volume '{P}stray-root.qcow2' is already in pool 'default'", {"size": "1MiB"}, name=f"{P}stray"),
    disk("would shrink to 5MiB", {"size": "5MiB"}, name=MINE),
    disk(f"disk root has pool default, not {SMALL}", {"pool": SMALL}, name=MINE),
    disk("disk root has format qcow2, not raw", {"format": "raw"}, name=MINE),
    disk("serial contains the character U+0001", {"size": "1MiB", "serial": "\x01"}),
    nic("Network 'nowhere' does not exist", {"network": "nowhere"}),
    nic(
        "Entry 1 of nics must have one of 'network', 'bridge' and 'direct', and not several",
        {"network": "default", "bridge": "br0"},
    ),
    nic("Entry 2 of nics must have a 'network', 'bridge' or 'direct'", {"network": "default"}, {"model": "virtio"}),
    nic("mac '52:54:00' is not a MAC address", {"network": "default", "mac": "52:54:00"}),
    nic("is a multicast address", {"network": "default", "mac": "01:00:5e:00:00:01"}),
    nic(f"MAC address {MAC} belongs to VM '{OTHER}'", {"network": "default", "mac": MAC.upper()}),
    nic("nics has two entries named 'default'", {"network": "default"}, {"network": "default"}),
    nic(
        f"MAC address '{MAC[:-2]}99' is given twice",
        *[{"network": "default", "name": n, "mac": f"{MAC[:-2]}99"} for n in "ab"],
    ),
    nic("Network 'nowhere' does not exist", {"name": "default", "network": "nowhere"}, name=OTHER),
    nic(f"MAC address {MAC} belongs to VM '{OTHER}'", {"network": "default", "mac": MAC}, name=MINE),
    fleet(f"VM name '{NEW}' is given twice in the list", {"name": NEW}, {"name": NEW}),
    fleet(
        f"MAC address '{MAC[:-2]}98' is given twice",
        *[{"name": NEW + n, "nics": [{"network": "default", "mac": f"{MAC[:-2]}98"}]} for n in "ab"],
    ),
    fleet("VM name '' cannot be used", {"name": ""}),
    fleet("parallel 0 is out of range", {"name": NEW}, parallel=0),
    fleet("memory '4GB' has no binary unit", {"name": NEW}, defaults={"memory": "4GB"}),
    template("checksum", path=IMAGE, checksum=SHA),
    template("checksum", src=TINY, checksum=SHA),
    template("checksum", src=TINY, checksum="md5:123"),
    template("/no/such/image", path="/no/such/image"),
    template("'nowhere' does not exist", src=TINY, pool="nowhere"),
    template("cannot be used", src=TINY, name="a/b"),
]
# Of these Ansible itself makes the sentence, from what the modules declare.
UNTYPED: list[Any] = [
    vm("Unsupported parameters", colour="red"),
    vm("value of state must be one of", state="flying"),
    vm("vcpus", vcpus="two"),
    vm("vcpus", vcpus=[1]),
    vm("dictionary requested", disks="vda"),
    vm("dictionary requested", cloud_init="yes"),
    vm("timeout", timeout="soon"),
    vm("autostart", autostart="perhaps"),
    disk("bus must be one of", {"size": "1MiB", "bus": "floppy"}),
    nic("model must be one of", {"network": "default", "model": "ne2k"}),
    disk("Unsupported parameters", {"size": "1MiB", "colour": "red"}),
    fleet("Unsupported parameters", {"name": NEW, "colour": "red"}),
    fleet("name", {"memory": "32MiB"}),
    fleet("fleet", {"name": NEW}, purge=True),
]


def refused(lab: Lab, modules: Modules, host: str, module: str, options: dict[str, Any]) -> str:
    """Run a module that must fail without touching anything, and return what it says."""
    before = lab.dump(host)
    result = modules(host, module, **options)
    assert result["failed"], result
    assert not result["changed"]
    assert "exception" not in result, result["exception"]
    assert "Traceback" not in str(result)
    assert lab.dump(host) == before
    return str(result["msg"])


@pytest.mark.parametrize(("module", "options", "words"), CASES)
def test_one_sentence_and_nothing_touched(
    lab: Lab, lab_module: Modules, host: str, module: str, options: dict[str, Any], words: str
) -> None:
    said = refused(lab, lab_module, host, module, options)
    assert words in said
    assert "\n" not in said
    assert said.endswith(".")
    assert "defect" not in said


@pytest.mark.parametrize(("module", "options", "words"), UNTYPED)
def test_what_modules_do_not_declare(
    lab: Lab, lab_module: Modules, host: str, module: str, options: dict[str, Any], words: str
) -> None:
    said = refused(lab, lab_module, host, module, options)
    assert words in said
    assert "\n" not in said
