# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the content of a disk is, as it is told and as it can be used."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.devices.disk import Disk

from tests.unit.plugins.module_utils._vm.disks.parts import resolved
from tests.unit.plugins.module_utils._vm.shapes import blank, converge

PLACES: list[tuple[str, dict[str, Any]]] = [
    ("<disk type='file'><source file='/p/a'/>", {"path": "/p/a"}),
    ("<disk type='block'><source dev='/dev/b'/>", {"path": "/dev/b"}),
    ("<disk type='volume'><source pool='p' volume='v'/>", {"pool": "p", "volume": "v"}),
    ("<disk type='network'><source protocol='ssh' name='x'/>", {}),
    (
        "<disk type='network'><source protocol='nbd' name='x'><host name='h' port='10809'/></source>",
        {"source": {"protocol": "nbd", "name": "x", "hosts": [{"name": "h", "port": 10809}]}},
    ),
]


@pytest.mark.parametrize(("xml", "place"), PLACES, ids=["file", "block", "volume", "server of another kind", "server"])
def test_facts_say_where_an_image_is(xml: str, place: dict[str, Any]) -> None:
    (facts,) = Disk.device_facts(blank(f"{xml}<target dev='vda' bus='virtio'/></disk>"))
    flags = {"readonly": False, "shareable": False, "transient": False}
    assert facts == {"name": "vda", "target": "vda", "bus": "virtio", **flags, **place}


def test_what_can_only_be_read_is_not_written() -> None:
    wanted = resolved({"source": {"protocol": "https", "name": "x", "hosts": [{"name": "h"}]}})
    with pytest.raises(Refused, match="disk d can only be read by https; set its 'readonly' to true"):
        converge("disks", blank(), [wanted])


def test_a_secret_may_be_named_in_logs_and_is_no_secret_in_the_documentation() -> None:
    for element in (Disk.fields["source"], Disk.fields["encryption"]):
        assert element.option()["options"]["secret"]["no_log"] is False
        assert "no_log" not in element.documentation()["suboptions"]["secret"]
