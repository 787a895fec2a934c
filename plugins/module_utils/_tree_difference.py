# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what two XML trees differ, as plans tell of it: by path, what stood there and what stands there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from ._libs import etree
from ._values import dataclass
from ._words import HIDDEN

# Attributes of domain XML that hold a secret. Source: virDomainDefFormat without VIR_DOMAIN_DEF_FORMAT_SECURE.
_SECRET = ("passwd",)


@dataclass(frozen=True)
class Difference:
    """One place in which two trees differ; None stands for "not there"."""

    path: str
    before: str | None
    after: str | None


def meaning(node: Any) -> tuple[Any, ...]:
    """Return what an element means: without comments, blanks around words, prefixes, and the order of attributes."""
    text = (node.text or "").strip()
    return (node.tag, tuple(sorted(node.attrib.items())), text, tuple(meaning(child) for child in elements(node)))


def elements(node: Any) -> list[Any]:
    """Return the child elements of an element."""
    return [child for child in node if isinstance(child.tag, str)]


def shown(node: Any) -> str:
    """Return an element as one line of XML, without the secrets in it."""
    copy = deepcopy(node)
    copy.tail = None
    for element in copy.iter("*"):
        element.text, element.tail = ((text or "").strip() or None for text in (element.text, element.tail))
        element.attrib.update({key: HIDDEN for key in _SECRET if key in element.attrib})
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Go through the places in which two elements of one name differ, by their path from the root."""
    here = path or f"/{name(after)}"
    for key in sorted({*before.attrib, *after.attrib}):
        if before.get(key) != after.get(key):
            yield Difference(f"{here}/@{key}", *(_attribute(node, key) for node in (before, after)))
    texts = [(node.text or "").strip() or None for node in (before, after)]
    if texts[0] != texts[1]:
        yield Difference(f"{here}/text()", *texts)
    olds, news = elements(before), elements(after)
    for tag in dict.fromkeys(node.tag for node in [*olds, *news]):
        alike = [[node for node in nodes if node.tag == tag] for nodes in (olds, news)]
        yield from _among(here, alike[0], alike[1])


def name(node: Any) -> str:
    """Return the name of an element as people write it."""
    local = etree.QName(node).localname
    return f"{node.prefix}:{local}" if node.prefix else str(local)


def _attribute(node: Any, key: str) -> str | None:
    value = node.get(key)
    return HIDDEN if value is not None and key in _SECRET else value


def _among(path: str, olds: Sequence[Any], news: Sequence[Any]) -> Iterator[Difference]:
    """Go through the differences among the children of one name: those that are alike belong together wherever they
    stand, the others by their order.
    """
    if sorted(map(repr, map(meaning, olds))) == sorted(map(repr, map(meaning, news))):
        if [meaning(node) for node in olds] != [meaning(node) for node in news]:
            yield Difference(f"{path}/{name(news[0])}", *("".join(map(shown, nodes)) for nodes in (olds, news)))
        return
    rest = list(news)
    gone = [node for node in olds if not _taken(node, rest)]
    several = max(len(olds), len(news)) > 1
    for old, new in zip(gone, rest):
        yield from differences(old, new, _place(path, new, news, several))
    for old in gone[len(rest) :]:
        yield Difference(_place(path, old, olds, several), shown(old), None)
    for new in rest[len(gone) :]:
        yield Difference(_place(path, new, news, several), None, shown(new))


def _taken(node: Any, others: list[Any]) -> bool:
    """Take the first that means the same out of the others, and return whether there was one."""
    same = next((other for other in others if meaning(other) == meaning(node)), None)
    if same is not None:
        others.remove(same)
    return same is not None


def _place(path: str, node: Any, alike: Sequence[Any], several: bool) -> str:
    return f"{path}/{name(node)}" + (f"[{list(alike).index(node) + 1}]" if several else "")
