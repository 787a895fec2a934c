# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one host sees of pools that it shares with others: the steps of a check that all of them take together.

A pool that fails in a step is told of, and does not keep the others from being looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Callable

from .._errors import KvmError
from .._hypervisor import Hypervisor, speaking_of
from .._values import dataclass
from .marks import missing_marks, new_mark, remove_marks, takes_marks, volumes_of, write_mark
from .pool_state import pool_facts, read_pool

Params = Mapping[str, Any]
Facts = dict[str, Any]

_SAID = ("name", "state", "type", "target")


def check_options() -> dict[str, Any]:
    """Return the options of kvm_pool_check."""
    pool = {"name": {"type": "str", "required": True}, "read_only": {"type": "bool", "default": False}}
    mark = {"pool": {"type": "str", "required": True}, "name": {"type": "str", "required": True}}
    return {
        "step": {"type": "str", "choices": list(STEPS), "required": True},
        "pools": {"type": "list", "elements": "dict", "required": True, "options": pool},
        "marks": {"type": "list", "elements": "dict", "default": [], "options": mark},
        "timeout": {"type": "int", "default": 60},
    }


@dataclass(frozen=True)
class Question:
    """What a step is asked: of which pools, those of them that are only read, and which marks are spoken of."""

    names: Sequence[str]
    read_only: frozenset[str]
    marks: Sequence[Mapping[str, str]]
    timeout: float
    dry_run: bool

    @classmethod
    def from_params(cls, params: Params, dry_run: bool) -> Question:
        """Return what a module's options ask."""
        pools = params["pools"]
        names = tuple(dict.fromkeys(pool["name"] for pool in pools))
        only_read = frozenset(pool["name"] for pool in pools if pool["read_only"])
        return cls(names, only_read, params["marks"], params["timeout"], dry_run)

    def marks_in(self, pool: str) -> list[str]:
        """Return the names of the marks of a pool."""
        return [mark["name"] for mark in self.marks if mark["pool"] == pool]


def check_pools(host: Hypervisor, params: Params, dry_run: bool) -> Facts:
    """Take one step, and return what it tells."""
    question = Question.from_params(params, dry_run)
    facts = [pool_facts(read_pool(host, name), name) for name in question.names]
    active = [pool["name"] for pool in facts if pool["state"] == "active"]
    pools = [{key: pool[key] for key in _SAID if key in pool} for pool in facts]
    return {"pools": pools, **STEPS[params["step"]](host, question, active)}


def _write(host: Hypervisor, question: Question, active: Sequence[str]) -> Facts:
    """Leave a mark in each pool that is written."""
    mark = new_mark()
    marks: list[dict[str, str]] = []
    errors: dict[str, str] = {}
    for pool in () if question.dry_run else active:
        with _noted(errors, pool):
            if pool not in question.read_only and takes_marks(host, pool):
                write_mark(host, pool, mark)
                marks.append({"pool": pool, "name": mark})
    return {"marks": marks, "errors": errors}


def _read(host: Hypervisor, question: Question, active: Sequence[str]) -> Facts:
    """Look for the marks of all hosts, and tell what is in pools that nobody writes."""
    missing: list[dict[str, str]] = []
    volumes: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    for pool in active:
        with _noted(errors, pool):
            if pool in question.read_only or not takes_marks(host, pool):
                volumes[pool] = volumes_of(host, pool)
            else:
                unseen = missing_marks(host, pool, question.marks_in(pool), question.timeout)
                missing += [{"pool": pool, "name": mark} for mark in unseen]
    return {"missing": missing, "volumes": volumes, "errors": errors}


def _remove(host: Hypervisor, question: Question, active: Sequence[str]) -> Facts:
    """Take the marks away, and those that nobody else will."""
    errors: dict[str, str] = {}
    for pool in () if question.dry_run else active:
        with _noted(errors, pool):
            if pool not in question.read_only and takes_marks(host, pool):
                remove_marks(host, pool, question.marks_in(pool))
    left = [f"A mark stays in pool '{pool}': {error}; the next run removes it." for pool, error in errors.items()]
    return {"errors": errors, "warnings": left}


@contextmanager
def _noted(errors: dict[str, str], pool: str) -> Iterator[None]:
    """Keep the sentence of an error with its pool, and go on."""
    try:
        with speaking_of("libvirt cannot look at it"):
            yield
    except KvmError as error:
        errors[pool] = str(error).rstrip(".")


STEPS: dict[str, Callable[[Hypervisor, Question, Sequence[str]], Facts]] = {
    "write": _write,
    "read": _read,
    "remove": _remove,
}
