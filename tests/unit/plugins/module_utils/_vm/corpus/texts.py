# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words, foreign namespaces, and the many ways in which one and the same domain may be written."""

from __future__ import annotations

import random
import re
from typing import Any, Callable

from lxml import etree

from tests.unit.plugins.module_utils._vm.corpus.builder import Fragment, fragments

_LONG = "A very long description, as some tools leave their whole story here. " * 900
WORDS = [
    *(
        Fragment(f"text/{name}", f"<title>{text}</title><description>{text}\nsecond line\n\tthird</description>")
        for name, text in {
            "plain": "web server",
            "entities": "a &amp; b &lt; c &gt; d &quot;e&quot; &apos;f&apos;",
            "characters": "&#65;&#x1F680;&#233;",
            "emoji": "🚀 деплой 部署 👩\u200d🚀",
            "right-to-left": "خادم الويب \u200fשרת\u200e mixed",
            "combining": "é ﬁ Å ß ẞ",
            "non-breaking": "a\u00a0b\u2003c\u200bd",
            "spaces": "   around   and   within   ",
            "cdata-like": "]] &gt; &lt;![CDATA[ no",
            "yaml-like": "{{ lookup('env', 'HOME') }} %s ${x} - : #",
            "number": "0123",
            "true": "yes",
        }.items()
    ),
    *fragments(
        "text",
        f"""
## long
<description>{_LONG}</description>
## empty-description
<description></description>
## cdata
<description><![CDATA[<b>not markup</b> & "raw"]]></description>
## cdata-mixed
<description>before <![CDATA[<in>]]> after</description>
## comment-inside
<description>one<!-- not this -->two</description>
""",
    ),
]
NAMES = [
    Fragment(f"name/{name}", f"<name>{text}</name>")
    for name, text in {
        "spaces": "My Windows 10 (old)",
        "unicode": "сервер-部署-🚀",
        "quotes": 'it\'s "quoted"',
        "markup": "a&amp;b&lt;c&gt;",
        "dots": "web.01.example.org",
        "dash-first": "-rf",
        "number": "4711",
        "long": "n" * 200,
        "like-a-note": "adopt-x~removed",
        "jinja": "{{ name }}",
        "around": "  blank around  ",
    }.items()
]
_FOREIGN = {
    "libosinfo": "<libosinfo:libosinfo><libosinfo:os id='http://debian.org/debian/12'/></libosinfo:libosinfo>",
    "default-namespace": "<app xmlns='urn:example:app'><state a='1'>x</state><state a='2'/></app>",
    "several": "<a:x xmlns:a='urn:a'/><b:x xmlns:b='urn:b'>t</b:x><c:x xmlns:c='urn:c'><c:y/></c:x>",
    "same-prefix": "<a:x xmlns:a='urn:a'><a:y xmlns:a='urn:inner'/></a:x>",
    "prefix-kvmops": "<kvmops:x xmlns:kvmops='urn:somebody:else'>1</kvmops:x>",
    "attribute-namespace": "<a:x xmlns:a='urn:a' xmlns:q='urn:q' q:at='1' at='2' xml:lang='en'"
    " xml:space='preserve'> t </a:x>",
    "named-vm": "<v:vm xmlns:v='urn:other'><v:tags><v:tag>x</v:tag></v:tags></v:vm>",
    "named-domain": "<d:domain xmlns:d='urn:d'><d:devices><d:disk/></d:devices><d:vcpu>9</d:vcpu></d:domain>",
    "mixed-content": "<a:x xmlns:a='urn:a'>one <a:b>two</a:b> three <a:c/> four</a:x>",
    "cdata": '<a:x xmlns:a=\'urn:a\'><![CDATA[{"json": "<&>"}]]></a:x>',
    "comment": "<!-- made by a tool --><a:x xmlns:a='urn:a'><!-- inner --></a:x><?tool keep?>",
    "deep": "<a:x xmlns:a='urn:a'>" + "<a:n>" * 60 + "bottom" + "</a:n>" * 60 + "</a:x>",
    "wide": "<a:x xmlns:a='urn:a'>" + "".join(f"<a:n i='{i}'/>" for i in range(400)) + "</a:x>",
    "emoji": "<a:x xmlns:a='urn:a' name='🚀'>خادم</a:x>",
    "empty": "",
}
METADATA = [Fragment(f"metadata/{name}", f"<metadata>{xml}</metadata>") for name, xml in _FOREIGN.items()]
NAMESPACED = fragments(
    "namespace",
    """
## commandline
<domain uses='qemu'/><qemu:commandline><qemu:arg value='-newarg'/><qemu:arg value='a "b" &amp; c'/>
<qemu:env name='QEMU_ENV' value='VAL'/><qemu:env name='EMPTY'/></qemu:commandline>
## capabilities
<domain uses='qemu'/><qemu:capabilities><qemu:add capability='blockdev'/><qemu:del capability='drive'/>
</qemu:capabilities>
## override
<domain uses='qemu'/><disk type='file'><source file='/p/a'/><target dev='vda' bus='virtio'/><alias name='ua-o'/></disk>
<qemu:override><qemu:device alias='ua-o'><qemu:frontend><qemu:property name='x-speed' type='unsigned' value='42'/>
<qemu:property name='s' type='string' value='a'/><qemu:property name='b' type='bool' value='true'/>
<qemu:property name='r' type='remove'/></qemu:frontend></qemu:device></qemu:override>
## deprecation
<domain uses='qemu'/><qemu:deprecation behavior='omit'/>
## declared-deep
<qemu:commandline><qemu:arg value='-x'/></qemu:commandline>
## declared-unused
<domain uses='qemu'/>
""",
)


