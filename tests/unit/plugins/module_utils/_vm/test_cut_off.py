# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run that was cut off has begun is made anew, and what it has finished is kept."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import read_record
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import Configure
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import source_of

from tests.unit.plugins.module_utils._vm.belongings import BEGUN, DATA, DISKS, FORGET, PENDING, ROOT, SEED, WRITE
from tests.unit.plugins.module_utils._vm.table import Table, domain, noted, planned, record, state, summaries, volume


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
