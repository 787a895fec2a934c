# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks: parts of XML and a stylesheet, put into the description of a VM as the last step before libvirt sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._metadata import NAMESPACE, read_record, record_xml
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.changes import Configure, DefineVm
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.hooks import contains
from ansible_collections.kvmops.datacenter.plugins.module_utils._vm.state import VmState
from ansible_collections.kvmops.datacenter.plugins.module_utils._xml import parse_xml, to_xml

from tests.unit.plugins.module_utils._vm.table import Table, domain, planned, spec, state, summaries

QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
ARG = "<qemu:commandline><qemu:arg value='-foo'/></qemu:commandline>"
SHOWN_ARG = f'<qemu:commandline xmlns:qemu="{QEMU}"><qemu:arg value="-foo"/></qemu:commandline>'
CARD = "<interface type='bridge'><source bridge='br{0}'/><alias name='ua-br{0}'/></interface>"
STYLE = """<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:k="NAMESPACE">
<xsl:output indent="yes"/>
<xsl:template match="@*|node()"><xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy></xsl:template>
MORE
</xsl:stylesheet>""".replace("NAMESPACE", NAMESPACE)


EXSLT = 'xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl"'


def style(*templates: str) -> str:
    """Return a stylesheet that copies everything but what these templates say."""
    return STYLE.replace("MORE", "\n".join(templates))


def template(match: str, inside: str) -> str:
    return f'<xsl:template match="{match}">{inside}</xsl:template>'


def xml(text: str, xpath: str = "/domain/devices", **more: Any) -> dict[str, Any]:
    return {"xpath": xpath, "xml": text, **more}


def attribute(name: str, value: str | None = None, xpath: str = "/domain/vcpu", **more: Any) -> dict[str, Any]:
    return {"xpath": xpath, "attribute": name, "value": value, **more}


def after(current: VmState, **params: Any) -> VmState:
    """Return a VM as it is after its plan was carried out; a Configure is what writes a description."""
    changes = planned(current, **params).changes
    written = [change.wish.edited(current.config)[0] for change in changes if isinstance(change, Configure)]
    return VmState("web01", parse_xml(text_of(written[0])) if written else current.config)


def text_of(tree: Any) -> str:
    return to_xml(tree)


PARTS: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("", [], []),
    ("", [xml("<foo/>")], ["set /domain/devices/foo none -> <foo/>"]),
    ("<foo/>", [xml("<foo/>")], []),
    ("<foo a='1'/>", [xml("<foo/>")], []),
    ("<foo/>", [xml("<foo a='1'/>")], ["set /domain/devices/foo[2] none -> <foo a=\"1\"/>"]),
    ("<foo><a/><b>x</b><address/></foo>", [xml(" <foo><b> x </b></foo>\n")], []),
    ("<foo><b>y</b></foo>", [xml("<foo><b>x</b></foo>")], ["set /domain/devices/foo[2] none -> <foo><b>x</b></foo>"]),
    ("<foo/>", [xml("<foo/>", state="absent")], ["set /domain/devices/foo <foo/> -> none"]),
    (
        "<foo a='1'/><foo/><bar/>",
        [xml("<foo/>", state="absent")],
        ["set /domain/devices/foo[1] <foo a=\"1\"/> -> none", "set /domain/devices/foo[2] <foo/> -> none"],
    ),
    ("", [xml("<foo/>", state="absent"), xml("<foo/>", "//nothing", state="absent")], []),
    ("", [xml("<a/>"), xml("<b/>")], ["set /domain/devices/a none -> <a/>", "set /domain/devices/b none -> <b/>"]),
    ("", [xml(ARG, "/domain")], [f"set /domain/qemu:commandline none -> {SHOWN_ARG}"]),
    ("", [attribute("placement", "static")], ["set /domain/vcpu/@placement none -> static"]),
    ("", [attribute("type", "kvm", "/domain")], ["set /domain/@type qemu -> kvm"]),
    ("", [attribute("type", "qemu", ".")], []),
    ("", [attribute("type", None, "/domain/os/type", state="absent")], []),
    ("<foo a='1'/>", [attribute("a", None, "//foo", state="absent")], ["set /domain/devices/foo/@a 1 -> none"]),
    ("<foo a='1'/>", [attribute("a", "2", "//foo", state="absent")], []),
    (
        "<foo a='1'/><foo/>",
        [attribute("b", "2", "//foo[not(@a)]"), attribute("c", "3", "//foo")],
        ["set /domain/devices/foo[1]/@c none -> 3", "set /domain/devices/foo[2]/@b none -> 2",
         "set /domain/devices/foo[2]/@c none -> 3"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("devices", "parts", "lines"), PARTS)
def test_parts_are_put_in_once(devices: str, parts: list[dict[str, Any]], lines: list[str]) -> None:
    current = state(devices)
    assert summaries(planned(current, extra_xml=parts)) == lines
    assert summaries(planned(after(current, extra_xml=parts), extra_xml=parts)) == []


# What an earlier run was told, what this one is told, what it does.
LATER: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]] | None, list[str]]] = [
    ("", [xml("<foo/>")], None, []),
    ("", [xml("<foo/>")], [], ["set /domain/devices/foo <foo/> -> none"]),
    ("", [xml("<foo/>"), xml("<bar/>")], [xml("<bar/>")], ["set /domain/devices/foo <foo/> -> none"]),
    ("", [xml("<foo a='1'/>")], [xml("<foo a='2'/>")], ["set /domain/devices/foo/@a 1 -> 2"]),
    # what was there before the hooks is not theirs
    ("<foo/>", [xml("<foo/>")], [], []),
    ("<foo a='1'/>", [xml("<foo a='2'/>")], [], ['set /domain/devices/foo[2] <foo a="2"/> -> none']),
    ("", [attribute("placement", "static")], [], []),
    ("", [xml("<foo/>")], [xml("<foo/>", state="absent")], ["set /domain/devices/foo <foo/> -> none"]),
]


