# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects are claimed by one process at a time, and free again however that process ends."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils import _claim
from ansible_collections.kvmops.datacenter.plugins.module_utils._claim import claimed, lock_file
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, TimedOut
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor, hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.fleet import converge_vms
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec

# Another process that claims what its arguments name, says so, and holds it until it is ended.
HOLDER = """
import sys, zlib, fcntl, os
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
for name in sys.argv[2:]:
    fcntl.lockf(file, fcntl.LOCK_EX, 1, zlib.crc32(f"test:/// {name}".encode()))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "lock"
    monkeypatch.setattr(_claim, "lock_file", lambda: str(path))
    return path


@pytest.fixture
def holder(file: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds web01 and web02."""
    command = [sys.executable, "-c", HOLDER, str(file), "web01", "web02"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize("names", [["web01"], ["a", "web02"]])
def test_what_another_process_holds_is_waited_for(holder: subprocess.Popen[str], names: list[str]) -> None:
    with pytest.raises(TimedOut, match=r"^Another run did not finish its work on 'web0[12]' within 0\.1 s; "):
        claim("test:///", names)


@pytest.mark.parametrize("names", [["web01", "web02"], ["web02", "web01"]])
def test_objects_are_claimed_in_one_order(holder: subprocess.Popen[str], names: list[str]) -> None:
    """Or else two runs, each with an object that the other needs next, would wait for each other."""
    with pytest.raises(TimedOut, match=r"on 'web02' within"):
        claim("test:///", names)


def test_a_vm_is_claimed_unless_nothing_is_done_to_it(holder: subprocess.Popen[str]) -> None:
    assert holder.poll() is None
    with hypervisor("test:///default") as connected:
        host, gone = Hypervisor(connected.connection, "test:///"), [VmSpec("web01", "absent", timeout=0)]
        assert [outcome.error for outcome in converge_vms(host, gone, dry_run=True)] == [None]
        with pytest.raises(TimedOut, match=r"^Another run did not finish its work on 'web01' within 0 s; "):
            converge_vms(host, gone, dry_run=False)


@pytest.mark.parametrize(("uri", "names"), [("test:///", ["web03"]), ("other:///", ["web01"]), ("test:///", [])])
def test_what_nobody_holds_is_had_at_once(holder: subprocess.Popen[str], uri: str, names: list[str]) -> None:
    assert holder.poll() is None
    assert claim(uri, names)


def test_what_a_process_held_is_free_when_it_was_killed(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert claim("test:///", ["web01", "web02"])


def test_a_file_that_is_not_ours_is_a_sentence(file: Path) -> None:
    file.symlink_to("/dev/null")
    with pytest.raises(KvmError, match=r"^The lock file .* cannot be opened \(.*\); remove it\.$"):
        claim("test:///", ["web01"])


def test_what_is_claimed_is_free_as_soon_as_the_work_is_done(file: Path) -> None:
    """And not only when the process ends: another one gets it at once."""
    assert claim("test:///", ["web01"])
    command = [sys.executable, "-c", HOLDER.replace("LOCK_EX", "LOCK_EX | fcntl.LOCK_NB"), str(file), "web01"]
    assert subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout == "held\n"


def test_nobody_else_may_hold_up_a_run(file: Path) -> None:
    assert claim("test:///", ["web01"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("user", "path"),
    [(0, "/run/kvmops-datacenter.lock"), (1000, f"{tempfile.gettempdir()}/kvmops-datacenter-1000.lock")],
)
def test_every_user_claims_in_a_file_of_their_own(user: int, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_claim.os, "geteuid", lambda: user)
    assert lock_file() == path


def claim(uri: str, names: list[str]) -> bool:
    with claimed(uri, names, 0.1):
        return True
