# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock and its timers."""

from __future__ import annotations

from tests.unit.plugins.module_utils._vm.machine.parts import Changed, Fact, New, Unfit

NEW: list[New] = [
    (
        {"clock": {"offset": "localtime"}},
        '<clock offset="localtime"/>',
    ),
    (
        {"clock": {"timezone": "Europe/Prague"}},
        '<clock offset="timezone" timezone="Europe/Prague"/>',
    ),
    (
        {"clock": {"adjustment": -60, "basis": "localtime"}},
        '<clock offset="variable" adjustment="-60" basis="localtime"/>',
    ),
    (
        {"clock": {"start": 1000}},
        '<clock offset="absolute" start="1000"/>',
    ),
    (
        {
            "clock": {
                "timers": [
                    {
                        "name": "rtc",
                        "tickpolicy": "catchup",
                        "track": "guest",
                        "catchup": {"threshold": 123, "slew": 120, "limit": 10000},
                    },
                    {"name": "tsc", "frequency": 3000000000, "mode": "native"},
                    {"name": "hpet", "present": False},
                ]
            }
        },
        (
            '<clock><timer name="rtc" tickpolicy="catchup" track="guest">'
            '<catchup threshold="123" slew="120" limit="10000"/></timer>'
            '<timer name="tsc" frequency="3000000000" mode="native"/><timer name="hpet" present="no"/>'
            "</clock>"
        ),
    ),
]

CHANGED: list[Changed] = [
    (
        {"inside": "<clock offset='timezone' timezone='Europe/Prague'><timer name='rtc' track='guest'/></clock>"},
        {"clock": {"offset": "utc", "timers": [{"name": "rtc", "present": True}, {"name": "hpet", "present": False}]}},
        [
            "set clock.offset timezone -> utc",
            "set clock.timers name rtc, track guest -> name rtc, present True, name hpet, present False",
        ],
        (
            '<clock offset="utc"><timer name="rtc" track="guest" present="yes"/><timer name="hpet" present="no"/>'
            "</clock>"
        ),
    ),
    (
        {"inside": "<clock offset='utc' adjustment='60'><timer name='pit'/></clock>"},
        {"clock": {"adjustment": 60, "timers": []}},
        ["set clock.timers name pit -> none"],
        '<clock offset="utc" adjustment="60"/>',
    ),
]

REFUSED: list[Unfit] = [
    ({"clock": {"offset": "utc", "timezone": "Europe/Prague"}}, "timezone does not go with offset utc"),
    ({"clock": {"adjustment": 1, "start": 1}}, "start does not go with offset variable"),
    ({"clock": {"timers": [{"name": "rtc"}, {"name": "rtc"}]}}, "timers has two entries for rtc"),
]

FACTS: list[Fact] = [
    ({"inside": "<clock offset='utc' timezone='x' basis='utc' start='1'/>"}, "clock", {"offset": "utc"}),
    (
        {"inside": "<clock offset='localtime' adjustment='5'/>"},
        "clock",
        {"offset": "variable", "adjustment": 5, "basis": "localtime"},
    ),
    ({"inside": "<clock offset='utc' adjustment='reset'/>"}, "clock", {"offset": "utc"}),
]
