# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's program cut off at any moment: the next one goes on from there, and down leaves nothing."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.lab_lifecycle.second_lab import SecondLab, eventually, leftovers, throw_away

MOMENTS = (0.2, 0.6, 1.2, 2.5, 4.0, 6.0)


def cut_off(lab: SecondLab, seconds: float, *words: str, by: signal.Signals = signal.SIGKILL) -> int:
    """Start the program and send it a signal after so many seconds; returns its exit code."""
    with lab.start(*words) as process:
        time.sleep(seconds)
        if by is signal.SIGINT:
            os.killpg(process.pid, by)  # as Ctrl-C does
        else:
            process.send_signal(by)
        return process.wait(timeout=60)


def test_down_leaves_nothing(up: SecondLab) -> None:
    assert {"processes", "namespaces", "cgroups", "runtime", "disks"} <= set(leftovers())
    up.run("down")
    assert leftovers() == {}


def test_down_ends_connections_into_the_lab(up: SecondLab) -> None:
    with up.start("ssh", "h1", "sleep 1000") as session:
        assert eventually(lambda: up.answers("h1", "pgrep", "--full", "sleep 1000"))
        up.run("down")
        assert session.wait(timeout=10) == 255
    assert leftovers() == {}


def test_up_and_down_converge_however_often_they_are_killed(second_lab: SecondLab) -> None:
    second_lab.run("down")
    throw_away()
    codes = [cut_off(second_lab, seconds, "up", "-n", "3") for seconds in MOMENTS]
    assert codes[0] == -signal.SIGKILL, "the first one was to be killed before it was through"
    second_lab.run("up")
    assert second_lab.call("status").returncode == 0
    cut_off(second_lab, 0.5, "down")
    second_lab.run("down")
    assert leftovers() == {}


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_an_interrupted_up_says_so_and_can_be_taken_down(second_lab: SecondLab, seconds: float) -> None:
    assert cut_off(second_lab, seconds, "up", "-n", "2", by=signal.SIGINT) in {130, -signal.SIGINT}
    second_lab.run("down")
    assert leftovers() == {}


def test_down_clears_up_after_the_bookkeeping_is_lost(up: SecondLab) -> None:
    (up.state / "lab.json").unlink()
    up.run("down")
    assert leftovers() == {}


def test_down_of_a_lab_that_is_down(second_lab: SecondLab) -> None:
    second_lab.run("down")
    assert second_lab.call("status").stdout == "The lab is down.\n"
    assert "The lab is not up" in second_lab.call("exec", "h1", "true").stderr
    second_lab.run("down")
    assert leftovers() == {}
