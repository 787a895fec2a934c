# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_template and kvm_template_info on one of the lab's hosts, through Ansible: sources, descriptions, bad input."""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.signed import CLEARSIGNED, DIGEST, DISK, LIST, PUBLIC_KEY, SIGNATURE_OF_LIST
from tests.integration.support.templates import (
    FORMS,
    IMAGES,
    MAKE_FORMS,
    MIB,
    PATH,
    POOL,
    Run,
    files,
    images,
    plan,
    sha256,
    template,
)

__all__ = ["images", "template"]


def test_an_image_of_the_host_is_imported_as_check_mode_says_and_once(lab: Lab, template: Run) -> None:
    wanted = {"path": f"{IMAGES}/disk.qcow2", "os": "debian12", "defaults": {"vcpus": 2, "memory": "256MiB"}}
    checked = template(**wanted, check=True, diff=True)
    assert files(lab) == []
    made = template(**wanted, diff=True)
    assert plan(made) == plan(checked) == [f"import {IMAGES}/disk.qcow2 as template web:1 into pool {POOL}"]
    assert made["diff"] == checked["diff"]
    assert plan(template(**wanted)) == plan(template(**wanted, check=True)) == []

    assert files(lab) == ["web+1.template.json", "web+1.template.qcow2"]
    assert lab.exec("h1", "stat", "-c", "%a", *[f"{PATH}/{name}" for name in files(lab)]).split() == ["444", "444"]
    assert sha256(lab, f"{PATH}/web+1.template.qcow2") == sha256(lab, f"{IMAGES}/disk.qcow2")
    facts = made["template"]
    assert (facts["version"], facts["os"], facts["capacity"]) == ("1", "debian12", 8 * MIB)
    assert facts["defaults"] == wanted["defaults"]
    assert facts["checksum"] == f"sha256:{sha256(lab, f'{IMAGES}/disk.qcow2')}"


def test_facts_are_options(template: Run) -> None:
    facts = template(path=f"{IMAGES}/disk.raw", defaults={"memory": "1GiB"})["template"]
    options = {key: value for key, value in facts.items() if key not in ("capacity", "size", "format")}
    assert plan(template(**options)) == []


def test_a_raw_image_becomes_qcow2(lab: Lab, template: Run) -> None:
    template(path=f"{IMAGES}/disk.raw")
    image = f"{PATH}/web+1.template.qcow2"
    assert json.loads(lab.exec("h1", "qemu-img", "info", "--output=json", image))["format"] == "qcow2"
    lab.exec("h1", "qemu-img", "compare", "-f", "raw", "-F", "qcow2", f"{IMAGES}/disk.raw", image)


def test_an_image_may_come_in_many_forms(lab: Lab, template: Run) -> None:
    lab.exec("h1", "sh", "-c", MAKE_FORMS)
    for version, form in enumerate(FORMS):
        place = f"{IMAGES}/disk.{form}"
        made = template(version=str(version), path=place)
        image = f"{PATH}/web+{version}.template.qcow2"
        assert not made["failed"], made
        assert made["template"]["checksum"] == f"sha256:{sha256(lab, place)}"
        lab.exec("h1", "qemu-img", "compare", "-f", "raw", "-F", "qcow2", f"{IMAGES}/disk.raw", image)
    assert plan(template(version="0", path=f"{IMAGES}/disk.{FORMS[0]}")) == []


def test_an_image_of_the_control_node_is_brought_once(lab: Lab, template: Run, tmp_path: Path) -> None:
    image = tmp_path / "disk.raw"
    image.write_bytes(os.urandom(510) + b"\x55\xaa" + os.urandom(3 * MIB - 512) + bytes(MIB))
    digest = hashlib.sha256(image.read_bytes()).hexdigest()

    def copies() -> str:
        return lab.exec("h1", "find", "/root/.ansible/tmp", "-size", f"{4 * MIB}c", check=False)

    before = copies()
    checked = template(src=str(image), check=True)
    assert files(lab) == []
    made = template(src=str(image))
    assert plan(made) == plan(checked)
    assert "_needs_source" not in made
    assert made["template"]["checksum"] == f"sha256:{digest}"

    assert plan(template(src=str(image))) == []
    assert plan(template(src=str(image), checksum=f"sha256:{digest}")) == []
    other = template(version="2", src=str(image), checksum=f"sha512:{hashlib.sha512(image.read_bytes()).hexdigest()}")
    assert other["changed"]
    packed = tmp_path / "disk.raw.xz"
    packed.write_bytes(lzma.compress(image.read_bytes()))
    digest = hashlib.sha256(packed.read_bytes()).hexdigest()
    assert template(version="3", src=str(packed))["template"]["checksum"] == f"sha256:{digest}"
    assert copies() == before


