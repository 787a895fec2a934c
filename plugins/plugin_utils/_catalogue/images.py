# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The image catalogue: drop-in files that give images names, and templates that are made of an image by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from ...module_utils._errors import KvmError, Refused
from ...module_utils._image.origin import ORIGINS
from ...module_utils._template.spec import template_options

Entry = Mapping[str, Any]
Catalogue = Mapping[str, Entry]

# What a template can be made of.
_SOURCES = (*ORIGINS, "iso", "volume", "vm")
_ENDINGS = (".yml", ".yaml")
# How the halves of kvm_template speak to each other.
_INTERNAL = ("_source", "planned")
# What is said of a template where it is made, not of an image.
_OF_TEMPLATES = ("name", "state", "pool")


def template_words() -> list[str]:
    """Return what can be said of a template."""
    return [word for word in template_options() if word not in _INTERNAL] + ["timeout"]


def read_catalogue(folders: Sequence[str | Path]) -> dict[str, Entry]:
    """Return the images of all drop-in files of these folders by their names; what comes later wins.

    In a folder files are read in the order of their names. Refused where a folder is not there, or a file is no
    catalogue; KvmError where a file cannot be read.
    """
    found: dict[str, Entry] = {}
    for folder in folders:
        for file in _drop_ins(Path(folder)):
            found.update(_read(file))
    return found


def _drop_ins(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Refused(f"The image catalogue {folder} is no folder of the control node; make it, or correct its path.")
    return sorted(file for file in folder.iterdir() if file.suffix in _ENDINGS and not file.name.startswith("."))


def _read(file: Path) -> Catalogue:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise KvmError(f"The image catalogue {file} cannot be read ({error.strerror}); mend its rights.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Refused(
            f"The image catalogue {file} is not YAML ({' '.join(str(error).split())}); correct it."
        ) from error
    if not isinstance(content, Mapping):
        raise Refused(f"The image catalogue {file} has no images; write names, and what each image is below its name.")
    for name, entry in content.items():
        _check_entry(f"Image '{name}' of {file}", entry)
    return {str(name): entry for name, entry in content.items()}


def _check_entry(what: str, entry: Any) -> None:
    if not isinstance(entry, Mapping):
        raise Refused(f"{what} says nothing; give it at least a url.")
    _check_words(what, entry, [word for word in template_words() if word not in _OF_TEMPLATES], "an image")
    if len(_origins(entry)) != 1:
        raise Refused(f"{what} needs one place where it comes from; give one of {', '.join(_SOURCES)}.")


def _check_words(what: str, said: Iterable[Any], known: Sequence[str], of: str) -> None:
    for word in said:
        if word not in known:
            near = get_close_matches(str(word), known, n=1)
            advice = f"write {near[0]}" if near else "leave it out"
            raise Refused(f"{what} says '{word}', which is nothing of {of}; {advice}.")


def _origins(said: Entry) -> list[str]:
    return [word for word in _SOURCES if said.get(word)]


def filled_in(templates: Sequence[Entry], catalogue: Catalogue, pool: str) -> list[dict[str, Any]]:
    """Return templates in the words of kvm_template: what an entry itself says comes before what its image says.

    One that names no pool is put into `pool`. Refused, naming the template, where its image is not known, or it says
    where it comes from besides, or says what is nothing of a template.
    """
    return [_filled_in(entry, catalogue, pool) for entry in templates]


def _filled_in(entry: Entry, catalogue: Catalogue, pool: str) -> dict[str, Any]:
    if not isinstance(entry, Mapping) or not entry.get("name"):
        raise Refused(f"The entry {str(entry)[:60]!r} of the templates has no name; give it one.")
    what = f"Template '{entry['name']}'"
    _check_words(what, entry, [*template_words(), "image"], "a template")
    said = {"pool": pool, **{word: value for word, value in entry.items() if word != "image"}}
    image = entry.get("image")
    if not image or entry.get("state") == "absent":
        return said
    for word in _origins(entry):
        raise Refused(f"{what} names an image, and {word} besides; leave one of them out.")
    if image not in catalogue:
        raise Refused(f"{what}: {_unknown(str(image), catalogue)}")
    return {**catalogue[image], **said}


def _unknown(image: str, catalogue: Catalogue) -> str:
    near = get_close_matches(image, list(catalogue), n=3)
    advice = f"choose one like it ({', '.join(near)}), or " if near else ""
    return f"the image '{image}' is in no catalogue, nor in the host's osinfo-db; {advice}add it to your catalogue."
