# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hypervisors that an inventory reads: their names, their URIs, and what of a URI may be shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from ...module_utils._errors import Refused

_SECRET = re.compile(r"pass|secret|token|pwd", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """One hypervisor: its name in the inventory, and the URI by which the control node reaches it."""

    name: str
    uri: str

    @property
    def parts(self) -> SplitResult:
        """Return the URI in parts."""
        return urlsplit(self.uri)

    @property
    def parameters(self) -> dict[str, str]:
        """Return the URI's parameters. Source: https://libvirt.org/uri.html."""
        return dict(parse_qsl(self.parts.query, keep_blank_values=True))

    @property
    def quiet_uri(self) -> str:
        """Return the URI with which ssh never asks for anything: nobody is there to answer."""
        if not self.parts.scheme.endswith("+ssh") or "no_tty" in self.parameters:
            return self.uri
        return f"{self.uri}{'&' if self.parts.query else '?'}no_tty=1"

    def redacted(self, text: str) -> str:
        """Return a text without the passwords that the URI holds."""
        pairs = (pair.partition("=") for pair in self.parts.query.split("&"))
        written = [self.parts.password or "", *(value for key, _equals, value in pairs if _SECRET.search(key))]
        for secret in filter(None, [*written, *map(unquote, written)]):
            text = text.replace(secret, "********")
        return text


def targets(entries: Sequence[Any], template: str) -> list[Target]:
    """Return the hypervisors that an option lists: {name, uri}, URIs, or names that `template` makes a URI of.

    Refused, naming the entry, where one cannot be understood or two have one name.
    """
    return distinct(_target(entry, template) for entry in entries)


def distinct(found: Iterable[Target]) -> list[Target]:
    """Return the hypervisors; Refused where two have one name."""
    unique: dict[str, Target] = {}
    for target in found:
        if unique.setdefault(target.name, target) != target:
            raise Refused(f"Two hypervisors are called '{target.name}'; give each a 'name' of its own.")
    return list(unique.values())


def from_template(template: str, name: str, address: str) -> Target:
    """Return a hypervisor by the template's {name} and {host}; Refused where these could mean more than a host."""
    for word in (name, address):
        if not re.fullmatch(r"[A-Za-z0-9_.:\[\]%-]+", word) or word.startswith("-"):
            raise Refused(
                f"'{word}' is not the name of a host; write the hypervisor as a URI, or with 'name' and 'uri'."
            )
    host = f"[{address}]" if ":" in address and not address.startswith("[") else address
    return Target(name, template.replace("{name}", name).replace("{host}", host))


def _target(entry: Any, template: str) -> Target:
    if isinstance(entry, Mapping):
        return _described(entry)
    text = str(entry)
    if "://" in text:
        return Target(urlsplit(text).hostname or "localhost", text)
    return from_template(template, text, text)


def _described(entry: Mapping[str, Any]) -> Target:
    unknown = sorted(set(entry) - {"name", "uri"})
    if unknown or not entry.get("uri"):
        what = f"does not know '{unknown[0]}'" if unknown else "needs a 'uri'"
        raise Refused(f"The hypervisor '{entry.get('name', '?')}' {what}; write it as name and uri.")
    uri = str(entry["uri"])
    return Target(str(entry.get("name") or urlsplit(uri).hostname or "localhost"), uri)
