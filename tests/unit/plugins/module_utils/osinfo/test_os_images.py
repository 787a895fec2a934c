# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the images that libosinfo knows templates are best made of."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._osinfo.images import OsImage, os_images

from tests.unit.plugins.module_utils.osinfo.library import Host, Told, items


def image(place: str, kind: str = "qcow2", clouds: bool = True, arch: str = "x86_64") -> Told:
    return Told(get_url=place, get_format=kind, get_cloud_init=clouds, get_architecture=arch)


def with_images(short: str, *images: Told) -> Told:
    answers = {"get_name": f"Wonder OS ({short})", "get_id": f"http://wonder.example/{short}"}
    listed = {"get_param_value_list": [short, f"{short}-codename"], "get_image_list": items(*images)}
    return Told(get_short_id=short, **answers, **listed)


@pytest.mark.parametrize(
    ("images", "best"),
    [
        ((), None),
        ((image("u"),), "u"),
        ((image("b"), image("a")), "a"),
        ((image("a", clouds=False), image("b")), "b"),
        ((image("a", "raw"), image("b")), "b"),
        ((image("a", clouds=False), image("b", "raw")), "b"),
        ((image("a", "vmdk"), image("b", "containerdisk")), None),
        ((image("a", arch="aarch64"),), None),
        ((image(""),), None),
    ],
)
def test_the_image_that_templates_are_best_made_of(host: Host, images: tuple[Told, ...], best: str | None) -> None:
    host.systems = items(with_images("wonder2", *images), with_images("wonder1", image("other", "raw", clouds=False)))
    found = os_images("x86_64")
    assert found[0] == OsImage("wonder1", "Wonder OS (wonder1)", "other", "raw", cloud_init=False)
    assert [(entry.os, entry.url) for entry in found[1:]] == ([("wonder2", best)] if best else [])
