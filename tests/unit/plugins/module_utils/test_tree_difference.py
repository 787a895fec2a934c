# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In what two trees differ: by path, what was there and what is."""

from __future__ import annotations

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._tree_difference import differences, meaning
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

Q = 'xmlns:q="urn:q"'
DIFFERENCES: list[tuple[str, str, list[tuple[str, str | None, str | None]]]] = [
    ("<a/>", "<a/>", []),
    ("<a x='1' y='2'><b/> <c/></a>", "<a y='2' x='1'>\n<c/><b/><!-- no matter --></a>", []),
    ("<a> t </a>", "<a>t</a>", []),
    ("<a/>", "<a x='1'/>", [("/a/@x", None, "1")]),
    ("<a x='1'/>", "<a x='2'/>", [("/a/@x", "1", "2")]),
    ("<a x='1'/>", "<a/>", [("/a/@x", "1", None)]),
    ("<a>1</a>", "<a>2</a>", [("/a/text()", "1", "2")]),
    ("<a/>", "<a>2</a>", [("/a/text()", None, "2")]),
    ("<a/>", "<a><b>1</b></a>", [("/a/b", None, "<b>1</b>")]),
    ("<a><b x='1'> <c/> </b>tail</a>", "<a/>", [("/a/b", '<b x="1"><c/></b>', None)]),
    ("<a><b><c>1</c></b></a>", "<a><b><c>2</c></b></a>", [("/a/b/c/text()", "1", "2")]),
    ("<a><b/><b x='1'/></a>", "<a><b/><b x='2'/></a>", [("/a/b[2]/@x", "1", "2")]),
    ("<a><b x='1'/><b x='2'/></a>", "<a><b x='2'/></a>", [("/a/b[1]", '<b x="1"/>', None)]),
    ("<a><b x='2'/></a>", "<a><b x='1'/><b x='2'/></a>", [("/a/b[1]", None, '<b x="1"/>')]),
    (
        "<a><b x='1'/><b x='2'/></a>",
        "<a><b x='2'/><b x='1'/></a>",
        [("/a/b", '<b x="1"/><b x="2"/>', '<b x="2"/><b x="1"/>')],
    ),
    (f"<a {Q}/>", f"<a {Q}><q:b/></a>", [("/a/q:b", None, '<q:b xmlns:q="urn:q"/>')]),
    ("<a><b passwd='s'/></a>", "<a><b passwd='t'/></a>", [("/a/b/@passwd", "(hidden)", "(hidden)")]),
    ("<a/>", "<a><b passwd='s'/></a>", [("/a/b", None, '<b passwd="(hidden)"/>')]),
]


@pytest.mark.parametrize(("before", "after", "found"), DIFFERENCES)
def test_differences(before: str, after: str, found: list[tuple[str, str | None, str | None]]) -> None:
    trees = [parse_xml(before), parse_xml(after)]
    assert [(item.path, item.before, item.after) for item in differences(*trees)] == found
    assert [(item.path, item.after, item.before) for item in differences(*reversed(trees))] == found


def test_the_trees_are_left_alone() -> None:
    text = "<a> <b passwd='s'> <c/> </b> </a>"
    tree = parse_xml(text)
    assert list(differences(tree, parse_xml("<a/>")))
    assert meaning(tree) == meaning(parse_xml(text))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("<a x='1' y='2'/>", "<a y='2' x='1'/>", True),
        ("<a><b/></a>", "<a> <b/> <!-- c --> </a>", True),
        ("<q:a xmlns:q='urn:q'/>", "<a xmlns='urn:q'/>", True),
        ("<a><b/><c/></a>", "<a><c/><b/></a>", False),
        ("<a>1</a>", "<a>2</a>", False),
        ("<a/>", "<a xmlns='urn:q'/>", False),
    ],
)
def test_what_trees_mean(one: str, other: str, same: bool) -> None:
    assert (meaning(parse_xml(one)) == meaning(parse_xml(other))) is same
