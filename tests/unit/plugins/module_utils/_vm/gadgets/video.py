# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Video cards."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.gadgets.parts import VGA, Edited, Live, Made, Unfit

MADE: list[Made] = [
    ("videos", [], "", ""),
    ("videos", [], VGA, "<video><model type='none'/></video>"),
    ("videos", [{}], "<video><model type='none'/></video>", "<video><model type='virtio'/></video>"),
    (
        "videos",
        [
            {"name": "main", "model": "qxl", "ram": 64, "vram": "16MiB", "vram64": "30MiB", "vgamem": "9000KiB"},
            {"model": "qxl", "heads": 4, "primary": True},
        ],
        "",
        (
            "<video><model type='qxl' vram='16384' ram='65536' vram64='32768' vgamem='16384'/><alias "
            "name='ua-main'/></video><video><model type='qxl' heads='4' primary='yes'/></video>"
        ),
    ),
    (
        "videos",
        [
            {
                "model": "virtio",
                "driver": "vhostuser",
                "accel2d": False,
                "accel3d": True,
                "render_node": "/dev/dri/renderD128",
                "resolution": {"x": 1920, "y": 1080},
                "virtio": {"iommu": True, "ats": True, "packed": False, "page_per_vq": True},
            }
        ],
        "",
        (
            "<video><model type='virtio'><acceleration accel2d='no' accel3d='yes' rendernode='/dev/dri/renderD128'/>"
            "<resolution x='1920' y='1080'/></model>"
            "<driver name='vhostuser' iommu='on' ats='on' packed='off' page_per_vq='on'/></video>"
        ),
    ),
]

EDITED: list[Edited] = [
    (
        "videos",
        [{"name": "a", "model": "virtio", "heads": 2}],
        (
            "<video><driver name='qemu'/><model type='qxl' ram='65536' vram='65536' heads='1' primary='yes'>"
            "<resolution x='1' y='1'/></model><alias name='ua-a'/><address type='pci' slot='0x01'/></video>"
        ),
        ["set video card a model qxl -> virtio", "set video card a heads 1 -> 2"],
        "<video><model type='virtio' primary='yes' heads='2'/><alias name='ua-a'/></video>",
    ),
    (
        "videos",
        [{"model": "vga", "vram": "16MiB", "heads": 1, "primary": True}],
        "<video><model type='vga' vram='16384' heads='1' primary='yes'/><address type='pci' slot='0x01'/></video>",
        [],
        "<video><model type='vga' vram='16384' heads='1' primary='yes'/><address type='pci' slot='0x01'/></video>",
    ),
    (
        "videos",
        [{"model": "qxl", "primary": True}, {"model": "vga"}],
        "<video><model type='vga' primary='yes'/></video><video><model type='qxl'/></video>",
        ["set video card qxl primary False -> True", "set video card vga primary True -> False"],
        "<video><model type='vga'/></video><video><model type='qxl' primary='yes'/></video>",
    ),
    (
        "videos",
        [{"model": "virtio", "resolution": {"x": 0, "y": 0}}],
        "<video><model type='virtio'><resolution x='8' y='6'/></model></video>",
        ["set video card virtio resolution.x 8 -> none", "set video card virtio resolution.y 6 -> none"],
        "<video><model type='virtio'/></video>",
    ),
    ("videos", [{"model": "vga", "primary": False}], "<video><model type='vga' primary='yes'/></video>", [], ""),
]

REFUSED: list[Unfit] = [
    ("videos", [{"model": "vga", "vgamem": "16MiB"}], "", "vgamem means nothing for video of model vga; leave it out."),
    ("videos", [{"heads": 0}], "", "heads 0 is out of range; choose 1 to 16."),
    ("videos", [{"vram": "x"}], "", "vram 'x' is not a size"),
]

LIVE: list[Live] = []
