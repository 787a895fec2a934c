# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a template can still be cloned: its image is there and whole, and so is what it gives its VMs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._errors import Refused
from .._hypervisor import NO_STORAGE_VOL, Hypervisor, found
from .._later import later
from .._libs import libvirt
from .._storage.state import only_planned
from .library import Template, check_form
from .medium import medium_trouble

if TYPE_CHECKING:
    from .._vm import template_defaults
else:
    (template_defaults,) = later(__package__, ".._vm.template_defaults")


def troubles(host: Hypervisor, template: Template, own: Collection[str] = ()) -> dict[str, str]:
    """Return what is wrong with a template, a sentence by `form`, `image`, `iso`, `defaults`, `network` or `pool`.

    `own` are options of a VM that it says itself, so that those of the template do not count. Rests on
    virStorageVolGetInfoFlags and lookups by name.
    """
    form = _form(template)
    if form:
        return {"form": form}
    named = {key: value for key, value in template.defaults.items() if key not in own}
    told = {
        "image": _image(host, template),
        "iso": "" if "cdroms" in own else medium_trouble(host, template),
        "defaults": _defaults(template, named),
        "network": _first(_networks(host, template, named)),
        "pool": _first(_pools(host, template, named)),
    }
    return {key: sentence for key, sentence in told.items() if sentence}


def check_template(host: Hypervisor, template: Template, own: Collection[str]) -> None:
    """Refuse a template of which no VM can be made, in the first of the sentences that tell why."""
    sentence = _first(iter(troubles(host, template, own).values()))
    if sentence:
        raise Refused(sentence)


def _first(sentences: Iterator[str]) -> str:
    return next(sentences, "")


def _form(template: Template) -> str:
    try:
        check_form(template)
    except Refused as error:
        return str(error)
    return ""


def _image(host: Hypervisor, template: Template) -> str:
    """Return what is wrong with the image; one that is only planned has no digest yet."""
    if not template.sha256:
        return ""
    remedy = "give kvm_template the image again, or remove the template"
    size = _size(host, template)
    if size is None:
        return f"Template '{template.label}' has lost its image {template.path}; {remedy}."
    if size != template.size:
        return (
            f"Template '{template.label}' has an image of {size} bytes at {template.path}, and it was made with "
            f"{template.size}; what stands on it may be damaged, remove the template and make a new version."
        )
    return ""


def _size(host: Hypervisor, template: Template) -> int | None:
    """Return how long the file of an image is, None where it is gone."""
    volume = host.volume(host.require_active_pool(template.pool), template.image)
    if volume is None:
        return None
    physical = libvirt.VIR_STORAGE_VOL_GET_PHYSICAL
    info = found(lambda _name: volume.infoFlags(physical), template.image, NO_STORAGE_VOL)
    return None if info is None else int(info[2])


def _defaults(template: Template, named: Mapping[str, Any]) -> str:
    if not named:
        return ""
    try:
        template_defaults.checked_words(named)
    except Refused as error:
        return f"No VM can be made from template {template.label}: {error}"
    return ""


def _entries(named: Mapping[str, Any], option: str, key: str) -> list[str]:
    """Return what the entries of a list say by one word; whoever wrote it, it may be anything."""
    listed = named.get(option)
    entries = [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    return [entry[key] for entry in entries if isinstance(entry.get(key), str)]


def _networks(host: Hypervisor, template: Template, named: Mapping[str, Any]) -> Iterator[str]:
    for name in _entries(named, "nics", "network"):
        if name not in host.planned.networks and host.network(name) is None:
            yield (
                f"Template '{template.label}' gives its VMs the network '{name}', which does not exist on {host.uri}; "
                "create it, or change the template's defaults."
            )


def _pools(host: Hypervisor, template: Template, named: Mapping[str, Any]) -> Iterator[str]:
    home = named.get("pool")
    for name in [*([home] if isinstance(home, str) else []), *_entries(named, "disks", "pool")]:
        if only_planned(host, name):
            continue
        pool = host.pool(name)
        if pool is None or not pool.isActive():
            yield (
                f"Template '{template.label}' puts disks of its VMs into pool '{name}', which "
                f"{'does not exist' if pool is None else 'is not active'} on {host.uri}; "
                f"{'create' if pool is None else 'start'} it, or change the template's defaults."
            )
