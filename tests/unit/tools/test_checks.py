# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the project's own checks complain about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_repo, docs_check
from tools.link import NAMESPACE, link_collection

HEADER = "\n".join(f"{line} 2026" if line.endswith(") ") else line for line in check_repo.HEADER)
FRAGMENTS = "[kvmops.datacenter.kvm.actiongroup, kvmops.datacenter.kvm.attributes, kvmops.datacenter.kvm.connection]"


def write(file: Path, text: str = "") -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("see https://docs.example.org", None),
        ("https://py" + "pi.org/simple", "names the host of a package registry"),
        ("http://deb.deb" + "ian.org", "names the host of a package registry"),
        ("# TO" + "DO later", "an unfinished spot"),
        ("x = 1  # no" + "qa: E501", "a silenced linter"),
        ("x = 1  # type: ig" + "nore[misc]", "a silenced linter"),
        ("@pytest.mark.sk" + "ip", "a test that may not run"),
        ("  ignore_er" + "rors: true", "an ignored error"),
        ("/some/folder/checkout/x", "names a folder of this machine"),
    ],
)
def test_words_that_do_not_belong_here(text: str, problem: str | None) -> None:
    found = list(check_repo.word_problems("f", text, Path("/some/folder/checkout")))
    assert found == ([f"f: {problem}"] if problem else [])


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.py", HEADER, 0),
        ("a.py", "#!/usr/bin/python\n" + HEADER, 0),
        ("a.py", "import os\n", 1),
        ("a.py", "", 0),
        ("a.md", "text", 0),
    ],
)
def test_the_licence_header(name: str, text: str, count: int) -> None:
    assert len(list(check_repo.header_problems(name, text))) == count


def test_large_files_are_found(tmp_path: Path) -> None:
    write(tmp_path / "large.txt", "x" * (check_repo.LARGEST + 1))
    assert list(check_repo.file_problems(tmp_path, ["large.txt"])) == ["large.txt: 300 KiB, more than 300"]


def test_modules_and_the_action_group_must_agree(tmp_path: Path) -> None:
    write(tmp_path / "meta/runtime.yml", "action_groups: {kvm: [kvm_one, kvm_three]}")
    for name in ("kvm_one", "kvm_two"):
        write(tmp_path / f"plugins/modules/{name}.py")
    assert list(check_repo.action_group_problems(tmp_path)) == [
        "meta/runtime.yml: kvm_two is missing in the action group",
        "meta/runtime.yml: the action group names kvm_three, no module",
    ]


def test_every_module_that_makes_something_has_a_task_in_site(tmp_path: Path) -> None:
    write(
        tmp_path / "playbooks/site.yml",
        "[{tasks: [{name: Make it, kvmops.datacenter.kvm_one: {}}]}, {ansible.builtin.import_playbook: provision.yml}]",
    )
    inside = "{block: [{kvmops.datacenter.kvm_three: {}}], always: [{block: [{kvmops.datacenter.kvm_four: {}}]}]}"
    write(tmp_path / "roles/storage/tasks/main.yml", f"[{{kvmops.datacenter.kvm_five: {{}}}}, {inside}]")
    others = ("kvm_two_info", "kvm_three", "kvm_four", "kvm_five", "kvm_vm", "kvm_fleet", "kvm_volume")
    for name in ("kvm_one", "kvm_two", *others):
        write(tmp_path / f"plugins/modules/{name}.py")
    assert list(check_repo.site_problems(tmp_path)) == ["playbooks/site.yml: there is no task of kvm_two"]


def test_every_module_has_a_row_in_the_readme(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "`kvm_two` is there.\n\n| one | `kvm_one`, `kvm_two_info` |\n")
    for name in ("kvm_one", "kvm_two", "kvm_two_info"):
        write(tmp_path / f"plugins/modules/{name}.py")
    assert list(check_repo.readme_problems(tmp_path)) == ["README.md: no row of a table names kvm_two"]


def test_modules_must_extend_the_shared_documentation(tmp_path: Path) -> None:
    documentation = f'DOCUMENTATION = r"""\nextends_documentation_fragment: {FRAGMENTS}\n"""\n'
    for name in ("kvm_one", "kvm_one_info"):
        write(tmp_path / f"plugins/modules/{name}.py", documentation)
    assert list(check_repo.fragment_problems(tmp_path)) == [
        "kvm_one_info: the documentation does not extend the fragment kvmops.datacenter.kvm.info_attributes"
    ]


def test_roles_need_a_page_an_interface_and_a_scenario(tmp_path: Path) -> None:
    write(tmp_path / "roles/vm_fleet/README.md")
    assert list(check_repo.role_problems(tmp_path)) == [
        "roles/vm_fleet: meta/argument_specs.yml is missing",
        "roles/vm_fleet: there is no Molecule scenario of this name",
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[a](other.md) [b](other.md#a-heading-here) [c](https://example.org/x) [d](#top)\n# Top", []),
        ("[a](absent.md)", ["the link absent.md leads nowhere"]),
        ("[a](other.md#elsewhere)", ["the link other.md#elsewhere names a heading that is not there"]),
        ("`playbooks/site.yml`, `tests/lab/`", ["names tests/lab/, which is not there"]),
        ("kvmops.datacenter.kvm_vm kvmops.datacenter.kvm kvmops.datacenter.vm_fleet", []),
        ("kvmops.datacenter.site kvmops.datacenter.kvm_x", ["names kvmops.datacenter.kvm_x, which is not there"]),
        ("`make test`\n\n    make lint test   # quick\n", ["names make lint, which is no target"]),
        ('```yaml title="playbooks/site.yml"\n---\n```\n', []),
        ('```yaml title="playbooks/site.yml"\n- x\n```\n', ["shows playbooks/site.yml, which reads differently"]),
        ('```yaml title="no.yml"\n---\n```\n', ["shows no.yml, which is not there"]),
    ],
)
def test_pages_must_name_and_show_what_is_there(tmp_path: Path, text: str, problems: list[str]) -> None:
    write(tmp_path / "Makefile", "test: venv\n\ttrue\n")
    write(tmp_path / "other.md", "# A heading, *here*\n")
    write(tmp_path / "playbooks/site.yml", "---\n")
    for plugin in ("plugins/modules/kvm_vm.py", "plugins/inventory/kvm.py", "roles/vm_fleet/README.md"):
        write(tmp_path / plugin)
    write(tmp_path / "page.md", text)
    assert list(docs_check.page_problems(tmp_path, tmp_path / "page.md")) == problems


@pytest.mark.parametrize("name", ["checkout", "odd name-1"])
def test_a_checkout_of_any_name_is_linked(tmp_path: Path, name: str) -> None:
    write(tmp_path / name / "galaxy.yml", "here")
    base = link_collection(tmp_path / name)
    assert base.joinpath(*NAMESPACE, "galaxy.yml").read_text() == "here"
    assert link_collection(tmp_path / name) == base


def test_a_link_of_a_moved_checkout_is_mended(tmp_path: Path) -> None:
    link = tmp_path.joinpath(".cache", "collections", *NAMESPACE)
    link.parent.mkdir(parents=True)
    link.symlink_to("nowhere")
    write(tmp_path / "galaxy.yml", "here")
    link_collection(tmp_path)
    assert (link / "galaxy.yml").read_text() == "here"


def test_a_checkout_at_its_place_needs_no_link(tmp_path: Path) -> None:
    root = tmp_path.joinpath(*NAMESPACE)
    root.mkdir(parents=True)
    assert link_collection(root) == tmp_path
    assert not (root / ".cache").exists()
