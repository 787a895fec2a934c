# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What volumes hold, on one of the lab's hosts: who needs them; how they are filled, converted, encrypted, brought to
the control node, and wiped.
"""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.fixtures import HOST
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules

MIB = 1024 * 1024
POOL = "it-content"
PATH = f"/var/lib/libvirt/{POOL}"
USER = "it-content-user"
DISK = f"""<domain type='qemu'><name>{USER}</name><memory unit='MiB'>32</memory><os><type>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{PATH}/top'/><target dev='vda'/></disk>
</devices></domain>"""

Call = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def volume(lab: Lab, lab_module: Modules) -> Iterator[Call]:
    """Return a function that calls kvm_volume on a host, for a pool of its own."""
    made = lab_module(HOST, "kvm_pool", name=POOL, target=PATH)
    assert made["pool"]["state"] == "active", made

    def call(name: str, **more: Any) -> dict[str, Any]:
        return lab_module(HOST, "kvm_volume", **{"name": name, "pool": POOL, **more})

    yield call
    lab.exec(HOST, "sh", "-c", f"virsh pool-destroy {POOL}; virsh pool-undefine {POOL}; rm -rf {PATH}", check=False)


@pytest.fixture(autouse=True)
def _clean(lab: Lab, volume: Call) -> Iterator[None]:
    yield
    lab.exec(HOST, "sh", "-c", f"virsh destroy {USER}; virsh undefine {USER}; rm -f {PATH}/*", check=False)
    lab.exec(HOST, "virsh", "pool-refresh", POOL)


def plan(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [line["summary"] for line in result["plan"]]


def twice(call: Call, name: str, **wanted: Any) -> dict[str, Any]:
    """Run it as check mode says it would, and once more, which changes nothing."""
    checked = call(name, check=True, diff=True, **wanted)
    made = call(name, diff=True, **wanted)
    assert plan(made) == plan(checked) != []
    assert made["diff"] == checked["diff"]
    again = call(name, diff=True, **wanted)
    assert (plan(again), again["changed"], again["diff"]["after"]) == ([], False, {})
    return made


def of_image(lab: Lab, name: str) -> dict[str, Any]:
    return dict(json.loads(lab.exec(HOST, "qemu-img", "info", "-U", "--output=json", f"{PATH}/{name}")))


def allocated(lab: Lab, name: str) -> int:
    return 512 * int(lab.exec(HOST, "stat", "-c", "%b", f"{PATH}/{name}"))


def sha256(lab: Lab, path: str) -> str:
    return lab.exec(HOST, "sha256sum", path).split()[0]


def make(lab: Lab, name: str, size: str = "1M") -> None:
    """Make a raw volume of a name that kvm_volume itself takes for what was left."""
    lab.exec(HOST, "virsh", "vol-create-as", POOL, name, size, "--format", "raw")


def fill(lab: Lab, name: str, kind: str, start: str = "0", length: str = "1M") -> None:
    lab.exec(HOST, "qemu-io", "-f", kind, "-c", f"write -P 7 {start} {length}", f"{PATH}/{name}")


def test_who_needs_what(lab: Lab, lab_module: Modules, volume: Call) -> None:
    volume("base", capacity="4MiB")
    volume("middle", backing={"name": "base"})
    volume("top", backing={"name": "middle"})
    volume("alone", capacity="1MiB")
    lab.exec(HOST, "virsh", "define", "/dev/stdin", feed=DISK)
    read = lab_module(HOST, "kvm_volume_info", pool=POOL, names=["top", "middle", "base", "alone", "none"])["volumes"]
    facts = {entry["name"]: entry for entry in read}
    assert {name: entry.get("used_by") for name, entry in facts.items()} == {
        "alone": [],
        "base": [USER, f"{POOL}/middle"],
        "middle": [USER, f"{POOL}/top"],
        "top": [USER],
        "none": None,
    }
    below = [{"path": f"{PATH}/{name}", "format": "qcow2", "name": name, "pool": POOL} for name in ("middle", "base")]
    assert [facts[name]["chain"] for name in ("top", "middle", "base")] == [below, below[1:], []]
    assert facts["none"] == {"name": "none", "pool": POOL, "state": "absent"}
    unused = lab_module(HOST, "kvm_volume_info", query=f"[?pool=='{POOL}' && !used_by].name")
    assert unused["result"] == ["alone"]
    # What is read can be given back.
    wanted = {key: facts["top"][key] for key in ("capacity", "format", "backing")}
    assert plan(volume("top", **wanted)) == []
    assert "Pool 'it-none' does not exist" in lab_module(HOST, "kvm_volume_info", pool="it-none")["msg"]


def test_a_template_is_told_and_kept(lab_module: Modules, ready: str) -> None:
    image: dict[str, Any] = {"name": "t-tiny+1.template.qcow2", "pool": "default"}
    read = lab_module(ready, "kvm_volume_info", pool="default", names=[image["name"]])["volumes"]
    assert "t-tiny:1" in read[0]["used_by"]
    refused = lab_module(ready, "kvm_volume", **image, state="absent")
    assert "is not deleted: it is used by " in refused["msg"]
    assert "template t-tiny:1" in refused["msg"]
    grown = lab_module(ready, "kvm_volume", **image, capacity="200MiB", check=True)
    assert "is not resized: it is used by " in grown["msg"]
    assert "template t-tiny:1" in grown["msg"]
    assert plan(lab_module(ready, "kvm_volume", **image, check=True)) == []


FILLED = [("raw", "falloc", 8 * MIB), ("raw", "full", 8 * MIB), ("qcow2", "falloc", 8 * MIB), ("qcow2", "metadata", 1)]


@pytest.mark.parametrize(("kind", "how", "least"), FILLED)
def test_space_is_taken_at_once(lab: Lab, volume: Call, kind: str, how: str, least: int) -> None:
    made = twice(volume, "space", capacity="8MiB", format=kind, preallocation=how)
    assert plan(made) == [f"create volume space in pool {POOL} (8MiB {kind}, preallocation {how})"]
    assert allocated(lab, "space") >= least
    assert lab.exec(HOST, "ls", PATH).split() == ["space"]
    if how == "metadata":
        assert '"offset"' in lab.exec(HOST, "qemu-img", "map", "--output=json", f"{PATH}/space")


def test_a_volume_whose_filling_was_cut_off_is_filled(lab: Lab, volume: Call) -> None:
    for name, size in (("half", "8M"), ("half.unfinished", "512")):
        make(lab, name, size)
    made = twice(volume, "half", capacity="8MiB", format="raw", preallocation="full")
    assert plan(made)[0] == f"delete volume half of pool {POOL}"
    assert allocated(lab, "half") >= 8 * MIB
    assert lab.exec(HOST, "ls", PATH).split() == ["half"]


@pytest.mark.parametrize(("before", "after"), [("qcow2", "raw"), ("raw", "qcow2")])
def test_a_copy_is_converted(lab: Lab, volume: Call, before: str, after: str) -> None:
    volume("origin", capacity="8MiB", format=before)
    fill(lab, "origin", before, "3M")
    made = twice(volume, "copy", source={"name": "origin"}, format=after)
    assert made["volume"]["format"] == of_image(lab, "copy")["format"] == after
    lab.exec(HOST, "qemu-img", "compare", "-f", before, "-F", after, f"{PATH}/origin", f"{PATH}/copy")
    assert allocated(lab, "copy") < 3 * MIB, "what is zero takes no space"


@pytest.mark.parametrize("kind", ["raw", "qcow2"])
def test_data_is_overwritten_before_a_volume_goes(lab: Lab, volume: Call, kind: str) -> None:
    """Another name of the file shows what became of it."""
    volume("secret", capacity="8MiB", format=kind, **({"preallocation": "falloc"} if kind == "raw" else {}))
    fill(lab, "secret", kind, "1M", "2M")
    lab.exec(HOST, "ln", f"{PATH}/secret", f"{PATH}/other")
    gone = twice(volume, "secret", state="absent", wipe="zero")
    assert plan(gone) == [f"wipe volume secret of pool {POOL} (zero)", f"delete volume secret of pool {POOL}"]
    assert lab.exec(HOST, "sh", "-c", f"tr -d '\\000' < {PATH}/other | wc -c").strip() == "0"


def test_a_used_volume_is_not_wiped(lab: Lab, volume: Call) -> None:
    volume("top", capacity="4MiB")
    fill(lab, "top", "qcow2")
    lab.exec(HOST, "virsh", "define", "/dev/stdin", feed=DISK)
    before = sha256(lab, f"{PATH}/top")
    assert f"is not deleted: it is used by {USER}" in volume("top", state="absent", wipe="zero")["msg"]
    assert sha256(lab, f"{PATH}/top") == before


# QEMU measures how fast the host is by CPU time, which hosts as small as the lab's count too coarsely now and then.
COARSE = "Unable to get accurate CPU usage"


@pytest.fixture
def secret(lab: Lab) -> Iterator[Any]:
    usage = f"<usage type='volume'><volume>{POOL}</volume></usage>"
    made = lab.libvirt(HOST).secretDefineXML(f"<secret ephemeral='no' private='yes'>{usage}</secret>")
    made.setValue(b"passphrase", 0)
    yield made
    made.undefine()


def measured(call: Call, name: str, **wanted: Any) -> dict[str, Any]:
    """Run it until QEMU has measured what it wants to; whatever else fails, fails."""
    for _attempt in range(12):
        result = call(name, **wanted)
        if not (result["failed"] and COARSE in result["msg"]):
            break
    assert not result["failed"], result
    return result


@pytest.mark.parametrize("kind", ["qcow2", "raw"])
def test_a_volume_is_encrypted(lab: Lab, volume: Call, secret: Any, kind: str) -> None:
    wanted: dict[str, Any] = {"capacity": "4MiB", "format": kind, "encryption": {"secret": secret.UUIDString()}}
    assert plan(volume("locked", check=True, **wanted)) == [
        f"create volume locked in pool {POOL} (4MiB {kind}, encrypted)"
    ]
    made = measured(volume, "locked", **wanted)
    assert (made["volume"]["encrypted"], made["volume"]["encryption"]) == (True, {"secret": secret.UUIDString()})
    told = of_image(lab, "locked")
    assert told["format"] == "luks" if kind == "raw" else told["encrypted"]
    lab.exec(HOST, "virsh", "pool-refresh", POOL)
    assert plan(volume("locked", **wanted)) == []
    assert volume("locked")["volume"]["encrypted"]

    volume("plain", capacity="4MiB", format=kind)
    fill(lab, "plain", kind)
    copied = measured(volume, "copied", source={"name": "plain"}, format=kind, encryption={"secret": POOL})
    assert (copied["volume"]["capacity"], copied["volume"]["encrypted"]) == ("4MiB", True)
    assert lab.exec(HOST, "ls", PATH).split() == ["copied", "locked", "plain"]
    assert "is not encrypted, and is not encrypted later" in volume("plain", encryption={"secret": POOL})["msg"]
    assert "libvirt knows no secret 'nobody'" in volume("new", capacity="1MiB", encryption={"secret": "nobody"})["msg"]


def test_a_volume_comes_and_goes_back(lab: Lab, volume: Call, tmp_path: Path) -> None:
    volume("disk", capacity="16MiB", format="raw")
    fill(lab, "disk", "raw", "5M", "3M")
    digest = sha256(lab, f"{PATH}/disk")
    file = tmp_path / "disk"
    # Left by a run that was cut off.
    (tmp_path / "disk.part").write_bytes(b"half")
    before = volume("disk", dest=str(tmp_path), check=True)
    assert (before["changed"], before["dest"], file.exists()) == (True, str(file), False)
    made = twice(volume, "disk", dest=str(tmp_path))
    assert plan(made) == [f"download 16MiB of volume disk of pool {POOL} to {file}"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert [path.name for path in tmp_path.iterdir()] == ["disk"]
    assert "_staged" not in made

    file.write_bytes(b"x" * file.stat().st_size)
    twice(volume, "disk", dest=str(file))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert plan(volume("back", src=str(file)))
    assert sha256(lab, f"{PATH}/back") == digest
    assert lab.exec(HOST, "find", "/root/.ansible/tmp", "-type", "f", "-size", "+1000k") == ""


def test_a_qcow2_volume_comes_as_it_is(lab: Lab, volume: Call, tmp_path: Path) -> None:
    image = tmp_path / "image"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(image), "64M"], check=True)
    with image.open("ab") as opened:
        opened.write(random.randbytes(12345))
    volume("disk", src=str(image))
    twice(volume, "disk", dest=str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == image.read_bytes()


def test_what_is_not_brought(lab: Lab, volume: Call, tmp_path: Path) -> None:
    volume("base", capacity="4MiB")
    volume("top", backing={"name": "base"})
    file = tmp_path / "file"
    file.write_bytes(b"mine")
    assert f"is not whole without {PATH}/base" in volume("top", dest=str(file))["msg"]
    assert "there is nothing to download" in volume("none", dest=str(file))["msg"]
    assert "leave out capacity" in volume("base", dest=str(file), capacity="8MiB")["msg"]
    assert "has no folder" in volume("base", dest=f"{tmp_path}/none/file")["msg"]
    assert "dest cannot be given with state absent" in volume("base", dest=str(file), state="absent")["msg"]
    volume("top", state="absent")
    volume("top", capacity="4MiB")
    lab.exec(HOST, "virsh", "define", "/dev/stdin", feed=DISK)
    lab.exec(HOST, "virsh", "start", "--paused", USER)
    assert f"is not downloaded while VM '{USER}' writes to it" in volume("top", dest=str(file))["msg"]
    assert file.read_bytes() == b"mine"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# Left by a run that was cut off.
LEFT = "disk.sparse-0123abcd.unfinished"


@pytest.mark.parametrize(("kind", "options"), [("raw", ""), ("qcow2", "cluster_size=128k,lazy_refcounts=on")])
def test_zeros_are_given_back(lab: Lab, volume: Call, kind: str, options: str) -> None:
    more = ("-o", options) if options else ()
    lab.exec(HOST, "qemu-img", "create", "-q", "-f", kind, *more, f"{PATH}/disk", "64M")
    for pattern, where in (("0", "0 8M"), ("7", "20M 1M"), ("7", "30M 4k")):
        lab.exec(HOST, "qemu-io", "-f", kind, "-c", f"write -P {pattern} {where}", f"{PATH}/disk")
    lab.exec(HOST, "chmod", "0640", f"{PATH}/disk")
    lab.exec(HOST, "chown", "libvirt-qemu:kvm", f"{PATH}/disk")
    lab.exec(HOST, "qemu-img", "convert", "-O", "raw", f"{PATH}/disk", "/tmp/it-content-before")
    before, taken = of_image(lab, "disk"), allocated(lab, "disk")
    make(lab, LEFT)
    made = twice(volume, "disk", sparsify=True)
    assert plan(made)[0] == f"delete volume {LEFT} of pool {POOL}"
    assert plan(made)[1].startswith(f"sparsify volume disk of pool {POOL} (10MiB -> about ")
    assert allocated(lab, "disk") < taken - 7 * MIB
    assert made["volume"]["allocation"] == allocated(lab, "disk")
    after = of_image(lab, "disk")
    assert [after.get(key) for key in ("virtual-size", "cluster-size", "format-specific")] == [
        before.get(key) for key in ("virtual-size", "cluster-size", "format-specific")
    ]
    assert lab.exec(HOST, "stat", "-c", "%a %U %G", f"{PATH}/disk").split() == ["640", "libvirt-qemu", "kvm"]
    lab.exec(HOST, "qemu-img", "compare", "-F", "raw", "-f", kind, f"{PATH}/disk", "/tmp/it-content-before")
    lab.exec(HOST, "rm", "/tmp/it-content-before")
    assert lab.exec(HOST, "ls", PATH).split() == ["disk"]


@pytest.mark.parametrize("kind", ["raw", "qcow2"])
def test_what_was_taken_at_once_is_given_back(lab: Lab, volume: Call, kind: str) -> None:
    volume("disk", capacity="16MiB", format=kind, preallocation="falloc")
    twice(volume, "disk", sparsify=True)
    assert allocated(lab, "disk") < MIB


@pytest.mark.parametrize("kind", ["raw", "qcow2"])
def test_any_disk_is_given_back_once_at_most(lab: Lab, volume: Call, kind: str) -> None:
    for seed in range(2):
        chance = random.Random(seed)
        volume("disk", capacity="32MiB", format=kind)
        commands = []
        for _write in range(60):
            start, length = 4096 * chance.randrange(7000), 4096 * chance.randrange(1, 400)
            pattern = chance.choice((0, 0, 9))
            commands += ["-c", f"write -P {pattern} {start} {min(length, 32 * MIB - start)}"]
        lab.exec(HOST, "qemu-io", "-f", kind, *commands, f"{PATH}/disk")
        volume("copy", source={"name": "disk"}, format=kind)
        assert not volume("disk", sparsify=True)["failed"]
        assert plan(volume("disk", sparsify=True)) == [], f"seed {seed}"
        lab.exec(HOST, "qemu-img", "compare", "-f", kind, "-F", kind, f"{PATH}/disk", f"{PATH}/copy")
        for name in ("disk", "copy"):
            volume(name, state="absent")


def test_what_is_not_sparsified(lab: Lab, volume: Call) -> None:
    volume("base", capacity="8MiB", preallocation="falloc")
    volume("top", backing={"name": "base"})
    assert f"is not sparsified: it is used by {POOL}/top" in volume("base", sparsify=True)["msg"]
    assert f"has {PATH}/base below it" in volume("top", sparsify=True)["msg"]
    volume("top", state="absent")
    lab.exec(HOST, "qemu-img", "snapshot", "-c", "one", f"{PATH}/base")
    assert "has snapshots in it, which a copy would lose" in volume("base", sparsify=True)["msg"]
    lab.exec(HOST, "qemu-img", "snapshot", "-d", "one", f"{PATH}/base")
    lab.exec(HOST, "truncate", "-s", "100000", f"{PATH}/base")
    refused = volume("base", sparsify=True)
    assert refused["failed"]
    assert "\n" not in refused["msg"]
    assert "exception" not in refused
    assert lab.exec(HOST, "ls", PATH).split() == ["base"]


def test_a_copy_that_was_left_goes(lab: Lab, volume: Call) -> None:
    for name in ("disk", LEFT):
        make(lab, name)
    assert plan(twice(volume, "disk")) == [f"delete volume {LEFT} of pool {POOL}"]
    make(lab, LEFT)
    assert len(plan(twice(volume, "disk", state="absent"))) == 2
    assert lab.exec(HOST, "ls", PATH) == ""
