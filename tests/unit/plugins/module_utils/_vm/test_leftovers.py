# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs that were cut off have left goes, unless somebody else has taken it meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState

from tests.unit.plugins.module_utils._vm.table import Table, domain, noted, planned, record, state, summaries, volume

ROOT, DATA = "default/web01-root.qcow2", "default/web01-data.qcow2"
DRIVE = "<disk type='file'><source file='/pool/a'/><target dev='vda'/><alias name='ua-a'/></disk>"
LISTED = (volume("web01-root.qcow2"), volume("web01-data.qcow2"))
NOTE = VmState("web01~removed", domain(inside=noted(ROOT, DATA), name="web01~removed"))
UNFINISHED = state(inside=noted(ROOT, DATA))
PENDING = state(DRIVE, record(f"<k:pending><k:volume>{ROOT}</k:volume><k:volume>{DATA}</k:volume></k:pending>"))
CLEAR = "remove what an interrupted run left: "

CUT_OFF: list[tuple[VmState | None, VmState | None, dict[str, Any]]] = [
    (None, NOTE, {"state": "absent"}),
    (None, NOTE, {}),
    (UNFINISHED, None, {"state": "absent"}),
    (UNFINISHED, None, {}),
    (PENDING, None, {}),
]


def going(current: VmState | None, note: VmState | None, users: list[str], **params: Any) -> tuple[set[str], list[str]]:
    """Return the listed volumes that a plan deletes, and its warnings."""
    table = Table(volumes=LISTED, used_by={"/pool/web01-root.qcow2": users})
    plan = planned(current, table, note, **params)
    lines = [line for line in summaries(plan) if line.startswith(("delete volume ", CLEAR))]
    kept = [warning for warning in plan.warnings if warning.startswith("kept ")]
    return {place for place in (ROOT, DATA) if any(place.partition("/")[2] in line for line in lines)}, kept


@pytest.mark.parametrize(("current", "note", "params"), CUT_OFF)
def test_what_others_use_by_now_is_kept(current: VmState | None, note: VmState | None, params: dict[str, Any]) -> None:
    warning = f"kept volume {ROOT} of an interrupted run: it is used by db01, default/copy."
    assert going(current, note, ["db01", "default/copy"], **params) == ({DATA}, [warning])
    assert going(current, note, [], **params) == ({ROOT, DATA}, [])


@pytest.mark.parametrize(("current", "note", "params"), CUT_OFF)
def test_the_vm_itself_and_its_note_are_nobody_else(
    current: VmState | None, note: VmState | None, params: dict[str, Any]
) -> None:
    assert going(current, note, ["web01", "web01~removed"], **params) == ({ROOT, DATA}, [])


@pytest.mark.parametrize(
    ("current", "note", "disks"),
    [
        (None, NOTE, [{"name": "root", "size": "1GiB"}]),
        (UNFINISHED, None, [{"name": "root", "size": "1GiB"}]),
        (PENDING, None, [{"name": "a"}, {"name": "root", "size": "1GiB"}]),
    ],
)
def test_what_is_kept_is_not_made_anew(current: VmState | None, note: VmState | None, disks: list[Any]) -> None:
    table = Table(volumes=(*LISTED, volume("a")), used_by={"/pool/web01-root.qcow2": ["db01"]})
    with pytest.raises(Refused, match=r"volume 'web01-root\.qcow2' is already in pool 'default'"):
        planned(current, table, note, disks=disks)


class Poolless(Table):
    """A host whose pool is gone or off."""

    def volume(self, pool: str, name: str) -> Any:
        raise Refused(f"Pool '{pool}' is not active; volume {name} cannot be seen.")


def test_of_a_pool_that_is_off_nothing_is_forgotten() -> None:
    """The change that deletes fails then, and the list stays."""
    assert summaries(planned(UNFINISHED, Poolless(), state="absent")) == [f"{CLEAR}{DATA}, {ROOT}"]
