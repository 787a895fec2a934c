# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the seed of a VM that is there is written, and when it goes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.first_boot import payload_paths
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.seed import CloudInit, fingerprint, seed_files
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState

from tests.unit.plugins.module_utils._vm.belongings import BEGUN, ROOT, SEED, WRITE
from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, record, state, summaries, volume


def seeded(**wanted: Any) -> VmState:
    """Return a VM with the seed that these options would write."""
    tree = domain()
    mark = fingerprint(seed_files(CloudInit.from_params(wanted), "web01", tree.findtext("uuid")))
    return state(SEED, record(f"<k:seed fingerprint='{mark}'/>"))


NOTE = "note the content of the seed"
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