@pytest.mark.parametrize(("devices", "first", "then", "lines"), LATER)
def test_parts_that_are_no_longer_listed_are_taken_out(
    devices: str, first: list[dict[str, Any]], then: list[dict[str, Any]] | None, lines: list[str]
) -> None:
    current = after(state(devices), extra_xml=first)
    assert summaries(planned(current, extra_xml=then)) == lines
    assert summaries(planned(after(current, extra_xml=then), extra_xml=then)) == []


def test_what_was_put_in_is_remembered_beside_what_else_is() -> None:
    current = after(state(), extra_xml=[xml("<foo>&lt;</foo>")])
    assert read_record(current.config) == {"extra_xml": [{"xpath": "/domain/devices", "xml": "<foo>&lt;</foo>"}]}
    assert "<part xpath=" in (record_xml(current.config) or "")
    assert read_record(after(current, extra_xml=[]).config) == {}


def rewritten(devices: str) -> VmState:
    """Return a VM into which <foo a='1'/> was put, as libvirt (or somebody) has made it since."""
    tree = after(state(), extra_xml=[xml("<foo a='1'/>")]).config
    tree.replace(tree.find("devices"), parse_xml(f"<devices>{devices}</devices>"))
    return VmState("web01", tree)


@pytest.mark.parametrize("devices", ["", "<foo a='0x1'/>", "<foo/>"])
def test_what_libvirt_does_not_keep_as_it_is_written_is_not_put_in_again_and_again(devices: str) -> None:
    current = rewritten(devices)
    with pytest.raises(Refused, match=r"VM 'web01': extra_xml at /domain/devices was put in by an earlier run"):
        planned(current, extra_xml=[xml("<foo a='1'/>")])
    assert summaries(planned(current, extra_xml=[])) == ["forget extra_xml at /domain/devices <foo a='1'/> -> none"]
    assert summaries(planned(after(current, extra_xml=[]), extra_xml=[xml("<foo a='1'/>")]))[0].startswith(
        "set /domain"
    )


