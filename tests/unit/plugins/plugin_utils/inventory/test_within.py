# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions that may not be answered in time."""

from __future__ import annotations

import threading
import time

from ansible_collections.kvmops.datacenter.plugins.plugin_utils._inventory.within import within


def test_answers_come_by_their_keys() -> None:
    assert within(5, {1: lambda: "a", 2: lambda: "b", 3: lambda: "c"}, 2) == {1: "a", 2: "b", 3: "c"}


def test_nothing_asked_nothing_answered() -> None:
    assert within(5, {}, 4) == {}


def test_one_that_hangs_does_not_keep_the_others() -> None:
    release = threading.Event()
    began = time.monotonic()
    got = within(0.5, {"slow": lambda: release.wait(20), "a": lambda: True, "b": lambda: True}, 2)
    release.set()
    assert got == {"a": True, "b": True}
    assert time.monotonic() - began < 3


def test_what_is_not_asked_in_time_is_not_answered() -> None:
    got = within(0.3, {number: lambda: time.sleep(0.2) for number in range(20)}, 1)
    assert 1 <= len(got) <= 2
