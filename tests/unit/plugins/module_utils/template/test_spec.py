# Copyright: (c) 2026, KVM Ops
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may say about a template, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.kvmops.datacenter.plugins.module_utils._errors import Refused
from ansible_collections.kvmops.datacenter.plugins.module_utils._template.spec import (
    TemplateSpec,
    template_options,
)

SHA = "0123456789abcdef" * 4
TOLD = {"path": None, "size": 7, "format": "raw", "sha256": SHA, "capacity": 7}


def spec(**params: Any) -> TemplateSpec:
    """Return the spec of a task's options; what is left out is as Ansible leaves it."""
    blank = {name: option.get("default") for name, option in template_options().items()}
    return TemplateSpec.from_params({**blank, "name": "web", "timeout": 9, **params}, "/work")


@pytest.mark.parametrize(("params", "version"), [({}, "1"), ({"version": "2.0"}, "2.0"), ({"state": "absent"}, None)])
def test_the_first_version_is_meant_where_one_is_made(params: dict[str, Any], version: str | None) -> None:
    assert spec(**params).version == version


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (None, None),
        ({}, {}),
        ({"vcpus": None, "memory": None}, {}),
        ({"vcpus": 2, "memory": "2GiB"}, {"vcpus": 2, "memory": "2GiB"}),
        ({"disks": [{"name": None, "size": "9GiB"}], "nics": []}, {"disks": [{"size": "9GiB"}], "nics": []}),
        ({"cloud_init": {"users": [{"name": "ann", "sudo": None}]}}, {"cloud_init": {"users": [{"name": "ann"}]}}),
    ],
)
def test_defaults_are_kept_as_they_were_said(given: dict[str, Any] | None, normal: dict[str, Any] | None) -> None:
    assert spec(defaults=given).defaults == normal


@pytest.mark.parametrize(
    ("params", "kind", "file", "elsewhere"),
    [
        ({"path": "/images/a.raw"}, "path", "/images/a.raw", False),
        ({"url": "https://example.org/a"}, "url", None, False),
        ({"src": "a.qcow2", "_source": TOLD}, "src", None, True),
        ({"src": "a.qcow2", "_source": {**TOLD, "path": "/tmp/a"}}, "src", "/tmp/a", False),
    ],
)
def test_where_an_image_is(params: dict[str, Any], kind: str, file: str | None, elsewhere: bool) -> None:
    wanted = spec(**params)
    assert wanted.origin is not None
    assert (wanted.origin.kind, wanted.origin.file, wanted.incomplete) == (kind, file, elsewhere)


def test_an_image_is_not_looked_at_when_its_template_goes() -> None:
    assert spec(state="absent", src="a.qcow2").origin is None


def test_secrets_of_a_url_are_not_shown() -> None:
    origin = spec(url="https://me:secret@example.org/a.qcow2?token=secret").origin
    assert origin is not None
    assert origin.shown == "https://example.org/a.qcow2"
    assert "secret" not in origin.what


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({"name": "a:b"}, "'a:b'"),
        ({"name": "a+b"}, "'a+b'"),
        ({"name": ".a"}, "'.a'"),
        ({"name": "a" * 101}, "100 characters"),
        ({"version": ""}, "version"),
        ({"version": "1/2"}, "'1/2'"),
        ({"src": "a", "path": "/b"}, "exclude each other"),
        ({"path": "/b", "url": "http://c/"}, "exclude each other"),
        ({"path": "images/a"}, "not absolute"),
        ({"url": "ftp://example.org/a"}, "http://"),
        ({"url": "/srv/a"}, "http://"),
        ({"src": "a"}, "full name, kvmops.datacenter."),
        ({"checksum": f"sha256:{SHA}"}, "src, path or url"),
        ({"path": "/a", "checksum": SHA}, "sha256:"),
        ({"path": "/a", "checksum": f"md5:{SHA[:32]}"}, "sha256:"),
        ({"path": "/a", "checksum": f"sha256:{SHA[1:]}"}, "64 digits"),
        ({"path": "/a", "checksum": f"sha512:{SHA}"}, "128 digits"),
        ({"path": "/a", "checksum": "https://b/SUMS"}, "write the checksum of path itself"),
        ({"checksum": "https://b/SUMS"}, "src, path or url"),
        ({"url": "https://a/b", "checksum": "ftp://b/SUMS"}, "sha256:"),
        ({"url": "https://a/b", "checksum_keyring": "/keys"}, "give its URL as checksum"),
        ({"url": "https://a/b", "checksum": f"sha256:{SHA}", "checksum_keyring": "/keys"}, "give its URL as checksum"),
        ({"url": "https://a/b", "checksum": "https://b/SUMS", "checksum_keyring": "keys"}, "not absolute"),
        ({"url": "https://a/b", "cache": "var/cache"}, "cache 'var/cache' is not absolute"),
        ({"defaults": {"vcpus": 0}}, "defaults: vcpus"),
        ({"defaults": {"memory": "4GB"}}, "GiB"),
        ({"defaults": {"memory": "four"}}, "defaults: memory"),
        ({"defaults": {"nics": [{"mac": "52:54:00:00:00:01"}]}}, "defaults are not understood"),
        ({"defaults": {"disks": [{"size": "much"}]}}, "'much'"),
        ({"defaults": {"colour": "red"}}, "colour"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(params: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused) as caught:
        spec(**params)
    sentence = str(caught.value)
    assert word in sentence
    assert "emplate" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
