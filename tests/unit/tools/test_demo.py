# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the demo counts a guest as reached, and how it ends."""

from __future__ import annotations

import sys

import pytest

from tools import demo

ANSWERS = """\
[WARNING]: something about plugins
web01 | CHANGED | rc=0 >>
web01
 12:34:09 up 2 min,  0 users,  load average: 0.16, 0.14, 0.06

web02 | SUCCESS | rc=0 >>
web02
 12:34:10 up 2 min,  0 users,  load average: 0.27, 0.19, 0.08

web03 | CHANGED | rc=0 >>
web01
db01 | UNREACHABLE! => {
    "msg": "Failed to connect to the host via ssh"
}
app01 | FAILED | rc=1 >>
app01
"""


def test_a_guest_is_reached_when_it_answers_with_its_own_name() -> None:
    assert demo.reached(ANSWERS) == {"web01", "web02"}


def test_the_lab_has_six_guests() -> None:
    assert demo.wanted_guests() == {"web01", "web02", "web03", "app01", "app02", "db01"}


def test_all_reached_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    demo.check_reached({"web01", "web02"}, {"web01", "web02", "other"})
    assert "All 2 guests were reached over SSH." in capsys.readouterr().out


def test_a_missing_guest_ends_the_demo_with_a_sentence() -> None:
    with pytest.raises(
        SystemExit, match=r"^The demo failed: only 1 of 3 guests were reached over SSH, not db01, web02;"
    ):
        demo.check_reached({"web01", "web02", "db01"}, {"web01"})


def test_a_step_that_fails_ends_the_demo_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match="'A step' failed with code 3"):
        demo.Demo().step("A step", [sys.executable, "-c", "raise SystemExit(3)"])


def test_a_long_step_is_not_silent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PATIENCE", 0.05)
    steps = demo.Demo()
    assert steps.step("A step", [sys.executable, "-c", "import time; time.sleep(0.4); print('done')"], True) == "done\n"
    assert "    … 0 s\n" in capsys.readouterr().out
    assert [title for title, _seconds in steps.timings] == ["A step"]
