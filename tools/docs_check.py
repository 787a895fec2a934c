# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that what the pages link to, name and show is there; print one line for each thing that is not.

A fenced block whose first line is ```` ```yaml title="path" ```` must equal the file at that path.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.link import ROOT
from tools.testing.sanity import tracked

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(?P<fence>```+)(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="([^"]+)"')
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
PATH = re.compile(r"`((?:docs|examples|extensions|inventories|playbooks|plugins|roles|tests|tools)/[\w./-]+)`")
COLLECTION_NAME = re.compile(r"\bkvmops\.datacenter\.(\w+)")
MAKE = re.compile(r"^ *(?:\$ )?make((?: +[a-z][a-z-]*)+)(?: *#.*)?$|`make ([a-z-]+)`", re.MULTILINE)
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
KINDS = ("action", "doc_fragments", "filter", "inventory", "lookup", "module_utils", "modules")
GENERATED = ("CHANGELOG.md",)


def anchor(heading: str) -> str:
    """Return the anchor that web sites give a heading: lower case, no punctuation, hyphens for spaces."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", plain).strip().lower().replace(" ", "-")


def anchors(text: str) -> set[str]:
    """Return the anchors of a page."""
    return {anchor(heading) for heading in HEADING.findall(FENCE.sub("", text))}


def link_problem(page: Path, target: str) -> str:
    """Tell what is wrong with a link of a page, empty when nothing is or when it leads out of the project."""
    if "://" in target or target.startswith("mailto:"):
        return ""
    name, _hash, fragment = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.exists():
        return f"the link {target} leads nowhere"
    if fragment and fragment not in anchors(file.read_text(encoding="utf-8")):
        return f"the link {target} names a heading that is not there"
    return ""


def shown_problems(root: Path, text: str) -> Iterator[str]:
    """Find blocks that claim to show a file and differ from it."""
    for block in FENCE.finditer(text):
        for name in TITLE.findall(block["info"]):
            file = root / name
            if not file.is_file():
                yield f"shows {name}, which is not there"
            elif file.read_text(encoding="utf-8") != block["body"]:
                yield f"shows {name}, which reads differently"


def known(root: Path, name: str) -> bool:
    """Tell whether kvmops.datacenter.NAME is a plugin, a role or a playbook, or the action group."""
    plugins = (root / "plugins" / kind / f"{name}.py" for kind in KINDS)
    others = (root / "roles" / name, root / "playbooks" / f"{name}.yml")
    return any(path.exists() for path in (*plugins, *others))


def named_problems(root: Path, text: str) -> Iterator[str]:
    """Find files, plugins, playbooks and make targets that a page names and that are not there."""
    yield from (f"names {path}, which is not there" for path in PATH.findall(text) if not (root / path).exists())
    names = sorted(set(COLLECTION_NAME.findall(text)))
    yield from (f"names kvmops.datacenter.{name}, which is not there" for name in names if not known(root, name))
    targets = set(TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    wanted = {word for found in MAKE.findall(text) for word in " ".join(found).split()}
    yield from (f"names make {target}, which is no target" for target in sorted(wanted - targets))


def page_problems(root: Path, page: Path) -> Iterator[str]:
    """Find what is wrong on one page."""
    text = page.read_text(encoding="utf-8")
    links = (link_problem(page, target) for target in LINK.findall(FENCE.sub("", text)))
    yield from filter(None, links)
    yield from shown_problems(root, text)
    yield from named_problems(root, text)


def problems(root: Path = ROOT) -> list[str]:
    """Return all that is wrong in the project's pages, one sentence each."""
    pages = [name for name in tracked(root) if name.endswith(".md") and name not in GENERATED]
    return [f"{name}: {problem}" for name in pages for problem in page_problems(root, root / name)]


def main() -> None:
    """Print all that is wrong; the exit status is 1 when there is anything."""
    found = problems()
    print("\n".join(found or ["nothing to complain about"]))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
