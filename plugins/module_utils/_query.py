# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about what was read: the option `query` of all info modules."""

from __future__ import annotations

from typing import Any

from ._errors import Refused
from ._libs import library


def query_option() -> dict[str, Any]:
    """Return the option, as the doc fragment `query` describes it."""
    return {"query": {"type": "str"}}


def queried(kind: str, facts: Any, query: str | None) -> dict[str, Any]:
    """Return an info module's result: the facts under their kind, and under `result` what a JMESPath query finds in
    them.

    Source of the language: https://jmespath.org/specification.html. Refused where the query is none.
    """
    if query is None:
        return {kind: facts}
    jmespath = library("jmespath", "python3-jmespath")
    try:
        return {kind: facts, "result": jmespath.search(query, facts)}
    except jmespath.exceptions.JMESPathError as error:
        words = " ".join(str(error).split())
        raise Refused(f"query '{query}' is not a JMESPath expression ({words}); see jmespath.org.") from error