@pytest.fixture
def web(lab: Lab, images: None) -> Iterator[str]:
    """Return the URL of a web server on the host that gives the images."""
    unit = "it-templates-web"
    server = ["python3", "-m", "http.server", "-d", IMAGES, "-b", "127.0.0.1", "8099"]
    lab.exec("h1", "systemd-run", "-q", "--unit", unit, "--collect", *server)
    listening = "until (</dev/tcp/127.0.0.1/8099) 2>/dev/null; do sleep 0.1; done"
    lab.exec("h1", "timeout", "10", "bash", "-c", listening)
    yield "http://127.0.0.1:8099"
    lab.exec("h1", "systemctl", "stop", unit)


def test_an_image_of_a_url_is_fetched_and_checked(lab: Lab, template: Run, web: str) -> None:
    right = f"sha256:{sha256(lab, f'{IMAGES}/disk.raw')}"
    wrong = f"sha256:{'0' * 64}"
    refused = template(url=f"{web}/disk.raw", checksum=wrong)
    assert f"has the checksum {right}, not {wrong}" in refused["msg"]
    assert files(lab) == []

    checked = template(url=f"{web}/disk.raw", checksum=right, check=True)
    made = template(url=f"{web}/disk.raw", checksum=right)
    assert plan(made) == plan(checked) == [f"import {web}/disk.raw as template web:1 into pool {POOL}"]
    assert plan(template(url=f"{web}/disk.raw")) == []
    assert plan(template(url="https://nowhere.invalid/", checksum=right)) == []
    assert "cannot be compared" in template(url=f"{web}/other.raw")["msg"]
    assert "new version" in template(url=f"{web}/disk.raw", checksum=wrong)["msg"]
    assert template(version="2", url=f"file://{IMAGES}/disk.qcow2")["changed"]


def test_the_checksum_of_a_url_may_be_in_a_signed_list(lab: Lab, template: Run, web: str) -> None:
    files_of = {"disk.raw": DISK, "CHECKSUM": CLEARSIGNED, "SUMS": LIST, "SUMS.gpg": SIGNATURE_OF_LIST}
    for name, content in {**files_of, "keys": PUBLIC_KEY, "SUMS.new": LIST.replace(b"b5", b"b6")}.items():
        feed = base64.b64encode(content).decode()
        lab.exec("h1", "sh", "-c", f"mkdir -p {IMAGES}/signed && base64 -d >{IMAGES}/signed/{name}", feed=feed)
    wanted = {"url": f"{web}/signed/disk.raw", "checksum_keyring": f"{IMAGES}/signed/keys"}
    by_list, by_text = f"{web}/signed/SUMS", f"{web}/signed/CHECKSUM"

    checked = template(**wanted, checksum=by_text, check=True, diff=True)
    made = template(**wanted, checksum=by_text, diff=True)
    assert plan(made) == plan(checked) != []
    assert made["template"]["checksum"] == f"sha256:{DIGEST}"
    assert DIGEST in str(checked["diff"])
    assert plan(template(**wanted, checksum=by_text)) == plan(template(**wanted, checksum=by_list)) == []

    lab.exec("h1", "sh", "-c", f"cd {IMAGES}/signed && mv SUMS.new SUMS && sed -i s/b5/b6/ CHECKSUM")
    for forged in (by_list, by_text):
        assert "gpgv: Signature made" in template(**wanted, checksum=forged)["msg"]
        assert "new version" in template(url=wanted["url"], checksum=forged)["msg"]


