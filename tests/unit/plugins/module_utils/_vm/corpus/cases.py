# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The corpus: each fragment alone, fragments mixed, ways of writing, and domains as other tools make them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from tests.unit.plugins.module_utils._vm.corpus import (
    behaviour,
    beyond,
    clouds,
    disks,
    gadgets,
    links,
    memory,
    peers,
    processors,
    senses,
    systems,
    texts,
)
from tests.unit.plugins.module_utils._vm.corpus.builder import Case, Fragment, compose, text_of
from tests.unit.plugins.module_utils._vm.corpus.elsewhere import ELSEWHERE

SEED = 20260101
MIXES = 260
GUESTS = 200
THEMES: tuple[Sequence[Fragment], ...] = (
    systems.MACHINES,
    systems.OS,
    memory.UNITS,
    memory.PLAIN,
    memory.MODULES,
    memory.CURRENT,
    processors.VCPUS,
    processors.CPUS,
    behaviour.FEATURES,
    behaviour.CLOCKS,
    behaviour.EVENTS,
    behaviour.SECURITY,
    disks.BUSES,
    disks.DRIVERS,
    disks.PARTS,
    disks.NETWORK,
    disks.DISKS,
    links.CONTROLLERS,
    links.INTERFACES,
    senses.GRAPHICS,
    senses.SIGHT,
    senses.CONSOLES,
    gadgets.HOST,
    gadgets.FILES,
    gadgets.GADGETS,
    texts.WORDS,
    texts.NAMES,
    texts.METADATA,
    texts.NAMESPACED,
)


def all_fragments() -> list[Fragment]:
    """Return every fragment of every theme, and those that libvirt's schema does not know."""
    return [fragment for theme in (*THEMES, beyond.FRAGMENTS) for fragment in theme]


def corpus() -> Iterator[Case]:
    """Yield every case, always the same ones in the same order; names are distinct."""
    yield from (_case(fragment.name, [fragment]) for fragment in all_fragments())
    mixed = list(_mixes("mix", MIXES, THEMES))
    yield from mixed
    yield from _mixes("guest", GUESTS, _of_qemu())
    yield from _written(mixed)
    yield from (Case(peer.name, peer.text) for peer in (*peers.DOMAINS, *clouds.DOMAINS))


def _case(name: str, parts: Sequence[Fragment], kind: str = "kvm") -> Case:
    return Case(name, text_of(compose(name, parts, kind)))


def _of_qemu() -> list[list[Fragment]]:
    """Return the themes without what QEMU on an x86 host has nothing to do with."""
    return [[fragment for fragment in theme if fragment.name not in ELSEWHERE] for theme in THEMES]


def _mixes(name: str, count: int, themes: Sequence[Sequence[Fragment]]) -> Iterator[Case]:
    """Mix fragments that do not exclude each other; every theme is met with every other in the course of it."""
    dice = random.Random(f"{name} {SEED}")
    for number in range(count):
        parts = _compatible(dice.sample(themes, 10 if number % 4 else 18), dice)
        yield _case(f"{name}/{number:03d}", parts, dice.choice(("kvm", "qemu")))


def _compatible(themes: Sequence[Sequence[Fragment]], dice: random.Random) -> list[Fragment]:
    chosen: list[Fragment] = []
    claimed: set[str] = set()
    for theme in themes:
        fragment = dice.choice(theme)
        if not claimed & fragment.claims:
            chosen.append(fragment)
            claimed |= fragment.claims
    return chosen


def _written(cases: Sequence[Case]) -> Iterator[Case]:
    """Write some of the mixes in every style."""
    for number, (style, write) in enumerate(texts.STYLES.items()):
        for case in cases[number * 4 : number * 4 + 4]:
            yield Case(f"style/{style}-{case.name[4:]}", write(case.xml))
