# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to make pools of: exports, targets, volumes and volume groups, in the words of `source`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import Refused
from .._hypervisor import Hypervisor, speaking_of
from .._libs import etree
from .._xml import parse_xml, to_xml
from .pool_source import PoolSource

# The types that libvirt can look for, and which of `host`, `port` and `initiator` it asks about each; `host` is needed.
FINDABLE: Mapping[str, tuple[str, ...]] = {
    "netfs": ("host",),
    "gluster": ("host",),
    "iscsi": ("host", "port", "initiator"),
    "iscsi-direct": ("host", "port", "initiator"),
    "logical": (),
}


def find_options() -> dict[str, Any]:
    """Return the option by which sources are looked for."""
    options = {
        "type": {"type": "str", "choices": list(FINDABLE), "required": True},
        "host": {"type": "str"},
        "port": {"type": "int"},
        "initiator": {"type": "str"},
    }
    return {"find": {"type": "dict", "options": options}}


def find_sources(host: Hypervisor, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what a hypervisor finds, each in the words of a pool's `source` (virConnectFindStoragePoolSources)."""
    kind, where = wanted["type"], wanted.get("host")
    question = _question(kind, {name: wanted[name] for name in wanted if name != "type" and wanted[name] is not None})
    doing = f"look for sources of pools of type {kind}{f' on {where}' if where else ''}"
    with speaking_of(doing[0].upper() + doing[1:]):
        answer = host.connection.findStoragePoolSources(kind, question, 0)
    return [_source(kind, node) for node in parse_xml(answer).findall("source")]


def _question(kind: str, asked: Mapping[str, Any]) -> str | None:
    """Return what libvirt is asked, as XML; None where there is nothing to say."""
    known = FINDABLE[kind]
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise Refused(f"Sources of type {kind} are looked for without {' and '.join(unknown)}; leave it out.")
    if "host" in known and "host" not in asked:
        raise Refused(f"Sources of type {kind} are looked for on a server; name it as 'host'.")
    if not known:
        return None
    pool = etree.Element("pool", type=kind)
    server = {name: asked[name] for name in ("host", "port") if name in asked}
    wanted = {"hosts": [{"name" if name == "host" else name: value for name, value in server.items()}]}
    PoolSource.edit(pool, PoolSource.normal({**wanted, "initiator": asked.get("initiator")}))
    return to_xml(pool.find("source"))


def _source(kind: str, node: Any) -> dict[str, Any]:
    pool = etree.Element("pool", type=kind)
    pool.append(node)
    return PoolSource.facts(pool)