def test_a_description_is_changed_in_place(lab: Lab, template: Run) -> None:
    template(path=f"{IMAGES}/disk.qcow2", os="debian12")
    node = lab.exec("h1", "stat", "-c", "%i", f"{PATH}/web+1.template.json")
    wanted = {"description": "for the web", "os": "", "defaults": {"vcpus": 2, "memory": "512MiB"}}
    checked = template(**wanted, check=True)
    made = template(**wanted)
    assert plan(made) == plan(checked)
    assert plan(template(**wanted)) == []
    assert {key: made["template"][key] for key in wanted} == wanted
    assert template(description="", defaults={})["template"]["defaults"] == {}
    assert plan(template(description="", defaults={})) == []
    assert lab.exec("h1", "stat", "-c", "%i", f"{PATH}/web+1.template.json") == node


def test_vms_get_the_defaults_of_their_template(lab: Lab, lab_module: Run, template: Run) -> None:
    disks = [{"size": "64MiB"}, {"name": "data", "size": "1MiB"}]
    defaults = {"vcpus": 3, "memory": "192MiB", "disks": disks, "nics": [], "cloud_init": {"timezone": "UTC"}}
    assert template(path=f"{IMAGES}/disk.qcow2", defaults=defaults)["template"]["defaults"]["vcpus"] == 3
    refused = template(defaults={"cloud_init": {"users": [{"name": "ann", "hashed_password": "$6$secret"}]}})
    assert "hashed_password" in refused["msg"]
    wanted = {"name": "it-templates-vm", "template": "web:1"}
    try:
        made = lab_module("h1", "kvm_vm", **wanted, clone="full")
        read = lab_module("h1", "kvm_template_info", names=["web:1"], used_by=True)["templates"]
        assert [one.get("used_by") for one in read] == [[]], read
        assert "3 vCPU, 192MiB" in plan(made)[0]
        assert [disk["name"] for disk in made["vm"]["disks"]] == ["root", "data"]
        assert template(defaults={"vcpus": 1})["changed"]
        assert plan(lab_module("h1", "kvm_vm", **wanted)) == []
        read = lab_module("h1", "kvm_vm_info", names=["it-templates-vm"])["vms"][0]
        assert (read["template"], read["vcpus"], read["memory"]) == ("web:1", 3, "192MiB")
        _lose_and_find(lab, lab_module, template)
    finally:
        lab_module("h1", "kvm_vm", name="it-templates-vm", state="absent", remove_disks=True)


def _lose_and_find(lab: Lab, lab_module: Run, template: Run) -> None:
    """Make a version from which no VM was made yet, take its image away, see who says so, and put it back."""

    def latest() -> dict[str, Any]:
        told: dict[str, Any] = lab_module("h1", "kvm_template_info", names=["web:latest"], behind=True)["templates"][0]
        return told

    path = template(version="2", path=f"{IMAGES}/disk.qcow2", os="debian12")["template"]["path"]
    assert (latest()["behind"], latest()["invalid"]) == (["it-templates-vm"], {})
    lab.exec("h1", "rm", path)
    refused = lab_module("h1", "kvm_vm", name="it-templates-new", template="web:latest", nics=[])["msg"]
    assert f"Template 'web:2' has lost its image {path}" in refused
    assert latest()["invalid"]["image"] in refused
    assert "which is not of the content of it" in template(version="2", path=f"{IMAGES}/other.raw")["msg"]
    assert template(version="2", path=f"{IMAGES}/disk.qcow2")["template"]["os"] == "debian12"
    assert latest()["invalid"] == {}


