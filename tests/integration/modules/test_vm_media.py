# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VMs on real QEMU that boot from media, and from media on a web server that may stall."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.support.lab import Lab
from tests.integration.support.media import BOOTED, make_media, serve
from tests.integration.support.modules import Modules
from tests.integration.support.vms import Vm, plan

SERVER, PORT = "h2", 10898
UNIT = "t-media-server"
PATH = "/var/tmp/t-media"
BARE: dict[str, Any] = {"memory": "32MiB", "vcpus": 1, "nics": []}


@pytest.fixture(scope="module")
def url(lab: Lab) -> Iterator[str]:
    """Where a medium is served on another host; what is asked for is in the path."""
    lab.exec(SERVER, "mkdir", "-p", PATH)
    make_media(lab, SERVER, PATH, [("boot.iso", "BOOT", {"boot": "bios"})])
    serve(lab, SERVER, UNIT, f"{PATH}/boot.iso", PORT)
    yield f"http://{SERVER}:{PORT}"
    lab.exec(SERVER, "sh", "-c", f"systemctl stop {UNIT}; rm -r {PATH}", check=False)


def says(vm: Vm, log: str, words: str, seconds: float = 60) -> bool:
    """Return whether a VM says something on its serial port in time."""
    deadline = time.monotonic() + seconds
    while words not in vm.lab.exec(vm.host, "cat", log, check=False):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def test_a_vm_boots_from_a_medium_on_a_web_server(vm: Vm, url: str) -> None:
    log = f"/var/lib/libvirt/images/{vm.name}-serial.log"
    serial = {"serials": [{"type": "file", "path": log}]}
    drive = {"url": f"{url}/boot.iso", "timeout": 20, "readahead": "64KiB"}
    made = vm.want_twice(
        **BARE, **serial, disks=[{"size": "1MiB"}], cdroms=[drive], state="paused", boot={"order": ["hd", "cdrom"]}
    )
    assert {key: made["vm"]["cdroms"][0][key] for key in drive} == drive
    assert plan(vm.want(state="running")) == ["resume"]
    assert says(vm, log, BOOTED)

    # QEMU waits for a server that stalls, and the guest with it, no longer than it is told.
    assert vm.want_twice(cdroms=[{"timeout": 2}])["restart_required"] == [
        "CD-ROM drive cdrom timeout is 20 and will be 2"
    ]
    vm.want(state="stopped", force=True, timeout=1)
    vm.want_twice(cdroms=[{"url": f"{url}/stall.iso"}])
    started = time.monotonic()
    said = vm.refuse(state="running")
    assert time.monotonic() - started < 15
    assert "start" in said
    assert "Operation timed out after 2" in said
    assert not vm.domain.isActive()


def test_a_template_of_a_medium_needs_no_further_question(vm: Vm, lab_module: Modules, url: str) -> None:
    name, images = f"{vm.name}-inst", "/var/lib/libvirt/images"
    iso, log = f"{vm.name}-alpine.iso", f"{images}/{vm.name}-serial.log"
    work = vm.lab.exec(vm.host, "mktemp", "-d").strip()
    make_media(vm.lab, vm.host, work, [(iso, "alpine-std 3.16.2 x86_64", {"boot": "both"})])
    vm.lab.exec(vm.host, "sh", "-c", f"mv {work}/{iso} {images}/{iso}; rm -r {work}")

    def template(check: bool = False, **options: Any) -> dict[str, Any]:
        return lab_module(vm.host, "kvm_template", check=check, **{"name": name, **options})

    checked = template(check=True, iso=iso)
    made = template(iso=iso)
    assert plan(made) == plan(checked) == [f"import medium {iso} as template {name}:1 into pool default"]
    told = {"iso": f"default/{iso}", "os": "alpinelinux3.16"}
    assert {key: made["template"][key] for key in told} == told
    assert {key: checked["template"][key] for key in told} == told
    assert plan(template(iso=iso)) == plan(template(iso=f"default/{iso}")) == []
    assert "was not made of medium" in template(iso=f"{url}/boot.iso")["msg"]
    assert "is no ISO 9660 image" in template(version="2", iso="/etc/hostname")["msg"]
    assert "stalls" in template(version="2", iso=f"{url}/stall.iso", timeout=2)["msg"]

    serial = {"serials": [{"type": "file", "path": log}]}
    facts = vm.want_twice(**BARE, **serial, template=name, disks=[{"size": "1MiB"}], state="running")["vm"]
    assert (facts["template"], facts["boot"]["order"]) == (f"{name}:1", ["hd", "cdrom"])
    assert facts["cdroms"][0]["path"] == f"{images}/{iso}"
    assert says(vm, log, BOOTED)
    assert "backing" not in vm.lab.exec(vm.host, "qemu-img", "info", "-U", f"{images}/{vm.name}-root.qcow2")

    refused = lab_module(vm.host, "kvm_volume", name=iso, pool="default", state="absent")
    assert f"template {name}:1" in refused["msg"]
    assert vm.name in refused["msg"]
    vm.lab.exec(vm.host, "rm", f"{images}/{iso}")
    (found,) = lab_module(vm.host, "kvm_template_info", names=[name])["templates"]
    lost = f"Template '{name}:1' has lost its medium default/{iso}; bring it back, or remove the template."
    assert found["invalid"] == {"iso": lost}
    other = lab_module(vm.host, "kvm_vm", **BARE, name=f"{vm.name}b", template=name)
    assert (other["failed"], other["msg"]) == (True, f"VM '{vm.name}b': {lost}")
    assert plan(template(state="absent")) == [f"delete template {name}:1 from pool default"]


def test_a_medium_on_a_web_server_is_told_and_one_that_stalls_holds_up_no_other(
    vm: Vm, url: str, lab_module: Modules
) -> None:
    started = time.monotonic()
    urls = [f"{url}/{name}" for name in ("boot.iso", "stall.iso", "slow.iso")] + [f"http://{SERVER}:9/none"]
    result = lab_module(vm.host, "kvm_media_info", urls=urls, timeout=2)
    assert time.monotonic() - started < 15
    good, stall, slow, none = result["media"]
    assert (good["volume_id"], good["boot"], good["url"], "invalid" in good) == ("BOOT", ["bios"], urls[0], False)
    for medium in (stall, slow):
        assert medium["invalid"].startswith(f"The server of {medium['url']} stalls: ")
    assert "Connection refused" in none["invalid"]