def test_a_part_goes_into_what_is_found_later_too() -> None:
    parts = [xml("<foo/>", "//interface")]
    current = after(state(CARD.format(1)), extra_xml=parts)
    wanted: dict[str, Any] = {"nics": [{"bridge": "br1"}, {"bridge": "br9"}], "extra_xml": parts}
    lines = summaries(planned(current, **wanted))
    assert lines[-1] == "set /domain/devices/interface[2]/foo none -> <foo/>"
    assert summaries(planned(after(current, **wanted), **wanted)) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"xpath": "/domain"}, "extra_xml at /domain must have an 'attribute' or 'xml', and not both."),
    ({"xpath": "/domain", "xml": "<a/>", "attribute": "b"}, "must have an 'attribute' or 'xml', and not both."),
    (attribute("a"), "extra_xml at /domain/vcpu has no 'value' for attribute a; say it."),
    (attribute("a b", "1"), "has an attribute 'a b', which is no name of one"),
    (xml("<a>"), "extra_xml has XML that cannot be read"),
    (xml("<a>&b;</a>"), "extra_xml has XML that cannot be read"),
    (xml("<a/><b/>"), "extra_xml must have one element an entry"),
    (xml("<a/> words"), "extra_xml must have one element an entry"),
    (xml("words <a/>"), "extra_xml must have one element an entry"),
    (xml("</outer><outer>"), "extra_xml has XML that cannot be read"),
    (xml("<a/>", "//nothing"), "VM 'web01': extra_xml at //nothing finds nothing in this VM"),
    (xml("<a/>", "//["), "VM 'web01': extra_xml at //[ is no XPath"),
    (xml("<a/>", "//x:y"), "VM 'web01': extra_xml at //x:y is no XPath (Undefined namespace prefix)"),
    (xml("<a/>", "$a"), "is no XPath"),
    (xml("<a/>", "count(//vcpu)"), "does not find elements"),
    (xml("<a/>", "//@type"), "does not find elements"),
    (xml("<a/>", "//vcpu/text()"), "does not find elements"),
    (xml("<a/>", "/domain/metadata"), "would change name, UUID or metadata of the VM"),
    (xml("<a/>", "//*"), "would change name, UUID or metadata of the VM"),
    (attribute("a", "1", "/domain/uuid"), "would change name, UUID or metadata of the VM"),
    (attribute("a", "1", "/domain/metadata/*"), "would change name, UUID or metadata of the VM"),
    (xml("<name>b</name>", "/domain"), "would change name, UUID or metadata of the VM"),
    (xml("<uuid/>", "/domain", state="absent"), "would change name, UUID or metadata of the VM"),
]


@pytest.mark.parametrize(("part", "why"), REFUSED)
@pytest.mark.parametrize("current", [None, state(inside="<metadata><a/></metadata>")])
def test_parts_that_cannot_be_are_refused(current: VmState | None, part: dict[str, Any], why: str) -> None:
    if "metadata/*" in part["xpath"] or part["xpath"] == "/domain/metadata":
        current = state(inside="<metadata><a/></metadata>")
    with pytest.raises(Refused) as refusal:
        planned(current, extra_xml=[part])
    assert str(refusal.value).startswith("VM 'web01': ")
    assert why in str(refusal.value)


def test_a_name_further_inside_is_no_name_of_the_vm() -> None:
    assert summaries(planned(state("<foo/>"), extra_xml=[xml("<name>x</name>", "//foo")])) == [
        "set /domain/devices/foo/name none -> <name>x</name>"
    ]


CONTAINED: list[tuple[str, str, bool]] = [
    ("<a/>", "<a/>", True),
    ("<a/>", "<b/>", False),
    ("<a x='1' y='2'/>", "<a y='2'/>", True),
    ("<a x='1'/>", "<a x='2'/>", False),
    ("<a/>", "<a x='1'/>", False),
    ("<a>t</a>", "<a/>", True),
    ("<a>t</a>", "<a> t </a>", True),
    ("<a/>", "<a>t</a>", False),
    ("<a><b/><c/></a>", "<a><c/><b/></a>", True),
    ("<a><b/></a>", "<a><b/><b/></a>", False),
    # the part that fits everywhere must not take the place of the one that fits only there
    ("<a><b x='1'/><b/></a>", "<a><b/><b x='1'/></a>", True),
    ("<q:a xmlns:q='urn:q'/>", "<a xmlns='urn:q'/>", True),
    ("<q:a xmlns:q='urn:q'/>", "<a/>", False),
]


@pytest.mark.parametrize(("whole", "part", "is_there"), CONTAINED)
def test_when_a_part_counts_as_there(whole: str, part: str, is_there: bool) -> None:
    assert contains(parse_xml(whole), parse_xml(part)) is is_there


