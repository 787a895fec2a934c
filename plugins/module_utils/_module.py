# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The border with Ansible: common options in, one exit out."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ._discretion import documents, secrets, shown
from ._errors import KvmError
from ._plan import Outcome

Result = dict[str, Any]
Report = Callable[[Result], None]


def connection_options() -> dict[str, Any]:
    """Return the options of every module, as the doc fragment `connection` describes them."""
    return {"uri": {"type": "str", "default": "qemu:///system", "fallback": (env_fallback, ["LIBVIRT_DEFAULT_URI"])}}


def timeout_option(default: int = 120) -> dict[str, Any]:
    """Return the option for how many seconds a change may take."""
    return {"timeout": {"type": "int", "default": default}}


@contextmanager
def reporting(module: AnsibleModule) -> Iterator[Report]:
    """Give the body a function to report its result with, and make the module's one exit of it, or of its error."""
    reported: Result = {"changed": False}
    told = _invocation(module)
    try:
        yield reported.update
    except KvmError as error:
        module.fail_json(msg=str(error), **told)
    except Exception as error:  # the last line of defence: a defect of ours must still be a sentence to the user
        words = " ".join(f"{type(error).__name__}: {error}".split())
        module.fail_json(
            msg=f"A defect in kvmops.datacenter stopped this task ({words}); please report it with the output of -vvv.",
            exception=traceback.format_exc(),
            **told,
        )
    for warning in reported.pop("warnings", ()):
        module.warn(warning)
    if reported.get("failed"):
        module.fail_json(**reported, **told)
    module.exit_json(**reported, **told)


def _invocation(module: AnsibleModule) -> Result:
    """Return the arguments that a result shows, where Ansible must not show them as they are."""
    spec, params = module.argument_spec, module.params
    if not documents(spec, params):
        return {}
    module.no_log_values = secrets(spec, params)
    return {"invocation": {"module_args": shown(spec, params)}}


def single(outcome: Outcome, kind: str, diff: bool) -> Result:
    """Return the result of a module for one object; raise the error that stopped it."""
    if outcome.error:
        raise outcome.error
    result: Result = {
        "changed": outcome.changed,
        kind: facts_alone(outcome.facts),
        **({"observed": outcome.facts["observed"]} if "observed" in outcome.facts else {}),
        "plan": outcome.plan.lines(),
        "restart_required": outcome.plan.restart_required,
        **_warned([outcome]),
    }
    if diff:
        result["diff"] = outcome.plan.diff()
    return result


def facts_alone(facts: Mapping[str, Any]) -> Result:
    """Return an object in the words of the options, without what only can be observed of it."""
    return {name: value for name, value in facts.items() if name != "observed"}


def listed(kind: str, objects: Sequence[Mapping[str, Any]]) -> Result:
    """Return objects in the words of the options, and what only can be observed of them beside that, by name.

    The one is what can be given back to the modules; the other no option could take.
    """
    seen = {facts["name"]: facts["observed"] for facts in objects if "observed" in facts}
    return {kind: [facts_alone(facts) for facts in objects], **({"observed": seen} if seen else {})}


def many(outcomes: Sequence[Outcome], kind: str, diff: bool) -> Result:
    """Return the result of a module for many objects: the failed are named, the others are reported as done."""
    result: Result = {
        "changed": any(outcome.changed for outcome in outcomes if not outcome.error),
        **listed(kind, [outcome.facts for outcome in outcomes if not outcome.error]),
        "plan": [{"name": outcome.name, **line} for outcome in outcomes for line in outcome.plan.lines()],
        "restart_required": {o.name: o.plan.restart_required for o in outcomes if o.plan.restart_required},
        **_warned(outcomes),
    }
    if diff:
        result["diff"] = [outcome.plan.diff() for outcome in outcomes if outcome.changed]
    return {**result, **_failed(outcomes)}


def _warned(outcomes: Sequence[Outcome]) -> Result:
    warnings = [f"{outcome.name}: {warning}" for outcome in outcomes for warning in outcome.plan.warnings]
    return {"warnings": warnings} if warnings else {}


def _failed(outcomes: Sequence[Outcome]) -> Result:
    errors = {outcome.name: str(outcome.error) for outcome in outcomes if outcome.error}
    if not errors:
        return {}
    count = f"{len(errors)} of {len(outcomes)} failed, the others are done: "
    return {"failed": True, "errors": errors, "msg": (count if len(outcomes) > 1 else "") + " ".join(errors.values())}
