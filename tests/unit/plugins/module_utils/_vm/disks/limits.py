# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a disk may do."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.disks.parts import Edited, New, Unfit, disk

TUNED = "<iotune><read_bytes_sec>5</read_bytes_sec><read_bytes_sec_max>9</read_bytes_sec_max></iotune>"
TOTAL = (
    "<iotune><total_iops_sec>5</total_iops_sec><total_iops_sec_max>9</total_iops_sec_max>"
    "<total_iops_sec_max_length>2</total_iops_sec_max_length><size_iops_sec>1</size_iops_sec></iotune>"
)

NEW: list[New] = [
    ({"iotune": {"total_bytes_sec": "1MiB"}}, disk("<iotune><total_bytes_sec>1048576</total_bytes_sec></iotune>")),
    (
        {
            "iotune": {
                "read_bytes_sec": "1000B",
                "write_bytes_sec": 2000,
                "read_bytes_sec_max": "3000B",
                "read_bytes_sec_max_length": 5,
                "write_bytes_sec_max": "4000B",
                "write_bytes_sec_max_length": 6,
                "total_iops_sec": 7,
                "total_iops_sec_max": 8,
                "total_iops_sec_max_length": 9,
                "size_iops_sec": 4096,
                "group_name": "gold",
            }
        },
        disk(
            "<iotune><read_bytes_sec>1000</read_bytes_sec><write_bytes_sec>2000</write_bytes_sec>"
            "<total_iops_sec>7</total_iops_sec><read_bytes_sec_max>3000</read_bytes_sec_max>"
            "<write_bytes_sec_max>4000</write_bytes_sec_max><total_iops_sec_max>8</total_iops_sec_max>"
            "<read_bytes_sec_max_length>5</read_bytes_sec_max_length>"
            "<write_bytes_sec_max_length>6</write_bytes_sec_max_length>"
            "<total_iops_sec_max_length>9</total_iops_sec_max_length><size_iops_sec>4096</size_iops_sec>"
            "<group_name>gold</group_name></iotune>"
        ),
    ),
    (
        {
            "iotune": {
                "total_bytes_sec": "1000B",
                "total_bytes_sec_max": "2000B",
                "total_bytes_sec_max_length": 3,
                "read_iops_sec": 4,
                "write_iops_sec": 5,
                "read_iops_sec_max": 6,
                "write_iops_sec_max": 7,
                "read_iops_sec_max_length": 8,
                "write_iops_sec_max_length": 9,
            }
        },
        disk(
            "<iotune><total_bytes_sec>1000</total_bytes_sec><read_iops_sec>4</read_iops_sec>"
            "<write_iops_sec>5</write_iops_sec><total_bytes_sec_max>2000</total_bytes_sec_max>"
            "<read_iops_sec_max>6</read_iops_sec_max><write_iops_sec_max>7</write_iops_sec_max>"
            "<total_bytes_sec_max_length>3</total_bytes_sec_max_length>"
            "<read_iops_sec_max_length>8</read_iops_sec_max_length>"
            "<write_iops_sec_max_length>9</write_iops_sec_max_length></iotune>"
        ),
    ),
]

EDITED: list[Edited] = [
    # One on the total takes those on either away, with what adds to them.
    (
        disk(TUNED),
        {"iotune": {"total_bytes_sec": "7B"}},
        ["iotune.total_bytes_sec none -> 7B"],
        disk("<iotune><total_bytes_sec>7</total_bytes_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"write_iops_sec": 3}},
        ["iotune.write_iops_sec none -> 3"],
        disk("<iotune><size_iops_sec>1</size_iops_sec><write_iops_sec>3</write_iops_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"total_iops_sec": 0}},
        ["iotune.total_iops_sec 5 -> none"],
        disk("<iotune><size_iops_sec>1</size_iops_sec></iotune>"),
    ),
    (
        disk(TOTAL),
        {"iotune": {"total_iops_sec_max": 0, "size_iops_sec": 0}},
        ["iotune.total_iops_sec_max 9 -> none", "iotune.size_iops_sec 1 -> none"],
        disk("<iotune><total_iops_sec>5</total_iops_sec></iotune>"),
    ),
    (
        disk(TUNED),
        {"iotune": {"read_bytes_sec": "0"}},
        ["iotune.read_bytes_sec 5B -> none"],
        disk(),
    ),
    (
        disk(TUNED),
        {"iotune": {"write_bytes_sec": "6B", "group_name": "g"}},
        ["iotune.write_bytes_sec none -> 6B", "iotune.group_name none -> g"],
        disk(TUNED.replace("</iotune>", "<write_bytes_sec>6</write_bytes_sec><group_name>g</group_name></iotune>")),
    ),
    (
        disk("<iotune><total_iops_sec>5</total_iops_sec><group_name>g</group_name></iotune>"),
        {"iotune": {"group_name": ""}},
        ["iotune.group_name g -> none"],
        disk("<iotune><total_iops_sec>5</total_iops_sec></iotune>"),
    ),
]

REFUSED: list[Unfit] = [
    ({"iotune": {"total_bytes_sec": "1MB"}}, "total_bytes_sec '1MB' has no binary unit"),
    ({"iotune": {"total_bytes_sec": "1PiB"}}, "total_bytes_sec '1PiB' is out of range; choose up to 931322GiB"),
    (
        {"iotune": {"total_bytes_sec": "2B", "read_bytes_sec": "1B"}},
        "iotune.total_bytes_sec and read_bytes_sec exclude each other; limit the total, or reads and writes.",
    ),
    (
        {"iotune": {"total_iops_sec_max": 2, "write_iops_sec_max": 1}},
        "iotune.total_iops_sec_max and write_iops_sec_max exclude each other",
    ),
    (
        {"iotune": {"total_iops_sec_max": 2, "total_iops_sec": 0}},
        "iotune.total_iops_sec_max is a burst above total_iops_sec, which is taken away; set it too.",
    ),
]