CPU = template("vcpu", "<vcpu>7</vcpu>")
TRANSFORMS: list[tuple[str, str, list[str]]] = [
    ("", style(), []),
    ("", style(CPU), ["set /domain/vcpu/text() 1 -> 7"]),
    ("", style(template("@type", '<xsl:attribute name="type">kvm</xsl:attribute>')), ["set /domain/@type qemu -> kvm"]),
    ("<foo/>", style(template("foo", "")), ["set /domain/devices/foo <foo/> -> none"]),
    (
        "",
        style(template("devices[not(foo)]", '<devices><xsl:apply-templates/><foo a="1"/></devices>')),
        ['set /domain/devices/foo none -> <foo a="1"/>'],
    ),
    (
        "<graphics type='vnc' passwd='hunter2'/>",
        style(template("graphics/@passwd", "")),
        ["set /domain/devices/graphics/@passwd (hidden) -> none"],
    ),
    ("", "", []),
]


@pytest.mark.parametrize(("devices", "transform", "lines"), TRANSFORMS)
def test_a_stylesheet_is_applied_and_shown_as_what_it_changes(devices: str, transform: str, lines: list[str]) -> None:
    plan = planned(state(devices), xml_transform=transform)
    assert summaries(plan) == lines
    assert "hunter2" not in f"{plan.diff()}"
    current = after(state(devices), xml_transform=transform)
    assert summaries(planned(current, xml_transform=transform)) == []


RECORDED = "<metadata><k:vm xmlns:k='" + NAMESPACE + "'><k:fleet>f</k:fleet></k:vm><o:o xmlns:o='urn:o'/></metadata>"
REFUSED_TRANSFORMS: list[tuple[str, str]] = [
    ("<x", "xml_transform cannot be read"),
    ("\0", "xml_transform"),
    ("<x/>", "xml_transform is no stylesheet"),
    (style('<xsl:import href="file:///etc/style.xsl"/>'), "xml_transform reads other stylesheets"),
    (style('<xsl:include href="http://127.0.0.1/style.xsl"/>'), "xml_transform reads other stylesheets"),
    (style(template("vcpu", '<xsl:message terminate="yes">no way</xsl:message>')), "xml_transform stopped (no way)"),
    (style(template("vcpu", '<xsl:value-of select="unknown()"/>')), "xml_transform stopped"),
    (style(template("/", "")), "xml_transform makes no domain of a domain"),
    (style(template("/", "<other/>")), "xml_transform makes no domain of a domain"),
    (style(template("name", "<name>b</name>")), "xml_transform does not keep the name, the UUID"),
    (style(template("uuid", "")), "xml_transform does not keep the name, the UUID"),
    (style(template("k:vm", "")), "xml_transform does not keep the name, the UUID"),
    (style(template("metadata", "")), "xml_transform does not keep the name, the UUID"),
    (style(template("vcpu", '<vcpu><xsl:value-of select=". + 1"/></vcpu>')), "xml_transform changes its own result"),
    (style(template("devices", "<devices><xsl:apply-templates/><a/></devices>")), "changes its own result"),
]


@pytest.mark.parametrize(("transform", "why"), REFUSED_TRANSFORMS)
def test_stylesheets_that_cannot_be_are_refused(transform: str, why: str) -> None:
    with pytest.raises(Refused) as refusal:
        planned(state(inside=RECORDED), xml_transform=transform)
    assert str(refusal.value).startswith("VM 'web01': ")
    assert why in str(refusal.value)


def test_a_stylesheet_may_change_the_metadata_of_others() -> None:
    current = state(inside=RECORDED)
    assert summaries(planned(current, xml_transform=style(template("metadata/*[not(self::k:vm)]", "")))) == [
        'set /domain/metadata <metadata><o:o xmlns:o="urn:o"/></metadata> -> none'
    ]


REACHES = [
    "<xsl:copy-of select=\"document('file://{path}')\"/>",
    "<xsl:copy-of select=\"document('http://127.0.0.1:9/x')\"/>",
    '<exsl:document href="{path}.new">x</exsl:document>',
    '<xsl:document href="{path}.new">x</xsl:document>',
]


@pytest.mark.parametrize("reach", REACHES)
def test_a_stylesheet_reaches_neither_files_nor_the_network(tmp_path: Path, reach: str) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<hunter2/>")
    transform = style(template("vcpu", f"<vcpu>{reach.format(path=secret)}</vcpu>"))
    said = said_of(transform.replace("<xsl:stylesheet ", f"<xsl:stylesheet {EXSLT} ", 1))
    assert "xml_transform stopped" in said
    assert "denied" in said
    assert "hunter2" not in said
    assert [file.name for file in tmp_path.iterdir()] == ["secret.xml"]


