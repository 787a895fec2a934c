# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The socket between host and guest."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.host_devices.parts import Edited, Live, New, Other, Unfit


def vsock(cid: str, model: str = "") -> str:
    """Return the XML of a vsock."""
    return f"<vsock {model}><cid {cid}/></vsock>"


NEW: list[New] = [
    ("vsock", {}, vsock("auto='yes'")),
    ("vsock", {"cid": "auto"}, vsock("auto='yes'")),
    ("vsock", {"cid": "0005"}, vsock("auto='no' address='5'")),
    *(
        ("vsock", {"cid": "4294967294", "model": model}, vsock("auto='no' address='4294967294'", f"model='{model}'"))
        for model in ("virtio", "virtio-transitional", "virtio-non-transitional")
    ),
]

EDITED: list[Edited] = [
    ("vsock", vsock("auto='yes'"), {}, [], vsock("auto='yes'")),
    (
        "vsock",
        vsock("auto='yes' address='9'"),
        {"cid": "7"},
        ["set vsock cid auto -> 7"],
        vsock("auto='no' address='7'"),
    ),
    ("vsock", vsock("auto='no' address='7'"), {"cid": "auto"}, ["set vsock cid 7 -> auto"], vsock("auto='yes'")),
    (
        "vsock",
        vsock("auto='no' address='7'"),
        {"model": "virtio"},
        ["set vsock model none -> virtio"],
        vsock("auto='no' address='7'", "model='virtio'"),
    ),
]

OTHERS: list[Other] = []

REFUSED: list[Unfit] = [
    ("vsock", {"cid": "2"}, "cid 2 is out of range; choose 3 to 4294967294, or auto."),
    ("vsock", {"cid": "4294967295"}, "is out of range"),
    ("vsock", {"cid": "any"}, "cid 'any' is not understood"),
    ("vsock", {"cid": ""}, "is out of range"),
]

LIVE: list[Live] = [
    ("", {"vsock": {"cid": "5"}}, ["attach vsock (cid 5)"]),
    (vsock("auto='no' address='5'"), {"vsock": {"enabled": False}}, ["detach vsock"]),
    (vsock("auto='no' address='5'"), {"vsock": {"cid": "6"}}, ["set vsock cid 5 -> 6 [next_boot]"]),
]