def _commented(text: str) -> str:
    return text.replace(">\n", "><!-- a comment, <tags> & all -->\n")


def _instructed(text: str) -> str:
    return re.sub(r"(<devices>|<os>|</domain>)", r"<?editor mode='x'?>\1", text)


def _flat(text: str) -> str:
    return re.sub(r">\s+<", "><", text)


def _tabs(text: str) -> str:
    return re.sub(r"\n( *)", lambda found: "\r\n\t" + "\t" * len(found[1]), text) + "\n\n"


def _loose(text: str) -> str:
    return re.sub(r"\s*/>", "\n   />", re.sub(r'="', ' \n =\t"', text))


def _single_quotes(text: str) -> str:
    return re.sub(r'="([^"\']*)"', r"='\1'", text)


def _open_and_close(text: str) -> str:
    return re.sub(r"<([\w:]+)([^<>]*)/>", r"<\1\2></\1>", text)


def _headed(text: str) -> str:
    return f"<?xml version='1.0'?>\n<!-- WARNING: generated, do not edit -->\n\n{text}<!-- end -->\n"


def _entities(text: str) -> str:
    return re.sub(r"<uuid>(.)(.)", lambda found: f"<uuid>&#{ord(found[1])};&#x{ord(found[2]):X};", text)


def _doctype(text: str) -> str:
    return f"<!DOCTYPE domain>\n{text}"


def _sorted(text: str, order: Callable[[list[Any]], list[Any]]) -> str:
    root = etree.fromstring(text)
    for node in root.iter(etree.Element):
        attributes = order(sorted(node.attrib.items()))
        node.attrib.clear()
        node.attrib.update(attributes)
    root[:] = order(list(root))
    return etree.tostring(root, encoding="unicode")


def _backwards(text: str) -> str:
    return _sorted(text, lambda items: items[::-1])


def _shuffled(text: str) -> str:
    dice = random.Random(text)
    return _sorted(text, lambda items: dice.sample(items, len(items)))


STYLES: dict[str, Callable[[str], str]] = {
    "commented": _commented,
    "instructed": _instructed,
    "flat": _flat,
    "tabs": _tabs,
    "loose": _loose,
    "single-quotes": _single_quotes,
    "open-and-close": _open_and_close,
    "headed": _headed,
    "entities": _entities,
    "doctype": _doctype,
    "backwards": _backwards,
    "shuffled": _shuffled,
}
