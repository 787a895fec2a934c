# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields tied to places in XML: declared once, and read, written, compared, offered as options and documented from
that declaration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field as attribute
from typing import Any, ClassVar, Union

from ._libs import etree
from ._values import dataclass
from ._xml import Path

# Documentation: a paragraph or several, in Ansible's markup.
Doc = Union[str, Sequence[str]]


@dataclass(frozen=True)
class Edit:
    """One thing that is changed in a tree: a property that is set, or a part that is attached or detached.

    `field` is the option's name, dotted where it is inside another: "iotune.read_bytes_sec". Before and after are as
    they are shown; `of` is the field, `value` its normal value; `label` is what plans call it, if that is more.
    """

    field: str
    before: Any
    after: Any
    of: Field | None = attribute(default=None, repr=False, compare=False)
    value: Any = attribute(default=None, repr=False, compare=False)
    label: str = ""
    verb: str = "set"

    @property
    def what(self) -> str:
        """Return what plans and diffs call it."""
        return self.label or self.field

    @property
    def summary(self) -> str:
        """Return the change in the infinitive."""
        if self.verb == "attach":
            return f"attach {self.what} ({self.after})" if self.after else f"attach {self.what}"
        if self.verb == "detach":
            return f"detach {self.what}"
        return f"{self.verb} {self.what} {spoken(self.before)} -> {spoken(self.after)}"


def paragraphs(doc: Doc) -> list[str]:
    """Return documentation as a list of paragraphs."""
    return [doc] if isinstance(doc, str) else list(doc)


def spoken(value: Any) -> str:
    """Return a value as summaries show it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {spoken(inner)}" for key, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(spoken, value)) or "none"
    return "none" if value is None else str(value)


class Field:
    """One option and its one place in XML. Subclasses say how the text there is read and written.

    `live` is how a running thing takes a change over; None where it cannot. What stands there is up to the kind of
    thing (a VM's ways are in _vm/live.py). `untold` is a field that the description of a running thing does not tell,
    or tells otherwise. `unset` is the word for saying nothing, where the option has one: "default".
    `harmless` is a field whose name sounds to Ansible like that of a secret.
    """

    kind: ClassVar[str] = "str"
    name: str = ""

    def __init__(
        self,
        path: str | Path,
        doc: Doc = "",
        *,
        choices: Sequence[str] = (),
        required: bool = False,
        live: Any = None,
        untold: bool = False,
        unset: str = "",
        harmless: bool = False,
    ) -> None:
        self.path = path if isinstance(path, Path) else Path(path)
        self.doc = doc
        self.choices = tuple(choices)
        self.required = required
        self.live = live
        self.untold = untold
        self.unset = unset
        self.harmless = harmless

    def __set_name__(self, _owner: type, name: str) -> None:
        # "check_" is the option check, where a method or a word of Python has the name.
        self.name = name.rstrip("_")

    def option(self) -> dict[str, Any]:
        """Return this field's entry of an Ansible argument spec."""
        spec: dict[str, Any] = {"type": self.kind}
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.required:
            spec["required"] = True
        if self.harmless:
            spec["no_log"] = False
        return spec

    def documentation(self) -> dict[str, Any]:
        """Return this field's entry of a module's documentation, in which no_log has no place."""
        entry = {"description": paragraphs(self.doc), **self.option()}
        entry.pop("no_log", None)
        return entry

    def read(self, node: Any) -> Any:
        """Return the value below `node`, or None where nothing is said, or nothing that this field could say."""
        text = self.path.get(node)
        try:
            return None if text is None else self.parse(text, node)
        except ValueError:
            return None

    def write(self, node: Any, value: Any) -> None:
        """Write the value below `node`; None removes it."""
        if value is None:
            self.path.clear(node)
        else:
            self.path.set(node, self.render(value))

    def parse(self, text: str, _node: Any) -> Any:
        """Return the value that a text in XML means; ValueError where it means none."""
        return text

    def render(self, value: Any) -> str:
        """Return the text that a value is in XML."""
        return str(value)

    def normal(self, value: Any) -> Any:
        """Return a user's value as this field compares it; Refused where it cannot be one."""
        return value

    def matches(self, current: Any, wanted: Any) -> bool:
        """Return whether what is there is what is wanted."""
        return bool(current == wanted)

    def edits(self, current: Any, wanted: Any) -> list[Edit]:
        """Return what has to change from one value to another: nothing or this field."""
        if self.matches(current, wanted):
            return []
        return [Edit(self.name, self.show(current), self.show(wanted), self, wanted)]

    def show(self, value: Any) -> Any:
        """Return a value as plans and diffs show it."""
        return value

    def fact(self, value: Any) -> Any:
        """Return a value as the option takes it, or None where the option has no word for it."""
        return self.show(value) if not self.choices or value in self.choices else None


class Element:
    """An XML element described by its fields; a subclass is a list of fields and a tag."""

    tag: ClassVar[str] = ""
    fields: ClassVar[Mapping[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        found: dict[str, Field] = {}
        for base in reversed(cls.__mro__):
            found.update({value.name: value for value in vars(base).values() if isinstance(value, Field)})
        cls.fields = found

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Return the fields as the options of an Ansible argument spec."""
        return {name: field.option() for name, field in cls.fields.items()}

    @classmethod
    def documentation(cls) -> dict[str, Any]:
        """Return the fields as the options of a module's documentation."""
        return {name: field.documentation() for name, field in cls.fields.items()}

    @classmethod
    def normal(cls, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the named values of this element's fields as they are compared; what is None was not named."""
        named = ((name, wanted.get(name)) for name in cls.fields)
        values = {name: cls.fields[name].normal(value) for name, value in named if value is not None}
        cls.check(values)
        return values

    @classmethod
    def check(cls, values: Mapping[str, Any]) -> None:
        """Refuse values that do not go together."""

    @classmethod
    def read(cls, node: Any) -> dict[str, Any]:
        """Return what the element says, without what it does not say."""
        values = ((name, field.read(node)) for name, field in cls.fields.items())
        return {name: value for name, value in values if value is not None}

    @classmethod
    def show(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return read values as plans show them."""
        return {name: cls.fields[name].show(value) for name, value in values.items()}

    @classmethod
    def facts(cls, node: Any) -> dict[str, Any]:
        """Return what the element says in the words of the options, without what no option could say."""
        values = ((name, cls.fields[name].fact(value)) for name, value in cls.read(node).items())
        return {name: value for name, value in values if value is not None}

    @classmethod
    def differences(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Return in what `node` differs from the named normal values; nothing is touched."""
        fields = [(field, wanted[name]) for name, field in cls.fields.items() if name in wanted]
        return [edit for field, value in fields for edit in field.edits(field.read(node), value)]

    @classmethod
    def edit(cls, node: Any, wanted: Mapping[str, Any]) -> list[Edit]:
        """Bring the named fields of `node` to their normal values, in the order of the fields, and return what had to
        change.
        """
        edits = cls.differences(node, wanted)
        if edits:
            for name, field in cls.fields.items():
                if name in wanted and not field.matches(field.read(node), wanted[name]):
                    field.write(node, wanted[name])
        return edits

    @classmethod
    def build(cls, wanted: Mapping[str, Any]) -> Any:
        """Return a new element with the given normal values."""
        node = etree.Element(cls.tag)
        cls.edit(node, wanted)
        return node
