# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The border with Ansible: every way out of a module is one exit with a sentence."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import KvmError, Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._hypervisor import Hypervisor
from ansible_collections.kvmops.datacenter.plugins.module_utils._module import many, reporting, single
from ansible_collections.kvmops.datacenter.plugins.module_utils._plan import Change, Outcome, Plan


class Exit(Exception):
    """What a module ended with."""

    def __init__(self, failed: bool, result: dict[str, Any]) -> None:
        super().__init__(result)
        self.failed = failed
        self.result = result


class FakeModule:
    """As much of AnsibleModule as the border touches."""

    def __init__(self, spec: dict[str, Any] | None = None, **params: Any) -> None:
        self.argument_spec = spec or {}
        self.params = params
        self.no_log_values = set(map(str, params.values()))

    def exit_json(self, **result: Any) -> NoReturn:
        raise Exit(False, result)

    def fail_json(self, **result: Any) -> NoReturn:
        raise Exit(True, result)


class Named(Change):
    """A change that is only a name."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def summary(self) -> str:
        return self.name

    @property
    def difference(self) -> tuple[str, Any, Any]:
        return (self.name, 1, 2)

    def carry_out(self, host: Hypervisor) -> None:
        raise NotImplementedError


def ended(result: dict[str, Any] | None = None, error: Exception | None = None) -> Exit:
    module: Any = FakeModule()
    with pytest.raises(Exit) as end:
        run(module, result or {}, error)
    return end.value


def run(module: Any, result: dict[str, Any], error: Exception | None) -> None:
    with reporting(module) as report:
        if error:
            raise error
        report(result)


def test_a_result_is_reported_once() -> None:
    end = ended({"changed": True, "vm": {"name": "a"}})
    assert (end.failed, end.result) == (False, {"changed": True, "vm": {"name": "a"}})


def test_without_a_word_nothing_changed() -> None:
    assert ended().result == {"changed": False}


@pytest.mark.parametrize("kind", [KvmError, Refused])
def test_an_error_is_its_sentence(kind: type[KvmError]) -> None:
    end = ended(error=kind("VM 'a' is odd; make it even."))
    assert (end.failed, end.result) == (True, {"msg": "VM 'a' is odd; make it even."})


def test_a_defect_is_a_sentence_too_and_keeps_its_traceback_apart() -> None:
    end = ended(error=ZeroDivisionError("by\nzero"))
    assert end.failed
    assert end.result["msg"] == (
        "A defect in kvmops.datacenter stopped this task (ZeroDivisionError: by zero); please report it with the "
        "output of -vvv."
    )
    assert "test_module.py" in end.result["exception"]


PLAN = Plan("a", [Named("one"), Named("two")], ["memory is 1GiB and will be 2GiB"], ["kept /p/x: it is shared."])
LINES = [{"summary": "one", "when": "now"}, {"summary": "two", "when": "now"}]
DIFF = {
    "before_header": "a",
    "after_header": "a",
    "before": {"one": 1, "two": 1},
    "after": {"one": 2, "two": 2},
}


@pytest.mark.parametrize("diff", [False, True])
def test_the_result_for_one(diff: bool) -> None:
    result = single(Outcome("a", PLAN, {"name": "a"}), "vm", diff)
    assert result == {
        "changed": True,
        "vm": {"name": "a"},
        "plan": LINES,
        "restart_required": ["memory is 1GiB and will be 2GiB"],
        "warnings": ["a: kept /p/x: it is shared."],
        **({"diff": DIFF} if diff else {}),
    }


def test_the_result_for_one_that_is_as_wanted() -> None:
    assert single(Outcome("a", Plan("a"), {"name": "a"}), "vm", diff=False) == {
        "changed": False,
        "vm": {"name": "a"},
        "plan": [],
        "restart_required": [],
    }


def test_the_error_of_one_is_raised() -> None:
    with pytest.raises(KvmError, match=r"^No\.$"):
        single(Outcome("a", PLAN, error=KvmError("No.")), "vm", diff=True)


def test_the_result_for_many() -> None:
    result = many([Outcome("a", PLAN, {"name": "a"}), Outcome("b", Plan("b"), {"name": "b"})], "vms", diff=True)
    assert result == {
        "changed": True,
        "vms": [{"name": "a"}, {"name": "b"}],
        "plan": [{"name": "a", **line} for line in LINES],
        "restart_required": {"a": ["memory is 1GiB and will be 2GiB"]},
        "warnings": ["a: kept /p/x: it is shared."],
        "diff": [DIFF],
    }


FAILED = Outcome("b", Plan("b"), error=KvmError("VM 'b' is odd."))


def test_many_of_which_one_failed() -> None:
    result = many([Outcome("a", PLAN, {"name": "a"}), FAILED], "vms", diff=False)
    assert result["failed"] is True
    assert result["errors"] == {"b": "VM 'b' is odd."}
    assert result["msg"] == "1 of 2 failed, the others are done: VM 'b' is odd."
    assert result["vms"] == [{"name": "a"}]
    assert result["changed"] is True


def test_a_list_of_one_that_failed_is_its_sentence() -> None:
    assert many([FAILED], "vms", diff=False)["msg"] == "VM 'b' is odd."
    end = ended(many([FAILED], "vms", diff=False))
    assert (end.failed, end.result["msg"]) == (True, "VM 'b' is odd.")


SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "word": {"type": "str", "no_log": True},
    "plain": {"no_log": True},
    "open": {"type": "list", "elements": "str", "no_log": False},
    "doc": {"type": "raw", "no_log": True},
    "one": {"type": "dict", "options": {"doc": {"type": "dict", "no_log": True}, "word": {"no_log": True}}},
    "many": {"type": "list", "elements": "dict", "options": {"doc": {"type": "list", "no_log": True}}},
}
# Parameters, what is shown of them (None where Ansible does that itself), what is blanked out everywhere.
PARAMETERS: list[tuple[dict[str, Any], dict[str, Any] | None, set[str]]] = [
    ({"name": "a", "word": "hunter2", "doc": None}, None, {"a", "hunter2", "None"}),
    ({"doc": {"user": "root"}}, {"doc": "(hidden)"}, set()),
    ({"doc": "text", "name": "a"}, {"doc": "(hidden)", "name": "a"}, set()),
    ({"doc": [1], "word": "x", "plain": "y"}, {"doc": "(hidden)", "word": "(hidden)", "plain": "(hidden)"}, {"x", "y"}),
    (
        {"one": {"doc": {"a": "b"}, "word": "x"}, "open": ["k"]},
        {"one": {"doc": "(hidden)", "word": "(hidden)"}, "open": ["k"]},
        {"x"},
    ),
    ({"many": [{"doc": ["a"]}, {"doc": None}]}, {"many": [{"doc": "(hidden)"}, {"doc": None}]}, set()),
    ({"one": {"doc": None, "word": None}, "many": []}, None, {"{'doc': None, 'word': None}", "[]"}),
    ({"unknown": 1, "doc": {}}, {"unknown": 1, "doc": "(hidden)"}, set()),
]


@pytest.mark.parametrize(("params", "told", "blanked"), PARAMETERS)
@pytest.mark.parametrize("error", [None, KvmError("no"), ValueError("no")])
def test_documents_are_not_shown_and_their_words_not_blanked_out(
    params: dict[str, Any], told: dict[str, Any] | None, blanked: set[str], error: Exception | None
) -> None:
    module: Any = FakeModule(SPEC, **params)
    with pytest.raises(Exit) as end:
        run(module, {}, error)
    assert end.value.result.get("invocation") == (None if told is None else {"module_args": told})
    assert module.no_log_values == blanked
