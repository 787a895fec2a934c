# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pools of a cluster as an inventory describes them: which of them hosts share, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._errors import Refused
from ...module_utils._storage.pool_spec import pool_options

ROLES = ("images", "templates", "iso", "backup")
# What an entry says beside the options of kvm_pool.
OWN = ("shared", "role", "read_only")

Pool = Mapping[str, Any]


def described(pools: Sequence[Pool]) -> dict[str, Any]:
    """Return what follows from the entries for pools; Refused, in one sentence, where one of them makes no sense.

    `pools` are all of them, `shared` those that hosts share, `checked` those of them that are to be compared between
    hosts, in the words of kvm_pool_check, and `roles` the first pool of each role.
    """
    _check_all(pools)
    shared = [pool for pool in pools if _says(pool, "shared")]
    roles = {pool["role"]: pool["name"] for pool in reversed(pools) if pool.get("role") and not _goes(pool)}
    return {
        "pools": list(pools),
        "shared": shared,
        "checked": [
            {"name": pool["name"], "read_only": _says(pool, "read_only")}
            for pool in shared
            if pool.get("state") in (None, "active")
        ],
        "roles": roles,
    }


def _says(pool: Pool, word: str) -> bool:
    return bool(boolean(pool.get(word) or False, strict=False))


def _goes(pool: Pool) -> bool:
    return pool.get("state") == "absent"


def _check_all(pools: Sequence[Pool]) -> None:
    names: set[str] = set()
    for pool in pools:
        _check(pool)
        if pool["name"] in names:
            raise Refused(f"Pool '{pool['name']}' is described twice; leave one of its entries.")
        names.add(pool["name"])


def _check(pool: Pool) -> None:
    if not isinstance(pool, Mapping) or not pool.get("name"):
        raise Refused(f"The entry {str(pool)[:60]!r} of the pools has no name; give it one.")
    known = (*pool_options(), *OWN)
    for word in pool:
        if word not in known:
            near = get_close_matches(str(word), known, n=1)
            advice = f"write {near[0]}" if near else "leave it out"
            raise Refused(f"Pool '{pool['name']}' says '{word}', which is nothing of a pool; {advice}.")
    role = pool.get("role")
    if role is not None and role not in ROLES:
        raise Refused(f"Pool '{pool['name']}' has the role '{role}'; choose {', '.join(ROLES[:-1])} or {ROLES[-1]}.")
