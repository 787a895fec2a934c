# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Ignition configuration: what one is, where it is kept, when it is written, and that it is shown nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._libs import etree
from ansible_collections.kvmops.datacenter.plugins.module_utils._storage.changes import WriteVolume
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import Configure, DefineVm, SetRecord
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.ignition import ignition_path, ignition_text
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml

from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, spec, state, summaries, volume

EMPTY: dict[str, Any] = {"ignition": {"version": "3.3.0"}}
SECRET = {**EMPTY, "passwd": {"users": [{"name": "core", "passwordHash": "hunter2"}]}}
PATH = "/pool/web01-ignition.ign"
ENTRY = f"<entry name='opt/com.coreos/config' file='{PATH}'/>"
FWCFG = f"<sysinfo type='fwcfg'>{ENTRY}</sysinfo>"
SMBIOS = "<sysinfo type='smbios'><bios><entry name='vendor'>v</entry></bios></sysinfo>"

TEXTS: list[tuple[Any, str]] = [
    ("", ""),
    ({}, ""),
    (EMPTY, '{"ignition": {"version": "3.3.0"}}'),
    ('{"ignition":\n{"version":"3.3.0"}}', '{"ignition": {"version": "3.3.0"}}'),
    ({"b": 1, **EMPTY}, '{"b": 1, "ignition": {"version": "3.3.0"}}'),
    ({"storage": {"text": "ü\u0001"}, **EMPTY}, '{"ignition": {"version": "3.3.0"}, "storage": {"text": "ü\\u0001"}}'),
]


@pytest.mark.parametrize(("given", "text"), TEXTS)
def test_a_configuration_is_the_same_text_however_it_is_written(given: Any, text: str) -> None:
    written = ignition_text(given)
    assert (json.loads(written) if written else "") == (json.loads(text) if text else "")
    assert written == (ignition_text(json.loads(text)) if text else "")


REFUSED: list[tuple[Any, str]] = [
    ("{", r"ignition is no JSON \(line 1\)"),
    ('{\n"hunter2', r"ignition is no JSON \(line 2\)"),
    ("variant: fcos\nversion: 1.5.0", "ignition is no JSON"),
    ("[]", "ignition is no Ignition configuration"),
    (["hunter2"], "ignition is no Ignition configuration"),
    ({"variant": "fcos", "version": "1.5.0"}, "ignition is no Ignition configuration"),
    ({"passwd": "hunter2"}, "ignition does not say its version"),
    ({"ignition": "3.3.0"}, "ignition does not say its version"),
    ({"ignition": {"version": 3.3}}, "ignition does not say its version"),
]


@pytest.mark.parametrize(("given", "why"), REFUSED)
def test_what_is_no_configuration_is_refused_and_not_shown(given: Any, why: str) -> None:
    with pytest.raises(Refused, match=f"VM 'web01': {why}") as refusal:
        spec(ignition=given)
    assert "hunter2" not in str(refusal.value)


WRITE = "write ignition configuration to volume web01-ignition.ign in pool default"
NOTE = "note the content of the ignition configuration"
BEGUN = "note that default/web01-ignition.ign is being made"
SET = "set ignition configuration none -> web01-ignition.ign"
UNSET = "set ignition configuration web01-ignition.ign -> none"
FORGET = "forget the content of the ignition configuration"
DELETE = "delete volume web01-ignition.ign of pool default"
TINY = "create volume web01-root.qcow2 in pool default (96MiB qcow2 on /pool/tiny+1.template.qcow2)"
SEED = "write cloud-init seed to volume web01-seed.iso in pool default"
THERE = Table(volumes=(volume("web01-ignition.ign", kind="raw"),))


def marked(content: Any, power: str = "stopped") -> VmState:
    """Return a VM that was told this, as its record says."""
    changes = planned(state(), Table(), ignition=content).changes
    (mark,) = [change.value for change in changes if isinstance(change, SetRecord) and change.summary == NOTE]
    inside = f"<metadata><k:vm xmlns:k='urn:kvmops:datacenter:1'><k:ignition fingerprint='{mark}'/></k:vm></metadata>"
    return state("", inside + FWCFG, power)


