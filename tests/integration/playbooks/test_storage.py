# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook storage on the lab: pools that hosts share really, and such as are only said to be shared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.playbooks.running import Run, play
from tests.integration.support.cleaning import remove_all
from tests.integration.support.lab import Lab

PREFIX = "t-storage-"
SHARED_PATH, LOCAL_PATH, MEDIA_PATH = "/srv/shared/t-storage", "/var/lib/t-storage", "/var/lib/t-storage-media"
SHARED = {"name": f"{PREFIX}shared", "target": SHARED_PATH, "shared": True, "role": "templates"}
LOCAL = {"name": f"{PREFIX}local", "target": LOCAL_PATH, "shared": True}
MEDIA = {"name": f"{PREFIX}media", "target": MEDIA_PATH, "shared": True, "read_only": True, "role": "iso"}
MEND = "make it the same storage on all of them, or do not say shared."


def clean(lab: Lab) -> None:
    for host in lab.hosts:
        remove_all(lab.libvirt(host), PREFIX)
        lab.exec(host, "rm", "-rf", LOCAL_PATH, MEDIA_PATH)
    lab.exec("h1", "rm", "-rf", SHARED_PATH)


@pytest.fixture(scope="module", autouse=True)
def empty(lab: Lab) -> Iterator[None]:
    clean(lab)
    yield
    clean(lab)


def files(lab: Lab, host: str, path: str) -> list[str]:
    return lab.exec(host, "ls", "-A", path).split()


def listed(lab: Lab, host: str) -> list[str]:
    """Return what libvirt on a host takes for volumes of the shared pool, without looking again."""
    return list(lab.libvirt(host).storagePoolLookupByName(SHARED["name"]).listVolumes())


def failed(run: Run) -> dict[str, str]:
    """Return the sentence by which each host failed."""
    return {line["host"]: line["result"]["msg"] for line in run.lines if line["status"] == "failed"}


def storage(*pools: dict[str, Any], **more: Any) -> Run:
    # A failure is one only after as long as other hosts' writing may take to be seen.
    return play("storage", {"kvm_pools": pools, "storage_check_timeout": 2, **more})


def test_hosts_that_share_their_storage_agree(lab: Lab) -> None:
    lab.exec("h1", "mkdir", "-m", "0711", SHARED_PATH)
    # A run that was killed long ago has left the one, another run that goes on needs the other.
    forgotten, young = (f"kvmops-check.{int(time.time()) - age}.0123456789abcdef" for age in (660, 0))
    for mark in (forgotten, young):
        lab.exec("h1", "truncate", "-s", "512", f"{SHARED_PATH}/{mark}")
    for host in lab.hosts:
        lab.exec(host, "mkdir", "-p", MEDIA_PATH)
        lab.exec(host, "truncate", "-s", "1M", f"{MEDIA_PATH}/debian.iso")
    run = storage(SHARED, MEDIA)
    assert (run.code, failed(run)) == (0, {}), run.output
    assert set(run.changed.values()) == {1}
    told = [result for _host, result in run.results("kvm_pool_check")]
    written = [result for result in told if "marks" in result]
    assert [[mark["pool"] for mark in result["marks"]] for result in written] == [[SHARED["name"]]] * 3
    assert len({result["marks"][0]["name"] for result in written}) == 3
    # The lab's hosts have the clock of this machine.
    assert [abs(result["clock"]["offset"]) <= result["clock"]["uncertainty"] + 0.1 for result in written] == [True] * 3
    assert [result["volumes"] for result in told if "volumes" in result] == [{MEDIA["name"]: ["debian.iso"]}] * 3
    assert files(lab, "h2", SHARED_PATH) == [young]
    lab.exec("h1", "rm", f"{SHARED_PATH}/{young}")
    assert [listed(lab, host) for host in lab.hosts] == [[young]] * 3


def test_what_is_only_said_to_be_shared_is_found_out(lab: Lab) -> None:
    lab.exec("h3", "mkdir", "-p", MEDIA_PATH)
    lab.exec("h3", "rm", "-f", f"{MEDIA_PATH}/debian.iso")
    run = storage(SHARED, LOCAL, MEDIA)
    what = "is said to be shared, but"
    local = f"Pool '{LOCAL['name']}' {what} is one storage on h1, another on h2, another on h3; {MEND}"
    media = f"Pool '{MEDIA['name']}' {what} volume 'debian.iso' is on h1 and h2 and not on h3; {MEND}"
    assert failed(run) == {"h1": local, "h2": local, "h3": f"{local} {media}"}
    assert [files(lab, host, LOCAL_PATH) for host in lab.hosts] == [[], [], []]
    assert files(lab, "h1", SHARED_PATH) == []
    assert [listed(lab, host) for host in lab.hosts] == [[]] * 3


def test_a_host_that_cannot_write_is_told_apart(lab: Lab) -> None:
    """QEMU's user on one host gets into the directory no more; root, as whom libvirt looks at it, does."""
    lab.exec("h2", "mkdir", "-p", LOCAL_PATH)
    lab.exec("h2", "chmod", "0700", LOCAL_PATH)
    run = play("storage", {"kvm_pools": [LOCAL], "storage_check_timeout": 0}, "--limit=h2")
    (sentence,) = failed(run).values()
    assert sentence.startswith(f"Pool '{LOCAL['name']}' on h2: QEMU, which runs as user ")
    assert sentence.endswith("; mend that, or say read_only if nothing is to be written there.")
    assert files(lab, "h2", LOCAL_PATH) == []
