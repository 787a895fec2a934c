# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kvm_pool on the lab's hosts, through Ansible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

Lab = Callable[..., dict[str, Any]]
READ_ONLY = ("uuid", "capacity", "allocation", "available")
POOL = "it-pool"
PATH = f"/var/lib/libvirt/{POOL}"
GLUSTER = "it-gluster"


def command(lab_module: Lab, host: str, *words: str) -> str:
    result = lab_module(host, "ansible.builtin.command", argv=list(words))
    assert not result["failed"], result
    return str(result["stdout"])


def exists(lab_module: Lab, host: str, path: str) -> bool:
    return bool(lab_module(host, "ansible.builtin.stat", path=path)["stat"]["exists"])


def plan(result: dict[str, Any]) -> list[str]:
    assert not result["failed"], result
    return [line["summary"] for line in result["plan"]]


def forget(lab_module: Lab, name: str, remove: str) -> None:
    words = f"virsh pool-destroy {name}; virsh pool-undefine {name}; {remove}"
    lab_module("h1", "ansible.builtin.shell", cmd=words)


@pytest.fixture(autouse=True)
def _clean(lab_module: Lab) -> Iterator[None]:
    yield
    forget(lab_module, POOL, f"rm -rf {PATH}")


def test_a_pool_is_made_as_check_mode_says_and_once(lab_module: Lab) -> None:
    wanted = {"name": POOL, "target": PATH, "mode": "0711"}
    checked = lab_module("h1", "kvm_pool", check=True, diff=True, **wanted)
    assert checked["changed"]
    assert checked["pool"]["state"] == "absent"
    assert not exists(lab_module, "h1", PATH)

    made = lab_module("h1", "kvm_pool", **wanted)
    assert made["changed"]
    assert plan(made) == plan(checked)
    assert made["pool"]["state"] == "active"
    assert made["pool"]["available"] > 0

    assert plan(lab_module("h1", "kvm_pool", **wanted)) == []
    assert plan(lab_module("h1", "kvm_pool", check=True, **wanted)) == []


def test_facts_as_options_change_nothing(lab_module: Lab) -> None:
    lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    facts = lab_module("h1", "kvm_pool_info", names=[POOL])["pools"][0]
    options = {name: value for name, value in facts.items() if name not in READ_ONLY}
    assert plan(lab_module("h1", "kvm_pool", **options)) == []


def test_a_pool_is_changed_in_place(lab_module: Lab) -> None:
    lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    uuid = lab_module("h1", "kvm_pool_info", names=[POOL])["pools"][0]["uuid"]
    wanted = {"name": POOL, "mode": "0750", "autostart": False}
    changed = lab_module("h1", "kvm_pool", **wanted)
    assert "set mode 0711 -> 0750" in plan(changed)
    assert changed["pool"]["uuid"] == uuid
    assert lab_module("h1", "ansible.builtin.stat", path=PATH)["stat"]["mode"] == "0750"
    assert plan(lab_module("h1", "kvm_pool", **wanted)) == []


def test_no_state_deletes_a_volume(lab_module: Lab) -> None:
    lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    lab_module("h1", "kvm_volume", name="kept", pool=POOL, capacity="1MiB")
    for state in ("inactive", "absent"):
        assert lab_module("h1", "kvm_pool", name=POOL, state=state)["changed"]
        assert not lab_module("h1", "kvm_pool", name=POOL, state=state)["changed"]
        assert exists(lab_module, "h1", f"{PATH}/kept")
    back = lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    assert back["pool"]["state"] == "active"
    assert not lab_module("h1", "kvm_volume", name="kept", pool=POOL)["changed"]


def test_a_run_that_was_cut_off_is_finished(lab_module: Lab) -> None:
    """The definition is there, the directory is not: so it is left by a run that was killed after its first step."""
    command(lab_module, "h1", "virsh", "pool-define-as", POOL, "dir", "--target", PATH)
    finished = lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    assert plan(finished) == [f"build pool {POOL} (make its directory where it is missing)", f"start pool {POOL}"]
    assert finished["pool"]["state"] == "active"


def test_files_made_by_others_are_seen_after_a_refresh_that_is_no_change(lab_module: Lab) -> None:
    lab_module("h1", "kvm_pool", name=POOL, target=PATH)
    command(lab_module, "h1", "qemu-img", "create", "-q", "-f", "qcow2", f"{PATH}/late", "1M")
    assert plan(lab_module("h1", "kvm_pool", name=POOL, refresh=True)) == []
    assert "late" in command(lab_module, "h1", "virsh", "vol-list", POOL)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "does not exist yet; give the 'target'"),
    ({"target": "relative"}, "is not an absolute path"),
    ({"target": PATH, "mode": "777"}, "is no file mode"),
    ({"target": PATH, "type": "netfs"}, "needs host and dir in its 'source'"),
    ({"target": PATH, "uri": "qemu+unix:///system?socket=/none"}, "does not answer; check the URI"),
    ({"name": "it/pool", "target": PATH}, "Pool name 'it/pool' cannot be used"),
]


def test_bad_input_is_a_sentence_and_touches_nothing(lab_module: Lab) -> None:
    for wanted, words in REFUSED:
        result = lab_module("h1", "kvm_pool", **{"name": POOL, **wanted})
        assert result["failed"]
        assert words in result["msg"]
        assert "exception" not in result
    assert lab_module("h1", "kvm_pool_info", names=[POOL])["pools"] == [{"name": POOL, "state": "absent"}]
    assert not exists(lab_module, "h1", PATH)


def test_libvirt_mounts_a_network_pool(lab_module: Lab) -> None:
    path = f"/srv/{GLUSTER}"
    wanted = {
        "name": GLUSTER,
        "type": "netfs",
        "target": path,
        "source": {"host": "h1-storage", "dir": "/shared", "format": "glusterfs"},
        "autostart": False,
    }
    try:
        made = lab_module("h1", "kvm_pool", **wanted)
        assert made["pool"]["state"] == "active", made
        assert "fuse.glusterfs" in command(lab_module, "h1", "findmnt", "-n", "-o", "FSTYPE", path)
        assert plan(lab_module("h1", "kvm_pool", **wanted)) == []
        assert plan(lab_module("h1", "kvm_pool", name=GLUSTER, state="inactive")) == [f"stop pool {GLUSTER}"]
    finally:
        # Never rm -rf: were it mounted still, that would empty the storage of the whole lab.
        forget(lab_module, GLUSTER, f"rmdir {path}")
