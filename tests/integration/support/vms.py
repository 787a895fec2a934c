# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One VM of the lab as a test handles it: wanted by the module, seen by libvirt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from tests.integration.support.fixtures import succeed
from tests.integration.support.lab import Lab
from tests.integration.support.modules import Modules


def plan(result: dict[str, Any]) -> list[str]:
    """Return the summaries of a plan."""
    return [line["summary"] for line in succeed(result)["plan"]]


@dataclass(frozen=True)
class Vm:
    """A VM by its name, which need not be there yet."""

    lab: Lab
    modules: Modules
    host: str
    name: str

    def want(self, check: bool = False, diff: bool = False, **options: Any) -> dict[str, Any]:
        """Run kvm_vm, which must not fail."""
        return succeed(self.modules(self.host, "kvm_vm", check=check, diff=diff, name=self.name, **options))

    def refuse(self, **options: Any) -> str:
        """Run kvm_vm, which must fail, and return its sentence."""
        result = self.modules(self.host, "kvm_vm", name=self.name, **options)
        assert result["failed"], result
        assert "exception" not in result, result
        return str(result["msg"])

    def want_twice(self, **options: Any) -> dict[str, Any]:
        """Run kvm_vm in check mode, for real, and again: the plan is kept to, and then nothing is left to do."""
        checked = self.want(check=True, **options)
        made = self.want(**options)
        assert plan(made) == plan(checked)
        assert made["changed"] == checked["changed"] == bool(made["plan"])
        again = self.want(**options)
        assert plan(again) == []
        assert not again["changed"]
        return made

    @property
    def domain(self) -> Any:
        """Return the virDomain."""
        return self.lab.domain(self.host, self.name)

    @property
    def xml(self) -> str:
        """Return the configuration."""
        return self.lab.domain_xml(self.host, self.name)

    @property
    def tree(self) -> Any:
        """Return the configuration as a tree."""
        return etree.fromstring(self.xml)

    @property
    def live(self) -> Any:
        """Return the running VM's description as a tree."""
        return etree.fromstring(self.domain.XMLDesc(0))

    def files(self) -> list[str]:
        """Return the volumes that carry the VM's name, as pool/name."""
        return [
            place for place in self.lab.names(self.host)["volumes"] if place.partition("/")[2].startswith(self.name)
        ]


def canonical(xml: str) -> str:
    """Return XML in its canonical form, in which only what means something differs."""
    return str(etree.canonicalize(xml, strip_text=True))


@pytest.fixture
def vm(lab: Lab, lab_module: Modules, ready: str, prefix: str) -> Vm:
    """A VM that is not there before and after the test."""
    return Vm(lab, lab_module, ready, f"{prefix}a")
