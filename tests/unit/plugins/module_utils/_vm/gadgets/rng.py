# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generators of random numbers."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import ROOT_PORT, Edited, Live, Made, Unfit

MADE: list[Made] = [
    (
        "rngs",
        [
            {"device": "/dev/hwrng", "rate": {"bytes": 1024, "period": 500}},
            {"name": "b", "backend": "builtin", "model": "virtio-transitional", "virtio": {"iommu": True}},
            {"backend": "egd", "egd": {"type": "tcp", "mode": "connect", "host": "h", "service": "1"}},
        ],
        "",
        (
            "<rng model='virtio'><backend model='random'>/dev/hwrng</backend><rate bytes='1024' "
            "period='500'/></rng><rng model='virtio-transitional'><backend model='builtin'/><driver "
            "iommu='on'/><alias name='ua-b'/></rng><rng model='virtio'><backend model='egd' type='tcp'><source "
            "mode='connect' host='h' service='1'/></backend></rng>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "rngs",
        [{"name": "a", "backend": "egd", "egd": {"type": "unix", "path": "/s"}}],
        "<rng model='virtio'><backend model='random'>/dev/random</backend><alias name='ua-a'/></rng>",
        [
            "set random number generator a backend random -> egd",
            "set random number generator a egd.type none -> unix",
            "set random number generator a egd.path none -> /s",
        ],
        "<rng model='virtio'><backend model='egd' type='unix'><source path='/s'/></backend><alias name='ua-a'/></rng>",
    ),
    (
        "rngs",
        [{"rate": {"bytes": 0, "period": 0}, "model": "virtio-transitional"}],
        (
            "<rng model='virtio'><rate bytes='5' period='6'/><backend model='builtin'/>"
            "<address type='pci' slot='1'/></rng>"
        ),
        [
            "set random number generator model virtio -> virtio-transitional",
            "set random number generator rate.bytes 5 -> none",
            "set random number generator rate.period 6 -> none",
        ],
        "<rng model='virtio-transitional'><backend model='builtin'/></rng>",
    ),
]

REFUSED: list[Unfit] = [
    ("rngs", [{"backend": "builtin", "device": "/a"}], "", "device means nothing for rng of backend builtin"),
    ("rngs", [{"backend": "egd", "egd": {"type": "pty", "path": "/a"}}], "", "path means nothing for"),
]

LIVE: list[Live] = [
    (
        {"rngs": [{"backend": "builtin"}, {"name": "b", "model": "virtio-transitional"}]},
        ROOT_PORT,
        [
            "attach random number generator b (model virtio-transitional, backend random) [next_boot]",
            "attach random number generator builtin (model virtio, backend builtin)",
        ],
        ["random number generator b is not attached yet"],
    ),
]