PLANS: list[tuple[VmState | None, dict[str, Any], list[str], list[str]]] = [
    (None, {"ignition": EMPTY}, ["define VM (1 vCPU, 1GiB, qemu)", WRITE, "complete VM (ignition)"], []),
    (
        None,
        {"ignition": EMPTY, "template": "tiny"},
        ["define VM (1 vCPU, 1GiB, qemu, from template tiny:1)", TINY, WRITE, "complete VM (root, ignition)"],
        [],
    ),
    (
        None,
        {"ignition": EMPTY, "template": "tiny", "cloud_init": {}},
        [
            "define VM (1 vCPU, 1GiB, qemu, from template tiny:1)",
            TINY,
            SEED,
            WRITE,
            "complete VM (root, seed, ignition)",
        ],
        [],
    ),
    (None, {"ignition": ""}, ["define VM (1 vCPU, 1GiB, qemu)"], []),
    (state(), {"ignition": EMPTY}, [BEGUN, WRITE, NOTE, SET], []),
    (
        state(power="running"),
        {"ignition": EMPTY},
        [BEGUN, WRITE, NOTE, f"{SET} [next_boot]"],
        ["ignition configuration is none and will be web01-ignition.ign"],
    ),
    (state(), {"ignition": {}}, [], []),
    (marked(EMPTY), {"ignition": EMPTY}, [], []),
    (marked(EMPTY), {}, [], []),
    (marked(EMPTY), {"ignition": SECRET}, [WRITE, NOTE], []),
    (
        marked(EMPTY, "running"),
        {"ignition": SECRET},
        [WRITE, NOTE],
        ["ignition configuration is read when QEMU starts"],
    ),
    (marked(EMPTY, "running"), {"ignition": EMPTY}, [], []),
    (marked(EMPTY, "running"), {"ignition": SECRET, "state": "restarted"}, [WRITE, NOTE, "shut down", "start"], []),
    (marked(EMPTY), {"ignition": ""}, [FORGET, UNSET, DELETE], []),
    (
        marked(EMPTY, "running"),
        {"ignition": ""},
        [FORGET, f"{UNSET} [next_boot]", DELETE],
        ["ignition configuration is web01-ignition.ign and will be none"],
    ),
    (
        marked(EMPTY),
        {"state": "absent"},
        [
            "note what is to be deleted (web01-ignition.ign)",
            "undefine VM",
            DELETE,
            "forget the note of what was to be deleted",
        ],
        [],
    ),
]


@pytest.mark.parametrize(("current", "params", "lines", "reasons"), PLANS)
def test_the_plan(current: VmState | None, params: dict[str, Any], lines: list[str], reasons: list[str]) -> None:
    there = current is not None and bool(ignition_path(current.config))
    plan = planned(current, THERE if there else Table(), **params)
    assert summaries(plan) == lines
    assert plan.restart_required == reasons


@pytest.mark.parametrize("current", [None, state(), marked(EMPTY)])
def test_what_it_says_is_written_and_shown_nowhere(current: VmState | None) -> None:
    plan = planned(current, THERE if current and ignition_path(current.config) else Table(), ignition=SECRET)
    (write,) = [change for change in plan.changes if isinstance(change, WriteVolume)]
    assert json.loads(write.content) == SECRET
    assert write.mode == "0600"
    assert "hunter2" not in f"{plan!r} {plan.lines()} {plan.diff()} {spec(ignition=SECRET)!r}"


def test_it_is_kept_among_files() -> None:
    with pytest.raises(Refused, match="VM 'web01': pool 'lvm' is one of block devices"):
        planned(None, Table(), ignition=EMPTY, pool="lvm")


def test_a_file_that_no_active_pool_knows_is_not_written_elsewhere() -> None:
    with pytest.raises(Refused, match=r"no active pool knows /pool/web01-ignition\.ign of its ignition configuration"):
        planned(marked(EMPTY), Table(), ignition=SECRET)


# What is there of sysinfo, and what there is with a file and without one.
TABLES: list[tuple[str, str, str | None]] = [
    ("", FWCFG, ""),
    (SMBIOS, SMBIOS + FWCFG, SMBIOS),
    (FWCFG, FWCFG, ""),
    (SMBIOS + FWCFG, SMBIOS + FWCFG, SMBIOS),
    (
        "<sysinfo type='fwcfg'><entry name='opt/a'>b</entry></sysinfo>",
        f"<sysinfo type='fwcfg'><entry name='opt/a'>b</entry>{ENTRY}</sysinfo>",
        "<sysinfo type='fwcfg'><entry name='opt/a'>b</entry></sysinfo>",
    ),
    (FWCFG.replace(ENTRY, "<entry name='opt/com.coreos/config'>text</entry>"), FWCFG, None),
]  # fmt: skip


def sysinfo(tree: Any) -> str:
    return "".join(etree.tostring(node, method="c14n").decode() for node in tree.iterfind("sysinfo"))


@pytest.mark.parametrize(("there", "told", "untold"), TABLES)
def test_only_its_own_entry_is_touched(there: str, told: str, untold: str | None) -> None:
    for content, wanted in ((EMPTY, told), ("", untold)):
        current = state("", there)
        plan = planned(current, THERE if ignition_path(current.config) else Table(), ignition=content)
        trees = [change.wish.edited(current.config)[0] for change in plan.changes if isinstance(change, Configure)]
        expected = there if wanted is None else wanted
        assert sysinfo(trees[0] if trees else current.config) == sysinfo(domain(inside=expected))


def test_libvirts_schema_takes_it() -> None:
    schema = etree.RelaxNG(etree.parse(str(Path("/usr/share/libvirt/schemas/domain.rng"))))
    for change in planned(None, Table(), template="tiny", ignition=EMPTY).changes:
        if isinstance(change, DefineVm):
            schema.assertValid(parse_xml(change.xml))