def test_entities_of_a_stylesheet_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    doctype = f'<!DOCTYPE x [<!ENTITY leak SYSTEM "file://{secret}">]>'
    transform = style(template("vcpu", "<vcpu>&leak;</vcpu>")).replace(
        "<xsl:stylesheet", doctype + "<xsl:stylesheet", 1
    )
    assert "hunter2" not in said_of(transform)


def said_of(transform: str) -> str:
    """Return all that is said of a stylesheet, refused or not."""
    try:
        plan = planned(state(), xml_transform=transform)
    except Refused as error:
        return str(error)
    return f"{plan.lines()} {plan.diff()}"


CONTRADICTIONS: list[dict[str, Any]] = [
    {"vcpus": 2, "xml_transform": style(CPU)},
    {"vcpus": 2, "extra_xml": [attribute("current", "1")]},
    {"title": "t", "xml_transform": style(template("title", ""))},
    {"nics": [{"bridge": "br1"}], "extra_xml": [xml(CARD.format(2))]},
    {"nics": [], "extra_xml": [xml(CARD.format(2))]},
    {"disks": [{"size": "1GiB"}], "xml_transform": style(template("disk", ""))},
    {"cloud_init": {}, "xml_transform": style(template("disk", ""))},
    {"ignition": {"ignition": {"version": "3.3.0"}}, "xml_transform": style(template("sysinfo", ""))},
]


@pytest.mark.parametrize("params", CONTRADICTIONS)
@pytest.mark.parametrize("current", [None, state()])
def test_hooks_must_not_undo_what_options_want(current: VmState | None, params: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"VM 'web01': extra_xml or xml_transform undoes what another option wants: "):
        planned(current, **params)


def test_hooks_may_change_what_a_new_vm_has_only_by_default() -> None:
    wanted: dict[str, Any] = {"xml_transform": style(CPU, template("interface", "")), "extra_xml": [xml("<foo/>")]}
    (definition,) = planned(None, **wanted).changes
    assert isinstance(definition, DefineVm)
    tree = parse_xml(definition.xml)
    assert (tree.findtext("vcpu"), tree.find("devices/interface"), len(tree.findall("devices/foo"))) == ("7", None, 1)
    assert summaries(planned(VmState("web01", tree), **wanted)) == []


def test_hooks_are_in_a_vm_from_its_first_definition_on() -> None:
    plan = planned(None, Table(), template="tiny", extra_xml=[xml("<foo/>")], xml_transform=style(CPU))
    trees = [parse_xml(change.xml) for change in plan.changes if isinstance(change, DefineVm)]
    assert [(tree.findtext("vcpu"), len(tree.findall("devices/foo"))) for tree in trees] == [("7", 1), ("7", 1)]


def test_the_stylesheet_sees_what_the_parts_put_in() -> None:
    wanted: dict[str, Any] = {"extra_xml": [xml("<foo a='1'/>")]}
    wanted["xml_transform"] = style(template("foo[not(@b)]", '<foo b="2"><xsl:copy-of select="@*"/></foo>'))
    assert summaries(planned(state(), **wanted)) == ['set /domain/devices/foo none -> <foo b="2" a="1"/>']
    assert summaries(planned(after(state(), **wanted), **wanted)) == []


RUNNING: list[tuple[dict[str, Any], list[str]]] = [
    ({"extra_xml": [attribute("placement", "auto")]}, ["/domain/vcpu/@placement is none and will be auto"]),
    ({"extra_xml": [xml("<foo/>")]}, ["/domain/devices/foo is none and will be <foo/>"]),
    ({"xml_transform": style(CPU)}, ["/domain/vcpu/text() is 1 and will be 7"]),
    ({"xml_transform": style(CPU), "state": "restarted"}, []),
    ({"extra_xml": []}, []),
]


@pytest.mark.parametrize(("params", "reasons"), RUNNING)
def test_a_running_vm_takes_hooks_over_at_its_next_boot(params: dict[str, Any], reasons: list[str]) -> None:
    plan = planned(state(power="running"), **params)
    assert plan.restart_required == reasons
    assert [line["when"] for line in plan.lines()][: len(reasons)] == ["next_boot"] * len(reasons)


def test_nothing_is_wanted_where_nothing_is_said() -> None:
    assert (spec().hooks, spec(xml_transform="").hooks) == (None, None)
    assert summaries(planned(VmState("web01", domain("<foo/>")))) == []