def test_what_stands_on_a_template_keeps_it(lab: Lab, lab_module: Run, template: Run) -> None:
    template(path=f"{IMAGES}/disk.qcow2")
    template(path=f"{IMAGES}/disk.raw", version="10")
    template(path=f"{IMAGES}/disk.raw", version="9")
    backing = ["--backing-vol", "web+9.template.qcow2", "--backing-vol-format", "qcow2"]
    lab.exec("h1", "virsh", "vol-create-as", POOL, "overlay", "8M", "--format", "qcow2", *backing)
    names = {"names": ["web", "nix:3"], "used_by": True}
    read = lab_module("h1", "kvm_template_info", **names, query="[].[version, latest, used_by, state]")
    assert read["result"] == [
        ["1", False, [], "present"],
        ["9", False, [f"{POOL}/overlay"], "present"],
        ["10", True, [], "present"],
        ["3", None, None, "absent"],
    ]

    assert f"is needed by {POOL}/overlay" in template(state="absent", version="9")["msg"]
    assert "the versions 1, 10, 9" in template(state="absent")["msg"]
    assert plan(template(state="absent", version="10", check=True)) == [f"delete template web:10 from pool {POOL}"]
    assert template(state="absent", version="10")["changed"]
    lab.exec("h1", "virsh", "vol-delete", "overlay", "--pool", POOL)
    assert template(state="absent", version="9")["changed"]
    assert template(state="absent")["changed"]
    assert plan(template(state="absent")) == []
    assert files(lab) == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"path": f"{IMAGES}/overlay.qcow2"}, "backing file"),
    ({"path": f"{IMAGES}/external.qcow2"}, "another file"),
    ({"path": f"{IMAGES}/cut.qcow2"}, "cut off"),
    ({"path": "/etc/passwd"}, "no disk image"),
    ({"path": IMAGES}, "is a directory"),
    ({"path": "/nowhere"}, "No such file"),
    ({"path": f"{IMAGES}/disk.raw", "checksum": f"sha256:{'0' * 64}"}, "has the checksum"),
    ({"path": f"{IMAGES}/disk.raw", "pool": "nix"}, "Pool 'nix' does not exist"),
    ({"path": f"{IMAGES}/disk.raw", "pool": "it-asleep"}, "not active"),
    ({"path": f"{IMAGES}/disk.raw", "defaults": {"memory": "4GB"}}, "4GiB"),
    ({"src": "/nowhere"}, "control node"),
    ({"src": "/etc/passwd"}, "no disk image"),
    ({"url": "http://127.0.0.1:9/disk.raw"}, "Connection refused"),
    ({"url": "http://nowhere.invalid/disk.raw"}, "cannot be fetched"),
    ({"url": "file:///nowhere"}, "No such file"),
    ({}, "src, path, url, volume, vm or iso"),
]


def test_bad_input_is_refused_in_one_sentence_and_touches_nothing(lab: Lab, template: Run) -> None:
    lab.exec("h1", "virsh", "pool-define-as", "it-asleep", "dir", "--target", f"{PATH}-asleep")
    for options, word in BAD:
        refused = template(**options)
        assert refused["failed"], options
        assert word in refused["msg"], refused["msg"]
        assert "\n" not in refused["msg"]
        assert "exception" not in refused
    lab.exec("h1", "virsh", "pool-undefine", "it-asleep")
    assert files(lab) == []


def test_a_pool_without_room_is_refused_before_anything_is_touched(lab: Lab, template: Run) -> None:
    lab.exec("h1", "mount", "-t", "tmpfs", "-o", "size=2m", "none", PATH)
    try:
        words = {
            "disk.qcow2": f"Pool '{POOL}' has 2 MiB free and ",
            "disk.raw": "the 2 MiB that are left for it in the pool",
        }
        for name, word in words.items():
            assert word in template(path=f"{IMAGES}/{name}")["msg"]
            assert files(lab) == []
    finally:
        lab.exec("h1", "umount", PATH)


def test_an_image_without_a_descriptor_is_not_replaced_under_its_users(lab: Lab, template: Run) -> None:
    template(path=f"{IMAGES}/disk.qcow2")
    backing = ["--backing-vol", "web+1.template.qcow2", "--backing-vol-format", "qcow2"]
    lab.exec("h1", "virsh", "vol-create-as", POOL, "overlay", "8M", "--format", "qcow2", *backing)
    node = lab.exec("h1", "stat", "-c", "%i", f"{PATH}/web+1.template.qcow2")
    lab.exec("h1", "rm", f"{PATH}/web+1.template.json")

    assert f"needed by {POOL}/overlay" in template(path=f"{IMAGES}/other.raw")["msg"]
    assert f"needed by {POOL}/overlay" in template(state="absent")["msg"]
    start_of_wait = time.monotonic()
    assert template(path=f"{IMAGES}/disk.qcow2")["changed"]
    assert time.monotonic() - start_of_wait < 30
    assert plan(template(path=f"{IMAGES}/disk.qcow2")) == []
    assert lab.exec("h1", "stat", "-c", "%i", f"{PATH}/web+1.template.qcow2") == node
