# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates of which no VM can be made: who says so, and in which words. libvirt is a stand-in with one pool."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._planned import Planned
from ansible_collections.kvmops.datacenter.plugins.module_utils._template import library, state
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.health import check_template, troubles
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.library import (
    FORM,
    Template,
    find_template,
    templates_of,
)
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.state import read_current
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm import creation
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.spec import VmSpec
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.surroundings import Surroundings

TEMPLATE = Template("web", "1", "images", "/images/web+1.template.qcow2", 4096, 512, "a" * 64)


class Volume:
    def __init__(self, name: str, size: int, content: bytes = b"") -> None:
        self._name, self._size, self.content = name, size, content

    def path(self) -> str:
        return f"/images/{self._name}"

    def infoFlags(self, _flags: int) -> list[int]:
        return [0, 4096, self._size]


class Pool:
    def __init__(self, host: Host, name: str, active: bool = True) -> None:
        self.host, self._name, self._active = host, name, active

    def name(self) -> str:
        return self._name

    def isActive(self) -> bool:
        return self._active

    def listVolumes(self) -> list[str]:
        return [*self.host.volumes]

    def info(self) -> list[int]:
        return [0, 0, 0, 99]

    def XMLDesc(self) -> str:
        return "<pool type='dir'><target><path>/images</path></target></pool>"


class Host(Hypervisor):
    """A host with two pools, one of which is active, and one network."""

    def __init__(self, *volumes: Volume) -> None:
        super().__init__(None, "fake:///")
        self.volumes = {volume._name: volume for volume in volumes}

    def pool(self, name: str) -> Any:
        return {"images": Pool(self, "images"), "asleep": Pool(self, "asleep", False)}.get(name)

    def network(self, name: str) -> Any:
        return name if name == "lan" else None

    def volume(self, _pool: Any, name: str) -> Any:
        return self.volumes.get(name)


def image(size: int = 512) -> Volume:
    return Volume(TEMPLATE.image, size)


WHOLE = Host(image())


def saying(**defaults: Any) -> Template:
    return replace(TEMPLATE, defaults=defaults)


@pytest.mark.parametrize(
    "defaults",
    [
        {},
        {"vcpus": 2, "nics": [{"network": "lan"}, {"bridge": "br9"}], "pool": "images"},
        {"disks": [{"size": "9GiB"}, {"name": "b", "size": "1GiB", "pool": "images"}], "nics": []},
    ],
)
def test_a_template_that_can_be_cloned_has_no_troubles(defaults: dict[str, Any]) -> None:
    assert troubles(WHOLE, saying(**defaults)) == {}
    check_template(WHOLE, saying(**defaults), ())


SICK: list[tuple[Host, Template, str, str]] = [
    (Host(), TEMPLATE, "image", "has lost its image /images/web+1.template.qcow2; give"),
    (Host(image(511)), TEMPLATE, "image", "has an image of 511 bytes at /images/web+1.template.qcow2"),
    (
        WHOLE,
        saying(nics=[{"network": "lan"}, {"network": "wan"}]),
        "network",
        "the network 'wan', which does not exist",
    ),
    (WHOLE, saying(pool="nix"), "pool", "into pool 'nix', which does not exist on fake:///; create it"),
    (
        WHOLE,
        saying(disks=[{"size": "1GiB", "pool": "asleep"}]),
        "pool",
        "'asleep', which is not active on fake:///; start",
    ),
    (WHOLE, saying(colour="red"), "defaults", "No VM can be made from template web:1: its defaults are not understood"),
    (WHOLE, saying(nics="all"), "defaults", "No VM can be made from template web:1"),
    (WHOLE, replace(TEMPLATE, form=FORM + 1), "form", "described by a newer version"),
]


@pytest.mark.parametrize(("host", "template", "key", "words"), SICK)
def test_what_is_wrong_is_told_and_refused_in_one_sentence(
    host: Host, template: Template, key: str, words: str
) -> None:
    told = troubles(host, template)
    assert [*told] == [key]
    assert words in told[key]
    assert told[key].endswith(".")
    with pytest.raises(Refused) as caught:
        check_template(host, template, ())
    assert str(caught.value) == told[key]


@pytest.mark.parametrize(
    ("defaults", "own"),
    [({"nics": [{"network": "wan"}]}, "nics"), ({"pool": "nix"}, "pool"), ({"cloud_init": {"new": 1}}, "cloud_init")],
)
def test_what_a_vm_says_itself_is_not_asked_of_the_template(defaults: dict[str, Any], own: str) -> None:
    check_template(WHOLE, saying(**defaults), {own})
    with pytest.raises(Refused):
        check_template(WHOLE, saying(**defaults), {"vcpus"})


def test_what_is_planned_counts_as_there() -> None:
    host = Host(image())
    told = {"networks": ["wan"], "pools": [{"name": "nix"}]}
    host.planned = Planned.from_params({"planned": told}, check_mode=True)
    assert troubles(host, saying(nics=[{"network": "wan"}], pool="nix")) == {}
    assert troubles(host, replace(TEMPLATE, pool="nix", sha256="", size=0)) == {}


def test_a_new_vm_asks_for_what_it_takes_of_its_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is planned, so nothing is touched."""
    around = Surroundings(WHOLE)
    monkeypatch.setattr(Surroundings, "template", lambda _self, _name: saying(nics=[{"network": "wan"}], vcpus=3))
    with pytest.raises(Refused, match="the network 'wan', which does not exist"):
        creation.completed(VmSpec.from_params({"name": "web01", "template": "web"}), around)
    own = VmSpec.from_params({"name": "web01", "template": "web", "nics": [{"network": "lan"}]})
    assert creation.completed(own, around).machine == {"vcpus": 3}


def lost(monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return a host with a descriptor whose image is gone."""
    for module in (library, state):
        monkeypatch.setattr(module, "download_bytes", lambda _host, volume: volume.content)
    return Host(Volume(TEMPLATE.descriptor, 9, TEMPLATE.written()))


def test_a_template_that_has_lost_its_image_does_not_disappear(monkeypatch: pytest.MonkeyPatch) -> None:
    host = lost(monkeypatch)
    assert list(templates_of(host, host.pool("images"))) == [TEMPLATE]
    monkeypatch.setattr(library, "_read_all", lambda host: list(templates_of(host, host.pool("images"))))
    assert [*troubles(host, find_template(host, "web"))] == ["image"]


def test_what_is_left_of_a_template_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    host = lost(monkeypatch)
    current = read_current(host, host.pool("images"), "web", "1")
    assert (current.template, current.image, current.lost, current.path) == (None, None, TEMPLATE, TEMPLATE.path)
    nothing = read_current(host, host.pool("images"), "web", "2")
    assert (nothing.lost, nothing.path) == (None, "")
